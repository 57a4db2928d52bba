"""Formulas of two-layer networks have the values that numpy computes; affine fits are those of least squares."""

import random
from fractions import Fraction

import numpy as np
import pytest

from stability import prove
from stability.audit.two_layer_statements import TwoLayerFormulas, affine_fit
from stability.errors import StatementError
from stability.logic.statements import Exists

PLANE = [[0, 1], ["1/2", -1], [-2, 3]]


@pytest.mark.parametrize(("points", "slopes", "bias"), [([[0], [1], [-3]], (0, 1), True), (PLANE, ("-1/10", 2), False)])
def test_loss_is_that_of_numpy(points: list[list[object]], slopes: tuple[object, object], bias: bool) -> None:
    rng = random.Random(1)
    labels = [rng.randint(-3, 3) for _ in points]
    net = TwoLayerFormulas(points, labels, 2, slopes, bias)  # type: ignore[arg-type]
    at = {name: Fraction(rng.randint(-8, 8), 4) for name in net.names.split()}
    x = np.array([[float(Fraction(str(each))) for each in point] for point in points])
    left, right = (float(Fraction(str(slope))) for slope in slopes)
    out = np.full(len(points), float(at.get("c", 0)))
    for j in net.units:
        z = x @ [float(at[w]) for w in net.weights(j)] + float(at[f"b{j}"])
        out += float(at[f"a{j}"]) * np.where(z > 0, right * z, left * z)
    loss = Fraction(float(((out - labels) ** 2).sum())).limit_denominator(10**7)
    fixed = [f"{name} == {value}" for name, value in at.items()]
    assert prove(Exists(net.names, [*fixed, f"{net.loss()} == {loss}"], try_at=[at])).conclusion == "proved"
    assert prove(net.attains(loss, at)).conclusion == "proved"
    assert prove(net.at_least(loss + 1, at=at)).conclusion == "refuted"


@pytest.mark.parametrize(("slopes", "bias"), [((0, 1), True), ((-1, 1), False), (("1/10", 1), True)])
def test_landscape_and_place_are_the_same_network(slopes: tuple[object, object], bias: bool) -> None:
    net = TwoLayerFormulas(PLANE, [1, 0, 2], 2, slopes, bias)  # type: ignore[arg-type]
    at = {"a1": 2, "w11": 1, "w12": "-1/2", "b1": 1, "a2": -1, "w22": 3, "b2": "1/3", "c": 5}
    loss = net.landscape().loss(net.landscape().point(net.place(at)))
    assert prove(net.attains(loss, at)).conclusion == "proved"


def test_landscape_of_another_right_slope_is_refused() -> None:
    with pytest.raises(StatementError, match="right of the kink"):
        TwoLayerFormulas(PLANE, [1, 0, 2], 1, (0, 2)).landscape()


def test_affine_fit_is_that_of_least_squares() -> None:
    points, labels = [[1, 2], [0, 1], [3, -1], [2, 2]], [1, 0, 2, 5]
    outs, loss = affine_fit(points, labels)
    rows = np.hstack([np.array(points, float), np.ones((4, 1))])
    weights, rest, _, _ = np.linalg.lstsq(rows, np.array(labels, float), rcond=None)
    assert np.allclose([float(out) for out in outs], rows @ weights)
    assert float(loss) == pytest.approx(rest[0])


def test_affine_fit_of_points_on_a_line() -> None:
    assert affine_fit([[1, 0], [0, 1], ["1/2", "1/2"]], [0, 0, 1]) == ([Fraction(1, 3)] * 3, Fraction(2, 3))


def test_signs_that_a_unit_sees() -> None:
    assert TwoLayerFormulas([[0], [1], [2]], [0, 0, 0], 1).sees(1, "< =") == ["(w1)*(0) + b1 < 0", "(w1)*(2) + b1 == 0"]
