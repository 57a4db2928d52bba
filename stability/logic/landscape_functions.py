"""What may be asked of a landscape in documents, and as which formulas it is written.

A new word is one entry of `WORDS`: its arguments, what it stands for, and what must exist for it to make sense.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from stability.errors import StatementError, nearest
from stability.logic.formulas import short
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
        The relation, of points, without which it does not exist; "" where it always does.
    alone : bool
        Whether it is a relation by itself.
    at : tuple of int
        Which arguments are those points.
    """

    kinds: str
    value: Callable[..., Value] | None = None
    exists: str = ""
    alone: bool = False
    at: tuple[int, ...] = (0,)

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


def _plus(a: ast.expr, factor: ast.expr, b: ast.expr) -> ast.expr:
    return ast.BinOp(a, ast.Add(), ast.BinOp(factor, ast.Mult(), b))


def _minus(a: ast.expr, factor: ast.expr, b: ast.expr) -> ast.expr:
    return ast.BinOp(a, ast.Sub(), ast.BinOp(factor, ast.Mult(), b))


def _step(place: str, p: list[ast.expr], eta: ast.expr) -> Value:
    return [_minus(x, eta, slope) for x, slope in zip(p, _gradient(place, p), strict=True)]


def _carried(momentum: ast.expr, p: list[ast.expr], previous: list[ast.expr]) -> list[ast.expr]:
    """Return p + momentum (p - previous)."""
    return [_plus(x, momentum, ast.BinOp(x, ast.Sub(), old)) for x, old in zip(p, previous, strict=True)]


def _heavy_ball(
    place: str, eta: ast.expr, momentum: ast.expr, p: list[ast.expr], previous: list[ast.expr]
) -> list[ast.expr]:
    pairs = zip(_carried(momentum, p, previous), _gradient(place, p), strict=True)
    return [_minus(x, eta, slope) for x, slope in pairs]


def _nesterov(
    place: str, eta: ast.expr, momentum: ast.expr, p: list[ast.expr], previous: list[ast.expr]
) -> list[ast.expr]:
    more, less = (ast.BinOp(eta, ast.Mult(), each) for each in (_plus(number(1), number(1), momentum), momentum))
    slopes = zip(_carried(momentum, p, previous), _gradient(place, p), _gradient(place, previous), strict=True)
    return [_plus(_minus(x, more, here), less, before) for x, here, before in slopes]


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

STEPS = {
    "gradient_descent": LandscapeFunction("np", lambda place, n, p: _step(place, p, n), "differentiable", at=(1,)),
    "heavy_ball": LandscapeFunction("nnpp", _heavy_ball, "differentiable", at=(2,)),
    "nesterov": LandscapeFunction("nnpp", _nesterov, "differentiable", at=(2, 3)),
}
"""Update rules in `step(RULE(step, momentum), p, previous)`: their numbers, the point, and the point before.

The velocity is known from the two points, as in `stability.model.update_rules`: heavy ball goes to p + momentum
(p - previous) - step g(p), Nesterov's method to p + momentum (p - previous) - step ((1 + momentum) g(p) - momentum
g(previous)), where p is what training stores.
"""

NUMBERS = ("step", "momentum")
"""Of rules, in order."""


def word_of(node: ast.Call, name: str) -> tuple[LandscapeFunction | None, list[ast.expr], str]:
    """Return what a call asks of a landscape, its arguments, and how it is written; no word for functions of formulas.

    Raises
    ------
    StatementError
        If it is a step of a rule that there is not, or whose numbers are not its own.
    """
    word = WORDS.get(name)
    usage = "" if word is None else word.usage(name)
    first = node.args[0] if node.args else None
    if name != "step" or not isinstance(first, ast.Call) or not isinstance(first.func, ast.Name):
        return word, list(node.args), usage
    rule = first.func.id
    if rule == "step":  # the point after a step
        return word, list(node.args), usage
    if rule not in STEPS:
        raise StatementError(f"Expected an update rule in step; got {short(rule)}.", nearest(rule, list(STEPS)))
    wanted = NUMBERS[: STEPS[rule].kinds.count("n")]
    usage = f"Write step({rule}({', '.join(wanted)}), p{', previous' * (len(wanted) > 1)})."
    plain = [each for each in first.args if not isinstance(each, ast.Compare)]
    named = [_named(each) for each in first.args if isinstance(each, ast.Compare)]
    given = dict(zip(wanted, plain, strict=False)) | dict(named)
    if set(given) != {*wanted} or len(first.args) != len(wanted) or first.keywords:
        raise StatementError(f"Expected {' and '.join(wanted)} of {rule}; got {short(ast.unparse(first))}.", usage)
    return STEPS[rule], [*(given[each] for each in wanted), *node.args[1:]], usage


def _named(node: ast.Compare) -> tuple[str, ast.expr]:
    """Return the name and the value of `momentum = 9/10`, which is read as a comparison; no name for another."""
    is_name = isinstance(node.left, ast.Name) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq)
    return (ast.unparse(node.left) if is_name else ""), node.comparators[0]
