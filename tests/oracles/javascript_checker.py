"""The checker in JavaScript, asked by node, and the checker beside it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import stability
from stability.checker import checker

FOLDER = Path(stability.__file__).parent / "report" / "checker"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="there is no node here to run JavaScript")


def answers(texts):
    """Return what the checker in JavaScript says of the texts of records, all in one process."""
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    run = subprocess.run(
        [NODE, FOLDER / "run.mjs", "-"], input=lines, capture_output=True, text=True, timeout=900, check=False
    )
    assert not run.stderr, run.stderr[:2000]
    return [json.loads(line) for line in run.stdout.splitlines()]


def judged(text):
    """Return what the checker concludes, as it prints it, or None if it rejects the record."""
    try:
        return checker.text.short(checker.check_text(text))
    except (checker.Rejected, checker.files.BadInput):
        return None


def disagreements(texts):
    """Return the verdicts that differ, with the texts."""
    found = answers(texts)
    assert len(found) == len(texts)
    pairs = [(judged(text), answer, text) for text, answer in zip(texts, found, strict=True)]
    return [(words, answer, text[:2000]) for words, answer, text in pairs if answer.get("conclusion") != words]
