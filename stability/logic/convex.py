"""Contradictions by the least value of a convex quadratic polynomial on a polyhedron.

Where two cells are compared, such as those before and after a step, one quadratic is bounded by another where linear
facts hold. The multipliers of the least point (Karush, Kuhn and Tucker) say by which of them it differs from a sum of
squares. An active-set method finds the point in exact arithmetic; what it finds is combined and confirmed anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flint import fmpq

from stability.exact.systems import Vector, dot, kernel
from stability.logic.contradiction import Fact, Spend, Term, contradiction
from stability.logic.elimination import Elimination
from stability.logic.instances import linear_point
from stability.logic.polynomials import Poly
from stability.logic.positivity import made_up
from stability.logic.squares import squares_of

MOST_MOVES = 60
"""Moves to other faces after which the descent gives up."""

ZERO = fmpq(0)


def convex_contradiction(facts: Sequence[Fact], spend: Spend) -> list[Term] | None:
    """Return a combination of facts and squares that is zero with a positive part, or None if none is found.

    One of the facts is that a polynomial of degree 2 is not negative, whose contrary is convex where the linear
    equations hold, and does not hold where the linear facts do.

    Parameters
    ----------
    facts : sequence of Fact
    spend : callable
        Called with a number of steps; what it raises ends the search.

    Examples
    --------
    >>> from stability.logic.polynomials import ring
    >>> x = ring(["x"])["x"]
    >>> terms = convex_contradiction([(x - 2, ">"), (3 - x**2, ">=")], lambda steps: None)
    >>> [each.get("square") for each in terms], [each["of"] for each in terms]
    ([None, 'x - 2', None, None], [[], [], [0], [1]])
    """
    elimination = Elimination(facts)
    used = {k for k, _, _ in elimination.steps}
    left = [(elimination.reduced(p) if k not in used else p * 0, r) for k, (p, r) in enumerate(facts)]
    bounds = [p for p, relation in left if relation in (">", ">=") and p.total_degree() == 1]
    for p, _ in left:
        squares = squares_beside(-p, bounds, spend) if p.total_degree() == 2 else []
        terms = contradiction(left, 1, squares, spend) if squares else None
        if terms is not None:
            return [*terms, *made_up(terms, facts, elimination)]
    return None


def squares_beside(p: Poly, bounds: Sequence[Poly], spend: Spend) -> list[Poly]:
    """Return polynomials l with p = sum of c * l^2 + sum of w * bound + d; all c, w and d are not negative.

    Parameters
    ----------
    p : polynomial
        Of degree 2; none are returned where it is not convex, or negative somewhere where the bounds are not.
    bounds : sequence of polynomial
        Of degree 1.
    spend : callable
        Called with a number of steps; what it raises ends the search.
    """
    size = len(p.context().gens())
    spend(len(bounds) * (size + 1) ** 2)
    x = linear_point(size, [(bound, ">=") for bound in bounds])
    weights = None if x is None else _Descent(p, bounds, x, spend).multipliers()
    return [] if weights is None else squares_of(p - sum((w * bounds[k] for k, w in weights.items()), p * 0))


@dataclass
class _Descent:
    """The way of a point to the least value of a quadratic polynomial, from face to face of a polyhedron."""

    p: Poly
    bounds: Sequence[Poly]
    x: Vector
    spend: Spend
    active: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        n = len(self.x)
        self.gradient = [self.p.derivative(k) for k in range(n)]
        self.bends = [_slopes(each, n) for each in self.gradient]
        self.rows = [_slopes(bound, n) for bound in self.bounds]

    def multipliers(self) -> dict[int, fmpq] | None:
        """Return the multipliers of the bounds at the least point, or None if none is reached."""
        for _ in range(MOST_MOVES):
            self.spend(2 * len(self.x) ** 3 + len(self.rows) * len(self.x))
            along, whole = self._direction()
            if along is None:
                weights = self._weights()
                if weights is None:
                    return None
                leaving = [k for k in self.active if weights[k] < 0]
                if not leaving:
                    return weights
                self.active.remove(min(leaving))
            elif not self._move(along, whole):
                return None
        return None

    def _direction(self) -> tuple[Vector | None, bool]:
        """Return the way to the least point on the face, or one on which there is no end; None if this is the point."""
        basis = kernel([self.rows[k] for k in self.active], len(self.x))
        slope = [each(*self.x) for each in self.gradient]
        steep = [dot(slope, v) for v in basis]
        if not any(steep):
            return None, True
        bend = [[dot(v, [dot(row, w) for row in self.bends]) for w in basis] for v in basis]
        z = _solution([[*row, s] for row, s in zip(bend, steep, strict=True)])
        whole = z is not None
        if z is None:
            z = next(u for u in kernel(bend, len(basis)) if dot(u, steep))
            z = [-c for c in z] if dot(z, steep) > 0 else z
        return [dot(z, [v[n] for v in basis]) for n in range(len(self.x))], whole

    def _move(self, along: Vector, whole: bool) -> bool:
        """Go as far as the bounds and the polynomial allow; return whether there is an end."""
        far, wall = (fmpq(1) if whole else None), None
        for k, (bound, row) in enumerate(zip(self.bounds, self.rows, strict=True)):
            closing = -dot(row, along)
            if closing > 0 and k not in self.active:
                reach = bound(*self.x) / closing
                if far is None or reach < far:
                    far, wall = reach, k
        if far is None:
            return False
        self.x = [c + far * d for c, d in zip(self.x, along, strict=True)]
        if wall is not None:
            self.active.append(wall)
        return True

    def _weights(self) -> dict[int, fmpq] | None:
        """Return by which combination of the active bounds the gradient is given, if it is."""
        slope = [each(*self.x) for each in self.gradient]
        rows = [[*(self.rows[k][n] for k in self.active), -slope[n]] for n in range(len(self.x))]
        found = _solution(rows)
        return None if found is None else dict(zip(self.active, found, strict=True))


def _slopes(p: Poly, size: int) -> Vector:
    """Return the coefficients of the variables in a polynomial of degree 1."""
    return [p.derivative(n)(*[ZERO] * size) for n in range(size)]


def _solution(rows: Sequence[Vector]) -> Vector | None:
    """Return z with a.z + c = 0 for all rows (a, c), or None."""
    return next(([c / v[-1] for c in v[:-1]] for v in kernel(rows, len(rows[0])) if v[-1]), None)
