"""Errors in one line, and what stands for a definition that failed."""

import pytest

from stability.audit.claims import Claim, SourcePosition
from stability.audit.missing import LONGEST, Missing, error_line
from stability.errors import NumberError, StabilityError

PLACE = SourcePosition("document.py", 7)
CLAIM = Claim("broken", "1", "It is.", opinion="x")


def missing(problem=None):
    return Missing(problem or ValueError("odd"), PLACE, "TRAPS", CLAIM)


class UnspeakableError(Exception):
    def __str__(self):
        raise RuntimeError


class InterruptingError(Exception):
    def __str__(self):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (ValueError("odd"), "ValueError: odd"),
        (ValueError("two\n   lines\tand tabs"), "ValueError: two lines and tabs"),
        (NumberError("Expected 1; got 2.", "Write 1."), "Expected 1; got 2. Write 1."),
        (SyntaxError("invalid syntax", ("d.py", 3, 1, "")), "The document is no Python: invalid syntax, line 3."),
        (ValueError(), "ValueError:"),
        (KeyError("x"), "KeyError: 'x'"),
    ],
)
def test_an_error_is_one_line(problem, line):
    assert error_line(problem).strip() == line


def test_a_package_that_is_not_installed_is_named_with_its_extra():
    line = error_line(ModuleNotFoundError("No module named 'torch'", name="torch"))
    assert "pip install" in line
    assert "ModuleNotFoundError" not in line
    assert error_line(ModuleNotFoundError("No module named 'own'", name="own")) == (
        "ModuleNotFoundError: No module named 'own'"
    )


def test_a_long_error_is_cut():
    assert error_line(ValueError("x" * LONGEST)) == f"ValueError: {'x' * (LONGEST - 12)}..."
    assert error_line(ValueError("x" * (LONGEST - 12))) == f"ValueError: {'x' * (LONGEST - 12)}"


def test_what_steers_a_terminal_is_escaped():
    line = error_line(ValueError("a\x1b[2Jb\u202ec"))
    assert line.isprintable()
    assert "\x1b" not in line
    assert "\u202e" not in line


def test_an_error_that_cannot_speak_has_its_type_alone():
    assert error_line(UnspeakableError()).endswith("UnspeakableError: it cannot be shown")
    with pytest.raises(KeyboardInterrupt):
        error_line(InterruptingError())


def test_as_a_list_it_is_the_one_claim():
    found = missing()
    assert [*found] == [*found] == [CLAIM]
    assert found.raised is False


@pytest.mark.parametrize(
    "use",
    [
        lambda m: m(),
        lambda m: m(1, key=2),
        lambda m: m[0],
        lambda m: m.attribute,
        lambda m: str(m),
        lambda m: f"{m}",
        lambda m: m + 1,
        lambda m: 1 + m,
        lambda m: m - 1,
        lambda m: 1 - m,
        lambda m: m * 2,
        lambda m: 2 * m,
        lambda m: m / 2,
        lambda m: 2 / m,
        lambda m: -m,
        lambda m: float(m),
        lambda m: int(m),
        lambda m: 1 in m,
    ],
)
def test_any_other_use_raises_why_and_is_noted(use):
    found = missing(NumberError("Expected 1; got 2.", "Write 1."))
    with pytest.raises(StabilityError) as raised:
        use(found)
    assert raised.value.problem == (
        "TRAPS, which is used here, failed in line 7 of document.py: Expected 1; got 2. Write 1."
    )
    assert raised.value.remedy == "Mend that line."
    assert found.raised is True


def test_python_may_ask_what_it_is_without_an_error():
    found = missing()
    assert not hasattr(found, "__wrapped__")
    assert (found.problem.args, found.place, found.name, found.claim) == (("odd",), PLACE, "TRAPS", CLAIM)
    assert found.raised is False
