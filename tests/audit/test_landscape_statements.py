"""Each word of the vocabulary says what it should: true where the model agrees, refuted just beside."""

from fractions import Fraction as Q

import pytest

from stability import landscape
from stability.audit.landscape_statements import (
    autograd_rests_at,
    data_of,
    flat,
    global_minimum_at,
    gradient_descent_visits,
    hessian_is,
    landscapes,
    local_minimum_at,
    not_differentiable_at,
    number_fact,
    on,
    pre,
    stationary_points_are,
    turn,
)
from stability.audit.measurements import Prediction, proportion
from stability.errors import StabilityError, StatementError
from stability.geometry.stationary.senses import clarke_stationary, strict_local_minimum
from stability.logic.records import prove
from stability.logic.statements import ForAll
from stability.model.datasets import Dataset

ABS1 = on("abs1")


def status(statement):
    return prove(statement).conclusion


@pytest.mark.parametrize(
    ("point", "minimal"),
    [
        ([[0, 0, 0]], False),
        ([[0, 0, "1/2"]], True),
        ([["1/2", "-1/2", 0]], True),
        ([["1/6", "-1/6", "1/3"]], False),
        ([[1, 1, 1]], False),
    ],
)
def test_local_minima(point, minimal):
    assert status(local_minimum_at(ABS1, point)) == ("proved" if minimal else "refuted")


@pytest.mark.parametrize(
    ("model", "point", "expected"),
    [
        ("abs1", [["1/2", "-1/2", 0]], "proved"),
        ("abs1", [[0, 0, "1/2"]], "refuted"),
    ],
)
def test_global_minima(model, point, expected):
    place = on(model)
    found = status(global_minimum_at(place, point))
    assert found == expected or (expected == "refuted" and found is None)


@pytest.mark.parametrize("loss", ["sum", "mean"])
def test_hessians(loss):
    place = on("abs1", loss=loss)
    point = [["1/3", "1/5", "1/7"]]
    matrix = place.hessian(point)
    assert status(hessian_is(place, point, matrix)) == "proved"
    for k in range(3):
        wrong = [list(row) for row in matrix]
        wrong[k][k] += Q(1, 100)
        assert status(hessian_is(place, point, wrong)) == "refuted"
    assert status(hessian_is(place, [[0, 0, 0]], matrix)) == "refuted"


@pytest.mark.parametrize(
    ("point", "along", "expected"),
    [
        ([[0, 0, 0]], [1, 0, 0], "proved"),
        ([["1/2", "-1/2", 0]], [1, 1, 0], "refuted"),  # kinks, but at fitted examples
        ([[1, 1, 1]], [1, 0, 0], "refuted"),
        ([[1, 0, -1]], [1, 0, 0], "proved"),
        ([[1, 0, -1]], [1, 0, -1], "refuted"),  # along the kink
    ],
)
def test_differentiability_along_a_direction(point, along, expected):
    assert status(not_differentiable_at(ABS1, point, along)) == expected


@pytest.mark.parametrize(
    ("model", "point"),
    [("abs1", [[0, 0, 0]]), ("abs1", [[1, 0, 0]]), ("relu1", [[0, 0, -1]]), ("abs1", [["1/6", "-1/6", "1/3"]])],
)
def test_torch_rests_where_the_model_says(model, point):
    place = on(model)
    expected = not any(place.autograd_gradient(point))
    assert status(autograd_rests_at(place, point)) == ("proved" if expected else "refuted")


NINE = [
    ["w1 == 0", "w2 == 0", "b == 0"],
    *([f"w1 == {s}", f"w2 == {t}", "b == 0"] for s, t in (("1/2", "-1/2"), ("-1/2", "1/2"))),
    *(["w1 == 0", "w2 == 0", f"b == {s}"] for s in ("1/2", "-1/2")),
    *(
        [f"w1 == {s}", f"w2 == {t}", f"b == {u}"]
        for s, t in (("1/6", "-1/6"), ("-1/6", "1/6"))
        for u in ("1/3", "-1/3")
    ),
]


def test_the_stationary_points_of_xor_are_these_nine_and_none_is_superfluous():
    assert status(stationary_points_are(ABS1, NINE)) == "proved"
    for k in range(9):
        assert status(stationary_points_are(ABS1, NINE[:k] + NINE[k + 1 :])) == "refuted"
    moved = [["w1 == 1/6", "w2 == -1/6", "b == 1/4"] if "b == 1/3" in p else p for p in NINE]
    assert status(stationary_points_are(ABS1, moved)) == "refuted"


def step(place, eta, point):
    gradient = iter(place.gradient(point))
    return [[Q(x) - eta * next(gradient) for x in row] for row in point]


def test_gradient_descent_visits_its_own_steps_and_no_others():
    place, eta = on("abs1", loss="mean"), Q(1, 8)
    first = [["3/4", "-1/3", "1/7"]]
    path = [first, step(place, eta, first)]
    path.append(step(place, eta, path[-1]))
    assert status(gradient_descent_visits(place, eta, path)) == "proved"
    assert status(gradient_descent_visits(place, Q(1, 4), path)) == "refuted"
    assert status(gradient_descent_visits(on("abs1"), eta, path)) == "refuted"
    assert status(gradient_descent_visits(place, eta, [path[0], path[2]])) == "refuted"
    assert status(gradient_descent_visits(place, eta, [[[0, 0, 0]], [[0, 0, 0]]])) == "refuted"  # a kink


def test_number_facts():
    assert (
        status(number_fact("L.loss([0, 0, 0]) == 2", "M.loss([0, 0, 0]) == 1/2", L="abs1", M=on("relu1", loss="mean")))
        == "proved"
    )
    assert status(number_fact("L.loss([0, 0, 0]) == 1/2", L="abs1")) == "refuted"
    assert set(landscapes(A="abs1", B=ABS1)) == {"A", "B"}
    assert landscapes(A="abs1")["A"] == ABS1.to_record()


def test_points_and_data_as_text():
    assert flat([["1/2", -1], [0, "0.25"]]) == "[1/2, -1, 0, 1/4]"
    assert data_of(landscape("abs1", Dataset("d", [[1, 2]], ["1/2"]))) == [([1, 2], Q(1, 2))]
    values = [Q(v) for v in ("1/2", "1/3", "-1/5")]
    texts = pre("L", flat([values]))
    z = ABS1.preactivations([values])[0]
    facts = [f"{text} == {value}" for text, value in zip(texts, z, strict=True)]
    assert status(number_fact(*facts, L="abs1")) == "proved"


def test_rotating_the_weights():
    """Slope and bend along w cos t + Jw sin t, against difference quotients of the model on the parabola."""
    u, v, b, t = Q(2, 3), Q(-1, 4), Q(1, 5), Q(1, 10**4)

    def loss(s):
        return ABS1.loss([[u - s * v - s * s * u / 2, v + s * u - s * s * v / 2, b]])

    slope, bend = turn("L", (str(u), str(v)), str(b))
    near, second = (loss(t) - loss(-t)) / (2 * t), (loss(t) + loss(-t) - 2 * loss(0)) / t**2
    facts = [f"{slope} < {near} + 1/1000", f"{slope} > {near} - 1/1000"]
    facts += [f"{bend} < {second} + 1/1000", f"{bend} > {second} - 1/1000"]
    assert status(ForAll("", [], facts, {"L": ABS1.to_record()})) == "proved"


def test_a_proportion_says_how_many_and_how_sure():
    assert proportion(8, 10).startswith("8 of 10 (80.0%, 95% interval 49.0% to 94.3%)")


@pytest.mark.parametrize(
    "word",
    [
        lambda: flat([[0.1, 0, 0]]),
        lambda: hessian_is(ABS1, [[1, 0, 0]], [[0.1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        lambda: not_differentiable_at(ABS1, [[1, 0, 0]], [0.1, 0, 0]),
        lambda: clarke_stationary(ABS1, [[0.1, 0, 0]]),
        lambda: strict_local_minimum(ABS1, [[0.1, 0, 0]]),
        lambda: local_minimum_at(ABS1, [[0.1, 0, 0]]),
        lambda: global_minimum_at(ABS1, [[0.1, 0, 0]]),
        lambda: autograd_rests_at(ABS1, [[0.1, 0, 0]]),
        lambda: gradient_descent_visits(ABS1, 0.1, [[[0, 0, 0]], [[0, 0, 0]]]),
    ],
)
def test_floats_are_refused_with_the_exact_number_that_may_be_meant(word):
    with pytest.raises(StatementError, match="1/10"):
        word()


@pytest.mark.parametrize(
    "entry", [True, None, "1/0", "\u0661", "\u0660/1", "\u00bd", "1_000", "\uff11", "nan", [1], "1e999999999"]
)
def test_entries_that_are_no_plain_numbers_are_refused(entry):
    with pytest.raises(StatementError):
        flat([[entry, 0, 0]])


@pytest.mark.parametrize("law", ["nonsense", "uniform:1:-1", "uniform:a", "normal:-1", "normal:nan", "", None])
def test_the_law_of_starts_of_a_prediction_is_read_as_it_is_made(law):
    with pytest.raises(StabilityError):
        Prediction("ends", "abs1", lambda begin, end: end.finite, starts=law)
