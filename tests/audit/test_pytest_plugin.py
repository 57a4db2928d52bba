"""Claims of documents as items of pytest: which fail, which are skipped, and that nothing happens unless asked for."""

import subprocess
import sys

import pytest

PLUGIN = "stability.audit.pytest_plugin"
ON = ":on: abs1 xor mean"
TRUE, FALSE = (f'{ON}\nsets where kind = "global minimum": number = {k}' for k in (2, 3))
CLAIMS = {
    "true": (TRUE, "passed"),
    "false": (FALSE, "failed"),
    "false-as-expected": (f":expect: refuted\n{FALSE}", "passed"),
    "true-not-as-expected": (f":expect: refuted\n{TRUE}", "failed"),
    "vacuous": (f"{ON}\nfor all w given w > 1, w < 0 then w = 7", "failed"),
    "opinion": (":opinion: a matter of taste", "skipped"),
    "open": (f"{ON}\nexists w v such that w^3 = 2, w^4 + v^4 = 17*w*v + 1/3, v > 1", "xfailed"),
    "malformed": (f"{ON}\nsets where knd = saddle: number = 1", "failed"),
}


def run(folder, *words):
    """Return what pytest says of each test in a folder, by its name, and all that it prints."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        PLUGIN,
        "-p",
        "no:cacheprovider",
        "-vv",
        "--rootdir",
        folder,
        *words,
    ]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    lines = [line.split() for line in ended.stdout.splitlines() if "::" in line and not line.startswith("FAILED")]
    return {line[0].partition("::")[2]: line[1].lower().replace("xfail", "xfailed") for line in lines}, ended.stdout


@pytest.fixture
def notes(tmp_path):
    blocks = (f"```stability\n:id: {name}\n{text}\n```\n" for name, (text, _) in CLAIMS.items())
    (tmp_path / "notes.md").write_text("# Notes\n" + "".join(blocks))
    (tmp_path / "empty.md").write_text("# Nothing\n")
    (tmp_path / "paper.tex").write_text(f"\\begin{{stability}}[id=tex]\n{TRUE}\n\\end{{stability}}\n")
    return tmp_path


def test_every_claim_is_an_item(notes):
    found, said = run(notes, "--stability", "notes.md", "empty.md", "paper.tex")
    assert found == {**{name: status for name, (_, status) in CLAIMS.items()}, "tex": "passed"}
    assert "notes.md:7: false is refuted: There are 2" in said
    assert "Did you mean 'kind'" in said


def test_documents_are_no_tests_unless_asked_for(notes):
    found, said = run(notes)
    assert (found, "no tests ran" in said) == ({}, True)


def test_the_plugin_loads_nothing_when_pytest_starts():
    script = (
        f"import sys, pytest, {PLUGIN}\n"
        "heavy = {'numpy', 'sympy', 'scipy', 'torch', 'markdown_it', 'yaml', 'rich'} & {*sys.modules}\n"
        "own = [name for name in sys.modules if name.startswith('stability')]\n"
        "print([*heavy], len(own) < 8)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "[] True\n"
