"""Whether a step is made by the gradient of the step before as well, since nobody set it to zero in between."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.optimizer import Optimizer

from stability.training.introspection.trace_mode import version_of

CHECKS = 8
"""So many times it is looked up whether the entries of a gradient are 0, which waits for the device."""

OTHERS = 1
"""Gradients may be written into once after a backward pass, to clip or to unscale them."""


RESUMED = -1
"""In place of an optimiser, of which another process knows only what it holds."""


class KeptGradients:
    """Follows the gradient of one parameter, the first that an optimiser holds, from one step of it to the next.

    Torch adds gradients to those that are there. That of a step is still there at the next one if it is the same
    tensor, if nobody wrote into it but backward passes, and if it was not 0 when they began: what writes past the count
    of versions, as `p.grad.data.zero_()`, is seen by its zeros. Where gradients of other losses stand until `zero_grad`
    (a critic's, from the loss of its generator) that is seen as well, so every backward pass has to be followed.

    Examples
    --------
    >>> import torch
    >>> weight = torch.ones(2, requires_grad=True)
    >>> optimizer, kept = torch.optim.SGD([weight], 0.1), KeptGradients()
    >>> def step():
    ...     kept.begins()
    ...     weight.sum().backward()
    ...     kept.ends()
    ...     found = kept.at(optimizer)
    ...     kept.follow(optimizer)
    ...     optimizer.step()
    ...     return found
    >>> step(), step()
    (False, True)
    >>> optimizer.zero_grad()
    >>> step()
    False
    """

    def __init__(self) -> None:
        self._parameter: Tensor | None = None
        self._of, self._gradient, self._version = 0, 0, 0
        self._added, self._checks = False, CHECKS

    def __reduce__(self) -> Any:
        return KeptGradients, ()

    def follow(self, optimizer: Optimizer | None) -> None:
        """Follow a gradient from the step that an optimiser is about to make."""
        self._parameter, self._added = None, False
        parameter = None if optimizer is None else _first(optimizer)
        if optimizer is not None and parameter is not None and parameter.grad is not None:
            self.follow_first(optimizer, parameter, parameter.grad, version_of(parameter.grad))

    def follow_first(self, optimizer: Optimizer, parameter: Tensor, gradient: Tensor, version: int) -> None:
        """Do as `follow`, given the first parameter with a gradient, and this with its version."""
        self._parameter, self._added = None if self._checks < 0 else parameter, False
        self._of, self._gradient, self._version = id(optimizer), id(gradient), version

    def state(self, model: nn.Module) -> tuple[str | None, bool, int]:
        """Return the name of the parameter whose gradient is followed, between two steps, and what is known of it.

        A network in another process has to be given its gradients; without them there is nothing to follow.
        """
        names = [name for name, each in model.named_parameters() if each is self._parameter]
        return names[0] if names and self._is_there() else None, self._added, self._checks

    def load_state(self, state: Sequence[Any], model: nn.Module) -> None:
        """Go on with what `state` returned, for the same network."""
        name, self._added, self._checks = state
        self._parameter = dict(model.named_parameters()).get(name)
        if self._parameter is not None and self._parameter.grad is not None:
            gradient = self._parameter.grad
            self._of, self._gradient, self._version = RESUMED, id(gradient), version_of(gradient)

    def _is_there(self) -> bool:
        """Return whether the gradient that is followed is as it was."""
        gradient = None if self._parameter is None else self._parameter.grad
        return gradient is not None and id(gradient) == self._gradient and version_of(gradient) == self._version

    def begins(self) -> None:
        """Take note that a backward pass begins."""
        if self._parameter is None:
            return
        gradient = self._parameter.grad
        if gradient is None or not self._is_there() or self._is_zero(gradient):
            self._parameter = None

    def is_gone(self) -> bool:
        """Return whether the gradient of the step before is not there any more; then it is not followed either."""
        if self._parameter is not None and self._parameter.grad is None:
            self._parameter = None
        return self._parameter is None

    def ends(self) -> None:
        """Take note that a backward pass has ended."""
        gradient = None if self._parameter is None else self._parameter.grad
        if gradient is not None:
            self._added |= version_of(gradient) > self._version
            self._version = version_of(gradient)

    def at(self, optimizer: Optimizer | None) -> bool:
        """Return whether an optimiser is about to step by a gradient that has that of its step before in it."""
        gradient = None if self._parameter is None or not self._added else self._parameter.grad
        if gradient is None or not self._is_by(optimizer) or id(gradient) != self._gradient:
            return False
        return self._version <= version_of(gradient) <= self._version + OTHERS

    def _is_by(self, optimizer: Optimizer | None) -> bool:
        """Return whether an optimiser made the step from which on a gradient is followed."""
        if self._of == RESUMED:
            return optimizer is not None and _first(optimizer) is self._parameter
        return id(optimizer) == self._of

    def _is_zero(self, gradient: Tensor) -> bool:
        """Return whether a gradient is 0; if so, the loop sets it to 0 by itself, and nothing is followed any more."""
        if self._checks > 0:
            self._checks = self._checks - 1 if _has_entries(gradient) else -1
        return self._checks < 0


def _first(optimizer: Optimizer) -> Tensor | None:
    """Return the first parameter of an optimiser that has a gradient: at the last, that of a critic may be 0."""
    for group in optimizer.param_groups:
        parameter: Tensor
        for parameter in group["params"]:
            if parameter.grad is not None:
                return parameter
    return None


def _has_entries(gradient: Tensor) -> bool:
    """Return whether an entry of a gradient is not 0; of a kind that has no plain entries nothing is known."""
    try:
        return type(gradient) is Tensor and gradient.layout is torch.strided and bool(gradient.any())
    except Exception:
        return False
