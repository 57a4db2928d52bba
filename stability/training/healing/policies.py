"""Which repair does a reading call for? A pure function of the reading, of what was done before, and of a policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, isnan, nan

from stability.errors import NumberError, StabilityError, UnknownNameError, nearest
from stability.training.healing.repairs import Repair
from stability.training.monitoring.readings import Alarm, LayerReading, Reading

ALARMS = ("dead data", "no torque", "plateau")
"""Examples without an active unit; gradients along their weights; a loss that no longer falls."""


@dataclass(frozen=True)
class Rule:
    """When there is an alarm, and which repairs answer it.

    Attributes
    ----------
    alarm : str
        One of `ALARMS`.
    ladder : tuple of Repair
        The first is tried first, the next one if the alarm is there at a later reading; the last one again and again.
    limit : float
        dead data: a larger share of dead examples of a layer is an alarm. no torque: a smaller mean torque. plateau: a
        smaller fall of the loss below the lowest at earlier readings since the last repair, as a share of that.
    gradient : float
        no torque: only if the gradient by the layer's weight is longer.
    level : float or None
        dead data: only examples whose loss is above it count, where losses by example are known. no torque, plateau:
        only while the loss is above it.
    fall : float or None
        no torque: only if the loss fell by a smaller share, as for a plateau, where losses are known.
    readings : int
        How many readings in a row must be out of bounds before the first repair.
    first_only : bool
        Of several layers in alarm only the first in the order of the computation is repaired: what comes later may be
        its consequence.
    """

    alarm: str
    ladder: tuple[Repair, ...]
    limit: float = 0.0
    gradient: float = 0.0
    level: float | None = None
    fall: float | None = None
    readings: int = 1
    first_only: bool = False

    def __post_init__(self) -> None:
        if self.alarm not in ALARMS:
            raise UnknownNameError(f"Expected an alarm; got {self.alarm!r}.", nearest(str(self.alarm), list(ALARMS)))
        if not self.ladder or self.readings < 1 or not 0 <= self.limit <= 1 or not self.gradient >= 0:
            raise NumberError(
                f"Expected at least one repair and reading, a limit from 0 to 1 and a gradient of at least 0; got "
                f"{len(self.ladder)}, {self.readings}, {self.limit} and {self.gradient}.",
                "Write Rule('dead data', (Repair('revival', 0.1),), level=0.1).",
            )


@dataclass(frozen=True)
class Policy:
    """What a controller does.

    Attributes
    ----------
    name : str
    rules : tuple of Rule
        At most one for each alarm.
    cooldown : int
        Fewest steps between two repairs of one layer for one alarm.
    most : int
        After so many repairs of one layer for one alarm it gives up there.
    until : int or None
        Only readings of earlier steps are answered; None for all.
    """

    name: str
    rules: tuple[Rule, ...]
    cooldown: int = 0
    most: int = 10
    until: int | None = None

    def __post_init__(self) -> None:
        kinds = [rule.alarm for rule in self.rules]
        if len({*kinds}) < len(kinds) or self.cooldown < 0 or self.most < 0 or (self.until or 0) < 0:
            raise StabilityError(
                f"Expected one rule for each alarm, and cooldown, most and until of at least 0; got rules for "
                f"{kinds}, {self.cooldown}, {self.most} and {self.until}.",
                "Put the repairs for one alarm into one ladder.",
            )


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
    """

    episodes: Mapping[tuple[str, str], Episode] = field(default_factory=dict)
    loss: float | None = None


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
    for rule in policy.rules:
        busy = False
        for alarm, points, out in _alarms(rule, reading, state.loss, loss, losses):
            key = (alarm.layer, rule.alarm)
            unknown = rule.alarm == "plateau" and isnan(alarm.value)
            if unknown or (out and busy and rule.first_only):
                continue
            found, episodes[key] = _next(rule, policy, reading.step, alarm, out, episodes.get(key, Episode()))
            busy = busy or out
            actions += [replace(action, points=points) for action in found]
    repaired = any(action.verb == "repair" and not action.repair.lasts for action in actions)
    known = [each for each in (state.loss, loss) if each is not None]
    return tuple(actions), State(episodes, None if repaired or not known else min(known))


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


def policy_named(name: str) -> Policy:
    """Return a policy by name.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    if name not in POLICIES:
        raise UnknownNameError(f"Expected the name of a policy; got {name!r}.", nearest(str(name), list(POLICIES)))
    return POLICIES[name]


def adapted(
    policy: Policy, level: float | None = None, readings: int | None = None, penalty: float | None = None
) -> Policy:
    """Return a policy for another loss, noisier losses, or larger networks.

    Parameters
    ----------
    policy : Policy
    level : float, optional
        From where losses count as high, for all rules that look at losses.
    readings : int, optional
        How many readings in a row show a plateau: more than one where losses are those of mini-batches.
    penalty : float, optional
        The weight of all penalties.
    """
    rules = []
    for rule in policy.rules:
        ladder = tuple(replace(r, size=penalty) if r.lasts and penalty is not None else r for r in rule.ladder)
        high = rule.level if rule.level is None or level is None else level
        count = rule.readings if rule.alarm != "plateau" or readings is None else readings
        rules.append(replace(rule, ladder=ladder, level=high, readings=count))
    return replace(policy, rules=tuple(rules))


_WARM_UP, _REVIVAL, _LEAKY = Repair("bias warm-up", 0.01), Repair("revival", 0.1), Repair("leaky slope", 0.01, 100)
_LOW_TORQUE = Rule("no torque", (Repair("tangential ascent", 0.1), _LEAKY), limit=0.01, gradient=1e-6)
_TURNS = (Repair("tangential descent", 0.1), Repair("random rotation", 0.1), _LEAKY)
_REVIVE = Rule("dead data", (_REVIVAL,), level=0.1)
_CONSTRAINT = Repair("separation", 1e-3, 500)
_STUCK = Rule("plateau", (_CONSTRAINT, Repair("employment of dead units", 0.1)), limit=0.01, level=0.1)

POLICIES: dict[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy("as-written", (Rule("dead data", (_WARM_UP,)), _LOW_TORQUE)),
        Policy(
            "corrected",
            (
                Rule("dead data", (_WARM_UP,), level=0.1),
                replace(_LOW_TORQUE, ladder=_TURNS, level=0.1, fall=0.01),
            ),
        ),
        Policy("revive-by-bias", (Rule("dead data", (Repair("revival by bias", 0.1),), level=0.1),)),
        Policy("revive", (_REVIVE,)),
        Policy("separate", (Rule("dead data", (Repair("separation of points", 0.1),), level=0.1),)),
        Policy("constrain", (replace(_STUCK, ladder=(_CONSTRAINT,)),)),
        Policy("better", (_REVIVE, _STUCK)),
    )
}
"""The repair table of prototype-surface-control, section 5, as written; the same with its faults corrected; revivals
alone; a penalty alone, for dead examples or for plateaus; revivals, and against plateaus a penalty, then work for dead
units.

The table names no numbers; those here are ours. Losses of examples above 0.1 count as high, which suits squared errors
of labels 0 and 1; see `adapted`.
"""
