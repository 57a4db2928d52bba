"""The claims of the chat on its three fixes."""

from itertools import pairwise

from stability import AllOf, Claim, ForAll, Not, Repair
from stability.audit.hypothesis_tests import all_of, higher
from stability.audit.vocabulary import Study, number_fact, pre, theorem_statement

from .experiments import ALIGNED, CELLS, CLASSES, HALVES, PLAIN, compared
from .judgements import smaller_helps
from .vocabulary import AWAY, FACING, INVERTED, RELU1, RELU2, SIX, SIX_AT, SPHERE, TWO, WIDE, each, unit


def coincide() -> ForAll:
    """State that the two classes of XOR have the same mean, and the same greatest distance from it."""
    points, labels = RELU2.data.points, RELU2.data.labels
    classes = [[x for x, y in zip(points, labels, strict=True) if y == label] for label in (0, 1)]
    means = [[f"(({a[c]}) + ({b[c]}))/2" for c in (0, 1)] for a, b in classes]
    facts = [f"{x} == {y}" for x, y in zip(*means, strict=True)]
    reach = [
        f"(({x[0]}) - {m[0]})**2 + (({x[1]}) - {m[1]})**2" for own, m in zip(classes, means, strict=True) for x in own
    ]
    return number_fact(*facts, *(f"{first} == {second}" for first, second in pairwise(reach)))


def never_moves() -> AllOf:
    """State that an inverted unit is off at all points, and what is off has slope 0, whatever the other unit does."""
    at = [dict(zip([*SIX.split(), "d", "e", "f"], (0, 0, -1, 1, 1, 0, 1, 1, 1), strict=True))]
    still = [f"relu2.d1({SIX_AT}, [d, e, f, 0, 0, 0]) == 0"]
    rests = ForAll(f"{SIX} d e f", each(pre("relu2", SIX_AT), "< 0"), still, TWO, at, samples=0)
    return AllOf([unit(WIDE, *each(AWAY, "< 0")), rests])


def depends_on_direction() -> AllOf:
    """State that at alpha R = 6/5 a unit sees all points with w = (1, 0), and not with w = (3, 4)."""
    along, across = pre("relu1", "[1, 0, 6/5]"), pre("relu1", "[3, 4, 6]")
    return AllOf([number_fact(*each(along, "> 0"), relu1=RELU1), number_fact(f"{across[3]} < 0", relu1=RELU1)])


FIXES = [
    Claim(
        "inverted-is-inside",
        "Chat, fix 1",
        "With the sign of the bias inverted the boundary begins inside the sphere: nearer to the mean than R.",
        statement=ForAll("n r", ["n > 0", "r > 0"], ["(-n*r)**2 < (n*r)**2"]),
        because="It is as far away, on the other side.",
        repair=Repair(
            "Its distance is R again; on XOR such a unit is off at all points.",
            lambda: AllOf([ForAll("n r", [], ["(-n*r)**2 == (n*r)**2"]), unit(WIDE, *each(AWAY, "< 0"))]),
        ),
    ),
    Claim(
        "inverted-is-all-negative",
        "Chat, fix 1",
        "An inverted unit is negative at all points.",
        statement=lambda: unit(WIDE, *each(AWAY, "< 0")),
    ),
    Claim(
        "inverted-folds-at-once",
        "Chat, fix 1",
        "Inverted units at once carve folds (read: some such unit has a slope in its parameters).",
        statement=lambda: Not(never_moves()),
        because="They are dead, and stay so.",
        repair=Repair(
            "An inverted unit is off at all points and has slope 0 in its parameters, whatever the other unit does: it never "
            "moves. The other unit alone has at least one point wrong, and loss 1 at least.",
            lambda: theorem_statement(INVERTED),
        ),
    ),
    Claim(
        "half-inverted-helps",
        "Chat, fix 1",
        "Inverting each unit with probability 1/2 helps (read: more runs succeed than with none inverted).",
        measure=compared(CELLS["0.5", "1"], PLAIN, "half inverted, none"),
        because="Runs can succeed only where no unit is inverted, a quarter of all.",
        weight="central",
    ),
    Claim(
        "one-of-two-inverted-helps",
        "Chat, fix 1",
        "Inverting exactly half of the units, one of two, helps.",
        measure=compared(HALVES["1"], PLAIN, "one inverted, none"),
        because="One unit alone cannot solve XOR.",
        weight="ours",
    ),
    Claim(
        "small-alpha-lets-points-behind",
        "Chat, fix 2",
        "With a small alpha some points begin behind the boundary (read: at some point each unit is off, if alpha R <= 1; "
        "alpha up to 0.66).",
        statement=lambda: unit(
            [*SPHERE[:2], "0 < a <= 1"],
            *([f"{z} <= 0"] for z in pre("relu1", "[u, v, n*a]")),
            names="u v n a",
            splits=["u", "v"],
        ),
    ),
    Claim(
        "alpha-keeps-the-guarantee",
        "Chat, fix 2",
        "Scaled margins still respect the geometry of the data (read: with alpha R below sqrt 2, but above 1.37, every unit "
        "still sees all points).",
        statement=lambda: unit(
            [*SPHERE[:2], "a > 0", "a**2 > 15/8"],
            *each(pre("relu1", "[u, v, n*a]"), "> 0"),
            names="u v n a",
            try_at=[{"u": 5, "v": 5, "n": "50/7", "a": "139/100"}, {"u": 20, "v": 21, "n": 29, "a": "137/100"}],
        ),
        because="Weights along a diagonal lose a point at once.",
        repair=Repair(
            "All points are seen for all weights if alpha R > sqrt 2 (alpha above 0.934); if 1 < alpha R < sqrt 2, that is "
            "up to the direction of w.",
            lambda: AllOf([unit(WIDE, *each(FACING, "> 0")), depends_on_direction()]),
        ),
    ),
    Claim(
        "alpha-0.1-helps",
        "Chat, fix 2",
        "With alpha far below 1, here 0.1, the early nonlinearity helps (read: more runs succeed than at alpha = 1).",
        measure=smaller_helps("0.1"),
        because="Most starts have a dead point again.",
    ),
    Claim(
        "alpha-0.3-helps",
        "Chat, fix 2, in short",
        "With alpha = 0.3 the early nonlinearity helps (read: more runs succeed than at alpha = 1).",
        measure=smaller_helps("0.3"),
        because="More than half of the starts have a dead point again.",
        weight="central",
    ),
    Claim(
        "alpha-0.5-helps",
        "Chat, fix 2",
        "With alpha = 0.5 the early nonlinearity helps (read: more runs succeed than at alpha = 1).",
        measure=smaller_helps("0.5"),
    ),
    Claim(
        "class-spheres-differ",
        "Chat, fix 3",
        "The two classes of XOR have spheres of their own.",
        statement=lambda: Not(coincide()),
        because="Both have the mean 0 and the radius sqrt 2: they are one sphere, that of all data.",
        repair=Repair("The spheres of the two classes are the same.", coincide),
    ),
    Claim(
        "class-spheres-partition",
        "Chat, fix 3",
        "Units around the spheres of the two classes, one facing, one inverted, give two complementary partitions "
        "at once.",
        statement=lambda: Not(AllOf([unit(WIDE, *each(FACING, "> 0")), unit(WIDE, *each(AWAY, "< 0"))])),
        because="One unit sees all points and the other none, whatever the weights; they are not aligned with anything.",
        repair=Repair(
            "The facing unit sees all four points, the inverted one none and never moves: no start of this kind can solve "
            "the task.",
            lambda: AllOf([unit(WIDE, *each(FACING, "> 0")), theorem_statement(INVERTED)]),
        ),
        weight="central",
    ),
    Claim(
        "class-spheres-help",
        "Chat, fix 3",
        "Class-aware spheres help (read: as described, with alpha = 1).",
        measure=Study(
            [CLASSES["1"], ALIGNED["1"], PLAIN],
            lambda a, b, c: all_of(*(higher(m.whole, c.whole, f"{m.settings['init']}, none inverted") for m in (a, b))),
        ),
        because="One unit is dead for ever, whether weights are drawn or aligned with the classes.",
        weight="central",
    ),
    Claim(
        "class-spheres-symmetry",
        "Chat, next step",
        "Class-aware spheres give the right two-fold symmetry: turning the plane by half a turn, which keeps the "
        "labels, exchanges the two units.",
        statement=lambda: ForAll(
            "u v n a",
            [*SPHERE[:2], "a > 0"],
            ["-n*a == n*a"],
            try_at=[{"u": 3, "v": 4, "n": 5, "a": 1}],
        ),
        because="That would need equal biases, and theirs have opposite signs.",
        repair=Repair(
            "The biases of the facing and the inverted unit, alpha R |w| and -alpha R |w'|, never agree, so that no turn or "
            "mirror exchanges the units.",
            lambda: ForAll(
                "n m a", ["n > 0", "m > 0", "a > 0"], ["-n*a != m*a"], try_at=[dict.fromkeys("nma", 1)], samples=0
            ),
        ),
    ),
]
