"""HTML of texts, as html.parser reads it."""

import re
from html.parser import HTMLParser

import pytest

from stability.io.html import escaped, html_card, html_table


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
    assert html_table("", (), iter([["a", "b"]])).endswith("<tbody><tr><th>a</th><td>b</td></tr></tbody></table>")


def test_a_finding_stands_below_the_caption():
    assert html_table("Sets", finding="1 < 2").startswith("<table><caption><b>Sets</b><span>1 &lt; 2</span></caption>")


def test_a_card_is_its_style_and_its_table():
    card = html_card("Sets", ["a"], [["x"]], ["note"], "one")
    style, table = card.removeprefix('<div class="stability-card"><style>').removesuffix("</div>").split("</style>")
    assert table == html_table("Sets", ["a"], [["x"]], ["note"], "one")
    assert not {*re.findall(r"#[0-9a-f]{3,6}|black|white|@import|url", style)}
    rules = [rule.split("{")[0] for rule in style.split("}") if rule]
    assert all(each.startswith(".stability-card") for rule in rules for each in rule.split(","))


@pytest.mark.parametrize(
    ("rows", "left"), [([["1"]] * 24, ""), ([["1"]] * 25, "1 row"), ([["x" * 999]] * 40, "29 rows")]
)
def test_a_card_stays_small_and_says_what_is_left_out(rows, left):
    card = html_card("Sets", (), rows)
    assert len(card) < 20_000
    assert re.findall("and (.*) more", card) == [left] * bool(left)


def test_a_card_of_hostile_length_stays_small():
    card = html_card("<" * 9_000, ["<"], [["<" * 900] * 2] * 3, ["&" * 900, *map(str, range(900))], '"' * 9_000)
    assert len(card) < 30_000
    assert re.findall("and (.*?) more", card) == ["2 rows", "901 lines"]


def test_a_long_cell_is_cut():
    assert html_card("Sets", (), [["y" * 9_000]]).count("y") < 1_100
    assert "... (9,000 characters)" in html_card("Sets", (), [["y" * 9_000]])
