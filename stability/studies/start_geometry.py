"""Positions of the units against the points of the upper class when a run starts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Floats, Ints
from stability.audit.experiments import Experiment
from stability.model.update_rules import optimiser
from stability.training.ensembles.ensemble import Ensemble, place_of, train
from stability.training.ensembles.problem import task
from stability.training.ensembles.unit_geometry import dead_examples, margins

PROTOCOL = Experiment("protocol")
"""The settings of the two-ReLU experiments on XOR."""


def protocol(init: str | Floats, restarts: int, **changes: Any) -> Ensemble:
    """Return runs of relu2 on XOR under the settings of `PROTOCOL`.

    Parameters
    ----------
    init : str or array (restarts, parameters)
        The initialisation, or the starts themselves.
    restarts : int
    **changes
        Other values of keywords of `stability.training.ensembles.ensemble.train`.
    """
    own = PROTOCOL
    settings: dict[str, Any] = {
        "rule": optimiser(own.optimizer, own.lr, own.momentum, own.betas),
        "epochs": own.epochs,
        "stop_loss": own.stop_loss,
        "patience": own.patience,
        "mode": "eager",
        "device": "cpu",
    }
    return train(task(own.model, own.data, own.loss), init, restarts=restarts, **{**settings, **changes})


def dead_upper(ensemble: Ensemble) -> Ints:
    """Return how many points of the upper class no unit sees at the start, shape (restarts,)."""
    found: Ints = dead_examples(ensemble, ensemble.starts)[:, upper(ensemble)].sum(1)
    return found


def upper_margins(ensemble: Ensemble) -> Floats:
    """Return the margin of each start: the least, over the upper class, of a point's largest pre-activation."""
    found: Floats = margins(ensemble, ensemble.starts)[:, upper(ensemble)].min(1)
    return found


def weight_angles(ensemble: Ensemble) -> Floats:
    """Return the angle between the weights of the first two units at the start, 0 to 180 degrees; NaN if one is 0."""
    w = ensemble.rows(ensemble.starts)[:, :2, :-1]
    lengths = np.linalg.norm(w, axis=2).prod(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines = (w[:, 0] * w[:, 1]).sum(1) / lengths
    found: Floats = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
    return found


def initial_losses(ensemble: Ensemble) -> Floats:
    """Return the loss of each start."""
    loss = place_of(ensemble.task).loss
    assert loss is not None
    return loss(ensemble.starts)


def percentiles(values: Floats) -> Floats:
    """Return the percentage of values below each value, plus half of its own share."""
    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values)) + 0.5
    found: Floats = 100 * ranks / len(values)
    return found


def determination(x: Floats, y: Floats) -> float:
    """Return R^2 of the best affine fit of y by x."""
    return float(np.corrcoef(x, y)[0, 1] ** 2)


def upper(ensemble: Ensemble) -> NDArray[np.bool_]:
    """Return which examples have the larger label."""
    found: NDArray[np.bool_] = ensemble.task.labels > ensemble.task.middle
    return found
