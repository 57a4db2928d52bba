"""Protocols by which claims measured in training experiments are judged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from stability.audit.measurements import Measurement
from stability.errors import StatementError
from stability.logic.formulas import short
from stability.logic.validation import called, listed


class Result(Protocol):
    """What is kept of an experiment."""

    @property
    def settings(self) -> dict[str, Any]:
        """Those of the experiment, with the number of restarts that were made."""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""


Found = TypeVar("Found", bound=Result, covariant=True)


class Trial(Protocol[Found]):
    """An experiment, whatever it trains: it runs, and reads what was kept of an earlier run."""

    @property
    def name(self) -> str:
        """Unique within a write-up; also that of the file that keeps the result."""

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that a kept result must agree with, "restarts" among it."""

    @property
    def few(self) -> int:
        """Restarts that are made where nothing is kept and little time is given."""

    def run(self, restarts: int | None = None) -> Found:
        """Train and return what is kept; fewer restarts on request."""

    def read(self, data: Mapping[str, Any]) -> Found:
        """Return what the result's `to_json` gave; KeyError, TypeError or ValueError if it is something else."""


@dataclass(frozen=True)
class Study:
    """A measured claim: experiments, and what their results say.

    Attributes
    ----------
    experiments : sequence of Trial
    judge : callable
        From their results, in the same order, to a Measurement.

    Raises
    ------
    StatementError
        If there are no experiments, or the judge is no function.
    """

    experiments: Sequence[Trial[Any]]
    judge: Callable[..., Measurement]

    def __post_init__(self) -> None:
        for each in listed(self.experiments, "the experiments of a study"):
            if not all(hasattr(each, name) for name in ("name", "settings", "few", "run", "read")):
                raise StatementError(f"Expected an experiment; got {short(each)}.", "Write Experiment(...).")
        called(self.judge, "the judge of a study")
