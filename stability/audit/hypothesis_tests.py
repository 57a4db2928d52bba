"""Tests of published counts, quantiles and means against what was measured.

A published number is called reproduced if a sample of the published size would be as unlikely, or less likely, with a
probability of at least `LEAST`; where there is nothing to compare with, it stays undecided. Published figures of deep
networks, each from one run, are compared with the range of runs from many seeds.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isnan

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from stability.arrays import Floats
from stability.audit.experiments import GroupCounts, Measured
from stability.audit.measurements import Measurement, proportion
from stability.errors import StatementError
from stability.logic.validation import called, finite, listed, whole_number, words
from stability.model.wilson import wilson

LEAST = 0.01
"""The probability under which a published number is called not reproduced."""


def probability_of_count(published: int, of: int, successes: int, runs: int) -> float:
    """Return how probable a count is that is at most as likely as the published one, given what was measured.

    The unknown rate has the posterior of a uniform prior, so the count has a beta-binomial law.
    """
    whole_number(of, "how many runs were published", 1)
    whole_number(published, "a published count", 0, of)
    whole_number(runs, "how many runs were made")
    whole_number(successes, "a measured count", 0, runs)
    masses = masses_of_counts(of, successes, runs)
    return float(min(1.0, masses[masses <= masses[published] * (1 + 1e-9)].sum()))


def masses_of_counts(of: int, successes: int, runs: int) -> Floats:
    """Return how probable each count from 0 to `of` is, given what was measured."""
    found: Floats = stats.betabinom(of, successes + 1, runs - successes + 1).pmf(np.arange(of + 1))
    return found


def count(measured: Measured, published: int, of: int, group: str | None = None, failures: bool = False) -> Measurement:
    """Judge a published number of successes, or failures, among so many runs."""
    found = measured.group(group)
    if not found.runs:
        return Measurement(None, f"No run of {measured.runs:,} is one of {group!r}.")
    hits = found.runs - found.successes if failures else found.successes
    return share(hits, found.runs, published, of, "fail" if failures else "succeed")


def share(hits: int, runs: int, published: int, of: int, what: str) -> Measurement:
    """Judge a published share of runs of any kind; `what` is said after the measured share."""
    words(what, "what is said of a share")
    chance = probability_of_count(published, of, hits, runs)
    says = f"{with_interval(hits, runs)} {what}; a count as unlikely as {published} of {of} has probability "
    says += f"{probable(chance)}."
    return weighed(chance, says)


def quantile(found: GroupCounts, q: float, published: float, of: int, over: str = "success") -> Measurement:
    """Judge a published q-quantile (0 to 1; 0 and 1 are least and largest) of stop epochs over so many runs."""
    share_of_order(q)
    finite(published, "a published quantile")
    whole_number(of, "how many runs were published", 1)
    epochs = found.epochs(over)
    if not len(epochs):
        return Measurement(None, f"There are no {over} runs to compare {published:g} with.")
    chance = probability_of_quantile(epochs, q, published, of)
    own = float(np.quantile(epochs, q, method="inverted_cdf"))
    name = {0.0: "the least", 1.0: "the largest", 0.5: "the median"}.get(q, f"the {q:.0%} quantile")
    says = f"{name} of {len(epochs):,} stop epochs ({over}) is {own:g}; in samples of {of}, one as far off as "
    return weighed(chance, f"{says}{published:g} has probability {probable(chance)}.")


def probability_of_quantile(values: Sequence[float] | np.ndarray, q: float, published: float, of: int) -> float:
    """Return twice the smaller of the chances that a sample quantile is at most, or at least, the published one.

    The sample quantile is taken between the order statistics around q (of - 1), so that every usual rule is covered.
    """
    return float(probabilities_of_quantiles(values, q, np.array([published], dtype=float), of)[0])


def probabilities_of_quantiles(values: Sequence[float] | np.ndarray, q: float, published: Floats, of: int) -> Floats:
    """Return the same for several published quantiles at once."""
    ordered = np.sort(np.asarray(values, dtype=float))
    at_most = np.searchsorted(ordered, published, side="right") / len(ordered)
    below = np.searchsorted(ordered, published, side="left") / len(ordered)
    low, high = int(np.floor(q * (of - 1))), int(np.ceil(q * (of - 1)))
    sides = np.minimum(stats.binom.sf(low, of, at_most), stats.binom.cdf(high, of, below))
    found: Floats = np.minimum(1.0, 2 * sides)
    return found


def mean(found: GroupCounts, published: float, of: int, over: str = "success") -> Measurement:
    """Judge a published mean of stop epochs over so many runs, by the normal law."""
    finite(published, "a published mean")
    whole_number(of, "how many runs were published", 1)
    epochs = found.epochs(over)
    if len(epochs) < 2:
        return Measurement(None, f"There are no {over} runs to compare {published:g} with.")
    own, spread = float(epochs.mean()), float(epochs.std(ddof=1))
    error = spread * np.sqrt(1 / of + 1 / len(epochs))
    chance = float(2 * stats.norm.sf(abs(published - own) / error)) if error else float(published == own)
    says = f"The mean of {len(epochs):,} stop epochs ({over}) is {own:.1f} (standard deviation {spread:.1f}); in "
    rest = f"samples of {of}, one as far off as {published:g} has probability {probable(chance)}."
    return weighed(chance, says + rest)


def deviation(found: GroupCounts, published: float, of: int, over: str = "success", seed: int = 0) -> Measurement:
    """Judge a published standard deviation of stop epochs over so many runs, by 20,000 samples of that size."""
    if finite(published, "a published standard deviation") < 0:
        raise StatementError(
            f"Expected a standard deviation of at least 0; got {published}.", "Write 9.5, for example."
        )
    whole_number(of, "how many runs were published", 2)
    epochs = found.epochs(over)
    if len(epochs) < 2:
        return Measurement(None, f"There are no {over} runs to compare {published:g} with.")
    samples = np.random.default_rng(seed).choice(epochs, (20_000, of)).std(axis=1, ddof=1)
    chance = float(min(1.0, 2 * min((samples <= published).mean(), (samples >= published).mean())))
    own = float(epochs.std(ddof=1))
    says = f"The standard deviation of {len(epochs):,} stop epochs ({over}) is {own:.1f}; in samples of {of}, one as "
    return weighed(chance, f"{says}far off as {published:g} has probability {probable(chance)}.")


def level(below: int, runs: int, q: float, published: float, of: int) -> Measurement:
    """Judge a published q-quantile of a continuous quantity, given how many of all runs are below it."""
    whole_number(runs, "how many runs were made", 1)
    whole_number(below, "how many runs are below", 0, runs)
    whole_number(of, "how many draws were published", 1)
    share_of_order(q)
    finite(published, "a published quantile")
    share_below = below / runs
    low, high = int(np.floor(q * (of - 1))), int(np.ceil(q * (of - 1)))
    sides = stats.binom.sf(low, of, share_below), stats.binom.cdf(high, of, share_below)
    chance = float(min(1.0, 2 * min(sides)))
    name = {0.0: "least one", 1.0: "largest one", 0.5: "median"}.get(q, f"{q:.0%} quantile")
    says = f"{with_interval(below, runs)} are below {published:g}; in samples of {of}, a {name} as far off has "
    return weighed(chance, f"{says}probability {probable(chance)}.")


def average(own: float, spread: float, published: float, of: int, what: str) -> Measurement:
    """Judge a published mean of so many draws of a quantity whose mean and standard deviation are known."""
    finite(published, "a published mean")
    whole_number(of, "how many draws were published", 1)
    words(what, "whose mean it is")
    if not (np.isfinite(own) and np.isfinite(spread) and spread >= 0):
        return Measurement(
            None, f"{what} have no mean and deviation to compare {published:g} with: {own:g}, {spread:g}."
        )
    if spread == 0:
        chance = float(published == own)
    else:
        chance = float(2 * stats.norm.sf(abs(published - own) / (spread / np.sqrt(of))))
    says = f"The mean of {what} is {own:.4g} (standard deviation {spread:.3g}); in samples of {of}, one as far off as "
    return weighed(chance, f"{says}{published:g} has probability {probable(chance)}.")


def resampled(
    statistic: Callable[..., np.ndarray],
    samples: Sequence[tuple[np.ndarray, int]],
    published: float,
    what: str,
    draws: int = 20_000,
    seed: int = 0,
) -> Measurement:
    """Judge a published statistic of samples of given sizes, drawn anew from what was measured.

    The statistic gets arrays of the shape (draws, size) and returns one number per draw.
    """
    called(statistic, "a statistic of samples")
    finite(published, "a published statistic")
    words(what, "which statistic it is")
    whole_number(draws, "how many samples are drawn", 1)
    for values, size in listed(samples, "the samples"):
        whole_number(size, "the size of a sample", 1)
        if not len(values):
            return Measurement(None, f"There is nothing measured to draw {what} from, to compare {published:g} with.")
    stream = np.random.default_rng(seed)
    found = statistic(*(stream.choice(values, (draws, size)) for values, size in samples))
    if not np.isfinite(found).all():
        return Measurement(
            None, f"Of {len(found):,} samples, {what} is finite in {int(np.isfinite(found).sum()):,} only."
        )
    chance = float(min(1.0, 2 * min((found <= published).mean(), (found >= published).mean())))
    low, middle, high = np.quantile(found, (0.025, 0.5, 0.975))
    says = f"In samples {what} is {middle:.3g} in the middle (95% from {low:.3g} to {high:.3g}); one as far off as "
    return weighed(chance, f"{says}{published:g} has probability {probable(chance)}.")


def higher(better: GroupCounts, worse: GroupCounts, names: str) -> Measurement:
    """Judge that one group succeeds more often than another, by 95% intervals apart, in order."""
    if not better.runs or not worse.runs:
        return Measurement(None, f"There are no runs to compare ({names}): {better.runs} and {worse.runs}.")
    low, high = better.interval[0], worse.interval[1]
    shares = [with_interval(each.successes, each.runs) for each in (better, worse)]
    says = f"{' against '.join(shares)} succeed ({names})."
    return Measurement(low > high, says)


def all_of(*parts: Measurement) -> Measurement:
    """Judge several measurements together: not reproduced if one is not, else undecided if one is."""
    listed(parts, "measurements")
    found = [part.reproduced for part in parts]
    verdict = False if any(each is not None and not each for each in found) else None if None in found else True
    return Measurement(verdict, " ".join(part.says for part in parts))


def fails(part: Measurement) -> Measurement:
    """Judge the contrary; what is undecided stays so."""
    return Measurement(None if part.reproduced is None else not part.reproduced, part.says)


def weighed(chance: float, says: str) -> Measurement:
    """Judge by a probability; one that is no number decides nothing."""
    return Measurement(None if isnan(chance) else chance >= LEAST, says)


def share_of_order(q: float) -> None:
    """Refuse a quantile that is not from 0 to 1.

    Raises
    ------
    StatementError
        If it is something else.
    """
    if not 0 <= finite(q, "a quantile") <= 1:
        raise StatementError(f"Expected a quantile from 0 to 1; got {q}.", "Write 0.5 for the median.")


def with_interval(hits: int, runs: int) -> str:
    """Return a share with its 95% interval in words."""
    return proportion(hits, runs)


def probable(chance: float) -> str:
    """Return a probability as people read it."""
    return f"{chance:.2f}" if chance >= 0.01 else f"{chance:.1g}"


def among_runs(published: float, readings: Mapping[str, Floats], tolerance: float) -> Measurement:
    """Judge a published number by whether it lies within the range of the runs, in one of several readings.

    Another run lies outside the range of n runs with a probability of at most 2 / (n + 1).

    Parameters
    ----------
    published : float
    readings : dict of str to array
        Numbers of the runs by what they are.
    tolerance : float
        Half a unit of the last digit, or so.
    """
    parts, inside = [], False
    for name, values in readings.items():
        known = values[np.isfinite(values)]
        if not len(known):
            parts.append(f"{name}: none")
            continue
        low, middle, high = known.min(), np.median(known), known.max()
        inside |= bool(low - tolerance <= published <= high + tolerance)
        parts.append(f"{name} from {low:.4g} to {high:.4g}, median {middle:.4g}, in {len(known)} runs")
    return Measurement(inside, f"{'; '.join(parts)}; published: {published:g}.")


def differs(one: Floats, other: Floats, what: str, margin: float = 0.0) -> Measurement:
    """Judge that numbers are larger in one method than in another, from the same seeds, by the 95% interval.

    Parameters
    ----------
    one, other : arrays (seeds,)
    what : str
        What is compared, and how the methods are called, in the same order.
    margin : float
        How much larger.
    """
    low, high = mean_interval(one - other)
    says = f"{what}: {np.mean(one):.3g} against {np.mean(other):.3g} in the mean of {len(one)} seeds, the difference "
    return Measurement(low > margin, f"{says}{np.mean(one - other):.3g} (95% interval {low:.3g} to {high:.3g}).")


def mean_interval(values: Floats) -> tuple[float, float]:
    """Return the 95% interval (Student) of a mean."""
    mean, n = float(np.mean(values)), len(values)
    if n < 2:
        return float("-inf"), float("inf")
    wide = float(stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return mean - wide, mean + wide


def most(hits: NDArray[np.bool_], what: str, share: float = 0.5) -> Measurement:
    """Judge that more than a share of runs, here and in the 95% interval, are of a kind; `what` follows the share."""
    low, _ = wilson(int(hits.sum()), len(hits))
    return Measurement(low > share, f"{proportion(int(hits.sum()), len(hits))} {what}.")


def hardly_any(hits: NDArray[np.bool_], what: str, share: float = 0.5) -> Measurement:
    """Judge that less than a share of runs, here and in the 95% interval, are of a kind."""
    _, high = wilson(int(hits.sum()), len(hits))
    return Measurement(high < share, f"{proportion(int(hits.sum()), len(hits))} {what}.")
