"""The documents show what the commands print."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stability import landscape
from stability.audit.measurements import TRAINING_BUDGET
from stability.audit.passing import LEAST
from stability.audit.power import DIFFERENCE
from stability.audit.readers import annotations, latex_verdicts
from stability.audit.readers.training import OPTIONS
from stability.cli import main as cli
from stability.dynamics.basins.attribution import NEAR
from stability.initialisation.rejection import ATTEMPTS
from stability.initialisation.table import listing
from stability.training.ensembles.epochs import REASONS

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "landscapes.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^    stability atlas (\S+) (\S+)(?: --loss (\S+))?\n\n((?:\|.*\n)+)", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("model", "data", "loss", "table"), SHOWN, ids=[f"{m} {d}" for m, d, *_ in SHOWN])
def test_the_tables_of_the_landscapes_are_those_of_the_command(model, data, loss, table, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert landscape(model, data, loss or "sum").atlas().table() == table.rstrip("\n")


def test_every_command_has_a_table():
    assert len(SHOWN) == PAGE.count("    stability atlas ") > 10


def test_the_initialisations_of_the_training_page_are_those_of_the_command():
    page = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| `([^`]+)` \| (.+) \|$", page, re.MULTILINE)
    assert shown[1:] == listing()


def test_its_constants_are_those_of_the_code():
    page = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    assert f"than {NEAR} away" in page
    assert f"after {ATTEMPTS:,} draws" in page
    assert f"probability of at least {LEAST}" in page
    assert all(f"| {reason} |" in page for reason in REASONS)
    assert f"a rate {DIFFERENCE * 100:.0f} points away" in page
    assert f"seconds ({TRAINING_BUDGET:.0f})" in page
    assert f"for {OPTIONS['restarts'][1]:,} restarts" in page


def shown_page(name, start):
    """Return a page of docs/ from a text on, without the indentation of examples."""
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    return re.sub(r"^    ", "", page[page.index(start) :], flags=re.MULTILINE)


@pytest.mark.parametrize("name", ["how-to/own-write-up.md", "documents.md"])
def test_the_verdict_that_a_page_shows_is_that_of_the_block_above_it(name, tmp_path):
    page = shown_page(name, "Theorem 1.")
    block, verdict = (
        re.search(r".*?^```$", page, re.MULTILINE | re.DOTALL)[0],
        re.search(r"^<!-- stab.*$", page, re.M)[0],
    )
    (tmp_path / "notes.md").write_text(f"{block}\n{verdict}\n", encoding="utf-8")
    result = CliRunner().invoke(cli.app, ["audit", str(tmp_path / "notes.md"), "--check"])
    assert result.exit_code == 0, result.output
    assert re.search(r"[0-9a-f]{8}", verdict)[0] in annotations.__doc__


def test_the_verdict_that_the_file_beside_latex_shows_is_that_of_the_page(tmp_path):
    block = re.search(
        r"^.begin{stability}.*?^.end{stability}\n", shown_page("documents.md", "## LaTeX"), re.M | re.DOTALL
    )[0]
    (tmp_path / "notes.tex").write_text("\\begin{document}\n" + block + "\\end{document}\n", encoding="utf-8")
    result = CliRunner().invoke(cli.app, ["audit", str(tmp_path / "notes.tex"), "--write"])
    assert result.exit_code == 0, result.output
    assert latex_verdicts.__doc__.split("\n")[2] in (tmp_path / "notes.verdicts.tex").read_text(encoding="utf-8")
