"""Which texts are formulas: a closed grammar, bounded before anything is computed, and nothing that is ever run."""

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import isqrt

from stability.errors import StatementError, as_written, nearest
from stability.io.printable import in_ascii

LONGEST = 20_000
"""Characters of a formula."""

DEEPEST = 60
"""Levels of brackets and calls."""

LONGEST_CHAIN = 300
"""Terms in a row, and levels of its syntax tree in all."""

LARGEST = 5_000
"""Nodes of its syntax tree."""

DIGITS = 4_200
"""Digits of one whole number."""

HIGHEST = 100
"""The largest exponent."""

MOST_DIGITS = 40_000
"""Digits that a computed number may have."""

MOST_TERMS = 20_000
"""Terms that a polynomial may have when it is multiplied out."""

MOST_PRODUCTS = 10_000_000
"""Products of terms that may be needed to multiply out a formula."""

READ_AT_ONCE = 12
"""The largest exponent that the checker reads; higher powers are written as products."""

ALIEN = re.compile(r"[^A-Za-z0-9_ .,+\-*/()\[\]<>=!]")
RUN_INTO = re.compile(r"(?<![A-Za-z0-9_.])[0-9][0-9_]*[A-Za-z_]")
PADDED = re.compile(r"(?<![A-Za-z0-9_.])0+[1-9][0-9]*(?![A-Za-z0-9_.])")
DECIMAL = re.compile(
    r"(?<![A-Za-z0-9_.\])])(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?<![A-Za-z0-9_.])[0-9]+[eE][+-]?[0-9]+"
)
PLAIN = re.compile(r"(?<![A-Za-z0-9_.\])])[0-9]+\.[0-9]+(?![A-Za-z0-9_.])")
"""The decimals that are read, each as the exact number that it says, as in every other text for a number."""

COMPARISONS = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!="}
OPERATIONS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)

FUNCTIONS = {
    "loss": ("point",),
    "d1": ("point", "point"),
    "d2": ("point", "point", "point"),
    "autograd": ("point", "point"),
    "slope": ("point", "point", "point"),
    "pre": ("point", "unit", "example"),
    "out": ("point", "example"),
    "generic": ("point", "point"),
    "rest": ("point", "slopes"),
    "push": ("point", "point", "example"),
    "differentiable": ("point",),
    "twice_differentiable": ("point",),
}
"""What may be asked of a landscape, with its arguments; push in hints only."""

RELATIONS = ("generic", "rest", "differentiable", "twice_differentiable")
"""Those that are relations by themselves."""

PIECEWISE = {"abs": 1, "relu": 1, "max": 2, "min": 2}
"""Functions of numbers, and of how many at least; only the last two take more."""

LARGEST_ROOT = 10**12
"""The largest number whose root is a number in formulas."""

HINTS = ("push",)
KNOWN = f"Known: {', '.join(f'L.{name}' for name in FUNCTIONS if name not in HINTS)}."
EXAMPLE = 'Write it as "2*x + 1 >= y**2".'


def parsed(text: str) -> ast.expr:
    """Return the syntax tree of a formula, of the kinds of nodes that are known alone.

    Raises
    ------
    StatementError
        If it is no formula, or larger than the bounds of this module.
    """
    if not isinstance(text, str):
        raise StatementError(f"Expected a formula as text; got {short(text)}.", EXAMPLE)
    return _parsed(exactly(text))


@lru_cache(maxsize=4096)
def exactly(text: str) -> str:
    """Return a formula with its decimals as quotients.

    Examples
    --------
    >>> exactly("x >= 1.3333")
    'x >= (13333/10000)'
    """
    return PLAIN.sub(_quotient, text) if len(text) <= LONGEST else text


def _quotient(decimal: re.Match[str]) -> str:
    if len(decimal[0]) > DIGITS:
        return decimal[0]
    number = Fraction(decimal[0])
    return f"({number})" if number.denominator > 1 else str(number)


def decimals(texts: Iterable[str]) -> dict[str, str]:
    """Return the decimals in formulas, and the numbers as which they are read."""
    return {each[0]: str(Fraction(each[0])) for text in texts for each in PLAIN.finditer(text)}


@lru_cache(maxsize=4096)
def parsed_notation(text: str) -> ast.expr:
    """Return the syntax tree of a text in the notation of documents: any function by its name, and entries v[0].

    Raises
    ------
    StatementError
        If it is larger than the bounds of this module, or of other parts.
    """
    return _tree(text, _refuse_in_notation)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> ast.expr:
    return _tree(text, _refuse_node)


def _tree(text: str, refuse: Callable[[ast.AST, str], None]) -> ast.expr:
    _refuse_characters(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as problem:
        said = (getattr(problem, "msg", None) or f"it is nested more than {DEEPEST} levels deep").rstrip(".?")
        raise StatementError(f"Expected a formula; got {short(text)} ({said}).", EXAMPLE) from None
    _refuse_size(tree, text)
    for node in ast.walk(tree):
        refuse(node, text)
    return tree


def _refuse_in_notation(node: ast.AST, text: str) -> None:
    match node:
        case ast.Call(func=ast.Name() | ast.Attribute(value=ast.Name()), keywords=[]):
            return
        case ast.Subscript(slice=ast.Constant()) | ast.Attribute(value=ast.Name()):
            return
    _refuse_node(node, text)


def short(value: object, max_length: int = 60) -> str:
    """Return a value as it is shown in an error: without what does not print, and not long."""
    said = value if isinstance(value, str) else as_written(value)
    return repr(said if len(said) <= max_length else said[:max_length] + "...")


def _refuse_characters(text: str) -> None:
    if len(text) > LONGEST:
        raise StatementError(
            f"Expected a formula of at most {LONGEST:,} characters; got {len(text):,}: {short(text)}.",
            "Split it into several relations.",
        )
    found = ALIEN.search(text)
    if found:
        raise StatementError(
            f"Expected numbers, names, + - * / **, brackets and comparisons in a formula; got {found[0]!r} in "
            f"{short(text)}.",
            in_ascii(found[0]) or EXAMPLE,
        )
    depth = deepest = 0
    for bracket in re.findall(r"[()\[\]]", text):
        depth += 1 if bracket in "([" else -1
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise StatementError(
            f"Expected at most {DEEPEST} brackets inside each other; got {deepest:,} in {short(text)}.",
            "Name parts of it by variables.",
        )
    long = max((len(run) for run in re.findall(r"[0-9]+", text)), default=0)
    if long > DIGITS:
        raise StatementError(
            f"Expected whole numbers of at most {DIGITS:,} digits; got one of {long:,} in {short(text)}.",
            "Divide by a common factor.",
        )
    if padded := PADDED.search(text):
        raise StatementError(
            f"Expected numbers without zeros in front; got {short(padded[0])} in {short(text)}.",
            f"Write {padded[0].lstrip('0')}.",
        )
    decimal = DECIMAL.search(text)
    if decimal:
        raise StatementError(
            f"Expected numbers such as 3, 1/4 or 0.25 in a formula; got {short(decimal[0])} in {short(text)}.",
            _exactly(decimal[0]),
        )
    if run := RUN_INTO.search(text):
        raise StatementError(
            f"Expected whole numbers in a formula; got {short(run[0])} in {short(text)}.", "Write 2*x for 2x."
        )


def _exactly(decimal: str) -> str:
    exponent = decimal.lower().partition("e")[2].lstrip("+-")
    if len(decimal) > DIGITS or int(exponent[:6] or 0) > HIGHEST:
        return "Write a quotient of whole numbers."
    return f"Write {Fraction(decimal)}."


def _refuse_size(tree: ast.expr, text: str) -> None:
    longest = len(tree.comparators) if isinstance(tree, ast.Compare) else 0
    count, deepest = 0, 0
    open_ends = [(tree, 1, 1)]
    while open_ends:
        node, length, depth = open_ends.pop()
        count, longest, deepest = count + 1, max(longest, length), max(deepest, depth)
        for each in ast.iter_child_nodes(node):
            if isinstance(each, ast.expr):
                chained = isinstance(node, ast.BinOp) and each is node.left
                open_ends.append((each, length + 1, depth + (not chained)))
    for what, found, most in (("parts", count, LARGEST), ("terms in a row", longest, LONGEST_CHAIN)):
        if found > most:
            raise StatementError(
                f"Expected a formula of at most {most:,} {what}; got {found:,}: {short(text)}.",
                "Split it into several relations.",
            )
    if deepest > DEEPEST:
        raise StatementError(
            f"Expected a formula nested at most {DEEPEST} levels deep; got {deepest:,}: {short(text)}.",
            "Name parts of it by variables.",
        )


def _refuse_node(node: ast.AST, text: str) -> None:
    match node:
        case ast.Constant(value=value):
            if type(value) is not int:
                raise _unexpected(text, f"Expected whole numbers in a formula; got {value!r}", "Write 1/4.")
        case ast.UnaryOp(op=op):
            if not isinstance(op, ast.USub | ast.UAdd):
                raise _unexpected(text, "Expected + - * / ** between numbers; got another operation")
        case ast.BinOp(op=op):
            if not isinstance(op, OPERATIONS):
                raise _unexpected(text, f"Expected + - * / ** between numbers; got {_sign(op)}", "Write x**2 and 1/2.")
        case ast.Compare(ops=ops):
            if any(type(op) not in COMPARISONS for op in ops):
                raise _unexpected(text, "Expected a comparison by > >= < <= == or !=; got another one")
        case ast.Call(func=func, args=args, keywords=keywords):
            _refuse_call(func, args, keywords, text)
        case ast.Attribute(value=value):
            if not isinstance(value, ast.Name):
                raise _unexpected(text, f"Expected landscape.function(...); got {short(ast.unparse(node))}", KNOWN)
        case ast.Name() | ast.List() | ast.expr_context() | ast.operator() | ast.unaryop() | ast.cmpop():
            return
        case _:
            kind = {"BoolOp": "and or or", "IfExp": "if", "ListComp": "a comprehension", "NamedExpr": "an assignment"}
            got = kind.get(type(node).__name__, f"a {type(node).__name__.lower()}")
            raise _unexpected(text, f"Expected numbers, variables, sums, products, powers and relations; got {got}")


def _sign(op: ast.operator) -> str:
    return {"FloorDiv": "//", "Mod": "%", "MatMult": "@"}.get(type(op).__name__, "another operation")


def _unexpected(text: str, problem: str, remedy: str = EXAMPLE) -> StatementError:
    return StatementError(f"{problem} in {short(text)}.", remedy)


def _refuse_root(args: Sequence[ast.expr], text: str) -> None:
    whole = args[0].value if len(args) == 1 and isinstance(args[0], ast.Constant) else 0
    if type(whole) is not int or whole > LARGEST_ROOT or isqrt(whole) ** 2 == whole:
        raise _unexpected(
            text,
            f"Expected a whole number below a square root, no square and at most {LARGEST_ROOT:,}; "
            f"got {short(', '.join(map(ast.unparse, args)) or 'none')}",
            "Write sqrt(2)/2 for the root of 1/2, and 3 for that of 9.",
        )


def _refuse_piecewise(name: str, args: Sequence[ast.expr], keywords: Sequence[ast.keyword], text: str) -> None:
    if name not in PIECEWISE:
        raise _unexpected(
            text,
            f"Expected landscape.function(...), {', '.join(PIECEWISE)}; got {short(name)}(...)",
            nearest(name, [*PIECEWISE]) if name.lower() in PIECEWISE else KNOWN,
        )
    least = PIECEWISE[name]
    many = len(args) == 1 if least == 1 else len(args) >= least
    if keywords or not many or any(isinstance(arg, ast.Starred) for arg in args):
        raise _unexpected(
            text,
            f"Expected {'one number' if least == 1 else 'two numbers or more'} for {name}; got {len(args)}",
            f"Write {name}({'x' if least == 1 else 'x, y'}).",
        )


def _refuse_call(func: ast.expr, args: Sequence[ast.expr], keywords: Sequence[ast.keyword], text: str) -> None:
    if isinstance(func, ast.Name) and func.id == "sqrt" and not keywords:
        return _refuse_root(args, text)
    if isinstance(func, ast.Name):
        return _refuse_piecewise(func.id, args, keywords, text)
    if not (isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)):
        raise _unexpected(text, f"Expected landscape.function(...); got {short(ast.unparse(func))}(...)", KNOWN)
    if func.attr not in FUNCTIONS:
        known = [name for name in FUNCTIONS if name not in HINTS]
        raise _unexpected(text, f"Expected a function of a landscape; got {func.attr!a}", nearest(func.attr, known))
    wanted = FUNCTIONS[func.attr]
    if keywords or len(args) != len(wanted) or any(isinstance(arg, ast.Starred) for arg in args):
        shape = f"{func.value.id}.{func.attr}({', '.join(wanted)})"
        raise _unexpected(
            text, f"Expected {shape}; got {short(ast.unparse(func))} of other arguments", f"Write {shape}."
        )
