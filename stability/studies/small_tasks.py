"""Gradient descent on XOR with one absolute-value unit: a task of some milliseconds."""

import numpy as np

POINTS = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
LABELS = np.array([0.0, 1.0, 1.0, 0.0])


def descend_on_xor(step: float, seed: int, starts: int, epochs: int) -> dict[str, float | int]:
    """Return how many normal starts (standard deviation 1/2) end at a solution of |w.x + b| on XOR.

    Parameters
    ----------
    step : float
        The learning rate, for the sum of squared errors.
    seed, starts, epochs : int

    Returns
    -------
    dict
        solved: starts that end with a loss below 1/100; trapped: those that end near 1; mean_loss.
    """
    p = np.random.default_rng(seed).normal(scale=0.5, size=(starts, 3))
    x = np.column_stack([POINTS, np.ones(4)])
    for _ in range(epochs):
        z = p @ x.T
        p -= 2 * step * ((np.abs(z) - LABELS) * np.sign(z)) @ x
    losses = ((np.abs(p @ x.T) - LABELS) ** 2).sum(1)
    return {
        "solved": int((losses < 0.01).sum()),
        "trapped": int((np.abs(losses - 1) < 0.01).sum()),
        "mean_loss": float(losses.mean()),
    }
