"""A network of two hidden layers is born dead with chance 5/32, below the 7/16 of being dead at one input.

Setting  ReLUs without biases, inputs 1 and -1, two hidden layers of two units; weights independent, symmetric about
         0, with a density. Dead: every output of the last hidden layer is 0 at both inputs.
Idea     Changes of sign leave the law as it is. The first layer sends one input to (|w1|, |w2|) and the other to 0,
         or the two to the two axes, with chance 1/2 each. A unit of the second layer is dead on a ray for one of v
         and -v, and on both axes for one of four choices of signs.
Scope    Two hidden layers of width 2 and this set of inputs, exact for every such law. Deeper networks, and that they
         die almost surely, in the paper only.
"""

from collections.abc import Sequence

from stability.audit.claims import Repair
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.logic.statements import AllOf, ForAll, Statement


def first_layer() -> Statement:
    """State where the first layer sends 1 and -1: for equal signs of w1, w2 to a ray and 0, else to the axes."""
    equal = ["relu(w1) == w1", "relu(w2) == w2", "relu(-w1) == 0", "relu(-w2) == 0"]
    opposite = ["relu(w1) == w1", "relu(w2) == 0", "relu(-w1) == 0", "relu(-w2) == -w2"]
    tries = [{"w1": 1, "w2": 1}], [{"w1": 1, "w2": -1}]
    return AllOf(
        [
            ForAll("w1 w2", ["w1 > 0", "w2 > 0"], equal, try_at=tries[0]),
            ForAll("w1 w2", ["w1 > 0", "w2 < 0"], opposite, try_at=tries[1]),
        ]
    )


def dead_on_a_ray(of: str = "-v1*h1 - v2*h2") -> ForAll:
    """State that of v and -v exactly one is dead on the ray of h."""
    z = "v1*h1 + v2*h2"
    goals = [[f"relu({z}) == 0", f"relu({of}) > 0"], [f"relu({z}) > 0", f"relu({of}) == 0"]]
    tries = [{"v1": 1, "v2": 1, "h1": 1, "h2": 1}, {"v1": 1, "v2": -2, "h1": 1, "h2": 1}]
    return ForAll("v1 v2 h1 h2", ["h1 > 0", "h2 > 0", f"{z} != 0"], goals, splits=[z], try_at=tries)


def dead_on_the_axes(number: int = 1) -> ForAll:
    """State that of the four changes of sign of v exactly one, or so many, is dead on both axes."""
    changes = [(s, t) for s in (1, -1) for t in (1, -1)]
    outs = [f"relu({s}*v1*h1) + relu({t}*v2*h2)" for s, t in changes]
    goals = [[f"{out} {'==' if k in chosen else '>'} 0" for k, out in enumerate(outs)] for chosen in subsets(number)]
    given = ["h1 > 0", "h2 > 0", "v1 != 0", "v2 != 0"]
    tries = [dict.fromkeys(["v1", "v2", "h1", "h2"], 1)]
    return ForAll("v1 v2 h1 h2", given, goals, splits=["v1", "v2", "v1*h1", "v2*h2"], try_at=tries)


def subsets(number: int) -> list[Sequence[int]]:
    """Return so many of four in a row."""
    return [[(first + k) % 4 for k in range(number)] for first in range(4)]


def chances(*relations: str) -> ForAll:
    """State relations between chances.

    Both units of the second layer are dead with chance 1/2 * 1/2 on a ray, and 1/4 * 1/4 on the axes.
    """
    return ForAll("", [], list(relations))


BORN_DEAD = "1/2*(1/2)**2 + 1/2*(1/4)**2"
AT_ONE_INPUT = "1 - (1 - 1/4)*(1 - 1/4)"


def all_cases() -> list[Statement]:
    """State how many changes of sign are dead in each case."""
    return [first_layer(), dead_on_a_ray(), dead_on_the_axes()]


TWO_INPUTS = PublishedInstance(
    "Two hidden layers of two ReLUs without biases, inputs 1 and -1; any symmetric independent weights with a density.",
    ["Weights are symmetric about 0 and independent.", "Biases are 0.", "One-dimensional inputs, a set around 0."],
)

PAPER = Paper(
    "L. Lu, Y. Shin, Y. Su and G. E. Karniadakis",
    2020,
    "Dying ReLU and initialization: theory and numerical examples",
    "Communications in Computational Physics 28, 1671-1706; arXiv:1903.06733",
    [
        PublishedClaim(
            "bound-on-born-dead",
            "theorem on symmetric initialisation (number not checked)",
            "With symmetric weights the chance to be born dead is at most 1 less the product of 1 - 2^-n over "
            "hidden layers of n units.",
            TWO_INPUTS,
            "proved",
            lambda: AllOf([*all_cases(), chances(f"{BORN_DEAD} <= {AT_ONE_INPUT}")]),
            Repair(
                "It is 5/32 exactly, less than half of the bound 7/16; 7/16 is the chance to be dead at one input.",
                lambda: AllOf([*all_cases(), chances(f"{BORN_DEAD} == 5/32", f"{AT_ONE_INPUT} == 7/16")]),
            ),
            {
                "the bound is attained": lambda: chances(f"{BORN_DEAD} == {AT_ONE_INPUT}"),
                "two of four changes of sign are dead on the axes": lambda: dead_on_the_axes(2),
                "v and 2 v instead of v and -v": lambda: dead_on_a_ray("2*v1*h1 + 2*v2*h2"),
            },
            because="The chances are counted over changes of sign, which leave the law as it is.",
        ),
    ],
)
