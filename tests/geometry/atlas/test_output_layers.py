"""Atlases of networks with output weights and biases, against linear programs, symmetries and sampled losses."""

import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linear_program_layers import Levels
from some_slow import some_slow

from stability import Dataset, check, landscape, network
from stability.errors import StabilityError
from stability.geometry.atlas.atlas import known_atlas
from stability.geometry.stationary.witness import stationary_point

SMALL = [
    "relu1-out",
    "relu1-out+c",
    "abs1-out+c",
    "leaky1/2:1-out",
    "leaky-1/2:1-out+c",
    "abs1-out-nob",
    "relu[+,-]",
    "relu[+,-]+c",
    "abs[+,-]",
    "abs[-]+c",
    "relu[-,-]",
    "relu1-nob",
    "relu[+,-]-nob",
    "leaky1/3[+,-]",
    "relu2+c",
]
"""Models that are compared with the oracle on random data."""

LARGE = ["relu2-out", "relu2-out+c", "leaky1/2:2-out", "abs2-out"]

MORE = [(model, seed) for model in SMALL for seed in range(4 if network(model).count == 1 else 2)]
"""With which seeds there are more of them: programs of two units take ten times as long as those of one."""


def levels(atlas):
    return [{float(each.loss) for each in sets} for sets in (atlas.sets, atlas.minima)]


def assert_same(found, wanted):
    assert sorted(found) == pytest.approx(sorted(wanted), abs=1e-5)


def random_data(rng, dimension, count):
    points = [[rng.randint(-2, 2) for _ in range(dimension)] for _ in range(count)]
    return Dataset("random", points, [rng.randint(-2, 2) for _ in range(count)])


def compare(model, data):
    place = landscape(model, data)
    if not any(any(row) for row in place.rows):
        return
    atlas = place.atlas()
    slow = Levels(place)
    for found, wanted in zip(levels(atlas), (slow.found, slow.minima), strict=True):
        assert_same(found, wanted)
    for each in atlas.sets:
        assert atlas.of(each.witness) is each
        assert place.loss(each.witness) == each.loss
        assert place.outputs(each.witness) == each.outputs


@pytest.mark.parametrize("model", some_slow(SMALL, 8))
def test_levels_are_those_of_linear_programs(model):
    rng = random.Random(model)
    for dimension, count in ((1, 2), (1, 3), (2, 3)) if network(model).count == 1 else ((1, 2), (1, 2)):
        compare(model, random_data(rng, dimension, count))


@pytest.mark.slow
@pytest.mark.parametrize(("model", "seed"), [*MORE, *((model, 0) for model in LARGE)])
def test_more_levels_are_those_of_linear_programs(model, seed):
    rng = random.Random(f"{model} {seed}")
    for dimension, count in ((1, 3), (1, 4), (2, 3)):
        compare(model, random_data(rng, dimension, count))


@pytest.mark.parametrize("model", ["relu2-out", "abs1-out+c", "relu2-out+c"])
def test_levels_on_xor(model):
    place = landscape(model, "xor")
    slow = Levels(place) if place.units == 1 else None
    atlas = place.atlas()
    if slow:
        for found, wanted in zip(levels(atlas), (slow.found, slow.minima), strict=True):
            assert_same(found, wanted)
    else:  # what is known of one unit more than of none, and of dead units
        one = landscape(model.replace("2", "1"), "xor").atlas()
        assert set(one.losses) <= set(atlas.losses)


def below(place, point, rng, size, tries):
    """Return the least change of the loss at random points near a point."""
    flat = np.array([float(x) for row in point for x in row])
    steps = rng.normal(size=(tries, len(flat))) * size * rng.uniform(size=(tries, 1)) ** 3
    return float_losses(place, flat + steps).min() - float(place.loss(point))


def float_losses(place, points):
    """Return the losses at points (count, parameters)."""
    net, rows = place.network, np.array([[float(x) for x in row] for row in place.rows])
    total = np.repeat(points[:, -1:] if net.output_bias else 0.0 * points[:, :1], len(rows), axis=1)
    for j in range(place.units):
        own = points[:, j * place.stride : (j + 1) * place.stride]
        z = own[:, : place.width] @ rows.T
        a = own[:, -1:] if net.trainable else float(net.weights[j])
        total += a * np.where(z > 0, float(net.unit.positive) * z, float(net.unit.negative) * z)
    errors = total - np.array([float(y) for y in place.data.labels])
    return float(place.scale) * (errors**2).sum(1)


@pytest.mark.parametrize("model", ["relu2-out", "relu2-out+c", "abs1-out", "leaky1/100:1-out+c", "relu[+,-]+c"])
def test_kinds_are_those_of_sampled_losses(model):
    """No point near a minimum is lower; near a saddle or a maximum one is, to second order next to silent units."""
    place, rng = landscape(model, "xor"), np.random.default_rng(0)
    for each in place.atlas().sets:
        least = min(below(place, each.witness, rng, size, 800) for size in (1e-3, 3e-2))
        assert least > -1e-12 if each.is_minimum else least < -1e-8, each


@pytest.mark.parametrize("model", ["relu2", "abs2", "relu2-out", "abs1-out"])
def test_signs_and_labels_change_together(model):
    """f -> -f with y -> -y: all output weights negative on mirrored labels is the plain sum."""
    data = Dataset("three", [[0], [1], [3]], [1, 0, 2])
    mirrored = Dataset("mirrored", [[0], [1], [3]], [-1, 0, -2])
    plain = landscape(model, data).atlas()
    unit = model.removesuffix("-out").rstrip("12")
    other = model if "-out" in model else f"{unit}[{','.join('-' * int(model[-1]))}]"
    turned = landscape(other, mirrored).atlas()
    assert [looks(each) for each in plain.sets] == [looks(each) for each in turned.sets]


def looks(each):
    return each.kind, each.loss, each.dimension, each.orbit, each.faces, each.autograd_faces, each.smooth_faces


def test_lengths_of_output_weights_only_scale_the_parameters():
    data = Dataset("three", [[0], [1], [3]], [1, 0, 2])
    scaled, signed = landscape("relu[2,-1/3]", data).atlas(), landscape("relu[+,-]", data).atlas()
    assert [looks(each) for each in scaled.sets] == [looks(each) for each in signed.sets]
    for one, other in zip(scaled.sets, signed.sets, strict=True):
        assert one.witness == [[x / 2 for x in other.witness[0]], [3 * x for x in other.witness[1]]]


def test_the_order_of_the_signs_is_that_of_the_units():
    data = Dataset("three", [[0], [1], [3]], [1, 0, 2])
    one, other = landscape("relu[+,-]", data).atlas(), landscape("relu[-,+]", data).atlas()
    assert [looks(each) for each in one.sets] == [looks(each) for each in other.sets]
    for a, b in zip(one.sets, other.sets, strict=True):
        assert a.witness == b.witness[::-1]
        assert sorted(member[::-1] for member in b.members) == sorted(a.members)


@settings(max_examples=20)
@given(st.lists(st.integers(-3, 3), min_size=6, max_size=6), st.integers(1, 5))
def test_a_set_holds_its_scalings_and_permutations(numbers, factor):
    place = landscape("relu2-out+c", "xor")
    atlas = known_atlas(place)
    for each in atlas.sets:
        (u, v, c), t = each.witness, Fraction(factor, 3)
        scaled = [[x * t for x in u[:-1]] + [u[-1] / t], v, c]
        assert atlas.of(scaled) is each
        assert atlas.of([v, u, c]) is each
        moved = [[x + Fraction(y, 7) for x, y in zip([*u, *v], numbers, strict=False)][:4], v, c]
        found = atlas.of(moved)
        assert found is None or place.loss(moved) == found.loss


def test_where_a_silent_unit_rests():
    """At (a, w, b) = 0 all slopes of abs1-out are 0, and yet the loss falls."""
    place = landscape("abs1-out", "xor")
    atlas = place.atlas()
    found = atlas.of([[0, 0, 0, 0]])
    assert (found.kind, found.loss) == ("saddle", 2)
    small = Fraction(1, 100)
    assert place.loss([[0, 0, small, small]]) < 2
    # h(w, b) of the errors (-1, -1, 0, 0) is 0 only at w = b = 0 here: elsewhere a silent unit does not rest
    assert atlas.of([[1, 0, 0, 0]]) is None


@pytest.mark.parametrize("model", ["relu2-out", "abs2-out+c"])
def test_a_point_is_found_in_whatever_order_the_units_of_a_piece_stand(model):
    """Units with trained output weights are alike; a silent one may stand before the others."""
    atlas, silent = known_atlas(landscape(model, "xor")), 0
    for states in sorted({tuple(sorted(states)) for each in atlas.sets for states in each.members}):
        one, other = (stationary_point(atlas.landscape, atlas.gathering, order) for order in (states, states[::-1]))
        assert one == other
        silent += any(row[-1] == 0 for row in one[:2]) and any(row[-1] for row in one[:2])
    assert silent


@pytest.mark.parametrize("loss", ["sum", "mean"])
def test_two_one_hot_outputs_are_twice_one(loss):
    pair, one = landscape("relu2-linear", "xor", loss), landscape("relu2-out+c", "xor", loss)
    factor = 2 if loss == "sum" else 1
    found, single = pair.atlas(), one.atlas()
    assert [(s.kind, s.loss, s.orbit, s.faces) for s in found.sets] == [
        (s.kind, factor * s.loss, s.orbit, s.faces) for s in single.sets
    ]
    for each in found.sets:
        assert pair.loss(each.witness) == each.loss
        assert found.of(each.witness) is each
    shared = [[*row[:-2], row[-2] + 1, row[-1] + 1] for row in found.sets[0].witness[:2]]
    assert found.of([*shared, found.sets[0].witness[2]]) is None  # the outputs no longer sum to 1


def test_levels_of_the_published_plateau():
    """Linear(2, 2)-ReLU-Linear(2, 2) on XOR by mean squares has a plateau of local minima at 1/8."""
    atlas = landscape("relu2-linear", "xor", "mean").atlas()
    assert sorted({str(each.loss) for each in atlas.minima}) == ["0", "1/4", "1/6", "1/8"]


def test_what_has_no_complete_list():
    with pytest.raises(StabilityError, match="do not reduce to one"):
        landscape("relu2-linear", Dataset("three", [[0], [1], [2]], [0, 1, 2])).atlas()
    with pytest.raises(StabilityError, match="off the origin"):
        landscape("relu1-nob", Dataset("origin", [[0], [0]], [0, 1])).atlas()
    with pytest.raises(StabilityError, match="at most 500,000"):
        landscape("relu5-out", "xor").atlas()


@pytest.mark.parametrize("model", ["relu2-out", "relu1-out+c", "abs1-out", "leaky1/100:2-out", "abs2-out+c"])
def test_escapes_of_silent_units_lower_the_loss(model):
    place, found = landscape(model, "xor"), 0
    atlas = place.atlas()
    for each in atlas.sets:
        if each.escape is None:
            continue
        found += 1
        assert each.kind == "saddle"
        assert atlas.of(each.escape.point) is each
        step, point = Fraction(1, 10**6), [list(row) for row in each.escape.point]
        unit = point[each.escape.unit]
        assert unit[-1] == 0
        unit[:-1] = [x + step * y for x, y in zip(unit[:-1], each.escape.toward, strict=True)]
        assert place.loss(point) == each.loss
        unit[-1] = each.escape.sign * step**2
        assert place.loss(point) < each.loss
    assert found


def test_an_escape_is_data():
    found = landscape("abs1-out", "xor").atlas().of([[0, 0, 0, 0]]).to_json()["escape"]
    assert found["sign"] in (-1, 1)
    assert found["point"] == [["-1", "-1", "0", "0"]]
    assert "escape" not in landscape("abs1", "xor").atlas().sets[0].to_json()


@pytest.mark.parametrize(
    ("model", "points", "labels"),
    [
        ("abs1-out-nob", [[2, -2], [2, 0], [-2, 0], [0, 0]], [1, 0, -1, 1]),
        ("relu[+,-]-nob", [[0], [1]], [0, -2]),
        ("relu1-out+c", [[-1], [0], [1]], [0, 1, 0]),
        ("relu[-1/2,+]+c", [[-1], [0], [1]], [0, 1, 0]),
        ("relu2-linear", [[-1], [0], [1]], [0, 1, 0]),
        ("leaky-1/2:1-out+c", [[-1], [0], [0]], [0, 1, 2]),
        ("abs2-out", [[0], [1]], [1, -1]),
    ],
)
def test_the_checker_confirms_the_whole_list(model, points, labels):
    place = landscape(model, Dataset("mine", points, labels))
    assert check(place.atlas().record()).startswith("proved: the stationary sets of")


def test_all_output_biases_are_shown():
    atlas = landscape("relu2-linear", Dataset("two", [[0], [1]], [0, 1])).atlas()
    assert "c = 1, 0" in repr(atlas)
    assert repr(atlas.sets[0]).endswith("c = 1, 0")
