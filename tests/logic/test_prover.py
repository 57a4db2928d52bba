"""What the search proves is true, what it refutes is false, what it cannot decide is open with a reason."""

from fractions import Fraction
from itertools import product
from random import Random

import numpy as np
import pytest
from checked_records import ONE
from float_oracle import FloatLandscape, wrong
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from stability import landscape
from stability.checker import checker
from stability.errors import CertificateError, FileError, StatementError
from stability.logic import branches, contradiction, polynomials, prover, settling
from stability.logic.branches import UniversalStatement
from stability.logic.prover import Search
from stability.logic.records import prove, write
from stability.logic.statements import AllOf, Exists, ForAll, Lazy, Not, Settled
from stability.model.datasets import Dataset

L = {"L": ONE.to_record()}
UNIT = ["x >= 0", "x <= 1"]
SQUARE = [*UNIT, "y >= 0", "y <= 1"]


def concluded(statement):
    """Return the conclusion; the checker must confirm it and the float reading must not contradict it."""
    found = prove(statement)
    if found.conclusion is None:
        assert found.reason
        assert found.record is None
        bracketed = getattr(statement, "root", None) is not None  # a bracket is only looked at by the checker
        assert bracketed or "the checker rejected" not in found.reason
        return None
    assert found.record["conclusion"] == found.conclusion
    assert found.record["statement"] == statement.formal()
    assert checker.check(found.record) == found.words
    assert found.certificate == found.record["id"]
    assert not wrong(found.record)
    return found.conclusion


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        # means, with the square as a hint or as products of the givens
        (ForAll("x y", [], ["x**2 + y**2 >= 2*x*y"], squares=["x - y"]), "proved"),
        (ForAll("x y", ["x >= 0", "y >= 0"], ["(x + y)**2 >= 4*x*y"], squares=["x - y"]), "proved"),
        (ForAll("x y", ["x >= 0", "y >= x"], ["(x + y)**2 >= 4*x*y"]), "proved"),
        (ForAll("x y", ["x > 0", "y > x"], ["(x + y)**2 > 4*x*y"]), "proved"),
        (ForAll("x y", ["x > 0", "y >= x"], ["(x + y)**2 > 4*x*y"]), "refuted"),
        (ForAll("x", UNIT, ["x*(1 - x) <= 1/4"], squares=["x - 1/2"]), "proved"),
        (ForAll("x", UNIT, ["x*(1 - x) < 1/4"], squares=["x - 1/2"]), "refuted"),
        (ForAll("x", UNIT, ["x*(1 - x) <= 1/3"]), "proved"),
        (ForAll("x", UNIT, ["x**3 <= x"]), "proved"),
        (ForAll("x", UNIT, ["x**3 >= x"]), "refuted"),
        (ForAll("x y", SQUARE, ["x*y >= x + y - 1"]), "proved"),
        (ForAll("x y", SQUARE, ["x*y > x + y - 1"]), "refuted"),
        # equations, inequations, chains
        (ForAll("x y", ["x + y == 2", "x - y == 0"], ["x == 1", "y == 1"]), "proved"),
        (ForAll("x y", ["x + y == 2"], ["x == 1"]), "refuted"),
        (ForAll("x y", ["x == y"], ["x**2 == y**2"]), "proved"),
        (ForAll("x", ["x != 0"], ["x**2 > 0"], splits=["x"]), "proved"),
        (ForAll("x", ["0 < x < 1"], ["x**2 != 1"]), "proved"),
        (ForAll("x", ["0 <= x <= 1"], ["x**2 != 1"]), "refuted"),
        (ForAll("x", [], [["x > 0"], ["x < 0"], ["x == 0"]], splits=["x"]), "proved"),
        (ForAll("x", [], [["x > 0"], ["x < 0"]], splits=["x"]), "refuted"),
        # numbers
        (ForAll("", [], ["1/2 + 1/3 == 5/6", "2**10 == 1024", "-2**2 == -4"]), "proved"),
        (ForAll("", [], ["1/2 + 1/3 == 4/6"]), "refuted"),
        # the givens contradict each other
        (ForAll("x", ["x > 0", "x < 0"], ["x > 0"]), "vacuous"),
        (ForAll("x y", ["x > y", "y > 0", "x*y < 0"], ["x == 3"]), "vacuous"),
        (ForAll("x", ["x == 0", "x != 0"], ["x > 0"]), "vacuous"),
        # an irrational point, between two rational ones
        (ForAll("x", ["x**2 == 2", "x > 0"], ["x < 142/100"], root=("1", "2")), "proved"),
        (ForAll("x", ["x**2 == 2", "x > 0"], ["x < 141/100"], root=("1", "2")), "refuted"),
        (ForAll("x", ["x**2 == 2", "x > 0"], ["x**4 == 4", "x**3 == 2*x"], root=("1", "2")), "proved"),
        (ForAll("x", ["x**2 == 2", "x > 0"], [["x == 7/5"], ["x**2 > 3"]], root=("1", "2")), "refuted"),
        # existence
        (Exists("x y", ["x + y == 1", "x == 2*y"], try_at=[{"x": "2/3", "y": "1/3"}]), "proved"),
        (Exists("x y", ["x > y", "y > x"]), "refuted"),
        (Exists("x", ["x > 1/2", "x < 3/4"]), "proved"),
        # both ways round
        (Not(ForAll("x", [], ["x > 0"])), "proved"),
        (Not(ForAll("x", UNIT, ["x**3 <= x"])), "refuted"),
        (Not(Not(ForAll("x", UNIT, ["x**3 <= x"]))), "proved"),
        (Not(Exists("x y", ["x > y", "y > x"])), "proved"),
        (AllOf([ForAll("x", UNIT, ["x**3 <= x"]), Not(Exists("x", ["x > 0", "x < 0"]))]), "proved"),
        (AllOf([ForAll("x", UNIT, ["x**3 <= x"]), ForAll("x", UNIT, ["x < 1"])]), "refuted"),
        # a landscape: u + b is the only pre-activation, |u + b| the output, the label 1
        (ForAll("u b", [], ["L.loss([u, b]) >= 0"], L, squares=["L.out([u, b], 0) - 1"]), "proved"),
        (ForAll("u b", ["u + b > 0"], ["L.loss([u, b]) == (u + b - 1)**2"], L), "proved"),
        (ForAll("u b", [], ["L.loss([u, b]) == (u + b - 1)**2"], L), "refuted"),
        (ForAll("d e", [], ["L.d1([0, 0], [d, e]) <= 0"], L), "proved"),
        (ForAll("d e", [], ["L.d1([0, 0], [d, e]) < 0"], L), "refuted"),
    ],
)
def test_known_statements(statement, expected):
    assert concluded(statement) == expected


@pytest.mark.parametrize(
    "statement",
    [
        ForAll("x y", [], ["x**4 - 2*x**2*y**2 + y**4 + 1 > 0"]),  # true, but no square was suggested
        ForAll("x", ["x**3 == 2"], ["x < 0"], samples=0),  # false, but there is no rational instance
        ForAll("x", ["x**3 == 2"], ["x < 0"]),  # false at an irrational point only
        ForAll("x", ["x**3 == 2", "x > 0"], ["x < 3/2"]),  # no instance without the bracket
        ForAll("x", ["x**2 == 2", "x > 0"], ["x < 3/2"], root=("2", "3")),  # the wrong bracket
        Exists("x", ["x**3 == 2"]),
        Not(ForAll("x", ["x > 0", "x < 0"], ["x > 1"])),  # vacuous is neither proved nor refuted
        AllOf([ForAll("x", ["x > 0", "x < 0"], ["x > 1"])]),
        AllOf([ForAll("", [], ["1 > 0"]), ForAll("x y", [], ["x**4 - 2*x**2*y**2 + y**4 + 1 > 0"])]),
    ],
)
def test_what_cannot_be_decided_stays_open_with_a_reason(statement):
    assert concluded(statement) is None


def test_a_refuted_part_decides_even_next_to_an_open_one():
    open_one, false = ForAll("x y", [], ["x**4 - 2*x**2*y**2 + y**4 + 1 > 0"]), ForAll("", [], ["0 > 1"])
    assert concluded(AllOf([open_one, false])) == "refuted"
    assert concluded(Not(AllOf([open_one, false]))) == "proved"


def test_the_reason_says_where_the_search_stopped(monkeypatch):
    found = prove(ForAll("x y", ["x >= 0"], ["x**4 + y**4 >= 2*x**2*y**2 - 1"], samples=3))
    assert found.conclusion is None
    assert "the proof fails in the region of x = " in found.reason
    assert "squares (polynomials whose squares help)" in found.reason
    signs = ForAll("x", [], [["x >= 0"], ["x <= 0"]], splits=["x"])
    assert concluded(signs) == "proved"
    monkeypatch.setattr(prover, "LARGEST", 2)
    found = prove(signs)
    assert found.conclusion is None
    assert "within 2 cases" in found.reason


def test_a_search_of_more_signs_than_a_record_holds_is_open_with_the_reason():
    """Python's stack is no deeper: the search ended in a RecursionError."""
    count = prover.DEEPEST + 10
    rows = Dataset("rows", [[x] for x in range(count)], [x % 2 for x in range(count)])
    found = prove(ForAll("w b", [], ["L.loss([w, b]) >= 0"], {"L": landscape("relu1", rows)}, samples=1))
    assert found.conclusion is None
    assert f"by {prover.DEEPEST} signs" in found.reason


def test_the_search_raises_a_certificate_error_itself():
    with pytest.raises(CertificateError, match="No proof was found"):
        prover.Search(UniversalStatement(["x"], [], [["x > 0"]])).tree()


def test_a_search_ends_after_some_steps():
    facts = [f"x{i}*x{j} >= {i - j}" for i in range(6) for j in range(i)]
    hard = UniversalStatement([f"x{i}" for i in range(6)], facts, [["x0**3 + x1*x2*x3 > x4**3"]])
    with pytest.raises(CertificateError, match=r"No proof was found within 200,000 steps"):
        Search(hard, steps=200_000).tree()


def test_what_takes_too_long_is_open_with_the_reason(monkeypatch):
    monkeypatch.setattr(prover, "LONGEST", -1)
    monkeypatch.setattr(settling, "WideSearch", lambda question, look: Search(question))
    found = prove(ForAll("x", ["x >= 1"], ["2*x >= 2"]))
    assert found.conclusion is None
    assert "the search ended within -1 steps" in found.reason


@pytest.mark.parametrize("text", ["0.5*x < 1", "x < 2.0", "x < 1.0 + 1.00", "x**2.0 < 2*x + 0.0001", "2/1.0 > x"])
def test_decimals_are_exact_numbers(text):
    found = prove(ForAll("x", ["0 < x", "x < 2.0"], [text]))
    assert found.conclusion == "proved"
    assert "." not in str(found.record["statement"])


@pytest.mark.parametrize("text", ["x > .5", "x >= 1e-3", "x > 1.*x", "x == True", "x > 1j", "x > 'a'"])
def test_formulas_with_anything_but_plain_numbers_are_refused(text):
    for states in (
        lambda: ForAll("x", [], [text]),
        lambda: ForAll("x", [text], ["x > 0"]),
        lambda: Exists("x", [text]),
    ):
        with pytest.raises(StatementError, match="numbers"):
            states()


@pytest.mark.parametrize(
    "text",
    [
        *("y > 0", "1 >", "", "x", "x > 0 and x < 1", "x in [1]", "x/0 > 1", "x**(1/2) > 0", "\x00 > 1"),
        *("L.d1([0, 0]) > 0", "L.out([0, 0], 1/2) > 0", "L.out([0, 0], 5) > 0", "L.loss([1]) > 0"),
        *("L.nothing([0, 0]) > 0", "M.loss([0, 0]) > 0", "L.loss([0, 0])"),
    ],
)
def test_formulas_that_make_no_sense_are_errors_of_the_package(text):
    with pytest.raises(StatementError, match="Expected"):
        ForAll("x", [], [text], L)


@pytest.mark.parametrize(
    ("text", "conclusion"),
    [
        ("+x > -1", "refuted"),
        ("+x <= x**0 + x - 1", "proved"),
        ("x**13 == x**12*x", "proved"),
        ("(x + 1)**26 >= -1*x**40", None),
        ("x**0 == 1", "proved"),
        ("x**40 == x**20*x**20", "proved"),
        ("1/2**13 == 1/8192", "proved"),
        ("2**(3)/(2*3) == 4/3", "proved"),
        ("x/(1/2) == 2*x", "proved"),
        ("-x**14 == -1*x**12*x**2", "proved"),
        ("1/L.loss([0, 0]) == 1", "proved"),
    ],
)
def test_whatever_formula_the_finder_takes_the_checker_reads(text, conclusion):
    found = prove(ForAll("x", [], [text], L, samples=100))
    assert found.conclusion == conclusion
    assert "the checker rejected" not in found.reason


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 100), st.integers(1, 100), st.fractions(min_value=-9, max_value=9, max_denominator=9))
def test_powers_and_quotients_that_the_finder_writes_are_read_by_the_checker(m, n, factor):
    x = polynomials.ring(["x", "y"])
    p = x["x"] ** m * x["y"] ** n * factor.numerator / factor.denominator
    p = p + x["y"] ** m - x["1"] * factor.numerator / factor.denominator
    text = polynomials.written(p)
    value = factor * 2**m * (-1) ** n + (-1) ** m - factor
    read = prove(Exists("x y", [f"{text} == {value}"], try_at=[{"x": 2, "y": -1}], samples=0))
    assert read.conclusion == "proved", read.reason
    assert polynomials.evaluate(text, x) == p


def test_a_rejected_certificate_is_no_answer():
    lie = Lazy({"for all": ["x"], "given": [], "then": [["x > 0"]]}, {}, lambda: Settled("proved", {"tree": {}}))
    found = prove(lie)
    assert (found.conclusion, found.record) == (None, None)
    assert found.reason.startswith("the checker rejected the certificate")
    swapped = Lazy(lie.formal(), {}, lambda: Settled("refuted", {"witness": {"x": "1"}}))
    assert prove(swapped).conclusion is None


def test_landscapes_of_the_parts_are_merged_unless_they_clash():
    other = {"L": landscape("relu1", "xor").to_record()}
    one = ForAll("", [], ["L.loss([1, 0]) == 0"], L)
    two = ForAll("", [], ["L.loss([0, 0, 0]) == 2"], other)
    with pytest.raises(CertificateError, match="Two landscapes are called L"):
        AllOf([one, two])
    renamed = ForAll("", [], ["M.loss([0, 0, 0]) == 2"], {"M": other["L"]})
    assert concluded(AllOf([one, renamed])) == "proved"


def test_records_are_written_whole_and_read_back(tmp_path):
    write(prove(ForAll("", [], ["1 > 0"])), tmp_path / "one.json")
    assert [p.name for p in tmp_path.iterdir()] == ["one.json"]
    assert checker.main([str(tmp_path)]) == 0
    with pytest.raises(FileError, match="Could not write"):
        write(prove(ForAll("", [], ["1 > 0"])), tmp_path / "none" / "one.json")
    with pytest.raises(CertificateError, match="no certificate"):
        write(prove(ForAll("x y", [], ["x**4 - 2*x**2*y**2 + y**4 + 1 > 0"])), tmp_path / "two.json")
    assert [p.name for p in tmp_path.iterdir()] == ["one.json"]


def test_alternatives_may_be_given_flat():
    flat, nested = ForAll("x", [], ["x > 0", "x > 1"]), ForAll("x", [], [["x > 0", "x > 1"]])
    assert flat.formal() == nested.formal()


COEFFICIENT = st.integers(-3, 3)


@st.composite
def implications(draw):
    """Return (rows, right sides, strict) of givens and a goal a.x >= c, over two or three variables."""
    size = draw(st.integers(1, 3))
    row = st.lists(COEFFICIENT, min_size=size, max_size=size)
    given_rows = draw(st.lists(st.tuples(row, COEFFICIENT, st.booleans()), min_size=1, max_size=5))
    return size, given_rows, draw(st.tuples(row, COEFFICIENT, st.booleans()))


def written(part):
    row, c, strict = part
    left = " + ".join(f"({a})*x{k}" for k, a in enumerate(row))
    return f"{left} {'>' if strict else '>='} {c}"


def implied(size, givens, goal):
    """Return what the linear programs say: "vacuous", True or False; None too close to call."""

    def reach(rows):
        """Maximise the slack of the strict rows; None where not even the weak ones can be met."""
        above = [[*(-a for a in row), int(strict)] for row, _, strict in rows]
        bounds = [(None, None)] * size + [(None, 1)]
        found = linprog([0] * size + [-1], A_ub=above, b_ub=[-c for _, c, _ in rows], bounds=bounds)
        assert found.status in (0, 2)
        return None if found.status == 2 else -found.fun

    def possible(rows):
        slack = reach(rows)
        return slack is not None and slack > 1e-7

    row, c, strict = goal
    if not possible(givens):
        return "vacuous"
    return not possible([*givens, ([-a for a in row], -c, not strict)])


@settings(deadline=None, max_examples=150)
@given(implications())
def test_linear_statements_are_decided_as_by_linear_programming(case):
    """Farkas' lemma is complete, so only counterexamples and instances may be missed by the sampler."""
    size, givens, goal = case
    names = " ".join(f"x{k}" for k in range(size))
    found = prove(ForAll(names, [written(g) for g in givens], [written(goal)])).conclusion
    truth = implied(size, givens, goal)
    allowed = {"vacuous": {"vacuous"}, True: {"proved", None}, False: {"refuted", None}}[truth]
    assert found in allowed


@settings(deadline=None, max_examples=60)
@given(st.lists(COEFFICIENT, min_size=6, max_size=6), st.integers(-4, 4))
def test_no_false_quadratic_statement_is_proved(coefficients, bound):
    """On the unit square, against brute force on a grid of thirds, halves and corners."""
    a, b, c, d, e, f = coefficients
    text = f"({a})*x**2 + ({b})*x*y + ({c})*y**2 + ({d})*x + ({e})*y + ({f}) >= {bound}"
    found = prove(ForAll("x y", SQUARE, [text], samples=20))
    grid = np.linspace(0, 1, 61)
    x, y = np.meshgrid(grid, grid)
    lowest = (a * x**2 + b * x * y + c * y**2 + d * x + e * y + f).min()
    if found.conclusion == "proved":
        assert lowest >= bound - 1e-9
    elif found.conclusion == "refuted":
        assert lowest < bound + 1e-2
    else:
        assert found.conclusion is None


RANDOM = Random(3)
PLACES = [
    landscape("abs1", Dataset("three", [["1/2"], [-1], [2]], [1, 0, "-1/3"])),
    landscape("relu2", Dataset("twins", [[1, 0], [1, 0], [-1, "1/2"]], [1, 0, 2]), "mean"),
    landscape("leaky1/100:2", "xor", "mean"),
    landscape("relu3", Dataset("line", [[0], [1]], ["1/2", 1])),
]
POINTS = {
    place: [
        [[RANDOM.choice([-2, -1, "-1/2", 0, 0, "1/3", 1]) for _ in range(place.width)] for _ in range(place.units)]
        for _ in range(12)
    ]
    for place in PLACES
}
CASES = [(place, point) for place, points in POINTS.items() for point in points]


def flat(rows):
    return [str(x) for row in rows for x in row]


def listed(values):
    return f"[{', '.join(map(str, values))}]"


@pytest.mark.parametrize(("place", "point"), CASES, ids=lambda v: None)
def test_the_functions_of_statements_are_those_of_the_landscape_also_at_kinks(place, point):
    """Equal to the model's exact values; derivatives against exact difference quotients of the model."""
    draw = Random(str(point))
    size = place.parameters
    p = place.point(point)
    d, a, u = ([draw.randint(-3, 3) for _ in range(size)] for _ in range(3))

    def moved(t, bent):
        steps = iter(zip(d, a, strict=True))
        return [[x + t * v + bent * t * t * w / 2 for x, (v, w) in zip(row, steps)] for row in p]  # noqa: B905

    at = listed(flat(p))
    t = Fraction(1, 10**12)
    start = place.loss(p)
    # on a short piece the loss is a polynomial in t: 4 L(t/2) - L(t) - 3 L(0) = t L'(0), exactly
    slope = (4 * place.loss(moved(t / 2, 0)) - place.loss(moved(t, 0)) - 3 * start) / t
    relations = [f"L.loss({at}) == {start}", f"L.d1({at}, {listed(d)}) == {slope}"]
    relations += [f"L.out({at}, {i}) == {out}" for i, out in enumerate(place.outputs(p))]
    relations += [
        f"L.pre({at}, {j}, {i}) == {z}" for j, row in enumerate(place.preactivations(p)) for i, z in enumerate(row)
    ]
    axes = [[int(k == c) for c in range(size)] for k in range(size)]
    torch = place.autograd_gradient(p)
    relations += [f"L.autograd({at}, {listed(e)}) == {g}" for e, g in zip(axes, torch, strict=True)]
    space = FloatLandscape(place.to_record())
    floats = [float(x) for x in flat([[float(v) for v in row] for row in p])]
    curved = f"L.d2({at}, {listed(d)}, {listed(a)})"
    second = space.d2(floats, d, a)
    relations += [
        f"{curved} > {round(second * 1000) - 1}/1000",
        f"{curved} < {round(second * 1000) + 1}/1000",
    ]
    near = place.pattern(
        [[x + t * v for x, v in zip(row, us, strict=True)] for row, us in zip(p, rows(u, place), strict=True)]
    )
    generic = all(s for row in near for s in row)
    relations += [f"L.generic({at}, {listed(u)})"] if generic else []
    if generic:
        gradient = place.cell_gradient(p, near)
        relations += [f"L.slope({at}, {listed(e)}, {listed(u)}) == {g}" for e, g in zip(axes, gradient, strict=True)]
    found = prove(ForAll("", [], relations, {"L": place.to_record()}))
    assert found.conclusion == "proved", found.reason or found.record["proof"]
    if not generic and any(s == 0 for row in near for s in row):
        kinks = [(j, i) for j, row in enumerate(place.pattern(p)) for i, s in enumerate(row) if s == 0]
        stays = any(near[j][i] == 0 for j, i in kinks)
        states = prove(ForAll("", [], [f"L.generic({at}, {listed(u)})"], {"L": place.to_record()}))
        assert states.conclusion == ("refuted" if stays else "proved")


def rows(values, place):
    return [values[k : k + place.width] for k in range(0, len(values), place.width)]


@pytest.mark.parametrize(("place", "point"), CASES[::3], ids=lambda v: None)
def test_off_by_a_thousandth_is_refuted(place, point):
    at, axis = listed(flat(place.point(point))), listed([1] * place.parameters)
    values = {
        f"L.loss({at})": place.loss(point),
        f"L.autograd({at}, {axis})": sum(place.autograd_gradient(point)),
        f"L.out({at}, 0)": place.outputs(point)[0],
    }
    for left, right in values.items():
        statement = ForAll("", [], [f"{left} == {right} + 1/1000"], {"L": place.to_record()})
        assert prove(statement).conclusion == "refuted"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(["-1", "-1/2", "0", "1/2", "1"]), min_size=5, max_size=5))
def test_rest_is_the_balance_of_forces(values):
    """`rest` holds of numbers exactly where the float reading says so, kinks and slope bounds included."""
    place = landscape("relu1", Dataset("pair", [[1], [-1], [0]], [1, 0, "1/2"]))
    (u, b), slopes = values[:2], values[2:]
    text = f"L.rest({listed([u, b])}, {listed(slopes)})"
    expected = FloatLandscape(place.to_record()).rest(
        [float(eval(u)), float(eval(b))], [float(eval(s)) for s in slopes]
    )
    truth = all(abs(v) < 1e-9 if r == "==" else v > -1e-9 for v, r in expected)
    found = prove(ForAll("", [], [text], {"L": place.to_record()}))
    assert found.conclusion == ("proved" if truth else "refuted")


def test_symbolic_points_split_into_all_sign_cases():
    """|x| + |y| >= |x + y|, as outputs of three landscapes of one unit without data offset."""
    place = landscape("abs1", Dataset("origin", [[0]], [0])).to_record()
    bound = "L.out([0, x], 0) + L.out([0, y], 0) >= L.out([0, x + y], 0)"
    assert concluded(ForAll("x y", [], [bound], {"L": place})) == "proved"
    assert concluded(ForAll("x y", [], [bound.replace(">=", ">")], {"L": place})) == "refuted"
    assert concluded(ForAll("x y", [], [bound.replace("+ L.out", "- L.out")], {"L": place})) == "refuted"


def test_nice_values_hold_no_duplicates_that_bias_and_are_all_small():
    assert all(abs(v) <= 3 for v in settling.NICE)
    assert {-3, 0, 3} <= set(settling.NICE)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-2, 2), min_size=4, max_size=4), st.integers(-2, 2))
def test_products_of_signs(coefficients, constant):
    """A goal over four sign cases; the truth of a linear form in |x|, |y|, x, y is clear."""
    a, b, c, d = coefficients
    assume(any(coefficients))
    place = landscape("abs1", Dataset("origin", [[0]], [0])).to_record()
    text = f"({a})*L.out([0, x], 0) + ({b})*L.out([0, y], 0) + ({c})*x + ({d})*y + ({constant}) >= 0"
    truth = constant >= 0 and all(a + s * c >= 0 and b + t * d >= 0 for s, t in product((-1, 1), repeat=2))
    found = prove(ForAll("x y", [], [text], {"L": place})).conclusion
    assert found == ("proved" if truth else found)
    assert truth or found in ("refuted", None)


def test_a_goal_that_cannot_be_read_yet_leaves_the_search_stuck_not_broken():
    place = landscape("relu1", Dataset("origin", [[0]], [0])).to_record()
    goals = ["x > 0", "L.out([0, y], 0) >= 0"]
    assert prove(ForAll("x y", [], goals, {"L": place}, samples=0)).conclusion == "refuted"
    unknown = ForAll("x y", [], ["x**2 - x*y + y**2 > -1", "L.out([0, y], 0) >= 0"], {"L": place}, samples=0)
    assert prove(unknown).conclusion == "proved"


@pytest.mark.parametrize(
    ("goals", "negate", "leaf"),
    [
        ([["2 > 1"]], False, {"goal": 0, "by": [None]}),
        ([["x**2 + 1 > 0"], ["y + 1 > y", "3 >= 3"]], False, {"goal": 1, "by": [None, None]}),
        ([["1 > 2"]], True, {"goal": 0, "by": [None]}),
    ],
)
def test_what_holds_between_numbers_needs_no_cases(goals, negate, leaf):
    """Though the sign of x is open, on which what is given depends."""
    question = UniversalStatement(["x", "y"], ["abs(x) > 1"], goals)
    assert Search(question, negate).tree() == leaf


def test_a_table_beyond_the_largest_is_not_built(monkeypatch):
    values = polynomials.ring(["x"])
    facts = [(values["x"] - 1, ">"), (-values["x"], ">=")]
    assert contradiction.contradiction(facts) is not None
    monkeypatch.setattr(contradiction, "MOST_ENTRIES", 9)  # 18 are needed
    monkeypatch.setattr(contradiction, "combination", lambda *_: pytest.fail("it was built"))
    assert contradiction.contradiction(facts) is None


def test_a_relation_is_read_again_only_where_a_sign_was_missing(monkeypatch):
    read, real = [], branches.constraints
    monkeypatch.setattr(branches, "constraints", lambda text, values: read.append(text) or real(text, values))
    Search(UniversalStatement(["x", "y"], ["x > 0", "abs(y) > x"], [["abs(y) > 0"]])).tree()
    assert read.count("x > 0") == 1
    assert read.count("abs(y) > x") > 1
