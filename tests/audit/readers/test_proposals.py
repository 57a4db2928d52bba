"""Blocks proposed from the text of a document: which numbers are found, what is wrong, and what is left alone."""

import json
import random
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stability import run_audit
from stability.audit.readers.documents import read_document
from stability.audit.readers.markdown import read_markdown
from stability.audit.readers.proposals import COMPLETE, MODEL, proposals, propose
from stability.cli.main import app
from stability.errors import FileError
from stability.model.networks import network


def proposed(folder: Path, text: str):
    path = folder / "notes.md"
    path.write_text(text)
    return proposals(read_markdown(path))


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("24/50 (58%)", ["numbers 24/50 = 58%", "instead: numbers 24/50 = 48%"]),
        ("29/50 (58%)", ["numbers 29/50 = 58%"]),
        ("29 of 50 runs (58.0%), as", ["numbers 29/50 = 58.0%"]),
        ("in 29 out of the 50 runs, or 58 percent,", ["numbers 29/50 = 58%"]),
        ("29/50 = 58%", ["numbers 29/50 = 58%"]),
        ("58% (29/50) do", ["numbers 29/50 = 58%"]),
        ("58% of all (29 of 50 runs)", ["numbers 29/50 = 58%"]),
        ("1,234 of 5,000 (24.7%)", ["numbers 1234/5000 = 24.7%"]),
        ("1/3 (33.4%)", ["numbers 1/3 = 33.4%", "instead: numbers 1/3 = 33.3%"]),
        ("1/8 (12%)", ["numbers 1/8 = 12%"]),
        ("12 + 23 + 15 = 50", ["numbers 12 + 23 + 15 = 50"]),
        ("12 + 23 = 36", ["numbers 12 + 23 = 36", "instead: numbers 12 + 23 = 35"]),
        ("**24**/50\n(48%)", ["numbers 24/50 = 48%"]),
    ],
)
def test_numbers_of_a_sentence(tmp_path, text, clauses):
    (found,) = proposed(tmp_path, f"# Runs\n\nWe see {text}.\n")
    assert (list(found.clauses), found.line, found.where) == (clauses, 3, "Runs")


@pytest.mark.parametrize(
    "text",
    [
        "24/50 (95% CI 34 to 62)", "24/50 (95% confidence)", "24/50 (48% ± 7)", "24/50 (48%-60%)", "24/50 (40% to 50%)",
        "0/0 (0%)", "1/24/50 (48%)", "3.5 + 2 + 3 = 5", "2 - 2 + 3 = 5", "2 + 3 = 5%", "2 + 3 = 5.5", "2 * 2 + 3 = 5",
        "v2/50 (48%)", "24/50 runs, and later many others (48%)", "48%", "24/50", "1.24/50 (48%)", "12 + 23 = 35 + 1",
    ],
)  # fmt: skip
def test_what_is_no_share_and_no_sum_is_left_alone(tmp_path, text):
    assert not proposed(tmp_path, f"We see {text}.\n")


def test_code_and_blocks_are_left_alone(tmp_path):
    text = "```\n24/50 (58%)\n```\n\n    24/50 (58%)\n\n<!-- 24/50 (58%) -->\n\n"
    block = "Half, 24/50 (58%).\n\n```stability\n:id: numbers-13\nnumbers 24/50 = 58%\n```\n\n35/50 (70%)\n"
    (found,) = proposed(tmp_path, text + block)
    assert (found.id, found.line) == ("numbers-16", 16)


TABLE = """# Results

We count successes.

| init | {head} | median epochs | rate |
|---|---|---|---|
| Kaiming | 24/50 | 190 | 48% |
| normal:0.5 | 27/50 | - | 55% |
| Total | 51/99 | 385 | 51% |
"""


@pytest.mark.parametrize("head", ["successes", "runs"])
def test_a_table_of_successes(tmp_path, head):
    found = {each.id: each for each in proposed(tmp_path, TABLE.format(head=head))}
    assert {name: each.clauses[0] for name, each in found.items()} == {
        "numbers-7": "numbers 24/50 = 48%",
        "train-7-kaiming": "train relu2 xor --init kaiming-normal",
        "numbers-8": "numbers 27/50 = 55%",
        "train-8-normal-0.5": "train relu2 xor --init normal:0.5",
        "numbers-9": "numbers 24 + 27 = 51",
        "numbers-9-2": "numbers 50 + 50 = 99",
        "numbers-9-3": "numbers 51/99 = 51%",
    }
    assert found["train-7-kaiming"].clauses[1] == "published success 24/50; median epochs 190 of 24"
    assert found["train-8-normal-0.5"].clauses[1] == "published success 27/50"
    assert found["train-7-kaiming"].opinion == COMPLETE
    assert {name for name, each in found.items() if each.correction} == {"numbers-8", "numbers-9-2", "numbers-9-3"}


@pytest.mark.parametrize(
    ("table", "published"),
    [
        ("| init | solved (of 50) |\n|-|-|\n| He | 24 |\n", "success 24/50"),
        ("| init | runs | converged |\n|-|-|-|\n| He | 50 | 24 |\n", "success 24/50"),
        ("| init | failures |\n|-|-|\n| He | 26/50 |\n", "failures 26/50"),
        ("| init | success rate | 10th %ile epochs |\n|-|-|-|\n| He | **48%** (24/50) |390 |\n",
         "success 24/50; quantile 10% epochs 390 of 24"),
        ("| init | failed | average epoch |\n|-|-|-|\n| He | 26 of 50 | 190.5 |\n",
         "failures 26/50; mean epochs 190.5 of 24"),
    ],
)  # fmt: skip
def test_how_tables_say_successes(tmp_path, table, published):
    *_, found = proposed(tmp_path, table)
    assert list(found.clauses) == ["train relu2 xor --init kaiming-normal", f"published {published}"]


@pytest.mark.parametrize(
    "table",
    [
        "| init | success rate | runs |\n|-|-|-|\n| He | 24 | 50 |\n",
        "| init | successes |\n|-|-|\n| He | 60/50 |\n",
        "| init | successes |\n|-|-|\n| He | 24 |\n",
        "| init | width |\n|-|-|\n| He | 24/50 |\n",
        "| kind | correct |\n|-|-|\n| saddle | 2/4 |\n",
    ],
)
def test_tables_that_do_not_say_successes(tmp_path, table):
    assert not proposed(tmp_path, table)


def test_what_the_document_says_is_not_guessed(tmp_path):
    front = (
        "---\non: abs1 mine mean\ndata:\n  mine:\n    points: [[0, 0], [0, 1], [1, 0]]\n    labels: [0, 1, 1]\n---\n"
    )
    table = "| init | successes |\n|-|-|\n| uniform:1 | 24/50 |\n"
    path = tmp_path / "notes.md"
    path.write_text(front + table)
    output, (found,) = propose(path)
    assert (found.clauses[0], found.opinion) == ("train abs1 mine --init uniform:1", "")
    (claim,) = read_document(output).claims
    assert claim.claim.kind == "measurement"
    (guessed,) = proposed(tmp_path, front.replace("abs1 mine", "abs1 other") + table)
    assert (guessed.clauses[0], guessed.opinion) == ("train relu2 xor --init uniform:1", COMPLETE)
    (named,) = proposed(tmp_path, "With leaky1/10:2 on parity:3.\n\n" + table)
    assert named.clauses[0] == "train leaky1/10:2 parity:3 --init uniform:1"


def test_totals_of_rows_and_columns(tmp_path):
    table = "| kind | a | b | sum |\n|-|-|-|-|\n| x | 1 | 2 | 3 |\n| y | 4 | 5 | 10 |\n| total | 5 | 7 | 13 |\n"
    found = proposed(tmp_path, table)
    assert [each.clauses[0] for each in found] == [
        "numbers 1 + 2 = 3", "numbers 4 + 5 = 10", "numbers 1 + 4 = 5", "numbers 2 + 5 = 7", "numbers 3 + 10 = 13",
        "numbers 5 + 7 = 13",
    ]  # fmt: skip
    assert [each.correction for each in found if each.correction] == ["4 + 5 is 9, not 10", "5 + 7 is 12, not 13"]


@pytest.mark.parametrize(
    ("table", "clause"),
    [
        ("| init | successes | runs | share |\n|-|-|-|-|\n| a | 24 | 50 | 48% |\n", "numbers 24/50 = 48%"),
        ("| init | successes (of 50) | success in % |\n|-|-|-|\n| a | 24 | 58 |\n", "numbers 24/50 = 58%"),
        ("| init | seen | rate (%) |\n|-|-|-|\n| a | 24/50 | 48.0 |\n", "numbers 24/50 = 48.0%"),
        ("| init | seen | depth | rate |\n|-|-|-|-|\n| a | 24/50 | 3% | 48% |\n", "numbers 24/50 = 48%"),
    ],
)
def test_percentages_beside_counts(tmp_path, table, clause):
    assert [each.clauses[0] for each in proposed(tmp_path, table) if each.clauses[0].startswith("num")] == [clause]


def audited(path: Path):
    return {each.claim.id: each for each in run_audit([str(path)]).verdicts}


def test_every_proposal_is_read_by_the_audit_and_says_what_is_wrong(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text(TABLE.format(head="successes") + "\nAlso 24/50 (58%) and 43 of 50 (85%), 12 + 23 = 35.\n")
    output, found = propose(path)
    verdicts = audited(output)
    assert [*verdicts] == [each.id for each in found]
    for each in found:
        wanted = "opinion" if each.opinion else "refuted" if each.correction else "proved"
        assert verdicts[each.id].status == wanted
        assert not each.correction or verdicts[each.id].repair_status == "proved"
    output.write_text(output.read_text().replace(f":opinion: {COMPLETE}\n", ""))
    assert {each.claim.kind for each in read_document(output).claims} == {"statement", "measurement"}
    assert not [each for each in read_document(output).claims if "error" in each.claim.says]


MARKS = ["<!--", "-->", "`", "```", "\n\n", "\n", "> ", "- ", "# ", "\\", "[a](b)", "\x1b[31m", "é", "\u2028"]
PIECES = [*MARKS, "24/50", "(58%)", "29 of 50", "runs", "| a | b |\n|-|-|\n| 1/2 | 50% |\n", "12 + 3 = 15", ":id: x"]


def test_whatever_the_text_proposals_can_be_read(tmp_path):
    draw = random.Random(1)
    for k in range(40):
        path, output = tmp_path / f"{k}.md", tmp_path / f"{k}.out.md"
        path.write_text(" ".join(draw.choice(PIECES) for _ in range(60)))
        before = path.read_bytes()
        _, found = propose(path, output)
        assert path.read_bytes() == before
        if found:
            claims = read_document(output).claims
            assert [each.claim.id for each in claims] == [each.id for each in found]
            assert not [each.claim for each in claims if callable(each.claim.statement)]


LONG = ["1 + ", "5 of ", "5 of   ", "58% (", "24/50 ", "a ", "1,000", "| 1/2 ", "1+1=2 ", "1+1=2\n", "1/2 (3%)\n\n"]


@pytest.mark.parametrize("piece", LONG)
def test_long_texts_are_read_at_once(tmp_path, piece):
    begin = time.process_time()
    proposed(tmp_path, piece * 10_000)
    assert time.process_time() - begin < 6


def test_the_command_writes_beside_the_document_and_never_into_it(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("We see 24/50 (58%).\n")
    run = CliRunner().invoke
    result = run(app, ["audit", "init", str(path)])
    assert (result.exit_code, path.read_text()) == (0, "We see 24/50 (58%).\n")
    assert "1 block proposed" in result.output
    assert "line 1: 24/50 is 48%, not 58%." in " ".join(result.output.split())
    assert "numbers 24/50 = 58%" in (tmp_path / "notes.proposed.md").read_text()
    data = json.loads(run(app, ["audit", "init", str(path), "-o", str(tmp_path / "mine.md"), "--json", "-"]).output)
    assert data[0]["proposals"][0]["correction"] == "24/50 is 48%, not 58%"
    assert (tmp_path / "mine.md").read_bytes() == (tmp_path / "notes.proposed.md").read_bytes()
    path.write_text("We see 24 runs.\n")
    assert "nothing to propose" in run(app, ["audit", "init", str(path), "-o", str(tmp_path / "none.md")]).output
    assert not (tmp_path / "none.md").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["init"], "a document after init"),
        (["init", "notes.md", "--write"], "without options of an audit; got --write"),
        (["init", "notes.md", "notes.md", "-o", "x.md"], "one document with -o"),
        (["init", "none.md"], "there is no file 'none.md'"),
        (["init", "notes.tex"], "are what its macros make of them"),
        (["init", "notes.rst"], "Expected a Markdown document"),
        (["init", "notes.md", "-o", "notes.md"], "Expected a new file"),
        (["notes.md", "-o", "x.md"], "with init alone"),
    ],
)
def test_what_init_refuses(tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    Path("notes.md").write_text("We see 24/50 (58%).\n")
    result = CliRunner().invoke(app, ["audit", *words])
    assert message in str(result.exception)
    assert [each.name for each in tmp_path.iterdir()] == ["notes.md"]


def test_proposals_that_somebody_changed_are_kept(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("We see 24/50 (58%).\n")
    output, _ = propose(path)
    assert propose(path)[0] == output
    output.write_text(output.read_text() + "Mine.\n")
    with pytest.raises(FileError, match="Move it away"):
        propose(path)
    assert output.read_text().endswith("Mine.\n")


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("We train relu3-out+c, then abs2.", "relu3-out+c"),
        ("A leaky1/100[+,-] network", "leaky1/100[+,-]"),
        ("by relu[1,-1/2]+c-nob.", "relu[1,-1/2]+c-nob"),
        ("leaky1/100:2-out", "leaky1/100:2-out"),
        ("(relu2-linear)", "relu2-linear"),
        ("relu2x, relu100, then abs1", "abs1"),
    ],
)
def test_spellings_of_networks_are_found(text, model):
    assert MODEL.search(text)[0] == model
    assert network(network(model).name) == network(model)
