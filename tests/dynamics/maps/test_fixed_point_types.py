from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq, fmpq_mat
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from stability import landscape
from stability.dynamics.maps.fixed_point_types import KINDS, fixed_point_types, jacobian, modes
from stability.dynamics.maps.hessians import curvatures
from stability.dynamics.maps.modes import hessian_factors, jacobian_of, linear_part, mode
from stability.errors import DifferentiabilityError, NumberError, PointError
from stability.exact.unit_circle_roots import Count, all_inside, coefficients, count, polynomial
from stability.geometry.atlas.atlas import known_atlas
from stability.model.datasets import Dataset
from stability.model.update_rules import RULES, update_rule

SMOOTH = sorted(set(RULES) - {"sign"})
PLACES = [("abs1", "xor"), ("relu1", "xor"), ("relu2", "xor"), ("leaky1/100:1", "xor"), ("abs1", "parity:3")]
whole = st.integers(-5, 5)
coefficient_lists = st.lists(whole, min_size=1, max_size=8).filter(lambda c: c[-1] != 0)
ON_THE_CIRCLE = [[-1, 1], [1, 1], [1, 0, 1], [1, 1, 1], [5, -6, 5], [1, 0, 0, 0, 1], [2, -5, 2], [0, 1]]


def sizes(p):
    """Return the sizes of the roots of a polynomial, by numpy, factor by factor."""
    return [
        (size, int(times))
        for factor, times in p.factor()[1]
        for size in abs(np.roots([float(c) for c in reversed(coefficients(factor))]))
    ]


def by_numpy(p):
    found = [0, 0, 0]
    for size, times in sizes(p):
        found[1 if abs(size - 1) < 1e-9 else 2 * (size > 1)] += times
    return Count(*found)


@settings(max_examples=300)
@given(coefficient_lists)
def test_roots_are_counted_as_numpy_finds_them(c):
    p = polynomial(c)
    assume(all(abs(size - 1) > 1e-6 for size, _ in sizes(p)))
    assert count(p) == by_numpy(p)
    assert all_inside(p) == (count(p).inside == p.degree())


@settings(max_examples=200)
@given(coefficient_lists, st.lists(st.sampled_from(ON_THE_CIRCLE), min_size=1, max_size=4))
def test_roots_on_the_circle_and_mirrored_in_it_are_counted(c, special):
    p = polynomial(c)
    assume(all(abs(size - 1) > 1e-6 for size, _ in sizes(p)))
    for each in special:
        p *= polynomial(each)
    assert count(p) == by_numpy(p)
    assert sum((count(p).inside, count(p).on, count(p).outside)) == p.degree()


@given(st.lists(st.fractions(-3, 3, max_denominator=7), min_size=1, max_size=5))
def test_rational_roots_are_counted_exactly(roots):
    p = polynomial([1])
    for root in roots:
        p *= polynomial([-root, 1])
    wanted = Count(*(sum(test(abs(r)) for r in roots) for test in (lambda a: a < 1, lambda a: a == 1, lambda a: a > 1)))
    assert count(p) == wanted
    assert all_inside(p) == (wanted.inside == len(roots))


def test_a_root_is_distinguished_from_the_circle_where_floats_cannot():
    close = Fraction(10**30 - 1, 10**30)
    assert count(polynomial([-close, 1])) == Count(1, 0, 0)
    assert count(polynomial([-1 / close, 1])) == Count(0, 0, 1)
    assert count(polynomial([close, 0, 1])) == Count(2, 0, 0)


def test_constants_have_no_roots_and_zero_is_refused():
    assert count(polynomial([3])) == Count(0, 0, 0)
    assert all_inside(polynomial([3]))
    with pytest.raises(NumberError):
        count(polynomial([0]))


def one_step(descent, place):
    """Return one step of a rule as a function of the flat state, late in a run, in floats."""
    blocks, size = 1 + len(descent.family.buffers), place.parameters

    def step(flat):
        state = [flat[k * size : (k + 1) * size] for k in range(blocks)]
        rows = np.array([[float(x) for x in row] for row in place.rows])
        theta = state[0].reshape(place.units, place.width)
        unit, z = place.network.unit, theta @ rows.T
        slopes = np.where(z > 0, float(unit.positive), float(unit.negative))
        errors = (slopes * z).sum(0) - np.array([float(y) for y in place.data.labels])
        gradient = 2 * float(place.scale) * (slopes * errors) @ rows
        return np.concatenate(descent.step((*state, 10**6), gradient.ravel())[:-1])

    return step


@pytest.mark.parametrize(("model", "data"), PLACES)
@pytest.mark.parametrize("name", SMOOTH)
def test_the_jacobian_is_that_of_finite_differences(name, model, data):
    place = landscape(model, data)
    descent = update_rule(name, step="1/7", **({"eps": 1, "beta2": "1/2"} if name == "adam" else {}))
    step, size = one_step(descent, place), place.parameters * (1 + len(descent.family.buffers))
    tried = 0
    for each in known_atlas(place).minima:
        if any(s == 0 for row in place.pattern(each.witness) for s in row):
            continue
        exact = np.array([[float(x) for x in row] for row in jacobian(place, descent, each.witness)])
        at = np.zeros(size)
        at[: place.parameters] = [float(x) for row in each.witness for x in row]
        nudge = 1e-8
        columns = [(step(at + nudge * axis) - step(at)) / nudge for axis in np.eye(size)]
        assert np.allclose(exact, np.array(columns).T, atol=1e-5)
        found = next(
            found
            for found in fixed_point_types(place, descent)
            if found.set is each and found.curvature.hessian == place.hessian(each.witness)
        )
        size_of = abs(np.linalg.eigvals(np.array(columns).T))
        clear = abs(size_of - 1) > 1e-3
        assert (size_of[clear] < 1).sum() == found.count.inside
        assert (size_of[clear] > 1).sum() == found.count.outside
        assert (~clear).sum() == found.count.on
        tried += 1
    assert tried


@pytest.mark.parametrize("name", SMOOTH)
def test_the_modes_multiply_to_the_characteristic_polynomial(name):
    place = landscape("relu2", "moons:12:1")
    hessian = place.cell_hessian(place.pattern([[1, "1/3", "-1/2"], ["-1/4", 1, "1/8"]]))
    descent = update_rule(name, step="1/7")
    whole = polynomial([1])
    for each in modes(descent, hessian):
        whole *= polynomial(each.polynomial) ** each.multiplicity
    table = [[fmpq(x.numerator, x.denominator) for x in row] for row in jacobian_of(descent, hessian)]
    assert whole == fmpq_mat(table).charpoly()


def test_linear_parts():
    fixed, bent = linear_part(update_rule("heavy-ball", step="1/10", momentum="1/2"))
    assert fixed == [[1, Fraction(-1, 20)], [0, Fraction(1, 2)]]
    assert bent == [[Fraction(-1, 10), 0], [1, 0]]
    fixed, bent = linear_part(update_rule("adam", step="1/10", eps=2))
    assert [fixed[2][2], bent[0][0]] == [Fraction(999, 1000), Fraction(-1, 200)]
    a, b = mode(update_rule("gd", step="1/10"))
    assert (coefficients(a), coefficients(b)) == ([-1, 1], [Fraction(1, 10)])


def kinds(descent, model, data="xor"):
    return [each.kind for each in fixed_point_types(landscape(model, data), descent)]


def test_kinds_of_the_minima_of_one_unit():
    assert kinds(update_rule("gd", step="1/5"), "abs1") == ["sink"] * 4
    assert kinds(update_rule("gd", step="1/4"), "abs1") == ["non-hyperbolic"] * 4
    assert kinds(update_rule("gd", step="3/8"), "abs1") == ["source"] * 4
    assert kinds(update_rule("heavy-ball", step="1/2"), "abs1") == ["saddle"] * 4
    assert kinds(update_rule("gd", step="1/10"), "relu1") == [
        "sink",
        *["degenerate (flat) sink"] * 2,
        "non-hyperbolic plateau",
    ]
    assert kinds(update_rule("gd", step="2/5"), "relu1")[1] == "degenerate (flat) source"
    assert kinds(update_rule("nesterov", step="2/5"), "relu1")[1:] == ["saddle", "saddle", "non-hyperbolic plateau"]
    assert kinds(update_rule("gd", step="1/10"), "abs2")[0] == "kink"


def test_the_exact_border_is_neither_side():
    for step, kind in (("1/4", "non-hyperbolic"), (Fraction(1, 4) - Fraction(1, 10**40), "sink")):
        assert set(kinds(update_rule("gd", step=step), "abs1")) == {kind}
    limit = Fraction(1, 4) * Fraction(19, 10)
    assert set(kinds(update_rule("heavy-ball", step=limit), "abs1")) == {"non-hyperbolic"}


def test_stability_is_reported_where_the_jacobian_decides():
    place = landscape("relu1", "xor")
    assert [each.stable for each in fixed_point_types(place, update_rule("gd", step="1/10"))] == [True] * 4
    assert [each.stable for each in fixed_point_types(place, update_rule("gd", step="2/5"))] == [False] * 3 + [True]
    assert fixed_point_types(place, update_rule("gd", step="1/4"))[0].stable is None
    shown = fixed_point_types(place, update_rule("gd", step="1/10"))[1]
    assert repr(shown) == "global minimum, loss 1: degenerate (flat) sink (1 inside, 2 on, 0 outside)"
    assert shown.to_json()["modes"][0]["curvatures"] == ["0"]
    assert set(KINDS) >= {each.kind for each in fixed_point_types(place, update_rule("adam", step="1/1000"))}


@pytest.mark.parametrize("model", ["relu1", "relu2", "relu3", "abs2"])
def test_flat_modes_are_the_dimension_of_the_set(model):
    for each in fixed_point_types(landscape(model, "xor"), update_rule("heavy-ball", step="1/100")):
        assert each.kind == "kink" or each.flat == each.set.dimension == each.count.on


def test_a_set_over_several_cells_has_an_entry_for_each_hessian():
    place = landscape("relu3", "xor")
    atlas = known_atlas(place)
    several = [each for each in atlas.minima if len(curvatures(atlas, each)) > 1]
    assert several
    entries = [f for f in fixed_point_types(place, update_rule("gd", step="1/4")) if f.set is several[0]]
    assert len({f.kind for f in entries}) > 1
    for f in entries:
        values = np.linalg.eigvalsh(np.array(f.curvature.hessian, dtype=float))
        assert (values > 8 + 1e-9).sum() == f.count.outside


def test_double_and_irrational_eigenvalues_share_a_mode():
    (only,) = modes(update_rule("gd", step="1/10"), landscape("abs1", "xor").hessian([[0, 0, "1/2"]]))
    assert (only.multiplicity, only.curvatures[0].text, only.polynomial) == (3, "8", [Fraction(-1, 5), 1])
    golden = [[Fraction(2), Fraction(1)], [Fraction(1), Fraction(1)]]
    (both,) = modes(update_rule("gd", step="1/2"), golden)
    assert [each.text for each in both.curvatures] == ["(3 - sqrt(5))/2", "(3 + sqrt(5))/2"]
    assert both.count == Count(2, 0, 0)
    assert modes(update_rule("gd", step="4/5"), golden)[0].count == Count(1, 0, 1)
    assert len(hessian_factors(golden)) == 1


def test_a_hessian_of_zeros_is_a_plateau_for_every_rule():
    nothing = [[Fraction(0)] * 2 for _ in range(2)]
    for name in SMOOTH:
        (only,) = modes(update_rule(name, step=100), nothing)
        assert (only.flat, only.count.on, only.count.outside) == (True, 1, 0)


def test_what_has_no_jacobian_says_so():
    place = landscape("relu1", "xor")
    with pytest.raises(DifferentiabilityError, match="sign"):
        fixed_point_types(place, update_rule("sign", step="1/10"))
    with pytest.raises(DifferentiabilityError, match="twice differentiable"):
        jacobian(place, update_rule("gd", step="1/10"), [[0, 0, 0]])
    with pytest.raises(PointError, match="gradient is 0"):
        jacobian(place, update_rule("gd", step="1/10"), [[1, 0, "1/2"]])


@settings(max_examples=15)
@given(st.sampled_from(SMOOTH), st.lists(st.tuples(whole, whole), min_size=1, max_size=4), st.data())
def test_kinds_agree_with_spectral_radii_on_drawn_data(name, points, data):
    labels = data.draw(st.lists(st.integers(-2, 3), min_size=len(points), max_size=len(points)))
    place = landscape("abs1", Dataset("drawn", [list(p) for p in points], labels))
    descent = update_rule(name, step="1/50", **({"eps": 1} if name == "adam" else {}))
    for found in fixed_point_types(place, descent):
        if found.kind not in ("sink", "source", "saddle"):
            continue
        exact = np.array([[float(x) for x in row] for row in jacobian_of(descent, found.curvature.hessian)])
        radius = max(abs(np.linalg.eigvals(exact)))
        assert (radius < 1) == found.stable or abs(radius - 1) < 1e-9


def test_multipliers_are_the_eigenvalues_of_the_jacobian():
    """Of gd, I - step H, and of heavy-ball the block matrix of (p, velocity), in floats."""
    place = landscape("relu2", "xor")
    for momentum in (None, 0.9):
        rule = update_rule("gd", step="1/5") if momentum is None else update_rule("heavy-ball", step="1/5")
        for each in fixed_point_types(place, rule):
            bent, one = np.array(each.curvature.hessian, float) / 5, np.eye(6)
            m = momentum and momentum * one
            matrix = one - bent if momentum is None else np.block([[one - bent, m], [-bent, m]])
            found = np.sort_complex(np.round(each.multipliers, 5))
            assert found == pytest.approx(np.sort_complex(np.round(np.linalg.eigvals(matrix), 5)), abs=1e-4)


def test_minima_with_the_same_multipliers_are_one_group():
    drawn = fixed_point_types(landscape("abs1", "xor"), update_rule("gd", step="1/10")).plot(Figure().subplots())
    assert [line.get_label() for line in drawn.lines] == ["sink: sets 0, 1, 2, 3"]
    assert drawn.lines[0].get_xdata() == pytest.approx([1 - 8 / 10] * 3)
