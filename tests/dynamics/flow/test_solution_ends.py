"""Where several solutions end, from starts whose solutions are known."""

import numpy as np

from stability import Dataset, landscape
from stability.dynamics.flow.solution_ends import several_ends


def test_a_peak_leads_to_both_sides_or_stays():
    """(|b| - 1)^2 from b = 0: the solutions b = 1 and b = -1, and the peak itself; from b = 1/2 only b = 1."""
    place = landscape("abs1", Dataset("peak", [[0]], [1]))
    peak, alone = several_ends(place, np.array([[[0.0, 0.0]], [[0.0, 0.0]], [[0.0, 0.5]]]))
    assert (peak.count, peak.undecided, alone.count) == (2, False, 1)
    assert {each.loss for each in peak.sets} == {0, 1}
    assert {each.loss for each in alone.sets} == {0}
    assert peak.to_json()["count"] == 2
    assert [each["loss"] for each in alone.to_json()["sets"]] == ["0"]
