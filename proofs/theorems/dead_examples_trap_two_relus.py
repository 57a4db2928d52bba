"""From zero biases two ReLU units to which x1 is dead end in a trap: gradient flow fits x2 alone, with loss 1.

Setting  XOR, both units off at x1, with 3 z1 + z2 < 0 in each, some unit on at x2, outputs at x3 and x4 at most 3. From
         zero biases: w1 < w2 in both units.
Idea     3 z1 + z2 never grows while x1 is dead, and where z2 < 0 neither z1 nor z2 does, so x1 stays dead. With both
         units on at x2, or one, the slope towards a fit of x2 is -2 (loss - 1): the loss sinks to 1. x2 stays live:
         z2' >= -6 (output at x2) where b < 0, and z2 > -z1 where b >= 0. Where both class-1 points are dead they stay
         so, the slope towards 0 is -2 (loss - 2), and all outputs sink to 0.
Scope    Stated for unit 1, x1 and x3; the rest by symmetry. On a kink of class 0 the flow is a mean of those beside it.
         An open set of starts, so the traps attract; a unit that leaves x2 never sees it again. Large steps can escape.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import AllOf, ForAll, Statement

NAMES, P = "u v b s t c", "[u, v, b, s, t, c]"
(Z1, Z2, Z3, Z4), (Y1, Y2, Y3, Y4) = ([f"relu2.pre({P}, {j}, {i})" for i in range(4)] for j in (0, 1))
UP1, UP2, UP3, BOTH_UP = (f"relu2.d1({P}, [{x}, 0, 0, 0])" for x in ("1, -1, 1", "-1, 1, 1", "1, 1, 1", "2, -2, 4"))
OUT2, OUT3, OUT4 = (f"relu2.out({P}, {i})" for i in (1, 2, 3))
DEAD, LOW = [f"{Z1} < 0", f"{Y1} < 0"], [f"{OUT3} <= 3", f"{OUT4} <= 3"]
APART = [f"{z} != 0" for z in (Z3, Z4, Y3, Y4)]
SHARED, ALONE, NOTHING = "-1/4 1/4 0 -1/4 1/4 0", "-1/2 1/2 0 0 0 0", "0 0 0 0 0 0"
"""The points that the flow aims at: x2 is fitted by both units, by one, or by none."""
BELOW, LEFT = "-1/4 1/3 -1/8 -1/4 1/3 1/9", "-1/2 1/2 0 0 0 -1"


def claim(given: Sequence[str], *then: str, at: str = SHARED) -> Statement:
    """State that relations hold at all points with the givens, of which an example is given."""
    example = dict(zip(NAMES.split(), at.split(), strict=True))
    return ForAll(NAMES, given, then, landscapes(relu2="relu2"), [example], samples=0)


def slope_towards(target: str, bottom: int) -> str:
    """Return that the slope towards a target is -2 (loss - bottom)."""
    way = ", ".join(f"{end} - {here}" for here, end in zip(NAMES.split(), target.split(), strict=True))
    return f"relu2.d1({P}, [{way}]) == -2*(relu2.loss({P}) - {bottom})"


def theorem() -> Statement:
    """Return the statement."""
    sinks = [
        claim([*DEAD, f"{Z2} > 0", f"{Y2} > 0"], slope_towards(SHARED, 1)),
        claim([*DEAD, f"{Z2} > 0", f"{Y2} < 0"], slope_towards(ALONE, 1), at=LEFT),
        claim([*DEAD, f"{Z2} < 0", f"{Y2} < 0"], slope_towards(NOTHING, 2), at="0 0 -1 0 0 -1"),
    ]
    lasts = [
        claim([*DEAD, *APART, f"{Z2} > 0"], f"{BOTH_UP} >= 0", at=BELOW),
        claim([*DEAD, *APART, f"{Z2} < 0"], f"{UP1} >= 0", f"{UP2} >= 0", at="0 1/9 -1 0 0 -1"),
        claim([*DEAD, *APART, f"{Z2} > 0", *LOW, "b < 0"], f"{UP2} <= 6*{OUT2}", at=BELOW),
        claim([*DEAD, *APART, f"{OUT4} <= 3", f"{OUT3} >= 3", f"{Z3} > 0"], f"{UP3} > 0", at="1 2 1/9 1 2 1/9"),
    ]
    zero = claim(["u < v", "s < t", "b == 0", "c == 0"], *DEAD, f"3*{Z1} + {Z2} < 0", f"{Z2} > 0")
    return AllOf([*sinks, *lasts, zero])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    own = [f"{Z1} < 0", f"{Y1} > 0", f"{Z2} > 0", f"{Y2} < 0"]
    return {
        "x1 seen by the other unit": claim(own, slope_towards(ALONE, 1), at="-1/2 1/2 0 1/2 -1/2 0"),
        "off at x1 always lasts": claim(DEAD, f"{UP1} >= 0", at="-1 1 0 -1 1 0"),
        "down to 0": claim([*DEAD, f"{Z2} > 0", f"{Y2} > 0"], slope_towards(SHARED, 0)),
        "x2 is lost too": claim([*DEAD, f"{Z2} > 0", *LOW, "b < 0"], f"{UP2} > 0", at=BELOW),
        "x2 stays, whatever the outputs": claim(
            [*DEAD, f"{Z2} > 0", "b < 0"], f"{UP2} <= 6*{OUT2}", at="27/10 3 -1/10 -1/8 1/8 0"
        ),
    }
