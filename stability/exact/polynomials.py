"""How is a formula read as an exact polynomial?"""

import ast
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx

from stability.errors import CertificateError

Poly = Any
"""A flint polynomial over the rationals (flint ships no types)."""

RELATIONS = {ast.Gt: (1, ">"), ast.GtE: (1, ">="), ast.Lt: (-1, ">"), ast.LtE: (-1, ">=")} | {
    ast.Eq: (1, "="),
    ast.NotEq: (1, "!="),
}


def ring(names: Sequence[str]) -> dict[str, Poly]:
    """Return the variables of the polynomial ring over these names, with "1" for its unit."""
    context = fmpq_mpoly_ctx.get(list(names) or ["_"], Ordering.deglex)
    found = dict(zip(names, context.gens(), strict=False))
    return {**found, "1": context.constant(1)}


class _Exact(ast.NodeTransformer):
    """Replaces whole numbers by the ring's constants, so that 1/2 is a half."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if type(node.value) is not int:
            raise CertificateError(f"Expected whole numbers in a formula; got {node.value!r}.", "Write 1/4.")
        return ast.Call(ast.Name("__number", ast.Load()), [node], [])

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if isinstance(node.op, ast.Pow):
            return ast.BinOp(self.visit(node.left), node.op, node.right)
        return self.generic_visit(node)


@lru_cache(maxsize=4096)
def _compiled(text: str) -> tuple[tuple[Any, ...], tuple[tuple[int, str], ...]]:
    try:
        node = ast.parse(text, mode="eval").body
        kinds = tuple(RELATIONS[type(op)] for op in node.ops) if isinstance(node, ast.Compare) else ()
    except (SyntaxError, ValueError, KeyError) as problem:
        raise CertificateError(f"Cannot read {text!r}: {problem}.", 'Write it as "2*x + 1 >= y**2".') from None
    parts = [node.left, *node.comparators] if isinstance(node, ast.Compare) else [node]
    exact = [ast.fix_missing_locations(ast.Expression(_Exact().visit(part))) for part in parts]
    return tuple(compile(part, text, "eval") for part in exact), kinds


def evaluate(text: str, values: Mapping[str, Any]) -> Any:
    """Return what a formula stands for: a polynomial, a list, or constraints."""
    (code,), _ = _compiled(text)
    return _run(code, values)


def _run(code: Any, values: Mapping[str, Any]) -> Any:
    one = values["1"]
    try:
        return eval(code, {"__builtins__": {}, "__number": lambda n: one * n}, dict(values))
    except (NameError, AttributeError, TypeError, ValueError, IndexError, ZeroDivisionError) as problem:
        raise CertificateError(f"Cannot read {code.co_filename!r}: {problem}.", "Check its names.") from None


def constraints(text: str, values: Mapping[str, Any]) -> list[tuple[Poly, str]]:
    """Return the constraints (polynomial, relation to 0) that a relation stands for."""
    codes, kinds = _compiled(text)
    sides = [_run(code, values) for code in codes]
    if not kinds and not isinstance(sides[0], list):
        raise CertificateError(f"Expected a relation; got {text!r}.", "Compare it with something: x > 0.")
    if not kinds:
        return list(sides[0])
    triples = zip(sides, sides[1:], kinds, strict=False)
    return [(turn * (left - right), relation) for left, right, (turn, relation) in triples]


def written(p: Poly) -> str:
    """Return the polynomial as text that `evaluate` and the checker read."""
    return str(p).replace("^", "**")


def key(p: Poly) -> tuple[str, int]:
    """Return what identifies the polynomial up to positive scaling and sign, and its sign."""
    lead = p.leading_coefficient()
    return str(p / lead), 1 if lead > 0 else -1


def value(p: Poly) -> fmpq | None:
    """Return the value of a constant polynomial, else None."""
    if not isinstance(p, fmpq_mpoly):
        return fmpq(p)
    return p.leading_coefficient() if p.is_constant() and len(p) else (fmpq(0) if not len(p) else None)
