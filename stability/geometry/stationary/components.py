"""The stationary faces that belong to one connected set.

Two faces with the same errors, one in the closure of the other, hold parts of one flat piece: the outputs are the same
on both. Errors are constant on a connected set, and so is, here, what the set is; so faces are joined where both agree.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import factorial

from stability.geometry.arrangement.enumerate import Face
from stability.geometry.stationary.search import Faces

Errors = tuple[tuple[int, ...], int]
"""Scaled errors, as integers over a positive denominator, without a common divisor."""


@dataclass(frozen=True)
class StationaryPiece:
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
    pieces : list of StationaryPiece
        Up to the order of the units, without repetition.
    members : list of tuple of int
        The faces it spans, unit by unit.
    orbit : int
        How many sets there are, with this one, by permuting the units.
    borders : set of int
        Positions of the components of another sort that it touches, up to the order of the units.
    """

    pieces: list[StationaryPiece]
    members: list[Faces]
    orbit: int
    borders: set[int]


Order = tuple[int, ...]
"""A permutation of the units: `arranged(faces, order)` has faces[order[j]] for unit j."""


def arranged(faces: Faces, order: Order) -> Faces:
    """Return the faces with the units in another order."""
    return tuple(faces[k] for k in order)


def _inverse(order: Order) -> Order:
    return tuple(order.index(k) for k in range(len(order)))


class _Forest:
    """Choices of faces, units in every order, that are merged (union-find up to the order of the units).

    A choice x hangs below a parent p by an order g: x belongs to p arranged by g, and so x arranged by h to p arranged
    by g and then h. At a root stand the orders that lead back to the same set.
    """

    def __init__(self, units: int) -> None:
        self.same = tuple(range(units))
        self.parent: dict[Faces, tuple[Faces, Order]] = {}
        self.back: dict[Faces, set[Order]] = {}

    def add(self, choice: Faces) -> None:
        self.parent[choice] = choice, self.same
        self.back[choice] = {g for g in permutations(self.same) if arranged(choice, g) == choice}

    def root(self, choice: Faces) -> tuple[Faces, Order]:
        """Return the root and the order by which a choice belongs to it."""
        above, g = self.parent[choice]
        if above == choice:
            return above, g
        root, h = self.root(above)
        self.parent[choice] = root, arranged(h, g)
        return self.parent[choice]

    def join(self, x: Faces, y: Faces, order: Order) -> None:
        """Note that x and y arranged by an order belong together."""
        (a, g), (b, h) = self.root(x), self.root(y)
        link = arranged(g, _inverse(arranged(h, order)))
        if a != b:
            self.parent[b] = a, link
            self._generate(a, [arranged(arranged(link, s), _inverse(link)) for s in self.back.pop(b)])
        elif link not in self.back[a]:
            self._generate(a, [link])

    def _generate(self, root: Faces, more: Sequence[Order]) -> None:
        group, new = self.back[root], set(more) - self.back[root]
        while new:
            group |= new
            new = {arranged(s, t) for s in group for t in group} - group


def join(pieces: Sequence[StationaryPiece], faces: Sequence[Face]) -> tuple[list[Component], dict[Faces, int]]:
    """Return the connected sets up to permutation of the units, and to which each choice of faces belongs."""
    piece_of = {piece.faces: piece for piece in pieces}
    forest = _Forest(len(pieces[0].faces))
    for choice in piece_of:
        forest.add(choice)
    touching = set[tuple[Faces, Faces]]()
    for group in _groups(pieces):
        for upper, lower in _bordering(group, faces):
            order = tuple(sorted(range(len(lower)), key=lower.__getitem__))
            choice = arranged(lower, order)
            if piece_of[upper].sort == piece_of[choice].sort:
                forest.join(upper, choice, _inverse(order))
            else:
                touching.add((upper, choice))
    return _components(piece_of, forest, touching)


def _components(
    piece_of: dict[Faces, StationaryPiece], forest: _Forest, touching: set[tuple[Faces, Faces]]
) -> tuple[list[Component], dict[Faces, int]]:
    families: dict[Faces, list[Faces]] = {}
    for choice in sorted(piece_of):
        families.setdefault(forest.root(choice)[0], []).append(choice)
    number: dict[Faces, int] = {}
    found: list[Component] = []
    for root, family in families.items():
        number |= dict.fromkeys(family, len(found))
        group, first = forest.back[root], forest.root(family[0])[1]
        members = {
            arranged(choice, arranged(_inverse(forest.root(choice)[1]), arranged(s, first)))
            for choice in family
            for s in group
        }
        orbit = factorial(len(forest.same)) // len(group)
        found.append(Component([piece_of[choice] for choice in family], sorted(members), orbit, set()))
    for upper, lower in touching:
        found[number[upper]].borders.add(number[lower])
        found[number[lower]].borders.add(number[upper])
    return found, number


def _groups(pieces: Sequence[StationaryPiece]) -> list[list[Faces]]:
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

    def descend(upper: Faces, lower: Faces, place: dict[int, object]) -> Iterator[Faces]:
        if len(lower) == len(upper):
            yield lower
            return
        for g in below[upper[len(lower)]]:
            if g in place:
                yield from descend(upper, (*lower, g), place[g])  # type: ignore[arg-type]

    for upper in group:
        for lower in descend(upper, (), tree):
            if lower != upper:
                yield upper, lower
