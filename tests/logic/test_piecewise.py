"""Functions with kinks in formulas, and where a loss has a gradient: against evaluation, and finite differences."""

import random
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stability import Dataset, ForAll, check, landscape, network, prove
from stability.logic.branches import Ground, UniversalStatement

OURS = {"abs": abs, "relu": lambda x: max(x, 0), "max": max, "min": min}
NUMBERS = st.fractions(-3, 3, max_denominator=4)


@pytest.mark.parametrize(
    ("variables", "relation"),
    [
        ("x", "abs(x) >= -x"),
        ("x", "relu(x) == (x + abs(x))/2"),
        ("x y", "max(x, y) + min(x, y) == x + y"),
        ("x y", "abs(x*y) == abs(x)*abs(y)"),
        ("x y z", "max(x, y, z) >= min(y, z)"),
        ("x y", "abs(max(x, y) - min(x, y)) == abs(x - y)"),
        ("x", "relu(relu(x) - 1) <= abs(x)"),
    ],
)
def test_identities_are_proved_with_a_certificate(variables, relation):
    judged = prove(ForAll(variables, [], [relation]))
    assert judged.conclusion == "proved"
    assert check(judged.record)


@pytest.mark.parametrize(
    ("variables", "relation"),
    [("x", "abs(x) > 0"), ("x y", "max(x, y) > x"), ("x y", "min(x, y) == x"), ("x", "relu(x) == x"),
     ("x y", "abs(x + y) == abs(x) + abs(y)"), ("x y z", "max(x, y, z) == max(x, y)")],
)  # fmt: skip
def test_false_ones_are_refuted_with_a_witness_that_python_confirms(variables, relation):
    judged = prove(ForAll(variables, [], [relation]))
    assert judged.conclusion == "refuted"
    witness = {name: Fraction(value) for name, value in judged.record["proof"]["witness"].items()}
    assert not eval(relation, {**OURS, **witness})


@given(st.lists(NUMBERS, min_size=3, max_size=3), st.sampled_from(sorted(OURS)), st.sampled_from(sorted(OURS)))
def test_nested_functions_have_the_values_that_python_gives(values, outer, inner):
    x, y, z = values
    first = f"{inner}(x, y)" if inner in ("max", "min") else f"{inner}(x - y)"
    text = f"{outer}({first}, z)" if outer in ("max", "min") else f"{outer}({first} - z)"
    truth = eval(text, {**OURS, "x": x, "y": y, "z": z})
    here = Ground(UniversalStatement(["x", "y", "z"], [], []), {"x": x, "y": y, "z": z})
    assert here.satisfies([f"{text} == {truth}"])
    assert not here.satisfies([f"{text} == {truth + 1}"])


TWICE = Dataset("twice", [(0,), (0,), (1,)], [1, -1, 1])
PLACES = [
    landscape("abs1", "xor", "mean"),
    landscape("relu1", "xor"),
    landscape("relu2", "xor"),
    landscape("leaky1/4:1", "xor"),
    landscape("abs1", TWICE),
    landscape("abs2", TWICE),
    landscape("relu1", TWICE),
]


def gradient_exists(place, point):
    """Return, by one-sided slopes of the loss at small exact steps, whether the first-order change is linear."""
    small = Fraction(1, 10**9)
    directions = [d for d in product((-1, 0, 1), repeat=place.parameters) if any(d)]
    if len(directions) > 80:
        directions = random.Random(0).sample(directions, 80)
    moved = lambda d, t: [x + t * y for x, y in zip(point, d, strict=True)]  # noqa: E731
    rows = lambda p: [p[k : k + place.width] for k in range(0, len(p), place.width)]  # noqa: E731
    loss = lambda p: place.loss(rows(p))  # noqa: E731
    here = loss(point)
    slopes = {d: (loss(moved(d, small)) - here) / small for d in directions}
    return all(abs(slopes[d] + slopes[tuple(-x for x in d)]) < Fraction(1, 10**6) for d in directions if
               tuple(-x for x in d) in slopes)  # fmt: skip


@pytest.mark.parametrize("place", PLACES, ids=repr)
def test_a_gradient_exists_where_opposite_slopes_cancel(place):
    draw, answers = random.Random(1), set()
    for _ in range(60):
        point = [Fraction(draw.randint(-2, 2), 2) for _ in range(place.parameters)]
        at = f"L.differentiable([{', '.join(map(str, point))}])"
        judged = prove(ForAll("", [], [at], {"L": place}))
        assert (judged.conclusion == "proved") == gradient_exists(place, point), point
        answers.add(judged.conclusion)
    assert answers == {"proved", "refuted"}


@pytest.mark.parametrize(
    ("place", "point", "expected"),
    [
        (landscape("abs1", "xor"), "[1/2, 1/4, 1/8]", "proved"),
        (landscape("abs1", "xor"), "[0, 0, 0]", "refuted"),  # errors -y sum to -1 or 1 at the kinks
        (landscape("abs1", TWICE), "[1, 0]", "proved"),  # (|b| - 1)^2 + (|b| + 1)^2 = 2 b^2 + 2
        (landscape("relu1", TWICE), "[1, 0]", "refuted"),  # the gradient exists, the curvature jumps from 0 to 2
        (landscape("abs2", TWICE), "[1, 0, 1, 0]", "refuted"),  # (|b| + |c|)^2 has a kink
    ],
)
def test_a_hessian_exists_in_open_cells_and_where_a_square_hides_the_kink(place, point, expected):
    assert prove(ForAll("", [], [f"L.twice_differentiable({point})"], {"L": place})).conclusion == expected
    if expected == "proved":
        assert prove(ForAll("", [], [f"L.differentiable({point})"], {"L": place})).conclusion == "proved"


def test_curvature_where_a_gradient_exists_is_that_of_the_sphere():
    variables, given_ = "w1 w2 b u1 u2 c", ["L.differentiable([w1, w2, b])"]
    goal = ["L.d2([w1, w2, b], [u1, u2, c], [0, 0, 0]) == 2*(u1**2 + u2**2 + c**2)"]
    judged = prove(ForAll(variables, given_, goal, {"L": PLACES[0]}))
    assert judged.conclusion == "proved"
    assert check(judged.record)
    wrong = prove(ForAll(variables, given_, [goal[0].replace("2*(u1", "3*(u1")], {"L": PLACES[0]}))
    assert wrong.conclusion == "refuted"


def test_a_variable_may_be_called_like_a_function():
    assert prove(ForAll("max", ["max > 0"], ["2*max > max"])).conclusion == "proved"


@settings(max_examples=30)
@given(st.integers(0, 3), st.integers(0, 5))
def test_a_network_is_the_sum_of_its_functions(example, seed):
    place = landscape(network("relu2"), "xor")
    draw = random.Random(seed)
    p = [Fraction(draw.randint(-3, 3), 2) for _ in range(6)]
    x = place.data.points[example]
    z = [f"relu(({p[k]})*({x[0]}) + ({p[k + 1]})*({x[1]}) + ({p[k + 2]}))" for k in (0, 3)]
    relation = f"L.out([{', '.join(map(str, p))}], {example}) == {' + '.join(z)}"
    assert prove(ForAll("", [], [relation], {"L": place})).conclusion == "proved"


def test_a_number_of_steps_bounds_all_searches_together_and_the_reason_says_it():
    many = " ".join(f"x{k}" for k in range(12))
    true = " + ".join(f"abs(x{k})" for k in range(12)) + " >= 0"
    judged = prove(ForAll(many, [], [true], steps=30_000))
    assert judged.conclusion is None
    assert "more than 30,000 steps" in judged.reason
    assert "Try fewer variables" in judged.reason
    assert prove(ForAll(many, [], [true], steps=30_000)).reason == judged.reason  # no clock decides
    assert prove(ForAll("x0 x1", [], ["abs(x0) + abs(x1) >= 0"], steps=30_000)).conclusion == "proved"
