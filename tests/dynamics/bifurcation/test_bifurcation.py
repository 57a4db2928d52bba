"""Are the branches and events of families right, compared with atlases, plain linear algebra, sympy and descent?"""

import json
import random
import re
from collections import Counter
from fractions import Fraction as Q
from functools import cache
from itertools import product

import numpy as np
import pytest
import sympy as sp
from flint import fmpq_poly

from stability import Landscape, landscape
from stability.dynamics.bifurcation import parametric_faces, snapshots, strata
from stability.dynamics.bifurcation.bifurcation import bifurcation
from stability.dynamics.bifurcation.families import FamilyError, coordinate_family, identify, label_family, leaky_family
from stability.errors import CertificateError, TooLargeError
from stability.exact.algebraic_numbers import Algebraic, sign, value_at
from stability.exact.rational_functions import Function
from stability.exact.real_roots import between, exactly, primitive_part, real_roots, simplest
from stability.geometry.atlas.atlas import known_atlas
from stability.geometry.atlas.size import most_choices
from stability.model.datasets import Dataset
from stability.model.networks import network

T = Function(fmpq_poly([0, 1]))
LINE = Dataset("line", [[0], [1], [3]], [1, 0, 2])
CLASH = Dataset("clash", [[0], [0], [1]], [0, 1, 1])


@cache
def leaky(units=1):
    return bifurcation(leaky_family("xor", units), -1, 1, name="a")


def listed(place):
    """Return how often each kind and loss occurs in the atlas of a landscape."""
    found = Counter()
    for each in known_atlas(place).sets:
        found[each.kind, each.loss] += each.orbit
    return found


def predicted(diagram, parameter):
    return Counter({(kind, loss): count for kind, loss, count in diagram.at(parameter)})


def parameters(diagram, rng, count=8):
    """Return rational parameters all over the range, at rational events and close to every event on both sides."""
    low, high = diagram.family.low, diagram.family.high
    found = [low + (high - low) * Q(rng.randint(0, 997), 997) for _ in range(count)]
    for each in diagram.events:
        a, b = each.value.between(64)
        found += [a, b, a - Q(1, 10**6), b + Q(1, 10**6)]
    return [x for x in found if low <= x <= high]


def test_the_slopes_at_which_traps_appear_and_vanish():
    diagram = leaky()
    assert [event.value.text for event in diagram.events] == ["-1", "0", "1/3"]
    assert [event.kinds for event in diagram.events][::2] == [["border collision"], ["nonsmooth fold"]]
    counts = {("-1", "-1"): 2, ("-1", "0"): 2, ("0", "0"): 1, ("0", "1/3"): 2}
    counts |= {("1/3", "1/3"): 0, ("1/3", "1"): 0, ("1", "1"): 0}
    assert {(str(low), str(high)): count for low, high, count in diagram.traps} == counts
    losses = {(each.kind, each.low.text): each.loss.text("a") for each in diagram.branches}
    assert losses["global minimum", "-1"] == "(a + 1)^2/(a^2 + 3)"
    assert losses["local minimum", "0"] == "(a + 1)^2/(3 a^2 + 1)"
    assert losses["global minimum", "0"] == "1"


def test_the_branches_of_one_leaky_unit_are_the_fits_of_sympy():
    a, w1, w2, b = sp.symbols("a w1 w2 b")
    rows, labels = [(1, -1, 1), (-1, 1, 1), (1, 1, 1), (-1, -1, 1)], [1, 1, 0, 0]
    for slopes, low in [((1, a, 1, 1), "0"), ((1, a, a, a), "-1")]:
        z = [sum(x * p for x, p in zip(row, (w1, w2, b), strict=True)) for row in rows]
        loss = sum((s * h - y) ** 2 for s, h, y in zip(slopes, z, labels, strict=True))
        fit = sp.solve([sp.diff(loss, p) for p in (w1, w2, b)], (w1, w2, b), dict=True)[0]
        place = [fit[p] for p in (w1, w2, b)]
        (branch,) = [each for each in leaky().branches if each.low.text == low and is_at(each, place, a)]
        exact = sp.factor(loss.subs(fit))
        for value in (Q(-1, 2), Q(-1, 5), Q(1, 7), Q(1, 4), Q(3, 10)):
            assert branch.loss(value) == Q(str(exact.subs(a, sp.Rational(value.numerator, value.denominator))))


def is_at(branch, point, a):
    """Return whether a branch is at a point that sympy gives."""
    if branch.point is None:
        return False
    value = Q(1, 4) if branch.low.text == "0" else Q(-1, 4)
    at = [Q(str(x.subs(a, sp.Rational(value.numerator, value.denominator)))) for x in point]
    return [x(value) for x in branch.point[0]] == at


def test_the_trap_vanishes_where_its_pre_activation_does():
    (trap, *_) = [each for each in leaky().branches if each.kind == "local minimum" and each.low.text == "0"]
    (w1, w2, b) = trap.point[0]
    ends = [value_at(s1 * w1 + s2 * w2 + b, exactly(Q(1, 3))) for s1, s2 in product((1, -1), repeat=2)]
    assert 0 in ends
    assert all(value_at(s1 * w1 + s2 * w2 + b, exactly(Q(1, 4))) != 0 for s1, s2 in product((1, -1), repeat=2))


def descend(slope, start, steps=40_000, rate=0.02):
    """Follow plain gradient descent in numpy."""
    rows = np.array([[1, -1, 1], [-1, 1, 1], [1, 1, 1], [-1, -1, 1]], dtype=float)
    labels, v = np.array([1.0, 1, 0, 0]), np.array(start, dtype=float)
    for _ in range(steps):
        z = rows @ v
        steep = np.where(z > 0, 1.0, slope)
        v -= rate * rows.T @ (steep * (steep * z - labels))
    return v, float(np.sum((np.where(rows @ v > 0, 1.0, slope) * (rows @ v) - labels) ** 2))


def test_descent_continued_in_the_slope_follows_the_trap_until_it_vanishes():
    (trap, *_) = [each for each in leaky().branches if each.kind == "local minimum" and each.low.text == "0"]
    v = [float(x(0.05)) for x in trap.point[0]]
    for slope in (0.05, 0.15, 0.25, 0.32):
        v, loss = descend(slope, v)
        assert loss == pytest.approx(trap.loss(slope), abs=1e-6)
        assert v == pytest.approx([x(slope) for x in trap.point[0]], abs=1e-4)
    assert descend(0.345, v)[1] == pytest.approx(1, abs=1e-6)


def test_what_is_left_of_the_minimum_at_negative_slopes_runs_off():
    runaway = [each for each in leaky().branches if each.high.text == "0" and each.kind == "global minimum"]
    assert all(each.loss(0) == Q(1, 3) for each in runaway)
    assert all(abs(each.point[0][2](-1e-6)) > 1e4 for each in runaway)
    kinds = Counter(change.kind for change in leaky().events[1].changes)
    assert kinds == {
        "escape to infinity": 5, "flat set": 3, "only here": 3, "exchange of the global minimum": 1,
    }  # fmt: skip


@pytest.mark.parametrize("units", [1, 2])
def test_leaky_lists_are_those_of_atlases(units):
    diagram, rng = leaky(units), random.Random(3)
    for parameter in parameters(diagram, rng, 20 if units == 1 else 2):
        assert predicted(diagram, parameter) == listed(leaky_family("xor", units)(parameter))


def test_two_leaky_units_have_traps_at_every_slope_but_the_ends():
    diagram = leaky(2)
    assert [event.value.text for event in diagram.events] == ["-1", "0", "1/3", "1"]
    counts = {(low.text, high.text): count for low, high, count in diagram.traps}
    assert counts["0", "1/3"] == 7 - 2
    assert counts["1/3", "1"] == 3
    assert counts["-1", "-1"] == 4
    assert counts["1", "1"] == 0


def random_family(rng):
    d = rng.choice([1, 1, 2])
    count = rng.randint(2, 4)
    points = [[rng.randint(-3, 3) for _ in range(d)] for _ in range(count)]
    points[0] = points[-1] if rng.random() < 0.2 else points[0]
    data = Dataset("random", points, [rng.randint(-2, 2) for _ in range(count)])
    units = 2 if d == 1 and count < 4 and rng.random() < 0.3 else 1
    place = Landscape(network(f"{rng.choice(['relu', 'abs', 'leaky1/3'])}:{units}"), data, rng.choice(["sum", "mean"]))
    sort = rng.randrange(3)
    if sort == 0:
        return leaky_family(data, units, place.loss_kind)
    index = rng.randrange(count)
    return label_family(place, index) if sort == 1 else coordinate_family(place, index, rng.randrange(d))


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(k, marks=pytest.mark.slow) for k in range(12, 30))])
def test_random_families_are_listed_as_by_atlases(seed):
    rng = random.Random(seed)
    family = random_family(rng)
    diagram = bifurcation(family, Q(rng.randint(-6, 0), 2), Q(rng.randint(1, 6), 2), verify=False)
    for parameter in parameters(diagram, rng, 3):
        assert predicted(diagram, parameter) == listed(family(parameter)), parameter


def test_events_may_be_irrational():
    family = coordinate_family(Landscape(network("relu1"), LINE), 2, 0)
    diagram = bifurcation(family, -4, 4)
    values = [event.value for event in diagram.events]
    assert any(value.rational is None for value in values)
    for value in values:
        (a, b), x = value.between(64), sp.Symbol("x")
        polynomial = sp.Poly(list(reversed(value.polynomial)), x)
        assert polynomial.is_irreducible
        assert a == b or polynomial.count_roots(sp.Rational(a.numerator, a.denominator), None) >= 1
        before, after = listed(family(a - Q(1, 10**9))), listed(family(b + Q(1, 10**9)))
        assert predicted(diagram, a - Q(1, 10**9)) == before
        assert predicted(diagram, b + Q(1, 10**9)) == after


def test_at_a_label_of_one_half_of_the_other_a_fold():
    diagram = bifurcation(label_family(landscape("relu1", "xor"), 0), -2, 3, name="y")
    assert [event.value.text for event in diagram.events] == ["0", "1/3", "1", "3"]
    assert diagram.events[1].kinds == ["nonsmooth fold"]
    assert "exchange of the global minimum" in diagram.events[2].kinds


def test_a_perturbed_label_moves_the_event():
    labels = [1, 1, Q(1, 10), 0]
    moved = Dataset("moved", [[1, -1], [-1, 1], [1, 1], [-1, -1]], labels)
    diagram = bifurcation(leaky_family(moved), "1/100", 1)
    values = [event.value for event in diagram.events]
    assert exactly(Q(1, 3)) not in values
    assert values
    for value in values:
        for near in (value.between(64)[0] - Q(1, 10**6), value.between(64)[1] + Q(1, 10**6)):
            assert predicted(diagram, near) == listed(leaky_family(moved)(near))


def test_scaled_labels_do_not_move_it():
    scaled = Dataset("scaled", [[1, -1], [-1, 1], [1, 1], [-1, -1]], [3, 3, 0, 0])
    diagram = bifurcation(leaky_family(scaled), "1/100", 1)
    assert [event.value.text for event in diagram.events] == ["1/3"]


@pytest.mark.parametrize("model", ["abs1", "relu1", "relu2"])
def test_nothing_happens_in_a_constant_family(model):
    place = landscape(model, LINE)
    diagram = bifurcation(lambda t: place, -1, 1)
    assert diagram.events == []
    assert len(diagram.snapshots) == 3
    assert all(branch.loss.is_constant for branch in diagram.branches)
    assert predicted(diagram, "1/7") == listed(place)


def test_labels_that_are_fitted_by_nothing_change_nothing_but_the_loss():
    diagram = bifurcation(label_family(Landscape(network("relu1"), Dataset("one", [[0]], [0])), 0), 1, 2)
    assert diagram.events == []
    assert {branch.loss.text() for branch in diagram.branches} == {"0", "t^2"}


def test_conflicting_duplicates_and_flat_sets():
    diagram = bifurcation(leaky_family(CLASH), -1, 1)
    assert any(branch.dimension for branch in bifurcation(label_family(landscape("relu1", CLASH), 0), -1, 1).branches)
    for parameter in parameters(diagram, random.Random(1)):
        assert predicted(diagram, parameter) == listed(leaky_family(CLASH)(parameter))


def test_zero_labels_leave_one_flat_minimum():
    diagram = bifurcation(leaky_family(Dataset("zero", [[1], [2]], [0, 0])), "-1/2", "1/2")
    assert [event.value.text for event in diagram.events] == ["0"]
    assert diagram.events[0].kinds == ["flat set"]


def test_a_range_of_three_dimensional_data():
    corner = Dataset("corner", [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], [0, 1, 1, 1])
    diagram = bifurcation(leaky_family(corner), -1, 0)
    assert predicted(diagram, "-1/3") == listed(leaky_family(corner)(Q(-1, 3)))


def test_a_broken_balance_is_caught_by_atlases(monkeypatch):
    monkeypatch.setattr(strata, "balanced", lambda *given: True)
    with pytest.raises(CertificateError, match="lists other sets"):
        bifurcation(leaky_family("xor"), "1/100", 1)


def test_a_broken_fit_is_caught_by_atlases(monkeypatch):
    honest = parametric_faces.fit

    def always_inside(outputs, labels):
        found = honest(outputs, labels)
        return parametric_faces.ParametricFit(found.rank, True, found.errors, found.weights)

    monkeypatch.setattr(strata, "fit", always_inside)
    with pytest.raises(CertificateError):
        bifurcation(leaky_family("xor"), "1/100", 1)


def test_a_forgotten_coincidence_loses_the_exchange_of_minima(monkeypatch):
    family = label_family(landscape("relu1", "xor"), 0)
    honest = [event.value.text for event in bifurcation(family, "1/2", 2).events]
    monkeypatch.setattr(snapshots, "coincidences", lambda *given: [])
    monkeypatch.setattr("stability.dynamics.bifurcation.sweep_parameter.coincidences", lambda *given: [])
    broken = bifurcation(family, "1/2", 2, verify=False)
    assert honest == ["1"]
    assert exactly(1) not in [event.value for event in broken.events]
    assert predicted(broken, "3/2") != listed(family(Q(3, 2)))


@pytest.mark.parametrize(
    ("family", "low", "high", "words"),
    [
        (leaky_family("xor"), 1, 0, "from a lower to a higher"),
        (leaky_family("xor"), 1, 1, "from a lower to a higher"),
        (leaky_family("xor"), "pi", 1, "rational ends"),
        (leaky_family("xor"), float("nan"), 1, "rational ends"),
        (lambda t: leaky_family("xor")(abs(t)), -1, 1, "rational functions"),
        (lambda t: leaky_family("xor")(t**11), 0, 2, "rational functions"),
        (lambda t: leaky_family("xor")(1 / t), -1, 2, "pole"),
        (lambda t: leaky_family("xor")(1 / (t - Q(1, 7))), 0, 2, "ZeroDivisionError"),
        (lambda t: t, 0, 1, "Landscape"),
        (lambda t: landscape("relu1", "xor" if t < 1 else "parity:3"), 0, 2, "same units"),
        (lambda t: landscape("relu1", "xor", "sum" if t < 1 else "mean"), 0, 2, "same units"),
    ],
)
def test_families_that_are_none_are_refused(family, low, high, words):
    with pytest.raises(FamilyError, match=words):
        bifurcation(family, low, high)


def test_a_family_that_lies_between_its_members_is_caught():
    members = {Q(k, 14) for k in range(15)}
    family = leaky_family("xor")
    with pytest.raises(FamilyError, match="do not fit"):
        bifurcation(lambda t: family(t if t in members else t + Q(1, 9)), 0, 1)


def test_choices_of_faces_and_examples_are_bounded():
    with pytest.raises(TooLargeError, match="at most 10"):
        bifurcation(leaky_family("xor"), 0, 1, max_faces=10)
    with pytest.raises(FamilyError, match="from 0 to 3"):
        label_family(landscape("relu1", "xor"), 4)
    with pytest.raises(FamilyError, match="from 0 to 1"):
        coordinate_family(landscape("relu1", "xor"), 0, 2)
    with pytest.raises(FamilyError, match="in the range"):
        leaky().at(2)


def test_rational_families_are_recognised():
    def family(t):
        data = Dataset("two", [[(t**3 - 1) / (t * t + 1)], [5]], [1 / (t + 3) ** 2, t])
        return Landscape(network("relu1"), data)

    known = identify(family, -1, 1)
    assert known.rows[0][0].text() == "(t - 1) (t^2 + t + 1)/(t^2 + 1)"
    assert [y.text() for y in known.labels] == ["1/(t + 3)^2", "t"]
    assert known.moves_data
    assert not identify(leaky_family("parity:2"), 0, 1).moves_data


def test_it_is_reported_and_written():
    diagram = leaky()
    assert "at a = 1/3" in repr(diagram)
    assert "nonsmooth fold, 2 times: before saddle + local minimum; there saddle, loss 4/3; after nothing" in repr(
        diagram
    )
    assert "7 atlases agree" in repr(diagram)
    written = json.loads(json.dumps(diagram.to_json()))
    assert [event["value"] for event in written["events"]] == ["-1", "0", "1/3"]
    assert written["branches"][0]["loss"]["formula"] == "(a + 1)^2/(a^2 + 3)"
    assert written["family"] == "1 unit with slopes (a, 1) on xor"
    assert "x_1 = (t, -1)" in repr(bifurcation(coordinate_family(landscape("abs1", "xor"), 0, 0), 0, "1/2"))


@pytest.mark.parametrize("seed", range(6))
def test_functions_compute_as_sympy_does(seed):
    rng, t = random.Random(seed), sp.Symbol("t")

    def pair():
        top, bottom = ([rng.randint(-4, 4) for _ in range(rng.randint(1, 4))] for _ in range(2))
        bottom[-1] = bottom[-1] or 1
        ours = Function(fmpq_poly(top), fmpq_poly(bottom))
        theirs = sum(c * t**k for k, c in enumerate(top)) / sum(c * t**k for k, c in enumerate(bottom))
        return ours, sp.sympify(theirs)

    (f, x), (g, y) = pair(), pair()
    quotient = [(f / g, x / y)] if g else []
    for ours, theirs in [(f + g, x + y), (f - g, x - y), (f * g, x * y), (2 - f, 2 - x), *quotient]:
        text = re.sub(r"(?<=[\w)]) (?=[(\w])", "*", ours.text().replace("^", "**"))
        parsed = sp.parse_expr(text, {"t": t})
        assert sp.cancel(parsed - theirs) == 0


def test_algebraic_numbers_compute_as_sympy_does():
    (_, middle, _) = real_roots((1, -3, 0, 1))
    exact = sp.nroots(sp.Poly([1, 0, -3, 1], sp.Symbol("x")), n=40)[1]
    x = Algebraic(fmpq_poly([0, 1]), middle)
    assert sign(x * x * x - x * 3 + 1) == 0
    assert float(1 / (x + 2)) == pytest.approx(float(1 / (exact + 2)))
    assert x < Q(str(exact)[:20]).limit_denominator(10**12) + Q(1, 10**9)
    assert sign(x - x) == 0
    with pytest.raises(ZeroDivisionError):
        x / (x - x)


def test_roots_are_ordered_and_separated():
    golden = real_roots((-1, -1, 1))
    assert [root.text for root in golden] == ["(1 - sqrt(5))/2", "(1 + sqrt(5))/2"]
    assert golden[0] < exactly(0) < golden[1] < exactly(2)
    assert real_roots(primitive_part((T * T * (T - 1)).num)) == (exactly(0), exactly(1))
    assert between(exactly(Q(1, 3)), exactly(Q(1, 2))) == Q(2, 5)
    assert between(golden[1], exactly(Q(1619, 1000))) == Q(89, 55)
    assert simplest(Q(-1, 3), Q(-1, 4)) == Q(-2, 7)
    assert simplest(Q(5, 2), None) == 3


def test_many_rows_are_refused_before_the_family_is_identified():
    asked = []

    def family(t):
        asked.append(t)
        return Landscape(network("relu1"), Dataset("many", [[k, k * k] for k in range(500)], [t] * 500))

    with pytest.raises(TooLargeError, match="at most 5,000 are followed") as caught:
        bifurcation(family, 0, 1)
    assert len(asked) == 1
    points = int(re.search(r"at most (\d+) points", caught.value.remedy)[1])
    assert most_choices(landscape("relu1", Dataset("fits", [[k, k**3] for k in range(points)], [0] * points))) <= 5000
