"""Claims of training in documents: what they train, how they are judged, what they may not say, and what they cost."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer

from stability import run_audit
from stability.audit.readers import training
from stability.audit.readers.documents import read_document
from stability.cli.main import app

FEW = "train relu2 xor --init kaiming-normal --betas 0.9,0.99 --patience 11 --stop-loss 1e-7 --epochs 400 --restarts 80"
OTHER = FEW.replace("relu2", "leaky1/10:2")


def written(folder: Path, body: str, head: str = "") -> Path:
    path = folder / "notes.md"
    path.write_text(f"{head}Some words.\n\n```stability\n:id: one\n{body}\n```\n")
    return path


def verdict(folder: Path, body: str, head: str = "", **settings):
    (found,) = run_audit([str(written(folder, body, head))], **settings).verdicts
    return found


def measure(folder: Path, body: str):
    return read_document(written(folder, body)).claims[0].claim.measure


@pytest.mark.parametrize("model", ["relu[+,-]+c", "relu2-out+c", "relu2-nob", "relu2-linear"])
def test_networks_with_output_layers_are_trained(tmp_path, model):
    said = f"train {model} xor --init torch-default --restarts 60 --epochs 30\npublished success 50/50"
    found = verdict(tmp_path, said)
    assert found.status == "not-reproduced", found.reason
    assert f"{model} xor, torch-default" in found.reason


@pytest.mark.parametrize(
    ("published", "status", "words"),
    [
        ("success 24/50", "reproduced", "Agrees: 3"),
        ("24 of 50", "reproduced", "95% interval"),
        ("24/50 succeed", "reproduced", "95% interval"),
        ("failures 26/50", "reproduced", "fail;"),
        ("success 45/50", "not-reproduced", "Disagrees: "),
        ("failures 5/50", "not-reproduced", "fail;"),
        ("success 24/50; median epochs 190 of 24", "reproduced", "(its power). Agrees: The median of"),
        ("median epochs 500 of 24", "not-reproduced", "Disagrees: The median"),
        ("mean epochs 190 of 24", "reproduced", "The mean of"),
        ("mean epochs 390.5 of 24 runs", "not-reproduced", "(all)"),
        ("quantile 90% epochs 330 of 50", "reproduced", "the 90% quantile".capitalize()),
        ("largest epochs 40 of 50", "not-reproduced", "The largest"),
        ("success 1/2", "open", "with probability 0"),
        ("success 24/50, median epochs 190 of 3", "open", "Undecided: The median"),
    ],
)
def test_published_numbers_are_judged_with_interval_and_power(tmp_path, published, status, words):
    found = verdict(tmp_path, f"{FEW}\npublished {published}")
    assert found.status == status, found.reason
    assert words in found.reason
    assert "(its power)" in found.reason or "to show anything" in found.reason


def test_runs_are_those_of_the_library(tmp_path):
    from stability.model.update_rules import optimiser
    from stability.training.ensembles.ensemble import train
    from stability.training.ensembles.problem import task

    rule = optimiser("adam", "0.01", None, "0.9,0.99")
    own = train(task("relu2", "xor"), "kaiming-normal", rule, epochs=400, stop_loss=1e-7, patience=11, restarts=80,
                seed=3, dtype="float64", device="cpu", chunk=7)  # fmt: skip
    found = verdict(tmp_path, f"{FEW} --seed=3 --dtype float64\npublished success 24/50; median epochs 190 of 24")
    assert f"{own.success.sum()} of 80 (" in found.reason
    assert f"is {np.quantile(own.stopped[own.success], 0.5, method='inverted_cdf'):g};" in found.reason
    again = verdict(tmp_path, f"{FEW} --seed 4\npublished success 24/50; median epochs 190 of 24")
    assert again.reason != found.reason


def test_a_verdict_does_not_depend_on_the_engine(tmp_path):
    reasons = {verdict(tmp_path, f"{FEW} --mode {mode}\npublished 24/50").reason for mode in ("auto", "eager")}
    assert len(reasons) == 1
    assert measure(tmp_path, f"{FEW} --mode compiled\npublished 24/50").run.settings["mode"] == "auto"


def test_one_block_holds_several_pairs(tmp_path):
    good, bad = f"{FEW}\npublished success 24/50", f"{OTHER}\npublished success 27/50"
    found = verdict(tmp_path, f"{good}\n{bad}")
    assert found.status == "not-reproduced"
    assert found.reason.startswith("relu2 xor, kaiming-normal. Agrees: ")
    assert "leaky1/10:2 xor, kaiming-normal. Disagrees: " in found.reason
    assert verdict(tmp_path, f"{good}\n{good}\npublished failures 26/50").status == "reproduced"


def test_clauses_span_lines(tmp_path):
    body = FEW.replace(" --patience", "\n  --patience") + "\npublished success 24/50;\n  median epochs 190 of 24"
    assert verdict(tmp_path, body).reason == verdict(tmp_path, " ".join(body.split("\n  "))).reason


def test_data_come_from_the_document_and_its_folder(tmp_path):
    (tmp_path / "four.csv").write_text("x1,x2,y\n1,1,0\n-1,-1,0\n1,-1,1\n-1,1,1\n")
    body = f"{FEW}\npublished success 24/50".replace("xor", "four.csv")
    head = "---\ndata:\n  mine: four.csv\n---\n"
    found = verdict(tmp_path, body), verdict(tmp_path, body.replace("four.csv", "mine"), head)
    assert [each.status for each in found] == ["reproduced"] * 2
    assert found[0].reason.partition(". ")[2] == found[1].reason.partition(". ")[2]
    before = read_document(written(tmp_path, body)).claims[0].digest
    (tmp_path / "four.csv").write_text("x1,x2,y\n1,1,0\n-1,-1,0\n1,-1,1\n-1,1,0\n")
    assert read_document(written(tmp_path, body)).claims[0].digest != before


@pytest.mark.parametrize("start", ["train ", "train\t", "  train\t "])
def test_the_digits_change_with_the_data_however_a_training_is_indented(tmp_path, start):
    body = f"{FEW}\npublished success 24/50".replace("xor", "four.csv").replace("train ", start)
    digits = []
    for last in (0, 1):
        (tmp_path / "four.csv").write_text(f"x1,x2,y\n1,1,0\n-1,-1,0\n1,-1,1\n-1,1,{last}\n")
        (found,) = read_document(written(tmp_path, body)).claims
        assert found.claim.kind == "measurement"
        digits.append(found.digest)
    assert digits[0] != digits[1]


T = "train relu2 xor --init normal:0.5"


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        (f"{T}\npublished 51/50", 6, "Expected a count from 0 to 50 of 50 runs; got 51"),
        (f"{T}\npublished success 0/0", 6, "published runs; got 0"),
        (f"{T}\npublished success 1/9999999", 6, "published runs; got 9,999,999"),
        (f"{T}\npublished success 0.5", 6, "Expected a published number; got 'success 0.5'"),
        (f"{T}\npublished median epochs nan of 4", 6, "Expected a published number"),
        (f"{T}\npublished quantile 3 epochs 4 of 4", 6, "Expected a quantile from 0 to 1; got 3"),
        (f"{T}\npublished", 6, "Expected numbers after published"),
        (T, 5, "Expected published after train"),
        (f"{T}\n{T}\npublished 1/2", 5, "Expected published after train"),
        ("published success 1/2", 5, "Expected train before published"),
        ("train relu2 xor\npublished 1/2", 5, "Expected --init"),
        ("train relu2 --init normal:0.5\npublished 1/2", 5, "Expected a model and data in train; got 'relu2'"),
        (f"{T} extra\npublished 1/2", 5, "got 'relu2 xor extra'"),
        ("train relu2 xor --init kaiming-norml\npublished 1/2", 5, "Did you mean 'kaiming-normal'"),
        ("train relu2 xor --init normal\npublished 1/2", 5, "Expected normal:STD"),
        ("train rlu2 xor --init normal:0.5\npublished 1/2", 5, "rlu"),
        ("train relu2 xr --init normal:0.5\npublished 1/2", 5, "Expected a dataset; got 'xr'"),
        ("train relu2 ../x.csv --init normal:0.5\npublished 1/2", 5, "in the folder of the document"),
        (f"{T} --epcohs 3\npublished 1/2", 5, "Did you mean '--epochs'"),
        (f"{T} --epochs\npublished 1/2", 5, "Expected a value after --epochs"),
        (f"{T} --epochs --lr 1\npublished 1/2", 5, "Expected a value after --epochs"),
        (f"{T} --epochs 1.5\npublished 1/2", 5, "Expected a whole number for --epochs; got '1.5'"),
        (f"{T} --epochs -1\npublished 1/2", 5, "Expected at least 0 epochs; got -1"),
        (f"{T} --seed 1 --seed 2\npublished 1/2", 5, "Expected --seed once"),
        (f"{T} --stop-loss nan\npublished 1/2", 5, "stop loss of at least 0; got nan"),
        (f"{T} --restarts 0\npublished 1/2", 5, "at least 1 restart"),
        (f"{T} --restarts {10**400}\npublished 1/2", 5, "Expected restarts and epochs below"),
        (f"{T} --lr fast\npublished 1/2", 5, "fast"),
        (f"{T} --optimizer adm\npublished 1/2", 5, "Did you mean 'adam'"),
        (f"{T} --loss meen\npublished 1/2", 5, "'sum' or 'mean'"),
        (f"{T} --dtype float16\npublished 1/2", 5, "float32 or float64"),
        (f"{T} --mode quick\npublished 1/2", 5, "mode of training"),
        (f"{T} --json x.json\npublished 1/2", 5, "it writes a file"),
        (f"{T} -o runs.parquet\npublished 1/2", 5, "it writes a file"),
        (f"{T} --output=runs.parquet\npublished 1/2", 5, "it writes a file"),
        (f"{T} --table t.md\npublished 1/2", 5, "it writes a file"),
        (f"{T} --list-inits\npublished 1/2", 5, "it trains nothing"),
        (f"{T} --device cuda\npublished 1/2", 5, "on the CPU"),
        (f"{T}; rm -rf /\npublished 1/2", 5, "Expected"),
        (f"{T} `touch x` $(touch y)\npublished 1/2", 5, "Expected a model and data"),
        (f"{T}\npublished 1/2\nloss([0, 0, 0]) = 1", 6, "Expected a published number"),
    ],
)
def test_what_makes_no_sense_is_an_error_with_its_line(tmp_path, body, line, words):
    found = verdict(tmp_path, body)
    assert found.status == "error", found.reason
    assert words in found.reason
    assert found.claim.place.line == line
    assert [path.name for path in tmp_path.iterdir()] == ["notes.md"]


def test_data_without_two_labels_cannot_succeed(tmp_path):
    (tmp_path / "three.csv").write_text("x1,y\n0,1\n1,2\n2,3\n")
    assert "two different labels" in verdict(tmp_path, f"{T}\npublished 1/2".replace("xor", "three.csv")).reason


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ("--epochs 0 --restarts 1", 1.0),
        ("--epochs 1000 --restarts 10000", 1 + 1000 * (0.0005 + 10_000 * 24 / 1e8)),
        ("--epochs 10000000 --restarts 1", 5_003.4),
        ("--epochs 0 --restarts 1000 --seed 7 --stop-loss 1 --patience 1", 1.0),
    ],
)
def test_the_cost_is_that_of_a_nominal_machine(tmp_path, options, seconds):
    found = measure(tmp_path, f"{T} {options}\npublished 1/2")
    assert found.seconds == pytest.approx(seconds, rel=1e-2)


def test_draws_of_starts_cost_too(tmp_path):
    def cost(init):
        return measure(tmp_path, f"train relu2 xor --init {init} --epochs 0 --restarts 100\npublished 1/2").seconds

    assert cost("best-of:0.5:1000000") == pytest.approx(1 + 100 * 10**6 * 24 / 1e8)
    assert cost("loss-below:0.5:0.01") == pytest.approx(1 + 100 * 20_000 * 24 / 1e8)
    assert cost("loss-percentile:0.5:1:1000000") > cost("loss-percentile:0.5:1")


def test_beyond_the_budget_nothing_is_trained(tmp_path, monkeypatch):
    monkeypatch.setattr(training.Trained, "__call__", lambda self: 1 / 0)
    found = verdict(tmp_path, f"{T} --restarts 1000000 --epochs 10000\npublished 24/50")
    assert (found.status, found.reason) == ("open", "It needs about 2,407 s; --budget 2407 runs it.")
    assert verdict(tmp_path, f"{T} --restarts {2**62} --epochs {2**62}\npublished 24/50").status == "open"


def test_options_are_those_of_the_command(tmp_path):
    command = typer.main.get_command(app).commands["train"]
    theirs = {each.name.replace("_", "-"): each.default for each in command.params if each.param_type_name == "option"}
    theirs["json"] = theirs.pop("as-json")
    assert {*training.OPTIONS, *training.REFUSED} == {*theirs} - {"help"}
    different = {name for name, (_, default) in training.OPTIONS.items() if theirs[name] != default}
    assert different == {"restarts"}


def test_without_torch_the_extra_is_named(tmp_path, monkeypatch):
    for name in [*sys.modules]:
        if name.startswith(("torch", "stability.training.ensembles.e", "stability.audit.experiments")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "stability.audit.hypothesis_tests", raising=False)
    found = verdict(tmp_path, f"{T}\npublished 24/50")
    assert found.status == "error"
    assert "pip install" in found.reason


def test_reading_a_document_loads_no_torch(tmp_path):
    path = written(tmp_path, f"{T}\npublished 24/50")
    code = """
import sys
from pathlib import Path
from stability.audit.readers.documents import writeup_of
print(writeup_of(Path(sys.argv[1])).claims[0].measure.seconds, "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.split()[1] == "False"


@pytest.mark.parametrize(
    "published",
    ["success 45/50", "failures 5/50", "median epochs 500 of 24", "mean epochs 390.5 of 24 runs",
     "quantile 90% epochs 30 of 50"],
)  # fmt: skip
def test_what_was_measured_instead_is_reproduced_as_a_claim(tmp_path, published):
    found = verdict(tmp_path, f"{FEW}\npublished {published}")
    name, text = found.instead
    measured, _, interval = text.partition(" (95% interval ")
    assert (found.status, name) == ("not-reproduced", "measured instead")
    assert measured.split()[0] == published.split()[0]
    low, high = (float(each.rstrip("%)")) for each in interval.split(" to "))
    count = re.search(r"(\d+)/(\d+)", measured)
    own = 100 * int(count[1]) / int(count[2]) if count else float(re.search(r"epochs ([\d.]+)", measured)[1])
    assert low < own < high
    again = verdict(tmp_path, f"{FEW}\npublished {measured}")
    assert (again.status, again.instead[1]) == ("reproduced", "")


def test_of_several_numbers_only_the_wrong_ones_are_measured_instead(tmp_path):
    found = verdict(tmp_path, f"{FEW}\npublished success 24/50; median epochs 500 of 24; largest epochs 40 of 50")
    parts = found.to_json()["measured_instead"].split("; ")
    assert [each.split()[0] for each in parts] == ["median", "largest"]
    assert "interval" not in parts[1]
