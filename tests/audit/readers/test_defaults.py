"""Front matter of documents: what is refused before it is read to its end."""

import time

import pytest

from stability.audit.readers.blocks import DocumentError
from stability.audit.readers.defaults import DEEPEST, read_defaults


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_levels_beyond_any_use_are_refused_soon(opening):
    start = time.process_time()
    with pytest.raises(DocumentError, match="levels") as refused:
        read_defaults(f"title: x\nother:\n {opening * 30_000}", 2)
    assert time.process_time() - start < 2
    assert refused.value.line == 4


def test_levels_of_others_are_left_alone():
    deep = "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1)
    assert read_defaults(f"loss: mean\nother: {deep}", 2) == {"loss": "mean"}
