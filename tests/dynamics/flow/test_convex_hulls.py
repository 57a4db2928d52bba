"""Whether 0 is in a convex hull, against triangles and segments by hand."""

import numpy as np
import pytest
from flint import arb

from stability.dynamics.flow.convex_hulls import holds_zero


def balls(vectors, radius=0):
    return [[arb(x, radius) for x in vector] for vector in vectors]


AROUND = [(1, 0), (-1, 1), (-1, -1)]


@pytest.mark.parametrize(
    ("vectors", "holds"),
    [
        (AROUND, True),
        ([(1, 0), (1, 1), (1, -1)], False),
        ([(1, 5), (2, -5), (3, 0)], False),
        ([(1, 0), (-1, 0), (0, 1)], None),  # on an edge
        ([(1, 0), (-1, 0)], None),  # inside a segment that does not span the plane
        ([(0, 0), (0, 0)], None),
        ([(1,), (-2,)], True),
        ([(1,), (2,)], False),
        ([(1,), (0,)], None),
    ],
)
def test_by_hand(vectors, holds):
    assert holds_zero(balls(vectors)) is holds


def test_wide_balls_decide_nothing():
    assert holds_zero(balls(AROUND, 0.01)) is True
    assert holds_zero(balls(AROUND, 2)) is None
    assert holds_zero(balls([(1, 0), (1, 1), (1, -1)], 2)) is None


def test_random_triangles_are_decided_as_by_orientations():
    """0 is inside a triangle if it is on the same side of all three edges, gone around."""
    rng, seen = np.random.default_rng(0), set()
    for _ in range(60):
        a, b, c = rng.normal(size=(3, 2))
        turns = [x[0] * y[1] - x[1] * y[0] for x, y in ((a, b), (b, c), (c, a))]
        inside = bool(min(turns) > 0 or max(turns) < 0)
        seen.add(inside)
        assert holds_zero(balls([a.tolist(), b.tolist(), c.tolist()])) is inside
    assert seen == {True, False}
