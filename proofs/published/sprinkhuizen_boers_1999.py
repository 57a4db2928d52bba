"""Three hidden units do not free XOR of bad local minima, though there are only four patterns: nor does any number.

Setting  XOR at (+-1, +-1) with labels 0 and 1; three ReLUs with trainable output weights and an output bias; sum of
         squared errors. Then any number of units of two slopes.
Idea     Where no unit has its kink between data the network is affine on them, whatever its width, and leaves at
         least 1: (1, -1, -1, 1) is orthogonal to affine functions. Three ReLUs fit XOR elsewhere, as two do.
Scope    The paper has sigmoids, whose minima are of another kind: a region at finite weights. Only the statement that
         there are some carries over.
"""

from itertools import combinations_with_replacement

from stability.audit.claims import Repair
from stability.audit.output_layer_statements import squares
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.audit.two_layer_statements import TwoLayerFormulas
from stability.logic.statements import AllOf, ForAll, Statement

XOR, LABELS = [[1, 1], [1, -1], [-1, 1], [-1, -1]], [0, 1, 1, 0]
THREE = TwoLayerFormulas(XOR, LABELS, 3)
BIASES = {">>>>": 1, "<<<<": -1}
FLAT = {"b1": 1, "b2": 1, "b3": 1, "c": "1/2"}
FIT = {"a1": "-1/2", "w11": 1, "w12": 1, "a2": "-1/2", "w21": -1, "w22": -1, "c": 1}
ALMOST = {**FIT, "b3": 1}
"""A fit beside a third unit that sees everything."""


def affine(patterns: tuple[str, ...]) -> ForAll:
    """State that three units which see all points, or none, leave at least 1."""
    given = [relation for unit, signs in enumerate(patterns, 1) for relation in THREE.sees(unit, signs)]
    at = {"c": "1/2", **{f"b{unit}": BIASES[signs] for unit, signs in enumerate(patterns, 1)}}
    return THREE.at_least(1, given, ["1/2"] * 4, at)


def region() -> Statement:
    """State that there are local minima of 1, though 0 is attained."""
    choices = [affine(patterns) for patterns in combinations_with_replacement(BIASES, 3)]
    return AllOf([*choices, THREE.attains(1, FLAT), THREE.attains(0, FIT)])


def any_width(loss: str = "1") -> ForAll:
    """State that no affine function is nearer to XOR: no network of any width whose units are affine on the data."""
    outs = [f"p*({x}) + q*({y}) + r" for x, y in XOR]
    errors = [f"{out} - {label}" for out, label in zip(outs, LABELS, strict=True)]
    at = {"p": 0, "q": 0, "r": "1/2"}
    hints = [f"{out} - 1/2" for out in outs]
    return ForAll("p q r", [], [f"{squares(errors)} >= {loss}"], try_at=[at], squares=hints, samples=0)


PAPER = Paper(
    "I. G. Sprinkhuizen-Kuyper and E. J. W. Boers",
    1999,
    "A local minimum for the 2-3-1 XOR network",
    "IEEE Transactions on Neural Networks 10",
    [
        PublishedClaim(
            "three-units-have-bad-minima",
            "main theorem, its analogue for ReLUs",
            "A network with three hidden units has a region of local minima on XOR that do not fit, though there "
            "are four patterns.",
            PublishedInstance(
                "XOR at (+-1, +-1) with labels 0 and 1; three ReLUs, trainable output weights and output bias; "
                "linear output; sum of squared errors.",
                ["XOR, three hidden units, one output.", "Not met: the units are sigmoids there."],
            ),
            "proved",
            region,
            Repair(
                "So for any number of units of two slopes: as long as none has its kink between data the loss is "
                "at least 1.",
                lambda: AllOf([region(), any_width()]),
            ),
            {
                "best of all": lambda: THREE.at_least(1, at=FIT),
                "as long as one unit sees all": lambda: THREE.at_least(1, THREE.sees(3, ">>>>"), at=ALMOST),
                "affine functions leave 3/2": lambda: any_width("3/2"),
            },
            because="It refutes for these units, too, that as many hidden units as patterns less one are enough.",
        ),
    ],
)
