"""The loss and its one-sided derivatives at a polynomial point, once the signs are known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
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
    """The numbers of a landscape in a record.

    Attributes
    ----------
    rows : list of list of fmpq
        The data points with a 1 appended where units have biases.
    labels : list of fmpq
    slopes : dict
        By the sign of the pre-activation.
    factor : fmpq
        Before the sum of squares.
    units : int
    outer : list of fmpq, optional
        The output weights; None where they are parameters.
    biased : bool
        Whether there is an output bias.
    """

    rows: list[list[fmpq]]
    labels: list[fmpq]
    slopes: dict[int, fmpq]
    factor: fmpq
    units: int
    outer: list[fmpq] | None
    biased: bool

    @property
    def width(self) -> int:
        """The number of parameters per unit on which its pre-activation depends."""
        return len(self.rows[0])

    @cached_property
    def entries(self) -> list[list[tuple[int, fmpq | None]]]:
        """By example, the columns in which its row is not 0 with the numbers there, None for a 1."""
        return [[(c, None if x == 1 else x) for c, x in enumerate(row) if x] for row in self.rows]

    @property
    def stride(self) -> int:
        """The number of parameters per unit."""
        return self.width + (self.outer is None)


def setting(data: dict[str, Any]) -> RecordLandscape:
    """Return the numbers of a landscape as a record holds it."""
    one = [fmpq(1)] if data.get("hidden_biases", True) else []
    rows = [[*map(exact, point), *one] for point in data["points"]]
    slopes = {side: exact(data["slopes"][key]) for side, key in ((-1, "-"), (0, "0"), (1, "+"))}
    factor = fmpq(1, len(rows)) if data["loss"] == "mean" else fmpq(1)
    weights = data.get("output_weights", ["1"] * data["units"])
    outer = None if weights == "trainable" else [exact(a) for a in weights]
    labels = [exact(y) for y in data["labels"]]
    return RecordLandscape(rows, labels, slopes, factor, data["units"], outer, data.get("output_bias", False))


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
        self.rows, self.entries, self.labels = numbers.rows, numbers.entries, numbers.labels
        self.slopes, self.factor, self.units, self.width = numbers.slopes, numbers.factor, numbers.units, numbers.width
        self.stride, self.outer, self.biased = numbers.stride, numbers.outer, numbers.biased
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
        start, found = j * self.stride, self.zero
        for c, x in self.entries[i]:
            found = found + (p[start + c] if x is None else x * p[start + c])
        return found

    def _taylor(self, i: int, curve: Curve) -> list[Poly]:
        """Return the one-sided Taylor terms of the residual at example i; only the first where weights are trained."""
        terms = [p[-1] if self.biased else self.zero for p in curve]
        terms[0] = terms[0] - self.labels[i]
        for j in range(self.units):
            parts = [self._dot(p, j, i) for p in curve]
            side = 0
            for part in parts:
                side = side or self.sign(part)
            if side:
                steep = self._steep(curve[0], j, side)
                terms = [term + steep * part for term, part in zip(terms, parts, strict=True)]
        return terms

    def _steep(self, p: Sequence[Poly], j: int, side: int) -> Any:
        """Return the slope of the output in the pre-activation of unit j."""
        return self.slopes[side] * self._outer(p, j)

    def _outer(self, p: Sequence[Poly], j: int) -> Any:
        """Return the output weight of unit j."""
        return p[(j + 1) * self.stride - 1] if self.outer is None else self.outer[j]

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
                total += 2 * self.factor * self._steep(p, j, side) * e * along
            total += 2 * self.factor * e * d[-1] if self.biased else 0
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
        kinks = [pair for pair in self._pairs() if self.sign(self._dot(p, *pair)) == 0]
        flat = [pair for pair in kinks if self.sign(self._dot(u, *pair)) == 0]
        return [(self.zero + (-1 if flat else 1), ">")]

    def differentiable(self, p: Sequence[Poly]) -> list[tuple[Poly, str]]:
        """Return the equations that hold where the loss has a gradient.

        At p the loss changes along d by a linear part and, for every unit j at a kink on example i, by a multiple of
        e_i |d_j . (x_i, 1)|. Those of one unit on different lines are linearly independent, so the errors on every line
        where a unit has a kink, times the lengths of their rows beside the first, sum to zero. With biases a line is a
        data point.
        """
        found = [(self.zero + 1, ">")]
        for j in range(self.units if self.slopes[-1] != self.slopes[1] else 0):
            sums: dict[tuple[Any, ...], Poly] = {}
            first: dict[tuple[Any, ...], fmpq] = {}
            for i, row in enumerate(self.rows):
                if any(row) and self.sign(self._dot(p, j, i)) == 0:
                    line, length = _line(row)
                    part = self._residual(p, i) * (length / first.setdefault(line, length))
                    sums[line] = sums.get(line, self.zero) + part
            found += [(each, "=") for each in sums.values()]
        return found

    def twice_differentiable(self, p: Sequence[Poly]) -> list[tuple[Poly, str]]:
        """Return the relations that hold where the loss has a gradient and a Hessian.

        Beside the gradient it needs an open cell, or that the only unit is an absolute value: the square of
        s |z| has no kink, but any other second-order term at a kink has one.
        """
        even = self.units == 1 and self.slopes[-1] == -self.slopes[1] and not self.biased
        same = self.slopes[-1] == self.slopes[1]
        smooth = same or even or all(self.sign(self._dot(p, *pair)) for pair in self._pairs())
        return [*self.differentiable(p), (self.zero + (1 if smooth else -1), ">")]

    def _pairs(self) -> list[tuple[int, int]]:
        """Return units and examples, without those of which no parameters change the pre-activation."""
        return [(j, i) for j in range(self.units) for i, row in enumerate(self.rows) if any(row)]

    def rest(self, p: Sequence[Poly], slopes: Sequence[Poly]) -> list[tuple[Poly, str]]:
        """Return the chain-rule equations of a stationary point, with free slopes at kinks."""
        gradient, bounds = [self.zero] * len(p), []
        low, high = sorted([self.slopes[-1], self.slopes[1]])
        for i, row in enumerate(self.rows):
            e = self._residual(p, i)
            for j in range(self.units):
                side, s = self.sign(self._dot(p, j, i)), slopes[j * len(self.rows) + i]
                if side == 0 and any(row):
                    bounds += [(s - low, ">="), (high - s, ">=")]
                force = e * (s * self._outer(p, j) if side == 0 else self._steep(p, j, side))
                for c, x in enumerate(row):
                    gradient[j * self.stride + c] += x * force
            if self.biased:
                gradient[-1] += e
        return [(g, "=") for g in gradient] + bounds


def _line(row: Sequence[fmpq]) -> tuple[tuple[fmpq, ...], fmpq]:
    """Return the line on which a row lies, by a vector on it, and how long the row is beside that."""
    length = abs(next(x for x in reversed(row) if x))
    unit = [x / length for x in row]
    return max(tuple(unit), tuple(-x for x in unit)), length
