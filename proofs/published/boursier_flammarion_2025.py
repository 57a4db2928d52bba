"""Early alignment can end at the best affine fit, which traps networks of any width: here at 512/975.

Setting  x = -3/4, -1/2, 1/8 with labels 11/10, 1/10, 4/5; ReLUs with trainable output weights, no output bias; sums
         of squares. The paper has 1/2n times that, so 256/2925.
Idea     A unit that sees all three points, or none, is affine on them, and so is a sum of such units. All such
         choices are open sets of parameters. Units with output weight 0 at w = b = 0 are the limits of early
         alignment.
Scope    Any width, since sums of units are affine; written out for one and two units. That gradient flow from small
         starts goes there is not settled here.
"""

from collections.abc import Sequence

from stability.audit.claims import Repair
from stability.audit.output_layer_statements import inner, squares
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.audit.two_layer_statements import TwoLayerFormulas, affine_fit
from stability.geometry.atlas.statements import MINIMA, every_set, number_of_sets
from stability.logic.statements import AllOf, Exists, ForAll, Not, Several, Statement

X, Y = ["-3/4", "-1/2", "1/8"], ["11/10", "1/10", "4/5"]
POINTS = [[x] for x in X]
FIT, LOSS = affine_fit(POINTS, Y)
ONE, TWO = (TwoLayerFormulas(POINTS, Y, width, bias=False) for width in (1, 2))
AT_FIT = {"a1": "1", "w1": "-4/65", "b1": "251/390"}
PARTLY = {**AT_FIT, "a2": "1/10", "w2": "-1", "b2": "-1/4"}
BETTER = {"a1": "1", "w1": "-4", "b1": "-19/10", "a2": "1", "w2": "32/25", "b2": "16/25"}


def affine(loss: str) -> ForAll:
    """State that no affine function has a smaller sum of squares, as for any width that sees all or none."""
    outs = [f"p*({x}) + q" for x in X]
    hints = [f"{out} - ({fit})" for out, fit in zip(outs, FIT, strict=True)]
    errors = [f"{out} - ({y})" for out, y in zip(outs, Y, strict=True)]
    at = {"p": AT_FIT["w1"], "q": AT_FIT["b1"]}
    return ForAll("p q", [], [f"{squares(errors)} >= {loss}"], try_at=[at], squares=hints, samples=0)


def minimum(signs: Sequence[str], loss: str = str(LOSS)) -> ForAll:
    """State that two units which see these points are nowhere below the loss of the affine fit."""
    given = [relation for unit, each in enumerate(signs, 1) for relation in TWO.sees(unit, each)]
    at = {**AT_FIT, "w2": "-4/65", "b2": "251/390" if signs[1] == ">>>" else "-1"}
    return TWO.at_least(loss, given, FIT, at)


def attained() -> Exists:
    """State that one unit which sees everything has the loss of the affine fit."""
    return ONE.attains(LOSS, AT_FIT, ONE.sees(1, ">>>"))


def trap() -> Statement:
    """State that the affine fit is reached, is best among its neighbours, and is not best of all."""
    minima = [minimum(signs) for signs in ((">>>", ">>>"), (">>>", "<<<"))]
    return AllOf([attained(), affine(str(LOSS)), *minima, TWO.attains(0, BETTER)])


def beside_a_silent_unit() -> ForAll:
    """State that the loss falls at once where the second unit leaves w = b = 0 and its output weight 0 so."""
    out = [f"({fit}) + t*relu(t*(-1/4 - ({x})))" for x, fit in zip(X, FIT, strict=True)]
    errors = [f"{each} - ({y})" for each, y in zip(out, Y, strict=True)]
    return ForAll("t", ["0 < t < 1/4"], [f"{squares(errors)} < {LOSS}"])


def all_sets() -> list[Statement]:
    """State that at this loss one unit is best, and two have one set of local minima among eight levels of them."""
    at_fit, levels = ("loss", "=", str(LOSS)), ["0", "1/100", str(LOSS), "16/25", "13/20", "121/100", "61/50", "93/50"]
    return [
        every_set(ONE.landscape(), [at_fit], [("kind", "=", "global minimum")]),
        number_of_sets(TWO.landscape(), [MINIMA, at_fit], "=", 1),
        every_set(TWO.landscape(), [MINIMA], [("loss", "in", levels)], "minima_of_two"),
    ]


def hypotheses() -> Statement:
    """State that the three points are in convex position above the line: no affine function fits."""
    return Not(Exists("p q", [f"p*({x}) + q == {y}" for x, y in zip(X, Y, strict=True)]))


INSTANCE = PublishedInstance(
    "x = -3/4, -1/2, 1/8 with labels 11/10, 1/10, 4/5, as in the paper's experiment; ReLU units with a bias, "
    "output weights trainable, no output bias; sum of squared errors.",
    [
        "Three points (x, 1) in the plane, all with positive inner products, and positive labels.",
        "The middle point lies below the best affine fit, which is positive on the data.",
        "Not met: the points and labels are not quite in the intervals of its assumption, as the paper says of them.",
    ],
    hypotheses,
)

THREE, VALUES = ["x1", "x2", "x3"], ["y1", "y2", "y3"]
BOX = ["-1 < x1 <= -5/6", "-1/6 <= x2 <= 1/6", "5/6 <= x3 < 1"]
HIGH = ["1 <= y1 <= 7/6", "0 < y2 <= 1/6", "1 <= y3 <= 7/6"]
"""The points and labels of the paper's assumption, with 1 as the second coordinate of each point."""

INSIDE = {"x1": "-11/12", "x2": 0, "x3": "11/12", "y1": 1, "y2": "1/12", "y3": 1, "k": 1, "m": "12/11"}
SUM, SQUARES = "(x1 + x2 + x3)", squares(THREE)
SPREAD = f"(3*{SQUARES} - {SUM}**2)"
FITTED = [f"(p*{x} + q)" for x in THREE]
ERRORS = [f"({fit} - {y})" for fit, y in zip(FITTED, VALUES, strict=True)]
BEST = [f"{inner(ERRORS, ['1'] * 3)} == 0", f"{inner(ERRORS, THREE)} == 0"]
LEAST = [["3", "1/2", "-3/2"], ["1/2", "1", "1/2"], ["-3/2", "1/2", "3"]]
"""Lower bounds of the weights with which labels enter the best affine fit, times SPREAD."""


def for_all(names: str, given: Sequence[str], *then: str, near: Sequence[str] = (), **at: int | str) -> ForAll:
    """State what holds for all data of the assumption, or all data."""
    instance = {name: {**dict.fromkeys(names.split(), 0), **INSIDE, **at}[name] for name in names.split()}
    return ForAll(names, given, then, try_at=[instance], squares=near, samples=0)


def weight(i: int, j: int) -> str:
    """Return the weight of label j in the best affine fit at point i, times SPREAD."""
    return f"3*{THREE[i]}*{THREE[j]} - {SUM}*({THREE[i]} + {THREE[j]}) + {SQUARES}"


def positive_fit() -> list[Statement]:
    """State that the best affine fit is positive on the data, so that one unit which sees all can put it out."""
    pairs = [(i, j) for i in range(3) for j in range(3)]
    points, data, zero = " ".join(THREE), " ".join([*THREE, *VALUES]), dict.fromkeys([*THREE, *VALUES], 0)
    bounds = [for_all(points, BOX, f"{weight(i, j)} > {LEAST[i][j]}") for i, j in pairs if i <= j]
    combined = [
        for_all("k0 k1 k2 y1 y2 y3", [*HIGH, *(f"k{j} > {LEAST[i][j]}" for j in range(3))],
                f"{inner(['k0', 'k1', 'k2'], VALUES)} > 0", k0=4, k1=4, k2=4)
        for i in range(3)
    ]  # fmt: skip
    formulas = [
        for_all(
            f"{data} p q", BEST, f"{SPREAD}*{FITTED[i]} == {inner([weight(i, j) for j in range(3)], VALUES)}", **zero
        )
        for i in range(3)
    ]
    return [*bounds, *combined, *formulas, for_all(points, BOX, f"{SPREAD} > 0")]


def is_spurious(labels: Sequence[str] = HIGH, **at: int | str) -> list[Statement]:
    """State that the fit is best of all affine functions, does not fit, and that two ReLUs fit."""
    data = " ".join([*THREE, *VALUES])
    moved = squares([f"u*{x} + v - {y}" for x, y in zip(THREE, VALUES, strict=True)])
    hints, zero = [f"(u - p)*{x} + v - q" for x in THREE], dict.fromkeys([*THREE, *VALUES], 0)
    outs = [f"relu(y2 - k*({x} - x2)) + m*relu({x} - x2) == {y}" for x, y in zip(THREE, VALUES, strict=True)]
    slopes = ["k*(x2 - x1) == y1 - y2", "m*(x3 - x2) == y3"]
    return [
        for_all(f"{data} p q u v", BEST, f"{moved} >= {squares(ERRORS)}", near=hints, **zero),
        for_all(data, [*BOX, *labels], "(y2 - y1)*(x3 - x1) < (y3 - y1)*(x2 - x1)", **at),
        for_all(f"{data} k m", [*BOX, *HIGH, *slopes], *outs, k=1),
    ]


PAPER = Paper(
    "E. Boursier and N. Flammarion",
    2025,
    "Early alignment in two-layer networks training is a two-edged sword",
    "JMLR 26; arXiv:2401.10791",
    [
        PublishedClaim(
            "spurious-stationary-point",
            "Theorem 2, its limit point",
            "Networks of any width have a stationary point that is not best at the affine function of least squares.",
            INSTANCE,
            "proved",
            trap,
            Repair(
                "It is a local minimum where every unit sees all three points or none; beside a unit with "
                "w = b = 0 and output weight 0 it is a saddle: the loss falls along t -> (a, w, b) = (t, -t, "
                "-t/4). One "
                "unit has its least loss there, two have one set of minima at it, and minima at seven other losses.",
                lambda: Several([AllOf([trap(), beside_a_silent_unit()]), *all_sets()]),
            ),
            {
                "a smaller loss": lambda: affine("53/100"),
                "best of all": lambda: TWO.at_least(LOSS, at=BETTER),
                "wherever the first unit sees all": lambda: TWO.at_least(LOSS, TWO.sees(1, ">>>"), at=PARTLY),
            },
            because="For any width by the affine functions p x + q.",
        ),
        PublishedClaim(
            "for-all-data-of-the-theorem",
            "Theorem 2, its limit point",
            "For all data of the assumption the function of least squares is affine and positive on the data, "
            "and spurious.",
            PublishedInstance(
                "All x1 in (-1, -5/6], x2 in [-1/6, 1/6], x3 in [5/6, 1), labels y1, y3 in [1, 7/6] and y2 in "
                "(0, 1/6].",
                [
                    "The intervals of the assumption with 1/6 as its bound.",
                    "The second coordinates of the points are 1: the bias of a unit, the case that the figures show.",
                ],
            ),
            "proved",
            lambda: AllOf([*positive_fit(), *is_spurious()]),
            false_variants={
                "any label at the middle point": lambda: AllOf(is_spurious(["1 <= y1", "0 < y2", "1 <= y3"], y2=2)),
            },
            because="A unit that sees all puts out the fit; with any others that see all or nothing it is best around.",
        ),
        PublishedClaim(
            "flow-ends-there",
            "Theorem 2",
            "From small balanced starts gradient flow converges to that point, however wide the network is.",
            INSTANCE,
            "open",
            because="Gradient flow of trainable output layers is not piecewise linear: it needs validated integration.",
        ),
    ],
)
