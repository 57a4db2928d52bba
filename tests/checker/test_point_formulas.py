"""Formulas are read as Python reads them where both can, and by their own grammar everywhere else."""

import ast
import operator
import random
from fractions import Fraction as Q

import pytest
from hand_made import Shape, meter_of, rejects

from stability.checker import point_formulas
from stability.checker.parts import part

LIMITS = part("limits")
SHAPES = {"L": Shape(2, 3, 4), "M": Shape(1, 2, 1)}
"""Units, numbers of a unit, examples."""
X, Y = ("variable", "x"), ("variable", "y")


def scope(names="x y", meter=None):
    return point_formulas.Scope(tuple(names.split()), SHAPES, meter or meter_of())


def number(n):
    return "number", n


def value(node, values):
    """Return the value of a tree, by a reading of its own."""
    kind, *rest = node
    if kind == "number":
        return Q(rest[0])
    if kind == "variable":
        return values[rest[0]]
    if kind == "sum":
        return sum(turn * value(each, values) for turn, each in rest[0])
    if kind == "power":
        return value(rest[0], values) ** rest[1]
    if kind == "product":
        found = Q(1)
        for sign, each in rest[0]:
            found = found * value(each, values) if sign == "*" else found / value(each, values)
        return found
    found = [value(each, values) for each in rest[0]]
    known = {"abs": lambda: abs(*found), "relu": lambda: max(Q(0), *found), "max": lambda: max(found)}
    return {**known, "min": lambda: min(found)}[kind]()


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("7", number(7)),
        ("x", X),
        ("(x)", X),
        ("x + y", ("sum", [(1, X), (1, Y)])),
        ("x - y + 2", ("sum", [(1, X), (-1, Y), (1, number(2))])),
        ("x*y/2", ("product", [("*", X), ("*", Y), ("/", number(2))])),
        ("x**3", ("power", X, 3)),
        ("x**(3)", ("power", X, 3)),
        ("-x", ("sum", [(-1, X)])),
        ("--x", X),
        ("---x", ("sum", [(-1, X)])),
        ("-x**2", ("sum", [(-1, ("power", X, 2))])),
        ("2*-x", ("product", [("*", number(2)), ("*", ("sum", [(-1, X)]))])),
        ("x - -y", ("sum", [(1, X), (-1, ("sum", [(-1, Y)]))])),
        ("(x + y)**2", ("power", ("sum", [(1, X), (1, Y)]), 2)),
        ("M.loss([x, 1])", ("call", "M", "loss", [[X, number(1)]])),
        ("M.out([x, y], 0)", ("call", "M", "out", [[X, Y], 0])),
        ("L.pre([x, 0, 0, y, 0, 0], 1, 3)", ("call", "L", "pre", [[X, *[number(0)] * 2, Y, *[number(0)] * 2], 1, 3])),
        ("M.d1([x, 1], [y, 2])", ("call", "M", "d1", [[X, number(1)], [Y, number(2)]])),
        ("M.d2([x, x], [y, y], [x, y])", ("call", "M", "d2", [[X, X], [Y, Y], [X, Y]])),
        ("abs(x)", ("abs", [X])),
        ("relu(x - y)", ("relu", [("sum", [(1, X), (-1, Y)])])),
        ("max(x, y, 1)", ("max", [X, Y, number(1)])),
        ("min(x, y)", ("min", [X, Y])),
    ],
)
def test_formulas_of_numbers(text, tree):
    assert scope().expression(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("x > y", ("compare", [X, Y], [">"])),
        ("x == 1", ("compare", [X, number(1)], ["="])),
        ("0 <= x < y != 2", ("compare", [number(0), X, Y, number(2)], ["<=", "<", "!="])),
        ("(x) >= (y)", ("compare", [X, Y], [">="])),
        ("M.rest([x, y], [1])", ("call", "M", "rest", [[X, Y], [number(1)]])),
        ("M.generic([x, y], [1, 0])", ("call", "M", "generic", [[X, Y], [number(1), number(0)]])),
        ("M.differentiable([x, y])", ("call", "M", "differentiable", [[X, Y]])),
        ("M.loss([x, y]) > 0", ("compare", [("call", "M", "loss", [[X, Y]]), number(0)], [">"])),
    ],
)
def test_relations(text, tree):
    assert scope().relation(text) == tree


def formula(draw, depth):
    """Return a formula that Python reads, too, without powers of negative numbers and divisions by formulas."""
    kind = draw.choice(["number", "x", "y", *["+", "-", "*", "/", "**", "neg", "abs", "max"] * (depth > 0)])
    if kind in ("x", "y"):
        return kind
    if kind == "number":
        return str(draw.randrange(10))
    inner = formula(draw, depth - 1)
    if kind == "neg":
        return f"-{inner}"
    if kind == "**":
        return f"({inner})**{draw.randrange(4)}"
    if kind == "/":
        return f"({inner})/{draw.randrange(1, 9)}"
    if kind == "abs":
        return f"abs({inner})"
    other = formula(draw, depth - 1)
    if kind == "max":
        return f"{draw.choice(['max', 'min'])}({inner}, {other})"
    return draw.choice([f"{inner} {kind} {other}", f"({inner}){kind}({other})"])


MEANINGS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def meaning(node, values):
    """Return what a formula is by the grammar of Python."""
    match node:
        case ast.Constant(value=number):
            return Q(number)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(operand=inner):
            return -meaning(inner, values)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=exponent)):
            return meaning(left, values) ** exponent
        case ast.BinOp(left=left, op=op, right=right):
            return MEANINGS[type(op)](meaning(left, values), meaning(right, values))
    return {"abs": abs, "max": max, "min": min}[node.func.id](*(meaning(each, values) for each in node.args))


def test_random_formulas_mean_what_they_mean_in_python():
    draw, read = random.Random(5), scope()
    values = {"x": Q(3, 7), "y": Q(-5, 2)}
    for _ in range(300):
        text = formula(draw, 4)
        assert value(read.expression(text), values) == meaning(ast.parse(text, mode="eval").body, values), text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected a number, a variable or a landscape"),
        ("x +", "expected a number, a variable or a landscape"),
        ("z", "expected a number, a variable or a landscape"),
        ("x y", "expected an end; got 'y'"),
        ("x > y", "expected an end; got '>'"),
        ("(x", "expected ')'"),
        ("x)", "expected an end"),
        ("+x", "expected a number, a variable"),
        ("x**y", "expected a whole number as exponent"),
        ("x**-1", "expected a whole number as exponent"),
        ("x**(2", "expected ')'"),
        ("x**2**3", "expected brackets around a power of a power"),
        ("x**(2)**3", "expected brackets around a power of a power"),
        ("x**1001", "at most 1,000 as the exponent of a power"),
        ("1.5", "expected an end; got '.'"),
        ("x $ y", "cannot be read at character 2"),
        ("x\n", "cannot be read at character 2"),
        ("M", "expected a number, a variable"),
        ("M.los([x, y])", "expected a function of landscapes that is known here; got 'los'"),
        ("M.rest([x, y], [1])", "expected a function of landscapes that is known here; got 'rest'"),
        ("N.loss([x, y])", "expected a number, a variable"),
        ("M.loss(x, y)", "expected '['"),
        ("M.loss([x])", "a list of 2 numbers before this (not 1)"),
        ("M.loss([x, y, 1])", "a list of 2 numbers before this (not 3)"),
        ("M.loss([x, y]", "expected ')'"),
        ("M.loss([x, y)", "expected ']'"),
        ("M.loss([x, y], 0)", "expected ')'"),
        ("M.out([x, y])", "expected ','"),
        ("M.out([x, y], x)", "expected the number of a unit or an example"),
        ("M.out([x, y], 1)", "expected units and examples up to 0; got 1"),
        ("L.pre([0, 0, 0, 0, 0, 0], 2, 0)", "expected units and examples up to 1; got 2"),
        ("L.pre([0, 0, 0, 0, 0, 0], 0, 4)", "expected units and examples up to 3; got 4"),
        ("abs(x, y)", "expected ')'"),
        ("relu()", "expected a number, a variable"),
        ("max(x)", "expected a comma and one more number"),
        ("min(x,)", "expected a number, a variable"),
        ("max", "expected a number, a variable"),
    ],
)
def test_what_is_no_number_is_rejected(text, reason):
    with rejects(reason):
        scope().expression(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x", "expected a relation; got ''"),
        ("M.loss([x, y])", "expected a relation"),
        ("x >", "expected a number, a variable"),
        ("x = y", "cannot be read"),
        ("x > y z", "expected a relation; got 'z'"),
        ("M.rest([x, y], [1]) > 0", "expected a relation; got '>'"),
        ("0 < M.rest([x, y], [1])", "expected a function of landscapes that is known here; got 'rest'"),
        ("M.rest([x, y], [1, 1])", "a list of 1 numbers before this (not 2)"),
        ("L.rest([0, 0, 0, 0, 0, 0], [1])", "a list of 8 numbers before this (not 1)"),
        ("M.loss([x, y]) + M.generic([x, y], [1, 0]) > 0", "known here; got 'generic'"),
        ("N.rest([x, y], [1])", "expected a number, a variable"),
        ("", "expected a number, a variable"),
    ],
)
def test_what_is_no_relation_is_rejected(text, reason):
    with rejects(reason):
        scope().relation(text)


@pytest.mark.parametrize("text", [None, 3, ["x"], b"x", True])
def test_a_formula_is_a_text(text):
    for read in (scope().expression, scope().relation):
        with rejects("expected a formula as text; got"):
            read(text)


def test_brackets_and_signs_are_nested_up_to_a_limit():
    most = LIMITS.NESTING
    for good in ("(" * most + "x" + ")" * most, "-" * most + "x"):
        scope().expression(good)
    for bad in ("(" * (most + 1) + "x" + ")" * (most + 1), "-" * (most + 1) + "x"):
        with rejects("brackets in each other"):
            scope().expression(bad)
    for around in ("abs(", "M.loss([0, "):
        deep, end = {"abs(": (most, ")"), "M.loss([0, ": (most // 2, "])")}[around]
        scope().expression(around * deep + "x" + end * deep)
        with rejects("brackets in each other"):
            scope().expression(around * (deep + 1) + "x" + end * (deep + 1))


def test_nesting_ends_with_each_bracket():
    many, deep = LIMITS.NESTING + 5, LIMITS.NESTING + 1
    for one in ("(x)", "-x", "abs(x)", "max(x, y)", "M.loss([x, y])", "(-x)"):
        scope().expression("+".join([one] * many))
        with rejects("brackets in each other"):
            scope().expression("+".join([one] * many) + "+" + "(" * deep + "x" + ")" * deep)


def test_exponents_and_numbers_up_to_a_limit():
    assert scope().expression(f"x**{LIMITS.EXPONENT}") == ("power", X, 1000)
    assert scope().expression("9" * LIMITS.DIGITS)[1] == int("9" * LIMITS.DIGITS)
    with rejects("digits of a number"):
        scope().expression("9" * (LIMITS.DIGITS + 1))
    with rejects("characters of a formula"):
        scope().expression("x" + " " * LIMITS.FORMULA)
    scope().expression("x" + " " * (LIMITS.FORMULA - 1))


def test_each_formula_is_read_and_paid_once():
    meter = meter_of()
    read = scope(meter=meter)
    assert read.expression("x + 1") is read.expression("x + 1")
    assert meter.total - meter.left == 5
    read.relation("x > 1")
    assert meter.total - meter.left == 10
    with rejects("expected a relation"):
        read.relation("x + 1")
    assert read.known == {"x", "y"}


def test_names_of_functions_may_be_variables_elsewhere():
    assert scope("abs max").expression("abs(max) + max") == (
        "sum",
        [(1, ("abs", [("variable", "max")])), (1, ("variable", "max"))],
    )
    assert scope("M").expression("M + 1") == ("sum", [(1, ("variable", "M")), (1, number(1))])


def test_words_and_signs_of_a_formula():
    assert point_formulas.tokens(" x1**(2)  <=_a ,[3.!=") == [
        *["x1", "**", "(", "2", ")", "<=", "_a", ",", "[", "3", ".", "!="]
    ]
    assert point_formulas.tokens("  ") == []
    with rejects("got 'x ? y', which cannot be read at character 2"):
        point_formulas.tokens("x ? y")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x+ y", "x + y"),
        ("-x", "-x"),
        ("x*-y", "x * -y"),
        ("(x-1)**2>=0", "(x - 1) ** 2 >= 0"),
        ("M.loss([x,-y] )==1", "M.loss([x, -y]) == 1"),
        ("max(x,y)", "max(x, y)"),
        ("[x]-1", "[x] - 1"),
    ],
)
def test_formulas_are_said_with_even_blanks(text, said):
    assert point_formulas.said(text) == said
