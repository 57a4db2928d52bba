"""What a monitor read, for people: as lines, a table, plain data, a data frame or a picture."""

from abc import abstractmethod
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stability.io.printable import amount, printable
from stability.io.results import ResultTable, Tabular, aligned, json_data
from stability.training.monitoring.export import to_csv, to_parquet
from stability.training.monitoring.readings import Reading, layer_table, plain, table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from stability.training.monitoring.alarms import Alarm


FEW = 5
"""So many names are given, and of the others how many there are."""

WHEN_READ = (
    "a reading is taken before an optimiser of torch.optim that holds its parameters steps, or by monitor.step()"
)
NO_LOSS = "the loss is not known, and no alarm about it is raised: give criterion=, or call monitor.note(loss=loss)"


class Readings(Tabular):
    """Readings that a person can look at: as lines, a table, plain data, a data frame or a picture."""

    model: Any = None

    @property
    @abstractmethod
    def readings(self) -> list[Reading]:
        """The readings, in their order."""

    @property
    def latest(self) -> Reading | None:
        """The last reading; None before the first."""
        readings = self.readings
        return readings[-1] if readings else None

    @property
    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """How they were taken, as plain data."""

    @property
    @abstractmethod
    def skipped(self) -> dict[str, str]:
        """The layers that are not read, and why."""

    def __repr__(self) -> str:
        return f"<{': '.join(self._heading()[:2])}>"

    def __str__(self) -> str:
        rows = self._rows()
        table = aligned(rows) if rows else []
        head, finding, *notes = self._heading()
        return "\n".join(map(printable, [f"{head}: {finding}", *notes, *table, *self._left_out()]))

    def _heading(self) -> list[str]:
        """Return how often something was read, which alarms there were, and the numbers of the latest reading."""
        settings, readings = self.settings, self.readings
        head = f"Monitor of {settings['model']}, {_every(settings['every'])}"
        if not readings:
            return [head, "no reading yet", WHEN_READ]
        first, last = readings[0], readings[-1]
        found = {_episode(reading, alarm) for reading in readings for alarm in reading.alarms}
        counts = Counter(kind for kind, *_ in found)
        began = sorted((min(step for name, _, step in found if name == kind), kind) for kind in counts)
        heard = ", ".join(f"{counts[kind]} {kind} (from step {step})" for step, kind in began) or "none"
        return [
            head,
            f"{amount(len(readings), 'reading')}, steps {first.step} to {last.step}",
            f"alarms: {heard}",
            last.headline,
        ]

    def _left_out(self) -> list[str]:
        """Return what was not read, in sentences."""
        if not self.readings:
            return []
        last, skipped = self.readings[-1], self.skipped
        found = [f"{name} is left out: {reason}" for name, reason in skipped.items()]
        known = {f"{name}: {reason}" for name, reason in skipped.items()}
        found += [f"not read at the latest reading: {text}" for text in last.skipped if text not in known]
        seen = found or any(layer.points for layer in last.layers)
        found += [] if seen else ["no ReLU was seen: weights, gradients and the loss are read"]
        deaf = all(reading.loss is None for reading in self.readings)
        return [*found, *self._frozen(), *([NO_LOSS] if deaf else [])]

    def _frozen(self) -> list[str]:
        """Return which parameters are not trained now, in a sentence if there are any."""
        named = [] if self.model is None else [*self.model.named_parameters()]
        names = [name for name, each in named if not each.requires_grad]
        more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
        said = f"{len(names)} of {amount(len(named), 'parameter')} frozen: {', '.join(names[:FEW])}{more}"
        return [said] if names else []

    def _rows(self) -> list[tuple[str, ...]]:
        return layer_table(self.readings[-1].layers) if self.readings else []

    def _table(self) -> ResultTable:
        head, finding, *notes = self._heading()
        columns, *rows = self._rows() or [()]
        return ResultTable(head, columns, rows, [*notes, *self._left_out()], finding)

    def _records(self) -> list[dict[str, Any]]:
        return table(self.readings)

    def to_json(self) -> dict[str, Any]:
        """Return settings, readings and the layers that are not read; None for what is not finite."""
        readings = [plain(reading) for reading in self.readings]
        found: dict[str, Any] = json_data({**self.settings, "readings": readings, "skipped": self.skipped})
        return found

    def to_csv(self, path: Path | str) -> None:
        """Write the readings, one row per layer and step; where they come from stands in a file ending in .csv.json.

        Raises
        ------
        FileError
            If there is no such folder, or it cannot be written to.
        """
        to_csv(self.readings, Path(path), self.settings)

    def to_parquet(self, path: Path | str) -> None:
        """Write the same as Parquet, with where it comes from in the metadata.

        Raises
        ------
        FileError
            If there is no such folder, or it cannot be written to.
        """
        to_parquet(self.readings, Path(path), self.settings)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the share of dead examples over the steps, by layer and (black) of the network; return the Axes.

        Raises
        ------
        StabilityError
            If there is no reading.
        """
        from stability.plot.monitor import draw_dead_examples

        return draw_dead_examples(ax, self.readings)

    def figure(self) -> "Figure":
        """Return a picture of all readings.

        Raises
        ------
        StabilityError
            If there are none.
        """
        from stability.plot.monitor import health_figure

        return health_figure(self.readings)


def _episode(reading: Reading, alarm: "Alarm") -> tuple[str, str, int]:
    """Return what is the same for an alarm in all readings in which it lasts."""
    return alarm.kind, alarm.layer, reading.step if alarm.since is None else alarm.since


def _every(steps: int) -> str:
    return "every step" if steps == 1 else f"every {steps} steps"
