"""The palette stands in one place, and its colours stay apart and legible for every reader."""

import re
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from stability.plot import style
from stability.plot.style import AREAS, BLACK, DEPTHS, WHITE, contrast, ink_on

PLOT = Path(style.__file__).parent

TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
SEEN = {
    "all cones": np.eye(3),
    "no green cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no red cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
"""What becomes of linear red, green and blue (Machado, Oliveira and Fernandes 2009, severity 1)."""


def perceived(colour, reader):
    """Return CIE L*a*b* of a colour as a reader sees it."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(SEEN[reader] @ linear, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize(("reader", "least"), [("all cones", 24), ("no green cones", 14), ("no red cones", 14)])
def test_tints_of_different_areas_are_apart(reader, least):
    for first, second in combinations(AREAS, 2):
        for one, other in product(AREAS[first], AREAS[second]):
            assert np.linalg.norm(perceived(one, reader) - perceived(other, reader)) > least, (one, other)


def test_colours_are_written_in_the_palette_alone():
    written = {
        path.name: found
        for path in [*PLOT.rglob("*.py"), *(PLOT.parents[1] / "figures").glob("*.py")]
        if path.name != "style.py"
        and (
            found := re.findall(
                r"\"#[0-9A-Fa-f]{3,8}\"|\"(?:white|black|red|blue|viridis|magma|cividis)\"", path.read_text()
            )
        )
    }
    assert not written


def test_ink_is_legible_on_every_colour():
    shades = np.linspace(0, 1, 11)
    for colour in product(shades, shades, shades):
        assert contrast(ink_on(colour), colour) >= 4.5


def test_layers_are_dark_enough_for_lines_on_white():
    assert min(contrast(DEPTHS(place), WHITE) for place in np.linspace(0, 1, 21)) > 3
    assert contrast(BLACK, WHITE) == 21
