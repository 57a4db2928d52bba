"""Does a warning point to the line of the person it is for?"""

import sys
import warnings
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import nn

from stability.io.warn import warn_user


def test_a_warning_from_within_a_library_points_to_the_line_outside():
    model = nn.Sequential(nn.Linear(2, 2))
    model.register_forward_hook(lambda *given: exec(compile("warn_user('odd')", torch.__file__, "exec"), INSIDE))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_user("here")
        model[0].register_forward_hook(lambda *given: warn_user("in my own hook"))
        model(torch.ones(1, 2))
    assert [str(each.message) for each in caught] == ["here", "in my own hook", "odd"]
    assert {each.filename for each in caught} == {__file__}
    lines = Path(__file__).read_text().splitlines()
    assert 'warn_user("here")' in lines[caught[0].lineno - 1]
    assert "lambda" in lines[caught[1].lineno - 1]


@pytest.mark.parametrize("name", ["lightning", "pytorch_lightning", "transformers", "accelerate"])
def test_lines_of_trainers_are_nobodys_own(name, tmp_path, monkeypatch):
    """But those of somebody's own script of this name are."""
    for path in (f"{name}/loops/fit.py", f"{name}/__init__.py", f"own/{name}.py"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("def fit(step):\n    step()\n")
    files = {}
    for path, package in ((f"{name}/__init__.py", f"{name}/loops/fit.py"), (f"own/{name}.py", f"own/{name}.py")):
        module, given = ModuleType(name), {}
        module.__file__ = str(tmp_path / path)
        monkeypatch.setitem(sys.modules, name, module)
        exec(compile((tmp_path / package).read_text(), tmp_path / package, "exec"), given)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            given["fit"](partial(warn_user, "odd"))
        files[package] = caught[0].filename
    assert files == {f"{name}/loops/fit.py": __file__, f"own/{name}.py": str(tmp_path / f"own/{name}.py")}


def test_the_end_of_a_with_statement_is_nobodys_own_line():
    """Leaving a with statement runs lines of contextlib, in between those of the package and of the user."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with ExitStack() as stack:
            stack.callback(warn_user, "at the end")
    assert [(str(each.message), each.filename) for each in caught] == [("at the end", __file__)]


INSIDE = {"warn_user": warn_user}
