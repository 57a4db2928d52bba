"""The random numbers of a block of restarts."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


class Streams:
    """The independent random streams of one block of restarts.

    Every attempt takes one array for all restarts of the block from each stream it needs, so that the arrays of several
    attempts are one longer array.

    Attributes
    ----------
    weights : Generator
        Philox with the key (seed, block): the first layer.
    head : Generator
        The same, jumped by 2^128 numbers: the layer after the units.
    choices : Generator
        The same, jumped twice: whatever else a law draws.
    size : int
        Restarts in the block.
    """

    def __init__(self, seed: int, block: int, size: int) -> None:
        source = np.random.Philox(key=np.array([seed, block], np.uint64))
        self.weights = np.random.Generator(source)
        self.head = np.random.Generator(source.jumped(1))
        self.choices = np.random.Generator(source.jumped(2))
        self.block = block
        self.size = size


Draw = Callable[[Streams, int], NDArray[np.float64]]
"""From streams and a number of rows to that many flat parameter rows."""
Sampler = Callable[[Streams, Integers], NDArray[np.float64]]
"""From the streams of a block and the restarts wanted of it to their flat parameter rows."""
