"""Formulas of sympy as cells of tables, their text and typeset where a notebook shows them; and their shortest form."""

from collections import defaultdict
from functools import lru_cache

import sympy as sp
from sympy.functions.elementary.trigonometric import TrigonometricFunction
from sympy.printing.mathml import mathml

from stability.io.html import Typeset

LONGEST = 600
"""Characters of a formula up to which it is typeset."""


def typeset(formula: sp.Basic) -> str:
    """Return a formula as a text that notebooks show as MathML; a long one stays a text.

    Examples
    --------
    >>> found = typeset(sp.Symbol("b") ** 2)
    >>> found, found.mathml
    ('b**2', '<msup><mi>b</mi><mn>2</mn></msup>')
    """
    text = str(formula)
    return text if len(text) > LONGEST else Typeset(text, mathml(formula, printer="presentation"))


@lru_cache(maxsize=1024)
def _simplified(angular: sp.Expr) -> sp.Expr:
    return sp.trigsimp(angular)


def tidy(value: sp.Expr) -> sp.Expr:
    """Return a formula expanded, with what depends on angles simplified beside each product of other symbols by itself.

    A sum of few terms is simplified much faster than all of them at once, and becomes as short.

    Examples
    --------
    >>> r, b, theta = sp.symbols("r b theta", positive=True)
    >>> tidy(r * (r * sp.cos(theta) ** 2 + b * sp.sin(theta)) - r**2 * sp.sin(theta) ** 2)
    r*(b*sin(theta) + r*cos(2*theta))
    """
    value = sp.expand(value)
    if not value.has(TrigonometricFunction):
        return value
    beside: dict[sp.Expr, list[sp.Expr]] = defaultdict(list)
    for term in sp.Add.make_args(value):
        rest, angular = term.as_independent(TrigonometricFunction, as_Add=False)
        number, product = rest.as_independent(sp.Symbol, as_Add=False)
        beside[product].append(number * angular)
    powers = [product.as_powers_dict() for product in beside]
    least = {symbol: min(each.get(symbol, 0) for each in powers) for symbol in powers[0]}
    common = sp.Mul(*(symbol**power for symbol, power in least.items() if power > 0))
    return common * sp.Add(*(product / common * _simplified(sp.Add(*each)) for product, each in beside.items()))
