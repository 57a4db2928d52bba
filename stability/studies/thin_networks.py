"""Trainings of deep thin networks on the two moons: from several starts, left alone, under a policy, or with ReDo."""

from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, cast

import torch
from torch import nn

from stability.studies.bad_starts import EVERY, recycle
from stability.studies.deep_starts import TASKS, started_network, thin_stack
from stability.training.control.controller import Controller

Tensor = torch.Tensor

SIZES: Mapping[str, tuple[int, int]] = {"30 x 6": (30, 6), "50 x 4": (50, 4)}
"""Layers of ReLUs, and units of each."""

PROTOCOL = TASKS["moons"]
"""Data, steps of Adam on all examples, and learning rate; `stability.studies.deep_starts.WORKS` says what works."""

NONE, RECYCLE = "none", "recycle"

RECYCLE_SEED = 1_000_000
"""Added to the seed of the weights: with that one itself units drawn anew would get the weights of the start."""


@dataclass(frozen=True)
class Contender:
    """How a network is started, as in `stability.studies.deep_starts.STARTS`, and what is done while it trains.

    Attributes
    ----------
    start : str
    remedy : str
        none, recycle (ReDo: Sokar et al., 2023), or a policy of the controller.
    """

    start: str = "torch"
    remedy: str = NONE


CONTENDERS: Mapping[str, Contender] = {
    "plain": Contender(),
    "he": Contender("he"),
    "recycle": Contender(remedy=RECYCLE),
    "better": Contender(remedy="better"),
    "careful": Contender(remedy="careful"),
    "spheres": Contender("hypersphere"),
    "spheres, careful": Contender("hypersphere", "careful"),
}
"""What is compared, by name."""


def thin_run(network: str, contender: str, seed: int, steps: int = PROTOCOL.steps) -> dict[str, Any]:
    """Train a deep thin network on the 85 points of the two moons, all of them in every step; a task of a sweep.

    Adam on the mean cross-entropy, in torch's fused form; a controller reads at every tenth step. `recycle` draws
    dormant units anew after each tenth of the training but the last.

    Parameters
    ----------
    network, contender : str
        Keys of `SIZES` and `CONTENDERS`.
    seed : int
        Of the weights, and of what a remedy draws.
    steps : int

    Returns
    -------
    dict
        accuracy and loss on these points at the end; interventions, by kind.

    Examples
    --------
    >>> thin_run("30 x 6", "plain", 0, steps=1)["interventions"]
    {}
    """
    x, y = _points()
    own = CONTENDERS[contender]
    task = replace(PROTOCOL, make=partial(thin_stack, *SIZES[network]))
    model = cast(nn.Sequential, started_network(task, own.start, seed, x))
    optimizer = torch.optim.Adam(model.parameters(), task.rate, fused=True)
    controller, recycled = None, 0

    def losses(out: Tensor) -> Tensor:
        return nn.functional.cross_entropy(out, y, reduction="none")

    if own.remedy not in (NONE, RECYCLE):
        controller = Controller(model, own.remedy, every=EVERY, seed=seed, per_example_loss=losses)
    with torch.random.fork_rng(devices=[]), controller or nullcontext():
        torch.manual_seed(RECYCLE_SEED + seed)
        for t in range(steps):
            if own.remedy == RECYCLE and t and t % max(steps // 10, 1) == 0:
                recycled += recycle(model, optimizer, x)
            optimizer.zero_grad()
            torch.autograd.backward(losses(model(x)).mean())
            optimizer.step()
    with torch.no_grad():
        out = model(x)
    done = Counter({RECYCLE: recycled} if recycled else {})
    for entry in [] if controller is None else controller.log:
        if entry.action.verb == "repair" and not entry.reason:
            done[entry.action.intervention.kind] += 1
    accuracy, loss = (out.argmax(1) == y).double().mean(), losses(out).mean()
    return {"accuracy": float(accuracy), "loss": float(loss), "interventions": dict(done)}


@cache
def _points() -> tuple[Tensor, Tensor]:
    data = PROTOCOL.data()
    return torch.as_tensor(data.x_train, dtype=torch.float32), torch.as_tensor(data.y_train)
