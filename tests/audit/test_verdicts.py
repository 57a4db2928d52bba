"""A verdict is computed: it turns when the claim is changed, and what does not decide leaves it open."""

import json

import numpy as np
import pytest

from stability import landscape, run_audit
from stability.audit.claims import Claim, Repair, Writeup
from stability.audit.grounds import ground
from stability.audit.measurements import Measurement, Prediction
from stability.audit.verdicts import STATUSES, counted, settle
from stability.checker import checker
from stability.errors import CertificateError, StabilityError, StatementError, TooLargeError
from stability.geometry.atlas.statements import MINIMA, every_set, number_of_sets, set_at
from stability.geometry.stationary.classification import classify
from stability.geometry.stationary.senses import clarke_stationary
from stability.logic import prover
from stability.logic.records import Judged
from stability.logic.statements import AllOf, Exists, ForAll, Lazy, Not, Settled
from stability.model.datasets import Dataset

ONE = landscape("abs1", Dataset("one", [[1]], [1]))
XOR = landscape("abs1", "xor")
TRUE = ForAll("x", ["x >= 1"], ["2*x >= 2"])
FALSE = ForAll("x", ["x >= 1"], ["2*x >= 3"])
EMPTY = ForAll("x", ["x >= 1", "x <= 0"], ["2*x >= 3"])
MOTZKIN = "x**4*y**2 + x**2*y**4 - 3*x**2*y**2 + 1"  # never negative, and no sum of squares
HARD = ForAll("x y", [], [f"{MOTZKIN} >= 0"])  # true, but beyond the search


def claim(statement=None, **more):
    return Claim("one", "1", "It is so.", statement=statement, **more)


def status(statement, **more):
    verdict = settle(claim(statement, **more))
    assert verdict.status in STATUSES
    assert verdict.reason
    if verdict.status in ("proved", "refuted", "vacuous"):
        assert checker.check(verdict.judged.record)
        assert verdict.judged.record["conclusion"] == verdict.status
        assert verdict.to_json()["certificate"] == verdict.judged.certificate
    else:
        assert verdict.judged is None or verdict.judged.record is None
        assert verdict.to_json()["certificate"] is None
    return verdict.status


@pytest.mark.parametrize(
    ("statement", "expected"), [(TRUE, "proved"), (FALSE, "refuted"), (EMPTY, "vacuous"), (HARD, "open")]
)
def test_each_status_of_a_statement_is_reached(statement, expected):
    assert status(statement) == expected
    assert status(lambda: statement) == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (every_set(XOR, [("loss", "<", 1)], [MINIMA]), "proved"),
        (every_set(XOR, [("loss", "<=", 2)], [MINIMA]), "refuted"),
        (every_set(XOR, [("loss", ">", 2)], [MINIMA]), "vacuous"),
        (number_of_sets(XOR, [MINIMA], "=", 4), "proved"),
        (number_of_sets(XOR, [MINIMA], "=", 1), "refuted"),
        (set_at(XOR, [[0, 0, 0]], [("kind", "=", "saddle")]), "proved"),
        (Not(set_at(XOR, [[0, 0, 0]], [MINIMA])), "proved"),
    ],
)
def test_statements_about_all_stationary_sets_are_settled(statement, expected):
    assert status(statement) == expected
    assert "complete list" in settle(claim(statement)).reason


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (Not(TRUE), "refuted"),
        (Not(FALSE), "proved"),
        (Not(EMPTY), "open"),
        (Not(HARD), "open"),
        (AllOf([TRUE, Not(FALSE)]), "proved"),
        (AllOf([TRUE, FALSE]), "refuted"),
        (AllOf([HARD, FALSE]), "refuted"),
        (AllOf([TRUE, HARD]), "open"),
        (AllOf([TRUE, EMPTY]), "open"),
        (Exists("x", ["x > 1", "x < 2"]), "proved"),
        (Exists("x", ["x > 1", "x < 1"]), "refuted"),
        (Exists("x", ["x**2 == 2"]), "proved"),  # by a root
        (Exists("x", ["x**3 == 2"]), "open"),
        (Not(Exists("x", ["x > 1", "x < 1"])), "proved"),
    ],
)
def test_composed_statements(statement, expected):
    assert status(statement) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("1", "refuted"), ("3/4", "refuted"), ("4/3", "proved"), ("1333/1000", "refuted")]
)
def test_a_number_changed_turns_the_verdict(value, expected):
    """The saddles of one absolute-value unit on XOR have the loss 4/3, and no other."""
    at = "[1/6, -1/6, 1/3]"
    assert status(ForAll("", [], [f"L.loss({at}) == {value}"], {"L": XOR.to_record()})) == expected


def test_data_changed_turn_the_verdict():
    text = ["L.loss([1/2, -1/2, 0]) == 0"]
    assert status(ForAll("", [], text, {"L": XOR.to_record()})) == "proved"
    assert status(ForAll("", [], text, {"L": landscape("relu1", "xor").to_record()})) == "refuted"
    assert status(ForAll("", [], text, {"L": landscape("abs1", "parity:2").to_record()})) == "proved"
    flipped = Dataset("flipped", XOR.data.points, [1 - y for y in XOR.data.labels])
    assert status(ForAll("", [], text, {"L": landscape("abs1", flipped).to_record()})) == "refuted"


@pytest.mark.parametrize(("given", "expected"), [("x > 0", "refuted"), ("x > 1", "proved"), ("x < x", "vacuous")])
def test_hypotheses_changed_turn_the_verdict(given, expected):
    assert status(ForAll("x", [given], ["x**2 > x"])) == expected


@pytest.mark.parametrize(("bias", "expected"), [("1/2", "proved"), ("1/3", "refuted"), ("-1/2", "proved")])
def test_points_changed_turn_the_verdict(bias, expected):
    assert status(clarke_stationary(XOR, [[0, 0, bias]])) == expected
    assert status(Not(clarke_stationary(XOR, [[0, 0, bias]]))) != expected


def test_a_search_cut_short_leaves_the_verdict_open(monkeypatch):
    split = ForAll("x", [], [["x >= 0"], ["x <= 0"]], splits=["x"])
    assert status(split) == "proved"
    monkeypatch.setattr(prover, "LARGEST", 1)
    verdict = settle(claim(split))
    assert verdict.status == "open"
    assert "within 1 cases" in verdict.reason
    assert verdict.judged.certificate is None


def test_the_checker_has_the_last_word(monkeypatch):
    def refuse(record):
        raise checker.Rejected("for a test")

    for statement in (TRUE, FALSE, EMPTY, Not(FALSE), AllOf([TRUE]), Exists("x", ["x > 1"])):
        with monkeypatch.context() as patch:
            patch.setattr(checker, "check", refuse)
            verdict = settle(claim(statement))
        assert verdict.status == "open"
        assert "the checker rejected the certificate: for a test" in verdict.reason
        assert verdict.judged.record is None


@pytest.mark.parametrize("conclusion", ["proved", "refuted", "vacuous", "true", "reproduced"])
def test_a_finder_that_lies_is_not_believed(conclusion):
    for formal in (FALSE.formal(), HARD.formal(), {"clarke": "L", "at": ["0"]}):
        for proof in ({}, {"tree": {}}, {"witness": {"x": "7"}}, {"empty": {"absurd": []}}):
            lie = Lazy(formal, {}, lambda proof=proof: Settled(conclusion, proof))
            assert status(lie) == "open"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e-9])
def test_numbers_that_are_not_exact_are_refused(value):
    for text in (f"x*0 <= {value}", f"{value} == {value}"):
        with pytest.raises(StatementError, match="Expected"):
            ForAll("x", [], [text])


def test_what_was_not_found_is_open_and_what_makes_no_sense_is_an_error():
    def fails(problem):
        def build():
            raise problem

        return build

    verdict = settle(claim(fails(CertificateError("The search ran out of time.", "Wait longer."))))
    assert verdict.status == "open"
    assert "ran out of time" in verdict.reason
    assert status(fails(TooLargeError("Too many faces.", "Take fewer units."))) == "open"
    assert status(lambda: classify(XOR, [[float("nan"), 0, 0]]).statement) == "error"
    assert status(lambda: None) == "error"
    for problem in (
        ZeroDivisionError("0"),
        RecursionError("deep"),
        MemoryError(),
        SystemExit(3),
        StatementError("So."),
    ):
        assert status(fails(problem)) == "error"
    with pytest.raises(KeyboardInterrupt):
        settle(claim(fails(KeyboardInterrupt())))


@pytest.mark.parametrize("problem", [ZeroDivisionError, RecursionError])
def test_a_fault_while_a_claim_is_judged_is_an_error_of_that_claim(problem, monkeypatch):
    def breaks(record):
        raise problem("for a test")

    monkeypatch.setattr(checker, "check", breaks)
    assert status(TRUE) == "error"
    assert problem.__name__ in settle(claim(TRUE)).reason


def test_a_claim_has_exactly_one_ground():
    for more in (
        {},
        {"statement": TRUE, "opinion": "Taste."},
        {"statement": TRUE, "measure": lambda: Measurement(True, "1 of 1")},
        {"opinion": "Taste.", "unsettled": "Nobody knows."},
        {"measure": lambda: Measurement(True, "1 of 1"), "unsettled": "Nobody knows."},
        {"statement": TRUE, "opinion": "Taste.", "unsettled": "Nobody knows."},
    ):
        with pytest.raises(StabilityError, match=f"gives {len(more)} of statement, measure, opinion"):
            claim(**more)


def test_the_other_grounds_give_their_own_status_and_no_certificate():
    for k, reproduced in enumerate((True, False)):
        verdict = settle(claim(measure=lambda r=reproduced, k=k: Measurement(r, f"{k} of 2")))
        assert verdict.status == ("not-reproduced", "reproduced")[reproduced]
        assert verdict.reason == f"{k} of 2"
        assert (verdict.judged, verdict.claim.kind) == (None, "measurement")
    opinion, unsettled = settle(claim(opinion="Taste.")), settle(claim(unsettled="Nobody knows."))
    assert (opinion.status, opinion.reason, opinion.claim.kind) == ("opinion", "Taste.", "opinion")
    assert (unsettled.status, unsettled.reason, unsettled.claim.kind) == ("open", "Nobody knows.", "unsettled")
    assert settle(claim(TRUE)).claim.kind == "statement"


@pytest.mark.parametrize(
    ("repair", "expected"), [(TRUE, "proved"), (FALSE, "refuted"), (EMPTY, "vacuous"), (HARD, "open")]
)
def test_a_repair_is_judged_like_a_claim(repair, expected):
    for basis in ({"statement": FALSE}, {"measure": lambda: Measurement(False, "0 of 2")}):
        verdict = settle(claim(repair=Repair("This instead.", repair), **basis))
        assert verdict.repair_status == expected
        assert verdict.to_json()["repair"] == {"says": "This instead.", "status": expected}
        assert (verdict.repair.record is not None) == (expected != "open")
    assert settle(claim(FALSE)).repair_status is None
    assert settle(claim(FALSE)).to_json()["repair"] is None


def test_the_readers_note_is_shown_with_what_is_settled():
    for statement in (FALSE, EMPTY, TRUE):
        verdict = settle(claim(statement, because="Mind the sign."))
        assert verdict.reason == f"Mind the sign. {ground(verdict.judged)}"
    assert "Mind the sign." not in settle(claim(HARD, because="Mind the sign.")).reason


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (every_set(XOR, [MINIMA], [("loss", "=", 0)]), "local minimum of loss 1 at (0, 0, 1/2)"),
        (number_of_sets(XOR, [MINIMA], "=", 1), "There are 4 stationary sets that are global minima or local minima"),
        (set_at(XOR, [[0, 0, 0]], [MINIMA]), "The point (0, 0, 0) is on a saddle of loss 2"),
        (set_at(XOR, [[1, 1, 1]], []), "The point (1, 1, 1) is not stationary"),
    ],
)
def test_a_refuted_statement_about_sets_names_what_offends(statement, words):
    verdict = settle(claim(statement))
    assert verdict.status == "refuted"
    assert words in verdict.reason
    assert verdict.to_json()["counterexample"]["says"] in verdict.reason
    assert settle(claim(every_set(XOR, [MINIMA], [("loss", "<=", 1)]))).to_json()["counterexample"] is None


def test_the_ground_of_nothing_is_its_reason():
    assert ground(Judged(None, reason="Nobody looked.")) == "Nobody looked."


def test_verdicts_are_counted_in_the_order_of_the_statuses():
    claims = [claim(HARD), claim(FALSE), claim(TRUE), claim(opinion="Taste."), claim(FALSE)]
    verdicts = [settle(each) for each in claims]
    assert counted(verdicts) == {"proved": 1, "refuted": 2, "open": 1, "opinion": 1}
    assert list(counted(verdicts)) == [s for s in STATUSES if s in counted(verdicts)]
    assert sum(counted(verdicts).values()) == len(claims)
    assert counted([]) == {}


def test_json_is_plain():
    verdict = settle(claim(FALSE, repair=Repair("This instead.", TRUE)))
    found = verdict.to_json()
    assert json.loads(json.dumps(found)) == found
    assert set(found) == {
        *("id", "where", "says", "kind", "status", "reason", "repair", "certificate", "agreement", "counterexample"),
        *("file", "line", "message", "weight", "decision", "uses", "falls_with", "measured_instead"),
    }


def test_ids_are_unique_within_a_writeup():
    Writeup("w", "W", [claim(TRUE), Claim("two", "1", "So.", statement=TRUE)])
    with pytest.raises(StabilityError, match="several claims called one"):
        Writeup("w", "W", [claim(TRUE), claim(FALSE)])


def prediction(expected, **more):
    settings = {"epochs": 20, "restarts": 6} | more
    return Prediction("All runs end so.", "abs1", expected, **settings)


def everywhere(starts, end):
    return np.ones(len(starts), dtype=bool)


def test_agreement_never_changes_a_status():
    none = prediction(lambda starts, end: ~everywhere(starts, end))
    for statement in (TRUE, FALSE, HARD):
        plain, compared = settle(claim(statement)), settle(claim(statement, predicts=none))
        assert (plain.status, plain.reason) == (compared.status, compared.reason)
        assert compared.agreement.startswith("disagreement: 0 of 6 runs")
    assert settle(claim(TRUE, predicts=none), runs=False).agreement == ""
    assert settle(claim(TRUE, predicts=prediction(everywhere))).agreement.startswith("agreement: 6 of 6 runs")


def test_runs_that_diverge_never_agree():
    found = prediction(everywhere, step=1e6, epochs=200).run()
    assert found.startswith("disagreement: 0 of 6 runs")


def test_only_the_relevant_runs_are_counted():
    found = prediction(everywhere, relevant=lambda starts: np.arange(len(starts)) < 2).run()
    assert found.startswith("agreement: 2 of 2 runs")


def test_a_list_that_is_too_long_leaves_a_claim_open_and_names_no_option_of_other_commands(tmp_path):
    points = ", ".join(f"[{k}]" for k in range(3600))
    labels = ", ".join(str(k % 2) for k in range(3600))
    path = tmp_path / "notes.md"
    path.write_text(
        f"---\ndata:\n  line:\n    points: [{points}]\n    labels: [{labels}]\n---\n\nWords.\n\n"
        "```stability\n:id: one\n:on: relu1 line\nsets where kind = saddle: number >= 1\n```\n"
    )
    (verdict,) = run_audit([str(path)]).verdicts
    assert verdict.status == "open"
    assert "with 3,600 examples they are the work of 207,375 with 250" in verdict.reason
    assert verdict.reason.endswith("Take at most 3,535 points.")
