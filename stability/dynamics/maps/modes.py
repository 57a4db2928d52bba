"""The linear map that an update rule is near a fixed point, one eigenvalue of the Hessian at a time."""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from flint import fmpq_mat

from stability.errors import DifferentiabilityError
from stability.exact.unit_circle_roots import Poly, polynomial
from stability.geometry.arrangement.cells import exact
from stability.model.network_loss import Matrix
from stability.model.update_rules import UpdateRule


@lru_cache(maxsize=256)
def linear_part(rule: UpdateRule) -> tuple[Matrix, Matrix]:
    """Return M0 and M1 such that M0 + h M1 is the derivative of one step at its fixed point 0 on the loss h p^2 / 2.

    Rows and columns are those of the state without t: p, then the buffers. The step of `rule` itself is differentiated,
    as the limit of F(s d)/s for s -> 0+ along every axis d, at t = oo: Adam's bias corrections are gone by then.

    For Adam the square root of v is not differentiable at v = 0, but the step is: it differs from its linear part by
    less than |m| sqrt(v) / eps^2 times a constant, and m = 0 there too. So the preconditioner is 1/eps, and v decays.

    Raises
    ------
    DifferentiabilityError
        If the step jumps at the fixed point, as that of sign descent does.
    """
    at_zero, at_one = (_derivative(rule, h) for h in (0, 1))
    return at_zero, [[b - a for a, b in zip(*rows, strict=True)] for rows in zip(at_zero, at_one, strict=True)]


def _derivative(rule: UpdateRule, curvature: int) -> Matrix:
    from sympy import S, Symbol, limit, oo

    s, size = Symbol("s", positive=True), 1 + len(rule.family.buffers)
    columns = []
    for k in range(size):
        state = [s if k == c else S.Zero for c in range(size)]
        after = rule.step((*state, oo), curvature * state[0])[:-1]
        slopes = [limit(x / s, s, 0, "+") for x in after]
        if not all(slope.is_Rational for slope in slopes):
            raise DifferentiabilityError(
                f"{rule} has no Jacobian: near a fixed point its step does not shrink with the distance.",
                "Take gd, heavy-ball, nesterov or adam.",
            )
        columns.append([Fraction(int(slope.p), int(slope.q)) for slope in slopes])
    return [list(row) for row in zip(*columns, strict=True)]


def jacobian_of(rule: UpdateRule, hessian: Sequence[Sequence[Fraction]]) -> Matrix:
    """Return the derivative of one step at a fixed point: all of p, then all of each buffer, in this order."""
    fixed, bent = linear_part(rule)
    size, blocks = range(len(hessian)), range(len(fixed))
    return [
        [fixed[a][b] * (i == j) + bent[a][b] * hessian[i][j] for b in blocks for j in size]
        for a in blocks
        for i in size
    ]


@lru_cache(maxsize=256)
def mode(rule: UpdateRule) -> tuple[Poly, Poly]:
    """Return polynomials a and b in z: a + h b is the characteristic polynomial of the mode of curvature h.

    It is linear in h, because h enters the step through the gradient alone.
    """
    at_zero, at_one = (characteristic(jacobian_of(rule, [[Fraction(h)]])) for h in (0, 1))
    return at_zero, at_one - at_zero


def characteristic(matrix: Matrix) -> Poly:
    """Return the characteristic polynomial of a matrix, exactly and monic."""
    return fmpq_mat([[exact(x) for x in row] for row in matrix]).charpoly()


def hessian_factors(hessian: Sequence[Sequence[Fraction]]) -> list[tuple[Poly, int]]:
    """Return the irreducible factors of the characteristic polynomial of a Hessian, monic, and how often."""
    found = characteristic([list(row) for row in hessian]).factor()[1]
    return [(factor / factor[factor.degree()], int(times)) for factor, times in found]


def modes_of(rule: UpdateRule, factor: Poly) -> Poly:
    """Return the characteristic polynomial of all modes h, the roots of a monic polynomial: the product of a + h b."""
    a, b = mode(rule)
    degree = factor.degree()
    total = polynomial([0])
    for k, c in enumerate(factor.coeffs()):
        total += c * a**k * (-b) ** (degree - k)
    return total
