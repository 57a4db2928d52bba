"""Docstrings open with statements, class names mean one thing, and retired words are no identifiers."""

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "stability").rglob("*.py"))


def trees(without: tuple[str, ...] = ()) -> dict[str, ast.Module]:
    names = {path.relative_to(ROOT / "stability"): path for path in SOURCES}
    return {str(name): ast.parse(path.read_text()) for name, path in names.items() if name.parts[0] not in without}


def questions(tree: ast.Module) -> list[str]:
    """Names of the modules, classes and functions whose docstring opens with a question."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            opening = (ast.get_docstring(node) or "").split("\n\n")[0].split(". ")[0]
            if "? " in opening + " " or "?\n" in opening:
                found.append(getattr(node, "name", "the module"))
    return found


def test_docstrings_open_with_statements() -> None:
    asking = {name: questions(tree) for name, tree in trees().items()}
    assert not {name: found for name, found in asking.items() if found}


@pytest.mark.parametrize("text", ['"""So?"""', 'def f():\n    """Is it\n    so? Yes."""', 'class A:\n    """So?"""'])
def test_a_question_is_found(text: str) -> None:
    assert questions(ast.parse(text))


def test_a_class_name_means_one_thing() -> None:
    nodes = [node for tree in trees(("checker",)).values() for node in ast.walk(tree)]
    count = Counter(node.name for node in nodes if isinstance(node, ast.ClassDef))
    assert [name for name, number in count.items() if number > 1] == []
