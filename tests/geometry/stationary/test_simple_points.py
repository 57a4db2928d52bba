"""Witnesses have small entries and are still points of their sets, on the same faces."""

from fractions import Fraction as Q

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stability import landscape
from stability.checker import checker
from stability.geometry.atlas.statements import complete_list
from stability.geometry.stationary.simple_points import kernel, simplest_between, simplified
from stability.logic.records import prove
from stability.model.datasets import Dataset

NUMBERS = st.fractions(min_value=-20, max_value=20, max_denominator=60)
FLOATS = st.floats(-2, 2).map(lambda x: round(x, 6))


def dot(a, b):
    return sum((x * y for x, y in zip(a, b, strict=True)), Q(0))


@given(NUMBERS, NUMBERS)
def test_no_number_between_is_simpler(a, b):
    low, high = sorted((a, b))
    if low == high:
        return
    found = simplest_between(low, high)
    assert low < found < high
    inside = [Q(p, q) for q in range(1, found.denominator + 1) for p in range(int(low * q) - 1, int(high * q) + 2)]
    least = min((x for x in inside if low < x < high), key=lambda x: (x.denominator, abs(x)))
    assert (found.denominator, abs(found)) == (least.denominator, abs(least))


@given(NUMBERS)
def test_half_lines_and_the_line_have_simplest_numbers(a):
    above, below = simplest_between(a, None), simplest_between(None, a)
    assert a < above <= max(a + 1, Q(0))
    assert min(a - 1, Q(0)) <= below < a
    assert above.denominator == below.denominator == 1
    assert simplest_between(None, None) == 0


@settings(max_examples=80)
@given(st.data())
def test_forms_keep_their_values_and_signs(data):
    size = data.draw(st.integers(1, 4))
    forms = st.lists(st.lists(NUMBERS, min_size=size, max_size=size), max_size=4)
    point = data.draw(st.lists(NUMBERS, min_size=size, max_size=size))
    equal, more = data.draw(forms), data.draw(forms)
    positive = [[x * (1 if dot(form, point) > 0 else -1) for x in form] for form in more if dot(form, point)]
    found = simplified(point, equal, positive)
    assert [dot(form, found) for form in equal] == [dot(form, point) for form in equal]
    assert all(dot(form, found) > 0 for form in positive)
    if not equal and not positive:
        assert found == [0] * size
    assert all(dot(form, d) == 0 for form in equal for _, d in kernel(equal, size))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(FLOATS, FLOATS), min_size=3, max_size=5, unique=True), st.sampled_from(["relu1", "abs1"]))
def test_witnesses_of_data_from_floats_are_short_and_true(rows, model):
    data = Dataset("floats", [[x] for x, _ in rows], [y for _, y in rows])
    atlas = landscape(model, data).atlas()
    for each in atlas.sets:
        assert atlas.of(each.witness) is each
        assert landscape(model, data).outputs(each.witness) == each.outputs
        if each.dimension == 2:
            assert all(abs(x) <= 10**7 and x.denominator <= 10**4 for x in each.witness[0])


@pytest.mark.parametrize("model", ["relu1", "relu2"])
def test_what_a_small_witness_proves_is_accepted(model):
    points = [["0.1415926", "0.7182818"], ["-0.4142135", "0.7320508"], ["0.6180339", "-0.5772156"]]
    atlas = landscape(model, Dataset("digits", points, ["0.1", "-0.30103", "0.4771212"])).atlas()
    found = prove(complete_list(atlas))
    assert checker.check(found.record).startswith("proved")
    assert max(abs(x) for each in atlas.sets for row in each.witness for x in row) < 1000
