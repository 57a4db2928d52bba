"""Local minima of one cell are best in it, but need not form one valley: signs of output weights can part them.

Setting  Two ReLUs with trainable output weights. First without output bias on x = -1, 0, 1 with labels -9/10, -1/5,
         11/10 in the cell where both see all; then with output bias on x = 0, 1, 2, 3 with labels 0, 1, 1, 3 in the
         cell where the first sees all and the second the last point only. Sums of squared errors.
Idea     In a cell outputs are linear in the products a_j (w_j, b_j), so at rest errors are orthogonal to every move
         (Pythagoras). The best affine part is not constant, and in the second cell only the first unit can put it
         out; so its output weight is not 0 at a minimum, and both signs occur.
Scope    Paths within the cell; whether paths of equal loss outside it join the parts is not asked. Pythagoras for two
         units and three examples with any slopes, in words for any number.
"""

from collections.abc import Mapping, Sequence

from stability.audit.claims import Repair
from stability.audit.output_layer_statements import inner, squares
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.audit.two_layer_statements import TwoLayerFormulas, affine_fit
from stability.exact.numbers import Exact
from stability.geometry.atlas.statements import AllAboutSets, number_of_sets, set_at
from stability.logic.statements import AllOf, Exists, ForAll, Not, Several, Statement

Place = Mapping[str, Exact]

E, X = [[f"{letter}{i}" for i in range(3)] for letter in "ex"]
SLOPES = [[f"{letter}{i}" for i in range(3)] for letter in "st"]
MOVES = [f"s{i}*(p*x{i} + q) + t{i}*(u*x{i} + v)" for i in range(3)]
REST = [f"{inner(E, [f'{s}*{x}' for s, x in zip(slopes, row, strict=True)])} == 0"
        for slopes in SLOPES for row in (X, ["1"] * 3)]  # fmt: skip
NAMES = " ".join([*E, *X, *SLOPES[0], *SLOPES[1], "p q u v"])

LINE, LABELS = [[-1], [0], [1]], ["-9/10", "-1/5", "11/10"]
PAIR, LOSS = TwoLayerFormulas(LINE, LABELS, 2, bias=False), affine_fit(LINE, LABELS)[1]
BOTH = [*PAIR.sees(1, ">>>"), *PAIR.sees(2, ">>>")]
RISING: Place = {"a1": 1, "w1": "1/2", "b1": 1, "a2": -1, "w2": "-1/2", "b2": 1}
FALLING: Place = {"a2": 1, "w2": "1/2", "b2": 1, "a1": -1, "w1": "-1/2", "b1": 1}

AFFINE, STEPS = ["-1", "0", "1"], ["1/6", "2/3", "7/6", "3"]
LONGER, STEP = [[0], [1], [2], [3]], [0, 1, 1, 3]
BIASED = TwoLayerFormulas(LONGER, STEP, 2)
LAST = [*BIASED.sees(1, ">>>>"), *BIASED.sees(2, "<<<>")]
UP: Place = {"a1": 1, "w1": "1/2", "b1": 1, "c": "-5/6", "a2": 1, "w2": "8/3", "b2": "-20/3"}
DOWN: Place = {**UP, "a1": -1, "w1": "-1/2", "b1": 2, "c": "13/6"}


def best_in_the_cell(equations: Sequence[str]) -> ForAll:
    """State that a move within a cell adds its squares at rest, so that nothing there is better."""
    moved = [f"{e} + {move}" for e, move in zip(E, MOVES, strict=True)]
    instance = {**dict.fromkeys(NAMES.split(), "0"), "e0": "1", "s0": "1", "q": "-1"}
    if len(equations) == len(REST):
        instance["s0"] = "0"
    return ForAll(NAMES, equations, [f"{squares(moved)} >= {squares(E)}"], try_at=[instance], squares=MOVES, samples=0)


def cell_minima(
    net: TwoLayerFormulas, cell: Sequence[str], fit: Sequence[str], loss: str, *places: Place
) -> list[Statement]:
    """State that in a cell the loss is this plus the squared distance of outputs to the fit, which is reached."""
    distance = squares([f"{net.out(i)} - ({value})" for i, value in enumerate(fit)])
    apart = ForAll(net.names, cell, [f"{net.loss()} == {loss} + {distance}"], try_at=[net.filled(places[0])], samples=0)
    return [apart, *(net.attains(loss, place, cell) for place in places)]


def at_minima(net: TwoLayerFormulas, cell: Sequence[str], fit: Sequence[str], then: str, at: Place) -> ForAll:
    """State what holds wherever the network puts out the fit of a cell."""
    outs = [f"{net.out(i)} == {value}" for i, value in enumerate(fit)]
    return ForAll(net.names, [*cell, *outs], [then], try_at=[net.filled(at)], samples=0)


def pair(then: str = "a1 != 0", at: Place = RISING) -> Statement:
    """State what the minima of the cell of two units without output bias are, and what holds at them."""
    parts = cell_minima(PAIR, BOTH, AFFINE, str(LOSS), RISING, FALLING)
    return AllOf([*parts, at_minima(PAIR, BOTH, AFFINE, then, at)])


def biased(then: str = "a1 != 0", at: Place = UP) -> Statement:
    """State what the minima of the cell of two units with output bias are, and what holds at them."""
    parts = cell_minima(BIASED, LAST, STEPS, "1/6", UP, DOWN)
    return AllOf([*parts, at_minima(BIASED, LAST, STEPS, then, at)])


def one_valley_per_sign() -> Statement:
    """State that minima of the first cell with a1 > 0 > a2 are joined by a segment in the products (a w, a b).

    The products are u, v of the first unit and p, q of the second, and those with capital letters.
    """
    first = ["v + u > 0", "v - u > 0", "q + p < 0", "q - p < 0", "u + p == 1", "v + q == 0"]
    second = ["V + U > 0", "V - U > 0", "Q + P < 0", "Q - P < 0", "U + P == 1", "V + Q == 0"]
    mixed = {name: f"((1 - t)*{name} + t*{name.upper()})" for name in "uvpq"}
    between = ["".join(mixed.get(letter, letter) for letter in text) for text in first]
    at = {"u": "1/2", "v": 1, "p": "1/2", "q": -1, "U": "1/3", "V": 1, "P": "2/3", "Q": -1, "t": "1/2"}
    segment = ForAll("u v p q U V P Q t", [*first, *second, "0 < t < 1"], between, try_at=[at], samples=0)
    return AllOf([segment, at_minima(PAIR, BOTH, AFFINE, "a1*a2 < 0", RISING)])


def two_sets() -> Statement:
    """State that the local minima at this loss are two connected sets in all of parameter space."""
    place, level = PAIR.landscape(), ("loss", "=", str(LOSS))
    minimum = ("kind", "=", "local minimum")
    parts = [set_at(place, PAIR.place(at), [level, minimum]) for at in (RISING, FALLING)]
    return AllAboutSets([number_of_sets(place, [level, minimum], "=", 2), *parts])


CELLS = PublishedInstance(
    "x = -1, 0, 1 with labels -9/10, -1/5, 11/10, two ReLUs without output bias that see all; x = 0, 1, 2, 3 "
    "with labels "
    "0, 1, 1, 3, two ReLUs with output bias, one that sees all and one that sees the last point. Sums of squared "
    "errors.",
    [
        "One hidden layer, activation of two linear pieces, squared error.",
        "No affine function fits the labels, and points are distinct.",
        "One output, fewer than hidden units.",
        "Cells are open sets on which every pre-activation has its sign.",
    ],
    lambda: AllOf([no_affine_fit(PAIR), no_affine_fit(BIASED)]),
)


def no_affine_fit(net: TwoLayerFormulas) -> Statement:
    """State that no affine function has the labels."""
    given = [f"p*({x}) + q == {y}" for (x,), y in zip(net.points, net.labels, strict=True)]
    return Not(Exists("p q", given))


PAPER = Paper(
    "F. He, B. Wang and D. Tao",
    2020,
    "Piecewise linear activations substantially shape the loss surfaces of neural networks",
    "ICLR 2020; arXiv:2003.12236",
    [
        PublishedClaim(
            "global-in-their-cell",
            "theorem on one hidden layer (number not checked)",
            "For one hidden layer, all local minima in a cell have one loss and are global minima of the cell.",
            PublishedInstance(
                "Two units with any slopes at three examples, any errors; a move changes the products of output "
                "weight and "
                "weights, which do so freely where output weights are not 0.",
                ["One hidden layer, activation of linear pieces, squared error.", "The point lies in an open cell."],
            ),
            "proved",
            lambda: best_in_the_cell(REST),
            false_variants={
                "without the equation of a bias": lambda: best_in_the_cell([*REST[:1], *REST[2:]]),
                "of the second unit alone": lambda: best_in_the_cell(REST[2:]),
            },
            because="Output weights 0 are left by descent unless the unit is silent all around "
            "(silent_units_are_saddles).",
        ),
        PublishedClaim(
            "one-valley",
            "theorem on one hidden layer (number not checked)",
            "They are one valley: within the cell any two are connected by a path of equal loss.",
            CELLS,
            "refuted",
            lambda: Not(AllOf([pair(), biased()])),
            Repair(
                "They are one valley for each choice of signs of the output weights: a segment in the products "
                "a_j (w_j, b_j).",
                lambda: Several([one_valley_per_sign(), two_sets()]),
            ),
            {
                "the first output weight is always positive": lambda: pair("a1 > 0", FALLING),
                "and so with output bias": lambda: biased("a1 > 0", DOWN),
                "that of the second unit changes sign too": lambda: biased("a2 < 0", UP),
            },
            because="In both cells no minimum has a1 = 0, and both signs of a1 occur. The claim is the one of the "
            "abstract, read as one on paths within the cell.",
        ),
    ],
)
