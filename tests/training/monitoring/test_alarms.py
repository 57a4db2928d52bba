"""Contract of the table of alarms: each is raised beyond its limit, not before, and has words, a panel and a line."""

from dataclasses import fields, replace
from math import inf, nan, nextafter

import pytest
from paths import ROOT

from stability.plot.monitor import PANELS
from stability.training.control.decisions import decide
from stability.training.control.escalation import State
from stability.training.control.interventions import Intervention
from stability.training.control.policies import ANSWERED, Policy, Rule
from stability.training.monitoring.alarms import ALARMS, Alarm, Limits, alarms
from stability.training.monitoring.readings import LayerReading, Reading

PAGE = (ROOT / "docs" / "monitor.md").read_text(encoding="utf-8")
LAYER = LayerReading("a", 2, 8, 0.0, 0, 0, 0.5, 0.5, 0, 0.1, 1.0, 1.0, 1.0, 1.0, point_tops=(1.0,) * 8)
OTHER = replace(LAYER, name="b", units=1)
FINE = Reading(3, (LAYER, OTHER), 1.0, 0.0, 1.0, 1.0, largest_input=1.0, largest_output=1.0)


def at(**numbers):
    return replace(FINE, layers=(replace(LAYER, **numbers), OTHER))


SHOWS = {
    "dead data": lambda x: at(dead_fraction=x),
    "exploding weights": lambda x: replace(FINE, weight_norm=x),
    "exploding gradient": lambda x: replace(FINE, gradient_norm=x),
    "exploding loss": lambda x: replace(FINE, loss=x),
    "large start": lambda x: at(largest_preactivation=x),
    "dead units": lambda x: at(dead_units=2 * x),
    "no torque": lambda x: at(torque_mean=x),
    "bias freeze": lambda x: at(bias_change=x),
    "vanishing gradient": lambda x: at(gradient_norm=x),
}
"""A reading that is fine but for one number, by the alarm that looks at it."""


def raised(reading, kind, limits=None):
    first = None if kind.name == "large start" else FINE
    return [alarm.kind for alarm in alarms(reading, limits or Limits(), first)]


@pytest.mark.parametrize("name", [name for name, kind in ALARMS.items() if kind.limit])
def test_each_alarm_is_raised_beyond_its_limit_and_not_before(name):
    kind, limit = ALARMS[name], getattr(Limits(), ALARMS[name].limit)
    assert raised(FINE, kind) == []
    assert raised(SHOWS[name](limit), kind) == []
    beyond = SHOWS[name](nextafter(limit, inf if kind.above else -inf))
    assert raised(beyond, kind) == [name]
    assert raised(beyond, kind, Limits(**{kind.limit: None})) == []
    assert raised(SHOWS[name](nan), kind) == []


def test_numbers_that_are_not_finite_raise_their_alarm_whatever_the_limits():
    none = Limits(*[None if field.name != "gradient" else 0.0 for field in fields(Limits)])
    assert raised(FINE, ALARMS["not finite"], none) == []
    assert raised(replace(FINE, finite=False), ALARMS["not finite"], none) == ["not finite"]


ANSWERS = {
    "dead data": (lambda x: at(point_tops=tuple(-1.0 if k < 8 * x else 1.0 for k in range(8))), 0.25, 0.375),
    "no torque": (lambda x: at(torque_mean=x), 0.25, 0.2),
    "plateau": (lambda x: replace(FINE, loss=1 - x), 0.25, 0.2),
}
"""A reading with a number, and a number on a limit and beyond it, by the alarm that a rule answers."""


@pytest.mark.parametrize("name", ANSWERED)
def test_each_alarm_of_a_rule_is_answered_beyond_its_limit_and_not_before(name):
    reading, on, beyond = ANSWERS[name]
    policy = Policy("own", (Rule(name, (Intervention("revival", 0.1),), limit=on),))
    assert decide(reading(on), State(loss=1.0), policy)[0] == ()
    (action,) = decide(reading(beyond), State(loss=1.0), policy)[0]
    assert action.alarm.kind == name


@pytest.mark.parametrize("name", ALARMS)
def test_each_alarm_has_words_a_panel_and_a_line_on_the_page(name):
    kind = ALARMS[name]
    assert kind.name == name
    assert kind.number
    assert Alarm(name, "a", 1.0, 2.0).meaning == kind.meaning
    assert name in str(Alarm(name, "a", 1.0, 2.0))
    assert kind.panels
    assert {*kind.panels} <= {*PANELS}
    assert kind.row() in PAGE.splitlines()
    raises = kind.of_network is not None or kind.of_layer is not None
    assert raises or kind.rule


def test_every_limit_is_that_of_an_alarm():
    assert {kind.limit for kind in ALARMS.values()} - {""} == {field.name for field in fields(Limits)} - {"gradient"}
