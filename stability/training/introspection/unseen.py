"""What this package computes for itself is seen by no mode of torch functions: not by its own, nor by the user's.

A mode sees every call below it, be it only of `z.shape`; what a trace of a network calls would be traced by the traces
around it. Classes of tensors with functions of their own are not asked either: torch takes their entries as they are.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import torch

P = ParamSpec("P")
R = TypeVar("R")

UNSEEN = torch._C.DisableTorchFunction
"""Within it, no mode and no class of tensors sees calls of torch functions; modes can be switched on and off."""

SEEN = torch._C._EnableTorchFunction
"""Within it they do again: for functions of the user."""


def unseen(call: Callable[P, R]) -> Callable[P, R]:
    """Return a function that does what another does, seen by no mode.

    Examples
    --------
    >>> import torch
    >>> from torch.utils._device import DeviceContext
    >>> with DeviceContext(torch.device("meta")):
    ...     torch.zeros(1).device.type, unseen(torch.zeros)(1).device.type
    ('meta', 'cpu')
    """

    @wraps(call)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        with UNSEEN():
            return call(*args, **kwargs)

    return called
