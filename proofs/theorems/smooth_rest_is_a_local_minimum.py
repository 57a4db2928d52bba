"""A stationary point where the loss is differentiable is a local minimum; saddles need a force at a kink.

Setting  One or two units |.|, ReLU or leaky ReLU, on XOR (sum of squares) and on other data (mean of squares). A point
         at a kink counts as smooth if no force acts there: the example on the kink has error 0.
Idea     Around a point the loss is convex in each closed cell. If the one gradient is 0, it falls in none of them.
Scope    A plateau is a set of minima here. The converse fails: a minimum can sit on a kink with force.
"""

from pathlib import Path

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, every_set
from stability.logic.statements import Statement

DATA = Path(__file__).parents[2] / "docs" / "data"
XOR = [on(model) for model in ("abs1", "relu1", "abs2", "relu2", "leaky1/2:2")]
SUNKEN = on("abs1", str(DATA / "sunken_valley.csv"))
OTHERS = [
    on("relu1", "parity:3", "mean"),
    on("abs1", str(DATA / "conflict.csv"), "mean"),
    on("relu2", str(DATA / "valley.csv"), "mean"),
    on("leaky1/2:1", str(DATA / "sunken_valley.csv"), "mean"),
]
SMOOTH, KINKS_ONLY = ("smooth_faces", ">", 0), ("smooth_faces", "=", 0)


def theorem() -> Statement:
    """Return the statement."""
    rests = [every_set(land, [SMOOTH], [MINIMA]) for land in (*XOR, *OTHERS)]
    saddles = [every_set(land, [("kind", "=", "saddle")], [KINKS_ONLY]) for land in (*XOR, *OTHERS)]
    maxima = [every_set(land, [("kind", "=", "local maximum")], [KINKS_ONLY]) for land in (XOR[1], XOR[3], OTHERS[0])]
    return AllAboutSets([*rests, *saddles, *maxima])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "every rest is a minimum": every_set(on("relu1"), [], [MINIMA]),
        "torch rests only in minima": every_set(on("abs1"), [("autograd_rests", "=", True)], [MINIMA]),
        "smooth rests are global": every_set(on("abs1"), [SMOOTH], [("kind", "=", "global minimum")]),
        "smooth rests are strict": every_set(on("relu2"), [SMOOTH], [("strict", "=", True)]),
        "minima are smooth": every_set(SUNKEN, [MINIMA], [SMOOTH]),
    }
