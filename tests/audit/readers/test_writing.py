"""Verdicts in documents: where they are written, that nothing else changes, and when they are stale."""

import json
import re

import pytest
from command_line import invoked
from typer.testing import CliRunner

from stability.cli.main import app, main
from stability.errors import StabilityError

TRUE = '```stability\n:id: true-one\n:on: abs1 xor mean\nsets where kind = "global minimum": number = 2\n```\n'
FALSE = TRUE.replace("true-one", "false-one").replace("= 2", "= 3")
PAIR = re.compile(r"<!-- stability:[^>]*-->[^\r\n]*<!-- /stability -->")


def audit(path, *words, status=0):
    return invoked("audit", path, *words, status=status)


def written(tmp_path, text, *words, status=0):
    path = tmp_path / "notes.md"
    path.write_bytes(text.encode())
    audit(path, "--write", *words, status=status)
    return path.read_bytes().decode()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_a_pair_is_put_after_the_block_and_nothing_else_changes(tmp_path, end, bom):
    text = (bom + "Théorème\ttwo  \n\n" + TRUE + "More.\n\n" + FALSE + "\x0cEnd").replace("\n", end)
    after = written(tmp_path, text)
    pairs = PAIR.findall(after)
    assert [pair.split()[1:3] for pair in pairs] == [
        ["stability:true-one", "proved"],
        ["stability:false-one", "refuted"],
    ]
    for pair in pairs:
        after = after.replace(pair + end, "", 1)
    assert after == text


@pytest.mark.parametrize("most", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("own", ["\n", "\r\n", "\r"])
def test_a_pair_ends_as_the_fence_does_that_it_follows(tmp_path, most, own):
    block = TRUE.replace("\n", most)[: -len(most)]
    text = f"One.{most}{most}Two.{most}{most}{block}{own}{most}{most}More.{most}"
    if own == "\r" and most == "\n":
        text = text.replace("\r\n\n", "\r\r\n")
    after = written(tmp_path, text)
    (pair,) = PAIR.findall(after)
    assert after.replace(f"```{own}{pair}{own}", f"```{own}") == text
    assert written(tmp_path, after) == after
    lines = re.split("\r\n|\n|\r", text)
    assert [row for row in re.split("\r\n|\n|\r", after) if row != pair] == lines


@pytest.mark.parametrize("prefix", ["> ", "   ", ""], ids=["quote", "list", "plain"])
def test_verdicts_stay_inside_quotes_and_lists(tmp_path, prefix):
    text = ("1. x\n\n" if prefix == "   " else "") + "".join(f"{prefix}{row}\n" for row in TRUE.splitlines())
    after = written(tmp_path, text)
    assert after.splitlines()[-1].startswith(f"{prefix}<!-- stability:true-one proved")
    assert written(tmp_path, after) == after


def test_a_block_without_an_end_of_line_gets_one(tmp_path):
    after = written(tmp_path, TRUE.rstrip("\n"))
    assert after.startswith(TRUE)
    assert PAIR.search(after)


def test_pairs_of_hidden_blocks_follow_the_comment(tmp_path):
    after = written(tmp_path, f"<!--\n{TRUE}{FALSE}-->\nText.\n")
    assert after.index("-->\n<!-- stability:") > 0
    assert len(PAIR.findall(after)) == 2
    assert written(tmp_path, after) == after


def test_what_stands_between_the_pair_is_renewed_and_the_rest_of_its_line_stays(tmp_path):
    pair = "<!-- stability:true-one refuted 00000000 -->\nold\ntext <!-- /stability --> and more\n"
    after = written(tmp_path, f"{TRUE}{pair}End\n")
    assert after.endswith("<!-- /stability --> and more\nEnd\n")
    assert "old" not in after
    assert "true-one proved" in after


@pytest.mark.parametrize("rest", ["", "\nText\n", f"\n{FALSE}"])
def test_a_pair_that_is_not_closed_is_an_error_and_nothing_is_written(tmp_path, monkeypatch, capsys, rest):
    path = tmp_path / "notes.md"
    path.write_text(f"{TRUE}<!-- stability:true-one proved 00000000 --> old{rest}")
    before = path.read_bytes()
    monkeypatch.setattr("sys.argv", ["stability", "audit", str(path), "--write"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "line 6: Expected an end of the verdict" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert not (tmp_path / "notes.records").exists()


def test_records_lie_beside_the_document_and_leave_with_their_claims(tmp_path):
    written(tmp_path, TRUE + FALSE)
    folder = tmp_path / "notes.records"
    other = folder / "mine.json"
    other.write_text("{}")
    own = ["false-one.json", "false-one.repair.json", "true-one.json"]
    assert sorted(each.name for each in folder.iterdir()) == sorted([*own, "mine.json"])
    ended = CliRunner().invoke(app, ["check", *(str(folder / name) for name in own)])
    assert ended.exit_code == 0
    written(tmp_path, TRUE)
    assert sorted(each.name for each in folder.iterdir()) == ["mine.json", "true-one.json"]


def test_a_document_is_checked(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text(TRUE)
    audit(path, "--check")
    text = written(tmp_path, TRUE + FALSE)
    audit(path, "--check")
    path.write_text(text.replace("**proved**", "**refuted**"))
    assert "stale" in audit(path, "--check", status=1).output
    path.write_text(text.replace("number = 2", "number = 4"))
    audit(path, "--check", status=1)
    path.write_text(text + TRUE.replace("true-one", "new"))
    audit(path, "--check", status=1)
    path.write_text(TRUE.replace(":on:", ":expect: refuted\n:on:"))
    assert "refuted was expected" in audit(path, "--check", status=1).output
    path.write_text(TRUE.replace(":on:", ":expect: proved\n:on:"))
    audit(path, "--check")


def test_the_digits_are_those_of_block_defaults_and_data_whatever_the_line_ends(tmp_path):
    digits = lambda text: re.search(r"true-one proved ([0-9a-f]{8})", text)[1]  # noqa: E731
    first = digits(written(tmp_path, TRUE))
    assert digits(written(tmp_path, f"Other words.\n\n{TRUE}")) == first
    assert digits(written(tmp_path, TRUE.replace("\n", "\r\n"))) == first
    assert digits(written(tmp_path, TRUE.replace("number = 2", "number  = 2"))) != first
    assert digits(written(tmp_path, f"---\nloss: sum\n---\n{TRUE}")) != first
    (tmp_path / "d.csv").write_text("x1,x2,y\n1,-1,1\n-1,1,1\n1,1,0\n-1,-1,0\n")
    own = TRUE.replace("xor", "d.csv")
    with_data = digits(written(tmp_path, own))
    (tmp_path / "d.csv").write_text("x1,x2,y\n1,-1,1\n-1,1,1\n-1,-1,0\n1,1,0\n")
    assert digits(written(tmp_path, own)) != with_data


def test_a_read_only_document_is_refused(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text(TRUE)
    path.chmod(0o444)
    ended = CliRunner().invoke(app, ["audit", str(path), "--write"])
    assert isinstance(ended.exception, StabilityError)
    assert "read-only" in str(ended.exception)
    assert path.read_text() == TRUE


def test_the_mode_of_a_document_stays(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text(TRUE)
    path.chmod(0o640)
    audit(path, "--write")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_linked_folder_of_records_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "notes.records").symlink_to(tmp_path / "elsewhere")
    path = tmp_path / "notes.md"
    path.write_text(TRUE)
    ended = CliRunner().invoke(app, ["audit", str(path), "--write"])
    assert isinstance(ended.exception, StabilityError)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_verdict_cannot_end_its_comment(tmp_path):
    text = TRUE.replace(":on:", ":because: x --> <!-- /stability --> y\n:on:").replace("= 2", "= 3")
    after = written(tmp_path, text)
    assert len(PAIR.findall(after)) == 1
    assert written(tmp_path, after) == after


@pytest.mark.parametrize("words", [["--write"], ["--check"]])
def test_write_ups_of_the_project_are_not_written(words):
    ended = CliRunner().invoke(app, ["audit", "two-relu-xor", *words])
    assert "Expected documents" in str(ended.exception)
    ended = CliRunner().invoke(app, ["audit", *words])
    assert "Expected documents" in str(ended.exception)


def test_a_document_that_cannot_be_read_leaves_the_others_judged(tmp_path):
    (tmp_path / "bad.md").write_bytes(b"a\nb\xff\n")
    (tmp_path / "good.md").write_text(TRUE)
    ended = CliRunner().invoke(
        app, ["audit", str(tmp_path / "bad.md"), str(tmp_path / "good.md"), str(tmp_path / "no.md")]
    )
    assert ended.exit_code == 2
    assert "line 2" in ended.output
    assert "proved" in ended.output
    assert "there is no file" in ended.output


GOOD = "\n```stability\n:id: good\n:on: abs1 xor\nloss([0, 0, 0]) = 2\n```\n"


def bad(body, head=":id: x\n:on: abs1 xor\n"):
    return f"```stability\n{head}{body}\n```\n{GOOD}"


POINT = "loss([0, 0, 0]) = 2"
BAD = {
    "no id": (bad(POINT, ":on: abs1 xor\n"), 1, "Expected an id"),
    "duplicate id": (bad(POINT, ":id: good\n:on: abs1 xor\n"), 8, "twice, first in line 2"),
    "unknown landscape": (bad(POINT, ":id: x\n:on: foo xor\n"), 3, "Expected a unit name"),
    "unknown data": (bad(POINT, ":id: x\n:on: abs1 nowhere\n"), 3, "Expected a dataset"),
    "link out": (bad(POINT, ":id: x\n:on: abs1 link.csv\n"), 3, "in the folder of the document"),
    "not a number": (bad(POINT, ":id: x\n:on: abs1 nan.csv\n"), 3, "nan.csv, line 2, column y"),
    "unknown start": (bad("train relu2 xor --init kaming\npublished success 1/2", ":id: x\n"), 3, "initialisation"),
    "more than all": (bad("train relu2 xor --init kaiming-normal\npublished 51/50", ":id: x\n"), 4, "from 0 to 50"),
    "crlf, mark": ("\ufeff" + bad("los([0, 0, 0]) = 2").replace("\n", "\r\n"), 4, "Did you mean 'loss'"),
    "tab": (bad("\tlos([0, 0, 0]) = 2"), 4, "Did you mean 'loss'"),
    "nested": (f"````\n{bad('los(0) = 2', '')}````\n" + bad("los([0, 0, 0]) = 2"), 15, "Did you mean 'loss'"),
    "quote": ("> ```stability\n> :id: x\n> :on: abs1 xor\n> los([0, 0, 0]) = 2\n> ```\n" + GOOD, 4, "'loss'"),
    "list": ("- ```stability\n  :id: x\n  :on: abs1 xor\n  los([0, 0, 0]) = 2\n  ```\n" + GOOD, 4, "'loss'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_sentence_with_its_place_and_the_others_are_judged(tmp_path, name):
    text, line, words = BAD[name]
    (tmp_path / "data.csv").write_text("x1,x2,y\n0,0,1\n")
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "data.csv")
    (folder / "nan.csv").write_text("x1,x2,y\n0,0,nan\n")
    path = folder / "notes.md"
    path.write_bytes(text.encode())
    ended = audit(path, "--json", "-", status=2)
    claims = json.loads(ended.stdout)["writeups"][0]["claims"]
    assert sorted(each["status"] for each in claims) == ["error", "proved"]
    assert f"{path}, line {line})" in ended.stderr
    assert words in ended.stderr
    assert "Traceback" not in ended.output


def run_main(monkeypatch, capsys, *words):
    """Return the exit status of the command, and what it says on stderr."""
    monkeypatch.setattr("sys.argv", ["stability", "audit", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code, capsys.readouterr().err


def test_files_that_cannot_be_read_or_written_are_named_and_stay(tmp_path, monkeypatch, capsys):
    latin, read_only, folder, unclosed = (
        tmp_path / f"{name}.md" for name in ("latin", "read-only", "folder", "unclosed")
    )
    latin.write_bytes(GOOD.encode() + b"caf\xe9\n")
    read_only.write_text(GOOD)
    read_only.chmod(0o444)
    folder.mkdir()
    unclosed.write_text(f"{GOOD}<!-- stability:good proved 1 --> old")
    said = {latin: "line 7): ", read_only: "is read-only", folder: "got the folder", unclosed: f"{unclosed}, line 7: "}
    for path, words in said.items():
        before = path.read_bytes() if path.is_file() else b""
        status, error = run_main(monkeypatch, capsys, path, "--write")
        assert status == 2
        assert words in error
        assert (path.read_bytes() if path.is_file() else b"") == before


def test_files_without_claims_are_passed_over_by_check(tmp_path):
    (tmp_path / "empty.md").write_text("# Nothing\n")
    (tmp_path / "notes.md").write_text(FALSE.replace(":on:", ":expect: proved\n:on:"))
    assert "No claims" in audit(tmp_path / "empty.md", "--check").output
    audit(tmp_path / "empty.md", str(tmp_path / "notes.md"), "--check", status=1)
    audit(tmp_path / "empty.md", status=2)


@pytest.mark.parametrize("words", [["--table"], ["--table", "--all"], ["two-relu-xor", "--json"]])
def test_a_document_is_not_overwritten_by_a_report(tmp_path, words):
    path = tmp_path / "notes.md"
    path.write_text(TRUE)
    place = words.index("--all") if "--all" in words else len(words)
    with pytest.raises(StabilityError, match="than a document with claims"):
        audit(*words[:place], str(path), *words[place:])
    assert path.read_text() == TRUE


def test_a_report_may_replace_a_report(tmp_path):
    path, report = tmp_path / "notes.md", tmp_path / "report.md"
    path.write_text(TRUE)
    for _ in range(2):
        audit(path, "--table", str(report))
    assert "true-one" in report.read_text()


def test_an_interrupted_run_keeps_its_records_and_the_next_one_searches_the_others_alone(tmp_path, monkeypatch):
    from stability.audit import run as command
    from stability.audit import verdicts as judging

    path, real, seen = tmp_path / "notes.md", command.settle, []
    text = "\n".join(
        f"```stability\n:id: c{k}\n:on: abs1 xor\nfor all x then loss([x, x, {k}]) >= 0\n```\n" for k in range(4)
    )
    path.write_text(text)
    left = tmp_path / "notes.records" / "c3.json"
    left.parent.mkdir()
    left.write_text('{"conclusion":"proved"}')

    def settle(claim, *more):
        seen.append(claim.id)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return real(claim, *more)

    with monkeypatch.context() as patched:
        patched.setattr(command, "settle", settle)
        shown = audit(path, "--write", status=130)
    assert "2 of 4 claims were judged. Records are kept in" in " ".join(shown.stderr.split())
    assert path.read_text() == text
    assert sorted(each.name for each in left.parent.iterdir()) == ["c0.json", "c1.json", "c3.json"]
    searched, prove = [], judging.prove

    def counting(statement):
        searched.append(statement)
        return prove(statement)

    monkeypatch.setattr(judging, "prove", counting)
    audit(path, "--write")
    assert len(searched) == 2
    after = path.read_text()
    for each in left.parent.iterdir():
        each.unlink()
    path.write_text(text)
    audit(path, "--write")
    assert len(searched) == 6
    assert path.read_text() == after
