"""Formulas of cells with output weights and biases are the exact loss, gradient and Hessian at points of the cell."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from stability import landscape
from stability.symbolic.derive import derive

MODELS = ["relu[+,-]", "relu[1,-1/2]+c", "abs2-nob", "relu2-out", "leaky1/10:1-out+c", "relu2-out+c-nob"]


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(MODELS), st.data())
def test_loss_gradient_and_hessian_at_points_of_the_cell(model, data):
    place = landscape(model, "xor", "mean")
    numbers = st.fractions(-2, 2, max_denominator=3)
    flat = [data.draw(numbers) + sp.Rational(k + 1, 97) for k in range(place.parameters)]
    point = place.by_unit([x.p if x.q == 1 else f"{x.p}/{x.q}" for x in map(sp.Rational, flat)])
    point = place.point(point)
    found = derive(place, [[s or 1 for s in row] for row in place.pattern(point)])
    assert len(found.variables) == place.parameters
    at = dict(zip(found.variables, flat, strict=True))
    assert found.loss.subs(at) == sp.Rational(str(place.loss(point)))
    pattern = [list(row) for row in found.pattern]
    assert [str(g.subs(at)) for g in found.gradient] == [str(g) for g in place.cell_gradient(point, pattern)]
    hessian = place.cell_hessian(pattern, point)
    assert [[str(h) for h in row] for row in found.hessian.subs(at).tolist()] == [[str(h) for h in r] for r in hessian]
    assert found.flow == -found.gradient


def test_names_of_the_variables():
    found = derive(landscape("relu2-out+c", "xor"), "++++,----")
    assert [str(v) for v in found.variables] == ["w_1_1", "w_1_2", "b_1", "a_1", "w_2_1", "w_2_2", "b_2", "a_2", "c"]
    assert [str(v) for v in derive(landscape("relu[-]+c-nob", "xor"), "++++").variables] == ["w_1", "w_2", "c"]


def test_polar_coordinates_keep_output_weights_and_the_bias():
    found = derive(landscape("relu1-out+c", "xor"), "+-0+", "polar")
    assert [str(v) for v in found.variables] == ["r", "theta", "b", "a", "c"]
    turned = derive(landscape("relu1-out+c", "xor"), "+-0+", "angular")
    assert [str(v) for v in turned.variables] == ["theta"]
    assert {str(v) for v in turned.frozen} == {"r", "b", "a", "c"}
    r = sp.Symbol("r", positive=True)
    k = found.variables.index(sp.Symbol("theta", real=True))
    assert sp.simplify(found.flow[k] + found.gradient[k] / r**2) == 0


def test_a_constant_output_weight_turns_the_labels():
    plain = derive(landscape("abs1", "xor"), "++--")
    turned = derive(landscape("abs[-1]", "xor"), "++--")
    flipped = turned.loss.subs({v: -v for v in turned.variables}, simultaneous=True)
    assert sp.expand(flipped - plain.loss) == 0
    with pytest.raises(Exception, match="signs per unit"):
        derive(landscape("abs[-1]", "xor"), "++")
