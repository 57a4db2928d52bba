"""Settings for all tests: one thread per worker, since the workers fill the cores; the same examples every time.

Tests that are marked gpu are skipped where torch sees no CUDA device.
Set HYPOTHESIS_PROFILE=explore to let the property tests look for new examples.
"""

import gc
import os
from functools import cache
from typing import Any

import pytest
from hypothesis import Phase, settings
from typer import testing

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.pop("COLUMNS", None)  # outputs are compared at the width of a pipe
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.register_profile(
    "first_failure",  # for mutations: a failure is enough, it need not be small
    derandomize=True,
    deadline=None,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_configure() -> None:
    """Collect no garbage while tests are collected, of which nothing goes away; make all commands only once."""
    gc.disable()
    testing._get_command = cache(testing._get_command)  # making them takes longer than running most of them


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let a worker of pytest-xdist report how calls went and what went wrong: a message takes as long as a test."""
    found = [each for each in session.config.pluginmanager.get_plugins() if type(each).__name__ == "WorkerInteractor"]
    if not found or session.config.option.xmlpath or session.config.option.durations:
        return
    (worker,), send = found, found[0].sendevent

    def sent(name: str, **message: Any) -> None:
        report = message.get("data", {}) if name == "testreport" else {}
        if name != "logstart" and (report.get("when", "call") == "call" or report["outcome"] != "passed"):
            send(name, **message)

    worker.sendevent = sent


def pytest_collection_finish() -> None:
    """Leave what was collected alone from now on: to search it again and again takes minutes."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_runtest_setup(item: Any) -> None:
    """Skip what needs a GPU where there is none."""
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("it needs a GPU, and torch sees no CUDA device")
