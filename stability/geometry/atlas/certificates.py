"""Atlases written down so that they can be checked without searching."""

from math import lcm
from typing import Any, Protocol

from stability.geometry.arrangement.enumerate import Arrangement, Node
from stability.geometry.arrangement.integer_problem import Integers, Vector, independent, primitive
from stability.geometry.stationary.gathering import Gathering
from stability.geometry.stationary.least_squares import Generators
from stability.geometry.stationary.search import Found

UNDECIDED = 2
"""The verdict on a fit of which only the errors were needed."""


class Searched(Protocol):
    """What a certificate needs to know of an atlas."""

    @property
    def problem(self) -> Integers:
        """The landscape in whole numbers."""

    @property
    def arrangement(self) -> Arrangement:
        """The faces of one unit."""

    @property
    def gathering(self) -> Gathering:
        """The stationary choices with what makes sets of them."""

    @property
    def found(self) -> Found:
        """What excludes all choices of faces that are not stationary."""


def proof(atlas: Searched) -> dict[str, Any]:
    """Return what `stability.checker.atlas_replay` needs to rebuild the stationary sets.

    "tree" is the search over the sign patterns of one unit; "rays" a vector for each one-dimensional face, in the
    order of the tree; "fits" the entries [generators, verdict, weights, directions, balances], one for every set of
    generators, which are numbered by the first ray that puts them out.
    """
    return {"tree": _tree(atlas), "rays": [_full(atlas, ray) for ray in atlas.arrangement.rays], "fits": _fits(atlas)}


def _full(atlas: Searched, vector: Vector) -> list[int]:
    values = dict(zip(atlas.problem.kept, vector, strict=True))
    return [values.get(c, 0) for c in range(atlas.problem.width)]


def _tree(atlas: Searched) -> list[Node]:
    """Return the tree with its first levels, which branch on the signs of independent rows."""
    basis = independent(atlas.problem.rows)
    rest = iter(atlas.arrangement.tree)

    def subtree(level: int) -> list[Node]:
        if level < len(basis):
            return [[[basis[level]]], *(node for _ in range(3) for node in subtree(level + 1))]
        found, open_ends = [], 1
        while open_ends:
            node = next(rest)
            found.append(node)
            open_ends += 2 if node[0][0] >= 0 else -1
        return found

    return subtree(0)


def _fits(atlas: Searched) -> list[list[Any]]:
    """Return one entry for each set of generators; shares of the search may have met the same one by other rays."""
    number: dict[Vector, int] = {}
    rays = atlas.arrangement.rays
    name_of = {
        (sign, *ray): number.setdefault(out, len(number))
        for sign in atlas.problem.signs
        for ray, out in zip(rays, atlas.problem.outputs(rays, sign), strict=True)
        if any(out)
    }
    separating: dict[Generators, list[list[int]]] = {}
    for face, signed, direction in atlas.found.separating:
        key = frozenset(name_of[ray] for ray in signed)
        separating.setdefault(key, []).append([face, *_full(atlas, direction)])
    balances = _balances(atlas, name_of)
    found: dict[Generators, list[Any]] = {}
    for signed, verdict, (den, *weights) in atlas.found.fits:
        own = sorted(zip((name_of[ray] for ray in signed), weights, strict=True))
        key = frozenset(name for name, _ in own)
        scale = den if verdict == 0 else den * atlas.problem.unit.numerator
        values = [scale, *(weight for _, weight in own)]
        if key in found and found[key][1] != UNDECIDED:
            continue
        found[key] = [[name for name, _ in own], verdict, values, separating.get(key, []), balances.get(key, [])]
    return sorted(found.values(), key=lambda entry: (len(entry[0]), entry[0]))


def _balances(atlas: Searched, name_of: dict[Vector, int]) -> dict[Generators, list[list[Any]]]:
    """Return, for the generators of stationary faces, which cells balance each unit's face."""
    arrangement = atlas.arrangement
    gathering = atlas.gathering
    found: dict[Generators, dict[int, list[Any]]] = {}
    signs = len(atlas.problem.signs) > 1  # records of plain sums state them for every fit, as they always did
    stated = set[tuple[int, Vector]]()
    for choice in atlas.found.stationary:
        key = frozenset(name_of[gathering.examples[g]] for g in gathering.key(choice))
        known = found.setdefault(key, {})
        errors = primitive(gathering.errors(choice)[0][0])
        for face in {gathering.states.face(s) for s in choice if s < gathering.states.active}:
            if face not in known and not (signs and (face, errors) in stated):
                known[face] = _weights(arrangement.by_signs, gathering, face, errors)
                stated.add((face, errors))
    return {key: [[face, *pairs] for face, pairs in sorted(known.items())] for key, known in found.items()}


def _weights(cells: dict[tuple[int, int], int], gathering: Gathering, face: int, errors: Vector) -> list[list[int]]:
    pairs = gathering.balance(face, errors).weights or []
    common = lcm(*(weight.denominator for _, weight in pairs))
    return [[cells[sides], int(weight * common)] for sides, weight in pairs]
