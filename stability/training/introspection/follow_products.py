"""Where units stand in products of tensors: one of them is a weight, which makes units, or moves those of another."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from stability.training.introspection.axes import (
    EMPTY,
    EXAMPLES,
    PLACES,
    UNITS,
    Axes,
    Axis,
    Factor,
    counts_examples,
    counts_units,
    size_of,
    with_units,
)
from stability.training.introspection.torch_functions import argument, name_of, tensors_in
from stability.training.introspection.unit_rows import UnitRows, parameter_of

if TYPE_CHECKING:
    from stability.training.introspection.follow_axes import Followed

Tensor = torch.Tensor


class Product(NamedTuple):
    """A sum of products over the labels that do not stand in `out`, as einsum writes it.

    Attributes
    ----------
    tensors : tuple of tensor
    labels : tuple of tuple
        One for every axis of every tensor.
    out : tuple
        The labels of the result.
    by_rows : bool or None
        Whether a weight that mixes places, not units, makes new units; None if nobody can say.
    """

    tensors: tuple[Tensor, ...]
    labels: tuple[tuple[Any, ...], ...]
    out: tuple[Any, ...]
    by_rows: bool | None = None


def followed_product(known: "Followed", func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    """Return the axes of a product of matrices."""
    values = tensors_in((*args, *kwargs.values()))[-2:]
    if len(values) < 2 or not isinstance(out, Tensor) or not out.ndim:
        return [None]
    left, right = values[::-1] if name_of(func) == "rmatmul" else values
    if not left.ndim or not right.ndim:
        return [None]
    if name_of(func) == "addbmm":
        return [None]
    batch = [("batch", k) for k in range(max(left.ndim, right.ndim) - 2, 0, -1)]
    ends = ["row"] if left.ndim > 1 else [], ["column"] if right.ndim > 1 else []
    labels = (
        (*_batch(left, batch), *ends[0], "sum"),
        (*_batch(right, batch), "sum", *ends[1]),
    )
    return [followed(known, Product((left, right), labels, (*batch, *ends[0], *ends[1]), known.is_weight(right)), out)]


def _batch(tensor: Tensor, names: Sequence[Any]) -> list[Any]:
    """Return the labels of the axes before the last two; one that is repeated to fit has a label of its own."""
    count = max(tensor.ndim - 2, 0)
    chosen = names[len(names) - count :]
    return [name if size != 1 else (name, id(tensor)) for name, size in zip(chosen, tensor.shape, strict=False)]


def followed_einsum(known: "Followed", func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    """Return the axes of an einsum that is written with an equation."""
    text = argument(args, kwargs, 0, "equation")
    tensors = tuple(tensors_in(args[1:]) or tensors_in(kwargs.values()))
    if not isinstance(text, str) or not isinstance(out, Tensor):
        return [None]
    before, arrow, after = text.replace(" ", "").partition("->")
    parts = before.split(",")
    if not arrow:
        letters = sorted({c for c in before if c.isalpha() and before.count(c) == 1})
        after = ("..." if "..." in before else "") + "".join(letters)
    if len(parts) != len(tensors) or any(len({*p.replace("...", "")}) < len(p.replace("...", "")) for p in parts):
        return [None]
    labels = tuple(_spelled(part, tensor.ndim) for part, tensor in zip(parts, tensors, strict=True))
    return [followed(known, Product(tensors, labels, _spelled(after, out.ndim)), out)]


def _spelled(text: str, ndim: int) -> tuple[Any, ...]:
    """Return the labels of a part of an equation; those of an ellipsis are numbers, counted from its end."""
    first, dots, last = text.partition("...")
    hidden = ndim - len(first) - len(last)
    return (*first, *(range(hidden, 0, -1) if dots else ()), *last)


def followed_tensordot(known: "Followed", func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    """Return the axes of a product over several axes."""
    left, right = argument(args, kwargs, 0, "a"), argument(args, kwargs, 1, "b")
    dims = argument(args, kwargs, 2, "dims")
    dims = 2 if dims is None else dims
    if not isinstance(dims, int | tuple | list):
        return [None]
    over = ([*range(left.ndim - dims, left.ndim)], [*range(dims)]) if isinstance(dims, int) else dims
    names: tuple[list[Any], list[Any]] = (
        [("left", k) for k in range(left.ndim)],
        [("right", k) for k in range(right.ndim)],
    )
    pairs = [[each] if isinstance(each, int) else [*each] for each in over]
    for i, j in zip(*pairs, strict=True):
        names[0][i] = names[1][j] = ("sum", i % left.ndim)
    free = tuple(name for each in names for name in each if name[0] != "sum")
    return [followed(known, Product((left, right), (tuple(names[0]), tuple(names[1])), free), out)]


def followed(known: "Followed", product: Product, out: Tensor) -> Axes | None:
    """Return the axes of a product; None if units of several tensors meet in it."""
    weights = [k for k, each in enumerate(product.tensors) if known.is_weight(each)]
    if len(weights) == 1 and len(product.tensors) == 2:
        return _with_weight(known, product, weights[0], out)
    return _moved(known, product, out)


def _with_weight(known: "Followed", product: Product, which: int, out: Tensor) -> Axes | None:
    own, given = product.labels[which], product.labels[1 - which]
    data = product.tensors[1 - which]
    axes = known.axes_of(data)
    units = {label for label, axis in zip(given, axes.axes, strict=True) if counts_units(axis)} if axes else set()
    summed = {label for label in own if label in given and label not in product.out}
    makes = [k for k, label in enumerate(own) if label in product.out]
    keeps = not summed or bool(units and not units & summed)
    if keeps and not (summed and product.by_rows):
        certain = not summed or product.by_rows is False or not makes
        return _moved(known, product, out) if certain else None
    if not makes:
        return None
    kinds = _kinds(given, None if known.lost_in(data) else axes, own, product.out)
    found = []
    for label, size in zip(product.out, out.shape, strict=True):
        if label in own:
            place = own.index(label)
            axis = (Factor(UNITS, size or EMPTY, (makes.index(place),) if len(makes) > 1 else ()),)
        else:
            axis = (Factor(kinds.get(label, PLACES), size or EMPTY),)
        found.append(axis)
    whole = with_units(found, 1)
    source = parameter_of(product.tensors[which])
    if source is not None and whole is not None:
        known.made = source[0], UnitRows(tuple(source[1][k] for k in makes))
    return whole


def _kinds(given: Sequence[Any], axes: Axes | None, own: Sequence[Any], out: Sequence[Any]) -> dict[Any, str]:
    """Return what the labels count that only the data have: their first is examples where nothing else is known."""
    left = [label for label in given if label in out and label not in own]
    if axes is None:
        return {label: EXAMPLES if k == 0 else PLACES for k, label in enumerate(left)}
    rows = {label for label, axis in zip(given, axes.axes, strict=True) if counts_examples(axis)}
    return {label: EXAMPLES if label in rows else PLACES for label in left}


def _moved(known: "Followed", product: Product, out: Tensor) -> Axes | None:
    """Return the axes of a product that moves the units of one tensor, as attention does."""
    found: dict[Any, Axis] = {}
    makers: list[set[Any]] = []
    count = 1
    rows: set[Any] = set()
    for tensor, labels in zip(product.tensors, product.labels, strict=True):
        axes = known.axes_of(tensor)
        if axes is None:
            continue
        pairs = [*zip(labels, axes.axes, strict=True)]
        units = {label for label, axis in pairs if counts_units(axis) and size_of(axis) > 1}
        rows |= {label for label, axis in pairs if counts_examples(axis)}
        if any(label not in product.out for label in units):
            return None
        if units:
            makers.append(units)
            count = axes.units
        for label, axis in pairs:
            if label not in found or (counts_units(axis) and not counts_units(found[label])):
                found[label] = axis
    if not makers or any(each != makers[0] for each in makers):
        return None
    result = [_fitting(found.get(label), size) for label, size in zip(product.out, out.shape, strict=True)]
    if rows and not any(counts_examples(axis) for axis in result) and not counts_units(result[0]):
        result[0] = (Factor(EXAMPLES, out.shape[0] or EMPTY),)
    return with_units(result, count)


def _fitting(axis: Axis | None, size: int) -> Axis:
    size = size or EMPTY
    if axis is not None and size_of(axis) == size:
        return axis
    return (Factor(PLACES, size),) if size != 1 else ()


def known_weights(values: Iterable[Any], is_weight: Any) -> bool:
    """Return whether all tensors among arguments are weights, and there is one."""
    tensors = tensors_in(values)
    return bool(tensors) and all(is_weight(each) for each in tensors)
