"""The claims of section 1: solutions, failures, and the two ways out."""

from stability import AllOf, Claim, Exists, ForAll, Repair, every_set, number_of_sets, set_at
from stability.audit.vocabulary import AllAboutSets, Study, theorem_statement

from .experiments import LIVE_STARTS, MARGINS, NORMAL, PATIENT
from .judgements import alike, at_least, fewer_failures, in_traps, part, published
from .vocabulary import AXES, BEST, RELU1, RELU2, SIX, SIX_AT, SOLVES, SYMMETRIC, TRAP, TWO, alone

FLIPS = ("p1, p2, 0, q1, q2, 0", "-p1, -p2, 0, q1, q2, 0", "p1, p2, 0, -q1, -q2, 0", "-p1, -p2, 0, -q1, -q2, 0")


def one_unseen_flip() -> ForAll:
    """State that at most one of the four ways to negate two units leaves a class-1 point dead: a quarter of the starts."""
    goals = [[f"relu2.out([{flip}], {i}) > 0" for flip in FLIPS if flip != bad for i in (0, 1)] for bad in FLIPS]
    return ForAll("p1 p2 q1 q2", ["p1 != p2", "q1 != q2"], goals, TWO, splits=["p1 - p2", "q1 - q2"])


FITTED_X1 = dict(zip(SIX.split(), ("3/5", "-2/5", 0, "-3/10", "1/10", 0), strict=True))
"""Zero biases, all four points seen, and x1 fitted: the first unit sees x1 and x3, the second one x2 and x4."""


OVERVIEW = [
    Claim(
        "can-solve-xor",
        "1",
        "The sum of two ReLU units can fit XOR exactly.",
        statement=lambda: set_at(RELU2, SYMMETRIC, [BEST, SOLVES]),
        weight="central",
    ),
    Claim(
        "has-failure-states",
        "1, 2",
        "Training of two ReLU units on XOR can fail for good: there are local minima, and at none but the solutions "
        "are all four points right.",
        statement=lambda: AllAboutSets(
            [
                number_of_sets(RELU2, [TRAP], ">=", 1),
                every_set(RELU2, [TRAP], [("loss", ">", 0), ("right", "<", 4)]),
                every_set(RELU2, [BEST], [SOLVES, ("right", "=", 4)]),
            ]
        ),
        weight="central",
    ),
    Claim(
        "fails-42-percent",
        "1, 2.1",
        "The network fails in 42% of the documented runs.",
        measure=Study([NORMAL], lambda normal: published(normal.whole, 21, 50)),
        weight="central",
    ),
    Claim(
        "two-units-are-the-fewest",
        "1",
        "Two ReLU units are a minimal network for XOR: their sum can solve the task, a single one cannot.",
        statement=lambda: AllAboutSets(
            [number_of_sets(RELU1, [SOLVES], "=", 0), set_at(RELU2, SYMMETRIC, [BEST, SOLVES])]
        ),
    ),
    Claim(
        "failing-comes-as-a-surprise",
        "1",
        "The many failures come as a surprise: the starts do not foretell them. Read: of the four equally likely "
        "ways to negate the units of a start with zero biases at most one leaves a class-1 point dead, so a quarter "
        "at most.",
        statement=one_unseen_flip,
        because="Two do: half of the starts have a dead class-1 point, so about half of the runs must be expected to fail.",
        repair=Repair(
            "Of the 2^k ways to negate k units just two leave a class-1 point dead (k = 1, 2, 3): half of all starts for two "
            "units, for every law of the weights that does not change when a unit is negated.",
            lambda: theorem_statement("half_of_the_starts_are_blind"),
        ),
    ),
    Claim(
        "failures-are-not-early-stops",
        "1",
        "The failures are not due to stopping early: without the rule of 11 epochs, up to 800 epochs, as many fail "
        "(read: up to two points of difference).",
        measure=Study(
            [NORMAL, PATIENT],
            lambda normal, patient: alike(("with the rule", normal.whole), ("without", patient.whole)),
        ),
        weight="ours",
    ),
    Claim(
        "failures-are-for-good",
        "1, 2.3",
        "Failed runs are in a stable minimum, not on their way (read: gradient flow from where at least 95% of them stopped "
        "leads into a trap near by).",
        measure=Study([NORMAL], in_traps),
    ),
    Claim(
        "liveness-gives-each-a-gradient",
        "1",
        "Where every point is seen by some unit, every point gives a gradient (read: x1 gives one to some parameter).",
        statement=lambda: ForAll(
            SIX,
            [f"relu2.out({SIX_AT}, {i}) > 0" for i in range(4)],
            [[f"alone0.autograd({SIX_AT}, {axis}) != 0"] for axis in AXES],
            {**TWO, **alone(0)},
            [FITTED_X1],
            samples=0,
        ),
        because="A point that is fitted already gives none, as x1 with w = (3/5, -2/5), (-3/10, 1/10) and zero biases, where all four "
        "are seen; for random starts that has probability 0.",
        repair=Repair(
            "x1 gives one unless its output is 1, and x3 does always: class-0 points that are seen are never fitted. With w = "
            "(3/5, -2/5), (-3/10, 1/10) and zero biases all four are seen, and x1 gives none.",
            lambda: AllOf(
                [
                    ForAll(
                        SIX,
                        [f"alone0.pre({SIX_AT}, 0, 0) > 0", f"alone0.out({SIX_AT}, 0) != 1"],
                        [f"alone0.autograd({SIX_AT}, {AXES[2]}) != 0"],
                        alone(0),
                    ),
                    ForAll(
                        SIX,
                        [f"alone2.pre({SIX_AT}, 0, 0) > 0"],
                        [f"alone2.autograd({SIX_AT}, {AXES[2]}) != 0"],
                        alone(2),
                    ),
                    Exists(
                        SIX,
                        [
                            *(f"relu2.out({SIX_AT}, {i}) > 0" for i in range(4)),
                            *(f"alone0.autograd({SIX_AT}, {axis}) == 0" for axis in AXES),
                        ],
                        {**TWO, **alone(0)},
                        [FITTED_X1],
                        samples=0,
                    ),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "progressively-eliminated",
        "1",
        "The failures go step by step: liveness, then margins of 1/10, 2/10 and 3/10 each leave fewer than the step before.",
        measure=Study(
            [NORMAL, LIVE_STARTS, *MARGINS.values()],
            lambda normal, live, *margins: fewer_failures(
                ("all starts", normal.whole),
                ("live", live.whole),
                *((f"margin {m}", each.whole) for m, each in zip(MARGINS, margins, strict=True)),
            ),
        ),
        weight="central",
    ),
    Claim(
        "success-needs-a-safe-start",
        "1",
        "Success depends critically on a start that is live and has a margin of 3/10 (read: most successful runs of the "
        "documented training start so).",
        measure=Study(
            [NORMAL],
            lambda normal: at_least(
                0.5, part(normal, "safe").successes, normal.whole.successes, "Successful runs with a safe start"
            ),
        ),
        because="Reliability does; most successes start unsafe.",
        weight="central",
    ),
    Claim(
        "fundamental-principles",
        "1",
        "Minimal models reveal fundamental principles of optimisation, though these may not scale.",
        opinion="No principle is named that could hold or fail, and 'may not' cannot be false.",
    ),
]
