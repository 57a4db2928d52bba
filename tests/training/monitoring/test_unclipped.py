"""Loops that leave gradients alone are followed less, and read the same; what begins late is seen."""

import copy
from dataclasses import asdict
from math import isnan

import pytest
import torch
from torch import nn

from stability import Monitor
from stability.training.monitoring.backward import Backward
from stability.training.monitoring.unclipped import SETTLED, UNKNOWN, Unclipped, are_untouched

STEPS = 60


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))


def trained(between, always=False, steps=STEPS, zero=True, monitor=None):
    """Train with something between the backward pass and the step; return the monitor."""
    model = network() if monitor is None else monitor.model
    x = torch.randn(16, 4, generator=torch.Generator().manual_seed(1))
    optimizer, criterion = torch.optim.SGD(model.parameters(), 0.05), nn.MSELoss()
    monitor = Monitor(model, criterion=criterion) if monitor is None else monitor
    if always:
        monitor._backward._always = True
    for step in range(monitor.steps, steps):
        if zero is True or step < zero:
            optimizer.zero_grad()
        loss = criterion(model(x), x[:, :1])
        loss.backward()
        between(step, model, x)
        optimizer.step()
    return monitor


def plain(monitor):
    return [str(asdict(reading)) for reading in monitor.readings]


def nothing(step, model, x):
    pass


def clips_from(first, how):
    def between(step, model, x):
        if step < first:
            return
        parameters = [*model.parameters()]
        if how == "norm":
            nn.utils.clip_grad_norm_(parameters, 1e-3)
        elif how == "value":
            nn.utils.clip_grad_value_(parameters, 1e-4)
        else:
            for p in parameters:
                p.grad = p.grad * 1e-3

    return between


def again(step, model, x):
    """Add the gradient of a second pass now and then."""
    if step % 7 == 3:
        model(x).square().mean().backward()


@pytest.mark.parametrize("between", [nothing, again, clips_from(0, "norm"), clips_from(0, "replaced")])
def test_readings_are_those_of_a_monitor_that_follows_every_pass(between):
    assert plain(trained(between)) == plain(trained(between, always=True))


def test_a_loop_that_leaves_gradients_alone_is_followed_once_in_a_while(monkeypatch):
    ended = []
    end = Backward._end
    monkeypatch.setattr(Backward, "_end", lambda self: (ended.append(1), end(self))[1])
    trained(nothing, steps=1 + 4 * SETTLED)
    assert len(ended) == SETTLED + 1 + 3
    ended.clear()
    trained(clips_from(0, "norm"))
    assert len(ended) == STEPS


@pytest.mark.parametrize("how", ["norm", "value"])
def test_the_first_clipping_after_long_is_counted_as_unread_and_the_next_is_read(how):
    first = SETTLED + 10
    own, full = (trained(clips_from(first, how), always).readings for always in (False, True))
    assert [str(a) == str(b) for a, b in zip(own, full, strict=True)].count(False) == 1
    assert isnan(own[first].gradient_norm)
    assert own[first].step_gradient_norm == full[first].step_gradient_norm < full[first].gradient_norm
    assert own[first].unread == 1
    assert f"|gradient| {own[first].step_gradient_norm:.3g} at the step" in own[first].headline
    assert UNKNOWN in own[first].skipped[0]
    assert own[first + 1].gradient_norm > 2 * own[first + 1].step_gradient_norm


def test_gradients_that_are_replaced_are_seen_soon():
    own = trained(clips_from(SETTLED + 5, "replaced")).readings
    clipped = [reading.step for reading in own if reading.step_gradient_norm < 0.5 * reading.gradient_norm]
    assert clipped == [*range(2 * SETTLED, STEPS)]


def test_forgotten_zeros_ring_as_when_every_pass_is_followed():
    own, full = (trained(nothing, always, zero=SETTLED + 5) for always in (False, True))
    assert "gradient kept" in {alarm.kind for _, alarm in own.alarms}
    assert plain(own) == plain(full)
    assert own.alarms == full.alarms


def test_a_run_that_goes_on_reads_as_the_one_that_was_not_interrupted():
    between = clips_from(SETTLED + 12, "norm")
    whole = trained(between)
    first = trained(between, steps=SETTLED + 6)
    state = copy.deepcopy(first.state_dict())
    first.close()
    second = Monitor(first.model)
    second.load_state_dict(state)
    assert second._backward.unclipped.readings == first._backward.unclipped.readings > SETTLED
    rest = trained(between, monitor=second)
    parts = [str((each.step, each.gradient_norm, each.unread)) for each in rest.readings]
    assert parts == [str((each.step, each.gradient_norm, each.unread)) for each in whole.readings]


def test_a_state_from_before_begins_to_count_anew():
    monitor = trained(nothing)
    state = monitor.state_dict()
    del state["unclipped"]
    monitor.load_state_dict(state)
    assert monitor._backward.unclipped.readings == 0


def test_a_second_backward_pass_that_begins_late_is_no_clipping_for_long():
    def late(step, model, x):
        if step >= SETTLED + 6:
            model(x).square().mean().backward()

    own = trained(late)
    assert [reading.step for reading in own.readings if reading.unread] == [SETTLED + 6]
    assert plain(own)[SETTLED + 7 :] == plain(trained(late, always=True))[SETTLED + 7 :]


def test_two_passes_with_one_backward_pass_need_not_be_followed(monkeypatch):
    ended, end = [], Backward._end
    monkeypatch.setattr(Backward, "_end", lambda self: (ended.append(1), end(self))[1])
    model, x = network(), torch.randn(16, 4)
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    with Monitor(model) as monitor:
        for _ in range(SETTLED + 9):
            optimizer.zero_grad()
            (model(x) - model(-x)).square().mean().backward()
            optimizer.step()
    assert len(ended) == SETTLED + 1
    assert {reading.passes for reading in monitor.readings} == {2}


def test_optimisers_within_the_backward_pass_are_followed():
    model, x = network(), torch.randn(16, 4)
    for p in model.parameters():
        own = torch.optim.SGD([p], 0.05)

        def step(p, own=own):
            own.step()
            own.zero_grad()

        p.register_post_accumulate_grad_hook(step)
    with Monitor(model) as monitor:
        for _ in range(SETTLED + 9):
            model(x).square().mean().backward()
    assert len(monitor.readings) == SETTLED + 9
    assert monitor._backward.unclipped.readings == 0


def test_two_backward_passes_through_one_forward_pass_are_followed():
    def twice(step, model, x):
        model[0].weight.sum().backward()

    assert trained(twice)._backward.unclipped.readings == 0


def test_gradients_made_in_inference_mode_are_not_known_to_be_untouched():
    with torch.inference_mode():
        slope = torch.ones(2)
    assert not are_untouched([slope])
    assert are_untouched([None, torch.ones(1)])


def test_a_loop_whose_gradients_torch_does_not_count_is_always_followed():
    """As those that a hook of the backward pass makes in inference mode."""
    model, x = network(), torch.randn(16, 4)
    optimizer = torch.optim.SGD(model.parameters(), 0.05)

    def made_anew(p):
        with torch.inference_mode():
            p.grad = p.grad.clone()

    for p in model.parameters():
        p.register_post_accumulate_grad_hook(made_anew)
    with Monitor(model) as monitor:
        for _ in range(SETTLED + 9):
            optimizer.zero_grad()
            model(x).square().mean().backward()
            optimizer.step()
    assert monitor._backward.unclipped.readings == 0
    assert {reading.unread for reading in monitor.readings} == {0}


def test_one_that_is_touched_begins_anew():
    own = Unclipped()
    for _ in range(3 * SETTLED):
        own.read(True)
    assert not own.settled  # one in so many is followed
    own.read(True)
    assert own.settled
    own.read(False)
    assert not own.settled
    for _ in range(3 * SETTLED):
        own.begin()
        own.read(True)
        assert not own.settled


def test_before_a_loop_is_one_of_these_it_may_change_gradients():
    own = Unclipped()
    for end in (own.begin, lambda: own.read(False)):
        for _ in range(SETTLED):
            own.read(True)
        end()
        assert own.readings == 0


def test_of_a_loop_that_clips_where_gradients_are_large_one_reading_is_lost():
    explosions = (SETTLED + 10, SETTLED + 34)

    def between(step, model, x):
        parameters = [*model.parameters()]
        if step in explosions:
            for each in parameters:
                each.grad = each.grad * 1e6
        if max(each.grad.norm() for each in parameters) > 100:
            nn.utils.clip_grad_norm_(parameters, 1e-3)

    readings = trained(between, steps=STEPS).readings
    assert [reading.step for reading in readings if reading.unread] == [explosions[0]]
