"""The claims of the comparison with the theory of dynamical systems."""

from stability import AllOf, Claim, ForAll, Not, Repair
from stability.audit.vocabulary import (
    autograd_rests_at,
    gradient_descent_visits,
    hessian_is,
    landscapes,
    local_minimum_at,
    number_fact,
    pre,
    theorem_statement,
)

from .vocabulary import (
    ABS1,
    ANY,
    BEST,
    FITS2,
    RELU1,
    RELU2,
    SIX,
    SIX_NAMES,
    TORQUE,
    TRAPS,
    P,
    all_off,
    rests_near_collapse,
    smooth,
)

ORBIT = [[[0, 0, b]] for b in ("3/10", "9/10", "-3/10", "-9/10", "3/10")]

DIVERGING = [[[0, 0, b]] for b in (2, -4, 10, -28)]

STEP_38 = "b - 3/8*abs1.autograd([0, 0, b], [0, 0, 1])"


def triples() -> list[ForAll]:
    """State that from w = 0 and |b| > 1 a step of 1/2 keeps w and makes |b| - 1 three times as large."""
    place, bias = landscapes(abs1=ABS1), "b - 1/2*abs1.autograd([0, 0, b], [0, 0, 1])"
    still = [f"abs1.autograd([0, 0, b], {axis}) == 0" for axis in ANY[:2]]
    up = ForAll("b", ["b > 1"], [*still, f"{bias} < -1", f"-({bias}) - 1 == 3*(b - 1)"], place)
    return [up, ForAll("b", ["b < -1"], [*still, f"{bias} > 1", f"{bias} - 1 == 3*(-b - 1)"], place)]


ONLY_X1 = {"u": 6, "v": -5, "b": -2, "x": 1, "y": 1, "t": 0}
"""A unit that sees x1 alone, with the output 9, and a direction in which its loss is flat."""


def dead_state() -> ForAll:
    """State that gradient and curvature of a dead unit are 0, so that every multiplier is 1."""
    return ForAll(
        "u v b x y t step",
        [*all_off("relu1"), "step > 0"],
        [
            *(f"relu1.autograd({P}, {axis}) == 0" for axis in ANY),
            f"x**2 + y**2 + t**2 - step*relu1.d2({P}, [x, y, t], [0, 0, 0]) == x**2 + y**2 + t**2",
        ],
        landscapes(relu1=RELU1),
    )


def one_active() -> ForAll:
    """State gradient and curvature where a unit sees x1 alone, and that its gradient at one such point is 16 a."""
    z1, *others = pre("relu1", P)
    at = {name: value for name, value in ONLY_X1.items() if name in "uvb"}
    return ForAll(
        "u v b x y t",
        [f"{z1} > 0", *(f"{z} < 0" for z in others)],
        [
            *(
                f"relu1.autograd({P}, {axis}) == {sign}2*({z1} - 1)"
                for axis, sign in zip(ANY, ("", "-", ""), strict=True)
            ),
            f"relu1.d2({P}, [x, y, t], [0, 0, 0]) == 2*(x - y + t)**2",
            *(
                f"relu1.autograd([6, -5, -2], {axis}) == {value}"
                for axis, value in zip(ANY, (16, -16, 16), strict=True)
            ),
        ],
        landscapes(relu1=RELU1),
        try_at=[{**at, "x": 0, "y": 0, "t": 0}],
    )


COMPARISON = [
    Claim(
        "plateau-non-hyperbolic",
        "Comparison 2",
        "A multiplier of gradient descent with modulus 1 means gradients and curvatures near 0 (read: where the loss of a single "
        "ReLU has no curvature along some direction, no component of the gradient exceeds 1 in size, nor any curvature along an "
        "axis 1).",
        statement=ForAll(
            "u v b x y t",
            [*smooth("relu1"), "x**2 + y**2 + t**2 > 0", f"relu1.d2({P}, [x, y, t], [0, 0, 0]) == 0"],
            [
                *(f"-1 <= relu1.autograd({P}, {axis}) <= 1" for axis in ANY),
                *(f"relu1.d2({P}, {axis}, [0, 0, 0]) <= 1" for axis in ANY),
            ],
            landscapes(relu1=RELU1),
            try_at=[ONLY_X1],
            samples=0,
        ),
        weight="central",
        because="With x1 alone on the Hessian has the eigenvalues 6, 0 and 0, so two multipliers are 1, and the gradient may be as "
        "large as one likes.",
        repair=Repair(
            "Only the converse holds: where a unit is dead gradient and Hessian are 0 and all multipliers 1. Where it sees x1 "
            "alone, its Hessian is 2 a a' with a = (1, -1, 1), so that two multipliers are 1, and its gradient is 2 (z1 - 1) a.",
            AllOf([dead_state(), one_active()]),
        ),
    ),
    Claim(
        "dead-state-is-non-hyperbolic",
        "Comparison 2",
        "In the degenerate (dead) state every multiplier of gradient descent has modulus 1: training stalls.",
        statement=dead_state(),
    ),
    Claim(
        "bias-freeze-means-plateau",
        "Comparison 2",
        "A bias that does not move shows a flat plateau: where the bias gradient is zero, so is the bias curvature.",
        statement=ForAll(
            "u v b",
            [f"abs1.autograd({P}, {ANY[2]}) == 0", *smooth("abs1")],
            [f"abs1.d2({P}, {ANY[2]}, [0, 0, 0]) == 0"],
            landscapes(abs1=ABS1),
            try_at=[{"u": 0, "v": 0, "b": "1/2"}],
        ),
        because="The bias also stops at every good minimum.",
        repair=Repair(
            "At the strict minima, solution and trap, the bias rests with curvature 8.",
            number_fact(
                *(f"abs1.autograd({p}, {ANY[2]}) == 0" for p in ("[-1/2, 1/2, 0]", "[0, 0, 1/2]")),
                *(f"abs1.d2({p}, {ANY[2]}, [0, 0, 0]) == 8" for p in ("[-1/2, 1/2, 0]", "[0, 0, 1/2]")),
                abs1=ABS1,
            ),
        ),
        weight="central",
    ),
    Claim(
        "torque-freezes-feature",
        "Comparison 2",
        "Low torque can freeze a unit's direction: with all four examples active, torque is zero and stays zero.",
        statement=ForAll(
            "u v b step",
            [*(f"{z} > 0" for z in pre("relu1", P)), "0 < step < 1/8"],
            [
                f"relu1.d1({P}, {TORQUE}) == 0",
                f"(u - step*relu1.autograd({P}, {ANY[0]}))*v == (v - step*relu1.autograd({P}, {ANY[1]}))*u",
            ],
            landscapes(relu1=RELU1),
        ),
    ),
    Claim(
        "zero-collapse-fixed-point",
        "Comparison 2",
        "All parameters zero is a fixed point of training.",
        statement=lambda: AllOf([autograd_rests_at(RELU1, [[0, 0, 0]])]),
    ),
    Claim(
        "zero-collapse-sink",
        "Comparison 2",
        "All parameters zero is a sink.",
        statement=lambda: local_minimum_at(RELU1, [[0, 0, 0]]),
        because="Only torch's slope 0 at the kink holds it there.",
        repair=Repair(
            "It is no local minimum of either unit: raising the bias lowers the loss at rate 4. Nor does collapse lead "
            "there: with both class-1 points off and x3 on, w1 + w2 - 2b is positive and never changes.",
            lambda: AllOf(
                [
                    Not(local_minimum_at(RELU1, [[0, 0, 0]])),
                    number_fact(
                        "relu1.d1([0, 0, 0], [0, 0, 1]) == -4",
                        "abs1.d1([0, 0, 0], [0, 0, 1]) == -4",
                        relu1=RELU1,
                        abs1=ABS1,
                    ),
                    ForAll(
                        "u v b",
                        [f"{z} {r} 0" for z, r in zip(pre("relu1", P), "<<>", strict=False)],
                        ["u + v - 2*b > 0", f"relu1.d1({P}, [1, 1, -2]) == 0"],
                        landscapes(relu1=RELU1),
                    ),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "dead-neuron-is-a-sink",
        "Comparison, conclusion",
        "A dead neuron is a degenerate sink: its neighbours are drawn towards it.",
        statement=ForAll(
            "x y t",
            ["x**2 + y**2 + t**2 > 0", *(f"-1/8 <= {d} <= 1/8" for d in ("x", "y", "t"))],
            [
                [f"x*relu1.autograd([x, y, -1 + t], {ANY[0]}) > 0"],
                [f"t*relu1.autograd([x, y, -1 + t], {ANY[2]}) > 0"],
            ],
            landscapes(relu1=RELU1),
        ),
        repair=Repair("Its neighbours are dead too and stay where they are.", rests_near_collapse),
        weight="central",
    ),
    Claim(
        "dead-check-finds-zero-unit",
        "Comparison 2",
        "Checking for pre-activations below zero on all inputs finds a unit whose parameters have collapsed to zero.",
        statement=number_fact(*(f"{z} < 0" for z in pre("relu1", "[0, 0, 0]")), relu1=RELU1),
        repair=Repair(
            "Its pre-activations are zero, not negative; the check must be 'at most zero'.",
            number_fact(*(f"{z} == 0" for z in pre("relu1", "[0, 0, 0]")), relu1=RELU1),
        ),
    ),
    Claim(
        "dead-neuron-has-collapsed",
        "Comparison 2",
        "A unit that stays dead on all inputs has parameters (near) zero.",
        statement=ForAll("u v b", all_off("relu1"), ["u == 0", "v == 0", "b == 0"], landscapes(relu1=RELU1)),
        repair=Repair(
            "On XOR a dead unit is one with b < -|w1 + w2| and b < -|w1 - w2|, of any size; all zero is not among them.",
            ForAll(
                "u v b",
                all_off("relu1"),
                ["b < 0", "b < u - v", "b < v - u", "b < u + v", "b < -u - v"],
                landscapes(relu1=RELU1),
            ),
        ),
    ),
    Claim(
        "dead-data-constant-output",
        "Comparison 2",
        "For inputs at which all ReLUs are off the output is constant.",
        statement=ForAll(
            SIX_NAMES,
            [f"relu2.pre({SIX}, {j}, 0) <= 0" for j in (0, 1)],
            [f"relu2.out({SIX}, 0) == 0"],
            landscapes(relu2=RELU2),
        ),
        weight="notation",
    ),
    Claim(
        "dead-data-is-extreme",
        "Comparison 2",
        "Inputs at which all ReLUs are off show a trivial, failed model.",
        statement=ForAll(
            SIX_NAMES,
            [f"relu2.pre({SIX}, {j}, 2) <= 0" for j in (0, 1)],
            [f"relu2.loss({SIX}) > 0"],
            landscapes(relu2=RELU2),
            try_at=[FITS2],
            samples=0,
        ),
        repair=Repair(
            "A two-ReLU network that fits XOR is off at both class-0 points.",
            number_fact(
                "relu2.loss([1/2, -1/2, 0, -1/2, 1/2, 0]) == 0",
                *(f"relu2.pre([1/2, -1/2, 0, -1/2, 1/2, 0], {j}, {i}) <= 0" for j in (0, 1) for i in (2, 3)),
                relu2=RELU2,
            ),
        ),
    ),
    Claim(
        "source-diverges",
        "Comparison 2",
        "Where a minimum is a source of gradient descent (a multiplier above 1 in size) parameters grow without bound.",
        statement=lambda: Not(gradient_descent_visits(ABS1, "3/8", ORBIT)),
        because="With step 3/8 every minimum of the absolute-value unit is a source (multiplier -2), yet b runs through "
        "3/10, 9/10, -3/10, -9/10 for ever.",
        repair=Repair(
            "With step 3/8 and w = 0 every orbit stays in |b| <= 3/2 although the minima are sources with multiplier -2.",
            lambda: AllOf(
                [
                    hessian_is(ABS1, TRAPS[0], [[8, 0, 0], [0, 8, 0], [0, 0, 8]]),
                    number_fact("(1 - 3/8*8)**2 > 1"),
                    ForAll(
                        "b",
                        ["-3/2 <= b <= 3/2"],
                        [
                            "abs1.autograd([0, 0, b], [1, 0, 0]) == 0",
                            "abs1.autograd([0, 0, b], [0, 1, 0]) == 0",
                            f"-3/2 <= {STEP_38}",
                            f"{STEP_38} <= 3/2",
                        ],
                        landscapes(abs1=ABS1),
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "complete-taxonomy",
        "Comparison 4",
        "The list of end states is complete: every bounded run settles at a fixed point.",
        statement=lambda: Not(gradient_descent_visits(ABS1, "3/8", ORBIT)),
        because="A periodic orbit is neither a sink, nor a plateau, nor divergence.",
        repair=Repair(
            "Gradient descent with step 3/8 has a cycle of period 4 on XOR, off every kink.",
            lambda: gradient_descent_visits(ABS1, "3/8", ORBIT),
        ),
        weight="central",
    ),
    Claim(
        "instability-from-step",
        "Comparison 4",
        "The theory predicts instability from the step size: at the solution of the absolute-value unit descent is "
        "stable exactly for steps below 1/4.",
        statement=lambda: AllOf(
            [
                hessian_is(ABS1, BEST, [[8, 0, 0], [0, 8, 0], [0, 0, 8]]),
                ForAll("step", ["0 < step < 1/4"], ["(1 - 8*step)**2 < 1"]),
                ForAll("step", ["step > 1/4"], ["(1 - 8*step)**2 > 1"]),
            ]
        ),
    ),
    Claim(
        "instability-from-momentum",
        "Comparison 4",
        "The theory predicts instability from the momentum as well: at the minima of the absolute-value unit heavy ball "
        "is stable exactly for steps below (1 + mu)/4, Nesterov exactly below (1 + mu)/(4 + 8 mu).",
        statement=lambda: theorem_statement("step_limit_of_momentum"),
    ),
    Claim(
        "monitor-misses-divergence",
        "Comparison 2",
        "Indicators for stalling and collapse stay silent while training diverges: from w = 0 and any |b| > 1 steps of "
        "1/2 triple |b| - 1 each time.",
        statement=lambda: AllOf(
            [
                gradient_descent_visits(ABS1, "1/2", DIVERGING),
                number_fact(
                    *(f"abs1.pre([0, 0, {b}], 0, {i}) > 0" for b in (2, 10) for i in range(4)),
                    "abs1.loss([0, 0, 10]) > abs1.loss([0, 0, 2])",
                    abs1=ABS1,
                ),
                *triples(),
            ]
        ),
    ),
    Claim(
        "any-optimizer",
        "Comparison 4",
        "With any optimizer a radial gradient keeps the direction of the weights, for Adam's first step (the signs) too.",
        statement=ForAll(
            "u v b",
            [f"{z} > 0" for z in pre("relu1", P)]
            + ["u > 0", "v > 0", f"relu1.autograd({P}, {ANY[0]}) > 0", f"relu1.autograd({P}, {ANY[1]}) > 0"],
            ["u*1 - v*1 == 0"],
            landscapes(relu1=RELU1),
            try_at=[{"u": "1/5", "v": "1/10", "b": 1}],
        ),
        because="Adam's first step is along the signs (1, 1), which is not along (2, 1).",
        repair=Repair(
            "Where all examples are active the gradient is radial, but a sign step turns every w with 0 < w2 < w1: the "
            "cross product of w and the step is w1 - w2.",
            ForAll(
                "u v b",
                [f"{z} > 0" for z in pre("relu1", P)] + ["0 < v < u"],
                [
                    f"relu1.d1({P}, {TORQUE}) == 0",
                    f"relu1.autograd({P}, {ANY[0]}) > 0",
                    f"relu1.autograd({P}, {ANY[1]}) > 0",
                    "u*1 - v*1 > 0",
                ],
                landscapes(relu1=RELU1),
                try_at=[{"u": "1/5", "v": "1/10", "b": 1}],
            ),
        ),
    ),
    Claim(
        "low-torque-may-be-harmless",
        "Comparison 4",
        "A low torque ratio is not always a problem.",
        statement=lambda: gradient_descent_visits(ABS1, "1/8", [[["-1/4", "1/4", 0]], BEST]),
    ),
]
