"""Two ReLU units on XOR: two sheets of solutions, and six sets of traps, the widest being the dead one.

Setting  y = max(0, w . x + b) + max(0, w' . x + b') on the corners (+-1, +-1), sum of squared errors; six parameters.
Idea     Each unit fits one class-1 point, or both share one, or they make the constant 1/2, or are dead. A dead unit
         adds three idle dimensions; a unit that only touches a class-1 point turns a trap's edge into a saddle.
Scope    Complete, units counted in both orders. Nothing is isolated: every set has at least two dimensions.
"""

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import AllAboutSets, every_set, number_of_sets
from stability.logic.statements import Statement

RELU2 = on("relu2")
SETS = [
    (2, "global minimum", 0, 4),  # each unit has one class-1 point at height 1 and the other three points off
    (3, "local minimum", 1, 3),  # every output is 1/2: a set with both units on, two with one on and the other dead
    (2, "local minimum", 1, 5),  # one class-1 point fitted, by one unit or by both; everything else off
    (1, "saddle", 1, 2),  # the edges between those of output 1/2: a class-1 point touches a kink
    (4, "saddle", 1, 4),  # one class-1 point fitted by one unit; the other one touches the kink of the other
    (2, "saddle", "4/3", 3),  # outputs 0, 2/3, 1/3, 1/3: one class-1 point touches the kink of every live unit
    (1, "local minimum", 2, 6),  # both units dead
    (1, "saddle", 2, 4),  # both dead, with a class-1 and a class-0 point touching a kink
    (1, "local maximum", 2, 5),  # both dead, with only class-1 points touching a kink
]


def listed(sets: list[tuple[int, str, int | str, int]]) -> AllAboutSets:
    """State how many sets there are of each kind, loss and dimension, and that there are no others."""
    classes = [(n, [("kind", "=", k), ("loss", "=", c), ("dimension", "=", d)]) for n, k, c, d in sets]
    counts = [number_of_sets(RELU2, conditions, "=", n) for n, conditions in classes]
    return AllAboutSets([*counts, number_of_sets(RELU2, [], "=", sum(n for n, _ in classes))])


def theorem() -> Statement:
    """Return the statement."""
    return AllAboutSets([listed(SETS), every_set(RELU2, [], [("dimension", ">=", 2), ("isolated", "=", False)])])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "one sheet of solutions": listed([(1, *SETS[0][1:]), *SETS[1:]]),
        "no dead trap": listed(SETS[:6] + SETS[7:]),
        "the constant is global": listed([SETS[0], (3, "global minimum", 1, 3), *SETS[2:]]),
        "one-point fits have loss 2": listed([*SETS[:2], (2, "local minimum", 2, 5), *SETS[3:]]),
        "dead and on the edge is a minimum": listed([*SETS[:8], (1, "local minimum", 2, 5)]),
    }
