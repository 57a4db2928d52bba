"""A gradient that only turns a unit can still throw it: a long step from full torque raises the loss without bound.

Setting  One ReLU unit on XOR, w = (a, 0), b = 1/2 - a, sum of squared errors; one step s of gradient descent.
Idea     Both points in front have the output 1/2, so the errors -1/2 and 1/2 cancel along the normal and in the bias,
         and add up across: the gradient by w is (0, 2), that by b is 0. The step makes w = (a, -2s).
Scope    s >= 1 and a >= 2 s. The torque ratio is 1, its largest value; the loss goes from 3/2 to at least 13/4.
"""

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import AllOf, ForAll, Statement

RELU = landscapes(relu1="relu1")
HERE, THERE = "[a, 0, 1/2 - a]", "[a, -2*s, 1/2 - a]"


def at(*relations: str) -> ForAll:
    """State what holds at all such points and steps."""
    return ForAll("a s", ["s >= 1", "a >= 2*s"], list(relations), RELU)


def theorem() -> Statement:
    """Return the statement."""
    rotating = [
        f"relu1.d1({HERE}, {d}) == {slope}" for d, slope in (("[1, 0, 0]", 0), ("[0, 1, 0]", 2), ("[0, 0, 1]", 0))
    ]
    thrown = [f"relu1.loss({HERE}) == 3/2", f"relu1.loss({THERE}) == 1 + (2*s - 1/2)**2"]
    return AllOf([at(*rotating), at(*thrown), at(f"relu1.loss({THERE}) >= 13/4")])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "full torque descends": at(f"relu1.loss({THERE}) <= 3/2"),
        "the bias moves": at(f"relu1.d1({HERE}, [0, 0, 1]) != 0"),
    }
