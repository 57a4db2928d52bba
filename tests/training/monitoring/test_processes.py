"""Two processes on one machine: counts are those of the whole batch, and the first process reports."""

import pickle
import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch
from forked_processes import run_in_processes
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from stability import Monitor
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
        found = [monitor.to_json(), logged, alone.spread]
    finally:
        distributed.destroy_process_group()
    with open(f"{folder}/{rank}", "wb") as file:
        pickle.dump(found, file)


def shards(kind):
    """Return a network whose weights are spread over two processes."""
    from torch.distributed import fsdp

    if kind != "in place":
        how = {"device_id": torch.device("cpu"), "use_orig_params": kind == "by its own parameters"}
        return fsdp.FullyShardedDataParallel(network(), **how)
    mesh = distributed.device_mesh.init_device_mesh("cpu", (COUNT,))
    return fsdp.fully_shard(network(), mesh=mesh)


def trained_shards(kind, share, monitored):
    """Return the weights of this process after three steps, and the last reading."""
    model = shards(kind)
    monitor = Monitor(model) if monitored else None
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for step in range(STEPS):
        optimizer.zero_grad()
        model(batch(step)[share]).square().mean().backward()
        optimizer.step()
    weights = [p.to_local() if hasattr(p, "to_local") else p for p in model.parameters()]
    return [w.detach().tolist() for w in weights], None if monitor is None else monitor.latest.to_json()


def sharded_process(rank, folder):
    """Train networks whose weights are spread over two processes, and write what their monitors read."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=COUNT)
    share, found = slice(4 * rank, 4 * rank + 4), {}
    try:
        for kind in ("flat", "by its own parameters", "in place"):
            found[kind] = [trained_shards(kind, share, monitored) for monitored in (False, True)]
    finally:
        distributed.destroy_process_group()
    with open(f"{folder}/{rank}", "wb") as file:
        pickle.dump(found, file)


def written_by_two(name, folder):
    """Run a function of this file in two processes; return what they write."""
    if not distributed.is_available() or not distributed.is_gloo_available():
        pytest.skip("this torch has no gloo")
    file = folder / "both_processes.py"
    file.write_text(Path(__file__).read_text(encoding="utf-8"), encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        run_in_processes(getattr(import_module("both_processes"), name), COUNT, str(folder))
    finally:
        sys.path.remove(str(folder))
    return [pickle.loads((folder / str(rank)).read_bytes()) for rank in range(COUNT)]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    return written_by_two("process", tmp_path_factory.mktemp("processes"))


@pytest.mark.slow
def test_networks_whose_weights_are_spread_train_as_without_and_their_layers_are_read(tmp_path):
    """Weights are given back between passes, in pieces, or tensors of a kind of their own: what is there is read."""
    for rank, found in enumerate(written_by_two("sharded_process", tmp_path)):
        for kind, ((alone, _), (weights, reading)) in found.items():
            assert weights == alone, kind
            norms = [reading[name] for name in ("weight_norm", "gradient_norm", "step_gradient_norm")]
            assert all(norm is None if kind == "in place" else norm > 0 for norm in norms), (kind, norms)
            assert [layer["points"] for layer in reading["layers"]] == [4, 4], (kind, rank)
            assert (reading["unread"] > 0) == (kind == "in place")


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
    assert [alone for *_, alone in both] == [False, False]


def test_one_process_sends_nothing():
    model = network()
    assert bare(model) == (model, False)
    assert processes(True) == 1
    assert reports(True)
    assert over_all("seen", 0.5, True) == ("seen", 0.5)
