import base64
import hashlib
import json
import re
import zlib
from html.parser import HTMLParser

import pytest

from stability.errors import FileError, StabilityError
from stability.report.markup import Markup, element, isolated, joined
from stability.report.page import ASSETS, Compressed, header, modules, page, write_page

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "]]>&lt;b&gt; \" ' ` </style></title></textarea>",
    "line\u2028separator\u2029\x00\x1b[31m",
    "\u202eright to left\u202c \u05d0\u05d1",
]


class Read(HTMLParser):
    """The elements of a page, and the texts of those that are not run."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.texts, self.inside = [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = (tag, dict(attrs))

    def handle_data(self, data):
        self.texts.append((self.inside, data))


def policy_of(html):
    return next(a["content"] for t, a in Read(html).tags if a.get("http-equiv") == "Content-Security-Policy")


def hashed(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_names_exactly_the_scripts_and_styles_that_the_page_has():
    html = page("t", header("t"), ["p { color: red }"], ["const a = '\u00e4';"], {"d": {"a": 1}})
    parts = dict(part.split(" ", 1) for part in policy_of(html).split("; "))
    styles = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(styles) == len(scripts) == 2
    assert parts["style-src"].split() == [hashed(text) for text in styles]
    assert parts["script-src"].split() == [hashed(text) for text in scripts]
    assert parts["default-src"] == "'none'"
    assert parts["base-uri"] == parts["form-action"] == "'none'"


def test_the_policy_stands_before_anything_that_it_governs():
    html = page("t", header("t"), ["p { color: red }"], ["1"])
    assert html.index("Content-Security-Policy") < html.index("<style") < html.index("<script")


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_and_data_stay_what_they_are(text):
    body = joined(header(text), element("p", text, title=text, class_="said"), isolated(text))
    read = Read(page(text, body, data={"given": [text], "packed": Compressed(text)}))
    scripts = [attributes for tag, attributes in read.tags if tag == "script"]
    assert [each.get("id") for each in scripts] == ["given", "packed", None]
    assert {tag for tag, _ in read.tags} <= {
        "html", "head", "meta", "title", "style", "body", "a", "header", "div", "h1", "button", "p", "bdi", "script"
    }  # fmt: skip
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on") or name == "style"]
    [given] = [data for inside, data in read.texts if inside and inside[1].get("id") == "given"]
    [packed] = [data for inside, data in read.texts if inside and inside[1].get("id") == "packed"]
    assert json.loads(given) == [text]
    assert zlib.decompress(base64.b64decode(packed), wbits=-15).decode() == text
    assert not {"\u202e", "\x00", "\x1b", "\u2028"} & set(page(text, body, data={"given": [text]}))


@pytest.mark.parametrize("text", ["'</script>'", "<!--", "a</STYLE>"])
def test_a_script_that_would_end_its_element_is_refused(text):
    with pytest.raises(StabilityError, match="Expected a style or script without"):
        page("t", Markup(""), scripts=[text])


def test_modules_are_put_into_one_script(tmp_path):
    (tmp_path / "a.js").write_text(
        'import { two } from "./b.js";\nimport { three } from "./c.js";\nuse(two(), three);\n'
    )
    (tmp_path / "b.js").write_text('import {\n  three,\n} from "./c.js";\nexport function two() { return three; }\n')
    (tmp_path / "c.js").write_text("export const three = 3;\n")
    inner = "const three = 3;\n\nfunction two() { return three; }\n\nuse(two(), three);\n\nuse(1);"
    assert modules(tmp_path / "a.js", last="use(1);") == f'(() => {{\n"use strict";\n{inner}\n}})();\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("export default 3;\n", "export default 3;"),
        ('import * as b from "./b.js";\n', "import"),
        ('import { two as three } from "./b.js";\n', "without as"),
        ('import { two } from "./b.js";\nconst two = 2;\n', "different names"),
    ],
)
def test_modules_that_cannot_share_a_scope_are_refused(tmp_path, text, said):
    (tmp_path / "a.js").write_text(text)
    (tmp_path / "b.js").write_text("export function two() {}\n")
    with pytest.raises(StabilityError, match=said):
        modules(tmp_path / "a.js")


def test_a_file_that_cannot_be_written_is_refused_and_nothing_is_left(tmp_path, monkeypatch):
    (tmp_path / "folder.html").mkdir()
    for path, said in [
        (tmp_path / "folder.html", "is a folder"),
        (tmp_path / "none" / "a.html", "There is no folder"),
        (tmp_path / "a.pdf", "ending in .html"),
    ]:
        with pytest.raises(FileError, match=said):
            write_page(path, "x")
    (tmp_path / "old.html").write_text("old")

    def full(self, data):
        self.open("wb").close()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(FileError, match="No space left on device"):
        write_page(tmp_path / "old.html", "new")
    assert (tmp_path / "old.html").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.html", "old.html"]


def test_assets_ask_no_network_and_have_no_inline_handlers():
    for path in ASSETS.iterdir():
        assert not re.search(r"https?://|@import|\burl\(|\bfetch\(|innerHTML|\beval\(", path.read_text()), path.name
