"""Does a monitor leave the device alone between readings, and not wait for it at one?

Tensors on the device meta have no entries: whatever would need one on the processor raises there.
"""

from collections import Counter

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from stability.training.control.controller import Controller
from stability.training.introspection.activations import TracedActivation
from stability.training.monitoring.backward import Backward
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.pack import early, look, measure
from stability.training.monitoring.passes import merged

WAITS = {torch.ops.aten._local_scalar_dense.default, torch.ops.aten.is_nonzero.default, torch.ops.aten.equal.default}


class Calls(TorchDispatchMode):
    """Writes down every operation."""

    def __init__(self):
        super().__init__()
        self.made = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.made.append(func)
        return func(*args, **(kwargs or {}))


def network():
    torch.manual_seed(0)
    parts = nn.Conv1d(2, 4, 3), nn.BatchNorm1d(4), nn.ReLU(), nn.Flatten(), nn.Linear(24, 8), nn.ReLU(), nn.Linear(8, 1)
    return nn.Sequential(*parts)


def calls_of(observe, steps):
    """Return the operations of each of some steps."""
    model, found = network(), []
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    observers = observe(model)
    x = torch.randn(5, 2, 8)
    for _ in range(steps):
        with Calls() as calls:
            optimiser.zero_grad()
            model(x).square().mean().backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        found.append(calls.made)
    for each in observers:
        each.close()
    return found


OBSERVERS = {
    "monitor": lambda model: [Monitor(model, every=4)],
    "two": lambda model: [Monitor(model, every=4), Monitor(model, every=4, detail=True)],
    "controller": lambda model: [Controller(model, "better", every=4)],
}


@pytest.mark.parametrize("how", OBSERVERS)
def test_between_readings_a_step_is_the_bare_one_operation_by_operation(how):
    """But for the one before a reading, which keeps some entries of the weights."""
    bare, monitored = calls_of(lambda model: [], 8), calls_of(OBSERVERS[how], 8)
    for step in (1, 2, 5, 6):
        assert monitored[step] == bare[step]
    for step in (3, 7):
        more = Counter(monitored[step]) - Counter(bare[step])
        assert {each.name() for each in more} <= {"aten::detach", "aten::view", "aten::as_strided", "aten::cat"}
    assert len(monitored[0]) > len(bare[0])


def test_a_reading_waits_for_nothing():
    bare, monitored = (calls_of(observe, 3) for observe in (lambda model: [], lambda model: [Monitor(model)]))
    for one, other in zip(bare, monitored, strict=True):
        assert len(other) > len(one)
        assert [each for each in other if each in WAITS] == [each for each in one if each in WAITS]


def on_meta(*shape, dtype=torch.float32):
    made = nn.Parameter(torch.empty(shape, device="meta", dtype=dtype))
    made.grad = torch.empty_like(made)
    return made


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.float64])
def test_all_that_a_reading_computes_stays_on_the_device(kind):
    weights = [on_meta(8, 3, dtype=kind), on_meta(3, 2, 3, dtype=kind), on_meta(400, 400, dtype=kind)]
    biases = [on_meta(8, dtype=kind), on_meta(3, dtype=kind), on_meta(dtype=kind)]
    z = [torch.empty(5, 8, device="meta", dtype=kind), torch.empty(5, 3, 7, device="meta", dtype=kind)]
    seen = [TracedActivation(str(k), each, 1, weights[k], biases[k]) for k, each in enumerate(z)]
    whole = merged([look(seen, torch.empty(2, device="meta")) for _ in range(3)])
    number = torch.empty((), device="meta")
    changed = {id(each): early(each, whole) for each in (weights[0], biases[1], weights[2])}
    for gone in (None, changed):
        packed = measure(whole, [*weights, *biases], 0, number, number, number, gone)
        assert packed.numbers.is_meta
        assert packed.numbers.dtype == (torch.float64 if kind == torch.float64 else torch.float32)
    own = [*weights, *biases]
    backward = Backward(lambda: own)
    backward._end()
    assert backward._norm.is_meta
    weights[0].grad.add_(1)
    assert backward.before_clipping(own, [each.grad for each in own], lambda: number).is_meta


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", ["step", "pass"])
@pytest.mark.parametrize("before", [1, *range(30, 48, 3), 64, 65, 66, 67])
def test_under_fake_tensors_nothing_is_written_to_memory_that_is_not_there(what, before):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 3))
    x, optimizer = torch.randn(128, 8), torch.optim.SGD(model.parameters(), 0.01)

    def begin():
        optimizer.zero_grad()
        model(x).square().mean().backward()

    with Monitor(model) as monitor:
        for _ in range(before):
            begin()
            optimizer.step()
        begin()
        with FakeTensorMode(allow_non_fake_inputs=True):
            optimizer.step() if what == "step" else model(x)
        for _ in range(5):
            begin()
            optimizer.step()
    assert [reading.step for reading in monitor.readings][-3:] == [monitor.steps - k for k in (3, 2, 1)]
    assert all(reading.finite for reading in monitor.readings[-3:])
