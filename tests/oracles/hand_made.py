"""Landscapes of a few numbers as records hold them, and what the files of the checker are given beside them."""

import re

import pytest

from stability.checker.parts import part

RAMP, SIZE, LEAKY = ("0", "0", "1"), ("-1", "0", "1"), ("1/2", "1/2", "1")
"""Slopes below, at and above 0, as torch has them."""


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
