"""Training of deep thin networks from many seeds at once, with and without separation constraints."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np
import torch

from stability.compute.notebook import reporting
from stability.compute.progress import Progress
from stability.errors import DataError, StabilityError
from stability.exact.limits import require_memory, require_steps
from stability.training.deep.batch import Stack
from stability.training.deep.datasets import DeepData, dataset
from stability.training.deep.layer_statistics import measured_layers
from stability.training.deep.recorder import Recorder
from stability.training.deep.results import HISTORY, DeepRun, joined
from stability.training.deep.settings import Settings
from stability.training.devices import device_for

ENTRIES = {"cpu": 2**20, "cuda": 2**26}
"""Pre-activations that a stack holds, at most, by device: so many as are fast."""

MOMENTS = 100
"""Moments of the history, roughly, if nothing else is asked for."""

ZERO_RHO = 0.51
"""The weight of the upper slack where all weights start at zero: at 1/2 the two slacks would cancel."""


def train_deep(
    data: DeepData | str,
    depth: int,
    width: int,
    method: str,
    *,
    weight: float = 1e-4,
    rho: float | None = None,
    power: int = 2,
    ties: str = "split",
    init: str = "glorot",
    dropout: float = 0.0,
    anneal: int = 1000,
    lr: float = 0.01,
    slope: float = 0.01,
    main_loss: bool = True,
    seeds: int = 8,
    first_seed: int = 0,
    epochs: int = 5000,
    device: str = "auto",
    dtype: str = "float32",
    stack: int | None = None,
    every: int | None = None,
    progress: Progress | None = None,
) -> DeepRun:
    """Train rectangular networks by full-batch Adam on the mean cross-entropy, one per seed, all at once.

    A seed gives the same run whatever trains beside it, bit for bit on CPUs.

    Parameters
    ----------
    data : DeepData or str
        Points of two classes, or "moons" or "xor".
    depth, width : int
        Hidden layers, and units in each.
    method : str
        One of `stability.training.deep.settings.METHODS`.
    weight : float
        What the penalty is multiplied with, summed over all constraints of all hidden layers.
    rho : float, optional
        The weight of the upper slack; 0.5, or 0.51 where all weights start at zero.
    power : int
        2 or 1, of the mixed slacks.
    ties : str
        "split" or "first": who bears the slope of a maximum.
    init : str
        One of `stability.training.deep.settings.INITS`.
    dropout, anneal : float, int
        The share of hidden outputs dropped at first, and the epochs until none is.
    lr : float
        The step size of Adam (0.9, 0.999; 1e-7).
    slope : float
        Of leaky ReLU.
    main_loss : bool
        False to train on the penalty alone.
    seeds, first_seed : int
        How many networks, and the seed of the first.
    epochs : int
        Steps.
    device : str
        "cpu", "cuda", or "auto" for "cuda" where there is one.
    dtype : str
        "float32" or "float64".
    stack : int, optional
        Networks that train side by side; as many as are fast if left out.
    every : int, optional
        Epochs between two moments of the history.
    progress : callable, optional
        Called with ("epochs of networks", how many are done, how many there are);
        in a notebook there is a bar if it is left out.

    Raises
    ------
    StabilityError
        If a setting makes no sense or names something that there is not, or there is no such device.

    Examples
    --------
    >>> from stability import train_deep
    >>> run = train_deep("xor", 1, 4, "relu", seeds=2, epochs=3)
    >>> run.loss_final.shape, run.epochs_done.tolist()
    ((2,), [3, 3])
    """
    rho = (ZERO_RHO if init == "zero" else 0.5) if rho is None else rho
    settings = Settings(
        depth, width, method, weight, rho, power, ties, init, dropout, anneal, lr, slope, main_loss, dtype
    )
    data = dataset(data) if isinstance(data, str) else data
    data.require_two_classes()
    place = device_for(device)
    stack = at_once(settings, data, place) if stack is None else stack
    every = max(1, epochs // MOMENTS) if every is None else every
    _refuse(seeds, first_seed, epochs, stack, every)
    require_steps(epochs, "epochs")
    require_memory(seeds, network_bytes(settings, data), "seeds of networks of this size")
    if settings.normalised and len(data.x_train) < 2:
        raise DataError("Expected at least 2 training points for batch normalisation; got 1.", "Take another method.")
    began, own = perf_counter(), range(first_seed, first_seed + seeds)
    stacks = [own[k : k + stack] for k in range(0, seeds, stack)]
    with np.errstate(all="ignore"), reporting(progress, "train_deep") as report:  # overflows are counted as diverged
        parts = _parts(settings, data, stacks, epochs, every, place, report)
    return DeepRun(data, settings, epochs, seeds, every, place, perf_counter() - began, **joined(parts))


def at_once(settings: Settings, data: DeepData, device: str) -> int:
    """Return how many networks train side by side, if nothing else is asked for."""
    points = len(data.x_train) + len(data.x_val)
    return max(1, ENTRIES[device] // (settings.depth * settings.features * points))


def network_bytes(settings: Settings, data: DeepData) -> int:
    """Return what one network takes: its weights with slopes and two moments, and its outputs on the data."""
    points = len(data.x_train) + len(data.x_val)
    return 8 * settings.depth * settings.features * (4 * settings.width + 2 * points)


def _refuse(seeds: int, first_seed: int, epochs: int, stack: int, every: int) -> None:
    if seeds < 1 or not 0 <= first_seed < 2**63 - seeds or epochs < 1 or stack < 1 or every < 1:
        raise StabilityError(
            f"Expected at least 1 seed, epoch, network in a stack and epoch between two moments, and a first seed from "
            f"0; got {seeds}, {epochs}, {stack}, {every} and {first_seed}.",
            "Write train_deep('moons', 50, 4, 'sep-pu', seeds=8, epochs=5000).",
        )


def _parts(
    settings: Settings,
    data: DeepData,
    stacks: Sequence[range],
    epochs: int,
    every: int,
    device: str,
    report: Progress,
) -> list[dict[str, Any]]:
    """Train one stack after the other; return the arrays of DeepRun of each. An interruption keeps what is known."""
    parts: list[dict[str, Any]] = []
    done, whole = 0, sum(len(seeds) for seeds in stacks) * epochs
    try:
        for seeds in stacks:

            def tick(epoch: int, before: int = done, count: int = len(seeds)) -> None:
                report("epochs of networks", before + epoch * count, whole)

            part, interrupted = _train_stack(settings, data, seeds, epochs, every, device, tick)
            parts.append(part)
            if interrupted:
                break
            done += len(seeds) * epochs
            report("epochs of networks", done, whole)
    except KeyboardInterrupt:
        if not parts:
            raise
    return parts


def _train_stack(
    settings: Settings,
    data: DeepData,
    seeds: Sequence[int],
    epochs: int,
    every: int,
    device: str,
    tick: Callable[[int], None],
) -> tuple[dict[str, Any], bool]:
    """Train one stack; return the arrays of DeepRun, and whether it was interrupted."""
    with torch.no_grad():
        stack = Stack(settings, data, seeds, device)
        found = {f"{name}_start": value for name, value in measured_layers(stack).items()}
        recorder, interrupted = stack.run(epochs, range(0, epochs + 1, every), tick)
        found |= {f"{name}_end": value for name, value in measured_layers(stack).items()}
        running = torch.stack([stack.running.mean, stack.running.variance]).permute(2, 0, 1, 3, 4)[..., 0]
    return {
        **found,
        **_values(stack, recorder),
        "seeds": np.array(stack.seeds, dtype=np.int64),
        "diverged": stack.diverged,
        "epochs_done": np.full(len(stack.seeds), stack.adam.steps),
        "parameters": stack.held.rows(),
        "running": running.double().cpu().numpy(),
    }, interrupted


def _values(stack: Stack, recorder: Recorder) -> dict[str, Any]:
    """Return accuracies, losses and penalties by their names in DeepRun."""
    last, best, history = recorder.last, recorder.best, recorder.history
    batch = recorder.batch_best
    kept = {name: np.stack(history[name], 1) for name in HISTORY if name in history}
    return {
        "train_accuracy_final": last["train_accuracy"],
        "train_accuracy_max": best["train_accuracy"],
        "val_accuracy_final": last["val_accuracy"],
        "val_accuracy_max": np.where(np.isfinite(recorder.val_max), recorder.val_max, np.nan),
        "train_accuracy_max_epoch": recorder.best_epoch,
        "val_accuracy_max_epoch": recorder.val_max_epoch,
        "loss_final": last["loss"],
        "val_loss_final": last["val_loss"],
        "penalty_final": stack.penalty(),
        "loss_at_best": best["loss"],
        "val_loss_at_best": best["val_loss"],
        "val_accuracy_at_best": best["val_accuracy"],
        "batch_accuracy_final": last["batch_accuracy"],
        "batch_accuracy_max": batch["batch_accuracy"],
        "batch_accuracy_max_epoch": recorder.batch_best_epoch,
        "batch_loss_final": last["batch_loss"],
        "batch_loss_at_best": batch["batch_loss"],
        "val_loss_at_batch_best": batch["val_loss"],
        "val_accuracy_at_batch_best": batch["val_accuracy"],
        "history_epochs": np.array(recorder.epochs),
        "history": {**kept, "penalty": np.stack(recorder.penalties, 1)},
    }
