"""Results of deep networks: what is plain data, what people read, and how stacks become one."""

import json
from dataclasses import replace

import numpy as np
import pytest

from stability.training.deep.results import HISTORY, OF_SEEDS, joined
from stability.training.deep.training import train_deep

NAN = float("nan")


@pytest.fixture(scope="module")
def run():
    """Return a run of two seeds in which the numbers that people read are known."""
    found = train_deep("xor", 2, 3, "sep-pu", seeds=2, first_seed=7, epochs=4, device="cpu")
    return replace(
        found,
        epochs=1200,
        epochs_done=np.array([1200, 1200]),
        train_accuracy_final=np.array([0.75, 1.0]),
        train_accuracy_max=np.array([1.0, 1.0]),
        val_accuracy_final=np.array([0.5, NAN]),
        loss_final=np.array([0.693147, 1e-7]),
        diverged=np.array([-1, 31]),
    )


def test_people_read_a_row_per_seed(run):
    shown = str(run)
    assert "sep-pu, depth 2, width 3 on xor: 2 networks of 2 after at most 1,200 epochs" in shown
    rows = [line.split() for line in shown.splitlines() if line.split()[:1] in (["7"], ["8"])]
    assert rows[0] == ["7", "1,200", "75.0%", "100.0%", "50.0%", "0.6931", "no"]
    assert rows[1] == ["8", "1,200", "100.0%", "100.0%", "1e-07", "at", "epoch", "31"]
    assert "interrupted" not in shown


@pytest.mark.parametrize(
    ("changes", "interrupted"),
    [
        ({}, False),
        ({"wanted": 3}, True),
        ({"epochs_done": np.array([1200, 1199])}, True),
        ({"epochs_done": np.array([1200, 1201])}, False),
    ],
)
def test_less_than_was_asked_for_is_an_interruption(run, changes, interrupted):
    found = replace(run, **changes)
    assert found.interrupted is interrupted
    assert ("interrupted" in str(found)) is interrupted
    assert found.summary()["interrupted"] is interrupted


def test_plain_data_have_everything_but_the_parameters(run):
    written = run.to_json()
    assert written == run.summary()
    assert json.loads(json.dumps(written, allow_nan=False)) == written
    assert written["val_accuracy_final"] == [0.5, None]
    assert (written["data"], written["method"], written["depth"], written["weight"]) == ("xor", "sep-pu", 2, 1e-4)
    assert (written["seeds"], written["diverged"]) == ([7, 8], [-1, 31])
    assert np.shape(written["dead_units_end"]) == (2, 2)
    assert {"parameters", "running", "settings"}.isdisjoint(written)
    assert written["history"]["epochs"] == run.history_epochs.tolist()
    assert {*written["history"]} == {"epochs", *HISTORY}
    assert written["history"]["loss"] == run.history["loss"].tolist()


def test_people_read_both_accuracies_of_normalised_networks():
    shown = str(train_deep("xor", 2, 3, "relu-bn", seeds=1, epochs=4, device="cpu"))
    assert "by batch statistics" in shown
    assert "by batch statistics" not in str(train_deep("xor", 2, 3, "relu", seeds=1, epochs=4, device="cpu"))


def test_records_have_a_number_per_seed(run):
    records = run._records()
    assert [each["seed"] for each in records] == [7, 8]
    assert [*records[0]] == ["seed", "epochs_done", "diverged", *OF_SEEDS]
    assert records[0]["train_accuracy_final"] == 0.75
    assert all(isinstance(value, int | float) for value in records[1].values())


def test_a_picture_has_a_line_per_seed(run):
    import matplotlib.pyplot as plt

    ax = run.plot()
    lines = [line for line in ax.lines if len(line.get_xdata()) == len(run.history_epochs)]
    assert len(lines) >= 2
    assert run.plot(ax) is ax
    plt.close("all")


def part(count, epochs, start=0.0):
    values = np.arange(count, dtype=float) + start
    return {
        "loss_final": values,
        "dead_units_end": np.stack([values, values], 1),
        "history_epochs": np.array(epochs),
        "history": {"loss": values[:, None] + np.array(epochs) / 100},
    }


def test_stacks_become_one_with_the_shortest_history():
    found = joined([part(2, [0, 10, 20]), part(1, [0, 10], start=5.0)])
    assert found["loss_final"].tolist() == [0, 1, 5]
    assert found["dead_units_end"].tolist() == [[0, 0], [1, 1], [5, 5]]
    assert found["history_epochs"].tolist() == [0, 10]
    assert found["history"]["loss"].tolist() == [[0, 0.1], [1, 1.1], [5, 5.1]]


def test_one_stack_is_itself():
    only = part(3, [0, 5])
    found = joined([only])
    assert {name: np.asarray(found[name]).tolist() for name in ("loss_final", "history_epochs")} == {
        name: only[name].tolist() for name in ("loss_final", "history_epochs")
    }
    assert found["history"]["loss"].tolist() == only["history"]["loss"].tolist()


def test_no_stack_is_nothing_to_join():
    with pytest.raises((IndexError, ValueError)):
        joined([])
