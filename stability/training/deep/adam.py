"""What does a step of Adam do to many networks at once, to the same bits in any stack?"""

import torch

from stability.training.deep.forward_backward import root
from stability.training.deep.parameters import Parameters

BETAS, EPS = (0.9, 0.999), 1e-7
"""Decay rates, and what is added to the root as torch does, after the correction of its start."""


class Adam:
    """Adam on a flat tensor of parameters; products and sums are rounded one by one.

    Parameters
    ----------
    held : Parameters
        Changed in place.
    lr : float
        The step size.

    Attributes
    ----------
    steps : int
        How many were taken.
    before : Parameters
        Those before the last step.
    """

    def __init__(self, held: Parameters, lr: float) -> None:
        self.held, self.lr, self.steps = held, lr, 0
        self.mean, self.square = torch.zeros_like(held.flat), torch.zeros_like(held.flat)
        self.before = held.over(held.flat.clone())
        self._work, self._move = torch.empty_like(held.flat), torch.empty_like(held.flat)

    def step(self, slope: torch.Tensor) -> None:
        """Take a step against a slope, which is overwritten."""
        first, second = BETAS
        t = self.steps + 1
        self.before.flat.copy_(self.held.flat)
        torch.mul(slope, slope, out=self._work).mul_(1 - second)
        self.square.mul_(second).add_(self._work)
        self.mean.mul_(first).add_(slope.mul_(1 - first))
        root(self.square, out=self._work).div_((1 - second**t) ** 0.5).add_(EPS)
        torch.div(self.mean, self._work, out=self._move).mul_(self.lr / (1 - first**t))
        self.held.flat.sub_(self._move)
        self.steps = t
