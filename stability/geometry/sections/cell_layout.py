"""The places of cells and minima on a map of the directions of (w1, w2, b).

The map is that of a globe, cut open: sideways the angle of the weights, upwards the height of the bias over them. The
cells around w = 0, where all pre-activations have one sign, are the poles and lie along the upper and lower edges.
"""

from dataclasses import dataclass, field
from math import atan2, degrees, hypot

import numpy as np

from stability.arrays import Floats, Ints
from stability.errors import DataError
from stability.geometry.arrangement.enumerate import Face
from stability.geometry.sections.cell_graph import CellGraph
from stability.geometry.sections.layout import room
from stability.geometry.stationary.sets import StationarySet

POLE, THICK = 84.0, 12.0
"""The height at which the names of the poles stand, and how tall these are, in degrees."""

ROOM = 22.0, 11.0
"""Half the width and height that a set with its label needs, in degrees."""

Spot = tuple[float, float]
"""The angle of w and the height of b over |w|, in degrees."""


@dataclass(frozen=True)
class CellMap:
    """Where cells and sets stand.

    Attributes
    ----------
    graph : CellGraph
    left : float
        The angle at the left edge.
    cells : dict
        The spot of each cell's name.
    sets : dict
        The spot of each set of local minima: the direction of a point, a clear place in the cells around another set.
    """

    graph: CellGraph
    left: float
    cells: dict[int, Spot]
    sets: dict[int, Spot] = field(default_factory=dict)

    def kinks(self, angles: Floats) -> list[Floats]:
        """Return the height at which the pre-activation of each example is 0, by the angle; both in degrees."""
        turned = np.radians(angles)
        return [np.degrees(np.arctan2(-(p * np.cos(turned) + q * np.sin(turned)), r)) for p, q, r in self._rows]

    def cells_at(self, angles: Floats, heights: Floats) -> Ints:
        """Return the cell at each point of a grid, shape (heights, angles); -1 where rounding leaves none."""
        across, up = np.meshgrid(np.radians(angles), np.radians(heights))
        points = np.stack([np.cos(up) * np.cos(across), np.cos(up) * np.sin(across), np.sin(up)])
        codes = np.tensordot(1 << np.arange(len(self._rows)), np.tensordot(self._rows, points, 1) > 0, 1)
        known = {sum(1 << k for k, sign in enumerate(self.graph.signs(cell)) if sign > 0): cell for cell in self.cells}
        found: Ints = np.vectorize(lambda code: known.get(int(code), -1), otypes=[int])(codes)
        return found

    @property
    def _rows(self) -> Floats:
        return np.array([[float(x) for x in row] for row in self.graph.atlas.landscape.rows])

    def is_pole(self, cell: int) -> bool:
        """Return whether a cell lies around w = 0."""
        return len(set(self.graph.signs(cell))) == 1


def cell_map(graph: CellGraph) -> CellMap:
    """Return a map of a graph; cut so that sets are far from the cut, and each set close to its cells.

    Raises
    ------
    DataError
        If the data lie on a line.
    """
    arrangement = graph.atlas.arrangement
    if len(arrangement.rows[0]) < 3:
        raise DataError(
            f"Expected data that do not lie on a line; {graph.atlas.landscape.data.name} does.",
            "Draw the atlas of xor.",
        )
    angles = {cell: _direction(arrangement.faces[cell]) for cell in arrangement.cells}
    poles = [cell for cell in arrangement.cells if len(set(graph.signs(cell))) == 1]
    columns = sorted({round(angles[cell][0] % 360, 6) for cell in arrangement.cells if cell not in poles})
    gaps = [(a + b) / 2 for a, b in zip(columns, [*columns[1:], columns[0] + 360], strict=True)]
    groups = [[c for c in graph.cells_of(each.index) if c not in poles] for each in graph.atlas.minima]

    def torn(left: float) -> float:
        places = [[(angles[c][0] - left) % 360 for c in group] for group in groups if group]
        return sum(max(xs) - min(xs) for xs in places)

    left = min(gaps, key=torn)
    spots = {c: (left + (x - left) % 360, y) for c, (x, y) in angles.items()}
    spots |= {c: (left + 180, POLE if graph.signs(c)[0] > 0 else -POLE) for c in poles}
    chart = CellMap(graph, left, spots)
    for each in graph.atlas.minima:
        chart.sets[each.index] = _own_place(chart, each) or _clear_place(chart, each)
    return chart


def _own_place(chart: CellMap, each: StationarySet) -> Spot | None:
    """Return the direction of a point; None for other sets, and where it is all but upright: angles mean little."""
    ((face, *_), *others) = each.members
    if others or each.dimension or not chart.graph.atlas.arrangement.faces[face].rays:
        return None
    angle, height = _direction(chart.graph.atlas.arrangement.faces[face])
    upright = abs(height) > POLE - THICK / 2 - ROOM[1]
    return None if upright else (chart.left + (angle - chart.left) % 360, height)


def _direction(face: Face) -> Spot:
    """Return the direction in the middle of a face."""
    rays = [[x / hypot(*ray) for x in ray] for ray in face.rays]
    w1, w2, b = map(sum, zip(*rays, strict=True))
    return degrees(atan2(w2, w1)), degrees(atan2(b, hypot(w1, w2)))


def _clear_place(chart: CellMap, each: StationarySet) -> Spot:
    """Return the spot in a set's cells, nearest to their middle, at which nothing else stands."""
    own = chart.graph.cells_of(each.index)
    columns = [chart.cells[c][0] for c in own if not chart.is_pole(c)] or [chart.left + 180]
    middle = np.array([sum(columns) / len(columns), sum(chart.cells[c][1] for c in own) / len(own)])
    angles = np.linspace(chart.left, chart.left + 360, 181)
    lines = [np.stack([angles, heights], axis=1) for heights in chart.kinks(angles)]
    nodes = [np.array([chart.cells[c]]) + side for c in chart.cells for side in np.array([[-14, 0], [0, 0], [14, 0]])]
    taken = np.concatenate([*lines, *nodes, *(np.array([spot]) for spot in chart.sets.values())])
    across, up = np.arange(22.5, 338, 4.5) + chart.left, np.arange(-66, 67, 3.0)
    places = np.stack([part.ravel() for part in np.meshgrid(across, up)], axis=1)
    distance = np.hypot(*(places - middle).T)
    outside = ~np.isin(chart.cells_at(across, up), own).ravel()
    best = int(np.argmin(distance + 1000 * np.maximum(0, 1 - room(places, taken, ROOM)) + 1e5 * outside))
    return float(places[best][0]), float(places[best][1])
