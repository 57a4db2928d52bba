"""What may be asked of a landscape in documents, and as which formulas it is written.

A new word is one entry of `WORDS`: its arguments, what it stands for, and what must exist for it to make sense.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from stability.logic.vectors import Value, axes, number

KINDS = {"p": "p", "d": "d", "i": "0", "j": "0", "n": "1/4"}
"""Kinds of arguments - points, directions, examples, units, numbers - and one of each for hints."""


@dataclass(frozen=True)
class LandscapeFunction:
    """One function of a landscape.

    Attributes
    ----------
    kinds : str
        Its arguments, by `KINDS`.
    value : callable, optional
        From the name of the landscape and the arguments to what it stands for; none for what is not part of formulas.
    exists : str
        The relation, of the point, without which it does not exist; "" where it always does.
    alone : bool
        Whether it is a relation by itself.
    """

    kinds: str
    value: Callable[..., Value] | None = None
    exists: str = ""
    alone: bool = False

    def usage(self, name: str) -> str:
        """Return how it is written."""
        return f"Write {name}({', '.join(KINDS[kind] for kind in self.kinds)})."


def asked(place: str, name: str, *arguments: Value) -> ast.Call:
    """Return the formula of a function of a landscape."""
    given: list[ast.expr] = [ast.List(each, ast.Load()) if isinstance(each, list) else each for each in arguments]
    return ast.Call(ast.Attribute(ast.Name(place), name), given, [])


def _curvature(place: str, p: list[ast.expr], d: list[ast.expr]) -> Value:
    return asked(place, "d2", p, d, [number(0) for _ in d])


def _gradient(place: str, p: list[ast.expr]) -> Value:
    return [asked(place, "d1", p, axes(len(p), k)) for k in range(len(p))]


def _hessian(place: str, p: list[ast.expr]) -> Value:
    """Return the second derivatives; mixed ones from those along the sums of two axes."""

    def along(*which: int) -> ast.expr:
        return _curvature(place, p, axes(len(p), *which))  # type: ignore[no-any-return]

    def entry(k: int, m: int) -> ast.expr:
        if k == m:
            return along(k)
        mixed = ast.BinOp(ast.BinOp(along(k, m), ast.Sub(), along(k)), ast.Sub(), along(m))
        return ast.BinOp(mixed, ast.Div(), number(2))

    return [[entry(k, m) for m in range(len(p))] for k in range(len(p))]


def _step(place: str, p: list[ast.expr], eta: ast.expr) -> Value:
    pairs = zip(p, _gradient(place, p), strict=True)
    return [ast.BinOp(x, ast.Sub(), ast.BinOp(eta, ast.Mult(), slope)) for x, slope in pairs]


WORDS = {
    "loss": LandscapeFunction("p", lambda place, p: asked(place, "loss", p)),
    "gradient": LandscapeFunction("p", _gradient, exists="differentiable"),
    "hessian": LandscapeFunction("p", _hessian, exists="twice_differentiable"),
    "slope": LandscapeFunction("pd", lambda place, p, d: asked(place, "d1", p, d)),
    "curvature": LandscapeFunction("pd", _curvature),
    "output": LandscapeFunction("pi", lambda place, p, i: asked(place, "out", p, i)),
    "preactivation": LandscapeFunction("pji", lambda place, p, j, i: asked(place, "pre", p, j, i)),
    "step": LandscapeFunction("pn", _step, exists="differentiable"),
    "differentiable": LandscapeFunction("p", lambda place, p: asked(place, "differentiable", p), alone=True),
    "stationary": LandscapeFunction("p", alone=True),
    "local_minimum": LandscapeFunction("p", alone=True),
}
"""The words of documents, beside the functions of formulas (`stability.logic.formulas.FUNCTIONS`)."""
