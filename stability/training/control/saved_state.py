"""What a controller remembers as plain data, which can be saved with a training and loaded again."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from math import isnan, nan
from typing import Any

from stability.errors import StabilityError
from stability.training.control.decisions import Action
from stability.training.control.escalation import NEVER, Episode, State
from stability.training.control.interventions import Intervention
from stability.training.control.log import Entry
from stability.training.monitoring.alarms import Alarm


def of_state(state: State) -> dict[str, Any]:
    """Return a state of `decide` as plain data."""
    episodes = [(*key, *astuple(episode)) for key, episode in state.episodes.items()]
    known = {} if isnan(state.weights) else {"weights": state.weights}
    return {"episodes": episodes, "loss": None if isnan(state.loss) else state.loss, "stuck": state.stuck, **known}


def to_state(plain: Mapping[str, Any]) -> State:
    """Return the state that became plain data."""
    episodes = {}
    for layer, alarm, count, escalation, tries, step, *flags in plain["episodes"]:
        episodes[layer, alarm] = Episode(count, escalation, tries, NEVER if step is None else step, *flags)
    return State(episodes, nan if plain["loss"] is None else plain["loss"], plain["stuck"], plain.get("weights", nan))


def of_actions(actions: Sequence[Action]) -> list[tuple[Any, ...]]:
    """Return actions as plain data."""
    return [astuple(action) for action in actions]


def to_actions(plain: Sequence[Sequence[Any]]) -> tuple[Action, ...]:
    """Return the actions that became plain data."""
    return tuple(
        Action(step, Alarm(*alarm), verb, Intervention(*intervention), escalation, attempt, tuple(points))
        for step, alarm, verb, intervention, escalation, attempt, points in plain
    )


def of_log(entries: Sequence[Entry]) -> list[tuple[Any, ...]]:
    """Return a log as plain data."""
    return [astuple(entry) for entry in entries]


def to_log(plain: Sequence[Sequence[Any]]) -> list[Entry]:
    """Return the log that became plain data."""
    return [Entry(to_actions([action])[0], *rest) for action, *rest in plain]


def require_policy(state: Any, name: str) -> None:
    """Refuse what is no state of a controller, or one of another policy.

    Raises
    ------
    StabilityError
    """
    if not isinstance(state, Mapping) or state.get("policy") != name:
        got = state.get("policy") if isinstance(state, Mapping) else type(state).__name__
        raise StabilityError(
            f"Expected the state of a controller with the policy {name!r}; got {got!r}.",
            "Give what controller.state_dict() returned to a controller of the same policy.",
        )


def no_state(error: Exception) -> StabilityError:
    """Return what to say of something that no `state_dict` returned."""
    return StabilityError(
        f"Expected the state of a controller; got something else ({type(error).__name__}: {error}).",
        "Give what controller.state_dict() returned.",
    )
