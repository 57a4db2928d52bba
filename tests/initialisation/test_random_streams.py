"""Streams are Philox with the key (seed, block), and numpy's jumps of it."""

import numpy as np
import pytest

from stability.initialisation.random_streams import Streams


@pytest.mark.parametrize(("seed", "block"), [(0, 0), (5, 3), (2**64 - 1, 7)])
def test_each_stream_is_the_same_generator_jumped_so_often(seed, block):
    found = Streams(seed, block, 9)
    for jumps, stream in enumerate((found.weights, found.head, found.choices)):
        source = np.random.Philox(key=np.array([seed, block], np.uint64))
        expected = np.random.Generator(source.jumped(jumps) if jumps else source).random(4)
        assert stream.random(4).tolist() == expected.tolist()
    assert (found.block, found.size) == (block, 9)


def test_seeds_and_blocks_have_streams_of_their_own():
    drawn = [Streams(*key, 1).weights.random() for key in [(0, 0), (0, 1), (1, 0), (1, 1)]]
    assert len(set(drawn)) == 4


def test_attempts_of_one_stream_follow_each_other():
    """What is drawn at once is what is drawn one array after the other."""
    whole, halves = Streams(1, 2, 3).weights, Streams(1, 2, 3).weights
    assert (
        whole.standard_normal((6, 2)).tolist()
        == np.concatenate([halves.standard_normal((3, 2)) for _ in range(2)]).tolist()
    )
