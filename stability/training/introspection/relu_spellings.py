"""ReLUs that are written with other functions: the larger of z and 0, z times (z > 0), z where z > 0."""

import sys
from typing import Any

import torch

from stability.training.introspection.torch_functions import CLAMPS, KEEPING, argument, named, operators

Tensor = torch.Tensor

LARGER = named("maximum", "fmax", "max")
MULTIPLIED = named("mul", "multiply") | operators("mul")
CHOICES = named("where")
FILLED = named("masked_fill") | {Tensor.__setitem__}
ABOVE = named("gt", "ge", "greater", "greater_equal", "__gt__", "__ge__")
BELOW = named("lt", "le", "less", "less_equal", "__lt__", "__le__")
ZEROS = named("zeros", "zeros_like", "new_zeros")
SPELLINGS = LARGER | MULTIPLIED | CHOICES | FILLED | CLAMPS
NOTED = ABOVE | BELOW | ZEROS | KEEPING | {torch.tensor, torch.full, torch.full_like}


class ReluSpellings:
    """Which tensors of a forward pass are 0, and which say where another is above or below 0."""

    def __init__(self) -> None:
        self._zeros: dict[int, Tensor] = {}
        self._masks: dict[int, tuple[Tensor, Tensor, bool]] = {}

    def __bool__(self) -> bool:
        return bool(self._zeros or self._masks)

    def note(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        """Note what a function returned, if a ReLU may be written with it."""
        if func not in NOTED or not isinstance(out, Tensor):
            return
        first = argument(args, kwargs, 0, "input", "data")
        if func in ZEROS or (func is torch.tensor and _is_zero(first)):
            self._zeros[id(out)] = out
        elif func in (torch.full, torch.full_like):
            if _is_zero(argument(args, kwargs, 1, "fill_value")):
                self._zeros[id(out)] = out
        elif func in KEEPING:
            if id(first) in self._masks:
                self._masks[id(out)] = out, *self._masks[id(first)][1:]
            elif id(first) in self._zeros:
                self._zeros[id(out)] = out
        elif isinstance(first, Tensor) and self.is_zero(argument(args, kwargs, 1, "other")):
            self._masks[id(out)] = out, first, func in ABOVE

    def is_zero(self, value: Any) -> bool:
        """Return whether a number or tensor is 0, as far as one can say without waiting for a device."""
        if not isinstance(value, Tensor):
            return _is_zero(value)
        if id(value) in self._zeros:
            return True
        plain = type(value) is Tensor and value.device.type == "cpu" and not value.requires_grad
        if not plain or value.numel() != 1 or torch._C._functorch.is_functorch_wrapped_tensor(value):
            return False
        return value.layout == torch.strided and value.item() == 0

    def given(self, func: Any, args: Any, kwargs: Any) -> Tensor | None:
        """Return of what a call is the ReLU; None if it is none."""
        first, second = (
            argument(args, kwargs, 0, "input", "condition"),
            argument(args, kwargs, 1, "other", "mask", "min"),
        )
        if func in LARGER or func in CLAMPS:
            if func in CLAMPS and argument(args, kwargs, 2, "max") is not None:
                return None
            pairs = [(first, second)] if func in CLAMPS else [(first, second), (second, first)]
            return next(
                (z for z, low in pairs if isinstance(z, Tensor) and isinstance(low, Tensor) and self.is_zero(low)), None
            )
        if func in MULTIPLIED:
            return next((z for z, mask in ((first, second), (second, first)) if self._says(mask, z, True)), None)
        third = argument(args, kwargs, 2, "other", "value")
        if func in FILLED and isinstance(first, Tensor):
            return first if self._says(second, first, False) and self.is_zero(third) else None
        if func in CHOICES and third is not None:
            second = argument(args, kwargs, 1, "input", "self")
            if isinstance(second, Tensor) and self._says(first, second, True) and self.is_zero(third):
                return second
            if isinstance(third, Tensor) and self._says(first, third, False) and self.is_zero(second):
                return third
        return None

    def _says(self, mask: Any, z: Any, above: bool) -> bool:
        """Return whether a tensor says where z is above 0, or below."""
        found = self._masks.get(id(mask))
        return found is not None and found[1] is z and found[2] is above


def is_observer(module: Any) -> bool:
    """Return whether a module only measures what passes, as the observers of quantisation do: nothing in it is a layer.

    Examples
    --------
    >>> from torch import nn
    >>> is_observer(nn.ReLU()), is_observer(None)
    (False, False)
    """
    known = sys.modules.get("torch.ao.quantization.observer")
    return known is not None and isinstance(module, known.ObserverBase)


def _is_zero(number: Any) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and number == 0
