"""Many starts at once end where each of them ends alone; shares add up."""

import math
from fractions import Fraction

import numpy as np
import pytest
from some_slow import some_slow

from stability import StabilityError, landscape
from stability.dynamics.basins.basins import basins
from stability.dynamics.basins.basins import basins as module_basins
from stability.dynamics.basins.planes import basin_map
from stability.dynamics.flow.batch import UNDECIDED, flow_limits
from stability.geometry.sections.planes import plane
from stability.initialisation.sampling import starts
from stability.model.datasets import Dataset

MODELS = ["abs1", "relu1", "leaky1/2:1", "relu2"]
LINE = Dataset("line", [[0], [1], [3], [1]], [0, 1, 0, 1])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("data", ["xor", LINE], ids=str)
def test_the_fast_path_ends_where_the_exact_one_does(model, data):
    place = landscape(model, data)
    starts = np.random.default_rng(4).normal(size=(40, place.units, place.width)) * 0.7
    found = flow_limits(place, starts, decide=False)
    for k, begin in enumerate(starts):
        if found.sets[k] >= 0:
            exact = place.flow(begin.tolist())
            assert exact.ends_on is not None
            assert exact.ends_on.index == found.sets[k]
            assert np.allclose(found.points[k], [[float(x) for x in row] for row in exact.point], atol=1e-7)
    assert (found.sets >= 0).mean() > 0.9


def test_the_end_of_a_start_does_not_depend_on_the_others():
    place = landscape("relu2", "xor")
    starts = np.random.default_rng(6).normal(size=(200, 2, 3))
    whole, order = flow_limits(place, starts), np.random.default_rng(0).permutation(200)
    assert np.array_equal(flow_limits(place, starts[order]).sets, whole.sets[order])
    assert np.array_equal(np.concatenate([flow_limits(place, s).sets for s in np.array_split(starts, 7)]), whole.sets)


def test_starts_on_a_kink_or_a_saddle_are_decided_exactly():
    place = landscape("abs1", "xor")
    found = flow_limits(place, np.array([[[0.5, -0.5, 1.0]], [[0.0, 0.0, 0.0]], [[1.0, 1.0, 0.0]]]))
    assert found.exact == 3
    assert place.atlas().sets[found.sets[1]].kind == "saddle"


def test_what_is_not_finite_stays_undecided_or_is_refused():
    place = landscape("abs1", "xor")
    with pytest.raises(StabilityError):
        flow_limits(place, np.array([[[np.nan, 0, 0]]]))


@pytest.mark.parametrize(("std", "bias"), [(0.5, 0.5), (1.0, 0.25), (0.5, 0)])
def test_one_absolute_value_unit_fails_as_often_as_the_formula_says(std, bias):
    """The traps attract exactly the starts with z1 z2 > 0: the share (2/pi) arctan(t / (s sqrt 2))."""
    found = basins(landscape("abs1", "xor"), f"normal:{std}:{bias}", 6000, seed=2)
    trapped = sum(each.count for each in found.shares if each.set.loss == 1)
    expected = 2 / math.pi * math.atan(bias / (std * math.sqrt(2)))
    assert found.undecided == 0
    assert trapped / 6000 == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / 6000) + 1e-12)


def test_the_sign_at_the_start_decides():
    place = landscape("abs1", "xor")
    starts = np.random.default_rng(1).normal(size=(500, 1, 3))
    z1, z2 = starts[:, 0] @ [1, -1, 1], starts[:, 0] @ [-1, 1, 1]
    sets = place.atlas().sets
    losses = np.array([float(sets[k].loss) for k in flow_limits(place, starts).sets])
    assert np.array_equal(losses == 1, z1 * z2 > 0)


def test_small_steps_of_gradient_descent_end_there_too():
    place = landscape("relu2", "xor")
    starts = np.random.default_rng(9).normal(size=(150, 2, 3)) * 0.5
    rows = np.array([[float(x) for x in row] for row in place.rows])
    labels, p = np.array([1.0, 1, 0, 0]), starts.copy()
    for _ in range(10_000):
        z = p @ rows.T
        error = np.maximum(z, 0).sum(axis=1) - labels
        p -= 2e-3 * ((z > 0) * error[:, None, :]) @ rows
    z = p @ rows.T
    losses = ((np.maximum(z, 0).sum(axis=1) - labels) ** 2).sum(axis=1)
    sets = place.atlas().sets
    exact = np.array([float(sets[k].loss) for k in flow_limits(place, starts).sets])
    assert (np.abs(losses - exact) < 0.02).mean() > 0.97


def test_shares_add_up_and_do_not_depend_on_the_chunk(monkeypatch):
    import sys

    place = landscape("relu2", "xor")
    first = basins(place, "normal:0.5", 700, seed=3).to_json()
    monkeypatch.setattr(sys.modules["stability.dynamics.basins.basins"], "CHUNK", 99)
    second = basins(place, "normal:0.5", 700, seed=3).to_json()
    assert {**first, "followed_exactly": 0} == {**second, "followed_exactly": 0}
    assert sum(each["count"] for each in first["sets"]) + first["undecided"] == 700
    assert all(each["low"] <= each["share"] <= each["high"] for each in first["sets"])
    assert module_basins is basins


def test_a_map_labels_what_flow_finds():
    place = landscape("relu1", "xor")
    where = plane(place, [["1/2", "-1/2", 0]], [[0, 0, 1]])
    x, y = np.linspace(-1.3, 1.4, 9), np.linspace(-1.2, 1.1, 8)
    found = basin_map(place, where, x, y)
    assert found.shape == (8, 9)
    for j, k in [(0, 0), (3, 5), (7, 8), (5, 2)]:
        assert place.flow(where.points(x[k], y[j]).tolist()).ends_on.index == found[j, k]


def test_two_directions_span_a_plane():
    place = landscape("relu1", "xor")
    with pytest.raises(StabilityError, match="do not span"):
        plane(place, [[1, 0, 0]], [[2, 0, 0]])
    with pytest.raises(StabilityError, match="both axes"):
        basin_map(place, plane(place, [[1, 0, 0]], [[0, 1, 0]]), np.array([]), np.array([1.0]))


ORDERS = (-12, -6, 0, 6, 12)


@pytest.mark.parametrize("model", ["abs1", "relu1", "leaky1/3:1", "relu2"])
@pytest.mark.parametrize("label", ORDERS)
def test_starts_and_labels_of_any_size_end_where_the_exact_flow_does(model, label):
    """What floats decide is what exact arithmetic decides, and what they do not is left to it."""
    points, size = [[1, -1], [-1, 1], [1, 1], [-1, -1]], Fraction(10) ** label
    place = landscape(model, Dataset("scaled", points, [size, size, 0, 0]))
    rng = np.random.default_rng(label + 20)
    starts = np.concatenate([rng.normal(size=(3, place.units, 3)) * 10.0**k for k in (*ORDERS, 20)])
    found = flow_limits(place, starts, decide=False)
    for begin, mine in zip(starts, found.sets, strict=True):
        if mine != UNDECIDED:
            exact = place.flow(begin.tolist())
            assert exact.unique
            assert exact.ends_on.index == mine


@pytest.mark.parametrize("scale", [Fraction(1, 10**300), Fraction(10**300)])
def test_units_of_data_do_not_matter(scale):
    """The flow in scaled units is the same flow; numbers whose squares floats do not hold are no exception."""
    begin = np.random.default_rng(3).normal(size=(20, 2, 3))
    plain = flow_limits(landscape("relu2", "xor"), begin).sets
    points = [[1, -1], [-1, 1], [1, 1], [-1, -1]]
    high = landscape("relu2", Dataset("high", points, [scale, scale, 0, 0]))
    assert np.array_equal(flow_limits(high, begin * float(scale)).sets, plain)


def test_labels_of_very_different_sizes_are_distinguished():
    """The second label is 1e-24 of the first; it still decides where the flow ends."""
    place = landscape("abs1", Dataset("apart", [[0], [1], [-3]], [1, Fraction(1, 10**24), 0]))
    begin = np.random.default_rng(5).normal(size=(30, 1, 2))
    exact = [place.flow(start.tolist()).ends_on.index for start in begin]
    assert flow_limits(place, begin).sets.tolist() == exact


@pytest.mark.parametrize("law", ["normal:1e9:1e9", "normal:1e12:1e12", "normal:1e20:1e20"])
def test_large_starts_have_the_shares_of_their_directions(law):
    """Only the direction matters then, so nothing ends on a saddle: traps have about 40% at any size."""
    found = basins(landscape("abs1", "xor"), law, 500, seed=1)
    assert (found.undecided, found.several) == (0, 0)
    assert {each.set.kind for each in found.shares} == {"global minimum", "local minimum"}
    assert 0.3 < sum(each.share for each in found.shares if each.set.loss == 1) < 0.5


def test_starts_from_which_several_solutions_leave_are_on_no_side():
    """At the border of its dead cells a unit may leave or stay: the exact flow says so, and the share is its own."""
    place = landscape("relu2", "xor")
    begin = np.array([[[-1, 1, -2], [1, -1, 0]], [[1, 0.5, 0.1], [-0.5, 1 / 3, 0.25]]], dtype=float)
    found = flow_limits(place, begin)
    assert found.several.tolist() == [True, False]
    assert found.decided[0] == UNDECIDED
    assert found.decided[1] == found.sets[1] >= 0


def test_a_unit_that_may_stay_where_its_sliding_ends_is_left_to_the_exact_flow():
    place = landscape("relu2", "xor")
    begin = starts(place, "normal:0.5:0.5", 1500, 0)
    found = flow_limits(place, begin)
    several = np.flatnonzero(found.several)
    assert 0 < len(several) < 0.05 * len(begin)
    for k in several[:4]:
        assert not place.flow(begin[k].tolist()).unique
    total = basins(place, "normal:0.5:0.5", 1500).to_json()
    assert total["several_solutions"] == len(several)
    assert sum(each["count"] for each in total["sets"]) + total["undecided"] + len(several) == 1500


def test_a_law_whose_starts_all_lie_on_a_kink_favours_no_side():
    """With biases of 0 the point at the origin is a kink at every start, and its error leads away on both sides."""
    place = landscape("abs1", Dataset("origin", [[0], [1]], [1, 1]))
    found = basins(place, "normal:1", 300)
    assert found.undecided == 0
    assert found.several > 250
    counts = [each.count for each in found.shares]
    assert found.several + sum(counts) == 300
    assert max(counts) < 30, "what has one solution is symmetric under p -> -p, as the law is"
    assert found.several <= found.to_json()["followed_exactly"] < 300, "floats decide some that have one solution"


def test_where_the_solutions_end_that_leave_one_start_is_listed():
    """With w > 0 at the start, |b| = w + b = 1 at the end, or the bias stays 0; with w < 0 it is the mirror image."""
    place = landscape("abs1", Dataset("origin", [[0], [1]], [1, 1]))
    found, begin = basins(place, "normal:1", 300), starts(place, "normal:1", 300, 0)
    first = begin[flow_limits(place, begin).several][:20, 0, 0]
    listed = {frozenset(tuple(map(int, each.witness[0])) for each in one.sets): one for one in found.several_ends}
    right, left = {(0, 1), (2, -1), (1, 0)}, {(0, -1), (-2, 1), (-1, 0)}
    assert {ways: one.count for ways, one in listed.items()} == {
        frozenset(right): (first > 0).sum(),
        frozenset(left): (first < 0).sum(),
    }
    assert not any(one.undecided for one in listed.values())
    report = found.to_json()["several_ends"]
    assert [each["count"] for each in report] == sorted((one.count for one in listed.values()), reverse=True)
    assert {each["kind"] for each in report[0]["sets"]} == {"global minimum", "saddle"}
    assert basins(place, "normal:1:1", 50).to_json()["several_ends"] == []


@pytest.mark.parametrize("model", some_slow(["abs1", "leaky1/3:1"], 1))
def test_where_all_digits_are_lost_every_start_is_followed_exactly(model):
    """At 1e20 the level on which a start settles is smaller than the rounding of the start."""
    place = landscape(model, Dataset("skew", [[0, 0], [1, 0], [1, 2], [-1, 1], [0, 1]], [1, 0, "1/2", -1, 0]))
    begin = np.random.default_rng(1).normal(size=(25, 1, 3))
    found = flow_limits(place, begin * 1e20)
    assert found.exact == 25
    assert found.sets.tolist() == [place.flow((each * 1e20).tolist()).ends_on.index for each in begin]
    assert flow_limits(place, begin).exact < 5


MIXED = [
    ("leaky-1/2:1", [1, -2], ["200000/3", "1/1000000000000"]),
    ("relu1", [-1, 1, -2], ["-100000/3", "-1/2000000000000", "1/2"]),
    ("relu1", [1, 1, -1, -2], [-1, -2, "-1000000000000/3", 200000]),
    ("leaky-1/2:1", [-3, -1, 3], [-2, -100000, 1]),
    ("relu2", [3, 1, -2], ["1/1000", -2, "-1/2000"]),
]
"""Labels whose limits differ in digits that floats do not have, and units that pass the place where all kinks meet."""


@pytest.mark.parametrize(("model", "points", "labels"), MIXED)
def test_what_is_0_by_structure_is_distinguished_from_what_is_small(model, points, labels):
    place = landscape(model, Dataset("mixed", [[x] for x in points], labels))
    begin = np.random.default_rng(2).normal(size=(24, place.units, 2)) * np.logspace(-9, 12, 24)[:, None, None]
    found = flow_limits(place, begin, decide=False)
    for start, mine in zip(begin, found.sets, strict=True):
        exact = place.flow(start.tolist())
        assert mine == UNDECIDED or (exact.unique and exact.ends_on.index == mine)


def test_points_with_entries_of_the_size_of_rounding_are_no_reason_to_leave_floats():
    """The moons have coordinates next to 1e-17."""
    place = landscape("relu1", "moons:8:1")
    begin = np.random.default_rng(2).normal(size=(40, 1, 3))
    found = flow_limits(place, begin, decide=False)
    assert found.exact < 10
    for start, mine in zip(begin, found.sets, strict=True):
        assert mine == UNDECIDED or place.flow(start.tolist()).ends_on.index == mine


def test_equal_starts_are_followed_once(monkeypatch):
    place, followed = landscape("abs2", "xor"), []
    monkeypatch.setattr(
        "stability.dynamics.flow.batch.flow", lambda land, start: followed.append(start) or land.flow(start)
    )
    alone = [[[0, 0, 0], [0, 0, 0]], [[1, 1, 0], [0, 0, 0]]]
    found = flow_limits(place, np.array([alone[0], alone[1], alone[0], alone[1], alone[0]], dtype=float))
    assert len(followed) == 2
    expected = [place.flow(start) for start in alone]
    assert found.sets.tolist() == [expected[k].ends_on.index for k in (0, 1, 0, 1, 0)]
    assert found.unique.tolist() == [expected[k].unique for k in (0, 1, 0, 1, 0)]
    assert found.exact == 5
