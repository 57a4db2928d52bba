"""Two processes on one machine: counts are those of the whole batch, and the first process reports."""

import pickle
import sys
from pathlib import Path

import pytest
import torch
from torch import distributed, multiprocessing, nn
from torch.nn.parallel import DistributedDataParallel

from stability import Controller, Monitor
from stability.errors import StabilityError
from stability.training.monitoring.processes import bare, over_all, processes, reports

COUNT, STEPS = 2, 3


def network():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 1))
    model[0].bias.data -= 0.7  # so that some units are dead on half of the batch only
    return model


def batch(step):
    return torch.randn(8, 3, generator=torch.Generator().manual_seed(step))


def train(model, share=slice(None)):
    """Train and return the monitor and what it logged; each process takes its share of every batch."""
    logged = []
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model, quantities="all", log=lambda reading: logged.append(reading.step)) as monitor:
        for step in range(STEPS):
            optimizer.zero_grad()
            loss = model(batch(step)[share]).square().mean()
            monitor.note(loss)
            loss.backward()
            optimizer.step()
    return monitor, logged


def process(rank, folder):
    """Train one of two processes, and write what its monitor read."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=COUNT)
    try:
        model = DistributedDataParallel(network())
        monitor, logged = train(model, slice(4 * rank, 4 * rank + 4))
        alone, _ = train(model.module, slice(4 * rank, 4 * rank + 4))
        try:
            Controller(model)
            refused = ""
        except StabilityError as error:
            refused = str(error)
        found = [monitor.to_json(), logged, alone.spread, refused]
    finally:
        distributed.destroy_process_group()
    with open(f"{folder}/{rank}", "wb") as file:
        pickle.dump(found, file)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    if not distributed.is_available() or not distributed.is_gloo_available():
        pytest.skip("this torch has no gloo")
    folder = tmp_path_factory.mktemp("processes")
    file = folder / "both_processes.py"
    file.write_text(Path(__file__).read_text(encoding="utf-8"), encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        from both_processes import process as run

        multiprocessing.spawn(run, (str(folder),), COUNT)
    finally:
        sys.path.remove(str(folder))
    return [pickle.loads((folder / str(rank)).read_bytes()) for rank in range(COUNT)]


def test_counts_are_those_of_the_whole_batch(both):
    whole, _ = train(network())
    wanted = whole.to_json()["readings"]
    for found, *_ in both:
        for one, other in zip(found["readings"], wanted, strict=True):
            for layer, same in zip(one["layers"], other["layers"], strict=True):
                assert layer["name"] == same["name"]  # without "module."
                for name in (
                    "units",
                    "points",
                    "dead_units",
                    "affine_units",
                    "dead_fraction",
                    "units_without_gradient",
                ):
                    assert layer[name] == pytest.approx(same[name])
                assert layer["largest_preactivation"] == pytest.approx(same["largest_preactivation"], rel=1e-5)
                assert layer["torque_mean"] == pytest.approx(same["torque_mean"], rel=1e-4)
            assert one["loss"] == pytest.approx(other["loss"], rel=1e-5)
            assert one["gradient_norm"] == pytest.approx(other["gradient_norm"], rel=1e-4)
            assert one["dead_fraction"] == pytest.approx(other["dead_fraction"])
            assert one["passes"] == 1


def test_halves_of_the_batch_differ_from_the_whole():
    def dead(share):
        return [reading.layers[0].dead_units for reading in train(network(), share)[0].readings]

    whole, halves = dead(slice(None)), [dead(slice(4 * k, 4 * k + 4)) for k in range(2)]
    assert whole not in halves


def test_the_first_process_reports(both):
    assert [logged for _, logged, *_ in both] == [[*range(STEPS)], []]
    assert [alone for *_, alone, _ in both] == [False, False]


def test_a_controller_says_why_it_cannot(both):
    assert all("Expected a network in one process" in refused for *_, refused in both)


def test_one_process_sends_nothing():
    model = network()
    assert bare(model) == (model, False)
    assert processes(True) == 1
    assert reports(True)
    assert over_all("seen", 0.5, True) == ("seen", 0.5)
