"""A ReLU layer maps its affine part into the open orthant, its zero set to 0, and the rest into the boundary without 0.

Setting  Two units with pre-activations p and q; h = (max(0, p), max(0, q)).
Idea     Both positive: h = (p, q). Neither: h = 0. One: one component is positive and the other 0.
Scope    Holds for any number of units, component by component. It need not be onto: z1 = x, z2 = x - 1 sends the band
         0 < x <= 1 to (x, 0), so that (2, 0) and (0, 1) are missed, and z1 = x, z2 = 1 - x has no zero set at all.
"""

from collections.abc import Sequence

from stability.audit.layer_statements import relu, reluing
from stability.logic.statements import AllOf, ForAll, Not, Statement

P, Q = relu("p"), relu("q")


def sent(given: Sequence[str], *then: Sequence[str]) -> ForAll:
    """State what becomes of the pre-activations with the givens: one of the alternatives."""
    return ForAll("p q", given, [list(each) for each in then], reluing())


def missed(x: str, y: str) -> Statement:
    """State that no point of the band is sent to (x, y)."""
    away = [[f"{relu('x')} != {x}"], [f"{relu('x - 1')} != {y}"]]
    return ForAll("x", ["0 < x", "x - 1 <= 0"], away, reluing())


def onto(*values: str) -> Statement:
    """State that the origin is an image for z1 = x, z2 = 1 - x, at one of these x."""
    return Not(ForAll("x", [], [f"{relu('x')} + {relu('1 - x')} > 0"], reluing(), [{"x": x} for x in values]))


def theorem() -> Statement:
    """Return the statement."""
    one = [[f"{P} > 0", f"{Q} == 0"], [f"{P} == 0", f"{Q} > 0"]]
    return AllOf(
        [
            sent(["p > 0", "q > 0"], [f"{P} > 0", f"{Q} > 0", f"{P} == p", f"{Q} == q"]),
            sent(["p <= 0", "q <= 0"], [f"{P} == 0", f"{Q} == 0"]),
            sent(["p > 0", "q <= 0"], *one),
            sent(["p <= 0", "q > 0"], *one),
            missed("2", "0"),
            missed("0", "1"),
            Not(onto()),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "the origin is reached from the rest": sent(["p > 0", "q <= 0"], [f"{P} == 0", f"{Q} == 0"]),
        "the band misses (1, 0)": missed("1", "0"),
        "every layer reaches the origin": onto("0", "1"),
    }
