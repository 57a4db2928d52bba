"""Markdown documents as write-ups: what blocks say, and what is wrong with malformed ones."""

import json
import time
from pathlib import Path

import pytest
from command_line import invoked
from typer.testing import CliRunner

from stability import check, run_audit
from stability.cli.main import app

HEAD = ":id: one\n:on: abs1 xor mean\n"


def audit(folder: Path, text: str | bytes):
    """Return the verdicts on a document by id."""
    path = folder / "notes.md"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    ((_, verdicts),) = run_audit([str(path)])
    return {verdict.claim.id: verdict for verdict in verdicts}


def block(body: str, head: str = HEAD) -> str:
    return f"Some words.\n\n```stability\n{head}{body}\n```\n"


CLAIMS = [
    ('sets where kind = "global minimum": number = 2\nat [1/2, -1/2, 0]: kind = "global minimum"', "proved"),
    ('sets where kind = "global minimum": number = 3', "refuted"),
    ("for all w1 w2 b u1 u2 c\ngiven differentiable([w1, w2, b])\n"
     "then curvature([w1, w2, b], [u1, u2, c]) == 2*(u1^2 + u2^2 + c^2)", "proved"),
    ('at [0, 0, 1/2]: kind = "local minimum", strict = yes, loss = 1/4\n'
     'every set where kind = "saddle" has loss > 1/4\nsets where loss = 1/2: number >= 1', "proved"),
    ("at [0, 0, 1/2]: kind = local minimum, strict = no", "refuted"),
    ("minima are [[1/2, -1/2, 0], [-1/2, 1/2, 0], [0, 0, 1/2], [0, 0, -1/2]]", "proved"),
    ("minima are [1/2, -1/2, 0], [-1/2, 1/2, 0]", "refuted"),
    ("at [1, 2, 3]: loss = 61/4", "refuted"),
    ("at [1/2, -1/2, 0.25]: loss = 1/16", "proved"),
    ("at [1, 2, 3]: stationary = no", "proved"),
    ("at [0, 0, 0]: differentiable = no, stationary = yes", "proved"),
    ("for all w, b given w > 0 and b = 0 then loss([w, -w, b]) = 4*w^2 - 4*w + 1", "refuted"),
    ("for all w, b given w > 0 and b = 0 then loss([w, -w, b]) = (4*w^2 - 4*w + 1)/2", "proved"),
    (":hint: splits w - 1, w + 1\nfor all w given w^2 = 1 then w = 1 or w = -1", "proved"),
    ("exists w such that loss([w, -w, 0]) = 0\n", "open"),
    ("exists p such that loss(p) < 0", "refuted"),
    ("exists set where kind = saddle", "proved"),
    ("exists set where kind in [local minimum, global minimum],\n"
     "correct of class 1 = 1 and correct of class 0 = 1", "refuted"),
    ("exists set where outputs = [1, 1, 0, 0], correct of class 1 = 2\nloss([1/2, -1/2, 0]) = 0", "proved"),
    ("exists set such that loss([set, -set, 0]) = 0 and set = 1/2", "proved"),
    ("every set where correct = [yes, yes, yes, yes] has loss = 0, right = 4", "proved"),
    ("at [0, 0, 1/2]: outputs = [1/2, 1/2, 1/2, 1/2], correct of class 0 = 2, strict = yes", "proved"),
    ("at [1, 0, 0]: outputs = [1, 1, 1, 1], correct = [yes, yes, no, no], loss is 1/2", "proved"),
    ("at [1, 0, 0]: correct != [yes, yes, no, no]", "refuted"),
    ("at [1, 0, 0]: outputs = [1, 1, 1, 0]", "refuted"),
    ("at [1, 0, 0]: loss in [1/3, 1/2]", "proved"),
    ("at [1, 2, 3]: differentiable != yes", "refuted"),
    ("at [1, 2, 3]: differentiable is yes, stationary != yes", "proved"),
    ("numbers 29/50 = 58%, 12 + 23 = 35", "proved"),
    ("numbers 43/50 = 85%", "refuted"),
    ("numbers 3/8 + 1/4 = 5/8, 3/8 + 0.5 = 7/8, 1 - 3 = -2, 0.58 = 29/50", "proved"),
    ("numbers 3/8 + 1/4 = 6/8", "refuted"),
    ("loss([1/2, -1/2, 0]) = 0", "proved"),
    ("for all w given w > 1, w < 0 then loss([w, w, w]) = 7", "vacuous"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status"), CLAIMS, ids=range(len(CLAIMS)))
def test_what_clauses_say(tmp_path, body, status):
    verdict = audit(tmp_path, block(body))["one"]
    assert verdict.status == status or (status == "open" and verdict.status in ("proved", "refuted")), verdict.reason
    for record in verdict.judged.records:
        assert check(record)
    assert (verdict.claim.says, verdict.claim.place.line) == ("Some words.", 3)


def test_a_misspelt_value_is_an_error_with_its_line_and_no_verdict(tmp_path):
    """There are no sets of that kind, so that 0 would be their number; the other claims are judged."""
    text = "# Notes\n\n" + block("\nsets where kind = 'local minimun':\n  number = 0") + block("1 < 2", ":id: two\n")
    (tmp_path / "notes.md").write_text(text)
    run = CliRunner().invoke(app, ["audit", str(tmp_path / "notes.md")], env={"COLUMNS": "400"})
    said = f"Error in one ({tmp_path / 'notes.md'}, line 9): Expected a kind of stationary set; got 'local minimun'."
    assert run.exit_code == 2
    assert f"{said} Did you mean 'local minimum'?" in run.stderr
    assert "1 proved, 1 error" in run.stdout
    assert not (tmp_path / "notes.records").exists()


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("every set where loss > 1 has loss >= 1.3333", "proved", "1.3333 is read as 13333/10000."),
        ("every set where loss > 1 has loss >= 1.3334", "refuted", "1.3334 is read as 6667/5000."),
        ("at [1, 0, -1]: loss in [1.3333, 1.9]", "refuted", "1.3333 is read as 13333/10000."),
        ("for all w b given w^2 + b^2 >= 1.3333 then w^2 + b^2 > 1.33", "proved", "1.33 is read as 133/100."),
        ("for all w b then w^2 - b^2 >= -1.3333", "refuted", "1.3333 is read as 13333/10000."),
    ],
)
def test_a_decimal_is_the_number_that_it_says_and_the_reason_shows_it(tmp_path, body, status, reason):
    """Between 1.3333 and 1.3334 lies the loss 4/3 of saddles of one ReLU on XOR."""
    verdict = audit(tmp_path, block(body, ":id: one\n:on: relu1 xor sum\n"))["one"]
    assert (verdict.status, verdict.claim.place.line) == (status, 3)
    assert reason in verdict.reason


def test_hints_lead_to_an_instance(tmp_path):
    body = ":hint: try_at w = 1/2\nexists w such that loss([w, -w, 0]) = 0"
    assert audit(tmp_path, block(body))["one"].status == "proved"


def test_a_correction_is_judged_too(tmp_path):
    verdict = audit(tmp_path, block(":instead: It is 86%.\nnumbers 43/50 = 85%\ninstead: numbers 43/50 = 86%"))["one"]
    assert (verdict.status, verdict.repair_status, verdict.claim.repair.says) == ("refuted", "proved", "It is 86%.")


def test_an_opinion_is_no_verdict(tmp_path):
    assert audit(tmp_path, block("", ":id: one\n:opinion: a matter of taste\n"))["one"].status == "opinion"


def test_parts_of_different_kinds_have_records_of_their_own(tmp_path):
    verdict = audit(tmp_path, block("at [1/2, -1/2, 0]: strict = yes\nloss([1/2, -1/2, 0]) = 0"))["one"]
    assert verdict.status == "proved"
    assert [record["format"] for record in verdict.judged.records] == ["stability-atlas/1", "stability-record/1"]
    assert all(check(record) for record in verdict.judged.records)
    verdict = audit(tmp_path, block("at [1/2, -1/2, 0]: strict = yes\nloss([1/2, -1/2, 0]) = 1"))["one"]
    assert verdict.status == "refuted"
    assert [record["format"] for record in verdict.judged.records] == ["stability-record/1"]


def test_several_landscapes_go_by_their_names(tmp_path):
    head = ":id: one\n:on: L = abs1 xor mean; M = abs1 xor sum\n"
    found = audit(tmp_path, block("for all p then M.loss(p) = 4*L.loss(p)\nsets of M where loss = 0: number = 2", head))
    assert found["one"].status == "proved"
    found = audit(tmp_path, block("for all p then loss(p) >= 0", head))
    assert found["one"].status == "error"


def test_front_matter_holds_defaults(tmp_path):
    (tmp_path / "line.csv").write_text("x1,y\n0,1\n1,0\n")
    front = """---
title: Notes on lines
on: relu1 mine mean
examples: 1
data:
  mine: line.csv
  own:
    points: [[0], [1/2]]
    labels: [1, 0]
---
"""
    body = "output([1, 1], 2) = 2\npreactivation([1, 1], 0, 1) = 1"
    found = audit(
        tmp_path, front + block(body, ":id: one\n") + block("loss([0, 1]) = 1", ":id: two\n:on: relu1 own sum\n")
    )
    assert {name: each.status for name, each in found.items()} == {"one": "proved", "two": "proved"}


@pytest.mark.parametrize(
    ("wrap", "line"),
    [
        (lambda text: "".join(f"> {row}\n" for row in text.splitlines()), 3),
        (lambda text: "1. A list:\n\n" + "".join(f"   {row}\n" for row in text.splitlines()), 5),
        (lambda text: f"<!--\n{text}-->\n", 4),
        (lambda text: text.replace("```stability", "```{stability}"), 3),
        (lambda text: text.replace("```", "~~~~"), 3),
        (lambda text: text.replace("\n", "\r\n"), 3),
        (lambda text: "\ufeff" + text, 3),
        (lambda text: text.replace("sets", "\tsets"), 3),
    ],
    ids=["quote", "list", "comment", "braces", "tildes", "crlf", "bom", "tab"],
)
def test_blocks_are_found_wherever_markdown_has_them(tmp_path, wrap, line):
    found = audit(tmp_path, wrap(block('sets where kind = "global minimum": number = 2')))
    assert {name: each.status for name, each in found.items()} == {"one": "proved"}
    assert found["one"].claim.place.line == line


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (block("loss([0, 0, 0]) = 1", ":on: abs1 xor\n"), 3, "Expected an id"),
        (block("loss([0, 0, 0]) = 1", ":id: a b\n"), 4, "Write a-b"),
        (block("loss([0, 0, 0]) = 1", ":id: x\n:on: abs1 nowhere\n"), 5, "Expected a dataset"),
        (block("loss([0, 0, 0]) = 1", ":id: x\n:on: nonsense xor\n"), 5, "nonsense"),
        (block("loss([0, 0, 0]) = 1", ":id: x\n:on: abs1 ../x.csv\n"), 5, "in the folder of the document"),
        (block("loss([0, 0, 0]) = 1", ":id: x\n:on: abs1 /etc/passwd\n"), 5, "in the folder of the document"),
        (block("loss([0, 0, 0]) = 1", ":id: x\n:on: abs1 none.csv\n"), 5, "there is no file 'none.csv'"),
        (block('sets where kind = "local minimun": number = 0'), 6, "Did you mean 'local minimum'"),
        (block("sets where knd = saddle: number = 0"), 6, "Did you mean 'kind'"),
        (block("sets where loss = x: number = 0"), 6, "Expected an exact number for loss"),
        (block("sets where loss = 0: number = x"), 6, "a number of sets"),
        (block("\nexists set where outputs = [0, 1, 1]"), 7, "for each of 4 examples; got 3"),
        (block("exists set where outputs < [0, 1, 1, 0]"), 6, "Expected one of = !="),
        (block("exists set where outputs = [0, 1, 1, yes]"), 6, "Expected a list of exact numbers for outputs"),
        (block("exists set where outputs = [1, 1, 0,, 0]"), 6, "an entry between commas"),
        (block("exists set where kind in [, saddle]"), 6, "an entry between commas"),
        (block("at [1, 2, 3]: differentiable <= yes"), 6, "Expected yes or no for differentiable"),
        (block("at [1, 2, 3]: stationary = = yes"), 6, "Expected yes or no for stationary"),
        (block("at [1, 2, 3]: stationary in [yes]"), 6, "Expected yes or no for stationary"),
        (block("exists set where correct = 4"), 6, "Expected a list of yes and no for correct"),
        (block("exists set where correct of class 7 = 1"), 6, "Write correct of class 0 or 1"),
        (block("exists set where correct of class x = 1"), 6, "Expected an exact number for a class"),
        (block("exists set where correct of class 1 = 1/2"), 6, "Expected a whole number"),
        (block("exists set"), 6, "Expected where and conditions"),
        (block("at [1, 2, 3]: right = 2"), 6, "Expected a stationary point"),
        (block("at [1, 2]: loss = 0"), 6, "Expected points of 3 numbers"),
        (block("at [1, 2, w]: loss = 0"), 6, "Expected a rational number"),
        (block("at [1, 2, 3]: strict = perhaps"), 6, "Expected yes or no for strict"),
        (block("at [1, 2, 3] loss = 0"), 6, "colon"),
        (block("for all w given w > 0"), 6, "then"),
        (block("for all w given then w = w"), 6, "relations after given"),
        (block("for all w then w > v"), 6, "Expected a variable; got 'v'"),
        (block("\n\nfor all w then los([w, w, w]) > 0"), 8, "Did you mean 'loss'"),
        (block("for all w then __import__([w]) > 0"), 6, "Expected a function"),
        (block(""), 3, "Expected a claim"),
        (block("loss([0, 0, 0]) = 1", ":id: x\n:idd: y\n"), 5, "Did you mean 'id'"),
        (block("loss([0, 0, 0]) = 1", ":id: x\n:id: y\n"), 5, "once"),
        (block("loss([0, 0, 0]) = 1", ":id: x\n:expect: provd\n"), 5, "Did you mean 'proved'"),
        (block("numbers 51/50"), 6, "equation"),
        (block("numbers 3/8 <= 1/2"), 6, "Write numbers 24/50 = 48%, or numbers 3/8 + 1/4 = 5/8."),
        (block("numbers 1/2 = 1/2 = 50%"), 6, "equation"),
        (block("numbers 1/2 = half"), 6, "half"),
        (block("loss([0, 0, 0]) = nan"), 6, "variable"),
        ("```stability\n:id: x\n:on: abs1 xor\nloss([0, 0, 0]) = 1\n", 1, "end of the block"),
    ],
)
def test_malformed_blocks_are_errors_with_their_line_and_the_others_are_judged(tmp_path, text, line, words):
    good = block('sets where kind = "global minimum": number = 2', ":id: good\n:on: abs1 xor\n")
    shift = good.count("\n") + 1
    found = audit(tmp_path, f"{good}\n{text}")
    assert found.pop("good").status == "proved"
    ((_, verdict),) = found.items()
    assert verdict.status == "error"
    assert words in verdict.reason
    assert verdict.claim.place.line == line + shift


@pytest.mark.parametrize(
    "number", ["9^9^9^9", "2^99999999", "0^-1", "(1 + 1)^(99999)", "1/(9^9^9)", "9^100^100", "1/0"]
)
@pytest.mark.parametrize(
    "claim",
    [
        "at [{}, 0, 0]: loss = 1",
        "at [1, 0, 0]: loss in [{}]",
        "minima are [[{}, 0, 0]]",
        "sets where loss = {}: number = 0",
        "at [0, 0, 1/2]: outputs = [{}, 0, 0, 0], strict = yes",
        "flow from [{}, 0, 0]: ends on loss = 0",
    ],
)
def test_numbers_that_would_take_forever_are_refused_before_they_are_computed(tmp_path, number, claim):
    verdict = audit(tmp_path, block(claim.format(number)))["one"]
    assert (verdict.status, verdict.claim.place.line) == ("error", 6)


def test_a_duplicate_id_is_an_error_of_the_second(tmp_path):
    text = block("loss([0, 0, 0]) = 1/2") + block("loss([0, 0, 0]) = 1/2")
    path = tmp_path / "notes.md"
    path.write_text(text)
    ((_, verdicts),) = run_audit([str(path)])
    assert [verdict.status for verdict in verdicts] == ["proved", "error"]


def test_a_fence_inside_a_longer_fence_is_an_example(tmp_path):
    text = "````markdown\n" + block("loss([0, 0, 0]) = 7") + "````\n" + block("loss([0, 0, 0]) = 1/2")
    assert {name: each.status for name, each in audit(tmp_path, text).items()} == {"one": "proved"}


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "data.csv").write_text("x1,x2,y\n0,0,1\n")
    (tmp_path / "inside" / "data.csv").symlink_to(tmp_path / "data.csv")
    verdict = audit(tmp_path / "inside", block("loss([0, 0, 0]) = 1", ":id: one\n:on: abs1 data.csv\n"))["one"]
    assert verdict.status == "error"
    assert "in the folder of the document" in verdict.reason


@pytest.mark.parametrize(
    ("front", "words"),
    [
        ("loss: median", "sum or mean"),
        ("data: [1, 2]", "datasets by name"),
        ("stability:\n  onn: abs1 xor", "Did you mean 'on'"),
        ("on: &a abs1 xor\ntitle: *a", "aliases"),
        ("on: [", "Cannot read the front matter"),
        ("examples: 2", "0 or 1"),
        ("a: !!python/object/apply:os.system ['true']\non: abs1 xor", ""),
    ],
)
def test_front_matter_that_makes_no_sense_is_an_error_of_its_own(tmp_path, front, words):
    found = audit(tmp_path, f"---\n{front}\n---\n\n" + block("loss([0, 0, 0]) = 1/2"))
    assert found["one"].status == "proved"
    faults = [each for name, each in found.items() if name != "one"]
    assert [each.status for each in faults] == (["error"] if words else [])
    assert all(words in each.reason for each in faults)


def test_a_network_that_is_far_too_large_is_said_to_be(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("```stability\n:id: large\n:on: relu99999 xor\nsets where kind = saddle: number = 3\n```\n")
    begin = time.process_time()
    ((_, (verdict,)),) = run_audit([str(path)])
    assert time.process_time() - begin < 20
    assert verdict.status == "open"
    assert "about 10^" in verdict.reason
    assert "Exceeds" not in verdict.reason


@pytest.mark.parametrize("name", ["loss", "p", "gradient", "abs", "kind"])
def test_landscapes_have_no_names_of_the_language(tmp_path, name):
    path = tmp_path / "notes.md"
    path.write_text(f"```stability\n:id: taken\n:on: {name} = abs1 xor\nloss([0, 0, 0]) = 2\n```\n")
    ((_, (verdict,)),) = run_audit([str(path)])
    assert (verdict.status, f"than {name}, a word of the language" in verdict.reason) == ("error", True)


@pytest.mark.parametrize("text", [None, "Nothing is claimed.\n"])
def test_of_a_document_without_claims_only_the_error_is_said(tmp_path, text):
    path = tmp_path / "notes.md"
    if text is not None:
        path.write_text(text)
    shown = invoked("audit", path, status=2)
    assert (shown.stdout, shown.stderr.startswith("Error in document-1")) == ("", True)
    assert (
        json.loads(invoked("audit", path, "--json", status=2).stdout)["writeups"][0]["claims"][0]["status"] == "error"
    )


@pytest.mark.parametrize(
    ("on", "clause", "said"),
    [
        ("abs1", "loss([½, 0, 0]) = 2", "got '½' in 'loss([½, 0, 0]) = 2'. Write 1/2 for ½."),
        ("abs1", "for all w then w² >= 0", "Write ^2 for ²."),
        ("abs1", "loss([010, 0, 0]) = 2", "got '010' in 'loss([010, 0, 0]) = 2'. Write 10."),
        ("\u0430bs1", "loss([0, 0, 0]) = 2", "\u0430 is cyrillic small letter a."),
        ("abs1", "for all p then stationary(p)", "every set where"),
        ("abs1", "for all p then preactivation(p, 7, 0)^2 >= 0", "preactivation([p_1, p_2, p_3], 7, 0)^2 >= 0"),
        ("abs1", "for all p then output(p, 9)^2 = 0", "output([p_1, p_2, p_3], 9)^2 = 0"),
    ],
)
def test_errors_quote_what_is_written_in_the_words_of_documents(tmp_path, on, clause, said):
    path = tmp_path / "notes.md"
    path.write_text(f"```stability\n:id: wrong\n:on: {on} xor\n{clause}\n```\n", encoding="utf-8")
    ((_, (verdict,)),) = run_audit([str(path)])
    assert verdict.status == "error"
    assert said in verdict.reason
    assert not any(each in verdict.reason for each in ("L.", "**", "octal", "\\x"))


@pytest.mark.parametrize(("html", "says"), [
    ("<script>alert(1)</script><img src=x> a < b &amp; c", "alert(1) a < b & c"),
    ("<div>\nThere are <b>two</b>\n</div>", "There are two"),
    ("<hr>", "Some words."),
    ("<!-- a note -->", "Some words."),
    ("<!-- two\n\nparagraphs -->", "Some words."),
])  # fmt: skip
def test_a_claim_behind_html_says_its_text_and_not_the_sentence_before(tmp_path, html, says):
    text = "Some words.\n\n" + html + "\n\n" + block("loss([0, 0, 0]) = 1/2").removeprefix("Some words.\n\n")
    verdict = audit(tmp_path, text)["one"]
    assert (verdict.claim.says, verdict.status) == (says, "proved")


def test_a_block_without_words_of_its_own_says_its_clauses_and_not_those_of_another(tmp_path):
    """Words belong to the block below them, also in one comment, in a list, and where a verdict stands between."""
    first, second = (
        block("loss([0, 0, 0]) = 1/2"),
        block("1 < 2\nat [0, 0, 0]: loss = 1/2", ":id: two\n:on: abs1 xor mean\n"),
    )
    second, third = second.removeprefix("Some words.\n\n"), "<!--\n```stability\n:id: three\n1 < 2\n```\n-->\n"
    opinion = "```stability\n:id: four\n:opinion: a matter of taste\n```\n"
    verdict = "\n<!-- stability:one proved 31b26681 --> **proved** <!-- /stability -->\n\n"
    for between in ("\n", verdict, "\n<!-- a remark -->\n\n"):
        found = audit(
            tmp_path,
            first + between + second + "\n" + third + "\n" + opinion + "\nMore.\n\n" + third.replace("three", "five"),
        )
        assert {name: each.claim.says for name, each in found.items()} == {
            "one": "Some words.",
            "two": "1 < 2; at [0, 0, 0]: loss = 1/2",
            "three": "1 < 2",
            "four": "The claim four.",
            "five": "More.",
        }
    new = audit(tmp_path, "# A heading\n\n" + second)["two"]
    assert (new.claim.says, new.claim.where) == ("1 < 2; at [0, 0, 0]: loss = 1/2", "A heading")


def test_html_of_many_open_tags_is_read_in_one_pass(tmp_path):
    text = "<div>\n" + "<a " * 100_000 + "\n\n" + block("loss([0, 0, 0]) = 1/2")
    assert audit(tmp_path, text)["one"].claim.says == "Some words."


def test_a_claim_with_a_misspelt_option_keeps_its_id(tmp_path):
    """It is found by that, and an id that is taken or can be none is not: then the line names the block."""
    wrong = ":becuase: of that\n"
    text = "\n".join(
        [
            block("loss([0, 0, 0]) = 1", HEAD + wrong),
            block("loss([0, 0, 0]) = 1", wrong + HEAD.replace("one", "two")),
            block("loss([0, 0, 0]) = 1", wrong + HEAD),
            block("loss([0, 0, 0]) = 1", wrong + HEAD.replace("one", "t o")),
            block("loss([0, 0, 0]) = 1", HEAD.replace("one", "two")),
        ]
    )
    found = audit(tmp_path, text)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("```stability")]
    assert [*found] == ["one", "two", *(f"block-at-line-{lines[k]}" for k in (2, 3, 4))]
    assert all(each.status == "error" for each in found.values())
    assert [("becuase" in each.reason) for each in found.values()] == [True, True, True, True, False]
