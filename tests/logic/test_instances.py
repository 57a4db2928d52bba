"""Where instances and counterexamples are looked for first."""

import operator
from fractions import Fraction as Q

import pytest

from stability import Exists, ForAll, prove
from stability.logic.branches import Ground, UniversalStatement
from stability.logic.instances import OPPOSITES, exclude_each_other, points_of
from stability.logic.polynomials import constraints, ring

HOLDS = {">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne}


@pytest.mark.parametrize("relation", HOLDS)
@pytest.mark.parametrize("value", [Q(-1, 2), Q(0), Q(3)])
def test_opposites_hold_where_the_relation_fails(relation, value):
    fails = any(HOLDS[other](sign * value, 0) for other, sign in OPPOSITES[relation])
    assert fails is not HOLDS[relation](value, 0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["x > 0", "x < 0"], True),
        (["x > 0", "x <= 0"], True),
        (["x >= 0", "x <= 0"], False),
        (["x + y == 1", "2*x + 2*y == 3"], True),
        (["x > 0", "y > 0", "x + y < 1/1000"], False),
        (["x > 0", "y > 0", "x + y < 0", "x*y == 7"], True),
        (["x*y > 0", "x > 0", "y < 0"], False),  # they do, but one is not linear
        (["x == sqrt(2)", "x < 0"], False),  # so do these, with a root
        (["x != 0", "x == 0"], False),  # and these: no half-space
        ([], False),
    ],
)
def test_linear_givens_that_exclude_each_other(given, expected):
    question = UniversalStatement(["x", "y"], given, [["x == y"]], {})
    assert exclude_each_other(question) is expected


@pytest.mark.parametrize("side", [">", "<"])
def test_points_are_found_where_the_first_direction_leads_nowhere(side):
    facts = constraints(f"x {side} 0", ring(["x"]))
    assert list(points_of(["x"], facts))


def test_no_points_are_drawn_where_linear_givens_exclude_each_other(monkeypatch):
    tried = []
    real = Ground.satisfies
    monkeypatch.setattr(Ground, "satisfies", lambda *ground: tried.append(ground) or real(*ground))
    assert prove(Exists("x y", ["x > y", "y > x", "x*y == 2"])).conclusion == "refuted"
    assert prove(ForAll("x y", ["x > y", "y > x", "x*y == 2"], ["x == 0"])).conclusion == "vacuous"
    assert tried == []
    assert prove(Exists("x y", ["x > y", "x*y == 2"])).conclusion == "proved"
    assert tried
