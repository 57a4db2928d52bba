"""The measured experiments of "Bounded Hypersphere Initialization for ReLU Networks"."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from stability import Ensemble, train
from stability.arrays import Booleans, Floats
from stability.audit.experiments import Experiment
from stability.audit.hypothesis_tests import higher
from stability.audit.vocabulary import Study
from stability.training.ensembles.unit_geometry import dead_examples, margins, preactivations

from .vocabulary import ALPHAS, SHARES


def began(e: Ensemble) -> Floats:
    """Return the pre-activations of each start."""
    return preactivations(e, e.starts)


def with_dead_example(e: Ensemble) -> Booleans:
    """Return which starts leave a point to no unit."""
    return np.asarray(dead_examples(e, e.starts).any(1))


def narrow(e: Ensemble) -> Booleans:
    """Return which starts leave no point dead, yet have a margin below 1/10."""
    least = margins(e, e.starts).min(1)
    return np.asarray((least > 0) & (least < 0.1))


def alike(e: Ensemble) -> Booleans:
    """Return in which starts the pre-activations of the two units differ by less than 1/2 at all points."""
    z = began(e)
    return np.asarray(np.abs(z[:, 0] - z[:, 1]).max(1) < 0.5)


def both_split(e: Ensemble) -> Booleans:
    """Return in which starts each unit sees some points and not all."""
    count = (began(e) > 0).sum(2)
    return np.asarray(((count > 0) & (count < e.task.labels.size)).all(1))


def crossed(e: Ensemble) -> Booleans:
    """Return in which starts the two boundaries cross inside the square."""
    (a, b, c), (d, f, g) = e.rows(e.starts).transpose(1, 2, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = (b * g - c * f) / (a * f - b * d), (c * d - a * g) / (a * f - b * d)
    return np.asarray((np.abs(x) < 1) & (np.abs(y) < 1))


def flat_end(e: Ensemble) -> Booleans:
    """Return which runs stop with all outputs within 1/20 of 1/2."""
    return np.asarray((np.abs(e.outputs - 0.5) < 0.05).all((1, 2)))


def lost(e: Ensemble) -> Booleans:
    """Return which runs stop with a class-1 point that no unit sees."""
    return np.asarray(dead_examples(e, e.points)[:, e.task.labels > 0].any(1))


def away(e: Ensemble, flat: Floats) -> Floats:
    """Return how far the boundaries are from the mean of the data, which is 0."""
    rows = e.rows(flat)
    with np.errstate(divide="ignore"):
        distances: Floats = np.abs(rows[..., -1]) / np.linalg.norm(rows[..., :-1], axis=2)
    return distances


def nearer(e: Ensemble) -> Booleans:
    """Return in which runs both boundaries end nearer to the mean of the data than they began."""
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
    return [float(dead_examples(runs, runs.snapshots[t]).any(1).sum()) for t in LOOKS]


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
        "dead": with_dead_example,
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
    groups={"dead": with_dead_example, "narrow": narrow},
    numbers={"gradient": gradients, "length": lengths},
)

LIVE = Experiment(
    "dead-data-rejection",
    init="dead-data-rejection:0.5",
    groups={"dead": with_dead_example, "narrow": narrow, "class-1 point dead at the stop": lost},
)

SAFE = Experiment("margin-rejection", init="margin-rejection:0.5:0.1", groups={"class-1 point dead at the stop": lost})

XAVIER = Experiment(
    "xavier-normal",
    init="xavier-normal",
    groups={"dead": with_dead_example, "alike": alike},
    numbers={"successes by scale": scaled, "gradient": gradients, "length": lengths},
)

LIVE_XAVIER = Experiment(
    "dead-data-rejection-xavier",
    init="dead-data-rejection:xavier-normal",
    numbers={"successes by scale": scaled},
)

KAIMING = Experiment("kaiming-normal", init="kaiming-normal", groups={"dead": with_dead_example}, **STARTS)

HE = Experiment("kaiming-normal-trained", init="kaiming-normal", ends=False)

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
    Experiment(f"moons-{init}", init=init, data="moons:100:10", groups={"dead": with_dead_example}, **STARTS)
    for init in ("hypersphere", "hypersphere-as-written")
)


def cell(name: str, init: str) -> Experiment:
    """Return a cell of the grid, or a start that is compared with it."""
    groups = {"dead": with_dead_example, "crossed": crossed}
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


def compared(better: Experiment, worse: Experiment, names: str) -> Study:
    """Return the study whether one start succeeds more often than another."""
    return Study([better, worse], lambda b, w: higher(b.whole, w.whole, names))
