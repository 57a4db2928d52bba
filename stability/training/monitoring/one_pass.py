"""Extremes and norms in one pass over memory, by a library that the C++ compiler of the machine makes, for CPUs.

It is made at the first reading of a network that is large enough, and only of plain tensors of 32 bits; where there is
no compiler, or tensors are others, torch does the same in several passes.
"""

import ctypes
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import torch

from stability.compute.cpp import library
from stability.errors import StabilityError
from stability.training.introspection.activations import TracedActivation, are_plain, is_plain
from stability.training.monitoring.cpp_source import SOURCE

Tensor = torch.Tensor

LEAST = 2**14
"""From how many entries on the library is made: it takes longer than many readings of small networks."""

FLAGS = ("-O3", "-fno-math-errno", "-fPIC", "-shared", "-w", "-x", "c++", "-")

SLOW = 30
"""Seconds after which the compiler is given up."""

REAL: dict[str, Any] = {"dtype": torch.float32, "device": "cpu"}
"""What the library writes to, whatever torch makes by default."""

Pointer, Size = ctypes.c_void_p, ctypes.c_long


@lru_cache(maxsize=1)
def compiled() -> Any:
    """Return the library; None if it cannot be made."""
    if ctypes.sizeof(Size) != 8:
        return None
    try:
        found = library(SOURCE, FLAGS, slow=SLOW)
    except (StabilityError, OSError):
        return None
    found.norm.restype = ctypes.c_double
    return found


def made(*shape: int) -> tuple[Tensor, int]:
    """Return a tensor for numbers of the library, and where it begins; 0 where tensors have no memory now.

    As under a FakeTensorMode, in which real tensors may be read all the same.
    """
    found = torch.empty(shape, **REAL)
    return found, found.data_ptr()


def shape_of(z: Tensor, axis: int) -> tuple[int, int, int, int] | None:
    """Return how many examples, units and places there are, and whether units stand last in memory; None if mixed.

    Examples
    --------
    >>> import torch
    >>> shape_of(torch.zeros(5, 3), -1), shape_of(torch.zeros(5, 3, 2, 2), 1)
    ((5, 3, 1, 1), (5, 3, 4, 0))
    """
    shape, place = z.shape, axis % z.ndim
    if is_plain(z):
        return in_order(shape, axis)
    if z.ndim == 4 and place == 1 and is_plain(z.permute(0, 2, 3, 1)):
        return shape[0], shape[1], shape[2:].numel(), 1
    return None


def in_order(shape: torch.Size, axis: int) -> tuple[int, int, int, int] | None:
    """Return what `shape_of` does of a tensor of a shape whose entries stand one after the other."""
    place = axis % len(shape)
    if place == len(shape) - 1:
        return shape[0], shape[-1], shape[1:-1].numel(), 1
    return (shape[0], shape[1], shape[2:].numel(), 0) if place == 1 else None


def extremes_of(seen: Sequence[TracedActivation]) -> list[tuple[list[int], int, Tensor]] | None:
    """Return the extremes of layers in groups of one shape: places, units, and a tensor (layers, 2 units + examples).

    None where torch has to find them: small tensors, tensors that are not plain, or a nan among the numbers.
    """
    if sum(each.z.numel() for each in seen) < LEAST:
        return None
    shapes = [shape_of(each.z, each.axis) for each in seen]
    own = compiled() if None not in shapes else None
    if own is None:
        return None
    groups: dict[tuple[int, ...], list[int]] = {}
    for k, shape in enumerate(shapes):
        groups.setdefault(shape[:3], []).append(k)  # type: ignore[index]
    found, ends = [], [0] * len(seen)
    for (examples, units, _), places in groups.items():
        table, first = made(len(places), 2 * units + examples)
        if not first:
            return None
        step = 4 * table.shape[1]
        for row, place in enumerate(places):
            ends[place] = first + row * step
        found.append((places, units, table))
    count, pointers, starts = len(seen), Pointer * len(seen), [each.z.data_ptr() for each in seen]
    if 0 in starts:
        return None
    sizes = sizes_of(tuple(size for shape in shapes for size in shape))  # type: ignore[union-attr]
    strange = own.extremes(Size(count), pointers(*starts), sizes, pointers(*ends))
    return None if strange else found


def reduced(z: Tensor, axis: int) -> tuple[Tensor, Tensor] | None:
    """Return what stands for pre-activations, with their shape and no numbers, and their extremes (2 units + examples).

    None where torch has to find them.
    """
    shape = shape_of(z, axis) if z.numel() >= LEAST else None
    start = 0 if shape is None else z.data_ptr()
    own = compiled() if start else None
    if own is None or shape is None:
        return None
    ends, to = made(2 * shape[1] + shape[0])
    if not to or own.extremes_of_one(Pointer(start), sizes_of(shape), Pointer(to)):
        return None
    return _shaped(z.shape), ends


@lru_cache(maxsize=256)
def _shaped(shape: tuple[int, ...]) -> Tensor:
    """Return a tensor of a shape, without numbers."""
    return torch.empty(shape, device="meta")


def row_norms_of(weights: Sequence[Tensor], gradients: Sequence[Tensor]) -> Tensor | None:
    """Return |w|, |g| and |g_t| of all rows of weights (rows, entries) of one shape, as a tensor (weights, 3 rows).

    None where torch has to find them: small tensors, or tensors that are not plain.
    """
    rows, entries = weights[0].shape
    if len(weights) * rows * entries < LEAST or not are_plain(weights) or not are_plain(gradients):
        return None
    own = compiled()
    if own is None:
        return None
    count, pointers = len(weights), Pointer * len(weights)
    starts = [[each.data_ptr() for each in tensors] for tensors in (weights, gradients)]
    if 0 in starts[0] or 0 in starts[1]:
        return None
    (found, first), step = made(count, 3 * rows), 12 * rows
    if not first:
        return None
    own.rows(
        Size(count),
        *(pointers(*each) for each in starts),
        sizes_of((rows, entries) * count),
        pointers(*[first + k * step for k in range(count)]),
    )
    return found


def norm_of(tensors: Sequence[Tensor]) -> float | None:
    """Return the norm of tensors together; None where torch has to find it."""
    sizes = [each.numel() for each in tensors]
    if sum(sizes) < LEAST or not are_plain(tensors):
        return None
    own, starts = compiled(), [each.data_ptr() for each in tensors]
    if own is None or 0 in starts:
        return None
    held = array("q", starts)
    norm: float = own.norm(Size(len(sizes)), Pointer(held.buffer_info()[0]), sizes_of(tuple(sizes)))
    return norm


@lru_cache(maxsize=256)
def sizes_of(numbers: tuple[int, ...]) -> Any:
    """Return whole numbers as the library takes them."""
    return (Size * len(numbers))(*numbers)


COPY, NORM, ROWS = range(3)

ROWS_READY, NUMBERS_READY = 32, 2**18
"""For how many calls, and for how many numbers, memory is made ready: to ask for it takes long between other work."""


class Part(NamedTuple):
    """What is read at some place of memory.

    Attributes
    ----------
    kind : int
        `COPY`: n numbers at a distance of m. `NORM`: the norm of n numbers. `ROWS`: |w|, |g| and |g_t| of the n rows of
        a weight, with m entries each.
    place : int
        Which of the places it is.
    n, m : int
    gradient : int
        At which place the gradient by the weight is.
    """

    kind: int
    place: int
    n: int
    m: int = 1
    gradient: int = 0

    @property
    def total(self) -> int:
        """How many numbers it becomes."""
        return {COPY: self.n, NORM: 1, ROWS: 3 * self.n}[self.kind]


class Collected:
    """Numbers from many places of memory, one after the other, by one call.

    Parameters
    ----------
    parts : sequence of Part

    Attributes
    ----------
    total : int
        How many.
    places : int
        From how many places.
    parts : tuple
        What the library has to know of the parts.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self.total = sum(part.total for part in parts)
        self.places = 1 + max((max(part.place, part.gradient) for part in parts), default=-1)
        columns = zip(*((each.kind, each.place, each.gradient, each.n, each.m) for each in parts), strict=True)
        self.parts = Size(len(parts)), *map(sizes_of, columns)
        self._ready: list[tuple[Tensor, int]] = []

    def __call__(self, places: Sequence[int]) -> Tensor | None:
        """Return them as a tensor, given pointers to all places; None where there is no library, or no memory."""
        own = compiled()
        if own is None:
            return None
        found, start = self.ready()
        if not start:
            return None
        held = array("q", places)
        own.collect(*self.parts, Pointer(held.buffer_info()[0]), Pointer(start))
        return found

    def ready(self) -> tuple[Tensor, int]:
        """Return a tensor for the numbers, and where it begins; see `made`."""
        try:
            return self._ready.pop()
        except IndexError:
            return self._more()

    def _more(self) -> tuple[Tensor, int]:
        """Make memory ready, and return the first part of it; other threads may do so at the same time."""
        table, first_row = made(max(1, min(ROWS_READY, NUMBERS_READY // self.total)), self.total)
        if not first_row:
            return table, 0
        ready = [(row, row.data_ptr()) for row in table]
        first = ready.pop()
        self._ready = ready
        return first
