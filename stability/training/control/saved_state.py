"""What does a controller remember, as plain data that can be saved with a training and loaded again?"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any

from stability.training.control.decisions import Action, Episode, State
from stability.training.control.interventions import Repair
from stability.training.control.log import Entry
from stability.training.monitoring.alarms import Alarm


def of_state(state: State) -> dict[str, Any]:
    """Return a state of `decide` as plain data."""
    episodes = [(*key, *astuple(episode)) for key, episode in state.episodes.items()]
    return {"episodes": episodes, "loss": state.loss, "stuck": state.stuck}


def to_state(plain: Mapping[str, Any]) -> State:
    """Return the state that became plain data."""
    episodes = {(layer, alarm): Episode(*rest) for layer, alarm, *rest in plain["episodes"]}
    return State(episodes, plain["loss"], plain["stuck"])


def of_actions(actions: Sequence[Action]) -> list[tuple[Any, ...]]:
    """Return actions as plain data."""
    return [astuple(action) for action in actions]


def to_actions(plain: Sequence[Sequence[Any]]) -> tuple[Action, ...]:
    """Return the actions that became plain data."""
    return tuple(
        Action(step, Alarm(*alarm), verb, Repair(*repair), rung, attempt, tuple(points))
        for step, alarm, verb, repair, rung, attempt, points in plain
    )


def of_log(entries: Sequence[Entry]) -> list[tuple[Any, ...]]:
    """Return a log as plain data."""
    return [astuple(entry) for entry in entries]


def to_log(plain: Sequence[Sequence[Any]]) -> list[Entry]:
    """Return the log that became plain data."""
    return [Entry(to_actions([action])[0], *rest) for action, *rest in plain]
