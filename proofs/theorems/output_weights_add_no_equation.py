"""The equation of an output weight other than 0 follows from those of its unit, so signed sums have the same rests.

Setting  A unit with slopes l and r in the plane, weights w, bias b, output weight a; e is the error at an example, due
         to whatever else there is; s the slope at the pre-activation z, anything at a kink.
Idea     s z = s(z) for each such s, so a dL/da = w . dL/dw + b dL/db, example by example (Euler). And s is as good
         a slope at |a| z: gradients of cells are |a| times those of the signed sum, and so are their means (Clarke).
Scope    One example, of which the sums over examples consist, and the conclusion from such sums; so any width and data.
         Two outputs have the one equation a dL/da + c dL/dc = w . dL/dw + b dL/db, from which neither follows.
"""

from collections.abc import Sequence

from stability.audit.output_layer_statements import SLOPES, has_slope, inner, unit
from stability.logic.statements import AllOf, ForAll, Statement

WHOLE, DATA = ["w1", "w2", "b"], ["x", "y", "1"]
Z = inner(WHOLE, DATA)
NAMES = f"{SLOPES} s w1 w2 b x y a e c f"


def euler(weighted: str, out: str = unit(Z), given: str = has_slope("s", Z)) -> ForAll:
    """State Euler's equation, given the sum over outputs of errors times output weights."""
    gradient = [f"2*({weighted})*s*{x}" for x in DATA]
    return ForAll(NAMES, [given], [f"2*({weighted})*{out} == {inner(WHOLE, gradient)}"], samples=0)


def follows(given: Sequence[str], then: str, names: str = "w1 w2 b a c g h p q d") -> ForAll:
    """State what follows from Euler's equation between gradients: g, h by output weights, (p, q) by w, d by b."""
    return ForAll(names, ["a*g + c*h == w1*p + w2*q + b*d", *given], [then])


REST = ["p == 0", "q == 0", "d == 0"]


def theorem() -> Statement:
    """Return the statement."""
    scaled = [
        ForAll(f"{SLOPES} a z s", [f"a {side} 0", has_slope("s", "z")], [has_slope("s", f"{sign}a*z")])
        for side, sign in ((">", ""), ("<", "-"))
    ]
    return AllOf(
        [
            euler("a*e"),
            euler("a*e + c*f"),
            follows(["c == 0", "a != 0", *REST], "g == 0"),
            *scaled,
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    shifted = "relu(w1*x + w2*y + b - 1)"
    return {
        "a silent unit too": follows(["c == 0", *REST], "g == 0"),
        "the equations of the unit follow from that of a": follows(["c == 0", "a != 0", "g == 0"], "d == 0"),
        "two outputs": follows(["a != 0", "c != 0", *REST], "g == 0"),
        "a shifted ReLU": euler("a*e", shifted, f"s*({Z} - 1) == {shifted}"),
    }
