"""The claims of the appendix: plateaus and chances of draws."""

from stability import AllOf, Claim, ForAll, Repair
from stability.audit.hypothesis_tests import share
from stability.audit.vocabulary import Study, number_fact

from .experiments import STARTS
from .vocabulary import FITTED, HALVES, UNSEEN, entries, part

EIGHTH = (FITTED[0], HALVES, FITTED[1], HALVES)

BY_DRAWS = " + ".join(f"100/{100 + n}" for n in range(250))
"""The expected number of further draws until one beats the best of 100, up to 250: P(more than n) = 100/(100 + n)."""


APPENDIX = [
    Claim(
        "halves-give-an-eighth",
        "4.3, A.2",
        "Outputs (1/2, 1/2) at all four points have the mean squared error 0.125.",
        statement=number_fact(f"{entries([HALVES] * 4)} == 1/8"),
        because="Every entry is wrong by 1/2.",
        repair=Repair(
            "They have 1/4. 1/8 is the loss of a network that outputs (1/2, 1/2) at two points only and fits the "
            "others.",
            number_fact(f"{entries([HALVES] * 4)} == 1/4", f"{entries(EIGHTH)} == 1/8"),
        ),
        weight="central",
    ),
    Claim(
        "one-class-costs-nothing",
        "A.2",
        "With the output (1/2, 1/2) the squared error is 1/4 in the entry of one class and 0 in that of the other.",
        statement=number_fact("(1/2 - 1)**2 == 1/4", "(1/2 - 0)**2 == 0"),
        repair=Repair("It is 1/4 in both.", number_fact("(1/2 - 1)**2 == 1/4", "(1/2 - 0)**2 == 1/4")),
        weight="notation",
    ),
    Claim(
        "mean-of-a-quarter-and-nothing",
        "A.2",
        "The mean of 1/4 and 0 is 0.125.",
        statement=number_fact("(1/4 + 0)/2 == 125/1000"),
        because="So the step before is the mistake.",
        weight="notation",
    ),
    Claim(
        "lazy-minimum",
        "A.2",
        "The plateau is a local minimum (read: that of loss 1/8, and that of outputs (1/2, 1/2)).",
        statement=lambda: part(UNSEEN, 0, 1, 4, 5),
        because="Of loss 1/8 where the hidden layer does not see one point of each class, 1/4 where it sees none.",
        weight="central",
    ),
    *(
        Claim(
            f"passes-{name}",
            "A.3",
            f"A draw passes the threshold {threshold} with probability {words} (read: {of_hundred} of 100 draws do).",
            measure=Study(
                [STARTS],
                lambda m, threshold=threshold, of_hundred=of_hundred: share(
                    m.group(f"below {threshold}").runs, m.runs, of_hundred, 100, f"are below {threshold}"
                ),
            ),
        )
        for name, threshold, words, of_hundred in (
            ("median", 0.468, "1/2", 50),
            ("quartile", 0.325, "1/4", 25),
            ("best", 0.072, "about 1/100", 1),
        )
    ),
    *(
        Claim(
            f"draws-{name}",
            "A.3",
            f"With the probability {p} of passing it takes {e} draws in the mean.",
            statement=ForAll(
                "p e", [f"p == {p}", "e == 1 + (1 - p)*e"], [f"e == {e}"], try_at=[{"p": p, "e": e}], samples=0
            ),
        )
        for name, p, e in (("median", "1/2", "2"), ("quartile", "1/4", "4"), ("best", "1/100", "100"))
    ),
    Claim(
        "best-of-hundred-again",
        "2.2, A.3",
        "To beat the best of 100 draws takes about 100 further draws in the mean (read: at most 120). The chance "
        "that n draws do not is 100/(100 + n), the best of all being equally likely anywhere; the mean is the sum "
        "over n.",
        statement=number_fact(f"{BY_DRAWS} <= 120"),
        because="The first 250 terms alone exceed that, and the sum diverges; 100 is the median, and the mean for a "
        "fixed threshold of 1%.",
        repair=Repair(
            "The mean is infinite: the terms with 100 + n from m to 2m, for any m, are at least 50/m each, so that "
            "every doubling of n adds 50. The median is 100, and the share of draws that pass is 1/101 in the mean.",
            lambda: AllOf(
                [
                    ForAll("n m", ["n > 0", "n <= 2*m"], ["100*m >= 50*n"], try_at=[{"n": 1, "m": 1}]),
                    number_fact("100/(100 + 100) == 1/2", "1/101 < 1/100"),
                ]
            ),
        ),
        weight="ours",
    ),
]
