"""`python -m stability` is the command line, under its own name, with its exit statuses."""

import runpy
import subprocess
import sys

import pytest
from paths import ROOT

from stability.version import __version__

MODULE = str(ROOT / "stability" / "__main__.py")
"""Run by its path: pytest imports a package that has a plugin by a loader which runs no modules by their names."""


def ran(*words):
    return subprocess.run([sys.executable, "-m", "stability", *words], capture_output=True, text=True, check=False)


def test_the_module_is_the_command():
    found = ran("--version")
    assert (found.stdout, found.stderr, found.returncode) == (f"stability {__version__}\n", "", 0)


def test_an_error_is_one_sentence_with_status_2():
    found = ran("classify", "abs1", "xor", "--at", "[[1, 2]]")
    assert (found.stdout, found.returncode) == ("", 2)
    assert found.stderr.startswith("PointError: ")
    assert "Traceback" not in found.stderr


def test_running_the_module_runs_main_once(monkeypatch):
    import stability.cli.main as command_line

    calls = []
    monkeypatch.setattr(command_line, "main", lambda: calls.append(1))
    runpy.run_path(MODULE, run_name="stability.__main__")
    assert calls == [1]


def test_without_words_it_shows_the_commands(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["stability"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(MODULE, run_name="__main__")
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert "atlas" in shown.out + shown.err
