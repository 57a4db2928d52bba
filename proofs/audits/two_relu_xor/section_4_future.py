"""The claims of section 4: wider networks, more dimensions, asymmetric solutions."""

from itertools import combinations

from stability import AllOf, Claim, ForAll, Repair, every_set, number_of_sets, set_at
from stability.audit.hypothesis_tests import all_of
from stability.audit.vocabulary import AllAboutSets, Study, landscapes, number_fact, on, pre, theorem_statement

from .experiments import CUBE, LIVE_STARTS, LONG, LONGER, NORMAL, SHORT, WIDE
from .judgements import (
    alike,
    asymmetric,
    at_least,
    failed,
    failures_were_dead_starts,
    falls,
    fewer_failures,
    part,
    share_of_dead_starts,
)
from .vocabulary import BEST, ONE, RELU2, RELU3, SOLVES, SYMMETRIC, TRAP, TWO, each

LEAKY2 = on("leaky1/100:2")

ASYMMETRIC = (("3/2", "-1/2", -1), ("-1/2", "1/2", 0))
"""A solution whose units are not: one stands at an angle of its own."""

LEAKY_ASYMMETRIC = (("-100/99", "100/99", "-100/99"), ("101/198", "-101/198", "1/99"))
"""The same with a slope of 1/100 instead of 0."""


def four_units_for_the_cube() -> AllOf:
    """State that four units fit the parity of three signs, and that no unit can do the work of two.

    A unit that is off at all class-0 corners sees one class-1 corner at most: with two of them it would see one of the
    class-0 corners of the square on whose diagonal they lie. So every solution needs a unit for each of the four.
    """
    cube, one = on("relu4", "parity:3"), on("relu1", "parity:3")
    ups = [k for k, label in enumerate(one.data.labels) if label == 1]
    fit = ", ".join(f"{x}/2" for k in ups for x in (*one.data.points[k], -1))
    seen = [f"one.pre([u, v, w, b], 0, {k})" for k in range(8)]
    off, pairs = each([seen[k] for k in range(8) if k not in ups], "<= 0"), combinations([seen[k] for k in ups], 2)
    return AllOf(
        [
            number_fact(f"cube.loss([{fit}]) == 0", cube=cube),
            ForAll("u v w b", off, [f"{x} + {y} <= 0" for x, y in pairs], landscapes(one=one)),
        ]
    )


def family_of_solutions() -> AllOf:
    """State that solutions have four free parameters, and that two equations among them make the units mirror images."""
    first, second = "(s + 1 - b)/2, (s - 1 + b)/2, b", "(t - 1 + d)/2, (t + 1 - d)/2, d"
    given = ["b <= s <= -b", "d <= t <= -d"]
    here = [dict.fromkeys("stbd", 0)]
    sums = [f"({x}) + ({y})" for x, y in zip(first.split(", ")[:2], second.split(", ")[:2], strict=True)]
    return AllOf(
        [
            ForAll("s t b d", given, [f"relu2.loss([{first}, {second}]) == 0"], TWO, here),
            ForAll("s t b d", [*(f"{x} == 0" for x in sums), "b == d"], ["s + t == 0", "b == d"], TWO, here),
            ForAll("s t b d", ["s + t == 0", "b == d"], [f"{x} == 0" for x in sums], TWO, here),
        ]
    )


FUTURE = [
    Claim(
        "artifacts-of-minimal-width",
        "4",
        "The failures are artifacts of a minimal width: with a third unit no local minimum but the solutions is left.",
        statement=lambda: number_of_sets(RELU3, [TRAP], "=", 0),
        because="A spare unit can lie dead, or share the work of another.",
        repair=Repair(
            "Three units have ten sets of traps, of the same losses 1 and 2; at none are four points right. One is "
            "the dead region, of full dimension 9. What width does change: the solutions form one connected set, not two.",
            lambda: AllAboutSets(
                [
                    number_of_sets(RELU3, [TRAP], "=", 10),
                    every_set(RELU3, [TRAP], [("loss", "in", [1, 2]), ("right", "<", 4)]),
                    number_of_sets(RELU3, [TRAP, ("loss", "=", 2), ("dimension", "=", 9)], "=", 1),
                    number_of_sets(RELU3, [BEST, SOLVES], "=", 1),
                    number_of_sets(RELU2, [BEST, SOLVES], "=", 2),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "conspiracies-are-rare",
        "4",
        "In a layer of a hundred units a start at which some class-1 point is dead is vanishingly rare. Read: zero "
        "biases, weights with a symmetric law. A unit then sees exactly one of x1 and x2, so all must look the same "
        "way: 2 of the 2^100 equally likely choices, less than 1 in 10^29.",
        statement=lambda: AllOf(
            [
                ForAll(
                    "u v",
                    ["u != v"],
                    [
                        [f"{a} > 0", f"{b} < 0"]
                        for a, b in (pre("relu1", "[u, v, 0]")[:2], pre("relu1", "[u, v, 0]")[1::-1])
                    ],
                    ONE,
                    splits=["u - v"],
                ),
                number_fact(f"2/{2**100} < 1/{10**29}"),
            ]
        ),
    ),
    Claim(
        "each-unit-halves-the-dead-starts",
        "4",
        "The more units, the rarer a dead class-1 point, without end: each further unit halves its probability. Read: of "
        "the 2^k ways to negate k units just two leave one dead, shown for k = 1, 2, 3; 2^(1-k) of the starts from zero "
        "biases, whatever the scale of the weights.",
        statement=lambda: theorem_statement("half_of_the_starts_are_blind"),
    ),
    Claim(
        "dead-starts-by-width",
        "4",
        "A dead class-1 point gets rarer with width for the documented law, too: it is halved by each unit, from "
        "two to three, four, eight and sixteen units.",
        measure=Study([NORMAL, *WIDE.values()], share_of_dead_starts),
    ),
    Claim(
        "narrow-starts-by-width",
        "4",
        "Starts with a point within the margin (3/10) of all units become rarer from two to three, four, eight and sixteen units.",
        measure=Study(
            [NORMAL, *WIDE.values()],
            lambda *found: falls(
                "Starts without a margin above 3/10",
                *((each.settings["model"], each.runs - part(each, "safe").runs, each.runs) for each in found),
            ),
        ),
    ),
    Claim(
        "failures-by-width",
        "4",
        "Failures of the documented training get rarer from two to three, four, eight and sixteen units.",
        measure=Study(
            [NORMAL, *WIDE.values()],
            lambda *found: fewer_failures(*((each.settings["model"], each.whole) for each in found)),
        ),
        weight="central",
    ),
    Claim(
        "same-failures-at-eight-units",
        "4",
        "What fails in wider networks is still the dead points (read: with eight units most failed runs started with a dead "
        "class-1 point).",
        measure=Study([WIDE[8]], lambda wide: failures_were_dead_starts(wide, 0.5)),
        because="Failures become rarer, but more slowly than dead points; most come from live starts.",
    ),
    Claim(
        "dead-starts-by-dimension",
        "4",
        "Dead points are an artifact of low dimension: with four units starts with a dead class-1 point are rarer for the parity "
        "of three signs than for XOR.",
        measure=Study(
            [WIDE[4], CUBE[4]],
            lambda flat, cube: falls(
                "Starts with a dead class-1 point",
                *(
                    (words, part(each, "dead").runs, each.runs)
                    for words, each in (("XOR", flat), ("three signs", cube))
                ),
            ),
        ),
        because="There are twice as many points, each dead with the same probability 2^-4. Width thins them out, dimension does "
        "not.",
    ),
    Claim(
        "failures-by-dimension",
        "4",
        "Failures are an artifact of low dimension: the parity of three signs with four units, the fewest that can "
        "solve it, fails less often than XOR with two.",
        measure=Study(
            [NORMAL, CUBE[4]],
            lambda flat, cube: fewer_failures(("XOR, two units", flat.whole), ("three signs, four units", cube.whole)),
        ),
        because="It fails a little more often; more than half of these failures start with all class-1 points live.",
        repair=Repair(
            "Four units fit the parity of three signs. A unit that is off at all class-0 corners sees one class-1 corner at "
            "most, so that each of the four needs a unit of its own.",
            four_units_for_the_cube,
        ),
    ),
    Claim(
        "width-helps-in-three-dimensions",
        "4",
        "Width helps in three dimensions: with eight units the parity of three signs fails less often than with four.",
        measure=Study(
            [CUBE[4], CUBE[8]],
            lambda four, eight: fewer_failures(("four units", four.whole), ("eight units", eight.whole)),
        ),
    ),
    Claim(
        "scale-of-weights-is-not-enough",
        "4",
        "Initialisation is not about the scale of weights alone: with standard deviations of 1/10, 1/2, 1 and 2 at least 45% of "
        "the runs fail.",
        measure=Study(
            [SHORT, NORMAL, LONG, LONGER],
            lambda *found: all_of(
                *(
                    at_least(0.45, failed(each.whole), each.runs, f"Failures for {each.settings['init']}")
                    for each in found
                )
            ),
        ),
        because="Half of the starts have a dead class-1 point at every scale (half_of_the_starts_are_blind).",
    ),
    Claim(
        "scale-of-weights-does-not-matter",
        "4",
        "The scale of weights is the lesser matter: live starts fail no less often with weights N(0, 1/100) than "
        "with N(0, 1/4) (read: up to two points of difference).",
        measure=Study(
            [SHORT, LIVE_STARTS],
            lambda short, live: alike(("N(0, 1/100)", part(short, "live")), ("N(0, 1/4)", live.whole)),
        ),
        because="Short weights end the failures of live starts without any margin.",
    ),
    Claim(
        "scaling",
        "4",
        "Whether the findings scale is questionable; high-dimensional geometry may make these failures irrelevant.",
        opinion="Doubts and a 'may'; nothing here could turn out false.",
    ),
    Claim(
        "sound-geometric-relationship",
        "4",
        "Initialisation is about a sound geometric relationship of network and data, not only the scale of weights.",
        opinion="No criterion of soundness is given.",
    ),
    Claim(
        "principles-for-high-dimension",
        "4",
        "Liveness and margin can be made principles of initialisation in high dimension.",
        opinion="A question for the future; no principle is proposed yet.",
    ),
    Claim(
        "asymmetric-solutions-exist",
        "4",
        "Some solutions have units that are not mirror images of each other, and they are as stable as the "
        "symmetric ones.",
        statement=lambda: AllAboutSets([set_at(RELU2, point, [BEST, SOLVES]) for point in (ASYMMETRIC, SYMMETRIC)]),
    ),
    Claim(
        "asymmetric-are-few",
        "4",
        "Few successful runs end in an asymmetric solution (read: fewer than half; the units are more than 1/20 from being mirror "
        "images).",
        measure=Study([NORMAL], lambda normal: asymmetric(normal, "unlike_by_1_20", "1/20")),
        because="The symmetric ones are a thin part of the set of solutions.",
        repair=Repair(
            "Solutions have four free parameters, w1 + w2 = s or t and the biases b, d with |s| <= -b, |t| <= -d; the units are "
            "mirror images just if s + t = 0 and b = d, in a part of dimension 2.",
            family_of_solutions,
        ),
    ),
    Claim(
        "clearly-asymmetric-are-few",
        "4",
        "Fewer than half of the successful runs end clearly asymmetric, more than 1/5 from being mirror images.",
        measure=Study([NORMAL], lambda normal: asymmetric(normal, "unlike_by_1_5", "1/5")),
        weight="ours",
    ),
    Claim(
        "truly-asymmetric-are-few",
        "4",
        "Fewer than half of the successful runs end more than 1/100 from being mirror images.",
        measure=Study([NORMAL], lambda normal: asymmetric(normal, "unlike_by_1_100", "1/100")),
        because="The smaller the tolerance, the fewer are symmetric; none are exactly, since those have dimension 2 of 4.",
        weight="ours",
    ),
    Claim(
        "asymmetric-solutions-apart",
        "4",
        "The asymmetric solutions form a class of their own: more connected sets of solutions than the one, up to the "
        "order of the units, that has the symmetric one.",
        statement=lambda: AllAboutSets(
            [set_at(RELU2, SYMMETRIC, [BEST, ("orbit", "=", 2)]), number_of_sets(RELU2, [BEST], ">", 2)]
        ),
        because="There is one set, in two orders of the units.",
        repair=Repair(
            "The solutions form one connected set of dimension 4, in two orders of the units. It holds the symmetric and "
            "the asymmetric ones, and nothing at its edge repels: no other stationary point of loss 0.",
            lambda: AllAboutSets(
                [
                    number_of_sets(RELU2, [SOLVES], "=", 2),
                    every_set(RELU2, [SOLVES], [BEST, ("dimension", "=", 4), ("orbit", "=", 2)]),
                    *(set_at(RELU2, point, [SOLVES]) for point in (SYMMETRIC, ASYMMETRIC)),
                ]
            ),
        ),
    ),
    Claim(
        "asymmetry-from-one-sided-slope",
        "4",
        "Solutions need not be symmetric because of the ReLU's one-sided gradient: with a slope of 1/100 on the "
        "other side the solutions are isolated.",
        statement=lambda: every_set(LEAKY2, [BEST], [("isolated", "=", True)]),
        because="A leaky slope thins the family of solutions out, but does not end it.",
        repair=Repair(
            "With slope 1/100 there still are solutions in two sets of dimension 2, asymmetric ones among them; the "
            "one-sided gradient adds two dimensions to each set.",
            lambda: AllAboutSets(
                [
                    number_of_sets(LEAKY2, [BEST, SOLVES, ("dimension", "=", 2)], "=", 2),
                    number_of_sets(LEAKY2, [SOLVES], "=", 2),
                    set_at(LEAKY2, LEAKY_ASYMMETRIC, [BEST, SOLVES]),
                    number_of_sets(RELU2, [BEST, SOLVES, ("dimension", "=", 4)], "=", 2),
                ]
            ),
        ),
    ),
    Claim(
        "deeper-problem",
        "4",
        "The failures are symptoms of an inability to form a coherent, class-defining surface.",
        opinion="Called a gut feeling; the surface is not defined.",
    ),
]
