"""Are readings, alarms and states the same whenever somebody asks for them, and does memory stay flat until then?"""

import pickle
from dataclasses import asdict
from itertools import product

import numpy as np
import pytest
import torch
from some_slow import some_slow
from torch import nn

from stability.training.monitoring import history, one_pass, quick_sums, quick_unpack, repeated, updates
from stability.training.monitoring.columns import Columns
from stability.training.monitoring.history import MANY, History
from stability.training.monitoring.limits import Limits
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.readings import Reading, plain


def perceptron():
    return nn.Sequential(*(each for _ in range(3) for each in (nn.Linear(5, 5), nn.ReLU())), nn.Linear(5, 2))


def wide():
    return nn.Sequential(nn.Linear(5, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 2))


def convolutions():
    first = nn.Sequential(nn.Unflatten(1, (1, 5)), nn.Conv1d(1, 3, 2), nn.ReLU(), nn.Flatten())
    return nn.Sequential(first, nn.Linear(12, 4), nn.LeakyReLU(), nn.Linear(4, 2))


def without_units():
    return nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 2))


def dies_and_comes_back(step, net, optimizer):
    with torch.no_grad():
        if step in (20, 40):
            net[2].bias.fill_(-50.0 if step == 20 else 1.0)


def explodes(step, net, optimizer):
    optimizer.param_groups[0]["lr"] = 50.0 if step == 40 else 0.1 / (1 + step)


def freezes(step, net, optimizer):
    net[0].bias.requires_grad_(step % 9 < 6)


def loses_its_weights(step, net, optimizer):
    with torch.no_grad():
        if step == 30:
            net[2].weight.grad.fill_(torch.nan)
        if step == 34:
            for parameter in net.parameters():
                parameter.uniform_(-0.5, 0.5)
                parameter.grad.zero_()


CASES = {
    "healthy": (perceptron, None),
    "dead": (perceptron, dies_and_comes_back),
    "exploding": (perceptron, explodes),
    "frozen": (perceptron, freezes),
    "not finite": (wide, loses_its_weights),
    "convolutions": (convolutions, None),
    "without units": (without_units, explodes),
}
LIMITS = Limits(dead_fraction=0.3, torque=0.5, update_ratio=0.01, bias_change=0.1, growth=1.5)


def trained(name, ask=lambda step, monitor: None, steps=54, **how):
    """Train for some steps, asking in between, and return the monitor; every fifth batch is smaller than the others."""
    torch.manual_seed(0)
    make, change = CASES[name]
    net = make()
    optimizer, criterion = torch.optim.SGD(net.parameters(), 0.1), nn.CrossEntropyLoss()
    with Monitor(net, criterion=criterion, limits=LIMITS, **how) as monitor:
        for step in range(steps):
            x = torch.randn(9 if step % 25 == 24 else 16, 5)
            optimizer.zero_grad()
            criterion(net(x), torch.randint(0, 2, (len(x),))).backward()
            if change is not None:
                change(step, net, optimizer)
            optimizer.step()
            ask(step, monitor)
    return monitor


def shown(monitor):
    return str([plain(each) for each in monitor.readings]), str(monitor.alarms), str(monitor.state_dict())


ASKS = {
    "every step": lambda step, monitor: monitor.readings,
    "now and then": lambda step, monitor: monitor.latest if step % 7 == 3 else None,
    "alarms": lambda step, monitor: monitor.alarms if step % 3 == 1 else None,
    "state": lambda step, monitor: monitor.state_dict() if step % 17 == 0 else None,
    "copies": lambda step, monitor: pickle.loads(pickle.dumps(monitor._history)) if step % 17 == 0 else None,
}


@pytest.mark.parametrize(("name", "quick"), [*product(CASES, [True]), *some_slow(product(CASES, [False]), 2)])
def test_it_does_not_matter_when_somebody_asks(name, quick, monkeypatch):
    for module in (one_pass, quick_sums, quick_unpack, repeated, updates):
        monkeypatch.setattr(module, "LEAST", 0 if quick else 10**9)
    expected = trained(name)
    strange = [reading.step for reading in expected.readings if not reading.finite]
    assert strange == ([30, 31, 32, 33, 34] if name == "not finite" else [])
    wanted = shown(expected)
    for ask in ASKS.values():
        assert shown(trained(name, ask)) == wanted
    if name == "dead":
        assert {alarm.kind for _, alarm in expected.alarms} >= {"dead data", "large update"}


def test_readings_do_not_depend_on_others_that_are_not_finite(monkeypatch):
    """Sums go in another order where the library does not count, which the last digits show."""
    for module in (one_pass, quick_sums, quick_unpack, repeated, updates):
        monkeypatch.setattr(module, "LEAST", 0)

    def run(ask):
        torch.manual_seed(0)
        net, x = wide(), torch.randn(16, 5)
        optimizer = torch.optim.SGD(net.parameters(), 0.1)
        with Monitor(net) as monitor:
            for step in range(12):
                optimizer.zero_grad()
                loss = net(x).square().mean()
                loss.backward()
                monitor.note(loss.detach() * (torch.inf if step == 7 else 1))
                optimizer.step()
                ask(step, monitor)
        return monitor

    expected = run(lambda step, monitor: None)
    assert [reading.step for reading in expected.readings if not reading.finite] == [7]
    assert shown(run(ASKS["every step"])) == shown(expected)


@pytest.mark.parametrize("how", [*some_slow([{"keep": k} for k in (1, 10, 40, None)], 2), {"every": 3}])
def test_as_many_readings_are_kept_as_was_asked_for_and_always_the_latest(how):
    whole = trained("dead", every=how.get("every", 1), keep=None)
    for ask in (lambda step, monitor: None, *ASKS.values()):
        found = trained("dead", ask, **how)
        assert found.readings == whole.readings[-(how.get("keep") or 1000) :]
        assert str(found.alarms) == str(whole.alarms)


@pytest.mark.parametrize("detail", [True, "latest"])
def test_lists_are_those_of_readings_without_lists_and_only_where_asked_for(detail):
    plain, found = trained("dead").readings, trained("dead", detail=detail).readings
    lists = [each.layers[0].tops is not None for each in found]
    assert lists == ([True] * 54 if detail is True else [False] * 53 + [True])
    bare = dict.fromkeys(("tops", "bottoms", "point_tops", "torques"))
    for one, other in zip(plain, found, strict=True):
        own = [asdict(layer) | bare for layer in other.layers]
        assert str(asdict(one)) == str(asdict(other) | {"layers": tuple(own)})


def test_readings_are_a_plain_list_and_the_same_one():
    monitor = trained("healthy")
    assert type(monitor.readings) is list
    assert monitor.readings is monitor.readings
    assert {type(each) for each in monitor.readings} == {Reading}
    assert monitor.readings[3] is monitor.readings[3]


def arrays_of(kept):
    """Return all arrays that the columns of a history hold."""
    columns = [each for each, _ in kept._columns]
    assert all(isinstance(each, Columns) for each in columns)
    network = [value for each in columns for value in each.network.values()]
    return [value for value in network if isinstance(value, np.ndarray)] + [each.layers for each in columns]


def test_memory_stays_flat_until_somebody_asks():
    counts = []

    def look(step, monitor):
        if step % 50 == 49:
            own = monitor._history
            arrays = arrays_of(own)
            assert len(own.waiting) <= MANY
            assert all(each.base is None or each.base.nbytes <= 8 * MANY * 20 * 3 for each in arrays), "no raw numbers"
            counts.append((sum(len(alarms) for _, alarms in own._columns), sum(each.nbytes for each in arrays)))

    trained("healthy", look, steps=800, keep=100)
    kept, size = zip(*counts[6:], strict=True)
    assert max(kept) <= 100 + MANY
    assert max(size) <= 1.5 * min(size)


def test_what_waits_is_worked_out_but_no_reading_is_made_until_somebody_asks(monkeypatch):
    made, own = [], history.readings_of
    monkeypatch.setattr(history, "readings_of", lambda *given: made.append(len(given[1])) or own(*given))
    monitor = trained("healthy", steps=3 * MANY)
    assert made == [1], "the first one is what later ones are compared with"
    assert len(monitor.readings) == 3 * MANY
    assert sum(made) == 1 + 3 * MANY


def test_a_history_without_readings_is_empty():
    history = History(Limits(), False, None)
    assert (history.readings, history.begun, history.full) == ([], False, False)


def test_states_hold_what_dataclasses_make_of_readings():
    monitor = trained("dead", detail="latest")
    assert any(reading.alarms for reading in monitor.readings)
    wanted = [asdict(reading) for reading in monitor.readings]
    assert str(monitor.state_dict()["readings"]) == str(wanted) == str([plain(each) for each in monitor.readings])
