"""With step 3/8 gradient descent on XOR has a cycle of period 4, bounded although its minima repel.

Setting  One absolute-value unit with w = 0; the step maps b to -2b + 3/2 sign(b).
Idea     Multiplier 1 - 8 * 3/8 = -2 at the minima, yet |b| <= 3/2 is mapped into itself.
Scope    Exact arithmetic; every point of the cycle is smooth. So a source need not diverge.
"""

from stability.audit.landscape_statements import gradient_descent_visits, landscapes, on
from stability.logic.statements import AllOf, ForAll, Statement

ABS1 = on("abs1")
STEP = "b - 3/8*abs1.autograd([0, 0, b], [0, 0, 1])"


def visits(*biases: str) -> Statement:
    """State that descent with step 3/8 visits these biases, the weights being 0."""
    return gradient_descent_visits(ABS1, "3/8", [[[0, 0, b]] for b in biases])


def stays(radius: str) -> Statement:
    """State that a ball of biases is mapped into itself."""
    inside = [f"-{radius} <= {STEP}", f"{STEP} <= {radius}"]
    return ForAll("b", [f"-{radius} <= b", f"b <= {radius}"], inside, landscapes(abs1=ABS1))


def theorem() -> Statement:
    """Return the statement."""
    return AllOf([visits("3/10", "9/10", "-3/10", "-9/10", "3/10"), stays("3/2")])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {"period 2": visits("3/10", "9/10", "3/10"), "a smaller ball": stays("1")}
