"""Stable steps at points, compared with torch: its second derivatives, and runs of its optimisers from close by."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from stability import Dataset, landscape
from stability.dynamics.maps.point_regions import region_at
from stability.errors import DifferentiabilityError, PointError, UnknownNameError

TWO = Dataset("two columns", [[0], [2], [-2]], [[0, 1], [1, 1], [0, 1]])
ON_XOR = [[1, -1, -1, 1], [-1, 1, -1, 1]]
CASES = {
    "relu2-out": ("relu2-out", "xor", ON_XOR, 6, 2),
    "scaled": ("relu2-out", "xor", [[2, -2, -2, "1/2"], [-3, 3, -3, "1/3"]], 6, 2),
    "an output bias": ("relu2-out+c", "xor", [*ON_XOR, [0]], 6, 2),
    "fixed weights": ("relu[+,1/2]", "xor", [[1, -1, -1], [-2, 2, -2]], 4, 0),
    "a dead unit": ("relu3-out", "xor", [*ON_XOR, [0, 0, -1, 5]], 10, 3),
    "a dead unit without output": ("relu3-out", "xor", [*ON_XOR, [0, 0, -1, 0]], 10, 3),
    "a plain sum": ("relu2", "xor", [[1, -1, -1], [-1, 1, -1]], 4, 0),
    "no biases": ("leaky1/2:1-out-nob", Dataset("line", [[1], [2]], [1, 2]), [[2, "1/2"]], 1, 1),
    "two outputs": ("relu1-out2+c", TWO, ([[1, -1, 1, 0]], [0, 1]), 2, 1),
    "one-hot": ("relu2-linear", "xor", ([[1, -1, -1, -1, 1], [-1, 1, -1, -1, 1]], [1, 0]), 6, 2),
}


def torch_loss(place):
    """Return the loss as a function of flat parameters, row after row, written with torch alone."""
    net, units, width = place.network, place.units, place.width
    ones = [[1.0]] * len(place.data.points) if net.hidden_biases else []
    x = torch.tensor(np.hstack([np.array(place.data.points, dtype=float), np.array(ones)]) if ones else
                     np.array(place.data.points, dtype=float))  # fmt: skip
    targets = np.array(getattr(place, "targets", place.data.targets), dtype=float)
    y, left = torch.tensor(targets), float(net.unit.negative)

    def loss(flat):
        size = units * place.stride
        rows = flat[:size].reshape(units, place.stride)
        z = x @ rows[:, :width].T
        outer = rows[:, width:] if net.trainable else torch.tensor([[float(a)] for a in net.weights]).double()
        outs = torch.where(z > 0, z, left * z) @ outer
        outs = outs + flat[size:] if net.output_bias else outs
        return ((outs - y) ** 2).sum() * float(place.scale)

    return loss


def flat(place, point):
    return torch.tensor([float(v) for row in place.point(point) for v in row], dtype=torch.float64)


@pytest.mark.parametrize("kind", ["sum", "mean"])
@pytest.mark.parametrize("case", CASES)
def test_curvatures_and_flat_directions_are_those_of_torch(case, kind):
    model, data, point, total, scaling = CASES[case]
    place = landscape(model, data, kind)
    found = place.stable_steps(point)
    hessian = torch.autograd.functional.hessian(torch_loss(place), flat(place, point)).numpy()
    values = np.linalg.eigvalsh(hessian)
    assert found.worst.value == pytest.approx(values[-1], rel=1e-9)
    assert found.limit().value == pytest.approx(2 / values[-1], rel=1e-9)
    assert found.flat.total == int((np.abs(values) < 1e-9).sum()) == total
    assert (found.flat.scaling, found.flat.other) == (scaling, total - scaling)
    assert str(total) in str(found.flat)


@pytest.mark.parametrize("case", [case for case, (*_, scaling) in CASES.items() if scaling])
def test_scaling_changes_no_output_and_is_flat(case):
    model, data, point, _, scaling = CASES[case]
    place = landscape(model, data)
    rows, moved = place.point(point), 0
    for j in range(place.units):
        for t in (Fraction(2), Fraction(1, 3)):
            scaled = [list(row) for row in rows]
            scaled[j] = [v * t if k < place.width else v / t for k, v in enumerate(rows[j])]
            assert place.outputs(scaled) == place.outputs(rows)
            assert not any(place.gradient(scaled))
        moved += scaled != rows
    assert moved == scaling


@pytest.mark.parametrize("rule", ["gd", "heavy-ball", "nesterov"])
@pytest.mark.parametrize("case", ["relu2-out", "scaled", "an output bias", "one-hot", "fixed weights"])
def test_runs_of_torch_stay_below_the_limit_and_leave_above(case, rule):
    model, data, point, *_ = CASES[case]
    place = landscape(model, data)
    memory = 0 if rule == "gd" else Fraction(1, 2)
    limit, start = place.stable_steps(point, rule).limit(memory).value, flat(place, point)
    loss = torch_loss(place)
    steep = np.linalg.eigh(torch.autograd.functional.hessian(loss, start).numpy())[1][:, -1]
    for share, stays in ((0.97, True), (1.03, False)):
        p = (start + 1e-6 * torch.from_numpy(steep)).requires_grad_()
        optimiser = torch.optim.SGD([p], lr=share * limit, momentum=float(memory), nesterov=rule == "nesterov")
        for _ in range(400):
            optimiser.zero_grad()
            loss(p).backward()
            optimiser.step()
            if float((p - start).detach().norm()) > 1e-3:
                break
        assert (float((p - start).detach().norm()) < 1e-5) == stays, share


def test_the_limit_of_a_scaled_unit_is_another():
    place = landscape("relu2-out", "xor")
    limits = [place.stable_steps(CASES[case][2]).limit() for case in ("relu2-out", "scaled")]
    assert limits[0].text == "1/4"
    assert limits[1].value < 2 / 18  # at the second unit the curvature is 2 (3/9 + 9)


def test_points_that_are_no_smooth_minima_are_refused():
    place = landscape("relu2-out+c", "xor")
    for point, error, match in (
        ([[1, -1, -1, 1], [-1, 1, -1, 2], [0]], PointError, "gradient is 0"),
        ([[1, -1, 0, "1/2"], [-1, 1, 0, "1/2"], [0]], DifferentiabilityError, "not twice differentiable"),
        ([[1, -1, 0, 1], [-1, 1, 0, 1]], PointError, "9 parameters"),
    ):
        with pytest.raises(error, match=match) as caught:
            place.stable_steps(point)
        assert caught.value.remedy
    with pytest.raises(PointError, match="without negative curvature"):
        landscape("abs1-out", Dataset("line", [[1], [-1]], [1, -1])).stable_steps([[0, 1, 0]])
    with pytest.raises(UnknownNameError):
        place.stable_steps([*ON_XOR, [0]], "newton")
    with pytest.raises(DifferentiabilityError):
        place.stable_steps([*ON_XOR, [0]], "sign")


def test_adam_counts_its_preconditioner():
    found = region_at(landscape("relu2-out", "xor"), ON_XOR, "adam", eps="1/10")
    assert found.limit().text == "1/40"
    assert found.limit("9/10").text == "19/40"
    assert dict(found.facts())["divided by"] == "1/10, as Adam's steps at rest"
    assert "divided by" not in dict(region_at(landscape("relu2-out", "xor"), ON_XOR).facts())
    assert found.to_json()["flat"] == {"total": 6, "scaling": 2, "other": 4}
