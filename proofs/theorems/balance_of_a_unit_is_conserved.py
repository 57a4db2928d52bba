"""Gradient flow keeps |w|^2 + b^2 - a^2 of every unit, whatever slope is taken at kinks; gradient descent does not.

Setting  A unit with slopes l and r in the plane, weights w, bias b, output weight a; e is the error at an example, s
         the slope at the pre-activation, anything at a kink. The velocity is minus the gradient.
Idea     Half the derivative of |w|^2 + b^2 along it is -(w . dL/dw + b dL/db), and of a^2 it is -a dL/da: the same.
Scope    One example, of which the sums over examples consist, so any width, data and other layers behind; with two
         outputs |w|^2 + b^2 - a^2 - c^2. A step of size t changes it by t^2 (|dL/dw|^2 + dL/db^2 - dL/da^2).
"""

from collections.abc import Sequence

from stability.audit.output_layer_statements import SLOPES, has_slope, inner, squares, unit
from stability.logic.statements import AllOf, ForAll, Statement

WHOLE, DATA = ["w1", "w2", "b"], ["x", "y", "1"]
Z = inner(WHOLE, DATA)
NAMES = f"{SLOPES} s w1 w2 b x y a e c f t"


def velocity(weighted: str, out: str = unit(Z)) -> tuple[list[str], list[str]]:
    """Return minus the gradients by the unit's parameters, and by its output weights a and c."""
    return [f"-2*({weighted})*s*{x}" for x in DATA], [f"-2*{error}*{out}" for error in ("e", "f")]


def kept(inside: Sequence[str], outside: Sequence[str], given: str = has_slope("s", Z)) -> ForAll:
    """State that half the rate of the balance is 0."""
    rate = f"{inner(WHOLE, inside)} - {inner(['a', 'c'][: len(outside)], outside)}"
    return ForAll(NAMES, [given], [f"{rate} == 0"], samples=0)


def stepped(then: str) -> ForAll:
    """State how a step of size t changes the balance, if flow keeps it, at the velocities p, q, d, and g of a."""
    after = f"{squares(['w1 + t*p', 'w2 + t*q', 'b + t*d'])} - (a + t*g)**2"
    names = "w1 w2 b a p q d g t"
    return ForAll(names, ["w1*p + w2*q + b*d == a*g"], [f"{after} == {squares(WHOLE)} - a**2 + {then}"])


def theorem() -> Statement:
    """Return the statement."""
    (inside, outside), (both, two) = velocity("a*e"), velocity("a*e + c*f")
    return AllOf([kept(inside, outside[:1]), kept(both, two), stepped("t**2*(p**2 + q**2 + d**2 - g**2)")])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    shifted = "relu(w1*x + w2*y + b - 1)"
    (inside, outside), (_, apart) = velocity("a*e"), velocity("a*e", shifted)
    return {
        "a step keeps it too": stepped("0"),
        "without the bias": kept([*inside[:2], "0"], outside[:1]),
        "the sum is kept": kept(inside, [f"-({outside[0]})"]),
        "a shifted ReLU": kept(inside, apart[:1], f"s*({Z} - 1) == {shifted}"),
    }
