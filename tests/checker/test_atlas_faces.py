"""Sign patterns of three lines through a point, listed by hand and by trying out, and every flaw in their search."""

from itertools import product

import pytest
from hand_made import data_of, meter_of, rejects

from stability.checker import atlas_faces, atlas_landscapes


def land_of(*arguments, meter=None, **more):
    return atlas_landscapes.Landscape("L", data_of(*arguments, **more), meter or meter_of())


def line(meter=None):
    """Return the points 0, 1, 2, whose heights are b, w + b and 2 w + b: twice the second is the sum of the others."""
    return land_of(["0", "1", "2"], ["0", "1", "0"], meter=meter)


BOTH = [1, 2, 0, 1, 2, 1]  # example 1, then 2 row_1 = 1 row_0 + 1 row_2


def forced(sign):
    return [1, sign, *BOTH[1:]]


LEAF, SPLIT_1 = [[-1]], [[1]]
OPEN = [SPLIT_1, LEAF, LEAF, LEAF]
TREE = [
    [[0]],
    [[2]], [[-1], forced(-1)], [[-1], [1, -1, 2, 0, 1, 2, -1]], *OPEN,
    [[2]], [[-1], [1, -1, 2, 0, -1, 2, 1]], [[-1], forced(0)], [[-1], forced(1)],
    [[2]], *OPEN, [[-1], forced(1)], [[-1], forced(1)],
]  # fmt: skip
PATTERNS = ["---", "--0", "--+", "-0+", "-++", "0--", "000", "0++", "+--", "+0-", "++-", "++0", "+++"]
RAYS = [[1, -2], [1, -1], [-1, 0], [1, 0], [-1, 1], [-1, 2]]
"""On the faces --0, -0+, 0--, 0++, +0- and ++0."""


def sides(pattern):
    return tuple(sum(1 << i for i, c in enumerate(pattern) if c == sign) for sign in "+-")


def arrangement(tree=TREE, rays=RAYS, land=None):
    return atlas_faces.Arrangement(land or line(), tree, rays)


def in_closure(face, other):
    return all(a in ("0", b) for a, b in zip(face, other, strict=True))


# The arrangement


def test_the_faces_are_all_patterns_that_a_unit_takes():
    found = arrangement()
    assert found.faces == list(map(sides, PATTERNS))
    tried = {line().sides(vector) for vector in product(range(-4, 5), repeat=2)}
    assert set(found.faces) == tried
    assert [PATTERNS[k] for k in found.cells] == [p for p in PATTERNS if "0" not in p]
    assert found.index == {sides(p): k for k, p in enumerate(PATTERNS)}
    lines = [k for k, p in enumerate(PATTERNS) if p.count("0") == 1]
    assert found.rays == dict(zip(lines, map(tuple, RAYS), strict=True))


def test_each_face_knows_its_kinks_and_what_is_around_it():
    found = arrangement()
    for k, pattern in enumerate(PATTERNS):
        assert found.kinks(k) == [i for i, c in enumerate(pattern) if c == "0"]
        assert found.codimension(k) == min(2, pattern.count("0"))
        for other, more in enumerate(PATTERNS):
            assert found.borders(k, other) == in_closure(pattern, more)
        assert sorted(found.above(k)) == [m for m, more in enumerate(PATTERNS) if in_closure(pattern, more)]
        below = [m for m, less in enumerate(PATTERNS) if less.count("0") == 1 and in_closure(less, pattern)]
        assert found.below[k] == below


def test_points_in_general_position_take_all_patterns():
    tree = [[[0]], *[[[1]], LEAF, LEAF, LEAF] * 3]
    found = arrangement(tree, [[1, -1], [-1, 0], [1, 0], [-1, 1]], land_of(["0", "1"], ["0", "0"]))
    assert len(found.faces) == 9
    assert len(found.cells) == 4


def test_equal_points_have_equal_signs():
    """One row follows from the other, with either as its reason."""
    tree = [[[0]], *([[-1], [1, sign, 1, 0, 1]] for sign in (-1, 0, 1))]
    found = arrangement(tree, [[0, -1], [0, 1]], land_of(["0", "0"], ["0", "0"]))
    assert found.faces == [(0, 3), (0, 0), (3, 0)]
    assert found.below == [[0], [], [2]]


def change(place, node):
    tree = list(TREE)
    tree[place] = node
    return tree


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        ([*TREE, LEAF], "a tree that is too long"),
        (TREE[:-1], "a tree that is cut off"),
        ([], "a tree that is cut off"),
        (change(2, LEAF), "a leaf that leaves a sign open"),
        (change(1, [[0]]), "a split of a sign that is known"),
        (change(1, [[3]]), "a split of a sign that is known"),
        (change(2, [[1], forced(-1)]), "a split of a sign that is known"),
        (change(2, [[-1], forced(-1), forced(-1)]), "a sign that is known already"),
        (change(2, [[-1], [0, *forced(-1)[1:]]]), "a sign that is known already"),
        (change(2, [[-1], [3, *forced(-1)[1:]]]), "a sign that is known already"),
        (change(2, [[-1], [-1, *forced(-1)[1:]]]), "a sign that is known already"),
        (change(2, [[-1], [1, 2, 2, 0, 1, 2, 1]]), "a certificate of no known form"),
        (change(2, [[-1], [1, -2, 1, 0, 1, 2, 1]]), "a certificate of no known form"),
        (change(2, [[-1], [1, -1, 0, 0, 1, 2, 1]]), "a certificate of no known form"),
        (change(2, [[-1], [1, 1, -2, 0, 1, 2, 1]]), "a certificate of no known form"),
        (change(2, [[-1], [1, -1, 2, 0, 1, 2]]), "a certificate of no known form"),
        (change(2, [[-1], [1, -1, 2, 0, 1, 3, 1]]), "a reason that is not known"),
        (change(2, [[-1], [1, -1, 2, 0, 1, -1, 1]]), "a reason that is not known"),
        (change(1, [[2], [1, -1, 2, 0, 1, 2, 1]]), "a reason that is not known"),
        (change(2, [[-1], [1, -1, 2, 0, -1, 2, 1]]), "a multiplier of the wrong sign"),
        (change(2, [[-1], [1, 0, 2, 0, 1, 2, 1]]), "a multiplier of the wrong sign"),
        (change(2, [[-1], [1, 0, 2, 0, 0, 2, 0]]), "a multiplier of the wrong sign"),
        (change(2, [[-1], [1, -1, 2, 0, 0, 2, 0]]), "no strict reason"),
        (change(2, [[-1], [1, -1, 2]]), "no strict reason"),
        (change(2, [[-1], [1, 1, 2, 0, 1, 2, 1]]), "multipliers that do not add up"),
        (change(2, [[-1], [1, -1, 1, 0, 1, 2, 1]]), "multipliers that do not add up"),
        (change(2, [[-1], [1, -1, 2, 0, 1, 2, 2]]), "multipliers that do not add up"),
        (change(10, [[-1], [1, 0, 1, 0, 1, 2, 1]]), "multipliers that do not add up"),
        (change(10, [[-1], [1, 1, 2, 0, 1, 2, 1]]), "no strict reason"),
    ],
)
def test_a_search_with_a_flaw_is_rejected(tree, reason):
    with rejects(reason):
        arrangement(tree)


def test_a_zero_has_multiples_of_either_sign():
    """row_2 = 2 row_1 - row_0; the signs of row_0 and row_1 are given."""
    bare = bare_arrangement()
    assert bare.confirm([2, 1, 1, 1, 2, 0, -1], 0b10, 0, 0b01) == (2, 1)
    assert bare.confirm([2, -1, 1, 1, 2, 0, 1], 0, 0b10, 0b01) == (2, -1)
    assert bare.confirm([2, 0, 1, 1, 2, 0, -1], 0, 0, 0b11) == (2, 0)
    assert bare.confirm([2, -1, 1, 0, 1, 1, 2], 0b01, 0b10, 0) == (2, -1)
    assert bare.confirm([2, 1, 1, 0, 1, 1, 2], 0b10, 0b01, 0) == (2, 1)
    assert bare.confirm([0, 1, 1, 1, 2, 2, -1], 0b010, 0, 0b100) == (0, 1)


def bare_arrangement():
    found = object.__new__(atlas_faces.Arrangement)
    found.land = line()
    return found


@pytest.mark.parametrize(
    ("rays", "reason"),
    [
        (RAYS[:-1], "expected a ray for each of 6 one-dimensional faces; got 5"),
        ([*RAYS, [0, 1]], "expected a ray for each of 6 one-dimensional faces; got 7"),
        ([[1, 1]] * 14, "more rays than faces"),
        ([*RAYS[1:], RAYS[0]], "a ray that is not on its face"),
        ([[-1, 2], *RAYS[1:]], "a ray that is not on its face"),
        ([[0, 0], *RAYS[1:]], "a ray that is not on its face"),
    ],
)
def test_rays_lie_on_the_one_dimensional_faces(rays, reason):
    with rejects(reason):
        arrangement(rays=rays)


def test_a_multiple_of_a_ray_is_a_ray():
    assert arrangement(rays=[[3 * x for x in ray] for ray in RAYS]).below == arrangement().below


def test_a_face_is_listed_once_and_spanned_by_its_rays(monkeypatch):
    faces = [*map(sides, PATTERNS)]
    monkeypatch.setattr(atlas_faces.Arrangement, "replay", lambda self, tree: iter([*faces, faces[3]]))
    with rejects("a face that is listed twice"):
        arrangement()
    fancied = sides("-0-")
    lines = [f for f in [*faces, fancied] if (f[0] | f[1]).bit_count() == 2]
    monkeypatch.setattr(atlas_faces.Arrangement, "replay", lambda self, tree: iter([*faces, sides("-+-")]))
    assert len(lines) == 7
    with rejects("a face that its rays do not span"):
        arrangement()


def test_the_work_that_is_counted_is_that_of_today():
    """Which records are within the limits depends on it: a change of these numbers is a change of the format."""
    counted = []
    for land_at in (line, lambda meter: land_of(["0", "1", f"1/{2**700}"], ["0"] * 3, meter=meter)):
        meter = meter_of()
        land = land_at(meter)
        counted.append(meter.total - meter.left)
        if not counted[1:]:
            found = arrangement(land=land)
            counted.append(meter.total - meter.left)
            for k in range(len(PATTERNS)):
                found.codimension(k)
                found.above(k)
            counted.append(meter.total - meter.left)
    assert counted == [24, 136, 174, 38]
