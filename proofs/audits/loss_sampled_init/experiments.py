"""The measured experiments of "Loss-Based Sampling Initialization for Neural Networks"."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from scipy import stats

from stability import Ensemble
from stability.audit.counts import CountExperiment
from stability.audit.experiments import Experiment
from stability.studies.epoch_costs import epoch_costs
from stability.training.ensembles.gradients import evaluate
from stability.training.ensembles.unit_geometry import dead_examples, dead_units, distances, mirrored


def begin_loss(found: Ensemble) -> np.ndarray:
    """Return the losses of the starts."""
    losses: np.ndarray = evaluate(found.task, torch.as_tensor(np.ascontiguousarray(found.starts.T)))[0].numpy()
    return losses


def live(found: Ensemble) -> np.ndarray:
    """Return at which starts both class-1 points are live."""
    seen: np.ndarray = ~dead_examples(found, found.starts)[:, :2].any(1)
    return seen


def counter(which: Callable[[Ensemble], np.ndarray]) -> Callable[[Ensemble], list[float]]:
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


def cosines(found: Ensemble) -> np.ndarray:
    """Return the cosine between the final weights of two units, by runs; NaN where one has none."""
    one, other = (found.rows(found.points)[:, j, :-1] for j in (0, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine: np.ndarray = (one * other).sum(1) / (np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1))
    return cosine


def near(loss: float) -> Callable[[Ensemble], np.ndarray]:
    """Return which runs end within 1/200 of a loss."""
    return lambda found: np.abs(found.losses - loss) < 0.005


def unseen_pair(found: Ensemble, points: np.ndarray) -> np.ndarray:
    """Return where the hidden layer does not see exactly one point of each class."""
    off = dead_examples(found, points)
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


COUNTED = {
    **{f"mirrored {t:g}": counter(lambda found, t=t: mirrored(found, found.points, t)) for t in TOLERANCES},
    "like |.|": counter(like_absolute),
    "dead unit": counter(lambda found: dead_units(found, found.points).any(1)),
    "live below 0.468": counter(lambda found: live(found) & (begin_loss(found) < 0.468)),
    "live above 0.468": counter(lambda found: live(found) & (begin_loss(found) >= 0.468)),
    "live above 1": counter(lambda found: live(found) & (begin_loss(found) >= 1)),
    "loss and distance": lambda found: rank(found, begin_loss(found), distances(found), False),
    "loss and epochs, successes": lambda found: rank(found, begin_loss(found), found.stopped, True),
    "distance and epochs, successes": lambda found: rank(found, distances(found), found.stopped, True),
    "r2": determined,
}

LIVE = {"live": live, "dead": lambda found: ~live(found)}

trained = partial(Experiment, groups=LIVE, numbers=COUNTED)

BELOW = (0.072, 0.25, 0.325, 0.468, 1.85)

drawn = partial(
    Experiment,
    epochs=0,
    restarts=200_000,
    ends=False,
    groups={f"below {t:g}": lambda found, t=t: found.losses < t for t in BELOW},
    numbers={"mean": lambda found: float(found.losses.mean()), "deviation": lambda found: float(found.losses.std())},
)

COSINES = (-0.99, -0.95, -0.9, -0.8)
"""Bounds on the cosine between the weights of two units, below which they may be called mirrored."""

DETAILS = {
    **{f"cosine {c:g}": counter(lambda found, c=c: cosines(found) < c) for c in COSINES},
    "converged": counter(lambda found: found.losses <= 1e-7),
}

STARTS, STANDARD = drawn("starts"), drawn("starts-standard-normal", init="normal:1")

CONTROL, HALF = trained("control"), trained("below-median", init="loss-below:0.5:0.468")

QUARTER, LOWEST = (
    trained(f"below-{name}", init=f"loss-below:0.5:{t}") for name, t in (("quartile", 0.325), ("best", 0.072))
)

ANTI, SAFE = trained("above-median", init="loss-above:0.5:0.468"), trained("below-trap", init="loss-below:0.5:0.25")

SGD, SGD_LOWEST = (trained(f"sgd-{x.name}", optimizer="sgd", lr="0.1", init=x.init) for x in (CONTROL, LOWEST))

LONG_SGD = trained("sgd-control-step-0.5", optimizer="sgd", lr="0.5")

SHORT_ADAM = trained("control-step-0.001", lr="0.001", epochs=8000, restarts=2000)

CONTROL_DETAILS, LOWEST_DETAILS = (
    Experiment(f"{x.name}-details", init=x.init, numbers=DETAILS, ends=False) for x in (CONTROL, LOWEST)
)
"""The documented training once more, looked at in other ways."""

CONTROL_LONG, LOWEST_LONG = (
    Experiment(f"{x.name}-to-the-end", init=x.init, patience=None, epochs=3000, ends=False) for x in (CONTROL, LOWEST)
)
"""Trained to a loss of 1e-7, without the rule of 11 epochs."""

PASSES = CountExperiment("epoch-in-forward-passes", epoch_costs, restarts=40, few=4)

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

PLATEAUS = {f"near 1/{n}": counter(near(1 / n)) for n in (8, 6, 4)}


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
        "halves everywhere": counter(lambda found: (np.abs(found.outputs - 0.5) < 0.1).all((1, 2))),
        "blind pair": counter(lambda found: near(1 / 8)(found) & unseen_pair(found, found.points)),
        "blind at the start": counter(lambda found: unseen_pair(found, found.starts)),
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

    def spans(self) -> dict[str, float]:
        """Return the epochs of table 3.2."""
        return {"median": self.median, "least": self.ends[0], "largest": self.ends[1]}

    def statistics(self) -> dict[str, float]:
        """Return the epochs of table A.1, which has no row for > 0.468."""
        if self.quartiles is None or self.moments is None:
            return {}
        (low, high), (mean, deviation) = self.quartiles, self.moments
        return {
            "lower quartile": low,
            "median": self.median,
            "upper quartile": high,
            "mean": mean,
            "standard deviation": deviation,
        }


ROWS = [
    Row("control", "without a filter", CONTROL, 29, 123, (33, 275), (80, 165), (126.3, 54.2)),
    Row("median-filter", "with the filter < 0.468", HALF, 35, 101, (29, 176), (58, 129), (97.4, 41.8)),
    Row("quartile-filter", "with the filter < 0.325", QUARTER, 43, 105, (20, 160), (71, 120), (96.1, 32.1)),
    Row("best-filter", "with the filter < 0.072", LOWEST, 50, 49, (25, 99), (45, 62), (53.8, 17.3)),
    Row("anti-filter", "with the filter > 0.468", ANTI, 14, 105, (32, 259)),
]
