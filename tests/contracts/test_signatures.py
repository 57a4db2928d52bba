"""Signatures: budgets are named max_..., and a landscape is the first argument."""

import ast
import re
from functools import cache

import pytest
from paths import ROOT

MODULES = sorted((ROOT / "stability").rglob("*.py"))
OURS = [path for path in MODULES if "checker" not in path.relative_to(ROOT).parts]
BUDGET = re.compile(r"(most|budget)(_.*)?|.*_(most|budget)")
ALLOWED = {("whole_number", "most"): "with `least` the ends of a range"}
"""Names that sound like budgets and are none."""


@cache
def functions():
    """Return (where, name, arguments) of every function, and of the fields of every dataclass."""
    return [each for path in OURS for each in functions_of(path)]


def functions_of(path):
    where = path.relative_to(ROOT)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            kinds = {each.arg: ast.unparse(each.annotation) if each.annotation else "" for each in given}
            yield f"{where}:{node.lineno}", node.name, kinds
        elif isinstance(node, ast.ClassDef) and node.decorator_list:
            fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
            yield (
                f"{where}:{node.lineno}",
                node.name,
                {ast.unparse(each.target): ast.unparse(each.annotation) for each in fields},
            )


def test_budgets_are_named_alike():
    whole = re.compile(r"\b(int|float)\b")
    wrong = [
        f"{where} {name}({argument}): name it max_..."
        for where, name, kinds in functions()
        for argument, kind in kinds.items()
        if BUDGET.fullmatch(argument)
        and whole.search(kind)
        and not name.startswith("_")
        and (name, argument) not in ALLOWED
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", ["NetworkLoss", "Landscape"])
def test_a_landscape_comes_first(kind):
    """Drawing functions take the Axes before it, as those of matplotlib's users do; a list of results, its items."""
    wrong = []
    for where, name, kinds in functions():
        names = [
            each for each in kinds if each not in ("self", "cls", "ax") and (name, each) != ("__init__", "results")
        ]
        places = [each for each in names if re.search(rf"\b{kind}\b(?!\])", kinds[each])]
        if name[0].islower() or name[0] == "_":
            wrong += [f"{where} {name}({', '.join(names)})"] if places and names[0] != places[0] else []
    assert not wrong, "\n".join(wrong)
