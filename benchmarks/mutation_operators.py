"""The seeded changes of a module's text: comparisons, boundaries, signs, constants, and, or, not, early returns."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
BOUNDARIES = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
SUMS = {ast.Add: ast.Sub, ast.Sub: ast.Add}


@dataclass(frozen=True)
class Mutation:
    """One change: the text from `start` to `end` (in bytes) of the module becomes `new`."""

    module: str
    function: str
    operator: str
    line: int
    start: int
    end: int
    old: str
    new: str
    code: str

    @property
    def key(self) -> str:
        """Name the change in the list of results."""
        return f"{self.module}:{self.line}:{self.operator}:{self.start}:{self.old} -> {self.new.strip()}"

    def apply(self, source: bytes) -> bytes:
        """Return the module's text with the change."""
        return source[: self.start] + self.new.encode() + source[self.end :]


def changed(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Every change of one expression, by the operator that makes it."""
    if isinstance(node, ast.Compare):
        for i, comparison in enumerate(node.ops):
            for name, table in (("comparison", COMPARISONS), ("boundary", BOUNDARIES)):
                if type(comparison) in table:
                    ops = [*node.ops[:i], table[type(comparison)](), *node.ops[i + 1 :]]
                    yield name, ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in SUMS:
        yield "plus and minus", ast.BinOp(node.left, SUMS[type(node.op)](), node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "sign", node.operand
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "dropped not", node.operand
    elif isinstance(node, ast.BoolOp):
        yield "and, or", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "constant", ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield "constant", ast.Constant(node.value + 1)


def expressions(node: ast.AST) -> Iterator[ast.expr]:
    """Expressions that are computed: no annotations, and no parts of formatted strings (their places are not known)."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list") or isinstance(node, ast.JoinedStr):
            continue
        if isinstance(node, ast.keyword) and node.arg == "strict":
            continue  # lengths agree, or the call raises
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                if isinstance(child, ast.expr):
                    yield child
                yield from expressions(child)


def mutations(module: str, text: str) -> Iterator[Mutation]:
    """Every mutation of a module."""
    functions = enclosing(text)
    tree, lines = ast.parse(text), text.encode().splitlines(keepends=True)
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    source = text.encode()
    for node in expressions(tree):
        start, end = offsets[node.lineno - 1] + node.col_offset, offsets[node.end_lineno - 1] + node.end_col_offset
        for operator, new in changed(node):
            yield Mutation(
                module,
                functions.get((node.lineno, node.col_offset), "<module>"),
                operator,
                node.lineno,
                start,
                end,
                source[start:end].decode(),
                f"({ast.unparse(new)})",
                lines[node.lineno - 1].decode().strip(),
            )
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            first = next((s for s in function.body if not is_text(s)), None)
            if first is not None and not isinstance(first, ast.Raise | ast.Pass):
                at = offsets[first.lineno - 1] + first.col_offset
                name, new = functions[(first.lineno, first.col_offset)], f"return None\n{' ' * first.col_offset}"
                code = lines[first.lineno - 1].decode().strip()
                yield Mutation(module, name, "early return", first.lineno, at, at, "", new, code)


def enclosing(text: str) -> dict[tuple[int, int], str]:
    """Name the function whose body holds the node at a line and column; what runs at import is in none."""
    names: dict[tuple[int, int], str] = {}

    def visit(node: ast.AST, name: str, function: str) -> None:
        if function and hasattr(node, "lineno"):
            names[(node.lineno, node.col_offset)] = function
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            inner = f"{name}.{node.name}" if name else node.name
            for field, value in ast.iter_fields(node):
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        in_body = field == "body" and isinstance(node, ast.FunctionDef)
                        visit(child, inner if field == "body" else name, inner if in_body else function)
        else:
            for child in ast.iter_child_nodes(node):
                visit(child, name, function)

    visit(ast.parse(text), "", "")
    return names


def is_text(statement: ast.stmt) -> bool:
    """Whether a statement is a docstring."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
