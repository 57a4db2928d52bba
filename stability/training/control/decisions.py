"""What a reading of one network calls for: the escalation engine, with readings in and actions out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan, nan, sqrt

import numpy as np

from stability.errors import StabilityError
from stability.training.control.escalation import Health, LayerHealth, Move, State, escalate, judged_by
from stability.training.control.interventions import SMALLER_STEP, Intervention
from stability.training.control.policies import EXPLODING, FEWEST_EXAMPLES, GROWING, Policy
from stability.training.monitoring.alarm_kinds import relative_ranges, relative_sizes
from stability.training.monitoring.alarms import Alarm
from stability.training.monitoring.parameters import IDLE, NO_GRADIENT
from stability.training.monitoring.readings import LayerReading, Reading

WITHOUT_RELUS = (EXPLODING, GROWING, "large start", "vanishing gradient")
"""The alarms that a controller sees and answers in a network without ReLUs too."""

NO_RELU = "no ReLU is seen"
"""Why nothing is done to layers."""

SKIP = "skip"
"""The verb of what the controller could not do, whichever intervention may have been next."""


@dataclass(frozen=True)
class Action:
    """What is to be done in one network, or was.

    Attributes
    ----------
    step : int
        Of the reading.
    alarm : Alarm
    verb : str
        "repair" for an intervention; "stop" of a persistent intervention whose alarm is over; "give up"; "skip" where
        the controller cannot do its own work: no alarm was raised then, its kind is "", and nothing was decided.
    intervention : Intervention
    escalation, attempt : int
        The place of the intervention in its rule, and the how manieth intervention of this alarm at this layer.
    points : tuple of int
        The examples that raised it, by their place in the batch; empty if unknown.
    """

    step: int
    alarm: Alarm
    verb: str
    intervention: Intervention
    escalation: int = 0
    attempt: int = 0
    points: tuple[int, ...] = ()


def decide(
    reading: Reading, state: State, policy: Policy, losses: Sequence[float] | None = None
) -> tuple[tuple[Action, ...], State]:
    """Return what a reading of one network calls for, and what to remember.

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
    moves, after = escalate(health_of(reading, losses), state, policy)
    episodes = {key: episode.plain() for key, episode in after.episodes.items()}
    later = State(episodes, float(after.loss), bool(after.stuck), after.weights)
    return tuple(_action(reading.step, move) for move in moves), later


def _action(step: int, move: Move) -> Action:
    alarm = Alarm(move.rule.alarm, "" if move.layer is None else move.layer.name, float(move.value), move.rule.limit)
    points = () if move.dead is None else tuple(np.nonzero(move.dead)[0].tolist())
    return Action(step, alarm, move.verb, move.intervention, move.escalation, int(move.attempt), points)


def measured(
    reading: Reading, state: State, policy: Policy, losses: Sequence[float] | None = None
) -> dict[tuple[str, str], float]:
    """Return the numbers that the rules of a policy look at, by layer and alarm."""
    health = health_of(reading, losses)
    return {
        ("" if layer is None else layer.name, rule.alarm): float(value)
        for rule in policy.rules
        for layer, value, *_ in judged_by(rule, health, state.loss, state.weights)
    }


def health_of(reading: Reading, losses: Sequence[float] | None = None) -> Health:
    """Return what rules look at in a reading of one network."""
    loss = reading.loss if losses is None else sum(losses) / len(losses)
    layers = tuple(map(_layer_health, reading.layers))
    own = None if losses is None else np.array(losses)
    valid = np.bool_(reading.finite)
    loss = nan if loss is None else loss
    usual = sqrt(max(1.0, sum(layer.units for layer in layers) / 3))
    norm, broken = reading.weight_norm, not reading.finite
    return Health(reading.step, layers, loss, own, valid, _scale(reading), _spread(reading), norm, usual, broken)


def _scale(reading: Reading) -> float:
    """Return the largest number in the network as a multiple of the largest input or of 1; nan if that is unknown."""
    tops = [reading.largest_output, *(layer.largest_preactivation for layer in reading.layers)]
    with np.errstate(all="ignore"):
        found = relative_sizes(np.array(tops), reading.largest_input).tolist()
    return max((each for each in found if not isnan(each)), default=nan)


def _spread(reading: Reading) -> float:
    """Return how far units differ between examples in the layer where they do so least; see `Health`."""
    seen = [layer.largest_range for layer in reading.layers if layer.points >= FEWEST_EXAMPLES]
    with np.errstate(all="ignore"):
        found = relative_ranges(np.array(seen), reading.largest_input).tolist()
    return min((each for each in found if not isnan(each)), default=nan)


def _layer_health(layer: LayerReading) -> LayerHealth:
    return LayerHealth(
        layer.name,
        layer.units,
        layer.points,
        np.bool_(layer.slope == 0),
        None if layer.point_tops is None else np.array(layer.point_tops) <= 0,
        layer.dead_fraction,
        layer.torque_mean,
        layer.gradient_norm,
        np.bool_(layer.separating_units != 0),
    )


def is_good(reading: Reading, lowest: float, losses: Sequence[float] | None, found: Sequence[Action]) -> bool:
    """Return whether a training may go back to the weights that were read: the loss is about the lowest so far."""
    loss, back = health_of(reading, losses).loss, any(action.intervention.kind == SMALLER_STEP for action in found)
    return reading.finite and not back and not loss > lowest + 0.1 * max(lowest, 1.0)


def answer(
    reading: Reading, state: State, policy: Policy, losses: Sequence[float] | None
) -> tuple[dict[tuple[str, str], float], tuple[tuple[Action, ...], State], bool]:
    """Return the numbers that rules look at, what a reading calls for, and whether a training may go back to it.

    Raises
    ------
    StabilityError
        If the reading is one of several forward passes.
    """
    if reading.passes > 1:
        why = "a controller intervenes on one batch, and this monitor reads several forward passes as one"
        raise StabilityError(f'{why}: write Monitor(model, passes="last")', "Give it a monitor of the last.")
    decided = decide(reading, state, policy, losses)
    return measured(reading, state, policy, losses), decided, is_good(reading, state.loss, losses, decided[0])


def unanswered(reading: Reading, policy: Policy, network: str) -> str:
    """Return which rules of a policy do nothing, since no ReLU was seen at a reading, and which act; empty if one was.

    It is empty too where something but parameters was not read, which may be a ReLU.

    Parameters
    ----------
    reading : Reading
    policy : Policy
    network : str
        Its name.
    """
    hidden = any(not text.endswith((NO_GRADIENT, IDLE)) for text in reading.skipped)
    idle = [rule.alarm for rule in policy.rules if rule.alarm not in WITHOUT_RELUS]
    if hidden or not idle or any(layer.points for layer in reading.layers):
        return ""
    rest = ", ".join(rule.alarm for rule in policy.rules if rule.alarm in WITHOUT_RELUS)
    acts = f"It still acts on {rest}" if rest else "It does nothing here"
    return f"{NO_RELU} in {network}, so the policy cannot act on {', '.join(idle)}. {acts}"


def untried(state: State, action: Action) -> State:
    """Return a state in which an intervention that could not be done does not count."""
    key = (action.alarm.layer, action.alarm.kind)
    was = state.episodes[key]
    return replace(state, episodes={**state.episodes, key: replace(was, tries=max(was.tries - 1, 0))})
