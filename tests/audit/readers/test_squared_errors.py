"""Relations on losses of networks with trained output weights, which squares of errors and outputs prove."""

import pytest

from stability import Dataset, check, landscape, run_audit
from stability.audit.readers.squared_errors import helpful_splits, helpful_squares

HEAD = """---
data:
  two:
    points: [[1], [-1]]
    labels: [1, 0]
  three:
    points: [[-1], [0], [2]]
    labels: [1, 0, 3]
---

"""
CLAIMS = [
    ("relu1-out-nob two", "for all w a given a <= 0 then loss([w, a]) >= 1", "proved"),
    ("relu1-out-nob two", "for all w a given a <= 0 then loss([w, a]) > 1", "refuted"),
    ("relu1-out two", "for all w b a given a < 0 then loss([w, b, a]) >= 1", "proved"),
    ("relu1-out two", "for all w b a given a < 0 then loss([w, b, a]) > 1", "refuted"),
    ("relu1-out two", "for all w b a given loss([w, b, a]) = 0 then a > 0", "proved"),
    ("relu1-out two", "for all w b a given loss([w, b, a]) <= 0 then a > 1", "refuted"),
    ("relu1-out-nob three", "for all w a given w > 0 then loss([w, a]) >= 1", "proved"),
    ("relu1-out-nob three", "for all w a given w > 0 then loss([w, a]) > 1", "refuted"),
]


@pytest.mark.parametrize(("place", "claim", "status"), CLAIMS)
def test_relations_on_losses_need_no_hint(tmp_path, place, claim, status):
    path = tmp_path / "notes.md"
    path.write_text(f"{HEAD}```stability\n:id: one\n:on: {place}\n{claim}\n```\n")
    ((_, (verdict,)),) = run_audit([str(path)])
    assert verdict.status == status, verdict.reason
    assert all(check(record) for record in verdict.judged.records)


def test_errors_and_outputs_are_those_of_networks_with_trained_output_weights():
    data = Dataset("two", [[1], [-1]], ["1/2", 0])
    places = {"L": landscape("relu1-out", data), "F": landscape("relu1", data)}
    assert helpful_squares(["F.loss([w, b]) >= 0", "L.out([w, b, a], 0) > 0"], places) == []
    errors = ["L.out([w, b, a], 0) - (1/2)", "L.out([w, b, a], 0)", "L.out([w, b, a], 1) - (0)"]
    assert helpful_squares(["L.loss([w, b, a]) >= 1", "L.loss([w, b, a]) < 2"], places) == errors
    assert helpful_splits(["L.loss([w, b, a]) < 2", "L.loss([w, b, a]) >= 0"], places) == []
    assert helpful_splits(["L.loss([w, b, a]) == 0"], places) == [errors[0], errors[2]]


def test_what_stays_open_says_so_in_the_words_of_documents(tmp_path):
    path = tmp_path / "notes.md"
    claim = "for all w b a given loss([w, b, a]) <= 0 then a > 1/1000000000"
    path.write_text(f"{HEAD}```stability\n:id: one\n:on: relu1-out two\n:hint: squares w + b\n{claim}\n```\n")
    ((_, (verdict,)),) = run_audit([str(path)])
    assert verdict.status == "open"
    assert ".out(" not in verdict.reason
    assert "squares help, beside w + b)" in verdict.reason
