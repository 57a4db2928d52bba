"""Update rules with fixed output weights and biases: mirrors of plain sums, and exact steps."""

from fractions import Fraction as Q

import numpy as np
import pytest

from stability import Landscape, fixed_point_types, landscape, stability_regions, update_rule
from stability.dynamics.maps.chaos import multipliers_in_every_cell
from stability.dynamics.maps.iterate import orbit
from stability.dynamics.maps.line_cycles import invariant_lines
from stability.errors import DifferentiabilityError, UnknownNameError
from stability.model.datasets import Dataset
from stability.model.flat_points import exact_rows_of, point_shape
from stability.model.networks import network

XOR = landscape("abs1", "xor").data
MIRRORED = Dataset("mirrored", XOR.points, [-y for y in XOR.labels])
PLAIN, OPPOSITE = landscape("abs1", "xor"), Landscape(network("abs[-]"), MIRRORED)
GD = update_rule("gd", step="3/10")


def test_the_mirror_has_the_lines_and_cycles_of_the_plain_unit():
    def lines(place):
        return [
            (each.origin, each.direction, each.kinks, each.pieces, each.at_kinks) for each in invariant_lines(place)
        ]

    assert lines(PLAIN) == lines(OPPOSITE) != []
    for period in (1, 2, 3):
        one, two = (place.cycles(GD, period, direction=[[0, 0, 1]]) for place in (PLAIN, OPPOSITE))
        assert one.to_json()["lines"] == two.to_json()["lines"]


def test_cycles_on_the_line_of_the_output_bias_alternate_around_the_mean():
    """Dead units leave the loss sum of (c - y)^2: a step of 1/4 goes from c to 1 - c, a family of cycles."""
    place = landscape("relu[-]+c", "xor")
    found = place.cycles(update_rule("gd", step="1/4"), 2, origin=[[0, 0, -1], [0]], direction=[[0, 0, 0], [1]])
    ((_, [cycle]),) = found.lines
    assert cycle.family is not None
    assert sum(cycle.points) == 1


def test_lines_through_images_of_isolated_points_by_swapping_scaled_units():
    place = landscape("abs[1,4]", Dataset("line", [[-1], [1], [2]], [1, 0, 1]))
    for each in invariant_lines(place):
        start, way = (place.by_unit(flat) for flat in (each.origin, each.direction))
        point = [[x + 2 * d for x, d in zip(*rows, strict=True)] for rows in zip(start, way, strict=True)]
        slopes = place.autograd_gradient(point)
        factor = next(g / d for g, d in zip(slopes, each.direction, strict=True) if d)
        assert slopes == [factor * d for d in each.direction]


@pytest.mark.parametrize("model", ["relu[1,-1/2]+c", "relu2-nob"])
def test_an_orbit_makes_exact_steps(model):
    place = landscape(model, "xor")
    start = np.random.default_rng(2).integers(-8, 9, point_shape(place)) / 8
    rows, found = exact_rows_of(place, start), orbit(place, update_rule("gd", step="1/8"), start, 5)
    for seen in found:
        assert seen.ravel() == pytest.approx([float(x) for row in rows for x in row], abs=1e-12)
        flat = [x for row in rows for x in row]
        rows = place.by_unit([x - Q(1, 8) * g for x, g in zip(flat, place.autograd_gradient(rows), strict=True)])


def test_types_and_stable_steps_are_those_of_the_mirror():
    one, two = (fixed_point_types(place, GD) for place in (PLAIN, OPPOSITE))
    assert [each.to_json() for each in one] == [each.to_json() for each in two]
    one, two = (stability_regions(place, "gd") for place in (PLAIN, OPPOSITE))
    assert [str(each) for each in one] == [str(each) for each in two]


def test_the_largest_stable_step_of_an_output_bias_alone():
    """With a dead unit only c moves, along a parabola of curvature 2 n: steps below 2 / (2 n) = 1/4."""
    place = landscape("relu[-]+c", "xor")
    dead = next(each for each in stability_regions(place, "gd") if place.pattern(each.set.witness) == [[-1] * 4])
    assert dead.contains("6/25")
    assert not dead.contains("1/4")


def test_where_cells_differ_or_output_weights_are_trained():
    (only,) = multipliers_in_every_cell(landscape("abs[-2]", "xor"), "1/10")
    assert (only.low, only.multiplicity) == (1 - Q(32, 10), 3)
    with pytest.raises(DifferentiabilityError, match="different Hessians"):
        multipliers_in_every_cell(landscape("abs1+c", "xor"), "1/10")
    with pytest.raises(UnknownNameError, match="cycles on lines"):
        landscape("relu1-out", "xor").cycles(GD)
