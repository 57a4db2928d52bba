"""Frozen biases decide nothing: two ReLU units rest at an exact fit, and they rest where both are dead.

Setting  Two ReLU units on XOR, sum of squared errors; the fit with w = (1/2, -1/2) = -w' and zero biases, and every
         point with both biases at most -1 and no weight above 1/4.
Idea     At the fit all errors are 0; in the dead region all outputs are.
Scope    What torch computes as the gradient is 0 at both; the losses are 0, the best, and 2, that of no output at all.
"""

from stability.audit.landscape_statements import autograd_rests_at, landscapes, number_fact, on
from stability.logic.statements import AllOf, ForAll, Statement

FIT = [["1/2", "-1/2", 0], ["-1/2", "1/2", 0]]
NAMES, P, D = "u v b x y t d0 d1 d2 d3 d4 d5", "[u, v, b, x, y, t]", "[d0, d1, d2, d3, d4, d5]"
DEAD = ["b <= -1", "t <= -1", *(f"-1/4 <= {weight} <= 1/4" for weight in "uvxy")]
RELU2 = landscapes(relu2="relu2")


def theorem() -> Statement:
    """Return the statement."""
    best = number_fact("relu2.loss([1/2, -1/2, 0, -1/2, 1/2, 0]) == 0", relu2="relu2")
    dead = ForAll(NAMES, DEAD, [f"relu2.loss({P}) == 2", f"relu2.autograd({P}, {D}) == 0"], RELU2)
    return AllOf([autograd_rests_at(on("relu2"), FIT), best, dead])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    rests = [f"relu2.autograd({P}, {D}) == 0"]
    return {
        "a frozen bias is a failure": number_fact("relu2.loss([1/2, -1/2, 0, -1/2, 1/2, 0]) > 0", relu2="relu2"),
        "one dead unit is enough": ForAll(NAMES, [DEAD[0], *DEAD[2:]], rests, RELU2),
    }
