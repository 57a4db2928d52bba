"""Reports of a search for stationary points: on which network, and what the tables count."""

import numpy as np
import pytest
from command_line import cells

from stability import Dataset, Landscape, landscape
from stability.cli.search_report import LEVELS_SHOWN, compared_with, fixed_points_parts, report, searched
from stability.dynamics.search.fixed_points import Agreement, FixedPoints, FoundPoint
from stability.dynamics.search.float_networks import TwoLayer
from stability.errors import StabilityError, UnknownNameError

PLACE = landscape("abs1", "xor")


def point(*numbers, loss=0.0, kind="minimum", hits=1):
    at = np.array(numbers, dtype=float)
    outputs = np.abs(np.array([[-1, 1], [1, -1], [-1, -1], [1, 1]]) @ at[:2] + at[2])
    return FoundPoint(at, loss, outputs, 0.0, [], kind, hits)


def found(points, problem=PLACE, failed=0):
    return FixedPoints(problem, 40, 3, 1e-5, list(points), failed)


@pytest.mark.parametrize(
    ("model", "output", "kind", "count", "parameters"),
    [
        ("abs2", False, Landscape, 2, 6),
        ("abs2", True, TwoLayer, 2, 9),
        ("tanh2", False, TwoLayer, 2, 6),
        ("tanh:2", True, TwoLayer, 2, 9),
        ("softplus1", True, TwoLayer, 1, 5),
    ],
)
def test_a_model_is_exact_unless_it_is_smooth_or_its_output_layer_is_trained(model, output, kind, count, parameters):
    """Units of the plane have 3 parameters; a trained output layer has a weight more for each, and a constant."""
    place = searched(model, "xor", "mean", output)
    assert isinstance(place, kind)
    assert place.loss_kind == "mean"
    assert (place.units if kind is Landscape else place.count) == count
    assert (3 * count if kind is Landscape else place.parameters) == parameters


@pytest.mark.parametrize("model", ["tan2", "tanh0", "tanh", "abs", ""])
def test_a_model_that_is_none_is_refused(model):
    with pytest.raises(StabilityError):
        searched(model, "xor", "sum", False)
    with pytest.raises(StabilityError):
        searched(model, "xor", "sum", True)


def test_a_level_counts_points_and_starts_and_shows_one_of_them():
    points = [
        point(0.5, -0.5, 1e-20, hits=7),
        point(-0.5, 0.5, 0, hits=5),
        point(0, 0, 0.5, loss=1.0, hits=1200),
        point(0, 0, 0, loss=1.0, kind="kink", hits=2),
    ]
    head, table, meaning = fixed_points_parts(found(points, failed=3), None)
    assert head.startswith("abs1 on xor")
    assert "4 different points from 40 starts, seed 3; 3 starts ended nowhere. A search proves nothing." in head
    assert cells(table) == (
        ["loss", "kind", "points", "starts", "one of them"],
        [
            ["~0", "minimum", "2", "12", "~(0.5, -0.5, 0)"],
            ["~1", "minimum", "1", "1,200", "~(0, 0, 0.5)"],
            ["~1", "kink", "1", "2", "~(0, 0, 0)"],
        ],
    )
    assert "Hessian" in meaning


@pytest.mark.parametrize(("more", "rows"), [(0, LEVELS_SHOWN), (1, LEVELS_SHOWN + 1), (5, LEVELS_SHOWN + 1)])
def test_many_levels_are_cut_and_counted(more, rows):
    points = [point(k, 0, 0, loss=float(k)) for k in range(LEVELS_SHOWN + more)]
    shown = cells(fixed_points_parts(found(points), None)[1])[1]
    assert len(shown) == rows
    assert shown[0][0] == "~0"
    if more:
        assert shown[-1] == [f"{more} more", "", "", "", "--json lists all"]


def test_a_search_that_found_nothing_has_an_empty_table():
    head, table, _ = fixed_points_parts(found([], failed=40), None)
    assert "0 different points" in head
    assert cells(table)[1] == []


def test_sets_of_the_atlas_are_found_or_missed_and_strangers_counted():
    """abs1 on xor has nine sets: two of loss 0, two of loss 1, four of loss 4/3, one of loss 2."""
    sets = PLACE.atlas().sets
    compared = Agreement([(sets[2], 3), (sets[0], 1)], [*sets[3:], sets[1]], [point(9, 9, 9, loss=5.0)])
    *_, head, table = fixed_points_parts(found([]), compared)
    assert head == "2 of 9 stationary sets found, 1 points fit none of them."
    rows = cells(table)[1]
    assert [row[0] for row in rows] == [str(k) for k in range(9)]
    assert [row[2] for row in rows] == ["0", "0", "1", "1", *["4/3"] * 4, "2"]
    assert [row[3] for row in rows] == ["1", "missed", "3", *["missed"] * 6]


def test_a_comparison_is_made_where_an_atlas_is_affordable():
    exact = found([point(0.5, -0.5, 0), point(9, 9, 9, loss=5.0)])
    compared = compared_with(exact, None)
    assert [(each.loss, count) for each, count in compared.found] == [(0, 1)]
    assert (len(compared.missed), len(compared.strangers)) == (8, 1)
    assert compared_with(found([], searched("tanh2", "xor", "sum", True)), None) is None
    assert compared_with(found([], landscape("relu1", Dataset("own", [[1], [3]], [0, 1]))), 1) is None


def test_the_report_has_the_comparison_or_says_that_there_is_none():
    exact = found([point(0.5, -0.5, 0)])
    assert report(exact, None)["agreement"] is None
    reported = report(exact, compared_with(exact, None))
    assert reported["points"][0]["point"] == [0.5, -0.5, 0]
    assert (reported["starts"], reported["seed"], reported["failed"]) == (40, 3, 0)
    assert len(reported["agreement"]["missed"]) == 8


def test_data_that_are_none_are_refused():
    with pytest.raises(StabilityError):
        searched("abs1", "nowhere.csv", "sum", False)
    with pytest.raises(UnknownNameError):
        searched("tanh2", "xor", "median", False)
