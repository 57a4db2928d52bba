"""A finished point is at the set on which gradient flow from it ends nearby; the short cut agrees with the flow."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from stability import landscape
from stability.dynamics.basins.attribution import DIVERGED, NEAR, UNEXPLAINED, outcomes
from stability.dynamics.maps.iterate import follow
from stability.errors import PointError, StabilityError
from stability.initialisation.sampling import starts
from stability.model.datasets import Dataset
from stability.model.update_rules import update_rule

LINE = Dataset("line", [[0], [1], [3], [1]], [0, 1, 0, 1])
TWICE = Dataset("twice", [[0, 0], [1, 1], [2, 2], [1, 1]], [0, 1, 0, 0])
"""Points that coincide with different labels, all on one line: every set is unbounded."""

CASES = [
    ("relu2", "xor", "1/20"),
    ("abs1", "xor", "1/20"),
    ("abs2", "xor", "1/20"),
    ("relu1", "xor", "1/20"),
    ("leaky1/100:2", "xor", "1/20"),
    ("relu2", LINE, "1/50"),
    ("relu2", TWICE, "1/50"),
    ("abs2", TWICE, "1/50"),
    ("leaky1/2:1", TWICE, "1/50"),
]


def finished(model, data, step, count=300, loss="sum"):
    place = landscape(model, data, loss)
    runs = follow(place, update_rule("gd", step=step), starts(place, "normal:0.5:0.5", count, seed=3), 1500)
    return place, runs.points


@pytest.mark.parametrize("loss", ["sum", "mean"])
@pytest.mark.parametrize(("model", "data", "step"), CASES, ids=str)
@pytest.mark.parametrize("noise", [0, 1e-4, 0.1])
def test_the_short_cut_says_what_the_flow_says(model, data, step, loss, noise):
    place, points = finished(model, data, step, 6, loss)
    points = points + noise * np.random.default_rng(2).normal(size=points.shape)
    quick, slow = outcomes(place, points), outcomes(place, points, shortcut=False)
    followed = slow.sets != UNEXPLAINED
    assert np.array_equal(quick.sets[followed], slow.sets[followed])
    for point, mine in zip(points[~followed], quick.sets[~followed], strict=True):
        flow = place.flow(point.tolist())
        far = flow.ends_on is not None and distance(flow.point, point) > NEAR
        assert mine == UNEXPLAINED if far else mine >= UNEXPLAINED, "what the exact flow leaves open may be clear"


def distance(limit, point):
    return np.linalg.norm(np.array(limit, dtype=float) - point)


def test_most_finished_points_need_no_flow():
    for model, data, step in CASES[:4]:
        place, points = finished(model, data, step)
        found = outcomes(place, points)
        assert found.followed < 0.02 * len(points)
        assert found.unexplained < 0.02 * len(points)


def exact_limit(place, point):
    """Return the exact stationary point next to one: kinks within 1e-5 are met, and no quadratic has a slope."""
    rows, unit = place.rows, place.network.unit
    z = place.preactivations(point.tolist())
    signs = [[0 if abs(h) < 1e-5 else (1 if h > 0 else -1) for h in row] for row in z]
    slopes = [[unit.negative if s < 0 else unit.positive for s in row] for row in signs]
    flat = [[s[i] * x for s in slopes for x in row] for i, row in enumerate(rows)]
    kinks = [
        [x * (k == j) for k in range(place.units) for x in rows[i]]
        for j, row in enumerate(signs)
        for i, s in enumerate(row)
        if s == 0
    ]
    jacobian, labels = sympy.Matrix(flat), sympy.Matrix(place.data.labels)
    system = sympy.Matrix([*(jacobian.T * jacobian).tolist(), *kinks])
    wanted = sympy.Matrix([*(jacobian.T * labels), *[0] * len(kinks)])
    chosen = list(system.T.rref()[1])
    system, wanted = system[chosen, :], wanted[chosen, :]
    near = sympy.Matrix([Fraction(x).limit_denominator(10**6) for x in point.ravel()])
    moved = near - system.T * (system * system.T).inv() * (system * near - wanted)
    flat = [Fraction(int(x.p), int(x.q)) for x in moved]
    return [flat[k : k + place.width] for k in range(0, len(flat), place.width)]


@pytest.mark.parametrize(("model", "data", "step"), [*CASES[:4], CASES[6]], ids=str)
def test_points_are_at_the_sets_that_have_their_exact_limits(model, data, step):
    place, points = finished(model, data, step, 25)
    atlas, seen = place.atlas(), 0
    for point, mine in zip(points, outcomes(place, points).sets, strict=True):
        exact = exact_limit(place, point)
        if distance(exact, point) < 1e-5:
            seen += 1
            assert atlas.of(exact).index == mine
    assert seen >= 24


@pytest.mark.parametrize("model", ["abs1", "relu1", "relu2", "abs2", "leaky1/100:2"])
@pytest.mark.parametrize("data", ["xor", LINE, TWICE], ids=str)
def test_every_witness_is_at_its_set(model, data):
    atlas = landscape(model, data).atlas()
    witnesses = np.array([[[float(x) for x in row] for row in each.witness] for each in atlas.sets])
    held = [all(float(x) == x for row in each.witness for x in row) for each in atlas.sets]
    found = outcomes(atlas.landscape, witnesses).sets
    assert all(mine == k for k, (mine, exact) in enumerate(zip(found, held, strict=True)) if exact)
    minima = [each.index for each in atlas.minima]
    assert found[minima].tolist() == minima, "rounded or not"


def test_the_order_of_the_units_does_not_matter():
    place, points = finished("relu2", "xor", "1/20")
    assert np.array_equal(outcomes(place, points).sets, outcomes(place, points[:, ::-1]).sets)


def test_the_outcome_of_a_point_does_not_depend_on_the_others():
    place, points = finished("relu2", "xor", "1/20", 100)
    points = np.concatenate([points, starts(place, "normal:1:1", 40, seed=8)])
    whole, order = outcomes(place, points).sets, np.random.default_rng(0).permutation(len(points))
    assert np.array_equal(outcomes(place, points[order]).sets, whole[order])
    assert np.array_equal(np.concatenate([outcomes(place, part).sets for part in np.split(points, 7)]), whole)


def test_a_loss_alone_does_not_decide_the_set():
    """At (1/2, -1/2, 1/2) the loss is 1 as in the traps (0, 0, +-1/2), but the flow leads to a solution, 1/2 away."""
    place = landscape("abs1", "xor")
    trap, way = [[0, 0, 0.5]], [[0.5, -0.5, 0.5]]
    assert place.loss(trap) == place.loss(way) == 1
    assert outcomes(place, np.array([trap, way])).sets.tolist() == [2, UNEXPLAINED]


def test_the_distance_to_the_limit_decides():
    place = landscape("abs1", "xor")
    points = np.array([[[0.5, -0.5, b]] for b in (0.0, 0.04, 0.06, 0.2)])
    assert outcomes(place, points).sets.tolist() == [0, 0, UNEXPLAINED, UNEXPLAINED]
    assert outcomes(place, points, near=0.1).sets.tolist() == [0, 0, 0, UNEXPLAINED]


def test_what_is_near_a_saddle_or_a_kink_and_flows_away_is_at_no_set():
    place = landscape("abs1", "xor")
    saddle = next(each for each in place.atlas().sets if each.kind == "saddle" and each.loss == Fraction(4, 3))
    point = np.array([[[float(x) for x in row] for row in saddle.witness]])
    found = outcomes(place, np.concatenate([point, point + 1e-3, point - 1e-3])).sets.tolist()
    assert found[1:] == [UNEXPLAINED] * 2
    assert outcomes(place, np.zeros((1, 1, 3))).sets[0] == place.atlas().of([[0, 0, 0]]).index


def test_what_is_not_finite_or_too_large_has_diverged():
    place = landscape("relu1", "xor")
    points = np.array([[[np.nan, 0, 0]], [[np.inf, 0, 0]], [[0, -np.inf, 0]], [[0, 0, -1e9]], [[0, 0, -1e3]]])
    found = outcomes(place, points)
    assert found.sets[:4].tolist() == [DIVERGED] * 4
    assert (found.diverged, found.unexplained) == (4, 0)
    assert place.atlas().sets[found.sets[4]].loss == 2
    assert outcomes(place, np.zeros((0, 1, 3))).sets.shape == (0,)


@pytest.mark.parametrize("wrong", [np.zeros((3, 3)), np.zeros((2, 1, 4)), np.zeros((2, 2, 3)), "x", [[1, 2], [3]]])
def test_wrong_shapes_are_reported(wrong):
    with pytest.raises(PointError, match=r"shape \(points, 1, 3\)") as report:
        outcomes(landscape("relu1", "xor"), wrong)
    assert report.value.remedy


@pytest.mark.parametrize("near", [0, -1, float("nan")])
def test_a_distance_is_above_0(near):
    with pytest.raises(StabilityError, match="near above 0"):
        outcomes(landscape("relu1", "xor"), np.zeros((1, 1, 3)), near=near)


def test_where_the_origin_is_all_there_is_the_flow_ends_there():
    """A sum of absolute values on labels up to 0: every run is at the origin if near, as the exact flow says."""
    below = Dataset("below", [[1, -1], [-1, 1], [1, 1], [-1, -1]], [0, 0, -1, -1])
    place = landscape("abs2", below)
    points = np.random.default_rng(1).normal(size=(12, 2, 3)) * np.array([0.01, 0.1]).repeat(6)[:, None, None]
    found = outcomes(place, points)
    near = np.linalg.norm(points.reshape(12, -1), axis=1) <= NEAR
    assert found.followed == 0
    assert found.sets.tolist() == np.where(near, 0, UNEXPLAINED).tolist()
    for point in points[:4]:
        assert place.flow(point.tolist()).ends_on.index == 0
