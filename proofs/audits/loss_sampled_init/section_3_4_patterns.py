"""The claims of section 3.4: what trained units look like."""

from collections.abc import Sequence

from stability import AllOf, Claim, Dataset, Exists, ForAll, Not, Repair, every_set, landscape, number_of_sets, set_at
from stability.audit.vocabulary import AllAboutSets, Study, landscapes, local_minimum_at, number_fact, pre

from .experiments import CONTROL, CONTROL_DETAILS, LOWEST, LOWEST_DETAILS
from .judgements import ends_mirrored, hits, mirrored_and_solved, rises
from .vocabulary import ABS1, BEST, ONE, RELU2, SIX, SIX_AT, SOLVES, SYMMETRIC, TWO, at, flat

FLAT_MIRROR = ((1, -1, -1), (-1, 1, -1))
"""A solution with opposite weights that is not |w . x + b|."""

ASYMMETRIC = (("3/2", "-1/2", -1), ("-1/2", "1/2", 0))
"""A solution whose weights are not opposite at all: the angle between them is 153 degrees, their sum (1, 0)."""


def right(unit_dead: bool) -> Exists:
    """State that some weights get all four points right, with a unit that sees none of them."""
    relations = [f"relu2.out({SIX_AT}, {i}) {side} 1/2" for i, side in enumerate(">><<")]
    off = [f"relu2.pre({SIX_AT}, 0, {i}) <= 0" for i in range(4)] if unit_dead else []
    return Exists(SIX, [*relations, *off], TWO, [at(SIX, SYMMETRIC)], samples=0)


def mirrored_solutions() -> ForAll:
    """State that solutions with opposite weights have equal biases, at most 0."""
    fits = [f"relu2.out([u, v, b, -u, -v, c], {i}) == {y}" for i, y in enumerate((1, 1, 0, 0))]
    return ForAll("u v b c", fits, ["b == c", "b <= 0"], TWO, [{"u": 1, "v": -1, "b": -1, "c": -1}], samples=0)


def is_absolute(point: Sequence[Sequence[object]]) -> ForAll:
    """State that a network is |w . x + b| at a point off the data, w and b being those of its first unit."""
    place = Dataset("off the data", (("1/4", "-1/4"),), (0,))
    both = landscapes(relu2_off=landscape(RELU2.network, place), abs1_off=landscape(ABS1.network, place))
    return ForAll("", [], [f"relu2_off.out({flat(point)}, 0) == abs1_off.out({flat(point[:1])}, 0)"], both)


PATTERNS = [
    *(
        Claim(
            f"mirrored-{name}",
            "3.4, 5.2",
            f"Of 50 runs {what} {published} end with mirrored weights (read: with a cosine between them below -0.9).",
            measure=Study([experiment, details], lambda m, d, published=published: ends_mirrored(m, d, published)),
        )
        for name, what, experiment, details, published in (
            ("without-filter", "without a filter", CONTROL, CONTROL_DETAILS, 29),
            ("with-filter", "with the filter < 0.072", LOWEST, LOWEST_DETAILS, 50),
        )
    ),
    Claim(
        "mirrored-means-solved",
        "3.4, 5.2",
        "The runs that end mirrored are those that succeed: at most 1 in 20 successes is not (read: has a cosine of -0.9 or more), and "
        "at most 1 in 20 mirrored runs fails.",
        measure=Study([CONTROL, CONTROL_DETAILS], mirrored_and_solved),
        weight="central",
    ),
    Claim(
        "solutions-are-mirrored",
        "3.4, 5.2",
        "A network that solves the task has opposite weights.",
        statement=lambda: ForAll(
            SIX,
            [f"relu2.out({SIX_AT}, {i}) == {y}" for i, y in enumerate((1, 1, 0, 0))],
            ["p1 + q1 == 0", "p2 + q2 == 0"],
            TWO,
            [at(SIX, SYMMETRIC), at(SIX, ASYMMETRIC)],
            samples=0,
        ),
        because="Weights may differ as long as each unit sees one class-1 point alone.",
        repair=Repair(
            "Solutions form one connected set of dimension 4, up to the order of the units. It holds the mirrored ones "
            "and others, such as w = (3/2, -1/2), b = -1 with w' = (-1/2, 1/2), b' = 0.",
            lambda: AllAboutSets(
                [
                    every_set(RELU2, [SOLVES], [BEST, ("dimension", "=", 4), ("orbit", "=", 2)]),
                    number_of_sets(RELU2, [SOLVES], "=", 2),
                    *(set_at(RELU2, point, [SOLVES]) for point in (SYMMETRIC, ASYMMETRIC)),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "mirrored-is-absolute",
        "3.4, 5.2",
        "A solution with opposite weights is |w . x + b|.",
        statement=lambda: Not(
            AllOf([number_fact(f"relu2.loss({flat(FLAT_MIRROR)}) == 0", relu2=RELU2), Not(is_absolute(FLAT_MIRROR))])
        ),
        because="With negative biases it is relu(|w . x| + b), 0 around the origin.",
        repair=Repair(
            "Solutions with opposite weights have equal biases b <= 0. Only with opposite biases is the sum |w . x "
            "+ b| everywhere, so only with b = 0.",
            lambda: AllOf([mirrored_solutions(), is_absolute(SYMMETRIC)]),
        ),
        weight="central",
    ),
    Claim(
        "dead-units-in-success",
        "3.4",
        "Runs that succeed can end with a dead unit, as can runs that fail.",
        statement=lambda: right(unit_dead=True),
        because="One unit is monotone along its weights, and no line separates the classes.",
        repair=Repair(
            "With four points right no unit is dead: some weights do it, but none with the first unit off "
            "everywhere (nor, by symmetry, the second). From zero biases no unit is dead at the start either. "
            "There are traps with dead units.",
            lambda: AllOf(
                [
                    right(unit_dead=False),
                    Not(right(unit_dead=True)),
                    ForAll(
                        "u v",
                        ["u**2 + v**2 > 0"],
                        [[f"{z} > 0"] for z in pre("relu1", "[u, v, 0]")],
                        ONE,
                        [{"u": 1, "v": 0}],
                        splits=["u - v", "u + v"],
                        samples=0,
                    ),
                    local_minimum_at(RELU2, ((0, 0, -1), (0, 0, -1))),
                ]
            ),
        ),
    ),
    Claim(
        "filter-keeps-units-alive",
        "3.4",
        "Fewer runs end with a dead unit if they start with a low loss.",
        measure=Study(
            [LOWEST, CONTROL],
            lambda *ms: rises(
                [(hits(m, "dead unit")[0], m.runs) for m in ms],
                "Ends with a dead unit, with < 0.072 and without a filter",
            ),
        ),
    ),
]
