"""Full-batch Adam on a stack of deep networks at once, without autograd."""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import numpy as np
import torch

from stability.arrays import Floats, Ints
from stability.training.constraints.penalties import penalty
from stability.training.deep.adam import Adam
from stability.training.deep.datasets import DeepData
from stability.training.deep.forward_backward import LayerPass, NormalisedPass, Running, filled
from stability.training.deep.frozen import FrozenNetworks
from stability.training.deep.parameters import DROPOUT_STREAM, parameters, start
from stability.training.deep.penalty_gradient import PenaltyGradient
from stability.training.deep.recorder import Recorder
from stability.training.deep.settings import Settings

Tensor = torch.Tensor
Tick = Callable[[int], None]
"""Called with the number of epochs done."""

TICK = 50
"""Epochs between two calls."""


class Stack:
    """Networks of one shape, one per seed, that train side by side.

    No operation mixes networks, and none rounds a number by where it stands, so that a seed gives the same run in any
    stack, bit for bit on CPUs.

    Parameters
    ----------
    settings : Settings
    data : DeepData
    seeds : sequence of int
    device : str

    Attributes
    ----------
    held : Parameters
    diverged : int array (S,)
        The epoch at which a network's logits were no longer finite, -1 if never. It then stays where it last was
        finite.
    waits : bool
        Whether every epoch asks whether a network diverged, which is quick on CPUs; else the device decides by itself,
        and `diverged` is known after `run`.
    """

    def __init__(self, settings: Settings, data: DeepData, seeds: Sequence[int], device: str) -> None:
        self.settings, self.data, self.seeds = settings, data, list(seeds)
        dtype, count, n = getattr(torch, settings.dtype), len(self.seeds), len(data.x_train)
        self.held = parameters(settings, data.x_train.shape[1], count, device)
        self.held.set_rows(start(settings, data.x_train.shape[1], self.seeds))
        self.slopes = self.held.over(torch.zeros_like(self.held.flat))
        self.adam = Adam(self.held, settings.lr)
        points = torch.as_tensor(np.vstack([data.x_train, data.x_val]), dtype=dtype, device=device)
        self.running = self._running(count, dtype, device)
        self.running_before = self._running(count, dtype, device)
        self.evaluation = self._pass(points, count, n)
        apart = settings.normalised or settings.dropout > 0
        self.training = self._pass(points[:n], count, n) if apart else self.evaluation
        self.labels, self.shares = torch.zeros(2, filled(n), dtype=dtype, device=device)
        self.labels[:n] = torch.as_tensor(data.y_train, device=device)
        self.shares[:n] = 1 / n
        self.diverged: Ints = np.full(count, -1)
        self.frozen = torch.zeros(0, dtype=torch.int64)
        self.waits = device == "cpu"
        self.marked = FrozenNetworks(self.held, self.adam.before, self.running, self.running_before, count)
        self._draws = [np.random.default_rng([seed, DROPOUT_STREAM]) for seed in self.seeds]
        self._penalties: dict[int, PenaltyGradient] = {}

    def _running(self, count: int, dtype: torch.dtype, device: str) -> Running:
        depth = self.settings.depth if self.settings.normalised else 0
        shape = depth, count, self.settings.width, 1
        how: Any = {"dtype": dtype, "device": device}
        return Running(torch.zeros(shape, **how), torch.ones(shape, **how))

    def _pass(self, x: Tensor, count: int, train: int) -> LayerPass:
        if self.settings.normalised:
            return NormalisedPass(self.settings, x, count, train, self.running)
        return LayerPass(self.settings, x, count, train)

    def run(self, epochs: int, moments: Sequence[int], tick: Tick) -> tuple[Recorder, bool]:
        """Train; return what was recorded after 0, 1, ..., epochs steps, and whether it was interrupted.

        Parameters
        ----------
        epochs : int
        moments : sequence of int
            The epochs of the history.
        tick : callable
        """
        batch = self.training.logits if self.settings.normalised else None
        recorder, interrupted = Recorder(self.data, self.evaluation.logits, moments, batch), False
        try:
            for epoch in range(epochs):
                self.evaluate(recorder, epoch)
                self.step(recorder, epoch)
                if (epoch + 1) % TICK == 0:
                    tick(epoch + 1)
        except KeyboardInterrupt:
            interrupted = True
        if recorder.flushed + recorder.filled <= self.adam.steps:
            self.evaluate(recorder, self.adam.steps)
        if not self.waits:
            self.infer(self.evaluation.logits)
            self.diverged = self.marked.epochs.cpu().numpy()
        if self.settings.normalised:
            recorder.keep_batch(self.by_batch())
        recorder.end(self.penalty())
        return recorder, interrupted

    def evaluate(self, recorder: Recorder, epoch: int) -> None:
        """Record the logits of all points, as the networks are used; networks that diverge go back a step."""
        logits = recorder.slot
        self.infer(logits)
        if not self.waits:
            self.marked.note(logits, recorder.before, epoch)
        elif not isfinite(float(logits.sum())):
            self._freeze(logits, epoch)
        if epoch in recorder.moments:
            if not self.waits:
                self.infer(self.evaluation.logits)
            recorder.penalties.append(self.penalty())
        recorder.done()

    def _freeze(self, logits: Tensor, epoch: int) -> None:
        """Take networks back whose logits are not finite."""
        bad = np.flatnonzero((~torch.isfinite(logits)).any(-1)[:, 0].numpy() & (self.diverged < 0))
        if len(bad):
            self.diverged[bad] = epoch
            self.frozen = torch.as_tensor(np.flatnonzero(self.diverged >= 0))
            self.go_back()
            self.infer(logits)

    def infer(self, logits: Tensor) -> None:
        """Compute logits as the networks are used: without dropout, by running means and variances."""
        if isinstance(self.evaluation, NormalisedPass):
            self.evaluation.evaluate(self.held, logits)
        else:
            self.evaluation.forward(self.held, logits)

    def by_batch(self) -> Tensor:
        """Return the logits of training points by means and variances of the batch; running ones stay as they are."""
        kept = [x.clone() for x in (self.running.mean, self.running.variance)]
        self.training.forward(self.held, self.training.logits)
        for own, before in zip((self.running.mean, self.running.variance), kept, strict=True):
            own.copy_(before)
        return self.training.logits

    def go_back(self) -> None:
        """Take frozen networks back to where they were before the last step."""
        self.held.copy_seeds(self.adam.before, self.frozen)
        for own, before in (
            (self.running.mean, self.running_before.mean),
            (self.running.variance, self.running_before.variance),
        ):
            own.index_copy_(1, self.frozen, before.index_select(1, self.frozen))

    def step(self, recorder: Recorder, epoch: int) -> None:
        """Take a step of Adam, after the evaluation of the same epoch."""
        rate = self.settings.rate(epoch)
        self.running_before.mean.copy_(self.running.mean)
        self.running_before.variance.copy_(self.running.variance)
        logits = recorder.slots[recorder.filled - 1]
        self.find_slopes(logits, rate, self.settings.kind is not None)
        recorder.keep_batch(self.training.logits)
        self.adam.step(self.slopes.flat)
        if not self.waits:
            self.marked.go_back()
        elif len(self.frozen):
            self.go_back()

    def find_slopes(self, logits: Tensor, rate: float, penalised: bool) -> None:
        """Compute the slopes of the objective in the parameters.

        Parameters
        ----------
        logits : tensor (S, 1, n')
            Of the evaluation just made.
        rate : float
            Of dropout.
        penalised : bool
            Whether the penalty counts.
        """
        work = self.training if rate or self.settings.normalised else self.evaluation
        if work is not self.evaluation:
            if rate:
                self._drop(work, rate)
            logits = work.logits
            work.forward(self.held, logits, rate > 0)
        work.backward(
            self.held, self._dlogits(logits), self._penalty_gradient(work) if penalised else None, self.slopes, rate > 0
        )

    def _penalty_gradient(self, work: LayerPass) -> Tensor:
        gradient = self._penalties.get(id(work))
        if gradient is None:
            s = self.settings
            assert s.kind is not None, "only methods with a penalty gradient"
            columns = len(self.labels)
            gradient = PenaltyGradient(work.z, work.train, columns, s.kind, s.weight, s.rho, s.power, s.ties)
            self._penalties[id(work)] = gradient
        return gradient()

    def _drop(self, work: LayerPass, rate: float) -> None:
        """Draw which outputs are dropped; the others grow so that the mean stays."""
        shape = self.settings.depth, self.settings.features, work.z.shape[-1]
        kept = np.stack([draw.random(shape, dtype=np.float32) >= rate for draw in self._draws], 1)
        work.keep.copy_(torch.as_tensor(kept)).div_(1 - rate)

    def _dlogits(self, logits: Tensor) -> Tensor:
        """Return the slopes of the mean cross-entropy in the logits of points that are trained on."""
        own = logits[..., : len(self.labels)].contiguous()
        if not self.settings.main_loss:
            return torch.zeros_like(own)
        slope: Tensor = (sigmoid(own) - self.labels) * self.shares
        return slope

    def penalty(self) -> Floats:
        """Return the weighted penalty of each network at the last evaluation, zero without one."""
        s, kind = self.settings, self.settings.kind
        if kind is None:
            return np.zeros(len(self.seeds))
        z = self.evaluation.z_train.transpose(-1, -2).double()
        return totals(penalty(z, kind, s.rho, s.power, s.ties, "none").transpose(0, 1)) * s.weight


def totals(x: Tensor) -> Floats:
    """Return the sum of each row (all but the first axis), to the same bits whatever the other rows."""
    found: Floats = np.ascontiguousarray(x.double().cpu().numpy().reshape(len(x), -1)).sum(-1)
    return found


def sigmoid(x: Tensor) -> Tensor:
    """Return the logistic function, to the same bits wherever a number stands."""
    if x.device.type != "cpu":
        return torch.sigmoid(x)
    with np.errstate(over="ignore"):
        return torch.as_tensor(1 / (1 + np.exp(-x.numpy())))
