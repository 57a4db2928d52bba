"""Where units stand in what a forward pass computes: every call of a torch function is followed, or given up."""

import weakref
from collections.abc import Callable, Iterable
from typing import Any

import torch

from stability.training.introspection.axes import (
    EMPTY,
    EXAMPLES,
    PLACES,
    Axes,
    Factor,
    changed_only,
    chosen,
    counts_examples,
    counts_units,
    of_map,
    picked_along,
    reshaped,
    shuffled,
    side_by_side,
    together,
    viewed,
    with_units,
    without,
)
from stability.training.introspection.follow_products import (
    followed_einsum,
    followed_product,
    followed_tensordot,
    known_weights,
)
from stability.training.introspection.torch_functions import (
    ADDED_PRODUCTS,
    AFFINE,
    CATS,
    ENTRYWISE,
    EXPANSIONS,
    GATHERS,
    KEEPING,
    NORMS,
    POOLS,
    PRODUCTS,
    RECURRENT,
    REDUCTIONS,
    RESHAPES,
    SCALINGS,
    SELECTIONS,
    SHUFFLES,
    SORTS,
    VIEWS,
    WRITES,
    argument,
    name_of,
    named,
    tensors_in,
)
from stability.training.introspection.unit_rows import UnitRows, is_parameter

Tensor = torch.Tensor
Rule = Callable[["Followed", Any, Any, Any, Any], Iterable[Axes | None]]


class Followed:
    """The axes of the tensors of one forward pass; it keeps none of them alive.

    Attributes
    ----------
    made : (Parameter, UnitRows) or None
        What made the units of the latest product, if that is a parameter.
    """

    def __init__(self) -> None:
        self.made: tuple[Tensor, UnitRows] | None = None
        self._weights: dict[int, weakref.ref[Tensor]] = {}
        self._known: dict[int, tuple[weakref.ref[Tensor], Axes | str, frozenset[int]]] = {}

    def axes_of(self, tensor: Any) -> Axes | None:
        """Return what the axes of a tensor count; None if it is not known."""
        found = self._found(tensor)
        return found if isinstance(found, Axes) else None

    def lost_in(self, tensor: Any) -> str:
        """Return in which function the axes of a tensor were lost; empty if they never were known."""
        found = self._found(tensor)
        return found if isinstance(found, str) else ""

    @property
    def has_weights(self) -> bool:
        """Whether anything was computed from parameters alone."""
        return bool(self._weights)

    def noted(self, tensor: Any) -> tuple[Axes | str, frozenset[int]] | None:
        """Return what was noted of a tensor; see `set`."""
        entry = self._known.get(id(tensor))
        return entry[1:] if entry is not None and entry[0]() is tensor else None

    def _found(self, tensor: Any) -> Axes | str | None:
        entry = self._known.get(id(tensor))
        return entry[1] if entry is not None and entry[0]() is tensor else None

    def set(self, tensor: Tensor, what: Axes | str, makers: frozenset[int] = frozenset()) -> None:
        """Note what the axes of a tensor count, or in which function that was lost; and the ids of what made units."""
        self._known[id(tensor)] = weakref.ref(tensor), what, makers

    def of_one_map(self, tensors: Iterable[Any]) -> bool:
        """Return whether no two tensors have units that different maps made."""
        makers = [self._known[id(each)][2] for each in tensors if self.axes_of(each) is not None]
        several = [each for each in makers if each]
        return all(left & right for k, left in enumerate(several) for right in several[:k])

    def _makers(self, func: Any, args: Any, kwargs: Any) -> frozenset[int]:
        """Return the ids of the weights that make the units of what a function returns."""
        if func is torch.nn.functional.linear and len(args) == 3 and is_parameter(args[1]):
            return frozenset((id(args[1]), id(args[1] if args[2] is None else args[2])))
        values = tensors_in((*args, *kwargs.values()))
        if func in AFFINE or self.made is not None:
            weights = [id(each) for each in values if is_parameter(each)]
            return frozenset(weights or [id(argument(args, kwargs, 1, "weight"))])
        return frozenset().union(*(self._known[id(each)][2] for each in values if self._found(each) is not None))

    def follow(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        """Note the axes of what a function returned."""
        if not isinstance(out, Tensor | tuple | list):
            if func is Tensor.__setitem__:
                self._written(args)
            return
        rule, self.made = RULES.get(func), None
        if isinstance(out, Tensor):
            if rule is _made and out.ndim:
                self.set(out, of_map(out.shape, *AFFINE[func]), self._makers(func, args, kwargs))
                return
            if rule is _entrywise and len(args) == 1 and (not kwargs or (len(kwargs) == 1 and "inplace" in kwargs)):
                given: Tensor = args[0]
                entry = self._known.get(id(given))
                same = entry is not None and entry[0]() is given and out.shape == given.shape
                if entry is not None and same and not isinstance(entry[1], str):
                    self.set(out, entry[1], entry[2])
                    return
        outs = [out] if isinstance(out, Tensor) else out
        if known_weights((*args, *kwargs.values()), self.is_weight):
            self._weights |= {id(each): weakref.ref(each) for each in tensors_in([outs])}
            return
        if rule is not None:
            found = [*rule(self, func, args, kwargs, out)]
        elif self._concerned((*args, *kwargs.values())):
            found = [None] * len(outs)
        else:
            return
        for each, axes in zip(outs, found, strict=False):
            if isinstance(each, Tensor):
                if axes is not None and len(axes.axes) == each.ndim:
                    self.set(each, axes, self._makers(func, args, kwargs))
                elif self._concerned((*args, *kwargs.values())):
                    self.set(each, self._reason(func, (*args, *kwargs.values())))

    def is_weight(self, tensor: Tensor) -> bool:
        """Return whether a tensor is a parameter, or computed from parameters alone."""
        entry = self._weights.get(id(tensor))
        return is_parameter(tensor) or (entry is not None and entry() is tensor)

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
        several = func is torch.nn.functional.layer_norm and len(argument(args, kwargs, 1, "normalized_shape")) > 1
        return [None if several else of_map(out.shape, NORMS[func], 2)]
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
        return [picked_along(axes, parts, out.shape)]
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
    if not any(counts_units(row.axes[place]) for row in rows) and not known.of_one_map(parts):
        return [None]
    return [side_by_side(rows, out.shape, place)]


def _stacked(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    parts = args[0] if args else kwargs["tensors"]
    place = (argument(args, kwargs, 1, "dim") or 0) % out.ndim
    rows = [axes for part in parts if (axes := known.axes_of(part)) is not None]
    alike = bool(rows) and known.of_one_map(parts)
    whole = side_by_side(rows, out.shape[:place] + out.shape[place + 1 :], -1) if alike else None
    if whole is None:
        return [None]
    return [Axes((*whole.axes[:place], (Factor(PLACES, out.shape[place]),), *whole.axes[place:]), whole.units)]


def _rolled(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    dims = argument(args, kwargs, 2, "dims")
    dims = [0] if dims in (None, ()) and out.ndim == 1 else [dims] if isinstance(dims, int) else dims
    (found,) = _entrywise(known, func, args, kwargs, out)
    for dim in dims or [None]:
        found = None if found is None or dim is None else chosen(found, dim, out.shape)
    return [found]


def _selected(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    axes = known.axes_of(args[0]) if args else None
    dim = argument(args, kwargs, 1 if name_of(func) == "index_select" else 2, "dim")
    return [None if axes is None or not isinstance(dim, int) else chosen(axes, dim, out.shape)]


def _gathered(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    axes = known.axes_of(args[0]) if args else None
    dim = argument(args, kwargs, 1 if name_of(func) == "gather" else 2, "dim")
    if axes is None or not isinstance(dim, int) or len(axes.axes) != out.ndim or counts_units(axes.axes[dim]):
        return [None]
    whole = changed_only(axes, out.shape, [dim])
    return [None if whole is None else chosen(whole, dim, out.shape)]


def _sorted(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    axes, dim = known.axes_of(args[0]) if args else None, argument(args, kwargs, SORTS[func], "dim")
    dim = -1 if dim is None else dim
    if axes is None or not isinstance(dim, int) or counts_units(axes.axes[dim]) or counts_examples(axes.axes[dim]):
        return [None] * len(out)
    return [changed_only(axes, each.shape, [dim]) for each in out]


def _shuffled(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    axes, step = known.axes_of(args[0]) if args else None, argument(args, kwargs, 1, "upscale_factor", "groups")
    step = argument(args, kwargs, 1, "downscale_factor") if step is None else step
    return [None if axes is None or not isinstance(step, int) else shuffled(name_of(func), axes, step, out.shape)]


def _written_to(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    (found,) = _entrywise(known, func, args, kwargs, out)
    where = argument(args, kwargs, 1, "dim", "indices")
    dims = [where] if isinstance(where, int) else range(len(where)) if isinstance(where, tuple | list) else []
    lost = found is None or not dims or any(counts_units(found.axes[dim]) for dim in dims)
    return [None if lost else found]


def _parted(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    """Follow `view_as_real`: the two parts of a number are places of its unit."""
    axes = known.axes_of(args[0]) if args else None
    return [None if axes is None else Axes((*axes.axes, (Factor(PLACES, 2),)), axes.units)]


def _paired(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    """Follow `view_as_complex`, unless it makes one number of two units or examples."""
    axes = known.axes_of(args[0]) if args else None
    if axes is None or counts_units(axes.axes[-1]) or counts_examples(axes.axes[-1]):
        return [None]
    return [Axes(axes.axes[:-1], axes.units)]


def _attended(known: Followed, func: Any, args: Any, kwargs: Any, out: Any) -> list[Axes | None]:
    axes = known.axes_of(argument(args, kwargs, 2, "value"))
    return [None if axes is None or out.ndim < 2 else changed_only(axes, out.shape, [-2])]


RULES: dict[Any, Rule] = {
    **dict.fromkeys(ENTRYWISE | KEEPING, _entrywise),
    **dict.fromkeys(VIEWS, _view),
    **dict.fromkeys(RESHAPES, _reshape),
    **dict.fromkeys(EXPANSIONS, _expanded),
    **dict.fromkeys(POOLS, _pooled),
    **dict.fromkeys(SCALINGS, _scaled),
    **dict.fromkeys(REDUCTIONS, _reduced),
    **dict.fromkeys(CATS, _joined),
    **dict.fromkeys(PRODUCTS | ADDED_PRODUCTS, followed_product),
    **dict.fromkeys(AFFINE, _made),
    **dict.fromkeys(named("roll"), _rolled),
    **dict.fromkeys(SELECTIONS, _selected),
    **dict.fromkeys(GATHERS, _gathered),
    **dict.fromkeys(SHUFFLES, _shuffled),
    **dict.fromkeys(SORTS, _sorted),
    **dict.fromkeys(WRITES, _written_to),
    torch.einsum: followed_einsum,
    torch.tensordot: followed_tensordot,
    Tensor.__getitem__: _picked,
    torch.stack: _stacked,
    torch.view_as_real: _parted,
    torch.view_as_complex: _paired,
    torch.nn.functional.scaled_dot_product_attention: _attended,
}
"""What each function does to axes."""
