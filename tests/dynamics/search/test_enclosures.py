"""Boxes with one stationary point: exact ones lie in them, as do roots of scipy; what is not isolated has none."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import arb, fmpq
from scipy.optimize import root

from stability import Dataset, landscape
from stability.dynamics.search import enclosures
from stability.dynamics.search.ball_cells import BallCell
from stability.dynamics.search.enclosures import BITS, are_apart, enclosed, precision
from stability.dynamics.search.layer_batch import LayerBatch
from stability.model.networks import Network
from stability.model.units import unit

LINE = Dataset("line", [[-2], [-1], [1], [2]], [3, 1, 1, 2])
ROTATED = Dataset("rotated", [[1, 0], [0, 1]], [["43/25", "24/25"], ["24/25", "57/25"]])  # singular values 3 and 1
LINEAR = Network(unit("leaky1"), 1, trainable=True, hidden_biases=False, outputs=2)
TWO = Dataset("two", [[-2, 1], [-1, 0], [1, 3], [2, 2]], [[3, 0], [1, 1], [1, 2], [2, "1/2"]])


def batch_of(model, data):
    return LayerBatch(landscape(model, data))


CELLS = [("relu2-out2+c", TWO), ("abs1-out-nob", LINE), ("relu[+,-1/2]+c", LINE), ("leaky1/4:2-out", LINE)]


@pytest.mark.parametrize(("model", "data"), CELLS)
def test_balls_hold_the_exact_gradient_and_hessian(model, data):
    place = landscape(model, data)
    flat = [Q(3 * k * k % 11 - 5, 4) + Q(1, 7) for k in range(place.parameters)]
    layer = place.units * place.stride
    rows = [flat[j : j + place.stride] for j in range(0, layer, place.stride)] + [flat[layer:]] * bool(flat[layer:])
    with precision(BITS):
        cell = BallCell(LayerBatch(place), place.pattern(rows))
        balls = [arb(fmpq(x.numerator, x.denominator)) for x in flat]
        factor = 2 * place.scale
        for ball, exact in zip(cell.gradient(balls), place.gradient(rows), strict=True):
            assert ball.overlaps(arb(fmpq((exact / factor).numerator, (exact / factor).denominator)))
            assert ball.rad() < 1e-40
        for line, exact in zip(cell.hessian(balls), place.hessian(rows), strict=True):
            for ball, value in zip(line, exact, strict=True):
                assert ball.overlaps(arb(fmpq((value / factor).numerator, (value / factor).denominator)))


def test_the_affine_fit_is_enclosed():
    """Of four points on a line the affine fit has the loss 47/20; it is a minimum, and the only one in its cell."""
    batch = batch_of("relu1-out", LINE)
    box = enclosed(batch, np.array([-0.2, 1.75, 1.0]))
    assert box.loss[0] <= 2.35 <= box.loss[1]
    assert box.loss[1] - box.loss[0] < 1e-12
    assert (box.index, box.dead, len(box.fixed)) == (0, [], 1)
    assert box.pattern == [[1, 1, 1, 1]]
    first, second = box.products[0]
    assert first.overlaps(arb(fmpq(-1, 5)))
    assert second.overlaps(arb(fmpq(7, 4)))
    away = enclosed(batch, np.array([-0.2, 1.75, 1.0]) + 1e-3)
    assert not are_apart(box, away, [0])


@pytest.mark.parametrize(
    ("point", "index", "loss"), [((0.6, 0.8, 1.8, 2.4), 0, 1), ((0.8, -0.6, 0.8, -0.6), 1, 9), ((0, 0, 0, 0), None, 0)]
)
def test_indices_of_matrices_of_rank_one(point, index, loss):
    box = enclosed(batch_of(LINEAR, ROTATED), np.array(point, dtype=float))
    if index is None:
        assert box is None
        return
    assert box.index == index
    assert box.loss[0] <= loss <= box.loss[1]


def test_what_is_not_isolated_or_stationary_has_no_box():
    relu = batch_of("relu1-out", LINE)
    assert enclosed(relu, np.array([1.0, 3.0, 1.0])) is None  # not stationary
    assert enclosed(relu, np.array([0.0, 0.0, 1.0])) is None  # at a kink
    assert enclosed(relu, np.array([np.nan, 0.0, 1.0])) is None
    assert enclosed(relu, np.array([-4.0, -5.0, 1.0])) is None  # one example, two parameters
    identity = Dataset("identity", [[1, 0], [0, 1]], [[1, 0], [0, 1]])
    assert enclosed(batch_of(LINEAR, identity), np.array([0.6, 0.8, 0.6, 0.8])) is None  # a circle of minima
    two = batch_of("relu2-out", LINE)
    assert enclosed(two, np.array([-0.2, 1.75, 0.5, -0.2, 1.75, 0.5])) is None  # two units share one fit


def test_dead_units_are_left_alone():
    box = enclosed(batch_of("relu2-out", LINE), np.array([-0.2, 1.75, 1.0, 0.0, -1.0, 3.0]))
    assert (box.dead, sorted(box.fixed)[-3:]) == ([1], [3, 4, 5])
    other = enclosed(batch_of("relu2-out", LINE), np.array([0.0, -2.0, 5.0, -0.1, 0.875, 2.0]))
    assert not are_apart(box, other, [0, 0])
    assert enclosed(batch_of("relu1-out", LINE), np.array([0.0, -1.0, 3.0])) is None


def test_order_and_scale_of_units_make_no_difference_and_points_do():
    batch = batch_of("relu2-out", LINE)
    fit = np.array([1.0, 0.0, 1.0, -2.0, -1.0, 1.0])
    turned = np.array([-1.0, -0.5, 2.0, 3.0, 0.0, 1 / 3])
    first, second = enclosed(batch, fit), enclosed(batch, turned)
    assert not are_apart(first, second, [0, 0])
    assert are_apart(first, second, [0, 1])
    assert are_apart(first, enclosed(batch, np.array([-0.2, 1.75, 1.0, 0.0, -1.0, 3.0])), [0, 0])


def test_roots_from_starts_in_the_box_are_the_same():
    batch, rng = batch_of("relu2-out", LINE), np.random.default_rng(0)
    point = np.array([1.0, 0.0, 1.0, -2.0, -1.0, 1.0])
    box = enclosed(batch, point)
    free = [k for k in range(len(point)) if k not in box.fixed]

    def forces(values):
        here = point.copy()
        here[free] = values
        return batch.gradients(here[None])[0][free]

    for _ in range(20):
        found = root(forces, point[free] + box.radius * rng.uniform(-1, 1, len(free)), tol=1e-12)
        assert found.x == pytest.approx(point[free], abs=1e-6)


def test_a_fit_outside_its_cell_is_none():
    """With the first example off, the fit of the others puts it on again: there is no stationary point in that cell."""
    assert enclosed(batch_of("relu1-out", LINE), np.array([0.6, 0.9, 1.0])) is None


def test_a_box_without_a_zero_is_none(monkeypatch):
    """Without Newton steps before, boxes of all radii lie beside the affine fit."""
    monkeypatch.setattr(enclosures, "POLISHING", 0)
    batch = batch_of("relu1-out", LINE)
    assert enclosed(batch, np.array([-0.21, 1.75, 1.0])) is None
    assert enclosed(batch, np.array([-0.2, 1.75, 1.0])) is not None
