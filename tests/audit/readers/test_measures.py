"""Measured clauses of documents: what they may stand with, and how their estimated cost is held against the budget."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from stability import run_audit
from stability.audit.measurements import EstimatedMeasure, Measurement
from stability.audit.readers import measures
from stability.cli.main import app
from stability.errors import StatementError


@pytest.fixture
def made(monkeypatch):
    """Make `train` a clause that always agrees and costs 40 seconds; return what was measured."""
    found = []

    def read(reader, context, clauses):
        def run(text):
            found.append(text)
            return Measurement(text != "no", f"{text}.")

        return [EstimatedMeasure(lambda text=each.text: run(text), 40) for each in clauses]

    monkeypatch.setitem(measures.MEASURES, "train", read)
    return found


def document(folder, body):
    path = folder / "notes.md"
    path.write_text(f"```stability\n:id: one\n{body}\n```\n")
    return str(path)


@pytest.mark.parametrize(
    ("body", "budget", "status", "reason"),
    [
        ("train a", 60, "reproduced", "a."),
        ("train a", 39, "open", "It needs about 40 s; --budget 40 runs it."),
        ("train a\ntrain no", 80, "not-reproduced", "a. no."),
        ("train a\ntrain b", 79, "open", "It needs about 80 s; --budget 80 runs it."),
        (":because: Too few.\ntrain no", 60, "not-reproduced", "Too few. no."),
    ],
)
def test_costs_of_a_block_are_added_and_held_against_the_budget(tmp_path, made, body, budget, status, reason):
    (verdict,) = run_audit([document(tmp_path, body)], max_seconds=budget).verdicts
    assert (verdict.status, verdict.reason) == (status, reason)
    assert bool(made) == (status != "open")


def test_the_command_takes_the_budget(tmp_path, made):
    path = document(tmp_path, "train a")
    for budget, status in (("39", "open"), ("40", "reproduced")):
        result = CliRunner().invoke(app, ["audit", path, "--budget", budget, "--json", "-"])
        (found,) = json.loads(result.output)["writeups"][0]["claims"]
        assert found["status"] == status
    for wrong in ("nan", "-1", "soon"):
        assert CliRunner().invoke(app, ["audit", path, "--budget", wrong]).exit_code != 0


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("train a\nnumbers 1 + 1 = 2", 4, "Write two blocks"),
        ("numbers 1 + 1 = 2\ntrain a", 3, "Write two blocks"),
        ("numbers 1 + 1 = 3\ninstead: train a", 4, "Expected a statement after instead"),
    ],
)
def test_measures_and_statements_stand_in_blocks_of_their_own(tmp_path, made, body, line, words):
    (verdict,) = run_audit([document(tmp_path, body)]).verdicts
    assert (verdict.status, verdict.claim.place.line) == ("error", line)
    assert words in verdict.reason


def test_a_statement_may_correct_a_measure(tmp_path, made):
    (verdict,) = run_audit([document(tmp_path, "train no\ninstead: numbers 1 + 1 = 2")]).verdicts
    assert (verdict.status, verdict.repair_status) == ("not-reproduced", "proved")


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), "1"])
def test_a_cost_is_a_finite_number(seconds):
    with pytest.raises(StatementError, match="seconds of an experiment"):
        EstimatedMeasure(lambda: Measurement(True, "a."), seconds)


def test_several_measures_that_train_nothing_need_no_torch(tmp_path):
    part = "probability uniform:1: preactivation(p, 0, 0) > 0 = 1/2"
    path = document(tmp_path, f":on: abs1 xor mean\n{part}\n{part}")
    code = """
import sys
from stability import run_audit

class Refuse:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")

sys.meta_path.insert(0, Refuse())
print(run_audit([sys.argv[1]]).verdicts[0].status)
"""
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "reproduced"
