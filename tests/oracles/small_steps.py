"""Gradient flow in floats by many small steps against the slope of the cell a point is in: it chatters along kinks.

Nothing here knows of events, of faces or of how kinks are held; times and points are right to a few steps.
"""

import numpy as np


def tracked(land, start, end, steps):
    """Return times, and the parameters and pre-activations at each, from an exact start.

    Parameters
    ----------
    land : Landscape
        With fixed output weights.
    start : list of lists
        Rows of the units, then that of the output bias.
    end : float
        The time at which to stop.
    steps : int

    Returns
    -------
    times : array, shape (steps + 1,)
    points : array, shape (steps + 1, parameters)
    heights : array, shape (steps + 1, units, examples)
    """
    units, width = land.units, land.width
    rows = np.array([[float(x) for x in row] for row in land.rows])
    labels = np.array([float(y) for y in land.data.labels])
    outer = np.array([float(a) for a in land.network.weights])[:, None]
    low, high = float(land.network.unit.negative), float(land.network.unit.positive)
    factor, time = 2 * float(land.scale), end / steps
    flat = np.array([float(x) for row in land.point(start) for x in row])
    points, heights = np.empty((steps + 1, len(flat))), np.empty((steps + 1, units, len(rows)))
    for k in range(steps + 1):
        points[k] = flat
        heights[k] = z = flat[: units * width].reshape(units, width) @ rows.T
        slopes = outer * np.where(z > 0, high, np.where(z < 0, low, (low + high) / 2))
        errors = (slopes * z).sum(axis=0) + flat[units * width :].sum() - labels
        change = ((slopes * errors) @ rows).ravel()
        flat = flat - time * factor * np.append(change, [errors.sum()] * (len(flat) - units * width))
    return np.linspace(0, end, steps + 1), points, heights
