"""Cells, faces and senses of stationarity by brute force: all sign vectors, floats and HiGHS."""

from fractions import Fraction as Q
from functools import cache
from itertools import product

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linprog

from stability import Landscape, landscape
from stability.model.datasets import Dataset
from stability.model.networks import network

FREE = (None, None)
MODELS = ["abs1", "relu1", "leaky1/100:1"]


def with_margin(equal, above, size):
    """Return whether a.x = 0 and b.x > 0 can be met: maximise the smallest b.x."""
    if not above:
        return True
    found = linprog(
        [0] * size + [-1],
        A_ub=[[*(-v for v in row), 1] for row in above],
        b_ub=[0] * len(above),
        A_eq=[[*row, 0] for row in equal] or None,
        b_eq=[0] * len(equal) or None,
        bounds=[(-1, 1)] * (size + 1),
    )
    assert found.status == 0, found.message
    return -found.fun > 1e-9


def realised(signs, rows):
    """Return whether some vector has these signs on the rows."""
    return _realised(tuple(signs), tuple(map(tuple, rows)))


@cache
def _realised(signs, rows):
    pairs = list(zip(signs, rows, strict=True))
    equal = [[float(v) for v in row] for s, row in pairs if s == 0]
    above = [[s * float(v) for v in row] for s, row in pairs if s]
    return with_margin(equal, above, len(rows[0]))


def slow_faces(place):
    return {s for s in product((-1, 0, 1), repeat=len(place.rows)) if realised(s, place.rows)}


def slow_cells(place, point):
    """Return the open cells next to a point: signs as there, any realised signs at the kinks."""
    units = []
    for signs in place.pattern(point):
        kinks = [i for i, s in enumerate(signs) if s == 0 and any(place.rows[i])]
        rows = [place.rows[i] for i in kinks]
        choices = [c for c in product((-1, 1), repeat=len(kinks)) if not kinks or realised(c, rows)]
        units.append([_filled(signs, kinks, choice) for choice in choices])
    return {tuple(cell) for cell in product(*units)}


def _filled(signs, kinks, choice):
    full = list(signs)
    for i, s in zip(kinks, choice, strict=True):
        full[i] = s
    return tuple(full)


def slow_clarke(place, point):
    """Return whether 0 is in the convex hull of the gradients of the cells next to a point."""
    gradients = {tuple(place.cell_gradient(point, cell)) for cell in slow_cells(place, point)}
    columns = np.array(sorted(gradients), dtype=float).T
    equal = np.vstack([columns, np.ones(columns.shape[1])])
    found = linprog(np.zeros(columns.shape[1]), A_eq=equal, b_eq=[0] * len(columns) + [1])
    assert found.status in (0, 2)
    return found.status == 0


def moved(point, direction, t):
    steps = iter(direction)
    return [[x + t * next(steps) for x in row] for row in point]


def along(place, point, direction):
    """Return (slope, bend) of the loss along a ray, exactly: near the point it is slope t + bend t^2."""
    t = Q(1, 10**15)
    start, half, full = (place.loss(moved(point, direction, s)) for s in (0, t / 2, t))
    return (4 * half - full - 3 * start) / t, (2 * full + 2 * start - 4 * half) / t**2


def trend(place, point, direction):
    """Return -1, 0 or 1: does the loss fall, stay or rise along a ray?"""
    slope, bend = along(place, point, direction)
    decisive = slope or bend
    return (decisive > 0) - (decisive < 0)


@cache
def directions(size, count=150):
    """Return axes, their negatives and random directions; many of them stay on kinks of data with entries +-1."""
    draw = np.random.default_rng(size)
    axes = [tuple(int(s * (k == c)) for c in range(size)) for k in range(size) for s in (1, -1)]
    small = [tuple(map(int, draw.integers(-2, 3, size))) for _ in range(count // 2)]
    large = [tuple(map(int, draw.integers(-99, 100, size))) for _ in range(count // 2)]
    return [d for d in [*axes, *small, *large] if any(d)]


SMALL = st.sampled_from([Q(-1), Q(-1, 2), Q(0), Q(1, 2), Q(1)])


@st.composite
def places(draw, most=4, dimensions=2, models=MODELS):
    """Return a landscape on few points with repeated coordinates, points and labels."""
    d, n = draw(st.integers(1, dimensions)), draw(st.integers(1, most))
    points = [[draw(st.sampled_from([-1, 0, 1, 2])) for _ in range(d)] for _ in range(n)]
    labels = [draw(st.sampled_from([0, 1, 1, Q(-1, 2)])) for _ in range(n)]
    data = Dataset("drawn", points, labels)
    return Landscape(network(draw(st.sampled_from(models))), data, draw(st.sampled_from(["sum", "mean"])))


@st.composite
def located(draw, **more):
    place = draw(places(**more))
    return place, place.by_unit([draw(SMALL) for _ in range(place.parameters)])


XOR = landscape("abs1", "xor")
