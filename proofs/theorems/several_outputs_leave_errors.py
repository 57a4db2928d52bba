"""Several outputs of one unit can rest at a minimum, or a saddle, with errors that another direction would lower.

Setting  Errors e_i, f_i of two outputs at two examples; a unit puts out h_i, times output weights a and c. Then one
         linear unit w x + v y on the points (1, 0) and (0, 1) with the targets (3, 0) and (0, 1); sums of squares.
Idea     If the unit moves to k_i, p and q, the loss changes by 2 (p sum e k + q sum f k) - 2 (a sum e h + c sum f h)
         and squares; so it is a minimum if the products do not fall. They may: a matrix of rank one cannot be (3, 0;
         0, 1). The best leaves an error of 1 at a point that the unit could put out; for given a and c the best w
         and v leave 10 - (9 a^2 + c^2) / (a^2 + c^2). At the second best, rotating towards the best lowers the loss.
Scope    Two examples, by an argument for any number, and for any number of units, whose products add up. With one
         output the errors are orthogonal, in an open cell, to all that an active unit could put out: none of this.
"""

from collections.abc import Sequence

from stability.audit.output_layer_statements import inner, squares
from stability.logic.statements import AllOf, ForAll, Statement

NAMES = "e0 e1 f0 f1 h0 h1 k0 k1 a c p q"
E, F, H, K = ([f"{x}0", f"{x}1"] for x in "efhk")
RANK_ONE = squares(["w*a - 3", "w*c", "v*a", "v*c - 1"])
LENGTH = "(a**2 + c**2)"


def moves(before: str, after: str) -> list[str]:
    """Return by how much an output changes at both examples, with its output weight before and after."""
    return [f"{after}*{k} - {before}*{h}" for h, k in zip(H, K, strict=True)]


def stays(given: Sequence[str]) -> ForAll:
    """State that a move of the unit does not lower the loss."""
    changes = [*moves("a", "p"), *moves("c", "q")]
    after = squares([f"{e} + {d}" for e, d in zip([*E, *F], changes, strict=True)])
    return ForAll(NAMES, given, [f"{after} >= {squares([*E, *F])}"], squares=changes)


def turned(given: Sequence[str]) -> ForAll:
    """State that the loss falls from the second best matrix along (t, 1) times (t, 1)."""
    return ForAll("t", given, [f"{squares(['t*t - 3', 't', 't', '1 - 1'])} < 9"])


PRODUCTS = f"p*{inner(E, K)} + q*{inner(F, K)} >= a*{inner(E, H)} + c*{inner(F, H)}"


def theorem() -> Statement:
    """Return the statement."""
    rests = squares([f"{LENGTH}*w - 3*a", f"{LENGTH}*v - c"])
    return AllOf(
        [
            stays([PRODUCTS]),
            ForAll("w v a c", [], [f"{LENGTH}*{RANK_ONE} == {rests} + {LENGTH} + 8*c**2"]),
            ForAll("w v a c", ["w == 1", "v == 0", "a == 3", "c == 0"], [f"{RANK_ONE} == 1"]),
            turned(["0 < t*t", "t*t < 4"]),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "the products of one output suffice": stays([f"p*{inner(E, K)} >= a*{inner(E, H)}"]),
        "every unit fits": ForAll("w v a c", ["a == 1", "w == 3"], [f"{RANK_ONE} == 0"]),
        "the second best is best": ForAll("w v a c", [], [f"{RANK_ONE} >= 9"]),
        "a turn of any size": turned(["0 < t*t"]),
    }
