"""Drawings of points after the layers of a deep network, and of accuracy by method, depth and width."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from stability.arrays import Floats
from stability.errors import DataError, UnknownNameError
from stability.plot.axes import axes
from stability.plot.protocols.training import DrawnAccuracies, DrawnHistory, DrawnNetworks
from stability.plot.style import BLACK, BLUE, DARK, GREY, ORANGE, SEQUENTIAL, pale

CLASSES: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "marker": "o", "label": "class 0"},
    {"color": ORANGE, "marker": "^", "label": "class 1"},
)
SIDES = LinearSegmentedColormap.from_list("sides", [pale(BLUE, 0.3), pale(ORANGE, 0.3)])
"""Where a network answers class 0, and class 1."""

APART = 1e-3
"""Points count as one place if they differ by less, as a share of the layer's largest output."""

GRID = 80


def places(h: Floats) -> int:
    """Return how many points a layer keeps apart.

    Parameters
    ----------
    h : array (n, f)
        What the layer hands on.
    """
    largest = float(np.abs(h).max())
    return 1 if largest == 0 else len(np.unique(np.round(h / (APART * largest)), axis=0))


def draw_layer(ax: Axes, h: ArrayLike, labels: ArrayLike) -> Axes:
    """Draw points after a layer: their two principal coordinates, and below how many places are left of them.

    Parameters
    ----------
    ax : Axes
    h : array (n, f)
        What the layer hands on.
    labels : int array (n,)
        Classes 0 and 1.

    Returns
    -------
    Axes
        The same. Coordinates are scaled to fill it, unless all points are at one place.
    """
    given = np.asarray(h, dtype=np.float64)
    count = places(given)
    centred = given - given.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    spots = np.zeros((len(given), 2))
    if count > 1:
        own = centred @ axes[:2].T
        spots[:, : own.shape[1]] = own / np.abs(own).max()
    _scatter(ax, spots, labels)
    ax.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), xticks=[], yticks=[], aspect="equal")
    ax.set_xlabel("one place" if count == 1 else f"{count} places", fontsize=8, labelpad=2)
    return ax


def draw_answers(ax: Axes, run: DrawnNetworks, place: int) -> Axes:
    """Draw the plane with the sides on which a network answers class 0 and class 1, and the training points on it.

    Parameters
    ----------
    ax : Axes
    run : DeepRun
        On data of the plane.
    place : int
        Which of the seeds, counted from 0.

    Raises
    ------
    DataError
        If points do not have two coordinates.
    """
    x = run.data.x_train
    if x.shape[1] != 2:
        raise DataError(f"Expected points of the plane; got {x.shape[1]} coordinates.", "Take the moons.")
    low, high = x.min(0) - 0.15, x.max(0) + 0.15
    first, second = np.meshgrid(*(np.linspace(a, b, GRID) for a, b in zip(low, high, strict=True)))
    answers = run.answers(place, np.stack([first.ravel(), second.ravel()], 1)) > 0
    box = (low[0], high[0], low[1], high[1])
    look: Any = {"cmap": SIDES, "vmin": 0, "vmax": 1, "interpolation": "nearest", "aspect": "auto"}
    ax.imshow(answers.reshape(GRID, GRID), origin="lower", extent=box, **look)
    _scatter(ax, x, run.data.y_train)
    ax.set(xlim=box[:2], ylim=box[2:], xticks=[], yticks=[])
    right = round(float(run.train_accuracy_final[place]) * len(x))
    ax.set_xlabel(f"{right} of {len(x)} right", fontsize=8, labelpad=2)
    return ax


def _scatter(ax: Axes, spots: Floats, labels: ArrayLike) -> None:
    for label, look in enumerate(CLASSES):
        own = spots[np.asarray(labels) == label]
        style = {name: value for name, value in look.items() if name != "label"}
        ax.scatter(own[:, 0], own[:, 1], s=9, alpha=0.8, linewidths=0, clip_on=False, rasterized=True, **style)


def class_entries() -> list[Line2D]:
    """Return the entries of a legend of the classes."""
    return [Line2D([], [], linestyle="", markersize=5, **look) for look in CLASSES]


def draw_history(ax: Axes | None, run: DrawnHistory) -> Axes:
    """Draw the accuracy of every seed over the epochs, in training and (dashed) in validation.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    run : DeepRun

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax)
    looks: dict[str, dict[str, Any]] = {
        "train_accuracy": {"color": BLUE, "label": "training"},
        "val_accuracy": {"color": ORANGE, "linestyle": "--", "label": "validation"},
    }
    mark = "." if len(run.history_epochs) == 1 else None
    for name, look in looks.items():
        known = [curve for curve in run.history[name] if np.isfinite(curve).any()]
        for k, curve in enumerate(known):
            shown = look if k == 0 else {**look, "label": None}
            ax.plot(run.history_epochs, curve, marker=mark, alpha=0.7, **shown)
    ax.set(ylim=(-0.02, 1.02), xlabel="epoch", ylabel="accuracy")
    ax.legend()
    return ax


def draw_accuracies(
    ax: Axes, runs: Mapping[str, DrawnAccuracies], which: str, published: Mapping[str, float | None], colour: str = BLUE
) -> Axes:
    """Draw the accuracies of all seeds by method: the greatest of all epochs, and the final one.

    Parameters
    ----------
    ax : Axes
    runs : mapping of str to DeepRun
        By method.
    which : str
        "train" or "val".
    published : mapping of str to float or None
        A single value by method, marked by a bar; where there is none, words say so.
    colour : str
    """
    for k, (method, run) in enumerate(runs.items()):
        for shift, when, look in (
            (-0.17, "max", {"facecolors": "none", "edgecolors": colour}),
            (0.17, "final", {"color": colour, "linewidths": 0}),
        ):
            values = getattr(run, f"{which}_accuracy_{when}")
            ax.scatter(k + shift + spread_out(values, 0.022, 0.13), values, s=16, **look)
        printed = published.get(method)
        if printed is not None:
            ax.plot([k - 0.4, k + 0.4], [printed, printed], color=BLACK, linewidth=1.5)
        elif published:
            ax.text(k, 0.28, UNPUBLISHED, ha="center", va="bottom", fontsize=7.5, color=DARK)
    ax.set_xticks(range(len(runs)), list(runs))
    ax.set(ylim=(0.27, 1.04), xlim=(-0.6, len(runs) - 0.4))
    return ax


UNPUBLISHED = "not in\nthe table"
"""Of methods without a published value."""


def spread_out(values: ArrayLike, step: float, max_width: float) -> Floats:
    """Return shifts to the sides so that equal values stand beside each other, within limits."""
    given = np.round(np.asarray(values, dtype=float), 2)
    shifts = np.zeros(len(given))
    for value in np.unique(given):
        own = np.flatnonzero(given == value)
        wide = min(max_width, step * (len(own) - 1))
        shifts[own] = np.linspace(-wide, wide, len(own)) if len(own) > 1 else 0
    return shifts


def accuracy_entries(colour: str = BLUE) -> list[Line2D]:
    """Return the entries of a legend of accuracies."""
    dot: dict[str, Any] = {"linestyle": "", "marker": "o", "color": colour, "markersize": 5}
    return [
        Line2D([], [], markerfacecolor="none", label="a seed: the greatest of all epochs", **dot),
        Line2D([], [], label="a seed: the final epoch", **dot),
        Line2D([], [], color=BLACK, linewidth=1.5, label="published (table 2 of the write-up)"),
    ]


def draw_depth_width(
    ax: Axes, rows: Sequence[Mapping[str, Any]], method: str, quantity: str = "train_accuracy_max", least: float = 0.5
) -> QuadMesh:
    """Draw a quantity over depth, to scale, and width, the mean over seeds; cells without a result stay grey.

    Parameters
    ----------
    ax : Axes
    rows : sequence of mappings
        Each with depth, width, method and the quantity, a number or a list over seeds.
    method : str
    quantity : str
    least : float
        What is drawn darkest; 1 is drawn lightest.

    Returns
    -------
    QuadMesh
        For a colour bar.

    Raises
    ------
    UnknownNameError
        If no row is of the method.
    """
    own = [row for row in rows if row["method"] == method]
    if not own:
        known = sorted({str(row["method"]) for row in rows})
        raise UnknownNameError(f"Expected results of {method!r}; got those of {', '.join(known)}.", "Name one of them.")
    depths, widths = (sorted({int(row[name]) for row in own}) for name in ("depth", "width"))
    totals, counts = np.zeros((len(depths), len(widths))), np.zeros((len(depths), len(widths)))
    for row in own:
        spot = depths.index(int(row["depth"])), widths.index(int(row["width"]))
        values = np.atleast_1d(np.asarray(row[quantity], dtype=float))
        values = values[np.isfinite(values)]
        totals[spot] += values.sum()
        counts[spot] += len(values)
    means = np.divide(totals, counts, out=np.full_like(totals, np.nan), where=counts > 0)
    ax.set_facecolor(pale(GREY, 0.5))
    edges = np.arange(len(widths) + 1) - 0.5, np.maximum(_edges(np.array(depths, dtype=float)), 0)
    mesh = ax.pcolormesh(*edges, np.ma.masked_invalid(means), cmap=SEQUENTIAL, vmin=least, vmax=1)
    for axis, places, sizes in ((ax.xaxis, range(len(widths)), widths), (ax.yaxis, depths, depths)):
        shown = marked(len(sizes))
        axis.set_ticks([places[k] for k in shown], [str(sizes[k]) for k in shown])
    return mesh


def _edges(middles: Floats) -> Floats:
    """Return the borders of cells around values in ascending order."""
    gaps = np.diff(middles) if len(middles) > 1 else np.array([1.0])
    inner = middles[:-1] + gaps / 2 if len(middles) > 1 else middles[:0]
    found: Floats = np.concatenate([[middles[0] - gaps[0] / 2], inner, [middles[-1] + gaps[-1] / 2]])
    return found


def marked(count: int, max_count: int = 9) -> list[int]:
    """Return which of so many rows get a label: all, or every second, third, ... from the first."""
    return list(range(0, count, max(1, -(-count // max_count))))
