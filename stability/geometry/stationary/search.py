"""The faces of all units together on which the landscape is stationary, and what excludes the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, pairwise, product

from stability.geometry.arrangement.enumerate import Face
from stability.geometry.arrangement.integer_problem import Integers, Vector, primitive
from stability.geometry.stationary.least_squares import Combination, Fit, Fits, Generators
from stability.geometry.stationary.unit_balance import Balance, Sides, UnitBalance

Faces = tuple[int, ...]
"""One state per unit, in ascending order; where all units have the sign 1, states are faces, by their positions."""


@dataclass(frozen=True)
class UnitStates:
    """What a unit can be, numbered: a sign of its output weight with a face, signs after each other, or silent.

    Attributes
    ----------
    faces : int
        How many faces there are.
    signs : tuple of int
    trainable : bool
        Whether output weights can be 0: then the last state is that of a silent unit, on any face.
    """

    faces: int
    signs: tuple[int, ...] = (1,)
    trainable: bool = False

    @property
    def active(self) -> int:
        """The number of states with an output weight other than 0."""
        return self.faces * len(self.signs)

    @property
    def count(self) -> int:
        """The number of states."""
        return self.active + self.trainable

    def face(self, state: int) -> int:
        """Return the face of an active state."""
        return state % self.faces

    def sign(self, state: int) -> int:
        """Return the sign of an active state."""
        return self.signs[state // self.faces]

    def state(self, sign: int, face: int) -> int:
        """Return the state of a sign and a face."""
        return self.signs.index(sign) * self.faces + face


@dataclass(frozen=True)
class SearchShare:
    """A share of the search: all choices of one state per unit whose first one is in a range.

    Attributes
    ----------
    problem : Integers
    faces : tuple of Face
        Those that the share needs, the first of which has the position `offset`.
    cells : tuple of (plus, minus)
        All open cells of one unit.
    first, last : int
        The first unit's state is from `first` to before `last`.
    states : UnitStates
    offset : int
    """

    problem: Integers
    faces: tuple[Face, ...]
    cells: tuple[Sides, ...]
    first: int
    last: int
    states: UnitStates
    offset: int = 0

    def choices(self) -> Iterator[Faces]:
        """Yield the choices of states, in order."""
        first, *more = self.problem.counts
        end = self.states.count if self.problem.trainable else self.states.faces
        other = [
            combinations_with_replacement(range(k * self.states.faces, (k + 1) * self.states.faces), count)
            for k, count in enumerate(more, 1)
        ]
        tails = [sum(parts, ()) for parts in product(*other)]
        for head in range(self.first, self.last):
            for rest in combinations_with_replacement(range(head, end), first - 1) if first > 1 else ((),):
                for tail in tails:
                    yield (head, *rest, *tail)


@dataclass
class Found:
    """What a share of the search found.

    Attributes
    ----------
    fits : list of (rays, verdict, weights)
        Signed rays, (sign, *ray), stand for the generators, in order. Verdict 1: the fit is inside, with these positive
        weights; 0: it is not, and the weights separate; 2: only its errors were needed. Weights are [denominator,
        numerators].
    separating : list of (face, rays, direction)
        Why a unit of sign 1 is not in balance on a face.
    stationary : list of choices
    """

    fits: list[tuple[list[Vector], int, list[int]]]
    separating: list[tuple[int, list[Vector], Vector]]
    stationary: list[Faces]


def search(part: SearchShare) -> Found:
    """Decide every choice of faces of a share of the search."""
    return _Search(part).run()


class _Search:
    def __init__(self, part: SearchShare) -> None:
        self.part = part
        self.unit = UnitBalance(part.problem, part.cells)
        self.names, self.generators, self.examples = generators(part.problem, part.faces)
        self.fits = Fits(self.names, part.problem.labels)
        self.known: dict[Generators, Fit] = {}
        self.verdicts: dict[Generators, tuple[int, Combination]] = {}
        self.errors: dict[Generators, Vector] = {}
        self.balances: dict[tuple[int, Vector], Balance] = {}
        self.separating: dict[tuple[int, Generators], Vector] = {}

    def run(self) -> Found:
        stationary = [faces for faces in self.part.choices() if self._rests(faces)]
        fits = [(self._rays(key), verdict, c.values(key)) for key, (verdict, c) in self.verdicts.items()]
        separating = [(face, self._rays(key), direction) for (face, key), direction in self.separating.items()]
        return Found(fits, separating, stationary)

    def _rays(self, key: Generators) -> list[Vector]:
        return [self.examples[g] for g in sorted(key)]

    def _rests(self, faces: Faces) -> bool:
        offset = self.part.offset
        key = frozenset().union(*(self.generators[f - offset] for f in faces))
        verdict = self.verdicts.get(key)
        if verdict is None:
            verdict = self._fit(key)
        return verdict[0] != 0 and not self._separated(faces, key) and self._inside(key)

    def _fit(self, key: Generators) -> tuple[int, Combination]:
        fit = self.fits.fit(key)
        self.known[key] = fit
        if fit.simple:
            inside, weights = self.fits.inside(fit)
            self.verdicts[key] = int(inside), weights
        else:
            self.verdicts[key] = 2, fit.weights
        return self.verdicts[key]

    def _inside(self, key: Generators) -> bool:
        if self.verdicts[key][0] == 2:
            inside, weights = self.fits.inside(self.known[key])
            self.verdicts[key] = int(inside), weights
        return self.verdicts[key][0] == 1

    def _separated(self, faces: Faces, key: Generators) -> bool:
        """Return whether some unit is not in balance; on an open cell it always is, and silent."""
        states, active = self.part.states, [state for state in faces if state < self.part.states.active]
        kinked = [
            f
            for f in dict.fromkeys(map(states.face, active))
            if not self.part.faces[f - self.part.offset].is_cell(self.unit.full)
        ]
        if not kinked:
            return False
        if any((face, key) in self.separating for face in kinked):
            return True
        errors = self.errors.get(key)
        if errors is None:
            errors = self.errors[key] = primitive(self.fits.errors(self.known[key])[0])
        for face in kinked:
            balance = self.balances.get((face, errors))
            if balance is None:
                balance = self.unit.balance(self.part.faces[face - self.part.offset], errors)
                self.balances[face, errors] = balance
            if balance.direction is not None:
                self.separating[face, key] = balance.direction
                return True
        return False


def generators(problem: Integers, faces: Sequence[Face]) -> tuple[list[Vector], list[Generators], list[Vector]]:
    """Return the outputs of all signed rays, those of each state, and a signed ray for each output.

    Outputs are divided by their common divisor and listed once; rays that put out 0 on all data generate nothing, and
    nor does a silent unit.
    """
    rays = list(dict.fromkeys(ray for face in faces for ray in face.rays))
    names: dict[Vector, int] = {}
    name_of = {
        (sign, ray): names.setdefault(out, len(names))
        for sign in problem.signs
        for ray, out in zip(rays, problem.outputs(rays, sign), strict=True)
    }
    examples = {g: (sign, *ray) for (sign, ray), g in reversed(name_of.items())}
    dead = names.get((0,) * len(problem.rows), -1)
    generated = [
        frozenset(name_of[sign, ray] for ray in face.rays) - {dead} for sign in problem.signs for face in faces
    ]
    generated += [frozenset()] * problem.trainable
    return list(names), generated, [examples[g] for g in range(len(names))]


def parts(problem: Integers, faces: Sequence[Face], cells: Sequence[int], wanted: int) -> list[SearchShare]:
    """Return the search in about so many shares of like size."""
    sides = tuple((faces[c].plus, faces[c].minus) for c in cells)
    every = tuple(faces)
    states = UnitStates(len(faces), problem.signs, problem.trainable)
    single = problem.units == 1 and not problem.trainable
    heads = states.count if problem.trainable else states.faces
    edges = sorted({_edge(k / wanted, heads, problem.counts[0]) for k in range(wanted + 1)})
    return [
        SearchShare(problem, every[a:b] if single else every, sides, a, b, states, a if single else 0)
        for a, b in pairwise(edges)
    ]


def _edge(share: float, count: int, units: int) -> int:
    """Return the first face up to which about this share of the choices lies."""
    return round(count * (1 - float((1 - share) ** (1 / units))))
