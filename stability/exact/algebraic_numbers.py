"""Algebraic numbers: one exact program run at a rational, at an algebraic and at every parameter of an interval.

A program that only adds, multiplies, divides and asks for signs gives the same answers wherever all the polynomials
whose signs it asked for have the same signs. So it runs once with functions, at a sample that decides the signs, and
the roots of those polynomials bound the interval on which the answer is proved to hold.
"""

from fractions import Fraction
from typing import Any

from flint import arb, arb_poly, ctx, fmpq, fmpq_poly

from stability.exact.numbers import approximate
from stability.exact.rational_functions import Function, as_function, flint
from stability.exact.real_roots import Coefficients, Root, dyadic, primitive_part

MOST_BITS = 1 << 20


class UnluckyError(Exception):
    """A sample at which a polynomial vanishes that is not 0 everywhere."""


class SignTrace:
    """The signs that a program asked for.

    Attributes
    ----------
    sample : fmpq
        The parameter at which they are decided.
    polynomials : set
        What must not vanish for the answers to be the same.
    """

    def __init__(self, sample: Any) -> None:
        self.sample = flint(sample)
        self.polynomials: set[Coefficients] = set()

    def sign(self, value: Function) -> int:
        """Return the sign of a function at the sample, and note what it hangs on.

        Raises
        ------
        UnluckyError
            If it vanishes at the sample only.
        """
        if value.num.is_zero():
            return 0
        self.note(value.num)
        top, bottom = value.num(self.sample), value.den(self.sample)
        if top == 0 or bottom == 0:
            raise UnluckyError
        return 1 if (top > 0) == (bottom > 0) else -1

    def note(self, polynomial: fmpq_poly) -> None:
        """Note that a polynomial must not vanish."""
        if polynomial.degree() > 0:
            self.polynomials.add(primitive_part(polynomial))


class Ordered:
    """A number known by the sign of its difference from others; subclasses add, multiply and know their sign."""

    __slots__ = ()

    def sign(self) -> int:
        """Return -1, 0 or 1."""
        raise NotImplementedError

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return -self + other  # type: ignore[operator]

    def __lt__(self, other: Any) -> bool:
        return bool((self - other).sign() < 0)

    def __gt__(self, other: Any) -> bool:
        return bool((self - other).sign() > 0)

    def __le__(self, other: Any) -> bool:
        return bool((self - other).sign() <= 0)

    def __ge__(self, other: Any) -> bool:
        return bool((self - other).sign() >= 0)

    def __eq__(self, other: object) -> bool:
        return bool((self - other).sign() == 0)

    def __bool__(self) -> bool:
        return self.sign() != 0

    __hash__ = None  # type: ignore[assignment]


class Traced(Ordered):
    """A rational function whose signs are decided at a sample and noted."""

    __slots__ = ("function", "trace")

    def __init__(self, function: Function, trace: SignTrace) -> None:
        self.function = function
        self.trace = trace

    def _with(self, function: Function) -> "Traced":
        return Traced(function, self.trace)

    def sign(self) -> int:
        """Return the sign at the sample."""
        return self.trace.sign(self.function)

    def __neg__(self) -> "Traced":
        return self._with(-self.function)

    def __add__(self, other: Any) -> "Traced":
        return self._with(self.function + untraced(other))

    def __mul__(self, other: Any) -> "Traced":
        return self._with(self.function * untraced(other))

    def __truediv__(self, other: Any) -> "Traced":
        below = as_function(untraced(other))
        self.trace.sign(below)
        return self._with(self.function / below)

    def __rtruediv__(self, other: Any) -> "Traced":
        return self._with(as_function(untraced(other))) / self

    __radd__ = __add__
    __rmul__ = __mul__


def untraced(value: Any) -> Any:
    """Return the function of a traced number, and any other number as it is."""
    return value.function if isinstance(value, Traced) else value


class Algebraic(Ordered):
    """A number in the field that an irrational root generates: a polynomial in the root, of lower degree."""

    __slots__ = ("polynomial", "root")

    def __init__(self, polynomial: fmpq_poly, root: Root) -> None:
        self.polynomial = polynomial % fmpq_poly(list(root.polynomial))
        self.root = root

    def sign(self) -> int:
        """Return the exact sign: 0 is seen exactly, other signs in intervals that shrink."""
        if self.polynomial.degree() <= 0:
            value = (self.polynomial.coeffs() or [fmpq(0)])[0]
            return int(value > 0) - int(value < 0)
        bits = 64
        while bits <= MOST_BITS:
            ball = self.ball(bits)
            if ball > 0 or ball < 0:
                return 1 if ball > 0 else -1
            bits *= 2
        raise ArithmeticError(f"No sign of {self.polynomial} at {self.root} within {MOST_BITS} bits.")

    def ball(self, bits: int) -> arb:
        """Return an interval that contains the number."""
        old, ctx.prec = ctx.prec, bits
        try:
            return arb_poly(self.polynomial)(self.root.ball(bits))
        finally:
            ctx.prec = old

    @property
    def middle(self) -> Fraction:
        """A rational within 128 bits of the number."""
        return dyadic(self.ball(128).mid())

    def __float__(self) -> float:
        return approximate(self.middle)

    def key(self) -> tuple[str, ...]:
        """Return what distinguishes it from other numbers of the field."""
        return tuple(map(str, self.polynomial.coeffs()))

    def _of(self, other: Any) -> fmpq_poly:
        return other.polynomial if isinstance(other, Algebraic) else fmpq_poly([flint(other)])

    def __neg__(self) -> "Algebraic":
        return Algebraic(-self.polynomial, self.root)

    def __add__(self, other: Any) -> "Algebraic":
        return Algebraic(self.polynomial + self._of(other), self.root)

    def __mul__(self, other: Any) -> "Algebraic":
        return Algebraic(self.polynomial * self._of(other), self.root)

    def __truediv__(self, other: Any) -> "Algebraic":
        below = self._of(other)
        common, _, inverse = fmpq_poly(list(self.root.polynomial)).xgcd(below)
        if below.is_zero() or common.degree() > 0:
            raise ZeroDivisionError
        return Algebraic(self.polynomial * inverse / common.leading_coefficient(), self.root)

    def __rtruediv__(self, other: Any) -> "Algebraic":
        return Algebraic(self._of(other), self.root) / self

    __radd__ = __add__
    __rmul__ = __mul__


def value_at(function: Function, root: Root) -> Any:
    """Return the exact value of a function at a root: a rational of flint, or an algebraic number.

    Raises
    ------
    ZeroDivisionError
        At a pole.
    """
    if root.rational is not None:
        return function.num(flint(root.rational)) / function.den(flint(root.rational))
    if function.is_constant:
        return (function.num.coeffs() or [fmpq(0)])[0]
    top = Algebraic(function.num, root)
    return top / Algebraic(function.den, root)


def key_of(value: Any) -> tuple[str, ...]:
    """Return what distinguishes an exact number at a root from others there."""
    if isinstance(value, Algebraic):
        return value.key()
    return (str(value),) if value != 0 else ()


def sign(value: Any) -> int:
    """Return the sign of a number of any of the three sorts."""
    return value.sign() if isinstance(value, Ordered) else int(value > 0) - int(value < 0)
