"""How is a training run that goes wrong put right while it trains? Around any torch loop, with no change inside it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.optimizer import (
    Optimizer,
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from stability.errors import NumberError, StabilityError
from stability.training.closing import Closing
from stability.training.healing.effects import Effects
from stability.training.healing.log import Entry, write_log
from stability.training.healing.policies import (
    POLICIES,
    Action,
    Policy,
    Rule,
    State,
    decide,
    measured,
    policy_named,
)
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.optimisers import with_closure
from stability.training.monitoring.readings import Reading

__all__ = ["POLICIES", "Action", "Controller", "Entry", "Policy", "Rule", "State", "decide", "policy_named"]

Tensor = torch.Tensor


class Controller(Closing):
    """Repairs a network while it trains, when its health calls for it.

    It reads at every K-th step of the optimiser as a `Monitor` does, right before the step, and repairs right after it,
    at the new weights and on the same batch. The optimiser forgets its moments of the entries that were changed. Leaky
    slopes and penalties are taken back when they are over, and when the controller is closed; weights stay repaired.

    Parameters
    ----------
    watched : Module or Monitor
        The network; or a monitor of it, with `detail=True` for policies that look at dead examples.
    policy : str or Policy
        The name of one in `POLICIES`, or your own.
    optimizer : Optimizer or iterable of Optimizer, optional
        Whose moments are cleared besides those of the optimisers that are seen to step.
    every : int
        K, where a network is given.
    dry_run : bool
        Whether to decide and write down, but do nothing.
    per_example_loss : callable, optional
        Gets what the network returned, and returns the loss of every example, as
        `lambda out: cross_entropy(out, y, reduction="none")`. Without it dead examples count however well they are
        fitted, and rules about the loss know only what the monitor was told.
    seed : int
        Of random rotations.

    Attributes
    ----------
    monitor : Monitor
    policy : Policy
    log : list of Entry
        Every intervention.
    repaired : bool
        Whether the last step was followed by a repair (or one was switched on): losses before and after do not compare.

    Raises
    ------
    StabilityError
        If nothing can be seen inside the network, the policy is unknown, or the monitor keeps too little.
    """

    def __init__(
        self,
        watched: nn.Module | Monitor,
        policy: str | Policy = "better",
        optimizer: Optimizer | Iterable[Optimizer] | None = None,
        *,
        every: int = 10,
        dry_run: bool = False,
        per_example_loss: Callable[[Any], Tensor] | None = None,
        seed: int = 0,
    ) -> None:
        self.policy = policy_named(policy) if isinstance(policy, str) else policy
        self.log: list[Entry] = []
        self.repaired = False
        self._dry, self._losses_of = dry_run, per_example_loss
        self._state = State()
        self._pending: tuple[Action, ...] = ()
        self._open: list[int] = []
        self._output: Any = None
        self._owns = not isinstance(watched, Monitor)
        self.monitor = watched if isinstance(watched, Monitor) else Monitor(watched, every, detail=True)
        self._refuse_blind()
        given = [optimizer] if isinstance(optimizer, Optimizer) else list(optimizer or ())
        model, self._told = self.monitor.model, self.monitor.log
        self._effects = Effects(model, given, seed, per_example_loss)
        self.monitor.log = self._hear
        self._hooks: list[Any] = [
            model.register_forward_pre_hook(self._remember, with_kwargs=True),
            model.register_forward_hook(self._receive),
            register_optimizer_step_pre_hook(self._before_step),
            register_optimizer_step_post_hook(self._after_step),
        ]

    @property
    def busy(self) -> bool:
        """Whether a leaky slope or a penalty is on: the loss is not that of the bare network, so do not stop now."""
        return self._effects.busy

    @property
    def settings(self) -> dict[str, Any]:
        """What it works by, as plain data."""
        return {"policy": self.policy.name, "dry_run": self._dry, **self.monitor.settings}

    def write(self, path: Path | str) -> None:
        """Write the log as .jsonl or .csv.

        Raises
        ------
        FileError
            If the ending is another, or it cannot be written to.
        """
        write_log(self.log, path, self.settings)

    def close(self) -> None:
        """Take slopes, penalties and hooks back; the weights and the log stay."""
        self._effects.close()
        for hook in self._hooks:
            hook.remove()
        if self._hooks:
            self.monitor.log = self._told
            if self._owns:
                self.monitor.close()
        self._hooks, self._pending, self._output = [], (), None

    def _refuse_blind(self) -> None:
        if any(rule.alarm == "dead data" for rule in self.policy.rules) and not self.monitor.settings["detail"]:
            raise StabilityError(
                "Expected a monitor that keeps the numbers of every example; this one does not.",
                "Write Monitor(model, detail=True), or give the network instead of the monitor.",
            )

    def _counts(self, model: nn.Module) -> bool:
        return model.training and torch.is_grad_enabled() and not self._effects.probing

    def _remember(self, model: nn.Module, args: Any, kwargs: Any) -> None:
        if self._counts(model):
            self._effects.batch = args, kwargs

    def _receive(self, model: nn.Module, args: Any, output: Any) -> None:
        if self._losses_of is not None and self._counts(model):
            self._output = output.detach() if isinstance(output, Tensor) else output

    def _hear(self, reading: Reading) -> None:
        """Decide what a reading calls for; it is done after the step."""
        if self._told is not None:
            self._told(reading)
        losses = self._losses(reading)
        now = measured(reading, self._state, self.policy, losses)
        for place in self._open:
            alarm = self.log[place].action.alarm
            self.log[place] = replace(self.log[place], after=now.get((alarm.layer, alarm.kind)))
        self._open = []
        self._pending, self._state = decide(reading, self._state, self.policy, losses)

    def _losses(self, reading: Reading) -> list[float] | None:
        if self._losses_of is None:
            return None
        with torch.no_grad():
            found = self._losses_of(self._output)
        points = {layer.points for layer in reading.layers}
        if not isinstance(found, Tensor) or found.ndim != 1 or points != {len(found)}:
            told = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
            raise NumberError(
                f"Expected per_example_loss to return one loss for each of {max(points)} examples; got {told}.",
                'Use reduction="none", and take the mean over all axes but the first.',
            )
        return [float(x) for x in found.tolist()]

    def _before_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> tuple[Any, Any] | None:
        """Add the gradients of the penalties that are on."""
        if not self._effects.busy or not self._effects.concerns(optimizer):
            return None
        closed = with_closure(args, kwargs, lambda closure: self._effects.pushing(closure, optimizer))
        if closed is not None:
            return closed
        self._effects.push(optimizer)
        return None

    def _after_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        """Do what the reading before the step called for."""
        if not self._effects.concerns(optimizer):
            return
        self._effects.stepped(optimizer)
        actions, self._pending, self.repaired = self._pending, (), False
        for action in actions:
            changed, reason = ({}, "") if self._dry else self._effects.act(action)
            if action.verb == "repair":
                self._open.append(len(self.log))
                self.repaired |= not self._dry and not reason
            self.log.append(Entry(action, action.alarm.value, None, changed, reason, self._dry))
