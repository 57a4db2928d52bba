"""Two ReLU units solve XOR by gradient flow if each sees a class-1 point of its own and class 0 outputs at most 3.

Setting  Unit 1 is on at x1 and off at x2, unit 2 the other way round; outputs at x3 and x4 at most 3. From zero biases:
         every start at which both class-1 points are live, with w1 != w2 in both units, up to their order.
Idea     The slope towards the solution S = (1/2, -1/2, 0), (-1/2, 1/2, 0) is -2 loss, so the distance to S falls and
         the loss sinks to 0 (below |start - S|^2 / 4t) while these signs last. They do: z2' <= -2 (z2 + 1); z1 >= -z2
         where b >= 0, and z1' >= -6 z1 where b < 0; an output of 3 at x3 falls, for each unit that sees x3 turns down.
Scope    Stated for unit 1 and x3; the rest by exchanging the units, or x3 and x4. On a kink of class 0 the flow is a
         mean of those beside it. Nearer to S than 1/sqrt 3 no bound on the outputs is needed. Long units can lose a
         class-1 point: a_margin_does_not_save_long_units.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import AllOf, ForAll, Statement

NAMES, P = "u v b s t c", "[u, v, b, s, t, c]"
(Z1, Z2, Z3, Z4), (Y1, Y2, Y3, Y4) = ([f"relu2.pre({P}, {j}, {i})" for i in range(4)] for j in (0, 1))
UP1, UP2, UP3 = (f"relu2.d1({P}, [{x}, 1, 0, 0, 0])" for x in ("1, -1", "-1, 1", "1, 1"))
OUT3, OUT4 = (f"relu2.out({P}, {i})" for i in (2, 3))
APART = [f"{z} != 0" for z in (Z3, Z4, Y3, Y4)]
OWN, LOW = [f"{Z1} > 0", f"{Z2} < 0", f"{Y2} > 0", f"{Y1} < 0"], [f"{OUT3} <= 3", f"{OUT4} <= 3"]
SOLUTION, HIGH = ("1/2", "-1/2", "0", "-1/2", "1/2", "0"), ("2", "1", "0", "-2", "-1", "0")
BELOW = ("1/2", "-1/2", "-1/10", "-1/2", "1/3", "0")
STILL = ["1 + x - y + z > 0", "-1 - x + y + z < 0"]
DISTANCE, TILTS = "x**2 + y**2 + z**2", ("x + y", "x - z", "y + z", "x + z", "y - z", "1 + x - y + z", "1 + x - y - z")
RISING, FAR = ("1/8", "0", "0", *SOLUTION[3:]), {"x": "-1/2", "y": "1/2", "z": "-1/2"}


def claim(given: Sequence[str], *then: str, at: Sequence[str] = SOLUTION) -> Statement:
    """State that relations hold at all points with the givens."""
    example = dict(zip(NAMES.split(), at, strict=True))
    return ForAll(NAMES, given, then, landscapes(relu2="relu2"), [example], samples=0)


def slope_at_rate(rate: int) -> str:
    """Return that the slope towards the solution is -rate times the loss."""
    way = ", ".join(f"{end} - {here}" for here, end in zip(NAMES.split(), SOLUTION, strict=True))
    return f"relu2.d1({P}, [{way}]) == -{rate}*relu2.loss({P})"


def theorem() -> Statement:
    """Return the statement."""
    near = ForAll("x y z", [f"3*({DISTANCE}) < 1"], STILL, try_at=[dict.fromkeys("xyz", 0)], squares=TILTS)
    return AllOf(
        [
            claim(OWN, slope_at_rate(2)),
            claim(OWN, f"{UP2} >= 2*({Z2} + 1)"),
            claim([*OWN, *LOW, *APART, "b < 0"], f"{UP1} <= 6*{Z1}", at=BELOW),
            claim([*OWN, *APART, f"{OUT4} <= 3", f"{OUT3} >= 3", f"{Z3} > 0"], f"{UP3} > 0", at=HIGH),
            claim(["u > v", "s < t", "b == 0", "c == 0"], *OWN),
            near,
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    shared = [f"{Z1} > 0", f"{Z2} < 0", f"{Y1} > 0", f"{Y2} < 0"]
    return {
        "both units at the same point": claim(shared, slope_at_rate(2), at=("1/2", "-1/2", "0", "1/4", "-1/4", "0")),
        "three times as fast": claim(OWN, slope_at_rate(6), at=HIGH),
        "whatever the outputs": claim([*OWN, "b < 0"], f"{UP1} <= 6*{Z1}", at=("3", "27/10", "-1/10", *SOLUTION[3:])),
        "an output of 1/8 falls": claim([*OWN, f"{OUT3} >= 1/8", f"{Z3} > 0"], f"{UP3} > 0", at=RISING),
        "within 1": ForAll("x y z", [f"{DISTANCE} < 1"], STILL, try_at=[FAR]),
    }
