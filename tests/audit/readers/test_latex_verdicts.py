"""Verdicts on LaTeX documents: the file beside them, that nothing of a stranger's text is TeX, and the page."""

import re
import shutil
import subprocess

import pytest
from command_line import invoked
from typer.testing import CliRunner

from stability.audit.readers.blocks import OPTIONS
from stability.audit.readers.latex_verdicts import STYLE, typeset
from stability.cli.main import app, main
from stability.errors import FileError
from stability.io.tables import latex_text

DOCUMENT = r"""\documentclass{article}
\usepackage{stability}
\begin{document}
There are two.
\begin{stability}[id=two-minima, on={abs1 xor mean}]
sets where kind = "global minimum": number = 2
\end{stability}

\begin{stability}
:id: share_of
:instead: It is 86\% \input{secret} $^^5c #1 & ~.
numbers 43/50 = 85%
instead: numbers 43/50 = 86%
\end{stability}
End.
\end{document}
"""
VERDICT = re.compile(r"\\stabilityverdict\{([\w.-]+)\}\{([\w-]+)\}\{[0-9a-f]{8}\}\{(.*)\}")


def audit(path, *words, status=0):
    return invoked("audit", path, *words, status=status)


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "paper.tex"
    path.write_text(DOCUMENT)
    return path


def test_the_document_stays_and_a_file_beside_it_holds_one_macro_for_each_id(document):
    audit(document, "--write")
    assert document.read_text() == DOCUMENT
    first, *lines = (document.parent / "paper.verdicts.tex").read_text().splitlines()
    assert first.startswith("% Verdicts of stability audit")
    assert [VERDICT.fullmatch(line).group(1, 2) for line in lines] == [
        ("two-minima", "proved"),
        ("share_of", "refuted"),
    ]
    records = sorted(each.name for each in (document.parent / "paper.records").iterdir())
    assert records == ["share_of.json", "share_of.repair.json", "two-minima.json"]


def test_the_file_is_checked(document):
    audit(document, "--check")
    audit(document, "--write")
    audit(document, "--check")
    document.write_text(DOCUMENT.replace("number = 2", "number = 3"))
    assert "stale" in audit(document, "--check", status=1).output


def test_a_file_of_somebody_else_is_left_alone(document):
    place = document.parent / "paper.verdicts.tex"
    place.write_text("mine")
    with pytest.raises(FileError, match="Move it away"):
        audit(document, "--write")
    place.unlink()
    place.symlink_to(document)
    with pytest.raises(FileError, match="Move it away"):
        audit(document, "--write")
    assert document.read_text() == DOCUMENT
    assert not (document.parent / "paper.records").exists()


def test_a_read_only_document_is_judged_since_it_is_not_written(document):
    document.chmod(0o444)
    audit(document, "--write")
    assert (document.parent / "paper.verdicts.tex").is_file()


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        (r"\input{x} 50% #1 & $a$ _ ^^5c ~", r"\textbackslash{}input\{x\} 50\% \#1 \& \$a\$ \_ "
         r"\textasciicircum{}\textasciicircum{}$5c$ \textasciitilde{}"),
        ("é ≤ ñ → 中 “x” \"y\"", r"\'{e} \ensuremath{\leq} \~{n} \ensuremath{\to} [U+4E2D] ``x'' ''y''"),
        ("loss 1/4 at (1/2, -1/2, 0)", "loss $1/4$ at $(1/2, -1/2, 0)$"),
    ],
)  # fmt: skip
def test_nothing_of_a_text_is_tex(text, latex):
    assert typeset(text) == latex
    assert typeset(text).isascii()


@pytest.mark.parametrize("text", ["x^^e", "x^2^3", "x^y ^z", "2^-1", "x^(1/2)^2", "x^*2"])
def test_formulas_hold_no_power_that_tex_refuses(text):
    inside = " ".join(re.findall(r"\$(.*?)\$", latex_text(text)))
    assert not re.search(r"\^\s*[\^(*-]|\^\s*(?:\{.*?\}|\w)\s*\^", inside)


def test_the_style_knows_all_options_and_its_place_is_printed():
    assert {*re.findall(r"\\define@key\{stability\}\{(\w+)\}", STYLE.read_text(encoding="utf-8"))} == {*OPTIONS}
    assert CliRunner().invoke(app, ["audit", "--sty"]).output == f"{STYLE}\n"


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no TeX is installed; `make test-latex` installs one")
@pytest.mark.parametrize("options", ["", "reasons", "hidden"])
def test_the_page_has_blocks_and_their_status_in_the_margin(document, options):
    audit(document, "--write")
    document.write_text(DOCUMENT.replace("{stability}\n\\begin{doc", f"[{options}]{{stability}}\n\\begin{{doc", 1)
                        .replace("\\usepackage{stability}", f"\\usepackage[{options}]{{stability}}"))  # fmt: skip
    (document.parent / "secret.tex").write_text("\\typeout{was read}")
    shutil.copy(STYLE, document.parent)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    ended = subprocess.run(command, cwd=document.parent, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout[-2000:]
    assert "was read" not in ended.stdout
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext is installed; `make test-latex` installs it")
    command = ["pdftotext", "-layout", "paper.pdf", "-"]
    page = subprocess.run(command, cwd=document.parent, capture_output=True, text=True, timeout=60, check=True).stdout
    assert ("numbers 43/50 = 85%" in page) == (options != "hidden")
    assert re.search(r"proved\n", page)
    assert re.search(r"refuted\n", page)
    assert ("By the complete" in page) == (options == "reasons")


def test_several_documents_are_written_all_or_none(document, monkeypatch, capsys):
    other = document.with_name("notes.md")
    other.write_text(
        "```stability\n:id: x\n:on: abs1 xor\nloss([0, 0, 0]) = 2\n```\n<!-- stability:x proved 0 --> open"
    )
    monkeypatch.setattr("sys.argv", ["stability", "audit", str(document), str(other), "--write"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "Nothing was written" in capsys.readouterr().err
    assert sorted(each.name for each in document.parent.iterdir()) == ["notes.md", "paper.tex"]
