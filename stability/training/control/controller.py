"""A controller around any torch loop: it reads, decides and intervenes after a step, with no change inside it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from math import nan
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
from stability.io.closing import Closing
from stability.io.warn import warn_user
from stability.training.control import saved_state as saving
from stability.training.control.decisions import SKIP, Action, answer, decide, unanswered, untried
from stability.training.control.describing import Interventions
from stability.training.control.effects import Done, Effects
from stability.training.control.escalation import State
from stability.training.control.example_losses import asked, example_losses, require_losses, whole
from stability.training.control.interventions import CANNOT
from stability.training.control.log import Entry, complete, write_log
from stability.training.control.own_monitor import closed_on_errors, monitor_for, optimizers_of
from stability.training.control.policies import EXPLODING, POLICIES, Policy, Rule, policy_named, policy_of
from stability.training.control.repeat_forward import in_backward, noted, same_precision, without_graph
from stability.training.control.several_processes import by_first, over_processes, require_whole
from stability.training.introspection.hooks import Hook
from stability.training.monitoring.alarms import Alarm
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.optimizer_hooks import while_alive, with_closure
from stability.training.monitoring.processes import inside_several
from stability.training.monitoring.readings import Reading

__all__ = ["POLICIES", "Action", "Controller", "Entry", "Policy", "Rule", "State", "decide", "policy_named"]

Tensor = torch.Tensor


class Controller(Interventions, Closing):
    """Intervenes in a network while it trains, when its health calls for it.

    It reads at every K-th step of the optimiser as a `Monitor` does, right before the step, and intervenes right after
    it, at the new weights and on the same batch. The optimiser forgets its moments of the entries that were changed.
    Leaky slopes and penalties are taken back when they are over, and when the controller is closed; weights stay.

    Only parameters are changed that an optimiser changes. Where several optimisers make one step of training, it acts
    when all have. Where several processes train the network, each makes a controller; the first one decides and acts on
    the batch of all, and the others take over what it changes. Nothing is raised inside a step: what cannot be done is
    written down, and training goes on.

    Parameters
    ----------
    network : Module or Monitor
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
        fitted, and rules about the loss know only what the monitor was given.
    seed : int
        Of random rotations.
    units, skip
        As in `Monitor`; a monitor that is given has its own.

    Attributes
    ----------
    monitor : Monitor
    policy : Policy
    log : list of Entry
        The latest interventions; what cannot be done is written down once.
    dropped : int
        How many earlier entries of the log are kept no more.
    repaired : bool
        Whether the last step was followed by an intervention (or one was switched on): losses before and after do not
        compare.

    Raises
    ------
    StabilityError
        If the network is a ScriptModule, its weights are spread over processes, the policy is unknown, or the
        monitor keeps too little.

    Examples
    --------
    >>> import torch
    >>> from stability import Controller
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    >>> _ = model[0].bias.data.fill_(-9)
    >>> optimizer = torch.optim.SGD(model.parameters(), 0.01)
    >>> with Controller(model, "revive", every=1) as controller:
    ...     model(torch.ones(3, 2)).mean().backward()
    ...     optimizer.step()
    >>> controller.log[0].changed
    {'0.weight': 2, '0.bias': 1}
    """

    def __init__(
        self,
        network: nn.Module | Monitor,
        policy: str | Policy = "careful",
        optimizer: Optimizer | Iterable[Optimizer] | None = None,
        *,
        every: int = 10,
        dry_run: bool = False,
        per_example_loss: Callable[[Any], Tensor] | None = None,
        seed: int = 0,
        keep: int = 1000,
        units: Mapping[str, int] | None = None,
        skip: Iterable[str] = (),
    ) -> None:
        self.policy = policy_of(policy)
        require_losses(per_example_loss)
        if isinstance(keep, bool) or not isinstance(keep, int) or keep < 1:
            raise NumberError(f"Expected keep to be a whole number of at least 1; got {keep!r}.", "Try keep=1000.")
        self.log: list[Entry] = []
        self.repaired, self.dropped = False, 0
        self._dry, self._losses_of, self._keep = dry_run, per_example_loss, keep
        self._state = State()
        self._pending: tuple[Action, ...] = ()
        self._open: list[int] = []
        self._said: set[tuple[str, str, str, str]] = set()
        self._output: tuple[Any, bool] = (None, False)
        self._read, self._steps, self._stepped, self._usual = False, 0, list[int](), 1
        self._closures, self._kept_at = 0, -2
        self._penalised = any(each.lasts for rule in self.policy.rules for each in rule.interventions)
        self._keeps = not dry_run and any(rule.alarm == EXPLODING for rule in self.policy.rules)
        self._owns = not isinstance(network, Monitor)
        given = optimizers_of(optimizer)
        self.monitor = monitor_for(network, self.policy, every, keep, units, skip)
        model, self._listener = self.monitor.model, self.monitor.log
        with closed_on_errors(self.monitor, self._owns):
            require_whole(model, self.monitor.spread)
            self._effects = Effects(model, given, seed, per_example_loss, self._failed, self.monitor.stated)
        self.monitor.log = self._receive_reading
        self._hooks: list[Any] = [
            model.register_forward_pre_hook(Hook(self._remember, seen=True), with_kwargs=True, prepend=True),
            model.register_forward_hook(Hook(self._receive)),
            while_alive(register_optimizer_step_pre_hook, self._before_step),
            while_alive(register_optimizer_step_post_hook, self._after_step),
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
            If the suffix is another, or it cannot be written to.
        """
        write_log(self.log, path, self.settings)

    def state_dict(self) -> dict[str, Any]:
        """Return what is needed to go on in another process, as plain data and tensors, between two steps.

        Load it into a controller with the same policy for the same network, after the weights and the optimisers; what
        follows is the same, bit for bit, as if the training had not been interrupted.
        """
        return {
            "policy": self.policy.name,
            "state": saving.of_state(self._state),
            "pending": saving.of_actions(self._pending),
            "log": saving.of_log(self.log),
            "open": list(self._open),
            "dropped": self.dropped,
            "made": self._made_before,
            "said": sorted(self._said),
            "repaired": self.repaired,
            "steps": (self._steps, self._usual),
            "effects": self._effects.state_dict(),
            "monitor": self.monitor.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another controller of the same network was.

        Raises
        ------
        StabilityError
            If it is not what `state_dict` returned, or of another policy or network.
        """
        saving.require_policy(state, self.policy.name)
        try:
            known = saving.to_state(state["state"]), saving.to_actions(state["pending"]), saving.to_log(state["log"])
            numbers = [int(each) for each in (*state["steps"], state["dropped"], state.get("made", 0))]
            said = {tuple(map(str, each)) for each in state["said"]}
            self.monitor.load_state_dict(state["monitor"])
            self._effects.load_state_dict(state["effects"])
            self._open, self.repaired = [int(each) for each in state["open"]], bool(state["repaired"])
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
            raise saving.no_state(error) from error
        self._state, self._pending, self.log[:] = known
        self._steps, self._usual, self.dropped, self._made_before = numbers
        self._said = {(a, b, c, d) for a, b, c, d in said}
        self._output, self._read, self._stepped, self._kept_at = (None, False), False, [], -2

    def close(self) -> None:
        """Take slopes, penalties and hooks back; the weights and the log stay."""
        self._effects.close()
        for hook in self._hooks:
            hook.remove()
        if self._hooks:
            self.monitor.log = self._listener
            if self._owns:
                self.monitor.close()
        self._hooks, self._pending, self._output = [], (), (None, False)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy has, of a network that holds its controller, say: its log, and no part in any training."""
        over = {"_hooks": [], "_pending": (), "_output": (None, False)}
        return {**self.__dict__, **over, "_losses_of": None, "_listener": None}

    def _counts(self, model: nn.Module) -> bool:
        return model.training and torch.is_grad_enabled()

    def _remember(self, model: nn.Module, args: Any, kwargs: Any) -> None:
        if not self._counts(model) or (self._pending and self._closures):
            return
        if self._pending and not in_backward():
            self._act(final=True)
        self.monitor.spread = self.monitor.spread or inside_several()
        with self._guarded():
            self._effects.passed = noted(model, args, kwargs) if self.monitor.due else None

    def _receive(self, model: nn.Module, args: Any, output: Any) -> None:
        if self._losses_of is not None and self._counts(model):
            self._output = (without_graph(output), True) if self.monitor.due else (None, False)

    def _receive_reading(self, reading: Reading) -> None:
        """Decide what a reading calls for; it is done after the step."""
        try:
            if self._listener is not None:
                self._listener(reading)
        finally:
            self._read = True
            with self._guarded():
                self._answer(reading, self._losses(reading))

    def _answer(self, reading: Reading, losses: list[float] | None) -> None:
        """Decide, and complete the log."""
        policy, state = self.policy, self._state
        seen = self._effects.passed is not None and not self.monitor.skipped
        lacking = unanswered(reading, policy, type(self.monitor.model).__name__) if seen else ""
        self._effects.bare = bool(lacking)
        if lacking:
            self._failed(StabilityError(lacking, ""))
        now, (self._pending, self._state), good = by_first(
            lambda: answer(reading, state, policy, losses), self.monitor.spread
        )
        complete(self.log, [place - self.dropped for place in self._open], now)
        self._open = []
        if self._keeps and good:
            self._effects.keep()
            self._kept_at = self.monitor.steps

    def _losses(self, reading: Reading) -> list[float] | None:
        (output, seen), self._output = self._output, (None, False)
        own = self._losses_of
        if own is None:
            return None

        def losses() -> Any:
            with torch.no_grad(), same_precision(self._effects.passed):
                return asked(own, output) if seen else None

        found = whole(over_processes(losses, self.monitor.spread))
        if found is None:
            why = "this forward pass is not seen, as of compiled code: losses are not known"
            self._failed(StabilityError(why, "Compile the network without a controller, or leave it uncompiled."))
            return None
        return example_losses(found, [layer.points for layer in reading.layers])

    def _before_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> tuple[Any, Any] | None:
        """Add the gradients of the penalties that are on."""
        if not self._effects.concerns(optimizer):
            return None
        closed = with_closure(args, kwargs, lambda closure: self._with_penalties(closure, optimizer))
        if closed is not None:
            return closed
        self._add_penalties(optimizer)
        return None

    def _with_penalties(self, closure: Callable[[], Any], optimizer: Optimizer) -> Callable[[], Any]:
        """Return a closure of an optimiser that adds the gradients of the penalties."""

        def penalised() -> Any:
            self._closures += 1
            try:
                loss = closure()
            finally:
                self._closures -= 1
            self._add_penalties(optimizer)
            return loss

        return penalised

    def _add_penalties(self, optimizer: Optimizer) -> None:
        if self._kept_at + 1 == self.monitor.steps:
            self._effects.keep_memory(optimizer)
        if not self._penalised:
            return
        with self._guarded():
            if self._read:
                self._read = False
                self._effects.observe(optimizer)
            self._effects.add_penalties(optimizer)

    def _after_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        """Do what the reading before the step called for, when all optimisers have made the step of training."""
        if not self._effects.concerns(optimizer):
            return
        if self.monitor.steps != self._steps:
            self._steps, self.repaired = self.monitor.steps, False
            self._usual, self._stepped = len(self._stepped) or self._usual, []
            self._effects.tick()
        self._effects.stepped(optimizer)
        if id(optimizer) not in self._stepped:
            self._stepped.append(id(optimizer))
        if len(self._stepped) >= self._usual and not in_backward():
            self._act(final=False)

    def _act(self, final: bool) -> None:
        """Do what is pending, as far as it can be done by now."""
        waiting = []
        for action in self._pending:
            done = self._done(action, final)
            if done is None:
                waiting.append(action)
            else:
                self._note(action, *done)
        self._pending = tuple(waiting)
        if not waiting:
            self._effects.release()

    def _done(self, action: Action, final: bool) -> Done | None:
        if self._dry:
            return {}, ""
        try:
            return self._effects.act(action, final, self.monitor.spread)
        except Exception as error:
            return {}, self._reason(error)

    def _note(self, action: Action, changed: dict[str, int], reason: str) -> None:
        """Write down what was done; what cannot be done once, and it does not count as an intervention."""
        if reason.startswith(CANNOT):
            self._state = untried(self._state, action)
            said = (action.alarm.layer, action.alarm.kind, action.intervention.kind, reason)
            if said in self._said:
                return
            self._said.add(said)
        if action.verb == "repair":
            self._open.append(self.dropped + len(self.log))
            self.repaired |= not self._dry and not reason
        self._write_down(Entry(action, action.alarm.value, None, changed, reason, self._dry))

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Let nothing out that goes wrong in the controller's own work: it is written down, and training goes on."""
        try:
            yield
        except Exception as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """Write down what the controller could not do, if that is new."""
        reason = self._reason(error)
        if self.policy.rules and ("", "", "", reason) not in self._said:
            self._said.add(("", "", "", reason))
            rule = self.policy.rules[0]
            action = Action(self.monitor.steps, Alarm("", "", nan, rule.limit), SKIP, rule.interventions[0])
            self._write_down(Entry(action, nan, None, {}, reason, self._dry))

    def _reason(self, error: Exception) -> str:
        """Return why something cannot be done, and warn of it the first time."""
        reason = f"{CANNOT}{' '.join(str(error).split()) or type(error).__name__}"
        if all(reason != said for *_, said in self._said):
            warn_user(f"The controller goes on without this: {reason.removeprefix(CANNOT)}")
        return reason
