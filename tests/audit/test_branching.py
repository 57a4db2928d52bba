"""The bifurcation command: what it reads, and what it tells."""

import json
from fractions import Fraction

import pytest
from typer.testing import CliRunner

from stability.audit import branching
from stability.cli import app
from stability.errors import NumberError, StabilityError, UnknownNameError
from stability.model import Dataset, Network, landscape, leaky_relu
from stability.model.landscapes import Landscape

RUNNER = CliRunner()


def told(*arguments):
    found = RUNNER.invoke(app, ["bifurcation", *arguments, "--json"], catch_exceptions=False)
    assert found.exit_code == 0
    return json.loads(found.stdout)


def atlas_at(place, kind):
    return sorted(each.loss for each in place.atlas().sets for _ in range(each.orbit) if each.kind == kind)


def test_the_traps_of_the_leaky_unit_live_between_the_absolute_value_and_the_relu():
    found = told("relu1", "xor", "--vary", "slope", "--range", "0,-1")
    assert (found["low"], found["high"], found["parameter"], found["vary"]) == ("-1", "0", "a", "slope")
    traps = [branch for branch in found["branches"] if branch["kind"] == "local minimum"]
    assert [branch["loss"]["formula"] for branch in traps] == ["1", "1"]
    assert {event["value"] for event in found["events"]} >= {"0"}
    for slope in (Fraction(-2, 3), Fraction(-1, 7)):
        place = Landscape(Network(leaky_relu(slope), 1), landscape("relu1", "xor").data, "sum")
        assert atlas_at(place, "local minimum") == [1, 1]
        assert atlas_at(place, "global minimum") == [(slope + 1) ** 2 / (slope**2 + 3)] * 2


def test_the_order_of_the_ends_does_not_matter():
    assert branching.question("slope", "0,-1") == branching.question("slope", " -1 , 0")


def test_examples_and_axes_are_counted_from_one():
    place = landscape("relu1", Dataset("two", [[0, 1], [2, 3]], [0, 1]))
    assert branching.family(place, "label:2")(Fraction(5)).data.labels == (0, 5)
    assert branching.family(place, "coordinate:1:2")(Fraction(7)).data.points == ((0, 7), (2, 3))
    assert branching.family(place, "slope")(Fraction(1, 3)).network.unit == leaky_relu("1/3")


def test_the_loss_kind_reaches_the_family():
    found = told("relu1", "xor", "--vary", "slope", "--range=-1,0", "--loss", "mean")
    assert {b["loss"]["formula"] for b in found["branches"] if b["kind"] == "local minimum"} == {"1/4"}


def test_a_label_that_varies_makes_a_trap_at_one_third():
    found = told("relu1", "xor", "--vary", "label:1", "--range", "0,1")
    born = [b for b in found["branches"] if b["low"]["value"] == "1/3"]
    assert sorted(b["kind"] for b in born) == ["local minimum", "saddle"]
    points = landscape("relu1", "xor").data.points
    for label, count in ((Fraction(1, 4), 0), (Fraction(1, 2), 1)):
        place = landscape("relu1", Dataset("xor", points, [label, 1, 0, 0]))
        assert atlas_at(place, "local minimum").count((label + 1) ** 2 / 4) == count


def test_the_ratio_turns_a_peak_into_a_valley_at_zero():
    found = told("relu1", "xor", "--vary", "ratio", "--range=-1/4,1/4")
    assert [span["high"]["value"] for span in found["spans"]][:1] == ["0"]
    quarter = [[a["kind"] for a in span["angles"] if abs(a["theta"] - 0.7853981634) < 1e-6] for span in found["spans"]]
    assert quarter == [["maximum"], ["minimum"]]


def test_tables_show_what_happens_in_brackets():
    found = RUNNER.invoke(app, ["bifurcation", "relu1", "xor", "--vary", "slope", "--range", "0,-1"])
    assert "[infinity]" in found.stdout
    assert "(a + 1)^2/(a^2 + 3)" in found.stdout


def test_the_picture_is_written(tmp_path):
    for number, what in enumerate((["slope", "--range", "0,-1"], ["ratio", "--range", "0,1"])):
        path = tmp_path / f"{number}.svg"
        found = RUNNER.invoke(app, ["bifurcation", "relu1", "xor", "--vary", *what, "-o", str(path)])
        assert found.exit_code == 0
        assert path.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("vary", "span", "error", "hint"),
    [
        ("slop", "0,1", UnknownNameError, "slope"),
        ("slope", "1", NumberError, "--range"),
        ("slope", "a,b", NumberError, "rational"),
        ("slope", "1,1", StabilityError, "range"),
        ("slope:1", "0,1", UnknownNameError, "slope"),
        ("label", "0,1", UnknownNameError, "label:1"),
        ("label:0", "0,1", NumberError, "from 1"),
        ("label:5", "0,1", NumberError, "to 4"),
        ("label:x", "0,1", NumberError, "to 4"),
        ("coordinate:1:3", "0,1", NumberError, "to 2"),
        ("ratio", "1,1", StabilityError, "range"),
    ],
)
def test_what_makes_no_sense_is_told(vary, span, error, hint):
    place = landscape("relu1", "xor")
    with pytest.raises(error) as problem:
        branching.answer(place, branching.question(vary, span))
    assert hint in str(problem.value)


def test_several_units_have_no_ratio():
    with pytest.raises(StabilityError, match="one unit"):
        branching.answer(landscape("relu2", "xor"), branching.question("ratio", "0,1"))
