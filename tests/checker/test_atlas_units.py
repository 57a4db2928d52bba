"""How the loss reacts along rays is tried out on every face of two points, for both signs and for silent units."""

from fractions import Fraction as Q
from itertools import product

import pytest
from hand_made import LEAKY, PAIR_RAYS, PAIR_TREE, PATTERNS, RAMP, SIZE, land_of

from stability.checker import atlas_faces, atlas_units

ROWS = [(0, 1), (1, 1)]
FEW = list(product((-2, 0, 1), repeat=2))
SIGNS = ["-", "0", "+"]
SLOPES = {"ramp": RAMP, "size": SIZE, "leaky": LEAKY}
STEEP = {name: {-1: Q(s[0]), 0: Q(s[1]), 1: Q(s[2])} for name, s in SLOPES.items()}


def units_of(slopes, errors, **layer):
    land = land_of(["0", "1"], ["1", "2"], slopes, **layer)
    return atlas_units.Units(land, atlas_faces.Arrangement(land, PAIR_TREE, PAIR_RAYS), errors)


def side(x):
    return (x > 0) - (x < 0)


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def outputs(ray, steep):
    return [steep[side(z)] * z for z in (dot(row, ray) for row in ROWS)]


def reactions(face, errors, steep):
    """Return the slopes along all rays from a face, with whether outputs change along them."""
    signs = [SIGNS.index(c) - 1 for c in PATTERNS[face]]
    for ray in PAIR_RAYS:
        z = [dot(row, ray) for row in ROWS]
        out = [steep[s or side(x)] * x for s, x in zip(signs, z, strict=True)]
        yield dot(errors, out), any(out)


def rays_of(face):
    """Return the rays in the closure of a face."""
    found = []
    for ray in PAIR_RAYS:
        signs = "".join(SIGNS[side(dot(row, ray)) + 1] for row in ROWS)
        found += [ray] if all(a in ("0", b) for a, b in zip(signs, PATTERNS[face], strict=True)) else []
    return found


@pytest.mark.parametrize("name", SLOPES)
def test_how_the_loss_reacts_along_rays(name):
    steep = STEEP[name]
    for (face, pattern), errors, trained in product(enumerate(PATTERNS), FEW, (False, True)):
        if any(dot(errors, outputs(ray, steep)) for ray in rays_of(face)):
            continue  # no unit rests there, whatever the others do
        layer = {"output_weights": "trainable"} if trained else {"output_weights": ["1/3"]}
        units = units_of(SLOPES[name], errors, **layer)
        found = list(reactions(face, errors, steep))
        signs = [SIGNS.index(c) - 1 for c in pattern]
        weights = [e * steep[s] for e, s in zip(errors, signs, strict=True)]
        torch = not any(sum(w * row[c] for w, row in zip(weights, ROWS, strict=True)) for c in range(2))
        smooth = all(s or not e for s, e in zip(signs, errors, strict=True))
        free = 2 - pattern.count("0") + trained
        for block, turn in enumerate((1, -1)):
            least = all(turn * slope >= 0 for slope, _ in found)
            most = all(turn * slope < 0 or (slope == 0 and not moves) for slope, moves in found)
            assert units.reaction(block * 9 + face) == (least, most, least, torch, smooth, free)
        if trained:
            least = not any(slope for slope, _ in found)
            most = not any(moves for _, moves in found)
            assert units.reaction(18 + face) == (least, most, True, True, True, free - 1)
        assert units.flat == (not any(dot(errors, outputs(ray, steep)) for ray in PAIR_RAYS))


@pytest.mark.parametrize("name", SLOPES)
def test_silent_units_rest_where_h_is_0(name):
    steep = STEEP[name]
    for errors in FEW:
        units = units_of(SLOPES[name], errors, output_weights="trainable")
        expected = {}
        for face, pattern in enumerate(PATTERNS):
            values = [dot(errors, outputs(ray, steep)) for ray in rays_of(face)]
            if not any(values):
                expected[18 + face] = 2 - pattern.count("0")
            elif min(values) < 0 < max(values):
                expected[18 + face] = 1 - pattern.count("0")
        assert units.silent == expected
        assert 18 + 4 in units.silent


def test_a_silent_unit_where_h_has_both_signs_is_a_saddle():
    units = units_of(("1", "1", "1"), (1, -1), output_weights="trainable")
    assert units.silent[18 + 8] == 1
    assert units.reaction(18 + 8) == (False, False, True, True, True, 1)


def test_a_unit_without_a_kink_is_smooth_everywhere():
    assert units_of(("1", "1", "1"), (1, -2)).reaction(4).smooth
    assert not units_of(SIZE, (1, -2)).reaction(4).smooth


def test_kinks_on_a_line_through_the_origin_count_together():
    """Without biases 1, 2 and -1 have one kink, on which errors are weighted by distances; 0 has none."""
    layer = {"hidden_biases": False}
    tree = [[[1]], [[-1], [2, -1, 1, 1, 2], [3, 1, 1, 1, 1]], [[-1], [2, 0, 1, 1, 2], [3, 0, 1, 1, -1]]]
    tree.append([[-1], [2, 1, 1, 1, 2], [3, -1, 1, 1, 1]])
    land = land_of(["0", "1", "2", "-1"], ["0"] * 4, RAMP, **layer)
    place = atlas_faces.Arrangement(land, tree, [[-1], [1]])
    assert place.faces == [(0b1000, 0b0110), (0, 0), (0b0110, 0b1000)]
    assert place.cells == {0: None, 2: None}
    for errors, smooth in (((9, 1, -1, 1), True), ((9, 1, 0, -1), True), ((9, 1, -1, 0), False)):
        assert atlas_units.Units(land, place, errors).reaction(1).smooth == smooth
