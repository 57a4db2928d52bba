"""Vectors in formulas: numbers as syntax trees, lists of them, and what is made of these."""

import ast
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from stability.errors import StatementError
from stability.logic.formulas import short
from stability.logic.roots import squares_out

Value = Any
"""A number, as a syntax tree, or a vector: a list of numbers or of vectors."""

_SIGNS = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
"""The signs of cosine and sine at multiples of pi/4."""


def flat(value: Value) -> list[ast.expr]:
    """Return the numbers of a vector, of nested ones too; a number as the only one."""
    return [x for each in value for x in flat(each)] if isinstance(value, list) else [value]


def number(value: Fraction | int) -> ast.expr:
    """Return a number as a formula."""
    return ast.parse(str(value), mode="eval").body


def is_zero(value: Value) -> bool:
    """Return whether something is written as 0."""
    return isinstance(value, ast.Constant) and value.value == 0


def axes(size: int, *which: int) -> list[ast.expr]:
    """Return a vector along an axis, or the sum of those along several."""
    return [number(which.count(c)) for c in range(size)]


def summed(terms: Sequence[ast.expr]) -> ast.expr:
    """Return a sum."""
    found = terms[0]
    for each in terms[1:]:
        found = ast.BinOp(found, ast.Add(), each)
    return found


def rational(node: ast.expr) -> Fraction:
    """Return the value of an expression of numbers alone.

    Raises
    ------
    StatementError
        If there is something else in it.
    """
    match node:
        case ast.Constant(value=int(whole)):
            return Fraction(whole)
        case ast.UnaryOp(op=op, operand=inner):
            return -rational(inner) if isinstance(op, ast.USub) else rational(inner)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return rational(left) * rational(right)
        case ast.BinOp(left=left, op=ast.Div(), right=right) if rational(right):
            return rational(left) / rational(right)
    raise StatementError(f"Expected a rational number; got {short(ast.unparse(node))}.", "Write sqrt(2), or sqrt(1/2).")


def positive(node: ast.expr) -> Fraction:
    """Return the value of an expression of numbers alone that is above 0.

    Raises
    ------
    StatementError
        If it is something else.
    """
    value = rational(node)
    if value <= 0:
        raise StatementError(f"Expected a number above 0 under a root that divides; got {value}.", "Mind the sign.")
    return value


def square_root(value: Fraction) -> ast.expr:
    """Return the root of a rational number; of a square, the rational one.

    Raises
    ------
    StatementError
        If the number is negative.
    """
    if value < 0:
        raise StatementError(f"Expected a number from 0 on under a root; got {value}.", "Mind the sign.")
    outside, inside = squares_out(value.numerator * value.denominator)
    factor = Fraction(outside, value.denominator)
    if inside == 1:
        return number(factor)
    root = ast.Call(ast.Name("sqrt"), [number(inside)], [])
    return root if factor == 1 else ast.BinOp(number(factor), ast.Mult(), root)


def unit_vector(angle: ast.expr) -> list[ast.expr]:
    """Return the cosine and the sine of an angle, a multiple of pi/4.

    Raises
    ------
    StatementError
        If it is another angle.
    """
    turns = number(0) if is_zero(angle) else _without_pi(angle)
    eighths = None if turns is None else 4 * rational(turns)
    if eighths is None or eighths.denominator != 1:
        raise StatementError(
            f"Expected a multiple of pi/4 for angle; got {short(ast.unparse(angle))}.",
            "Write angle(3*pi/4), or a vector [x, y] with given x^2 + y^2 = 1.",
        )
    cosine, sine = _SIGNS[int(eighths) % 8]
    if cosine and sine:
        return [
            ast.UnaryOp(ast.USub(), half) if sign < 0 else half
            for sign in (cosine, sine)
            for half in [square_root(Fraction(1, 2))]
        ]
    return [number(cosine), number(sine)]


def _without_pi(node: ast.expr) -> ast.expr | None:
    """Return what pi is multiplied by, or nothing if the expression is no such product."""
    match node:
        case ast.Name(id="pi"):
            return number(1)
        case ast.UnaryOp(op=op, operand=inner):
            found = _without_pi(inner)
            return None if found is None else ast.UnaryOp(op, found)
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right):
            found = _without_pi(left)
            if found is not None:
                return ast.BinOp(found, op, right)
            found = _without_pi(right) if isinstance(op, ast.Mult) else None
            return None if found is None else ast.BinOp(left, op, found)
    return None


def mapped(value: Value, function: Callable[[ast.expr], ast.expr]) -> Value:
    """Return a vector with every number replaced; or a number, replaced."""
    return [mapped(each, function) for each in value] if isinstance(value, list) else function(value)


def filled_like(vector: Value, entry: Value) -> Value:
    """Return a vector of a shape, one number everywhere."""
    return [filled_like(each, entry) for each in vector] if isinstance(vector, list) else entry


def shown_size(value: Value) -> str:
    """Return in words whether something is a number or a vector, and of how many entries."""
    return f"a vector of {len(value)}" if isinstance(value, list) else "a number"
