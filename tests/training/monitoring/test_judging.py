"""Do alarms of many readings, judged at once by columns, agree with each reading judged number by number?"""

from dataclasses import asdict, replace
from math import inf, nan

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from slow_alarms import slow_alarms

from stability.training.monitoring.alarm_kinds import Context
from stability.training.monitoring.column_readings import columns_of_reading, readings_of
from stability.training.monitoring.columns import Columns
from stability.training.monitoring.episodes import Episodes
from stability.training.monitoring.judging import alarms, alarms_of, start_of
from stability.training.monitoring.limits import Limits
from stability.training.monitoring.readings import LayerReading, Reading

EDGES = (0.0, 1e-9, 1e-6, 1e-5, 1e-4, 0.01, 0.3, 0.5, 0.75, 0.9, 1.0, 2.0, 10.0, 100.0, 1e3, 1e4, 1e300, inf, nan)
numbers = st.sampled_from(EDGES) | st.floats(0, 2) | st.floats(min_value=0)
shares = st.sampled_from([0.0, 0.5, 0.500001, 1.0, nan])
counts = st.integers(0, 4)
LIMITS = (
    Limits(),
    Limits(growth=1, dead_units=None, rest=0.5, examples=2, unlearned=0.0),
    Limits(no_update=inf, unlearned=0.1, gradient=0.0),
    Limits(torque=0.9, bias_change=0.1, affine_units=0.5, scale=None, dead_start=0.2, gradient_ratio=0.5),
)


def layers(name, units, points, slope):
    """Draw readings of one layer, whose name, slope and sizes stay."""
    fields = dict.fromkeys(
        ("torque_mean", "bias_change", "gradient_norm", "largest_preactivation", "largest_range"), numbers
    )
    share = shares if points else st.just(nan)
    inside = st.integers(0, units)
    return st.builds(
        LayerReading,
        *(st.just(name), st.just(units), st.just(points), share, inside, inside),
        **fields,
        slope=st.just(slope),
        units_without_gradient=inside,
    )


@st.composite
def trainings(draw):
    """Draw a first reading, and some others that saw the same layers as each other."""

    def seen():
        names = draw(st.lists(st.sampled_from("abc"), max_size=3))
        fixed = [(n, draw(st.integers(1, 4)), draw(st.sampled_from([0, 1, 8])), draw(st.sampled_from([0.0, 0.1, None])))
                 for n in names]  # fmt: skip
        return [layers(*each) for each in fixed]

    def reading(step, own):
        loss = draw(numbers | st.none() | st.floats(-10, 10))
        values = {
            name: draw(numbers)
            for name in (
                *("dead_fraction", "weight_norm", "gradient_norm", "largest_input", "largest_output"),
                *("update_ratio", "output_change", "output_spread", "step_gradient_norm"),
            )
        }
        values["learning_rates"] = tuple(draw(st.lists(st.sampled_from([0.0, 1e-3, 1.0]), max_size=2)))
        values |= {
            "update_layer": draw(st.sampled_from(["", "a"])),
            "finite": draw(st.booleans()),
            "gradient_kept": draw(st.booleans()),
        }
        values["not_finite"] = ("", "") if values["finite"] else ("weight", "b")
        return Reading(step, tuple(draw(each) for each in own), loss, **values)

    same = seen()
    return reading(0, draw(st.sampled_from([same, seen()]))), [reading(k, same) for k in range(1, draw(counts) + 2)]


def joined(readings):
    """Return the columns of readings that saw the same layers."""
    parts = [columns_of_reading(each) for each in readings]
    network = {name: [value for each in parts for value in each.network[name]] for name in parts[0].network}
    layers, first = np.concatenate([each.layers for each in parts], axis=1), parts[0]
    steps = [each.step for each in readings]
    return Columns(steps, first.names, first.slopes, first.units, first.points, layers, network, {})


@given(trainings(), st.sampled_from(LIMITS))
def test_many_readings_raise_the_alarms_of_each(training, limits):
    first, readings = training
    now = joined(readings)
    found = alarms_of(Context(now, start_of(first, now.names, limits), limits))
    expected = {t: slow_alarms(each, limits, first) for t, each in enumerate(readings)}
    assert plain(found) == plain({t: own for t, own in expected.items() if own})
    for each in (first, *readings):
        for then in (None, first):
            assert plain({0: alarms(each, limits, then)}) == plain({0: slow_alarms(each, limits, then)})


def plain(found):
    """Return alarms so that nan equals nan."""
    return {t: [{name: str(value) for name, value in asdict(each).items()} for each in own] for t, own in found.items()}


@given(trainings(), st.sampled_from(LIMITS))
def test_episodes_of_many_readings_are_those_of_each(training, limits):
    first, readings = training
    whole, single = Episodes(limits), Episodes(limits)
    found = whole.follow_all(joined(readings), first)
    expected = [single.follow(each, first).alarms for each in readings]
    assert plain(dict(enumerate(found))) == plain(dict(enumerate(expected)))
    assert str(whole.state_dict()) == str(single.state_dict())


def test_what_was_dead_at_first_counts_where_a_small_batch_says_nothing():
    first = Reading(0, (LayerReading("a", 4, 8, 0.0, 4, 0),))
    few = Reading(1, (LayerReading("a", 4, 7, 0.0, 4, 0),))
    (alarm,) = alarms(few, Limits(), first)
    assert (alarm.kind, alarm.value) == ("dead from initialisation", 1.0)
    assert slow_alarms(few, Limits(), first) == (alarm,)


def test_columns_give_back_the_reading_that_they_were_made_of():
    layer = LayerReading("a", 4, 10, 0.25, 1, 2, 0.5, nan, 3, 0.1, slope=None, dormant_01=0.5, largest_range=2.0)
    reading = Reading(7, (layer, replace(layer, name="b", slope=0.0)), None, skipped=("c",), learning_rates=(0.1, 1.0))
    assert readings_of(columns_of_reading(reading), [()]) == [reading]
    several = joined([reading, replace(reading, step=9, loss=2.0)])
    assert readings_of(several.part(slice(1, None)), [()]) == [replace(reading, step=9, loss=2.0)]
    assert readings_of(several.part(slice(1)), [()]) == [reading]
    assert readings_of(columns_of_reading(Reading(3, ())), [()]) == [Reading(3, ())]
