"""Units of two slopes have infinitely many spurious local minima at the best affine fit, whatever the data.

Setting  Units with slopes l left and r right of the kink, l != r, r != 0, trainable output weights and output bias,
         width at least 2; any three points on a line without an affine fit; then ReLUs on three points in the plane.
Idea     Where one unit sees all data and the others are silent or see all, the network is affine, and best so at
         least squares with errors e. One kink between the last two points gives an output that is not orthogonal to
         e.
Scope    Sums of squares. Three points; n points and any dimension in words: along a direction in which points differ,
         a kink before the last error that is not 0 does the same. Any width, since more affine units are affine.
"""

from collections.abc import Mapping, Sequence

from stability.audit.claims import Repair
from stability.audit.output_layer_statements import SLOPES, inner, squares, unit
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.audit.two_layer_statements import TwoLayerFormulas
from stability.geometry.atlas.statements import MINIMA, every_set
from stability.logic.statements import AllOf, Exists, ForAll, Not, Statement

X, Y = ["x1", "x2", "x3"], ["y1", "y2", "y3"]
FIT = [f"(p*{x} + q)" for x in X]
E = [f"({fit} - {y})" for fit, y in zip(FIT, Y, strict=True)]
ORDER, BEST = ["x1 < x2 < x3"], [f"{inner(E, ['1', '1', '1'])} == 0", f"{inner(E, X)} == 0"]
NAMES = f"{SLOPES} x1 x2 x3 y1 y2 y3 p q"
HAT = {"l": "0", "r": "1", "x1": "-1", "x2": "0", "x3": "1", "y1": "0", "y2": "1", "y3": "0", "p": "0", "q": "1/3"}
LINE = {**HAT, "y2": "0", "q": "0"}

PLANE = TwoLayerFormulas([[1, 0], [0, 1], ["1/2", "1/2"]], [0, 0, 1], 2)
PEAK = {"a1": "-1", "w11": "1", "w12": "-1", "a2": "-1", "w21": "-1", "w22": "1", "c": "1"}
FLAT = {"b1": "1", "b2": "1", "c": "1/3"}


def claim(more: str, given: Sequence[str], then: Sequence[str], at: Mapping[str, str] = HAT, **extra: str) -> ForAll:
    """State what holds for all data and slopes, and all values of more variables."""
    names = f"{NAMES} {more}".strip()
    instance = {**dict.fromkeys(names.split(), "0"), **at, **extra}
    squares_ = [f"(u - p)*{x} + v - q" for x in X] if "u v" in more else []
    return ForAll(names, given, then, try_at=[instance], squares=squares_, samples=0)


def affine_is_best() -> ForAll:
    """State that no affine function, so no network whose units see all data, is better than least squares."""
    moved = [f"u*{x} + v - {y}" for x, y in zip(X, Y, strict=True)]
    return claim("u v", BEST, [f"{squares(moved)} >= {squares(E)}"])


def many_networks() -> ForAll:
    """State that a unit of any size s > 0 and any output bias c low enough put out the affine fit."""
    seen = [f"{fit} - c > 0" for fit in FIT]
    outs = [f"a*{unit(f's*({fit} - c)')} + c == {fit}" for fit in FIT]
    return claim("a s c", ["s > 0", "r*a*s == 1", *seen], outs, a="1", s="1", c="-1")


def last_error() -> ForAll:
    """State that the last error is 0 only if an affine function fits."""
    return claim("", [*BEST, *ORDER, f"{E[2]} == 0"], ["(y2 - y1)*(x3 - x1) == (y3 - y1)*(x2 - x1)"], LINE)


def descends() -> ForAll:
    """State that small output weights t of the right sign help a unit with its kink at x2."""
    outs = [unit(f"{x} - x2") for x in X]
    along = inner(E, outs)
    better = [f"{e} + t*{out}" for e, out in zip(E, outs, strict=True)]
    small = [f"t*{along} < 0", f"t**2*{squares(outs)} < -2*t*{along}"]
    return claim("t", [*BEST, *ORDER, *small], [f"{squares(better)} < {squares(E)}"], t="-1/10")


def is_coupled(given: Sequence[str] = ("l != r", "e != 0", "d > 0")) -> AllOf:
    """State what the output of the unit with its kink at x2 is along the errors, and that this is not 0."""
    along = inner(E, [unit(f"{x} - x2") for x in X])
    same = claim("", [*BEST, *ORDER], [f"{along} == (r - l)*{E[2]}*(x3 - x2)"])
    tries = [{"l": "0", "r": r, "e": e, "d": "1"} for r in ("1", "0") for e in ("1", "0")]
    return AllOf([same, ForAll("l r e d", given, ["(r - l)*e*d != 0"], try_at=tries, samples=0)])


def any_weight() -> ForAll:
    """State that the loss falls for any small output weight of the unit with its kink at x2."""
    better = [f"{e} + t*{unit(f'{x} - x2')}" for e, x in zip(E, X, strict=True)]
    return claim("t", [*BEST, *ORDER, "0 < t < 1/10"], [f"{squares(better)} < {squares(E)}"], t="1/100")


def all_data() -> Statement:
    """State the theorem for three points on a line."""
    return AllOf([affine_is_best(), many_networks(), last_error(), is_coupled(), descends()])


def in_the_plane() -> Statement:
    """State that two ReLUs on the three points of the plane have a trap at 2/3, though 0 is attained."""
    seen = [*PLANE.sees(1, ">>>"), *PLANE.sees(2, ">>>")]
    dead = [*PLANE.sees(1, ">>>"), *PLANE.sees(2, "<<<")]
    third = ["1/3"] * 3
    parts = [PLANE.at_least("2/3", seen, third, FLAT), PLANE.at_least("2/3", dead, third, {**FLAT, "b2": "-1"})]
    return AllOf([*parts, PLANE.attains("2/3", FLAT, seen), PLANE.attains(0, PEAK)])


ANY = PublishedInstance(
    "Any x1 < x2 < x3 and any labels that no affine function fits; two units with slopes l != r, r != 0, output bias; "
    "sum of squared errors.",
    [
        "One output, and no affine function fits the labels.",
        "Points are distinct.",
        "The activation has two slopes, the right one not 0.",
        "At least two hidden units.",
    ],
)

PAPER = Paper(
    "C. Yun, S. Sra and A. Jadbabaie",
    2019,
    "Small nonlinearities in activation functions create bad local minima in neural networks",
    "ICLR 2019; arXiv:1802.03487",
    [
        PublishedClaim(
            "affine-fit-for-all-data",
            "Theorem 1",
            "If no affine function fits, units of two slopes and width at least 2 have infinitely many spurious local "
            "minima at the loss of the best affine fit.",
            ANY,
            "proved",
            all_data,
            false_variants={
                "for labels that are affine": lambda: is_coupled(["l != r", "d > 0"]),
                "for units of one slope": lambda: is_coupled(["e != 0", "d > 0"]),
                "any output weight helps": lambda: any_weight(),
            },
            because="More points, more inputs and more units in words.",
        ),
        PublishedClaim(
            "three-points-in-the-plane",
            "Theorem 2, with ReLU",
            "On (1, 0), (0, 1), (1/2, 1/2) with labels 0, 0, 1 two units have a spurious local minimum; 0 is attained.",
            PublishedInstance(
                "These points and labels; two ReLUs, trainable output weights and output bias; sum of squared errors.",
                ["Width 2 and the data set of the theorem.", "ReLU is among the activations that it allows."],
                lambda: Not(Exists("p q r", ["p + r == 0", "q + r == 0", "1/2*p + 1/2*q + r == 1"])),
            ),
            "proved",
            in_the_plane,
            Repair(
                "All local minima of two units are at 0, 1/2 and 2/3.",
                lambda: every_set(PLANE.landscape(), [MINIMA], [("loss", "in", ["0", "1/2", "2/3"])]),
            ),
            false_variants={
                "best of all": lambda: PLANE.at_least("2/3", at=PEAK),
                "where one unit sees two points": lambda: PLANE.at_least("2/3", PLANE.sees(1, "> >"), at=PEAK),
            },
            because="The minimum is the best affine fit, 1/3 on all three points, at 2/3.",
        ),
    ],
)
