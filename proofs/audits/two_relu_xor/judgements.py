"""What the results of the experiments of "Two ReLU Units Summed for XOR Classification" say on its claims.

Published counts, as far as they follow from the percentages: 21 and 1 of 50; 4, 1 and 0 of 500.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from scipy import stats

from stability.audit.experiments import GroupCounts, Measured
from stability.audit.hypothesis_tests import share
from stability.audit.passing import LEAST, near_enough, probable, would_pass
from stability.audit.vocabulary import Measurement
from stability.model.wilson import wilson
from stability.training.ensembles.reference_descent import End

from .vocabulary import RELU2


def part(found: Measured, name: str) -> GroupCounts:
    """Return the counts of a group, without its epochs."""
    runs, successes = map(int, found.numbers[name])
    return GroupCounts(runs, successes, {}, {})


def failed(found: GroupCounts) -> int:
    """Return how many runs of a group fail."""
    return found.runs - found.successes


def interval(hits: int, runs: int) -> tuple[float, float]:
    """Return the 95% interval of a share: anything, of no runs."""
    return wilson(hits, runs) if runs else (0.0, 1.0)


def with_interval(hits: int, runs: int) -> str:
    """Return a share with its interval, in as many digits as a rare event needs."""
    low, high = interval(hits, runs)
    digits = 1 if hits > runs / 200 else 3
    own = f"{hits / runs:.{digits}%}, " if runs else ""
    return f"{hits:,} of {runs:,} ({own}95% interval {low:.{digits}%} to {high:.{digits}%})"


def published(found: GroupCounts, failures: int, of: int) -> Measurement:
    """Judge a published number of failures. That 2% is one failure makes 50 runs, that 0.2% is at least one makes 500."""
    return share(failed(found), found.runs, failures, of, "fail")


def at_least(bound: float, hits: int, runs: int, words: str) -> Measurement:
    """Judge whether a share is so large, its interval included."""
    return Measurement(interval(hits, runs)[0] >= bound, f"{words}: {with_interval(hits, runs)}.")


def below(bound: float, hits: int, runs: int, words: str) -> Measurement:
    """Judge whether a share is smaller, its interval included."""
    return Measurement(interval(hits, runs)[1] < bound, f"{words}: {with_interval(hits, runs)}.")


def never(found: GroupCounts, words: str) -> Measurement:
    """Judge whether no run of a group fails."""
    return Measurement(
        found.runs > 0 and not failed(found), f"Failures {words}: {with_interval(failed(found), found.runs)}."
    )


def falls(what: str, *stages: tuple[str, int, int]) -> Measurement:
    """Judge whether a share, (words, hits, runs), falls from stage to stage, beyond the intervals of both."""
    bounds = [interval(hits, runs) for _, hits, runs in stages]
    lower = all(after[1] < before[0] for before, after in pairwise(bounds))
    return Measurement(
        lower, f"{what}, {'; '.join(f'{words}: {with_interval(hits, runs)}' for words, hits, runs in stages)}."
    )


def fewer_failures(*stages: tuple[str, GroupCounts]) -> Measurement:
    """Judge whether the share of failures falls from group to group."""
    return falls("Failures", *((words, failed(group), group.runs) for words, group in stages))


def resolved(before: GroupCounts, after: GroupCounts, of: int = 50, left: int = 1, first: int = 21) -> Measurement:
    """Judge the published share of failures that the liveness test resolves, 1 - left/first, in two samples of `of`."""
    rates = [failed(group) / group.runs for group in (before, after)]
    counts = np.arange(of + 1)
    chances = np.outer(*(stats.binom.pmf(counts, of, rate) for rate in rates))[1:]
    shares = 1 - counts[None, :] / counts[1:, None]
    tails = [chances[side].sum() for side in (shares <= 1 - left / first, shares >= 1 - left / first)]
    chance = min(1.0, 2 * min(tails))
    passing = [x for x in np.unique(shares) if min(chances[shares <= x].sum(), chances[shares >= x].sum()) >= LEAST / 2]
    says = f"From {rates[0]:.1%} to {rates[1]:.1%} failures, {1 - rates[1] / rates[0]:.1%} are resolved; in two samples of "
    return Measurement(
        chance >= LEAST,
        f"{says}{of}, a share as far off as 20 of 21 has probability {probable(chance)}{would_pass(passing[0], passing[-1])}.",
    )


def in_traps(found: Measured) -> Measurement:
    """Judge whether the failed runs stopped where gradient flow leads into a trap."""
    hits, everyone = found.count(kind="local minimum"), failed(found.whole)
    return at_least(0.95, hits, everyone, "Failed runs that stopped at a trap, or on a flow into one")


def share_of_dead_starts(*wide: Measured) -> Measurement:
    """Judge whether the shares of starts with a dead class-1 point halve from unit to unit: 2^(1 - k)."""
    groups = [
        (int(found.settings["model"].removeprefix("relu")), part(found, "dead").runs, found.runs) for found in wide
    ]
    inside = [low <= 2.0 ** (1 - k) <= high for k, hits, runs in groups for low, high in [wilson(hits, runs, 0.99)]]
    says = "; ".join(
        f"{k} units {with_interval(hits, runs)}, expected {2.0 ** (1 - k):.3%}" for k, hits, runs in groups
    )
    return Measurement(all(inside), f"Starts with a dead class-1 point: {says}.")


def scores(found: Measured) -> Measurement:
    """Judge whether all failed runs have three or two points right."""
    three, two, everyone = found.right[3], found.right[2], failed(found.whole)
    says = f"Failed runs with three right answers: {with_interval(three, everyone)}; with two: {with_interval(two, everyone)}."
    return Measurement(three + two == everyone, says)


def near_starts_fail(found: Measured) -> Measurement:
    """Judge whether live starts near 3 pi/4 or -pi/4 fail more often than the others."""
    near, true = part(found, "near_eq"), part(found, "near_opt")
    rest, far = ((failed(found.whole) - failed(group), found.runs - group.runs) for group in (near, true))
    says = (
        f"Failures of live starts with a unit within 15 degrees of 3 pi/4 or -pi/4: {with_interval(failed(near), near.runs)}; "
        f"others: {with_interval(*rest)}. With a unit within 15 degrees of pi/4 or -3 pi/4: {with_interval(failed(true), true.runs)}; "
        f"others: {with_interval(*far)}."
    )
    return Measurement(interval(failed(near), near.runs)[0] > interval(*rest)[1], says)


def asymmetric(found: Measured, name: str, words: str) -> Measurement:
    """Judge whether the successes that end with units unlike each other are the smaller part."""
    hits, everyone = part(found, name).successes, found.whole.successes
    return below(0.5, hits, everyone, f"Successful runs whose units end more than {words} from being mirror images")


def alike(one: tuple[str, GroupCounts], other: tuple[str, GroupCounts], within: float = 0.02) -> Measurement:
    """Judge whether two groups fail equally often, up to two points."""
    says = "; ".join(f"{words}: {with_interval(failed(group), group.runs)}" for words, group in (one, other))
    counts = [(failed(group), group.runs) for _, group in (one, other)]
    return near_enough(counts[0], counts[1], within, f"Failures, {says}")


def few_but_some(found: GroupCounts) -> Measurement:
    """Judge whether some runs fail, but less than 5%."""
    low, high = interval(failed(found), found.runs)
    return Measurement(low > 0 and high < 0.05, f"Failures of live starts: {with_interval(failed(found), found.runs)}.")


def dead_starts_fail(found: Measured) -> Measurement:
    """Judge whether at least 95% of the runs fail at whose start a class-1 point is dead."""
    rule = f"{found.settings['optimizer']}, {found.settings['lr']}"
    dead = part(found, "dead")
    return at_least(0.95, failed(dead), dead.runs, f"Failures where a class-1 point is dead at the start ({rule})")


def failures_were_dead_starts(found: Measured, bound: float) -> Measurement:
    """Judge whether at least such a share of the failed runs started with a dead class-1 point."""
    words, seeing = "Failed runs that started with a dead class-1 point", part(found, "seeing")
    judged = at_least(bound, failed(part(found, "dead")), failed(found.whole), words)
    return replace(
        judged, says=f"{judged.says} Failures of the other starts: {with_interval(failed(seeing), seeing.runs)}."
    )


def half_live_fail_more(found: Measured) -> Measurement:
    """Judge whether a dead class-0 point makes failures more frequent where both class-1 points are live."""
    return fewer_failures(
        ("with a dead class-0 point only", part(found, "half_live")), ("with none dead", part(found, "live"))
    )


def narrow_fail_more(found: Measured, name: str) -> Measurement:
    """Judge whether starts with a narrow margin at one class only fail more often than safe ones."""
    where = name[-1]
    return fewer_failures(
        (f"margin up to 1/10 at class {where} only", part(found, name)), ("above 3/10 everywhere", part(found, "safe"))
    )


def live_failures_lack_margin(found: Measured) -> Measurement:
    """Judge whether failed live runs started without a margin of 3/10 more often than all live runs."""
    unsafe, everyone = part(found, "unsafe"), failed(found.whole)
    return falls(
        "Starts with a margin up to 3/10",
        ("of failed live runs", failed(unsafe), everyone),
        ("of all live runs", unsafe.runs, found.runs),
    )


def failures_end(found: Measured, name: str, words: str, bound: float = 0.5) -> Measurement:
    """Judge whether at least such a share of the failed runs ends in a group."""
    return at_least(bound, failed(part(found, name)), failed(found.whole), f"Failed runs that end {words}")


def ends_across(begin: np.ndarray, end: End) -> np.ndarray:
    """Return which runs of a single unit end at loss 1 with w1 and w2 of opposite signs."""
    weights = end.points[:, 0, :2]
    across: np.ndarray = (np.abs(end.losses - 1) < 1e-6) & (weights.prod(1) < 0)
    return across


def ends_as_alive(begin: np.ndarray, end: End) -> np.ndarray:
    """Return which runs of relu2 end at loss 0 with both class-1 points live at the start, at loss 1 with one dead."""
    points = np.array([[float(x) for x in row] for row in RELU2.rows])
    dead = (np.einsum("rkc,nc->rkn", begin, points)[:, :, :2].max(1) <= 0).any(1)
    as_stated: np.ndarray = np.abs(end.losses - dead) < 1e-6
    return as_stated


def ends_in_quadrant(begin: np.ndarray, end: End) -> np.ndarray:
    """Return which runs of a single unit end at loss 1 with w1 < 0 < w2."""
    inside: np.ndarray = ends_across(begin, end) & (end.points[:, 0, 0] < 0)
    return inside
