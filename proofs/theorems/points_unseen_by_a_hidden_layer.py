"""In a Linear-ReLU-Linear network points that no hidden unit sees share one output: mean loss 1/8, 1/6 or 1/4 at least.

Setting  XOR with one-hot targets, two hidden units, two outputs, mean of the eight squared errors; targets (0, 1) for
         x1 and x2, (1, 0) for x3 and x4.
Idea     An unseen point gets the constants (k, m). One point of each class cost at least 1, at (1/2, 1/2); a third one
         brings 4/3, at (1/3, 2/3) or (2/3, 1/3); all four 2. Where they are off strictly this holds nearby too, so
         points that attain it are local minima: plateaus of loss 1/8, 1/6, 1/4.
Scope    All weights and constants; one of each kind, the rest by symmetry. Two unseen points of one class cost nothing.
         Where all are unseen the output is (1/2, 1/2) everywhere and the loss 1/4; at 1/8 it is so at two points only.
"""

from collections.abc import Sequence
from itertools import product

from stability.audit.landscape_statements import landscapes, number_fact
from stability.logic.statements import AllOf, ForAll, Statement

HIDDEN = ("[u, v, b]", "[s, t, c]")
NAMES = "u v b s t c k p q m y z"
ONE = landscapes(relu1="relu1")
UNITS = ("1", "-1", "-1"), ("1", "1", "-1")
"""Hidden units that see x1 alone and x3 alone."""
PAIR = (*UNITS[0], *UNITS[1], "1/2", "-1/2", "1/2", "1/2", "1/2", "-1/2")
THREE = (*UNITS[0], "0", "0", "-1", "2/3", "-2/3", "0", "1/3", "2/3", "0")
NOTHING = ("0", "0", "-1") * 2 + ("1/2", "0", "0", "1/2", "0", "0")
SAME = (*UNITS[1], "-1", "-1", "-1", "0", "1", "1", "1", "-1", "-1")


def error(output: int, example: int, at: Sequence[str] = NAMES.split()) -> str:
    """Return the error of an output at an example; the first output stands for class 0."""
    k, p, q = at[6 + 3 * output : 9 + 3 * output]
    units = [f"relu1.out([{', '.join(at[start : start + 3])}], {example})" for start in (0, 3)]
    return f"({k}) + ({p})*{units[0]} + ({q})*{units[1]} - {int((example < 2) == output)}"


def cost(examples: Sequence[int], at: Sequence[str] = NAMES.split()) -> str:
    """Return the sum of squared errors at some examples, eight times what they add to the loss."""
    return " + ".join(f"({error(o, i, at)})**2" for i, o in product(examples, (0, 1)))


def unseen(examples: Sequence[int], least: str, at: Sequence[str]) -> ForAll:
    """State the least cost of examples that no hidden unit sees; all the others cost 0 or more."""
    off = [f"relu1.pre({unit}, 0, {i}) <= 0" for unit in HIDDEN for i in examples]
    example = dict(zip(NAMES.split(), at, strict=True))
    best = [f"{n}*{x} - {a}" for x in "km" for n, a in ((1, 0), (1, 1), (2, 1), (3, 1), (3, 2))]
    return ForAll(NAMES, off, [f"{cost(examples)} >= {least}"], ONE, [example], squares=best, samples=0)


def attained(examples: Sequence[int], level: str, at: Sequence[str]) -> ForAll:
    """State that a point has this loss, with the examples off strictly."""
    units = [f"[{', '.join(at[start : start + 3])}]" for start in (0, 3)]
    off = [f"relu1.pre({unit}, 0, {i}) < 0" for unit in units for i in examples]
    return number_fact(*off, f"({cost(range(4), at)})/8 == {level}", relu1="relu1")


def theorem() -> Statement:
    """Return the statement."""
    kinds = (((1, 3), "1", "1/8", PAIR), ((1, 2, 3), "4/3", "1/6", THREE), ((0, 1, 2, 3), "2", "1/4", NOTHING))
    parts = [(unseen(which, least, at), attained(which, level, at)) for which, least, level, at in kinds]
    return AllOf([part for both in parts for part in both])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "two of one class": unseen((0, 1), "1", SAME),
        "a pair costs what all cost": unseen((1, 3), "2", PAIR),
        "all unseen, 1/8": attained((0, 1, 2, 3), "1/8", NOTHING),
        "three unseen, 1/8": attained((1, 2, 3), "1/8", THREE),
    }
