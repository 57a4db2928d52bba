"""Do the pictures of many runs show what the runs did, counted and computed in another way?"""

import runpy
from functools import cache

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy.stats import binomtest

from stability import landscape
from stability.errors import StabilityError
from stability.model.update_rules import update_rule
from stability.plot.boundaries import boundary_entries, draw_boundaries, segments
from stability.plot.ensembles import (
    draw_grid,
    draw_rates,
    draw_stack,
    draw_times,
    fill_entries,
    write_above,
    write_rates,
)
from stability.plot.figures import figures_folder
from stability.studies.rates import Rates, bins, ends_by_loss, rates, tangency_rates
from stability.studies.start_geometry import (
    dead_upper,
    determination,
    initial_losses,
    percentiles,
    protocol,
    upper,
    upper_margins,
    weight_angles,
)
from stability.training.ensembles.ensemble import train
from stability.training.ensembles.problem import task
from stability.training.ensembles.unit_geometry import distances

FILLS = [("solved", "#009E73", ""), ("trap", "#E69F00", "////")]


def axes():
    return Figure().subplots()


@cache
def runs(init="torch-default", restarts=300):
    return protocol(init, restarts)


def values(row):
    """Return the pre-activations of a start, point by point: those of all its units."""
    return [[w1 * x1 + w2 * x2 + b for w1, w2, b in row] for x1, x2 in landscape("relu2", "xor").data.points]


def test_the_geometry_of_starts_is_that_of_plain_sums():
    found = runs()
    rows = found.rows(found.starts)
    assert upper(found).tolist() == [True, True, False, False]
    for k in range(0, 300, 7):
        first, second, *_ = values(rows[k])
        assert dead_upper(found)[k] == sum(max(z) <= 0 for z in (first, second))
        assert upper_margins(found)[k] == pytest.approx(min(max(first), max(second)))
        (u, v, _), (s, t, _) = rows[k]
        assert weight_angles(found)[k] == pytest.approx(abs(np.degrees(np.angle((u + 1j * v) / (s + 1j * t)))))
        exact = landscape("relu2", "xor", "mean").loss(rows[k].tolist())
        assert initial_losses(found)[k] == pytest.approx(float(exact))


def test_a_unit_without_weights_has_no_angle():
    assert np.isnan(weight_angles(protocol(np.array([[0, 0, 1, 1, 0, 0]]), 1, epochs=0))).all()


def test_percentiles_and_determination():
    assert percentiles(np.array([3.0, 1.0, 2.0, 9.0])).tolist() == [62.5, 12.5, 37.5, 87.5]
    x, y = np.array([0.0, 1.0, 2.0, 4.0]), np.array([1.0, 1.5, 4.0, 4.0])
    left = y - np.polyval(np.polyfit(x, y, 1), x)
    assert determination(x, y) == pytest.approx(1 - (left**2).sum() / ((y - y.mean()) ** 2).sum())


def test_bins_are_half_open_and_the_last_is_closed():
    found = bins(np.array([-0.1, 0, 0.5, 1, 1.5, 2, 2.1, np.nan]), [0, 1, 2])
    assert found.tolist() == [-1, 0, 0, 1, 1, 1, -1, -1]


def test_rates_are_counted_by_group():
    found = rates(np.array([True, False, True, True]), np.array([0, 0, 2, -1]), 3)
    assert found.successes.tolist() == [1, 0, 1]
    assert found.runs.tolist() == [2, 0, 1]
    assert found.shares == pytest.approx([0.5, np.nan, 1], nan_ok=True)
    assert rates(np.array([True, False])).text == "50.0% [9.5, 90.5]"


def test_intervals_are_those_of_scipy():
    found = Rates(np.array([[0, 3], [45, 10]]), np.array([[9, 8], [50, 10]]))
    low, high = found.intervals
    for (i, j), k in np.ndenumerate(found.successes):
        exact = binomtest(int(k), int(found.runs[i, j])).proportion_ci(0.95, "wilson")
        assert (low[i, j], high[i, j]) == pytest.approx((exact.low, exact.high))


def test_error_bars_are_the_intervals():
    ax, found = axes(), Rates(np.array([3, 0, 8, 0]), np.array([8, 9, 8, 0]))
    assert draw_rates(ax, range(4), found, label="runs") is ax
    (bars,) = ax.containers
    assert bars.lines[0].get_xydata().tolist() == [[0, 3 / 8], [1, 0], [2, 1]], "a group without runs is left out"
    ends = [segment[:, 1].tolist() for segment in bars.lines[2][0].get_segments()]
    assert ends == [pytest.approx([low, high]) for low, high in np.array(found.intervals).T[:3]]
    assert write_rates(ax, range(4), found, "black") is ax
    assert [text.get_text() for text in ax.texts] == ["37.5%", "0.0%", "100.0%"]


@pytest.mark.parametrize("flat", [True, False])
def test_bars_sum_to_one(flat):
    ax = axes()
    assert draw_stack(ax, [0, 1], [[0.25, 0.75], [1, 0]], FILLS, flat, 0.5) is ax
    sizes = [patch.get_width() if flat else patch.get_height() for patch in ax.patches]
    begins = [patch.get_x() if flat else patch.get_y() for patch in ax.patches]
    assert sizes == [0.25, 1, 0.75, 0]
    assert begins == [0, 0, 0.25, 1]
    assert [patch.get_hatch() or "" for patch in ax.patches] == ["", "", "////", "////"]
    assert [entry.get_label() for entry in fill_entries(FILLS)] == ["solved", "trap"]


@pytest.mark.parametrize("shares", [[[0.25, 0.7]], [[1.0]]])
def test_a_part_that_was_left_out_is_reported(shares):
    with pytest.raises(StabilityError, match="add up to 1"):
        draw_stack(axes(), [0], shares, FILLS, True, 0.5)


def test_a_grid_writes_every_rate_and_frames_the_best():
    found = Rates(np.array([[50, 10], [48, 0]]), np.full((2, 2), 100))
    ax = axes()
    image = draw_grid(ax, ["0", "1"], ["low", "high"], found)
    assert image.axes is ax
    assert image.get_array().tolist() == [[50, 10], [48, 0]]
    low, high = found.intervals
    limits = [f"{100 * low[i, j]:.1f} \N{EN DASH} {100 * high[i, j]:.1f}" for i in (0, 1) for j in (0, 1)]
    assert [text.get_text() for text in ax.texts] == [
        part for share, limit in zip(["50.0", "10.0", "48.0", "0.0"], limits, strict=True) for part in (share, limit)
    ]
    framed = [patch.get_xy() for patch in ax.patches if isinstance(patch, Rectangle)]
    assert framed == [pytest.approx((-0.47, -0.46)), pytest.approx((-0.47, 0.54))]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["low", "high"]


def test_a_cell_of_the_grid_is_an_ensemble_of_its_own():
    found = tangency_rates(["0", "1"], ["1/2"], 40)
    assert found.runs.tolist() == [[40, 40]]
    adam = update_rule("adam", step="1/100")
    alone = train(task("relu2", "xor"), "partial-tangency:1:1/2", adam, epochs=500, restarts=40, seed=1, mode="eager")
    assert found.successes[0, 1] == alone.success.sum()


def test_hexagons_count_every_run_once():
    rng = np.random.default_rng(3)
    ax = axes()
    hexagons = draw_times(ax, rng.random(500), rng.integers(1, 90, 500), (12, 8))
    assert hexagons in ax.collections
    assert hexagons.get_array().sum() == 500


def test_marks_above_an_axis():
    ax = axes()
    ax.set_xlim(0, 100)
    assert write_above(ax, {10: "1/4", 50: "1/2"}, "loss") is ax
    (above,) = ax.child_axes
    assert [label.get_text() for label in above.get_xticklabels()] == ["1/4", "1/2"]
    assert above.get_xticks().tolist() == [10, 50]
    assert above.get_xlabel() == "loss"


def test_ends_of_lines_lie_on_them():
    rows = np.random.default_rng(2).normal(size=(40, 2, 3))
    ends = segments(rows, 9.0)
    near = [row for row in rows.reshape(-1, 3) if abs(row[2]) < 9 * np.hypot(*row[:2])]
    assert len(ends) == len(near)
    for (w1, w2, b), pair in zip(near, ends, strict=True):
        assert [w1 * x + w2 * y + b for x, y in pair] == pytest.approx([0, 0], abs=1e-9)
        assert np.hypot(*pair.T) == pytest.approx([9, 9])
    assert not len(segments(np.array([[0.0, 0, 1], [1, 0, 10]]), 9.0)), "no line, and one that is too far"


def test_successes_and_failures_differ_by_colour_and_line():
    found, ax = runs(restarts=60), axes()
    assert draw_boundaries(ax, found.rows(), found.success, found.task.points, upper(found)) is ax
    wins, losses = [each for each in ax.collections if isinstance(each, LineCollection)]
    assert len(wins.get_segments()) == len(segments(found.rows()[found.success], 3.0)) > 0
    assert len(losses.get_segments()) == len(segments(found.rows()[~found.success], 3.0)) > 0
    assert wins.get_color().tolist() != losses.get_color().tolist()
    assert wins.get_linestyle() != losses.get_linestyle()
    marks = {line.get_marker(): line.get_xydata().tolist() for line in ax.get_lines()}
    assert marks == {"o": [[1, -1], [-1, 1]], "s": [[1, 1], [-1, -1]]}
    labels = [entry.get_label() for entry in boundary_entries()]
    assert labels == ["units of a success", "units of a failure", "class 1", "class 0"]


def test_every_run_ends_somewhere_and_figures_have_a_part_for_it():
    parts = runpy.run_path(str(figures_folder() / "end_states_by_init.py"))["ENDS"]
    sets = landscape("relu2", "xor", "mean").atlas().sets
    assert {(str(each.loss), each.right) for each in sets} | {("", None)} == set(parts)
    ends = ends_by_loss(runs())
    assert sum(ends.values()) == 300
    assert set(ends) <= set(parts)
    solved = ends["0", 4]
    assert abs(solved - int(runs().success.sum())) <= ends.get(("", None), 0)


def test_the_theory_drawn_is_what_descent_does():
    """In float64 every run of abs1 from a zero bias takes the epochs that its distance predicts."""
    predicted = runpy.run_path(str(figures_folder() / "time_against_distance.py"))["predicted"]
    found = train(
        task("abs1", "xor"), "normal:0.5", update_rule("gd", step="1/10"),
        epochs=800, stop_loss=1e-7, restarts=400, dtype="float64", mode="eager",
    )  # fmt: skip
    way = found.rows(found.starts)[:, 0, :2] * np.sign(found.points[:, :1]) - [0.5, -0.5]
    assert found.stopped.tolist() == predicted(np.hypot(*way.T)).tolist()
    assert distances(found) == pytest.approx(np.hypot(*way.T), abs=4e-4)


def test_starts_of_zero_biases_see_both_points_as_often_as_the_angle_says():
    found = protocol("normal:0.5", 4000, epochs=0)
    angles, live = weight_angles(found), dead_upper(found) == 0
    by_angle = rates(live, bins(angles, np.linspace(0, 180, 7)), 6)
    low, high = by_angle.intervals
    middle = (np.arange(6) + 0.5) / 6
    assert ((low - 0.02 <= middle) & (middle <= high + 0.02)).all()


def test_no_start_below_the_lowest_trap_fails_or_has_a_dead_example():
    found = runs("normal:0.5", 2000)
    below = initial_losses(found) < 0.25
    assert below.sum() > 100
    assert found.success[below].all()
    assert not dead_upper(found)[below].any()
