"""Training of deep thin networks: a task for every method, depth and width, with all its seeds at once."""

from typing import Any

from stability.training.deep.training import train_deep

KEPT = (
    "train_accuracy_final",
    "train_accuracy_max",
    "val_accuracy_final",
    "val_accuracy_max",
    "train_accuracy_max_epoch",
    "val_accuracy_max_epoch",
    "batch_accuracy_final",
    "batch_accuracy_max",
    "loss_final",
    "val_loss_final",
    "penalty_final",
    "diverged",
)
"""What is kept of each run; lists over seeds."""


def deep(
    method: str, width: int, depth: int, data: str, seeds: int, epochs: int, lr: float, weight: float, device: str
) -> dict[str, list[Any]]:
    """Return the accuracies and losses of networks that differ by their seed only.

    Parameters
    ----------
    method, data, device : str
    width, depth, seeds, epochs : int
    lr, weight : float
        As `stability.training.deep.training.train_deep` has them.

    Returns
    -------
    dict
        The names in `KEPT`, each with a list over seeds; epochs are counted from 0, and accuracies "batch" are those
        by batch statistics.
    """
    found = train_deep(
        data, depth, width, method, weight=weight, lr=lr, seeds=seeds, epochs=epochs, device=device
    ).summary()
    return {name: found[name] for name in KEPT}
