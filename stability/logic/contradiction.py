"""Contradictions between polynomial facts, and the combinations that show them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

from flint import fmpq

from stability.exact.linear import combination
from stability.logic.polynomials import Poly, written
from stability.logic.roots import reduced

Fact = tuple[Poly, str]
Term = dict[str, Any]
"""One summand of a contradiction, as the checker reads it."""

Spend = Callable[[int], None]

HARDEST = 3
"""The largest number of facts multiplied together."""


MOST_ENTRIES = 8_000_000
"""Numbers in the table of a linear program: twice those of the largest one that has proved anything here."""


@dataclass(frozen=True)
class Column:
    """A polynomial that is not negative (or positive, where strict), and the summand that says so."""

    poly: Poly
    term: Term
    strict: bool


def contradiction(
    facts: Sequence[Fact], level: int = 1, squares: Sequence[Poly] = (), spend: Spend = lambda steps: None
) -> list[Term] | None:
    """Return a combination of facts that is zero with a strictly positive part, or None if none is found.

    With level 1 this is Farkas' lemma; with level 2 and 3 products of two and three facts join in (Handelman).

    Parameters
    ----------
    facts : sequence of (polynomial, ">", ">=" or "=")
        What is assumed.
    level : int
        How many facts may be multiplied together.
    squares : sequence of polynomial
        Polynomials whose squares may be added.
    spend : callable
        Called again and again with a number of steps; what it raises ends the search.
    """
    if not facts:
        return None
    columns = []
    for each in _columns(facts, level, squares):
        spend(len(each.poly))
        columns.append(each)
    return combined(columns, spend)


def combined(columns: Sequence[Column], spend: Spend = lambda steps: None) -> list[Term] | None:
    """Return a combination of columns that is zero with a strictly positive part, or None if none is found.

    Parameters
    ----------
    columns : sequence of Column
        None is looked for among so many, of so many monomials, that the table would be larger than `MOST_ENTRIES`.
    spend : callable
        Called before every pivot with a number of steps.
    """
    numbering: dict[tuple[int, ...], int] = {}
    vectors = []
    for column in columns:
        vector = {numbering.setdefault(mono, len(numbering)) + 1: c for mono, c in column.poly.terms()}
        vectors.append({**vector, 0: fmpq(1)} if column.strict else vector)
    size = len(numbering) + 1
    if size * (len(columns) + size) > MOST_ENTRIES:
        return None
    pivot = 1 + size * (len(columns) + size) // 8
    found = combination(vectors, size, {0: fmpq(1)}, lambda: spend(pivot))
    if found is None:
        return None
    return [_weighted(c, column.term) for c, column in zip(found, columns, strict=True) if c]


def _weighted(c: fmpq, term: Term) -> Term:
    if "times" in term:
        return {"of": term["of"], "times": f"{c}*({term['times']})"}
    return {**term, "weight": str(c)}


def _columns(facts: Sequence[Fact], level: int, squares: Sequence[Poly]) -> Iterator[Column]:
    one = facts[0][0] * 0 + 1
    yield Column(one, {"of": []}, True)
    for square in squares:
        yield Column(reduced(square * square), {"of": [], "square": written(square)}, False)
    signed = [k for k, (_, relation) in enumerate(facts) if relation in (">", ">=")]
    for size in range(1, level + 1):
        for chosen in combinations_with_replacement(signed, size):
            product = one
            for k in chosen:
                product = product * facts[k][0]
            yield Column(reduced(product), {"of": list(chosen)}, all(facts[k][1] == ">" for k in chosen))
    equations = [k for k, (_, relation) in enumerate(facts) if relation == "="]
    multipliers = list(_monomials(one, facts, level - 1)) if equations else []
    for k in equations:
        for multiplier in multipliers:
            product = reduced(facts[k][0] * multiplier)
            yield Column(product, {"of": [k], "times": written(multiplier)}, False)
            yield Column(-product, {"of": [k], "times": written(-multiplier)}, False)


def _monomials(one: Poly, facts: Sequence[Fact], degree: int) -> Iterator[Poly]:
    used = {n for p, _ in facts for n, power in enumerate(p.degrees()) if power > 0}
    generators = one.context().gens()
    for size in range(degree + 1):
        for chosen in combinations_with_replacement(sorted(used), size):
            product = one
            for n in chosen:
                product = product * generators[n]
            yield product
