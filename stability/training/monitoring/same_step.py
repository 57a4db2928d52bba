"""A step of which all is as at the one before, but for the numbers: these are packed on a short path.

The same numbers as on the long one, to the last bit: it is chosen by what there is to read alone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from torch import Tensor

from stability.training.introspection.activations import are_plain
from stability.training.monitoring.pack import Extremes, Looked, Maker
from stability.training.monitoring.updates import Entries


class StepNumbers(NamedTuple):
    """What a reading is made of, of one step; see `measure`. Gradients are None where a parameter has none.

    Attributes
    ----------
    entries : Entries or None
        Of the weights, before the step that came before.
    """

    looked: Looked
    parameters: Sequence[Tensor]
    gradients: Sequence[Tensor | None]
    loss: Tensor | float | None
    scale: Tensor | float | None
    before: Tensor | None
    names: Mapping[int, str]
    entries: Entries | None


class SameStep:
    """What is the same at the next step, as a rule.

    Parameters
    ----------
    given : StepNumbers
        Of a step whose numbers were packed by `collected`.
    read : list of int
        The places among the parameters of those whose gradients are read, in their order.
    own : list of tensor
        Parameters that are read, all of them plain, as the extremes are.
    moved : bool
        Whether the entries are read.
    collected : callable
        Gets pointers to all that is read: the loss, the scale, gradients, parameters, extremes, sizes, the norm before
        clipping, outputs and entries.
    """

    def __init__(
        self,
        given: StepNumbers,
        read: list[int],
        own: Sequence[Tensor],
        moved: bool,
        collected: Callable[[Sequence[int]], Tensor | None],
    ) -> None:
        looked = given.looked
        self._makers: Sequence[Maker] = looked.makers
        self.extremes: Sequence[Extremes] = looked.extremes
        self.parameters, self._names = given.parameters, given.names
        self.read, self._moved, self.collected = read, moved, collected
        inside = {*map(id, given.parameters)}
        self.outside = [x for x in own if id(x) not in inside]
        self._what, self._memory = what_is_read(given), self._memory_of(given)
        self.fixed = [x.data_ptr() for x in (*own, *(each.ends for each in looked.extremes))]
        self._slopes = [given.parameters[k].numel() for k in read]

    def numbers(self, given: StepNumbers) -> Tensor | None:
        """Return the numbers of a step; None where it may be another."""
        looked = given.looked
        if not (
            given.parameters is self.parameters
            and looked.makers is self._makers
            and looked.extremes is self.extremes
            and given.names is self._names
            and what_is_read(given) == self._what
            and self._memory_of(given) == self._memory
        ):
            return None
        first, slopes, last = numbers_of(given), slopes_of(given, self.read), last_of(given, self._moved)
        if not are_plain([*first, *slopes, *last]) or [x.numel() for x in slopes] != self._slopes:
            return None
        places = [x.data_ptr() for x in first + slopes]
        places += self.fixed
        places += [x.data_ptr() for x in last]
        if 0 in places:
            return None
        if self._moved and given.entries is not None:
            places[-1] += given.entries.start * last[-1].element_size()
        return self.collected(places)

    def _memory_of(self, given: StepNumbers) -> list[tuple[object, ...]]:
        """Return what parameters are, and where they stand: as long as it is the same, they are plain if they were."""
        read = [*given.parameters, *self.outside] if self.outside else given.parameters
        return [(p.shape, p.requires_grad, p.dtype, p.data_ptr(), p.is_contiguous()) for p in read]


def numbers_of(given: StepNumbers) -> list[Tensor]:
    """Return the loss and the scale, as far as they are tensors: what is read first."""
    return [x for x in (given.loss, given.scale) if isinstance(x, Tensor)]


def slopes_of(given: StepNumbers, read: Sequence[int]) -> list[Tensor]:
    """Return the gradients that are read."""
    return [slope for k in read if (slope := given.gradients[k]) is not None]


def last_of(given: StepNumbers, moved: bool) -> list[Tensor]:
    """Return what is read last: sizes, the norm before clipping, outputs, and what ends with entries of the weights."""
    looked, entries = given.looked, given.entries if moved else None
    last = (looked.sizes, given.before, looked.outputs, None if entries is None else entries.within)
    return [x for x in last if x is not None]


def what_is_read(given: StepNumbers) -> tuple[object, ...]:
    """Return what there is to read, beside parameters."""
    looked, loss, scale, entries = given.looked, given.loss, given.scale, given.entries
    return (
        tuple([g is None for g in given.gradients]),
        loss.numel() if isinstance(loss, Tensor) else None,
        scale.numel() if isinstance(scale, Tensor) else None,
        given.before is None,
        looked.sizes is None,
        looked.aligned,
        None if looked.outputs is None else looked.outputs.shape,
        None if entries is None else (entries.ids, entries.sizes),
    )
