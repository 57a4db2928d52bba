"""XOR with two hidden units has no local minima for sigmoids; units of two slopes have some at which nothing is learnt.

Setting  XOR at (+-1, +-1) with labels 0 and 1; two units, ReLUs or leaky ones with slopes 1/10 and 1, trainable
         output weights, output bias; sum of squared errors.
Idea     Where both units are affine on the four points so is the network, which leaves at least 1 in a neighbourhood.
         One ReLU that sees one point fits that one and leaves 2/3 beside a dead unit.
Scope    These units. The theorem on sigmoids is not contradicted: they are nowhere affine.
"""

from itertools import product

from stability.audit.claims import Repair
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.audit.two_layer_statements import TwoLayerFormulas
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, every_set
from stability.logic.statements import AllOf, ForAll, Several, Statement

XOR, LABELS = [[1, 1], [1, -1], [-1, 1], [-1, -1]], [0, 1, 1, 0]
RELUS, LEAKY = TwoLayerFormulas(XOR, LABELS, 2), TwoLayerFormulas(XOR, LABELS, 2, ("1/10", 1))
ABSOLUTE = TwoLayerFormulas(XOR, LABELS, 2, (-1, 1))
BIASES = {">>>>": 1, "<<<<": -1}
"""What a unit sees that is affine on the data, and a bias with which it does."""

FIT = {"a1": "-1/2", "w11": 1, "w12": 1, "a2": "-1/2", "w21": -1, "w22": -1, "c": 1}
LEAKY_FIT = {**FIT, "a1": "-5/9", "a2": "-5/9"}
ONE = {"a1": "-2/3", "w11": 1, "w12": 1, "b1": -1, "b2": -1, "c": "2/3"}
"""One unit fits (1, 1), the other is dead; the other outputs are 2/3."""


def affine(net: TwoLayerFormulas, first: str, second: str) -> ForAll:
    """State that two units which are affine on the data leave at least 1."""
    at = {"b1": BIASES[first], "b2": BIASES[second], "c": "1/2"}
    return net.at_least(1, [*net.sees(1, first), *net.sees(2, second)], ["1/2"] * 4, at)


def plateaus(net: TwoLayerFormulas, fit: dict[str, int | str]) -> Statement:
    """State that there are local minima of 1, though 0 is attained."""
    pairs = [affine(net, *pair) for pair in product(BIASES, repeat=2)]
    return AllOf([*pairs, net.attains(1, {"b1": 1, "b2": 1, "c": "1/2"}), net.attains(0, fit)])


def one_point(loss: str = "2/3", second: str = "<<<<") -> Statement:
    """State that a ReLU which sees one point, beside one that sees these, leaves at least 2/3, which is attained."""
    sees = [*RELUS.sees(1, "><<<"), *RELUS.sees(2, second)]
    return AllOf([RELUS.attains("2/3", ONE), RELUS.at_least(loss, sees, [0, "2/3", "2/3", "2/3"], ONE)])


def both() -> Statement:
    """State what both kinds of units have."""
    return AllOf([plateaus(RELUS, FIT), plateaus(LEAKY, LEAKY_FIT)])


def levels() -> Statement:
    """State at which losses units of three kinds have local minima."""
    kinds = [(RELUS, ["0", "1/2", "2/3", "1"]), (LEAKY, ["0", "121/202", "242/323", "1"]), (ABSOLUTE, ["0", "1"])]
    return AllAboutSets([every_set(net.landscape(), [MINIMA], [("loss", "in", losses)]) for net, losses in kinds])


PAPER = Paper(
    "L. G. C. Hamey",
    1998,
    "XOR has no local minima: a case study in neural network error surface analysis",
    "Neural Networks 11, 669-681",
    [
        PublishedClaim(
            "no-local-minima",
            "main theorem, its analogue for units of two slopes",
            "XOR with two hidden units and one output has no local minima at finite weights but the global ones.",
            PublishedInstance(
                "XOR at (+-1, +-1) with labels 0 and 1; two ReLUs, or two leaky units with slopes 1/10 and 1, "
                "output weights and biases; linear output; sum of squared errors.",
                ["XOR and two hidden units, one output.", "Not met: units and output are sigmoids there."],
            ),
            "refuted",
            lambda: AllAboutSets([every_set(net.landscape(), [MINIMA], [("loss", "=", 0)]) for net in (RELUS, LEAKY)]),
            Repair(
                "Both have local minima of 1 where no unit has its kink between data; ReLUs have minima at 0, "
                "1/2, 2/3 and 1 only, leaky units at 0, 121/202, 242/323 and 1, absolute values at 0 and 1.",
                lambda: Several([AllOf([both(), one_point()]), levels()]),
            ),
            {
                "nothing better than 1": lambda: RELUS.at_least(1, at=FIT),
                "leaky units never fit": lambda: LEAKY.at_least(1, at=LEAKY_FIT),
                "a unit that sees one point leaves 3/4": lambda: one_point("3/4"),
            },
            because="The theorem is about sigmoids and stands; units of two slopes can be affine on all four points.",
        ),
    ],
)
