"""The axes of examples, units and places in a tensor, after its shape was changed.

Every axis is a product of factors. Views split and join factors, so that units are found again behind heads that were
split off or pixels that were flattened in; whatever cannot be followed gives None, never a guess.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod
from typing import Any, NamedTuple

import torch

Tensor = torch.Tensor

EXAMPLES, UNITS, PLACES = "examples", "units", "places"
PRIMES = (1000003, 1000033, 1000037, 1000039, 1000081, 1000099, 1000117, 1000121)
"""Steps in memory by which the axes of a probe are known again."""
EMPTY = 999983
"""Stands for a size of 0, which divides everything."""
PART = -2
"""Begins what names a part of the units: where it starts in memory, and its steps."""
CHOSEN = (-1,)
"""How the path of units begins that were put in another order, or are there more than once."""


class Factor(NamedTuple):
    """One factor of an axis: what it counts, how many, and which part it is of what was split."""

    kind: str
    size: int
    path: tuple[int, ...] = ()


Axis = tuple[Factor, ...]


@dataclass(frozen=True)
class Axes:
    """What the axes of a tensor count.

    Attributes
    ----------
    axes : tuple of tuples of Factor
        One for each axis, the slowest factor first.
    units : int
        How many units there are in all.
    """

    axes: tuple[Axis, ...]
    units: int

    @cached_property
    def plain(self) -> tuple[int, bool] | None:
        """The one axis that counts units and nothing else, and whether examples come first; None if it is another."""
        units = [k for k, axis in enumerate(self.axes) if counts_units(axis)]
        examples = [k for k, axis in enumerate(self.axes) if counts_examples(axis)]
        alone = len(units) == 1 and len(self.axes[units[0]]) == 1
        if not alone or (examples and (0 not in examples or units[0] == 0)):
            return None
        return units[0], bool(examples)

    @cached_property
    def ordered(self) -> bool:
        """Whether the units stand in the order in which their map makes them, each once."""
        return not any(f.kind == UNITS and f.path[:1] == CHOSEN for axis in self.axes for f in axis)


def counts_units(axis: Axis) -> bool:
    """Return whether an axis counts units."""
    return any(factor.kind == UNITS for factor in axis)


def counts_examples(axis: Axis) -> bool:
    """Return whether an axis counts examples."""
    return any(factor.kind == EXAMPLES for factor in axis)


def size_of(axis: Axis) -> int:
    """Return how long an axis is."""
    return prod(factor.size for factor in axis)


@lru_cache(maxsize=4096)
def of_map(shape: tuple[int, ...], axis: int, least: int) -> Axes:
    """Return the axes of what an affine map returns.

    Parameters
    ----------
    shape : tuple of int
    axis : int
        That of the units: -1, or 1 where a batch comes first.
    least : int
        How many axes there are if there is a batch and nothing in excess; with fewer there is no batch.
    """
    single = len(shape) < least
    place = axis % len(shape) if axis < 0 else axis - single
    kinds = [PLACES] * len(shape)
    if not single:
        kinds[0] = EXAMPLES
    kinds[place] = UNITS
    sizes = [size or EMPTY for size in shape]
    return Axes(tuple((Factor(kind, size),) for kind, size in zip(kinds, sizes, strict=True)), shape[place])


def reshaped(given: Axes, shape: Sequence[int]) -> Axes | None:
    """Return the axes after a tensor took another shape, its entries in the same order."""
    left = [factor for axis in given.axes for factor in axis if factor.size != 1]
    found: list[Axis] = []
    for size in (size or EMPTY for size in shape):
        axis: list[Factor] = []
        while size > 1:
            if not left:
                return None
            factor = left.pop(0)
            if size % factor.size == 0:
                axis.append(factor)
                size //= factor.size
            elif factor.size % size == 0:
                kind, path = factor.kind, factor.path
                axis.append(Factor(kind, size, (*path, 0)))
                left.insert(0, Factor(kind, factor.size // size, (*path, 1)))
                size = 1
            else:
                return None
        found.append(tuple(axis))
    return None if left else Axes(tuple(found), given.units)


def viewed(func: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], given: Axes) -> list[Axes | None]:
    """Return the axes of what a function of views returns: permutations, slices, selections, expansions.

    The function is called for a tensor without memory, whose steps from entry to entry name its axes.
    """
    shape = [size_of(axis) for axis in given.axes]
    probe = torch.empty_strided([0 if size == EMPTY else size for size in shape], PRIMES[: len(shape)], device="meta")
    out = func(probe, *args[1:], **kwargs)
    return [_of_probe(each, given, shape) for each in (out if isinstance(out, tuple | list) else [out])]


def _of_probe(probe: Tensor, given: Axes, shape: Sequence[int]) -> Axes | None:
    owners: dict[int, int] = {}
    for k, (size, stride) in enumerate(zip(probe.shape, probe.stride(), strict=True)):
        if stride:
            owner = next((i for i in range(len(shape)) if stride % PRIMES[i] == 0), None)
            if owner is None and size != 1:
                return None
            if owner is not None and (owner not in owners or size > probe.shape[owners[owner]]):
                owners[owner] = k
    whose = {k: i for i, k in owners.items()}
    found: list[Axis] = []
    for k, size in enumerate(probe.shape):
        source = given.axes[whose[k]] if k in whose else ()
        axis = resized(source, size)
        if axis is None:
            return None
        found.append(axis)
    whole = with_units(found, given.units)
    if whole is None or whole.units == given.units:
        return whole
    part = (
        PART,
        int(probe.storage_offset()),
        *(int(s) for k, s in enumerate(probe.stride()) if counts_units(found[k])),
    )
    named = [tuple(f._replace(path=(*f.path, *part)) if f.kind == UNITS else f for f in axis) for axis in found]
    return Axes(tuple(named), whole.units)


def resized(axis: Axis, size: int) -> Axis | None:
    """Return an axis of which something was cut off, or to which something was added."""
    size = size or EMPTY
    if size_of(axis) == size:
        return axis
    kinds = {factor.kind for factor in axis}
    if UNITS in kinds and len(kinds) > 1:
        return None
    kind = UNITS if UNITS in kinds else EXAMPLES if EXAMPLES in kinds else PLACES
    return (Factor(kind, size, axis[0].path if axis else ()),)


def with_units(axes: Iterable[Axis], before: int) -> Axes | None:
    """Return axes with as many units as there are in them; None if those that there were are gone."""
    whole = tuple(axes)
    factors = [factor for axis in whole for factor in axis if factor.kind == UNITS]
    if not factors and before > 1:
        return None
    return Axes(whole, prod(factor.size for factor in factors))


def together(tensors: Sequence[tuple[Axes, Sequence[int]]], shape: Sequence[int]) -> Axes | None:
    """Return the axes of what a function of entries returns, of tensors that are broadcast; None if they disagree.

    Parameters
    ----------
    tensors : sequence of (Axes, shape)
        Those of which the axes are known, the one whose order of units counts first.
    shape : sequence of int
        Of the result.
    """
    found: list[Axis] = []
    rows = [((),) * (len(shape) - len(axes.axes)) + axes.axes for axes, _ in tensors if len(axes.axes) <= len(shape)]
    for k, size in enumerate(size or EMPTY for size in shape):
        column = [row[k] for row in rows if size_of(row[k]) == size != 1]
        chosen = next((axis for axis in column if counts_units(axis)), None)
        if chosen is None:
            shown = any(counts_examples(row[k]) for row in rows)
            kept = next((axis for axis in column if counts_examples(axis)), None)
            chosen = kept or ((Factor(EXAMPLES if shown else PLACES, size),) if shown or size != 1 else ())
        elif not all(counts_units(axis) for axis in column) or (
            any(axis != chosen for axis in column) and any(len(axis) > 1 for axis in column)
        ):
            return None
        found.append(chosen)
    units = max((axes.units for axes, _ in tensors), default=1)
    whole = with_units(found, units)
    return whole if whole is not None and whole.units == units else None


def changed_only(given: Axes, shape: Sequence[int], places: Iterable[int]) -> Axes | None:
    """Return the axes of a tensor with as many of them, of which some, that count no units, are longer or shorter."""
    if len(shape) != len(given.axes):
        return None
    allowed = {place % len(shape) for place in places}
    axes: list[Axis] = []
    for k, (axis, size) in enumerate(zip(given.axes, shape, strict=True)):
        if size_of(axis) == (size or EMPTY):
            axes.append(axis)
        elif k in allowed and not counts_units(axis):
            axes.append((Factor(EXAMPLES if counts_examples(axis) else PLACES, size or EMPTY),))
        else:
            return None
    return Axes(tuple(axes), given.units)


def chosen(given: Axes, place: int, shape: Sequence[int]) -> Axes | None:
    """Return the axes of a tensor whose entries along one axis were taken in any order, some of them more than once."""
    place %= len(given.axes)
    axis = given.axes[place]
    if len(shape) != len(given.axes) or (counts_units(axis) and len(axis) > 1):
        return None
    if not counts_units(axis):
        one = (Factor(EXAMPLES if counts_examples(axis) else PLACES, shape[place] or EMPTY),)
        return with_units((*given.axes[:place], one, *given.axes[place + 1 :]), given.units)
    several = any(counts_units(other) for k, other in enumerate(given.axes) if k != place)
    path = axis[0].path if several else CHOSEN
    whole = (*given.axes[:place], (Factor(UNITS, shape[place] or EMPTY, path),), *given.axes[place + 1 :])
    return None if several else with_units(whole, given.units)


def picked_along(axes: Axes, parts: Sequence[Any], shape: Sequence[int]) -> Axes | None:
    """Return the axes after one list of numbers among whole slices."""
    whole = [part for part in parts if isinstance(part, slice) and part == slice(None)]
    lists = [
        k for k, part in enumerate(parts) if isinstance(part, Tensor | list) and len(torch.as_tensor(part).shape) == 1
    ]
    return chosen(axes, lists[0], shape) if len(lists) == 1 and len(whole) == len(parts) - 1 else None


def side_by_side(rows: Sequence[Axes], shape: Sequence[int], place: int) -> Axes | None:
    """Return the axes of a concatenation."""
    found: list[Axis] = []
    for k, size in enumerate(shape):
        column = [row.axes[k] for row in rows]
        units = [axis for axis in column if counts_units(axis)]
        if units and len(units) < len(column):
            return None
        axis = column[0] if k != place else resized(units[0] if units else column[0], size)
        if axis is None or (k != place and any(size_of(each) != size_of(axis) for each in column)):
            return None
        if k != place and any(each != axis for each in units):
            return None
        found.append(axis)
    if place >= 0 and counts_units(found[place]) and len(found[place]) > 1:
        return None
    return with_units(found, max(row.units for row in rows))


def shuffled(name: str, given: Axes, step: int, shape: Sequence[int]) -> Axes | None:
    """Return the axes after pixels were made of channels, channels of pixels, or groups of channels were mixed."""
    sizes = [size_of(axis) for axis in given.axes]
    if name.endswith("channel_shuffle"):
        split, order = [sizes[0], step, sizes[1] // step, *sizes[2:]], [0, 2, 1, *range(3, len(sizes) + 1)]
    elif name == "pixel_shuffle":
        *first, channels, high, wide = sizes
        k = len(first)
        split = [*first, channels // step**2, step, step, high, wide]
        order = [*range(k), k, k + 3, k + 1, k + 4, k + 2]
    else:
        *first, channels, high, wide = sizes
        k = len(first)
        split = [*first, channels, high // step, step, wide // step, step]
        order = [*range(k), k, k + 2, k + 4, k + 1, k + 3]
    apart = reshaped(given, split)
    return None if apart is None else reshaped(Axes(tuple(apart.axes[k] for k in order), given.units), shape)


def without(given: Axes, places: Iterable[int], keep: bool) -> Axes | None:
    """Return the axes after sums, means or extremes over some of them."""
    gone = {place % len(given.axes) for place in places}
    if any(counts_units(given.axes[place]) and size_of(given.axes[place]) > 1 for place in gone):
        return None
    axes = [() if k in gone else axis for k, axis in enumerate(given.axes) if keep or k not in gone]
    return with_units(axes, given.units)


def arranged(z: Tensor, given: Axes) -> tuple[Tensor, int]:
    """Return pre-activations with examples first, and the axis of their units.

    They are left as they are where examples stand first and the units are one whole axis; else places come last.
    """
    if given.plain is not None:
        place, several = given.plain
        last = -1 if place == z.ndim - 1 else place
        return (z, last) if several else (z.unsqueeze(0), last if last < 0 else last + 1)
    factors = [(factor, k) for k, axis in enumerate(given.axes) for factor in axis]
    sizes = [0 if factor.size == EMPTY else factor.size for factor, _ in factors]
    rows = {k for k, axis in enumerate(given.axes) if counts_examples(axis)}
    points = [j for j, (factor, k) in enumerate(factors) if k in rows and factor.kind != UNITS]
    makers = sorted((j for j, (f, _) in enumerate(factors) if f.kind == UNITS), key=lambda j: factors[j][0].path)
    rest = [j for j in range(len(factors)) if j not in points and j not in makers]
    table = z.reshape(sizes).permute(*points, *makers, *rest)
    whole = [prod(sizes[j] for j in part) for part in (points, makers, rest)]
    return (table.reshape(whole[:2]), -1) if not rest else (table.reshape(whole), 1)
