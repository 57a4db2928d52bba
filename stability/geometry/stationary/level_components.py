"""The connected sets of stationary points with errors that no unit feels, such as those of fit data.

With such errors every choice of states whose outputs fit is stationary, and all of its points are local minima; there
may be tens of thousands of choices. Those in the closure of one tuple of open cells, a cell for each unit, are faces of
one convex polyhedron and so are connected. Below every piece there is a vertex of its polyhedron: a piece on which the
outputs determine the parameters of active units, up to their scaling. So tuples of cells are joined where they share a
vertex, and that is all.
"""

from collections.abc import Iterator, Sequence
from functools import reduce

import numpy as np

from stability.arrays import Ints
from stability.geometry.stationary.choices import Choices, Errors, StationaryPiece
from stability.geometry.stationary.components import Component, Order, gathered, orders_of
from stability.geometry.stationary.connected import connected


def level_components(choices: Choices, pieces: Sequence[StationaryPiece]) -> list[Component]:
    """Return the connected sets of pieces of trained output layers, up to permutation of the units."""
    groups: dict[Errors, list[StationaryPiece]] = {}
    for piece in pieces:
        groups.setdefault(piece.errors, []).append(piece)
    return [component for group in groups.values() for component in _Level(choices, group).components()]


class _Level:
    def __init__(self, choices: Choices, pieces: Sequence[StationaryPiece]) -> None:
        self.choices, self.pieces = choices, pieces
        self.units = choices.problem.units
        cells = choices.arrangement.cells
        self.many = len(cells) * 2
        place = {c: i for i, c in enumerate(cells)}
        around = [np.array([place[c] for c in each]) for each in choices.arrangement.around]
        shift = {1: 0, -1: len(cells)}
        states = choices.states
        self.above: list[Ints] = [around[states.face(s)] + shift[states.sign(s)] for s in range(states.active)]
        self.above.append(np.arange(self.many))
        self.powers = [self.many**k for k in range(self.units)]

    def components(self) -> list[Component]:
        """Return the connected sets."""
        orders = orders_of([self.units])
        edges = [edge for piece in self.pieces if self._is_vertex(piece) for edge in self._edges(piece, orders)]
        ends = np.concatenate([np.stack([np.full(len(b), b[0]), b]) for b in edges], axis=1)
        cells = np.array([[int(own[0]) for own in self._above(piece)] for piece in self.pieces])
        tops = cells @ np.array([[self.powers[k] for k in order] for order in orders]).T
        names, numbers = np.unique(np.concatenate([ends.ravel(), tops.ravel()]), return_inverse=True)
        a, b = numbers[: ends.size].reshape(2, -1)
        label = connected(len(names), a, b)
        return list(gathered(self.pieces, label[numbers[ends.size :].reshape(tops.shape)], orders))

    def _is_vertex(self, piece: StationaryPiece) -> bool:
        states = self.choices.states
        active = tuple(s for s in piece.faces if s < states.active)
        size = sum(self.choices.arrangement.faces[states.face(s)].dimension for s in active)
        return size == self.choices.errors(active + (states.active,) * (self.units - len(active)))[1]

    def _above(self, piece: StationaryPiece) -> list[Ints]:
        return [self.above[min(s, self.choices.states.active)] for s in piece.faces]

    def _edges(self, piece: StationaryPiece, orders: Sequence[Order]) -> Iterator[Ints]:
        """Yield the tuples of cells around a piece, one array for each order of the units."""
        above = self._above(piece)
        for order in orders:
            parts = [self.powers[k] * cells for k, cells in zip(order, above, strict=True)]
            yield reduce(np.add.outer, parts).ravel()
