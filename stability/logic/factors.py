"""Factors of equations and of alternatives, by whose signs a proof may distinguish cases."""

from collections.abc import Iterator, Mapping, Sequence

from stability.logic.contradiction import Fact
from stability.logic.polynomials import Poly, key, value


def factors(p: Poly) -> list[Poly]:
    """Return the irreducible factors of a polynomial that are no numbers, each once."""
    return [each for each, _ in p.factor()[1]] if value(p) is None else []


def splitting(facts: Sequence[Fact], hopes: Sequence[Fact], signs: Mapping[str, int], several: bool) -> Poly | None:
    """Return a polynomial whose sign may help where everything else fails, or None.

    Parameters
    ----------
    facts, hopes : sequence of Fact
        What holds on a branch, and what is to be shown there.
    signs : mapping
        The signs that are known on the branch, by `stability.logic.polynomials.key`.
    several : bool
        Whether there are alternatives, one of which is to be shown.
    """
    return next((p for p in _candidates(facts, hopes, several) if key(p)[0] not in signs), None)


def _candidates(facts: Sequence[Fact], hopes: Sequence[Fact], several: bool) -> Iterator[Poly]:
    """Yield factors of equations that have several, then of what is to be shown."""
    for p, relation in facts:
        parts = factors(p) if relation in ("=", ">", ">=") and p.total_degree() > 1 else []
        if len(parts) > 1:
            yield from parts
    for p, _ in hopes:
        parts = factors(p) if several or p.total_degree() > 1 else []
        if several or len(parts) > 1:
            yield from parts
