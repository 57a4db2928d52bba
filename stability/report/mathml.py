"""Formulas typeset as MathML; one that cannot be read stays a text."""

import ast
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from stability.errors import StabilityError
from stability.logic.formulas import parsed
from stability.report.markup import Markup, element, joined

LONGEST = 1_500
"""Characters of a formula that is typeset; a longer one is read better as text."""

LETTERS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho final_sigma sigma tau "
    "upsilon phi chi psi omega"
)
GREEK = {name: chr(0x3B1 + k) for k, name in enumerate(LETTERS.split(" "))} | {"lam": "\u03bb"}

SIGNS = {ast.Gt: ">", ast.GtE: "≥", ast.Lt: "<", ast.LtE: "≤", ast.Eq: "=", ast.NotEq: "≠"}
MINUS, INVISIBLE_TIMES = "\N{MINUS SIGN}", Markup("&#x2062;")

LOOSE, SUM, PRODUCT, POWER, TIGHT = range(5)
"""How tightly an expression holds together; one that holds looser than what is around it is put in brackets."""

FUNCTIONS = {
    "loss": "L",
    "d1": "L\N{PRIME}",
    "d2": "L\N{DOUBLE PRIME}",
    "autograd": "∂L",
    "slope": "slope",
    "pre": "z",
    "out": "f",
    "generic": "generic",
    "rest": "rest",
    "differentiable": "differentiable",
    "twice_differentiable": "twice differentiable",
}
"""How functions of landscapes are written."""

LEGEND = {
    "loss": "L the loss",
    "d1": "L\N{PRIME}(p; v) its derivative at p along v",
    "d2": "L\N{DOUBLE PRIME}(p; v, a) its second derivative along a curve with velocity v and acceleration a",
    "slope": "slope(p; v, u) the derivative along v of the quadratic in the cell entered along u",
    "autograd": "∂L(p; v) what torch returns for the derivative along v",
    "pre": "z with indices (unit, example) a pre-activation",
    "out": "f with the index of an example an output",
    "rest": "rest(p; s) that p is stationary with these slopes at kinks",
    "generic": "generic(p; v) that no kink is met along v",
}
"""What letters stand for, below the formulas that use them."""


@lru_cache(maxsize=4096)
def formula(text: str) -> Markup:
    """Return a formula as a MathML element; as a text in `code` where it cannot be read, or is long.

    Examples
    --------
    >>> formula("x**2 >= 0")
    '<math><mrow><msup><mi>x</mi><mn>2</mn></msup><mo>≥</mo><mn>0</mn></mrow></math>'
    >>> formula("<script>")
    '<code>&lt;script&gt;</code>'
    """
    try:
        if len(text) > LONGEST:
            return element("code", text)
        return element("math", _typeset(parsed(text), LOOSE))
    except (StabilityError, RecursionError, KeyError):
        return element("code", text)


def number(value: object) -> Markup:
    """Return an exact number in MathML, for use within a formula; what is none stays a text.

    Examples
    --------
    >>> number("-1/2")
    '<mrow><mo>\u2212</mo><mfrac><mn>1</mn><mn>2</mn></mfrac></mrow>'
    """
    try:
        return _typeset(parsed(str(value)), SUM)
    except (StabilityError, RecursionError, KeyError):
        return element("mtext", str(value))


def names(given: Sequence[str]) -> Markup:
    """Return variables as a list in MathML.

    Examples
    --------
    >>> names(["w1", "theta"])
    '<math><mrow><msub><mi>w</mi><mn>1</mn></msub><mo separator="true">,</mo><mi>θ</mi></mrow></math>'
    """
    return element("math", _row(_listed([_name(each) for each in given])))


def legend(texts: Iterable[str]) -> list[str]:
    """Return what the letters in formulas stand for, those that occur.

    Examples
    --------
    >>> legend(["relu1.loss([0, 0, 0]) > 0"])
    ['L the loss']
    """
    used = {name for text in texts for name in re.findall(r"\.([a-z_0-9]+)\(", text)}
    return [said for name, said in LEGEND.items() if name in used]


def _row(*parts: Markup | Iterable[Markup]) -> Markup:
    return element("mrow", *parts)


def _sign(text: str) -> Markup:
    return element("mo", text)


def _listed(parts: Sequence[Markup], sign: str = ",") -> list[Markup]:
    """Return parts with commas between."""
    comma = element("mo", sign, separator="true")
    return [each for k, part in enumerate(parts) for each in ([comma, part] if k else [part])]


def _bracketed(*parts: Markup | Iterable[Markup], left: str = "(", right: str = ")") -> Markup:
    """Return parts in brackets, which grow where there is a quotient between them."""
    inner = joined(*parts)
    stretchy = None if "<mfrac" in inner or "<msqrt" in inner else "false"
    return _row(element("mo", left, stretchy=stretchy), inner, element("mo", right, stretchy=stretchy))


def _name(name: str) -> Markup:
    """Return a variable: Greek letters as such, digits at the end as an index."""
    match = re.fullmatch(r"([A-Za-z]+)_?([0-9]+)", name)
    letter, index = (match[1], match[2]) if match else (name, "")
    plain = element("mi", GREEK.get(letter, letter))
    return element("msub", plain, element("mn", index)) if index else plain


def _typeset(node: ast.AST, around: int) -> Markup:
    """Return a node as MathML, in brackets if it holds together looser than what is around it."""
    found, tightness = _parts(node)
    return found if tightness >= around else _bracketed(found)


def _parts(node: ast.AST) -> tuple[Markup, int]:
    match node:
        case ast.Constant(value=value):
            return element("mn", str(value)), TIGHT
        case ast.Name(id=name):
            return _name(name), TIGHT
        case ast.BinOp(left=ast.UnaryOp(op=ast.USub(), operand=operand), op=ast.Div()):
            return _parts(ast.UnaryOp(ast.USub(), ast.BinOp(operand, node.op, node.right)))
        case ast.UnaryOp(operand=operand, op=op):
            sign = MINUS if isinstance(op, ast.USub) else "+"
            return _row(_sign(sign), _typeset(operand, PRODUCT)), SUM
        case ast.BinOp():
            return _operation(node)
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [_typeset(left, SUM)]
            for relation, other in zip(ops, others, strict=True):
                sides += [_sign(SIGNS[type(relation)]), _typeset(other, SUM)]
            return _row(sides), LOOSE
        case ast.List(elts=entries) | ast.Tuple(elts=entries):
            return _bracketed(_listed([_typeset(each, SUM) for each in entries])), TIGHT
        case ast.Call(func=func, args=args):
            return _call(func, args)
    raise KeyError(type(node).__name__)


def _operation(node: ast.BinOp) -> tuple[Markup, int]:
    left, right = node.left, node.right
    match node.op:
        case ast.Add():
            return _row(_typeset(left, SUM), _sign("+"), _typeset(right, PRODUCT)), SUM
        case ast.Sub():
            return _row(_typeset(left, SUM), _sign(MINUS), _typeset(right, PRODUCT)), SUM
        case ast.Mult():
            times = _sign("⋅" if _begins_with_digit(right) else INVISIBLE_TIMES)
            return _row(_typeset(left, PRODUCT), times, _typeset(right, POWER)), PRODUCT
        case ast.Div():
            return element("mfrac", _typeset(left, LOOSE), _typeset(right, LOOSE)), POWER
        case ast.Pow():
            return element("msup", _typeset(left, TIGHT), _typeset(right, LOOSE)), POWER
    raise KeyError(type(node.op).__name__)


def _begins_with_digit(node: ast.AST) -> bool:
    while isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Div):
        node = node.left
    return isinstance(node, ast.Constant | ast.BinOp)


def _call(func: ast.expr, args: Sequence[ast.expr]) -> tuple[Markup, int]:
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
        return _of_landscape(func.value.id, func.attr, args), TIGHT
    if not isinstance(func, ast.Name):
        raise KeyError("call")
    given = [_typeset(each, SUM) for each in args]
    if func.id in ("sqrt", "root") and len(args) == 1:
        return element("msqrt", *given), TIGHT
    if func.id == "abs":
        return _bracketed(given, left="|", right="|"), TIGHT
    return _row(element("mi", func.id), _bracketed(_listed(given))), TIGHT


def _of_landscape(name: str, function: str, args: Sequence[ast.expr]) -> Markup:
    """Return what is asked of a landscape, whose name stands above; indices of units and examples stand below."""
    letter = element("mi", FUNCTIONS[function])
    given = [_typeset(each, SUM) for each in args]
    points, indices = (given[:1], given[1:]) if function in ("pre", "out") else (given, [])
    above = element("mtext", name, class_="landscape")
    below = [_row(_listed(indices))] if indices else []
    head = element("msubsup" if below else "msup", letter, *below, above)
    first = points[0] if points else joined("")
    if len(points) == 1 and isinstance(args[0], ast.List):
        return _row(head, first)
    rest = [_sign(";"), *_listed(points[1:])] if points[1:] else []
    return _row(head, _bracketed(first, rest))
