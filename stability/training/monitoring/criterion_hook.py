"""A hook on a loss that is there only before steps that are read: with a hook every call of a module takes longer."""

from collections.abc import Callable
from typing import Any

from torch import nn
from torch.utils.hooks import RemovableHandle

from stability.training.introspection.hooks import Hook


class CriterionHook:
    """Lets somebody hear what a loss returns, while it is active; copies hear nothing.

    Parameters
    ----------
    criterion : Module or None
        A loss; None if there is none to hear of.
    hear : callable
        As a forward hook.

    Examples
    --------
    >>> import torch
    >>> criterion, heard = torch.nn.MSELoss(), []
    >>> hook = CriterionHook(criterion, lambda module, args, loss: heard.append(loss.item()))
    >>> for active in (True, False):
    ...     hook.set_active(active)
    ...     loss = criterion(torch.ones(2), torch.zeros(2))
    >>> heard
    [1.0]
    """

    def __init__(self, criterion: nn.Module | None, hear: Callable[..., None]) -> None:
        self._criterion, self._hook = criterion, Hook(hear)
        self._handle: RemovableHandle | None = None
        self.set_active(True)

    def __reduce__(self) -> tuple[Any, ...]:
        return CriterionHook, (None, _nothing)

    def set_active(self, active: bool) -> None:
        """Say whether the next loss is heard."""
        if active and self._handle is None and self._criterion is not None:
            self._handle = self._criterion.register_forward_hook(self._hook)
        elif self._handle is not None and not active:
            self._handle.remove()
            self._handle = None

    def remove(self) -> None:
        """Leave the loss as it was found, for good."""
        self.set_active(False)
        self._criterion = None


def _nothing(*args: Any) -> None:
    """Hear nothing."""
