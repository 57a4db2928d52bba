"""The numbers behind measured claims: from kept results, or from runs made now."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stability.audit.measurements import Measurement
from stability.audit.protocols import Found, Result, Study, Trial
from stability.errors import FileError, StabilityError
from stability.io.files import read_json, write_whole

LEVELS = ("quick", "full")
"""Quick takes kept results where there are some, and few runs elsewhere; full trains everything anew."""


@dataclass
class ResultStore:
    """Results of experiments, each made or read once.

    Attributes
    ----------
    folder : Path
        Where the results of a write-up are kept, one file per experiment.
    level : str
        One of `LEVELS`.
    """

    folder: Path
    level: str = "quick"
    made: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise StabilityError(f"Expected the level quick or full; got {self.level!r}.", "Write --level quick.")

    def measured(self, experiment: Trial[Found]) -> Found:
        """Return the result of an experiment."""
        known: Found | None = self.made.get(experiment.name)
        if known is not None and _same(known, experiment, self.level == "full"):
            return known
        found = self.kept(experiment) if self.level == "quick" else None
        if found is None:
            found = experiment.run(None if self.level == "full" else experiment.few)
        self.made[experiment.name] = found
        return found

    def kept(self, experiment: Trial[Found]) -> Found | None:
        """Return the kept result of an experiment with these settings, or None.

        Raises
        ------
        FileError
            If there is a file that holds no result.
        """
        path = self.path(experiment)
        if not path.is_file():
            return None
        what, remedy = "result of an experiment", "Measure again with `stability audit --level full --keep`."
        plain = read_json(path, what, remedy)
        try:
            found = experiment.read(plain)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as problem:
            raise FileError(f"{path} holds no {what} ({type(problem).__name__}: {problem}).", remedy) from None
        return found if _same(found, experiment, True) else None

    def path(self, experiment: Trial[Result]) -> Path:
        """Return where the result of an experiment is kept."""
        return self.folder / f"{experiment.name}.json"

    def judge(self, study: Study) -> Measurement:
        """Return what the experiments of a study say."""
        return study.judge(*(self.measured(experiment) for experiment in study.experiments))

    def keep(self) -> int:
        """Write the results that were made; remove files of other experiments; return how many there are."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in set(self.folder.glob("*.json")) - {self.folder / f"{name}.json" for name in self.made}:
            path.unlink()
        for name, found in self.made.items():
            write_whole(self.folder / f"{name}.json", json.dumps(_rounded(found.to_json()), indent=1) + "\n")
        return len(self.made)


def _same(found: Result, experiment: Trial[Result], whole: bool) -> bool:
    """Return whether a result is one of these settings; of as many restarts, if it must be the whole."""
    other = dict(experiment.settings)
    return found.settings == other or (not whole and {**found.settings, "restarts": other["restarts"]} == other)


def _rounded(data: Any) -> Any:
    """Return plain data with floats of 9 digits."""
    if isinstance(data, dict):
        return {key: _rounded(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_rounded(value) for value in data]
    return float(f"{data:.9g}") if isinstance(data, float) else data
