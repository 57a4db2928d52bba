"""What a controller did, for people: in a line, as a table, as plain data or as a data frame."""

from abc import abstractmethod
from typing import Any

from stability.io.printable import amount
from stability.io.results import ResultTable, Tabular, json_data
from stability.training.control.decisions import SKIP
from stability.training.control.log import Entry

COLUMNS = ("step", "layer", "alarm", "what was done", "entries changed")


class Interventions(Tabular):
    """Interventions that a person can look at.

    Attributes
    ----------
    log : list of Entry
    dropped : int
        How many earlier entries are kept no more.
    """

    log: list[Entry]
    dropped: int
    _keep: int
    _made_before = 0
    """How many interventions those earlier entries are about that were made."""

    @property
    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """By what they were decided, as plain data."""

    def _write_down(self, entry: Entry) -> None:
        self.log.append(entry)
        if len(self.log) > self._keep:
            self._made_before += self.log.pop(0).made
            self.dropped += 1

    def _table(self) -> ResultTable:
        settings, idle = self.settings, sum(bool(each.reason or each.dry) for each in self.log)
        count = amount(self._made_before + sum(each.made for each in self.log), "intervention")
        head = f"Controller of {settings['model']} by the policy {settings['policy']}"
        notes = [f"{name}: {number}" for name, number in (("not done", idle), ("kept no more", self.dropped)) if number]
        return ResultTable(head, COLUMNS if self.log else (), [_row(each) for each in self.log], notes, count)

    def _records(self) -> list[dict[str, Any]]:
        return [each.row() for each in self.log]

    def to_json(self) -> dict[str, Any]:
        """Return the settings and the log; None for what is not finite."""
        found: dict[str, Any] = json_data({**self.settings, "dropped": self.dropped, "log": self._records()})
        return found


def _row(entry: Entry) -> tuple[str, ...]:
    action = entry.action
    why = "dry run" if entry.dry and action.verb != SKIP else entry.reason
    what = action.verb if action.verb == SKIP else f"{action.verb} {action.intervention}"
    done = f"{what}{f' (not done: {why})' if why else ''}"
    return str(action.step), action.alarm.layer, action.alarm.kind, done, f"{sum(entry.changed.values()):,}"
