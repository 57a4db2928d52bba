"""The claims of section 2.3.3: starts near the equilibrium, and what the tests guarantee."""

from stability import AllOf, Claim, ForAll, Not, Repair
from stability.audit.vocabulary import (
    Study,
    global_minimum_at,
    gradient_descent_visits,
    number_fact,
    pre,
    theorem_statement,
)

from .experiments import BIASED, LIVE_BY_DESCENT, LIVE_STARTS, MARGINS, NORMAL
from .judgements import at_least, below, failed, fewer_failures, near_starts_fail, never, part
from .vocabulary import (
    ANY_ANGLE,
    NEAR,
    ONE,
    RELU1,
    RELU2,
    SYMMETRIC,
    TRAPPED,
    TWO,
    ZERO_BIAS,
    angular_derivatives,
    drawn,
    flat,
    margin,
    restoring,
    stuck,
    trapped_nearby,
)

CARRIED = (("1/2", "1/8", 0), (-2, -1, 0))
"""A start with zero biases and margin 3/8."""


def solved_nearby() -> AllOf:
    """State that every start within 1/sqrt 3 of the symmetric solution flows to a solution."""
    return drawn(SYMMETRIC, ("><", "<>"), bottom=0, nearer=3)


def flow_from_opt() -> AllOf:
    """State that from (c + d, c - d, 0) with 0 < d < c <= 3/2 gradient flow of one unit reaches its least loss, 1."""
    near = "[c + d, c - d, 0]"
    region = [f"{z} {sign} 0" for z, sign in zip(pre("relu1", near), "><", strict=False)]
    starts_there = ForAll("c d", ["0 < d < c", "c <= 3/2"], [*region, "c + d >= -3/2", "c - d <= 3/2"], ONE)
    return AllOf([starts_there, theorem_statement("basins_of_relu1"), global_minimum_at(RELU1, (("1/2", "-1/2", 0),))])


def converges() -> ForAll:
    """State that gradient descent with any step h <= 1/6 multiplies the loss by (1 - 6h)^2 in a region that it keeps.

    The region: w = a(1, -1), bias b for one unit and w = k(-1, 1), bias d for the other, each unit seeing its
    class-1 point (2a + b > 0), with b < 0 and 2a > 1 + 2b: weights on the line at 3 pi/4 and -pi/4.
    """
    here = "[a, -a, b, -k, k, d]"
    e, g = "(2*a + b - 1)", "(2*k + d - 1)"
    a, b, k, d = f"(a - 2*h*{e})", f"(b - 2*h*{e})", f"(k - 2*h*{g})", f"(d - 2*h*{g})"
    there = f"[{a}, -{a}, {b}, -{k}, {k}, {d}]"
    units = [[int(i == n) for i in range(6)] for n in range(6)]
    gradient = (f"2*{e}", f"-2*{e}", f"2*{e}", f"-2*{g}", f"2*{g}", f"2*{g}")
    inside = ["b < 0", "2*a + b > 0", "2*a - 2*b > 1", "d < 0", "2*k + d > 0", "2*k - 2*d > 1"]
    kept = [f"{b} < 0", f"2*{a} + {b} > 0", f"2*{a} - 2*{b} > 1"]
    kept += [f"{d} < 0", f"2*{k} + {d} > 0", f"2*{k} - 2*{d} > 1"]
    return ForAll(
        "a b k d h",
        [*inside, "h > 0", "h <= 1/6"],
        [
            *(f"relu2.d1({here}, {unit}) == {part}" for unit, part in zip(units, gradient, strict=True)),
            *kept,
            f"relu2.loss({here}) == {e}**2 + {g}**2",
            f"relu2.loss({there}) == (1 - 6*h)**2 * ({e}**2 + {g}**2)",
        ],
        TWO,
        try_at=[{"a": "1/2", "b": "-1/10", "k": "1/2", "d": "-1/10", "h": "1/10"}],
        samples=0,
    )


INITIALISATION = [
    Claim(
        "no-torque-nearby",
        "2.3.3",
        "Near 3 pi/4 there is no torque.",
        statement=lambda: ForAll("p q", ["p > 0", "q > 0"], [f"{NEAR[0]} == 0"], ONE),
        because="Only at the angle itself, at zero bias.",
        repair=Repair(
            "At zero bias the torque dL/dtheta is -2(w1 + w2) in the whole quadrant w1 < 0 < w2: 0 at 3 pi/4 only.",
            lambda: AllOf(
                [
                    restoring(),
                    ForAll("p q", ["p > 0", "q > 0"], [["p == q"], [f"{NEAR[0]} != 0"]], ONE, splits=["p - q"]),
                ]
            ),
        ),
    ),
    Claim(
        "near-eq-is-the-basin",
        "2.3.3",
        "Starts with both weights near the line w2 = -w1 lie in the basin of the trap.",
        statement=lambda: Not(solved_nearby()),
        because="It matters whether the two look the same way: every start within 1/sqrt 3 of +-(1/2, -1/2), zero biases, flows "
        "to loss 0.",
        repair=Repair(
            "Looking opposite ways they solve it, which refutes the claim. Looking the same way they do not: every start within "
            "1/sqrt 12 of w = (-1/4, 1/4) twice, zero biases, flows to loss 1.",
            trapped_nearby,
        ),
        weight="central",
    ),
    Claim(
        "starts-near-eq-fail",
        "2.3.3",
        "Random starts near 3 pi/4 are the ones that fail (documented training, live starts).",
        measure=Study([LIVE_STARTS], near_starts_fail),
        because="It is the other way round.",
        weight="central",
    ),
    Claim(
        "starts-land-near-eq",
        "2.3.3",
        "Random starts can land near 3 pi/4 (read: both weights within 15 degrees of the line w2 = -w1 in at least 1 start in "
        "100).",
        measure=Study(
            [NORMAL],
            lambda normal: at_least(
                0.01,
                part(normal, "both_near_eq").runs,
                normal.runs,
                "Starts with both weights within 15 degrees of the line",
            ),
        ),
    ),
    Claim(
        "starts-near-eq-fail-more",
        "2.3.3",
        "Without care (no liveness test) starts with both weights within 15 degrees of the line w2 = -w1 fail more "
        "often than all.",
        measure=Study(
            [NORMAL],
            lambda normal: fewer_failures(
                ("starts near the line", part(normal, "both_near_eq")), ("all starts", normal.whole)
            ),
        ),
        because="They fail a little less often: half of them, those whose units look the same way.",
    ),
    Claim(
        "pushed-away-from-opt",
        "2.3.3",
        "At zero bias, gradient descent turns a unit near pi/4 away from it, on either side.",
        statement=lambda: AllOf(
            [
                ForAll("p q", ["p > 0", "q > p"], [f"{angular_derivatives('p', 'q', '0')[0]} == -2*(p + q)"], ONE),
                ForAll("p q", ["q > 0", "p > q"], [f"{angular_derivatives('p', 'q', '0')[1]} == -2*(p + q)"], ONE),
            ]
        ),
        because="True in the whole quadrant, with torque 2(w1 + w2); for 0 < b < 2c pi/4 attracts instead.",
    ),
    Claim(
        "pushed-into-the-trap",
        "2.3.3",
        "From near pi/4 a unit is pushed into a trap: gradient flow from w = (c + d, c - d), b = 0, with some "
        "0 < d < c <= 3/2, does not reach its least loss.",
        statement=lambda: Not(flow_from_opt()),
        because="All of these starts reach it, loss 1.",
        repair=Repair(
            "They are turned towards less loss: at equal norm and zero bias 3 pi/4 has less than pi/4, by 4c (for two units "
            "see live-starts-succeed-under-the-flow).",
            lambda: ForAll("c", ["c > 0"], ["relu1.loss([c, c, 0]) - relu1.loss([-c, c, 0]) == 4*c"], ONE),
        ),
    ),
    Claim(
        "liveness-avoids-angles",
        "2.3.3",
        "A live start with zero biases keeps both weights at least 5 degrees (1 in 11) off the line w2 = -w1.",
        statement=lambda: ForAll(
            "p1 p2 q1 q2",
            margin(ZERO_BIAS, "0"),
            ["121*(p1 + p2)**2 > (p1 - p2)**2", "121*(q1 + q2)**2 > (q1 - q2)**2"],
            TWO,
            try_at=[{"p1": 5, "p2": "-22/5", "q1": -5, "q2": "22/5"}],
        ),
        because="The test distinguishes quadrants, not angles.",
        repair=Repair(
            "Of the four quarter turns of the second unit just one makes the start live, whatever the two angles: the test "
            "keeps a quarter of all starts and prefers no angle.",
            lambda: theorem_statement("a_quarter_of_the_starts_is_live"),
        ),
        weight="central",
    ),
    Claim(
        "margin-avoids-angles",
        "2.3.3",
        "A start with zero biases and margin 3/10 keeps both weights at least 5 degrees (1 in 11) off the "
        "line w2 = -w1.",
        statement=lambda: ForAll(
            "p1 p2 q1 q2",
            margin("[p1, p2, 0, q1, q2, 0]", "3/10"),
            ["121*(p1 + p2)**2 > (p1 - p2)**2", "121*(q1 + q2)**2 > (q1 - q2)**2"],
            TWO,
            try_at=[{"p1": 5, "p2": "-22/5", "q1": -5, "q2": "22/5"}],
        ),
        because="Long weights pass the test at any angle but the exact one.",
        repair=Repair(
            "For every margin m >= 0 and zero biases, up to the order and mirror image of the units: |w1 + "
            "w2| > m and |w1 - w2| > m for both. The test keeps units off both diagonals by a distance, and "
            "by no angle.",
            lambda: ForAll(
                "p1 p2 q1 q2 m",
                ["m >= 0", *margin("[p1, p2, 0, q1, q2, 0]", "m")],
                ["p1 - p2 > m", "p1 + p2 > m", "q1 - q2 < -m", "q1 + q2 < -m"],
                TWO,
                try_at=[{"p1": 1, "p2": 0, "q1": -1, "q2": 0, "m": 0}],
            ),
        ),
        weight="central",
    ),
    Claim(
        "no-live-start-is-stuck",
        "2.3.3",
        "No start with margin 3/10 is itself a local minimum with loss above 0.",
        statement=lambda: Not(
            AllOf(
                [
                    number_fact(
                        *(
                            f"relu2.pre({flat(ANY_ANGLE)}, {j}, {i}) > 3/10"
                            for j, i in ((0, 0), (1, 1), (0, 2), (1, 3))
                        ),
                        relu2=RELU2,
                    ),
                    stuck(ANY_ANGLE),
                ]
            )
        ),
        because="With positive biases a start can pass the test, with 3/8, and never move.",
        repair=Repair(
            "With zero biases, as documented, the loss falls wherever a unit sees x3 (or, mirrored, x4), "
            "hence at every live start: with slope at most -4(w1 + w2) < -4m along -(1, 1) of that unit.",
            lambda: ForAll(
                "p1 p2 q1 q2",
                ["p1 + p2 > 0"],
                ["relu2.d1([p1, p2, 0, q1, q2, 0], [-1, -1, 0, 0, 0, 0]) <= -4*(p1 + p2)"],
                TWO,
            ),
        ),
    ),
    Claim(
        "margin-guarantees",
        "2.3.3",
        "A start with zero biases and margin 3/10 is never carried into a trap by gradient descent.",
        statement=lambda: Not(
            AllOf(
                [
                    number_fact(*margin(flat(CARRIED), "3/10"), relu2=RELU2),
                    gradient_descent_visits(RELU2, "1/4", [CARRIED, TRAPPED]),
                    stuck(TRAPPED),
                ]
            )
        ),
        because="One step of size 1/4 (1 for the mean) carries w = (1/2, 1/8), (-2, -1), margin 3/8, into a trap.",
        repair=Repair(
            "What does guarantee convergence: w = a(1, -1) and k(-1, 1), on the line itself, with biases b < "
            "0, 2a + b > 0 and 2a > 1 + 2b (same for k). Every step h <= 1/6 keeps this and multiplies the "
            "loss by (1 - 6h)^2.",
            converges,
        ),
    ),
    Claim(
        "margin-guarantees-the-flow",
        "2.3.3",
        "With infinitely small steps a margin guarantees success: from zero biases and margin 3/10 gradient flow "
        "always reaches a solution.",
        statement=lambda: Not(theorem_statement("a_margin_does_not_save_long_units")),
        because="From w = (v + m, v) and its opposite, v > 3/2 + 2 sqrt m, margin m, it loses both class-1 points.",
        repair=Repair(
            "With zero biases and both class-1 points live, one in each unit, the slope towards the symmetric solution is -2 times "
            "the loss: the flow comes nearer until it solves the task, or a unit no longer sees just its own class-1 point. It "
            "keeps these without any margin where outputs are at most 3: see live-starts-succeed-under-the-flow.",
            lambda: AllOf(
                [
                    drawn(SYMMETRIC, ("><", "<>"), bottom=0, nearer=3).parts[0],
                    ForAll(
                        "u v",
                        ["u > v"],
                        [f"{pre('relu1', '[u, v, 0]')[i]} {side} 0" for i, side in enumerate("><")],
                        ONE,
                    ),
                ]
            ),
        ),
        weight="ours",
    ),
    Claim(
        "liveness-guarantees-training",
        "2.3.3",
        "The liveness test guarantees that the documented training succeeds.",
        measure=Study([LIVE_STARTS], lambda live: never(live.whole, "of live starts")),
        because="The document's own figure for it in 2.1 is 2% failures.",
        weight="central",
    ),
    Claim(
        "margin-guarantees-training",
        "1, 2.2, 2.3.3, 4",
        "The margin 3/10 guarantees that the documented training succeeds.",
        measure=Study([MARGINS["0.3"]], lambda safe: never(safe.whole, "with margin 3/10")),
        because="None of 500, as published, is what a rare failure looks like.",
        weight="central",
    ),
    Claim(
        "liveness-guarantees-descent",
        "2.3.3, 4",
        "By plain gradient descent (0.1) liveness guarantees success, without any margin.",
        measure=Study([LIVE_BY_DESCENT], lambda live: never(live.whole, "of live starts by plain gradient descent")),
        weight="ours",
    ),
    Claim(
        "heuristics-work-with-biases",
        "2.3.3",
        "The tests work by avoiding bad biases as well: with normal biases (N(0, 1/4)) documented runs from live starts with a "
        "margin above 3/10 fail in less than 2%.",
        measure=Study(
            [BIASED],
            lambda biased: below(
                0.02,
                failed(part(biased, "safe")),
                part(biased, "safe").runs,
                "Failures with normal biases and a margin above 3/10",
            ),
        ),
        because="Biases bring starts into the basins of the traps at which all points are live: see "
        "every-trap-has-a-dead-point and seeing-trap-has-a-basin.",
    ),
]
