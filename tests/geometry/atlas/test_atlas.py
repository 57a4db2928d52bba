"""The atlas against every choice of faces, the classifier of points, and the ends of descent."""

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_atlas import ODD, Slow, choice_symmetries, merged, slow_least
from slow_geometry import places

from stability import Landscape, landscape
from stability.geometry.atlas.atlas import is_affordable
from stability.geometry.atlas.size import most_choices, most_points
from stability.model.datasets import Dataset
from stability.model.networks import Network

KINDS = ("global minimum", "local minimum", "saddle", "local maximum")
SINGLE = ["relu1", "abs1", "leaky1/2:1", "leaky2:1", "leaky-1/3:1", "leaky1:1"]
PAIRS = ["relu2", "abs2", "leaky1/2:2", "leaky-1/3:2", "leaky1:2"]


def examine(place):
    """Compare an atlas with brute force in all that it says; return it."""
    atlas, slow = place.atlas(), Slow(place)
    names = [tuple(atlas.arrangement.faces[f].signs(len(place.rows))) for f in range(len(atlas.arrangement.faces))]
    listed = {tuple(names[f] for f in order) for faces in atlas.number for order in permutations(faces)}
    assert listed == set(slow.stationary)
    assert sum(each.orbit * each.faces for each in atlas.sets) == len(slow.stationary)
    assert [each.index for each in atlas.sets] == list(range(len(atlas.sets)))
    where = {choice: atlas.of(spot.point) for choice, spot in slow.spots.items()}
    assert {choice for choice, each in where.items() if each is not None} == set(slow.stationary)
    mine = {root: where[root] for root in slow.parts}
    for root, part in slow.parts.items():
        each = mine[root]
        assert all(where[spot.choice] is each for spot in part)
        agree(each, part, slow)
        assert set(each.borders) == {mine[other].index for other in slow.neighbours(root)}
        assert each.isolated == (each.dimension == 0 and not each.borders)
    assert Counter(each.index for each in mine.values()) == {each.index: each.orbit for each in atlas.sets}
    for each in atlas.sets:
        witnessed(each, slow)
        members = [tuple(names[f] for f in faces) for faces in each.members]
        assert len(members) == len(set(members))
        assert set(members) == {spot.choice for spot in slow.parts[slow.root[members[0]]]}
    images(atlas, slow, where)
    least = min(spot.found.loss for spot in slow.stationary.values())
    for each in atlas.sets:
        assert (each.kind == "global minimum") == (each.loss == least and each.directional)
    order = [(each.loss, KINDS.index(each.kind), each.dimension) for each in atlas.sets]
    assert order == sorted(order)
    assert float(least) == pytest.approx(slow_least(place), abs=1e-9)
    return atlas


def agree(each, part, slow):
    """Compare a set with a component found by brute force."""
    assert each.faces == len(part)
    assert each.dimension == max(spot.dimension for spot in part)
    assert each.autograd_rests == all(spot.found.autograd_rests for spot in part)
    assert each.autograd_faces == sum(spot.found.autograd_rests for spot in part)
    assert each.smooth_faces == sum(spot.found.differentiable for spot in part)
    for spot in part:
        assert spot.outputs == each.outputs
        assert spot.found.loss == each.loss
        assert spot.found.directional == each.directional
        assert spot.found.kind in (each.kind, each.kind.replace("global", "local"))
        assert spot.found.strict == each.strict
        if each.directional:
            assert spot.found.flat_dimension == slow.level(spot)


def witnessed(each, slow):
    place = slow.place
    choice = tuple(tuple(signs) for signs in place.pattern(each.witness))
    assert slow.stationary[choice].dimension == each.dimension
    assert place.outputs(each.witness) == each.outputs
    assert place.loss(each.witness) == each.loss
    found = place.classify(each.witness)
    assert found.clarke
    assert each.clarke
    assert found.kind in (each.kind, each.kind.replace("global", "local"))
    assert (found.strict, found.directional) == (each.strict, each.directional)
    assert found.autograd_rests or not each.autograd_rests
    low, *others = sorted({*place.data.labels})
    if len(others) == 1:
        nearer = [low if f - low <= others[0] - f else others[0] for f in each.outputs]
        assert each.right == sum(f == y for f, y in zip(nearer, place.data.labels, strict=True))
    else:
        assert each.right is None
    if each.spectrum is not None:
        assert sum(value.multiplicity for value in each.spectrum) == place.parameters


def images(atlas, slow, where):
    """Compare the images with those of all faces of all components under all symmetries."""
    turns = choice_symmetries(slow.place)
    pairs = {(where[choice].index, where[image(choice)].index) for choice in slow.stationary for image in turns}
    label = merged(range(len(atlas.sets)), pairs)
    for each in atlas.sets:
        assert each.images == [k for k in label if label[k] == label[each.index]]


@settings(max_examples=12)
@given(places(most=4, models=SINGLE))
def test_one_unit_on_random_data(place):
    examine(place)


@settings(max_examples=4)
@given(places(most=3, models=PAIRS))
def test_two_units_on_random_data(place):
    examine(place)


@settings(max_examples=8)
@given(places(most=3), st.sampled_from(sorted(ODD)))
def test_units_that_no_name_spells(place, odd):
    examine(Landscape(Network(ODD[odd], 1), place.data, place.loss_kind))


SPECIAL = {
    "one point": ([[3]], [2]),
    "the same point with two labels": ([[1], [1]], [0, 2]),
    "labels that cancel at one point": ([[1], [1], [0]], [-1, 1, 1]),
    "all labels equal": ([[0], [1], [2]], [1, 1, 1]),
    "all labels 0": ([[0], [1], [2]], [0, 0, 0]),
    "an affine function": ([[0, 0], [1, 0], [0, 1]], [1, 2, 0]),
    "more dimensions than points": ([[1, 0, 2, 0], [0, 1, 0, 1]], [1, -1]),
    "a line in the plane": ([[0, 0], [1, 1], [2, 2]], [1, 0, 1]),
    "a constant coordinate": ([[1, 2], [1, 0]], [1, 0]),
    "only the origin": ([[0, 0]], [1]),
    "fractions": ([["1/3"], ["-2/7"], ["5/2"]], ["1/9", "2/5", -1]),
}


@pytest.mark.parametrize("name", SPECIAL)
@pytest.mark.parametrize("model", ["relu1", "abs1", "leaky1/2:1", "leaky1:1", "relu2", "abs2"])
def test_degenerate_data(model, name):
    examine(landscape(model, Dataset(name, *SPECIAL[name])))


@pytest.mark.parametrize("odd", sorted(ODD))
@pytest.mark.parametrize("count", [1, 2])
def test_units_that_no_name_spells_on_a_line(odd, count):
    examine(Landscape(Network(ODD[odd], count), Dataset("line", [[0], [1], [3]], [1, -1, 1])))


@pytest.mark.parametrize("model", ["relu1", "abs1", "leaky1/2:1"])
def test_xor(model):
    examine(landscape(model, "xor"))


@pytest.mark.parametrize(
    ("model", "data"),
    [
        ("relu3", Dataset("line", [[0], [1]], [1, 0])),
        ("abs3", Dataset("line", [[0], [1]], [1, -1])),
        ("relu3", Dataset("line", [[0], [1], [2]], [0, 1, 0])),
        ("relu4", Dataset("one", [[2]], [1])),
        ("abs4", Dataset("one", [[2]], [1])),
    ],
)
def test_more_than_two_units(model, data):
    examine(landscape(model, data))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "data"),
    [
        ("relu2", "xor"),
        ("abs2", "xor"),
        ("leaky1/2:2", "xor"),
        ("abs3", Dataset("line", [[0], [1], [3]], [2, -1, 1])),
        ("abs2", Dataset("line", [[0], [1], [3], [4]], [2, -1, 1, 0])),
        ("abs2", Dataset("four", [[0, 0], [1, 0], [0, 2], [3, 1]], [1, 0, 1, -1])),
        ("relu1", "parity:3"),
    ],
)
def test_larger_landscapes(model, data):
    examine(landscape(model, data))


@pytest.mark.slow
@settings(max_examples=60)
@given(places(most=5, dimensions=3, models=SINGLE))
def test_one_unit_on_more_random_data(place):
    examine(place)


@pytest.mark.slow
@settings(max_examples=40)
@given(places(most=4, models=PAIRS))
def test_two_units_on_more_random_data(place):
    examine(place)


def test_a_known_atlas_is_affordable_whatever_is_allowed():
    place = landscape("abs1", Dataset("fresh", [[0], [1], [7]], [0, 1, "3/7"]))
    assert not is_affordable(place, 1)
    assert is_affordable(place, most_choices(place))
    assert not is_affordable(place, most_choices(place) - 1)
    assert is_affordable(place)
    place.atlas()
    assert is_affordable(place, 1)


def test_as_many_points_as_are_said_to_fit_do():
    """Points with the rank of xor, in the general position that has most faces."""

    def curve(count):
        return landscape("relu1", Dataset("curve", [[k, k * k] for k in range(count)], [0] * count))

    for most in (27, 51, 200, 5000):
        count = most_points(curve(40), most)
        assert most_choices(curve(count)) <= most < most_choices(curve(count + 1))
