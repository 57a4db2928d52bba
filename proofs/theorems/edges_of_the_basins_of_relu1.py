"""A long ReLU unit on XOR loses a class-1 point beyond a parabola, and the trap ends at a quartic.

Setting  One unit on XOR as in basins_of_relu1. Parabola: x1 on, x2 off, v = w2 > 3/2, which turns x3 on and x4 off.
         Quartic: x1 and x2 on, z2 <= z1, z4 < -2, which turns x3 on.
Idea     v + 1/2 decays at the rate 4 and u + b - 1/2 at 8, so F = (v + 1/2)^2 - 4(u + b) + 2 keeps its sign. It is
         positive where z1 = 0 and negative where v = 3/2: with F > 0 x1 is lost and the unit collapses, with F < 0
         v comes down and x1 is fitted. Likewise H = (2 - z4)^4 - 256 (3 z2 - 1 - z4): positive, x2 is lost; negative,
         z4 comes up and the unit ends in the trap w = 0, b = 1/2.
Scope    With basins_of_relu1 and its mirror images this decides every start with one class-1 point on, and whether a
         start with both keeps them. Near the diagonal: w = (c + d, c - d), b = 0 collapses if c > 3/2 and d is small.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import landscapes, pre
from stability.logic.statements import AllOf, ForAll, Statement

P, (Z1, Z2, Z3, Z4) = "[u, v, b]", pre("relu1", "[u, v, b]")
UP2, UP4, V, SUM = (f"relu1.d1({P}, [{x}])" for x in ("-1, 1, 1", "-1, -1, 1", "0, 1, 0", "1, 0, 1"))
ONE_ON, BOTH_ON = [f"{Z1} > 0", f"{Z2} < 0", "v > 3/2"], [f"{Z2} > 0", "u >= v", f"{Z4} < -2"]
F, H = "((v + 1/2)**2 - 4*(u + b) + 2)", f"((2 - {Z4})**4 - 256*(3*{Z2} - 1 - {Z4}))"
NEAR = "(c - d + 1/2)**2 - 4*(c + d) + 2 > 0"
F_SLOPE, H_SLOPE = f"2*(v + 1/2)*{V} - 4*{SUM}", f"-4*(2 - {Z4})**3*{UP4} - 256*(3*{UP2} - {UP4})"


def claim(given: Sequence[str], *then: str, bias: str = "b", squares: Sequence[str] = ()) -> Statement:
    """State that relations hold at all points with the givens, the bias being free or as stated."""
    texts = [[text.replace(" b", f" {bias}") for text in side] for side in (given, then)]
    return ForAll("u v b" if bias == "b" else "u v", *texts, landscapes(relu1="relu1"), squares=squares)


def theorem() -> Statement:
    """Return the statement."""
    parabola = [
        claim(ONE_ON, f"{Z3} > 0", f"{Z4} < 0", f"{V} == 4*(v + 1/2)", f"{F_SLOPE} == 8*{F}"),
        claim([f"{Z1} == 0", "v > 3/2"], f"{F} > 0"),
        claim([f"{Z1} > 0", "v == 3/2"], f"{F} < 0"),
        ForAll("c d", ["d > 0", "c - d > 3/2", "d*(5 + 2*c) < (c - 3/2)**2"], [NEAR], try_at=[{"c": 3, "d": "1/20"}]),
    ]
    quartic = [
        claim(BOTH_ON, f"{Z3} > 0", f"{UP4} == 2*({Z4} - 2)", f"{H_SLOPE} == 8*{H}"),
        claim([f"{Z2} == 0", f"{Z4} < -2"], f"{H} > 0", squares=[f"({Z4} + 2)**2"]),
        claim([f"{Z2} > 0"], f"{Z4} == -2", f"{H} < 0", bias="(u + v - 2)"),
    ]
    return AllOf([*parabola, *quartic])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "the edge is the line v = 3/2": claim(ONE_ON, f"{F} > 0"),
        "x1 may be lost inside the parabola": claim([f"{Z1} == 0", "v > 3/2"], f"{F} < 0"),
        "it is decided at v = 4": claim([f"{Z1} > 0", "v == 4"], f"{F} < 0"),
        "F grows": claim(ONE_ON, f"{F_SLOPE} == -8*{F}"),
        "both stay on beyond the quartic": claim([f"{Z2} == 0", f"{Z4} < -2"], f"{H} < 0"),
        "all units near the diagonal": ForAll("c d", ["d > 0", "c - d > 3/2"], [NEAR], try_at=[{"c": 2, "d": "1/5"}]),
    }
