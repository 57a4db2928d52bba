"""Is the angular loss the loss, all the way round, and are its kinks where it says?"""

from fractions import Fraction
from math import cos, pi, sin

import numpy as np
import pytest
import sympy as sp

from stability import Landscape, landscape
from stability.errors import NumberError, PointError, TooLargeError
from stability.model.datasets import Dataset
from stability.model.networks import network
from stability.symbolic.angles import BIAS, RADIUS, THETA
from stability.symbolic.angular import angular_loss, most_pieces
from stability.symbolic.derive import derive
from stability.symbolic.ratio_intervals import regimes

MODELS = ["abs1", "relu1", "leaky1/100:1", "relu[-1/2]"]
RATIOS = [
    Fraction(0),
    Fraction(1, 2),
    Fraction(-1, 2),
    Fraction(1),
    Fraction(-1),
    Fraction(6, 5),
    Fraction(-7, 5),
    2,
]


def check_pieces(land, regime, radius: Fraction, bias: Fraction, fill) -> None:
    """Compare every piece with the landscape at inner points, and see that the pieces go round once."""
    ends = [(float(fill(p.start)), float(fill(p.end))) for p in regime.pieces]
    assert sum(end - start for start, end in ends) == pytest.approx(2 * pi)
    for piece, (start, end) in zip(regime.pieces, ends, strict=True):
        assert end > start
        for part in (0.1, 0.6):
            theta = start + part * (end - start)
            point = [[radius * Fraction(cos(theta)), radius * Fraction(sin(theta)), bias]]
            assert tuple(land.pattern(point)[0]) == piece.pattern
            assert float(fill(piece.loss).subs(THETA, theta)) == pytest.approx(float(land.loss(point)))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("ratio", RATIOS)
def test_numbers_give_one_regime_that_is_the_loss(model, ratio):
    land, radius = landscape(model, "xor", "mean"), Fraction(3, 4)
    loss = angular_loss(land, radius, radius * ratio)
    assert len(loss.regimes) == 1
    check_pieces(land, loss.regimes[0], radius, Fraction(radius * ratio), lambda e: e)


@pytest.mark.parametrize("model", MODELS[:2])
def test_symbols_give_every_regime(model):
    land = landscape(model, "xor")
    loss = angular_loss(land)
    assert [r.ratios for r in loss.regimes] == regimes(land)
    for regime in (r for r in loss.regimes if not r.ratios.is_point):
        ratio = Fraction(int(regime.ratios.sample.p), int(regime.ratios.sample.q))
        check_pieces(land, regime, Fraction(2), 2 * ratio, lambda e, b=2 * ratio: e.subs({RADIUS: 2, BIAS: b}))
    assert "b/r = 0" in loss.pretty()
    assert r"\begin{cases}" in loss.latex()


def test_a_frozen_bias_leaves_the_regimes_of_its_sign():
    loss = angular_loss(landscape("relu1", "xor"), None, "1/2")
    assert [str(r.ratios.low) for r in loss.regimes] == ["0", "1", "1", "sqrt(2)", "sqrt(2)"]
    assert loss.regimes[0].pieces[0].loss.free_symbols == {THETA, RADIUS}


def test_kinks_of_xor_at_zero_bias():
    (regime,) = angular_loss(landscape("relu1", "xor"), 1, 0).regimes
    assert [p.angle for p in regime.breakpoints] == [sp.pi * k / 4 for k in (1, 3, 5, 7)]
    assert [p.points for p in regime.breakpoints] == [(0, 1), (2, 3), (0, 1), (2, 3)]


def test_what_it_cannot_do():
    with pytest.raises(PointError, match="one unit in the plane"):
        angular_loss(landscape("relu2", "xor"))
    with pytest.raises(NumberError, match="positive radius"):
        angular_loss(landscape("relu1", "xor"), -1, 0)


def test_more_pieces_than_the_budget_are_refused_before_anything_is_derived():
    many = Landscape(network("relu1"), Dataset("many", [[k, k * k] for k in range(500)], [0] * 500))
    with pytest.raises(TooLargeError, match="501,001,000 pieces; at most 2,000") as caught:
        angular_loss(many)
    assert "--max-terms 501001000, take at most 7 points" in caught.value.remedy
    with pytest.raises(TooLargeError, match="1,000 pieces; at most 999"):
        angular_loss(many, 1, 0, max_pieces=999)
    with pytest.raises(TooLargeError, match="1,500 terms") as caught:
        derive(many, "+" * 500, max_terms=1000)
    assert "at most 333 points" in caught.value.remedy


@pytest.mark.parametrize("name", ["relu1", "abs1"])
def test_there_are_at_most_as_many_pieces_as_are_expected(name):
    place = Landscape(network(name), Dataset("three", [[0, 1], [2, 1], [-1, 3]], [0, 1, 2]))
    assert sum(len(part.pieces) for part in angular_loss(place).regimes) <= most_pieces(3)
    assert all(len(part.pieces) <= most_pieces(3, regimes_too=False) for part in angular_loss(place).regimes)


@pytest.mark.parametrize("model", MODELS)
def test_the_curve_is_the_loss_and_covers_a_turn(model):
    place = landscape(model, "xor")
    angles, losses = angular_loss(place, 2, "1/3").curve()
    assert angles.min() <= 0
    assert angles.max() >= 2 * pi
    assert (np.diff(angles) > -1e-9).all()
    for theta, loss in zip(angles[::97], losses[::97], strict=True):
        exact = place.loss([[2 * Fraction(cos(theta)), 2 * Fraction(sin(theta)), Fraction(1, 3)]])
        assert loss == pytest.approx(float(exact))


def test_kinks_stand_where_a_preactivation_vanishes_and_jump_at_labels_other_than_0():
    place = landscape("relu1", "xor")
    found = angular_loss(place, 1, "1/2").kinks()
    assert len(found) == 8
    for kink in found:
        z = [float(x) * cos(kink.angle) + float(y) * sin(kink.angle) + 0.5 for x, y in place.data.points]
        met = min(range(4), key=lambda i: abs(z[i]))
        assert z[met] == pytest.approx(0, abs=1e-9)
        assert kink.jumps == (place.data.labels[met] == 1)
        assert kink.height == pytest.approx(float(place.loss([[cos(kink.angle), sin(kink.angle), 0.5]])), abs=1e-3)
