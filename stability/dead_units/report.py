"""What becomes of the dead units of a network, as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stability.dead_units.certify import ALIVE, FOR_EVER, STATUSES, STEPS, UNKNOWN, LayerOutcome, UnitOutcome
from stability.errors import FileError
from stability.io.printable import amount, numbered
from stability.io.results import ResultTable, Tabular
from stability.logic.records import Record, write_record

HEAD = ("layer", "units", *STATUSES)

OFF = "off at all inputs"
"""Why units stay dead where nothing is assumed of their inputs."""

MOST = 12
"""Of how many units, or runs of units in a row, a line has the numbers."""


@dataclass(frozen=True, eq=False, repr=False)
class RecoveryReport(Tabular):
    """What becomes of each unit of a network.

    Attributes
    ----------
    rule : str
        The optimiser, in words.
    units : list of UnitOutcome
        Layer by layer: `layer`, `unit`, `status`, `steps`, `largest`, `reason`, `certificate`.
    records : list of dict
        The certificates, which `stability check` and `check` verify.
    notes : list of str
        What layers were taken for, and on which premises.
    """

    rule: str
    units: list[UnitOutcome]
    records: list[Record]
    notes: list[str]

    @property
    def dead(self) -> list[UnitOutcome]:
        """The units that are certified to stay dead, for ever or for some steps."""
        return [each for each in self.units if each.status in (FOR_EVER, STEPS)]

    @property
    def for_ever(self) -> list[UnitOutcome]:
        """The units that are certified to stay dead for ever."""
        return [each for each in self.units if each.status == FOR_EVER]

    def rows(self) -> list[list[str]]:
        """Return a row for each layer: how many units have which status."""
        layers: dict[str, list[UnitOutcome]] = {}
        for each in self.units:
            layers.setdefault(each.layer, []).append(each)
        return [[name, str(len(own)), *(_count(own, status) for status in STATUSES)] for name, own in layers.items()]

    def explained(self) -> list[str]:
        """Return a line for each reason: which units of a layer have it, counted from 0 as rows of its weight.

        Dead units are named where nothing is assumed of their inputs, too.
        """
        found: dict[tuple[str, str, str], list[UnitOutcome]] = {}
        for each in self.units:
            why = each.reason or (OFF if each.status in (FOR_EVER, STEPS) else "")
            if each.status != ALIVE and why:
                found.setdefault((each.layer, each.status, why), []).append(each)
        return [f"{layer}, {_units(own)}: {status}: {why}" for (layer, status, why), own in found.items()]

    def _records(self) -> Sequence[Mapping[str, Any]]:
        return [asdict(each) for each in self.units]

    def _table(self) -> ResultTable:
        explained = self.explained()
        lines = [*self.notes, *explained[:8]]
        more = [f"and {amount(len(explained) - 8, 'more reason')}"] * (len(explained) > 8)
        finding = f"{len(self.for_ever)} of {amount(len(self.units), 'unit')} never recover"
        return ResultTable(f"Recovery of ReLU units under {self.rule}", HEAD, self.rows(), [*lines, *more], finding)

    def to_json(self) -> dict[str, Any]:
        """Return all units, with the ids of their records, as plain data."""
        return {
            "rule": self.rule,
            "counts": {status: sum(each.status == status for each in self.units) for status in STATUSES},
            "units": [dict(each) for each in self._records()],
            "notes": self.notes,
            "records": [record["id"] for record in self.records],
        }

    def write_records(self, folder: Path) -> list[Path]:
        """Write the certificates to a folder, a file each, and return the files.

        Raises
        ------
        FileError
            If there is no such folder, and none can be made there.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise FileError(f"Could not make {folder}: {problem.strerror}.", "Name another folder.") from None
        files = [folder / f"{record['id']}.json" for record in self.records]
        for record, file in zip(self.records, files, strict=True):
            write_record(record, file)
        return files


def report(rule: str, layers: Sequence[LayerOutcome], notes: Sequence[str]) -> RecoveryReport:
    """Return the report on several layers."""
    units = [each for layer in layers for each in layer.units]
    records = [each for layer in layers for each in layer.records]
    return RecoveryReport(rule, units, records, list(notes))


def unknown(name: str, units: int, why: str) -> LayerOutcome:
    """Return the outcome of a layer on which nothing can be said."""
    return LayerOutcome([UnitOutcome(name, j, UNKNOWN, reason=why) for j in range(units)], [])


def _count(own: Sequence[UnitOutcome], status: str) -> str:
    chosen = [each for each in own if each.status == status]
    steps = [each.steps for each in chosen if each.steps is not None]
    if status == STEPS and steps:
        span = f"{min(steps)}" if min(steps) == max(steps) else f"{min(steps)} to {max(steps)}"
        return f"{len(chosen)} (n = {span})"
    return str(len(chosen))


def _units(own: Sequence[UnitOutcome]) -> str:
    named = numbered([each.unit for each in own]).split(", ")
    left = len(named) - MOST
    more = f" and others, {amount(len(own), 'unit')} in all (--json lists them)" if left > 1 else ""
    shown = named[:MOST] if left > 1 else named
    return f"unit{'s' * (len(own) > 1)} {', '.join(shown)}{more}"
