"""What of a reading needs no ReLU, or is measured on request only: packed behind the other numbers, and unpacked."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import isfinite, nan
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from stability.training.monitoring.packed_rows import PackedRows
from stability.training.monitoring.quick_sums import squares_of_moves
from stability.training.monitoring.row_norms import Floats
from stability.training.monitoring.standard_quantities import NUMBERS, fields_of, noise_parts, noise_scale, numbers_of
from stability.training.monitoring.updates import Entries, Ratios, ratios, ratios_of

if TYPE_CHECKING:
    from stability.training.monitoring.pack import Looked

Tensor = torch.Tensor

EXAMPLES, ENTRIES = 64, 8
"""Up to how many examples, and entries of each, are kept of what a network returns."""

MEMORY = 0.9
"""The weight of what was known before in the average that estimates a noise scale."""


class Asked(NamedTuple):
    """What is known of a step beside what its forward passes, parameters and gradients say.

    Attributes
    ----------
    rates : tuple of (float or tensor)
        The learning rates of the groups of parameters.
    before, now : Entries or None
        Of the weights, a step before the reading and at it.
    quantities : frozenset of str
        What is measured on request.
    norms : sequence of tensor or float
        Of the gradient after each backward pass of the step.
    ranks : callable, optional
        To the two ranks of each layer by its name, of a network without ReLUs.
    """

    rates: tuple[float | Tensor, ...] = ()
    before: Entries | None = None
    now: Entries | None = None
    quantities: frozenset[str] = frozenset()
    norms: Sequence[Tensor | float] = ()
    ranks: Callable[[], dict[str, Tensor]] | None = None

    @property
    def plain_rates(self) -> tuple[float | None, ...]:
        """The learning rates that are no tensors on a device."""
        return tuple([None if isinstance(rate, Tensor) else float(rate) for rate in self.rates])


class Extra(NamedTuple):
    """Where the numbers of `extra_numbers` stand, in their order.

    Attributes
    ----------
    rates : int
        How many learning rates.
    outputs : (int, int)
        How many examples and entries of what the network returned.
    weights : tuple of str
        The modules of the weights of which there are entries before and at the reading.
    sizes : tuple of (int, int)
        See `Entries`.
    units : tuple of int
        Of the layers of which there are numbers on request.
    micro : int
        Over how many passes the gradient was accumulated, if there are norms of it; else 0.
    examples : int
        Of the first pass, if there are such norms.
    ranks : tuple of str
        The layers of which there are two ranks, without ReLUs.
    """

    rates: int = 0
    outputs: tuple[int, int] = (0, 0)
    weights: tuple[str, ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()
    units: tuple[int, ...] = ()
    micro: int = 0
    examples: int = 0
    ranks: tuple[str, ...] = ()


NO_EXTRA = Extra()


def extra_numbers(looked: "Looked", asked: Asked, names: Mapping[int, str]) -> tuple[list[Tensor], Extra]:
    """Return what else belongs to a reading, and where it stands, without waiting for the device."""
    rates = [rate.detach().reshape(1) for rate in asked.rates if isinstance(rate, Tensor)]
    outputs = [] if looked.outputs is None else [looked.outputs]
    before, now = asked.before, asked.now
    moved = before is not None and now is not None and before.are_like(now)
    steps = [each.values for each in (before, now) if each is not None and moved]
    layers = _layers(looked, asked.quantities)
    micro = len(asked.norms) if "gradient noise scale" in asked.quantities else 0
    micro = micro if micro == looked.passes > 1 and looked.examples else 0
    norms = [torch.as_tensor(asked.norms[k], dtype=torch.float32).reshape(1) for k in (0, -1)] if micro else []
    ranks = {} if looked.makers or asked.ranks is None else asked.ranks()
    return [*rates, *outputs, *steps, *layers, *norms, *ranks.values()], Extra(
        rates=len(rates),
        outputs=(0, 0) if looked.outputs is None else (looked.outputs.shape[0], looked.outputs.shape[1]),
        weights=tuple(names.get(key, "") for key in now.ids) if moved and now is not None else (),
        sizes=now.sizes if moved and now is not None else (),
        units=tuple(each.numel() - NUMBERS for each in layers),
        micro=micro,
        examples=looked.examples if micro else 0,
        ranks=tuple(ranks),
    )


def _layers(looked: "Looked", quantities: frozenset[str]) -> list[Tensor]:
    if not looked.moments:
        return []
    rows = {place: row for group in looked.extremes for place, row in zip(group.places, group.ends, strict=True)}
    units = {place: group.units for group in looked.extremes for place in group.places}
    return [
        numbers_of(own, None if maker.weight is None else maker.rows.table(maker.weight), units[k], quantities, rows[k])
        for k, (own, maker) in enumerate(zip(looked.moments, looked.makers, strict=True))
    ]


def entries_of_output(output: Tensor) -> Tensor | None:
    """Return up to 64 x 8 entries, evenly spaced, of what a network returns with examples first; None of a number."""
    if not output.ndim or output.numel() < 2:
        return None
    examples = len(output)
    entries = output.numel() // examples
    shape, steps = grid(examples, entries)
    if output.is_contiguous():
        return output.detach().as_strided(shape, steps).contiguous()
    return output.detach().reshape(examples, -1)[:: steps[0] // entries, :: steps[1]].contiguous()


@lru_cache(maxsize=64)
def grid(examples: int, entries: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return how many examples and entries of each are kept of an output, and their distances in memory.

    Examples
    --------
    >>> grid(256, 10)
    ((64, 5), (40, 2))
    """
    rows, columns = -(-examples // EXAMPLES), -(-entries // ENTRIES)
    return (-(-examples // rows), -(-entries // columns)), (rows * entries, columns)


class Unpacked(NamedTuple):
    """What extra numbers say, step by step.

    Attributes
    ----------
    rates : list of tuple of float
    outputs : array (steps, entries)
    spreads : array (steps,)
    ratios : Ratios or None
    layers : list of (list of dict)
        For every layer with numbers on request its fields at every step.
    noise : list of (float, float) or None
        See `noise_parts`.
    ranks : dict of str to array (steps, 2)
        The effective and the stable rank of layers without ReLUs.
    """

    rates: list[tuple[float, ...]]
    outputs: Floats
    spreads: Floats
    ratios: Ratios | None
    layers: list[list[dict[str, Any]]]
    noise: list[tuple[float, float] | None]
    ranks: dict[str, Floats]


def unpacked(numbers: PackedRows, extra: Extra, rates: Sequence[tuple[float | None, ...]], detail: bool) -> Unpacked:
    """Return what the extra numbers of readings, which are next, say."""
    waited = numbers.take(extra.rates).table().astype(float).tolist() if extra.rates else None
    known = _filled(rates, waited)
    outputs = numbers.take(extra.outputs[0] * extra.outputs[1]).table()
    count = sum(part for part, _ in extra.sizes)
    before, after = numbers.take(count), numbers.take(count)
    moved = _ratios(before, after, extra.sizes) if extra.sizes else None
    layers = [fields_of(numbers.take(units + NUMBERS).table(), detail) for units in extra.units]
    noise: list[tuple[float, float] | None] = [None] * len(numbers.rows)
    if extra.micro:
        norms = numbers.take(2).table().astype(float).tolist()
        noise = [noise_parts(first, whole, extra.micro, extra.examples) for first, whole in norms]
    ranks = {name: numbers.take(2).table() for name in extra.ranks}
    return Unpacked(known, outputs, spreads(outputs, extra.outputs), moved, layers, noise, ranks)


def _ratios(before: PackedRows, after: PackedRows, sizes: Sequence[tuple[int, int]]) -> Ratios:
    """Return how far weights moved, from entries of them."""
    sums = squares_of_moves(before, after, sizes)
    return ratios(before.table(), after.table(), sizes) if sums is None else ratios_of(*sums, sizes)


def _filled(rates: Sequence[tuple[float | None, ...]], waited: list[list[float]] | None) -> list[tuple[float, ...]]:
    """Return learning rates, those that waited on the device filled in."""
    if waited is None:
        return [*rates]  # type: ignore[list-item]
    rests = map(iter, waited)
    return [tuple(next(rest) if rate is None else rate for rate in own) for own, rest in zip(rates, rests, strict=True)]


def spreads(outputs: Floats, shape: tuple[int, int]) -> Floats:
    """Return by how much outputs differ between examples, as a share of their size: 0 if they are all the same.

    The standard deviation over examples, by the root of the mean square; 0 of zeros, nan of one example.
    """
    steps, (examples, entries) = len(outputs), shape
    if examples < 2:
        return np.full(steps, nan)
    wide = outputs.astype(np.float64).reshape(steps, examples, entries)
    deviation = np.sqrt(np.square(wide - wide.mean(1, keepdims=True)).mean((1, 2)))
    return _shares(deviation, np.sqrt(np.square(wide).mean((1, 2))))


def changes(outputs: Floats, last: Floats | None, steps: Sequence[int], at: int) -> Floats:
    """Return how far outputs moved in a step since the reading before, as a share of their size; nan of the first.

    Parameters
    ----------
    outputs : array (readings, entries)
    last : array (entries,) or None
        Those of the reading before these.
    steps : sequence of int
        Of the readings.
    at : int
        The step of the reading before.
    """
    if not outputs.shape[1]:
        return np.full(len(outputs), nan)
    first = np.full_like(outputs[:1], nan) if last is None or last.shape != outputs.shape[1:] else last[None]
    wide = np.concatenate([first, outputs]).astype(np.float64)
    apart = np.maximum(np.diff([at, *steps]), 1)
    moved = np.sqrt(np.square(np.diff(wide, axis=0)).mean(1)) / apart
    return _shares(moved, np.sqrt(np.square(wide[1:]).mean(1)))


def _shares(part: Floats, whole: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where((part == 0) & (whole == 0), 0.0, part / whole)
    return found


def noise_scales(
    noise: Sequence[tuple[float, float] | None], before: tuple[float, float] | None
) -> tuple[list[float | None], tuple[float, float] | None]:
    """Return the noise scale at every reading, from averages that forget slowly, and the last average."""
    found: list[float | None] = []
    average = before
    for each in noise:
        if each is not None and all(map(isfinite, each)):
            old = each if average is None else average
            average = (MEMORY * old[0] + (1 - MEMORY) * each[0], MEMORY * old[1] + (1 - MEMORY) * each[1])
        found.append(None if each is None or average is None else noise_scale([average]))
    return found, average
