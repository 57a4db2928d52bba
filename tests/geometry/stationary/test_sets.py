"""What a stationary set says of itself, against the landscape at its witness."""

import numpy as np
import pytest

from stability import Dataset, landscape

PLACES = [
    landscape("abs1", "xor"),
    landscape("relu2", Dataset("pair", [[1, 0], [0, 1], ["1/2", "1/2"]], [0, 0, 1]), "mean"),
    landscape("leaky1/2:1", Dataset("line", [[0], [1], [3], [-1]], [0, 1, "1/2", 0])),
]


def hessian_by_differences(place, point):
    """Return the Hessian from exact losses: next to a point without kinks the loss is quadratic."""
    width, flat = place.width, [x for row in point for x in row]
    step = min([abs(z) for row in heights(place, point) for z in row if z] or [1]) / 1000

    def loss(*moves):
        moved = [x + sum(step for k in moves if k == c) for c, x in enumerate(flat)]
        return place.loss([moved[k : k + width] for k in range(0, len(flat), width)])

    n = range(len(flat))
    return np.array([[float((loss(a, b) - loss(a) - loss(b) + loss()) / step**2) for b in n] for a in n])


def heights(place, point):
    return [[sum(a * b for a, b in zip(row, x, strict=True)) for x in place.rows] for row in point]


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_losses_outputs_and_spectra_are_those_at_the_witness(place):
    curved = 0
    for each in place.atlas().sets:
        z = heights(place, each.witness)
        unit = place.network.unit
        outputs = [sum(unit.slope((x > 0) - (x < 0)) * x for x in column) for column in zip(*z, strict=True)]
        assert each.outputs == outputs
        squares = sum((f - y) ** 2 for f, y in zip(outputs, place.data.labels, strict=True))
        assert each.loss == squares * place.scale
        if all(x for row in z for x in row):
            curved += 1
            found = sorted(value.value for value in each.spectrum for _ in range(value.multiplicity))
            assert found == pytest.approx(np.linalg.eigvalsh(hessian_by_differences(place, each.witness)), abs=1e-9)
    assert curved


def test_there_is_no_spectrum_at_a_kink_that_bends_the_loss():
    place = landscape("relu1", Dataset("one", [[0], [1]], [1, 1]))
    at = [each for each in place.atlas().sets if any(x == 0 for row in heights(place, each.witness) for x in row)]
    assert at
    assert all(each.spectrum is None for each in at if not place.is_twice_differentiable(each.witness))
    assert any(each.spectrum is None for each in at)
