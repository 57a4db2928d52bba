"""Stationary angles are the peaks and valleys of the angular loss, and change only where it is said."""

from fractions import Fraction
from math import cos, sin

import numpy as np
import pytest
from matplotlib.figure import Figure
from some_slow import some_slow

from stability import landscape
from stability.dynamics.bifurcation.angular import angular_bifurcation
from stability.dynamics.bifurcation.families import FamilyError
from stability.dynamics.bifurcation.stationary_angles import stationary_angles
from stability.errors import NumberError, PointError
from stability.model.datasets import Dataset

FINE = 40_000
RANDOM = Dataset("random", [[2, 1], [-1, 3], [1, -2], [-3, -1]], [1, 0, "1/2", 2])
CASES = [("relu1", "xor"), ("abs1", "xor"), ("relu1", RANDOM), ("leaky1/5:1", RANDOM)]


def angular_loss(place, radius, ratio):
    """Return the loss at FINE angles, from the definition."""
    theta = (np.arange(FINE) + 0.37) * 2 * np.pi / FINE
    points = np.array([[float(x) for x in p] for p in place.data.points])
    z = float(radius) * (np.stack([np.cos(theta), np.sin(theta)], 1) @ points.T + float(ratio))
    unit = place.network.unit
    out = np.where(z > 0, float(unit.positive), float(unit.negative)) * z
    return theta, ((out - np.array([float(y) for y in place.data.labels])) ** 2).sum(1)


def extrema(place, radius, ratio):
    """Return the angles of strict minima and maxima on the fine grid."""
    theta, loss = angular_loss(place, radius, ratio)
    left, right = np.sign(loss - np.roll(loss, 1)), np.sign(np.roll(loss, -1) - loss)
    return theta[(left < 0) & (right > 0)], theta[(left > 0) & (right < 0)]


def flat(found):
    return any(each.kind in ("flat arc", "edge") for each in found)


@pytest.mark.parametrize(("model", "data"), CASES, ids=["relu1-xor", "abs1-xor", "relu1-random", "leaky-random"])
@pytest.mark.parametrize("radius", [1, Fraction(1, 3)])
def test_they_are_the_extrema_of_the_loss(model, data, radius):
    place, compared = landscape(model, data), 0
    for ratio in (Fraction(k, 7) for k in range(-9, 10)):
        found = stationary_angles(place, radius, ratio)
        if flat(found):
            continue
        compared += 1
        for kind, numeric in zip(("minimum", "maximum"), extrema(place, radius, ratio), strict=True):
            own = sorted(each.theta for each in found if each.kind == kind)
            assert len(own) == len(numeric), (ratio, kind)
            gaps = np.abs(
                np.sort(numeric)[:, None]
                - np.array([*own, *(t + 2 * np.pi for t in own), *(t - 2 * np.pi for t in own)])
            )
            assert gaps.min(1).max(initial=0) < 2 * np.pi / FINE * 1.5
    assert compared > 4 or model == "abs1"


@pytest.mark.parametrize(
    ("model", "data"), some_slow(CASES, 2), ids=["relu1-xor", "abs1-xor", "relu1-random", "leaky-random"]
)
def test_between_events_their_number_stays(model, data):
    place = landscape(model, data)
    diagram = angular_bifurcation(place, 1, -2, 2)
    for span in diagram.spans:
        low, high = float(span.low), float(span.high)
        for share in (0.1, 0.6, 0.93):
            ratio = Fraction(low + share * (high - low)).limit_denominator(10**6)
            if not low < ratio < high:
                continue
            found = stationary_angles(place, 1, ratio)
            assert sorted(each.look for each in found) == sorted(each.look for each in span.angles), (low, high, ratio)


def test_the_peak_of_the_separator_turns_into_a_valley_at_zero():
    diagram = angular_bifurcation(landscape("relu1", "xor"), 1, -1, 1)
    (event,) = [each for each in diagram.events if str(each.ratio) == "0"]
    assert sorted(each.kind for each in event.encounters) == ["pitchfork"] * 4


def test_long_fractions_stay_what_they_are():
    """sympy's nsimplify turns 15054/25 into radicals of nearly that value; nothing of the kind may happen here."""
    rows = ["-2,9,0", "-6,1,0", "-9,-9,1", "-9,8,1", "-9,3,0", "-3,4,1"]
    numbers = [[int(x) for x in row.split(",")] for row in rows]
    place = landscape("relu1", Dataset("six", [row[:2] for row in numbers], [row[2] for row in numbers]))
    diagram = angular_bifurcation(place, 1, -1, 1)
    for span in diagram.spans[::5]:
        own = stationary_angles(place, 1, span.sample)
        assert [each.look for each in own] == [each.look for each in span.angles]


def test_what_makes_no_sense_is_reported():
    place = landscape("relu1", "xor")
    with pytest.raises(PointError):
        stationary_angles(landscape("relu2", "xor"), 1, 0)
    with pytest.raises(PointError):
        angular_bifurcation(landscape("relu1", "parity:3"), 1)
    with pytest.raises(NumberError):
        stationary_angles(place, 0, 0)
    with pytest.raises(FamilyError):
        angular_bifurcation(place, 1, 1, 1)


def test_the_picture_has_every_angle_on_the_curve_of_the_loss():
    place = landscape("relu1", "xor")
    found = stationary_angles(place, 1, "1/3")
    curve, *marks = found.plot(Figure().subplots()).lines
    assert sorted(x for mark in marks for x in mark.get_xdata()) == [each.theta for each in found]
    assert {mark.get_label() for mark in marks} == {each.kind for each in found}
    for angle, loss in zip(*curve.get_data(), strict=True):
        assert loss == pytest.approx(float(place.loss([[cos(angle), sin(angle), "1/3"]])), abs=1e-9)


@pytest.mark.parametrize(("model", "data"), [("relu1", "xor"), ("abs1", "xor")])
def test_samples_have_the_angles_of_their_ratio_and_lie_in_every_span(model, data):
    place = landscape(model, data)
    diagram = angular_bifurcation(place, 1, -2, 2)
    samples = diagram.sampled(10)
    assert [s.ratio for s in samples] == sorted(s.ratio for s in samples)
    for span in diagram.spans:
        assert sum(float(span.low) < s.ratio < float(span.high) for s in samples) >= 4
    for sample in samples[::7]:
        assert sample.angles == stationary_angles(place, 1, sample.ratio)
        theta, loss = angular_loss(place, 1, sample.ratio)
        level = np.abs(np.roll(loss, 1) - loss) + np.abs(np.roll(loss, -1) - loss) < 1e-12
        inside = np.any([(theta > low) & (theta < high) for low, high in sample.arcs] or [theta < 0], axis=0)
        assert np.mean(level != inside) < 1e-3
