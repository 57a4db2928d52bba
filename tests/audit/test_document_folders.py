"""A write-up in a folder: sections are files, and an error in one costs the claims in it alone."""

import ast
import json

import pytest

from stability.audit.discovery import documents, load, proofs_folder
from stability.cli.audit import MALFORMED, Request, audit_and_report
from stability.errors import StabilityError

DOCUMENT = """
from stability.audit.vocabulary import Writeup
from .section_1_first import FIRST
from .section_2_second import SECOND

WRITEUP = Writeup("my-doc", "Mine", [*FIRST, *SECOND])
"""
VOCABULARY = """
from stability.audit.vocabulary import ForAll

TRUE = ForAll("x", ["x >= 1"], ["2*x >= 2"])
BAD = 1 / 0
"""
FIRST = """
from stability.audit.vocabulary import Claim
from .vocabulary import TRUE

FIRST = [Claim("first", "1", "True.", statement=TRUE), Claim("plain", "1", "Taste.", opinion="Taste.")]
"""
SECOND = """
from stability.audit.vocabulary import Claim, ForAll
from .vocabulary import TRUE

SECOND = [
    Claim("second", "2", "True.", statement=TRUE),
    Claim("false", "2", "False.", statement=lambda: ForAll("x", [], ["x > 4"], try_at=[{"x": 1}])),
]
"""
PARTS = {"document": DOCUMENT, "vocabulary": VOCABULARY, "section_1_first": FIRST, "section_2_second": SECOND}
FINE = {"first": "proved", "plain": "opinion", "second": "proved", "false": "refuted"}
HERE = "proofs/audits/my_doc"


@pytest.fixture
def audited(tmp_path, monkeypatch, capsys):
    """Return a function that writes a folder of a write-up and audits it: (status, {id: claim}, what is on stderr)."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "proofs" / "audits" / "my_doc"
    folder.mkdir(parents=True)

    def audit(**changes):
        for name, text in {**PARTS, **changes}.items():
            if text is not None:
                (folder / f"{name}.py").write_text(text, encoding="utf-8")
        status = audit_and_report(Request(as_json=str(tmp_path / "out.json")))
        found = json.loads((tmp_path / "out.json").read_text())["writeups"]
        return status, {each["id"]: each for w in found for each in w["claims"]}, capsys.readouterr()

    return audit


def statuses(found):
    return {name: each["status"] for name, each in found.items()}


def test_sections_are_one_write_up_in_the_order_of_the_document(audited):
    order = DOCUMENT.replace("[*FIRST, *SECOND]", "[*SECOND, *FIRST]")
    status, found, _ = audited(vocabulary=VOCABULARY.replace("BAD = 1 / 0\n", ""), document=order)
    assert (status, [*found]) == (0, ["second", "false", "first", "plain"])
    assert statuses(found) == FINE


def test_an_unused_definition_that_fails_is_an_error_in_its_own_file(audited):
    status, found, shown = audited()
    assert status == MALFORMED
    assert statuses(found) == {**FINE, "BAD": "error"}
    assert (found["BAD"]["file"], found["BAD"]["line"]) == (f"{HERE}/vocabulary.py", 5)
    assert f"Error in BAD ({HERE}/vocabulary.py, line 5): " in shown.err


def test_what_uses_it_says_in_which_file_it_failed(audited):
    _, found, _ = audited(
        section_2_second=SECOND.replace("import TRUE", "import BAD, TRUE").replace("statement=TRUE", "statement=BAD")
    )
    assert statuses(found) == {**FINE, "second": "error"}
    assert (found["second"]["file"], found["second"]["line"]) == (f"{HERE}/section_2_second.py", 6)
    assert f"BAD, which is used here, failed in line 5 of {HERE}/vocabulary.py" in found["second"]["message"]


def test_a_section_that_is_no_python_costs_its_claims_alone(audited):
    status, found, _ = audited(section_2_second="\n\nx = (\n", vocabulary=VOCABULARY.replace("BAD = 1 / 0\n", ""))
    assert status == MALFORMED
    assert statuses(found) == {"first": "proved", "plain": "opinion", "section_2_second": "error"}
    error = found["section_2_second"]
    assert (error["file"], error["line"]) == (f"{HERE}/section_2_second.py", 3)
    assert "was never closed" in error["message"]


@pytest.mark.parametrize("text", ["1 / 0\n", "SECOND = fails()\n"])
def test_a_section_whose_list_fails_costs_its_claims_alone(audited, text):
    status, found, _ = audited(section_2_second=text)
    assert status == MALFORMED
    assert [found[name]["status"] for name in ("first", "plain")] == ["proved", "opinion"]
    assert not {"second", "false"} & {*found}
    assert "SECOND" in found
    assert f"{HERE}/section_2_second.py" in {each.get("file") for each in found.values() if each["status"] == "error"}


def test_a_claim_that_cannot_be_made_is_an_error_in_its_section(audited):
    _, found, _ = audited(section_1_first=FIRST.replace("statement=TRUE", "statement=5"))
    assert statuses(found) == {**FINE, "first": "error", "BAD": "error"}
    assert (found["first"]["file"], found["first"]["line"]) == (f"{HERE}/section_1_first.py", 5)


def test_an_id_that_stands_in_two_sections_is_an_error_in_the_later_one(audited):
    _, found, _ = audited(section_2_second=SECOND.replace('"second"', '"first"'))
    again = next(each for name, each in found.items() if name.startswith("first.again"))
    assert (again["file"], again["line"]) == (f"{HERE}/section_2_second.py", 6)
    assert f"got 'first' again ({HERE}/section_1_first.py, line 5)" in again["message"]


def test_a_section_that_no_one_imports_is_an_error(audited):
    _, found, _ = audited(section_3_forgotten=FIRST.replace("FIRST =", "THIRD ="))
    assert statuses(found) == {**FINE, "BAD": "error", "section_3_forgotten": "error"}
    assert "Expected document.py to import each section" in found["section_3_forgotten"]["message"]


def test_a_folder_without_a_document_is_an_error(audited):
    status, found, _ = audited(document=None)
    assert (status, statuses(found)) == (MALFORMED, {"document": "error"})
    assert f"Expected document.py in {HERE}; found none." in found["document"]["message"]


def test_a_file_and_a_folder_of_one_id_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "proofs" / "audits" / "my_doc"
    folder.mkdir(parents=True)
    (folder / "document.py").write_text(DOCUMENT)
    (tmp_path / "proofs" / "audits" / "my_doc.py").write_text("")
    with pytest.raises(StabilityError, match=r"got my_doc\.py and my_doc/"):
        documents()


def test_a_file_beside_others_is_read_anew_from_another_folder(tmp_path):
    for name in ("one", "two"):
        folder = tmp_path / name / "audits" / "my_doc"
        folder.mkdir(parents=True)
        (folder / "document.py").write_text("from .vocabulary import WORD\n")
        (folder / "vocabulary.py").write_text(f"WORD = {name!r}\n")
        assert name == load(folder / "document.py").WORD
        assert load(folder / "document.py") is load(folder / "document.py")


SECTIONS = sorted((proofs_folder() / "audits").glob("*/*.py"))
SHARED = {"vocabulary", "experiments", "judgements", "published_table"}


@pytest.mark.parametrize("path", [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in SECTIONS])
def test_sections_know_each_other_through_shared_words_only(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    beside = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level}
    lower = {"vocabulary": set(), "experiments": {"vocabulary"}, "judgements": {"vocabulary", "experiments"}}
    lower["published_table"] = {*lower["judgements"], "judgements"}
    if path.stem == "document":
        assert beside == {each.stem for each in path.parent.glob("section_*.py")}
    else:
        assert beside <= lower.get(path.stem, SHARED)
