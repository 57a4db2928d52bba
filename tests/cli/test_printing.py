"""What is printed is what was meant: names as they are, every table in every form, the loss always named."""

import csv
import io
import json
from fractions import Fraction

import pytest
from typer.testing import CliRunner

from stability.cli import main as cli
from stability.cli.terminal import show

POINTS = "x1,y\n-1,0\n0,1\n1,0\n"
TRAIN = ["train", "abs1", "xor", "--init", "normal:0.5", "--restarts", "20", "--epochs", "50", "--mode", "eager"]
DEEP = ["train-deep", "--depth", "2", "--width", "2", "--epochs", "2", "--seeds", "2"]
COMMANDS = {
    "classify": ["classify", "abs1", "xor", "--at", "[[0, 0, 1/3]]"],
    "atlas": ["atlas", "abs1", "xor"],
    "flow": ["flow", "abs1", "xor", "--from", "[[1, 1/2, 1/3]]"],
    "basins": ["basins", "abs1", "xor", "--init", "normal:1", "--samples", "20"],
    "bifurcation": ["bifurcation", "abs1", "xor", "--vary", "label:1", "--range", "0,1"],
    "train": TRAIN,
    "train-deep": DEEP,
    "audit": ["audit", "two-relu-xor", "--only", "trap-exists", "--no-runs"],
}


def run(arguments):
    result = CliRunner().invoke(cli.app, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def awkward(tmp_path, name):
    (tmp_path / name).write_text(POINTS)
    return name


@pytest.mark.parametrize("name", ["a[b].csv", "[red]x[_red].csv", "a:100:.csv", "100%.csv"])
@pytest.mark.parametrize("command", ["atlas", "flow", "basins", "classify", "bifurcation", "train"])
def test_names_are_printed_as_they_are(command, name, tmp_path):
    arguments = COMMANDS[command].copy()
    arguments[2] = awkward(tmp_path, name)
    arguments = [a.replace("[[0, 0, 1/3]]", "[[0, 1/3]]").replace("[[1, 1/2, 1/3]]", "[[1, 1/3]]") for a in arguments]
    assert name in "".join(run(arguments).stdout.split("\n"))


def test_a_spelling_is_no_emoji(capsys):
    show("relu1 on moons:100:10")
    assert capsys.readouterr().out == "relu1 on moons:100:10\n"


def test_names_never_steer_the_terminal(tmp_path):
    name = awkward(tmp_path, "a\x1b[31m\u202e.csv")
    result = run(["atlas", "abs1", name])
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    assert r"a\x1b[31m\u202e.csv" in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_writes_its_tables_as_csv(command):
    text = run([*COMMANDS[command], "--table", "csv"]).stdout
    for table in text.split("\n\n"):
        rows = list(csv.reader(io.StringIO(table)))
        assert len({len(row) for row in rows if row}) == 1
    assert "\u2502" not in text


@pytest.mark.parametrize("command", ["classify", "atlas", "flow", "basins", "bifurcation", "train"])
@pytest.mark.parametrize("form", [None, "latex", "markdown"])
def test_every_output_names_its_loss(command, form):
    result = run([*COMMANDS[command], *(["--table", form] if form else [])])
    assert any(f"{kind} of square" in result.output for kind in ("sum", "mean"))


def test_rounded_numbers_look_rounded_in_latex(tmp_path):
    (tmp_path / "d.csv").write_text("x1,y\n-1.37,0.1\n0.21,1.3\n1.49,0.77\n2.2,-0.41\n")
    shown = run(["atlas", "relu1", "d.csv", "--table", "latex"]).stdout
    assert r"$\approx " in shown
    assert "~" not in shown


def test_the_sum_stands_beside_the_mean_that_is_trained():
    settled = ["train", "abs1", "xor", "--init", "normal:0.5:0.5", "--restarts", "20", "--lr", "0.05", "--json"]
    found = [each for how in (settled, [*TRAIN, "--json"]) for each in json.loads(run(how).stdout)["end_states"]]
    exact = [each for each in found if each["set"] is not None]
    assert {"reason" in each for each in exact if each["loss"] != "0"} == {True, False}
    assert all(Fraction(each["loss_sum"]) == 4 * Fraction(each["loss"]) for each in exact)
    heads = next(csv.reader(io.StringIO(run([*TRAIN, "--table", "csv"]).stdout.split("\n\n")[1])))
    assert heads[1:3] == ["loss (mean)", "loss (sum)"]


def test_an_unknown_form_is_refused_before_anything_is_computed(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["stability", "basins", "abs1", "xor", "--init", "normal:1", "--table", "latx"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    assert "latex" in capsys.readouterr().err


def test_flow_and_check_count_alike_from_one(tmp_path):
    start = '[[1, "1/2", "1/10"], ["-1/2", "1/3", "1/4"]]'
    table = run(["flow", "relu2", "xor", "--from", start, "--record", "end.json", "--table", "csv"]).stdout
    rows = list(csv.DictReader(io.StringIO(table)))
    shown = [f"{row['event']} (unit {row['unit (from 1)']}, example {row['example (from 1)']})" for row in rows[:-1]]
    checked = run(["check", "end.json"]).stdout
    assert shown
    assert [checked.index(each) for each in shown] == sorted(checked.index(each) for each in shown)


def test_several_steps_share_a_table_that_counts_what_is_near(tmp_path):
    (tmp_path / "d.csv").write_text("x1,y\n-2,1/2\n-1,-1\n0,1\n1,2\n2,1/3\n")
    command = ["basins", "relu2", "d.csv", "--init", "normal:1:1", "--samples", "60", "--rule", "gd", "--steps", "300"]
    text = run([*command, "--step", "1/100,1/20", "--table", "csv"]).stdout
    head, *rows = csv.reader(io.StringIO(text))
    for step in ("1/100", "1/20"):
        column = head.index(f"step {step}")
        found = json.loads(run([*command, "--step", step, "--json"]).stdout)
        near = sum(each["within"] + each["count"] for each in found["sets"]) / 60
        shares = [
            float(row[column].rstrip("%")) / 100 for row in rows if not row[0].startswith(("near no", "diverged"))
        ]
        assert sum(shares) == pytest.approx(near, abs=2e-3)
        assert sum(float(row[column].rstrip("%")) for row in rows) == pytest.approx(100, abs=0.2)


def test_the_branches_of_a_flow_are_listed_with_their_ends():
    command = ["flow", "leaky1/3:1", "xor", "--from", "[[0, 0, 0]]"]
    branches = json.loads(run([*command, "--json"]).stdout)["branches"]
    table = run([*command, "--table", "csv"]).stdout.split("\n\n")[1]
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["signs by unit"] for row in rows] == [branch["faces"][0] for branch in branches] == ["0+++", "+0++"]
    assert all(
        row["ends on"].endswith(f"loss {branch['end']['loss']}") for row, branch in zip(rows, branches, strict=True)
    )
    assert "Other solutions" not in run(COMMANDS["flow"]).stdout


@pytest.mark.parametrize("command", ["flow", "basins", "classify", "bifurcation"])
def test_an_interrupted_command_says_so(command, monkeypatch):
    def interrupt(*arguments, **settings):
        raise KeyboardInterrupt

    for place in ("stability.model.network_loss.NetworkLoss.point", "stability.cli.flow.compute_basins"):
        monkeypatch.setattr(place, interrupt)
    monkeypatch.setattr("stability.dynamics.bifurcation.questions.answer", interrupt)
    result = CliRunner().invoke(cli.app, COMMANDS[command])
    assert (result.exit_code, result.stderr) == (130, "Interrupted.\n")


WIDE = ["atlas", "relu2", "xor"]


@pytest.mark.parametrize("columns", [60, 80, 100, 120, 150])
@pytest.mark.parametrize("command", ["atlas", "basins", "flow", "bifurcation", "classify", "train", "audit"])
def test_no_word_is_broken_or_cut_at_any_width(command, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", "1000")
    words = {word for word in run(COMMANDS[command]).stdout.split() if word.isalpha()}
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = run(COMMANDS[command]).stdout
    assert max(map(len, shown.splitlines())) <= columns
    assert "…" not in shown
    narrow = {word for word in shown.split() if word.isalpha()}
    assert {word for word in narrow - words if len(word) > 1} == set()
    empty = {"true", "instead"}  # the head of a column without entries has no place where rows stand as blocks
    assert {word for word in words - empty if len(word) < 15} <= narrow


def test_columns_that_do_not_fit_stand_below_each_other(monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    lines = [line.split("│") for line in run(WIDE).stdout.splitlines() if line.startswith("│")]
    pairs = [(name.strip(), value.strip()) for _, name, value, _ in lines]
    assert pairs[:3] == [("set", "0"), ("sets", "2 global minima"), ("loss", "0")]


def test_the_id_of_a_claim_can_be_copied_at_any_width(monkeypatch):
    for columns in (60, 80, 150):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert "trap-exists" in run(COMMANDS["audit"]).stdout.split()


def test_plurals_and_events_in_words():
    shown = run(COMMANDS["bifurcation"]).stdout
    assert "after 2 saddles" in shown
    assert "2 times: before nothing; there saddle, loss 4/9; after local minimum + saddle" in shown
    assert "->" not in shown
    assert " x " not in shown
    latex = run([*COMMANDS["bifurcation"], "--table", "latex"]).stdout
    assert "after 2 saddles" in latex
    assert r"\textgreater" not in latex
    ratio = run(["bifurcation", "relu1", "xor", "--vary", "ratio", "--range", "-1,1"]).stdout
    assert "2 maxima + 2 minima" in ratio


def test_properties_are_said_without_a_double_negative():
    shown = run(COMMANDS["classify"]).stdout
    assert "directionally stationary" in shown
    assert "no first-order" not in shown
