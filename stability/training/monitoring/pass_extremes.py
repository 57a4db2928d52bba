"""The extremes of all layers of a pass that is like one before, each taken while the numbers of its layer are at hand.

They go to memory that is used again for the next passes, so that a pass costs little more than to look at its numbers.
"""

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

import torch

from stability.training.introspection.activations import TracedActivation, is_plain
from stability.training.introspection.kept_passes import KeptPass
from stability.training.monitoring.extra_numbers import entries_of_output, grid
from stability.training.monitoring.one_pass import REAL, Pointer, compiled, in_order, made, sizes_of
from stability.training.monitoring.pack import Extremes, Looked, Maker, makers_of

Tensor = torch.Tensor

TRAINED = attrgetter("requires_grad")

MOST = 4
"""How many of one network are kept to be used again: as many passes as are read as one, as a rule."""


class PassExtremes(KeptPass):
    """What a pass showed: its layers, in their order, with their extremes and without pre-activations.

    Parameters
    ----------
    seen : sequence of TracedActivation
        Of a pass like it, all with their extremes.
    vacant : list of PassExtremes
        Those of the same layers that are not in use.

    Attributes
    ----------
    names : frozenset of str
        Of the layers.
    examples : int
        How many all layers saw together.
    """

    def __init__(self, seen: Sequence[TracedActivation], vacant: "list[PassExtremes]") -> None:
        self._vacant, self._library = vacant, compiled()
        groups: dict[tuple[int, int], list[int]] = {}
        for place, each in enumerate(seen):
            size = 0 if each.ends is None else each.ends.numel()
            groups.setdefault((each.z.shape[each.axis], size), []).append(place)
        self._extremes: list[Extremes] = []
        rows: dict[int, Tensor] = {}
        for (units, size), places in groups.items():
            ends = torch.empty(len(places), size, **REAL)
            self._extremes.append(Extremes(places, units, ends))
            rows |= zip(places, ends, strict=True)
        super().__init__(replace(each, ends=rows[place]) for place, each in enumerate(seen))
        self.slots = [
            (each.z.shape, sizes_of(in_order(each.z.shape, each.axis) or ()), Pointer(rows[k].data_ptr()))
            for k, each in enumerate(seen)
        ]
        self.names, self.examples = frozenset(each.name for each in seen), sum(len(each.z) for each in seen)
        self._biases = [each.bias for each in seen if each.bias is not None]
        self.outputs, self.returned = torch.empty(0, 0, **REAL), torch.Size(())
        self._sources = [p for each in seen for p in (each.weight, each.bias) if p is not None]
        self._makers: list[Maker] = []
        self._trained: list[bool] | None = None

    def __reduce__(self) -> Any:
        return list, ([*self],)

    @classmethod
    def of(cls, seen: Sequence[TracedActivation]) -> "PassExtremes | None":
        """Return what passes like this one can be read with; None where layers are not reduced to their extremes."""
        fit = all(each.ends is not None and each.z.numel() and in_order(each.z.shape, each.axis) for each in seen)
        return cls(seen, [])._if_it_has_memory() if seen and fit and compiled() is not None else None

    def another(self) -> "PassExtremes | None":
        """Return one of the same layers that is not in use; None where there is no memory, as within torch.func."""
        try:
            return self._vacant.pop() if self._vacant else PassExtremes(self, self._vacant)._if_it_has_memory()
        except (RuntimeError, IndexError):
            return None

    def _if_it_has_memory(self) -> "PassExtremes | None":
        return self if all(target.value for _, _, target in self.slots) else None

    def release(self) -> None:
        """Say that nobody needs these numbers any more."""
        if len(self._vacant) < MOST:
            self._vacant.append(self)

    @property
    def is_there(self) -> bool:
        """Whether the weights and biases have memory of their own, which was not given back, as FSDP does."""
        try:
            return 0 not in [each.data_ptr() for each in self._sources]
        except RuntimeError:
            return False

    def take(self, place: int, z: Tensor) -> bool:
        """Take the extremes of what a layer got; return whether that was possible."""
        shape, sizes, target = self.slots[place]
        if z.shape != shape or not is_plain(z):
            return False
        start = z.data_ptr()
        return bool(start) and not self._library.extremes_of_one(Pointer(start), sizes, target)

    def looked(self, shown: Tensor | None) -> Looked:
        """Return it as the only pass of a step, with entries of what the network returned."""
        if not self.is_trained_alike():
            self._trained, self._makers = [bias.requires_grad for bias in self._biases], makers_of(self)
        entries, examples = (None, 0) if shown is None else (self._entries(shown), len(shown))
        return Looked(self._makers, self._extremes, None, True, 1, entries, (), examples)

    def is_trained_alike(self) -> bool:
        """Return whether the biases that are trained are those of the pass before that this was used for."""
        return [*map(TRAINED, self._biases)] == self._trained

    def again(self) -> Looked:
        """Return what `looked` did of the pass before, with the numbers of this one."""
        return Looked(self._makers, self._extremes, None, True, 1, self.outputs, (), self.returned[0])

    def _entries(self, output: Tensor) -> Tensor | None:
        """Return what `entries_of_output` does."""
        if not is_plain(output) or output.ndim != 2 or output.numel() < 2 or not output.data_ptr():
            return entries_of_output(output)
        self.returned = output.shape
        shape, steps = grid(*output.shape)
        if self.outputs.shape != shape:
            outputs, start = made(*shape)
            if not start:
                return entries_of_output(output)
            self.outputs = outputs
        self._library.grid(Pointer(output.data_ptr()), sizes_of(shape + steps), Pointer(self.outputs.data_ptr()))
        return self.outputs
