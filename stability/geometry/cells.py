"""Which cells touch a point, and what does each say of the loss?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from flint import fmpq

from stability.exact.systems import Vector, solve
from stability.model.landscapes import Landscape, Matrix

ZERO, ONE = fmpq(0), fmpq(1)


def exact(value: Fraction) -> fmpq:
    """Return the fraction as flint's rational."""
    return fmpq(value.numerator, value.denominator)


@dataclass(frozen=True)
class Cell:
    """An open cell whose closure contains the point.

    Attributes
    ----------
    pattern : list of list of int
        The sign (-1 or 1) of every pre-activation in the cell.
    toward : list
        A direction that enters the cell from the point.
    walls : list
        Vectors a with a.d >= 0 exactly for the directions d into the closed cell.
    gradient : list
        The gradient at the point of the cell's quadratic.
    pushes : list
        One vector per example: the derivative of the network's output.
    """

    pattern: list[list[int]]
    toward: Vector
    walls: list[Vector]
    gradient: Vector
    pushes: list[Vector]


def cells_around(landscape: Landscape, point: Matrix) -> Iterator[Cell]:
    """Yield every open cell whose closure contains the point."""
    signs = landscape.pattern(point)
    rows = [[exact(x) for x in row] for row in landscape.rows]
    sides = [list(_sides(unit, rows, landscape.width)) for unit in signs]
    for chosen in product(*sides):
        pattern = [pattern for pattern, _ in chosen]
        toward = [x for _, direction in chosen for x in direction]
        yield _cell(landscape, point, signs, pattern, toward, rows)


def _sides(signs: Sequence[int], rows: list[Vector], width: int) -> Iterator[tuple[list[int], Vector]]:
    """Yield one unit's sign vectors next to `signs`, each with a direction that leads there."""
    kinks = [i for i, s in enumerate(signs) if s == 0]

    def extend(chosen: list[int]) -> Iterator[tuple[list[int], Vector]]:
        walls = [([s * x for x in rows[i]], ONE) for s, i in zip(chosen, kinks, strict=False)]
        direction = solve([], walls, width)
        if direction is None:
            return
        if len(chosen) == len(kinks):
            full = list(signs)
            for s, i in zip(chosen, kinks, strict=True):
                full[i] = s
            yield full, direction
            return
        yield from extend([*chosen, -1])
        yield from extend([*chosen, 1])

    yield from extend([])


def _cell(
    landscape: Landscape,
    point: Matrix,
    signs: list[list[int]],
    pattern: list[list[int]],
    toward: Vector,
    rows: list[Vector],
) -> Cell:
    width, size = landscape.width, landscape.parameters
    walls = []
    for j, unit in enumerate(signs):
        for i, s in enumerate(unit):
            if s == 0:
                wall = [ZERO] * size
                wall[j * width : (j + 1) * width] = [pattern[j][i] * x for x in rows[i]]
                walls.append(wall)
    slope = landscape.network.unit.slope
    pushes = [[exact(slope(unit[i])) * x for unit in pattern for x in row] for i, row in enumerate(rows)]
    gradient = [exact(g) for g in landscape.cell_gradient(point, pattern)]
    return Cell(pattern, toward, walls, gradient, pushes)
