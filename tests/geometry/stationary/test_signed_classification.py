"""What a point of a network with fixed output weights is, against brute force, mirrors, scalings and torch."""

from fractions import Fraction as Q

import pytest
import torch
from classified_points import answers, examine
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_geometry import SMALL, located, places

from stability import Landscape, landscape
from stability.errors import UnknownNameError
from stability.geometry.stationary.classification import classify
from stability.model.datasets import Dataset
from stability.model.networks import network

ONE = ["relu[-]", "abs[-1/2]", "relu[2]+c", "leaky1/100[-]+c", "relu1-nob", "abs1+c-nob"]
TWO = ["relu[+,-]", "relu[1,-1/2]+c", "abs2+c", "relu2-nob"]


@settings(deadline=None, max_examples=20)
@given(located(models=ONE))
def test_single_units_at_random_kinks(case):
    examine(*case)


@settings(deadline=None, max_examples=12)
@given(located(most=2, models=TWO))
def test_pairs_of_units_at_random_kinks(case):
    examine(*case)


@settings(deadline=None, max_examples=40)
@given(located(models=["relu2", "abs1", "leaky1/3:2"]))
def test_with_all_output_weights_minus_1_it_is_the_plain_sum_with_the_opposite_labels(case):
    place, point = case
    net = place.network
    mirrored = Dataset("mirrored", place.data.points, [-y for y in place.data.labels])
    opposite = network(f"{net.unit.name}[{','.join('-' * net.count)}]")
    assert answers(classify(Landscape(opposite, mirrored, place.loss_kind), point)) == answers(classify(place, point))


@settings(deadline=None, max_examples=40)
@given(located(most=3, models=["relu[+,-]", "leaky1/3[+,-]+c", "abs[+,-]-nob"]))
def test_the_size_of_an_output_weight_only_scales_its_unit(case):
    place, point = case
    net = place.network
    tail = net.name.partition("]")[2]
    scaled = Landscape(network(f"{net.unit.name}[2,-1/3]{tail}"), place.data, place.loss_kind)
    rows = [[x / 2 for x in point[0]], [3 * x for x in point[1]], *point[2:]]
    assert answers(classify(scaled, rows)) == answers(classify(place, point))


@settings(deadline=None, max_examples=30)
@given(places(most=3, models=["relu1+c", "abs1+c", "relu[-]+c-nob"]), st.data())
def test_the_output_bias_at_rest_makes_the_errors_sum_to_0_and_there_is_no_maximum(place, data):
    point = place.by_unit([data.draw(SMALL) for _ in range(place.parameters)])
    away = sum(place.residuals(point)) / len(place.rows)
    found = classify(place, [*point[:-1], [point[-1][0] - away]])
    assert sum(place.residuals(found.point)) == 0
    assert found.kind != "local maximum"
    if away:
        assert classify(place, point).kind == "not stationary"


def test_a_unit_that_is_always_active_is_an_output_bias():
    """Data in one dimension, padded by a column of 1: the weight of that column, relu(v), is c where v > 0."""
    points, labels = [[0], [1], [2]], [1, 0, 1]
    with_bias = landscape("relu1+c", Dataset("line", points, labels))
    for row, c in [([1, -1], Q(1, 2)), ([0, 1], Q(2, 3)), ([0, -1], Q(2, 3)), ([-1, 1], Q(1, 2))]:
        biased = classify(with_bias, [row, [c]])
        plain = classify(landscape("relu2", Dataset("line", points, labels)), [row, [0, c]])
        assert biased.loss == plain.loss
        assert not plain.differentiable or plain.gradient[:2] == biased.gradient[:2]
        assert not plain.differentiable or plain.gradient[3] == biased.gradient[2]


def test_xor_is_fitted_by_two_scaled_units_with_room_for_the_bias():
    place = landscape("relu[2,2]+c", "xor")
    found = examine(place, ([["1/2", "-1/2", 0], ["-1/2", "1/2", 0]], 0))
    assert (found.kind, found.loss) == ("not stationary", 2)
    fitted = examine(place, ([["1/4", "-1/4", 0], ["-1/4", "1/4", 0]], 0))
    assert (fitted.kind, fitted.is_global, fitted.loss, fitted.strict) == ("local minimum", True, 0, False)


def test_sides_of_a_silent_example_without_biases():
    """The example 0 has no kink without biases: every pre-activation there is 0 for all parameters."""
    place = landscape("relu1-nob", Dataset("with 0", [[0], [1]], [1, 1]))
    found = examine(place, [[1]])
    assert (found.kind, found.strict, found.loss) == ("local minimum", True, 1)
    assert found.differentiable


def test_the_gradient_is_that_of_torch():
    place = landscape("relu[1,-1/2]+c", "xor", "mean")
    found = classify(place, ([["1/2", "-1/3", "1/5"], [1, "2/3", "1/7"]], "1/4"))
    flat = torch.tensor([float(x) for row in found.point for x in row], dtype=torch.float64, requires_grad=True)
    x = torch.tensor([[float(v) for v in point] for point in place.data.points], dtype=torch.float64)
    y = torch.tensor([float(v) for v in place.data.labels], dtype=torch.float64)
    units = torch.relu(x @ flat[:2] + flat[2]) - torch.relu(x @ flat[3:5] + flat[5]) / 2
    ((units + flat[6] - y) ** 2).mean().backward()
    assert [float(g) for g in found.gradient] == pytest.approx(flat.grad.tolist(), abs=1e-12)


def test_trained_output_weights_are_refused_with_the_reason():
    with pytest.raises(
        UnknownNameError, match=r"(?s)fixed output weights .* no quadratic in each cell.*relu\[\+,-\]\+c"
    ):
        classify(landscape("relu2-out+c", "xor"), [[1, 0, 0, 1], [0, 1, 0, 1], [0]])
