"""One ReLU unit on XOR cannot fit: its best points are a constant and two flat wedges of one-point fits.

Setting  y = max(0, w . x + b) on the corners (+-1, +-1), sum of squared errors; all of parameter space, kinks included.
Idea     Four ways to rest: the constant 1/2; one class-1 point fitted and the rest off; a class-1 point on the kink
         with force on both sides; or all off. The dead cone is flat; at its edge the loss is level or falls.
Scope    Complete. Nine sets, of dimension 0 to 3; the widest, the dead cone, is the worst minimum.
"""

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import AllAboutSets, every_set, number_of_sets
from stability.logic.statements import Statement

RELU1 = on("relu1")
SETS = [
    (1, "global minimum", 1, 0),  # w = 0, b = 1/2: every output is 1/2
    (2, "global minimum", 1, 2),  # one class-1 point at height 1, the others off: a wedge in a plane
    (2, "saddle", "4/3", 0),  # w = +-(1/6, -1/6), b = 1/3: one class-1 point on the kink, the others on
    (1, "local minimum", 2, 3),  # the dead cone, with those edges where only class-0 points touch the kink
    (1, "saddle", 2, 1),  # four rays from the origin: a class-1 and a class-0 point touch the kink
    (2, "local maximum", 2, 2),  # faces of the dead cone where one class-1 point touches the kink
]


def listed(sets: list[tuple[int, str, int | str, int]]) -> AllAboutSets:
    """State how many sets there are of each kind, loss and dimension, and that there are no others."""
    classes = [(n, [("kind", "=", k), ("loss", "=", c), ("dimension", "=", d)]) for n, k, c, d in sets]
    counts = [number_of_sets(RELU1, conditions, "=", n) for n, conditions in classes]
    return AllAboutSets([*counts, number_of_sets(RELU1, [], "=", sum(n for n, _ in classes))])


def theorem() -> Statement:
    """Return the statement."""
    return AllAboutSets([listed(SETS), every_set(RELU1, [("loss", "!=", "4/3")], [("autograd_rests", "=", True)])])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "the constant is worse": listed([(1, "local minimum", 1, 0), *SETS[1:]]),
        "no maxima": listed(SETS[:5]),
        "four kink saddles": listed([*SETS[:2], (4, "saddle", "4/3", 0), *SETS[3:]]),
        "one-point fits are isolated": listed([SETS[0], (2, "global minimum", 1, 0), *SETS[2:]]),
        "the dead cone has loss 4": listed([*SETS[:3], (1, "local minimum", 4, 3), *SETS[4:]]),
    }
