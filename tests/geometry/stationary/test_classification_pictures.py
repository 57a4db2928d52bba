"""Pictures of classifications: the loss along lines through the point, against the exact loss."""

from fractions import Fraction

import numpy as np
import pytest
from matplotlib.figure import Figure

from stability import landscape


@pytest.mark.parametrize(
    ("model", "point"), [("abs1", [[0, 0, 0]]), ("abs1", [[0, 0, "1/2"]]), ("relu2", [[1, 0, "1/4"], [0, 0, 0]])]
)
def test_lines_are_the_loss_along_every_parameter_and_along_the_descent(model, point):
    place = landscape(model, "xor")
    found = place.classify(point)
    drawn = found.plot(Figure().subplots())
    lines = {line.get_label(): line.get_data() for line in drawn.lines if str(line.get_label())[:1] != "_"}
    assert len(lines) == place.parameters + (found.descent is not None)
    assert ("direction of descent" in lines) == (found.descent is not None)
    for number in range(place.parameters):
        lengths, losses = list(lines.values())[number]
        for at in (0, 100, 200, 333):
            flat = [Fraction(x) for row in found.point for x in row]
            flat[number] += Fraction(float(lengths[at]))
            assert losses[at] == pytest.approx(float(place.loss(place.by_unit(flat))), abs=1e-9)
    if found.descent is not None:
        lengths, losses = lines["direction of descent"]
        size = np.linalg.norm([float(x) for x in found.descent])
        assert lengths[0] == 0
        assert np.interp(float(found.steepest.step) * size, lengths, losses) < float(found.loss)
        inside = (lengths > 0) & (lengths < float(found.steepest.reach) * size)
        assert (losses[inside] < float(found.loss) + 1e-9).all()
        assert losses[-1] > float(found.loss)
