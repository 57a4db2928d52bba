"""Claims that there are values: proved by some, or by the intermediate value theorem; refuted by the opposite."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from stability.audit.loss_bounds import LossBound
from stability.logic.branches import Landscapes
from stability.logic.deductions import Deduced
from stability.logic.formulas import PIECEWISE, parsed
from stability.logic.records import Judged, deduced, prove
from stability.logic.statements import Exists, Statement

OPPOSITE: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Eq: (">", "<"),
    ast.NotEq: ("==",),
    ast.Lt: (">=",),
    ast.LtE: (">",),
    ast.Gt: ("<=",),
    ast.GtE: ("<",),
}
"""For every comparison, by which it fails; of an equation each is enough by itself."""


CONTINUOUS = ("loss", "out", "pre")
"""The functions of a landscape that are continuous: a unit is, though its slope is not."""

BETWEEN = (
    "By values at which it is at most that, and others at which it is at least that: it is continuous in all "
    "variables, so it takes every value between (there may be no rational values that satisfy the equation)."
)


@dataclass(frozen=True)
class ExistsOrNever(Deduced):
    """That there are values, beside statements each of which says that there are none.

    Attributes
    ----------
    exists : Exists
        What is claimed.
    bounds : sequence of LossBound
        Bounds of the loss that exclude one of its relations, tried first: they are read off a list.
    denials : sequence of Statement
        Others that exclude it, tried where nothing else decides.

    Examples
    --------
    >>> from stability import ForAll, prove
    >>> claim = Exists("x", ["x**2 < 0"])
    >>> prove(ExistsOrNever(claim, denials=[ForAll("x", [], ["x**2 >= 0"])])).conclusion
    'refuted'
    """

    exists: Exists
    bounds: Sequence[LossBound] = ()
    denials: Sequence[Statement] = ()

    @property
    def landscapes(self) -> Landscapes:  # type: ignore[override]
        """The landscapes of the claim."""
        return self.exists.landscapes

    def formulas(self) -> list[str]:
        """Return those of the claim."""
        return self.exists.formulas()

    def formal(self) -> dict[str, Any]:
        """Return the claim as the checker reads it."""
        return self.exists.formal()

    def judged(self) -> Judged:
        """Look at lists, then for values or a contradiction, a proof of the opposite, and values on both sides."""
        for each in self.bounds:
            found = prove(each)
            if found.conclusion == "proved":
                return deduced("refuted", found.reason, [found])
        own = prove(self.exists)
        for denial in self.denials if own.conclusion is None else ():
            found = prove(denial)
            if found.conclusion == "proved":
                return deduced("refuted", f"The opposite is proved, {found.words.removeprefix('proved: ')}.", [found])
        sides = between(self.exists.such_that) if own.conclusion is None else []
        if sides:
            found = deduced("proved", BETWEEN, [replace(self.exists, such_that=[each]) for each in sides])
            return own if found.conclusion is None else found
        return own


def between(formulas: Sequence[str]) -> list[str]:
    """Return two relations that together prove that an equation has a solution; none where they do not.

    They do if it is the only relation and both sides are continuous in all variables, which take all real values.

    Examples
    --------
    >>> between(["L.loss([w, -w, 0]) == 1/3"])
    ['L.loss([w, -w, 0]) <= 1 / 3', 'L.loss([w, -w, 0]) >= 1 / 3']
    >>> between(["L.d1([w, -w, 0], [1, -1, 0]) == 0"])
    []
    """
    node = parsed(formulas[0]) if len(formulas) == 1 else None
    if not isinstance(node, ast.Compare) or [type(op) for op in node.ops] != [ast.Eq]:
        return []
    sides = [node.left, node.comparators[0]]
    if not all(map(_is_continuous, sides)):
        return []
    left, right = map(ast.unparse, sides)
    return [f"{left} <= {right}", f"{left} >= {right}"]


def _is_continuous(node: ast.expr) -> bool:
    """Return whether a formula is sure to be continuous in its variables."""
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.UnaryOp(operand=inner):
            return _is_continuous(inner)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _is_continuous(left) and not any(isinstance(x, ast.Name) for x in ast.walk(right))
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))):
            return power >= 0 and _is_continuous(left)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
            return _is_continuous(left) and _is_continuous(right)
        case ast.List(elts=parts):
            return all(map(_is_continuous, parts))
        case ast.Call(func=ast.Name(id=name), args=parts):
            return name in PIECEWISE and all(map(_is_continuous, parts))
        case ast.Call(func=ast.Attribute(attr=name), args=parts):
            return name in CONTINUOUS and all(map(_is_continuous, parts))
    return False


def opposites(formula: str) -> list[str]:
    """Return relations each of which excludes one; none where it is no comparison of two numbers.

    Examples
    --------
    >>> opposites("L.loss([u, v]) == 1")
    ['L.loss([u, v]) > 1', 'L.loss([u, v]) < 1']
    """
    node = parsed(formula)
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return []
    left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
    return [f"{left} {sign} {right}" for sign in OPPOSITE.get(type(node.ops[0]), ())]
