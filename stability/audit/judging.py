"""Are published counts, quantiles and means compatible with what was measured?

A published number is called reproduced if a sample of the published size would be as unlikely, or less likely, with a
probability of at least `LEAST`.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from stability.audit.experiments import GroupCounts, Measured
from stability.audit.measurements import Measurement, proportion
from stability.errors import StatementError
from stability.exact.validation import finite, whole_number

LEAST = 0.01
"""The probability under which a published number is called not reproduced."""


def probability_of_count(published: int, of: int, successes: int, runs: int) -> float:
    """Return how probable a count is that is at most as likely as the published one, given what was measured.

    The unknown rate has the posterior of a uniform prior, so the count has a beta-binomial law.
    """
    law = stats.betabinom(of, successes + 1, runs - successes + 1)
    masses = law.pmf(np.arange(of + 1))
    return float(min(1.0, masses[masses <= masses[published] * (1 + 1e-9)].sum()))


def count(measured: Measured, published: int, of: int, group: str | None = None, failures: bool = False) -> Measurement:
    """Judge a published number of successes, or failures, among so many runs."""
    found = measured.group(group)
    if not found.runs:
        return Measurement(False, f"No run of {measured.runs:,} is one of {group!r}.")
    hits = found.runs - found.successes if failures else found.successes
    return share(hits, found.runs, published, of, "fail" if failures else "succeed")


def share(hits: int, runs: int, published: int, of: int, what: str) -> Measurement:
    """Judge a published share of runs of any kind; `what` is said after the measured share."""
    whole_number(of, "how many runs were published", 1)
    whole_number(published, "a published count", 0, of)
    chance = probability_of_count(published, of, hits, runs)
    says = f"{told(hits, runs)} {what}; a count as unlikely as {published} of {of} has probability {probable(chance)}."
    return Measurement(chance >= LEAST, says)


def quantile(found: GroupCounts, q: float, published: float, of: int, over: str = "success") -> Measurement:
    """Judge a published q-quantile (0 to 1; 0 and 1 are least and largest) of stop epochs over so many runs."""
    if not 0 <= finite(q, "a quantile") <= 1:
        raise StatementError(f"Expected a quantile from 0 to 1; got {q}.", "Write 0.5 for the median.")
    finite(published, "a published quantile")
    epochs = found.epochs(over)
    if not len(epochs) or of < 1:
        return Measurement(False, f"There are no {over} runs to compare {published:g} with.")
    chance = probability_of_quantile(epochs, q, published, of)
    own = float(np.quantile(epochs, q, method="inverted_cdf"))
    name = {0.0: "the least", 1.0: "the largest", 0.5: "the median"}.get(q, f"the {q:.0%} quantile")
    says = f"{name} of {len(epochs):,} stop epochs ({over}) is {own:g}; in samples of {of}, one as far off as "
    return Measurement(chance >= LEAST, f"{says}{published:g} has probability {probable(chance)}.")


def probability_of_quantile(values: Sequence[float] | np.ndarray, q: float, published: float, of: int) -> float:
    """Return twice the smaller of the chances that a sample quantile is at most, or at least, the published one.

    The sample quantile is taken between the order statistics around q (of - 1), so that every usual rule is covered.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    at_most = np.searchsorted(ordered, published, side="right") / len(ordered)
    below = np.searchsorted(ordered, published, side="left") / len(ordered)
    low, high = int(np.floor(q * (of - 1))), int(np.ceil(q * (of - 1)))
    small = stats.binom.sf(low, of, at_most)
    large = stats.binom.cdf(high, of, below)
    return float(min(1.0, 2 * min(small, large)))


def mean(found: GroupCounts, published: float, of: int, over: str = "success") -> Measurement:
    """Judge a published mean of stop epochs over so many runs, by the normal law."""
    epochs = found.epochs(over)
    if len(epochs) < 2 or of < 1:
        return Measurement(False, f"There are no {over} runs to compare {published:g} with.")
    own, spread = float(epochs.mean()), float(epochs.std(ddof=1))
    error = spread * np.sqrt(1 / of + 1 / len(epochs))
    chance = float(2 * stats.norm.sf(abs(published - own) / error)) if error else float(published == own)
    says = f"The mean of {len(epochs):,} stop epochs ({over}) is {own:.1f} (standard deviation {spread:.1f}); in "
    rest = f"samples of {of}, one as far off as {published:g} has probability {probable(chance)}."
    return Measurement(chance >= LEAST, says + rest)


def deviation(found: GroupCounts, published: float, of: int, over: str = "success", seed: int = 0) -> Measurement:
    """Judge a published standard deviation of stop epochs over so many runs, by 20,000 samples of that size."""
    epochs = found.epochs(over)
    if len(epochs) < 2 or of < 2:
        return Measurement(False, f"There are no {over} runs to compare {published:g} with.")
    samples = np.random.default_rng(seed).choice(epochs, (20_000, of)).std(axis=1, ddof=1)
    chance = float(min(1.0, 2 * min((samples <= published).mean(), (samples >= published).mean())))
    own = float(epochs.std(ddof=1))
    says = f"The standard deviation of {len(epochs):,} stop epochs ({over}) is {own:.1f}; in samples of {of}, one as "
    return Measurement(chance >= LEAST, f"{says}far off as {published:g} has probability {probable(chance)}.")


def level(below: int, runs: int, q: float, published: float, of: int) -> Measurement:
    """Judge a published q-quantile of a continuous quantity, given how many of all runs are below it."""
    share_below = below / runs
    low, high = int(np.floor(q * (of - 1))), int(np.ceil(q * (of - 1)))
    sides = stats.binom.sf(low, of, share_below), stats.binom.cdf(high, of, share_below)
    chance = float(min(1.0, 2 * min(sides)))
    name = {0.0: "least one", 1.0: "largest one", 0.5: "median"}.get(q, f"{q:.0%} quantile")
    says = f"{told(below, runs)} are below {published:g}; in samples of {of}, a {name} as far off has probability "
    return Measurement(chance >= LEAST, f"{says}{probable(chance)}.")


def average(own: float, spread: float, published: float, of: int, what: str) -> Measurement:
    """Judge a published mean of so many draws of a quantity whose mean and standard deviation are known."""
    chance = float(2 * stats.norm.sf(abs(published - own) / (spread / np.sqrt(of))))
    says = f"The mean of {what} is {own:.4g} (standard deviation {spread:.3g}); in samples of {of}, one as far off as "
    return Measurement(chance >= LEAST, f"{says}{published:g} has probability {probable(chance)}.")


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
    stream = np.random.default_rng(seed)
    found = statistic(*(stream.choice(values, (draws, size)) for values, size in samples))
    chance = float(min(1.0, 2 * min((found <= published).mean(), (found >= published).mean())))
    low, middle, high = np.quantile(found, (0.025, 0.5, 0.975))
    says = f"In samples {what} is {middle:.3g} in the middle (95% from {low:.3g} to {high:.3g}); one as far off as "
    return Measurement(chance >= LEAST, f"{says}{published:g} has probability {probable(chance)}.")


def higher(better: GroupCounts, worse: GroupCounts, names: str) -> Measurement:
    """Judge that one group succeeds more often than another: are the 95% intervals apart, in this order?"""
    low, high = better.interval[0], worse.interval[1]
    says = f"{told(better.successes, better.runs)} against {told(worse.successes, worse.runs)} succeed ({names})."
    return Measurement(low > high, says)


def all_of(*parts: Measurement) -> Measurement:
    """Judge several measurements together."""
    return Measurement(all(part.reproduced for part in parts), " ".join(part.says for part in parts))


def fails(part: Measurement) -> Measurement:
    """Judge the contrary."""
    return Measurement(not part.reproduced, part.says)


def told(hits: int, runs: int) -> str:
    """Return a share with its 95% interval in words."""
    return proportion(hits, runs)


def probable(chance: float) -> str:
    """Return a probability as people read it."""
    return f"{chance:.2f}" if chance >= 0.01 else f"{chance:.1g}"
