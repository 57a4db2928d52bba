"""The measured experiments of "Two ReLU Units Summed for XOR Classification".

Training, as documented where nothing else is said: w ~ N(0, 1/4), b = 0, Adam (0.01; 0.9, 0.99) on the mean of squares,
at most 800 epochs, until the loss is below 1e-7 or has not fallen for 11 epochs. Success: all four points right.
"""

from collections.abc import Callable, Sequence

import numpy as np

from stability import Ensemble
from stability.audit.experiments import Experiment
from stability.training.ensembles.unit_geometry import dead_examples, margins

Which = Callable[[Ensemble], np.ndarray]
"""Which runs belong to a group: one bool per run."""

EQ_AND_OPPOSITE, OPT_AND_OPPOSITE = (-1, 1), (1, 1)


def unseen(label: int, when: str = "starts") -> Which:
    """Return the runs in which a point of this class is dead, at the start or at the stop ("points")."""
    return lambda e: dead_examples(e, getattr(e, when))[:, e.task.labels == label].any(1)


def margin_between(low: float, high: float = np.inf, labels: Sequence[int] = (0, 1)) -> Which:
    """Return the runs whose start has a margin above `low` and up to `high` at the points of these classes."""

    def which(e: Ensemble) -> np.ndarray:
        least = margins(e, e.starts)[:, np.isin(e.task.labels, labels)].min(1)
        inside: np.ndarray = (least > low) & (least <= high)
        return inside

    return which


def along(line: tuple[int, int], degrees: float, when: str, every: bool) -> Which:
    """Return the runs in which a unit, or every unit, has its weights this close to a line."""

    def which(e: Ensemble) -> np.ndarray:
        weights = e.rows(getattr(e, when))[:, :, :2]
        sine = np.abs(weights @ np.array([-line[1], line[0]])) / np.linalg.norm(weights, axis=2) / np.hypot(*line)
        near = sine < np.sin(np.radians(degrees))
        chosen: np.ndarray = near.all(1) if every else near.any(1)
        return chosen

    return which


def unlike(tolerance: float) -> Which:
    """Return the runs that stop with units farther than this from being mirror images, in w1 + w2 and in the bias."""

    def which(e: Ensemble) -> np.ndarray:
        units = e.rows()
        far: np.ndarray = np.hypot(np.hypot(*units[:, :, :2].sum(1).T), units[:, 0, 2] - units[:, 1, 2]) > tolerance
        return far

    return which


def both(*parts: Which) -> Which:
    """Return the runs that belong to all of these groups."""
    return lambda e: np.logical_and.reduce([part(e) for part in parts])


def other(part: Which) -> Which:
    """Return the runs that do not."""
    return lambda e: ~part(e)


def counts_of(**groups: Which) -> dict[str, Callable[[Ensemble], list[float]]]:
    """Return what counts the runs of each group, and the successes among them."""

    def counter(which: Which) -> Callable[[Ensemble], list[float]]:
        return lambda e: [float(which(e).sum()), float((which(e) & e.success).sum())]

    return {name: counter(which) for name, which in groups.items()}


DEAD, LIVE, SAFE = unseen(1), margin_between(0), margin_between(0.3)


STARTS = counts_of(
    dead=DEAD,
    seeing=other(DEAD),
    live=LIVE,
    half_live=both(other(DEAD), unseen(0)),
    safe=SAFE,
    narrow=margin_between(0, 0.1),
)
"""dead: a class-1 point is dead; seeing: none is; live: no point is; half_live: only a class-0 point is; safe and narrow:
live with a margin above 3/10, up to 1/10."""

DESCENT = {"optimizer": "sgd", "betas": None, "ends": False}


NORMAL = Experiment(
    "normal",
    restarts=100_000,
    numbers=STARTS
    | counts_of(
        lost=unseen(1, "points"),
        aligned=along(EQ_AND_OPPOSITE, 10, "points", every=True),
        boundaries_aligned=along(OPT_AND_OPPOSITE, 10, "points", every=True),
        both_near_eq=along(EQ_AND_OPPOSITE, 15, "starts", every=True),
        collapsed=lambda e: e.outputs[..., 0].max(1) < 0.05,
        unlike_by_1_100=unlike(0.01),
        unlike_by_1_20=unlike(0.05),
        unlike_by_1_5=unlike(0.2),
    ),
)

PATIENT = Experiment("no-patience", patience=None, ends=False)


LIVE_STARTS = Experiment(
    "live",
    init="dead-data-rejection:0.5",
    restarts=100_000,
    numbers=counts_of(
        lost=unseen(1, "points"),
        unsafe=margin_between(0, 0.3),
        safe=SAFE,
        narrow_at_class_1=both(margin_between(0, 0.1, [1]), margin_between(0.3, labels=[0])),
        narrow_at_class_0=both(margin_between(0, 0.1, [0]), margin_between(0.3, labels=[1])),
        near_eq=along(EQ_AND_OPPOSITE, 15, "starts", every=False),
        near_opt=along(OPT_AND_OPPOSITE, 15, "starts", every=False),
    ),
    ends=False,
)

MARGINS = {
    m: Experiment(f"margin-{m}", init=f"margin-rejection:0.5:{m}", restarts=100_000, ends=False)
    for m in ("0.1", "0.2", "0.3")
}

BY_DESCENT = Experiment("descent", lr="0.1", numbers=STARTS, **DESCENT)

LIVE_BY_DESCENT = Experiment("descent-live", init="dead-data-rejection:0.5", lr="0.1", **DESCENT)

BY_LONG_STEPS = Experiment(
    "descent-live-long-steps",
    init="dead-data-rejection:0.5",
    lr="1",
    numbers=counts_of(safe=SAFE, unsafe=margin_between(0, 0.3)),
    **DESCENT,
)

BY_SHORT_STEPS = Experiment("short-steps", lr="0.001", epochs=8000, numbers=STARTS, ends=False)

SHORT, LONG, LONGER = (
    Experiment(f"weights-{std}", init=f"normal:{std}", numbers=STARTS, ends=False) for std in ("0.1", "1", "2")
)

BIASED = Experiment("biases", init="normal:0.5:0.5", numbers=STARTS, ends=False)

WIDE = {k: Experiment(f"relu{k}", model=f"relu{k}", numbers=STARTS, ends=False) for k in (3, 4, 8, 16)}

CUBE = {k: Experiment(f"cube-relu{k}", "relu" + str(k), "parity:3", numbers=STARTS, ends=False) for k in (4, 8)}

ABSOLUTE = Experiment("abs1", model="abs1", ends=False)

ABSOLUTE_BIASED = Experiment("abs1-biases", model="abs1", init="normal:0.5:0.5", ends=False)

ABSOLUTE_BY_DESCENT = Experiment("abs1-biases-descent", model="abs1", init="normal:0.5:0.5", lr="0.1", **DESCENT)
