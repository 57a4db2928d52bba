"""Where one absolute-value unit on XOR ends is decided at the start, by whether it has x1 and x2 on different sides.

Setting  y = |w1 x1 + w2 x2 + b| on XOR, sum of squared errors; x1 = (1, -1) and x2 = (-1, 1) have label 1.
Idea     Where neither z(x1) nor z(x2) is 0 the gradient is 8 (p - q) with one q for each pair of signs: a solution
         where the signs differ, a trap where they agree. Gradient flow runs straight to q and never leaves.
Scope    Exact flow from every start off two planes. For independent normal weights (standard deviation s) and bias (t)
         the traps attract the share (2/pi) arctan(t / (s sqrt 2)): none without bias, 39% for s = t.
"""

from stability.audit.landscape_statements import landscapes, on, pre
from stability.logic.statements import AllOf, ForAll, Statement

ABS1 = on("abs1")
Z1, Z2, *_ = pre("abs1", "[w1, w2, b]")
ENDS = {
    (">", "<"): ("1/2", "-1/2", "0"),
    ("<", ">"): ("-1/2", "1/2", "0"),
    (">", ">"): ("0", "0", "1/2"),
    ("<", "<"): ("0", "0", "-1/2"),
}
AXES = ("[1, 0, 0]", "[0, 1, 0]", "[0, 0, 1]")


def straight(signs: tuple[str, str], end: tuple[str, str, str], rate: str = "8") -> Statement:
    """State that with these signs of z(x1) and z(x2) the gradient is rate * (p - end)."""
    names = ("w1", "w2", "b")
    slopes = [
        f"abs1.d1([w1, w2, b], {axis}) == {rate}*({p} - ({q}))" for axis, p, q in zip(AXES, names, end, strict=True)
    ]
    return ForAll(" ".join(names), [f"{Z1} {signs[0]} 0", f"{Z2} {signs[1]} 0"], slopes, landscapes(abs1=ABS1))


def theorem() -> Statement:
    """Return the statement."""
    return AllOf([straight(signs, end) for signs, end in ENDS.items()])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "the solution attracts where the signs agree": straight((">", ">"), ENDS[">", "<"]),
        "the trap attracts where they differ": straight((">", "<"), ENDS[">", ">"]),
        "half as fast": straight((">", "<"), ENDS[">", "<"], rate="4"),
    }
