"""Pages of the site that are made from other sources: figures with their scripts, theorems, and published claims.

A script of figures/ becomes an example of sphinx-gallery. Scripts that draw within seconds are run; of the others,
which train or integrate for minutes, the picture that is kept in figures/ is shown beside the code.
"""

import ast
import re
from pathlib import Path
from typing import Any

import matplotlib
from pygments.lexers.special import TextLexer

from stability.audit.published import PublishedClaim, paper, paper_names
from stability.plot.figures import finding, write_finding
from stability.plot.style import SETTINGS

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent

DRAWN = {
    "angular_loss",
    "atlas_3d",
    "atlas_plane",
    "cells_and_minima",
    "failure_share",
    "layer_levels",
    "loss_levels",
    "portraits",
    "sliding_trajectory",
    "step_size_portrait",
}
"""Figures whose scripts run while the site is built."""

HEADER = """\
Gallery
=======

Every figure with the script that draws it; ``stability figures`` draws them all, ``stability figures NAME`` one.
"""


def parts_of(path: Path) -> tuple[str, str, str]:
    """Return the first line of a script's docstring, the rest of it, and the code after it."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    text = ast.get_docstring(tree) or path.stem
    first, _, rest = text.partition("\n")
    end = tree.body[0].end_lineno or 0
    return first, rest.strip(), "\n".join(source.splitlines()[end:]).strip() + "\n"


def example(path: Path) -> str:
    """Return a script of a figure as an example of sphinx-gallery."""
    first, rest, code = parts_of(path)
    first, rest = (re.sub(r"([|*])", r"\\\1", part) for part in (first, rest))
    title = path.stem.replace("_", " ").capitalize()
    picture = f".. image:: /../figures/{path.stem}.png\n   :alt: {first}\n"
    words = [first, *([rest] if rest else []), *([] if path.stem in DRAWN else [picture])]
    header = "\n\n".join([f"{title}\n{'=' * len(title)}", *words])
    thumbnail = "" if path.stem in DRAWN else f"# sphinx_gallery_thumbnail_path = '../figures/{path.stem}.png'\n"
    drawn = "\nfigure = draw()\n" if path.stem in DRAWN else ""
    return f'r"""\n{header}\n"""\n\n{thumbnail}{code}{drawn}'


def write(path: Path, text: str) -> None:
    """Write a generated page unless it is there already, so that what has not changed is not built anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def write_gallery() -> None:
    """Write the sources of the gallery to _build/figures."""
    folder = DOCS / "_build" / "figures"
    scripts = [path for path in sorted((ROOT / "figures").glob("*.py")) if not path.stem.startswith("_")]
    wanted = {f"{'run' if path.stem in DRAWN else 'show'}_{path.stem}.py": path for path in scripts}
    for old in [*folder.glob("*.py"), *(DOCS / "gallery").glob("*.rst")]:
        if f"{old.stem}.py" not in wanted and old.stem != "index":
            old.unlink()
    write(folder / "GALLERY_HEADER.rst", HEADER)
    for name, path in wanted.items():
        write(folder / name, example(path))


def use_house_style(settings: dict[str, Any], name: str) -> None:
    """Draw the next figure as `stability figures` does; a reset of sphinx-gallery."""
    matplotlib.rcParams.update(matplotlib.rcParamsDefault)
    matplotlib.rcParams.update(SETTINGS)


def collect_figure(block: Any, variables: dict[str, Any], settings: dict[str, Any]) -> str:
    """Save the figure that a script of the gallery drew, under its finding; a scraper of sphinx-gallery."""
    from sphinx_gallery.scrapers import figure_rst

    figure = variables["example_globals"].pop("figure", None)
    if figure is None:
        return ""
    path = next(variables["image_path_iterator"])
    text = finding(Path(variables["src_file"]).stem.removeprefix("run_"))
    write_finding(figure, text).savefig(path, dpi=150)
    return figure_rst([path], settings["src_dir"], fig_titles=text)


def write_theorems() -> None:
    """Write a page with every theorem: its statement, setting, idea and scope, as its file says them."""
    lines = [
        "# Theorems",
        "",
        "Each theorem stands in a file of its own in `proofs/theorems/`, with a certificate in `proofs/records/` and",
        "false variants that must fail. Files are named by what they say.",
    ]
    for path in sorted((ROOT / "proofs" / "theorems").glob("*.py")):
        first, rest, _ = (plain(part) for part in parts_of(path))
        lines += ["", f"## {path.stem.replace('_', ' ').capitalize()}", "", first, ""]
        for paragraph in labelled(rest):
            lines += [paragraph, ""]
        lines += [f"[proofs/theorems/{path.name}](../../proofs/theorems/{path.name})"]
    write(DOCS / "theorems" / "index.md", "\n".join(lines) + "\n")


def write_published() -> None:
    """Write a page with the claims of the literature: a table of verdicts, then each claim as its file says it."""
    papers = {name: paper(name) for name in paper_names()}
    rows = [
        f"| {plain(f'{each.authors} ({each.year}), {claim.where}')} | {plain(claim.says)} | {claim.verdict_in_words} |"
        for each in papers.values()
        for claim in each.claims
    ]
    lines = [
        "# Claims of the literature",
        "",
        "Each claim is said in our words and judged on an instance, or for all data of a kind; the file names the",
        "hypotheses that the instance meets. Verdicts are about the claim as it stands here: outside its hypotheses a",
        "refuted claim says nothing against the paper. Records are in",
        "`proofs/records/published/`.",
        "",
        "| paper | claim | verdict |",
        "| --- | --- | --- |",
        *rows,
    ]
    for name, each in papers.items():
        lines += ["", f"## {plain(each.authors)} ({each.year})", "", f"{plain(each.title)}. {plain(each.at)}.", ""]
        for paragraph in labelled(plain(parts_of(ROOT / "proofs" / "published" / f"{name}.py")[1])):
            lines += [paragraph, ""]
        lines += [line for claim in each.claims for line in claim_lines(name, claim)]
        lines += [f"[proofs/published/{name}.py](../../proofs/published/{name}.py)"]
    write(DOCS / "published" / "index.md", "\n".join(lines) + "\n")


def claim_lines(name: str, claim: PublishedClaim) -> list[str]:
    """Return what the page says of a claim of the literature."""
    folder = ROOT / "proofs" / "records" / "published" / name
    records = sorted(path.name for path in folder.glob("*.json") if path.name.startswith(f"{claim.id}."))
    links = [f"[{each}](../../proofs/records/published/{name}/{each})" for each in records]
    entries = {
        "Claim": claim.says,
        "Instance": claim.instance.says,
        "Hypotheses": " ".join(claim.instance.meets),
        "Verdict": f"{claim.verdict_in_words}. {claim.because}".strip(),
        "Nearest true statement": claim.nearest_true,
        "Fails": f"{'; '.join(claim.false_variants)}." if claim.false_variants else "",
    }
    said = [f"- **{label}.** {plain(text)}" for label, text in entries.items() if text]
    return [
        f"### {plain(claim.where)}: {claim.id}",
        "",
        *said,
        *([f"- **Records.** {', '.join(links)}"] * bool(links)),
        "",
    ]


def plain(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return re.sub(r"([\\*_\[\]<>|$])", r"\\\1", text)


def labelled(text: str) -> list[str]:
    """Return the labelled paragraphs of a theorem's docstring, with the label in bold."""
    found: list[str] = []
    for line in text.splitlines():
        if line[:1].isalpha() and "  " in line:
            label, _, words = line.partition(" ")
            found.append(f"**{label}.** {words.strip()}")
        elif found and line.strip():
            found[-1] += f"\n{line.strip()}"
        elif line.strip():
            found.append(line.strip())
    return found


def keep_first_line(app: Any, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    """Keep the first line of a property as it is: napoleon takes what stands before a colon for a type."""
    if what in ("property", "attribute"):
        lines.insert(0, "")


def setup(app: Any) -> dict[str, bool]:
    """Write the generated pages before Sphinx looks for its sources."""
    app.add_lexer("stability", TextLexer)  # claims in documents
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", keep_first_line, priority=400)
    write_gallery()
    write_theorems()
    write_published()
    return {"parallel_read_safe": True, "parallel_write_safe": True}
