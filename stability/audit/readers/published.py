"""Published numbers of training: counts of successes, and statistics of the epochs at which runs stop."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from stability.audit.measurements import Measurement, with_instead
from stability.audit.readers.clauses import Clause, split
from stability.logic.formulas import short

if TYPE_CHECKING:
    from stability.audit.experiments import GroupCounts

MOST = 10**6
"""Runs that may have been published."""

NUMBER = r"(\d{1,15}(?:\.\d{1,15})?)"
COUNT = re.compile(r"(?:(success(?:es)?|failures?)\s+)?(\d{1,15})\s*(?:/|of\b)\s*(\d{1,15})(?:\s+(?:runs|succeed))?")
EPOCHS = re.compile(rf"(median|mean|least|largest|quantile\s+{NUMBER}\s*(%?))\s+epochs?\s+{NUMBER}\s+of\s+(\d{{1,15}})"
                    r"(?:\s+(runs|successes))?")  # fmt: skip
QUANTILES = {"median": 0.5, "least": 0.0, "largest": 1.0}
SPELLING = "Write success 24/50, median epochs 190 of 24, mean epochs 200 of 24 or quantile 90% epochs 300 of 24."


@dataclass(frozen=True)
class PublishedCount:
    """A published number of runs that succeed, or fail, among so many."""

    count: int
    of: int
    failures: bool = False

    def judge(self, found: "GroupCounts") -> Measurement:
        """Compare with what was measured."""
        from stability.audit.hypothesis_tests import share
        from stability.model.wilson import wilson

        hits = found.runs - found.successes if self.failures else found.successes
        judged = share(hits, found.runs, self.count, self.of, "fail" if self.failures else "succeed")
        low, high = wilson(hits, found.runs)
        word = "failures" if self.failures else "success"
        return with_instead(judged, f"{word} {hits}/{found.runs} (95% interval {low:.1%} to {high:.1%})")


@dataclass(frozen=True)
class PublishedEpochs:
    """A published quantile, or mean, of the epochs at which so many runs stop.

    Attributes
    ----------
    q : float or None
        Which quantile; None for the mean.
    value : float
    of : int
    over : str
        "success" or "all": which runs.
    """

    q: float | None
    value: float
    of: int
    over: str

    def judge(self, found: "GroupCounts") -> Measurement:
        """Compare with what was measured."""
        from stability.audit.hypothesis_tests import mean, quantile

        if self.q is None:
            judged = mean(found, self.value, self.of, self.over)
        else:
            judged = quantile(found, self.q, self.value, self.of, self.over)
        return with_instead(judged, self._measured(found)) if len(found.epochs(self.over)) else judged

    def _measured(self, found: "GroupCounts") -> str:
        """Return what was measured as `published` takes it, with the interval where there is one."""
        import numpy as np

        from stability.audit.hypothesis_tests import mean_interval, quantile_interval

        epochs = found.epochs(self.over).astype(float)
        if self.q is None:
            own, name = f"{epochs.mean():.1f}", "mean"
            interval: tuple[float, float] | None = mean_interval(epochs)
        else:
            own = f"{np.quantile(epochs, self.q, method='inverted_cdf'):g}"
            name = next((word for word, q in QUANTILES.items() if q == self.q), f"quantile {100 * self.q:g}%")
            interval = quantile_interval(epochs, self.q)
        runs = f"{name} epochs {own} of {len(epochs)}{' runs' if self.over == 'all' else ''}"
        return runs if interval is None else f"{runs} (95% interval {interval[0]:.4g} to {interval[1]:.4g})"


Published = PublishedCount | PublishedEpochs


def read_published(clause: Clause) -> list[Published]:
    """Return what a clause says was published.

    Raises
    ------
    DocumentError
        If it says nothing, or what cannot be.
    """
    found = [_read(text, clause) for text in split(clause.text)]
    if not found:
        raise clause.error("Expected numbers after published; got none.", SPELLING)
    return found


def _read(text: str, clause: Clause) -> Published:
    for pattern, read in READERS:
        match = pattern.fullmatch(text)
        if match is not None:
            return read(match.groups(), clause)
    raise clause.error(f"Expected a published number; got {short(text)}.", SPELLING)


def _count(parts: Sequence[str | None], clause: Clause) -> PublishedCount:
    word, count, of = parts[0] or "", int(parts[1] or 0), _runs(parts[2], clause)
    if count > of:
        raise clause.error(f"Expected a count from 0 to {of} of {of} runs; got {count}.", "Write success 24/50.")
    return PublishedCount(count, of, word.startswith("failure"))


def _epochs(parts: Sequence[str | None], clause: Clause) -> PublishedEpochs:
    name, share, percent, value, of, over = parts
    which = "all" if over == "runs" else "success"
    q = QUANTILES.get(name or "")
    if share is not None:
        q = float(Fraction(share) / (100 if percent else 1))
        if q > 1:
            raise clause.error(f"Expected a quantile from 0 to 1; got {share}{percent}.", "Write 0.9, or 90%.")
    return PublishedEpochs(q, float(value or 0), _runs(of, clause), which)


def _runs(text: str | None, clause: Clause) -> int:
    of = int(text or 0)
    if not 1 <= of <= MOST:
        raise clause.error(f"Expected from 1 to {MOST:,} published runs; got {of:,}.", "Write success 24/50.")
    return of


READERS: Sequence[tuple["re.Pattern[str]", Callable[[Sequence[str | None], Clause], Published]]] = (
    (COUNT, _count),
    (EPOCHS, _epochs),
)
"""How each kind of published number is spelled and read; a new kind is one entry."""
