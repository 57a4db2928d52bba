"""A forward trace that also keeps what each function of a network got, so that the inputs of its ReLUs are known."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from stability.dead_units.asked_numbers import AskedNumbers
from stability.dead_units.backward_graph import BackwardGraph, Node, node_of
from stability.dead_units.known_code import slots_of
from stability.dead_units.optimisers import is_moved
from stability.dead_units.overlaps import overlapping
from stability.training.introspection.names import Names
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
from stability.training.introspection.unseen import UNSEEN

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

MAPS = {functional.linear, torch.conv2d}
"""The affine maps whose inputs are looked at."""

UNCHANGED = named("contiguous", "to", "float", "double", "type_as", "requires_grad") | DROPOUTS
"""They may return what they got, as it was."""

BATCHWISE = {functional.batch_norm, functional.instance_norm}
COPIES = named("clone", "contiguous", "to", "float", "double", "half", "bfloat16")
"""Their results have the entries of what they get, in another type."""

FLAT_AT_0 = RELUS | {functional.hardtanh, functional.threshold}
"""ReLUs whose slope at 0 is 0 in torch; that of clamp is 1."""


@dataclass(frozen=True, eq=False)
class Call:
    """A call of a function of torch; its tensors are kept so that their ids stay their own.

    Attributes
    ----------
    func, args, kwargs, out
    version : int
        How often the result had been written into.
    drew : bool
        Of an affine map on fixed inputs: whether random numbers were drawn in the forward pass before it.
    """

    func: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    out: Any
    version: int = 0
    drew: bool = False

    @property
    def given(self) -> Any:
        """What it got first."""
        return argument(self.args, self.kwargs, 0, "input")


@dataclass(frozen=True, eq=False)
class Activation:
    """A ReLU of a forward pass: its name, its call, and the call that made its pre-activations, if that is known.

    The nodes are those of the graph of the backward pass: of the pre-activations, and of the ReLU.
    """

    name: str
    call: Call
    maker: Call | None
    nodes: tuple[Node, Node] = (None, None)


class CallTrace(ForwardTrace):
    """A forward trace with the calls that made each tensor.

    Parameters
    ----------
    names : Names
        Of the network that is traced.
    data : iterable of tensor
        What the network is given.
    held : iterable of tensor
        What the optimiser holds; data that are made of it, or share its memory, are trained.
    aliases : iterable of tensor
        Copies of what shares its memory.

    Attributes
    ----------
    activations : list of Activation
        Those whose slope left of 0 is 0.
    asked : AskedNumbers
        What its code asked tensors for.
    """

    def __init__(
        self,
        names: Names,
        data: Iterable[Tensor] = (),
        held: Iterable[Tensor] = (),
        aliases: Iterable[Tensor] = (),
    ) -> None:
        super().__init__(names, graph=True)
        self.activations: list[Activation] = []
        self.asked = AskedNumbers()
        self._calls: dict[int, Call] = {}
        self._kept: list[Call] = []
        given, held = list(data), list(held)
        self._trained = {id(each) for each in given if _is_made_of(each, held)}
        self._aliases = [*(each for each in held if is_moved(each)), *aliases]
        self._trained |= {id(each) for each in self._aliases}
        self._data = {id(each): (each, _version(each)) for each in given}
        self._random = _random_states()
        self._backward: tuple[Any, BackwardGraph] | None = None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function and keep the call."""
        kwargs = kwargs or {}
        given = argument(args, kwargs, 0, "input")
        maker, before = self._calls.get(id(given)), (len(self.seen), len(self.skipped))
        with UNSEEN():
            node = node_of(given)
            drew = func in MAPS and not given.requires_grad and _random_states() != self._random
        out = super().__torch_function__(func, types, args, kwargs)
        with UNSEEN():
            self.asked.hear(func, args, out, self.changes)
            call = Call(func, args, kwargs, out, _version(out), drew)
            if func in ACTIVATIONS and isinstance(given, Tensor) and slope_of(func, args, kwargs) == 0:
                own = Activation(self._name_since(given, *before), call, maker, (node, node_of(out)))
                self.activations.append(own)
        self._kept.append(call)
        if func is Tensor.__setitem__:
            self._calls.pop(id(given), None)
        for each in (out,) if isinstance(out, Tensor) else out if isinstance(out, tuple | list) else ():
            if isinstance(each, Tensor) and not (each is given and func in UNCHANGED):
                self._calls[id(each)] = call
        return out

    def _name_since(self, given: Tensor, seen: int, skipped: int) -> str:
        """Return the name of the ReLU that was just called, which no other has."""
        known = self.seen[seen:] or self.skipped[skipped:]
        again = self._places.get(id(self._source(given)[0]))
        known = known or ([] if again is None else [self.seen[again.place]])
        name = known[-1].name if known else self._name_of(given) or self._layers.next(None)
        own = {each.name for each in self.activations}
        return next(each for k in range(len(own) + 1) if (each := f"{name} ({k + 1})" if k else name) not in own)

    def made(self, tensor: Any) -> Call | None:
        """Return the call that made a tensor."""
        return self._calls.get(id(tensor))

    def is_used_elsewhere(self, each: Activation, output: Any) -> bool:
        """Return whether pre-activations go anywhere but through their ReLU, so that they have gradients without it."""
        z = each.call.given
        if any(part is z for part in held_by(output)) and each.call.out is not z:
            return True
        of, own = each.nodes
        if of is not None and any(user is not own for user in self.graph(output).users(of)):
            return True
        for call in self._kept:
            if call is each.call:
                if call.out is z:
                    return False
            elif call is not each.maker and _takes(call, z) and any(part.requires_grad for part in tensors(call.out)):
                return True
        return False

    def uses(self, parameter: Tensor, output: Any = None) -> int:
        """Return how many calls got a parameter, or nodes of the graph behind an output if those are more.

        That it is in the output itself counts too.
        """
        given = sum(each is parameter for each in held_by(output))
        return given + max(sum(_takes(call, parameter) for call in self._kept), self.graph(output).uses(parameter))

    def graph(self, output: Any) -> BackwardGraph:
        """Return the graph of the backward pass from an output, which is read once."""
        if self._backward is None or self._backward[0] is not output:
            self._backward = output, BackwardGraph(held_by(output))
        return self._backward[1]

    def range_of(self, tensor: Any) -> Range | None:
        """Return between which numbers the entries of a tensor are, whatever the parameters; None if unknown."""
        call = self.made(tensor)
        if call is None or (call.out is tensor and _version(tensor) != call.version):
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
        averages = call.func in AVERAGES and argument(call.args, call.kwargs, 6, "divisor_override") is None
        return (min(inner[0], 0.0), max(inner[1], 0.0)) if averages else None

    def source(self, tensor: Any) -> Any:
        """Return the tensor of which another is a copy with some entries dropped or scaled up, or itself."""
        call = self.made(tensor)
        return call.given if call is not None and call.func in DROPOUTS and call.given is not tensor else tensor

    def is_data(self, tensor: Any) -> bool:
        """Return whether a tensor is one that the network was given, or has its entries, example by example."""
        while (call := self.made(tensor)) is not None and _is_copy(call, tensor):
            tensor = call.given
        own, version = self._data.get(id(tensor), (None, -1))
        if id(tensor) in self._trained or self.made(tensor) is not None:
            return False
        return own is not None and _version(own) == version

    def changes(self, tensor: Any) -> bool:
        """Return whether a tensor depends on dropout, on which examples share a batch, or on what is trained."""
        waiting, seen = [tensor], set()
        while waiting:
            each = waiting.pop()
            if id(each) in self._trained or (isinstance(each, nn.Parameter) and each.requires_grad):
                return True
            call = self.made(each)
            if call is None or id(call) in seen:
                continue
            seen.add(id(call))
            if call.func in DROPOUTS and argument(call.args, call.kwargs, 2, "training") is not False:
                return True
            if call.func in BATCHWISE and argument(call.args, call.kwargs, 5, "training"):
                return True
            waiting += tensors((call.args, call.kwargs))
        return False


def _version(value: Any) -> int:
    """Return how often a tensor was written into; 0 of what has no count."""
    return value._version if isinstance(value, Tensor) and not value.is_inference() else 0


def _is_made_of(tensor: Tensor, held: list[Tensor]) -> bool:
    """Return whether a tensor is one of some others, shares memory with one or is computed from it."""
    if not tensor.is_floating_point() or tensor.layout != torch.strided:
        return False
    if id(tensor) in overlapping([tensor, *held]) or any(each is tensor for each in held):
        return True
    graph = BackwardGraph([tensor])
    return any(graph.uses(each) for each in held)


def _random_states() -> tuple[Any, ...]:
    """Return the states of all generators that a forward pass may draw from unnoticed."""
    _, words, place, *_ = np.random.get_state(legacy=True)
    return random.getstate(), np.asarray(words).tobytes(), place, torch.get_rng_state().numpy().tobytes()


def tensors(value: Any) -> list[Tensor]:
    """Return the tensors in a value, and in what it holds."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, slice):
        value = [value.start, value.stop, value.step]
    elif isinstance(value, dict):
        value = list(value.values())
    elif hasattr(value, "__dataclass_fields__"):
        value = list(vars(value).values())
    return [part for each in value for part in tensors(each)] if isinstance(value, tuple | list) else []


def held_by(value: Any) -> list[Tensor]:
    """Return the tensors that a result holds, in objects of any class too; those of modules are not its own.

    Examples
    --------
    >>> import torch
    >>> len(held_by({"all": torch.distributions.Normal(torch.zeros(1), torch.ones(1))}))
    2
    """
    found: list[Tensor] = []
    waiting, seen = [value], set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, nn.Module | type) or id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, Tensor):
            found.append(each)
        elif isinstance(each, Mapping):
            waiting += each.values()
        elif isinstance(each, tuple | list | set | frozenset):
            waiting += each
        if not isinstance(each, Tensor):
            held = (getattr(each, name, None) for name in slots_of(type(each)))
            waiting += [*getattr(each, "__dict__", {}).values(), *held]
    return found


def _is_copy(call: Call, tensor: Tensor) -> bool:
    """Return whether a tensor has the entries of what a call got, those of an example where they stood."""
    given = call.given
    if given is tensor or not isinstance(given, Tensor):
        return False
    whole = given.ndim and tensor.ndim and given.shape[0] == tensor.shape[0] and given.numel() == tensor.numel()
    return call.func in COPIES or (call.func in RESHAPES and bool(whole))


def _takes(call: Call, tensor: Tensor) -> bool:
    """Return whether a call got a tensor."""
    return any(part is tensor for part in tensors((call.args, call.kwargs)))


def _dropped(call: Call, inner: Range) -> Range:
    rate = argument(call.args, call.kwargs, 1, "p")
    rate = 0.5 if rate is None else float(rate)
    training = argument(call.args, call.kwargs, 2, "training") is not False
    factor = 1 / (1 - rate) * (1 + 2**-20) if training and rate < 1 else 1.0
    return min(inner[0] * factor, 0.0), max(inner[1] * factor, 0.0)
