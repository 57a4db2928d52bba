"""Comparison of the methods on the two moons at depth 50 and width 4, next to the published table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stability.io.provenance import provenance
from stability.training.deep.results import DeepRun
from stability.training.deep.settings import METHODS
from stability.training.deep.training import train_deep

DEPTH, WIDTH = 50, 4


@dataclass(frozen=True)
class Published:
    """A row of Table 2 of separation-constraints: at the epoch of greatest accuracy."""

    train_accuracy: float
    val_accuracy: float
    loss: float
    val_loss: float


PUBLISHED = {
    "relu": Published(0.5176, 0.4, 0.6925, 0.6938),
    "relu-bn": Published(0.8117, 0.6, 0.6331, 0.6636),
    "sep-l": Published(1.0, 1.0, 0.0, 0.0211),
    "sep-p": Published(0.9294, 0.8, 0.1765, 0.6476),
    "sep-u": Published(0.9058, 0.8, 0.4161, 1.5228),
    "sep-pu": Published(0.9882, 0.9333, 0.6988, 1.0810),
}
"""The rows by method."""

QUANTITIES = ("train_accuracy", "val_accuracy", "loss", "val_loss")
"""What the published table has; measured at the best epoch (maxima of accuracies, losses at the best training
accuracy) and at the end."""


BY_BATCH = {
    "train_accuracy": ("batch_accuracy_max", "batch_accuracy_final"),
    "loss": ("batch_loss_at_best", "batch_loss_final"),
    "val_loss": ("val_loss_at_batch_best", "val_loss_final"),
}
"""What measures a quantity by batch statistics where that makes a difference: at the best epoch, and at the end."""


def measured_names(quantity: str, by_batch: bool = False) -> tuple[str, str]:
    """Return the attributes of `DeepRun` that measure a published quantity: at the best epoch, and at the end."""
    if by_batch and quantity in BY_BATCH:
        return BY_BATCH[quantity]
    return f"{quantity}_max" if quantity.endswith("accuracy") else f"{quantity}_at_best", f"{quantity}_final"


def deep_table(train: Callable[..., DeepRun] = train_deep, **settings: Any) -> dict[str, DeepRun]:
    """Return runs of all methods on the two moons at depth 50 and width 4, by method; an interruption is the last.

    Parameters
    ----------
    train : callable
        What trains each method; `train_deep`, or one that shows how far it is.
    **settings
        Those of `stability.training.deep.training.train_deep` but for data, depth, width and method.
    """
    order = [*PUBLISHED, *(method for method in METHODS if method not in PUBLISHED)]
    runs: dict[str, DeepRun] = {}
    for method in order:
        runs[method] = train(data="moons", depth=DEPTH, width=WIDTH, method=method, **settings)
        if runs[method].interrupted:
            break
    return runs


def table_report(runs: dict[str, DeepRun]) -> dict[str, Any]:
    """Return the table as plain data: by method the published row and the lists over seeds."""
    rows = {}
    for method, run in runs.items():
        summary, printed = run.summary(), PUBLISHED.get(method)
        rows[method] = {
            "published": None if printed is None else vars(printed),
            **{name: summary[name] for quantity in QUANTITIES for name in measured_names(quantity)},
            **{name: summary[name] for quantity in BY_BATCH for name in BY_BATCH[quantity]},
            **{name: summary[name] for name in ("seeds", "diverged", "seconds")},
        }
    any_run = next(iter(runs.values()))
    how = {"depth": DEPTH, "width": WIDTH, "data": "moons", "epochs": any_run.epochs, "weight": any_run.settings.weight}
    return {**how, "device": any_run.device, "methods": rows, **provenance()}
