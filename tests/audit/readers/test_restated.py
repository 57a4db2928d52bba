"""The section that is restated in Markdown: its verdicts are those of the audit in Python, and stand there."""

import json
from pathlib import Path

import pytest

from stability import check, run_audit
from stability.audit.readers.writing import records_folder, stale

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "two-relu-xor.md"
STATUSES = json.loads((ROOT / "proofs" / "statuses.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def audited():
    return run_audit([str(PAGE)])


def test_every_claim_has_the_status_of_the_audit_in_python(audited):
    ((_, verdicts),) = audited
    found = {each.claim.id: (each.status, each.repair_status) for each in verdicts}
    known = {name: STATUSES[f"two-relu-xor/{name}"] for name in found}
    assert len(found) >= 50
    assert {name: status for name, (status, _) in found.items()} == {
        name: each["status"] for name, each in known.items()
    }
    assert {repair for _, repair in found.values()} == {None, "proved"}


def test_verdicts_and_records_stand_there(audited):
    assert stale(audited) == []  # stability audit docs/two-relu-xor.md --write renews them
    ((_, verdicts),) = audited
    records = sorted(records_folder(PAGE).glob("*.json"))
    assert len(records) == sum(
        len(judged.records) for each in verdicts for judged in (each.judged, each.repair) if judged
    )
    assert all(check(json.loads(path.read_text(encoding="utf-8"))) for path in records)
