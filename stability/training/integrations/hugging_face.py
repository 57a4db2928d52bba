"""A callback for the Trainer of Hugging Face transformers: a monitor, and a controller if asked for, in its loop."""

from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any, Self

import torch
from torch import Tensor, nn

from stability.training.integrations.monitored_training import MonitoredTraining
from stability.training.integrations.optional import bases, joined
from stability.training.integrations.training_step import loss_of
from stability.training.introspection.hooks import Hook
from stability.training.monitoring.readings import Reading


class HuggingFaceCallback(MonitoredTraining):
    """Reads the health of a network while a `transformers.Trainer` trains it.

    The numbers go to `trainer.state.log_history` by the names of the page on loggers; `loggers` takes them elsewhere.
    The loss is that which the model returns, over all micro-batches of a step and all processes where it is divided by
    their number of items. The state is in the trainer's checkpoints: `trainer.train(resume_from_checkpoint=...)` goes
    on as if the training had not been interrupted.

    Parameters
    ----------
    every : int
        A reading at every K-th step of the optimiser.
    policy : str or Policy, optional
        Lets a `Controller` intervene by this policy, as "careful"; else nothing is changed.
    module : str, optional
        The name of the part that is monitored, as "encoder".
    loggers : callable or iterable of callable
        Get every reading, as `WandbLogger()` for the run that the trainer reports to.
    controlling : mapping
        Further arguments of `Controller`, as `per_example_loss`.
    **options
        Further arguments of `Monitor`, as `limits`, `on_alarm` or `stop_on`.

    Attributes
    ----------
    monitor : Monitor or None
        None before the training starts; afterwards its readings stay.
    controller : Controller or None

    Raises
    ------
    MissingPackageError
        If `transformers` is not installed.
    """

    kept: str | None = None
    _hook: Any = None
    _heard: tuple[int, float | Tensor] = (-1, 0.0)
    _shares: int = 1

    def __new__(cls, *args: Any, **named: Any) -> Self:
        """Return a callback of the trainer."""
        modules, names = ("transformers.trainer_callback",), ("TrainerCallback", "ExportableState")
        kinds = tuple(kind for name in names for kind in bases(modules, name, "transformers", cls.__name__))
        made: Self = object.__new__(joined(cls, kinds))  # type: ignore[arg-type]
        return made

    def on_train_begin(self, args: Any, state: Any, control: Any, model: nn.Module, **named: Any) -> None:
        """Monitor the model, and go on where a checkpoint ended if the trainer does."""
        stored = state.stateful_callbacks.get(type(self).__name__, [])
        own = [each for each in (stored if isinstance(stored, list) else [stored]) if self._is_own(each)]
        kept = self.kept or (own[-1]["attributes"]["kept"] if own else None)
        self.kept = None
        if kept and state.global_step:
            self.loaded(unpacked(kept))

        def write(numbers: dict[str, float], reading: Reading) -> None:
            if state.is_world_process_zero:
                state.log_history.append({"epoch": state.epoch, **numbers, "step": reading.step})

        self.begin(self.part_of(model), write, args.world_size > 1)
        self._heard = (-1, 0.0)
        self._shares = args.world_size if getattr(args, "average_tokens_across_devices", False) else 1
        self._hook = model.register_forward_hook(Hook(self._hear), with_kwargs=True)

    def _is_own(self, stored: Any) -> bool:
        """Return whether a checkpoint stored this of a callback for the same part; there may be several."""
        return isinstance(stored, dict) and stored.get("args", {}).get("module") == self.module

    def _hear(self, model: nn.Module, args: Any, named: Any, output: Any) -> None:
        loss = loss_of(output)
        if loss is None or not model.training or self.monitor is None:
            return
        if named.get("num_items_in_batch") is not None:  # a share of the loss of all micro-batches, and no loss of one
            step, before = self._heard
            loss = loss.detach() * self._shares + (before if step == self.monitor.steps else 0.0)
            self._heard = (self.monitor.steps, loss)
        self.monitor.note(loss)

    def on_train_end(self, args: Any, state: Any, control: Any, **named: Any) -> None:
        """Monitor no longer."""
        self.end()

    def end(self) -> None:
        """Leave the model as it was found; the readings and the log stay."""
        if self._hook is not None:
            self._hook.remove()
            self._hook = None
        super().end()

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint of the trainer keeps, as JSON."""
        found = self.saved()
        plain = {name: value for name, value in self._given.items() if is_plain(value)}
        return {"args": plain, "attributes": {"kept": packed(found) if found else None}}


def is_plain(value: Any) -> bool:
    """Return whether JSON holds a value as it is."""
    return value is None or isinstance(value, bool | int | float | str)


def packed(state: dict[str, Any]) -> str:
    """Return plain data and tensors as text."""
    file = BytesIO()
    torch.save(state, file)
    return b64encode(file.getvalue()).decode("ascii")


def unpacked(text: str) -> dict[str, Any]:
    """Return the plain data and tensors that became text; nothing else in it is executed."""
    found: dict[str, Any] = torch.load(BytesIO(b64decode(text)), map_location="cpu", weights_only=True)
    return found
