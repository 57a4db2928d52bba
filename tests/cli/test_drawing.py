"""Drawing of portraits on the command line: which plane, how many samples, and what is printed."""

import json
from types import SimpleNamespace

import pytest
from command_line import invoked, printed

from stability import landscape
from stability.cli import drawing
from stability.cli.drawing import draw_portrait
from stability.errors import FileError, NumberError, StabilityError, UnknownNameError


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_picture_is_written_and_its_path_printed(tmp_path):
    shown = printed("portrait", "abs1", "xor", "--pixels", "0", "-o", "portrait.svg")
    assert shown == "portrait.svg\n"
    assert (tmp_path / "portrait.svg").read_text().lstrip().startswith("<?xml")
    assert [path.name for path in tmp_path.iterdir()] == ["portrait.svg"]


def test_json_says_what_the_picture_shows_and_nothing_else_is_printed(tmp_path):
    words = ["--plane", "w1,w2", "--span", "3/4", "--pixels", "4", "--rule", "gd", "--step", "1/10"]
    report = json.loads(printed("portrait", "abs1", "xor", *words, "-o", "p.png", "--json"))
    assert report == {
        "model": "abs1",
        "data": "xor",
        "loss_kind": "sum",
        "picture": "p.png",
        "plane": "w1,w2",
        "span": "3/4",
        "pixels": 4,
        "basins": True,
        "rule": "gd (step 1/10)",
    }
    assert (tmp_path / "p.png").read_bytes()[1:4] == b"PNG"


def test_json_in_a_file_leaves_the_path_on_the_screen(tmp_path, capsys):
    place = landscape("abs1", "xor")
    assert draw_portrait(place, tmp_path / "p.png", None, None, "1", None, 0, as_json=str(tmp_path / "p.json")) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'p.png'}\n"
    report = json.loads((tmp_path / "p.json").read_text())
    assert (report["basins"], report["pixels"], report["rule"]) == (False, 0, "flow")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--plane", "p,q"], UnknownNameError),
        (["--span", "0"], NumberError),
        (["--span", "wide"], NumberError),
        (["--rule", "gd"], StabilityError),
        (["--at", "[[1, 2]]"], StabilityError),
        (["-o", "p.gif"], FileError),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_nothing_is_written(words, error, tmp_path):
    with pytest.raises(error):
        printed("portrait", "abs1", "xor", "--pixels", "0", "-o", "p.png", *words)
    assert not list(tmp_path.iterdir())


def test_an_interruption_leaves_no_picture(monkeypatch, tmp_path):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(drawing, "portrait_figure", stop)
    found = invoked("portrait", "abs1", "xor", "--pixels", "0", "-o", "p.png", status=130)
    assert (found.stdout, found.stderr) == ("", "Interrupted; no picture was written.\n")
    assert not list(tmp_path.iterdir())


def test_beyond_the_budget_there_are_neither_sets_nor_basins(tmp_path):
    (tmp_path / "plane.csv").write_text("x1,x2,y\n1,2,1\n3,1,0\n")
    found = invoked("portrait", "relu1", "plane.csv", "--max-faces", "1", "-o", "p.png", "--json")
    report = json.loads(found.stdout)
    assert (report["pixels"], report["basins"]) == (0, False)
    assert "Sets and basins are left out" in found.stderr


@pytest.mark.parametrize(
    ("pixels", "affordable", "count", "sharp"),
    [(None, 20, 20, False), (None, 40, 40, True), (4, 99, 4, True), (1, 99, 1, True), (0, 99, 0, True)],
)
def test_few_samples_are_smoothed_unless_they_were_asked_for(pixels, affordable, count, sharp, monkeypatch, tmp_path):
    asked = {}
    monkeypatch.setattr(drawing, "portrait_figure", lambda *given, **settings: asked.update(settings))
    monkeypatch.setattr(drawing, "save_figure", lambda draw, output: draw() or output)
    monkeypatch.setattr(drawing, "_pixels", lambda place, span, rule: affordable)
    to = str(tmp_path / "p.json")
    assert draw_portrait(landscape("abs1", "xor"), tmp_path / "p.png", None, None, "1", None, pixels, as_json=to) == 0
    assert (asked["pixels"], asked["sharp"]) == (count, sharp)
    assert json.loads((tmp_path / "p.json").read_text())["basins"] is (count > 0)


def section_of(name, origin=None, model="abs1"):
    place = landscape(model, "xor")
    return place, drawing.section(place, drawing.named_plane(place, name, origin))


def test_a_plane_on_a_kink_is_reported_with_one_that_has_basins(capsys):
    """Both rows of relu2 at 0 in all but one parameter of the first: the second unit is at its kink everywhere."""
    place, found = section_of("w1@1,w2@1", [[0, 0, 0], [0, 0, 0]], "relu2")
    assert found.on_a_kink
    drawing._suggest(place, "w1@1,w2@1", None)
    report = capsys.readouterr().err
    assert report.startswith("All of the plane w1@1,w2@1 lies on a kink, so it has no basins; --plane ")
    other = report.split("--plane ")[1].split(" has")[0]
    assert not section_of(other, None, "relu2")[1].on_a_kink


@pytest.mark.parametrize(
    ("units", "kinked", "affordable", "expected", "said"),
    [
        (1, False, 3, 80, ""),
        (2, True, 3, 80, ""),
        (2, False, 200, 200, ""),
        (2, False, 80, 80, ""),
        (2, False, 20, 20, "basins are sampled 20 x 20; --pixels 80 takes longer"),
        (2, False, 0, 0, "basins are left out; --pixels 80 takes longer"),
    ],
)
def test_fewer_samples_than_usual_are_reported(units, kinked, affordable, expected, said, monkeypatch, capsys):
    monkeypatch.setattr(drawing, "affordable", lambda place, span, rule: affordable)
    place = SimpleNamespace(landscape=SimpleNamespace(units=units), on_a_kink=kinked)
    assert drawing._pixels(place, 1.0, None) == expected
    report = capsys.readouterr().err
    assert report == (f"So that it takes some seconds, {said}.\n" if said else "")
