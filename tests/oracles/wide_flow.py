"""Solutions of gradient flow by brute force: many starts next to one, in tiny steps, and means of sampled gradients.

Nothing here knows of faces, rays or balls.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from stability import landscape
from stability.model.datasets import Dataset

MODELS = ("abs1", "relu1", "leaky1/3:1", "leaky-1/2:1", "abs2", "relu2", "leaky1/3:2")
NEAR, TIME, CELLS, CLOSE = 48, 1.5, 300, 0.02


@dataclass(frozen=True)
class Wide:
    """The loss in floats."""

    rows: np.ndarray
    labels: np.ndarray
    slopes: tuple[float, float]
    shape: tuple[int, int]

    def velocity(self, points):
        """Return -grad at points (..., units * width) that are on no kink."""
        z = points.reshape(*points.shape[:-1], *self.shape) @ self.rows.T
        slope = np.where(z > 0, self.slopes[1], self.slopes[0])
        error = (slope * z).sum(axis=-2, keepdims=True) - self.labels
        return -2 * ((slope * error) @ self.rows).reshape(points.shape)

    @property
    def stiffness(self):
        """A bound of the second derivatives."""
        return 2 * self.shape[0] * max(map(abs, self.slopes)) ** 2 * (self.rows**2).sum()

    def paths(self, starts, times, fine=1):
        """Return where Euler's method with tiny steps is at times, from starts (..., parameters)."""
        count = int(np.ceil(times[-1] * self.stiffness * fine / 0.02))
        step, found, p = times[-1] / count, [], np.array(starts)
        wanted = np.round(times / step).astype(int).tolist()
        for k in range(count + 1):
            if k in wanted:
                found += [p.copy()] * wanted.count(k)
            p = p + step * self.velocity(p)
        return np.array(found)

    def is_mean(self, point, speed, rng):
        """Return how far a velocity is, relatively, from all means of those in the cells around a point."""
        around = point + 1e-7 * rng.normal(size=(CELLS, len(point)))
        cells = np.unique(np.round(self.velocity(around), 4), axis=0)
        size = 1 + np.abs(cells).max()
        count, width = cells.shape
        eye = np.eye(width)
        found = linprog(
            [0.0] * count + [1.0] * (2 * width),
            A_eq=np.vstack([np.hstack([cells.T, eye, -eye]), [*([1.0] * count), *([0.0] * (2 * width))]]),
            b_eq=[*speed, 1.0],
        )
        return found.fun / size


def wide(place):
    unit = place.network.unit
    rows, labels = ([[float(v) for v in row] for row in place.rows], [float(y) for y in place.data.labels])
    return Wide(
        np.array(rows), np.array(labels), (float(unit.negative), float(unit.positive)), (place.units, place.width)
    )


def case(seed):
    """Return a random landscape and a start on kinks: few points, some of them collinear or repeated."""
    rng = np.random.default_rng(seed)
    model, width = MODELS[seed % len(MODELS)], int(rng.integers(1, 3))
    points = rng.integers(-2, 3, (int(rng.integers(2, 6)), width))
    if rng.random() < 0.3:
        points = np.outer(rng.integers(-2, 3, len(points)), rng.integers(-1, 2, width)) + rng.integers(-1, 2, width)
    if rng.random() < 0.2:
        points[-1] = points[0]
    labels = rng.integers(-2, 3, len(points))
    place = landscape(model, Dataset(f"case {seed}", points.tolist(), labels.tolist()))
    start = rng.integers(-2, 3, (place.units, place.width))
    for row in start:
        row[-1] = -row[:-1] @ points[rng.integers(len(points))]
    if rng.random() < 0.15:
        start[0] = 0
    return place, start.tolist()


def neighbours(place, start, seed):
    """Return 48 starts next to one."""
    near = np.ravel(start) + 1e-9 * np.random.default_rng(seed).normal(size=(NEAR, place.parameters))
    return near.reshape(NEAR, place.units, place.width)


def strays(place, found, starts):
    """Return the greatest distance of paths from some starts to a trajectory; steps are refined where it is large."""
    world, times = wide(place), np.linspace(0, TIME, 16)
    report, flat, apart = found.at(times).reshape(16, 1, -1), starts.reshape(len(starts), -1), np.full(len(starts), 1.0)
    for fine in (1, 10, 80):
        far = apart > CLOSE
        if far.any():
            apart[far] = np.abs(world.paths(flat[far], times, fine) - report).max(axis=(0, 2))
    return float(apart.max())


def wrong_speeds(place, found, seed):
    """Return how far the velocities of a trajectory are at most from the means of gradients around it."""
    world, rng, worst = wide(place), np.random.default_rng(seed), 0.0
    for piece in found.pieces:
        if piece.start > TIME:
            break
        span = min(piece.end - piece.start, 1.0)
        for t in (0.3 * span, 0.8 * span):
            speed = -(piece.rates * np.exp(-t * piece.rates)) @ piece.terms if len(piece.rates) else 0
            point = piece.at(np.array([piece.start + t]))[0]
            worst = max(worst, world.is_mean(point, speed + np.zeros(len(point)), rng))
    return worst
