"""Every page of the site is in a table of contents, every link resolves, and the site builds without network."""

import ast
import re
import subprocess
import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest
from pygments.lexers import find_lexer_class_by_name

import stability
from stability.audit.discovery import writeups

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MADE = ("gallery/index", "reports/index", "theorems/index", "published/index")
"""Pages that are made when the site is built."""

FOLDERS = ("_build", "api", "gallery", "reports", "theorems", "published", "templates", "extensions")


def sources() -> dict[str, Path]:
    """Return the pages that are kept, notebooks included, by their names in tables of contents."""
    found = [path for kind in ("md", "rst", "ipynb") for path in DOCS.rglob(f"*.{kind}")]
    names = {path.relative_to(DOCS).with_suffix("").as_posix(): path for path in found}
    return {
        name: path
        for name, path in names.items()
        if not name.startswith(tuple(f"{folder}/" for folder in FOLDERS))
        and not any(part.endswith(".records") or part.startswith(".") for part in path.parts)
    }  # fmt: skip


PAGES = sources()


def listed(text: str, folder: str) -> set[str]:
    """Return the names of pages in the tables of contents of a page that stands in the folder."""
    found = set()
    for block in re.findall(r"^```\{toctree\}\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        entries = [line.strip() for line in block.splitlines() if line.strip() and not line.startswith(":")]
        for entry in entries:
            name = re.sub(r"^.*<(.*)>$", r"\1", entry)
            pattern = f"{folder}/{name}".lstrip("/")
            found |= {name for name in PAGES if Path(name).match(pattern)} or {pattern}
    return found


def contents() -> set[str]:
    texts = {name: path.read_text(encoding="utf-8") for name, path in PAGES.items() if path.suffix == ".md"}
    return {entry for name, text in texts.items() for entry in listed(text, Path(name).parent.as_posix().strip("."))}


def test_every_page_is_in_a_table_of_contents() -> None:
    assert contents() >= {*PAGES} - {"index"} > {"start", "how-to/own-data", "theory/index"}


def test_every_entry_of_a_table_of_contents_is_a_page() -> None:
    assert contents() <= {*PAGES, *MADE}


def slug(title: str) -> str:
    """Return the anchor of a heading, as GitHub and MyST make it."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def prose(path: Path) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^(```+).*?^\1", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


LINKED = [*PAGES.values(), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md"))]


@pytest.mark.parametrize("page", [path for path in LINKED if path.suffix == ".md"], ids=lambda path: path.name)
def test_every_relative_link_resolves(page: Path) -> None:
    for target in re.findall(r"\]\((?![a-z]+:)([^)\s]+)\)", prose(page)):
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if path in [(DOCS / made).with_suffix(end) for made in MADE for end in (".md", ".rst")]:
            assert page.name == "index.md", f"{page.name} links {target}, which readers of the repository do not have"
            continue
        assert path.exists(), f"{page.name} links {target}"
        if anchor:
            titles = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
            assert anchor in map(slug, titles), f"{page.name} links {target}"


@pytest.mark.parametrize("page", [path for path in PAGES.values() if path.suffix == ".md"], ids=lambda path: path.name)
def test_every_fence_names_a_language_that_the_site_can_colour(page: Path) -> None:
    names = {*re.findall(r"^`{3,}([a-z]+)$", page.read_text(encoding="utf-8"), re.MULTILINE)} - {"none", "stability"}
    assert not {name for name in names if find_lexer_class_by_name(name) is None}


@pytest.mark.parametrize("page", [path for path in PAGES.values() if path.suffix == ".md"], ids=lambda path: path.name)
def test_headings_leave_out_no_level(page: Path) -> None:
    levels = [len(marks) for marks in re.findall(r"^(#+) ", prose(page), re.MULTILINE)]
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    assert levels[:1] == [1] or page.name == "changelog.md"


def test_the_reference_has_every_public_name() -> None:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^   (\w+)$", text, re.MULTILINE)) | set(re.findall(r"`stability\.(\w+)`", text))
    named |= set(re.findall(r"py:data:: (\w+)", text))
    assert named == {*stability.__all__} - {"__version__"}


def gallery() -> set[str]:
    """Return the figures that the settings of the site name."""
    tree = ast.parse((DOCS / "extensions" / "generated_pages.py").read_text(encoding="utf-8"))
    values = [node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "DRAWN"]  # type: ignore[attr-defined]
    return set(ast.literal_eval(values[0]))


def test_the_gallery_draws_figures_that_exist() -> None:
    assert gallery() < {path.stem for path in (ROOT / "figures").glob("*.py")}


NEEDED = ("sphinx", "furo", "latex2mathml", "myst_nb", "sphinx_gallery", "sphinx_copybutton")
MISSING = [name for name in NEEDED if find_spec(name) is None]


@pytest.mark.slow
@pytest.mark.skipif(
    bool(MISSING), reason=f"{', '.join(MISSING)} not installed; `make docs` installs what the site needs"
)
def test_the_site_builds_without_warnings_and_asks_no_network(tmp_path: Path) -> None:
    target = tmp_path / "html"
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-n",
        "-q",
        "-b",
        "html",
        "-d",
        str(tmp_path / "trees"),
    ]
    done = subprocess.run([*command, str(DOCS), str(target)], capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    pages = sorted(target.rglob("*.html"))
    assert {"index.html", "start.html", "api.html", "changelog.html"} <= {path.name for path in pages}
    assert len(list((target / "gallery").glob("*.html"))) > 20
    assert {each.id for each in writeups()} <= {path.stem for path in (target / "reports").glob("*.html")}
    outside = re.compile(
        r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=[\"'](?:https?:)?//[^\"']+", re.IGNORECASE
    )
    for path in pages:
        assert not outside.findall(path.read_text(encoding="utf-8")), path
    for path in target.rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", path.read_text(encoding="utf-8")), path
