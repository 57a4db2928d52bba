"""Devices whose outcomes are compared with those of the CPU: itself, so that the comparison is tried, and a GPU."""

import pytest

from stability.model.wilson import wilson

EACH_DEVICE = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
"""Runs a test for both; that of the GPU is skipped where torch sees none."""


def assert_like(hits: int, expected: int, runs: int) -> None:
    """Assert that a share is in the 99.9% interval of another of as many runs, and the other in its own."""
    for one, other in ((hits, expected), (expected, hits)):
        low, high = wilson(other, runs, 0.999)
        assert low <= one / runs <= high, f"{hits} and {expected} of {runs}"
