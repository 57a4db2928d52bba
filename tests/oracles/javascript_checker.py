"""The checker in JavaScript, asked by node, and the checker beside it."""

import atexit
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer

import pytest

import stability
from stability.checker import checker

FOLDER = Path(stability.__file__).parent / "report" / "checker"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="there is no node here to run JavaScript")


@cache
def running():
    """Return a node that answers record after record, since to start one takes long, and the file of its errors."""
    errors = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - open as long as node runs
    command, pipe = [NODE, FOLDER / "run.mjs", "-"], subprocess.PIPE
    node = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, text=True)
    atexit.register(node.communicate)
    return node, errors


def answer(text):
    """Return what the checker in JavaScript says of the text of a record."""
    node, errors = running()
    watchdog = Timer(900, node.kill)
    watchdog.start()
    try:
        node.stdin.write(json.dumps(text) + "\n")
        node.stdin.flush()
        line = node.stdout.readline()
    finally:
        watchdog.cancel()
    if not line:
        running.cache_clear()
        errors.seek(0)
        raise AssertionError(f"node has ended: {errors.read()[:2000]}")
    return json.loads(line)


def answers(texts):
    """Return what the checker in JavaScript says of the texts of records, all in one process."""
    return [answer(text) for text in texts]


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
