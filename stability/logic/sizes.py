"""The size of a formula when it is multiplied out, and whether each part of it makes sense."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from stability.errors import StatementError, nearest
from stability.logic.formulas import FUNCTIONS, HIGHEST, HINTS, MOST_DIGITS, MOST_PRODUCTS, MOST_TERMS, RELATIONS, short

VALUES: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: Fraction(a ** int(b)),
}


OF_TRAINED = ("loss", "out", "pre")
"""What may be asked of a landscape with trainable output weights: what is no derivative."""


@dataclass(frozen=True)
class Shape:
    """How many units, parameters and examples a landscape has, and how long its numbers are.

    `trained`: whether output weights are parameters; then only `OF_TRAINED` may be asked.
    """

    units: int
    parameters: int
    examples: int
    digits: int
    trained: bool = False


@dataclass(frozen=True)
class Size:
    """Bounds on a polynomial: its terms, its degree and the digits of its coefficients."""

    terms: int = 1
    degree: int = 0
    digits: int = 1


class FormulaSize:
    """One formula, read node by node; what it takes to multiply it out is added up."""

    def __init__(self, names: Sequence[str], shapes: Mapping[str, Shape], text: str, hint: bool = False) -> None:
        self.names, self.shapes, self.text, self.hint, self.products = names, shapes, text, hint, 0

    def _error(self, problem: str, remedy: str) -> StatementError:
        return StatementError(f"{problem} in {short(self.text)}.", remedy)

    def size(self, node: ast.expr) -> Size:
        """Return bounds on what a node stands for; sums and products are read from the left without recursion."""
        spine: list[ast.BinOp] = []
        while isinstance(node, ast.BinOp):
            spine.append(node)
            node = node.left
        found = self._single(node)
        for each in reversed(spine):
            found = self._joined(found, each.op, each.right)
        return found

    def _single(self, node: ast.expr) -> Size:
        match node:
            case ast.Constant(value=int(whole)):
                return Size(digits=max(1, whole.bit_length() * 3 // 10))
            case ast.Name(id=name):
                return self._variable(name)
            case ast.UnaryOp(operand=inner):
                return self.size(inner)
            case ast.Call(func=ast.Name(id="sqrt")):
                return Size(terms=2, digits=len(ast.unparse(node)))
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._piecewise(name, args)
            case ast.Call(func=ast.Attribute(attr=attr)):
                if attr in RELATIONS:
                    raise self._error(f"Expected a number; got the relation {attr}", "Let it stand alone.")
                return self.call(node)
            case ast.List():
                raise self._error("Expected a number; got a list", "Lists are arguments of landscapes: L.loss([0, 1]).")
            case ast.Compare():
                raise self._error("Expected one relation; got one inside another", "Write two relations.")
        raise self._error(f"Expected a number; got {short(ast.unparse(node))}", "Write L.loss([0, 1]).")

    def _piecewise(self, name: str, args: list[ast.expr]) -> Size:
        """Return bounds on a function of numbers: on one of its arguments, whichever it is, and on its differences."""
        sizes = [self.size(each) for each in args]
        return self._kept(
            Size(
                sum(each.terms for each in sizes),
                max(each.degree for each in sizes),
                max(each.digits for each in sizes) + len(sizes) - 1,
            )
        )

    def _variable(self, name: str) -> Size:
        if name not in self.names:
            known = self.names
            if name in self.shapes:
                raise self._error(f"Expected a number; got the landscape {name}", f"Write {name}.loss([...]).")
            remedy = nearest(name, list(known)) if known else "The statement has no variables: name them first."
            raise self._error(f"Expected a variable; got {short(name)}", remedy)
        return Size(degree=1)

    def _joined(self, left: Size, op: ast.operator, node: ast.expr) -> Size:
        if isinstance(op, ast.Pow):
            return self._power(left, self._exponent(node))
        right = self.size(node)
        if isinstance(op, ast.Div):
            self._divisor(node)
            return self._kept(Size(left.terms, left.degree, left.digits + right.digits))
        if isinstance(op, ast.Mult):
            return self._times(left, right)
        return self._kept(
            Size(left.terms + right.terms, max(left.degree, right.degree), left.digits + right.digits + 1)
        )

    def _times(self, left: Size, right: Size, often: int = 1) -> Size:
        """Return the bounds on a product, or on a sum of so many."""
        self._charge(left.terms * right.terms * often)
        digits = left.digits + right.digits + len(str(often))
        return self._kept(Size(left.terms * right.terms, left.degree + right.degree, digits))

    def _dense(self, found: Size) -> int:
        """Return how many terms there are of a degree, where these are not too many to be counted."""
        if found.degree > 2 and found.terms <= MOST_TERMS:
            return found.terms
        return comb(max(1, len(self.names)) + found.degree, found.degree)

    def _power(self, base: Size, n: int) -> Size:
        digits = max(1, (base.digits + len(str(base.terms))) * n)
        found = self._kept(Size(comb(base.terms + n - 1, n), base.degree * n, digits))
        self._charge(base.terms * found.terms)
        return found

    def _charge(self, products: int) -> None:
        self.products += products
        if self.products > MOST_PRODUCTS:
            raise self._error(
                f"Expected a formula that takes at most {MOST_PRODUCTS:,} products of terms to multiply out; got more",
                "Name parts of it by variables, or split the statement.",
            )

    def _kept(self, found: Size) -> Size:
        terms = min(found.terms, self._dense(found))
        if terms > MOST_TERMS:
            raise self._error(
                f"Expected polynomials of at most {MOST_TERMS:,} terms; got up to {terms:,}",
                "Take a lower power, or fewer variables.",
            )
        if found.digits > MOST_DIGITS:
            raise self._error(
                f"Expected numbers of at most {MOST_DIGITS:,} digits; got up to {found.digits:,}",
                "Take a lower power, or scale the numbers.",
            )
        return Size(terms, found.degree, found.digits)

    def _exponent(self, node: ast.expr) -> int:
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value <= HIGHEST:
            return node.value
        if isinstance(node, ast.UnaryOp):
            raise self._error(
                f"Expected a whole exponent from 0 to {HIGHEST}; got {short(ast.unparse(node))}, a division",
                "Multiply both sides by the power instead.",
            )
        raise self._error(
            f"Expected a whole exponent from 0 to {HIGHEST}, written as a number; got {short(ast.unparse(node))}",
            "Write x**2; a root is a variable s with s**2 == x and s >= 0.",
        )

    def _divisor(self, node: ast.expr) -> None:
        inside = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} & set(self.names)
        if inside:
            raise self._error(
                f"Expected a number below a fraction; got {short(ast.unparse(node))}, which depends on "
                f"{', '.join(sorted(inside))} and may be 0",
                "Multiply both sides by it, and say where it is not 0.",
            )
        if any(isinstance(each, ast.Call) and ast.unparse(each.func) == "sqrt" for each in ast.walk(node)):
            raise self._error(
                f"Expected a rational number below a fraction; got {short(ast.unparse(node))}",
                "Write sqrt(2)/2 for 1/sqrt(2).",
            )
        if not any(isinstance(each, ast.Call) for each in ast.walk(node)) and constant(node) == 0:
            raise self._error("Expected a number other than 0 below a fraction; got 0", "Leave the division out.")

    def call(self, node: ast.Call) -> Size:
        """Return bounds on what a function of a landscape returns."""
        assert isinstance(node.func, ast.Attribute)
        assert isinstance(node.func.value, ast.Name)
        name, attr = node.func.value.id, node.func.attr
        if name not in self.shapes:
            known = list(self.shapes)
            remedy = nearest(name, known) if known else "The statement names no landscapes: pass them."
            raise self._error(f"Expected a landscape; got {short(name)}", remedy)
        if attr in HINTS and not self.hint:
            raise self._error(f"Expected a function that records may ask; got {attr}", "Known in hints only.")
        place = self.shapes[name]
        if place.trained and attr not in OF_TRAINED:
            raise self._error(
                f"Expected {', '.join(OF_TRAINED[:-1])} or {OF_TRAINED[-1]} of a landscape with trainable output "
                f"weights; got {attr}",
                "Take fixed output weights, as relu[+,-].",
            )
        sizes = [
            self._argument(f"{name}.{attr}", *pair, place) for pair in zip(FUNCTIONS[attr], node.args, strict=True)
        ]
        return self._answer(attr, [each for each in sizes if each is not None], place)

    def _argument(self, what: str, kind: str, node: ast.expr, place: Shape) -> Size | None:
        if kind in ("unit", "example"):
            most = place.units if kind == "unit" else place.examples
            if not (isinstance(node, ast.Constant) and type(node.value) is int and node.value < most):
                given = short(ast.unparse(node))
                raise self._error(
                    f"Expected the number of {'a unit' if kind == 'unit' else 'an example'} of {what}, from 0 to "
                    f"{most - 1}; got {given}",
                    "Units and examples are counted from 0.",
                )
            return None
        wanted = place.units * place.examples if kind == "slopes" else place.parameters
        if not isinstance(node, ast.List) or len(node.elts) != wanted:
            given = f"{len(node.elts)} entries" if isinstance(node, ast.List) else short(ast.unparse(node))
            words = "one slope per unit and example" if kind == "slopes" else "all parameters, unit after unit"
            raise self._error(f"Expected a list of {wanted} numbers for {what}, {words}; got {given}", "Count again.")
        entries = [self.size(each) for each in node.elts]
        return self._kept(
            Size(
                sum(each.terms for each in entries),
                max(each.degree for each in entries),
                max(each.digits for each in entries) + place.digits + len(str(wanted)),
            )
        )

    def _answer(self, attr: str, points: list[Size], place: Shape) -> Size:
        p, *more = points
        residual = self._kept(Size(p.terms + 1, p.degree, p.digits + place.digits))
        often = place.examples * place.units
        if place.trained and attr != "pre":
            residual = self._times(residual, residual, often)
        if attr in ("out", "pre", "push", "differentiable", "twice_differentiable"):
            return residual
        if attr == "generic":
            return Size()
        if attr == "loss":
            return self._times(residual, residual, often)
        if attr == "d2":
            one, two = self._times(more[0], more[0], often), self._times(residual, more[1], often)
            return self._kept(Size(one.terms + two.terms, max(one.degree, two.degree), max(one.digits, two.digits) + 1))
        return self._times(residual, more[0], often)


def constant(node: ast.expr) -> Fraction:
    """Return the value of an expression of whole numbers alone.

    Raises
    ------
    StatementError
        If it divides by 0.
    """
    spine: list[ast.BinOp] = []
    while isinstance(node, ast.BinOp):
        spine.append(node)
        node = node.left
    if isinstance(node, ast.UnaryOp):
        inner = constant(node.operand)
        found = -inner if isinstance(node.op, ast.USub) else inner
    else:
        assert isinstance(node, ast.Constant)
        assert type(node.value) is int
        found = Fraction(node.value)
    for each in reversed(spine):
        other = constant(each.right)
        if isinstance(each.op, ast.Div) and not other:
            raise StatementError("Expected a number other than 0 below a fraction; got 0.", "Leave the division out.")
        found = VALUES[type(each.op)](found, other)
    return found
