"""Claims in LaTeX: which environments are blocks, what they say, and what is wrong with malformed ones."""

import time
from contextlib import suppress

import pytest

from stability.audit.readers.blocks import DocumentError
from stability.audit.readers.documents import read_document
from stability.audit.readers.latex import words
from stability.audit.verdicts import settle

BLOCK = "\\begin{stability}[id=one, on={abs1 xor mean}]\nloss([1/2, -1/2, 0]) = 0\n\\end{stability}\n"


def read(folder, text):
    path = folder / "notes.tex"
    path.write_bytes(text.encode())
    return read_document(path)


def ids(folder, text):
    return [each.claim.id for each in read(folder, text).claims]


def problems(folder, text):
    """Return the line and the problem of every claim and default that is malformed."""
    verdicts = [settle(claim) for claim in read(folder, text).writeup().claims]
    return [(each.claim.place.line, each.reason) for each in verdicts if each.status == "error"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_options_stand_in_brackets_or_in_lines(tmp_path, end):
    lines = BLOCK.replace("[id=one, on={abs1 xor mean}]", "\n:id: one\n:on: abs1 xor mean")
    both = BLOCK.replace("[id=one, on={abs1 xor mean}]", "[id=one]\n  :on: abs1 xor mean")
    for text in (BLOCK, lines, both):
        (found,) = read(tmp_path, f"\ufeff{text}Text".replace("\n", end)).claims
        assert (found.claim.id, found.block.closed, found.block.start) == ("one", True, 1)
        assert settle(found.claim).status == "proved"


def test_brackets_go_over_lines_and_hold_commas_in_braces(tmp_path):
    head = "[id=one, % a comment\n  on={L = abs1 xor mean; M = abs1 xor},\n  says={Zero, at last.}]"
    (found,) = read(tmp_path, BLOCK.replace("[id=one, on={abs1 xor mean}]", head).replace("loss", "M.loss")).claims
    assert (found.claim.says, found.block.lines[0].number) == ("Zero, at last.", 4)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{stability}[", "{stability}%\n  ["),
        ("{stability}[", "{stability} % the options:\n% of\n["),
        ("\\begin{", "\\begin {"),
        ("\\end{", "\\end \t{"),
    ],
)
def test_options_stand_where_tex_finds_them(tmp_path, old, new):
    found = read(tmp_path, BLOCK.replace(old, new) + BLOCK.replace("one", "two")).claims
    assert [each.claim.id for each in found] == ["one", "two"]
    assert settle(found[0].claim).status == "proved"


def test_brackets_in_the_next_line_are_no_options(tmp_path):
    assert "Expected an id" in problems(tmp_path, BLOCK.replace("{stability}[", "{stability}\n["))[0][1]


def test_a_claim_that_a_macro_makes_is_refused_with_the_reason(tmp_path):
    macro = "\\newcommand{\\claim}[2]{\\begin{stability}[id=#1, on={#2}]\nloss([0, 0, 0]) = 1\n\\end{stability}}\n"
    ((line, problem),) = problems(tmp_path, f"{macro}\\claim{{two}}{{abs1 xor}}\n{BLOCK}")
    assert (line, "no macro is expanded" in problem) == (1, True)
    assert len(ids(tmp_path, macro + BLOCK)) == 2


def test_a_claim_has_its_heading_and_the_paragraph_before(tmp_path):
    text = (
        "\\title{On \\emph{one} unit}\n\\begin{document}\n\\section*[short]{The $|w\\cdot x|$ \\textbf{unit}}\n"
        "An earlier one.\n\n\\begin{theorem}[Main]\\label{t}\n\\textbf{Theorem.} It reaches 0, in 50\\% % not this\n"
        f"of cases.\n\\end{{theorem}}\n{BLOCK}{BLOCK.replace('one', 'two')}"
    )
    found = read(tmp_path, text)
    one, two = (each.claim for each in found.claims)
    assert found.document.title == "On one unit"
    assert (one.where, one.says) == ("The |w· x| unit", "Theorem. It reaches 0, in 50% of cases.")
    assert two.says == "loss([1/2, -1/2, 0]) = 0"
    assert one.place.line == 10


@pytest.mark.parametrize(
    "wrap",
    [
        "".join(f"% {row}\n" for row in BLOCK.splitlines()),
        f"\\begin{{verbatim}}\n{BLOCK}\\end{{verbatim}}\n",
        f"\\begin{{lstlisting}}[language=TeX]\n{BLOCK}\\end{{lstlisting}}\n",
        f"\\begin{{comment}}\n{BLOCK}\\end{{comment}}\n",
        f"\\iffalse\n{BLOCK}\\fi\n",
        f"\\iffalse \\ifx\\a\\b x \\else y \\fi\n{BLOCK}\\else\\fi\n",
        f"\\iftrue\\else\n{BLOCK}\\fi\n",
        "\\verb|\\begin{stability}|\n",
        "\\lstinline[x]!\\begin{stability}!\n",
    ],
)
def test_what_tex_does_not_reach_is_no_block(tmp_path, wrap):
    assert ids(tmp_path, wrap + BLOCK) == ["one"]
    assert ids(tmp_path, f"\\begin{{document}}{BLOCK}\\end{{document}}{BLOCK}") == ["one"]


@pytest.mark.parametrize(
    "wrap",
    [
        "\\newif\\ifdraft\n\\ifdraft\n%s\\fi",
        "\\iffalse x \\else\n%s\\fi",
        "\\iff \\ifthenelse{a}{b}{c} \\iffalse\\fi\n%s",
        "50\\% {$ \\[\n%s",
        "\\verb|%%| \\verb*+%%+\n%s",
        "\\begin{theorem}\n%s\\end{theorem}",
    ],
)
def test_what_tex_may_reach_is_a_block(tmp_path, wrap):
    assert ids(tmp_path, wrap.replace("%%", "\0").replace("%s", BLOCK).replace("\0", "%")) == ["one"]


def test_defaults_have_an_environment_of_their_own(tmp_path):
    defaults = "\\begin{stabilitydefaults}\non: abs1 mine\ndata:\n  mine:\n    points: [[0, 0]]\n    labels: [1]\n"
    text = f"{defaults}\\end{{stabilitydefaults}}\n" + BLOCK.replace(", on={abs1 xor mean}", "")
    (found,) = read(tmp_path, text.replace(") = 0", ") = 1")).claims
    assert settle(found.claim).status == "proved"
    assert problems(tmp_path, text.replace("on:", "onn:"))[0][0] == 2
    assert "end of the defaults" in problems(tmp_path, defaults + BLOCK)[0][1]


GOOD = BLOCK.replace("one", "good")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("\\begin{stability}[id=x, on=abs1 xor]\nloss([0, 0, 0]) = 1\n", 1, "Close it by \\end{stability}"),
        ("\\begin{stability}\nloss([0, 0, 0]) = 1\n\\end{stability}\n", 1, "Expected an id"),
        ("\\begin{stability}[id=x\nnumbers 1 = 1\n\\end{stability}\n", 1, "Expected ] after"),
        ("\\begin{stability}[x]\nloss([0, 0, 0]) = 1\n\\end{stability}\n", 1, "Expected name=value"),
        ("\\begin{stability}[id=x, id=y]\nloss([0, 0, 0]) = 1\n\\end{stability}\n", 1, "once"),
        ("\\begin{stability}[id=x]\n:id: y\nloss([0, 0, 0]) = 1\n\\end{stability}\n", 2, "once"),
        ("\\begin{stability}[idd=x]\nloss([0, 0, 0]) = 1\n\\end{stability}\n", 1, "Did you mean 'id'"),
        (BLOCK.replace("loss", "los"), 2, "Did you mean 'loss'"),
        (BLOCK.replace("xor", "nowhere"), 1, "Expected a dataset"),
        (GOOD, 1, "twice"),
    ],
)
def test_malformed_blocks_are_errors_with_their_line_and_the_others_are_read(tmp_path, text, line, words):
    shift = GOOD.count("\n")
    found = problems(tmp_path, GOOD + text + GOOD.replace("good", "last"))
    assert [(place - shift, words in problem) for place, problem in found] == [(line, True)]


@pytest.mark.parametrize(
    "text",
    ["\\begin{a}" * 10_000, "\\section{" * 9_000, "\\iffalse" * 20_000, "\\" * 100_000, "%\n" * 50_000,
     "\\verb" * 20_000, "\\begin{stability}" * 1_900, "{" * 100_000, "\\begin{stability}[id=" + "{" * 100_000,
     "\\if\\else" * 20_000],
)  # fmt: skip
def test_hostile_text_is_read_soon(tmp_path, text):
    start = time.process_time()
    read_document_or_not(tmp_path, text)
    assert time.process_time() - start < 5


def read_document_or_not(folder, text):
    with suppress(DocumentError):
        read(folder, text)


def test_words_run_nothing_and_read_no_file(tmp_path):
    (tmp_path / "secret.tex").write_text("secret")
    assert "secret" not in words(f"\\input{{{tmp_path}/secret}} \\write18{{ls}}")
    assert words("\\frac{" * 500)
