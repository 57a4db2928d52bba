"""Algebraic numbers, against a + b sqrt(2) by its own rules, and functions whose signs are decided at a sample."""

from fractions import Fraction as Q
from itertools import product

import pytest
from flint import fmpq, fmpq_poly

from stability.exact.algebraic_numbers import Algebraic, SignTrace, Traced, UnluckyError, key_of, sign, value_at
from stability.exact.rational_functions import Function
from stability.exact.real_roots import exactly, real_roots

LOW, HIGH = real_roots((-2, 0, 1))
"""-sqrt(2) and sqrt(2)."""

PAIRS = [(Q(a), Q(b)) for a, b in product((-3, 0, Q(7, 5), 2), (-2, Q(-99, 70), 0, 1, Q(1, 3)))]
CLOSE = Q(1607521, 1136689)
"""A convergent of sqrt(2), 2.7e-13 below it."""


def number(a, b, root=HIGH):
    return Algebraic(fmpq_poly([fmpq(x.numerator, x.denominator) for x in (Q(a), Q(b))]), root)


def sign_of(a, b, turn=1):
    """Return the sign of a + turn b sqrt(2): that of the part whose square is larger."""
    b = b * turn
    larger = a if a * a > 2 * b * b else b
    return (larger > 0) - (larger < 0)


@pytest.mark.parametrize(("root", "turn"), [(HIGH, 1), (LOW, -1)])
def test_signs_are_those_of_the_larger_square(root, turn):
    for a, b in [*PAIRS, (CLOSE, Q(-1)), (-CLOSE, Q(1)), (Q(0), Q(0))]:
        assert number(a, b, root).sign() == sign(number(a, b, root)) == sign_of(a, b, turn), (a, b)
        assert bool(number(a, b, root)) == ((a, b) != (0, 0))


def test_sums_products_and_quotients_are_those_of_pairs():
    for (a, b), (c, d) in product(PAIRS, repeat=2):
        x, y = number(a, b), number(c, d)
        assert (x + y).key() == number(a + c, b + d).key()
        assert (x - y).key() == number(a - c, b - d).key()
        assert (x * y).key() == number(a * c + 2 * b * d, a * d + b * c).key()
        assert (-x).key() == number(-a, -b).key()
        assert (x < y, x <= y, x > y, x >= y, x == y) == order(sign_of(a - c, b - d))
        if (c, d) != (0, 0):
            size = c * c - 2 * d * d
            assert (x / y).key() == number((a * c - 2 * b * d) / size, (b * c - a * d) / size).key()
        else:
            with pytest.raises(ZeroDivisionError):
                x / y


def order(side):
    return side < 0, side <= 0, side > 0, side >= 0, side == 0


def test_rationals_stand_on_either_side():
    x = number(1, 1)
    assert (x + 2).key() == (2 + x).key() == number(3, 1).key()
    assert (3 - x).key() == number(2, -1).key()
    assert (x - 3).key() == number(-2, 1).key()
    assert (x * Q(1, 2)).key() == (Q(1, 2) * x).key() == number(Q(1, 2), Q(1, 2)).key()
    assert (1 / x).key() == number(-1, 1).key()
    assert x > Q(24, 10)
    assert x < Q(25, 10)
    assert abs(x.middle - Q(24142135623730950488, 10**19)) < Q(1, 10**18)
    assert float(x) == pytest.approx(1 + 2**0.5, rel=1e-15)


def test_values_at_roots():
    """(t^2 + t)/(t - 1) is 6 at 2; at sqrt(2) it is (2 + sqrt(2))/(sqrt(2) - 1) = 4 + 3 sqrt(2)."""
    f = Function(fmpq_poly([0, 1, 1]), fmpq_poly([-1, 1]))
    assert value_at(f, exactly(2)) == 6
    assert value_at(f, HIGH).key() == number(4, 3).key()
    assert value_at(Function(fmpq_poly([5])), HIGH) == 5
    assert value_at(Function(fmpq_poly([])), HIGH) == 0
    with pytest.raises(ZeroDivisionError):
        value_at(f, exactly(1))


def test_keys_distinguish_numbers():
    assert key_of(number(1, 2)) == ("1", "2")
    assert key_of(fmpq(3)) == key_of(number(3, 0)) == ("3",)
    assert key_of(fmpq(0)) == key_of(number(0, 0)) == ()


def test_signs_of_functions_at_a_sample_are_noted():
    """(t - 1)/(t - 3) at 2, 0 and 4, and both of its factors' signs."""
    for sample, side in ((2, -1), (0, 1), (4, 1)):
        trace = SignTrace(Q(sample))
        assert trace.sign(Function(fmpq_poly([-1, 1]), fmpq_poly([-3, 1]))) == side
        assert trace.sign(Function(fmpq_poly([1, -1]), fmpq_poly([-3, 1]))) == -side
        assert trace.polynomials == {(-1, 1)}
        assert trace.sign(Function(fmpq_poly([]))) == 0
        assert trace.sign(Function(fmpq_poly([-7]))) == -1
        assert trace.polynomials == {(-1, 1)}
    with pytest.raises(UnluckyError):
        SignTrace(Q(1)).sign(Function(fmpq_poly([-1, 1])))
    with pytest.raises(UnluckyError):
        SignTrace(Q(3)).sign(Function(fmpq_poly([-1, 1]), fmpq_poly([-3, 1])))


def test_a_program_runs_with_functions_as_with_numbers():
    trace = SignTrace(Q(5))
    t = Traced(Function(fmpq_poly([0, 1])), trace)
    found = [t * t - 24, 24 - t * t, 1 / (t - 6) + 2, (t + 1) / (t - 7), 2 * t - t - t, -t]
    assert [x.sign() for x in found] == [1, -1, 1, -1, 0, -1]
    assert (t > 4, t > 6, t < 6, t < 4, t == 5 * t / 5, t <= 5 * t / 5) == (True, False, True, False, True, True)
    assert (-24, 0, 1) in trace.polynomials
    assert (-7, 1) in trace.polynomials
