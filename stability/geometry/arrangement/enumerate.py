"""Sign patterns that one unit can take on the data, and what shows that there are no others.

The hyperplanes x_i . v = 0 are taken one after the other. A cone that the next one cuts has three parts; a cone that
it misses stays whole, and a Farkas certificate says why the other two signs are impossible there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import comb

from flint import fmpq_mat

from stability.geometry.arrangement.cones import Cone, Hyperplanes, bits
from stability.geometry.arrangement.integer_problem import Vector, independent

FEW_ROWS = 64
"""Up to so many hyperplanes are taken in their order, which is that of records that were kept."""

Node = list[list[int]]
"""What the search did at one cone: [[the hyperplane that cuts it, or -1], certificate, certificate, ...]."""


@dataclass(frozen=True)
class Face:
    """The relatively open cone of all v with one sign pattern.

    Attributes
    ----------
    plus, minus : int
        Bit i is set where x_i . v > 0 (< 0).
    dimension : int
        Of its span, among the parameters that matter.
    rays : tuple of tuple of int
        The one-dimensional faces on its boundary (itself if it is one); the face is their positive combinations.
    """

    plus: int
    minus: int
    dimension: int
    rays: tuple[Vector, ...]

    def borders(self, other: "Face") -> bool:
        """Return whether this face is part of the closure of the other."""
        return not (self.plus & ~other.plus or self.minus & ~other.minus)

    def is_cell(self, full: int) -> bool:
        """Return whether no pre-activation is 0, given the bits of all examples."""
        return self.plus | self.minus == full

    def signs(self, count: int) -> list[int]:
        """Return the sign of every pre-activation."""
        return [(self.plus >> i & 1) - (self.minus >> i & 1) for i in range(count)]


@dataclass(frozen=True)
class SearchBranch:
    """Where a part of the search starts: the signs of the first hyperplanes, in general position, are fixed."""

    rows: tuple[Vector, ...]
    basis: tuple[int, ...]
    signs: tuple[int, ...]


@dataclass(frozen=True)
class Arrangement:
    """All faces of one unit, in the order of the search, with the tree that shows that there are no others.

    Attributes
    ----------
    rows : tuple of tuple of int
    faces : tuple of Face
    tree : tuple of Node
        In preorder, parts ordered -, 0, +.
    """

    rows: tuple[Vector, ...]
    faces: tuple[Face, ...]
    tree: tuple[Node, ...]

    @cached_property
    def cells(self) -> list[int]:
        """The positions of the open cells."""
        full = len(self.rows[0])
        return [k for k, face in enumerate(self.faces) if face.dimension == full]

    @cached_property
    def rays(self) -> list[Vector]:
        """The vectors of the one-dimensional faces."""
        return [face.rays[0] for face in self.faces if face.dimension == 1]

    @cached_property
    def by_signs(self) -> dict[tuple[int, int], int]:
        """The position of a face by its (plus, minus)."""
        return {(face.plus, face.minus): k for k, face in enumerate(self.faces)}

    def inside(self, k: int) -> Vector:
        """Return a vector of face k: the sum of its rays, 0 for the origin."""
        rays = self.faces[k].rays
        return tuple(map(sum, zip(*rays, strict=True))) if rays else (0,) * len(self.rows[0])

    @cached_property
    def around(self) -> list[list[int]]:
        """For each face, the open cells whose closure contains it."""
        return [self.cells_around(k) for k in range(len(self.faces))]

    def cells_around(self, k: int) -> list[int]:
        """Return the open cells whose closure contains face k."""
        face = self.faces[k]
        return [c for c in self.cells if face.borders(self.faces[c])]


def branches(rows: tuple[Vector, ...]) -> list[SearchBranch]:
    """Return the independent parts of the search, in their order."""
    basis = tuple(independent(rows))
    signs: list[tuple[int, ...]] = [()]
    for _ in basis:
        signs = [(*start, s) for start in signs for s in (-1, 0, 1)]
    return [SearchBranch(rows, basis, each) for each in signs]


def explore(branch: SearchBranch, certified: bool = True) -> tuple[list[Face], list[Node]]:
    """Return the faces of one part of the search and its tree, with certificates unless they are not wanted."""
    everything = _bending(branch.rows)
    known = sum(1 << i for i in branch.basis)
    faces: list[Face] = []
    nodes: list[Node] = []
    stack = [(_start(branch), everything & ~known, sum(map(abs, branch.signs)))]
    while stack:
        cone, undecided, dimension = stack.pop()
        plus, minus = cone.sides
        cut = plus & minus & undecided
        missed = undecided & ~cut
        reasons = [_reason(cone, i, everything & ~undecided) for i in bits(missed)] if certified else []
        i = _next(cut, len(branch.rows))
        nodes.append([[i], *reasons])
        if i < 0:
            faces.append(Face(plus, minus, dimension, tuple(ray.vector for ray in cone.rays)))
            continue
        parts = cone.parts(i)
        stack += [(parts[s], cut & ~(1 << i), dimension - (s == 0)) for s in (1, 0, -1)]
    return faces, nodes


def _next(cut: int, rows: int) -> int:
    """Return the hyperplane by which a cone is cut next, or -1 where none cuts it.

    Of many it is the middle one: sorted points on a line, taken in their order, cut off one cone each, and all other
    points need a reason there again, so that the work grows with the square of their number.
    """
    if rows <= FEW_ROWS:
        return next(bits(cut), -1)
    every = list(bits(cut))
    return every[len(every) // 2] if every else -1


def _start(branch: SearchBranch) -> Cone:
    """Return the cone on which the rows of the basis have the given signs."""
    planes, dual = _ground(branch.rows, branch.basis)
    rays = [[s * x for x in ray] for s, ray in zip(branch.signs, dual, strict=True) if s]
    return Cone(planes, tuple(map(planes.ray, rays)))


@lru_cache(maxsize=2)
def _bending(rows: tuple[Vector, ...]) -> int:
    """Return the rows with a hyperplane, as bits: all but those that are 0."""
    return sum(1 << i for i, row in enumerate(rows) if any(row))


@lru_cache(maxsize=2)
def _ground(rows: tuple[Vector, ...], basis: tuple[int, ...]) -> tuple[Hyperplanes, list[list[int]]]:
    """Return the hyperplanes, and the rays along which one row of the basis is positive and the others are 0."""
    inverse, den = fmpq_mat([list(rows[i]) for i in basis]).inv().numer_denom()
    size, turn = range(len(basis)), 1 if den > 0 else -1
    return Hyperplanes(rows), [[turn * int(inverse[r, c]) for r in size] for c in size]


def _reason(cone: Cone, i: int, known: int) -> list[int]:
    plus, minus = cone.sides
    return cone.certificate(i, (plus >> i & 1) - (minus >> i & 1), known)


def assemble(rows: tuple[Vector, ...], parts: Sequence[tuple[list[Face], list[Node]]]) -> Arrangement:
    """Return the arrangement from the parts of the search, in their order."""
    faces = tuple(face for found, _ in parts for face in found)
    return Arrangement(rows, faces, tuple(node for _, nodes in parts for node in nodes))


def arrange(rows: tuple[Vector, ...], certified: bool = True) -> Arrangement:
    """Return all faces of one unit, at once."""
    return assemble(rows, [explore(branch, certified) for branch in branches(rows)])


def most_faces(points: int, rank: int) -> int:
    """Return how many faces n hyperplanes through 0 have in general position, which is the most they can have."""
    cells = {j: 2 * sum(comb(points - rank + j - 1, i) for i in range(j)) for j in range(1, rank + 1)}
    return 1 + sum(comb(points, rank - j) * count for j, count in cells.items())
