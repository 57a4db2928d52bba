"""One ReLU unit on XOR rests when dead, when it fits one class-1 point, at w = 0, b = 1/2, or at two kinks.

Setting  y = max(0, w1 x1 + w2 x2 + b) on the corners (+-1, +-1), sum of squared errors.
Idea     On each face the balance of forces is linear in parameters and kink slopes; 51 faces, case by case.
Scope    All of parameter space, kinks included. Loss 2 when dead, 1 (the least) when one point is fitted.
"""

from stability.audit.landscape_statements import global_minimum_at, landscapes, on, pre, stationary_points_are
from stability.logic.statements import AllOf, ForAll, Statement

RELU1 = on("relu1")
Z = pre("relu1", "[w1, w2, b]")
DEAD = [f"{z} <= 0" for z in Z]
FITS = [[f"{Z[i]} == 1", *(f"{Z[k]} <= 0" for k in range(4) if k != i)] for i in (0, 1)]
FLAT = ["w1 == 0", "w2 == 0", "b == 1/2"]
KINKS = [[f"w1 == {s}1/6", f"w2 == {t}1/6", "b == 1/3"] for s, t in (("", "-"), ("-", ""))]


def theorem() -> Statement:
    """Return the statement."""
    best = global_minimum_at(RELU1, [["1/2", "-1/2", 0]])
    fits = [ForAll("w1 w2 b", goal, ["relu1.loss([w1, w2, b]) == 1"], landscapes(relu1=RELU1), LIFT) for goal in FITS]
    return AllOf([stationary_points_are(RELU1, [DEAD, *FITS, FLAT, *KINKS]), best, *fits])


LIFT = [{"w1": "3/4", "w2": "-3/4", "b": "-1/2"}, {"w1": "-3/4", "w2": "3/4", "b": "-1/2"}]


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "collapses only": stationary_points_are(RELU1, [DEAD]),
        "no kinks": stationary_points_are(RELU1, [DEAD, *FITS, FLAT]),
        "trap is better": ForAll("w1 w2 b", [], ["relu1.loss([w1, w2, b]) >= 3/2"], landscapes(relu1=RELU1)),
    }
