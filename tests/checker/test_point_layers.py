"""Formulas on networks with output layers are what the exact loss says at points of numbers; records on them hold."""

from fractions import Fraction as Q

import pytest
from checked_layers import OUT, points
from forged_records import about_points, broken_copies, changed, verdict
from hand_made import RAMP, SIZE, data_of, meter_of, rejects
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_geometry import along, located, moved, slow_cells

from stability.checker import point_landscapes as places

FIXED = ["relu[-]", "relu[1,-1/2]+c", "abs2-nob", "leaky1/3[2]+c-nob", "abs1+c"]
TRAINED = ["relu1-out", "abs2-out+c", "leaky1/3:1-out+c-nob"]
quick = settings(deadline=None, max_examples=60)


def land_of(place):
    return places.Landscape("L", place.to_record(), places.Algebra(meter_of()))


def sign(p):
    value = places.number(p)
    return (value > 0) - (value < 0)


def flat(rows):
    return [places.constant(x) for row in rows for x in row]


def numbers(values):
    return [places.constant(Q(x)) for x in values]


@quick
@given(located(models=FIXED + TRAINED))
def test_losses_outputs_and_preactivations(case):
    place, point = case
    land, p = land_of(place), flat(point)
    assert places.number(land.loss(sign, p)) == place.loss(point)
    for i, wanted in enumerate(place.outputs(point)):
        assert places.number(land.out(sign, p, i)) == wanted
        own = [places.number(land.pre(sign, p, j, i)) for j in range(place.units)]
        assert own == [z[i] for z in place.preactivations(point)]


@quick
@given(located(models=FIXED), st.data())
def test_one_sided_derivatives_are_those_along_rays(case, data):
    place, point = case
    land, p = land_of(place), flat(point)
    way = [data.draw(st.integers(-2, 2)) for _ in range(place.parameters)]
    slope, bend = along(place, point, way)
    assert places.number(land.d1(sign, p, numbers(way))) == slope
    assert places.number(land.d2(sign, p, numbers(way), numbers([0] * len(way)))) == 2 * bend
    torch = sum(g * x for g, x in zip(place.autograd_gradient(point), way, strict=True))
    assert places.number(land.autograd(sign, p, numbers(way))) == torch


@quick
@given(located(models=FIXED), st.data())
def test_cells_gradients_and_hessians(case, data):
    place, point = case
    land, p = land_of(place), flat(point)
    holds = {"=": lambda x: x == 0, ">": lambda x: x > 0}
    both = [
        all(holds[r](places.number(x)) for x, r in known(sign, p))
        for known in (land.differentiable, land.twice_differentiable)
    ]
    assert both == [place.is_differentiable(point), place.is_twice_differentiable(point)]
    way = [data.draw(st.integers(-9, 9)) for _ in range(place.parameters)]
    cell = tuple(map(tuple, place.pattern(moved(point, way, Q(1, 10**15)))))
    enters = cell in slow_cells(place, point)
    assert (land.generic(sign, p, numbers(way))[0][0] == {(): 1}) == enters
    if enters:
        axis = numbers(int(k == 0) for k in range(len(way)))
        assert places.number(land.slope(sign, p, axis, numbers(way))) == place.cell_gradient(point, cell)[0]


@quick
@given(located(models=FIXED), st.data())
def test_the_equations_of_rest_are_the_gradient_with_some_slopes(case, data):
    place, point = case
    land, p = land_of(place), flat(point)
    slopes = [data.draw(st.sampled_from([Q(0), Q(1, 2), Q(-3)])) for _ in range(place.units * len(place.rows))]
    found = land.rest(sign, p, numbers(slopes))
    equations = [places.number(x) for x, relation in found if relation == "="]
    assert len(equations) == place.parameters
    errors, pattern, expected = place.residuals(point), place.pattern(point), []
    for j, a in enumerate(place.outer(point)):
        steep = [place.network.unit.slope(s) if s else slopes[j * len(errors) + i] for i, s in enumerate(pattern[j])]
        weights = [a * e * s for e, s in zip(errors, steep, strict=True)]
        columns = zip(*place.rows, strict=True)
        expected += [sum(w * x for w, x in zip(weights, column, strict=True)) for column in columns]
    expected += [sum(errors)] * place.network.output_bias
    assert equations == expected
    kinks = sum(s == 0 and any(row) for signs in pattern for s, row in zip(signs, place.rows, strict=True))
    assert len(found) == place.parameters + 2 * kinks


def test_rows_on_a_line_through_the_origin_are_one_data_point():
    """At w = 0 the outputs are 0, and the errors of 1, -2 and 3 count once, twice and three times."""
    for labels, smooth in ((["2", "2", "-2"], True), (["2", "2", "2"], False), (["0", "3", "-2"], True)):
        data = data_of(["1", "-2", "3", "0"], [*labels, "7"], RAMP, hidden_biases=False)
        land = places.Landscape("L", data, places.Algebra(meter_of()))
        first, *equations = land.differentiable(sign, numbers([0]))
        assert first == ({(): 1}, ">")
        ((p, relation),) = equations
        assert relation == "="
        assert (p == {}) == smooth
        assert places.number(p) == -sum(k * Q(y) for k, y in zip((1, 2, 3), labels, strict=True))


def test_an_output_bias_bends_the_square_of_an_absolute_value():
    for layer, smooth in (({}, True), ({"output_bias": True}, False)):
        land = places.Landscape("L", data_of(["1"], ["0"], SIZE, **layer), places.Algebra(meter_of()))
        p = numbers([1, -1, *[0] * len(layer)])
        assert (land.twice_differentiable(sign, p)[-1] == ({(): 1}, ">")) == smooth


@pytest.mark.parametrize("size", [3, 5])
def test_vectors_are_as_long_as_points(size):
    land = places.Landscape("L", OUT["L"], places.Algebra(meter_of()))
    with rejects("a parameter vector of the wrong length"):
        land.loss(sign, numbers([1] * size))


# Records


@pytest.mark.parametrize("name", points())
def test_the_records_are_accepted(name):
    assert verdict(points()[name]) is None
    for path, value, broken in broken_copies(points()[name], 30):
        assert verdict(broken), (path, value)


@pytest.mark.parametrize("name", ["loss", "slope", "trained"])
def test_a_record_is_of_no_other_network(name):
    ((key, data),) = points()[name]["landscapes"].items()
    others = [{**data, "output_weights": ["3"]}, {**data, "labels": ["2"]}, {**data, "points": [["2"]]}]
    for other in others:
        if other != data:
            assert verdict(changed(points()[name], ("landscapes", key), other)), other


def test_no_clarke_point_where_output_weights_are_trained():
    record = about_points({"clarke": "L", "at": ["0"] * 4}, "proved", {"weights": ["1"], "toward": [["1"] * 4]}, OUT)
    assert "expected output weights that are fixed" in verdict(record)
