"""The ReLU layers of a plain network, found in its state dict."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

from stability.dead_units.checkpoints import State
from stability.dead_units.layers import Box
from stability.dead_units.norms import largest_score
from stability.dead_units.reads import Read
from stability.errors import DataError, UnknownNameError, nearest

Tensor = torch.Tensor
INF = float("inf")
BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
INFINITE = "a parameter of a layer before it is not finite"
NAMED = "Name the ReLU layers, in their order, with --layers."


@dataclass(frozen=True, eq=False)
class StateBlock:
    """A linear map or a normalisation in a state dict.

    Attributes
    ----------
    name : str
        What stands before ".weight".
    weight : Parameter
    bias : Parameter or None
    batch : bool
        Whether it is a batch normalisation.
    """

    name: str
    weight: nn.Parameter
    bias: nn.Parameter | None
    batch: bool

    @property
    def linear(self) -> bool:
        """Whether it is a linear map."""
        return self.weight.ndim == 2


def parameters_of(state: State) -> dict[str, nn.Parameter]:
    """Return the parameters of a state dict, without the buffers of normalisations, in their order."""
    kept = {name: value for name, value in state.items() if name.rpartition(".")[2] not in BUFFERS}
    return {name: nn.Parameter(value) for name, value in kept.items() if value.is_floating_point()}


def blocks_of(state: State, parameters: dict[str, nn.Parameter], names: Sequence[str] = ()) -> list[StateBlock]:
    """Return the linear maps and normalisations of a state dict, or those of these names in this order.

    Raises
    ------
    UnknownNameError
        If there is no such layer.
    DataError
        If there are other parameters, and no names.
    """
    known = [
        name.removesuffix("weight").removesuffix(".")
        for name in parameters
        if name.split(".")[-1] == "weight" and name != ".weight"
    ]
    for name in names:
        if name not in known:
            raise UnknownNameError(f"Expected a layer of the checkpoint; got {name!r}.", nearest(name, known))
    found = []
    for name in names or known:
        dot = f"{name}." if name else ""
        weight = parameters[f"{dot}weight"]
        if weight.ndim not in (1, 2):
            raise DataError(
                f"Expected linear maps and normalisations; the weight of {name or 'the network'} has the shape "
                f"{tuple(weight.shape)!s:.60}.",
                "Name layers of two axes with --layers, or use stability.recovery on the network itself.",
            )
        bias, count = parameters.get(f"{dot}bias"), weight.shape[0]
        shape = (count,) if bias is None else tuple(bias.shape)
        if not weight.numel() or shape != (count,):
            odd = f"{count} units and a bias of the shape {shape!s:.60}" if weight.numel() else "no entries"
            raise DataError(
                f"Expected units with weights, and a bias for each; {name or 'the network'} has {odd}.", NAMED
            )
        found.append(StateBlock(name, weight, bias, f"{dot}running_mean" in state))
    if not names:
        own = {f"{each.name}." if each.name else "" for each in found}
        strange = [key for key in state if not any(key == f"{dot}{end}" for dot in own for end in _ENDS)]
        if strange:
            raise DataError(f"Expected weights, biases and running statistics; got the key {strange[0]!r}.", NAMED)
    if not found:
        raise DataError("Expected layers with a weight in the checkpoint; got none.", NAMED)
    return found


_ENDS = ("weight", "bias", *BUFFERS)


def reads_of(
    blocks: Sequence[StateBlock], inputs: Tensor | None, box: Box, batch_size: int | None, every: bool
) -> list[Read]:
    """Return the ReLU layers of a plain network.

    Parameters
    ----------
    blocks : sequence of StateBlock
    inputs : tensor (examples, features) or None
    box : tuple of (float, float)
        Of the inputs, where there are none; one side, or one for each feature.
    batch_size : int or None
    every : bool
        Whether a ReLU follows the last linear map too.

    Raises
    ------
    DataError
        If shapes do not follow each other, inputs do not fit, or there is no layer of ReLUs.
    """
    linear = [each for each in blocks if each.linear]
    for first, second in pairwise(linear):
        if second.weight.shape[1] != first.weight.shape[0]:
            raise DataError(
                f"Expected layers that follow each other; {first.name} has {first.weight.shape[0]} units and "
                f"{second.name} takes {second.weight.shape[1]} inputs.",
                NAMED,
            )
    if linear and inputs is not None and linear[0].weight.shape[1] != inputs.shape[1]:
        raise DataError(
            f"Expected inputs with {linear[0].weight.shape[1]} features, as {linear[0].name} takes; got "
            f"{inputs.shape[1]}.",
            "Give the data as the network gets them.",
        )
    if not every:
        _require_sizes(blocks)
    reads: list[Read] = []
    before: StateBlock | None = None
    gapped = _gapped(blocks)
    signal = None if inputs is None else inputs.double()
    finite = True
    for k, each in enumerate(blocks):
        following = blocks[k + 1] if k + 1 < len(blocks) else None
        last = not any(other.linear for other in blocks[k + 1 :])
        bare = not every and _follows_at_once(each, following, gapped)
        if each.linear:
            read = _linear(each, before, reads, inputs, box)
            read.why = read.why or ("" if finite else INFINITE)
            signal = None if signal is None or read.why else _mapped(each, signal)
            if signal is not None and read.premise:
                read.on = (signal > 0).any(dim=0).numpy()
            signal = None if signal is None else signal.clamp(min=0)
            if not (last and not every) and not bare and not _is_normed(each, following, blocks[k + 2 : k + 3]):
                reads.append(read)
        elif before is None:
            if every:
                reads.append(_norm(each, batch_size))
        elif (every or not last) and not bare and _is_normed(before, each, blocks[k + 1 : k + 2]):
            norm = _norm(each, batch_size)
            norm.why = norm.why or ("" if finite else INFINITE)
            reads.append(norm)
        if not each.linear:
            signal = None
        finite &= all(part is None or bool(part.isfinite().all()) for part in (each.weight, each.bias))
        before = each
    if not reads:
        names = ", ".join(each.name or "weight" for each in blocks)
        raise DataError(f"Expected a layer with a ReLU after it; none is taken to stand after {names:.60}.", NAMED)
    return reads


def _mapped(each: StateBlock, x: Tensor) -> Tensor:
    with torch.no_grad():
        z = x @ each.weight.double().T
        return z if each.bias is None else z + each.bias.double()


def _linear(each: StateBlock, before: StateBlock | None, reads: list[Read], inputs: Tensor | None, box: Box) -> Read:
    read = Read(each.name, each.weight, each.bias, units=each.weight.shape[0])
    width = each.weight.shape[1]
    if before is None:
        if inputs is not None:
            from stability.dead_units.optimisers import array

            read.points = [array(inputs.to(each.weight.dtype))]
        else:
            read.box = box * width if len(box) == 1 else box
        return read
    source = reads[-1] if reads else None
    if source is None or source.name != before.name or source.units != width:
        read.why = "its inputs change while the layers before it are trained, and have no bounds"
        return read
    read.box, read.source = ((0.0, INF),) * width, source.name
    read.premise = f"its inputs are outputs of the ReLU of layer {source.name}, at least 0"
    return read


def _is_normed(each: StateBlock, following: StateBlock | None, after: Sequence[StateBlock]) -> bool:
    """Return whether the ReLU of a linear map stands behind the normalisation that follows it."""
    if following is None or following.linear or following.weight.shape[0] != each.weight.shape[0]:
        return False
    places = [_place(part.name) for part in (each, following, *after)]
    if len(places) == 3 and None not in places:
        first, middle, third = (place or ("", 0) for place in places)
        if first[0] == middle[0] == third[0] and middle[1] - first[1] > 1 and third[1] - middle[1] == 1:
            return False
    return True


def _require_sizes(blocks: Sequence[StateBlock]) -> None:
    """Refuse weights that are no gains of a normalisation, as the one weight of a PReLU for all units."""
    units = next((each.weight.shape[1] for each in blocks if each.linear), None)
    for each in blocks:
        if each.linear:
            units = each.weight.shape[0]
        elif units is not None and each.weight.shape[0] != units:
            raise DataError(
                f"Expected linear maps and normalisations; {each.name or 'the network'} has {each.weight.shape[0]} "
                f"weight{'s' * (each.weight.shape[0] != 1)} beside {units} units.",
                NAMED,
            )


def _gapped(blocks: Sequence[StateBlock]) -> set[str]:
    """Return the containers some numbers of which have no parameters, as those of a Sequential with ReLUs."""
    numbers: dict[str, list[int]] = {}
    for place in (_place(each.name) for each in blocks):
        if place is not None:
            numbers.setdefault(place[0], []).append(place[1])
    return {head for head, own in numbers.items() if max(own) - min(own) >= len(own)}


def _follows_at_once(each: StateBlock, following: StateBlock | None, gapped: set[str]) -> bool:
    """Return whether no ReLU has room between two blocks: as their numbers say, where those of others have gaps."""
    first, second = _place(each.name), None if following is None else _place(following.name)
    if first is None or second is None or first[0] != second[0] or first[0] not in gapped:
        return False
    return second[1] == first[1] + 1


def _place(name: str) -> tuple[str, int] | None:
    """Return the container of a module and its place there; None if its name is no number."""
    head, _, place = name.rpartition(".")
    return (head, int(place)) if place.isdecimal() else None


def _norm(each: StateBlock, batch_size: int | None) -> Read:
    read = Read(each.name, each.weight, each.bias, units=each.weight.shape[0])
    if each.batch and batch_size is None:
        read.why = "how many numbers its batch normalisation is over is not known: give --batch-size"
        return read
    values, what = _largest_norm(each, batch_size)
    bound = largest_score(values)
    read.box = ((-bound, bound),)
    read.premise = f"{what} bounds its input by {bound:.4g} in exact numbers; a ReLU follows it"
    return read


def _largest_norm(each: StateBlock, batch_size: int | None) -> tuple[int, str]:
    """Return over how many numbers a normalisation may be, and which: without running statistics several look alike."""
    units, examples = each.weight.shape[0], batch_size or 0
    if each.batch:
        return examples, f"batch normalisation over at most {examples} numbers"
    if batch_size is None:
        return units, f"layer or group normalisation over at most {units} numbers (of a batch: give --batch-size)"
    values = max(units, examples)
    return values, f"normalisation of a layer, a group or a batch over at most {values} numbers"
