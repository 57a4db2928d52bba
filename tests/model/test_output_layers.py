"""Losses, gradients and Hessians of networks with output weights and biases, against torch."""

from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from some_slow import some_slow

from stability import landscape
from stability.errors import PointError
from stability.model.datasets import Dataset

MODELS = [
    "relu[+,-]",
    "relu[1,-1/2]+c",
    "abs[-,+]-nob",
    "relu2-out",
    "leaky1/10:2-out+c",
    "relu2-out+c-nob",
    "abs1-out",
]
ACTIVATIONS = {"relu": torch.relu, "abs": torch.abs}


def outputs_in_torch(place, flat):
    net, rows, total = place.network, torch.tensor([[float(x) for x in r] for r in place.rows], dtype=torch.float64), 0
    slope = float(net.unit.negative)
    act = ACTIVATIONS.get(net.unit.name, lambda z: torch.nn.functional.leaky_relu(z, slope))
    for j in range(place.units):
        own = flat[j * place.stride : (j + 1) * place.stride]
        a = own[-1] if net.trainable else float(net.weights[j])
        total = total + a * act(rows @ own[: place.width])
    return total + flat[-1] if net.output_bias else total


def loss_in_torch(place, flat):
    labels = torch.tensor(list(map(float, place.data.labels)), dtype=torch.float64)
    return float(place.scale) * ((outputs_in_torch(place, flat) - labels) ** 2).sum()


@pytest.mark.parametrize("model", some_slow(MODELS, 4))
@settings(max_examples=25)
@given(data=st.data())
def test_loss_gradient_and_hessian_are_those_of_torch(model, data):
    place = landscape(model, "xor", "mean")
    numbers = data.draw(st.lists(st.integers(-7, 7), min_size=place.parameters, max_size=place.parameters))
    flat = [Fraction(x, 4) + Fraction(k + 1, 97) for k, x in enumerate(numbers)]
    point, floats = place.by_unit(flat), torch.tensor(list(map(float, flat)), dtype=torch.float64)
    assert [len(row) for row in point] == [place.stride] * place.units + [1] * place.network.output_bias
    if any(0 in signs for signs in place.pattern(point)):
        return
    assert float(place.loss(point)) == pytest.approx(loss_in_torch(place, floats).item(), abs=1e-9)
    slopes = torch.func.grad(lambda v: loss_in_torch(place, v))(floats)
    assert list(map(float, place.gradient(point))) == pytest.approx(slopes.tolist(), abs=1e-9)
    curved = torch.func.hessian(lambda v: loss_in_torch(place, v))(floats)
    for line, wanted in zip(place.hessian(point), curved.tolist(), strict=True):
        assert list(map(float, line)) == pytest.approx(wanted, abs=1e-9)


def test_output_weight_0_takes_the_kink_away():
    place = landscape("relu1-out", "xor")
    assert not place.is_differentiable([[1, 1, 0, 1]])
    assert place.is_differentiable([[1, 1, 0, 0]])
    assert not place.is_twice_differentiable([[1, 1, 0, 0]])


def test_opposite_examples_share_a_kink_without_biases():
    place = landscape("relu1-nob", "xor")
    # (1, 1) and (-1, -1) have the label 0, on the kink of w = (1, -1); outputs 0 fit them
    assert place.is_differentiable([["1/2", "-1/2"]])
    # (1, -1) and (-1, 1) have errors -1 at w = (1, 1)
    assert not place.is_differentiable([["1/2", "1/2"]])


@pytest.mark.parametrize(
    "point",
    [
        ([[1, 0, 0, 1], [0, 0, 0, 2]], "1/2"),
        [[[1, 0, 0, 1], [0, 0, 0, 2]], "1/2"],
        [[1, 0, 0, 1], [0, 0, 0, 2], ["1/2"]],
        [[1, 0, 0, 1], [0, 0, 0, 2], "1/2"],
    ],
)
def test_forms_of_a_point(point):
    place = landscape("relu2-out+c", "xor")
    assert place.point(point) == [[1, 0, 0, 1], [0, 0, 0, 2], [Fraction(1, 2)]]
    assert place.outputs(point)[0] == Fraction(3, 2)


@pytest.mark.parametrize("point", [[[1, 0, 0], [0, 0, 0]], ([[1, 0, 0, 1]], 1), 5, [], [[1, 0, 0, 1], [0, 0, 0, 1]]])
def test_other_forms_are_refused_with_the_form_wanted(point):
    with pytest.raises(PointError) as caught:
        landscape("relu2-out+c", "xor").point(point)
    assert "9 parameters, as 2 units of (w1, w2, b, a) and an output bias c" in caught.value.problem
    assert caught.value.remedy == "Write it as ([[w1, w2, b, a], [w1, w2, b, a]], c)."


def test_one_parameter_is_said_in_the_singular():
    with pytest.raises(PointError) as caught:
        landscape("relu1-nob", Dataset("line", [[1], [2]], [0, 1])).point([[1, 0]])
    assert "has 1 parameter, as 1 unit of (w1); this point gives 2 in 1 row" in caught.value.problem


def test_second_derivatives_need_the_point():
    place = landscape("relu1-out", "xor")
    with pytest.raises(PointError, match="depend on the point"):
        place.cell_hessian([[1, 1, 1, 1]])


def test_names_in_formulas_differ():
    models = ["relu2", "relu[+,-]", "relu[-,+]", "relu[+,-]+c", "relu2-out", "relu2-out+c", "relu2+c", "relu2-nob"]
    names = [landscape(model, "xor").formula_name for model in models]
    assert len({*names}) == len(models)
    assert all(name.isidentifier() for name in names)
