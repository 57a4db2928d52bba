"""For an affine target on an interval only dead ReLUs make bad minima; on finitely many points living ones do as well.

Setting  One unit of slopes k left and 1 right with output weight and output bias, target x on [0, 1], loss the
         integral of the squared error; h is the length of the interval right of the kink, m the slope there. Then x =
         -1, 0, 1 with labels x, sum of squared errors.
Idea     With the kink inside, the loss is a polynomial in c, m and h. For ReLU its derivatives vanish together for no
         h in (0, 1); for k = 1/2 they do, at a saddle. Outside, the unit is affine, or dead. Along the output bias
         the loss is strictly convex. On points a kink between two of them moves without changing the loss, and can
         rest there.
Scope    One unit, the target x, [0, 1]; the theorem has any width, any affine target and interval. Units that are
         flat on the right mirror those here. Kinks at the ends of the interval, and units with w = b = 0,
         are left out.
"""

import re
from collections.abc import Mapping, Sequence

from stability.audit.claims import Repair
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.audit.two_layer_statements import TwoLayerFormulas
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, every_set, number_of_sets
from stability.logic.statements import AllOf, Exists, ForAll, Not, Several, Statement

INSIDE = "0 < h < 1"
Derivatives = Mapping[str, tuple[str, str]]
"""By names of variables, derivatives of a polynomial, and its change by t less t times them, over t^2."""

RELU: Derivatives = {
    "c": ("2*c + h**2*m - 1", "1"),
    "m": ("h**2*(3*c + 2*h*m + h - 3)/3", "h**3/3"),
    "h": ("h*m*(2*c + h*m + h - 2)", "m*(3*c + 3*h*m + 3*h + m*t + t - 3)/3"),
}
LEAKY: Derivatives = {
    "c": ("(4*c + h**2*m + 2*h*m - m - 2)/2", "1"),
    "m": (
        "(3*c*h**2 + 6*c*h - 3*c + 3*h**3*m + h**3 + 3*h**2*m - 3*h**2 - 3*h*m - 3*h + m + 1)/6",
        "(3*h**3 + 3*h**2 - 3*h + 1)/12",
    ),
    "h": (
        "m*(4*c*h + 4*c + 3*h**2*m + 2*h**2 + 2*h*m - 4*h - m - 2)/4",
        "m*(6*c + 9*h*m + 6*h + 3*m*t + 3*m + 2*t - 6)/12",
    ),
}
HESSIAN: Derivatives = {
    "cc": ("2", "0"),
    "cm": ("(h**2 + 2*h - 1)/2", "0"),
    "ch": ("m*(h + 1)", "m/2"),
    "mm": ("(3*h**3 + 3*h**2 - 3*h + 1)/6", "0"),
    "mh": ("(2*c*h + 2*c + 3*h**2*m + h**2 + 2*h*m - 2*h - m - 1)/2", "(3*c + 9*h*m + 3*h + 3*m*t + 3*m + t - 3)/6"),
    "hh": ("m*(2*c + 3*h*m + 2*h + m - 2)/2", "m*(3*m + 2)/4"),
}
"""Of the derivatives of LEAKY, by the two variables."""

LEAKY_REST = [INSIDE, *(f"{slope} == 0" for slope, _ in LEAKY.values())]
REST = {"c": "1/2", "m": "sqrt(2)", "h": "-1 + sqrt(2)"}
"""Where the leaky unit rests with its kink inside."""

THREE = TwoLayerFormulas([[-1], [0], [1]], [-1, 0, 1], 1)
PAIRS = [TwoLayerFormulas([[-1], [0], [1]], [-1, 0, 1], 2, slopes) for slopes in ((0, 1), ("1/10", 1))]
LAST = {"a1": 1, "w1": 3, "b1": "-3/2", "c": "-1/2"}
LINE = {"a1": 1, "w1": 1, "b1": 1, "c": -1}


def square_integral(start: str, slope: str, length: str) -> str:
    """Return the integral of (start + slope x)^2 over an interval that begins at 0."""
    p, q, g = f"({start})", f"({slope})", f"({length})"
    return f"({p}**2*{g} + {p}*{q}*{g}**2 + {q}**2*{g}**3/3)"


def loss(k: str) -> str:
    """Return the loss with the kink inside, where the error at the kink is c - (1 - h)."""
    left = square_integral("c - 1 + h", f"1 - {k}*m", "1 - h")
    return f"{left} + {square_integral('c - 1 + h', 'm - 1', 'h')}"


def is_derivative(polynomial: str, name: str, derivative: str, rest: str, names: str = "c m h t") -> ForAll:
    """State that a step t of a variable changes a polynomial by t times this and t^2 times another polynomial."""
    moved = re.sub(rf"\b{name}\b", f"({name} + t)", polynomial)
    return ForAll(names, [], [f"{moved} == {polynomial} + t*({derivative}) + t**2*({rest})"], samples=0)


def derivatives(k: str, table: Derivatives) -> list[Statement]:
    """State what the derivatives of the loss are."""
    return [is_derivative(loss(k), name, *each) for name, each in table.items()]


def second_derivatives() -> list[Statement]:
    """State what the derivatives of those of the leaky unit are."""
    return [is_derivative(LEAKY[one][0], other, *each) for (one, other), each in HESSIAN.items()]


def no_rest_inside() -> Statement:
    """State that no ReLU rests with its kink inside the interval."""
    return Not(Exists("c m h", [INSIDE, *(f"{slope} == 0" for slope, _ in RELU.values())], samples=0))


def dead_is_a_minimum(bound: str = "1/12") -> ForAll:
    """State that a dead unit leaves at least 1/12: the output is c."""
    return ForAll("c", [], [f"{square_integral('c', '-1', '1')} >= {bound}"], try_at=[{"c": "1/2"}])


def affine_unit(given: Sequence[str] = ("0 < p < 1/2",)) -> Statement:
    """State what rests where the unit is affine on the interval, with slope p = a w and the value q at 0.

    The derivative by p vanishes, and then that by q only at the target; or a = w = 0, where the output is 1/2 at
    rest, and a slope of the right sign lowers the loss.
    """
    by_p, by_q = "2*(p - 1)/3 + q", "p - 1 + 2*q"
    whole = square_integral("q", "p - 1", "1")
    slopes = [is_derivative(whole, "p", by_p, "1/3", "p q t"), is_derivative(whole, "q", by_q, "1", "p q t")]
    best = ForAll("p q", [f"{by_p} == 0", f"{by_q} == 0"], ["p == 1", "q == 0"], try_at=[{"p": 1, "q": 0}])
    constant = ForAll(
        "p q", ["p == 0", f"{by_q} == 0"], ["q == 1/2", f"{whole} == 1/12"], try_at=[{"p": 0, "q": "1/2"}]
    )
    along = ForAll("p", given, [f"{square_integral('1/2', 'p - 1', '1')} < 1/12"], try_at=[{"p": "1/4"}, {"p": "-1/2"}])
    return AllOf([*slopes, best, constant, along])


def convex_in_the_output_bias() -> ForAll:
    """State that the loss along the output bias is a parabola that opens upwards, whatever the rest puts out."""
    there, here, back = (f"(f + c{step} - y)**2" for step in (" + t", "", " - t"))
    return ForAll("f c t y", [], [f"{there} + {back} - 2*{here} == 2*t**2"], samples=0)


def only_rest_inside() -> list[Statement]:
    """State that the leaky unit rests inside at h^2 + 2 h = 1, m = h + 1 = sqrt(2) only, step by step.

    Where the derivative by c is 0, the others are products: m h (h - 1) (2 - m (1 + h)), and a factor f of degree 4.
    """
    zero = {name: value for name, value in REST.items() if name != "c"}
    f = "(3*h**4*m - 4*h**3 - 6*h**2*m + 6*h**2 - m + 2)"
    products = [f"4*({LEAKY['h'][0]}) == m*h*(h - 1)*(2 - m*(1 + h))", f"24*({LEAKY['m'][0]}) == -{f}"]
    last = ["m == h + 1", "(h + 1)**2 == 2"]
    return [
        ForAll("c m h", [INSIDE, f"{LEAKY['c'][0]} == 0"], products, try_at=[REST], samples=0),
        ForAll("h k", [INSIDE, "h*(1 - h)*k == 0"], ["k == 0"], try_at=[{"h": "1/2", "k": 0}], samples=0),
        ForAll("h", [INSIDE], [f"{f.replace('m', '0')} > 0"], try_at=[{"h": "1/2"}], squares=["h"]),
        ForAll("m h", [], [f"(1 + h)*{f} == (m*(1 + h) - 2)*(3*h**4 - 6*h**2 - 1) + 2*h*(h - 1)*(h**2 + 2*h - 1)"]),
        ForAll("m h", [INSIDE, "m*(1 + h) == 2", "h**2 + 2*h == 1"], last, try_at=[zero], samples=0),
    ]


def leaky_rests_are_saddles() -> Statement:
    """State that where the leaky unit rests with its kink inside, the Hessian has a negative determinant."""
    cc, cm, ch, mm, mh, hh = (f"({each})" for each, _ in HESSIAN.values())
    minors = [f"{cc}*({mm}*{hh} - {mh}**2)", f"{cm}*({cm}*{hh} - {mh}*{ch})", f"{ch}*({cm}*{mh} - {mm}*{ch})"]
    determinant = f"{minors[0]} - {minors[1]} + {minors[2]}"
    there = Exists("c m h", [*LEAKY_REST, "c == 1/2", "m == h + 1", f"{determinant} < 0"], try_at=[REST])
    return AllOf([*only_rest_inside(), there])


def rests_inside() -> Exists:
    """State that a leaky unit rests somewhere with its kink inside."""
    return Exists("c m h", LEAKY_REST, try_at=[REST])


def only_dead_units() -> Statement:
    """State the theorem for one ReLU: no rest inside, saddles where it is affine, minima where it is dead."""
    return AllOf([*derivatives("0", RELU), no_rest_inside(), affine_unit(), dead_is_a_minimum()])


def leaky() -> Statement:
    """State the theorem for one leaky unit."""
    return AllOf([*derivatives("1/2", LEAKY), *second_derivatives(), leaky_rests_are_saddles(), affine_unit()])


def living_minimum(loss: str = "1/2") -> Statement:
    """State that a ReLU which sees the last of three points has a local minimum, though labels are affine."""
    near = ["-1/2", "-1/2", "1"]
    sees = THREE.sees(1, "<<>")
    return AllOf([THREE.at_least(loss, sees, near, LAST), THREE.attains("1/2", LAST, sees), THREE.attains(0, LINE)])


def sets_on_points() -> Statement:
    """State what local minima and maxima two ReLUs and two leaky units have on the three points."""
    relus, leaky_ones = (net.landscape() for net in PAIRS)
    return AllAboutSets(
        [
            every_set(relus, [MINIMA], [("loss", "in", ["0", "1/2", "2"])]),
            number_of_sets(leaky_ones, [("kind", "=", "local minimum")], "=", 0),
            *(number_of_sets(place, [("kind", "=", "local maximum")], "=", 0) for place in (relus, leaky_ones)),
        ]
    )


INTERVAL = PublishedInstance(
    "The target x on [0, 1] with the integral of the squared error; one unit with output weight and output bias.",
    ["The target is affine.", "The loss is an integral over an interval, with a density.", "One hidden layer."],
)

PAPER = Paper(
    "P. Cheridito, A. Jentzen and F. Rossmannek",
    2022,
    "Landscape analysis for shallow neural networks: complete classification of critical points for affine "
    "target functions",
    "Journal of Nonlinear Science 32, 64; arXiv:2103.10922",
    [
        PublishedClaim(
            "no-local-maxima",
            "main theorem, part on maxima (number not checked)",
            "The loss has no local maximum.",
            INTERVAL,
            "proved",
            convex_in_the_output_bias,
            false_variants={"nor is any point a minimum": lambda: dead_is_a_minimum("1/6")},
            because="Along the output bias c it is (c - c0)^2 and a constant, point by point and so for the integral.",
        ),
        PublishedClaim(
            "only-dead-units-make-bad-minima",
            "main theorem, ReLU (number not checked)",
            "Local minima that are not global are caused by dead ReLUs only.",
            INTERVAL,
            "proved",
            only_dead_units,
            false_variants={
                "a slope of either sign helps": lambda: affine_unit(["-1/2 <= p < 1/2", "p != 0"]),
                "a dead unit leaves 1/6": lambda: dead_is_a_minimum("1/6"),
            },
            because="One ReLU and the target x: none rests with its kink inside, affine ones rest at saddles or "
            "best, dead ones leave 1/12.",
        ),
        PublishedClaim(
            "none-for-leaky-units",
            "main theorem, leaky ReLU (number not checked)",
            "With leaky ReLUs there are no local minima but the global ones.",
            INTERVAL,
            "proved",
            leaky,
            Repair(
                "Units with slopes 1/2 and 1 do rest with the kink inside, at c = 1/2, m = sqrt(2), h = sqrt(2) "
                "- 1, a saddle.",
                lambda: AllOf([leaky(), rests_inside()]),
            ),
            {"they never rest inside": lambda: Not(rests_inside())},
            because="One unit with slopes 1/2 and 1, and the target x.",
        ),
        PublishedClaim(
            "finite-data",
            "not claimed: the analogue for finitely many points",
            "For affine labels on finitely many points, only dead ReLUs make local minima that are not global.",
            PublishedInstance(
                "x = -1, 0, 1 with labels x; one ReLU with output weight and output bias; sum of squared errors.",
                ["The labels are affine.", "Not met: the loss is a sum over points, not an integral with a density."],
                lambda: Exists("p q", [f"p*({x}) + q == {x}" for x in (-1, 0, 1)], try_at=[{"p": 1, "q": 0}]),
            ),
            "refuted",
            lambda: Not(living_minimum()),
            Repair(
                "On these points a living unit that sees the last one only has a local minimum of 1/2; on the "
                "interval none has. Two leaky units with slopes 1/10 and 1 have none but global ones on these points.",
                lambda: Several([AllOf([living_minimum(), no_rest_inside()]), sets_on_points()]),
            ),
            {
                "leaky units too": lambda: number_of_sets(
                    PAIRS[1].landscape(), [("kind", "=", "local minimum")], ">=", 1
                )
            },
            because="The theorem does not say this: it is about integrals.",
        ),
    ],
)
