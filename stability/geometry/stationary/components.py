"""The stationary pieces that belong to one connected set.

Two pieces with the same errors, one in the closure of the other unit by unit, hold parts of one set: outputs are the
same on both. Errors are constant on a connected set, and so is, here, what the set is; so pieces are joined where both
agree. The units may stand in any order, so sets are sought among the ordered pieces and listed up to that order.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from stability.arrays import Ints
from stability.geometry.arrangement.enumerate import Face
from stability.geometry.stationary.choices import Errors, StationaryPiece
from stability.geometry.stationary.connected import connected
from stability.geometry.stationary.search import Faces

MOST_PAIRS = 20_000_000
"""So many pairs of pieces are compared at once."""


@dataclass(frozen=True)
class Component:
    """A connected set of stationary points of one sort, in full parameter space.

    Attributes
    ----------
    pieces : list of StationaryPiece
        Up to the order of the units, without repetition.
    members : list of tuple of int
        The choices of states it spans, unit by unit.
    faces, autograd_faces, smooth_faces : int
        How many choices of a sign and a face for each unit it meets, on how many of them torch's gradient is 0, and on
        how many the loss is differentiable.
    orbit : int
        How many sets there are, with this one, by permuting the units.
    borders : set of int
        Positions of the components of another sort that it touches, up to the order of the units.
    """

    pieces: list[StationaryPiece]
    members: list[Faces]
    faces: int
    autograd_faces: int
    smooth_faces: int
    orbit: int
    borders: set[int]


Order = tuple[int, ...]
"""A permutation of the units: a choice in this order has choice[order[j]] for unit j."""

Below = Callable[[Errors, Sequence[int]], dict[int, list[int]]]
"""From errors and the states of units under them to what is in the closure of each state."""


def below_by_faces(faces: Sequence[Face], signs: int = 1) -> Below:
    """Return which states are in the closure of others, where all units are active: faces of the same sign."""
    many = len(faces)

    def below(errors: Errors, used: Sequence[int]) -> dict[int, list[int]]:
        return {
            f: [g for g in used if g // many == f // many and faces[g % many].borders(faces[f % many])] for f in used
        }

    return below


def orders_of(counts: Sequence[int]) -> list[Order]:
    """Return the orders of units of which so many, one after the other, may change places; the given one first."""
    starts = [sum(counts[:k]) for k in range(len(counts))]
    own = [list(permutations(range(a, a + count))) for a, count in zip(starts, counts, strict=True)]
    return [tuple(k for part in parts for k in part) for parts in product(*own)]


def join(
    pieces: Sequence[StationaryPiece], below: Below, counts: Sequence[int] = ()
) -> tuple[list[Component], dict[Faces, int]]:
    """Return the connected sets up to permutation of the units, and to which each choice of states belongs.

    Parameters
    ----------
    pieces : sequence of StationaryPiece
    below : callable
        What is in the closure of each state.
    counts : sequence of int, optional
        How many units, one after the other, may change places with each other; all of them if left out.
    """
    orders = orders_of(counts or [len(pieces[0].faces)])
    groups: dict[Errors, list[StationaryPiece]] = {}
    for piece in pieces:
        groups.setdefault(piece.errors, []).append(piece)
    number: dict[Faces, int] = {}
    found: list[Component] = []
    for errors, group in groups.items():
        group.sort(key=lambda piece: piece.faces)
        near = _Neighbours(group, below(errors, sorted({s for piece in group for s in piece.faces})), orders)
        for component in gathered(group, near.labels(), orders):
            number |= dict.fromkeys((piece.faces for piece in component.pieces), len(found))
            found.append(component)
        for upper, lower in near.touching:
            a, b = number[group[upper].faces], number[group[lower].faces]
            found[a].borders.add(b)
            found[b].borders.add(a)
    return found, number


class _Neighbours:
    """Pieces with the same errors, in every order of the units, and which are in the closure of which.

    Attributes
    ----------
    touching : set of (int, int)
        Pieces of different sorts, one in the closure of the other, by their positions.
    """

    def __init__(self, pieces: Sequence[StationaryPiece], below: dict[int, list[int]], orders: Sequence[Order]) -> None:
        states = {state: k for k, state in enumerate(below)}
        self.under = np.zeros((len(states), len(states)), dtype=bool)
        for state, lower in below.items():
            self.under[states[state], [states[each] for each in lower]] = True
        self.own = np.array([[states[s] for s in piece.faces] for piece in pieces])
        sorts = {sort: k for k, sort in enumerate(dict.fromkeys(piece.sort for piece in pieces))}
        self.sorts = np.array([sorts[piece.sort] for piece in pieces])
        self.orders = np.array(orders)
        turned = self.own[:, self.orders].reshape(-1, self.own.shape[1])
        self.codes, first, where = np.unique(self._coded(turned), return_index=True, return_inverse=True)
        self.nodes = turned[first]
        self.piece = first // len(orders)
        self.node = where.reshape(len(pieces), len(orders))
        self.touching: set[tuple[int, int]] = set()

    def _coded(self, choices: Ints) -> Ints:
        """Return a number for each choice of states."""
        size, units = len(self.under), choices.shape[1]
        if size**units < 2**62:
            found: Ints = choices @ np.array([size**k for k in range(units)])
            return found
        return np.array([sum(int(s) * size**k for k, s in enumerate(choice)) for choice in choices], dtype=object)

    def labels(self) -> Ints:
        """Return numbers of the connected sets, of shape (pieces, orders)."""
        size, edges = len(self.nodes), []
        for upper, lower in self._pairs():
            same = self.sorts[upper] == self.sorts[self.piece[lower]]
            other = np.unique(upper[~same] * len(self.own) + self.piece[lower[~same]])
            self.touching |= {divmod(pair, len(self.own)) for pair in other.tolist()}
            edges.append(np.stack([self.node[upper[same], 0], lower[same]]))
        ends = np.concatenate(edges, axis=1)
        turns = self._turns()
        a, b = (turns[:, end].ravel() for end in ends)
        found: Ints = connected(size, a, b)[self.node]
        return found

    def _pairs(self) -> Iterator[tuple[Ints, Ints]]:
        """Yield positions of pieces and the nodes in their closures."""
        step = max(1, MOST_PAIRS // len(self.nodes))
        tables = [self.under[:, self.nodes[:, k]] for k in range(self.own.shape[1])]
        for start in range(0, len(self.own), step):
            near = np.ones((1, 1), dtype=bool)
            for table, states in zip(tables, self.own[start : start + step].T, strict=True):
                near = near & table[states]
            upper, lower = np.nonzero(near)
            yield upper + start, lower

    def _turns(self) -> Ints:
        """Return where each order of the units takes each node, of shape (orders, nodes)."""
        found: Ints = np.array(
            [np.searchsorted(self.codes, self._coded(self.nodes[:, order])) for order in self.orders]
        )
        return found


def gathered(pieces: Sequence[StationaryPiece], labels: Ints, orders: Sequence[Order]) -> Iterator[Component]:
    """Yield the connected sets, up to the order of the units, without their borders.

    Parameters
    ----------
    pieces : sequence of StationaryPiece
    labels : array of shape (pieces, orders)
        In which set each piece is, by the order of the units.
    orders : sequence of orders, the given one first
    """
    rows: list[list[int]] = labels.tolist()
    names = connected(int(labels.max()) + 1, np.repeat(labels[:, 0], labels.shape[1]), labels.ravel())
    families: dict[int, list[int]] = {}
    for position, row in enumerate(rows):
        families.setdefault(int(names[row[0]]), []).append(position)
    orbits = np.bincount(names[np.unique(labels)])
    for name, family in families.items():
        here, members = rows[family[0]][0], dict[Faces, StationaryPiece]()
        for position in family:
            piece = pieces[position]
            for order, k in zip(orders, rows[position], strict=True):
                if k == here:
                    members[tuple(piece.faces[j] for j in order)] = piece
        yield Component(
            [pieces[position] for position in family],
            sorted(members),
            sum(piece.count for piece in members.values()),
            sum(piece.count for piece in members.values() if piece.autograd_rests),
            sum(piece.count for piece in members.values() if piece.smooth),
            int(orbits[name]),
            set(),
        )
