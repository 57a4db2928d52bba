"""Comparisons of nested values: of tensors bit for bit, of plain data up to rounding."""

import pytest
import torch


def assert_same(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        if isinstance(a, torch.Tensor):
            assert a is b or torch.equal(a, b)
        elif isinstance(a, list | tuple):
            assert_same(a, b)
        else:
            assert a == b


def assert_close(one, other, **tolerance):
    """Compare plain data; floats by what `pytest.approx` takes, everything else as it is, with its kind."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        one, other = [*one.values()], [*other.values()]
    if isinstance(one, list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_close(a, b, **tolerance)
    else:
        assert type(one) is type(other)
        assert one == (pytest.approx(other, **tolerance) if isinstance(other, float) else other)
