"""The words of documents: all of them are there once, each is its own module's, and a claim made of them is judged."""

import ast
from pathlib import Path

import pytest
from paths import ROOT

import stability
from stability.audit import vocabulary
from stability.audit.vocabulary import Claim, ForAll, Not, Repair, settle

WRITEUPS = sorted(path.parent.name for path in (ROOT / "proofs/audits").glob("*/document.py"))


def test_every_word_is_there_once_in_order():
    assert len(set(vocabulary.__all__)) == len(vocabulary.__all__)
    groups = [[w for w in vocabulary.__all__ if k(w)] for k in (str.isupper, _is_class, str.islower)]
    assert [word for group in groups for word in sorted(group)] == vocabulary.__all__
    for word in vocabulary.__all__:
        assert getattr(vocabulary, word) is not None


def _is_class(word):
    return word[0].isupper() and not word.isupper()


def test_nothing_else_is_imported_there():
    own = {name for name in vars(vocabulary) if name.isidentifier() and not name.startswith("_")}  # pytest adds @names
    assert own == {*vocabulary.__all__}


def test_words_that_are_public_are_the_same_ones():
    shared = {*vocabulary.__all__} & {*stability.__all__}
    assert {"Claim", "ForAll", "Exists", "Not", "AllOf", "Verdict"} <= shared
    for name in shared:
        assert getattr(vocabulary, name) is getattr(stability, name)


@pytest.mark.parametrize("folder", WRITEUPS)
def test_documents_take_their_words_from_here_or_from_the_package(folder):
    for path in Path(ROOT / "proofs/audits" / folder).glob("section_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "stability.audit.vocabulary":
                assert {alias.name for alias in node.names} <= {*vocabulary.__all__}, path


def test_claims_made_of_these_words_get_the_verdict_that_they_deserve():
    square = ForAll("x", ["x >= 1"], ["x**2 >= 1"])
    repair = Repair("It is positive away from 0.", ForAll("x", ["x >= 1"], ["x**2 > 0"]))
    true = settle(Claim("true", "1", "Beyond 1 a square is at least 1.", square))
    false = settle(Claim("false", "1", "Somewhere beyond 1 it is less.", Not(square), repair=repair))
    empty = settle(Claim("empty", "1", "Beyond both it is 5.", ForAll("x", ["x >= 1", "x <= 0"], ["x == 5"])))
    taste = settle(Claim("taste", "1", "It is elegant.", opinion="A matter of taste."))
    assert [each.status for each in (true, false, empty, taste)] == ["proved", "refuted", "vacuous", "opinion"]
    assert false.repair_status == "proved"
