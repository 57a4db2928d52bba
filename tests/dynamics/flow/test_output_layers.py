"""Certificates of trajectories with fixed output weights and biases, their mirrors, and what is refused."""

from fractions import Fraction as Q

import numpy as np
import pytest

from stability import Landscape, flow_ends, landscape, prove
from stability.checker import checker
from stability.dynamics.flow.filippov import kinks, lines
from stability.errors import UnknownNameError
from stability.model.datasets import Dataset
from stability.model.networks import network


@pytest.mark.parametrize("model", ["relu[+,-]", "relu[1,-1/2]+c", "abs[-2]+c", "relu2-nob", "abs[+,-]+c-nob"])
def test_the_checker_accepts_where_trajectories_end(model):
    place, proved = landscape(model, "xor"), 0
    for numbers in np.random.default_rng(0).normal(size=(4, place.parameters)).round(2):
        found = place.flow(place.by_unit([Q(str(x)) for x in numbers]))
        judged = found.certificate
        if judged.conclusion is not None:
            proved += 1
            assert checker.check(judged.record) == judged.words
            other = flow_ends(place, found.start, [("loss", "!=", found.loss)])
            assert prove(other).conclusion == "refuted"
        else:
            assert judged.reason
    assert proved >= 1


def test_the_mirror_of_a_plain_sum_moves_as_it_does():
    plain = landscape("relu2", "xor")
    mirrored = Landscape(network("relu[-,-]"), Dataset("m", plain.data.points, [-y for y in plain.data.labels]))
    for start in ([[1, "1/3", "1/7"], ["-1/2", 1, 0]], [["1/5", -1, "1/2"], [1, 1, "-1/3"]]):
        one, two = plain.flow(start), mirrored.flow(start)
        assert [(e.kind, e.unit, e.example) for e in one.events] == [(e.kind, e.unit, e.example) for e in two.events]
        assert one.point == two.point
        assert (one.loss, one.ends_on.kind) == (two.loss, two.ends_on.kind)


def test_an_output_bias_alone_falls_to_the_mean_of_the_labels():
    place = landscape("relu[-3]+c", "xor", "mean")
    found = place.flow([[0, 0, -1], [2]])
    assert found.point == [[0, 0, -1], [Q(1, 2)]]
    assert found.at([1.0])[0, -1] == pytest.approx(0.5 + 1.5 * np.exp(-2.0))


def test_without_biases_opposite_points_are_one_kink_and_the_origin_is_none():
    place = landscape("relu1-nob", Dataset("cross", [[1, 1], [-2, -2], [0, 0], [1, 0]], [1, 0, 1, 0]))
    assert lines(place) == ((0, 1), (0, -2), (None, 1), (3, 1))
    assert kinks(place, (0, 0, 0, 1)) == [[0, 1]]
    found = place.flow([["1/2", "1/3"]])
    assert found.ends_on is not None


@pytest.mark.parametrize("second", [[2, 0], [-1, 0]])
def test_kinks_of_proportional_points_are_held_without_a_record(second):
    """Both outputs stay above their labels, so the flow ends on w1 = 0."""
    data = Dataset("ray", [[1, 0], second, [0, 1]], [-1, -1, 2])
    found = landscape("abs1-nob", data).flow([[1, 1]])
    assert found.point == [[0, 2]]
    assert found.certificate.conclusion is None
    assert "Kinks that depend on each other are held" in found.certificate.reason
    single = landscape("abs1-nob", Dataset("ray", [[1, 0], [0, 1]], [-1, 2])).flow([[1, 1]])
    assert (single.point, single.certificate.conclusion) == (found.point, "proved")


def test_proportional_points_that_are_not_held_have_records():
    found = landscape("leaky1/2:1-nob", Dataset("ray", [[1, 0], [2, 0], [0, 1]], [-1, -2, 2])).flow([[1, 1]])
    assert [event.kind for event in found.events] == ["crossing", "crossing", "stop"]
    assert found.certificate.conclusion == "proved"


def test_trained_output_weights_are_refused_with_the_reason():
    with pytest.raises(UnknownNameError, match="gradient flow is not piecewise linear"):
        landscape("relu2-out", "xor").flow([[1, 0, 0, 1], [0, 1, 0, 1]])
