"""Formulas on landscapes with output weights and biases are what the exact loss says at points of numbers."""

from fractions import Fraction as Q

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_geometry import along, located, moved, slow_cells

from stability import ForAll, landscape, prove
from stability.errors import StatementError
from stability.logic import polynomial_losses
from stability.logic.scopes import Scope, shape
from stability.model.datasets import Dataset

FIXED = ["relu[-]", "relu[1,-1/2]+c", "abs2-nob", "leaky1/3[2]+c-nob", "abs1+c"]
TRAINED = ["relu1-out", "abs2-out+c", "leaky1/3:1-out+c-nob"]
quick = settings(deadline=None, max_examples=60)


def functions(place):
    numbers = polynomial_losses.setting(place.to_record())
    return polynomial_losses.PolynomialLoss(numbers, lambda x: (x > 0) - (x < 0), fmpq(0))


def flat(point):
    return [fmpq(x.numerator, x.denominator) for row in point for x in map(Q, row)]


def value(x):
    return Q(int(x.p), int(x.q))


@quick
@given(located(models=FIXED + TRAINED))
def test_losses_outputs_and_preactivations(case):
    place, point = case
    asked, p = functions(place), flat(point)
    assert value(asked.loss(p)) == place.loss(point)
    for i, wanted in enumerate(place.outputs(point)):
        assert value(asked.out(p, i)) == wanted
        assert [value(asked.pre(p, j, i)) for j in range(place.units)] == [z[i] for z in place.preactivations(point)]


@quick
@given(located(models=FIXED), st.data())
def test_one_sided_derivatives_are_those_along_rays(case, data):
    place, point = case
    asked, p = functions(place), flat(point)
    way = [data.draw(st.integers(-2, 2)) for _ in range(place.parameters)]
    slope, bend = along(place, point, way)
    d = [fmpq(x) for x in way]
    assert value(asked.d1(p, d)) == slope
    assert value(asked.d2(p, d, [fmpq(0)] * len(d))) == 2 * bend
    by_torch = sum(g * x for g, x in zip(place.autograd_gradient(point), way, strict=True))
    assert value(asked.autograd(p, d)) == by_torch
    for i in range(len(place.rows)):
        near = moved(point, way, Q(1, 10**15))
        assert value(asked.push(p, d, i)) == (place.outputs(near)[i] - place.outputs(point)[i]) * 10**15


@quick
@given(located(models=FIXED), st.data())
def test_cells_gradients_and_hessians(case, data):
    place, point = case
    asked, p = functions(place), flat(point)
    holds = {"=": lambda x: x == 0, ">": lambda x: x > 0}
    both = [all(holds[r](x) for x, r in known(p)) for known in (asked.differentiable, asked.twice_differentiable)]
    assert both == [place.is_differentiable(point), place.is_twice_differentiable(point)]
    way = [data.draw(st.integers(-9, 9)) for _ in range(place.parameters)]
    into, axis = [fmpq(x) for x in way], [fmpq(int(k == 0)) for k in range(len(way))]
    cell = tuple(map(tuple, place.pattern(moved(point, way, Q(1, 10**15)))))
    enters = cell in slow_cells(place, point)
    assert (asked.generic(p, into)[0][0] == 1) == enters
    if enters:
        assert value(asked.slope(p, axis, into)) == place.cell_gradient(point, cell)[0]


@quick
@given(located(models=FIXED), st.data())
def test_equations_of_rest(case, data):
    """By the chain rule, with any slope at kinks, and without the factor 2 scale."""
    place, point = case
    asked, p = functions(place), flat(point)
    steep, count = place.network.unit.slope, len(place.rows)
    free = [data.draw(st.sampled_from([steep(-1), steep(1)])) for _ in range(place.units * count)]
    found = asked.rest(p, [fmpq(s.numerator, s.denominator) for s in free])
    errors, wanted = place.residuals(point), []
    for j, (a, signs) in enumerate(zip(place.network.weights, place.pattern(point), strict=True)):
        slopes = [steep(s) if s else free[j * count + i] for i, s in enumerate(signs)]
        wanted += [
            sum(e * a * s * x for e, s, x in zip(errors, slopes, column, strict=True))
            for column in zip(*place.rows, strict=True)
        ]
    wanted += [sum(errors)] * place.network.output_bias
    assert [value(x) for x, relation in found if relation == "="] == wanted


@pytest.mark.parametrize("model", FIXED + TRAINED)
def test_a_shape_counts_all_parameters(model):
    place = landscape(model, "xor")
    assert shape("L", place.to_record()).parameters == place.parameters


@pytest.mark.parametrize(
    "wrong",
    [
        {"output_weights": ["1"]},
        {"output_weights": [1, -1]},
        {"output_weights": "trained"},
        {"output_weights": ["1", "x"]},
        {"output_bias": 1},
        {"hidden_biases": None},
        {"output_weights": "trainable", "output_bias": True, "one_hot": True, "outputs": 2},
    ],
)
def test_other_output_layers_are_no_landscapes(wrong):
    with pytest.raises(StatementError, match="Expected landscapes by name"):
        shape("L", landscape("relu2", "xor").to_record() | wrong)


@pytest.mark.parametrize("asked", ["L.d1([w, b, a], [1, 0, 0]) > 0", "L.generic([w, b, a], [1, 0, 0])"])
def test_no_derivatives_where_output_weights_are_trained(asked):
    place = landscape("relu1-out", "parity:1")
    scope = Scope(["w", "b", "a"], {"L": place.to_record()})
    scope.relation("L.loss([w, b, a]) >= 0")
    scope.relation("L.out([w, b, a], 0) + L.pre([w, b, a], 0, 1) >= 0")
    with pytest.raises(StatementError, match="loss, out or pre of a landscape with trainable output weights"):
        scope.relation(asked)


def test_a_point_has_all_parameters_in_order():
    with pytest.raises(StatementError, match="a list of 7 numbers"):
        ForAll("w", [], ["L.loss([w, w, w, w, w, w]) >= 0"], {"L": landscape("relu[+,-]+c", "xor")})


@pytest.mark.parametrize("goal", ["2*w == 1", "L.rest([w], [s, t])"])
def test_an_example_at_the_origin_has_no_slope_to_bound(goal):
    """Its row is 0 without biases, so that t may be any number."""
    place = landscape("relu[2]-nob", Dataset("line", [[1], [0]], [1, 1]))
    given = {"2*w == 1", "L.rest([w], [s, t])"} - {goal}
    claim = ForAll("w s t", ["w > 0", *given], [goal], {"L": place.to_record()}, try_at=[{"w": "1/2", "s": 0, "t": 9}])
    assert prove(claim).conclusion == "proved"
