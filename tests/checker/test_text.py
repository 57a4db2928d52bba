"""What is printed shows what was meant: nothing invisible, nothing endless, nothing that a terminal cannot print."""

import pytest

from stability.checker import text


@pytest.mark.parametrize("c", ["a", " ", "~", "é", "\u4e2d", "\u03b1", "1", '"'])
def test_characters_that_are_seen(c):
    assert text.is_plain(c)
    assert text.shown(f"x{c}y") == f"x{c}y"


@pytest.mark.parametrize(
    ("c", "escaped"),
    [
        ("\n", "\\n"),
        ("\t", "\\t"),
        ("\x1b", "\\x1b"),
        ("\x7f", "\\x7f"),
        ("\xa0", "\\xa0"),
        ("\u202e", "\\u202e"),
        ("\u200b", "\\u200b"),
        ("\u0301", "\\u0301"),
        ("\u3164", "\\u3164"),
        ("\u2800", "\\u2800"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_characters_that_are_not_seen_are_escaped(c, escaped):
    assert not text.is_plain(c)
    assert text.shown(f"x{c}y") == f"x{escaped}y"


def test_long_texts_are_cut():
    assert text.shown("abcde", 5) == "abcde"
    assert text.shown("abcdef", 5) == "abcde..."
    assert text.shown("abc\n", 3) == "abc..."
    assert text.shown("ab\ncd", 3) == "ab\\n..."
    assert text.shown("abcdef") == "abcdef"
    assert text.shown("abc", 0) == "..."


def test_long_numbers_lose_their_middle():
    assert text.short("x " + "7" * 60) == "x " + "7" * 60
    assert text.short("1" * 30 + "2" * 31) == "1" * 20 + "..." + "2" * 20 + " (61 digits)"
    number = "1" * 40 + "2" * 40
    assert text.short(f"{number}/{number} and 3") == " and 3".join(
        ["/".join(["1" * 20 + "..." + "2" * 20 + " (80 digits)"] * 2), ""]
    )
    assert text.short("a" * 100) == "a" * 100


def test_a_point_is_said_unit_after_unit():
    assert text.point_said([["1", "-1/2"], ["0", "3"]]) == "(1, -1/2; 0, 3)"
    assert text.point_said([["1"]]) == "(1)"


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("proofs/a-b_c.1.json", "proofs/a-b_c.1.json"),
        ("a@b,c=d:%e+f", "a@b,c=d:%e+f"),
        ("é", "é"),
        ("", '""'),
        ("a b", '"a b"'),
        ('a"b', '"a\\"b"'),
        ("a\\b", '"a\\\\b"'),
        ("a\nb", '"a\\nb"'),
        ("a\u0301", '"a\\u0301"'),
        ("a\n", '"a\\n"'),
        ("\u3164", '"\\u3164"'),
    ],
)
def test_names_of_files_are_quoted_where_they_are_strange(name, called):
    assert text.called(name) == called


def test_a_text_is_printed_in_any_encoding():
    assert text.encodable("aé", "utf-8") == "aé"
    assert text.encodable("aé", "latin-1") == "aé"
    assert text.encodable("aé\u4e2d", "latin-1") == "aé\\u4e2d"
    assert text.encodable("aé", "ascii") == "a\\xe9"
    assert text.encodable("aé", None) == "a\\xe9"
    assert text.encodable("\ud800", "utf-8") == "\\ud800"
