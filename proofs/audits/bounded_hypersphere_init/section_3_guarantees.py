"""The claims of section 3: what the construction guarantees at the start and early in training."""

from stability import AllOf, Claim, Exists, ForAll, Not, Repair
from stability.audit.vocabulary import Study, gradient_descent_visits, number_fact, pre, theorem_statement

from .experiments import LIVE_XAVIER, NORMAL, SPHERES, XAVIER
from .judgements import all_contract, less_sensitive, never_dead_early, shorter, successes_contract
from .vocabulary import (
    AWAY_FROM_IT,
    FACING,
    FIT,
    ON,
    ONE,
    POINT,
    POINT_NAMES,
    RELU2,
    SEEING,
    SIX,
    SPHERE,
    TANGENT,
    TWO,
    distance_is_margin,
    facing,
    flat,
    unit,
)

KILLED = (("3/10", "2/5", "4/5"),) * 2, (("-3/10", "-2/5", "-3/10"),) * 2
"""Two equal units that face XOR, with r = 8/5, and where a step of 1/8 leads from there: x1 and x2 are dead."""


def seen_on_xor() -> AllOf:
    """State that a unit as written sees all points of XOR, with pre-activations of |w| times the margin e or more."""
    given = ["n > 0", "n**2 == u**2 + v**2", "s > 0", "s**2 >= 2", "e > 0"]
    pairs = zip(pre("relu1", "[u, v, n*(s + e)]"), pre("relu1", "[u, v, n*s]"), strict=True)
    return AllOf([unit(given, f"{z} > 0", f"{z} >= n*e", names="u v n s e", splits=[edge]) for z, edge in pairs])


GUARANTEES = [
    Claim(
        "no-dead-data",
        "3.1, Abstract",
        "As written, no point is dead: of two units one sees it.",
        statement=lambda: ForAll(
            f"{POINT_NAMES} p q m",
            [*POINT, "m > 0", "m**2 == p**2 + q**2"],
            [["u*x + v*y + n*(s + e) > 0"], ["p*x + q*y + m*(s + e) > 0"]],
            try_at=[{**AWAY_FROM_IT, "p": -3, "q": -4, "m": 5}],
            samples=0,
        ),
        because="The data (0, 0) and (3, 4) lose (3, 4) if both units look the other way.",
        repair=Repair(
            "With b = |w| R - w . m every unit sees every point, for all data and all weights but 0.",
            lambda: theorem_statement(TANGENT),
        ),
        weight="central",
    ),
    Claim(
        "no-dead-data-on-xor",
        "3.1",
        "On XOR, with the mean 0, every unit as written sees every point, by |w| times the margin at least.",
        statement=seen_on_xor,
        weight="central",
    ),
    Claim(
        "proof-of-the-theorem",
        "3.1",
        "w . x + |w| R >= |w| times the margin, as |x - m| <= R less the margin.",
        statement=lambda: ForAll(
            POINT_NAMES, POINT, ["u*x + v*y + n*(s + e) >= n*e"], try_at=[AWAY_FROM_IT], samples=0
        ),
        because="The bound on |x - m| says nothing of w . x; it bounds w . (x - m).",
        repair=Repair(
            "w . (x - m) + |w| R >= |w| times the margin, by Cauchy and Schwarz, and no larger bound holds.",
            lambda: theorem_statement(TANGENT),
        ),
    ),
    Claim(
        "margin-is-a-distance",
        "3.2",
        "Every point is |w| times the margin away from every boundary at least.",
        statement=lambda: ForAll(
            "n g s e d",
            ["n > 0", "s >= 0", "e > 0", "g**2 <= n**2*s**2", "n*d == g + n*(s + e)"],
            ["d >= n*e"],
            try_at=[{"n": 5, "g": -5, "s": 1, "e": "1/10", "d": "1/10"}],
        ),
        because="That is the bound on pre-activations; distances are these divided by |w|.",
        repair=Repair(
            "The pre-activation is |w| times the margin at least, the distance the margin, whatever |w| is.",
            lambda: AllOf([theorem_statement(TANGENT), distance_is_margin()]),
        ),
        weight="central",
    ),
    Claim(
        "margin-is-preserved",
        "Abstract, 3.2",
        "The margin is kept without further constraints (read: at some solution of XOR a class-0 point is still seen).",
        statement=lambda: Exists(SIX, [*FIT, ON[0][2]], TWO, samples=0),
        because="To solve XOR both class-0 points must die.",
        repair=Repair(
            "At every solution both class-0 points are dead, and each class-1 point is seen by a unit.",
            lambda: theorem_statement("exact_fit_has_dead_data"),
        ),
        weight="central",
    ),
    Claim(
        "boundaries-contract",
        "3.3",
        "Boundaries begin outside the data and move inward in training (read: both, in 95% of the runs).",
        measure=Study([SPHERES], all_contract),
        because="In runs that succeed they always do. In most that fail one recedes: its weights shrink to 0, its bias not.",
        weight="central",
    ),
    Claim(
        "boundaries-contract-to-solutions",
        "3.3",
        "In the runs that find a solution both boundaries have moved inward.",
        measure=Study([SPHERES], successes_contract),
        weight="ours",
    ),
    Claim(
        "gradients-are-guaranteed-early",
        "Abstract, 3.3, 6.1",
        "All points keep giving gradients early on: after one step of gradient descent, of any size, some unit still sees "
        "each class-1 point.",
        statement=lambda: Not(
            AllOf(
                [
                    facing(KILLED[0]),
                    gradient_descent_visits(RELU2, "1/8", KILLED),
                    number_fact(
                        *(f"relu2.pre({flat(KILLED[1])}, {j}, {i}) < 0" for j in (0, 1) for i in (0, 1)), relu2=RELU2
                    ),
                ]
            )
        ),
        because="Two units at w = (3/10, 2/5), b = 4/5 lose both class-1 points by one step of 1/8 (1/2 for the mean).",
        repair=Repair(
            "From any start at which both units see all points, a step of 1/16 at most (1/4 for the mean) leaves every "
            "point to some unit.",
            lambda: theorem_statement(SEEING),
        ),
        weight="central",
    ),
    Claim(
        "no-point-dies-early",
        "Abstract, 3.3, 6.1",
        "In the documented training no point is dead early on (read: in the first 50 epochs).",
        measure=Study([SPHERES], never_dead_early),
        weight="ours",
    ),
    Claim(
        "natural-regularisation",
        "3.3",
        "The geometry regularises (read: the solutions found have smaller parameters than those from other starts).",
        measure=Study([SPHERES, NORMAL, XAVIER], shorter),
    ),
    Claim(
        "insensitive-to-scale",
        "3.3",
        "The success depends less on the scale of the weights (read: than with zero biases, weights times 1/10 to 4).",
        measure=Study([SPHERES, XAVIER, LIVE_XAVIER], less_sensitive),
        because="It depends on it far more: short units are alike, and long ones have a long way to go.",
    ),
    Claim(
        "geometry-insensitive-to-scale",
        "3.3",
        "As to dead data the rule does not depend on the scale: with b = |w| R all pre-activations are multiplied by it.",
        statement=lambda: ForAll(
            "u v n r c",
            ["c > 0", *SPHERE],
            [f"{z} == c*{y}" for z, y in zip(pre("relu1", "[c*u, c*v, c*n*r]"), FACING, strict=True)]
            + ["(c*n)**2 == (c*u)**2 + (c*v)**2"],
            ONE,
            try_at=[{"u": 3, "v": 4, "n": 5, "r": 1, "c": 2}],
            samples=0,
        ),
        because="True, as with zero biases.",
        weight="ours",
    ),
]
