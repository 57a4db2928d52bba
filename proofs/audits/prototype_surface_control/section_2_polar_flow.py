"""The claims of section 2: the units, the loss, and gradient flow in polar coordinates."""

from stability import AllOf, Claim, Exists, ForAll, Repair
from stability.audit.vocabulary import hessian_is, landscapes, on, pre, stationary_points_are

from .vocabulary import ABS1, ANY, RELU1, RELU2, TORQUE, P, smooth


def unit_gradient(name: str) -> tuple[str, str]:
    """Return torch's gradient with respect to the two weights."""
    return f"{name}.autograd({P}, {ANY[0]})", f"{name}.autograd({P}, {ANY[1]})"


SECTION_2 = [
    Claim(
        "mirror-identity",
        "2.1",
        "An absolute-value unit is the sum of two ReLU units with opposite weights and bias.",
        statement=ForAll(
            "u v b",
            [],
            [f"abs1.out({P}, {i}) == relu2.out([u, v, b, -u, -v, -b], {i})" for i in range(4)],
            landscapes(abs1=ABS1, relu2=RELU2),
        ),
        weight="notation",
    ),
    Claim(
        "data-centred",
        "2.1",
        "The four XOR points have mean zero.",
        statement=ForAll("u v b", [], [" + ".join(pre("abs1", P)) + " == 4*b"], landscapes(abs1=ABS1)),
        weight="notation",
    ),
    Claim(
        "loss-is-a-mean",
        "2.1",
        "The loss, written as a plain sum of four squares, is the mean squared error.",
        statement=ForAll(
            "u v b",
            [],
            [f"relu1.loss({P}) == mean_relu1.loss({P})"],
            landscapes(relu1=RELU1, mean_relu1=on("relu1", loss="mean")),
        ),
        because="The formula has no 1/4; figures that use both readings differ by a factor 4.",
        repair=Repair(
            "The sum is 4 times the mean, for both units, so that stationary points are the same and Hessians "
            "differ by the factor 4.",
            ForAll(
                "u v b",
                [],
                [f"relu1.loss({P}) == 4*mean_relu1.loss({P})", f"abs1.loss({P}) == 4*mean_abs1.loss({P})"],
                landscapes(
                    relu1=RELU1,
                    abs1=ABS1,
                    mean_relu1=on("relu1", loss="mean"),
                    mean_abs1=on("abs1", loss="mean"),
                ),
            ),
        ),
        weight="notation",
        decision="stands",
    ),
    Claim(
        "radius-rate",
        "2.2",
        "Under gradient flow the norm r changes at minus the derivative of the loss in r.",
        statement=ForAll(
            "u v b",
            smooth("abs1"),
            [f"-(u*{unit_gradient('abs1')[0]} + v*{unit_gradient('abs1')[1]}) == -abs1.d1({P}, [u, v, 0])"],
            landscapes(abs1=ABS1),
        ),
        weight="notation",
    ),
    Claim(
        "angle-rate",
        "2.2",
        "Under gradient flow the angle changes at minus 1/r times the angular derivative.",
        statement=ForAll(
            "u v b r",
            ["r > 0", "r**2 == u**2 + v**2", *smooth("abs1")],
            [f"-(u*{unit_gradient('abs1')[1]} - v*{unit_gradient('abs1')[0]}) == -r*abs1.d1({P}, {TORQUE})"],
            landscapes(abs1=ABS1),
            try_at=[{"u": "6/5", "v": "8/5", "b": "1/10", "r": 2}],
            samples=0,
        ),
        because="The metric of the plane gives 1/r squared.",
        repair=Repair(
            "The angle changes at minus 1/r^2 times the angular derivative (r^2 times its rate is minus that "
            "derivative), for both units.",
            AllOf(
                [
                    ForAll(
                        "u v b",
                        smooth(name),
                        [f"-(u*{unit_gradient(name)[1]} - v*{unit_gradient(name)[0]}) == -{name}.d1({P}, {TORQUE})"],
                        landscapes(**{name: name}),
                    )
                    for name in ("abs1", "relu1")
                ]
            ),
        ),
        weight="central",
        decision="stands",
    ),
    Claim(
        "bias-rate",
        "2.2",
        "Under gradient flow the bias changes at minus the derivative of the loss in b.",
        statement=ForAll(
            "u v b",
            smooth("abs1"),
            [f"-abs1.autograd({P}, {ANY[2]}) == -abs1.d1({P}, {ANY[2]})"],
            landscapes(abs1=ABS1),
        ),
        weight="notation",
    ),
    Claim(
        "equilibria-have-polar-coordinates",
        "2.2",
        "Every equilibrium has a positive norm, so that it is a fixed point (r, theta, b) of the polar flow.",
        statement=lambda: stationary_points_are(ABS1, [["w1**2 + w2**2 > 0"]]),
        because="At w = 0 there is no angle and 1/r blows up.",
        repair=Repair(
            "For the absolute-value unit exactly three equilibria have w = 0 and escape polar coordinates: "
            "b = 0 and b = +-1/2; two of them are traps.",
            lambda: stationary_points_are(
                ABS1,
                [["w1**2 + w2**2 > 0"], *(["w1 == 0", "w2 == 0", f"b == {b}"] for b in ("0", "1/2", "-1/2"))],
            ),
        ),
    ),
    Claim(
        "jacobian-decides",
        "2.2",
        "The local Jacobian settles the stability of the fixed points: it does not vanish at any of them.",
        statement=Exists(
            "x y t",
            ["relu1.d2([0, 0, -1], [x, y, t], [0, 0, 0]) != 0"],
            landscapes(relu1=RELU1),
        ),
        because="At a ReLU collapse such as w = 0, b = -1 no direction has any curvature.",
        repair=Repair(
            "At that collapse the loss is twice differentiable with Hessian zero: linearisation decides nothing.",
            lambda: hessian_is(RELU1, [[0, 0, -1]], [[0] * 3] * 3),
        ),
    ),
]
