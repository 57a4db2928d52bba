"""Two processes train one network under a controller: it acts on the batch of both, and their copies agree."""

import pickle
import sys
import warnings
from importlib import import_module
from pathlib import Path

import pytest
import torch
from forked_processes import run_in_processes
from torch import distributed, nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from stability import Controller, Monitor
from stability.errors import StabilityError
from stability.training.control.interventions import CANNOT, SMALLER_STEP, Intervention
from stability.training.control.layer_view import Site
from stability.training.control.policies import Policy, Rule
from stability.training.control.several_processes import (
    OWN_BATCH,
    SYNCHRONISED,
    by_first,
    joined,
    obstacle,
    over_processes,
    require_whole,
    shown,
)

COUNT, STEPS = 2, 12

FAULTS = {
    "healthy": lambda model: None,
    "dead": lambda model: model[2].bias.fill_(-5),
    "brittle": lambda model: [each.weight.mul_(100) for each in model if hasattr(each, "weight")],
    "all dead": lambda model: [each.bias.fill_(-5) for each in (model[0], model[2])],
    "half dead": lambda model: model[0].bias.fill_(-1.5),
    "huge": lambda model: [each.weight.mul_(100) for each in model if hasattr(each, "weight")],
}
RATES = {"step": 50.0}


class Brittle(nn.Module):
    """Raises where no gradients are wanted, as when a layer after the other is scaled by the data."""

    def forward(self, x):
        if not torch.is_grad_enabled():
            raise ValueError("not without gradients")
        return x


def network(fault="healthy"):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 3))
    with torch.no_grad():
        FAULTS.get(fault, FAULTS["healthy"])(model)
    return model.append(Brittle()) if fault == "brittle" else model


def batch(step):
    """The second half lies elsewhere, so that what is dead on one half may be active on the other."""
    x = torch.randn(32, 6, generator=torch.Generator().manual_seed(step))
    return x, x[:, :3].argmax(1)


def of_first(state):
    """Return a state that the first process has, in both."""
    box = [state]
    distributed.broadcast_object_list(box, 0)
    return box[0]


def train(fault, policy, way="alone", share=slice(None), spoil=False, cut=None):
    """Train a network; return its weights, what the optimiser remembers, the log, and the losses.

    Where it is cut, all begins anew from what the first process kept.
    """
    model = network(fault)
    optimizer = torch.optim.Adam(model.parameters(), RATES.get(fault, 1e-2))
    now, losses = [], []

    def by_example(out):
        if spoil:
            raise ValueError("no losses here")
        return functional.cross_entropy(out, now[0], reduction="none")

    outer = DistributedDataParallel(model) if way == "around" else model
    rules = POLICIES.get(policy, policy)
    controller = policy and Controller(outer, rules, every=3, per_example_loss=by_example)
    if way == "within":
        outer = DistributedDataParallel(model)
    for step in range(STEPS):
        if step == cut:
            kept = of_first([each.state_dict() for each in (model, optimizer, controller)])
            controller.close()
            model = network(fault)
            optimizer, outer = torch.optim.Adam(model.parameters()), DistributedDataParallel(model)
            controller = Controller(outer, rules, every=3, per_example_loss=by_example)
            for each, state in zip((model, optimizer, controller), kept, strict=True):
                each.load_state_dict(state)
        x, y = batch(step)
        now[:] = [y[share]]
        optimizer.zero_grad()
        loss = functional.cross_entropy(outer(x[share]), y[share])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    state = [value for own in optimizer.state.values() for value in own.values()]
    log = [(str(each), each.changed, each.reason, each.before, each.after) for each in controller.log] if policy else []
    weights = [p.detach().clone() for p in model.parameters()]
    return {"weights": weights, "state": state, "log": log, "losses": losses}


POLICIES = {
    "slopes": Policy("slopes", (Rule("dead data", (Intervention("leaky slope", 0.1, 5),)),)),
    "rotations": Policy("rotations", (Rule("dead data", (Intervention("random rotation", 2.0),)),)),
}

CASES = [
    *((fault, None, "around") for fault in ("healthy", "dead", "step")),
    *((fault, "careful", "around") for fault in ("healthy", "dead", "huge", "step", "brittle")),
    *(("dead", policy, "around") for policy in ("as-written", "separate", "slopes", "rotations")),
    *((fault, "revive", "within") for fault in ("healthy", "dead", "half dead", "all dead")),
]


RESUMED = [case for case in CASES if case[1:] in (("careful", "around"), ("rotations", "around"))]


def process(rank, folder):
    """Train as one of two processes, and write what came of it."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=COUNT)
    share, found = slice(16 * rank, 16 * rank + 16), {}
    warnings.simplefilter("ignore")
    try:
        for case in CASES:
            found[case] = train(*case, share)
        for case in RESUMED:
            found[case, "resumed"] = train(*case, share, cut=5)
        found["one fails"] = train("dead", "revive", "around", share, spoil=rank == 1)
        found["first fails"] = train("dead", "revive", "around", share, spoil=rank == 0)
        mesh = distributed.device_mesh.init_device_mesh("cpu", (COUNT,))
        monitor = Monitor(distributed.fsdp.fully_shard(network(), mesh=mesh), detail=True)
        monitor.spread = True
        try:
            Controller(monitor, "revive")
        except StabilityError as error:
            found["parted"] = str(error)
        found["gathered"] = over_processes(lambda: rank, True), by_first(lambda: rank + 7, True)
    finally:
        distributed.destroy_process_group()
    with open(f"{folder}/{rank}", "wb") as file:
        pickle.dump(found, file)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    if not distributed.is_available() or not distributed.is_gloo_available():
        pytest.skip("this torch has no gloo")
    folder = tmp_path_factory.mktemp("processes")
    (folder / "two_controlled.py").write_text(Path(__file__).read_text(encoding="utf-8"), encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        run_in_processes(import_module("two_controlled").process, COUNT, str(folder))
    finally:
        sys.path.remove(str(folder))
    return [pickle.loads((folder / str(rank)).read_bytes()) for rank in range(COUNT)]


def same(one, other):
    return len(one) == len(other) and all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_weights_and_memories_stay_equal_bit_for_bit(both, case):
    one, other = (each[case] for each in both)
    assert same(one["weights"], other["weights"])
    assert same(one["state"], other["state"])
    assert repr(one["log"]) == repr(other["log"])
    assert all(each.isfinite().all() for each in one["weights"])


@pytest.mark.parametrize("case", [case for case in CASES if case[0] == "healthy" and case[1]], ids=str)
def test_healthy_training_is_left_alone(both, case):
    for found in both:
        assert same(found[case]["weights"], found["healthy", None, "around"]["weights"])
        assert not [each for each in found[case]["log"] if not each[2]]


@pytest.mark.parametrize("case", [case for case in CASES if case[1] in ("revive", "as-written")], ids=str)
def test_it_does_what_it_does_in_one_process_on_the_whole_batch(both, case):
    """The batch of one process has the examples of both in their order; sums of gradients are rounded otherwise."""
    found, alone = both[0][case], train(*case[:2])
    assert bool(alone["log"]) == (case[0] != "healthy")
    assert [(*each[:3],) for each in found["log"]] == [(*each[:3],) for each in alone["log"]]
    for one, other in zip(found["weights"], alone["weights"], strict=True):
        assert torch.allclose(one, other, rtol=1e-3, atol=1e-5)


def test_dead_layers_huge_starts_and_large_steps_are_mended(both):
    for fault, what in (("dead", "scaling by data"), ("huge", "scaling by data"), ("step", "smaller step")):
        done = [text for text, _, reason, *_ in both[0][fault, "careful", "around"]["log"] if not reason]
        assert done
        assert all(what in text for text in done)
    for fault in ("dead", "step"):
        without, mended = (both[0][fault, policy, "around"]["losses"][-1] for policy in (None, "careful"))
        assert mended < 0.9 * without
    assert both[0]["huge", "careful", "around"]["losses"][-1] < 1


def test_slopes_and_rotations_are_those_of_the_first_process(both):
    for policy in POLICIES:
        log = both[0]["dead", policy, "around"]["log"]
        assert log
        assert not any(reason for _, _, reason, *_ in log)
        assert not same(*(both[0]["dead", each, "around"]["weights"] for each in (policy, None)))


@pytest.mark.parametrize("case", RESUMED, ids=str)
def test_a_training_goes_on_in_all_processes_from_the_state_of_the_first(both, case):
    for found in both:
        assert same(found[case, "resumed"]["weights"], found[case]["weights"])
        assert same(found[case, "resumed"]["state"], found[case]["state"])
        assert repr(found[case, "resumed"]["log"]) == repr(found[case]["log"])


def test_an_intervention_that_ends_halfway_does_so_everywhere(both):
    for found in both:
        assert f"{CANNOT}not without gradients" in {
            reason for _, _, reason, *_ in found["brittle", "careful", "around"]["log"]
        }


def test_a_penalty_of_each_batch_is_refused_in_words(both):
    assert {reason for _, _, reason, *_ in both[1]["dead", "separate", "around"]["log"]} == {OWN_BATCH}
    assert obstacle(network(), Intervention("separation", 0.1, 5)) == OWN_BATCH
    assert obstacle(nn.SyncBatchNorm(2), Intervention("revival", 0.1)) == SYNCHRONISED
    assert obstacle(nn.SyncBatchNorm(2), Intervention(SMALLER_STEP, 0.1)) == ""
    assert obstacle(network(), Intervention("revival", 0.1)) == ""


@pytest.mark.parametrize("case", ["one fails", "first fails"])
def test_what_fails_in_one_process_is_written_down_in_both_and_none_waits(both, case):
    for found in both:
        (reason,) = [reason for _, _, reason, *_ in found[case]["log"]]
        assert reason.startswith(f"{CANNOT}Expected per_example_loss to take what the network returned")
        assert "it ends with: no losses here" in reason
        assert same(found[case]["weights"], found["dead", None, "around"]["weights"])


def test_weights_that_are_spread_are_refused(both):
    assert all("whose weights are spread over them" in found["parted"] for found in both)
    require_whole(network(), True)


def test_results_go_round(both):
    assert [found["gathered"] for found in both] == [([0, 1], 7)] * 2
    assert (over_processes(lambda: 5, True), by_first(lambda: 5, True)) == ([5], 5)


def test_layers_are_joined_by_name_in_the_order_of_the_processes():
    def site(number, inputs=True):
        z = torch.full((2, 3, 4), float(number))
        z[0, 0, 1] = 10.0 * number
        return Site("a", z, torch.zeros(3, 5), inputs=torch.full((2, 5), float(number)) if inputs else None)

    own, other = site(1), site(2)
    (found,) = joined([own], [shown([own]), shown([other])])
    assert torch.equal(found.tops, torch.cat([own.tops, other.tops]))
    assert torch.equal(found.inputs, torch.cat([own.inputs, other.inputs]))
    assert found.weight is own.weight
    assert found.descent is None
    (found,) = joined([own], [shown([own]), {}, shown([site(3, inputs=False)])])
    assert len(found.z) == 4
    assert found.inputs is None
