"""The health of a network in training: curves over steps, and the gradient by depth."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from stability.errors import StabilityError
from stability.io.printable import printable
from stability.plot.axes import axes
from stability.plot.protocols.training import DrawnLayerReading, DrawnReading
from stability.plot.style import BLACK, BLUE, DARK, DEPTHS, GREY, LIGHT, ORANGE, SEQUENTIAL, WHITE, style

ALARM: dict[str, Any] = {"marker": "|", "color": BLACK, "linestyle": "none", "markersize": 6, "clip_on": False}
NAMED = 8
"""Up to so many layers are named one by one."""
LONGEST = 28
"""So many characters of a name are shown: of longer ones the last."""
FRESH: dict[str, Any] = {"linewidth": 1, "alpha": 0.9}
WHOLE: dict[str, Any] = {"linewidth": 3.2, "color": BLACK, "zorder": 1.9}
PLATE: dict[str, Any] = {"facecolor": WHITE, "edgecolor": LIGHT, "boxstyle": "round"}
Of = Callable[[DrawnLayerReading], float]


def steps_of(readings: Sequence[DrawnReading]) -> list[int]:
    """Return the steps of the readings.

    Raises
    ------
    StabilityError
        If there is none.
    """
    if not readings:
        raise StabilityError("Expected at least one reading; got none.", "Train some steps while the monitor is open.")
    return [reading.step for reading in readings]


def by_layer(readings: Sequence[DrawnReading], value: Of) -> NDArray[np.float64]:
    """Return a number of every layer as an array (layers, readings); nan where a reading does not have it.

    Rows are in the order of `layer_names`.

    Raises
    ------
    StabilityError
        If there is no reading.
    """
    steps_of(readings)
    rows = {key: place for place, key in enumerate(_all_keys(readings))}
    table = np.full((len(rows), len(readings)), np.nan)
    for k, reading in enumerate(readings):
        table[[rows[key] for key in _keys(reading)], k] = [value(layer) for layer in reading.layers]
    return table


def _keys(reading: DrawnReading) -> list[tuple[str, int]]:
    """Return what distinguishes the layers of a reading: their names, and how many of this name came before."""
    seen: dict[str, int] = {}
    found = []
    for layer in reading.layers:
        found.append((layer.name, seen.get(layer.name, 0)))
        seen[layer.name] = found[-1][1] + 1
    return found


def _all_keys(readings: Sequence[DrawnReading]) -> list[tuple[str, int]]:
    """Return the layers of all readings, each behind one that it comes after in its first reading, if one is known."""
    order: list[tuple[str, int]] = []
    for keys in dict.fromkeys(tuple(_keys(reading)) for reading in readings):
        place = next((order.index(key) for key in keys if key in order), len(order))
        for key in keys:
            if key not in order:
                order.insert(place, key)
            place = order.index(key) + 1
    return order


def draw_layers(ax: Axes, readings: Sequence[DrawnReading], value: Of, whole: Iterable[float] | None = None) -> Axes:
    """Draw a number over steps, one curve per layer, coloured by depth.

    Parameters
    ----------
    ax : Axes
    readings : sequence of Reading
    value : callable
        Of a layer.
    whole : iterable of float, optional
        That of the network at every reading, in black.

    Returns
    -------
    Axes
        The same.
    """
    steps, table = steps_of(readings), by_layer(readings, value)
    for depth, curve in enumerate(table):
        ax.plot(
            steps, curve, color=DEPTHS(Normalize(0, max(len(table) - 1, 1))(depth)), marker=_mark_of(curve), **FRESH
        )
    if whole is not None:
        values = [*whole]
        ax.plot(steps, values, marker=_mark_of(values), **WHOLE)
    return ax


def _mark_of(curve: ArrayLike) -> str | None:
    """Return the mark of a curve with points to which no line leads, since their neighbours are not known."""
    known = np.pad(np.isfinite(np.asarray(curve, dtype=float)), 1)
    return "." if (known[1:-1] & ~known[:-2] & ~known[2:]).any() else None


def draw_dead_examples(ax: Axes | None, readings: Sequence[DrawnReading]) -> Axes:
    """Draw the share of dead examples over steps, by layer and (black) at any layer, on new Axes where there are none.

    Raises
    ------
    StabilityError
        If there is no reading.
    """
    steps_of(readings)
    ax = axes(ax)
    draw_layers(ax, readings, lambda layer: layer.dead_fraction, (r.dead_fraction for r in readings))
    draw_alarms(ax, readings, "dead data")
    ax.set(ylim=(-0.02, 1.02), xlabel="step", ylabel="share of dead examples")
    _explain(ax, readings)
    return ax


def draw_units(ax: Axes, readings: Sequence[DrawnReading]) -> Axes:
    """Draw which shares of all units are dead, affine and separating; a gap where a reading has none that is known."""
    steps, counts = np.array(steps_of(readings), dtype=float), _counts(readings)
    total, edges = counts.sum(1), _edges(steps)
    shares = np.where(total[:, None] > 0, counts / np.maximum(total, 1)[:, None], np.nan)
    known = np.pad(total > 0, 1)
    alone = np.repeat(known[1:-1] & ~known[:-2] & ~known[2:], 2)
    twice = np.where(alone, np.column_stack([edges[:-1], edges[1:]]).ravel(), np.repeat(steps, 2))
    areas = np.repeat(shares, 2, axis=0).T
    ax.stackplot(twice, areas, colors=[*UNITS.values()], labels=[name.split("_")[0] for name in UNITS], alpha=0.75)
    ax.set_ylim(0, 1)
    return ax


def _counts(readings: Sequence[DrawnReading]) -> NDArray[np.int64]:
    """Return how many units of all layers were of which kind, of every reading; with nan they are of none."""
    known = [[layer for layer in reading.layers if not np.isnan(layer.dead_fraction)] for reading in readings]
    return np.array([[sum(getattr(layer, name) for layer in own) for name in UNITS] for own in known], dtype=np.int64)


UNITS = {"dead_units": GREY, "affine_units": ORANGE, "separating_units": BLUE}


def draw_flow(ax: Axes, readings: Sequence[DrawnReading]) -> QuadMesh:
    """Draw the norm of the gradient by depth and step as a heat map; hatched where it is zero or unknown.

    What hatching means is written above it where some of it is.

    Returns
    -------
    QuadMesh
        For a colour bar.
    """
    steps, table = np.array(steps_of(readings), dtype=float), by_layer(readings, lambda layer: layer.gradient_norm)
    shown: Any = np.ma.masked_where(~(np.isfinite(table) & (table > 0)), table)
    low, high = (shown.min(), shown.max()) if shown.count() else (0.1, 1.0)
    ax.patch.set(facecolor=WHITE, edgecolor=LIGHT, hatch="////")
    mesh = ax.pcolormesh(
        _edges(steps), np.arange(len(table) + 1) + 0.5, shown, norm=LogNorm(low, max(high, 1.01 * low)), cmap=SEQUENTIAL
    )
    if 0 < shown.count() < shown.size:
        small: dict[str, Any] = {"ha": "right", "va": "bottom", "fontsize": 7, "color": DARK}
        ax.text(1, 1.02, "hatched: 0 or unknown", transform=ax.transAxes, **small)
    if len(table) <= NAMED:
        ax.set_yticks(np.arange(len(table)) + 1, layer_names(readings), parse_math=False, fontsize=8)
    else:
        ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.invert_yaxis()
    return mesh


def _edges(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the borders of cells around steps."""
    middle = (steps[1:] + steps[:-1]) / 2 if len(steps) > 1 else steps + 0.5
    edges: NDArray[np.float64] = np.concatenate([[2 * steps[0] - middle[0]], middle, [2 * steps[-1] - middle[-1]]])
    return edges[: len(steps) + 1]


def draw_alarms(ax: Axes, readings: Sequence[DrawnReading], *kinds: str) -> Axes:
    """Mark the steps at which there was an alarm of some kind, above the axes."""
    return _mark(ax, [reading.step for reading in readings if any(alarm.kind in kinds for alarm in reading.alarms)])


def _draw_alarms_of_panel(ax: Axes, readings: Sequence[DrawnReading], title: str) -> Axes:
    """Mark the steps at which there was an alarm that belongs to a panel."""
    return _mark(ax, [reading.step for reading in readings if any(title in alarm.panels for alarm in reading.alarms)])


def _mark(ax: Axes, loud: Sequence[int]) -> Axes:
    (marks,) = ax.plot(loud, [1.03] * len(loud), transform=ax.get_xaxis_transform(), **ALARM)
    marks.set_in_layout(False)
    return ax


def health_figure(readings: Sequence[DrawnReading]) -> Figure:
    """Return a picture of all readings; what is shown where stands in `PANELS`.

    Raises
    ------
    StabilityError
        If there is no reading.
    """
    steps_of(readings)
    with style():
        figure = Figure(figsize=(11, 11), layout="constrained")
        axes = figure.subplots(4, 2).ravel()
        _norms(axes[0], readings)
        draw_layers(axes[1], readings, lambda layer: layer.dead_fraction, (r.dead_fraction for r in readings))
        draw_units(axes[2], readings).legend(loc="upper left", bbox_to_anchor=(1.01, 1), reverse=True)
        draw_layers(axes[3], readings, lambda layer: layer.torque_mean)
        mesh = draw_flow(axes[4], readings)
        edges = _edges(np.array(steps_of(readings), dtype=float)).tolist()
        draw_layers(axes[5], readings, lambda layer: (layer.slack_plus + layer.slack_minus) / layer.units)
        figure.colorbar(mesh, ax=axes[4], label="length of the gradient")
        draw_layers(axes[6], readings, lambda layer: layer.bias_change or np.nan).set_yscale("log")
        draw_layers(axes[7], readings, lambda layer: layer.largest_preactivation or np.nan).set_yscale("log")
        for ax, (title, label) in zip(axes, PANELS.items(), strict=True):
            ax.set(ylabel=label, xlabel="step")
            ax.set_title(title, pad=12)
            _draw_alarms_of_panel(ax, readings, title)
            ax.set_xlim(edges[0], edges[-1])
            ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
        for ax in (axes[1], axes[3]):
            ax.set_ylim(-0.02, 1.02)
        for ax, title in zip(axes, PANELS, strict=True):
            if title in NOTHING and (_is_empty(ax) if title != "Units" else not _counts(readings).any()):
                _say(ax, NOTHING[title])
        _explain(axes[1], readings)
    return figure


def _is_empty(ax: Axes) -> bool:
    """Return whether nothing of the readings is seen, but for marks of alarms."""
    shown = [np.ma.masked_invalid(np.ma.asarray(mesh.get_array())).count() for mesh in ax.collections]
    curves = (np.asarray(curve.get_ydata(), dtype=float) for curve in ax.lines[:-1])
    return not any(shown) and not any(np.isfinite(curve).any() for curve in curves)


def _say(ax: Axes, words: str) -> None:
    """Write why nothing is seen in the middle of some axes."""
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", color=DARK, bbox=PLATE)


def _norms(ax: Axes, readings: Sequence[DrawnReading]) -> None:
    steps = steps_of(readings)
    losses = [np.nan if reading.loss is None else reading.loss for reading in readings]
    label = "loss" if np.isfinite(losses).any() else "loss: not known"
    ax.plot(steps, losses, label=label, marker=_mark_of(losses), **WHOLE)
    for color, name in ((BLUE, "weight"), (ORANGE, "gradient")):
        norms = [getattr(reading, f"{name}_norm") for reading in readings]
        ax.plot(steps, norms, color=color, label=f"|{name}|".replace("weight", "weights"), marker=_mark_of(norms))
    ax.set_yscale("log")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1))


def _explain(ax: Axes, readings: Sequence[DrawnReading]) -> None:
    """Add the legend of layers: all of them by the names of their modules, or the first and the last of many."""
    names = layer_names(readings)
    shown = range(len(names)) if len(names) <= NAMED else (0, len(names) - 1)
    shades = Normalize(0, max(len(names) - 1, 1))
    handles = [
        Line2D([], [], label="at some layer", **WHOLE),
        *(Line2D([], [], color=DEPTHS(shades(k)), label=f"layer {names[k]}") for k in shown),
        Line2D([], [], label="alarm", **ALARM),
    ]
    for text in ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1)).get_texts():
        text.set_parse_math(False)


def layer_names(readings: Sequence[DrawnReading]) -> list[str]:
    """Return what the layers of all readings are called: by their modules; of long names the end."""
    return [printable(name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}") for name, _ in _all_keys(readings)]


PANELS: dict[str, str] = {
    "Losses and norms": "",
    "Dead data": "share of the examples",
    "Units": "share of all units",
    "Torque": "mean over the units of a layer",
    "Gradient flow": "layer",
    "Slack": "per unit",
    "Biases": "largest change",
    "Pre-activations": "largest |z|",
}
"""Title and label of the y axis of each part of the picture; the table of alarms says which alarms are marked where."""

NOTHING: dict[str, str] = {
    "Dead data": "no ReLU was read",
    "Units": "no ReLU was read",
    "Torque": "no torque is known:\nno ReLU was read,\nor no gradient reaches a unit",
    "Gradient flow": "no gradient reaches a layer,\nor it is not known",
    "Slack": "no slack is known",
    "Biases": "no bias has changed so far,\nor none is read",
    "Pre-activations": "all are 0, or not known",
}
"""What a part of the picture says where it has nothing to show."""
