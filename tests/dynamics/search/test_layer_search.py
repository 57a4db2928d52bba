"""Searches of output layers: what they find on data with known fits, atlases, and how points are counted."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from stability import Dataset, landscape
from stability.dynamics.search.fixed_points import fixed_points

LINE = Dataset("line", [[-2], [-1], [1], [2]], [3, 1, 1, 2])


def test_minima_of_one_unit_are_fits_of_neighbouring_examples():
    """The affine fit of all four points, and of two of them at either end, by hand; each is isolated."""
    found = landscape("relu1-out", LINE).fixed_points(100)
    assert [(each.kind, round(each.loss, 9)) for each in found.certified] == [
        ("minimum", 2.35),
        ("minimum", 5),
        ("minimum", 10),
    ]
    assert "3 certified; the list is not complete" in repr(found)
    assert found.failed + sum(each.hits for each in found.points) == 100
    box = found.to_json()["points"][0]["enclosure"]
    assert box["loss"][0] <= 2.35 <= box["loss"][1]


MODELS = ["relu1-out", "relu1-out+c", "relu[+,-]+c", "leaky1/4:1-out", "abs1-out-nob", "relu2-out"]


@pytest.mark.parametrize("model", MODELS)
def test_every_point_fits_a_set_of_the_atlas(model):
    place = landscape(model, LINE)
    found = place.fixed_points(60)
    compared = found.agreement()
    assert compared.found
    assert not compared.strangers
    kinds = {round(float(each.loss), 6): each.kind for each in place.atlas().sets if each.is_minimum}
    for each in found.certified:
        if each.kind == "minimum":
            assert round(each.loss, 6) in kinds


@pytest.mark.parametrize("model", ["relu1-out", "relu2-out", "abs1-out-nob", "leaky1/4:1-out+c"])
def test_the_atlas_and_the_classification_of_its_points_agree(model):
    """Two derivations of what a point is: from pieces joined to sets, and from linear programs at the point."""
    place = landscape(model, LINE)
    for each in place.atlas().sets:
        found = place.classify(each.witness)
        wanted = {each.kind, "local minimum"} if each.kind == "global minimum" else {each.kind}
        assert found.kind in wanted
        assert (found.loss, found.clarke) == (each.loss, True)
        assert found.directional or not each.directional


@pytest.mark.parametrize("model", ["relu1-linear", "abs1-linear"])
def test_two_one_hot_outputs_fit_their_atlas(model):
    """The atlas is that of one output; points and kinds are those of the two."""
    place = landscape(model, "xor")
    for each in place.atlas().sets:
        found = place.classify(each.witness)
        assert found.kind in (each.kind, "local minimum" if each.kind == "global minimum" else each.kind)
        assert found.loss == each.loss
    compared = place.fixed_points(100).agreement()
    assert compared.found
    assert not compared.strangers


def test_several_outputs_have_saddles_in_open_cells():
    data = Dataset("rotated", [[1, 0], [0, 1], [1, 1]], [["43/25", "24/25"], ["24/25", "57/25"], ["67/25", "81/25"]])
    found = landscape("leaky1/1000:1-out2-nob", data).fixed_points(200)
    kinds = {each.kind for each in found.certified}
    assert "minimum" in kinds
    assert found.agreement() is None
    for each in found.certified:
        values = np.linalg.eigvalsh(np.array(landscape_hessian(found.problem, each.point), dtype=float))
        assert np.sum(values < -1e-9) == each.enclosure.index
        assert np.sum(np.abs(values) <= 1e-9) == 1


def landscape_hessian(place, point):
    return place.hessian(place.by_unit([float(x) for x in point]))


def test_the_end_of_a_start_does_not_depend_on_how_starts_are_shared_out():
    place = landscape("relu2-out", LINE)
    expected = [(each.kind, round(each.loss, 8), each.hits) for each in fixed_points(place, 60, seed=4).points]
    for more in ({"chunk": 7}, {"chunk": 11, "executor": ThreadPoolExecutor(2)}):
        found = fixed_points(place, 60, seed=4, **more).points
        assert [(each.kind, round(each.loss, 8), each.hits) for each in found] == expected


def test_points_that_are_certified_are_pairwise_different():
    found = landscape("relu2-out", LINE).fixed_points(300, seed=2)
    assert len(found.certified) >= 4
    assert len({round(each.loss, 6) for each in found.certified}) == len(found.certified)
