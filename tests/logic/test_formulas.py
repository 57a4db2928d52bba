"""Formulas are read, never run: what is hostile or too large is refused at once, and says what was expected."""

import re
import sys
from fractions import Fraction
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stability import landscape
from stability.errors import StatementError
from stability.logic import formulas
from stability.logic.polynomials import evaluate, readable, ring
from stability.logic.records import prove
from stability.logic.scopes import Scope
from stability.logic.statements import Exists, ForAll

XOR = {"L": landscape("abs1", "xor").to_record()}
SCOPE = Scope(["x", "y"], XOR)

HOSTILE = [
    # attributes, calls, names
    "().__class__.__mro__ > 0",
    "x.__class__ > 0",
    "x.real > 0",
    "L.__class__ > 0",
    "L.__class__() > 0",
    "L.ask([0, 0, 0]) > 0",
    "L.loss.__globals__ > 0",
    "L.loss.__func__([0, 0, 0]) > 0",
    "L.loss([0, 0, 0]).p > 0",
    "L.rows > 0",
    "L > 0",
    "__import__('os').mkdir('hacked') > 0",
    "__import__ > 0",
    "__builtins__ > 0",
    "_ > 0",
    "open('hacked') > 0",
    "print(x) > 0",
    "x() > 0",
    "L([0, 0, 0]) > 0",
    "getattr(L, 'loss')([0, 0, 0]) > 0",
    "(L.loss)(*[x, y, 1]) > 0",
    "L.loss(*[[x, y, 1]]) > 0",
    "L.loss(**{}) > 0",
    "L.loss(p=[x, y, 1]) > 0",
    "L.loss([*L, 1]) > 0",
    # other syntax
    "[x for x in [1]] > 0",
    "{x for x in [1]} > 0",
    "(lambda: 1)() > 0",
    "(y := 1) > 0",
    "f'{x}' > 0",
    "'a' > 0",
    'x > "a"',
    "b'a' > 0",
    "x[0] > 0",
    "[x][0] > 0",
    "x if y else 1",
    "x > 0 and y > 0",
    "not x > 0",
    "x // y > 0",
    "x % 2 > 0",
    "x @ y > 0",
    "x | y > 0",
    "x ^ 2 > 0",
    "~x > 0",
    "1 << 900000 > 0",
    "x is y",
    "x in [1]",
    "x > 0; y > 0",
    "x > 0\nimport os",
    "x > 0 # so",
    "x = 1",
    "x <> y",
    "await x > 0",
    "yield x",
    "(x, y) > 0",
    "{1: 2} > 0",
    "... > 0",
    "None > 0",
    "True > 0",
    # numbers
    ".5 > x",
    "5. > x",
    "0.5.5 > x",
    "0.5e1 > x",
    "0.5x > 0",
    "x.5 > 0",
    "x**0.5 > 0",
    "0." + "1" * 5000 + " > x",
    "1e400 > x",
    "1e-3 > x",
    "nan > x",
    "1j > 0",
    "0x10 > 0",
    "1_000 > 0",
    "2x > 0",
    "1" * 5000 + " > 0",
    "9**9**9 > 0",
    "10**10**10 > 0",
    "x**y > 0",
    "x**-1 > 0",
    "x**(1/2) > 0",
    "x**101 > 0",
    "1/x > 0",
    "1/(x - x) > 0",
    "1/L.loss([x, y, 0]) > 0",
    "1/0 > 0",
    "1/(2 - 2) > 0",
    # size
    "(" * 100 + "x" + ")" * 100 + " > 0",
    "(" * 5000 + "x" + ")" * 5000 + " > 0",
    "[" * 5000 + "x" + "]" * 5000 + " > 0",
    "-" * 3000 + "x > 0",
    "+".join(["x"] * 1000) + " > 0",
    "+".join(["x"] * 5000) + " > 0",
    "x > " * 4000 + "x",
    "x" * 30_000,
    "((x + y + 1)**100)**100 > 0",
    "(((2**100)**100)**100)**100 > 0",
    "*".join(["(x + y + 1)**90"] * 20) + " > 0",
    "*".join(["(x + y)**99"] * 290) + " > 0",
    # characters
    "\x00 > 1",
    "x\x00 > 0",
    "\u0445 > 0",
    "\uff58 > 0",
    "x² > 0",
    "x\u202e > 0",
    "x\u200b > 0",
    "x\\\n > 0",
    "x > 0 \x1b[31m",
    "",
    "   ",
    "1 >",
    # shapes
    "x",
    "L.loss([0, 0, 0])",
    "L.loss([0, 0]) > 0",
    "L.loss([0, 0, 0], 1) > 0",
    "L.loss(0) > 0",
    "L.loss([[0], 0, 0]) > 0",
    "L.out([0, 0, 0], 4) > 0",
    "L.out([0, 0, 0], -1) > 0",
    "L.out([0, 0, 0], x) > 0",
    "L.out([0, 0, 0], 1/2) > 0",
    "L.pre([0, 0, 0], 1, 0) > 0",
    "L.push([0, 0, 0], [0, 0, 0], 0) > 0",
    "L.rest([0, 0, 0], [1, 1])",
    "L.rest([0, 0, 0], [1, 1, 1, 1]) > 0",
    "L.generic([0, 0, 0], [1, 1, 1]) + 1 > 0",
    "[x] > 0",
    "(x > 0) > 0",
    "x > 0 > [1]",
    "z > 0",
    "M.loss([0, 0, 0]) > 0",
    "L.losss([0, 0, 0]) > 0",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_formula_is_refused_at_once_and_runs_nothing(text, tmp_path, monkeypatch, recwarn):
    monkeypatch.chdir(tmp_path)
    began = process_time()
    for states in (
        lambda: SCOPE.relation(text),
        lambda: ForAll("x y", [], [text], XOR),
        lambda: ForAll("x y", [text], ["x > 0"], XOR),
        lambda: Exists("x y", [text], XOR),
    ):
        with pytest.raises(StatementError) as problem:
            states()
        said = str(problem.value)
        assert "Expected" in said
        assert len(said) < 600
        assert said.replace("\n", "").isprintable()
        assert problem.value.remedy
    assert process_time() - began < 3
    assert not list(tmp_path.iterdir())
    assert not recwarn.list


@pytest.mark.parametrize("text", [5, None, 1.5, b"x > 0", ["x > 0"], Fraction(1, 2)])
def test_a_formula_is_a_text(text):
    with pytest.raises(StatementError, match="Expected a formula as text"):
        SCOPE.relation(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L.los([0, 0, 0]) > 0", "Did you mean 'loss'"),
        ("LL.loss([0, 0, 0]) > 0", "Did you mean 'L'"),
        (".25 > x", "Write 1/4"),
        ("relu(x, 1) > 1", "one number for relu; got 2"),
        ("x > max(1)", "two numbers or more for max; got 1"),
        ("max(x, y=2) > 1", "two numbers or more for max"),
        ("abs(*[x]) > 1", "Expected"),
        ("Abs(x) > 1", "Did you mean 'abs'"),
        ("sin(x) > 1", "abs, relu, max, min; got 'sin'"),
        ("max([x], 1) > 1", "got a list"),
        ("L.differentiable([0, 0, 0], 1)", "L.differentiable.point."),
        ("x > L.differentiable([0, 0, 0])", "Let it stand alone"),
        ("1e-3 > x", "Write 1/1000"),
        ("1/x > 1", "depends on x and may be 0"),
        ("x**-2 > 1", "a division"),
        ("x**y > 1", "whole exponent from 0 to 100"),
        ("9**9**9 > 1", "whole exponent from 0 to 100"),
        ("L.loss([0, 0]) > 0", "list of 3 numbers for L.loss.*got 2 entries"),
        ("L.out([0, 0, 0], 4) > 0", "from 0 to 3; got '4'"),
    ],
)
def test_an_error_names_what_would_do(text, words):
    with pytest.raises(StatementError, match="(?s)" + words):
        SCOPE.relation(text)


@pytest.mark.parametrize(
    "text",
    [
        "x > 0",
        "-x <= +y",
        "0 < x < y != 1",
        "x**0 >= 1/3",
        "(x + y + 1)**40 > 0",
        "x/(2*3) > 1/L.loss([0, 0, 0])",
        "L.loss([x, y, 1])**2 >= (4/3)**2",
        "L.generic([x, y, 0], [1, 1, 1])",
        "L.rest([x, y, 0], [1, 1, 0, 0])",
        "L.slope([x, y, 0], [1, 0, 0], [1, 1, 1]) < 0",
        "+".join(["x"] * 290) + " > 0",
        "(" * 50 + "x" + ")" * 50 + " > 0",
        "9" * 4000 + " > x",
    ],
)
def test_ordinary_formulas_are_read(text):
    SCOPE.relation(text)


def test_hints_may_ask_more_than_records():
    SCOPE.expression("L.push([0, 0, 0], [x, y, 0], 0)")
    with pytest.raises(StatementError, match="Expected a number"):
        SCOPE.expression("[x]")
    with pytest.raises(StatementError, match="relation generic"):
        SCOPE.expression("L.generic([x, y, 0], [1, 1, 1])")


@pytest.mark.parametrize(
    "names", ["x x", "x L", "lambda x", "__x", "\u0445", "x.y", "x,y", "1x", "L", "a" * 81, ["x"], None, 3]
)
def test_names_of_variables_are_names(names):
    with pytest.raises(StatementError, match="Expected"):
        ForAll(names, [], ["1 > 0"], XOR)


@pytest.mark.parametrize(
    "landscapes",
    [
        {"not a name": XOR["L"]},
        {"L": {}},
        {"L": None},
        {"L": {**XOR["L"], "loss": "max"}},
        {"L": {**XOR["L"], "units": True}},
        {"L": {**XOR["L"], "units": 0}},
        {"L": {**XOR["L"], "labels": ["1"]}},
        {"L": {**XOR["L"], "labels": [1, 1, 0, 0]}},
        {"L": {**XOR["L"], "labels": ["nan", "1", "0", "0"]}},
        {"L": {**XOR["L"], "points": []}},
        [XOR["L"]],
    ],
)
def test_landscapes_that_are_none_are_refused(landscapes):
    with pytest.raises(StatementError, match="Expected landscapes by name"):
        ForAll("x", [], ["x > 0"], landscapes)


@pytest.mark.parametrize("kind", [ForAll, Exists])
def test_a_landscape_may_be_given_as_it_is_or_as_its_record(kind):
    texts = ("x", ["x > 0"], ["L.loss([x, 0, 0]) >= 0"]) if kind is ForAll else ("x", ["L.loss([x, 0, 0]) >= 0"])
    given, record = (kind(*texts, {"L": each}) for each in (landscape("abs1", "xor"), XOR["L"]))
    assert given == record
    assert given.landscapes == XOR


def test_deep_formulas_are_read_far_down_the_stack():
    """The bounds leave room for the search and for the checker within Python's own limit."""
    text = "(" * 55 + "x" + " + 1)" * 55 + " > " + "+".join(["y"] * 290)

    def down(level):
        return down(level - 1) if level else (ForAll("x y", [], [text]).formal(), readable(text))

    assert down(sys.getrecursionlimit() - 500)


LEAVES = st.sampled_from(["x", "y", "0", "1", "2", "7"])
TREES = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from(["+", "-", "*"]), part).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(part, st.integers(0, 4)).map(lambda t: f"({t[0]})**{t[1]}"),
        st.tuples(part, st.integers(1, 9)).map(lambda t: f"({t[0]})/{t[1]}"),
        part.map(lambda t: f"-{t}"),
        part.map(lambda t: f"+{t}"),
    ),
    max_leaves=8,
)


def independent(text, x, y):
    """Return the value by Python's own arithmetic of fractions, in a text that this test wrote."""
    code = "".join(f"Q({c})" if c.isdigit() and not text[:k].endswith("**") else c for k, c in enumerate(text))
    return eval(code, {"Q": Fraction, "x": x, "y": y})


RATIONALS = st.fractions(min_value=-3, max_value=3, max_denominator=5)


@settings(deadline=None, max_examples=150)
@given(TREES, RATIONALS, RATIONALS)
def test_a_formula_is_worth_what_arithmetic_says_and_the_checker_reads_the_same(text, x, y):
    one = ring([])["1"]
    values = {name: one * v.numerator / v.denominator for name, v in (("x", x), ("y", y))}
    found = evaluate(text, {**values, "1": one})
    expected = independent(text, x, y)
    assert found == one * expected.numerator / expected.denominator
    at = {"x": str(x), "y": str(y)}
    read = prove(Exists("x y", [f"{text} == {expected}", f"x == {x}", f"y == {y}"], try_at=[at], samples=0))
    assert read.conclusion == "proved", read.reason


RUNS = re.compile(
    r"(?<![.\w])(eval|exec|compile|__import__)\(|parse_expr|import pickle|pickle\.|allow_pickle=True"
    r"|yaml\.(\w+_)?(load|load_all|parse)\((?!.*Loader=yaml\.(Safe|Base)Loader)|weights_only=False|sympify\((?!.*strict=True)"
)
"""What would run, or could run, what a text or a file says."""


def test_no_module_of_the_package_runs_a_text():
    paths = sorted(Path(formulas.__file__).parents[1].rglob("*.py"))
    found = [(path, *each) for path in paths for each in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)]
    assert len(paths) > 500
    assert not [f"{path}:{number}: {line.strip()}" for path, number, line in found if RUNS.search(line)]


def test_formulas_may_be_as_deep_and_as_long_as_is_said_and_no_more():
    """60 levels, 300 terms in a row, 5,000 parts: 20 sums of 120 names are 20 (120 + 119) + 19 of them."""
    row = "(" + " + ".join(["x"] * 120) + ")"
    for fits in ("(" * 60 + "x" + ")" * 60, "-" * 59 + "x", "+".join(["x"] * 300), "+".join([row] * 20)):
        assert evaluate(fits, ring(["x"])) in (fits.count("x") * ring(["x"])["x"], -ring(["x"])["x"])
    for text, problem in (
        ("(" * 61 + "x" + ")" * 61, "at most 60 brackets inside each other; got 61"),
        ("-" * 60 + "x", "nested at most 60 levels deep; got 61"),
        ("+".join(["x"] * 301), "at most 300 terms in a row; got 301"),
        ("+".join([row] * 21), "at most 5,000 parts; got 5,039"),
    ):
        with pytest.raises(StatementError, match=problem):
            formulas.parsed(text)


def test_decimals_are_quotients():
    for text, read in (
        ("0.25*x + 1.5 > 2", "(1/4)*x + (3/2) > 2"), ("x1.5", "x1.5"), ("1.5e3", "1.5e3"), ("3 + x", "3 + x"),
    ):  # fmt: skip
        assert formulas.exactly(text) == read
