"""Losses and their one-sided derivatives are what difference quotients of two-slope units along a curve give."""

from fractions import Fraction as Q
from itertools import product

import pytest
from hand_made import GRADIENTS, HESSIANS, LEAKY, RAMP, SIZE, data_of, meter_of, rejects

from stability.checker import point_landscapes as places

X, Y = {(("x", 1),): Q(1)}, {(("y", 1),): Q(1)}
SLOPES = {"ramp": RAMP, "size": SIZE, "leaky": LEAKY, "right": ("0", "1", "1")}


def algebra(meter=None):
    return places.Algebra(meter or meter_of())


def land_of(*arguments, meter=None, **more):
    return places.Landscape("L", data_of(*arguments, **more), algebra(meter))


def sign(p):
    """Return the sign of a number."""
    value = places.number(p)
    return (value > 0) - (value < 0)


def at(text):
    """Return a parameter vector of numbers."""
    return [places.constant(Q(x)) for x in text.split()]


def value(p):
    return places.number(p)


# Polynomials


def test_constants_and_numbers():
    assert places.constant(0) == {}
    assert places.constant(Q(1, 2)) == {(): Q(1, 2)}
    assert places.number({}) == 0
    assert places.number({(): Q(3)}) == 3
    for p in (X, {(): Q(1), (("x", 1),): Q(1)}):
        with rejects("a number was needed here"):
            places.number(p)


def test_the_ray_of_a_polynomial_is_the_same_for_all_its_multiples():
    p = {(): Q(3), (("x", 1),): Q(-2)}
    negative, positive = {m: -5 * c for m, c in p.items()}, {m: Q(1, 3) * c for m, c in p.items()}
    key, turn = places.ray(p)
    assert places.ray(positive) == (key, turn) == (key, -1)
    assert places.ray(negative) == (key, 1)
    assert dict(key) == {(): Q(-3, 2), (("x", 1),): 1}
    assert places.ray({(("x", 1),): Q(1, 2)}) == ((((("x", 1),), 1),), 1)
    assert places.ray({(): Q(1), (("x", 1),): Q(1)})[0] != key


def test_bits_and_products_of_powers():
    assert places.bits({}) == 0
    assert places.bits({(): Q(5, 8), (("x", 1),): Q(1)}) == 7
    assert places.joined((), (("x", 1),)) == places.joined((("x", 1),), ()) == (("x", 1),)
    assert places.joined((("x", 1), ("z", 2)), (("a", 1), ("x", 2))) == (("a", 1), ("x", 3), ("z", 2))


def test_sums_and_products():
    a = algebra()
    one = places.constant(1)
    assert a.add(X, Y) == {(("x", 1),): 1, (("y", 1),): 1}
    assert a.add(X, X, -1) == {}
    assert a.add(X, Y, Q(-1, 2)) == {(("x", 1),): 1, (("y", 1),): Q(-1, 2)}
    assert a.total([(2, X), (3, X), (0, Y)]) == {(("x", 1),): 5}
    plus, minus = a.add(X, Y), a.add(X, Y, -1)
    assert a.multiply(plus, minus) == {(("x", 2),): 1, (("y", 2),): -1}
    assert a.multiply(places.constant(3), X) == a.multiply(X, places.constant(3)) == {(("x", 1),): 3}
    assert a.multiply(X, {}) == a.multiply({}, X) == {}
    assert a.product([]) == one
    assert a.product([X, X, plus]) == {(("x", 3),): 1, (("x", 2), ("y", 1)): 1}


@pytest.mark.parametrize("factor", [0, 1, -1, 3, Q(0), Q(1), Q(-1), Q(-2, 3)], ids=str)
def test_a_sum_is_the_sum_of_the_values(factor):
    p, q = {(): Q(3), (("x", 1),): Q(-2), (("y", 1),): Q(1, 2)}, {(): Q(-3), (("x", 1),): Q(7, 4), (("z", 1),): Q(5)}
    wanted = {mono: p.get(mono, 0) + factor * q.get(mono, 0) for mono in p | q}
    found = algebra().add(p, q, factor)
    assert found == {mono: c for mono, c in wanted.items() if c}
    assert all(type(c) is Q for c in found.values())


def test_the_terms_and_the_work_are_limited(monkeypatch):
    monkeypatch.setattr(places.limits, "TERMS", 3)
    a = algebra()
    three = {(): Q(1), (("x", 1),): Q(1), (("y", 1),): Q(1)}
    assert len(a.total([(1, three)])) == 3
    assert len(a.multiply(a.add(X, Y), a.add(X, Y))) == 3
    with rejects("at most 3 terms of a polynomial"):
        a.total([(1, three), (1, {(("z", 1),): Q(1)})])
    with rejects("at most 3 terms of a polynomial"):
        a.multiply(a.add(X, Y), three)


def test_the_work_that_is_counted_is_that_of_today():
    """Which records are within the limits depends on it: a change of these numbers is a change of the format."""
    meter = meter_of()
    a = algebra(meter)
    a.add(X, Y)
    assert meter.total - meter.left == 6  # one a polynomial and two a term
    two = {(): Q(1), (("x", 1),): Q(1)}
    a.multiply(two, two)
    assert meter.total - meter.left == 6 + 25
    a.multiply(places.constant(5), X)
    assert meter.total - meter.left == 6 + 25 + 3
    a.multiply(X, {(("y", 1),): Q(2**600)})
    assert meter.total - meter.left == 34 + 14
    land_of(["0", "1"], ["1", "2"], meter=meter).loss(sign, at("1 1"))
    assert meter.total - meter.left == 48 + 28


# Landscapes, against their definition


POINTS, LABELS = ["1 0", "0 1", "1/2 1/2", "1 0"], ["1", "-1", "1/2", "2"]


def output(slopes, points, p):
    """Return what a sum of units puts out at every point."""
    width = len(points[0]) + 1
    steep = {s: Q(each) for s, each in zip((-1, 0, 1), slopes, strict=True)}
    found = []
    for point in points:
        row, total = [*point, Q(1)], Q(0)
        for k in range(0, len(p), width):
            z = sum(a * b for a, b in zip(row, p[k : k + width], strict=True))
            total += steep[(z > 0) - (z < 0)] * z
        found.append(total)
    return found


def loss(slopes, points, labels, p):
    return sum((f - y) ** 2 for f, y in zip(output(slopes, points, p), labels, strict=True))


RAW = [[Q(x) for x in point.split()] for point in POINTS]
ANSWERS = [Q(y) for y in LABELS]
STARTS = ["1 2 -1 0 -1 1", "0 0 0 1 1 -2", "1 -1 0 -1 1 0", "0 0 0 0 0 0", "1/3 2 1/7 -1 -1 1/2"]
WAYS = ["1 0 0 0 0 0", "0 1 -1 2 0 1", "-1 1 0 1 -1 0", "-1/2 1 3 0 -2 1", "0 0 0 0 0 0"]


def numbers(text):
    return [Q(x) for x in text.split()]


@pytest.mark.parametrize("name", SLOPES)
@pytest.mark.parametrize("scale", ["sum", "mean"])
def test_the_loss_and_its_derivatives_along_a_curve(name, scale):
    """The loss along p + t d + t^2 a / 2 is a polynomial of t on a short way, whose first terms three values give."""
    land = land_of(POINTS, LABELS, SLOPES[name], 2, scale)
    share = 1 if scale == "sum" else Q(1, 4)
    for p, d, a in product(STARTS if scale == "sum" else STARTS[:1], WAYS[1:4], WAYS[:2]):
        here, first, second = map(numbers, (p, d, a))

        def along(t, here=here, first=first, second=second):
            point = [x + t * y + t * t * z / 2 for x, y, z in zip(here, first, second, strict=True)]
            return share * loss(SLOPES[name], RAW, ANSWERS, point)

        assert value(land.loss(sign, at(p))) == along(0)
        # five values of a polynomial of degree 4 give its coefficients
        step = Q(1, 10**6)
        v = [along(k * step) for k in range(5)]
        slope = (-25 * v[0] + 48 * v[1] - 36 * v[2] + 16 * v[3] - 3 * v[4]) / (12 * step)
        bend = (35 * v[0] - 104 * v[1] + 114 * v[2] - 56 * v[3] + 11 * v[4]) / (12 * step**2)
        assert value(land.d1(sign, at(p), at(d))) == slope
        assert value(land.d2(sign, at(p), at(d), at(a))) == bend


@pytest.mark.parametrize("name", SLOPES)
def test_what_torch_reports_and_what_a_cell_has(name):
    land, steep = land_of(POINTS, LABELS, SLOPES[name], 2), dict(zip((-1, 0, 1), map(Q, SLOPES[name]), strict=True))
    rows = [[*point, Q(1)] for point in RAW]
    for p, d, u in product(STARTS, WAYS[:4], ["1 2 3 -1 -2 -3", "3 -1 1/5 1 1 -5/3"]):
        here, along, into = map(numbers, (p, d, u))
        errors = [f - y for f, y in zip(output(SLOPES[name], RAW, here), ANSWERS, strict=True)]
        torch = cell = Q(0)
        for (row, e), j in product(zip(rows, errors, strict=True), range(2)):
            z, w, c = (sum(a * b for a, b in zip(row, v[3 * j : 3 * j + 3], strict=True)) for v in (here, along, into))
            own = (z > 0) - (z < 0)
            torch += 2 * e * steep[own] * w
            cell += 2 * e * steep[own or ((c > 0) - (c < 0))] * w
        assert value(land.autograd(sign, at(p), at(d))) == torch
        assert value(land.slope(sign, at(p), at(d), at(u))) == cell


def test_a_direction_along_a_kink_enters_no_cell():
    land = land_of(["1"], ["1"])
    assert value(land.slope(sign, at("0 0"), at("1 0"), at("1 0"))) == -2
    assert value(land.slope(sign, at("0 0"), at("1 0"), at("-1 0"))) == 2
    assert value(land.slope(sign, at("0 0"), at("1 -1"), at("1 -1"))) == 0  # nothing changes along it
    with rejects("a direction that stays on a kink enters no cell"):
        land.slope(sign, at("0 0"), at("1 0"), at("1 -1"))


def test_outputs_and_heights():
    land = land_of(POINTS, LABELS, LEAKY, 2)
    for p in STARTS:
        here = numbers(p)
        for i, found in enumerate(output(LEAKY, RAW, here)):
            assert value(land.out(sign, at(p), i)) == found
            for j in range(2):
                row = [*RAW[i], Q(1)]
                assert value(land.pre(sign, at(p), j, i)) == sum(
                    a * b for a, b in zip(row, here[3 * j : 3 * j + 3], strict=True)
                )
    with rejects("a parameter vector of the wrong length"):
        land.linear(at("1 2 3"))


def test_one_height_takes_the_work_of_one():
    meter, whole = meter_of(), meter_of()
    p = at("3 -2 1 1/2 1/3 -1")
    land_of(POINTS, LABELS, RAMP, 2, meter=meter).pre(None, p, 1, 2)
    land = land_of(POINTS, LABELS, RAMP, 2, meter=whole)
    assert len(land.linear(p)) * (meter.total - meter.left) == whole.total - whole.left
    for function in (land.linear, lambda p: land.pre(None, p, 1, 2), lambda p: land.out(sign, p, 2)):
        with rejects("a parameter vector of the wrong length"):
            function(p[:-1])


def test_a_formula_of_the_variables():
    """(|x + y| - 1)^2 where x + y > 0."""
    land = land_of(["1"], ["1"])
    found = land.loss(lambda p: 1, [X, Y])
    assert found == {
        (("x", 2),): 1, (("x", 1), ("y", 1)): 2, (("y", 2),): 1, (("x", 1),): -2, (("y", 1),): -2, (): 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("p", "u", "good"),
    [
        ("0 0", "1 0", True),
        ("0 0", "1 -1", False),
        ("1 -1", "2 -2", False),
        ("1 -1", "2 -1", True),
        ("1 1", "1 -1", True),  # no kink here
        ("1 1", "0 0", True),
    ],
)
def test_a_generic_direction_enters_a_cell(p, u, good):
    ((found, relation),) = land_of(["1"], ["1"]).generic(sign, at(p), at(u))
    assert (value(found), relation) == (1 if good else -1, ">")


def test_a_stationary_point_has_slopes_between_the_two():
    """At b = 0 with label 1 and slope s, the equation is x e s = 0, e s = 0, with e = -1."""
    land = land_of(["2"], ["1"], LEAKY)
    found = land.rest(sign, at("0 0"), at("3/4"))
    assert [(value(p), r) for p, r in found] == [(Q(-3, 2), "="), (Q(-3, 4), "="), (Q(1, 4), ">="), (Q(1, 4), ">=")]
    found = land.rest(sign, at("0 0"), at("2"))
    assert [value(p) for p, _ in found] == [-4, -2, Q(3, 2), -1]
    found = land.rest(sign, at("0 -2"), at("5"))  # in a cell no slope is free: e = -2
    assert [(value(p), r) for p, r in found] == [(-2, "="), (-1, "=")]
    turned = land_of(["2"], ["1"], LEAKY[::-1])
    assert [value(p) for p, _ in turned.rest(sign, at("0 0"), at("3/4"))[2:]] == [Q(1, 4), Q(1, 4)]


def test_slopes_of_several_units_and_examples_are_counted_unit_by_unit():
    land = land_of(["0", "1"], ["1", "-1"], RAMP, 2)
    found = land.rest(sign, at("0 0 0 0"), at("1 0 0 1"))  # e = -1, 1: unit 1 on example 1, unit 2 on example 2
    assert [value(p) for p, r in found if r == "="] == [0, -1, 1, 1]


@pytest.mark.parametrize(("labels", "slopes", "p", "sums"), GRADIENTS)
def test_where_there_is_a_gradient(labels, slopes, p, sums):
    found = land_of(["1", "1"], labels, slopes).differentiable(sign, at(p))
    assert [(value(q), r) for q, r in found] == [(1, ">"), *((s, "=") for s in sums)]


@pytest.mark.parametrize(("slopes", "units", "p", "smooth"), HESSIANS)
def test_where_there_is_a_hessian(slopes, units, p, smooth):
    land = land_of(["1"], ["0"], slopes, units)
    found = land.twice_differentiable(sign, at(p))
    assert found[:-1] == land.differentiable(sign, at(p))
    assert (value(found[-1][0]), found[-1][1]) == (1 if smooth else -1, ">")


def test_a_landscape_is_said_in_words():
    words = (
        "L is the mean of squared errors of 2 unit(s) with slopes 1/2 and 1 (at 0: 1/2) on (1, -1/2): 1, (0, 3): 0.5"
    )
    assert land_of(["1 -1/2", "0 3"], ["1", "0.5"], LEAKY, 2, "mean").words == words


# Square roots


@pytest.mark.parametrize("n", [2, 3, 6, 999])
def test_numbers_with_a_root_have_exact_signs(n):
    for a, b in product(range(-6, 7), repeat=2):
        p = {(): Q(a)} if a else {}
        p = p | ({((f"sqrt({n})", 1),): Q(b)} if b else {})
        about = a + b * n**0.5
        assert places.is_number(p)
        assert sign(p) == (about > 1e-9) - (about < -1e-9)


def test_what_is_no_number_has_no_value():
    two, three = places.root(2), places.root(3)
    both = algebra().add(two, three)
    for p in (X, algebra().multiply(two, X), both, algebra().multiply(two, three)):
        assert not places.is_number(p)
        with rejects("a number was needed here"):
            places.number(p)


def test_powers_of_a_root_are_reduced():
    ours, two = algebra(), places.root(2)
    assert ours.multiply(two, two) == places.constant(2)
    assert ours.product([two] * 5) == {((("sqrt(2)", 1)),): Q(4)}
    assert ours.multiply(ours.add(two, X), ours.add(two, X, -1)) == {(): Q(2), (("x", 2),): Q(-1)}
    plain = {(("x", 3), ("y", 2)): Q(1)}
    assert places.reduced(plain) is plain
