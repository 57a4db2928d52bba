"""Atlases on the command line: what is written, where partial results lie, and what an interruption leaves."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from command_line import invoked, printed

from stability import landscape
from stability.checker.checker import main as check
from stability.cli import atlas as own
from stability.cli.atlas import prepare_atlas, run_atlas
from stability.errors import TooLargeError
from stability.geometry.atlas.text import rows


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def one_point(name="point.csv", label="1"):
    """Write the data set of one point 1 of the line; relu1 is (max(w + b, 0) - label)^2 there."""
    Path(name).write_text(f"x1,y\n1,{label}\n")
    return name


def test_one_point_has_a_line_of_minima_a_dead_half_plane_and_its_edge():
    """Of (max(w + b, 0) - 1)^2: w + b = 1 has loss 0, w + b < 0 loss 1; at w + b = 0 the slopes are 0 and -2."""
    report = json.loads(printed("atlas", "relu1", one_point(), "--json"))
    assert [(each["loss"], each["kind"], each["dimension"]) for each in report["sets"]] == [
        ("0", "global minimum", 1),
        ("1", "local minimum", 2),
        ("1", "local maximum", 1),
    ]
    assert [each["directional"] for each in report["sets"]] == [True, True, False]
    assert (report["parameters"], report["cells"], report["complete"]) == (2, 2, True)


def test_a_negative_label_leaves_the_dead_examples_alone():
    """(max(w + b, 0) + 1)^2 grows where the unit is on: all that is off is the minimum of loss 1."""
    report = json.loads(printed("atlas", "relu1", one_point(label="-1"), "--json"))
    assert [(each["loss"], each["kind"], each["dimension"]) for each in report["sets"]] == [("1", "global minimum", 2)]


def test_everything_that_is_wanted_is_written_once(tmp_path, capsys):
    place = landscape("relu1", one_point())
    files = str(tmp_path / "found.json"), tmp_path / "record.json"
    assert run_atlas(place, files[0], files[1], 1, None, None, str(tmp_path / "rows.csv")) == 0
    assert capsys.readouterr().out.startswith("Atlas of relu1 on point.csv")
    report = json.loads((tmp_path / "found.json").read_text())
    assert {"version", "made", "arguments"} <= report.keys()
    assert [row.split(",")[1] for row in (tmp_path / "rows.csv").read_text().splitlines()] == [
        "sets",
        "1 global minimum",
        "1 local minimum",
        "1 local maximum",
    ]
    assert check([str(tmp_path / "record.json")]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["found.json", "point.csv", "record.json", "rows.csv"]


def test_an_atlas_that_is_needed_is_that_of_the_landscape_and_refused_beyond_the_budget():
    place = landscape("abs1", "xor")
    found = prepare_atlas(place)
    assert found is prepare_atlas(place)
    assert len(found.sets) == 9
    with pytest.raises(TooLargeError):
        prepare_atlas(landscape("relu1", one_point("other.csv", "5/7")), 2)


def test_only_long_computations_keep_partial_results(monkeypatch, tmp_path):
    small, large = landscape("relu1", "xor"), landscape("relu4", "xor")
    assert own._place(small) is None
    kept = own._place(large)
    assert kept.suffix == ".partial"
    assert kept != own._place(landscape("relu4", "xor", "mean"))
    assert kept == own._place(landscape("relu4", "xor"))


@pytest.mark.parametrize("kept", [False, True])
def test_an_interruption_says_where_the_work_is(kept, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(own, "_compute", stop)
    found = invoked("atlas", "abs1", "xor", *(["--resume", "here.partial"] if kept else []), status=130)
    assert found.stdout == ""
    rest = " What was done is kept in here.partial; the same command goes on from there." if kept else ""
    assert found.stderr == f"Interrupted.{rest}\n"


def test_rows_are_left_out_of_the_table_alone():
    whole = json.loads(printed("atlas", "abs1", "xor", "--minima", "--top", "1", "--json"))
    assert len(whole["sets"]) == 9
    rows = printed("atlas", "abs1", "xor", "--minima", "--top", "1", "--table", "csv").splitlines()
    assert rows[0].startswith("set,sets,loss")
    assert rows[1].startswith('"0, 1",2 global minima,0')


def test_every_set_is_in_one_row_and_numbered_as_in_json():
    """The numbers do not depend on whether the loss is a sum or a mean, and `stability steps` has them too."""
    for model in ("abs2", "relu2-out"):
        whole = json.loads(printed("atlas", model, "xor", "--json"))["sets"]
        assert [each["index"] for each in whole] == list(range(len(whole)))
        for loss in ("sum", "mean"):
            atlas = landscape(model, "xor", loss).atlas()
            assert [each.witness for each in atlas.sets] == [
                [[Fraction(x) for x in row] for row in each["witness"]] for each in whole
            ]
            cells = [row[0] for row in rows(atlas)]
            named = [_numbers(cell) for cell in cells]
            assert sorted(k for part in named for k in part) == list(range(len(whole)))
            for part, row in zip(named, rows(atlas), strict=True):
                assert len({whole[k]["loss"] for k in part}) == 1
                assert row[1].split()[0] == str(sum(whole[k]["orbit"] for k in part))
        steps = json.loads(printed("steps", model, "xor", "--json"))["regions"]
        assert {each["set"] for each in steps} == {k for k, each in enumerate(whole) if "minimum" in each["kind"]}


def _numbers(cell):
    """Return the numbers that "0, 2 to 4" names."""
    ends = [list(map(int, part.split(" to "))) for part in cell.split(", ")]
    return [k for part in ends for k in range(part[0], part[-1] + 1)]
