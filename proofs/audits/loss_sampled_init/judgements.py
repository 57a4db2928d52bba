"""What the results of the experiments of "Loss-Based Sampling Initialization for Neural Networks" say on its claims."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np

from stability.audit.experiments import GroupCounts, Measured
from stability.audit.hypothesis_tests import higher, probability_of_quantile, quantile, resampled, share, with_interval
from stability.audit.vocabulary import Measurement
from stability.model.wilson import wilson
from stability.training.ensembles.reference_descent import End

from .experiments import PLATEAUS, ROWS, TOLERANCES


def starts_right(found: Measured, published: int, numbers: Sequence[int], law: Sequence[float]) -> Measurement:
    """Judge a published count, of 100 starts, of those with so many points right."""
    own = share(sum(found.right[k] for k in numbers), found.runs, published, 100, "start so")
    exact = sum(law[k] for k in numbers)
    return Measurement(
        own.reproduced, f"{own.says} The exact share is {exact if isinstance(exact, Fraction) else f'{exact:.2%}'}."
    )


def both_readings(judge: Callable[..., Measurement], found: Measured, *published: float, of: int) -> Measurement:
    """Judge a number over the successful runs, as 2.3 has it, and add what it is over all 50."""
    first, other = judge(found.whole, *published, of), judge(found.whole, *published, 50, "all")
    if found.whole.successes == found.runs:
        return first
    return Measurement(first.reproduced, f"{first.says} Over all runs: {other.says}")


def hits(found: Measured, name: str) -> tuple[int, int]:
    """Return how many runs are of a kind, and how many of these succeed."""
    runs, successes = found.numbers[name]
    return int(runs), int(successes)


def group(found: Measured, name: str) -> GroupCounts:
    """Return a kind of runs as a group, without epochs."""
    return GroupCounts(*hits(found, name), {}, {})


def failing(found: Measured, name: str) -> int:
    """Return how many failed runs are of a kind."""
    runs, successes = hits(found, name)
    return runs - successes


def within(value: float, low: float, high: float, what: str) -> Measurement:
    """Judge whether a number lies where the claim has it."""
    return Measurement(low <= value <= high, f"{what}: {value:.3g}.")


def rises(shares: Sequence[tuple[int, int]], what: str) -> Measurement:
    """Judge whether shares rise: is each 95% interval above the one before?"""
    ends = [wilson(*each) for each in shares]
    clear = all(before[1] < after[0] for before, after in pairwise(ends))
    return Measurement(clear, f"{what}: {'; '.join(with_interval(*each) for each in shares)}.")


def text(*parts: Measurement) -> str:
    """Return what parts say."""
    return " ".join(part.says for part in parts)


def readings(*found: Measured) -> Measurement:
    """Compare the published quantiles of all rows with the successful runs, and with all runs."""
    fits, cells = {"success": 0, "all": 0}, 0
    for row, measured in zip(ROWS, found, strict=True):
        published = dict(
            zip((0, 0.5, 1, 0.25, 0.75), (row.ends[0], row.median, row.ends[1], *(row.quartiles or ())), strict=False)
        )
        cells += len(published)
        for over, of in (("success", row.successes), ("all", 50)):
            stops = measured.whole.epochs(over)
            fits[over] += sum(probability_of_quantile(stops, q, v, of) >= 0.01 for q, v in published.items())
    says = f"Of {cells} published quantiles {fits['success']} fit the successful runs and {fits['all']} all runs."
    return Measurement(fits["success"] == cells, says)


def explained(found: Measured) -> Measurement:
    """Judge the published R^2 of the epochs by the distance."""
    whole, low, middle, high = found.numbers["r2"]
    says = (
        f"R^2 is {whole:.3f}; in 99% of samples of 100 from {low:.3f} to {high:.3f}, {middle:.3f} in the middle. By "
        "the "
    )
    logarithm = found.numbers["r2 of the logarithm"][0]
    return Measurement(
        low <= 0.9666 <= high, f"{says}logarithm of the distance it is {logarithm:.3f}; epochs are whole."
    )


def near_and_fast(found: Measured) -> Measurement:
    """Judge the rank correlation of distance and epochs among the successes."""
    correlation = found.numbers["distance and epochs, successes"]
    says = (
        f"Rank correlation {correlation:.2f} over {found.whole.successes:,} successes; R^2 "
        f"{found.numbers['r2'][0]:.2f}."
    )
    return Measurement(correlation >= 0.5, says)


def stuck(found: Measured, published: int) -> Measurement:
    """Judge a published count, of 50, of failures at a plateau."""
    failed = sum(failing(found, name) for name in PLATEAUS)
    return share(failed, found.runs, published, 50, "fail within 1/200 of a plateau")


def on_an_eighth(plain: Measured, filtered: Measured) -> Measurement:
    """Judge whether at least half of the failures end near 1/8, without and with the filter."""
    says, half = [], True
    for words, found in (("Without", plain), ("With", filtered)):
        eighth, sixth, quarter = (failing(found, name) for name in PLATEAUS)
        failed = found.runs - found.whole.successes
        half &= 2 * eighth >= failed
        says.append(
            f"{words} the filter {with_interval(eighth, failed)} failures end near 1/8, {sixth:,} near 1/6, {quarter:,} near "
            "1/4."
        )
    return Measurement(half, " ".join(says))


def to_the_end(found: Measured) -> Measurement:
    """Judge whether failures run for all epochs, and successes do not."""
    last = found.settings["epochs"]
    failed, well = (counts.get(last, 0) for counts in (found.whole.epochs_all, found.whole.epochs_success))
    failed -= well
    says = (
        f"{with_interval(failed, found.runs - found.whole.successes)} failures run to the end, and "
        f"{with_interval(well, found.whole.successes)} successes."
    )
    return Measurement(failed == found.runs - found.whole.successes and not well, says)


def converged(found: Measured, early: Measured, published: int, successes: int) -> Measurement:
    """Judge a published 10% quantile of the epochs of all 50 runs; add two other readings."""
    own = quantile(found.whole, 0.1, published, 50, "all")
    other = quantile(found.whole, 0.1, published, successes)
    by_score = (
        f"By accuracy it would be far earlier: {with_interval(early.whole.successes, early.runs)} have all right after 40 "
        "epochs."
    )
    return Measurement(own.reproduced, f"{own.says} Of successful runs: {other.says} {by_score}")


def above_1(found: Measured) -> str:
    """Return how many live starts of loss above 1 succeed, in words."""
    runs, successes = hits(found, "live above 1")
    return with_interval(successes, runs)


def helps_under_sgd(sgd: Measured, adam: Measured, short: Measured) -> Measurement:
    """Judge whether live starts of high loss fail more often than all live starts, under SGD."""
    every = sgd.group("live")
    worse = higher(every, group(sgd, "live above 1"), "").reproduced
    says = (
        f"Under SGD {above_1(sgd)} live starts above 1 succeed, and {with_interval(every.successes, every.runs)} of all live "
        "ones. "
    )
    return Measurement(
        worse, f"{says}With Adam {above_1(adam)} of those above 1 do, with a tenth of the step {above_1(short)}."
    )


def far_starts_fail(*found: Measured) -> Measurement:
    """Judge whether live starts of high loss fail more often than one in a hundred, under SGD with two step sizes."""
    fail = all(hits(m, "live above 1")[1] < 0.99 * hits(m, "live above 1")[0] for m in found)
    dead = " and ".join(with_interval(m.group("dead").successes, m.group("dead").runs) for m in found)
    says = f"Of live starts above 1 {' and '.join(map(above_1, found))} succeed, of dead ones {dead}."
    return Measurement(fail, says)


def ends_mirrored(found: Measured, published: int) -> Measurement:
    """Judge a published count, of 50, of runs that end mirrored to a tenth."""
    own = share(hits(found, "mirrored 0.1")[0], found.runs, published, 50, "end so")
    others = ", ".join(f"{hits(found, f'mirrored {t:g}')[0] / found.runs:.1%} to {t:g}" for t in TOLERANCES)
    return Measurement(own.reproduced, f"{own.says} By tolerances: {others}.")


def mirrored_and_solved(found: Measured) -> Measurement:
    """Judge whether the runs that end mirrored to a tenth are the successes, up to 1 in 20 either way."""
    runs, both = hits(found, "mirrored 0.1")
    well = found.whole.successes
    shares = ", ".join(f"{hits(found, f'mirrored {t:g}')[1] / well:.1%} to {t:g}" for t in TOLERANCES)
    says = (
        f"Of the successes {with_interval(both, well)} are mirrored to a tenth (by tolerances: {shares}); {runs - both} "
        "failures are."
    )
    return Measurement(both >= 0.95 * well and both >= 0.95 * runs, says)


def unseen_starts(filtered: Measured, plain: Measured) -> Measurement:
    """Judge whether the filter leaves fewer than one in a hundred starts that do not see one point of each class."""
    (few, lucky), (many, _) = (hits(m, "blind at the start") for m in (filtered, plain))
    says = f"{with_interval(few, filtered.runs)} are, {with_interval(many, plain.runs)} without the filter; of the former {lucky} succeed."
    return Measurement(few < 0.01 * filtered.runs, says)


def speed_up(control: Measured, lowest: Measured) -> Measurement:
    """Judge the published ratio of the medians of successful runs."""
    samples = [(control.whole.epochs(), 29), (lowest.whole.epochs(), 50)]
    return resampled(lambda a, b: np.median(a, 1) / np.median(b, 1), samples, 2.5, "the ratio of the medians")


def saved(control: Measured, lowest: Measured) -> Measurement:
    """Judge the published difference of the medians of successful runs."""
    samples = [(control.whole.epochs(), 29), (lowest.whole.epochs(), 50)]
    return resampled(lambda a, b: np.median(a, 1) - np.median(b, 1), samples, 74, "the difference of the medians")


def spread(found: Measured, of: int, published: float) -> Measurement:
    """Judge the published range of the epochs of successful runs."""
    return resampled(lambda a: np.ptp(a, axis=1), [(found.whole.epochs(), of)], published, "the range")


def better_than_sgd(*found: Measured) -> Measurement:
    """Compare Adam with SGD: without and with the filter, for two units and for two layers."""
    names = ("two units", "two units with the filter", "two layers", "two layers with the filter")
    pairs = [higher(found[2 * k], found[2 * k + 1], f"Adam and SGD, {name}") for k, name in enumerate(names)]
    return Measurement(any(pair.reproduced for pair in pairs), text(*pairs))


def bought(control: Measured, lowest: Measured, starts: Measured) -> Measurement:
    """Compare what a success costs, in forward passes of which an epoch takes three."""
    draws = starts.runs / starts.group("below 0.072").runs
    without, filtered = (3 * m.whole.epochs("all").sum() / m.whole.successes for m in (control, lowest))
    says = (
        f"A success costs {without:.0f} forward passes without the filter and {filtered + draws:.0f} with it, "
        f"{draws:.0f} of them for drawing."
    )
    return Measurement(filtered + draws < without, says)


def gains(*found: Measured) -> Measurement:
    """Compare the gains by the strictest filters, in points, with the success rates before."""
    rates = [(a.whole.rate, b.whole.rate) for a, b in zip(found[::2], found[1::2], strict=True)]
    says = [
        f"{name}: from {a:.1%} to {b:.1%}"
        for name, (a, b) in zip(("two units", "three units", "two layers"), rates, strict=True)
    ]
    most = max(rates, key=lambda pair: pair[1] - pair[0])[0]
    return Measurement(0.5 <= most <= 0.8, f"{'; '.join(says)}.")


def ratio_of_rates(plain: Measured, filtered: Measured) -> Measurement:
    """Judge the published ratio of success rates, 19 of 50 to 10 of 50."""
    samples = [(np.repeat([0, 1], [m.runs - m.whole.successes, m.whole.successes]), 50) for m in (plain, filtered)]
    return resampled(
        lambda a, b: b.sum(1) / np.maximum(a.sum(1), 1), samples, 1.9, "the ratio of the successes of 50 runs"
    )


def ends_solved(begin: np.ndarray, end: End) -> np.ndarray:
    """Return which runs end at loss 0."""
    solved: np.ndarray = np.abs(end.losses) < 1e-6
    return solved
