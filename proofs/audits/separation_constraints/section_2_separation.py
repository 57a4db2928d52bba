"""The claims of section 2, Definition 2.1 to Eq. 17: separating units and layers."""

from stability import AllOf, Claim, Exists, ForAll, Not, Repair
from stability.audit.layer_statements import dead_example, dead_unit, largest, relu, reluing, separations, smallest

from .vocabulary import COLUMN, CUT, Z, fact, pairs, part, possible

LAYERS = "separating_layers_need_separating_units"


SEPARATION = [
    Claim(
        "eq-10-is-eq-11",
        "2, Definition 2.1, Eq. 10, 11",
        "If the upper part meets X, but not in all of X, then so does the lower part, and conversely.",
        statement=AllOf(
            [
                ForAll("a b", [f"{x} > 0", f"{y} <= 0"], [["a <= 0", "b > 0"], ["b <= 0", "a > 0"]], splits=["a", "b"])
                for x, y in ("ab", "ba")
            ]
            + [
                ForAll("z", [], [["z > 0"], ["z <= 0"]], splits=["z"]),
                Not(Exists("z", ["z > 0", "z <= 0"], samples=0)),
            ]
        ),
        weight="central",
    ),
    Claim(
        "separating-units-are-not-dead",
        "2",
        "A separating unit is not dead.",
        statement=Not(Exists("a b c", [*separations(COLUMN, 0)[0], *dead_unit(COLUMN, 0)], samples=0)),
        weight="central",
    ),
    Claim(
        "separating-units-do-not-degrade",
        "2",
        "A separating unit does not map the set to one point: its outputs at two points differ.",
        statement=pairs(["p > 0", "q <= 0"], f"{relu('p')} > {relu('q')}", p=1, q=0),
        because="Later layers may still do so.",
    ),
    Claim(
        "proposition-2.2-extends",
        "2, Proposition 2.2, Eq. 12",
        "For layers of one unit the predicate of layers is that of units.",
        statement=AllOf(
            [
                ForAll("a c", ["a > 0", "c <= 0"], [list(x) for x in separations((("a",), ("c",)), 0)]),
                ForAll("a c", separations((("a",), ("c",)), 0)[0], ["a > 0", "c <= 0"]),
            ]
        ),
        weight="central",
    ),
    Claim(
        "separating-layer-has-a-separating-unit",
        "2, Proposition 2.2, Eq. 12",
        "In a separating layer some unit separates.",
        statement=lambda: part(LAYERS, 0),
    ),
    Claim(
        "separating-units-make-a-layer",
        "2, Proposition 2.2, Eq. 12",
        "The predicate of separating layers extends that of units: a layer all of whose units separate is separating.",
        statement=lambda: Not(part(LAYERS, 1)),
        because="No point need be in all upper parts: with (1, -1) and (-1, 1) both units separate, and the affine component "
        "contains no point. It is a definition, by the way, not a proposition.",
        repair=Repair(
            "A separating layer has a separating unit, but may have an affine one; units may all separate without it.",
            lambda: part(LAYERS, 0, 1, 2),
        ),
        weight="central",
    ),
    Claim(
        "separation-tells-of-dead-points",
        "2",
        "Separation, of units or of layers, helps to understand dead points (read: in a separating layer no point is dead).",
        statement=lambda: Not(part(LAYERS, 3)),
        because="The affine component decides nothing about the zero set.",
        repair=Repair(
            "A separating layer may have a dead point, and so may a layer of separating units; a layer all of whose points "
            "are seen by some unit has none.",
            lambda: AllOf(
                [part(LAYERS, 3), possible(*separations(Z, 0)[0], *separations(Z, 1)[0], *dead_example(Z, 1), at=CUT)]
            ),
        ),
        weight="central",
    ),
    Claim(
        "eq-13-for-finite-sets",
        "2, Remark 2.3, Eq. 13, 16, 17",
        "On a finite set (three points) a unit separates exactly if its largest pre-activation is positive and its smallest is "
        "not.",
        statement=AllOf(
            [
                ForAll(
                    "a b c",
                    [f"{largest(*'abc')} > 0", f"{smallest(*'abc')} <= 0"],
                    separations(COLUMN, 0),
                    reluing(),
                    [{"a": 1, "b": 0, "c": -1}],
                    splits=["a", "b", "c"],
                ),
                *(
                    ForAll("a b c", given, [f"{largest(*'abc')} > 0", f"{smallest(*'abc')} <= 0"], reluing())
                    for given in separations(COLUMN, 0)
                ),
            ]
        ),
    ),
    Claim(
        "eq-13-for-discrete-sets",
        "2, Remark 2.3, Eq. 16",
        "For the largest and smallest pre-activation to exist X need only be discrete (read: of the set of all 1/n "
        "some member is a least one: not all have smaller ones, and not all are positive).",
        statement=Not(
            AllOf(
                [
                    ForAll("n t", ["n >= 1", "n*t == 1"], ["t > 0"], try_at=[{"n": 1, "t": 1}], samples=0),
                    ForAll(
                        "n t s",
                        ["n >= 1", "n*t == 1", "(n + 1)*s == 1"],
                        ["s < t"],
                        try_at=[{"n": 1, "t": 1, "s": "1/2"}],
                        samples=0,
                    ),
                ]
            )
        ),
        because="The numbers 1/n are discrete and positive, and tend to 0 without a least one; a minimum must be attained.",
        repair=Repair(
            "It must be finite, or so that both are attained. All 1/n are positive, and each has a smaller one, 1/(n + 1).",
            AllOf(
                [
                    ForAll("n t", ["n >= 1", "n*t == 1"], ["t > 0"], try_at=[{"n": 1, "t": 1}], samples=0),
                    ForAll(
                        "n t s",
                        ["n >= 1", "n*t == 1", "(n + 1)*s == 1"],
                        ["s < t"],
                        try_at=[{"n": 1, "t": 1, "s": "1/2"}],
                        samples=0,
                    ),
                ]
            ),
        ),
        weight="ours",
    ),
    Claim(
        "eq-14",
        "2, Eq. 14",
        "If the upper part meets X, the largest pre-activation is positive.",
        statement=ForAll("a b c", ["a > 0"], [f"{largest(*'abc')} > 0"], reluing()),
        weight="notation",
    ),
    Claim(
        "eq-15-from-the-lower-part",
        "2, Eq. 15",
        "From the lower part not being empty it follows that the smallest pre-activation is not positive (read: of the unit x, "
        "whose lower part has 0, at X = {1, 2}).",
        statement=Not(AllOf([Exists("x", ["x <= 0"]), fact(f"{smallest('1', '2')} > 0")])),
        because="The lower part must meet X.",
        repair=Repair(
            "It follows from the lower part having a point of X.",
            ForAll("a b c", ["a <= 0"], [f"{smallest(*'abc')} <= 0"], reluing()),
        ),
    ),
]
