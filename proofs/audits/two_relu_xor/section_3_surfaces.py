"""The claims of section 3: class-aligned surfaces, and the absolute-value unit."""

from stability import AllOf, Claim, Dataset, Exists, ForAll, Not, Repair, every_set, landscape, number_of_sets, set_at
from stability.audit.hypothesis_tests import all_of
from stability.audit.vocabulary import MINIMA, AllAboutSets, Study, landscapes, number_fact, theorem_statement

from .experiments import ABSOLUTE, ABSOLUTE_BIASED, ABSOLUTE_BY_DESCENT, BIASED, LIVE_STARTS, NORMAL
from .judgements import fewer_failures, never
from .vocabulary import ABS1, BEST, RELU2, SOLVES, TRAP, TRAPPED, flat

BOTH = landscapes(abs1=ABS1, relu2=RELU2)


def step_solves_abs1() -> ForAll:
    """State that from every zero-bias start with w1 != w2 one step of 1/8 leads the absolute-value unit to a solution."""
    here, axes = "[u, v, 0]", ("[1, 0, 0]", "[0, 1, 0]", "[0, 0, 1]")
    x, y, b = (f"{old} - 1/8*abs1.autograd({here}, {axis})" for old, axis in zip("uv0", axes, strict=True))
    ends = [("u > v", "1/2", "-1/2"), ("u < v", "-1/2", "1/2")]
    goals = [[side, f"{x} == {first}", f"{y} == {second}", f"{b} == 0"] for side, first, second in ends]
    return ForAll("u v", ["u != v"], goals, landscapes(abs1=ABS1), splits=["u - v", "u + v"])


def gradient_unless_fitted() -> AllOf:
    """State that an absolute-value unit has a gradient at a single example that is neither fitted nor on its boundary."""
    parts = []
    for x, y in (((1, -1), 1), ((1, 1), 0)):
        name = f"one{y}"
        one = landscapes(**{name: landscape(ABS1.network, Dataset("one example", (x,), (y,)))})
        given = [f"{name}.pre([u, v, b], 0, 0) != 0", f"{name}.out([u, v, b], 0) != {y}"]
        parts.append(ForAll("u v b", given, [f"{name}.autograd([u, v, b], [0, 0, 1]) != 0"], one))
    return AllOf(parts)


def more_functions() -> AllOf:
    """State that relu2 represents what abs1 does, and the outputs (1, 0, 0, 0) too, which abs1 does not.

    Over all w and b the pre-activation at a point takes every value z, so that |z| = relu(z) + relu(-z) everywhere.
    """
    mirrored = [f"relu2.out([u, v, b, -u, -v, -b], {i}) == abs1.out([u, v, b], {i})" for i in range(4)]
    single = [f"relu2.out({flat(TRAPPED)}, {i}) == {int(i == 0)}" for i in range(4)]
    alike = [f"abs1.out([u, v, b], {i}) == {int(i == 0)}" for i in range(4)]
    never = Not(Exists("u v b", alike, landscapes(abs1=ABS1), samples=0))
    return AllOf([ForAll("u v b", [], mirrored, BOTH), number_fact(*single, relu2=RELU2), never])


SURFACES = [
    Claim(
        "flow-from-class-aligned-surfaces",
        "3",
        "Learning is driven by gradient flow from class-aligned surfaces.",
        opinion="Neither such a surface nor the flow from it is defined.",
    ),
    Claim(
        "abs1-flow-is-always-present",
        "3",
        "In the absolute-value model gradient flow is always present: it rests at no point but the solutions.",
        statement=lambda: every_set(ABS1, [], [SOLVES]),
        because="It rests at seven points more, two of which are traps.",
        repair=Repair(
            "It rests at nine isolated points: the two solutions, two traps at loss 1 (both strict minima), four saddles "
            "at loss 4/3 and the origin at loss 2, a saddle.",
            lambda: AllAboutSets(
                [
                    every_set(ABS1, [], [("isolated", "=", True)]),
                    number_of_sets(ABS1, [], "=", 9),
                    number_of_sets(ABS1, [BEST, SOLVES], "=", 2),
                    number_of_sets(ABS1, [TRAP, ("strict", "=", True), ("loss", "=", 1)], "=", 2),
                    number_of_sets(ABS1, [("kind", "=", "saddle"), ("loss", "=", "4/3")], "=", 4),
                    set_at(ABS1, [[0, 0, 0]], [("kind", "=", "saddle"), ("loss", "=", 2)]),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "abs1-points-always-pull",
        "3",
        "In the absolute-value model no point is ever dead: off its boundary each gives a gradient until it is fitted.",
        statement=gradient_unless_fitted,
    ),
    Claim(
        "abs1-always-trains",
        "3",
        "With its flow always present the absolute-value model never fails in the documented training, from zero biases.",
        measure=Study([ABSOLUTE], lambda absolute: never(absolute.whole, "of the absolute-value model")),
    ),
    Claim(
        "abs1-always-trains-with-biases",
        "3",
        "The absolute-value model never fails with normal biases either (N(0, 1/4), as the weights), by Adam or by "
        "plain gradient descent (0.1).",
        measure=Study(
            [ABSOLUTE_BIASED, ABSOLUTE_BY_DESCENT],
            lambda adam, descent: all_of(never(adam.whole, "by Adam"), never(descent.whole, "by descent")),
        ),
        because="The flow ends in a trap wherever x1 and x2 are on the same side at the start, a share of (2/pi) arctan(1/sqrt 2) "
        "= 39.2% (basins_of_abs1).",
        repair=Repair(
            "Where z(x1) and z(x2) have different signs the gradient is 8 times the way to a solution; where they agree, 8 "
            "times the way to a trap at w = 0, b = +-1/2.",
            lambda: theorem_statement("basins_of_abs1"),
        ),
        weight="ours",
    ),
    Claim(
        "abs1-is-more-reliable",
        "3",
        "From the same laws the absolute-value model fails less often than two ReLU units, with zero and with normal biases.",
        measure=Study(
            [NORMAL, ABSOLUTE, BIASED, ABSOLUTE_BIASED],
            lambda normal, absolute, biased, other: all_of(
                fewer_failures(("two ReLU units", normal.whole), ("absolute value", absolute.whole)),
                fewer_failures(("with biases, two ReLU units", biased.whole), ("absolute value", other.whole)),
            ),
        ),
    ),
    Claim(
        "relu2-flow-is-conditional",
        "3",
        "With two ReLU units the flow depends on where one starts: torch's gradient vanishes on an open region, while "
        "the absolute-value model rests at isolated points only.",
        statement=lambda: AllAboutSets(
            [
                number_of_sets(RELU2, [("dimension", "=", 6), ("autograd_rests", "=", True), TRAP], ">=", 1),
                every_set(ABS1, [], [("isolated", "=", True)]),
            ]
        ),
        weight="central",
    ),
    Claim(
        "liveness-lowers-failures",
        "1, 3",
        "Comparing normal with live starts confirms that flow is fragile: with a liveness test the share of "
        "failures is lower.",
        measure=Study(
            [NORMAL, LIVE_STARTS],
            lambda normal, live: fewer_failures(("all starts", normal.whole), ("live ones", live.whole)),
        ),
        weight="central",
    ),
    Claim(
        "inductive-bias",
        "3",
        "Inductive bias plays a critical role in neural architectures.",
        opinion="A general lesson; what is said of these two models stands in the other claims.",
    ),
    Claim(
        "xor-is-trivial",
        "3",
        "XOR is a trivial dataset.",
        opinion="A matter of taste; no line separates its classes (no_line_separates_xor).",
    ),
    Claim(
        "can-represent-abs1",
        "3",
        "Two ReLU units represent every function of the absolute-value unit, and others besides.",
        statement=more_functions,
        weight="central",
    ),
    Claim(
        "absolute-value-guarantees",
        "3",
        "The absolute value guarantees success by its structure: all its local minima are solutions.",
        statement=lambda: every_set(ABS1, [MINIMA], [SOLVES]),
        because="Two of its four minima are traps, at w = 0, b = +-1/2.",
        repair=Repair(
            "With zero bias it does: from every w with w1 != w2 one step of 1/8 reaches a solution exactly.",
            step_solves_abs1,
        ),
        weight="central",
    ),
    Claim(
        "more-treacherous",
        "3",
        "Two ReLU units have more places to get stuck than the absolute value: six sets of traps, all of dimension 3 or "
        "more, instead of two points.",
        statement=lambda: AllAboutSets(
            [
                number_of_sets(RELU2, [TRAP], "=", 6),
                every_set(RELU2, [TRAP], [("dimension", ">=", 3)]),
                number_of_sets(ABS1, [TRAP], "=", 2),
                every_set(ABS1, [TRAP], [("isolated", "=", True)]),
            ]
        ),
        weight="central",
    ),
]
