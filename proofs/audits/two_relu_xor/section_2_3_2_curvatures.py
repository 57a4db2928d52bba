"""The claims of section 2.3.2 C and D: curvatures, and the opposite angle."""

from stability import AllOf, Claim, Exists, ForAll, Not, Repair
from stability.audit.vocabulary import Prediction, active_set, global_minimum_at, pre, theorem_statement

from .judgements import ends_across
from .vocabulary import (
    EQ,
    EQ_BENDS,
    EQ_SLOPES,
    KINKS,
    ONE,
    OPT,
    RELU1,
    angular_derivatives,
    assumed,
    each,
    restoring,
    solutions,
    tug,
)

OPT_SLOPES, OPT_BENDS = angular_derivatives("c", "c", "b")[:2], angular_derivatives("c", "c", "b")[2:]

W = "[w1, w2, b]"

BEND = "relu1.d2([w1, w2, b], [-w2, w1, 0], [-w1, -w2, 0])"

PI4_IS_WORSE = ForAll(
    "c b",
    ["c > 0"],
    [f"relu1.loss({OPT}) > 1"],
    ONE,
    squares=["2*b - 1", "3*b - 2", "b - 1", "c"],
    splits=KINKS,
)
"""Every unit at pi/4 has loss above 1."""


def curvature_at_eq() -> ForAll:
    """State the whole table of the angular curvature at 3 pi/4, over all c > 0 and all b."""
    return ForAll(
        "c b",
        ["c > 0"],
        [
            ["b >= 2*c", *each(EQ_BENDS, "== 0")],
            ["b > 0", "b < 2*c", *each(EQ_BENDS, "== 4*c*(1 + 2*c - b)")],
            ["b == 0", *each(EQ_BENDS, "== 4*c")],
            ["b < 0", "b > -2*c", *each(EQ_BENDS, "== 4*c*(1 - 2*c - b)")],
            ["b <= -2*c", *each(EQ_BENDS, "== 0")],
        ],
        ONE,
        splits=KINKS,
    )


def curvature_at_opt() -> ForAll:
    """State the whole table of slope and curvature at pi/4, over all c > 0 and all b."""
    flat_slopes = each(OPT_SLOPES, "== 0")
    return ForAll(
        "c b",
        ["c > 0"],
        [
            ["b >= 2*c", *flat_slopes, *each(OPT_BENDS, "== 0")],
            ["b > 0", "b < 2*c", *flat_slopes, *each(OPT_BENDS, "== 4*c*(2*c - b)")],
            ["b == 0", *each(OPT_SLOPES, "== -4*c")],
            ["b < 0", "b > -2*c", *flat_slopes, *each(OPT_BENDS, "== -4*c*(2*c + b)")],
            ["b <= -2*c", *flat_slopes, *each(OPT_BENDS, "== 0")],
        ],
        ONE,
        splits=KINKS,
    )


def kind_at_eq() -> AllOf:
    """State for which c and b the angle 3 pi/4 is a strict minimum, a strict maximum, or one of equals."""
    level, cup, cap = each(EQ_SLOPES, "== 0"), each(EQ_BENDS, "> 0"), each(EQ_BENDS, "< 0")
    everywhere = "4*(u**2 + v**2) + 4*b**2 - 4*b + 2"
    return AllOf(
        [
            ForAll("c b", ["c > 0", "b >= 0", "b < 2*c"], level + cup, ONE),
            ForAll("c b", ["c > 0", "b < 0", "b > -2*c", "b < 1 - 2*c"], level + cup, ONE),
            ForAll("c b", ["c > 0", "b < 0", "b > -2*c", "b > 1 - 2*c"], level + cap, ONE),
            ForAll(
                "u v b",
                each(pre("relu1", "[u, v, b]"), ">= 0"),
                [f"relu1.loss([u, v, b]) == {everywhere}"],
                ONE,
            ),
        ]
    )


def assumed_loss() -> str:
    """Return the formula of the loss at (u, v, b) that the assumption of 2.3.2 A gives: x1 and x2 count, x3 and x4 put out 0."""
    return " + ".join(f"({z} - 1)**2" for z in pre("relu1", "[u, v, b]")[:2])


def assumed_bend(x: str, y: str) -> str:
    """Return the formula of the angular curvature of that loss at w = (x, y): of w cos t + Jw sin t, J the quarter turn."""
    along, inward = (pre("relu1", f"[{a}, {b}, 0]")[:2] for a, b in ((f"-({y})", x), (f"-({x})", f"-({y})")))
    outputs = zip(pre("relu1", f"[{x}, {y}, b]")[:2], along, inward, strict=True)
    return f"({' + '.join(f'2*{move}**2 + 2*({z} - 1)*{bend}' for z, move, bend in outputs)})"


CURVATURES = [
    Claim(
        "second-derivative-formula",
        "2.3.2 C",
        "With x1 and x2 on and x3 and x4 off, the second derivative is a sum over x1 and x2 only.",
        statement=lambda: ForAll(
            "w1 w2 b",
            assumed("[w1, w2, b]"),
            [
                f"{BEND} == {tug('[w1, w2, b]', '[-w1, -w2, 0]', 0, 1)} + {tug('[w1, w2, b]', '[-w1, -w2, 0]', 1, 1)}"
                f" + 2*{pre('relu1', '[-w2, w1, 0]')[0]}**2 + 2*{pre('relu1', '[-w2, w1, 0]')[1]}**2"
            ],
            ONE,
        ),
        repair=Repair(
            "Wherever no point is on the boundary, it is the Hessian along the turning direction minus w . grad L.",
            lambda: ForAll(
                "w1 w2 b",
                each(pre("relu1", "[w1, w2, b]"), "!= 0"),
                [
                    f"{BEND} == relu1.d2([w1, w2, b], [-w2, w1, 0], [0, 0, 0])"
                    " - relu1.autograd([w1, w2, b], [w1, w2, 0])"
                ],
                ONE,
            ),
        ),
        uses=["active-set"],
    ),
    Claim(
        "curvature-as-assumed",
        "2.3.2 C",
        "With x1 and x2 on and x3 and x4 off, the second derivative at 3 pi/4 is positive.",
        statement=lambda: ForAll("c b", ["c > 0", *assumed(EQ)], each(EQ_BENDS, "> 0"), ONE),
        repair=Repair(
            "At zero bias it is 4c = 2 sqrt(2) r > 0 for every r.",
            lambda: ForAll("c b", ["c > 0", "b == 0"], each(EQ_BENDS, "== 4*c"), ONE, [{"c": 1, "b": 0}]),
        ),
        weight="central",
        uses=["active-set"],
    ),
    Claim(
        "curvatures-of-the-assumed-set",
        "2.3.2 A and C, 2.3.2 D",
        "By the formula of the loss that the assumption gives, with x1 and x2 on and x3 and x4 off, the angular curvature is positive "
        "at 3 pi/4 and negative at pi/4, whatever r and b.",
        statement=ForAll("c b", ["c > 0"], [f"{assumed_bend('-c', 'c')} > 0", f"{assumed_bend('c', 'c')} < 0"], ONE),
        because="The formula has the opposite signs at both angles.",
        repair=Repair(
            "That loss is 2 r^2 (1 - sin 2 theta) + 2 (b - 1)^2, so that its curvature is -8 r^2 at 3 pi/4 and 8 r^2 at pi/4 (-16 c^2 "
            "and 16 c^2, with w = c(-1, 1) and c(1, 1)), for every b: the opposite of both claims. No weights fulfil the assumption.",
            AllOf(
                [
                    ForAll("u v b", [], [f"{assumed_loss()} == 2*(u**2 + v**2) - 4*u*v + 2*(b - 1)**2"], ONE),
                    ForAll(
                        "c b",
                        ["c > 0"],
                        [f"{assumed_bend('-c', 'c')} == -16*c**2", f"{assumed_bend('c', 'c')} == 16*c**2"],
                        ONE,
                    ),
                    Not(active_set(RELU1, [(0, 0), (0, 1)], [(0, 2), (0, 3)])),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "curvature-for-every-bias",
        "2.3.2 C",
        "The second derivative at 3 pi/4 is positive for every fixed r and b.",
        statement=lambda: ForAll("c b", ["c > 0"], each(EQ_BENDS, "> 0"), ONE),
        because="It is 0 for |b| >= 2c, and of either sign for negative b.",
        repair=Repair(
            "For every c > 0 (s = 2c = r sqrt 2): 0 if |b| >= s; 2s(1 + s - b) if 0 < b < s; 2s if b = 0; "
            "2s(1 - s - b) if -s < b < 0.",
            curvature_at_eq,
        ),
        weight="central",
    ),
    Claim(
        "attracts-with-norm-and-bias-free",
        "2.3.2 C",
        "3 pi/4 stays attracting when norm and bias move as well: where a unit sees x2 and not x1, gradient flow turns it "
        "towards that angle.",
        statement=lambda: ForAll(
            "w1 w2 b",
            [f"{pre('relu1', W)[1]} > 0", f"{pre('relu1', W)[0]} < 0", "w1 + w2 > 0"],
            [f"(w2 - w1)*relu1.d1({W}, [1, 1, 0]) >= (w1 + w2)*relu1.d1({W}, [-1, 1, 0])"],
            ONE,
        ),
        because="Where x2 alone is seen with an output above 1 the unit shortens and w1 + w2 stays: it turns away.",
        repair=Repair(
            "Nowhere does |w1 + w2| grow. From zero bias and w1 < w2 with w1 >= -1/2, w2 <= 1/2 the flow ends exactly at "
            "w = (-1/2, 1/2), b = 0; a unit that sees x2 alone keeps w1 + w2 for ever.",
            lambda: theorem_statement("short_units_find_the_separator"),
        ),
        weight="central",
    ),
    Claim(
        "minimum-for-every-bias",
        "2.3.2 C",
        "3 pi/4 is a strict local minimum of the angular loss for every fixed r and b.",
        statement=lambda: ForAll("c b", ["c > 0"], each(EQ_BENDS, ">= 0"), ONE, try_at=[{"c": 1, "b": "-1/2"}]),
        because="Even a minimum that is not strict needs curvature >= 0, the slope being 0.",
        repair=Repair(
            "A strict minimum if 0 <= b < 2c, or -2c < b < 0 and b < 1 - 2c; a strict maximum if -2c < b < 0 "
            "and b > 1 - 2c. Where all four points are seen the loss depends on the norm and b alone, so all "
            "angles are equal.",
            kind_at_eq,
        ),
    ),
    Claim(
        "theta-opt-direction",
        "2.3.2 D",
        "The angle pi/4 means w proportional to (-1, 1).",
        statement=lambda: ForAll("u v", ["u > 0", "u == v"], ["u + v == 0"], try_at=[{"u": 1, "v": 1}]),
        because="That is 3 pi/4, the angle called the trap.",
        repair=Repair(
            "Every vector at pi/4 is orthogonal to (-1, 1), and not 0.",
            lambda: ForAll("u v", ["u > 0", "u == v"], ["-u + v == 0", "u + v > 0"], try_at=[{"u": 1, "v": 1}]),
        ),
        weight="central",
    ),
    Claim(
        "theta-opt-is-true",
        "2.3.2 D",
        "pi/4 is the orientation of the true separator: no single unit does better than the best one at pi/4.",
        statement=lambda: Not(PI4_IS_WORSE),
        because="Every unit at pi/4 has loss above 1, and 3 pi/4 reaches the least loss of all, 1.",
        repair=Repair(
            "The least loss of a single unit is 1, reached at 3 pi/4 with w = (-1/2, 1/2), b = 0; at pi/4 "
            "the loss is above 1 for all r and b. Every solution of two units has w1 w2 < 0 in both, so none "
            "has a weight at pi/4.",
            lambda: AllOf([global_minimum_at(RELU1, (("-1/2", "1/2", 0),)), PI4_IS_WORSE, solutions()]),
        ),
        weight="central",
    ),
    Claim(
        "slope-at-opt",
        "2.3.2 D",
        "dL/dtheta = 0 at pi/4, zero bias included.",
        statement=lambda: ForAll("c b", ["c > 0"], each(OPT_SLOPES, "== 0"), ONE, try_at=[{"c": 1, "b": 0}]),
        because="At zero bias x1 and x2 are on the boundary with error -1, and there is no derivative.",
        repair=Repair(
            "For every c > 0: both one-sided slopes are 0 if b is not 0, and -4c if b = 0.",
            lambda: ForAll(
                "c b",
                ["c > 0"],
                [["b != 0", *each(OPT_SLOPES, "== 0")], ["b == 0", *each(OPT_SLOPES, "== -4*c")]],
                ONE,
                splits=KINKS,
            ),
        ),
        weight="central",
    ),
    Claim(
        "opt-is-a-peak-at-zero-bias",
        "2.3.2 D",
        "At zero bias any small turn away from pi/4 lowers the loss, for every r.",
        statement=lambda: ForAll("c", ["c > 0"], each(angular_derivatives("c", "c", "0")[:2], "< 0"), ONE),
        because="True, as a sharp peak; the document expects a smooth one.",
        predicts=Prediction(
            "a unit that starts in the open quadrant around pi/4 with b = 0 leaves it and reaches its least loss, 1",
            "relu1",
            ends_across,
            lambda begin: (begin[:, 0, :2] > 0).all(1),
            starts="normal:1/2",
            epochs=1500,
        ),
    ),
    Claim(
        "curvature-at-opt",
        "2.3.2 D",
        "The second derivative at pi/4 is negative, so that it is a local maximum, wherever the loss is smooth there.",
        statement=lambda: ForAll("c b", ["c > 0", "b != 0", "b < 2*c", "b > -2*c"], each(OPT_BENDS, "< 0"), ONE),
        because="For small positive b it is a strict minimum.",
        repair=Repair(
            "For every c > 0 (s = 2c): slope 0 and curvature 2s(s - b) > 0 if 0 < b < s, -2s(s + b) < 0 if "
            "-s < b < 0, 0 if |b| >= s; a peak with slopes -2s to both sides if b = 0.",
            curvature_at_opt,
        ),
        weight="central",
    ),
    Claim(
        "opt-is-a-saddle",
        "2.3.2 D",
        "Some unit at pi/4 that sees a point is a saddle of the loss: stationary in (w, b), at a kink in the "
        "wide sense.",
        statement=lambda: Exists(
            "c b s0 s1 s2 s3",
            ["c > 0", "2*c + b > 0", f"relu1.rest({OPT}, [s0, s1, s2, s3])"],
            ONE,
            samples=0,
        ),
        because="Shorter weights are always better there.",
        repair=Repair(
            "For all c > 0 and b > -2c the loss at w = c(1, 1) falls along -(1, 1); for b <= -2c the unit is "
            "dead and the loss is 2.",
            lambda: ForAll(
                "c b",
                ["c > 0"],
                [["b > -2*c", f"relu1.d1({OPT}, [-1, -1, 0]) < 0"], ["b <= -2*c", f"relu1.loss({OPT}) == 2"]],
                ONE,
                splits=KINKS,
            ),
        ),
        weight="central",
    ),
    Claim(
        "repelled-from-the-truth",
        "2.3.2 D",
        "Gradient flow is repelled from the orientation of the true separator, from zero bias on either side.",
        statement=lambda: Not(theorem_statement("short_units_find_the_separator")),
        because="The true orientation is 3 pi/4; what repels is pi/4. From zero bias and w1 < w2 with w1 >= -1/2, w2 <= 1/2, norm and "
        "bias free, the flow ends exactly at w = (-1/2, 1/2), b = 0.",
        repair=Repair(
            "At zero bias dL/dtheta = -2(w1 + w2) for every w with w1 < 0 < w2: the angular flow leads to 3 pi/4 from the whole "
            "quadrant.",
            restoring,
        ),
        weight="central",
    ),
]
