"""Options that commands share: values that are refused before anything runs, and where a result is given."""

import json
from math import inf, nan
from pathlib import Path
from typing import Annotated

import pytest
import typer
from command_line import printed
from rich.table import Table
from typer.testing import CliRunner

from stability.cli import options
from stability.cli.application import Command
from stability.cli.options import count_option, file_option, picture_option, print_result, rows_option
from stability.errors import FileError, NumberError, StabilityError, UnknownNameError
from stability.version import __version__


def given(kind, option, *words):
    """Return what a command gets for one option."""
    own, found = typer.Typer(), []

    @own.command(cls=Command)
    def command(value: Annotated[kind | None, option] = None) -> None:
        found.append(value)

    report = CliRunner().invoke(own, list(words))
    if report.exception is not None:
        raise report.exception
    return found[0]


@pytest.mark.parametrize("least", [0, 1])
def test_counts_are_refused_below_their_least_one(least):
    option = count_option(least, "--runs", help="runs")
    assert given(int, option) is None
    assert given(int, option, "--runs", str(least)) == least
    with pytest.raises(NumberError, match=f"Expected at least {least} for --runs; got {least - 1}"):
        given(int, option, "--runs", str(least - 1))


def test_a_file_needs_a_folder_and_one_of_the_suffixes(tmp_path):
    there, nowhere = tmp_path / "a.dat", tmp_path / "none" / "a.dat"
    option = file_option("--to", help="a file")
    assert given(Path, option) is None
    assert given(Path, option, "--to", str(there)) == there
    with pytest.raises(FileError, match="There is no folder"):
        given(Path, option, "--to", str(nowhere))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("option", "fits", "does_not"),
    [(picture_option(), ["a.png", "a.svg", "a.pdf"], "a.gif"), (rows_option("rows"), ["a.parquet"], "a.csv")],
)
def test_the_suffix_says_what_is_written(option, fits, does_not):
    for name in fits:
        assert given(Path, option, "-o", name) == given(Path, option, "--output", name) == Path(name)
    with pytest.raises(FileError):
        given(Path, option, "-o", does_not)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ([], None),
        (["--json"], "-"),
        (["--json", "-"], "-"),
        (["--json", "/dev/stdout"], "-"),
        (["--json", "found.json"], "found.json"),
    ],
)
def test_json_is_the_screen_or_a_file(words, value):
    assert given(str, options.Json.__metadata__[0], *words) == value


@pytest.mark.parametrize("name", ["", "/nowhere/found.json"])
def test_json_refuses_what_cannot_be_written(name):
    with pytest.raises(FileError):
        given(str, options.Json.__metadata__[0], f"--json={name}")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ([], None),
        (["--table"], "markdown"),
        (["--table", "-"], "markdown"),
        (["--table", "latex"], "latex"),
        (["--table", "csv"], "csv"),
        (["--table", "rows.TEX"], "rows.TEX"),
        (["--table", "rows.md"], "rows.md"),
    ],
)
def test_a_table_has_a_form_or_a_file_that_reports_it(words, value):
    assert given(str, options.Form.__metadata__[0], *words) == value


@pytest.mark.parametrize(
    ("name", "error"), [("word", UnknownNameError), ("rows.xls", FileError), ("/nowhere/rows.csv", FileError)]
)
def test_a_table_has_no_other_form(name, error):
    with pytest.raises(error):
        given(str, options.Form.__metadata__[0], "--table", name)


def parts():
    table = Table("set", "loss")
    table.add_row("0", "1/2")
    return ["one set", table]


MARKDOWN = "| set | loss |\n|---|---|\n| 0 | 1/2 |\n"
CSV = "set,loss\n0,1/2\n"


def test_json_on_the_screen_is_all_there_is(capsys):
    print_result({"loss": "1/2"}, "-", lambda: pytest.fail("shown"), "csv")
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"loss": "1/2"}
    assert shown.out.endswith("}\n")
    assert shown.err == ""


def test_json_in_a_file_leaves_the_screen_to_the_tables(capsys, tmp_path):
    print_result({"loss": "1/2"}, str(tmp_path / "found.json"), parts)
    assert json.loads((tmp_path / "found.json").read_text()) == {"loss": "1/2"}
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "one set"
    assert [cell.strip() for cell in shown[4].split("│") if cell.strip()] == ["0", "1/2"]


def test_data_are_made_only_where_they_are_wanted(capsys):
    print_result(lambda: pytest.fail("made"), None, parts)
    assert capsys.readouterr().out.startswith("one set\n")
    print_result(lambda: {"made": 1}, "-", parts)
    assert json.loads(capsys.readouterr().out) == {"made": 1}


@pytest.mark.parametrize(("form", "text"), [("markdown", MARKDOWN), ("csv", CSV)])
def test_a_form_prints_tables_alone(form, text, capsys, tmp_path):
    print_result({}, None, parts, form)
    shown = capsys.readouterr()
    assert "".join(shown.out.split()) == "".join(text.split())
    assert shown.err == "one set\n"


@pytest.mark.parametrize(("name", "text"), [("rows.md", MARKDOWN), ("rows.CSV", CSV)])
def test_the_suffix_of_a_file_is_the_form_of_its_tables(name, text, capsys, tmp_path):
    print_result({}, None, parts, str(tmp_path / name))
    assert "".join((tmp_path / name).read_text().split()) == "".join(text.split())
    assert capsys.readouterr().out.startswith("one set\n")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_nothing_to_show_prints_nothing(capsys):
    print_result({}, None, list)
    assert capsys.readouterr().out == ""


def test_the_version_is_that_of_the_package():
    assert printed("--version") == f"stability {__version__}\n"


def test_initialisations_are_listed_one_a_line_and_nothing_runs():
    from stability.initialisation.table import listing

    shown = printed("basins", "--list-inits").splitlines()
    assert len(shown) == len(listing())
    assert any(line.startswith("normal") for line in shown)
    assert all(len(line.split("  ")[0]) <= 42 for line in shown)


@pytest.mark.parametrize(
    ("typed", "offered"), [("rel", ["relu1", "relu2", "relu3"]), ("x", []), ("", ["abs1", "abs2", "relu1"])]
)
def test_the_shell_is_offered_models(typed, offered, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    complete = options.Model.__metadata__[0].autocompletion
    assert complete(typed)[: len(offered) or None] == offered


def test_the_shell_is_offered_data_and_files_with_data(tmp_path, monkeypatch):
    for name in ("xs.csv", "other.csv", "xs.txt"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    complete = options.Data.__metadata__[0].autocompletion
    assert complete("x") == ["xor", "xs.csv"]
    assert complete(f"{tmp_path}/") == [f"{tmp_path}/other.csv", f"{tmp_path}/xs.csv"]
    assert complete("./x") == ["./xs.csv"]
    assert complete("nowhere/") == []


@pytest.mark.parametrize("flag", ["--max-faces=0", "--max-faces=-1"])
def test_a_budget_is_at_least_one(flag):
    printed("atlas", "abs1", "xor", flag, status=2)
    with pytest.raises(StabilityError):
        printed("atlas", "abs1", "xor", "--max-faces=1")


def test_numbers_that_are_not_finite_are_null(tmp_path, capsys):
    data = {"loss": inf, "runs": (nan, 1.5, True, None)}
    wanted = {"loss": None, "runs": [None, 1.5, True, None]}
    print_result(data, "-", list)
    assert json.loads(capsys.readouterr().out, parse_constant=lambda name: 1 / 0) == wanted
    print_result(lambda: data, str(tmp_path / "found.json"), list)
    assert json.loads((tmp_path / "found.json").read_text(), parse_constant=lambda name: 1 / 0) == wanted
