"""How healthy is a torch network while it trains? Two lines around any loop, and nothing else in it changes."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.optim.optimizer import Optimizer, register_optimizer_step_pre_hook

from stability.errors import NumberError, StabilityError, UnknownNameError
from stability.training.closing import Closing
from stability.training.monitoring.assembling import Biases, readings_of
from stability.training.monitoring.files import Board, to_csv, to_parquet
from stability.training.monitoring.live import Panel
from stability.training.monitoring.measures import Looked, Packed, look, measure
from stability.training.monitoring.optimisers import Steps, holds, ids, with_closure
from stability.training.monitoring.readings import Alarm, Limits, Reading, bare, judged, reading_of
from stability.training.watching.seeing import Hook, Seen, Watch, require_relus

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Tensor = torch.Tensor
Scale = Tensor | float | None

MANY, MOST = 32, 2**22
"""How many readings, and how many numbers, may wait until they are worked out together."""


class Monitor(Closing):
    """Reads the health of a network at every K-th step of its optimiser.

    A reading is taken right before an optimiser that holds parameters of the network makes its step: the gradients are
    complete then, and the weights are still those of the forward pass. Of several optimisers the first one after a
    forward pass counts; of several forward passes the last one. Forward passes count in training mode with gradients
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
        A loss: its last value before the step goes into the reading. Or tell by `note(loss=...)`.
    live : bool
        Whether to show the latest reading while it trains, in a terminal; elsewhere nothing is shown.
    log : callable, optional
        Gets every reading when it is taken.
    keep : int, optional
        How many readings are kept, the latest ones; all by default. What is read from many steps stays small then.

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
        If nothing can be seen inside the network (compiled, scripted, spread over threads), or a number is below 1. The
        first forward pass raises it if it meets no ReLU, any if the batch is empty; the monitor is closed then.
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
        keep: int | None = None,
    ) -> None:
        for name, number in (("every", every), ("keep", 1 if keep is None else keep)):
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise NumberError(
                    f"Expected {name} to be a whole number of at least 1; got {number!r}.", f"Try {name}=100."
                )
        if detail not in (True, False, "latest"):
            raise UnknownNameError(f"Expected detail to be True, False or 'latest'; got {detail!r}.", "Try True.")
        self._readings: list[Reading] = []
        self._first: Reading | None = None
        self._keep, self._made = keep, Steps()
        self._waiting: list[Packed] = []
        self.steps = 0
        self.model, self.log = model, log
        self._every, self._detail = every, detail
        self._limits = Limits() if limits is None else limits
        self._next, self._passed, self._warned = 0, False, False
        self._looked: Looked | None = None
        self._biases: Biases | None = None
        self._loss: Tensor | float | None = None
        self._board: Board | None = None
        self._watch = Watch(model, self._look, self._wanted)
        self._parameters = [*model.parameters()]
        self._own = ids(self._parameters)
        self._hooks: list[Any] = [register_optimizer_step_pre_hook(self._before_step)]
        if criterion is not None:
            self._hooks.append(criterion.register_forward_hook(Hook(self._hear)))
        self._panel = Panel(type(model).__name__) if live else None

    @property
    def readings(self) -> list[Reading]:
        """All readings. Numbers wait on the device until somebody asks, or many have come together."""
        for _, packs in groupby(self._waiting, key=lambda pack: pack.layout):
            found, self._biases = readings_of([*packs], self._biases, bool(self._detail))
            for reading in found:
                self._keep_reading(judged(reading, self._limits, self._first))
        self._waiting.clear()
        return self._readings

    def _keep_reading(self, reading: Reading) -> None:
        """Keep a reading, and no more of those before than was asked for."""
        if self._first is None:
            self._first = bare(reading)
        if self._detail == "latest" and self._readings:
            self._readings[-1] = bare(self._readings[-1])
        self._readings.append(reading)
        if self._keep is not None:
            del self._readings[: -self._keep]

    @property
    def latest(self) -> Reading | None:
        """The last reading; None before the first."""
        return self.readings[-1] if self.readings else None

    @property
    def skipped(self) -> dict[str, str]:
        """The layers that are not read, since their axis of units is not certain or for another reason, and why."""
        return dict(self._watch.skipped)

    @property
    def due(self) -> bool:
        """Whether the step to come is read."""
        return self.steps >= self._next

    @property
    def alarms(self) -> list[tuple[int, Alarm]]:
        """All alarms with their steps."""
        return [(reading.step, alarm) for reading in self.readings for alarm in reading.alarms]

    def note(self, loss: Tensor | float) -> None:
        """Tell the loss that belongs to the step to come."""
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
        """Write the readings, one row per layer and step; the first line says where they come from.

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

    def figure(self) -> "Figure":
        """Return a picture of all readings.

        Raises
        ------
        StabilityError
            If there are none.
        """
        from stability.view.health import health_figure

        return health_figure(self.readings)

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments of this monitor, as plain data."""
        return {
            "model": type(self.model).__name__,
            "every": self._every,
            "detail": self._detail,
            "limits": vars(self._limits),
        }

    def state_dict(self) -> dict[str, Any]:
        """Return what is needed to go on in another process, as plain data and tensors, between two steps."""
        readings, biases = self.readings, self._biases
        return {
            "steps": self.steps,
            "next": self._next,
            "readings": [asdict(reading) for reading in readings],
            "first": None if self._first is None else asdict(self._first),
            "biases": None if biases is None else (biases.sizes, torch.from_numpy(biases.values.copy())),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another monitor of the same network was.

        Raises
        ------
        StabilityError
            If it is not what `state_dict` returned.
        """
        try:
            readings = [reading_of(each) for each in state["readings"]]
            first = None if state["first"] is None else reading_of(state["first"])
            biases = None if state["biases"] is None else Biases(tuple(state["biases"][0]), state["biases"][1].numpy())
            steps, following = int(state["steps"]), int(state["next"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise StabilityError(
                f"Expected the state of a monitor; got something else ({type(error).__name__}: {error}).",
                "Give what monitor.state_dict() returned.",
            ) from error
        self._waiting.clear()
        self._readings[:] = readings
        self._first, self._biases, self.steps, self._next = first, biases, steps, following
        self._looked, self._loss, self._passed, self._made = None, None, False, Steps()

    def close(self) -> None:
        """Leave the network, the loss and the optimisers as they were found; the readings stay."""
        self._watch.close()
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        if self._panel is not None:
            self._panel.close()
        if self._board is not None:
            self._board.close()

    def _wanted(self) -> bool:
        trains = self.model.training and torch.is_grad_enabled()
        self._passed |= trains
        return trains and self.due

    def _look(self, seen: list[Seen]) -> None:
        try:
            layers = require_relus(self.model, seen, self._watch.skipped)
        except StabilityError:
            self.close()
            raise
        self._looked = look([each for each in layers if each.z.numel()])

    def _hear(self, criterion: nn.Module, args: Any, loss: Any) -> None:
        if isinstance(loss, Tensor) and loss.requires_grad and loss.numel() == 1:
            self.note(loss)

    def _before_step(self, optimiser: Optimizer, args: Any, kwargs: Any) -> tuple[Any, Any] | None:
        if not holds(optimiser, self._own):
            return None
        closed = with_closure(args, kwargs, partial(self._closure, optimiser))
        if closed is not None:
            return closed
        self._take(getattr(optimiser, "grad_scale", None), getattr(optimiser, "found_inf", None), optimiser, depth=5)
        return None

    def _closure(self, optimiser: Optimizer, closure: Callable[[], Any]) -> Callable[[], Any]:
        """Return a closure that reads after its first call, when the gradients are complete."""
        calls = 0

        def watched() -> Any:
            nonlocal calls
            loss, calls = closure(), calls + 1
            if calls == 1:
                if self._loss is None and loss is not None:
                    self.note(loss)
                self._take(optimiser=optimiser)
            return loss

        return watched

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
            if self.due and self._looked is not None:
                self._read(self._looked, scale, skipped)
            self.steps += 1
        self._looked, self._loss = None, None

    def _read(self, looked: Looked, scale: Scale, skipped: Scale) -> None:
        if skipped is not None and float(skipped):
            return
        self._waiting.append(measure(looked, self._parameters, self.steps, self._loss, scale))
        self._next = self.steps + self._every
        listeners = [each for each in (self.log, self._panel, self._board) if each is not None]
        if listeners or len(self._waiting) * self._waiting[-1].numbers.numel() > MOST or len(self._waiting) >= MANY:
            reading = self.readings[-1]
            for listener in listeners:
                listener(reading)

    def _warn(self, depth: int) -> None:
        """Say once that an optimiser steps although the network itself was never called."""
        if not self.steps and not self._warned:
            self._warned = True
            warnings.warn(
                f"An optimiser changes parameters of {type(self.model).__name__}, but no forward pass of it was seen "
                "in training mode with gradients switched on, so there is no reading. Watch the module that is called.",
                stacklevel=depth,
            )
