"""Which write-ups are read: an id that none of them can have is refused before that."""

import json

import pytest

from stability.audit import discovery
from stability.audit.run import select
from stability.errors import UnknownNameError


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return the folder proofs/ of a project of two write-ups, in which statuses of one claim are kept."""
    audits = tmp_path / "proofs" / "audits"
    audits.mkdir(parents=True)
    for name, id in (("first", "kept"), ("second", "new")):
        (audits / f"{name}.py").write_text(
            "from stability import Claim, ForAll, Writeup\n"
            f'WRITEUP = Writeup("{name}", "A title", '
            f'[Claim("{id}", "1", "A claim.", ForAll("x", [], ["x**2 >= 0"]))])\n'
        )
    (tmp_path / "proofs" / "statuses.json").write_text(json.dumps({"first/kept": {"status": "proved"}}))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "proofs"


def test_an_id_that_no_source_has_is_refused_before_write_ups_are_read(project, monkeypatch):
    monkeypatch.setattr(discovery, "read", lambda path: pytest.fail(f"{path} was read"))
    with pytest.raises(UnknownNameError, match=r"got 'kepd'.\n? *Did you mean 'kept'\? Known: kept. Name the write-up"):
        select([], ["kept", "kepd"])


@pytest.mark.parametrize("id", ["kept", "new"])
def test_an_id_of_a_source_is_found_whether_its_status_is_kept_or_not(project, id):
    assert [[claim.id for claim in claims] for _, claims in select([], [id])] == [[id]]


def test_without_kept_statuses_all_write_ups_are_read(project):
    (project / "statuses.json").unlink()
    with pytest.raises(UnknownNameError, match="Did you mean 'kept'"):
        select([], ["kepd"])
