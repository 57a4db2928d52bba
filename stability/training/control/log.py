"""The log of a controller: one entry for each intervention, and how it is written to files."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

from stability.errors import FileError
from stability.io.files import require_folder, write_whole
from stability.training.control.decisions import SKIP, Action
from stability.training.monitoring.export import provenance, write_csv


@dataclass(frozen=True)
class Entry:
    """One intervention, or the end of one.

    Attributes
    ----------
    action : Action
    before : float
        The number that raised the alarm, at the reading.
    after : float or None
        The same number at the next reading; None if there was none.
    changed : dict of str to int
        How many entries of which parameters were changed.
    reason : str
        Why nothing was changed; empty otherwise. It begins with "cannot: " where nothing can be done, which is written
        down once.
    dry : bool
        Whether it was only written down.
    """

    action: Action
    before: float
    after: float | None = None
    changed: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    dry: bool = False

    @property
    def made(self) -> bool:
        """Whether it is an intervention that was made, or switched on."""
        return self.action.verb == "repair" and not self.reason and not self.dry

    def row(self) -> dict[str, Any]:
        """Return it as plain data; numbers that are not finite become None."""
        action = self.action
        return {
            "step": action.step,
            "layer": action.alarm.layer,
            "alarm": action.alarm.kind,
            "limit": action.alarm.limit,
            "verb": action.verb,
            **asdict(action.intervention),
            "rung": action.escalation,
            "attempt": action.attempt,
            "points": list(action.points),
            "before": _finite(self.before),
            "after": _finite(self.after),
            "changed": self.changed,
            "reason": self.reason,
            "dry": self.dry,
        }

    def __str__(self) -> str:
        if self.action.verb == SKIP:
            return f"step {self.action.step}: {SKIP} (not done: {self.reason})"
        where = f" at {self.action.alarm.layer}" if self.action.alarm.layer else ""
        what = f"step {self.action.step}: {self.action.alarm.kind} {self.before:.3g}{where}: {self.action.verb}"
        dry = " (not done: dry run)" if self.dry else f" (not done: {self.reason})" if self.reason else ""
        return f"{what} {self.action.intervention}{dry}"


def complete(log: list[Entry], places: Sequence[int], now: Mapping[tuple[str, str], float]) -> None:
    """Write the numbers of the next reading, by layer and alarm, into entries that are still there."""
    for place in places:
        if place >= 0:
            alarm = log[place].action.alarm
            log[place] = replace(log[place], after=now.get((alarm.layer, alarm.kind)))


def _finite(number: float | None) -> float | None:
    return None if number is None or not isfinite(number) else number


def write_log(entries: Sequence[Entry], path: Path | str, settings: dict[str, Any]) -> None:
    """Write a log as .jsonl (one object per line) or .csv, whole or not at all.

    Where it comes from stands in the first line of the former, and beside the latter in a file ending in .csv.json.

    Raises
    ------
    FileError
        If the suffix is another, there is no such folder, or it cannot be written to.
    """
    path = Path(path)
    if path.suffix not in (".jsonl", ".csv"):
        raise FileError(f"Expected a file ending in .jsonl or .csv; got {path.name!r}.", "Write log.jsonl.")
    require_folder(path)
    origin = provenance("interventions of a controller", settings)
    rows = [entry.row() for entry in entries]
    if path.suffix == ".jsonl":
        write_whole(path, "".join(f"{line}\n" for line in (f'{{"origin": {origin}}}', *map(json.dumps, rows))))
        return
    flat = [{**row, "points": json.dumps(row["points"]), "changed": json.dumps(row["changed"])} for row in rows]
    write_csv(path, origin, COLUMNS, flat)


COLUMNS = (
    "step", "layer", "alarm", "limit", "verb", "kind", "size", "steps", "rung", "attempt", "points", "before", "after",
    "changed", "reason", "dry",
)  # fmt: skip
"""Of the CSV file, and the keys of each line of the other."""
