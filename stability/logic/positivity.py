"""Contradictions with products of facts and squares: chosen by linear programming in floats, solved exactly.

What the floats choose decides nothing: the few summands that they leave are combined again in exact arithmetic.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement
from typing import Any

from stability.logic.contradiction import Column, Fact, Spend, Term, combined
from stability.logic.elimination import Elimination
from stability.logic.polynomials import Poly, evaluate, key, value, written

MOST_COLUMNS = 1_500
"""Summands among which floats choose."""

MOST_FACTS = 24
"""Facts of which products are formed."""

MOST_MULTIPLIERS = 4
"""Facts with which squares are multiplied."""

MOST_SQUARES = 40
"""Polynomials whose squares are tried."""


def wide_contradiction(facts: Sequence[Fact], squares: Sequence[Poly], spend: Spend) -> list[Term] | None:
    """Return a combination of facts, products of two, and squares times facts, that is zero with a positive part.

    Parameters
    ----------
    facts : sequence of Fact
    squares : sequence of polynomial
        Polynomials whose squares may help, beside those that the facts suggest.
    spend : callable
        Called with the number of steps; what it raises ends the search.
    """
    elimination = Elimination(facts)
    used = {k for k, _, _ in elimination.steps}
    reduced = [(elimination.reduced(p) if k not in used else p * 0, r) for k, (p, r) in enumerate(facts)]
    columns = list(_columns(reduced, [elimination.reduced(p) for p in squares]))[:MOST_COLUMNS]
    spend(sum(len(column.poly) for column in columns))
    chosen = _chosen(columns, spend)
    terms = combined(chosen, spend) if chosen else None
    return None if terms is None else [*terms, *made_up(terms, facts, elimination)]


def made_up(terms: Sequence[Term], facts: Sequence[Fact], elimination: Elimination) -> list[Term]:
    """Return the multiples of the eliminated equations that make the sum of all terms 0."""
    if not elimination.steps:
        return []
    one = facts[0][0] * 0 + 1
    values = {**dict(zip(one.context().names(), one.context().gens(), strict=True)), "1": one}
    total = facts[0][0] * 0
    for term in terms:
        product = one
        for k in term["of"]:
            product = product * facts[k][0]
        square = evaluate(term.get("square", "1"), values)
        factor = evaluate(term["times"], values) if "times" in term else evaluate(term["weight"], values)
        total += product * square * square * factor
    return [{"of": [k], "times": written(-p)} for k, p in elimination.multiples(total).items()]


def forms(facts: Sequence[Fact]) -> list[Poly]:
    """Return linear polynomials that the facts suggest: derivatives of quadratic ones by a variable."""
    found: dict[str, Poly] = {}
    for p, _ in facts:
        if p.total_degree() == 2:
            for n, power in enumerate(p.degrees()):
                slope = p.derivative(n) if power else p * 0
                if value(slope) is None:
                    found.setdefault(key(slope)[0], slope)
    return list(found.values())


def _columns(facts: Sequence[Fact], squares: Sequence[Poly]) -> Iterator[Column]:
    one = facts[0][0] * 0 + 1
    highest = max(p.total_degree() for p, _ in facts)
    degree = max(2, highest if highest != 2 or all(p.total_degree() < 2 for p, _ in facts[:-1]) else 4)
    signed = [k for k, (p, relation) in enumerate(facts) if relation != "=" and (value(p) or 0) <= 0]
    yield Column(one, {"of": []}, True)
    for k in signed:
        yield _product(facts, [k], one)
    for chosen in combinations_with_replacement(signed[-MOST_FACTS:], 2):
        if sum(facts[k][0].total_degree() for k in chosen) <= degree:
            yield _product(facts, chosen, one)
    multipliers = [[], *_multipliers(facts, signed)]
    for square in [*squares, *forms(facts)][:MOST_SQUARES]:
        for of in multipliers:
            product = _product(facts, of, square * square)
            if product.poly.total_degree() <= degree:
                yield Column(product.poly, {"of": of, "square": written(square)}, False)
    yield from _multiples(facts, one, degree)


def _product(facts: Sequence[Fact], of: Sequence[int], factor: Poly) -> Column:
    for k in of:
        factor = factor * facts[k][0]
    return Column(factor, {"of": list(of)}, all(facts[k][1] == ">" for k in of))


def _multipliers(facts: Sequence[Fact], signed: Sequence[int]) -> list[list[int]]:
    """Return the facts on one variable alone that is bounded by linear ones, such as a step, and products of two."""
    alone: dict[str, int] = {}
    for k in reversed(signed):
        p = facts[k][0]
        if p.total_degree() == 1 and sum(map(bool, p.degrees())) == 1:
            alone.setdefault(str(p / abs(p.leading_coefficient())), k)
    chosen = list(alone.values())[:MOST_MULTIPLIERS]
    return [[k] for k in chosen] + [list(pair) for pair in combinations_with_replacement(chosen, 2)]


def _multiples(facts: Sequence[Fact], one: Poly, degree: int) -> Iterator[Column]:
    """Yield multiples of the equations by 1, by variables and by themselves."""
    equations = [k for k, (p, relation) in enumerate(facts) if relation == "=" and p != 0]
    for k in equations:
        p = facts[k][0]
        for multiplier in (one, *one.context().gens(), p):
            if (p * multiplier).total_degree() <= degree:
                yield Column(p * multiplier, {"of": [k], "times": written(multiplier)}, False)
                yield Column(-p * multiplier, {"of": [k], "times": written(-multiplier)}, False)


def _chosen(columns: Sequence[Column], spend: Spend) -> list[Column]:
    """Return the few columns that floats combine to zero with a positive part."""
    from scipy.optimize import linprog
    from scipy.sparse import csc_matrix

    numbering: dict[tuple[int, ...], int] = {}
    entries: list[tuple[float, int, int]] = []
    for n, column in enumerate(columns):
        for mono, c in column.poly.terms():
            entries.append((int(c.p) / int(c.q), numbering.setdefault(mono, len(numbering)) + 1, n))
        if column.strict:
            entries.append((1.0, 0, n))
    values, rows, places = zip(*entries, strict=True)
    matrix = csc_matrix((values, (rows, places)), shape=(len(numbering) + 1, len(columns)))
    spend(matrix.nnz * 20)
    target = [1.0] + [0.0] * len(numbering)
    found: Any = linprog([1.0] * len(columns), A_eq=matrix, b_eq=target, method="highs-ds")
    if found.status != 0:
        return []
    return [column for column, weight in zip(columns, found.x, strict=True) if weight > 1e-9]
