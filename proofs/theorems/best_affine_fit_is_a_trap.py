"""On a valley that |x| fits exactly, the best affine function is a trap at every width tried.

Setting  Points -1, 0, 1 with labels 1, 0, 1 (docs/data/valley.csv), sum of squared errors.
Idea     Where every unit keeps one sign on the data the network is affine, and nothing near it is better than the best
         affine function, here the constant 2/3 with loss 2/3. It is a minimum if it can be written with no kink near.
Scope    abs1, abs2 and relu2, which all reach loss 0 elsewhere; for relu1 the constant is the best there is.
"""

from pathlib import Path

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import AllAboutSets, every_set, number_of_sets, set_at
from stability.logic.statements import Statement

DATA = str(Path(__file__).parents[2] / "docs" / "data" / "valley.csv")
ABS1, RELU1, ABS2, RELU2 = (on(model, DATA) for model in ("abs1", "relu1", "abs2", "relu2"))
TRAP, BEST = ("kind", "=", "local minimum"), ("kind", "=", "global minimum")


def theorem() -> Statement:
    """Return the statement."""
    traps = [
        set_at(ABS1, [[0, "2/3"]], [TRAP, ("loss", "=", "2/3"), ("strict", "=", True)]),
        set_at(ABS2, [[0, "1/3"], [0, "1/3"]], [TRAP, ("loss", "=", "2/3"), ("dimension", "=", 2)]),
        set_at(RELU2, [[0, "1/3"], [0, "1/3"]], [TRAP, ("loss", "=", "2/3"), ("dimension", "=", 2)]),
    ]
    fits = [every_set(land, [BEST], [("loss", "=", 0), ("right", "=", 3)]) for land in (ABS1, ABS2, RELU2)]
    only = [every_set(land, [TRAP], [("loss", "=", "2/3"), ("right", "=", 2)]) for land in (ABS1, ABS2)]
    return AllAboutSets([*traps, *fits, *only, set_at(RELU1, [[0, "2/3"]], [BEST, ("loss", "=", "2/3")])])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "one unit has no trap": number_of_sets(ABS1, [TRAP], "=", 0),
        "a second unit frees the first": number_of_sets(ABS2, [TRAP], "=", 0),
        "ReLUs have no other trap": every_set(RELU2, [TRAP], [("loss", "=", "2/3")]),
        "the constant is global for two": set_at(RELU2, [[0, "1/3"], [0, "1/3"]], [BEST]),
        "the slope may tilt": set_at(ABS1, [["1/10", "2/3"]], [TRAP]),
    }
