"""Faces of one unit against closed formulas and all sign vectors; the tree of the search against a strict reader."""

from collections import Counter
from fractions import Fraction as Q
from itertools import combinations, product
from math import comb, gcd, lcm

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slow_geometry import realised
from sympy import Matrix

from stability import landscape
from stability.geometry.arrangement import enumerate as faces_module
from stability.geometry.arrangement.enumerate import arrange, assemble, branches, explore, most_faces
from stability.geometry.arrangement.integer_problem import independent, integers
from stability.model.datasets import Dataset


def rows_of(points):
    """Return the rows that an atlas of these points searches: whole numbers, only as many columns as matter."""
    return integers(landscape("relu1", Dataset("points", points, [0] * len(points)))).rows


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def sign(x):
    return (x > 0) - (x < 0)


def patterns(arrangement):
    return [tuple(face.signs(len(arrangement.rows))) for face in arrangement.faces]


def rank(vectors):
    return Matrix([list(v) for v in vectors]).rank() if vectors else 0


COORDINATES = st.sampled_from([-1, 0, 1, 2, Q(1, 2)])


@st.composite
def drawn_points(draw, most=5, dimensions=3):
    """Few points with few different coordinates: duplicates, lines and planes are common."""
    d = draw(st.integers(1, dimensions))
    return draw(st.lists(st.lists(COORDINATES, min_size=d, max_size=d), min_size=1, max_size=most))


SPECIAL = {
    "one point": [[3]],
    "the origin": [[0, 0]],
    "the same point three times": [[1, 2], [1, 2], [1, 2]],
    "two points, one of them twice": [[0], [1], [0]],
    "a line": [[0], [1], [2], [5]],
    "a line in space": [[0, 0, 1], [1, 1, 1], [2, 2, 1], [3, 3, 1]],
    "the middle of two": [[0, 0], [2, 0], [1, 0], [0, 1]],
    "a square": [[1, -1], [-1, 1], [1, 1], [-1, -1]],
    "more dimensions than points": [[1, 0, 2, 0, 1], [0, 1, 0, 1, 3]],
    "a plane in space": [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [2, 1, 0]],
    "fractions": [["1/3", "2/7"], ["-5/11", 0], ["1/3", "3/7"]],
}


def faces_are_right(points):
    """Compare an arrangement with all sign vectors, and each face with what its attributes say."""
    rows = rows_of(points)
    found = arrange(rows)
    names, n = patterns(found), len(rows)
    assert Counter(names) == Counter(s for s in product((-1, 0, 1), repeat=n) if realised(s, rows))
    corners = {signs: face.rays for signs, face in zip(names, found.faces, strict=True) if face.dimension == 1}
    for k, (signs, face) in enumerate(zip(names, found.faces, strict=True)):
        zero = [row for row, s in zip(rows, signs, strict=True) if s == 0]
        assert face.dimension == rank(rows) - rank(zero)
        below = [r[0] for s, r in corners.items() if all(a in (0, b) for a, b in zip(s, signs, strict=True))]
        assert sorted(face.rays) == sorted(below)
        assert tuple(sign(dot(row, found.inside(k))) for row in rows) == signs
        assert found.by_signs[face.plus, face.minus] == k
    assert len(found.rays) == len(corners)
    cells_are_right(found, names)


def test_the_origin_is_inside_its_own_face():
    found = arrange(rows_of(SPECIAL["a line"]))
    (origin,) = [k for k, face in enumerate(found.faces) if face.dimension == 0]
    assert found.inside(origin) == (0, 0)


def cells_are_right(found, names):
    assert [names[c] for c in found.cells] == [s for s in names if 0 not in s]
    for k, signs in enumerate(names):
        around = [c for c in found.cells if all(a in (0, b) for a, b in zip(signs, names[c], strict=True))]
        assert found.cells_around(k) == around
        for c, other in enumerate(names):
            inside = all(a in (0, b) for a, b in zip(signs, other, strict=True))
            assert found.faces[k].borders(found.faces[c]) == inside


@settings(max_examples=25)
@given(drawn_points(most=4))
def test_faces_are_the_realised_sign_vectors_with_their_rays_and_dimensions(points):
    faces_are_right(points)


@pytest.mark.parametrize("name", SPECIAL)
def test_faces_of_degenerate_data(name):
    faces_are_right(SPECIAL[name])


@pytest.mark.slow
@settings(max_examples=60)
@given(drawn_points(most=6))
def test_faces_of_more_data(points):
    faces_are_right(points)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=5, max_size=9))
def test_no_face_has_superfluous_rays(points):
    """Points of a small grid lie on many common lines, which cut faces along their diagonals."""
    found = arrange(rows_of(points), certified=False)
    rays = [face for face in found.faces if face.dimension == 1]
    for face in found.faces:
        assert sorted(face.rays) == sorted(ray.rays[0] for ray in rays if ray.borders(face))


def faces_in_general_position(n, r, j):
    """Count j-dimensional faces: choose the r - j kinks; the others cut a space of j dimensions (Schläfli)."""
    if j == 0:
        return 1
    others = n - (r - j)
    return comb(n, r - j) * 2 * sum(comb(others - 1, i) for i in range(j))


def general_points(n, d):
    """Return points on the moment curve: no d + 1 of them on a hyperplane."""
    return [[t**k for k in range(1, d + 1)] for t in range(-(n // 2), n - n // 2)]


@pytest.mark.parametrize(("n", "d"), [(1, 1), (2, 1), (7, 1), (3, 2), (4, 2), (9, 2), (4, 3), (6, 3), (6, 4), (7, 5)])
def test_counts_in_general_position_are_those_of_the_formula(n, d):
    rows = rows_of(general_points(n, d))
    r = min(n, d + 1)
    found = arrange(rows, certified=False)
    counts = Counter(face.dimension for face in found.faces)
    assert counts == {j: faces_in_general_position(n, r, j) for j in range(r + 1)}
    assert most_faces(n, r) == len(found.faces) == len(set(patterns(found)))


@settings(max_examples=40)
@given(drawn_points(most=7))
def test_no_data_have_more_faces_than_general_position_and_the_signed_count_is_right(points):
    rows = rows_of(points)
    found = arrange(rows, certified=False)
    assert len(found.faces) <= most_faces(len(set(rows)), len(rows[0]))
    # Euler: the cells of a sphere, one dimension less than their cones
    signed = sum((-1) ** face.dimension for face in found.faces)
    assert signed == (-1) ** len(rows[0])


def test_faces_come_with_their_opposite():
    names = patterns(arrange(rows_of(SPECIAL["a square"])))
    assert [tuple(-s for s in signs) for signs in names] == names[::-1]


class InvalidError(Exception):
    """The tree does not show what it should."""


def demand(condition, why):
    if not condition:
        raise InvalidError(why)


def follows(rows, signs, reason):
    """Read [i, sign, c, k, m, ...] strictly; return (i, sign), which the known signs imply."""
    i, s, c, *pairs = reason
    used = list(zip(pairs[::2], pairs[1::2], strict=True))
    demand(i not in signs and s in (-1, 0, 1) and c > 0, "a new row, a sign and a positive factor")
    demand(all(k in signs for k, _ in used), "only rows whose signs are known")
    demand(all(m >= 0 for k, m in used if signs[k]), "no negative weights where signs are known")
    if s == 0:
        demand(all(signs[k] == 0 or m == 0 for k, m in used), "zero follows from zeros only")
    else:
        demand(any(signs[k] and m for k, m in used), "something must force it")
    left = [c * (s or 1) * x for x in rows[i]]
    right = [sum(m * (signs[k] or 1) * rows[k][c] for k, m in used) for c in range(len(left))]
    demand(left == right, "both sides are equal")
    return i, s


def read(rows, tree):
    """Return the sign vectors at the leaves of a tree, having checked all that it says."""
    nodes, leaves = iter(tree), []

    def descend(signs):
        (i,), *reasons = next(nodes)
        signs = {**signs, **dict(follows(rows, signs, reason) for reason in reasons)}
        if i == -1:
            demand(len(signs) == len(rows), "every sign is decided")
            leaves.append(tuple(signs[k] for k in range(len(rows))))
            return
        demand(0 <= i < len(rows) and i not in signs, "a row that is not decided")
        for s in (-1, 0, 1):
            descend({**signs, i: s})

    basis = independent(rows)
    demand(rank([rows[k] for k in basis]) == len(basis) == len(rows[0]), "a basis")
    for start in product((-1, 0, 1), repeat=len(basis)):
        descend(dict(zip(basis, start, strict=True)))
    demand(next(nodes, None) is None, "nothing is left over")
    demand(len(set(leaves)) == len(leaves), "no leaf twice")
    return leaves


@settings(max_examples=60)
@given(drawn_points(most=7))
def test_every_certificate_of_the_tree_is_valid_and_its_leaves_are_the_faces(points):
    found = arrange(rows_of(points))
    assert read(found.rows, found.tree) == patterns(found)


@pytest.mark.parametrize("name", SPECIAL)
def test_the_tree_of_degenerate_data_is_valid(name):
    found = arrange(rows_of(SPECIAL[name]))
    assert read(found.rows, found.tree) == patterns(found)


@pytest.mark.parametrize("spelling", ["xor", "parity:3", "moons:12:3"])
def test_the_tree_of_named_data_is_valid(spelling):
    found = arrange(integers(landscape("relu1", spelling)).rows)
    assert read(found.rows, found.tree) == patterns(found)


@pytest.fixture
def many(monkeypatch):
    """Let few rows be taken as many are."""
    monkeypatch.setattr(faces_module, "FEW_ROWS", 0)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points=drawn_points(most=6))
def test_rows_taken_from_the_middle_give_the_same_faces_and_a_valid_tree(points, many):
    rows = rows_of(points)
    found = arrange(rows)
    assert read(found.rows, found.tree) == patterns(found)
    assert set(patterns(found)) == set(patterns(assemble(rows, [explore(each) for each in branches(rows)])))
    if len(points) < 5:
        faces_are_right(points)


@pytest.mark.parametrize("points", [
    [[k] for k in range(300)],
    [[-k] for k in range(300)],
    [[k, 2 * k] for k in range(300)],
    [[k % 7 - 3] for k in range(300)],
    [[0]] * 300,
], ids=["line", "backwards", "through the origin", "few", "one"])  # fmt: skip
def test_many_points_on_a_line_need_few_reasons(points):
    """Taken in their order, 300 sorted points need 180,000 reasons; n log n are 2,500 for each of the four halves."""
    found = arrange(rows_of(points))
    different = len({tuple(each) for each in points})
    assert len(found.faces) == 4 * different + 1 - 2 * (different == 1)
    assert sum(len(node) - 1 for node in found.tree) <= 4 * 300 * 12
    assert len(set(patterns(found))) == len(found.faces)


def corruptions(tree):
    """Yield trees that differ in one place: every number changed in several ways, every part left out."""
    for t, node in enumerate(tree):
        for r, part in enumerate(node):
            for p, value in enumerate(part):
                for other in {value + 1, value - 1, -value} - {value}:
                    changed = [*part[:p], other, *part[p + 1 :]]
                    yield (*tree[:t], [*node[:r], changed, *node[r + 1 :]], *tree[t + 1 :])
            if r:
                yield (*tree[:t], [*node[:r], *node[r + 1 :]], *tree[t + 1 :])
        yield (*tree[:t], *tree[t + 1 :])


@pytest.mark.parametrize("points", [[[0], [1], [2], [1]], SPECIAL["a square"]], ids=["line", "square"])
def test_no_corrupted_tree_is_read(points):
    """The reader of these tests is strict: no change of one number goes unnoticed, so it would see a wrong search."""
    found = arrange(rows_of(points))
    count = 0
    for tree in corruptions(found.tree):
        with pytest.raises((InvalidError, KeyError, IndexError, StopIteration, ValueError)):
            read(found.rows, tree)
        count += 1
    assert count > 100


def test_a_search_without_certificates_finds_the_same_faces():
    rows = rows_of(general_points(6, 2))
    assert arrange(rows, certified=False).faces == arrange(rows).faces
    assert all(len(node) == 1 for node in arrange(rows, certified=False).tree)


@pytest.mark.parametrize("factor", [Q(10**30), Q(10**9), Q(1, 10**30), Q(7, 3 * 10**19), Q(2**31), Q(2**62)])
@pytest.mark.parametrize("name", ["the middle of two", "a square", "a line in space", "fractions"])
def test_huge_and_tiny_coordinates_have_the_combinatorics_of_a_small_copy(factor, name):
    small = [[Q(x) for x in point] for point in SPECIAL[name]]
    found = arrange(rows_of([[factor * x for x in point] for point in small]))
    assert patterns(found) == patterns(arrange(rows_of(small)))
    assert read(found.rows, found.tree) == patterns(found)


def test_points_that_differ_by_very_little_are_distinguished():
    tiny = Q(1, 10**40)
    points = [[0, 0], [1, 0], [Q(1, 2), tiny], [Q(1, 2), 0], [Q(1, 2), -tiny]]
    wide = [[x, y / tiny] for x, y in ((Q(a), Q(b)) for a, b in points)]
    assert patterns(arrange(rows_of(points))) == patterns(arrange(rows_of(wide)))


def test_numbers_around_the_limit_of_machine_words():
    """In the plane, x and x + 1 are never on one line with the origin, however large x is."""
    for power in (30, 31, 32, 61, 62, 63, 64, 65):
        x = 2**power
        found = arrange(((x, 1), (x + 1, 1), (x - 1, 1), (x, 1)))
        assert Counter(face.dimension for face in found.faces) == {0: 1, 1: 6, 2: 6}
        for face, signs in zip(found.faces, patterns(found), strict=True):
            assert (
                tuple(sign(dot(row, found.inside(found.by_signs[face.plus, face.minus]))) for row in found.rows)
                == signs
            )


@pytest.mark.parametrize("points", [general_points(5, 2), SPECIAL["a plane in space"]], ids=["general", "plane"])
def test_the_order_of_the_data_does_not_matter(points):
    turn = [3, 0, 4, 1, 2]
    names = set(patterns(arrange(rows_of(points))))
    turned = set(patterns(arrange(rows_of([points[t] for t in turn]))))
    assert turned == {tuple(signs[t] for t in turn) for signs in names}


def test_rays_are_whole_numbers_without_a_common_divisor():
    found = arrange(rows_of(SPECIAL["fractions"]))
    assert all(gcd(*ray) == 1 for ray in found.rays)
    assert len(set(found.rays)) == len(found.rays)


def test_whole_numbers_keep_what_matters():
    place = landscape("leaky1/3:1", Dataset("five", [["1/2", 1, 0], ["1/5", 1, 2]], ["1/7", 0]))
    problem = integers(place)
    assert (problem.rank, problem.idle, problem.kept) == (2, 2, (0, 1))
    factor = lcm(2, 5, 3, 7)
    assert problem.unit % problem.slopes[2] == 0
    assert all(Q(x, 1) % 1 == 0 for x in problem.labels)
    assert problem.unit % factor == 0
    for vector in ((3, -1), (0, 1), (-7, 2)):
        weights = problem.full([Q(x) for x in vector])
        outputs = [problem.activation(dot(row, vector)) for row in problem.rows]
        assert [Q(out) / problem.unit for out in outputs] == place.outputs([weights])
        errors = [out - y for out, y in zip(outputs, problem.labels, strict=True)]
        assert problem.loss(errors) == place.loss([weights])


@pytest.mark.parametrize("power", [0, 10, 28, 30, 31, 32, 61, 62, 63, 90])
@pytest.mark.parametrize("large", ["data", "vectors", "both"])
def test_outputs_are_exact_however_large_the_numbers(power, large):
    x = Q(2 ** (power if large != "vectors" else 0)) + 1
    factor = 2 ** (power if large != "data" else 0)
    problem = integers(landscape("leaky1/3:1", Dataset("large", [[x], [-x + 3], [1]], [0, 0, 0])))
    vectors = [(factor * a + 1, factor * b) for a, b in product((-3, 0, 1, 5), repeat=2)]
    for vector, out in zip(vectors, problem.outputs(vectors), strict=True):
        raw = [problem.activation(dot(row, vector)) for row in problem.rows]
        assert all(a * d == b * c for (a, c), (b, d) in combinations(zip(out, raw, strict=True), 2))
        assert [sign(a) for a in out] == [sign(c) for c in raw]
        assert gcd(*out) in (0, 1)
