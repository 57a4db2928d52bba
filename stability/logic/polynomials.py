"""Formulas read as exact polynomials, and polynomials written as formulas."""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx

from stability.errors import StatementError
from stability.logic.formulas import READ_AT_ONCE, exactly, parsed, short
from stability.logic.roots import reduced, sign_of_number

Poly = Any
"""A flint polynomial over the rationals (flint ships no types)."""

RELATIONS = {ast.Gt: (1, ">"), ast.GtE: (1, ">="), ast.Lt: (-1, ">"), ast.LtE: (-1, ">=")} | {
    ast.Eq: (1, "="),
    ast.NotEq: (1, "!="),
}

ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


SIGN = "sign of"
"""The key, which is no name, of the function that knows signs on a branch: -1, 0 or 1 for a polynomial."""

HIGH = re.compile(r"(\w+)\*\*(1[3-9]|[2-9][0-9]|[0-9]{3,})")
"""Powers of variables beyond what the checker reads at once."""


def ring(names: Sequence[str]) -> dict[str, Poly]:
    """Return the variables of the polynomial ring over these names, with "1" for its unit."""
    context = fmpq_mpoly_ctx.get(list(names) or ["_"], Ordering.deglex)
    found = dict(zip(names, context.gens(), strict=False))
    return {**found, "1": context.constant(1)}


def evaluate(text: str, values: Mapping[str, Any]) -> Any:
    """Return what a formula stands for: a polynomial, or constraints.

    Nothing is run: the syntax tree is read node by node.

    Raises
    ------
    StatementError
        If it is no formula, or names something unknown.
    """
    return _read(parsed(text), text, values)


def _read(node: ast.expr, text: str, values: Mapping[str, Any]) -> Any:
    try:
        return _kept_reader(node)(values)
    except KeyError as problem:
        raise StatementError(f"Expected known names; got {problem} in {short(text)}.", "Check its names.") from None
    except (TypeError, ValueError, IndexError, AttributeError) as problem:
        raise StatementError(
            f"Expected numbers and lists of them; got {short(text)} ({problem}).", "Check its lists and numbers."
        ) from None
    except ZeroDivisionError:
        raise StatementError(f"Expected no division by 0; got {short(text)}.", "Leave the division out.") from None


_Reader = Callable[[Mapping[str, Any]], Any]
"""Returns what a node of a syntax tree stands for, where names have these values."""


@lru_cache(maxsize=4096)
def _kept_reader(node: ast.expr) -> _Reader:
    """Return the reader of a formula, which searches read for thousands of values."""
    return _reader(node)


def _reader(node: ast.expr) -> _Reader:
    """Return the reader of a node; sums and products are read from the left without recursion."""
    spine: list[ast.BinOp] = []
    while isinstance(node, ast.BinOp):
        spine.append(node)
        node = node.left
    first = _single(node)
    steps = [_step(each) for each in reversed(spine)]
    if not steps:
        return first

    def read(values: Mapping[str, Any]) -> Any:
        found = first(values)
        for operation, right in steps:
            found = operation(found, right(values))
        return found

    return read


def _step(node: ast.BinOp) -> tuple[Callable[[Any, Any], Any], _Reader]:
    right = node.right
    if isinstance(node.op, ast.Pow):
        return operator.pow, lambda _: _exponent(right)
    return ARITHMETIC[type(node.op)], _reader(right)


def _single(node: ast.expr) -> _Reader:
    match node:
        case ast.Constant(value=number):
            return lambda values: values["1"] * number
        case ast.Name(id=name):
            return operator.itemgetter(name)
        case ast.UnaryOp(op=op, operand=operand):
            inner = _reader(operand)
            return (lambda values: -inner(values)) if isinstance(op, ast.USub) else inner
        case ast.List(elts=entries):
            readers = [_reader(entry) for entry in entries]
            return lambda values: [each(values) for each in readers]
        case ast.Call(func=ast.Name(id="sqrt"), args=args):
            return operator.itemgetter(f"sqrt({ast.unparse(args[0])})")
        case ast.Call(func=ast.Name(id=name), args=args):
            given = [_reader(arg) for arg in args]
            return lambda values: _piecewise(name, [each(values) for each in given], values[SIGN])
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr), args=args):
            given = [_reader(arg) for arg in args]
            return lambda values: values[name].ask(attr, [each(values) for each in given])
    return _refuse


def _refuse(values: Mapping[str, Any]) -> Any:
    raise ValueError("expected a number")


def _piecewise(name: str, args: Sequence[Poly], sign: Callable[[Poly], int]) -> Poly:
    """Return what a function of numbers is where the signs that it depends on are known."""
    first, *more = args
    if name in ("abs", "relu"):
        side = sign(first)
        return first * side if name == "abs" else first * max(side, 0)
    turn = 1 if name == "max" else -1
    for each in more:
        first = each if turn * sign(each - first) > 0 else first
    return first


def _exponent(node: ast.expr) -> int:
    if not (isinstance(node, ast.Constant) and type(node.value) is int):
        raise ValueError("expected a whole exponent written as a number")
    return node.value


def constraints(text: str, values: Mapping[str, Any]) -> list[tuple[Poly, str]]:
    """Return the constraints (polynomial, relation to 0) that a relation stands for."""
    node = parsed(text)
    if not isinstance(node, ast.Compare):
        found = _read(node, text, values)
        if not isinstance(found, list) or not isinstance(node, ast.Call):
            raise StatementError(f"Expected a relation; got {short(text)}.", "Compare it with something: x > 0.")
        return [(reduced(p), relation) for p, relation in found]
    sides = [_read(side, text, values) for side in (node.left, *node.comparators)]
    triples = zip(sides, sides[1:], (RELATIONS[type(op)] for op in node.ops), strict=False)
    return [(reduced(turn * (left - right)), relation) for left, right, (turn, relation) in triples]


def written(p: Poly) -> str:
    """Return the polynomial as text that `evaluate` and the checker read."""
    return HIGH.sub(_product, str(p).replace("^", "**"))


def _product(power: re.Match[str]) -> str:
    whole, rest = divmod(int(power[2]), READ_AT_ONCE)
    return "*".join([f"{power[1]}**{READ_AT_ONCE}"] * whole + [f"{power[1]}**{rest}"] * bool(rest))


@lru_cache(maxsize=4096)
def readable(text: str) -> str:
    """Return a formula as the checker reads it: the same text, but for decimals, high powers, powers of 0, signs +."""
    text = exactly(text)
    if not any(_beyond(node) for node in ast.walk(parsed(text))):
        return text
    try:
        return ast.unparse(_Plain().visit(ast.parse(text.strip(), mode="eval").body))
    except RecursionError:
        raise StatementError(f"Expected high powers less deep in {short(text)}.", "Split the statement.") from None


def _beyond(node: ast.AST) -> bool:
    match node:
        case ast.UnaryOp(op=ast.UAdd()):
            return True
        case ast.BinOp(op=ast.Pow(), right=right):
            return not 0 < _exponent(right) <= READ_AT_ONCE
    return False


class _Plain(ast.NodeTransformer):
    """Writes powers beyond what the checker reads at once as products, and leaves out signs +."""

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        inner: ast.expr = self.visit(node.operand)
        return inner if isinstance(node.op, ast.UAdd) else ast.UnaryOp(node.op, inner)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, power = self.visit(node.left), node.right
        if not isinstance(node.op, ast.Pow):
            return ast.BinOp(left, node.op, self.visit(power))
        n = _exponent(power)
        if 0 < n <= READ_AT_ONCE:
            return ast.BinOp(left, node.op, power)
        if n == 0:
            return ast.Constant(1)
        whole, rest = divmod(n, READ_AT_ONCE)
        high = ast.BinOp(left, ast.Pow(), ast.Constant(READ_AT_ONCE))
        high = ast.BinOp(high, ast.Pow(), ast.Constant(whole)) if whole > 1 else high
        return ast.BinOp(high, ast.Mult(), ast.BinOp(left, ast.Pow(), ast.Constant(rest))) if rest else high


def key(p: Poly) -> tuple[str, int]:
    """Return what identifies the polynomial up to positive scaling and sign, and its sign."""
    p = reduced(p)
    lead = p.leading_coefficient()
    return str(p / lead), 1 if lead > 0 else -1


def value(p: Poly) -> fmpq | None:
    """Return the value of a constant polynomial, of an irrational one a rational number with its sign; else None."""
    if not isinstance(p, fmpq_mpoly):
        return fmpq(p)
    p = reduced(p)
    if p.is_constant():
        return p.leading_coefficient() if len(p) else fmpq(0)
    sign = sign_of_number(p)
    return None if sign is None else fmpq(sign)
