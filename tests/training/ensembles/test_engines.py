"""Compiled where that pays and can be done, else step by step, with the same bits and without an error."""

import sys

import numpy as np
import pytest

from stability.compute import cpp
from stability.errors import StabilityError
from stability.model.update_rules import update_rule
from stability.training.ensembles import cpp_loops, cpp_source, engines
from stability.training.ensembles.engines import has_compiler, pays
from stability.training.ensembles.ensemble import train
from stability.training.ensembles.problem import task

ADAM = update_rule("adam", step="1/100", beta2="99/100")
WORK = {"epochs": 400, "restarts": 200, "device": "cpu"}
needs_compiler = pytest.mark.skipif(not has_compiler("cpu"), reason="there is no C++ compiler")


@pytest.fixture(autouse=True)
def nothing_compiled():
    cpp_loops._loop.cache_clear()
    yield
    cpp_loops._loop.cache_clear()


def run(mode="auto", model="relu2", data="xor", **how):
    return train(task(model, data), "normal:0.5", ADAM, mode=mode, **{**WORK, **how})


def assert_eager():
    """What auto computes is what eager computes, and says that it is."""
    found, eager = run(), run("eager")
    assert found.mode == "eager"
    for name in ("points", "losses", "outputs", "stopped", "reasons"):
        assert np.array_equal(getattr(found, name), getattr(eager, name)), name


@pytest.fixture
def compiler_of(tmp_path, monkeypatch):
    """Let the only compiler be a Python script; return the function that writes it."""

    def write(program):
        script = tmp_path / "compiler.py"
        script.write_text(program)
        monkeypatch.setenv("CXX", f"{sys.executable} {script}")

    return write


def test_compiling_pays_for_much_work_only():
    assert not pays("cpu", 100, 400)
    assert not pays("cpu", 20_000, 50)
    assert pays("cpu", 20_000, 500)
    assert pays("cpu", 10, 10**5)  # every epoch costs something, however few the runs
    assert not pays("cuda", 20_000, 500)
    assert pays("cuda", 10**6, 500)


@needs_compiler
@pytest.mark.parametrize("stops", [{}, {"stop_loss": 1e-3, "patience": 7}], ids=str)
def test_little_work_is_eager_and_much_is_compiled_with_the_same_bits(stops):
    little, much = run(restarts=30, **stops), run(restarts=3000, **stops)
    assert (little.mode, much.mode) == ("eager", "compiled")
    assert np.array_equal(little.points, much.points[:30])
    assert np.array_equal(little.stopped, much.stopped[:30])


@needs_compiler
def test_few_epochs_are_compiled_on_demand():
    for epochs in (0, 1, 3):
        compiled, eager = (run(mode, epochs=epochs) for mode in ("compiled", "eager"))
        assert (compiled.mode, eager.mode) == ("compiled", "eager")
        assert np.array_equal(compiled.points, eager.points)


def test_a_large_task_is_not_compiled():
    given = task("relu8", "moons:60:1")
    assert not given.is_small
    assert run(model="relu8", data="moons:60:1", restarts=4, epochs=5).mode == "eager"
    with pytest.raises(StabilityError, match="too large"):
        run("compiled", model="relu8", data="moons:60:1", restarts=4, epochs=5)


def test_without_a_compiler_it_goes_step_by_step(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setitem(engines.WORTH, "cpu", 1)
    assert not has_compiler("cpu")
    assert_eager()
    with pytest.raises(StabilityError, match="no compiler"):
        run("compiled")


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("import sys; sys.exit('no room left')", "no room left"),
        ("pass", "cannot open shared object|No such file|no such file"),
        ("import sys; open(sys.argv[sys.argv.index('-o') + 1], 'w').write('x' * 99)", "."),
        ("import time; time.sleep(60)", "timed out"),
    ],
    ids=["fails", "makes nothing", "makes rubbish", "hangs"],
)
def test_with_a_broken_compiler_it_goes_step_by_step(monkeypatch, compiler_of, program, says):
    compiler_of(program)
    monkeypatch.setitem(engines.WORTH, "cpu", 1)
    monkeypatch.setattr(cpp_loops, "SLOW", 1 if "sleep" in program else 60)
    assert_eager()
    with pytest.raises(StabilityError, match=says) as caught:
        run("compiled")
    assert "to compile a loop" in str(caught.value)
    assert "mode auto" in str(caught.value)


@needs_compiler
def test_a_compiler_that_does_not_know_this_processor_compiles_for_all(monkeypatch, compiler_of):
    command = cpp.compiler()
    compiler_of(
        "import subprocess, sys\n"
        "if '-march=native' in sys.argv: sys.exit('unknown processor')\n"
        f"sys.exit(subprocess.call({command} + sys.argv[1:]))\n"
    )
    assert run("compiled").mode == "compiled"
    assert np.array_equal(run("compiled").points, run("eager").points)


def test_the_compiler_of_the_environment_comes_first(monkeypatch):
    monkeypatch.setenv("CXX", f"{sys.executable} -m something")
    assert cpp.compiler() == [sys.executable, "-m", "something"]
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert cpp.compiler() != ["no-such-compiler"]


@needs_compiler
def test_an_epoch_that_has_no_cpp_goes_step_by_step(monkeypatch):
    monkeypatch.delitem(cpp_source.OPERATIONS, "sqrt")
    monkeypatch.setitem(engines.WORTH, "cpu", 1)
    assert_eager()
    with pytest.raises(StabilityError, match="got sqrt"):
        run("compiled")
