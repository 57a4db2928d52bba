"""What needs no extra runs without torch, scikit-learn, pyarrow and matplotlib; what needs one says which."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from stability.errors import DISTRIBUTION, EXTRAS, MissingExtraError, StabilityError, extras_named, missing_extra

ROOT = Path(__file__).parent.parent

BASE = [
    ["atlas", "abs1", "xor"],
    ["classify", "abs1", "xor", "--at", "[[-1/2, 1/2, 0]]"],
    ["flow", "relu1", "xor", "--from", '[[1, "1/2", "1/10"]]'],
    ["basins", "abs1", "xor", "--init", "normal:0.5:0.5", "--samples", "50"],
    ["basins", "abs1", "xor", "--init", "xavier-normal", "--samples", "5", "--rule", "adam", "--step", "1/50"],
    ["bifurcation", "relu1", "xor", "--vary", "slope", "--range", "0,-1"],
    ["check", "proofs/records/theorems/atlas_of_abs1.json"],
    ["derive", "relu1", "xor", "--pattern", "+-0+"],
    ["audit", "--only", "unique-stable-equilibrium", "--only", "both-conditions-suffice-one-unit"],
    ["sweep", "--list"],
    ["--version"],
]
"""Commands that need the base install only."""

MORE = {
    "train": ["train", "abs1", "xor", "--init", "normal:0.5"],
    "plot": ["figures", "angular_loss"],
}
"""A command for each extra."""

SCRIPT = """
import contextlib, io, json, sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
BLOCKED = set(json.loads(sys.argv[1]))
sys.meta_path.insert(0, Blocker())
from stability.cli.main import main
found = []
for command in json.loads(sys.argv[2]):
    out, err, sys.argv = io.StringIO(), io.StringIO(), ["stability", *command]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        except BaseException as problem:
            status = repr(problem)
    found.append([status, out.getvalue(), err.getvalue()])
print(json.dumps(found))
"""


def run(blocked, commands):
    """Return [exit status, stdout, stderr] of commands where these packages cannot be imported."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-c", SCRIPT, json.dumps(sorted(blocked)), json.dumps(commands)]
    report = subprocess.run(arguments, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=300, check=True)
    return json.loads(report.stdout.splitlines()[-1])


def test_base_commands_need_no_extra():
    found = run(EXTRAS, BASE)
    for command, (status, out, err) in zip(BASE, found, strict=True):
        assert status == 0, (command, status, err)
        assert out, command
    (audited,) = (out for command, (_, out, _) in zip(BASE, found, strict=True) if command[0] == "audit")
    assert "1 refuted, 1 vacuous" in audited
    assert "agreement: " not in audited


@pytest.mark.parametrize("extra", MORE)
def test_a_missing_extra_is_reported_in_a_sentence_with_status_2(extra):
    blocked = [name for name, its in EXTRAS.items() if its == extra]
    ((status, out, err),) = run(blocked, [MORE[extra]])
    assert (status, out) == (2, "")
    assert err.endswith(f"Run pip install '{DISTRIBUTION}[{extra}]'.\n"), err


def test_public_names_and_plots_say_which_extra_is_missing():
    code = """
import sys
sys.modules.update(torch=None, matplotlib=None)
import stability
for ask in (lambda: stability.train, lambda: stability.landscape("abs1", "xor").atlas().plot()):
    try:
        ask()
    except ImportError as problem:
        print(type(problem).__name__, problem.remedy)
"""
    report = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert report.splitlines() == [
        f"MissingExtraError Run pip install '{DISTRIBUTION}[{e}]'." for e in ("train", "plot")
    ]


@pytest.mark.parametrize("package", EXTRAS)
def test_a_missing_package_becomes_its_extra(package):
    with pytest.raises(MissingExtraError, match=rf"\[{EXTRAS[package]}\]") as caught, extras_named():
        raise ModuleNotFoundError("gone", name=f"{package}.part")
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value, StabilityError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_other_errors_pass():
    with pytest.raises(ModuleNotFoundError, match="gone"), extras_named():
        raise ModuleNotFoundError("gone", name="a_package_of_a_user")
    assert missing_extra(ImportError("torch is broken", name="torch")) is None
