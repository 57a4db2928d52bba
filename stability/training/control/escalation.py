"""The escalation of interventions: a pure function of what was read, of what was done before, and of a policy.

One engine serves one network and a batch of restarts: every number that it reads or remembers is a plain number, or an
array over restarts, each of which has its own alarms and its own place in every sequence of interventions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from math import nan
from typing import Any, Self

import numpy as np

from stability.training.control.interventions import Intervention
from stability.training.control.policies import (
    EXPLODING,
    FEWEST_EXAMPLES,
    FEWEST_UNITS,
    GROWING,
    WHOLE_NETWORK,
    Policy,
    Rule,
)

Numbers = Any
"""A number, or an array (restarts,) of them."""

NEVER = -(10**9)
"""The step of what was not done yet."""


FEW_DEAD = 0.5
"""A rule that asks for losses by example, where there are none, takes no smaller share of dead examples for trouble:
solutions have some."""


@dataclass(frozen=True)
class LayerHealth:
    """What rules look at in one layer.

    Attributes
    ----------
    name : str
    units, examples : int
    cuts : bool, or bool array (restarts,)
        Whether its activation is 0 left of 0, so that examples can be dead.
    dead : bool array (examples,) or (restarts, examples), or None
        Which examples have no active unit; None if it is not known which.
    dead_fraction : float or array
        Their share, where it is not known which.
    torque, gradient : float or array
        The mean torque, and the norm of the gradient by the weight.
    separates : bool, or bool array
        Whether a unit is on for some examples and off for others.
    """

    name: str
    units: int
    examples: int
    cuts: Numbers
    dead: Numbers
    dead_fraction: Numbers
    torque: Numbers
    gradient: Numbers
    separates: Numbers


@dataclass(frozen=True)
class Health:
    """What rules look at before one step.

    Attributes
    ----------
    step : int
    layers : tuple of LayerHealth
    loss : float or array (restarts,)
        nan if it is unknown.
    losses : array (examples,) or (restarts, examples), or None
    valid : bool, or bool array
        Where something may be done: all numbers are finite, and the run goes on.
    scale : float
        At the first reading of one network its largest pre-activation or output, as a multiple of the largest input or
        of 1; nan later, and for restarts.
    spread : float
        Then how far the unit of a layer differs between examples that does so most, as a multiple of the largest input,
        of the layer where that is least; nan later, and for restarts.
    weights : float
        The norm of the weights of one network; nan for restarts.
    usual : float
        About the norm of weights that torch draws: the root of a third of the number of units, or 1 where that is less.
    broken : bool
        Whether a number of one network is not finite.
    """

    step: int
    layers: tuple[LayerHealth, ...]
    loss: Numbers
    losses: Numbers
    valid: Numbers
    scale: Numbers = nan
    spread: Numbers = nan
    weights: Numbers = nan
    usual: float = 1.0
    broken: bool = False


@dataclass(frozen=True)
class Episode:
    """What was done about one alarm at one layer; each number may be an array over restarts.

    Attributes
    ----------
    count : int
        Readings in a row that were out of bounds.
    escalation : int
        The place of the last intervention of this alarm in its rule; -1 if there was none since it began.
    tries : int
        Interventions in the whole run.
    step : int
        Of the last intervention; `NEVER` if there was none.
    on : bool
        Whether a persistent intervention is switched on.
    gave_up : bool
    """

    count: Numbers = 0
    escalation: Numbers = -1
    tries: Numbers = 0
    step: Numbers = NEVER
    on: Numbers = False
    gave_up: Numbers = False

    def part(self, which: Numbers) -> Self:
        """Return that of some restarts."""
        return type(self)(*(getattr(self, each.name)[which] for each in fields(self)))

    def plain(self) -> Self:
        """Return it with Python's own numbers."""
        return type(self)(*(np.asarray(getattr(self, each.name)).item() for each in fields(self)))


@dataclass(frozen=True)
class State:
    """What a controller remembers between readings; each number may be an array over restarts.

    Attributes
    ----------
    episodes : mapping of (layer, alarm) to Episode
    loss : float
        The lowest at readings since the last intervention, which makes losses incomparable; nan if it is unknown.
    stuck : bool
        Whether a plateau came with evidence that the network, not the data, holds the loss up.
    weights : float
        The norm of the weights of one network at the latest reading; nan if they were changed since.
    """

    episodes: Mapping[tuple[str, str], Episode] = field(default_factory=dict)
    loss: Numbers = nan
    stuck: Numbers = False
    weights: Numbers = nan

    @classmethod
    def of_restarts(cls, count: int, policy: Policy, layer: str = "") -> Self:
        """Return the state of so many restarts of a network with one layer, before anything was read."""
        whole = Episode()
        arrays = (np.full(count, getattr(whole, each.name)) for each in fields(Episode))
        fresh = Episode(*arrays)
        return cls({(layer, rule.alarm): fresh for rule in policy.rules}, np.full(count, nan), np.zeros(count, bool))

    def part(self, which: Numbers) -> Self:
        """Return that of some restarts."""
        episodes = {key: episode.part(which) for key, episode in self.episodes.items()}
        return replace(self, episodes=episodes, loss=self.loss[which], stuck=self.stuck[which])


@dataclass(frozen=True)
class Move:
    """What is to be done about one alarm at one layer.

    Attributes
    ----------
    rule : Rule
    layer : LayerHealth or None
        None for the whole network.
    verb : str
        As in `Action`.
    escalation : int
        The place of the intervention in its rule.
    which : bool, or bool array (restarts,)
        Where it is to be done.
    attempt : int or array
    value : float or array
        The number that was compared with the limit of the rule.
    dead : bool array (examples,) or (restarts, examples), or None
        The examples that raised the alarm.
    """

    rule: Rule
    layer: LayerHealth | None
    verb: str
    escalation: int
    which: Numbers
    attempt: Numbers
    value: Numbers
    dead: Numbers

    @property
    def intervention(self) -> Intervention:
        """What is to be done, or stopped."""
        return self.rule.interventions[self.escalation]


def escalate(health: Health, state: State, policy: Policy) -> tuple[list[Move], State]:
    """Return what is called for, and what to remember; for one network, or for all restarts at once.

    Nothing is done where numbers are not finite, but to go back to weights that were. Where something is done to the
    whole network, nothing else is.

    Parameters
    ----------
    health : Health
    state : State
        `State()` at first, or `State.of_restarts(count, policy)`.
    policy : Policy

    Returns
    -------
    moves : list of Move
        In the order of the rules, and of the layers.
    state : State
    """
    mends = health.broken and any(rule.alarm == EXPLODING for rule in policy.rules)
    if (policy.until is not None and health.step >= policy.until) or not (mends or np.any(health.valid)):
        return [], state
    episodes, moves, stuck = dict(state.episodes), list[Move](), np.asarray(state.stuck)
    for rule in policy.rules:
        busy = np.zeros_like(stuck)
        for layer, value, out, known, dead in judged_by(rule, health, state.loss, state.weights):
            if rule.alarm == "plateau" and rule.evidence:
                stuck = stuck | (out & _held_up(rule, health))
                out = out & stuck
            if rule.first_only:
                known, busy = known & ~(out & busy), busy | out
            if np.any(known):
                key = ("" if layer is None else layer.name, rule.alarm)
                found, episodes[key] = _advance(
                    rule, policy, health.step, out & known, known, episodes.get(key, Episode())
                )
                moves += [Move(rule, layer, *each, value, dead) for each in found]
        if rule.alarm in WHOLE_NETWORK and any(move.verb == "repair" for move in moves):
            break
    cut = np.zeros_like(stuck)
    for move in moves:
        if move.verb == "repair" and not move.intervention.lasts and move.rule.alarm not in (EXPLODING, GROWING):
            cut = cut | move.which
    lowest = np.where(cut, nan, np.fmin(state.loss, health.loss))
    back = any(move.verb == "repair" and move.rule.alarm in (EXPLODING, GROWING) for move in moves)
    norm = state.weights if back else nan if np.any(cut) else health.weights
    return moves, State(episodes, np.where(health.valid, lowest, state.loss), stuck, norm)


Judged = tuple[LayerHealth | None, Numbers, Numbers, Numbers, Numbers]
"""(layer or None, number, is it beyond the limit, is that known, the examples that raise it)."""


def judged_by(rule: Rule, health: Health, before: Numbers, weights: Numbers = nan) -> Iterator[Judged]:
    """Yield every place that a rule looks at, with the number that it compares with its limit."""
    valid, fall = np.asarray(health.valid), _fall(before, health.loss)
    if rule.alarm == "dead data":
        for layer in health.layers:
            if np.any(layer.cuts):
                dead, share = _dead(rule, layer, health)
                known = valid & layer.cuts & _comparable(rule, layer, health)
                unseen = rule.level is not None and health.losses is None
                limit = max(rule.limit, FEW_DEAD) if unseen else rule.limit
                yield layer, share, known & np.greater(share, limit), known, dead
        return
    if rule.alarm in WHOLE_NETWORK:
        value, out, known = _of_whole(rule, health, before, weights)
        yield None, value, out, known, None
        return
    high = True if rule.level is None else ~np.less_equal(health.loss, rule.level)
    if rule.alarm == "plateau":
        yield None, fall, valid & high & np.less(fall, rule.limit), valid & ~np.isnan(fall), None
        return
    rests = _rests(rule, fall)
    for layer in health.layers:
        low = np.less(layer.torque, rule.limit) & np.greater(layer.gradient, rule.gradient)
        yield layer, layer.torque, valid & high & rests & low, valid, None


def _of_whole(rule: Rule, health: Health, before: Numbers, weights: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return (number, is it beyond the limit, is that known) of an alarm of the whole network."""
    if rule.alarm == GROWING:
        value = health.weights / np.maximum(weights, health.usual)
        out = np.greater(value, rule.limit) & _rests(rule, _fall(before, health.loss))
        return value, health.valid & out, health.valid & ~np.isnan(value)
    if rule.alarm == EXPLODING:
        value = health.loss / np.maximum(before, 1.0)
        return value, health.broken | (health.valid & np.greater(value, rule.limit)), health.broken | health.valid
    if rule.alarm == "small start":
        return health.spread, health.valid & np.less(health.spread, rule.limit), health.valid & ~np.isnan(health.spread)
    known = health.valid & ~np.isnan(health.scale)
    if not np.any(known):
        return nan, known, known
    if rule.alarm == "large start":
        return health.scale, known & np.greater(health.scale, rule.limit), known
    dead = any(layer.cuts and layer.dead_fraction == 1 for layer in health.layers)
    norms = [float(layer.gradient) for layer in health.layers if layer.gradient > 0]
    share = 0.0 if dead else min(norms) / max(norms) if norms else nan
    return share, known & np.less(share, rule.limit), known


def _fall(before: Numbers, loss: Numbers) -> Numbers:
    """Return by which share a loss is below an earlier one; nan if that is unknown."""
    known = np.where(np.greater(before, 0), before, nan)
    return (known - loss) / known


def _rests(rule: Rule, fall: Numbers) -> Numbers:
    """Return whether a loss fell as little as a rule asks for, or by an unknown share."""
    return True if rule.fall is None else ~np.isfinite(fall) | np.less(fall, rule.fall)


def _dead(rule: Rule, layer: LayerHealth, health: Health) -> tuple[Numbers, Numbers]:
    """Return which dead examples of a layer count, None if that is unknown, and their share."""
    dead, losses = layer.dead, health.losses
    if dead is None:
        return None, layer.dead_fraction
    if rule.level is not None and losses is not None and np.shape(losses) == np.shape(dead):
        dead = dead & np.greater(losses, rule.level)
    return dead, np.mean(dead, axis=-1)


def _comparable(rule: Rule, layer: LayerHealth, health: Health) -> bool:
    """Return whether losses are those of the examples of a layer, if the rule asks for them: experts see a part."""
    asked = rule.level is not None and health.losses is not None and layer.dead is not None
    return not asked or np.shape(health.losses) == np.shape(layer.dead)


def _held_up(rule: Rule, health: Health) -> Numbers:
    """Return where there is evidence that the network holds its loss up; see `EVIDENCE`."""
    found, undecided = np.zeros_like(health.valid), np.ones_like(health.valid)
    for layer in reversed(health.layers) if "collapse" in rule.evidence else ():
        if layer.units >= FEWEST_UNITS and layer.examples >= FEWEST_EXAMPLES:
            found = found | (undecided & layer.cuts & ~np.asarray(layer.separates))
            undecided = undecided & ~np.asarray(layer.cuts)
    for layer in health.layers if "dead data" in rule.evidence else ():
        comparable = _comparable(rule, layer, health)
        found = found | (layer.cuts & comparable & np.greater(_dead(rule, layer, health)[1], 0))
    return found


def _advance(
    rule: Rule, policy: Policy, step: int, out: Numbers, known: Numbers, was: Episode
) -> tuple[list[tuple[str, int, Numbers, Numbers]], Episode]:
    """Return (verb, escalation level, where, attempt) of what to do about one alarm at one layer, and what to remember.

    Where the alarm is known to be over, the next one begins at the first intervention; where it is not known, nothing
    changes.
    """
    begun = np.greater(was.count, 0) | np.greater_equal(was.escalation, 0) | was.on
    if not np.any(out | begun):
        return [], was
    levels, over = len(rule.interventions), known & ~out
    lasts = np.array([each.lasts for each in rule.interventions])
    waits = np.array([max(policy.cooldown, each.steps) for each in rule.interventions])
    count, level = was.count + out, np.minimum(was.escalation + 1, levels - 1)
    wait = np.where(np.greater_equal(was.escalation, 0), waits[was.escalation], policy.cooldown)
    ready = out & (count >= rule.readings) & (step - was.step >= wait) & ~np.asarray(was.gave_up)
    ready = ready & ~(was.on & (level == was.escalation))
    enough = ready & np.greater_equal(was.tries, policy.max_tries)
    act = ready & ~enough
    last = np.maximum(was.escalation, 0)
    wanted = (
        ("stop", over & was.on, last, was.tries),
        ("stop", ready & was.on, last, was.tries),
        ("give up", enough, last, was.tries),
        ("repair", act, level, was.tries + act),
    )
    moves = [
        (verb, place, which & (at == place), attempt)
        for verb, which, at, attempt in wanted
        if np.any(which)
        for place in range(levels)
        if np.any(which & (at == place))
    ]
    return moves, Episode(
        np.where(over, 0, count),
        np.where(over, -1, np.where(act, level, was.escalation)),
        was.tries + act,
        np.where(act, step, was.step),
        np.where(act, lasts[level], was.on & ~enough) & ~over,
        was.gave_up | enough,
    )
