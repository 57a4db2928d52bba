"""Bifurcations by what varies: a slope, a label, a coordinate of a point, or the ratio of bias and radius."""

from dataclasses import dataclass
from fractions import Fraction
from math import log10

from stability.compute.progress import Progress, silent
from stability.dynamics.bifurcation.angular import AngularBifurcation, angular_bifurcation
from stability.dynamics.bifurcation.bifurcation import MOST_CHOICES, Bifurcation, bifurcation
from stability.dynamics.bifurcation.families import FamilyError, Given, coordinate_family, label_family, slope_family
from stability.errors import NumberError, PointError, TooLargeError, UnknownNameError, nearest
from stability.exact.numbers import Exact, decimal, rational
from stability.io.printable import amount, brief
from stability.model.network_loss import NetworkLoss
from stability.model.restrictions import require_fixed, require_units_alone

FORMS = {"slope": "slope", "label:K": "label:1", "coordinate:K:AXIS": "coordinate:1:2", "ratio": "ratio"}
"""What may vary, with an example: the slope left of the kink, a label, a coordinate of a point (counted from 1), or b/r
of one unit."""


NAMES = {"slope": "a", "label": "y", "coordinate": "x", "ratio": "beta"}
"""How each is called in formulas."""


MOST_AROUND = 16
"""The most points for which ratios are followed; that many take a minute or two."""


MOST_BITS = 200
"""Of a numerator or denominator where the ratio varies: 60 digits; roots of the polynomials take long beyond."""


AnyBifurcation = Bifurcation | AngularBifurcation


@dataclass(frozen=True)
class ParameterRange:
    """What varies, from where to where, and how it is called in formulas."""

    what: str
    low: Fraction
    high: Fraction
    name: str


def question(vary: str, span: str) -> ParameterRange:
    """Read what varies and the range, "LOW,HIGH" in either order.

    Raises
    ------
    UnknownNameError, NumberError, FamilyError
        If nothing of that name can vary, or the range is none or has no width.
    """
    require_form(vary)
    return between(vary, *ends(span))


def ends(span: str) -> tuple[str, str]:
    """Read the two ends of a range, "LOW,HIGH" in either order.

    Raises
    ------
    NumberError
        If there are not two.
    """
    found = [end.strip() for end in span.split(",")]
    if len(found) != 2 or not all(found):
        raise NumberError(f"Expected a range of two numbers; got {brief(span)}.", "Write --range -1,1 or 1/3,0.5.")
    return found[0], found[1]


def require_form(vary: str) -> None:
    """Raise UnknownNameError if nothing of that name can vary."""
    word = vary.split(":")[0]
    if word not in NAMES:
        raise UnknownNameError(f"Expected one of {', '.join(FORMS)}; got {brief(vary)}.", nearest(word, list(NAMES)))


def between(vary: str, low: Exact, high: Exact) -> ParameterRange:
    """Return the question of what happens between two parameters, in either order.

    Raises
    ------
    UnknownNameError, NumberError, FamilyError
        If nothing of that name can vary, or the range is none or has no width.
    """
    require_form(vary)
    least, greatest = sorted(map(rational, (low, high)))
    if least == greatest:
        raise FamilyError(f"Expected a range with two different ends; got {low},{high}.", "Write --range -1,1.")
    return ParameterRange(vary, least, greatest, NAMES[vary.split(":")[0]])


def answer(
    place: NetworkLoss,
    asked: ParameterRange,
    radius: Exact | None = None,
    max_faces: int | None = None,
    progress: Progress = silent,
) -> AnyBifurcation:
    """Return the bifurcation that was asked for.

    Parameters
    ----------
    place : NetworkLoss
    asked : ParameterRange
    radius : exact number, optional
        Of the unit, where the ratio varies; 1 by default.
    max_faces : int, optional
        The most choices of one face per unit that are followed; `MOST_CHOICES` by default.
    progress : callable
        Called with (stage, 0, 0) before the work.

    Raises
    ------
    StabilityError
        If an example or a coordinate does not exist, a radius or several units make no sense, or there are too many
        choices of faces.
    """
    require_fixed(place, "a bifurcation", "the pieces of sets are no polyhedra where they are trained")
    if asked.what == "ratio":
        _require_small_plane(place)
        width: Exact = "1" if radius is None else radius
        _require_few_digits(place, rational(width), asked.low, asked.high)
        progress("angles at all ratios", 0, 0)
        return angular_bifurcation(place, width, asked.low, asked.high)
    if radius is not None:
        raise NumberError(f"Expected a radius for the ratio only; got {radius!r} for {asked.what}.", "Leave it out.")
    given = family(place, asked.what)
    progress("stationary sets at all parameters", 0, 0)
    most = MOST_CHOICES if max_faces is None else max_faces
    return bifurcation(given, asked.low, asked.high, asked.name, max_faces=most)


def _require_small_plane(place: NetworkLoss) -> None:
    require_units_alone(place, "a ratio of bias and radius")
    if place.units != 1 or place.data.dimension != 2:
        raise PointError(
            f"Expected one unit in the plane, so that there is one ratio b/r; {place!r} has "
            f"{amount(place.units, 'unit')} in {amount(place.data.dimension, 'dimension')}.",
            "Take one unit, as relu1, and points of two coordinates.",
        )
    if len(place.rows) > MOST_AROUND:
        raise TooLargeError(
            f"Expected at most {MOST_AROUND} points where the ratio varies; {place.data.name} has {len(place.rows)}.",
            "Take fewer points; angular_bifurcation in Python takes any number.",
        )


def _require_few_digits(place: NetworkLoss, *given: Fraction) -> None:
    unit = place.network.unit
    every = [*given, *(x for row in place.rows for x in row), *place.data.labels, unit.negative, unit.positive]
    for number in every:
        bits = max(number.numerator.bit_length(), number.denominator.bit_length())
        if bits > MOST_BITS:
            digits = f"about {round(bits * log10(2)):,}"
            raise NumberError(
                f"Expected numbers of at most 60 digits where the ratio varies; got {decimal(number)}..., "
                f"a fraction of {digits} digits.",
                "Rescale the data, or round them.",
            )


def family(place: NetworkLoss, what: str) -> Given:
    """Return the family in which something varies; a slope replaces that of the model.

    Raises
    ------
    UnknownNameError, NumberError, FamilyError
        If it is spelled otherwise, or the example or coordinate does not exist.
    """
    word, *entries = what.split(":")
    form = next(form for form in FORMS if form.split(":")[0] == word)
    if len(entries) != form.count(":"):
        raise UnknownNameError(f"Expected {form}; got {brief(what)}.", f"Write --vary {FORMS[form]}.")
    if word == "slope":
        return slope_family(place)
    limits = (len(place.rows), place.data.dimension)
    numbers = [_counted(entry, limit, what) for entry, limit in zip(entries, limits, strict=False)]
    return label_family(place, *numbers) if word == "label" else coordinate_family(place, *numbers)


LONGEST_ENTRY = 40


def _counted(entry: str, limit: int, what: str) -> int:
    """Return a number counted from 1 as one counted from 0."""
    if not entry.isdecimal() or len(entry) > LONGEST_ENTRY or not 1 <= int(entry) <= limit:
        raise NumberError(f"Expected a number from 1 to {limit} in {brief(what)}; got {brief(entry)}.", "Count from 1.")
    return int(entry) - 1
