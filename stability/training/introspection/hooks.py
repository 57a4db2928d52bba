"""Hooks on a network that copies, files and recordings of it do not have."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from threading import RLock
from typing import Any

import torch
from torch import nn
from torch._C import _get_tracing_state, _len_torch_dispatch_stack
from torch.compiler import is_compiling
from torch.fx import _symbolic_trace
from torch.utils._python_dispatch import _get_current_dispatch_mode_stack
from torch.utils.hooks import RemovableHandle

from stability.training.introspection.unseen import UNSEEN


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
    seen : bool
        Whether modes of torch functions see what it does, as where it runs the network.

    Attributes
    ----------
    muted : bool
        Whether it is not called now.
    """

    def __init__(
        self, call: Callable[..., None], lasts: bool = False, recorded: bool = False, seen: bool = False
    ) -> None:
        self._call, self.lasts, self.muted, self._recorded, self._seen = call, lasts, False, recorded, seen

    def __call__(self, *args: Any) -> None:
        """Call the method, unless it is muted."""
        if self.muted:
            return
        if is_recorded():
            if self._recorded:
                self._call(*args)
        elif self._seen:
            self._call(*args)
        else:
            with UNSEEN():
                self._call(*args)


class SwitchedHook:
    """A forward hook on a module that is there only while it is active: with a hook every call takes longer.

    Among other hooks it keeps its place: where there are any it stays, and those that came later are called after it.
    It stays until it is called, too, as it never is where the module is compiled: without it that is compiled anew.
    Copies of it are on no module.

    Parameters
    ----------
    module : Module or None
        None if there is none to hear of.
    call : callable
        See `Hook`.
    always_call : bool
        Whether it is called after a forward pass that raised, too.
    active : bool
        Whether it is active at first.

    Examples
    --------
    >>> import torch
    >>> criterion, heard = torch.nn.MSELoss(), []
    >>> hook = SwitchedHook(criterion, lambda module, args, loss: heard.append(loss.item()))
    >>> for active in (True, False):
    ...     hook.set_active(active)
    ...     loss = criterion(torch.ones(2), torch.zeros(2))
    >>> heard
    [1.0]
    """

    def __init__(
        self, module: nn.Module | None, call: Callable[..., None], always_call: bool = False, active: bool = True
    ) -> None:
        self._module, self._hook, self._always = module, Hook(self._hear), always_call
        self._call, self._called, self._lock = call, False, RLock()
        self.handle: RemovableHandle | None = None
        if module is not None and (active or module._forward_hooks):
            self.handle = module.register_forward_hook(self._hook, always_call=always_call)

    def __reduce__(self) -> tuple[Any, ...]:
        return SwitchedHook, (None, nullcontext().__exit__)

    def set_active(self, active: object) -> None:
        """Put it on the module, or take it off.

        Parameters
        ----------
        active : bool or object
            Its truth counts once no other thread is at this.
        """
        if self.handle is None and not active:
            return
        with self._lock:
            if active:
                if self.handle is None and self._module is not None:
                    self.handle = self._module.register_forward_hook(self._hook, prepend=True, always_call=self._always)
            elif self._called and self.handle is not None and self._is_among_own():
                self.handle.remove()
                self.handle = None

    def remove(self) -> None:
        """Leave the module as it was found, for good."""
        with self._lock:
            if self.handle is not None:
                self.handle.remove()
            self.handle = self._module = None

    def _hear(self, *args: Any) -> None:
        self._called = True
        self._call(*args)

    def _is_among_own(self) -> bool:
        """Return whether the module has no other hooks than those of the package, which change nothing."""
        return self._module is not None and all(isinstance(each, Hook) for each in self._module._forward_hooks.values())


def is_recorded() -> bool:
    """Return whether a network is recorded now, not run: by torch.compile, torch.export, torch.jit or torch.fx."""
    if is_compiling() or _get_tracing_state() is not None or getattr(_symbolic_trace, "_is_fx_tracing_flag", False):
        return True
    if not _len_torch_dispatch_stack():
        return False
    return torch._C._get_dispatch_mode(torch._C._TorchDispatchModeKey.PROXY) is not None


def is_kept_once() -> bool:
    """Return whether this runs in a part of which selective checkpointing keeps results for one backward pass only."""
    if not _len_torch_dispatch_stack():
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
