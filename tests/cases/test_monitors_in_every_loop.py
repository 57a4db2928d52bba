"""Kinds of loops and networks that a monitor must read, or leave alone, without ending or changing the training."""

import copy
import gc
import threading
import warnings
from itertools import pairwise

import pytest
import torch
from torch import nn

from stability import Controller, Limits, Monitor


def net(*widths):
    torch.manual_seed(0)
    parts = [part for a, b in pairwise(widths) for part in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*parts[:-1])


def step(model, optimiser, x):
    optimiser.zero_grad()
    loss = model(x).square().mean()
    loss.backward()
    optimiser.step()
    return loss.item()


@pytest.mark.filterwarnings("error")
def test_a_network_without_relus_is_read_drawn_and_written(tmp_path):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.GELU(), nn.Linear(4, 1))
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model, strict=True, stream=tmp_path / "a.jsonl") as monitor:
        for _ in range(3):
            step(model, optimiser, torch.randn(5, 2))
    assert [reading.unread for reading in monitor.readings] == [0] * 3
    assert {layer.points for layer in monitor.latest.layers} == {0}
    assert "no ReLU was seen" in str(monitor)
    monitor.figure()
    monitor.plot()
    monitor.to_csv(tmp_path / "a.csv")
    monitor.to_parquet(tmp_path / "a.parquet")
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 1 + 3 * len(monitor.latest.layers)


@pytest.mark.parametrize("order", ["compiled before", "compiled after", "compiled in place"])
def test_a_compiled_network_is_read_by_its_weights(order):
    """Compiled or not, norms are the same; layers are counted as unread, with one warning."""
    torch.compiler.reset()
    bare, model = net(2, 4, 1), net(2, 4, 1)
    with Monitor(bare) as expected:
        optimiser = torch.optim.SGD(bare.parameters(), 0.1)
        for k in range(3):
            step(bare, optimiser, torch.full((5, 2), k + 1.0))
    called = torch.compile(model, backend="eager") if order == "compiled before" else model
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(called) as monitor, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        if order == "compiled after":
            called = torch.compile(model, backend="eager")
        elif order == "compiled in place":
            model.compile(backend="eager")
        for k in range(3):
            step(called, optimiser, torch.full((5, 2), k + 1.0))
    assert ["compiled" in str(each.message).lower() for each in said] == [True]
    assert [reading.step for reading in monitor.readings] == [0, 1, 2]
    assert [reading.unread for reading in monitor.readings] == [1] * 3
    for a, b in zip(monitor.readings, expected.readings, strict=True):
        assert (a.weight_norm, a.gradient_norm) == pytest.approx((b.weight_norm, b.gradient_norm), rel=1e-5)


def test_a_network_spread_over_devices_is_read_by_its_weights():
    class Spread(nn.DataParallel):
        def forward(self, x):
            return self.module(x)

    model = Spread(net(2, 4, 1))
    model.device_ids = [0, 1]
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model) as monitor:
        with pytest.warns(UserWarning, match="it is a DataParallel"):
            model(torch.ones(5, 2))
        step(model, optimiser, torch.ones(5, 2))
    assert monitor.latest.unread == 1
    assert monitor.latest.gradient_norm > 0
    with pytest.raises(Exception, match="one thread"):
        Monitor(model, strict=True)


def test_a_generator_and_its_critic_have_a_monitor_each():
    generator, critic = net(2, 8, 2), net(2, 8, 1)
    of_generator, of_critic = (torch.optim.Adam(each.parameters()) for each in (generator, critic))
    with Monitor(generator) as first, Monitor(critic) as second, warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(5):
            made = generator(torch.randn(6, 2))
            of_critic.zero_grad()
            (critic(made.detach()).mean() - critic(torch.randn(6, 2)).mean()).backward()
            of_critic.step()
            of_generator.zero_grad()
            critic(made).mean().backward()
            of_generator.step()
    assert (first.steps, second.steps) == (5, 5)
    assert {layer.points for reading in first.readings for layer in reading.layers} == {6}
    assert [reading.passes for reading in second.readings] == [2, 3, 3, 3, 3]


def test_twin_branches_and_their_loss_are_one_step():
    model = net(2, 8, 4)
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model) as monitor:
        for _ in range(3):
            optimiser.zero_grad()
            (model(torch.randn(7, 2)) - model(torch.randn(7, 2))).square().mean().backward()
            optimiser.step()
    assert [(reading.step, reading.passes, reading.layers[0].points) for reading in monitor.readings] == [
        (0, 2, 14),
        (1, 2, 14),
        (2, 2, 14),
    ]


def test_threads_that_take_turns_are_read():
    model, turn, errors = net(2, 8, 1), threading.Lock(), []
    optimiser = torch.optim.SGD(model.parameters(), 0.01)

    def work():
        try:
            for _ in range(20):
                with turn:
                    step(model, optimiser, torch.randn(5, 2))
        except Exception as error:
            errors.append(error)

    with Monitor(model) as monitor:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert errors == []
    assert [reading.step for reading in monitor.readings] == list(range(80))
    assert {layer.points for reading in monitor.readings for layer in reading.layers} == {5}


def test_ctrl_c_goes_through_and_a_step_that_was_not_made_does_not_count():
    model = net(2, 8, 1)
    optimiser = torch.optim.SGD(model.parameters(), 0.01)
    stops = iter([True, False, False])

    def log(reading):
        if next(stops):
            raise KeyboardInterrupt

    with Monitor(model, log=log) as monitor:
        with pytest.raises(KeyboardInterrupt):
            step(model, optimiser, torch.randn(5, 2))
        for _ in range(2):
            step(model, optimiser, torch.randn(5, 2))
    assert [reading.step for reading in monitor.readings] == [0, 1]
    assert monitor.steps == 2


@pytest.mark.parametrize("keep", [None, 2])
def test_a_resumed_run_raises_the_alarms_of_one_that_was_not_interrupted(keep, tmp_path):
    def run(parts):
        model = net(2, 8, 1)
        optimiser = torch.optim.SGD(model.parameters(), 0.5, momentum=0.9)
        state = None
        for part in parts:
            model = copy.deepcopy(model)
            optimiser, old = torch.optim.SGD(model.parameters(), 0.5, momentum=0.9), optimiser
            optimiser.load_state_dict(old.state_dict())
            monitor = Monitor(model, every=2, keep=keep, limits=Limits(growth=1.2))
            if state is not None:
                monitor.load_state_dict(torch.load(tmp_path / "state.pt"))
            for k in part:
                x = torch.randn(8, 2, generator=torch.Generator().manual_seed(k)) * (1 + k)
                monitor.note(step(model, optimiser, x))
            state = monitor.state_dict()
            torch.save(state, tmp_path / "state.pt")
            monitor.close()
        return [repr(reading.to_json()) for reading in monitor.readings], monitor

    whole, monitor = run([range(14)])
    parts, _ = run([range(3), range(3, 4), range(4, 11), range(11, 14)])
    assert parts == whole
    assert any("exploding" in alarm.kind for _, alarm in monitor.alarms)


def resident():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20


@pytest.mark.slow
@pytest.mark.parametrize(
    "observe",
    [
        lambda model, folder: Monitor(model),
        lambda model, folder: Monitor(model, keep=100, detail=True, stream=folder / "a.jsonl"),
        lambda model, folder: Monitor(model, every=10, log=lambda reading: None),
        lambda model, folder: Controller(model, "better", every=5),
    ],
    ids=["monitor", "stream", "log", "controller"],
)
def test_resident_memory_is_flat_over_ten_thousand_steps(observe, tmp_path):
    """From the time when as many readings are there as are kept; 2 MiB are what the allocator moves by itself."""
    model = net(32, 32, 32, 32, 10)
    optimiser = torch.optim.SGD(model.parameters(), 1e-3)
    sizes = []
    with observe(model, tmp_path):
        for k in range(10_001):
            step(model, optimiser, torch.randn(32, 32))
            if k % 2_000 == 0:
                sizes.append(resident())
    assert max(sizes[1:]) - sizes[1] < 2
