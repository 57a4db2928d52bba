"""With twice as many leaky units as examples global minima are one connected set; with as many they need not be.

Setting  Leaky units with slopes 1/10 and 1, trainable output weights, with and without an output bias; sum of squared
         errors. First x = 1 with label 1 and two units; then x = -1, 1 with labels 0, 1, and x = -1, 0, 1 with labels
         0, 1, 0.
Idea     The complete lists of stationary sets say how many connected sets of global minima there are, and that they
         have the loss 0.
Scope    These data sets and widths. The paper has every sublevel set connected, for deep networks too; here only the
         sets of global minima are counted.
"""

from stability.audit.claims import Repair
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.audit.two_layer_statements import TwoLayerFormulas
from stability.geometry.atlas.statements import AllAboutSets, every_set, number_of_sets
from stability.logic.statements import Statement

BEST = ("kind", "=", "global minimum")
ONE, PAIR, HAT = ([[1]], [1]), ([[-1], [1]], [0, 1]), ([[-1], [0], [1]], [0, 1, 0])


def leaky(data: tuple[list[list[int]], list[int]], width: int, bias: bool) -> TwoLayerFormulas:
    """Return a network of leaky units on data."""
    return TwoLayerFormulas(*data, width, ("1/10", 1), bias)


def connected(data: tuple[list[list[int]], list[int]], width: int, with_bias: int = 1, without: int = 1) -> Statement:
    """State how many connected sets of global minima there are, with and without an output bias, and that these fit."""
    nets = [(leaky(data, width, bias).landscape(), number) for bias, number in ((True, with_bias), (False, without))]
    counts = [number_of_sets(place, [BEST], "=", number) for place, number in nets]
    return AllAboutSets([*counts, *(every_set(place, [BEST], [("loss", "=", 0)]) for place, _ in nets)])


def no_bad_minima(data: tuple[list[list[int]], list[int]], width: int) -> Statement:
    """State that no local minimum is worse than the global ones."""
    places = [leaky(data, width, bias).landscape() for bias in (True, False)]
    return AllAboutSets([number_of_sets(place, [("kind", "=", "local minimum")], "=", 0) for place in places])


PAPER = Paper(
    "Q. Nguyen",
    2019,
    "On connected sublevel sets in deep learning",
    "ICML 2019; arXiv:1901.07417",
    [
        PublishedClaim(
            "global-minima-connected",
            "theorem on a wide first layer, its part on global minima (number not checked)",
            "If the first hidden layer has at least twice as many units as there are examples, all global minima "
            "are connected.",
            PublishedInstance(
                "x = 1 with label 1; two leaky units with slopes 1/10 and 1, with and without output bias; sum "
                "of squared errors.",
                [
                    "The activation is piecewise linear, strictly monotone and onto.",
                    "The loss is convex in the outputs.",
                    "There are two units for one example.",
                ],
            ),
            "proved",
            lambda: connected(ONE, 2),
            Repair(
                "Two units are enough for two examples. For three examples with labels 0, 1, 0 three units "
                "are enough with an output bias; without it global minima are 13 sets.",
                lambda: AllAboutSets([connected(PAIR, 2), connected(HAT, 3, 1, 13)]),
            ),
            {
                "for one unit": lambda: connected(ONE, 1),
                "for as many units as examples": lambda: connected(HAT, 3),
                "then no local minimum is bad": lambda: no_bad_minima(HAT, 3),
            },
            because="By the complete lists of stationary sets.",
        ),
    ],
)
