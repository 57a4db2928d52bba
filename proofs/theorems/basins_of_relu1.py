"""Where one ReLU unit on XOR ends is decided by which class-1 points it sees at the start, unless it is long.

Setting  y = max(0, w1 x1 + w2 x2 + b) on XOR, sum of squared errors; x1 = (1, -1) and x2 = (-1, 1) have label 1.
         z_i is the pre-activation at x_i; under gradient flow it changes at minus the slope along (x_i, 1).
Idea     While the signs of z1 and z2 last, the slope towards one target is -2 (loss - bottom): the distance falls
         and the loss sinks to the bottom. What is off stays off. Both off: bottom 2, a collapse. Only x1 on: bottom 1,
         a fit of x1, and z1' >= -8 z1 while w1 >= -3/2 and w2 <= 3/2, which last. Both on and z3, z4 >= -2: these grow
         until all are on, and then the flow runs straight to w = 0, b = 1/2.
Scope    Every start in these regions, off the class-1 kinks; x1 and x2 change places with w1 and w2. For longer units
         see edges_of_the_basins_of_relu1. A collapse is reached in the limit only: near it z3' = -6 z3, or z4.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import landscapes, pre
from stability.logic.statements import AllOf, ForAll, Statement

P, (Z1, Z2, Z3, Z4) = "[u, v, b]", pre("relu1", "[u, v, b]")
UP1, UP2, UP3, UP4 = (f"relu1.d1({P}, [{x}, 1])" for x in ("1, -1", "-1, 1", "1, 1", "-1, -1"))
NEITHER, X1, BOTH = ([f"{Z1} {r} 0", f"{Z2} {s} 0"] for r, s in ("<<", "><", ">>"))
SHORT, NEAR = ["u >= -3/2", "v <= 3/2"], [f"{Z3} >= -2", f"{Z4} >= -2"]
WALLS = [("v == 3/2", "[0, 1, 0]"), ("u == -3/2", "[-1, 0, 0]")]


def claim(given: Sequence[str], *then: str) -> Statement:
    """State that relations hold at all points with the givens."""
    return ForAll("u v b", given, then, landscapes(relu1="relu1"))


def slope_towards(target: tuple[str, str, str], bottom: int) -> str:
    """Return that the slope towards a target is -2 (loss - bottom)."""
    way = ", ".join(f"{end} - {here}" for end, here in zip(target, "uvb", strict=True))
    return f"relu1.d1({P}, [{way}]) == -2*(relu1.loss({P}) - {bottom})"


def theorem() -> Statement:
    """Return the statement."""
    collapse = [claim(NEITHER, slope_towards(("0", "0", "0"), 2), f"{UP1} >= 0", f"{UP2} >= 0")]
    collapse += [claim([*NEITHER, f"{Z3} > 0"], f"{UP3} == 6*{Z3}"), claim([*NEITHER, f"{Z4} > 0"], f"{UP4} == 6*{Z4}")]
    fit = [
        claim(X1, slope_towards(("1/2", "-1/2", "0"), 1), f"{UP2} >= 2*({Z2} + 1)"),
        claim([*X1, *SHORT], f"{UP1} <= 8*{Z1}"),
    ]
    fit += [claim([*X1, side], f"relu1.d1({P}, {out}) > 0") for side, out in WALLS]
    grows = [claim([*BOTH, f"{z} < 0"], f"{up} == 2*({z} - 2)") for z, up in ((Z3, UP3), (Z4, UP4))]
    slopes = zip(("[1, 0, 0]", "[0, 1, 0]", "[0, 0, 1]"), ("u", "v", "(b - 1/2)"), strict=True)
    axes = [f"relu1.d1({P}, {axis}) == 8*{x}" for axis, x in slopes]
    straight = claim([f"{z} > 0" for z in (Z1, Z2, Z3, Z4)], *axes)
    return AllOf([*collapse, *fit, claim([*BOTH, *NEAR], f"{UP1} <= 8*{Z1}", f"{UP2} <= 8*{Z2}"), *grows, straight])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "long units keep x1": claim(X1, f"{UP1} <= 8*{Z1}"),
        "a little longer still keep x1": claim([*X1, "u >= -8/5", "v <= 8/5"], f"{UP1} <= 8*{Z1}"),
        "both on always last": claim(BOTH, f"{UP1} <= 8*{Z1}", f"{UP2} <= 8*{Z2}"),
        "only x1 on, and yet the trap": claim(X1, slope_towards(("0", "0", "1/2"), 1)),
        "off points wake": claim(NEITHER, f"{UP1} < 0"),
    }
