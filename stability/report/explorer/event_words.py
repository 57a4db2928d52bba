"""What happens at an event of a family, in sentences for people who do not know the notation of reports."""

from collections import Counter

from stability.dynamics.bifurcation.bifurcation import Bifurcation
from stability.dynamics.bifurcation.events import KINDS, BifurcationEvent, SetChange
from stability.dynamics.bifurcation.text import listed, still_text
from stability.exact.real_roots import exactly


def event_words(found: Bifurcation, happening: BifurcationEvent) -> list[str]:
    """Return what happens at an event, a sentence for changes that look alike, with their number."""
    sentences = Counter(_sentence(found, change, happening) for change in happening.changes)
    return [f"{many} times: {words}" if many > 1 else words for words, many in sentences.items()]


def _sentence(found: Bifurcation, change: SetChange, happening: BifurcationEvent) -> str:
    def kinds(branches: list[int]) -> str:
        return listed(found.branches[k].kind for k in branches).replace(" + ", " and ")

    head = f"{change.kind} ({KINDS[change.kind]})"
    if change.kind == "change of shape":
        return f"{head}: {kinds(change.before)}"
    goes_on = f"{kinds(change.onto)} that {'goes' if len(change.onto) == 1 else 'go'} on" if change.onto else ""
    there = [words for words in (listed(map(still_text, change.at)).replace(" + ", " and "), goes_on) if words]
    low, high = exactly(found.family.low), exactly(found.family.high)
    below = "" if happening.value == low else f"below this value {kinds(change.before) or 'none'}; "
    above = "" if happening.value == high else f"; above it {kinds(change.after) or 'none'}"
    return f"{head}: {below}at it {' and '.join(there) or 'none within any bound'}{above}"
