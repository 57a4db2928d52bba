"""Random starts: their law, and that restart i is the same in every ensemble."""

import numpy as np
import pytest
from scipy.stats import kstest

from stability import landscape
from stability.errors import StabilityError
from stability.initialisation.laws import BLOCK, LAWS, starts

RELU2 = landscape("relu2", "xor")

CASES = {
    "normal": ("normal:0.5:2", lambda part, bias: kstest(part, "norm", (0, 2 if bias else 0.5)).pvalue),
    "uniform": ("uniform:-1/2:3", lambda part, bias: kstest(part, "uniform", (-0.5, 3.5)).pvalue),
}


def test_every_law_has_a_case():
    assert set(CASES) == set(LAWS)


@pytest.mark.parametrize("name", list(LAWS))
def test_distribution(name):
    spelling, pvalue = CASES[name]
    drawn = starts(RELU2, spelling, 5000, seed=1)
    assert drawn.shape == (5000, 2, 3)
    assert drawn.dtype == np.float64
    assert pvalue(drawn[..., :-1].ravel(), bias=False) > 1e-3
    assert pvalue(drawn[..., -1].ravel(), bias=True) > 1e-3
    assert len(np.unique(drawn)) == drawn.size


def test_biases_are_zero_unless_asked_for():
    drawn = starts(RELU2, "normal:0.5", 10, seed=1)
    assert not drawn[..., -1].any()
    assert drawn[..., :-1].all()


@pytest.mark.parametrize("spelling", ["normal:1:1", "uniform:0:1"])
def test_a_restart_does_not_depend_on_how_many_there_are(spelling):
    many = starts(RELU2, spelling, 2 * BLOCK + 7, seed=5)
    for count in (1, 2, BLOCK, BLOCK + 1):
        assert np.array_equal(starts(RELU2, spelling, count, seed=5), many[:count])
    assert not np.array_equal(starts(RELU2, spelling, 3, seed=6), many[:3])


@pytest.mark.parametrize(
    "spelling",
    [
        "",
        "gauss:1",
        "normal",
        "normal:1:2:3",
        "normal:-1",
        "normal:1:-1",
        "normal:nan",
        "normal:x",
        "normal:1e399",
        "uniform:-1",
        "uniform:1:2:3",
        "uniform:1:1",
        "uniform:2:1",
        "uniform:0:inf",
    ],
)
def test_unknown_laws(spelling):
    with pytest.raises(StabilityError) as caught:
        starts(RELU2, spelling, 3, seed=0)
    assert caught.value.remedy


@pytest.mark.parametrize(("restarts", "seed"), [(0, 0), (-1, 0), (1, -1), (1, 2**64)])
def test_no_restarts_or_no_seed(restarts, seed):
    with pytest.raises(StabilityError, match="at least one start"):
        starts(RELU2, "normal:1", restarts, seed)


def test_one_number_means_a_symmetric_interval():
    assert np.array_equal(starts(RELU2, "uniform:2", 50, seed=1), starts(RELU2, "uniform:-2:2", 50, seed=1))
