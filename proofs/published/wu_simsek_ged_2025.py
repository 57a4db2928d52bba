"""Without escape neurons stationary points are local minima, with one they are not: both ends of runs on five points.

Setting  x = -1, -3/5, -1/10, 3/10, 7/10 with labels 7/25, -1/10, 3/100, 23/100, -11/50; ReLUs with trainable output
         weights, no output bias; sum of squared errors, 5 times the mean that the paper's runs print.
Idea     From tiny starts runs end at two functions. One is the best affine fit, at 16139/115750, where live units see
         all data, or have their kink at 7/10 and a positive output weight. The other is 11/100 at the first four
         points and fits the last by a unit whose kink is at 3/10. There all directions rise. A unit with w = b = 0
         and output weight 0 is an escape neuron: the loss falls.
Scope    Two units, and any that see nothing, in words. That runs end there is seen in floats only.
"""

from collections.abc import Sequence

from stability.audit.claims import Repair
from stability.audit.output_layer_statements import squares
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.audit.two_layer_statements import TwoLayerFormulas, affine_fit
from stability.exact.numbers import Exact
from stability.geometry.atlas.statements import AllAboutSets, number_of_sets, set_at
from stability.logic.statements import AllOf, Exists, ForAll, Not, Statement

X, Y = ["-1", "-3/5", "-1/10", "3/10", "7/10"], ["7/25", "-1/10", "3/100", "23/100", "-11/50"]
TWO, THREE = (TwoLayerFormulas([[x] for x in X], Y, width, bias=False) for width in (2, 3))

AFFINE, LOSS = affine_fit(TWO.points, Y)
SEES_ALL = [*TWO.sees(1, ">>>>>"), *TWO.sees(2, ">>>>>")]
AT_KINK = ["a1 > 0", *TWO.sees(1, ">>>> "), *TWO.sees(2, ">>>>>")]
"""The first unit may or may not see 7/10; its output weight is positive."""

RISING = {"a1": 1, "w1": "-107/1000", "b1": "749/10000", "a2": -1, "w2": "19759/463000", "b2": "240087/4630000"}
"""The affine fit, with the kink of the first unit at 7/10."""

STEP, STEP_LOSS = ["11/100", "11/100", "11/100", "11/100", "-11/50"], "469/5000"
AT_STEP = ["a2 < 0", *TWO.sees(1, ">>>>>"), *TWO.sees(2, "<<< >")]
"""The second unit sees the last point, and may or may not see 3/10; its output weight is negative."""

FALLING = {"a1": 1, "w1": 0, "b1": "11/100", "a2": -1, "w2": "33/40", "b2": "-99/400"}
"""The step, with the kink of the second unit at 3/10."""

FIRST_ONLY = {"a1": 1, "w1": "-17/10", "b1": "-71/50", "a2": 1, "w2": 0, "b2": -1}
"""One unit that fits x = -1 and sees nothing else, at 561/5000."""


def ends(affine: Exact = LOSS, step: Exact = STEP_LOSS) -> Statement:
    """State that both ends of runs are reached at kinks, and are best among their neighbours."""
    first = [*AT_KINK, f"{TWO.pre(1, 4)} == 0"]
    second = [*AT_STEP, f"{TWO.pre(2, 3)} == 0"]
    away = {**RISING, "b1": "75/1000", "b2": "1/10"}
    return AllOf(
        [
            TWO.attains(LOSS, RISING, first),
            TWO.at_least(affine, AT_KINK, AFFINE, RISING),
            TWO.at_least(affine, SEES_ALL, AFFINE, away),
            TWO.attains(STEP_LOSS, FALLING, second),
            TWO.at_least(step, AT_STEP, STEP, FALLING),
        ]
    )


def sets() -> Statement:
    """State that two units have 24 sets of local minima that are not global, and that both ends are in such sets."""
    place, minimum = TWO.landscape(), ("kind", "=", "local minimum")
    ends_at = [(RISING, str(LOSS)), (FALLING, STEP_LOSS)]
    parts = [set_at(place, TWO.place(at), [minimum, ("loss", "=", loss)]) for at, loss in ends_at]
    return AllAboutSets([number_of_sets(place, [minimum], "=", 24), *parts])


def three_units() -> Statement:
    """State that three units have saddles at both losses, where a unit is silent."""
    place, saddle = THREE.landscape(), ("kind", "=", "saddle")
    counts = [(str(LOSS), 6), (STEP_LOSS, 3)]
    return AllAboutSets([number_of_sets(place, [saddle, ("loss", "=", loss)], "=", n) for loss, n in counts])


def falls(outputs: Sequence[Exact], loss: Exact, kink: str, sign: str, largest: str = "1/3") -> ForAll:
    """State that a unit t relu(t (x - kink)) of this sign, which leaves w = b = 0, lowers the loss at once."""
    errors = [f"{out} {sign} t*relu(t*({x} - ({kink}))) - ({y})" for out, x, y in zip(outputs, X, Y, strict=True)]
    return ForAll("t", [f"0 < t < {largest}"], [f"{squares(errors)} < {loss}"], try_at=[{"t": "1/10"}, {"t": 3}])


def escapes() -> Statement:
    """State that beside a unit with w = b = 0 and output weight 0 the loss falls from both ends."""
    return AllOf([falls(AFFINE, LOSS, "3/10", "-"), falls(STEP, STEP_LOSS, "-1/10", "+")])


def no_affine_fit() -> Statement:
    """State that no affine function fits the labels."""
    return Not(Exists("p q", [f"p*({x}) + q == {y}" for x, y in zip(X, Y, strict=True)]))


FIVE = PublishedInstance(
    "x = -1, -3/5, -1/10, 3/10, 7/10 with labels 7/25, -1/10, 3/100, 23/100, -11/50, those of the paper's first "
    "experiment; two ReLUs with a bias each, trainable output weights, no output bias; sum of squared errors.",
    [
        "One hidden layer of ReLU-like units, one output, squared error.",
        "Stationary means that no direction descends to first order.",
        "At the ends no unit has output weight 0 unless it sees nothing: there are no escape neurons.",
    ],
    no_affine_fit,
)

PAPER = Paper(
    "F. Z. Wu, B. Simsek and F. G. Ged",
    2025,
    "Loss landscape of shallow ReLU-like neural networks: stationary points, saddle escape, and network embedding",
    "ICLR 2025; arXiv:2402.05626",
    [
        PublishedClaim(
            "no-escape-neuron-a-minimum",
            "theorem on local minima, and the end point of the first experiment (number not checked)",
            "A stationary point without escape neurons is a local minimum; so is the point at which training ends.",
            FIVE,
            "proved",
            ends,
            Repair(
                "Both end points lie in sets of local minima; of two units there are 24 such sets that are not global.",
                sets,
            ),
            false_variants={
                "best of all": lambda: TWO.at_least(LOSS, at=FIRST_ONLY),
                "a smaller loss at the affine end": lambda: ends(affine="14/100"),
                "a smaller loss at the step": lambda: ends(step="94/1000"),
            },
            because="The loss is nowhere smaller around both ends, kinks included.",
        ),
        PublishedClaim(
            "escape-neuron-no-minimum",
            "theorem on local minima, one output (number not checked)",
            "With one output, a stationary point with an escape neuron is no local minimum.",
            PublishedInstance(
                "The two ends above, with one more unit that has w = b = 0 and output weight 0.",
                [
                    "One output.",
                    "The output weight is 0, and some direction of the weights is not orthogonal to the errors.",
                ],
            ),
            "proved",
            escapes,
            Repair(
                "Three units have 6 saddles at the loss of the affine fit and 3 at that of the step, besides "
                "local minima.",
                three_units,
            ),
            false_variants={
                "along every kink": lambda: falls(AFFINE, LOSS, "3/10", "+"),
                "however far": lambda: falls(AFFINE, LOSS, "3/10", "-", "4"),
            },
        ),
    ],
)
