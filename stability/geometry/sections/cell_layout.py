"""The places of cells and minima on a map of the directions of (w1, w2, b).

The map is a cylinder, cut open: sideways the angle of the weights, upwards the height of the bias over them. The cells
around w = 0, where all pre-activations have one sign, are the poles and become bars along the edge.
"""

from dataclasses import dataclass, field
from math import atan2, degrees, hypot

import numpy as np

from stability.errors import DataError
from stability.geometry.arrangement.enumerate import Face
from stability.geometry.sections.cell_graph import CellGraph
from stability.geometry.sections.layout import along, room
from stability.geometry.stationary.sets import StationarySet

POLE, THICK = 84.0, 12.0
"""The height at which the poles are drawn, and that of their bars, in degrees."""

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
        The spot of each cell; of a pole, the middle of its bar.
    sets : dict
        The spot of each set of local minima.
    """

    graph: CellGraph
    left: float
    cells: dict[int, Spot]
    sets: dict[int, Spot] = field(default_factory=dict)

    @property
    def pole(self) -> float:
        """The height of the upper pole, in degrees."""
        return POLE

    @property
    def thick(self) -> float:
        """The height of the bar of a pole, in degrees."""
        return THICK

    @property
    def walls(self) -> list[tuple[Spot, Spot]]:
        """The ends of the line of each wall; the first end is on the map, the second may be beside it."""
        turned = [(b, a) if self.is_pole(a) else (a, b) for a, b in self.graph.walls]
        return [self.ends(b, self.cells[a]) for a, b in turned]

    def is_pole(self, cell: int) -> bool:
        """Return whether a cell lies around w = 0."""
        return len(set(self.graph.signs(cell))) == 1

    def ends(self, cell: int, other: Spot) -> tuple[Spot, Spot]:
        """Return the ends of the line from a spot to a cell: the short way around, straight to a pole."""
        x, y = self.cells[cell]
        if self.is_pole(cell):
            return other, (other[0], y)
        return other, (other[0] + _short_way(x - other[0]), y)


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
        chart.sets[each.index] = _clear_place(chart, each)
    return chart


def _direction(face: Face) -> Spot:
    """Return the direction in the middle of a cell."""
    rays = [[x / hypot(*ray) for x in ray] for ray in face.rays]
    w1, w2, b = map(sum, zip(*rays, strict=True))
    return degrees(atan2(w2, w1)), degrees(atan2(b, hypot(w1, w2)))


def _short_way(turn: float) -> float:
    return (turn + 180) % 360 - 180


def _clear_place(chart: CellMap, each: StationarySet) -> Spot:
    """Return the spot nearest to the middle of a set's cells at which nothing else stands."""
    own = chart.graph.cells_of(each.index)
    columns = [chart.cells[c][0] for c in own if not chart.is_pole(c)] or [chart.left + 180]
    middle = np.array([sum(columns) / len(columns), sum(chart.cells[c][1] for c in own) / len(own)])
    lines = [along(*ends, 20) for ends in chart.walls]
    edges = (THICK / 2 - POLE, POLE - THICK / 2)
    bars = [along((chart.left, y), (chart.left + 360, y), 100) for y in edges]
    nodes = [np.array([chart.cells[c]]) + side for c in chart.cells for side in np.array([[-14, 0], [0, 0], [14, 0]])]
    taken = np.concatenate([*lines, *bars, *nodes, *(np.array([spot]) for spot in chart.sets.values())])
    x, y = np.meshgrid(np.arange(22.5, 338, 4.5) + chart.left, np.arange(-72, 73, 3.0))
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    distance = np.hypot(*(places - middle).T)
    best = int(np.argmin(distance + 1000 * np.maximum(0, 1 - room(places, taken, ROOM))))
    return float(places[best][0]), float(places[best][1])
