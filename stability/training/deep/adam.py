"""Adam on many networks at once, to the same bits in any stack."""

from types import SimpleNamespace

import torch

from stability.model.update_rules import PLAIN, RULES, Arithmetic
from stability.training.deep.forward_backward import root
from stability.training.deep.parameters import Parameters

BETAS, EPS = (0.9, 0.999), 1e-7
"""Decay rates, and what is added to the root as torch does, after the correction of its start."""

IN_PLACE = Arithmetic(
    plus=PLAIN.plus,
    plus_product=lambda a, factor, b, c: a.add_((b * c).mul_(factor)),
    plus_quotient=lambda a, factor, b, c: a.add_((b / c).mul_(factor)),
    between=lambda a, b, weight: a.mul_(1 - weight).add_(b * weight),
    root=root,
    corrections=PLAIN.corrections,
    denominator=lambda v, scale, eps: root(v).div_(scale).add_(eps),
)
"""Products and sums are rounded one by one, factors last; parameters and moments are overwritten, gradients are not."""


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
        self.held, self.steps = held, 0
        self.mean, self.square = torch.zeros_like(held.flat), torch.zeros_like(held.flat)
        self.before = held.over(held.flat.clone())
        self._numbers = SimpleNamespace(step=lr, beta1=BETAS[0], beta2=BETAS[1], eps=EPS)

    def step(self, slope: torch.Tensor) -> None:
        """Take a step against a slope."""
        self.before.flat.copy_(self.held.flat)
        state = self.held.flat, self.mean, self.square, self.steps
        _, self.mean, self.square, self.steps = RULES["adam"].move(state, slope, self._numbers, IN_PLACE)
