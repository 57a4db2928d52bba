"""At pi/4 and zero bias the angular loss of either unit on XOR is a corner that points up, at every radius.

Setting  w = c (1, 1), c > 0, so r = sqrt 2 c; the weights turn, b = 0 and r stay.
Idea     Both class-1 points lie on the kink; rotating either way switches one on and lowers the loss.
Scope    b = 0. There is no second derivative to take the sign of.
"""

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import AllOf, ForAll, Statement

POINT, LEFT, RIGHT = "[c, c, 0]", "[-c, c, 0]", "[c, -c, 0]"


def falls(name: str, rate: str) -> Statement:
    """State that the angular loss falls at this rate on both sides."""
    sides = [f"{name}.d1({POINT}, {way}) == -({rate})" for way in (LEFT, RIGHT)]
    return ForAll("c", ["c > 0"], sides, landscapes(**{name: name}))


def theorem() -> Statement:
    """Return the statement."""
    return AllOf([falls("abs1", "8*c"), falls("relu1", "4*c")])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    smooth = f"abs1.d1({POINT}, {LEFT}) + abs1.d1({POINT}, {RIGHT}) == 0"
    return {
        "smooth": ForAll("c", ["c > 0"], [smooth], landscapes(abs1="abs1")),
        "relu as steep as abs": falls("relu1", "8*c"),
        "valley": falls("relu1", "-4*c"),
    }
