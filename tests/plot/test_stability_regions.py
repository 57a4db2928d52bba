"""The region of stable steps ends at the border, over the memory where the rule has one."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from stability import landscape, stability_regions
from stability.plot.stability_regions import draw_region


def region(rule, memory, memories, limits):
    return SimpleNamespace(rule=rule, memory=memory, border=lambda: (np.array(memories), np.array(limits)))


def test_a_rule_with_a_memory_has_its_border_over_it():
    ax = draw_region(Figure().subplots(), region("heavy-ball", "momentum", [0, 0.5, 0.9], [1.0, 1.5, 1.9]))
    (line,) = ax.lines
    assert line.get_xydata().tolist() == [[0, 1], [0.5, 1.5], [0.9, 1.9]]
    corners = {tuple(corner) for corner in ax.collections[0].get_paths()[0].vertices.tolist()}
    assert {(0, 0), (0.9, 0), (0, 1), (0.9, 1.9)} <= corners
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xlim()) == ("momentum", "step of heavy-ball", (0, 0.9))


def test_a_rule_without_one_has_a_level_line():
    ax = draw_region(Figure().subplots(), region("gd", None, [0.0], [0.25]))
    assert ax.lines[0].get_xydata().tolist() == [[0, 0.25], [1, 0.25]]
    assert (ax.get_xlabel(), ax.get_ylim()[0], ax.get_title(), len(ax.get_xticks())) == ("", 0, "", 0)


def test_every_step_is_stable_where_nothing_is_bent():
    ax = draw_region(Figure().subplots(), region("gd", None, [0.0], [np.nan]))
    assert ax.get_title() == "every step is stable"


def test_the_limit_of_descent_is_2_over_the_largest_curvature():
    """At (1/2, -1/2, 0), abs1 on xor has Hessian 2 sum of x x^T, with the largest curvature 8."""
    ax = draw_region(Figure().subplots(), stability_regions(landscape("abs1", "xor"), "gd")[0])
    assert ax.lines[0].get_ydata() == pytest.approx([0.25, 0.25])
