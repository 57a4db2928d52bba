"""The claims of section 7: what the method needs, and where it stops."""

from stability import AllOf, Claim, Dataset, Exists, ForAll, Not, Repair
from stability.audit.vocabulary import Study, landscapes, on

from .experiments import MOONS, MOONS_AS_WRITTEN
from .judgements import off_centre
from .vocabulary import SPHERE

CORNERS = on("relu1", Dataset("corners", ((1, 0), (0, 1), (1, 1), (0, 0)), (1, 1, 0, 0)))
"""A unit on XOR as it is usually written, with the mean (1/2, 1/2)."""

CORNER_RADIUS = ["r > 1/10", "(r - 1/10)**2 >= 1/2"]
"""A radius of sqrt(1/2) + 1/10 or more."""


LIMITATIONS = [
    Claim(
        "needs-the-data",
        "7.1",
        "The start depends on the data: with the same weights, data of another radius give another bias.",
        statement=Exists("n r q", ["n > 0", "r > 0", "q > 0", "n*r != n*q"]),
    ),
    Claim(
        "centring-is-for-performance",
        "7.1",
        "Centring is wanted for performance only: on XOR with the corners (0, 0) to (1, 1), where R = sqrt(1/2) + 1/10, "
        "units as written still see all points.",
        statement=lambda: Not(
            ForAll(
                "r",
                [*CORNER_RADIUS, "r <= 81/100"],
                ["corners.pre([-3, -4, 5*r], 0, 2) < 0"],
                landscapes(corners=CORNERS),
            )
        ),
        because="As the rule is written the guarantee needs it: w = (-3, -4) does not see (1, 1).",
        repair=Repair(
            "With b = |w| R - w . m it does, for every radius of sqrt(1/2) + 1/10 or more.",
            lambda: AllOf(
                [
                    ForAll(
                        "u v n r",
                        [*SPHERE, *CORNER_RADIUS],
                        [f"corners.pre([u, v, n*r - (u + v)/2], 0, {i}) > 0"],
                        landscapes(corners=CORNERS),
                        try_at=[{"u": -3, "v": -4, "n": 5, "r": "81/100"}],
                        squares=["u + v", "u - v"],
                        splits=[f"corners.pre([u, v, n*r - (u + v)/2], 0, {i})"],
                        samples=0,
                    )
                    for i in range(4)
                ]
            ),
        ),
    ),
    Claim(
        "centring-on-moons",
        "7.1, 3.1",
        "On data that are not centred, two moons, the rule as written leaves no point dead.",
        measure=Study([MOONS_AS_WRITTEN, MOONS], off_centre),
        because="The theorem fails in practice too.",
    ),
    Claim(
        "single-layer",
        "7.1, 7.2",
        "Deeper and other networks need more thought.",
        opinion="A plan, with nothing that could fail.",
    ),
]
