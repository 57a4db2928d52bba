"""Derivatives in documents about networks with trained output weights: decided at a point, open elsewhere."""

import pytest
from some_slow import some_slow

from stability import check, run_audit

HEAD = "---\non: L = relu2-out xor; M = relu2-linear xor; F = relu[+,-] xor\n---\n\n"
BEST = "[[1, -1, -1, 1], [-1, 1, -1, 1]]"
LINEAR = "([[1, -1, -1, 1, 0], [-1, 1, -1, 1, 0]], [0, 0])"

CLAIMS = [
    (f"at {BEST} in L: stationary = yes", "proved"),
    (f'at {BEST} in L: stationary = yes, kind = "global minimum", differentiable = yes', "proved"),
    (f"at {BEST} in L: stationary != yes", "refuted"),
    ("at [[1, 1, -1, 1], [-1, 1, -1, 1]] in L: stationary = no", "proved"),
    ("at [[1, 1, 0, 1], [-1, 1, -1, 1]] in L: differentiable = yes", "refuted"),
    ("at [[1, 1, 0, 1], [-1, 1, -1, 1]] in L: differentiable = no", "proved"),
    ("at [[1, 1, 0, 0], [-1, 1, -1, 1]] in L: differentiable = yes", "proved"),
    (f"L.differentiable({BEST})", "proved"),
    (f"L.stationary({BEST}), L.loss({BEST}) = 0", "proved"),
    ("L.stationary([[1, 1, -1, 1], [-1, 1, -1, 1]])", "refuted"),
    (f"L.gradient({BEST}) = 0", "open"),
    ("for all w given L.stationary([[w, -1, -1, 1], [-1, 1, -1, 1]]) then w = 1", "open"),
    ("exists w such that L.slope([[w, -1, -1, 1], [-1, 1, -1, 1]], [1, 0, 0, 0, 0, 0, 0, 0]) < 0", "open"),
    (f"at {LINEAR} in M: stationary = no", "proved"),
    (f"at {LINEAR} in M: differentiable = yes", "open"),
    ("at [[1, 1, -1], [-1, 1, -1]] in F: differentiable = yes", "proved"),
    ("F.gradient([[0, 0, -1], [0, 0, -1]]) = 0", "proved"),
]


def judged(folder, clause):
    """Return the verdict on a document of one claim."""
    path = folder / "notes.md"
    path.write_text(f"{HEAD}```stability\n:id: one\n{clause}\n```\n")
    ((_, (verdict,)),) = run_audit([str(path)])
    return verdict


@pytest.mark.parametrize(("clause", "status"), some_slow(CLAIMS, 9), ids=range(len(CLAIMS)))
def test_each_claim_is_decided_where_a_record_can_state_it(tmp_path, clause, status):
    verdict = judged(tmp_path, clause)
    assert verdict.status == status, verdict.reason
    assert all(check(record) for record in verdict.judged.records)
    assert bool(verdict.judged.records) == (status != "open")
    if status == "open":
        assert "stationary = yes" in verdict.reason or "2 outputs" in verdict.reason


@pytest.mark.parametrize("clause", ["L.differentiable([[1, 1], [2, 2]])", "M.loss([[1, 2]]) = 0", "L.gradient("])
def test_what_is_malformed_is_an_error_in_the_words_of_documents(tmp_path, clause):
    verdict = judged(tmp_path, clause)
    assert verdict.status == "error"
    assert not any(word in verdict.reason for word in (".out(", ".pre(", "d1", "d2", "loss, out or pre"))
