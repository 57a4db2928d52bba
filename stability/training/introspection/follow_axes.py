"""Where units stand in what a forward pass computes: every call of a torch function is followed, or given up."""

import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import nn

from stability.training.introspection.axes import (
    EMPTY,
    EXAMPLES,
    PLACES,
    UNITS,
    Axes,
    Axis,
    Factor,
    changed_only,
    counts_units,
    of_map,
    reshaped,
    resized,
    size_of,
    together,
    viewed,
    with_units,
    without,
)
from stability.training.introspection.torch_functions import (
    ADDED_PRODUCTS,
    AFFINE,
    CATS,
    ENTRYWISE,
    EXPANSIONS,
    KEEPING,
    NORMS,
    POOLS,
    PRODUCTS,
    RECURRENT,
    REDUCTIONS,
    RESHAPES,
    SCALINGS,
    VIEWS,
    argument,
    name_of,
    tensors_in,
)

Tensor = torch.Tensor
Rule = Callable[["Followed", Any, Any, Any, Any], Iterable[Axes | None]]


class Followed:
    """The axes of the tensors of one forward pass; it keeps none of them alive."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[Tensor], Axes | str]] = {}

    def axes_of(self, tensor: Any) -> Axes | None:
        """Return what the axes of a tensor count; None if it is not known."""
        found = self._found(tensor)
        return found if isinstance(found, Axes) else None

    def lost_in(self, tensor: Any) -> str:
        """Return in which function the axes of a tensor were lost; empty if they never were known."""
        found = self._found(tensor)
        return found if isinstance(found, str) else ""

    def _found(self, tensor: Any) -> Axes | str | None:
        entry = self._known.get(id(tensor))
        return entry[1] if entry is not None and entry[0]() is tensor else None

    def set(self, tensor: Tensor, what: Axes | str) -> None:
        """Note what the axes of a tensor count, or in which function that was lost."""
        self._known[id(tensor)] = weakref.ref(tensor), what

    def follow(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        """Note the axes of what a function returned."""
        if not isinstance(out, Tensor | tuple | list):
            if func is Tensor.__setitem__:
                self._written(args)
            return
        rule = RULES.get(func)
        if isinstance(out, Tensor):
            if rule is _made and out.ndim:
                self.set(out, of_map(out.shape, *AFFINE[func]))
                return
            if rule is _entrywise and len(args) == 1 and not kwargs:
                axes = self.axes_of(args[0])
                if axes is not None and out.shape == args[0].shape:
                    self.set(out, axes)
                    return
        outs = [out] if isinstance(out, Tensor) else out
        if rule is not None:
            found = [*rule(self, func, args, kwargs, out)]
        elif self._concerned((*args, *kwargs.values())):
            found = [None] * len(outs)
        else:
            return
        for each, axes in zip(outs, found, strict=False):
            if isinstance(each, Tensor):
                if axes is not None and len(axes.axes) == each.ndim:
                    self.set(each, axes)
                elif self._concerned((*args, *kwargs.values())):
                    self.set(each, self._reason(func, (*args, *kwargs.values())))

    def forget(self, func: Any, out: Any, error: Exception) -> None:
        """Note that what a function returned could not be followed."""
        for each in tensors_in([out]):
            self.set(each, f"{name_of(func)} ({type(error).__name__})")

    def _concerned(self, values: Iterable[Any]) -> bool:
        return any(self._found(each) is not None for each in tensors_in(values))

    def _reason(self, func: Any, values: Iterable[Any]) -> str:
        """Return the function in which axes were lost first."""
        return next((text for each in tensors_in(values) if (text := self.lost_in(each))), name_of(func))

    def known(self, values: Iterable[Any]) -> list[Tensor]:
        """Return the tensors of which the axes are known."""
        return [each for each in tensors_in(values) if self.axes_of(each) is not None]

    def _written(self, args: Any) -> None:
        """Follow `buffer[index] = units`."""
        if len(args) < 3 or self.axes_of(args[2]) is None:
            return
        found = None if isinstance(args[1], tuple) else _entrywise(self, None, (args[2], args[0]), {}, args[0])[0]
        self.set(args[0], found or "an assignment to a part of a tensor")


def _made(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    axis, least = AFFINE[func]
    first = out if isinstance(out, Tensor) else out[0]
    if not first.ndim:
        return [None]
    axes = of_map(first.shape, axis, least)
    recurrent = func in RECURRENT and len(args) == 9
    if first.ndim == 3 and ((recurrent and not args[-1]) or func is torch.nn.functional.multi_head_attention_forward):
        steps, examples = first.shape[0] or EMPTY, first.shape[1] or EMPTY
        axes = Axes(((Factor(PLACES, steps),), (Factor(EXAMPLES, examples),), axes.axes[2]), axes.units)
    return [axes]


def _entrywise(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    values = known.known((*args, *kwargs.values()))
    if isinstance(out, Tensor) and not values and func in NORMS and out.ndim > 1:
        return [of_map(out.shape, NORMS[func], 2)]
    if not isinstance(out, Tensor) or not values:
        return [None]
    pairs = [(axes, each.shape) for each in values if (axes := known.axes_of(each)) is not None]
    if len(pairs) == 1 and out.shape == pairs[0][1]:
        return [pairs[0][0]]
    if any(known.lost_in(each) for each in tensors_in((*args, *kwargs.values()))) and all(
        out.shape != shape for _, shape in pairs
    ):
        return [None]
    return [together(pairs, out.shape)]


def _view(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    axes = known.axes_of(args[0]) if args else None
    if axes is None:
        return [None]
    return viewed(func, args, kwargs, axes)


def _picked(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    axes, index = known.axes_of(args[0]), args[1]
    if axes is None:
        return [None]
    parts = index if isinstance(index, tuple) else (index,)
    if not any(isinstance(part, Tensor | list) or hasattr(part, "__array__") for part in parts):
        return viewed(func, args, kwargs, axes)
    if len(parts) > 1:
        return [None]
    rest = axes.axes[index.ndim if isinstance(index, Tensor) and index.dtype in (torch.bool, torch.uint8) else 1 :]
    fresh = out.shape[: out.ndim - len(rest)]
    kinds = [EXAMPLES if k == 0 else PLACES for k in range(len(fresh))]
    return [with_units([*((Factor(k, n or EMPTY),) for k, n in zip(kinds, fresh, strict=True)), *rest], axes.units)]


def _reshape(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    axes = known.axes_of(args[0]) if args else None
    return [None if axes is None or out.numel() != args[0].numel() else reshaped(axes, out.shape)]


def _expanded(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    axes = known.axes_of(args[0]) if args else None
    return [None if axes is None else changed_only(axes, out.shape, range(out.ndim))]


def _pooled(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    first = out if isinstance(out, Tensor) else out[0]
    axes = known.axes_of(args[0]) if args else None
    return [None if axes is None else changed_only(axes, first.shape, range(-POOLS[func], 0))]


def _scaled(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    axes = known.axes_of(args[0]) if args else None
    return [None if axes is None else changed_only(axes, out.shape, range(2, out.ndim))]


def _reduced(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    second = argument(args, kwargs, 1, "other")
    if isinstance(second, Tensor):
        return _entrywise(known, func, args, kwargs, out)
    axes = known.axes_of(args[0]) if args else None
    dims = argument(args, kwargs, 1, "dim", "axis") if "p" not in kwargs else kwargs.get("dim")
    first = out if isinstance(out, Tensor) else out[0]
    if axes is None or dims is None or not isinstance(dims, int | tuple | list):
        return [None]
    places = [dims] if isinstance(dims, int) else [*dims]
    return [without(axes, places, keep=first.ndim == len(axes.axes))]


def _joined(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    parts = args[0] if args else kwargs["tensors"]
    dim = argument(args, kwargs, 1, "dim", "axis") or 0
    rows = [axes for part in parts if (axes := known.axes_of(part)) is not None and len(axes.axes) == out.ndim]
    if not rows:
        return [None]
    place = dim % out.ndim
    return [_side_by_side(rows, out.shape, place)]


def _side_by_side(rows: Sequence[Axes], shape: Sequence[int], place: int) -> Axes | None:
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
        found.append(axis)
    if place >= 0 and counts_units(found[place]) and len(found[place]) > 1:
        return None
    return with_units(found, max(row.units for row in rows))


def _stacked(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    parts = args[0] if args else kwargs["tensors"]
    place = (argument(args, kwargs, 1, "dim") or 0) % out.ndim
    rows = [axes for part in parts if (axes := known.axes_of(part)) is not None]
    whole = _side_by_side(rows, out.shape[:place] + out.shape[place + 1 :], -1) if rows else None
    if whole is None:
        return [None]
    return [Axes((*whole.axes[:place], (Factor(PLACES, out.shape[place]),), *whole.axes[place:]), whole.units)]


def _product(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    values = tensors_in((*args, *kwargs.values()))[-2:]
    if len(values) < 2 or out.ndim < 2:
        return [None]
    left, right = values[::-1] if name_of(func) == "rmatmul" else values
    if _is_weight(right) and right.ndim == 2:
        return [of_map(out.shape, -1, 2)]
    axes = known.axes_of(right)
    if axes is not None and len(axes.axes) > 1 and all(factor.kind == UNITS for factor in axes.axes[-1]):
        before = [*axes.axes[:-2], (Factor(PLACES, out.shape[-2] or EMPTY),), axes.axes[-1]]
        if len(before) == 2:
            before[0] = (Factor(EXAMPLES, out.shape[0] or EMPTY),)
        if len(before) == out.ndim and all(size_of(a) == (n or EMPTY) for a, n in zip(before, out.shape, strict=True)):
            return [with_units(before, axes.units)]
    if _is_weight(left) and left.ndim == 2 and out.ndim == 2:
        return [Axes(((Factor(UNITS, out.shape[0]),), (Factor(EXAMPLES, out.shape[1] or EMPTY),)), out.shape[0])]
    return [None]


def _attended(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    axes = known.axes_of(argument(args, kwargs, 2, "value"))
    return [None if axes is None or out.ndim < 2 else changed_only(axes, out.shape, [-2])]


def _is_weight(tensor: Tensor) -> bool:
    """Return whether a tensor is a parameter, or a view of one."""
    return isinstance(tensor, nn.Parameter) or isinstance(tensor._base, nn.Parameter)


RULES: dict[Any, Rule] = {
    **dict.fromkeys(ENTRYWISE | KEEPING, _entrywise),
    **dict.fromkeys(VIEWS, _view),
    **dict.fromkeys(RESHAPES, _reshape),
    **dict.fromkeys(EXPANSIONS, _expanded),
    **dict.fromkeys(POOLS, _pooled),
    **dict.fromkeys(SCALINGS, _scaled),
    **dict.fromkeys(REDUCTIONS, _reduced),
    **dict.fromkeys(CATS, _joined),
    **dict.fromkeys(PRODUCTS, _product),
    **dict.fromkeys(ADDED_PRODUCTS, _product),
    **dict.fromkeys(AFFINE, _made),
    Tensor.__getitem__: _picked,
    torch.stack: _stacked,
    torch.nn.functional.scaled_dot_product_attention: _attended,
}
"""What each function does to axes."""
