"""Rational functions of one parameter: exact arithmetic, and how they are written."""

from fractions import Fraction
from typing import Any, Union

from flint import fmpq, fmpq_poly

from stability.errors import NumberError

Constant = Union[int, Fraction, fmpq]  # noqa: UP007
ONE = fmpq_poly([1])


def flint(value: Any) -> fmpq:
    """Return a rational as flint's."""
    return value if isinstance(value, fmpq) else fmpq(value.numerator, value.denominator)


def fraction(value: Any) -> Fraction:
    """Return flint's rational as a Fraction."""
    return Fraction(int(value.p), int(value.q))


class Function:
    """A rational function num / den over the rationals, reduced, with leading coefficient 1 in den.

    Equal functions have equal parts, so that functions may be compared and be keys; a rational stands for a constant.

    Attributes
    ----------
    num, den : fmpq_poly
    """

    __slots__ = ("den", "num")

    def __init__(self, num: fmpq_poly, den: fmpq_poly = ONE) -> None:
        if den.degree() > 0:
            common = num.gcd(den)
            if common.degree() > 0:
                num, den = num // common, den // common
        lead = den.leading_coefficient()
        self.num, self.den = (num, den) if lead == 1 else (num / lead, den / lead)

    def __add__(self, other: Any) -> "Function":
        more = as_function(other)
        if self.den == more.den:
            return Function(self.num + more.num, self.den)
        return Function(self.num * more.den + more.num * self.den, self.den * more.den)

    __radd__ = __add__

    def __neg__(self) -> "Function":
        return Function(-self.num, self.den)

    def __sub__(self, other: Any) -> "Function":
        return self + -as_function(other)

    def __rsub__(self, other: Any) -> "Function":
        return as_function(other) - self

    def __mul__(self, other: Any) -> "Function":
        more = as_function(other)
        return Function(self.num * more.num, self.den * more.den)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Function":
        more = as_function(other)
        return Function(self.num * more.den, self.den * more.num)

    def __rtruediv__(self, other: Any) -> "Function":
        return as_function(other) / self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Function):
            return NotImplemented
        return bool(self.num == other.num and self.den == other.den)

    def __bool__(self) -> bool:
        return not self.num.is_zero()

    def __hash__(self) -> int:
        return hash((*map(str, self.num.coeffs()), "/", *map(str, self.den.coeffs())))

    def __call__(self, value: Constant | float) -> Any:
        """Return the value at a number: exact at a rational, a float at a float.

        Raises
        ------
        NumberError
            At a pole.
        """
        if isinstance(value, float):
            top, bottom = (_horner(part, value) for part in (self.num, self.den))
            return top / bottom if bottom else float("nan")
        below = self.den(flint(value))
        if below == 0:
            raise NumberError(f"{self} has a pole at {value}.", "Evaluate it elsewhere.")
        return fraction(self.num(flint(value)) / below)

    @property
    def is_constant(self) -> bool:
        """Whether it does not depend on the parameter."""
        return bool(self.num.degree() <= 0 and self.den.degree() == 0)

    def text(self, name: str = "t") -> str:
        """Return the function with factors, as "(t + 1)^2/(3 t^2 + 1)"."""
        lead, top = _factors(self.num)
        below, bottom = _factors(self.den)
        lead = lead / below
        if not top:
            front, powers = str(lead.p), ""
        else:
            front = {1: "", -1: "-"}.get(int(lead.p), f"{lead.p} ")
            powers = _product(top, name, alone=not front and lead.q == 1 and not bottom)
        under = [*([] if lead.q == 1 else [str(lead.q)]), *([_product(bottom, name, False)] if bottom else [])]
        tail = " ".join(under)
        if len(under) > 1 or len(bottom) > 1:
            tail = f"({tail})"
        return front + powers + (f"/{tail}" if tail else "")

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Function({self})"

    def to_json(self) -> dict[str, list[str]]:
        """Return the coefficients of both parts, constant term first, as text."""
        return {
            "numerator": [str(c) for c in self.num.coeffs()],
            "denominator": [str(c) for c in self.den.coeffs()],
        }


def as_function(value: Any) -> Function:
    """Return a constant or a function as a function."""
    return value if isinstance(value, Function) else Function(fmpq_poly([flint(value)]))


def _horner(part: fmpq_poly, value: float) -> float:
    total = 0.0
    for c in reversed(part.coeffs()):
        total = total * value + int(c.p) / int(c.q)
    return total


def _factors(part: fmpq_poly) -> tuple[fmpq, list[tuple[Any, int]]]:
    """Return the constant and the primitive irreducible factors, with leading coefficients over 0."""
    if part.degree() <= 0:
        return (part.coeffs() or [fmpq(0)])[0], []
    scale = fmpq(1) / part.denom()
    lead, found = part.numer().factor()
    return scale * lead, [(p, int(k)) for p, k in found]


def _product(factors: list[tuple[Any, int]], name: str, alone: bool) -> str:
    """Return a product of powers; brackets are left out around a single factor that stands alone."""
    words = []
    for p, k in factors:
        terms = polynomial_text([int(c) for c in p.coeffs()], name)
        simple = " " not in terms or (alone and len(factors) == 1 and k == 1)
        words.append((terms if simple else f"({terms})") + (f"^{k}" if k > 1 else ""))
    return " ".join(words)


def polynomial_text(coefficients: list[int], name: str) -> str:
    """Return a polynomial with whole coefficients, constant term first, as "3 t^2 - t + 1"."""
    text = ""
    for k in range(len(coefficients) - 1, -1, -1):
        c = coefficients[k]
        if c:
            power = "" if k == 0 else name if k == 1 else f"{name}^{k}"
            size = str(abs(c)) if abs(c) != 1 or k == 0 else ""
            sign = ("-" if c < 0 else "") if not text else (" - " if c < 0 else " + ")
            text += sign + " ".join(part for part in (size, power) if part)
    return text or "0"
