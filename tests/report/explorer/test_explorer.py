"""The page of an explorer: what it carries, how it is shown and saved, and what is refused."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stability import Dataset, explore, landscape
from stability.checker.checker import check
from stability.cli.main import app
from stability.errors import (
    FileError,
    KindError,
    NumberError,
    PointError,
    StabilityError,
    TooLargeError,
    UnknownNameError,
)
from stability.report.explorer.page import HERE, notes_on_basins
from stability.report.explorer.step_data import step_data
from stability.report.page import NAMES, packed


@pytest.fixture(scope="module")
def abs1():
    return explore(landscape("abs1", "xor"), vary=["slope"], pixels=12)


def carried(html, name):
    """Return the JSON data of a page."""
    return json.loads(re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', html)[1])


def test_a_page_carries_what_it_draws(abs1):
    html = abs1.to_html()
    data = carried(html, "explorer-data")
    assert [each["kind"] for each in data["sets"]] == [each.kind for each in abs1.atlas.sets]
    assert data["plane"]["invariant"] is True
    assert data["families"][0]["vary"] == "slope"
    assert packed(json.dumps(abs1.atlas.record(), separators=(",", ":"), sort_keys=True)) in html
    assert check(abs1.atlas.record()).startswith("proved")
    assert not re.search(r"<[^>]*\s(?:style|on\w+)=", html.split("<script")[0])
    assert "http" not in html.split("</head>")[1].split("<script")[0]


def test_a_page_is_shown_in_a_frame_of_its_own(abs1):
    frame = abs1._repr_html_()
    inner = re.search(r'srcdoc="([^"]*)"', frame)[1]
    assert unescape(inner) == abs1.to_html()


def test_a_page_is_saved_whole_or_not_at_all(abs1, tmp_path):
    place = abs1.save(tmp_path / "a.html")
    assert place.read_text() == abs1.to_html()
    for wrong in (tmp_path, tmp_path / "no" / "a.html", tmp_path / "a.txt"):
        with pytest.raises(FileError):
            abs1.save(wrong)
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]


def test_wide_networks_and_other_data_are_explored(tmp_path):
    (tmp_path / "own.csv").write_text("x1,y\n-1,1\n0,0\n1,1\n")
    own = explore(landscape("abs1", str(tmp_path / "own.csv")), vary=[], pixels=8).to_json()
    assert own["space"] is None
    assert own["plane"]["name"] == "w1,b"
    wide = explore(landscape("relu2", "xor", "mean"), plane="p@1,b@1", vary=[], pixels=8).to_json()
    assert wide["plane"]["invariant"] is False
    assert len(wide["plane"]["origin"]) == 6


def test_a_plane_off_the_kinks_is_found_where_those_through_0_have_none():
    found = explore(landscape("relu3", "docs/data/hill.csv"), vary=[], pixels=8)
    assert not found.portrait.place.on_a_kink
    assert found.portrait.basins is not None
    assert "In the middle is (0, \u22121)" in found.to_html().replace("(0, -1)", "(0, \u22121)")


def test_names_from_outside_are_text(tmp_path):
    hostile = Dataset("<script>alert(1)</script>", [[1], [0]], [1, 0])
    html = explore(landscape("relu1", hostile), vary=[], pixels=0).to_html()
    assert "<script>alert" not in html


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"plane": "p,q"}, UnknownNameError),
        ({"span": 0}, NumberError),
        ({"origin": [[1]]}, PointError),
        ({"vary": ["slop"]}, UnknownNameError),
        ({"vary": ["coordinate:1:1"]}, UnknownNameError),
        ({"vary": ["label:9"]}, NumberError),
        ({"vary": "slope"}, KindError),
        ({"low": 0}, StabilityError),
        ({"vary": ["slope"], "low": "x"}, NumberError),
        ({"max_faces": 5, "loss": "mean"}, TooLargeError),
    ],
)
def test_options_that_make_no_sense_are_refused(options, error):
    place = landscape("abs1", "docs/data/conflict.csv", options.pop("loss", "sum"))
    with pytest.raises(error):
        explore(place, **options)


def test_no_landscape_is_refused():
    with pytest.raises(KindError):
        explore("abs1")


def test_the_command_writes_a_page(tmp_path):
    file = tmp_path / "a.html"
    run = CliRunner().invoke(app, ["explore", "abs1", "xor", "--pixels", "8", "--vary", "step", "-o", str(file)])
    assert run.exit_code == 0
    assert run.stdout.strip() == str(file)
    assert file.read_text().startswith("<!doctype html>")


def test_names_at_the_top_of_scripts_are_unique():
    names = [
        name
        for path in (HERE / "js").glob("*.js")
        for name in NAMES.findall(re.sub(r"(?m)^export ", "", path.read_text()))
    ]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", sorted((HERE / "js").glob("*.js")), ids=lambda path: path.name)
def test_scripts_are_short_and_ask_no_network(path: Path):
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    assert text.startswith("// ")
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|eval|innerHTML|import\()\b", text)


def test_steps_say_what_is_known_exactly():
    stops = {stop["text"]: stop["lines"] for stop in step_data(landscape("abs1", "xor").atlas())["stops"]}
    assert stops["0: gradient flow"] == []
    assert stops["1/4"] == ["Sets 0, 1, 2, 3: the largest stable step is just this one."]
    assert "A cycle of period 2 on c (0, 0, 1): c = (-3, 3), multiplier 49/25, not attracting." in stops["3/10"]


def test_lines_are_not_looked_for_among_many_points():
    stops = step_data(landscape("abs1", "parity:3").atlas())["stops"]
    assert not [line for stop in stops for line in stop["lines"] if "cycle" in line]


def test_a_page_says_what_the_network_has_beside_its_units(abs1):
    page = explore(landscape("relu[-]+c", "xor"), vary=[], pixels=8).to_html()
    assert "with output weight \N{MINUS SIGN}1 and an output bias c, on 4 examples" in page
    assert "a point of it (w; b per unit, then c)" in page
    assert "1 right of it, on 4 examples" in abs1.to_html()
    assert "a point of it (w; b per unit)" in abs1.to_html()


@pytest.mark.parametrize(
    ("basins", "words"),
    [
        (None, "No basins are shown."),
        ({"rows": [[0, 4], [2, 4]], "pieces": []}, "Basins: where each of these starts ends is decided exactly."),
        ({"rows": [[0, 4], [2, 3, -1, 1]], "pieces": []}, "white: undecided, or several flows leave the start."),
        ({"rows": [[0, 4]], "pieces": [[[0, 0, 1, 0, 1, 1], -1]]}, "white: undecided"),
    ],
)
def test_a_page_says_what_its_basins_are(basins, words):
    assert words in notes_on_basins(basins)
