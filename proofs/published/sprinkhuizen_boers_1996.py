"""XOR with one hidden unit and skips has only global minima for sigmoids; units of two slopes add plateaus.

Setting  XOR at (+-1, +-1) with labels 0 and 1; output p x + q y + c + a s(u x + v y + b) of one unit with slopes l
         and r, all trainable; sum of squared errors.
Idea     At rest in p, q and c errors are a multiple of (1, -1, -1, 1), the labels less their affine fit; so at rest
         in a as well they vanish, unless the unit is orthogonal to that vector. A unit that is affine on the four
         points is so all around: the loss is at least 1 there, and 1 is attained.
Scope    All slopes l != r. Sigmoids are affine on no four such points, and the paper's output goes through a sigmoid
         as well: its theorem is not contradicted.
"""

from collections.abc import Sequence

from stability.audit.claims import Repair
from stability.audit.output_layer_statements import SLOPES, inner, squares, unit
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.logic.statements import AllOf, ForAll, Not, Statement

POINTS, LABELS = [(1, 1), (1, -1), (-1, 1), (-1, -1)], ["0", "1", "1", "0"]
PARITY = ["1", "-1", "-1", "1"]
AFFINE = [[str(x) for x, _ in POINTS], [str(y) for _, y in POINTS], ["1"] * 4]
PRE = [f"({x})*u + ({y})*v + b" for x, y in POINTS]
LEFT, RIGHT = [f"{z} < 0" for z in PRE], [f"{z} > 0" for z in PRE]

NAMES = f"{SLOPES} p q c a u v b"
RELU = {"l": 0, "r": 1, "p": 0, "q": 0, "c": "1/2", "a": 0, "u": 0, "v": 0, "b": 1}
FIT = {**RELU, "p": "1/2", "q": "1/2", "c": 1, "a": -1, "u": 1, "v": 1, "b": 0}

E, H = [f"e{i}" for i in range(4)], [f"h{i}" for i in range(4)]
NEXT_TO_ALL = {**dict.fromkeys([*E, *H], 0), "h0": 1}


def errors(weights: Sequence[str] = ("p", "q", "c", "a"), pre: Sequence[str] = PRE) -> list[str]:
    """Return outputs less labels."""
    p, q, c, a = weights
    outs = [f"({x})*({p}) + ({y})*({q}) + {c} + {a}*{unit(z)}" for (x, y), z in zip(POINTS, pre, strict=True)]
    return [f"({out} - {label})" for out, label in zip(outs, LABELS, strict=True)]


def plateau(given: Sequence[str], bias: int = 1) -> ForAll:
    """State that the loss is at least 1."""
    hints = [inner(errors(), column) for column in AFFINE]
    tries = [{**RELU, "b": bias}, FIT]
    return ForAll(NAMES, given, [f"{squares(errors())} >= 1"], try_at=tries, squares=hints, samples=0)


def attained() -> ForAll:
    """State that 1 is attained there, whatever the slopes, and 0 somewhere if they differ."""
    flat = squares(errors(("0", "0", "1/2", "0"), ["1"] * 4))
    turned = [f"({x} + {y})" for x, y in POINTS]
    fit = squares(errors(("1/2 + l*k", "1/2 + l*k", "1", "(-k)"), turned))
    return ForAll("l r k", ["k*(r - l) == 1"], [f"{flat} == 1", f"{fit} == 0"], try_at=[{"l": 0, "r": 1, "k": 1}])


def bad_minima() -> Statement:
    """State that there are plateaus at 1, and fits."""
    return AllOf([plateau(RIGHT), plateau(LEFT, -1), attained()])


def rests(given: Sequence[str], then: Sequence[str]) -> ForAll:
    """State what errors are that are orthogonal to affine functions."""
    balanced = [f"{inner(E, column)} == 0" for column in AFFINE]
    tries = [NEXT_TO_ALL, {**NEXT_TO_ALL, **dict(zip(E, PARITY, strict=True)), "h1": 1}]
    return ForAll(" ".join([*E, *H]), [*balanced, *given], then, try_at=tries, samples=0)


def only_where_orthogonal() -> Statement:
    """State that what rests without fitting has a unit that is orthogonal to the parity."""
    seen = [f"{inner(E, H)} == 0", f"{inner(PARITY, H)} != 0"]
    parity = [f"{E[0]} == ({sign})*{error}" for sign, error in zip(PARITY, E, strict=True)]
    return AllOf([rests([], parity), rests(seen, [f"{error} == 0" for error in E])])


PAPER = Paper(
    "I. G. Sprinkhuizen-Kuyper and E. J. W. Boers",
    1996,
    "The error surface of the simplest XOR network has only global minima",
    "Neural Computation 8, 1301-1320; doi:10.1162/neco.1996.8.6.1301",
    [
        PublishedClaim(
            "only-global-minima",
            "main theorem, its analogue for units of two slopes",
            "With one hidden unit and skips from the inputs, XOR has no local minima but the global ones; what "
            "else rests is a saddle.",
            PublishedInstance(
                "XOR at (+-1, +-1) with labels 0 and 1; one unit of slopes l != r, skips, output weight and "
                "biases; linear output; sum of squared errors.",
                [
                    "XOR, one hidden unit, connections from inputs to output.",
                    "Not met: the hidden unit and the output are sigmoids there, with finite derivatives everywhere.",
                ],
            ),
            "refuted",
            lambda: Not(bad_minima()),
            Repair(
                "Whatever rests in p, q, c and a has errors that are a multiple of (1, -1, -1, 1), and fits XOR "
                "unless the unit is orthogonal to that, as it is where it is affine on the four points.",
                only_where_orthogonal,
            ),
            {
                "all that rests fits": lambda: rests([f"{inner(E, H)} == 0"], [f"{E[0]} == 0"]),
                "whatever the unit sees": lambda: plateau([]),
            },
            because="The theorem is about sigmoids and stands; units of two slopes can be affine on all four points.",
        ),
    ],
)
