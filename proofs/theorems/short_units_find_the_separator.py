"""One ReLU unit on XOR that starts short turns to the separator exactly; one that sees x2 alone keeps its tilt.

Setting  x2 on, x1 off, z1 >= -1, w1 >= -1/2 - b, w2 <= 1/2 + b. From b = 0: all w1 < w2 with w1 >= -1/2, w2 <= 1/2.
Idea     These bounds last. The slope towards T = (-1/2, 1/2, 0) is -2 (loss - 1), so the loss sinks to 1, and within
         these bounds only T has the loss 1. Where x2 alone is on, w1 + w2 never changes: nothing turns the unit home.
Scope    Gradient flow with norm and bias free, an open set of starts; the mirror image ends at -T. Nowhere does
         |w1 + w2| grow. The angle to w2 = -w1 can: where x2 alone is on and z2 > 1 the unit shortens and turns away.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import landscapes, pre
from stability.logic.statements import AllOf, ForAll, Statement

P, (Z1, Z2, Z3, Z4) = "[u, v, b]", pre("relu1", "[u, v, b]")
UP1, UP2, SUM, GAP = (f"relu1.d1({P}, [{x}])" for x in ("1, -1, 1", "-1, 1, 1", "1, 1, 0", "-1, 1, 0"))
INSIDE = [f"{Z2} > 0", f"-1 <= {Z1}", f"{Z1} < 0", "v - b <= 1/2", "-u - b <= 1/2"]
ALONE = [f"{Z2} > 0", *(f"{z} < 0" for z in (Z1, Z3, Z4))]
FITTED = [f"{Z2} == 1", *(f"{z} <= 0" for z in (Z1, Z3, Z4))]
TURNS = f"(v - u)*{SUM} <= (u + v)*{GAP}"
"""(w1 + w2) / (w2 - w1) does not fall: the angle to the line w2 = -w1 does not shrink."""


def claim(given: Sequence[str], *then: str) -> Statement:
    """State that relations hold at all points with the givens."""
    return ForAll("u v b", given, then, landscapes(relu1="relu1"), [{"u": "-1/2", "v": "1/2", "b": 0}])


def theorem() -> Statement:
    """Return the statement."""
    slope = f"relu1.d1({P}, [-1/2 - u, 1/2 - v, -b]) == -2*(relu1.loss({P}) - 1)"
    walls = [([*INSIDE, f"{Z1} == -1"], f"{UP1} <= 0"), ([*INSIDE, "v - b == 1/2"], f"relu1.d1({P}, [0, 1, -1]) >= 0")]
    walls += [([*INSIDE, "-u - b == 1/2"], f"relu1.d1({P}, [-1, 0, -1]) >= 0")]
    return AllOf(
        [
            claim(INSIDE, slope, f"{UP1} >= 2*({Z1} + 1)", f"{UP2} <= 8*{Z2}"),
            *(claim(*wall) for wall in walls),
            claim([*FITTED, *INSIDE[3:]], "u == -1/2", "v == 1/2", "b == 0"),
            claim(["u < v", "v <= 1/2", "u >= -1/2", "b == 0"], *INSIDE),
            claim(ALONE, f"{SUM} == 0", f"{UP2} == 6*({Z2} - 1)"),
            claim([*ALONE, f"{Z2} > 1", "u + v > 0"], TURNS),
            claim(["u + v > 0"], f"{SUM} >= 0"),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "every fit is the separator": claim(FITTED, "u == -1/2", "v == 1/2", "b == 0"),
        "somewhat longer ones too": claim([*FITTED, "v - b <= 3/5", "-u - b <= 3/5"], "b == 0"),
        "a lone point turns the unit home": claim([*ALONE, "u + v > 0"], f"{SUM} > 0"),
        "the angle never grows": claim([f"{Z2} > 0", f"{Z1} < 0", "u + v > 0"], TURNS.replace("<=", ">=")),
    }
