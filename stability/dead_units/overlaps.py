"""Parameters that share memory, so that an optimiser which changes one changes the other."""

from collections.abc import Iterable

import torch

from stability.dead_units.reads import Read

Tensor = torch.Tensor

SHARED = "its weight or its bias shares its memory with another parameter"
"""Why nothing is said of a layer."""


def overlapping(parameters: Iterable[Tensor]) -> set[int]:
    """Return the ids of the parameters whose memory another one may share; views may be taken for larger than they are.

    Examples
    --------
    >>> import torch
    >>> one = torch.nn.Parameter(torch.zeros(2, 3))
    >>> other, third = torch.nn.Parameter(one.data.T), torch.nn.Parameter(torch.zeros(2, 3))
    >>> overlapping([one, other, third]) == {id(one), id(other)}
    True
    """
    spans: dict[tuple[str, int], list[tuple[int, int, int]]] = {}
    for each in {id(p): p for p in parameters}.values():
        if each.layout == torch.strided and each.numel() and each.device.type != "meta":
            spans.setdefault((str(each.device), each.untyped_storage().data_ptr()), []).append(_span(each))
    found: set[int] = set()
    for own in spans.values():
        furthest, last = -1, 0
        for begin, end, name in sorted(own):
            if begin < furthest:
                found |= {name, last}
            if end > furthest:
                furthest, last = end, name
    return found


def aliased(buffers: Iterable[tuple[str, Tensor]], parameters: Iterable[Tensor]) -> list[str]:
    """Return the names of the buffers that may share their memory with a parameter that is trained."""
    trained = [p for p in parameters if p.requires_grad]
    named = list(buffers)
    found = overlapping([*trained, *(each for _, each in named)])
    return [name for name, each in named if id(each) in found and id(each) in overlapping([*trained, each])]


def leave_out_shared(layers: Iterable[Read], parameters: Iterable[Tensor]) -> None:
    """Say nothing of layers whose weight or bias may share its memory with another parameter."""
    shared = overlapping(parameters)
    for each in layers:
        if {id(each.weight), id(each.bias)} & shared:
            each.why = SHARED


def _span(tensor: Tensor) -> tuple[int, int, int]:
    """Return the first byte of a tensor in its storage, the one after its last, and its id."""
    steps = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
    begin = int(tensor.storage_offset()) * tensor.element_size()
    return begin, begin + (int(steps) + 1) * tensor.element_size(), id(tensor)
