"""Linear-ReLU-Linear on XOR rests at mean loss 0, 1/8, 1/6 and 1/4 only, with two hidden units and with three.

Setting  One-hot targets, mean of the eight squared errors; all stationary points, kinks and output weights 0 included.
Idea     At rest it is one output with a bias (two_one_hot_outputs_are_one), whose complete list is that of signed sums
         and silent units. What units miss costs 1/8, 1/6 or 1/4 (points_unseen_by_a_hidden_layer); nothing else does.
Scope    Complete for one, two and three hidden units, units counted in every order. So a start of loss below 1/8 can
         come to rest at solutions only. A third unit connects all solutions to one set; it removes no level of traps.
"""

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import AllAboutSets, every_set, number_of_sets
from stability.logic.statements import Statement

ONE, TWO, THREE = (on(f"relu{n}-linear", loss="mean") for n in (1, 2, 3))
TRAP, BEST = ("kind", "=", "local minimum"), ("kind", "=", "global minimum")
TRAPS_OF_TWO, TRAPS_OF_THREE = {"1/8": 8, "1/6": 4, "1/4": 4}, {"1/8": 4, "1/6": 4, "1/4": 8}


def levels(place: object, *of: str) -> AllAboutSets:
    """State that every stationary point has one of these losses."""
    return every_set(place, [], [("loss", "in", [*of])])


def minima(place: object, best: int, traps: dict[str, int]) -> AllAboutSets:
    """State how many sets of global minima there are, and of other local minima at each loss and at all."""
    at = [number_of_sets(place, [TRAP, ("loss", "=", loss)], "=", n) for loss, n in traps.items()]
    return AllAboutSets(
        [number_of_sets(place, [BEST], "=", best), *at, number_of_sets(place, [TRAP], "=", sum(traps.values()))]
    )


def theorem() -> Statement:
    """Return the statement."""
    return AllAboutSets(
        [
            levels(ONE, "1/6", "1/4"),
            minima(ONE, 4, {"1/4": 2}),
            levels(TWO, "0", *TRAPS_OF_TWO),
            minima(TWO, 12, TRAPS_OF_TWO),
            every_set(TWO, [("loss", "<", "1/8")], [("loss", "=", 0)]),
            levels(THREE, "0", *TRAPS_OF_THREE),
            minima(THREE, 1, TRAPS_OF_THREE),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "all traps at 1/8": every_set(TWO, [TRAP], [("loss", "=", "1/8")]),
        "all that rests at 1/8 is a minimum": every_set(TWO, [("loss", "=", "1/8")], [TRAP]),
        "one hidden unit solves": number_of_sets(ONE, [("loss", "=", 0)], ">=", 1),
        "one set of solutions with two": minima(TWO, 1, TRAPS_OF_TWO),
    }
