"""Strata of a parameter: the stationary choices of faces while the data keep their arrangement."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations_with_replacement, islice, product
from typing import Any

from stability.dynamics.bifurcation.exact_intervals import Timeline, merged, timeline
from stability.dynamics.bifurcation.families import LandscapeFamily
from stability.dynamics.bifurcation.parametric_faces import (
    Lines,
    ParametricFit,
    Signs,
    Vector,
    balanced,
    conforms,
    fit,
    lines,
    reaction,
)
from stability.exact.algebraic_numbers import SignTrace, Traced, untraced, value_at
from stability.exact.rational_functions import Function, as_function, fraction
from stability.exact.real_roots import Root
from stability.geometry.arrangement.integer_problem import integers
from stability.geometry.arrangement.symmetry import MOST, permutations

Choice = tuple[Signs, ...]
"""One face per unit, in ascending order; where some output weights are below 0, their signs stand before faces."""

Key = frozenset[Signs]
"""The rays in the closures of a choice of faces, written like these: with the same rays there is the same fit."""

Status = tuple[str, int] | None
"""What a choice of faces is: "minimum", "maximum" or "saddle" with its dimension; None if it is not stationary."""

Lift = Callable[[Any], Any]


@dataclass(frozen=True)
class ParametricFaces:
    """The numbers of a landscape with its faces: functions on an interval, or values at a parameter.

    Units have the parameters |a| (w, b), with output weights a that are 1 or -1.

    Attributes
    ----------
    weights : tuple of Fraction
        The output weights.
    centred : bool
        Whether there is an output bias: outputs and labels are then taken relative to their means.
    idle : int
        How many dimensions of a unit's parameters change no output.
    faces : Lines
    rows : list
        Of the examples, in the coordinates kept.
    labels : list
    slopes : pair
    """

    weights: tuple[Fraction, ...]
    centred: bool
    idle: int
    faces: Lines
    rows: list[Vector]
    labels: Vector
    slopes: tuple[Any, Any]

    @property
    def mixed(self) -> bool:
        """Whether signs of output weights stand before faces."""
        return min(self.weights) < 0

    @property
    def counts(self) -> dict[int, int]:
        """How many units have output weights below 0, and above, where there are some."""
        found = {s: sum(a * s > 0 for a in self.weights) for s in (-1, 1)}
        return {s: count for s, count in found.items() if count}

    def parted(self, state: Signs) -> tuple[int, Signs]:
        """Return the sign of the output weight, and the face."""
        return (state[0], state[1:]) if self.mixed else (1, state)

    def states(self, sign: int, faces: Iterable[Signs]) -> list[Signs]:
        """Return faces as choices have them, of a unit with this sign."""
        return [(sign, *face) for face in faces] if self.mixed else list(faces)

    @cached_property
    def outputs(self) -> dict[Signs, Vector]:
        """What a unit puts out on the data along each ray; with an output bias relative to the mean."""
        found = {}
        for sign in self.counts:
            for ray, state in zip(self.faces.rays, self.states(sign, self.faces.rays), strict=True):
                out = [sign * x for x in self.raw(ray, self.faces.rays[ray])]
                found[state] = _centred(out) if self.centred else out
        return found

    @cached_property
    def targets(self) -> Vector:
        """The labels; with an output bias relative to the mean."""
        return _centred(self.labels) if self.centred else self.labels

    def raw(self, signs: Signs, vector: Vector) -> Vector:
        """Return what a unit with output weight 1 puts out on the data, at a vector of a face."""
        slope = {1: self.slopes[1], -1: self.slopes[0], 0: 0}
        heights = [sum(x * v for x, v in zip(row, vector, strict=True)) for row in self.rows]
        return [slope[s] * z if s else z * 0 for s, z in zip(signs, heights, strict=True)]

    def choices(self) -> list[Choice]:
        """Return all choices of faces up to the order of the units with output weights of one sign."""
        parts = [
            combinations_with_replacement(self.states(sign, sorted(self.faces.dimensions)), count)
            for sign, count in self.counts.items()
        ]
        return [tuple(state for part in chosen for state in part) for chosen in product(*parts)]

    def image(self, choice: Choice) -> Choice:
        """Return the same choice for all choices that symmetries of the data make of each other."""
        first = int(self.mixed)
        turned = (
            tuple(sorted((*state[:first], *(state[first + k] for k in turn)) for state in choice))
            for turn in self.faces.twins
        )
        return min(turned, default=choice)

    def below(self, state: Signs) -> list[Signs]:
        """Return the rays in the closure of a face, in a fixed order."""
        sign, face = self.parted(state)
        return self.states(sign, self.faces.below(face))

    def key(self, choice: Choice) -> Key:
        """Return the rays of a choice."""
        return frozenset(ray for state in choice for ray in self.below(state))

    def around(self, face: Signs) -> list[Signs]:
        """Return the open cells whose closures contain a face."""
        dimensions, full = self.faces.dimensions, len(self.faces.kept)
        return [cell for cell, size in dimensions.items() if size == full and conforms(face, cell)]

    def fit(self, key: Key, lift: Lift = lambda x: x) -> ParametricFit:
        """Return the fit on a choice of faces with these rays."""
        outputs = [[lift(x) for x in self.outputs[ray]] for ray in sorted(key)]
        return fit(outputs, [lift(y) for y in self.targets])

    def sort(self, state: Signs, errors: Vector, lift: Lift = lambda x: x) -> tuple[bool, bool, bool]:
        """Return whether a unit is in balance on a face, and its reaction: (balanced, least, most)."""
        sign, face = self.parted(state)
        rows = [[lift(x) for x in row] for row in self.rows]
        given, slopes = [sign * lift(e) for e in errors], (lift(self.slopes[0]), lift(self.slopes[1]))
        if not balanced(face, self.around(face), rows, given, slopes):
            return False, False, False
        rays = {signs: [lift(x) for x in ray] for signs, ray in self.faces.rays.items()}
        return True, *reaction(face, rays, rows, given, slopes)

    def status(self, choice: Choice, rank: int, inside: bool, sorts: Iterable[tuple[bool, bool, bool]]) -> Status:
        """Return what a choice is, from its fit and what each unit does."""
        if not inside:
            return None
        calm, least, most = (all(column) for column in zip(*sorts, strict=True))
        if not calm:
            return None
        free = sum(self.faces.dimensions[self.parted(state)[1]] + self.idle for state in choice) - rank
        return "minimum" if least else "maximum" if most and not self.centred else "saddle", free


class Moment:
    """All answers at one parameter."""

    def __init__(self, family: LandscapeFamily, root: Root, faces: Lines | None = None) -> None:
        rows = [[value_at(x, root) for x in row] for row in family.rows]
        self.root = root
        if faces is None:
            faces = lines(rows, [value_at(y, root) for y in family.labels], _turns(family, root.rational))
        self.parametric = _parametric(family, faces, rows, lambda f: value_at(f, root))
        self.fits: dict[Key, ParametricFit] = {}
        self._sorts: dict[tuple[Signs, Key], tuple[bool, bool, bool]] = {}

    def fit(self, choice: Choice) -> ParametricFit:
        """Return the fit on a choice of faces."""
        key = self.parametric.key(choice)
        if key not in self.fits:
            self.fits[key] = self.parametric.fit(key)
        return self.fits[key]

    def status(self, choice: Choice) -> Status:
        """Return what a choice of faces is."""
        known = self.fit(choice)
        if not known.inside:
            return None
        sorts = [self._sort(face, choice) for face in dict.fromkeys(choice)]
        return self.parametric.status(choice, known.rank, True, sorts)

    def _sort(self, face: Signs, choice: Choice) -> tuple[bool, bool, bool]:
        key = face, self.parametric.key(choice)
        if key not in self._sorts:
            self._sorts[key] = self.parametric.sort(face, self.fit(choice).errors)
        return self._sorts[key]


def _parametric(family: LandscapeFamily, faces: Lines, rows: Sequence[Vector], lift: Lift) -> ParametricFaces:
    short = [[row[c] for c in faces.kept] for row in rows]
    idle = family.first.width - len(faces.kept)
    slopes = (lift(family.slopes[0]), lift(family.slopes[1]))
    net, labels = family.first.network, [lift(y) for y in family.labels]
    return ParametricFaces(net.weights, net.output_bias, idle, faces, short, labels, slopes)


def _centred(vector: Vector) -> Vector:
    """Return numbers relative to their mean."""
    mean = sum(vector[1:], vector[0]) / len(vector)
    return [x - mean for x in vector]


class Stratum:
    """An open interval of parameters on which the faces of one unit keep their sign vectors.

    Parameters
    ----------
    family : LandscapeFamily
    low, high : Root
    faces : Lines
        With functions as vectors of the rays.
    """

    def __init__(self, family: LandscapeFamily, low: Root, high: Root, faces: Lines) -> None:
        self.family, self.low, self.high = family, low, high
        self.parametric = _parametric(family, faces, family.rows, lambda f: f)
        self.fits: dict[Key, ParametricFit] = {}
        self._inside: dict[Key, Timeline[bool]] = {}
        self._sorts: dict[tuple[Signs, Key], Timeline[tuple[bool, bool, bool]]] = {}
        self._moments: dict[Root, Moment] = {}

    def moment(self, root: Root) -> Moment:
        """Return the answers at a parameter of the stratum."""
        if root not in self._moments:
            vectors = {s: [value_at(x, root) for x in ray] for s, ray in self.parametric.faces.rays.items()}
            faces = replace(self.parametric.faces, rays=vectors)
            self._moments[root] = Moment(self.family, root, faces)
        return self._moments[root]

    def fit(self, choice: Choice) -> ParametricFit:
        """Return the fit on a choice of faces as functions; `inside` is that of some span."""
        key = self.parametric.key(choice)
        self._insides(key)
        return self.fits[key]

    def _insides(self, key: Key) -> Timeline[bool]:
        if key not in self._inside:

            def ask(trace: SignTrace) -> bool:
                found = self.parametric.fit(key, _lift(trace))
                errors, weights = ([_function(x) for x in xs] for xs in (found.errors, found.weights))
                self.fits[key] = ParametricFit(found.rank, found.inside, errors, weights)
                return found.inside

            self._inside[key] = timeline(ask, self.low, self.high)
        return self._inside[key]

    def _sort(self, face: Signs, key: Key) -> Timeline[tuple[bool, bool, bool]]:
        if (face, key) not in self._sorts:
            errors = self.fits[key].errors
            self._sorts[face, key] = timeline(
                lambda trace: self.parametric.sort(face, errors, _lift(trace)), self.low, self.high
            )
        return self._sorts[face, key]

    def statuses(self, choice: Choice) -> tuple[Timeline[Status], dict[Root, Status]]:
        """Return what a choice of faces is on all of the stratum: on spans, and at the cuts between them.

        A cut at which nothing changes is left out.
        """
        key = self.parametric.key(choice)
        inside = self._insides(key)
        units = [self._sort(face, key) for face in dict.fromkeys(choice)] if any(inside.values) else []
        cuts = merged(inside, *units)  # type: ignore[arg-type]
        rank = self.fits[key].rank
        whole = Timeline[Status](self.low, self.high, cuts, [None] * (len(cuts) + 1))
        values = [
            self.parametric.status(choice, rank, inside.across(*span), [unit.across(*span) for unit in units])
            for span in whole.spans
        ]
        at = {cut: self.moment(cut).status(choice) for cut in cuts}
        kept = [k for k, cut in enumerate(cuts) if not values[k] == at[cut] == values[k + 1]]
        spans = [values[0], *(values[k + 1] for k in kept)]
        return Timeline(self.low, self.high, [cuts[k] for k in kept], spans), {cuts[k]: at[cuts[k]] for k in kept}


def _lift(trace: SignTrace) -> Lift:
    return lambda x: Traced(x, trace) if isinstance(x, Function) else x


def _function(x: Any) -> Function:
    return as_function(untraced(x))


def _turns(family: LandscapeFamily, value: Fraction | None) -> list[list[int]]:
    """Return the symmetries of the data at a rational parameter; more than enough is known without them elsewhere."""
    return [] if value is None else list(islice(permutations(integers(family.landscape(value))), MOST))


def strata(family: LandscapeFamily, low: Root, high: Root) -> list[Stratum]:
    """Return the strata of a range in ascending order; between them the arrangement of the data changes."""

    def ask(trace: SignTrace) -> Lines:
        lift, turns = _lift(trace), _turns(family, fraction(trace.sample))
        found = lines([[lift(x) for x in row] for row in family.rows], [lift(y) for y in family.labels], turns)
        return replace(found, rays={signs: [_function(x) for x in ray] for signs, ray in found.rays.items()})

    line = timeline(ask, low, high)
    return [Stratum(family, *span, faces) for span, faces in zip(line.spans, line.values, strict=True)]
