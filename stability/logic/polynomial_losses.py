"""The loss and its one-sided derivatives at a polynomial point, once the signs are known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flint import fmpq

from stability.errors import CertificateError, StatementError, nearest
from stability.logic.formulas import FUNCTIONS
from stability.logic.polynomials import Poly

Sign = Callable[[Poly], int]
Curve = Sequence[Sequence[Poly]]


def exact(text: str) -> fmpq:
    """Return the rational that a string such as "-3/4" stands for."""
    top, _, bottom = text.partition("/")
    return fmpq(int(top), int(bottom or 1))


class OnKink(CertificateError):  # noqa: N818 - an answer, not an error
    """A direction stays on a kink, so it enters no cell."""


@dataclass(frozen=True)
class RecordLandscape:
    """The numbers of a landscape in a record: rows (x, 1), labels, slopes, factor before the sum, units."""

    rows: list[list[fmpq]]
    labels: list[fmpq]
    slopes: dict[int, fmpq]
    factor: fmpq
    units: int

    @property
    def width(self) -> int:
        """The number of parameters per unit."""
        return len(self.rows[0])


def setting(data: dict[str, Any]) -> RecordLandscape:
    """Return the numbers of a landscape as a record holds it."""
    rows = [[*map(exact, point), fmpq(1)] for point in data["points"]]
    slopes = {side: exact(data["slopes"][key]) for side, key in ((-1, "-"), (0, "0"), (1, "+"))}
    factor = fmpq(1, len(rows)) if data["loss"] == "mean" else fmpq(1)
    return RecordLandscape(rows, [exact(y) for y in data["labels"]], slopes, factor, data["units"])


class PolynomialLoss:
    """The functions that statements may ask of a landscape, at points whose entries are polynomials.

    Parameters
    ----------
    numbers : RecordLandscape
        The landscape.
    sign : callable
        Returns the sign of a polynomial, or raises to ask for it.
    zero : polynomial
        The zero of the ring.
    """

    def __init__(self, numbers: RecordLandscape, sign: Sign, zero: Poly) -> None:
        self.rows, self.labels, self.slopes = numbers.rows, numbers.labels, numbers.slopes
        self.factor, self.units, self.width = numbers.factor, numbers.units, numbers.width
        self.sign, self.zero = sign, zero

    def ask(self, function: str, arguments: Sequence[Any]) -> Any:
        """Return what a formula asks: one of `stability.logic.formulas.FUNCTIONS`.

        Raises
        ------
        StatementError
            If there is no such function.
        """
        if function not in FUNCTIONS:
            raise StatementError(
                f"Expected a function of a landscape; got {function!r}.", nearest(function, list(FUNCTIONS))
            )
        return getattr(self, function)(*arguments)

    def _dot(self, p: Sequence[Poly], j: int, i: int) -> Poly:
        start = j * self.width
        return sum((x * p[start + c] for c, x in enumerate(self.rows[i]) if x), self.zero)

    def _taylor(self, i: int, curve: Curve) -> list[Poly]:
        """Return the one-sided Taylor terms of the residual at example i."""
        terms = [self.zero - self.labels[i], *[self.zero] * (len(curve) - 1)]
        for j in range(self.units):
            parts = [self._dot(p, j, i) for p in curve]
            side = 0
            for part in parts:
                side = side or self.sign(part)
            if side:
                terms = [term + self.slopes[side] * part for term, part in zip(terms, parts, strict=True)]
        return terms

    def loss(self, p: Sequence[Poly]) -> Poly:
        """Return the loss."""
        return self.factor * sum((self._taylor(i, [p])[0] ** 2 for i in range(len(self.rows))), self.zero)

    def d1(self, p: Sequence[Poly], d: Sequence[Poly]) -> Poly:
        """Return the one-sided derivative along d."""
        pairs = (self._taylor(i, [p, d]) for i in range(len(self.rows)))
        return 2 * self.factor * sum((e * f for e, f in pairs), self.zero)

    def d2(self, p: Sequence[Poly], d: Sequence[Poly], a: Sequence[Poly]) -> Poly:
        """Return the one-sided second derivative along p + t d + t^2 a / 2."""
        triples = (self._taylor(i, [p, d, a]) for i in range(len(self.rows)))
        return 2 * self.factor * sum((f * f + e * g for e, f, g in triples), self.zero)

    def _residual(self, p: Sequence[Poly], i: int) -> Poly:
        """Return f(x_i) - y_i."""
        return self._taylor(i, [p])[0]

    def push(self, p: Sequence[Poly], d: Sequence[Poly], i: Poly) -> Poly:
        """Return the one-sided derivative of the output at example i along d (for hints; no record may ask it)."""
        return self._taylor(int(str(i)), [p, d])[1]

    def slope(self, p: Sequence[Poly], d: Sequence[Poly], u: Sequence[Poly] | None = None) -> Poly:
        """Return the derivative along d of the cell entered along u, or the one torch reports."""
        total = self.zero
        for i in range(len(self.rows)):
            e = self._residual(p, i)
            for j in range(self.units):
                along = self._dot(d, j, i)
                if along == 0:
                    continue
                side = self.sign(self._dot(p, j, i))
                if side == 0 and u is not None:
                    side = self.sign(self._dot(u, j, i))
                    if side == 0:
                        raise OnKink("A direction that stays on a kink enters no cell.", "Ask for a generic one.")
                total += 2 * self.factor * self.slopes[side] * e * along
        return total

    autograd = slope

    def out(self, p: Sequence[Poly], i: Poly) -> Poly:
        """Return the network output at example i."""
        index = int(str(i))
        return self._residual(p, index) + self.labels[index]

    def pre(self, p: Sequence[Poly], j: Poly, i: Poly) -> Poly:
        """Return the pre-activation of unit j at example i."""
        return self._dot(p, int(str(j)), int(str(i)))

    def generic(self, p: Sequence[Poly], u: Sequence[Poly]) -> list[tuple[Poly, str]]:
        """Return the constraint that u enters an open cell from p."""
        pairs = [(j, i) for j in range(self.units) for i in range(len(self.rows))]
        kinks = [pair for pair in pairs if self.sign(self._dot(p, *pair)) == 0]
        flat = [pair for pair in kinks if self.sign(self._dot(u, *pair)) == 0]
        return [(self.zero + (-1 if flat else 1), ">")]

    def differentiable(self, p: Sequence[Poly]) -> list[tuple[Poly, str]]:
        """Return the equations that hold where the loss has a gradient.

        At p the loss changes along d by a linear part and, for every unit j at a kink on example i, by a multiple of
        e_i |d_j . (x_i, 1)|. Those of one unit at different data points are linearly independent, so the errors at
        every data point where a unit has a kink sum to zero.
        """
        found = [(self.zero + 1, ">")]
        for j in range(self.units if self.slopes[-1] != self.slopes[1] else 0):
            sums: dict[tuple[Any, ...], Poly] = {}
            for i, row in enumerate(self.rows):
                if self.sign(self._dot(p, j, i)) == 0:
                    sums[tuple(row)] = sums.get(tuple(row), self.zero) + self._residual(p, i)
            found += [(each, "=") for each in sums.values()]
        return found

    def twice_differentiable(self, p: Sequence[Poly]) -> list[tuple[Poly, str]]:
        """Return the relations that hold where the loss has a gradient and a Hessian.

        Beside the gradient it needs an open cell, or that the only unit is an absolute value: the square of
        s |z| has no kink, but any other second-order term at a kink has one.
        """
        even = self.units == 1 and self.slopes[-1] == -self.slopes[1]
        pairs = [(j, i) for j in range(self.units) for i in range(len(self.rows))]
        smooth = self.slopes[-1] == self.slopes[1] or even or all(self.sign(self._dot(p, *pair)) for pair in pairs)
        return [*self.differentiable(p), (self.zero + (1 if smooth else -1), ">")]

    def rest(self, p: Sequence[Poly], slopes: Sequence[Poly]) -> list[tuple[Poly, str]]:
        """Return the chain-rule equations of a stationary point, with free slopes at kinks."""
        gradient, bounds = [self.zero] * len(p), []
        low, high = sorted([self.slopes[-1], self.slopes[1]])
        for i, row in enumerate(self.rows):
            e = self._residual(p, i)
            for j in range(self.units):
                side, s = self.sign(self._dot(p, j, i)), slopes[j * len(self.rows) + i]
                if side == 0:
                    bounds += [(s - low, ">="), (high - s, ">=")]
                force = e * (s if side == 0 else self.slopes[side])
                for c, x in enumerate(row):
                    gradient[j * self.width + c] += x * force
        return [(g, "=") for g in gradient] + bounds
