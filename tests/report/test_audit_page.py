"""The page on an audit: structure, records, hostile texts, filters, and where it may be written."""

import base64
import json
import re
import zlib
from html.parser import HTMLParser

import pytest

from stability import run_audit
from stability.audit.run import Audited
from stability.audit.summary import findings
from stability.checker import checker
from stability.errors import StabilityError
from stability.report.audit_page import audit_page

HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> \" ' ` &amp; --> ]]> \u202egnp.\u202c \u05d0\u05d1\u05d2"
)
NOTES = f"""# Notes of <b>somebody</b> </title>

## 1 Squares

A square is never negative.

```stability
:id: squares
:weight: central
for all x then x**2 >= 0
```

Every number is its own square.

```stability
:id: theme
:weight: central
:says: {HOSTILE}
:because: {HOSTILE}
:instead: Two numbers are. {HOSTILE}
for all x then x**2 = x
instead:
for all x given x**2 = x then x*(x - 1) = 0
```

## 2 Taste </script><!--

```stability
:id: taste
:uses: theme
:opinion: {HOSTILE}
```

```stability
:id: broken
for all x then x ** <b> 2
```

<div onclick="alert(1)">block</div>

Text with <b onclick="alert(2)">inline</b> HTML, [a link](https://example.org/ "on"), [none](javascript:alert(3)),
![a picture](https://example.org/a.png), `<i>code</i>` and \u202eturned.

<!-- stability:broken open 01234567 --> **verdict of yesterday** <!-- /stability -->

<!--
```stability
:id: hidden
for all x then x + 0 = x
```
-->

| left | right |
|:-----|------:|
| 1    | <s>2  |
"""
ELEMENTS = {
    *(
        "noscript",
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "script",
        "header",
        "main",
        "footer",
        "nav",
        "section",
    ),
    *("article", "details", "summary", "div", "p", "span", "b", "a", "bdi", "code", "pre", "blockquote", "output"),
    *("h1", "h2", "h3", "h4", "h5", "ol", "ul", "li", "button", "input", "select", "option", "optgroup", "progress"),
    *("br", "table", "thead", "tbody", "tr", "th", "td"),
    *("figure", "svg", "rect", "math", "mrow", "mi", "mn", "mo", "mtext", "msup", "msub", "msubsup", "mfrac", "msqrt"),
}


class Read(HTMLParser):
    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.stack, self.texts = [], [], {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "br"):
            self.stack.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        opened = self.stack.pop()
        assert opened[0] == tag

    def handle_data(self, data):
        for _, attributes in self.stack:
            if attributes.get("id"):
                self.texts[attributes["id"]] = self.texts.get(attributes["id"], "") + data

    def having(self, name):
        return [(tag, attributes) for tag, attributes in self.tags if name in attributes]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    path = tmp_path_factory.mktemp("notes") / "notes.md"
    path.write_text(NOTES)
    return run_audit([str(path)], runs=False)


@pytest.fixture(scope="module")
def html(found):
    return audit_page(found)


@pytest.fixture(scope="module")
def read(html):
    return Read(html)


def unpacked(read, name):
    return zlib.decompress(base64.b64decode(read.texts[name]), wbits=-15).decode()


def test_every_claim_is_an_element_with_its_status(found, read):
    claims = {a["id"]: a for tag, a in read.tags if tag == "article"}
    assert list(claims) == ["squares", "theme", "taste", "broken", "hidden"]
    assert {id: a["data-status"] for id, a in claims.items()} == {
        verdict.claim.id: verdict.status for verdict in found.verdicts
    }
    assert [a["data-status"] for a in claims.values()] == ["proved", "refuted", "opinion", "error", "proved"]


def test_ids_stand_once_and_those_of_the_page_itself_are_no_ids_of_claims(read):
    ids = [attributes["id"] for _, attributes in read.having("id")]
    assert len(ids) == len(set(ids))
    assert all(id.startswith("_") for id in set(ids) - {"squares", "theme", "taste", "broken", "hidden"})


def test_hostile_texts_are_shown_as_they_are_and_nothing_of_them_is_an_element(html, read):
    assert {tag for tag, _ in read.tags} <= ELEMENTS
    assert [a.get("type") for tag, a in read.tags if tag == "script"] == ["text/plain", "text/plain", None, None]
    names = {name for _, attributes in read.tags for name in attributes}
    assert not {name for name in names if name.startswith("on")} | ({"style", "src", "srcdoc", "action"} & names)
    assert "<script>alert(1)</script>" in read.texts["theme"]
    assert "\u202e" not in html
    assert "\\u202egnp." in read.texts["theme"]
    assert "\u05d0\u05d1\u05d2" in read.texts["theme"]


def test_texts_of_strangers_are_isolated(html):
    for at in re.finditer("\u05d0", html):
        before = html[: at.start()]
        assert "</main>" not in before
        assert before.rfind("<bdi>") > before.rfind("</bdi>") or before.rfind('="') > before.rfind(">")


def test_links_lead_to_elements_of_the_page(read):
    ids = {attributes["id"] for _, attributes in read.having("id")}
    links = [attributes["href"] for _, attributes in read.having("href")]
    assert "#theme" in links
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    assert {link for link in links if not link.startswith("#")} == {"https://example.org/"}


def test_records_are_those_of_the_claims_and_their_words_are_what_the_checker_says(found, html, read):
    texts = json.loads(unpacked(read, "_records"))
    assert list(texts) == ["squares", "theme", "theme#repair", "hidden"]
    records = {a["data-record"]: a["data-fingerprint"] for _, a in read.having("data-record")}
    assert records == {name: json.loads(text)["id"] for name, text in texts.items()}
    for text in texts.values():
        record = json.loads(text)
        assert record["id"] == checker.digest(record)
        assert checker.check(record).split(": ", 1)[1] in "".join(
            read.texts[each] for each in ("squares", "theme", "hidden")
        )


def test_a_record_that_settles_a_claim_says_its_status(read):
    settles = {a["data-record"]: a.get("data-settles") for _, a in read.having("data-record")}
    assert settles == {"squares": "proved", "theme": "refuted", "theme#repair": "proved", "hidden": "proved"}


def test_formulas_are_typeset_beside_their_text(html, read):
    assert "<msup><mi>x</mi><mn>2</mn></msup><mo>\u2265</mo><mn>0</mn>" in html
    assert "for all x: x ** 2 >= 0" in read.texts["squares"]


def test_findings_are_those_of_the_first_page_and_come_before_the_claims(found, html):
    shown = re.findall(r'<li class="finding".*?href="#([^"]*)"', html)
    assert shown == [verdict.claim.id for verdict in findings(found.verdicts)] == ["theme", "taste", "broken"]
    assert html.index('class="finding"') < html.index("<article")


def test_a_document_is_rendered_with_its_claims_in_their_places(html, read):
    body = html[html.index("<main") :]
    order = [
        "1 Squares</h3>",
        'id="squares"',
        'id="theme"',
        "2 Taste <code>&lt;/script&gt;</code>",
        'id="taste"',
        'id="broken"',
        "a link</a>",
    ]
    assert [body.index(each) for each in order] == sorted(body.index(each) for each in order)
    assert body.index("a link</a>") < body.index('id="hidden"') < body.index("<table>")
    assert '<p data-status="proved" dir="auto">A square is never negative.</p>' in body
    assert "&lt;div onclick=&quot;alert(1)&quot;&gt;block&lt;/div&gt;" in body
    assert "[picture: a picture]" in body
    assert "example.org/a.png" not in body
    assert "verdict of yesterday" not in body


def test_a_selection_of_a_document_is_listed_without_the_text_around_it(found):
    writeup, verdicts = found[0]
    html = audit_page(Audited([(writeup, verdicts[:1])]))
    assert 'id="squares"' in html
    assert "a link" not in html


def test_documents_may_share_their_names_and_the_ids_of_their_claims(tmp_path):
    files = [tmp_path / folder / name for folder, name in [("a", "notes.md"), ("b", "notes.md"), ("b", "other.md")]]
    for path in files:
        path.parent.mkdir(exist_ok=True)
        path.write_text("# T\n\n```stability\n:id: same\nfor all x then x**2 >= 0\n```\n")
    read = Read(audit_page(run_audit(list(map(str, files)), runs=False)))
    claims = [attributes for tag, attributes in read.tags if tag == "article"]
    assert [a["id"] for a in claims] == ["same", "notes.2.same", "other.same"]
    assert [a["data-section"] for a in claims] == ["notes/T", "notes.2/T", "other/T"]
    assert list(json.loads(unpacked(read, "_records"))) == [a["id"] for a in claims]
    ids = [attributes["id"] for _, attributes in read.having("id")]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for _, a in read.having("href")} <= set(ids)


def test_a_page_without_claims_is_refused(found):
    with pytest.raises(StabilityError, match="Expected claims for a page"):
        audit_page(Audited((writeup, []) for writeup, _ in found))


def test_the_worker_holds_the_whole_checker(read):
    source = unpacked(read, "_checker")
    assert "onmessage = " in source
    assert not re.search(r"^(?:import|export)\b", source, re.MULTILINE)


def test_a_document_in_latex_is_listed_by_claims(tmp_path):
    (tmp_path / "notes.tex").write_text(
        "\\title{Squares & <i>}\n\\begin{document}\\section{One}\nSquares are never negative.\n"
        "\\begin{stability}[id=squares]\nfor all x then x**2 >= 0\n\\end{stability}\n\\end{document}\n"
    )
    read = Read(audit_page(run_audit([str(tmp_path / "notes.tex")], runs=False)))
    assert [(a["id"], a["data-status"]) for tag, a in read.tags if tag == "article"] == [("squares", "proved")]
    assert "notes.tex:4" in read.texts["squares"]
    assert "i" not in {tag for tag, _ in read.tags}


def test_a_huge_formula_stays_a_text_of_its_own_length(tmp_path):
    terms = " + ".join(f"x**2*{k}" for k in range(1, 200))
    (tmp_path / "notes.md").write_text(f"# T\n\n```stability\n:id: huge\nfor all x then {terms} >= 0\n```\n")
    html = audit_page(run_audit([str(tmp_path / "notes.md")], runs=False))
    assert [a["data-status"] for tag, a in Read(html).tags if tag == "article"] == ["proved"]
    assert len(html) < 250_000
    assert "x**2*199" in html.replace(" ", "")
