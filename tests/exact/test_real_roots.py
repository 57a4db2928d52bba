"""Exact real roots, against roots that are known."""

from fractions import Fraction as Q
from itertools import combinations, count, product

from stability.exact.real_roots import between, exactly, real_roots, roots_within, simplest


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


def test_numbers_of_all_sorts_are_in_the_order_of_floats():
    """Roots of t^2 - 2, t^2 - 3, t^3 - 3 t + 1 and rationals between, and a convergent that is 2.7e-13 off."""
    every = [*real_roots((-2, 0, 1)), *real_roots((-3, 0, 1)), *real_roots((1, -3, 0, 1))]
    every += [exactly(Q(k, 4)) for k in range(-8, 9)] + [exactly(Q(1607521, 1136689))]
    for a, b in product(every, repeat=2):
        assert (a < b) == (float(a) < float(b)), (str(a), str(b))
        assert (a == b) == (float(a) == float(b))
    assert float(real_roots((-2, 0, 1))[1]) == 2**0.5


def test_the_simplest_rational_between_two_is_found_by_trying_denominators():
    ends = sorted({Q(n, d) for d in (1, 2, 3, 5, 8) for n in range(-2 * d, 2 * d + 1)})
    for low, high in combinations(ends, 2):
        least = next(d for d in count(1) if any(low < Q(n, d) < high for n in range(-2 * d, 2 * d + 1)))
        inside = [Q(n, least) for n in range(-2 * least, 2 * least + 1) if low < Q(n, least) < high]
        assert simplest(low, high) == min(inside, key=abs), (low, high)


def test_without_an_upper_bound_the_simplest_rational_is_whole():
    assert [simplest(Q(x), None) for x in ("-1/2", "0", "1/2", "3", "-5")] == [0, 1, 1, 4, 0]


def test_bounds_hold_the_number_between_them():
    (root,) = real_roots((-2, 0, 0, 1))
    low, high = root.between()
    assert low**3 < 2 < high**3
    assert high - low < Q(1, 10**15)
    assert exactly(Q(-3, 7)).between() == (Q(-3, 7), Q(-3, 7))
    assert exactly(Q(-3, 7)).rational == Q(-3, 7)
    assert root.rational is None


def test_texts_say_the_number():
    assert str(exactly(Q(-3, 7))) == "-3/7"
    assert [str(root) for root in real_roots((-1, -2, 1))] == ["1 - sqrt(2)", "1 + sqrt(2)"]
    assert str(real_roots((1, -3, 0, 1))[1]) == "root of t^3 - 3 t + 1 near 0.347296"


def test_the_simplest_between_two_roots():
    low, high = real_roots((-2, 0, 1))[1], real_roots((-3, 0, 1))[1]
    assert between(low, high) == Q(3, 2)
    assert between(exactly(Q(17, 12)), high) == Q(3, 2)
    below = [Q(n, d) for d in range(1, 100) for n in range(2 * d) if 2 * d * d < n * n and 12 * n < 17 * d]
    assert between(low, exactly(Q(17, 12))) == below[0] == Q(58, 41)
