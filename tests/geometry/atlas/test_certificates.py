"""What an atlas is certified by: by hand for one point, and read again, sum by sum, with numpy's fits beside it."""

from itertools import product

import numpy as np
import pytest
from slow_geometry import realised

from stability import Dataset, landscape
from stability.geometry.atlas.atlas import merged
from stability.geometry.atlas.certificates import UNDECIDED, proof
from stability.geometry.stationary.gathering import Gathering
from stability.geometry.stationary.search import parts, search

PLACES = [
    landscape("abs1", "xor"),
    landscape("relu1", Dataset("line", [["1/2"], [1], [3], [1]], [0, "1/3", 2, 1]), "mean"),
    landscape("relu2", Dataset("three", [[0], [1], [3]], [1, 0, 2])),
    landscape("leaky-1/2:2", Dataset("two", [[0], [1]], [-1, "2/3"])),
    landscape("abs1", Dataset("flat", [[0, 0], [1, 1], [2, 2]], [0, 1, 0])),
]


def test_one_absolute_value_on_one_point():
    """(|b| - 1)^2: b is left of 0, 0 or right of it; fits are 0 and 1; at b = 0 the gradients of both sides balance."""
    place = landscape("abs1", Dataset("peak", [[0]], [1]))
    assert proof(place.atlas()) == {
        "tree": [[[0]], [[-1]], [[-1]], [[-1]]],
        "rays": [[0, -1], [0, 1]],
        "fits": [[[], 1, [1], [], [[1, [0, 1], [2, 1]]]], [[0], 1, [1, 1], [], [[0, [0, 1]], [2, [2, 1]]]]],
    }


def test_one_rectified_unit_on_one_point():
    """(relu(2 w + b) - 1/2)^2: left of the kink nothing comes out; on it the side without slope is in balance."""
    place = landscape("relu1", Dataset("one", [[2]], ["1/2"]))
    assert proof(place.atlas()) == {
        "tree": [[[0]], [[-1]], [[-1]], [[-1]]],
        "rays": [[-1, 0], [1, 0]],
        "fits": [[[], 1, [2], [], [[0, [0, 1]], [1, [0, 1]]]], [[0], 1, [2, 1], [], [[2, [2, 1]]]]],
    }


def numbers(place):
    """Return rows, labels and slopes (left, at the kink, right) of a landscape in floats."""
    rows = np.array([[float(x) for x in row] for row in place.rows])
    unit = place.network.unit
    return rows, np.array([float(y) for y in place.data.labels]), [float(unit.negative), 0, float(unit.positive)]


def replayed(tree, rows):
    """Read a tree in preorder; return the sign patterns of its leaves and how often a forced sign was explained."""
    nodes, leaves, reasons = iter(tree), [], 0

    def read(signs):
        nonlocal reasons
        (i,), *certificates = next(nodes)
        for k, s, scale, *pairs in certificates:
            total = scale * (s or 1) * rows[k]
            for m, weight in zip(pairs[::2], pairs[1::2], strict=True):
                assert m in signs
                assert weight >= 0 or not signs[m]
                total = total - weight * (signs[m] or 1) * rows[m]
            assert scale > 0
            assert np.abs(total).max() < 1e-9
            assert k not in signs
            reasons += 1
        signs = {**signs, **{k: s for k, s, *_ in certificates}}
        if i < 0:
            leaves.append(tuple(signs[k] for k in range(len(rows))))
            return
        assert i not in signs
        for s in (-1, 0, 1):
            read({**signs, i: s})

    read({})
    assert next(nodes, None) is None
    return leaves, reasons


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_the_tree_has_every_sign_pattern_and_says_why_there_are_no_others(place):
    found, (rows, *_) = proof(place.atlas()), numbers(place)
    leaves, reasons = replayed(found["tree"], rows)
    assert len(leaves) == len(set(leaves))
    assert set(leaves) == {s for s in product((-1, 0, 1), repeat=len(rows)) if realised(s, rows.tolist())}
    assert reasons or len(leaves) == 3 ** len(rows)
    of_rays = [tuple(np.sign(rows @ ray).astype(int)) for ray in found["rays"]]
    assert all(len(ray) == place.width for ray in found["rays"])
    assert of_rays == [leaf for leaf in leaves if leaf in of_rays]
    lines = [s for s in leaves if np.linalg.matrix_rank(rows) - rank_of_kinks(rows, s) == 1]
    assert of_rays == lines


def rank_of_kinks(rows, signs):
    kinks = rows[[s == 0 for s in signs]]
    return np.linalg.matrix_rank(kinks) if len(kinks) else 0


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_fits_separators_directions_and_balances_add_up(place):
    found, (rows, labels, slopes) = proof(place.atlas()), numbers(place)
    leaves, _ = replayed(found["tree"], rows)
    vectors = []
    for ray in found["rays"]:
        z = rows @ ray
        out = np.where(z > 0, slopes[2], slopes[0]) * z
        if out.any() and not any(parallel(out, other) for other in vectors):
            vectors.append(out)
    keys, seen = [], 0
    for names, verdict, (den, *weights), directions, balances in found["fits"]:
        keys.append(tuple(names))
        assert names == sorted(set(names))
        assert len(weights) == len(names)
        assert den > 0
        columns = np.array([whole(vectors[g]) for g in names]).reshape(len(names), len(rows)).T
        total = columns @ np.array(weights, dtype=float)
        if verdict == 0:
            inner = columns.T @ total
            assert inner.min() > -1e-9
            assert inner.max() > 1e-9
            assert total @ labels < 1e-9
            assert (directions, balances) == ([], [])
            continue
        best = columns @ np.linalg.lstsq(columns, labels, rcond=None)[0] if names else 0 * labels
        assert total / den == pytest.approx(best)
        assert verdict == UNDECIDED or min(weights, default=1) > 0
        errors = best - labels
        for face, *direction in directions:
            assert all(errors @ (steep(slopes, leaves[c]) * (rows @ direction)) > 1e-12 for c in around(leaves, face))
        for face, *pairs in balances:
            assert {c for c, _ in pairs} <= set(around(leaves, face))
            assert all(weight > 0 for _, weight in pairs)
            gradient = sum(weight * rows.T @ (errors * steep(slopes, leaves[c])) for c, weight in pairs)
            assert np.abs(gradient).max() < 1e-9
            seen += 1
    assert seen
    assert keys == sorted(set(keys), key=lambda key: (len(key), key))


def parallel(a, b):
    return np.allclose(a / np.linalg.norm(a), b / np.linalg.norm(b))


def whole(vector):
    """Return the multiple of a vector in whole numbers without a common divisor."""
    for k in range(1, 1000):
        scaled = np.round(vector / np.abs(vector[vector != 0]).min() * k)
        if np.allclose(scaled * np.abs(vector[vector != 0]).min() / k, vector):
            return scaled / np.gcd.reduce(scaled.astype(int))
    raise AssertionError(vector)


def steep(slopes, cell):
    return np.array([slopes[s + 1] for s in cell])


def around(leaves, face):
    """Return the positions of the patterns without 0 that have the signs of a face where that has any."""
    return [
        k
        for k, cell in enumerate(leaves)
        if all(cell) and all(a in (0, b) for a, b in zip(leaves[face], cell, strict=True))
    ]


class Searched:
    """An atlas whose search was shared out."""

    def __init__(self, atlas, wanted):
        self.problem, self.arrangement = atlas.problem, atlas.arrangement
        shares = parts(self.problem, self.arrangement.faces, self.arrangement.cells, wanted)
        self.found = merged([search(share) for share in shares])
        self.gathering = Gathering(self.problem, self.arrangement, self.found.stationary)


@pytest.mark.parametrize("place", PLACES[:4], ids=str)
def test_shares_of_the_search_have_one_entry_for_each_set_of_generators(place):
    """Shares of one unit name generators by different rays; an entry that was decided stays."""
    atlas = place.atlas()
    one, several = proof(Searched(atlas, 1)), proof(Searched(atlas, 5))
    assert several["tree"] == one["tree"]
    assert several["rays"] == one["rays"]
    assert [each[0] for each in several["fits"]] == [each[0] for each in one["fits"]]
    for mine, other in zip(several["fits"], one["fits"], strict=True):
        assert mine[1] == other[1] or UNDECIDED in (mine[1], other[1])
        assert mine[4] == other[4]


def test_the_later_of_two_entries_decides_what_the_first_left_open():
    atlas = PLACES[0].atlas()
    searched, whole_ = Searched(atlas, 1), proof(atlas)
    decided = next(fit for fit in searched.found.fits if fit[1] == 1 and fit[0])
    rays, _, weights = decided
    for order in ([(rays, UNDECIDED, weights), decided], [decided, (rays, UNDECIDED, weights)]):
        others = [fit for fit in searched.found.fits if fit is not decided]
        searched.found.fits[:] = [*order, *others]
        assert proof(searched)["fits"] == whole_["fits"]
        searched.found.fits[:] = [*others, decided]
