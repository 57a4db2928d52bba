"""Which optimisers change a network, and how is something added to the closures that they are given?"""

from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor
from torch.optim.optimizer import Optimizer

Loss = Callable[[], Any]
"""A closure: computes the loss and its gradients, and returns the loss."""


def ids(parameters: Iterable[Tensor]) -> frozenset[int]:
    """Return the ids of parameters, by which `holds` knows them."""
    return frozenset(map(id, parameters))


def holds(optimizer: Optimizer, own: frozenset[int]) -> bool:
    """Tell whether an optimiser holds one of some parameters, given by their ids."""
    return any(id(p) in own for group in optimizer.param_groups for p in group["params"])


def with_closure(args: Any, kwargs: Any, around: Callable[[Loss], Loss]) -> tuple[Any, Any] | None:
    """Return the arguments of an optimiser's step with another closure in the place of its own; None if it has none.

    Parameters
    ----------
    args, kwargs
        As a hook before the step gets them: the optimiser itself is the first.
    around : callable
        From the closure to the other.
    """
    if len(args) > 1 and callable(args[1]):
        return (args[0], around(args[1]), *args[2:]), kwargs
    if callable(kwargs.get("closure")):
        return args, {**kwargs, "closure": around(kwargs["closure"])}
    return None
