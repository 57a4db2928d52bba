"""A monitor of the health of a torch network: two lines around any loop, and nothing else in it changes."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.optimizer import Optimizer, register_optimizer_step_pre_hook

from stability.errors import StabilityError
from stability.io.closing import Closing
from stability.training.introspection.forward_passes import Introspection, TracedActivation, require_relus
from stability.training.introspection.hooks import Hook
from stability.training.monitoring.alarms import Alarm, Limits
from stability.training.monitoring.backward import Backward, at_the_end, scale_removed, task
from stability.training.monitoring.describing import Readings
from stability.training.monitoring.episodes import answer, stopping
from stability.training.monitoring.export import Board, to_csv, to_parquet
from stability.training.monitoring.extra_numbers import Asked
from stability.training.monitoring.history import KEEP, History, no_state, require_count
from stability.training.monitoring.live import Panel
from stability.training.monitoring.optimizer_hooks import Steps, holds, ids, with_closure
from stability.training.monitoring.pack import Packed, early, measure
from stability.training.monitoring.passes import Passes, tensors_of
from stability.training.monitoring.readings import Reading
from stability.training.monitoring.standard_quantities import requested
from stability.training.monitoring.updates import Entries, entries, plain, restored

Tensor = torch.Tensor
Scale = Tensor | float | None


class Monitor(Readings, Closing):
    """Reads the health of a network at every K-th step of its optimiser.

    A reading is taken right before an optimiser that holds parameters of the network makes its step: the gradients are
    complete then, and the weights are still those of the forward pass; where optimisers step within the backward pass,
    each parameter is read before its own step. Of several optimisers the first one after a forward pass counts; several
    forward passes before it count as one on all their examples. Forward passes count in training mode with gradients
    switched on. Nothing is computed twice, and neither the network, its gradients nor the random state are changed. The
    parameters are those that the network has when the monitor starts.

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
        Whether to raise where something cannot be read; else there is one warning, and training goes on.
    passes : str
        Which forward passes before a step count as one: "all", or only the "last".
    on_alarm : callable, optional
        Gets every `Alarm` when it begins. Readings are then worked out at once, which waits for the device.
    stop_on : set of str
        Names of alarms that end the training when they begin, by a `TrainingStopped` before the step, as {"nan"}.
    quantities : set of str
        What else is measured, as {"effective rank"}, or "all"; see docs/monitor.md.

    Attributes
    ----------
    model : Module
    log : callable or None
        May be changed at any time.
    steps : int
        How many steps of training the network has made; see `Steps`.

    Raises
    ------
    StabilityError
        If nothing can be seen inside the network (compiled, scripted, spread over threads), a number is below 1, or
        there is no alarm or quantity of some name. Training raises nothing unless it is strict, or stopped by an alarm.

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
    ) -> None:
        require_count("every", every)
        self._history = History(Limits() if limits is None else limits, detail, keep)
        self._made = Steps()
        self.steps = 0
        self.model, self.log, self.on_alarm = model, log, on_alarm
        self._every = every
        self._next, self._passed, self._warned = 0, False, False
        self._stop_on, self._quantities = stopping(stop_on), requested(quantities)
        self._passes = Passes(passes, self._quantities)
        self._entries: Entries | None = None
        self._now: Entries | None = None
        self._loss: Tensor | float | None = None
        self._board: Board | None = None
        self._strict, self._failed, self._task = strict, set[str](), -1
        self._introspection = Introspection(model, self._look, self._wanted, strict=strict)
        self._parameters = [*model.parameters()]
        self._named = {id(p): name.removesuffix(".weight") for name, p in model.named_parameters()}
        self._backward = Backward(self._parameters)
        self._own = ids(self._parameters)
        self._hooks: list[Any] = [register_optimizer_step_pre_hook(self._before_step)]
        if criterion is not None:
            self._hooks.append(criterion.register_forward_hook(Hook(self._hear)))
        self._panel = Panel(type(model).__name__) if live else None

    @property
    def readings(self) -> list[Reading]:
        """The readings that are kept. Numbers wait on the device until somebody asks, or many have come together."""
        return self._history.readings

    @property
    def latest(self) -> Reading | None:
        """The last reading; None before the first."""
        return self.readings[-1] if self.readings else None

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
        """Record the loss that belongs to the step to come."""
        self._loss = loss.detach() if isinstance(loss, Tensor) else float(loss)

    def step(self, scale: Tensor | float | None = None) -> None:
        """Say that the gradients are complete and the weights about to change, in loops without an optimiser.

        Parameters
        ----------
        scale : tensor or float, optional
            By what the gradients are too large, as in mixed precision.
        """
        self._take(scale)

    def to_csv(self, path: Path | str) -> None:
        """Write the readings, one row per layer and step; where they come from stands in a file ending in .csv.json.

        Raises
        ------
        FileError
            If there is no such folder, or it cannot be written to.
        """
        to_csv(self.readings, Path(path), self.settings)

    def to_parquet(self, path: Path | str) -> None:
        """Write the same as Parquet, with where it comes from in the metadata.

        Raises
        ------
        FileError
            If there is no such folder, or it cannot be written to.
        """
        to_parquet(self.readings, Path(path), self.settings)

    def tensorboard(self, folder: Path | str) -> None:
        """Write the readings for TensorBoard, those that were taken and those to come.

        Raises
        ------
        StabilityError
            If TensorBoard is not installed.
        """
        self._board = Board(Path(folder))
        for reading in self.readings:
            self._board(reading)

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments of this monitor, as plain data."""
        return {
            "model": type(self.model).__name__,
            "every": self._every,
            "detail": self._history.detail,
            "limits": vars(self._history.limits),
        }

    def state_dict(self) -> dict[str, Any]:
        """Return what is needed to go on in another process, as plain data and tensors, between two steps."""
        own = {"steps": self.steps, "next": self._next, "entries": plain(self._entries)}
        return own | self._history.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another monitor of the same network was.

        Raises
        ------
        StabilityError
            If it is not what `state_dict` returned.
        """
        try:
            steps, following = int(state["steps"]), int(state["next"])
        except (KeyError, TypeError, ValueError) as error:
            raise no_state(error) from error
        self._history.load_state_dict(state)
        self.steps, self._next = steps, following
        self._entries = restored(state.get("entries"), self._parameters)
        self._loss, self._passed, self._made = None, False, Steps()
        self._passes.clear()
        self._backward.clear()

    def close(self) -> None:
        """Leave the network, the loss and the optimisers as they were found; the readings stay."""
        self._introspection.close()
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        self._passes.clear()
        self._backward.clear()
        if self._panel is not None:
            self._panel.close()
        if self._board is not None:
            self._board.close()

    def _wanted(self) -> bool:
        trains = self.model.training and torch.is_grad_enabled()
        self._passed |= trains
        return trains and self.due

    def _look(self, seen: list[TracedActivation]) -> None:
        given, returned = self._introspection.ends
        try:
            require_relus(self.model, seen, self._introspection.skipped)
        except StabilityError as error:
            self._fail("its layers", error)
        try:
            self._passes.add(seen, given, returned, sized=not self._history.begun)
            self._backward.follow(islice(tensors_of(returned), 8))
        except Exception as error:
            self._fail("what a forward pass showed", error)

    def _fail(self, what: str, error: Exception) -> None:
        """Warn, once, of what cannot be read; or raise."""
        if self._strict:
            self.close()
            raise error
        if what not in self._failed:
            self._failed.add(what)
            text = f"{type(error).__name__}: {error}".split("\n")[0]
            name = type(self.model).__name__
            warnings.warn(f"The monitor of {name} cannot read {what} and goes on without: {text}", stacklevel=4)

    def _hear(self, criterion: nn.Module, args: Any, loss: Any) -> None:
        if isinstance(loss, Tensor) and loss.requires_grad and loss.numel() == 1:
            self.note(loss)

    def _before_step(self, optimiser: Optimizer, args: Any, kwargs: Any) -> tuple[Any, Any] | None:
        if not holds(optimiser, self._own):
            return None
        closed = with_closure(args, kwargs, partial(self._closure, optimiser))
        if closed is not None:
            return closed
        if task() >= 0:
            self._change(optimiser)
            return None
        self._take(getattr(optimiser, "grad_scale", None), getattr(optimiser, "found_inf", None), optimiser, depth=5)
        return None

    def _change(self, optimiser: Optimizer) -> None:
        """Keep what an optimiser changes within the backward pass; it is read when that ends."""
        if self._task != task():
            self._task = task()
            at_the_end(self._take)
        if not self._passed or not self.due or not self._passes:
            return
        try:
            for parameter in (p for group in optimiser.param_groups for p in group["params"]):
                if id(parameter) in self._own and parameter.grad is not None:
                    self._backward.changed[id(parameter)] = early(parameter, self._passes.whole())
        except Exception as error:
            self._fail("gradients within the backward pass", error)

    def _closure(self, optimiser: Optimizer, closure: Callable[[], Any]) -> Callable[[], Any]:
        """Return a closure that reads after its first call, when the gradients are complete."""
        calls = 0

        def monitored() -> Any:
            nonlocal calls
            loss, calls = closure(), calls + 1
            if calls == 1:
                if self._loss is None and loss is not None:
                    self.note(loss)
                self._take(optimiser=optimiser)
            return loss

        return monitored

    def _take(
        self, scale: Scale = None, skipped: Scale = None, optimiser: Optimizer | None = None, depth: int = 4
    ) -> None:
        """Read if it is time; depth is how many calls lie above the line of the loop that led here."""
        if not self._passed:
            self._warn(depth)
            if optimiser is not None:
                self._made.goes_on(optimiser)
            return
        self._passed = False
        if self._made.begins(optimiser):
            if self.due and self._passes:
                self._read(scale, skipped, optimiser)
            self.steps += 1
            self._entries = self._now or entries(self._parameters) if self.due else None
            self._now = None
        self._loss, self._task = None, -1
        self._passes.clear()
        self._backward.clear()
        answer(self._history.episodes.begun, self.on_alarm, self._stop_on, self._fail)

    def _read(self, scale: Scale, skipped: Scale, optimiser: Optimizer | None) -> None:
        if skipped is not None and float(skipped):
            return
        try:
            pack = self._measured(scale, optimiser)
        except Exception as error:
            self._fail("weights and gradients", error)
            return
        if pack is None:
            return
        self._history.add(pack)
        self._next = self.steps + self._every
        listeners = [each for each in (self.log, self._panel, self._board) if each is not None]
        if listeners or self._history.full or self.on_alarm is not None or self._stop_on:
            try:
                reading = self.readings[-1]
            except Exception as error:
                self._fail("the numbers that waited", error)
                return
            for listener in listeners:
                listener(reading)

    def _measured(self, scale: Scale, optimiser: Optimizer | None) -> Packed | None:
        before, changed = self._backward.before_clipping(scale_removed), self._backward.changed
        left_out = dict.fromkeys(sorted(self._passes.empty), "it got no example") | self._introspection.skipped
        texts = tuple(f"{name}: {reason}" for name, reason in left_out.items())
        looked = self._passes.whole()
        rates = () if optimiser is None else tuple(group["lr"] for group in optimiser.param_groups if "lr" in group)
        self._now = entries(self._parameters)
        asked = Asked(rates, self._entries, self._now, self._quantities, self._backward.norms)
        own = self._parameters, self.steps, self._loss, scale
        pack = measure(looked, *own, before, changed, texts, self._named, asked)
        if pack is not None and pack.numbers.is_meta:
            raise StabilityError(
                "they are on the device meta and have no entries", "Monitor the network where it is real."
            )
        return pack

    def _warn(self, depth: int) -> None:
        """Say once that an optimiser steps although the network itself was never called."""
        if not self.steps and not self._warned:
            self._warned = True
            text = "no forward pass of it was seen in training mode with gradients switched on, so there is no reading"
            what = f"An optimiser changes parameters of {type(self.model).__name__}, but {text}"
            warnings.warn(f"{what}. Monitor the module that is called.", stacklevel=depth)
