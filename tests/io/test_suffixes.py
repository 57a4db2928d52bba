"""Suffixes of files that are written."""

from pathlib import Path

import pytest

from stability.errors import FileError
from stability.io.files import require_suffix


@pytest.mark.parametrize(("name", "fitting"), [("a/b.wrong", "a/b.html"), ("abs1", "abs1.html"), (".", "result.html")])
def test_a_wrong_suffix_is_answered_by_the_same_name_with_a_right_one(name, fitting):
    with pytest.raises(FileError) as refused:
        require_suffix(Path(name), ".html", ".htm")
    assert refused.value.remedy == f"Write -o {fitting}."
