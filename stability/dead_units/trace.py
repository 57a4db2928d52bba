"""A forward trace that also keeps what each function of a network got, so that the inputs of its ReLUs are known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from stability.training.introspection.torch_functions import (
    ACTIVATIONS,
    POOLS,
    RELUS,
    RESHAPES,
    VIEWS,
    argument,
    named,
    slope_of,
)
from stability.training.introspection.trace_mode import ForwardTrace

Tensor = torch.Tensor
Range = tuple[float, float]

INF = float("inf")
DROPOUTS = named("dropout", "dropout1d", "dropout2d", "dropout3d")
RANGES: dict[Any, Range] = {
    **dict.fromkeys(named("relu"), (0.0, INF)),
    **dict.fromkeys(named("relu6"), (0.0, 6.0)),
    **dict.fromkeys(named("sigmoid", "hardsigmoid", "softmax"), (0.0, 1.0)),
    **dict.fromkeys(named("tanh", "softsign"), (-1.0, 1.0)),
    **dict.fromkeys(named("softplus", "square", "exp"), (0.0, INF)),
    **dict.fromkeys(named("abs", "absolute"), (0.0, INF)),
    **dict.fromkeys(named("gelu", "silu", "hardswish", "mish"), (-0.5, INF)),
}
"""Between which numbers the results of a function are, whatever it gets."""

PASSED = VIEWS | RESHAPES | {each for each in POOLS if "max" in getattr(each, "__name__", "")}
PASSED = PASSED | named("clone", "contiguous", "detach")
"""Their results are entries of what they get."""

AVERAGES = {each for each in POOLS if "avg" in getattr(each, "__name__", "")}
"""Their results are means of entries of what they get, and of zeros."""

UNCHANGED = named("contiguous", "to", "float", "double", "type_as", "requires_grad") | DROPOUTS
"""They may return what they got, as it was."""

BATCHWISE = {functional.batch_norm, functional.instance_norm}
FLAT_AT_0 = RELUS | {functional.hardtanh, functional.threshold}
"""ReLUs whose slope at 0 is 0 in torch; that of clamp is 1."""


@dataclass(frozen=True, eq=False)
class Call:
    """A call of a function of torch; its tensors are kept so that their ids stay their own."""

    func: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    out: Any

    @property
    def given(self) -> Any:
        """What it got first."""
        return argument(self.args, self.kwargs, 0, "input")


@dataclass(frozen=True, eq=False)
class Activation:
    """A ReLU of a forward pass: its name, its call, and the call that made its pre-activations, if that is known."""

    name: str
    call: Call
    maker: Call | None


class CallTrace(ForwardTrace):
    """A forward trace with the calls that made each tensor.

    Attributes
    ----------
    activations : list of Activation
        Those whose slope left of 0 is 0.
    """

    def __init__(self, name_of: Callable[[Tensor], str | None]) -> None:
        super().__init__(name_of, graph=True)
        self.activations: list[Activation] = []
        self._calls: dict[int, Call] = {}
        self._kept: list[Call] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function and keep the call."""
        kwargs = kwargs or {}
        given = argument(args, kwargs, 0, "input")
        maker, before = self._calls.get(id(given)), len(self.seen)
        out = super().__torch_function__(func, types, args, kwargs)
        call = Call(func, args, kwargs, out)
        if func in ACTIVATIONS and isinstance(given, Tensor) and slope_of(func, args, kwargs) == 0:
            name = self.seen[-1].name if len(self.seen) > before else f"relu {len(self.activations) + 1}"
            self.activations.append(Activation(name, call, maker))
        self._kept.append(call)
        if func is Tensor.__setitem__:
            self._calls.pop(id(given), None)
        for each in (out,) if isinstance(out, Tensor) else out if isinstance(out, tuple | list) else ():
            if isinstance(each, Tensor) and not (each is given and func in UNCHANGED):
                self._calls[id(each)] = call
        return out

    def made(self, tensor: Any) -> Call | None:
        """Return the call that made a tensor."""
        return self._calls.get(id(tensor))

    def is_used_elsewhere(self, each: Activation, output: Any) -> bool:
        """Return whether pre-activations go anywhere but through their ReLU, so that they have gradients without it."""
        z = each.call.given
        if any(part is z for part in _tensors(output)) and each.call.out is not z:
            return True
        for call in self._kept:
            if call is each.call:
                if call.out is z:
                    return False
            elif call is not each.maker and _takes(call, z) and any(part.requires_grad for part in _tensors(call.out)):
                return True
        return False

    def uses(self, parameter: Tensor) -> int:
        """Return how many calls got a parameter."""
        return sum(_takes(call, parameter) for call in self._kept)

    def range_of(self, tensor: Any) -> Range | None:
        """Return between which numbers the entries of a tensor are, whatever the parameters; None if unknown."""
        call = self.made(tensor)
        if call is None:
            return None
        if call.func in RANGES:
            return RANGES[call.func]
        inner = self.range_of(call.given) if call.given is not tensor else None
        if inner is None:
            return None
        if call.func in DROPOUTS:
            return _dropped(call, inner)
        if call.func in PASSED:
            return inner
        return (min(inner[0], 0.0), max(inner[1], 0.0)) if call.func in AVERAGES else None

    def source(self, tensor: Any) -> Any:
        """Return the tensor of which another is a copy with some entries dropped or scaled up, or itself."""
        call = self.made(tensor)
        return call.given if call is not None and call.func in DROPOUTS and call.given is not tensor else tensor

    def depends_on_chance(self, tensor: Any) -> bool:
        """Return whether a tensor depends on dropout, or on which examples are in a batch."""
        waiting, seen = [tensor], set()
        while waiting:
            call = self.made(waiting.pop())
            if call is None or id(call) in seen:
                continue
            seen.add(id(call))
            if call.func in DROPOUTS and argument(call.args, call.kwargs, 2, "training") is not False:
                return True
            if call.func in BATCHWISE and argument(call.args, call.kwargs, 5, "training"):
                return True
            waiting += _tensors((call.args, call.kwargs))
        return False


def _tensors(value: Any) -> list[Tensor]:
    """Return the tensors in a value, and in what it holds."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    elif hasattr(value, "__dataclass_fields__"):
        value = list(vars(value).values())
    return [part for each in value for part in _tensors(each)] if isinstance(value, tuple | list) else []


def _takes(call: Call, tensor: Tensor) -> bool:
    """Return whether a call got a tensor."""
    return any(part is tensor for part in _tensors((call.args, call.kwargs)))


def _dropped(call: Call, inner: Range) -> Range:
    rate = argument(call.args, call.kwargs, 1, "p")
    rate = 0.5 if rate is None else float(rate)
    training = argument(call.args, call.kwargs, 2, "training") is not False
    factor = 1 / (1 - rate) * (1 + 2**-20) if training and rate < 1 else 1.0
    return min(inner[0] * factor, 0.0), max(inner[1] * factor, 0.0)
