"""Square roots in formulas: against floats with margins, what is proved of them, and forged records."""

import copy
from fractions import Fraction
from math import cos, pi, sin, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stability import Exists, ForAll, Not, check, landscape, prove
from stability.checker import checker
from stability.errors import StatementError
from stability.logic.notation import Notation
from stability.logic.polynomials import constraints, ring, value
from stability.logic.roots import bounds, known, quadratic_roots, reduced, roots_in, sign_of_number, surd
from stability.logic.scopes import Scope

WHOLE = st.integers(2, 200).filter(lambda n: int(sqrt(n)) ** 2 != n)
RATIONAL = st.fractions(-20, 20, max_denominator=30)
PLACES = {"L": landscape("abs1", "xor", "mean"), "R": landscape("relu1", "xor")}


def polynomial(root, text):
    (found,) = constraints(f"{text} > 0", ring(["x", f"sqrt({root})"]))
    return found[0]


@given(WHOLE, RATIONAL, RATIONAL)
@settings(max_examples=200, deadline=None)
def test_signs_are_those_of_floats_where_these_are_sure(n, a, b):
    p, about = polynomial(n, f"({a}) + ({b})*sqrt({n})"), float(a) + float(b) * sqrt(n)
    sign = sign_of_number(p)
    if abs(about) > 1e-9:
        assert sign == (1 if about > 0 else -1)
    assert (sign == 0) == (a == b == 0)  # a root of a number that is no square is irrational
    held = "> 0" if sign > 0 else "< 0" if sign < 0 else "== 0"
    judged = prove(ForAll("", [], [f"({a}) + ({b})*sqrt({n}) {held}"]))
    assert judged.conclusion == "proved"
    assert check(judged.record)


@given(WHOLE, RATIONAL, RATIONAL, RATIONAL, RATIONAL)
@settings(max_examples=60, deadline=None)
def test_products_are_those_of_floats(n, a, b, c, d):
    product = polynomial(n, f"(({a}) + ({b})*sqrt({n}))*(({c}) + ({d})*sqrt({n}))")
    exact = polynomial(n, f"({a * c + b * d * n}) + ({a * d + b * c})*sqrt({n})")
    assert product == exact == reduced(product)


def test_roots_lie_between_their_bounds():
    for n in (2, 3, 5, 999, 10**12 - 1):
        low, high = bounds(f"sqrt({n})")
        assert low * low < n < high * high
    values = ring(["x", "sqrt(2)"])
    assert [relation for _, relation in known(values)] == [">"] * 3
    assert all(value(p) > 0 for p, _ in known(values))


@pytest.mark.parametrize(
    ("variables", "given_", "goal", "squares"),
    [
        ("", [], "sqrt(2)**2 == 2", ()),
        ("", [], "sqrt(2) > 1414213562/1000000000", ()),
        ("", [], "abs(1 - sqrt(2)) == sqrt(2) - 1", ()),
        ("", [], "max(sqrt(3), 7/4) == 7/4", ()),
        ("x", ["x > 0"], "sqrt(2)*x > x", ()),
        ("x", ["x > sqrt(2)"], "x**2 > 2", ()),
        ("x", [], "x**2 + sqrt(2)*x + 1 > 0", ["x + sqrt(2)/2"]),
        ("x y", ["x > sqrt(2)*y", "y > 0"], "x > y", ()),
        ("x", ["x == sqrt(2)*x"], "x == 0", ()),
    ],
)
def test_what_holds_is_proved_and_its_contrary_refuted(variables, given_, goal, squares):
    statement = ForAll(variables, given_, [goal], squares=squares)
    judged = prove(statement)
    assert judged.conclusion == "proved", judged.reason
    assert check(judged.record)
    assert prove(Not(statement)).conclusion == "refuted"


@pytest.mark.parametrize("goal", ["sqrt(2)*x > 0", "x > sqrt(2)", "x**2 != 2*x", "sqrt(2)*x == x"])
def test_what_fails_is_refuted(goal):
    judged = prove(ForAll("x", ["x > -1"], [goal]))
    assert judged.conclusion == "refuted"
    assert check(judged.record)


@pytest.mark.parametrize("name", ["L", "R"])
@pytest.mark.parametrize("k", range(8))
def test_losses_along_unit_vectors_are_those_of_floats(name, k):
    place = PLACES[name]
    reading = Notation([], Scope([], {name: place.to_record()}))
    left, right = reading.numbers(f"angle({k}*pi/4)")
    w = [cos(k * pi / 4), sin(k * pi / 4)]
    outputs = [sum(a * float(x) for a, x in zip(w, point, strict=True)) for point in place.data.points]
    outputs = [abs(z) if name == "L" else max(z, 0) for z in outputs]
    about = sum((z - float(y)) ** 2 for z, y in zip(outputs, place.data.labels, strict=True))
    about /= 4 if name == "L" else 1
    low, high = Fraction(about - 1e-9).limit_denominator(10**12), Fraction(about + 1e-9).limit_denominator(10**12)
    point = f"[{left}, {right}, 0]"
    judged = prove(ForAll("", [], [f"{name}.loss({point}) > {low}", f"{name}.loss({point}) < {high}"], {name: place}))
    assert judged.conclusion == "proved"


def test_angles_stand_in_formulas_of_documents():
    reading = Notation(["r"], Scope([], {"L": PLACES["L"].to_record()}))
    along = "loss([(r*angle(-pi/4))[0], (r*angle(-pi/4))[1], 0])"
    for value_, conclusion in (("r^2 - sqrt(2)*r + 1/2", "proved"), ("r^2 - 2*r/sqrt(2) + 0.5", "proved"),
                               ("r^2 - r + 1/2", "refuted")):  # fmt: skip
        relations = reading.relations(f"{along} = {value_}")
        judged = prove(ForAll("r", ["r > 0"], relations, {"L": PLACES["L"]}))
        assert judged.conclusion == conclusion
        assert check(judged.record)
    assert reading.relations("1/sqrt(2) = sqrt(1/2)") == ["1 * (1 / 2 * sqrt(2)) == 1 / 2 * sqrt(2)"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sqrt(4) > 1", "no square"),
        ("sqrt(0) > 1", "no square"),
        ("sqrt(x) > 1", "whole number below a square root"),
        ("sqrt(1/2) > 1", "whole number below a square root"),
        ("sqrt(-2) > 1", "whole number below a square root"),
        ("sqrt(2, 3) > 1", "whole number below a square root"),
        ("sqrt(2000000000003) > 1", "at most 1,000,000,000,000"),
        ("sqrt(sqrt(2)) > 1", "whole number below a square root"),
        ("1/sqrt(2) > 0", "rational number below a fraction"),
        ("sqrt(2) > sqrt(3)", "one square root in a statement"),
        ("sqrt > 1", "Expected a variable"),
    ],
)
def test_other_roots_are_refused(text, words):
    with pytest.raises(StatementError, match=words):
        ForAll("x", [], [text])


def test_two_relations_may_not_have_two_roots():
    with pytest.raises(StatementError, match="s\\^2 = 3"):
        ForAll("x", ["x > sqrt(2)"], ["x > sqrt(3)"])
    assert roots_in(["sqrt(2)", "2*sqrt( 2 )"]) == ["sqrt(2)"]


def forged(record, change):
    copied = copy.deepcopy(record)
    change(copied)
    copied["id"] = ""
    copied["id"] = checker.digest(copied)
    return copied


def test_records_that_were_tampered_with_are_rejected():
    record = prove(ForAll("x", ["x > 0"], ["sqrt(2)*x > x"])).record

    def says(text):
        return lambda r: r["statement"]["then"][0].__setitem__(0, text)

    def given_is(text):
        return lambda r: r["statement"]["given"].__setitem__(0, text)

    changes = [
        says("sqrt(2)*x > 3/2*x"), says("sqrt(3)*x < x"), says("sqrt(4)*x > x"), says("sqrt(x) > x"),
        says("sqrt(2)*x > sqrt(3)*x"), says("sqrt(1)*x > x"), says("sqrt(02)*x < x"), says("sqrt(-2)*x > x"),
        says("sqrt(2000000000003)*x > x"), says("sqrt(2)*x > x**2"), says("sqrt 2*x > x"), says("sqrt()*x > x"),
        given_is("x > -1"), given_is("x > sqrt(3)"),
        lambda r: r.__setitem__("conclusion", "refuted"),
        lambda r: r["proof"]["instance"].__setitem__("x", "-1"),
    ]  # fmt: skip
    assert check(record)
    for change in changes:
        with pytest.raises(checker.Rejected):
            checker.check(forged(record, change))


def test_a_proof_without_variables_cannot_be_turned_round():
    record = prove(ForAll("", [], ["3 - 2*sqrt(2) > 0"])).record
    for text in ("3 - 2*sqrt(2) < 0", "3 - 2*sqrt(2) == 0", "14 - 10*sqrt(2) > 0", "sqrt(2)**2 == 3"):
        with pytest.raises(checker.Rejected):
            checker.check(forged(record, lambda r, text=text: r["statement"]["then"][0].__setitem__(0, text)))


def test_landscapes_may_be_asked_at_irrational_points():
    point = "[sqrt(2)/2, -sqrt(2)/2, 0]"
    goals = [
        f"L.pre({point}, 0, 0) == 0", f"L.loss({point}) == 3/2 - sqrt(2)", f"L.d1({point}, [1, -1, 0]) == 2*sqrt(2) - 2"
    ]  # fmt: skip
    pre = sum(float(x) * w for x, w in zip(PLACES["L"].data.points[0], (sqrt(0.5), -sqrt(0.5)), strict=True))
    goals[0] = goals[0] if abs(pre) < 1e-9 else goals[0].replace("==", ">" if pre > 0 else "<")
    judged = prove(ForAll("", [], goals, {"L": PLACES["L"]}))
    assert judged.conclusion == "proved"
    assert check(judged.record)


@pytest.mark.parametrize(
    ("statement", "conclusion"),
    [
        (ForAll("x", ["x**2 == 2", "x > 0"], ["x == sqrt(2)"]), "proved"),
        (ForAll("x", ["x**2 == 2"], ["x > 0"]), "refuted"),
        (ForAll("x", ["x**2 == 3", "x > 0"], ["x > 1"]), "proved"),
        (Exists("w", ["2*w**2 == 1", "w > 0"]), "proved"),
        (Exists("w", ["w**2 - 2*w == 1", "w < 0"]), "proved"),
        (Exists("x y", ["x*y == sqrt(2)"], try_at=[{"x": "1 + sqrt(2)", "y": "2 + -1*sqrt(2)"}]), "proved"),
        (Exists("w", ["w**2 == 2", "w > 3/2"]), "refuted"),
    ],
)
def test_irrational_values_are_instances(statement, conclusion):
    judged = prove(statement)
    assert judged.conclusion == conclusion, judged.reason
    assert check(judged.record)


def test_forged_irrational_values_are_rejected():
    record = prove(Exists("w", ["w**2 - 2*w == 1", "w < 0"])).record
    assert record["proof"]["witness"] == {"w": "1 + -1*sqrt(2)"}
    wrong = [
        "1 + 1*sqrt(2)", "1 + -1*sqrt(3)", "sqrt(2)", "1 + -1*sqrt(4)", "1 + -1*sqrt(02)", "1 - sqrt(2)", "sqrt(-1)",
        "1 + -1*sqrt(2) + 0*sqrt(3)", "1+-1*sqrt(2)", "1 + -1/0*sqrt(2)", "1 + -1*sqrt(99999999999999999999)", 1, None,
        ["1", "-1"], "1 + -1*sqrt(2)\n", "nan + sqrt(2)", "",
    ]  # fmt: skip
    for value_ in wrong:
        with pytest.raises(checker.Rejected):
            checker.check(forged(record, lambda r, value_=value_: r["proof"]["witness"].__setitem__("w", value_)))


@given(RATIONAL, RATIONAL, st.fractions(-5, 5, max_denominator=6).filter(bool))
@settings(max_examples=100, deadline=None)
def test_quadratic_equations_have_the_roots_of_floats(b, c, a):
    found = [
        surd(each) for each in quadratic_roots(constraints(f"({a})*x**2 + ({b})*x + ({c}) > 0", ring(["x"]))[0][0])
    ]
    square = float(b * b - 4 * a * c)
    assert len(found) == 2 * (square > 0) or abs(square) < 1e-9
    for p, q, name in found:
        x = float(p) + float(q) * (sqrt(int(name[5:-1])) if name else 0)
        assert abs(float(a) * x * x + float(b) * x + float(c)) < 1e-6
