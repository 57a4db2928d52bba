"""Do the angular formulas hold on data with a negative label, a point at the origin and a repeated point?"""

import random
from fractions import Fraction

import pytest

from stability import Landscape
from stability.model.datasets import Dataset
from stability.model.networks import network
from stability.model.torque import angular_curvature
from stability.symbolic.angles import THETA, number
from stability.symbolic.angular import angular_loss
from stability.symbolic.phase_diagram import phase_diagram

POINTS = ((0, 0), (1, 2), (3, -1), (1, 2), (-1, 0))
LABELS = (1, -1, 2, -1, 0)
DATA = Dataset("odd", tuple(tuple(map(Fraction, p)) for p in POINTS), tuple(map(Fraction, LABELS)))


@pytest.mark.parametrize("model", ["abs1", "relu1"])
def test_phase_diagram(model):
    land, rng = Landscape(network(model), DATA), random.Random(4)
    diagram = phase_diagram(land, 2)
    patterns = {cell.pattern for cell in diagram.cells}
    kinds = ["concave kink", "convex kink", "concave kink", "convex kink", "plain"]
    assert [c.kind for c in diagram.curves] == kinds
    for _ in range(30):
        (x, y, length), ratio = (
            rng.choice([(3, 4, 5), (-5, 12, 13), (8, -15, 17)]),
            Fraction(rng.randint(-50, 50), 19),
        )
        point = [[Fraction(2 * x, length), Fraction(2 * y, length), 2 * ratio]]
        if all(land.pattern(point)[0]):
            assert tuple(land.pattern(point)[0]) in patterns
            assert diagram.at((x, y), ratio).curvatures[0] == number(angular_curvature(land, point))


def test_a_valley_between_two_slopes():
    land = Landscape(network("relu1"), DATA)
    found = phase_diagram(land, 1).at((2, -1), 0)
    assert found.kind == "convex kink"
    assert found.sign == 1


@pytest.mark.parametrize("bias", [0, "1/2", "-3/2", -3])
def test_angular_loss(bias):
    (regime,) = angular_loss(Landscape(network("relu1"), DATA), 1, bias).regimes
    for piece, following in zip(regime.pieces, regime.pieces[1:] + regime.pieces[:1], strict=True):
        theta = float(piece.end)
        here, there = (float(p.loss.subs(THETA, theta)) for p in (piece, following))
        assert here == pytest.approx(there), "the loss is continuous"
