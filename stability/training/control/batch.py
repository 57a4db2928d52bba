"""Many restarts under a controller at once, each with its own alarms and its own place in every escalation."""

from dataclasses import dataclass, replace
from math import inf, nan
from types import SimpleNamespace

import torch

from stability.arrays import Ints
from stability.model.update_rules import PLAIN, RULES
from stability.training.constraints.penalties import penalty
from stability.training.control.escalation import Health, LayerHealth, Move, State, escalate
from stability.training.control.formulas import Given, LayerArrays, torque
from stability.training.control.interventions import INTERVENTIONS, LEAKY, SEPARATIONS, Intervention
from stability.training.control.policies import Policy
from stability.training.ensembles.problem import Task

Tensor = torch.Tensor
ROOT_LAST = replace(
    PLAIN,
    corrections=lambda c, t: (c.step / (1 - c.beta1**t), 1 - c.beta2**t),
    denominator=lambda v, scale, eps: (v / scale).sqrt() + eps,
)
"""The second moment is corrected before its root is taken."""
LOOK = 32
"""Epochs between two looks at which finished runs leave."""


@dataclass(frozen=True)
class Training:
    """How runs are trained and controlled.

    Attributes
    ----------
    lr, beta1, beta2, eps : float
        Of Adam.
    epochs : int
        The most steps.
    stop_loss : float
        A run stops below this loss.
    patience : int
        A run stops after so many epochs without a new best loss. An intervention begins the count anew, and while a
        persistent one or a leaky slope is on there is none.
    every : int
        The controller reads at the steps 0, every, 2 every, ...
    """

    lr: float = 0.01
    beta1: float = 0.9
    beta2: float = 0.99
    eps: float = 1e-8
    epochs: int = 800
    stop_loss: float = 1e-7
    patience: int = 11
    every: int = 10


@dataclass(frozen=True)
class Event:
    """What a controller did in one step in several runs: their places, and as in `Action`."""

    restarts: Ints
    step: int
    alarm: str
    verb: str
    intervention: Intervention


def own_seed(seed: int, restart: int) -> int:
    """Return the seed of the random rotations of one restart."""
    return (seed << 32) + restart


class Batch:
    """All restarts that still run; `s` holds their state, with the restarts as the first axis."""

    def __init__(
        self, task: Task, starts: Tensor, policy: Policy | None, how: Training, seed: int, first: int = 0
    ) -> None:
        self.labels = torch.as_tensor(task.labels)
        points = torch.as_tensor(task.points)
        self.rows = torch.cat([points, torch.ones(len(points), 1, dtype=points.dtype)], 1)
        self.policy, self.how, self.seed, self.first = policy, how, seed, first
        self.rules = policy.rules if policy else ()
        self.events: list[Event] = []
        self.streams: dict[int, torch.Generator] = {}
        count = len(starts)
        whole = ("taken", "waited", "repairs", "leaky")
        s: dict[str, Tensor] = {name: torch.zeros(count, dtype=torch.int64) for name in whole}
        s |= {
            name: torch.full((count,), x, dtype=torch.float64)
            for name, x in (("best", inf), ("slope", 0.0), ("norm", 0.0), ("entry", 0.0))
        }
        s |= {"p": starts.clone(), "m": torch.zeros_like(starts), "v": torch.zeros_like(starts)}
        s["own"], s["alive"] = torch.arange(count), torch.ones(count, dtype=torch.bool)
        self.state = State() if policy is None else State.of_restarts(count, policy)
        self.s, self.final = s, {name: s[name].clone() for name in ("p", "taken", "repairs")}

    def run(self) -> None:
        """Train all until they stop."""
        for t in range(self.how.epochs):
            self._epoch(t)
            if t % LOOK == LOOK - 1 or t == self.how.epochs - 1:
                self._store()
                if not len(self.s["own"]):
                    break

    def _store(self) -> None:
        own = self.s["own"]
        for name, kept in self.final.items():
            kept[own] = self.s[name]
        alive = self.s["alive"]
        self.s = {name: value[alive] for name, value in self.s.items()}
        if self.policy is not None:
            self.state = self.state.part(alive.numpy())

    def _epoch(self, t: int) -> None:
        s, how = self.s, self.how
        z = s["p"] @ self.rows.T
        slope = torch.where(s["leaky"] > 0, s["slope"], 0.0)[:, None, None]
        errors = torch.where(z > 0, z, slope * z).sum(1) - self.labels
        losses = errors * errors
        loss = losses.mean(1)
        self._stop(loss)
        gradient = (2 / len(self.labels) * errors[:, None] * torch.where(z > 0, 1.0, slope)) @ self.rows
        read = bool(self.rules) and t % how.every == 0
        if read:
            sizes = _sizes(gradient)
            s["norm"], s["entry"] = torch.maximum(s["norm"], sizes[0]), torch.maximum(s["entry"], sizes[1])
        with_penalty = self._with_penalty(gradient, self._penalty(z))
        found = self._decide(t, z, gradient, losses, loss) if read else []
        s["g"] = with_penalty
        self._step(t, s["g"])
        for move in found:
            self._intervene(move)
        s["leaky"] = torch.where(s["alive"], (s["leaky"] - 1).clamp_min(0), s["leaky"])
        for move in found:
            what, mask = move.intervention, torch.from_numpy(move.which)
            if what.kind == LEAKY:
                s["leaky"] = torch.where(mask, what.steps, s["leaky"])
                s["slope"] = torch.where(mask, what.size, s["slope"])

    def _stop(self, loss: Tensor) -> None:
        s = self.s
        better = loss < s["best"]
        busy = s["leaky"] > 0
        for episode in self.state.episodes.values():
            busy = busy | torch.from_numpy(episode.on)
        s["best"] = torch.where(better, loss, s["best"])
        s["waited"] = torch.where(better | busy, 0, s["waited"] + 1)
        s["alive"] = s["alive"] & ~((s["waited"] >= self.how.patience) | (loss < self.how.stop_loss)) & loss.isfinite()
        s["taken"] = s["taken"] + s["alive"]

    def _step(self, t: int, gradient: Tensor) -> None:
        s, how, alive = self.s, self.how, self.s["alive"][:, None, None]
        names, numbers = ("p", "m", "v"), SimpleNamespace(step=how.lr, beta1=how.beta1, beta2=how.beta2, eps=how.eps)
        *moved, _ = RULES["adam"].move((*(s[name] for name in names), t), gradient, numbers, ROOT_LAST)
        for name, new in zip(names, moved, strict=True):
            s[name] = torch.where(alive, new, s[name])

    def _with_penalty(self, gradient: Tensor, penalty: Tensor | None) -> Tensor:
        """Return the sum of two gradients; where the second is not 0, no larger than the first ever was at readings."""
        if penalty is None:
            return gradient
        now = _sizes(gradient)
        most, bound = torch.maximum(self.s["norm"], now[0]), torch.maximum(self.s["entry"], now[1])[:, None, None]
        total = gradient + penalty
        norm = _sizes(total)[0]
        total = total * torch.where(norm > most, most / norm, 1.0)[:, None, None]
        some = (penalty != 0).any(2).any(1)[:, None, None]
        return torch.where(some, torch.minimum(torch.maximum(total, -bound), bound), gradient)

    def _penalty(self, z: Tensor) -> Tensor | None:
        """Return the gradient of the penalties that are switched on; None if there is none."""
        total: Tensor | None = None
        for rule in self.rules:
            episode = self.state.episodes["", rule.alarm]
            for place, what in enumerate(rule.interventions):
                on = torch.from_numpy(episode.on & (episode.escalation == place)) if what.lasts else None
                if on is None or not on.any():
                    continue
                with torch.enable_grad():
                    own = z[on].clone().requires_grad_()
                    terms = penalty(own.transpose(1, 2), SEPARATIONS[what.kind], reduction="mean")
                    value = terms.sum() * what.size
                    (slopes,) = torch.autograd.grad(value, own)
                part = torch.zeros_like(self.s["p"])
                part[on] = slopes @ self.rows
                total = part if total is None else total + part
        return total

    def _decide(self, t: int, z: Tensor, gradient: Tensor, losses: Tensor, loss: Tensor) -> list[Move]:
        """Return the interventions to be made, each with its restarts; all that is done is written down."""
        assert self.policy is not None
        s = self.s
        moves, self.state = escalate(self._health(t, z, gradient, losses, loss), self.state, self.policy)
        for move in moves:
            what = Event(s["own"].numpy()[move.which], t, move.rule.alarm, move.verb, move.intervention)
            self.events.append(what)
        found = [move for move in moves if move.verb == "repair"]
        for mask in (torch.from_numpy(move.which) for move in found):
            s["repairs"] = s["repairs"] + mask
            s["best"], s["waited"] = torch.where(mask, inf, s["best"]), torch.where(mask, 0, s["waited"])
        return found

    def _health(self, t: int, z: Tensor, gradient: Tensor, losses: Tensor, loss: Tensor) -> Health:
        """Return what rules look at, of every restart."""
        ratio, norm = torque(self.s["p"][:, :, :-1], gradient[:, :, :-1])
        separates = ((z > 0).any(2) & (z <= 0).any(2)).any(1)
        dead, cuts = (z.amax(1) <= 0).numpy(), (self.s["leaky"] == 0).numpy()
        numbers = (cuts, dead, nan, ratio.numpy(), norm.numpy(), separates.numpy())
        layer = LayerHealth("", z.shape[1], z.shape[2], *numbers)
        return Health(t, (layer,), loss.numpy(), losses.numpy(), self.s["alive"].numpy())

    def _intervene(self, move: Move) -> None:
        """Change weights of chosen runs; Adam forgets its moments of what was changed."""
        what, s = move.intervention, self.s
        formula = INTERVENTIONS[what.kind].formula
        if formula is None:
            return
        own = torch.from_numpy(move.which).nonzero()[:, 0]
        before = s["p"][own]
        examples = torch.zeros(len(own), len(self.rows), dtype=torch.bool)
        dead = examples if move.dead is None else torch.from_numpy(move.dead)[own]
        values = formula(self._layer(own), Given(what.size, dead, lambda: self._drawn(own)))
        weight, bias = (old if new is None else new for new, old in zip(values, _split(before), strict=True))
        after = torch.cat([weight, bias[:, :, None]], 2)
        changed = after != before
        s["p"][own] = after
        for name in ("m", "v"):
            s[name][own] = torch.where(changed, 0.0, s[name][own])

    def _layer(self, own: Tensor) -> LayerArrays:
        """Return the layer of some restarts for the formulas."""
        rows, gradient = self.s["p"][own], self.s["g"][own]
        z = rows @ self.rows.T
        descent = -2 * (z.relu().sum(1) - self.labels)
        weight, bias = _split(rows)
        every = descent[:, :, None].expand(-1, -1, rows.shape[1])
        return LayerArrays(z.transpose(1, 2), weight, bias, None, _split(gradient)[0], self.rows[:, :-1], every)

    def _drawn(self, own: Tensor) -> Tensor:
        """Return standard normal numbers for the weights of some restarts, each from its own stream."""
        shape = self.s["p"][0, :, :-1].shape
        streams = [self._stream(self.first + int(i)) for i in self.s["own"][own]]
        return torch.stack([torch.randn(shape, generator=each, dtype=torch.float64) for each in streams])

    def _stream(self, restart: int) -> torch.Generator:
        if restart not in self.streams:
            self.streams[restart] = torch.Generator().manual_seed(own_seed(self.seed, restart))
        return self.streams[restart]


def _split(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return the weights and the biases of rows (w, b)."""
    return rows[:, :, :-1], rows[:, :, -1]


def _sizes(gradient: Tensor) -> tuple[Tensor, Tensor]:
    """Return the norm of the gradient of every run, and its largest entry."""
    rows = gradient.flatten(1)
    return torch.linalg.vector_norm(rows, dim=1), rows.abs().amax(1)
