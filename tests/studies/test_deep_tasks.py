"""The task of a deep sweep hands on what it is given and keeps a list over seeds of each result."""

import json
from types import SimpleNamespace

import pytest

from stability.errors import StabilityError, UnknownNameError
from stability.studies import deep_tasks
from stability.studies.deep_tasks import KEPT, deep
from stability.studies.sweeps import FIGURE_1

SETTINGS = {"weight": 1e-4, "lr": 0.01, "device": "cpu"}


def test_every_argument_reaches_the_trainer_under_its_name(monkeypatch):
    given = []

    def train(*args, **more):
        given.append((args, more))
        return SimpleNamespace(summary=lambda: {**{key: [1] for key in KEPT}, "history": "much", "seeds": [0]})

    monkeypatch.setattr(deep_tasks, "train_deep", train)
    found = deep("sep-u", 3, 5, "xor", seeds=2, epochs=7, lr=0.5, weight=0.25, device="cuda")
    assert given == [
        (("xor", 5, 3, "sep-u"), {"weight": 0.25, "lr": 0.5, "seeds": 2, "epochs": 7, "device": "cuda"}),
    ]
    assert found == {key: [1] for key in KEPT}


def test_the_best_is_no_worse_than_the_end_and_its_epoch_counts_from_the_start():
    found = deep("relu", 2, 2, "xor", seeds=3, epochs=1, **SETTINGS)
    assert {len(values) for values in found.values()} == {3}
    for k in range(3):
        assert found["train_accuracy_max"][k] >= found["train_accuracy_final"][k]
        assert found["train_accuracy_max_epoch"][k] in (0, 1)
    assert found["penalty_final"] == [0.0] * 3
    assert found["diverged"] == [-1] * 3


def test_results_are_plain_data_and_the_same_again():
    first, again = (deep("sep-pu", 2, 2, "xor", seeds=2, epochs=3, **SETTINGS) for _ in range(2))
    assert json.loads(json.dumps(first)) == first == again
    assert all(value > 0 for value in first["penalty_final"])


@pytest.mark.parametrize(
    ("change", "error"),
    [({"method": "sep-q"}, UnknownNameError), ({"depth": 0}, StabilityError), ({"data": "sun"}, UnknownNameError)],
)
def test_what_makes_no_sense_is_refused(change, error):
    given = {"method": "relu", "width": 2, "depth": 2, "data": "xor", "seeds": 1, "epochs": 1, **SETTINGS}
    with pytest.raises(error):
        deep(**given | change)


def test_the_sweep_of_figure_1_names_every_argument():
    names = deep.__code__.co_varnames[: deep.__code__.co_argcount]
    assert {*FIGURE_1.axes, *FIGURE_1.fixed} == {*names}
    assert FIGURE_1.address.endswith("deep_tasks:deep")
