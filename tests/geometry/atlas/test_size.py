"""Atlases that are too large are refused in a sentence, however large."""

import pytest

from stability import landscape
from stability.errors import TooLargeError
from stability.geometry.atlas.size import most_choices, refuse_too_large


@pytest.mark.parametrize("model", ["relu9999", "abs9999"])
def test_numbers_that_nobody_reads_are_powers_of_ten(model):
    place = landscape(model, "xor")
    with pytest.raises(TooLargeError, match=r"about 10\^[0-9]+ in all") as refused:
        place.atlas()
    assert max(map(len, str(refused.value).split())) < 60
    assert len(str(most_choices(place))) > 30
    assert "fewer units" in str(refused.value)


def test_small_numbers_are_shown_whole():
    with pytest.raises(TooLargeError, match=r"--max-faces [0-9]+, or take at most [0-9,]+ points"):
        refuse_too_large(landscape("relu3", "xor"), 20_000)
