"""The senses in which a point is stationary, and what shows it.

Three senses are distinguished: Clarke (0 is a convex combination of the gradients of the cells around the point),
directional (no direction descends to first order, which here is a local minimum, since the loss is convex in each
closed cell), and whether torch's gradient vanishes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import product
from math import prod

from flint import fmpq

from stability.errors import CertificateError, PointError
from stability.exact.linear import combination
from stability.exact.systems import Vector, dimension, solve
from stability.geometry.arrangement.cells import Cell, CellSide, joined, sides_around
from stability.geometry.stationary.descent_directions import near_steepest
from stability.logic.branches import UniversalStatement
from stability.logic.prover import Search
from stability.logic.statements import AllOf, ForAll, Lazy, Settled, Statement
from stability.logic.validation import exact_rows
from stability.model.network_loss import Matrix, NetworkLoss, Point
from stability.model.restrictions import require_fixed

ZERO, ONE = fmpq(0), fmpq(1)
LONGEST = 50
"""Characters of a number up to which a direction found by linear programming goes into a statement as it is."""

MOST_CELLS = 50_000
"""Cells around a point beyond which questions of second order are refused."""


def listed(values: Sequence[object]) -> str:
    """Return numbers or names as a list in a formula."""
    return f"[{', '.join(str(v) for v in values)}]"


@dataclass(frozen=True)
class PointCells:
    """A point with the cells around it, and the linear programs that decide what it is."""

    landscape: NetworkLoss
    point: Matrix

    @property
    def at(self) -> list[str]:
        """The flat coordinates, as text."""
        return [str(x) for row in self.point for x in row]

    @property
    def directions(self) -> list[str]:
        """Names for the coordinates of a direction."""
        return [f"d{k}" for k in range(self.landscape.parameters)]

    @cached_property
    def sides(self) -> list[list[CellSide]]:
        """For each unit, and the output bias, its sides next to the point."""
        return sides_around(self.landscape, self.point)

    @cached_property
    def cells(self) -> list[Cell]:
        """The open cells whose closures contain the point.

        Raises
        ------
        PointError
            If there are too many to list.
        """
        count = prod(map(len, self.sides))
        if count > MOST_CELLS:
            raise PointError(
                f"{count} cells meet at this point of {self.landscape!r}; at most {MOST_CELLS} are searched.",
                "Move some units off their kinks.",
            )
        return [joined(chosen) for chosen in product(*self.sides)]

    @cached_property
    def unit_hulls(self) -> list[list[tuple[fmpq, CellSide]] | None]:
        """For each unit, weights that combine the gradients of its sides to 0, or None where there are none."""
        found = []
        for sides in self.sides:
            width = len(sides[0].gradient)
            columns = [{**dict(enumerate(side.gradient)), width: ONE} for side in sides]
            weights = combination(columns, width + 1, {width: ONE})
            pairs = None if weights is None else [(w, s) for w, s in zip(weights, sides, strict=True) if w]
            found.append(pairs)
        return found

    @cached_property
    def hull(self) -> list[tuple[fmpq, Cell]] | None:
        """Weights that combine the cells' gradients to 0, or None where there are none.

        The gradients around a point are the product of the units' gradients, so 0 is in their convex hull if it is
        in each unit's; the units' weights are laid side by side along one scale from 0 to 1.
        """
        hulls = [hull for hull in self.unit_hulls if hull is not None]
        if len(hulls) < len(self.unit_hulls):
            return None
        left = [[weight for weight, _ in hull] for hull in hulls]
        place, found = [0] * len(hulls), []
        while all(k < len(hull) for k, hull in zip(place, hulls, strict=True)):
            step = min(weights[k] for k, weights in zip(place, left, strict=True))
            found.append((step, joined([hull[k][1] for k, hull in zip(place, hulls, strict=True)])))
            for j, weights in enumerate(left):
                weights[place[j]] -= step
                place[j] += not weights[place[j]]
        return found

    @cached_property
    def descent(self) -> Vector | None:
        """A direction along which the loss decreases to first order, or None where there is none.

        Slopes are sums over units, so one unit alone descends if any direction does.
        """
        for j, sides in enumerate(self.sides):
            for side in sides:
                found = solve([(side.gradient, -ONE)], [(wall, ZERO) for wall in side.walls], len(side.gradient))
                if found is not None:
                    return self.embedded(j, found)
        return None

    def embedded(self, block: int, direction: Vector) -> Vector:
        """Return a direction of one unit, or of the output bias, as one of all parameters."""
        found = [ZERO] * self.landscape.parameters
        found[self.landscape.blocks[block]] = direction
        return found

    @cached_property
    def steep(self) -> list[Fraction] | None:
        """A direction of descent close to the steepest one, in small whole numbers, or None where there is none."""
        if self.descent is None:
            return None
        known = [Fraction(int(x.p), int(x.q)) for x in self.descent]
        return near_steepest(self.landscape, self.point, self.sides, known)

    @cached_property
    def fall(self) -> list[Fraction] | Vector | None:
        """A direction of descent that a statement can hold."""
        long = self.descent is not None and max(len(str(x)) for x in self.descent) > LONGEST
        return self.steep if long else self.descent

    @cached_property
    def flat(self) -> int:
        """The largest dimension of a cone of directions along which the loss is constant; 0 where not stationary."""
        largest, size = 0, self.landscape.parameters
        for cell in self.cells if self.hull is not None else []:
            largest = max(largest, dimension([cell.gradient, *cell.jacobian], cell.walls, size))
            if largest == size:
                break
        return largest

    @cached_property
    def ascent(self) -> Vector | None:
        """A direction along which the loss increases, to first or second order, or None where there is none."""
        size = self.landscape.parameters
        for cell in self.cells:
            walls, level = self._into(cell), [(cell.gradient, ZERO)]
            curved = ([*level, (derivative, side)] for derivative in cell.jacobian for side in (ONE, -ONE))
            for equations in ([(cell.gradient, ONE)], *curved):
                found = solve(equations, walls, size)
                if found is not None:
                    return found
        return None

    def _into(self, cell: Cell) -> list[tuple[Vector, fmpq]]:
        return [(wall, ZERO) for wall in cell.walls]


def cells_around(landscape: NetworkLoss, point: Point) -> PointCells:
    """Return the point with the cells around it."""
    require_fixed(landscape, "what a point is")
    return _cells_around(landscape, tuple(tuple(row) for row in landscape.point(point)))


@lru_cache(maxsize=32)
def _cells_around(landscape: NetworkLoss, rows: tuple[tuple[Fraction, ...], ...]) -> PointCells:
    return PointCells(landscape, [list(row) for row in rows])


def clarke_stationary(landscape: NetworkLoss, point: Point, name: str = "") -> Statement:
    """State that the point is Clarke-stationary."""
    place, name = cells_around(landscape, exact_rows(point, "a point")), name or landscape.formula_name
    data = {name: landscape.to_record()}
    return Lazy({"clarke": name, "at": place.at}, data, lambda: _settle_clarke(place, name))


def _settle_clarke(place: PointCells, name: str) -> Settled:
    if place.hull is not None:
        weights = [str(weight) for weight, _ in place.hull]
        toward = [[str(x) for x in cell.toward] for _, cell in place.hull]
        return Settled("proved", {"weights": weights, "toward": toward})
    unit = next(j for j, hull in enumerate(place.unit_hulls) if hull is None)
    sides = place.sides[unit]
    found = solve([], [([-g for g in side.gradient], ONE) for side in sides], len(sides[0].gradient)) or []
    back = place.embedded(unit, found)
    names = [f"u{k}" for k in range(place.landscape.parameters)]
    at, into, separator = listed(place.at), listed(names), [str(x) for x in back]
    given, goal = [f"{name}.generic({at}, {into})"], f"{name}.slope({at}, {listed(separator)}, {into}) < 0"
    question = UniversalStatement(names, given, [[goal]], {name: place.landscape.to_record()})
    try:
        return Settled("refuted", {"separator": separator, "tree": Search(question).tree()})
    except CertificateError as problem:
        return Settled(None, reason=str(problem))


def directionally_stationary(landscape: NetworkLoss, point: Point, name: str = "") -> Statement:
    """State that no direction descends to first order, so that the point is a local minimum.

    Slopes at a point are sums over units (the errors are fixed there), so it is stated for each unit alone, and for
    the output bias.
    """
    place, name = cells_around(landscape, exact_rows(point, "a point")), name or landscape.formula_name
    parts = [_no_descent(place, name, block) for block in landscape.blocks]
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _no_descent(place: PointCells, name: str, block: slice) -> ForAll:
    mine = range(block.start, block.stop)
    names = [d if k in mine else "0" for k, d in enumerate(place.directions)]
    down = [] if place.fall is None else [{names[k]: str(place.fall[k]) for k in mine}]
    goal = f"{name}.d1({listed(place.at)}, {listed(names)}) >= 0"
    record = {name: place.landscape.to_record()}
    return ForAll(" ".join(names[k] for k in mine), [], [goal], record, try_at=down, samples=0)


def _witness(place: PointCells, direction: Vector) -> dict[str, str]:
    return {name: str(x) for name, x in zip(place.directions, direction, strict=True)}


def _second_order(place: PointCells, name: str) -> tuple[str, str, list[str]]:
    at, d = listed(place.at), listed(place.directions)
    still = listed([0] * place.landscape.parameters)
    jacobian = [f"{name}.push({at}, {d}, {i})" for i in range(len(place.landscape.rows))]
    return f"{name}.d1({at}, {d})", f"{name}.d2({at}, {d}, {still})", jacobian


def strict_local_minimum(landscape: NetworkLoss, point: Point, name: str = "") -> ForAll:
    """State that the loss increases in every direction, to first or to second order."""
    place, name = cells_around(landscape, exact_rows(point, "a point")), name or landscape.formula_name
    first, second, jacobian = _second_order(place, name)
    length = " + ".join(f"{d}**2" for d in place.directions)
    return ForAll(
        " ".join(place.directions),
        [f"{length} > 0"],
        [[f"{first} > 0"], [f"{first} >= 0", f"{second} > 0"]],
        {name: landscape.to_record()},
        try_at=[_witness(place, d) for d in _level_directions(place)],
        splits=[first, *jacobian],
        squares=jacobian,
        samples=20,
    )


def _level_directions(place: PointCells) -> list[Vector]:
    """Return directions along which the loss does not increase, as counterexamples to strictness."""
    if place.descent is not None:
        return [place.descent]
    size = place.landscape.parameters
    for cell in place.cells:
        level = [(v, ZERO) for v in (cell.gradient, *cell.jacobian)]
        walls = [(wall, ZERO) for wall in cell.walls]
        for k in range(size):
            for side in (ONE, -ONE):
                axis = [side if c == k else ZERO for c in range(size)]
                found = solve(level, [*walls, (axis, ONE)], size)
                if found is not None:
                    return [found]
    return []


def local_maximum(landscape: NetworkLoss, point: Point, name: str = "") -> ForAll:
    """State that the loss decreases, or stays level to second order, in every direction."""
    place, name = cells_around(landscape, exact_rows(point, "a point")), name or landscape.formula_name
    first, second, jacobian = _second_order(place, name)
    return ForAll(
        " ".join(place.directions),
        [],
        [[f"{first} < 0"], [f"{first} == 0", f"{second} == 0"]],
        {name: landscape.to_record()},
        try_at=[] if place.ascent is None else [_witness(place, place.ascent)],
        splits=[first, *jacobian],
    )
