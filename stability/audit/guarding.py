"""Changes to the syntax tree of a document that make every claim and every definition of it fail alone."""

import ast

GUARD = "__guard__"
"""The name under which the document finds its `stability.audit.documents.Guard`."""

CLAIM, WRITEUP = "Claim", "Writeup"
TEXTS = ("id", "where", "says")
"""The entries of a claim by which people know it."""


def guarded(source: bytes, path: str) -> ast.Module:
    """Return the syntax tree of a document with claims and definitions guarded; line numbers stay.

    Raises
    ------
    SyntaxError
        If it is no Python.
    """
    tree = ast.parse(source, path)
    body: list[ast.stmt] = []
    for k, each in enumerate(tree.body):
        first = k == 0 and isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
        if first or (isinstance(each, ast.ImportFrom) and each.module == "__future__"):
            body.append(each)
            continue
        for part in _apart(each):
            _guard_lists(part)
            body.append(_guarded(_Claims().visit(part)))
    tree.body = body
    return ast.fix_missing_locations(tree)


def _apart(statement: ast.stmt) -> list[ast.stmt]:
    """Return an import of several names as one of each, so that one that does not exist leaves the others."""
    if isinstance(statement, ast.ImportFrom) and all(alias.name != "*" for alias in statement.names):
        return [
            ast.copy_location(ast.ImportFrom(statement.module, [alias], statement.level), statement)
            for alias in statement.names
        ]
    return [statement]


def _guarded(statement: ast.stmt) -> ast.stmt:
    """Return a statement that leaves what is missing under its names if it fails."""
    names = _names(statement)
    failed = _call(
        "failed",
        statement.lineno,
        [ast.Name("__problem__", ast.Load()), ast.Constant(statement.lineno), ast.Constant(", ".join(names))],
    )
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in names]
    caught = ast.Attribute(ast.Name(GUARD, ast.Load()), "caught", ast.Load())
    left: ast.stmt = ast.Assign(targets, failed) if targets else ast.Expr(failed)
    handler = ast.ExceptHandler(caught, "__problem__", [left])
    found = ast.Try(body=[statement], handlers=[handler], orelse=[], finalbody=[])
    for node in (handler, left, found, caught, *targets):
        ast.copy_location(node, statement)
    return found


def _names(statement: ast.stmt) -> list[str]:
    """Return the names that a statement of a module defines."""
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return [alias.asname or alias.name.split(".")[0] for alias in aliases if alias.name != "*"]
    stores = (n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    inner = {
        n.id
        for part in ast.walk(statement)
        if isinstance(part, ast.comprehension)
        for n in ast.walk(part.target)
        if isinstance(n, ast.Name)
    }
    return [name for name in dict.fromkeys(stores) if name not in inner]


def _call(method: str, line: int, arguments: list[ast.expr]) -> ast.Call:
    function = ast.Attribute(ast.Name(GUARD, ast.Load()), method, ast.Load())
    found = ast.Call(function, arguments, [])
    found.lineno, found.col_offset = line, 0
    return found


def _later(value: ast.expr) -> ast.Lambda:
    nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.copy_location(ast.Lambda(nothing, value), value)


def _is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


class _Claims(ast.NodeTransformer):
    """Has every claim, wherever it is made, and the write-up made by the guard."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if _is_call(node, WRITEUP):
            node.func = ast.copy_location(_call("writeup", node.lineno, []).func, node.func)
            return node
        if not _is_call(node, CLAIM):
            return node
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        given |= dict(zip(TEXTS, node.args, strict=False))
        nothing = ast.Constant("", lineno=node.lineno, col_offset=0)
        texts = [_later(given.get(name, nothing)) for name in TEXTS]
        return _call("claim", node.lineno, [_later(node), ast.Constant(node.lineno), *texts])


def _guard_lists(statement: ast.stmt) -> None:
    """Have the entries of lists of claims made one by one, also those that functions and comprehensions return."""
    values = [statement.value] if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value else []
    for value in list(values):
        if _is_call(value, WRITEUP):
            assert isinstance(value, ast.Call)
            values += [*value.args, *(keyword.value for keyword in value.keywords)]
    for value in values:
        if isinstance(value, ast.List) and _lists_claims(value):
            value.elts = [_entry(each) for each in value.elts]


def _lists_claims(found: ast.List) -> bool:
    inside = [each.value if isinstance(each, ast.Starred) else each for each in found.elts]
    sections = bool(found.elts) and all(
        isinstance(each, ast.Starred) and isinstance(each.value, ast.Name) for each in found.elts
    )
    return sections or any(_is_call(node, CLAIM) for each in inside for node in ast.walk(each))


def _entry(entry: ast.expr) -> ast.expr:
    if isinstance(entry, ast.Starred):
        if isinstance(entry.value, ast.GeneratorExp | ast.ListComp):
            entry.value.elt = _entry(entry.value.elt)
        name = ast.Constant(entry.value.id if isinstance(entry.value, ast.Name) else "")
        value = _call("claims", entry.lineno, [_later(entry.value), ast.Constant(entry.lineno), name])
        return ast.copy_location(ast.Starred(value, ast.Load()), entry)
    if _is_call(entry, CLAIM):
        return entry
    return _call("claim", entry.lineno, [_later(entry), ast.Constant(entry.lineno)])
