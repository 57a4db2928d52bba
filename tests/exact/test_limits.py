"""Counts at a limit pass, counts beyond it are refused with the count and a remedy."""

from pathlib import Path

import pytest

from stability.errors import NumberError, StabilityError
from stability.exact import limits


@pytest.mark.parametrize("count", [1, 2, limits.MOST_WORKERS])
def test_numbers_of_processes(count):
    assert limits.require_workers(count) is None


@pytest.mark.parametrize("count", [0, -3, limits.MOST_WORKERS + 1, 10**40])
def test_numbers_of_processes_that_are_refused(count):
    with pytest.raises(StabilityError, match="at least one worker and at most 256; got") as problem:
        limits.require_workers(count)
    assert problem.value.remedy == "Write --workers 2."


def test_numbers_of_steps():
    assert limits.require_steps(10**12, "steps") is None
    with pytest.raises(NumberError, match="at most 1,000,000,000,000 flights; got 1,000,000,000,001") as problem:
        limits.require_steps(10**12 + 1, "flights")
    assert problem.value.remedy == "Ask for fewer."


def test_the_memory_of_this_machine():
    (line,) = [line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")]
    total = int(line.split()[1]) * 1024
    assert abs(limits.memory() - total) < total / 100


def test_what_memory_holds(monkeypatch):
    monkeypatch.setattr(limits, "memory", lambda: 8_000)
    assert limits.require_memory(1_000, 8, "restarts") is None
    assert limits.require_memory(1_142, 7, "restarts") is None
    with pytest.raises(
        NumberError, match=r"at most 1,000 restarts, which is what memory holds; got 1,001\."
    ) as problem:
        limits.require_memory(1_001, 8, "restarts")
    assert problem.value.remedy == "Ask for fewer at once."
    with pytest.raises(NumberError, match="at most 1,142 points") as problem:
        limits.require_memory(1_143, 7, "points", "Take a coarser grid.")
    assert problem.value.remedy == "Take a coarser grid."


def test_long_counts_are_said_by_their_digits():
    with pytest.raises(NumberError, match="got " + "999," * 9 + r"999\."):
        limits.require_steps(10**30 - 1, "steps")
    with pytest.raises(NumberError, match="got a number of more than 30 digits"):
        limits.require_steps(10**30, "steps")
    with pytest.raises(NumberError, match="got a number of more than 300 digits"):
        limits.require_steps(2**1000, "steps")
