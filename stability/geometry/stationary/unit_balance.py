"""Balance of one unit on a face, given the errors, with slopes between those of the cells around it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from itertools import compress
from math import gcd

import numpy as np
from flint import fmpq, fmpq_mat, fmpz_mat

from stability.exact.linear import alternative
from stability.geometry.arrangement.cones import bits
from stability.geometry.arrangement.enumerate import Face
from stability.geometry.arrangement.integer_problem import Integers, Vector, dot, primitive

FEW = 30
"""Up to so many examples signs are read bit by bit, and up to so many rays or cells are looked at one by one."""

WORD = 2**63
"""Sums whose terms stay below this together fit into machine words."""

FLAGS = bytes.maketrans(b"01", bytes(range(2)))
"""From digits to what `compress` reads."""

Sides = tuple[int, int]
"""A cell, by the bits of its positive and of its negative rows."""


def _evenly(cells: Sequence[Sides]) -> list[tuple[Sides, Fraction]]:
    return [(each, Fraction(1, len(cells))) for each in cells]


@dataclass(frozen=True)
class Balance:
    """Whether 0 is in the convex hull of a unit's gradients around a face.

    Attributes
    ----------
    direction : tuple of int or None
        If not: a direction along which the slopes of all cells around the face are positive.
    combine : callable, optional
        If so: returns the weights, which a search does not need.
    """

    direction: Vector | None
    combine: Callable[[], list[tuple[Sides, Fraction]]] | None = None

    @cached_property
    def weights(self) -> list[tuple[Sides, Fraction]] | None:
        """Cells around the face whose gradients, with these positive weights, combine to 0; None where none do."""
        return None if self.combine is None else self.combine()


class UnitBalance:
    """One unit of a landscape, under the errors of a fit.

    Parameters
    ----------
    problem : Integers
    cells : sequence of (plus, minus)
        All open cells.
    """

    def __init__(self, problem: Integers, cells: Sequence[Sides]) -> None:
        self.problem = problem
        self.cells = cells
        self.full = problem.hyperplanes
        self.columns = list(zip(*problem.rows, strict=True))
        steep = max(map(abs, problem.slopes)) + abs(problem.slopes[2] - problem.slopes[0])
        self._largest = max(steep, 1) * max(abs(x) for row in problem.rows for x in row)

    def balance(self, face: Face, errors: Vector) -> Balance:
        """Return whether the unit is in balance on the face, with what shows it.

        The errors must be those of a least-squares fit on the span of the face.
        """
        kinks = self._kinks(face, errors)
        middle, bend = self._middle(face, errors), self.problem.slopes[2] - self.problem.slopes[0]
        forces = {row: bend * error for row, error in kinks.items() if bend * error}
        if not forces:
            return Balance(middle) if any(middle) else Balance(None, partial(self._one_cell, face))
        rows = list(kinks)
        if fmpz_mat([list(row) for row in rows]).rank() < len(rows):
            return self._hull(face, errors)
        return self._independent(face, middle, {row: forces.get(row, 0) for row in rows})

    def _kinks(self, face: Face, errors: Vector) -> dict[Vector, int]:
        """Return the rows on whose kinks the face lies, each with the sum of its errors."""
        found: dict[Vector, int] = {}
        for i in bits(self.full & ~(face.plus | face.minus)):
            row = self.problem.rows[i]
            found[row] = found.get(row, 0) + errors[i]
        return found

    def _middle(self, face: Face, errors: Vector) -> Vector:
        """Return twice the slope vector with mean slopes at kinks."""
        low, _, high = self.problem.slopes
        return self._gradient(face.plus, face.minus, errors, (2 * low, low + high, 2 * high))

    def slope(self, cell: Sides, errors: Vector) -> Vector:
        """Return the slope vector of a cell: its inner product with a direction is half the change of the loss."""
        return self._gradient(*cell, errors, self.problem.slopes)

    def slopes(self, cells: Sequence[Sides], errors: Vector) -> list[Vector]:
        """Return the slope vectors of cells; in machine words where they do."""
        size, (low, _, high) = len(errors), self.problem.slopes
        if len(cells) <= FEW or self._largest * (1 + sum(map(abs, errors))) >= WORD:
            return [self.slope(cell, errors) for cell in cells]
        width = (size + 7) // 8
        packed = np.frombuffer(b"".join(plus.to_bytes(width, "little") for plus, _ in cells), dtype=np.uint8)
        positive = np.unpackbits(packed.reshape(-1, width), axis=1, count=size, bitorder="little")
        forces = np.array(errors, dtype=np.int64)[:, None] * np.array(self.problem.rows, dtype=np.int64)
        found = np.repeat(low * forces.sum(axis=0, keepdims=True), len(cells), axis=0)
        for column, force in zip(positive.T, (high - low) * forces, strict=True):
            found += column[:, None] * force
        return list(map(tuple, found.tolist()))

    def _gradient(self, plus: int, minus: int, errors: Vector, slopes: Vector) -> Vector:
        """Return the sum of errors times slopes (left of the kink, at it, right of it) times rows."""
        low, middle, high = slopes
        if len(errors) < FEW:
            weights = [e * (high if plus >> i & 1 else low if minus >> i & 1 else middle) for i, e in enumerate(errors)]
            return tuple(dot(weights, column) for column in self.columns)
        total = [0] * len(self.columns)
        for mask, slope in ((plus, high), (minus, low), (self.full & ~(plus | minus), middle)):
            if mask and slope:
                chosen = f"{mask:0{len(errors)}b}"[::-1].encode().translate(FLAGS)
                own = list(compress(errors, chosen))
                total = [
                    t + slope * dot(own, compress(column, chosen))
                    for t, column in zip(total, self.columns, strict=True)
                ]
        return tuple(total)

    def _independent(self, face: Face, middle: Vector, forces: dict[Vector, int]) -> Balance:
        """Balance the middle by slopes at kinks whose rows are independent, each between -1 and 1."""
        rows = list(forces)
        needed = self._shares(rows, middle)
        for k, (row, share) in enumerate(zip(rows, needed, strict=True)):
            if abs(share) > abs(forces[row]):
                return Balance(self._dual(rows, k, 1 if share > 0 else -1))
        return Balance(None, partial(self._staircase, face, forces, needed))

    def _dual(self, rows: list[Vector], k: int, sign: int) -> Vector:
        """Return a direction along which row k has the given sign and the other rows are 0."""
        table = fmpz_mat([list(row) for row in rows])
        gram = fmpq_mat(table * table.transpose())
        found = gram.solve(fmpq_mat(len(rows), 1, [fmpq(int(r == k)) for r in range(len(rows))]))
        total = fmpq_mat(table.transpose()) * found
        numbers, den = total.numer_denom()
        turn = sign if den > 0 else -sign
        return tuple(turn * int(numbers[c, 0]) for c in range(len(rows[0])))

    def _staircase(self, face: Face, forces: dict[Vector, int], needed: list[fmpq]) -> list[tuple[Sides, Fraction]]:
        """Return cells with weights whose mean force at every kink is the one needed, of these at most."""
        slopes = {
            row: -Fraction(int(m.p), int(m.q)) / forces[row] if forces[row] else Fraction(0)
            for row, m in zip(forces, needed, strict=True)
        }
        order = sorted(slopes, key=lambda row: slopes[row], reverse=True)
        levels = [Fraction(1), *(slopes[row] for row in order), Fraction(-1)]
        found = []
        for count in range(len(order) + 1):
            weight = (levels[count] - levels[count + 1]) / 2
            if weight:
                found.append((self._cell(face, set(order[:count])), weight))
        return found

    def _cell(self, face: Face, up: set[Vector]) -> Sides:
        plus, minus = face.plus, face.minus
        for i, row in enumerate(self.problem.rows):
            if self.full >> i & 1 and not (plus | minus) >> i & 1:
                plus, minus = (plus | 1 << i, minus) if row in up else (plus, minus | 1 << i)
        return plus, minus

    def around(self, face: Face) -> list[Sides]:
        """Return the open cells whose closure contains the face."""
        return [cell for cell in self.cells if not (face.plus & ~cell[0] or face.minus & ~cell[1])]

    def _one_cell(self, face: Face) -> list[tuple[Sides, Fraction]]:
        if face.is_cell(self.full):
            return [((face.plus, face.minus), Fraction(1))]
        return [(self.around(face)[0], Fraction(1))]

    def _hull(self, face: Face, errors: Vector) -> Balance:
        """Decide by the gradients of all cells around the face: one is 0, two are opposite, or by a linear program."""
        around = self.around(face)
        cells = dict(zip(self.slopes(around, errors), around, strict=True))
        for slope, cell in cells.items():
            opposite = cells.get(tuple(-x for x in slope))
            if opposite is not None:
                pair = [cell] if opposite == cell else [cell, opposite]
                return Balance(None, partial(_evenly, pair))
        size = self.problem.rank
        columns = [{**{r: fmpq(x) for r, x in enumerate(slope)}, size: fmpq(1)} for slope in cells]
        weights, wall = alternative(columns, size + 1, {size: fmpq(1)})
        if weights is not None:
            pairs = list(zip(cells.values(), weights, strict=True))
            return Balance(None, lambda: [(cell, Fraction(int(w.p), int(w.q))) for cell, w in pairs if w])
        numbers, den = fmpq_mat(size, 1, [-x for x in (wall or [])[:size]]).numer_denom()
        turn = 1 if den > 0 else -1
        return Balance(tuple(turn * int(numbers[r, 0]) for r in range(size)))

    def reaction(self, face: Face, errors: Vector, rays: Sequence[Vector]) -> tuple[bool, bool]:
        """Return whether no direction descends, and whether every direction descends or changes no output.

        The errors must be those of a least-squares fit on the span of the face. The loss is linear to first order on
        every closed cell around it, so the rays of all cells decide where the rows of its kinks depend on each other.
        """
        return self.nothing_descends(face, errors, rays), self.nothing_ascends(face, errors, rays)

    def nothing_descends(self, face: Face, errors: Vector, rays: Sequence[Vector]) -> bool:
        """Return whether the unit is at a local minimum, the others fixed; in an open cell it is, in balance."""
        if face.is_cell(self.full):
            return True
        kinks = self._slopes_at_kinks(face, errors)
        if kinks is None:
            return all(height >= 0 for height in self._heights(face, errors, rays))
        return all(up >= 0 and down >= 0 for up, down in kinks)

    def nothing_ascends(self, face: Face, errors: Vector, rays: Sequence[Vector]) -> bool:
        """Return whether the loss falls, or no output changes, to first order in every direction of the unit."""
        kinks = self._slopes_at_kinks(face, errors)
        if kinks is not None:
            return all(up <= 0 and down <= 0 for up, down in kinks) and self._is_idle(face, kinks)
        level = []
        for ray, height in zip(rays, self._heights(face, errors, rays), strict=True):
            if height > 0:
                return False
            if height == 0:
                level.append(ray)
        return not any(self._acts(face, ray) for ray in level)

    def _slopes_at_kinks(self, face: Face, errors: Vector) -> list[tuple[fmpq, fmpq]] | None:
        """Return how fast the loss changes as one row turns positive, or negative, and the other kinks' stay 0.

        Where the rows are independent, the loss is a sum of such changes to first order; None where they are not.
        """
        found = self._kinks(face, errors)
        rows = list(found)
        if rows and fmpz_mat([list(row) for row in rows]).rank() < len(rows):
            return None
        bend = self.problem.slopes[2] - self.problem.slopes[0]
        shares = self._shares(rows, self._middle(face, errors))
        return [(bend * e + share, bend * e - share) for e, share in zip(found.values(), shares, strict=True)]

    def _shares(self, rows: list[Vector], middle: Vector) -> list[fmpq]:
        """Return the middle as a combination of independent rows."""
        reduced, den, rank = fmpz_mat([list(line) for line in zip(*rows, middle, strict=True)]).rref()
        return [fmpq(reduced[r, len(rows)], den) for r in range(rank)]

    def _is_idle(self, face: Face, kinks: Sequence[tuple[fmpq, fmpq]]) -> bool:
        """Return whether no output changes along any direction that leaves the loss level at each of the kinks."""
        low, _, high = self.problem.slopes
        if (high and face.plus) or (low and face.minus):
            return False
        return not any((high and not up) or (low and not down) for up, down in kinks)

    def _heights(self, face: Face, errors: Vector, rays: Sequence[Vector]) -> Iterator[int]:
        """Yield the slope of the loss along every ray, from the face; in machine words where they do."""
        kinks = [(errors[i], self.problem.rows[i]) for i in bits(self.full & ~(face.plus | face.minus))]
        low, _, high = self.problem.slopes
        base = self._gradient(face.plus, face.minus, errors, (low, 0, high))
        force = sum(abs(x) for x in base) + self._largest * (1 + sum(abs(error) for error, _ in kinks))
        if len(rays) > FEW and force * max(abs(x) for ray in rays for x in ray) * len(base) < WORD:
            table = np.array(rays, dtype=np.int64)
            total = table @ np.array(base, dtype=np.int64)
            for error, row in kinks:
                levels = table @ np.array(row, dtype=np.int64)
                total += error * np.where(levels > 0, high, low) * levels
            yield from total.tolist()
            return
        for ray in rays:
            height = dot(base, ray)
            for error, row in kinks:
                z = dot(row, ray)
                height += error * (high if z > 0 else low) * z
            yield height

    def _acts(self, face: Face, ray: Vector) -> bool:
        """Return whether moving from the face along a ray changes some output, to first order."""
        low, _, high = self.problem.slopes
        for i, row in enumerate(self.problem.rows):
            z = dot(row, ray)
            side = (face.plus >> i & 1) - (face.minus >> i & 1) or z
            if z * (high if side > 0 else low):
                return True
        return False

    def is_smooth(self, face: Face, errors: Vector) -> bool:
        """Return whether the loss is differentiable in the unit's parameters: no force where the unit bends.

        Rows that are multiples of each other bend together, and count by their lengths.
        """
        if self.problem.slopes[0] == self.problem.slopes[2]:
            return True
        forces: dict[Vector, int] = {}
        for row, error in self._kinks(face, errors).items():
            line = primitive(row if row > tuple(-x for x in row) else tuple(-x for x in row))
            forces[line] = forces.get(line, 0) + error * gcd(*row)
        return not any(forces.values())

    def autograd_rests(self, face: Face, errors: Vector) -> bool:
        """Return whether the gradient that torch computes for this unit is 0."""
        return not any(self._gradient(face.plus, face.minus, errors, self.problem.slopes))
