"""The claims of section 2.3.1 (1) and (2): the tugs of both classes cancel."""

from stability import AllOf, Claim, Exists, ForAll, Repair
from stability.audit.vocabulary import Prediction, number_fact, pre

from .judgements import ends_in_quadrant
from .vocabulary import ALIGNED_0, EQ, EQ_TURN, ONE, RELU2, SEEN_X1, TWO, angular_derivatives, each, flat, stuck, tug

ALIGNED = "[-p, p, b1, -q, q, b2]"


TUGS = [
    Claim(
        "class-one-seen",
        "2.3.1 (1)",
        "With w on the line w2 = -w1 and zero bias, x1 and x2 are both on the positive side or on the boundary.",
        statement=lambda: ForAll("c", ["c > 0"], each(pre("relu1", "[-c, c, 0]")[:2], ">= 0"), ONE),
        because="They are on opposite sides.",
        repair=Repair(
            "For w = c(-1, 1) with any c and b: both are on the positive side or the boundary exactly if b >= 2|c|.",
            lambda: ForAll(
                "c b",
                [],
                [
                    ["b >= 2*c", "b >= -2*c", *each(pre("relu1", EQ)[:2], ">= 0")],
                    ["b < 2*c", f"{pre('relu1', EQ)[0]} < 0"],
                    ["b < -2*c", f"{pre('relu1', EQ)[1]} < 0"],
                ],
                ONE,
                splits=["b - 2*c", "b + 2*c"],
            ),
        ),
        weight="central",
    ),
    Claim(
        "trap-that-sees-class-one",
        "2.3.1 (1)",
        "Some trap with both weights on the line w2 = -w1 has x1 and x2 on the positive side of both units.",
        statement=lambda: AllOf(
            [
                stuck(SEEN_X1),
                number_fact(
                    *(f"relu2.pre({flat(SEEN_X1)}, {j}, {i}) > 0" for j in (0, 1) for i in (0, 1)),
                    relu2=RELU2,
                ),
            ]
        ),
        because="It lies on the plateau where the network is linear, and needs biases near 1/4.",
    ),
    Claim(
        "tugs-cancel-there",
        "2.3.1 (1)",
        "At w = c(-1, 1) the points x1 and x2 tug at the angle with equal and opposite strength.",
        statement=lambda: Exists(
            "c b",
            [
                "c > 0",
                f"{tug(EQ, EQ_TURN, 0, 1)} != 0",
                f"{tug(EQ, EQ_TURN, 0, 1)} + {tug(EQ, EQ_TURN, 1, 1)} == 0",
            ],
            ONE,
        ),
        because="Both lie along w, so neither has a lever; there is nothing to cancel.",
        repair=Repair(
            "For all c and b each tug is 0 by itself, seen or not: x1 and x2 are orthogonal to the turning direction.",
            lambda: ForAll(
                "c b",
                [],
                [
                    *each(pre("relu1", EQ_TURN)[:2], "== 0"),
                    *(f"{tug(EQ, EQ_TURN, i, 1)} == 0" for i in (0, 1)),
                ],
                ONE,
            ),
        ),
        weight="central",
    ),
    Claim(
        "tugs-cancel-after-a-turn",
        "2.3.1 (1)",
        "After a small turn away from w = c(-1, 1), the tugs of x1 and x2 cancel as long as both are seen.",
        statement=lambda: ForAll(
            "p q b",
            ["p > 0", "q > 0", *each(pre("relu1", "[-p, q, b]")[:2], "> 0")],
            [f"{tug('[-p, q, b]', '[-q, -p, 0]', 0, 1)} + {tug('[-p, q, b]', '[-q, -p, 0]', 1, 1)} == 0"],
            ONE,
        ),
        because="Off the line their levers are opposite, but their errors differ.",
        repair=Repair(
            "Where a unit sees all four points, x1 and x2 together tug with 4(q^2 - p^2), x3 and x4 with the "
            "opposite, and the angle feels nothing; this holds for every w = (-p, q), not only near the "
            "line.",
            lambda: ForAll(
                "p q b",
                each(pre("relu1", "[-p, q, b]"), "> 0"),
                [
                    f"{tug('[-p, q, b]', '[-q, -p, 0]', 0, 1)} + {tug('[-p, q, b]', '[-q, -p, 0]', 1, 1)}"
                    " == 4*(q**2 - p**2)",
                    f"{tug('[-p, q, b]', '[-q, -p, 0]', 2, 0)} + {tug('[-p, q, b]', '[-q, -p, 0]', 3, 0)}"
                    " == 4*(p**2 - q**2)",
                    *each(angular_derivatives("-p", "q", "b")[:2], "== 0"),
                ],
                ONE,
            ),
        ),
    ),
    Claim(
        "ball-in-a-bowl",
        "2.3.1 (1), 2.3.2",
        "With zero bias, 3 pi/4 is a stable equilibrium of the angular loss of one unit, for every r.",
        statement=lambda: ForAll(
            "c",
            ["c > 0"],
            [
                *each(angular_derivatives("-c", "c", "0")[:2], "== 0"),
                *each(angular_derivatives("-c", "c", "0")[2:], "== 4*c"),
            ],
            ONE,
        ),
        because="So it is; but it is the orientation of the solutions, see theta-opt-is-true.",
        predicts=Prediction(
            "a unit that starts with w1 < 0 < w2 and b = 0 stays there and reaches its least loss, 1",
            "relu1",
            ends_in_quadrant,
            lambda begin: (begin[:, 0, 0] < 0) & (begin[:, 0, 1] > 0),
            starts="normal:1/2",
            epochs=1500,
        ),
        weight="central",
    ),
    Claim(
        "class-zero-error",
        "2.3.1 (2)",
        "With both weights on the line w2 = -w1 and zero biases, the class-0 points have a large error.",
        statement=lambda: ForAll("p q", [], [f"relu2.out({ALIGNED_0}, {i}) > 0" for i in (2, 3)], TWO),
        because="They lie on both boundaries and are fitted exactly.",
        repair=Repair(
            "For all weights on the line, the error at x3 and x4 is the sum of the positive parts of the "
            "biases: 0 unless a bias is positive.",
            lambda: ForAll(
                "p q b1 b2",
                [],
                [
                    [*signs, *(f"relu2.out({ALIGNED}, {i}) == {error}" for i in (2, 3))]
                    for signs, error in (
                        (("b1 <= 0", "b2 <= 0"), "0"),
                        (("b1 >= 0", "b2 <= 0"), "b1"),
                        (("b1 <= 0", "b2 >= 0"), "b2"),
                        (("b1 >= 0", "b2 >= 0"), "b1 + b2"),
                    )
                ],
                TWO,
                splits=["b1", "b2"],
            ),
        ),
    ),
    Claim(
        "class-zero-collinear",
        "2.3.1 (2)",
        "The gradient contributions of x3 and x4 are collinear with the weights c(-1, 1).",
        statement=lambda: ForAll("c", ["c > 0"], each(pre("relu1", EQ_TURN)[2:], "== 0"), ONE),
        because="A contribution is a multiple of its point, and x3 = -x4 = (1, 1) is orthogonal to (-1, 1).",
        repair=Repair(
            "For every c it is x1 and x2 that are collinear with the weights, and x3 and x4 that are "
            "orthogonal to them.",
            lambda: ForAll(
                "c",
                [],
                [*each(pre("relu1", EQ_TURN)[:2], "== 0"), *each(pre("relu1", "[-c, c, 0]")[2:], "== 0")],
                ONE,
            ),
        ),
    ),
    Claim(
        "class-zero-only-scales",
        "2.3.1 (2)",
        "At w = c(-1, 1), x3 and x4 can only change the norm of the weights; neither turns them.",
        statement=lambda: ForAll("c b", ["c > 0", "b > 0"], [f"{tug(EQ, EQ_TURN, i, 0)} == 0" for i in (2, 3)], ONE),
        because="It is the reverse: they can only turn.",
        repair=Repair(
            "For all c and b, x3 and x4 never change the norm. If b > 0 they tug at the angle with -4bc and "
            "4bc: these are the equal and opposite tugs; if b <= 0 they do nothing.",
            lambda: ForAll(
                "c b",
                [],
                [
                    [
                        *still,
                        "b > 0",
                        f"{tug(EQ, EQ_TURN, 2, 0)} == -4*b*c",
                        f"{tug(EQ, EQ_TURN, 3, 0)} == 4*b*c",
                    ]
                    if active
                    else [*still, "b <= 0", *(f"relu1.out({EQ}, {i}) == 0" for i in (2, 3))]
                    for still in [[f"{tug(EQ, '[-c, c, 0]', i, 0)} == 0" for i in (2, 3)]]
                    for active in (True, False)
                ],
                ONE,
                splits=["b"],
            ),
        ),
        weight="central",
    ),
    Claim(
        "cannot-swing-out",
        "2.3.1 (2)",
        "Training that starts with both weights on the line w2 = -w1 never leaves it, whatever the biases.",
        statement=lambda: ForAll(
            "p q b1 b2",
            [],
            [f"relu2.autograd({ALIGNED}, {across}) == 0" for across in ("[1, 1, 0, 0, 0, 0]", "[0, 0, 0, 1, 1, 0]")],
            TWO,
        ),
        because="True of torch's gradient, kinks included; but the line holds the solution, so this is no obstacle.",
    ),
]
