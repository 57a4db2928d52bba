"""Every public name is there, stays what it is, loads on demand, and has a docstring with an example that runs."""

import doctest
import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import stability

ROOT = Path(__file__).parent.parent
HEAVY = ("numpy", "torch", "matplotlib", "scipy", "sympy", "flint", "sklearn", "pyarrow", "rich", "typer")
EXPLAINED = [name for name in stability.__all__ if callable(getattr(stability, name))]


def fresh(code):
    """What a fresh Python prints."""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_names_are_sorted_and_listed_once():
    assert len(set(stability.__all__)) == len(stability.__all__)
    assert set(stability.HOMES) | set(stability.MODULES) | {"__version__"} == set(stability.__all__)
    assert set(stability.__all__) <= set(dir(stability))
    with pytest.raises(AttributeError, match="no attribute 'landscpe'"):
        stability.landscpe  # noqa: B018


def test_editors_see_every_name():
    """The block for type checkers names what is loaded on demand, from the same modules."""
    text = (ROOT / "stability/__init__.py").read_text()
    seen = dict(reversed(pair) for pair in re.findall(r"    from stability\.([\w.]+) import (\w+) as \2\n", text))
    assert seen == {**stability.HOMES, "datasets": "model"}
    assert "    from stability import plot as plot\n" in text


@pytest.mark.parametrize("name", stability.HOMES)
def test_a_public_name_is_that_of_its_module(name):
    assert getattr(stability, name) is getattr(importlib.import_module(f"stability.{stability.HOMES[name]}"), name)


def test_importing_takes_no_time_and_loads_nothing_heavy():
    code = "import time, sys, json; b = time.perf_counter(); import stability; s = time.perf_counter() - b; "
    found = [fresh(code + f"print(json.dumps([s, [m for m in {HEAVY} if m in sys.modules]]))") for _ in range(3)]
    assert min(seconds for seconds, _ in found) < 0.1
    assert [loaded for _, loaded in found] == [[], [], []]


def test_no_submodule_replaces_a_public_name():
    """`import stability.x` sets the attribute x of the package, whatever was there."""
    code = (
        "import stability, pkgutil, importlib, json\n"
        "before = {name: id(getattr(stability, name)) for name in stability.__all__}\n"
        "found = [m.name for m in pkgutil.walk_packages(stability.__path__, 'stability.')]\n"
        "found.remove('stability.__main__')\n"
        "[importlib.import_module(name) for name in found]\n"
        "changed = [name for name in before if id(getattr(stability, name)) != before[name]]\n"
        "modules = [n for n in stability.__all__ if type(getattr(stability, n)) is type(json)]\n"
        "print(json.dumps([len(found), changed, modules]))"
    )
    count, changed, modules = fresh(code)
    assert count == sum(1 for _ in pkgutil.walk_packages(stability.__path__, "stability.")) - 1 > 150
    assert changed == []
    assert sorted(modules) == sorted(stability.MODULES)


@pytest.mark.parametrize("name", EXPLAINED)
def test_a_public_name_has_an_example_that_runs(name):
    text = inspect.getdoc(getattr(stability, name))
    assert text, "no docstring"
    assert ">>> " in text, "no example"
    assert examples_run(name, text) >= 2


def examples_run(name, text):
    """Run the examples of a docstring; return how many there are."""
    examples = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    report = []
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(examples, out=report.append)
    assert runner.failures == 0, "".join(report)
    return runner.tries


def methods():
    """Return the docstrings with examples of the methods of public classes, which the reference shows, too."""
    classes = [(name, found) for name in EXPLAINED if inspect.isclass(found := getattr(stability, name))]
    found = {f"{name}.{key}": getattr(each, key) for name, each in classes for key in dir(each) if key[0] != "_"}
    texts = {name: inspect.getdoc(each) for name, each in found.items() if inspect.isroutine(each)}
    return {name: text for name, text in texts.items() if text and ">>> " in text}


@pytest.mark.parametrize(("name", "text"), methods().items(), ids=list(methods()))
def test_an_example_of_a_method_runs(name, text):
    assert examples_run(name, text)


DEEP = re.compile(r"(?:from|import) stability\.(?!integrations import)\w")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("**/*.ipynb"))]


@pytest.mark.parametrize("page", [p for p in PAGES if ".venv" not in p.parts], ids=lambda p: p.name)
def test_no_page_imports_from_a_deep_path(page):
    lines = [line for line in page.read_text().splitlines() if DEEP.search(line)]
    assert lines == [] or page.name in {"architecture.md", "migration.md"}
