"""Faces and rays around the kinks that one unit is on.

Kinks that depend on each other cut fewer sectors than their number lets expect: they are found by the arrangement of
their rows alone, transversally to the face on which they meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import lcm

from flint import fmpq, fmpq_mat

from stability.exact.exponential_sums import Unsettled
from stability.exact.systems import rank
from stability.geometry.arrangement.cells import exact
from stability.geometry.arrangement.enumerate import arrange, most_faces
from stability.geometry.arrangement.integer_problem import independent

MOST_FACES = 20_000
"""With more faces around, where a unit goes on is not decided."""

Row = tuple[Fraction, ...]


@dataclass(frozen=True)
class KinkRay:
    """A one-dimensional face across the face on which some kinks meet.

    Attributes
    ----------
    vector : tuple of fmpq of shape (d + 1,)
        In the span of the rows of the kinks.
    heights : tuple of fmpq of shape (kinks,)
        The pre-activation of every kink along the vector.
    signs : tuple of int of shape (kinks,)
    """

    vector: tuple[fmpq, ...]
    heights: tuple[fmpq, ...]

    @property
    def signs(self) -> tuple[int, ...]:
        """The sign of every kink along the ray."""
        return tuple(int(z > 0) - int(z < 0) for z in self.heights)


@dataclass(frozen=True)
class Fan:
    """All faces that meet in the face on which some kinks meet, as sign vectors of those kinks.

    Attributes
    ----------
    basis : tuple of tuple of fmpq
        Independent rows with the span of all.
    faces : tuple of tuple of int
        That of zeros included.
    rays : tuple of KinkRay
    tangled : bool
        Whether the rows depend on each other.
    """

    basis: tuple[tuple[fmpq, ...], ...]
    faces: tuple[tuple[int, ...], ...]
    rays: tuple[KinkRay, ...]
    tangled: bool

    @property
    def cells(self) -> list[tuple[int, ...]]:
        """The faces without zeros."""
        return [face for face in self.faces if 0 not in face]


@lru_cache(maxsize=4096)
def fan(rows: tuple[Row, ...]) -> Fan:
    """Return the fan of kinks with these different rows (x, 1).

    Raises
    ------
    Unsettled
        If there are too many faces.
    """
    table = [tuple(map(exact, row)) for row in rows]
    if rank([list(row) for row in table]) == len(rows):
        duals = _duals(table)
        vectors = [[side * x for x in dual] for dual in duals for side in (-1, 1)]
        return Fan(tuple(table), tuple(product((-1, 0, 1), repeat=len(rows))), _rays(table, vectors), False)
    whole = [[int(x * lcm(*(y.denominator for y in row))) for x in row] for row in rows]
    kept = independent([list(column) for column in zip(*whole, strict=True)])
    if most_faces(len(rows), len(kept)) > MOST_FACES:
        raise Unsettled(f"{len(rows)} kinks meet, with too many faces around them")
    short = tuple(tuple(row[c] for c in kept) for row in whole)
    found, chosen = arrange(short, certified=False), independent(short)
    basis = [table[k] for k in chosen]
    columns = [*zip(*_duals([[fmpq(x) for x in whole[k]] for k in chosen]), strict=True)]
    vectors = []
    for ray in found.rays:
        heights = [sum(x * y for x, y in zip(short[k], ray, strict=True)) for k in chosen]
        vectors.append([sum((z * d for z, d in zip(heights, column, strict=True)), fmpq(0)) for column in columns])
    faces = tuple(tuple(face.signs(len(rows))) for face in found.faces)
    return Fan(tuple(basis), faces, _rays(table, vectors), True)


def _duals(rows: Sequence[Sequence[fmpq]]) -> list[list[fmpq]]:
    """Return vectors in the span of independent rows along which one of them grows by 1 and the others do not."""
    if not rows:
        return []
    table = fmpq_mat([list(row) for row in rows])
    found = (table * table.transpose()).inv() * table
    return [[found[r, c] for c in range(found.ncols())] for r in range(found.nrows())]


def _rays(rows: Sequence[Sequence[fmpq]], vectors: Sequence[Sequence[fmpq]]) -> tuple[KinkRay, ...]:
    return tuple(
        KinkRay(tuple(u), tuple(sum((x * y for x, y in zip(row, u, strict=True)), fmpq(0)) for row in rows))
        for u in vectors
    )
