"""Every claim gets the verdict on record, computed anew; every repair is proved."""

import json

import pytest

from stability.audit.claims import Claim
from stability.audit.discovery import proofs_folder, writeups
from stability.audit.run import result_stores
from stability.audit.verdicts import settle

RECORDED = json.loads((proofs_folder() / "statuses.json").read_text(encoding="utf-8"))
STORES = result_stores(writeups())
CLAIMS = [(f"{writeup.id}/{claim.id}", claim) for writeup in writeups() for claim in writeup.claims]


@pytest.mark.parametrize("claim", [pytest.param(claim, id=name) for name, claim in CLAIMS])
def test_claim(claim: Claim, request: pytest.FixtureRequest) -> None:
    """The computed status of the claim and of its repair is the recorded one, and the repair is proved."""
    recorded = RECORDED[request.node.callspec.id]
    writeup = request.node.callspec.id.split("/")[0]
    found = settle(claim, store=STORES[writeup])
    assert found.status == recorded["status"], found.reason
    assert found.repair_status == recorded["repair"]
    assert found.repair_status in (None, "proved"), found.repair and found.repair.reason
    assert not found.agreement.startswith("disagreement"), found.agreement


def test_every_definition_of_a_document_is_made() -> None:
    """No document has a definition that failed."""
    assert not [fault for writeup in writeups() for fault in writeup.faults()]


def test_nothing_else_is_recorded() -> None:
    """Each recorded status belongs to a claim."""
    assert set(RECORDED) == {name for name, _ in CLAIMS}


def test_failing_claims_name_their_repairs() -> None:
    """A claim that is refuted or vacuous says what is true instead."""
    failing = {name: claim for name, claim in CLAIMS if RECORDED[name]["status"] in ("refuted", "vacuous")}
    assert failing
    assert [name for name, claim in failing.items() if claim.repair is None] == []
