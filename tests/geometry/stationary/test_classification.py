"""What a point is, against exact losses along many rays, all adjacent cells, and the checker."""

import json
from dataclasses import replace
from fractions import Fraction as Q
from itertools import permutations, product

import pytest
from classified_points import answers, examine
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_geometry import XOR, located, moved

from stability import Landscape, landscape
from stability.errors import NumberError, PointError
from stability.geometry.stationary.classification import classify
from stability.model.datasets import Dataset
from stability.model.networks import network

ONE = landscape("abs1", Dataset("one", [[1]], [1]))
CONFLICT = landscape("relu1", Dataset("conflict", [[1], [1]], [0, 2]))
LEVEL = Dataset("level", [[0], [1], [2]], [1, 1, 1])


def lies(found):
    """Yield the classifications that differ in one answer."""
    yield replace(found, clarke=not found.clarke)
    yield replace(found, directional=not found.directional)
    if found.directional:
        yield replace(found, strict=not found.strict)
    elif found.clarke:
        yield replace(found, kind="saddle" if found.kind == "local maximum" else "local maximum")


@settings(deadline=None, max_examples=30)
@given(located())
def test_single_units_at_random_kinks(case):
    examine(*case)


@settings(deadline=None, max_examples=15)
@given(located(most=2, models=["relu2", "abs2", "leaky-1/2:2"]))
def test_pairs_of_units_at_random_kinks(case):
    examine(*case)


@settings(deadline=None, max_examples=25)
@given(located(most=3))
def test_no_other_classification_can_be_certified(case):
    for lie in lies(classify(*case)):
        assert lie.certificate.conclusion == "refuted"


NINE = [
    *(([[s * Q(1, 2), -s * Q(1, 2), 0]], "local minimum", 0) for s in (1, -1)),
    *(([[0, 0, s * Q(1, 2)]], "local minimum", 1) for s in (1, -1)),
    *(([[s * Q(1, 6), -s * Q(1, 6), t * Q(1, 3)]], "saddle", Q(4, 3)) for s in (1, -1) for t in (1, -1)),
    ([[0, 0, 0]], "saddle", 2),
]


@pytest.mark.parametrize(("point", "kind", "loss"), NINE)
@pytest.mark.parametrize("form", ["sum", "mean"])
def test_the_nine_stationary_points_of_one_absolute_value_unit_on_xor(point, kind, loss, form):
    place = landscape("abs1", "xor", form)
    found = examine(place, point)
    assert found.kind == kind
    assert found.loss == (loss if form == "sum" else Q(loss, 4))
    assert found.clarke
    assert found.strict == (kind == "local minimum")
    assert all(lie.certificate.conclusion == "refuted" for lie in lies(found))


@pytest.mark.parametrize("point", [p for p, _, _ in NINE])
@pytest.mark.parametrize("axis", range(3))
def test_next_to_a_stationary_point_there_is_none(point, axis):
    near = [list(map(Q, point[0]))]
    near[0][axis] += Q(1, 10**6)
    assert examine(XOR, near).kind == "not stationary"


DEAD = [["-1", "0", "-2"], [0, "1/2", -3]]
SPECIAL = [
    (ONE, [[0, 0]], "local maximum", False),
    (ONE, [[3, -2]], "local minimum", False),  # fitted: a line of solutions
    (ONE, [[3, -1]], "not stationary", False),
    (landscape("abs1", Dataset("zero", [[1]], [0])), [[2, -2]], "local minimum", False),
    (landscape("abs1", Dataset("negative", [[1]], [-1])), [[2, -2]], "local minimum", False),
    (landscape("relu1", "parity:1"), [[0, 0]], "saddle", False),
    (landscape("abs1", "parity:1"), [["-1/2", "1/2"]], "local minimum", True),
    (landscape("abs1", "parity:1"), [[0, 0]], "saddle", False),
    (landscape("relu1", "xor"), [[0, 0, -1]], "local minimum", False),  # dead: a plateau
    (landscape("relu1", "xor"), [[0, 0, "1/2"]], "local minimum", True),
    (landscape("leaky1/100:1", "xor"), [[0, 0, "1/2"]], "local minimum", True),
    (landscape("leaky1/100:1", "xor"), [[0, 0, "-1"]], "not stationary", False),
    (landscape("relu2", "xor"), DEAD, "local minimum", False),
    (landscape("relu2", "xor", "mean"), [[1, -1, 0], [-1, 1, 0]], "not stationary", False),
    (landscape("relu2", "xor"), [["1/2", "-1/2", 0], ["-1/2", "1/2", 0]], "local minimum", False),
    (CONFLICT, [[0, 1]], "local minimum", False),
    (CONFLICT, [[0, 0]], "local maximum", False),
    (landscape("abs1", LEVEL), [[0, 1]], "local minimum", True),
    (landscape("relu1", LEVEL), [[0, 0]], "local maximum", False),
    (landscape("relu1", LEVEL), [[0, -1]], "local minimum", False),
]


@pytest.mark.parametrize(("place", "point", "kind", "strict"), SPECIAL)
def test_special_points(place, point, kind, strict):
    found = examine(place, point)
    assert (found.kind, found.strict) == (kind, strict)
    assert all(lie.certificate.conclusion == "refuted" for lie in lies(found))


def test_the_cube_at_the_origin():
    """All eight points at their kink: 104 cells, no gradient, and torch rests there."""
    place = landscape("relu1", "parity:3")
    found = examine(place, [[0, 0, 0, 0]])
    assert len(found.kinks) == 8
    assert found.autograd_rests
    assert not found.differentiable
    assert found.kind == "saddle"


def test_clarke_torch_and_directions_can_all_disagree():
    """The three senses of stationary are three; each of these points is what its name says."""
    only_torch = classify(landscape("relu1", "parity:1"), [[-1, -1]])
    assert only_torch.kinks == [(0, 0)]
    assert (only_torch.autograd_rests, only_torch.directional) == (True, False)
    only_clarke = classify(ONE, [[0, 0]])
    assert (only_clarke.clarke, only_clarke.directional) == (True, False)
    trap = classify(landscape("leaky1/100:1", Dataset("negative", [[1]], [-1])), [[0, 0]])
    assert not trap.clarke
    kinked = classify(landscape("leaky1/2:1", Dataset("tent", [[1], [1]], [-1, 1])), [[1, -1]])
    assert kinked.differentiable


def test_a_fitted_kink_is_differentiable():
    found = examine(landscape("abs1", Dataset("zero", [[1], [2]], [0, 1])), [[1, -1]])
    assert found.differentiable
    assert found.gradient == [0, 0]
    assert (found.kind, found.strict, found.loss) == ("local minimum", True, 0)


MAPS = [
    (lambda u, v, b: (-u, -v, b), "both signs"),
    (lambda u, v, b: (v, u, b), "the mirror that keeps the labels"),
    (lambda u, v, b: (-u, -v, -b), "the sign of the unit"),
]
PLACES = [[[0, 0, 0]], [["1/2", "-1/2", 0]], [[1, 1, 0]], [["1/6", "-1/6", "1/3"]], [[1, 0, -1]], [["1/3", 1, "-2/3"]]]


@pytest.mark.parametrize("point", PLACES)
@pytest.mark.parametrize("turn", [m for m, _ in MAPS], ids=[n for _, n in MAPS])
def test_symmetries_of_xor_keep_the_kind(point, turn):
    first = classify(XOR, point)
    second = classify(XOR, [turn(*map(Q, point[0]))])
    assert answers(first) == answers(second)


@settings(deadline=None, max_examples=12)
@given(st.lists(st.sampled_from([[0, 0], [1, -1], ["1/2", "1/2"], [-1, 0]]), min_size=3, max_size=3))
def test_the_order_of_the_units_does_not_matter(point):
    place = landscape("relu3", Dataset("line", [[1], [-1]], [1, 0]))
    assert all(answers(classify(place, p)) == answers(classify(place, point)) for p in permutations(point))


@settings(deadline=None, max_examples=40)
@given(located())
def test_the_order_of_the_data_and_the_mean_do_not_matter(case):
    place, point = case
    found = answers(classify(place, point))
    back = Dataset("back", place.data.points[::-1], place.data.labels[::-1])
    assert answers(classify(Landscape(place.network, back, place.loss_kind), point)) == found
    other = Landscape(place.network, place.data, "mean" if place.loss_kind == "sum" else "sum")
    factor = other.scale / place.scale
    assert answers(classify(other, point)) == {**found, "loss": found["loss"] * factor}


@settings(deadline=None, max_examples=40)
@given(located(models=["relu1", "abs1"]), st.sampled_from([Q(1, 3), Q(2), Q(7)]))
def test_scaling_labels_and_weights_together_keeps_the_kind(case, factor):
    place, point = case
    data = Dataset("scaled", place.data.points, [factor * y for y in place.data.labels])
    scaled = Landscape(place.network, data, place.loss_kind)
    first, second = classify(place, point), classify(scaled, [[factor * x for x in row] for row in point])
    assert answers(second) == {**answers(first), "loss": factor**2 * first.loss}


def test_the_largest_level_cone_counts_and_not_only_one_cell():
    """On a dead face of relu1 every direction is level; next to its border still a full cone; at 0 a half-plane."""
    place = landscape("relu1", Dataset("one", [[1]], [1]))
    assert classify(place, [[-1, 0]]).flat_dimension == 2
    assert classify(place, [[1, -1]]).flat_dimension == 2
    assert classify(place, [[1, 0]]).flat_dimension == 1
    assert classify(landscape("abs1", "xor"), [["1/2", "-1/2", 0]]).flat_dimension == 0


def test_it_is_said_where_a_minimum_may_be_global():
    """The best point of relu1 on xor has the loss 1, above that of the best function; only the list of sets knows."""
    best, fitted = classify(landscape("relu1", "xor"), [[0, 0, "1/2"]]), classify(XOR, [["1/2", "-1/2", 0]])
    assert best.kind_in_words == "strict local minimum (not decided here whether global: `stability atlas` says)"
    assert best.kind_in_words in repr(best)
    assert best.landscape.atlas().of(best.point).kind == "global minimum"
    assert (fitted.kind, fitted.is_global, fitted.kind_in_words) == ("local minimum", True, "strict global minimum")
    assert not best.is_global
    opposed = classify(landscape("abs1", Dataset("opposed", [[1], [1]], [0, 2])), [[0, 1]])
    assert (opposed.is_global, opposed.loss) == (True, 2)  # no function of the data is better
    assert classify(XOR, [[0, 0, 0]]).kind_in_words == "saddle"


def test_every_classification_has_the_same_attributes():
    fixed = landscape("relu[+,-]", "xor").classify([[0, 0, -1], [0, 0, -1]])
    trained = landscape("relu2-out", "xor").classify([[0, 0, -1, 1], [0, 0, -1, 0]])
    assert (fixed.reason, fixed.escape, fixed.silent) == ("", None, ())
    assert (trained.escape, trained.silent) == (None, (1,))
    assert trained.reason
    public = {name for name in dir(trained) if not name.startswith("_")}
    assert public == {name for name in dir(fixed) if not name.startswith("_")}
    own = {"descent_slope", "descent_slope_per_length", "descent_step", "descent_step_loss", "descent_reach",
           "torque_ratio", "certificate"}  # fmt: skip
    assert set(fixed.to_json()) - set(trained.to_json()) == own
    assert not set(trained.to_json()) - set(fixed.to_json())


def test_json_has_these_keys_and_exact_numbers_as_text():
    found = classify(XOR, [[0, 0, "1/2"]]).to_json()
    assert list(found) == [
        "model",
        "data",
        "loss_kind",
        "point",
        "loss",
        "kinks",
        "differentiable",
        "gradient",
        "clarke",
        "directional",
        "autograd_rests",
        "kind",
        "is_global",
        "reason",
        "silent",
        "escape",
        "strict",
        "flat_dimension",
        "descent",
        "descent_slope",
        "descent_slope_per_length",
        "descent_step",
        "descent_step_loss",
        "descent_reach",
        "multipliers",
        "torque_ratio",
        "certificate",
    ]
    assert json.loads(json.dumps(found)) == found
    assert found["point"] == [["0", "0", "1/2"]]
    assert found["loss"] == "1"
    assert found["gradient"] == ["0", "0", "0"]
    assert found["multipliers"] == [{"weight": "1", "pattern": [[1, 1, 1, 1]]}]
    assert found["descent"] is None
    assert len(found["certificate"]) == 20
    falling = classify(XOR, [[1, 0, 0]]).to_json()
    assert falling["multipliers"] is None
    start = [[Q(x) for x in row] for row in falling["point"]]
    steps = [Q(x) for x in falling["descent"]]
    assert XOR.loss(moved(start, steps, Q(1, 10**6))) < Q(falling["loss"])


@pytest.mark.parametrize("point", [[[0, 0]], [[0, 0, 0], [0, 0, 0]], [0, 0, 0], []])
def test_points_of_the_wrong_shape_are_refused(point):
    with pytest.raises(PointError):
        classify(XOR, point)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "x", None, True])
def test_points_that_are_not_exact_are_refused(value):
    with pytest.raises(NumberError):
        classify(XOR, [[value, 0, 0]])


def test_models_with_equal_slopes_have_no_kinks_that_matter():
    """A leaky unit of slope 1 is linear: differentiable everywhere, one bowl."""
    place = Landscape(network("leaky1:1"), Dataset("line", [[0], [1]], [1, 0]))
    for u, b in product((-1, 0, 1), repeat=2):
        found = examine(place, [[u, b]])
        assert found.differentiable
        assert (found.kind == "local minimum") == ((u, b) == (-1, 1))


@pytest.mark.parametrize("point", [["1/2", "-1/2", 0], [1, 2, 3], [0, 0, 0], [0, 0, "1/2"]])
def test_a_classification_says_yes_and_no_in_its_table(point):
    found = classify(landscape("abs1", "xor"), [point])
    yes = {True: "yes", False: "no"}
    rows = {
        line.split("  ")[1].strip(): line.split("  ")[-1].strip() for line in found._table().text().splitlines()[1:]
    }
    assert rows["differentiable"] == yes[found.differentiable]
    assert rows["Clarke-stationary"] == yes[found.clarke]
    assert rows["directionally stationary"] == yes[found.directional]
    assert rows["torch's gradient is 0"] == yes[found.autograd_rests]
    assert rows["flat directions"] == str(found.flat_dimension)
    assert ("descends along" in rows) == (not found.directional)
