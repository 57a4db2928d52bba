"""What happens at an event of a family, in sentences for people who do not know the notation of reports."""

from collections import Counter

from stability.dynamics.bifurcation.bifurcation import Bifurcation
from stability.dynamics.bifurcation.events import KINDS, BifurcationEvent, SetChange
from stability.dynamics.bifurcation.text import around, kinds_of

AND = " and "


def event_words(found: Bifurcation, happening: BifurcationEvent) -> list[str]:
    """Return what happens at an event, a sentence for changes that look alike, with their number."""
    sentences = Counter(_sentence(found, change, happening) for change in happening.changes)
    return [f"{many} times: {words}" if many > 1 else words for words, many in sentences.items()]


def _sentence(found: Bifurcation, change: SetChange, happening: BifurcationEvent) -> str:
    head = f"{change.kind} ({KINDS[change.kind]})"
    if change.kind == "change of shape":
        return f"{head}: {kinds_of(found, change.before, AND)}"
    before, there, after = around(found, change, happening.value, AND)
    below = "" if before is None else f"below this value {before or 'none'}; "
    above = "" if after is None else f"; above it {after or 'none'}"
    return f"{head}: {below}at it {there or 'none within any bound'}{above}"
