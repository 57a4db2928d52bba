"""What points of trained output layers are, against plain networks, sampling around points, and scaling of units."""

from fractions import Fraction as Q

import numpy as np
import pytest

from stability import Dataset, landscape, network
from stability.errors import CertificateError, PointError
from stability.geometry.stationary.escapes import position
from stability.model.networks import Network
from stability.model.units import unit

LINEAR = unit("leaky1")
# 2 x 2 matrices M as data: at the points (1, 0) and (0, 1) a linear network puts out the rows of M
ROTATED = Dataset("rotated", [[1, 0], [0, 1]], [["43/25", "24/25"], ["24/25", "57/25"]])  # singular values 3 and 1
IDENTITY = Dataset("identity", [[1, 0], [0, 1]], [[1, 0], [0, 1]])
MIXED = Dataset("mixed", [[1, -1], [-1, 1], [1, 1], [-1, -1], [2, 0]], [[1, 0], [1, 1], [0, 1], [-1, 2], [0, 0]])


def linear(count, data):
    return landscape(Network(LINEAR, count, trainable=True, hidden_biases=False, outputs=2), data)


def sampled(place, point, size, samples=10_000, seed=0):
    """Losses at random points around a point, in floats."""
    flat = np.array([float(x) for row in place.point(point) for x in row])
    rng = np.random.default_rng(seed)
    away = rng.standard_normal((samples, flat.size)) * rng.choice([0, 1e-2, 1], (samples, flat.size))
    away[::2] = rng.integers(-1, 2, away[::2].shape)
    moved = flat + size * away
    m, layer = place.network.outputs, place.units * place.stride
    units = moved[:, :layer].reshape(samples, place.units, place.stride)
    rows = np.array([[float(x) for x in row] for row in place.rows])
    z = units[..., : place.width] @ rows.T
    low, high = float(place.network.unit.negative), float(place.network.unit.positive)
    out = np.einsum("sji,sjo->sio", np.where(z > 0, high, low) * z, units[..., place.width :])
    out = out + moved[:, None, layer:] if place.network.output_bias else out
    targets = place.targets if m > 1 else [[y] for y in place.data.labels]
    return float(place.scale) * ((out - np.array([list(map(float, t)) for t in targets])) ** 2).sum((1, 2))


def agrees_with_samples(found):
    place, here = found.landscape, float(found.loss)
    for size in (1e-1, 1e-3):
        around = sampled(place, found.point, size)
        if found.kind in ("global minimum", "local minimum") and size == 1e-3:
            assert around.min() >= here - 1e-12 * (1 + here)
        if found.kind == "local maximum" and size == 1e-3:
            assert around.max() <= here + 1e-12 * (1 + here)
        if found.kind == "saddle":
            assert around.max() > here
    if found.escape is not None:
        assert place.loss(found.escape.point) == found.escape.loss < found.loss
        for t in (Q(1, 10**4), Q(1, 10**6)):
            fall = place.loss(position(place, found.point, found.escape.curve, t)) - found.loss
            assert fall < 0
            assert float(fall / t**found.escape.order) == pytest.approx(float(found.escape.rate), rel=0.1)
    else:
        assert found.kind in ("global minimum", "local minimum", "open")


CASES = [
    ("relu1-out+c", "xor", ([[1, 1, 0, 0]], "1/2"), "not stationary"),
    ("relu1-out+c", "xor", ([[0, 0, 0, 1]], "1/2"), "saddle"),
    ("relu1-out+c", "xor", ([[0, 0, -1, 1]], "1/2"), "local minimum"),
    ("relu2-out", "xor", [[1, -1, 0, "1/2"], [-1, 1, 0, "1/2"]], "global minimum"),
    ("relu2-out", "xor", [[0, 0, 0, 0], [0, 0, 0, 0]], "saddle"),
    ("relu2-out", "xor", [[0, 0, -1, 1], [0, 0, -1, 0]], "local minimum"),
    ("relu2-out", "xor", [[0, 0, -1, 1], [0, 0, 0, 0]], "saddle"),
    ("relu1-out", "xor", [[0, 0, 0, -1]], "local minimum"),
    ("abs1-out", "xor", [[0, 0, 0, 1]], "saddle"),
    ("abs1-out", "xor", [[0, 0, "1/2", 1]], "local minimum"),
    ("abs2-out", "xor", [[0, 0, "1/2", 1], [1, 0, 0, 0]], "saddle"),
    ("leaky1/100:2-out", "xor", [[0, 0, 0, 1], [0, 0, 0, -1]], "not stationary"),
    ("relu2-out-nob", "xor", [[1, -1, "1/2"], [1, 1, 0]], "saddle"),
    ("relu1-out-nob", "xor", [[1, 1, 0]], "saddle"),
    ("relu1-out-nob", "xor", [[1, 0, 0]], "not stationary"),
    ("relu2-out2", MIXED, [[1, 2, 3, 4, 5], [0, 1, -3, 1, 1]], "not stationary"),
    ("relu1-out2", MIXED, [[0, 0, -1, 1, 2]], "local minimum"),
    ("relu1-out2+c", MIXED, ([[0, 0, -1, 1, 2]], ["1/5", "4/5"]), "local minimum"),
    ("relu1-out2+c", MIXED, ([[0, 0, 0, 0, 0]], ["1/5", "4/5"]), "saddle"),
    ("relu1-out2", MIXED, [[0, 0, 0, 0, 0]], "saddle"),
    ("relu2-linear", "xor", ([[0, 0, -1, 1, 0], [0, 0, -1, -1, 0]], ["1/2", "1/2"]), "local minimum"),
    ("relu2-linear", "xor", ([[1, -1, 0, "-1/2", "1/2"], [-1, 1, 0, "-1/2", "1/2"]], [1, 0]), "global minimum"),
    ("relu2-linear", "xor", ([[0, 0, 0, 0, 0], [0, 0, -1, 1, 1]], ["1/2", "1/2"]), "saddle"),
]


@pytest.mark.parametrize(("model", "data", "point", "kind"), CASES)
def test_kinds_and_what_samples_say(model, data, point, kind):
    place = landscape(model, data)
    found = place.classify(point)
    assert found.kind == kind
    agrees_with_samples(found)
    assert found.clarke == (kind != "not stationary")
    assert found.strict is False
    assert (found.multipliers is None) == (kind == "not stationary")
    mean = landscape(model, data, "mean").classify(point)
    assert (mean.kind, mean.loss) == (kind, place.scale and found.loss * mean.landscape.scale)


@pytest.mark.parametrize("a", [1, -1])
def test_maxima_of_relu_units(a):
    """At the origin every output of the unit has the sign of the labels or is 0."""
    data = Dataset("all", [[1], [-1]], [a, a])
    found = landscape("relu1-out", data).classify([[0, 0, a]])
    assert (found.kind, found.clarke, found.directional) == ("local maximum", True, False)
    agrees_with_samples(found)
    assert landscape("relu1-out", data).classify([[0, 0, -a]]).kind == "local minimum"
    assert landscape("relu2-out", data).classify([[0, 0, a], [0, -1, 5]]).kind == "local maximum"
    assert landscape("relu2-out", data).classify([[0, 0, a], [0, 0, -a]]).kind == "saddle"


@pytest.mark.parametrize("a", [1, -2])
def test_maxima_of_absolute_units(a):
    """|z| of every direction lowers the loss where labels have the sign of a; then 0 is a maximum."""
    data = Dataset("all", [[1], [-1], [2]], [Q(a)] * 3)
    found = landscape("abs1-out", data).classify([[0, 0, a]])
    assert (found.kind, found.clarke, found.directional) == ("local maximum", True, False)
    agrees_with_samples(found)
    assert landscape("abs1-out+c", data).classify(([[0, 0, a]], 0)).kind == "not stationary"
    two = landscape("abs2-out", data)
    assert two.classify([[0, 0, a], [0, 0, a]]).kind == "local maximum"
    assert two.classify([[0, 0, a], [0, 0, -a]]).kind == "saddle"
    assert two.classify([[0, 0, a], [0, 0, 0]]).kind == "saddle"
    both = Dataset("both", data.points, [[y, 2 * y] for y in data.labels])
    found = landscape("abs1-out2", both).classify([[0, 0, a, a]])
    assert found.kind == "local maximum"
    agrees_with_samples(found)
    assert landscape("abs1-out2", both).classify([[0, 0, 2 * a, -a]]).kind == "saddle"


@pytest.mark.parametrize("model", ["abs1", "relu2"])
def test_active_units_are_those_of_the_plain_network(model):
    """At a, w, b with a > 0 everything of first order is as at a (w, b) of the plain sum."""
    plain = landscape(model, "xor")
    trained = landscape(f"{model}-out", "xor")
    for k, each in enumerate(plain.atlas().sets[:12]):
        before = plain.classify(each.witness)
        a = [Q(1 + (j + k) % 3, 2) for j in range(plain.units)]
        point = [[*(x / a[j] for x in row), a[j]] for j, row in enumerate(before.point)]
        after = trained.classify(point)
        assert (after.clarke, after.directional, after.loss) == (before.clarke, before.directional, before.loss)
        assert after.differentiable == before.differentiable
        assert after.kind.removeprefix("global ") == before.kind.removeprefix("local ") or after.kind == before.kind
        agrees_with_samples(after)


@pytest.mark.parametrize(
    ("model", "data", "point", "kind"), [case for case in CASES if case[3] != "not stationary"][::3]
)
def test_scaling_a_unit_changes_nothing(model, data, point, kind):
    place = landscape(model, data)
    rows = place.point(point)
    for t in (Q(1, 3), Q(5)):
        scaled = [[*(t * x for x in r[: place.width]), *(x / t for x in r[place.width :])] for r in rows[: place.units]]
        found = place.classify(scaled + rows[place.units :])
        first = place.classify(point)
        for name in ("kind", "clarke", "directional", "differentiable", "autograd_rests", "loss", "kinks", "silent"):
            assert getattr(found, name) == getattr(first, name)


def test_best_and_second_best_matrix_of_rank_one():
    """The point of the larger singular value is a minimum at which errors are left, that of the smaller a saddle."""
    place = linear(1, ROTATED)
    best = place.classify([["3/5", "4/5", "9/5", "12/5"]])
    assert (best.kind, best.loss) == ("local minimum", 1)
    assert "second derivatives" in best.reason
    agrees_with_samples(best)
    other = place.classify([["4/5", "-3/5", "4/5", "-3/5"]])
    assert (other.kind, other.loss, other.escape.order) == ("saddle", 9, 2)
    agrees_with_samples(other)


def test_a_second_unit_leaves_the_best_matrix_of_rank_one():
    place = linear(2, ROTATED)
    for second in ([0, 0, 0, 0], ["3/5", "4/5", 0, 0], [0, 0, "9/5", "12/5"]):
        found = place.classify([["3/5", "4/5", "9/5", "12/5"], second])
        assert found.kind == "saddle"
        agrees_with_samples(found)
    split = place.classify([["3/5", "4/5", "9/10", "6/5"], ["3/5", "4/5", "9/10", "6/5"]])
    assert split.kind == "saddle"
    agrees_with_samples(split)
    fitted = place.classify([["3/5", "4/5", "9/5", "12/5"], ["4/5", "-3/5", "4/5", "-3/5"]])
    assert fitted.kind == "global minimum"


def test_mixtures_of_units_in_one_cell_are_no_directions():
    """The best matrix of rank two for a matrix of rank three, from two units: a minimum modulo mixtures."""
    points = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    data = Dataset("three", points, [[3, 0, 0], [0, 2, 0], [0, 0, 1]])
    net = Network(LINEAR, 2, trainable=True, hidden_biases=False, outputs=3)
    place = landscape(net, data)
    best = place.classify([[1, 0, 0, 3, 0, 0], [0, 1, 0, 0, 2, 0]])
    assert (best.kind, best.loss) == ("local minimum", 1)
    agrees_with_samples(best)
    mixed = place.classify([[1, 1, 0, 3, 0, 0], [0, 1, 0, -3, 2, 0]])
    assert (mixed.kind, mixed.loss) == ("local minimum", 1)
    worse = place.classify([[1, 0, 0, 3, 0, 0], [0, 0, 1, 0, 0, 1]])
    assert (worse.kind, worse.loss) == ("saddle", 4)
    agrees_with_samples(worse)


def test_undecided_points_are_open_with_the_reason():
    """With equal singular values the best matrices of rank one are a circle: second derivatives do not suffice."""
    found = linear(1, IDENTITY).classify([[1, 0, 1, 0]])
    assert (found.kind, found.escape) == ("open", None)
    assert "in more directions than those that change no output" in found.reason
    assert sampled(found.landscape, found.point, 1e-3).min() >= 1 - 1e-12


def test_what_is_shown_and_refused():
    place = landscape("relu1-out", "xor")
    found = place.classify([[0, 0, 0, 0]])
    assert "silent" in repr(found)
    assert found.to_json()["escape"]["order"] == 2
    assert found.silent == (0,)
    with pytest.raises(CertificateError, match="falls"):
        _ = place.classify([[0, 0, -1, 1]]).statement
    with pytest.raises(PointError):
        place.classify([[0, 0, 0]])
    assert network("relu1-out").trainable
