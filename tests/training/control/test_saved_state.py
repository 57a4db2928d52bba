"""What a controller remembers becomes plain data and comes back, through JSON and through torch's own files too."""

import io
import json
from math import isnan, nan

import pytest
import torch

from stability.training.control.decisions import Action
from stability.training.control.escalation import NEVER, Episode, State
from stability.training.control.interventions import Intervention
from stability.training.control.log import Entry
from stability.training.control.saved_state import of_actions, of_log, of_state, to_actions, to_log, to_state
from stability.training.monitoring.alarms import Alarm

ACTION = Action(
    *(30, Alarm("dead data", "net.0", 0.25, 0.0), "repair", Intervention("leaky slope", 0.1, 50)),
    escalation=2,
    attempt=3,
    points=(1, 4),
)
STATE = State({("net.0", "dead data"): Episode(2, 0, 1, 30, True, False), ("", "plateau"): Episode()}, 0.5, True)


def through_json(plain):
    return json.loads(json.dumps(plain))


def through_torch(plain):
    file = io.BytesIO()
    torch.save(plain, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def test_a_state_is_lists_and_numbers():
    assert of_state(STATE) == {
        "episodes": [
            ("net.0", "dead data", 2, 0, 1, 30, True, False),
            ("", "plateau", 0, -1, 0, NEVER, False, False),
        ],
        "loss": 0.5,
        "stuck": True,
    }


@pytest.mark.parametrize("carried", [through_json, through_torch])
def test_everything_comes_back(carried):
    assert to_state(carried(of_state(STATE))) == STATE
    assert to_actions(carried(of_actions([ACTION]))) == (ACTION,)
    entries = [
        Entry(ACTION, 0.25, 0.0, {"net.0.bias": 3}, "", False),
        Entry(ACTION, 0.25, None, {}, "cannot: it is frozen", True),
    ]
    assert to_log(carried(of_log(entries))) == entries


@pytest.mark.parametrize("carried", [through_json, through_torch])
def test_at_first_there_is_nothing_and_no_loss(carried):
    plain = of_state(State())
    assert plain == {"episodes": [], "loss": None, "stuck": False}
    found = to_state(carried(plain))
    assert (found.episodes, found.stuck) == ({}, False)
    assert isnan(found.loss)
    assert (to_actions(carried(of_actions([]))), to_log(carried(of_log([])))) == ((), [])


def test_an_intervention_that_was_never_made_may_be_none():
    found = to_state({"episodes": [["a", "plateau", 1, -1, 0, None, False, False]], "loss": None, "stuck": False})
    assert found.episodes["a", "plateau"].step == NEVER


def test_points_and_intervention_have_their_own_kinds_again():
    (found,) = to_actions(through_json(of_actions([ACTION])))
    assert found.points == (1, 4)
    assert (type(found.alarm), type(found.intervention)) == (Alarm, Intervention)


def test_a_loss_that_is_no_number_is_none_in_the_file():
    assert json.dumps(of_state(State({}, nan, False))) == '{"episodes": [], "loss": null, "stuck": false}'


@pytest.mark.parametrize("plain", [{"loss": None}, {"episodes": [], "stuck": False}])
def test_half_a_state_is_none(plain):
    with pytest.raises(KeyError):
        to_state(plain)


def test_an_unknown_intervention_is_refused():
    plain = through_json(of_actions([ACTION]))
    plain[0][3][0] = "prayer"
    with pytest.raises(ValueError, match="Expected an intervention"):
        to_actions(plain)
