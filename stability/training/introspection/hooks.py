"""Hooks on a network that copies, files and recordings of it do not have."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import _get_current_dispatch_mode_stack


class NotCopied:
    """A hook in the place of which copies of the network, and what is saved of it, carry one that does nothing.

    What is saved does not name this package, so that it can be loaded without it.
    """

    def __deepcopy__(self, memo: Any) -> Callable[..., None]:
        return nullcontext().__exit__

    def __reduce__(self) -> tuple[Any, ...]:
        return getattr, (nullcontext(), "__exit__")


class Hook(NotCopied):
    """Calls a method; copies of the network do not.

    Where the network is recorded instead of run (compiled, exported, traced) the method is not called, so that no
    recording holds what it does.

    Parameters
    ----------
    call : callable
        Returns None.
    lasts : bool
        Whether it is called in passes under `without_hooks` too.
    recorded : bool
        Whether it is called where the network is recorded too.

    Attributes
    ----------
    muted : bool
        Whether it is not called now.
    """

    def __init__(self, call: Callable[..., None], lasts: bool = False, recorded: bool = False) -> None:
        self._call, self.lasts, self.muted, self._recorded = call, lasts, False, recorded

    def __call__(self, *args: Any) -> None:
        """Call the method, unless it is muted."""
        if not self.muted and (self._recorded or not is_recorded()):
            self._call(*args)


def is_recorded() -> bool:
    """Return whether a network is recorded now, not run: by torch.compile, torch.export, torch.jit or torch.fx."""
    if torch.compiler.is_compiling() or torch._C._get_tracing_state() is not None:
        return True
    inside = torch._C._len_torch_dispatch_stack()
    recorder = torch._C._get_dispatch_mode(torch._C._TorchDispatchModeKey.PROXY) if inside else None
    tracer = sys.modules.get("torch.fx._symbolic_trace")
    return recorder is not None or bool(getattr(tracer, "_is_fx_tracing_flag", False))


def is_kept_once() -> bool:
    """Return whether this runs in a part of which selective checkpointing keeps results for one backward pass only."""
    if not torch._C._len_torch_dispatch_stack():
        return False
    return any(type(mode).__name__ == "_CachingTorchDispatchMode" for mode in _get_current_dispatch_mode_stack())


@contextmanager
def without_hooks(model: nn.Module) -> Iterator[None]:
    """Run what follows without notice by hooks of the package from before."""
    found = [
        hook
        for part in model.modules()
        for hooks in (part._forward_pre_hooks, part._forward_hooks)
        for hook in hooks.values()
        if isinstance(hook, Hook) and not hook.lasts and not hook.muted
    ]
    for hook in found:
        hook.muted = True
    try:
        yield
    finally:
        for hook in found:
            hook.muted = False
