"""Documents are changed so that what fails in them fails alone; a guard of the test's own notes what is asked of it."""

import ast

import pytest

from stability.audit.guarding import GUARD, guarded


class Notes:
    """A guard that makes claims as they are and keeps what failed, by line and name."""

    caught = Exception

    def __init__(self):
        self.failures, self.asked = [], []

    def failed(self, problem, line, names):
        self.failures.append((type(problem).__name__, line, names))
        return "missing"

    def claim(self, build, line, *texts):
        self.asked.append((line, *(read() for read in texts)))
        try:
            return build()
        except Exception as problem:
            return f"broken: {problem}"

    def claims(self, build, line, name):
        try:
            return list(build())
        except Exception as problem:
            return [f"{name or 'nameless'} broken: {problem}"]

    def writeup(self, *entries, **named):
        return ("write-up", entries, named)


def ran(source):
    """Return the names that a guarded document defines, and what was noted."""
    notes, names = Notes(), {"Claim": lambda id, where="", says="", **rest: f"claim {id}"}
    names[GUARD] = notes
    exec(compile(guarded(source.encode(), "document.py"), "document.py", "exec"), names)
    return names, notes


def test_a_document_without_a_fault_defines_what_it_would():
    imports = "from __future__ import annotations\nfrom math import pi, tau\n"
    source = f'"""About."""\n{imports}x = 1\ndef f(y):\n    return x + y\nz = f(2)\n'
    names, notes = ran(source)
    assert (names["__doc__"], names["x"], names["z"]) == ("About.", 1, 3)
    assert names["tau"] == 2 * names["pi"]
    assert notes.failures == []


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("a = 1 / 0", "a"),
        ("a = b = 1 / 0", "a, b"),
        ("a, (b, *c) = 1 / 0", "a, b, c"),
        ("a: int = 1 / 0", "a"),
        ("from math import nothing", "nothing"),
        ("from math import nothing as a", "a"),
        ("import no.such.module", "no"),
        ("import no.such.module as a", "a"),
        ("@nothing\ndef a(): pass", "a"),
        ("class a(nothing): pass", "a"),
        ("a = [1 / k for k in (0,)]", "a"),
        ("for k in nothing:\n    pass", "k"),
        ("1 / 0", ""),
        ("from no_such_module import *", ""),
    ],
)
def test_a_statement_that_fails_leaves_its_names_missing_and_goes_on(line, names):
    found, notes = ran(f"before = 1\n{line}\nafter = 2\n")
    assert (found["before"], found["after"]) == (1, 2)
    ((_, where, said),) = notes.failures
    assert said == names
    assert where == (3 if line.startswith("@") else 2)
    for name in filter(None, names.split(", ")):
        assert found[name] == "missing"


def test_an_import_of_several_names_leaves_those_that_exist():
    names, notes = ran("from math import pi, nothing, e\n")
    assert (names["nothing"], notes.failures) == ("missing", [("ImportError", 1, "nothing")])
    assert names["pi"] > names["e"]


def test_a_claim_is_asked_for_with_its_line_and_its_texts():
    names, notes = ran(
        "TEXT = 'says it'\nONE = Claim('one', '2.1', TEXT, opinion='x')\nTWO = Claim(id='two', says='b')\n"
    )
    assert (names["ONE"], names["TWO"]) == ("claim one", "claim two")
    assert notes.asked == [(2, "one", "2.1", "says it"), (3, "two", "", "b")]


def test_entries_of_a_list_fail_one_by_one():
    source = """
ALL = [
    Claim("first"),
    Claim("second", statement=1 / 0),
    make("third"),
    *(Claim(f"k{k}", ground=1 / k) for k in (1, 0, 2)),
    *[Claim("last")],
]
"""
    names, notes = ran(source)
    assert names["ALL"] == [
        "claim first",
        "broken: division by zero",
        "broken: name 'make' is not defined",
        "claim k1",
        "broken: division by zero",
        "claim k2",
        "claim last",
    ]
    assert notes.failures == []


def test_a_list_of_sections_fails_by_its_names():
    source = "ONE = [Claim('one')]\nTWO = 1 / 0\nWRITEUP = Writeup('id', 'Title', claims=[*ONE, *THREE])\n"
    names, notes = ran(source)
    kind, entries, named = names["WRITEUP"]
    assert (kind, entries) == ("write-up", ("id", "Title"))
    assert named["claims"] == ["claim one", "THREE broken: name 'THREE' is not defined"]
    assert [name for _, _, name in notes.failures] == ["TWO"]


def test_other_lists_stay_as_they_are():
    names, notes = ran("SIDES = [1, 2]\nNONE = []\nBAD = [1, 1 / 0]\n")
    assert (names["SIDES"], names["NONE"], names["BAD"]) == ([1, 2], [], "missing")
    assert notes.asked == []


def test_a_claim_inside_a_function_is_guarded_too():
    names, _ = ran("def make(k):\n    return Claim('k', ground=1 / k)\nBAD, GOOD = make(0), make(1)\n")
    assert (names["BAD"], names["GOOD"]) == ("broken: division by zero", "claim k")


def test_what_is_not_caught_goes_through():
    with pytest.raises(KeyboardInterrupt):
        ran("raise KeyboardInterrupt\n")


def test_lines_of_an_error_are_those_of_the_document():
    names, _ = ran("\n\ndef f():\n    return 1 / 0\n")
    with pytest.raises(ZeroDivisionError) as raised:
        names["f"]()
    assert [entry.lineno + 1 for entry in raised.traceback][-1] == 4


def test_nothing_is_an_empty_document_and_what_is_no_python_is_refused():
    assert guarded(b"", "empty.py").body == []
    only = guarded(b'"""Only words."""\n', "words.py").body
    assert [type(each) for each in only] == [ast.Expr]
    with pytest.raises(SyntaxError) as raised:
        guarded(b"x = 1\ny = (\n", "bad.py")
    assert raised.value.filename == "bad.py"
