"""Smaller files of pictures that look the same: a palette for PNG, rounded coordinates for SVG."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stability.arrays import Floats

COLOURS, EXACT, ROUNDS = 256, 32, 6
"""Of a palette; how many of these are the most frequent colours of the picture, unchanged; and how often the others are
moved to the middle of what they stand for.
"""

FAR = 24
"""Farther than this no channel of a pixel may move, of 255, else a PNG keeps all its colours."""

DECIMAL = re.compile(r"-?\d+\.\d{3,}")


def compress_png(path: Path) -> Path:
    """Write a PNG with a palette where no pixel changes visibly, and pack it well either way; return its path.

    Parameters
    ----------
    path : Path
        Of a picture without transparent parts.
    """
    with Image.open(path) as opened:
        full = opened.convert("RGB")
    pixels = np.asarray(full).reshape(-1, 3)
    colours, places, counts = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    palette = _palette(full, colours.astype(float), np.sqrt(counts))
    nearest = _nearest(colours.astype(float), palette)
    if np.abs(colours - palette[nearest]).max() > FAR:
        full.save(path, optimize=True)
        return path
    few = Image.fromarray(nearest[places].reshape(full.height, full.width).astype(np.uint8))
    few.putpalette(palette.astype(np.uint8).tobytes())
    few.save(path, optimize=True)
    return path


def _nearest(colours: Floats, palette: Floats) -> NDArray[np.intp]:
    """Return the place in the palette that is nearest to each colour."""
    distances = np.square(palette).sum(axis=1) - 2 * colours @ palette.T
    found: NDArray[np.intp] = distances.argmin(axis=1)
    return found


def _palette(full: Image.Image, colours: Floats, weights: Floats) -> Floats:
    """Return a palette, shape (at most 256, 3): the most frequent colours as they are, and others for the rest."""
    frequent = colours[np.argsort(-weights, kind="stable")[:EXACT]]
    others = full.quantize(COLOURS - EXACT, method=Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = np.concatenate([frequent, np.array(others, dtype=float).reshape(-1, 3)])[:COLOURS]
    for _ in range(ROUNDS):
        nearest = _nearest(colours, palette)
        for k in range(len(frequent), len(palette)):
            own = nearest == k
            if own.any():
                palette[k] = np.round(np.average(colours[own], axis=0, weights=weights[own]))
    return palette


def compress_svg(path: Path) -> Path:
    """Round the coordinates of an SVG to hundredths of a point, drop blanks at the ends of lines; return its path."""
    text = path.read_text(encoding="utf-8")
    shorter = "".join(
        part if part.startswith("data:") else DECIMAL.sub(_rounded, part) for part in re.split(r"(data:[^\"]*)", text)
    )
    path.write_text(re.sub(r"[ \t]+\n", "\n", shorter), encoding="utf-8")
    return path


def _rounded(found: re.Match[str]) -> str:
    value = float(found.group())
    return f"{value:.{2 if abs(value) >= 1 else 4}f}".rstrip("0").rstrip(".")
