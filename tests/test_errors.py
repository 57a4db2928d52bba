"""Errors name the nearest known words, never a page of them."""

import ast
import inspect
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from paths import ROOT

from stability import Claim, ForAll, errors, every_set, landscape, run_audit
from stability.errors import (
    MOST_NAMED,
    CertificateError,
    KindError,
    MissingDataError,
    StabilityError,
    as_written,
    nearest,
    require_kind,
)

OURS = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, StabilityError)]
MODULES = sorted(path for path in (ROOT / "stability").rglob("*.py") if path.parent.name != "checker")
REASONS = {StabilityError, CertificateError, errors.TrainingStopped}
"""Without a class of Python that a caller would catch: the base, and what is no fault of the caller."""


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


def raised(path):
    """Yield the calls of classes of errors in a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            kind = getattr(errors, node.func.id, None)
            if isinstance(kind, type) and issubclass(kind, StabilityError):
                yield node


def test_every_error_has_a_remedy():
    calls = [(path, call) for path in MODULES for call in raised(path)]
    assert len(calls) > 100
    bare = [f"{path}:{call.lineno}" for path, call in calls if len(call.args) + len(call.keywords) < 2]
    assert bare == []


@pytest.mark.parametrize("kind", OURS)
def test_errors_are_those_that_a_caller_would_catch(kind):
    assert kind in REASONS or issubclass(kind, ValueError | OSError | TypeError | ImportError)
    made = kind("Expected 1; got 2.", "Write 1.")
    assert (str(made), made.problem, made.remedy) == (
        "Expected 1; got 2.\n  Write 1.",
        "Expected 1; got 2.",
        "Write 1.",
    )


def test_a_missing_file_of_data_is_both():
    assert issubclass(MissingDataError, FileNotFoundError | ValueError)
    assert issubclass(MissingDataError, FileNotFoundError)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(3), "3"),
        ([Fraction(1, 2), [Fraction(-3)]], "[1/2, [-3]]"),
        ((Fraction(1, 2),), "(1/2,)"),
        (Path("folder") / "a.md", "'folder/a.md'"),
        ("saddle", "'saddle'"),
        (True, "True"),
        ([{"a": Fraction(1, 2)}], "[{'a': 1/2}]"),
        (Decimal("0.10"), "0.10"),
        (np.array([1, 2]), "[1, 2]"),
        (np.float64(0.5), "0.5"),
        (torch.ones(2), "[1.0, 1.0]"),
        (torch.tensor(3), "3"),
    ],
)
def test_values_are_shown_as_people_write_them(value, shown):
    assert as_written(value) == shown
    with pytest.raises(KindError) as caught:
        require_kind(value, set, "a set", "Write set().")
    assert caught.value.problem == f"Expected a set; got the {type(value).__name__} {shown}."


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (int, "the class int"),
        (len, "<built-in function len>"),
        (test_values_are_shown_as_people_write_them, "the function test_values_are_shown_as_people_write_them"),
        (object(), "the object"),
        (np.zeros((30, 2)), "an array of shape (30, 2)"),
        (torch.zeros(30, 2), "an array of shape (30, 2)"),
        (torch.zeros(2, device="meta"), "an array of shape (2,)"),
        (torch.eye(2).to_sparse(), "an array of shape (2, 2)"),
        ([torch.zeros(1, 90)], "[an array of shape (1, 90)]"),
    ],
)
def test_things_are_named_without_their_place_in_memory(value, shown):
    assert as_written(value) == shown


@pytest.mark.parametrize("wrong", [[], np.array([1, 2]), Fraction(1, 2), None, {"a": 1}], ids=str)
def test_values_of_another_kind_are_refused_and_raise_nothing_of_python(wrong):
    place, saddle = landscape("abs1", "xor"), ("kind", "=", "saddle")
    for call in (
        lambda: every_set(place, [saddle], [saddle], wrong),
        lambda: landscape("abs1", "xor", wrong),
        lambda: place.atlas(wrong),
        lambda: run_audit([wrong]),
        lambda: Claim("a", "1", "a", ForAll("x", [], ["x > 1"]), decision=wrong),
        lambda: Claim("a", "1", "a", opinion=wrong),
    ):
        with pytest.raises(StabilityError) as caught:
            call()
        assert not re.search(r"Fraction\(|array\(", str(caught.value))


def test_a_list_that_holds_itself_is_shown():
    knot = []
    knot.append(knot)
    assert as_written(knot).startswith("[[[")
