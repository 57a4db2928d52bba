"""Formulas of sympy as cells of tables: their text, and typeset where a notebook shows them."""

import sympy as sp
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
