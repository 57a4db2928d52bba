"""Every claim of the literature has the verdict that its file says; what is nearest is proved, false variants fail."""

from pathlib import Path

import pytest

from stability.audit.discovery import files, load, proofs_folder
from stability.audit.published import Paper, PublishedClaim, built, paper, paper_names
from stability.logic.records import prove

CLAIMS = [pytest.param(claim, id=f"{name}/{claim.id}") for name in paper_names() for claim in paper(name).claims]
VARIANTS = [
    pytest.param(claim, variant, id=f"{name}/{claim.id}/{variant}")
    for name in paper_names()
    for claim in paper(name).claims
    for variant in claim.false_variants
]


@pytest.mark.parametrize("claim", CLAIMS)
def test_claim(claim: PublishedClaim) -> None:
    """The computed verdict is the one that the file says, by a record that the checker accepts."""
    found = claim.settle()
    assert found.status == claim.verdict, found.reason
    assert (found.judged is not None and bool(found.judged.records)) == (claim.verdict != "open")
    assert found.repair_status in (None, "proved"), found.repair and found.repair.reason


@pytest.mark.parametrize("claim", CLAIMS)
def test_hypotheses(claim: PublishedClaim) -> None:
    """What is stated of the hypotheses that the instance meets is proved."""
    found = claim.hypotheses()
    assert found is None or found.conclusion == "proved", found.reason


@pytest.mark.parametrize(("claim", "variant"), VARIANTS)
def test_false_variant(claim: PublishedClaim, variant: str) -> None:
    """A false variant is refuted with a record, not merely left open."""
    found = prove(built(claim.false_variants[variant]))
    assert found.conclusion == "refuted", found.reason


@pytest.mark.parametrize("name", paper_names())
def test_file_is_whole(name: str) -> None:
    """A file names its paper and year, opens with a sentence, and each claim that is proved has false variants."""
    found = paper(name)
    assert isinstance(found, Paper)
    assert name.endswith(f"_{found.year}")
    assert all(part in (load(_path(name)).__doc__ or "") for part in ("Setting ", "Idea ", "Scope "))
    for claim in found.claims:
        said = [claim.says, claim.instance.says, claim.nearest_true, *claim.instance.meets]
        assert all(text.endswith(".") for text in said), claim.id
        assert claim.verdict != "proved" or claim.false_variants, claim.id


def test_records_are_those_of_claims() -> None:
    """Each claim that is settled has records, and no record is left of one that is not there."""
    folder = proofs_folder() / "records" / "published"
    kept = {f"{path.parent.name}/{path.name.split('.')[0]}" for path in folder.rglob("*.json")}
    assert kept == {param.id for param in CLAIMS if param.values[0].verdict != "open"}


def _path(name: str) -> Path:
    return next(path for path in files("published") if path.stem == name)
