"""Contract of the table of alarms: each is raised beyond its limit, not before, and has words, a panel and a line."""

from dataclasses import fields, replace
from math import inf, nan, nextafter

import pytest
from paths import ROOT

from stability.errors import KindError
from stability.plot.monitor import PANELS
from stability.training.control.decisions import decide
from stability.training.control.escalation import State
from stability.training.control.interventions import Intervention
from stability.training.control.policies import ANSWERED, Policy, Rule
from stability.training.monitoring.alarm_lines import LEVELS
from stability.training.monitoring.alarms import ALARMS, Alarm, Limits
from stability.training.monitoring.judging import alarms
from stability.training.monitoring.limits import CONDITIONS, SMALLEST
from stability.training.monitoring.readings import LayerReading, Reading

PAGE = (ROOT / "docs" / "monitor.md").read_text(encoding="utf-8")
LAYER = LayerReading("a", 2, 8, 0.0, 0, 0, 0.5, 0.5, 0, 0.1, 1.0, 1.0, 1.0, 1.0, point_tops=(1.0,) * 8)
OTHER = replace(LAYER, name="b", units=1)
FINE = Reading(
    *(3, (LAYER, OTHER), 1.0, 0.0, 1.0, 1.0),
    largest_input=1.0, largest_output=1.0, update_ratio=1e-3, output_change=0.1, output_spread=0.5,
)  # fmt: skip


def at(**numbers):
    return replace(FINE, layers=(replace(LAYER, **numbers), OTHER))


def still(layers):
    return tuple(replace(each, bias_change=nan) for each in layers)


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
    "exploding pre-activations": lambda x: at(largest_preactivation=x),
    "dead from initialisation": lambda x: at(dead_units=2 * x),
    "large update": lambda x: replace(FINE, update_ratio=x),
    "no update": lambda x: replace(FINE, update_ratio=x, learning_rates=(0.0,), layers=still(FINE.layers)),
    "gradient kept": lambda x: replace(FINE, gradient_kept=x),
    "affine units": lambda x: at(affine_units=2 * x),
    "plateau": lambda x: replace(FINE, output_change=x),
    "small start": lambda x: at(largest_range=x),
}
"""A reading that is fine but for one number, by the alarm that looks at it."""


def raised(reading, kind, limits=None):
    """Return the alarms of a reading after a fine one, but of a start, and of nothing else that they mean."""
    first = None if kind.name in ("large start", "small start", "dead from initialisation") else FINE
    found = [alarm.kind for alarm in alarms(reading, limits or Limits(), first)]
    return [each for each in found if each != "dead units" or kind.name != "dead from initialisation"]


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
    none = Limits(*[0.0 if field.name in CONDITIONS else None for field in fields(Limits)])
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
    assert kind.advice() in PAGE.splitlines()
    assert kind.level in LEVELS
    assert all((kind.cause, kind.remedy, kind.evidence))
    assert kind.readings > 0
    raises = kind.of_network is not None or kind.of_layer is not None
    assert raises or kind.rule


def test_every_limit_is_that_of_an_alarm_and_its_side_is_in_the_words():
    limits = {field.name for field in fields(Limits)} - {*CONDITIONS}
    assert {kind.limit for kind in ALARMS.values()} - {""} == limits
    assert {kind.limit for kind in ALARMS.values() if not kind.above} - {""} == {*SMALLEST}


@pytest.mark.parametrize("name", CONDITIONS)
def test_conditions_have_to_be_numbers(name):
    with pytest.raises(KindError, match=name):
        Limits(**{name: None})


def test_conditions_say_when_an_alarm_is_judged():
    few = replace(FINE, layers=tuple(replace(each, points=7) for each in FINE.layers))
    for number in ({"dead_units": 2}, {"affine_units": 2}):
        reading = replace(few, layers=(replace(few.layers[0], **number), OTHER))
        assert [alarm.kind for alarm in alarms(reading, Limits(), None)] == []
        assert [alarm.kind for alarm in alarms(reading, Limits(examples=7), None)] != []
    one = replace(FINE, layers=(LAYER, replace(OTHER, affine_units=1)))
    assert alarms(one, Limits(), FINE) == (), "one unit alone is affine wherever it is on"
    leaky = at(dead_units=2, affine_units=0, dead_fraction=1.0, slope=0.1)
    assert alarms(leaky, Limits(), None) == ()


@pytest.mark.parametrize("number", [{"output_change": 0.0}, {"output_spread": 0.0}])
def test_rest_is_a_plateau_only_while_the_loss_has_not_been_learned(number):
    at_rest, (name,) = replace(FINE, **number), number
    (alarm,) = alarms(at_rest, Limits(), FINE)
    assert (alarm.kind, alarm.of, alarm.quantity) == ("plateau", name, name)
    assert alarms(replace(at_rest, loss=0.5), Limits(), FINE) == ()
    assert alarms(replace(at_rest, loss=None), Limits(), FINE) == ()
    assert alarms(at_rest, Limits(), replace(FINE, loss=-1.0)) == (), "of losses that may be negative nothing is known"
    assert alarms(at_rest, Limits(unlearned=1.1), FINE) == ()


def test_bias_freeze_is_relative_to_the_learning_rate():
    slow = at(bias_change=1e-6)
    assert [alarm.kind for alarm in alarms(slow, Limits(), FINE)] == ["bias freeze"]
    assert alarms(replace(slow, learning_rates=(1e-3, 1.0)), Limits(), FINE) == (), "the smallest rate counts"
    assert alarms(replace(at(bias_change=0.0), learning_rates=(0.0,)), Limits(), FINE) == (), "at rate 0 all stands"
    assert alarms(replace(slow, loss=0.4), Limits(), FINE) == ()


AT_RATE = {"learning_rates": (1e-3,)}
STILL = {
    "learning_rates": {"learning_rates": (0.0, 0.0)},
    "step_gradient_norm": {"step_gradient_norm": 0.0, **AT_RATE},
    "update_ratio": {"step_gradient_norm": 1.0, **AT_RATE},
}


@pytest.mark.parametrize("of", STILL)
def test_weights_that_stand_still_are_reported_with_what_is_zero(of):
    reading = replace(FINE, update_ratio=0.0, layers=still(FINE.layers), **STILL[of])
    (alarm,) = alarms(reading, Limits(), FINE)
    assert (alarm.kind, alarm.of, alarm.value) == ("no update", of, 0.0)
    remedies = {each: replace(alarm, of=each).remedy for each in STILL}
    assert len({*remedies.values()}) == 3
    assert alarm.remedy in str(alarm)
    assert "`" not in alarm.remedy


@pytest.mark.parametrize(
    "fine",
    [
        {"update_ratio": 1e-11},
        {"gradient_norm": 1e-7},
        {"gradient_norm": 1e-7, "learning_rates": (0.0,)},
        {"gradient_norm": 1e-7, "step_gradient_norm": 0.0},
        {"loss": 0.4},
        {"loss": None},
        {"layers": FINE.layers, "learning_rates": (0.0,)},
        {"layers": still(FINE.layers[:1])},
        {"layers": still([LAYER, replace(OTHER, units_without_gradient=1)])},
        {"layers": still([LAYER, replace(OTHER, points=0)])},
        {"layers": still([LAYER, replace(OTHER, gradient_norm=1e-7)])},
    ],
    ids=str,
)
def test_weights_that_may_stand_still_by_accident_raise_no_update_alarm(fine):
    """Sparse gradients leave the entries that are compared alone, and biases may be all that is trained."""
    reading = replace(FINE, update_ratio=0.0, layers=still(FINE.layers), **AT_RATE)
    assert "no update" in kinds(reading, FINE)
    assert "no update" not in kinds(replace(reading, **fine), FINE)


def test_dead_from_initialisation_lasts_while_the_first_layer_is_dead():
    dead = at(dead_units=2)
    found = [alarms(now, Limits(), first) for now, first in ((dead, None), (dead, dead), (FINE, dead), (dead, FINE))]
    kinds = [[alarm.kind for alarm in each if alarm.kind.startswith("dead from")] for each in found]
    assert kinds == [["dead from initialisation"]] * 2 + [[], []]


def test_numbers_that_are_not_finite_are_named_with_their_layer():
    (alarm,) = alarms(replace(FINE, finite=False, not_finite=("gradient", "net.4")), Limits(), FINE)
    assert (alarm.layer, alarm.quantity, alarm.level) == ("net.4", "gradient", "trouble")
    assert str(alarm) == "not finite at net.4: gradient"


def test_an_alarm_says_what_it_is_what_it_comes_from_and_what_to_try():
    alarm = Alarm("dead units", "net.2", 0.75, 0.5, since=10, steps=20, readings=3)
    assert str(alarm) == "dead units at net.2: 0.75 (limit 0.5), for 20 steps since step 10"
    assert alarm.quantity == "dead_units / units"
    level, quantity, cause, remedy = alarm.explanation.splitlines()
    assert quantity == "quantity: dead_units / units"
    assert level == f"warning: {alarm.meaning}"
    assert cause == f"likely cause: {alarm.cause}"
    assert remedy == f"try: {alarm.remedy}"
    assert "`" not in str(alarm) + alarm.explanation
    plain = alarm.to_json()
    assert (plain["level"], plain["quantity"], plain["since"], plain["steps"]) == ("warning", alarm.quantity, 10, 20)


def test_what_is_named_as_not_finite_says_where_to_look():
    named = ("weight", "input", "pre-activations", "loss", "")
    looks = {of: Alarm("not finite", "net.0", nan, nan, of).remedy for of in named}
    assert "every=1" in looks["weight"]
    assert "nan in the data" in looks["input"]
    assert "inputs of this batch" in looks["pre-activations"]
    assert "labels" in looks["loss"]
    assert "data of this batch" in looks[""]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"since": 10, "after": 5}, "between steps 5 and 10"),
        ({"since": 10, "after": 9}, "all was finite before step 9 was made"),
        ({"since": 10}, "where they come from"),
        ({}, "where they come from"),
    ],
)
def test_weights_that_are_not_finite_claim_no_cause_that_is_not_known(when, said):
    alarm = Alarm("not finite", "net.0", nan, nan, "weight", **when)
    assert said in alarm.remedy
    assert ("data" in alarm.remedy) == (said == "between steps 5 and 10")
    assert "weights where steps are left out" in alarm.cause


def kinds(reading, first):
    return [alarm.kind for alarm in alarms(reading, Limits(), first)]


def test_a_loss_that_may_be_negative_grows_by_its_size():
    first = replace(FINE, loss=-5000.0)
    assert "exploding loss" not in kinds(replace(FINE, loss=6000.0), first)
    assert "exploding loss" in kinds(replace(FINE, loss=6e6), first)


def test_a_start_is_small_only_if_enough_examples_say_so():
    tiny = at(largest_range=1e-9)
    assert "small start" in kinds(tiny, None)
    few = replace(tiny, layers=(replace(tiny.layers[0], points=7), OTHER))
    assert "small start" not in kinds(few, None)
