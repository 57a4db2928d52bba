"""The claims of section 4: dead data and torque as signs of a trap."""

from stability import AllOf, Claim, ForAll, Not, Repair, landscape
from stability.audit.vocabulary import gradient_descent_visits, landscapes, number_fact, pre, turn

from .vocabulary import ABS1, ANY, BEST, FITS2, ONE_EXAMPLE, RELU1, RELU2, SIX, SIX_NAMES, P, smooth

ONE_RELU, ONE_ABS = landscape(RELU1.network, ONE_EXAMPLE), landscape(ABS1.network, ONE_EXAMPLE)

G = "u*h - v*g"


SECTION_4 = [
    Claim(
        "dead-data-definition",
        "4.1",
        "An example whose largest pre-activation is positive has a non-zero gradient, so D counts exactly the examples "
        "without gradient.",
        statement=ForAll(
            "u v b",
            ["one.pre([u, v, b], 0, 0) > 0"],
            [[f"one.autograd({P}, {axis}) != 0"] for axis in ANY],
            landscapes(one=ONE_RELU),
            try_at=[{"u": "1/2", "v": "-1/2", "b": 0}],
        ),
        because="An example that is fitted exactly has no gradient either, and that is success.",
        repair=Repair(
            "An example has no gradient exactly if it is dead or fitted.",
            AllOf(
                [
                    ForAll(
                        "u v b x y t",
                        ["one.pre([u, v, b], 0, 0) <= 0"],
                        [f"one.autograd({P}, [x, y, t]) == 0"],
                        landscapes(one=ONE_RELU),
                    ),
                    ForAll(
                        "u v b",
                        ["one.pre([u, v, b], 0, 0) > 0", "one.out([u, v, b], 0) != 1"],
                        [f"one.autograd({P}, {ANY[2]}) != 0"],
                        landscapes(one=ONE_RELU),
                    ),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "dead-data-at-the-kink",
        "4.1",
        "A pre-activation of exactly zero counts as dead, because then no change of parameters matters to first order.",
        statement=ForAll(
            "u v b x y t",
            ["one.pre([u, v, b], 0, 0) <= 0"],
            [f"one.d1({P}, [x, y, t]) == 0"],
            landscapes(one=ONE_RELU),
            try_at=[{"u": 0, "v": 0, "b": 0, "x": 0, "y": 0, "t": 1}],
        ),
        because="torch reports slope 0 at the kink, but the loss does fall on one side.",
        repair=Repair(
            "Strictly below zero nothing matters to first order; at zero a class-1 example still pulls, one-sidedly.",
            AllOf(
                [
                    ForAll(
                        "u v b x y t",
                        ["one.pre([u, v, b], 0, 0) < 0"],
                        [f"one.d1({P}, [x, y, t]) == 0"],
                        landscapes(one=ONE_RELU),
                    ),
                    number_fact("one.d1([0, 0, 0], [0, 0, 1]) == -2", one=ONE_RELU),
                ]
            ),
        ),
    ),
    Claim(
        "dead-data-for-any-unit",
        "4.1",
        "A largest pre-activation at or below zero means no gradient for the document's absolute-value unit too.",
        statement=ForAll(
            "u v b x y t",
            ["one.pre([u, v, b], 0, 0) <= 0"],
            [f"one.autograd({P}, [x, y, t]) == 0"],
            landscapes(one=ONE_ABS),
        ),
        because="Left of the kink an absolute value has slope -1.",
        repair=Repair(
            "For an absolute-value unit a class-1 example left of the kink has gradient unless it is fitted.",
            ForAll(
                "u v b",
                ["one.pre([u, v, b], 0, 0) < 0", "one.out([u, v, b], 0) != 1"],
                [f"one.autograd({P}, {ANY[2]}) != 0"],
                landscapes(one=ONE_ABS),
            ),
        ),
        weight="ours",
    ),
    Claim(
        "no-dead-data-at-success",
        "4.1",
        "Where the two-ReLU network fits XOR there is no dead data.",
        statement=ForAll(
            SIX_NAMES,
            [f"relu2.out({SIX}, {i}) == {int(i < 2)}" for i in range(4)],
            [[f"relu2.pre({SIX}, {j}, 2) > 0"] for j in (0, 1)],
            landscapes(relu2=RELU2),
            try_at=[FITS2],
            samples=0,
        ),
        because="The alarm sounds at the solution itself.",
        repair=Repair(
            "At every exact fit both class-0 examples are dead and both class-1 examples live: D = 1/2, always.",
            AllOf(
                [
                    ForAll(
                        SIX_NAMES,
                        [f"relu2.out({SIX}, {i}) == 0"],
                        [f"relu2.pre({SIX}, {j}, {i}) <= 0" for j in (0, 1)],
                        landscapes(relu2=RELU2),
                        try_at=[FITS2],
                        samples=0,
                    )
                    for i in (2, 3)
                ]
                + [
                    ForAll(
                        SIX_NAMES,
                        [f"relu2.out({SIX}, {i}) == 1"],
                        [[f"relu2.pre({SIX}, {j}, {i}) > 0"] for j in (0, 1)],
                        landscapes(relu2=RELU2),
                        try_at=[FITS2],
                        samples=0,
                    )
                    for i in (0, 1)
                ]
            ),
        ),
    ),
    Claim(
        "torque-split",
        "4.2",
        "The radial and the tangential part of a gradient are orthogonal and add up to it, so the torque ratio lies "
        "between 0 and 1.",
        statement=ForAll(
            "u v g h",
            ["u**2 + v**2 > 0"],
            [
                "u*((u**2 + v**2)*g - (u*g + v*h)*u) + v*((u**2 + v**2)*h - (u*g + v*h)*v) == 0",
                "(u**2 + v**2)*(g**2 + h**2) == (u*g + v*h)**2 + (u*h - v*g)**2",
                "(u*h - v*g)**2 <= (u**2 + v**2)*(g**2 + h**2)",
            ],
            squares=["u*g + v*h"],
        ),
        weight="notation",
    ),
    Claim(
        "torque-defined",
        "4.2",
        "The torque ratio is defined wherever training can stop: the gradient and the weights are not zero there.",
        statement=ForAll(
            "u v b",
            [f"abs1.autograd({P}, {axis}) == 0" for axis in ANY],
            ["u**2 + v**2 > 0"],
            landscapes(abs1=ABS1),
            try_at=[{"u": 0, "v": 0, "b": "1/2"}],
        ),
        because="Where training stops the ratio is 0/0; at the traps the weights vanish as well.",
        repair=Repair(
            "At every smooth stationary point the gradient is zero, so the ratio is undefined: it is a statement about "
            "the way there. At the solution and at the trap alike all three components are 0.",
            number_fact(
                *(f"abs1.autograd({p}, {axis}) == 0" for p in ("[-1/2, 1/2, 0]", "[0, 0, 1/2]") for axis in ANY),
                abs1=ABS1,
            ),
        ),
    ),
    Claim(
        "aggregate-shows-the-trap",
        "4.2",
        "Means or 10th percentiles of the torque ratios of a layer show a unit without torque (read: of n units one of which has the "
        "ratio 0 and the others 1, the mean is at most 1/2).",
        statement=ForAll("n m", ["n >= 2", "n*m == n - 1"], ["m <= 1/2"], try_at=[{"n": 10, "m": "9/10"}]),
        because="One unit in ten lowers the mean by a tenth, and is no tenth percentile.",
        repair=Repair(
            "The mean is 1 - 1/n, above 9/10 for more than ten units; of 21 units the 10th percentile is the third least ratio, so "
            "that two without torque are not seen. The least ratio of all shows one, and the mean is 0 only if all are.",
            AllOf(
                [
                    ForAll("n m", ["n > 10", "n*m == n - 1"], ["m > 9/10"], try_at=[{"n": 20, "m": "19/20"}]),
                    number_fact("(21 - 1)/10 == 2"),
                    ForAll(
                        "s t r",
                        ["s >= 0", "t >= 0", "r >= 0", "(s + t + r)/3 == 0"],
                        ["s == 0", "t == 0", "r == 0"],
                        try_at=[{"s": 0, "t": 0, "r": 0}],
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "no-torque-means-no-turning",
        "4.2",
        "With no tangential gradient a gradient step changes the length of the weights and not their direction.",
        statement=ForAll(
            "u v g h step",
            [f"{G} == 0"],
            ["u*(v - step*h) - v*(u - step*g) == 0"],
            try_at=[{"u": 1, "v": 2, "g": 2, "h": 4, "step": "1/2"}],
        ),
    ),
    Claim(
        "low-torque-signals-trap",
        "4.2",
        "Where the torque ratio is zero, descent does not lead to the solution.",
        statement=lambda: Not(gradient_descent_visits(ABS1, "1/8", [[["-1/4", "1/4", 0]], BEST])),
        because="The right orientation has no torque either: nothing is left to turn.",
        repair=Repair(
            "At w = c(-1, 1), b = 0 the torque is zero for every c > 0 while only the length is wrong (unless c = 1/2), "
            "and one step of 1/8 reaches the solution from every such point.",
            ForAll(
                "c",
                ["c > 0"],
                [
                    "abs1.d1([-c, c, 0], [-c, -c, 0]) == 0",
                    "-c - 1/8*abs1.autograd([-c, c, 0], [1, 0, 0]) == -1/2",
                    "c - 1/8*abs1.autograd([-c, c, 0], [0, 1, 0]) == 1/2",
                    "abs1.autograd([-c, c, 0], [0, 0, 1]) == 0",
                ],
                landscapes(abs1=ABS1),
            ),
        ),
        weight="central",
    ),
    Claim(
        "no-torque-traps-exist",
        "4.2",
        "No-torque traps exist: regions without torque from which descent reaches a bad minimum.",
        statement=AllOf(
            [
                ForAll(
                    "u v b",
                    [f"{z} > 0" for z in pre("abs1", P)[:2]] + smooth("abs1")[2:],
                    [f"{turn('abs1', ('u', 'v'))[0]} == 0"],
                    landscapes(abs1=ABS1),
                ),
                ForAll(
                    "u v b",
                    [f"{z} > 0" for z in pre("abs1", P)[:2]] + smooth("abs1")[2:],
                    [
                        f"u - 1/8*abs1.autograd({P}, {ANY[0]}) == 0",
                        f"v - 1/8*abs1.autograd({P}, {ANY[1]}) == 0",
                        f"b - 1/8*abs1.autograd({P}, {ANY[2]}) == 1/2",
                    ],
                    landscapes(abs1=ABS1),
                ),
            ]
        ),
        weight="central",
    ),
]
