"""The claims of "Loss-Based Sampling Initialization for Neural Networks", in our words, with what was found.

Words    What the document calls a single-layer network is relu2 here, a sum of two ReLU units; the two-layer network is
         relu2-linear. Losses are means of squared errors, over 4 examples or 8 entries; only the formulas that ask the
         landscape relu2 speak of sums. A class-1 point is live where some unit sees it. A filter redraws until the
         loss is beyond a threshold, one of those published. Formulas count points from 0: x1 and x2 have label 1.
Settings Weights N(0, 1/4), zero biases, Adam (0.01; 0.9, 0.99), at most 800 epochs, stop at loss 1e-7 or after 11
         epochs without a new best; two layers: SGD 0.1, 600 epochs, no stop. The document says "standard normal"; its
         losses fit the standard deviation 1/2 only.
Found    What was drawn and how often runs succeed is reproduced throughout. The epochs are said to be those of the
         successful runs, and fit all 50. The filter works for relu2 because a dead class-1 point costs 1/4: below that,
         gradient flow from zero biases always succeeds, and from 1/4 on there are traps. So 0.072 is stricter than it
         need be, and distance is not what separates success from failure: under plain descent nearly every live start
         succeeds, however far, and hardly any other. Two layers start at 1/4 or more, above all their plateaus (1/8,
         1/6, 1/4), so no threshold can do this there. 1/8 is not the loss of outputs (1/2, 1/2), which is 1/4, but of a
         network blind to one point of each class. Time grows with the logarithm of the distance. The two-layer network
         has 12 parameters. The best of 100 draws takes, in the mean, infinitely many draws to beat.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import erf, pi, sqrt

import numpy as np
import torch
from scipy import stats

from stability import landscape
from stability.audit.claims import Claim, Repair, Writeup
from stability.audit.experiments import Experiment, GroupCounts, Measured
from stability.audit.hypothesis_tests import (
    all_of,
    average,
    count,
    deviation,
    higher,
    level,
    mean,
    probability_of_quantile,
    quantile,
    resampled,
    share,
    told,
)
from stability.audit.landscape_statements import landscapes, local_minimum_at, number_fact, on, pre
from stability.audit.measurements import Measurement, Prediction
from stability.audit.protocols import Study
from stability.audit.theorems import theorem_statement
from stability.geometry.atlas.statements import AllAboutSets, every_set, number_of_sets, set_at
from stability.logic.statements import AllOf, Exists, ForAll, Not, Statement
from stability.model.datasets import Dataset
from stability.model.wilson import wilson
from stability.training.ensembles.ensemble import Ensemble
from stability.training.ensembles.gradients import evaluate
from stability.training.ensembles.reference_descent import End
from stability.training.ensembles.unit_geometry import dead_points, dead_units, distances, mirrored

ABS1, RELU2 = on("abs1"), on("relu2")
ONE, TWO = landscapes(relu1="relu1"), landscapes(relu2=RELU2)
MEAN = landscapes(mean_relu2=on("relu2", loss="mean"))
TRAP, BEST, SOLVES = ("kind", "=", "local minimum"), ("kind", "=", "global minimum"), ("loss", "=", 0)

SIX, SIX_AT = "p1 p2 b1 q1 q2 b2", "[p1, p2, b1, q1, q2, b2]"
ZERO, ZERO_AT = "u v s t", "[u, v, 0, s, t, 0]"
ERRORS = [f"mean_relu2.out({ZERO_AT}, {i}) - {y}" for i, y in enumerate((1, 1, 0, 0))]
SYMMETRIC = (("1/2", "-1/2", 0), ("-1/2", "1/2", 0))
"""The solution that is |w . x|."""
FLAT_MIRROR = ((1, -1, -1), (-1, 1, -1))
"""A solution with opposite weights that is not |w . x + b|."""
ASYMMETRIC = (("3/2", "-1/2", -1), ("-1/2", "1/2", 0))
"""A solution whose weights are not opposite at all: the angle between them is 153 degrees, their sum (1, 0)."""
DEAD_X1 = (("-1/4", "1/4", 0), ("-1/4", "1/4", 0))
"""A trap of loss 1 (mean 1/4) with zero biases: both units see x2 only; x1 is dead."""
FAR = "[a, -a, 0, -k, k, 0]"
"""Starts with zero biases on a line through the solution, as far from it as one likes."""
MOVED = [
    f"{old} - 1/6*({side}*(2*{name} - 1))"
    for name, olds, sides in (("a", ("a", "-a", "0"), (2, -2, 2)), ("k", ("-k", "k", "0"), (-2, 2, 2)))
    for old, side in zip(olds, sides, strict=True)
]
"""Where a step of 1/6 leads from there."""


def at(names: str, point: Sequence[Sequence[object]]) -> dict[str, str]:
    """Return a point as values of the variables."""
    return dict(zip(names.split(), (str(x) for row in point for x in row), strict=True))


def flat(point: Sequence[Sequence[object]]) -> str:
    """Return a point as the list of a formula."""
    return f"[{', '.join(str(x) for row in point for x in row)}]"


def rounds(formula: str, percent: int, per: int = 100) -> str:
    """Return that a number is so many percent (or other parts), rounded."""
    return f"({2 * percent - 1})/{2 * per} <= {formula} < ({2 * percent + 1})/{2 * per}"


def live_below(threshold: str) -> ForAll:
    """State that with zero biases a loss below the threshold leaves no class-1 point dead."""
    own = [["u > v", "s < t"], ["u < v", "s > t"]]
    known = [at("u v b s t c", SYMMETRIC), at("u v b s t c", DEAD_X1)]
    tries = [{name: x for name, x in point.items() if name in "uvst"} for point in known]
    return ForAll(ZERO, [f"mean_relu2.loss({ZERO_AT}) < {threshold}"], own, MEAN, tries, squares=ERRORS, samples=0)


def dead_costs() -> ForAll:
    """State that a class-1 point that no unit sees has a squared error of 1, for all weights and biases."""
    one = landscape(RELU2.network, Dataset("one example", RELU2.data.points[:1], RELU2.data.labels[:1]))
    off = [f"alone.pre({SIX_AT}, {j}, 0) <= 0" for j in (0, 1)]
    known = [at(SIX, DEAD_X1)]
    return ForAll(SIX, off, [f"alone.loss({SIX_AT}) == 1"], landscapes(alone=one), known, samples=0)


def right(unit_dead: bool) -> Exists:
    """State that some weights get all four points right, with a unit that sees none of them."""
    relations = [f"relu2.out({SIX_AT}, {i}) {side} 1/2" for i, side in enumerate(">><<")]
    off = [f"relu2.pre({SIX_AT}, 0, {i}) <= 0" for i in range(4)] if unit_dead else []
    return Exists(SIX, [*relations, *off], TWO, [at(SIX, SYMMETRIC)], samples=0)


def mirrored_solutions() -> ForAll:
    """State that solutions with opposite weights have equal biases, at most 0."""
    fits = [f"relu2.out([u, v, b, -u, -v, c], {i}) == {y}" for i, y in enumerate((1, 1, 0, 0))]
    return ForAll("u v b c", fits, ["b == c", "b <= 0"], TWO, [{"u": 1, "v": -1, "b": -1, "c": -1}], samples=0)


def is_absolute(point: Sequence[Sequence[object]]) -> ForAll:
    """State that a network is |w . x + b| at a point off the data, w and b being those of its first unit."""
    place = Dataset("off the data", (("1/4", "-1/4"),), (0,))
    both = landscapes(relu2_off=landscape(RELU2.network, place), abs1_off=landscape(ABS1.network, place))
    return ForAll("", [], [f"relu2_off.out({flat(point)}, 0) == abs1_off.out({flat(point[:1])}, 0)"], both)


def step_solves_far() -> ForAll:
    """State that from FAR, for all a, k >= 1/2, one step of 1/6 reaches a solution."""
    axes = [f"[{', '.join(str(int(i == j)) for j in range(6))}]" for i in range(6)]
    steps = [
        f"{new} == {old} - 1/6*relu2.autograd({FAR}, {axis})"
        for new, old, axis in zip(MOVED, FAR[1:-1].split(", "), axes, strict=True)
    ]
    return ForAll("a k", ["a >= 1/2", "k >= 1/2"], [*steps, f"relu2.loss([{', '.join(MOVED)}]) == 0"], TWO)


def far_from_solutions() -> AllOf:
    """State how far FAR is from every solution, squared; of any solution the first unit gives 1 at x1, or at x2."""
    away = "(u - a)**2 + (v + a)**2 + b**2"
    parts = []
    for i, moves in ((0, ("(u - a)", "-(v + a)", "b")), (1, ("-(u - a)", "(v + a)", "b"))):
        squares = [f"{x} - {y}" for x, y in zip(moves, (*moves[1:], moves[0]), strict=True)]
        given = ["a >= 1/2", f"relu1.pre([u, v, b], 0, {i}) == 1"]
        known = (
            {"a": "1/2", "u": "1/2", "v": "-1/2", "b": 0} if i == 0 else {"a": "1/2", "u": "-1/2", "v": "1/2", "b": 0}
        )
        parts.append(ForAll("a u v b", given, [f"{away} >= (2*a - 1)**2/3"], ONE, [known], squares=squares, samples=0))
    return AllOf(parts)


def trap_near_a_solution() -> AllOf:
    """State that DEAD_X1 is a trap, and how near to a solution it is."""
    apart = " + ".join(
        f"({x} - ({y}))**2" for x, y in zip(*(flat(p)[1:-1].split(", ") for p in (DEAD_X1, SYMMETRIC)), strict=True)
    )
    return AllOf(
        [
            local_minimum_at(RELU2, DEAD_X1),
            number_fact(f"relu2.loss({flat(DEAD_X1)}) == 1", f"{apart} <= 5/4", relu2=RELU2),
        ]
    )


def entries(outputs: Sequence[tuple[str, str]]) -> str:
    """Return the mean squared error over the eight entries, given the outputs at the four points, one-hot targets."""
    targets = ((0, 1), (0, 1), (1, 0), (1, 0))
    return (
        "("
        + " + ".join(
            f"({f} - {y})**2"
            for out, target in zip(outputs, targets, strict=True)
            for f, y in zip(out, target, strict=True)
        )
        + ")/8"
    )


HALVES, FITTED = ("1/2", "1/2"), (("0", "1"), ("1", "0"))
PLATEAU = (FITTED[0], HALVES, FITTED[1], HALVES)
"""x1 and x3 fitted, (1/2, 1/2) at x2 and x4."""


def two_layers_fit() -> ForAll:
    """State that Linear-ReLU-Linear fits the one-hot targets: h = |(x1 - x2)/2| by two units, outputs 1 - h and h."""
    hidden = [f"relu1.out([{s}1/2, {t}1/2, 0], {{i}})" for s, t in (("", "-"), ("-", ""))]
    both = [" + ".join(hidden).format(i=i) for i in range(4)]
    return ForAll("", [], [f"{entries([(f'1 - ({h})', h) for h in both])} == 0"], ONE)


def part(name: str, *which: int) -> Statement:
    """Return some parts of a theorem, counted from 0."""
    whole = theorem_statement(name)
    assert isinstance(whole, AllOf)
    return AllOf([whole.parts[k] for k in which])


NEARER = "lower_loss_can_be_farther"
BLIND = "points_unseen_by_a_hidden_layer"
ABOVE = "loss_of_two_layers_at_zero_biases"


# What is measured.


def begin_loss(found: Ensemble) -> np.ndarray:
    """Return the losses of the starts."""
    losses: np.ndarray = evaluate(found.task, torch.as_tensor(np.ascontiguousarray(found.starts.T)))[0].numpy()
    return losses


def live(found: Ensemble) -> np.ndarray:
    """Return at which starts both class-1 points are live."""
    seen: np.ndarray = ~dead_points(found, found.starts)[:, :2].any(1)
    return seen


def tally(which: Callable[[Ensemble], np.ndarray]) -> Callable[[Ensemble], list[float]]:
    """Return how many runs are of a kind, and how many of these succeed."""
    return lambda found: [int(which(found).sum()), int((which(found) & found.success).sum())]


def rank(found: Ensemble, one: np.ndarray, other: np.ndarray, successes: bool) -> float:
    """Return the rank correlation (Spearman) over all runs, or the successes."""
    which = found.success if successes else np.ones(found.restarts, dtype=bool)
    return float(stats.spearmanr(one[which], other[which]).statistic)


def like_absolute(found: Ensemble) -> np.ndarray:
    """Return which runs end with mirrored weights (to 1/10) and opposite biases (to 1/10)."""
    near: np.ndarray = mirrored(found, found.points) & (np.abs(found.rows()[:, :, 2].sum(1)) <= 0.1)
    return near


def near(loss: float) -> Callable[[Ensemble], np.ndarray]:
    """Return which runs end within 1/200 of a loss."""
    return lambda found: np.abs(found.losses - loss) < 0.005


def blind_pair(found: Ensemble, points: np.ndarray) -> np.ndarray:
    """Return where the hidden layer is blind to exactly one point of each class."""
    off = dead_points(found, points)
    pair: np.ndarray = (off[:, :2].sum(1) == 1) & (off[:, 2:].sum(1) == 1)
    return pair


def determined(found: Ensemble, transform: Callable[[np.ndarray], np.ndarray] = np.asarray) -> list[float]:
    """Return R^2 of the epochs by the distance over all successes; its 0.5%, 50%, 99.5% quantiles in samples of 100."""
    x, y = transform(distances(found)[found.success]), found.stopped[found.success].astype(float)
    picks = np.random.default_rng(0).integers(0, len(x), (20_000, 100))
    dx, dy = (z[picks] - z[picks].mean(1, keepdims=True) for z in (x, y))
    each = (dx * dy).sum(1) ** 2 / ((dx**2).sum(1) * (dy**2).sum(1))
    return [float(np.corrcoef(x, y)[0, 1] ** 2), *map(float, np.quantile(each, (0.005, 0.5, 0.995)))]


TOLERANCES = (0.05, 0.1, 0.2, 0.5)
WATCHED = {
    **{f"mirrored {t:g}": tally(lambda found, t=t: mirrored(found, found.points, t)) for t in TOLERANCES},
    "like |.|": tally(like_absolute),
    "dead unit": tally(lambda found: dead_units(found, found.points).any(1)),
    "live below 0.468": tally(lambda found: live(found) & (begin_loss(found) < 0.468)),
    "live above 0.468": tally(lambda found: live(found) & (begin_loss(found) >= 0.468)),
    "live above 1": tally(lambda found: live(found) & (begin_loss(found) >= 1)),
    "loss and distance": lambda found: rank(found, begin_loss(found), distances(found), False),
    "loss and epochs, successes": lambda found: rank(found, begin_loss(found), found.stopped, True),
    "distance and epochs, successes": lambda found: rank(found, distances(found), found.stopped, True),
    "r2": determined,
}
LIVE = {"live": live, "dead": lambda found: ~live(found)}
trained = partial(Experiment, groups=LIVE, numbers=WATCHED)

BELOW = (0.072, 0.25, 0.325, 0.468, 1.85)
drawn = partial(
    Experiment,
    epochs=0,
    restarts=200_000,
    ends=False,
    groups={f"below {t:g}": lambda found, t=t: found.losses < t for t in BELOW},
    numbers={"mean": lambda found: float(found.losses.mean()), "deviation": lambda found: float(found.losses.std())},
)
STARTS, STANDARD = drawn("starts"), drawn("starts-standard-normal", init="normal:1")

CONTROL, HALF = trained("control"), trained("below-median", init="loss-below:0.5:0.468")
QUARTER, LOWEST = (
    trained(f"below-{name}", init=f"loss-below:0.5:{t}") for name, t in (("quartile", 0.325), ("best", 0.072))
)
ANTI, SAFE = trained("above-median", init="loss-above:0.5:0.468"), trained("below-trap", init="loss-below:0.5:0.25")
SGD, SGD_LOWEST = (trained(f"sgd-{x.name}", optimizer="sgd", lr="0.1", init=x.init) for x in (CONTROL, LOWEST))
LONG_SGD = trained("sgd-control-step-0.5", optimizer="sgd", lr="0.5")
SHORT_ADAM = trained("control-step-0.001", lr="0.001", epochs=8000, restarts=2000)
THREE, THREE_LOWEST = (
    Experiment(f"three-units-{n}", model="relu3", init=i, ends=False)
    for n, i in (("control", "normal:0.5"), ("best", "best-of:0.5:100"))
)
DISTANCE = Experiment(
    "distance",
    model="abs1",
    optimizer="sgd",
    lr="0.1",
    patience=None,
    ends=False,
    numbers={"r2": determined, "r2 of the logarithm": partial(determined, transform=np.log)},
)

PLATEAUS = {f"near 1/{n}": tally(near(1 / n)) for n in (8, 6, 4)}
two = partial(
    Experiment,
    model="relu2-linear",
    init="kaiming-normal",
    optimizer="sgd",
    lr="0.1",
    epochs=600,
    stop_loss=0.0,
    patience=None,
    ends=False,
    restarts=6000,
    numbers={
        **PLATEAUS,
        "halves everywhere": tally(lambda found: (np.abs(found.outputs - 0.5) < 0.1).all((1, 2))),
        "blind pair": tally(lambda found: near(1 / 8)(found) & blind_pair(found, found.points)),
        "blind at the start": tally(lambda found: blind_pair(found, found.starts)),
    },
)
RARE = "loss-below:kaiming-normal:0.326"
TWO_STARTS = drawn(
    "two-layers-starts",
    model="relu2-linear",
    init="kaiming-normal",
    groups={f"below {t:g}": lambda found, t=t: found.losses < t for t in (0.326, 0.644, 0.908, 5.63)},
)
PLAIN, FILTERED = two("two-layers", restarts=20_000), two("two-layers-best", init=RARE)
PLAIN_STOP, FILTERED_STOP = (two(f"{x.name}-stop", init=x.init, stop_loss=1e-7) for x in (PLAIN, FILTERED))
EARLY = two("two-layers-40-epochs", epochs=40)
PLAIN_ADAM, FILTERED_ADAM = (two(f"{x.name}-adam", init=x.init, optimizer="adam", lr="0.01") for x in (PLAIN, FILTERED))
TENTH = two("two-layers-tenth", init="loss-percentile:kaiming-normal:10:100000")

LIKE = erf(0.5), erf(1 / (2 * sqrt(2))) ** 2
"""The chances that the pre-activation of a unit is below 1/2 in size, and that those of two units sum to less."""


def right_at_the_start() -> list[float]:
    """Return the exact law of how many points of XOR are right at the start, weights N(0, 1/4) and zero biases.

    The two points of a class are opposite, and the classes independent, being orthogonal. With equal chances the two
    units see different points of a class, each below or above 1/2 by itself, or the same one, and the other has output
    0. So both points of a class are on the low side with chance `low`, and both on the high side with chance `high`.
    """
    low, high = LIKE[0] ** 2 / 2 + LIKE[1] / 2, (1 - LIKE[0]) ** 2 / 2
    upper, lower = (low, 1 - low - high, high), (high, 1 - low - high, low)
    return [sum(upper[i] * lower[k - i] for i in range(3) if 0 <= k - i < 3) for k in range(5)]


TWO_RIGHT = [Fraction(0), Fraction(7, 48), Fraction(17, 24), Fraction(7, 48), Fraction(0)]
"""The same for two layers, with zero biases and independent weights of one symmetric law for each layer.

A unit sees one point of each class. If the two see different points of both classes, two points are right. If they see
different ones of class 1 only, two or three are; of class 0 only, two or one; each with chance 1/2, ties counting as
class 0. If they see the same ones of both, it is one or three, with chance 1/12 each, where the units pull in different
directions and three ratios of equal law come in the order for it; else two.
"""


def starts_right(found: Measured, published: int, numbers: Sequence[int], law: Sequence[float]) -> Measurement:
    """Judge a published count, of 100 starts, of those with so many points right."""
    own = share(sum(found.right[k] for k in numbers), found.runs, published, 100, "start so")
    exact = sum(law[k] for k in numbers)
    return Measurement(
        own.reproduced, f"{own.says} The exact share is {exact if isinstance(exact, Fraction) else f'{exact:.2%}'}."
    )


def both_readings(judge: Callable[..., Measurement], found: Measured, *published: float, of: int) -> Measurement:
    """Judge a number over the successful runs, as 2.3 has it, and add what it is over all 50."""
    first, other = judge(found.whole, *published, of), judge(found.whole, *published, 50, "all")
    if found.whole.successes == found.runs:
        return first
    return Measurement(first.reproduced, f"{first.says} Over all runs: {other.says}")


def hits(found: Measured, name: str) -> tuple[int, int]:
    """Return how many runs are of a kind, and how many of these succeed."""
    runs, successes = found.numbers[name]
    return int(runs), int(successes)


def group(found: Measured, name: str) -> GroupCounts:
    """Return a kind of runs as a group, without epochs."""
    return GroupCounts(*hits(found, name), {}, {})


def failing(found: Measured, name: str) -> int:
    """Return how many failed runs are of a kind."""
    runs, successes = hits(found, name)
    return runs - successes


def within(value: float, low: float, high: float, what: str) -> Measurement:
    """Judge whether a number lies where the claim has it."""
    return Measurement(low <= value <= high, f"{what}: {value:.3g}.")


def rises(shares: Sequence[tuple[int, int]], what: str) -> Measurement:
    """Judge whether shares rise: is each 95% interval above the one before?"""
    ends = [wilson(*each) for each in shares]
    clear = all(before[1] < after[0] for before, after in pairwise(ends))
    return Measurement(clear, f"{what}: {'; '.join(told(*each) for each in shares)}.")


def text(*parts: Measurement) -> str:
    """Return what parts say."""
    return " ".join(part.says for part in parts)


@dataclass(frozen=True)
class Row:
    """A row of the tables 3.2 and A.1: successes of 50; median, ends, quartiles, mean and deviation of the epochs."""

    id: str
    what: str
    experiment: Experiment
    successes: int
    median: int
    ends: tuple[int, int]
    quartiles: tuple[int, int] | None = None
    moments: tuple[float, float] | None = None


ROWS = [
    Row("control", "without a filter", CONTROL, 29, 123, (33, 275), (80, 165), (126.3, 54.2)),
    Row("median-filter", "with the filter < 0.468", HALF, 35, 101, (29, 176), (58, 129), (97.4, 41.8)),
    Row("quartile-filter", "with the filter < 0.325", QUARTER, 43, 105, (20, 160), (71, 120), (96.1, 32.1)),
    Row("best-filter", "with the filter < 0.072", LOWEST, 50, 49, (25, 99), (45, 62), (53.8, 17.3)),
    Row("anti-filter", "with the filter > 0.468", ANTI, 14, 105, (32, 259)),
]
CHANGES = {"median-filter": 21, "quartile-filter": 48, "best-filter": 72, "anti-filter": -52}
OVER_ALL = "It fits all 50 runs, failures included."
ONLY_ALL = {"median-filter": {"lower-quartile", "deviation"}, "anti-filter": {"median", "range"}}


def success(row: Row) -> Claim:
    """Return the claim on the successes of a row."""
    says = f"Of 50 runs {row.what} {row.successes} succeed, {2 * row.successes}%."
    return Claim(
        f"{row.id}-succeeds", "3.2", says, measure=Study([row.experiment], lambda m: count(m, row.successes, 50))
    )


def epochs(row: Row) -> list[Claim]:
    """Return the claims on the epochs of a row."""
    of, quarters, moments = row.successes, row.quartiles or (), row.moments or ()
    low, high = row.ends

    def ends(counts: GroupCounts, low: float, high: float, of: int, over: str = "success") -> Measurement:
        return all_of(quantile(counts, 0, low, of, over), quantile(counts, 1, high, of, over))

    def at_quantile(counts: GroupCounts, q: float, published: float, of: int, over: str = "success") -> Measurement:
        return quantile(counts, q, published, of, over)

    cells: list[tuple[str, str, str, Callable[..., Measurement], tuple[float, ...]]] = [
        ("median", "3.2, A.1" if quarters else "3.2", f"have the median {row.median}", at_quantile, (0.5, row.median)),
        ("range", "3.2", f"range from {low} to {high}", ends, (low, high)),
        *(
            (f"{name}-quartile", "A.1", f"have the {name} quartile {v}", at_quantile, (q, v))
            for name, q, v in zip(("lower", "upper"), (0.25, 0.75), quarters, strict=False)
        ),
        *(
            (name, "A.1", f"have the {words} {v:g}", judge, (v,))
            for name, words, judge, v in zip(
                ("mean", "deviation"), ("mean", "standard deviation"), (mean, deviation), moments, strict=False
            )
        ),
    ]
    return [
        Claim(
            f"{row.id}-{name}",
            where,
            f"The stop epochs of the successful runs {row.what} {says}.",
            measure=Study(
                [row.experiment], lambda m, judge=judge, published=published: both_readings(judge, m, *published, of=of)
            ),
            because=OVER_ALL if name in ONLY_ALL.get(row.id, ()) else "",
        )
        for name, where, says, judge, published in cells
    ]


def readings(*found: Measured) -> Measurement:
    """Compare the published quantiles of all rows with the successful runs, and with all runs."""
    fits, cells = {"success": 0, "all": 0}, 0
    for row, measured in zip(ROWS, found, strict=True):
        published = dict(
            zip((0, 0.5, 1, 0.25, 0.75), (row.ends[0], row.median, row.ends[1], *(row.quartiles or ())), strict=False)
        )
        cells += len(published)
        for over, of in (("success", row.successes), ("all", 50)):
            stops = measured.whole.epochs(over)
            fits[over] += sum(probability_of_quantile(stops, q, v, of) >= 0.01 for q, v in published.items())
    says = f"Of {cells} published quantiles {fits['success']} fit the successful runs and {fits['all']} all runs."
    return Measurement(fits["success"] == cells, says)


def explained(found: Measured) -> Measurement:
    """Judge the published R^2 of the epochs by the distance."""
    whole, low, middle, high = found.numbers["r2"]
    says = (
        f"R^2 is {whole:.3f}; in 99% of samples of 100 from {low:.3f} to {high:.3f}, {middle:.3f} in the middle. By "
        "the "
    )
    logarithm = found.numbers["r2 of the logarithm"][0]
    return Measurement(
        low <= 0.9666 <= high, f"{says}logarithm of the distance it is {logarithm:.3f}; epochs are whole."
    )


def near_and_fast(found: Measured) -> Measurement:
    """Judge the rank correlation of distance and epochs among the successes."""
    correlation = found.numbers["distance and epochs, successes"]
    says = (
        f"Rank correlation {correlation:.2f} over {found.whole.successes:,} successes; R^2 "
        f"{found.numbers['r2'][0]:.2f}."
    )
    return Measurement(correlation >= 0.5, says)


def stuck(found: Measured, published: int) -> Measurement:
    """Judge a published count, of 50, of failures at a plateau."""
    failed = sum(failing(found, name) for name in PLATEAUS)
    return share(failed, found.runs, published, 50, "fail within 1/200 of a plateau")


def on_an_eighth(plain: Measured, filtered: Measured) -> Measurement:
    """Judge whether at least half of the failures end near 1/8, without and with the filter."""
    says, half = [], True
    for words, found in (("Without", plain), ("With", filtered)):
        eighth, sixth, quarter = (failing(found, name) for name in PLATEAUS)
        failed = found.runs - found.whole.successes
        half &= 2 * eighth >= failed
        says.append(
            f"{words} the filter {told(eighth, failed)} failures end near 1/8, {sixth:,} near 1/6, {quarter:,} near "
            "1/4."
        )
    return Measurement(half, " ".join(says))


def to_the_end(found: Measured) -> Measurement:
    """Judge whether failures run for all epochs, and successes do not."""
    last = found.settings["epochs"]
    failed, well = (counts.get(last, 0) for counts in (found.whole.epochs_all, found.whole.epochs_success))
    failed -= well
    says = (
        f"{told(failed, found.runs - found.whole.successes)} failures run to the end, and "
        f"{told(well, found.whole.successes)} successes."
    )
    return Measurement(failed == found.runs - found.whole.successes and not well, says)


def converged(found: Measured, early: Measured, published: int, successes: int) -> Measurement:
    """Judge a published 10% quantile of the epochs of all 50 runs; add two other readings."""
    own = quantile(found.whole, 0.1, published, 50, "all")
    other = quantile(found.whole, 0.1, published, successes)
    by_score = (
        f"By accuracy it would be far earlier: {told(early.whole.successes, early.runs)} have all right after 40 "
        "epochs."
    )
    return Measurement(own.reproduced, f"{own.says} Of successful runs: {other.says} {by_score}")


def above_1(found: Measured) -> str:
    """Return how many live starts of loss above 1 succeed, in words."""
    runs, successes = hits(found, "live above 1")
    return told(successes, runs)


def helps_under_sgd(sgd: Measured, adam: Measured, short: Measured) -> Measurement:
    """Judge whether live starts of high loss fail more often than all live starts, under SGD."""
    every = sgd.group("live")
    worse = higher(every, group(sgd, "live above 1"), "").reproduced
    says = (
        f"Under SGD {above_1(sgd)} live starts above 1 succeed, and {told(every.successes, every.runs)} of all live "
        "ones. "
    )
    return Measurement(
        worse, f"{says}With Adam {above_1(adam)} of those above 1 do, with a tenth of the step {above_1(short)}."
    )


def far_starts_fail(*found: Measured) -> Measurement:
    """Judge whether live starts of high loss fail more often than one in a hundred, under SGD with two step sizes."""
    fail = all(hits(m, "live above 1")[1] < 0.99 * hits(m, "live above 1")[0] for m in found)
    dead = " and ".join(told(m.group("dead").successes, m.group("dead").runs) for m in found)
    says = f"Of live starts above 1 {' and '.join(map(above_1, found))} succeed, of dead ones {dead}."
    return Measurement(fail, says)


def ends_mirrored(found: Measured, published: int) -> Measurement:
    """Judge a published count, of 50, of runs that end mirrored to a tenth."""
    own = share(hits(found, "mirrored 0.1")[0], found.runs, published, 50, "end so")
    others = ", ".join(f"{hits(found, f'mirrored {t:g}')[0] / found.runs:.1%} to {t:g}" for t in TOLERANCES)
    return Measurement(own.reproduced, f"{own.says} By tolerances: {others}.")


def mirrored_and_solved(found: Measured) -> Measurement:
    """Judge whether the runs that end mirrored to a tenth are the successes, up to 1 in 20 either way."""
    runs, both = hits(found, "mirrored 0.1")
    well = found.whole.successes
    shares = ", ".join(f"{hits(found, f'mirrored {t:g}')[1] / well:.1%} to {t:g}" for t in TOLERANCES)
    says = (
        f"Of the successes {told(both, well)} are mirrored to a tenth (by tolerances: {shares}); {runs - both} "
        "failures are."
    )
    return Measurement(both >= 0.95 * well and both >= 0.95 * runs, says)


def blind_starts(filtered: Measured, plain: Measured) -> Measurement:
    """Judge whether the filter leaves fewer than one in a hundred starts blind to one point of each class."""
    (few, lucky), (many, _) = (hits(m, "blind at the start") for m in (filtered, plain))
    says = (
        f"{told(few, filtered.runs)} are, {told(many, plain.runs)} without the filter; of the former {lucky} succeed."
    )
    return Measurement(few < 0.01 * filtered.runs, says)


def speed_up(control: Measured, lowest: Measured) -> Measurement:
    """Judge the published ratio of the medians of successful runs."""
    samples = [(control.whole.epochs(), 29), (lowest.whole.epochs(), 50)]
    return resampled(lambda a, b: np.median(a, 1) / np.median(b, 1), samples, 2.5, "the ratio of the medians")


def saved(control: Measured, lowest: Measured) -> Measurement:
    """Judge the published difference of the medians of successful runs."""
    samples = [(control.whole.epochs(), 29), (lowest.whole.epochs(), 50)]
    return resampled(lambda a, b: np.median(a, 1) - np.median(b, 1), samples, 74, "the difference of the medians")


def spread(found: Measured, of: int, published: float) -> Measurement:
    """Judge the published range of the epochs of successful runs."""
    return resampled(lambda a: np.ptp(a, axis=1), [(found.whole.epochs(), of)], published, "the range")


def better_than_sgd(*found: Measured) -> Measurement:
    """Compare Adam with SGD: without and with the filter, for two units and for two layers."""
    names = ("two units", "two units with the filter", "two layers", "two layers with the filter")
    pairs = [higher(found[2 * k], found[2 * k + 1], f"Adam and SGD, {name}") for k, name in enumerate(names)]
    return Measurement(any(pair.reproduced for pair in pairs), text(*pairs))


def bought(control: Measured, lowest: Measured, starts: Measured) -> Measurement:
    """Compare what a success costs, in forward passes of which an epoch takes three."""
    draws = starts.runs / starts.group("below 0.072").runs
    without, filtered = (3 * m.whole.epochs("all").sum() / m.whole.successes for m in (control, lowest))
    says = (
        f"A success costs {without:.0f} forward passes without the filter and {filtered + draws:.0f} with it, "
        f"{draws:.0f} of them for drawing."
    )
    return Measurement(filtered + draws < without, says)


def gains(*found: Measured) -> Measurement:
    """Compare the gains by the strictest filters, in points, with the success rates before."""
    rates = [(a.whole.rate, b.whole.rate) for a, b in zip(found[::2], found[1::2], strict=True)]
    says = [
        f"{name}: from {a:.1%} to {b:.1%}"
        for name, (a, b) in zip(("two units", "three units", "two layers"), rates, strict=True)
    ]
    most = max(rates, key=lambda pair: pair[1] - pair[0])[0]
    return Measurement(0.5 <= most <= 0.8, f"{'; '.join(says)}.")


def ratio_of_rates(plain: Measured, filtered: Measured) -> Measurement:
    """Judge the published ratio of success rates, 19 of 50 to 10 of 50."""
    samples = [(np.repeat([0, 1], [m.runs - m.whole.successes, m.whole.successes]), 50) for m in (plain, filtered)]
    return resampled(
        lambda a, b: b.sum(1) / np.maximum(a.sum(1), 1), samples, 1.9, "the ratio of the successes of 50 runs"
    )


def ends_solved(begin: np.ndarray, end: End) -> np.ndarray:
    """Tell which runs end at loss 0."""
    solved: np.ndarray = np.abs(end.losses) < 1e-6
    return solved


def begins_low(begin: np.ndarray) -> np.ndarray:
    """Tell which starts of relu2 have a mean loss below 1/4."""
    points, labels = np.array([[float(x) for x in row] for row in RELU2.rows]), np.array([1, 1, 0, 0])
    low: np.ndarray = (((np.einsum("rkc,nc->rkn", begin, points).clip(0).sum(1) - labels) ** 2).mean(1)) < 0.25
    return low


FOUNDATION = [
    Claim(
        "time-is-linear-in-distance",
        "1, 5.1, 6, 8.2, 9.1",
        "Convergence time is proportional to the distance of the start from the solution (read: for |w . x + b|, "
        "descent with steps of 1/10 needs twice as many from twice as far, here 12 instead of 6).",
        statement=ForAll("d", ["d > 0"], ["2*d*(4/5)**12 == d*(4/5)**6"], try_at=[{"d": 1}]),
        because="Every step takes the same share of the distance.",
        repair=Repair(
            "From zero biases a step of 1/10 leaves exactly 4/5 of the distance: from twice as far it takes 3 to 4 "
            "more, however far. Time goes by the logarithm of the distance.",
            lambda: theorem_statement("time_grows_with_the_log_of_the_distance"),
        ),
    ),
    Claim(
        "distance-explains-time",
        "1, 8.2",
        "In such a landscape (|w . x + b| on XOR, 100 runs of SGD with step 1/10, stopped at loss 1e-7) a line in "
        "the distance alone explains the epochs with R^2 = 0.9666.",
        measure=Study([DISTANCE], explained),
        because="0.9666 belongs to a fit with several features along the traces.",
    ),
    Claim(
        "influences-hard-cases",
        "1, 5.1, 8.2",
        "Closer starts are faster in hard cases, too (read: for relu2 in the documented training, rank correlation "
        "of distance and epochs at least 1/2 among the successful runs).",
        measure=Study([CONTROL], near_and_fast),
    ),
    Claim(
        "low-loss-means-close",
        "1, 5.1",
        "Of two starts the one of lower loss is closer to a solution (read: for relu2 with zero biases).",
        statement=lambda: Not(part(NEARER, 0, 1, 3, 4, 5, 6)),
        because="It depends on the directions in which the points are missed.",
        repair=Repair(
            "For one absolute-value unit, zero biases and w1 != w2, it is so: the mean loss is the squared distance to "
            "the nearest solution.",
            lambda: ForAll(
                "u v",
                ["u > v"],
                [
                    "abs1.loss([u, v, 0])/4 == (u - 1/2)**2 + (v + 1/2)**2",
                    "(u - 1/2)**2 + (v + 1/2)**2 < (u + 1/2)**2 + (v - 1/2)**2",
                ],
                landscapes(abs1=ABS1),
                splits=["u - v", "u + v"],
            ),
        ),
    ),
    Claim(
        "low-loss-tells-distance",
        "Summary, 1, 5.1",
        "The initial loss is an effective proxy for the distance (read: without a filter the rank correlation of "
        "initial loss and distance from start to end is at least 1/2, over all runs).",
        measure=Study(
            [CONTROL],
            lambda m: within(m.numbers["loss and distance"], 0.5, 1, f"Rank correlation over {m.runs:,} runs"),
        ),
    ),
    Claim(
        "low-loss-is-faster",
        "5.1",
        "Starts of lower loss converge faster (read: rank correlation of initial loss and epochs at least 1/2 "
        "among the successful runs without a filter).",
        measure=Study(
            [CONTROL],
            lambda m: within(
                m.numbers["loss and epochs, successes"],
                0.5,
                1,
                f"Rank correlation over {m.whole.successes:,} successes",
            ),
        ),
    ),
    Claim(
        "closer-is-faster",
        "5.1",
        "A closer start converges faster (read: for relu2 with zero biases, under gradient flow).",
        statement=lambda: Not(part(NEARER, 0, 2, 3, 4, 5, 6, 7, 8)),
        because="It depends on the direction from which the flow comes in: the nearer of two starts can be half as "
        "fast.",
        repair=Repair(
            "For all e, f in (0, 1/2] the flow runs straight to the nearest solution, from P at the rate 4 and "
            "from Q at the rate 8, whatever the distances, f and e / sqrt 2; so time is set by the rate and the "
            "logarithm.",
            lambda: part(NEARER, 0, 3, 4, 5, 6, 7, 8),
        ),
    ),
    Claim(
        "relation-is-robust",
        "8.2",
        "The relation is robust (read: it is as strong under SGD with steps of 1/10).",
        measure=Study([SGD], near_and_fast),
        because="Under SGD distance and time do not go together at all.",
    ),
    Claim(
        "quantifiable-benefit",
        "1, 9.3",
        "The benefit of sampling should be quantifiable and predictable.",
        opinion="A hope, stated before the figures; these are judged one by one.",
    ),
]

SETUP = [
    Claim(
        "six-parameters",
        "2.1",
        "The first model has 6 parameters: 2 x 2 weights and 2 biases.",
        statement=number_fact("2*2 + 2 == 6"),
    ),
    Claim(
        "ten-parameters",
        "2.1",
        "The second has 10: 2 x 2 + 2 in each of two layers.",
        statement=number_fact("(2*2 + 2) + (2*2 + 2) == 10"),
        repair=Repair("They are 12.", number_fact("(2*2 + 2) + (2*2 + 2) == 12")),
    ),
    Claim(
        "both-can-solve-it",
        "2.1",
        "Both architectures can fit their task exactly.",
        statement=lambda: AllOf([number_fact(f"relu2.loss({flat(SYMMETRIC)}) == 0", relu2=RELU2), two_layers_fit()]),
    ),
    Claim(
        "centred",
        "2.1",
        "XOR is centred: pre-activations add up to four times the bias.",
        statement=lambda: ForAll("u v b", [], [" + ".join(pre("relu1", "[u, v, b]")) + " == 4*b"], ONE),
    ),
    Claim(
        "standard-normal",
        "2.2",
        "Starts are drawn from the standard normal law, weights N(0, 1) (read: then 100 starts have the mean loss "
        "0.581).",
        measure=Study(
            [STANDARD],
            lambda m: average(m.numbers["mean"], m.numbers["deviation"], 0.581, 100, "initial losses under N(0, 1)"),
        ),
        because="The published losses are those of weights N(0, 1/4), see initial-mean.",
    ),
    Claim(
        "success-means-solved",
        "2.3",
        "A run that rests with all four points right has found a solution: no trap has all four right.",
        statement=lambda: AllAboutSets(
            [
                every_set(RELU2, [TRAP], [("loss", ">", 0), ("right", "<", 4)]),
                every_set(RELU2, [BEST], [SOLVES, ("right", "=", 4)]),
            ]
        ),
    ),
    Claim(
        "epochs-of-successful-runs",
        "2.3",
        "The epochs in the tables are those of the successful runs.",
        measure=Study([row.experiment for row in ROWS], readings),
        because="They fit all 50 runs, failures included, but for one mean (quartile-filter-mean).",
    ),
]

LOSSES = [
    Claim(
        "initial-mean",
        "3.1",
        "The losses of 100 starts have the mean 0.581.",
        measure=Study(
            [STARTS],
            lambda m: average(
                1 + 1 / (2 * pi) - 1 / sqrt(pi),
                m.numbers["deviation"],
                0.581,
                100,
                "initial losses, exactly 1 + 1/(2 pi) - 1/sqrt(pi),",
            ),
        ),
    ),
    *(
        Claim(
            f"initial-{name}",
            "3.1",
            f"The losses of 100 starts have the {words} {v}.",
            measure=Study([STARTS], lambda m, q=q, v=v: level(m.group(f"below {v}").runs, m.runs, q, v, 100)),
        )
        for name, words, q, v in (
            ("median", "median", 0.5, 0.468),
            ("quartile", "lower quartile", 0.25, 0.325),
            ("best", "least value", 0.0, 0.072),
            ("worst", "largest value", 1.0, 1.85),
        )
    ),
    *(
        Claim(
            f"start-{name}",
            "3.1",
            f"{published} of 100 starts have {words} right.",
            measure=Study(
                [STARTS],
                lambda m, published=published, numbers=numbers: starts_right(
                    m, published, numbers, right_at_the_start()
                ),
            ),
        )
        for name, words, published, numbers in (
            ("right", "all four points", 3, (4,)),
            ("three-right", "three points", 23, (3,)),
            ("two-right", "two points", 51, (2,)),
            ("one-right", "one point or none", 23, (0, 1)),
        )
    ),
    Claim(
        "start-shares-add-up",
        "3.1",
        "The four shares add up to 100%.",
        statement=number_fact("3 + 23 + 51 + 23 == 100"),
    ),
]

RESULTS = [
    *map(success, ROWS),
    *(claim for row in ROWS for claim in epochs(row)),
    Claim(
        "percentages-of-counts",
        "3.2, 4.2",
        "The percentages are those of the counts out of 50.",
        statement=number_fact(
            *(f"{row.successes}/50 == {2 * row.successes}/100" for row in ROWS), "10/50 == 20/100", "19/50 == 38/100"
        ),
    ),
    *(
        Claim(
            f"{row.id}-improvement",
            "3.2",
            f"From 58% to {2 * row.successes}% is a relative change of {CHANGES[row.id]:+d}%.",
            statement=number_fact(rounds(f"({2 * row.successes} - 58)/58", CHANGES[row.id])),
        )
        for row in ROWS
        if row.id in CHANGES
    ),
    Claim(
        "improvements-in-points",
        "3.2",
        "The improvements, +21, +48, +72 and -52, are differences of the success rates in points.",
        statement=number_fact(*(f"{2 * row.successes} - 58 == {CHANGES[row.id]}" for row in ROWS if row.id in CHANGES)),
        because="They are relative to the rate without a filter, and sound larger.",
        repair=Repair(
            "In points they are +12, +28, +42 and -30.",
            number_fact("70 - 58 == 12", "86 - 58 == 28", "100 - 58 == 42", "28 - 58 == -30"),
        ),
    ),
]

OBSERVATIONS = [
    Claim(
        "low-loss-always-succeeds",
        "Summary, 3.3 (1), 6, 9.1",
        "With the strictest filter every start succeeds: from zero biases and loss below 0.072, gradient flow ends "
        "at a solution.",
        statement=lambda: AllOf([theorem_statement("low_loss_starts_solve_xor"), number_fact("72/1000 < 1/4")]),
        because="Any threshold up to 1/4 will do.",
        predicts=Prediction(
            "relu2 runs from zero biases and mean loss below 1/4 end at loss 0",
            "relu2",
            ends_solved,
            begins_low,
            starts="normal:1/2",
            restarts=400,
            epochs=1500,
        ),
    ),
    Claim(
        "threshold-must-be-that-low",
        "3.3 (1), A.3",
        "For complete success it takes a threshold that one start in 100 passes (read: of the starts below 1/4, "
        "one in ten, some fail in the documented training).",
        measure=Study(
            [SAFE, STARTS],
            lambda m, s: Measurement(
                m.whole.successes < m.runs,
                f"{told(m.whole.successes, m.runs)} succeed below 1/4, and "
                f"{told(s.group('below 0.25').runs, s.runs)} of all starts lie there.",
            ),
        ),
        because="They all succeed: at a tenth of the draws.",
    ),
    Claim(
        "speed-up",
        "3.3 (2)",
        "From a median of 123 epochs to one of 49 is a speed-up of 2.5.",
        statement=number_fact("245/100 <= 123/49 < 255/100"),
    ),
    Claim(
        "speed-up-measured",
        "3.3 (2)",
        "The strictest filter divides the median of the successful runs by 2.5.",
        measure=Study([CONTROL, LOWEST], speed_up),
    ),
    Claim(
        "range-narrows",
        "3.3 (3)",
        "The ranges 33 to 275 and 25 to 99 are 242 and 74 epochs wide.",
        statement=number_fact("275 - 33 == 242", "99 - 25 == 74"),
    ),
    Claim(
        "range-narrows-measured",
        "3.3 (3)",
        "The strictest filter narrows the range of the successful runs from 242 to 74 epochs.",
        measure=Study([CONTROL, LOWEST], lambda a, b: all_of(spread(a, 29, 242), spread(b, 50, 74))),
    ),
    Claim(
        "lower-is-better",
        "3.3 (4)",
        "The lower the loss at the start, the higher the success rate, from filter to filter.",
        measure=Study(
            [ANTI, CONTROL, HALF, QUARTER, LOWEST],
            lambda *ms: all_of(
                *(
                    higher(b.whole, a.whole, names)
                    for a, b, names in zip(
                        ms,
                        ms[1:],
                        ("none, > 0.468", "< 0.468, none", "< 0.325, < 0.468", "< 0.072, < 0.325"),
                        strict=False,
                    )
                )
            ),
        ),
    ),
    Claim(
        "loss-helps-live-starts",
        "3.3 (4), 5.1",
        "It is the loss that helps, not only that it excludes dead points: of the live starts too those of lower "
        "loss succeed more often (documented training).",
        measure=Study(
            [CONTROL],
            lambda m: higher(
                group(m, "live below 0.468"), group(m, "live above 0.468"), "live starts below and above loss 0.468"
            ),
        ),
    ),
    Claim(
        "loss-helps-whatever-the-steps",
        "3.3 (4), 5.1",
        "Lower loss helps live starts whatever the optimiser (read: those of loss above 1 fail more often than "
        "others under plain descent, too, with steps of 1/10).",
        measure=Study([SGD, CONTROL, SHORT_ADAM], helps_under_sgd),
        because="Under plain descent liveness decides all; it is Adam that leads live starts of high loss into traps.",
    ),
    Claim(
        "high-loss-is-worse",
        "3.3 (5)",
        "Starts with loss above the median succeed less often than unfiltered ones.",
        measure=Study([CONTROL, ANTI], lambda a, b: higher(a.whole, b.whole, "all starts and those > 0.468")),
    ),
]

PATTERNS = [
    *(
        Claim(
            f"mirrored-{name}",
            "3.4, 5.2",
            f"Of 50 runs {what} {published} end with mirrored weights (read: |w + w'| at most a tenth of |w| + |w'|).",
            measure=Study([experiment], lambda m, published=published: ends_mirrored(m, published)),
            because=because,
        )
        for name, what, experiment, published, because in (
            (
                "without-filter",
                "without a filter",
                CONTROL,
                29,
                "With a tolerance of 1/2 there are as many as successes, and 29 of 50 is no surprise.",
            ),
            ("with-filter", "with the filter < 0.072", LOWEST, 50, ""),
        )
    ),
    Claim(
        "mirrored-means-solved",
        "3.4, 5.2",
        "The runs that end mirrored are those that succeed: at most 1 in 20 successes is not (to a tenth), and at "
        "most 1 in 20 mirrored runs fails.",
        measure=Study([CONTROL], mirrored_and_solved),
        because="Mirrored runs do succeed, but a quarter of the successes is only roughly mirrored.",
    ),
    Claim(
        "solutions-are-mirrored",
        "3.4, 5.2",
        "A network that solves the task has opposite weights.",
        statement=lambda: ForAll(
            SIX,
            [f"relu2.out({SIX_AT}, {i}) == {y}" for i, y in enumerate((1, 1, 0, 0))],
            ["p1 + q1 == 0", "p2 + q2 == 0"],
            TWO,
            [at(SIX, SYMMETRIC), at(SIX, ASYMMETRIC)],
            samples=0,
        ),
        because="Weights may differ as long as each unit sees one class-1 point alone.",
        repair=Repair(
            "Solutions form one connected set of dimension 4, up to the order of the units. It holds the mirrored ones "
            "and others, such as w = (3/2, -1/2), b = -1 with w' = (-1/2, 1/2), b' = 0.",
            lambda: AllAboutSets(
                [
                    every_set(RELU2, [SOLVES], [BEST, ("dimension", "=", 4), ("orbit", "=", 2)]),
                    number_of_sets(RELU2, [SOLVES], "=", 2),
                    *(set_at(RELU2, point, [SOLVES]) for point in (SYMMETRIC, ASYMMETRIC)),
                ]
            ),
        ),
    ),
    Claim(
        "mirrored-is-absolute",
        "3.4, 5.2",
        "A solution with opposite weights is |w . x + b|.",
        statement=lambda: Not(
            AllOf([number_fact(f"relu2.loss({flat(FLAT_MIRROR)}) == 0", relu2=RELU2), Not(is_absolute(FLAT_MIRROR))])
        ),
        because="With negative biases it is relu(|w . x| + b), 0 around the origin.",
        repair=Repair(
            "Solutions with opposite weights have equal biases b <= 0. Only with opposite biases is the sum |w . x "
            "+ b| everywhere, so only with b = 0.",
            lambda: AllOf([mirrored_solutions(), is_absolute(SYMMETRIC)]),
        ),
    ),
    Claim(
        "dead-units-in-success",
        "3.4",
        "Runs that succeed can end with a dead unit, as can runs that fail.",
        statement=lambda: right(unit_dead=True),
        because="One unit is monotone along its weights, and no line separates the classes.",
        repair=Repair(
            "With four points right no unit is dead: some weights do it, but none with the first unit off "
            "everywhere (nor, by symmetry, the second). From zero biases no unit is dead at the start either. "
            "There are traps with dead units.",
            lambda: AllOf(
                [
                    right(unit_dead=False),
                    Not(right(unit_dead=True)),
                    ForAll(
                        "u v",
                        ["u**2 + v**2 > 0"],
                        [[f"{z} > 0"] for z in pre("relu1", "[u, v, 0]")],
                        ONE,
                        [{"u": 1, "v": 0}],
                        splits=["u - v", "u + v"],
                        samples=0,
                    ),
                    local_minimum_at(RELU2, ((0, 0, -1), (0, 0, -1))),
                ]
            ),
        ),
    ),
    Claim(
        "filter-keeps-units-alive",
        "3.4",
        "Fewer runs end with a dead unit if they start with a low loss.",
        measure=Study(
            [LOWEST, CONTROL],
            lambda *ms: rises(
                [(hits(m, "dead unit")[0], m.runs) for m in ms],
                "Ends with a dead unit, with < 0.072 and without a filter",
            ),
        ),
    ),
]

TWO_LAYERS = [
    Claim(
        "two-layer-mean",
        "4.1",
        "The losses of 100 two-layer starts have the mean 1.36.",
        measure=Study(
            [TWO_STARTS], lambda m: average(1.5, m.numbers["deviation"], 1.36, 100, "initial losses, exactly 3/2,")
        ),
    ),
    *(
        Claim(
            f"two-layer-{name}",
            "4.1",
            f"The losses of 100 two-layer starts have the {words} {v}.",
            measure=Study([TWO_STARTS], lambda m, q=q, v=v: level(m.group(f"below {v:g}").runs, m.runs, q, v, 100)),
        )
        for name, words, q, v in (
            ("median", "median", 0.5, 0.908),
            ("quartile", "lower quartile", 0.25, 0.644),
            ("best", "least value", 0.0, 0.326),
            ("worst", "largest value", 1.0, 5.63),
        )
    ),
    Claim(
        "two-layer-never-right",
        "4.1",
        "No two-layer start (zero biases) has all four points right.",
        statement=lambda: part(ABOVE, 4),
        because="Not by chance: it cannot, ties left aside.",
    ),
    *(
        Claim(
            f"two-layer-start-{name}",
            "4.1",
            f"{published} of 100 two-layer starts have {words} right.",
            measure=Study(
                [TWO_STARTS], lambda m, published=published, k=k: starts_right(m, published, (k,), TWO_RIGHT)
            ),
        )
        for name, words, published, k in (
            ("three-right", "three points", 11, 3),
            ("two-right", "two points", 74, 2),
            ("one-right", "one point", 15, 1),
        )
    ),
    Claim(
        "two-layer-shares-add-up", "4.1", "The shares add up to 100%.", statement=number_fact("0 + 11 + 74 + 15 == 100")
    ),
    Claim(
        "two-layer-succeeds",
        "4.2",
        "Of 50 two-layer runs 10 succeed, 20%.",
        measure=Study([PLAIN], lambda m: count(m, 10, 50)),
    ),
    Claim(
        "two-layer-filter-succeeds",
        "Summary, 4.2, 9.1",
        "Of 50 two-layer runs with the filter < 0.326 19 succeed, 38%.",
        measure=Study([FILTERED], lambda m: count(m, 19, 50)),
    ),
    *(
        Claim(
            f"two-layer-{name}tenth-epoch",
            "4.2",
            f"A tenth of all 50 two-layer runs {what} has converged by epoch {v} (read: loss below 1e-7).",
            measure=Study([experiment, EARLY], lambda m, early, v=v, of=of: converged(m, early, v, of)),
        )
        for name, what, experiment, v, of in (
            ("", "without a filter", PLAIN_STOP, 410, 10),
            ("filter-", "with the filter", FILTERED_STOP, 379, 19),
        )
    ),
    Claim(
        "two-layer-stuck",
        "4.2",
        "80% are stuck at local minima: 40 of 50 runs fail, at one of the plateaus 1/8, 1/6 and 1/4.",
        measure=Study([PLAIN], lambda m: stuck(m, 40)),
    ),
    Claim(
        "two-layer-improvement",
        "4.2",
        "From 20% to 38% is an improvement of 90%.",
        statement=number_fact("(38 - 20)/20 == 90/100"),
        because="In points it is 18.",
    ),
    Claim(
        "failures-hit-the-limit",
        "4.2",
        "Runs that do not get all points right run for all 600 epochs (with a stop at loss 1e-7), and those that "
        "do stop earlier.",
        measure=Study([PLAIN_STOP], to_the_end),
        because="The first half holds, as a plateau has no loss below 1/8.",
    ),
    Claim(
        "nearly-doubled",
        "4.3",
        "38% is nearly twice 20%.",
        statement=number_fact("18/10 <= 38/20 < 2"),
    ),
    Claim(
        "nearly-doubled-measured",
        "4.3",
        "The filter makes 1.9 times as many of 50 two-layer runs succeed.",
        measure=Study([PLAIN, FILTERED], ratio_of_rates),
    ),
    Claim(
        "filtered-still-stuck",
        "4.3",
        "With the filter 62% are still stuck: 31 of 50 runs fail, at one of the plateaus.",
        measure=Study([FILTERED], lambda m: stuck(m, 31)),
    ),
    Claim(
        "plateau-of-an-eighth",
        "4.3",
        "Networks that fail end at the loss 0.125 (read: at least half of them, with and without the filter).",
        measure=Study([PLAIN, FILTERED], on_an_eighth),
    ),
    Claim(
        "plateau-outputs-halves",
        "4.3, A.2",
        "The networks on that plateau output (1/2, 1/2) everywhere (read: at least half of those near 1/8, to a "
        "tenth).",
        measure=Study(
            [PLAIN],
            lambda m: Measurement(
                2 * hits(m, "halves everywhere")[0] >= hits(m, "near 1/8")[0],
                f"{hits(m, 'halves everywhere')[0]} of {m.runs:,} runs end so, and "
                f"{told(hits(m, 'blind pair')[0], hits(m, 'near 1/8')[0])} of those near 1/8 with a hidden layer "
                "that sees all but one point of each class.",
            ),
        ),
        because="They do so at two points, of different classes, to which the hidden layer is blind, and fit the "
        "others.",
    ),
    Claim(
        "architecture-is-difficult",
        "4.3, 7.2",
        "SGD, two layers and squared errors make a difficult landscape; its difficulties are compound: there is "
        "more than one kind of plateau.",
        statement=lambda: part(BLIND, 0, 1, 2, 3),
        because="The landscape is that of the layers and the errors; SGD has no part in it.",
    ),
]

THEORY = [
    Claim(
        "low-loss-excludes-dead-points",
        "5.1",
        "A good start has no dead class-1 point: a loss below 0.072 excludes it, for all weights and biases.",
        statement=lambda: AllOf([dead_costs(), number_fact("72/1000 < 1/4")]),
        because="A dead class-1 point adds 1/4 to the mean. Gradient flow never raises the loss, so none dies later "
        "either.",
    ),
    *(
        Claim(
            f"{name}-excludes-dead-points",
            "5.1",
            f"A loss below {threshold} leaves no class-1 point dead either, with zero biases.",
            statement=lambda threshold=threshold: live_below(f"{round(1000 * threshold)}/1000"),
            because="A trap of loss 1/4 with zero biases and a dead point passes the filter.",
            repair=Repair(
                "1/4 is the highest threshold that does.",
                lambda: AllOf(
                    [
                        live_below("1/4"),
                        number_fact(
                            f"relu2.loss({flat(DEAD_X1)})/4 == 1/4", f"relu2.out({flat(DEAD_X1)}, 0) == 0", relu2=RELU2
                        ),
                    ]
                ),
            ),
        )
        for name, threshold in (("median", 0.468), ("quartile", 0.325))
    ),
    Claim(
        "filters-thin-dead-starts-out",
        "5.1",
        "Every filter lowers the share of starts with a dead class-1 point.",
        measure=Study(
            [LOWEST, QUARTER, HALF, CONTROL],
            lambda *ms: rises(
                [(m.group("dead").runs, m.runs) for m in ms], "Dead at the start, from < 0.072 to no filter"
            ),
        ),
    ),
    Claim(
        "two-layer-filter-prevents-blindness",
        "5.1",
        "Of two layers, too, good starts have no dead configuration (read: with the filter < 0.326 fewer than 1 in "
        "100 hidden layers are blind to just one point of each class).",
        measure=Study([FILTERED, PLAIN], blind_starts),
        because="A fifth still is.",
    ),
    Claim(
        "symmetry-preserved",
        "5.1",
        "Better starts preserve the symmetry: of their successes more end mirrored (to a tenth).",
        measure=Study(
            [CONTROL, HALF, QUARTER, LOWEST],
            lambda *ms: rises(
                [(hits(m, "mirrored 0.1")[1], m.whole.successes) for m in ms],
                "Successes that end mirrored, from no filter to < 0.072",
            ),
        ),
    ),
    Claim(
        "absolute-value-identity",
        "5.2",
        "|z| = relu(z) + relu(-z).",
        statement=lambda: ForAll(
            "u v b",
            [],
            [f"relu1.out([u, v, b], {i}) + relu1.out([-u, -v, -b], {i}) == abs1.out([u, v, b], {i})" for i in range(4)],
            landscapes(relu1="relu1", abs1=ABS1),
        ),
    ),
    Claim(
        "discovers-the-absolute-value",
        "5.2",
        "With a good start the network discovers this decomposition (read: with the filter < 0.072 at least 95% of "
        "runs end with opposite weights and biases, to a tenth).",
        measure=Study(
            [LOWEST],
            lambda m: Measurement(
                hits(m, "like |.|")[0] >= 0.95 * m.runs,
                f"{told(hits(m, 'like |.|')[0], m.runs)} end so; weights alone: "
                f"{hits(m, 'mirrored 0.1')[0] / m.runs:.1%}.",
            ),
        ),
        because="Their weights do, but opposite weights fit with equal biases of at most 0, see mirrored-is-absolute.",
    ),
    Claim(
        "bad-starts-lose-it",
        "5.2",
        "A good start preserves the possibility of a solution, which others lose: from zero biases with a dead "
        "class-1 point, gradient flow ends in a trap (read: with outputs of at most 3 at class 0).",
        statement=lambda: theorem_statement("dead_points_trap_two_relus"),
    ),
    Claim(
        "hundred-forward-passes",
        "5.3",
        "A start below 0.072 costs about 100 forward passes (read: 80 to 120).",
        measure=Study(
            [STARTS],
            lambda m: within(
                m.runs / m.group("below 0.072").runs,
                80,
                120,
                f"{told(m.group('below 0.072').runs, m.runs)} pass; draws for one that does",
            ),
        ),
    ),
    Claim("epochs-saved", "5.3", "From 123 to 49 epochs saves 74.", statement=number_fact("123 - 49 == 74")),
    Claim(
        "epochs-saved-measured",
        "5.3",
        "The strictest filter lowers the median of the successful runs by 74 epochs.",
        measure=Study([CONTROL, LOWEST], saved),
    ),
    Claim("gain-of-42", "5.3", "From 58% to 100% is a gain of 42 points.", statement=number_fact("100 - 58 == 42")),
    Claim(
        "42-percent-more-runs",
        "5.3",
        "42% more runs succeed than before.",
        statement=number_fact(rounds("(100 - 58)/58", 42)),
        because="42 are points.",
        repair=Repair("72% more runs do.", number_fact(rounds("(100 - 58)/58", 72))),
    ),
    Claim(
        "sampling-costs-nothing",
        "5.3, 7.3",
        "The 100 forward passes are far less (read: less than a tenth) than the 74 epochs that they save, an epoch "
        "being worth at most 4 of them.",
        statement=lambda: ForAll("c", ["0 < c", "c <= 4"], ["10*100 < 74*c"], try_at=[{"c": 3}]),
        because="They cost a third to a half of it.",
        repair=Repair(
            "They are less wherever an epoch (forward, backward, step) is worth 2 of them or more; worth 3, as "
            "usual, they are 45% of what they save.",
            lambda: AllOf(
                [ForAll("c", ["c >= 2"], ["100 < 74*c"], try_at=[{"c": 3}]), number_fact(rounds("100/(3*74)", 45))]
            ),
        ),
    ),
    Claim(
        "sampling-pays",
        "5.3",
        "All in all sampling pays: a success costs less with the filter < 0.072, drawing included.",
        measure=Study([CONTROL, LOWEST, STARTS], bought),
    ),
]

PRIOR = [
    Claim(
        "goldilocks-speed-up",
        "6",
        "Fort and Scherlis (2019) found speed-ups of 20 to 35% by choosing starts by the loss of a first batch.",
        opinion="What another paper reports, on MNIST. Its abstract tells of faster training after choosing starts of "
        "high local convexity or low initial loss; the figure could not be traced here, and no run on XOR "
        "bears on it.",
    ),
    Claim(
        "speed-up-of-60",
        "6",
        "From 123 to 49 epochs is 60% less.",
        statement=number_fact(rounds("(123 - 49)/123", 60)),
        because="As a factor it is the 2.5 of 3.3.",
    ),
    Claim(
        "explains-goldilocks",
        "6",
        "The distance theory explains why the method of that paper works.",
        opinion="Nothing of that paper is analysed.",
    ),
    Claim(
        "adaptive-thresholds",
        "6",
        "Thresholds adapt, being taken from the actual distribution.",
        opinion="A description of the method; what such a threshold is worth is settled under A.3.",
    ),
]

LIMITS = [
    Claim(
        "better-with-adam",
        "7.1, 9.2",
        "The method does better with Adam than with SGD (read: with the filter or without it, for two units or two "
        "layers, Adam succeeds more often).",
        measure=Study(
            [CONTROL, SGD, LOWEST, SGD_LOWEST, PLAIN_ADAM, PLAIN, FILTERED_ADAM, FILTERED],
            lambda *ms: better_than_sgd(*(m.whole for m in ms)),
        ),
        because="Nowhere; without the filter it is SGD that succeeds more often.",
    ),
    Claim(
        "moderate-difficulty",
        "7.1",
        "It works best for problems with 50 to 80% success before (read: the gain in points by the strictest "
        "filter is largest there, of two units, three units and two layers).",
        measure=Study([CONTROL, LOWEST, THREE, THREE_LOWEST, PLAIN, FILTERED], gains),
        because="Two units, below that range, gain most; three units lie within it.",
    ),
    Claim(
        "distance-is-the-challenge",
        "7.1, 8.1, 9.3",
        "The failures that it mends come from being far (read: among live starts, those of loss above 1 fail more "
        "often than one in a hundred, under SGD with steps of 1/10 and 1/2).",
        measure=Study([SGD, LONG_SGD], far_starts_fail),
        because="They come from dead points.",
    ),
    Claim(
        "some-minima-hold-sgd",
        "7.2",
        "In the two-layer network there are local minima that SGD cannot leave.",
        statement=lambda: part(BLIND, 0, 1),
        because="No method that follows gradients can: they vanish there.",
    ),
    Claim(
        "optimiser-is-at-fault",
        "7.2",
        "SGD is a poor choice for two layers: with Adam (step 1/100, the same epochs) more runs succeed.",
        measure=Study([PLAIN_ADAM, PLAIN], lambda a, s: higher(a.whole, s.whole, "Adam, SGD")),
        because="Rather fewer do.",
    ),
    Claim(
        "other-approaches",
        "7.2",
        "Some problems need different approaches because of their architecture.",
        opinion="No problem and no approach is named.",
    ),
    Claim(
        "overhead-at-scale",
        "7.3",
        "The cost of sampling may matter at scale.",
        opinion="A 'may'; at this size see sampling-costs-nothing.",
    ),
    Claim(
        "enough-samples",
        "7.3, 9.2",
        "Thresholds need enough samples: 100 to 1000 to know the distribution.",
        opinion="No accuracy is asked for. The best of n draws is passed by the share 1/(n + 1) in the mean, anything "
        "from 0 to several times that at a time.",
    ),
    Claim(
        "thresholds-by-problem",
        "7.3",
        "Different tasks need different thresholds. Read: what excludes all traps of relu2, a loss below 1/4, no "
        "two-layer start with zero biases has.",
        statement=lambda: theorem_statement(ABOVE),
        because="There no threshold excludes the plateaus, which lie at 1/4 and below.",
    ),
]

IMPLICATIONS = [
    Claim(
        "simple-landscape",
        "8.1",
        "The landscape is simple, without many local minima (read: relu2 on XOR has no local minimum but its "
        "solutions).",
        statement=lambda: number_of_sets(RELU2, [TRAP], "=", 0),
        because="The traditional view is right here.",
        repair=Repair(
            "Six of eight sets of minima are traps, of mean loss 1/4 and 1/2, one of them of full dimension.",
            lambda: AllAboutSets(
                [
                    number_of_sets(RELU2, [TRAP], "=", 6),
                    number_of_sets(RELU2, [BEST], "=", 2),
                    every_set(RELU2, [TRAP], [("loss", "in", [1, 2])]),
                    number_of_sets(RELU2, [TRAP, ("dimension", "=", 6)], "=", 1),
                ]
            ),
        ),
    ),
    Claim(
        "hard-means-far",
        "8.1, 9.3",
        "The distance of the start determines the difficulty (read: descent reaches a solution from every start "
        "that is nearer to one than some start from which it does).",
        statement=lambda: Not(AllOf([step_solves_far(), far_from_solutions(), trap_near_a_solution()])),
        because="A trap lies within sqrt(5/4) of a solution, and descent reaches solutions from as far as one likes.",
        repair=Repair(
            "From w = a(1, -1) and k(-1, 1) with zero biases one step of 1/6 (2/3 for the mean) reaches a "
            "solution, for all a, k >= 1/2, though all are at (2a - 1) / sqrt 3 or more; from a trap within "
            "sqrt(5/4) of one nothing does.",
            lambda: AllOf([step_solves_far(), far_from_solutions(), trap_near_a_solution()]),
        ),
    ),
    Claim(
        "hard-may-be-far",
        "8.1, 9.3",
        "Many networks that are hard to train may simply be far from a solution.",
        opinion="A 'may' about networks that are not named; for these two see hard-means-far and "
        "distance-is-the-challenge.",
    ),
    Claim(
        "start-beats-optimiser",
        "8.1",
        "A better start is worth more than a more complex optimiser: plain SGD with the filter < 0.072 succeeds "
        "more often than Adam without.",
        measure=Study(
            [SGD_LOWEST, CONTROL], lambda a, b: higher(a.whole, b.whole, "SGD with the filter, Adam without")
        ),
    ),
    Claim(
        "fundamental-principle",
        "8.2",
        "The linear relation suggests a fundamental principle of optimisation.",
        opinion="A suggestion; the relation itself does not hold, see time-is-linear-in-distance.",
    ),
    Claim(
        "future-directions",
        "8.3",
        "Scaling, architecture, proofs and hybrids are worth studying.",
        opinion="Questions. One is answered here: for relu2 the improvement is proved, see low-loss-always-succeeds.",
    ),
    Claim(
        "works-across-architectures",
        "9.1",
        "Sampling starts by their loss raises the success rate in every architecture tried: two units and two layers.",
        measure=Study(
            [CONTROL, LOWEST, PLAIN, FILTERED],
            lambda a, b, c, d: all_of(
                higher(b.whole, a.whole, "< 0.072, none"), higher(d.whole, c.whole, "< 0.326, none")
            ),
        ),
    ),
    Claim(
        "bottom-tenth-is-best",
        "9.2",
        "Starts from the lowest 1 to 10% of losses do best (read: in both networks the lowest tenth beats no filter).",
        measure=Study(
            [SAFE, CONTROL, TENTH, PLAIN],
            lambda a, b, c, d: all_of(
                higher(a.whole, b.whole, "two units, < 1/4, a tenth of all, and all"),
                higher(c.whole, d.whole, "two layers, lowest tenth and all"),
            ),
        ),
        because="For two units any of these always succeeds. For two layers the lowest tenth does no better than all; "
        "it takes filters like < 0.326, half a percent.",
    ),
    Claim(
        "sampling-overcomes",
        "Summary, 9.3",
        "Smart sampling overcomes many optimisation challenges; initialisation has been overcomplicated.",
        opinion="A judgement without a criterion.",
    ),
]

EIGHTH = (FITTED[0], HALVES, FITTED[1], HALVES)
BY_DRAWS = " + ".join(f"100/{100 + n}" for n in range(250))
"""The expected number of further draws until one beats the best of 100, up to 250: P(more than n) = 100/(100 + n)."""

APPENDIX = [
    Claim(
        "halves-give-an-eighth",
        "4.3, A.2",
        "Outputs (1/2, 1/2) at all four points have the mean squared error 0.125.",
        statement=number_fact(f"{entries([HALVES] * 4)} == 1/8"),
        because="Every entry is wrong by 1/2.",
        repair=Repair(
            "They have 1/4. 1/8 is the loss of a network that outputs (1/2, 1/2) at two points only and fits the "
            "others.",
            number_fact(f"{entries([HALVES] * 4)} == 1/4", f"{entries(EIGHTH)} == 1/8"),
        ),
    ),
    Claim(
        "one-class-costs-nothing",
        "A.2",
        "With the output (1/2, 1/2) the squared error is 1/4 in the entry of one class and 0 in that of the other.",
        statement=number_fact("(1/2 - 1)**2 == 1/4", "(1/2 - 0)**2 == 0"),
        repair=Repair("It is 1/4 in both.", number_fact("(1/2 - 1)**2 == 1/4", "(1/2 - 0)**2 == 1/4")),
    ),
    Claim(
        "mean-of-a-quarter-and-nothing",
        "A.2",
        "The mean of 1/4 and 0 is 0.125.",
        statement=number_fact("(1/4 + 0)/2 == 125/1000"),
        because="So the step before is the mistake.",
    ),
    Claim(
        "lazy-minimum",
        "A.2",
        "The plateau is a local minimum (read: that of loss 1/8, and that of outputs (1/2, 1/2)).",
        statement=lambda: part(BLIND, 0, 1, 4, 5),
        because="Of loss 1/8 where the hidden layer is blind to one point of each class, 1/4 to all.",
    ),
    *(
        Claim(
            f"passes-{name}",
            "A.3",
            f"A draw passes the threshold {threshold} with probability {words} (read: {of_hundred} of 100 draws do).",
            measure=Study(
                [STARTS],
                lambda m, threshold=threshold, of_hundred=of_hundred: share(
                    m.group(f"below {threshold}").runs, m.runs, of_hundred, 100, f"are below {threshold}"
                ),
            ),
        )
        for name, threshold, words, of_hundred in (
            ("median", 0.468, "1/2", 50),
            ("quartile", 0.325, "1/4", 25),
            ("best", 0.072, "about 1/100", 1),
        )
    ),
    *(
        Claim(
            f"draws-{name}",
            "A.3",
            f"With the probability {p} of passing it takes {e} draws in the mean.",
            statement=ForAll(
                "p e", [f"p == {p}", "e == 1 + (1 - p)*e"], [f"e == {e}"], try_at=[{"p": p, "e": e}], samples=0
            ),
        )
        for name, p, e in (("median", "1/2", "2"), ("quartile", "1/4", "4"), ("best", "1/100", "100"))
    ),
    Claim(
        "best-of-hundred-again",
        "2.2, A.3",
        "It takes about 100 draws in the mean (read: at most 120) to beat the best of 100 others. The chance that "
        "n draws do not is 100/(100 + n), the best of all being equally likely anywhere; the mean is the sum over "
        "n.",
        statement=number_fact(f"{BY_DRAWS} <= 120"),
        because="The first 250 terms alone exceed that, and the sum diverges; 100 is the median, and the mean for a "
        "fixed threshold of 1%.",
        repair=Repair(
            "The mean is infinite: the terms with 100 + n from m to 2m, for any m, are at least 50/m each, so that "
            "every doubling of n adds 50. The median is 100, and the share of draws that pass is 1/101 in the mean.",
            lambda: AllOf(
                [
                    ForAll("n m", ["n > 0", "n <= 2*m"], ["100*m >= 50*n"], try_at=[{"n": 1, "m": 1}]),
                    number_fact("100/(100 + 100) == 1/2", "1/101 < 1/100"),
                ]
            ),
        ),
    ),
]

CLAIMS = [
    *FOUNDATION,
    *SETUP,
    *LOSSES,
    *RESULTS,
    *OBSERVATIONS,
    *PATTERNS,
    *TWO_LAYERS,
    *THEORY,
    *PRIOR,
    *LIMITS,
    *IMPLICATIONS,
    *APPENDIX,
]

WRITEUP = Writeup("loss-sampled-init", "Loss-Based Sampling Initialization for Neural Networks", CLAIMS)
