"""The page on documents names everything that may stand in one, and its examples are claims."""

import re
from pathlib import Path

import pytest

from stability import run_audit
from stability.audit.readers.blocks import OPTIONS
from stability.audit.readers.clauses import STARTS
from stability.audit.readers.defaults import KEYS
from stability.audit.verdicts import STATUSES
from stability.geometry.atlas.conditions import ATTRIBUTES
from stability.logic.formulas import LONGEST, PIECEWISE
from stability.logic.landscape_functions import WORDS

PAGE = (Path(__file__).parents[3] / "docs" / "documents.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", [OPTIONS, STARTS, KEYS, STATUSES, ATTRIBUTES, PIECEWISE, WORDS])
def test_everything_that_may_stand_in_a_document_is_named(table):
    assert [name for name in table if not re.search(rf"\b{re.escape(name)}\b", PAGE)] == []


def test_its_bounds_are_those_of_the_code():
    assert f"more than {LONGEST:,} characters" in PAGE


def test_its_example_is_proved(tmp_path):
    (tmp_path / "notes.md").write_text(re.findall(r"````markdown\n(.*?)````", PAGE, re.DOTALL)[0])
    ((_, (verdict,)),) = run_audit([str(tmp_path / "notes.md")])
    assert (verdict.status, verdict.claim.where, verdict.claim.id) == ("proved", "Minima", "two-minima")


TABLE = PAGE.partition("## Clauses")[2].partition("## Relations")[0]
CLAUSES = re.findall(r"^\| `([^`]+)` \|", TABLE, re.MULTILINE)
TRUE = [row for row in CLAUSES if not row.startswith(("train", "published", "instead"))]


def test_its_examples_are_true_of_the_landscape_that_it_names(tmp_path):
    assert "The examples in the first column are true `:on: abs1 xor`" in TABLE
    blocks = [f"```stability\n:id: c{k}\n:on: abs1 xor\n{row}\n```\n" for k, row in enumerate(TRUE)]
    (tmp_path / "notes.md").write_text("\n".join(blocks))
    ((_, verdicts),) = run_audit([str(tmp_path / "notes.md")])
    found = zip(TRUE, verdicts, strict=True)
    assert [(row, v.status, v.reason) for row, v in found if v.status not in ("proved", "reproduced")] == []
    assert len(verdicts) > 12


def test_the_cycle_that_it_says_is_refuted_is(tmp_path):
    (row,) = re.findall(r"`(no cycle [^`]+)` that there is none, which is refuted here", TABLE)
    (tmp_path / "notes.md").write_text(f"```stability\n:id: none\n:on: abs1 xor\n{row}\n```\n")
    ((_, (verdict,)),) = run_audit([str(tmp_path / "notes.md")])
    assert verdict.status == "refuted"


@pytest.mark.slow
def test_its_example_of_a_training_is_reproduced(tmp_path):
    rows = "\n".join(row for row in CLAUSES if row.startswith(("train", "published")))
    (tmp_path / "notes.md").write_text(f"```stability\n:id: runs\n{rows}\n```\n")
    ((_, (verdict,)),) = run_audit([str(tmp_path / "notes.md")])
    assert (verdict.status, rows.count("\n")) == ("reproduced", 1)
