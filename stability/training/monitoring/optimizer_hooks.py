"""The optimisers that change a network, and hooks on them and on the closures that they are given."""

import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, Protocol
from weakref import finalize, ref

import torch
from torch import Tensor
from torch.optim.optimizer import Optimizer
from torch.utils.hooks import RemovableHandle

from stability.training.introspection.unseen import UNSEEN

Loss = Callable[[], Any]
"""A closure: computes the loss and its gradients, and returns the loss."""


def ids(parameters: Iterable[Tensor]) -> frozenset[int]:
    """Return the ids of parameters, by which `holds` knows them."""
    return frozenset(map(id, parameters))


def holds(optimizer: Optimizer, own: frozenset[int]) -> bool:
    """Return whether an optimiser holds one of some parameters, given by their ids."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if id(parameter) in own:
                return True
    return False


def rates_of(optimizer: Optimizer | None) -> tuple[float | Tensor, ...]:
    """Return the learning rates of the groups of parameters of an optimiser, as far as they have one."""
    if optimizer is None:
        return ()
    return tuple([group["lr"] for group in optimizer.param_groups if group.get("lr") is not None])


_left: list[RemovableHandle] = []
"""Hooks of objects that are gone, which may be within a step, while torch goes through its hooks: removed later."""


def while_alive(register: Callable[[Any], RemovableHandle], method: Callable[..., Any]) -> RemovableHandle:
    """Register a method as a hook on all optimisers for as long as its object lives, which the hook does not prolong.

    What is left of the hook afterwards does nothing, and is removed when the next one is registered.

    Parameters
    ----------
    register : callable
        As `torch.optim.optimizer.register_optimizer_step_pre_hook`.
    method : callable
        Of an object that something else holds: the hooks on its network, say.
    """
    while _left:
        _left.pop().remove()
    owner, call = method.__self__, method.__func__  # type: ignore[attr-defined]
    alive = ref(owner)

    def hook(*args: Any) -> Any:
        own = alive()
        if own is None:
            return None
        if torch.compiler.is_compiling():
            return torch.compiler.disable(call)(own, *args)  # type: ignore[no-untyped-call]
        return call(own, *args)

    handle = register(hook)
    finalize(owner, _left.append, handle).atexit = False
    return handle


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


class Known(Protocol):
    """What is known of a step, and forgotten before the next."""

    def clear(self) -> None:
        """Forget it."""


def read_within(args: Any, kwargs: Any, read: Callable[[Any], None], *known: Known) -> tuple[Any, Any] | None:
    """Return the arguments of an optimiser's step with a closure that reads; None if it has no closure.

    It reads after its first call, when the gradients are complete. Later calls, as of a line search, are of no step:
    neither of this one, which is read by then, nor of the next.

    Parameters
    ----------
    args, kwargs
        As in `with_closure`.
    read : callable
        Gets the loss.
    *known : Known
        What later calls leave nothing in.
    """

    def around(closure: Loss) -> Loss:
        calls = 0

        def monitored() -> Any:
            nonlocal calls
            loss, calls = closure(), calls + 1
            if calls == 1:
                with UNSEEN():
                    read(loss)
            else:
                for each in known:
                    each.clear()
            return loss

        return monitored

    return with_closure(args, kwargs, around)


class Steps:
    """Distinguishes steps of a training from steps of optimisers.

    A step of training begins with a step of an optimiser after a forward pass. What other optimisers do belongs to it,
    after forward passes of their own too (as in adversarial training), until one changes a parameter anew. A step that
    an optimiser lets another one make belongs to its own.

    Attributes
    ----------
    made : list of Optimizer
        Those that have stepped since a step of training began, the one that began it first.

    Example
    -------
    >>> import torch
    >>> one, other = (torch.optim.SGD([torch.zeros(1, requires_grad=True)]) for _ in range(2))
    >>> steps = Steps()
    >>> [steps.begins(each) for each in (one, other, one, other)]
    [True, False, True, False]
    """

    def __init__(self) -> None:
        self.made: list[Optimizer] = []

    def begins(self, optimizer: Optimizer | None = None) -> bool:
        """Take note of a step after a forward pass; return whether a step of training begins with it.

        Parameters
        ----------
        optimizer : Optimizer, optional
            None for a step without one, which always begins a step of training.
        """
        if self.made and self.made[0] is optimizer:
            del self.made[1:]
            return True
        if optimizer is not None and self.made and not self._again(optimizer):
            self.made.append(optimizer)
            return False
        self.made = [] if optimizer is None else [optimizer]
        return True

    def goes_on(self, optimizer: Optimizer | None) -> None:
        """Take note of a step without a forward pass before it."""
        if optimizer is not None and all(optimizer is not each for each in self.made):
            self.made.append(optimizer)

    def rests(self, optimizer: Optimizer, args: Any, kwargs: Any) -> bool:
        """Return whether this is a step, without a closure, of the only optimiser that stepped since the training did.

        Parameters
        ----------
        optimizer : Optimizer
        args, kwargs
            As in `with_closure`.
        """
        return len(self.made) == 1 and self.made[0] is optimizer and not kwargs and len(args) == 1

    def _again(self, optimizer: Optimizer) -> bool:
        if any(optimizer is each for each in self.made):
            return True
        own = ids(p for group in optimizer.param_groups for p in group["params"])
        return any(holds(each, own) for each in self.made) and not is_within_another(optimizer)


def is_within_another(optimizer: Optimizer) -> bool:
    """Return whether a step of an optimiser is a part of that of another one, as in sharpness-aware minimisation."""
    step, count = getattr(type(optimizer).step, "__code__", None), 0
    frame: FrameType | None = sys._getframe()
    while frame is not None and count < 2:
        count += frame.f_code is step
        frame = frame.f_back
    return count > 1
