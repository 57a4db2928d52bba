"""The comparison of methods shows the published number, and the median and range over seeds, of each quantity."""

from types import SimpleNamespace

import numpy as np
import pytest
from command_line import cells

from stability.cli.deep_table import table_shown


def run(train=(0.5, 1.0, 0.75), loss=(0.25, 0.5, 1.0), epochs=1500, weight=1e-4):
    """Return a run of three seeds, of which only what is shown is known."""
    numbers = {"train_accuracy": train, "val_accuracy": [x / 2 for x in train], "loss": loss}
    numbers["val_loss"] = [2 * x for x in loss]
    arrays = {}
    for name, values in numbers.items():
        best = f"{name}_max" if "accuracy" in name else f"{name}_at_best"
        arrays[best], arrays[f"{name}_final"] = np.array(values), np.array(values) / 4
    return SimpleNamespace(seeds=np.arange(3), epochs=epochs, settings=SimpleNamespace(weight=weight), **arrays)


def test_accuracies_and_losses_stand_beside_the_published_ones():
    head, accuracies, losses = table_shown({"sep-pu": run(), "crelu": run(train=(1, 1, 1))})
    assert "Two moons, depth 50, width 4, 3 seeds, 1,500 epochs, weight 0.0001" in head
    ends = ["published", "greatest", "final"]
    names, rows = cells(accuracies)
    assert names == ["method", *(f"{q}. accuracy\n{end}" for q in ("train", "val") for end in ends)]
    published = ["0.9882", "0.9333"]  # Table 2 of separation-constraints
    assert rows[0] == [
        *("sep-pu", published[0], "0.750 (0.500 to 1.000)", "0.188 (0.125 to 0.250)"),
        *(published[1], "0.375 (0.250 to 0.500)", "0.094 (0.062 to 0.125)"),
    ]
    names, rows = cells(losses)
    assert names == [
        "method",
        *(f"{q}. loss\n{end}" for q in ("train", "val") for end in ("published", "at the best", "final")),
    ]
    assert rows[0] == [
        *("sep-pu", "0.6988", "0.500 (0.250 to 1.000)", "0.125 (0.062 to 0.250)"),
        *("1.081", "1.000 (0.500 to 2.000)", "0.250 (0.125 to 0.500)"),
    ]


def test_batch_normalisation_has_a_row_by_running_means_and_one_by_batch_statistics():
    found = run()
    found.batch_accuracy_max, found.batch_accuracy_final = np.array([0.9, 0.8, 0.9]), np.array([0.6, 0.6, 0.7])
    found.batch_loss_at_best, found.batch_loss_final = np.array([0.4, 0.4, 0.5]), np.array([0.6, 0.6, 0.6])
    found.val_loss_at_batch_best = np.array([0.7, 0.7, 0.7])
    _, accuracies, losses = table_shown({"relu-bn": found, "relu": run()})
    used, logged, _ = cells(accuracies)[1]
    assert used[:3] == ["relu-bn", "0.8117", "0.750 (0.500 to 1.000)"]
    assert logged[:4] == [
        *("relu-bn, by batch statistics", "0.8117", "0.900 (0.800 to 0.900)", "0.600 (0.600 to 0.700)"),
    ]
    assert used[4:] == logged[4:]
    used, logged, _ = cells(losses)[1]
    assert (used[2], logged[2]) == ("0.500 (0.250 to 1.000)", "0.400 (0.400 to 0.500)")
    assert logged[5] == "0.700 (0.700 to 0.700)"


def test_a_method_that_was_not_published_has_no_number_there():
    _, accuracies, losses = table_shown({"crelu": run()})
    for table in (accuracies, losses):
        (row,) = cells(table)[1]
        assert (row[0], row[1], row[4]) == ("crelu", "", "")


@pytest.mark.parametrize(
    ("values", "shown"),
    [((np.nan, 1.0, 0.5), "0.750 (0.500 to 1.000)"), ((np.nan, np.nan, np.inf), "none (none to none)")],
)
def test_seeds_without_a_number_are_left_out(values, shown):
    assert cells(table_shown({"relu": run(train=values)})[1])[1][0][2] == shown


def test_without_a_run_there_is_no_table():
    with pytest.raises(StopIteration):
        table_shown({})
