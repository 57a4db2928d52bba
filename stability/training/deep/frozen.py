"""The networks of a stack that diverged, found on the device: they stay where they last were finite."""

import torch

from stability.training.deep.forward_backward import Running
from stability.training.deep.parameters import Parameters

Tensor = torch.Tensor


class FrozenNetworks:
    """Marks networks whose logits are not finite, and takes them back a step, without waiting for the device.

    Parameters
    ----------
    held, before : Parameters
        As they are, and before the last step.
    running, running_before : Running
        Of batch normalisation, likewise.
    seeds : int
        How many networks there are.

    Attributes
    ----------
    epochs : int tensor (seeds,)
        When each network diverged, -1 if never.
    """

    def __init__(
        self, held: Parameters, before: Parameters, running: Running, running_before: Running, seeds: int
    ) -> None:
        self.epochs = torch.full((seeds,), -1, dtype=torch.int64, device=held.flat.device)
        self._held, self._before = held, before
        self._running = [(running.mean, running_before.mean), (running.variance, running_before.variance)]
        self._marks = held.over(torch.zeros_like(held.flat, dtype=torch.bool))

    def note(self, logits: Tensor, last: Tensor | None, epoch: int) -> None:
        """Mark networks that diverge in an epoch, and take all that are marked back.

        Parameters
        ----------
        logits : tensor (S, 1, n')
            Of this epoch. Those of marked networks become those of the epoch before, where they stay.
        last : tensor (S, 1, n') or None
            Of the epoch before, if there is one.
        epoch : int
        """
        bad = ~torch.isfinite(logits).all(-1)[:, 0]
        self.epochs = torch.where(bad & (self.epochs < 0), epoch, self.epochs)
        frozen = self.epochs >= 0
        for block, axis in self._marks.blocks:
            block.copy_(frozen.view(*[1] * axis, -1, *[1] * (block.ndim - axis - 1)))
        self.go_back()
        if last is not None:
            logits.copy_(torch.where(frozen[:, None, None], last, logits))

    def go_back(self) -> None:
        """Take the networks that are marked back to where they were before the last step."""
        self._held.flat.copy_(torch.where(self._marks.flat, self._before.flat, self._held.flat))
        frozen = (self.epochs >= 0)[:, None, None]
        for own, before in self._running:
            own.copy_(torch.where(frozen, before, own))
