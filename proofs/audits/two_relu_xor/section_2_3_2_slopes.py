"""The claims of section 2.3.2 A and B: the polar form, and the slope at the equilibrium."""

from stability import AllOf, Claim, ForAll, Repair
from stability.audit.vocabulary import active_set, pre

from .vocabulary import EQ, EQ_SLOPES, EQ_TURN, KINKS, NEAR, ONE, RELU1, TWO, assumed, each, tug

SECOND_WAYS = ("[-c, -c, 0, 0, 0, 0]", "[c, c, 0, 0, 0, 0]")

SECOND = [f"relu2.d2([-c, c, 0, -m, m, 0], {way}, [c, -c, 0, 0, 0, 0])" for way in SECOND_WAYS]

LEVEL = [f"relu2.d1([-c, c, 0, -m, m, 0], {way}) == 0" for way in SECOND_WAYS]
"""Curvatures and slopes when the first of two units turns at 3 pi/4, the second being m(-1, 1)."""

EARLIER = (((-1, 1), 1), ((1, -1), 0), ((-1, -1), 3), ((1, 1), 2))
"""The points as 2.3.1 numbers them, with their places in the data."""

WEIGHTED = f"relu1.out({EQ}, 0) - 1 - (relu1.out({EQ}, 1) - 1)"
"""The first component of the sum of (f - 1) x over x1 and x2; the second is its negative."""


def sees_class_zero() -> ForAll:
    """State that a unit which sees x1 and x2 sees x3 or x4."""
    see = pre("relu1", "[u, v, b]")
    return ForAll("u v b", each(see[:2], "> 0"), [[f"{see[2]} > 0"], [f"{see[3]} > 0"]], ONE, splits=see[2:])


def sees_at_eq() -> ForAll:
    """State which points a unit at 3 pi/4 sees."""
    see = pre("relu1", EQ)
    ranges = (["b <= -2*c"], ["-2*c < b", "b <= 0"], ["0 < b", "b <= 2*c"], ["b > 2*c"])
    seen = ((), (1,), (1, 2, 3), (0, 1, 2, 3))
    cases = [
        [*where, *(f"{z} {'>' if i in these else '<='} 0" for i, z in enumerate(see))]
        for where, these in zip(ranges, seen, strict=True)
    ]
    return ForAll("c b", ["c > 0"], cases, ONE, splits=KINKS)


SLOPES_AT_EQ = [
    Claim(
        "proof-is-rigorous",
        "2.3.2",
        "The argument for the stability of 3 pi/4 and the instability of pi/4 is rigorous.",
        opinion="A judgement on the text. Its steps are settled one by one below.",
        uses=["active-set", "theta-opt-direction"],
    ),
    Claim(
        "one-unit-for-two",
        "2.3.2 A",
        "What holds for the angle of a single unit holds for each unit in a sum of two: at zero bias 3 pi/4 is stable.",
        statement=lambda: ForAll("c m", ["c > 0", "m > 0"], each(SECOND, "> 0"), TWO),
        because="The other unit changes the error at x2.",
        repair=Repair(
            "For all c > 0 and m >= 0, with the other unit at m(-1, 1), slope 0 and curvature 4c(1 - 2m): "
            "stable exactly if the other contributes less than 1 at x2. With the other at m(1, -1) the "
            "curvature is 4c, as alone.",
            lambda: AllOf(
                [
                    ForAll("c m", ["c > 0", "m >= 0"], [*each(SECOND, "== 4*c*(1 - 2*m)"), *LEVEL], TWO),
                    ForAll("c m", ["c > 0", "m <= 0"], [*each(SECOND, "== 4*c"), *LEVEL], TWO),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "same-numbers",
        "2.3.2 A",
        "The points of the proof are numbered as in the description before it: x1 = (-1, 1) there is the x1 of the "
        "proof, (1, -1).",
        statement=lambda: ForAll("u v b", [], ["-u + v + b == relu1.pre([u, v, b], 0, 0)"], ONE),
        because="x1 and x2 change places, and so do x3 and x4; both classes are symmetric, so nothing hangs on it.",
        repair=Repair(
            "What is called x1, x2, x3, x4 before is x2, x1, x4, x3 of the proof.",
            lambda: ForAll(
                "u v b",
                [],
                [f"{x}*u + {y}*v + b == {pre('relu1', '[u, v, b]')[i]}" for (x, y), i in EARLIER],
                ONE,
            ),
        ),
        weight="notation",
        decision="stands",
    ),
    Claim(
        "data-are-centred",
        "2.3.2 A",
        "The data are centred: their mean is 0.",
        statement=lambda: ForAll("u v", [], [f"{' + '.join(pre('relu1', '[u, v, 0]'))} == 0"], ONE),
        weight="notation",
    ),
    Claim(
        "polar-form",
        "2.3.2 A",
        "Weights other than 0 are r (cos, sin) with r > 0 in just one way: any two such forms agree.",
        statement=lambda: AllOf(
            [
                ForAll(
                    "u v r c s",
                    ["r > 0", "r**2 == u**2 + v**2", "r*c == u", "r*s == v"],
                    ["c**2 + s**2 == 1"],
                    try_at=[{"u": 3, "v": 4, "r": 5, "c": "3/5", "s": "4/5"}],
                    samples=0,
                ),
                ForAll(
                    "r c s q x y",
                    ["r > 0", "q > 0", "c**2 + s**2 == 1", "x**2 + y**2 == 1", "r*c == q*x", "r*s == q*y"],
                    ["r == q", "c == x", "s == y"],
                    try_at=[{"r": 1, "c": 1, "s": 0, "q": 1, "x": 1, "y": 0}],
                    samples=0,
                ),
            ]
        ),
        weight="notation",
    ),
    Claim(
        "norm-and-bias-stay",
        "2.3.2 A",
        "Norm and bias may be held fixed: at 3 pi/4 training does not move them.",
        statement=lambda: ForAll(
            "c b", ["c > 0"], [f"relu1.autograd({EQ}, {way}) == 0" for way in ("[-1, 1, 0]", "[0, 0, 1]")], ONE
        ),
        because="It does until x2 is fitted; only the angle rests there.",
        repair=Repair(
            "For c > 0 and zero bias torch's slopes along the weights, (-1, 1), and along the bias are 4(2c - 1) and 2(2c - 1): "
            "both rest only at c = 1/2, where x2 is fitted.",
            lambda: ForAll(
                "c",
                ["c > 0"],
                [
                    "relu1.autograd([-c, c, 0], [-1, 1, 0]) == 4*(2*c - 1)",
                    "relu1.autograd([-c, c, 0], [0, 0, 1]) == 2*(2*c - 1)",
                ],
                ONE,
            ),
        ),
    ),
    Claim(
        "active-set",
        "2.3.2 A",
        "Some weights and bias switch x1 and x2 on while x3 and x4 are off.",
        statement=lambda: active_set(RELU1, on=[(0, 0), (0, 1)], off=[(0, 2), (0, 3)]),
        because="x1 + x2 = x3 + x4 = 0, so the pre-activations of either pair add up to 2b.",
        repair=Repair(
            "For all w and b, a unit that sees x1 and x2 sees x3 or x4 too. At 3 pi/4 it sees nothing (b <= "
            "-2c), x2 alone (-2c < b <= 0), all but x1 (0 < b <= 2c), or all four.",
            lambda: AllOf([sees_class_zero(), sees_at_eq()]),
        ),
        weight="central",
    ),
    Claim(
        "loss-formula",
        "2.3.2 A",
        "The loss is the sum of the squared differences between outputs and labels.",
        statement=lambda: ForAll(
            "w1 w2 b",
            [],
            [
                "relu1.loss([w1, w2, b]) == (relu1.out([w1, w2, b], 0) - 1)**2 + (relu1.out([w1, w2, b], 1) - 1)**2"
                " + relu1.out([w1, w2, b], 2)**2 + relu1.out([w1, w2, b], 3)**2"
            ],
            ONE,
        ),
        because="Training used the mean, which divides every slope and curvature below by 4.",
        weight="notation",
    ),
    Claim(
        "chain-rule",
        "2.3.2 B",
        "Where no point is on the boundary, dL/dtheta is twice the sum over seen points of error times x . "
        "(-sin, cos).",
        statement=lambda: ForAll(
            "r u v b",
            ["r > 0", "u**2 + v**2 == 1", *each(pre("relu1", "[r*u, r*v, b]"), "!= 0")],
            ["relu1.d1([r*u, r*v, b], [-r*v, r*u, 0]) == relu1.autograd([r*u, r*v, b], [-v, u, 0])"],
            ONE,
            try_at=[{"r": 2, "u": "3/5", "v": "4/5", "b": 1}],
        ),
        because="dw/dtheta is r(-sin, cos); the factor r is lost.",
        repair=Repair(
            "For all r, u, v, b off the boundaries, dL/dtheta is r times that sum.",
            lambda: ForAll(
                "r u v b",
                each(pre("relu1", "[r*u, r*v, b]"), "!= 0"),
                ["relu1.d1([r*u, r*v, b], [-r*v, r*u, 0]) == r*relu1.autograd([r*u, r*v, b], [-v, u, 0])"],
                ONE,
            ),
        ),
    ),
    Claim(
        "chain-rule-at-boundaries",
        "2.3.2 B",
        "With its factor r the formula gives the derivative at every angle, boundaries included.",
        statement=lambda: ForAll(
            "w1 w2 b",
            [],
            ["relu1.d1([w1, w2, b], [-w2, w1, 0]) == relu1.autograd([w1, w2, b], [-w2, w1, 0])"],
            ONE,
            try_at=[{"w1": 1, "w2": 1, "b": 0}],
        ),
        because="At pi/4 and zero bias, x1 and x2 are on the boundary with error -1: a kink, where the "
        "formula gives 0.",
        repair=Repair(
            "It gives both one-sided derivatives wherever x1 and x2 are off the boundary; x3 and x4 may be "
            "on it, since they are fitted there.",
            lambda: ForAll(
                "w1 w2 b",
                each(pre("relu1", "[w1, w2, b]")[:2], "!= 0"),
                [
                    f"relu1.d1([w1, w2, b], {way}) == relu1.autograd([w1, w2, b], {way})"
                    for way in ("[-w2, w1, 0]", "[w2, -w1, 0]")
                ],
                ONE,
            ),
        ),
        weight="ours",
    ),
    Claim(
        "sum-over-class-one",
        "2.3.2 B",
        "With x1 and x2 on and x3 and x4 off, only x1 and x2 enter dL/dtheta.",
        statement=lambda: ForAll(
            "w1 w2 b",
            assumed("[w1, w2, b]"),
            [
                f"relu1.d1([w1, w2, b], [-w2, w1, 0]) == {tug('[w1, w2, b]', '[-w2, w1, 0]', 0, 1)}"
                f" + {tug('[w1, w2, b]', '[-w2, w1, 0]', 1, 1)}"
            ],
            ONE,
        ),
        repair=Repair(
            "At zero bias, in the whole quadrant w1 < 0 < w2, dL/dtheta is the tug of x2 plus that of x3 "
            "(above the diagonal) or x4 (below): one point of each class.",
            lambda: AllOf(
                [
                    ForAll(
                        "p q",
                        ["p > 0", "q > 0", side],
                        [
                            f"{NEAR[0]} == {tug('[-p, q, 0]', '[-q, -p, 0]', 1, 1)}"
                            f" + {tug('[-p, q, 0]', '[-q, -p, 0]', i, 0)}"
                        ],
                        ONE,
                    )
                    for side, i in (("q > p", 2), ("p > q", 3))
                ]
            ),
        ),
        uses=["active-set"],
    ),
    Claim(
        "opposite-points",
        "2.3.2 B",
        "x1 + x2 = 0.",
        statement=lambda: ForAll("u v", [], [" + ".join(pre("relu1", "[u, v, 0]")[:2]) + " == 0"], ONE),
        because="So is x3 + x4, which is what makes the active set impossible.",
        weight="notation",
    ),
    Claim(
        "equal-outputs",
        "2.3.2 B",
        "At w = c(-1, 1) the unit gives the same output at x1 and x2.",
        statement=lambda: ForAll("c b", ["c > 0"], [f"relu1.out({EQ}, 0) == relu1.out({EQ}, 1)"], ONE),
        repair=Repair(
            "For c > 0 the outputs are equal exactly if b <= -2c, both being 0; else the output at x2 is the larger.",
            lambda: ForAll(
                "c b",
                ["c > 0"],
                [
                    ["b <= -2*c", *(f"relu1.out({EQ}, {i}) == 0" for i in (0, 1))],
                    ["b > -2*c", f"relu1.out({EQ}, 0) < relu1.out({EQ}, 1)"],
                ],
                ONE,
                splits=KINKS,
            ),
        ),
    ),
    Claim(
        "weighted-sum",
        "2.3.2 B",
        "At w = c(-1, 1) the sum of (f - 1) x over x1 and x2 is the zero vector.",
        statement=lambda: ForAll("c b", ["c > 0"], [f"{WEIGHTED} == 0"], ONE),
        because="It is (f(x1) - f(x2)) times (1, -1).",
        repair=Repair(
            "For c > 0 it vanishes exactly if b <= -2c. For all c and b its part along the turning direction "
            "vanishes, and that is all that dL/dtheta needs.",
            lambda: AllOf(
                [
                    ForAll(
                        "c b",
                        ["c > 0"],
                        [["b <= -2*c", f"{WEIGHTED} == 0"], ["b > -2*c", f"{WEIGHTED} < 0"]],
                        ONE,
                        splits=KINKS,
                    ),
                    ForAll("c b", [], [f"{tug(EQ, EQ_TURN, 0, 1)} + {tug(EQ, EQ_TURN, 1, 1)} == 0"], ONE),
                ]
            ),
        ),
    ),
    Claim(
        "slope-at-eq",
        "2.3.2 B",
        "dL/dtheta = 0 at 3 pi/4.",
        statement=lambda: ForAll("c b", ["c > 0"], each(EQ_SLOPES, "== 0"), ONE),
        because="True for every r > 0 and every b, from both sides, though not for the reason given.",
        weight="central",
    ),
]
