"""Many runs of two-layer networks with a fixed head, each under a controller: where they end.

The same decisions and interventions as those of a `Controller` on one network, for all restarts at once: every
restart has its own alarms, its own place in each escalation, and its own random stream.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from stability.arrays import Floats, Ints
from stability.errors import StabilityError
from stability.training.control.batch import Batch, Event, Training
from stability.training.control.policies import Policy
from stability.training.ensembles.problem import Task


@dataclass(frozen=True)
class Controlled:
    """Runs under a controller.

    Attributes
    ----------
    success : bool array (restarts,)
        All examples are correct at the stop, without leaky slopes.
    losses : array (restarts,)
    outputs : array (restarts, n)
    points : array (restarts, units, d + 1)
        Rows (w, b) at the stop.
    stopped : int array (restarts,)
        Steps taken.
    repairs : int array (restarts,)
        How many interventions were made (or switched on).
    events : tuple of Event
        All of them, in order.
    """

    success: NDArray[np.bool_]
    losses: Floats
    outputs: Floats
    points: Floats
    stopped: Ints
    repairs: Ints
    events: tuple[Event, ...]


def train_controlled(
    task: Task, starts: Floats, policy: Policy | None, how: Training | None = None, seed: int = 0, first: int = 0
) -> Controlled:
    """Return where training by Adam, on all examples at once, ends from each start under a policy.

    The run of a restart depends on its start, on the seed and on its place among all, not on the others.

    Parameters
    ----------
    task : Task
        Of a sum of ReLU units and the mean of squared errors.
    starts : array (restarts, units, d + 1)
    policy : Policy or None
        None for no controller.
    how : Training, optional
    seed : int
        Of random rotations; restart i has the seed `own_seed(seed, first + i)`.
    first : int
        The place of the first start among all.

    Raises
    ------
    StabilityError
        If the task is of another kind.
    """
    if not task.network.is_plain or task.loss_kind != "mean" or task.slopes != (0.0, 1.0, 0.0):
        raise StabilityError(f"Expected a sum of ReLU units and the mean loss; got {task}.", "Try relu2 on xor.")
    batch = Batch(task, torch.as_tensor(starts, dtype=torch.float64), policy, how or Training(), seed, first)
    with torch.no_grad():
        batch.run()
        outputs = (batch.final["p"] @ batch.rows.T).relu().sum(1)
    final = {name: value.numpy() for name, value in batch.final.items()}
    losses = ((outputs - batch.labels) ** 2).mean(1).numpy()
    correct: NDArray[np.bool_] = np.all(task.right(outputs.numpy()[:, :, None]), axis=1)
    return Controlled(
        correct, losses, outputs.numpy(), final["p"], final["taken"], final["repairs"], tuple(batch.events)
    )
