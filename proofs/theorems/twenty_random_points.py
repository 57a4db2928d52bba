"""On twenty random points one ReLU has five sets of minima, and the most accurate is only the third in loss.

Setting  docs/data/random20.csv: from x = 1 on, x -> 13 x + 7 mod 97 gives (x mod 17 - 8)/8 twice as coordinates, then
         x mod 2 as label, again and again. Six of the twenty labels are 1. Sum of squared errors.
Idea     The same sorts as on XOR: the best affine function, on at all points (loss 4.12); affine with one point off
         (4.27); a corner of the hull fitted alone (5); nine points off (5.51); dead (6). The rest are saddles at kinks.
Scope    Complete over 1,431 faces. The best has 14 right, as many as a dead unit; the corner fit has 15, the most.
"""

from pathlib import Path

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, every_set, number_of_sets, set_at
from stability.logic.statements import Statement

RELU1 = on("relu1", str(Path(__file__).parents[2] / "docs" / "data" / "random20.csv"))
MOST = ("right", ">=", 15)
AFFINE = ["-5938/86721", "-7504/86721", "49345/173442"]
"""The least-squares fit of an affine function to the labels."""


def minima(number: int, *conditions: tuple[str, str, int | str]) -> Statement:
    """State how many sets of minima have some conditions."""
    return number_of_sets(RELU1, [MINIMA, *conditions], "=", number)


def theorem() -> Statement:
    """Return the statement."""
    best = [("kind", "=", "global minimum"), ("right", "=", 14), ("strict", "=", True)]
    between = minima(1, ("loss", ">", "4.26"), ("loss", "<", "4.27"), ("right", "=", 12))
    corner, worse = minima(1, ("loss", "=", 5), ("dimension", "=", 2)), minima(1, ("loss", ">", 5), ("loss", "<", 6))
    dead = minima(1, ("loss", "=", 6), ("dimension", "=", 3), ("right", "=", 14))
    accurate = every_set(RELU1, [MOST], [("right", "=", 15), ("loss", "=", 5), MINIMA])
    return AllAboutSets([set_at(RELU1, [AFFINE], best), between, corner, worse, dead, minima(5), accurate])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "no trap": minima(1),
        "the best is the most accurate": set_at(RELU1, [AFFINE], [MOST]),
        "all minima are isolated": every_set(RELU1, [MINIMA], [("isolated", "=", True)]),
        "a dead unit has the fewest right": every_set(RELU1, [MINIMA, ("loss", "<", 6)], [("right", ">", 14)]),
    }
