"""The claims of section 3.1: the absolute-value unit, Theorem 1 and its proof."""

import numpy as np

from stability import AllOf, Claim, ForAll, Repair, complete_list, every_set, number_of_sets, set_at
from stability.audit.vocabulary import (
    MINIMA,
    AllAboutSets,
    Prediction,
    active_set,
    clarke_stationary,
    hessian_is,
    landscapes,
    number_fact,
    on,
    pre,
    stationary_points_are,
    strict_local_minimum,
)

from .vocabulary import ABS1, BEST, SADDLE, SADDLES, SOLVED, TRAPPED, TRAPS, P, smooth

ROOT_HALF = ["2*r**2 == 1", "r > 0"]

MIRROR = [["1/2", "-1/2", 0]]

NINE = [[f"w1 == {p[0][0]}", f"w2 == {p[0][1]}", f"b == {p[0][2]}"] for p in [BEST, MIRROR, *TRAPS, *SADDLES]]

ACTIVE = [(0, 0), (0, 1)], [(0, 2), (0, 3)]

CONDITIONS = [
    # The stationarity equations of the cell with signs (+, +, -, -), errors being s_i z_i - y_i.
    " + ".join(
        f"({s}*{z} - {y})*({s}*({x}))"
        for s, z, y, x in zip((1, 1, -1, -1), pre("abs1", P), (1, 1, 0, 0), row, strict=True)
    )
    + " == 0"
    for row in ((1, -1, 1, -1), (-1, 1, 1, -1), (1, 1, 1, 1))
]


SECTION_31 = [
    Claim(
        "active-set-possible",
        "3.1 (1)",
        "Some weights and bias put both class-1 points strictly on the positive side and both class-0 points "
        "strictly on the negative side.",
        statement=active_set(ABS1, *ACTIVE),
        because="The two pairs of points have the same midpoint.",
        repair=Repair(
            "The pre-activations of the two classes always have the same sum, 2b, so no hyperplane separates them.",
            ForAll(
                "u v b",
                [],
                [
                    "{} + {} == {} + {}".format(*pre("abs1", P)),
                    "{} + {} == 2*b".format(*pre("abs1", P)[:2]),
                ],
                landscapes(abs1=ABS1),
            ),
        ),
        weight="central",
    ),
    Claim(
        "example-in-active-set",
        "3.1",
        "The weights r(-1, 1) with r = 1/sqrt 2 and b = 0 lie in that active set.",
        statement=ForAll(
            "r",
            ROOT_HALF,
            [f"{z} {s} 0" for z, s in zip(pre("abs1", "[-r, r, 0]"), ">><<", strict=True)],
            landscapes(abs1=ABS1),
            root=("0", "1"),
        ),
        repair=Repair(
            "For every c > 0 the weights c(-1, 1) with b = 0 put the class-1 points at -2c and 2c, and both class-0 "
            "points exactly on the kink.",
            ForAll(
                "c",
                ["c > 0"],
                [
                    f"{z} == {value}"
                    for z, value in zip(pre("abs1", "[-c, c, 0]"), ("-2*c", "2*c", "0", "0"), strict=True)
                ],
                landscapes(abs1=ABS1),
            ),
        ),
    ),
    Claim(
        "coefficient-reading-fits",
        "3.1",
        "With r = 1/sqrt 2 as the coefficient, as printed, w = r(-1, 1) fits the data.",
        statement=ForAll("r", ROOT_HALF, ["abs1.loss([-r, r, 0]) == 0"], landscapes(abs1=ABS1), root=("0", "1")),
        because="The norm of those weights is 1, twice the square root of 1/2 too long; both outputs are sqrt 2.",
        repair=Repair(
            "Along w = c(-1, 1), b = 0, c > 0 the loss is 8 (c - 1/2)^2: only the coefficient 1/2 fits.",
            ForAll("c", ["c > 0"], ["abs1.loss([-c, c, 0]) == 8*(c - 1/2)**2"], landscapes(abs1=ABS1)),
        ),
        weight="ours",
    ),
    Claim(
        "coefficient-reading-critical",
        "3.1",
        "With r = 1/sqrt 2 as the coefficient the point is critical.",
        statement=ForAll(
            "r",
            ROOT_HALF,
            ["abs1.d1([-r, r, 0], [-1, 1, 0]) == 0"],
            landscapes(abs1=ABS1),
            root=("0", "1"),
        ),
        repair=Repair(
            "Along the ray the slope is 16 (c - 1/2): the loss falls towards coefficient 1/2 from both sides.",
            ForAll("c", ["c > 0"], ["abs1.d1([-c, c, 0], [-1, 1, 0]) == 16*(c - 1/2)"], landscapes(abs1=ABS1)),
        ),
        weight="ours",
    ),
    Claim(
        "norm-reading-fits",
        "3.1",
        "With r = 1/sqrt 2 as the norm, the point w = (-1/2, 1/2), b = 0 fits all four examples.",
        statement=number_fact("abs1.loss([-1/2, 1/2, 0]) == 0", abs1=ABS1),
        weight="ours",
    ),
    Claim(
        "only-critical-point",
        "3.1 Theorem 1",
        "The absolute-value unit has no critical point but w = (-1/2, 1/2), b = 0.",
        statement=lambda: AllAboutSets([set_at(ABS1, BEST, [("dimension", "=", 0)]), number_of_sets(ABS1, [], "=", 1)]),
        repair=Repair(
            "It has exactly nine: +-(1/2, -1/2, 0) with loss 0, (0, 0, +-1/2) with loss 1, four kink saddles "
            "(+-1/6, -+1/6, +-1/3) with loss 4/3 and the origin with loss 2. There are no others even if slopes at "
            "kinks may vary one by one.",
            lambda: AllOf(
                [
                    stationary_points_are(ABS1, NINE),
                    *(clarke_stationary(ABS1, p) for p in (BEST, MIRROR, *TRAPS, *SADDLES)),
                    *(number_fact(f"abs1.loss([{', '.join(map(str, p[0]))}]) == 1", abs1=ABS1) for p in TRAPS),
                    *(number_fact(f"abs1.loss([{', '.join(map(str, p[0]))}]) == 4/3", abs1=ABS1) for p in SADDLES[1:]),
                ]
            ),
        ),
        weight="central",
        uses=["proof-one-cell-is-enough"],
    ),
    Claim(
        "unique-stable-equilibrium",
        "3.1 Theorem 1",
        "No other point than w = (-1/2, 1/2), b = 0 is stable (a local minimum).",
        statement=lambda: AllAboutSets(
            [set_at(ABS1, BEST, [("strict", "=", True)]), number_of_sets(ABS1, [MINIMA], "=", 1)]
        ),
        because="The mirror image of the solution is another, and so are two traps.",
        repair=Repair(
            "Exactly four of the nine are local minima, all strict: the two solutions and the two traps. The others are "
            "saddles.",
            lambda: AllAboutSets(
                [
                    number_of_sets(ABS1, [], "=", 9),
                    every_set(ABS1, [], [("isolated", "=", True)]),
                    number_of_sets(ABS1, [MINIMA, ("strict", "=", True)], "=", 4),
                    *(set_at(ABS1, p, [SOLVED, ("loss", "=", 0)]) for p in (BEST, MIRROR)),
                    *(set_at(ABS1, p, [TRAPPED, ("loss", "=", 1)]) for p in TRAPS),
                    *(set_at(ABS1, p, [SADDLE]) for p in SADDLES),
                ]
            ),
        ),
        predicts=Prediction(
            "z_1 z_2 < 0 at the start leads to loss 0, z_1 z_2 > 0 to the traps at loss 1",
            "abs1",
            lambda begin, end: np.abs(end.losses - np.where(_opposite(begin), 0, 1)) < 1e-8,
        ),
        weight="central",
    ),
    Claim(
        "unique-up-to-mirror",
        "3.1 Theorem 1",
        "Up to the sign of (w, b), the solution is the only local minimum.",
        statement=lambda: AllAboutSets(
            [*(set_at(ABS1, p, [MINIMA]) for p in (BEST, MIRROR)), number_of_sets(ABS1, [MINIMA], "=", 2)]
        ),
        repair=Repair(
            "Up to sign there are two: the solution and a trap at w = 0, b = 1/2 where the output is 1/2 everywhere, "
            "loss 1.",
            lambda: AllAboutSets(
                [
                    *(set_at(ABS1, p, [SOLVED, ("strict", "=", True)]) for p in (BEST, MIRROR)),
                    *(set_at(ABS1, p, [TRAPPED, ("strict", "=", True), ("loss", "=", 1)]) for p in TRAPS),
                    number_of_sets(ABS1, [MINIMA], "=", 4),
                    complete_list(ABS1.atlas()),  # with all outputs
                ]
            ),
        ),
        weight="ours",
    ),
    Claim(
        "hessian-positive-definite",
        "3.1 Theorem 1",
        "At the solution the second derivative is positive in every direction.",
        statement=ForAll(
            "x y t",
            ["x**2 + y**2 + t**2 > 0"],
            ["abs1.d2([-1/2, 1/2, 0], [x, y, t], [0, 0, 0]) > 0"],
            landscapes(abs1=ABS1),
        ),
        weight="central",
    ),
    Claim(
        "hessian-is-4-identity",
        "3.1 Theorem 1",
        "At the solution the Hessian is 4 times the identity.",
        statement=lambda: hessian_is(ABS1, BEST, [[4, 0, 0], [0, 4, 0], [0, 0, 4]]),
        because="4 I belongs to half the sum of squares, which the document does not use.",
        repair=Repair(
            "It is 8 I for the sum and 2 I for the mean. It exists although two examples lie on the kink, because "
            "their labels are 0.",
            lambda: AllOf(
                [
                    hessian_is(ABS1, BEST, [[8, 0, 0], [0, 8, 0], [0, 0, 8]]),
                    hessian_is(on("abs1", loss="mean"), BEST, [[2, 0, 0], [0, 2, 0], [0, 0, 2]]),
                ]
            ),
        ),
        decision="stands",
    ),
    Claim(
        "strict-minimum",
        "3.1 Theorem 1",
        "The solution is a strict local minimum.",
        statement=lambda: strict_local_minimum(ABS1, BEST),
        weight="central",
    ),
    Claim(
        "global-minimum",
        "3.1 Theorem 1",
        "The solution is a global minimum.",
        statement=lambda: set_at(ABS1, BEST, [SOLVED, ("loss", "=", 0)]),
        weight="central",
    ),
    Claim(
        "only-perfect-fit",
        "3.1 Theorem 1",
        "No other parameters fit the data.",
        statement=lambda: AllAboutSets(
            [set_at(ABS1, BEST, [("dimension", "=", 0)]), number_of_sets(ABS1, [("loss", "=", 0)], "=", 1)]
        ),
        repair=Repair(
            "Exactly two parameter vectors fit the data: +-(1/2, -1/2, 0).",
            lambda: AllAboutSets(
                [
                    number_of_sets(ABS1, [("loss", "=", 0)], "=", 2),
                    *(set_at(ABS1, p, [("loss", "=", 0), ("isolated", "=", True)]) for p in (BEST, MIRROR)),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "proof-slopes-are-signs",
        "3.1 proof",
        "At the solution the slope at every example is +1 or -1, the sign of its pre-activation.",
        statement=number_fact(*(f"{z} != 0" for z in pre("abs1", "[-1/2, 1/2, 0]")), abs1=ABS1),
        because="Both class-0 points lie on the hyperplane: their sign is 0 and their slope undefined.",
        repair=Repair(
            "The pre-activations are -1, 1, 0, 0, and torch's slope at the two zeros is 0.",
            number_fact(
                *(f"{z} == {x}" for z, x in zip(pre("abs1", "[-1/2, 1/2, 0]"), (-1, 1, 0, 0), strict=True)),
                abs1=ABS1,
            ),
        ),
    ),
    Claim(
        "proof-gradient-formula",
        "3.1 proof",
        "Off the kinks the gradient is, up to a factor, the sum of error times slope times input.",
        statement=ForAll(
            "u v b x y t",
            smooth("abs1"),
            [f"abs1.autograd({P}, [x, y, t]) == abs1.d1({P}, [x, y, t])"],
            landscapes(abs1=ABS1),
        ),
    ),
    Claim(
        "proof-inputs-span",
        "3.1 proof",
        "With slopes equal to signs, the vectors slope times input span the plane at the solution.",
        statement=ForAll(
            "x y",
            ["x**2 + y**2 > 0"],
            [[f"({s})*({a}*x + {c}*y) != 0"] for s, a, c in ((-1, 1, -1), (1, -1, 1), (0, 1, 1), (0, -1, -1))],
        ),
        because="With sign(0) = 0 only the two class-1 vectors are left, and they coincide.",
        repair=Repair(
            "All four slopes +-1, as inside any cell, would span the plane; but then the sign pattern matters, as "
            "the next step shows.",
            ForAll("x y", ["x**2 + y**2 > 0"], [["x - y != 0"], ["x + y != 0"]], splits=["x - y", "x + y"]),
        ),
        uses=["proof-slopes-are-signs"],
    ),
    Claim(
        "proof-unique-solution",
        "3.1 proof",
        "The gradient conditions for the assumed signs (+, +, -, -) have the solution as their only solution.",
        statement=ForAll(
            "u v b",
            CONDITIONS,
            ["u == -1/2", "v == 1/2", "b == 0"],
            landscapes(abs1=ABS1),
            try_at=[{"u": 0, "v": 0, "b": "1/2"}],
            samples=0,
        ),
        because="They do have one solution only, but it is the trap.",
        repair=Repair(
            "Their only solution is w = 0, b = 1/2, the trap with loss 1.",
            ForAll(
                "u v b",
                CONDITIONS,
                ["u == 0", "v == 0", "b == 1/2"],
                landscapes(abs1=ABS1),
                try_at=[{"u": 0, "v": 0, "b": "1/2"}],
                samples=0,
            ),
        ),
        uses=["active-set-possible"],
    ),
    Claim(
        "proof-one-cell-is-enough",
        "3.1 proof",
        "The minimum inside the solution's own sign pattern is the solution, so that no other cell matters.",
        statement=lambda: every_set(ABS1, [MINIMA], [SOLVED]),
        because="Every cell has its own quadratic; two other cells contain their own minimum.",
        repair=Repair(
            "In every cell the Hessian is 8 I: each cell has one candidate, and the nine survivors are known.",
            ForAll(
                "u v b x y t",
                smooth("abs1"),
                [f"abs1.d2({P}, [x, y, t], [0, 0, 0]) == 8*(x**2 + y**2 + t**2)"],
                landscapes(abs1=ABS1),
            ),
        ),
    ),
]


def _opposite(begin: np.ndarray) -> np.ndarray:
    p, b = begin[:, 0, 0] - begin[:, 0, 1], begin[:, 0, 2]
    return (p + b) * (b - p) < 0
