"""The flow on a face is minus the gradient, term by term, and held kinks hold because of forces worked out by hand."""

from fractions import Fraction as Q
from itertools import product

import pytest
from hand_made import LEAKY, RAMP, SIZE, data_of, meter_of, rejects

from stability.checker import flow_faces

HALF = Q(1, 2)


def land_of(*arguments, meter=None, **more):
    return flow_faces.Landscape("L", data_of(*arguments, **more), meter or meter_of())


SLIDE = land_of(["0", "1", "-2"], ["-1", "6", "7"])
"""Errors of the cell 0 + -: -1 - y, w + b - 6, 2 w - b - 7."""


def velocity(points, labels, slopes, rows, scale=Q(1), point=()):
    """Return minus the gradient of the loss, unit by unit, by its definition; rows are the signs of every unit."""
    size = len(points[0])
    units = [point[k : k + size] for k in range(0, len(point), size)]
    found = [Q(0)] * len(point)
    for i, (x, y) in enumerate(zip(points, labels, strict=True)):
        heights = [sum(a * b for a, b in zip(x, unit, strict=True)) for unit in units]
        error = sum(slopes[row[i]] * z for row, z in zip(rows, heights, strict=True)) - y
        for j, row in enumerate(rows):
            for c in range(size):
                found[j * size + c] -= 2 * scale * error * slopes[row[i]] * x[c]
    return found


def moved(face, point):
    """Return the velocity that a face says."""
    return [
        (c - sum(m * x for m, x in zip(row, point, strict=True))) / Q(face.den)
        for row, c in zip(face.matrix, face.force, strict=True)
    ]


# Numbers


def test_lengths_are_rounded_up():
    assert flow_faces.dot([1, 2, 3], [4, -5, 6]) == 12
    for vector, true in (([3, 4], 5), ([0], 0), ([Q(5, 2), Q(-7, 2)], Q(43, 10)), ([-1, 1, 1, 1], 2), ([], 0)):
        assert true < flow_faces.length(vector) <= true + 2
    assert flow_faces.length([3, -4]) == 6
    assert flow_faces.length([HALF, Q(-1, 3)]) == 2
    assert flow_faces.length([Q(21, 10), 0]) == 4


def test_an_inverse_undoes_a_matrix():
    steps = []
    spend = lambda *each: steps.append(each)  # noqa: E731
    assert flow_faces.inverse([[Q(2), Q(1)], [Q(1), Q(2)]], spend) == [[Q(2, 3), Q(-1, 3)], [Q(-1, 3), Q(2, 3)]]
    assert [each[0] for each in steps] == [32, 32]
    assert steps[0][1] == 3  # the longest number of the row 2, 1, 1, 0
    matrix = [[Q(1, i + j + 1) for j in range(3)] for i in range(3)]
    found = flow_faces.inverse(matrix, spend)
    assert found == [[9, -36, 30], [-36, 192, -180], [30, -180, 180]]  # Hilbert's
    assert flow_faces.inverse([], spend) == []


@pytest.mark.parametrize("matrix", [[[1, 1], [1, 1]], [[0]], [[-1]], [[1, 2], [2, 3]]])
def test_only_positive_definite_matrices_have_an_inverse(matrix):
    with rejects("kinks that depend on each other cannot be held"):
        flow_faces.inverse([[Q(x) for x in row] for row in matrix], lambda *_: None)


def test_bits_are_those_of_both_parts():
    assert [flow_faces.bits(Q(x)) for x in ("0", "1", "5/8", "-7/2")] == [1, 2, 7, 5]


def test_vectors_in_whole_numbers():
    assert flow_faces.whole([HALF, Q(-2, 3), Q(4)]) == ([3, -4, 24], 6)
    assert flow_faces.whole([Q(0)]) == ([0], 1)


@pytest.mark.parametrize("point", [(0, 0), (1, 0), (0, 1), (HALF, Q(-7, 3))])
def test_affine_forms(point):
    p, q = point
    one, other = flow_faces.affine([HALF, Q(1, 3)], Q(-5)), flow_faces.affine([Q(2), Q(-1)], Q(1, 7))
    a, b = Q(p) / 2 + Q(q) / 3 - 5, 2 * Q(p) - q + Q(1, 7)
    assert (one.at(point), other.at(point)) == (a, b)
    assert one.along(point) == a + 5
    for factor in (Q(3, 4), Q(-2), Q(0)):
        assert one.plus(other, factor).at(point) == a + factor * b
        assert one.times(factor).at(point) == factor * a


def test_forms_are_in_lowest_terms_and_know_their_lengths():
    form = flow_faces.Form([6, -8], 4, 2)
    assert (form.whole, form.base, form.den) == ([3, -4], 2, 1)
    assert form.norm == 5001  # a thousand times 5, rounded up
    assert flow_faces.Form([1, 1], 0, 3).norm == 1415
    assert flow_faces.Form([0], 0, 1).norm == 1
    assert flow_faces.FINE == 1000
    assert flow_faces.SIGNS == {"-": -1, "0": 0, "+": 1}


# Landscapes


def test_examples_at_one_point_are_one_place():
    land = land_of(["1", "0", "1/1", "2", "1"], ["1", "5", "2", "3", "4"], LEAKY, 2, "mean")
    assert land.places == [(1, 1), (0, 1), (2, 1)]
    assert land.home == [0, 1, 0, 2, 0]
    assert land.weight == [3, 1, 1]
    assert land.means == [Q(7, 3), 5, 3]
    assert land.scale == Q(1, 5)
    assert land.slope == {-1: HALF, 0: 0, 1: 1}
    assert (land.count, land.width, land.size) == (2, 2, 4)
    assert land.embedded(0, [Q(3), Q(4)]) == [3, 4, 0, 0]
    assert land.embedded(1, [Q(3), Q(4)]) == [0, 0, 3, 4]
    assert land_of(["0"], ["1"]).scale == 1


def test_a_landscape_is_said_in_words():
    words = "L is the mean of squared errors of 2 unit(s) with slopes 1/2 and 1 on (1, -1/2): 1, (0, 3): 0.5"
    assert land_of(["1 -1/2", "0 3"], ["1", "0.5"], LEAKY, 2, "mean").words == words


def test_signs_are_read_by_places():
    land = land_of(["1", "0", "1"], ["0", "0", "0"], units=2)
    assert land.signs(["+0+", "-+-"]) == [[1, 0], [-1, 1]]
    for texts in (["+0-", "-+-"], ["+0+", "-+0"]):
        with rejects("equal examples have equal signs"):
            land.signs(texts)
    for texts in (["+0+"], ["+0+"] * 3, ["+0", "+0"], ["+0+0", "+0+0"]):
        with rejects("signs for every unit and example"):
            land.signs(texts)


def test_work_is_counted_on_the_longest_numbers():
    meter = meter_of()
    land = land_of(["0"], ["1"], meter=meter)
    assert land.bits == 2
    land.spend(7)
    land.spend(7, 511)
    land.spend(7, 512)
    assert meter.total - meter.left == 7 + 7 + 14
    long = land_of([str(2**600)], ["1"], meter=meter)
    long.spend(5)
    assert meter.total - meter.left == 28 + 10
    for long in (land_of(["0"], [str(2**600)]), land_of(["0"], ["1"], ("1", "1", f"1/{2**600}"))):
        assert long.bits == 602


# Faces


@pytest.mark.parametrize("loss", ["sum", "mean"])
@pytest.mark.parametrize("slopes", [RAMP, SIZE, LEAKY])
def test_in_a_cell_the_flow_is_minus_the_gradient(slopes, loss):
    points, labels = [[Q(0), Q(1)], [Q(1), Q(1)], [Q(-2), Q(1)]], [Q(-1), Q(6), Q(7, 3)]
    steep = dict(zip((-1, 1), (Q(slopes[0]), Q(slopes[2])), strict=True))
    land = land_of(["0", "1", "-2"], ["-1", "6", "7/3"], slopes, 2, loss)
    for rows in ([[1, 1, -1], [-1, -1, 1]], [[1, 1, 1], [1, -1, 1]]):
        face = flow_faces.Face(land, rows)
        for point in ([Q(1), Q(2), Q(3), Q(-4)], [HALF, Q(0), Q(-5, 3), Q(7)]):
            assert moved(face, point) == velocity(points, labels, steep, rows, land.scale, point)


def test_examples_at_one_point_act_together():
    land = land_of(["0", "1", "0"], ["1", "6", "4"])
    face = flow_faces.Face(land, [[1, 1]])
    points, labels = [[Q(0), Q(1)], [Q(1), Q(1)], [Q(0), Q(1)]], [Q(1), Q(6), Q(4)]
    steep = {1: Q(1), -1: Q(-1)}
    assert moved(face, [Q(2), Q(9)]) == velocity(points, labels, steep, [[1, 1, 1]], Q(1), [Q(2), Q(9)])


def test_numbers_of_a_face_are_in_lowest_terms():
    face = flow_faces.Face(land_of(["0"], ["1"]), [[1]])
    assert (face.matrix, face.force, face.den) == ([[0, 0], [0, 2]], [0, 2], 1)
    face = flow_faces.Face(land_of(["0", "2"], ["1", "1"], loss="mean"), [[1, 1]])
    assert (face.matrix, face.force, face.den) == ([[4, 2], [2, 2]], [2, 2], 1)
    face = flow_faces.Face(land_of(["0"], ["1"], LEAKY), [[-1]])
    assert (face.matrix, face.force, face.den) == ([[0, 0], [0, 1]], [0, 2], 2)


def test_on_a_held_kink_the_flow_is_along_it():
    """On b = 0, w' = -2 ((w - 6) + 2 (2 w - 7)) = 40 - 10 w."""
    face = flow_faces.Face(SLIDE, [[0, 1, -1]])
    assert moved(face, [Q(1), Q(0)]) == [30, 0]
    assert moved(face, [Q(4), Q(0)]) == [0, 0]
    assert face.held == [(0, 0)]
    assert face.free == [(0, 1), (0, 2)]
    assert face.duals == {(0, 0): [0, 1]}
    assert face.project([Q(3), Q(5)]) == [3, 0]


def test_a_slanted_kink_is_held_by_the_orthogonal_projection():
    """The kink at (3, 1) is along (1, -3) / 10; the error at 1 there is -2 t - y, and at 3 none."""
    land = land_of(["3", "1"], ["-1", "-5"])
    face = flow_faces.Face(land, [[0, -1]])
    # p = t (1, -3): height at 1 is -2 t < 0, output 2 t, error 2 t + 5; minus its gradient is 2 (2 t + 5) (1, 1)
    for t in (Q(1), Q(7, 2)):
        along = 2 * (2 * t + 5) * (1 - 3) / 10
        assert moved(face, [t, -3 * t]) == [along, -3 * along]
    assert face.duals == {(0, 0): [Q(3, 10), Q(1, 10)]}
    assert face.project([Q(3), Q(1)]) == [0, 0]
    assert face.project([Q(1), Q(-3)]) == [1, -3]


def test_the_forces_that_hold_a_kink():
    """To the sides of b = 0 the derivatives of half the loss are 2 - w and w."""
    face = flow_faces.Face(SLIDE, [[0, 1, -1]])
    minus, plus = face.gaps[0, 0]
    for w in (Q(1), Q(2), HALF):
        assert plus.at([w, Q(0)]) == (w - 6) - (2 * w - 7) - -1
        assert minus.at([w, Q(0)]) == -((w - 6) - (2 * w - 7)) + 1
    ramp = flow_faces.Face(land_of(["0"], ["-3"], RAMP), [[0]])
    (only,) = ramp.gaps[0, 0]
    assert only.at([Q(9), Q(0)]) == 3


def test_equal_examples_hold_a_kink_with_their_weight():
    """At 0 twice, of labels -1 and -3: twice their mean, against the force w - 6 + 7 - 2 w of the others."""
    land = land_of(["0", "0", "1", "-2"], ["-1", "-3", "6", "7"])
    minus, plus = flow_faces.Face(land, [[0, 1, -1]]).gaps[0, 0]
    assert plus.at([HALF, Q(0)]) == HALF + 4
    assert minus.at([HALF, Q(0)]) == -HALF + 4
    twice = land_of(["0", "1", "1", "-2"], ["-1", "5", "7", "7"])
    assert flow_faces.Face(twice, [[0, 1, -1]]).gaps[0, 0][1].at([HALF, Q(0)]) == 2 * (HALF - 6) - (1 - 7) + 1


def test_two_kinks_of_one_unit_share_their_force():
    """Points (0, 0) and (1, 0) held: what moves (0, 1, 1) is in part along (0, 0, 1), and not along (1, 0, 1)."""
    land = land_of(["0 0", "1 0", "0 1"], ["-3", "-1", "4"])
    face = flow_faces.Face(land, [[0, 0, 1]])
    # rows (0,0,1) and (1,0,1): (0,1,1) = 1 (0,0,1) + 0 (1,0,1) + (0,1,0)
    assert face.duals == {(0, 0): [-1, 0, 1], (0, 1): [1, 0, 0]}
    point = [Q(0), Q(2), Q(0)]  # the error at the last is -2
    assert [gap.at(point) for gap in face.gaps[0, 0]] == [2 + 3, -2 + 3]
    assert [gap.at(point) for gap in face.gaps[0, 1]] == [1, 1]
    assert moved(face, point) == [0, 4, 0]


def test_heights_errors_and_their_changes():
    face = flow_faces.Face(SLIDE, [[1, 1, -1]])
    for w, b in product((Q(1), Q(-2, 3)), (Q(0), Q(4))):
        p = [w, b]
        v = moved(face, p)
        assert [face.heights[0, g].at(p) for g in range(3)] == [b, w + b, 2 * w - b]
        assert [face.error(g).at(p) for g in range(3)] == [b + 1, w + b - 6, 2 * w - b - 7]
        assert face.height((0, 2), 1).at(p) == b - 2 * w
        assert face.change(face.heights[0, 2]).at(p) == 2 * v[0] - v[1]
        assert face.change(face.error(1)).at(p) == v[0] + v[1]
        assert face.change(flow_faces.affine([Q(1, 3), Q(0)], Q(8))).at(p) == v[0] / 3
        assert face.toward((0, 2), -1).at(p) == 2 * v[0] - v[1]
        assert face.toward((0, 0), 1).at(p) == v[1]


def test_forms_along_a_face_are_the_same_on_it():
    face = flow_faces.Face(SLIDE, [[0, 1, -1]])
    form = flow_faces.affine([HALF, Q(3)], Q(-2, 3))
    along = face.along(form)
    assert along.at([Q(5), Q(0)]) == form.at([Q(5), Q(0)])
    assert along.at([Q(5), Q(1)]) == form.at([Q(5), Q(0)])


def test_a_face_with_other_signs():
    face = flow_faces.Face(SLIDE, [[0, 1, -1]])
    other = face.changed({(0, 0): -1, (0, 2): 1})
    assert other.signs == [[-1, 1, 1]]
    assert face.signs == [[0, 1, -1]]
    assert other.sign((0, 2)) == 1
    assert other.held == []


def test_kinks_that_depend_on_each_other_and_kinks_without_force_are_not_held():
    with rejects("kinks that depend on each other cannot be held"):
        flow_faces.Face(SLIDE, [[0, 0, 0]])
    with rejects("a kink without any force"):
        flow_faces.Face(land_of(["0", "1"], ["1", "1"], ("0", "0", "0")), [[0, 0]])


def test_the_work_that_is_counted_is_that_of_today():
    """Which records are within the limits depends on it: a change of these numbers is a change of the format."""
    counted = []
    for signs in ([[1, 1, -1], [1, 1, 1]], [[0, 1, -1], [0, 0, 1]]):
        meter = meter_of()
        flow_faces.Face(land_of(["0", "1/3", "-2"], ["-1", "6", f"1/{2**200}"], units=2, meter=meter), signs)
        counted.append(meter.total - meter.left)
    meter = meter_of()
    flow_faces.Face(land_of(["0", f"1/{2**300}", "-2"], ["-1", "6", "2"], units=2, meter=meter), signs)
    assert [*counted, meter.total - meter.left] == [134, 462, 506]
