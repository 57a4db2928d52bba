"""Bars of long work in notebooks, in a kernel that is faked."""

import sys
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from stability import Grid, landscape, run_audit, run_sweep, train, train_deep, update_rule
from stability.compute import notebook
from stability.compute.notebook import NotebookBar, bar_in_html, reporting
from stability.compute.progress import silent

GD = update_rule("gd", step="1/10")


class Kernel:
    """Stands for IPython in a kernel: keeps every state of every output."""

    def __init__(self, monkeypatch, shell):
        self.outputs = []
        ipython, display = ModuleType("IPython"), ModuleType("IPython.display")
        ipython.get_ipython, ipython.display = (lambda: shell), display
        display.HTML, display.display = str, self.display
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        monkeypatch.setitem(sys.modules, "IPython.display", display)

    def display(self, html, display_id):
        assert display_id
        states = [html]
        self.outputs.append(states)
        return SimpleNamespace(update=states.append)


@pytest.fixture
def kernel(monkeypatch):
    monkeypatch.setattr(notebook, "PATIENCE", 0)
    monkeypatch.setattr(notebook, "PAUSE", 0)
    return Kernel(monkeypatch, SimpleNamespace(kernel=object()))


WORK = {
    "train": lambda **o: train(landscape("abs1", "xor"), "normal:0.5", GD, epochs=2, restarts=2, mode="eager", **o),
    "train_deep": lambda **o: train_deep("xor", 1, 2, "relu", seeds=1, epochs=2, **o),
    "basins": lambda **o: landscape("abs1", "xor").basins("normal:0.5:0.5", 3, **o),
    "atlas": lambda **o: landscape("abs1", "xor").atlas(max_faces=1000, **o),
    "audit": lambda **o: run_audit(["prototype-surface-control"], only=["unique-stable-equilibrium"], runs=False, **o),
}


@pytest.fixture
def work(request, tmp_path, monkeypatch):
    if request.param == "sweep":
        (tmp_path / "halves.py").write_text("def half(x):\n    return {'half': x / 2}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        grid, pool = Grid("halves", "halves:half", {"x": [1, 2]}), ThreadPoolExecutor(1)
        return request.param, lambda **o: run_sweep(grid, tmp_path / "halves.sqlite", executor=pool, **o)
    return request.param, WORK[request.param]


EACH = pytest.mark.parametrize("work", [*WORK, "sweep"], indirect=True)


@EACH
def test_long_work_shows_one_bar_in_a_kernel_and_takes_it_away(work, kernel):
    name, run = work
    landscape("abs1", "xor").atlas(progress=silent)
    assert kernel.outputs == []
    run()
    (states,) = kernel.outputs
    assert states[0].startswith("<progress")
    assert f"> {name}: " in states[0]
    assert states[-1] == ""


@EACH
def test_a_callback_takes_the_place_of_the_bar(work, kernel):
    seen = []
    work[1](progress=lambda *state: seen.append(state))
    assert kernel.outputs == []
    assert seen
    assert all(isinstance(stage, str) and 0 <= done <= total for stage, done, total in seen)


def test_a_part_of_longer_work_has_no_bar(kernel):
    with reporting(None, "outer") as report:
        report("parts", 1, 2)
        WORK["train"]()
    (states,) = kernel.outputs
    assert [">" in state for state in states] == [True, False]
    assert "outer: 1 of 2 parts" in states[0]
    WORK["train"]()
    assert len(kernel.outputs) == 2


def test_the_bar_goes_away_when_work_breaks(kernel):
    def broken():
        with reporting(None, "broken") as report:
            report("parts", 1, 2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert kernel.outputs[0][-1] == ""
    WORK["train"]()
    assert len(kernel.outputs) == 2


@pytest.mark.parametrize("shell", [None, SimpleNamespace(), SimpleNamespace(kernel=None)])
def test_outside_a_kernel_there_is_none(shell, monkeypatch):
    monkeypatch.setattr(notebook, "PATIENCE", 0)
    terminal = Kernel(monkeypatch, shell)
    WORK["train"]()
    assert terminal.outputs == []


def test_without_ipython_there_is_none(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    with reporting(None, "work") as report:
        assert report is silent
    assert "IPython" not in sys.modules


def test_workers_of_a_kernel_show_none(kernel, monkeypatch):
    monkeypatch.setattr(notebook, "parent_process", object)
    WORK["train"]()
    assert kernel.outputs == []


def test_short_work_shows_nothing_and_long_work_not_all_of_its_states():
    times, states = iter(np.arange(0, 100, 0.125)), []
    shown = lambda html, display_id: states.append(html) or SimpleNamespace(update=states.append)  # noqa: E731
    bar = NotebookBar("work", shown, str, clock=lambda: next(times))
    for done in range(3):
        bar("parts", done, 20)
    assert states == []
    for done in range(3, 10):
        bar("parts", done, 20)
    assert [state[17:18] for state in states] == ["3", "5", "7", "9"]
    bar.close()
    assert states[-1] == ""
    bar = NotebookBar("work", shown, str)
    bar.close()
    assert len(states) == 5


def test_a_bar_says_how_long_the_rest_takes_and_escapes_names():
    assert bar_in_html("<b>", "faces", 1, 4, 10.0) == (
        '<progress value="1" max="4"></progress> &lt;b&gt;: 1 of 4 faces, 30 s left'
    )
    assert bar_in_html("sweep", "2 s left", 1, 4, 10.0).endswith("sweep: 1 of 4 2 s left")
    assert bar_in_html("sweep", "", 4, 4, 10.0).endswith("sweep: 4 of 4")
