"""Counts and figures of tools that back the verdicts on measured claims, and what is kept of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from stability.audit.claims import check_id
from stability.errors import StabilityError
from stability.logic.validation import called, whole_number, words
from stability.model.wilson import wilson
from stability.version import __version__


@dataclass(frozen=True)
class Counted:
    """How many of how many.

    Attributes
    ----------
    says : str
        Of what, in words.
    count, total : int
    """

    says: str
    count: int
    total: int

    def __post_init__(self) -> None:
        words(self.says, "what is counted")
        whole_number(self.total, f"of how many {self.says}")
        whole_number(self.count, f"how many {self.says}", 0, self.total)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, with the 95% interval (Wilson)."""
        low, high = wilson(self.count, self.total) if self.total else (None, None)
        share = self.count / self.total if self.total else None
        return {
            "says": self.says,
            "count": self.count,
            "total": self.total,
            "share": share,
            "wilson_low": low,
            "wilson_high": high,
        }

    def __str__(self) -> str:
        if not self.total:
            return f"{self.says}: no run"
        low, high = wilson(self.count, self.total)
        return f"{self.says}: {self.count:,} of {self.total:,} ({self.count / self.total:.2%}, {low:.2%} to {high:.2%})"


Counter = Callable[[int], Sequence[Counted] | Mapping[str, float]]
"""From a number of restarts to counts, or to figures by their names."""


@dataclass(frozen=True)
class CountResult:
    """What was counted or measured.

    Attributes
    ----------
    settings : dict
    origin : dict
        Version and seconds.
    counts : tuple of Counted
    figures : dict of str to float
    """

    settings: dict[str, Any]
    origin: dict[str, Any]
    counts: tuple[Counted, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)

    def __getitem__(self, place: int) -> Counted:
        """Return a count by its place."""
        return self.counts[place]

    def figure(self, name: str) -> float:
        """Return a figure by its name.

        Raises
        ------
        StabilityError
            If there is none.
        """
        if name not in self.figures:
            raise StabilityError(f"Expected a figure of these; got {name!r}.", f"Known: {', '.join(self.figures)}.")
        return self.figures[name]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        counts = [each.to_json() for each in self.counts]
        return {"settings": self.settings, "origin": self.origin, "counts": counts, "figures": self.figures}


@dataclass(frozen=True)
class CountExperiment:
    """A function that counts, with the number of restarts that it gets.

    Attributes
    ----------
    name : str
        Unique within a write-up; also that of the file that keeps the result.
    count : callable
    restarts : int
        Runs, or repetitions.
    few : int
        Of them, where nothing is kept and little time is given.
    """

    name: str
    count: Counter
    restarts: int
    few: int = 2

    def __post_init__(self) -> None:
        check_id(self.name, "an experiment")
        called(self.count, f"what {self.name} counts")
        whole_number(self.restarts, "restarts", 1)
        whole_number(self.few, "restarts where little time is given", 1)

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that a kept result must agree with."""
        named = getattr(self.count, "func", self.count)
        options = {key: str(value) for key, value in getattr(self.count, "keywords", {}).items()}
        return {"function": named.__name__, **options, "restarts": self.restarts}

    def run(self, restarts: int | None = None) -> CountResult:
        """Count; fewer restarts on request."""
        number, began = restarts or self.restarts, perf_counter()
        found = self.count(number)
        origin = {"version": __version__, "seconds": round(perf_counter() - began, 2)}
        settings = {**self.settings, "restarts": number}
        if isinstance(found, Mapping):
            return CountResult(settings, origin, figures=dict(found))
        return CountResult(settings, origin, tuple(found))

    def read(self, data: Mapping[str, Any]) -> CountResult:
        """Return what `CountResult.to_json` gave."""
        counts = tuple(Counted(each["says"], int(each["count"]), int(each["total"])) for each in data["counts"])
        figures = {str(name): float(value) for name, value in data["figures"].items()}
        return CountResult(dict(data["settings"]), dict(data["origin"]), counts, figures)
