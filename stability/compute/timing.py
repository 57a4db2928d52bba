"""The time that a task takes, and that the rest will take."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from stability.compute.grids import Grid, SweepTask


class Pace:
    """Seconds per unit of cost, as measured so far, for each value of the group axis of a grid.

    Parameters
    ----------
    grid : Grid
    """

    def __init__(self, grid: Grid) -> None:
        self._group = grid.group
        self._seen: dict[Any, tuple[float, float]] = {}

    def learn(self, task: SweepTask, seconds: float) -> None:
        """Take note of how long a task took."""
        for group in {self._of(task), None}:
            total, cost = self._seen.get(group, (0.0, 0.0))
            self._seen[group] = total + seconds, cost + task.cost

    def _of(self, task: SweepTask) -> Any:
        return None if self._group is None else str(task.arguments[self._group])

    def seconds(self, task: SweepTask, guess: bool = False) -> float | None:
        """Return how long a task should take; None if nothing like it was seen (with `guess`, if nothing was)."""
        total, cost = self._seen.get(self._of(task)) or (guess and self._seen.get(None)) or (0.0, 0.0)
        return total / cost * task.cost if cost else None

    def left(self, tasks: Iterable[SweepTask], workers: int) -> float | None:
        """Return the seconds that some workers need for tasks; None if nothing was seen."""
        times = [self.seconds(each, guess=True) for each in tasks]
        known = [each for each in times if each is not None]
        return None if len(known) < len(times) else sum(known) / workers


def duration(seconds: float) -> str:
    """Return a time as people read it: "12 s", "0:03:20", "2 days, 1:00:00"."""
    return f"{seconds:.3g} s" if seconds < 100 else str(timedelta(seconds=round(seconds)))
