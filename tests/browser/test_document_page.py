"""The page of a Markdown document in a browser: it reads as the document does, and nothing in it runs."""

import re
from pathlib import Path

import pytest

from stability import run_audit
from stability.report.audit_page import audit_page
from stability.report.page import write_page

ROOT = Path(__file__).parents[2]
HOSTILE = """\
# Notes <script>window.ran = 1</script>

<img src="http://127.0.0.1:9/a.png" onerror="window.ran = 1"> <iframe src="http://127.0.0.1:9/"></iframe>

![picture](http://127.0.0.1:9/b.png) [link](javascript:window.ran=1) [data](data:text/html,<script>alert(1)</script>)

</main></body></html><script>window.ran = 1</script><style>body { display: none }</style>

| a | b |
|---|---|
| <b onclick="window.ran = 1">x</b> | \u202eturned\u202c \u05d0\u05d1\u05d2 |

$\\frac{1}{2}$ <math href="javascript:window.ran=1"><mi>x</mi></math> &lt;script&gt;

<form id="_records"><input name="verified"></form><a id="_verify-all" name="dataset">here</a>

The exact solution fits. `</script><script>window.ran = 1</script>`

```stability
:id: fits
:on: abs1 xor
:because: </script><script>window.ran = 1</script> "><img src=x onerror=window.ran=1>
at [1/2, -1/2, 0]: kind = "global minimum", loss = 0
```

```python
print("</code></pre><script>window.ran = 1</script>")
```
"""


def written(folder, document):
    path = folder / "page.html"
    write_page(path, audit_page(run_audit([str(document)], runs=False)))
    return path


@pytest.fixture(scope="module")
def page(opened, tmp_path_factory):
    shown = opened(written(tmp_path_factory.mktemp("document"), ROOT / "docs" / "two-relu-xor.md"))
    shown.assert_quiet()
    return shown


def test_it_reads_as_the_document_does(page):
    text = (ROOT / "docs" / "two-relu-xor.md").read_text(encoding="utf-8")
    ids = re.findall(r"^:id: (\S+)", text, re.MULTILINE)
    claims = page.run("return [...document.querySelectorAll('article.claim')].map(each => each.id)")
    assert claims == ids
    titles = page.run("return [...document.querySelectorAll('h1, h2, h3, h4')].map(each => each.innerText.trim())")
    headings = [line.lstrip("#").strip() for line in re.findall(r"^#+ .*", text, re.MULTILINE)]
    assert {re.sub(r"\W", "", each) for each in headings} <= {re.sub(r"\W", "", each) for each in titles}
    page.find("#_verify-all").click()
    good, all_ = page.wait("document.documentElement.dataset.verified", seconds=120).split(" of ")
    assert good == all_


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_reads_well_wide_and_narrow(page, theme):
    for width in (400, 1280):
        page.show(width, theme)
        assert page.overflow() == []
        assert page.low_contrasts() == []
        assert page.unnamed() == []


def test_screenshots(page, pictures):
    page.open()
    assert len({path.read_bytes() for path in page.screenshots(pictures, "document")}) == 6
    page.run("document.querySelectorAll('article.claim')[1].querySelector('details').open = true")
    page.run("document.querySelectorAll('article.claim')[1].scrollIntoView({block: 'center'})")
    page.screenshots(pictures, "document-claims")


def test_a_hostile_document_is_text(opened, tmp_path):
    (tmp_path / "notes.md").write_text(HOSTILE, encoding="utf-8")
    page = opened(written(tmp_path, tmp_path / "notes.md"))
    page.show(400, "light")
    page.run("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    page.find("#_verify-all").click()
    assert page.wait("document.documentElement.dataset.verified") == "1 of 1"
    assert page.run("return window.ran") is None
    assert page.find_all("img, iframe, form, main script, main style, math[href]") == []
    links = page.run("return [...document.querySelectorAll('main a')].map(each => each.getAttribute('href'))")
    assert [link for link in links if re.match(r"(?i)\s*(javascript|data):", link or "")] == []
    assert page.find("main").is_displayed()
    assert str(tmp_path) not in page.find(".place").text
    assert page.overflow() == []
    page.assert_quiet()
