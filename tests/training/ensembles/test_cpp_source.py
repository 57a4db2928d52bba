"""The C++ of a loop says what the epoch in Python says, operation by operation."""

import ctypes
import subprocess

import numpy as np
import pytest
import torch

from stability.compute.cpp import compiler
from stability.errors import StabilityError
from stability.model.update_rules import RULES
from stability.training.ensembles import cpp_source as module
from stability.training.ensembles.cpp_loops import FLAGS
from stability.training.ensembles.cpp_source import OPERATIONS, SOURCE, cpp_source
from stability.training.ensembles.problem import task

needs_compiler = pytest.mark.skipif(compiler() is None, reason="there is no C++ compiler")
SPECIAL = [0.0, -0.0, 1e-45, -1e-45, 1.5, -1.5, 2.0, 3e38, -3e38, np.inf, -np.inf, np.nan, 0.1, -0.1, 7.0, 1e-20]

THEIRS = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "truediv": lambda x, y: x / y,
    "neg": lambda x, y: -x,
    "sqrt": lambda x, y: torch.from_numpy(np.sqrt(x.numpy())),
    "relu": lambda x, y: torch.relu(x),
    "abs": lambda x, y: x.abs(),
    "sign": lambda x, y: x.sign(),
    "zeros_like": lambda x, y: torch.zeros_like(x),
    "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y,
    "lt": lambda x, y: x < y,
    "eq": lambda x, y: x == y,
    "ne": lambda x, y: x != y,
    "isfinite": lambda x, y: x.isfinite(),
}
"""What torch computes; sums of whole numbers, choices and masks are seen in loops as a whole."""


@needs_compiler
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_operations_are_those_of_torch_on_all_pairs_of_special_numbers(tmp_path, dtype):
    x, y = (torch.tensor(each.reshape(-1).copy(), dtype=dtype) for each in np.meshgrid(SPECIAL, SPECIAL))
    found = torch.zeros(len(THEIRS) + 1, len(x), dtype=dtype)
    reals = [x, y, *found]
    lines = [
        f"*(StoredReals *)(all_reals[{k + 2}] + k) = "
        + (f"({text}) ? reals(1) : Reals{{}};" if OPERATIONS[name].result == "mask" else f"{text};")
        for k, name in enumerate(THEIRS)
        for text in [OPERATIONS[name].text.format("x", "y", type="Reals")]
    ]
    lines.append(f"*(StoredReals *)(all_reals[{len(reals) - 1}] + k) = reals(-0.0);")
    double = dtype == torch.float64
    source = SOURCE.format(
        real="double" if double else "float",
        whole="long long" if double else "int",
        root="sqrt" if double else "sqrtf",
        constants="",
        loads="Reals x = *(StoredReals *)(all_reals[0] + k), y = *(StoredReals *)(all_reals[1] + k);",
        epoch="",
        stores="\n".join(lines),
    )
    file = tmp_path / "loop.so"
    subprocess.run([*compiler(), "-march=native", *FLAGS, "-o", str(file)], input=source.encode(), check=True)
    places = (ctypes.c_void_p * len(reals))(*(each.data_ptr() for each in reals))
    run = ctypes.CDLL(str(file)).run
    run.argtypes = [*[ctypes.c_longlong] * 3, *[ctypes.c_void_p] * 3, *[ctypes.c_double] * 2, *[ctypes.c_void_p] * 2]
    run(0, len(x), 0, None, None, None, 0.0, 0.0, places, None)
    assert found[-1].signbit().all()
    for name, mine in zip(THEIRS, found[:-1], strict=True):
        theirs = THEIRS[name](x, y).to(dtype)
        numbers = ~theirs.isnan()
        assert torch.equal(mine.isnan(), ~numbers), name
        assert torch.equal(mine[numbers], theirs[numbers]), name
        assert torch.equal(mine[numbers].signbit(), theirs[numbers].signbit()), name


def test_the_other_operations_are_named():
    assert {*OPERATIONS} - {*THEIRS} == {"and_", "where", "to", "getitem"}


@pytest.mark.parametrize("rule", RULES)
def test_parameters_of_a_rule_and_stops_are_arguments(rule):
    source = cpp_source(task("relu2", "xor"), rule, True, True, torch.float32)
    for k, name in enumerate(RULES[rule].ranges):
        assert f"const double c_{name} = given[{k}];" in source
    body = source.split("for (long long t")[1]
    assert "wholes(patience)" in body
    assert "reals(limit)" in body
    never = cpp_source(task("relu2", "xor"), rule, False, False, torch.float32).split("for (long long t")[1]
    assert "patience" not in never
    assert "limit" not in never


def test_an_operation_without_cpp_is_reported(monkeypatch):
    monkeypatch.delitem(module.OPERATIONS, "relu")
    with pytest.raises(StabilityError, match="got relu"):
        cpp_source(task("relu2", "xor"), "gd", False, False, torch.float32)
