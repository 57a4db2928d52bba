"""Steps of gradient descent for the slider of the page: the largest stable ones, and the cycles beyond."""

from fractions import Fraction
from typing import Any

from stability.dynamics.maps.line_cycles import line_cycles
from stability.errors import StabilityError
from stability.exact.numbers import formatted, formatted_vector
from stability.geometry.atlas.atlas import Atlas
from stability.model.update_rules import update_rule

STOPS = 40
"""Steps along the slider."""

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
    flow = {"value": 0.0, "text": "0: gradient flow", "lines": []}
    return {"stops": [flow, *({"value": float(x), "text": str(x), "lines": _lines(atlas, x, limits)} for x in steps)]}


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


def _lines(atlas: Atlas, step: Fraction, limits: dict[int, Fraction]) -> list[str]:
    """Return what is known exactly at a step."""
    unstable = [index for index, limit in limits.items() if step > limit]
    limit = [index for index, most in limits.items() if step == most]
    words = [f"{_sets(limit)}: the largest stable step is just this one."] if limit else []
    words += [f"{_sets(unstable)}: descent does not stay there, as the step is too large."] if unstable else []
    return words + _cycles(atlas, step)


def _sets(indices: list[int]) -> str:
    return f"{'Set' if len(indices) == 1 else 'Sets'} {', '.join(map(str, indices))}"


def _cycles(atlas: Atlas, step: Fraction) -> list[str]:
    try:
        found = line_cycles(atlas.landscape, update_rule("gd", step=step))
    except StabilityError:
        return []
    lines = []
    for place, cycles in found.lines:
        for each in cycles:
            if each.multiplier is None or each.family is not None:
                continue
            kind = "attracting" if each.attracting else "not attracting"
            where = f"c {formatted_vector(place.direction)}"
            start = f"{formatted_vector(place.origin)} + " if any(place.origin) else ""
            points = formatted_vector(each.points)
            lines.append(
                f"A cycle of period 2 on {start}{where}: c = {points}, multiplier {formatted(each.multiplier)}, {kind}."
            )
    return lines
