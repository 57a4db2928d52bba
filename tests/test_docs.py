"""The documents show what the commands print."""

import re
from pathlib import Path

import pytest

from stability import landscape
from stability.audit.measurements import TRAINING_BUDGET
from stability.audit.passing import LEAST
from stability.audit.power import DIFFERENCE
from stability.audit.readers.training import OPTIONS
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
