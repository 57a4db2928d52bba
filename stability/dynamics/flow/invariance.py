"""Reasons why an affine function stays positive for ever along a motion in one cell.

Along p' = force - matrix p a function f has some modes. With f_0 = f and f_k+1 = f_k' + rate_k f_k, and rates near
those of the modes, fastest first, every f_k is positive once the slowest mode prevails; and they stay so, if the last
one obeys f' = -own f + sum of weights f_k + a constant, where weights and constant are not negative.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb, fmpq, fmpq_mat, fmpq_poly

from stability.dynamics.flow.face_flow import Field
from stability.dynamics.flow.filippov import Functional, along

CLOSENESS = (4, 16, 64, 1024, 32768)
"""By which factor the rate of a chain is nearer to its mode than the next one: what is tried in turn."""

Row = list[fmpq]


@dataclass(frozen=True)
class Course:
    """A space base + span that contains a trajectory.

    Attributes
    ----------
    base : list of fmpq
        The start.
    span : list of list of fmpq
    """

    base: Row
    span: list[Row]

    def widened(self, fields: Sequence[Field]) -> "Course":
        """Return the space that contains the trajectory also while it moves on these faces."""
        span, size = list(self.span), len(self.base)
        fresh = [image(field, row) for field in fields for row in span]
        for field in fields:
            product = field.matrix * fmpq_mat(size, 1, self.base)
            fresh.append([f - product[r, 0] for r, f in enumerate(field.force)])
        while fresh:
            vector = fresh.pop()
            if fmpq_mat([*span, vector]).rank() > len(span):
                span.append(vector)
                fresh += [image(field, vector) for field in fields]
        return Course(self.base, span)

    def seen(self, row: Row) -> Row:
        """Return how a row changes along the span."""
        return [sum((x * y for x, y in zip(row, u, strict=True)), fmpq(0)) for u in self.span]

    def value(self, function: Functional) -> fmpq:
        """Return the value of a function at the base."""
        return sum((x * y for x, y in zip(function[0], self.base, strict=True)), function[1])


def image(field: Field, vector: Row) -> Row:
    """Return the matrix of a motion times a vector."""
    found = field.matrix * fmpq_mat(len(vector), 1, vector)
    return [found[r, 0] for r in range(len(vector))]


@dataclass(frozen=True)
class Chain:
    """A proof that a function which is positive stays so, as long as all its functions are positive once.

    Attributes
    ----------
    functions : list of Functional
    rates : list of fmpq
    weights : list of fmpq
        The own one first.
    """

    functions: list[Functional]
    rates: list[fmpq]
    weights: list[fmpq]

    def to_record(self) -> list[list[str]]:
        """Return rates and weights as the checker reads them."""
        return [[str(x) for x in self.rates], [str(x) for x in self.weights]]


@dataclass(frozen=True)
class DecayingFunction:
    """A function, given by its part along the face, on the way to its limit.

    Attributes
    ----------
    field : Field
    function : Functional
    course : Course
        Where the trajectory moves.
    """

    field: Field
    function: Functional
    course: Course

    @cached_property
    def vanishes(self) -> bool:
        """Whether it is not positive, and stays as it is."""
        return not any(self.course.seen(self.function[0])) and self.course.value(self.function) <= 0

    @cached_property
    def derivatives(self) -> list[Row]:
        """The rows of the function and its derivatives, as long as they are independent on the course, and one more."""
        rows = [self.function[0]]
        while _rank([self.course.seen(row) for row in rows]) == len(rows):
            rows.append(along(rows[-1], self.field.matrix, self.field.force)[0])
        return rows

    @cached_property
    def modes(self) -> list[tuple[arb, fmpq | None]]:
        """The rates of its modes, fastest first, each as a ball and exactly if it is rational."""
        *rows, last = self.derivatives
        relation = [*(-x for x in self._coordinates(rows, last)), fmpq(1)]
        found = fmpq_poly([x * (-1) ** k for k, x in enumerate(relation)])
        rates: list[tuple[arb, fmpq | None]] = []
        for factor, _ in found.factor()[1]:
            if factor.degree() == 1:
                exact = -factor[0] / factor[1]
                rates.append((arb(exact), exact))
            else:
                roots: Any = factor.numer().complex_roots()
                rates += [(root.real, None) for root, _ in roots]
        return sorted(rates, key=lambda rate: -float(rate[0].mid()))

    def _coordinates(self, rows: Sequence[Row], vector: Row) -> list[fmpq]:
        """Return the coordinates, on the course, of a row in the span of others that are independent there."""
        if not rows:
            return []
        table, seen = fmpq_mat([self.course.seen(row) for row in rows]), self.course.seen(vector)
        found = (table * table.transpose()).inv() * (table * fmpq_mat(len(seen), 1, seen))
        return [found[r, 0] for r in range(found.nrows())]

    @cached_property
    def chains(self) -> list[Chain]:
        """Chains whose weights are not negative."""
        if len(self.derivatives) == 1:
            return [Chain([self.function], [], [fmpq(0)])]
        found = (self._chain(self._rates(near, exact)) for near in CLOSENESS for exact in (True, False))
        return [chain for chain in found if chain is not None]

    def _rates(self, closeness: int, exactly: bool) -> list[fmpq]:
        """Return rates near all modes but the slowest, in turn above and below them, the faster ones nearer."""
        found, count = list[fmpq](), len(self.modes) - 1
        for k, (rate, known) in enumerate(self.modes[:-1]):
            above, share = (count - k) % 2 == 0, Fraction(1, 2 * closeness ** (count - 1 - k))
            other = self.modes[k - 1 if above and k else k + 1][0]
            here, space = Fraction(float(rate.mid())), share * Fraction(abs(float((rate - other).mid())))
            wanted = (here + (space if above else -space)).limit_denominator(max(1, int(8 / space)))
            found.append(known if exactly and known is not None else fmpq(wanted.numerator, wanted.denominator))
        return found

    def _chain(self, rates: list[fmpq]) -> Chain | None:
        functions = list(self._functions(rates))
        change = along(functions[-1][0], self.field.matrix, self.field.force)
        *weights, own = self._coordinates([row for row, _ in functions], change[0])
        shares = zip([*weights, own], functions, strict=True)
        constant = self.course.value(change) - sum((w * self.course.value(f) for w, f in shares), fmpq(0))
        return Chain(functions, rates, [-own, *weights]) if min([constant, *weights]) >= 0 else None

    def _functions(self, rates: list[fmpq]) -> Iterator[Functional]:
        row, level = self.function
        yield row, level
        for rate in rates:
            change, more = along(row, self.field.matrix, self.field.force)
            row, level = [x + rate * y for x, y in zip(change, row, strict=True)], more + rate * level
            yield row, level

    def at(self, point: Sequence[arb], room: arb) -> Chain | None:
        """Return a chain whose functions are positive at a point with some room."""
        for chain in self.chains:
            if all(value(f, point) > room * norm(f) for f in chain.functions):
                return chain
        return None


def value(function: Functional, point: Sequence[arb]) -> arb:
    """Return the value of a function at a point in balls."""
    row, level = function
    return sum((arb(r) * x for r, x in zip(row, point, strict=True) if r), arb(level))


def norm(function: Functional) -> arb:
    """Return the length of the row of a function."""
    return arb(sum((x * x for x in function[0]), fmpq(0))).sqrt()


def _rank(rows: list[Row]) -> int:
    return int(fmpq_mat(rows).rank()) if rows and rows[0] else 0
