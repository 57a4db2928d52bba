"""Leaky slopes for ReLUs of any network for a while, without a change to the network."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import nn

from stability.errors import NumberError
from stability.io.closing import Closing
from stability.training.control.repeat_forward import is_checkpointed
from stability.training.introspection.forward_passes import require_visible
from stability.training.introspection.hooks import Hook
from stability.training.introspection.names import Names
from stability.training.introspection.open_passes import OpenPass, drop_interrupted, switch_off
from stability.training.introspection.stated_units import StatedUnits
from stability.training.introspection.torch_functions import argument
from stability.training.introspection.trace_mode import INPLACE, ForwardTrace

Tensor = torch.Tensor


class _Leaking(ForwardTrace):
    """Calls ReLUs of named layers with a slope of their own left of 0, however they are written.

    What a checkpoint makes once more in the backward pass, where this is off, stays as it is.
    """

    def __init__(self, names: Names, slopes: Mapping[str, float], stated: StatedUnits | None) -> None:
        super().__init__(names, stated=stated)
        self.reached: set[str] = set()
        self._slopes, self._graphed = slopes, torch.is_grad_enabled()
        self._left: tuple[Tensor, float] | None = None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function, or its leaky sister."""
        self._left = None
        return super().__torch_function__(func, types, args, kwargs)

    def _called(self, func: Any, args: Any, kwargs: Any) -> Any:
        return super()._called(func, args, kwargs) if self._left is None else _leaky(func, args, kwargs, *self._left)

    def _keep(self, func: Any, given: Tensor, slope: float | None, inplace: bool) -> None:
        """Note the slope of a leaky ReLU."""
        before = len(self.seen)
        super()._keep(func, given, slope, inplace)
        own = self._slopes.get(self.seen[-1].name, 0.0) if len(self.seen) > before and slope == 0 else 0.0
        if own and not is_checkpointed() and torch.is_grad_enabled() == self._graphed:
            self.reached.add(self.seen[-1].name)
            self._left = given, own


def changes_in_place(func: Any, args: Any, kwargs: Any) -> bool:
    """Return whether an activation writes into what it gets."""
    if func in INPLACE:
        return bool(argument(args, kwargs, INPLACE[func], "inplace"))
    name = func.__name__
    return name == "__setitem__" or (name.endswith("_") and not name.endswith("__"))


def _leaky(func: Any, args: Any, kwargs: Any, given: Tensor, slope: float) -> Any:
    """Return what a ReLU returns and what is left of 0; written into what it gets, where it does so."""
    left = slope * given.clone().clamp(max=0)
    if not changes_in_place(func, args, kwargs):
        return func(*args, **kwargs) + left
    copy = given.clone()
    args = [copy if each is given else each for each in args]
    out = func(*args, **{name: copy if each is given else each for name, each in kwargs.items()})
    given.copy_(copy + left)
    return None if out is None else given


class LeakySlopes(Closing):
    """Leaky slopes that ReLUs of a network have until they are taken back.

    Two hooks switch a `TorchFunctionMode` on for each forward pass while any slope is in force; at other times, and
    once it is closed, the network has no hook. ReLUs are found by name as `TracedActivation` has them, modules and
    functions alike; negative parts of mirrored units are left alone.

    Parameters
    ----------
    model : Module
    stated : StatedUnits, optional
        What is stated of layers, so that they have the same names.
    """

    def __init__(self, model: nn.Module, stated: StatedUnits | None = None) -> None:
        self._model, self._stated = model, stated
        self._reached, self._missed = set[str](), set[str]()
        self._slopes: dict[str, float] = {}
        self._left: dict[str, int] = {}
        self._hooks: list[Any] = []
        self._passes: list[OpenPass] = []

    @property
    def active(self) -> dict[str, float]:
        """The slopes in force, by layer."""
        return dict(self._slopes)

    @property
    def left(self) -> dict[str, int]:
        """How many calls of `tick` every slope will last, by layer."""
        return dict(self._left)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_passes": []}

    def set(self, layer: str, slope: float, steps: int) -> None:
        """Give the ReLU of a layer a slope left of 0, for so many calls of `tick`.

        Raises
        ------
        NumberError
            If the slope is not between 0 and 1, or there is not at least one step.
        StabilityError
            If nothing can be seen inside this network.
        """
        require_visible(self._model)
        if not 0 < slope < 1 or steps < 1:
            raise NumberError(
                f"Expected a slope between 0 and 1 and at least one step; got {slope} and {steps}.",
                "Take 0.01 and 100.",
            )
        self._slopes[layer], self._left[layer] = slope, steps
        self._reached.discard(layer)
        if not self._hooks:
            self._hooks = [
                self._model.register_forward_pre_hook(Hook(self._enter, lasts=True)),
                self._model.register_forward_hook(Hook(self._leave, lasts=True), prepend=True, always_call=True),
            ]

    def tick(self) -> list[str]:
        """Count one step; return the layers whose slope is 0 again."""
        drop_interrupted(self._passes)
        self._left = {layer: left - 1 for layer, left in self._left.items()}
        over = [layer for layer, left in self._left.items() if left <= 0]
        self._missed |= {*over} - self._reached
        self._drop(over)
        return over

    def unreached(self) -> list[str]:
        """Return the layers whose ReLU no slope reached, once; their slopes are taken back.

        So it is in what a checkpoint makes once more in the backward pass, inside recurrent layers, in compiled code.
        """
        found, self._missed = sorted(self._missed), set()
        self._drop([layer for layer in found if layer in self._slopes])
        return found

    def _drop(self, layers: Iterable[str]) -> None:
        for layer in layers:
            del self._left[layer], self._slopes[layer]
        if not self._slopes:
            self._unhook()

    def close(self) -> None:
        """Give every ReLU its slope 0 back."""
        self._slopes, self._left, self._missed = {}, {}, set()
        self._unhook()
        while self._passes:
            switch_off(self._passes.pop().trace)

    def _unhook(self) -> None:
        for hook in self._hooks:
            hook.remove()
        self._hooks = []

    def _enter(self, model: nn.Module, args: Any) -> None:
        drop_interrupted(self._passes)
        mode = _Leaking(Names(model), self._slopes, self._stated)
        self._passes.append(OpenPass(mode, sys._getframe(2)))
        mode.__enter__()  # type: ignore[no-untyped-call]

    def _leave(self, model: nn.Module, args: Any, output: Any) -> None:
        mode = self._passes.pop().trace if self._passes else None
        if not isinstance(mode, _Leaking):
            return
        mode.__exit__(None, None, None)  # type: ignore[no-untyped-call]
        self._reached |= mode.reached
        self._missed |= {each.name for each in mode.seen if each.name in self._slopes} - self._reached
