"""A point that one layer maps to 0 is lost: its output is a constant, and no weight up to that layer has a gradient.

Setting  A layer of two units with pre-activations p and q at the point, then a ReLU with weights (v, w) and bias c.
Idea     Where p, q <= 0 the layer puts out 0, whatever made them; so the next unit puts out max(0, c) for all v and w.
         Nearby parameters with p, q < 0 give the same, hence a gradient of 0, as do v and w. The bias c still has one.
Scope    Any numbers of units, and any layers behind. On the plane itself (p = 0) torch takes the slope 0, but a step
         towards p > 0 changes the output. With a bias c > 0 the next layer sees the point again: death does not last.
"""

from stability import landscape
from stability.audit.landscape_statements import landscapes
from stability.audit.layer_statements import affine, relu, reluing
from stability.logic.statements import AllOf, Exists, ForAll, Not, Statement
from stability.model.datasets import Dataset

NAMES = "p q v w c"
OFF = ["p <= 0", "q <= 0"]
OUTPUT = relu(affine(("v", "w"), "c", (relu("p"), relu("q"))))
AT = dict(zip(NAMES.split(), (-1, -1, 1, 1, 1), strict=True))


def constant(given: list[str]) -> ForAll:
    """State that the output behind a layer with the givens depends on the bias only."""
    return ForAll(NAMES, given, [f"{OUTPUT} == {relu('c')}"], reluing(), [AT])


def biased() -> ForAll:
    """State that the loss behind a dead layer, with label 0 and c > 0, has the slope 2c in that bias."""
    place = landscapes(one=landscape("relu1", Dataset("behind a dead layer", ((0, 0),), (0,))))
    slopes = [f"one.autograd([v, w, c], {axis}) == {s}" for axis, s in (("[1, 0, 0]", "0"), ("[0, 0, 1]", "2*c"))]
    return ForAll("v w c", ["c > 0"], slopes, place, [dict.fromkeys("vwc", 1)])


def at_the_plane(slope: str) -> ForAll:
    """State the slope of (max(0, z) - 1)^2 at z = 0 towards z > 0; torch says 0."""
    place = landscapes(kink=landscape("relu1", Dataset("one example", ((0,),), (1,))))
    return ForAll("", [], [f"kink.d1([0, 0], [0, 1]) == {slope}", "kink.autograd([0, 0], [0, 1]) == 0"], place)


def theorem() -> Statement:
    """Return the statement."""
    seen_again = ForAll(NAMES, [*OFF, "c > 0"], [f"{OUTPUT} > 0"], reluing(), [AT])
    return AllOf([constant(OFF), biased(), at_the_plane("-2"), seen_again])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    revived = Exists(NAMES, [*OFF, f"{OUTPUT} > 0"], reluing(), [AT])
    return {
        "one dead unit is enough": constant(["p <= 0"]),
        "dead once, dead for ever": Not(revived),
        "flat at the plane": at_the_plane("0"),
    }
