"""The faces around kinks, against signs of random points nearby."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import fmpq

from stability.dynamics.flow.unit_faces import fan


def rows(*points):
    return tuple(tuple(map(Q, (*point, 1))) for point in points)


@pytest.mark.parametrize(
    ("kinks", "cells", "faces", "tangled"),
    [
        (rows([2]), 2, 3, False),
        (rows([0], [1]), 4, 9, False),
        (rows([0], [1], [3]), 6, 13, True),  # three lines through the origin of the plane
        (rows([1, -1], [-1, 1], [1, 1], [-1, -1]), 14, 51, True),  # the arrangement of xor
    ],
)
def test_faces_are_counted(kinks, cells, faces, tangled):
    found = fan(kinks)
    assert (len(found.cells), len(found.faces), found.tangled) == (cells, faces, tangled)
    assert len(set(found.faces)) == len(found.faces)


@pytest.mark.parametrize("kinks", [rows([0], [1]), rows([0], [1], [3]), rows([1, -1], [-1, 1], [1, 1], [-1, -1])])
def test_cells_are_the_signs_of_random_points(kinks):
    table = np.array([[float(x) for x in row] for row in kinks])
    points = np.random.default_rng(0).normal(size=(4000, table.shape[1]))
    seen = {tuple(int(s) for s in row) for row in np.sign(points @ table.T)}
    assert seen == set(fan(kinks).cells)


def test_rays_are_in_the_span_and_have_their_heights():
    found = fan(rows([0, 0], [1, 0]))
    assert len(found.rays) == 4
    for ray in found.rays:
        assert ray.vector[1] == 0, "the second coordinate does not matter to these kinks"
        assert ray.heights == (ray.vector[2], ray.vector[0] + ray.vector[2])
        assert sum(map(abs, ray.signs)) == 1
    assert {ray.heights for ray in found.rays} == {(fmpq(a), fmpq(b)) for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))}
