"""Random starts of a landscape: every entry of the table, the bits that results rest on, and what is refused."""

from hashlib import sha256

import numpy as np
import pytest
from scipy.stats import kstest

from stability import landscape
from stability.errors import DataError, StabilityError
from stability.initialisation.problem import InitialisationProblem, place_of
from stability.initialisation.sampling import BLOCK, initial, starts
from stability.initialisation.table import INITIALISATIONS, reads_data
from stability.model.datasets import Dataset
from stability.model.flat_points import point_shape
from stability.model.update_rules import update_rule
from stability.training.ensembles.ensemble import train

RELU2 = landscape("relu2", "xor")
CUBE = landscape("leaky1/4:4", "parity:3", "mean")


@pytest.mark.parametrize("name", list(INITIALISATIONS))
def test_every_initialisation_gives_starts_of_a_landscape(name):
    spelling = INITIALISATIONS[name].example
    for place in (RELU2, CUBE):
        drawn = starts(place, spelling, 40, seed=3)
        assert drawn.shape == (40, place.units, place.width)
        assert drawn.dtype == np.float64
        assert np.isfinite(drawn).all()
        assert len(np.unique(drawn.reshape(40, -1), axis=0)) == 40
        assert np.array_equal(starts(place, spelling, 7, seed=3), drawn[:7])
        assert not np.array_equal(starts(place, spelling, 40, seed=4), drawn)
        assert np.array_equal(drawn.reshape(40, -1), initial(spelling, place_of(place), 40, 3)), "as train draws"


@pytest.mark.parametrize("model", ["relu[+,-]", "relu2-nob", "relu2-out", "relu2-out+c", "relu[1,-1/2]+c-nob"])
def test_starts_with_an_output_layer_stand_row_after_row(model):
    """The starts of a landscape are those that train draws, in the order in which the landscape reads points."""
    place = landscape(model, "xor", "mean")
    drawn = starts(place, "torch-default", 6, seed=3)
    assert drawn.shape[1:] == point_shape(place)
    trained = train(
        place, "torch-default", update_rule("gd", step="1/10"), epochs=0, restarts=6, seed=3, dtype="float64"
    )
    for row, loss in zip(drawn.reshape(6, -1), trained.losses, strict=True):
        assert float(place.loss(place.by_unit(row))) == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("name", list(INITIALISATIONS))
def test_the_table_says_who_looks_at_the_data(name):
    """Other data and labels give other draws if and only if the table says so."""
    spelling, rng = INITIALISATIONS[name].example, np.random.default_rng(2)
    places = [
        InitialisationProblem(rng.normal(size=(6, 2)) * 3 + 5, [0, 1] * 3, 2, loss=lambda rows: (rows**2).sum(1) / 9)
    ]
    places.append(
        InitialisationProblem(rng.normal(size=(6, 2)), [1, 0, 0] * 2, 2, loss=lambda rows: abs(rows - 0.3).sum(1) / 9)
    )
    first, second = (initial(spelling, place, 100, 1) for place in places)
    assert np.array_equal(first, second) != reads_data(spelling)


def test_data_beyond_floats_stand_in_nobodys_way_who_does_not_look():
    far = landscape("relu2", Dataset("far", [["1e400", 0], [0, 1]], [0, 1]))
    assert np.array_equal(starts(far, "kaiming-normal:1", 9, 5), starts(RELU2, "kaiming-normal:1", 9, 5))
    with pytest.raises(DataError, match="range of float64"):
        starts(far, "hypersphere", 9, 5)


BITS = {
    ("normal:0.5", 0): "1c3bfb4006830d1e",
    ("normal:0.5:0.5", 0): "feb4ed9c5de721d9",
    ("normal:1:1", 7): "fb0dc391f4be185e",
    ("uniform:1", 0): "bef78a5559dd257c",
    ("uniform:-1/2:3", 9223372036854775807): "f9c1a7b150527a20",
    ("normal:1e305", 1): "fc86d9d575cf6f24",
    ("uniform:1e308", 1): "b3604ac2f7139c6c",
}


@pytest.mark.parametrize(("spelling", "seed"), BITS)
def test_starts_keep_their_bits(spelling, seed):
    """Published shares, records and the README rest on these draws; by their definition in docs/training.md."""
    assert sha256(starts(RELU2, spelling, 1025, seed).tobytes()).hexdigest()[:16] == BITS[spelling, seed]


CASES = {
    "normal:0.5:2": lambda part, bias: kstest(part, "norm", (0, 2 if bias else 0.5)).pvalue,
    "uniform:-1/2:3": lambda part, bias: kstest(part, "uniform", (-0.5, 3.5)).pvalue,
}


@pytest.mark.parametrize("spelling", list(CASES))
def test_distribution(spelling):
    drawn, pvalue = starts(RELU2, spelling, 5000, seed=1), CASES[spelling]
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
