"""The claims of "Prototype-Surface Control Theory for ReLU Networks", in our words, with what was found."""

from stability.audit import (
    AllOf,
    Claim,
    ForAll,
    Repair,
    Writeup,
    landscapes,
    stationary_points_are,
    on,
)

ABS1, RELU1 = on("abs1"), on("relu1")

CLAIMS = [
    Claim(
        "only-critical-point",
        "3.1",
        "The absolute-value unit has one critical point only, w = (-1/2, 1/2) with b = 0.",
        statement=lambda: stationary_points_are(ABS1, [["w1 == -1/2", "w2 == 1/2", "b == 0"]]),
    ),
]

WRITEUP = Writeup("prototype-surface-control", "Prototype-Surface Control Theory for ReLU Networks", CLAIMS)
