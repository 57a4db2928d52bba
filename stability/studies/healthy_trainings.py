"""Small trainings of many kinds, all of them healthy: what raises an alarm here rings falsely, what acts here harms."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Any

import torch

from stability.errors import UnknownNameError, nearest
from stability.studies.image_trainings import IMAGE_TRAININGS
from stability.studies.perceptron_trainings import PERCEPTRON_TRAININGS
from stability.studies.player_trainings import PLAYER_TRAININGS
from stability.studies.sequence_trainings import SEQUENCE_TRAININGS
from stability.studies.small_trainings import SmallRun, SmallTraining
from stability.training.monitoring.alarms import Limits
from stability.training.monitoring.monitor import Monitor

Tensor = torch.Tensor

TRAININGS: dict[str, SmallTraining] = {
    each.name: each for each in (*IMAGE_TRAININGS, *SEQUENCE_TRAININGS, *PERCEPTRON_TRAININGS, *PLAYER_TRAININGS)
}
"""All of them, by name."""

Controlled = Callable[[SmallRun], AbstractContextManager[Any]]
"""Returns what looks after a run while it lasts, as a controller of one of its networks."""


@dataclass(frozen=True)
class FinishedRun:
    """What a run came to.

    Attributes
    ----------
    training : str
    seed : int
    score : float
        nan if the run was cut short.
    losses : dict of str to list of float
        Of each network, by step.
    monitors : dict of str to Monitor
        Of each network, closed; empty without.
    controller : object or None
        What looked after it, closed.
    seconds : float
        Of this process alone.
    """

    training: str
    seed: int
    score: float
    losses: dict[str, list[float]]
    monitors: Mapping[str, Monitor]
    controller: Any
    seconds: float


def training_named(name: str) -> SmallTraining:
    """Return a training by its name.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    if name not in TRAININGS:
        raise UnknownNameError(f"Expected the name of a training; got {name!r}.", nearest(name, [*TRAININGS]))
    return TRAININGS[name]


def run_training(
    training: SmallTraining,
    seed: int,
    controller: Controlled | None = None,
    every: int | None = None,
    steps: int | None = None,
    limits: Limits | None = None,
) -> FinishedRun:
    """Make a run of a training; the same seed gives the same run, and the global random state is left as it was.

    Parameters
    ----------
    training : SmallTraining
    seed : int
        Of initial weights, batches, and everything else that is drawn.
    controller : callable, optional
        From the run to a context manager that looks after it, as a function that returns a `Controller` of one of
        its networks.
    every : int, optional
        Monitors each network with a reading at every so many steps.
    steps : int, optional
        Fewer steps than the training has; there is no score then.
    limits : Limits, optional
        Of the monitors.

    Examples
    --------
    >>> run = run_training(TRAININGS["digits"], seed=0, every=1, steps=3)
    >>> len(run.monitors["model"].readings)
    3
    """
    began = time.process_time()
    with torch.random.fork_rng([]), ExitStack() as stack:
        torch.manual_seed(seed)
        run = training.build(seed)
        monitors: dict[str, Monitor] = {}
        for name, network in run.networks.items():
            if every is not None:
                monitors[name] = stack.enter_context(Monitor(network, every=every, limits=limits, keep=None))
        looking = None if controller is None else stack.enter_context(controller(run))
        losses: dict[str, list[Tensor]] = {name: [] for name in run.networks}

        def note(name: str, loss: Tensor) -> None:
            losses[name].append(loss.detach())
            if name in monitors:
                monitors[name].note(loss)

        for _ in range(training.steps if steps is None else steps):
            run.step(note)
        stack.close()
        score = run.score() if steps is None else float("nan")
    kept = {name: [float(each) for each in found] for name, found in losses.items()}
    return FinishedRun(training.name, seed, score, kept, monitors, looking, time.process_time() - began)
