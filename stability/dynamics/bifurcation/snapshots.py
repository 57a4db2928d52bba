"""Connected stationary sets at one parameter, or on an interval on which nothing changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Any

from stability.dynamics.bifurcation.parametric_faces import ZERO, ParametricFit, Signs, conforms, dot
from stability.dynamics.bifurcation.strata import Choice, Moment, ParametricFaces, Status, Stratum
from stability.exact.algebraic_numbers import Algebraic, key_of
from stability.exact.rational_functions import Function, fraction
from stability.exact.real_roots import Root
from stability.geometry.arrangement.enumerate import Face
from stability.geometry.atlas.atlas import Atlas
from stability.geometry.stationary.choices import StationaryPiece
from stability.geometry.stationary.components import below_by_faces, join

Number = Any
"""A function on an interval; at a parameter a rational of flint or an algebraic number."""

SORTS = {"minimum": "local minimum", "maximum": "local maximum", "saddle": "saddle"}


@dataclass(frozen=True, eq=False)
class Still:
    """A connected set of stationary points at one parameter, or on an interval of parameters.

    Attributes
    ----------
    kind : str
        As in an atlas.
    loss : Number
    errors : tuple of Number
        Output minus label for each example, the same on all of the set.
    dimension, orbit : int
        As in an atlas.
    members : list of tuples of sign vectors
        The faces it meets, one per unit; where some output weights are below 0, their signs stand before faces, and
        these units come first.
    point : list of rows (w_1, ..., w_d, b), or None
        Where it is, if it is one point; with a row (c) where there is an output bias.
    """

    kind: str
    loss: Number
    errors: tuple[Number, ...]
    dimension: int
    orbit: int
    members: list[Choice]
    point: list[list[Number]] | None

    @property
    def choices(self) -> frozenset[Choice]:
        """The faces it meets, up to the order of the units."""
        return frozenset(tuple(sorted(member)) for member in self.members)

    @property
    def look(self) -> tuple[Any, ...]:
        """What it is, except for numbers."""
        return self.kind, self.dimension, self.orbit, self.choices

    def reaches(self, other: "Still") -> bool:
        """Return whether some face of another set lies in the closure of one of this set, units in some order."""
        if self.choices & other.choices:
            return True
        return any(
            all(conforms(low, high) for low, high in zip(order, upper, strict=True))
            for upper in self.choices
            for lower in other.choices
            for order in set(permutations(lower))
        )


@dataclass(frozen=True)
class Snapshot:
    """The complete list of stationary sets at a parameter or on an open interval.

    Attributes
    ----------
    low, high : Root
        The ends of the interval; equal at one parameter.
    sample : Fraction or None
        A rational parameter there, where there is one.
    sets : list of Still
    """

    low: Root
    high: Root
    sample: Fraction | None
    sets: list[Still]

    @property
    def looks(self) -> frozenset[tuple[Any, ...]]:
        """What the sets are, except for numbers."""
        return frozenset(each.look for each in self.sets)

    def agrees(self, atlas: Atlas) -> bool:
        """Return whether an atlas at the sample lists the same sets on the same faces, with the same losses."""
        count = len(atlas.landscape.rows)
        signs = [tuple(face.signs(count)) for face in atlas.arrangement.faces]
        weights = atlas.landscape.network.weights
        before = [() if min(weights) > 0 else (1 if a > 0 else -1,) for a in weights]

        def choice(member: tuple[int, ...]) -> Choice:
            return tuple(sorted((*own, *signs[f]) for own, f in zip(before, member, strict=True)))

        theirs = {
            (s.kind, s.dimension, s.orbit, frozenset(choice(member) for member in s.members)): s.loss
            for s in atlas.sets
        }
        return theirs == {each.look: value(each.loss, self.sample) for each in self.sets}


def value(number: Number, sample: Fraction | None) -> Any:
    """Return a number as a Fraction: that of a function at a sample, or a rational; others as they are."""
    if isinstance(number, Function):
        return number(sample or Fraction(0))
    return number if isinstance(number, Algebraic) else fraction(number)


def during(stratum: Stratum, low: Root, high: Root, sample: Fraction, statuses: Mapping[Choice, Status]) -> Snapshot:
    """Return the sets on an interval on which the statuses of all choices of faces stay as they are."""
    sets = _gathered(stratum.parametric, stratum.family.scale, statuses, stratum.fit, _itself, lambda x: x(sample))
    return Snapshot(low, high, sample, sets)


def at(moment: Moment, scale: Fraction, statuses: Mapping[Choice, Status]) -> Snapshot:
    """Return the sets at one parameter."""
    sets = _gathered(moment.parametric, scale, statuses, moment.fit, key_of, lambda x: x)
    return Snapshot(moment.root, moment.root, moment.root.rational, sets)


def _itself(x: Any) -> Any:
    return x


def _gathered(
    parametric: ParametricFaces,
    scale: Fraction,
    statuses: Mapping[Choice, Status],
    fit: Callable[[Choice], ParametricFit],
    key: Callable[[Number], Any],
    rank: Callable[[Number], Any],
) -> list[Still]:
    faces, number = _faces(parametric)
    fits = {choice: fit(choice) for choice, status in statuses.items() if status}
    pieces = [
        StationaryPiece(tuple(number[f] for f in choice), _keys(fits[choice], key), dimension, sort, False, False)
        for choice, (sort, dimension) in ((c, s) for c, s in sorted(statuses.items()) if s is not None)
    ]
    signs, counts = list(number), parametric.counts
    components, _ = join(pieces, below_by_faces(faces, len(counts)), list(counts.values()))
    drafts = []
    for component in components:
        top = max(component.pieces, key=lambda piece: piece.dimension)
        choice = tuple(signs[f] for f in top.faces)
        errors = tuple(fits[choice].errors)
        loss = scale.numerator * dot(errors, errors) / scale.denominator
        members = [tuple(signs[f] for f in member) for member in component.members]
        point = _point(parametric, members[0], fits[choice]) if top.dimension == 0 and len(members) == 1 else None
        drafts.append((top, loss, errors, component.orbit, members, point))
    least = min(rank(draft[1]) for draft in drafts)
    found = [
        Still(_kind(top.sort, rank(loss), least), loss, errors, top.dimension, orbit, members, point)
        for top, loss, errors, orbit, members, point in drafts
    ]
    return sorted(found, key=lambda each: (rank(each.loss), each.kind, each.dimension, each.members))


def _faces(parametric: ParametricFaces) -> tuple[list[Face], dict[Signs, int]]:
    """Return the faces as those of an arrangement, and the numbers of those of each sign, one after the other."""
    found = []
    for signs, dimension in parametric.faces.dimensions.items():
        plus, minus = (sum(1 << i for i, s in enumerate(signs) if s == side) for side in (1, -1))
        found.append(Face(plus, minus, dimension, ()))
    states = [each for sign in parametric.counts for each in parametric.states(sign, parametric.faces.dimensions)]
    return found, {state: k for k, state in enumerate(states)}


def _keys(fit: ParametricFit, key: Callable[[Number], Any]) -> Any:
    return tuple(key(e) for e in fit.errors), 1


def _kind(sort: str, loss: Any, least: Any) -> str:
    return "global minimum" if sort == "minimum" and loss == least else SORTS[sort]


def _point(parametric: ParametricFaces, choice: Choice, fit: ParametricFit) -> list[list[Number]]:
    """Return the only stationary point on a choice of faces."""
    weights = dict(zip(sorted(parametric.key(choice)), fit.weights, strict=True))
    level = parametric.labels[0] + fit.errors[0]
    rows: dict[int, list[Number]] = {}
    order = [j for sign in parametric.counts for j, a in enumerate(parametric.weights) if a * sign > 0]
    for unit, state in zip(order, choice, strict=True):
        sign, face = parametric.parted(state)
        below = zip(parametric.below(state), parametric.faces.below(face), strict=True)
        parts = [(weights[name], parametric.faces.rays[ray]) for name, ray in below]
        vector = [sum((w * ray[k] for w, ray in parts), ZERO) for k in range(len(parametric.faces.kept))]
        level = level - sign * parametric.raw(face, vector)[0]
        size = abs(parametric.weights[unit])
        kept = {c: x * size.denominator / size.numerator for c, x in zip(parametric.faces.kept, vector, strict=True)}
        rows[unit] = [kept.get(c, ZERO) for c in range(max(parametric.faces.kept) + 1 + _missing(parametric))]
    return [rows[j] for j in sorted(rows)] + [[level]] * parametric.centred


def _missing(parametric: ParametricFaces) -> int:
    """Return how many coordinates follow the last one kept."""
    return len(parametric.faces.kept) + parametric.idle - 1 - max(parametric.faces.kept)


def coincidences(stratum: Stratum, statuses: Sequence[tuple[Choice, Status]]) -> list[Function]:
    """Return functions at whose roots outputs of touching sets, or losses of minima, may become the same.

    With statuses fixed, only there can sets join, or another minimum become the global one.
    """
    still = [(choice, status) for choice, status in statuses if status is not None]
    found: dict[Function, None] = {}
    errors = {choice: stratum.fit(choice).errors for choice, _ in still}
    for upper, first in still:
        for lower, second in still:
            if first[0] == second[0] and errors[upper] != errors[lower] and _touch(lower, upper):
                found |= dict.fromkeys(_common(errors[upper], errors[lower]))
    losses = list(dict.fromkeys(dot(errors[choice], errors[choice]) for choice, s in still if s[0] == "minimum"))
    found |= dict.fromkeys(a - b for k, a in enumerate(losses) for b in losses[:k])
    return list(found)


def _touch(lower: Choice, upper: Choice) -> bool:
    return any(all(conforms(a, b) for a, b in zip(order, upper, strict=True)) for order in set(permutations(lower)))


def _common(a: Sequence[Function], b: Sequence[Function]) -> list[Function]:
    """Return a function that vanishes exactly where two vectors of functions agree."""
    parts = [(x - y).num for x, y in zip(a, b, strict=True) if x != y]
    common = parts[0]
    for part in parts[1:]:
        common = common.gcd(part)
    return [Function(common)] if common.degree() > 0 else []
