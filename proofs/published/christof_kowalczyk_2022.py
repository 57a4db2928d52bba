"""Without an affine fit, networks of width at least 2 have a continuum of spurious minima; a single unit may have none.

Setting  ReLUs with trainable output weights and output bias on four points of a line; sum of squared errors. For all
         points and labels with errors e of the best affine fit; then x = 0, 1, 2, 3 with labels that nearly are x.
Idea     Where units are affine on the data the best affine fit is best, along with all scales and shifts of them.
         Errors that are orthogonal to affine functions and to kinks at the inner points are 0. A single ReLU is flat
         on one side: for labels x - (1, -3, 3, -1)/10 every kink that would help bends the wrong way.
Scope    Four points, in words any number in any dimension (along a line of projection); any width in words. The paper
         has all activations with an affine segment, deep networks and many losses.
"""

from collections.abc import Sequence

from stability.audit.claims import Repair
from stability.audit.output_layer_statements import inner, squares
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.audit.two_layer_statements import TwoLayerFormulas, affine_fit
from stability.geometry.atlas.statements import every_set
from stability.logic.statements import AllOf, ForAll, Several, Statement

X, E = [f"x{i}" for i in range(1, 5)], [f"e{i}" for i in range(1, 5)]
NAMES = " ".join([*X, *E])
ORDER, BEST = ["x1 < x2 < x3 < x4"], [f"{inner(E, ['1'] * 4)} == 0", f"{inner(E, X)} == 0"]
WAVE = {"x1": 0, "x2": 1, "x3": 2, "x4": 3, "e1": 1, "e2": -3, "e3": 3, "e4": -1}

POINTS, NEAR = [[x] for x in range(4)], ["-1/10", "13/10", "17/10", "31/10"]
FIT, LOSS = affine_fit(POINTS, NEAR)
ONE, TWO = (TwoLayerFormulas(POINTS, NEAR, width) for width in (1, 2))
AT_FIT, GLOBAL = ("loss", "=", str(LOSS)), ("kind", "=", "global minimum")
ALONE = {"a1": 1, "w1": 1, "b1": 1, "c": -1}
ADDED = {**ALONE, "a2": "1/10", "w2": 1, "b2": -2}


def claim(more: str, given: Sequence[str], then: Sequence[str] | Sequence[Sequence[str]], **at: int | str) -> ForAll:
    """State what holds for all points, errors of the best affine fit, and values of more variables."""
    names = f"{NAMES} {more}".strip()
    return ForAll(names, [*BEST, *given], then, try_at=[{**dict.fromkeys(names.split(), 0), **WAVE, **at}], samples=0)


def affine_is_best() -> ForAll:
    """State that a change of the affine function by p x + q only adds its squares."""
    moves = [f"p*{x} + q" for x in X]
    moved = [f"{e} + {move}" for e, move in zip(E, moves, strict=True)]
    return claim("p q", [], [f"{squares(moved)} == {squares(E)} + {squares(moves)}"])


def continuum() -> ForAll:
    """State that scales s of a unit, and output biases c, change nothing at an example that it sees."""
    at = {"a": 1, "s": 1, "c": -1, "p": 0, "q": 0, "x": 0}
    out = "a*relu(s*(p*x + q - c)) + c == p*x + q"
    return ForAll("a s c p q x", ["s > 0", "a*s == 1", "p*x + q - c > 0"], [out], try_at=[at], samples=0)


def kinks_see_errors(inner_points: int = 2) -> ForAll:
    """State that errors which are orthogonal to units with kinks at inner points are all 0."""
    along = [inner(E, [f"relu({x} - {kink})" for x in X]) for kink in X[2 : 2 - inner_points : -1]]
    return claim("", [*ORDER, *(f"{each} == 0" for each in along)], [f"{e} == 0" for e in E], e1=0, e2=0, e3=0, e4=0)


def falls() -> ForAll:
    """State that small output weights t of the right sign help a unit that is not orthogonal to the errors."""
    outs = [f"h{i}" for i in range(1, 5)]
    better, along = [f"{e} + t*{h}" for e, h in zip(E, outs, strict=True)], inner(E, outs)
    small = [f"t*{along} < 0", f"t**2*{squares(outs)} < -2*t*{along}"]
    return claim(f"t {' '.join(outs)}", small, [f"{squares(better)} < {squares(E)}"], t="1/10", h4=1)


def all_data() -> Statement:
    """State the theorem for four points on a line."""
    return AllOf([affine_is_best(), continuum(), kinks_see_errors(), falls()])


def single_unit(sign: int, labels: Sequence[str] = NEAR, loss: str = str(LOSS)) -> ForAll:
    """State that one unit with an output weight of this sign, put into the unit, is nowhere below the affine fit."""
    pres = [ONE.pre(1, i) for i in range(4)]
    outs = [f"{sign}*relu({z}) + c" for z in pres]
    errors = [f"{out} - ({y})" for out, y in zip(outs, labels, strict=True)]
    hints = [f"{out} - ({fit})" for out, fit in zip(outs, FIT, strict=True)]
    tries = [{"w1": 1, "b1": 1, "c": -1}, {"w1": 10, "b1": -27, "c": "1/3"}]
    return ForAll("w1 b1 c", [], [f"{squares(errors)} >= {loss}"], try_at=tries, squares=hints, splits=pres, samples=0)


def scales() -> AllOf:
    """State that an output weight other than 0 is a sign and a scale of its unit."""
    parts = [("a > 0", "a*relu(z) == relu(a*z)"), ("a < 0", "a*relu(z) == -1*relu(-1*a*z)")]
    return AllOf([ForAll("a z", [given], [then]) for given, then in parts])


def one_unit_has_none() -> Statement:
    """State that for one unit the affine fit is best of all, and for two units it is not."""
    return AllOf(
        [scales(), single_unit(1), single_unit(-1), ONE.attains(LOSS, ALONE), TWO.attains(LOSS, ADDED, (), "<")]
    )


DATA = PublishedInstance(
    "Any x1 < x2 < x3 < x4 and labels with errors e of the best affine fit, not all 0; two ReLUs, trainable output "
    "weights and output bias; sum of squared errors.",
    ["One output.", "ReLU has an affine segment that is not constant.", "Width 2.", "No affine function fits."],
)

PAPER = Paper(
    "C. Christof and J. Kowalczyk",
    2022,
    "On the omnipresence of spurious local minima in certain neural network training problems",
    "Constructive Approximation; arXiv:2202.12262",
    [
        PublishedClaim(
            "continuum-of-spurious-minima",
            "main theorem, for finite data (number not checked)",
            "With hidden width at least 2 and labels without affine fit there is a continuum of spurious local minima.",
            DATA,
            "proved",
            all_data,
            Repair(
                "Width 2 is needed: on x = 0, 1, 2, 3 with labels -1/10, 13/10, 17/10, 31/10 one ReLU with "
                "output bias has its least loss, 1/5, at the affine fit, and two have less.",
                lambda: Several(
                    [one_unit_has_none(), every_set(ONE.landscape(), [AT_FIT], [("kind", "=", "global minimum")])]
                ),
            ),
            {
                "one inner kink is enough": lambda: kinks_see_errors(1),
                "one unit never beats the affine fit": lambda: single_unit(
                    1, [str(-int(e)) for e in (1, -3, 3, -1)], "20"
                ),
                "nor do two": lambda: TWO.at_least(LOSS, at=ADDED),
            },
            because="More points, inputs and units in words.",
        ),
    ],
)
