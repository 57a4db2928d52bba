"""Faces against all sign vectors; stationary faces against linear programs and descent."""

from fractions import Fraction as Q
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linprog
from slow_geometry import XOR, places, slow_faces

from stability import Landscape, landscape
from stability.errors import StabilityError
from stability.geometry.arrangement.unit_faces import faces, rests
from stability.model.datasets import Dataset
from stability.model.networks import network

quick = settings(deadline=None, max_examples=20)


def fraction(x):
    return Q(int(x.p), int(x.q))


@quick
@given(places())
def test_faces_are_the_realised_sign_vectors_each_once(place):
    found = [tuple(signs) for signs in faces(place)]
    assert len(set(found)) == len(found)
    assert set(found) == slow_faces(place)


def test_xor_has_fiftyone_faces_fourteen_of_them_cells():
    found = list(faces(XOR))
    assert len(found) == 51
    assert sum(0 not in signs for signs in found) == 14
    assert sum(set(signs) == {0} for signs in found) == 1


@pytest.mark.parametrize(
    ("points", "count"),
    [([[1]], 3), ([[1], [1]], 3), ([[0], [1]], 9), ([[0], [1], [2]], 13), ([[0, 0], [1, 0], [0, 1]], 27)],
)
def test_numbers_of_faces_known_by_hand(points, count):
    place = landscape("relu1", Dataset("points", points, [0] * len(points)))
    assert len(list(faces(place))) == count


def balance(place, rest):
    """Return the sum of slope times residual times row, in exact numbers."""
    point = [[fraction(x) for x in rest.witness]]
    pairs = list(zip(place.residuals(point), rest.slopes, place.rows, strict=True))
    return [sum(e * fraction(s) * row[c] for e, s, row in pairs) for c in range(place.width)]


@quick
@given(places(most=5, models=["abs1", "relu1", "leaky1/100:1", "relu[-2]", "abs[1/3]", "relu1-nob"]))
def test_every_rest_balances_on_its_own_face(place):
    unit = place.network.unit
    low, high = sorted((unit.negative, unit.positive))
    for rest in rests(place):
        point = [[fraction(x) for x in rest.witness]]
        assert place.pattern(point) == [rest.signs]
        assert not any(balance(place, rest))
        for i, (sign, s) in enumerate(zip(rest.signs, rest.slopes, strict=True)):
            assert fraction(s) == unit.slope(sign) if sign else low <= fraction(s) <= high
            z = place.preactivations(point)[0][i]
            assert rest.fitted[i] is None if sign and not unit.slope(sign) else fraction(rest.fitted[i]) == z


def slowly_rests(place, signs):
    """Ask HiGHS for weights on this face and slopes at its kinks that balance, with the widest margin."""
    rows = np.array(place.rows, dtype=float)
    labels = np.array(place.data.labels, dtype=float)
    unit = place.network.unit
    low, high = sorted((float(unit.negative), float(unit.positive)))
    n, width = rows.shape
    equal, right = np.zeros((width, width + n + 1)), np.zeros(width)
    above, extra = [], []
    for i, s in enumerate(signs):
        if s == 0:
            equal[:, width + i] -= labels[i] * rows[i]
            extra.append(np.concatenate([rows[i], np.zeros(n + 1)]))
            continue
        slope = float(unit.slope(s))
        equal[:, :width] += slope**2 * np.outer(rows[i], rows[i])
        right += slope * labels[i] * rows[i]
        above.append(np.concatenate([-s * rows[i], np.zeros(n), [1.0]]))
    objective = np.zeros(width + n + 1)
    objective[-1] = -1
    found = linprog(
        objective,
        A_ub=np.array(above) if above else None,
        b_ub=np.zeros(len(above)) if above else None,
        A_eq=np.vstack([equal, *extra]),
        b_eq=np.concatenate([right, np.zeros(len(extra))]),
        bounds=[(None, None)] * width + [(low, high)] * n + [(None, 1)],
    )
    assert found.status in (0, 2), found.message
    return found.status == 0 and -found.fun > 1e-7


@quick
@given(places(most=4))
def test_no_stationary_face_is_missing(place):
    expected = {signs for signs in slow_faces(place) if slowly_rests(place, signs)}
    assert {tuple(rest.signs) for rest in rests(place)} == expected


NINE = {
    (Q(0), Q(0), Q(0)),
    *((s * Q(1, 2), -s * Q(1, 2), Q(0)) for s in (1, -1)),
    *((Q(0), Q(0), s * Q(1, 2)) for s in (1, -1)),
    *((s * Q(1, 6), -s * Q(1, 6), t * Q(1, 3)) for s, t in product((1, -1), repeat=2)),
}


@pytest.mark.parametrize("loss", ["sum", "mean"])
def test_one_absolute_value_unit_rests_on_xor_at_nine_points(loss):
    found = rests(landscape("abs1", "xor", loss))
    assert {tuple(map(fraction, rest.witness)) for rest in found} == NINE
    assert len(found) == 9


def descend(place, starts, step=0.05, epochs=8000):
    """Run plain gradient descent in floats, a run a row; return the ends that settled off the kinks."""
    rows, labels = np.array(place.rows, dtype=float), np.array(place.data.labels, dtype=float)
    low, high = float(place.network.unit.negative), float(place.network.unit.positive)
    p = starts.copy()
    for _ in range(epochs):
        z = p @ rows.T
        slope = np.where(z > 0, high, low)
        gradient = (slope * (slope * z - labels)) @ rows / len(labels)
        p -= step * gradient
    return p[(abs(gradient).max(axis=1) < 1e-10) & (abs(p @ rows.T).min(axis=1) > 1e-6)]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("model", ["abs1", "relu1"])
def test_the_ends_of_descent_are_among_the_rests(model, seed):
    """The end of a run that settles in a cell has the signs of a stationary face, and the same slope vector."""
    draw = np.random.default_rng(seed)
    n = int(draw.integers(3, 6))
    data = Dataset("drawn", draw.integers(-3, 4, (n, 2)).tolist(), draw.integers(0, 3, n).tolist())
    place = Landscape(network(model), data, "mean")
    known = {tuple(rest.signs): rest for rest in rests(place)}
    ends = descend(place, draw.normal(size=(30, 3)))
    assert len(ends), "no run settled; choose other seeds"
    for end in ends:
        z = np.array(place.rows, dtype=float) @ end
        rest = known[tuple(np.sign(z).astype(int).tolist())]
        for value, fitted in zip(z, rest.fitted, strict=True):
            assert fitted is None or float(fraction(fitted)) == pytest.approx(value, abs=1e-6)


def test_the_list_is_for_one_unit():
    with pytest.raises(StabilityError, match="for one unit"):
        rests(landscape("relu2", "xor"))
