"""Which dead units of a checkpoint never recover when its training goes on."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import torch

from stability.dead_units.certify import HORIZON
from stability.dead_units.checkpoints import read_checkpoint, read_optimizer
from stability.dead_units.kept_states import loaded
from stability.dead_units.layers import Box
from stability.dead_units.optimisers import name_of_rule
from stability.dead_units.overlaps import leave_out_shared
from stability.dead_units.reads import decide
from stability.dead_units.report import RecoveryReport
from stability.dead_units.state_layers import blocks_of, parameters_of, reads_of
from stability.errors import DataError, FileError, NumberError
from stability.io.files import require_file

Tensor = torch.Tensor
OPTIMISERS = ("sgd", "momentum", "nesterov", "adam", "adamw")
"""What a training can go on with."""

FRESH = "what the optimiser remembers is taken to be 0, as at the start of a training: give its state with --state"


def scan_checkpoint(
    path: Path,
    data: Path | None,
    box: Box,
    optimizer: str | None,
    settings: dict[str, float],
    state: Path | None = None,
    layers: Sequence[str] = (),
    batch_size: int | None = None,
    horizon: int = HORIZON,
) -> RecoveryReport:
    """Return which dead units of a checkpoint never recover.

    Parameters
    ----------
    path : Path
        A .safetensors file, or one of torch.save.
    data : Path or None
        A .npy file with all inputs of the training, an example a row.
    box : tuple of (float, float)
        Between which numbers each input is, where there are no data.
    optimizer : str or None
        One of `OPTIMISERS`; that of the state of the optimiser if None.
    settings : dict of str to float
        "lr", "momentum", "weight_decay", "bias_decay", "beta1", "beta2", "eps", as far as they are given.
    state : Path, optional
        With the state of the optimiser, where that is not in the checkpoint.
    layers : sequence of str
        The ReLU layers in their order; found by names and shapes if empty.
    batch_size : int, optional
        The most examples of a batch.
    horizon : int
        The most steps that are claimed.

    Raises
    ------
    FileError, DataError, UnknownNameError, NumberError
        If something cannot be read, does not fit, or is missing.
    """
    _require_sense(box, settings)
    held = read_checkpoint(path)
    parameters = parameters_of(held.state)
    blocks = blocks_of(held.state, parameters, layers)
    inputs = None if data is None else read_inputs(data)
    kept = read_optimizer(state) if state is not None else held.optimizer
    made = _optimizer(parameters, optimizer, settings, kept)
    reads = reads_of(blocks, inputs, box, batch_size, bool(layers))
    leave_out_shared(reads, parameters.values())
    found = decide(reads, made, name_of_rule(made), horizon)
    remembers = made.defaults.get("momentum", 1)
    notes = [*found.notes, *([FRESH] if kept is None and remembers else [])]
    return RecoveryReport(found.rule, found.units, found.records, notes)


def _require_sense(box: Box, settings: dict[str, float]) -> None:
    for low, high in box:
        if not low <= high:
            raise NumberError(f"Expected a box from low to high; got {low:g} to {high:g}.", "Write --box 0 1.")
    for name, value in settings.items():
        if not isfinite(value):
            option = f"--{name.replace('_', '-')}"
            raise NumberError(f"Expected a finite number for {option}; got {value}.", f"Give {option} as a number.")


def read_inputs(path: Path) -> Tensor:
    """Read inputs, an example a row.

    Raises
    ------
    FileError
        If the file cannot be read; objects in it are refused, not executed.
    DataError
        If it holds no table of finite numbers.
    """
    require_file(path, "inputs", "a .npy file")
    try:
        table = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError, SyntaxError, TypeError, TokenError):
        raise FileError(
            f"Expected an array of numbers; got {path}, which is no whole .npy file of them.",
            "Save it by np.save(file, x), an example a row.",
        ) from None
    if not isinstance(table, np.ndarray) or table.dtype.kind not in "fiub" or table.ndim < 1:
        found = f"an array of {table.dtype}, {table.ndim} axes" if isinstance(table, np.ndarray) else "several arrays"
        raise DataError(f"Expected a table of numbers in {path}; got {found}.", "Save one array by np.save(file, x).")
    if not table.size:
        raise DataError(
            f"Expected at least one example in {path}; got an array of shape {table.shape}.", "Save others."
        )
    rows = table.reshape(len(table), -1)
    if not np.isfinite(rows).all():
        row = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise DataError(f"Expected finite inputs; row {row + 1} of {path} has NaN or inf.", "Leave such examples out.")
    kind = rows.dtype.newbyteorder("=") if rows.dtype.kind == "f" and rows.itemsize <= 8 else np.float64
    return torch.from_numpy(np.ascontiguousarray(rows, kind))


def _optimizer(
    parameters: dict[str, torch.nn.Parameter], name: str | None, settings: dict[str, float], kept: dict[str, Any] | None
) -> torch.optim.Optimizer:
    """Return an optimiser of the parameters, with the state that was kept."""
    if kept is None and (name is None or "lr" not in settings):
        given = "neither" if name is None and "lr" not in settings else f"{name} without --lr" if name else "--lr alone"
        raise NumberError(
            f"Expected an optimiser with its learning rate, or its state; got {given}.",
            f"Add {f'--optimizer {name}' if name else '--optimizer adam'} --lr 1e-3.",
        )
    if kept is not None:
        return loaded(parameters, name, settings, kept)
    weights = [value for key, value in parameters.items() if not key.endswith("bias")]
    biases = [value for key, value in parameters.items() if key.endswith("bias")]
    decay = settings.get("weight_decay", 0.01 if name == "adamw" else 0.0)
    of_biases = settings.get("bias_decay", decay)
    alike = of_biases == decay
    groups = [{"params": [*parameters.values()] if alike else weights, "weight_decay": decay}]
    groups += [{"params": biases, "weight_decay": of_biases}] if biases and not alike else []
    try:
        return _made(groups, str(name), settings)
    except ValueError as problem:
        raise NumberError(f"Expected settings that torch takes; got others: {problem}.", "See --help.") from None


def _made(groups: Any, name: str, settings: dict[str, float]) -> torch.optim.Optimizer:
    lr = settings["lr"]
    if name in ("sgd", "momentum", "nesterov"):
        momentum = settings.get("momentum", 0.0 if name == "sgd" else 0.9)
        return torch.optim.SGD(groups, lr=lr, momentum=momentum, nesterov=name == "nesterov")
    kind = torch.optim.AdamW if name == "adamw" else torch.optim.Adam
    betas = settings.get("beta1", 0.9), settings.get("beta2", 0.999)
    return kind(groups, lr=lr, betas=betas, eps=settings.get("eps", 1e-8))
