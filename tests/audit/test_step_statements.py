"""Statements about stable steps, compared with the multipliers of the rules in floats."""

from fractions import Fraction

import numpy as np
import pytest
from some_slow import some_slow

from stability import check, landscape, prove, update_rule
from stability.audit.step_statements import BOUNDS, StableBelow
from stability.errors import StatementError

ABS1 = landscape("abs1", "xor", "mean")
BEST = [[Fraction(1, 2), Fraction(-1, 2), Fraction(0)]]


def radius(rule, hessian, step):
    """Return the largest multiplier of the rule's step near a minimum with this Hessian, flat directions left out."""
    found = []
    for h in (h for h in np.linalg.eigvalsh(np.array(hessian, dtype=float)) if h > 1e-9):
        moved = update_rule(rule.name, **{**rule.parameters, "step": Fraction(step)})
        size = 1 + len(rule.family.buffers)
        columns = [moved.step((*map(float, unit), 1), h * float(unit[0]))[:-1] for unit in np.eye(size)]
        found += list(np.abs(np.linalg.eigvals(np.array(columns).T)))
    return max(found)


@pytest.mark.parametrize("name", some_slow(["gd", "heavy-ball", "nesterov"], 2))
@pytest.mark.parametrize(("model", "point"), [
    ("abs1", BEST),
    ("relu1", [[Fraction(3, 2), Fraction(-3, 2), Fraction(-2)]]),
    ("relu2", [[Fraction(1), Fraction(-1), Fraction(-1)], [Fraction(-1), Fraction(1), Fraction(-1)]]),
])  # fmt: skip
def test_the_limit_is_where_the_largest_multiplier_leaves_the_circle(name, model, point):
    place = landscape(model, "xor", "mean")
    given = {} if name == "gd" else {"momentum": Fraction(1, 2)}
    rule, hessian = update_rule(name, step=1, **given), place.hessian(point)
    low, high = Fraction(0), Fraction(64)
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if radius(rule, hessian, middle) < 1 else (low, middle)
    limit = low.limit_denominator(1000)
    judged = prove(StableBelow(place, rule, limit, "L", point))
    exact = abs(low - limit) < Fraction(1, 10**9)
    assert judged.conclusion == ("proved" if exact else "refuted"), judged.reason
    assert prove(StableBelow(place, rule, limit * Fraction(9, 10), "L", point)).conclusion == "refuted"
    assert prove(StableBelow(place, rule, limit * Fraction(11, 10), "L", point)).conclusion == "refuted"
    assert all(check(record).startswith("proved") for record in judged.records)
    smaller, larger = Fraction(99, 100), Fraction(101, 100)
    for part, holds, does_not in (("if", smaller, larger), ("only if", larger, smaller)):
        assert prove(StableBelow(place, rule, limit * holds, "L", point, part)).conclusion == "proved"
        assert prove(StableBelow(place, rule, limit * does_not, "L", point, part)).conclusion == "refuted"


def test_without_a_point_it_is_said_of_every_local_minimum():
    gd = update_rule("gd", step=1)
    judged = prove(StableBelow(ABS1, gd, Fraction(1), "L"))
    assert (judged.conclusion, judged.records[0]["format"]) == ("proved", "stability-atlas/1")
    assert prove(StableBelow(ABS1, gd, Fraction(1, 2), "L")).conclusion == "refuted"


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ([[Fraction(1, 2), Fraction(-1, 2), Fraction(1, 10)]], "does not stay"),
        ([[Fraction(0), Fraction(0), Fraction(0)]], "not twice differentiable"),
    ],
)
def test_at_other_points_it_is_false_or_not_defined(point, words):
    judged = prove(StableBelow(ABS1, update_rule("gd", step=1), Fraction(1), "L", point))
    assert judged.conclusion == ("refuted" if words == "does not stay" else None)
    assert words in judged.reason


def test_a_rule_whose_limit_moves_stays_open():
    assert prove(StableBelow(ABS1, update_rule("adam", step=1), Fraction(1), "L")).conclusion is None


def test_of_a_point_where_descent_does_not_stay_only_what_asks_for_nothing_holds():
    point = [[Fraction(1, 2), Fraction(-1, 2), Fraction(1, 10)]]
    found = {part: StableBelow(ABS1, update_rule("gd", step=1), Fraction(1), "L", point, part) for part in BOUNDS}
    assert {part: prove(each).conclusion for part, each in found.items()} == {
        "iff": "refuted",
        "if": "refuted",
        "only if": "proved",
    }
    with pytest.raises(StatementError, match="a bound of steps"):
        StableBelow(ABS1, update_rule("gd", step=1), Fraction(1), "L", point, "whenever")
