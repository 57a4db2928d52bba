"""What a controller costs trainings that need none: each training with it and without, from the same seed."""

import hashlib
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn

from stability.studies.healthy_trainings import run_training, training_named
from stability.studies.perceptron_trainings import classified, perceptron
from stability.studies.small_trainings import SmallRun, SmallTraining, accuracy, entropy_losses, minibatches, supervised
from stability.studies.training_data import digits_split
from stability.training.control.controller import Controller
from stability.training.control.decisions import NO_RELU
from stability.training.control.interventions import CANNOT

Tensor = torch.Tensor

EVERY = 10
"""A reading at every so many steps."""

NONE = "none"
"""In place of a policy: no controller."""

BEST = {"q-learning": 200.0}
"""The best possible score of trainings where it is not 1."""


def label_noise(seed: int) -> SmallRun:
    """Return three wide convolutions on 1,400 digits, of which 600 have random labels; Adam, batches of 256."""
    x, y, u, v = digits_split()
    images, labels = x.view(-1, 1, 8, 8), y.clone()
    stream = torch.Generator().manual_seed(17)
    changed = torch.randperm(1400, generator=stream)[:600]
    labels[changed] = torch.randint(10, (600,), generator=stream)
    maps = [nn.Conv2d(1, 64, 3, 1, 1), nn.Conv2d(64, 128, 3, 2, 1), nn.Conv2d(128, 128, 3, 2, 1)]
    model = nn.Sequential(*[part for each in maps for part in (each, nn.ReLU())], nn.Flatten(), nn.Linear(512, 10))
    held_out, clean = torch.cat([images[1400:], u.view(-1, 1, 8, 8)]), torch.cat([y[1400:], v])
    return supervised(
        model,
        minibatches(seed, 256, images[:1400], labels[:1400]),
        entropy_losses,
        torch.optim.Adam(model.parameters(), 1e-3),
        accuracy(model, held_out, clean),
    )


LABEL_NOISE = SmallTraining(
    "label-noise", "wide convolutions, 600 of 1,400 labels random, Adam", 300, 0.1, 0.7, label_noise
)
"""Besides the healthy trainings: one in which a controller does harm that takes wrong labels for signs of trouble."""


def small_weights(seed: int) -> SmallRun:
    """Return 64-64-10 on digits from weights of N(0, 1/100^2) and biases 0; Adam with step 0.01, batches of 64."""
    model = perceptron(64, 64, 10)
    for each in model.parameters():
        nn.init.normal_(each, 0.0, 0.01 if each.ndim > 1 else 0.0)
    return classified(model, torch.optim.Adam(model.parameters(), 1e-2), seed, 64, digits_split())


SMALL_WEIGHTS = SmallTraining(
    "small-weights", "64-64-10 on digits from weights of N(0, 1/100^2), Adam", 600, 0.1, 0.9, small_weights
)
"""And one in which a controller does harm that takes the growth of weights for an explosion."""

OTHERS = {each.name: each for each in (LABEL_NOISE, SMALL_WEIGHTS)}
"""The trainings in which a controller may take what is sound for trouble."""


def controlled_run(training: str, seed: int, policy: str) -> dict[str, Any]:
    """Return what a training comes to with a controller of each of its networks; a task of a sweep.

    Parameters
    ----------
    training : str
        The name of a healthy training, or of one of `OTHERS`.
    seed : int
    policy : str
        "none" for no controller.

    Returns
    -------
    dict
        points (the score, 100 at best), learned (whether the run was healthy), weights (a digest of all networks at the
        end), acted (how many interventions of which kind), cannot (reasons, but for those of networks without ReLUs),
        seconds.
    """
    entry = OTHERS.get(training) or training_named(training)
    networks: Mapping[str, nn.Module] = {}

    @contextmanager
    def looking_after(run: SmallRun) -> Iterator[list[Controller]]:
        nonlocal networks
        networks = run.networks
        with ExitStack() as stack, warnings.catch_warnings():
            warnings.filterwarnings("ignore", f".*{NO_RELU}")
            yield [] if policy == NONE else [stack.enter_context(each) for each in controllers(run, policy, seed)]

    run = run_training(entry, seed, controller=looking_after)
    log = [each for controller in run.controller for each in controller.log]
    reasons = [each.reason for each in log]
    done = Counter(str(each.action.intervention) for each in log if each.action.verb == "repair" and not each.reason)
    return {
        "points": 100 * run.score / BEST.get(training, 1.0),
        "learned": run.score > entry.learned,
        "weights": digest(networks),
        "acted": dict(sorted(done.items())),
        "cannot": sorted({reason for reason in reasons if reason.startswith(CANNOT) and NO_RELU not in reason}),
        "seconds": run.seconds,
    }


def controllers(run: SmallRun, policy: str, seed: int) -> Iterator[Controller]:
    """Yield a controller of each network of a run, as people would make it."""
    for network in run.networks.values():
        yield Controller(network, policy, every=EVERY, seed=seed, per_example_loss=run.per_example_loss)


def digest(networks: Mapping[str, nn.Module]) -> str:
    """Return a digest of all weights and buffers, 64 bits of SHA-256: the same if they are, bit for bit."""
    found = hashlib.sha256()
    for name, network in networks.items():
        for key, value in network.state_dict().items():
            found.update(f"{name}.{key}".encode())
            found.update(value.detach().cpu().numpy().tobytes())
    return found.hexdigest()[:16]
