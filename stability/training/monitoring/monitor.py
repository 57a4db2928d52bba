"""A monitor of the health of a torch network: two lines around any loop, and nothing else in it changes."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.optimizer import Optimizer, register_optimizer_step_pre_hook

from stability.io.closing import Closing
from stability.training.introspection.forward_passes import Introspection, TracedActivation
from stability.training.introspection.hooks import SwitchedHook
from stability.training.introspection.stated_units import StatedUnits
from stability.training.introspection.unseen import unseen
from stability.training.monitoring.alarms import Alarm, Limits
from stability.training.monitoring.arguments import one_loss, require_arguments
from stability.training.monitoring.backward import Backward, at_the_end, scale_removed, task
from stability.training.monitoring.describing import Readings
from stability.training.monitoring.episodes import answer, stopping
from stability.training.monitoring.export import Board, provenance
from stability.training.monitoring.extra_numbers import Asked
from stability.training.monitoring.history import KEEP, History, require_count
from stability.training.monitoring.layer_outputs import LayerOutputs
from stability.training.monitoring.listeners import Listeners
from stability.training.monitoring.live import Panel
from stability.training.monitoring.one_pass import reduced
from stability.training.monitoring.optimizer_hooks import Steps, rates_of, read_within, while_alive
from stability.training.monitoring.pack import Packed
from stability.training.monitoring.parameters import NetworkParameters
from stability.training.monitoring.pass_extremes import PassExtremes
from stability.training.monitoring.passes import Passes, first_tensors
from stability.training.monitoring.processes import bare, over_all, reports
from stability.training.monitoring.readings import Reading
from stability.training.monitoring.repeated import Repeated
from stability.training.monitoring.same_network import resumed, shapes_of
from stability.training.monitoring.same_step import StepNumbers
from stability.training.monitoring.settled_steps import ShortPath
from stability.training.monitoring.standard_quantities import requested
from stability.training.monitoring.stream import Stream
from stability.training.monitoring.unread import Unread, why_unseen
from stability.training.monitoring.updates import Entries, entries, plain, restored

Tensor = torch.Tensor
Scale = Tensor | float | None


class Monitor(Readings, Closing):
    """Reads the health of a network at every K-th step of its optimiser.

    A reading is taken right before an optimiser that holds parameters of the network makes its step: the gradients are
    complete then, and the weights are still those of the forward pass; where optimisers step within the backward pass,
    each parameter is read before its own step. Of several optimisers the first one after a forward pass counts; several
    forward passes before it count as one on all their examples. Forward passes count in training mode with gradients
    switched on; of a network that is never called so (compiled, say) weights, gradients and the loss are read. Nothing
    is computed twice, and neither the network, its gradients nor the random state are changed.

    Parameters
    ----------
    model : Module
    every : int
        K: a reading before step 0, K, 2K, ...
    limits : Limits
        Beyond which readings raise alarms.
    detail : bool or "latest"
        Whether readings keep the numbers of every unit, example and row; or only the latest does.
    criterion : Module, optional
        A loss: its last value before the step goes into the reading. Or report it by `note(loss=...)`.
    live : bool
        Whether to show the latest reading while it trains, in a terminal; elsewhere nothing is shown.
    log : callable, optional
        Gets every reading when it is taken.
    keep : int or None
        How many readings are kept, the latest ones, so that memory stays bounded; None for all.
    strict : bool
        Whether to raise where something cannot be read, or `log` fails; else there is one warning with the reason,
        training goes on, and readings count it as `unread`.
    passes : str
        Which forward passes before a step count as one: "all", or only the "last".
    on_alarm : callable, optional
        Gets every `Alarm` when it begins. Readings are then worked out at once, which waits for the device.
    stop_on : set of str
        Names of alarms that end the training when they begin, by a `TrainingStopped` before the step, as {"nan"}.
    quantities : set of str
        What else is measured, as {"effective rank"}, or "all"; see docs/monitor.md.
    stream : Path or str, optional
        A file to which every reading is appended when it is taken, one JSON object a line; see `read_stream`.
    units : mapping of str to int, optional
        Which axis of what a ReLU gets counts its units, by the name of the layer or of the module that calls the ReLU,
        where it is not known or another is meant: `units={"block.relu": 1}`.
    skip : iterable of str
        Layers to leave out, or modules with all that is in them.

    Attributes
    ----------
    model : Module
    log : callable or None
        May be changed at any time.
    steps : int
        How many steps of training the network has made; see `Steps`.
    spread : bool
        Whether readings count what all processes of torch.distributed saw, as for a DistributedDataParallel.

    Raises
    ------
    StabilityError
        If it is no network or a ScriptModule, a number is below 1, or there is no alarm or quantity of some name; if
        strict, if nothing can be seen inside it (compiled, spread over threads). Training raises nothing unless it is
        strict, or stopped by an alarm.
    KindError, FileError
        If an argument is of another kind; if there is no folder for the stream, or it cannot be written to.

    Examples
    --------
    >>> import torch
    >>> from stability import Monitor
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    >>> optimizer = torch.optim.SGD(model.parameters(), 0.1)
    >>> with Monitor(model, every=2) as monitor:
    ...     for _ in range(4):
    ...         model(torch.ones(3, 2)).square().mean().backward()
    ...         optimizer.step()
    >>> [reading.step for reading in monitor.readings]
    [0, 2]
    """

    def __init__(
        self,
        model: nn.Module,
        every: int = 1,
        limits: Limits | None = None,
        detail: bool | str = False,
        criterion: nn.Module | None = None,
        live: bool = False,
        log: Callable[[Reading], None] | None = None,
        keep: int | None = KEEP,
        strict: bool = False,
        passes: str = "all",
        on_alarm: Callable[[Alarm], Any] | None = None,
        stop_on: Iterable[str] = (),
        quantities: Iterable[str] = (),
        stream: Path | str | None = None,
        units: Mapping[str, int] | None = None,
        skip: Iterable[str] = (),
    ) -> None:
        require_count("every", every)
        require_arguments(limits=limits, criterion=criterion, log=log, on_alarm=on_alarm, stream=stream)
        model, self.spread = bare(model)
        log, live, stream = (log, live, stream) if reports(self.spread) else (None, False, None)
        self._history = History(Limits() if limits is None else limits, detail, keep)
        self._made, self._repeated = Steps(), Repeated()
        self.model, self.log, self.on_alarm, self.steps = model, log, on_alarm, 0
        self._every, self._next, self._passed, self._called, self._task = every, 0, False, False, -1
        self._stop_on, self._quantities = stopping(stop_on), requested(quantities)
        self._passes = Passes(passes, self._quantities, LayerOutputs(model, self._quantities, self))
        self._entries, self._now = restored(None, ()), restored(None, ())
        self._loss: Tensor | float | None = None
        self._unread = Unread(type(model).__name__, strict, self.close)
        self._listeners = Listeners(self._unread)
        self.stated = StatedUnits(model, units, skip)
        if live:
            self._listeners.add("the panel", Panel(type(model).__name__))
        if stream is not None:
            self._listeners.add("the stream", Stream(Path(stream), provenance("readings of a monitor", self.settings)))
        how: Any = {"strict": strict, "refuse": strict, "reduce": reduced, "keep": PassExtremes.of}
        how |= {"reduce": None, "keep": None} if self._quantities else {}
        self._introspection = Introspection(model, self._look, self._wanted, **how, stated=self.stated)
        self._parameters = NetworkParameters(model)
        self._backward = Backward(self._parameters.now, self._backward_over, self.spread or bool(self._quantities))
        self._criterion = SwitchedHook(criterion, self._hear)
        stepping = while_alive(register_optimizer_step_pre_hook, self._before_step)
        self._settled = ShortPath(self)
        self._hooks = [*self._passes.outputs.listen(), stepping, self._criterion]

    @property
    def readings(self) -> list[Reading]:
        """The readings that are kept. Numbers wait on the device until somebody asks, or many have come together."""
        return self._history.readings

    @property
    def skipped(self) -> dict[str, str]:
        """The layers that are not read, since their axis of units is not certain or for another reason, and why."""
        return dict(self._introspection.skipped)

    @property
    def due(self) -> bool:
        """Whether the step to come is read."""
        return self.steps >= self._next

    @property
    def alarms(self) -> list[tuple[int, Alarm]]:
        """Every alarm, once, with the step at which it began and how long it has lasted."""
        self._history.work_out()
        return [*self._history.episodes.raised]

    def note(self, loss: Tensor | float) -> None:
        """Record the loss that belongs to the step to come; of several numbers the mean."""
        self._loss = one_loss(loss)

    @unseen
    def step(self, scale: Tensor | float | None = None) -> None:
        """Say that the gradients are complete and the weights about to change, in loops without an optimiser.

        Parameters
        ----------
        scale : tensor or float, optional
            By what the gradients are too large, as in mixed precision.
        """
        self._take(scale)

    def tensorboard(self, folder: Path | str) -> None:
        """Write the readings for TensorBoard, those that were taken and those to come.

        Raises
        ------
        MissingPackageError
            If TensorBoard is not installed.
        """
        self._listeners.add("TensorBoard", Board(Path(folder), self.readings))

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments of this monitor, as plain data."""
        own = {"model": type(self.model).__name__, "every": self._every, "detail": self._history.detail}
        return own | {"limits": vars(self._history.limits)}

    def state_dict(self) -> dict[str, Any]:
        """Return what is needed to go on in another process, as plain data and tensors, between two steps."""
        own: dict[str, Any] = {"steps": self.steps, "next": self._next, "entries": plain(self._entries)}
        own |= {"unread": self._unread.state_dict(), "loss": self._loss, "network": shapes_of(self.model)}
        return own | self._backward.state(self.model) | self._parameters.state() | self._history.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another monitor of the same network was.

        Raises
        ------
        StabilityError
            If it is not what `state_dict` returned, or that of a network with other parameters.
        """
        then = resumed(state, self.model)
        self._settled.close()
        self._history.load_state_dict(state)
        self._unread.load_state_dict(state.get("unread", {}))
        self.steps, self._next = then.steps, then.following
        self._entries = restored(state.get("entries"), self._parameters.readable)
        self._loss, self._passed, self._made = state.get("loss"), False, Steps()
        self._passes.clear()
        self._parameters.load_state(*then.holders)
        self._backward.load_state(then.unclipped, then.kept, self.model)
        self._criterion.set_active(self.due)
        self._listeners.resume()

    def close(self) -> None:
        """Leave the network, the loss and the optimisers as they were found; the readings stay."""
        self._settled.close()
        self._introspection.close()
        while self._hooks:
            self._hooks.pop().remove()
        self._passes.clear()
        self._backward.clear()
        self._listeners.close()

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy has, of a network that holds its monitor, say; nobody hears of what it reads."""
        self._settled.clear()
        return {**self.__dict__, "log": None, "on_alarm": None, "_hooks": [], "_listeners": Listeners(self._unread)}

    def _wanted(self) -> bool:
        trains = self.model.training and torch.is_grad_enabled()
        self._passed, self._called = self._passed or trains, self._called or trains
        return trains and self.due

    def _look(self, seen: list[TracedActivation]) -> None:
        for name, reason in self._introspection.unread.items():
            self._unread.add([name], reason, quiet=True)
        self._parameters.passed(self._introspection.latest is not None)
        if not isinstance(seen, PassExtremes) and seen and not any(each.z.numel() for each in seen):
            self._unread.add(["the batch"], "it is empty")
        try:
            self._settled.clear()
            self._passes.add(seen, *self._introspection.ends, sized=not self._history.begun)
            self._backward.follow(first_tensors(self._introspection.ends[1]))
        except Exception as error:
            self._unread.fail("what a forward pass showed", error)

    def _hear(self, criterion: nn.Module, args: Any, loss: Any) -> None:
        if self.steps >= self._next and isinstance(loss, Tensor) and loss.requires_grad and loss.numel() == 1:
            self._loss = loss.detach()

    @unseen
    def _before_step(self, optimiser: Optimizer, args: Any, kwargs: Any) -> tuple[Any, Any] | None:
        if (short := self._settled.now) and short.seen and short.steps(optimiser, args, kwargs):
            return None
        if not self._parameters.held_by(optimiser):
            return None
        rests = self._passed and self.steps + 1 < self._next and not self._history.episodes.begun
        if rests and self._made.rests(optimiser, args, kwargs) and task() < 0:
            self.steps, self._passed, self._loss = self.steps + 1, False, None
            return None
        if kwargs or len(args) > 1:
            known = self._settled, self._passes, self._backward
            if closed := read_within(args, kwargs, lambda x: self._take_loss(optimiser, x), *known):
                return closed
        if task() >= 0:
            self._change(optimiser)
            return None
        self._take(getattr(optimiser, "grad_scale", None), getattr(optimiser, "found_inf", None), optimiser)
        return None

    def _change(self, optimiser: Optimizer) -> None:
        """Keep what an optimiser changes within the backward pass; it is read when that ends."""
        self._settled.clear()
        if self._task != task():
            self._task = task()
            if not self._backward.running:
                at_the_end(self._take)
        if self.due and (self._passed or not self._called):
            try:
                own = [p for group in optimiser.param_groups for p in group["params"] if p in self._parameters]
                self._backward.keep(own, self._passes.whole)
            except Exception as error:
                self._unread.fail("gradients within the backward pass", error)

    def _backward_over(self) -> None:
        if self._task >= 0:
            self._take()

    def _take_loss(self, optimiser: Optimizer, loss: Any) -> None:
        if self._loss is None and isinstance(loss, Tensor | float | int):
            self.note(loss)
        self._take(optimiser=optimiser)

    def _take(self, scale: Scale = None, skipped: Scale = None, optimiser: Optimizer | None = None) -> None:
        """Read if it is time."""
        self._settled.clear()
        if not self._passed and (self._called or not self._unseen()):
            self._made.goes_on(optimiser)
            return
        self._passed = False
        if self._parameters.renewed:
            self._made, self._parameters.renewed = Steps(), False
        if self._made.begins(optimiser):
            if self.due:
                self._read(scale, skipped, optimiser)
            self.steps += 1
            self._entries, self._now = self._weights(optimiser) if self.due else None, None
            self._criterion.set_active(self.due)
        self._loss, self._task = None, -1
        self._passes.clear()
        self._backward.clear()
        answer(self._history.episodes.begun, self.on_alarm, self._stop_on, self._unread.say)

    def _weights(self, optimiser: Optimizer | None) -> Entries | None:
        """Return entries of the weights, before the step that comes before a reading changes them."""
        try:
            self._backward.kept.follow(optimiser)
            return self._now or entries(self._parameters.readable)
        except Exception as error:
            self._unread.fail("weights before a step", error)
            return None

    def _unseen(self) -> bool:
        """Return whether the network trains although no forward pass of it was ever seen, and count that as unread."""
        trains = bool(self._backward.changed) or any(each.grad is not None for each in self._parameters.readable)
        if trains and self.due:
            self._unread.add(["its layers"], why_unseen(self.model))
        return trains

    def _read(self, scale: Scale, skipped: Scale, optimiser: Optimizer | None) -> None:
        try:
            pack = None if skipped is not None and float(skipped) else self._measured(scale, optimiser)
        except Exception as error:
            self._unread.fail("weights and gradients", error)
            return
        if pack is None:
            return
        self._history.add(pack)
        self._next = self.steps + self._every
        heard = self.log is not None or self._listeners
        if heard or self.on_alarm is not None or self._stop_on or self._history.full:
            if (reading := self._history.tried(self._unread.fail, bool(heard))) is not None:
                self._listeners.hear(reading, self.log)
        elif self._every == 1 and not self.spread:
            self._settled.after(optimiser)

    def _measured(self, scale: Scale, optimiser: Optimizer | None) -> Packed | None:
        parameters, modules = self._parameters.now(), self._parameters.modules
        slopes = [each.grad for each in parameters]
        looked, loss = over_all(self._passes.whole(), self._loss, self.spread)
        before, changed = self._backward.before_clipping(parameters, slopes, scale_removed), self._backward.changed
        self._unread.add_all(self._passes.empty, self._parameters.unread(slopes, changed) | self._backward.unread)
        asked = Asked(
            rates_of(optimiser), self._entries, None, self._quantities, self._backward.norms, self._passes.ranks
        )
        given = StepNumbers(looked, parameters, slopes, loss, scale, before, modules, self._entries)
        pack, self._now = self._repeated.measure(given, self.steps, changed, self._unread.take(), asked)
        if pack is not None:
            pack.kept, pack.norm_known = self._backward.kept.at(optimiser), not self._backward.unread
        return pack
