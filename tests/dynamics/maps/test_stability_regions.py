from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from some_slow import some_slow

from stability import landscape
from stability.dynamics.maps.modes import mode
from stability.dynamics.maps.stability_regions import region, stability_regions
from stability.dynamics.maps.stable_steps import (
    MEMORY,
    formula,
    jury,
    limit_formula,
    limit_of_mode,
    limit_statement,
    mode_at,
)
from stability.errors import DifferentiabilityError, NumberError, PointError, UnknownNameError
from stability.exact.eigenvalues import spectrum
from stability.exact.unit_circle_roots import polynomial
from stability.logic.records import prove
from stability.model.update_rules import RULES, update_rule

KNOWN = {
    "gd": lambda mu: 2,
    "heavy-ball": lambda mu: 2 * (1 + mu),
    "nesterov": lambda mu: 2 * (1 + mu) / (1 + 2 * mu),
    "adam": lambda mu: 2 * (1 + mu) / (1 - mu),
}
memories = st.fractions(0, Fraction(49, 50), max_denominator=50)
WITH_MEMORY = ["heavy-ball", "nesterov", "adam"]


def optimiser(name, p, step, memory, eps=1.0):
    """Return torch's optimiser; Adam with a large eps, so that its preconditioner hardly moves."""
    if name == "adam":
        return torch.optim.Adam(p, lr=step, betas=(memory, 0.999), eps=eps)
    return torch.optim.SGD(p, lr=step, momentum=memory, nesterov=name == "nesterov" and memory > 0)


def loss_of_relu_or_abs(place):
    """Return the sum of squared errors as a function of a (units, d + 1) tensor, written with torch alone."""
    x, y = (torch.tensor(np.array(each, dtype=float)) for each in (place.data.points, place.data.labels))
    act = torch.relu if place.network.unit.name == "relu" else torch.abs
    return lambda theta: ((act(x @ theta[:, :-1].T + theta[:, -1]).sum(1) - y) ** 2).sum()


def test_every_rule_has_a_limit_or_no_jacobian():
    assert set(MEMORY) == set(KNOWN) == set(RULES) - {"sign"}


@pytest.mark.parametrize("name", KNOWN)
def test_limits_follow_from_jurys_criterion_for_all_momenta(name):
    (m,) = formula(name).as_expr().free_symbols - {
        sympy.Symbol("z", positive=True),
        sympy.Symbol("x", positive=True),
    } or [0]
    assert sympy.simplify(limit_formula(name) - KNOWN[name](m)) == 0
    found = prove(limit_statement(name))
    assert found.conclusion == "proved", found.reason


def test_a_wrong_limit_is_not_proved(monkeypatch):
    monkeypatch.setattr("stability.dynamics.maps.stable_steps.limit_formula", lambda name: sympy.Integer(2))
    assert prove(limit_statement("heavy-ball")).conclusion == "refuted"


@given(st.sampled_from(WITH_MEMORY), memories)
def test_limits_at_single_momenta_are_the_formula(name, memory):
    assert limit_of_mode(name, memory) == KNOWN[name](memory)


@given(st.sampled_from(WITH_MEMORY), memories, st.fractions(Fraction(1, 50), 12, max_denominator=50))
def test_inside_the_limit_numpy_finds_all_roots_inside(name, memory, x):
    a, b = mode_at(name, memory)
    size = max(abs(np.roots([float(a[k]) + float(x) * float(b[k]) for k in range(a.degree(), -1, -1)])))
    assume(abs(size - 1) > 1e-7)
    assert (size < 1) == (x < limit_of_mode(name, memory))


@given(st.tuples(*[st.fractions(-3, 3, max_denominator=20)] * 2))
def test_jury_agrees_with_numpy_on_quadratics(c):
    size = max(abs(np.roots([1.0, float(c[1]), float(c[0])])))
    assume(abs(size - 1) > 1e-7)
    assert all(each > 0 for each in jury([*c, 1])) == (size < 1)
    assert all(each > 0 for each in jury([c[0], 1])) == (abs(c[0]) < 1)


def test_momentum_0_is_gradient_descent():
    assert {limit_of_mode(name) for name in ("gd", "heavy-ball", "nesterov", "adam")} == {2}
    place = landscape("relu2", "xor")
    plain, heavy = stability_regions(place, "gd"), stability_regions(place, "heavy-ball")
    assert [a.limit() for a in plain] == [b.limit(0) for b in heavy]


def test_regions_of_one_unit_on_xor():
    place = landscape("abs1", "xor")
    for name, limit in (("gd", "1/4"), ("heavy-ball", "19/40"), ("nesterov", "19/112")):
        memory = 0 if name == "gd" else "9/10"
        for each in stability_regions(place, name):
            assert (each.worst.text, each.limit(memory).text) == ("8", limit)
            assert each.contains(Fraction(limit) - Fraction(1, 10**50), memory)
            assert not each.contains(limit, memory)
    assert stability_regions(landscape("abs1", "xor", "mean"), "heavy_ball")[0].limit("1/2").text == "3/2"


def test_the_dead_region_allows_every_step():
    dead = stability_regions(landscape("relu1", "xor"), "gd")[-1]
    assert dead.worst is None
    assert dead.limit() is None
    assert dead.contains(10**6)


def test_irrational_limits_are_exact():
    golden = [[Fraction(2), Fraction(1)], [Fraction(1), Fraction(1)]]
    found = region("gd", [golden])
    assert found.worst.text == "(3 + sqrt(5))/2"
    assert found.limit().text == "(3 - sqrt(5))"
    low, high = found.limit().low, found.limit().high
    assert found.contains(low)
    assert not found.contains(high)
    assert high - low < Fraction(1, 10**10)


@settings(max_examples=60)
@given(st.integers(1, 4), st.integers(0, 10**6), st.sampled_from([*WITH_MEMORY, "gd"]), memories)
def test_regions_agree_with_the_eigenvalues_of_the_jacobian(size, seed, name, memory):
    draw = np.random.default_rng(seed)
    rows = draw.integers(-3, 4, (draw.integers(1, size + 2), size))
    memory = Fraction(0) if name == "gd" else memory
    hessian, step = rows.T @ rows, Fraction(int(draw.integers(1, 60)), 60)
    found = region(name, [hessian.tolist()])
    values = [v for v in np.linalg.eigvalsh(hessian) if v > 1e-9]
    x = max(values, default=0) * float(step)
    assume(abs(x - float(limit_of_mode(name, memory))) > 1e-6)
    assert found.contains(step, memory) == (x < float(limit_of_mode(name, memory)))
    limit = found.limit(memory)
    assert (limit is None) == (not values)
    if limit is not None:
        assert np.isclose(float(limit.low), float(limit_of_mode(name, memory)) / max(values))


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize(("model", "set_number"), some_slow([("abs1", 2), *product(("relu1", "relu2"), (0, 1))], 3))
def test_torch_converges_just_below_the_limit_and_leaves_just_above(name, model, set_number):
    place, memory = landscape(model, "xor"), 0 if name == "gd" else "1/2"
    found = stability_regions(place, name, eps=1)[set_number]
    loss, best = loss_of_relu_or_abs(place), float(found.set.loss)
    for factor, inside in ((0.97, True), (1.03, False)):
        step = float(found.limit(memory).low) * factor
        theta = torch.nn.Parameter(torch.tensor([[float(x) for x in row] for row in found.set.witness]).double())
        nudge = torch.randn(theta.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        theta.data += 1e-9 * nudge / nudge.norm()
        first = theta.detach().clone()
        descent = optimiser(name, [theta], step, float(Fraction(memory)))
        moved = 0.0
        for _ in range(600):
            descent.zero_grad()
            loss(theta).backward()
            descent.step()
            moved = max(moved, float((theta - first).norm().detach()))
            if not moved < 1e-7:
                break
        assert (moved < 1e-7) == inside
        if inside:
            assert abs(loss(theta).item() - best) < 1e-15
        assert found.contains(Fraction(step), memory) == inside


@pytest.mark.parametrize(("model", "more"), [("abs1", 0), ("relu1", 1), ("relu1-out", 1)])
def test_the_legend_says_by_what_adam_divides_curvatures_and_of_other_rules_nothing(model, more):
    place = landscape(model, "xor")
    plain, scaled = stability_regions(place, "gd"), stability_regions(place, "adam", eps="1/1000")
    assert len(plain.notes) == more
    assert [note for note in scaled.notes if note not in plain.notes] == [
        "curvatures are divided by 1/1000, as steps of Adam are at rest (sqrt(v) + eps, where v is 0)"
    ]
    assert scaled[0].worst.value == pytest.approx(1000 * plain[0].worst.value)


def test_adam_with_its_usual_eps_repels_from_minima_of_curvature_8():
    found = stability_regions(landscape("abs1", "xor"), "adam")[0]
    assert found.limit("9/10").text == "19/400000000"
    assert not found.contains("1/1000", "9/10")
    p = torch.nn.Parameter(torch.tensor([1e-6], dtype=torch.float64))
    descent, sizes = torch.optim.Adam([p], lr=1e-3), []
    for _ in range(20000):
        p.grad = 8 * p.detach()
        descent.step()
        sizes.append(abs(p.item()))
    closest = int(np.argmin(sizes[:10000]))
    assert sizes[closest] < 1e-10
    assert max(sizes[closest:]) > 1e-6


def test_a_frozen_preconditioner_scales_each_parameter():
    hessian = [[4, 0], [0, 1]]
    found = region("adam", [hessian], ["1/10", "1/1000"])
    assert found.worst.text == "1000"
    assert found.limit("9/10").text == "19/500"
    assert found.contains("37/1000", "9/10")
    assert not found.contains("39/1000", "9/10")
    skew = [[2, 1], [1, 2]]
    a, b = (region("adam", [skew], scales).limit(0) for scales in (["1", "3"], ["1", "1"]))
    values = np.linalg.eigvals(np.array(skew) / np.array([[1.0], [3.0]]))
    assert np.isclose(float(a.low), 2 / max(values))
    assert b.text == "2/3"


def test_a_minimum_on_a_kink_says_that_it_has_no_region():
    kink = stability_regions(landscape("abs2", "xor"), "gd")[0]
    for ask in (lambda: kink.limit(), lambda: kink.contains("1/10"), lambda: kink.worst):
        with pytest.raises(DifferentiabilityError, match="not twice differentiable"):
            ask()


@pytest.mark.parametrize(
    ("step", "memory", "words"),
    [
        (0, 0, "above 0; got 0"),
        ("-1", 0, "above 0; got -1"),
        (float("nan"), 0, "finite"),
        (float("inf"), 0, "finite"),
        (1, 1, "from 0 to below 1"),
        (1, "-1/2", "from 0 to below 1"),
    ],
)
def test_steps_and_momenta_that_make_no_sense(step, memory, words):
    with pytest.raises(NumberError, match=words):
        region("heavy-ball", [[[8]]]).contains(step, memory)


def test_other_errors():
    with pytest.raises(UnknownNameError, match="update rule"):
        stability_regions(landscape("abs1", "xor"), "sgd2")
    with pytest.raises(DifferentiabilityError, match="sign has no Jacobian"):
        region("sign", [[[8]]])
    with pytest.raises(NumberError, match="gd has no momentum"):
        region("gd", [[[8]]]).limit("1/2")
    with pytest.raises(PointError, match="one scale above 0"):
        region("adam", [[[8]]], [1, 1])
    with pytest.raises(PointError, match="one scale above 0"):
        region("adam", [[[8]]], [0])


def test_the_limit_is_where_the_whole_map_loses_its_last_stable_root():
    hessian = landscape("relu2", "xor").atlas().minima[1]
    worst = spectrum(hessian.landscape.hessian(hessian.witness))[-1].low
    for name in WITH_MEMORY:
        descent = update_rule(
            name,
            step=limit_of_mode(name, Fraction(1, 2)) / worst,
            **{MEMORY[name]: "1/2"},
            **({"eps": 1} if name == "adam" else {}),
        )
        a, b = mode(descent)
        assert (a + polynomial([worst]) * b)(-1) == 0


def test_the_list_draws_each_different_limit_once():
    found = stability_regions(landscape("relu1", "xor"), "gd")
    drawn = found.plot(Figure().subplots())
    assert [label.get_text() for label in drawn.get_yticklabels()] == ["set 0", "sets 1, 2"]
    assert [bar.get_width() for bar in drawn.patches] == pytest.approx([2 / 8, 2 / 6])
    assert drawn.get_title() == "every step is stable at set 5"
    over = stability_regions(landscape("abs1", "xor"), "heavy-ball").plot(Figure().subplots())
    (line,) = over.lines
    assert line.get_ydata() == pytest.approx(2 * (1 + line.get_xdata()) / 8)


def test_the_border_has_the_limit_at_every_memory():
    place = landscape("abs1", "xor")
    for name in KNOWN:
        found = stability_regions(place, name)[0]
        memories, limits = found.border()
        assert memories.tolist() == ([k / 20 for k in range(20)] if found.memory else [0.0])
        assert found.memory == {"gd": None, "adam": "beta1"}.get(name, "momentum")
        if name != "adam":
            worst = float(found.worst.low + found.worst.high) / 2
            assert limits == pytest.approx([float(KNOWN[name](mu)) / worst for mu in memories])


def test_the_border_of_a_flat_minimum_is_unknown():
    flat = region("gd", [[[Fraction(0)]]])
    assert np.isnan(flat.border()[1]).all()


def test_minima_of_trained_output_layers_are_judged_at_their_witness():
    place = landscape("relu2-out", "xor")
    found = stability_regions(place, "heavy-ball")
    smooth = [each for each in found if each.hessians]
    assert smooth
    for each in smooth:
        assert each.limit("9/10") == place.stable_steps(each.set.witness, "heavy-ball").limit("9/10")
        assert each.to_json()["curvature_at"] == "witness"
        assert each.to_json()["witness"] == [[str(x) for x in row] for row in each.set.witness]
    assert "at the witness of each set" in repr(found)


def test_it_is_said_which_points_of_a_wide_set_a_limit_is_about():
    """On the half line of minima of relu1 on xor a unit sees two or three examples; the largest curvature counts."""
    found = stability_regions(landscape("relu[+,-]", "xor"), "gd")
    wide = [each for each in found if not each.set.isolated]
    assert {each.to_json()["curvature_at"] for each in wide} == {"set"}
    assert "the largest in any cell that the set meets" in repr(found)
    points = stability_regions(landscape("abs1", "xor"), "gd")
    assert {each.to_json()["curvature_at"] for each in points} == {"witness"}
    assert not points.notes
    assert region("gd", [[[Fraction(2)]]]).to_json()["curvature_at"] == "given"
    best = landscape("relu2-out", "xor").stable_steps([[1, -1, -1, 1], [-1, 1, -1, 1]])
    assert best.to_json()["curvature_at"] == "point"


def test_long_numbers_are_decimals_in_tables_and_exact_in_json():
    """A Hessian with the largest curvature 10^20 + 1/3 has the limit 6/(3*10^20 + 1); roots of cubics are intervals."""
    big = Fraction(10**20) + Fraction(1, 3)
    long = region("gd", [[[big]]])
    assert long.limits() == [("stable", "steps below ~2e-20")]
    assert long.to_json()["limits"]["0"]["value"] == "6/300000000000000000001"
    matrix = [[Fraction(x) for x in row] for row in ([1, 1, 0], [1, 2, 1], [0, 1, 4])]
    cubic = region("gd", [[[1000 * x for x in row] for row in matrix]])
    largest = 1000 * max(np.linalg.eigvalsh(np.array(matrix, dtype=float)))
    assert "[" not in repr(cubic)
    assert cubic.worst.shown == f"~{largest:.6g}"
    assert cubic.limits()[0][1] == f"steps below ~{2 / largest:.6g}"
    low, high = map(Fraction, cubic.to_json()["worst"]["between"])
    assert low < Fraction(float(largest)) < high or abs(float(low) - largest) < 1e-6
    short = region("gd", [[[Fraction(2), Fraction(1)], [Fraction(1), Fraction(1)]]])
    assert short.worst.shown == "(3 + sqrt(5))/2"
