"""Landscapes, flows and basins of small data on which a decision is easily wrong, with the right answers."""

import contextlib
from fractions import Fraction as Q

import numpy as np
import pytest

from stability import (
    Dataset,
    ForAll,
    StabilityError,
    dataset,
    flow_limits,
    landscape,
    number_of_sets,
    prove,
    train,
    update_rule,
)

LINE = Dataset("three points", [[-1], [0], [1]], [-1, -1, -1])
CORNERS = [[1, -1], [-1, 1], [1, 1], [-1, -1]]
SIX = Dataset("six", [[1, 3], [-1, -1], [2, -3], [-2, -2], [-1, -2], [2, 2]], [0, -1, 1, -1, 1, -1])


def test_a_unit_that_flow_carries_to_the_origin_ends_there():
    """All labels are -1, which no absolute value reaches: the origin is the one global minimum, of loss 3."""
    found = landscape("abs1", LINE).flow([[1, "3/10"]])
    assert (found.point, found.loss, found.ends_on.kind) == ([[0, 0]], 3, "global minimum")


@pytest.mark.parametrize(
    ("model", "data"),
    [
        ("abs1", LINE),
        ("abs2", Dataset("below", CORNERS, [0, 0, -1, -1])),
        ("abs2", Dataset("turned", CORNERS, [1, 1, -1, -1])),
        ("leaky1/10:2", Dataset("turned", CORNERS, [1, 1, -1, -1])),
        ("relu1", SIX),
        ("abs2", SIX),
    ],
)
def test_every_random_start_ends_on_a_set(model, data):
    place = landscape(model, data)
    starts = np.random.default_rng(1).normal(size=(12, place.units, place.width))
    assert (flow_limits(place, starts).sets >= 0).all()


def test_starts_that_branch_are_not_called_unique():
    """Nearby starts end on a saddle of loss 4/3 and on the minimum of loss 1: so must the solutions from here."""
    place = landscape("leaky1/3:1", "xor")
    for start in ([[0, 0, 0]], [[0, 1, 1]]):
        found = place.flow(start)
        assert not found.unique
        assert {each.loss for each in found.solutions()} >= {Q(1), Q(4, 3)}


def test_a_start_beside_dead_examples_branches_too():
    data = Dataset("five", [[-2, 1], [-1, 0], [1, 0], [2, -2], [0, -2]], [0, 2, -1, 0, 0])
    found = landscape("relu1", data).flow([[0, -1, 0]])
    assert not found.unique
    assert {each.loss for each in found.solutions()} >= {Q(265, 69), Q(5)}


def test_two_sets_that_split_are_two_branches():
    """For x between -3/2 and -1 the atlas has two sets of local maxima of loss 9; a mirrored family has as many."""
    split, mirrored = (landscape("relu1", Dataset("d", [[0], [-s], [-2 * s]], [-2, 1, 2])) for s in (1, -1))
    at = Q(-5, 4)
    for place, side in ((split, 1), (mirrored, -1)):
        low, high = sorted((-3 * side, 3 * side))
        diagram = place.bifurcation("coordinate:1:1", low, high)
        report = [branch for branch in diagram.to_json()["branches"] if branch["kind"] == "local maximum"]
        alive = [branch for branch in report if Q(branch["low"]["value"]) < side * at < Q(branch["high"]["value"])]
        fixed = landscape("relu1", Dataset("e", [[side * at], *place.data.points[1:]], place.data.labels))
        assert len(alive) == sum(found.kind == "local maximum" for found in fixed.atlas().sets) == 2


def test_starts_on_a_kink_that_repels_are_counted_as_several():
    """At (w, 0) the loss falls to the left by 2w and to the right by 4 - 2w, for w > 0: to both sides where w < 2."""
    place = landscape("abs1", Dataset("origin", [[0], [1]], [1, 1]))
    assert [place.flow([[w, 0]]).unique for w in (Q(1, 2), Q(-1), Q(3), Q(-3))] == [False, False, True, True]
    found = place.basins("normal:1", samples=60)
    assert found.several + sum(share.count for share in found.shares) == 60
    assert found.several > 45, "95% of normal numbers are less than 2"


def test_only_the_direction_of_large_starts_matters():
    place = landscape("abs1", "xor")
    starts = np.random.default_rng(2).normal(size=(20, 1, 3))
    by_size = [flow_limits(place, starts * scale).sets.tolist() for scale in (1e6, 1e12, 1e20)]
    assert by_size[0] == by_size[1] == by_size[2]
    kinds = {place.atlas().sets[k].kind for k in by_size[0]}
    assert kinds == {"global minimum", "local minimum"}, "never a saddle"


@pytest.mark.parametrize(("labels", "init"), [((1, -1, 1), "normal:0.5"), ((0, 1, 0), "normal:0.5:0.5")])
def test_atlas_and_training_mean_the_same_by_correct(labels, init):
    """Outputs 1, 0, 1 are nearer to the labels 1, -1, 1 than to their opposites: all three are right."""
    place = landscape("abs1", Dataset("v", [[-1], [0], [1]], labels))
    best = place.atlas().sets[0]
    runs = train(place, init, update_rule("gd", step="1/50"), epochs=400, restarts=20, dtype="float64")
    settled = np.abs(runs.losses - float(best.loss)) < 1e-6
    assert settled.any()
    assert set(runs.accuracies[settled].tolist()) == {best.right / 3}


@pytest.mark.parametrize(
    ("points", "labels"),
    [
        ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, "-1.7976931348623157e308"]),
        ([[0, 0], [0, 1], [1, 0], ["-1.7976931348623157e308", 1]], [0, 1, 1, 0]),
        ([["1e-400"], [0]], [1, 0]),
        ([["1e400"], [0]], [1, 0]),
    ],
)
def test_numbers_beyond_floats_are_answered_exactly_or_refused(points, labels):
    place = landscape("relu1", Dataset("far", points, labels))
    assert place.atlas().sets[0].kind == "global minimum"
    assert place.flow([[1] * place.data.dimension + [0]]).ends_on is not None
    for doubtful in (lambda: place.basins("normal:1", samples=3), lambda: repr(place.atlas())):
        with contextlib.suppress(StabilityError):
            doubtful()


def test_counts_beyond_memory_are_refused_at_once():
    with pytest.raises(StabilityError):
        landscape("abs1", "xor").basins("normal:1", samples=10**20)


def test_runs_that_overflow_are_diverged():
    place = landscape("abs1", Dataset("large", [["1e300"], [0]], [1, 0]))
    found = place.basins("normal:1:1", samples=5, rule=update_rule("gd", step="1/10"))
    assert (found.diverged, found.unexplained) == (5, 0)


def test_many_rows_are_refused_at_once_with_what_would_do():
    rng = np.random.default_rng(0)
    points = [[str(round(x, 4)) for x in row] for row in rng.normal(size=(2000, 2)).tolist()]
    place = landscape("relu1", Dataset("many", points, [0, 1] * 1000))
    for asked in (place.atlas, lambda: place.basins("normal:1", samples=5), lambda: place.flow([[1, 0, 0]])):
        with pytest.raises(StabilityError) as refused:
            asked()
        assert refused.value.remedy


@pytest.mark.parametrize(("vary", "low", "high"), [("slope", 0, "1e400"), ("coordinate:1:1", "-1e400", "1e400")])
def test_families_beyond_floats_have_exact_branches(vary, low, high):
    """What lies beyond the largest event changes nothing: the events are those of a range that floats hold."""
    place = landscape("abs1", "xor")
    far, near = (place.bifurcation(vary, *ends) for ends in ((low, high), (Q(low) / 10**390, Q(high) / 10**390)))
    shown = [[each["value"] for each in found.to_json()["events"]] for found in (far, near)]
    assert shown[0] == shown[1]
    assert shown[0]


def test_data_below_floats_have_an_exact_atlas():
    """One unit with one point at 1e-400 fits the label 1 by the weight 1e400, exactly."""
    found = landscape("abs1", Dataset("tiny", [["1e-400"], [0]], [1, 0])).atlas()
    best = [each for each in found.sets if each.kind == "global minimum"]
    assert [each.loss for each in best] == [0, 0]
    assert {abs(each.witness[0][0]) for each in best} == {Q(10) ** 400}


NAMED = {"abs1": landscape("abs1", "xor"), "relu1": landscape("relu1", "xor")}


@pytest.mark.parametrize(
    ("statement", "conclusion"),
    [
        (ForAll("u v", [], ["abs1.loss([u, v, 0]) > 1/2"], NAMED), "refuted"),
        (ForAll("u v", ["u*v < 0", "u != v"], ["abs1.loss([u, v, 0]) < 2"], NAMED), "refuted"),
        (number_of_sets(NAMED["abs1"], [("kind", "=", "local minimum")], "=", 2), "proved"),
        (number_of_sets(NAMED["abs1"], [("kind", "=", "local maximum")], ">", 0), "refuted"),
    ],
)
def test_claims_about_landscapes(statement, conclusion):
    assert prove(statement).conclusion == conclusion


def test_a_misspelt_kind_is_an_error_not_a_verdict():
    with pytest.raises(StabilityError, match="local minimun"):
        number_of_sets(NAMED["abs1"], [("kind", "=", "local minimun")], "=", 0)


def test_a_decimal_is_read_as_it_is_written():
    """1.3333 is less than 4/3, which is the least value."""
    assert prove(ForAll("x", ["x == 4/3"], ["x >= 1.3333"])).conclusion == "proved"
    assert prove(ForAll("x", ["x == 1.3333"], ["x >= 4/3"])).conclusion == "refuted"


def test_xor_is_the_centred_one():
    assert sorted(dataset("xor").points) == sorted(tuple(map(Q, row)) for row in CORNERS)
    assert dict(zip(dataset("xor").points, dataset("xor").labels, strict=True))[Q(1), Q(1)] == 0
