"""More units join the solutions of a valley into one set, but the traps at the best affine fit only multiply.

Setting  Points -1, 0, 1 with labels 1, 0, 1 (docs/data/valley.csv), sum of squared errors; widths 1, 2 and 3.
Idea     The signs of the units on the data determine a trap. For |.| each of k units is + or -: 2^k traps. A ReLU is on
         or dead, not all dead: 2^k - 1. They meet in saddles only, where a unit turns over and the loss can fall.
Scope    These widths, units counted in every order. The dead trap of the ReLUs stays too, in full dimension.
"""

from pathlib import Path

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, number_of_sets
from stability.logic.statements import Statement

DATA = str(Path(__file__).parents[2] / "docs" / "data" / "valley.csv")
WIDTHS = (1, 2, 3)


def traps(unit: str, width: int, number: int) -> Statement:
    """State in how many sets of minima every output is 2/3."""
    return number_of_sets(on(f"{unit}{width}", DATA), [MINIMA, ("loss", "=", "2/3")], "=", number)


def solutions(unit: str, width: int, number: int) -> Statement:
    """State of how many sets the solutions consist."""
    return number_of_sets(on(f"{unit}{width}", DATA), [("loss", "=", 0)], "=", number)


def theorem() -> Statement:
    """Return the statement."""
    many = [each for k in WIDTHS for each in (traps("abs", k, 2**k), traps("relu", k, 2**k - 1))]
    joined = [solutions(*how) for how in (("abs", 1, 2), ("abs", 2, 1), ("abs", 3, 1), ("relu", 2, 2), ("relu", 3, 1))]
    deads = [("kind", "=", "local minimum"), ("loss", "=", 2)]
    dead = [number_of_sets(on(f"relu{k}", DATA), [*deads, ("dimension", "=", 2 * k)], "=", 1) for k in WIDTHS]
    return AllAboutSets([*many, *joined, *dead, solutions("relu", 1, 0)])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "width frees": traps("abs", 3, 0),
        "traps join as well": traps("relu", 3, 1),
        "k traps": traps("abs", 3, 3),
        "solutions apart at width 3": solutions("relu", 3, 6),
        "two ReLUs in one sheet": solutions("relu", 2, 1),
    }
