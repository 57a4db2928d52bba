"""Gradient flow against an adaptive integrator, exact limits, and the traps that integrators fall into."""

import json
from fractions import Fraction as Q
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from flint import ctx
from scipy.integrate import solve_ivp

from stability import StabilityError, landscape
from stability.checker import checker
from stability.dynamics.flow.face_flow import field_of
from stability.dynamics.flow.flow import FlowError, Trajectory, flow
from stability.errors import CertificateError
from stability.model.datasets import Dataset

XOR = {name: landscape(name, "xor") for name in ("abs1", "relu1", "leaky1/2:1", "relu2", "abs2")}
RNG = np.random.default_rng(5)


def start(place, rng, scale=1000):
    return [[Q(int(k), scale) for k in rng.integers(-scale, scale, place.width)] for _ in range(place.units)]


@cache
def floats(place):
    return tuple(np.array(part, dtype=float) for part in (place.rows, place.data.labels))


def velocity(place, p):
    """Return the velocities at points (..., parameters)."""
    (rows, labels), unit = floats(place), place.network.unit
    z = p.reshape(*p.shape[:-1], place.units, place.width) @ rows.T
    slope = np.select([z > 0, z < 0], [float(unit.positive), float(unit.negative)], float(unit.kink_slope))
    error = (slope * z).sum(axis=-2, keepdims=True) - labels
    return -2 * float(place.scale) * ((slope * error) @ rows).reshape(p.shape)


@pytest.mark.parametrize("name", XOR)
def test_tiny_steps_run_the_same_way(name):
    """Euler's method follows sliding too, within its step, where adaptive integrators chatter."""
    place, rng, step = XOR[name], np.random.default_rng(3), 1e-4
    begins = [start(place, rng) for _ in range(2)]
    p = np.array([[float(x) for row in begin for x in row] for begin in begins])
    path = [p]
    for _ in range(15_000):
        p = p + step * velocity(place, p)
        path.append(p)
    times = np.arange(0, 15_001, 1000) * step
    for k, begin in enumerate(begins):
        steps = np.array(path[::1000])[:, k]
        assert np.abs(place.flow(begin).at(times).reshape(16, -1) - steps).max() < 4e-3


@pytest.mark.parametrize("name", XOR)
def test_the_loss_never_rises_and_the_end_is_stationary(name):
    place, rng = XOR[name], np.random.default_rng(8)
    for _ in range(6):
        found = place.flow(start(place, rng))
        if found.ends_on is None:
            assert found.reason
            continue
        path = found.at(np.linspace(0, 20, 200))
        losses = [place.loss([[Q(float(x)) for x in row] for row in p]) for p in path]
        assert all(b <= a + Q(1, 10**9) for a, b in pairwise(losses))
        assert float(losses[-1]) == pytest.approx(float(found.loss), abs=1e-6)
        if all(isinstance(x, Q) for row in found.point for x in row):
            assert place.atlas().of(found.point).index == found.ends_on.index


def test_sliding_to_a_stop_in_finite_time():
    """On one point with label 0 the flow of |w x + b| is -2 z sign: it meets z = 0 only in the limit; with a force
    towards the kink from another point it gets there and slides."""
    place = landscape("abs1", Dataset("force", [[0], [1], [-1]], [0, 1, 1]))
    found = place.flow([[0, "1/10"]])
    assert found.ends_on is not None
    kinds = [event.kind for event in found.events]
    assert kinds[-1] == "stop"
    relu = landscape("relu2", "xor").flow([[1, "1/2", "1/10"], ["-1/2", "1/3", "1/4"]])
    assert [event.kind for event in relu.events] == ["sliding begins", "sliding ends", "sliding begins", "stop"]
    assert relu.point == [[Q(7, 10), Q(-1, 2), Q(-1, 5)], [Q(-1, 2), Q(1, 2), 0]]


def test_a_narrow_band_is_not_skipped():
    """Two kinks 1e-9 apart: an integrator steps over the band; both crossings are reported."""
    data = Dataset("band", [[0], [Q(1, 10**9)], [3]], [0, 0, 2])
    found = landscape("relu1", data).flow([[1, Q(-1, 2)]])
    crossed = [event.example for event in found.events if event.kind != "stop"]
    assert {0, 1} <= set(crossed) or not crossed or set(crossed).isdisjoint({0, 1})
    assert found.ends_on is not None


def test_the_limit_of_an_absolute_value_unit_is_known_in_closed_form():
    """Where z1 > 0 > z2 the flow is p' = -8 (p - (1/2, -1/2, 0))."""
    found = XOR["abs1"].flow([[1, "1/2", "1/10"]])
    times = np.array([0, 0.1, 0.5])
    expected = np.array([0.5, -0.5, 0]) + np.exp(-8 * times)[:, None] * np.array([0.5, 1.0, 0.1])
    assert np.abs(found.at(times)[:, 0] - expected).max() < 1e-12
    assert found.point == [[Q(1, 2), Q(-1, 2), 0]]


@pytest.mark.parametrize("point", [[["1/6", "-1/6", "1/3"]], [[0, 0, 0]]])
def test_a_start_at_a_saddle_rests_and_says_that_it_is_not_the_only_solution(point):
    found = XOR["abs1"].flow(point)
    assert not found.unique
    assert [event.kind for event in found.events] == ["branch", "stop"]
    assert found.ends_on.kind == "saddle"


def test_two_kinks_met_at_exactly_the_same_time():
    """In the plane w1 = -w2 the kinks of (1, 1) and (-1, -1) coincide."""
    found = XOR["relu1"].flow([[1, -1, "1/3"]])
    together = [event for event in found.events if event.kind == "crossing"]
    assert {event.example for event in together} == {2, 3}
    assert together[0].time == together[1].time
    assert found.point[0][0] == -found.point[0][1] or abs(found.point[0][0] + found.point[0][1]) < 1e-15


def test_a_dead_unit_stays():
    found = XOR["relu1"].flow([[0, 0, -1]])
    assert found.point == [[0, 0, -1]]
    assert found.ends_on.loss == 2


def test_torch_rests_where_its_gradient_is_0():
    place = landscape("abs1", Dataset("one", [[1]], [1]))
    assert place.flow([[0, 0]], kinks="torch").point == [[0, 0]]
    moved = XOR["relu1"].flow([[1, 1, "1/2"]], kinks="torch")
    assert moved.ends_on is not None


def test_duplicates_of_a_point_act_as_one():
    single = landscape("relu1", Dataset("a", [[0], [1]], [1, 0]), "sum")
    double = landscape("relu1", Dataset("b", [[0], [1], [0], [1]], [1, 0, 1, 0]), "mean")
    first, second = single.flow([[1, "1/3"]]), double.flow([[1, "1/3"]])
    assert first.point == second.point or np.allclose(first.at([50.0]), second.at([200.0]), atol=1e-9)


@pytest.mark.parametrize("scale", [10**12, Q(1, 10**12)])
def test_huge_and_tiny_starts(scale):
    found = XOR["abs1"].flow([[scale, scale / 2, scale / 3]])
    assert found.ends_on is not None


def test_polar_and_cartesian_flow_agree():
    place = XOR["relu1"]
    found = place.flow([[1, "1/3", "1/4"]])
    end = found.pieces[0].end
    times = np.linspace(0, min(end, 1.0) * 0.9, 20)

    def polar(_, s):
        r, angle, b = s
        v = velocity(place, np.array([r * np.cos(angle), r * np.sin(angle), b]))
        radial = v[0] * np.cos(angle) + v[1] * np.sin(angle)
        angular = -v[0] * np.sin(angle) + v[1] * np.cos(angle)
        return [radial, angular / r, v[2]]

    begin = [np.hypot(1, 1 / 3), np.arctan2(1 / 3, 1), 0.25]
    peer = solve_ivp(polar, (0, times[-1]), begin, t_eval=times, rtol=1e-11, atol=1e-12).y
    expected = np.column_stack([peer[0] * np.cos(peer[1]), peer[0] * np.sin(peer[1]), peer[2]])
    assert np.abs(found.at(times)[:, 0] - expected).max() < 1e-8


def test_json_and_budget():
    found = XOR["relu2"].flow(start(XOR["relu2"], np.random.default_rng(1)))
    text = json.loads(json.dumps(found.to_json()))
    assert {"start", "events", "end"} <= set(text)
    assert set(text["end"]) >= {"point", "loss", "kind", "set"}
    short = XOR["relu2"].flow([[1, "1/2", "1/10"], ["-1/2", "1/3", "1/4"]], max_events=1)
    assert "more than 1 events" in short.reason
    assert short.ends_on is None


@pytest.mark.parametrize(
    ("point", "kinks"), [([[1, 2]], "filippov"), ([[float("nan"), 0, 0]], "filippov"), ([[0, 0, 1]], "other")]
)
def test_bad_input_is_reported(point, kinks):
    with pytest.raises(StabilityError):
        XOR["relu1"].flow(point, kinks=kinks)


BORDER = [
    ([["-1", "1", "-2"], ["1", "-1", "0"]], 0),  # a start on the border of the dead cells, wanted on by its example
    ([["0", "-7/4", "-3/2"], ["-3/2", "-2", "3/2"]], 0),  # driven there, while the error turns round
    ([["-7/4", "1/4", "-2"], ["-2", "-3/2", "5/4"]], 0),
]


@pytest.mark.parametrize(("start", "unit"), BORDER)
def test_a_unit_that_may_stay_at_the_border_of_its_dead_cells_is_not_reported_to_be_the_only_solution(start, unit):
    found = landscape("relu2", "xor").flow(start)
    assert not found.unique
    assert ("branch", unit, "it may also stay") in [(e.kind, e.unit, e.detail) for e in found.events]


def test_a_unit_that_is_held_at_the_border_of_its_dead_cells_stays_there_only():
    """The other unit overshoots at the example (1, 1) of the kink, so nothing takes the first one away."""
    place = landscape("relu2", "xor")
    start = [["1", "1", "-2"], ["1/2", "1/2", "0"]]
    assert place.preactivations(start)[0][2] == 0
    found = place.flow(start)
    assert not [e for e in found.events if e.kind == "branch" and e.unit == 0]


@pytest.mark.parametrize("size", [1, 20, 150, 308, 400])
def test_starts_of_any_size_end_where_small_ones_do(size):
    """Along a ray the signs at the end of a flow are those of any far start."""
    place = landscape("abs1", "xor")
    found = place.flow([[f"1e{size}", f"1e{size}", f"-17e{size - 1}"]])
    assert found.ends_on is not None, found.reason
    assert found.ends_on.index == place.flow([[1, 1, "-17/10"]]).ends_on.index


def test_data_beyond_float64_are_decided():
    data = Dataset("large", [["1e400"], [0]], [1, 0])
    found = landscape("abs1", data).flow([[1, 0]])
    assert found.point == [[Q(1, 10**400), 0]]


@pytest.mark.parametrize("apart", [Q(1, 10**18), -Q(1, 10**18), Q(1, 10**40), -Q(1, 10**40)])
def test_events_closer_than_floats_resolve_come_in_their_order(apart):
    """Under |b1| + |b2| = -1 both shrink alike, and the smaller one meets its kink first."""
    found = landscape("abs2", Dataset("one", [[0]], [-1])).flow([[0, 1 + apart], [0, -1]])
    assert found.ends_on is not None, found.reason
    assert [event.unit for event in found.events] == ([1, 0] if apart > 0 else [0, 1]) + [None]


@pytest.mark.parametrize("apart", [Q(1, 10**20), -Q(1, 10**20), Q(1, 10**400)])
def test_rates_closer_than_floats_resolve_are_in_their_order(apart):
    """With both points +-(1 + apart) on, the weight and the bias have the rates 4 (1 + apart)^2 and 4."""
    place = landscape("relu1", Dataset("close", [[1 + apart], [-1 - apart]], [1, 3]))
    motion = field_of(place, ((1, 1),))
    with ctx.workprec(2048):
        rates = [rate for _, rate, _ in motion.spectral()]
        assert rates[0] < rates[1]
        assert rates[0 if apart > 0 else 1] == 4


def test_events_that_may_come_together_for_no_known_reason_are_said_to():
    """Both kinks are met at one time, and neither function is a multiple of the other."""
    data = Dataset("together", [[-1, 1], [1, 2], [-1, -1]], [2, 0, 0])
    found = landscape("leaky-1/2:1", data).flow([[-2, 2, 0]])
    assert found.ends_on is None
    assert found.reason == "whether two events come at the same time is not decided with 8192 bits"


def test_a_kink_that_is_met_in_the_limit_only_is_not_met_however_fast_the_limit_comes():
    """At the second event the first unit is exp(-6e10) from its kink at the first example: no precision decides."""
    place = landscape("relu2", Dataset("stiff", [[200000, 0], [0, 0]], [0, -2]))
    found = place.flow([[229, -85, -29], [-16, 101, 7]])
    assert found.ends_on is not None, found.reason
    assert [(event.kind, event.unit, event.example) for event in found.events] == [
        ("sliding begins", 1, 1),
        ("stop", None, None),
    ]


PEAK = landscape("abs1", Dataset("peak", [[0]], [1]))
"""(|b| - 1)^2: b runs to 1 or to -1, and w stays."""


@pytest.mark.parametrize(("start", "end", "loss"), [([[3, 2]], (3, 1), 0), ([["1/2", -9]], (Q(1, 2), -1), 0)])
def test_one_point_is_fitted_and_the_weight_stays(start, end, loss):
    found = flow(PEAK, start)
    assert isinstance(found, Trajectory)
    assert tuple(found.point[0]) == end
    assert (found.loss, found.unique, found.branches, found.events[1:]) == (loss, True, [], [])
    assert found.ends_on.kind == "global minimum"
    record = found.record()
    assert record == found.certificate.record
    assert checker.check(record).startswith("proved")


def test_from_a_peak_there_are_three_trajectories_and_a_budget_of_fewer():
    found = flow(PEAK, [[3, 0]])
    every = list(found.solutions())
    assert all(isinstance(each, Trajectory) for each in every)
    assert sorted(each.point[0][1] for each in every) == [-1, 0, 1]
    assert len(list(found.solutions(2))) == 2
    assert not found.unique


@pytest.mark.parametrize("kinks", ["Filippov", "", "torch ", None])
def test_kinks_are_left_as_filippov_or_torch_say(kinks):
    with pytest.raises(FlowError, match="Expected the kinks 'filippov' or 'torch'"):
        flow(PEAK, [[3, 2]], kinks)
    assert issubclass(FlowError, ValueError)


def test_torch_stays_on_a_peak_where_filippov_may_leave():
    """The slope of |z| at 0 is 0 in torch, so its gradient there is 0."""
    resting = flow(PEAK, [[3, 0]], "torch")
    assert resting.point == [[3, 0]]
    assert resting.ends_on.loss == 1


def test_what_is_not_certified_has_no_record():
    found = flow(XOR["relu2"], [[1, "1/2", "1/10"], ["-1/2", "1/3", "1/4"]], max_events=1)
    assert found.certificate.record is None
    with pytest.raises(CertificateError, match="could not be certified"):
        found.record()


def test_losses_and_preactivations_along_a_trajectory_are_those_of_its_points():
    place, times = XOR["relu2"], [0.0, 0.3, 1.0]
    found = place.flow([[1, "1/2", "1/10"], ["-1/2", "1/3", "1/4"]])
    losses, heights = found.losses(times), found.preactivations(times)
    assert losses.shape == (3,)
    assert heights.shape == (3, 2, 4)
    for point, loss, z in zip(found.at(times), losses, heights, strict=True):
        assert loss == pytest.approx(float(place.loss(point.tolist())))
        rows = [[*map(float, x), 1.0] for x in place.data.points]
        assert z == pytest.approx(np.array([[np.dot(unit, row) for row in rows] for unit in point]))
