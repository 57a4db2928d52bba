"""Which repair does a reading call for? A pure function of the reading, of what was done before, and of a policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, isnan, nan

from stability.training.control.interventions import Repair
from stability.training.control.policies import FEWEST_EXAMPLES, FEWEST_UNITS, Policy, Rule
from stability.training.monitoring.alarms import Alarm
from stability.training.monitoring.readings import LayerReading, Reading


@dataclass(frozen=True)
class Episode:
    """What was done about one alarm at one layer.

    Attributes
    ----------
    count : int
        Readings in a row that were out of bounds.
    rung : int
        The place in the ladder of the last repair of this alarm; -1 if there was none since it began.
    tries : int
        Repairs in the whole run.
    step : int or None
        Of the last repair.
    on : bool
        Whether a lasting repair is switched on.
    gave_up : bool
    """

    count: int = 0
    rung: int = -1
    tries: int = 0
    step: int | None = None
    on: bool = False
    gave_up: bool = False


@dataclass(frozen=True)
class State:
    """What a controller remembers between readings.

    Attributes
    ----------
    episodes : mapping of (layer, alarm) to Episode
    loss : float or None
        The lowest at readings since the last repair, which makes losses incomparable; None if it is unknown.
    stuck : bool
        Whether a plateau came with evidence that the network, not the data, holds the loss up.
    """

    episodes: Mapping[tuple[str, str], Episode] = field(default_factory=dict)
    loss: float | None = None
    stuck: bool = False


@dataclass(frozen=True)
class Action:
    """What is to be done, or was.

    Attributes
    ----------
    step : int
        Of the reading.
    alarm : Alarm
    verb : str
        "repair"; "stop" of a lasting repair whose alarm is over; "give up".
    repair : Repair
    rung, attempt : int
        The place in the ladder, and the how manieth repair of this alarm at this layer.
    points : tuple of int
        The examples that raised it, by their place in the batch; empty if unknown.
    """

    step: int
    alarm: Alarm
    verb: str
    repair: Repair
    rung: int = 0
    attempt: int = 0
    points: tuple[int, ...] = ()


def decide(
    reading: Reading, state: State, policy: Policy, losses: Sequence[float] | None = None
) -> tuple[tuple[Action, ...], State]:
    """Return what a reading calls for, and what to remember.

    Nothing is done about a reading with numbers that are not finite: no repair here mends those.

    Parameters
    ----------
    reading : Reading
        With `point_tops` where rules are to name the examples.
    state : State
        `State()` at first.
    policy : Policy
    losses : sequence of float, optional
        Of every example of the batch.

    Returns
    -------
    actions : tuple of Action
        In the order of the rules, and of the layers.
    state : State
    """
    if not reading.finite or (policy.until is not None and reading.step >= policy.until):
        return (), state
    loss = reading.loss if losses is None else sum(losses) / len(losses)
    episodes = dict(state.episodes)
    actions: list[Action] = []
    stuck = state.stuck
    for rule in policy.rules:
        busy = False
        for alarm, points, out in _alarms(rule, reading, state.loss, loss, losses):
            key = (alarm.layer, rule.alarm)
            if rule.alarm == "plateau" and rule.evidence:
                stuck = stuck or (out and _holds_up(rule, reading, losses))
                out = out and stuck
            unknown = rule.alarm == "plateau" and isnan(alarm.value)
            if unknown or (out and busy and rule.first_only):
                continue
            found, episodes[key] = _next(rule, policy, reading.step, alarm, out, episodes.get(key, Episode()))
            busy = busy or out
            actions += [replace(action, points=points) for action in found]
    repaired = any(action.verb == "repair" and not action.repair.lasts for action in actions)
    known = [each for each in (state.loss, loss) if each is not None]
    return tuple(actions), State(episodes, None if repaired or not known else min(known), stuck)


def measured(
    reading: Reading, state: State, policy: Policy, losses: Sequence[float] | None = None
) -> dict[tuple[str, str], float]:
    """Return the numbers that the rules of a policy look at, by layer and alarm."""
    loss = reading.loss if losses is None else sum(losses) / len(losses)
    return {
        (alarm.layer, rule.alarm): alarm.value
        for rule in policy.rules
        for alarm, _, _ in _alarms(rule, reading, state.loss, loss, losses)
    }


Found = list[tuple[Alarm, tuple[int, ...], bool]]


def _alarms(
    rule: Rule, reading: Reading, before: float | None, loss: float | None, losses: Sequence[float] | None
) -> Found:
    """Return for every place that a rule looks at: the alarm, its examples, and whether it is one."""
    if rule.alarm == "plateau":
        fall = _fall(before, loss)
        low = rule.level is not None and (loss is None or loss <= rule.level)
        return [(Alarm("plateau", "", fall, rule.limit), (), fall < rule.limit and not low)]
    if rule.alarm == "dead data":
        return [_dead_data(rule, layer, losses) for layer in reading.layers if layer.slope == 0]
    fall = _fall(before, loss)
    rests = rule.fall is None or not isfinite(fall) or fall < rule.fall
    high = rule.level is None or loss is None or loss > rule.level
    return [
        (
            Alarm("no torque", layer.name, layer.torque_mean, rule.limit),
            (),
            rests and high and layer.torque_mean < rule.limit and layer.gradient_norm > rule.gradient,
        )
        for layer in reading.layers
    ]


def _holds_up(rule: Rule, reading: Reading, losses: Sequence[float] | None) -> bool:
    """Tell whether there is evidence that the network holds its loss up."""
    relus = [each for each in reading.layers if each.slope == 0]
    large = [each for each in relus if each.units >= FEWEST_UNITS and each.points >= FEWEST_EXAMPLES]
    if "collapse" in rule.evidence and large and large[-1].separating_units == 0:
        return True
    return "dead data" in rule.evidence and any(_dead_data(rule, each, losses)[1] for each in relus)


def _fall(before: float | None, loss: float | None) -> float:
    """Return by which share the loss is below an earlier one; nan if that is unknown."""
    if before is None or loss is None or not before > 0:
        return nan
    return (before - loss) / before


def _dead_data(rule: Rule, layer: LayerReading, losses: Sequence[float] | None) -> tuple[Alarm, tuple[int, ...], bool]:
    tops = layer.point_tops
    if tops is None:
        return Alarm("dead data", layer.name, layer.dead_fraction, rule.limit), (), layer.dead_fraction > rule.limit
    known = losses is not None and len(losses) == len(tops)
    points = tuple(
        i
        for i, top in enumerate(tops)
        if top <= 0 and (not known or rule.level is None or losses[i] > rule.level)  # type: ignore[index]
    )
    share = len(points) / len(tops)
    return Alarm("dead data", layer.name, share, rule.limit), points, share > rule.limit


def _next(rule: Rule, policy: Policy, step: int, alarm: Alarm, out: bool, was: Episode) -> tuple[list[Action], Episode]:
    """Return what to do about one alarm at one layer."""
    last = rule.ladder[max(was.rung, 0)]
    if not out:
        stop = [Action(step, alarm, "stop", last, max(was.rung, 0), was.tries)] if was.on else []
        return stop, replace(was, count=0, rung=-1, on=False)
    now = replace(was, count=was.count + 1)
    rung = min(was.rung + 1, len(rule.ladder) - 1)
    cooldown = max(policy.cooldown, rule.ladder[was.rung].steps if was.rung >= 0 else 0)
    waits = now.count < rule.readings or (was.step is not None and step - was.step < cooldown)
    if was.gave_up or waits or (was.on and rung == was.rung):
        return [], now
    if was.tries >= policy.most:
        end = Action(step, alarm, "give up", last, max(was.rung, 0), was.tries)
        return ([replace(end, verb="stop")] if was.on else []) + [end], replace(now, gave_up=True, on=False)
    chosen = rule.ladder[rung]
    stop = [Action(step, alarm, "stop", last, was.rung, was.tries)] if was.on else []
    act = Action(step, alarm, "repair", chosen, rung, was.tries + 1)
    return [*stop, act], replace(now, rung=rung, tries=was.tries + 1, step=step, on=chosen.lasts)


def untried(state: State, action: Action) -> State:
    """Return a state in which a repair that could not be done does not count."""
    key = (action.alarm.layer, action.alarm.kind)
    was = state.episodes[key]
    return replace(state, episodes={**state.episodes, key: replace(was, tries=max(was.tries - 1, 0))})
