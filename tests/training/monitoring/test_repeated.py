"""Readings of a network that is as it was are packed by one call, with the same numbers; what has changed is seen."""

import copy
import pickle
from functools import partial

import numpy as np
import pytest
import torch
from same_values import assert_close
from torch import nn

from stability.compute.cpp import compiler
from stability.training.monitoring import one_pass, quick_sums, quick_unpack, repeated, unpack, updates
from stability.training.monitoring.columns import OF_ROWS
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.pack import Layout, Looked
from stability.training.monitoring.packed_rows import PackedRows
from stability.training.monitoring.same_step import SameStep, StepNumbers

pytestmark = pytest.mark.skipif(compiler() is None, reason="there is no C++ compiler")


@pytest.fixture(autouse=True)
def all_sizes(monkeypatch):
    for module in (one_pass, quick_sums, quick_unpack, repeated, updates):
        monkeypatch.setattr(module, "LEAST", 0)


@pytest.fixture
def compared(monkeypatch):
    """Measure every reading in both ways; return how often one call did it."""
    quick = []

    class Both(repeated.Repeated):
        def measure(self, given, step, changed, unread, asked):
            before = len(calls)
            found, own = super().measure(given, step, changed, unread, asked)
            expected = repeated._measured(given, step, changed, unread, asked._replace(now=own))
            quick.append(len(calls) > before)
            assert torch.equal(own.values, updates.entries(given.parameters).values)
            assert found.layout == expected.layout
            assert torch.allclose(found.numbers, expected.numbers, rtol=1e-5, atol=1e-8, equal_nan=True)
            rest = ("step", "loss", "scale", "unread", "passes", "rates")
            assert [getattr(found, name) for name in rest] == [getattr(expected, name) for name in rest]
            return found, own

    calls = []
    own = partial(counted, calls, SameStep.numbers)
    monkeypatch.setattr(SameStep, "numbers", lambda self, now: own(self, now))
    monkeypatch.setattr("stability.training.monitoring.monitor.Repeated", Both)
    return quick


def counted(calls, own, *args):
    numbers = own(*args)
    if numbers is not None:
        calls.append(numbers)
    return numbers


def perceptron():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 9), nn.ReLU(), nn.Linear(9, 9), nn.ReLU(), nn.Linear(9, 2))


def train(net, steps, change=lambda step, net, optimizer: None, lr=0.1, **how):
    optimizer = torch.optim.SGD(net.parameters(), lr, momentum=0.9)
    criterion = nn.MSELoss()
    with Monitor(net, criterion=criterion, **how) as monitor:
        for step in range(steps):
            x = torch.randn(7 if step % 3 == 2 else 6, 5)
            optimizer.zero_grad()
            criterion(net(x), torch.zeros(len(x), 2)).backward()
            change(step, net, optimizer)
            optimizer.step()
    return monitor


def test_all_readings_are_packed_by_one_call(compared):
    train(perceptron(), 8)
    assert compared == [True] * 8


def test_sparse_gradients_are_measured_by_torch(compared):
    net = nn.Sequential(nn.Embedding(20, 5, sparse=True), nn.Linear(5, 3), nn.ReLU())
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with Monitor(net, strict=True) as monitor:
        for _ in range(3):
            optimizer.zero_grad()
            net(torch.tensor([1, 2, 3])).sum().backward()
            optimizer.step()
    assert compared == [False] * 3
    assert [reading.finite for reading in monitor.readings] == [True] * 3


def test_large_parameters_without_units_count_by_their_norm(compared, monkeypatch):
    monkeypatch.setattr("stability.training.monitoring.pack.WHOLE", 10)
    monkeypatch.setattr(repeated, "WHOLE", 10)
    train(perceptron(), 3)
    assert compared == [True] * 3


def clipped(step, net, optimizer):
    if step % 2:
        nn.utils.clip_grad_norm_(net.parameters(), 1e-3)


def frozen(step, net, optimizer):
    net[0].bias.requires_grad_(step % 4 != 1)
    net[2].weight.grad = None if step == 3 else net[2].weight.grad


def another_bias(step, net, optimizer):
    if step == 2:
        net[0].bias = nn.Parameter(torch.ones(9))


@pytest.mark.parametrize("change", [clipped, frozen, another_bias])
def test_what_changes_between_steps_is_seen(compared, change):
    train(perceptron(), 8, change)
    assert all(compared)


def test_tensors_that_lie_otherwise_are_measured_by_torch(compared):
    def change(step, net, optimizer):
        if step == 3:
            net[2].weight.data = net[2].weight.data.T.contiguous().T
        if step == 6:
            net[2].weight.data = net[2].weight.data.contiguous()

    train(perceptron(), 8, change)
    assert compared == [True] * 3 + [False] * 4 + [True]  # at step 6 the gradient still lies as the weight did


def test_a_parameter_of_another_size_reads_no_strange_memory():
    monitor = train(perceptron(), 2)
    known = [*monitor._repeated._known.values()][-1]
    now = StepNumbers(Looked([], []), [], [], None, None, None, {}, None)
    assert known.same(now) is None


def test_freed_memory_is_not_read():
    weight = nn.Parameter(torch.ones(200, 200))
    weight.grad = torch.ones(200, 200)
    weight.untyped_storage().resize_(0)
    assert one_pass.row_norms_of([weight], [weight.grad]) is None
    assert one_pass.norm_of([weight]) is None


def test_no_more_structures_are_kept_than_some(compared):
    monitor = train(perceptron(), 20, lambda step, net, optimizer: setattr(net[0], "bias", nn.Parameter(torch.ones(9))))
    assert len(monitor._repeated._known) <= repeated.MOST


def test_copies_know_nothing(compared):
    monitor = train(perceptron(), 2)
    assert monitor._repeated._known
    assert not copy.deepcopy(monitor._repeated)._known
    assert not pickle.loads(pickle.dumps(repeated.Repeated()))._known


def test_entries_of_weights_are_those_of_torch(monkeypatch):
    weights = [torch.randn(3, 4, requires_grad=True), torch.randn(40, 50, requires_grad=True), torch.zeros(2)]
    found = updates.entries(weights)
    monkeypatch.setattr(updates, "LEAST", 10**9)
    expected = updates.entries(weights)
    assert found[:2] == expected[:2]
    assert torch.equal(found.values, expected.values)


@pytest.mark.parametrize("detail", [False, True])
@pytest.mark.parametrize("broken", [None, "nan in a weight", "inf in the loss"])
def test_what_numbers_say_is_the_same_by_numpy(monkeypatch, detail, broken):
    def change(step, net, optimizer):
        if step == 5 and broken == "nan in a weight":
            with torch.no_grad():
                net[2].weight[1, 1] = torch.nan

    monkeypatch.setattr(unpack, "said", slow_or_quick := Recorder(unpack.said))
    quick = train(perceptron(), 9, change, detail=detail, lr=1e30 if broken == "inf in the loss" else 0.1).readings
    assert bool(slow_or_quick.found) != detail
    monkeypatch.setattr(unpack, "said", lambda *args: None)
    slow = train(perceptron(), 9, change, detail=detail, lr=1e30 if broken == "inf in the loss" else 0.1).readings
    for one, other in zip(quick, slow, strict=True):
        assert_close(one.to_json(), other.to_json(), rel=1e-9, nan_ok=True)


class Recorder:
    """Calls a function and keeps what it returned, if anything."""

    def __init__(self, call):
        self.call, self.found = call, []

    def __call__(self, *args):
        found = self.call(*args)
        self.found += [] if found is None else [found]
        return found


@pytest.mark.parametrize("count", [1, 2, 3, 10, 11, 12, 101, 256, 620, 640, 1000])
def test_percentiles_are_those_of_sorted_numbers(count):
    """Torques 0, 1/n, 2/n, ... in any order, one of them twice; a row without gradient does not count."""
    order = np.random.default_rng(count).permutation(count)
    torques = np.array([(k if k else count // 2) / count for k in order], np.float32)
    table = np.concatenate([np.ones(count), [2.0], np.ones(count), [0.0], torques, [0.0]]).astype(np.float32)[None]
    layout = Layout((), (), (), (), (), (((True,), count + 1, True),), 0, 0, False, False)
    said = quick_unpack.said(PackedRows([table[0, :0]]), PackedRows([*table]), layout, np.ones((1, 1)))
    found = dict(zip(OF_ROWS, said.rows[0].numbers[:, 0, 0], strict=True))
    assert found["torque_mean"] == pytest.approx(torques.astype(float).mean())
    assert found["torque_p10"] == pytest.approx(np.percentile(torques.astype(float), 10))
    assert found["units_without_gradient"] == 1
    assert found["weight_norm"] == pytest.approx((count + 4) ** 0.5)


def test_rows_that_cannot_turn_and_scaled_gradients():
    table = np.array([[3, 4, 6, 8, 6, 0], [1, 1, 2, 2, 1, 1]], np.float32)
    none, rows, scales = PackedRows([*table[:, :0]]), PackedRows([*table]), np.array([[2.0], [4.0]])
    for turn in (True, False):
        layout = Layout((), (), (), (), (), (((False,), 2, turn),), 0, 0, False, False)
        said = quick_unpack.said(none, rows, layout, scales)
        found = dict(zip(OF_ROWS, said.rows[0].numbers[:, :, 0], strict=True))
        assert found["gradient_norm"].tolist() == [5, 0.5**0.5]
        assert found["torque_mean"] == pytest.approx([0.5, 0.5] if turn else [np.nan] * 2, nan_ok=True)
        assert said.squares.tolist() == [[0, 0], [0, 0]]
    assert quick_unpack.said(none, rows, layout, np.array([[1.0], [np.inf]])) is None
    wide = PackedRows([*table.astype(float)])
    assert quick_unpack.said(none, wide, layout, scales) is None


def test_squares_are_those_of_numpy(monkeypatch):
    monkeypatch.setattr(quick_sums, "LEAST", 0)
    rng = np.random.default_rng(0)
    sizes = [(count, count) for count in (*range(1, 20), 127, 128, 129, 136, 255, 256)]
    before = rng.standard_normal((3, sum(count for count, _ in sizes))).astype(np.float32)
    after = before + rng.standard_normal(before.shape).astype(np.float32)
    after[2, 7], before[1, 9] = np.nan, np.inf
    sums = quick_sums.squares_of_moves(PackedRows([*before]), PackedRows([*after]), sizes)
    for found, expected in zip(updates.ratios_of(*sums, sizes), updates.ratios(before, after, sizes), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-14)
    monkeypatch.setattr(quick_sums, "MANY", 0)
    for count in (1, 7, 8, 129, 1000):
        found = quick_sums.squares_of(PackedRows([*after[:, :count]]))
        assert np.array_equal(found, np.square(after[:, :count].astype(float)).sum(1), equal_nan=True)
    assert quick_sums.squares_of_moves(PackedRows([*before.astype(float)]), PackedRows([*after]), sizes) is None
