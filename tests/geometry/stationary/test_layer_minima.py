"""Minima proved to second order, against Hessians in floats; and what no function can do better."""

from itertools import product

import numpy as np
import pytest
from flint import fmpq

from stability import Dataset, landscape
from stability.geometry.stationary.layer_minima import (
    is_least_conceivable,
    is_minimum_to_second_order,
    least_conceivable_loss,
)
from stability.geometry.stationary.layer_units import LayerPoint
from stability.model.networks import Network
from stability.model.units import unit

LINEAR = unit("leaky1")


@pytest.mark.parametrize("labels", [[[3, 0], [0, 1]], [[2, 1], [1, 2]], [[1, 2], [-2, 1]], [[4, 0], [0, -4]]])
def test_minima_are_where_the_hessian_has_no_other_null_directions_than_scaling(labels):
    net = Network(LINEAR, 1, trainable=True, hidden_biases=False, outputs=2)
    place = landscape(net, Dataset("square", [[1, 0], [0, 1]], labels))
    for w, a in product(product((-1, 0, 1, 2), repeat=2), repeat=2):
        point = [[*w, *a]]
        if any(place.gradient(point)) or not any((*w, *a)):
            continue
        values = np.linalg.eigvalsh(np.array(place.hessian(point), dtype=float))
        proved = is_minimum_to_second_order(LayerPoint(place, place.point(point)))
        assert proved == bool(values[0] > -1e-9 and values[1] > 1e-9)


def test_least_units_may_undo_what_others_do():
    """A unit in a cell where errors are orthogonal to everything only helps: the proof counts what is left."""
    data = Dataset("apart", [[1, 0], [0, 1], [-1, -1]], [["43/25", "24/25"], ["24/25", "57/25"], [-5, 0]])
    place = landscape("relu2-out2-nob", data)
    best = ["3/5", "4/5", "9/5", "12/5"]
    alone = place.classify([best, [-1, -1, 0, 0]])
    assert alone.kind == "not stationary"
    dead = place.classify([best, [0, 0, 0, 0]])
    assert (dead.kind, dead.escape.order) == ("saddle", 2)
    fitted = place.classify([best, [-1, -1, "-5/2", 0]])
    assert (fitted.kind, fitted.loss) == ("local minimum", 1)
    assert "second derivatives" in fitted.reason


def test_least_conceivable_losses():
    twice = Dataset("twice", [[1], [1], [0]], [1, 0, 3])
    at = lambda model, point: LayerPoint(place := landscape(model, twice), place.point(point))  # noqa: E731
    assert least_conceivable_loss(at("relu1-out", [[0, 0, 0]])) == fmpq(1, 2)
    assert least_conceivable_loss(at("relu1-out-nob", [[0, 0]])) == fmpq(19, 2)
    assert least_conceivable_loss(at("relu1-out+c-nob", ([[0, 0]], 0))) == fmpq(1, 2)
    assert is_least_conceivable(at("relu1-out-nob", [[1, "1/2"]]))
    assert landscape("relu1-out-nob", twice).classify([[1, "1/2"]]).kind == "global minimum"
    assert not is_least_conceivable(at("relu1-out-nob", [[1, 1]]))


def test_what_least_units_undo_does_not_count():
    """An example on which the first unit weighs much, but that the second one fits anyhow, makes no minimum."""
    fitted = [112, 216]
    data = Dataset("undone", [[1, 0], [0, 1], [-500, 400]], [["57/25", "-24/25"], ["-24/25", "43/25"], fitted])
    place = landscape("relu2-out2-nob", data)
    found = place.classify([["3/5", "4/5", "3/5", "4/5"], [-1, -1, 1, 2]])
    assert (found.kind, found.loss, found.escape.order) == ("saddle", 9, 2)
    assert not is_minimum_to_second_order(LayerPoint(place, found.point))
