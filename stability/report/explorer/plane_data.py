"""What the page shows in a plane of parameter space: kinks, parts of stationary sets, nullclines, and basins."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from stability.dynamics.phase_plane.basin_boundaries import Areas
from stability.dynamics.phase_plane.phase_plane import PhasePortrait
from stability.geometry.sections.affine_forms import Affine, on
from stability.geometry.sections.plane_sections import Section
from stability.geometry.sections.polytopes import Body, Spot, frame
from stability.report.explorer.problem_data import floats

DIGITS = 6
"""Decimals of the corners of basins, as a share of the span."""


def plane_data(shown: PhasePortrait, name: str) -> dict[str, Any]:
    """Return a plane with what a phase portrait has found in it."""
    place = shown.place
    return {
        "name": name,
        "axes": [plain(label) for label in shown.axes],
        "span": float(shown.span),
        "origin": [x for row in place.origin for x in floats(row)],
        "right": floats(place.directions[0]),
        "up": floats(place.directions[1]),
        "exact": {
            "origin": [[str(x) for x in row] for row in place.origin],
            "right": [[str(x) for x in row] for row in place.right],
            "up": [[str(x) for x in row] for row in place.up],
        },
        "invariant": shown.invariant,
        "on_a_kink": place.on_a_kink,
        "kinks": _kinks(place, shown.span),
        "parts": [
            {"set": part.set.index, "dimension": part.dimension, "spots": _spots(part.body.around())}
            for part in shown.parts
        ],
        "sideways": [_spots(line.spots) for line in shown.sideways],
        "upwards": [_spots(line.spots) for line in shown.upwards],
        "basins": None if shown.basins is None else basin_data(shown.basins, float(shown.span)),
    }


def _kinks(place: Section, span: Any) -> list[dict[str, Any]]:
    """Return the segments on which a pre-activation is 0, each once, with the units and examples that have it."""
    found: dict[frozenset[Spot], dict[str, Any]] = {}
    for unit, forms in enumerate(place.forms):
        for example, form in enumerate(forms):
            line = _line(form, span)
            if line.dimension == 1:
                key = frozenset(line.spots)
                found.setdefault(key, {"line": _spots(line.spots), "at": []})["at"].append([unit, example])
    return list(found.values())


def _line(form: Affine, span: Any) -> Body:
    return on(frame(2, span), form) if any(form[:2]) else Body((), 0)


def basin_data(areas: Areas, span: float) -> dict[str, Any]:
    """Return a labelled grid: runs of labels row by row, and the pieces of squares that are cut."""
    places = round_to(span)
    return {
        "x": [round(x, places) for x in areas.x.tolist()],
        "y": [round(y, places) for y in areas.y.tolist()],
        "rows": [_runs(row) for row in areas.labels.tolist()],
        "pieces": [[np.round(corners, places).ravel().tolist(), label] for corners, label in areas.pieces],
        "lines": [np.round(line, places).ravel().tolist() for line in areas.lines],
    }


def round_to(span: float) -> int:
    """Return how many decimals show a share of `DIGITS` digits of a span."""
    return DIGITS - int(np.floor(np.log10(span)))


def _runs(row: Iterable[int]) -> list[int]:
    """Return labels as (label, how often), one after the other."""
    found: list[int] = []
    for label in row:
        if found and found[-2] == label:
            found[-1] += 1
        else:
            found += [label, 1]
    return found


def _spots(spots: Iterable[Spot]) -> list[list[float]]:
    return [floats(spot) for spot in spots]


LOWER = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def plain(label: str) -> str:
    """Return the label of an axis without mathtext, with lowered digits.

    Examples
    --------
    >>> plain("bias $b_{2}$"), plain("$p = w_1 - w_2$")
    ('bias b₂', 'p = w₁ − w₂')
    """
    text = re.sub(r"_(?:\{([\d,]+)\}|(\d))", lambda m: _lowered(m[1] or m[2]), label.replace("$", ""))
    return text.replace("-", "\N{MINUS SIGN}")


def _lowered(digits: str) -> str:
    return digits.replace(",", "").translate(LOWER)
