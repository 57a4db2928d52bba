"""Steps of gradient descent for the slider of the page: the largest stable ones, and the cycles beyond."""

from collections.abc import Sequence
from fractions import Fraction
from math import factorial
from typing import Any

from stability.dynamics.maps.cycles import cycles
from stability.dynamics.maps.invariant_lines import Line
from stability.dynamics.maps.line_cycles import invariant_lines
from stability.exact.numbers import formatted, formatted_vector
from stability.geometry.atlas.atlas import Atlas

STOPS = 40
"""Steps along the slider."""

MOST_ISOLATED, MOST_LINES = 24, 8
"""Isolated points up to which lines through two of them are looked for; lines of words at one step."""

FARTHEST = Fraction(8, 5)
"""How far the slider goes, in units of the largest stable step."""


def step_data(atlas: Atlas) -> dict[str, Any]:
    """Return steps from 0, which stands for gradient flow, to beyond the largest stable one.

    At every step the cycles of period 2 are listed on the lines that descent does not leave, exactly; on which set a
    start ends is computed in the page.
    """
    limits = stable_steps(atlas)
    largest = max(limits.values(), default=Fraction(1, 4))
    steps = sorted({FARTHEST * largest * k / STOPS for k in range(1, STOPS + 1)} | {*limits.values()})
    places = _lines_of(atlas)
    flow = {"value": 0.0, "text": "0: gradient flow", "lines": []}
    known = [{"value": float(x), "text": str(x), "lines": [*_limits(x, limits), *_cycles(places, x)]} for x in steps]
    return {"stops": [flow, *known]}


def stable_steps(atlas: Atlas) -> dict[int, Fraction]:
    """Return for every isolated smooth minimum, by its position, 2 over the largest curvature: its largest stable step.

    Curvatures that are no rational numbers are left out.
    """
    found = {}
    for each in atlas.minima:
        values = each.spectrum if each.isolated else None
        if values and values[-1].low == values[-1].high > 0:
            found[each.index] = 2 / values[-1].high
    return found


def _limits(step: Fraction, limits: dict[int, Fraction]) -> list[str]:
    """Return which minima are stable under a step, exactly."""
    unstable = [index for index, limit in limits.items() if step > limit]
    limit = [index for index, most in limits.items() if step == most]
    words = [f"{_sets(limit)}: the largest stable step is just this one."] if limit else []
    words += [f"{_sets(unstable)}: descent does not stay there, as the step is too large."] if unstable else []
    return words


def _sets(indices: list[int]) -> str:
    return f"{'Set' if len(indices) == 1 else 'Sets'} {', '.join(map(str, indices))}"


def _lines_of(atlas: Atlas) -> list[Line]:
    """Return the lines that descent does not leave, where they are few."""
    points = sum(each.isolated for each in atlas.sets) * factorial(atlas.landscape.units)
    return invariant_lines(atlas.landscape) if points <= MOST_ISOLATED else []


def _cycles(places: Sequence[Line], step: Fraction) -> list[str]:
    lines = []
    for place in places:
        for each in cycles(place.map(step), 2):
            if each.multiplier is None or each.family is not None:
                continue
            kind = "attracting" if each.attracting else "not attracting"
            where = f"c {formatted_vector(place.direction)}"
            start = f"{formatted_vector(place.origin)} + " if any(place.origin) else ""
            points = formatted_vector(each.points)
            lines.append(
                f"A cycle of period 2 on {start}{where}: c = {points}, multiplier {formatted(each.multiplier)}, {kind}."
            )
    return lines[:MOST_LINES]
