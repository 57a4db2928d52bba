"""The latest reading, shown in a terminal while training goes on."""

from collections.abc import Sequence
from math import isnan

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from stability.io.printable import printable
from stability.training.monitoring.alarm_lines import worst_first
from stability.training.monitoring.alarms import Alarm
from stability.training.monitoring.readings import LayerReading, Reading

COLUMNS = ("layer", "dead examples", "dead units", "affine units", "torque, mean", "torque, 10%", "|gradient|", "slack")
MOST = 30
"""How many layers are shown: the first and the last of a deep network."""
ALARMS_SHOWN = 10
"""How many alarms are shown, the worst first."""
COLOURS = {"note": "cyan", "warning": "yellow", "trouble": "bold red"}


class Panel:
    """A table that follows the readings in a terminal; elsewhere it stays silent.

    Parameters
    ----------
    title : str
    console : Console, optional
        Standard error by default, so that what is piped stays clean.
    """

    def __init__(self, title: str, console: Console | None = None) -> None:
        console = Console(stderr=True) if console is None else console
        self._title = title
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        if self._live is not None:
            self._live.start()

    def __call__(self, reading: Reading) -> None:
        """Show a reading in place of the one before."""
        if self._live is not None:
            self._live.update(panel(reading, self._title), refresh=True)

    def close(self) -> None:
        """Take the table away."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def panel(reading: Reading, title: str) -> Table:
    """Return a reading as a table, with its alarms below: the worst first, each with its level and likely cause."""
    loss = "" if reading.loss is None else f", loss {reading.loss:.4g}"
    table = Table(
        *COLUMNS,
        title=f"{title}: step {reading.step:,}{loss}, {_share(reading.dead_fraction)} of the examples dead somewhere",
        caption="\n".join(_lines(reading.alarms)) or "no alarm",
        caption_justify="left",
    )
    loud = {alarm.layer: COLOURS[alarm.level] for alarm in reversed(worst_first(reading.alarms))}
    for layer in _shown(reading.layers):
        if layer is None:
            table.add_row(*["..."] * len(COLUMNS))
        else:
            table.add_row(*_cells(layer), style=loud.get(layer.name))
    return table


def _lines(alarms: Sequence[Alarm]) -> list[str]:
    """Return the alarms in lines of rich's markup; of too many, the worst and how many there are beside them."""
    lines = []
    for alarm in worst_first(alarms)[:ALARMS_SHOWN]:
        colour = COLOURS[alarm.level]
        lines.append(f"[{colour}]{alarm.level}: {escape(printable(str(alarm)))}[/]")
        lines.append(f"  likely cause: {escape(printable(alarm.cause))}")
    more = len(alarms) - ALARMS_SHOWN
    return [*lines, *([f"and {more} more"] if more > 0 else [])]


def _shown(layers: tuple[LayerReading, ...]) -> list[LayerReading | None]:
    if len(layers) <= MOST:
        return [*layers]
    return [*layers[: MOST // 2], None, *layers[-MOST // 2 :]]


def _cells(layer: LayerReading) -> list[str]:
    numbers = (layer.torque_mean, layer.torque_p10, layer.gradient_norm, layer.slack_plus + layer.slack_minus)
    counts = (f"{count}/{layer.units}" for count in (layer.dead_units, layer.affine_units))
    return [
        escape(printable(layer.name)),
        _share(layer.dead_fraction),
        *counts,
        *("" if isnan(x) else f"{x:.3g}" for x in numbers),
    ]


def _share(value: float) -> str:
    return "?" if isnan(value) else f"{value:.0%}"
