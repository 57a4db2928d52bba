"""If no label is positive, being dead is the best a ReLU can do, and nothing else is stationary.

Setting  XOR with all labels lowered by 1: 0 and -1 (docs/data/below_zero.csv); sum of squared errors.
Idea     Outputs are never negative, so every output above 0 is an error that shrinks with the weights: only the zero
         function rests. ReLUs make it in a full-dimensional cone, absolute values at one point, on all kinks at once.
Scope    One and two units, and no output bias, with which a network could go below 0. An alarm "all units are dead"
         does not distinguish a failure from a success.
"""

from pathlib import Path

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import AllAboutSets, every_set, number_of_sets
from stability.logic.statements import Statement

DATA = str(Path(__file__).parents[2] / "docs" / "data" / "below_zero.csv")
RELU1, RELU2, ABS1, ABS2 = (on(model, DATA) for model in ("relu1", "relu2", "abs1", "abs2"))
BEST = [("kind", "=", "global minimum"), ("loss", "=", 2), ("autograd_rests", "=", True)]


def theorem() -> Statement:
    """Return the statement."""
    one = [number_of_sets(land, [], "=", 1) for land in (RELU1, RELU2, ABS1, ABS2)]
    flat = [every_set(land, [], [*BEST, ("dimension", "=", land.parameters)]) for land in (RELU1, RELU2)]
    points = [every_set(land, [], [*BEST, ("strict", "=", True), ("smooth_faces", "=", 0)]) for land in (ABS1, ABS2)]
    return AllAboutSets([*one, *flat, *points])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "the dead region is a trap": every_set(RELU1, [("dimension", "=", 3)], [("kind", "=", "local minimum")]),
        "the lowered labels are fitted": every_set(RELU2, [], [("loss", "=", 0)]),
        "the constant -1/2 is found": number_of_sets(RELU2, [("loss", "=", 1)], ">", 0),
        "absolute values are flat too": every_set(ABS2, [], [("dimension", ">", 0)]),
    }
