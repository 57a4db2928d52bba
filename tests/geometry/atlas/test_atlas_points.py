"""The atlas against points that are found otherwise, and against the same problem stated in other words."""

import re
from fractions import Fraction as Q
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_atlas import ODD, Slow
from slow_geometry import SMALL, places

from stability import Landscape, landscape
from stability.errors import PointError, TooLargeError
from stability.geometry.atlas.atlas import known_atlas
from stability.model.datasets import Dataset
from stability.model.networks import Network


def test_a_unit_without_slopes_has_one_plateau():
    """Every parameter gives output 0, so all of parameter space is one set of minima, and maxima as well."""
    place = Landscape(Network(ODD["zero"], 2), Dataset("line", [[0], [1], [2]], [1, 2, 3]))
    (each,) = place.atlas().sets
    assert (each.kind, each.loss, each.dimension, each.orbit, each.borders) == ("global minimum", 14, 4, 1, [])
    assert each.faces == place.atlas().faces == 13**2
    assert each.autograd_rests


def test_a_linear_unit_is_a_linear_regression():
    (each,) = landscape("leaky1:1", Dataset("line", [[0], [1], [2]], [1, 0, 0])).atlas().sets
    assert each.witness == [[Q(-1, 2), Q(5, 6)]]
    assert (each.kind, each.loss, each.isolated) == ("global minimum", Q(1, 6), True)


def test_the_nine_stationary_points_of_one_absolute_value_unit_on_xor():
    found = [(each.kind, each.loss, *each.witness[0]) for each in landscape("abs1", "xor").atlas().sets]
    assert sorted(found) == sorted(
        [
            *(("global minimum", 0, s * Q(1, 2), -s * Q(1, 2), 0) for s in (1, -1)),
            *(("local minimum", 1, 0, 0, s * Q(1, 2)) for s in (1, -1)),
            *(("saddle", Q(4, 3), s * Q(1, 6), -s * Q(1, 6), t * Q(1, 3)) for s in (1, -1) for t in (1, -1)),
            ("saddle", 2, 0, 0, 0),
        ]
    )


@settings(max_examples=10)
@given(st.data(), places(most=3, models=["relu1", "abs1", "leaky1/2:1", "relu2"]))
def test_random_points_are_in_a_set_exactly_if_they_are_stationary(data, place):
    """Points near the origin with few different coordinates, so that kinks, plateaus and dead units are common."""
    atlas = place.atlas()
    for _ in range(25):
        point = [[data.draw(SMALL) for _ in range(place.width)] for _ in range(place.units)]
        found, each = place.classify(point), atlas.of(point)
        assert found.clarke == (each is not None)
        assert each is None or found.kind in (each.kind, each.kind.replace("global", "local"))
        assert each is None or found.directional == each.directional


@pytest.mark.parametrize(("model", "stationary"), [("relu1", 3), ("abs1", 3)])
def test_every_grid_point_of_one_unit_on_a_line(model, stationary):
    place = landscape(model, Dataset("line", [[-1], [1], [1]], [1, 0, 1]))
    atlas, grid, count = place.atlas(), [Q(k, 2) for k in range(-4, 5)], 0
    for point in product(grid, repeat=2):
        found, each = place.classify([point]), atlas.of([point])
        assert found.clarke == (each is not None)
        count += found.clarke
    assert count >= stationary


def located(atlas, point):
    """Return the set of a point in floats, away from kinks, or None."""
    z = np.array(point) @ np.array(atlas.landscape.rows, dtype=float).T
    assert abs(z).min() > 1e-6
    return atlas.on_faces(np.sign(z).astype(int).tolist())


def float_outputs(place, point):
    z = np.array(point) @ np.array(place.rows, dtype=float).T
    low, high = float(place.network.unit.negative), float(place.network.unit.positive)
    return (np.where(z > 0, high, low) * z).sum(axis=-2)


def descend(place, starts, step=0.03, epochs=6000):
    """Run plain gradient descent in floats; return the ends that settled off the kinks."""
    rows, labels = np.array(place.rows, dtype=float), np.array(place.data.labels, dtype=float)
    low, high = float(place.network.unit.negative), float(place.network.unit.positive)
    p = starts.copy()
    for _ in range(epochs):
        z = p @ rows.T
        slope = np.where(z > 0, high, low)
        errors = (slope * z).sum(axis=1, keepdims=True) - labels
        gradient = (slope * errors) @ rows / len(labels)
        p -= step * gradient
    settled = (abs(gradient).max(axis=(1, 2)) < 1e-10) & (abs(p @ rows.T).min(axis=(1, 2)) > 1e-5)
    return p[settled]


RAMP = Dataset("ramp", [[0, 0], [1, 0], [0, 1], [2, 1], [1, 2]], [0, 1, 1, 3, 2])


@pytest.mark.parametrize("data", ["xor", RAMP], ids=["xor", "ramp"])
@pytest.mark.parametrize("model", ["abs1", "relu1", "leaky1/2:1", "relu2", "abs2"])
def test_descent_ends_in_sets_of_minima(model, data):
    place = landscape(model, data, "mean")
    atlas = place.atlas()
    starts = np.random.default_rng(7).normal(size=(60, place.units, place.width))
    ends = descend(place, starts)
    assert len(ends), "no run settled; choose other data"
    reached = [located(atlas, end) for end in ends]
    assert all(each is not None and each.directional for each in reached)
    for end, each in zip(ends, reached, strict=True):
        assert float_outputs(place, end) == pytest.approx([float(f) for f in each.outputs], abs=1e-6)


@pytest.mark.parametrize("data", ["xor", RAMP], ids=["xor", "ramp"])
@pytest.mark.parametrize("model", ["abs1", "relu1", "leaky1/2:1", "relu2", "abs2"])
def test_bowls_with_their_bottom_in_their_own_cell_are_listed(model, data):
    """Least squares in every open cell, by numpy; the solution of least norm counts where it is in the cell."""
    place = landscape(model, data)
    atlas, rows = place.atlas(), np.array(place.rows, dtype=float)
    labels = np.array(place.data.labels, dtype=float)
    cells = [atlas.arrangement.faces[c].signs(len(rows)) for c in atlas.arrangement.cells]
    inside = 0
    for cell in product(cells, repeat=place.units):
        slopes = [[float(place.network.unit.slope(s)) for s in signs] for signs in cell]
        matrix = np.hstack([np.array(s)[:, None] * rows for s in slopes])
        point = np.linalg.lstsq(matrix, labels)[0].reshape(place.units, place.width)
        if (np.array(cell) * (point @ rows.T)).min() > 1e-6:
            inside += 1
            each = located(atlas, point)
            assert each is not None
            assert each.directional
            assert float(each.loss) == pytest.approx(((matrix @ point.ravel() - labels) ** 2).sum(), abs=1e-9)
    assert inside, "no bowl is open; choose other data"


def shares(atlas):
    """Return what an atlas says, but for coordinates and for order."""
    names = ["loss", "kind", "dimension", "faces", "orbit", "strict", "isolated", "autograd_rests", "right"]
    return sorted(
        [*(getattr(each, name) for name in names), len(each.borders), len(each.images), sorted(each.outputs)]
        for each in atlas.sets
    )


MODELS = st.sampled_from(["relu1", "abs1", "leaky1/2:1", "relu2", "abs2"])


@settings(max_examples=15)
@given(places(most=3), MODELS, st.randoms(use_true_random=False))
def test_the_order_of_data_and_of_coordinates_does_not_matter(place, model, random):
    points, labels = place.data.points, place.data.labels
    rows = random.sample(range(len(points)), len(points))
    axes = random.sample(range(place.data.dimension), place.data.dimension)
    data = Dataset("turned", [[points[i][c] for c in axes] for i in rows], [labels[i] for i in rows])
    before, after = landscape(model, place.data).atlas(), landscape(model, data).atlas()
    assert shares(before) == shares(after)
    for each in before.sets:
        point = [[*(row[c] for c in axes), row[-1]] for row in each.witness]
        assert after.of(point).outputs == [each.outputs[i] for i in rows]


@settings(max_examples=15)
@given(places(most=3), MODELS, st.sampled_from([Q(1, 3), Q(5), Q(10**30), Q(7, 10**20)]))
def test_the_scale_of_the_data_does_not_matter(place, model, factor):
    points = [[factor * x for x in point] for point in place.data.points]
    before = landscape(model, place.data).atlas()
    after = landscape(model, Dataset("scaled", points, place.data.labels)).atlas()
    assert shares(before) == shares(after)
    for each in before.sets:
        point = [[*(x / factor for x in row[:-1]), row[-1]] for row in each.witness]
        assert after.of(point).outputs == each.outputs


@settings(max_examples=15)
@given(places(most=3), MODELS, st.sampled_from([Q(1, 3), Q(10**30)]))
def test_labels_and_weights_scale_together(place, model, factor):
    data = Dataset("scaled", place.data.points, [factor * y for y in place.data.labels])
    before, after = landscape(model, place.data).atlas(), landscape(model, data).atlas()
    assert len(before.sets) == len(after.sets)
    for each in before.sets:
        same = after.of([[factor * x for x in row] for row in each.witness])
        assert same.loss == factor**2 * each.loss
        assert (same.kind, same.dimension, same.faces, same.orbit) == (
            each.kind,
            each.dimension,
            each.faces,
            each.orbit,
        )


@settings(max_examples=15)
@given(places(most=3), MODELS)
def test_the_mean_divides_every_loss_by_the_number_of_points(place, model):
    total, mean = landscape(model, place.data, "sum").atlas(), landscape(model, place.data, "mean").atlas()
    n = len(place.rows)
    for a, b in zip(total.sets, mean.sets, strict=True):
        first, second = a.to_json(), b.to_json()
        assert (a.loss / n, a.witness, a.members) == (b.loss, b.witness, b.members)
        assert {key for key in first if first[key] != second[key]} <= {"loss", "spectrum"}


SQUARE = [lambda x, y: (x, y), lambda x, y: (y, x), lambda x, y: (-x, -y), lambda x, y: (-y, -x)]


@pytest.mark.parametrize("model", ["relu1", "abs1", "relu2", "abs2", "leaky1/2:2"])
def test_symmetries_of_xor_map_each_set_onto_its_images(model):
    """The four symmetries of the square that keep the labels, the order of units, and signs of single |z|."""
    place = landscape(model, "xor")
    atlas = place.atlas()
    signs = (1, -1) if model.startswith("abs") else (1,)
    for each in atlas.sets:
        reached = set()
        for turn, order in product(SQUARE, permutations(range(place.units))):
            for flips in product(signs, repeat=place.units):
                rows = [[*turn(*each.witness[k][:2]), each.witness[k][2]] for k in order]
                image = atlas.of([[s * x for x in row] for s, row in zip(flips, rows, strict=True)])
                assert (image.loss, image.kind, image.dimension) == (each.loss, each.kind, each.dimension)
                reached.add(image.index)
        assert sorted(reached) == each.images


def test_a_quarter_turn_of_the_square_is_no_symmetry_of_xor():
    atlas = landscape("relu1", "xor").atlas()
    best = atlas.sets[1]
    u, v, b = best.witness[0]
    assert atlas.of([[-v, u, b]]) is not best


@settings(max_examples=8)
@given(places(most=3, models=["relu1", "abs1", "relu2", "abs2"]))
def test_faces_of_a_set_that_touch_are_joined_by_stationary_points(place):
    atlas, slow = place.atlas(), Slow(place)
    for lower, upper in slow.pairs[:12]:
        a, b = slow.stationary[lower], slow.stationary[upper]
        for t in (Q(1, 3), Q(9, 10)):
            rows = zip(a.point, b.point, strict=True)
            between = [[x + t * (y - x) for x, y in zip(p, q, strict=True)] for p, q in rows]
            assert place.loss(between) == b.found.loss
            assert place.classify(between).clarke
            assert atlas.of(between) is atlas.of(b.point)


def test_a_point_of_a_stationary_face_with_other_outputs_is_in_no_set():
    atlas = landscape("abs1", "xor").atlas()
    assert atlas.of([["1/2", "-1/2", 0]]).loss == 0
    assert atlas.of([[1, -1, 0]]) is None
    assert atlas.of([[0, 0, "1/2"]]).loss == 1
    assert atlas.of([[0, 0, "1/3"]]) is None


@pytest.mark.parametrize("point", [[[0, 0]], [[0, 0, 0], [0, 0, 0]], [0, 0, 0], []])
def test_points_of_the_wrong_shape_are_refused(point):
    with pytest.raises(PointError):
        landscape("abs1", "xor").atlas().of(point)


def test_too_many_faces_are_refused_before_anything_is_computed(monkeypatch):
    monkeypatch.setattr("stability.geometry.atlas.atlas.branches", lambda rows: pytest.fail("it started"))
    with pytest.raises(TooLargeError, match="--max-faces"):
        landscape("relu3", "parity:3").atlas()
    with pytest.raises(TooLargeError):
        landscape("relu2", "xor").atlas(max_faces=1000)


def test_an_atlas_that_others_need_is_computed_once_whatever_its_size(monkeypatch):
    place = landscape("relu1", Dataset("five", [[0, 0], [1, 0], [0, 2], [3, 1], [5, 7]], [1, 0, 1, -1, 2]))
    with pytest.raises(TooLargeError, match="at most 4 points"):
        known_atlas(place, max_faces=60)
    found = place.atlas()
    monkeypatch.setattr("stability.geometry.atlas.atlas.branches", lambda rows: pytest.fail("it started again"))
    assert known_atlas(place, max_faces=60) is place.atlas() is found


def test_the_size_that_would_do_is_the_largest():
    rng = np.random.default_rng(0)
    points, labels = rng.integers(-99, 99, (40, 2)).tolist(), rng.integers(0, 2, 40).tolist()
    with pytest.raises(TooLargeError) as refused:
        landscape("relu1", Dataset("many", points, labels)).atlas(max_faces=500)
    most = int(re.search(r"at most (\d+) points", str(refused.value))[1])
    assert landscape("relu1", Dataset("some", points[:most], labels[:most])).atlas(max_faces=500).complete
    with pytest.raises(TooLargeError):
        landscape("relu1", Dataset("more", points[: most + 1], labels[: most + 1])).atlas(max_faces=500)


def test_as_many_faces_as_there_are_are_enough():
    data = Dataset("four", [[0, 0], [1, 0], [0, 2], [3, 1]], [1, 0, 1, -1])
    faces = landscape("relu1", data).atlas().faces
    assert landscape("relu1", data).atlas(max_faces=faces).faces == faces
    with pytest.raises(TooLargeError):
        landscape("relu1", data).atlas(max_faces=faces - 1)


def test_points_of_sets_are_of_the_size_of_the_data_where_these_are_floats():
    """Whole numbers along rays of such data have thirty digits; what changes no output is scaled down."""
    rng = np.random.default_rng(2)
    points = rng.normal(size=(6, 2))
    place = landscape("relu2", Dataset("floats", points.tolist(), (points[:, 0] * points[:, 1]).tolist()))
    found = place.atlas()
    for each in found.sets:
        assert found.of(each.witness) is each
        assert place.loss(each.witness) == each.loss
    sizes = [max(abs(x) for row in each.witness for x in row) for each in found.sets if each.dimension]
    assert sizes
    assert max(sizes) < 1000
