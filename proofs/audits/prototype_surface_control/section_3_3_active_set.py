"""The claims of section 3.3 on the active set that 3.1 assumes, and on the angles that two notes exchange."""

from stability import AllOf, Claim, ForAll, Not, Repair
from stability.audit.vocabulary import active_set, landscapes, pre

from .vocabulary import ABS1, NT, SEPARATOR

SET_1 = [(0, 0), (0, 1)], [(0, 2), (0, 3)]
"""Unit and example: on the positive side, and on the negative one."""

EXAMPLES = [(1, -1, 1), (-1, 1, 1), (1, 1, 0), (-1, -1, 0)]

SIGNS = (1, 1, -1, -1)


def loss_of_set_1() -> str:
    """Return the formula of the loss at (u, v, b) if the signs of the pre-activations are those of the active set."""
    errors = zip(SIGNS, pre("abs1", "[u, v, b]"), EXAMPLES, strict=True)
    return " + ".join(f"({s}*{z} - {y})**2" for s, z, (_, _, y) in errors)


def bend_of_set_1(weights: tuple[str, str]) -> str:
    """Return the formula of the angular curvature with those signs, along the curve of `turn`."""
    x, y = weights
    along, inward = (f"-({y})", x), (f"-({x})", f"-({y})")
    terms = []
    for sign, z, (p, q, label) in zip(SIGNS, pre("abs1", f"[{x}, {y}, b]"), EXAMPLES, strict=True):
        moves, bends = (f"({p}*({d}) + {q}*({e}))" for d, e in (along, inward))
        terms.append(f"2*{moves}**2 + 2*({sign}*{z} - {label})*{sign}*{bends}")
    return f"({' + '.join(terms)})"


SECTION_33_SETS = [
    Claim(
        "abs-curvatures-under-the-active-set",
        "3.1 (1), 3.3 table",
        "Under the active set of section 3.1, x1 and x2 on the positive side and x3 and x4 on the negative one, the angular loss of "
        "the absolute-value unit is curved downwards at pi/4 and upwards at 3 pi/4.",
        statement=ForAll(
            "c b", ["c > 0"], [f"{bend_of_set_1(NT)} < 0", f"{bend_of_set_1(SEPARATOR)} > 0"], landscapes(abs1=ABS1)
        ),
        because="On that set the loss is 4 r^2 + 4 b^2 - 4 b + 2, in which there is no angle.",
        repair=Repair(
            "With those signs the loss is 4 r^2 + 4 b^2 - 4 b + 2, and the angular curvature is 0 at both angles, whatever r and b. "
            "No weights have those signs.",
            AllOf(
                [
                    ForAll(
                        "u v b", [], [f"{loss_of_set_1()} == 4*(u**2 + v**2) + 4*b**2 - 4*b + 2"], landscapes(abs1=ABS1)
                    ),
                    ForAll(
                        "c b",
                        ["c > 0"],
                        [f"{bend_of_set_1(NT)} == 0", f"{bend_of_set_1(SEPARATOR)} == 0"],
                        landscapes(abs1=ABS1),
                    ),
                    Not(active_set(ABS1, *SET_1)),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "angles-of-the-two-notes",
        "3.3",
        "The no-torque angle pi/4 is that of the note on two ReLUs, where the trap is at 3 pi/4 and the true orientation at pi/4 "
        "(read: weights at the two angles have one direction).",
        statement=ForAll("c d", ["c > 0", "d > 0"], ["c*d - c*(-d) == 0"], try_at=[{"c": 1, "d": 1}]),
        because="The notes exchange the two angles.",
        repair=Repair(
            "Weights c(1, 1) and d(-1, 1) at the two angles are orthogonal: what is the trap in one note is the solution in the "
            "other. The solution, (-1/2, 1/2), lies at 3 pi/4.",
            AllOf(
                [
                    ForAll("c d", ["c > 0", "d > 0"], ["c*(-d) + c*d == 0"], try_at=[{"c": 1, "d": 1}]),
                    ForAll("", [], ["abs1.loss([-1/2, 1/2, 0]) == 0"], landscapes(abs1=ABS1)),
                ]
            ),
        ),
        weight="central",
    ),
]
