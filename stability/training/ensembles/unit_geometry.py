"""How units lie to the data, at the start and at the stop of training."""

import numpy as np

from stability.arrays import Booleans, Floats
from stability.training.ensembles.ensemble import Ensemble


def preactivations(ensemble: Ensemble, flat: Floats) -> Floats:
    """Return w . x_i + b at flat parameters, shape (restarts, units, n)."""
    rows, points = ensemble.rows(flat), ensemble.task.points
    found: Floats = np.asarray(sum(rows[..., c, None] * points[:, c] for c in range(points.shape[1])))
    return rows[..., -1:] + found if ensemble.task.network.hidden_biases else found


def dead_examples(ensemble: Ensemble, flat: Floats) -> Booleans:
    """Return which examples no unit sees (no pre-activation above 0), shape (restarts, n)."""
    return np.asarray(~(preactivations(ensemble, flat) > 0).any(1))


def dead_units(ensemble: Ensemble, flat: Floats) -> Booleans:
    """Return which units see no example, shape (restarts, units)."""
    return np.asarray(~(preactivations(ensemble, flat) > 0).any(2))


def margins(ensemble: Ensemble, flat: Floats) -> Floats:
    """Return for each example the largest pre-activation over the units, shape (restarts, n)."""
    found: Floats = preactivations(ensemble, flat).max(1)
    return found


def angles(ensemble: Ensemble, flat: Floats) -> Floats:
    """Return the angles of weights in the plane in degrees, -180 to 180, shape (restarts, units); NaN elsewhere."""
    rows = ensemble.rows(flat)
    if ensemble.task.data.dimension != 2:
        return np.full(rows.shape[:2], np.nan)
    found: Floats = np.degrees(np.arctan2(rows[..., 1], rows[..., 0]))
    return found


def mirrored(ensemble: Ensemble, flat: Floats, tolerance: float = 0.1) -> Booleans:
    """Return in which runs of two units the weights are opposite: |w1 + w2| at most the tolerance times |w1| + |w2|."""
    rows = ensemble.rows(flat)
    if rows.shape[1] != 2:
        return np.zeros(len(rows), dtype=bool)
    w = rows[..., : ensemble.task.data.dimension]
    lengths = np.linalg.norm(w, axis=2).sum(1)
    close: Booleans = (np.linalg.norm(w.sum(1), axis=1) <= tolerance * lengths) & (lengths > 0)
    return close


def distances(ensemble: Ensemble) -> Floats:
    """Return the Euclidean distance from each start to where the run stopped, shape (restarts,)."""
    found: Floats = np.linalg.norm(ensemble.points - ensemble.starts, axis=1)
    return found
