"""Counts at their limits are allowed, those beyond are refused with the limit."""

import pytest

from stability import StabilityError
from stability.exact import limits


def test_workers():
    limits.require_workers(1)
    limits.require_workers(256)
    for count in (-1, 0, 257):
        with pytest.raises(StabilityError, match=f"at most 256; got {count}"):
            limits.require_workers(count)


def test_steps():
    limits.require_steps(10**12, "steps")
    with pytest.raises(StabilityError, match="at most 1,000,000,000,000 steps; got 1,000,000,000,001"):
        limits.require_steps(10**12 + 1, "steps")
    with pytest.raises(StabilityError, match=r"a number of more than 1[0-9]{3} digits"):
        limits.require_steps(10**1200, "steps")


def test_memory(monkeypatch):
    monkeypatch.setattr(limits, "memory", lambda: 1000)
    limits.require_memory(10, 100, "restarts")
    limits.require_memory(9, 101, "restarts")
    with pytest.raises(StabilityError, match="at most 10 restarts, which is what memory holds; got 11"):
        limits.require_memory(11, 100, "restarts")
    with pytest.raises(StabilityError, match="at most 9 restarts"):
        limits.require_memory(10, 101, "restarts")


def test_memory_is_that_of_this_machine():
    with open("/proc/meminfo") as file:
        kilobytes = int(file.readline().split()[1])
    assert abs(limits.memory() - 1024 * kilobytes) < 0.01 * limits.memory()
