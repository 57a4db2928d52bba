"""A forward trace that knows a pass from before: calls that are the same have the same part in it.

The first pass is traced as any other, and what each call of a torch function did to the trace goes on a tape. A later
pass is compared with it call by call: the function, which tensors it gets (parameters, what earlier calls returned, or
others of the same shape), all other arguments, and the shape of what it returns. As long as these are the same, nothing
else is worked out; from the first call that differs on the pass is traced as if there were no tape.
"""

import weakref
from dataclasses import replace
from operator import is_
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from stability.training.introspection.activations import TracedActivation, unreadable
from stability.training.introspection.axes import Axes
from stability.training.introspection.kept_passes import Keep, KeptPass, Reduce
from stability.training.introspection.makers import Made, Place
from stability.training.introspection.names import Names
from stability.training.introspection.relu_spellings import CHOICES, FILLED, LARGER
from stability.training.introspection.taped_calls import (
    MISSES,
    NOTHING,
    OTHER,
    OUT,
    PARAMETER,
    PLAIN,
    SEVERAL,
    VALUE,
    Tape,
    TapedCall,
    Tapes,
    Token,
    flat,
    holds_no_tensor,
)
from stability.training.introspection.torch_functions import ACTIVATIONS, CLAMPS, argument
from stability.training.introspection.trace_mode import ForwardTrace, version_of
from stability.training.introspection.unseen import UNSEEN

Tensor = torch.Tensor

COMPARED = LARGER | CHOICES | FILLED | CLAMPS
"""Which of them are ReLUs depends on the numbers of other tensors."""


class _Before(NamedTuple):
    """How things stand before a call that goes on a tape."""

    tokens: tuple[Token, ...]
    named: dict[str, Token]
    axes: Axes | None
    seen: int
    entered: bool
    owned: bool


class TapedTrace(ForwardTrace):
    """A trace that compares a pass with tapes, or makes one.

    Parameters
    ----------
    names : Names
        Of the network that is traced.
    tapes : Tapes
    reduce : Reduce, optional
    keep : Keep, optional
        Of passes like one on a tape `finish` then returns what it returned.

    Attributes
    ----------
    is_taped : bool
        Whether the pass was put on a tape.
    """

    def __init__(
        self,
        names: Names,
        tapes: Tapes,
        reduce: Reduce | None = None,
        keep: Keep | None = None,
    ) -> None:
        super().__init__(names)
        self._reduce, self._kept_in = reduce, keep
        self._tapes, self.is_taped = tapes, False
        self._tape = Tape()
        self._kept: KeptPass | None = None
        self._begun, self._follows, self._records = False, False, False
        self._origin: dict[int, int] = {}
        self._outs: list[weakref.ref[Tensor] | None] = []
        self._looked: list[tuple[weakref.ref[Tensor], int]] = []
        self._overwritten: set[int] = set()
        self._protected: list[int] = []
        self._protecting = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function; do with the trace what it did before, or look at it."""
        kwargs = kwargs or {}
        if self.suspended:
            return func(*args, **kwargs)
        with UNSEEN():
            call = self._repeated(func, args, kwargs)
        if call is not None:
            out = func(*args, **kwargs)
            with UNSEEN():
                self._returned(call, func, args, kwargs, out)
            return out
        return self._record(func, args, kwargs) if self._records else super().__torch_function__(func, (), args, kwargs)

    def finish(self) -> list[TracedActivation]:
        """Return what was seen; keep a tape that was made, if it says all that there is to say."""
        kept, seen = self._kept, self.seen
        if kept is not None and len(kept) == len(seen) and all(map(is_, kept, seen)) and not self.skipped:
            return kept
        found = super().finish()
        plain = not (self.skipped or self.left_out or self._negated or self._spellings or self._followed.has_weights)
        if self._records and plain:
            self._tapes.add(self._tape)
            self.is_taped = True
        if self._follows and kept is None and self._kept_in is not None and len(found) == len(seen):
            self._tape.kept = self._kept_in(found)
        return found

    def _begin(self, func: Any, args: Any, kwargs: Any) -> None:
        """Choose the tape that begins with this call."""
        self._begun = True
        for tape in self._tapes.kept:
            if self._is(tape[0], func, args, kwargs):
                self._tape, self._follows = tape, True
                self._kept = tape.kept.another() if tape.kept is not None else None
                return
        self._tapes.misses += 1
        self._records = self._tapes.misses <= MISSES

    def _repeated(self, func: Any, args: Any, kwargs: Any) -> TapedCall | None:
        """Return the call on the tape that this one is, after doing what was done before it; None if it is another."""
        if not self._begun:
            self._begin(func, args, kwargs)
        if not self._follows:
            return None
        place = len(self._outs)
        call = self._tape[place] if place < len(self._tape) else None
        alike = call is not None and self._is(call, func, args, kwargs)
        if call is not None and alike and (not call.acts or self._repeat(call, args, kwargs)):
            return call
        self._go_on_alone(place, place)
        return None

    def _is(self, call: TapedCall, func: Any, args: Any, kwargs: Any) -> bool:
        """Return whether a call is the one on the tape."""
        if (func is not call.func and func != call.func) or len(args) != len(call.tokens):
            return False
        try:
            for (kind, what), before, value in zip(call.tokens, call.given, args, strict=False):
                if value is before:
                    continue
                if kind == OUT:
                    found = self._outs[what] if self._origin.get(id(value)) == what else None
                    if found is None or found() is not value:
                        return False
                elif kind == PARAMETER or not self._same(kind, what, value):
                    return False
            if not kwargs:
                return not call.named
            return kwargs.keys() == call.named.keys() and all(
                (kind in (VALUE, PARAMETER) and value is what) or self._same(kind, what, value)
                for (kind, what), value in zip(call.named.values(), map(kwargs.__getitem__, call.named), strict=True)
            )
        except Exception:
            return False

    def _same(self, kind: int, what: Any, value: Any) -> bool:
        if kind == OUT:
            found = self._outs[what] if self._origin.get(id(value)) == what else None
            return found is not None and found() is value
        if kind == VALUE:
            return value is what or (type(value) is type(what) and value == what)
        if kind == PARAMETER:
            return value is what
        if kind == OTHER:
            return isinstance(value, Tensor) and value.shape == what and self._place_of(value) is None
        alike = type(value) is what[0] and len(value) == len(what[1])
        return alike and all(self._same(k, own, part) for (k, own), part in zip(what[1], value, strict=True))

    def _place_of(self, tensor: Tensor) -> int | None:
        """Return which call returned a tensor."""
        place = self._origin.get(id(tensor))
        found = None if place is None else self._outs[place]
        return place if found is not None and found() is tensor else None

    def _repeat(self, call: TapedCall, args: Any, kwargs: Any) -> bool:
        """Do before a call what was done on the tape; return whether that can be done."""
        given = argument(args, kwargs, 0, "input")
        if call.seen is not None:
            if unreadable(given):
                return False
            self._looked.append((weakref.ref(given), version_of(given)))
            self.seen.append(self._seen_of(call.seen, given))
            self._versions.append(version_of(self.seen[-1].z))
            self._layers.uses = call.uses
        self._overwritten.update(call.protected)
        for place in call.protected:
            own = self.seen[place]
            if own.ends is None and version_of(own.z) == self._versions[place]:
                self._set(place, self.seen[place].z.clone())
        return True

    def _seen_of(self, before: TracedActivation, given: Tensor) -> TracedActivation:
        """Return what an activation gets, given what stands for it on the tape."""
        place = len(self.seen)
        if self._kept is not None and self._kept.take(place, given):
            return self._kept[place]
        z = given.detach()
        kept = None if self._reduce is None else self._reduce(z, before.axis)
        z, ends = (z, None) if kept is None else kept
        return replace(before, z=z, ends=ends)

    def _returned(self, call: TapedCall, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        """Compare what a call returned."""
        place = len(self._outs)
        if call.enters:
            self.entry = argument(args, kwargs, 0, "input").detach()
        if call.is_tensor:
            if isinstance(out, Tensor) and not out.is_nested and out.shape == call.shape:
                self._outs.append(weakref.ref(out))
                self._origin[id(out)] = place
                return
        elif type(out) is type(call.shape) and out == call.shape:
            self._outs.append(None)
            return
        self._go_on_alone(place, place + 1)
        try:
            self._followed.follow(func, args, kwargs, out)
            self._note(func, args, kwargs, out)
        except Exception as error:
            self._followed.forget(func, out, error)

    def _go_on_alone(self, over: int, begun: int) -> None:
        """Bring the trace to where it were if it had looked at the first calls itself, and leave the tape.

        Parameters
        ----------
        over, begun : int
            How many calls are over, and how many have begun.
        """
        self._follows = False
        self._tapes.drop(self._tape)
        self._layers.uses = dict(self._layers.uses)
        for place, call in enumerate(self._tape[:begun]):
            if call.lost and call.tokens[0][0] == OUT:
                first = self._outs[call.tokens[0][1]]
                self._made.pop(id(None if first is None else first()), None)
            own = self._outs[place] if place < over else None
            out = None if own is None else own()
            if out is None:
                continue
            if call.known is not None:
                self._followed.set(out, *call.known)
            if call.made is not None:
                self._made[id(out)] = replace(call.made, tensor=out)
        for place, (alive, version) in enumerate(self._looked):
            given = alive()
            if given is None:
                continue
            self._places[id(given)] = Place(given, place, version, {1})
            if place not in self._overwritten:
                self._given[id(given)] = given, place
                if self.seen[place].ends is not None and version_of(given) == version:
                    self.seen[place] = replace(self.seen[place], z=given.detach(), ends=None)
                    self._versions[place] = version

    def _record(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Trace a call, and put on the tape what it did."""
        with UNSEEN():
            before = self._noted(args, kwargs)
        self._protected = []
        out = super().__torch_function__(func, (), args, kwargs)
        with UNSEEN():
            self._put_down(before, func, args, kwargs, out)
        return out

    def _noted(self, args: Any, kwargs: Any) -> _Before:
        """Return how things stand before a call."""
        tokens, named = tuple(map(self._token, args)), {name: self._token(each) for name, each in kwargs.items()}
        axes = self._followed.axes_of(argument(args, kwargs, 0, "input"))
        owned = bool(args) and id(args[0]) in self._made
        return _Before(tokens, named, axes, len(self.seen), self.entry is not None, owned)

    def _put_down(self, before: _Before, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        """Put on the tape what a call did, or end it where that cannot be said."""
        tokens, named, axes, count, entered, owned = before
        is_tensor = isinstance(out, Tensor)
        self._outs.append(weakref.ref(out) if is_tensor else None)
        if is_tensor:
            self._origin[id(out)] = len(self._outs) - 1
        known, made = self._followed.noted(out), self._made.get(id(out))
        entering = not entered and self.entry is not None
        added = self.seen[count:]
        external = any(kind in (OTHER, SEVERAL) for kind, _ in (*tokens, *named.values()))
        strange = (
            any(kind == VALUE and what is NOTHING for kind, what in flat((*tokens, *named.values())))
            or not (is_tensor or isinstance(out, PLAIN) or type(out) is torch.Size)
            or (func in COMPARED and external)
            or (is_tensor and out.is_nested)
            or len(added) > 1
            or (added and func not in ACTIVATIONS)
            or any(not _is_plain(each) or axes is None or axes.plain is None or not axes.plain[1] for each in added)
            or (made is not None and not _is_plain(made))
        )
        if strange:
            self._records = False
            return
        self._tape.append(
            TapedCall(
                *(func, tokens, named, out.shape if is_tensor else out, is_tensor),
                tuple([what if holds_no_tensor(*token) else NOTHING for what, token in zip(args, tokens, strict=True)]),
                replace(added[0], z=NOTHING) if added else None,
                dict(self._layers.uses) if added else {},
                tuple(self._protected),
                known,
                None if made is None else replace(made, tensor=NOTHING),
                owned and id(args[0]) not in self._made,
                entering,
                bool(added or self._protected),
                self._layers.caller()[1] if added or entering else None,
            )
        )

    def _token(self, value: Any) -> Token:
        if isinstance(value, Tensor):
            if value.is_nested or is_lazy(value):
                return VALUE, NOTHING
            if isinstance(value, nn.Parameter):
                return (PARAMETER, value) if self._name_of(value) is not None else (VALUE, NOTHING)
            place = self._place_of(value)
            return (OTHER, value.shape) if place is None else (OUT, place)
        if type(value) in (tuple, list, torch.Size):
            return SEVERAL, (type(value), tuple(map(self._token, value)))
        plain = isinstance(value, PLAIN) or (type(value) is slice and all(map(_is_part, _parts(value))))
        return VALUE, value if plain else NOTHING

    def _protect(self, given: Tensor) -> None:
        found = self._given.get(id(given))
        if found is not None:
            self._protected.append(found[1])
        self._protecting = True
        super()._protect(given)
        self._protecting = False

    def _set(self, place: int, z: Tensor) -> None:
        self._records &= self._protecting
        super()._set(place, z)


def _is_plain(found: TracedActivation | Made) -> bool:
    """Return whether something keeps nothing of a batch: only parameters."""
    weights = [found.weight, found.bias] + ([found.source] if isinstance(found, Made) else [])
    return all(each is None or isinstance(each, nn.Parameter) for each in weights) and (
        isinstance(found, TracedActivation) or found.within is None
    )


def _parts(whole: slice) -> tuple[Any, ...]:
    return whole.start, whole.stop, whole.step


def _is_part(value: Any) -> bool:
    return value is None or isinstance(value, int)
