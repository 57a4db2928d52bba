"""The facade on one unit and one point, where everything is known by hand, and how it is spelled."""

from fractions import Fraction as Q

import pytest

from stability import Dataset, Landscape, landscape, network, update_rule
from stability.errors import PointError, StabilityError, TooLargeError
from stability.geometry.atlas.atlas import known_atlas
from stability.model.network_loss import NetworkLoss

POINT = Dataset("peak", [[0]], [1])
PEAK = landscape("abs1", POINT)
"""(|b| - 1)^2: minima at b = 1 and -1, a peak at 0, and w is free."""


def test_models_and_data_are_given_by_object_or_by_spelling():
    spelled, built = landscape("relu2", "xor", "mean"), landscape(network("relu2"), Dataset("xor", *XOR), "mean")
    assert isinstance(spelled, Landscape)
    assert isinstance(spelled, NetworkLoss)
    assert (spelled.units, spelled.width, spelled.loss_kind) == (2, 3, "mean")
    assert spelled.loss([[1, -1, 0], [-1, 1, 0]]) == built.loss([[1, -1, 0], [-1, 1, 0]]) == Q(1, 2)
    assert landscape("relu2", "xor") != spelled
    for wrong in (("relo1", "xor"), ("relu1", "xro"), ("relu1", "xor", "max")):
        with pytest.raises(StabilityError):
            landscape(*wrong)


XOR = ([[1, -1], [-1, 1], [1, 1], [-1, -1]], [1, 1, 0, 0])


def test_an_atlas_that_is_known_is_of_the_landscape_that_is_asked():
    own = Dataset("two", [[3], [-5]], [1, 7])
    known_atlas(NetworkLoss(network("abs1"), own))
    place = Landscape(network("abs1"), own)
    atlas = place.atlas()
    assert atlas.landscape is place
    assert all(atlas.landscape.classify(each.witness).clarke for each in atlas.sets)
    assert place.atlas().sets is atlas.sets


def test_its_atlas_and_a_limit_on_it():
    atlas = PEAK.atlas()
    assert sorted((each.kind, each.loss, each.dimension) for each in atlas.sets) == [
        ("global minimum", 0, 1),
        ("global minimum", 0, 1),
        ("local maximum", 1, 1),
    ]
    with pytest.raises(TooLargeError):
        PEAK.atlas(max_faces=2)
    assert len(PEAK.atlas(max_faces=3).sets) == 3
    seen = []
    PEAK.atlas(progress=lambda *each: seen.append(each))
    assert all(isinstance(stage, str) and 0 <= done <= total for stage, done, total in seen)
    assert seen


@pytest.mark.parametrize(("b", "kind", "stationary"), [(1, "minimum", True), (0, "maximum", True), (2, None, False)])
def test_what_a_point_is(b, kind, stationary):
    found = PEAK.classify([[7, b]])
    assert bool(found.clarke) == stationary
    assert found.loss == (abs(b) - 1) ** 2
    if kind:
        assert kind in found.kind


def test_where_flow_goes_and_how_many_events_it_may_have():
    assert PEAK.flow([[3, 5]]).point == [[3, 1]]
    assert PEAK.flow([[3, 0]], kinks="torch").point == [[3, 0]]
    with pytest.raises(StabilityError):
        PEAK.flow([[3, 0]], kinks="jax")
    start = [[1, "1/2", "1/10"], ["-1/2", "1/3", "1/4"]]
    place = landscape("relu2", "xor")
    assert "more than 1 events" in place.flow(start, max_events=1).reason
    assert place.flow(start).ends_on is not None


def test_shares_of_starts():
    found = PEAK.basins("normal:1:1", 400, seed=3)
    assert sum(each.count for each in found.shares) == 400
    assert {each.set.loss for each in found.shares} == {0}
    assert all(0.4 < each.share < 0.6 for each in found.shares)
    steps = PEAK.basins("normal:1:1", 20, rule=update_rule("gd", step="1/2"), max_steps=3)
    assert sum(each.count for each in steps.shares) + steps.undecided == 20


def test_how_sets_change_with_a_label():
    found = PEAK.bifurcation("label:1", -1, 2)
    assert [str(each.value) for each in found.events] == ["0"]
    assert found.at(-1) == [("global minimum", 1, 1)]
    assert found.at(1) == [("global minimum", 0, 2), ("local maximum", 1, 1)]
    with pytest.raises(StabilityError):
        PEAK.bifurcation("label:2", 0, 1)


def test_cycles_of_descent_on_the_line_of_the_bias():
    """From b > 0 the step 3/2 leads to 3 - 2 b: from 3 to -3, and back; both steps have the slope -2."""
    found = PEAK.cycles(update_rule("gd", step="3/2"), direction=[[0, 1]])
    last = str(found).splitlines()[-1]
    assert "(-3, 3)" in last
    assert last.split()[-1] == "4"
    with pytest.raises(StabilityError):
        PEAK.cycles(update_rule("adam"), direction=[[0, 1]])


def test_formulas_of_a_cell():
    found = PEAK.derive("+")
    assert found.to_json()["pattern"] is not None
    with pytest.raises(StabilityError):
        PEAK.derive("+-")


def test_what_switches_pairs_on_and_off():
    """relu at 0 and 1: on at 0 and off at 1 needs b > 0 > w + b."""
    place = landscape("relu1", Dataset("two", [[0], [1]], [1, 1]))
    ((w, b),) = place.active_set(on=[(0, 0)], off=[(0, 1)]).point
    assert b > 0 > w + b
    three = landscape("relu1", Dataset("three", [[0], [1], [2]], [1, 1, 1]))
    assert three.active_set(on=[(0, 0), (0, 2)], off=[(0, 1)]).point is None


def test_derivatives_along_a_circle():
    """(w1 - 1)^2 on the point (1, 0) with w = (cos, sin): 2 (cos - 1)(-sin), and sin^2 - cos^2 + cos twice."""
    place = landscape("relu1", Dataset("one", [[1, 0]], [1]))
    at = [["3/5", "4/5", 0]]
    assert place.angular_derivative(at) == 2 * (Q(3, 5) - 1) * -Q(4, 5)
    assert place.angular_curvature(at) == 2 * (Q(16, 25) - Q(9, 25) + Q(3, 5))
    (torque,) = place.torque(at)
    assert torque is not None
    with pytest.raises(PointError):
        place.torque([[1, 1]])
