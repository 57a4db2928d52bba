"""Drawing of training and its basins in a plane of parameter space, for any number of units."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from stability.arrays import Floats
from stability.exact.numbers import Exact, rational
from stability.plot import basins as shading
from stability.plot.atlas import draw_parts, floats
from stability.plot.axes import axes
from stability.plot.marks import MARKS, POINT, TOGETHER, kind_entry, mark
from stability.plot.plane import KINK
from stability.plot.protocols.dynamics import DrawnPortrait, DrawnRule, LandscapeWithPortrait
from stability.plot.style import BLUE, DARK, PURPLE, VERMILLION, WHITE

MANY, THIN = 60, {"linewidth": 0.3, "linestyle": "-", "alpha": 0.4}
"""More lines than this are drawn faintly, and how."""

SIDEWAYS: dict[str, Any] = {"color": VERMILLION, "linestyle": (0, (1, 1)), "linewidth": 1.6}
UPWARDS: dict[str, Any] = {"color": PURPLE, "linestyle": (0, (5, 1, 1, 1)), "linewidth": 1.6}
TRACK: dict[str, Any] = {"color": BLUE, "linewidth": 1.3}
CASING: dict[str, Any] = {"color": WHITE, "linewidth": 2.9, "alpha": 0.85}
"""Under trajectories over basins."""
START: dict[str, Any] = {"marker": "o", "markersize": 4.5, "color": BLUE, "markerfacecolor": WHITE}
ORBIT: dict[str, Any] = {**TRACK, "linewidth": 0.7, "marker": ".", "markersize": 4, "rasterized": True}
ARROW: dict[str, Any] = {"color": DARK, "units": "inches", "width": 0.0145}
JUMP: dict[str, Any] = {**ARROW, "width": 0.012, "angles": "xy", "scale_units": "xy", "scale": 1}
COUNTED = "Outputs are right on the side of 1/2 of the label."
SYMBOLS = {"beta1": "$\\beta_1$", "beta2": "$\\beta_2$", "eps": "$\\epsilon$"}
HEAD = "$\\rightarrow$"
"""The marker of arrows in legends."""


def draw_phase_portrait(
    ax: Axes,
    landscape: LandscapeWithPortrait,
    plane: Any,
    span: Exact = Fraction(3, 2),
    step: Exact | None = None,
    rule: DrawnRule | None = None,
    **detail: int,
) -> Axes:
    """Draw how gradient flow, or an update rule, runs in a plane: arrows, kinks, nullclines and basins.

    Parameters
    ----------
    ax : Axes
    landscape : Landscape
        Of any number of units.
    plane : Plane
        As `stability.dynamics.plane` or `named_plane` makes it.
    span : int, float, str or Fraction
        Both axes run from -span to span.
    step : int, float, str or Fraction, optional
        That of gradient descent: short for the rule gd with this step.
    rule : UpdateRule, optional
        What moves the parameters; without it and a step that is the flow.
    **detail : int
        arrows, pixels and tracks, as in `phase_portrait`.

    Returns
    -------
    Axes
        The same.

    Raises
    ------
    NumberError, PointError, StabilityError, TooLargeError
        As `phase_portrait` does.
    """
    asked: dict[str, Any] = {"step": step, "rule": rule, **detail}
    return draw_found(ax, landscape.phase_portrait(plane, span, **asked))


def draw_found(ax: Axes | None, found: DrawnPortrait) -> Axes:
    """Draw a phase portrait, on new Axes where there are none; return them."""
    ax = axes(ax)
    span = float(found.span)
    if found.basins is not None:
        shading.draw_shading(ax, found.atlas, found.basins)
    for bodies, look in ((found.kinks, KINK), (found.sideways, SIDEWAYS), (found.upwards, UPWARDS)):
        lines = [floats(body.spots) for body in bodies]
        if len(lines) > MANY:
            lines, look = [_joined(lines)], {**look, **THIN}
        for line in lines:
            ax.plot(*line.T, zorder=2, **look)
    _draw_arrows(ax, found)
    for each in found.tracks:
        if found.basins is not None and found.rule is None:
            ax.plot(*each.T, zorder=3.4, **CASING)
        ax.plot(*each.T, zorder=3.5, **(TRACK if found.rule is None else ORBIT))
        ax.plot(*each[0], zorder=3.6, **START)
    shown = found.parts if found.basins is None else [part for part in found.parts if part.dimension < 2]
    draw_parts(ax, shown)
    for end in found.projected:
        ax.plot(*end.spot, zorder=4.5, **_hollow(end.kind))
    across, above = found.axes
    ax.set(xlim=(-span, span), ylim=(-span, span), xlabel=across, ylabel=above, aspect="equal")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    return ax


def _hollow(kind: str) -> dict[str, Any]:
    """Return the keywords of the mark of a set off the plane, where its projection is."""
    how = mark(kind)
    return {**POINT, "marker": how.marker, "color": WHITE, "markeredgecolor": how.colour, "markeredgewidth": 1.8}


def _joined(lines: Sequence[Floats]) -> Floats:
    """Return lines as one, with gaps between."""
    gap = np.full((1, 2), np.nan)
    return np.concatenate([part for line in lines for part in (line, gap)])


def _draw_arrows(ax: Axes, found: DrawnPortrait) -> None:
    """Draw arrows of the flow, longer where it is faster; or those of first steps, made longer if they are short."""
    spots, speeds = found.arrows
    moving = np.hypot(*speeds.T) > 0
    spots, speeds = spots[moving], speeds[moving]
    if not len(spots):
        return
    if found.rule is None:
        arrows = speeds / np.hypot(*speeds.T)[:, None] ** 0.65
        ax.quiver(*spots.T, *arrows.T, zorder=3, **ARROW)
    else:
        ax.quiver(*spots.T, *(found.longer * speeds).T, zorder=3, **JUMP)


def name_basins(ax: Axes, found: DrawnPortrait, name: Callable[[Any], str]) -> Axes:
    """Write a name into the basins of a portrait; `name` returns that of a stationary set."""
    if found.basins is None:
        return ax
    names = {k: name(found.atlas.sets[k]) for k in sorted(found.basins.seen) if k >= 0}
    return shading.name_basins(ax, found.basins, names, [floats(part.body.around()) for part in found.parts])


def legend(portraits: Sequence[DrawnPortrait], named: bool = False) -> dict[str, list[Any]]:
    """Return the handles and labels that explain drawings of these portraits; basins only if they bear no names."""
    shaded = [(each.atlas, each.basins) for each in portraits if each.basins is not None]
    below = shading.legend(shaded) if shaded else {"handles": [], "labels": []}
    dimensions: dict[str, set[int]] = {}
    for each in portraits:
        for part in each.parts:
            if each.basins is None or part.dimension < 2:
                dimensions.setdefault(part.kind, set()).add(part.dimension)
    kinds = [kind for kind in MARKS if kind in dimensions]
    lines = _lines(portraits)
    if named and shaded:
        edges = [(handle, label) for handle, label in zip(*below.values(), strict=True) if "separatrix" in label]
        below = {"handles": [edge[0] for edge in edges], "labels": [edge[1] for edge in edges]}
    return {
        "handles": [*(kind_entry(kind, dimensions[kind]) for kind in kinds), *lines.values(), *below["handles"]],
        "labels": [*kinds, *lines, *below["labels"]],
    }


def _lines(portraits: Iterable[DrawnPortrait]) -> dict[str, Line2D]:
    """Return the legend entries of what is no set and no basin."""
    found = list(portraits)
    flows, steps = [each for each in found if each.rule is None], [each for each in found if each.rule is not None]
    descent = all(each.rule is not None and each.rule.name == "gd" for each in steps)
    longest = max([each.longer for each in steps], default=1)
    times = "" if longest == 1 else f", {'up to ' * (len({e.longer for e in steps}) > 1)}{longest} times as long"
    arrow: dict[str, Any] = {"linestyle": "none", "marker": HEAD, "markersize": 13, "markeredgewidth": 0.3}
    entries = {
        "kink": (any(each.kinks for each in found), KINK),
        "no motion sideways": (any(each.sideways for each in found), SIDEWAYS),
        "no motion upwards": (any(each.upwards for each in found), UPWARDS),
        "velocity of gradient flow": (bool(flows), {**arrow, "color": ARROW["color"]}),
        ("one step of descent" if descent else "first step, from rest") + times: (
            any(len(each.arrows[0]) for each in steps),
            {**arrow, "color": ARROW["color"]},
        ),
        "trajectory, from its start": (any(each.tracks for each in flows), {**TRACK, **START}),
        "descent, step by step" if descent else "orbit, step by step": (any(each.tracks for each in steps), ORBIT),
    }
    off = {end.kind for each in found for end in each.projected}
    entries |= {f"{kind} off the plane, projected": (kind in off, _hollow(kind)) for kind in MARKS}
    return {word: Line2D([], [], **look) for word, (shown, look) in entries.items() if shown}


def rule_text(rule: DrawnRule | None) -> str:
    """Return what titles call a rule: "heavy ball, step 1/10, momentum 9/10"; defaults of Adam's eps are left out."""
    if rule is None:
        return "gradient flow"
    ranges = rule.family.ranges
    shown = [
        (name, value) for name, value in rule.values if name != "eps" or value != rational(ranges[name].default or 0)
    ]
    return ", ".join(
        [rule.family.title, *(f"{SYMBOLS.get(name, name)} {_number_text(value)}" for name, value in shown)]
    )


def _number_text(value: Fraction) -> str:
    """Return a fraction, or the float that it is if that is shorter."""
    return min(str(value), f"{float(value):.15g}", key=len) if Fraction(float(value)) == value else str(value)


def explain(
    figure: Figure, portraits: Sequence[DrawnPortrait], caption: str, columns: int = 3, named: bool = False
) -> None:
    """Add the legend of portraits below a figure, under a caption of one or more lines; named: as in `legend`."""
    below = {"loc": "outside lower center", "ncols": columns, "title": caption, "title_fontsize": 8}
    added = figure.legend(**legend(portraits, named), **TOGETHER, **below)
    added.get_title().set_multialignment("center")


def portrait_figure(
    landscape: LandscapeWithPortrait,
    plane_name: str,
    span: Exact = Fraction(3, 2),
    step: Exact | None = None,
    origin: Any = None,
    rule: DrawnRule | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    sharp: bool = True,
    **detail: int,
) -> Figure:
    """Return a figure of one phase portrait, with a legend and a caption.

    Parameters
    ----------
    landscape : Landscape
    plane_name : str
        As `named_plane` reads it: "p,b", "w1,w2", "p@1,p@2", "p@1-p@2,b@1+b@2".
    span, step, rule
        As in `draw_phase_portrait`; a step makes it a portrait of gradient descent.
    origin : rows (w_1, ..., w_d, b), one per unit, optional
        The point in the middle of the picture; 0 by default.
    progress : callable, optional
        Called with ("starts followed", how many so far, 0).
    sharp : bool
        Whether the edges of basins are bisected.
    **detail : int
        arrows, pixels and tracks, as in `phase_portrait`.

    Raises
    ------
    UnknownNameError, PointError, NumberError, StabilityError, TooLargeError
        If the name is unknown, or a number makes no sense.
    """
    asked: dict[str, Any] = {
        "step": step,
        "origin": origin,
        "rule": rule,
        "progress": progress,
        "sharp": sharp,
        **detail,
    }
    found = landscape.phase_portrait(plane_name, span, **asked)
    title = f"{found.title}: {rule_text(found.rule)}"
    title = title if len(title) < 66 else title.replace(": ", ":\n", 1)
    height = 6.1 + 0.085 * len(legend([found])["labels"]) + 0.3 * title.count("\n")
    figure = Figure(figsize=(5.4, height), layout="constrained")
    draw_found(figure.subplots(), found).set_title(title)
    middle = None if found.basins is None else found.threshold
    counted = "" if middle is None else COUNTED.replace("1/2", str(middle))
    explain(figure, [found], fill(f"{found.caption} {found.sampling}{counted}", 84), columns=2)
    return figure
