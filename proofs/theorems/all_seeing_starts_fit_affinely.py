"""While two ReLU units see all of XOR they do no better than 1/2 everywhere, and flow there or lose a point on the way.

Setting  Both units on at all four points, sum of squared errors; W and B are the summed weights and biases.
Idea     The outputs are W . x + B, so those of the two classes have equal sums, and the loss is 1 + 4 |W|^2 +
         4 (B - 1/2)^2. Both units have the same gradient: they move along straight lines, keeping their difference, to
         the point E where W = 0 and B = 1/2. There the pre-activations are 1/4 plus and minus half their difference.
Scope    Gradient flow. So E is reached if the pre-activations differ by less than 1/2 at all points, and a unit loses a
         point if they differ by more at one. A step h <= 1/16 from such a start leaves every point to some unit.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import AllOf, ForAll, Statement

NAMES, P = "u v b s t c", "[u, v, b, s, t, c]"
END = "[(u - s)/2, (v - t)/2, 1/4 + (b - c)/2, (s - u)/2, (t - v)/2, 1/4 + (c - b)/2]"
WAY = f"[{', '.join(f'{end} - {here}' for here, end in zip(NAMES.split(), END[1:-1].split(', '), strict=True))}]"
PAIRS = [(f"relu2.pre({P}, 0, {i})", f"relu2.pre({P}, 1, {i})") for i in range(4)]
SEEN = [f"{z} > 0" for pair in PAIRS for z in pair]
OUT, LOSS = [f"relu2.out({P}, {i})" for i in range(4)], f"relu2.loss({P})"
AXES = [f"[{', '.join(str(int(k == n)) for k in range(6))}]" for n in range(6)]
SLOPES = 2 * ["8*(u + s)", "8*(v + t)", "(8*(b + c) - 4)"]
AT, HIGH, MIRRORED = (row.split() for row in ("1/8 0 1/4 0 1/8 1/4", "0 0 1 0 0 1", "1/8 0 1/4 -1/8 0 1/4"))
RELU2 = landscapes(relu2="relu2")


def claim(*then: str, at: Sequence[str] = AT) -> Statement:
    """State what holds while both units see all points."""
    return ForAll(NAMES, SEEN, then, RELU2, [dict(zip(NAMES.split(), at, strict=True))], samples=0)


def slope_at_rate(rate: int) -> Statement:
    """State that the slope towards E is -rate times what the loss exceeds 1 by."""
    return claim(f"relu2.d1({P}, {WAY}) == -{rate}*({LOSS} - 1)")


def still_seen(most: str) -> Statement:
    """State that after one step of at most this size some unit sees x1; so it is with the other points, by symmetry."""
    moves = [f"{x} - h*{slope}" for x, slope in zip(NAMES.split(), SLOPES, strict=True)]
    seen = [f"relu2.pre([{', '.join(moves)}], {j}, 0)" for j in (0, 1)]
    examples = [dict(zip([*NAMES.split(), "h"], [*at, most], strict=True)) for at in (AT, HIGH)]
    step, then = [*SEEN, f"0 < h <= {most}"], [[f"{z} > 0"] for z in seen]
    return ForAll(f"{NAMES} h", step, then, RELU2, examples, splits=seen[:1], samples=0)


def theorem() -> Statement:
    """Return the statement."""
    gradient = [f"relu2.d1({P}, {axis}) == {slope}" for axis, slope in zip(AXES, SLOPES, strict=True)]
    ends = [f"relu2.pre({END}, 0, {i}) == 1/4 + ({z} - {y})/2" for i, (z, y) in enumerate(PAIRS)]
    ends += [f"relu2.pre({END}, 1, {i}) == 1/4 - ({z} - {y})/2" for i, (z, y) in enumerate(PAIRS)]
    return AllOf(
        [
            claim(f"{OUT[0]} + {OUT[1]} == {OUT[2]} + {OUT[3]}"),
            claim(f"{LOSS} == 1 + 4*(u + s)**2 + 4*(v + t)**2 + 4*(b + c - 1/2)**2"),
            claim(*gradient),
            slope_at_rate(2),
            claim(*ends),
            still_seen("1/16"),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "class 0 stays low": claim(f"{OUT[2]} + {OUT[3]} <= 1", at=HIGH),
        "down to 0": claim(f"relu2.d1({P}, {WAY}) == -2*{LOSS}"),
        "four times as fast": slope_at_rate(8),
        "steps up to 1/8": still_seen("1/8"),
        "some force on every start": claim(f"{LOSS} > 1", at=MIRRORED),
    }
