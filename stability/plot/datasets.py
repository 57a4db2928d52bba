"""Pictures of datasets: points of a line or of the plane by their labels."""

import numpy as np
from matplotlib.axes import Axes

from stability.errors import DataError
from stability.exact.numbers import formatted
from stability.io.printable import printable
from stability.plot.axes import axes
from stability.plot.protocols.geometry import DrawnDataset
from stability.plot.style import BLUE, GREEN, ORANGE, PURPLE, SEQUENTIAL, SKY, VERMILLION

LOOKS = ((BLUE, "o"), (ORANGE, "^"), (GREEN, "s"), (PURPLE, "D"), (SKY, "v"), (VERMILLION, "P"))
"""Of labels, in ascending order; where there are more of them, colours say which is larger."""


def draw_dataset(ax: Axes | None, data: DrawnDataset) -> Axes:
    """Draw labels over points of a line, or points of the plane by their labels.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    data : Dataset

    Returns
    -------
    Axes
        The same.

    Raises
    ------
    DataError
        If points have more than two coordinates.
    """
    if data.dimension > 2:
        raise DataError(
            f"Expected points of a line or of the plane; {data.name} has {data.dimension} coordinates.",
            "Look at its numbers: .to_frame() or .to_json().",
        )
    ax = axes(ax)
    points, labels = np.array(data.points, dtype=float), np.array(data.labels, dtype=float)
    different = sorted({*data.labels})
    if data.dimension == 1:
        ax.plot(points[:, 0], labels, "o", color=BLUE)
        ax.set(xlabel="$x_1$", ylabel="label $y$")
    elif len(different) > len(LOOKS):
        marks = ax.scatter(points[:, 0], points[:, 1], c=labels, cmap=SEQUENTIAL)
        ax.figure.colorbar(marks, ax=ax, label="label $y$")
    else:
        for label, (colour, marker) in zip(different, LOOKS, strict=False):
            own = points[[y == label for y in data.labels]]
            ax.plot(*own.T, marker, color=colour, label=f"label {formatted(label)}")
        ax.legend()
    if data.dimension == 2:
        ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    ax.margins(0.12)
    ax.set_title(printable(data.name), parse_math=False)
    return ax
