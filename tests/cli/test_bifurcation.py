"""The bifurcation command: what it reads, and what it reports."""

import json
from collections import Counter
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from typer.testing import CliRunner

from stability import Landscape, landscape
from stability.cli import bifurcation as branching
from stability.cli.main import app
from stability.dynamics.bifurcation import questions
from stability.dynamics.bifurcation.angular import angular_bifurcation
from stability.dynamics.bifurcation.families import coordinate_family, label_family, leaky_family
from stability.dynamics.bifurcation.stationary_angles import stationary_angles
from stability.errors import FileError, NumberError, PointError, StabilityError, TooLargeError, UnknownNameError
from stability.geometry.atlas.atlas import known_atlas
from stability.model.datasets import Dataset
from stability.model.networks import Network
from stability.model.units import leaky_relu

RUNNER = CliRunner()


def report(*arguments):
    found = RUNNER.invoke(app, ["bifurcation", *arguments, "--json"], catch_exceptions=False)
    assert found.exit_code == 0
    return json.loads(found.stdout)


@cache
def shown(*arguments):
    found = RUNNER.invoke(app, ["bifurcation", *arguments], catch_exceptions=False)
    assert found.exit_code == 0
    return found.stdout


def refusal(*arguments):
    """Return the error of a command, which must say what to try and print nothing else."""
    found = RUNNER.invoke(app, ["bifurcation", *arguments])
    assert isinstance(found.exception, StabilityError), found.output
    assert found.exception.remedy
    assert found.stdout == ""
    return found.exception


def atlas_at(place, kind):
    return sorted(each.loss for each in known_atlas(place).sets for _ in range(each.orbit) if each.kind == kind)


def test_the_traps_of_the_leaky_unit_live_between_the_absolute_value_and_the_relu():
    found = report("relu1", "xor", "--vary", "slope", "--range", "0,-1")
    assert (found["low"], found["high"], found["parameter"], found["vary"]) == ("-1", "0", "a", "slope")
    traps = [branch for branch in found["branches"] if branch["kind"] == "local minimum"]
    assert [branch["loss"]["formula"] for branch in traps] == ["1", "1"]
    assert {event["value"] for event in found["events"]} >= {"0"}
    for slope in (Fraction(-2, 3), Fraction(-1, 7)):
        place = Landscape(Network(leaky_relu(slope), 1), landscape("relu1", "xor").data, "sum")
        assert atlas_at(place, "local minimum") == [1, 1]
        assert atlas_at(place, "global minimum") == [(slope + 1) ** 2 / (slope**2 + 3)] * 2


def test_the_order_of_the_ends_does_not_matter():
    assert questions.question("slope", "0,-1") == questions.question("slope", " -1 , 0")


def test_examples_and_axes_are_counted_from_one():
    place = landscape("relu1", Dataset("two", [[0, 1], [2, 3]], [0, 1]))
    assert questions.family(place, "label:2")(Fraction(5)).data.labels == (0, 5)
    assert questions.family(place, "coordinate:1:2")(Fraction(7)).data.points == ((0, 7), (2, 3))
    assert questions.family(place, "slope")(Fraction(1, 3)).network.unit == leaky_relu("1/3")


def test_the_loss_kind_reaches_the_family():
    found = report("relu1", "xor", "--vary", "slope", "--range=-1,0", "--loss", "mean")
    assert {b["loss"]["formula"] for b in found["branches"] if b["kind"] == "local minimum"} == {"1/4"}


def test_a_label_that_varies_makes_a_trap_at_one_third():
    found = report("relu1", "xor", "--vary", "label:1", "--range", "0,1")
    born = [b for b in found["branches"] if b["low"]["value"] == "1/3"]
    assert sorted(b["kind"] for b in born) == ["local minimum", "saddle"]
    points = landscape("relu1", "xor").data.points
    for label, count in ((Fraction(1, 4), 0), (Fraction(1, 2), 1)):
        place = landscape("relu1", Dataset("xor", points, [label, 1, 0, 0]))
        assert atlas_at(place, "local minimum").count((label + 1) ** 2 / 4) == count


def test_the_ratio_turns_a_peak_into_a_valley_at_zero():
    found = report("relu1", "xor", "--vary", "ratio", "--range=-1/4,1/4")
    assert [span["high"]["value"] for span in found["spans"]][:1] == ["0"]
    quarter = [[a["kind"] for a in span["angles"] if abs(a["theta"] - 0.7853981634) < 1e-6] for span in found["spans"]]
    assert quarter == [["maximum"], ["minimum"]]


def test_tables_show_in_words_where_a_set_goes():
    found = RUNNER.invoke(app, ["bifurcation", "relu1", "xor", "--vary", "slope", "--range", "0,-1"])
    assert "there infinity" in found.stdout
    assert "(a + 1)^2/(a^2 + 3)" in found.stdout


def test_tables_of_the_flagship():
    lines = shown("relu1", "xor", "--vary", "slope", "--range", "0,-1").splitlines()
    assert lines[0] == (
        "relu1 on xor (sum of squares) with a for the slope left of 0 (in place of 0), -1 <= a <= 0: "
        "9 branches, 2 events"
    )
    assert lines[1].endswith("complete at every a of the range; atlases agree at a = -1, -1/2, 0.")
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if line.startswith("│")]
    assert rows[:4] == [
        ["-1", "0", "global minimum", "2", "0", "(a + 1)^2/(a^2 + 3)"],
        ["-1", "0", "local minimum", "2", "0", "1"],
        ["-1", "0", "saddle", "4", "0", "4/3"],
        ["-1", "0", "saddle", "1", "0", "2"],
    ]
    assert rows[4] == ["-1", "border collision, 2 times: there global minimum, loss 0; after global minimum"]
    assert [row[0] for row in rows[4:] if row[0]] == ["-1", "0"]
    assert lines[-1] == "only here: a set is there at this parameter only"


@pytest.mark.parametrize("what", ["slope", "label:4", "coordinate:2:2"])
def test_the_lists_are_those_of_atlases(what):
    place = landscape("abs1", Dataset("four", [[1, -1], [-1, 1], [1, 1], [-1, -1]], [1, 1, 0, "1/5"]), "mean")
    diagram = questions.answer(place, questions.question(what, "-3/4,1/2"))
    for parameter in (Fraction(-3, 4), Fraction(-31, 97), Fraction(0), Fraction(13, 31), Fraction(1, 2)):
        found = Counter()
        for each in known_atlas(questions.family(place, what)(parameter)).sets:
            found[each.kind, each.loss] += each.orbit
        assert Counter({(kind, loss): count for kind, loss, count in diagram.at(parameter)}) == found


def test_families_are_those_of_the_package():
    place = landscape("relu2", Dataset("two", [[0, 1], [2, 3]], [0, 1]), "mean")
    for what, given in [
        ("slope", leaky_family(place.data, 2, "mean")),
        ("label:1", label_family(place, 0)),
        ("coordinate:2:1", coordinate_family(place, 1, 0)),
    ]:
        assert questions.family(place, what)(Fraction(5, 7)) == given(Fraction(5, 7))


@pytest.mark.parametrize("span", ["-1,1", "1,-1", "1/3,-0.5", " 0.25 , -1/3 "])
def test_ranges_may_begin_with_a_minus_and_descend(span):
    asked = questions.question("label:1", span)
    assert asked.low < asked.high
    head = shown("relu1", "xor", "--vary", "label:1", "--range", span).splitlines()[0]
    assert f"with y for the label of example 1 (in place of 1), {asked.low} <= y <= {asked.high}: " in head


@pytest.mark.parametrize(("radius", "ratio"), [("1", Fraction(-1, 5)), ("1", Fraction(1, 2)), ("2", Fraction(-2, 5))])
def test_minima_over_the_angle_are_those_of_a_fine_grid(radius, ratio):
    place = landscape("relu1", "xor")
    diagram = questions.answer(place, questions.question("ratio", "-1/2,3/4"), radius)
    (span,) = [span for span in diagram.spans if float(span.low) < ratio < float(span.high)]
    theta, r = np.linspace(0, 2 * np.pi, 20_001)[:-1], float(radius)
    z = r * (np.outer(np.cos(theta), [1, -1, 1, -1]) + np.outer(np.sin(theta), [-1, 1, 1, -1]) + float(ratio))
    loss = np.sum((np.maximum(z, 0) - [1, 1, 0, 0]) ** 2, axis=1)
    for kind, side in (("minimum", 1), ("maximum", -1)):
        peaks = (side * loss < side * np.roll(loss, 1)) & (side * loss <= side * np.roll(loss, -1))
        assert sum(each.kind == kind for each in span.angles) == peaks.sum()


def test_json_of_a_ratio():
    found = report("abs1", "xor", "--vary", "ratio", "--range", "1,-1", "--radius", "1/2", "--loss", "mean")
    keys = ("model", "data", "loss_kind", "vary", "parameter", "low", "high", "radius")
    assert [found[key] for key in keys] == ["abs1", "xor", "mean", "ratio", "beta", "-1", "1", "1/2"]
    direct = angular_bifurcation(landscape("abs1", "xor", "mean"), "1/2", -1, 1)
    assert found["spans"] == json.loads(json.dumps(direct.to_json()))["spans"]
    assert len(found["spans"][0]["angles"]) == len(stationary_angles(direct.landscape, "1/2", "-1/2"))


def test_json_of_a_coordinate():
    found = report("relu1", "xor", "--vary", "coordinate:1:2", "--range", "-1/2,1/2")
    assert {"family", "branches", "events", "checked_by_atlases_at"} <= set(found)
    keys = ("model", "data", "loss_kind", "vary", "parameter", "low", "high")
    assert [found[key] for key in keys] == ["relu1", "xor", "sum", "coordinate:1:2", "x", "-1/2", "1/2"]
    assert "x_1 = (1, x)" in found["family"]


def test_irrational_parameters_have_a_decimal(tmp_path):
    file = tmp_path / "line.csv"
    file.write_text("x1,y\n0,1\n1,0\n3,2\n")
    assert "2 + sqrt(3), ~3.73205081" in shown("relu1", str(file), "--vary", "coordinate:3:1", "--range", "3,4")
    assert "-sqrt(2), ~-1.41421356" in shown("relu1", "xor", "--vary", "ratio", "--range=-3/2,-5/4")


def test_long_numbers_are_rounded_and_long_formulas_replaced_by_their_ends():
    text = shown("relu1", "moons:4:1", "--vary", "slope", "--range", "0,1")
    assert "0 to ~1.30928e-34, a long formula" in text
    assert max(map(len, text.splitlines())) <= 150
    line = "flat set: before nothing; there saddle, loss 123456789123456789/1000000000000000000"
    assert branching._shortened(line) == "flat set: before nothing; there saddle, loss ~0.123457"


def test_without_events_there_is_no_table_of_them():
    for what in (["label:1", "--range", "3/2,2"], ["ratio", "--range", "1/4,1/2"]):
        text = shown("abs1", "xor", "--vary", *what)
        assert ", 0 events" in text
        assert "what happens" not in text


def test_names_in_brackets_are_shown(tmp_path):
    file = tmp_path / "a[b].csv"
    file.write_text("x1,y\n0,1\n1,0\n")
    assert "a[b].csv (sum of squares)" in shown("relu1", str(file), "--vary", "label:1", "--range", "1,2")


def test_the_picture_is_written(tmp_path):
    for number, what in enumerate((["slope", "--range", "0,-1"], ["ratio", "--range", "0,1"])):
        path = tmp_path / f"{number}.svg"
        found = RUNNER.invoke(app, ["bifurcation", "relu1", "xor", "--vary", *what, "-o", str(path), "--json"])
        assert found.exit_code == 0
        assert json.loads(found.stdout)["vary"] == what[0], "the path is no part of the JSON"
        assert path.read_text().startswith("<?xml")


def test_a_picture_with_another_suffix_is_refused_before_anything_is_computed(tmp_path, monkeypatch):
    monkeypatch.setattr(questions, "answer", lambda *given: pytest.fail("computed"))
    for name, words in (("a.txt", "ending in .png"), ("nowhere/a.png", "no folder")):
        error = refusal("relu1", "xor", "--vary", "slope", "--range", "0,1", "-o", str(tmp_path / name))
        assert isinstance(error, FileError)
        assert words in str(error)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("vary", "span", "error", "hint"),
    [
        ("slop", "0,1", UnknownNameError, "slope"),
        ("slope", "1", NumberError, "--range"),
        ("slope", "a,b", NumberError, "rational"),
        ("slope", "1,1", StabilityError, "range"),
        ("slope", "0,", NumberError, "two numbers"),
        ("slope", "-1..0", NumberError, "--range -1,1"),
        ("slope", "0,1,2", NumberError, "two numbers"),
        ("slope", "0,nan", NumberError, "finite"),
        ("lable:1", "0,1", UnknownNameError, "Did you mean 'label'"),
        ("label:1:2", "0,1", UnknownNameError, "--vary label:1"),
        ("coordinate:1", "0,1", UnknownNameError, "--vary coordinate:1:2"),
        ("coordinate:5:1", "0,1", NumberError, "to 4"),
        ("ratio:1", "0,1", UnknownNameError, "--vary ratio"),
        ("slope:1", "0,1", UnknownNameError, "slope"),
        ("label", "0,1", UnknownNameError, "label:1"),
        ("label:0", "0,1", NumberError, "from 1"),
        ("label:5", "0,1", NumberError, "to 4"),
        ("label:x", "0,1", NumberError, "to 4"),
        ("coordinate:1:3", "0,1", NumberError, "to 2"),
        ("ratio", "1,1", StabilityError, "range"),
    ],
)
def test_what_makes_no_sense_is_reported(vary, span, error, hint):
    place = landscape("relu1", "xor")
    with pytest.raises(error) as problem:
        questions.answer(place, questions.question(vary, span))
    assert hint in str(problem.value)


def test_a_ratio_is_that_of_one_unit_in_the_plane():
    for model, data in (("relu2", "xor"), ("relu1", "parity:3")):
        error = refusal(model, data, "--vary", "ratio", "--range", "0,1")
        assert isinstance(error, PointError)
        assert "one unit in the plane" in str(error)


def test_a_radius_is_positive_and_for_the_ratio_only():
    given = ["relu1", "xor", "--range", "0,1", "--radius"]
    assert "radius for the ratio only" in str(refusal(*given, "2", "--vary", "slope"))
    for radius, words in (("0", "positive radius"), ("-1", "positive radius"), ("x", "rational")):
        error = refusal(*given, radius, "--vary", "ratio")
        assert isinstance(error, NumberError)
        assert words in str(error)


def test_what_is_too_large_is_refused():
    for given in (["relu4", "xor", "--vary", "slope"], ["relu1", "moons:40:0", "--vary", "ratio"]):
        error = refusal(*given, "--range", "0,1")
        assert isinstance(error, TooLargeError)
        assert "most=" not in str(error), "no such option on the command line"
