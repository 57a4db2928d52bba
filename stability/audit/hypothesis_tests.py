"""Tests of published counts, quantiles and means against what was measured.

A published number is called reproduced if a sample of the published size would be as unlikely, or less likely, with a
probability of at least `LEAST`, and if the test had power: it says what would have passed, and stays undecided where a
clear difference would be missed more often than not, or where there is nothing to compare with. Shares of deep networks
and means over their seeds are judged by 95% intervals, and their power is said.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from stability.arrays import Floats
from stability.audit.measurements import Measurement, proportion
from stability.audit.passing import (
    LEAST,
    QUANTILE,
    around,
    chances_of_order,
    passing_counts,
    probabilities_of_counts,
    probabilities_of_quantiles,
    probable,
    weighed,
    would_pass,
)
from stability.audit.power import EPOCHS, RATE, power_of_count, power_of_mean, power_of_quantile, with_power
from stability.errors import StatementError
from stability.logic.validation import called, finite, listed, whole_number, words
from stability.model.wilson import wilson

if TYPE_CHECKING:
    from stability.audit.experiments import GroupCounts, Measured


def probability_of_count(published: int, of: int, successes: int, runs: int) -> float:
    """Return how probable a count is that is at most as likely as the published one, given what was measured.

    The unknown rate has the posterior of a uniform prior, so the count has a beta-binomial law.
    """
    whole_number(of, "how many runs were published", 1)
    whole_number(published, "a published count", 0, of)
    whole_number(runs, "how many runs were made")
    whole_number(successes, "a measured count", 0, runs)
    return float(probabilities_of_counts(of, successes, runs)[published])


def count(
    measured: "Measured", published: int, of: int, group: str | None = None, failures: bool = False
) -> Measurement:
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
    low, high = passing_counts(of, hits, runs)
    says = f"{with_interval(hits, runs)} {what}; a count as unlikely as {published} of {of} has probability "
    says += f"{probable(chance)}{would_pass(low, high)}."
    return with_power(weighed(chance, says), lambda: power_of_count(of, hits, runs), RATE)


def quantile(found: "GroupCounts", q: float, published: float, of: int, over: str = "success") -> Measurement:
    """Judge a published q-quantile (0 to 1; 0 and 1 are least and largest) of stop epochs over so many runs."""
    share_of_order(q)
    finite(published, "a published quantile")
    whole_number(of, "how many runs were published", 1)
    epochs = found.epochs(over)
    if not len(epochs):
        return Measurement(None, f"There are no {over} runs to compare {published:g} with.")
    chance = probability_of_quantile(epochs, q, published, of)
    own = float(np.quantile(epochs, q, method="inverted_cdf"))
    name = {0.0: "The least", 1.0: "The largest", 0.5: "The median"}.get(q, f"The {q:.0%} quantile")
    says = f"{name} of {len(epochs):,} stop epochs ({over}) is {own:g}; in samples of {of}, one as far off as "
    values = np.unique(epochs).astype(float)
    passing = values[probabilities_of_quantiles(epochs, q, values, of) >= LEAST]
    low, high = (float(passing[0]), float(passing[-1])) if len(passing) else (own, own)
    judged = weighed(chance, f"{says}{published:g} has probability {probable(chance)}{would_pass(low, high)}.")
    return with_power(judged, lambda: power_of_quantile(epochs.astype(float), q, of), EPOCHS)


def probability_of_quantile(values: Sequence[float] | np.ndarray, q: float, published: float, of: int) -> float:
    """Return twice the smaller of the chances that a sample quantile is at most, or at least, the published one.

    The sample quantile is taken between the order statistics around q (of - 1), so that every usual rule is covered.
    """
    return float(probabilities_of_quantiles(values, q, np.array([published], dtype=float), of)[0])


def mean(found: "GroupCounts", published: float, of: int, over: str = "success") -> Measurement:
    """Judge a published mean of stop epochs over so many runs, by the normal law."""
    finite(published, "a published mean")
    whole_number(of, "how many runs were published", 1)
    epochs = found.epochs(over)
    if len(epochs) < 2:
        return Measurement(None, f"There are no {over} runs to compare {published:g} with.")
    own, spread = float(epochs.mean()), float(epochs.std(ddof=1))
    error = spread * float(np.sqrt(1 / of + 1 / len(epochs)))
    chance = probability_of_mean(epochs, published, of)
    says = f"The mean of {len(epochs):,} stop epochs ({over}) is {own:.1f} (standard deviation {spread:.1f}); in "
    rest = f"samples of {of}, one as far off as {published:g} has probability {probable(chance)}"
    judged = weighed(chance, f"{says}{rest}{around(own, QUANTILE * error)}.")
    return with_power(judged, lambda: power_of_mean(epochs.astype(float), of), EPOCHS)


def probability_of_mean(values: Sequence[float] | np.ndarray, published: float, of: int) -> float:
    """Return how probable a mean of so many is that is as far from that of the values, by the normal law."""
    known = np.asarray(values, dtype=float)
    error = float(known.std(ddof=1)) * float(np.sqrt(1 / of + 1 / len(known)))
    own = float(known.mean())
    return float(2 * stats.norm.sf(abs(published - own) / error)) if error else float(published == own)


def deviation(found: "GroupCounts", published: float, of: int, over: str = "success", seed: int = 0) -> Measurement:
    """Judge a published standard deviation of stop epochs over so many runs, by 20,000 samples of that size."""
    if finite(published, "a published standard deviation") < 0:
        raise StatementError(
            f"Expected a standard deviation of at least 0; got {published}.", "Write 9.5, for example."
        )
    whole_number(of, "how many runs were published", 2)
    epochs = found.epochs(over)
    if len(epochs) < 2:
        return Measurement(None, f"There are no {over} runs to compare {published:g} with.")
    samples = deviations(epochs, of, seed)
    chance = two_sided(samples, published)
    own = float(epochs.std(ddof=1))
    low, high = np.quantile(samples, (LEAST / 2, 1 - LEAST / 2))
    says = f"The standard deviation of {len(epochs):,} stop epochs ({over}) is {own:.1f}; in samples of {of}, one as "
    rest = f"far off as {published:g} has probability {probable(chance)}{would_pass(low, high)}."
    return weighed(chance, says + rest, float(high - low) / (2 * own or 1.0))


def deviations(values: Sequence[float] | np.ndarray, of: int, seed: int = 0) -> Floats:
    """Return the standard deviations of 20,000 samples of a size."""
    found: Floats = np.random.default_rng(seed).choice(values, (20_000, of)).std(axis=1, ddof=1)
    return found


def two_sided(samples: Floats, published: float) -> float:
    """Return twice the smaller share of samples on either side of a published number."""
    return float(min(1.0, 2 * min((samples <= published).mean(), (samples >= published).mean())))


def level(below: int, runs: int, q: float, published: float, of: int) -> Measurement:
    """Judge a published q-quantile of a continuous quantity, given how many of all runs are below it."""
    whole_number(runs, "how many runs were made", 1)
    whole_number(below, "how many runs are below", 0, runs)
    whole_number(of, "how many draws were published", 1)
    share_of_order(q)
    finite(published, "a published quantile")
    own = np.array([below / runs])
    chance = float(chances_of_order(q, of, own, own)[0])
    name = {0.0: "least one", 1.0: "largest one", 0.5: "median"}.get(q, f"{q:.0%} quantile")
    says = f"{with_interval(below, runs)} are below {published:g}; in samples of {of}, a {name} as far off has "
    shares = np.linspace(0, 1, 2001)
    passing = shares[chances_of_order(q, of, shares, shares) >= LEAST]
    rest = f"probability {probable(chance)} (it would pass with {passing[0]:.0%} to {passing[-1]:.0%} below)."
    return weighed(chance, says + rest, float(passing[-1] - passing[0]))


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
    error = spread / float(np.sqrt(of))
    rest = f"{published:g} has probability {probable(chance)}{around(own, QUANTILE * error)}."
    return weighed(chance, says + rest, QUANTILE * error / (abs(own) or 1.0))


def resampled(
    statistic: Callable[..., np.ndarray],
    samples: Sequence[tuple[np.ndarray, int]],
    published: float,
    what: str,
    draws: int = 20_000,
    seed: int = 0,
    without: float | None = None,
) -> Measurement:
    """Judge a published statistic of samples of given sizes, drawn anew from what was measured.

    The statistic gets arrays of the shape (draws, size) and returns one number per draw. `without` is what it would be
    without the effect that it measures: where that would pass as well the test has no power.
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
    chance = two_sided(found, published)
    low, middle, high = np.quantile(found, (LEAST / 2, 0.5, 1 - LEAST / 2))
    says = f"In samples {what} is {middle:.3g} in the middle; one as far off as {published:g} has probability "
    wide = 1.0 if without is not None and low <= without <= high else 0.0
    return weighed(chance, f"{says}{probable(chance)}{would_pass(low, high)}.", wide)


def higher(better: "GroupCounts", worse: "GroupCounts", names: str) -> Measurement:
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
    instead = dict.fromkeys(part.instead for part in parts if part.instead)
    return Measurement(verdict, " ".join(part.says for part in parts), "; ".join(instead) if verdict is False else "")


def fails(part: Measurement) -> Measurement:
    """Judge the contrary; what is undecided stays so."""
    return Measurement(None if part.reproduced is None else not part.reproduced, part.says)


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
    says += f"{np.mean(one - other):.3g} (95% interval {low:.3g} to {high:.3g}). "
    return Measurement(low > margin, f"{says}{difference_found(one - other, margin)}")


def mean_interval(values: Floats) -> tuple[float, float]:
    """Return the 95% interval (Student) of a mean."""
    mean, n = float(np.mean(values)), len(values)
    if n < 2:
        return float("-inf"), float("inf")
    wide = float(stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return mean - wide, mean + wide


def quantile_interval(values: Sequence[float] | np.ndarray, q: float) -> tuple[float, float] | None:
    """Return the 95% interval of a quantile, between two of the values, whatever their law; None if they are too few.

    So many of the values are at most the quantile as a binomial law with this chance gives, which leaves the ranks.

    Examples
    --------
    >>> quantile_interval(range(1, 11), 0.5)
    (2.0, 9.0)
    """
    ordered, n = np.sort(np.asarray(values, dtype=float)), len(values)
    low, high = (int(stats.binom.ppf(chance, n, q)) for chance in (0.025, 0.975))
    return (float(ordered[low - 1]), float(ordered[high])) if low >= 1 and high < n else None


def difference_found(values: Floats, margin: float = 0.0) -> str:
    """Return the power of `differs` in words: the mean difference that it confirms in 80% of samples."""
    n = len(values)
    if n < 2:
        return "One seed shows no difference."
    quantiles = stats.t.ppf(0.975, n - 1) + stats.t.ppf(0.8, n - 1)
    return f"(Power: 80% at a difference of {margin + quantiles * np.std(values, ddof=1) / np.sqrt(n):.2g}.)"


def most(hits: NDArray[np.bool_], what: str, share: float = 0.5) -> Measurement:
    """Judge that more than a share of runs, here and in the 95% interval, are of a kind; `what` follows the share.

    It is undecided where no number of so few runs would confirm it.
    """
    n = len(hits)
    enough = [k for k in range(n + 1) if wilson(k, n)[0] > share]
    return _of_a_kind(hits, what, enough, share + 0.8 * (1 - share), f"{min(enough, default=0)} or more")


def hardly_any(hits: NDArray[np.bool_], what: str, share: float = 0.5) -> Measurement:
    """Judge that less than a share of runs, here and in the 95% interval, are of a kind.

    It is undecided where no number of so few runs would confirm it.
    """
    n = len(hits)
    enough = [k for k in range(n + 1) if wilson(k, n)[1] < share]
    return _of_a_kind(hits, what, enough, 0.2 * share, f"{max(enough, default=0)} or fewer")


def _of_a_kind(hits: NDArray[np.bool_], what: str, enough: list[int], share: float, needed: str) -> Measurement:
    """Judge by whether the count is one of those that confirm, and say their chance if a share is of the kind."""
    n, count = len(hits), int(hits.sum())
    says = f"{proportion(count, n)} {what}."
    if not enough:
        return Measurement(None, f"{says} No number of {n} would decide it.")
    power = stats.binom.pmf(enough, n, share).sum()
    return Measurement(count in enough, f"{says} ({needed} confirm it; power {power:.0%} if {share:.0%} are.)")
