"""The shell of every page: one file that needs no network, runs its own scripts only, and is written whole or not.

A page is put together from markup (`stability.report.markup`, which escapes), style sheets, scripts and data:

- styles and scripts are texts; `stylesheet(path)` reads one and `modules(entry)` puts plain ES modules into one text.
  The browser runs nothing else: the Content-Security-Policy of the page names their hashes. So there are no `style=`
  and no `on...=` attributes; set what moves by classes, by attributes of SVG, or from a script by `element.style`.
- data are values that JSON can write, or `Compressed(text)`. A script asks for both by name, by `readData("_name")` of
  `assets/shell.js`, a promise of the value or of the text. Names are ids of elements: like all ids of the shell they
  begin with "_", as no id of a claim does. The main element is `_content`.
- `assets/shell.css` gives colours as variables (light, dark, and printed), `assets/shell.js` the switch `#_theme`.
"""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stability.errors import StabilityError
from stability.io.files import require_folder, require_suffix, write_whole
from stability.report.markup import Markup, element, joined
from stability.version import __version__

ASSETS = Path(__file__).parent / "assets"

SUFFIXES = (".html", ".htm")

IMPORT = re.compile(r'^import \{([^}]*)\} from "(\./[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class)\b)", re.MULTILINE)
LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
"""What is no form of import and export that can be put into one text."""

NAMES = re.compile(r"^(?:async )?(?:function\*?|const|let|class) ([A-Za-z_$][\w$]*)", re.MULTILINE)
"""The names at the top of a module; they share one scope in a page."""

ENDS_SCRIPT = re.compile(r"</(?:script|style)|<!--|<script", re.IGNORECASE)


@dataclass(frozen=True)
class Compressed:
    """A text that is embedded compressed, for large ones."""

    text: str


def page(
    title: str,
    body: Markup,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
) -> str:
    r"""Return a page as one self-contained text.

    Parameters
    ----------
    title : str
        Any text; it is escaped.
    body : Markup
        What stands in the body, `header(...)` included.
    styles, scripts : sequence of str
        Texts of style sheets and scripts beyond those of the shell; every script has its own scope.
    data : dict, optional
        By id, values for JSON, or `Compressed` texts.

    Raises
    ------
    StabilityError
        If a style or script holds what would end its element, such as `</script>`.

    Examples
    --------
    >>> from stability.report.markup import element
    >>> html = page("a < b", element("main", "x & y"), data={"given": ["</script>"]})
    >>> "<title>a &lt; b</title>" in html, "x &amp; y" in html, '["\\u003c/script>"]' in html
    (True, True, True)
    """
    all_styles = [stylesheet(ASSETS / "shell.css"), *map(_whole, styles)]
    all_scripts = [modules(ASSETS / "shell.js"), *map(_whole, scripts)]
    head = [
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy(all_styles, all_scripts)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="generator", content=f"stability {__version__}"),
        element("title", title),
        [Markup(f"<style>{text}</style>") for text in all_styles],
    ]
    given = [_embedded(name, value) for name, value in (data or {}).items()]
    run = [Markup(f"<script>{text}</script>") for text in all_scripts]
    html = element("html", element("head", head), "\n", element("body", body, given, run), lang="en")
    return f"<!doctype html>\n{html}\n"


def policy(styles: Iterable[str], scripts: Iterable[str]) -> str:
    """Return the Content-Security-Policy under which nothing runs, and nothing is asked for, but these texts.

    Examples
    --------
    >>> policy([], ["1"]).split("; ")[:2]
    ["default-src 'none'", "script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"]
    """
    allowed = [
        "default-src 'none'",
        " ".join(["script-src", *map(_hash, scripts)]),
        " ".join(["style-src", *map(_hash, styles)]),
        "img-src data: blob:",
        "worker-src blob:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(allowed)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _whole(text: str) -> str:
    """Return a style or script, which must not end the element in which it stands."""
    found = ENDS_SCRIPT.search(text)
    if found:
        raise StabilityError(
            f"Expected a style or script without {found[0]}; got one with it.", "Write it in two parts: '<' + '/...'."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _embedded(name: str, value: Any) -> Markup:
    """Return data as an element that is not run."""
    if isinstance(value, Compressed):
        return element("script", Markup(packed(value.text)), id=name, type="text/plain", data_packed=True)
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    return element("script", Markup(text), id=name, type="application/json")


def packed(text: str) -> str:
    """Return a text as base64 of deflate without a header, as a browser's DecompressionStream("deflate-raw") reads it.

    Examples
    --------
    >>> zlib.decompress(base64.b64decode(packed("a" * 1000)), wbits=-15).decode() == "a" * 1000
    True
    """
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(deflate.compress(text.encode()) + deflate.flush()).decode()


def stylesheet(path: Path) -> str:
    """Return the text of a style sheet of this package."""
    return _whole(path.read_text(encoding="utf-8"))


def modules(entry: Path, *, last: str = "") -> str:
    """Return a plain ES module and all that it imports as one script, in a scope of its own.

    Imports stand one a statement, `import { a, b } from "./file.js";`, exports before `function`, `const`, `let` or
    `class`, at the start of a line; names at the top of modules are unique over all of them.

    Parameters
    ----------
    entry : Path
        The module that imports the others; what they import runs before it.
    last : str, optional
        What runs after it, in the same scope.

    Raises
    ------
    StabilityError
        If two modules give one name to two things, or import in another way.
    """
    texts: dict[Path, str] = {}
    _collect(entry.resolve(), texts)
    names: dict[str, Path] = {}
    for path, text in texts.items():
        for name in NAMES.findall(text):
            if name in names:
                raise StabilityError(
                    f"Expected different names in a page; got {name} in {names[name].name} and {path.name}.",
                    "Rename one.",
                )
            names[name] = path
    inner = "\n".join([*texts.values(), last]).rstrip()
    return _whole(f'(() => {{\n"use strict";\n{inner}\n}})();\n')


def _collect(path: Path, texts: dict[Path, str]) -> None:
    """Add a module and what it imports, imports first."""
    source = path.read_text(encoding="utf-8")
    texts[path] = ""  # so that a circle ends
    for names, name in IMPORT.findall(source):
        if " as " in names:
            raise StabilityError(f"Expected imports without as in {path.name}; got {names.strip()}.", "Leave as out.")
        other = (path.parent / name).resolve()
        if other not in texts:
            _collect(other, texts)
    text = EXPORT.sub("", IMPORT.sub("", source))
    left = LEFT.search(text)
    if left:
        raise StabilityError(
            f"Expected imports and exports as in {ASSETS.name}/shell.js; got {left[0]} in {path.name}.",
            'Write import { name } from "./file.js"; and export function name.',
        )
    del texts[path]
    texts[path] = text


def header(title: Markup | str, *children: Markup | str) -> Markup:
    """Return the header of a page: a link past it, its title, the switch of the theme, and what else stands there."""
    switch = element("button", "Theme", id="_theme", type="button", aria_label="Theme: as the system has it")
    return joined(
        element("a", "Skip to the content", class_="skip", href="#_content"),
        element("header", element("div", element("h1", title), switch, class_="masthead"), *children, id="_top"),
    )


def require_page(path: Path) -> None:
    """Refuse a file to which no page can be written, before anything is computed.

    Raises
    ------
    FileError
        If it is a folder, has none, or does not end in .html.
    """
    require_folder(path)
    require_suffix(path, *SUFFIXES, flag="")


def write_page(path: Path, html: str) -> None:
    """Write a page to a file, whole or not at all.

    Raises
    ------
    FileError
        As `require_page`, or if it cannot be written to.
    """
    require_page(path)
    write_whole(path, html)
