"""README and the pages of docs/ show what happens: outputs are compared, Python runs, links resolve, options exist.

Every block that starts with `$ stability` is compared with what the command prints, where a line "..." stands for any
number of lines, "..." in a line for any characters. Every other line of a block that begins with `stability` names a
command and options that exist, and those that take a second or two are run. Every block of Python is run, page by page
from the top.
"""

import json
import re
import shlex
import textwrap
from collections import Counter
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from stability.cli import main as cli

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
MADE = ("_build", "api", "gallery", "reports", "theorems", "published")
"""Folders of docs/ that the site makes."""


def pages(*kinds):
    """Return the pages of the site, without those that are made when it is built."""
    found = [path for kind in kinds for path in sorted(DOCS.rglob(f"*.{kind}"))]
    kept = [path for path in found if path.relative_to(DOCS).parts[0] not in MADE]
    return [path for path in kept if not path.parent.name.endswith(".records")]


PAGES = [ROOT / "README.md", *pages("md")]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
README, AUDITS = TEXTS["README.md"], TEXTS["docs/audits.md"]


def blocks(text):
    """Return the shell blocks of a page, indented or fenced, without what surrounds them."""
    fenced = re.findall(r"^```(?:text|console)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^(````?).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
    indented = re.findall(r"(?:^    .*\n|^\n(?=    ))+", rest, re.MULTILINE)
    return [textwrap.dedent(block).strip("\n") for block in [*fenced, *indented]]


ALONE = ("docs/how-to/two-layers.md",)
"""Pages that are run from top to bottom in a folder of their own, with the files that they show."""

BLOCKS = [block for name, text in TEXTS.items() if name not in ALONE for block in blocks(text)]


def shown():
    """Return {command: output} of every block that shows both."""
    found = {}
    for block in BLOCKS:
        parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
        for part in parts[1:]:
            command, _, output = part.partition("\n")
            assert found.setdefault(command, output.strip("\n")) == output.strip("\n"), f"{command} is shown twice"
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_no_command_stands_outside_a_block(name):
    fence = re.compile(r"^(````?).*?^\1", re.MULTILINE | re.DOTALL)
    assert not re.findall(r"^\$? ?stability [a-z-]+ .*$", fence.sub("", TEXTS[name]), re.MULTILINE)


def expression(text):
    """Return a regular expression for an output with "..." in it; spaces at the ends of lines do not matter."""
    lines = [line.rstrip() for line in text.splitlines()]
    anything = r"(?:.*\n)*?"
    parts = [
        anything if line.strip() == "..." else ".*".join(map(re.escape, line.split("..."))) + r"\s*\n" for line in lines
    ]
    return "".join(parts)


def run(command):
    name, *arguments = shlex.split(command, comments=True)
    assert name == "stability"
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


SHOWN = list(shown().items())
LONG = [command for command, _ in SHOWN if "docs/data/plane.csv" in command]
"""Those that take ten seconds."""


def test_outputs_and_commands_are_shown():
    assert len(SHOWN) >= 6
    assert len(unshown()) > 50
    assert all(output for _, output in SHOWN)


@pytest.mark.parametrize(
    ("command", "output"),
    [pytest.param(*each, id=each[0], marks=[pytest.mark.slow] * (each[0] in LONG)) for each in SHOWN],
)
def test_a_block_is_what_its_command_prints(command, output, monkeypatch):
    monkeypatch.chdir(ROOT)
    printed = "\n".join(line.rstrip() for line in run(command).splitlines()) + "\n"
    assert re.fullmatch(expression(output), printed), printed


def test_every_output_in_a_page_is_compared():
    boxes = {line for block in BLOCKS for line in block.splitlines() if "┏" in line}
    assert boxes == {line for _, output in SHOWN for line in output.splitlines() if "┏" in line}


@pytest.mark.parametrize("page", [README, AUDITS], ids=["README", "audits"])
def test_the_counts_of_the_pages_are_those_of_the_audit(page):
    statuses = json.loads((ROOT / "proofs" / "statuses.json").read_text(encoding="utf-8"))
    counts = Counter(each["status"] for each in statuses.values())
    text = " ".join(page.split())
    total, parts = re.search(r"Altogether ([\d,]+) claims: ([^\"]*)", text).groups()
    assert int(total.replace(",", "")) == len(statuses)
    assert {name: int(count) for count, name in re.findall(r"(\d+) ([a-z-]+)", parts)} == counts
    assert f"of its {len(statuses)} claims" in AUDITS


def unshown():
    """Return the commands of the pages that stand without their output, as lists of words."""
    lines = [line.strip() for block in BLOCKS for line in block.split("\n")]
    texts = dict.fromkeys(line for line in lines if line.startswith("stability "))
    return [shlex.split(text, comments=True) for text in texts]


GROUP = get_command(cli.app)


@pytest.mark.parametrize("words", unshown(), ids=" ".join)
def test_a_command_without_output_takes_the_options_it_is_given(words):
    """Every command and every option that the page names exists."""
    command = GROUP.commands[words[1]]
    known = {name for parameter in command.params for name in parameter.opts + parameter.secondary_opts}
    given = re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)", " ".join(word for word in words[2:] if word[:2] != "[["))
    assert {*given} <= known | {"--help"}


QUICK = ("flow", "derive", "bifurcation", "basins")
RUN = [each for each in unshown() if each[1] in QUICK and not {"MODEL", "docs/data/plane.csv"} & {*each}]
"""Those that take a second or two."""


@pytest.mark.parametrize("words", RUN, ids=" ".join)
def test_a_command_without_output_runs(words, monkeypatch):
    monkeypatch.chdir(ROOT)
    if words[1] == "basins":
        words = [*words, "--samples", "50"]
    text = run(shlex.join(word for word in words if not word.startswith("[-")))
    assert text.strip()


GIVEN = """
import torch
from torch.nn.functional import cross_entropy

torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
x, y = torch.rand(16, 2), torch.randint(2, (16,))
criterion, optimizer = torch.nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters())
optimiser, dataset, batches, loader = optimizer, torch.utils.data.TensorDataset(x, y), [(x, y)], [(x, y)]
"""
"""What a reader of the pages on his own training has: a model, a loss, an optimiser and data."""

SCHEMATIC = ("docs/controller.md", "docs/introspection.md", "docs/monitor.md")
APART = {
    "docs/sweeps.md": "run as a script of its own by tests/cli/test_sweep.py",
    "docs/how-to/lightning.md": "run by tests/training/integrations/test_lightning_callback.py, with the library",
    "docs/how-to/hugging-face.md": "run by tests/training/integrations/test_hugging_face.py, with the library",
}
SNIPPETS = {name: re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for name, text in TEXTS.items()}


PRINTED = {
    "README.md": ["proved"],
    "docs/start.md": ["local minimum True 1", "proved", "separating"],
    "docs/python.md": [
        "local minimum True 1",
        "proved: [(0, 0, 1/2) is a Clarke-station",
        "0 1 4/3 2 | local minimum",
        "proved",
        "1.0",
        "concave kink",
    ],
    "docs/theory/index.md": ["proved", "refuted"],
    "docs/how-to/cluster.md": ["13"],
    "docs/how-to/own-data.md": [
        "6 sets of minima\nglobal minimum 0\nlocal minimum 1/16\nlocal minimum 9/56\nlocal minimum 9/56\n"
        "local minimum 1\nlocal minimum 17/16\n"
    ],
    "docs/how-to/own-network.md": [
        "local minimum 9/7 0",
        "saddle True with loss 9/8 at (0, 0, -1, 1); (-1/2, 5/2, -3/2, 1/2)",
    ],
    "docs/how-to/own-training-loop.md": [" dead units at ", "separating", "0 of 1527 points are dead"],
}
"""Parts of lines that the Python of a page prints, in this order."""


@pytest.fixture
def no_hooks_stay():
    """Remove what monitors of schematic loops, which end without close, leave at every optimiser."""
    from torch.optim import optimizer as optimisers

    before = {*optimisers._global_optimizer_pre_hooks}
    yield
    for key in {*optimisers._global_optimizer_pre_hooks} - before:
        del optimisers._global_optimizer_pre_hooks[key]


@pytest.mark.usefixtures("no_hooks_stay")
@pytest.mark.parametrize("name", [name for name, found in SNIPPETS.items() if found and name not in (*APART, *ALONE)])
def test_the_python_of_a_page_runs_and_prints_what_it_says(name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    space = {"__name__": "__main__"}
    for code in [*([GIVEN] if name in SCHEMATIC else []), *SNIPPETS[name]]:
        exec(compile(code, name, "exec"), space)
    printed = capsys.readouterr().out
    place = 0
    for part in PRINTED.get(name, []):
        place = printed.find(part, place)
        assert place >= 0, f"{part!r} is not in\n{printed}"
        place += len(part)


@pytest.mark.parametrize("name", ALONE)
def test_a_page_runs_from_top_to_bottom(name, capsys, tmp_path, monkeypatch):
    """Files stand under the name in the text before them; what Python prints stands in the block behind it."""
    monkeypatch.chdir(tmp_path)
    space, printed, compared = {"__name__": "__main__"}, "", 0
    for before, kind, block in re.findall(r"(.*?)^```(\w+)\n(.*?)^```", TEXTS[name], re.MULTILINE | re.DOTALL):
        if kind == "none":
            (tmp_path / re.findall(r"`(\S+\.csv)`", before)[-1]).write_text(block, encoding="utf-8")
        elif kind == "python":
            assert not printed, f"not shown: {printed}"
            exec(compile(block, name, "exec"), space)
            printed = capsys.readouterr().out
        elif kind == "text":
            lines = "\n".join(line.rstrip() for line in printed.splitlines()) + "\n"
            assert re.fullmatch(expression(block), lines), printed
            printed, compared = "", compared + 1
        else:
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                found = "\n".join(line.rstrip() for line in run(command).splitlines()) + "\n"
                assert re.fullmatch(expression(output.strip("\n")), found), found
                compared += 1
    assert compared >= 5
    assert not printed
