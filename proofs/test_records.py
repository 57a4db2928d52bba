"""Every record in proofs/records is confirmed by the checker, alone."""

import json
from pathlib import Path

import pytest

from stability.audit.discovery import proofs_folder
from stability.checker import checker

FILES = sorted((proofs_folder() / "records").rglob("*.json"))


@pytest.mark.parametrize("path", [pytest.param(p, id=f"{p.parent.name}/{p.stem}") for p in FILES])
def test_record(path: Path) -> None:
    """The checker confirms the record."""
    assert checker.check(json.loads(path.read_text(encoding="utf-8")))


def test_there_are_records() -> None:
    """The folder is not empty."""
    assert FILES
