"""With zero biases a Linear-ReLU-Linear network has loss 1/4 or more on XOR: as much as its highest plateau.

Setting  One-hot targets, two hidden units, two outputs, mean of the eight squared errors, all biases 0. The hidden
         units have pre-activations p, r at x1 and q, s at x3, all that there is to their weights; the rest is free too.
Idea     A unit sees one of x1 and x2 = -x1, and one of x3 and x4. If the two see different ones of both pairs, the
         first costs 1 + (ap + cq - 1)^2 + (aq - cp)^2, the second alike. Otherwise some point is unseen and costs 1,
         and the rest costs what is seen along the normal (-qs, ps, -qr) of all that they can put out at x1, x3, x4.
Scope    Exact, and 1/4 is attained. So no threshold on the loss of such starts lies below the plateaus 1/8, 1/6, 1/4 of
         points_unseen_by_a_hidden_layer; for two summed units one does: low_loss_starts_solve_xor. The last part: where
         both class-1 points are right, no class-0 point is but in a tie. Other cases by symmetry, and boundaries as
         limits.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import landscapes, number_fact
from stability.logic.statements import AllOf, ForAll, Statement

NAMES, ONE = "p q r s a d c e", landscapes(relu1="relu1")
"""a and d lead from the two units to the output for class 1, c and e to that for class 0."""
BEST, LEFT = ("1", "1", "-1", "-1", *["1/2"] * 4), ("1", "4", "1", "-4", "0", "0", "1/4", "1/4")
EQUAL, RIGHT = ("1", "2", "2", "1", "0", "0", "0", "0"), ("1", "1", "-1", "1", "1", "1", "0", "0")


def seen(unit: int, example: int, at: Sequence[str]) -> str:
    """Return the output of a hidden unit at an example."""
    one, other = at[2 * unit : 2 * unit + 2]
    return f"relu1.out([({one} + {other})/2, ({other} - {one})/2, 0], {example})"


def error(output: int, example: int, at: Sequence[str] = NAMES.split()) -> str:
    """Return the error of an output at an example; output 1 stands for class 1."""
    first, second = at[4:6] if output else at[6:8]
    return f"{first}*{seen(0, example, at)} + {second}*{seen(1, example, at)} - {int((example < 2) == output)}"


def cost(at: Sequence[str] = NAMES.split()) -> str:
    """Return eight times the loss."""
    return " + ".join(f"({error(o, i, at)})**2" for i in range(4) for o in (0, 1))


def claim(given: Sequence[str], then: Sequence[str], at: Sequence[str], squares: Sequence[str] = ()) -> ForAll:
    """State that relations hold for all weights with the givens, of which an example is given."""
    example = dict(zip(NAMES.split(), at, strict=True))
    return ForAll(NAMES, given, then, ONE, [example], squares=squares, splits=NORMAL, samples=0)


def crossed(one: Sequence[str], other: Sequence[str]) -> list[str]:
    """Return the cross product of two vectors."""
    return [f"({one[j]})*({other[k]}) - ({one[k]})*({other[j]})" for j, k in ((1, 2), (2, 0), (0, 1))]


NORMAL = ("-q*s", "p*s", "-q*r")
ERRORS = ("a*p + d*r - 1", "a*q", "-d*s"), ("c*p + e*r", "c*q - 1", "-e*s - 1")
"""What NORMAL is orthogonal to, and the errors at x1, x3, x4, where both units see x1, the first x3, the second x4."""


def logit(example: int) -> str:
    """Return by how much the output for class 1 is above that for class 0."""
    return " + ".join(f"({x})*{seen(j, example, NAMES.split())}" for j, x in enumerate(("a - c", "d - e")))


def theorem() -> Statement:
    """Return the statement."""
    first, least, both = ["p > 0", "q > 0"], [f"{cost()} >= 2"], [f"{logit(i)} > 0" for i in (0, 1)]
    own = ["a*p + c*q - 1", "a*q - c*p", "d*r + e*s + 1", "d*s - e*r"]
    aside = [part for errors in ERRORS for part in crossed(errors, NORMAL)]
    return AllOf(
        [
            claim([*first, "r < 0", "s < 0"], least, BEST, own),
            claim([*first, "r > 0", "s < 0"], least, LEFT, aside),
            claim([*first, "r > 0", "s > 0"], least, EQUAL, [error(o, i) for o in (0, 1) for i in (0, 2)]),
            number_fact(f"({cost(BEST)})/8 == 1/4", relu1="relu1"),
            claim(both, [f"{logit(i)} >= 0" for i in (2, 3)], RIGHT),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "more than 1/4": claim(["p > 0", "q > 0", "r < 0", "s < 0"], [f"{cost()} > 2"], BEST),
        "3/8 with an unseen point": claim(["p > 0", "q > 0", "r > 0", "s < 0"], [f"{cost()} >= 3"], LEFT),
        "three are never right": claim([f"{logit(i)} > 0" for i in (0, 1)], [f"{logit(3)} > 0"], RIGHT),
    }
