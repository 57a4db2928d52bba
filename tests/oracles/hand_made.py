"""Landscapes of a few numbers as records hold them, and what the files of the checker are given beside them."""

import re
from itertools import product

import pytest

from stability.checker.parts import part

Shape = part("grammar").Shape
RAMP, SIZE, LEAKY = ("0", "0", "1"), ("-1", "0", "1"), ("1/2", "1/2", "1")
"""Slopes below, at and above 0, as torch has them."""

GRADIENTS = [
    (["1", "-1"], SIZE, "0 0", [0]),  # both examples at one point: errors -1 and 1
    (["1", "2"], SIZE, "0 0", [-3]),
    (["1", "2"], SIZE, "0 1", []),
    (["1", "2"], ("1", "1", "1"), "0 0", []),
]
"""Labels of two examples at 1, slopes, a point, and the sums of errors that are 0 where there is a gradient."""

HESSIANS = [
    (SIZE, 1, "0 0", True),
    (SIZE, 2, "0 0 0 0", False),
    (SIZE, 2, "0 1 0 2", True),
    (RAMP, 1, "0 0", False),
    (RAMP, 1, "0 -1", True),
    (LEAKY, 1, "1 -1", False),
    (("1", "1", "1"), 2, "0 0 0 0", True),
]
"""Slopes, units, a point, and whether no kink is left there in what is of second order, on the number 1."""


def data_of(points, labels, slopes=SIZE, units=1, loss="sum", **layer):
    """Return a landscape as a record holds it; points are texts such as "1 -1/2", `layer` is what is not plain."""
    rows = [point.split() for point in points]
    return {
        "units": units,
        "slopes": dict(zip("-0+", slopes, strict=True)),
        "points": rows,
        "labels": list(labels),
        "loss": loss,
        **layer,
    }


def meter_of(steps=10**9):
    """Return a meter that allows so many steps."""
    found = part("limits").Meter(0, 0)
    found.total = found.left = steps
    return found


def land_of(*arguments, meter=None, **more):
    """Return a landscape as the checker of stationary sets has it."""
    return part("atlas_landscapes").Landscape("L", data_of(*arguments, **more), meter or meter_of())


def even(*faces):
    """Return that the gradients of the cells around each of these faces have the sum 0."""
    return [[k, *([c, 1] for c in NEAR[k])] for k in faces]


LEAF = [[-1]]
PAIR_TREE = [[[0]], *[[[1]], LEAF, LEAF, LEAF] * 3]
PAIR_RAYS = [[1, -1], [-1, 0], [1, 0], [-1, 1]]
PATTERNS = ["".join(signs) for signs in product("-0+", repeat=2)]
NEAR = dict(enumerate([[0], [0, 2], [2], [0, 6], [0, 2, 6, 8], [2, 8], [6], [6, 8], [8]]))
"""The faces of two points in general position, and the cells around each."""

PAIR = {
    "tree": PAIR_TREE,
    "rays": PAIR_RAYS,
    "fits": [  # generators, verdict, denominator and weights, directions, balances
        [[], 1, [1], [], even(4)],
        [[0], 1, [1, 1], [], even(1, 7)],
        [[1], 1, [1, 2], [], even(3, 5)],
        [[0, 1], 1, [1, 1, 2], [], even(0, 2, 6, 8)],
    ],
}
"""|b| and |w + b| with labels 1 and 2: every face has one stationary point, where errors that it can change are 0."""

DOT = {"tree": [[[0]], LEAF, LEAF, LEAF], "rays": [[0, -1], [0, 1]]}
"""The faces of one example at 0, where a unit is its bias."""
ALL = [[0, [0, 1]], [1, [0, 1]], [2, [2, 1]]]  # where the errors are 0, every gradient is
RAMP_FITS = [[[], 1, [1], [], [[0, [0, 1]], [1, [0, 1]]]], [[0], 1, [1, 1], [], ALL]]
LEAKY_FITS = [
    [[], 2, [1], [[1, 0, -1]], []],  # from 0 to the negative side the loss rises
    [[0], 0, [1, 1], [], []],  # below 0 the output is negative, the label positive
    [[1], 1, [1, 1], [], [[2, [2, 1]]]],
]


def rejects(reason):
    """Expect a rejection with a reason that has these words in it."""
    return pytest.raises(part("limits").Rejected, match=re.escape(reason))
