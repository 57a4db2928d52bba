"""What the page shows of the atlas of one unit in space: kinks, and parts of stationary sets, in a cube."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from stability.geometry.atlas.atlas import Atlas
from stability.geometry.sections.polytopes import Spot
from stability.report.explorer.problem_data import floats


def space_data(atlas: Atlas, span: Fraction) -> dict[str, Any] | None:
    """Return what the cube from -span to span over (w1, w2, b) shows; None unless that is parameter space."""
    place = atlas.landscape
    if place.units != 1 or place.data.dimension != 2 or place.network.output_bias:
        return None
    shown = atlas.in_space(span)
    return {
        "span": float(span),
        "axes": ["w₁", "w₂", "b"],
        "kinks": [_spots(kink.around()) for kink in shown.kinks],
        "parts": [
            {
                "set": part.set.index,
                "dimension": part.dimension,
                "sides": [_spots(side.around()) for side in part.body.sides()],
            }
            for part in shown.parts
        ],
    }


def _spots(spots: Iterable[Spot]) -> list[list[float]]:
    return [floats(spot) for spot in spots]
