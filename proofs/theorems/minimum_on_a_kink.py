"""With a valley deeper than 0 the best absolute-value unit keeps the middle point on its kink, against a force.

Setting  Points -1, 0, 1 with labels 1, -1, 1 (docs/data/sunken_valley.csv); abs1, sum of squared errors.
Idea     y = |x| fits the ends; a lower middle output would fit better, but |.| turns it up on both sides.
Scope    Torch's gradient is 0 exactly on the kink, by its choice of slope there, but not next to it: descent with a
         constant step rattles around this minimum. The traps of the constant 1/3 are smooth, so easier to settle in.
"""

from pathlib import Path

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import AllAboutSets, every_set, number_of_sets, set_at
from stability.logic.statements import Statement

ABS1 = on("abs1", str(Path(__file__).parents[2] / "docs" / "data" / "sunken_valley.csv"))
BEST, TRAP = ("kind", "=", "global minimum"), ("kind", "=", "local minimum")


def theorem() -> Statement:
    """Return the statement."""
    sharp = [("loss", "=", 1), ("strict", "=", True), ("smooth_faces", "=", 0), ("autograd_rests", "=", True)]
    smooth = [("loss", "=", "8/3"), ("strict", "=", True), ("smooth_faces", "=", 1)]
    places = [set_at(ABS1, [[w, 0]], [BEST]) for w in (1, -1)] + [
        set_at(ABS1, [[0, b]], [TRAP]) for b in ("1/3", "-1/3")
    ]
    counts = [number_of_sets(ABS1, [kind], "=", 2) for kind in (BEST, TRAP)]
    return AllAboutSets([every_set(ABS1, [BEST], sharp), every_set(ABS1, [TRAP], smooth), *places, *counts])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "every minimum is smooth": every_set(ABS1, [BEST], [("smooth_faces", ">", 0)]),
        "the valley is fitted": number_of_sets(ABS1, [("loss", "=", 0)], ">", 0),
        "the trap is on a kink": every_set(ABS1, [TRAP], [("smooth_faces", "=", 0)]),
        "torch rests at all": every_set(ABS1, [], [("autograd_rests", "=", True)]),
    }
