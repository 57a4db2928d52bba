"""Libraries that may be missing: found where they are, and one sentence where they are not."""

import sys
from types import SimpleNamespace

import pytest

from stability.errors import MissingPackageError
from stability.training.integrations.optional import bases, joined, library


def test_a_missing_library_is_named_with_what_to_install():
    with pytest.raises(MissingPackageError) as raised:
        library("no_such_library.part", "no-such-library", "A logger")
    assert raised.value.problem == "Expected no-such-library to be installed, which A logger needs; found none."
    assert raised.value.remedy == "Try pip install no-such-library."


def test_what_is_installed_is_returned():
    assert library("json", "json", "A logger").__name__ == "json"


def test_a_broken_library_is_no_missing_one(monkeypatch, tmp_path):
    (tmp_path / "broken_library.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ZeroDivisionError):
        library("broken_library", "broken", "A logger")


def test_the_classes_of_all_loaded_modules_are_taken(monkeypatch):
    first, second = type("Callback", (), {}), type("Callback", (), {})
    monkeypatch.setitem(sys.modules, "one_of_two", SimpleNamespace(Callback=first))
    monkeypatch.setitem(sys.modules, "two_of_two", SimpleNamespace(Callback=second))
    assert bases(("one_of_two", "two_of_two"), "Callback", "one", "A callback") == (first, second)
    monkeypatch.delitem(sys.modules, "one_of_two")
    assert bases(("one_of_two", "two_of_two"), "Callback", "one", "A callback") == (second,)


def test_without_any_module_there_is_one_sentence():
    with pytest.raises(MissingPackageError, match="pip install lightning"):
        bases(("no_such_library.callbacks",), "Callback", "lightning", "A callback")


def test_a_joined_class_is_made_once_and_knows_its_own():
    own, other = type("Own", (), {"__doc__": "Own."}), type("Other", (), {})
    made = joined(own, (other,))
    assert made is joined(own, (other,))
    assert issubclass(made, own)
    assert issubclass(made, other)
    assert made.opened is own
    assert joined(made, (other,)) is made
