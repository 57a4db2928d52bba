"""Quadratic polynomials that are nowhere negative, as sums of squares."""

from math import lcm

from flint import fmpq

from stability.logic.polynomials import Poly

LARGEST = 12
"""So many variables may occur in a polynomial that is tried."""


def squares_of(p: Poly) -> list[Poly]:
    """Return polynomials l with p = sum of c * l^2 + d, all c positive and d at least 0; none if there are no such.

    The square is completed in one variable after the other (Lagrange), which fails only if p has negative values or a
    degree above 2.

    Parameters
    ----------
    p : polynomial
    """
    terms = p.to_dict()
    used = sorted({n for powers in terms for n, power in enumerate(powers) if power})
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


def _symmetric(terms: dict[tuple[int, ...], fmpq], used: list[int]) -> list[list[fmpq]]:
    """Return the symmetric matrix of a quadratic polynomial over its variables and 1, in this order."""
    size = len(used) + 1
    form = [[fmpq(0)] * size for _ in range(size)]
    for powers, c in terms.items():
        places = [k for k, n in enumerate(used) for _ in range(powers[n])] + [size - 1] * (2 - sum(powers))
        for i, j in (places, places[::-1]):
            form[i][j] += c / 2
    return form
