"""What a batch knows of a choice of faces, against exact slopes of the loss along rays and against sums by hand."""

from fractions import Fraction as Q
from math import sqrt

import numpy as np
import pytest

from stability import Dataset, landscape
from stability.dynamics.flow.batch_faces import FAINT, FloatProblem, local, setting, sides

TWICE = Dataset("twice", [[0], [2], [0], [-1]], [1, 3, 2, 0])
"""The points 0 (twice, with the mean label 3/2), 2 and -1."""


def peak(model="abs1", label=1, loss="sum"):
    return landscape(model, Dataset("peak", [[0]], [label]), loss)


def slope_along(place, point, direction):
    """Return the one-sided derivative of the loss along a ray, exactly: near the point the loss is quadratic."""
    steps = [direction[k : k + place.width] for k in range(0, place.parameters, place.width)]
    t = Q(1, 10**20)

    def loss(s):
        return place.loss([[x + s * d for x, d in zip(*each, strict=True)] for each in zip(point, steps, strict=True)])

    return (4 * loss(t / 2) - loss(t) - 3 * loss(0)) / t


def whole(vector):
    return [Q(x).limit_denominator(1000) for x in vector]


# The landscape in floats


def test_points_that_coincide_are_one_with_their_number_and_mean_label():
    found = setting(landscape("leaky1/4:1", TWICE, "mean"))
    assert found.rows.tolist() == [[0, 1], [2, 1], [-1, 1]]
    assert found.weights.tolist() == [2, 1, 1]
    assert found.labels.tolist() == [1.5, 3, 0]
    assert found.place == [0, 1, 0, 2]
    assert found.slopes.tolist() == [0.625, 1, 0.25]
    assert (found.units, found.width, found.size, found.scale, found.shift, found.held) == (1, 2, 2, 0.25, 0, True)


def test_pre_activations_of_many_points():
    found = setting(landscape("relu2", TWICE))
    heights = found.heights(np.array([[1.0, 2.0, -1.0, 0.5], [0.0, 0.0, 3.0, 0.0]]))
    assert found.size == 4
    assert heights.tolist() == [[[2, 4, 1], [0.5, -1.5, 1.5]], [[0, 0, 0], [0, 6, -3]]]
    assert found.heights(np.array([0.0, 1.0, 0.0, -1.0])).tolist() == [[1, 1, 1], [-1, -1, -1]]


@pytest.mark.parametrize(
    ("points", "labels", "across", "up"),
    [
        ([[0], [2]], [1, 3], 1, 1),
        ([[3], [-12]], [0, 1], 3, 0),
        ([["1/8"], [0]], ["1/4", 0], 0, -2),
        ([[5], [0]], [0, 0], 2, 0),
        ([[-4], [0]], [-40, 0], 2, 5),
    ],
)
def test_rescaled_rows_and_labels_are_of_size_one(points, labels, across, up):
    """The largest number is 2^k times one from 1 to 2: rows are divided by 2^across, labels by 2^up, points fit."""
    place = landscape("relu1", Dataset("sizes", points, labels), "mean")
    found = setting(place, rescaled=True)
    assert found.rows.tolist() == [[float(Q(x) / Q(2) ** across) for x in row] for row in place.rows]
    assert found.labels.tolist() == [float(Q(y) / Q(2) ** up) for y in place.data.labels]
    assert (found.shift, found.scale, found.held) == (across - up, 1.0, True)
    assert setting(place).shift == 0


def test_the_rescaled_landscape_has_the_same_minimum():
    """If p fits the labels y on rows x, then 2^shift p fits y / 2^up on x / 2^across."""
    place = landscape("abs1", Dataset("line", [[40], [24]], ["1/8", "-3/8"]))
    found = setting(place, rescaled=True)
    fit = np.linalg.solve([[40, 1], [24, 1]], [0.125, -0.375])
    assert found.heights(np.ldexp(fit, found.shift))[0] == pytest.approx(found.labels)


SMALLEST = Q(1, 2**500)


@pytest.mark.parametrize(
    ("label", "held"),
    [
        (SMALLEST, True),
        (SMALLEST * Q(999, 1000), False),
        (-SMALLEST, True),
        (1 / SMALLEST, True),
        (-1 / SMALLEST * Q(1001, 1000), False),
        (0, True),
    ],
)
def test_numbers_whose_squares_floats_do_not_hold_are_left_out(label, held):
    assert float(SMALLEST) == FAINT
    found = setting(peak(label=label))
    assert found.held == held
    assert found.labels.tolist() == [float(label) if held else 0.0]
    assert found.rows.tolist() == [[0, 1 if held else 0]]
    data = Dataset("far", [[label], [1]], [0, 1])
    assert setting(landscape("abs1", data)).held == held
    assert setting(landscape(f"leaky{abs(label)}:1", Dataset("peak", [[0]], [1]))).held == held


@pytest.mark.parametrize(
    ("labels", "held"),
    [
        ([1, Q(1, 10**7)], True),
        ([1, Q(1e-8)], True),
        ([1, Q(1, 10**9)], False),
        ([1, 1 - Q(1, 10**9)], False),
        ([1, 1 - Q(1, 10**7)], True),
        ([-1, Q(1, 10**9)], False),
        ([1, 1], True),
        ([0, 0], True),
    ],
)
def test_labels_that_floats_take_for_one_are_found_when_rescaled(labels, held):
    place = landscape("abs1", Dataset("labels", [[0], [1]], labels))
    assert setting(place, rescaled=True).held == held
    assert setting(place).held


@pytest.mark.parametrize(
    ("points", "held"),
    [([[0], [Q(1, 10**9)]], False), ([[0], [1], [1 + Q(1, 10**9)]], False), ([[0], [Q(1, 10**7)]], True)],
)
def test_kinks_that_floats_take_for_one_are_found_when_rescaled(points, held):
    place = landscape("abs1", Dataset("close", points, [1] * len(points)))
    assert setting(place, rescaled=True).held == held
    assert setting(place).held


def test_signs_are_given_back_to_every_point_of_the_dataset():
    assert sides(((1, 0, -1), (-1, -1, 1)), [0, 1, 0, 2]) == [[1, 0, 1, -1], [-1, -1, -1, 1]]


# The flow on a choice of faces


CASES = [
    ("abs1", TWICE, "sum", ((1, 1, -1),), [[2, 1]]),
    ("abs1", TWICE, "sum", ((0, 1, -1),), [[2, 0]]),
    ("leaky1/3:1", TWICE, "mean", ((0, -1, 1),), [[-3, 0]]),
    ("leaky1/3:1", TWICE, "mean", ((1, 0, 1),), [[-1, 2]]),
    ("relu1", TWICE, "sum", ((-1, -1, 0),), [[-2, -2]]),
    ("relu2", TWICE, "sum", ((1, 0, 1), (0, 1, -1)), [[-1, 2], [3, 0]]),
    ("leaky-1/2:2", TWICE, "mean", ((-1, 1, -1), (0, -1, 1)), [[4, -1], [-5, 0]]),
    ("abs1", "xor", "sum", ((0, 0, 1, -1),), [[2, 2, 0]]),
    ("leaky1/5:1", "xor", "mean", ((0, 1, 0, 1),), [[0, 3, 3]]),
    ("abs2", "xor", "sum", ((0, -1, 0, -1), (1, 1, 0, 1)), [[0, -1, 1], [1, -3, 2]]),
]
"""A model, data, a choice of faces (a sign per distinct point), and a point on them."""


def prepared(model, data, loss, pattern, point):
    place = landscape(model, data, loss)
    floats = setting(place)
    exact = place.point(point)
    if model == "leaky1/5:1" or model == "abs2":  # the faces of these are checked as they are written
        pattern = tuple(tuple(int(np.sign(z)) for z in row) for row in floats.heights(np.ravel(np.array(point, float))))
    return place, floats, exact, pattern, local(place, floats, pattern)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_velocity_is_minus_the_slope_of_the_loss_along_the_face(case):
    """The mean of the slopes on both sides, as the terms of a kink cancel in it, along directions of the face."""
    place, floats, point, pattern, found = prepared(*case)
    flat = np.ravel(np.array(point, dtype=float))
    speed = found.speed(flat[None])[0]
    for j, row in enumerate(pattern):
        kinks = floats.rows[[s == 0 for s in row]]
        block = slice(j * place.width, (j + 1) * place.width)
        assert np.abs(kinks @ speed[block]).max(initial=0) < 1e-12
        assert np.abs(kinks @ found.projection[block, block]).max(initial=0) < 1e-12
        full = np.zeros((place.width, place.parameters))
        full[:, block] = np.eye(place.width)
        assert found.projection[block, block].trace() == pytest.approx(place.width - np.linalg.matrix_rank(kinks))
        for unit in full:
            d = whole(found.projection @ unit)
            slopes = slope_along(place, point, d), -slope_along(place, point, [-x for x in d])
            assert slopes[0] == pytest.approx(float(slopes[1]))
            assert -speed @ np.array(d, dtype=float) == pytest.approx(float(slopes[0]), abs=1e-9)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_guards_are_slopes_of_the_loss_along_rays_that_leave_a_kink(case):
    """Along the ray of the span of the kinks that leaves one of them, at speed 1, and stays on the others."""
    place, floats, point, pattern, found = prepared(*case)
    flat = np.ravel(np.array(point, dtype=float))
    values = found.functions @ flat + found.constants
    count, seen = len(floats.rows), 0
    for j, row in enumerate(pattern):
        kinks = [i for i, s in enumerate(row) if s == 0]
        for i, s in enumerate(row):
            at = j * count + i
            height = floats.heights(flat)[j, i]
            assert values[at] == pytest.approx(s * height)
            assert np.sign(height) == s
            if s:
                assert not found.functions[[count * place.units + at, 2 * count * place.units + at]].any()
                continue
            inverse = np.linalg.pinv(floats.rows[kinks])
            for k, side in ((1, -1), (2, 1)):
                ray = [Q(0)] * place.parameters
                ray[j * place.width : (j + 1) * place.width] = whole(side * inverse[:, kinks.index(i)])
                expected = float(slope_along(place, point, ray))
                assert values[k * place.units * count + at] == pytest.approx(expected, abs=1e-9)
                seen += 1
    assert seen == 2 * sum(row.count(0) for row in pattern)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_spectrum_and_rest_are_those_of_the_flow(case):
    *_, found = prepared(*case)
    size = len(found.force)
    assert found.modes.T @ found.modes == pytest.approx(np.eye(size))
    assert (found.modes * found.rates) @ found.modes.T == pytest.approx(found.matrix, abs=1e-9)
    assert (np.diff(found.rates) >= -1e-9).all()
    rank = np.linalg.matrix_rank(found.matrix, tol=1e-9)
    assert (found.rates[: size - rank] == 0).all()
    assert (found.rates[size - rank :] > 0).all()
    assert found.matrix @ found.rest == pytest.approx(found.force, abs=1e-9)
    assert found.norms == pytest.approx(np.sqrt((found.functions**2).sum(axis=1)))
    moving = found.modes * (found.rates > 0)
    assert found.gains == pytest.approx(found.functions @ moving, abs=1e-9)
    least = found.rates[found.rates > 0].min(initial=np.inf)
    assert found.spread == pytest.approx(1 if rank == 0 else found.rates[-1] / least)
    kept = found.functions - (found.functions @ moving) @ moving.T
    assert found.in_range.tolist() == (np.linalg.norm(kept, axis=1) < 1e-9).tolist()
    assert found.sound


def test_one_point_and_one_unit_by_hand():
    """(|b| - 1)^2: on the right b' = 2 - 2 b; on the kink nothing moves, and the loss falls at rate 2 on both sides."""
    place = peak()
    right = local(place, setting(place), ((1,),))
    assert right.matrix.tolist() == [[0, 0], [0, 2]]
    assert (right.force.tolist(), right.rest.tolist(), right.rates.tolist()) == ([0, 2], [0, 1], [0, 2])
    assert right.functions.tolist() == [[0, 1], [0, 0], [0, 0]]
    assert (right.levels[0], right.in_range[0], right.null[0], right.calm[0]) == (1, True, False, False)
    assert right.speed(np.array([[7.0, 3.0], [7.0, -1.0]])).tolist() == [[0, -4], [0, 4]]
    kink = local(place, setting(place), ((0,),))
    assert kink.projection.tolist() == [[1, 0], [0, 0]]
    assert not kink.matrix.any()
    assert kink.functions.tolist() == [[0, 0], [0, 0], [0, 0]]
    assert kink.constants.tolist() == [0, -2, -2]
    assert kink.levels.tolist() == [0, -2, -2]
    assert kink.null.tolist() == [True, False, False]
    assert kink.calm.tolist() == [True, False, False]
    assert (kink.spread, kink.sound) == (1.0, True)


@pytest.mark.parametrize(("label", "loss", "guard"), [(-1, "sum", 2), (3, "sum", -6), (3, "mean", -6), (0, "sum", 0)])
def test_the_slope_of_a_peak(label, loss, guard):
    """The derivative of (|b| - y)^2 at b = 0 is -2 y to both sides."""
    found = local(peak(label=label), setting(peak(label=label, loss=loss)), ((0,),))
    assert found.constants.tolist() == [0, guard, guard]
    assert found.null.tolist() == [True, not guard, not guard]


@pytest.mark.parametrize(
    ("model", "left", "right"),
    [("relu1", 0, -12), ("leaky1/3:1", 4, -12), ("leaky-1/2:1", -6, -12), ("abs1", -12, -12)],
)
def test_the_slopes_of_a_kink_with_an_error(model, left, right):
    """The derivative of (m |b| - 6)^2 at 0 is -12 m: m is the right slope, or the left one with its sign turned."""
    place = peak(model, 6)
    assert local(place, setting(place), ((0,),)).constants == pytest.approx([0, left, right])


def test_limits_that_are_exactly_0_are_distinguished_from_small_ones():
    """On labels 0 every pre-activation decays to 0: at one rate it never gets there, at two it may."""
    one = peak(label=0)
    found = local(one, setting(one), ((1,),))
    assert (found.levels[0], found.in_range[0], found.null[0], found.calm[0]) == (0, True, False, True)
    two = landscape("abs1", Dataset("two", [[0], [2]], [0, 0]))
    found = local(two, setting(two), ((1, 1),))
    assert found.levels[:2].tolist() == [0, 0]
    assert not found.calm[:2].any()
    assert found.sound
    small = landscape("abs1", Dataset("small", [[0], [2]], ["1/10000000000", 1]))
    found = local(small, setting(small), ((1, 1),))
    assert not found.sound, "floats do not distinguish this level from 0, but it is 1e-10"


def test_the_limit_0_of_one_unit_beside_another_that_does_not_rest_at_0():
    """b_1^2 + (2 w_2 + b_2 - 2)^2: the first unit decays to 0, the second to a fit."""
    place = landscape("relu2", Dataset("own", [[0], [2]], [0, 2]))
    found = local(place, setting(place), ((1, -1), (-1, 1)))
    assert (found.levels[0], found.levels[3], found.sound) == (0, pytest.approx(2), True)


def test_what_is_0_by_structure_is_so_exactly():
    """Left of its kink a ReLU has no slope; a leaky one has, though floats lose it beside the right one."""
    for slope, sound in (("relu1", True), ("leaky1/10000000000000:1", False)):
        place = peak(slope, 6)
        found = local(place, setting(place), ((0,),))
        assert found.null.tolist() == [True, True, False]
        assert found.sound == sound


def test_equal_rates_act_together_and_different_ones_apart():
    """2 A'A is 4 I on the rows (1, 1) and (-1, 1), and has the eigenvalues 6 +- 2 sqrt(5) on (0, 1) and (2, 1)."""
    square = landscape("abs1", Dataset("square", [[1], [-1]], [0, 0]))
    found = local(square, setting(square), ((1, 1),))
    assert found.rates == pytest.approx([4, 4])
    assert found.merge.tolist() == [[1, 0], [1, 0]]
    assert found.spread == pytest.approx(1)
    assert found.calm[:2].all()
    two = landscape("abs1", Dataset("two", [[0], [2]], [0, 0]))
    found = local(two, setting(two), ((1, 1),))
    assert found.rates == pytest.approx([6 - 2 * sqrt(5), 6 + 2 * sqrt(5)])
    assert found.merge.tolist() == [[1, 0], [0, 1]]
    assert found.spread == pytest.approx((7 + 3 * sqrt(5)) / 2)


def test_a_quantity_whose_limit_depends_on_the_start():
    """On the right of 0 only z_1 = b moves, towards 1; z_2 = w + b keeps w from the start."""
    place = landscape("relu1", Dataset("half", [[0], [1]], [1, 5]))
    found = local(place, setting(place), ((1, -1),))
    assert found.in_range[:2].tolist() == [True, False]
    assert found.levels[0] == 1
    assert found.functions[:2].tolist() == [[0, 1], [-1, -1]]


def test_kinks_that_depend_on_each_other_are_not_trusted():
    place = landscape("abs1", Dataset("three", [[0], [1], [2]], [1, 1, 1]))
    assert not local(place, setting(place), ((0, 0, 0),)).sound
    assert local(place, setting(place), ((0, 1, 1),)).sound
    both = landscape("abs2", Dataset("three", [[0], [1], [2]], [1, 1, 1]))
    assert not local(both, setting(both), ((1, 1, 1), (0, 0, 0))).sound
    assert local(both, setting(both), ((0, 0, 1), (1, 1, 1))) is not None


def test_a_problem_is_its_numbers():
    found = setting(peak())
    assert isinstance(found, FloatProblem)
    assert found.heights(np.zeros((3, 2))).shape == (3, 1, 1)


@pytest.mark.parametrize("rescaled", [False, True])
@pytest.mark.parametrize(
    ("points", "labels", "held"),
    [
        ([[0], [1]], [0, 1], (True, True)),
        ([[0], [1]], [0, 10**200], (False, True)),
        ([[0], [1]], [1, 10**200], (False, False)),
        ([[0], [1]], [1, 10**9], (True, False)),
        ([[0], [1]], [0, Q(1, 10**200)], (False, True)),
        ([[1], [1 + Q(1, 10**9)]], [0, 1], (True, False)),
        ([[1], [1 + Q(1, 10**9)]], [1, 10**9], (True, False)),
        ([[0], [10**200]], [0, 1], (False, False)),
    ],
)
def test_what_floats_hold_as_it_is_and_rescaled(points, labels, held, rescaled):
    """Numbers within 2^+-500; rescaled, they are 1 or 2 at most, but then none may be lost beside others."""
    found = setting(landscape("abs1", Dataset("wide", points, labels)), rescaled)
    assert found.held is held[rescaled]
