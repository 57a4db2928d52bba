"""The claims of section 4: the network of two layers."""

from fractions import Fraction

from stability import Claim, ForAll, Not, Repair
from stability.audit.hypothesis_tests import average, count, level, with_interval
from stability.audit.vocabulary import Measurement, Study, number_fact

from .experiments import EARLY, FILTERED, FILTERED_STOP, PLAIN, PLAIN_STOP, TWO_STARTS
from .judgements import converged, hits, on_an_eighth, ratio_of_rates, starts_right, stuck, to_the_end
from .vocabulary import ABOVE, ONE, part

TWO_RIGHT = [Fraction(0), Fraction(7, 48), Fraction(17, 24), Fraction(7, 48), Fraction(0)]
"""The same for two layers, with zero biases and independent weights of one symmetric law for each layer.

A unit sees one point of each class. If the two see different points of both classes, two points are right. If they see
different ones of class 1 only, two or three are; of class 0 only, two or one; each with chance 1/2, ties counting as
class 0. If they see the same ones of both, it is one or three, with chance 1/12 each, where the units slope in different
directions and three ratios of equal law come in the order for it; else two.
"""


def right_by_ties() -> ForAll:
    """State that with W1 = ((1, -1), (-1, 1)), W2 = ((0, 0), (1, 1)) and zero biases the first largest output is right."""
    hidden = [[f"relu1.out([{u}, {v}, 0], {i})" for u, v in ((1, -1), (-1, 1))] for i in range(4)]
    outputs = [[f"{a}*{x} + {b}*{y}" for a, b in ((0, 0), (1, 1))] for x, y in hidden]
    return ForAll("", [], [f"{b} {'>' if i < 2 else '<='} {a}" for i, (a, b) in enumerate(outputs)], ONE)


TWO_LAYERS = [
    Claim(
        "two-layer-mean",
        "4.1",
        "The losses of 100 two-layer starts have the mean 1.36.",
        measure=Study(
            [TWO_STARTS], lambda m: average(1.5, m.numbers["deviation"], 1.36, 100, "initial losses, exactly 3/2,")
        ),
    ),
    *(
        Claim(
            f"two-layer-{name}",
            "4.1",
            f"The losses of 100 two-layer starts have the {words} {v}.",
            measure=Study([TWO_STARTS], lambda m, q=q, v=v: level(m.group(f"below {v:g}").runs, m.runs, q, v, 100)),
        )
        for name, words, q, v in (
            ("median", "median", 0.5, 0.908),
            ("quartile", "lower quartile", 0.25, 0.644),
            ("best", "least value", 0.0, 0.326),
            ("worst", "largest value", 1.0, 5.63),
        )
    ),
    Claim(
        "two-layer-never-right",
        "4.1",
        "No two-layer start (zero biases) has all four points right.",
        statement=lambda: Not(right_by_ties()),
        because="Ties count as right if the first of equal outputs is taken: W1 = ((1, -1), (-1, 1)) and W2 = ((0, 0), (1, 1)) have all "
        "four right. Random starts have no such ties.",
        repair=Repair(
            "None has but by ties, which have probability 0: where the output of class 1 is the larger one at both class-1 points, it "
            "is at least as large as the other at both class-0 points.",
            lambda: part(ABOVE, 4),
        ),
        weight="detail",
    ),
    *(
        Claim(
            f"two-layer-start-{name}",
            "4.1",
            f"{published} of 100 two-layer starts have {words} right.",
            measure=Study(
                [TWO_STARTS], lambda m, published=published, k=k: starts_right(m, published, (k,), TWO_RIGHT)
            ),
        )
        for name, words, published, k in (
            ("three-right", "three points", 11, 3),
            ("two-right", "two points", 74, 2),
            ("one-right", "one point", 15, 1),
        )
    ),
    Claim(
        "two-layer-shares-add-up",
        "4.1",
        "The four shares of two-layer starts by right points, 0%, 11%, 74% and 15%, add up to 100%.",
        statement=number_fact("0 + 11 + 74 + 15 == 100"),
    ),
    Claim(
        "two-layer-succeeds",
        "4.2",
        "Of 50 two-layer runs 10 succeed, 20%.",
        measure=Study([PLAIN], lambda m: count(m, 10, 50)),
        weight="central",
    ),
    Claim(
        "two-layer-filter-succeeds",
        "Summary, 4.2, 9.1",
        "Of 50 two-layer runs with the filter < 0.326 19 succeed, 38%.",
        measure=Study([FILTERED], lambda m: count(m, 19, 50)),
        weight="central",
    ),
    *(
        Claim(
            f"two-layer-{name}tenth-epoch",
            "4.2",
            f"A tenth of all 50 two-layer runs {what} has converged by epoch {v} (read: loss below 1e-7).",
            measure=Study([experiment, EARLY], lambda m, early, v=v, of=of: converged(m, early, v, of)),
        )
        for name, what, experiment, v, of in (
            ("", "without a filter", PLAIN_STOP, 410, 10),
            ("filter-", "with the filter", FILTERED_STOP, 379, 19),
        )
    ),
    Claim(
        "two-layer-stuck",
        "4.2",
        "80% are stuck at local minima: 40 of 50 runs fail, at one of the plateaus 1/8, 1/6 and 1/4.",
        measure=Study([PLAIN], lambda m: stuck(m, 40)),
        because="There are no other local minima but solutions, see one-plateau.",
    ),
    Claim(
        "two-layer-improvement",
        "4.2",
        "From 20% to 38% is an improvement of 90%.",
        statement=number_fact("(38 - 20)/20 == 90/100"),
        because="In points it is 18.",
    ),
    Claim(
        "failures-hit-the-limit",
        "4.2",
        "Runs that do not get all points right run for all 600 epochs (with a stop at loss 1e-7), and those that "
        "do stop earlier.",
        measure=Study([PLAIN_STOP], to_the_end),
        because="The first half holds, as a plateau has no loss below 1/8.",
        weight="ours",
    ),
    Claim(
        "nearly-doubled",
        "4.3",
        "38% is nearly twice 20%.",
        statement=number_fact("18/10 <= 38/20 < 2"),
    ),
    Claim(
        "nearly-doubled-measured",
        "4.3",
        "The filter makes nearly twice as many two-layer runs succeed (read: at least 1.5 times as many).",
        measure=Study([PLAIN, FILTERED], ratio_of_rates),
        weight="central",
    ),
    Claim(
        "filtered-still-stuck",
        "4.3",
        "With the filter 62% are still stuck: 31 of 50 runs fail, at one of the plateaus.",
        measure=Study([FILTERED], lambda m: stuck(m, 31)),
    ),
    Claim(
        "plateau-of-an-eighth",
        "4.3",
        "Networks that fail end at the loss 0.125 (read: at least half of them, with and without the filter).",
        measure=Study([PLAIN, FILTERED], on_an_eighth),
        weight="central",
    ),
    Claim(
        "plateau-outputs-halves-measured",
        "4.3, A.2",
        "Networks that end near that plateau output (1/2, 1/2) everywhere (read: at least half of those near 1/8, to a "
        "tenth).",
        measure=Study(
            [PLAIN],
            lambda m: Measurement(
                2 * hits(m, "halves everywhere")[0] >= hits(m, "near 1/8")[0],
                f"{hits(m, 'halves everywhere')[0]} of {m.runs:,} runs end so, and "
                f"{with_interval(hits(m, 'blind pair')[0], hits(m, 'near 1/8')[0])} of those near 1/8 with a hidden layer "
                "that sees all but one point of each class.",
            ),
        ),
        because="They do so at two points, of different classes, which the hidden layer does not see, and fit the "
        "others.",
    ),
]
