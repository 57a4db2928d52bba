"""The claims of section 6: gradients for every example, directions, margins."""

from stability import AllOf, Claim, Exists, ForAll, Not, Repair
from stability.audit.vocabulary import Study, theorem_statement

from .experiments import NORMAL, SPHERES
from .judgements import faster, none_ignored
from .vocabulary import (
    ALONG,
    FACING,
    FIT,
    ON,
    RESTING,
    SEEING,
    SIX,
    SIX_AT,
    TANGENT,
    TWO,
    WIDE,
    alone,
    distance_is_margin,
    each,
    facing,
    flat,
    no_slope,
    rests_only_if_mirrored,
    solutions,
    unit,
)

FITTED = (("3/14", "2/7", "4/7"),) * 2
"""Two equal units that face XOR, with r = 8/5, and put out 1 at x1."""


ANALYSIS = [
    Claim(
        "every-example-has-gradient",
        "6.1",
        "At a start in which all units see all points every example gives a gradient.",
        statement=lambda: Not(AllOf([facing(FITTED), no_slope(0, flat(FITTED))])),
        because="Not an example that is fitted: two units at w = (3/14, 2/7), b = 4/7 put out 1 at x1.",
        repair=Repair(
            "The slope in the bias of a unit that sees an example is twice its error: 0 where it is fitted, and only there.",
            lambda: ForAll(
                SIX,
                [f"alone0.pre({SIX_AT}, {j}, 0) > 0" for j in (0, 1)],
                [f"alone0.d1({SIX_AT}, [0, 0, 1, 0, 0, 0]) == 2*(alone0.out({SIX_AT}, 0) - 1)"],
                alone(0),
                try_at=[dict.fromkeys(SIX.split(), 1) | {"p2": 0}],
                samples=0,
            ),
        ),
        weight="ours",
    ),
    Claim(
        "no-start-rests",
        "6.1",
        "At no start in which all units see all points does the gradient vanish altogether.",
        statement=lambda: Not(
            AllOf(
                [
                    facing(RESTING),
                    ForAll(ALONG[1:-1].replace(",", ""), [], [f"relu2.d1({flat(RESTING)}, {ALONG}) == 0"], TWO),
                ]
            )
        ),
        because="Opposite units with b = 1/4 put out 1/2 everywhere, and the four signals cancel.",
        repair=Repair(
            "While both units see all points the gradient on each is 8 times the summed weights, and 8 times the summed "
            "biases less 4: 0 where the weights are opposite and the biases sum to 1/2, and only there.",
            rests_only_if_mirrored,
        ),
    ),
    Claim(
        "no-subset-is-ignored",
        "6.1",
        "Training does not come to ignore points (read: no class-1 point is dead at the stop).",
        measure=Study([SPHERES], none_ignored),
        because="Runs fail in the other way, at outputs 1/2.",
        weight="central",
    ),
    Claim(
        "consistent-direction",
        "6.2",
        "The start gives a consistent direction: while both units see all points they have the same gradient, and the loss "
        "falls towards one point, as in a funnel.",
        statement=lambda: theorem_statement(SEEING),
        because="True, but the funnel leads to outputs 1/2.",
    ),
    Claim(
        "solutions-see-all-data",
        "6.2",
        "Some solutions lie in the direction of the funnel, towards boundaries around the data: they have a unit "
        "that sees more than one point.",
        statement=lambda: Exists(SIX, [*FIT, ON[0][0], ON[0][1]], TWO, samples=0),
        because="A unit that sees both class-1 points sees a class-0 point.",
        repair=Repair("At every solution one unit sees x1 alone, and the other x2 alone.", solutions),
        weight="central",
    ),
    Claim(
        "funnel-speeds-convergence",
        "6.2",
        "The funnel improves convergence (read: successful runs stop earlier than from the standard start).",
        measure=Study([SPHERES, NORMAL], faster),
        because="They take nearly four times as long.",
    ),
    Claim(
        "separation-from-all-points",
        "6.3",
        "Boundaries start with a guaranteed separation from all points: the margin.",
        statement=lambda: AllOf([theorem_statement(TANGENT), distance_is_margin()]),
    ),
    Claim(
        "margin-as-in-svm",
        "6.3",
        "The margin of the rule is one as that of a support vector machine: some boundary on XOR has one class on "
        "either side.",
        statement=lambda: Not(unit(WIDE, *each(FACING, "> 0"))),
        because="All points, of both classes, lie on the same side.",
        repair=Repair(
            "All four points are on the positive side of every boundary, and no line separates the classes anyway.",
            lambda: AllOf([unit(WIDE, *each(FACING, "> 0")), theorem_statement("no_line_separates_xor")]),
        ),
        weight="ours",
    ),
]
