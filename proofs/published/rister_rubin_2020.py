"""Of a layer and its negative one keeps half of the living points alive; at one point the chance of life is a product.

Setting  ReLUs. First a layer of two units with pre-activations other than 0 at three points; then two layers of two
         units with weights that are independent and symmetric about 0, at one point. Alive: some output of the layer
         is positive.
Idea     At each point a unit or its negative is positive, so the layer or its negative is alive at no less than half
         of the points. At one point a layer is dead for exactly one of the four changes of sign of its two units.
Scope    Three points, two units, two layers; in words any number: by signs chosen layer after layer 2^-k of the
         points live after k layers, and the chance at one point is the product of 1 - 2^-n.
"""

from itertools import combinations

from stability.audit.claims import Repair
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.logic.statements import AllOf, ForAll, Statement

NAMES = [f"{letter}{i}" for letter in "yz" for i in range(3)]
"""The pre-activations of the two units at three points."""


def kept_alive(number: int = 2, signs: tuple[int, ...] = (1, -1)) -> ForAll:
    """State that the layer, or its negative, is alive at so many points."""
    best = {sign: [f"max({sign}*y{i}, {sign}*z{i}) > 0" for i in range(3)] for sign in signs}
    goals = [[best[sign][i] for i in chosen] for sign in signs for chosen in combinations(range(3), number)]
    tries = [{**dict.fromkeys(NAMES, -1)}, dict(zip(NAMES, (1, -1, 1, 1, -1, 1), strict=True))]
    return ForAll(" ".join(NAMES), [f"{z} != 0" for z in NAMES], goals, splits=NAMES, try_at=tries)


def one_of_four(number: int = 1) -> ForAll:
    """State that of the four changes of sign of two pre-activations one, or so many in a row, kill the layer."""
    outs = [f"relu({s}*y) + relu({t}*z)" for s, t in ((1, 1), (1, -1), (-1, -1), (-1, 1))]
    dead = [{(first + k) % 4 for k in range(number)} for first in range(4)]
    goals = [[f"{out} {'==' if k in chosen else '>'} 0" for k, out in enumerate(outs)] for chosen in dead]
    return ForAll("y z", ["y != 0", "z != 0"], goals, splits=["y", "z"], try_at=[{"y": 1, "z": 1}])


def chance(relation: str) -> ForAll:
    """State a relation between chances."""
    return ForAll("", [], [relation])


def product() -> Statement:
    """State the chance of life after two layers."""
    return AllOf([one_of_four(), chance("(1 - 1/4)*(1 - 1/4) == 9/16")])


PAPER = Paper(
    "B. Rister and D. L. Rubin",
    2020,
    "Probabilistic bounds on neuron death in deep rectifier networks",
    "arXiv:2007.06192",
    [
        PublishedClaim(
            "sign-flips-keep-half",
            "sign flipping scheme (number not checked)",
            "By flipping signs, a network of k layers keeps at least 2^-k of the data points alive.",
            PublishedInstance(
                "One layer of two ReLUs at three points, pre-activations y_i and z_i other than 0.",
                ["All units of a layer are flipped at once.", "No pre-activation is 0."],
            ),
            "proved",
            kept_alive,
            false_variants={
                "all three points": lambda: kept_alive(3),
                "without a flip": lambda: kept_alive(signs=(1,)),
            },
            because="Of three points at least two; then layer after layer, among the points that are still alive.",
        ),
        PublishedClaim(
            "chance-at-one-point",
            "bounds on the probability, one input (number not checked)",
            "At one input the chance that a network is alive is the product of 1 - 2^-n over layers of n units.",
            PublishedInstance(
                "Two layers of two ReLUs, one input other than 0; symmetric independent weights with a density.",
                ["The input set is a single point.", "Weights and biases are symmetric about 0."],
            ),
            "proved",
            product,
            Repair(
                "At two inputs 1 and -1, without biases, it is 27/32, above the 9/16 of one input.",
                lambda: AllOf(
                    [product(), chance("1 - (1/2*(1/2)**2 + 1/2*(1/4)**2) == 27/32"), chance("27/32 > 9/16")]
                ),
            ),
            {"two of four changes of sign": lambda: one_of_four(2)},
            because="The 27/32 are counted in the file on Lu, Shin, Su and Karniadakis.",
        ),
    ],
)
