"""Readings of a network that is as it was at the reading before: their numbers are packed by one call."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from torch import Tensor

from stability.training.introspection.activations import is_plain
from stability.training.introspection.unit_rows import FIRST
from stability.training.monitoring.extra_numbers import Asked
from stability.training.monitoring.one_pass import COPY, LEAST, NORM, ROWS, Collected, Part
from stability.training.monitoring.pack import WHOLE, Early, Extremes, Layout, Looked, Maker, Packed, measure
from stability.training.monitoring.sources import sources
from stability.training.monitoring.unread import Left
from stability.training.monitoring.updates import Entries, entries, spaced, weights_of

MOST = 8
"""How many structures are remembered, the latest ones: with and without clipping, whole and last batches."""


class _Step(NamedTuple):
    """What is measured; see `measure`. The gradients are those of the parameters, None where there is none."""

    looked: Looked
    parameters: Sequence[Tensor]
    loss: Tensor | float | None
    scale: Tensor | float | None
    before: Tensor | None
    names: Mapping[int, str]
    asked: Asked
    gradients: Sequence[Tensor | None]

    @property
    def settings(self) -> tuple[Any, ...]:
        """All of the key but what is in `looked`, the names, and which parameters these are."""
        looked, asked = self.looked, self.asked
        return (
            [p.shape for p in self.parameters],
            [p.requires_grad for p in self.parameters],
            [g is None for g in self.gradients],
            isinstance(self.loss, Tensor),
            isinstance(self.scale, Tensor),
            self.before is None,
            looked.sizes is None,
            looked.aligned,
            None if looked.outputs is None else looked.outputs.shape,
            None if asked.before is None else (asked.before.ids, asked.before.sizes),
        )

    def key(self, settings: tuple[Any, ...]) -> Any:
        """Return all on which the layout of a reading depends."""
        looked = self.looked
        return (
            tuple([(m.name, id(m.weight), id(m.bias), m.slope, m.rows) for m in looked.makers]),
            (*map(id, self.parameters),),
            tuple([(*each.places, each.units, each.ends.shape) for each in looked.extremes]),
            id(self.names),
            *(tuple(each) if isinstance(each, list) else each for each in settings),
        )


class _Latest(NamedTuple):
    """The structure of the reading before, by what is the same object as long as nothing changes."""

    known: "_Known"
    makers: Sequence[Maker]
    extremes: Sequence[Extremes]
    parameters: Sequence[Tensor]
    names: Mapping[int, str]
    settings: tuple[Any, ...]

    def fits(self, now: _Step, settings: tuple[Any, ...]) -> bool:
        """Return whether a step, with its settings, has this structure for sure."""
        looked = now.looked
        return (
            looked.makers is self.makers
            and looked.extremes is self.extremes
            and now.parameters is self.parameters
            and now.names is self.names
            and settings == self.settings
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

    def changing(self, now: _Step) -> list[Tensor]:
        """Return the loss, the scale and the gradients that are read."""
        slopes = [now.gradients[k] for k in (*self.felt, *self.turned)]
        return [x for x in (now.loss, now.scale, *slopes) if isinstance(x, Tensor)]

    def tensors(self, now: _Step, changing: list[Tensor]) -> list[Tensor]:
        """Return all tensors that are read; entries of the weights before the step are in the last."""
        looked, before = now.looked, now.asked.before if self.moved else None
        last = (looked.sizes, now.before, looked.outputs, None if before is None else before.within)
        ends = [each.ends for each in looked.extremes]
        return [*changing, *self.own, *ends, *(x for x in last if x is not None)]

    def numbers(self, now: _Step) -> Tensor | None:
        """Return the numbers of a reading; None where a tensor is not plain."""
        if len(now.gradients) < len(self.layout.order):
            return None
        changing = self.changing(now)
        if [x.numel() for x in changing] != self.counts:
            return None
        tensors = self.tensors(now, changing)
        places = [x.data_ptr() for x in tensors] if all(map(is_plain, tensors)) else [0]
        if 0 in places:
            return None
        if self.moved and now.asked.before is not None:
            places[-1] += now.asked.before.start * tensors[-1].element_size()
        return self.collected(places)


class Repeated:
    """Measures as `measure` does; what is worked out of the structure of a network is kept for its next readings.

    Which of them measures depends on what is measured alone, not on the readings before.
    """

    def __init__(self) -> None:
        self._known: dict[Any, _Known | None] = {}
        self._latest: _Latest | None = None

    def __reduce__(self) -> Any:
        return Repeated, ()

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
        now = _Step(looked, parameters, loss, scale, before, names, asked, [p.grad for p in parameters])
        fit = not changed and not asked.quantities and None not in rates
        known, key = self._find(now) if fit else (None, None)
        numbers = None if known is None else known.numbers(now)
        if known is None or numbers is None:
            own, self._latest = entries(parameters), None
            asked = asked._replace(now=own)
            pack = measure(looked, parameters, step, loss, scale, before, changed, unread, names, asked)
            if pack is None or not fit or key is None or key in self._known:
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

    def _find(self, now: _Step) -> tuple[_Known | None, Any]:
        """Return what is known of a structure, and its key; no key if it is that of the reading before."""
        settings = now.settings
        if self._latest is not None and self._latest.fits(now, settings):
            return self._latest.known, None
        key = now.key(settings)
        known = self._known.get(key)
        if known is not None:
            self._latest = _Latest(known, now.looked.makers, now.looked.extremes, now.parameters, now.names, settings)
        return known, key


def _known(pack: Packed, now: _Step, own: Entries | None) -> _Known | None:
    """Return what to remember of a structure; None if its tensors are not plain, or small."""
    origin = sources(now.looked, now.parameters, {})
    weights = [w for group in origin.groups for w in group]
    biases = [m.bias for m in now.looked.makers if m.bias is not None]
    if any(origin.rows[id(w)] != FIRST for w in weights) or sum(w.numel() for w in origin.trained.values()) < LEAST:
        return None
    places = {id(p): k for k, p in enumerate(now.parameters)}
    if not places.keys() >= {*map(id, weights)} or any(g is not p.grad for p, g in origin.known):
        return None
    before = now.asked.before
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
