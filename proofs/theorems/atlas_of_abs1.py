"""One absolute-value unit on XOR has nine stationary points, all isolated: four minima and five saddles.

Setting  y = |w . x + b| on the corners (+-1, +-1), sum of squared errors; all of parameter space, kinks included.
Idea     A unit folds the plane along one line. A fold through both class-0 points fits; a flat sheet at height 1/2
         is a trap; a fold through one class-1 point, or through everything, balances and leads down on a side.
Scope    Signs come in pairs because (w, b) and -(w, b) compute the same. Complete, but silent about basins.
"""

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import AllAboutSets, every_set, number_of_sets
from stability.logic.statements import Statement

ABS1 = on("abs1")
SETS = [
    (2, "global minimum", 0, 0),  # w = +-(1/2, -1/2), b = 0: the fold runs through both class-0 points
    (2, "local minimum", 1, 0),  # w = 0, b = +-1/2: every output is 1/2
    (4, "saddle", "4/3", 0),  # w = +-(1/6, -1/6), b = +-1/3: one class-1 point on the fold
    (1, "saddle", 2, 0),  # the origin: falls where a class-1 point is lifted, rises along w = (1, 1)
]


def listed(sets: list[tuple[int, str, int | str, int]]) -> AllAboutSets:
    """State how many sets there are of each kind, loss and dimension, and that there are no others."""
    classes = [(n, [("kind", "=", k), ("loss", "=", c), ("dimension", "=", d)]) for n, k, c, d in sets]
    counts = [number_of_sets(ABS1, conditions, "=", n) for n, conditions in classes]
    return AllAboutSets([*counts, number_of_sets(ABS1, [], "=", sum(n for n, _ in classes))])


def theorem() -> Statement:
    """Return the statement."""
    strict = every_set(ABS1, [("kind", "!=", "saddle")], [("strict", "=", True)])
    return AllAboutSets([listed(SETS), every_set(ABS1, [], [("isolated", "=", True)]), strict])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "one trap": listed([SETS[0], (1, *SETS[1][1:]), *SETS[2:]]),
        "no trap": listed([SETS[0], *SETS[2:]]),
        "traps at loss 3/2": listed([SETS[0], (2, "local minimum", "3/2", 0), *SETS[2:]]),
        "the origin is a maximum": listed([*SETS[:3], (1, "local maximum", 2, 0)]),
        "torch rests at all": every_set(ABS1, [], [("autograd_rests", "=", True)]),
    }
