"""From neighbouring starts two ReLU units on XOR go apart: one pair learns everything, the other ends in a trap.

Setting  y = max(0, z1) + max(0, z2) on XOR, sum of squared errors, gradient flow. Unit 1 starts with (w, b) =
         (5/4, 0, 3/2) and sees every point; unit 2 starts with (1/2, 1/2, b), where b is 0.06 or 0.059.
Idea     Both times unit 2 first loses x1. With 0.06 it never loses x2: it comes to rest on the kink of x3, where it
         slides, unit 1 crosses the kink of x2, and each unit fits a class-1 point of its own. With 0.059 it loses
         x2 as well, is worn down to the kink of x3 and dies there; unit 1 alone falls back to the constant 1/2.
Scope    These two starts, every solution from them: kinks are crossed, met and held with margins that are checked,
         and what comes after the last event lasts for ever.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import on
from stability.dynamics.flow.statements import AllAboutFlows, flow_ends
from stability.logic.statements import Statement

RELU2 = on("relu2")
LEARNS, FAILS = ([["5/4", 0, "3/2"], ["1/2", "1/2", b]] for b in ("0.06", "0.059"))
FIT = [["1/2", "-1/2", 0], ["-1/2", "1/2", 0]]
WORN = [  # unit 1 puts out 1/2 everywhere, unit 2 nothing
    ("crossing", 1, 0, "0.003", "0.004"),
    ("crossing", 1, 1, "0.043", "0.044"),
    ("sliding begins", 1, 2, "0.072", "0.073"),
]
WON = [
    ("crossing", 1, 0, "0.003", "0.004"),
    ("sliding begins", 1, 2, "0.077", "0.078"),
    ("crossing", 0, 1, "0.575", "0.576"),
    ("sliding begins", 1, 3, "0.747", "0.748"),
]


def ends(start: Sequence[Sequence[str | int]], loss: int, *more: tuple[object, ...]) -> Statement:
    """State that the flow from a start ends with some loss."""
    return flow_ends(RELU2, start, [("loss", "=", loss), *more])


def theorem() -> Statement:
    """Return the statement."""
    won = ends(LEARNS, 0, ("within", "1/1000000000", FIT), ("events", "=", WON))
    return AllAboutFlows([won, ends(FAILS, 1, ("signs", "=", ["++++", "--0-"]), ("events", "=", WORN))])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "both learn": AllAboutFlows([ends(LEARNS, 0), ends(FAILS, 0)]),
        "both fail": AllAboutFlows([ends(LEARNS, 1), ends(FAILS, 1)]),
        "the worn unit dies for good": ends(FAILS, 1, ("signs", "=", ["++++", "----"])),
        "nothing is lost on the way": ends(LEARNS, 0, ("events", "=", [])),
        "unit 1 lets go first": ends(LEARNS, 0, ("events", "=", [WON[2], *WON[:2], WON[3]])),
        "it is all over at 0.7": ends(LEARNS, 0, ("events", "=", [*WON[:3], (*WON[3][:3], "0.6", "0.7")])),
    }
