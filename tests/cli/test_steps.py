"""The command that says which steps are stable: minima of an atlas, single points, and what it refuses."""

import json

import pytest
from typer.testing import CliRunner

from stability import landscape, stability_regions
from stability.cli.main import app
from stability.errors import StabilityError, UnknownNameError

AT = "[[2, -2, -2, 1/2], [-1, 1, -1, 1]]"


def run(*arguments):
    found = CliRunner().invoke(app, ["steps", *arguments])
    if isinstance(found.exception, StabilityError):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.stdout


def test_all_minima_are_listed_with_their_limits():
    shown = run("abs1", "xor", "--rule", "heavy-ball")
    assert shown.count("steps below 1/4") == shown.count("steps below 19/40") == 4
    assert json.loads(run("relu1", "xor", "--json")) == stability_regions(landscape("relu1", "xor"), "gd").to_json()


def test_one_point_with_trained_output_weights():
    shown = run("relu2-out", "xor", "--at", AT)
    assert "steps below 4/19" in shown
    assert "6 (2 by scaling of units, 4 other)" in shown
    found = json.loads(run("relu2-out", "xor", "--at", AT, "--loss", "mean", "--json"))
    assert (found["limits"]["0"]["value"], found["loss_kind"], found["point"][0][3]) == ("16/19", "mean", "1/2")


def test_several_outputs_have_points_only():
    assert "19/40" not in run("relu2-linear", "xor", "--at", "[[1,-1,-1,-1,1],[-1,1,-1,-1,1],[1,0]]")
    with pytest.raises(UnknownNameError, match="--at POINT"):
        run("relu2-linear", "xor")


def test_rules_without_a_limit_are_refused():
    with pytest.raises(UnknownNameError, match="linear near a minimum"):
        run("abs1", "xor", "--rule", "sign")
