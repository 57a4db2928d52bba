"""Where a last motion ends and why nothing happens any more: one unit on one or two examples, by hand."""

from fractions import Fraction as Q

import pytest
from flint import arb, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st

from stability import Dataset, StabilityError, landscape
from stability.dynamics.flow.face_flow import field_of
from stability.dynamics.flow.invariance import Course, value
from stability.dynamics.flow.limits import Last, decimal, height, near, size

ONE = Dataset("one", [[1]], [1])
"""(w + b - 1)^2: from (1/2, 1) the flow goes along (1, 1) to (1/4, 3/4), at the rate 4."""

SHORT = [Q(1, 3), Q(-7, 2), Q(5), Q(0), Q(1, 40), Q(123456, 10**6), Q(-1, 10**6), Q(10**9 + 1, 10**9)]


@pytest.fixture(autouse=True)
def many_bits():
    old, ctx.prec = ctx.prec, 200
    yield
    ctx.prec = old


def last(model, data, signs, start, known=None):
    motion = field_of(landscape(model, data), signs)
    base = [fmpq(x.numerator, x.denominator) for x in map(Q, start)]
    return Last(motion, Course(base, []).widened([motion]), known)


@pytest.mark.parametrize(
    ("x", "text"),
    list(zip(SHORT, ["1/3", "-7/2", "5", "0", "1/40", "0.123456", "-0.000001", "1.000000001"], strict=True)),
)
def test_decimals_are_written_where_they_are_not_longer(x, text):
    assert decimal(x) == text


@given(st.fractions(max_denominator=10**6) | st.decimals(-9, 9, places=9).map(Q))
def test_decimals_are_exact(x):
    text = decimal(x)
    assert Q(text) == x
    assert len(text) <= len(str(x))


def test_a_decimal_near_a_ball_and_the_size_of_a_vector():
    assert near(arb(1) / 3, 6) == Q(333333, 10**6)
    assert near(arb(-2) / 3, 3) == Q(-667, 1000)
    assert 5 <= size([arb(3), arb(-4)]) < 5.0001
    assert size([arb(0, 2)]) >= 2


def test_heights_belong_to_one_unit_and_one_side():
    motion = field_of(landscape("abs2", ONE), ((1,), (1,)))
    assert height(motion, 1, 0, -1) == ([fmpq(x) for x in (0, 0, -1, -1)], fmpq(0))


def test_the_limit_inside_a_cell_is_the_projection_on_the_solutions():
    found = last("relu1", ONE, ((1,),), [Q(1, 2), 1]).limit_at([arb("0.2501"), arb("0.7501")], 1e-20)
    assert found.loss == 0
    assert found.signs == ["+"]
    assert sum(found.target) == 1
    away = max(abs(x - y) for x, y in zip(found.target, [Q(1, 4), Q(3, 4)], strict=True))
    assert away <= found.distance <= Q(1, 10**15)
    assert found.to_record()["chains"] == [None]


def test_the_limit_is_that_of_the_start_wherever_on_the_way_it_is_reported():
    """Early on the way the kink is kept away by a chain, and the shift makes up for the way that is left."""
    place = last("relu1", ONE, ((1,),), [Q(1, 2), 1])
    for height_left in ("0.4", "0.01"):
        left = arb(height_left)
        found = place.limit_at([arb("0.25") + left, arb("0.75") + left], 1e-18)
        assert sum(found.target) == 1
        turned = [sum(2 * s for s in found.shift)] * 2
        there = [t + x for t, x in zip(found.target, turned, strict=True)]
        point = [Q(1, 4) + Q(height_left), Q(3, 4) + Q(height_left)]
        assert max(abs(x - y) for x, y in zip(there, point, strict=True)) <= found.distance


def test_a_known_limit_is_taken_if_the_motion_rests_there():
    exact, wrong = [Q(1, 4), Q(3, 4)], [Q(1, 4), Q(1, 4)]
    there = [arb("0.25"), arb("0.75")]
    assert last("relu1", ONE, ((1,),), [Q(1, 2), 1], exact).target(there) == exact
    assert sum(last("relu1", ONE, ((1,),), [Q(1, 2), 1], wrong).target(there)) == 1


def test_the_loss_is_that_of_the_target_by_scale_and_labels():
    """Two examples at x = 0 with labels 0 and 2 draw b to 1: the sum of squares is 2 there, their mean 1."""
    two = Dataset("two", [[0], [0]], [0, 2])
    for kind, loss in (("sum", 2), ("mean", 1)):
        motion = field_of(landscape("relu1", two, kind), ((1, 1),))
        course = Course([fmpq(0), fmpq(2)], []).widened([motion])
        found = Last(motion, course).limit_at([arb(0), arb(1)], 1e-20)
        assert (found.loss, found.signs, found.target) == (loss, ["++"], [0, 1])
        assert len(found.chains) == 1, "a point that occurs twice has one kink"


def test_a_kink_that_is_held_has_positive_gaps():
    """(|b| + 1)^2: at b = 0 the loss rises by 2 to both sides, and the slopes are what must stay positive."""
    held = last("abs1", Dataset("low", [[0]], [-1]), ((0,),), [3, 0])
    assert held.heights == []
    assert [value(gap.function, [arb(3), arb(0)]) for gap in held.gaps] == [2, 2]
    found = held.limit_at([arb(3), arb(0)], 1e-20)
    assert (found.target, found.signs, found.loss) == ([3, 0], ["0"], 1)


def test_nothing_is_reported_at_a_kink_that_no_force_holds():
    """(|b| - 1)^2 falls to both sides of b = 0: staying there is one solution, but nothing keeps it."""
    with pytest.raises(StabilityError, match="without being held"):
        last("abs1", Dataset("high", [[0]], [1]), ((0,),), [3, 0]).limit_at([arb(3), arb(0)], 1e-20)


def test_too_large_an_error_decides_nothing():
    place = last("relu1", ONE, ((1,),), [Q(1, 2), 1])
    assert place.limit_at([arb("0.25"), arb("0.75")], 10.0) is None


def test_the_directions_along_which_nothing_moves():
    (still,) = last("relu1", ONE, ((1,),), [Q(1, 2), 1]).still
    assert still[0] == -still[1] != 0
    assert last("relu1", Dataset("both", [[0], [1]], [1, 1]), ((1, 1),), [1, 1]).still == []
