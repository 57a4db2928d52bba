"""Linear equations among facts, by which variables are eliminated, and the multiples of them that make up for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from stability.logic.contradiction import Fact
from stability.logic.polynomials import Poly, value


@dataclass
class Elimination:
    """Substitutions that linear equations allow.

    Attributes
    ----------
    facts : sequence of Fact
    steps : list of (int, polynomial, list of polynomial)
        The number of each equation used, what is left of it after the substitutions before it, and by what it
        replaces the variables.
    """

    facts: Sequence[Fact]
    steps: list[tuple[int, Poly, list[Poly]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for k, (p, relation) in enumerate(self.facts):
            left = self.reduced(p) if relation == "=" and p.total_degree() == 1 else p * 0
            if value(left) is None:
                self.steps.append((k, left, _replacing(left)))

    def reduced(self, p: Poly) -> Poly:
        """Return a polynomial without the variables that are eliminated."""
        for _, _, gens in self.steps:
            p = p.compose(*gens)
        return p

    def multiples(self, total: Poly) -> dict[int, Poly]:
        """Return the multipliers of the equations whose sum is a polynomial that reduces to 0."""
        found: dict[int, Poly] = {}
        for n, (k, left, gens) in enumerate(self.steps):
            smaller = total.compose(*gens)
            self._add(found, n, k, (total - smaller) / left)
            total = smaller
        return {k: p for k, p in found.items() if p != 0}

    def _add(self, found: dict[int, Poly], n: int, k: int, factor: Poly) -> None:
        """Add a multiple of what is left of an equation, written by the equations themselves."""
        found[k] = found.get(k, factor * 0) + factor
        p = self.facts[k][0]
        for m, (other, left, gens) in enumerate(self.steps[:n]):
            smaller = p.compose(*gens)
            self._add(found, m, other, -factor * ((p - smaller) / left))
            p = smaller


def _replacing(p: Poly) -> list[Poly]:
    """Return the variables, with the last one of a linear polynomial replaced so that it is 0."""
    gens = list(p.context().gens())
    n = max(k for k, power in enumerate(p.degrees()) if power)
    slope = value(p.derivative(n))
    gens[n] = gens[n] - p / slope
    return gens
