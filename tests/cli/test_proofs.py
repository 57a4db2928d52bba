"""The commands that judge, verify and draw: exit statuses, and what reaches those who do the work."""

import json
from pathlib import Path

import pytest
from command_line import cells, printed
from paths import ROOT

from stability.cli import audit as auditing
from stability.cli import proofs
from stability.cli.audit import Request
from stability.cli.audit_report import View
from stability.cli.main import app
from stability.cli.tables import checked_parts
from stability.errors import NumberError, UnknownNameError
from stability.plot import figures
from stability.studies import crosscheck as study

RECORD = ROOT / "proofs/records/theorems/no_line_separates_xor.json"


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a record as it is, one with a changed conclusion, and a file that is no record."""
    good = RECORD.read_text()
    (tmp_path / "good.json").write_text(good)
    (tmp_path / "other.json").write_text("[1, 2")
    return tmp_path


def test_a_record_that_stands_has_status_0_and_says_what_it_concludes(folder):
    shown = printed("check", folder / "good.json")
    assert shown.startswith("ok    good: ")
    assert "1 records confirmed" in shown
    report = json.loads(printed("check", folder / "good.json", "--json"))
    assert (report["confirmed"], report["rejected"], report["not read"]) == (1, 0, 0)
    (only,) = report["records"]
    assert (only["record"], only["verdict"]) == ("good", "confirmed")
    assert only["says"] in shown


@pytest.mark.parametrize("extra", [[], ["--json"], ["--table", "csv"]])
def test_what_is_no_record_has_status_2_in_every_form(folder, extra):
    shown = printed("check", folder, *extra, status=2)
    assert "good" in shown
    assert "other.json" in shown


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_a_record_that_was_changed_has_status_1(folder, extra):
    record = json.loads(RECORD.read_text())
    (folder / "other.json").unlink()
    (folder / "good.json").write_text(json.dumps({**record, "statement": "for all (): 0 >= 1"}))
    printed("check", folder, *extra, status=1)


def test_an_empty_folder_is_no_record(tmp_path):
    printed("check", tmp_path, status=2)


def test_verdicts_of_the_checker_are_words_in_tables():
    table, counts = checked_parts([("ok", "a", "1 > 0"), ("FAIL", "b", "no"), ("ERROR", "c", "?"), ("ok", "d", "x")])
    assert cells(table)[1] == [
        ["a", "confirmed", "1 > 0"],
        ["b", "rejected", "no"],
        ["c", "not read", "?"],
        ["d", "confirmed", "x"],
    ]
    assert counts == "2 confirmed, 1 rejected, 1 not read"


def test_every_option_of_an_audit_reaches_it_and_its_status_is_that_of_the_command(monkeypatch):
    given = []
    monkeypatch.setattr(auditing, "audit_and_report", lambda asked: given.append(asked) or 1)
    printed("audit", status=1)
    printed(
        *("audit", "one", "two", "--only", "a", "--only", "b", "--fail-on", "open", "--fail-on", "error"),
        *("--no-runs", "--level", "full", "--keep", "--record", "--json", "o.json", "--table", "latex"),
        *("--html", "o.html", "--write", "--check", "--budget", "5"),
        *[
            "--all",
            "--order",
            "document",
            "--status",
            "open",
            "--status",
            "vacuous",
            "--where",
            "3.1",
            "--grep",
            "kink",
        ],
        status=1,
    )
    wide = View(True, "document", ["open", "vacuous"], "3.1", "kink")
    flags = {"record": True, "runs": False, "keep": True, "write": True, "check": True}
    assert given == [
        Request([], [], None, [], False, True, "quick", False, None, None, False, False, 60.0, View(statuses=[])),
        Request(
            *(["one", "two"], ["a", "b"], "o.json", ["open", "error"]),
            **{**flags, "level": "full", "form": "latex", "html": Path("o.html"), "max_seconds": 5, "view": wide},
        ),
    ]


def test_options_and_their_defaults_reach_the_crosscheck(monkeypatch):
    asked = []
    monkeypatch.setattr(study, "crosscheck", lambda restarts, seed, progress: asked.append((restarts, seed)) or [])
    assert json.loads(printed("crosscheck", "--json"))["checks"] == []
    printed("crosscheck", "--restarts", "50", "--seed", "2")
    assert asked == [(20_000, 0), (50, 2)]


def test_figures_are_reported_as_they_are_drawn(monkeypatch):
    asked = []

    def make(names):
        asked.append(names)
        yield from (f"figures/{name}.svg" for name in names or ["all"])

    monkeypatch.setattr(figures, "make", make)
    assert printed("figures") == "figures/all.svg\n"
    assert printed("figures", "one", "two") == "figures/one.svg\nfigures/two.svg\n"
    assert json.loads(printed("figures", "one", "--json")) == {"figures": ["figures/one.svg"]}
    assert asked == [[], ["one", "two"], ["one"]]


def test_figures_written_as_json_are_shown_once(monkeypatch, tmp_path):
    monkeypatch.setattr(figures, "make", lambda names: [f"{name}.svg" for name in names])
    assert printed("figures", "one", "two", "--json", tmp_path / "found.json") == "one.svg\ntwo.svg\n"
    assert json.loads((tmp_path / "found.json").read_text()) == {"figures": ["one.svg", "two.svg"]}


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("figures no-such-figure", UnknownNameError),
        ("audit no-such-writeup", UnknownNameError),
        ("audit --fail-on opn", UnknownNameError),
        ("audit --level slow", UnknownNameError),
        ("crosscheck --restarts 0", NumberError),
    ],
)
def test_what_makes_no_sense_is_refused(words, error):
    with pytest.raises(error):
        printed(*words.split())


def test_all_are_commands_under_their_names():
    registered = {each.name: each.callback for each in app.registered_commands}
    for name in ("check", "audit", "crosscheck", "figures"):
        assert registered[name] is getattr(proofs, name)
