"""The claims of section 2.3.1 (3): the line y = x, and what failures score."""

from stability import AllOf, Claim, Exists, ForAll, Not, Repair
from stability.audit.vocabulary import Study, number_fact, pre

from .experiments import NORMAL
from .judgements import failures_end, scores
from .vocabulary import (
    ALIGNED_0,
    ALONG,
    DIRECTION,
    EQ,
    KINKS,
    ONE,
    RELU2,
    SILENT_AT,
    SIX,
    SIX_AT,
    SOLVED,
    SOLVED_AT,
    SYMMETRIC,
    TWO,
    flat,
    solutions,
    trapped_nearby,
)

VALLEY = "[-p, p, 0, p - 1/2, 1/2 - p, 0]"

SILENT = [f"relu2.out({SIX_AT}, {i}) == 0" for i in range(4)]

SCORE = [f"relu2.out({SIX_AT}, {i}) {side} 1/2" for i, side in enumerate(("<=", "<=", "<", "<"))]
"""With outputs 0 and the threshold 1/2: both class-1 points wrong, both class-0 points right."""


BOUNDARY = [
    Claim(
        "y-equals-x-separates",
        "2.3.1 (3)",
        "The line y = x separates the classes of XOR: x1 and x2 lie on one side of it, x3 and x4 on the other.",
        statement=lambda: Exists(
            "t", [f"t*({z}) {side} 0" for z, side in zip(pre("relu1", "[1, -1, 0]"), ">><<", strict=True)], ONE
        ),
        because="x1 and x2 lie on different sides of it, x3 and x4 on it. No line separates the classes.",
        repair=Repair(
            "It is the boundary of both units at the symmetric solution, which see one class-1 point each: pre-activation 0 at "
            "x3 and x4, 1 and -1 at x1 and x2.",
            lambda: number_fact(
                *(
                    f"relu2.pre({flat(SYMMETRIC)}, {j}, {i}) == {z}"
                    for j, signs in enumerate(((1, -1, 0, 0), (-1, 1, 0, 0)))
                    for i, z in enumerate(signs)
                ),
                relu2=RELU2,
            ),
        ),
    ),
    Claim(
        "must-rotate-away",
        "2.3.1 (3)",
        "To solve the task the weights must leave the line w2 = -w1 and turn towards the true separator.",
        statement=lambda: ForAll(SIX, SOLVED, ["p1 + p2 != 0", "q1 + q2 != 0"], TWO, SOLVED_AT, samples=0),
        because="The true separator y = x is the boundary of these weights already.",
        repair=Repair(
            "Every solution has both weights within 45 degrees of the line, at most -b off it: up to the "
            "order of the units p1 - p2 = 1 - b1, |p1 + p2| <= -b1 and q2 - q1 = 1 - b2, |q1 + q2| <= -b2. "
            "With zero biases they lie on it.",
            solutions,
        ),
        weight="central",
        uses=["y-equals-x-separates"],
    ),
    Claim(
        "only-shrinking-helps",
        "2.3.1 (3)",
        "At the angle 3 pi/4 the loss falls only if the norm of the weights shrinks.",
        statement=lambda: ForAll(
            "c b", ["c > 0", "b == 0"], [f"relu1.d1({EQ}, [-1, 1, 0]) > 0"], ONE, [{"c": "1/4", "b": 0}]
        ),
        because="Short weights must grow.",
        repair=Repair(
            "For c > 0 the slope along the ray is 4(2c + b - 1) if |b| < 2c: growth helps until 2c = 1 - b. "
            "It is 16c, so that shrinking helps, if b >= 2c: there both class-1 points are seen. It is 0 if "
            "b <= -2c.",
            lambda: ForAll(
                "c b",
                ["c > 0"],
                [
                    ["b >= 2*c", "relu1.d1([-c, c, b], [1, -1, 0]) == -16*c"],
                    ["b < 2*c", "b > -2*c", "relu1.d1([-c, c, b], [-1, 1, 0]) == 4*(2*c + b - 1)"],
                    ["b <= -2*c", "relu1.d1([-c, c, b], [1, -1, 0]) == 0"],
                ],
                ONE,
                splits=KINKS,
            ),
        ),
    ),
    Claim(
        "outputs-collapse",
        "2.3.1 (3)",
        "At the angle 3 pi/4 and zero bias gradient flow shrinks the outputs to 0 (read: from all w = p(-1, 1) and "
        "q(-1, 1), p, q > 0).",
        statement=lambda: Not(trapped_nearby()),
        because="Outputs 0 have loss 2; every flow that starts within 1/sqrt 12 of p = q = 1/4, zero biases, ends at loss 1, with "
        "output 1 at x2.",
        repair=Repair(
            "For all p, q >= 0 the loss is 1 + (2p + 2q - 1)^2: least, 1, where the output at x2 is 1 and only x1 is "
            "missed.",
            lambda: ForAll(
                "p q",
                ["p >= 0", "q >= 0"],
                [
                    f"relu2.loss({ALIGNED_0}) == 1 + (2*p + 2*q - 1)**2",
                    f"relu2.out({ALIGNED_0}, 1) == 2*p + 2*q",
                    *(f"relu2.out({ALIGNED_0}, {i}) == 0" for i in (0, 2, 3)),
                ],
                TWO,
            ),
        ),
    ),
    Claim(
        "failures-collapse",
        "2.3.1 (3)",
        "Failed runs (read: at least half) end with all outputs near 0.",
        measure=Study([NORMAL], lambda normal: failures_end(normal, "collapsed", "with all outputs below 1/20")),
        because="Nearly all fit one class-1 point.",
    ),
    Claim(
        "collapse-gives-50",
        "2.3.1 (3)",
        "A network with all outputs 0 classifies 50% correctly.",
        statement=lambda: AllOf(
            [ForAll(SIX, [silent], [score], TWO, SILENT_AT) for silent, score in zip(SILENT, SCORE, strict=True)]
        ),
        because="With the threshold 1/2 it gets class 0 right and class 1 wrong.",
    ),
    Claim(
        "collapse-gives-75",
        "2.3.1 (3)",
        "A network with all outputs 0 may also classify 75% correctly.",
        statement=lambda: Exists(
            SIX,
            [*SILENT, f"relu2.out({SIX_AT}, 0) + relu2.out({SIX_AT}, 1) > 1/2"],
            TWO,
            SILENT_AT,
            samples=0,
        ),
        because="Three right answers need a class-1 point above 1/2.",
        repair=Repair(
            "75% is the score all along a line of local minima at which the outputs have not collapsed: 1 at "
            "x2, 0 elsewhere. It holds every pair w = p(-1, 1) and (1/2 - p)(-1, 1) with 0 < p < 1/2 and zero biases: "
            "loss 1, no slope in any direction.",
            lambda: AllOf(
                [
                    ForAll(
                        "p",
                        ["0 < p", "p < 1/2"],
                        [f"relu2.out({VALLEY}, {i}) == {int(i == 1)}" for i in range(4)],
                        TWO,
                    ),
                    ForAll(
                        f"p {DIRECTION}",
                        ["0 < p", "p < 1/2"],
                        [f"relu2.d1({VALLEY}, {ALONG}) == 0", f"relu2.loss({VALLEY}) == 1"],
                        TWO,
                        try_at=[{"p": "1/4", **dict.fromkeys(DIRECTION.split(), 0)}],
                        samples=0,
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "failures-score",
        "2.3.1 (3)",
        "Failed runs classify 75% or 50% of the points correctly.",
        measure=Study([NORMAL], scores),
    ),
]
