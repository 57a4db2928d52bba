"""Conditions in documents: values of every kind in the place of every attribute, refused in the words of documents."""

import re

import pytest

from stability.audit.readers.clauses import Clause
from stability.audit.readers.conditions import conditions
from stability.errors import StabilityError
from stability.geometry.atlas.conditions import ATTRIBUTES

AT = Clause("sets", "", 1, 1)
VALUES = ("3", "1/2", "-1", "yes", "saddle", '"saddle"', "[1, 2]", "[]", "[yes, no]", "[[1]]", "None", "1e-3", "'")
REPR = re.compile(r"Fraction\(|\bTrue\b|\bFalse\b|\[\'|<class|\(\'")
"""What only a programmer of Python reads."""


def refusal(text):
    """Return the error on conditions, None where they can be read."""
    try:
        conditions(text, AT)
    except StabilityError as error:
        return error
    return None


@pytest.mark.parametrize("name", [*ATTRIBUTES, "correct of class 1"])
@pytest.mark.parametrize("relation", ["=", "!=", "<", "in"])
def test_a_value_of_another_kind_is_refused_in_the_words_of_documents(name, relation):
    errors = [error for value in VALUES if (error := refusal(f"{name} {relation} {value}")) is not None]
    assert len(errors) >= len(VALUES) - 4
    for error in errors:
        assert error.problem.startswith("Expected ")
        assert "; got " in error.problem
        assert error.remedy
        assert not REPR.search(f"{error.problem} {error.remedy}"), error


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("isolated = 3", "Expected yes or no for isolated; got '3'.", "Write isolated = yes."),
        ("isolated = perhaps", "Expected yes or no for isolated; got 'perhaps'.", "Write isolated = yes."),
        ("loss = yes", "Expected an exact number for loss; got 'yes'.", "Write loss = 1/4."),
        ("loss in 1/2", "Expected a list of values of loss after in; got '1/2'.", "Write loss in [1/4]."),
        ("loss in []", "Expected a list of values of loss after in; got '[]'.", "Write loss in [1/4]."),
        ("loss in [1, 1]", "Expected different values of loss; got '[1, 1]'.", "Leave one out."),
        ("loss = 1, loss = 1", "Expected different conditions; got 'loss = 1' twice.", "Leave one out."),
        ("outputs = 1", "Expected a list of exact numbers for outputs; got '1'.", "Write outputs = [1, 1/2, ...]."),
        ("correct = [1]", "Expected a list of yes and no for correct; got '[1]'.", "Write correct = [yes, no, ...]."),
        ("dimension = 1/2", "Expected a whole number from 0 for dimension; got '1/2'.", "Write dimension = 1."),
    ],
)
def test_what_is_expected_what_came_and_what_to_write(text, problem, remedy):
    with pytest.raises(StabilityError) as caught:
        conditions(text, AT)
    assert (caught.value.problem, caught.value.remedy) == (problem, remedy)


def test_a_kind_is_a_word_whatever_it_is():
    with pytest.raises(StabilityError, match="got 'yes'"):
        conditions("kind = yes", AT)
    assert conditions("kind = saddle", AT) == conditions('kind = "saddle"', AT)
