"""Adding the tangential gradient to the weights raises the loss at the rate of the squared torque.

Setting  One unit on XOR at a smooth point; T is the derivative along the quarter turn Jw, g_t = (T / r^2) Jw.
Idea     The derivative along T Jw is T * T.
Scope    abs1 and relu1. Where T = 0 the step is zero with either sign, so it cannot leave a no-torque point.
"""

from stability.audit.landscape_statements import landscapes, pre
from stability.logic.statements import AllOf, ForAll, Statement

P = "[w1, w2, b]"


def along(name: str, sign: str, rate: str) -> Statement:
    """State the rate of the loss along the tangential gradient, or against it."""
    torque = f"{name}.d1({P}, [-w2, w1, 0])"
    step = f"[{sign}(-w2)*{torque}, {sign}w1*{torque}, 0]"
    relation = f"{name}.d1({P}, {step}) == {rate.format(torque)}"
    return ForAll("w1 w2 b", [f"{z} != 0" for z in pre(name, P)], [relation], landscapes(**{name: name}))


def theorem() -> Statement:
    """Return the statement."""
    return AllOf([along(name, sign, f"{sign}{{0}}**2") for name in ("abs1", "relu1") for sign in ("", "-")])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "plus descends": along("abs1", "", "-{0}**2"),
        "linear in the torque": along("abs1", "-", "-{0}"),
    }
