"""Do readings raise the alarms they should, and only those?"""

import math
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from stability.errors import StabilityError
from stability.training.monitoring.alarms import ALARMS, Alarm, Limits
from stability.training.monitoring.judging import alarms
from stability.training.monitoring.limits import CONDITIONS
from stability.training.monitoring.numpy_unpack import of_extremes, of_rows, percentiles
from stability.training.monitoring.readings import LayerReading, Reading
from stability.training.monitoring.row_norms import Rows, row_norms

HEALTHY = LayerReading(
    "net.0",
    units=4,
    points=10,
    dead_fraction=0.1,
    dead_units=1,
    affine_units=1,
    torque_mean=0.6,
    torque_p10=0.4,
    units_without_gradient=1,
    bias_change=0.01,
    weight_norm=2.0,
    gradient_norm=0.1,
    largest_preactivation=3.0,
    lowest_top=-0.1,
    slack_plus=0.5,
    slack_minus=0.7,
)
GOOD = Reading(100, (HEALTHY, replace(HEALTHY, name="net.2")), 0.5, 0.2, 3.0, 0.2, update_ratio=1e-3, output_change=0.1)


def changed(**fields):
    return replace(GOOD, layers=(HEALTHY, replace(GOOD.layers[1], **fields)))


def kinds(reading, limits=None, first=GOOD):
    return [(alarm.kind, alarm.layer) for alarm in alarms(reading, limits or Limits(), first)]


def test_a_healthy_network_raises_no_alarm():
    assert kinds(GOOD) == []
    assert replace(GOOD, alarms=alarms(GOOD, Limits(), GOOD)) == GOOD


TROUBLES = [
    ({"dead_fraction": 0.51}, "dead data"),
    ({"dead_units": 4}, "dead units"),
    ({"torque_mean": 0.009}, "no torque"),
    ({"bias_change": 0.00009}, "bias freeze"),
    ({"gradient_norm": 0.9e-7}, "vanishing gradient"),
    ({"gradient_norm": 0.0}, "vanishing gradient"),
]


@pytest.mark.parametrize(("fields", "kind"), TROUBLES)
def test_every_trouble_of_a_layer_raises_its_alarm_there(fields, kind):
    assert kinds(changed(**fields)) == [(kind, "net.2")]


WHOLE = [
    ({"dead_fraction": 0.51}, "dead data"),
    ({"finite": False}, "not finite"),
    ({"weight_norm": 3001.0}, "exploding weights"),
    ({"gradient_norm": 1001.0}, "exploding gradient"),
    ({"loss": 1001.0}, "exploding loss"),
    ({"loss": math.inf}, "exploding loss"),
]


@pytest.mark.parametrize(("fields", "kind"), WHOLE)
def test_every_trouble_of_the_network_raises_its_alarm(fields, kind):
    assert kinds(replace(GOOD, **fields)) == [(kind, "")]


@pytest.mark.parametrize(
    "reading",
    [
        changed(dead_fraction=0.5, dead_units=2),
        changed(torque_mean=0.01, bias_change=1e-4),
        changed(torque_mean=0.0, gradient_norm=1e-6),
        changed(torque_mean=math.nan, bias_change=math.nan, gradient_norm=math.nan),
        changed(dead_fraction=1.0, dead_units=4, slope=0.01),
        changed(dead_fraction=1.0, dead_units=4, slope=None),
        replace(GOOD, dead_fraction=math.nan, loss=None, weight_norm=3000.0, gradient_norm=1000.0),
    ],
)
def test_on_the_limit_and_where_a_number_is_missing_there_is_none(reading):
    assert kinds(reading) == []


def test_growth_is_judged_against_the_first_reading_or_one():
    grown = replace(GOOD, weight_norm=5e4, gradient_norm=5e4, loss=500.0)
    assert kinds(grown, first=None) == []
    assert len(kinds(grown)) == 3
    large = replace(GOOD, weight_norm=100.0, gradient_norm=100.0, loss=-100.0)
    assert kinds(grown, first=large) == []
    poisoned = replace(GOOD, weight_norm=math.nan, gradient_norm=math.inf, loss=None)
    assert kinds(grown, first=poisoned) == []


@pytest.mark.parametrize(("loss", "rings"), [(9.9, False), (10.1, True)])
def test_losses_explode_long_before_norms_do(loss, rings):
    first = replace(GOOD, weight_norm=1.0, gradient_norm=1.0, loss=1.0)
    grown = replace(GOOD, weight_norm=loss, gradient_norm=loss, loss=loss)
    assert kinds(grown, first=first) == ([("exploding loss", "")] if rings else [])


def test_each_limit_can_be_switched_off():
    none = Limits(**{field.name: 0 if field.name in CONDITIONS else None for field in fields(Limits)})
    numbers = {"dead_fraction": 1.0, "dead_units": 4, "affine_units": 4, "torque_mean": 0.0, "bias_change": 0.0}
    worst = replace(
        changed(**numbers, gradient_norm=1e-9, largest_preactivation=1e9),
        dead_fraction=1.0,
        update_ratio=9.0,
        output_change=0.0,
        weight_norm=1e9,
        gradient_norm=1e9,
        loss=1e9,
        gradient_kept=True,
    )
    assert {kind for kind, _ in kinds(worst, Limits(gradient=0))} == {*ALARMS} - {
        "not finite",
        "large start",
        "small start",
        "dead from initialisation",
        "no update",
    }
    assert kinds(worst, none) == []
    still = replace(worst, update_ratio=0.0, step_gradient_norm=0.0)
    assert ("no update", "") in kinds(still)
    assert kinds(still, none) == []
    assert kinds(replace(worst, finite=False), none) == [("not finite", "")]


@pytest.mark.parametrize("name", ["dead_fraction", "torque", "growth", "gradient"])
@pytest.mark.parametrize("value", [-1, math.nan])
def test_limits_that_make_no_sense_are_refused(name, value):
    with pytest.raises(StabilityError, match=name):
        Limits(**{name: value})


START = replace(GOOD, largest_input=2.0, largest_output=3.0)


def test_a_start_far_beyond_its_inputs_is_reported_once_at_its_first_layer():
    large = replace(START, layers=(HEALTHY, replace(GOOD.layers[1], largest_preactivation=202.0)))
    (alarm,) = alarms(large, Limits())
    assert (alarm.kind, alarm.layer, alarm.value, alarm.limit) == ("large start", "net.2", 101.0, 100.0)
    assert str(alarm) == (
        "large start at net.2: 101 (limit 100); divide the weights of net.2 by about 101, or initialise them by "
        "torch.nn.init.kaiming_normal_"
    )
    assert kinds(large, first=GOOD) == []
    assert kinds(large, Limits(scale=None), first=None) == []
    (alarm,) = alarms(replace(START, largest_output=201.0), Limits())
    assert (alarm.kind, alarm.layer) == ("large start", "")
    for fine in (
        START,
        replace(START, largest_input=math.nan, largest_output=1e9),
        replace(START, largest_output=math.inf),
        replace(START, largest_input=1e-9, largest_output=99.0),
        replace(START, largest_input=1e4, largest_output=1e5),
    ):
        assert alarms(fine, Limits()) == ()


def test_a_start_that_hardly_distinguishes_examples_is_reported_once_at_its_first_layer():
    def ranges(*values, **numbers):
        layers = tuple(replace(layer, largest_range=x) for layer, x in zip(GOOD.layers, values, strict=True))
        return replace(START, layers=layers, **numbers)

    small = ranges(0.1, 1e-6)
    (alarm,) = alarms(small, Limits())
    assert (alarm.kind, alarm.layer, alarm.value, alarm.limit) == ("small start", "net.2", 5e-7, 1e-6)
    assert alarms(ranges(1e-7, 1e-9), Limits())[0].layer == "net.0"
    assert kinds(small, first=GOOD) == []
    assert kinds(small, Limits(small_scale=None), first=None) == []
    for fine in (
        ranges(0.1, 3e-6),
        ranges(0.1, 0.0),
        ranges(0.1, math.nan),
        ranges(1e-9, 1e-9, largest_input=1e-6),
        ranges(1e-9, 1e-9, largest_input=math.nan),
        ranges(1e-9, 1e-9, largest_input=0.0),
        replace(START, layers=(replace(HEALTHY, points=7, largest_range=1e-9),)),
    ):
        assert alarms(fine, Limits()) == ()


def test_words():
    assert str(Alarm("no torque", "net.2", 0.0012, 0.01)) == "no torque at net.2: 0.0012 (limit 0.01)"
    assert str(Alarm("dead data", "", 0.75, 0.5)) == "dead data: 0.75 (limit 0.5)"
    assert GOOD.layer("net.2") is GOOD.layers[1]
    with pytest.raises(KeyError):
        GOOD.layer("net.4")
    assert GOOD.gradient_flow == (0.1, 0.1)
    assert HEALTHY.separating_units == 2


def alone(columns):
    """Return the numbers of the only layer of columns."""
    return {name: value for name, (value,) in columns.items()}


def test_a_value_of_zero_is_dead_and_not_affine():
    """As with relu: what gets 0 gives 0 and has no slope."""
    found = alone(of_extremes(np.array([[0.0, 1.0]]), np.array([[-1.0, 0.0]]), np.array([[0.0, 0.0, 1.0]])))
    assert (found["dead_units"], found["affine_units"], found["dead_fraction"]) == (1, 0, pytest.approx(2 / 3))
    assert (found["slack_plus"], found["slack_minus"]) == (1.0, 1.0)
    assert found["largest_preactivation"] == 1.0
    assert found["largest_range"] == 1.0


def test_what_is_no_number_stays_so():
    found = alone(of_extremes(np.array([[np.nan, 1.0]]), np.array([[np.nan, 0.0]]), np.array([[np.nan, np.nan]])))
    assert math.isnan(found["largest_preactivation"])
    assert math.isnan(found["slack_plus"])
    assert math.isnan(found["dead_fraction"]), "nan is neither on nor off"


@pytest.mark.parametrize("share", [0.0, 0.1, 0.37, 1.0])
def test_percentiles_are_those_of_numpy(share):
    rng = np.random.default_rng(0)
    table, counts = rng.random((6, 9)), np.array([9, 1, 2, 5, 0, 7])
    for row, count in zip(table, counts, strict=True):
        row[count:] = np.nan
    found = percentiles(np.sort(table, axis=1), counts, share)
    for value, row, count in zip(found, table, counts, strict=True):
        expected = np.percentile(row[:count], 100 * share) if count else np.nan
        assert value == pytest.approx(expected, nan_ok=True)


def test_rows_of_one_entry_have_no_torque():
    rows = Rows(np.array([[1.0]]), np.array([[2.0]]), np.array([[0.0]]), turn=False)
    assert np.isnan(rows.torques).all()
    assert alone(of_rows(rows))["units_without_gradient"] == 0


def test_rows_without_weight_or_gradient_have_no_torque():
    rows = Rows(np.array([[1.0, 0.0, 2.0, 1.0]]), np.array([[2.0, 1.0, 0.0, 1.0]]), np.array([[1.0, 1.0, 0.0, 1.01]]))
    assert rows.torques[0] == pytest.approx([0.5, np.nan, np.nan, 1.0], nan_ok=True)
    found = alone(of_rows(rows, detail=True))
    assert found["torque_mean"] == 0.75
    assert found["units_without_gradient"] == 1
    assert found["torques"][0] == 0.5


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e-14, 1e-18, 1e-24, 1e-35, 1e14, 1e20, 1e30])
@pytest.mark.parametrize("faint", [False, True])
@pytest.mark.parametrize("size", [3, 256])
def test_norms_of_rows_are_those_of_64_bits_at_every_scale(scale, size, faint):
    torch.manual_seed(0)
    weight = torch.randn(size, size, dtype=torch.float32).requires_grad_()
    weight.grad = torch.randn(size, size, dtype=torch.float32) * scale
    weight.grad[0] = 0
    if faint:
        weight.grad[1] = 1e-25
    with torch.no_grad():
        found = row_norms([weight])[0].double().view(3, size)
    w, g = weight.detach().double(), weight.grad.double()
    across = g - w * (w * g).sum(1, keepdim=True) / w.square().sum(1, keepdim=True)
    for norms, rows in zip(found, (w, g, across), strict=True):
        torch.testing.assert_close(norms, rows.norm(dim=1), rtol=1e-5, atol=1e-6 * scale)
    assert (found[1] == 0).nonzero().flatten().tolist() == [0]
