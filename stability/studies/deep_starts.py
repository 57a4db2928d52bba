"""How networks learn from starts of several kinds: a thin deep one on two moons, a convolutional one on digits."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch
from torch import nn

from stability.compute.code_version import code_of
from stability.errors import FileError, UnknownNameError, nearest
from stability.io.files import read_json, write_whole
from stability.io.project import is_carried, project_folder
from stability.io.provenance import provenance
from stability.training.deep.datasets import DeepData, digits, two_moons
from stability.training.initialise import initialise_

Tensor = torch.Tensor

STARTS = ("torch", "he", "hypersphere", "dead-data-rejection:kaiming-normal")
"""torch: as the layers are built; he: normal weights of variance 2/d, biases 0; else a spelling of `initialise_`,
where "scaled" stands for scale=1."""

CHOSEN = ("margin-rejection:kaiming-normal:1, scaled", "partial-tangency:0:0.06, scaled")
"""Starts of convolutions that were chosen on the seeds 100 to 103, which are none of those measured."""

COMPARED = {
    "moons": STARTS,
    "convolutions": ("torch", "he", "hypersphere, scaled", "dead-data-rejection:kaiming-normal, scaled", *CHOSEN),
    "convolutions-600": ("torch", "he", CHOSEN[1]),
}
"""What is measured of each task."""

WORKS = 0.9
"""The accuracy from which on a seed counts as one that works."""

SEEN = 256
"""Examples that starts are set by."""

T_95 = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262, 16: 2.131}
"""Student's 97.5% quantile by the number of seeds."""


@dataclass(frozen=True)
class StartTask:
    """A network and its training.

    Attributes
    ----------
    make : callable
        To the network, from torch's random numbers.
    data : callable
    images : tuple of int
        The shape of an example.
    steps, batch : int
        Steps of Adam; examples of each, 0 for all.
    rate : float
    """

    make: Callable[[], nn.Module]
    data: Callable[[], DeepData]
    images: tuple[int, ...]
    steps: int
    batch: int
    rate: float


def thin_stack(depth: int = 30, width: int = 6) -> nn.Module:
    """Return a stack of ReLU layers of two inputs with two outputs."""
    parts: list[nn.Module] = []
    for inputs in (2, *[width] * (depth - 1)):
        parts += [nn.Linear(inputs, width), nn.ReLU()]
    return nn.Sequential(*parts, nn.Linear(width, 2))


def plain_convolutions(depth: int = 20, channels: int = 6) -> nn.Module:
    """Return convolutions of 3 x 3 with ReLU, halved twice, without normalisation or shortcuts, and ten outputs."""
    parts: list[nn.Module] = []
    for at in range(depth - 1):
        stride = 2 if at in (depth // 3, 2 * depth // 3) else 1
        parts += [nn.Conv2d(channels if at else 1, channels, 3, stride, padding=1), nn.ReLU()]
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(4 * channels, 10))


TASKS = {
    "moons": StartTask(thin_stack, two_moons, (2,), 1500, 0, 1e-3),
    "convolutions": StartTask(plain_convolutions, digits, (1, 8, 8), 150, 32, 1e-3),
    "convolutions-600": StartTask(plain_convolutions, digits, (1, 8, 8), 600, 32, 1e-3),
}


def start_accuracies(
    task: str, starts: Sequence[str] = STARTS, seeds: int = 8, steps: int | None = None, first: int = 0
) -> dict[str, list[float]]:
    """Return the shares of right answers after a short training: on training data of moons, on held-out digits.

    All networks are trained at once, side by side; those of one seed are built from the same random numbers and see
    the same batches.

    Parameters
    ----------
    task : str
        A key of TASKS.
    starts : sequence of str
        As in STARTS.
    seeds : int
        How many, counted from `first`.
    steps : int, optional
        Another number of steps.
    first : int
        The first seed.

    Returns
    -------
    dict of str to list of float
        By start, in the order of seeds.

    Examples
    --------
    >>> found = start_accuracies("moons", ["hypersphere"], seeds=1, steps=0)["hypersphere"]
    >>> found[0] in (44 / 85, 41 / 85)
    True
    """
    if task not in TASKS:
        raise UnknownNameError(f"Expected a task; got {task!r}.", nearest(str(task), list(TASKS)))
    own = TASKS[task]
    data = own.data()
    x, y = _tensors(data.x_train, data.y_train, own)
    every = range(first, first + seeds)
    models = [started_network(own, start, seed, x) for start in starts for seed in every]
    parameters, _ = torch.func.stack_module_state(models)
    apply = torch.func.vmap(partial(torch.func.functional_call, models[0]), in_dims=(0, 0))
    picks = [torch.Generator().manual_seed(seed) for seed in every]
    optimizer = torch.optim.Adam(parameters.values(), lr=own.rate)
    everything = torch.arange(len(x)).expand(seeds, -1)
    for _ in range(own.steps if steps is None else steps):
        drawn = [torch.randint(len(x), (own.batch,), generator=each) for each in picks]
        at = (torch.stack(drawn) if own.batch else everything).repeat(len(starts), 1)
        z = apply(parameters, x[at])
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(z.flatten(0, 1), y[at].flatten(), reduction="sum")
        (loss / at.shape[1]).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    u, v = (x, y) if task == "moons" else _tensors(data.x_val, data.y_val, own)
    with torch.no_grad():
        z = apply(parameters, u.expand(len(models), *u.shape))
    right = (z.argmax(2) == v).double().mean(1).reshape(len(starts), seeds).tolist()
    return dict(zip(starts, right, strict=True))


def started_network(task: StartTask, start: str, seed: int, x: Tensor) -> nn.Module:
    """Return a network of a task as a start sets it; torch's random state is left.

    Parameters
    ----------
    task : StartTask
    start : str
        As in STARTS.
    seed : int
    x : tensor (n, ...)
        Examples, of which the first `SEEN` are looked at.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = task.make()
    if start != "torch":
        spelling, _, scaled = start.partition(", ")
        spelling = "kaiming-normal" if start == "he" else spelling
        initialise_(model, spelling, data=x[:SEEN], seed=seed, scale=1.0 if scaled else None)
    return model


def _tensors(x: Any, y: Any, task: StartTask) -> tuple[Tensor, Tensor]:
    return torch.as_tensor(x, dtype=torch.float32).reshape(-1, *task.images), torch.as_tensor(y).long()


def interval(values: list[float]) -> tuple[float, float]:
    """Return the mean, and half the width of its 95% interval by Student's law.

    Examples
    --------
    >>> interval([0.0, 1.0])
    (0.5, 6.353)
    """
    return mean(values), T_95[len(values)] * stdev(values) / sqrt(len(values))


def difference(one: Sequence[float], other: Sequence[float]) -> str:
    """Return the mean difference of accuracies of the same seeds with its 95% interval, in words.

    Examples
    --------
    >>> difference([0.5, 0.7], [0.4, 0.5])
    '+0.150 ± 0.635'
    """
    apart, half = interval([a - b for a, b in zip(one, other, strict=True)])
    return f"{apart:+.3f} ± {half:.3f}"


def start_table(measured: Mapping[str, list[float]]) -> list[str]:
    """Return lines of Markdown: accuracy by start, differences from torch's and He's seed by seed, seeds that work.

    Parameters
    ----------
    measured : mapping of str to list of float
        The accuracies by start, in the order of seeds.
    """
    lines = [
        "| start | accuracy, mean | over `torch`, paired, with 95% interval | over `he` | seeds that work |",
        "| --- | --- | --- | --- | --- |",
    ]
    for start, values in measured.items():
        over = ["" if start == other else difference(values, measured[other]) for other in ("torch", "he")]
        good = sum(value >= WORKS for value in values)
        lines.append(f"| `{start}` | {mean(values):.3f} | {' | '.join(over)} | {good} of {len(values)} |")
    return lines


def kept_path() -> Path:
    """Return where measured accuracies are kept."""
    return project_folder() / "proofs" / "measured" / "deep-starts" / "accuracies.json"


def kept_starts() -> dict[str, Any]:
    """Return what is kept, by task: provenance, code, settings, and the accuracies by start."""
    if not kept_path().is_file():
        return {}
    return read_json(kept_path(), "accuracies of starts", "Measure again with --keep.")


def keep_starts(task: str, measured: Mapping[str, list[float]], settings: Mapping[str, Any]) -> Path:
    """Keep what was measured of a task, with where it comes from; return where.

    Parameters
    ----------
    task : str
        A key of TASKS.
    measured : mapping
        As `start_accuracies` returns it.
    settings : mapping
        With which it was called.

    Raises
    ------
    FileError
        If the package is installed from a wheel, or the file cannot be written.
    """
    path = kept_path()
    if is_carried(path):
        raise FileError(f"Expected a checkout to keep results in; {path} is part of an installed wheel.", "Clone it.")
    code = code_of("stability.studies.deep_starts:start_accuracies").version
    own = {**provenance(), "code": code, "settings": dict(settings), "accuracies": dict(measured)}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps({**kept_starts(), task: own}, indent=1) + "\n")
    return path
