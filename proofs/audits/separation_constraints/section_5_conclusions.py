"""The claims of section 5: the conclusions."""

from stability import AllOf, Claim, Exists, ForAll, Not, Repair
from stability.audit.layer_statements import (
    images,
    largest,
    layer,
    lower_slack,
    relu,
    reluing,
    smallest,
    upper_slack,
    without_slack,
)
from stability.audit.vocabulary import number_fact, theorem_statement

from .vocabulary import (
    BOTH,
    COLUMN,
    GRADIENT,
    LAYER,
    NORM,
    POINT,
    SEPARATING,
    UNIT,
    between,
    exact,
    fact,
    part,
    truncated,
)

CONCLUSIONS = [
    Claim(
        "normalised-63-percent",
        "5",
        "Table 2 shows an accuracy of 63% for ReLU + BN.",
        statement=number_fact(between("625/1000", exact(NORM.validation), "635/1000")),
        because="63% is its loss of 0.6331 in training; the accuracies are 81% and 60%.",
        repair=Repair(
            "The accuracies are 0.8117 and 0.6; what rounds to 63% is the training loss.",
            number_fact(
                *truncated(NORM),
                between("625/1000", exact(NORM.loss), "635/1000"),
            ),
        ),
        weight="central",
        decision="stands",
    ),
    Claim(
        "constraints-over-90",
        "5",
        "Every test with a constraint has an accuracy over 90% (read: in validation, as 63% is compared with).",
        statement=number_fact(*(f"{exact(row.validation)} > 9/10" for row in SEPARATING)),
        because="Sep-P and Sep-U have 80%.",
        repair=Repair(
            "In training all four have; in validation Sep-L and Sep-P+U have, and Sep-P and Sep-U have 80%.",
            number_fact(
                *(f"{exact(row.train)} > 9/10" for row in SEPARATING),
                *(f"{exact(row.validation)} > 9/10" for row in (LAYER, BOTH)),
                *(f"{exact(row.validation)} == 8/10" for row in (POINT, UNIT)),
            ),
        ),
        weight="central",
    ),
    Claim(
        "activations-may-be-useless",
        "5",
        "Activations that are not 0 may be useless: a layer without dead points may map two points to one.",
        statement=Exists(
            "x y w b",
            ["x != y", f"{relu('w*x + b')} > 0", f"{relu('w*x + b')} == {relu('w*y + b')}"],
            reluing(),
            [{"x": 0, "y": 1, "w": 0, "b": 1}],
        ),
    ),
    Claim(
        "vanishing-is-prevented",
        "5",
        "The constraints prevent vanishing gradients (read: a layer without any slack passes on at least a hundredth of a change).",
        statement=lambda: Not(
            AllOf(
                [
                    part(GRADIENT, 0, 1, 2, 3),
                    fact(
                        *(
                            f"{x} == {y}"
                            for row, point in zip(images(layer(STILL, POINTS_OF_E)), POINTS_OF_E, strict=True)
                            for x, y in zip(row, point, strict=True)
                        )
                    ),
                    ForAll(
                        "t",
                        ["-1/8 <= t", "t <= 1/8"],
                        [f"{images(layer(STILL, [('1 + t', '0')]))[0][0]} == 1"],
                        reluing(),
                    ),
                ]
            )
        ),
        because="A layer can fulfil all of them by its biases, and pass on nothing of a small change; any number of such layers "
        "can follow each other.",
        repair=Repair(
            "They prevent that units or points die. Layers without slack may still pass on e times a change, for any e, so "
            "that gradients vanish (e = 0) or explode.",
            lambda: theorem_statement(GRADIENT),
        ),
        weight="central",
    ),
    Claim(
        "exploding-remains",
        "5",
        "Exploding gradients remain: a layer without slack may pass on a hundred times a change.",
        statement=lambda: part(GRADIENT, 0, 1, 2, 3, 4),
    ),
    Claim(
        "lower-bounds-on-magnitudes",
        "5",
        "The constraints bound the magnitude of pre-activations from below (read: without slack none of a unit's is 0).",
        statement=Not(
            Exists(
                "a b c", [*without_slack("sep-u", COLUMN), "b == 0"], reluing(), [{"a": 1, "b": 0, "c": -1}], samples=0
            )
        ),
        because="They bound the largest and the smallest only.",
        repair=Repair(
            "They bound the largest by 1 from below and the smallest by -1 from above; all others may be anything.",
            AllOf(
                [
                    ForAll(
                        "a b c",
                        [f"{upper_slack(*'abc')} == 0"],
                        [f"{largest(*'abc')} >= 1"],
                        reluing(),
                        [dict.fromkeys("abc", 1)],
                    ),
                    ForAll(
                        "a b c",
                        [f"{lower_slack(*'abc')} == 0"],
                        [f"{smallest(*'abc')} <= -1"],
                        reluing(),
                        [dict.fromkeys("abc", -1)],
                    ),
                    ForAll(
                        "b",
                        ["-1 <= b", "b <= 1"],
                        [f"{upper_slack('1', 'b', '-1')} == 0", f"{lower_slack('1', 'b', '-1')} == 0"],
                        reluing(),
                    ),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "no-upper-bounds",
        "5",
        "The constraints do not bound pre-activations from above: scaling by s >= 1 keeps a unit without slack.",
        statement=ForAll(
            "p q s",
            [f"{upper_slack('p', 'q')} == 0", f"{lower_slack('p', 'q')} == 0", "s >= 1"],
            [f"{upper_slack('s*p', 's*q')} == 0", f"{lower_slack('s*p', 's*q')} == 0"],
            reluing(),
            [{"p": 1, "q": -1, "s": 1}],
            samples=0,
        ),
    ),
    Claim(
        "bounding-values-stops-explosions",
        "5",
        "More constraints of this kind would stop explosions (read: with pre-activations from -1 to 1 as well a layer passes on at "
        "most a hundred times a change).",
        statement=lambda: Not(
            AllOf(
                [
                    part(GRADIENT, 0, 1, 2, 3),
                    ForAll("e", [], [f"-1 <= {x} <= 1" for row in layer(EXPLODING, POINTS_OF_E) for x in row]),
                    Exists("e t", ["t > 0", f"{relu('1 + e*t')} - 1 > 100*t"], reluing(), [{"e": 200, "t": 1}]),
                ]
            )
        ),
        because="Those of the example are 1 and -1, and it still passes on any number of times a change.",
        repair=Repair(
            "Bounds on pre-activations bound no gradient: in the example all are 1 or -1, for any e.",
            lambda: AllOf(
                [
                    part(GRADIENT, 3, 4),
                    ForAll("e", [], [f"-1 <= {x} <= 1" for row in layer(EXPLODING, POINTS_OF_E) for x in row]),
                ]
            ),
        ),
    ),
    Claim(
        "bounding-weights-stops-explosions",
        "5",
        "Limiting the norms of weights would stop explosions: |w . x| <= |w| |x|, so that each unit passes on at "
        "most |w| times a change.",
        statement=ForAll(
            "u v x y", [], ["(u*x + v*y)**2 <= (u**2 + v**2)*(x**2 + y**2)"], squares=["u*y - v*x"], samples=10
        ),
        because="The limit must leave room for the constraints: points at a distance d need |w| >= 2/d.",
    ),
    Claim(
        "room-for-both",
        "5",
        "Norms can be limited without harm to the constraints, whatever the data (read: some unit without slack has |w| times the "
        "distance of its points below 2).",
        statement=lambda: Not(part(GRADIENT, 5)),
        because="It is 2 at least.",
        repair=Repair(
            "Without slack |w| is at least 2/d, if d is the largest distance of the points in the layer's input.",
            lambda: part(GRADIENT, 5),
        ),
    ),
    Claim(
        "simplicity-is-defeated",
        "5",
        "Dropout moves the randomness from initialisation into training, which defeats the purpose in part.",
        opinion="A judgement of purposes.",
    ),
    Claim(
        "further-research",
        "5",
        "Other losses, layers, tasks and data, and the interplay of penalty and loss, are to be studied.",
        opinion="Questions.",
    ),
    Claim(
        "helps-to-delve",
        "5",
        "The geometric framework will help to understand and simplify deep learning.",
        opinion="A hope.",
        uses=["separation-tells-of-dead-points"],
    ),
]

POINTS_OF_E = (("1", "0"), ("0", "1"))

EXPLODING = ((("e", "e - 2"), "1 - e"), (("e - 2", "e"), "1 - e"))

STILL = ((("0", "-2"), "1"), (("-2", "0"), "1"))
"""The layer of the theorem on gradients with e = 0."""
