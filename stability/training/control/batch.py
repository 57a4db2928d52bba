"""How does a controller look after many restarts at once, each with its own alarms and place in every ladder?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf, nan
from types import SimpleNamespace

import torch

from stability.arrays import Ints
from stability.model.update_rules import PLAIN, RULES
from stability.training.constraints.penalties import penalty
from stability.training.control.batch_interventions import ACTS, Case, torque
from stability.training.control.interventions import LEAKY, SEPARATIONS, Repair
from stability.training.control.policies import FEWEST_EXAMPLES, FEWEST_UNITS, Policy, Rule
from stability.training.ensembles.problem import Task

Tensor = torch.Tensor
Wanted = list[tuple[int, int, Tensor, Tensor]]
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
    """How runs are trained and looked after.

    Attributes
    ----------
    lr, beta1, beta2, eps : float
        Of Adam.
    epochs : int
        The most steps.
    stop_loss : float
        A run stops below this loss.
    patience : int
        A run stops after so many epochs without a new best loss. A repair begins the count anew, and while a lasting
        repair or a leaky slope is on there is none.
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
    repair: Repair


def own_seed(seed: int, restart: int) -> int:
    """Return the seed of the random rotations of one restart."""
    return (seed << 32) + restart


class Herd:
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
        count, k = len(starts), len(self.rules)
        whole = ("taken", "waited", "repairs", "leaky")
        s: dict[str, Tensor] = {name: torch.zeros(count, dtype=torch.int64) for name in whole}
        s |= {name: torch.zeros(count, k, dtype=torch.int64) for name in ("count", "tries")}
        s |= {"rung": torch.full((count, k), -1), "last": torch.full((count, k), -(10**9))}
        s |= {name: torch.zeros(count, k, dtype=torch.bool) for name in ("on", "gave_up")}
        s |= {
            name: torch.full((count,), x, dtype=torch.float64)
            for name, x in (("best", inf), ("before", nan), ("slope", 0.0), ("norm", 0.0), ("entry", 0.0))
        }
        s |= {"p": starts.clone(), "m": torch.zeros_like(starts), "v": torch.zeros_like(starts)}
        s["own"], s["alive"] = torch.arange(count), torch.ones(count, dtype=torch.bool)
        s["stuck"] = torch.zeros(count, dtype=torch.bool)
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
        pushed = self._pushed(gradient, self._penalty(z))
        found = self._decide(t, z, gradient, losses, loss) if read else []
        s["g"] = pushed
        self._step(t, s["g"])
        for k, rung, mask, dead in found:
            self._repair(self.rules[k].ladder[rung], mask, dead)
        s["leaky"] = torch.where(s["alive"], (s["leaky"] - 1).clamp_min(0), s["leaky"])
        for k, rung, mask, _ in found:
            what = self.rules[k].ladder[rung]
            if what.kind == LEAKY:
                s["leaky"] = torch.where(mask, what.steps, s["leaky"])
                s["slope"] = torch.where(mask, what.size, s["slope"])

    def _stop(self, loss: Tensor) -> None:
        s = self.s
        better = loss < s["best"]
        busy = s["on"].any(1) | (s["leaky"] > 0)
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

    def _pushed(self, gradient: Tensor, push: Tensor | None) -> Tensor:
        """Return the sum of two gradients; where the second is not 0, no larger than the first ever was at readings."""
        if push is None:
            return gradient
        now = _sizes(gradient)
        most, bound = torch.maximum(self.s["norm"], now[0]), torch.maximum(self.s["entry"], now[1])[:, None, None]
        total = gradient + push
        norm = _sizes(total)[0]
        total = total * torch.where(norm > most, most / norm, 1.0)[:, None, None]
        some = (push != 0).any(2).any(1)[:, None, None]
        return torch.where(some, torch.minimum(torch.maximum(total, -bound), bound), gradient)

    def _penalty(self, z: Tensor) -> Tensor | None:
        """Return the gradient of the penalties that are switched on; None if there is none."""
        total: Tensor | None = None
        for k, rule in enumerate(self.rules):
            for rung, what in enumerate(rule.ladder):
                on = self.s["on"][:, k] & (self.s["rung"][:, k] == rung) if what.lasts else None
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

    def _decide(self, t: int, z: Tensor, gradient: Tensor, losses: Tensor, loss: Tensor) -> Wanted:
        """Return (rule, rung, which runs, dead examples) of each repair to be made; the state of ladders moves on."""
        s, policy = self.s, self.policy
        assert policy is not None
        if policy.until is not None and t >= policy.until:
            return []
        found: Wanted = []
        seen = self._alarms(z, gradient, losses, loss)
        cuts = torch.zeros_like(s["alive"])
        for k, (rule, (out, dead)) in enumerate(zip(self.rules, seen, strict=True)):
            for rung, mask in self._advance(k, rule, policy, t, out & s["alive"]):
                found.append((k, rung, mask, dead))
                if not rule.ladder[rung].lasts:
                    cuts |= mask
                s["repairs"] = s["repairs"] + mask
                s["best"], s["waited"] = torch.where(mask, inf, s["best"]), torch.where(mask, 0, s["waited"])
        s["before"] = torch.where(s["alive"], torch.where(cuts, nan, torch.fmin(s["before"], loss)), s["before"])
        return found

    def _alarms(self, z: Tensor, gradient: Tensor, losses: Tensor, loss: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield for each rule which runs are out of bounds, and their dead examples."""
        before, plain = self.s["before"], self.s["leaky"] == 0
        fall = torch.where(before > 0, (before - loss) / before, nan)
        for rule in self.rules:
            level = -inf if rule.level is None else rule.level
            dead = (z.amax(1) <= 0) & (losses > level)
            if rule.alarm == "dead data":
                yield plain & (dead.double().mean(1) > rule.limit), dead
            elif rule.alarm == "plateau":
                yield self._stuck(rule, (fall < rule.limit) & (loss > level), z, dead), dead
            else:
                ratio, norm = torque(self.s["p"][:, :, :-1], gradient[:, :, :-1])
                rests = fall.isnan() | (fall < (inf if rule.fall is None else rule.fall))
                yield rests & (loss > level) & (ratio < rule.limit) & (norm > rule.gradient), dead

    def _stuck(self, rule: Rule, rests: Tensor, z: Tensor, dead: Tensor) -> Tensor:
        """Return which runs of those whose loss rests count, by the evidence that a rule asks for."""
        if not rule.evidence:
            return rests
        plain, large = self.s["leaky"] == 0, z.shape[1] >= FEWEST_UNITS and z.shape[2] >= FEWEST_EXAMPLES
        separates = ((z > 0).any(2) & (z <= 0).any(2)).any(1)
        seen = {"collapse": ~separates & large, "dead data": dead.any(1)}
        for name in rule.evidence:
            self.s["stuck"] = self.s["stuck"] | (rests & plain & self.s["alive"] & seen[name])
        return rests & self.s["stuck"]

    def _advance(self, k: int, rule: Rule, policy: Policy, t: int, out: Tensor) -> list[tuple[int, Tensor]]:
        """Move every run along one ladder; return the rungs that are taken now, each with its runs."""
        s, alive = self.s, self.s["alive"]
        judged = alive & {"dead data": s["leaky"] == 0, "plateau": ~s["before"].isnan()}.get(rule.alarm, alive)
        over = judged & ~out
        self._note(over & s["on"][:, k], t, rule, "stop", s["rung"][:, k])
        for name, value in (("count", 0), ("rung", -1), ("on", False)):
            s[name][:, k] = torch.where(over, value, s[name][:, k])
        s["count"][:, k] += out
        rung = (s["rung"][:, k] + 1).clamp_max(len(rule.ladder) - 1)
        wait = torch.full_like(rung, policy.cooldown)
        for place, what in enumerate(rule.ladder):
            wait = torch.where(s["rung"][:, k] == place, wait.clamp_min(what.steps), wait)
        ready = out & (s["count"][:, k] >= rule.readings) & (t - s["last"][:, k] >= wait) & ~s["gave_up"][:, k]
        ready &= ~(s["on"][:, k] & (rung == s["rung"][:, k]))
        enough = ready & (s["tries"][:, k] >= policy.most)
        act = ready & ~enough
        self._note((enough | act) & s["on"][:, k], t, rule, "stop", s["rung"][:, k])
        self._note(enough, t, rule, "give up", s["rung"][:, k])
        s["gave_up"][:, k] |= enough
        taken = [(place, act & (rung == place)) for place in range(len(rule.ladder))]
        lasts = torch.tensor([what.lasts for what in rule.ladder])[rung]
        s["on"][:, k] = torch.where(act, lasts, s["on"][:, k] & ~enough)
        s["rung"][:, k], s["last"][:, k] = torch.where(act, rung, s["rung"][:, k]), torch.where(act, t, s["last"][:, k])
        s["tries"][:, k] += act
        self._note(act, t, rule, "repair", rung)
        return [(place, mask) for place, mask in taken if mask.any()]

    def _note(self, mask: Tensor, step: int, rule: Rule, verb: str, rung: Tensor) -> None:
        for place, what in enumerate(rule.ladder):
            chosen = self.s["own"][mask & (rung.clamp_min(0) == place)]
            if len(chosen):
                self.events.append(Event(chosen.numpy(), step, rule.alarm, verb, what))

    def _repair(self, what: Repair, mask: Tensor, dead: Tensor) -> None:
        """Repair weights of chosen runs; Adam forgets its moments of what was changed."""
        act = ACTS.get(what.kind)
        if act is None:
            return
        s, own = self.s, mask.nonzero()[:, 0]
        before = s["p"][own]
        streams = [self._stream(self.first + int(i)) for i in s["own"][own]] if what.kind == "random rotation" else []
        wish = -2 * ((before @ self.rows.T).relu().sum(1) - self.labels)
        after = act(Case(before, self.rows, what.size, dead[own], s["g"][own], wish, streams))
        changed = after != before
        s["p"][own] = after
        for name in ("m", "v"):
            s[name][own] = torch.where(changed, 0.0, s[name][own])

    def _stream(self, restart: int) -> torch.Generator:
        if restart not in self.streams:
            self.streams[restart] = torch.Generator().manual_seed(own_seed(self.seed, restart))
        return self.streams[restart]


def _sizes(gradient: Tensor) -> tuple[Tensor, Tensor]:
    """Return the norm of the gradient of every run, and its largest entry."""
    rows = gradient.flatten(1)
    return torch.linalg.vector_norm(rows, dim=1), rows.abs().amax(1)
