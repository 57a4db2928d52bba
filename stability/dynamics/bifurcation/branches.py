"""Branches: stationary sets of a family that follow each other as the parameter varies."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stability.dynamics.bifurcation.snapshots import Snapshot, Still
from stability.exact.algebraic_numbers import key_of, value_at
from stability.exact.rational_functions import Function, as_function
from stability.exact.real_roots import Root


@dataclass(frozen=True, eq=False)
class Branch:
    """A stationary set as a function of the parameter, as long as it stays of one kind, dimension and formula.

    Attributes
    ----------
    index : int
    kind : str
        As in an atlas.
    loss : Function
    dimension, orbit : int
        As in an atlas.
    low, high : Root
        It lives at least on the open interval between them.
    parts : list of Still
        What it is on each interval between events; the faces that a flat set meets may change.
    """

    index: int
    kind: str
    loss: Function
    dimension: int
    orbit: int
    low: Root
    high: Root
    parts: list[Still]

    @property
    def point(self) -> list[list[Function]] | None:
        """Where it is, as functions of the parameter, if it is one point on the same faces all the time."""
        first = self.parts[0]
        if first.point is None or any(part.choices != first.choices for part in self.parts):
            return None
        return [[as_function(x) for x in row] for row in first.point]

    @property
    def outputs_key(self) -> tuple[Any, ...]:
        """What it shares with its images: all but the place."""
        return self.kind, self.dimension, self.orbit, self.loss, self.low, self.high

    def __repr__(self) -> str:
        size = "" if self.dimension == 0 else f", dimension {self.dimension}"
        return f"{self.kind}{size}, loss {self.loss}, from {self.low} to {self.high}"

    def to_json(self, name: str = "t") -> dict[str, Any]:
        """Return the branch with exact numbers and formulas as text."""
        place = self.point
        return {
            "kind": self.kind,
            "loss": {"formula": self.loss.text(name), **self.loss.to_json()},
            "dimension": self.dimension,
            "orbit": self.orbit,
            "low": self.low.to_json(),
            "high": self.high.to_json(),
            "faces": sorted(sorted(written(choice) for choice in part.choices) for part in self.parts),
            "point": None if place is None else [[x.text(name) for x in row] for row in place],
        }


def written(choice: Sequence[Sequence[int]]) -> str:
    """Return sign vectors as text, one word per unit: "+-0+ ++++"."""
    return " ".join("".join("0+-"[s] for s in face) for face in choice)


def simplified(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Return snapshots without the cuts at which nothing changes; still an interval follows a parameter and so on."""
    found = list(snapshots[:2])
    for moment, after in zip(snapshots[2::2], snapshots[3::2], strict=False):
        before = found[-1]
        if before.looks == moment.looks == after.looks and _losses(before) == _losses(after):
            found[-1] = replace(before, high=after.high)
        else:
            found += [moment, after]
    return [*found, snapshots[-1]]


def _losses(snapshot: Snapshot) -> dict[Any, Any]:
    return {each.look: each.loss for each in snapshot.sets}


def is_at(moving: Still, still: Still) -> bool:
    """Return whether a set on an interval is still the same set at its end."""
    same = (moving.kind, moving.dimension, moving.orbit) == (still.kind, still.dimension, still.orbit)
    return same and bool(moving.choices & still.choices)


def arrives(moving: Still, still: Still, root: Root) -> bool:
    """Return whether a set on an interval has, at the end of the interval, limits in a set there.

    Stationarity is kept in the limit, and so are the outputs: a bounded sequence of points ends on a face in the
    closure of its face, with the limit of the errors. So a set that arrives nowhere runs off to infinity.
    """
    limits = [key_of(value_at(as_function(e), root)) for e in moving.errors]
    return limits == [key_of(e) for e in still.errors] and moving.reaches(still)


def kept(side: Iterable[Still], moment: Snapshot) -> dict[Still, Still]:
    """Return the sets on an interval that are one and the same set at its end, each with that set.

    Where a set falls apart there, or several become one, none of them is: each of those is a branch of its own.
    """
    pairs = [(e, s) for e in side for s in moment.sets if is_at(e, s) and arrives(e, s, moment.low)]
    moving, still = Counter(e for e, _ in pairs), Counter(s for _, s in pairs)
    return {e: s for e, s in pairs if moving[e] == still[s] == 1}


def goes_on(before: Still, after: Still) -> bool:
    """Return whether a set kept at a cut is of one formula on both sides, with a common face."""
    return before.loss == after.loss and bool(before.choices & after.choices)


def branches(snapshots: Sequence[Snapshot]) -> tuple[list[Branch], list[dict[Still, int]]]:
    """Return the branches, and for every interval which branch each of its sets belongs to.

    Two sets on one interval are always two branches, and a branch goes on through a parameter only as one set there.
    """
    chains: list[tuple[Root, Root, list[Still]]] = []
    numbers: list[dict[Still, int]] = []
    for k in range(1, len(snapshots), 2):
        span, numbers_here = snapshots[k], dict[Still, int]()
        passing = _passing(numbers[-1] if numbers else {}, snapshots[k - 1], span.sets)
        for each in span.sets:
            number = passing.get(each)
            if number is None:
                number = len(chains)
                chains.append((span.low, span.high, [each]))
            else:
                low, _, parts = chains[number]
                chains[number] = low, span.high, [*parts, each]
            numbers_here[each] = number
        numbers.append(numbers_here)
    return [_branch(k, *chain) for k, chain in enumerate(chains)], numbers


def _passing(before: dict[Still, int], moment: Snapshot, after: Sequence[Still]) -> dict[Still, int]:
    """Return the sets after a parameter that go on from sets before it, with the branches of those."""
    old = {still: each for each, still in kept(before, moment).items()}
    new = {each: old[still] for each, still in kept(after, moment).items() if still in old}
    return {each: before[earlier] for each, earlier in new.items() if goes_on(earlier, each)}


def _branch(index: int, low: Root, high: Root, parts: list[Still]) -> Branch:
    first = parts[0]
    return Branch(index, first.kind, as_function(first.loss), first.dimension, first.orbit, low, high, parts)
