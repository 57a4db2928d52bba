"""What became of a statement, printed and written to files."""

import json

import pytest

from stability import ForAll, StabilityError, check, prove
from stability.logic import records
from stability.logic.records import Judged, build, write
from stability.logic.statements import Lazy, Settled, Several

TRUE = ForAll("x", ["x > 1"], ["x**2 > x"])


def test_long_conclusions_are_cut():
    for length, shown in ((299, "a" * 299), (300, "a" * 300), (301, "a" * 300 + "...")):
        assert str(Judged("proved", {"id": "7"}, words="a" * length)).splitlines()[0] == shown


def test_an_open_question_gives_its_reason():
    assert str(Judged(None, reason="too many cases")) == "open: too many cases"
    assert Judged(None).certificate is None


def test_what_decides_it_stands_below():
    text = str(Judged("refuted", {"id": "77"}, words="refuted", shown={"says": "a saddle"}, decimals={"0.5": "1/2"}))
    assert text.splitlines()[0] == "refuted"
    assert [line.split() for line in text.splitlines()[1:]] == [
        ["because", "a", "saddle"], ["decimals", "read", "0.5", "as", "1/2"], ["certificate", "77"],
    ]  # fmt: skip


def test_a_record_is_what_was_settled_with_a_fingerprint(tmp_path):
    judged = prove(TRUE)
    settled = TRUE.settle()
    assert judged.record == build(TRUE, settled)
    assert judged.record["conclusion"] == judged.conclusion == "proved"
    assert (judged.record["statement"], judged.record["proof"]) == (TRUE.formal(), settled.proof)
    write(judged, tmp_path / "record.json")
    assert json.loads((tmp_path / "record.json").read_text()) == judged.record
    assert check(json.loads((tmp_path / "record.json").read_text()))
    assert judged.to_json()["record"] == judged.record
    with pytest.raises(StabilityError, match="no certificate to write"):
        write(Judged(None, reason="open"), tmp_path / "none.json")
    assert not (tmp_path / "none.json").exists()


def test_a_certificate_that_the_checker_rejects_decides_nothing(monkeypatch):
    monkeypatch.setattr(ForAll, "settle", lambda self: Settled("refuted", {"witness": {"x": "2"}}))
    judged = records.prove(TRUE)
    assert (judged.conclusion, judged.record) == (None, None)
    assert judged.reason.startswith("the checker rejected the certificate")


def test_several_statements_are_as_their_parts_are():
    """One that is refuted refutes all, else one that is open leaves all open, else an empty one makes all vacuous."""
    false, empty = ForAll("x", ["x > 1"], ["x > 2"]), ForAll("x", ["x > 1", "x < 0"], ["x > 2"])
    unknown = Lazy({}, {}, lambda: Settled(None, reason="too many cases"))
    for parts, conclusion in (
        ([TRUE], "proved"),
        ([TRUE, TRUE], "proved"),
        ([TRUE, empty], "vacuous"),
        ([TRUE, unknown], None),
        ([unknown, empty], None),
        ([unknown, false, TRUE], "refuted"),
    ):
        judged = prove(Several(parts))
        assert judged.conclusion == conclusion
        if conclusion is None:
            assert judged.reason == prove(unknown).reason
    assert prove(Several([TRUE, empty])).words == f"{prove(TRUE).words}; {prove(empty).words}"
    assert prove(Several([TRUE, false])).record == prove(false).record


def test_several_statements_are_left_to_prove():
    assert Several([TRUE]).settle() == Settled(None, reason="Its parts are settled one by one.")
