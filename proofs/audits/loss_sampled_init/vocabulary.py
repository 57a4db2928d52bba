"""The landscapes, points and formulas with which several sections of "Loss-Based Sampling Initialization for Neural Networks" state their claims."""

from collections.abc import Sequence

from stability import AllOf
from stability.audit.vocabulary import Statement, landscapes, on, theorem_statement

ABS1, RELU2 = on("abs1"), on("relu2")

ONE, TWO = landscapes(relu1="relu1"), landscapes(relu2=RELU2)

LINEAR = on("relu2-linear", loss="mean")
"""The network of two layers, with one-hot targets; conditions speak of the output for class 1, which at rest is 1 less the other."""

TRAP, BEST, SOLVES = ("kind", "=", "local minimum"), ("kind", "=", "global minimum"), ("loss", "=", 0)

SIX, SIX_AT = "p1 p2 b1 q1 q2 b2", "[p1, p2, b1, q1, q2, b2]"

SYMMETRIC = (("1/2", "-1/2", 0), ("-1/2", "1/2", 0))
"""The solution that is |w . x|."""

DEAD_X1 = (("-1/4", "1/4", 0), ("-1/4", "1/4", 0))
"""A trap of loss 1 (mean 1/4) with zero biases: both units see x2 only; x1 is dead."""


def at(names: str, point: Sequence[Sequence[object]]) -> dict[str, str]:
    """Return a point as values of the variables."""
    return dict(zip(names.split(), (str(x) for row in point for x in row), strict=True))


def flat(point: Sequence[Sequence[object]]) -> str:
    """Return a point as the list of a formula."""
    return f"[{', '.join(str(x) for row in point for x in row)}]"


def rounds(formula: str, percent: int, per: int = 100) -> str:
    """Return that a number is so many percent (or other parts), rounded."""
    return f"({2 * percent - 1})/{2 * per} <= {formula} < ({2 * percent + 1})/{2 * per}"


def entries(outputs: Sequence[tuple[str, str]]) -> str:
    """Return the mean squared error over the eight entries, given the outputs at the four points, one-hot targets."""
    targets = ((0, 1), (0, 1), (1, 0), (1, 0))
    return (
        "("
        + " + ".join(
            f"({f} - {y})**2"
            for out, target in zip(outputs, targets, strict=True)
            for f, y in zip(out, target, strict=True)
        )
        + ")/8"
    )


HALVES, FITTED = ("1/2", "1/2"), (("0", "1"), ("1", "0"))

PLATEAU = (FITTED[0], HALVES, FITTED[1], HALVES)
"""x1 and x3 fitted, (1/2, 1/2) at x2 and x4."""

AN_EIGHTH, EVEN = ("loss", "=", "1/8"), ("outputs", "=", ["1/2"] * 4)
"""Conditions: the loss of the published plateau, and outputs (1/2, 1/2) everywhere."""


def part(name: str, *which: int) -> Statement:
    """Return some parts of a theorem, counted from 0."""
    whole = theorem_statement(name)
    assert isinstance(whole, AllOf)
    return AllOf([whole.parts[k] for k in which])


UNSEEN = "points_unseen_by_a_hidden_layer"

ABOVE = "loss_of_two_layers_at_zero_biases"
