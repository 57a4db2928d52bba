"""Do pictures of many examples refuse before they compute?"""

import random
import time

import pytest

from stability.errors import TooLargeError
from stability.model import Dataset, landscape
from stability.view.phase_portrait import portrait_figure


@pytest.mark.parametrize("model", ["relu1", "relu2", "abs1"])
def test_portraits_of_many_examples_are_refused_at_once(model: str) -> None:
    draw = random.Random(0)
    points = [(draw.randint(-9999, 9999), draw.randint(-9999, 9999)) for _ in range(500)]
    place = landscape(model, Dataset("many", points, [draw.randint(0, 1) for _ in points]))
    before = time.process_time()
    with pytest.raises(TooLargeError, match="take at most") as refusal:
        portrait_figure(place, "w1,b" if place.units == 1 else "w1@1,b@1")
    assert "--max-faces" in str(refusal.value)
    assert time.process_time() - before < 10
