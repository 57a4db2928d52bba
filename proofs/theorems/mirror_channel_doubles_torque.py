"""At zero bias the mirror channel doubles every torque on XOR and flips none.

Setting  abs1 and relu1 on XOR at the same weights, b = 0, sum of squared errors.
Idea     Opposite points have opposite pre-activations, so L_abs = 2 L_relu - 2 identically.
Scope    b = 0 only; kinks included, since the identity is one of functions.
"""

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import ForAll, Statement

BOTH = landscapes(abs1="abs1", relu1="relu1")
POINT, TURN = "[w1, w2, 0]", "[-w2, w1, 0]"


def theorem() -> Statement:
    """Return the statement."""
    losses = f"abs1.loss({POINT}) == 2*relu1.loss({POINT}) - 2"
    torques = f"abs1.d1({POINT}, {TURN}) == 2*relu1.d1({POINT}, {TURN})"
    return ForAll("w1 w2", [], [losses, torques], BOTH)


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    flips = ForAll("w1 w2", [], [f"abs1.d1({POINT}, {TURN})*relu1.d1({POINT}, {TURN}) <= 0"], BOTH)
    biased = ForAll("w1 w2 b", [], ["abs1.loss([w1, w2, b]) == 2*relu1.loss([w1, w2, b]) - 2"], BOTH)
    return {"flips the torque": flips, "for every bias": biased}
