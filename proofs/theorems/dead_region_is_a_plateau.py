"""A dead ReLU unit rests on a plateau: near w = 0, b = -1 nothing attracts and nothing repels.

Setting  One ReLU unit on XOR; every point within 1/8 (in each coordinate) of w = 0, b = -1.
Idea     All pre-activations stay below -1/2, so the loss is constant there.
Scope    The open dead region. On its edge a class-1 point may be switched on, and the loss falls.
"""

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import ForAll, Statement

BOX = [f"-1/8 <= {d} <= 1/8" for d in ("x", "y", "t")]
RELU = landscapes(relu1="relu1")
P = "[x, y, -1 + t]"


def theorem() -> Statement:
    """Return the statement."""
    level = [
        f"relu1.loss({P}) == 2",
        f"relu1.d1({P}, [u, v, w]) == 0",
        f"relu1.d2({P}, [u, v, w], [0, 0, 0]) == 0",
    ]
    return ForAll("x y t u v w", BOX, level, RELU)


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    edge = ForAll(
        "x y t", ["-t >= x", "-t >= -x", "-t >= y", "-t >= -y"], ["relu1.d1([x, y, t], [0, 0, 1]) == 0"], RELU
    )
    return {
        "attracting": ForAll("x y t", BOX, ["x*relu1.autograd([x, y, -1 + t], [1, 0, 0]) > 0"], RELU),
        "up to the edge": edge,
        "loss 1/2": ForAll("x y t", BOX, [f"relu1.loss({P}) == 1/2"], RELU),
    }
