"""The claims of section 4.1 on the printed numbers of Table 2."""

from stability import AllOf, Claim, Exists, ForAll, Repair
from stability.audit.vocabulary import number_fact

from .judgements import constant_loss, losses_of_one_constant, possible_loss
from .vocabulary import (
    BOTH,
    LAYER,
    NORM,
    PLAIN,
    POINT,
    POINTS,
    RELU,
    ROWS,
    SEPARATING,
    UNIT,
    Row,
    between,
    exact,
    truncated,
)


def rounded(row: Row) -> list[str]:
    """Return that the accuracies are these counts, rounded to four digits."""
    shares = ((row.train, row.right, POINTS), (row.validation, row.validation_right, 15))
    return [between(f"({exact(x)}) - 1/20000", f"{k}/{n}", f"({exact(x)}) + 1/20000") for x, k, n in shares]


TABLE_2 = [
    Claim(
        "accuracies-are-counts",
        "4.1, Table 2",
        "The accuracies are shares of 85 and of 15 points, rounded to four digits.",
        statement=AllOf([number_fact(*rounded(row)) for row in ROWS]),
        because="0.8117 and 0.9058 are cut, not rounded.",
        repair=Repair(
            "They are 44, 69, 85, 79, 77 and 84 of 85, and 6, 9, 15, 12, 12 and 14 of 15, cut after four digits.",
            AllOf([number_fact(*truncated(row)) for row in ROWS]),
        ),
        decision="stands",
    ),
    Claim(
        "relu-learns-nothing",
        "4.1, Table 2, Figure 2",
        "ReLU is unable to solve the problem: its accuracies are those of one class for all points, 44 of 85 and 50 - 44 of 15.",
        statement=number_fact(*truncated(RELU), f"{RELU.right} == 44", f"{RELU.validation_right} == 50 - 44"),
        weight="central",
    ),
    Claim(
        "relu-loss-is-constant",
        "4.1, Table 2",
        "The loss of ReLU, 0.6925 in training, is that of a constant output.",
        measure=constant_loss,
    ),
    Claim(
        "relu-losses-of-one-output",
        "4.1, Table 2",
        "The two losses of ReLU, 0.6925 and 0.6938, are those of one network at one epoch (read: of one constant output).",
        measure=losses_of_one_constant,
        because="The output that gives one of them gives another value of the other: they are of different epochs or splits.",
    ),
    Claim(
        "highest-by-layer",
        "4.1",
        "The highest accuracies are those of Sep-L, 100% in training and validation.",
        statement=number_fact(
            f"{exact(LAYER.train)} == 1",
            f"{exact(LAYER.validation)} == 1",
            *(f"{exact(x)} < 1" for row in ROWS if row is not LAYER for x in (row.train, row.validation)),
        ),
        weight="central",
    ),
    Claim(
        "loss-of-zero",
        "4.1",
        "Sep-L attains the training loss 0 (read: some finite odds E > 0 give probability p = E/(1 + E) = 1 to a label).",
        statement=Exists("E p", ["E > 0", "p*(1 + E) == E", "p == 1"], samples=0),
        because="Cross-entropy is positive for all finite outputs.",
        repair=Repair(
            "It is below 0.00005, as printed with four digits: probabilities are below 1, but come as near as one likes.",
            ForAll(
                "E p",
                ["E > 0", "p*(1 + E) == E"],
                ["p < 1", "(1 - p)*(1 + E) == 1"],
                try_at=[{"E": 1, "p": "1/2"}],
                samples=0,
            ),
        ),
        weight="ours",
        decision="stands",
    ),
    Claim(
        "superior-to-first-rows",
        "4.1",
        "All constraints have higher accuracies than ReLU and ReLU + BN, the first two rows.",
        statement=number_fact(
            *(
                f"{exact(getattr(a, x))} > {exact(getattr(b, x))}"
                for a in SEPARATING
                for b in PLAIN
                for x in ("train", "validation")
            )
        ),
        weight="central",
    ),
    Claim(
        "drop-over-20",
        "4.1",
        "ReLU and ReLU + BN lose over 20% of their accuracy from training to validation.",
        statement=number_fact(*(f"{row.drop} > 20/100" for row in PLAIN)),
        because="23% and 26% of the training accuracy; in points ReLU loses 12.",
    ),
    Claim(
        "drop-over-20-points",
        "4.1",
        "ReLU and ReLU + BN lose over 20 points of accuracy from training to validation.",
        statement=number_fact(*(f"({exact(row.train)}) - ({exact(row.validation)}) > 20/100" for row in PLAIN)),
        because="ReLU loses 11.76 points, as one class for all points must on this split.",
        repair=Repair(
            "ReLU loses 11.76 points and ReLU + BN 21.17; relative to training these are 23% and 26%.",
            number_fact(
                f"({exact(RELU.train)}) - ({exact(RELU.validation)}) == 1176/10000",
                f"({exact(NORM.train)}) - ({exact(NORM.validation)}) == 2117/10000",
                between("225/1000", RELU.drop, "235/1000"),
                between("255/1000", NORM.drop, "265/1000"),
            ),
        ),
        weight="ours",
    ),
    Claim(
        "drop-below-14",
        "4.1",
        "With constraints the accuracies drop by less than 14% from training to validation.",
        statement=number_fact(*(f"{row.drop} < 14/100" for row in SEPARATING)),
    ),
    Claim(
        "drop-of-5.59",
        "4.1",
        "With Sep-P+U the accuracy drops by 5.59% only from training to validation.",
        statement=number_fact(between("5585/100000", BOTH.drop, "5595/100000")),
        because="It is 5.56% of the training accuracy (exactly 1/18), or 5.49 points.",
        repair=Repair(
            "It drops by 5.56%, from 84/85 to 14/15, which is 1/18 of 84/85; in points that is 5.49.",
            number_fact(
                between("5555/100000", BOTH.drop, "5565/100000"),
                "(84/85 - 14/15)/(84/85) == 1/18",
                between("5485/100000", "84/85 - 14/15", "5495/100000"),
            ),
        ),
        decision="stands",
    ),
    Claim(
        "loss-varies-more",
        "4.1",
        "The loss differs more between training and validation with constraints than without.",
        statement=number_fact(*(f"{a.variation} > {b.variation}" for a in SEPARATING for b in PLAIN)),
    ),
    Claim(
        "loss-variation-72",
        "4.1",
        "The losses of Sep-U and Sep-P differ by more than 72% between training and validation (relative to "
        "validation).",
        statement=number_fact(*(f"{row.variation} > 72/100" for row in (UNIT, POINT))),
    ),
    Claim(
        "loss-variation-100",
        "4.1",
        "The losses of Sep-L differ by 100% between training and validation (relative to validation).",
        statement=number_fact(f"{LAYER.variation} == 1"),
        because="That says only that the training loss is 0 to four digits.",
    ),
    Claim(
        "loss-variation-5",
        "4.1",
        "The losses of ReLU and ReLU + BN differ by less than 5% between training and validation.",
        statement=number_fact(*(f"{x} < 5/100" for row in PLAIN for x in (row.variation, row.growth))),
    ),
    Claim(
        "same-base",
        "4.1",
        "The variations of losses are percentages of the same kind as those of accuracy, relative to training "
        "(read: that of Sep-U is below 100%).",
        statement=number_fact(f"{UNIT.growth} < 1"),
        because="They are relative to validation; relative to training the losses of Sep-U and Sep-P grow by more than 266%.",
        repair=Repair(
            "Relative to training they are 266% for Sep-U and 267% for Sep-P, and have no value for Sep-L.",
            number_fact(
                between("2655/1000", UNIT.growth, "2665/1000"), between("2665/1000", POINT.growth, "2675/1000")
            ),
        ),
        decision="stands",
    ),
    Claim(
        "family-variation-72",
        "4.1",
        "The losses of all constraints vary by 72% or more between training and validation (read: those of Sep-P+U "
        "as well).",
        statement=number_fact(f"{BOTH.variation} >= 72/100"),
        because="Sep-P+U is left out.",
        repair=Repair("Sep-P+U varies by 35%.", number_fact(between("345/1000", BOTH.variation, "355/1000"))),
    ),
    Claim(
        "loss-beside-accuracy",
        "4.1, Table 2",
        "A training loss of 0.6988, above that of tossing a coin, goes with 84 of 85 points right.",
        measure=possible_loss,
    ),
]
