"""Curves along which the loss falls, over grids of small points of two outputs, against the loss itself."""

from fractions import Fraction as Q
from itertools import product

import pytest
from flint import fmpq

from stability import Dataset, landscape
from stability.geometry.stationary.escapes import (
    escape_along,
    first_order_escape,
    higher_order_escape,
    position,
    second_order_escape,
    slope_along,
    small,
)
from stability.geometry.stationary.layer_units import LayerPoint
from stability.model.networks import Network
from stability.model.units import unit

DATA = Dataset("two", [[-1], [0], [2]], [[0, 1], [1, 1], [1, -1]])
GRID = [*[point for point in product((-1, 0, 1), repeat=4) if sum(map(abs, point)) < 4][::3], (0, 0, 0, 0)]
LINEAR = unit("leaky1")


def at(place, point):
    return LayerPoint(place, place.point(point))


@pytest.mark.parametrize("model", ["relu1-out2", "abs1-out2", "leaky1/2:1-out2"])
def test_the_loss_falls_at_the_stated_rate(model):
    place = landscape(model, DATA)
    orders = set()
    for point in GRID:
        here = at(place, [point])
        for search in (first_order_escape, second_order_escape):
            found = search(here) if search is first_order_escape or here.is_directional else None
            if found is None:
                continue
            start = place.loss([point])
            assert place.loss(found.point) == found.loss < start
            assert found.point == position(place, here.point, found.curve, found.step)
            for t in (Q(1, 10**5), Q(1, 10**7)):
                fall = place.loss(position(place, here.point, found.curve, t)) - start
                assert float(fall / t**found.order) == pytest.approx(float(found.rate), rel=1e-2)
            orders.add(found.order)
    assert orders == {1, 2}


def test_slopes_are_one_sided_derivatives():
    place = landscape("relu1-out2+c", DATA)
    here = at(place, ([[1, 1, 1, -1]], [0, 1]))
    for direction in ([1, 0, 0, 0, 0, 0], [-1, 0, 0, 0, 0, 0], [0, 1, 2, -1, 1, 0], [-1, -1, 1, 1, 1, 2]):
        t = Q(1, 10**6)
        moved = place.loss(position(place, here.point, [list(map(Q, direction))], t))
        slope = slope_along(here, list(map(fmpq, direction)))
        assert float((moved - place.loss(here.point)) / t) == pytest.approx(
            float(Q(int(slope.p), int(slope.q))), abs=1e-3
        )


def test_higher_orders():
    """A linear unit of rank one at the matrix 0 in a direction in which all of second order vanishes."""
    net = Network(LINEAR, 1, trainable=True, hidden_biases=False, outputs=2)
    place = landscape(net, Dataset("equal", [[1, 0], [0, 1]], [[1, 0], [0, 1]]))
    # a circle of best matrices of rank one: nothing falls to any order
    assert second_order_escape(at(place, [[1, 0, 1, 0]])) is None
    assert higher_order_escape(at(place, [[1, 0, 1, 0]])) is None
    # three equal units: w w^T in place of w a^T would fall to fourth order; at 0 the second order does
    assert second_order_escape(at(place, [[0, 0, 0, 0]])).order == 2
    assert higher_order_escape(at(place, [[0, 0, 0, 0]])) is None


def test_cubic_and_quartic_coefficients_are_those_of_the_loss():
    """Where second derivatives allow directions without change, the polynomial along curves is that of the loss."""
    from stability.geometry.stationary.layer_curves import CellForm

    place = landscape("relu2-out2+c", DATA)
    here = at(place, ([[1, 2, 1, 0], [1, 3, -1, 1]], [0, 1]))
    cell = CellForm(here, [each.sides[0] for each in here.units])
    d = [fmpq(x) for x in (1, -1, 2, 0, 0, 1, 1, -1, 1, 2)]
    square, change = cell.product(d, d), cell.change(d)
    form = cell.form([d])[0][0]
    slope = slope_along(here, d)
    cubic = 2 * sum(x * y for x, y in zip(change, square, strict=True))
    quartic = sum(x * x for x in square)
    for t in (Q(1, 50), Q(-1, 70)):
        exact = place.loss(position(place, here.point, [[Q(int(x)) for x in d]], t)) - place.loss(here.point)
        s = fmpq(t.numerator, t.denominator)
        expected = slope * s + form * s**2 + cubic * s**3 + quartic * s**4
        assert exact == Q(int(expected.p), int(expected.q))


def test_directions_in_small_numbers():
    good = lambda x: x[0] > 0 and x[1] < 0  # noqa: E731
    assert small([fmpq(31, 10), fmpq(-29, 10)], good) == [1, -1]
    assert small([fmpq(1), fmpq(-1, 10**6)], good) == [fmpq(1), fmpq(-1, 10**6)]


def test_a_curve_that_does_not_fall_is_a_mistake():
    place = landscape("relu1-out2", DATA)
    with pytest.raises(AssertionError, match="does not fall"):
        escape_along(at(place, [[0, -1, 0, 0]]), [[fmpq(0)] * 4], 1, fmpq(-1))


@pytest.mark.parametrize("side", [1, -1])
def test_a_kink_may_be_left_on_one_side_only(side):
    """At 0 a unit may grow to the right, where errors are orthogonal to its output weights, and turn these."""
    place = landscape("relu1-out2-nob", Dataset("line", [[1], [-1]], [[0, side], [-1, 0]]))
    found = place.classify([[0, 1, 0]])
    assert (found.kind, found.directional, found.escape.order) == ("saddle", True, 2)
    right, _, turned = found.escape.curve[0]
    assert right > 0
    assert turned * side > 0
    assert place.classify([[0, 1, "1/2"]]).kind == ("not stationary" if side > 0 else "local minimum")
