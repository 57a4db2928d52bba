"""The words in which claims about output weights are stated: one unit of two slopes, and its slopes at a kink.

The unit has the slope l where its pre-activation is negative and r where it is positive; both are variables, so that a
statement holds for ReLU (0, 1), absolute values (-1, 1) and leaky units at once.
"""

from collections.abc import Sequence

SLOPES = "l r"


def unit(z: str) -> str:
    """Return the formula of what the unit puts out at the pre-activation z."""
    return f"(l*({z}) + (r - l)*relu({z}))"


def has_slope(s: str, z: str) -> str:
    """Return that the unit has the slope s at the pre-activation z: l or r, and at the kink anything."""
    return f"({s})*({z}) == {unit(z)}"


def inner(weights: Sequence[str], values: Sequence[str]) -> str:
    """Return the formula of an inner product."""
    return "(" + " + ".join(f"({w})*({v})" for w, v in zip(weights, values, strict=True)) + ")"


def squares(values: Sequence[str]) -> str:
    """Return the formula of a sum of squares."""
    return inner(values, values)
