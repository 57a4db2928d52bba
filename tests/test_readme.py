"""The README shows what the commands print: every block that starts with `$ stability` is compared with the output.

A line "..." stands for any number of lines, "..." in a line for any characters.
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
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks():
    """Return the shell blocks of the page, indented or fenced, without what surrounds them."""
    fenced = re.findall(r"^```(?:text|console)?\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", README, flags=re.MULTILINE | re.DOTALL)
    indented = re.findall(r"(?:^    .*\n|^\n(?=    ))+", rest, re.MULTILINE)
    return [textwrap.dedent(block).strip("\n") for block in [*fenced, *indented]]


def shown():
    """Return (command, output) of every block that shows both."""
    found = []
    for block in blocks():
        parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
        for part in parts[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output.strip("\n")))
    return found


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


SHOWN = shown()


def test_outputs_are_shown():
    assert len(SHOWN) >= 3
    assert all(output for _, output in SHOWN)


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command for command, _ in SHOWN])
def test_a_block_is_what_its_command_prints(command, output, monkeypatch):
    monkeypatch.chdir(ROOT)
    printed = "\n".join(line.rstrip() for line in run(command).splitlines()) + "\n"
    assert re.fullmatch(expression(output), printed), printed


def test_every_output_in_the_page_is_compared():
    boxes = sum(block.count("┏") for block in blocks())
    assert boxes == sum(output.count("┏") for _, output in SHOWN)


def test_the_counts_of_the_page_are_those_of_the_audit():
    statuses = json.loads((ROOT / "proofs" / "statuses.json").read_text(encoding="utf-8"))
    counts = Counter(each["status"] for each in statuses.values())
    text = " ".join(README.split())
    total, parts = re.search(r"Altogether ([\d,]+) claims: ([^\"]*)", text).groups()
    assert int(total.replace(",", "")) == len(statuses)
    assert {name: int(count) for count, name in re.findall(r"(\d+) ([a-z-]+)", parts)} == counts
    assert f"of its {len(statuses)} claims" in text


def unshown():
    """Return the commands of the page that stand without their output, as lists of words."""
    lines = [line.strip() for block in blocks() for line in block.split("\n")]
    texts = [line for line in lines if line.startswith("stability ")]
    return [shlex.split(text, comments=True) for text in texts]


@pytest.mark.parametrize("words", unshown(), ids=" ".join)
def test_a_command_without_output_takes_the_options_it_is_given(words):
    """Every command and every option that the page names exists."""
    group = get_command(cli.app)
    command = group.commands[words[1]]
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
