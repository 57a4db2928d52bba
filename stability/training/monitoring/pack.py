"""The numbers of pre-activations, weights and gradients that make a reading, packed on the device.

What a ReLU got is reduced at once to its extremes over examples and over units. Before the step of the optimiser all
that is needed is packed into one tensor, which stays on the device. Layers of one shape go together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from stability.training.introspection.forward_passes import TracedActivation
from stability.training.introspection.unit_rows import FIRST, UnitRows
from stability.training.monitoring.extra_numbers import NO_EXTRA, Asked, Extra, extra_numbers
from stability.training.monitoring.one_pass import extremes_of
from stability.training.monitoring.row_norms import (
    WIDE,
    Tensor,
    alike,
    full_norm,
    gradient_of,
    real,
    row_norms,
    together,
)
from stability.training.monitoring.sources import sources
from stability.training.monitoring.standard_quantities import Moments, moments
from stability.training.monitoring.unread import Left

NOTHING = Left()

WHOLE = 2**11
"""Up to how many entries parameters that make no units, and gradients by them, are packed as they are."""


class Maker(NamedTuple):
    """What makes the units of one ReLU; see `TracedActivation`.

    There is no bias where it is frozen, or where a normalisation takes it out again.
    """

    name: str
    weight: Tensor | None
    bias: Tensor | None
    slope: float | None
    rows: UnitRows = FIRST


@dataclass(frozen=True, eq=False)
class Extremes:
    """What is kept of the pre-activations of some layers of one shape, with n examples and u units each.

    Attributes
    ----------
    places : list of int
        Which of the layers of the network these are.
    units : int
        u.
    ends : tensor (layers, 2 u + n)
        The largest value of every unit, the smallest of every unit, and the largest of every example.
    """

    places: list[int]
    units: int
    ends: Tensor


class Looked(NamedTuple):
    """What is kept of forward passes: all layers in their order, and their extremes in groups of one shape.

    Attributes
    ----------
    makers : list of Maker
    extremes : list of Extremes
    sizes : tensor (2,) or None
        The largest absolute value that the first affine map got, and that the network returned; -1 if unknown.
    aligned : bool
        Whether all layers saw the same passes, so that examples of two layers that see as many are the same.
    passes : int
        How many passes these are.
    outputs : tensor (examples, entries) or None
        Some of what the network returned in the first of them.
    moments : list of (Moments or None)
        Of every layer; empty if nothing that needs them was asked for.
    examples : int
        How many the first pass had; 0 if unknown.
    """

    makers: list[Maker]
    extremes: list[Extremes]
    sizes: Tensor | None = None
    aligned: bool = True
    passes: int = 1
    outputs: Tensor | None = None
    moments: Sequence[Moments | None] = ()
    examples: int = 0


class Early(NamedTuple):
    """What is kept of a parameter that changes before all gradients are complete.

    Attributes
    ----------
    own, slope : list of tensor
        What has the norm of the parameter, and of the gradient by it.
    rows : tensor (1, 3 rows) or None
        The norms of `row_norms`, of a weight that makes units.
    value : tensor
        Its copy, of a bias; else empty.
    """

    own: list[Tensor]
    slope: list[Tensor]
    rows: Tensor | None
    value: Tensor


@dataclass(frozen=True)
class Layout:
    """Where the numbers of a reading stand, as far as it may differ from one reading to the next.

    Attributes
    ----------
    names, slopes : tuples
        Of every layer, in the order of the computation: its name, and the slope of its activation left of 0.
    weights : tuple of (int, int) or None
        For every layer which member of which group of weights makes it.
    biases : tuple of int
        How many biases every layer has.
    extremes : tuple of (places, units, examples)
        For every group of layers; see `Extremes`.
    rows : tuple of (tuple of bool, int, bool)
        For every group of weights which members are trained, how many rows they have, and whether rows can turn: they
        have more than one entry.
    others, gradients : int
        How many numbers have the norm of all trained parameters that are in no group, and of the gradients by them.
    with_loss, scaled, clipped, sized : bool
        Whether the loss, the scale of the gradients, the norm of all gradients before they were clipped, and the sizes
        of `Looked` are among the numbers.
    aligned : bool
        See `Looked`.
    own, own_slopes : tuple of (str, int, int)
        For every parameter among the others, and every gradient: its module, how many numbers it has, and how many
        rows; 0 if it is no weight.
    members : tuple of tuple of str
        The modules of every group of weights.
    order : tuple of str
        The modules of all parameters, as the network holds them.
    extra : Extra
        Where the numbers behind these stand.
    """

    names: tuple[str, ...]
    slopes: tuple[float | None, ...]
    weights: tuple[tuple[int, int] | None, ...]
    biases: tuple[int, ...]
    extremes: tuple[tuple[tuple[int, ...], int, int], ...]
    rows: tuple[tuple[tuple[bool, ...], int, bool], ...]
    others: int
    gradients: int
    with_loss: bool
    scaled: bool
    clipped: bool = False
    sized: bool = False
    aligned: bool = True
    own: tuple[tuple[str, int, int], ...] = ()
    own_slopes: tuple[tuple[str, int, int], ...] = ()
    members: tuple[tuple[str, ...], ...] = ()
    order: tuple[str, ...] = ()
    extra: Extra = NO_EXTRA


@dataclass(eq=False, slots=True)
class Packed:
    """The numbers behind a reading, still on the device.

    Attributes
    ----------
    step : int
        How many steps were made before.
    layout : Layout
    numbers : tensor (count,)
        In the order of the layout: loss, scale, biases, others, gradients by them, then for every group of layers
        their extremes, for every group of weights the norms of `row_norms`, the sizes, the norm before clipping, and
        those of `extra_numbers`.
    loss, scale : float or None
        What is not among the numbers.
    unread : Left
    passes : int
        See `Reading`.
    rates : tuple of (float or None)
        The learning rates; None for one among the numbers.
    kept : bool
        See `KeptGradients`.
    norm_known : bool
        Whether the norm of the gradients is known as the backward pass left them.
    """

    step: int
    layout: Layout
    numbers: Tensor
    loss: float | None
    scale: float | None
    unread: Left = NOTHING
    passes: int = 1
    rates: tuple[float | None, ...] = ()
    kept: bool = False
    norm_known: bool = True


def _trained(bias: Tensor | None) -> Tensor | None:
    """Return a bias that training can move, else None: a frozen one stands still by intent."""
    return bias if bias is not None and bias.requires_grad else None


@torch.no_grad()
def look(
    seen: Sequence[TracedActivation],
    sizes: Tensor | None = None,
    outputs: Tensor | None = None,
    quantities: frozenset[str] = frozenset(),
    examples: int = 0,
) -> Looked:
    """Reduce what the ReLUs of a network got to their extremes, and to what quantities on request need."""
    extremes = _extremes(seen)
    sums = [moments(each, quantities) for each in seen] if quantities else ()
    return Looked(makers_of(seen), extremes, sizes, outputs=outputs, moments=sums, examples=examples)


def makers_of(seen: Iterable[TracedActivation]) -> list[Maker]:
    """Return what makes the units of layers."""
    return [
        Maker(each.name, each.weight, None if each.centred else _trained(each.bias), each.slope, each.rows)
        for each in seen
    ]


def _extremes(seen: Sequence[TracedActivation]) -> list[Extremes]:
    """Return the extremes of layers, of which some may be reduced to them."""
    kept = [k for k, each in enumerate(seen) if each.ends is not None]
    if not kept:
        quick = extremes_of(seen)
        return _by_torch(seen) if quick is None else [Extremes(*each) for each in quick]
    rest = [k for k, each in enumerate(seen) if each.ends is None]
    others = _extremes([seen[k] for k in rest]) if rest else []
    groups: dict[tuple[int, int], tuple[list[int], list[Tensor]]] = {}
    for k in kept:
        each, ends = seen[k], seen[k].ends
        if ends is not None:
            places, rows = groups.setdefault((each.z.shape[each.axis], ends.numel()), ([], []))
            places.append(k)
            rows.append(ends)
    own = [Extremes(places, units, torch.stack(rows)) for (units, _), (places, rows) in groups.items()]
    return own + [Extremes([rest[k] for k in each.places], each.units, each.ends) for each in others]


def _by_torch(seen: Sequence[TracedActivation]) -> list[Extremes]:
    """Return the extremes of layers, by torch."""
    flat = all(each.z.ndim == 2 for each in seen)
    tables = [each.z if flat else each.table for each in seen]
    groups = [(places, [tables[k] for k in places]) for places in alike(tables)]
    ends = _ends if flat else _ends_over_places
    return [Extremes(places, group[0].shape[1], together(ends, group)) for places, group in groups]


def _ends(z: Tensor) -> tuple[Tensor, ...]:
    """Return the extremes of a tensor (..., examples, units)."""
    return z.amax(-2), z.amin(-2), z.amax(-1)


def _ends_over_places(z: Tensor) -> tuple[Tensor, ...]:
    """Return the extremes of a tensor (..., examples, units, places)."""
    top = z.amax(-1)
    return top.amax(-2), z.amin(-1).amin(-2), top.amax(-1)


@torch.no_grad()
def early(parameter: Tensor, looked: Looked) -> Early:
    """Return what a reading needs of a parameter and its gradient, before it changes."""
    gradient = gradient_of(parameter)
    rows = next((each.rows for each in looked.makers if parameter is each.weight), None)
    makes = rows is not None
    shifts = any(parameter is each.bias for each in looked.makers)
    return Early(
        [] if makes else [each.clone() for each in _parts([parameter])],
        [] if makes or gradient is None else [each.clone() for each in _parts([gradient])],
        row_norms([parameter], rows) if rows is not None and gradient is not None else None,
        parameter.detach().clone() if shifts else parameter.new_empty(0),
    )


@torch.no_grad()
def measure(
    looked: Looked,
    parameters: Iterable[Tensor],
    step: int,
    loss: Tensor | float | None = None,
    scale: Tensor | float | None = None,
    before: Tensor | None = None,
    changed: Mapping[int, Early] | None = None,
    unread: Left = NOTHING,
    names: Mapping[int, str] | None = None,
    asked: Asked | None = None,
) -> Packed | None:
    """Return the numbers behind a reading of a network whose gradients are complete, without waiting for the device.

    None if there is nothing to read.

    Parameters
    ----------
    looked : Looked
    parameters : iterable of tensor
        Of the network.
    step : int
        How many steps were made before.
    loss : tensor or float, optional
    scale : tensor or float, optional
        By what the gradients are too large, as in mixed precision.
    before : tensor, optional
        The norm of all gradients before they were clipped.
    changed : mapping of id to Early, optional
        Parameters that have changed since their gradients were complete.
    unread : Left
        What could not be read.
    names : mapping of id to str, optional
        The modules of parameters.
    asked : Asked, optional
        What else is known of the step.
    """
    gone, called = changed or {}, names or {}
    own = sources(looked, parameters, gone)
    rows, groups = own.rows, [*own.groups]
    norms = [*(row_norms(group, rows[id(group[0])]) for group in groups), *own.kept.values()]
    groups += [[own.weights[name]] for name in own.kept]
    members = {id(w): (k, j) for k, group in enumerate(groups) for j, w in enumerate(group)}
    other = [gone[id(p)] for p in own.stepped]
    others = [*_parts(own.rest), *(part for each in other for part in each.own)]
    felt = [*(p for p, _ in own.known), *(p for p in own.stepped if gone[id(p)].slope)]
    slopes = _parts([g for _, g in own.known])
    slopes += [part for each in other for part in each.slope]
    tail, extra = extra_numbers(looked, Asked() if asked is None else asked, called)
    numbers = [x.detach() for x in (loss, scale) if isinstance(x, Tensor)]
    biases = [gone[id(b)].value if id(b) in gone else b for m in looked.makers if (b := m.bias) is not None]
    last = [each for each in (looked.sizes, before) if each is not None] + tail
    layout = Layout(
        names=tuple(each.name for each in looked.makers),
        slopes=tuple(each.slope for each in looked.makers),
        weights=tuple(members.get(id(m.weight)) if m.rows == rows[id(m.weight)] else None for m in looked.makers),
        biases=tuple(0 if each.bias is None else each.bias.numel() for each in looked.makers),
        extremes=tuple((tuple(e.places), e.units, e.ends.shape[1] - 2 * e.units) for e in looked.extremes),
        rows=tuple(
            (tuple(id(w) in own.trained for w in group), n.shape[1] // 3, 3 * group[0].numel() > n.shape[1])
            for group, n in zip(groups, norms, strict=True)
        ),
        others=sum(map(torch.numel, others)),
        gradients=sum(map(torch.numel, slopes)),
        with_loss=isinstance(loss, Tensor),
        scaled=isinstance(scale, Tensor),
        clipped=before is not None,
        sized=looked.sizes is not None,
        aligned=looked.aligned,
        own=tuple(_named(p, part, called) for p, part in zip((*own.rest, *own.stepped), others, strict=True)),
        own_slopes=tuple(_named(p, part, called) for p, part in zip(felt, slopes, strict=True)),
        members=tuple(tuple(called.get(id(w), "") for w in group) for group in groups),
        order=tuple(called.values()),
        extra=extra,
    )
    parts = [*numbers, *biases, *others, *slopes, *(each.ends for each in looked.extremes), *norms, *last]
    if not parts:
        return None
    number, by = (None if isinstance(x, Tensor) else x for x in (loss, scale))
    rates = () if asked is None else asked.plain_rates
    return Packed(step, layout, _pack(parts), number, by, unread, looked.passes, rates)


def _named(parameter: Tensor, part: Tensor, names: Mapping[int, str]) -> tuple[str, int, int]:
    """Return the module of a parameter, how many numbers stand for it, and how many rows it has as a weight."""
    return names.get(id(parameter), ""), part.numel(), len(parameter) if parameter.ndim > 1 else 0


def _parts(tensors: Sequence[Tensor]) -> list[Tensor]:
    """Return what has the norm of all tensors together: the small ones themselves, and the norms of the others."""
    return [
        each if each.numel() <= WHOLE else full_norm(each).to(torch.promote_types(each.dtype, torch.float32))
        for each in map(real, tensors)
    ]


def _pack(tensors: Sequence[Tensor]) -> Tensor:
    """Return tensors as one, of 32 bits or more, on the device of the last."""
    device = tensors[-1].device
    packed = torch.cat([(t if t.device == device else t.to(device)).reshape(-1) for t in tensors])
    return packed if packed.dtype in WIDE else packed.float()
