"""At every minimum of one absolute-value unit on XOR, gradient descent is stable exactly for steps below 1/4.

Setting  Sum of squared errors; the multipliers of the step are 1 - step * (eigenvalues of the Hessian).
Idea     The Hessian is 8 I in every cell and at every minimum.
Scope    Under the mean the Hessian is 2 I and the limit 1. Local: says nothing about where large steps lead.
"""

from stability.audit.landscape_statements import hessian_is, on
from stability.logic.statements import AllOf, ForAll, Statement

MINIMA = [["1/2", "-1/2", 0]], [["-1/2", "1/2", 0]], [[0, 0, "1/2"]], [[0, 0, "-1/2"]]


def scaled(size: int) -> list[list[int]]:
    """Return a multiple of the identity."""
    return [[size if row == column else 0 for column in range(3)] for row in range(3)]


def limit(curvature: int, step: str) -> Statement:
    """State that the multiplier 1 - curvature * h is below 1 in size exactly for 0 < h < step."""
    below = ForAll("h", ["0 < h", f"h < {step}"], [f"(1 - {curvature}*h)**2 < 1"])
    return AllOf([below, ForAll("h", [f"h > {step}"], [f"(1 - {curvature}*h)**2 > 1"])])


def theorem() -> Statement:
    """Return the statement."""
    hessians = [
        hessian_is(on("abs1", loss=loss), p, scaled(k)) for loss, k in (("sum", 8), ("mean", 2)) for p in MINIMA
    ]
    return AllOf([*hessians, limit(8, "1/4"), limit(2, "1")])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {"half the curvature": hessian_is(on("abs1"), MINIMA[0], scaled(4)), "limit 1/2": limit(8, "1/2")}
