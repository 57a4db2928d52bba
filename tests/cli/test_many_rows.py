"""Hundreds and thousands of rows: every command answers, or refuses at once with the size that would do."""

import json
import random

import pytest
from typer.testing import CliRunner

from stability.cli import main as cli
from stability.errors import TooLargeError

REFUSED = {
    "atlas": ["atlas", "relu1", "DATA"],
    "flow": ["flow", "relu1", "DATA", "--from", "[[1, 0, 0]]"],
    "basins": ["basins", "relu1", "DATA", "--init", "normal:1", "--samples", "5"],
    "bifurcation": ["bifurcation", "relu1", "DATA", "--vary", "label:1", "--range", "0,1"],
    "derive": ["derive", "relu1", "DATA"],
}
BASINS = ["basins", "relu1", "DATA", "--init", "normal:1", "--samples", "3", "--rule", "gd", "--steps", "20", "--json"]
ANSWERED = {
    "classify": ["classify", "relu1", "DATA", "--at", "[[0, 1, -1]]", "--json"],
    "basins": [*BASINS, "--step", "1/5000"],
    "steps": [*BASINS, "--step", "1/5000,1/9000"],
    "train": ["train", "relu2", "DATA", "--init", "normal:1", "--restarts", "5", "--epochs", "5", "--json"],
}


@pytest.fixture(scope="module", params=[500, pytest.param(5000, marks=pytest.mark.slow)])
def rows(request, tmp_path_factory):
    rng, file = random.Random(request.param), tmp_path_factory.mktemp("rows") / "rows.csv"
    lines = [f"{rng.gauss(0, 1):.4f},{rng.gauss(0, 1):.4f},{rng.randint(0, 1)}" for _ in range(request.param)]
    file.write_text("\n".join(["x1,x2,y", *lines]) + "\n")
    return str(file)


def invoke(arguments, rows):
    return CliRunner().invoke(cli.app, [rows if each == "DATA" else each for each in arguments])


@pytest.mark.parametrize("command", REFUSED)
def test_what_needs_the_whole_arrangement_is_refused_with_the_size_that_would_do(command, rows):
    with pytest.raises(TooLargeError, match=r"points"):
        raise invoke(REFUSED[command], rows).exception


@pytest.mark.parametrize("command", ANSWERED)
def test_what_needs_floats_or_one_point_is_answered(command, rows):
    result = invoke(ANSWERED[command], rows)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    if command == "basins":
        assert sum(each["count"] for each in found["levels"]) + found["diverged"] == 3
    if command == "steps":
        assert [each["rule"].split("/")[1][:4] for each in found] == ["5000", "9000"]
