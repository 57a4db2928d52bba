"""The latest reading, shown in a terminal while training goes on."""

from math import isnan

from rich.console import Console
from rich.live import Live
from rich.table import Table

from stability.training.monitoring.readings import LayerReading, Reading

COLUMNS = ("layer", "dead examples", "dead units", "affine units", "torque, mean", "torque, 10%", "|gradient|", "slack")
MOST = 30
"""How many layers are shown: the first and the last of a deep network."""


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
    """Return a reading as a table, with its alarms below."""
    loss = "" if reading.loss is None else f", loss {reading.loss:.4g}"
    table = Table(
        *COLUMNS,
        title=f"{title}: step {reading.step:,}{loss}, {_share(reading.dead_fraction)} of the examples dead somewhere",
        caption="\n".join(map(str, reading.alarms[:MOST])) or "no alarm",
    )
    loud = {alarm.layer for alarm in reading.alarms}
    for layer in _shown(reading.layers):
        if layer is None:
            table.add_row(*["..."] * len(COLUMNS))
        else:
            table.add_row(*_cells(layer), style="bold red" if layer.name in loud else None)
    return table


def _shown(layers: tuple[LayerReading, ...]) -> list[LayerReading | None]:
    if len(layers) <= MOST:
        return [*layers]
    return [*layers[: MOST // 2], None, *layers[-MOST // 2 :]]


def _cells(layer: LayerReading) -> list[str]:
    numbers = (layer.torque_mean, layer.torque_p10, layer.gradient_norm, layer.slack_plus + layer.slack_minus)
    counts = (f"{count}/{layer.units}" for count in (layer.dead_units, layer.affine_units))
    return [layer.name, _share(layer.dead_fraction), *counts, *("" if isnan(x) else f"{x:.3g}" for x in numbers)]


def _share(value: float) -> str:
    return "?" if isnan(value) else f"{value:.0%}"
