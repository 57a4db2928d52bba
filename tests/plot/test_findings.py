"""Figures of the gallery are titled and explained; what their findings say is true of the numbers that they draw."""

import runpy
from collections import Counter
from fractions import Fraction
from functools import cache
from statistics import median

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Patch
from some_slow import some_slow

from stability import landscape
from stability.dynamics.bifurcation.bifurcation import bifurcation
from stability.dynamics.bifurcation.families import leaky_family
from stability.dynamics.bifurcation.stationary_angles import stationary_angles
from stability.dynamics.phase_plane.named_planes import named_plane
from stability.dynamics.phase_plane.phase_plane import phase_portrait
from stability.geometry.atlas.layer_families import layer_families
from stability.plot.deep import places
from stability.plot.figures import draw_figure, figure_names, figures_folder, finding
from stability.plot.style import style
from stability.plot.trajectory import happenings
from stability.studies import start_geometry
from stability.studies.interventions import compare_on_xor
from stability.studies.rates import ends_by_loss, rates, tangency_rates
from stability.studies.start_geometry import dead_upper, determination, initial_losses
from stability.symbolic.angular import angular_loss
from stability.symbolic.phase_diagram import phase_diagram
from stability.training.deep.representations import images
from stability.training.deep.training import train_deep
from stability.training.ensembles.unit_geometry import distances

SLOW = [
    "deep_accuracy", "deep_layers", "deep_layers_by_penalty_alone", "end_states_by_init", "rules_portrait",
    "shares_of_relu2", "step_size_portrait", "tangency_grid", "two_unit_slice",
]  # fmt: skip
QUICK = [
    "basins_of_units", "boundary_lines", "depth_width", "failure_share", "layer_levels", "loss_percentile",
    "sliding_trajectory", "small_starts", "success_by_geometry", "time_against_distance",
]  # fmt: skip


protocol = cache(start_geometry.protocol)
"""Several figures and their findings are of the same runs."""


@pytest.fixture(autouse=True)
def _runs_once(monkeypatch):
    """Let the scripts of figures, which are imported anew each time, share these runs."""
    monkeypatch.setattr(start_geometry, "protocol", protocol)


@cache
def xor(model):
    return landscape(model, "xor")


@cache
def script(name):
    return runpy.run_path(str(figures_folder() / f"{name}.py"))


def kind_at(ratio, multiple):
    found = stationary_angles(xor("relu1"), 1, Fraction(ratio))
    return next(each.kind for each in found if each.theta == pytest.approx(multiple * np.pi))


def test_a_relu_is_repelled_and_then_attracted():
    assert "π/4" in finding("angular_bifurcation")
    assert [kind_at(b, 0.25) for b in ("-1", "-1/4", "1/4", "1")] == ["maximum", "maximum", "minimum", "minimum"]


@pytest.mark.parametrize("model", ["abs1", "relu1"])
def test_corners_are_at_kinks_of_class_1(model):
    assert "only where a point of class 1" in finding("angular_loss")
    for bias in script("angular_loss")["BIASES"]:
        loss = angular_loss(xor(model), 1, bias)
        for kink in loss.kinks():
            points, labels = (np.array(part, dtype=float) for part in (xor(model).data.points, xor(model).data.labels))
            z = points @ [np.cos(kink.angle), np.sin(kink.angle)] + float(bias)
            assert kink.jumps == labels[np.abs(z) < 1e-6].any()


def test_only_the_relu_curves_down():
    theta, beta = np.linspace(0, 2 * np.pi, 201)[None, :-1] + 0.01, np.linspace(-1.99, 1.99, 200)[:, None]
    lowest = {
        model: phase_diagram(xor(model), radius).signs(theta, beta).min()
        for model, radius, _ in script("angular_phase_diagram")["PANELS"][:2]
    }
    assert lowest == {"abs1": 0, "relu1": -1}


def test_the_atlases_have_nine_points_and_whole_regions():
    assert "nine isolated points only" in finding("atlas_3d")
    assert [each.dimension for each in xor("abs1").atlas().sets] == [0] * 9
    assert max(each.dimension for each in xor("relu1").atlas().sets) == 3
    kinds = [each.kind for each in xor("abs1").atlas().sets]
    assert [kinds.count(kind) for kind in ("global minimum", "local minimum")] == [2, 2]
    dead = next(each for each in xor("relu1").atlas().sets if each.dimension == 3)
    assert (dead.kind, set(dead.outputs)) == ("local minimum", {0})


def test_solutions_meet_four_cells_and_traps_lie_in_one():
    chart = xor("abs1").atlas().cell_map()
    cells = {each.index: len(chart.graph.cells_of(each.index)) for each in xor("abs1").atlas().minima}
    assert {(each.loss, cells[each.index]) for each in xor("abs1").atlas().minima} == {(0, 4), (1, 1)}


def test_trapped_starts_have_weights_that_differ_by_less_than_the_bias():
    place = xor("abs1")
    found = phase_portrait(place, named_plane(place, "w1,w2", [[0, 0, "1/2"]]), pixels=30, tracks=0)
    x, y = np.meshgrid(found.basins.x, found.basins.y)
    trapped = np.vectorize(lambda k: found.atlas.sets[k].loss > 0)(found.basins.labels)
    assert (trapped == (np.abs(x - y) < 0.5)).all()


def test_units_of_solved_runs_end_along_the_diagonal():
    for init in script("boundary_lines")["INITS"]:
        found = protocol(init, script("boundary_lines")["RUNS"])
        weights = found.rows(found.points)[found.success][..., :2]
        lengths = np.linalg.norm(weights, axis=-1)
        aside = np.degrees(np.arccos(np.minimum(np.abs(weights @ [1, -1]) / np.sqrt(2) / lengths, 1)))
        assert 0.9 <= np.mean(aside < 10) <= 1


def test_plain_relu_trains_at_no_width_beyond_depth_30():
    import pyarrow.parquet as pq

    rows = pq.read_table(script("depth_width")["RESULTS"]).to_pylist()
    best = {
        (row["method"], row["depth"], row["width"]): np.nanmean(np.array(row["train_accuracy_max"], float))
        for row in rows
    }
    last = {
        (row["method"], row["depth"], row["width"]): np.nanmean(np.array(row["train_accuracy_final"], float))
        for row in rows
    }
    assert max(value for (method, depth, _), value in best.items() if method == "relu" and depth > 30) < 0.55
    assert max(value for (method, depth, _), value in best.items() if method == "relu" and depth == 30) > 0.9
    for method in ("sep-u", "sep-p", "sep-pu", "sep-l"):
        own = [key for key in best if key[0] == method and key[1] > 30]
        assert max(best[key] for key in own) > 0.95
        assert np.mean([best[key] - last[key] for key in own]) > 0.05


def test_failures_miss_one_point_but_from_the_hypersphere():
    totals = {}
    for init in script("end_states_by_init")["INITS"]:
        ends = {key: n for key, n in ends_by_loss(protocol(init, 5000)).items() if key[0] != "0"}
        totals = {key: totals.get(key, 0) + ends.get(key, 0) for key in {**totals, **ends}}
        if init == "hypersphere":
            assert ends["1/4", 2] > 0.95 * sum(ends.values())
    assert max(totals, key=totals.get) == ("1/4", 3)
    assert totals["1/4", 3] > sum(totals.values()) / 2


def test_the_measured_failures_are_those_of_the_formula():
    proved, ratios = script("failure_share")["proved"], script("failure_share")["RATIOS"]
    shares = [proved(ratio) for ratio in ratios]
    assert shares == sorted(shares)
    for seed, s in enumerate(script("failure_share")["SCALES"]):
        for ratio in ratios:
            found = xor("abs1").basins(f"normal:{s}:{ratio * s:g}", script("failure_share")["SAMPLES"], seed)
            _, low, high = found.share_of(lambda each: each.loss > 0)
            assert low <= proved(ratio) <= high


@pytest.mark.parametrize(("units", "last"), [(1, Fraction(1, 3)), pytest.param(2, 1, marks=pytest.mark.slow)])
def test_traps_of_leaky_units_end_where_the_finding_says(units, last):
    diagram = bifurcation(leaky_family("xor", units), -1, 1, name="a")
    traps = [each for each in diagram.branches if each.kind == "local minimum"]
    assert max(float(each.high) for each in traps) == pytest.approx(float(last))
    assert min(float(each.low) for each in traps) == -1


def test_two_relu_units_rest_at_four_losses():
    atlas = xor("relu2").atlas()
    assert sorted({each.loss for each in atlas.sets}) == [0, 1, Fraction(4, 3), 2]
    assert {each.right == 4 for each in atlas.sets if each.loss == 0} == {True}
    assert {each.right == 4 for each in atlas.sets if each.loss > 0} == {False}


def test_an_output_layer_has_four_losses_and_silent_units_lead_out_of_two():
    assert "at losses 1/2, 2/3 and 1; silent units lead out of the last two" in finding("layer_levels")
    families = layer_families(xor(script("layer_levels")["MODEL"]).atlas())
    kinds = {(each.kind, str(each.loss)) for each in families}
    assert {loss for kind, loss in kinds if kind == "local minimum"} == {"1", "2/3", "1/2"}
    assert {loss for kind, loss in kinds if kind == "saddle"} == {"1", "2/3", "1/2"}
    assert {str(each.loss) for each in families if each.escapes} == {"1", "2/3"}
    assert {each.loss for each in families if each.kind == "global minimum"} == {0}


def test_small_starts_pause_at_saddles_with_silent_units_and_end_at_minima():
    figure = script("small_starts")
    families = layer_families(xor(figure["MODEL"]).atlas())
    saddles = [float(each.loss) for each in families if each.escapes]
    minima = [float(each.loss) for each in families if "minimum" in each.kind]
    assert "at saddles of losses 1 and 2/3, longer if smaller" in finding("small_starts")
    ends, left = [], []
    for scale, near in ((1e-2, 0.005), (1e-3, 0.0005)):
        curves = figure["runs"](scale)
        pauses = [each for each in curves.plateaus() if not each.final]
        away = [min(abs(each.loss - level) for level in saddles) for each in pauses]
        assert max(away) < near
        paused = {min(saddles, key=lambda level, each=each: abs(each.loss - level)) for each in pauses}
        assert paused == {1.0, 2 / 3}
        last = curves.losses[:, -1]
        assert max(min(abs(loss - level) for level in minima) for loss in last) < 1e-6
        ends.append(np.round(last, 4).tolist())
        left.append({(each.run, round(each.loss, 1)): each.end - each.start for each in pauses})
    assert ends[0] == ends[1]
    assert set(left[0]) < set(left[1])
    assert all(left[1][key] > time for key, time in left[0].items())
    assert sorted({(end, ends[0].count(end)) for end in ends[0]}) == [(0, 4), (0.5, 1), (0.6667, 6), (1, 1)]


@pytest.mark.parametrize("init", ["normal:0.5", "torch-default"])
def test_starts_below_a_quarter_succeed_and_unseen_points_are_seldom_solved(init):
    found = protocol(init, 20_000)
    assert found.success[initial_losses(found) < 1 / 4].all()
    by_dead = rates(found.success, dead_upper(found), 3)
    assert all(share < 0.02 for share, runs in zip(by_dead.shares[1:], by_dead.runs[1:], strict=True) if runs)
    if init == "normal:0.5":
        x, y = distances(found)[found.success], found.stopped[found.success]
        assert determination(x, y) > 0.8


def test_minima_of_a_relu_are_no_solutions():
    assert {each.loss for each in xor("abs1").atlas().minima} == {0, 1}
    assert min(each.loss for each in xor("relu1").atlas().minima) > 0


def test_events_on_the_way_to_a_solution():
    found = xor("relu2").flow(script("sliding_trajectory")["START"])
    assert [event.kind for event in happenings(found)] == [
        "crossing",
        "sliding begins",
        "sliding ends",
        "sliding begins",
    ]
    assert found.loss == 0


def test_large_steps_leave_traps():
    place = xor("abs1")
    for step in (None, "1/5", "6/25"):
        found = phase_portrait(place, named_plane(place, "p,b"), step=step, pixels=30, tracks=0)
        share = np.mean([k >= 0 and found.atlas.sets[k].loss > 0 for k in found.basins.labels.ravel()])
        assert share == pytest.approx(0.5, abs=0.02) if step is None else share < 0.2


@pytest.mark.slow
def test_the_policy_better_harms_nobody():
    for law in script("control")["LAWS"]:
        none, *_, better = compare_on_xor(script("control")["RUNS"], ["better"], init=law)
        assert none.successes / none.runs < 0.5
        assert better.successes / better.runs > 0.98
        assert better.harmed == 0


def places_of(run, seed):
    """Return how many places the points have after layers 25 and 50."""
    seen = images(run, seed, run.data.x_train)
    return tuple(places(seen.h[layer - 1]) for layer in (25, 50))


@pytest.mark.slow
def test_deep_networks_do_what_the_findings_say():
    figure = script("deep_accuracy")
    for method in figure["METHODS"]:
        run = train_deep("moons", 50, 4, method, seeds=figure["SEEDS"], epochs=figure["EPOCHS"], device="cpu")
        assert (run.train_accuracy_max.max() > 44 / 85 + 1e-6) == (method not in ("relu", "leaky"))
    figure = script("deep_layers")
    for method in figure["METHODS"]:
        run = train_deep("moons", 50, 4, method, seeds=figure["SEEDS"], epochs=figure["EPOCHS"], device="cpu")
        middle, last = places_of(run, figure["best"](run))
        assert (middle, last) == (1, 1) if method == "relu" else middle > 1
        assert method not in ("sep-p", "sep-pu", "sep-l") or last > 24


@pytest.mark.slow
@pytest.mark.parametrize("method", ["relu", "relu-bn", "sep-l", "sep-pu"])
def test_the_penalty_alone_keeps_points_apart(method):
    """How well depends on the seed, and on how the processor rounds."""
    epochs = script("deep_layers_by_penalty_alone")["EPOCHS"]
    run = train_deep("moons", 50, 4, method, main_loss=False, seeds=8, epochs=epochs, device="cpu")
    found = [places_of(run, place) for place in range(8)]
    middle, last = zip(*found, strict=True)
    if method == "relu":
        assert median(last) == 1
    else:
        assert min(middle) > 1
    if method.startswith("sep"):
        assert min(last) > 1
        assert median(last) > 30


@pytest.mark.slow
def test_shares_change_as_the_findings_say():
    spreads = script("shares_of_relu2")["SPREADS"]
    found = [xor("relu2").basins(f"normal:1:{spread:g}", script("shares_of_relu2")["SAMPLES"]) for spread in spreads]
    solved, dead = ([each.share_of(lambda end, loss=loss: end.loss == loss)[0] for each in found] for loss in (0, 2))
    assert solved == sorted(solved, reverse=True)
    assert dead == sorted(dead)
    figure = script("tangency_grid")
    grid = tangency_rates(figure["SHARES"], figure["ALPHAS"], figure["RUNS"]).shares
    assert (np.diff(grid, axis=1) < 0).all()


@pytest.mark.slow
def test_two_units_end_in_four_ways():
    for name, origin, pixels in script("two_unit_slice")["PANELS"].values():
        found = phase_portrait(xor("relu2"), named_plane(xor("relu2"), name, origin), pixels=pixels, tracks=0)
        ends = {(found.atlas.sets[k].loss, found.atlas.sets[k].right) for k in found.basins.seen if k >= 0}
        assert ends <= set(script("two_unit_slice")["WORDS"])


# How figures look


def explained(name):
    with style():
        figure = draw_figure(name)
    assert all(ax.get_xlabel() or ax.get_ylabel() for ax in figure.axes)
    assert figure.axes[0].get_title()
    bars = [ax for ax in figure.axes if ax.get_label() == "<colorbar>"]
    texts = [text for legend in figure.legends for text in legend.get_texts()]
    assert texts or bars
    assert all(text.get_text() for text in texts)
    titles = [text for ax in figure.axes for text in [ax.title, ax.xaxis.label, *ax.get_xticklabels()]]
    assert min(text.get_fontsize() for text in [*titles, *texts]) >= 7.5
    assert figure.get_suptitle().replace("\n", " ") == finding(name)
    repeated = [colour for colour, times in Counter(fills(figure)).items() if times > 1]
    assert not repeated, f"{name}: one colour of areas means two things"


def fills(figure):
    """Return the face colours of all areas in the legends of a figure, with hatches, once for each entry."""
    handles = [handle for legend in figure.legends for handle in legend.legend_handles]
    parts = [each for handle in handles for each in (handle if isinstance(handle, tuple) else [handle])]
    return [(to_hex(each.get_facecolor()), each.get_hatch()) for each in parts if isinstance(each, Patch)]


@pytest.mark.parametrize("name", some_slow(QUICK, 5))
def test_pictures_are_titled_and_explained(name):
    explained(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_slow_pictures_are_titled_and_explained(name):
    explained(name)


def test_the_gallery_is_drawn():
    names = figure_names()
    assert len(names) >= 10
    assert {*SLOW, *QUICK} <= {*names}
    assert not [name for name in names for end in ("png", "svg") if not (figures_folder() / f"{name}.{end}").exists()]
