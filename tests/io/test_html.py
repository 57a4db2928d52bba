"""HTML of texts, as html.parser reads it."""

from html.parser import HTMLParser

import pytest

from stability.io.html import escaped, html_table


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, *attrs))

    def handle_data(self, data):
        self.found.append(data)


def read(page):
    reader = Reader()
    reader.feed(page)
    return reader.found


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("a & b", "a &amp; b"),
        ("\"<script>'", "&quot;&lt;script&gt;&#x27;"),
        ("\x1b[1m", "\\x1b[1m"),
        ("\u202ea\nb", "\\u202ea\nb"),
        ("äβ→", "äβ→"),
    ],
)
def test_escaped(text, html):
    assert escaped(text) == html


def test_a_table_with_all_its_parts():
    page = html_table("<Sets>", ["a", "b"], [["1 < 2", "x"], ["3", "&"]], ["first", "<b>"])
    assert read(page) == [
        ("table",), ("caption",), "<Sets>",
        ("thead",), ("tr",), ("th",), "a", ("th",), "b",
        ("tbody",), ("tr",), ("td",), "1 < 2", ("td",), "x", ("tr",), ("td",), "3", ("td",), "&",
        ("p",), "first", ("p",), "<b>",
    ]  # fmt: skip
    assert page.startswith("<table><caption>")
    assert page.endswith("<p>first</p><p>&lt;b&gt;</p>")


def test_a_table_without_head_rows_and_notes():
    assert html_table("Nothing") == "<table><caption>Nothing</caption><tbody></tbody></table>"
    assert html_table("", (), iter([["a"]])).count("<td>") == 1
