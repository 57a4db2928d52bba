"""The claims of section 2: a sphere around the data, and units tangent to it."""

from stability import AllOf, Claim, ForAll, Repair
from stability.audit.vocabulary import theorem_statement

from .vocabulary import AWAY_FROM_IT, POINT, POINT_NAMES, SPHERE, TANGENT

FOOT = ["n > 0", "n**2 == u**2 + v**2", "r > 0", "n*h == n*k - u*r", "n*j == n*l - v*r"]
"""The point (h, j) of step 3: the mean (k, l), less r times w/|w|."""

FOOT_AT = [dict(zip("uvnrklhj", (3, 4, 5, 2, 1, 1, "-1/5", "-3/5"), strict=True))]


def positive(z: str, *given: str) -> ForAll:
    """State that a unit sees a point of the data."""
    return ForAll(POINT_NAMES, [*POINT, *given], [f"{z} > 0"], try_at=[AWAY_FROM_IT], samples=0)


def foot(*then: str) -> ForAll:
    """State what holds of the point of step 3."""
    return ForAll("u v n r k l h j", FOOT, then, try_at=FOOT_AT, samples=0)


CONSTRUCTION = [
    Claim(
        "sphere-encloses-data",
        "2.2, 3.1",
        "All data lie within the sphere of step 1, by the margin.",
        statement=lambda: ForAll(
            POINT_NAMES, POINT, ["(x - k)**2 + (y - l)**2 < (s + e)**2"], try_at=[AWAY_FROM_IT], samples=0
        ),
    ),
    Claim(
        "any-weights",
        "2.2",
        "The rule works with any scheme that draws weights (read: for all weights but 0, in any dimension, with the bias "
        "of step 3's point).",
        statement=lambda: theorem_statement(TANGENT),
        weight="notation",
    ),
    Claim(
        "tangent-at-the-foot",
        "2.1, 2.3",
        "The hyperplane through step 3's point that is orthogonal to w touches the sphere and does not enter it.",
        statement=lambda: ForAll(
            "u v n r k l x y",
            [*SPHERE, "u*(x - k) + v*(y - l) == -n*r"],
            ["(x - k)**2 + (y - l)**2 >= r**2"],
            try_at=[dict(zip("uvnrklxy", (3, 4, 5, 5, 0, 0, -3, -4), strict=True))],
            squares=["u*(y - l) - v*(x - k)"],
            samples=0,
        ),
    ),
    Claim(
        "normal-points-inward",
        "2.1, 2.3",
        "From the tangent point of step 3 the weight vector w points towards the mean of the data.",
        statement=lambda: foot("u*(k - h) + v*(l - j) > 0"),
    ),
    Claim(
        "bias-of-step-4",
        "2.2, 4",
        "Minus w times that point is |w| R, the bias of step 4 and of the code.",
        statement=lambda: foot("-u*h - v*j == n*r"),
        because="Step 4 drops the mean of the data.",
        repair=Repair(
            "It is |w| R - w . m, which is |w| R only where the mean m is 0 or orthogonal to w.",
            lambda: foot("-u*h - v*j == n*r - u*k - v*l"),
        ),
        weight="central",
    ),
    Claim(
        "projection-is-norm",
        "2.2",
        "w . (w/|w|) R is |w| R.",
        statement=lambda: ForAll(
            "u v n r g h",
            [*SPHERE, "n*g == u", "n*h == v"],
            ["(u*g + v*h)*r == n*r"],
            try_at=[dict(zip("uvnrgh", (3, 4, 5, 1, "3/5", "4/5"), strict=True))],
            samples=0,
        ),
        weight="notation",
    ),
    Claim(
        "boundary-at-radius",
        "2.1, 2.3, 3.1",
        "The boundary as written is tangent to the sphere: its distance from the mean of the data is R.",
        statement=lambda: ForAll(
            "u v n r k l",
            SPHERE,
            ["(u*k + v*l + n*r)**2 == (n*r)**2"],
            try_at=[dict(zip("uvnrkl", (3, 4, 5, 1, 1, 1), strict=True))],
        ),
        because="It is tangent to a sphere around the origin, wherever the data are.",
        repair=Repair(
            "With b = |w| R - w . m it is: the pre-activation is |w| R at m, and 0 at step 3's point.",
            lambda: AllOf(
                [
                    ForAll("u v n r k l", SPHERE, ["u*k + v*l + (n*r - u*k - v*l) == n*r"]),
                    foot("u*h + v*j + n*r - u*k - v*l == 0"),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "all-data-positive",
        "2.1, 2.3",
        "As written, all data lie on the positive side of every unit.",
        statement=lambda: positive("u*x + v*y + n*(s + e)"),
        because="Not where the mean is far from the origin, opposite to w.",
        repair=Repair(
            "With b = |w| R - w . m they do, in any dimension, with w . x + b >= |w| times the margin; as written they do "
            "where the mean is 0.",
            lambda: theorem_statement(TANGENT),
        ),
        weight="central",
    ),
]
