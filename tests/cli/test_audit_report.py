"""The report of an audit: whole words at any width, filters, and one claim side by side with its formula."""

import json

import pytest
from command_line import printed

from stability.cli.audit_report import in_section
from stability.cli.terminal import wrapped

NOTES = """# Notes on one unit

## 3.1 A theorem

The minima are unique, we say.

```stability
:id: unique-minimum-of-the-absolute-value-unit
:weight: central
:on: abs1 xor mean
sets where kind = "global minimum": number = 1
instead sets where kind = "global minimum": number = 2
```

## 3.10 A number

```stability
:id: a-share
:because: 43 of 50 were counted.
numbers 43/50 = 85%
```

```stability
:id: resting-on-it
:uses: unique-minimum-of-the-absolute-value-unit
for all w given w > 1 then w^2 > w
```
"""


@pytest.fixture
def notes(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text(NOTES)
    return path


def lines(notes, *words, columns=100, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    return printed("audit", str(notes), *words)


@pytest.mark.parametrize("columns", [46, 60, 100, 119, 120, 160])
def test_no_word_is_cut_and_no_line_too_long(notes, columns, monkeypatch):
    shown = lines(notes, columns=columns, monkeypatch=monkeypatch)
    assert max(map(len, shown.splitlines())) <= columns
    words = {word.strip("│;,.:") for word in shown.split()}
    assert {"unique-minimum-of-the-absolute-value-unit", "resting-on-it", "refuted"} <= words
    assert ("│" in shown) == (columns >= 120)


def test_the_page_comes_first_and_says_what_falls(notes, monkeypatch):
    shown = lines(notes, monkeypatch=monkeypatch)
    assert shown.startswith("Notes on one unit\n====")
    assert "Of 1 central claim none stands and 1 falls. What falls: The minima are unique, we say." in shown
    assert "Instead (proved): " in shown
    assert "falls with unique-minimum-of-the-absolute-value-unit" in shown
    assert "notes.md:7" in shown
    assert "3 claims: 1 proved, 2 refuted" in shown


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--status", "refuted"], ["unique-minimum-of-the-absolute-value-unit", "a-share"]),
        (["--status", "refuted", "--status", "proved", "--where", "3.10"], ["a-share", "resting-on-it"]),
        (["--where", "3.1"], ["unique-minimum-of-the-absolute-value-unit"]),
        (["--where", "3"], ["unique-minimum-of-the-absolute-value-unit", "a-share", "resting-on-it"]),
        (["--grep", "COUNTED"], ["a-share"]),
        (["--status", "vacuous"], []),
    ],
)
def test_filters_choose_claims_on_the_screen_and_in_json(notes, filters, expected, monkeypatch):
    shown = lines(notes, *filters, monkeypatch=monkeypatch)
    assert [line.split(" - ")[0] for line in shown.splitlines() if " - " in line[:60]] == expected
    document = json.loads(printed("audit", str(notes), *filters, "--json"))
    assert [each["id"] for each in document["writeups"][0]["claims"]] == expected


def test_json_gains_the_page_the_weight_and_the_decision(notes):
    (writeup,) = json.loads(printed("audit", str(notes), "--json"))["writeups"]
    assert [(c["weight"], c["decision"]) for c in writeup["claims"]] == [
        ("central", "falls"),
        ("detail", "none"),
        ("detail", "falls"),
    ]
    assert [each["id"] for each in writeup["summary"]["findings"]] == [c["id"] for c in writeup["claims"]]
    assert writeup["claims"][2]["falls_with"] == ["unique-minimum-of-the-absolute-value-unit"]


def test_tables_for_files_have_all_claims_in_their_order(notes):
    rows = [line.split(" | ")[0].strip("| ") for line in printed("audit", str(notes), "--table").splitlines()]
    assert rows == ["claim", "---", "unique-minimum-of-the-absolute-value-unit", "a-share", "resting-on-it"]


@pytest.mark.parametrize("columns", [80, 140])
def test_one_claim_has_its_place_words_formula_and_assumptions(notes, columns, monkeypatch):
    shown = lines(notes, "--only", "resting-on-it", columns=columns, monkeypatch=monkeypatch)
    for text in (
        "Notes on one unit, 3.10 A number",
        "line 23",
        "rests on:",
        "for all w: w ** 2 > w",
        "the formula assumes:",
    ):
        assert text in shown
    assert "w > 1" in shown.split("the formula assumes:")[1]


@pytest.mark.parametrize("columns", [80, 140])
def test_a_measured_claim_is_shown_with_its_section_once_and_in_its_own_words(tmp_path, columns, monkeypatch):
    """The title of a document without front matter is its first heading, which is the section of what stands below."""
    path = tmp_path / "notes.md"
    path.write_text(
        "# Shares\n\nMost starts succeed.\n\n```stability\n:id: most\n:on: abs1 xor\n"
        "basins normal:1/2:1/2: share of loss 0 = 0.6 +- 0.1\n```\n"
    )
    shown = lines(path, "--only", "most", columns=columns, monkeypatch=monkeypatch)
    shown = " ".join(shown.replace("│", " ").split())
    assert "place: Shares file:" in shown or "place: formal text: Shares none" in shown
    assert "words: Most starts succeed." in shown
    assert "none: it is measured, on random starts or by training" in shown
    assert "our words" not in shown


def test_write_ups_show_central_claims_and_all_of_them_on_demand(monkeypatch):
    words = ["audit", "bounded-hypersphere-init", "--no-runs"]
    monkeypatch.setattr("stability.audit.run.settle", _settled)
    monkeypatch.setenv("COLUMNS", "100")
    few, many = printed(*words), printed(*words, "--all", "--order", "document")
    assert "; --all shows the rest." in few
    assert "\ndead-outputs-zero " not in few
    ids = [line.split(" ")[0] for line in many.splitlines() if line.endswith(" - opinion")]
    assert ids[:3] == ["was-a-bust", "was-a-bust-beside-rejection", "dead-outputs-zero"]


def _settled(claim, *_):
    from stability.audit.verdicts import Verdict

    return Verdict(claim, "opinion", "Not judged here.")


def test_sections_hold_their_subsections():
    assert in_section("3.1 (1)", "3.1")
    assert in_section("2, 3.1 proof", "3")
    assert not in_section("3.10", "3.1")
    assert not in_section("2.3.1", "3.1")
    assert in_section("Chat, next step", "chat")


def test_paths_end_at_slashes_and_words_stay_whole():
    assert wrapped("in proofs/audits/long_name.py", 12) == ["in", "proofs/", "audits/", "long_name.py"]
    assert wrapped("a very-long-word here", 6, "  ") == ["a", "  very-long-word", "  here"]


MEASURED = """Half of all starts end in a trap.

```stability
:id: half
:on: abs1 xor sum
basins normal:0.5:0.5 by gd with step 1/10: share of loss 1 = 0.5 +- 0.01
```
"""


def test_what_is_not_reproduced_has_what_was_measured_in_its_place(tmp_path, monkeypatch):
    path, page = tmp_path / "notes.md", tmp_path / "page.html"
    path.write_text(MEASURED)
    said = "basins normal:0.5:0.5 by gd with step 1/10: share of loss 1 = 0.3"
    shown = " ".join(lines(path, "--html", str(page), monkeypatch=monkeypatch).split())
    assert f"Measured instead: {said}" in shown
    assert f"measured instead: {said}" in shown
    assert "true instead" not in shown
    assert "measured instead:" in lines(path, columns=160, monkeypatch=monkeypatch)
    assert "measured instead:" in lines(path, "--only", "half", columns=160, monkeypatch=monkeypatch)
    assert page.read_text().count(said) == 2
    lines(path, "--write", monkeypatch=monkeypatch)
    assert f". Measured instead: {said}" in path.read_text()
