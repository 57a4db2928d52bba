"""The claims of section 3, Eq. 18 to 23: slacks and penalties."""

from stability import AllOf, Claim, Exists, ForAll, Repair
from stability.audit.layer_statements import (
    largest,
    lower_slack,
    reluing,
    separations,
    smallest,
    upper_slack,
    without_slack,
)

from .vocabulary import COLUMN, SLACK, pairs, part

MIX = "r*s + (1 - r)*t"


SLACKS = [
    Claim(
        "predicates-do-not-differentiate",
        "3",
        "Whether a unit sees a point is no differentiable function (read: it is constant around every z but 0, and jumps there).",
        statement=AllOf(
            [
                ForAll("z e", ["z > 0", "e**2 < z**2"], ["z + e > 0"], try_at=[{"z": 1, "e": 0}]),
                ForAll("z e", ["z < 0", "e**2 < z**2"], ["z + e <= 0"], try_at=[{"z": -1, "e": 0}]),
                ForAll("e", ["e > 0"], ["0 + e > 0", "0 - e <= 0"]),
            ]
        ),
    ),
    Claim(
        "least-slacks",
        "3, Eq. 18",
        "The least slacks with the two inequalities are max(0, 1 - largest) and max(0, 1 + smallest).",
        statement=AllOf(
            [
                ForAll(
                    "a b s",
                    ["s >= 0", f"{largest('a', 'b')} >= 1 - s"],
                    [f"s >= {upper_slack('a', 'b')}"],
                    reluing(),
                    [{"a": 1, "b": 0, "s": 0}],
                ),
                ForAll(
                    "a b s",
                    ["s >= 0", f"{smallest('a', 'b')} <= -1 + s"],
                    [f"s >= {lower_slack('a', 'b')}"],
                    reluing(),
                    [{"a": -1, "b": 0, "s": 0}],
                ),
                ForAll(
                    "a b",
                    [],
                    [
                        f"{largest('a', 'b')} >= 1 - {upper_slack('a', 'b')}",
                        f"{smallest('a', 'b')} <= -1 + {lower_slack('a', 'b')}",
                    ],
                    reluing(),
                ),
            ]
        ),
    ),
    Claim(
        "zero-slack-separates",
        "3, Eq. 18",
        "A unit without slack separates.",
        statement=ForAll(
            "a b c",
            without_slack("sep-u", COLUMN),
            separations(COLUMN, 0),
            reluing(),
            [{"a": 1, "b": 0, "c": -1}],
            splits=["a", "b", "c"],
            samples=0,
        ),
        weight="central",
    ),
    Claim(
        "constraints-are-the-predicate",
        "3",
        "The constraints enforce just the predicate: a unit that separates has no slack.",
        statement=pairs(
            ["p > 0", "q <= 0"], f"{upper_slack('p', 'q')} == 0", f"{lower_slack('p', 'q')} == 0", p=1, q=0
        ),
        because="They ask for a margin of 1 on either side.",
        repair=Repair(
            "It has none once it is scaled up enough, unless its smallest pre-activation is exactly 0.",
            lambda: AllOf([part(SLACK, 7), ForAll("s", ["s > 0"], [f"{lower_slack('s*1', 's*0')} == 1"], reluing())]),
        ),
        weight="central",
    ),
    Claim(
        "at-least-one",
        "3",
        "The max in the constraints makes them a matter of at least one point, unlike in an SVM, where all points "
        "have a margin.",
        statement=AllOf(
            [
                ForAll(
                    "a b c",
                    [f"{largest(*'abc')} >= 1"],
                    [["a >= 1"], ["b >= 1"], ["c >= 1"]],
                    reluing(),
                    splits=["a - 1", "b - 1", "c - 1"],
                ),
                Exists("a b c", [f"{largest(*'abc')} >= 1", "b < 1", "c < 1"], reluing()),
            ]
        ),
    ),
    Claim(
        "main-loss-takes-over",
        "3, Eq. 19",
        "The penalty is not negative, and once minimised leaves training to the loss: without slack it stays 0 nearby, if the "
        "margins exceed 1.",
        statement=AllOf(
            [
                ForAll(
                    "s t r", ["s >= 0", "t >= 0", "0 <= r", "r <= 1"], [f"{MIX} >= 0"], try_at=[dict.fromkeys("str", 0)]
                ),
                ForAll(
                    "p q d e",
                    ["p > 1", "q < -1", "p + d > 1", "q + e < -1"],
                    [f"{upper_slack('p + d', 'q + e')} == 0", f"{lower_slack('p + d', 'q + e')} == 0"],
                    reluing(),
                    [{"p": 2, "q": -2, "d": 0, "e": 0}],
                    samples=0,
                ),
            ]
        ),
    ),
    Claim(
        "penalty-means-slack",
        "3, Eq. 19, 24",
        "The penalty is 0 only if there is no slack (with shares strictly between 0 and 1).",
        statement=ForAll(
            "s t r",
            ["s >= 0", "t >= 0", "0 < r", "r < 1", f"{MIX} == 0"],
            ["s == 0", "t == 0"],
            try_at=[{"s": 0, "t": 0, "r": "1/2"}],
            samples=0,
        ),
    ),
    Claim(
        "upper-slack-saves-lower-part",
        "3",
        "The constraint with the upper slack makes the lower part non-empty: with a value of 1 or more some point is in it.",
        statement=pairs([f"{upper_slack('p', 'q')} == 0"], f"{smallest('p', 'q')} <= 0", p=1, q=0),
        because="It is the other way round.",
        repair=Repair(
            "It makes the upper part non-empty, and so excludes dead units.",
            pairs([f"{upper_slack('p', 'q')} == 0"], f"{largest('p', 'q')} > 0", p=1, q=0),
        ),
    ),
    Claim(
        "lower-slack-saves-upper-part",
        "3",
        "The constraint with the lower slack makes the upper part non-empty: with a value of -1 or less some point is in it.",
        statement=pairs([f"{lower_slack('p', 'q')} == 0"], f"{largest('p', 'q')} > 0", p=1, q=-1),
        because="It is the other way round.",
        repair=Repair(
            "It makes the lower part non-empty, and so excludes affine units.",
            pairs([f"{lower_slack('p', 'q')} == 0"], f"{smallest('p', 'q')} <= 0", p=1, q=-1),
        ),
    ),
    Claim(
        "neither-dead-nor-affine",
        "3",
        "Without slack a unit is neither dead nor affine.",
        statement=lambda: part(SLACK, 0, 1),
        weight="central",
    ),
    Claim(
        "convex-combination",
        "3, Eq. 20, 23",
        "g is a convex combination: with 0 <= r <= 1 it lies between the two slacks.",
        statement=ForAll(
            "s t r",
            ["s <= t", "0 <= r", "r <= 1"],
            [f"s <= {MIX}", f"{MIX} <= t"],
            try_at=[dict.fromkeys("str", 0)],
        ),
        weight="notation",
    ),
]
