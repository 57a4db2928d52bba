"""The claims of the chat, from its start to the third reason why the method does not help."""

from stability import AllOf, Claim, Exists, ForAll, Not, Repair
from stability.audit.hypothesis_tests import fails, higher
from stability.audit.vocabulary import Study, pre, theorem_statement

from .experiments import BIASED, FLOW, FOUR, HEAD, HEAD_XAVIER, NORMAL, SPHERES, XAVIER, compared
from .judgements import (
    alike_fail,
    end_flat,
    faster,
    more_alike,
    most_fail,
    near,
    overshoots,
    smaller_helps,
    splits_twice,
    steeper,
)
from .vocabulary import FACING, FIT, ON, ONE, SEEING, SIX, TWO, WIDE, each, rests_only_if_mirrored, solutions, unit

XAVIER_BIAS = ("134/100 < q/2*(s + 1/10) < 135/100",)

ZERO_BIAS = pre("relu1", "[u, v, 0]")

EQUAL = "[u, v, b, u, v, b]"


def gaussian(*then: str) -> ForAll:
    """State what holds of q = sqrt(pi) and s = sqrt 2, by bounds on their squares.

    A normal vector of the plane with the standard deviation d has the mean length d sqrt(pi/2): Xavier's has d = 1/s,
    and q/2, He's has d = 1.
    """
    bounds = ["q > 0", "3141/1000 < q**2 < 3142/1000", "s > 0", "1999/1000 < s**2 < 2001/1000"]
    return ForAll("q s", bounds, then, try_at=[{"q": "177245/100000", "s": "141421/100000"}], samples=0)


def equal_gradients() -> ForAll:
    """State that two equal units have equal gradients."""
    axes = [f"[{', '.join(str(int(k == n)) for k in range(6))}]" for n in range(6)]
    pairs = zip(axes[:3], axes[3:], strict=True)
    return ForAll("u v b", [], [f"relu2.autograd({EQUAL}, {a}) == relu2.autograd({EQUAL}, {c})" for a, c in pairs], TWO)


def equal_solution() -> list[str]:
    """Return that two equal units fit XOR."""
    return [f"relu2.out({EQUAL}, {i}) == {y}" for i, y in enumerate((1, 1, 0, 0))]


REASONS = [
    Claim(
        "no-boost",
        "Chat, start",
        "On XOR the rule does not boost success over random restarts (read: above the standard start).",
        measure=Study([SPHERES, NORMAL], lambda s, n: fails(higher(s.whole, n.whole, "facing the data, standard"))),
        because="It does, from less than half to four fifths.",
        weight="central",
    ),
    Claim(
        "no-boost-with-a-head",
        "Chat, start",
        "In a hidden layer of two units under a linear layer the rule does not boost success either (read: above "
        "the same weights with zero biases).",
        measure=Study(
            [HEAD, HEAD_XAVIER], lambda s, x: fails(higher(s.whole, x.whole, "facing the data, zero biases"))
        ),
        weight="ours",
    ),
    Claim(
        "affine-on-data",
        "Chat, why 1",
        "Every unit that faces XOR is an affine function of the points.",
        statement=lambda: unit(
            WIDE, *(f"relu1.out([u, v, n*r], {i}) == {z}" for i, z in enumerate(FACING)), splits=FACING
        ),
    ),
    Claim(
        "xor-is-not-separable",
        "Chat, why 1",
        "XOR is not linearly separable.",
        statement=lambda: theorem_statement("no_line_separates_xor"),
    ),
    Claim(
        "split-is-needed-at-the-start",
        "Chat, why 1",
        "Some unit must split the data from the beginning (read: most runs fail in which none does).",
        measure=Study([SPHERES], most_fail),
        because="None of these starts has a unit that splits the data.",
        weight="central",
    ),
    Claim(
        "linear-stage-comes-first",
        "Chat, why 1",
        "Training must first undo the linear start: while all units see all points, the loss is 1 at least, and the "
        "outputs of the two classes have equal sums.",
        statement=lambda: theorem_statement(SEEING),
        weight="central",
    ),
    Claim(
        "too-slow",
        "Chat, why 1",
        "With two units to undo the linear start is slow (read: successful runs stop later than from the standard "
        "start).",
        measure=Study([SPHERES, NORMAL], lambda s, n: fails(faster(s, n))),
    ),
    Claim(
        "tiny-network",
        "Chat, why 1",
        "The rule fails because two units are too few for it (read: with four units more runs succeed).",
        measure=compared(FOUR, SPHERES, "four units, two"),
    ),
    Claim(
        "stuck-while-linear",
        "Chat, why 1",
        "Linear starts are why the rule fails (read: nine failures of ten end with outputs 1/2, the best affine fit, and "
        "none with a dead class-1 point).",
        measure=Study([SPHERES], end_flat),
    ),
    Claim(
        "radius-root-2",
        "Chat, why 2",
        "The radius is about sqrt 2 (read: it is 1.4, to a tenth).",
        statement=ForAll("s", ["s**2 == 2", "s > 0"], ["s + 1/10 < 145/100"], root=("1", "2")),
        because="The margin makes it 1.5.",
        repair=Repair(
            "It is sqrt 2 + 1/10, from 1.514 to 1.515.",
            ForAll("s", ["s**2 == 2", "s > 0"], ["1514/1000 <= s + 1/10 < 1515/1000"], root=("1", "2")),
        ),
        weight="ours",
    ),
    Claim(
        "norms-near-1",
        "Chat, why 2",
        "Xavier's and He's weights have lengths around 1 (read: their means are nearer to 1 than to 0 or 2).",
        statement=lambda: gaussian("1/2 < q/2 < 3/2", "1/2 < q/2*s < 3/2"),
        because="In two dimensions they are sqrt(pi)/2 = 0.89 and sqrt(pi/2) = 1.25.",
    ),
    Claim(
        "mean-bias",
        "Chat, why 2",
        "Biases are about 1.4 on average (read: to a tenth, with Xavier's weights or with He's).",
        statement=lambda: Not(
            AllOf([gaussian(*XAVIER_BIAS), gaussian("q/2*(s + 1/10) < 135/100", "q/2*s*(s + 1/10) > 145/100")])
        ),
        because="Two slips nearly cancel: the radius is 1.51, and the mean length is not 1.",
        repair=Repair(
            "The mean is sqrt(pi)/2 (sqrt 2 + 1/10) = 1.34 with Xavier's weights, sqrt 2 times that, 1.90, with He's; the "
            "root mean square is R = 1.51 with Xavier's.",
            lambda: gaussian(*XAVIER_BIAS, "189/100 < q/2*s*(s + 1/10) < 191/100"),
        ),
        weight="ours",
    ),
    Claim(
        "mean-bias-measured",
        "Chat, why 2",
        "The biases that are drawn are about 1.4 on average (read: to a tenth, with Xavier's weights).",
        measure=Study([SPHERES], near(1.4, 0.1)),
        because="The radius includes the margin, and the mean length of the weights is not 1.",
        weight="ours",
    ),
    Claim(
        "gradients-are-large",
        "Chat, why 2",
        "Large biases make for large gradients (read: longer ones at the start than from the standard start, or from the "
        "same weights with zero biases).",
        measure=Study([SPHERES, NORMAL, XAVIER], steeper),
    ),
    Claim(
        "descent-overshoots",
        "Chat, why 2",
        "Large gradients make training overshoot (read: while both units see all points, a step of gradient descent "
        "of 1/16 at most, 1/4 for the mean, can take the mean output beyond 1/2).",
        statement=lambda: Exists(
            f"{SIX} h",
            [*ON[0], *ON[1], "0 < h <= 1/16", "b1 + b2 > 1/2", "b1 + b2 - 2*h*(8*(b1 + b2) - 4) < 1/2"],
            TWO,
            samples=0,
        ),
        because="The loss is one bowl there with curvature 16; only steps above 1/16 overshoot.",
        repair=Repair(
            "A step h takes the mean output, the sum of the biases, to 1/2 by the factor 1 - 16 h, which is not negative for "
            "h <= 1/16.",
            lambda: AllOf(
                [
                    rests_only_if_mirrored(),
                    ForAll("b h", [], ["b - 2*h*(8*b - 4) - 1/2 == (1 - 16*h)*(b - 1/2)"]),
                    ForAll("h", ["0 < h <= 1/16"], ["1 - 16*h >= 0"]),
                ]
            ),
        ),
    ),
    Claim(
        "training-overshoots",
        "Chat, why 2",
        "The documented training overshoots (read: in 5% of the runs the mean output falls well below 1/2).",
        measure=Study([SPHERES], overshoots),
        because="Adam's steps are no larger for larger gradients; it is the way that is long.",
    ),
    Claim(
        "bias-scale-hurts",
        "Chat, why 2",
        "The biases are too large: smaller ones do better (read: those of alpha = 0.7).",
        measure=smaller_helps("0.7"),
    ),
    Claim(
        "symmetry-must-break",
        "Chat, why 3",
        "Units must differ: equal ones have equal gradients, so that they stay equal, and no solution has equal units.",
        statement=lambda: AllOf([equal_gradients(), Not(Exists("u v b", equal_solution(), TWO, samples=0))]),
    ),
    Claim(
        "standard-start-splits",
        "Chat, why 3",
        "Zero biases already give boundaries that cut the data: each unit sees one point of each class, unless a point "
        "lies on its boundary.",
        statement=lambda: ForAll(
            "u v", ["u != v", "u != -v"], [f"({a})*({b}) < 0" for a, b in (ZERO_BIAS[:2], ZERO_BIAS[2:])], ONE
        ),
    ),
    Claim(
        "small-random-biases-split",
        "Chat, why 3",
        "With small random biases (read: of standard deviation 1/10) both boundaries cut the data in most starts.",
        measure=Study([BIASED], splits_twice),
    ),
    Claim(
        "symmetry-unbroken",
        "Chat, why 3",
        "The rule leaves the symmetry unbroken (read: all units that face XOR are equal if their weights have equal "
        "lengths).",
        statement=lambda: ForAll(
            "u v p q n r",
            [*WIDE, "n**2 == p**2 + q**2"],
            each([f"{z} - ({y})" for z, y in zip(FACING, pre("relu1", "[p, q, n*r]"), strict=True)], "== 0"),
            ONE,
            try_at=[dict(zip("uvpqnr", (3, 4, -4, 3, 5, "3/2"), strict=True))],
            samples=0,
        ),
        because="The weights differ in direction, and with them the pre-activations.",
        repair=Repair(
            "Units differ as soon as their weights do, and while both see all points they keep their difference: their "
            "gradients are the same.",
            lambda: theorem_statement(SEEING),
        ),
        weight="central",
    ),
    Claim(
        "moves-in-step",
        "Chat, why 3",
        "The rule synchronises the units: while both see all points they have the same gradient.",
        statement=lambda: theorem_statement(SEEING),
        because="So they move in step. They do not come closer.",
    ),
    Claim(
        "more-alike",
        "Chat, why 3",
        "The rule makes units alike more often than the same weights with zero biases.",
        measure=Study([SPHERES, XAVIER], more_alike),
        because="Biases that depend on the lengths distinguish the units.",
    ),
    Claim(
        "a-diagonal-each",
        "Chat, why 3",
        "At solutions the units share the diagonals: one tells the points of class 1, the other those of class 0 (read: at "
        "some solution a unit sees a class-0 point).",
        statement=lambda: Exists(SIX, [*FIT, ON[0][2]], TWO, samples=0),
        because="Both serve the diagonal of class 1.",
        repair=Repair("At every solution one unit sees x1 alone, and the other x2 alone.", solutions),
    ),
    Claim(
        "alike-units-fail",
        "Chat, why 3",
        "Units that are too much alike fail to share the work (read: with pre-activations less than 1/2 apart at all "
        "points they succeed less often).",
        measure=Study([SPHERES, FLOW], alike_fail),
    ),
]
