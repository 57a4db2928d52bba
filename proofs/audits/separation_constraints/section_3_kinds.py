"""The claims of sections 3.1 to 3.3, Eq. 21 to 29: constraints on units, points, both, and layers."""

from stability import AllOf, Claim, Exists, ForAll, Not, Repair
from stability.audit.layer_statements import (
    affine_unit,
    dead_example,
    dead_unit,
    lower_slack,
    penalty,
    relu,
    reluing,
    slacks,
    upper_slack,
    without_slack,
)
from stability.audit.vocabulary import number_fact

from .vocabulary import CUT, DEPTH, POINTS, SLACK, SPLIT, TABLE, WIDTH, Z, pairs, part, possible

SIDES = {"a": 1, "b": -1, "c": 1, "d": -1}
"""The first unit sees both points, the second none."""

BATCHES = "only_point_slack_splits_over_batches"

U, P = DEPTH * WIDTH, DEPTH * POINTS


KINDS = [
    Claim(
        "units-by-parameters",
        "3.1, Eq. 21",
        "A unit is given by its weights and its bias.",
        opinion="A notation.",
        weight="notation",
    ),
    Claim(
        "layers-are-square",
        "3.1, Eq. 21",
        "As printed a layer has as many inputs as units (here, by 4.1: 2 coordinates, 4 units).",
        statement=number_fact(f"2 == {WIDTH}"),
        because="The first layer of the document's own network has not.",
        repair=Repair(
            "The dimensions are those of Eq. 1, m_(k-1) and m_k: 2 and 4 in the first layer.",
            number_fact("2 != 4", "2 < 4"),
        ),
        weight="notation",
    ),
    Claim(
        "sum-over-units",
        "3.1, Eq. 22, 24",
        "The penalty of a layer is the sum of those of its units, and 0 only if all units are without slack.",
        statement=AllOf(
            [
                ForAll(
                    TABLE,
                    [],
                    [
                        f"{penalty('sep-u', Z)} == {penalty('sep-u', [['a'], ['c']])} + {penalty('sep-u', [['b'], ['d']])}"
                    ],
                    reluing(),
                    samples=4,
                ),
                ForAll(
                    "s t x y",
                    [*(f"{n} >= 0" for n in "stxy"), "s + t + x + y == 0"],
                    [f"{n} == 0" for n in "stxy"],
                    try_at=[dict.fromkeys("stxy", 0)],
                ),
            ]
        ),
    ),
    Claim(
        "units-allow-dead-points",
        "3.1",
        "Sep-U does not exclude dead points.",
        statement=possible(*without_slack("sep-u", Z), *dead_example(Z, 1), at=CUT),
        weight="central",
    ),
    Claim(
        "eq-25-index",
        "3.1, Eq. 25",
        "As printed, with j up to the number n of inputs, the intersection holds the dead points (read: of two units of one input, "
        "p <= 0 for the first makes the layer put out 0).",
        statement=pairs(["p <= 0"], f"{relu('p')} + {relu('q')} == 0", p=-1, q=-1),
        because="The units are m, not n.",
        repair=Repair(
            "With j up to m it does.",
            pairs(["p <= 0", "q <= 0"], f"{relu('p')} == 0", f"{relu('q')} == 0", p=-1, q=-1),
        ),
        weight="notation",
    ),
    Claim(
        "batches-trouble-units",
        "3.2",
        "Under Sep-U small batches penalise units whose points lie outside the batch.",
        statement=lambda: part(BATCHES, 1, 2, 3),
    ),
    Claim(
        "points-ignore-batches",
        "3.2",
        "Sep-P does not depend on the choice of batches: the penalty of all points is the sum of those of the batches.",
        statement=lambda: part(BATCHES, 0),
    ),
    Claim(
        "points-stay-alive",
        "3.2, Eq. 26",
        "Sep-P excludes dead points: without slack no point is dead (nor positive in all units).",
        statement=lambda: part(SLACK, 2, 3),
        weight="central",
    ),
    Claim(
        "points-make-a-separating-layer",
        "2, Proposition 2.2, 3.2",
        "Constraints on points serve the predicate of layers (Eq. 12): without Sep-P slack a layer is separating (read: of two units, "
        "one of two points is in both upper parts).",
        statement=ForAll(
            TABLE,
            without_slack("sep-p", Z),
            [["a > 0", "b > 0"], ["c > 0", "d > 0"]],
            reluing(),
            [SPLIT],
            samples=0,
        ),
        because="Each point then has a value of -1 or less, so that it lies in some lower part, and the affine component has no point.",
        repair=Repair(
            "Without Sep-P slack the predicate is false: every point is in the lower part of some unit, so that A and X do not meet.",
            ForAll(
                TABLE,
                without_slack("sep-p", Z),
                [[f"{x} < 0", f"{y} < 0"] for x in "ab" for y in "cd"],
                reluing(),
                [SPLIT],
                splits=list(TABLE.split()),
                samples=0,
            ),
        ),
        weight="central",
    ),
    Claim(
        "eq-27",
        "3.2, Eq. 27",
        "The term of Eq. 27, which has one x, is what Sep-P is to minimise: if it is 0, no point is dead.",
        statement=ForAll(
            TABLE,
            [f"{s} == 0" for s in slacks("sep-p", Z[:1])],
            [["c > 0"], ["d > 0"]],
            reluing(),
            [{**SPLIT, "c": -1, "d": -1}],
            samples=0,
        ),
        because="The sum over the points is missing.",
        repair=Repair(
            "It is the sum over all points.",
            lambda: AllOf([part(SLACK, 2), part(BATCHES, 0)]),
        ),
        weight="central",
    ),
    Claim(
        "points-allow-dead-units",
        "3.2",
        "Sep-P does not exclude dead units.",
        statement=possible(*without_slack("sep-p", Z), *dead_unit(Z, 1), at=SIDES),
    ),
    Claim(
        "both-exclude-both",
        "3.2",
        "Sep-P+U excludes dead units and dead points, where it has no slack; that is possible with two units.",
        statement=AllOf(
            [
                possible(*without_slack("sep-pu", Z), at=SPLIT),
                *(
                    Not(Exists(TABLE, [*without_slack("sep-pu", Z), *what], reluing(), [SPLIT], samples=0))
                    for what in (dead_unit(Z, 0), dead_example(Z, 0), affine_unit(Z, 0))
                ),
            ]
        ),
        because="With one unit a point cannot be without slack, see the next claim.",
        weight="central",
    ),
    Claim(
        "any-width",
        "3.2",
        "Layers of any width can fulfil Sep-P+U (read: of one unit, at one point).",
        statement=Exists("p", [f"{upper_slack('p')} == 0", f"{lower_slack('p')} == 0"], reluing(), samples=0),
        because="A point needs a value of 1 or more and another of -1 or less.",
        repair=Repair(
            "One unit cannot, two can.",
            lambda: AllOf([part(SLACK, 6), possible(*without_slack("sep-pu", Z), at=SPLIT)]),
        ),
        weight="central",
    ),
    Claim(
        "layer-relaxes-units",
        "3.3",
        "Sep-L relaxes Sep-U: no slack of units, none of the layer.",
        statement=lambda: part(SLACK, 4),
        weight="central",
    ),
    Claim(
        "layer-relaxes-both",
        "3.3, Figure 7",
        "Sep-L relaxes Sep-P+U: no slack of points, none of the layer either; and not conversely.",
        statement=lambda: AllOf(
            [
                part(SLACK, 4, 5),
                possible(*without_slack("sep-l", Z), *dead_unit(Z, 1), at={"a": 1, "b": -1, "c": -1, "d": -1}),
            ]
        ),
        weight="central",
    ),
    Claim(
        "strictly-beyond-one",
        "3.3, Eq. 28",
        "Sep-L asks for a value greater than 1 and another less than -1.",
        statement=ForAll(
            "p q",
            [f"{upper_slack('p', 'q')} == 0", f"{lower_slack('p', 'q')} == 0"],
            [["p > 1"], ["q > 1"]],
            reluing(),
            [{"p": 1, "q": -1}],
            samples=0,
        ),
        because="The inequalities are not strict.",
        repair=Repair(
            "It asks for a value of 1 or more and another of -1 or less; they are different values.",
            ForAll(
                "p q",
                [f"{upper_slack('p', 'q')} == 0", f"{lower_slack('p', 'q')} == 0"],
                [["p >= 1", "q <= -1"], ["q >= 1", "p <= -1"]],
                reluing(),
                [{"p": 1, "q": -1}],
                splits=["p", "q"],
                samples=0,
            ),
        ),
        weight="ours",
    ),
    Claim(
        "layer-allows-affine-units",
        "3.3",
        "Sep-L allows affine units.",
        statement=possible(*without_slack("sep-l", Z), *affine_unit(Z, 0), at=SIDES),
        because="And dead units and points as well.",
    ),
    Claim(
        "depth-many-constraints",
        "3.3, Eq. 28",
        "Sep-L has as many constraints as there are layers (here 50).",
        statement=number_fact(f"2*{DEPTH} == {DEPTH}"),
        because="Each layer has two, with a slack each.",
        repair=Repair(
            "It has twice as many, 100; Sep-U has 400 (two for each of 200 units), Sep-P 8500 (for 85 points), both 8900.",
            number_fact(f"2*{DEPTH} == 100", f"2*{U} == 400", f"2*{P} == 8500", f"2*({U} + {P}) == 8900"),
        ),
    ),
    Claim(
        "many-constraints",
        "3.3",
        "Sep-P+U has many constraints: 89 times as many as Sep-L here.",
        statement=number_fact(f"2*({U} + {P}) == 89*2*{DEPTH}"),
    ),
    Claim(
        "layer-is-cheaper",
        "3.3",
        "Sep-L costs less to compute than Sep-P+U (read: it takes fewer comparisons to find the largest values of a layer of w units at "
        "n points, n w - 1 against w (n - 1) + n (w - 1); here 339 against 591).",
        statement=AllOf(
            [
                ForAll(
                    "n w",
                    ["n > 1", "w > 1", "(n - 1)*(w - 1) > 0"],
                    ["n*w - 1 < w*(n - 1) + n*(w - 1)"],
                    try_at=[{"n": POINTS, "w": WIDTH}],
                ),
                ForAll("n w", ["n > 1", "w > 1"], ["(n - 1)*(w - 1) > 0"], try_at=[{"n": POINTS, "w": WIDTH}]),
                number_fact("85*4 - 1 == 339", "4*84 + 85*3 == 591"),
            ]
        ),
    ),
    Claim(
        "layer-is-cheaper-than-units",
        "3.3",
        "Sep-L costs less to compute than Sep-U, which it relaxes (read: n w - 1 comparisons are fewer than w (n - 1)).",
        statement=ForAll("n w", ["n >= 2", "w >= 2"], ["n*w - 1 < w*(n - 1)"], try_at=[{"n": POINTS, "w": WIDTH}]),
        because="There are fewer slacks, but each looks at all pre-activations.",
        repair=Repair(
            "It takes no fewer: n w - 1 is at least w (n - 1), and n (w - 1), if w >= 1 and n >= 1; here 339, 336 and 255.",
            AllOf(
                [
                    ForAll("n w", ["n >= 1", "w >= 1"], ["n*w - 1 >= w*(n - 1)", "n*w - 1 >= n*(w - 1)"]),
                    number_fact("85*4 - 1 == 339", "4*84 == 336", "85*3 == 255"),
                ]
            ),
        ),
        weight="ours",
    ),
    Claim(
        "adapts-to-skipping",
        "3.3",
        "Constraints should adapt to connections that skip layers.",
        opinion="A proposal; no network here has such connections. What affine units pass on is in affine-units-forward.",
    ),
    Claim(
        "layer-weights",
        "3.3, Eq. 29",
        "Weights for each layer focus on the role of layers.",
        opinion="No choice but equal weights is tried. With equal ones the term is lambda times that of Eq. 28.",
    ),
]
