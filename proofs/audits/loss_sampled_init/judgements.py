"""What the results of the experiments of "Loss-Based Sampling Initialization for Neural Networks" say on its claims."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np

from stability.audit.counts import CountResult
from stability.audit.experiments import GroupCounts, Measured
from stability.audit.hypothesis_tests import (
    deviations,
    higher,
    probability_of_mean,
    probability_of_quantile,
    quantile,
    resampled,
    share,
    two_sided,
    with_interval,
)
from stability.audit.passing import LEAST, probable
from stability.audit.vocabulary import Measurement
from stability.model.wilson import wilson
from stability.training.ensembles.reference_descent import End

from .experiments import COSINES, PLATEAUS, ROWS, TOLERANCES, Row


def starts_right(found: Measured, published: int, numbers: Sequence[int], law: Sequence[float]) -> Measurement:
    """Judge a published count, of 100 starts, of those with so many points right."""
    own = share(sum(found.right[k] for k in numbers), found.runs, published, 100, "start so")
    exact = sum(law[k] for k in numbers)
    return Measurement(
        own.reproduced, f"{own.says} The exact share is {exact if isinstance(exact, Fraction) else f'{exact:.2%}'}."
    )


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


ORDERS = {"least": 0.0, "lower quartile": 0.25, "median": 0.5, "upper quartile": 0.75, "largest": 1.0}
"""Statistics that are quantiles."""


def chance_of(statistic: str, epochs: np.ndarray, published: float, of: int) -> float:
    """Return how probable a statistic of so many epochs is that is as far off as the published one."""
    if statistic in ORDERS:
        return probability_of_quantile(epochs, ORDERS[statistic], published, of)
    if statistic == "mean":
        return probability_of_mean(epochs, published, of)
    return two_sided(deviations(epochs, of), published)


def table_fits(rows: Sequence[Row], cells: Callable[[Row], dict[str, float]], *found: Measured) -> Measurement:
    """Judge all cells of a table of epochs together: no cell may be so far off as one true table of 100 has some cell."""
    table = [(row, name, value, m) for row, m in zip(rows, found, strict=True) for name, value in cells(row).items()]
    limit, misses, others = LEAST / len(table), [], 0
    for row, name, value, measured in table:
        chance = chance_of(name, measured.whole.epochs(), value, row.successes)
        if chance < limit:
            misses.append(f"the {name} {row.what}, {value:g}, has probability {probable(chance)}")
        others += chance_of(name, measured.whole.epochs("all"), value, 50) >= limit
    first = found[0].whole.epochs()
    values = [int(v) for v in np.unique(first) if chance_of("median", first, float(v), rows[0].successes) >= limit]
    says = (
        f"Of {len(table)} cells {len(table) - len(misses)} fit the successful runs, and {others} all runs, at {probable(limit)} each, "
        f"1 in 100 for the table; {rows[0].what} medians from {values[0]} to {values[-1]} would pass."
    )
    return Measurement(not misses, " ".join([says, *([f"Not so: {'; '.join(misses)}."] if misses else [])]))


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
    own = correlates(found, "distance and epochs, successes", found.whole.successes, "successes")
    return Measurement(own.reproduced, f"{own.says} R^2 is {found.numbers['r2'][0]:.2f}.")


def correlates(found: Measured, name: str, runs: int, what: str, least: float = 0.5) -> Measurement:
    """Judge that a rank correlation is so high, in its 95% interval too (Fisher's, with the variance 1.06/(n - 3) of ranks)."""
    own = found.numbers[name]
    low, high = np.tanh(np.arctanh(own) + np.array([-1.96, 1.96]) * np.sqrt(1.06 / (runs - 3)))
    says = f"Rank correlation over {runs:,} {what}: {own:.3f} (95% interval {low:.3f} to {high:.3f}; from {least:g} on would pass)."
    return Measurement(bool(low >= least), says)


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


def mirror_shares(found: Measured, details: Measured, successes: bool = False) -> str:
    """Return which share of the runs, or of the successes, is mirrored by which tolerance."""
    of, which = (found.whole.successes, 1) if successes else (found.runs, 0)
    lengths = [
        f"{hits(found, f'mirrored {t:g}')[which] / of:.1%} with |w + w'| up to {t:g} (|w| + |w'|)" for t in TOLERANCES
    ]
    turned = [f"{hits(details, f'cosine {c:g}')[which] / of:.1%} with a cosine below {c:g}" for c in COSINES]
    return f"It hangs on the tolerance: {', '.join([*turned, *lengths])}."


def ends_mirrored(found: Measured, details: Measured, published: int) -> Measurement:
    """Judge a published count, of 50, of runs that end with weights whose cosine is below -0.9."""
    own = share(hits(details, "cosine -0.9")[0], details.runs, published, 50, "end so")
    return Measurement(own.reproduced, f"{own.says} {mirror_shares(found, details)}")


def mirrored_and_solved(found: Measured, details: Measured) -> Measurement:
    """Judge whether the runs that end with a cosine below -0.9 are the successes, up to 1 in 20 either way."""
    runs, both = hits(details, "cosine -0.9")
    well = details.whole.successes
    says = f"Of the successes {with_interval(both, well)} are mirrored, and {runs - both} failures are."
    return Measurement(
        both >= 0.95 * well and both >= 0.95 * runs, f"{says} {mirror_shares(found, details, successes=True)}"
    )


def unseen_starts(filtered: Measured, plain: Measured) -> Measurement:
    """Judge whether the filter leaves fewer than one in a hundred starts that do not see one point of each class."""
    (few, lucky), (many, _) = (hits(m, "blind at the start") for m in (filtered, plain))
    says = f"{with_interval(few, filtered.runs)} are, {with_interval(many, plain.runs)} without the filter; of the former {lucky} succeed."
    return Measurement(few < 0.01 * filtered.runs, says)


def speed_up(control: Measured, lowest: Measured) -> Measurement:
    """Judge the published ratio of the medians of successful runs."""
    samples = [(control.whole.epochs(), 29), (lowest.whole.epochs(), 50)]
    ratio = resampled(
        lambda a, b: np.median(a, 1) / np.median(b, 1), samples, 2.5, "the ratio of the medians", without=1
    )
    medians = " and ".join(f"{np.median(epochs):g}" for epochs, _ in samples)
    return Measurement(ratio.reproduced, f"Of all runs that succeed the medians are {medians} epochs. {ratio.says}")


def saved(control: Measured, lowest: Measured) -> Measurement:
    """Judge the published difference of the medians of successful runs."""
    samples = [(control.whole.epochs(), 29), (lowest.whole.epochs(), 50)]
    return resampled(
        lambda a, b: np.median(a, 1) - np.median(b, 1), samples, 74, "the difference of the medians", without=0
    )


def spread(found: Measured, of: int, published: float) -> Measurement:
    """Judge the published range of the epochs of successful runs."""
    return resampled(lambda a: np.ptp(a, axis=1), [(found.whole.epochs(), of)], published, "the range")


def better_than_sgd(*found: Measured) -> Measurement:
    """Compare Adam with SGD: without and with the filter, for two units and for two layers."""
    names = ("two units", "two units with the filter", "two layers", "two layers with the filter")
    pairs = [higher(found[2 * k], found[2 * k + 1], f"Adam and SGD, {name}") for k, name in enumerate(names)]
    return Measurement(any(pair.reproduced for pair in pairs), text(*pairs))


def bought(control: Measured, lowest: Measured, starts: Measured, passes: CountResult) -> Measurement:
    """Compare what a success costs, in forward passes, of which an epoch is worth as many as were measured."""
    draws, worth = starts.runs / starts.group("below 0.072").runs, passes.figure("epoch")
    without, filtered = (worth * m.whole.epochs("all").sum() / m.whole.successes for m in (control, lowest))
    says = (
        f"An epoch is worth {worth:.1f} forward passes. A success costs {without:.0f} of them without the filter and "
        f"{filtered + draws:.0f} with it, {draws:.0f} of them for drawing."
    )
    return Measurement(filtered + draws < without, says)


def worth_of_an_epoch(low: float, high: float, passes: CountResult) -> Measurement:
    """Judge how many forward passes an epoch is worth."""
    worth, noise = passes.figure("epoch"), abs(passes.figure("forward again") - 1)
    says = (
        f"An epoch of training (forward, backward, a step of Adam) takes as long as {worth:.1f} forward passes with the loss, "
        f"{passes.figure('gradient'):.1f} without the step; a second forward pass {passes.figure('forward again'):.2f}."
    )
    return Measurement(low <= worth <= high if noise < 0.25 else None, says)


def drawing_against_training(passes: CountResult) -> Measurement:
    """Judge whether 100 forward passes are less than a fifth of 74 epochs."""
    worth = passes.figure("epoch")
    says = (
        f"An epoch is worth {worth:.1f} forward passes, so that 100 of them are {100 / (74 * worth):.0%} of 74 epochs"
    )
    return Measurement(74 * worth / 5 > 100, f"{says}; up to 20% would pass, that is, an epoch worth 6.8 or more.")


def most_converged(*found: Measured) -> Measurement:
    """Judge whether most successful runs have a loss of 1e-7 at their stop, without and with the filter."""
    shares = [(hits(m, "converged")[1], m.whole.successes) for m in found]
    names = ("without a filter", "with < 0.072")
    says = "; ".join(f"{name} {with_interval(*each)}" for name, each in zip(names, shares, strict=True))
    most = all(wilson(*each)[0] > 0.5 for each in shares)
    return Measurement(most, f"Successful runs that stop at a loss of 1e-7 or less: {says}.")


def gains(*found: Measured) -> Measurement:
    """Compare the gains by the strictest filters, in points, with the success rates before."""
    rates = [(a.whole.rate, b.whole.rate) for a, b in zip(found[::2], found[1::2], strict=True)]
    says = [
        f"{name}: from {a:.1%} to {b:.1%}"
        for name, (a, b) in zip(("two units", "three units", "two layers"), rates, strict=True)
    ]
    most = max(rates, key=lambda pair: pair[1] - pair[0])[0]
    return Measurement(0.5 <= most <= 0.8, f"{'; '.join(says)}.")


def ratio_of_rates(plain: Measured, filtered: Measured, least: float = 1.5) -> Measurement:
    """Judge whether so many times as many runs succeed with the filter, in the 95% intervals of both shares."""
    shares = [(m.whole.successes, m.runs) for m in (plain, filtered)]
    (low, high), (bottom, top) = (wilson(*each) for each in shares)
    own = filtered.whole.rate / plain.whole.rate
    says = f"{with_interval(*shares[1])} succeed with the filter, {with_interval(*shares[0])} without: {own:.2f} times as many"
    return Measurement(bottom / high >= least, f"{says}, from {bottom / high:.2f} to {top / low:.2f}.")


def ends_solved(begin: np.ndarray, end: End) -> np.ndarray:
    """Return which runs end at loss 0."""
    solved: np.ndarray = np.abs(end.losses) < 1e-6
    return solved
