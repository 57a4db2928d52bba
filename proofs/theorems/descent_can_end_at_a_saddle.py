"""On the parity of three bits one ReLU has saddles that swallow every nearby start on one side.

Setting  w = (1/8, 1/8, 1/8), b = 3/8: the class-1 corner (-1, -1, -1) lies on the kink, the others are on. Near it
         p = saddle - t r + q, where r = (-1, -1, -1, 1) belongs to that corner and q, of parts a, b, c, is orthogonal.
Idea     For t >= 0 that corner is off, and the other seven make a bowl whose bottom is exactly the saddle: the gradient
         is 8 along r and 16 along q. For t < 0 the corner is on and leads away.
Scope    A half-box of starts, 0 <= t <= 1/32 and |a|, |b|, |c| <= 1/64: with steps of at most 1/16 descent stays in it
         and converges to the saddle. "Saddles repel" holds for smooth ones, not at kinks.
"""

from stability.audit.landscape_statements import landscapes, local_minimum_at, on
from stability.geometry.stationary.senses import clarke_stationary
from stability.logic.statements import AllOf, ForAll, Not, Statement

RELU1 = on("relu1", "parity:3")
SADDLE = [["1/8", "1/8", "1/8", "3/8"]]
R, Q = ("-t", "-t", "-t", "t"), ("a + c", "b - a", "-b", "c")
POINT = [f"{x} - ({r}) + {q}" for x, r, q in zip(SADDLE[0], R, Q, strict=True)]
BOX = [f"-1/64 <= {x} <= 1/64" for x in "abc"]


def gradient_beside(side: str, along: int, across: int) -> Statement:
    """State the gradient on one side of the saddle."""
    axes = ["[1, 0, 0, 0]", "[0, 1, 0, 0]", "[0, 0, 1, 0]", "[0, 0, 0, 1]"]
    gradient = [f"relu1.autograd([{', '.join(POINT)}], {axis})" for axis in axes]
    balance = [f"{g} == {along}*(-({r})) + {across}*({q})" for g, r, q in zip(gradient, R, Q, strict=True)]
    return ForAll("t a b c", [side, *BOX], balance, landscapes(relu1=RELU1))


def theorem() -> Statement:
    """Return the statement."""
    saddle = [clarke_stationary(RELU1, SADDLE), Not(local_minimum_at(RELU1, SADDLE))]
    return AllOf([*saddle, gradient_beside("0 <= t <= 1/32", 8, 16)])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "from both sides": gradient_beside("-1/32 <= t <= 1/32", 8, 16),
        "it repels": gradient_beside("0 <= t <= 1/32", -8, 16),
        "a minimum": local_minimum_at(RELU1, SADDLE),
    }
