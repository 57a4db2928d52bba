"""Formal statements as markup: words and conditions of each kind, beside the text."""

import re
from html import unescape

import pytest

from stability import AllOf, Exists, ForAll, Not, landscape, prove
from stability.geometry.atlas.statements import AllAboutSets, every_set, number_of_sets, set_at
from stability.report.formal import MOST_SHOWN, statement_markup


def plain(markup):
    """Return the words of the typeset part."""
    typeset = re.search(r'<div class="typeset">(.*?)</div>', markup, re.DOTALL)
    return " ".join(unescape(re.sub("<[^>]*>", " ", typeset[1])).split()) if typeset else ""


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (ForAll("x y", ["x > y"], ["x >= y"]), "Formally For all x , y with x > y : x \u2265 y"),
        (ForAll("x", [], [["x > 0"], ["x <= 0"]]), "Formally For all x : ( x > 0 ) or ( x \u2264 0 )"),
        (ForAll("", [], ["1 < 2", "2 < 3"]), "Formally 1 < 2 and 2 < 3"),
        (Exists("x", ["x > 1", "x < 2"]), "Formally There are x with x > 1 , x < 2"),
        (Not(ForAll("x", [], ["x > 0"])), "Formally It is not so that: For all x : x > 0"),
        (
            AllOf([ForAll("x", [], ["x == x"]), Exists("y", ["y == 1"])]),
            "Formally For all x : x = x There are y with y = 1",
        ),
    ],
)
def test_statements_about_points(statement, said):
    for judged in (statement, prove(statement)):
        assert plain(statement_markup(judged)) == said


def test_long_statements_are_shown_as_text_alone():
    many = [f"x**2 + {k} >= 0" for k in range(MOST_SHOWN + 1)]
    found = statement_markup(prove(ForAll("x", [], many)))
    assert plain(found) == ""
    assert f"x**2 + {MOST_SHOWN} &gt;= 0" in found


def test_statements_about_stationary_sets():
    place = landscape("abs1", "xor")
    statement = AllAboutSets(
        [
            number_of_sets(place, [("kind", "in", ["global minimum", "local minimum"])], "=", 4, "A"),
            every_set(place, [("loss", "<", "1/2")], [("strict", "=", True), ("dimension", "=", 0)], "A"),
            set_at(place, [["1/2", "-1/2", 0]], [("kind", "=", "global minimum")], "A"),
        ]
    )
    judged = prove(statement)
    assert judged.conclusion == "proved"
    assert plain(statement_markup(judged)) == (
        "Formally The number of stationary sets of A with kind global minimum or local minimum is 4 "
        "Every stationary set of A with loss < 1 2 has strict = yes and dimension = 0 "
        "The point ( 1 2 , \N{MINUS SIGN} 1 2 , 0 ) of A is in a stationary set with kind global minimum"
    )
