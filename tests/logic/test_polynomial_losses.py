"""Losses and their one-sided derivatives are what finite differences of two-slope units give, exactly."""

from fractions import Fraction as Q
from itertools import product

import pytest
from flint import fmpq
from hand_made import GRADIENTS, HESSIANS, LEAKY, RAMP, SIZE, data_of

from stability.errors import StatementError
from stability.logic import polynomial_losses
from stability.logic.formulas import FUNCTIONS

SLOPES = {"ramp": RAMP, "size": SIZE, "leaky": LEAKY, "right": ("0", "1", "1")}
POINTS, LABELS = ["1 0", "0 1", "1/2 1/2", "1 0"], ["1", "-1", "1/2", "2"]
ROWS = [[*map(Q, point.split()), Q(1)] for point in POINTS]
STARTS = ["1 2 -1 0 -1 1", "0 0 0 1 1 -2", "1 -1 0 -1 1 0", "0 0 0 0 0 0"]
WAYS = ["1 0 0 0 0 0", "0 1 -1 2 0 1", "-1/2 1 3 0 -2 1"]


def loss_of(*arguments, **more):
    """Return the functions of a landscape at points of numbers, whose signs are known."""
    numbers = polynomial_losses.setting(data_of(*arguments, **more))
    return polynomial_losses.PolynomialLoss(numbers, lambda x: (x > 0) - (x < 0), fmpq(0))


def at(text):
    return [polynomial_losses.exact(x) for x in text.split()]


def value(x):
    return Q(int(x.p), int(x.q))


def values(found):
    return [(value(x), relation) for x, relation in found]


def numbers(text):
    return [Q(x) for x in text.split()]


def side(x):
    return (x > 0) - (x < 0)


def heights(p):
    return [[sum(a * b for a, b in zip(row, p[k : k + 3], strict=True)) for row in ROWS] for k in (0, 3)]


def outputs(name, p):
    steep = dict(zip((-1, 0, 1), map(Q, SLOPES[name]), strict=True))
    return [sum(steep[side(z)] * z for z in column) for column in zip(*heights(p), strict=True)]


def errors(name, p):
    return [f - Q(y) for f, y in zip(outputs(name, p), LABELS, strict=True)]


def test_numbers_of_a_record():
    assert [value(polynomial_losses.exact(x)) for x in ("3", "-3/4", "0")] == [3, Q(-3, 4), 0]
    found = polynomial_losses.setting(data_of(["1 -1/2", "0 3"], ["1", "2/3"], LEAKY, 3, "mean"))
    assert [[value(x) for x in row] for row in found.rows] == [[1, Q(-1, 2), 1], [0, 3, 1]]
    assert [value(y) for y in found.labels] == [1, Q(2, 3)]
    assert {s: value(x) for s, x in found.slopes.items()} == {-1: Q(1, 2), 0: Q(1, 2), 1: 1}
    assert (value(found.factor), found.units, found.width) == (Q(1, 2), 3, 3)
    assert value(polynomial_losses.setting(data_of(["1"], ["1"])).factor) == 1


@pytest.mark.parametrize("name", SLOPES)
@pytest.mark.parametrize("scale", ["sum", "mean"])
def test_the_loss_and_its_derivatives_along_a_curve(name, scale):
    """On a short way the loss along p + t d + t^2 a / 2 is a polynomial of degree 4, which five values give."""
    land, share = loss_of(POINTS, LABELS, SLOPES[name], 2, scale), 1 if scale == "sum" else Q(1, 4)
    for p, d, a in product(STARTS if scale == "sum" else STARTS[:1], WAYS, WAYS[:2]):
        here, first, second = map(numbers, (p, d, a))
        step, v = Q(1, 10**6), []
        for t in (k * step for k in range(5)):
            point = [x + t * y + t * t * z / 2 for x, y, z in zip(here, first, second, strict=True)]
            v.append(share * sum(e**2 for e in errors(name, point)))
        assert value(land.loss(at(p))) == v[0]
        slope = (-25 * v[0] + 48 * v[1] - 36 * v[2] + 16 * v[3] - 3 * v[4]) / (12 * step)
        bend = (35 * v[0] - 104 * v[1] + 114 * v[2] - 56 * v[3] + 11 * v[4]) / (12 * step**2)
        assert value(land.d1(at(p), at(d))) == slope
        assert value(land.d2(at(p), at(d), at(a))) == bend


@pytest.mark.parametrize("name", SLOPES)
def test_what_torch_reports_and_what_a_cell_has(name):
    land, steep = loss_of(POINTS, LABELS, SLOPES[name], 2), dict(zip((-1, 0, 1), map(Q, SLOPES[name]), strict=True))
    for p, d, u in product(STARTS, WAYS, ["1 2 3 -1 -2 -3", "3 -1 1/5 1 1 -5/3"]):
        here, along, into = map(numbers, (p, d, u))
        z, w, c = heights(here), heights(along), heights(into)
        torch = cell = Q(0)
        for j, (i, e) in product(range(2), enumerate(errors(name, here))):
            torch += 2 * e * steep[side(z[j][i])] * w[j][i]
            cell += 2 * e * steep[side(z[j][i]) or side(c[j][i])] * w[j][i]
        assert value(land.autograd(at(p), at(d))) == torch
        assert value(land.slope(at(p), at(d), at(u))) == cell
        for i, out in enumerate(outputs(name, here)):
            assert value(land.out(at(p), fmpq(i))) == out
            assert value(land.pre(at(p), fmpq(1), fmpq(i))) == z[1][i]
            step = Q(1, 10**6)
            moved = [x + step * y for x, y in zip(here, along, strict=True)]
            assert value(land.push(at(p), at(d), fmpq(i))) == (outputs(name, moved)[i] - out) / step


def test_a_mean_has_the_slope_of_a_mean():
    for function, arguments in (("autograd", ["1 1", "1 0"]), ("slope", ["1 1", "1 0", "1 2"])):
        one, mean = (getattr(loss_of(["1", "2"], ["0", "1"], loss=loss), function) for loss in ("sum", "mean"))
        assert value(one(*map(at, arguments))) == 2 * value(mean(*map(at, arguments))) == 2 * (2 + 2 * 2)


def test_a_direction_along_a_kink_enters_no_cell():
    land = loss_of(["1"], ["1"])
    assert value(land.slope(at("0 0"), at("1 0"), at("1 0"))) == -2
    assert value(land.slope(at("0 0"), at("1 0"), at("-1 0"))) == 2
    assert value(land.slope(at("0 0"), at("1 -1"), at("1 -1"))) == 0
    with pytest.raises(polynomial_losses.OnKink, match="A direction that stays on a kink enters no cell"):
        land.slope(at("0 0"), at("1 0"), at("1 -1"))


@pytest.mark.parametrize(
    ("p", "u", "good"),
    [
        ("0 0", "1 0", True),
        ("0 0", "1 -1", False),
        ("1 -1", "2 -2", False),
        ("1 -1", "2 -1", True),
        ("1 1", "1 -1", True),
        ("1 1", "0 0", True),
    ],
)
def test_a_generic_direction_enters_a_cell(p, u, good):
    assert values(loss_of(["1"], ["1"]).generic(at(p), at(u))) == [(1 if good else -1, ">")]


def test_every_unit_and_example_counts_for_a_generic_direction():
    land = loss_of(["0", "1"], ["1", "1"], units=2)
    assert values(land.generic(at("0 1 0 0"), at("0 0 1 1"))) == [(1, ">")]
    assert values(land.generic(at("0 1 0 0"), at("0 0 1 -1"))) == [(-1, ">")]
    assert values(land.generic(at("0 0 0 1"), at("1 -1 0 0"))) == [(-1, ">")]


def test_a_stationary_point_has_slopes_between_the_two():
    land = loss_of(["2"], ["1"], LEAKY)
    both = [(Q(-3, 2), "="), (Q(-3, 4), "="), (Q(1, 4), ">="), (Q(1, 4), ">=")]
    assert values(land.rest(at("0 0"), at("3/4"))) == both
    assert values(land.rest(at("0 -2"), at("5"))) == [(-2, "="), (-1, "=")]
    assert values(loss_of(["2"], ["1"], LEAKY[::-1]).rest(at("0 0"), at("3/4"))) == both
    found = loss_of(["0", "1"], ["1", "-1"], RAMP, 2).rest(at("0 0 0 0"), at("1 0 0 1"))
    assert [x for x, r in values(found) if r == "="] == [0, -1, 1, 1]


@pytest.mark.parametrize(("labels", "slopes", "p", "sums"), GRADIENTS)
def test_where_there_is_a_gradient(labels, slopes, p, sums):
    found = loss_of(["1", "1"], labels, slopes).differentiable(at(p))
    assert values(found) == [(1, ">"), *((s, "=") for s in sums)]


@pytest.mark.parametrize(("slopes", "units", "p", "smooth"), HESSIANS)
def test_where_there_is_a_hessian(slopes, units, p, smooth):
    land = loss_of(["1"], ["0"], slopes, units)
    found = values(land.twice_differentiable(at(p)))
    assert found == [*values(land.differentiable(at(p))), (1 if smooth else -1, ">")]


def test_functions_are_asked_by_name():
    land = loss_of(["1"], ["1"])
    assert value(land.ask("loss", [at("1 1")])) == 1
    assert all(callable(getattr(land, function)) for function in FUNCTIONS)
    with pytest.raises(StatementError, match="Expected a function of a landscape; got 'los'") as problem:
        land.ask("los", [at("1 1")])
    assert "loss" in problem.value.remedy
    with pytest.raises(StatementError):
        land.ask("ask", [])
