"""Statements about cycles, compared with steps of the rules themselves."""

from fractions import Fraction

import numpy as np
import pytest

from stability import check, landscape, prove, update_rule
from stability.audit.cycle_statements import NoCycle, cycle_through
from stability.errors import StatementError

ABS1 = landscape("abs1", "xor", "mean")


def run(place, rule, start, steps):
    """Return the points that a rule visits from a state, exactly."""
    state, found = start, []
    for _ in range(steps):
        rows = [[Fraction(x) for x in row] for row in state[0].reshape(-1, place.width)]
        state = rule.step(state, np.array(place.gradient(rows), dtype=object))
        found.append([list(row) for row in state[0].reshape(-1, place.width)])
    return found


def cycle_of(c):
    return [[[Fraction(0), Fraction(0), c]], [[Fraction(0), Fraction(0), -c]]]


@pytest.mark.parametrize(("name", "c"), [("heavy-ball", Fraction(2)), ("nesterov", Fraction(4, 5))])
def test_a_cycle_with_momentum_is_one_of_the_rule(name, c):
    rule, points = update_rule(name, step=2, momentum="1/2"), cycle_of(c)
    assert prove(cycle_through(ABS1, rule, points, "L")).conclusion == "proved"
    # On the cycle the velocity changes its sign with every step: v = momentum * (-v) + g.
    p = np.array(points[0][0], dtype=object)
    g = np.array(ABS1.gradient(points[0]), dtype=object)
    start = (p, -g / (1 + Fraction(1, 2)), 0)
    assert run(ABS1, rule, start, 4) == [points[1], points[0]] * 2
    assert prove(cycle_through(ABS1, rule, cycle_of(c + Fraction(1, 100)), "L")).conclusion == "refuted"


def test_a_cycle_of_gradient_descent():
    points = [[[0, 0, Fraction(1, 4)]], [[0, 0, Fraction(3, 4)]]]
    judged = prove(cycle_through(ABS1, update_rule("gd", step=1), points, "L"))
    assert judged.conclusion == "proved"
    assert check(judged.record)
    assert prove(cycle_through(ABS1, update_rule("gd", step="9/10"), points, "L")).conclusion == "refuted"


@pytest.mark.parametrize("model", ["abs1", "relu1", "relu2"])
def test_that_there_is_none_is_refuted_by_one_that_is_found(model):
    place = landscape(model, "xor")
    judged = prove(NoCycle(place, "L"))
    assert judged.conclusion == "refuted"
    assert [check(record)[:6] for record in judged.records] == ["proved"]


def test_a_search_is_kept_to_the_steps_that_are_named():
    found = prove(NoCycle(ABS1, "L", below=Fraction(2)))
    assert found.conclusion == "refuted"
    assert "With step 3/2 " in found.reason
    assert prove(NoCycle(ABS1, "L", step=Fraction(1))).conclusion == "refuted"
    for none in (NoCycle(ABS1, "L", step=Fraction(1, 10)), NoCycle(ABS1, "L", below=Fraction(1, 2))):
        judged = prove(none)
        assert judged.conclusion is None
        assert "No cycle of period 2 to 4 was found" in judged.reason


def test_what_is_no_cycle_is_refused():
    gd = update_rule("gd", step=1)
    with pytest.raises(StatementError, match="two or more different points"):
        cycle_through(ABS1, gd, [[[0, 0, 1]]])
    with pytest.raises(StatementError, match="two or more different points"):
        cycle_through(ABS1, gd, [[[0, 0, 1]], [[0, 0, 1]]])
    with pytest.raises(StatementError, match="Expected one of gd, heavy-ball"):
        cycle_through(ABS1, update_rule("sign", step=1), cycle_of(Fraction(1)))
