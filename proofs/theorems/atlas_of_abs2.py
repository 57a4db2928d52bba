"""Two absolute-value units on XOR: the solutions form one closed loop, and four flat traps hang together by saddles.

Setting  y = |w . x + b| + |w' . x + b'| on the corners (+-1, +-1), sum of squared errors; all six parameters.
Idea     Units with equal signs add like one unit, so every set of one unit widens: its weight is shared. Where all
         four points lie off the kinks the sum is affine, and the best affine function is the constant 1/2.
Scope    Complete, units counted in both orders. No unit can die: |.| has a slope on either side.
"""

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import AllAboutSets, every_set, number_of_sets
from stability.logic.statements import Statement

ABS2 = on("abs2")
SETS = [
    (1, "global minimum", 0, 1),  # w = (c, -c), w' = (c', -c'), b = b' = 0 with |c| + |c'| = 1/2: a closed loop
    (4, "local minimum", 1, 3),  # every output is 1/2; one set for each choice of the two units' signs on the data
    (1, "saddle", 1, 2),  # the edges between these four: a class-1 point touches the kink of a unit
    (2, "saddle", "4/3", 2),  # outputs 0, 2/3, 1/3, 1/3: one class-1 point on both kinks, the weight shared
    (1, "saddle", 2, 0),  # the origin
]


def listed(sets: list[tuple[int, str, int | str, int]]) -> AllAboutSets:
    """State how many sets there are of each kind, loss and dimension, and that there are no others."""
    classes = [(n, [("kind", "=", k), ("loss", "=", c), ("dimension", "=", d)]) for n, k, c, d in sets]
    counts = [number_of_sets(ABS2, conditions, "=", n) for n, conditions in classes]
    return AllAboutSets([*counts, number_of_sets(ABS2, [], "=", sum(n for n, _ in classes))])


def theorem() -> Statement:
    """Return the statement."""
    return AllAboutSets([listed(SETS), every_set(ABS2, [], [("strict", "=", False)])])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "four solutions": listed([(4, "global minimum", 0, 1), *SETS[1:]]),
        "no traps": listed([SETS[0], *SETS[2:]]),
        "traps are points": listed([SETS[0], (4, "local minimum", 1, 0), *SETS[2:]]),
        "a dead trap": listed([*SETS, (1, "local minimum", 2, 6)]),
        "nothing is isolated": every_set(ABS2, [], [("isolated", "=", False)]),
    }
