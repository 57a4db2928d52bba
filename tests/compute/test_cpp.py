"""Libraries of the C++ compiler are loaded from nowhere that stays; what goes wrong is said in one sentence."""

import tempfile

import pytest

from stability.compute.cpp import compiler, library
from stability.errors import StabilityError

FLAGS = ("-shared", "-fPIC", "-x", "c++", "-")
needs_compiler = pytest.mark.skipif(compiler() is None, reason="there is no C++ compiler")


@needs_compiler
def test_a_library_runs_and_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    own = library('extern "C" int twice(int x) { return 2 * x; }', FLAGS)
    assert own.twice(21) == 42
    assert not [*tmp_path.iterdir()]


@needs_compiler
def test_a_target_that_is_not_known_makes_way_for_the_next():
    assert library('extern "C" int one() { return 1; }', FLAGS, (("-march=nothing",), ())).one() == 1


@needs_compiler
def test_what_the_compiler_says_is_handed_on():
    with pytest.raises(StabilityError, match=r"to compile a loop; it says: .*nonsense"):
        library("nonsense", FLAGS)


def test_no_compiler_is_an_error(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    assert compiler() is None
    with pytest.raises(StabilityError, match="there is no compiler"):
        library("", FLAGS)
