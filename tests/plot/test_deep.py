"""Do the pictures of deep networks show the points, answers and accuracies that they say?"""

import numpy as np
import pytest
from matplotlib.figure import Figure

from stability.errors import DataError, UnknownNameError
from stability.plot.deep import (
    GRID,
    draw_accuracies,
    draw_answers,
    draw_depth_width,
    draw_layer,
    marked,
    places,
    spread_out,
)
from stability.training.deep.datasets import given
from stability.training.deep.representations import images
from stability.training.deep.training import train_deep


def axes():
    return Figure().subplots()


def drawn(ax):
    return np.concatenate([np.asarray(each.get_offsets()) for each in ax.collections])


def test_points_after_a_layer_keep_their_distances():
    rng = np.random.default_rng(0)
    plane, _ = np.linalg.qr(rng.normal(size=(4, 2)))
    flat = rng.normal(size=(12, 2))
    labels = np.arange(12) % 2
    ax = draw_layer(axes(), flat @ plane.T + 7, labels)
    order = np.argsort(labels, kind="stable")
    own = np.linalg.norm(flat[order][:, None] - flat[order][None], axis=-1)
    shown = drawn(ax)
    seen = np.linalg.norm(shown[:, None] - shown[None], axis=-1)
    np.testing.assert_allclose(seen * own.max() / seen.max(), own, atol=1e-12)
    assert ax.get_xlabel() == "12 places"
    assert [len(each.get_offsets()) for each in ax.collections] == [6, 6]


def test_places_are_counted_and_collapsed_points_are_one_spot():
    assert places(np.zeros((5, 3))) == 1
    assert places(np.array([[1.0, 0], [1.0, 0], [1.0, 1e-6], [0.5, 0]])) == 2
    ax = draw_layer(axes(), np.full((5, 3), 2.0), [0, 1, 0, 1, 1])
    assert ax.get_xlabel() == "one place"
    assert not drawn(ax).any()
    assert draw_layer(axes(), [[0.0], [1.0]], [0, 1]).get_xlabel() == "2 places"


def test_the_answers_drawn_are_those_of_the_network():
    run = train_deep("moons", 3, 6, "relu", seeds=2, epochs=200)
    ax = draw_answers(axes(), run, 1)
    (picture,) = ax.images
    left, right, low, high = picture.get_extent()
    first, second = np.meshgrid(np.linspace(left, right, GRID), np.linspace(low, high, GRID))
    answers = images(run, 1, np.stack([first.ravel(), second.ravel()], 1)).logits > 0
    np.testing.assert_array_equal(np.asarray(picture.get_array()).ravel(), answers)
    assert ax.get_xlabel() == f"{round(85 * run.train_accuracy_final[1])} of 85 right"
    line = given("line", [[0.0], [1.0]], [0, 1], np.empty((0, 1)), [])
    with pytest.raises(DataError):
        draw_answers(axes(), train_deep(line, 1, 1, "relu", seeds=1, epochs=1), 0)


def test_accuracies_drawn_are_those_of_the_seeds():
    runs = {method: train_deep("moons", 3, 3, method, seeds=4, epochs=50) for method in ("relu", "sep-u")}
    ax = draw_accuracies(axes(), runs, "val", {"relu": 0.4, "sep-u": None})
    heights = [np.asarray(each.get_offsets())[:, 1] for each in ax.collections]
    for k, run in enumerate(runs.values()):
        np.testing.assert_array_equal(heights[2 * k], run.val_accuracy_max)
        np.testing.assert_array_equal(heights[2 * k + 1], run.val_accuracy_final)
    (bar,) = ax.get_lines()
    assert list(bar.get_ydata()) == [0.4, 0.4]
    assert spread_out([0.5, 0.5, 0.5, 1.0], 0.1, 1).tolist() == pytest.approx([-0.2, 0, 0.2, 0])


def test_depths_and_widths_are_means_over_seeds():
    rows = [
        {"depth": 10, "width": 2, "method": "relu", "train_accuracy_max": [0.5, 0.7]},
        {"depth": 2, "width": 2, "method": "relu", "train_accuracy_max": 0.75},
        {"depth": 2, "width": 2, "method": "relu", "train_accuracy_max": 1.0},
        {"depth": 2, "width": 3, "method": "relu", "train_accuracy_max": [None, 0.9]},
        {"depth": 2, "width": 3, "method": "sep-u", "train_accuracy_max": 0.1},
    ]
    ax = axes()
    image = draw_depth_width(ax, rows, "relu")
    found = np.ma.filled(image.get_array().astype(float), np.nan)
    np.testing.assert_allclose(found, [[0.875, 0.9], [0.6, np.nan]])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["2", "3"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["2", "10"]
    with pytest.raises(UnknownNameError):
        draw_depth_width(axes(), rows, "sep-l")


def test_few_rows_are_labelled_of_many():
    assert marked(5) == [0, 1, 2, 3, 4]
    assert marked(38) == [0, 5, 10, 15, 20, 25, 30, 35]
