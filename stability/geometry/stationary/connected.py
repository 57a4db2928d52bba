"""Which things belong together, from pairs that do."""

import numpy as np

from stability.arrays import Ints

FEW = 20_000
"""Up to so many pairs the sets are joined one pair after the other, and scipy is not loaded."""


def connected(size: int, a: Ints, b: Ints) -> Ints:
    """Return the number of the connected set of each of `size` things, of which those of a and b are joined.

    Examples
    --------
    >>> connected(4, np.array([0, 3]), np.array([2, 3])).tolist()
    [0, 1, 0, 2]
    """
    if len(a) > FEW:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        graph = coo_array((np.ones(len(a), dtype=bool), (a, b)), shape=(size, size))
        found: Ints = connected_components(graph, directed=False)[1]
        return found
    root = list(range(size))

    def find(k: int) -> int:
        while root[k] != k:
            root[k] = root[root[k]]
            k = root[k]
        return k

    for x, y in zip(a.tolist(), b.tolist(), strict=True):
        root[find(x)] = find(y)
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(find(k), len(numbers)) for k in range(size)])
