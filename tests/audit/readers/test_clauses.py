"""What begins no clause, and in whose words a malformed claim stands in the report."""

from pathlib import Path

import pytest

from stability import run_audit
from stability.audit.verdicts import Verdict


def audit(folder: Path, text: str) -> dict[str, Verdict]:
    """Return the verdicts on a document by id."""
    path = folder / "notes.md"
    path.write_text(text)
    return {verdict.claim.id: verdict for verdict in run_audit([str(path)]).verdicts}


def block(body: str, head: str = ":id: one\n:on: abs1 xor mean\n") -> str:
    return f"Some words.\n\n```stability\n{head}{body}\n```\n"


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ("minimum are [1/2, -1/2, 0]", "Did you mean 'minima'? A clause begins with at, "),
        ("For all p then loss(p) >= 0", "Did you mean 'for all'? "),
        ("every saddle has loss 1", "Did you mean 'every set'? "),
        ("bassins normal: share of loss 1 = 0.3 +- 0.1", "Did you mean 'basins'? "),
        ("gradient descent converges", "gradient descent converges'. A clause begins with at, "),
        ("saddle", "A clause begins with at, "),
    ],
)
def test_words_that_begin_no_clause_are_refused_with_those_that_do(tmp_path, body, hint):
    verdict = audit(tmp_path, block(body))["one"]
    assert (verdict.status, verdict.claim.place.line) == ("error", 6)
    assert hint in verdict.reason
    assert "stable or train, or is a relation: loss([1, 2, 0]) < 1." in verdict.reason


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (block("minimum"), "Some words."),
        (block("minimum", ":id: one\n:says: In my words.\n"), "In my words."),
        (block("minimum", ":id: one\n:nonsense: 1\n"), "Some words."),
        (block("1 < 2", ":id: one\n:uses: unknown\n"), "Some words."),
        (block("minimum is unique").removeprefix("Some words."), "minimum is unique"),
    ],
)
def test_an_error_stands_beside_the_sentence_of_its_author(tmp_path, text, says):
    (verdict,) = audit(tmp_path, text).values()
    assert (verdict.status, verdict.claim.says) == ("error", says)
