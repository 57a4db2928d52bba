"""The claims of section 3.3: slopes and curvatures by angle, and what the mirror does."""

import numpy as np

from stability import AllOf, Claim, ForAll, Not, Repair
from stability.audit.vocabulary import Prediction, landscapes, pre, theorem_statement, turn

from .vocabulary import ABS1, ANY, NT, OPPOSITE, RELU1, SEPARATOR, TORQUE


def slopes(name: str, weights: tuple[str, str], bias: str = "0") -> tuple[str, str, str]:
    """Return the angular slopes on both sides, per radian away from the angle, and the angular curvature."""
    x, y = weights
    point, back = f"[{x}, {y}, {bias}]", f"[{y}, -({x}), 0]"
    forward, curvature = turn(name, weights, bias)
    return forward, f"{name}.d1({point}, {back})", curvature


def angular(name: str, weights: tuple[str, str], *relations: str, given: str = "c > 0", bias: str = "0") -> ForAll:
    """State relations about the angular slopes {0}, {1} on both sides and the curvature {2} on a ray."""
    parts = slopes(name, weights, bias)
    names = "c" if bias == "0" else f"c {bias}"
    return ForAll(names, given.split(" and "), [r.format(*parts) for r in relations], landscapes(**{name: name}))


ON_ZERO_BIAS = "[u, v, 0]"

ABS_TORQUE, RELU_TORQUE = (f"{name}.d1({ON_ZERO_BIAS}, {TORQUE})" for name in ("abs1", "relu1"))

OFF_DIAGONALS = ["u != v", "u != -v"]


def fits(names: str, given: list[str], point: str) -> AllOf:
    """State that gradient flow of a single ReLU fits x1 from these starts: their region, and where it leads."""
    u, v, _ = point.strip("[]").split(", ")
    z1, z2, *_ = pre("relu1", point)
    starts = ForAll(names, given, [f"{z1} > 0", f"{z2} < 0", f"{u} >= -3/2", f"{v} <= 3/2"], landscapes(relu1=RELU1))
    return AllOf([starts, theorem_statement("basins_of_relu1")])


def fits_near_the_diagonal() -> AllOf:
    """State that gradient flow fits x1 from (c + d, c - d, 0) with 0 < d < c <= 3/2; x2 from its mirror image."""
    return fits("c d", ["0 < d < c", "c <= 3/2"], "[c + d, c - d, 0]")


def fits_from_zero_bias() -> AllOf:
    """State that gradient flow fits x1 from all w2 < w1 with w1 >= -3/2, w2 <= 3/2, b = 0; x2 from the mirror image."""
    return fits("u v", ["v < u", "u >= -3/2", "v <= 3/2"], "[u, v, 0]")


def on_the_ray() -> list[ForAll]:
    """State torch's flow from c(1, 1), b = 0: along -(1, 1, 1) to a collapse."""
    gradient = [f"relu1.autograd([c - s, c - s, -s], {axis}) == 2*(2*c - 3*s)" for axis in ANY]
    collapse = [f"{z} <= 0" for z in pre("relu1", "[c/3, c/3, -2*c/3]")]
    place = landscapes(relu1=RELU1)
    return [ForAll("c s", ["c > 0", "0 <= s", "3*s < 2*c"], gradient, place), ForAll("c", ["c > 0"], collapse, place)]


SECTION_33 = [
    Claim(
        "abs-curvature-at-pi-over-4",
        "3.3 table",
        "For the absolute-value unit with b = 0 the second angular derivative at pi/4 exists and is negative.",
        statement=angular("abs1", NT, "{0} + {1} == 0", "{2} < 0"),
        because="Both class-1 points lie on the kink there, so there is a peak with a corner and no second derivative.",
        repair=Repair(
            "At pi/4 with b = 0 the angular loss has a corner: it falls at rate 8c (4 sqrt 2 r) on both sides, for every "
            "r. The angle is unstable.",
            angular("abs1", NT, "{0} == -8*c", "{1} == -8*c"),
        ),
        weight="central",
    ),
    Claim(
        "abs-unstable-at-pi-over-4",
        "3.3 table",
        "For the absolute-value unit with b = 0 the angle pi/4 is unstable.",
        statement=angular("abs1", NT, "{0} < 0", "{1} < 0"),
    ),
    Claim(
        "abs-curvature-at-3pi-over-4",
        "3.3 table",
        "For the absolute-value unit with b = 0 the second angular derivative at 3 pi/4 is positive.",
        statement=angular("abs1", SEPARATOR, "{0} == 0", "{1} == 0", "{2} > 0"),
        weight="central",
    ),
    Claim(
        "abs-curvature-for-any-bias",
        "3.3 table",
        "For the absolute-value unit the second angular derivative at 3 pi/4 is positive whatever the frozen bias.",
        statement=angular("abs1", SEPARATOR, "{2} > 0", bias="b"),
        because="Beyond |b| = sqrt 2 r no class-1 point changes side and the angle feels nothing.",
        repair=Repair(
            "The curvature is 8c (4 sqrt 2 r) while |b| < 2c (sqrt 2 r), and zero where |b| > 2c.",
            AllOf(
                [
                    angular("abs1", SEPARATOR, "{2} == 8*c", given="-2*c < b < 2*c", bias="b"),
                    angular("abs1", SEPARATOR, "{2} == 0", given="c > 0 and b > 2*c", bias="b"),
                    angular("abs1", SEPARATOR, "{2} == 0", given="c > 0 and b < -2*c", bias="b"),
                ]
            ),
        ),
    ),
    Claim(
        "relu-curvature-at-pi-over-4",
        "3.3 table",
        "For a single ReLU with b = 0 the second angular derivative at pi/4 exists and is positive.",
        statement=angular("relu1", NT, "{0} + {1} == 0", "{2} > 0"),
        repair=Repair(
            "It does not exist: there is a corner and the loss falls at rate 4c (2 sqrt 2 r) on both sides. For a "
            "frozen 0 < b < 2c the curvature is 4c (2c - b) > 0; for -2c < b < 0 it is -4c (2c + b) < 0.",
            AllOf(
                [
                    angular("relu1", NT, "{0} == -4*c", "{1} == -4*c"),
                    angular(
                        "relu1",
                        NT,
                        "{0} == 0",
                        "{2} == 4*c*(2*c - b)",
                        "{2} > 0",
                        given="0 < b < 2*c",
                        bias="b",
                    ),
                    angular(
                        "relu1",
                        NT,
                        "{0} == 0",
                        "{2} == -4*c*(2*c + b)",
                        "{2} < 0",
                        given="-2*c < b < 0",
                        bias="b",
                    ),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "relu-stable-at-pi-over-4",
        "3.3 table",
        "For a single ReLU the angle pi/4 is stable as long as b stays frozen at 0.",
        statement=angular("relu1", NT, "{0} >= 0", "{1} >= 0"),
        repair=Repair(
            "It is a strict peak there, unstable; it is a valley only for a frozen bias strictly between 0 and 2c.",
            AllOf(
                [
                    angular("relu1", NT, "{0} < 0", "{1} < 0"),
                    angular("relu1", NT, "{0} == 0", "{1} == 0", "{2} > 0", given="0 < b < 2*c", bias="b"),
                ]
            ),
        ),
        predicts=Prediction(
            "with the bias free as well, every relu1 run from w near c(1, 1), b = 0 leaves the angle",
            "relu1",
            lambda begin, end: np.abs(_angle(end.points) - np.pi / 4) > 0.05,
            relevant=lambda begin: _near_diagonal(begin),
            starts="normal:0.1",
            restarts=4000,
        ),
    ),
    Claim(
        "relu-bias-derivative-at-pi-over-4",
        "3.3 table",
        "For a single ReLU at the angle pi/4 with b = 0 the derivative in b exists and is not zero.",
        statement=ForAll(
            "c",
            ["c > 0"],
            [
                "relu1.d1([c, c, 0], [0, 0, 1]) + relu1.d1([c, c, 0], [0, 0, -1]) == 0",
                "relu1.d1([c, c, 0], [0, 0, 1]) != 0",
            ],
            landscapes(relu1=RELU1),
        ),
        because="Raising b switches both class-1 points on; lowering it does not.",
        repair=Repair(
            "The one-sided slopes are 4c - 4 upwards and -4c downwards: lowering the bias always helps, raising it helps "
            "too while c < 1.",
            ForAll(
                "c",
                ["c > 0"],
                ["relu1.d1([c, c, 0], [0, 0, 1]) == 4*c - 4", "relu1.d1([c, c, 0], [0, 0, -1]) == -4*c"],
                landscapes(relu1=RELU1),
            ),
        ),
    ),
    Claim(
        "relu-drifts-to-collapse",
        "3.3 table",
        "From near the angle pi/4 with b = 0 a single ReLU drifts to collapse (read: gradient flow does so from some "
        "w = (c + d, c - d) with 0 < d < c <= 3/2).",
        statement=lambda: Not(fits_near_the_diagonal()),
        because="The slightest turn switches a class-1 point on. It stays on, and the flow fits it.",
        repair=Repair(
            "For 0 < c <= 3/2 all starts (c + d, c - d, 0) with 0 < d < c, and their mirror images, end in a fit of one "
            "class-1 point, at the least loss 1. Longer units collapse if d is small, up to a parabola; so does torch's "
            "flow exactly on the ray, along -(1, 1, 1) to (c/3, c/3, -2c/3).",
            lambda: AllOf([fits_near_the_diagonal(), theorem_statement("edges_of_the_basins_of_relu1"), *on_the_ray()]),
        ),
        predicts=Prediction(
            "runs of relu1 near pi/4, but not on it, with b = 0 and norm below 2 end at loss 1",
            "relu1",
            lambda begin, end: np.abs(end.losses - 1) < 1e-6,
            relevant=lambda begin: _near_diagonal(begin) & (np.linalg.norm(begin[:, 0, :2], axis=1) < 2),
            starts="normal:0.5",
            restarts=4000,
        ),
        weight="central",
    ),
    Claim(
        "mirror-makes-repeller",
        "3.3",
        "Without the mirror channel the angle pi/4 is no repeller at b = 0.",
        statement=Not(angular("relu1", NT, "{0} < 0", "{1} < 0")),
        repair=Repair(
            "It repels with and without the mirror channel; the absolute value repels exactly twice as hard.",
            AllOf(
                [
                    angular("relu1", NT, "{0} == -4*c", "{1} == -4*c"),
                    angular("abs1", NT, "{0} == -8*c", "{1} == -8*c"),
                ]
            ),
        ),
    ),
    Claim(
        "single-attracting-angle",
        "3.3",
        "For the absolute-value unit 3 pi/4 is the only attracting angle.",
        statement=Not(angular("abs1", OPPOSITE, "{0} == 0", "{1} == 0", "{2} > 0")),
        because="The unit does not change when (w, b) changes sign.",
        repair=Repair(
            "There are exactly two, 3 pi/4 and 7 pi/4; at b = 0 torque vanishes at no angle other than these and the two "
            "corners pi/4 and 5 pi/4.",
            AllOf(
                [
                    angular("abs1", SEPARATOR, "{0} == 0", "{2} == 8*c"),
                    angular("abs1", OPPOSITE, "{0} == 0", "{2} == 8*c"),
                    ForAll("u v", OFF_DIAGONALS, [f"{ABS_TORQUE} != 0"], landscapes(abs1=ABS1)),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "single-attracting-basin",
        "3.3",
        "With the mirror channel the angle of the solution is the single attracting basin: gradient flow from almost "
        "every start ends at that angle.",
        statement=lambda: Not(theorem_statement("basins_of_abs1")),
        because="Two traps without any angle, w = 0, attract open regions too.",
        repair=Repair(
            "The flow runs straight to a solution where the pre-activations at x1 and x2 differ in sign, and straight to "
            "a trap, w = 0 and b = +-1/2, where they agree.",
            lambda: theorem_statement("basins_of_abs1"),
        ),
        weight="central",
    ),
    Claim(
        "separator-lost-without-mirror",
        "3.3",
        "Without the mirror channel 3 pi/4 attracts no more: gradient flow, norm and bias free, ends there from no open "
        "set of starts.",
        statement=lambda: Not(theorem_statement("short_units_find_the_separator")),
        because="Short units turn to it exactly.",
        repair=Repair(
            "From b = 0 and w1 < w2 with w1 >= -1/2, w2 <= 1/2 a single ReLU ends exactly at w = (-1/2, 1/2), b = 0. Nowhere "
            "does |w1 + w2| grow; but a unit that sees x2 alone keeps it, and turns away while it shortens.",
            lambda: theorem_statement("short_units_find_the_separator"),
        ),
        weight="central",
    ),
    Claim(
        "removing-mirror-flips-torque",
        "3.3",
        "Removing the mirror channel flips the sign of the angular feedback.",
        statement=ForAll(
            "u v", OFF_DIAGONALS, [f"{ABS_TORQUE}*{RELU_TORQUE} <= 0"], landscapes(abs1=ABS1, relu1=RELU1)
        ),
        repair=Repair(
            "At b = 0 it halves the torque at every w and flips nothing: the loss of the absolute value is twice that of "
            "the ReLU minus 2.",
            ForAll(
                "u v",
                [],
                [
                    f"abs1.loss({ON_ZERO_BIAS}) == 2*relu1.loss({ON_ZERO_BIAS}) - 2",
                    f"{ABS_TORQUE} == 2*{RELU_TORQUE}",
                ],
                landscapes(abs1=ABS1, relu1=RELU1),
            ),
        ),
        weight="central",
    ),
    Claim(
        "bias-uncontrolled",
        "3.3",
        "Without the mirror channel nothing holds the bias: under gradient flow near 3 pi/4 it never returns to 0.",
        statement=lambda: Not(theorem_statement("short_units_find_the_separator")),
        because="The loss is curved in b, and short units return to b = 0 exactly.",
        repair=Repair(
            "At w = c(-1, 1), b = 0 the curvature in b is 6 upwards and 2 downwards; with the mirror channel 8 on both "
            "sides. From w1 >= -1/2 - b, w2 <= 1/2 + b with x2 on and x1 off, z1 >= -1, the bias returns to 0. Where x2 alone "
            "is on it settles where x2 is fitted: neutral along a flat family, not adrift.",
            lambda: AllOf(
                [
                    ForAll(
                        "c",
                        ["c > 0"],
                        [
                            "relu1.d2([-c, c, 0], [0, 0, 1], [0, 0, 0]) == 6",
                            "relu1.d2([-c, c, 0], [0, 0, -1], [0, 0, 0]) == 2",
                            "abs1.d2([-c, c, 0], [0, 0, 1], [0, 0, 0]) == 8",
                            "abs1.d2([-c, c, 0], [0, 0, -1], [0, 0, 0]) == 8",
                        ],
                        landscapes(relu1=RELU1, abs1=ABS1),
                    ),
                    theorem_statement("short_units_find_the_separator"),
                ]
            ),
        ),
    ),
    Claim(
        "training-slides-into-off-state",
        "3.3",
        "Training a single ReLU slides into the all-off state (read: gradient flow does so from some weights with "
        "|w1|, |w2| <= 3/2, w1 != w2 and zero bias).",
        statement=lambda: Not(fits_from_zero_bias()),
        because="Every one of these starts sees one class-1 point, keeps it and fits it.",
        repair=Repair(
            "From zero bias and w1 > w2 with w1 >= -3/2, w2 <= 3/2 (or the mirror image) the flow ends in a fit, at the "
            "least loss 1. What does slide into the all-off state: units that see no class-1 point, and of those that see "
            "one the long ones beyond a parabola.",
            lambda: AllOf([fits_from_zero_bias(), theorem_statement("edges_of_the_basins_of_relu1")]),
        ),
        predicts=Prediction(
            "runs of relu1 from zero bias with |w1|, |w2| <= 3/2 end at loss 1",
            "relu1",
            lambda begin, end: np.abs(end.losses - 1) < 1e-6,
            relevant=lambda begin: (np.abs(begin[:, 0, :2]) <= 1.5).all(axis=1),
            starts="normal:0.5",
            restarts=100,
        ),
        weight="central",
    ),
]


def _angle(points: np.ndarray) -> np.ndarray:
    return np.arctan2(points[:, 0, 1], points[:, 0, 0])


def _near_diagonal(begin: np.ndarray) -> np.ndarray:
    turn_by = np.abs(_angle(begin) - np.pi / 4)
    return (turn_by > 0) & (turn_by < 0.05)
