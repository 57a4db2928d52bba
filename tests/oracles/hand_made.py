"""Landscapes of a few numbers as records hold them, and what the files of the checker are given beside them."""

import re

import pytest

from stability.checker.parts import part

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


def data_of(points, labels, slopes=SIZE, units=1, loss="sum"):
    """Return a landscape as a record holds it; points are texts such as "1 -1/2"."""
    rows = [point.split() for point in points]
    return {
        "units": units,
        "slopes": dict(zip("-0+", slopes, strict=True)),
        "points": rows,
        "labels": list(labels),
        "loss": loss,
    }


def meter_of(steps=10**9):
    """Return a meter that allows so many steps."""
    found = part("limits").Meter(0, 0)
    found.total = found.left = steps
    return found


def rejects(reason):
    """Expect a rejection with a reason that has these words in it."""
    return pytest.raises(part("limits").Rejected, match=re.escape(reason))
