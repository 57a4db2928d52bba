"""Rotating and scaling against plain trigonometry: torch and mpmath differentiate the rotated loss."""

from fractions import Fraction as Q
from math import hypot, sqrt

import mpmath
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch_oracle import located, loss_function, numbers, tensor

from stability import landscape
from stability.errors import DifferentiabilityError, NumberError, PointError
from stability.model.datasets import Dataset
from stability.model.torque import angular_curvature, angular_derivative, decompose, torque

quick = settings(deadline=None, max_examples=50)
CLOSE = {"rel": 1e-9, "abs": 1e-8}
XOR = landscape("abs1", "xor")


def rotated(exact, point, unit, tangent):
    """Return t -> loss with one unit's weights at w cos t + tangent sin t, in torch."""
    theta, along = tensor(exact.point(point)), tensor(list(tangent))
    loss = loss_function(exact)

    def at(t):
        turned = torch.cat([theta[unit, :-1] * torch.cos(t) + along * torch.sin(t), theta[unit, -1:]])
        return loss(torch.stack([turned if j == unit else row for j, row in enumerate(theta)]))

    return at


def derivatives(function):
    t = torch.zeros((), dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(function(t), t, create_graph=True)
    (second,) = torch.autograd.grad(first, t)
    return first.item(), second.item()


def tangent_of(weights, direction):
    """Return the part of a direction orthogonal to the weights."""
    square = sum(w * w for w in weights)
    along = sum(w * v for w, v in zip(weights, direction, strict=True)) / square if square else Q(0)
    return [v - along * w for w, v in zip(weights, direction, strict=True)]


@quick
@given(located(), st.data())
def test_angular_derivatives_are_those_of_the_rotated_loss(case, data):
    exact, point = case
    assume(all(s for row in exact.pattern(point) for s in row))
    unit = data.draw(st.integers(0, exact.units - 1))
    weights = point[unit][:-1]
    tangent = tangent_of(weights, [data.draw(numbers) for _ in weights])
    first, second = derivatives(rotated(exact, point, unit, tangent))
    assert float(angular_derivative(exact, point, unit, tangent)) == pytest.approx(first, **CLOSE)
    assert float(angular_curvature(exact, point, unit, tangent)) == pytest.approx(second, **CLOSE)


@quick
@given(located(dimensions=(2,)))
def test_the_default_tangent_is_the_angle(case):
    """In the plane, d/dt at the angle: w = r (cos, sin)."""
    exact, point = case
    assume(all(s for row in exact.pattern(point) for s in row))
    w1, w2, _ = point[0]
    first, second = derivatives(rotated(exact, point, 0, [-w2, w1]))
    assert float(angular_derivative(exact, point)) == pytest.approx(first, **CLOSE)
    assert float(angular_curvature(exact, point)) == pytest.approx(second, **CLOSE)


@quick
@given(located(), st.data())
def test_curvature_at_kinks_against_one_sided_differences(case, data):
    """An angular curvature exists exactly when both sides of the rotation agree in slope and curvature."""
    exact, point = case
    unit = data.draw(st.integers(0, exact.units - 1))
    tangent = tangent_of(point[unit][:-1], [data.draw(numbers) for _ in point[unit][:-1]])
    right, left = (one_sided(exact, point, unit, tangent, side) for side in (1, -1))
    try:
        curvature = angular_curvature(exact, point, unit, tangent)
    except DifferentiabilityError:
        assert right != pytest.approx(left, rel=1e-10, abs=1e-10)
    else:
        assert float(curvature) == pytest.approx(right[1], rel=1e-10, abs=1e-10)
        assert right == pytest.approx(left, rel=1e-10, abs=1e-10)


def mp_number(value):
    return mpmath.mpf(value.numerator) / value.denominator


def mp_loss(exact, rows):
    """Return the loss at rows of mpmath numbers, written out by hand."""
    down, up = map(mp_number, (exact.network.unit.negative, exact.network.unit.positive))
    total = mpmath.mpf(0)
    for x, y in zip(exact.data.points, exact.data.labels, strict=True):
        z = [mpmath.fdot(row[:-1], map(mp_number, x)) + row[-1] for row in rows]
        total += (sum((up if v > 0 else down) * v for v in z) - mp_number(y)) ** 2
    return total / (1 if exact.loss_kind == "sum" else len(exact.data.points))


def one_sided(exact, point, unit, tangent, side):
    """Return slope and curvature in t > 0 (or t < 0) of the rotated loss, from 60-digit differences."""
    with mpmath.workdps(60):
        rows = [list(map(mp_number, row)) for row in exact.point(point)]
        along = list(map(mp_number, tangent))

        def loss(t):
            turned = [w * mpmath.cos(t) + v * mpmath.sin(t) for w, v in zip(rows[unit][:-1], along, strict=True)]
            return mp_loss(exact, [[*turned, row[-1]] if j == unit else row for j, row in enumerate(rows)])

        h = side * mpmath.mpf(10) ** -12
        a, b, c, d = (loss(i * h) for i in range(4))
        slope = (-11 * a + 18 * b - 9 * c + 2 * d) / (6 * h)
        return float(slope), float((2 * a - 5 * b + 4 * c - d) / h**2)


@quick
@given(located())
def test_torque_splits_torchs_gradient(case):
    exact, point = case
    assume(exact.is_differentiable(point))
    flat, width = exact.gradient(point), exact.width
    for j, part in enumerate(torque(exact, point)):
        weights, slope = exact.point(point)[j][:-1], flat[j * width : (j + 1) * width - 1]
        if not any(weights):
            assert part.radial is part.tangential is part.ratio is None
            assert "zero" in part.undefined
            continue
        assert [r + t for r, t in zip(part.radial, part.tangential, strict=True)] == slope
        assert sum(t * w for t, w in zip(part.tangential, weights, strict=True)) == 0
        assert tangent_of(weights, part.radial) == [0] * len(weights)
        if any(slope):
            assert number(part.ratio) == pytest.approx(hypot(*part.tangential) / hypot(*slope), abs=1e-12)
        else:
            assert part.ratio is None


def number(text):
    return sqrt(Q(text[5:-1])) if text.startswith("sqrt") else float(Q(text))


def test_ratio_is_exact_text():
    assert decompose([Q(1), Q(0)], [Q(4), Q(3)]).ratio == "3/5"
    assert decompose([Q(1), Q(0)], [Q(1), Q(1)]).ratio == "sqrt(1/2)"
    assert decompose([Q(1), Q(0)], [Q(0), Q(0)]).undefined == "the gradient is zero"
    assert decompose([Q(2)], [Q(5)]).ratio == "0"


def test_torque_at_a_kink_is_undefined():
    (part,) = torque(XOR, [[1, 1, 0]])
    assert part.radial is None
    assert part.undefined == "no gradient at this kink"
    with pytest.raises(DifferentiabilityError):
        angular_derivative(XOR, [[1, 1, 0]])


def test_a_kink_with_equal_slopes_but_two_curvatures_is_refused():
    """relu1 with label 0 on the kink: the loss is 0 on one side and t^2 on the other."""
    exact = landscape("relu1", Dataset("one", ((0, 1),), (0,)))
    assert exact.is_differentiable([[1, 0, 0]])
    with pytest.raises(DifferentiabilityError, match="one-sided curvatures 2 and 0"):
        angular_curvature(exact, [[1, 0, 0]])


def test_tangents_off_the_sphere_and_unknown_units_are_refused():
    solid = landscape("abs1", "parity:3")
    with pytest.raises(PointError, match="2 dimensions; got 3"):
        angular_curvature(solid, [[1, 2, 3, 0]])
    with pytest.raises(PointError, match="orthogonal"):
        angular_derivative(XOR, [[1, 0, 2]], tangent=[1, 1])
    with pytest.raises(PointError, match="orthogonal"):
        angular_derivative(XOR, [[1, 0, 2]], tangent=[0, 1, 0])
    with pytest.raises(NumberError):
        angular_derivative(XOR, [[1, 0, 2]], tangent=[0, float("nan")])
    for unit in (-1, 1):
        with pytest.raises(PointError, match="there is no unit"):
            angular_curvature(XOR, [[1, 0, 2]], unit)
