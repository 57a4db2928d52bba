"""A landscape and its stationary sets as the page reads them: floats for what is drawn, text for what is exact."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from stability.geometry.atlas.atlas import Atlas
from stability.geometry.stationary.sets import StationarySet

SIGNS = "0+-"
"""How the signs 0, 1 and -1 are written."""


def problem_data(atlas: Atlas) -> dict[str, Any]:
    """Return what gradient flow needs of a landscape: rows, labels, slopes and the faces of one unit, in floats."""
    landscape = atlas.landscape
    unit, count = landscape.network.unit, len(landscape.rows)
    return {
        "units": landscape.units,
        "width": landscape.width,
        "rows": [floats(row) for row in landscape.rows],
        "labels": floats(landscape.data.labels),
        "scale": float(landscape.scale),
        "outer": floats(landscape.network.weights),
        "biased": landscape.network.output_bias,
        "slopes": {"left": float(unit.negative), "kink": float(unit.kink_slope), "right": float(unit.positive)},
        "faces": [
            {"signs": face.signs(count), "dimension": face.dimension, "inside": floats(_inside(atlas, k))}
            for k, face in enumerate(atlas.arrangement.faces)
        ],
    }


def _inside(atlas: Atlas, k: int) -> list[Fraction]:
    """Return a vector inside a face of one unit, all coordinates, of a size that floats hold."""
    vector = atlas.problem.full([Fraction(x) for x in atlas.arrangement.inside(k)])
    largest = max(map(abs, vector), default=Fraction(0))
    return [x / largest for x in vector] if largest else vector


def sets_data(atlas: Atlas) -> list[dict[str, Any]]:
    """Return the stationary sets: what their certificate states, the faces that they meet, their outputs in floats."""
    count = len(atlas.landscape.rows)
    signs = [tuple(face.signs(count)) for face in atlas.arrangement.faces]
    weights = atlas.landscape.network.weights
    return [_set_data(each, signs, weights) for each in atlas.sets]


def _set_data(each: StationarySet, signs: Sequence[Sequence[int]], weights: Sequence[Fraction]) -> dict[str, Any]:
    return {
        **each.to_json(),
        "index": each.index,
        "correct": each.correct,
        "choices": sorted({written([signs[f] for f in member], weights) for member in each.members}),
        "values": floats(each.outputs),
        "place": [floats(row) for row in each.witness],
    }


def written(choice: Iterable[Sequence[int]], weights: Iterable[Fraction | int]) -> str:
    """Return a choice of faces as text, its units in ascending order of their texts, as the page writes it too.

    Before the face of a unit with an output weight below 0 stands a "~".

    Examples
    --------
    >>> written([[0, -1], [1, 1]], [1, 1]), written([[0, -1], [1, 1]], [1, -1])
    ('++ 0-', '0- ~++')
    """
    words = ("~" * (a < 0) + "".join(SIGNS[s] for s in face) for face, a in zip(choice, weights, strict=True))
    return " ".join(sorted(words))


def floats(values: Iterable[Fraction]) -> list[float]:
    """Return exact numbers as floats."""
    return [float(x) for x in values]
