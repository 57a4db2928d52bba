"""No margin at the start saves two long ReLU units on XOR: from zero biases gradient flow can still kill both.

Setting  Opposite units, w = (u, v) and (-u, -v), both with bias b; the first sees x1 and x3, the second x2 and x4.
Idea     They stay opposite, and each moves like a single unit: v + 1/2 decays at the rate 4 and u + b - 1/2 at 8, so
         F = (v + 1/2)^2 - 4 (u + b) + 2 keeps its sign, and is negative at v = 3/2. With F > 0 both class-1 points are
         lost before; what is lost stays so, the slope towards 0 is -2 (loss - 2), and all outputs sink to 0.
Scope    For every margin m, from w = (v + m, v) and zero biases with v > 3/2 + 2 sqrt m: all points are live by m or
         more, and F > 0. Shorter units are saved without any margin: live_points_train_two_relus.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import AllOf, ForAll, Statement

P = "[u, v, b, -u, -v, b]"
Z1, Z2, Z3, Z4 = (f"relu2.pre({P}, 0, {i})" for i in range(4))
ON, LOST, F = [f"{Z1} > 0", f"{Z2} < 0", "v > 3/2"], [f"{Z1} < 0", f"{Z2} < 0"], "((v + 1/2)**2 - 4*(u + b) + 2)"
FIRST, SECOND = (
    [f"[{', '.join(str(int(k == n)) for k in range(6))}]" for n in part] for part in (range(3), range(3, 6))
)
OPPOSITE = [
    f"relu2.d1({P}, {y}) == {s}relu2.d1({P}, {x})" for x, y, s in zip(FIRST, SECOND, ("-", "-", ""), strict=True)
]
SEEN = [f"relu2.pre([m + v, v, 0, -m - v, -v, 0], {j}, {i}) >= m" for j, i in ((0, 0), (1, 1), (0, 2), (1, 3))]
LONG = ["m > 0", "v > 3/2", "(v - 3/2)**2 > 4*m"]


def slope(way: str) -> str:
    """Return the slope when the first unit moves."""
    return f"relu2.d1({P}, [{way}, 0, 0, 0])"


def claim(given: Sequence[str], *then: str, names: str = "u v b") -> Statement:
    """State that relations hold at all points with the givens."""
    at = dict(zip(names.split(), ("3", "3", "0") if names == "u v b" else ("3/10", "4"), strict=True))
    return ForAll(names, given, then, landscapes(relu2="relu2"), [at])


def theorem() -> Statement:
    """Return the statement."""
    up1, up2, moves = slope("1, -1, 1"), slope("-1, 1, 1"), f"2*(v + 1/2)*{slope('0, 1, 0')} - 4*{slope('1, 0, 1')}"
    return AllOf(
        [
            claim(ON, *OPPOSITE, f"{slope('0, 1, 0')} == 4*(v + 1/2)", f"{moves} == 8*{F}", f"{up2} >= 2*({Z2} + 1)"),
            claim([f"{Z1} > 0", "v == 3/2"], f"{F} < 0"),
            claim(LOST, *OPPOSITE, f"{up1} >= 0", f"{up2} >= 0"),
            claim(LOST, f"relu2.d1({P}, [-u, -v, -b, u, v, -b]) == -2*(relu2.loss({P}) - 2)"),
            claim(LONG, *SEEN, "(v + 1/2)**2 - 4*(v + m) + 2 > 0", names="m v"),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "shorter ones too": claim(["m > 0", "v > 3/2"], "(v + 1/2)**2 - 4*(v + m) + 2 > 0", names="m v"),
        "lost points are found again": claim(LOST, f"{slope('1, -1, 1')} < 0"),
        "only one is lost": claim(LOST, f"relu2.loss({P}) < 2"),
    }
