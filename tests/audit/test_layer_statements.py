"""The formulas about layers say what numpy and the trainer's penalties say."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from stability.audit.layer_statements import (
    affine_unit,
    dead_example,
    dead_unit,
    images,
    largest,
    layer,
    lower_slack,
    penalty,
    relu,
    reluing,
    separations,
    slacks,
    smallest,
    upper_slack,
    without_slack,
)
from stability.errors import UnknownNameError
from stability.logic.records import prove
from stability.logic.statements import Exists, ForAll
from stability.model.relu_network import KINDS
from stability.training.constraints import penalties


def is_equal(formula, value):
    """Return whether a formula without variables has a value."""
    return prove(ForAll("", [], [f"{formula} == {Fraction(value)}"], reluing())).conclusion == "proved"


def holds(*relations):
    """Return whether relations without variables hold."""
    return prove(Exists("", relations, reluing(), samples=0)).conclusion == "proved"


def tables(count, shape, seed=0):
    """Return tables of eighths from -2 to 2."""
    return np.random.default_rng(seed).integers(-16, 17, (count, *shape)) / 8


def texts(z):
    """Return a table of numbers as formulas."""
    return [[str(Fraction(x)) for x in row] for row in z]


@pytest.mark.parametrize("z", tables(6, (1, 4)))
def test_extremes(z):
    row = texts(z)[0]
    assert is_equal(largest(*row), z.max())
    assert is_equal(smallest(*row), z.min())
    assert is_equal(relu(row[0]), max(z[0, 0], 0))
    assert is_equal(upper_slack(*row), max(0, 1 - z.max()))
    assert is_equal(lower_slack(*row), max(0, 1 + z.min()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("z", tables(3, (3, 2), seed=1))
def test_penalties_are_those_of_the_trainer(kind, z):
    found = penalties.penalty(torch.as_tensor(z), kind, rho=0.25, power=1)
    assert is_equal(penalty(kind, texts(z), "1/4"), float(found))
    upper, lower = penalties.slacks(torch.as_tensor(z), kind)
    assert len(slacks(kind, texts(z))) == 2 * len(upper)
    assert is_equal(" + ".join(slacks(kind, texts(z))), float((upper + lower).sum()))
    assert holds(*without_slack(kind, texts(z))) == bool((upper + lower).sum() == 0)
    large = 40 * (z + np.arange(6).reshape(3, 2) % 2 - 0.4)
    assert holds(*without_slack(kind, texts(large))) == bool(
        sum(penalties.slacks(torch.as_tensor(large), kind)).sum() == 0
    )


def test_unknown_kinds_are_refused():
    with pytest.raises(UnknownNameError, match="sep-x"):
        slacks("sep-x", [["0"]])


@pytest.mark.parametrize("z", tables(12, (3, 2), seed=2))
def test_words_about_units_and_points(z):
    table = texts(z)
    for j in range(2):
        seen = (z[:, j] > 0).sum()
        assert holds(*dead_unit(table, j)) == (seen == 0)
        assert holds(*affine_unit(table, j)) == (seen == 3)
        assert any(holds(*way) for way in separations(table, j)) == (0 < seen < 3)
    for i in range(3):
        assert holds(*dead_example(table, i)) == (not (z[i] > 0).any())


def test_layers_of_numbers():
    rng = np.random.default_rng(3)
    weights, biases, points = (rng.integers(-8, 9, shape) / 4 for shape in ((2, 3), 2, (4, 3)))
    units = [(row, bias[0]) for row, bias in zip(texts(weights), texts(biases[:, None]), strict=True)]
    found, expected = layer(units, texts(points)), points @ weights.T + biases
    for formulas, values in ((found, expected), (images(found), np.maximum(expected, 0))):
        assert all(
            is_equal(f, x)
            for row, numbers in zip(formulas, values, strict=True)
            for f, x in zip(row, numbers, strict=True)
        )
