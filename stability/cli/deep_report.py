"""Training, reporting and keeping of deep networks, from the command line."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from rich.table import Table

from stability.cli.terminal import shown_progress
from stability.io.files import require_folder, write_table
from stability.io.printable import amount
from stability.io.provenance import provenance
from stability.io.results import json_data
from stability.training.deep.results import DeepRun
from stability.training.deep.training import train_deep

OVER_SEEDS = {
    "train_accuracy_max": "training accuracy, maximum",
    "train_accuracy_final": "training accuracy, final",
    "batch_accuracy_max": "the same by batch statistics, maximum",
    "batch_accuracy_final": "the same by batch statistics, final",
    "val_accuracy_max": "validation accuracy, maximum",
    "val_accuracy_final": "validation accuracy, final",
    "loss_final": "loss, final",
    "val_loss_final": "validation loss, final",
    "loss_at_best": "loss at the best training accuracy",
    "val_loss_at_best": "validation loss there",
    "val_accuracy_at_best": "validation accuracy there",
    "train_accuracy_max_epoch": "epoch of it",
    "penalty_final": "penalty, final",
    "slack_units_end": "slack over units, final",
    "slack_points_end": "slack over points, final",
    "slack_layers_end": "slack over layers, final",
}
"""What is shown of all seeds, in words."""

BY_LAYER = {
    "dead_units": "dead units",
    "affine_units": "affine units",
    "dead_examples": "dead examples",
    "gradient_norm": "gradient",
    "loss_gradient_norm": "gradient of the loss",
}
"""What is shown of layers, in words."""

LAYERS_SHOWN = 9


def run_deep(**settings: Any) -> DeepRun:
    """Train as `stability.training.deep.training.train_deep` does, with a progress bar where there is a terminal."""
    name = f"{settings['method']}, {settings['depth']} x {settings['width']}, epochs of networks"
    with shown_progress(name) as progress:
        return train_deep(progress=progress, **settings)


def report(run: DeepRun) -> dict[str, Any]:
    """Return what is known of a run as plain data; lists are over seeds, None stands for what is not a number."""
    return {**run.summary(), **provenance()}


def deep_tables(run: DeepRun) -> list[str | Table]:
    """Return the result in words and tables."""
    s = run.settings
    penalised = f", weight {s.weight:g}, rho {s.rho:g}, power {s.power}, ties {s.ties}" if s.kind else ""
    dropped = f", dropout from {s.dropout:g} over {s.anneal} epochs" if s.dropout else ""
    steps = f"Adam with step {s.lr:g}, {run.epochs:,} epochs"
    count = len(run.seeds)
    seeds = f"seed {run.seeds[0]}" if count == 1 else f"seeds {run.seeds[0]} to {run.seeds[-1]}"
    head = (
        f"{s.method} on {run.data.name}: depth {s.depth}, width {s.width}, {s.init}{penalised}{dropped}\n"
        f"{steps}, {seeds}; {s.dtype}, {run.device}, {run.seconds:.1f} s"
    )
    if run.interrupted:
        done = f"{count} of {run.wanted} seeds, the last after {run.epochs_done[-1]:,} epochs"
        head = f"Interrupted: {done}.\n{head}"
    if (run.diverged >= 0).any():
        head += f"\n{int((run.diverged >= 0).sum())} of {count} diverged and stay where they last were finite."
    return [head, _seeds_table(run), _layers_table(run)]


def _seeds_table(run: DeepRun) -> Table:
    table = Table(f"over {amount(len(run.seeds), 'seed')}", "median", "least", "greatest")
    for name, words in OVER_SEEDS.items():
        absent = (run.settings.kind is None, "penalty"), (not run.settings.normalised, "batch")
        if not any(missing and name.startswith(start) for missing, start in absent):
            table.add_row(words, *spread(getattr(run, name)))
    return table


def spread(values: Any, form: str = "{:.4g}") -> tuple[str, str, str]:
    """Return the median, the least and the greatest of some numbers in words, "none" where there are none."""
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if not len(known):
        return "none", "none", "none"
    return form.format(np.median(known)), form.format(known.min()), form.format(known.max())


def _layers_table(run: DeepRun) -> Table:
    table = Table("mean over seeds", *(f"layer {k + 1}" for k in layers_shown(run.settings.depth)))
    for when in ("start", "end"):
        for name, words in BY_LAYER.items():
            values = getattr(run, f"{name}_{when}").mean(0)
            table.add_row(f"{words} at the {when}", *(f"{values[k]:.3g}" for k in layers_shown(run.settings.depth)))
        table.add_section()
    return table


def layers_shown(depth: int) -> list[int]:
    """Return some layers from the first to the last, counted from 0, evenly where there are many."""
    return sorted({int(k) for k in np.linspace(0, depth - 1, min(depth, LAYERS_SHOWN)).round()})


def columns(run: DeepRun) -> dict[str, Any]:
    """Return one column per thing that is known of each network; layers and epochs are lists."""
    count, found = len(run.seeds), {}
    for field in fields(run):
        value = getattr(run, field.name)
        if isinstance(value, np.ndarray) and field.name not in ("history_epochs", "parameters", "running"):
            found[field.name] = json_data(value)
    found["history_epochs"] = [run.history_epochs.tolist()] * count
    found |= {f"history_{name}": json_data(values) for name, values in run.history.items()}
    return found


def write_deep_parquet(run: DeepRun, path: Path) -> None:
    """Write the columns as Parquet, one row per seed, with the settings in the metadata; whole or not at all.

    Raises
    ------
    FileError
        If there is no such folder, or it cannot be written to.
    """
    require_folder(path)
    kept = {name: value for name, value in report(run).items() if not isinstance(value, list | dict)}
    write_table(path, pa.table(columns(run)), json.dumps(kept))
