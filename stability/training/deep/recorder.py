"""The accuracy of each network at each epoch, and the epoch at which it was best."""

from collections.abc import Sequence

import numpy as np
import torch

from stability.arrays import Floats, Ints
from stability.training.deep.datasets import DeepData

BLOCK = 32
"""Epochs whose logits are looked at together."""


def losses(logits: Floats, labels: Ints) -> Floats:
    """Return the mean cross-entropy of logits (..., n) for labels 0 and 1, NaN without points."""
    if not len(labels):
        return np.full(logits.shape[:-1], np.nan)
    with np.errstate(invalid="ignore"):
        each = np.maximum(logits, 0) - logits * labels + np.log1p(np.exp(-np.abs(logits)))
    found: Floats = each.mean(-1)
    return found


def accuracies(logits: Floats, labels: Ints) -> Floats:
    """Return the share of points whose logit is above 0 exactly if their label is 1, NaN without points."""
    if not len(labels):
        return np.full(logits.shape[:-1], np.nan)
    found: Floats = ((logits > 0) == (labels == 1)).mean(-1)
    return found


class Recorder:
    """Keeps the last values, the best ones with their epochs, and a history of S networks.

    Parameters
    ----------
    data : DeepData
    like : tensor (S, 1, n')
        Logits, some columns more than there are points; they are kept in such tensors.
    moments : sequence of int
        The epochs that go into the history.
    """

    def __init__(self, data: DeepData, like: torch.Tensor, moments: Sequence[int]) -> None:
        self.data, self.moments, seeds = data, frozenset(moments), len(like)
        self.block = torch.zeros(BLOCK, *like.shape, dtype=like.dtype, device=like.device)
        self.slots: list[torch.Tensor] = list(self.block)
        self.filled = self.flushed = 0
        self.last: dict[str, Floats] = {}
        self.best_epoch = np.zeros(seeds, dtype=np.int64)
        self.best: dict[str, Floats] = {}
        self.val_max, self.val_max_epoch = np.full(seeds, -np.inf), np.zeros(seeds, dtype=np.int64)
        self.history: dict[str, list[Floats]] = {}
        self.epochs: list[int] = []
        self.penalties: list[Floats] = []

    @property
    def slot(self) -> torch.Tensor:
        """Where the logits of this epoch go, (S, 1, n')."""
        return self.slots[self.filled]

    def done(self) -> None:
        """Count the epoch; look at all of a full block."""
        self.filled += 1
        if self.filled == BLOCK:
            self.flush()

    def flush(self) -> None:
        """Look at the epochs that wait."""
        count, self.filled = self.filled, 0
        if not count:
            return
        logits = self.block[:count, :, 0].cpu().numpy().astype(np.float64)
        found = measured(logits, self.data)
        self._compare(found)
        self.last = {name: values[-1] for name, values in found.items()}
        for k in range(count):
            if self.flushed + k in self.moments:
                self._keep(self.flushed + k, {name: values[k] for name, values in found.items()})
        self.flushed += count

    def end(self, penalties: Floats) -> None:
        """Look at what waits; add the last epoch, with its penalties, to the history."""
        self.flush()
        if self.flushed - 1 not in self.moments:
            self._keep(self.flushed - 1, self.last)
            self.penalties.append(penalties)

    def _keep(self, epoch: int, values: dict[str, Floats]) -> None:
        self.epochs.append(epoch)
        for name, value in values.items():
            self.history.setdefault(name, []).append(value)

    def _compare(self, found: dict[str, Floats]) -> None:
        """Move the maxima, and what was measured at the first epoch of greatest training accuracy."""
        train, val = found["train_accuracy"], np.nan_to_num(found["val_accuracy"], nan=-np.inf)
        own = np.arange(train.shape[1])
        place = train.argmax(0)
        better = train[place, own] > self.best.get("train_accuracy", np.full(len(own), -np.inf))
        self.best_epoch = np.where(better, self.flushed + place, self.best_epoch)
        for name, values in found.items():
            self.best[name] = np.where(better, values[place, own], self.best.get(name, np.nan))
        place = val.argmax(0)
        better = val[place, own] > self.val_max
        self.val_max_epoch = np.where(better, self.flushed + place, self.val_max_epoch)
        self.val_max = np.maximum(self.val_max, val[place, own])


def measured(logits: Floats, data: DeepData) -> dict[str, Floats]:
    """Return losses and accuracies of logits (..., n'), of training points first, then of validation points."""
    n, end = len(data.y_train), len(data.y_train) + len(data.y_val)
    train, val = np.ascontiguousarray(logits[..., :n]), np.ascontiguousarray(logits[..., n:end])
    return {
        "train_accuracy": accuracies(train, data.y_train),
        "val_accuracy": accuracies(val, data.y_val),
        "loss": losses(train, data.y_train),
        "val_loss": losses(val, data.y_val),
    }
