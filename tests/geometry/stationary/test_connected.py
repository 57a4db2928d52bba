"""Connected sets of pairs, a few or many, against a search by neighbours."""

import numpy as np
import pytest

from stability.geometry.stationary.connected import FEW, connected


def searched(size, pairs):
    """Return the set of each thing, by breadth-first search."""
    near = {k: {k} for k in range(size)}
    for x, y in pairs:
        near[x].add(y)
        near[y].add(x)
    found = {}
    for start in range(size):
        stack = [start] if start not in found else []
        while stack:
            k = stack.pop()
            if k not in found:
                found[k] = start
                stack += near[k]
    return [found[k] for k in range(size)]


@pytest.mark.parametrize(("size", "count"), [(1, 0), (5, 0), (30, 20), (30_000, FEW + 1)])
def test_sets_are_those_of_a_search(size, count):
    rng = np.random.default_rng(size)
    a, b = rng.integers(0, size, (2, count))
    label, wanted = connected(size, a, b).tolist(), searched(size, zip(a.tolist(), b.tolist(), strict=True))
    assert len(set(zip(label, wanted, strict=True))) == len(set(label)) == len(set(wanted))
