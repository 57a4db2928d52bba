"""Pictures of many examples show what needs no atlas, in little time."""

import random
import time

import numpy as np
import pytest
from matplotlib.figure import Figure

from stability import landscape
from stability.dynamics.phase_plane.named_planes import named_plane
from stability.dynamics.phase_plane.phase_plane import phase_portrait
from stability.model.datasets import Dataset
from stability.model.float_loss import gradients
from stability.model.update_rules import update_rule
from stability.plot.phase_portrait import draw_found


def many(model, count=500):
    draw = random.Random(0)
    points = [(draw.randint(-9999, 9999), draw.randint(-9999, 9999)) for _ in range(count)]
    return landscape(model, Dataset("many", points, [draw.randint(0, 1) for _ in points]))


@pytest.mark.parametrize(("model", "name"), [("relu1", "w1,b"), ("abs1", "w1,w2"), ("relu2", "w1@1,b@1")])
def test_portraits_of_many_examples_are_drawn_without_sets(model, name):
    place = many(model)
    before = time.process_time()
    found = phase_portrait(place, named_plane(place, name))
    draw_found(Figure().subplots(), found)
    assert time.process_time() - before < 10
    assert (found.parts, found.basins, found.tracks) == ([], None, [])
    assert "too many examples" in found.caption.lower()
    spots, speeds = found.arrows
    plane = found.place.plane
    slopes = -gradients(place, plane.points(*spots.T)).reshape(len(spots), -1)
    axes = np.array([[float(x) for row in axis for x in row] for axis in (plane.right, plane.up)])
    expected = slopes @ axes.T / (axes**2).sum(axis=1)
    assert speeds == pytest.approx(expected, rel=1e-6)


def test_a_rule_has_its_orbits():
    place = many("relu1")
    found = phase_portrait(place, named_plane(place, "w1,b"), rule=update_rule("gd", step="1/100000000000"))
    assert found.tracks
