"""Which stationary faces belong to one connected set?

Two faces with the same errors, one in the closure of the other, hold parts of one flat piece: the outputs are the same
on both. Errors are constant on a connected set, and so is, here, what the set is; so faces are joined where both agree.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from stability.geometry.arrangement import Face
from stability.geometry.search import Faces

Errors = tuple[tuple[int, ...], int]
"""Scaled errors, as integers over a positive denominator, without a common divisor."""


@dataclass(frozen=True)
class Piece:
    """The stationary points on one choice of faces.

    Attributes
    ----------
    faces : tuple of int
        One per unit, in ascending order.
    errors : Errors
    dimension : int
    sort : str
        "minimum", "maximum" or "saddle".
    autograd_rests : bool
    smooth : bool
        Whether the loss is differentiable there.
    """

    faces: Faces
    errors: Errors
    dimension: int
    sort: str
    autograd_rests: bool
    smooth: bool


@dataclass(frozen=True)
class Component:
    """A connected set of stationary points of one sort, in full parameter space.

    Attributes
    ----------
    pieces : list of Piece
        Up to the order of the units, without repetition.
    members : list of tuple of int
        The faces it spans, unit by unit.
    orbit : int
        How many sets there are, with this one, by permuting the units.
    borders : set of int
        Positions of the components of another sort that it touches, up to the order of the units.
    """

    pieces: list[Piece]
    members: list[Faces]
    orbit: int
    borders: set[int]


class _Forest:
    """Sets that are merged (union-find)."""

    def __init__(self) -> None:
        self.parent: dict[Faces, Faces] = {}

    def root(self, x: Faces) -> Faces:
        self.parent.setdefault(x, x)
        while self.parent[x] != x:
            self.parent[x] = self.parent[self.parent[x]]
            x = self.parent[x]
        return x

    def join(self, x: Faces, y: Faces) -> None:
        a, b = sorted((self.root(x), self.root(y)))
        self.parent[b] = a


def join(pieces: Sequence[Piece], faces: Sequence[Face]) -> tuple[list[Component], dict[Faces, int]]:
    """Return the connected sets up to permutation of the units, and to which each choice of faces belongs."""
    piece_of = {order: piece for piece in pieces for order in set(permutations(piece.faces))}
    forest, touching = _Forest(), list[tuple[Faces, Faces]]()
    for order in piece_of:
        forest.root(order)
    for group in _groups(pieces):
        for upper, lower in _bordering(group, faces):
            same = piece_of[upper].sort == piece_of[lower].sort
            for turn in permutations(range(len(upper))):
                pair = tuple(upper[t] for t in turn), tuple(lower[t] for t in turn)
                if same:
                    forest.join(*pair)
                else:
                    touching.append(pair)
    members: dict[Faces, list[Faces]] = {}
    for order in sorted(piece_of):
        members.setdefault(forest.root(order), []).append(order)
    return _components(piece_of, members, forest, touching)


def _components(
    piece_of: dict[Faces, Piece],
    members: dict[Faces, list[Faces]],
    forest: _Forest,
    touching: Sequence[tuple[Faces, Faces]],
) -> tuple[list[Component], dict[Faces, int]]:
    number: dict[Faces, int] = {}
    found: list[Component] = []
    for own in members.values():
        if forest.root(own[0]) in number:
            continue
        images = {forest.root(order) for order in permutations(own[0])}
        number |= dict.fromkeys(images, len(found))
        pieces = list({piece_of[order].faces: piece_of[order] for order in own}.values())
        found.append(Component(pieces, own, len(images), set()))
    for upper, lower in touching:
        a, b = number[forest.root(upper)], number[forest.root(lower)]
        found[a].borders.add(b)
        found[b].borders.add(a)
    return found, {order: number[forest.root(order)] for order in piece_of}


def _groups(pieces: Sequence[Piece]) -> list[list[Faces]]:
    groups: dict[Errors, list[Faces]] = {}
    for piece in pieces:
        groups.setdefault(piece.errors, []).append(piece.faces)
    return list(groups.values())


def _bordering(group: Sequence[Faces], faces: Sequence[Face]) -> Iterator[tuple[Faces, Faces]]:
    """Yield (upper, lower) where every unit's lower face is part of the closure of its upper face."""
    tree: dict[int, object] = {}
    for choice in group:
        for order in set(permutations(choice)):
            place = tree
            for f in order:
                place = place.setdefault(f, {})  # type: ignore[assignment]
    used = sorted({f for choice in group for f in choice})
    below = {f: [g for g in used if faces[g].borders(faces[f])] for f in used}

    def walk(upper: Faces, lower: Faces, place: dict[int, object]) -> Iterator[Faces]:
        if len(lower) == len(upper):
            yield lower
            return
        for g in below[upper[len(lower)]]:
            if g in place:
                yield from walk(upper, (*lower, g), place[g])  # type: ignore[arg-type]

    for upper in group:
        for lower in walk(upper, (), tree):
            if lower != upper:
                yield upper, lower
