"""Rests in one open cell of a trainable output layer share outputs and are best in it, but need not be connected there.

Setting  Three examples on the line with errors e_i, one unit with slopes s_i there; A w and A b are moved by p and q.
         Then two ReLUs with output weights a1, a2 that see both of x = -1, 1, with labels -1, 1; sum of squared errors.
Idea     In a cell outputs depend linearly on (a_j w_j, a_j b_j). At rest the errors are orthogonal to them all, where
         a_j is not 0 or the unit is silent all around: a move by d_i adds the sum of d_i^2 (Pythagoras). The labels are
         x: two affine outputs of one sign on the data cancel its constant only with a1 a2 < 0, a1 > 0 or a1 < 0.
Scope    One unit and three examples, by an argument for any number and an output bias, which is one more line. In
         the second part the two halves hold the same functions, by exchange of units; for one unit they are connected.
"""

from collections.abc import Sequence

from stability.audit.output_layer_statements import inner, squares
from stability.logic.statements import AllOf, Exists, ForAll, Statement

NAMES = "p q " + " ".join(f"e{i} s{i} x{i}" for i in range(3))
E, MOVE = [f"e{i}" for i in range(3)], [f"s{i}*(p*x{i} + q)" for i in range(3)]
REST = [f"{inner(E, [f's{i}*x{i}' for i in range(3)])} == 0", f"{inner(E, ['s0', 's1', 's2'])} == 0"]
MOVED = squares([f"{e} + {d}" for e, d in zip(E, MOVE, strict=True)])
PAIR = "a1 w1 b1 a2 w2 b2"
SEEN = [f"b{j} {side} w{j} > 0" for j in (1, 2) for side in "+-"]


def moved(given: Sequence[str], then: str, **at: int) -> ForAll:
    """State what a move within the cell does; the instance has 0 for all that it does not name."""
    return ForAll(NAMES, given, [then], try_at=[{**dict.fromkeys(NAMES.split(), 0), **at}], samples=0)


def fit() -> list[str]:
    """Return that the two units fit both labels, and see both points."""
    outs = [" + ".join(f"a{j}*relu(b{j} {side} w{j})" for j in (1, 2)) for side in "-+"]
    return [*SEEN, f"{outs[0]} == -1", f"{outs[1]} == 1"]


def example(a1: int, w1: str, a2: int, w2: str) -> Exists:
    """State that there is a fit with these signs."""
    at = dict(zip(PAIR.split(), (a1, w1, 1, a2, w2, 1), strict=True))
    return Exists(PAIR, [*fit(), f"{a1}*a1 > 0", f"{a2}*a2 > 0"], try_at=[at])


def halves(then: str) -> ForAll:
    """State what holds of the output weights of each fit."""
    at = [dict(zip(PAIR.split(), (a, f"{a}/2", 1, -a, f"{-a}/2", 1), strict=True)) for a in (1, -1)]
    return ForAll(PAIR, fit(), [then], try_at=at, samples=0)


def theorem() -> Statement:
    """Return the statement."""
    same = moved([*REST, f"{MOVED} == {squares(E)}"], f"{squares(MOVE)} == 0")
    parts = [halves("a1*a2 < 0"), example(1, "1/2", -1, "-1/2"), example(-1, "-1/2", 1, "1/2")]
    return AllOf([moved(REST, f"{MOVED} == {squares(E)} + {squares(MOVE)}"), same, *parts])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "without the equation of the bias": moved(REST[:1], f"{MOVED} >= {squares(E)}", e0=1, s0=1, q=-1),
        "the first unit is always positive": halves("a1 > 0"),
        "both are positive": example(1, "1/2", 1, "-1/2"),
    }
