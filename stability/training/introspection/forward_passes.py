"""Introspection of a network: the pre-activations that it computes, and the weights that make them.

Two hooks on the network switch a mode on for as long as its forward pass lasts. The mode sees every call of a ReLU or
of an affine map, whether it comes from a module or is written as a function; nothing in the network changes.
"""

import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from threading import get_ident
from types import FrameType
from typing import Any

import torch
from torch import nn

from stability.errors import StabilityError
from stability.io.closing import Closing
from stability.io.warn import warn_user
from stability.training.introspection.batches import arguments
from stability.training.introspection.frames import has_raised, is_repeated
from stability.training.introspection.hooks import Hook, SwitchedHook, is_recorded
from stability.training.introspection.kept_passes import Keep, KeptPass, Reduce, ShortPass
from stability.training.introspection.names import Names
from stability.training.introspection.open_passes import OpenPass, drop_interrupted, switch_off
from stability.training.introspection.stated_units import StatedUnits
from stability.training.introspection.static_networks import KnownPass, StaticNetwork, StaticPass
from stability.training.introspection.tape import TapedTrace
from stability.training.introspection.taped_calls import Tapes
from stability.training.introspection.trace_mode import ForwardTrace, Skipped, TracedActivation
from stability.training.introspection.visible import Visible, compiled_part, computed_later, require_visible

__all__ = [
    "ForwardTrace",
    "Introspection",
    "TracedActivation",
    "capture",
    "require_relus",
    "require_visible",
]

Tensor = torch.Tensor
AS_ASKED = "it is left out as asked"

NAMED = 3
"""So many layers that are left out for one reason are named, and of the others how many there are."""


def _always() -> bool:
    return True


class Introspection(Closing):
    """Looks at the forward passes of a network from now until it is closed.

    Copies of the network (`copy.deepcopy`, `torch.save`, replicas) are not traced, and neither is compiled code, which
    runs without hooks; then `passes` stays 0. Passes that a checkpoint repeats in the backward pass are not looked at.

    Parameters
    ----------
    model : Module
    look : callable
        Gets the list of what the ReLUs saw, in the order of the computation, after each forward pass that is looked at;
        not after one that raises, or returns None. Layers without examples are in it, with empty tensors.
    wanted : callable
        Called before each forward pass: whether to look at it.
    graph : bool
        Whether pre-activations keep their graph.
    strict : bool
        Whether a forward pass raises where something in it cannot be read; else it is left out with one warning.
    refuse : bool
        Whether a network that nothing can be seen inside is refused; else `look` gets no layers, with one warning.
    stated : StatedUnits, optional
        Which axes count units, and what is left out, where that is known beforehand.
    reduce : callable, optional
        See `TapedTrace`; passes that are not known from before are handed over whole.
    keep : callable, optional
        See `Keep`: `look` may get what it returned, which is used again for later passes.

    Attributes
    ----------
    passes : int
        How many forward passes have begun, looked at or not.
    skipped : dict of str to str
        The layers that were left out, and why.
    unread : dict of str to str
        While `look` is called: those of this pass.
    once : bool
        Whether the graph of the last pass can be differentiated once only.
    latest : KnownPass or None
        What is known of the last pass: then the network held the same modules and parameters as at the one before.
    short : ShortPass or None
        What reads passes like one before instead of this, as long as it can.
    ends : (tensor or None, any)
        While `look` is called: what the first affine map of the pass got, and what the network returned.

    Raises
    ------
    StabilityError
        If nothing can be seen inside this network: compiled, scripted, or spread over threads; in a forward pass only
        if strict.
    """

    def __init__(
        self,
        model: nn.Module,
        look: Callable[[list[TracedActivation]], None],
        wanted: Callable[[], bool] = _always,
        graph: bool = False,
        strict: bool = False,
        refuse: bool = True,
        stated: StatedUnits | None = None,
        reduce: Reduce | None = None,
        keep: Keep | None = None,
    ) -> None:
        self._refuse, self._reduce, self._keep = refuse, reduce, keep
        if refuse or not isinstance(model, nn.Module) or isinstance(model, torch.jit.ScriptModule):
            require_visible(model)
        self._look, self._wanted, self._graph, self._strict = look, wanted, graph, strict
        self._model, self._names = model, Names(model)
        self._stated, self._tapes = stated, Tapes()
        self._static, self._visible = StaticNetwork(model), Visible(model)
        self.passes, self.once = 0, False
        self.latest: KnownPass | None = None
        self.short: ShortPass | None = None
        self.skipped: dict[str, str] = {}
        self.unread: dict[str, str] = {}
        self.ends: tuple[Tensor | None, Any] = None, None
        self._stacks: dict[int, list[OpenPass]] = {}
        self._left = SwitchedHook(model, self._leave, always_call=True, active=False)
        self._hooks: list[Any] = [model.register_forward_pre_hook(Hook(self._enter, recorded=strict)), self._left]

    def _enter(self, model: nn.Module, args: Any) -> None:
        if self._strict and is_recorded():
            raise compiled_part("it")
        if model is not self._model:
            return
        self.passes += 1
        if self.short is not None:
            if self._left.handle is None:
                self._left.set_active(True)
            if self.short.enters(args, not self._stacks):
                return
        looks, opened = not is_repeated() and self._wanted(), self._stacks.get(get_ident())
        if opened:
            drop_interrupted(opened)
        elif not looks:
            self._left.set_active(self._stacks)
            return
        else:
            opened = self._stacks[get_ident()] = []
            self._left.set_active(True)
        frame = sys._getframe(2)
        opened.append(OpenPass(None, frame))
        if not looks:
            return
        plain = not (self._graph or self._stated or self.skipped)
        again = self._static.again(args, self._reduce, self._keep) if plain else None
        hidden = self._hidden() if again is None else None
        if hidden is not None:
            opened[-1] = OpenPass(None, frame, hidden)
            return
        trace = self._trace() if again is None else again
        opened[-1] = OpenPass(trace, frame)
        trace.__enter__()

    def _trace(self) -> ForwardTrace:
        """Return what looks at a pass of which nothing is known."""
        if self._graph or self._stated:
            trace = ForwardTrace(self._names, self._graph, self._stated)
        else:
            trace = TapedTrace(self._names, self._tapes, self._reduce, self._keep)
        trace.known = self.skipped
        return trace

    def _leave(self, model: nn.Module, args: Any, output: Any) -> None:
        if model is not self._model or (self.short is not None and self.short.leaves(output)):
            return
        opened = self._stacks.get(get_ident())
        if not opened:
            return
        trace, frame, hidden = opened[-1]
        self.latest = trace.known if isinstance(trace, StaticPass) else None
        if trace is not None:
            trace.__exit__(None, None, None)
            self._names.end()
        opened.pop()  # not before it is off: Ctrl-C may come at any time, and the next pass switches off what is here
        if not opened:
            del self._stacks[get_ident()]
        if output is None and has_raised(frame):
            return
        if trace is not None:
            self.once = trace.once
            if trace.left_out:
                self.skipped |= dict.fromkeys(trace.left_out, AS_ASKED)
            found = trace.finish()
            if isinstance(trace, TapedTrace) and trace.is_taped:
                self._static.remember(args, self._tapes, found)
            self._finish(found, [*trace.skipped, *computed_later(output)], trace.entry, output)
        elif hidden is not None and self._refuse:
            self._leave_out(hidden)
        elif hidden is not None:
            self._finish([], [hidden], None, output)

    def _finish(self, found: list[TracedActivation], skipped: list[Skipped], entry: Tensor | None, output: Any) -> None:
        if skipped:
            self._leave_out(*skipped)
        self.ends, self.unread = (entry, output), {each.name: each.reason for each in skipped} if skipped else {}
        try:
            self._look(found)
        finally:
            self.ends, self.unread = (None, None), {}

    def _hidden(self) -> Skipped | None:
        """Return why nothing can be seen inside the network, if so; or raise."""
        try:
            if self._visible.require():
                self._names, self._tapes.kept = Names(self._model), []
        except StabilityError as error:
            if self._strict:
                raise
            return Skipped("the whole network", str(error).split("\n")[0])
        return None

    def _leave_out(self, *skipped: Skipped) -> None:
        """Warn of layers that are left out, once for each reason; or raise."""
        found: dict[str, dict[str, Skipped]] = {}
        for each in skipped:
            if each.name not in self.skipped:
                found.setdefault(each.reason, {})[each.name] = each
        self.skipped |= {name: reason for reason, own in found.items() for name in own}
        for reason, own in found.items():
            more = f" and {len(own) - NAMED} more" if len(own) > NAMED else ""
            named = ", ".join(map(self._placed, [*own.values()][:NAMED]))
            left, it = ("is", "it") if len(own) == 1 else ("are", "them")
            text = f"{named}{more} of {type(self._model).__name__} {left} left out: {reason.rstrip('.')}"
            if self._strict:
                hint = "Without strict=True it is left out."
                raise StabilityError(f"Expected layers that can be read; {text}.", hint)
            warn_user(f"{text}. Nothing is read from {it} and no alarm is raised for {it}.")

    def _placed(self, what: Skipped) -> str:
        """Return the name of a layer, and in which module it is."""
        where = next((name for name, part in self._model.named_modules() if part is what.module and name), "")
        return f"{what.name} (in {where}, {type(what.module).__name__})" if where not in ("", what.name) else what.name

    def go_on(
        self, known: KnownPass, given: Tensor | None, frame: FrameType | None, kept: KeptPass, count: int, thread: int
    ) -> StaticPass:
        """Look at the rest of a pass in a thread of which `short` has kept so many layers, in place of it."""
        self.short = None
        trace = StaticPass(known, given, self._reduce, self._keep)
        self._stacks[thread] = [OpenPass(trace, frame)]
        trace.go_on(kept, count, thread)
        return trace

    @property
    def is_plain(self) -> bool:
        """Whether no axis is stated, no layer left out, and graphs are let go."""
        return not (self._graph or self._stated or self.skipped or self._strict)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "short": None, "latest": None, "_stacks": {}}

    def close(self) -> None:
        """Leave the network as it was found."""
        self.short = None
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        for opened in self._stacks.values():
            while opened:
                switch_off(opened.pop().trace)


def capture(
    model: nn.Module,
    *inputs: Any,
    graph: bool = False,
    strict: bool = False,
    units: Mapping[str, int] | None = None,
    skip: Iterable[str] = (),
    **named: Any,
) -> list[TracedActivation]:
    """Return what the ReLUs of a network get on a batch, in the mode (train or eval) it is in.

    The forward pass may change what every forward pass changes: running statistics of batch normalisation in training
    mode, and the random state where there is dropout. Layers whose axis of units is not certain, and those that got no
    example, are left out; the former with a warning.

    Parameters
    ----------
    model : Module
    *inputs, **named : any
        The arguments of the network; or one batch, as `layer_geometry` takes it: a mapping, a named tuple or a
        dataclass is given by name, and of another tuple or list the first entry.
    graph : bool
        Whether pre-activations keep their graph.
    strict : bool
        Whether to refuse layers that cannot be read.
    units : mapping of str to int, optional
        Which axis of what a ReLU gets counts its units, by the name of the layer or of the module that calls the ReLU.
    skip : iterable of str
        Layers to leave out, or modules with all that is in them.

    Raises
    ------
    StabilityError
        If there is no ReLU, the batch is empty, or nothing can be seen inside; if strict, if a layer cannot be read.

    Examples
    --------
    >>> import torch
    >>> from stability import capture
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    >>> [seen.table.shape for seen in capture(model, torch.ones(5, 2))]
    [torch.Size([5, 3, 1])]
    """
    require_visible(model)
    args, given = arguments(inputs[0], model) if len(inputs) == 1 and not named else (inputs, named)
    found, skipped = see_all(model, args, given, graph, strict, StatedUnits(model, units, skip))
    return [each for each in require_relus(model, found, skipped) if each.z.numel()]


def see_all(
    model: nn.Module,
    inputs: Iterable[Any],
    named: Any = None,
    graph: bool = False,
    strict: bool = False,
    stated: StatedUnits | None = None,
) -> tuple[list[TracedActivation], dict[str, str]]:
    """Return what the ReLUs of a network get, those without examples too, and the layers that were left out."""
    found: list[TracedActivation] = []
    introspection = Introspection(model, found.extend, graph=graph, strict=strict, stated=stated)
    with introspection as trace, torch.set_grad_enabled(graph):
        model(*inputs, **(named or {}))
    return found, trace.skipped


def require_relus(
    model: nn.Module, found: Iterable[TracedActivation], skipped: Collection[str] = ()
) -> list[TracedActivation]:
    """Return what was seen, refusing nothing seen and empty batches.

    Parameters
    ----------
    model : Module
    found : iterable of TracedActivation
    skipped : collection of str
        The names of layers that were left out.

    Raises
    ------
    StabilityError
        If there is no ReLU, or the batch is empty.
    """
    layers = list(found)
    if not layers and not skipped:
        raise StabilityError(
            f"Expected a network with ReLUs; saw none in a forward pass of {type(model).__name__}.",
            "ReLU, leaky ReLU, PReLU and clamp(min=0) are seen, as modules and as functions.",
        )
    if layers and not any(layer.z.numel() for layer in layers):
        raise StabilityError("Expected a batch of at least one example; got an empty one.", "Skip empty batches.")
    return layers
