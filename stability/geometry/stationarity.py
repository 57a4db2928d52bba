"""Is a point stationary, in which sense, and what shows it?

Three senses are told apart: Clarke (0 is a convex combination of the gradients of the cells around the point),
directional (no direction descends to first order, which here is a local minimum, since the loss is convex in each
closed cell), and whether torch's gradient vanishes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flint import fmpq

from stability.errors import CertificateError
from stability.exact.linear import combination
from stability.exact.prover import Question, Search
from stability.exact.statements import ForAll, Lazy, Settled, Statement
from stability.exact.systems import Vector, dimension, solve
from stability.geometry.cells import Cell, cells_around
from stability.model.landscapes import Landscape, Matrix, Point

ZERO, ONE = fmpq(0), fmpq(1)


def listed(values: Sequence[object]) -> str:
    """Return numbers or names as a list in a formula."""
    return f"[{', '.join(str(v) for v in values)}]"


@dataclass(frozen=True)
class Surroundings:
    """A point with the cells around it, and the linear programs that decide what it is."""

    landscape: Landscape
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
    def cells(self) -> list[Cell]:
        """The open cells whose closures contain the point."""
        return list(cells_around(self.landscape, self.point))

    @cached_property
    def hull(self) -> list[tuple[fmpq, Cell]] | None:
        """Weights that combine the cells' gradients to 0, or None where there are none."""
        size = self.landscape.parameters
        columns = [{**dict(enumerate(cell.gradient)), size: ONE} for cell in self.cells]
        found = combination(columns, size + 1, {size: ONE})
        if found is None:
            return None
        return [(weight, cell) for weight, cell in zip(found, self.cells, strict=True) if weight]

    @cached_property
    def descent(self) -> Vector | None:
        """A direction along which the loss decreases to first order, or None where there is none."""
        for cell in self.cells:
            found = solve([(cell.gradient, -ONE)], self._into(cell), self.landscape.parameters)
            if found is not None:
                return found
        return None

    @cached_property
    def flat(self) -> int:
        """The largest dimension of a cone of directions along which the loss stays constant nearby."""
        size = self.landscape.parameters
        return max(dimension([cell.gradient, *cell.pushes], cell.walls, size) for cell in self.cells)

    @cached_property
    def ascent(self) -> Vector | None:
        """A direction along which the loss increases, to first or second order, or None where there is none."""
        size = self.landscape.parameters
        for cell in self.cells:
            walls, level = self._into(cell), [(cell.gradient, ZERO)]
            curved = ([*level, (push, side)] for push in cell.pushes for side in (ONE, -ONE))
            for equations in ([(cell.gradient, ONE)], *curved):
                found = solve(equations, walls, size)
                if found is not None:
                    return found
        return None

    def _into(self, cell: Cell) -> list[tuple[Vector, fmpq]]:
        return [(wall, ZERO) for wall in cell.walls]


def surroundings(landscape: Landscape, point: Point) -> Surroundings:
    """Return the point with the cells around it."""
    return Surroundings(landscape, landscape.point(point))


def clarke_stationary(landscape: Landscape, point: Point, name: str = "") -> Statement:
    """State that the point is Clarke-stationary."""
    place, name = surroundings(landscape, point), name or landscape.formula_name
    data = {name: landscape.to_record()}
    return Lazy({"clarke": name, "at": place.at}, data, lambda: _settle_clarke(place, name))


def _settle_clarke(place: Surroundings, name: str) -> Settled:
    if place.hull is not None:
        weights = [str(weight) for weight, _ in place.hull]
        toward = [[str(x) for x in cell.toward] for _, cell in place.hull]
        return Settled("proved", {"weights": weights, "toward": toward})
    size = place.landscape.parameters
    back = solve([], [([-g for g in cell.gradient], ONE) for cell in place.cells], size)
    names = [f"u{k}" for k in range(size)]
    at, into, separator = listed(place.at), listed(names), [str(x) for x in back or ()]
    given, goal = [f"{name}.generic({at}, {into})"], f"{name}.slope({at}, {listed(separator)}, {into}) < 0"
    question = Question(names, given, [[goal]], {name: place.landscape.to_record()})
    try:
        return Settled("refuted", {"separator": separator, "tree": Search(question).tree()})
    except CertificateError as problem:
        return Settled(None, reason=str(problem))


def directionally_stationary(landscape: Landscape, point: Point, name: str = "") -> ForAll:
    """State that no direction descends to first order, so that the point is a local minimum."""
    place, name = surroundings(landscape, point), name or landscape.formula_name
    goal = f"{name}.d1({listed(place.at)}, {listed(place.directions)}) >= 0"
    return ForAll(
        " ".join(place.directions),
        [],
        [goal],
        {name: landscape.to_record()},
        try_at=[] if place.descent is None else [_witness(place, place.descent)],
        samples=0,
    )


def _witness(place: Surroundings, direction: Vector) -> dict[str, str]:
    return {name: str(x) for name, x in zip(place.directions, direction, strict=True)}


def _second_order(place: Surroundings, name: str) -> tuple[str, str, list[str]]:
    at, d = listed(place.at), listed(place.directions)
    still = listed([0] * place.landscape.parameters)
    pushes = [f"{name}.push({at}, {d}, {i})" for i in range(len(place.landscape.rows))]
    return f"{name}.d1({at}, {d})", f"{name}.d2({at}, {d}, {still})", pushes


def strict_local_minimum(landscape: Landscape, point: Point, name: str = "") -> ForAll:
    """State that the loss increases in every direction, to first or to second order."""
    place, name = surroundings(landscape, point), name or landscape.formula_name
    first, second, pushes = _second_order(place, name)
    length = " + ".join(f"{d}**2" for d in place.directions)
    return ForAll(
        " ".join(place.directions),
        [f"{length} > 0"],
        [[f"{first} > 0"], [f"{first} >= 0", f"{second} > 0"]],
        {name: landscape.to_record()},
        try_at=[_witness(place, d) for d in _level_directions(place)],
        splits=[first, *pushes],
        squares=pushes,
        samples=20,
    )


def _level_directions(place: Surroundings) -> list[Vector]:
    """Return directions along which the loss does not increase, as counterexamples to strictness."""
    if place.descent is not None:
        return [place.descent]
    size = place.landscape.parameters
    for cell in place.cells:
        level = [(v, ZERO) for v in (cell.gradient, *cell.pushes)]
        walls = [(wall, ZERO) for wall in cell.walls]
        for k in range(size):
            for side in (ONE, -ONE):
                axis = [side if c == k else ZERO for c in range(size)]
                found = solve(level, [*walls, (axis, ONE)], size)
                if found is not None:
                    return [found]
    return []


def local_maximum(landscape: Landscape, point: Point, name: str = "") -> ForAll:
    """State that the loss decreases, or stays level to second order, in every direction."""
    place, name = surroundings(landscape, point), name or landscape.formula_name
    first, second, pushes = _second_order(place, name)
    return ForAll(
        " ".join(place.directions),
        [],
        [[f"{first} < 0"], [f"{first} == 0", f"{second} == 0"]],
        {name: landscape.to_record()},
        try_at=[] if place.ascent is None else [_witness(place, place.ascent)],
        splits=[first, *pushes],
    )
