"""The forward passes since the last step, and what is kept of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from functools import reduce
from itertools import islice
from typing import Any, NamedTuple

import torch

from stability.errors import UnknownNameError
from stability.training.introspection.activations import TracedActivation, is_plain, unreadable
from stability.training.monitoring.extra_numbers import EXAMPLES, entries_of_output
from stability.training.monitoring.layer_outputs import LayerOutputs
from stability.training.monitoring.pack import Extremes, Looked, Maker, look
from stability.training.monitoring.pass_extremes import PassExtremes
from stability.training.monitoring.standard_quantities import Moments, added

Tensor = torch.Tensor

MOST = 2**22
"""Of how many examples, by layer, numbers are kept; after that passes count anew."""


FIRST = 8
"""So many tensors that a network returns are where a backward pass may begin."""

SHOWN = 8
"""Of so many passes of a step entries of what the network returned are kept."""


class Passes:
    """The forward passes of one step of training; of the batches only extremes are kept.

    Parameters
    ----------
    which : str
        "all", or only the "last".
    quantities : frozenset of str
        What is measured on request; see `standard_quantities`.
    outputs : LayerOutputs
        What layers return, which is forgotten with the passes.

    Raises
    ------
    UnknownNameError
        If it is neither.

    Attributes
    ----------
    empty : set of str
        The layers that got no example in any of them.
    """

    def __init__(self, which: str, quantities: frozenset[str], outputs: LayerOutputs) -> None:
        if which not in ("all", "last"):
            raise UnknownNameError(f"Expected passes to be 'all' or 'last'; got {which!r}.", "Try 'all'.")
        self._which, self._quantities, self.outputs = which, quantities, outputs
        self._kept: list[PassExtremes] = []
        self._forget()

    def clear(self) -> None:
        """Forget them."""
        if self._looked or self._full or self.empty:
            self._forget()
        self.outputs.clear()

    def _forget(self) -> None:
        self._give_back()
        self.empty: set[str] = set()
        self._looked: list[Looked] = []
        self._full: set[str] = set()
        self._examples = 0

    def _give_back(self) -> None:
        for each in self._kept:
            each.release()
        self._kept = []

    def ranks(self) -> dict[str, Tensor]:
        """Return the ranks of layers that are no ReLUs; see `LayerOutputs.ranks`."""
        return self.outputs.ranks()

    def __bool__(self) -> bool:
        return bool(self._looked)

    def add(self, seen: Sequence[TracedActivation], given: Tensor | None, returned: Any, sized: bool = True) -> None:
        """Add what was seen in a pass, with what the first affine map got and the network returned.

        Parameters
        ----------
        seen : sequence of TracedActivation
        given : tensor or None
        returned : any
        sized : bool
            Whether the sizes of these two are wanted.
        """
        if self._which == "last":
            self._forget()
        self.outputs.end_pass(alone=self._which == "last")
        shown = _shown(returned) if len(self._looked) < SHOWN else None
        if isinstance(seen, PassExtremes):
            self._count(seen.names, frozenset(), seen.examples)
            self._kept.append(seen)
            looked = seen.looked(shown)
        else:
            entries, count = (None, 0) if shown is None else (entries_of_output(shown), len(shown))
            full = [each for each in seen if each.z.numel()]
            empty = {each.name for each in seen if not each.z.numel()}
            self._count({each.name for each in full}, empty, sum(len(each.z) for each in full))
            looked = look(full, None, entries, self._quantities, count)
        self._looked.append(looked._replace(sizes=_sizes(given, returned)) if sized else looked)

    def hold(self, seen: PassExtremes) -> None:
        """Add a pass of which all is kept already."""
        self._count(seen.names, frozenset(), seen.examples)
        self._kept.append(seen)
        self._looked.append(seen.again())

    @property
    def only(self) -> PassExtremes | None:
        """What the only pass is kept in, with what the network returned; None if there are others, or more is kept."""
        if not len(self._looked) == len(self._kept) == 1:
            return None
        looked, kept = self._looked[0], self._kept[0]
        return kept if looked.sizes is None and looked.outputs is kept.outputs else None

    def let_go(self, kept: PassExtremes) -> None:
        """Do not use again what a pass is kept in."""
        self._kept = [each for each in self._kept if each is not kept]

    def _count(self, full: Set[str], empty: Set[str], examples: int) -> None:
        """Count a pass, with the layers that got examples in it, and those that got none."""
        self._full |= full
        if empty or self.empty:
            self.empty = (self.empty | empty) - self._full
        if self._examples + examples > MOST:
            self._give_back()
            self._looked, self._examples = [], 0
        self._examples += examples

    def whole(self) -> Looked:
        """Return all passes as one; keep them as that."""
        if len(self._looked) == len(self._kept) == 1 and self._kept[0].is_there:
            return self._looked[0]
        if len(self._looked) > 1:
            self._looked = [merged(self._looked)]
        return _that_are_there(self._looked[0]) if self._looked else Looked([], [])


def _that_are_there(looked: Looked) -> Looked:
    """Return what was looked at without weights and biases whose memory was given back since, as FSDP does."""
    gone = [_is_gone(each.weight) or _is_gone(each.bias) for each in looked.makers]
    if not any(gone):
        return looked
    makers = zip(looked.makers, gone, strict=True)
    return looked._replace(makers=[m._replace(weight=None, bias=None) if lost else m for m, lost in makers])


def _is_gone(tensor: Tensor | None) -> bool:
    if tensor is None or tensor.layout != torch.strided:
        return False
    return bool(tensor.numel()) and not tensor.untyped_storage().nbytes()


@torch.no_grad()
def _sizes(given: Tensor | None, returned: Any) -> Tensor | None:
    """Return the largest absolute value of what goes in, and of what comes out; -1 if there is none."""
    ends = [given, next(tensors_of(returned), None)]
    sizes = [_largest(each) for each in ends if each is not None and each.numel() and not unreadable(each)]
    if len(sizes) == len(ends):
        return torch.stack([each.to(sizes[0].device) for each in sizes])
    return torch.stack([sizes[0], -torch.ones_like(sizes[0])]) if sizes and given is not None else None


def _shown(outputs: Any) -> Tensor | None:
    """Return the first tensor with examples in what a network returns."""
    if type(outputs) is torch.Tensor and outputs.ndim and is_plain(outputs):
        return outputs
    return next((each for each in tensors_of(outputs) if not unreadable(each)), None)


def _largest(tensor: Tensor) -> Tensor:
    low, high = tensor.detach().aminmax()
    return torch.maximum(-low, high).float()


def first_tensors(returned: Any) -> Iterable[Tensor]:
    """Return the first tensors of floating-point numbers in what a network returns."""
    if type(returned) is torch.Tensor and returned.is_floating_point():
        return (returned,)
    return islice(tensors_of(returned), FIRST)


def tensors_of(value: Any, depth: int = 3) -> Iterator[Tensor]:
    """Yield the tensors of floating-point numbers in what a network returns."""
    if isinstance(value, torch.Tensor):
        if value.is_floating_point():
            yield value
    elif depth:
        parts: Any = ()
        if isinstance(value, Mapping):
            parts = value.values()
        elif isinstance(value, tuple | list):
            parts = value
        elif is_dataclass(value):
            parts = [getattr(value, field.name) for field in fields(value)]
        for part in parts:
            yield from tensors_of(part, depth - 1)


def merged(passes: Sequence[Looked]) -> Looked:
    """Return several forward passes as one on all their examples: a unit is dead if no pass saw it alive."""
    if len(passes) == 1:
        return passes[0]
    found: dict[tuple[str, int], _Layer] = {}
    for k, each in enumerate(passes):
        rows = {place: (row, group.units) for group in each.extremes for place, row in _rows(group)}
        for place, maker in enumerate(each.makers):
            row, count = rows[place]
            layer = found.setdefault((maker.name, count), _Layer(maker, count, [], [], []))
            if layer.maker.weight is not maker.weight:
                layer = found[maker.name, count] = layer._replace(maker=layer.maker._replace(weight=None))
            layer.ends.append(row)
            layer.moments.append(each.moments[place] if each.moments else None)
            layer.passes.append((k, len(row) - 2 * count))
    wholes = [each.whole() for each in found.values()]
    units = [each.units for each in found.values()]
    places: dict[tuple[object, ...], list[int]] = {}
    for k, ends in enumerate(wholes):
        places.setdefault((units[k], ends.shape, ends.dtype, ends.device), []).append(k)
    sizes = [each.sizes for each in passes if each.sizes is not None]
    return Looked(
        [each.maker for each in found.values()],
        [Extremes(own, units[own[0]], torch.stack([wholes[k] for k in own])) for own in places.values()],
        torch.stack([each.to(sizes[0].device) for each in sizes]).amax(0) if sizes else None,
        len({tuple(each.passes) for each in found.values() if each.maker.slope == 0}) < 2,
        sum(each.passes for each in passes),
        _outputs([each.outputs for each in passes]),
        [reduce(added, each.moments) for each in found.values()] if any(each.moments for each in passes) else (),
        passes[0].examples,
    )


def _outputs(parts: Sequence[Tensor | None]) -> Tensor | None:
    """Return the entries of outputs of several passes as those of one: of all that have as many as the first."""
    first = parts[0]
    if first is None:
        return None
    alike = [
        p
        for p in parts
        if p is not None and (p.shape[1:], p.device, p.dtype) == (first.shape[1:], first.device, first.dtype)
    ]
    return torch.cat(alike)[: SHOWN * EXAMPLES]


class _Layer(NamedTuple):
    """A layer in several passes: its extremes, in which passes it saw how many examples, and its moments."""

    maker: Maker
    units: int
    ends: list[Tensor]
    passes: list[tuple[int, int]]
    moments: list[Moments | None]

    def whole(self) -> Tensor:
        kind = self.ends[-1]
        parts = [each.to(kind.device, torch.promote_types(each.dtype, kind.dtype)) for each in self.ends]
        u = self.units
        tops = torch.stack([each[:u] for each in parts]).amax(0)
        bottoms = torch.stack([each[u : 2 * u] for each in parts]).amin(0)
        return torch.cat([tops, bottoms, *(each[2 * u :] for each in parts)])


def _rows(group: Extremes) -> Iterator[tuple[int, Tensor]]:
    return zip(group.places, group.ends, strict=True)
