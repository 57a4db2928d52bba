"""The page that `stability audit --html` writes, and where it writes none."""

import re

import pytest
from command_line import invoked

from stability.cli import audit as auditing
from stability.errors import StabilityError

NOTES = """# Notes

A square is never negative.

```stability
:id: squares
for all x then x**2 >= 0
```

Every number is its own square.

```stability
:id: equal
for all x then x**2 = x
```
"""


def claims(path):
    return re.findall(r'<article id="([^"]*)"', path.read_text())


@pytest.fixture
def notes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "notes.md"
    path.write_text(NOTES)
    return path


def test_the_command_writes_the_page_of_a_document(notes):
    found = invoked("audit", "notes.md", "--html", "notes.html", "--no-runs")
    assert found.stderr == "notes.html written\n"
    assert "2 claims: 1 proved, 1 refuted" in found.stdout
    assert claims(notes.with_suffix(".html")) == ["squares", "equal"]


def test_a_page_is_written_with_the_claims_that_cannot_be_judged(notes):
    notes.write_text(NOTES + "\n```stability\n:id: broken\nfor all x then x ** <b>\n```\n")
    assert "notes.html written" in invoked("audit", "notes.md", "--html", "notes.html", status=2).stderr
    assert claims(notes.with_suffix(".html")) == ["squares", "equal", "broken"]


def test_filters_of_the_report_hold_for_the_page(notes):
    invoked("audit", "notes.md", "--html", "notes.html", "--status", "proved")
    assert claims(notes.with_suffix(".html")) == ["squares"]


def test_filters_that_leave_nothing_write_nothing(notes):
    with pytest.raises(StabilityError, match="Expected claims for a page"):
        invoked("audit", "notes.md", "--html", "notes.html", "--status", "vacuous")
    assert not notes.with_suffix(".html").exists()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("notes.md", "Expected another file for --html than a document with claims"),
        ("folder", "is a folder"),
        ("none/a.html", "There is no folder 'none'"),
        ("a.pdf", "Expected a file ending in .html"),
    ],
)
def test_a_page_that_cannot_be_written_is_refused_before_anything_is_judged(notes, monkeypatch, file, said):
    (notes.parent / "folder").mkdir()
    monkeypatch.setattr(auditing, "judge", None)
    with pytest.raises(StabilityError, match=said):
        invoked("audit", "notes.md", "--html", file)
    assert notes.read_text() == NOTES


def test_a_document_called_html_is_not_overwritten(notes):
    notes.with_suffix(".html").write_text(NOTES)
    with pytest.raises(StabilityError, match="a document"):
        invoked("audit", "./notes.html", "--html", "notes.html")
    assert notes.with_suffix(".html").read_text() == NOTES


def test_of_a_document_that_cannot_be_read_no_page_is_written(notes):
    page = notes.with_suffix(".html")
    invoked("audit", "./nowhere.md", "--html", page.name, status=2)
    assert not page.exists()
    invoked("audit", "./nowhere.md", "notes.md", "--html", page.name, status=2)
    assert page.exists()
