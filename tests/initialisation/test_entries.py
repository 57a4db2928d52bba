"""Entries of spellings at the borders of what they may be."""

import pytest

from stability.errors import NumberError
from stability.initialisation import entries

INFINITE = float("inf")


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (entries.number, "-1/4", -0.25),
        (entries.number, "1e300", 1e300),
        (entries.number, "0", 0.0),
        (entries.float_number, "1e308", 1e308),
        (entries.float_number, "-2.3e-308", -2.3e-308),
        (entries.float_number, "0", 0.0),
        (entries.wide_deviation, "0", 0.0),
        (entries.wide_deviation, "1e308", 1e308),
        (entries.deviation, "0", 0.0),
        (entries.deviation, "1e300", 1e300),
        (entries.factor, "0", 0.0),
        (entries.factor, "3/2", 1.5),
        (entries.probability, "0", 0.0),
        (entries.probability, "1", 1.0),
        (entries.percentage, "0", 0.0),
        (entries.percentage, "100", 100.0),
        (entries.margin, "1e-300", 1e-300),
        (entries.how_many, "1", 1),
        (entries.how_many, "1e6", 10**6),
        (entries.how_many, "4/2", 2),
    ],
)
def test_what_an_entry_may_be(read, text, value):
    found = read(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("read", "text", "problem"),
    [
        (entries.number, "1e301", "1e-300 to 1e300"),
        (entries.number, "a", "rational"),
        (entries.float_number, "1e309", "2.3e-308 to 1.8e308; got 1e"),
        (entries.float_number, "1e-309", "2.3e-308 to 1.8e308"),
        (entries.float_number, "", "rational"),
        (entries.wide_deviation, "-1e-300", "a standard deviation of at least 0; got -1e-300"),
        (entries.wide_deviation, "1e309", "2.3e-308 to 1.8e308"),
        (entries.deviation, "-1/1000", "a standard deviation of at least 0; got -1/1000"),
        (entries.factor, "-1", "ALPHA of at least 0; got -1"),
        (entries.probability, "-0.001", "P from 0 to 1; got -0.001"),
        (entries.probability, "1.001", "P from 0 to 1; got 1.001"),
        (entries.percentage, "-1", "Q from 0 to 100; got -1"),
        (entries.percentage, "100.001", "Q from 0 to 100; got 100.001"),
        (entries.margin, "0", "a MARGIN above 0; got 0"),
        (entries.margin, "-1", "a MARGIN above 0; got -1"),
        (entries.how_many, "0", "a whole number of draws from 1 to 1000000; got 0"),
        (entries.how_many, "1000001", "got 1000001"),
        (entries.how_many, "3/2", "got 3/2"),
        (entries.how_many, "nan", "rational"),
    ],
)
def test_what_it_may_not_be(read, text, problem):
    with pytest.raises(NumberError, match=problem) as caught:
        read(text)
    assert caught.value.remedy
