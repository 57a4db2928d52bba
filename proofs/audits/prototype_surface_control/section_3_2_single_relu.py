"""The claims of section 3.2: the single ReLU unit, Proposition 1 and its proof."""

from stability import AllOf, Claim, ForAll, Repair, set_at
from stability.audit.vocabulary import (
    AllAboutSets,
    Prediction,
    landscapes,
    number_fact,
    on,
    pre,
    stationary_points_are,
    theorem_statement,
    turn,
)

from .vocabulary import ANY, RELU1, SOLVED, P, all_off, preactivations, rests_near_collapse, smooth

FITTED = [[["3/4", "-3/4", "-1/2"]], [[1, -1, -1]]]

RESTING = "relu1.rest([u, v, b], [s0, s1, s2, s3])"

REST_NAMES = "u v b s0 s1 s2 s3"

ACTIVE_REST = {"u": "3/4", "v": "-3/4", "b": "-1/2", "s0": 1, "s1": 0, "s2": 0, "s3": 0}

Z = pre("relu1", "[w1, w2, b]")


SECTION_32 = [
    Claim(
        "relu-only-collapses",
        "3.2 Proposition 1",
        "Every critical point of a single ReLU unit has all pre-activations at or below zero.",
        statement=lambda: stationary_points_are(RELU1, [[f"{z} <= 0" for z in Z]]),
        repair=Repair(
            "There are six more kinds: one class-1 point fitted exactly with the others off (two flat families, loss "
            "1), w = 0 with b = 1/2 (loss 1), and two kink saddles (+-1/6, -+1/6, 1/3).",
            lambda: stationary_points_are(
                RELU1,
                [
                    [f"{z} <= 0" for z in Z],
                    [f"{Z[0]} == 1", *(f"{z} <= 0" for z in Z[1:])],
                    [f"{Z[1]} == 1", *(f"{z} <= 0" for z in (Z[0], *Z[2:]))],
                    ["w1 == 0", "w2 == 0", "b == 1/2"],
                    ["w1 == 1/6", "w2 == -1/6", "b == 1/3"],
                    ["w1 == -1/6", "w2 == 1/6", "b == 1/3"],
                ],
            ),
        ),
        weight="central",
    ),
    Claim(
        "relu-no-active-rest",
        "3.2 proof",
        "No stationary point has an active example.",
        statement=ForAll(
            REST_NAMES,
            [RESTING],
            [f"{z} <= 0" for z in pre("relu1", P)],
            landscapes(relu1=RELU1),
            try_at=[ACTIVE_REST],
            samples=0,
        ),
        repair=Repair(
            "Points that fit one class-1 example exactly, all others off, are global minima of the unit, with loss 1; "
            "they form sets of dimension 2.",
            lambda: AllAboutSets([set_at(RELU1, p, [SOLVED, ("loss", "=", 1), ("dimension", "=", 2)]) for p in FITTED]),
        ),
    ),
    Claim(
        "collapse-loss-not-zero",
        "3.2 Proposition 1",
        "All collapses have a non-zero loss.",
        statement=ForAll("u v b", all_off("relu1", "<="), [f"relu1.loss({P}) > 0"], landscapes(relu1=RELU1)),
        weight="central",
    ),
    Claim(
        "collapse-loss-half",
        "3.2 Proposition 1",
        "All collapses have the loss 1/2, with the loss as defined.",
        statement=ForAll("u v b", all_off("relu1", "<="), [f"relu1.loss({P}) == 1/2"], landscapes(relu1=RELU1)),
        because="1/2 is the mean; the document's formula is the sum.",
        repair=Repair(
            "The sum is 2 and the mean 1/2 at every collapse.",
            ForAll(
                "u v b",
                all_off("relu1", "<="),
                [f"relu1.loss({P}) == 2", f"mean_relu1.loss({P}) == 1/2"],
                landscapes(relu1=RELU1, mean_relu1=on("relu1", loss="mean")),
            ),
        ),
        decision="stands",
    ),
    Claim(
        "collapses-degenerate",
        "3.2 Proposition 1",
        "Collapses are degenerate: the curvature vanishes in every direction.",
        statement=ForAll(
            "u v b x y t",
            all_off("relu1"),
            [f"relu1.d2({P}, [x, y, t], [0, 0, 0]) == 0"],
            landscapes(relu1=RELU1),
        ),
        weight="central",
    ),
    Claim(
        "proof-bias-derivative-formula",
        "3.2 proof",
        "Where example k is active, the derivative in b is 2 z_k.",
        statement=ForAll(
            "u v b",
            [f"{pre('relu1', P)[0]} > 0", *smooth("relu1")[1:]],
            [f"relu1.d1({P}, {ANY[2]}) == 2*{pre('relu1', P)[0]}"],
            landscapes(relu1=RELU1),
        ),
        because="The label is forgotten, and so are the other active examples.",
        repair=Repair(
            "Where only the first example is active, the derivative in b is 2 (z_1 - 1).",
            ForAll(
                "u v b",
                [f"{pre('relu1', P)[0]} > 0", *(f"{z} < 0" for z in pre("relu1", P)[1:])],
                [f"relu1.d1({P}, {ANY[2]}) == 2*({pre('relu1', P)[0]} - 1)"],
                landscapes(relu1=RELU1),
            ),
        ),
    ),
    Claim(
        "proof-bias-derivative-not-zero",
        "3.2 proof",
        "Where an example is active, the derivative in b is not zero.",
        statement=ForAll(
            "u v b",
            [f"{pre('relu1', P)[0]} > 0", *smooth("relu1")[1:]],
            [f"relu1.d1({P}, {ANY[2]}) != 0"],
            landscapes(relu1=RELU1),
            try_at=[{"u": "3/4", "v": "-3/4", "b": "-1/2"}],
        ),
        repair=Repair(
            "With only class-0 examples active it is positive.",
            ForAll(
                "u v b",
                [
                    f"{pre('relu1', P)[2]} > 0",
                    *(f"{z} < 0" for z in pre("relu1", P)[:2]),
                    f"{pre('relu1', P)[3]} != 0",
                ],
                [f"relu1.d1({P}, {ANY[2]}) > 0"],
                landscapes(relu1=RELU1),
            ),
        ),
    ),
    Claim(
        "proof-collapse-output",
        "3.2 proof",
        "With every pre-activation at or below zero all outputs are zero.",
        statement=ForAll(
            "u v b",
            all_off("relu1", "<="),
            [f"relu1.out({P}, {i}) == 0" for i in range(4)],
            landscapes(relu1=RELU1),
        ),
    ),
    Claim(
        "proof-collapse-gradient",
        "3.2 proof",
        "With every pre-activation at or below zero the gradient vanishes.",
        statement=ForAll(
            "u v b x y t",
            all_off("relu1", "<="),
            [f"relu1.d1({P}, [x, y, t]) == 0"],
            landscapes(relu1=RELU1),
            try_at=[{"u": 0, "v": 0, "b": 0, "x": 0, "y": 0, "t": 1}],
        ),
        because="On the edge of the dead region a class-1 point can be switched on, and the loss falls at once.",
        repair=Repair(
            "It vanishes where all are strictly below zero; on the edge torch still reports zero, but at w = 0, b = 0 "
            "raising the bias lowers the loss at rate 4.",
            AllOf(
                [
                    ForAll(
                        "u v b x y t",
                        all_off("relu1"),
                        [f"relu1.d1({P}, [x, y, t]) == 0"],
                        landscapes(relu1=RELU1),
                    ),
                    ForAll(
                        "u v b x y t",
                        all_off("relu1", "<="),
                        [f"relu1.autograd({P}, [x, y, t]) == 0"],
                        landscapes(relu1=RELU1),
                    ),
                    number_fact("relu1.d1([0, 0, 0], [0, 0, 1]) == -4", relu1=RELU1),
                ]
            ),
        ),
    ),
    Claim(
        "collapses-attract",
        "3.2",
        "A collapse attracts: no other point near it, such as near w = 0, b = -1, is at rest.",
        statement=ForAll(
            "x y t",
            ["x**2 + y**2 + t**2 > 0", *(f"-1/8 <= {d} <= 1/8" for d in ("x", "y", "t"))],
            [[f"relu1.autograd([x, y, -1 + t], {axis}) != 0"] for axis in ANY],
            landscapes(relu1=RELU1),
            try_at=[{"x": 0, "y": 0, "t": "1/8"}],
        ),
        because="An attractor would draw its neighbours in; here every neighbour stays where it is.",
        repair=Repair(
            "The dead region is a plateau: around w = 0, b = -1 every point of a box rests, neither attracted nor "
            "repelled. From outside, starts with both class-1 points off flow to its edge, where a class-0 point is "
            "about to leave: its pre-activation decays at the rate 6 and never reaches 0.",
            lambda: AllOf([rests_near_collapse(), theorem_statement("basins_of_relu1")]),
        ),
        predicts=Prediction(
            "runs that start all off never move",
            "relu1",
            lambda begin, end: (begin == end.points).all(axis=(1, 2)),
            relevant=lambda begin: (preactivations(begin) < 0).all(axis=(1, 2)),
        ),
        weight="central",
    ),
    Claim(
        "collapse-eigenvalue-bias",
        "3.2",
        "At a collapse the Jacobian of the flow has a negative eigenvalue in the bias direction.",
        statement=ForAll(
            "u v b", all_off("relu1"), [f"relu1.d2({P}, {ANY[2]}, [0, 0, 0]) > 0"], landscapes(relu1=RELU1)
        ),
        repair=Repair(
            "The curvature in the bias direction is exactly zero.",
            ForAll(
                "u v b",
                all_off("relu1"),
                [f"relu1.d2({P}, {ANY[2]}, [0, 0, 0]) == 0"],
                landscapes(relu1=RELU1),
            ),
        ),
        weight="central",
    ),
    Claim(
        "collapse-eigenvalue-radial",
        "3.2",
        "At a collapse the Jacobian of the flow has a negative eigenvalue in the radial direction.",
        statement=ForAll(
            "u v b", all_off("relu1"), [f"relu1.d2({P}, [u, v, 0], [0, 0, 0]) > 0"], landscapes(relu1=RELU1)
        ),
        repair=Repair(
            "The curvature in the radial direction is exactly zero.",
            ForAll(
                "u v b",
                all_off("relu1"),
                [f"relu1.d2({P}, [u, v, 0], [0, 0, 0]) == 0"],
                landscapes(relu1=RELU1),
            ),
        ),
        weight="central",
    ),
    Claim(
        "collapse-eigenvalue-angular",
        "3.2",
        "At a collapse the angular eigenvalue is exactly zero.",
        statement=ForAll("u v b", all_off("relu1"), [f"{turn('relu1', ('u', 'v'))[1]} == 0"], landscapes(relu1=RELU1)),
    ),
]
