"""The alarms of a reading in lines: the worst first, and one of a kind for all its layers."""

from collections.abc import Sequence
from typing import Any

LEVELS = ("note", "warning", "trouble")
"""How much an alarm says: worth knowing; worth a look; the training fails if nothing is done."""

NAMED = 5
"""So many further layers are named; of the others it is said how many there are."""


def worst_first(alarms: Sequence[Any]) -> list[Any]:
    """Return alarms by their level, and those of one level in the order in which they came."""
    return sorted(alarms, key=lambda alarm: -LEVELS.index(alarm.level))


def alarm_lines(alarms: Sequence[Any]) -> list[str]:
    """Return what alarms say, with the likely cause and what to try said once for each kind.

    Parameters
    ----------
    alarms : sequence of Alarm

    Examples
    --------
    >>> from stability.training.monitoring.alarms import Alarm
    >>> found = [Alarm("dead units", name, 1.0, 0.75) for name in ("net.0", "net.2", "net.4")]
    >>> for line in alarm_lines(found):
    ...     print(line)
    warning: dead units at net.0: 1 (limit 0.75); also at net.2, net.4
      quantity: dead_units / units
      likely cause: a step that threw them, biases far below zero, or more units than the data need
      try: nothing if the loss falls; else a smaller learning rate, leaky units, or a Controller
    """
    kinds: dict[tuple[str, str], list[Any]] = {}
    for alarm in worst_first(alarms):
        kinds.setdefault((alarm.kind, alarm.remedy), []).append(alarm)
    lines = []
    for first, *others in kinds.values():
        lines.append(f"{first.level}: {first}{_also(others)}")
        lines += [f"  {line}" for line in first.explanation.splitlines()[1:]]
    return lines


def _also(others: Sequence[Any]) -> str:
    if not others:
        return ""
    more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    return f"; also at {', '.join(alarm.layer for alarm in others[:NAMED])}{more}"
