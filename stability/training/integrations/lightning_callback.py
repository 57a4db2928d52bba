"""A callback for Lightning: a monitor, and a controller if asked for, in the loop of its trainer."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Self

from torch import nn

from stability.training.integrations.monitored_training import MonitoredTraining
from stability.training.integrations.optional import bases, joined
from stability.training.integrations.training_step import TrainingStep, loss_of, step_of
from stability.training.monitoring.readings import Reading


class LightningCallback(MonitoredTraining):
    """Reads the health of a LightningModule while a Trainer of `lightning` or `pytorch_lightning` trains it.

    The numbers go to the trainer's loggers by the names of the page on loggers. All that `training_step` computes is
    monitored, whichever parts of the module it calls; with `module`, with a policy, and with manual optimisation only
    what is called as that module, or the LightningModule itself, is. With a policy that is its one part with trained
    parameters, if there is only one. The state is in the trainer's checkpoints:
    `trainer.fit(model, ckpt_path=...)` goes on as if the training had not been interrupted.

    Parameters
    ----------
    every : int
        A reading at every K-th step of the optimiser.
    policy : str or Policy, optional
        Lets a `Controller` intervene by this policy, as "careful"; else nothing is changed.
    module : str, optional
        The name of the part that is monitored, as "model". A controller needs the module that `training_step` calls:
        name it where several parts are trained and `training_step` does not call `self(x)`.
    loggers : callable or iterable of callable
        Get every reading besides those of the trainer, as `CsvLogger("health.csv")`.
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
        If neither `lightning` nor `pytorch_lightning` is installed.
    """

    _strategy: Any = None

    def __new__(cls, *args: Any, **named: Any) -> Self:
        """Return a callback of the trainers that are there."""
        modules = ("lightning.pytorch.callbacks", "pytorch_lightning.callbacks")
        kind = joined(cls, bases(modules, "Callback", "lightning", cls.__name__))  # type: ignore[arg-type]
        made: Self = object.__new__(kind)
        return made

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Monitor the module."""

        def write(numbers: dict[str, float], reading: Reading) -> None:
            for logger in trainer.loggers:
                logger.log_metrics(numbers, step=reading.step)

        spread, strategy = trainer.world_size > 1, trainer.strategy
        step: TrainingStep | None = None
        if not pl_module.automatic_optimization or self.policy is not None or self.module is not None:
            alone = self.policy is not None and self.module is None
            self.begin(trained_part(pl_module, trainer) if alone else self.part_of(pl_module), write, spread)
        else:
            step = step_of(pl_module, strategy.training_step)
            self.begin(step, write, spread)
        if pl_module.automatic_optimization:
            strategy.training_step, self._strategy = self._heard(strategy.training_step, step), strategy

    def _heard(self, training_step: Callable[..., Any], step: TrainingStep | None) -> Callable[..., Any]:
        """Return a step of training whose loss the monitor notes, made as a module if there is one of it."""

        @wraps(training_step)
        def heard(*args: Any, **named: Any) -> Any:
            if step is None:
                returned = training_step(*args, **named)
            else:
                step(*args, **named)
                returned = step.take()
            loss = loss_of(returned)
            if loss is not None and self.monitor is not None:
                self.monitor.note(loss)
            return returned

        return heard

    def end(self) -> None:
        """Leave the module and the trainer as they were found; the readings and the log stay."""
        if self._strategy is not None:
            self._strategy.__dict__.pop("training_step", None)
            self._strategy = None
        super().end()

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Monitor no longer."""
        self.end()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Monitor no longer."""
        self.end()

    @property
    def state_key(self) -> str:
        """Under which name a checkpoint keeps the state: with that of the part, so that there may be several."""
        return type(self).__name__ + (f"[{self.module}]" if self.module else "")

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return self.saved()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what a checkpoint kept, when the training starts."""
        self.loaded(state_dict)


def trained_part(network: nn.Module, trainer: Any) -> nn.Module:
    """Return the one part of a LightningModule that the optimisers of its trainer change; else the LightningModule.

    A controller repeats forward passes, and `training_step` may do more than one, so that this cannot be repeated.

    Parameters
    ----------
    network : LightningModule
    trainer : Trainer
    """
    held = {id(p) for each in trainer.optimizers for group in each.param_groups for p in group["params"]}
    parts = [part for part in network.children() if any(p.requires_grad and id(p) in held for p in part.parameters())]
    called = len(parts) == 1 and type(parts[0]).forward is not nn.Module.forward
    return parts[0] if called else network
