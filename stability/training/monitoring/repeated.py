"""Readings of a network that is as it was at the reading before: their numbers are packed by one call."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor

from stability.errors import StabilityError
from stability.training.introspection.activations import are_plain
from stability.training.introspection.unit_rows import FIRST
from stability.training.monitoring.extra_numbers import Asked
from stability.training.monitoring.one_pass import COPY, LEAST, NORM, ROWS, Collected, Part
from stability.training.monitoring.pack import WHOLE, Early, Layout, Packed, measure
from stability.training.monitoring.same_step import SameStep, StepNumbers
from stability.training.monitoring.sources import sources
from stability.training.monitoring.unread import Left
from stability.training.monitoring.updates import Entries, entries, spaced, weights_of

MOST = 8
"""How many structures are remembered, the latest ones: with and without clipping, whole and last batches."""


def _settings(now: StepNumbers) -> tuple[Any, ...]:
    """Return all of the key but what is in `looked`, the names, and which parameters these are."""
    looked, entries = now.looked, now.entries
    return (
        tuple([p.shape for p in now.parameters]),
        tuple([p.requires_grad for p in now.parameters]),
        tuple([g is None for g in now.gradients]),
        isinstance(now.loss, Tensor),
        isinstance(now.scale, Tensor),
        now.before is None,
        looked.sizes is None,
        looked.aligned,
        None if looked.outputs is None else looked.outputs.shape,
        None if entries is None else (entries.ids, entries.sizes),
    )


def _key(now: StepNumbers) -> Any:
    """Return all on which the layout of a reading depends."""
    looked = now.looked
    return (
        tuple([(m.name, id(m.weight), id(m.bias), m.slope, m.rows) for m in looked.makers]),
        (*map(id, now.parameters),),
        tuple([(*each.places, each.units, each.ends.shape) for each in looked.extremes]),
        id(now.names),
        *_settings(now),
    )


class _Known(NamedTuple):
    """What is remembered of a structure: tensors and names are held, so that their ids stay theirs.

    Attributes
    ----------
    layout : Layout
    held : list
    collected : Collected
        Of the memory of what `tensors` returns.
    felt, turned : list of int
        At which places among the parameters those are whose gradients are read: by parameters in no group, and by
        weights that make units.
    own : list of tensor
        Biases and parameters that are read.
    entries : Entries or None
        Those of the weights, but for their values.
    moved : bool
        Whether entries of the weights before the step are read.
    counts : list of int
        How many numbers the loss, the scale and the gradients have.
    """

    layout: Layout
    held: list[Any]
    collected: Collected
    felt: list[int]
    turned: list[int]
    own: list[Tensor]
    entries: Entries | None
    moved: bool
    counts: list[int]

    def entries_in(self, numbers: Tensor) -> Entries | None:
        """Return the entries of the weights, which stand last among the numbers of a reading."""
        if self.entries is None or not self.moved:
            return None
        count = self.entries.within.numel() - self.entries.start
        return Entries(self.entries.ids, self.entries.sizes, numbers, numbers.numel() - count)

    def changing(self, now: StepNumbers) -> list[Tensor]:
        """Return the loss, the scale and the gradients that are read."""
        slopes = [now.gradients[k] for k in (*self.felt, *self.turned)]
        return [x for x in (now.loss, now.scale, *slopes) if isinstance(x, Tensor)]

    def tensors(self, now: StepNumbers, changing: list[Tensor]) -> list[Tensor]:
        """Return all tensors that are read; entries of the weights before the step are in the last."""
        looked, before = now.looked, now.entries if self.moved else None
        last = (looked.sizes, now.before, looked.outputs, None if before is None else before.within)
        ends = [each.ends for each in looked.extremes]
        return [*changing, *self.own, *ends, *(x for x in last if x is not None)]

    def same(self, now: StepNumbers) -> SameStep | None:
        """Return what packs the numbers of steps like one; None if other tensors than parameters are read."""
        if not {*map(id, self.own)} <= {*map(id, now.parameters)}:
            return None
        return SameStep(now, [*self.felt, *self.turned], self.own, self.moved, self.collected)

    def numbers(self, now: StepNumbers) -> Tensor | None:
        """Return the numbers of a reading; None where a tensor is not plain."""
        if len(now.gradients) < len(self.layout.order):
            return None
        changing = self.changing(now)
        if [x.numel() for x in changing] != self.counts:
            return None
        tensors = self.tensors(now, changing)
        places = [x.data_ptr() for x in tensors] if are_plain(tensors) else [0]
        if 0 in places:
            return None
        if self.moved and now.entries is not None:
            places[-1] += now.entries.start * tensors[-1].element_size()
        return self.collected(places)


class Repeated:
    """Measures as `measure` does; what is worked out of the structure of a network is kept for its next readings.

    How it is measured depends on what is measured alone, not on the readings before.
    """

    def __init__(self) -> None:
        self._known: dict[Any, _Known | None] = {}
        self._same: tuple[_Known, SameStep | None] | None = None

    def __reduce__(self) -> Any:
        return Repeated, ()

    def measure(
        self,
        given: StepNumbers,
        step: int,
        changed: Mapping[int, Early],
        unread: Left,
        asked: Asked,
    ) -> tuple[Packed | None, Entries | None]:
        """Return what `measure` does, which describes the arguments; and the entries of the weights at the reading."""
        rates = asked.plain_rates
        fit = not changed and not asked.quantities and None not in rates
        known, numbers = self._as_before(given) if fit else (None, None)
        if known is None or numbers is None:
            key = _key(given) if fit else None
            known = self._known.get(key)
            numbers = None if known is None else known.numbers(given)
        if known is None or numbers is None:
            own = entries(given.parameters)
            pack = _measured(given, step, changed, unread, asked._replace(now=own))
            if pack is None or not fit or key in self._known:
                return pack, own
            while len(self._known) >= MOST:
                del self._known[next(iter(self._known))]
            known = self._known[key] = _known(pack, given, own)
            numbers = None if known is None else known.numbers(given)
            if known is None or numbers is None:
                return pack, own
        if self._same is None or self._same[0] is not known:
            self._same = known, known.same(given)
        number = None if isinstance(given.loss, Tensor) else given.loss
        by = None if isinstance(given.scale, Tensor) else given.scale
        pack = Packed(step, known.layout, numbers, number, by, unread, given.looked.passes, rates)
        return pack, known.entries_in(numbers) or entries(given.parameters)

    def _as_before(self, given: StepNumbers) -> tuple[_Known | None, Tensor | None]:
        """Return what is known of the step before, and the numbers of this one, if it is like that."""
        if self._same is None:
            return None, None
        known, same = self._same
        numbers = None if same is None else same.numbers(given)
        if numbers is None:
            self._same = None
        return known, numbers


def _measured(given: StepNumbers, step: int, changed: Mapping[int, Early], unread: Left, asked: Asked) -> Packed | None:
    """Return what `measure` does.

    Raises
    ------
    StabilityError
        If there are no entries to read.
    """
    own = given.looked, given.parameters, step, given.loss, given.scale, given.before
    pack = measure(*own, changed, unread, given.names, asked)
    if pack is not None and pack.numbers.is_meta:
        raise StabilityError("they are on the device meta and have no entries", "Monitor the network where it is real.")
    return pack


def _known(pack: Packed, now: StepNumbers, own: Entries | None) -> _Known | None:
    """Return what to remember of a structure; None if its tensors are not plain, or small."""
    origin = sources(now.looked, now.parameters, {})
    weights = [w for group in origin.groups for w in group]
    biases = [m.bias for m in now.looked.makers if m.bias is not None]
    if any(origin.rows[id(w)] != FIRST for w in weights) or sum(w.numel() for w in origin.trained.values()) < LEAST:
        return None
    places = {id(p): k for k, p in enumerate(now.parameters)}
    if not places.keys() >= {*map(id, weights)} or any(g is not p.grad for p, g in origin.known):
        return None
    before = now.entries
    moved = [] if before is None or own is None or before.ids != own.ids else weights_of(now.parameters)
    felt, turned = ([places[id(p)] for p in each] for each in ([p for p, _ in origin.known], weights))
    mine = [*{id(p): p for p in (*biases, *origin.rest, *weights, *moved)}.values()]
    held = [*now.parameters, *biases, *origin.weights.values(), now.names]
    found = _Known(pack.layout, held, _NOTHING, felt, turned, mine, own, bool(moved), [])
    changing = found.changing(now)
    tensors = found.tensors(now, changing)
    at = {id(x): k for k, x in enumerate(tensors)}

    def part(x: Tensor, kind: int = COPY) -> Part:
        return Part(kind, at[id(x)], x.numel())

    given = len(changing) - len(felt) - len(turned)
    rest = [(p, p.numel()) for p in origin.rest] + [(g, p.numel()) for p, g in origin.known]
    ends, last = [each.ends for each in now.looked.extremes], [now.looked.sizes, now.before, now.looked.outputs]
    parts = [part(x) for x in (*changing[:given], *biases)]
    parts += [part(x, NORM if size > WHOLE else COPY) for x, size in rest]
    parts += [part(x) for x in ends]
    parts += [
        Part(ROWS, at[id(w)], rows, w.numel() // rows, given + len(felt) + k)
        for k, w in enumerate(weights)
        for rows in [len(w) if w.ndim > 1 else 1]
    ]
    parts += [part(x) for x in last if x is not None]
    if moved and before is not None:
        parts.append(Part(COPY, len(tensors) - 1, before.within.numel() - before.start))
    parts += [Part(COPY, at[id(w)], *spaced(w.numel(), w.shape[-1])) for w in moved]
    collected, counts = Collected(parts), [x.numel() for x in changing]
    return found._replace(collected=collected, counts=counts) if collected.total == pack.numbers.numel() else None


_NOTHING = Collected([Part(COPY, 0, 1)])
