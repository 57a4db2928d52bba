"""The claims of the appendix: plateaus and chances of draws."""

from stability import AllOf, Claim, ForAll, Repair, every_set, number_of_sets, set_at
from stability.audit.hypothesis_tests import share
from stability.audit.vocabulary import AllAboutSets, Study, number_fact

from .experiments import STARTS
from .vocabulary import AN_EIGHTH, EVEN, HALVES, LINEAR, ONE, PLATEAU, TRAP, UNSEEN, entries, part

BY_DRAWS = " + ".join(f"100/{100 + n}" for n in range(250))
"""The expected number of further draws until one beats the best of 100, up to 250: P(more than n) = 100/(100 + n)."""

EDGE = ((2, -2, -2, -1, 1), ("3/4", "-1/2", "1/4", 1, -1), ("1/2", "1/2"))
"""A saddle at the edge of the plateau: the second unit has its kink at x4. A row holds w, b and both output weights."""


def over_the_edge() -> AllOf:
    """State what the loss is where b of the second unit of EDGE moves by -t and its w1 by t."""
    units = ("[2, -2, -2]", "[3/4 + t, -1/2, 1/4 - t]")
    both = [" - ".join(f"relu1.out({unit}, {i})" for unit in units) for i in range(4)]
    loss = entries([(f"1/2 - ({out})", f"1/2 + {out}") for out in both])
    unseen = [f"relu1.pre({unit}, 0, {i}) < 0" for unit in units for i in (1, 3)]
    beyond = ["t > -1/2", "t < 0"]
    return AllOf(
        [
            ForAll("t", ["t > 0"], [*unseen, f"{loss} == 1/8"], ONE, [{"t": 1}], samples=0),
            part(UNSEEN, 0),
            ForAll("t", beyond, [f"{loss} == 1/8 + t/2 + t**2"], ONE, [{"t": "-1/4"}], samples=0),
            ForAll("t", beyond, ["1/8 + t/2 + t**2 < 1/8"], try_at=[{"t": "-1/4"}], samples=0),
        ]
    )


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
            number_fact(f"{entries([HALVES] * 4)} == 1/4", f"{entries(PLATEAU)} == 1/8"),
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
        "The plateau is a local minimum (read: there are local minima of loss 1/8, and others of outputs (1/2, 1/2)).",
        statement=lambda: AllAboutSets(
            [number_of_sets(LINEAR, [TRAP, each], "=", n) for each, n in ((AN_EIGHTH, 8), (EVEN, 4))]
        ),
        because="Eight sets of the former, units counted in both orders, and four of the latter, whose loss is 1/4.",
        weight="central",
    ),
    Claim(
        "plateau-holds-all",
        "A.2",
        "Whatever rests at the loss 1/8 is stuck (read: every stationary point of that loss is a local minimum).",
        statement=lambda: every_set(LINEAR, [AN_EIGHTH], [TRAP]),
        because="At the edge of the plateau an unseen point lies on the kink of a hidden unit; a step further and it is seen.",
        repair=Repair(
            "Of 24 sets of stationary points of that loss 8 are local minima and 16 are saddles, at which torch rests too.",
            lambda: AllAboutSets(
                [
                    number_of_sets(LINEAR, [AN_EIGHTH, TRAP], "=", 8),
                    number_of_sets(
                        LINEAR, [AN_EIGHTH, ("kind", "=", "saddle"), ("autograd_rests", "=", True)], "=", 16
                    ),
                    number_of_sets(LINEAR, [AN_EIGHTH], "=", 24),
                    set_at(LINEAR, EDGE, [AN_EIGHTH, ("kind", "=", "saddle")]),
                ]
            ),
        ),
        weight="ours",
    ),
    Claim(
        "plateau-has-an-edge",
        "A.2",
        "The plateau ends at saddles, from which descent leads away (read: with hidden units (2, -2), -2 and (3/4 + t, -1/2), 1/4 - t, "
        "and outputs 1/2 + (h - h') and 1/2 - (h - h'), it is a plateau for all t > 0 and the loss is 1/8 + t/2 + t^2, which is less, for t from -1/2 to 0).",
        statement=over_the_edge,
        because="For t > 0 the points x2 and x4 are unseen strictly, so that they cost 1/8 nearby as well; for t < 0 a unit sees x4.",
        weight="ours",
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
