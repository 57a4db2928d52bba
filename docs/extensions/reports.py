"""Reports and explorers that the site carries, each one file, written by the commands that readers have.

They are kept in _build/reports and written anew once a file of the package or of proofs/ is newer.
"""

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copyfile
from typing import Any

from sphinx.errors import ExtensionError

from stability.audit.discovery import writeups
from stability.audit.verdicts import STATUSES

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
KEPT = DOCS / "_build" / "reports"

SHOWN = tuple(status for status in STATUSES if status not in ("open", "error"))
"""Statuses that claims of the audits have."""


EXPLORERS = {
    "explore-abs1": ["explore", "abs1", "xor", "--vary", "slope", "-o"],
    "explore-relu1": ["explore", "relu1", "xor", "--vary", "slope", "-o"],
    "explore-relu2": ["explore", "relu2", "xor", "--plane", "p@1,b@1", "-o"],
}
"""Landscapes to explore, by the name of the file."""


def commands() -> dict[str, list[str]]:
    """Return the commands that write the reports, by the name of the file."""
    audits = {each.id: ["audit", each.id, "--html"] for each in writeups()}
    return audits | {"document": ["audit", "docs/two-relu-xor.md", "--html"]} | EXPLORERS


def write_index() -> None:
    """Write the page that lists the reports, with what each audit found."""
    statuses = json.loads((ROOT / "proofs" / "statuses.json").read_text(encoding="utf-8"))
    lines = [
        "# Reports and explorers",
        "",
        "## The audits",
        "",
        "Each report is one file: every claim with its formal statement, its reason and its record, which the page",
        "verifies by itself. `stability audit NAME --html FILE` writes one, also on a document of your own.",
        "",
        f"| report | claims | {' | '.join(SHOWN)} |",
        f"| --- | {' | '.join(['---:'] * (1 + len(SHOWN)))} |",
    ]
    for each in writeups():
        count = Counter(statuses[f"{each.id}/{claim.id}"]["status"] for claim in each.claims)
        numbers = [len(each.claims), *(count[status] for status in SHOWN)]
        lines += [f'| <a href="{each.id}.html">{each.title}</a> | {" | ".join(map(str, numbers))} |']
    lines += [
        "",
        "A document with claims becomes a report as well: here is the page on",
        '[two ReLU units on XOR](../two-relu-xor.md), <a href="document.html">as a report</a>.',
    ]
    lines += [
        "",
        "## Explorers",
        "",
        "An explorer is a page on one landscape: a click or a drag starts gradient flow in a plane of parameters, the",
        "table of stationary sets is linked to the picture, and a slider moves along the exact branches.",
        "`stability explore MODEL DATA -o FILE.html` writes one, `explore(landscape)` shows it in a notebook.",
        "",
        *(f'- <a href="{name}.html">`{" ".join(words[1:3])}`</a>' for name, words in EXPLORERS.items()),
    ]
    text = "\n".join(lines) + "\n"
    path = DOCS / "reports" / "index.md"
    path.parent.mkdir(exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def newest() -> float:
    """Return when a file on which reports rest was last changed."""
    found = [path for folder in ("stability", "proofs") for path in (ROOT / folder).rglob("*.*")]
    return max(path.stat().st_mtime for path in found if path.suffix not in (".pyc", ""))


def write_report(name: str, arguments: list[str]) -> Path:
    """Write a report, unless it is there and new; return its path."""
    path = KEPT / f"{name}.html"
    if not path.exists() or path.stat().st_mtime < newest():
        KEPT.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "stability", *arguments, str(path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ExtensionError(f"stability {' '.join(arguments)} failed: {done.stderr[-2000:]}")
    return path


def carry_reports(app: Any, problem: Exception | None) -> None:
    """Put the reports beside the page that lists them."""
    if problem is None and app.builder.format == "html":
        with ThreadPoolExecutor(2) as pool:
            paths = list(pool.map(lambda entry: write_report(*entry), commands().items()))
        for path in paths:
            copyfile(path, Path(app.outdir) / "reports" / path.name)


def setup(app: Any) -> dict[str, bool]:
    """Write the list before Sphinx looks for its sources, and the reports after it has built."""
    write_index()
    app.connect("build-finished", carry_reports)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
