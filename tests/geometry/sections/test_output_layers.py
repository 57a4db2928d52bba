"""Planes of networks with output weights and biases: outputs, velocities and sets are those of their points."""

from fractions import Fraction as Q

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stability import landscape
from stability.dynamics.phase_plane.named_planes import known_planes, named_plane
from stability.dynamics.phase_plane.vector_field import speed
from stability.errors import PointError, UnknownNameError
from stability.geometry.sections.affine_forms import value
from stability.geometry.sections.plane_sections import outputs, section, set_traces, traces

MODELS = ["relu[+,-]", "relu[1,-1/2]+c", "abs[-2]+c", "relu2-nob", "leaky1/3[2]+c-nob"]
SMALL = st.fractions(-2, 2, max_denominator=4)


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(MODELS), st.data())
def test_outputs_and_velocities_are_those_of_the_points(model, data):
    place = landscape(model, "xor", data.draw(st.sampled_from(["sum", "mean"])))
    name = data.draw(st.sampled_from(known_planes(place)))
    origin = place.by_unit([data.draw(SMALL) for _ in range(place.parameters)])
    cut = section(place, named_plane(place, name, origin))
    spot = (data.draw(SMALL), data.draw(SMALL))
    point = cut.point(spot)
    signs = tuple(map(tuple, place.pattern(point)))
    assert [value(form, spot) for form in outputs(cut, signs)] == place.outputs(point)
    here, slopes = speed(cut, signs), place.autograd_gradient(point)
    right, up = cut.directions
    along, above = (-sum(g * d for g, d in zip(slopes, way, strict=True)) for way in (right, up))
    u, v = value(here.sideways, spot), value(here.upwards, spot)
    a, b, c = cut.products
    assert (a * u + b * v, b * u + c * v) == (along, above)


def test_names_of_planes_with_an_output_bias_and_without_biases():
    biased, bare = landscape("relu[+,-]+c", "xor"), landscape("relu1-nob", "xor")
    assert "p@1,c" in known_planes(biased)
    assert known_planes(bare) == ["w1,w2"]
    assert named_plane(biased, "w2@2,-c").up.tolist() == [0, 0, 0, 0, 0, 0, -1]
    assert named_plane(biased, "w2@2,-c").right.tolist() == [0, 0, 0, 0, 1, 0, 0]
    assert named_plane(biased, "w1@1,c").names[1] == "$c$"


@pytest.mark.parametrize(
    ("model", "name", "why"),
    [
        ("relu1", "p,c", "there is no output bias c"),
        ("relu2+c", "p@1,c@1", "c is of no unit"),
        ("relu1-nob", "p,b", "units have no biases"),
    ],
)
def test_coordinates_that_there_are_not(model, name, why):
    with pytest.raises(UnknownNameError, match=why):
        named_plane(landscape(model, "xor"), name)


def test_one_coordinate_on_both_axes():
    with pytest.raises(PointError, match="c and c move the output bias"):
        named_plane(landscape("relu1+c", "xor"), "c,c-c")


def test_a_plane_through_a_set_shows_it():
    place = landscape("abs[-2]+c", "xor")
    atlas = place.atlas()
    best = atlas.sets[0]
    cut = section(place, named_plane(place, "p,c", best.witness))
    found = [each for each in set_traces(atlas, cut, traces(cut, Q(1, 2))) if each.set is best]
    assert found
    assert all(place.loss(cut.point(spot)) == best.loss for each in found for spot in each.body.spots)
