"""Linear maps that take the data, with their labels, onto themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from flint import fmpq_mat, fmpz_mat

from stability.geometry.arrangement.enumerate import Arrangement
from stability.geometry.arrangement.integer_problem import Integers
from stability.geometry.stationary.search import Faces

MOST = 2000
"""The most permutations of the data that are listed."""

LARGE = 400
"""Data with more points than this are not searched for symmetries."""

FaceMap = list[int]
"""Where a map of one unit's parameters takes each face, by position."""


@dataclass(frozen=True)
class Symmetries:
    """The maps of parameter space that leave the loss as it is, besides permuting the units.

    Attributes
    ----------
    permutations : list of list of int
        Of the data: where each point goes.
    together : list of FaceMap
        What each of them does to a unit, applied to all units at once.
    alone : list of FaceMap
        Maps that may be applied to any single unit: the change of sign, where the unit is even (|z|).
    """

    permutations: list[list[int]]
    together: list[FaceMap]
    alone: list[FaceMap]

    def images(self, faces: Faces) -> Iterator[Faces]:
        """Yield where single symmetries take a choice of faces."""
        for each in self.together:
            yield tuple(each[f] for f in faces)
        for each in self.alone:
            for j, face in enumerate(faces):
                yield (*faces[:j], each[face], *faces[j + 1 :])


def symmetries(problem: Integers, arrangement: Arrangement) -> Symmetries:
    """Return the symmetries of a landscape, with at most `MOST` permutations of the data."""
    count = len(problem.rows)
    turns = list(islice(permutations(problem), MOST)) if count <= LARGE else [list(range(count))]
    even = problem.slopes[0] == -problem.slopes[2]
    alone = [[arrangement.by_signs[face.minus, face.plus] for face in arrangement.faces]] if even else []
    return Symmetries(turns, [_on_faces(arrangement, turn) for turn in turns], alone)


def _on_faces(arrangement: Arrangement, turn: Sequence[int]) -> FaceMap:
    if all(i == k for i, k in enumerate(turn)):
        return list(range(len(arrangement.faces)))
    places = []
    for face in arrangement.faces:
        plus = sum(1 << turn[i] for i in range(len(turn)) if face.plus >> i & 1)
        minus = sum(1 << turn[i] for i in range(len(turn)) if face.minus >> i & 1)
        places.append(arrangement.by_signs[plus, minus])
    return places


def permutations(problem: Integers) -> Iterator[list[int]]:
    """Yield the permutations p of the data with x_p(i) = T x_i for some linear T, and equal labels.

    Such a T exists exactly if p leaves the projection onto the span of the columns as it is.
    """
    rows = fmpz_mat([list(row) for row in problem.rows])
    inverse = fmpq_mat(rows.transpose() * rows).inv()
    projection = (fmpq_mat(rows) * inverse * fmpq_mat(rows.transpose())).tolist()
    numbers: dict[object, int] = {}
    table = [[numbers.setdefault((int(x.p), int(x.q)), len(numbers)) for x in row] for row in projection]
    count = len(table)
    kinds = [(problem.labels[i], table[i][i], tuple(sorted(table[i]))) for i in range(count)]
    alike = [[k for k in range(count) if kinds[k] == kinds[i]] for i in range(count)]

    def extend(chosen: list[int]) -> Iterator[list[int]]:
        i = len(chosen)
        if i == count:
            yield list(chosen)
            return
        for k in alike[i]:
            if k not in chosen and all(table[i][a] == table[k][b] for a, b in enumerate(chosen)):
                yield from extend([*chosen, k])

    yield from extend([])
