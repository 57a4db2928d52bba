"""Readings of a network that is as it was at the reading before: their numbers are packed by one call."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor

from stability.errors import StabilityError
from stability.training.introspection.activations import are_plain, without_entries
from stability.training.introspection.unit_rows import FIRST
from stability.training.monitoring.extra_numbers import Asked
from stability.training.monitoring.one_pass import COPY, LEAST, NORM, ROWS, Collected, Part
from stability.training.monitoring.pack import WHOLE, Early, Layout, Packed, measure
from stability.training.monitoring.same_step import SameStep, StepNumbers, last_of, numbers_of, slopes_of, what_is_read
from stability.training.monitoring.sources import sources
from stability.training.monitoring.unread import Left
from stability.training.monitoring.updates import Entries, entries, spaced, weights_of

MOST = 8
"""How many structures are remembered, the latest ones: with and without clipping, whole and last batches."""


def _key(now: StepNumbers) -> Any:
    """Return all on which the layout of a reading depends."""
    looked = now.looked
    return (
        tuple([(m.name, id(m.weight), id(m.bias), m.slope, m.rows) for m in looked.makers]),
        (*map(id, now.parameters),),
        tuple([(*each.places, each.units, each.ends.shape) for each in looked.extremes]),
        id(now.names),
        tuple([(p.shape, p.requires_grad) for p in now.parameters]),
        what_is_read(now),
    )


class Repetition(NamedTuple):
    """What is remembered of a structure: tensors and names are held, so that their ids stay theirs.

    Attributes
    ----------
    layout : Layout
    held : list
    collected : Collected
        Of the memory of all that is read; see `SameStep`.
    felt, turned : list of int
        At which places among the parameters those are whose gradients are read: by parameters in no group, and by
        weights that make units.
    own : list of tensor
        Biases and parameters that are read.
    entries : Entries or None
        Those of the weights, but for their values.
    moved : bool
        Whether entries of the weights before the step are read.
    """

    layout: Layout
    held: list[Any]
    collected: Collected
    felt: list[int]
    turned: list[int]
    own: list[Tensor]
    entries: Entries | None
    moved: bool

    def entries_in(self, numbers: Tensor) -> Entries | None:
        """Return the entries of the weights, which stand last among the numbers of a reading."""
        if self.entries is None or not self.moved:
            return None
        count = self.entries.within.numel() - self.entries.start
        return Entries(self.entries.ids, self.entries.sizes, numbers, numbers.numel() - count)

    def same(self, now: StepNumbers) -> SameStep | None:
        """Return what packs the numbers of a step and of those like it; None where a tensor is not plain."""
        if len(now.gradients) < len(self.layout.order):
            return None
        if not are_plain([*self.own, *(each.ends for each in now.looked.extremes)]):
            return None
        return SameStep(now, [*self.felt, *self.turned], self.own, self.moved, self.collected)


class Repeated:
    """Measures as `measure` does; what is worked out of the structure of a network is kept for its next readings.

    How it is measured depends on what is measured alone, not on the readings before.
    """

    def __init__(self) -> None:
        self._known: dict[Any, Repetition | None] = {}
        self.latest: tuple[Repetition, SameStep] | None = None

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
        known, numbers = self._latest_again(given) if fit else (None, None)
        if known is None or numbers is None:
            key = _key(given) if fit else None
            known, numbers = self._packed(self._known.get(key), given)
        if known is None or numbers is None:
            own = entries(given.parameters)
            pack = _measured(given, step, changed, unread, asked._replace(now=own))
            if pack is None or not fit or key in self._known:
                return pack, own
            while len(self._known) >= MOST:
                del self._known[next(iter(self._known))]
            self._known[key] = _known(pack, given, own)
            known, numbers = self._packed(self._known[key], given)
            if known is None or numbers is None:
                return pack, own
        number = None if isinstance(given.loss, Tensor) else given.loss
        by = None if isinstance(given.scale, Tensor) else given.scale
        pack = Packed(step, known.layout, numbers, number, by, unread, given.looked.passes, rates)
        return pack, known.entries_in(numbers) or entries(given.parameters)

    def _latest_again(self, given: StepNumbers) -> tuple[Repetition | None, Tensor | None]:
        """Return what is known of the step before, and the numbers of this one, if it is like that."""
        if self.latest is None:
            return None, None
        known, same = self.latest
        return known, same.numbers(given)

    def _packed(self, known: Repetition | None, given: StepNumbers) -> tuple[Repetition | None, Tensor | None]:
        """Return what is known of a step, and its numbers, if they can be packed by it; steps like it come next."""
        same = None if known is None else known.same(given)
        numbers = None if same is None else same.numbers(given)
        self.latest = None if known is None or same is None or numbers is None else (known, same)
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
    reason = "" if pack is None else without_entries(pack.numbers)
    if pack is not None and pack.numbers.is_meta:
        raise StabilityError("they are on the device meta and have no entries", "Monitor the network where it is real.")
    if reason:
        raise StabilityError(f"of a gradient, {reason}", "Give the network plain tensors, or convert its gradients.")
    return pack


def _known(pack: Packed, now: StepNumbers, own: Entries | None) -> Repetition | None:
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
    moved = [] if before is None or own is None or not before.are_like(own) else weights_of(now.parameters)
    felt, turned = ([places[id(p)] for p in each] for each in ([p for p, _ in origin.known], weights))
    mine = [*{id(p): p for p in (*biases, *origin.rest, *weights, *moved)}.values()]
    held = [*now.parameters, *biases, *origin.weights.values(), now.names]
    ends, first, last = [each.ends for each in now.looked.extremes], numbers_of(now), last_of(now, bool(moved))
    tensors = [*first, *slopes_of(now, [*felt, *turned]), *mine, *ends, *last]
    at = {id(x): k for k, x in enumerate(tensors)}

    def part(x: Tensor, kind: int = COPY) -> Part:
        return Part(kind, at[id(x)], x.numel())

    rest = [(p, p.numel()) for p in origin.rest] + [(g, p.numel()) for p, g in origin.known]
    parts = [part(x) for x in (*first, *biases)]
    parts += [part(x, NORM if size > WHOLE else COPY) for x, size in rest]
    parts += [part(x) for x in ends]
    parts += [
        Part(ROWS, at[id(w)], rows, w.numel() // rows, len(first) + len(felt) + k)
        for k, w in enumerate(weights)
        for rows in [len(w) if w.ndim > 1 else 1]
    ]
    parts += [part(x) for x in (last[:-1] if moved else last)]
    if moved and before is not None:
        parts.append(Part(COPY, len(tensors) - 1, before.within.numel() - before.start))
    parts += [Part(COPY, at[id(w)], *spaced(w.numel(), w.shape[-1])) for w in moved]
    collected = Collected(parts)
    if collected.total != pack.numbers.numel():
        return None
    return Repetition(pack.layout, held, collected, felt, turned, mine, own, bool(moved))
