"""Events at one parameter of a family: which stationary sets meet, which change, which run off."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from stability.dynamics.bifurcation.branches import Branch, arrives, kept
from stability.dynamics.bifurcation.snapshots import Snapshot, Still
from stability.exact.real_roots import Root

KINDS = {
    "nonsmooth fold": "sets meet at a kink and none goes on",
    "border collision": "a set moves from one choice of faces to another",
    "branch point": "sets meet and another number of sets goes on",
    "exchange of stability": "a set changes its kind",
    "exchange of the global minimum": "another set of minima becomes the lowest",
    "flat set": "a set becomes part of a set of higher dimension that is there at this parameter only",
    "escape to infinity": "a set leaves every bounded region",
    "only here": "a set is there at this parameter only",
    "change of shape": "a flat set goes on but meets other faces",
}
"""What can happen, in words. Smooth folds cannot: on one choice of faces there is at most one connected set."""


@dataclass(frozen=True, eq=False)
class SetChange:
    """What happens to some sets that meet.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    before, after : list of int
        Branches below and above the parameter.
    at : list of Still
        The sets in which they meet.
    onto : list of int
        Branches that go on there undisturbed.
    """

    kind: str
    before: list[int]
    at: list[Still]
    after: list[int]
    onto: list[int] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class BifurcationEvent:
    """A parameter at which something changes.

    Attributes
    ----------
    value : Root
        Exact; `value.rational` is None where it is irrational.
    changes : list of SetChange
    """

    value: Root
    changes: list[SetChange]

    @property
    def kinds(self) -> list[str]:
        """What happens, each kind once, in the order of `KINDS`."""
        present = {change.kind for change in self.changes}
        return [kind for kind in KINDS if kind in present]


def event(
    moment: Snapshot, before: dict[Still, int] | None, after: dict[Still, int] | None, known: Sequence[Branch]
) -> BifurcationEvent | None:
    """Return what changes at a parameter, or None if nothing does.

    Parameters
    ----------
    moment : Snapshot
    before, after : dict of Still to int, or None at an end of the range
        The sets on the interval that ends there and on the one that starts there, each with its branch.
    known : sequence of Branch
    """
    meeting = _Meeting(moment, before, after)
    changes = [_shape(number) for number in meeting.reshaped()]
    for group in meeting.groups():
        old, here, new = group
        onto = sorted({meeting.number[e] for e in meeting.calm if any(s in here for s in meeting.links.get(e, ()))})
        free = [s for s in here if s not in meeting.held]
        kind = _kind(old, free, new, onto, before is None or after is None)
        numbers = [sorted({meeting.number[each] for each in side}) for side in (old, new)]
        changes.append(SetChange(kind, numbers[0], free, numbers[1], onto))
    order = list(KINDS)
    changes.sort(key=lambda change: (order.index(change.kind), change.before, change.after))
    return BifurcationEvent(moment.low, changes) if changes else None


def _shape(number: int) -> SetChange:
    return SetChange("change of shape", [number], [], [number])


class _Meeting:
    """The sets on both sides of a parameter and at it, with links where one is the limit of the other."""

    def __init__(self, moment: Snapshot, before: dict[Still, int] | None, after: dict[Still, int] | None) -> None:
        self.moment, self.sides = moment, [before or {}, after or {}]
        self.number = {each: k for side in self.sides for each, k in side.items()}
        self.links = {
            each: [s for s in moment.sets if arrives(each, s, moment.low)] for side in self.sides for each in side
        }
        whole = before is not None and after is not None
        shared = set(self.sides[0].values()) & set(self.sides[1].values()) if whole else set(self.number.values())
        same = {each: s for side in self.sides for each, s in kept(side, moment).items()}
        self.calm = {each: s for each, s in same.items() if self.number[each] in shared}
        self.held = set(self.calm.values())

    def reshaped(self) -> list[int]:
        """Return the branches that go on and meet other faces than before."""
        seen: dict[int, set[Any]] = {}
        for each in self.calm:
            shapes = seen.setdefault(self.number[each], set())
            shapes |= {each.choices, self.calm[each].choices}
        return sorted(number for number, shapes in seen.items() if len(shapes) > 1)

    def groups(self) -> list[tuple[list[Still], list[Still], list[Still]]]:
        """Return the sets that do not simply go on, those together that meet: before, at, and after."""
        moving = [each for each in self.number if each not in self.calm]
        alone = [s for s in self.moment.sets if s not in self.held]
        label: dict[Still, int] = {each: k for k, each in enumerate([*moving, *alone])}
        own = {each: [s for s in self.links[each] if s in label] or self.links[each] for each in moving}
        for each in moving:
            for s in own[each]:
                label.setdefault(s, len(label))
                _merge(label, each, s)
        found = []
        for k in sorted(set(label.values())):
            here = [s for s in self.moment.sets if label.get(s) == k]
            old, new = ([e for e in side if label.get(e) == k] for side in self.sides)
            found.append((old, here, new))
        return found


def _merge(label: dict[Still, int], a: Still, b: Still) -> None:
    low, high = sorted((label[a], label[b]))
    for each, k in label.items():
        if k == high:
            label[each] = low


def _kind(old: list[Still], free: list[Still], new: list[Still], onto: Sequence[int], at_end: bool) -> str:
    """Return what happens when sets before and after meet in sets that are free or in branches that go on."""
    moving = [*old, *new]
    if not free and not onto:
        return "escape to infinity"
    if not moving:
        return "only here"
    if free and max(_dimensions(free)) > max(_dimensions(moving)):
        return "flat set"
    if onto:
        return "branch point"
    if len(old) == len(new) == 1:
        return _one_to_one(old[0], new[0])
    if at_end:
        return _one_to_one(moving[0], free[0]) if len(moving) == len(free) == 1 else "branch point"
    return "nonsmooth fold" if len(moving) > 1 and not (old and new) else "branch point"


def _dimensions(sets: Iterable[Still]) -> list[int]:
    return [each.dimension for each in sets]


def _one_to_one(before: Still, after: Still) -> str:
    if not before.choices & after.choices:
        return "border collision"
    minima = [each.kind.endswith("minimum") for each in (before, after)]
    return "exchange of the global minimum" if all(minima) else "exchange of stability"
