"""Lines that gradient descent does not leave are found from stationary points, and its cycles on them return."""

from fractions import Fraction

import pytest

from stability import StabilityError, landscape, update_rule
from stability.dynamics.maps import line_cycles as module
from stability.dynamics.maps.invariant_lines import LineError
from stability.dynamics.maps.line_cycles import invariant_lines
from stability.errors import TooLargeError

XOR = landscape("abs1", "xor")
STEEP = landscape("leaky-1/2:1", "xor")


def step(place, rows, eta):
    """Return where one step of gradient descent goes, by the exact gradient of torch's convention."""
    gradient = place.autograd_gradient(rows)
    flat = [x - eta * g for x, g in zip([x for row in rows for x in row], gradient, strict=True)]
    return [flat[k : k + place.width] for k in range(0, len(flat), place.width)]


def at(place, line, c):
    flat = [o + c * d for o, d in zip(line.origin, line.direction, strict=True)]
    return [flat[k : k + place.width] for k in range(0, len(flat), place.width)]


def test_the_lines_of_one_unit_on_xor_are_the_axes_of_its_solutions_and_of_its_traps():
    found = [(line.origin, line.direction) for line in invariant_lines(XOR)]
    assert found == [([0, 0, 0], [0, 0, 1]), ([0, 0, 0], [1, -1, 0])]


@pytest.mark.parametrize("place", [XOR, STEEP, landscape("abs1", "xor", "mean")], ids=repr)
def test_descent_does_not_leave_the_lines(place):
    lines = invariant_lines(place)
    assert lines
    for line in lines:
        for c in map(Fraction, ("-7/3", "-1/5", "1/7", "2", "31/4")):
            gradient = place.gradient(at(place, line, c))
            k = next(i for i, d in enumerate(line.direction) if d)
            factor = gradient[k] / line.direction[k]
            assert gradient == [factor * d for d in line.direction]


@pytest.mark.parametrize("eta", ["1/10", "1/4", "3/10", "2/5"])
@pytest.mark.parametrize("period", [1, 2, 3])
def test_after_a_period_descent_is_back_and_not_before(eta, period):
    found = XOR.cycles(update_rule("gd", step=eta), period)
    for line, cycles in found.lines:
        for cycle in cycles:
            rows = [at(XOR, line, c) for c in cycle.points]
            assert len({str(each) for each in rows}) == period
            for each, following in zip(rows, [*rows[1:], rows[0]], strict=True):
                assert step(XOR, each, Fraction(eta)) == following


def test_fixed_points_on_a_line_are_the_stationary_points_there():
    (_, (line, found)) = XOR.cycles(update_rule("gd", step="1/10"), 1).lines
    assert line.direction == [1, -1, 0]
    assert [each.points for each in found] == [[Fraction(-1, 2)], [0], [Fraction(1, 2)]]
    assert [each.attracting for each in found] == [True, False, True]


def test_a_line_may_be_given_and_must_hold():
    gd = update_rule("gd", step="3/10")
    (only,) = XOR.cycles(gd, direction=[[0, 0, 1]]).lines
    assert [each.points for each in only[1]] == [[-3, 3]]
    with pytest.raises(LineError):
        XOR.cycles(gd, direction=[[1, 2, 3]])
    with pytest.raises(StabilityError, match="direction"):
        XOR.cycles(gd, origin=[[0, 0, 1]])


def test_what_makes_no_sense_is_refused(monkeypatch):
    with pytest.raises(StabilityError, match="gradient descent"):
        XOR.cycles(update_rule("heavy-ball", step="1/10"))
    with pytest.raises(StabilityError, match="at least 1"):
        XOR.cycles(update_rule("gd", step="1/10"), 0)
    monkeypatch.setattr(module, "MOST_PAIRS", 3)
    with pytest.raises(TooLargeError, match="at most 3 pairs"):
        invariant_lines(XOR)


def test_cycles_are_reported_in_words_and_as_data():
    found = XOR.cycles(update_rule("gd", step="1/4"))
    assert "1, in a family" in repr(found)
    lines = found.to_json()["lines"]
    assert [each["direction"] for each in lines] == [["0", "0", "1"], ["1", "-1", "0"]]
    assert lines[0]["cycles"][0]["multiplier"] == "1"
