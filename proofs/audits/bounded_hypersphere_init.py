"""The claims of "Bounded Hypersphere Initialization for ReLU Networks", and of the chat below it, with what was found.

Words    A unit faces the data if b = |w| R - w . m, with their mean m and R = max |x_i - m| + margin (0.1), as steps 1 to
         3 have it. Step 4, the proof and the code leave out w . m: b = |w| R, "as written"; on XOR m is 0, and both are
         one. An inverted unit has b = -|w| R; alpha stands before R. A point is dead where no unit sees it. "Chat" is
         the second part, an answer by ChatGPT.
Data     x1 = (1, -1), x2 = (-1, 1) with label 1; x3 = (1, 1), x4 = (-1, -1) with label 0; formulas count from 0. The
         network is the sum of two units; exact statements have the sum of squared errors, training the mean.
Training Table 5.1: 800 epochs of Adam (0.01; 0.9, 0.99) with early stops, weights normal (0.5). The grid: 500 epochs
         of Adam (0.01; 0.9, 0.999), no stops. Units that face the data have Xavier-normal weights.
Found    Once w . m is back, no point is dead at the start, and on XOR no class-1 point is dead in the end. But where all
         units see all points the network is affine on the data: its loss is 1 at least, and it flows to outputs 1/2, a
         trap, if the units are much alike, as all short ones are. So 82% of the runs succeed: more than from the standard
         start (47%), fewer than after rejecting dead data (97%). Inverted units at alpha = 1 are dead for ever; flips
         help nowhere, alpha = 0.7 does (88%). The class spheres of XOR are one sphere. The promised 99% is true in one
         reading only: weights along the axis of each class, alpha = 0.3.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from stability import landscape
from stability.arrays import Booleans, Floats
from stability.audit.claims import Claim, Repair, Writeup
from stability.audit.experiments import Experiment, GroupCounts, Measured
from stability.audit.hypothesis_tests import all_of, count, fails, higher
from stability.audit.landscape_statements import gradient_descent_visits, landscapes, number_fact, on, pre
from stability.audit.measurements import Measurement, proportion
from stability.audit.protocols import Study
from stability.audit.theorems import theorem_statement
from stability.logic.statements import AllOf, Exists, ForAll, Not
from stability.model.datasets import Dataset
from stability.model.wilson import wilson
from stability.training.ensembles.ensemble import Ensemble, train
from stability.training.ensembles.unit_geometry import dead_points, margins, preactivations

RELU1, RELU2, LEAKY2 = on("relu1"), on("relu2"), on("leaky1/100:2")
CORNERS = on("relu1", Dataset("corners", ((1, 0), (0, 1), (1, 1), (0, 0)), (1, 1, 0, 0)))
"""A unit on XOR as it is usually written, with the mean (1/2, 1/2)."""

CORNER_RADIUS = ["r > 1/10", "(r - 1/10)**2 >= 1/2"]
"""A radius of sqrt(1/2) + 1/10 or more."""

ONE, TWO = landscapes(relu1=RELU1), landscapes(relu2=RELU2)
SIX, SIX_AT = "p1 p2 b1 q1 q2 b2", "[p1, p2, b1, q1, q2, b2]"
ALONG = "[d0, d1, d2, d3, d4, d5]"
FIT = [f"relu2.out({SIX_AT}, {i}) == {y}" for i, y in ((3, 0), (2, 0), (1, 1), (0, 1))]
ON, OFF = ([[f"relu2.pre({SIX_AT}, {j}, {i}) {side} 0" for i in range(4)] for j in (0, 1)] for side in (">", "<="))
SOLVED = [dict(zip(SIX.split(), ("1/2", "-1/2", 0, "-1/2", "1/2", 0), strict=True))]

SPHERE = ["n > 0", "n**2 == u**2 + v**2", "r > 0"]
WIDE = [*SPHERE, "r**2 > 2"]
"""Weights (u, v) of the length n, and a radius r, above sqrt 2 where it is that of XOR with any margin."""

FACING, AWAY = pre("relu1", "[u, v, n*r]"), pre("relu1", "[u, v, -n*r]")
"""Pre-activations of a unit that faces XOR, and of one that is inverted."""

POINT = ["n > 0", "n**2 == u**2 + v**2", "s >= 0", "(x - k)**2 + (y - l)**2 <= s**2", "e > 0"]
"""A unit, and a point (x, y) of data with the mean (k, l) and the radius s, to which the margin e is added."""
POINT_NAMES = "u v n x y k l s e"
AWAY_FROM_IT = dict(zip(POINT_NAMES.split(), (-3, -4, 5, 3, 4, "3/2", 2, "5/2", "1/10"), strict=True))
"""The data (0, 0) and (3, 4), with the mean (3/2, 2), and weights that look away from (3, 4)."""

FOOT = ["n > 0", "n**2 == u**2 + v**2", "r > 0", "n*h == n*k - u*r", "n*j == n*l - v*r"]
"""The point (h, j) of step 3: the mean (k, l), less r times w/|w|."""
FOOT_AT = [dict(zip("uvnrklhj", (3, 4, 5, 2, 1, 1, "-1/5", "-3/5"), strict=True))]

KILLED = (("3/10", "2/5", "4/5"),) * 2, (("-3/10", "-2/5", "-3/10"),) * 2
"""Two equal units that face XOR, with r = 8/5, and where a step of 1/8 leads from there: x1 and x2 are dead."""

FITTED = (("3/14", "2/7", "4/7"),) * 2
"""Two equal units that face XOR, with r = 8/5, and put out 1 at x1."""

RESTING = ("3/32", "1/8", "1/4"), ("-3/32", "-1/8", "1/4")
"""Two opposite units that face XOR, with r = 8/5, and put out 1/2 everywhere."""


def flat(point: Sequence[Sequence[object]]) -> str:
    """Return a point as the list of a formula."""
    return f"[{', '.join(str(x) for row in point for x in row)}]"


def each(formulas: Sequence[str], relation: str) -> list[str]:
    """Return the relation for each of the formulas."""
    return [f"{formula} {relation}" for formula in formulas]


def facing(point: Sequence[Sequence[str]], radius: str = "8/5") -> ForAll:
    """State that the units of a point face XOR: b = |w| r for a radius r above sqrt 2."""
    long = [f"({b})**2 == (({u})**2 + ({v})**2)*({radius})**2" for u, v, b in point]
    return number_fact(f"{radius} > 0", f"({radius})**2 > 2", *(f"{b} > 0" for _, _, b in point), *long)


def unit(given: Sequence[str], *then: str | list[str], names: str = "u v n r", **hints: Any) -> ForAll:
    """State what holds of a unit on XOR with weights (u, v) of the length n, and other numbers."""
    numbers = {"u": 3, "v": 4, "n": 5, "r": "3/2", "a": "1/2", "s": "3/2", "e": "1/10"}
    at = [{name: numbers[name] for name in names.split()}]
    hints = {"squares": ["u + v", "u - v"], "samples": 0, "try_at": at, **hints}
    return ForAll(names, given, then, ONE, **hints)  # type: ignore[arg-type]


def seen_on_xor() -> AllOf:
    """State that a unit as written sees all points of XOR, with pre-activations of |w| times the margin e or more."""
    given = ["n > 0", "n**2 == u**2 + v**2", "s > 0", "s**2 >= 2", "e > 0"]
    pairs = zip(pre("relu1", "[u, v, n*(s + e)]"), pre("relu1", "[u, v, n*s]"), strict=True)
    return AllOf([unit(given, f"{z} > 0", f"{z} >= n*e", names="u v n s e", splits=[edge]) for z, edge in pairs])


def distance_is_margin() -> ForAll:
    """State that a point d from the boundary, d = z/|w|, is no nearer than the margin e, if z >= |w| e."""
    return ForAll("n z e d", ["n > 0", "z >= n*e", "n*d == z"], ["d >= e"])


def positive(z: str, *given: str) -> ForAll:
    """State that a unit sees a point of the data."""
    return ForAll(POINT_NAMES, [*POINT, *given], [f"{z} > 0"], try_at=[AWAY_FROM_IT], samples=0)


def foot(*then: str) -> ForAll:
    """State what holds of the point of step 3."""
    return ForAll("u v n r k l h j", FOOT, then, try_at=FOOT_AT, samples=0)


def alone(example: int, place: Any = RELU2) -> dict[str, Any]:
    """Return the landscape of two units on one example of XOR; loss and gradient are sums of such parts."""
    x, y = place.data.points[example], place.data.labels[example]
    return landscapes(**{f"alone{example}": landscape(place.network, Dataset("one example", (x,), (y,)))})


def no_pull(example: int, point: str, given: Sequence[str] = (), names: str = "") -> ForAll:
    """State that the loss of an example has no slope in any direction."""
    values = {"p1": -1, "p2": 1, "q1": -1, "q2": 1, "b1": -3, "b2": -3}
    at = [{name: values.get(name, 0) for name in [*names.split(), *ALONG[1:-1].split(", ")]}]
    variables = f"{names} {ALONG[1:-1].replace(',', '')}"
    return ForAll(variables, given, [f"alone{example}.d1({point}, {ALONG}) == 0"], alone(example), at, samples=0)


def dead(example: int) -> list[str]:
    """Return that neither unit sees an example, which is alone."""
    return [f"alone{example}.pre({SIX_AT}, {j}, 0) < 0" for j in (0, 1)]


def of_the_dead(*then: str, place: Any = RELU2, more: Sequence[str] = ()) -> AllOf:
    """State what holds of every example that no unit sees, @ being it alone."""
    at = [{"p1": 0, "p2": 0, "b1": -1, "q1": 0, "q2": 0, "b2": -1}]
    parts = []
    for i, y in enumerate(place.data.labels):
        own = [text.replace("@", f"alone{i}").replace("LABEL", str(y)) for text in (*then, *more)]
        goals, extra = own[: len(then)], own[len(then) :]
        parts.append(ForAll(SIX, [*dead(i), *extra], goals, alone(i, place), at, samples=0))
    return AllOf(parts)


def short_starts_are_trapped() -> AllOf:
    """State that units that face XOR with |w| <= 1/6 (and a radius up to 31/20) have pre-activations between 0 and 1/2.

    So those of two units differ by less than 1/2 everywhere, from where gradient flow ends with outputs 1/2.
    """
    given = [*WIDE, "r <= 31/20", "6*n <= 1"]
    at = [{"u": "1/10", "v": 0, "n": "1/10", "r": "3/2"}]
    z = pre("relu1", "[u, v, n*r]")
    edges = [f"2*({x}) - 2*n*r - 3*n" for x in z]
    inside = [unit(given, f"0 < {x} < 1/2", try_at=at, splits=[x, edge]) for x, edge in zip(z, edges, strict=True)]
    return AllOf([*inside, theorem_statement("seeing_everything_is_a_trap")])


def rests_only_if_mirrored() -> ForAll:
    """State where a gradient is 0 while both units see all points."""
    axes = [f"[{', '.join(str(int(k == n)) for k in range(6))}]" for n in range(6)]
    slopes = 2 * ("8*(p1 + q1)", "8*(p2 + q2)", "8*(b1 + b2) - 4")
    then = [f"relu2.d1({SIX_AT}, {axis}) == {slope}" for axis, slope in zip(axes, slopes, strict=True)]
    at = [dict(zip(SIX.split(), (x for row in RESTING for x in row), strict=True))]
    return ForAll(SIX, [*ON[0], *ON[1]], then, TWO, at, samples=0)


def solutions() -> ForAll:
    """State that at every solution one unit sees x1 alone, and the other x2 alone."""
    ways = [[ON[a][0], OFF[a][1], ON[1 - a][1], OFF[1 - a][0], *OFF[0][2:], *OFF[1][2:]] for a in (0, 1)]
    return ForAll(SIX, FIT, ways, TWO, SOLVED, samples=0)


def coincide() -> ForAll:
    """State that the two classes of XOR have the same mean, and the same greatest distance from it."""
    points, labels = RELU2.data.points, RELU2.data.labels
    classes = [[x for x, y in zip(points, labels, strict=True) if y == label] for label in (0, 1)]
    means = [[f"(({a[c]}) + ({b[c]}))/2" for c in (0, 1)] for a, b in classes]
    facts = [f"{x} == {y}" for x, y in zip(*means, strict=True)]
    reach = [
        f"(({x[0]}) - {m[0]})**2 + (({x[1]}) - {m[1]})**2" for own, m in zip(classes, means, strict=True) for x in own
    ]
    return number_fact(*facts, *(f"{first} == {second}" for first, second in pairwise(reach)))


def aligned(*then: list[str]) -> ForAll:
    """State what holds of units along the axes of their classes, c(1, 1) and d(1, -1), whose biases are b and -f.

    With b = alpha R |w| and alpha R < sqrt 2, the square of b is below 4 c^2.
    """
    at = [{"c": 1, "d": 1, "b": "1/2", "f": "1/2"}]
    return ForAll("c d b f", ["b > 0", "f > 0", "b**2 < 4*c**2"], then, TWO, at, splits=["c"], samples=0)


def crossing() -> ForAll:
    """State that where the boundaries of a solution meet inside the square, both contain x3 and x4."""
    inside = ["-1 < x < 1", "-1 < y < 1", "p1*x + p2*y + b1 == 0", "q1*x + q2*y + b2 == 0"]
    own = [ON[0][0], OFF[0][1], ON[1][1], OFF[1][0], *OFF[0][2:], *OFF[1][2:]]
    then = [f"relu2.pre({SIX_AT}, {j}, {i}) == 0" for j in (0, 1) for i in (2, 3)]
    at = [{**SOLVED[0], "x": "1/2", "y": "1/2"}]
    return ForAll(f"{SIX} x y", [*own, *inside], then, TWO, at, splits=["x - y"], samples=0)


XAVIER_BIAS = ("134/100 < q/2*(s + 1/10) < 135/100",)
ZERO_BIAS = pre("relu1", "[u, v, 0]")
EQUAL = "[u, v, b, u, v, b]"
ALIGNED_AT = "[c, c, b, d, -d, -f]"


def gaussian(*then: str) -> ForAll:
    """State what holds of q = sqrt(pi) and s = sqrt 2, by bounds on their squares.

    A normal vector of the plane with the standard deviation d has the mean length d sqrt(pi/2): Xavier's has d = 1/s,
    and q/2, He's has d = 1.
    """
    bounds = ["q > 0", "3141/1000 < q**2 < 3142/1000", "s > 0", "1999/1000 < s**2 < 2001/1000"]
    return ForAll("q s", bounds, then, try_at=[{"q": "177245/100000", "s": "141421/100000"}], samples=0)


def equal_gradients() -> ForAll:
    """State that two equal units have equal gradients."""
    axes = [f"[{', '.join(str(int(k == n)) for k in range(6))}]" for n in range(6)]
    pairs = zip(axes[:3], axes[3:], strict=True)
    return ForAll("u v b", [], [f"relu2.autograd({EQUAL}, {a}) == relu2.autograd({EQUAL}, {c})" for a, c in pairs], TWO)


def equal_solution() -> list[str]:
    """Return that two equal units fit XOR."""
    return [f"relu2.out({EQUAL}, {i}) == {y}" for i, y in enumerate((1, 1, 0, 0))]


def never_moves() -> AllOf:
    """State that an inverted unit is off at all points, and what is off has slope 0, whatever the other unit does."""
    at = [dict(zip([*SIX.split(), "d", "e", "f"], (0, 0, -1, 1, 1, 0, 1, 1, 1), strict=True))]
    still = [f"relu2.d1({SIX_AT}, [d, e, f, 0, 0, 0]) == 0"]
    rests = ForAll(f"{SIX} d e f", each(pre("relu2", SIX_AT), "< 0"), still, TWO, at, samples=0)
    return AllOf([unit(WIDE, *each(AWAY, "< 0")), rests])


def depends_on_direction() -> AllOf:
    """State that at alpha R = 6/5 a unit sees all points with w = (1, 0), and not with w = (3, 4)."""
    along, across = pre("relu1", "[1, 0, 6/5]"), pre("relu1", "[3, 4, 6]")
    return AllOf([number_fact(*each(along, "> 0"), relu1=RELU1), number_fact(f"{across[3]} < 0", relu1=RELU1)])


def class_zero_dead() -> list[list[str]]:
    """Return that x3, or x4, is dead."""
    return [[f"relu2.pre({ALIGNED_AT}, {j}, {i}) < 0" for j in (0, 1)] for i in (2, 3)]


def whole_units(*shares: str) -> ForAll:
    """State that each share of two units is 0, 1 or 2 units."""
    return number_fact(*(f"(2*{p})*(2*{p} - 1)*(2*{p} - 2) == 0" for p in shares))


# Training


def began(e: Ensemble) -> Floats:
    """Return the pre-activations of each start."""
    return preactivations(e, e.starts)


def blind(e: Ensemble) -> Booleans:
    """Tell which starts leave a point to no unit."""
    return np.asarray(dead_points(e, e.starts).any(1))


def narrow(e: Ensemble) -> Booleans:
    """Tell which starts leave no point dead, yet have a margin below 1/10."""
    least = margins(e, e.starts).min(1)
    return np.asarray((least > 0) & (least < 0.1))


def alike(e: Ensemble) -> Booleans:
    """Tell in which starts the pre-activations of the two units differ by less than 1/2 at all points."""
    z = began(e)
    return np.asarray(np.abs(z[:, 0] - z[:, 1]).max(1) < 0.5)


def both_split(e: Ensemble) -> Booleans:
    """Tell in which starts each unit sees some points and not all."""
    count = (began(e) > 0).sum(2)
    return np.asarray(((count > 0) & (count < e.task.labels.size)).all(1))


def crossed(e: Ensemble) -> Booleans:
    """Tell in which starts the two boundaries cross inside the square."""
    (a, b, c), (d, f, g) = e.rows(e.starts).transpose(1, 2, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = (b * g - c * f) / (a * f - b * d), (c * d - a * g) / (a * f - b * d)
    return np.asarray((np.abs(x) < 1) & (np.abs(y) < 1))


def flat_end(e: Ensemble) -> Booleans:
    """Tell which runs stop with all outputs within 1/20 of 1/2."""
    return np.asarray((np.abs(e.outputs - 0.5) < 0.05).all((1, 2)))


def lost(e: Ensemble) -> Booleans:
    """Tell which runs stop with a class-1 point that no unit sees."""
    return np.asarray(dead_points(e, e.points)[:, e.task.labels > 0].any(1))


def away(e: Ensemble, flat: Floats) -> Floats:
    """Return how far the boundaries are from the mean of the data, which is 0."""
    rows = e.rows(flat)
    with np.errstate(divide="ignore"):
        distances: Floats = np.abs(rows[..., -1]) / np.linalg.norm(rows[..., :-1], axis=2)
    return distances


def nearer(e: Ensemble) -> Booleans:
    """Tell in which runs both boundaries end nearer to the mean of the data than they began."""
    return np.asarray((away(e, e.points) < away(e, e.starts)).all(1))


FEW = 4000
"""Runs that are made again for a number."""

SCALES = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
LOOKS = (1, 10, 25, 50, 100, 200)


def again(e: Ensemble, begin: Floats, snapshots: Sequence[int] = ()) -> Ensemble:
    """Return runs with the settings of an ensemble from other starts, or with snapshots."""
    limits = {"epochs": e.epochs, "stop_loss": e.stops.loss, "patience": e.stops.patience}
    return train(e.task, begin, e.rule, dtype=e.dtype, snapshots=snapshots, **limits)  # type: ignore[arg-type]


def scaled(e: Ensemble) -> list[float]:
    """Return how many of the first runs succeed if all parameters are multiplied by each of SCALES first."""
    return [float(again(e, c * e.starts[:FEW]).success.sum()) for c in SCALES]


def dead_by_epoch(e: Ensemble) -> list[float]:
    """Return in how many of the first runs some point is dead after each of LOOKS epochs."""
    runs = again(e, e.starts[:FEW], LOOKS)
    return [float(dead_points(runs, runs.snapshots[t]).any(1).sum()) for t in LOOKS]


def unit_lost_by_epoch(e: Ensemble) -> list[float]:
    """Return in how many of the first runs some unit does not see all points after each of LOOKS epochs."""
    runs = again(e, e.starts[:FEW], LOOKS)
    return [float((preactivations(runs, runs.snapshots[t]) <= 0).any((1, 2)).sum()) for t in LOOKS]


def overshot(e: Ensemble) -> float:
    """Return in how many of the first runs the mean output is ever below 2/5, by a look every ten epochs."""
    times = range(0, e.epochs + 1, 10)
    runs = again(e, e.starts[:FEW], times)
    means = [np.maximum(preactivations(runs, runs.snapshots[t]), 0).sum(1).mean(1) for t in times]
    return float((np.min(means, axis=0) < 0.4).sum())


def mean_and_error(values: Floats) -> list[float]:
    """Return a mean and its standard error."""
    return [float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))]


def biases(e: Ensemble) -> list[float]:
    """Return the mean bias of the starts."""
    return mean_and_error(e.rows(e.starts)[..., -1].ravel())


def gradients(e: Ensemble) -> list[float]:
    """Return the mean length of the gradient of the mean loss at the start."""
    z, points = began(e), np.c_[e.task.points, np.ones(len(e.task.labels))]
    errors = np.maximum(z, 0).sum(1) - e.task.labels
    slopes = np.einsum("ri,rji,ic->rjc", errors, (z > 0).astype(float), points) * 2 / len(e.task.labels)
    return mean_and_error(np.linalg.norm(slopes.reshape(len(z), -1), axis=1))


def lengths(e: Ensemble) -> list[float]:
    """Return the mean length of the parameter vector of the successful runs at the stop."""
    return mean_and_error(np.linalg.norm(e.points[e.success], axis=1))


STARTS: dict[str, Any] = {"epochs": 0, "ends": False}
GRID: dict[str, Any] = {"betas": None, "epochs": 500, "stop_loss": 0.0, "patience": None, "ends": False}
"""The settings of the chat's grid: no early stop, Adam with its default betas."""

SPHERES = Experiment(
    "hypersphere",
    init="hypersphere",
    groups={
        "alike": alike,
        "flat end": flat_end,
        "class-1 point dead at the stop": lost,
        "nearer": nearer,
        "dead": blind,
    },
    numbers={
        "successes by scale": scaled,
        "dead by epoch": dead_by_epoch,
        "unit lost by epoch": unit_lost_by_epoch,
        "overshot": overshot,
        "bias": biases,
        "gradient": gradients,
        "length": lengths,
    },
)
NORMAL = Experiment(
    "normal",
    groups={"dead": blind, "narrow": narrow},
    numbers={"gradient": gradients, "length": lengths},
)
LIVE = Experiment(
    "dead-data-rejection",
    init="dead-data-rejection:0.5",
    groups={"dead": blind, "narrow": narrow, "class-1 point dead at the stop": lost},
)
SAFE = Experiment("margin-rejection", init="margin-rejection:0.5:0.1", groups={"class-1 point dead at the stop": lost})
XAVIER = Experiment(
    "xavier-normal",
    init="xavier-normal",
    groups={"dead": blind, "alike": alike},
    numbers={"successes by scale": scaled, "gradient": gradients, "length": lengths},
)
LIVE_XAVIER = Experiment(
    "dead-data-rejection-xavier",
    init="dead-data-rejection:xavier-normal",
    numbers={"successes by scale": scaled},
)
KAIMING = Experiment("kaiming-normal", init="kaiming-normal", groups={"dead": blind}, **STARTS)
BIASED = Experiment("normal-biased", init="normal:0.5:0.1", groups={"both split": both_split})
FLOW = Experiment(
    "hypersphere-descent",
    init="hypersphere",
    optimizer="sgd",
    lr="0.1",
    epochs=2000,
    patience=None,
    groups={"alike": alike},
)
FOUR = Experiment("hypersphere-of-four", model="relu4", init="hypersphere", ends=False)
HEAD, HEAD_XAVIER = (
    Experiment(f"{init}-with-head", model="relu2-linear", init=init, ends=False)
    for init in ("hypersphere", "xavier-normal")
)
MOONS, MOONS_AS_WRITTEN = (
    Experiment(f"moons-{init}", init=init, data="moons:100:10", groups={"dead": blind}, **STARTS)
    for init in ("hypersphere", "hypersphere-as-written")
)
SHARES, ALPHAS = ("0", "0.25", "0.5", "0.75", "1"), ("0.1", "0.3", "0.5", "0.7", "1")


def cell(name: str, init: str) -> Experiment:
    """Return a cell of the grid, or a start that is compared with it."""
    groups = {"dead": blind, "crossed": crossed}
    return Experiment(name, init=init, restarts=10_000, groups=groups, **GRID)


CELLS = {(p, a): cell(f"grid-{p}-{a}", f"partial-tangency:{p}:{a}") for p in SHARES for a in ALPHAS}
"""The 5 x 5 grid, each unit inverted with the probability p."""

HALVES = {a: cell(f"fixed-0.5-{a}", f"partial-tangency-fixed:0.5:{a}") for a in ALPHAS}
"""The middle column with exactly one of the two units inverted; with 0 or 2 the columns p = 0 and 1 are the same."""

CLASSES, ALIGNED = (
    {a: cell(f"{name}-{a}", f"{name}:{a}") for a in ALPHAS} for name in ("class-spheres", "class-spheres-aligned")
)
PLAIN = CELLS["0", "1"]
"""Units that face the data, under the settings of the grid."""


def told(group: GroupCounts) -> str:
    """Return the successes of a group in words."""
    return f"{proportion(group.successes, group.runs)} succeed"


def share(measured: Measured, group: str) -> str:
    """Return the share of all runs that belong to a group, in words."""
    return proportion(measured.group(group).runs, measured.runs)


def beyond(hits: int, runs: int, least: float) -> bool:
    """Tell whether the 95% interval of a share is above a number."""
    return wilson(hits, runs)[0] > least


def rest(measured: Measured, group: str) -> GroupCounts:
    """Return the counts of the runs outside a group."""
    own, whole = measured.group(group), measured.whole
    return GroupCounts(whole.runs - own.runs, whole.successes - own.successes, {}, {})


def failures(group: GroupCounts) -> int:
    """Return how many runs of a group fail."""
    return group.runs - group.successes


def best(*measured: Measured) -> Measured:
    """Return the result with the highest rate."""
    return max(measured, key=lambda m: m.whole.rate)


def spelled(measured: Measured) -> str:
    """Return the initialisation of a result, and its successes."""
    return f"{measured.settings['init']}: {told(measured.whole)}"


def percent(counts: Sequence[float], runs: int) -> str:
    """Return counts as percentages of runs."""
    return ", ".join(f"{count / runs:.1%}" for count in counts)


def few(measured: Measured) -> int:
    """Return how many runs were made again for a number."""
    return min(FEW, measured.runs)


# What the results say


def compared(better: Experiment, worse: Experiment, names: str) -> Study:
    """Return the study whether one start succeeds more often than another."""
    return Study([better, worse], lambda b, w: higher(b.whole, w.whole, names))


def costs_as_much(normal: Measured) -> Measurement:
    """Judge whether rejection of dead data takes as many draws as training takes epochs."""
    live = normal.runs - normal.group("dead").runs
    epochs = float(normal.whole.epochs().mean())
    says = (
        f"{proportion(live, normal.runs)} of normal draws leave no point dead, so that {normal.runs / live:.1f} draws "
    )
    says += f"are needed on average; a successful run takes {epochs:.0f} epochs."
    return Measurement(bool(normal.runs / live >= epochs), says)


def needs_attempts(normal: Measured) -> Measurement:
    """Judge whether more than half of the draws have to be repeated."""
    hits = normal.group("dead").runs
    return Measurement(
        beyond(hits, normal.runs, 0.5), f"{proportion(hits, normal.runs)} of the draws leave a point dead."
    )


def remain_dead(*schemes: Measured) -> Measurement:
    """Judge whether schemes leave points dead in some starts."""
    says = [f"{m.settings['init']}: {share(m, 'dead')} of the starts" for m in schemes]
    return Measurement(all(m.group("dead").runs for m in schemes), f"Some point is dead in {'; '.join(says)}.")


def never_dead_early(spheres: Measured) -> Measurement:
    """Judge whether no point is dead in the first 50 epochs."""
    dead, split, runs = spheres.numbers["dead by epoch"], spheres.numbers["unit lost by epoch"], few(spheres)
    early = [count for epoch, count in zip(LOOKS, dead, strict=True) if epoch <= 50]
    says = (
        f"After {', '.join(map(str, LOOKS))} epochs some point is dead in {percent(dead, runs)} of {runs:,} runs; some "
    )
    return Measurement(not any(early), f"{says}unit has lost a point in {percent(split, runs)}.")


def all_contract(spheres: Measured) -> Measurement:
    """Judge whether in 95% of the runs both boundaries end nearer to the mean of the data."""
    own, failed = spheres.group("nearer"), failures(spheres.whole)
    says = f"{proportion(own.runs, spheres.runs)} of the runs, {proportion(own.successes, spheres.whole.successes)} of "
    says += f"those that succeed and {proportion(failures(own), failed)} of those that fail."
    return Measurement(beyond(own.runs, spheres.runs, 0.95), f"Both boundaries move inward in {says}")


def successes_contract(spheres: Measured) -> Measurement:
    """Judge the same of the successful runs."""
    hits, runs = spheres.group("nearer").successes, spheres.whole.successes
    return Measurement(beyond(hits, runs, 0.95), f"Both boundaries move inward in {proportion(hits, runs)} of them.")


def shorter(spheres: Measured, *others: Measured) -> Measurement:
    """Judge whether the solutions that are found are shorter than those from other starts."""
    (own, error), rest = spheres.numbers["length"], [m.numbers["length"] for m in others]
    says = ", ".join(f"{m:.3f}" for m, _ in rest)
    says = f"Mean length of the solutions: {own:.4f} (standard error {error:.1g}), against {says} from "
    words = f"{says}{' and '.join(m.settings['init'] for m in others)}. The shortest solution has length 1."
    return Measurement(all(own + 3 * error < m - 3 * e for m, e in rest), words)


def less_sensitive(spheres: Measured, *others: Measured) -> Measurement:
    """Judge whether the success depends less on the scale of the weights."""
    found = [(m, m.numbers["successes by scale"]) for m in (spheres, *others)]
    spread = [(max(counts) - min(counts)) / few(m) for m, counts in found]
    says = "; ".join(f"{m.settings['init']} {percent(counts, few(m))}" for m, counts in found)
    scales = ", ".join(f"{c:g}" for c in SCALES)
    says = f"With weights times {scales} these succeed: {says} (of {few(spheres):,} runs each)."
    return Measurement(spread[0] < min(spread[1:]), says)


def fails_blind_or_narrow(normal: Measured) -> Measurement:
    """Judge whether nearly all failures started with a dead point, or with a margin below 1/10."""
    dead, close, failed = (failures(g) for g in (normal.group("dead"), normal.group("narrow"), normal.whole))
    says = (
        f"{proportion(dead, failed)} of the failures started with a dead point, {proportion(close, failed)} with none "
    )
    return Measurement(beyond(dead + close, failed, 0.95), f"{says}and a margin below 1/10.")


def fails_narrow(live: Measured) -> Measurement:
    """Judge whether failures of live starts have small margins more often than live starts have."""
    hits, failed = failures(live.group("narrow")), failures(live.whole)
    low, high = wilson(hits, failed)[0], wilson(live.group("narrow").runs, live.runs)[1]
    says = f"{proportion(hits, failed)} of the failures had a margin below 1/10, {share(live, 'narrow')} of all starts."
    return Measurement(low > high, says)


def fails_otherwise(safe: Measured) -> Measurement:
    """Judge whether most failures of starts with a margin are of another kind than a dead class-1 point."""
    hits, failed = failures(safe.group("class-1 point dead at the stop")), failures(safe.whole)
    says = f"{proportion(hits, failed)} of the failures end with a class-1 point that is dead."
    return Measurement(not beyond(hits, failed, 0.5), says)


def perfect(adam: Measured, longer: Measured, descent: Measured) -> Measurement:
    """Judge whether all runs succeed."""
    says = f"{told(adam.whole)}; with 500 epochs, default betas and no early stop {told(longer.whole)}; by gradient "
    says += f"descent with step 1/10 {told(descent.whole)}."
    return Measurement(not any(failures(m.whole) for m in (adam, longer, descent)), says)


def same_start(spheres: Measured) -> Measurement:
    """Judge whether the biases do not vary from start to start."""
    value, error = spheres.numbers["bias"]
    spread = error * np.sqrt(2 * spheres.runs)
    says = f"Over {spheres.runs:,} starts a bias has the mean {value:.3f} and the standard deviation {spread:.3f}."
    return Measurement(not spread > 0, says)


def leaves_dead(live: Measured) -> Measurement:
    """Judge whether rejection leaves points dead in some starts."""
    hits = live.group("dead").runs
    return Measurement(hits > 0, f"Some point is dead in {proportion(hits, live.runs)} of the starts after rejection.")


def none_ignored(spheres: Measured) -> Measurement:
    """Judge whether no run stops with a dead class-1 point."""
    hits = spheres.group("class-1 point dead at the stop").runs
    says = f"A class-1 point is dead at the stop in {proportion(hits, spheres.runs)} of the runs, failures included."
    return Measurement(not hits, says)


def faster(spheres: Measured, *others: Measured) -> Measurement:
    """Judge whether successful runs stop earlier than those from other starts."""
    own, rest = (np.array([np.median(m.whole.epochs()) for m in group]) for group in ((spheres,), others))
    says = ", ".join(f"{epochs:g} from {m.settings['init']}" for epochs, m in zip(rest, others, strict=True))
    return Measurement(bool(own[0] < rest.min()), f"Successful runs stop after {own[0]:g} epochs (median), {says}.")


def end_flat(spheres: Measured) -> Measurement:
    """Judge whether most failures end with outputs 1/2, and none with a dead class-1 point."""
    hits, failed = failures(spheres.group("flat end")), failures(spheres.whole)
    says = f"{proportion(hits, failed)} of the failures end with all outputs within 1/20 of 1/2."
    return all_of(Measurement(beyond(hits, failed, 0.9), says), none_ignored(spheres))


def most_fail(spheres: Measured) -> Measurement:
    """Judge whether most runs fail that start without any split of the data."""
    hits = failures(spheres.whole)
    return Measurement(
        beyond(hits, spheres.runs, 0.5), f"Of starts at which all units see all data {told(spheres.whole)}."
    )


def near(published: float, digits: float) -> Callable[..., Measurement]:
    """Return the judgement of a published mean bias."""

    def judge(spheres: Measured) -> Measurement:
        value, error = spheres.numbers["bias"]
        says = f"The mean bias of {2 * spheres.runs:,} units is {value:.3f} (standard error {error:.1g})."
        return Measurement(abs(value - published) < digits / 2 + 3 * error, says)

    return judge


def steeper(spheres: Measured, *others: Measured) -> Measurement:
    """Judge whether gradients are larger at the start than from other starts."""
    (own, error), rest = spheres.numbers["gradient"], [m.numbers["gradient"] for m in others]
    says = ", ".join(f"{m.numbers['gradient'][0]:.2f} from {m.settings['init']}" for m in others)
    words = f"The gradient of the mean loss has the mean length {own:.2f}, against {says}."
    return Measurement(all(own - 3 * error > m + 3 * e for m, e in rest), words)


def overshoots(spheres: Measured) -> Measurement:
    """Judge whether the outputs of at least one run in twenty shoot below 1/2 on average."""
    hits, runs = int(spheres.numbers["overshot"]), few(spheres)
    says = (
        f"The mean output is ever below 2/5 in {proportion(hits, runs)} of the runs, on its way from about 2.7 to 1/2."
    )
    return Measurement(beyond(hits, runs, 0.05), says)


def splits_twice(biased: Measured) -> Measurement:
    """Judge whether in most starts both units see some points and not all."""
    hits = biased.group("both split").runs
    says = f"In {proportion(hits, biased.runs)} of the starts both boundaries separate points; {told(biased.whole)}."
    return Measurement(beyond(hits, biased.runs, 0.5), says)


def more_alike(spheres: Measured, xavier: Measured) -> Measurement:
    """Judge whether the rule makes units alike more often than zero biases do."""
    own, other = (m.group("alike").runs for m in (spheres, xavier))
    says = (
        f"{proportion(own, spheres.runs)} of the starts that face the data have units with pre-activations less than "
    )
    says += f"1/2 apart at all points, {proportion(other, xavier.runs)} of those with the same weights and zero biases."
    return Measurement(wilson(own, spheres.runs)[0] > wilson(other, xavier.runs)[1], says)


def alike_fail(spheres: Measured, flow: Measured) -> Measurement:
    """Judge whether alike units succeed less often, with Adam and with gradient descent."""
    parts = [higher(rest(m, "alike"), m.group("alike"), names) for m, names in ((spheres, ADAM), (flow, DESCENT))]
    failed = (
        f"{proportion(failures(spheres.group('alike')), failures(spheres.whole))} of the failures are of alike units."
    )
    return all_of(*parts, Measurement(True, failed))


ADAM, DESCENT = "others against alike units, Adam", "the same, gradient descent with step 0.1"


def flips_help(*measured: Measured) -> Measurement:
    """Judge whether at some alpha a share of inverted units succeeds more often than none."""
    columns = [measured[k : k + len(SHARES)] for k in range(0, len(measured), len(SHARES))]
    won = [a for a, row in zip(ALPHAS, columns, strict=True) if any(better(m, row[0]) for m in row[1:])]
    rows = "; ".join(
        f"alpha {a}: {percent([m.whole.successes for m in row], row[0].runs)}"
        for a, row in zip(ALPHAS, columns, strict=True)
    )
    return Measurement(bool(won), f"Successes at p = {', '.join(SHARES)} of {columns[0][0].runs:,} runs each: {rows}.")


def better(first: Measured, second: Measured) -> bool:
    """Tell whether the 95% interval of one rate is above that of another."""
    return first.whole.interval[0] > second.whole.interval[1]


def above(least: float) -> Callable[..., Measurement]:
    """Return the judgement that the best of several starts succeeds in more than a share of the runs."""

    def judge(*measured: Measured) -> Measurement:
        found = best(*measured)
        words = f"The best of {len(measured)}: " if len(measured) > 1 else ""
        return Measurement(found.whole.interval[0] > least, f"{words}{spelled(found)}.")

    return judge


def robust(*measured: Measured) -> Measurement:
    """Judge whether the best of the first half succeeds in 95% of the runs; tell the rates of both halves."""
    half = len(measured) // 2
    rows = [percent([m.whole.successes for m in part], part[0].runs) for part in (measured[:half], measured[half:])]
    says = f"Successes at alpha = {', '.join(ALPHAS)}: {rows[0]} with weights as drawn, {rows[1]} with aligned ones "
    found = best(*measured[:half]).whole
    return Measurement(found.interval[0] > 0.95, f"{says}(of {measured[0].runs:,} runs each).")


def below(most: float) -> Callable[..., Measurement]:
    """Return the judgement that even the best of several starts stays below a share of successes."""

    def judge(*measured: Measured) -> Measurement:
        found = best(*measured)
        return Measurement(found.whole.interval[1] < most, f"The best of {len(measured)}: {spelled(found)}.")

    return judge


def smaller_helps(alpha: str) -> Study:
    """Return the study whether a smaller alpha is better than 1, nothing being inverted."""

    def judge(small: Measured, plain: Measured) -> Measurement:
        dead = Measurement(True, f"Some point is dead in {share(small, 'dead')} of the starts.")
        return all_of(higher(small.whole, plain.whole, f"alpha {alpha} and 1"), dead)

    return Study([CELLS["0", alpha], PLAIN], judge)


def crossing_helps(*measured: Measured) -> Measurement:
    """Judge whether starts succeed more often whose boundaries cross inside the square."""
    parts = [
        higher(m.group("crossed"), rest(m, "crossed"), f"crossing, others; {m.settings['init']}") for m in measured
    ]
    return all_of(*parts)


def mostly_crossed(plain: Measured, *others: Measured) -> Measurement:
    """Judge whether the other starts of the grid mostly have crossing boundaries."""
    says = "; ".join(f"{m.settings['init']}: {share(m, 'crossed')}" for m in (plain, *others))
    return Measurement(
        all(beyond(m.group("crossed").runs, m.runs, 0.5) for m in others), f"Boundaries cross inside: {says}."
    )


def mostly_live(*measured: Measured) -> Measurement:
    """Judge whether most starts leave no point dead."""
    says = "; ".join(f"{m.settings['init']}: {share(m, 'dead')}" for m in measured)
    return Measurement(
        all(beyond(m.runs - m.group("dead").runs, m.runs, 0.5) for m in measured), f"Some point is dead: {says}."
    )


def code_runs() -> Measurement:
    """Set an entry of a bias as the code of section 4 does, outside torch.no_grad."""
    layer = torch.nn.Linear(2, 2)
    try:
        layer.bias[0] = torch.norm(layer.weight[0]) * 1.5
    except RuntimeError as problem:
        return Measurement(False, f"torch {torch.__version__} raises RuntimeError: {problem}")
    return Measurement(True, f"torch {torch.__version__} sets it.")


def off_centre(as_written: Measured, moons: Measured) -> Measurement:
    """Judge whether neither form of the rule leaves a point of the moons dead."""
    says = f"On moons:100:10 some point is dead in {share(as_written, 'dead')} of the starts as written, and in "
    return Measurement(not as_written.group("dead").runs, f"{says}{share(moons, 'dead')} with w . m put back.")


TANGENT, SEEING, INVERTED = (
    "tangent_planes_see_all_data",
    "all_seeing_starts_fit_affinely",
    "units_facing_away_stay_dead",
)

PREFACE = [
    Claim(
        "was-a-bust",
        "Preface",
        "Tried on XOR the idea was a failure (read: it succeeds no more often than the standard start).",
        measure=Study([SPHERES, NORMAL], lambda s, n: fails(higher(s.whole, n.whole, "facing the data, standard"))),
        because="It succeeds far more often than the standard start, though not always.",
    ),
    Claim(
        "was-a-bust-beside-rejection",
        "Preface",
        "The same (read: it succeeds less often than what it should replace, the rejection of dead data).",
        measure=compared(LIVE, SPHERES, "rejection, facing the data"),
    ),
]

INTRODUCTION = [
    Claim(
        "dead-outputs-zero",
        "1.1",
        "A point with negative pre-activations in all units gets output 0.",
        statement=lambda: of_the_dead(f"@.out({SIX_AT}, 0) == 0"),
    ),
    Claim(
        "dead-no-gradient",
        "1.1",
        "Such a point gives the units no gradient.",
        statement=lambda: AllOf([no_pull(i, SIX_AT, dead(i), SIX) for i in range(4)]),
    ),
    Claim(
        "dead-not-learnt",
        "1.1",
        "It is not learnt before some unit sees it: until then its squared error is that of the output 0.",
        statement=lambda: of_the_dead(f"@.loss({SIX_AT}) == LABEL**2"),
    ),
    Claim(
        "training-may-ignore-the-dead",
        "1.1",
        "Training may converge to a point that is not optimal and leaves dead points out.",
        statement=lambda: theorem_statement("dead_points_trap_two_relus"),
        because="From an open set of starts gradient flow ends with x2 fitted, x1 dead, and loss 1.",
    ),
    Claim(
        "rejection-is-expensive",
        "1.2",
        "Rejection sampling is expensive (read: for XOR it needs as many draws as training needs epochs).",
        measure=Study([NORMAL], costs_as_much),
        because="With zero biases one draw in four is live: the two units must look into opposite quarters.",
    ),
    Claim(
        "leaky-gives-gradient",
        "1.2",
        "A leaky ReLU has a gradient at points that no unit sees (read: with slope 1/100, unless they are fitted).",
        statement=lambda: of_the_dead(
            f"@.autograd({SIX_AT}, [0, 0, 1, 0, 0, 0]) != 0", place=LEAKY2, more=[f"@.out({SIX_AT}, 0) != LABEL"]
        ),
    ),
    Claim(
        "leaky-changes-the-network",
        "1.2",
        "It changes the network: there are parameters at which the outputs differ.",
        statement=number_fact(
            "relu2.out([0, 0, -1, 0, 0, 0], 0) == 0",
            "leaky.out([0, 0, -1, 0, 0, 0], 0) != 0",
            relu2=RELU2,
            leaky=LEAKY2,
        ),
    ),
    Claim(
        "scaling-reduces-dead-data",
        "1.2",
        "A weight scale such as Xavier's or He's makes dead data rarer (read: with zero biases some factor c > 0 brings a "
        "dead point to life).",
        statement=lambda: Exists(
            "p1 p2 c",
            ["c > 0", "relu1.pre([p1, p2, 0], 0, 0) <= 0", "relu1.pre([c*p1, c*p2, 0], 0, 0) > 0"],
            ONE,
            samples=0,
        ),
        because="Whether a point is dead does not depend on the scale at all.",
        repair=Repair(
            "With zero biases all pre-activations are multiplied by the scale, so that the same points are dead at "
            "every scale.",
            lambda: ForAll(
                "p1 p2 c",
                ["c > 0"],
                [
                    f"{z} == c*{y}"
                    for z, y in zip(pre("relu1", "[c*p1, c*p2, 0]"), pre("relu1", "[p1, p2, 0]"), strict=True)
                ],
                ONE,
            ),
        ),
    ),
    Claim(
        "scaling-leaves-dead-data",
        "1.2",
        "Xavier's and He's weights do not get rid of dead data.",
        measure=Study([XAVIER, KAIMING], remain_dead),
    ),
    Claim(
        "rejection-needs-attempts",
        "1.2, 5.2",
        "Rejection may need several attempts (read: more than half of the first draws are rejected).",
        measure=Study([NORMAL], needs_attempts),
    ),
]

CONSTRUCTION = [
    Claim(
        "sphere-encloses-data",
        "2.2, 3.1",
        "All data lie within the sphere of step 1, by the margin.",
        statement=lambda: ForAll(
            POINT_NAMES, POINT, ["(x - k)**2 + (y - l)**2 < (s + e)**2"], try_at=[AWAY_FROM_IT], samples=0
        ),
    ),
    Claim(
        "any-weights",
        "2.2",
        "The rule works with any scheme that draws weights (read: for all weights but 0, in any dimension, with the bias "
        "of step 3's point).",
        statement=lambda: theorem_statement(TANGENT),
    ),
    Claim(
        "tangent-at-the-foot",
        "2.1, 2.3",
        "The hyperplane through step 3's point that is orthogonal to w touches the sphere and does not enter it.",
        statement=lambda: ForAll(
            "u v n r k l x y",
            [*SPHERE, "u*(x - k) + v*(y - l) == -n*r"],
            ["(x - k)**2 + (y - l)**2 >= r**2"],
            try_at=[dict(zip("uvnrklxy", (3, 4, 5, 5, 0, 0, -3, -4), strict=True))],
            squares=["u*(y - l) - v*(x - k)"],
            samples=0,
        ),
    ),
    Claim(
        "normal-points-inward",
        "2.1, 2.3",
        "From that point w points towards the mean of the data.",
        statement=lambda: foot("u*(k - h) + v*(l - j) > 0"),
    ),
    Claim(
        "bias-of-step-4",
        "2.2, 4",
        "Minus w times that point is |w| R, the bias of step 4 and of the code.",
        statement=lambda: foot("-u*h - v*j == n*r"),
        because="Step 4 drops the mean of the data.",
        repair=Repair(
            "It is |w| R - w . m, which is |w| R only where the mean m is 0 or orthogonal to w.",
            lambda: foot("-u*h - v*j == n*r - u*k - v*l"),
        ),
    ),
    Claim(
        "projection-is-norm",
        "2.2",
        "w . (w/|w|) R is |w| R.",
        statement=lambda: ForAll(
            "u v n r g h",
            [*SPHERE, "n*g == u", "n*h == v"],
            ["(u*g + v*h)*r == n*r"],
            try_at=[dict(zip("uvnrgh", (3, 4, 5, 1, "3/5", "4/5"), strict=True))],
            samples=0,
        ),
    ),
    Claim(
        "boundary-at-radius",
        "2.1, 2.3, 3.1",
        "The boundary as written is tangent to the sphere: its distance from the mean of the data is R.",
        statement=lambda: ForAll(
            "u v n r k l",
            SPHERE,
            ["(u*k + v*l + n*r)**2 == (n*r)**2"],
            try_at=[dict(zip("uvnrkl", (3, 4, 5, 1, 1, 1), strict=True))],
        ),
        because="It is tangent to a sphere around the origin, wherever the data are.",
        repair=Repair(
            "With b = |w| R - w . m it is: the pre-activation is |w| R at m, and 0 at step 3's point.",
            lambda: AllOf(
                [
                    ForAll("u v n r k l", SPHERE, ["u*k + v*l + (n*r - u*k - v*l) == n*r"]),
                    foot("u*h + v*j + n*r - u*k - v*l == 0"),
                ]
            ),
        ),
    ),
    Claim(
        "all-data-positive",
        "2.1, 2.3",
        "As written, all data lie on the positive side of every unit.",
        statement=lambda: positive("u*x + v*y + n*(s + e)"),
        because="Not where the mean is far from the origin, opposite to w.",
        repair=Repair(
            "With b = |w| R - w . m they do, in any dimension, with w . x + b >= |w| times the margin; as written they do "
            "where the mean is 0.",
            lambda: theorem_statement(TANGENT),
        ),
    ),
]

GUARANTEES = [
    Claim(
        "no-dead-data",
        "3.1, Abstract",
        "As written, no point is dead: of two units one sees it.",
        statement=lambda: ForAll(
            f"{POINT_NAMES} p q m",
            [*POINT, "m > 0", "m**2 == p**2 + q**2"],
            [["u*x + v*y + n*(s + e) > 0"], ["p*x + q*y + m*(s + e) > 0"]],
            try_at=[{**AWAY_FROM_IT, "p": -3, "q": -4, "m": 5}],
            samples=0,
        ),
        because="The data (0, 0) and (3, 4) lose (3, 4) if both units look the other way.",
        repair=Repair(
            "With b = |w| R - w . m every unit sees every point, for all data and all weights but 0.",
            lambda: theorem_statement(TANGENT),
        ),
    ),
    Claim(
        "no-dead-data-on-xor",
        "3.1",
        "On XOR, with the mean 0, every unit as written sees every point, by |w| times the margin at least.",
        statement=seen_on_xor,
    ),
    Claim(
        "proof-of-the-theorem",
        "3.1",
        "w . x + |w| R >= |w| times the margin, as |x - m| <= R less the margin.",
        statement=lambda: ForAll(
            POINT_NAMES, POINT, ["u*x + v*y + n*(s + e) >= n*e"], try_at=[AWAY_FROM_IT], samples=0
        ),
        because="The bound on |x - m| says nothing of w . x; it bounds w . (x - m).",
        repair=Repair(
            "w . (x - m) + |w| R >= |w| times the margin, by Cauchy and Schwarz, and no larger bound holds.",
            lambda: theorem_statement(TANGENT),
        ),
    ),
    Claim(
        "margin-is-a-distance",
        "3.2",
        "Every point is |w| times the margin away from every boundary at least.",
        statement=lambda: ForAll(
            "n g s e d",
            ["n > 0", "s >= 0", "e > 0", "g**2 <= n**2*s**2", "n*d == g + n*(s + e)"],
            ["d >= n*e"],
            try_at=[{"n": 5, "g": -5, "s": 1, "e": "1/10", "d": "1/10"}],
        ),
        because="That is the bound on pre-activations; distances are these divided by |w|.",
        repair=Repair(
            "The pre-activation is |w| times the margin at least, the distance the margin, whatever |w| is.",
            lambda: AllOf([theorem_statement(TANGENT), distance_is_margin()]),
        ),
    ),
    Claim(
        "margin-is-preserved",
        "Abstract, 3.2",
        "The margin is kept without further constraints (read: at some solution of XOR a class-0 point is still seen).",
        statement=lambda: Exists(SIX, [*FIT, ON[0][2]], TWO, samples=0),
        because="To solve XOR both class-0 points must die.",
        repair=Repair(
            "At every solution both class-0 points are dead, and each class-1 point is seen by a unit.",
            lambda: theorem_statement("exact_fit_has_dead_data"),
        ),
    ),
    Claim(
        "boundaries-contract",
        "3.3",
        "Boundaries begin outside the data and move inward in training (read: both, in 95% of the runs).",
        measure=Study([SPHERES], all_contract),
        because="In runs that succeed they always do. In most that fail one recedes: its weights shrink to 0, its bias not.",
    ),
    Claim(
        "boundaries-contract-to-solutions",
        "3.3",
        "In the runs that find a solution both boundaries have moved inward.",
        measure=Study([SPHERES], successes_contract),
    ),
    Claim(
        "gradients-are-guaranteed-early",
        "Abstract, 3.3, 6.1",
        "All points keep giving gradients early on: after one step of gradient descent, of any size, some unit still sees "
        "each class-1 point.",
        statement=lambda: Not(
            AllOf(
                [
                    facing(KILLED[0]),
                    gradient_descent_visits(RELU2, "1/8", KILLED),
                    number_fact(
                        *(f"relu2.pre({flat(KILLED[1])}, {j}, {i}) < 0" for j in (0, 1) for i in (0, 1)), relu2=RELU2
                    ),
                ]
            )
        ),
        because="Two units at w = (3/10, 2/5), b = 4/5 lose both class-1 points by one step of 1/8 (1/2 for the mean).",
        repair=Repair(
            "From any start at which both units see all points, a step of 1/16 at most (1/4 for the mean) leaves every "
            "point to some unit.",
            lambda: theorem_statement(SEEING),
        ),
    ),
    Claim(
        "no-point-dies-early",
        "Abstract, 3.3, 6.1",
        "In the documented training no point is dead early on (read: in the first 50 epochs).",
        measure=Study([SPHERES], never_dead_early),
    ),
    Claim(
        "natural-regularisation",
        "3.3",
        "The geometry regularises (read: the solutions found have smaller parameters than those from other starts).",
        measure=Study([SPHERES, NORMAL, XAVIER], shorter),
    ),
    Claim(
        "insensitive-to-scale",
        "3.3",
        "The success depends less on the scale of the weights (read: than with zero biases, weights times 1/10 to 4).",
        measure=Study([SPHERES, XAVIER, LIVE_XAVIER], less_sensitive),
        because="It depends on it far more: short units are alike, and long ones have a long way to go.",
    ),
    Claim(
        "geometry-insensitive-to-scale",
        "3.3",
        "As to dead data the rule does not depend on the scale: with b = |w| R all pre-activations are multiplied by it.",
        statement=lambda: ForAll(
            "u v n r c",
            ["c > 0", *SPHERE],
            [f"{z} == c*{y}" for z, y in zip(pre("relu1", "[c*u, c*v, c*n*r]"), FACING, strict=True)]
            + ["(c*n)**2 == (c*u)**2 + (c*v)**2"],
            ONE,
            try_at=[{"u": 3, "v": 4, "n": 5, "r": 1, "c": 2}],
            samples=0,
        ),
        because="True, as with zero biases.",
    ),
    Claim(
        "code-runs",
        "4",
        "The code runs.",
        measure=code_runs,
        because="It assigns to entries of a parameter outside torch.no_grad; inside it runs, and gives b = |w| R.",
    ),
]

EXPERIMENTS = [
    Claim(
        "counts-and-percentages",
        "5.1",
        "29 of 50 are 58%, 49 of 50 are 98%, 496 of 500 are 99.2%.",
        statement=number_fact("100*29 == 58*50", "100*49 == 98*50", "1000*496 == 992*500"),
    ),
    Claim(
        "standard-58-percent",
        "5.1",
        "The standard start succeeds in 29 of 50 runs.",
        measure=Study([NORMAL], lambda m: count(m, 29, 50)),
    ),
    Claim(
        "live-98-percent",
        "5.1",
        "With dead data rejected 49 of 50 runs succeed.",
        measure=Study([LIVE], lambda m: count(m, 49, 50)),
    ),
    Claim(
        "margin-99-percent",
        "5.1",
        "With a margin too (read: of 1/10), 496 of 500 runs succeed.",
        measure=Study([SAFE], lambda m: count(m, 496, 500)),
    ),
    Claim(
        "standard-fails-by-dead-data",
        "5.1",
        "The standard start fails by dead data and small margins (read: 95% of the failures began with a dead point, or "
        "a margin below 1/10).",
        measure=Study([NORMAL], fails_blind_or_narrow),
    ),
    Claim(
        "live-fails-by-margin",
        "5.1",
        "With dead data rejected it fails by small margins (read: below 1/10, more often than live starts have them).",
        measure=Study([LIVE], fails_narrow),
    ),
    Claim(
        "margin-fails-subtly",
        "5.1",
        "With a margin too, only subtle geometric failures are left (read: most of another kind than dead class-1 points).",
        measure=Study([SAFE], fails_otherwise),
        because="They are the old ones: a class-1 point is lost on the way, long units being the likely ones.",
    ),
    Claim(
        "bhi-solves-in-theory",
        "5.1",
        "In theory the rule always succeeds on XOR (read: gradient flow carries no start of it into a trap).",
        statement=lambda: Not(short_starts_are_trapped()),
        because="All starts with |w| <= 1/6 in both units are carried into one.",
        repair=Repair(
            "While both units see all points the loss is 1 at least, and they move straight to outputs 1/2, a trap of loss "
            "1. They get there if their pre-activations differ by less than 1/2 everywhere, and lose a point before if they "
            "differ by more somewhere.",
            lambda: AllOf([theorem_statement(SEEING), short_starts_are_trapped()]),
        ),
    ),
    Claim(
        "bhi-100-percent",
        "5.1",
        "The rule succeeds in all runs.",
        measure=Study([SPHERES, PLAIN, FLOW], perfect),
        because="It fails in about one run of five.",
    ),
    Claim(
        "deterministic",
        "5.2",
        "The initialisation is deterministic.",
        measure=Study([SPHERES], same_start),
        because="Only the bias is, given the weights; these are drawn.",
    ),
    Claim(
        "one-attempt",
        "5.2",
        "One attempt is enough to have no dead data (with w . m put back).",
        statement=lambda: theorem_statement(TANGENT),
    ),
    Claim(
        "rejection-only-approximates",
        "5.2, 8",
        "Rejection approximates statistically what the rule guarantees (read: it leaves some point dead in some starts).",
        measure=Study([LIVE], leaves_dead),
        because="What it accepts has no dead data, as surely; it is the number of draws that is left to chance.",
    ),
    Claim(
        "cost-independent",
        "5.2",
        "The cost does not depend on how rare live draws are: whatever the data, the first draw is live.",
        statement=lambda: theorem_statement(TANGENT),
        because="True, at the price of a pass over the data for their mean and radius.",
    ),
]

ANALYSIS = [
    Claim(
        "every-example-has-gradient",
        "6.1",
        "At a start in which all units see all points every example gives a gradient.",
        statement=lambda: Not(AllOf([facing(FITTED), no_pull(0, flat(FITTED))])),
        because="Not an example that is fitted: two units at w = (3/14, 2/7), b = 4/7 put out 1 at x1.",
        repair=Repair(
            "The slope in the bias of a unit that sees an example is twice its error: 0 where it is fitted, and only there.",
            lambda: ForAll(
                SIX,
                [f"alone0.pre({SIX_AT}, {j}, 0) > 0" for j in (0, 1)],
                [f"alone0.d1({SIX_AT}, [0, 0, 1, 0, 0, 0]) == 2*(alone0.out({SIX_AT}, 0) - 1)"],
                alone(0),
                try_at=[dict.fromkeys(SIX.split(), 1) | {"p2": 0}],
                samples=0,
            ),
        ),
    ),
    Claim(
        "no-start-rests",
        "6.1",
        "At no such start does the gradient vanish altogether.",
        statement=lambda: Not(
            AllOf(
                [
                    facing(RESTING),
                    ForAll(ALONG[1:-1].replace(",", ""), [], [f"relu2.d1({flat(RESTING)}, {ALONG}) == 0"], TWO),
                ]
            )
        ),
        because="Opposite units with b = 1/4 put out 1/2 everywhere, and the four signals cancel.",
        repair=Repair(
            "While both units see all points the gradient on each is 8 times the summed weights, and 8 times the summed "
            "biases less 4: 0 where the weights are opposite and the biases sum to 1/2, and only there.",
            rests_only_if_mirrored,
        ),
    ),
    Claim(
        "no-subset-is-ignored",
        "6.1",
        "Training does not come to ignore points (read: no class-1 point is dead at the stop).",
        measure=Study([SPHERES], none_ignored),
        because="Runs fail in the other way, at outputs 1/2.",
    ),
    Claim(
        "consistent-direction",
        "6.2",
        "The start gives a consistent direction: while both units see all points they have the same gradient, and the loss "
        "falls towards one point, as in a funnel.",
        statement=lambda: theorem_statement(SEEING),
        because="True, but the funnel leads to outputs 1/2.",
    ),
    Claim(
        "solutions-see-all-data",
        "6.2",
        "There are solutions in whose direction that is: with a unit that sees more than one point.",
        statement=lambda: Exists(SIX, [*FIT, ON[0][0], ON[0][1]], TWO, samples=0),
        because="A unit that sees both class-1 points sees a class-0 point.",
        repair=Repair("At every solution one unit sees x1 alone, and the other x2 alone.", solutions),
    ),
    Claim(
        "funnel-speeds-convergence",
        "6.2",
        "The funnel improves convergence (read: successful runs stop earlier than from the standard start).",
        measure=Study([SPHERES, NORMAL], faster),
        because="They take nearly four times as long.",
    ),
    Claim(
        "separation-from-all-points",
        "6.3",
        "Boundaries start with a guaranteed separation from all points: the margin.",
        statement=lambda: AllOf([theorem_statement(TANGENT), distance_is_margin()]),
    ),
    Claim(
        "margin-as-in-svm",
        "6.3",
        "It is a margin as that of a support vector machine: some boundary on XOR has one class on either side.",
        statement=lambda: Not(unit(WIDE, *each(FACING, "> 0"))),
        because="All points, of both classes, lie on the same side.",
        repair=Repair(
            "All four points are on the positive side of every boundary, and no line separates the classes anyway.",
            lambda: AllOf([unit(WIDE, *each(FACING, "> 0")), theorem_statement("no_line_separates_xor")]),
        ),
    ),
    Claim(
        "needs-the-data",
        "7.1",
        "The start depends on the data: with the same weights, data of another radius give another bias.",
        statement=Exists("n r q", ["n > 0", "r > 0", "q > 0", "n*r != n*q"]),
    ),
    Claim(
        "centring-is-for-performance",
        "7.1",
        "Centring is wanted for performance only: on XOR with the corners (0, 0) to (1, 1), where R = sqrt(1/2) + 1/10, "
        "units as written still see all points.",
        statement=lambda: Not(
            ForAll(
                "r",
                [*CORNER_RADIUS, "r <= 81/100"],
                ["corners.pre([-3, -4, 5*r], 0, 2) < 0"],
                landscapes(corners=CORNERS),
            )
        ),
        because="As the rule is written the guarantee needs it: w = (-3, -4) does not see (1, 1).",
        repair=Repair(
            "With b = |w| R - w . m it does, for every radius of sqrt(1/2) + 1/10 or more.",
            lambda: AllOf(
                [
                    ForAll(
                        "u v n r",
                        [*SPHERE, *CORNER_RADIUS],
                        [f"corners.pre([u, v, n*r - (u + v)/2], 0, {i}) > 0"],
                        landscapes(corners=CORNERS),
                        try_at=[{"u": -3, "v": -4, "n": 5, "r": "81/100"}],
                        squares=["u + v", "u - v"],
                        splits=[f"corners.pre([u, v, n*r - (u + v)/2], 0, {i})"],
                        samples=0,
                    )
                    for i in range(4)
                ]
            ),
        ),
    ),
    Claim(
        "centring-on-moons",
        "7.1, 3.1",
        "On data that are not centred, two moons, the rule as written leaves no point dead.",
        measure=Study([MOONS_AS_WRITTEN, MOONS], off_centre),
        because="The theorem fails in practice too.",
    ),
    Claim(
        "single-layer",
        "7.1, 7.2",
        "Deeper and other networks need more thought.",
        opinion="A plan, with nothing that could fail.",
    ),
    Claim(
        "reliable-beside-standard",
        "8",
        "The rule makes training more reliable than the standard start.",
        measure=compared(SPHERES, NORMAL, "facing the data, standard"),
    ),
    Claim(
        "reliable-beside-rejection",
        "8",
        "The rule makes training more reliable than rejection of dead data.",
        measure=compared(SPHERES, LIVE, "facing the data, rejection"),
        because="It is less so: it trades dead points for outputs 1/2.",
    ),
    Claim(
        "efficient",
        "5.2, 8",
        "The rule is more efficient than rejection (read: successful runs need fewer epochs; a few draws cost nothing).",
        measure=Study([SPHERES, LIVE], faster),
        because="The draws that are saved, three of four, cost less than the epochs that are added.",
    ),
    Claim(
        "broader-applications",
        "8",
        "Shrinking spheres are elegant and suggest broader applications.",
        opinion="A matter of taste, and a hope.",
    ),
]

REASONS = [
    Claim(
        "no-boost",
        "Chat, start",
        "On XOR the rule does not boost success over random restarts (read: above the standard start).",
        measure=Study([SPHERES, NORMAL], lambda s, n: fails(higher(s.whole, n.whole, "facing the data, standard"))),
        because="It does, from less than half to four fifths.",
    ),
    Claim(
        "no-boost-with-a-head",
        "Chat, start",
        "The same of a hidden layer of two units under a linear layer (read: above the same weights with zero biases).",
        measure=Study(
            [HEAD, HEAD_XAVIER], lambda s, x: fails(higher(s.whole, x.whole, "facing the data, zero biases"))
        ),
    ),
    Claim(
        "affine-on-data",
        "Chat, why 1",
        "Every unit that faces XOR is an affine function of the points.",
        statement=lambda: unit(
            WIDE, *(f"relu1.out([u, v, n*r], {i}) == {z}" for i, z in enumerate(FACING)), splits=FACING
        ),
    ),
    Claim(
        "xor-is-not-separable",
        "Chat, why 1",
        "XOR is not linearly separable.",
        statement=lambda: theorem_statement("no_line_separates_xor"),
    ),
    Claim(
        "split-is-needed-at-the-start",
        "Chat, why 1",
        "Some unit must split the data from the beginning (read: most runs fail in which none does).",
        measure=Study([SPHERES], most_fail),
        because="None of these starts has a unit that splits the data.",
    ),
    Claim(
        "linear-stage-comes-first",
        "Chat, why 1",
        "Training must first undo this: while all units see all points, the loss is 1 at least, and the outputs of the two "
        "classes have equal sums.",
        statement=lambda: theorem_statement(SEEING),
    ),
    Claim(
        "too-slow",
        "Chat, why 1",
        "With two units that is slow (read: successful runs stop later than from the standard start).",
        measure=Study([SPHERES, NORMAL], lambda s, n: fails(faster(s, n))),
    ),
    Claim(
        "tiny-network",
        "Chat, why 1",
        "It is two units that are too few for it (read: with four units more runs succeed).",
        measure=compared(FOUR, SPHERES, "four units, two"),
    ),
    Claim(
        "stuck-while-linear",
        "Chat, why 1",
        "Linear starts are why the rule fails (read: nine failures of ten end with outputs 1/2, the best affine fit, and "
        "none with a dead class-1 point).",
        measure=Study([SPHERES], end_flat),
    ),
    Claim(
        "radius-root-2",
        "Chat, why 2",
        "The radius is about sqrt 2 (read: it is 1.4, to a tenth).",
        statement=ForAll("s", ["s**2 == 2", "s > 0"], ["s + 1/10 < 145/100"], root=("1", "2")),
        because="The margin makes it 1.5.",
        repair=Repair(
            "It is sqrt 2 + 1/10, from 1.514 to 1.515.",
            ForAll("s", ["s**2 == 2", "s > 0"], ["1514/1000 <= s + 1/10 < 1515/1000"], root=("1", "2")),
        ),
    ),
    Claim(
        "norms-near-1",
        "Chat, why 2",
        "Xavier's and He's weights have lengths around 1 (read: their means are nearer to 1 than to 0 or 2).",
        statement=lambda: gaussian("1/2 < q/2 < 3/2", "1/2 < q/2*s < 3/2"),
        because="In two dimensions they are sqrt(pi)/2 = 0.89 and sqrt(pi/2) = 1.25.",
    ),
    Claim(
        "mean-bias",
        "Chat, why 2",
        "Biases are about 1.4 on average (read: to a tenth, with Xavier's weights or with He's).",
        statement=lambda: Not(
            AllOf([gaussian(*XAVIER_BIAS), gaussian("q/2*(s + 1/10) < 135/100", "q/2*s*(s + 1/10) > 145/100")])
        ),
        because="Two slips nearly cancel: the radius is 1.51, and the mean length is not 1.",
        repair=Repair(
            "The mean is sqrt(pi)/2 (sqrt 2 + 1/10) = 1.34 with Xavier's weights, sqrt 2 times that, 1.90, with He's; the "
            "root mean square is R = 1.51 with Xavier's.",
            lambda: gaussian(*XAVIER_BIAS, "189/100 < q/2*s*(s + 1/10) < 191/100"),
        ),
    ),
    Claim(
        "mean-bias-measured",
        "Chat, why 2",
        "The same of the biases drawn (Xavier's weights).",
        measure=Study([SPHERES], near(1.4, 0.1)),
    ),
    Claim(
        "gradients-are-large",
        "Chat, why 2",
        "Large biases make for large gradients (read: longer ones at the start than from the standard start, or from the "
        "same weights with zero biases).",
        measure=Study([SPHERES, NORMAL, XAVIER], steeper),
    ),
    Claim(
        "descent-overshoots",
        "Chat, why 2",
        "So training overshoots (read: while both units see all points, a step of gradient descent of 1/16 at most, 1/4 "
        "for the mean, can take the mean output beyond 1/2).",
        statement=lambda: Exists(
            f"{SIX} h",
            [*ON[0], *ON[1], "0 < h <= 1/16", "b1 + b2 > 1/2", "b1 + b2 - 2*h*(8*(b1 + b2) - 4) < 1/2"],
            TWO,
            samples=0,
        ),
        because="The loss is one bowl there with curvature 16; only steps above 1/16 overshoot.",
        repair=Repair(
            "A step h takes the mean output, the sum of the biases, to 1/2 by the factor 1 - 16 h, which is not negative for "
            "h <= 1/16.",
            lambda: AllOf(
                [
                    rests_only_if_mirrored(),
                    ForAll("b h", [], ["b - 2*h*(8*b - 4) - 1/2 == (1 - 16*h)*(b - 1/2)"]),
                    ForAll("h", ["0 < h <= 1/16"], ["1 - 16*h >= 0"]),
                ]
            ),
        ),
    ),
    Claim(
        "training-overshoots",
        "Chat, why 2",
        "The documented training overshoots (read: in 5% of the runs the mean output falls well below 1/2).",
        measure=Study([SPHERES], overshoots),
        because="Adam's steps are no larger for larger gradients; it is the way that is long.",
    ),
    Claim(
        "bias-scale-hurts",
        "Chat, why 2",
        "The biases are too large: smaller ones do better (read: those of alpha = 0.7).",
        measure=smaller_helps("0.7"),
    ),
    Claim(
        "symmetry-must-break",
        "Chat, why 3",
        "Units must differ: equal ones have equal gradients, so that they stay equal, and no solution has equal units.",
        statement=lambda: AllOf([equal_gradients(), Not(Exists("u v b", equal_solution(), TWO, samples=0))]),
    ),
    Claim(
        "standard-start-splits",
        "Chat, why 3",
        "Zero biases already give boundaries that cut the data: each unit sees one point of each class, unless a point "
        "lies on its boundary.",
        statement=lambda: ForAll(
            "u v", ["u != v", "u != -v"], [f"({a})*({b}) < 0" for a, b in (ZERO_BIAS[:2], ZERO_BIAS[2:])], ONE
        ),
    ),
    Claim(
        "small-random-biases-split",
        "Chat, why 3",
        "With small random biases (read: of standard deviation 1/10) both boundaries cut the data in most starts.",
        measure=Study([BIASED], splits_twice),
    ),
    Claim(
        "symmetry-unbroken",
        "Chat, why 3",
        "The rule leaves the symmetry unbroken (read: all units that face XOR are equal if their weights have equal "
        "lengths).",
        statement=lambda: ForAll(
            "u v p q n r",
            [*WIDE, "n**2 == p**2 + q**2"],
            each([f"{z} - ({y})" for z, y in zip(FACING, pre("relu1", "[p, q, n*r]"), strict=True)], "== 0"),
            ONE,
            try_at=[dict(zip("uvpqnr", (3, 4, -4, 3, 5, "3/2"), strict=True))],
            samples=0,
        ),
        because="The weights differ in direction, and with them the pre-activations.",
        repair=Repair(
            "Units differ as soon as their weights do, and while both see all points they keep their difference: their "
            "gradients are the same.",
            lambda: theorem_statement(SEEING),
        ),
    ),
    Claim(
        "moves-in-step",
        "Chat, why 3",
        "The rule synchronises the units: while both see all points they have the same gradient.",
        statement=lambda: theorem_statement(SEEING),
        because="So they move in step. They do not come closer.",
    ),
    Claim(
        "more-alike",
        "Chat, why 3",
        "The rule makes units alike more often than the same weights with zero biases.",
        measure=Study([SPHERES, XAVIER], more_alike),
        because="Biases that depend on the lengths tell the units apart.",
    ),
    Claim(
        "a-diagonal-each",
        "Chat, why 3",
        "At solutions the units share the diagonals: one tells the points of class 1, the other those of class 0 (read: at "
        "some solution a unit sees a class-0 point).",
        statement=lambda: Exists(SIX, [*FIT, ON[0][2]], TWO, samples=0),
        because="Both serve the diagonal of class 1.",
        repair=Repair("At every solution one unit sees x1 alone, and the other x2 alone.", solutions),
    ),
    Claim(
        "alike-units-fail",
        "Chat, why 3",
        "Units that are too much alike fail to share the work (read: with pre-activations less than 1/2 apart at all "
        "points they succeed less often).",
        measure=Study([SPHERES, FLOW], alike_fail),
    ),
]

FIXES = [
    Claim(
        "inverted-is-inside",
        "Chat, fix 1",
        "With the sign of the bias inverted the boundary begins inside the sphere: nearer to the mean than R.",
        statement=ForAll("n r", ["n > 0", "r > 0"], ["(-n*r)**2 < (n*r)**2"]),
        because="It is as far away, on the other side.",
        repair=Repair(
            "Its distance is R again; on XOR such a unit is off at all points.",
            lambda: AllOf([ForAll("n r", [], ["(-n*r)**2 == (n*r)**2"]), unit(WIDE, *each(AWAY, "< 0"))]),
        ),
    ),
    Claim(
        "inverted-is-all-negative",
        "Chat, fix 1",
        "An inverted unit is negative at all points.",
        statement=lambda: unit(WIDE, *each(AWAY, "< 0")),
    ),
    Claim(
        "inverted-folds-at-once",
        "Chat, fix 1",
        "Inverted units at once carve folds (read: some such unit has a slope in its parameters).",
        statement=lambda: Not(never_moves()),
        because="They are dead, and stay so.",
        repair=Repair(
            "An inverted unit is off at all points and has slope 0 in its parameters, whatever the other unit does: it never "
            "moves. The other unit alone has at least one point wrong, and loss 1 at least.",
            lambda: theorem_statement(INVERTED),
        ),
    ),
    Claim(
        "half-inverted-helps",
        "Chat, fix 1",
        "Inverting each unit with probability 1/2 helps (read: more runs succeed than with none inverted).",
        measure=compared(CELLS["0.5", "1"], PLAIN, "half inverted, none"),
        because="Runs can succeed only where no unit is inverted, a quarter of all.",
    ),
    Claim(
        "one-of-two-inverted-helps",
        "Chat, fix 1",
        "Inverting exactly half of the units, one of two, helps.",
        measure=compared(HALVES["1"], PLAIN, "one inverted, none"),
        because="One unit alone cannot solve XOR.",
    ),
    Claim(
        "small-alpha-lets-points-behind",
        "Chat, fix 2",
        "With a small alpha some points begin behind the boundary (read: at some point each unit is off, if alpha R <= 1; "
        "alpha up to 0.66).",
        statement=lambda: unit(
            [*SPHERE[:2], "0 < a <= 1"],
            *([f"{z} <= 0"] for z in pre("relu1", "[u, v, n*a]")),
            names="u v n a",
            splits=["u", "v"],
        ),
    ),
    Claim(
        "alpha-keeps-the-guarantee",
        "Chat, fix 2",
        "Scaled margins still respect the geometry of the data (read: with alpha R below sqrt 2, but above 1.37, every unit "
        "still sees all points).",
        statement=lambda: unit(
            [*SPHERE[:2], "a > 0", "a**2 > 15/8"],
            *each(pre("relu1", "[u, v, n*a]"), "> 0"),
            names="u v n a",
            try_at=[{"u": 5, "v": 5, "n": "50/7", "a": "139/100"}, {"u": 20, "v": 21, "n": 29, "a": "137/100"}],
        ),
        because="Weights along a diagonal lose a point at once.",
        repair=Repair(
            "All points are seen for all weights if alpha R > sqrt 2 (alpha above 0.934); if 1 < alpha R < sqrt 2, that is "
            "up to the direction of w.",
            lambda: AllOf([unit(WIDE, *each(FACING, "> 0")), depends_on_direction()]),
        ),
    ),
    Claim(
        "alpha-0.1-helps",
        "Chat, fix 2",
        "With alpha far below 1, here 0.1, the early nonlinearity helps (read: more runs succeed than at alpha = 1).",
        measure=smaller_helps("0.1"),
        because="Most starts have a dead point again.",
    ),
    Claim(
        "alpha-0.3-helps",
        "Chat, fix 2, in short",
        "The same with alpha = 0.3.",
        measure=smaller_helps("0.3"),
        because="More than half of the starts have a dead point again.",
    ),
    Claim(
        "alpha-0.5-helps",
        "Chat, fix 2",
        "The same with alpha = 0.5.",
        measure=smaller_helps("0.5"),
    ),
    Claim(
        "class-spheres-differ",
        "Chat, fix 3",
        "The two classes of XOR have spheres of their own.",
        statement=lambda: Not(coincide()),
        because="Both have the mean 0 and the radius sqrt 2: they are one sphere, that of all data.",
        repair=Repair("The spheres of the two classes are the same.", coincide),
    ),
    Claim(
        "class-spheres-partition",
        "Chat, fix 3",
        "Units around them, one facing, one inverted, give two complementary partitions at once.",
        statement=lambda: Not(AllOf([unit(WIDE, *each(FACING, "> 0")), unit(WIDE, *each(AWAY, "< 0"))])),
        because="One unit sees all points and the other none, whatever the weights; they are not aligned with anything.",
        repair=Repair(
            "The facing unit sees all four points, the inverted one none and never moves: no start of this kind can solve "
            "the task.",
            lambda: AllOf([unit(WIDE, *each(FACING, "> 0")), theorem_statement(INVERTED)]),
        ),
    ),
    Claim(
        "class-spheres-help",
        "Chat, fix 3",
        "Class-aware spheres help (read: as described, with alpha = 1).",
        measure=Study(
            [CLASSES["1"], ALIGNED["1"], PLAIN],
            lambda a, b, c: all_of(*(higher(m.whole, c.whole, f"{m.settings['init']}, none inverted") for m in (a, b))),
        ),
        because="One unit is dead for ever, whether weights are drawn or aligned with the classes.",
    ),
    Claim(
        "class-spheres-symmetry",
        "Chat, next step",
        "They give the right two-fold symmetry: turning the plane by half a turn, which keeps the labels, exchanges the "
        "two units.",
        statement=lambda: ForAll(
            "u v n a",
            [*SPHERE[:2], "a > 0"],
            ["-n*a == n*a"],
            try_at=[{"u": 3, "v": 4, "n": 5, "a": 1}],
        ),
        because="That would need equal biases, and theirs have opposite signs.",
        repair=Repair(
            "The biases of the facing and the inverted unit, alpha R |w| and -alpha R |w'|, never agree, so that no turn or "
            "mirror exchanges the units.",
            lambda: ForAll(
                "n m a", ["n > 0", "m > 0", "a > 0"], ["-n*a != m*a"], try_at=[dict.fromkeys("nma", 1)], samples=0
            ),
        ),
    ),
]

NEXT = [
    Claim(
        "shares-of-two-units",
        "Chat, next step",
        "Each p of the grid is a share of two units that can be inverted.",
        statement=lambda: whole_units("0", "1/4", "1/2", "3/4", "1"),
        because="A quarter of two units is half a unit; p can only be a probability.",
        repair=Repair("Only 0, 1/2 and 1 are, with 0, 1 and 2 units.", lambda: whole_units("0", "1/2", "1")),
    ),
    Claim(
        "flips-help",
        "Chat, fix 1, in short",
        "In the grid some share p of inverted units is better than none, at some alpha.",
        measure=Study([CELLS[p, a] for a in ALPHAS for p in SHARES], flips_help),
        because="At every alpha none is best, and the more inverted the worse.",
    ),
    Claim(
        "grid-stays-below-90",
        "Chat, next step",
        "The grid may leave less than 90% success (read: in every cell, also with exactly half inverted).",
        measure=Study([*CELLS.values(), *HALVES.values()], below(0.9)),
    ),
    Claim(
        "boundaries-cross",
        "Chat, next step",
        "After initialisation the two boundaries make an X (read: they cross inside the square in most starts of alpha "
        "0.1 and 0.3).",
        measure=Study([PLAIN, *(CELLS[p, a] for p in ("0", "0.5") for a in ("0.1", "0.3"))], mostly_crossed),
    ),
    Claim(
        "crossing-helps",
        "Chat, next step",
        "An X at the start is what is wanted (read: such starts succeed more often, at alpha = 0.3).",
        measure=Study([CELLS["0", "0.3"], CELLS["0.5", "0.3"]], crossing_helps),
        because="With no unit inverted they succeed far less often, and with half inverted hardly more.",
    ),
    Claim(
        "solutions-cross",
        "Chat, next step",
        "Solutions have an X: at some solution the two boundaries are different lines that meet inside the square.",
        statement=lambda: Not(crossing()),
        because="Each cuts off one class-1 point from the others.",
        repair=Repair(
            "Where the boundaries of a solution meet inside the square, both contain x3 and x4: they are one line.",
            crossing,
        ),
    ),
    Claim(
        "class-spheres-99-percent",
        "Chat, next step",
        "Class-aware spheres with alpha = 0.3 break 99% success (read: with weights drawn as before).",
        measure=Study([CLASSES["0.3"]], above(0.99)),
        because="Less than half of the runs succeed, as with one of two units inverted anywhere. It is true if the weights "
        "are turned along the axis of their class as well.",
    ),
    Claim(
        "aligned-spheres-99-percent",
        "Chat, fix 3, next step",
        "The same (read: with weights along the axis of each class, as partitions aligned with the axes suggest).",
        measure=Study([ALIGNED["0.3"]], above(0.99)),
    ),
    Claim(
        "guarantee-is-kept",
        "Chat, next step",
        "That keeps most of the guarantee against dead data (read: most starts leave no point dead, drawn or aligned).",
        measure=Study([CLASSES["0.3"], ALIGNED["0.3"]], mostly_live),
        because="It is given up: with alpha = 0.3 most starts, or all, leave a point dead.",
        repair=Repair(
            "With aligned weights and alpha R < sqrt 2 one of the class-0 points is dead at every start; both class-1 points "
            "are seen by the facing unit.",
            lambda: AllOf(
                [aligned(*class_zero_dead()), aligned([f"relu2.pre({ALIGNED_AT}, 0, {i}) > 0" for i in (0, 1)])]
            ),
        ),
    ),
    Claim(
        "too-uniform",
        "Chat, in short",
        "The rule is too uniform for XOR.",
        opinion="No measure of uniformity is given; what can be checked of it stands in the other claims.",
    ),
    Claim(
        "robust-with-heterogeneity",
        "Chat, in short",
        "Sign flips and scaled margins make the network solve XOR robustly (read: some cell of the grid succeeds as often "
        "as rejection of dead data, 95% and more).",
        measure=Study([*CELLS.values(), *HALVES.values()], above(0.95)),
        because="The best cell has nothing inverted and alpha = 0.7.",
    ),
    Claim(
        "class-spheres-robust",
        "Chat, in short",
        "Class-aware spheres do (read: 95% at some alpha of the grid, with weights drawn as before).",
        measure=Study([*CLASSES.values(), *ALIGNED.values()], robust),
        because="They do so with aligned weights only, and at alpha = 0.3 only.",
    ),
]

CLAIMS = [
    *PREFACE,
    *INTRODUCTION,
    *CONSTRUCTION,
    *GUARANTEES,
    *EXPERIMENTS,
    *ANALYSIS,
    *REASONS,
    *FIXES,
    *NEXT,
]

WRITEUP = Writeup("bounded-hypersphere-init", "Bounded Hypersphere Initialization for ReLU Networks", CLAIMS)
