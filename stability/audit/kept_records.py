"""The records that a project keeps of its write-ups: what they conclude is checked again, and not searched anew."""

import json
from dataclasses import dataclass
from pathlib import Path

from stability.logic.deductions import Deduced
from stability.logic.records import Judged, Record, confirmed
from stability.logic.statements import Several, Statement

FORMAT = "stability-record/1"
"""Of the records that hold all that is said of a statement; others are settled anew."""

LARGEST = 32 * 2**20
"""Bytes of a record that is read."""


@dataclass(frozen=True)
class KeptRecords:
    """The records of one write-up in a folder.

    Attributes
    ----------
    folder : Path
        With one file for each claim, and one for each correction.
    """

    folder: Path

    def judged(self, name: str, statement: Statement) -> Judged | None:
        """Return what a record concludes of a statement, None where there is none that says just that and is accepted.

        Parameters
        ----------
        name : str
            The id of the claim, with ".repair" for its correction.
        statement : Statement
        """
        if isinstance(statement, Several | Deduced) or statement.format != FORMAT:
            return None
        record = self._record(name)
        return None if record is None else confirmed(record, statement)

    def _record(self, name: str) -> Record | None:
        place = self.folder / f"{name}.json"
        try:
            if place.is_symlink() or not place.is_file() or place.stat().st_size > LARGEST:
                return None
            found = json.loads(place.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None
