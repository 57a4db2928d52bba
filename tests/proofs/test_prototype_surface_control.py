"""The verdicts of this audit follow the mathematics: perturbed claims flip."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from audits import Audit
from some_slow import some_slow

from stability import landscape
from stability.audit.counts import CountResult
from stability.audit.landscape_statements import hessian_is, on, stationary_points_are
from stability.audit.theorems import theorem_statement
from stability.audit.verdicts import settle
from stability.logic.statements import AllOf, Statement
from stability.model.datasets import Dataset

AUDIT = Audit("prototype_surface_control")
WRITEUP = AUDIT.WRITEUP
CLAIMS = {claim.id: claim for claim in WRITEUP.claims}


def formal(name, repair=False):
    claim = CLAIMS[name]
    statement = claim.repair.statement if repair else claim.statement
    return statement if isinstance(statement, Statement) else statement()


def status(statement):
    return settle(replace(CLAIMS["mirror-identity"], statement=statement)).status


def swapped(statement, old, new):
    """Return the statement with a text replaced in its relations."""
    given = [text.replace(old, new) for text in statement.given]
    then = [[text.replace(old, new) for text in goal] for goal in statement.goals]
    assert (given, then) != (list(statement.given), statement.goals), "nothing was perturbed"
    return replace(statement, given=given, then=then)


@pytest.mark.parametrize(
    ("name", "old", "new", "before", "after"),
    [
        ("collapse-loss-half", "1/2", "2", "refuted", "proved"),
        ("collapse-loss-not-zero", "> 0", "> 2", "proved", "refuted"),
        ("angle-rate", "-r*", "-", "refuted", "proved"),
        ("radius-rate", "== -", "== ", "proved", "refuted"),
        ("data-centred", "4*b", "3*b", "proved", "refuted"),
        ("hessian-positive-definite", "0]) > 0", "0]) < 0", "proved", "refuted"),
        ("abs-curvature-at-3pi-over-4", "> 0", "< 0", "proved", "refuted"),
        ("abs-unstable-at-pi-over-4", "< 0", "> 0", "proved", "refuted"),
        ("relu-stable-at-pi-over-4", ">= 0", "< 0", "refuted", "proved"),
        ("abs-curvature-for-any-bias", "> 0", ">= 0", "refuted", "proved"),
        ("removing-mirror-flips-torque", "<= 0", ">= 0", "refuted", "proved"),
        ("leaky-slope-revives", "< 0", "> 0", "proved", "refuted"),
        ("proof-unique-solution", "1*(1)", "-1*(1)", "refuted", None),
        ("bias-warm-up-harmless", "== 0", "> 0", "refuted", "proved"),
        ("both-conditions-suffice-one-unit", "!= 0", "== 0", "vacuous", "refuted"),
        ("plateau-non-hyperbolic", "<= 1", "<= 16", "refuted", None),
        ("dead-state-is-non-hyperbolic", "< 0", "<= 1", "proved", "refuted"),
        ("general-indicators", "> 0", ">= 0", "refuted", None),
        ("abs-curvatures-under-the-active-set", "c > 0", "c > 1", "refuted", "refuted"),
        ("aggregate-shows-the-trap", "m <= 1/2", "m < 1", "refuted", "proved"),
        ("dead-units-stay-dead", "< 0", "<= 1", "proved", "refuted"),
        ("dead-examples-stay-dead", "1/8*", "0*", "refuted", "proved"),
    ],
)
def test_perturbed_claims_flip(name, old, new, before, after):
    statement = formal(name)
    assert status(statement) == before
    if after is not None:
        assert status(swapped(statement, old, new)) == after


BLANK = Dataset("one blank example", ((1, 1),), (0,))


@pytest.mark.parametrize(
    ("name", "repair", "what", "other", "before", "after"),
    [
        ("only-critical-point", True, "TRAPS", [[[0, 0, "1/2"]], [[0, 0, "1/3"]]], "proved", "refuted"),
        ("unique-stable-equilibrium", True, "ABS1", on("relu1"), "proved", "refuted"),
        ("unique-stable-equilibrium", True, "MIRROR", [[0, 0, 0]], "proved", "refuted"),
        ("unique-stable-equilibrium", True, "SADDLES", [[["1/6", "1/6", "1/3"]]], "proved", "refuted"),
        ("unique-up-to-mirror", False, "MINIMA", ("loss", "=", 0), "refuted", "proved"),
        ("unique-up-to-mirror", True, "TRAPS", [[[0, 0, "1/3"]]], "proved", "refuted"),
        ("global-minimum", False, "BEST", [[0, 0, "1/2"]], "proved", "refuted"),
        ("only-perfect-fit", True, "MIRROR", [["1/2", "1/2", 0]], "proved", "refuted"),
        ("proof-one-cell-is-enough", False, "ABS1", landscape(on("abs1").network, BLANK), "refuted", "proved"),
        ("relu-no-active-rest", True, "FITTED", [[["3/4", "-3/4", 0]]], "proved", "refuted"),
        ("saddles-become-attractors", True, "ABS1", on("relu1"), "proved", "refuted"),
    ],
)
def test_another_network_or_point_flips(monkeypatch, name, repair, what, other, before, after):
    assert status(formal(name, repair)) == before
    AUDIT.change(monkeypatch, what, other)
    assert status(formal(name, repair)) == after


def test_another_loss_flips_the_hessian():
    best = [["-1/2", "1/2", 0]]
    four = [[4, 0, 0], [0, 4, 0], [0, 0, 4]]
    assert status(hessian_is(on("abs1"), best, four)) == "refuted"
    assert status(hessian_is(on("abs1", loss="mean"), best, [[2, 0, 0], [0, 2, 0], [0, 0, 2]])) == "proved"
    assert status(hessian_is(on("abs1", loss="mean"), best, four)) == "refuted"


def test_other_data_flip_the_active_set(tmp_path):
    statement = formal("active-set-possible")
    file = tmp_path / "separable.csv"
    file.write_text("x1,x2,y\n1,-1,1\n1,1,1\n-1,1,0\n-1,-1,0\n")
    place = on("abs1", str(file))
    assert status(statement) == "refuted"
    assert status(replace(statement, landscapes={"abs1": place.to_record()})) != "refuted"


def test_the_list_of_nine_needs_every_one():
    parts = formal("only-critical-point", repair=True).parts
    assert isinstance(AllOf(parts), Statement)
    everything = parts[0]
    assert status(everything) == "proved"
    for k in range(len(everything.goals)):
        fewer = [goal for i, goal in enumerate(everything.goals) if i != k]
        assert status(stationary_points_are(on("abs1"), fewer)) == "refuted"


FLOWS = [
    ("relu-drifts-to-collapse", "basins_of_relu1", "a little longer still keep x1"),
    ("training-slides-into-off-state", "basins_of_relu1", "only x1 on, and yet the trap"),
    ("single-attracting-basin", "basins_of_abs1", "the trap attracts where they differ"),
    ("separator-lost-without-mirror", "short_units_find_the_separator", "every fit is the separator"),
    ("bias-uncontrolled", "short_units_find_the_separator", "somewhat longer ones too"),
    ("both-conditions-suffice-two-units", "seeing_everything_is_a_trap", "as long as all is seen"),
]


@pytest.mark.parametrize(("name", "theorem", "variant"), some_slow(FLOWS, 3))
def test_verdicts_on_flows_hang_on_their_theorems(monkeypatch, name, theorem, variant):
    assert status(formal(name)) == "refuted"
    assert status(formal(name, repair=True)) == "proved"
    AUDIT.change(monkeypatch, "theorem_statement", lambda of: theorem_statement(of, variant if of == theorem else ""))
    assert status(formal(name)) == "proved"


@pytest.mark.parametrize(
    ("name", "what", "names", "given", "point"),
    [
        ("relu-drifts-to-collapse", "fits_near_the_diagonal", "c d", ["0 < d < c", "c <= 8/5"], "[c + d, c - d, 0]"),
        ("training-slides-into-off-state", "fits_from_zero_bias", "u v", ["v < u", "u >= -3/2"], "[u, v, 0]"),
    ],
)
def test_the_starts_of_a_flow_need_their_range(monkeypatch, name, what, names, given, point):
    AUDIT.change(monkeypatch, what, lambda: AUDIT.fits(names, given, point))
    assert status(formal(name)) == "proved"
    assert status(formal(name, repair=True)) == "refuted"


def test_parallel_weights_do_not_turn(monkeypatch):
    start = AUDIT.both_conditions()
    parallel = replace(
        start, then=[text.replace("[1/8, 0, 1/4, 0, 1/8,", "[1/8, 0, 1/4, 1/8, 0,") for text in start.then]
    )
    assert status(start) == "proved"
    assert status(parallel) == "refuted"
    AUDIT.change(monkeypatch, "both_conditions", lambda: parallel)
    assert status(formal("both-conditions-suffice-two-units")) == "proved"


def test_divergence_needs_a_bias_beyond_one():
    *_, up, _ = formal("monitor-misses-divergence").parts
    assert status(up) == "proved"
    assert status(replace(up, given=["b > 1/2"])) == "refuted"
    assert status(swapped(up, "3*(b - 1)", "2*(b - 1)")) == "refuted"


def test_a_unit_that_sees_one_point_has_two_multipliers_of_one_and_a_large_gradient():
    weights = torch.tensor([6.0, -5.0, -2.0], dtype=torch.double, requires_grad=True)
    rows = torch.tensor([[1, -1, 1], [-1, 1, 1], [1, 1, 1], [-1, -1, 1]], dtype=torch.double)
    labels = torch.tensor([1.0, 1, 0, 0], dtype=torch.double)

    def loss(w):
        return ((torch.relu(rows @ w) - labels) ** 2).sum()

    hessian = torch.autograd.functional.hessian(loss, weights)
    assert sorted(torch.linalg.eigvalsh(hessian).tolist()) == pytest.approx([0, 0, 6], abs=1e-12)
    assert torch.autograd.grad(loss(weights), weights)[0].tolist() == [16, -16, 16]


def test_the_loss_of_the_active_set_does_not_depend_on_the_angle():
    signs, labels = np.array([1, 1, -1, -1]), np.array([1, 1, 0, 0])
    angles, rows = np.linspace(0, 6, 50), np.array([[1, -1], [-1, 1], [1, 1], [-1, -1]])
    for r, b in np.random.default_rng(0).uniform(0, 2, (10, 2)):
        z = r * np.c_[np.cos(angles), np.sin(angles)] @ rows.T + b
        assert ((signs * z - labels) ** 2).sum(1) == pytest.approx(4 * r**2 + 4 * b**2 - 4 * b + 2)


def test_leaky_steps_take_two_hundred():
    bias, steps = -1.0, 0
    while bias < 0:
        bias, steps = bias - sum(2 * (bias / 100 - y) / 100 for y in (1, 1, 0, 0)) / 8, steps + 1
    assert 197 <= steps <= 200


def test_a_dead_example_comes_alive_in_torch():
    point = AUDIT.DEAD_X1
    w = torch.tensor([[float(Fraction(point[k])) for k in names] for names in (("u1", "v1", "b1"), ("u2", "v2", "b2"))])
    w.requires_grad_()
    rows = torch.tensor([[1.0, -1, 1], [-1, 1, 1], [1, 1, 1], [-1, -1, 1]])
    loss = ((torch.relu(rows @ w.T).sum(1) - torch.tensor([1.0, 1, 0, 0])) ** 2).sum()
    loss.backward()
    after = w - w.grad / 8
    assert (rows[0] @ w.T < 0).all()
    assert (rows[0] @ after.T > 0).any()


@pytest.mark.parametrize(("own", "noise", "verdict"), [(0.2, 0.002, False), (0.03, 0.002, True), (0.03, 0.06, None)])
def test_a_cost_is_judged_only_where_the_noise_is_smaller(own, noise, verdict):
    cost = CountResult({}, {}, figures={"every 1": own, "every 100": 0.0, "bare again": noise})
    assert AUDIT.prolongs_by_less("every 1", 0.05, cost).reproduced is verdict


def test_means_and_percentiles_hide_units_without_torque():
    ratios = np.ones(21)
    ratios[:2] = 0
    assert np.percentile(ratios, 10) == 1
    assert np.mean(ratios[1:]) == pytest.approx(1 - 1 / 20)


def test_a_prelu_gives_a_gradient_on_either_side():
    layer, unit = torch.nn.Linear(2, 1), torch.nn.PReLU()
    assert float(unit.weight) == 0.25
    with torch.no_grad():
        layer.bias.fill_(-5)
    (unit(layer(torch.tensor([[1.0, -1.0]]))) - 1).square().sum().backward()
    assert float(layer.bias.grad) != 0


def test_every_fit_of_two_units_has_dead_class_0_points_and_no_gradient():
    w = torch.tensor([[0.5, -0.5, 0], [-0.5, 0.5, 0]], requires_grad=True)
    rows = torch.tensor([[1.0, -1, 1], [-1, 1, 1], [1, 1, 1], [-1, -1, 1]])
    z = rows @ w.T
    ((torch.relu(z).sum(1) - torch.tensor([1.0, 1, 0, 0])) ** 2).sum().backward()
    assert (z.max(1).values > 0).tolist() == [True, True, False, False]
    assert (w.grad == 0).all()


def test_every_failing_claim_has_a_repair():
    for claim in WRITEUP.claims:
        assert claim.says.endswith((".", ")"))
        if claim.because and claim.statement is not None:
            assert claim.repair is not None, claim.id


def test_no_claim_is_missing_a_section():
    sections = " ".join(claim.where for claim in WRITEUP.claims)
    for section in ("2.1", "2.2", "3.1", "3.2", "3.3", "4.1", "4.2", "5", "6", "7", "Comparison"):
        assert section in sections
