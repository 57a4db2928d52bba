"""Readings of a network that is as it was at the reading before: their numbers are packed by one call."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import torch

from stability.training.introspection.unit_rows import FIRST
from stability.training.monitoring.extra_numbers import Asked
from stability.training.monitoring.one_pass import COPY, LEAST, NORM, ROWS, Collected, is_plain
from stability.training.monitoring.pack import Early, Layout, Looked, Packed, measure
from stability.training.monitoring.row_norms import SMALL
from stability.training.monitoring.sources import sources
from stability.training.monitoring.unread import Left
from stability.training.monitoring.updates import Entries, entries, spaced, weights_of

Tensor = torch.Tensor

MOST = 8
"""How many structures are remembered, the latest ones: with and without clipping, whole and last batches."""


class _Step(NamedTuple):
    """What is measured; see `measure`."""

    looked: Looked
    parameters: Sequence[Tensor]
    loss: Tensor | float | None
    scale: Tensor | float | None
    before: Tensor | None
    names: Mapping[int, str]
    asked: Asked

    @property
    def key(self) -> Any:
        """All on which the layout of a reading depends."""
        looked, asked = self.looked, self.asked
        return (
            tuple([(m.name, id(m.weight), id(m.bias), m.slope, m.rows) for m in looked.makers]),
            tuple([(id(p), p.shape, p.requires_grad, p.grad is None) for p in self.parameters]),
            tuple([(*each.places, each.units, each.ends.shape) for each in looked.extremes]),
            id(self.names),
            isinstance(self.loss, Tensor),
            isinstance(self.scale, Tensor),
            self.before is None,
            looked.sizes is None,
            looked.aligned,
            None if looked.outputs is None else looked.outputs.shape,
            None if asked.before is None else (asked.before.ids, asked.before.sizes),
        )


class _Known(NamedTuple):
    """What is remembered of a structure: tensors and names are held, so that their ids stay theirs."""

    layout: Layout
    held: list[Any]
    collected: Collected
    biases: list[Tensor]
    rest: list[Tensor]
    felt: list[Tensor]
    weights: list[Tensor]
    entries: Entries | None
    moved: list[Tensor]
    counts: list[int]

    def copies(self, now: _Step) -> tuple[list[Tensor], list[Tensor]]:
        """Return the tensors before and behind the weights, in their order, but for the entries of weights."""
        first = [x for x in (now.loss, now.scale) if isinstance(x, Tensor)] + self.biases + self.rest
        first += [g for p in self.felt if (g := p.grad) is not None] + [each.ends for each in now.looked.extremes]
        last = [x for x in (now.looked.sizes, now.before, now.looked.outputs) if x is not None]
        if self.moved and now.asked.before is not None:
            last.append(now.asked.before.values)
        return first, last

    def entries_in(self, numbers: Tensor) -> Entries | None:
        """Return the entries of the weights, which stand last among the numbers of a reading."""
        if self.entries is None or not self.moved:
            return None
        return self.entries._replace(values=numbers[-self.entries.values.numel() :])

    def numbers(self, now: _Step) -> Tensor | None:
        """Return the numbers of a reading; None where a tensor is not plain."""
        (first, last), weights = self.copies(now), self.weights
        slopes = [g for w in weights if (g := w.grad) is not None]
        tensors = [*first, *weights, *last, *self.moved, *slopes]
        if [x.numel() for x in tensors] != self.counts or not all(map(is_plain, tensors)):
            return None
        places = [x.data_ptr() for x in tensors]
        if 0 in places:
            return None
        count = len(places) - len(slopes)
        return self.collected(
            places[:count], [*[0] * len(first), *places[count:], *[0] * (count - len(first) - len(slopes))]
        )


class Repeated:
    """Measures as `measure` does; what is worked out of the structure of a network is kept for its next readings.

    Which of them measures depends on what is measured alone, not on the readings before.
    """

    def __init__(self) -> None:
        self._known: dict[Any, _Known | None] = {}

    def __reduce__(self) -> Any:
        return Repeated, ()

    @torch.no_grad()
    def measure(
        self,
        looked: Looked,
        parameters: Sequence[Tensor],
        step: int,
        loss: Tensor | float | None,
        scale: Tensor | float | None,
        before: Tensor | None,
        changed: Mapping[int, Early],
        unread: Left,
        names: Mapping[int, str],
        asked: Asked,
    ) -> tuple[Packed | None, Entries | None]:
        """Return what `measure` does, which describes the arguments; and the entries of the weights at the reading."""
        rates = asked.plain_rates
        now = _Step(looked, parameters, loss, scale, before, names, asked)
        fit = not changed and not asked.quantities and None not in rates
        key = now.key if fit else None
        known = self._known.get(key)
        numbers = None if known is None else known.numbers(now)
        if known is None or numbers is None:
            own = entries(parameters)
            asked = replace(asked, now=own)
            pack = measure(looked, parameters, step, loss, scale, before, changed, unread, names, asked)
            if pack is None or not fit or key in self._known:
                return pack, own
            while len(self._known) >= MOST:
                del self._known[next(iter(self._known))]
            known = self._known[key] = _known(pack, now, own)
            numbers = None if known is None else known.numbers(now)
            if known is None or numbers is None:
                return pack, own
        number, by = (None if isinstance(x, Tensor) else x for x in (loss, scale))
        pack = Packed(step, known.layout, numbers, number, by, unread, looked.passes, rates)
        return pack, known.entries_in(numbers) or entries(parameters)


def _known(pack: Packed, now: _Step, own: Entries | None) -> _Known | None:
    """Return what to remember of a structure; None if its tensors are not plain, or small."""
    origin = sources(now.looked, now.parameters, {})
    weights = [w for group in origin.groups for w in group]
    biases = [m.bias for m in now.looked.makers if m.bias is not None]
    if any(origin.rows[id(w)] != FIRST for w in weights) or sum(w.numel() for w in origin.trained.values()) < LEAST:
        return None
    held = [*now.parameters, *biases, *origin.weights.values(), now.names]
    before = now.asked.before
    moved = [] if before is None or own is None or before.ids != own.ids else weights_of(now.parameters)
    felt = [p for p, _ in origin.known]
    found = _Known(pack.layout, held, Collected([(COPY, 1, 1)]), biases, origin.rest, felt, weights, own, moved, [])
    first, last = found.copies(now)
    large = {id(x) for p in origin.rest for x in (p, p.grad) if x is not None and p.numel() > SMALL}
    sizes = [(NORM if id(x) in large else COPY, x.numel(), 1) for x in first]
    sizes += [(ROWS, rows, w.numel() // rows) for w in weights for rows in [len(w) if w.ndim > 1 else 1]]
    sizes += [(COPY, x.numel(), 1) for x in last]
    collected = Collected(sizes + [(COPY, *spaced(w.numel(), w.shape[-1])) for w in moved])
    counts = [x.numel() for x in (*first, *weights, *last, *moved, *weights)]
    return found._replace(collected=collected, counts=counts) if collected.total == pack.numbers.numel() else None
