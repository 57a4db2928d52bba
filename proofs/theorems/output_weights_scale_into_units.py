"""An output weight other than 0 is a sign and a scale of its unit, and a scale can be moved between the two.

Setting  A unit with slopes l and r, any of ReLU, absolute value and leaky; weights w, bias b, output weight a; data in
         the plane, any point (x, y).
Idea     s(tz) = t s(z) for t > 0. So a s(w.x + b) is plus or minus s((|a| w).x + |a| b), with the sign of a.
Scope    Unit by unit and example by example, so for any width, data and labels. Where all a_j are not 0 the map
         (a, w, b) -> |a| (w, b) with the sign of a kept is onto and open (hold a, and move w by 1/|a| times what is
         wanted), so that losses and local minima are those of the sums of units with signs, in words; each unit adds
         one flat direction, its orbit (a/t, tw, tb). At a = 0 the map is not open: silent_units_are_saddles.
"""

from collections.abc import Sequence

from stability.audit.output_layer_statements import SLOPES, inner, unit
from stability.logic.statements import AllOf, ForAll, Statement

NAMES, DATA = f"{SLOPES} a t w1 w2 b x y", ["x", "y", "1"]
WHOLE = ["w1", "w2", "b"]


def same(given: Sequence[str], one: str, other: str) -> ForAll:
    """State that two formulas are the same for all units, points and scales with the givens."""
    return ForAll(NAMES, given, [f"{one} == {other}"])


def scaled(scale: str) -> str:
    """Return the pre-activation of the unit whose weights and bias are scaled."""
    return inner([f"{scale}*{w}" for w in WHOLE], DATA)


def theorem() -> Statement:
    """Return the statement."""
    out = f"a*{unit(scaled('1'))}"
    return AllOf(
        [
            same(["a > 0"], out, unit(scaled("a"))),
            same(["a < 0"], out, f"-{unit(scaled('(-a)'))}"),
            same(["t > 0"], f"a*{unit(scaled('t'))}", f"a*t*{unit(scaled('1'))}"),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "the sign moves inside too": same(["a < 0"], f"a*{unit(scaled('1'))}", unit(scaled("a"))),
        "negative scales keep outputs": same(["t < 0"], f"a*{unit(scaled('t'))}", f"a*t*{unit(scaled('1'))}"),
        "a shifted ReLU scales": same(["a > 0"], "a*relu(w1*x + w2*y + b - 1)", f"relu({scaled('a')} - 1)"),
    }
