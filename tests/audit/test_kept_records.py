"""Kept records replace the search only where they say just the statement, and the checker accepts them."""

import json
import os

import pytest

from stability import landscape
from stability.audit.claims import Claim
from stability.audit.kept_records import KeptRecords
from stability.audit.verdicts import settle
from stability.geometry.atlas.statements import set_at
from stability.logic.records import prove, write
from stability.logic.statements import ForAll

TRUE = ForAll("x", ["x >= 1"], ["2*x >= 2"])
OTHER = ForAll("x", ["x >= 1"], ["2*x >= 1"])


@pytest.fixture
def kept(tmp_path):
    write(prove(TRUE), tmp_path / "a.json")
    return KeptRecords(tmp_path)


def test_a_record_of_the_statement_is_confirmed_without_a_search(kept, monkeypatch):
    fresh = settle(Claim("a", "1", "It is so.", statement=TRUE))
    monkeypatch.setattr("stability.audit.verdicts.prove", lambda _: pytest.fail("searched anew"))
    again = settle(Claim("a", "1", "It is so.", statement=TRUE), kept=kept)
    assert again.to_json() == fresh.to_json()


@pytest.mark.parametrize("change", ["statement", "missing", "conclusion", "proof", "no json", "a list", "a pipe"])
def test_any_other_record_is_not_believed(kept, change):
    path = kept.folder / "a.json"
    record = json.loads(path.read_text())
    if change == "conclusion":
        record["conclusion"] = "refuted"
    elif change == "proof":
        record["proof"] = {"witness": {"x": "7"}}
    path.write_text({"no json": "{", "a list": "[]"}.get(change, json.dumps(record)))
    if change == "a pipe":
        path.unlink()
        os.mkfifo(path)
    name, statement = ("b" if change == "missing" else "a"), (OTHER if change == "statement" else TRUE)
    assert kept.judged(name, statement) is None
    verdict = settle(Claim(name, "1", "It is so.", statement=statement), kept=kept)
    assert verdict.status == "proved"
    assert verdict.judged.record["statement"] == statement.formal()


def test_statements_about_stationary_sets_are_settled_anew(kept):
    statement = set_at(landscape("abs1", "xor"), [[0, 0, 0]], [("kind", "=", "saddle")])
    write(prove(statement), kept.folder / "c.json")
    assert kept.judged("c", statement) is None
