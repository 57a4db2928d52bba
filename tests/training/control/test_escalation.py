"""One escalation engine for one network and for restarts: all at once and one by one, they move alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stability.training.control.escalation import Health, LayerHealth, State, escalate
from stability.training.control.interventions import Intervention
from stability.training.control.policies import Policy, Rule

A, B = Intervention("revival", 0.1), Intervention("random rotation", 0.5)
ON, SLOPE = Intervention("separation", 0.1), Intervention("leaky slope", 0.01, 3)
RULES = (
    Rule("dead data", (A, ON, SLOPE, B), limit=0.2, level=0.5, readings=2),
    Rule("no torque", (B, ON), limit=0.3, gradient=0.1, level=0.2, fall=0.5),
    Rule("plateau", (ON, A), limit=0.1, level=0.1, evidence=("collapse", "dead data")),
)
POLICIES = [
    Policy("whole", RULES, cooldown=2, max_tries=3, until=11),
    Policy("one", RULES[:1]),
    Policy("last", RULES[2:]),
]
RUNS, EXAMPLES = 5, 4


def restarts(stream, step):
    """Return the health of some restarts, and that of each of them by itself."""
    dead, losses = stream.random((RUNS, EXAMPLES)) < 0.3, stream.random((RUNS, EXAMPLES)) * 1.2
    flags = [stream.random(RUNS) < share for share in (0.8, 0.5, 0.9)]
    torque, gradient = stream.random(RUNS), stream.random(RUNS)
    torque[stream.random(RUNS) < 0.1] = np.nan

    def part(k):
        layer = LayerHealth("", 2, EXAMPLES, flags[0][k], dead[k], np.nan, torque[k], gradient[k], flags[1][k])
        return Health(step, (layer,), losses.mean(1)[k], losses[k], flags[2][k])

    return part(slice(None)), [part(k) for k in range(RUNS)]


def shown(moves, run=None):
    own = [move for move in moves if run is None or move.which[run]]
    return [(move.rule.alarm, move.verb, move.escalation) for move in own]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(POLICIES))
def test_restarts_at_once_move_as_each_does_alone(seed, policy):
    stream = np.random.default_rng(seed)
    together, alone = State.of_restarts(RUNS, policy), [State() for _ in range(RUNS)]
    for step in range(14):
        every, each = restarts(stream, step)
        moves, together = escalate(every, together, policy)
        for run in range(RUNS):
            own, alone[run] = escalate(each[run], alone[run], policy)
            assert shown(moves, run) == shown(own)
            assert np.array_equal(together.loss[run], alone[run].loss, equal_nan=True)
            assert together.stuck[run] == alone[run].stuck


def test_the_state_that_is_given_stays_as_it_was():
    policy, stream = POLICIES[0], np.random.default_rng(3)
    state = State.of_restarts(RUNS, policy)
    for step in range(8):
        before = {key: [*vars(episode.part(0)).values()] for key, episode in state.episodes.items()}
        _, after = escalate(restarts(stream, step)[0], state, policy)
        assert before == {key: [*vars(episode.part(0)).values()] for key, episode in state.episodes.items()}
        state = after


def test_a_part_of_the_restarts_goes_on_alike():
    policy, stream = POLICIES[0], np.random.default_rng(5)
    state = State.of_restarts(RUNS, policy)
    for step in range(4):
        _, state = escalate(restarts(stream, step)[0], state, policy)
    some, (every, _) = np.array([3, 1]), restarts(stream, 4)
    (layer,) = every.layers
    kept = LayerHealth(
        "",
        2,
        EXAMPLES,
        layer.cuts[some],
        layer.dead[some],
        np.nan,
        layer.torque[some],
        layer.gradient[some],
        layer.separates[some],
    )
    own = Health(4, (kept,), every.loss[some], every.losses[some], every.valid[some])
    moves, after = escalate(every, state, policy)
    parts, then = escalate(own, state.part(some), policy)
    for place, run in enumerate(some):
        assert shown(parts, place) == shown(moves, run)
    assert np.array_equal(after.part(some).loss, then.loss, equal_nan=True)


@pytest.mark.parametrize("valid", [False, np.zeros(3, dtype=bool)])
def test_where_nothing_is_valid_nothing_is_remembered(valid):
    policy = POLICIES[1]
    state = State() if valid is False else State.of_restarts(3, policy)
    layer = LayerHealth("", 2, 1, True, np.ones((*np.shape(valid), 1), bool), 1.0, 0.0, 1.0, True)
    assert escalate(Health(0, (layer,), 1.0, None, valid), state, policy) == ([], state)
