"""Least values of quadratics on polyhedra, against a solver in floats; what a step does to the loss, against runs."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import minimize
from some_slow import some_slow

from stability import ForAll, landscape, prove
from stability.logic.convex import convex_contradiction, squares_beside
from stability.logic.notation import Notation
from stability.logic.polynomials import evaluate, ring
from stability.logic.scopes import Scope

RING = ring(["x", "y", "z"])
X, Y, Z, ONE = RING["x"], RING["y"], RING["z"], RING["1"]


def free(steps):
    assert steps >= 0


def total(terms, facts):
    """Return what the combination adds up to, and whether a part of it is strictly positive."""
    found, strict = ONE * 0, False
    for term in terms:
        product = ONE
        for k in term["of"]:
            product *= facts[k][0]
        if "times" in term:
            assert any(facts[k][1] == "=" for k in term["of"])
            found += product * evaluate(term["times"], RING)
            continue
        assert Fraction(term["weight"]) > 0
        strict |= "square" not in term and all(facts[k][1] == ">" for k in term["of"])
        square = evaluate(term.get("square", "1"), RING)
        found += evaluate(term["weight"], RING) * square * square * product
    return found, strict


def shown(facts):
    terms = convex_contradiction(facts, free)
    assert terms is None or total(terms, facts) == (0, True)
    return terms is not None


def quadratic(draw, rank):
    """Return a convex quadratic with so many squares in it, and a term of degree 1 that it bounds or not."""
    p = ONE * 0
    for _ in range(rank):
        a, b, c, d = (int(n) for n in draw.integers(-3, 4, 4))
        p += ((a or 1) * X + b * Y + c * Z + d) ** 2
    a, b, c = (int(n) for n in draw.integers(-2, 3, 3))
    return p + a * X + b * Y + c * Z


def values(p, point):
    terms = p.to_dict().items()
    return float(sum(int(c.p) / int(c.q) * np.prod(np.array(point) ** [int(n) for n in mono]) for mono, c in terms))


@pytest.mark.parametrize("seed", range(12))
def test_levels_below_the_least_value_are_shown_and_others_are_not(seed):
    draw = np.random.default_rng(seed)
    p = quadratic(draw, 1 + seed % 3)
    corner = [X + 2, 3 - X, Y + 1, 2 - Y, Z + 2, 1 - Z]
    cut = [int(a) * X + int(b) * Y + int(c) * Z + 2 for a, b, c in draw.integers(-2, 3, (3, 3)) if a or b or c]
    bounds = [*corner, *cut]
    within = [{"type": "ineq", "fun": lambda v, q=q: values(q, v)} for q in bounds]
    least = min(minimize(lambda v: values(p, v), x, constraints=within).fun for x in ([0, 0, 0], [0.5, -0.5, 0.2]))
    facts = [(q, ">=") for q in bounds]
    for gap, wanted in ((Fraction(1, 100), True), (Fraction(-1, 100), False)):
        level = Fraction(least).limit_denominator(10_000) - gap
        assert shown([*facts, (evaluate(str(level), RING) - p, ">=")]) == wanted


def test_equations_make_a_quadratic_convex():
    saddle = X**2 - Y**2
    assert not shown([(X - 2, ">"), (-saddle, ">=")])
    assert shown([(X - 2, ">"), (Y - ONE, "="), (-saddle, ">=")])
    assert shown([(X - 2, ">"), (X - 2 * Y, "="), (-saddle, ">=")])
    assert not shown([(X - 2, ">"), (X - Y, "="), (-saddle, ">")])


def test_what_is_not_bounded_below_has_no_squares():
    assert squares_beside(X**2 + Y, [X - 1], free) == []
    assert squares_beside(X**2 - Y**2, [X - 1], free) == []
    assert squares_beside(X**2, [X - 1, -X], free) == []  # no point satisfies the bounds
    assert [str(each) for each in squares_beside(X**2 + Y, [Y], free)] == ["x"]


def grid_losses(slopes, labels, mean, step):
    """Return the losses before and after a step of gradient descent, from random starts, in floats."""
    points = np.array([[-1, -1, 1], [-1, 1, 1], [1, -1, 1], [1, 1, 1]], dtype=float)
    y, starts = np.array(labels, dtype=float), np.random.default_rng(0).normal(size=(40_000, 3)) * 1.5

    def errors(p):
        z = p @ points.T
        return np.where(z > 0, slopes[1], slopes[0]) * z - y, np.where(z > 0, slopes[1], slopes[0])

    scale = 1 / 4 if mean else 1
    e, s = errors(starts)
    after, _ = errors(starts - step * 2 * scale * (e * s) @ points)
    return scale * (e**2).sum(1), scale * (after**2).sum(1)


CASES = [
    ("abs1", (-1, 1), "mean", Fraction(1, 4), "proved"),
    ("abs1", (-1, 1), "mean", Fraction(9, 8), "refuted"),
    ("abs1", (-1, 1), "sum", Fraction(1, 8), "proved"),
    ("relu1", (0, 1), "mean", Fraction(1, 2), "proved"),
    ("relu1", (0, 1), "mean", Fraction(5, 4), "refuted"),
]


@pytest.mark.parametrize(("model", "slopes", "loss", "step", "wanted"), some_slow(CASES, 3), ids=lambda each: str(each))
def test_whether_a_step_of_a_fixed_size_may_raise_the_loss(model, slopes, loss, step, wanted):
    place = landscape(model, "xor", loss)
    before, after = grid_losses(slopes, place.data.labels, loss == "mean", float(step))
    assert (after <= before + 1e-12).all() == (wanted == "proved")
    records, goal = {"L": place.to_record()}, f"loss(step(p, {step})) <= loss(p)"
    reading = Notation(["p"], Scope([], records), ["differentiable(p)", goal])
    given, then = (reading.relations(text) for text in reading.texts)
    assert prove(ForAll(" ".join(reading.variables), given, then, records)).conclusion == wanted
