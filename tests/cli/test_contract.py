"""What holds for every command: -h, an example, one meaning of --json and --table, exit 2 on a bad value."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT
from typer.main import get_command
from typer.testing import CliRunner

from stability.cli import choices
from stability.cli.application import is_surely_a_value, with_values
from stability.cli.main import ORDER, app, main
from stability.errors import StabilityError, UnknownNameError

GROUP = get_command(app)
COMMANDS = GROUP.commands
NO_TABLES = ("portrait", "explore", "derive", "figures")
"""Commands that print no tables."""

RECORD = str(ROOT / "proofs/records/theorems/no_line_separates_xor.json")
CHECKPOINT = str(ROOT / "docs/data/two-layers.safetensors")
RUNS = {
    "audit": ["prototype-surface-control", "--only", "thresholds"],
    "check": [RECORD],
    "atlas": ["abs1", "xor"],
    "classify": ["abs1", "xor", "--at", "[[0,0,0]]"],
    "steps": ["abs1", "xor"],
    "flow": ["abs1", "xor", "--from", "[[1,2,3]]"],
    "basins": ["abs1", "xor", "--init", "normal:1", "--samples", "5"],
    "fixed-points": ["abs1", "xor", "--starts", "3"],
    "portrait": ["abs1", "xor", "--pixels", "0", "-o", "portrait.png"],
    "explore": ["abs1", "xor", "--pixels", "8", "--vary", "step", "-o", "abs1.html"],
    "bifurcation": ["relu1", "xor", "--vary", "slope", "--range", "-1/2,-1/3"],
    "derive": ["relu1", "xor", "--pattern", "+-0+"],
    "train": ["abs1", "xor", "--init", "normal:1", "--restarts", "5", "--epochs", "2"],
    "crosscheck": ["--restarts", "20"],
    "train-deep": ["--data", "xor", "--depth", "2", "--epochs", "2", "--seeds", "1"],
    "deep-table": ["--epochs", "1", "--seeds", "1"],
    "control": ["xor", "--restarts", "20", "--policy", "better"],
    "scan": [CHECKPOINT, "--box", "0", "1", "--optimizer", "sgd", "--lr", "0.1"],
    "sweep": ["--list"],
    "figures": ["portraits"],
}
"""For every command, arguments with which it takes little time."""

BAD = {
    "audit": ["--fail-on", "false"],
    "check": ["--patience", "0"],
    "atlas": ["--table", "word"],
    "flow": ["--kinks", "trch"],
    "steps": ["--rule", "hevy-ball"],
    "basins": ["--rule", "hevy-ball"],
    "derive": ["--coordinates", "polr"],
    "train": ["--dtype", "float16"],
    "train-deep": ["--method", "sep-q"],
    "deep-table": ["--ties", "last"],
    "control": ["--policy", "bettr"],
    "scan": ["--fail-on", "alive"],
    "sweep": ["--export", "runs.csv"],
    "figures": ["--json", "/nowhere/x.json"],
    "portrait": ["--rule", "hevy-ball"],
}
"""For a command, a value that is not one; of the others, the loss or the number of restarts."""


@pytest.fixture(autouse=True)
def quick(tmp_path, monkeypatch):
    """Make the runs quick, and let them write to a folder of their own."""
    from stability.plot import figures
    from stability.studies import crosscheck

    monkeypatch.setattr(crosscheck, "CHECKS", crosscheck.CHECKS[:1])
    monkeypatch.setattr(figures, "make", lambda names: [tmp_path / f"{name}.svg" for name in names])
    monkeypatch.chdir(tmp_path)


def run(name, *arguments):
    return CliRunner().invoke(app, [name, *RUNS[name], *arguments])


def options(name):
    return {flag for each in COMMANDS[name].params for flag in each.opts}


def test_every_command_is_listed_with_a_whole_sentence_of_80_columns():
    shown = CliRunner().invoke(app, ["-h"], terminal_width=80).output
    assert set(COMMANDS) == set(ORDER) == set(RUNS)
    listed = shown.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed] == list(ORDER)
    assert all(line.endswith(".") and not line.endswith("..") and len(line) <= 80 for line in listed)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_has_both_names_and_no_type_names(name):
    short, long = (CliRunner().invoke(app, [name, flag]) for flag in ("-h", "--help"))
    assert short.exit_code == long.exit_code == 0
    assert short.output == long.output
    assert not {"<str>", "<int>", "<float>", "<path>", "<list"} & {word.rstrip(".") for word in short.output.split()}
    assert "{" not in short.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_of_the_help_parses(name):
    lines = COMMANDS[name].epilog.splitlines()
    examples = [line.strip() for line in lines if line.strip().startswith("stability ")]
    assert examples
    for each in examples:
        _, own, *arguments = shlex.split(each)
        assert own == name
        if not {"--list", "--list-inits"} & {*arguments}:
            assert COMMANDS[name].make_context(name, arguments).params


@pytest.mark.parametrize("name", COMMANDS)
def test_json_alone_prints_it_and_with_a_file_writes_it(name, tmp_path):
    printed = run(name, "--json")
    data = json.loads(printed.stdout)
    shown = run(name, "--json", "found.json")
    assert shown.exit_code == printed.exit_code
    assert shown.stdout.strip()
    kept = json.loads((tmp_path / "found.json").read_text())
    assert type(kept) is type(data)
    assert kept == data or kept.keys() == data.keys()
    assert not [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_dash_is_the_screen_and_a_missing_folder_is_refused_at_once(name):
    context = COMMANDS[name].make_context(name, [*RUNS[name], "--json", "-"])
    assert context.params["as_json"] == "-"
    assert COMMANDS[name].make_context(name, [*RUNS[name], "--json=/dev/stdout"]).params["as_json"] == "-"
    with pytest.raises(StabilityError, match="There is no folder"):
        COMMANDS[name].make_context(name, [*RUNS[name], "--json", "/nowhere/x.json"])


@pytest.mark.parametrize("name", [each for each in COMMANDS if each not in NO_TABLES])
def test_tables_are_printed_or_written_in_the_form_of_the_file(name, tmp_path):
    written = run(name, "--table", "tables.tex")
    text = (tmp_path / "tables.tex").read_text()
    assert text.startswith(r"\begin{tabular}")
    assert r"\begin{tabular}" not in written.stdout
    parsed = COMMANDS[name].make_context(name, [*RUNS[name], "--table"])
    assert parsed.params["table"] == "markdown"


def test_tables_are_offered_where_they_are_printed():
    assert {name for name in COMMANDS if "--table" not in options(name)} == set(NO_TABLES)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_bad_value_has_status_2(name, monkeypatch, capsys):
    bad = BAD.get(name) or (["--loss", "median"] if "--loss" in options(name) else ["--restarts", "0"])
    monkeypatch.setattr(sys, "argv", ["stability", name, *RUNS[name], *bad])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--json abs1 xor", ["--json", "-", "abs1", "xor"]),
        ("abs1 xor --json", ["abs1", "xor", "--json", "-"]),
        ("abs1 xor --json end", ["abs1", "xor", "--json", "end"]),
        ("--json end.json abs1 xor", ["--json", "end.json", "abs1", "xor"]),
        ("abs1 --table latex xor", ["abs1", "--table", "latex", "xor"]),
        ("--table --json abs1 xor", ["--table", "markdown", "--json", "-", "abs1", "xor"]),
        ("abs1 xor --json --minima", ["abs1", "xor", "--json", "-", "--minima"]),
        ("--json -- abs1 xor", ["--json", "-", "--", "abs1", "xor"]),
    ],
)
def test_the_word_after_json_is_a_file_unless_an_argument_would_be_missing(words, expected):
    context = COMMANDS["atlas"].make_context("atlas", shlex.split(words))
    again = COMMANDS["atlas"].make_context("atlas", expected)
    assert context.params == again.params
    assert (context.params["model"], context.params["data"]) == ("abs1", "xor")


def test_values_are_filled_in_before_the_end_of_options():
    assert with_values(["--json", "--", "--json"], {"--json"}, is_surely_a_value) == ["--json", "-", "--", "--json"]


@pytest.mark.parametrize(
    ("name", "words", "given", "file"),
    [
        ("sweep", "--json figure-1-coarse", "figure-1-coarse", "-"),
        ("sweep", "--json status.json", None, "status.json"),
        ("sweep", "figure-1-coarse --json status", "figure-1-coarse", "status"),
        ("control", "--json xor", ["xor"], "-"),
        ("control", "xor --json found", ["xor"], "found"),
        ("control", "--json digits xor", ["digits", "xor"], "-"),
        ("audit", "--json two-relu-xor", ["two-relu-xor"], "-"),
        ("audit", "--json all.json", None, "all.json"),
        ("check", "--json proofs/records", [Path("proofs/records")], "-"),
    ],
)
def test_the_word_after_json_is_an_optional_argument_where_that_is_missing(name, words, given, file):
    params = COMMANDS[name].make_context(name, shlex.split(words)).params
    argument = next(each.name for each in COMMANDS[name].params if each.param_type_name == "argument")
    assert (params[argument] or None, params["as_json"]) == (given, file)


def test_a_task_or_a_sweep_after_json_is_no_file(tmp_path):
    report = CliRunner().invoke(app, ["control", "--json", "xor", "--restarts", "20", "--policy", "better"])
    assert {each["task"] for each in json.loads(report.stdout)["results"]} == {"xor"}
    report = CliRunner().invoke(app, ["sweep", "--json", "figure-1-coarse", "--status"])
    assert json.loads(report.stdout)["sweep"] == "figure-1-coarse"
    assert not list(tmp_path.iterdir())


def test_the_old_name_of_a_command_is_answered_with_the_new_one():
    report = CliRunner().invoke(app, ["heal", "xor"])
    assert report.exit_code == 2
    assert "Did you mean 'control'" in report.output


def test_choices_are_the_tables_of_the_package():
    from stability.audit.result_store import LEVELS
    from stability.audit.verdicts import STATUSES
    from stability.dead_units.scan import OPTIMISERS
    from stability.dynamics.maps.stable_steps import MEMORY
    from stability.model.network_loss import LOSSES
    from stability.model.update_rules import ALIASES, RULES
    from stability.studies.interventions import TASKS
    from stability.symbolic.derive import COORDINATES
    from stability.training.constraints.penalties import TIES
    from stability.training.control.policies import POLICIES
    from stability.training.deep.settings import INITS, METHODS
    from stability.training.devices import DEVICES
    from stability.training.ensembles.settings import DTYPES, MODES

    own = {
        choices.LEVELS: LEVELS,
        choices.STATUSES: STATUSES,
        choices.LOSSES: LOSSES,
        choices.RULES: ("flow", *RULES),
        choices.OPTIMISERS: RULES,
        choices.LINEARISED: MEMORY,
        choices.SCAN_OPTIMISERS: OPTIMISERS,
        choices.CONTROL_TASKS: TASKS,
        choices.COORDINATES: COORDINATES,
        choices.TIES: TIES,
        choices.POLICIES: POLICIES,
        choices.DEEP_INITS: INITS,
        choices.METHODS: METHODS,
        choices.DEVICES: DEVICES,
        choices.DTYPES: DTYPES,
        choices.MODES: MODES,
    }
    for choice, table in own.items():
        assert set(choice.names) == set(table), choice.what
    assert set(choices.RULES.also) == set(ALIASES)


def test_a_choice_takes_its_spellings_and_suggests_the_nearest():
    choices.RULES.require("heavy_ball")
    choices.OPTIMISERS.require("sgd")
    with pytest.raises(UnknownNameError, match=r"Did you mean 'heavy-ball'\?.*flow, gd"):
        choices.RULES.require("hevy-ball")


@pytest.mark.parametrize(
    "line",
    [
        "train-deep --method sep_q",
        "train-deep --depth 0",
        "control xr",
        "control --policy bettr",
        "crosscheck --restarts 0",
        "train relu2 xor --init normal:1 --mode slow",
    ],
)
def test_a_misspelt_setting_is_refused_before_torch_is_loaded(line):
    code = (
        "import sys\nfrom stability.cli.main import main\n"
        "try: main()\nexcept SystemExit as end: print(end.code, 'torch' in sys.modules)"
    )
    report = subprocess.run(
        [sys.executable, "-c", code, *shlex.split(line)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert report.stdout.split() == ["2", "False"], report.stderr


@pytest.mark.parametrize(("typed", "offered"), [("atl", "atlas"), ("basins abs1 xor --rule he", "heavy-ball")])
def test_the_shell_completes_commands_and_choices(typed, offered):
    import os

    given = {**os.environ, "_STABILITY_COMPLETE": "complete_bash", "COMP_WORDS": f"stability {typed}"}
    given["COMP_CWORD"] = str(len(typed.split()))
    code = "import sys\nfrom stability.cli.main import main\nsys.argv = ['stability']\nmain()"
    report = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=given)
    assert offered in report.stdout.split()
