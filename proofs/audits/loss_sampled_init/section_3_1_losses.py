"""The claims of section 3.1: the losses of starts."""

from math import erf, pi, sqrt

from stability import Claim
from stability.audit.hypothesis_tests import average, level
from stability.audit.vocabulary import Study, number_fact

from .experiments import STARTS
from .judgements import starts_right

LIKE = erf(0.5), erf(1 / (2 * sqrt(2))) ** 2
"""The chances that the pre-activation of a unit is below 1/2 in size, and that those of two units sum to less."""


def right_at_the_start() -> list[float]:
    """Return the exact law of how many points of XOR are right at the start, weights N(0, 1/4) and zero biases.

    The two points of a class are opposite, and the classes independent, being orthogonal. With equal chances the two
    units see different points of a class, each below or above 1/2 by itself, or the same one, and the other has output
    0. So both points of a class are on the low side with chance `low`, and both on the high side with chance `high`.
    """
    low, high = LIKE[0] ** 2 / 2 + LIKE[1] / 2, (1 - LIKE[0]) ** 2 / 2
    upper, lower = (low, 1 - low - high, high), (high, 1 - low - high, low)
    return [sum(upper[i] * lower[k - i] for i in range(3) if 0 <= k - i < 3) for k in range(5)]


LOSSES = [
    Claim(
        "initial-mean",
        "3.1",
        "The losses of 100 starts have the mean 0.581.",
        measure=Study(
            [STARTS],
            lambda m: average(
                1 + 1 / (2 * pi) - 1 / sqrt(pi),
                m.numbers["deviation"],
                0.581,
                100,
                "initial losses, exactly 1 + 1/(2 pi) - 1/sqrt(pi),",
            ),
        ),
    ),
    *(
        Claim(
            f"initial-{name}",
            "3.1",
            f"The losses of 100 starts have the {words} {v}.",
            measure=Study([STARTS], lambda m, q=q, v=v: level(m.group(f"below {v}").runs, m.runs, q, v, 100)),
        )
        for name, words, q, v in (
            ("median", "median", 0.5, 0.468),
            ("quartile", "lower quartile", 0.25, 0.325),
            ("best", "least value", 0.0, 0.072),
            ("worst", "largest value", 1.0, 1.85),
        )
    ),
    *(
        Claim(
            f"start-{name}",
            "3.1",
            f"{published} of 100 starts have {words} right.",
            measure=Study(
                [STARTS],
                lambda m, published=published, numbers=numbers: starts_right(
                    m, published, numbers, right_at_the_start()
                ),
            ),
        )
        for name, words, published, numbers in (
            ("right", "all four points", 3, (4,)),
            ("three-right", "three points", 23, (3,)),
            ("two-right", "two points", 51, (2,)),
            ("one-right", "one point or none", 23, (0, 1)),
        )
    ),
    Claim(
        "start-shares-add-up",
        "3.1",
        "The four shares of starts by right points, 3%, 23%, 51% and 23%, add up to 100%.",
        statement=number_fact("3 + 23 + 51 + 23 == 100"),
    ),
]
