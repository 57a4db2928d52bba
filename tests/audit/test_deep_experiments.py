"""What is kept of deep experiments is what the networks do, survives JSON, and is distinguished by its settings."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from stability.audit.deep_experiments import DeepExperiment, distinct, kept, preactivations, readout
from stability.audit.experiments import Experiment
from stability.audit.hypothesis_tests import differs, hardly_any, mean_interval, most
from stability.audit.measurements import Measurement
from stability.audit.protocols import Study
from stability.audit.result_store import ResultStore
from stability.errors import FileError, StabilityError
from stability.training.deep.datasets import two_moons
from stability.training.deep.training import train_deep

SMALL = DeepExperiment("small", "sep-pu", depth=5, width=3, epochs=40, restarts=3)
NORMED = DeepExperiment("normed", "relu-bn", depth=4, width=3, epochs=40, restarts=2)


@pytest.fixture(scope="module")
def measured():
    return SMALL.run()


def by_torch(run, seed):
    """Return the pre-activations of one trained network, layer by layer, computed by torch modules."""
    d, w, inputs = run.settings.depth, run.settings.width, run.data.x_train.shape[1]
    row, start, x, found = run.parameters[seed], 0, torch.as_tensor(run.data.x_train), []
    scales = row[-2 * d * w :].reshape(2, d, w) if run.settings.normalised else None
    for k in range(d):
        columns = (inputs if k == 0 else w) + 1
        linear = nn.Linear(columns - 1, w).double()
        block = torch.as_tensor(row[start : start + w * columns]).reshape(w, columns)
        start += w * columns
        with torch.no_grad():
            linear.weight.copy_(block[:, :-1])
            linear.bias.copy_(block[:, -1])
            z = linear(x)
            if scales is not None:
                mean, variance = torch.as_tensor(run.running[seed, :, k])
                scale, shift = torch.as_tensor(scales[0, k]), torch.as_tensor(scales[1, k])
                z = nn.functional.batch_norm(z, mean, variance, scale, shift, eps=1e-3)
        found.append(z.numpy())
        x = torch.relu(z)
    return np.array(found)


@pytest.mark.parametrize("experiment", [SMALL, NORMED])
def test_pre_activations_are_those_of_torch_modules(experiment):
    run = train_deep(
        "moons", experiment.depth, experiment.width, experiment.method, epochs=40, seeds=2, dtype="float64"
    )
    z = preactivations(run, True)
    for seed in range(2):
        assert z[:, seed] == pytest.approx(by_torch(run, seed), abs=1e-9)
    assert (z <= 0).all(2).sum((0, 2)).tolist() == run.dead_units_end.sum(1).tolist()
    lost = [len({i for layer in z[:, s] for i in np.flatnonzero((layer <= 0).all(1))}) for s in range(2)]
    assert kept(experiment, run).runs["lost_points"] == lost


def test_images_are_counted_once():
    z = np.array(
        [[[[-1.0, 2.0], [-3.0, 2.0], [1.0, 2.0], [1.0, 2.0 + 1e-9]]], [[[-1.0, -2.0], [-1.0, 0.0], [0, 0], [0, 0]]]]
    )
    assert distinct(z).tolist() == [[2, 1]]
    assert distinct(z * 1e-6).tolist() == [[2, 1]]


def test_a_linear_fit_reads_what_a_layer_holds():
    x = np.random.default_rng(0).normal(size=(60, 3))
    labels = (x[:, 0] - 2 * x[:, 1] > 0).astype(int)
    shown = np.hstack([x, -x])[None, None]
    unseen = -np.ones((1, 1, 60, 6))
    found = readout(np.concatenate([shown, unseen, 1e-9 * shown]), labels)
    ones = np.hstack([np.maximum(shown[0, 0], 0), np.ones((60, 1))])
    weights = np.linalg.lstsq(ones, 2.0 * labels - 1, rcond=None)[0]
    assert found[0, 0] == found[0, 2] == ((ones @ weights > 0) == (labels == 1)).mean() > 0.8
    assert found[0, 1] == max(labels.mean(), 1 - labels.mean())


def test_runs_of_one_seed_do_not_depend_on_the_others(measured):
    alone = SMALL.run(1)
    assert alone.count == 1
    assert all(alone.runs[name] == values[:1] for name, values in measured.runs.items())
    assert measured.values("train_accuracy_max").shape == (3,)
    assert measured.layer("distinct_start").shape == (5,)
    with pytest.raises(StabilityError, match="unknown"):
        measured.values("unknown")


def test_numbers_by_batch_statistics_are_kept_of_normalised_networks_only(measured):
    found = NORMED.run()
    assert found.values("batch_accuracy_max").shape == (2,)
    assert (found.values("batch_accuracy_max") >= found.values("batch_accuracy_final")).all()
    with pytest.raises(StabilityError, match="batch_accuracy_max"):
        measured.values("batch_accuracy_max")


def test_it_survives_json_and_is_read_again(measured, tmp_path):
    assert SMALL.read(json.loads(json.dumps(measured.to_json()))) == measured
    store = ResultStore(tmp_path, "full", {"small": measured})
    assert store.keep() == 1
    assert ResultStore(tmp_path).kept(SMALL).values("loss_final") == pytest.approx(
        measured.values("loss_final"), rel=1e-8
    )
    for other in (replace(SMALL, weight=1e-3), replace(SMALL, method="sep-p"), replace(SMALL, restarts=4)):
        assert ResultStore(tmp_path).kept(other) is None
    study = Study([SMALL], lambda m: Measurement(m.count == 3, "three"))
    assert ResultStore(tmp_path).judge(study).reproduced


def test_a_broken_file_is_reported(tmp_path):
    (tmp_path / "small.json").write_text('{"settings": {}, "origin": {}, "runs": [], "layers": {}}')
    with pytest.raises(FileError, match="holds no result"):
        ResultStore(tmp_path).kept(SMALL)


def test_few_seeds_where_nothing_is_kept(tmp_path):
    many = replace(SMALL, epochs=1, restarts=9)
    assert ResultStore(tmp_path).measured(many).count == many.few == 4
    assert Experiment("other").few == 2000


def test_the_moons_have_85_and_15_points():
    data = two_moons()
    assert (len(data.x_train), len(data.x_val)) == (85, 15)


def test_comparisons_of_means():
    draws = np.random.default_rng(0).normal(0, 1, 400)
    low, high = mean_interval(draws)
    assert low < draws.mean() < high
    assert high - low == pytest.approx(2 * 1.966 / 20, rel=0.1)
    assert differs(draws + 1, draws, "a against b").reproduced
    assert not differs(draws + 1, draws, "a against b", margin=1.5).reproduced
    assert not differs(draws[:1] + 1, draws[:1], "a against b").reproduced


def test_shares_of_runs():
    assert most(np.ones(16, dtype=bool), "are").reproduced
    assert not most(np.arange(16) < 10, "are").reproduced
    assert hardly_any(np.zeros(16, dtype=bool), "are").reproduced
    assert not hardly_any(np.arange(16) < 6, "are").reproduced


def test_the_power_of_shares_is_that_of_samples():
    draws = np.random.default_rng(0).random((4000, 16))
    for judge, share in ((most, 0.9), (hardly_any, 0.1)):
        says = judge(draws[0] < share, "are").says
        power = np.mean([bool(judge(row < share, "are").reproduced) for row in draws])
        assert f"power {power:.0%}" in says or abs(power - float(says.split("power ")[1].split("%")[0]) / 100) < 0.01
    assert "12 or more confirm it" in most(draws[0] < 2, "are").says
    assert "4 or fewer confirm it" in hardly_any(draws[0] < 2, "are").says


def test_so_few_runs_that_nothing_follows_decide_nothing():
    for judge in (most, hardly_any):
        found = judge(np.ones(3, dtype=bool), "are")
        assert found.reproduced is None
        assert "No number of 3 would decide it" in found.says
    assert most(np.ones(4, dtype=bool), "are").reproduced


def test_the_power_of_a_comparison_is_that_of_samples():
    draws = np.random.default_rng(0).normal(0, 1, (4000, 16))
    wide = float(differs(draws[0], 0 * draws[0], "a").says.split("difference of ")[1].split(".)")[0])
    scaled = wide / np.std(draws[0], ddof=1)
    power = np.mean([bool(differs(row + scaled, 0 * row, "a").reproduced) for row in draws])
    assert power == pytest.approx(0.8, abs=0.05)
