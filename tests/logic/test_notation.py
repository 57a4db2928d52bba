"""The notation of documents: against values at points, finite differences, and what must be refused."""

import random
from fractions import Fraction

import numpy as np
import pytest

from stability import ForAll, landscape, prove, update_rule
from stability.errors import StatementError
from stability.logic.notation import Notation
from stability.logic.scopes import Scope

PLACES = {"L": landscape("abs1", "xor", "mean"), "M": landscape("relu2", "xor")}
POINT = [Fraction(1, 2), Fraction(-1, 3), Fraction(1, 5)]
HERE = "[1/2, -1/3, 1/5]"


def reading(names=(), *texts, places=("L",)):
    return Notation(list(names), Scope([], {name: PLACES[name].to_record() for name in places}), texts)


def holds(text, **given):
    """Return whether a relation between numbers holds, by a proof."""
    places = given.get("places", ("L",))
    relations = reading(places=places).relations(text)
    judged = prove(ForAll("", [], relations, {name: PLACES[name] for name in places}))
    assert judged.conclusion in ("proved", "refuted")
    return judged.conclusion == "proved"


def loss(point):
    return PLACES["L"].loss([point])


def moved(point, k, t):
    return [x + t * (c == k) for c, x in enumerate(point)]


def test_a_gradient_is_that_of_finite_differences():
    t = Fraction(1, 1000)
    ends = [(loss(moved(POINT, k, t)) - loss(moved(POINT, k, -t))) / (2 * t) for k in range(3)]
    assert holds(f"gradient({HERE}) = [{', '.join(map(str, ends))}]")  # exact: the loss is quadratic there
    assert not holds(f"gradient({HERE}) = [{', '.join(map(str, [ends[0] + 1, *ends[1:]]))}]")


def test_a_hessian_is_that_of_second_differences():
    t = Fraction(1, 1000)

    def second(k, m):
        corners = [(a, b, a * b) for a in (-1, 1) for b in (-1, 1)]
        return sum(s * loss(moved(moved(POINT, k, a * t), m, b * t)) for a, b, s in corners) / (4 * t * t)

    rows = ", ".join(f"[{', '.join(str(second(k, m)) for m in range(3))}]" for k in range(3))
    assert holds(f"hessian({HERE}) = [{rows}]")
    assert not holds(f"hessian({HERE}) = [[1, 0, 0], [0, 2, 0], [0, 0, 2]]")


def test_relations_on_derivatives_that_do_not_exist_are_false():
    assert not holds("gradient([0, 0, 0]) = 0")
    assert not holds("gradient([0, 0, 0])[0] <= 5")
    assert not holds("hessian([0, 0, 0]) = 0")
    assert holds("slope([0, 0, 0], [1, 0, 0]) <= 5")
    assert holds("differentiable([1, 0, 1/2])")


def test_a_step_is_one_of_gradient_descent():
    slope = [Fraction(x) for x in ("3/2", "7/3", "0")]
    values = [Fraction(k, 7) for k in (1, 2, 3)]
    at = f"[{', '.join(map(str, values))}]"
    t = Fraction(1, 10**4)
    slope = [(loss(moved(values, k, t)) - loss(moved(values, k, -t))) / (2 * t) for k in range(3)]
    there = [x - Fraction(1, 4) * s for x, s in zip(values, slope, strict=True)]
    assert holds(f"step({at}, 0.25) = [{', '.join(map(str, there))}]")
    assert holds(f"loss(step({at}, 1/4)) = {loss(there)}")


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("dot([1, 2], [3, 4]) = 11", True),
        ("2*[1, 2] - [1, 1]/2 = [3/2, 7/2]", True),
        ("[[1, 2], [3, 4]] * [1, 1] = [3, 7]", True),
        ("[1, 2] = [1, 3]", False),
        ("[1, 2][1] = 2", True),
        ("angle(pi/2) = [0, 1]", True),
        ("angle(-pi) = [-1, 0]", True),
        ("angle(5*pi/2) = angle(pi/2)", True),
        ("angle(0) = [1, 0]", True),
        ("sqrt(9/4) = 1.5", True),
        ("2^3 = 8", True),
        ("1 < 2 <= 2 != 3", True),
        ("0.1 + 0.2 = 0.3", True),
        ("1 ≤ 2", True),
        ("max(1, 2, 3) − 1 ≥ 2", True),  # noqa: RUF001
        ("output([1/2, -1/3, 1/5], 0) = abs(preactivation([1/2, -1/3, 1/5], 0, 0))", True),
        ("L.loss([1/2, -1/2, 0]) = 0", True),
        ("curvature([1/2, -1/3, 1/5], [1, 0, 0]) = 2", True),
        ("L.slope([1/2, -1/3, 1/5], [1, 0, 0], [1, 0, 0]) = slope([1/2, -1/3, 1/5], [1, 0, 0])", True),
    ],
)
def test_what_relations_say(text, true):
    assert holds(text) == true


def test_points_of_several_units_are_lists_of_lists():
    assert holds("M.loss([[1, 2, 3], [4, 5, 6]]) = M.loss([1, 2, 3, 4, 5, 6])", places=("L", "M"))
    assert holds("loss([[1, 0, 0], [0, 1, 0]]) > 0", places=("M",))


def test_a_variable_where_a_point_is_wanted_is_a_vector():
    found = reading(["p", "t"], "loss(p) >= t")
    assert found.variables == ["p_1", "p_2", "p_3", "t"]
    assert found.relations("loss(p) >= t*p[2]") == ["L.loss([p_1, p_2, p_3]) >= t * p_3"]
    same = found.relations("2*loss(p) >= loss(p) + loss(p)")
    judged = prove(ForAll(" ".join(found.variables), [], same, {"L": PLACES["L"]}))
    assert judged.conclusion == "proved"


def test_a_stationary_point_as_a_condition_brings_slopes_at_kinks():
    found = reading(["p"], "stationary(p)")
    (relation,) = found.relations("stationary(p)", assumed=True)
    assert relation.startswith("L.rest([p_1, p_2, p_3], [slope_1")
    assert found.variables == ["p_1", "p_2", "p_3", "slope_1", "slope_2", "slope_3", "slope_4"]


def stated(text):
    found = reading(["p"], "loss(p) > 0")
    relations = found.relations(text)
    return ForAll(" ".join(found.variables), [], relations, {"L": PLACES["L"]})


HOSTILE = [
    "__import__('os').system('true') > 0",
    "().__class__.__bases__ = 0",
    "p.__class__ > 0",
    "L.__class__(p) > 0",
    "L.__init__(p) > 0",
    "loss.__globals__(p) > 0",
    "(lambda: 0)() = 0",
    "[x for x in p] = 0",
    "eval(p) > 0",
    "exec(p) > 0",
    "open(p) > 0",
    "getattr(p, p) > 0",
    "print(p) = 0",
    "loss(p, p) > 0",
    "loss(*p) > 0",
    "loss(p=1) > 0",
    "loss(**p) > 0",
    "p if p else p > 0",
    "p and p",
    "not p",
    "p := 1",
    "f'{p}' = 0",
    "b'x' = 0",
    "'x' = 0",
    "p @ p = 0",
    "p // 2 = 0",
    "p % 2 = 0",
    "p << 1000000 = 0",
    "~1 = 0",
    "1 is 1",
    "p in [p]",
    "2^(10^10) = 0",
    "9**9**9**9 = 0",
    "p[p] = 0",
    "p[-1] = 0",
    "p[0:1] = 0",
    "p[True] = 0",
    "{1: 2} = 0",
    "{1} = 0",
    "1e400 > 0",
    "nan > 0",
    "yield p",
    "await p",
    "p; p",
    "p\x00 > 0",
    "p > 0 # comment",
    "(" * 500 + "1" + ")" * 500 + " > 0",
    "+".join(["1"] * 10_000) + " > 0",
    "-" * 10_000 + "1 > 0",
    "9" * 10_000 + " > 0",
    "loss(" * 100 + "p" + ")" * 100 + " > 0",
    "loss(" + "step(" * 12 + "p" + ", 1)" * 12 + ") > 0",
    "sqrt(-1) > 0",
    "sqrt(2*p[0]) > 0",
    "angle(1) = [1, 0]",
    "1/0 > 0",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_errors_and_run_nothing(text, monkeypatch):
    import os

    monkeypatch.setattr(os, "system", lambda command: pytest.fail("code was run"))
    with pytest.raises(StatementError) as problem:
        stated(text)
    assert problem.value.remedy
    assert len(str(problem.value)) < 1500


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("los(p) > 0", "Did you mean 'loss'"),
        ("loss(p)", "Compare it"),
        ("p > 0", "Expected = between vectors"),
        ("gradient(p) = [1, 2]", "a vector of 3 and a vector of 2"),
        ("K.loss(p) > 0", "Expected a landscape; got 'K'"),
        ("p[7] > 0", "Expected a vector with an entry 7"),
        ("loss([1, 2]) > 0", "Expected 3 numbers for L.loss"),
        ("local_minimum(p)", "by itself"),
        ("p*p = 0", "dot"),
        ("dot(p, 1) = 0", "two vectors of one length"),
        ("max(p, 1) > 0", "for every entry"),
        ("angle(pi/3) = [1, 0]", "multiple of pi/4"),
    ],
)
def test_errors_say_what_would_do(text, words):
    with pytest.raises(StatementError, match=words.replace("(", r"\(").replace("*", r"\*")):
        reading(["p"], "loss(p) > 0").relations(text)


def test_one_word_of_two_landscapes_needs_a_name():
    with pytest.raises(StatementError, match="Expected one landscape for loss"):
        reading(places=("L", "M")).relations("loss([1, 2, 3]) > 0")


def test_random_sums_of_vectors_agree_with_python():
    draw = random.Random(0)
    for _ in range(40):
        u, v = ([draw.randint(-5, 5) for _ in range(3)] for _ in range(2))
        k = draw.randint(-3, 3)
        total = [a - k * b for a, b in zip(u, v, strict=True)]
        assert holds(f"{u} - {k}*{v} = {total}".replace("- -", "+ "))


def descended(point, steps):
    """Return where gradient descent with step 1/10 goes on XOR with one absolute value, by its own arithmetic."""
    for _ in range(steps):
        slope = [Fraction(0)] * 3
        for x1, x2, label in ((1, -1, 1), (-1, 1, 1), (1, 1, 0), (-1, -1, 0)):
            z = point[0] * x1 + point[1] * x2 + point[2]
            slope = [
                s + (abs(z) - label) * (1 if z > 0 else -1) * c / 2 for s, c in zip(slope, (x1, x2, 1), strict=True)
            ]
        point = [p - s / 10 for p, s in zip(point, slope, strict=True)]
    return point


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_steps_after_steps_are_those_of_gradient_descent(steps):
    there = descended(POINT, steps)
    text = "step(" * steps + HERE + ", 1/10)" * steps
    assert holds(f"{text} = {flat(there)}")
    assert holds(f"loss({text}) = {loss(there)}")
    assert not holds(f"{text} = {flat(descended(POINT, steps - 1))}")
    assert not holds(f"{text} = {flat([*there[:2], there[2] + Fraction(1, 10**9)])}")


def test_a_step_with_momentum_goes_on_from_a_step():
    (p, q), (near, far) = (HERE, "step(" + HERE + ", 1/10)"), (descended(POINT, 1), descended(POINT, 2))
    there = [b + Fraction(1, 2) * (b - a) + (c - b) for a, b, c in zip(POINT, near, far, strict=True)]
    assert holds(f"step(heavy_ball(1/10, 1/2), {q}, {p}) = {flat(there)}")


def test_two_steps_are_said_of_all_points():
    texts = ["w > 1/2", "loss(step(step([w, -w, 0], 1/10), 1/10)) < loss([w, -w, 0])"]
    for sign, conclusion in (("<", "proved"), (">", "refuted")):
        given, goal = (reading(["w"]).relations(text.replace(") <", f") {sign}")) for text in texts)
        assert prove(ForAll("w", given, goal, {"L": PLACES["L"]})).conclusion == conclusion


def test_two_steps_through_a_kink_are_none():
    assert not holds("step(step([0, 0, 0], 1/10), 1/10) = [0, 0, 0]")
    assert not holds("step(step([0, 0, 0], 1/10), 1/10) = step(step([0, 0, 0], 1/10), 1/10)")


@pytest.mark.parametrize("name", ["heavy-ball", "nesterov"])
def test_steps_with_momentum_are_those_of_the_rules(name):
    place, rule = PLACES["L"], update_rule(name, step="1/10", momentum="9/10")
    state = rule.start(np.array(POINT, dtype=object))
    visited = [POINT]
    for _ in range(3):
        state = rule.step(state, np.array(place.gradient([visited[-1]]), dtype=object))
        visited.append([Fraction(x) for x in state[0]])
    for old, here, new in zip(visited, visited[1:], visited[2:], strict=False):
        step = f"step({name.replace('-', '_')}(1/10, momentum=9/10), {flat(here)}, {flat(old)})"
        assert holds(f"{step} = {flat(new)}")
        assert not holds(f"{step} = {flat([new[0] + 1, *new[1:]])}")


def flat(point):
    return f"[{', '.join(map(str, point))}]"


def test_a_step_of_gradient_descent_is_written_in_two_ways():
    assert holds(f"step(gradient_descent(1/10), {HERE}) = step({HERE}, 1/10)")
    assert reading(["p", "q"]).relations("dot([1], [2]) > 0")
    found = Notation(["p", "q"], Scope([], {"L": PLACES["L"].to_record()}), ["step(nesterov(1/10, 1/2), p, q) = p"])
    assert found.variables == ["p_1", "p_2", "p_3", "q_1", "q_2", "q_3"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"step(heavi_ball(1/10, 9/10), {HERE}, {HERE}) = 0", "Did you mean 'heavy_ball'"),
        (f"step(heavy_ball(1/10), {HERE}, {HERE}) = 0", "Expected step and momentum of heavy_ball"),
        (f"step(heavy_ball(1/10, 9/10, beta=1), {HERE}, {HERE}) = 0", "Expected step and momentum of heavy_ball"),
        (f"step(heavy_ball(1/10, step=1), {HERE}, {HERE}) = 0", "Expected step and momentum of heavy_ball"),
        (f"step(heavy_ball(1/10, 9/10), {HERE}) = 0", "Expected 4 arguments"),
        (f"step(heavy_ball(1/10, momentum > 1), {HERE}, {HERE}) = 0", "Expected step and momentum of heavy_ball"),
        (f"step(os.system(1), {HERE}) = 0", "Expected a landscape"),
        (f"step(adam(1), {HERE}) = 0", "Expected an update rule"),
    ],
)
def test_steps_of_other_rules_are_refused(text, words):
    with pytest.raises(StatementError, match=words):
        reading().relations(text)
