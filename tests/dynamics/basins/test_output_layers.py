"""Basins with fixed output weights and biases: mirrors of plain sums, the exact flow, and update rules."""

from collections import Counter

import numpy as np
import pytest

from stability import Landscape, landscape, update_rule
from stability.dynamics.basins.attribution import outcomes
from stability.dynamics.basins.planes import basin_map
from stability.dynamics.flow.batch import flow_limits
from stability.dynamics.phase_plane.named_planes import named_plane
from stability.errors import PointError, UnknownNameError
from stability.model.datasets import Dataset
from stability.model.flat_points import exact_rows_of, point_shape
from stability.model.networks import network

XOR = landscape("relu2", "xor").data
MIRRORED = Dataset("mirrored", XOR.points, [-y for y in XOR.labels])


def shares(found):
    total = Counter()
    for each in found.shares:
        total[each.set.kind, each.set.loss, each.set.dimension] += each.count
    return total


@pytest.mark.parametrize(("model", "opposite"), [("relu2", "relu[-,-]"), ("abs1", "abs[-]")])
@pytest.mark.parametrize("rule", [None, update_rule("gd", step="1/20")], ids=["flow", "gd"])
def test_the_mirror_of_a_plain_sum_has_its_basins(model, opposite, rule):
    plain = landscape(model, "xor").basins("normal:0.7", 60, seed=2, rule=rule)
    mirrored = Landscape(network(opposite), MIRRORED).basins("normal:0.7", 60, seed=2, rule=rule)
    assert shares(plain) == shares(mirrored)
    assert plain.undecided == mirrored.undecided


@pytest.mark.parametrize("model", ["relu[+,-]", "relu[1,-1/2]+c", "abs[-2]+c-nob"])
def test_many_starts_end_where_each_ends_exactly(model):
    place = landscape(model, "xor")
    starts = np.random.default_rng(1).normal(size=(12, *point_shape(place))) * 0.7
    limits = flow_limits(place, starts, decide=False)
    assert (limits.sets >= 0).sum() >= 8
    for start, k, point in zip(starts, limits.sets, limits.points, strict=True):
        found = place.flow(exact_rows_of(place, start))
        if k >= 0:
            assert found.ends_on.index == k
            assert point.ravel() == pytest.approx([float(x) for row in found.point for x in row], abs=1e-8)


@pytest.mark.parametrize("model", ["relu[+,-]+c", "relu2-nob"])
def test_a_small_step_ends_where_the_flow_does(model):
    place = landscape(model, "xor")
    flow, steps = (place.basins("normal:1", 40, seed=3, rule=rule) for rule in (None, update_rule("gd", step="1/200")))
    assert flow.undecided == steps.undecided == 0
    assert (shares(flow) & shares(steps)).total() >= 36


def test_points_at_a_set_are_found_there_and_others_are_refused():
    place = landscape("relu[1,-1/2]+c", "xor")
    sets = place.atlas().minima
    spots = np.array([[float(x) for row in each.witness for x in row] for each in sets])
    moved = spots + np.random.default_rng(0).normal(size=spots.shape) / 1e4
    assert outcomes(place, moved).sets.tolist() == [each.index for each in sets]
    assert outcomes(place, moved, shortcut=False).sets.tolist() == [each.index for each in sets]
    with pytest.raises(PointError, match=r"shape \(points, 7\)"):
        outcomes(place, moved.reshape(-1, 1, 7))


def test_a_map_of_basins_in_a_plane_with_the_output_bias():
    place = landscape("abs[-1]+c", "xor")
    plane = named_plane(place, "p,c", [[0, 0, "1/7"], [0]])
    x, y = np.array([-1.3, 0.4]), np.array([0.2, 1.1])
    found = basin_map(place, plane, x, y)
    for i, j in np.ndindex(2, 2):
        start = [[x[j] / 2, -x[j] / 2, "1/7"], [y[i]]]
        exact = place.flow(start)
        assert found[i, j] == (exact.ends_on.index if exact.unique else -1)


def test_trained_output_weights_are_refused():
    with pytest.raises(UnknownNameError, match="for basins: gradient flow is not piecewise linear"):
        landscape("relu2-out", "xor").basins("normal:1", 10)
