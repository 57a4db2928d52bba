"""Leaky slopes for ReLUs of any network for a while, without a change to the network."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from stability.errors import NumberError
from stability.io.closing import Closing
from stability.training.introspection.forward_passes import names_of, require_visible, switch_off
from stability.training.introspection.hooks import Hook
from stability.training.introspection.trace_mode import CLAMPS, INPLACE, RELUS, ForwardTrace

Tensor = torch.Tensor


class _Leaking(ForwardTrace):
    """Calls ReLUs of named layers with a slope of their own left of 0."""

    def __init__(self, name_of: Callable[[Tensor], str | None], slopes: dict[str, float]) -> None:
        super().__init__(name_of)
        self._slopes = slopes

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function, or its leaky sister."""
        kwargs = kwargs or {}
        if self.suspended or (func not in RELUS and func not in CLAMPS):
            return super().__torch_function__(func, types, args, kwargs)
        before = len(self.seen)
        self.look(func, args, kwargs)
        slope = self._slopes.get(self.seen[-1].name, 0.0) if len(self.seen) > before else 0.0
        return _leaky(func, args, kwargs, slope) if slope else func(*args, **kwargs)


def _leaky(func: Any, args: Any, kwargs: Any, slope: float) -> Tensor:
    """Return max(z, 0) + slope min(z, 0), cut off above where the function is; in place where it works so."""
    z = args[0] if args else kwargs["input"]
    place = INPLACE.get(func, 99)
    inplace = func.__name__.endswith("_") or (args[place] if len(args) > place else kwargs.get("inplace", False))
    if func is functional.relu6:
        out = torch.where(z < 0, slope * z, functional.relu6(z))
        return z.copy_(out) if inplace else out
    return functional.leaky_relu(z, slope, inplace=bool(inplace))


class LeakySlopes(Closing):
    """Leaky slopes that ReLUs of a network have until they are taken back.

    Two hooks switch a `TorchFunctionMode` on for each forward pass while any slope is in force; at other times, and
    once it is closed, the network has no hook. ReLUs are found by name as `TracedActivation` has them, modules and
    functions alike; negative parts of mirrored units are left alone.

    Parameters
    ----------
    model : Module

    Raises
    ------
    StabilityError
        If nothing can be seen inside this network.
    """

    def __init__(self, model: nn.Module) -> None:
        require_visible(model)
        self._model = model
        self._slopes: dict[str, float] = {}
        self._left: dict[str, int] = {}
        self._hooks: list[Any] = []
        self._modes: list[_Leaking] = []

    @property
    def active(self) -> dict[str, float]:
        """The slopes in force, by layer."""
        return dict(self._slopes)

    @property
    def left(self) -> dict[str, int]:
        """How many calls of `tick` every slope will last, by layer."""
        return dict(self._left)

    def set(self, layer: str, slope: float, steps: int) -> None:
        """Give the ReLU of a layer a slope left of 0, for so many calls of `tick`.

        Raises
        ------
        NumberError
            If the slope is not between 0 and 1, or there is not at least one step.
        """
        if not 0 < slope < 1 or steps < 1:
            raise NumberError(
                f"Expected a slope between 0 and 1 and at least one step; got {slope} and {steps}.",
                "Take 0.01 and 100.",
            )
        self._slopes[layer], self._left[layer] = slope, steps
        if not self._hooks:
            self._hooks = [
                self._model.register_forward_pre_hook(Hook(self._enter, lasts=True)),
                self._model.register_forward_hook(Hook(self._leave, lasts=True), prepend=True, always_call=True),
            ]

    def tick(self) -> list[str]:
        """Count one step; return the layers whose slope is 0 again."""
        self._left = {layer: left - 1 for layer, left in self._left.items()}
        over = [layer for layer, left in self._left.items() if left <= 0]
        for layer in over:
            del self._left[layer], self._slopes[layer]
        if not self._slopes:
            self._unhook()
        return over

    def close(self) -> None:
        """Give every ReLU its slope 0 back."""
        self._slopes, self._left = {}, {}
        self._unhook()
        while self._modes:
            switch_off(self._modes.pop())

    def _unhook(self) -> None:
        for hook in self._hooks:
            hook.remove()
        self._hooks = []

    def _enter(self, model: nn.Module, args: Any) -> None:
        names = names_of(model)
        mode = _Leaking(lambda weight: names.get(id(weight), (None,))[0], self._slopes)
        self._modes.append(mode)
        mode.__enter__()  # type: ignore[no-untyped-call]

    def _leave(self, model: nn.Module, args: Any, output: Any) -> None:
        if self._modes:
            self._modes.pop().__exit__(None, None, None)  # type: ignore[no-untyped-call]
