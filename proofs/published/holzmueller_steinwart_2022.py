"""Where every unit sees halves of the data only, the zero function is a local minimum of networks of any width.

Setting  x = -3, -2, -1, 1, 2, 3 with labels -1, 2, -1, 1, -2, 1; ReLUs with trainable output weights and output bias;
         sum of squares, 12 at zero. Then the data moved by t, and three rays in the plane with labels 1, -2, 1 on
         each.
Idea     Units with bias 0 have their kinks at 0, between -1 and 1. As long as kinks stay there, a network is affine
         on each half, whatever its width, and the labels of each half are orthogonal to affine functions.
Scope    Any width, by the two affine functions; written out for two units with every choice of halves. That gradient
         descent from usual starts stays there for large samples is not settled here.
"""

from collections.abc import Mapping, Sequence
from itertools import product

from stability.audit.claims import Repair
from stability.audit.output_layer_statements import inner, squares
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.audit.two_layer_statements import TwoLayerFormulas
from stability.geometry.atlas.statements import AllAboutSets, number_of_sets, set_at
from stability.logic.statements import AllOf, ForAll, Several, Statement

X, Y = [-3, -2, -1, 1, 2, 3], [-1, 2, -1, 1, -2, 1]
POINTS, LABELS = [[x] for x in X], [str(y) for y in Y]
OUTS = [f"p*({x}) + q" for x in X]
ONE, TWO = (TwoLayerFormulas(POINTS, Y, width) for width in (1, 2))
MOVED = TwoLayerFormulas([[f"{x} + t"] for x in X], Y, 1, others="t")
RAYS = [(1, 0), (0, 1), (-1, -1)]
STAR = TwoLayerFormulas([[r * u, r * v] for u, v in RAYS for r in (1, 2, 3)], [1, -2, 1] * 3, 2)

HALVES = {"<<<>>>": (1, 0), ">>><<<": (-1, 0), ">>>>>>": (0, 1), "<<<<<<": (0, -1)}
"""What units may see, and a weight and bias with which one does."""

MORE = {"a1": "6/5", "w1": "2", "b1": "-7/2", "c": "-1/5"}
LAST = {"a1": "6/5", "w1": "2", "b1": "-5", "c": "-1/5"}
"""A unit that sees x = 3 only, and fits it."""

TIP = {"a1": "9/8", "w11": "2", "b1": "-5", "c": "-1/8"}
"""A unit that sees the end of the first ray only, and fits it."""


def halves(first: str, second: str) -> ForAll:
    """State that two units which see these halves are nowhere below 12."""
    places = [HALVES[first], HALVES[second]]
    at = {f"{name}{j}": x for j, place in enumerate(places, 1) for name, x in zip("wb", place, strict=True)}
    return TWO.at_least(12, [*TWO.sees(1, first), *TWO.sees(2, second)], [0] * 6, at)


def any_width(given: Sequence[str], labels: Sequence[str], bound: str, at: Mapping[str, str]) -> ForAll:
    """State a bound for all pairs of affine functions, one on each half; labels may be variables."""
    outs = [*OUTS[:3], *(f"r*({x}) + s" for x in X[3:])]
    errors = [f"{out} - ({y})" for out, y in zip(outs, labels, strict=True)]
    names = ["p", "q", "r", "s", *(y for y in labels if y.isidentifier())]
    instance = {**dict.fromkeys(names, "0"), **at}
    return ForAll(" ".join(names), given, [f"{squares(errors)} >= {bound}"], try_at=[instance], squares=outs, samples=0)


def labels_of_halves(of: Sequence[int]) -> ForAll:
    """State that zero is best for all labels that are orthogonal to affine functions on these halves."""
    names = [f"y{i}" for i in range(6)]
    parts = [(X[k : k + 3], names[k : k + 3]) for k in of]
    given = [f"{inner(row, ys)} == 0" for xs, ys in parts for row in ([str(x) for x in xs], ["1"] * 3)]
    at = {} if len(of) == 2 else {"y3": "1", "y4": "1", "y5": "1", "s": "1"}
    return any_width(given, names, squares(names), at)


def trap() -> Statement:
    """State that the zero function is best among its neighbours, and not best of all."""
    pairs = [halves(*pair) for pair in product(HALVES, repeat=2)]
    return AllOf([*pairs, any_width([], LABELS, "12", {}), ONE.attains(12, LAST, relation="<")])


def sets_of_zero() -> Statement:
    """State that two units have 16 sets of local minima at 12 and one saddle, where a unit is silent at a kink."""
    at_12, place = ("loss", "=", 12), TWO.landscape()
    silent = {"a1": 1, "b1": -1, "w2": 1, "b2": -3}
    return AllAboutSets(
        [
            number_of_sets(place, [at_12, ("kind", "=", "local minimum")], "=", 16),
            number_of_sets(place, [at_12, ("kind", "=", "saddle")], "=", 1),
            set_at(place, TWO.place(silent), [at_12, ("kind", "=", "saddle")]),
        ]
    )


def moved(given: Sequence[str] = ("-1 < t < 1",), weight: str = "w1 > 0") -> Statement:
    """State that the minimum moves with the data, and that units without bias see halves for small shifts."""
    at = {"w1": 1}
    minima = [MOVED.at_least(12, MOVED.sees(1, half), [0] * 6, {"w1": HALVES[half][0], "b1": HALVES[half][1]})
              for half in HALVES]  # fmt: skip
    sees = ForAll(MOVED.names, [weight, "b1 == 0", *given], MOVED.sees(1, "<<<>>>"), try_at=[MOVED.filled(at)])
    return AllOf([*minima, sees])


def star() -> Statement:
    """State that the zero function is best among its neighbours on the star, and not best of all."""
    lines = [f"p{k}*{r} + q{k}" for k in range(3) for r in (1, 2, 3)]
    errors = [f"{line} - ({y})" for line, y in zip(lines, STAR.labels, strict=True)]
    rays = ForAll("p0 p1 p2 q0 q1 q2", [], [f"{squares(errors)} >= 18"], squares=lines, samples=0)
    pair = [*STAR.sees(1, ">>><<<<<<"), *STAR.sees(2, "<<<>>><<<")]
    two = STAR.at_least(18, pair, [0] * 9, {"w11": 1, "w22": 1})
    return AllOf([rays, two, STAR.attains(18, TIP, relation="<")])


LINE = PublishedInstance(
    "x = -3, ..., 3 without 0 and labels -1, 2, -1, 1, -2, 1; ReLU networks with an output bias; sum of squares.",
    [
        "No data near 0, so that units with biases near 0 have their kinks between -1 and 1.",
        "On each half the labels are orthogonal to affine functions: the best affine fit there is 0.",
        "The labels are not those of 0, so that 12 is not the least loss.",
    ],
    lambda: ForAll("p q", [], [f"{inner(OUTS[k : k + 3], LABELS[k : k + 3])} == 0" for k in (0, 3)]),
)

PAPER = Paper(
    "D. Holzmüller and I. Steinwart",
    2022,
    "Training two-layer ReLU networks with gradient descent is inconsistent",
    "JMLR 23; arXiv:2002.04861",
    [
        PublishedClaim(
            "zero-is-a-local-minimum",
            "introduction and main theorem (number not checked)",
            "A two-layer ReLU network with zero biases can start in the basin of a local minimum of 0 on each half.",
            LINE,
            "proved",
            trap,
            Repair(
                "So for all labels that are orthogonal to affine functions on each half: no network of any width "
                "whose units see halves, all or nothing is better than 0. Of two units 16 sets of local minima "
                "have the loss 12; others that put out 0 are in one saddle.",
                lambda: Several([labels_of_halves([0, 3]), sets_of_zero()]),
            ),
            {
                "at every zero function": lambda: ONE.at_least(12, at=LAST),
                "a unit that sees one point more": lambda: ONE.at_least(12, ONE.sees(1, "<<<<>>"), at=MORE),
                "labels orthogonal on one half": lambda: labels_of_halves([0]),
                "12 is not attained": lambda: any_width([], LABELS, "25/2", {}),
            },
            because="For any width by the two affine functions on the halves.",
        ),
        PublishedClaim(
            "shifts",
            "setting; not a numbered statement",
            "The trap does not depend on centred data: it is there for data shifted by less than the gap around 0.",
            PublishedInstance(
                "The same data at x + t, any t; one unit with an output bias.",
                ["For -1 < t < 1 no data stand at 0 and the halves are the same."],
            ),
            "proved",
            moved,
            false_variants={
                "whatever the shift": lambda: moved(["t > -1"]),
                "weights of both signs": lambda: moved(weight="w1 != 0"),
            },
            because="The minimum is there for every t; units without bias have their kinks there only for |t| < 1.",
        ),
        PublishedClaim(
            "star-in-the-plane",
            "data in several dimensions (number not checked)",
            "In the plane the same holds for data on rays from 0, their labels orthogonal to affine ones on each.",
            PublishedInstance(
                "r (1, 0), r (0, 1), r (-1, -1) for r = 1, 2, 3 with labels 1, -2, 1; two units with an output bias.",
                ["Units without bias see each ray wholly or not at all, and are affine on it.", "No data near 0."],
            ),
            "proved",
            star,
            false_variants={"best of all": lambda: STAR.at_least(18, at=TIP)},
            because="The loss is at least 18 as long as units see whole rays; for any width by three affine functions.",
        ),
    ],
)
