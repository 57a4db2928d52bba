"""Bifurcations with fixed output weights and biases: atlases at random parameters, mirrors, and points."""

from collections import Counter
from fractions import Fraction as Q

import pytest
from some_slow import some_slow

from stability import Landscape, landscape
from stability.dynamics.bifurcation.bifurcation import bifurcation
from stability.dynamics.bifurcation.families import FamilyError, label_family, slope_family
from stability.dynamics.bifurcation.questions import family
from stability.errors import UnknownNameError
from stability.exact.real_roots import exactly
from stability.model.datasets import Dataset
from stability.model.networks import network

LINE = Dataset("line", [[-1], [1], [2]], [1, 0, 1])
CASES = [
    ("relu[+,-]", LINE, "label:2", -1, 2),
    ("relu[2,-1/3]+c", LINE, "slope", -1, "1/2"),
    ("abs1+c", "xor", "coordinate:1:1", "1/2", 2),
    ("relu[+,-]-nob", "xor", "slope", -1, "1/2"),
    ("leaky1/3[-2]+c-nob", LINE, "label:1", -1, 1),
    ("relu1-nob", Dataset("through 0", [[1], [0], [2]], [1, 1, 0]), "coordinate:1:1", -1, 1),
]


def number(x, t):
    return x(t) if callable(x) else Q(str(x))


@pytest.mark.parametrize(
    ("model", "data", "vary", "low", "high"), some_slow(CASES, 3), ids=[f"{c[0]}-{c[2]}" for c in CASES]
)
def test_at_every_parameter_the_sets_are_those_of_the_atlas(model, data, vary, low, high):
    place = landscape(model, data)
    found, given = place.bifurcation(vary, low, high), family(place, vary)
    assert any(b.point is not None for b in found.branches) or all(b.dimension for b in found.branches)
    for share in (Q(1, 7), Q(13, 29), Q(9, 11)):
        t = Q(low) + share * (Q(high) - Q(low))
        snapshot = next(s for s in found.snapshots if s.low < s.high and s.low < exactly(t) < s.high)
        here = Landscape(given(t).network, given(t).data, place.loss_kind)
        atlas = here.atlas()
        theirs = Counter((s.kind, s.loss, s.dimension, s.orbit) for s in atlas.sets)
        assert Counter((s.kind, number(s.loss, t), s.dimension, s.orbit) for s in snapshot.sets) == theirs
        for each in snapshot.sets:
            if each.point is not None:
                at = atlas.of([[number(x, t) for x in row] for row in each.point])
                assert (at.kind, at.loss) == (each.kind, number(each.loss, t))


@pytest.mark.parametrize("vary", ["slope", "label:1", "coordinate:1:1"])
def test_the_mirror_of_a_plain_unit_has_its_branches_and_events(vary):
    plain = landscape("relu1", "xor")
    mirrored = Landscape(network("relu[-]"), Dataset("xor", plain.data.points, [-y for y in plain.data.labels]))
    turn = -1 if vary.startswith("label") else 1
    one = plain.bifurcation(vary, "1/4", 2)
    two = mirrored.bifurcation(vary, *sorted([turn * Q(1, 4), turn * Q(2)]))

    def events(found, turn):
        exact = [e for e in found.events if e.value.rational is not None]
        return Counter((turn * e.value.rational, *(sorted(e.kinds) if vary != "label:1" else ())) for e in exact)

    assert len(one.events) == len(two.events)
    assert events(one, 1) == events(two, turn)
    assert Counter((b.kind, b.dimension) for b in one.branches) == Counter((b.kind, b.dimension) for b in two.branches)


def test_the_ratio_of_a_unit_with_an_output_weight():
    one = landscape("abs[-1]", Dataset("mirrored", [[1, -1], [-1, 1], [1, 1], [-1, -1]], [-1, -1, 0, 0]))
    plain = landscape("abs1", "xor").bifurcation("ratio", -1, 1)
    assert len(one.bifurcation("ratio", -1, 1).events) == len(plain.events)
    with pytest.raises(UnknownNameError, match="for a ratio of bias and radius"):
        landscape("abs1+c", "xor").bifurcation("ratio", -1, 1)


def test_the_output_layer_stays_the_same():
    place = landscape("relu[+,-]", LINE)
    assert slope_family(place)(Q(1, 2)).network.weights == (1, -1)
    other = landscape("relu[+,+]", LINE)
    changing = lambda t: label_family(place if t < 0 else other, 0)(t)  # noqa: E731
    with pytest.raises(FamilyError, match="same output layer"):
        bifurcation(changing, -1, 1)


def test_trained_output_weights_are_refused():
    with pytest.raises(UnknownNameError, match="for a bifurcation: the pieces of sets are no polyhedra"):
        landscape("relu1-out", "xor").bifurcation("slope", -1, 1)
