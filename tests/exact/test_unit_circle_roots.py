"""Roots by the unit circle, of products of factors whose roots are known."""

from fractions import Fraction as Q
from itertools import combinations_with_replacement

import pytest
from flint import fmpq_poly

from stability import StabilityError
from stability.exact.unit_circle_roots import Count, all_inside, coefficients, count, polynomial

FACTORS = {
    (0, 1): Count(1, 0, 0),
    (-1, 2): Count(1, 0, 0),
    (3, 5): Count(1, 0, 0),
    (1, 2, 2): Count(2, 0, 0),
    (-1, 1): Count(0, 1, 0),
    (1, 1): Count(0, 1, 0),
    (1, 0, 1): Count(0, 2, 0),
    (5, -6, 5): Count(0, 2, 0),
    (2, 1): Count(0, 0, 1),
    (-3, 2): Count(0, 0, 1),
    (2, 2, 1): Count(0, 0, 2),
    (-1, -1, 0, 1): Count(2, 0, 1),
}
"""Linear ones, (-1 +- i)/2, +-i, (3 +- 4i)/5, -1 +- i, and z^3 - z - 1: one real root at 1.32, and two of size 0.87."""


def test_counts_of_products_are_sums():
    for chosen in [each for k in (1, 2, 3) for each in combinations_with_replacement(FACTORS, k)]:
        product, wanted = fmpq_poly([-3]), Count(0, 0, 0)
        for factor in chosen:
            product, wanted = product * fmpq_poly(list(factor)), wanted + FACTORS[factor]
        assert count(product) == wanted, chosen
        assert all_inside(product) == (wanted.on == wanted.outside == 0), chosen


def test_counts_add_and_repeat():
    assert Count(1, 2, 3) + Count(10, 20, 30) == Count(11, 22, 33)
    assert Count(1, 2, 3) * 3 == Count(3, 6, 9)


def test_numbers_have_no_roots_and_0_has_all():
    assert count(polynomial([Q(-2, 3)])) == Count(0, 0, 0)
    assert all_inside(polynomial([5]))
    assert not all_inside(polynomial([]))
    with pytest.raises(StabilityError, match="other than 0"):
        count(polynomial([0]))


def test_coefficients_are_given_from_the_constant_one():
    assert coefficients(polynomial([Q(1, 2), 0, -3])) == [Q(1, 2), 0, -3]
    assert count(polynomial([Q(1, 2), -1])) == Count(1, 0, 0)
