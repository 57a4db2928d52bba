"""Losses, gradients and Hessians of networks of several outputs, against torch and against networks of one output."""

from fractions import Fraction as Q

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stability import Dataset, landscape, network
from stability.errors import DifferentiabilityError, PointError, StabilityError, UnknownNameError
from stability.model.network_loss import NetworkLoss
from stability.model.several_outputs import SeveralOutputsLoss, require_one_output

DATA = Dataset("mine", [[1, -1], [-1, 1], [1, 1], [0, 0]], [[1, 0], [1, "1/2"], [0, 1], [-1, 2]])
MODELS = ["relu2-out2", "leaky1/10:2-out2+c", "abs1-out2-nob", "relu1-out2+c-nob", "relu2-linear"]
ACTIVATIONS = {"relu": torch.relu, "abs": torch.abs}


def place_of(model, loss="mean"):
    return landscape(model, "xor" if model.endswith("linear") else DATA, loss)


def loss_in_torch(place, flat):
    net, m = place.network, place.network.outputs
    rows = torch.tensor([[float(x) for x in r] for r in place.rows], dtype=torch.float64)
    slope = float(net.unit.negative)
    act = ACTIVATIONS.get(net.unit.name, lambda z: torch.nn.functional.leaky_relu(z, slope))
    units = flat[: place.units * place.stride].reshape(place.units, place.stride)
    out = act(rows @ units[:, : place.width].T) @ units[:, place.width :]
    out = out + flat[-m:] if net.output_bias else out
    if net.one_hot:
        targets = torch.nn.functional.one_hot(torch.tensor([int(y) for y in place.data.labels]), m).double()
    else:
        targets = torch.tensor([[float(y) for y in row] for row in place.data.label_rows], dtype=torch.float64)
    return torch.nn.functional.mse_loss(out, targets, reduction=place.loss_kind)


@pytest.mark.parametrize("loss", ["sum", "mean"])
@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_loss_gradient_and_hessian_are_those_of_torch(model, loss, data):
    place = place_of(model, loss)
    numbers = data.draw(st.lists(st.integers(-7, 7), min_size=place.parameters, max_size=place.parameters))
    flat = [Q(x, 4) + Q(k + 1, 97) for k, x in enumerate(numbers)]
    point, floats = place.by_unit(flat), torch.tensor(list(map(float, flat)), dtype=torch.float64)
    assert float(place.loss(point)) == pytest.approx(loss_in_torch(place, floats).item(), abs=1e-9)
    slopes = torch.func.grad(lambda v: loss_in_torch(place, v))(floats)
    if place.is_twice_differentiable(point):
        assert list(map(float, place.gradient(point))) == pytest.approx(slopes.tolist(), abs=1e-9)
        curved = torch.func.hessian(lambda v: loss_in_torch(place, v))(floats)
        for line, wanted in zip(place.hessian(point), curved.tolist(), strict=True):
            assert list(map(float, line)) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_torch_chooses_the_same_slope_at_kinks(model):
    place = place_of(model)
    flat = [Q(k % 3 - 1) for k in range(place.parameters)]
    assert any(0 in signs for signs in place.pattern(place.by_unit(flat)))
    slopes = torch.func.grad(lambda v: loss_in_torch(place, v))(torch.tensor(list(map(float, flat))).double())
    assert list(map(float, place.autograd_gradient(place.by_unit(flat)))) == pytest.approx(slopes.tolist(), abs=1e-9)


def test_equal_columns_are_one_output_twice():
    """With equal columns and equal output weights everything is twice that of one output, scaled alike."""
    labels = [1, 0, "1/3"]
    points = [[0, 1], [1, 2], [-1, 1]]
    one = landscape("relu2-out+c", Dataset("one", points, labels))
    two = landscape("relu2-out2+c", Dataset("two", points, [[y, y] for y in labels]))
    point = ([[1, "1/2", 0, 2], [-1, 1, 3, "-1/2"]], ["1/5"])
    doubled = ([[*row, row[-1]] for row in point[0]], ["1/5", "1/5"])
    assert two.loss(doubled) == 2 * one.loss(point)
    assert landscape("relu2-out2+c", two.data, "mean").loss(doubled) == one.loss(point) / 3
    assert [row[0] for row in two.outputs(doubled)] == one.outputs(point)
    first, second = one.gradient(point), two.gradient(doubled)
    assert second[:3] == [2 * g for g in first[:3]]
    assert second[3:5] == [first[3]] * 2


def test_differentiable_where_residuals_at_a_kink_are_orthogonal_to_the_output_weights():
    data = Dataset("kink", [[0], [1]], [[1, 1], [0, 0]])
    place = landscape("relu1-out2", data)
    assert place.is_differentiable([[1, 0, 1, -1]])
    assert not place.is_differentiable([[1, 0, 1, 1]])
    assert place.is_differentiable([[1, 0, 0, 0]])
    assert not place.is_twice_differentiable([[1, 0, 0, 0]])
    with pytest.raises(DifferentiabilityError):
        place.gradient([[1, 0, 1, 1]])


def test_points_and_their_form():
    place = landscape("relu1-out2+c", DATA)
    assert place.form == "([[w1, w2, b, a1, a2]], [c1, c2])"
    assert place.point(([[1, 2, 3, 4, 5]], [6, 7])) == [[1, 2, 3, 4, 5], [6, 7]]
    assert place.point([[1, 2, 3, 4, 5], [6, 7]]) == place.by_unit([Q(x) for x in range(1, 8)])
    assert place.parameters == 7
    for wrong in ([[1, 2, 3, 4, 5]], ([[1, 2, 3, 4, 5]], 6), ([[1, 2, 3, 4]], [6, 7]), 5):
        with pytest.raises(PointError, match="has 7 parameters") as caught:
            place.point(wrong)
        assert caught.value.remedy == f"Write it as {place.form}."
    with pytest.raises(PointError, match="depend on the point"):
        place.cell_hessian([[1, 1, 1, 1]])
    assert len(repr(place).splitlines()) == 1
    assert place.to_json()["data"]["labels"][1] == ["1", "1/2"]
    assert "2 outputs" in place._repr_html_()


def test_what_needs_one_output_says_so():
    place = landscape("relu2-linear", "xor")
    for asked in (place.flow, place.basins, place.plot, place.cycles, place.derive):
        with pytest.raises(UnknownNameError, match="Expected a network of one output for"):
            asked()
    with pytest.raises(StabilityError, match="Expected") as refused:
        landscape("relu2-out2", DATA).atlas()
    assert refused.value.remedy
    with pytest.raises(UnknownNameError, match="has 2 outputs"):
        require_one_output(place, "x")
    require_one_output(landscape("relu2", "xor"), "x")
    with pytest.raises(UnknownNameError, match="Expected a network of one output"):
        NetworkLoss(network("relu2-out2"), DATA)
    assert SeveralOutputsLoss(network("relu2-out2"), DATA) == landscape("relu2-out2", DATA)
