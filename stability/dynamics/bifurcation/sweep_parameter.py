"""All stationary sets of a family, from the lowest parameter to the highest."""

from collections.abc import Callable
from typing import TypeVar

from stability.dynamics.bifurcation.exact_intervals import Timeline
from stability.dynamics.bifurcation.families import LandscapeFamily
from stability.dynamics.bifurcation.snapshots import Snapshot, at, coincidences, during
from stability.dynamics.bifurcation.strata import Choice, Moment, ParametricFaces, Status, Stratum, strata
from stability.exact.real_roots import Root, between, exactly, primitive_part, roots_within

T = TypeVar("T")


def parameter_sweep(family: LandscapeFamily) -> list[Snapshot]:
    """Return complete lists in ascending order: at the low end, on an interval, at a cut, ..., at the high end.

    Between two cuts nothing changes but numbers. At a cut something may: which choices of faces are stationary, of
    which sort, which outputs of touching sets are the same, or which minimum is the least.
    """
    low, high = exactly(family.low), exactly(family.high)
    found: list[Snapshot] = []
    for stratum in strata(family, low, high):
        found += [_whole(family, stratum.low), *_within(stratum)]
    return [*found, _whole(family, high)]


def _whole(family: LandscapeFamily, root: Root) -> Snapshot:
    """Return the sets at a parameter where nothing is known yet."""
    moment = Moment(family, root)
    return at(moment, family.scale, _each(moment.parametric, moment.status))


def _each(parametric: ParametricFaces, ask: Callable[[Choice], T]) -> dict[Choice, T]:
    """Return the answers for all choices of faces; those that symmetries make of each other are asked once."""
    images = {choice: parametric.image(choice) for choice in parametric.choices()}
    known = {image: ask(image) for image in dict.fromkeys(images.values())}
    return {choice: known[image] for choice, image in images.items()}


def _within(stratum: Stratum) -> list[Snapshot]:
    every = _each(stratum.parametric, stratum.statuses)
    lives = {choice: (line, cuts) for choice, (line, cuts) in every.items() if cuts or any(line.values)}
    coarse = sorted({cut for line, _ in lives.values() for cut in line.cuts})
    cuts = set(coarse)
    for low, high in Timeline(stratum.low, stratum.high, coarse, [None]).spans:
        present = [(choice, line.across(low, high)) for choice, (line, _) in lives.items()]
        functions = coincidences(stratum, present)
        cuts |= set(roots_within((primitive_part(f.num) for f in functions), low, high))
    whole = Timeline(stratum.low, stratum.high, sorted(cuts), [None])
    found = []
    for low, high in whole.spans:
        statuses = {choice: line.across(low, high) for choice, (line, _) in lives.items()}
        found.append(during(stratum, low, high, between(low, high), statuses))
        if high < stratum.high:
            moment = stratum.moment(high)
            here = {choice: _at(line, cuts_, high) for choice, (line, cuts_) in lives.items()}
            found.append(at(moment, stratum.family.scale, here))
    return found


def _at(line: Timeline[Status], cuts: dict[Root, Status], root: Root) -> Status:
    return cuts[root] if root in cuts else line.values[sum(cut < root for cut in line.cuts)]
