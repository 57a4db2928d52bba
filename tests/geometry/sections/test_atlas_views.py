"""What the plane and the cube show of an atlas lies on the sets, kinks and cells that it is said to be of."""

from fractions import Fraction as Q

import numpy as np
import pytest

from stability import landscape
from stability.errors import PointError
from stability.geometry.sections.atlas_views import LEVELS, atlas_plane, atlas_space
from stability.geometry.sections.polytopes import plane_point

MODELS = ["abs1", "relu1", "leaky1/10:1"]


@pytest.mark.parametrize("model", MODELS)
def test_labels_stand_in_their_cells_away_from_sets(model):
    place = landscape(model, "xor")
    found = atlas_plane(place.atlas(), Q(3, 2))
    assert found.labels
    points = [part.body.spots[0] for part in found.parts if part.dimension == 0]
    for signs, (x, y) in found.labels:
        assert list(place.pattern(plane_point((Q(x), Q(y))))[0]) == signs
        for spot in points:
            assert abs(float(spot[0]) - x) > 4 * 0.055 * 1.5 or abs(float(spot[1]) - y) > 0.5 * 0.09 * 1.5


@pytest.mark.parametrize("model", MODELS)
def test_the_plane_meets_sets_where_they_are_and_has_the_loss_behind(model):
    atlas = landscape(model, "xor").atlas()
    found = atlas_plane(atlas, Q(3, 2))
    assert all(atlas.of(plane_point(part.body.inside)) is part.set for part in found.parts)
    assert found.background.span == 1.5
    assert found.background.kinks == [1, 0, -1]


@pytest.mark.parametrize("model", MODELS)
def test_the_cube_has_every_kink_once_the_mirror_and_points_of_the_sets(model):
    atlas = landscape(model, "xor").atlas()
    found = atlas_space(atlas, Q(1))
    rows = np.array(atlas.landscape.rows, dtype=float)
    normals = []
    for kink in found.kinks:
        heights = np.array(kink.spots, dtype=float) @ rows.T
        normals.append(int(np.abs(heights).max(axis=0).argmin()))
        assert np.abs(heights[:, normals[-1]]).max() == 0
        assert np.abs(np.array(kink.spots, dtype=float)).max() == 1
    assert sorted(normals) == [0, 1, 2, 3]
    assert all(spot[0] == -spot[1] for spot in found.mirror.spots)
    assert all(atlas.of([part.body.inside]) is part.set for part in found.parts)


@pytest.mark.parametrize("view", [atlas_plane, atlas_space])
def test_other_atlases_are_refused_with_what_can_be_drawn(view):
    with pytest.raises(PointError, match="one unit in the plane") as caught:
        view(landscape("relu2", "xor").atlas(), Q(1))
    assert LEVELS in str(caught.value)
