"""The command that searches for stationary points in floats."""

import json

import pytest
from command_line import printed

from stability.cli import searching
from stability.cli.main import app
from stability.dynamics.search import fixed_points as search_module
from stability.errors import NumberError, StabilityError


def report(*words):
    return json.loads(printed("fixed-points", *words, "--json"))


def test_enough_starts_find_both_solutions_and_both_traps_of_one_absolute_unit():
    """|w.x + b| is XOR at w = +-(1/2, -1/2), b = 0, and rests at w = 0, b = +-1/2 with loss 4 (1/2)^2."""
    found = report("abs1", "xor", "--starts", "60")
    points = {tuple(round(x, 4) + 0.0 for x in each["point"]): each["loss"] for each in found["points"]}
    assert {(0.5, -0.5, 0.0), (-0.5, 0.5, 0.0), (0.0, 0.0, 0.5), (0.0, 0.0, -0.5)} <= points.keys()
    assert points[0.5, -0.5, 0.0] == pytest.approx(0)
    assert points[0.0, 0.0, 0.5] == pytest.approx(1)
    assert found["agreement"]["strangers"] == []
    assert sum(each["hits"] for each in found["points"]) + found["failed"] == 60


@pytest.mark.parametrize(
    ("words", "asked"),
    [([], (200, 0, 1.5)), (["--starts", "3", "--seed", "4", "--spread", "0.5"], (3, 4, 0.5))],
)
def test_options_and_their_defaults_reach_the_search(words, asked, monkeypatch):
    given = []

    def search(place, starts, seed, spread, progress):
        given.append((starts, seed, spread))
        raise KeyboardInterrupt

    monkeypatch.setattr(search_module, "fixed_points", search)
    printed("fixed-points", "abs1", "xor", *words, status=130)
    assert given == [asked]


def test_the_mean_is_a_quarter_of_the_sum():
    by_sum, by_mean = report("abs1", "xor", "--starts", "12"), report("abs1", "xor", "--starts", "12", "--loss", "mean")
    assert [4 * each["loss"] for each in by_mean["points"]] == pytest.approx(
        [each["loss"] for each in by_sum["points"]]
    )


def test_a_smooth_network_has_no_atlas_to_be_compared_with():
    found = report("tanh1", "xor", "--output-layer", "--starts", "6", "--seed", "2")
    assert found["agreement"] is None
    assert all(len(each["point"]) == 5 for each in found["points"])
    again = report("tanh1", "xor", "--output-layer", "--starts", "6", "--seed", "2")
    assert again["points"] == found["points"]


def test_beyond_the_budget_the_search_is_shown_alone(tmp_path):
    shown = printed("fixed-points", "abs1", "xor", "--starts", "4")
    assert "stationary sets found" in shown
    (tmp_path / "line.csv").write_text("x1,y\n1,2\n3,1\n")
    shown = printed("fixed-points", "relu1", tmp_path / "line.csv", "--starts", "4", "--max-faces", "1")
    assert "A search proves nothing." in shown
    assert "stationary sets found" not in shown


@pytest.mark.parametrize(
    ("words", "error"),
    [("--starts 0", NumberError), ("--spread 0", StabilityError), ("--loss median", StabilityError)],
)
def test_what_makes_no_sense_is_refused(words, error):
    with pytest.raises(error):
        printed("fixed-points", "abs1", "xor", *words.split())


def test_it_is_a_command_under_its_name():
    registered = {each.name: each.callback for each in app.registered_commands}
    assert registered["fixed-points"] is searching.fixed_points
