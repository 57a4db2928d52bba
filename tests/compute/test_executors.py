"""Processes end with what they are for."""

import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

import pytest

from stability.compute.executors import ended_on_errors
from stability.compute.resume import workers


@contextmanager
def pool():
    with ProcessPoolExecutor(2) as executor, ended_on_errors(executor):
        yield executor


def interrupted(processes, error):
    with processes as executor:
        for _ in range(4):
            executor.submit(time.sleep, 120)
        time.sleep(0.5)
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, GeneratorExit])
def test_processes_end_in_the_middle_of_their_calls_when_they_are_interrupted(error):
    began = time.perf_counter()
    with pytest.raises(error):
        interrupted(pool(), error)
    assert time.perf_counter() - began < 60


def test_so_do_those_of_an_atlas():
    began = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        interrupted(workers(2), KeyboardInterrupt)
    assert time.perf_counter() - began < 60


def test_what_ends_well_is_waited_for():
    with pool() as executor:
        future = executor.submit(divmod, 7, 3)
    assert future.result() == (2, 1)


def interrupted_while_busy(monkeypatch, seen):
    """Interrupt an executor whose thread is slow; note whether the last call is cancelled when a process is ended."""
    with pool() as executor:
        calls = [executor.submit(time.sleep, 120) for _ in range(20)]
        thread, end = executor._executor_manager_thread, BaseProcess.terminate
        forget = thread.flag_executor_shutting_down
        monkeypatch.setattr(thread, "flag_executor_shutting_down", lambda: (time.sleep(0.2), forget()))
        monkeypatch.setattr(BaseProcess, "terminate", lambda one: (seen.append(calls[-1].cancelled()), end(one)))
        raise KeyboardInterrupt


def test_processes_end_once_the_executor_has_forgotten_the_calls_that_did_not_begin(monkeypatch):
    """Else its thread may meet a dead process and calls that were cancelled, of which it dies in Python 3.11."""
    seen = []
    with pytest.raises(KeyboardInterrupt):
        interrupted_while_busy(monkeypatch, seen)
    assert len(seen) >= 2
    assert all(seen)
