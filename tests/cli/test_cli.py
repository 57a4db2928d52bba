"""The command line: right answers, exit statuses, and one clear sentence for bad input."""

import json
import re
import subprocess
import sys
from fractions import Fraction

import pytest
from paths import ROOT
from typer.testing import CliRunner

from stability import StabilityError
from stability.audit.verdicts import STATUSES
from stability.cli import main as cli
from stability.initialisation.table import INITIALISATIONS, listing


def run(*arguments, status=0):
    result = CliRunner().invoke(cli.app, [str(a) for a in arguments])
    if isinstance(result.exception, StabilityError):
        raise result.exception
    assert result.exit_code == status, result.output
    return result.stdout


def test_classify_json():
    found = json.loads(run("classify", "abs1", "xor", "--at", '[[-1/2, "1/2", 0.0]]', "--json"))
    assert (found["kind"], found["is_global"]) == ("local minimum", True)
    assert found["loss"] == "0"
    assert found["gradient"] == ["0", "0", "0"]
    assert found["torque_ratio"] == [None]
    assert (found["clarke"], found["directional"], found["autograd_rests"], found["strict"]) == (True,) * 4
    keys = "model data loss_kind loss differentiable gradient clarke directional autograd_rests kind strict descent"
    assert {*keys.split(), "torque_ratio", "certificate"} <= set(found)


def test_classify_mean_is_a_quarter():
    sums = json.loads(run("classify", "relu1", "xor", "--at", "[[1, 1/3, 2e-1]]", "--json"))
    means = json.loads(run("classify", "relu1", "xor", "--at", "[[1, 1/3, 2e-1]]", "--loss", "mean", "--json"))
    quarter = Fraction(sums["loss"]) / 4
    assert means["loss"] == str(quarter)
    assert means["torque_ratio"] == sums["torque_ratio"]


def test_classify_output_layers(tmp_path):
    file = str(tmp_path / "falls.json")
    assert "--record FILE" in run("classify", "relu1-out", "xor", "--at", "[[0, 0, 0, 0]]", "--record", file)
    assert "1 records confirmed" in run("check", file)
    found = json.loads(run("classify", "relu1-linear", "xor", "--at", "[[0, 0, 0, 0, 0], [1/2, 1/2]]", "--json"))
    assert (found["kind"], found["silent"], found["escape"]["order"]) == ("saddle", [0], 2)
    assert "saddle" in run("classify", "relu1-out+c", "xor", "--at", "[[0, 0, 0, 0], [1/2]]")


def test_searches_of_several_outputs_are_certified(tmp_path):
    file = tmp_path / "two.csv"
    file.write_text("x1,x2,y1,y2\n1,0,43/25,24/25\n0,1,24/25,57/25\n1,1,67/25,81/25\n")
    text = run("fixed-points", "leaky1/1000:1-out2-nob", str(file), "--starts", "40")
    assert "Certified: " in text
    assert "Others may be missing." in " ".join(text.split())
    found = json.loads(run("fixed-points", "leaky1/1000:1-out2-nob", str(file), "--starts", "40", "--json"))
    assert found["agreement"] is None
    assert any(each["enclosure"] for each in found["points"])


def test_classify_on_a_csv(tmp_path):
    file = tmp_path / "line.csv"
    file.write_text("x1,y\n1,2\n-1/2,0.25\n")
    assert "not stationary" in run("classify", "relu1", file, "--at", "[[1, 1]]")


def test_atlas_shows_writes_and_certifies(tmp_path):
    json_file, record = tmp_path / "atlas.json", tmp_path / "record.json"
    shown = run("atlas", "abs1", "xor", "--json", json_file, "--record", record)
    assert "9 stationary sets, complete over 51 faces" in shown
    found = json.loads(json_file.read_text())
    keys = ("model", "data", "loss_kind", "parameters", "cells", "faces", "complete")
    assert [found[k] for k in keys] == ["abs1", "xor", "sum", 3, 14, 51, True]
    assert {"version", "arguments"} <= set(found)
    assert [each["loss"] for each in found["sets"]] == ["0"] * 2 + ["1"] * 2 + ["4/3"] * 4 + ["2"]
    wanted = "kind loss dimension isolated strict faces witness clarke directional autograd_rests orbit"
    assert all(set(wanted.split()) <= set(each) for each in found["sets"])
    assert "1 records confirmed" in run("check", record)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["atlas.json", "record.json"]


def test_atlas_under_the_mean_loss_is_a_quarter():
    found = json.loads(run("atlas", "relu1", "xor", "--loss", "mean", "--json", "-"))
    assert sorted({each["loss"] for each in found["sets"]}) == ["1/2", "1/3", "1/4"]


@pytest.mark.parametrize(("form", "start"), [("latex", r"\begin{tabular}"), ("markdown", "| set ")])
def test_atlas_as_a_table_for_a_paper(form, start):
    shown = run("atlas", "relu1", "xor", "--table", form)
    assert shown.startswith(start)
    assert "2 saddles" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["relu9", "xor"], "up to 51 faces per unit.*Allow more with --max-faces"),
        (["relu2", "xor", "--max-faces", "1325"], "1,326 up to the order"),
        (["relu2", "xor", "--workers", "0"], "at least one worker"),
        (["relu0", "xor"], "at least one unit"),
        (["relu1", "xor", "--json", "/nowhere/file"], "There is no folder"),
        (["relu1", "xor", "--record", "/nowhere/file"], "There is no folder"),
        (["relu1", "xor", "--table", "word"], "Expected the form of a table"),
        (["relu1", "xor", "--table", "t.xls"], "ends in .md, .tex, .csv; got 't.xls'"),
        (["relu1", "xor", "--loss", "median"], "Expected the loss"),
        (["relu1", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_atlas_refuses_what_makes_no_sense(arguments, words):
    with pytest.raises(StabilityError, match=f"(?s){words}"):
        run("atlas", *arguments)


def test_an_atlas_shows_only_minima_or_the_first_rows_and_counts_all():
    everything = run("atlas", "relu2", "xor").splitlines()
    minima = run("atlas", "relu2", "xor", "--minima").splitlines()
    first = run("atlas", "relu2", "xor", "--minima", "--top", "2").splitlines()
    assert minima[0].strip() == everything[0].strip() == first[0].strip()
    kinds = [" global minimum", " global minima", " local minimum", " local minima"]
    rows = [line for line in everything if line.startswith("│")]
    wanted = [line for line in rows if any(kind in line for kind in kinds)]
    assert [line.split() for line in minima if line.startswith("│")] == [line.split() for line in wanted]
    assert [line.split() for line in first if line.startswith("│")] == [line.split() for line in wanted[:2]]
    assert f"shown: 2 of {len(rows)} rows, the minima of the least losses" in first
    run("atlas", "relu2", "xor", "--top", "0", status=2)


def test_an_interrupted_atlas_goes_on(tmp_path, monkeypatch):
    from stability.compute.resume import Stage
    from stability.geometry.atlas import atlas as module
    from stability.geometry.stationary.search import search

    monkeypatch.setattr(module, "CHOICES_PER_PART", 100)
    kept = tmp_path / "kept.partial"
    done, again = [], []

    def stopping(part):
        if len(done) == 5:
            raise KeyboardInterrupt
        done.append(part.first)
        return search(part)

    def going_on(part):
        again.extend([part.first] * (part.first in done))
        return search(part)

    for function, status in ((stopping, 130), (going_on, 0)):
        stage = Stage("stationary points", function, module.CHOICES.write, module.CHOICES.read)
        monkeypatch.setattr(module, "CHOICES", stage)
        shown = run("atlas", "relu2", "xor", "--resume", kept, status=status)
        assert kept.exists() == (status == 130)
    assert "17 stationary sets, complete" in shown
    assert len(again) == 1  # the one with which the file is compared


def test_flow_and_basins_as_json():
    found = json.loads(run("flow", "abs1", "xor", "--from", '[[1, "1/2", "1/10"]]', "--json"))
    assert found["end"] == {
        "point": [["1/2", "-1/2", "0"]],
        "loss": "0",
        "kind": "global minimum",
        "set": 0,
        "reason": "",
    }
    assert {"start", "events", "end"} <= set(found)
    found = json.loads(run("basins", "abs1", "xor", "--init", "normal:1", "--samples", "50", "--json"))
    assert {"model", "data", "loss_kind", "law", "samples", "seed", "undecided", "sets"} <= set(found)
    assert sum(each["share"] for each in found["sets"]) == pytest.approx(1)
    assert {each["loss"] for each in found["sets"]} == {"0"}  # without bias the unit never fails
    assert "ends on" in run("basins", "relu1", "xor", "--init", "uniform:1", "--samples", "20")
    shown = run("flow", "relu1", "xor", "--from", "[[1, 2, 3]]")
    assert "gradient flow ends on" in shown
    assert "Other solutions" not in shown


def test_flow_says_how_many_solutions_leave_a_start():
    words = " ".join(run("flow", "leaky1/3:1", "xor", "--from", "[[0, 0, 0]]").split())
    assert "at least 3 solutions leave the same start" in words
    shown = run("flow", "abs1", "xor", "--from", '[[1, "1/2", "1/10"]]')
    assert "; unique" in " ".join(shown.split())


def test_basins_by_a_rule():
    arguments = ["basins", "abs1", "xor", "--init", "normal:1:1", "--samples", "60"]
    ruled = [*arguments, "--rule", "heavy-ball", "--step", "1/50", "--momentum", "1/2"]
    found = json.loads(run(*ruled, "--steps", "3000", "--json"))
    assert (found["rule"], found["steps"]) == ("heavy-ball (step 1/50, momentum 1/2)", 3000)
    assert sum(each["count"] for each in found["sets"]) == 60
    assert (found["undecided"], found["diverged"], found["unexplained"]) == (0, 0, 0)
    assert re.search(r"heavy-ball .* from\s+60 starts.*0 at no\s+set, 0\s+diverged", run(*ruled), re.DOTALL)
    adam = ["--rule", "adam", "--step", "1/10", "--beta1", "0", "--beta2", "99/100", "--eps", "1/100", "--json"]
    assert json.loads(run(*arguments, *adam))["rule"] == "adam (step 1/10, beta1 0, beta2 99/100, eps 1/100)"
    cycling = json.loads(run(*arguments, "--rule", "gd", "--step", "1/4", "--steps", "200", "--json"))
    assert cycling["undecided"] + cycling["diverged"] == 60


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--init", "normal:0"], "all starts are the same point"),
        (["--init", "normal:0:0", "--rule", "gd", "--step", "1/10"], "all starts are the same point"),
        (["--rule", "gd"], "Expected the step of gd; got none"),
        (["--step", "1/10"], "without a step; got the step 1/10"),
        (["--momentum", "1/2"], "without a momentum"),
        (["--steps", "5"], "takes no steps; got 5"),
        (["--rule", "heavy-ball", "--step", "1/10", "--momentum", "1"], "momentum from 0 to below 1; got 1"),
        (["--rule", "gd", "--step", "0"], "step above 0; got 0"),
        (["--rule", "gd", "--step", "ten"], "step"),
        (["--rule", "nestrov", "--step", "1/10"], "(?s)got 'nestrov'.*Did you mean 'nesterov'.*flow"),
        (["--rule", "gd", "--step", "1/10", "--beta1", "1/2"], "gd has no parameter 'beta1'"),
        (["--rule", "adam", "--step", "1/10", "--beta2", "1"], "beta2 from 0 to below 1"),
        (["--rule", "gd", "--step", "1/10", "--steps", "0"], "at least one step; got 0"),
    ],
)
def test_basins_refuse_what_makes_no_sense(arguments, words):
    law = [] if "--init" in arguments else ["--init", "normal:1"]
    with pytest.raises(StabilityError, match=words) as report:
        run("basins", "abs1", "xor", "--samples", "5", *law, *arguments)
    assert report.value.remedy


def test_portrait_by_a_rule(tmp_path):
    file = tmp_path / "p.svg"
    run("portrait", "abs1", "xor", "-o", file, "--rule", "heavy-ball", "--step", "1/10", "--momentum", "4/5")
    assert "heavy ball, step 1/10, momentum 4/5" in file.read_text()


@pytest.mark.parametrize("name", ["p.png", "p.svg"])
def test_portrait_writes_a_picture(tmp_path, name):
    run("portrait", "abs1", "xor", "-o", tmp_path / name, "--plane", "p,b")
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--plane", "q,b", "-o", "a.png"], "plane|axis|q"),
        (["-o", "a.txt"], "ending in"),
        (["-o", "/nowhere/a.png"], "no folder"),
        (["-o", "a.png", "--rule", "gd"], "Expected the step of gd; got none"),
        (["-o", "a.png", "--rule", "gd", "--step", "-1"], "step above 0; got -1"),
        (["-o", "a.png", "--step", "1"], "without a step; got the step 1"),
        (["-o", "a.png", "--rule", "adm", "--step", "1"], "update rule; got 'adm'"),
        (["-o", "a.png", "--rule", "gd", "--step", "1", "--momentum", "1/2"], "gd has no parameter 'momentum'"),
        (["-o", "a.png", "--span", "0"], "span|above 0"),
    ],
)
def test_portrait_refuses_what_makes_no_sense(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StabilityError, match=words):
        run("portrait", "abs1", "xor", *arguments)
    assert not list(tmp_path.iterdir())


def test_classify_writes_a_record_that_checks(tmp_path):
    file = tmp_path / "point.json"
    run("classify", "relu1", "xor", "--at", "[[0, 0, 0]]", "--record", file)
    assert (
        "ok"
        in subprocess.run(
            [sys.executable, "-I", ROOT / "stability/checker/checker.py", file],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["classify", "rlu1", "xor", "--at", "[[1,2,3]]"], "Did you mean 'relu'"),
        (["classify", "relu1", "xor", "--at", "[[1,2]]"], "this point gives 2 in 1 row"),
        (["classify", "relu2", "xor", "--at", "[[1,2,3]]"], "6 parameters"),
        (["classify", "relu1", "xor", "--at", "[[1,2,nan]]"], "nan"),
        (["classify", "relu1", "xor", "--at", "[[1,2,inf]]"], "inf"),
        (["classify", "relu1", "xor", "--at", "[[1,2,1/0]]"], "1/0"),
        (["classify", "relu1", "xor", "--at", "[[1,2,1e999999999]]"], "digits"),
        (["classify", "relu1", "xor", "--at", "[[1,2,3]"], "list of lists"),
        (["classify", "relu1", "xor", "--at", ""], "list of lists"),
        (["classify", "relu1", "xor", "--at", "[" * 5000], "list of lists"),
        (["classify", "relu1", "xor", "--at", "[[1,2,[3]]]"], "numbers inside each row"),
        (["classify", "relu1", "xor", "--at", "[[1,2,3]]", "--loss", "max"], "'sum' or 'mean'"),
        (["classify", "relu1", "nowhere.csv", "--at", "[[1,2,3]]"], "there is no file 'nowhere.csv'"),
        (["derive", "relu1", "xor", "--pattern", "+-"], "4 signs"),
        (["derive", "relu1", "xor", "--pattern", "+-+-", "--coordinates", "polr"], "Did you mean 'polar'"),
        (["audit", "two-relu"], "Did you mean 'two-relu-xor'"),
        (["audit", "--only", "angel-rate"], "Did you mean 'angle-rate'"),
        (["audit", "--fail-on", "false"], "Expected a status"),
        (["audit", "--only", "angle-rate", "--record"], "all together"),
        (["audit", "--only", "angle-rate", "--json", "/no/such/folder/x.json"], "There is no folder"),
        (["figures", "nonsense"], "nonsense"),
    ],
)
def test_bad_input_is_one_clear_error(arguments, words):
    with pytest.raises(StabilityError) as problem:
        run(*arguments)
    assert words in str(problem.value)
    assert problem.value.remedy


def test_errors_reach_the_terminal_without_a_traceback():
    program = [
        sys.executable,
        "-c",
        "from stability.cli.main import main; main()",
        "classify",
        "relu1",
        "xr",
        "--at",
        "[]",
    ]
    result = subprocess.run(program, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("UnknownNameError: ")
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_derive_prints_latex_and_text():
    assert r"\nabla L" in run("derive", "relu2", "xor", "--pattern", "+-0+,++--", "--latex")
    assert "gradient" in run("derive", "abs1", "xor", "--pattern", "+-++", "--coordinates", "angular")
    assert "theta" in run("derive", "relu1", "xor").replace("θ", "theta")


def test_check_says_what_records_conclude_and_fails_on_tampering(tmp_path):
    record = json.loads((ROOT / "proofs/records/theorems/no_line_separates_xor.json").read_text())
    file = tmp_path / "record.json"
    file.write_text(json.dumps(record))
    assert "there are w1, w2, b" in run("check", file)
    file.write_text(json.dumps({**record, "conclusion": "refuted"}))
    assert "altered" in run("check", file, status=1)
    file.write_text("not json")
    assert "expected a record in JSON" in run("check", file, status=2)
    assert "No such file" in run("check", tmp_path / "none.json", status=2)


def test_audit_json_and_exit_status(tmp_path):
    file = tmp_path / "audit.json"
    only = ["--only", "angle-rate", "--only", "active-set-possible", "--only", "thresholds"]
    shown = run("audit", "prototype-surface-control", *only, "--json", file, "--fail-on", "refuted", status=1)
    assert re.search(r"3 claims: 2 refuted, 1 opinion", shown)
    document = json.loads(file.read_text())
    (writeup,) = document["writeups"]
    assert document["version"]
    assert writeup["id"] == "prototype-surface-control"
    assert [c["id"] for c in writeup["claims"]] == ["angle-rate", "active-set-possible", "thresholds"]
    for claim in writeup["claims"]:
        assert {"id", "where", "says", "kind", "status", "reason", "repair", "certificate"} <= set(claim)
        assert claim["status"] in STATUSES
    assert writeup["claims"][0]["repair"]["status"] == "proved"
    run("audit", "prototype-surface-control", *only, "--fail-on", "vacuous")


def test_an_interrupted_audit_keeps_what_it_has(monkeypatch, tmp_path):
    from stability.audit import run as command

    real, seen = command.settle, []

    def settle(claim, *more):
        seen.append(claim)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return real(claim, *more)

    monkeypatch.setattr(command, "settle", settle)
    file = tmp_path / "part.json"
    run("audit", "prototype-surface-control", "--json", file, status=130)
    assert len(json.loads(file.read_text())["writeups"][0]["claims"]) == 2


def test_basins_by_several_steps_share_a_table_and_give_one_result_each():
    arguments = ["basins", "abs1", "xor", "--init", "normal:0.5:0.5", "--samples", "60", "--rule", "gd"]
    several = ["--step", "1/20, 1/4,1/2", "--steps", "400"]
    found = json.loads(run(*arguments, *several, "--json"))
    assert [each["rule"] for each in found] == ["gd (step 1/20)", "gd (step 1/4)", "gd (step 1/2)"]
    for step, each in zip(("1/20", "1/4", "1/2"), found, strict=True):
        assert each == json.loads(run(*arguments, "--step", step, "--steps", "400", "--json"))
    shown = run(*arguments, *several)
    for words in ("step 1/20", "step 1/4", "step 1/2", "cycle of period 2", "diverged", "100.00%"):
        assert words in shown
    with pytest.raises(StabilityError):
        run(*arguments, "--step", "1/20,,1/4")


def test_basins_at_the_edges_of_numbers(tmp_path, recwarn):
    large, beyond = tmp_path / "large.csv", tmp_path / "beyond.csv"
    large.write_text("x1,y\n1e300,1\n0,0\n")
    beyond.write_text("x1,y\n1e400,1\n0,0\n")
    gd = ["--init", "normal:1:1", "--samples", "10", "--rule", "gd", "--step", "1/10"]
    assert "0 at no set, 10 diverged" in run("basins", "abs1", large, *gd)
    with pytest.raises(StabilityError, match="range of float64"):
        run("basins", "abs1", beyond, *gd)
    with pytest.raises(StabilityError, match=r"at most [0-9,]+ starts.*got 99,999"):
        run("basins", "abs1", "xor", "--init", "normal:1", "--samples", "99999999999999999999")
    with pytest.raises(StabilityError, match="tolerance"):
        run("basins", "abs1", "xor", *gd, "--within", "0")
    for law in ("uniform:-1e308:1e308", "normal:1e20:1e20"):
        found = json.loads(run("basins", "abs1", "xor", "--init", law, "--samples", "5", "--json"))
        assert sum(each["count"] for each in found["sets"]) + found["undecided"] + found["several_solutions"] == 5
    assert not recwarn.list


def test_basins_say_why_runs_are_at_no_set():
    arguments = ["basins", "abs1", "xor", "--init", "normal:0.5:0.5", "--samples", "40"]
    shown = run(*arguments, "--rule", "sign", "--step", "1/100", "--steps", "500", "--within", "0.02")
    for words in ("At no set, by the 128 steps", "cycle of period 2", "within 0.02", "nearest set", "or within 0.02"):
        assert words in shown
    assert "At no set" not in run(*arguments, "--rule", "gd", "--step", "1/20")
    split = run("basins", "relu2", "xor", "--init", "normal:0.5:0.5", "--samples", "400")
    assert "several solutions" in split
    assert "Where the solutions end that leave those starts" in split
    assert "solutions end on" not in run(*arguments)


def test_coordinates_without_a_cell_are_refused_not_ignored():
    with pytest.raises(StabilityError, match=r"no --pattern(?s:.*)--pattern '\+\+\+\+'"):
        run("derive", "relu1", "xor", "--coordinates", "polar")


@pytest.mark.parametrize("option", ["--max-faces", "--max-terms", "--budget"])
@pytest.mark.parametrize("count", ["0", "-1"])
def test_budgets_are_at_least_one(option, count):
    command = "atlas" if option == "--max-faces" else "derive"
    run(command, "relu1", "xor", option, count, status=2)


def test_words_in_a_column_of_points_are_not_taken_for_classes(tmp_path):
    (tmp_path / "words.csv").write_text("x1,x2,y\n1,red,0\n")
    (tmp_path / "labels.csv").write_text("x1,x2,y\n1,2,cat\n")
    with pytest.raises(StabilityError, match=r"column x2(?s:.*)Leave out columns"):
        run("atlas", "relu1", str(tmp_path / "words.csv"))
    with pytest.raises(StabilityError, match=r"column y(?s:.*)For two classes write 0 and 1"):
        run("atlas", "relu1", str(tmp_path / "labels.csv"))


@pytest.mark.parametrize(
    ("arguments", "never"),
    [
        (["basins", "abs1", "xor", "--init", "normal:1", "--samples", "0"], "="),
        (["flow", "abs1", "xor", "--from", "[[0, 0, 1]]", "--kinks", "trch"], "="),
        (["train", "abs1", "xor", "--init", "normal:1", "--device", "cdua"], "="),
    ],
)
def test_remedies_speak_the_language_of_the_command_line(arguments, never):
    with pytest.raises(StabilityError) as refused:
        run(*arguments)
    assert never not in str(refused.value)


@pytest.mark.parametrize("name", list(INITIALISATIONS))
def test_basins_take_every_initialisation(name):
    spelling = INITIALISATIONS[name].example
    found = json.loads(run("basins", "relu2", "xor", "--init", spelling, "--samples", 20, "--loss", "mean", "--json"))
    assert found["law"] == spelling
    assert sum(each["count"] for each in found["sets"]) + found["undecided"] + found["several_solutions"] == 20


def test_basins_list_the_initialisations_that_train_lists():
    shown = run("basins", "--list-inits")
    assert shown == run("train", "--list-inits")
    assert all(form in shown for form, _ in listing())


@pytest.mark.parametrize("command", ["train", "basins"])
def test_the_list_of_initialisations_is_json_and_a_table_too(command, tmp_path):
    names = [form for form, _ in listing()]
    assert [each["init"] for each in json.loads(run(command, "--list-inits", "--json"))] == names
    assert [line.split(",")[0] for line in run(command, "--table", "csv", "--list-inits").splitlines()][1:] == names
    path = tmp_path / "inits.json"
    assert all(name in run(command, "--list-inits", "--json", str(path)) for name in names)
    assert [each["init"] for each in json.loads(path.read_text())] == names


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fixed-points", "relu1", "xor", "--spread", "1e300"], "got 1e+300"),
        (["fixed-points", "relu1", "xor", "--seed", "-1"], "seed of at least 0; got -1"),
        (["fixed-points", "sigmoid2", "xor"], "tanh2"),
        (["fixed-points", "tanh0", "xor"], "tanh2"),
        (["sweep", ".:GRID"], "module:name"),
        (["atlas", "abs1", "xor", "--record", "."], "is a folder"),
        (["atlas", "abs1", "xor", "--json", "/"], "is a folder"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(arguments, words):
    with pytest.raises(StabilityError, match=re.escape(words)) as refused:
        raise CliRunner().invoke(cli.app, arguments).exception
    assert refused.value.remedy


def test_one_is_not_counted_in_plurals():
    assert "from 1 start," in run("basins", "abs1", "xor", "--init", "normal:1", "--samples", "1")
    assert "from 1 start," in run("fixed-points", "abs1", "xor", "--starts", "1")


def test_optional_arguments_stand_in_one_pair_of_brackets():
    assert "[OPTIONS] [WRITEUP]...\n" in run("audit", "--help")
    assert "[OPTIONS] [NAME]\n" in run("sweep", "--help")
