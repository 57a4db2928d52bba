"""Which dead units of a network in torch never recover, from its forward pass, its data and its optimiser."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from stability.dead_units.certify import HORIZON
from stability.dead_units.fixed_inputs import TRAINED, doubts, moving, require_every_example
from stability.dead_units.norms import NormRead, batch_bounds, norm_box
from stability.dead_units.optimisers import array, name_of_rule
from stability.dead_units.overlaps import aliased, leave_out_shared
from stability.dead_units.reads import Read, decide, roundoff_of
from stability.dead_units.report import RecoveryReport
from stability.dead_units.same_passes import differs, passes_of
from stability.dead_units.trace import FLAT_AT_0, Activation, CallTrace, tensors
from stability.errors import DataError, NumberError, StabilityError, as_written, require_kind
from stability.training.introspection.batches import arguments, batches, taken_by_the_network
from stability.training.introspection.forward_passes import require_visible
from stability.training.introspection.hooks import without_hooks
from stability.training.introspection.names import Names
from stability.training.introspection.preserve_state import left_as_found
from stability.training.introspection.torch_functions import argument

Tensor = torch.Tensor
MOST = 10**9
"""The most examples of a batch, and steps, as records have them."""

NORMS = {functional.batch_norm, functional.layer_norm}


def recovery(
    model: nn.Module,
    data: Any,
    optimizer: torch.optim.Optimizer,
    batch_size: int | None = None,
    horizon: int = HORIZON,
    roundoff: float | None = None,
) -> RecoveryReport:
    """Return which dead ReLU units of a network never recover while it is trained on some data.

    A unit that is off at all inputs has no gradient; it moves only by what the optimiser remembers, and by weight
    decay. How far that carries it is bounded, and each bound is confirmed by the checker in exact arithmetic. The
    network is taken in the mode (train or eval) in which it is, with nothing in its loss but its outputs, with
    gradients that are set to zero before each step, and with parameters into which the optimiser alone writes.

    Parameters
    ----------
    model : Module
    data : any
        All the inputs of the training: a batch, a Dataset, or anything that yields batches.
    optimizer : Optimizer
        Of torch: SGD, Adam or AdamW, with its state. What it does not hold stays as it is.
    batch_size : int, optional
        The most examples of a batch, on which batch normalisation depends; the most that `data` yields if left out.
    horizon : int
        The most steps that are claimed where it is not for ever.
    roundoff : float, optional
        By which each operation of a forward pass is off at most, relatively: that of the type of the weights if left
        out, 0 for exact arithmetic.

    Raises
    ------
    StabilityError
        If nothing can be seen inside the network, there are no data, or it does not take them.
    NumberError
        If a number is out of its range.

    Examples
    --------
    >>> import torch
    >>> from stability import recovery
    >>> model = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.ReLU(), torch.nn.Linear(1, 1))
    >>> _ = torch.nn.init.constant_(model[0].weight, 1.0), torch.nn.init.constant_(model[0].bias, -9.0)
    >>> found = recovery(model, torch.tensor([[1.0], [2.0]]), torch.optim.SGD(model.parameters(), lr=0.1))
    >>> found.units[0].status
    'dead for ever'
    """
    require_visible(model)
    require_kind(
        optimizer, torch.optim.Optimizer, "an optimiser of torch", "Give that with which the network is trained."
    )
    name = name_of_rule(optimizer)
    _require_numbers(batch_size, horizon, roundoff)
    require_every_example(data)
    held = [p for group in optimizer.param_groups for p in group["params"]]
    layers, notes = _read(model, data, batch_size, held)
    leave_out_shared(layers, [*model.parameters(), *held])
    return decide(layers, optimizer, name, int(horizon), roundoff, notes)


def _require_numbers(batch_size: Any, horizon: Any, roundoff: Any) -> None:
    """Refuse what is out of the range that records have."""
    for key, value, optional in (("batch_size", batch_size, True), ("horizon", horizon, False)):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool) and 1 <= value <= MOST
        if not whole and not (optional and value is None):
            raise NumberError(
                f"Expected {key} as a whole number from 1 to {MOST:,}; got {as_written(value):.60}.", f"Try {key}=64."
            )
    small = isinstance(roundoff, int | float) and not isinstance(roundoff, bool) and 0 <= roundoff < 1
    if roundoff is not None and not small:
        raise NumberError(
            f"Expected roundoff from 0 to below 1; got {as_written(roundoff):.60}.",
            "Leave it out for that of the type of the weights.",
        )


def _read(model: nn.Module, data: Any, batch_size: int | None, held: list[Tensor]) -> tuple[list[Read], list[str]]:
    """Return what the forward passes of all batches show of each layer, and which layers are never called."""
    found: list[Read] = []
    unused = {name: parameter for name, parameter in model.named_parameters() if name.endswith("weight")}
    names, passes = Names(model), 0
    shared = aliased(model.named_buffers(), [*model.parameters(), *held])

    def passed(args: Any, named: Any) -> tuple[CallTrace, Any]:
        trace = CallTrace(names, tensors((args, named)), held, [model.get_buffer(key) for key in shared])
        with trace, taken_by_the_network():
            return trace, model(*args, **named)

    with left_as_found(model, "found"), without_hooks(model), torch.enable_grad():
        for batch in batches(data):
            args, named = arguments(batch, model)
            if not _size(args, named):
                continue
            before = passes_of(model)
            trace, output = passed(args, named)
            other = trace.asked.why or differs(before, model, partial(passed, args, named))
            unused = {key: each for key, each in unused.items() if not trace.uses(each)}
            own = [_seen(each, trace, output, batch_size, _size(args, named)) for each in trace.activations]
            _confirm(own, trace, lambda a, n: passed(a, n)[0], model, args, named, held)
            for each in own:
                each.why = each.why or other
            if passes and len(own) != len(found):
                raise StabilityError(
                    "Expected the same ReLUs in the forward passes of all batches; got others.", "Give one batch."
                )
            found = [_joined(*pair) for pair in zip(found, own, strict=True)] if passes else own
            passes += 1
    if not passes:
        raise DataError("Expected data with at least one example; got none.", "Give a tensor of inputs.")
    if not found:
        raise StabilityError(
            f"Expected a network with ReLUs; saw none in a forward pass of {type(model).__name__}.",
            "ReLU and ReLU6 are seen, as modules and as functions.",
        )
    return found, [f"{key.removesuffix('.weight')}: never called in a forward pass" for key in unused]


def _confirm(
    reads: list[Read],
    trace: CallTrace,
    again: Callable[[Any, Any], CallTrace],
    model: nn.Module,
    args: Any,
    named: Any,
    held: list[Tensor],
) -> None:
    """Take back that inputs are fixed where they are not the data themselves, and further passes show others."""
    unsure = {
        k: read.points[0]
        for k, (read, each) in enumerate(zip(reads, trace.activations, strict=True))
        if read.points is not None and each.maker is not None and not trace.is_data(each.maker.given)
    }

    def tables(args: Any, named: Any) -> dict[int, Any]:
        other = dict(enumerate(again(args, named).activations))
        makers = {k: other[k].maker for k in unsure if k in other}
        return {k: array(_columns(maker)(maker.given)) for k, maker in makers.items() if maker is not None}

    if not unsure:
        return
    for k, why in doubts(tables, args, named, unsure).items():
        reads[k].why = why
    for k in moving(tables, model, args, named, unsure, held):
        reads[k].why = reads[k].why or TRAINED


def _size(args: Any, named: Any) -> int:
    return next((each.shape[0] for each in (*args, *named.values()) if isinstance(each, Tensor) and each.ndim), 1)


def _seen(each: Activation, trace: CallTrace, output: Any, batch_size: int | None, size: int) -> Read:
    """Return what one forward pass shows of a layer."""
    maker, out, axis = each.maker, each.call.out.detach(), _axis(each)
    table = out.movedim(axis, -1).reshape(-1, out.shape[axis]) if out.ndim else out.reshape(1, 1)
    read = Read(each.name, units=table.shape[1], on=(table > 0).any(dim=0).cpu().numpy())
    if each.call.func not in FLAT_AT_0:
        read.why = "its slope at 0 is not 0"
    elif maker is None:
        read.why = "what makes its pre-activations is not followed"
    elif trace.is_used_elsewhere(each, output):
        read.why = "its pre-activations are used without the ReLU too"
    elif maker.func in NORMS:
        found = norm_box(maker, batch_size, size)
        _take_norm(read, found, each.call)
    elif maker.func in (functional.linear, torch.conv2d):
        _take_affine(read, each, trace)
    else:
        read.why = (
            f"its pre-activations are made by {getattr(maker.func, '__name__', 'a function')}, not by an affine map"
        )
    for kind, parameter in (("weight", read.weight), ("bias", read.bias)):
        if parameter is not None and trace.uses(parameter, output) > 1:
            read.why = f"its {kind} is used in several places"
        elif parameter is not None and _has_hooks(parameter):
            read.why = f"a hook on its {kind} may change its gradient"
    return read


def _has_hooks(parameter: Tensor) -> bool:
    """Return whether somebody hears of the gradient of a parameter, and may add noise to it, say."""
    return bool(parameter._backward_hooks or getattr(parameter, "_post_accumulate_grad_hooks", None))


def _take_norm(read: Read, found: NormRead, call: Any) -> None:
    read.weight, read.bias, read.why = found.weight, found.bias, found.why
    read.box, read.premise, read.sizes = found.box, found.premise, found.sizes
    if read.weight is not None:
        read.units = read.weight.shape[0]


def _take_affine(read: Read, each: Activation, trace: CallTrace) -> None:
    maker = each.maker
    assert maker is not None
    given, weight = maker.given, argument(maker.args, maker.kwargs, 1, "weight")
    bias = argument(maker.args, maker.kwargs, 2, "bias")
    read.units = weight.shape[0]
    if not isinstance(weight, nn.Parameter) or not (bias is None or isinstance(bias, nn.Parameter)):
        read.why = "its weight or its bias is computed, not a parameter"
        return
    if not _is_made(each, given, weight, bias):
        read.why = "its pre-activations are not those of its weight and bias alone"
        return
    columns = _columns(maker)
    if isinstance(columns, str):
        read.why = columns
        return
    read.weight, read.bias, read.roundoff = weight, bias, roundoff_of(weight, each.call.out)
    fixed = trace.is_data(given) or not (given.requires_grad or trace.changes(given) or maker.drew)
    if fixed:
        read.points = [array(columns(given))]
        return
    span = trace.range_of(given)
    if span is None or not _is_within(given.detach(), span):
        read.why = TRAINED
        return
    if maker.func is torch.conv2d:
        span = (min(span[0], 0.0), max(span[1], 0.0))
    read.box = (span,) * weight[0].numel()
    read.premise = f"its inputs are between {span[0]:g} and {span[1]:g} whatever the layers before it do"
    if maker.func is functional.linear:
        source = trace.source(given)
        read.source = next((o.name for o in trace.activations if o.call.out is source and _counts_last(o)), "")


def _counts_last(each: Activation) -> bool:
    """Return whether the last axis of what an activation returns counts its units."""
    by_rows = each.maker is not None and each.maker.func in (functional.linear, functional.layer_norm)
    return by_rows or each.call.out.ndim < 3


def _axis(each: Activation) -> int:
    """Return which axis of what an activation returns counts its units."""
    if _counts_last(each):
        return -1
    alone = each.maker is not None and each.maker.func is torch.conv2d and each.call.out.ndim == 3
    return 0 if alone else 1


def _is_within(given: Tensor, span: tuple[float, float]) -> bool:
    """Return whether entries are where they should be; others were written into it by a way that is not followed."""
    return bool(((given >= span[0]) & (given <= span[1])).all())


def _is_made(each: Activation, given: Tensor, weight: Tensor, bias: Tensor | None) -> bool:
    """Return whether the activation got what the affine map makes of its inputs."""
    assert each.maker is not None
    with torch.no_grad():
        made = each.maker.func(*each.maker.args, **each.maker.kwargs).clone()
        again = each.call.func(made, *each.call.args[1:], **{k: x for k, x in each.call.kwargs.items() if k != "input"})
        return bool(torch.allclose(again, each.call.out.detach(), equal_nan=True))


def _columns(maker: Any) -> Any:
    """Return what makes a table (inputs, weights) of what an affine map gets; a text where that is not known."""
    if maker.func is functional.linear:
        return lambda x: x.reshape(-1, x.shape[-1])
    weight = argument(maker.args, maker.kwargs, 1, "weight")
    stride, padding, dilation, groups = (
        argument(maker.args, maker.kwargs, 3 + k, key)
        for k, key in enumerate(("stride", "padding", "dilation", "groups"))
    )
    if groups not in (None, 1):
        return "its convolution has groups, so that its units have different inputs"
    if isinstance(padding, str):
        return "the padding of its convolution is given in words"

    def unfolded(x: Tensor) -> Tensor:
        found = functional.unfold(
            x if x.ndim == 4 else x[None],
            tuple(weight.shape[2:]),
            dilation=1 if dilation is None else dilation,
            padding=0 if padding is None else padding,
            stride=1 if stride is None else stride,
        )
        return found.transpose(1, 2).reshape(-1, found.shape[1])

    return unfolded


def _joined(first: Read, second: Read) -> Read:
    """Return what two batches show of a layer."""
    if first.name != second.name or (first.points is None) != (second.points is None):
        return replace(first, why="it is called differently in different batches")
    if first.why or second.why:
        return replace(first, why=first.why or second.why)
    on = first.on | second.on if first.on is not None and second.on is not None else None
    first, second = replace(first, on=on), replace(second, on=on)
    if first.points is not None and second.points is not None:
        return replace(first, points=[*first.points, *second.points])
    if all(first.sizes) and all(second.sizes):
        sizes = max(first.sizes[0], second.sizes[0]), max(first.sizes[1], second.sizes[1])
        box, premise = batch_bounds(sizes)
        return replace(first, box=box, premise=premise, sizes=sizes)
    sides = zip(first.box, second.box, strict=True)
    wider = tuple((min(a[0], b[0]), max(a[1], b[1])) for a, b in sides)
    return replace(first if wider == first.box else second, box=wider)
