"""Steps that are like the one before in all but their numbers are read on one short path, from the pass to the step.

What takes long on the long path is not to look at the numbers but to come to it: what is touched between two layers has
left the caches of the processor by then, every function and every object. The readings are the same, to the last bit.
Whatever is not as it was is left to the long path, together with what was seen of the step so far.

What `PassExtremes` does to take a layer and an output is written out here, to save its calls.

This is a part of `Monitor`, and of no use without it.
"""

import sys
from array import array
from operator import attrgetter, itemgetter
from threading import get_ident
from types import FrameType
from typing import TYPE_CHECKING, Any
from weakref import ref

import torch
from torch import Tensor, nn
from torch.optim.optimizer import Optimizer

from stability.training.introspection.activations import is_plain
from stability.training.introspection.hooks import NotCopied
from stability.training.introspection.static_networks import HOOKED, KnownPass
from stability.training.introspection.unseen import UNSEEN
from stability.training.monitoring.backward import task
from stability.training.monitoring.extra_numbers import grid
from stability.training.monitoring.history import MANY, MOST
from stability.training.monitoring.one_pass import Pointer, compiled, sizes_of
from stability.training.monitoring.pack import NOTHING, Layout, Packed
from stability.training.monitoring.pass_extremes import PassExtremes
from stability.training.monitoring.repeated import Repetition
from stability.training.monitoring.same_step import SameStep
from stability.training.monitoring.updates import Entries

if TYPE_CHECKING:
    from stability.training.monitoring.monitor import Monitor

GRADIENT, RATE = attrgetter("grad"), itemgetter("lr")

OF_GRADIENTS = attrgetter("shape", "dtype", "is_cpu", "_version")
"""What may be another at each step; gradients of other layouts or kinds have no address, and no other class is taken.
The last is how often one was written into since the backward pass."""

OF_PARAMETERS = attrgetter("shape", "dtype", "requires_grad")
"""What may be another where an address is the same."""


class SettledSteps(NotCopied):
    """Reads steps like one before. It is a hook on the ReLUs of the network for as long as a forward pass lasts.

    Parameters
    ----------
    monitor : Monitor
    optimiser : Optimizer
        The only one that steps.
    known : KnownPass
        The forward pass.
    kept : PassExtremes
        What a pass is kept in: nobody else uses it.
    repetition, same : Repetition, SameStep
        What packs the numbers of a step.
    entries : Entries
        Of the weights, at a step like those to come.

    Attributes
    ----------
    seen : bool
        Whether there was a forward pass since the last step.
    taken : int
        How many steps were read.

    Raises
    ------
    ValueError
        If more or less is read than what these steps have: the loss, gradients, parameters, extremes, and entries of
        what the network returned and of its weights; or the optimiser begins with a parameter that is not of the
        network.
    """

    def __init__(
        self,
        monitor: "Monitor",
        optimiser: Optimizer,
        known: KnownPass,
        kept: PassExtremes,
        repetition: Repetition,
        same: SameStep,
        entries: Entries,
    ) -> None:
        self._monitor, self._optimiser, self._known, self._kept = monitor, ref(optimiser), known, kept
        self._network, self._introspection, self._thread = monitor.model, monitor._introspection, get_ident()
        self._library, self._layers = compiled(), [*kept.slots]
        self._opened, self.seen, self._count, self.taken = False, False, 0, 0
        self._given: Tensor | None = None
        self._frame: FrameType | None = None
        outputs, (shape, steps) = kept.outputs.data_ptr(), grid(*kept.returned)
        self._grid, self._outputs = sizes_of(shape + steps), Pointer(outputs)
        self._layout, self._entries = repetition.layout, entries._replace(within=entries.within[:0])
        self._parameters = same.parameters
        self._felt = [p for p in same.parameters if p.grad is not None]
        self._others = [p for p in same.parameters if p.grad is None]
        self._stepped, self._first = _first_place(optimiser, self._felt, self._others)
        self._addresses = [*map(Tensor.data_ptr, same.parameters)]
        self._known_parameters = [*map(OF_PARAMETERS, same.parameters)]
        self._known_gradients = [(p.shape, p.dtype, True, 0) for p in self._felt]
        self._kinds: list[type] = [Tensor] * len(self._felt)
        at = {id(p): k for k, p in enumerate(self._felt)}
        self._read, self._end = [at[id(same.parameters[k])] for k in same.read], 1 + len(same.read)
        self._places = array("q", [0] * self._end + same.fixed + [outputs, 0])
        if len(self._places) != repetition.collected.places or kept.again().extremes is not same.extremes:
            raise ValueError("other numbers are read")
        self._memory, self._many = repetition.collected, min(MANY, 1 + MOST // repetition.collected.total)
        self._arguments = *repetition.collected.parts, Pointer(self._places.buffer_info()[0])

    def enters(self, args: Any, alone: bool) -> bool:
        """Take note that a forward pass begins on these inputs; return whether it is like those before.

        Parameters
        ----------
        args : tuple
        alone : bool
            Whether no other pass is under way, in this thread or another.
        """
        monitor, network = self._monitor, self._network
        if self._opened:  # it was interrupted, or another one is in it or in another thread
            self._go_on()
            return False
        given = args[0] if len(args) == 1 else None
        if (
            monitor._passed
            or monitor._passes
            or not alone
            or type(given) is not Tensor
            or not is_plain(given)
            or given.shape != self._known.shape
            or not network.training
            or not torch.is_grad_enabled()
            or task() >= 0
            or get_ident() != self._thread
            or not monitor._backward.unclipped.settled
            or not self._kept.is_trained_alike()
            or self._introspection.skipped
        ):
            return False
        if not self._known.is_unchanged():
            self._introspection.short = None
            return False
        for relu in self._known.relus:
            relu._forward_pre_hooks[HOOKED] = self
        monitor._passed = self._opened = True
        self._count, self._given, self._frame = 0, given, sys._getframe(3)
        return True

    def __call__(self, module: nn.Module, args: Any) -> None:
        """Keep the extremes of what a ReLU is about to get in this thread."""
        if get_ident() != self._thread:
            return
        count = self._count
        with UNSEEN():
            if count < len(self._layers) and args:
                z, (shape, sizes, target) = args[0], self._layers[count]
                if is_plain(z) and z.shape == shape:
                    start = z.data_ptr()
                    if start and not self._library.extremes_of_one(Pointer(start), sizes, target):
                        self._count = count + 1
                        return
        self._go_on()(module, args)

    def _go_on(self) -> Any:
        """Leave the rest of a pass to the long path; return what looks at its ReLUs."""
        given, frame, known = self._given, self._frame, self._known
        self.close()
        return self._introspection.go_on(known, given, frame, self._kept, self._count, self._thread)

    def leaves(self, output: Any) -> bool:
        """Take note that a forward pass ends; return whether it was read to its end."""
        if not self._opened or get_ident() != self._thread:
            return False
        if (
            self._count != len(self._layers)
            or not self._monitor._passed
            or type(output) is not Tensor
            or not is_plain(output)
            or output.shape != self._kept.returned
            or not (start := output.data_ptr())
        ):
            self._go_on()
            return False
        self.close()
        self._library.grid(Pointer(start), self._grid, self._outputs)
        self._monitor._backward.follow((output,))
        self.seen = True
        return True

    def close(self) -> None:
        """Leave the network as it is between two passes."""
        for relu in self._known.relus:
            relu._forward_pre_hooks.pop(HOOKED, None)
        self._opened, self._given, self._frame = False, None, None

    def end(self) -> bool:
        """Leave to the long path what was seen of this step, and all others; return False where nothing was."""
        if self._introspection.short is self and not self.seen:
            return False
        self._introspection.short = None
        if self.seen:
            self.seen = False
            self._monitor._passes.hold(self._kept)
        return True

    def steps(self, optimiser: Optimizer, args: Any, kwargs: Any) -> bool:
        """Read the step that an optimiser is about to make; return False where the long path has to."""
        monitor = self._monitor
        if (
            optimiser is not self._optimiser()
            or not (monitor._passed and monitor._backward.skipped)
            or kwargs
            or len(args) > 1
            or task() >= 0
            or get_ident() != self._thread
            or monitor.log is not None
            or monitor.on_alarm is not None
            or monitor._listeners
            or monitor._unread.left
            or monitor._history.episodes.begun
            or len(monitor._made.made) != 1
            or getattr(optimiser, "grad_scale", None) is not None
            or getattr(optimiser, "found_inf", None) is not None
        ):
            return False
        try:
            groups, (group, place) = optimiser.param_groups, self._stepped
            rates, first = tuple(map(RATE, groups)), groups[group]["params"][place]
            gradient = self._find(first, monitor._loss, monitor._entries)
        except Exception:  # of a tensor that has no numbers, or an optimiser of another kind
            return False
        if gradient is None or {*map(type, rates)} != {float}:
            return False
        numbers, start = self._memory.ready()
        if not start:
            return False
        self._library.collect(*self._arguments, Pointer(start))
        step, waiting = monitor.steps, monitor._history.waiting
        waiting.append(Packed(step, self._layout, numbers, None, None, NOTHING, 1, rates))
        monitor._entries = Entries(self._entries.ids, self._entries.sizes, numbers, self._entries.start)
        monitor._next = monitor.steps = step + 1
        monitor._loss, monitor._passed, self.seen = None, False, False
        self.taken += 1
        monitor._parameters.stepped += 1
        monitor._backward.clear()
        monitor._backward.unclipped.read(True)
        monitor._backward.kept.follow_first(optimiser, first, gradient, 0)
        if len(waiting) >= self._many:
            monitor._history.tried(monitor._unread.fail)
            monitor._history.episodes.begun.clear()
        return True

    def _find(self, first: Tensor, loss: Any, entries: Entries | None) -> Tensor | None:
        """Find where all that is read stands; return the gradient by the first parameter, None if not all is as it was.

        Raises
        ------
        RuntimeError, TypeError, AttributeError
            If a tensor has no memory of its own.
        """
        parameters = self._parameters
        gradients: list[Tensor] = [*map(GRADIENT, self._felt)]
        if (
            [*map(type, gradients)] != self._kinds
            or [*map(OF_GRADIENTS, gradients)] != self._known_gradients
            or not all(map(Tensor.is_contiguous, gradients))
            or any(map(Tensor.is_neg, gradients))
            or [*map(Tensor.data_ptr, parameters)] != self._addresses
            or [*map(OF_PARAMETERS, parameters)] != self._known_parameters
            or not all(map(Tensor.is_contiguous, parameters))
            or first is not self._felt[self._first]
            or any(each.grad is not None for each in self._others)
            or entries is None
            or not entries.are_like(self._entries)
            or not is_plain(entries.within)
            or type(loss) is not Tensor
            or loss.numel() != 1
            or not is_plain(loss)
        ):
            return None
        places = [loss.data_ptr(), *map(Tensor.data_ptr, [gradients[k] for k in self._read])]
        if 0 in places:
            return None
        self._places[: self._end] = array("q", places)
        self._places[-1] = entries.within.data_ptr() + entries.start * entries.within.element_size()
        return gradients[self._first]


def _first_place(optimiser: Optimizer, felt: list[Tensor], others: list[Tensor]) -> tuple[tuple[int, int], int]:
    """Return where an optimiser holds its first parameter with a gradient, and which of those it is.

    Raises
    ------
    ValueError
        If one of the others is trained, or the optimiser holds a parameter before it that is neither.
    """
    if any(each.requires_grad for each in others):
        raise ValueError("a trained parameter has no gradient")
    own, frozen = [*map(id, felt)], {*map(id, others)}
    for g, group in enumerate(optimiser.param_groups):
        for k, each in enumerate(group["params"]):
            if id(each) not in frozen:
                return (g, k), own.index(id(each))
    raise ValueError("the optimiser holds no parameter with a gradient")


PATIENCE, WORTH = 2, 64
"""How many steps in a row that could have been read on the short path are waited for before the next ones are; four
times as many each time that it ends before it has read so many as are worth it."""


class ShortPath:
    """Finds out whether the steps to come are like the last ones.

    Parameters
    ----------
    monitor : Monitor

    Attributes
    ----------
    now : SettledSteps or None
        What reads them then.
    """

    def __init__(self, monitor: "Monitor") -> None:
        self.now: SettledSteps | None = None
        self._monitor, self._alike, self._wait = monitor, 0, PATIENCE

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "now": None, "_alike": 0}

    def clear(self) -> None:
        """Leave what was seen of this step to the long path, which may forget it."""
        if self.now is not None and self.now.end():
            wait = 4 * self._wait if self.now.taken < WORTH else PATIENCE
            self.now, self._alike, self._wait = None, 0, wait

    def close(self) -> None:
        """Leave all to the long path, of a pass that is under way too."""
        if self.now is not None:
            self.now.end()
            self.now.close()
        self.now, self._alike = None, 0

    def after(self, optimiser: Optimizer | None) -> None:
        """Take note of a step that was read on the long path, while it is known."""
        if self.now is not None:
            return
        self._alike = self._alike + 1 if optimiser is not None and _is_settled(self._monitor, optimiser) else 0
        if self._alike > self._wait and optimiser is not None:
            self.now = self._monitor._introspection.short = _settled(self._monitor, optimiser)
            if self.now is None:
                self._alike, self._wait = 0, 4 * self._wait


def _is_settled(monitor: "Monitor", optimiser: Optimizer) -> bool:
    """Return whether a step that was read on the long path could have been read on the short one."""
    latest = monitor._repeated.latest
    return (
        latest is not None
        and latest[0].moved
        and _has_usual_numbers(latest[0].layout)
        and not latest[1].outside
        and isinstance(monitor._loss, Tensor)
        and monitor._now is not None
        and monitor._passes.only is not None
        and monitor._introspection.latest is not None
        and monitor._introspection.is_plain
        and monitor._backward.skipped
        and monitor._parameters.is_settled(optimiser)
        and monitor._made.made == [optimiser]
    )


def _has_usual_numbers(layout: Layout) -> bool:
    """Return whether the loss is among the numbers of a reading, and none that is there at some steps only."""
    return layout.with_loss and not (layout.scaled or layout.clipped or layout.sized)


def _settled(monitor: "Monitor", optimiser: Optimizer) -> SettledSteps | None:
    """Return what reads the steps after this one, which takes the memory that its pass was kept in."""
    known, latest, entries = monitor._introspection.latest, monitor._repeated.latest, monitor._now
    kept = monitor._passes.only
    if known is None or latest is None or entries is None or kept is None:
        return None
    try:
        found = SettledSteps(monitor, optimiser, known, kept, *latest, entries)
    except Exception:  # what cannot be settled stays as it is
        return None
    monitor._passes.let_go(kept)
    return found
