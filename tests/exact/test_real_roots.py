"""Exact real roots, against roots that are known."""

from fractions import Fraction as Q

from stability.exact.real_roots import real_roots, roots_within


def test_each_root_comes_once_in_order():
    """(t - 1)^2 (t + 2) (t^2 - 2) (t^2 + 1), constant term first."""
    found = real_roots((-4, 6, -2, 1, 2, -4, 0, 1))
    assert [float(root) for root in found] == [-2, -(2**0.5), 1, 2**0.5]
    assert real_roots((7,)) == ()
    assert len(real_roots((1, -2, 1))) == 1


def test_roots_within_are_strictly_between():
    """t (t - 1) (t - 2): between 0 and 2 there is only 1."""
    zero, one, two = real_roots((0, 2, -3, 1))
    assert roots_within([(0, 2, -3, 1)], zero, two) == [one]
    assert roots_within([(0, 2, -3, 1), (-1, 2)], zero, two) == [*real_roots((-1, 2)), one]
    assert roots_within([(0, 1)], zero, two) == []
    assert (zero < one < two) is True
    assert float(one) == Q(1)
