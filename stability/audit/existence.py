"""Claims that there are values: proved by some, refuted by a proof of the opposite that is found in another way."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stability.audit.loss_bounds import LossBound
from stability.logic.branches import Landscapes
from stability.logic.deductions import Deduced
from stability.logic.formulas import parsed
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
        """Look at lists, then for values or a contradiction, then for a proof of the opposite."""
        for each in self.bounds:
            found = prove(each)
            if found.conclusion == "proved":
                return deduced("refuted", found.reason, [found])
        own = prove(self.exists)
        for denial in self.denials if own.conclusion is None else ():
            found = prove(denial)
            if found.conclusion == "proved":
                return deduced("refuted", f"The opposite is proved, {found.words.removeprefix('proved: ')}.", [found])
        return own


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
