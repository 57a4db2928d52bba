"""Errors name the nearest known words, never a page of them."""

from stability.errors import MOST_NAMED, nearest


def test_the_nearest_word_comes_first():
    assert nearest("reul", ["absolute", "relu"]) == "Did you mean 'relu'? Known: absolute, relu."
    assert nearest("#", ["absolute", "relu"]) == "Known: absolute, relu."


def test_of_many_words_those_alike_are_named():
    known = [f"word-{k:03}" for k in range(200)]
    said = nearest("word-77", known)
    assert "Did you mean 'word-" in said
    assert "word-077" in said
    assert said.count("word-") == MOST_NAMED + 1
    assert said.endswith(f"and {200 - MOST_NAMED} more.")
