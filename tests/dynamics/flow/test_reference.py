"""Gradient flow agrees with a reference of 100 digits that shares no idea with it."""

import numpy as np
import pytest
from slow_flow import Hard, slow_flow

from stability import landscape
from stability.dynamics.flow.batch import flow_limits
from stability.model.datasets import Dataset
from stability.model.flat_points import point_shape

SKEW = Dataset("skew", [[0, 0], [1, 0], [1, 2], [-1, 1], [0, 1]], [1, 0, "1/2", -1, 0])


def compare(place, count, seed):
    """Compare ends, limits, events and their times; return how many starts the reference could follow."""
    starts = np.random.default_rng(seed).normal(size=(count, *point_shape(place))) * 0.5
    followed, fast = 0, flow_limits(place, starts, decide=False)
    for start, guess in zip(starts, fast.sets, strict=True):
        begin = place.by_unit(start.ravel().tolist())
        found = place.flow(begin)
        try:
            slow = slow_flow(place, begin)
        except Hard:
            continue
        if found.ends_on is None:
            continue
        followed += 1
        assert place.atlas().on_faces(slow.signs).index == found.ends_on.index
        assert guess in (-1, found.ends_on.index)
        limit = [float(x) for row in found.point for x in row]
        assert np.allclose([float(x) for x in slow.limit], limit, rtol=0, atol=1e-12)
        times = sorted(float(event.time[0]) for event in found.events if event.kind in ("crossing", "sliding begins"))
        expected = sorted(float(e[0]) for e in slow.events if e[1] in ("crossing", "sliding begins"))
        assert np.allclose(times, expected, rtol=1e-12, atol=1e-12)
    return followed


@pytest.mark.parametrize(
    ("model", "data", "count"),
    [("abs1", "xor", 15), ("relu1", "xor", 15), ("relu2", "xor", 25), ("relu1", SKEW, 15), ("leaky1/2:1", SKEW, 15)],
    ids=str,
)
def test_the_reference_ends_in_the_same_set_by_the_same_events(model, data, count):
    assert compare(landscape(model, data), count, seed=0) >= 0.9 * count


@pytest.mark.parametrize(
    ("model", "data", "count"),
    [
        ("relu[+,-]", "xor", 10),
        ("relu[1,-1/2]+c", "xor", 10),
        ("abs[-2]+c", SKEW, 10),
        ("leaky1/3[+,-]+c-nob", "xor", 10),
        ("relu2-nob", SKEW, 10),
    ],
    ids=str,
)
def test_output_weights_and_biases(model, data, count):
    assert compare(landscape(model, data), count, seed=3) >= 0.7 * count


@pytest.mark.slow
def test_two_hundred_starts_of_two_relus():
    assert compare(landscape("relu2", "xor"), 200, seed=1) >= 195


@pytest.mark.slow
@pytest.mark.parametrize("model", ["abs2", "leaky1/2:2", "relu3"])
def test_more_units(model):
    assert compare(landscape(model, "xor"), 40, seed=2) >= 30
