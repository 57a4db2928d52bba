"""At 3 pi/4 a ReLU unit on XOR feels no torque at any bias; its stability depends on bias and radius.

Setting  w = c (-1, 1), c > 0 (so sqrt 2 r = 2c), b frozen.
Idea     The gradients of the class-1 points are along w, and those of the class-0 points cancel.
Scope    Every b but the kinks b = +-2c. At b = 0 the curvature is 4c, the same from both sides.
"""

from stability.audit.landscape_statements import landscapes, turn
from stability.logic.statements import AllOf, ForAll, Statement

SLOPE, BEND = turn("relu1", ("-c", "c"))


def bends(given: str, curvature: str) -> Statement:
    """State the angular slope 0 and the curvature while the bias lies in a range."""
    return ForAll("c b", ["c > 0", given], [f"{SLOPE} == 0", f"{BEND} == {curvature}"], landscapes(relu1="relu1"))


def theorem() -> Statement:
    """Return the statement."""
    return AllOf(
        [
            bends("0 < b < 2*c", "4*c*(1 + 2*c - b)"),
            bends("-2*c < b < 0", "4*c*(1 - 2*c - b)"),
            bends("b > 2*c", "0"),
            bends("b < -2*c", "0"),
            ForAll(
                "c",
                ["c > 0"],
                [text.replace(", b]", ", 0]") for text in (f"{SLOPE} == 0", f"{BEND} == 4*c")],
                RELU,
            ),
        ]
    )


RELU = landscapes(relu1="relu1")


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    stable = ForAll("c b", ["c > 0", "-2*c < b < 2*c"], [f"{BEND} > 0"], RELU)
    return {
        "stable at every bias": stable,
        "same on both sides": bends("-2*c < b < 2*c", "4*c*(1 + 2*c - b)"),
    }
