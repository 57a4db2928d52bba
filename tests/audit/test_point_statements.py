"""What is said of a point where output weights are trained, compared with difference quotients and `classify`."""

from fractions import Fraction
from itertools import product
from random import Random

import pytest

from stability import Dataset, check, landscape, prove
from stability.audit.point_statements import differentiable_at, stationary_at

DOUBLED = Dataset("doubled", [[1], [1], [-2]], [0, 2, 1])
"""Two labels at one point: where an output is 1 there, the errors at that kink cancel."""


def drawn(place, dice):
    """Return a point of small whole numbers, so that kinks and silent units are common."""
    rows = [[dice.randint(-1, 1) for _ in range(place.stride)] for _ in range(place.units)]
    return [*rows, *([[dice.choice([0, 1, "1/2"])]] if place.network.output_bias else [])]


def is_smooth(place, point):
    """Return whether slopes along d and -d cancel for many d, by quotients with a tiny step, whose rest is tiny too."""
    flat, step, dice = [Fraction(x) for row in point for x in row], Fraction(1, 10**9), Random(1)
    here = place.loss(point)

    def moved(signs):
        entries = iter([x + step * s for x, s in zip(flat, signs, strict=True)])
        return place.loss([[next(entries) for _ in row] for row in point])

    for _ in range(60):
        along = [dice.randint(-9, 9) for _ in flat]
        bend = (moved(along) + moved([-s for s in along]) - 2 * here) / step
        if abs(bend) > Fraction(1, 1000):
            return False
    return True


@pytest.mark.parametrize("model", ["relu1-out", "relu2-out+c", "abs1-out", "leaky1/2:1-out-nob"])
@pytest.mark.parametrize("data", ["xor", DOUBLED], ids=["xor", "doubled"])
def test_smoothness_is_that_of_difference_quotients_and_every_verdict_has_a_record(model, data):
    place, dice, found = landscape(model, data), Random(3), set()
    for _ in range(25):
        point = drawn(place, dice)
        smooth = is_smooth(place, point)
        for holds in (True, False):
            judged = prove(differentiable_at(place, point, "L", holds))
            assert judged.conclusion == ("proved" if smooth == holds else "refuted"), (point, judged.reason)
            assert judged.records
            assert all(check(record) for record in judged.records)
        found.add(smooth)
    assert found == {True, False}


def test_errors_at_one_kink_that_cancel_leave_the_loss_smooth():
    """The unit has its kink at both examples at 1; the output there is the bias alone."""
    place = landscape("relu1-out+c", DOUBLED)
    for c, smooth in ((1, True), (0, False)):
        assert prove(differentiable_at(place, [[1, -1, 1], [c]], "L")).conclusion == ("proved" if smooth else "refuted")


@pytest.mark.parametrize("model", ["relu1-out", "relu2-out+c", "abs1-out"])
def test_stationary_points_are_those_that_classify_finds(model):
    """The list of sets and `classify` are computed in different ways."""
    place, dice, found = landscape(model, "xor"), Random(5), set()
    count = 12 // place.units**2
    points = [drawn(place, dice) for _ in range(count)] + [each.witness for each in place.atlas().sets[:count]]
    for point in points:
        clarke = place.classify(point).clarke
        for holds in (True, False):
            judged = prove(stationary_at(place, point, "L", holds))
            assert judged.conclusion == ("proved" if clarke == holds else "refuted")
            assert all(check(record) for record in judged.records)
        found.add(clarke)
    assert found == {True, False}


def test_what_no_record_can_state_stays_open_and_says_what_is_found():
    several, wide = landscape("relu2-out2", Dataset("two", [[0], [1]], [[0, 1], [1, 0]])), landscape("relu6-out", "xor")
    at_rest, moving = [[0, -1, 0, 0]] * 2, [[1, 1, 1, 0]] * 2
    for point, said in ((at_rest, "the point is stationary"), (moving, "the point is not stationary")):
        judged = prove(stationary_at(several, point, "M"))
        assert judged.conclusion is None
        assert said in judged.reason
        assert "relu2-out2, which has 2 outputs" in judged.reason
    judged = prove(differentiable_at(several, moving, "M"))
    assert (judged.conclusion, "the loss is differentiable" in judged.reason) == (None, True)
    judged = prove(stationary_at(wide, [[0, 0, -1, 0]] * 6, "W"))
    assert judged.conclusion is None
    assert "the point is stationary" in judged.reason
    assert "choices of faces" in judged.reason


def test_statements_are_plain_data_and_name_their_landscape():
    place = landscape("relu1-out", "xor")
    for make, holds in product((stationary_at, differentiable_at), (True, False)):
        stated = make(place, [[1, 0, 0, 1]], "L", holds)
        assert stated.formal()
        assert set(stated.landscapes) == {"L"}
