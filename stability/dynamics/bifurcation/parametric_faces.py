"""Stationary choices of faces, over rationals, algebraic numbers or functions of a parameter alike.

The numbers here are of any sort in `places`: they are only added, multiplied, divided and asked for signs. Faces,
fits, balance and reactions are those of `geometry`, found anew in the plainest way, so that each checks the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from flint import fmpq

from stability.exact.algebraic_numbers import sign
from stability.exact.linear import alternative

Vector = list[Any]
Signs = tuple[int, ...]
ZERO, ONE = fmpq(0), fmpq(1)


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    """Return the sum of products."""
    return sum((x * y for x, y in zip(a, b, strict=True)), ZERO)


def reduced(matrix: Sequence[Sequence[Any]], columns: int) -> tuple[list[Vector], list[int]]:
    """Return the rows of a matrix in reduced echelon form, and their pivots among the first columns."""
    rows, pivots = [list(row) for row in matrix], list[int]()
    for c in range(columns):
        r = len(pivots)
        k = next((k for k in range(r, len(rows)) if sign(rows[k][c])), None)
        if k is None:
            continue
        rows[r], rows[k] = rows[k], rows[r]
        lead = rows[r][c]
        rows[r] = [x / lead for x in rows[r]]
        for k, row in enumerate(rows):
            if k != r and sign(row[c]):
                factor = row[c]
                rows[k] = [x - factor * y for x, y in zip(row, rows[r], strict=True)]
        pivots.append(c)
        if len(pivots) == len(rows):
            break
    return rows[: len(pivots)], pivots


@dataclass(frozen=True)
class Lines:
    """The faces of one unit, as sign vectors.

    Attributes
    ----------
    kept : tuple of int
        The coordinates that matter.
    dimensions : dict
        Of every face.
    rays : dict
        The one-dimensional faces, each with a vector in the coordinates kept.
    twins : list of list of int
        Permutations of the data that some linear map makes, labels included: they do not change what is stationary.
    """

    kept: tuple[int, ...]
    dimensions: dict[Signs, int]
    rays: dict[Signs, Vector]
    twins: list[list[int]]

    def below(self, face: Signs) -> list[Signs]:
        """Return the rays in the closure of a face, in a fixed order."""
        return [ray for ray in sorted(self.rays) if conforms(ray, face)]


def conforms(low: Signs, high: Signs) -> bool:
    """Return whether the face of one sign vector is part of the closure of that of another."""
    return all(a in (0, b) for a, b in zip(low, high, strict=True))


def lines(rows: Sequence[Vector], labels: Vector, turns: Sequence[list[int]] = ()) -> Lines:
    """Return the faces of one unit: rays by elimination, all others as their compositions.

    Of the permutations of the data that are proposed as symmetries, those that are none are left out.
    """
    kept = reduced(rows, len(rows[0]))[1]
    short = [[row[c] for c in kept] for row in rows]
    rays: dict[Signs, Vector] = {}
    for chosen in combinations(range(len(rows)), len(kept) - 1):
        vector = _kernel([short[i] for i in chosen], len(kept))
        if vector is not None:
            signs = tuple(sign(dot(row, vector)) for row in short)
            rays[signs] = vector
            rays[tuple(-s for s in signs)] = [-x for x in vector]
    faces = {(0,) * len(rows)}
    new = list(faces)
    while new:
        new = [c for c in {_composed(f, r) for f in new for r in rays if _agree(f, r)} if c not in faces]
        faces.update(new)
    below = {face: [ray for ray in rays if conforms(ray, face)] for face in faces}
    ranks = {f: _flat_rank(short, f) for f in faces}
    assert all(below[f] for f in faces if any(f))
    twins = [turn for turn in turns if _is_symmetry(short, labels, turn)]
    return Lines(tuple(kept), {f: len(kept) - ranks[f] for f in sorted(faces)}, rays, twins)


def _is_symmetry(short: Sequence[Vector], labels: Vector, turn: Sequence[int]) -> bool:
    """Return whether a linear map takes each row to the one that the permutation names, and labels agree."""
    if any(sign(labels[i] - labels[k]) for i, k in enumerate(turn)):
        return False
    both = [[*row, *short[k]] for row, k in zip(short, turn, strict=True)]
    return len(reduced(both, len(both[0]))[1]) == len(short[0])


def _agree(a: Signs, b: Signs) -> bool:
    return all(x * y >= 0 for x, y in zip(a, b, strict=True))


def _composed(a: Signs, b: Signs) -> Signs:
    return tuple(x or y for x, y in zip(a, b, strict=True))


def _flat_rank(short: Sequence[Vector], face: Signs) -> int:
    zeros = [row for row, s in zip(short, face, strict=True) if s == 0]
    return len(reduced(zeros, len(short[0]))[1])


def _kernel(rows: Sequence[Vector], size: int) -> Vector | None:
    """Return a vector that is orthogonal to independent rows, one fewer than the size; None where dependent."""
    echelon, pivots = reduced(rows, size)
    if len(pivots) < size - 1:
        return None
    free = next(c for c in range(size) if c not in pivots)
    values = {c: -row[free] for c, row in zip(pivots, echelon, strict=True)}
    return [values.get(c, ONE) for c in range(size)]


@dataclass(frozen=True)
class ParametricFit:
    """The least-squares fit of the labels on the span of some outputs.

    Attributes
    ----------
    rank : int
        The dimension of the span.
    inside : bool
        Whether the fit is a combination of the outputs with positive weights only.
    errors : list
    weights : list
        Of the outputs; those outside a basis have 0.
    """

    rank: int
    inside: bool
    errors: Vector
    weights: Vector


def fit(outputs: Sequence[Vector], labels: Vector) -> ParametricFit:
    """Return the fit of the labels by positive combinations of outputs, by the normal equations."""
    alive = [g for g, out in enumerate(outputs) if any(sign(x) for x in out)]
    columns = [outputs[g] for g in alive]
    table = [[*(dot(a, b) for b in columns), dot(a, labels)] for a in columns]
    echelon, pivots = reduced(table, len(columns))
    basis = {p: row[-1] for p, row in zip(pivots, echelon, strict=True)}
    weights = [ZERO] * len(outputs)
    for p, value in basis.items():
        weights[alive[p]] = value
    errors = [dot([out[i] for out in outputs], weights) - y for i, y in enumerate(labels)]
    if len(pivots) == len(columns):
        inside = all(sign(x) > 0 for x in basis.values())
    else:
        inside = _has_positive(echelon, list(basis.values()))
    return ParametricFit(len(pivots), inside, errors, weights)


def _has_positive(echelon: Sequence[Vector], goal: Vector) -> bool:
    """Return whether coordinates . m = goal has a solution with all m > 0: (1 + x) with height h, x and h >= 0."""
    size, count = len(echelon), len(echelon[0]) - 1
    columns = [{r: echelon[r][c] for r in range(size)} for c in range(count)]
    columns.append({r: -goal[r] for r in range(size)})
    target = {r: -sum(echelon[r][:count], ZERO) for r in range(size)}
    return alternative(columns, size, target)[0] is not None


def slopes_along(face: Signs, direction: Sequence[int], slopes: tuple[Any, Any]) -> Vector:
    """Return the slope at every example on leaving a face in a direction, given the signs of both."""
    return [slopes[1] if (s or d) > 0 else slopes[0] for s, d in zip(face, direction, strict=True)]


def balanced(face: Signs, cells: Sequence[Signs], rows: Sequence[Vector], errors: Vector, slopes: Any) -> bool:
    """Return whether 0 is in the convex hull of the gradients of the cells around a face of one unit.

    In a cell the gradient of a fit is 0.
    """
    if face in cells:
        return True
    gradients = []
    for cell in cells:
        weights = [e * s for e, s in zip(errors, slopes_along(face, cell, slopes), strict=True)]
        gradients.append([dot(weights, [row[c] for row in rows]) for c in range(len(rows[0]))])
        if not any(sign(x) for x in gradients[-1]):
            return True
    size = len(rows[0])
    columns = [{**dict(enumerate(gradient)), size: ONE} for gradient in gradients]
    return alternative(columns, size + 1, {size: ONE})[0] is not None


def reaction(
    face: Signs, rays: dict[Signs, Vector], rows: Sequence[Vector], errors: Vector, slopes: Any
) -> tuple[bool, bool]:
    """Return whether no direction descends, and whether every direction descends or changes no output."""
    rises = falls = False
    for signs, ray in rays.items():
        steep = slopes_along(face, signs, slopes)
        moves = [s * dot(row, ray) if d else ZERO for s, row, d in zip(steep, rows, signs, strict=True)]
        height = sign(dot(errors, moves))
        falls = falls or height < 0
        rises = rises or height > 0 or (height == 0 and any(sign(x) for x in moves))
        if rises and falls:
            break
    return not falls, not rises
