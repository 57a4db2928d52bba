"""The claims of section 2.1: dead data at the start as the cause of failures."""

from collections.abc import Sequence
from math import comb

from stability import AllOf, Claim, ForAll, Not, Repair, complete_list, number_of_sets, set_at
from stability.audit.hypothesis_tests import all_of
from stability.audit.vocabulary import (
    AllAboutSets,
    Prediction,
    Study,
    gradient_descent_visits,
    number_fact,
    pre,
    theorem_statement,
)

from .experiments import BY_DESCENT, BY_SHORT_STEPS, LIVE_STARTS, NORMAL
from .judgements import (
    dead_starts_fail,
    ends_as_alive,
    failures_were_dead_starts,
    half_live_fail_more,
    published,
    resolved,
)
from .vocabulary import (
    ALONG,
    AXES,
    DIRECTION,
    ONE,
    RELU2,
    SEEN_X1,
    SILENT_AT,
    SIX,
    SIX_AT,
    SOLVED_AT,
    TRAP,
    TWO,
    ZERO_BIAS,
    all_seen,
    alone,
    each,
    fisher,
    flat,
    sides,
    stuck,
)

SEES_ALONE = ((0, 0, "1/2"), (0, 0, -1))
"""One unit outputs 1/2 everywhere, the other is dead on all of the data; loss 1."""

DEAD_START = (("-7/2", "7/2", 0), ("-1/2", "1/2", 0))
"""A start with zero biases at which x1 is dead, with pre-activations -7 and -1."""

REVIVED = (("-3/2", "3/2", -2), ("3/2", "-3/2", -2))
"""Where one step of size 1/7 (4/7 for the mean) leads from there: a solution."""

UNSEEN = ((1, -1, 0), (-1, 1, 0))
"""A start with zero biases at which x3 and x4 are dead, on all boundaries."""

FITTED = (("2/3", "-2/3", "-1/3"), ("-2/3", "2/3", "-1/3"))
"""Where one step of size 1/6 leads from there: a solution."""


def at_rest(point: Sequence[Sequence[object]]) -> ForAll:
    """State that relu2 has no slope in any direction from a point."""
    return ForAll(DIRECTION, [], [f"relu2.d1({flat(point)}, {ALONG}) == 0"], TWO)


DEAD_START_AT = dict(zip(SIX.split(), (x for row in DEAD_START for x in row), strict=True))


def stays_dead() -> AllOf:
    """State why a gradient flow from zero biases never revives x1 once neither unit sees it, so that its output is 0.

    For each unit V = 3 z(x1) + z(x2) is 2 z(x1) < 0 at the start, and it never grows while x1 is dead: no other point
    raises it. So a unit whose z(x1) is near 0 does not see x2, and then no point raises z(x1) either. By symmetry
    the same holds of x2, and of the second unit.
    """
    x1 = each([f"relu2.pre({SIX_AT}, {j}, 0)" for j in (0, 1)], "<= 0")
    start, off = pre("relu1", "[u, v, 0]"), [f"alone1.pre({SIX_AT}, 0, 0) <= 0"]
    parts = [ForAll("u v", [], [f"3*{start[0]} + {start[1]} == 2*{start[0]}"], ONE)]
    for i in (1, 2, 3):
        v, z = (f"alone{i}.autograd({SIX_AT}, [{along}, 0, 0, 0]) >= 0" for along in ("2, -2, 4", "1, -1, 1"))
        parts += [ForAll(SIX, [], [v], alone(i)), ForAll(SIX, off if i == 1 else [], [z], alone(i), [SILENT_AT[0]])]
    return AllOf([*parts, ForAll(SIX, x1, [f"relu2.out({SIX_AT}, 0) == 0"], TWO, [DEAD_START_AT])])


def traps_with_live_points() -> AllAboutSets:
    """State which traps of relu2 have no dead example, and which do.

    The outputs, the same on a whole set, are part of the complete list; where they are 1/2 some unit sees the point.
    """
    plateau = [TRAP, ("loss", "=", 1), ("right", "=", 2)]
    return AllAboutSets(
        [
            number_of_sets(RELU2, plateau, "=", 3),
            *(set_at(RELU2, point, [*plateau, ("dimension", "=", 3)]) for point in (SEEN_X1, SEES_ALONE)),
            number_of_sets(RELU2, [TRAP, ("right", "=", 3), ("loss", "=", 1), ("dimension", "=", 5)], "=", 2),
            number_of_sets(RELU2, [TRAP, ("loss", "=", 2), ("dimension", "=", 6)], "=", 1),
            number_of_sets(RELU2, [TRAP], "=", 6),
            complete_list(RELU2.atlas()),
        ]
    )


def as_unlikely(count: int, of: int) -> str:
    """Return the chance of counts as unlikely as this one, of so many tosses of a coin."""
    return f"{sum(comb(of, k) for k in range(of + 1) if comb(of, k) <= comb(of, count))}/{2**of}"


FAILURES = [
    Claim(
        "dead-point-gives-no-gradient",
        "2.1",
        "A point that no unit sees gives no gradient.",
        statement=lambda: ForAll(
            f"{SIX} {DIRECTION}",
            [f"alone0.pre({SIX_AT}, {j}, 0) < 0" for j in (0, 1)],
            [f"alone0.d1({SIX_AT}, {ALONG}) == 0"],
            alone(0),
            try_at=[{**DEAD_START_AT, **dict.fromkeys(DIRECTION.split(), 0)}],
        ),
    ),
    Claim(
        "seen-points-give-gradient",
        "2.1",
        "Conversely, where all points are seen and the loss is above 0, there is a gradient.",
        statement=lambda: Not(
            AllOf([number_fact(f"relu2.loss({flat(SEEN_X1)}) == 1", relu2=RELU2), all_seen(SEEN_X1), at_rest(SEEN_X1)])
        ),
        because="On the plateau of outputs 1/2 all units see all points, and the four signals cancel.",
        repair=Repair(
            "Where all units see all points, the gradient on each is 8 times the summed weights, and 8 times the summed "
            "biases less 4: none where the weights sum to 0 and the biases to 1/2, and only there.",
            lambda: ForAll(
                SIX,
                [f"relu2.pre({SIX_AT}, {j}, {i}) > 0" for j in (0, 1) for i in range(4)],
                [
                    f"relu2.d1({SIX_AT}, {axis}) == {slope}"
                    for axis, slope in zip(AXES, 2 * ("8*(p1 + q1)", "8*(p2 + q2)", "8*(b1 + b2) - 4"), strict=True)
                ],
                TWO,
                try_at=[dict(zip(SIX.split(), (x for row in SEEN_X1 for x in row), strict=True))],
                samples=0,
            ),
        ),
    ),
    Claim(
        "every-trap-has-a-dead-point",
        "2.1",
        "Dead class-1 points explain all failures: at every local minimum with loss above 0 some class-1 point is dead.",
        statement=lambda: Not(AllOf([stuck(SEEN_X1), all_seen(SEEN_X1)])),
        because="On the plateau of outputs 1/2 every unit sees every point.",
        repair=Repair(
            "Of the six sets of traps three, of dimension 3, output 1/2 everywhere, so that no point is dead (two of "
            "them with a dead unit); two, of dimension 5, fit one class-1 point and leave the other dead; in one, of "
            "dimension 6, all is dead.",
            traps_with_live_points,
        ),
        weight="central",
    ),
    Claim(
        "failures-had-a-dead-point",
        "2.1",
        "Dead class-1 points at the start are what most failures come from (read: more than half of the documented "
        "failures started with one).",
        measure=Study([NORMAL], lambda normal: failures_were_dead_starts(normal, 0.5)),
    ),
    Claim(
        "dead-starts-fail",
        "2.1",
        "Documented runs that start with a class-1 point dead fail consistently (read: at least 95% of them).",
        measure=Study([NORMAL], lambda normal: dead_starts_fail(normal)),
        weight="central",
    ),
    Claim(
        "dead-starts-fail-however-trained",
        "2.1",
        "Starts with a dead class-1 point fail by the dead points, not by the optimiser or its step: as many fail "
        "by plain gradient descent (0.1), and by Adam with a tenth of the step (at least 95% each).",
        measure=Study([BY_DESCENT, BY_SHORT_STEPS], lambda *trained: all_of(*map(dead_starts_fail, trained))),
        weight="ours",
    ),
    Claim(
        "dead-points-explain-all",
        "2.1",
        "Dead class-1 points are responsible for the whole failure rate (read: at least 99% of the failed documented runs "
        "started with one).",
        measure=Study([NORMAL], lambda normal: failures_were_dead_starts(normal, 0.99)),
        because="One failure in sixteen started with both class-1 points live. It would be all by plain gradient descent: "
        "see dead-points-explain-all-descent.",
        weight="central",
    ),
    Claim(
        "dead-points-explain-all-descent",
        "2.1",
        "Under plain gradient descent (0.1), too, dead class-1 points are responsible for the whole failure rate: "
        "at least 99% of its failures started with one.",
        measure=Study([BY_DESCENT], lambda descent: failures_were_dead_starts(descent, 0.99)),
        weight="ours",
    ),
    Claim(
        "figures-fit-dead-points",
        "2.1",
        "The published figure fits this explanation: if half of the runs fail, a count as unlikely as 21 of 50 has a "
        "probability of at least 1 in 100.",
        statement=number_fact(f"{as_unlikely(21, 50)} >= 1/100"),
        weight="ours",
    ),
    Claim(
        "starved-altogether",
        "2.1",
        "A dead class-1 point starves the model of its gradient signal altogether: at zero biases with x1 dead torch's "
        "gradient vanishes.",
        statement=lambda: ForAll(
            "p1 p2 q1 q2", ["p1 < p2", "q1 < q2"], [f"relu2.autograd({ZERO_BIAS}, {axis}) == 0" for axis in AXES], TWO
        ),
        because="The point gives none, but the others do, and the weights move on without it.",
        repair=Repair(
            "For all w1 < w2 in both units, zero biases: the output at x1 is 0, and along (-1, 1) each unit has the slope "
            "4(f(x2) - 1): both turn to the other class-1 point until that is fitted.",
            lambda: ForAll(
                "p1 p2 q1 q2",
                ["p1 < p2", "q1 < q2"],
                [
                    f"relu2.out({ZERO_BIAS}, 0) == 0",
                    *(
                        f"relu2.autograd({ZERO_BIAS}, {way}) == 4*(relu2.out({ZERO_BIAS}, 1) - 1)"
                        for way in ("[-1, 1, 0, 0, 0, 0]", "[0, 0, 0, -1, 1, 0]")
                    ),
                ],
                TWO,
                splits=["p1 + p2", "q1 + q2"],
            ),
        ),
        weight="central",
    ),
    Claim(
        "dead-start-never-recovers",
        "2.1",
        "From zero biases and a class-1 point that is dead, gradient descent never reaches a solution.",
        statement=lambda: Not(
            AllOf(
                [
                    sides(DEAD_START, "<", [0]),
                    gradient_descent_visits(RELU2, "1/7", [DEAD_START, REVIVED]),
                    number_fact(f"relu2.loss({flat(REVIVED)}) == 0", relu2=RELU2),
                ]
            )
        ),
        because="Where two units overshoot x2 together, one step of size 1/7 (4/7 for the mean) throws the shorter one "
        "over to x1, here onto a solution.",
        repair=Repair(
            "Torch's gradient flow never does: 3 z(x1) + z(x2) of each unit starts at 2 z(x1) < 0 and never grows while "
            "x1 is dead, and z(x1) does not grow where z(x2) <= 0; so x1 stays dead, with output 0.",
            stays_dead,
        ),
        weight="central",
    ),
    Claim(
        "dead-starts-are-trapped",
        "2.1",
        "Dead class-1 points cause failure: from zero biases with w1 < w2 in both units, so that x1 is dead, gradient "
        "flow ends in a trap (read: with outputs of at most 3 at the class-0 points).",
        statement=lambda: theorem_statement("dead_examples_trap_two_relus"),
        because="x2 is fitted, with loss 1, and x1 stays dead.",
        weight="central",
    ),
    Claim(
        "live-starts-succeed-under-the-flow",
        "2.1, 2.3.3",
        "Removing dead class-1 points removes the failure: from zero biases with both live, gradient flow reaches a "
        "solution (read: with w1 != w2 in both units and outputs of at most 3 at the class-0 points).",
        statement=lambda: theorem_statement("live_points_train_two_relus"),
        because="No margin is needed.",
        predicts=Prediction(
            "relu2 runs from zero biases end at loss 0 if both class-1 points are live, else at loss 1",
            "relu2",
            ends_as_alive,
            starts="normal:1/2",
            restarts=200,
            epochs=1500,
        ),
        weight="central",
    ),
    Claim(
        "all-points-must-be-live",
        "2.1",
        "All points, class 0 too, must give gradient at the start: where one is dead, descent does not reach a "
        "solution.",
        statement=lambda: Not(
            AllOf(
                [
                    sides(UNSEEN, "<=", [2, 3]),
                    gradient_descent_visits(RELU2, "1/6", [UNSEEN, FITTED]),
                    number_fact(f"relu2.loss({flat(FITTED)}) == 0", relu2=RELU2),
                ]
            )
        ),
        because="A dead class-0 point is fitted already; from w = +-(1, -1) at zero bias one step of 1/6 solves the task.",
        repair=Repair(
            "Only class-1 points must be seen in the end: at every solution some unit sees each of them, and no unit sees "
            "a class-0 point.",
            lambda: AllOf(
                [
                    *(
                        ForAll(
                            SIX,
                            [f"relu2.out({SIX_AT}, {i}) == 1"],
                            [[f"relu2.pre({SIX_AT}, {j}, {i}) > 0"] for j in (0, 1)],
                            TWO,
                            SOLVED_AT,
                            samples=0,
                        )
                        for i in (0, 1)
                    ),
                    *(
                        ForAll(
                            SIX,
                            [f"relu2.out({SIX_AT}, {i}) == 0"],
                            [f"relu2.pre({SIX_AT}, {j}, {i}) <= 0" for j in (0, 1)],
                            TWO,
                            SOLVED_AT,
                            samples=0,
                        )
                        for i in (2, 3)
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "fails-2-percent-when-live",
        "1, 2.1",
        "With no dead point at the start the network fails in 2% of the documented runs.",
        measure=Study([LIVE_STARTS], lambda live: published(live.whole, 1, 50)),
        weight="central",
    ),
    Claim(
        "class-0-must-be-live-too",
        "1, 2.1",
        "Dead class-0 points do harm as well: where both class-1 points are live, documented runs fail more often with a dead "
        "class-0 point than without.",
        measure=Study([NORMAL], lambda normal: half_live_fail_more(normal)),
    ),
    Claim(
        "class-0-must-be-live-for-descent",
        "1, 2.1",
        "Under plain gradient descent (0.1), too, dead class-0 points do harm: where both class-1 points are live, "
        "runs fail more often with a dead class-0 point than without.",
        measure=Study([BY_DESCENT], lambda descent: half_live_fail_more(descent)),
        because="It is Adam that needs them; see live-starts-succeed-under-the-flow.",
        weight="ours",
    ),
    Claim(
        "share-resolved",
        "2.1",
        "From 42% to 2% failures, 95% of the failures are resolved.",
        statement=number_fact("945/1000 <= (42 - 2)/42 < 955/1000"),
        because="Of the rate, that is: the two kinds of starts are different runs.",
    ),
    Claim(
        "share-resolved-in-training",
        "2.1",
        "The liveness test resolves 95% of the failures of the documented training.",
        measure=Study([NORMAL, LIVE_STARTS], lambda normal, live: resolved(normal.whole, live.whole)),
    ),
    Claim(
        "drop-is-no-accident",
        "2.1",
        "The published drop confirms that liveness matters: if it did not, failures as few as 1 of 50 after 21 of 50 would "
        "have a probability below 1 in 1,000,000 (Fisher's exact test).",
        statement=number_fact(f"{fisher(21, 50, 1, 50)} < 1/1000000"),
        weight="ours",
    ),
]
