"""In polar coordinates gradient flow turns the weights at the rate -(1/r^2) dL/dtheta.

Setting  w = r (cos theta, sin theta) for one unit on XOR, off the kinks; w' = -dL/dw, b' = -dL/db.
Idea     r^2 theta' = w1 w2' - w2 w1' and dL/dtheta is the derivative along the quarter turn (-w2, w1).
Scope    abs1 and relu1, every smooth point; r r' = -(derivative along w) in the same way.
"""

from stability.audit.landscape_statements import landscapes, pre
from stability.logic.statements import AllOf, ForAll, Statement

P = "[w1, w2, b]"


def flow(name: str, angular: str, radial: str) -> Statement:
    """State r^2 theta' and r r' under gradient flow."""
    g1, g2 = (f"{name}.autograd({P}, {axis})" for axis in ("[1, 0, 0]", "[0, 1, 0]"))
    relations = [f"w1*(-{g2}) - w2*(-{g1}) == {angular}", f"w1*(-{g1}) + w2*(-{g2}) == {radial}"]
    return ForAll("w1 w2 b", [f"{z} != 0" for z in pre(name, P)], relations, landscapes(**{name: name}))


def rates(name: str) -> tuple[str, str]:
    """Return -dL/dtheta and -r dL/dr."""
    return f"-{name}.d1({P}, [-w2, w1, 0])", f"-{name}.d1({P}, [w1, w2, 0])"


def theorem() -> Statement:
    """Return the statement."""
    return AllOf([flow(name, *rates(name)) for name in ("abs1", "relu1")])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    angular, radial = rates("abs1")
    return {
        "turns uphill": flow("abs1", f"-({angular})", radial),
        "grows uphill": flow("abs1", angular, f"-({radial})"),
    }
