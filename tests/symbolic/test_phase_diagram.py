"""Does the phase diagram agree with known answers, with the landscape, and with finite differences?"""

import random
from fractions import Fraction
from functools import cache
from math import cos, sin

import numpy as np
import pytest
import sympy as sp
from matplotlib.figure import Figure

from stability import landscape
from stability.errors import NumberError
from stability.model.torque import angular_curvature
from stability.symbolic.angle_cases import settle_angle
from stability.symbolic.angles import BIAS, RADIUS, RATIO, THETA, number
from stability.symbolic.phase_diagram import phase_diagram

MODELS = ["abs1", "relu1", "leaky1/100:1", "relu[-1/2]"]
diagram_of = cache(phase_diagram)
r, b, root = RADIUS, BIAS, sp.sqrt(2)


def known(model, angle):
    """Return the settled cases by their range of b/r, as (kind, sign, values)."""
    cases = settle_angle(landscape(model, "xor"), angle)
    return {case.ratios.text(): case.behaviour for case in cases}


def same(found, *expected):
    assert len(found.summary) == len(expected) + 1
    for value, wanted in zip(found.summary[1:], expected, strict=True):
        assert sp.expand(value - wanted) == 0
    assert found.is_stationary or "kink" in found.kind


def test_abs1_rests_at_three_quarters():
    cases = known("abs1", "3pi/4")
    for text in ("-sqrt(2) < b/r < 0", "b/r = 0", "0 < b/r < sqrt(2)"):
        same(cases[text], 4 * root * r)
        assert cases[text].sign == 1
    for text in ("b/r < -sqrt(2)", "b/r = -sqrt(2)", "b/r = sqrt(2)", "sqrt(2) < b/r"):
        same(cases[text], 0)


def test_abs1_peaks_at_one_quarter():
    cases = known("abs1", "pi/4")
    assert cases.pop("b/r = 0").summary == ("concave kink", 4 * root * r, -4 * root * r)
    for case in cases.values():
        same(case, 0)


def test_relu1_at_one_quarter():
    cases = known("relu1", "pi/4")
    assert cases["b/r = 0"].summary == ("concave kink", 2 * root * r, -2 * root * r)
    same(cases["0 < b/r < sqrt(2)"], 2 * root * r * (root * r - b))
    same(cases["-sqrt(2) < b/r < 0"], -2 * root * r * (root * r + b))
    assert [cases[t].sign for t in ("0 < b/r < sqrt(2)", "-sqrt(2) < b/r < 0")] == [1, -1]


def test_relu1_at_three_quarters():
    cases = known("relu1", "3pi/4")
    same(cases["0 < b/r < sqrt(2)"], 2 * root * r * (1 + root * r - b))
    same(cases["b/r = 0"], 2 * root * r)
    same(cases["-sqrt(2) < b/r < 0"], 2 * root * r * (1 - root * r - b))
    same(cases["sqrt(2) < b/r"], 0)
    same(cases["b/r < -sqrt(2)"], 0)
    assert cases["0 < b/r < sqrt(2)"].sign == 1
    assert cases["-sqrt(2) < b/r < 0"].sign is None
    sign_change = [c.sign_change for c in settle_angle(landscape("relu1", "xor"), "3pi/4") if c.sign_change is not None]
    assert sign_change == [1 - root * r]


def angular(land, radius: float, bias: float, theta: float) -> float:
    """Return the loss by floats, from nothing but its definition."""
    unit, weights = land.network.unit, (radius * cos(theta), radius * sin(theta))
    total = 0.0
    for x, y in zip(land.data.points, land.data.labels, strict=True):
        z = weights[0] * float(x[0]) + weights[1] * float(x[1]) + bias
        output = float(land.network.weights[0] * (unit.positive if z > 0 else unit.negative)) * z
        total += (output - float(y)) ** 2
    return float(land.scale) * total


@pytest.mark.parametrize(("model", "loss"), [("abs1", "mean"), ("relu1", "sum"), ("leaky1/100:1", "mean")])
@pytest.mark.parametrize("eighths", range(8))
def test_settled_angles_against_finite_differences(model, loss, eighths):
    land, radius, step, angle = landscape(model, "xor", loss), 0.8, 1e-4, np.pi * eighths / 4
    for case in settle_angle(land, sp.pi * eighths / 4):
        ratio = float(case.ratios.sample)
        at = {r: radius, b: radius * ratio}
        left2, left1, mid, right1, right2 = (
            angular(land, radius, radius * ratio, angle + k * step) for k in (-2, -1, 0, 1, 2)
        )
        left, right = (3 * mid - 4 * left1 + left2) / (2 * step), (4 * right1 - right2 - 3 * mid) / (2 * step)
        slopes = [float(s.subs(at)) for s in case.behaviour.slopes]
        assert [left, right] == pytest.approx(slopes, abs=1e-5)
        if case.behaviour.kind == "curvature" and not case.ratios.is_point:
            bend = (right1 - 2 * mid + left1) / step**2
            assert bend == pytest.approx(float(case.behaviour.curvatures[0].subs(at)), abs=1e-3)


@pytest.mark.parametrize("model", MODELS)
def test_at_equals_the_exact_landscape(model):
    land, radius, rng = landscape(model, "xor"), Fraction(4, 5), random.Random(2)
    diagram = diagram_of(land, radius)
    for _ in range(25):
        x, y, length = rng.choice([(3, 4, 5), (5, -12, 13), (-8, 15, 17), (-20, -21, 29)])
        ratio = Fraction(rng.randint(-40, 40), 23)
        point = [[radius * Fraction(x, length), radius * Fraction(y, length), radius * ratio]]
        found = diagram.at((x, y), ratio)
        assert found.kind == "curvature"
        assert found.curvatures[0] == number(angular_curvature(land, point))


@pytest.mark.parametrize("model", MODELS)
def test_cells_against_finite_differences(model):
    land, radius, step, rng = landscape(model, "xor"), 0.9, 1e-4, random.Random(3)
    diagram = diagram_of(land)
    assert len({cell.pattern for cell in diagram.cells}) == len(diagram.cells) == 14
    for _ in range(40):
        theta, ratio = rng.uniform(0, 6.28), rng.uniform(-1.6, 1.6)
        at = {THETA: theta, RATIO: ratio, r: radius}
        (cell,) = [c for c in diagram.cells if c.region.subs(at) == sp.true]
        sample = [angular(land, radius, radius * ratio, theta + k * step) for k in (-1, 0, 1)]
        margin = min(abs(ratio - float(c.ratio.subs(at))) for c in diagram.curves)
        if margin > 10 * step:
            bend = (sample[0] - 2 * sample[1] + sample[2]) / step**2
            assert float(cell.curvature.subs(at)) == pytest.approx(bend, abs=1e-3)


@pytest.mark.parametrize("model", MODELS)
def test_curvature_vanishes_on_the_zero_curves(model):
    for cell in diagram_of(landscape(model, "xor")).cells:
        if cell.zero is not None:
            on_curve = cell.curvature.subs(RATIO, cell.zero).subs(THETA, sp.Rational(3, 10)).subs(r, 2)
            assert abs(on_curve.evalf(30)) < 1e-20


def test_kinks_are_peaks_where_the_label_is_positive():
    diagram = diagram_of(landscape("relu1", "xor"))
    assert [c.kind for c in diagram.curves] == ["concave kink", "concave kink", "plain", "plain"]
    peak = diagram.at((3, 4), "1/5")
    assert peak.kind == "concave kink"
    assert peak.sign == -1
    assert diagram.at((3, 4), "-7/5").kind == "curvature jump"


def test_the_radius_decides_only_where_bend_and_labels_disagree():
    below = diagram_of(landscape("relu1", "xor")).at("3pi/4", "-1/2")
    assert below.sign is None
    curvature = below.curvatures[0]
    for radius, wanted in ((below.threshold / 2, 1), (below.threshold, 0), (2 * below.threshold, -1)):
        assert sp.sign(sp.expand(curvature.subs(r, radius))) == wanted


@pytest.mark.parametrize("angle", ["quarter", "pi/0", (0, 0)])
def test_wrong_angles(angle):
    with pytest.raises(NumberError):
        phase_diagram(landscape("abs1", "xor")).at(angle, 0)


def test_the_picture_of_an_angle_has_its_curvature_and_its_kinks():
    drawn = settle_angle(landscape("relu1", "xor"), "pi/4").plot(Figure().subplots())
    curves = [line for line in drawn.lines if str(line.get_label()).startswith("curvature, slope 0")]
    assert [list(np.round(line.get_ydata(), 9)) for line in curves] == [[0, 0], [0, -4], [4, 0], [0, 0]]
    assert [line.get_xdata() for line in drawn.lines if line.get_label() == "concave kink"] == [[0]]


WAYS = [(3, 4), (-3, 4), (5, -12), (-15, -8), (20, 21), (1, 3), (-2, 1), (7, -1)]


@pytest.mark.parametrize("model", MODELS)
def test_the_sign_in_floats_is_the_exact_sign(model):
    rng, diagram = random.Random(5), diagram_of(landscape(model, "xor"), "3/4")
    places = [(rng.choice(WAYS), Fraction(rng.randint(-60, 60), 31)) for _ in range(40)]
    exact = [diagram.at(u, beta) for u, beta in places]
    assert {each.kind for each in exact} == {"curvature"}
    found = diagram.signs(np.array([np.arctan2(y, x) for (x, y), _ in places]), np.array([float(b) for _, b in places]))
    assert list(found) == [each.sign for each in exact]


def test_kink_curves_are_where_a_preactivation_vanishes():
    place, thetas = landscape("relu1", "xor"), np.linspace(0, 6, 7)
    for curve in diagram_of(place, "3/4").curves:
        x, y = map(float, place.data.points[curve.index])
        assert curve.heights(thetas) == pytest.approx(-(x * np.cos(thetas) + y * np.sin(thetas)))
