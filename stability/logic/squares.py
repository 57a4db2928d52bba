"""Polynomials that are nowhere negative, quadratic ones and some in one variable, as sums of squares."""

from math import lcm, prod

from flint import fmpq

from stability.logic.polynomials import Poly

LARGEST = 12
"""So many variables may occur in a polynomial that is tried."""


HIGHEST = 6
"""The largest degree of a polynomial in one variable that is factored."""

TRIED = [fmpq(n, d) for d in (1, 2, 3, 4, 5, 8, 10) for n in range(-4 * d, 4 * d + 1)]
"""Constant parts of the first square in a polynomial of degree 4 that are tried."""


def squares_of(p: Poly) -> list[Poly]:
    """Return polynomials l with p = sum of c * l^2 + d, all c positive and d at least 0; none if none are found.

    Up to degree 2 the square is completed in one variable after the other (Lagrange), which fails only if p has
    negative values. In one variable, up to degree 6, factors are treated one by one: even powers of any, and others
    of degree 2 and 4 that are sums of squares themselves.

    Parameters
    ----------
    p : polynomial
    """
    terms = p.to_dict()
    used = sorted({n for powers in terms for n, power in enumerate(powers) if power})
    if len(used) == 1 and 2 < p.total_degree() <= HIGHEST:
        return _by_factors(p)
    if not used or len(used) > LARGEST or any(sum(powers) > 2 for powers in terms):
        return []
    one, generators = p * 0 + 1, p.context().gens()
    basis, found = [*(generators[n] for n in used), one], []
    form = _symmetric(terms, used)
    for k in range(len(used)):
        pivot = form[k][k]
        if pivot < 0 or (pivot == 0 and any(form[k])):
            return []
        if pivot:
            row = form[k]
            whole = fmpq(lcm(*(int(fmpq(c).q) for c in row)))
            found.append(sum((basis[j] * (whole * c) for j, c in enumerate(row)), one * 0))
            form = [
                [x - a * b / pivot for x, b in zip(line, row, strict=True)] for line, a in zip(form, row, strict=True)
            ]
    return found if form[-1][-1] >= 0 else []


def _by_factors(p: Poly) -> list[Poly]:
    """Return squares that add up to a polynomial in one variable: products of one of each factor."""
    number, powers = p.factor()
    one = p * 0 + 1
    found = [prod((each ** (power // 2) for each, power in powers), start=one)]
    for factor in (each for each, power in powers if power % 2):
        turn = 1 if factor.leading_coefficient() > 0 else -1
        number *= turn
        squares = squares_of(turn * factor) if factor.total_degree() == 2 else _of_degree_four(turn * factor)
        if not squares:
            return []
        found = [each * square for each in found for square in (*squares, one)]
    return found if number > 0 else []


def _of_degree_four(p: Poly) -> list[Poly]:
    """Return squares that add up to a polynomial of degree 4 in one variable: one so that the rest is quadratic."""
    n = next(n for n, degree in enumerate(p.degrees()) if degree)
    x, lead = p.context().gens()[n], p.leading_coefficient()
    if p.total_degree() != 4:
        return []
    cubic = next((c for powers, c in p.to_dict().items() if sum(powers) == 3), fmpq(0))
    firsts = [x * x + cubic / (2 * lead) * x + t for t in TRIED]
    least, first = max(((_least(p - lead * each * each), each) for each in firsts), key=lambda pair: pair[0])
    return [first, *squares_of(p - lead * first * first)] if least >= 0 else []


def _least(p: Poly) -> fmpq:
    """Return the least value of a polynomial of degree 2 in one variable, or -1 if there is none."""
    by_degree: dict[int, fmpq] = {sum(powers): coefficient for powers, coefficient in p.to_dict().items()}
    c, b, a = (by_degree.get(degree, fmpq(0)) for degree in range(3))
    if a > 0:
        return c - b * b / (4 * a)
    return c if a == b == 0 else fmpq(-1)


def _symmetric(terms: dict[tuple[int, ...], fmpq], used: list[int]) -> list[list[fmpq]]:
    """Return the symmetric matrix of a quadratic polynomial over its variables and 1, in this order."""
    size = len(used) + 1
    form = [[fmpq(0)] * size for _ in range(size)]
    for powers, c in terms.items():
        places = [k for k, n in enumerate(used) for _ in range(powers[n])] + [size - 1] * (2 - sum(powers))
        for i, j in (places, places[::-1]):
            form[i][j] += c / 2
    return form
