"""A forward trace: a mode that records what ReLUs get, from calls of torch functions by modules or not."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from stability.training.introspection.activations import Skipped, TracedActivation, unreadable
from stability.training.introspection.axes import Axes, arranged
from stability.training.introspection.computed_weights import leaf_of
from stability.training.introspection.follow_axes import Followed
from stability.training.introspection.hooks import is_kept_once
from stability.training.introspection.makers import Made, Place, shared
from stability.training.introspection.names import LayerNames, Names
from stability.training.introspection.recurrent_relus import CELLS, LAYERS, hidden_relus
from stability.training.introspection.relu_spellings import NOTED, SPELLINGS, ReluSpellings, is_observer
from stability.training.introspection.stated_units import StatedUnits, stated_axes
from stability.training.introspection.torch_functions import (
    ACTIVATIONS,
    ADDED_PRODUCTS,
    AFFINE,
    CATS,
    CLAMPS,
    EXPANSIONS,
    INPLACE,
    KEEPING,
    NAMED,
    NEGATIONS,
    NORMS,
    OPERATIONS,
    POOLS,
    PRODUCTS,
    RELUS,
    RESHAPES,
    SCALINGS,
    SORTS,
    SUMS,
    TRAINED,
    TRANSPOSED,
    VIEWS,
    argument,
    slope_of,
    writes,
)
from stability.training.introspection.unit_rows import FIRST, UnitRows, is_parameter
from stability.training.introspection.unseen import UNSEEN

__all__ = ["ACTIVATIONS", "AFFINE", "CLAMPS", "INPLACE", "RELUS", "ForwardTrace", "Skipped", "TracedActivation"]

Tensor = torch.Tensor

MOVES = VIEWS | RESHAPES | EXPANSIONS | SCALINGS | {Tensor.__getitem__, *SORTS}
"""They move units and leave them what they are."""
MULTIPLIED = PRODUCTS | ADDED_PRODUCTS | {torch.einsum, torch.tensordot}
FUSED = LAYERS | CELLS
OPERATION = (
    "it is an operation of torch.ops, as in what torch.export returns (the network that was exported can be read)"
)
OVERWRITTEN = "its pre-activations were overwritten after their ReLU"


class ForwardTrace(TorchFunctionMode):
    """Collects what ReLUs get while it is on; nothing that goes wrong here reaches the network.

    Parameters
    ----------
    names : Names
        Of the network that is traced.
    graph : bool
        Whether pre-activations keep their graph, so that one can differentiate by them.
    stated : StatedUnits, optional
        What is known of layers beforehand.

    Attributes
    ----------
    seen : list of TracedActivation
    skipped : list of Skipped
    entry : tensor or None
        What the first affine map got.
    known : collection of str
        The names of layers that are known to be skipped.
    left_out : list of str
        The layers that were left out as stated.
    suspended : bool
        Whether it lets everything pass.
    once : bool
        Whether the graph, if it is kept, can be differentiated once only.
    """

    def __init__(self, names: Names, graph: bool = False, stated: StatedUnits | None = None) -> None:
        super().__init__()
        self.seen: list[TracedActivation] = []
        self.skipped: list[Skipped] = []
        self.entry: Tensor | None = None
        self.known: Collection[str] = ()
        self.suspended = self.once = False
        self._name_of, self._graph, self._stated = names.of, graph, stated
        self._layers = LayerNames(names)
        self.left_out: list[str] = []
        self._versions: list[int] = []
        self._followed = Followed()
        self._made: dict[int, Made] = {}
        self._negated: dict[int, tuple[Tensor, Tensor]] = {}
        self._places: dict[int, Place] = {}
        self._given: dict[int, tuple[Tensor, int]] = {}
        self._spellings = ReluSpellings()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function; look at it if it is an activation, or takes part in making pre-activations."""
        kwargs = kwargs or {}
        if self.suspended:
            return func(*args, **kwargs)
        with UNSEEN():
            self._before(func, args, kwargs)
        out = self._called(func, args, kwargs)
        with UNSEEN():
            self._after(func, args, kwargs, out)
        return out

    def _before(self, func: Any, args: Any, kwargs: Any) -> None:
        """Look at what a call gets."""
        self.once = self.once or (self._graph and is_kept_once())
        if func in ACTIVATIONS:
            self.look(func, args, kwargs)
        elif func in OPERATIONS:
            self._leave_operation(OPERATIONS[func], args, kwargs)
        if func in SPELLINGS:
            self._look_for(func, args, kwargs)
        if writes(func) and args:
            self._change(func, args[0])

    def _after(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        """Note what a call returned."""
        try:
            self._followed.follow(func, args, kwargs, out)
            self._note(func, args, kwargs, out)
        except Exception as error:
            self._followed.forget(func, out, error)

    def _called(self, func: Any, args: Any, kwargs: Any) -> Any:
        return func(*args, **kwargs)

    def finish(self) -> list[TracedActivation]:
        """Return what was seen; what was overwritten and could not be followed is skipped."""
        kept = []
        for each, version in zip(self.seen, self._versions, strict=True):
            if version_of(each.z) == version:
                kept.append(each)
            else:
                self.skipped.append(Skipped(each.name, OVERWRITTEN))
        return kept

    def _note(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        """Note who made a tensor."""
        if func in NOTED:
            self._spellings.note(func, args, kwargs, out)
        if func in AFFINE:
            self._note_map(func, args, kwargs, out)
        elif func in MULTIPLIED:
            self._note_product(func, args, kwargs, out)
        elif func in NORMS or func in SUMS or func in KEEPING or func in POOLS:
            self._pass_on(func, args, kwargs, out)
        elif func in MOVES:
            if args and id(args[0]) in self._made:
                self._moved(self._made[id(args[0])], [out] if isinstance(out, Tensor) else out)
        elif func in CATS:
            self._join_up(args[0] if args else kwargs["tensors"], out)
        elif func in NEGATIONS:
            self._negated[id(out)] = (out, args[0] if args else kwargs["input"])

    def _note_map(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        given, weight = argument(args, kwargs, 0, "input"), argument(args, kwargs, 1, "weight")
        if func in FUSED:
            self._note_fused(func, args, out)
        if func not in NAMED:
            return
        if self.entry is None and isinstance(given, Tensor) and given.is_floating_point():
            self.entry = given.detach()
        axes = self._followed.axes_of(out)
        if axes is not None and type(weight) is nn.Parameter and func not in TRANSPOSED:
            self._made[id(out)] = Made(out, axes.units, weight, weight, argument(args, kwargs, 2, "bias"))
        elif axes is not None:
            groups = (argument(args, kwargs, 6, "groups") or 1) if func in TRANSPOSED else 0
            own, rows = leaf_of(weight, UnitRows((0, 2), groups) if groups else FIRST, self._graph)
            source = weight if own is None else own
            within = self._layers.caller()[1] if self._name_of(source) is None else None
            bias = argument(args, kwargs, 2, "bias")
            self._made[id(out)] = Made(out, axes.units, source, own, bias, rows=rows, within=within)

    def _note_product(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        """Note which parameter makes a product, if one does."""
        made, axes = self._followed.made, self._followed.axes_of(out)
        if made is None or axes is None:
            return
        given = argument(args, kwargs, 0, "input") if func in ADDED_PRODUCTS else None
        bias = given if is_parameter(given) and given.shape == (axes.units,) else None
        self._made[id(out)] = Made(out, axes.units, made[0], made[0], bias, rows=made[1])

    def _note_fused(self, func: Any, args: Any, out: Any) -> None:
        """Keep what the ReLUs inside a recurrent function got, or why that is not known."""
        with torch.set_grad_enabled(self._graph and torch.is_grad_enabled()):
            found = hidden_relus(func, args, out)
        if isinstance(found, str):
            first = next(each for each in args if isinstance(each, tuple | list) and isinstance(each[0], Tensor))[0]
            self._skip(Made(first, 0, first), found)
            return
        whole = self._followed.axes_of(out if isinstance(out, Tensor) else out[0])
        for each in found:
            made = Made(each.z, each.z.shape[-1], each.weight, each.weight, each.bias)
            if whole is not None and not (self._stated and self._leaves_out(made)):
                units = whole.axes[-1][0]._replace(size=each.z.shape[-1])
                z, axis = arranged(each.z, Axes((*whole.axes[:-1], (units,)), units.size))
                self._append(z, axis, made, 0.0)

    def _pass_on(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        """Note that a sum, a normalisation or the like of something made is made by the same."""
        axes = self._followed.axes_of(out)
        if axes is None:
            return
        values = [each for each in (*args, *kwargs.values()) if isinstance(each, Tensor)]
        makers = [self._made[id(x)] for x in values if id(x) in self._made]
        if len(makers) > 1:
            makers = [shared(makers)]
        if not makers and func in NORMS:
            makers = [Made(out, axes.units)]
        for each in makers:
            centred = each.centred or _centres(func, args, kwargs)
            made = replace(each, tensor=out, normed=each.normed or func in NORMS, centred=centred)
            shift = next((x for x in values if is_parameter(x) and x.shape == (axes.units,)), None)
            if func in SUMS and made.bias is None and shift is not None and _stands_last(axes):
                made = replace(made, bias=shift)
            if made.units == axes.units:
                self._made[id(out)] = made

    def _moved(self, made: Made, outs: Iterable[Any]) -> None:
        for out in outs:
            axes = self._followed.axes_of(out)
            if axes is not None and axes.units == made.units and axes.ordered:
                self._made[id(out)] = replace(made, tensor=out)

    def _join_up(self, parts: Iterable[Tensor], out: Tensor) -> None:
        """Return who made a concatenation: of z and -z the map that makes z, else none."""
        sources = [self._source(part) for part in parts]
        makers = [self._made[id(z)] for z, _ in sources if id(z) in self._made]
        axes = self._followed.axes_of(out)
        if axes is not None and makers and len(makers) == len(sources):
            alike = all(z is sources[0][0] for z, _ in sources) and len({sign for _, sign in sources}) == len(sources)
            self._made[id(out)] = replace(makers[0] if alike else shared(makers), tensor=out, units=axes.units)

    def _source(self, given: Tensor) -> tuple[Tensor, int]:
        """Return what a tensor is the negative of, or itself, and the sign."""
        found = self._negated.get(id(given))
        return (given, 1) if found is None else (found[1], -1)

    def look(self, func: Any, args: Any, kwargs: Any) -> None:
        """Keep what a call of an activation gets, before it is made."""
        try:
            self._look(func, args, kwargs)
        except Exception as error:
            self._skip(None, f"reading it failed ({type(error).__name__}: {error})")

    def _look_for(self, func: Any, args: Any, kwargs: Any) -> None:
        """Keep what a call gets that is a ReLU in other words, before it is made."""
        try:
            given = self._spellings.given(func, args, kwargs)
            if given is not None and not is_observer(self._layers.caller()[1]):
                self._keep(func, given, 0.0, func is Tensor.__setitem__)
        except Exception as error:
            self._skip(None, f"reading it failed ({type(error).__name__}: {error})")

    def _look(self, func: Any, args: Any, kwargs: Any) -> None:
        slope = slope_of(func, args, kwargs)
        given = argument(args, kwargs, 0, "input")
        if (slope is not None or func in TRAINED) and isinstance(given, Tensor):
            self._keep(func, given, slope, bool(argument(args, kwargs, INPLACE.get(func, 9), "inplace")))

    def _leave_operation(self, func: Any, args: Any, kwargs: Any) -> None:
        """Leave out a ReLU that is called as an operation of torch.ops, of whose arguments nothing is followed."""
        if slope_of(func, args, kwargs) is not None or func in TRAINED:
            self._skip(None, OPERATION)

    def _keep(self, func: Any, given: Tensor, slope: float | None, inplace: bool) -> None:
        """Keep what a ReLU gets."""
        if self._followed.is_weight(given):
            return
        source, sign = self._source(given)
        made = self._made.get(id(given)) or self._made.get(id(source))
        axes, reason = self._followed.axes_of(given), unreadable(given)
        if self._stated:
            if self._leaves_out(made):
                return
            reason = reason or self._misstated(given, made)
            axes, made = self._as_stated(given, axes, made)
        if reason or axes is None:
            self._skip(made, reason or _uncertain(self._followed.lost_in(given)))
            return
        z, axis = arranged(given if self._graph else given.detach(), axes)
        before = self._places.get(id(source))
        if before is None or before.version != version_of(source):
            self._places[id(source)] = Place(source, len(self.seen), version_of(source), {sign})
            self._given[id(given)] = (given, len(self.seen))
            self._append(z, axis, made, slope)
        elif sign not in before.signs:
            before.signs.add(sign)
            layer = self.seen[before.place]
            self._set(before.place, torch.cat([layer.z, z], layer.axis))
        if inplace:
            self._protect(given)

    def _leaves_out(self, made: Made | None) -> bool:
        """Return whether a layer is left out as stated; note it, if so."""
        if self._stated is None or not self._stated.leaves_out(self._layers.next(made), self._layers.caller()[0]):
            return False
        self.left_out.append(self._layers.take(made))
        return True

    def _misstated(self, given: Tensor, made: Made | None) -> str:
        """Return why what is stated of a layer cannot be, "" where it can."""
        axis = None if self._stated is None else self._stated.axis(self._layers.next(made), self._layers.caller()[0])
        if axis is None or -given.ndim <= axis < given.ndim:
            return ""
        return f"axis {axis} is said to count its units, and what it gets has {given.ndim} axes"

    def _as_stated(self, given: Tensor, axes: Axes | None, made: Made | None) -> tuple[Axes | None, Made | None]:
        """Return axes as they are stated; where they are others than those that were followed, no row is known."""
        if self._stated is None:
            return axes, made
        axis = self._stated.axis(self._layers.next(made), self._layers.caller()[0])
        if axis is not None and not -given.ndim <= axis < given.ndim:
            return None, made
        if axis is None or (axes is not None and axes.plain is not None and axes.plain[0] == axis % given.ndim):
            return axes, made
        return stated_axes(tuple(given.shape), axis), None if made is None else replace(made, weight=None, bias=None)

    def _append(self, z: Tensor, axis: int, made: Made | None, slope: float | None) -> None:
        name = self._layers.take(made)
        if made is None or not self._layers.of_weight(made):
            made = Made(z, 0, normed=made is not None and made.normed, centred=made is not None and made.centred)
        self.seen.append(
            TracedActivation(name, z, axis, made.weight, made.bias, made.normed, slope, made.centred, made.rows)
        )
        self._versions.append(version_of(z))

    def _skip(self, made: Made | None, reason: str) -> None:
        name = self._layers.take(made)
        self.skipped.append(Skipped(name, reason, None if name in self.known else self._layers.caller()[1]))

    def _change(self, func: Any, given: Any) -> None:
        """Copy pre-activations before they are overwritten, and forget who made what is no more."""
        if id(given) in self._given:
            self._protect(given)
        elif id(given) in self._made and func not in SUMS and func not in KEEPING and func not in MOVES:
            del self._made[id(given)]

    def _protect(self, given: Tensor) -> None:
        """Copy pre-activations before they are overwritten; they are nobody's any more."""
        self._made.pop(id(given), None)
        found = self._given.pop(id(given), None)
        if found is not None and version_of(self.seen[found[1]].z) == self._versions[found[1]]:
            self._set(found[1], self.seen[found[1]].z.clone())

    def _set(self, place: int, z: Tensor) -> None:
        self.seen[place] = replace(self.seen[place], z=z)
        self._versions[place] = version_of(z)


def version_of(z: Tensor) -> int:
    """Return how often a tensor was written into; 0 where torch does not count."""
    return 0 if z.is_inference() else z._version


def _centres(func: Any, args: Any, kwargs: Any) -> bool:
    """Return whether a function takes out of every unit what it has on average over a batch, or over places."""
    if func is functional.batch_norm:
        return bool(argument(args, kwargs, 5, "training"))
    return func is functional.instance_norm and argument(args, kwargs, 5, "use_input_stats") is not False


def _uncertain(where: str) -> str:
    """Return why units are not certain."""
    if where:
        return f"which axis counts its units is lost in {where}"
    return "which axis counts its units is not known: no map that is followed makes what it gets"


def _stands_last(axes: Axes) -> bool:
    """Return whether units are the last axis, where a bias of one axis is added to them."""
    return axes.plain is not None and axes.plain[0] == len(axes.axes) - 1
