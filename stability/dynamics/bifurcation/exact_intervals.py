"""Intervals of a parameter on which an exact program gives the same answer."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from stability.exact.algebraic_numbers import SignTrace, UnluckyError
from stability.exact.rational_functions import fraction
from stability.exact.real_roots import Root, between, exactly, roots_within

T = TypeVar("T")


@dataclass(frozen=True)
class Timeline(Generic[T]):
    """Answers on the open spans of an open interval; what holds at the cuts between them is another question.

    Attributes
    ----------
    low, high : Root
    cuts : list of Root
        In ascending order, strictly between the ends.
    values : list
        One per span, so one more than cuts.
    """

    low: Root
    high: Root
    cuts: list[Root]
    values: list[T]

    @property
    def spans(self) -> list[tuple[Root, Root]]:
        """The ends of every span."""
        ends = [self.low, *self.cuts, self.high]
        return list(pairwise(ends))

    def across(self, low: Root, high: Root) -> T:
        """Return the value on the span that contains an open interval without cuts."""
        return self.values[sum(cut <= low for cut in self.cuts)]


def timeline(ask: Callable[[SignTrace], T], low: Root, high: Root) -> Timeline[T]:
    """Return the answers of a program on all of an open interval, up to finitely many cuts.

    Parameters
    ----------
    ask : callable
        Runs the program with a trace that decides and notes every sign it hangs on.
    low, high : Root
    """
    found: list[tuple[Root, T]] = []
    pending = [(low, high)]
    while pending:
        left, right = pending.pop()
        value, trace = _asked(ask, left, right)
        here = exactly(fraction(trace.sample))
        roots = roots_within(trace.polynomials, left, right)
        start = max((root for root in roots if root < here), default=left)
        end = min((root for root in roots if here < root), default=right)
        found.append((start, value))
        pending += [pair for pair in ((left, start), (end, right)) if pair[0] < pair[1]]
    found.sort(key=lambda each: each[0])
    return Timeline(low, high, [start for start, _ in found[1:]], [value for _, value in found])


def _asked(ask: Callable[[SignTrace], T], low: Root, high: Root) -> tuple[T, SignTrace]:
    """Run the program at a sample; finitely many are unlucky, and each of those is left for one closer to low."""
    while True:
        trace = SignTrace(between(low, high))
        try:
            return ask(trace), trace
        except UnluckyError:
            high = exactly(fraction(trace.sample))


def merged(*timelines: "Timeline[object]") -> list[Root]:
    """Return all cuts of some timelines, in ascending order."""
    return sorted({cut for each in timelines for cut in each.cuts})
