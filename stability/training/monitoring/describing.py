"""How does a monitor look when it is printed?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

from stability.training.monitoring.readings import LayerReading, Reading

HEADS = ("layer", "units", "dead", "affine", "examples", "dead", "torque", "|gradient|", "largest |z|")


def described(settings: Mapping[str, Any], readings: Sequence[Reading], skipped: Mapping[str, str]) -> str:
    """Return what a monitor read, in lines: how often, which alarms, and the latest reading as a table."""
    head = f"Monitor of {settings['model']}, every {settings['every']} steps: "
    if not readings:
        return f"{head}no reading yet"
    first, last = readings[0], readings[-1]
    counts = Counter(alarm.kind for reading in readings for alarm in reading.alarms)
    heard = ", ".join(f"{count} {kind}" for kind, count in counts.most_common()) or "none"
    loss = "" if last.loss is None else f", loss {last.loss:.4g}"
    lines = [
        f"{head}{len(readings)} readings, steps {first.step} to {last.step}",
        f"alarms: {heard}",
        f"step {last.step}{loss}, |gradient| {last.gradient_norm:.3g}{_dead(last)}",
        *_table([HEADS, *map(_row, last.layers)]),
        *(f"{name} is left out: {reason}" for name, reason in skipped.items()),
    ]
    return "\n".join(lines)


def _dead(reading: Reading) -> str:
    if isnan(reading.dead_fraction):
        return ""
    return f", {reading.dead_fraction:.0%} of the examples dead at some layer"


def _row(layer: LayerReading) -> tuple[str, ...]:
    numbers = (layer.torque_mean, layer.gradient_norm, layer.largest_preactivation)
    counts = (
        layer.units,
        layer.dead_units,
        layer.affine_units,
        layer.points,
        round(layer.dead_fraction * layer.points),
    )
    return (layer.name, *map(str, counts), *("" if isnan(each) else f"{each:.3g}" for each in numbers))


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADS))]
    return ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
