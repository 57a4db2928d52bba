"""How is a bifurcation asked for, computed and told on the command line?"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rich.table import Table
from rich.text import Text

from stability.dynamics.angular_branches import AngularBifurcation, angular_bifurcation
from stability.dynamics.bifurcation import Bifurcation, bifurcation
from stability.dynamics.families import Given, coordinate_family, label_family, leaky_family
from stability.dynamics.stories import event_lines, listed
from stability.errors import NumberError, UnknownNameError, nearest
from stability.exact.numbers import rational
from stability.model.landscapes import Landscape

FORMS = ("slope", "label:K", "coordinate:K:AXIS", "ratio")
"""What may vary: the slope left of the kink, a label, a coordinate of a point (counted from 1), or b/r of one unit."""

Story = Bifurcation | AngularBifurcation


@dataclass(frozen=True)
class Question:
    """What varies, from where to where, and how it is called in formulas."""

    what: str
    low: Fraction
    high: Fraction
    name: str


def question(vary: str, span: str) -> Question:
    """Read what varies and the range, "LOW,HIGH" in either order.

    Raises
    ------
    UnknownNameError, NumberError
        If nothing of that name can vary, or the range is none.
    """
    word = vary.split(":")[0]
    known = [form.split(":")[0] for form in FORMS]
    if word not in known:
        raise UnknownNameError(f"Expected one of {', '.join(FORMS)}; got {vary!r}.", nearest(word, known))
    ends = span.split(",")
    if len(ends) != 2:
        raise NumberError(f"Expected a range of two numbers; got {span!r}.", "Write --range -1,1.")
    low, high = sorted(rational(end.strip()) for end in ends)
    name = {"slope": "a", "label": "y", "coordinate": "x", "ratio": "beta"}[word]
    return Question(vary, low, high, name)


def answer(place: Landscape, asked: Question, radius: str = "1") -> Story:
    """Return the bifurcation that was asked for.

    Raises
    ------
    StabilityError
        If an example or a coordinate does not exist, the range is empty, or there are too many choices of faces.
    """
    if asked.what == "ratio":
        return angular_bifurcation(place, radius, asked.low, asked.high)
    return bifurcation(family(place, asked.what), asked.low, asked.high, asked.name)


def family(place: Landscape, what: str) -> Given:
    """Return the family in which something varies; a slope replaces that of the model.

    Raises
    ------
    UnknownNameError, NumberError, FamilyError
        If it is spelled otherwise, or the example or coordinate does not exist.
    """
    word, *entries = what.split(":")
    form = next(form for form in FORMS if form.startswith(word))
    if len(entries) != form.count(":"):
        raise UnknownNameError(f"Expected {form}; got {what!r}.", f"Write --vary {form.replace('K', '1')}.")
    if word == "slope":
        return leaky_family(place.data, place.units, place.loss_kind)
    limits = (len(place.rows), place.data.dimension)
    numbers = [_counted(entry, limit, what) for entry, limit in zip(entries, limits, strict=False)]
    return label_family(place, *numbers) if word == "label" else coordinate_family(place, *numbers)


def _counted(entry: str, limit: int, what: str) -> int:
    """Return a number counted from 1 as one counted from 0."""
    if not entry.isdecimal() or not 1 <= int(entry) <= limit:
        raise NumberError(f"Expected a number from 1 to {limit} in {what!r}; got {entry!r}.", "Count from 1.")
    return int(entry) - 1


def to_json(place: Landscape, asked: Question, story: Story) -> dict[str, Any]:
    """Return the story as plain data, with the model and what varies."""
    head = {"model": place.network.name, "data": place.data.name, "loss_kind": place.loss_kind, "vary": asked.what}
    return {**story.to_json(), **head}


def tables(place: Landscape, asked: Question, story: Story) -> list[str | Table]:
    """Return the story in words and tables."""
    if isinstance(story, AngularBifurcation):
        return _angular_tables(story)
    where = f"{place!r}, {_told(place, asked)} {asked.name} from {asked.low} to {asked.high}"
    events = [each for each in story.events if any(line for line in event_lines(story, each))]
    head = (
        f"{where}: {len(story.branches)} branches, {len(events)} events\n"
        f"Complete at every {asked.name}; {len(story.checked)} atlases agree."
    )
    branches = Table("from", "to", "kind", "how many", "dimension", "loss")
    for same in story.groups():
        each, count = same[0], sum(branch.orbit for branch in same)
        span = str(each.low), str(each.high)
        branches.add_row(*span, each.kind, str(count), str(each.dimension), each.loss.text(asked.name))
    happenings = Table(f"at {asked.name}", "what happens")
    for happening in events:
        happenings.add_row(str(happening.value), Text("\n".join(event_lines(story, happening))))
    return [head, branches, happenings]


def title(place: Landscape, asked: Question) -> str:
    """Return what a picture of the story is called."""
    units = f"{place.units} unit{'s' if place.units > 1 else ''}" if asked.what == "slope" else place.network.name
    return f"{units} on {place.data.name} ({place.loss_kind} of squares): {asked.what}"


def _told(place: Landscape, asked: Question) -> str:
    if asked.what == "slope":
        return f"with slope {asked.name} left of 0 in place of {place.network.unit.negative}:"
    return f"{asked.what.replace(':', ' ')} ="


def _angular_tables(story: AngularBifurcation) -> list[str | Table]:
    head = f"{story.landscape!r}: stationary angles at r = {story.radius}, beta = b/r; b and r are held"
    spans = Table("from", "to", "stationary angles")
    for span in story.spans:
        kinds = listed(sorted(each.kind for each in span.angles)) or "none"
        spans.add_row(str(span.low), str(span.high), kinds)
    happenings = Table("at beta", "what happens")
    for event in story.events:
        happenings.add_row(str(event.ratio), repr(event).split(": ", 1)[1].replace("; ", "\n"))
    return [head, spans, happenings]
