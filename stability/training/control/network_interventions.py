"""Interventions on a whole network: layers scaled by the data in sequence, and a way back with smaller steps."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.optim.optimizer import Optimizer

from stability.training.control.interventions import CANNOT, Change
from stability.training.control.policies import FEWEST_EXAMPLES
from stability.training.introspection.activations import TracedActivation
from stability.training.introspection.forward_passes import Introspection
from stability.training.introspection.stated_units import StatedUnits

Tensor = torch.Tensor

FLAT = 1e-6
"""A unit whose standard deviation is a smaller share of its root mean square is the same for all examples."""

LOST = 0.1
"""Against a vanishing gradient or a small start a scaling that leaves more of the examples without an active unit is
taken back."""

LATE = 10
"""After so many steps of an optimiser a start is none any more."""


def scale_by_data(
    model: nn.Module,
    call: Callable[[], Any],
    trained: Collection[int],
    size: float,
    stream: torch.Generator | None = None,
    lost: float = inf,
    stated: StatedUnits | None = None,
) -> Change:
    """Give every unit of every affine layer mean 0 and a chosen standard deviation on a batch, layer after layer.

    One forward pass is made, in which each layer sees what the layers before it return at their new weights. Rows keep
    their directions; a row that gives all examples the same is drawn anew. A layer without a trained bias is not
    centred. Layers that are used twice, computed from other parameters, not trained or without entries stay as they
    are.

    A centred unit is off for about half of the examples; of n units all are off for about one in 2^n of them, which the
    layers behind cannot distinguish. In deep stacks of a few units little is left at the end, and penalties of a
    network that was left as it is do more.

    Parameters
    ----------
    model : Module
    call : callable
        Makes the forward pass.
    trained : collection of int
        The ids of the parameters that may be changed.
    size : float
        The standard deviation of every unit over the examples, and places after convolutions.
    stream : Generator, optional
        For rows that are drawn anew; where it was if the scaling is taken back.
    lost : float
        If afterwards a larger share of the examples has no active unit in some layer, the scaling is taken back.
    stated : StatedUnits, optional
        What is stated of layers.

    Returns
    -------
    Change
        Without masks where no layer can be changed, or the scaling was taken back.
    """
    before: dict[int, tuple[Tensor, Tensor]] = {}
    drawn = None if stream is None else stream.get_state()
    counts = Counter(id(p) for _, p in model.named_parameters(remove_duplicate=False))
    calls: Counter[int] = Counter()

    def rescale(module: nn.Module, args: tuple[Any, ...], out: Any) -> Any:
        weight, bias = module._parameters.get("weight"), module._parameters.get("bias")
        calls[id(module)] += 1
        own = weight is not None and weight.numel() > 0 and id(weight) in trained and counts[id(weight)] == 1
        if not own or calls[id(module)] > 1 or not args or not isinstance(out, Tensor) or out.ndim < 2:
            return out
        assert weight is not None
        for each in (weight, bias):
            if each is not None and id(each) in trained:
                before[id(each)] = each, each.detach().clone()
        _rescale(module, args[0], weight, bias if bias is not None and id(bias) in trained else None, size, stream)
        return module.forward(*args)

    hooks = [part.register_forward_hook(rescale) for part in model.modules() if type(part) in AFFINE]
    try:
        with torch.no_grad():
            call()
    finally:
        for hook in hooks:
            hook.remove()
    masks = [(p, p.detach() != old) for p, old in before.values()]
    masks = [(p, mask) for p, mask in masks if mask.any()]
    dead = dead_share(model, call, stated) if masks and lost < 1 else 0.0
    if dead > lost:
        with torch.no_grad():
            for p, old in before.values():
                p.copy_(old)
        if stream is not None and drawn is not None:
            stream.set_state(drawn)
        return Change(reason=f"{CANNOT}{dead:.0%} of the examples would have no active unit in some layer")
    return Change(tuple(masks)) if masks else Change(reason=f"{CANNOT}no layer that is trained can be scaled")


def dead_share(model: nn.Module, call: Callable[[], Any], stated: StatedUnits | None = None) -> float:
    """Return the share of examples of a forward pass that have no active unit in some layer of ReLUs.

    Layers that get a part of the examples, as experts do, do not count.

    Parameters
    ----------
    model : Module
    call : callable
        Makes the forward pass.
    stated : StatedUnits, optional
    """
    found: list[TracedActivation] = []
    with torch.no_grad(), Introspection(model, found.extend, refuse=False, stated=stated):
        call()
    dead = [layer.table.flatten(1).amax(1) <= 0 for layer in found if layer.slope == 0 and layer.z.numel()]
    whole = max(map(len, dead), default=0)
    shared = [each for each in dead if len(each) == whole]
    return float(torch.stack(shared).any(0).double().mean()) if shared else 0.0


AFFINE = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


def _rescale(
    module: nn.Module, given: Tensor, weight: Tensor, bias: Tensor | None, size: float, stream: torch.Generator | None
) -> None:
    """Change the weight and the bias of one layer in place."""
    z = _without_bias(module, given, weight)
    if len(z) < FEWEST_EXAMPLES:
        return
    flat = _is_flat(z)
    drawn = torch.randn(weight.shape, generator=stream, dtype=torch.float64).to(weight)
    weight[flat] = drawn[flat]
    z = _without_bias(module, given, weight)
    moved = ~_is_flat(z)
    factor = torch.where(moved, size / z.std(0, correction=0), 1.0).to(weight)
    weight.mul_(factor.view(-1, *[1] * (weight.ndim - 1)))
    if bias is not None:
        bias.copy_(torch.where(moved, -z.mean(0).to(factor) * factor, bias))


def _is_flat(z: Tensor) -> Tensor:
    """Return which units give all examples the same."""
    return ~(z.std(0, correction=0) > FLAT * z.square().mean(0).sqrt())


def _without_bias(module: nn.Module, given: Tensor, weight: Tensor) -> Tensor:
    """Return what the layer makes of its input but for the bias; shape (examples and places, units)."""
    if isinstance(module, nn.Linear):
        return functional.linear(given, weight).flatten(0, -2).float()
    assert isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    out: Tensor = module._conv_forward(given, weight, None)
    return out.movedim(out.ndim - weight.ndim + 1, -1).flatten(0, -2).float()


@dataclass(frozen=True, eq=False)
class Kept:
    """Weights, buffers and what optimisers remembered of them at one reading, on their own devices.

    Attributes
    ----------
    weights : dict of str to tensor
        By name, buffers too.
    memories : dict of str to dict
        What the optimiser remembers of a parameter, by the name of that.
    """

    weights: dict[str, Tensor]
    memories: dict[str, dict[str, Any]]


def kept(model: nn.Module, optimizers: Iterable[Optimizer]) -> Kept:
    """Return a copy of the weights, the buffers and what optimisers remember of them."""
    return Kept({name: value.detach().clone() for name, value in _weights(model).items()}, memories(model, optimizers))


def memories(model: nn.Module, optimizers: Iterable[Optimizer]) -> dict[str, dict[str, Any]]:
    """Return a copy of what optimisers remember of the parameters of a network, by their names."""
    names, found = {id(p): name for name, p in model.named_parameters()}, dict[str, dict[str, Any]]()
    for optimizer in optimizers:
        found |= {names[id(p)]: _copied(own) for p, own in optimizer.state.items() if id(p) in names}
    return found


def go_back(
    model: nn.Module, optimizers: Iterable[Optimizer], last: Kept | None, trained: Collection[int], factor: float
) -> Change:
    """Set trained weights, buffers and optimisers back to what they were, and make the learning rate smaller.

    A learning rate scheduler that sets a rate anew, rather than multiplying the one there is, undoes the latter.

    Parameters
    ----------
    model : Module
    optimizers : iterable of Optimizer
    last : Kept or None
    trained : collection of int
        The ids of the parameters that may be changed.
    factor : float
        What the learning rates of all groups with parameters of the network are multiplied by; groups without one, as
        Adafactor has, stay as they are.
    """
    if last is None:
        return Change(reason=f"{CANNOT}no finite weights were read before")
    masks, parameters = [], dict(model.named_parameters())
    names = {id(p): name for name, p in parameters.items()}
    groups = [(each, group) for each in optimizers for group in each.param_groups]
    groups = [(each, group) for each, group in groups if any(id(p) in names for p in group["params"])]
    if groups and all(group.get("lr") is None for _, group in groups):
        return Change(reason=f"{CANNOT}no optimiser of it has a learning rate that could be made smaller")
    with torch.no_grad():
        for name, value in _weights(model).items():
            old = last.weights.get(name)
            if old is None or old.shape != value.shape or (name in parameters and id(value) not in trained):
                continue
            mask = value.detach() != old
            value.copy_(old)
            if name in parameters:
                masks.append((value, mask))
    for optimizer, group in groups:
        for p in (p for p in group["params"] if id(p) in names):
            memory = last.memories.get(names[id(p)])
            optimizer.state.pop(p, None)
            if memory is not None:
                optimizer.state[p] = _copied(memory)
        if group.get("lr") is not None:
            group["lr"] = group["lr"] * factor
    return Change(tuple(masks))


def started_before(optimizers: Iterable[Optimizer]) -> bool:
    """Return whether an optimiser has made more steps than a start may have behind it."""
    memories = (own for optimizer in optimizers for own in optimizer.state.values())
    return any(float(own["step"]) > LATE for own in memories if "step" in own)


def _weights(model: nn.Module) -> dict[str, Tensor]:
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}


def _copied(memory: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.detach().clone() if isinstance(value, Tensor) else value for key, value in memory.items()}
