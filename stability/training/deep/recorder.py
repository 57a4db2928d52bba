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
    batch : tensor (S, 1, t'), optional
        Logits of training points by batch statistics, of networks with batch normalisation.
    """

    def __init__(
        self, data: DeepData, like: torch.Tensor, moments: Sequence[int], batch: torch.Tensor | None = None
    ) -> None:
        self.data, self.moments, seeds = data, frozenset(moments), len(like)
        self.block = torch.zeros(BLOCK, *like.shape, dtype=like.dtype, device=like.device)
        self.slots: list[torch.Tensor] = list(self.block)
        self.batch_block = None if batch is None else self.block.new_zeros(BLOCK, *batch.shape)
        self.filled = self.flushed = 0
        self.last: dict[str, Floats] = {}
        self.best_epoch, self.batch_best_epoch = np.zeros((2, seeds), dtype=np.int64)
        self.best: dict[str, Floats] = {}
        self.batch_best: dict[str, Floats] = {}
        self.val_max, self.val_max_epoch = np.full(seeds, -np.inf), np.zeros(seeds, dtype=np.int64)
        self.history: dict[str, list[Floats]] = {}
        self.epochs: list[int] = []
        self.penalties: list[Floats] = []

    @property
    def slot(self) -> torch.Tensor:
        """Where the logits of this epoch go, (S, 1, n'); a full block is looked at first."""
        if self.filled == BLOCK:
            self.flush()
        return self.slots[self.filled]

    @property
    def before(self) -> torch.Tensor | None:
        """The logits of the epoch counted last, (S, 1, n'); None before the first."""
        return self.slots[self.filled - 1] if self.flushed + self.filled else None

    def done(self) -> None:
        """Count the epoch."""
        self.filled += 1

    def keep_batch(self, logits: torch.Tensor) -> None:
        """Keep the logits by batch statistics, (S, 1, t'), of the epoch counted last."""
        if self.batch_block is not None:
            self.batch_block[self.filled - 1].copy_(logits)

    def flush(self) -> None:
        """Look at the epochs that wait."""
        count, self.filled = self.filled, 0
        if not count:
            return
        logits = self.block[:count, :, 0].cpu().numpy().astype(np.float64)
        found = measured(logits, self.data) | self._measured_batch(logits)
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

    def _measured_batch(self, logits: Floats) -> dict[str, Floats]:
        """Return training accuracies and losses by batch statistics; without normalisation those of `logits`."""
        own = logits
        if self.batch_block is not None:
            own = self.batch_block[: len(logits), :, 0].cpu().numpy().astype(np.float64)
        train = np.ascontiguousarray(own[..., : len(self.data.y_train)])
        labels = self.data.y_train
        return {"batch_accuracy": accuracies(train, labels), "batch_loss": losses(train, labels)}

    def _compare(self, found: dict[str, Floats]) -> None:
        """Move the maxima, and what was measured at the first epoch of each greatest training accuracy."""
        self.best_epoch = self._move(self.best, self.best_epoch, "train_accuracy", found)
        self.batch_best_epoch = self._move(self.batch_best, self.batch_best_epoch, "batch_accuracy", found)
        val = np.nan_to_num(found["val_accuracy"], nan=-np.inf)
        own = np.arange(val.shape[1])
        place = val.argmax(0)
        better = val[place, own] > self.val_max
        self.val_max_epoch = np.where(better, self.flushed + place, self.val_max_epoch)
        self.val_max = np.maximum(self.val_max, val[place, own])

    def _move(self, best: dict[str, Floats], epoch: Ints, name: str, found: dict[str, Floats]) -> Ints:
        """Move what was measured at the first epoch at which a number was greatest; return that epoch."""
        values = found[name]
        own, place = np.arange(values.shape[1]), values.argmax(0)
        better = values[place, own] > best.get(name, np.full(len(own), -np.inf))
        for other, numbers in found.items():
            best[other] = np.where(better, numbers[place, own], best.get(other, np.nan))
        moved: Ints = np.where(better, self.flushed + place, epoch)
        return moved


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
