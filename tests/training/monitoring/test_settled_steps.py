"""Steps like the one before are read on a short path, with the bits and the words of the long one."""

import gc
import threading
import warnings
import weakref
from collections import Counter, OrderedDict
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import asdict

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.overrides import TorchFunctionMode

from stability import Monitor
from stability.training.monitoring.monitor import ShortPath
from stability.training.monitoring.one_pass import compiled
from stability.training.monitoring.settled_steps import SettledSteps

pytestmark = pytest.mark.skipif(compiled() is None, reason="there is no C++ compiler")

EXAMPLES, UNITS = 128, 128
"""Enough entries for the library that reads them."""

ENOUGH = 34
"""After so many steps the next ones are read on the short path."""


class Within(TorchFunctionMode):
    """Calls something once, in the middle of a forward pass."""

    def __init__(self, call) -> None:
        self.call = call

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is nn.functional.linear and self.call is not None:
            call, self.call = self.call, None
            call()
        return func(*args, **(kwargs or {}))


def in_a_thread(call):
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


class Loop:
    """A training that goes as usual until something odd happens."""

    def __init__(self, adam: bool = False, frozen: bool = False, late: bool = False, **options) -> None:
        torch.manual_seed(0)
        self.late = late
        sizes = [nn.Linear(8, UNITS), nn.ReLU(), nn.Linear(UNITS, UNITS), nn.ReLU(), nn.Linear(UNITS, 3)]
        self.model, self.x, self.y = nn.Sequential(*sizes), torch.randn(EXAMPLES, 8), torch.randint(3, (EXAMPLES,))
        self.model[0].requires_grad_(not frozen)
        own = self.model.parameters()
        self.optimiser = torch.optim.Adam(own, 1e-3) if adam else torch.optim.SGD(own, 0.01, momentum=0.9)
        self.loss, self.criterion, self.options = None, nn.CrossEntropyLoss(), options
        self.monitor = Monitor(self.model, criterion=self.criterion, **options)
        self.heard: list[str] = []

    def forward(self, x=None) -> torch.Tensor:
        x = self.x if x is None else x
        return self.criterion(self.model(x), self.y[: len(x)])

    def begin(self, x=None) -> None:
        """Do all of a step but the step."""
        if not self.late:
            self.optimiser.zero_grad()
        self.loss = self.forward(x)
        if self.late:
            self.optimiser.zero_grad()
        self.loss.backward()

    def step(self, x=None) -> None:
        self.begin(x)
        self.optimiser.step()

    def do(self, event: str) -> None:
        try:
            getattr(self, f"on_{event}", self.step)()
        except RuntimeError as error:  # of torch, after something odd
            self.heard.append(str(error))

    def on_twice(self):
        self.optimiser.zero_grad()
        (self.forward() + self.forward(self.x.flip(0))).backward()
        self.optimiser.step()

    def on_second_pass_without_loss(self):
        self.begin()
        self.model(self.x * 2)
        self.optimiser.step()

    def on_evaluation_within(self):
        self.begin()
        with torch.no_grad():
            self.model(self.x)
        self.model.eval()
        self.model(self.x)
        self.model.train()
        self.optimiser.step()

    def on_evaluation_before(self):
        with torch.no_grad():
            self.model.eval()(self.x)
        self.model.train()
        self.step()

    def on_clipping(self):
        self.begin()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1e-3)
        self.optimiser.step()

    def on_accumulation(self):
        self.forward().backward()
        self.optimiser.step()

    def on_last_batch(self):
        self.step(self.x[:60])

    def on_nan(self):
        self.begin(self.x.clone().fill_(float("nan")))
        for each in self.model.parameters():
            each.grad = torch.zeros_like(each)
        self.optimiser.step()

    def on_lacking_gradient(self):
        self.begin()
        self.model[0].bias.grad = None
        self.optimiser.step()

    def on_gradient_made_zero(self):
        self.begin()
        self.model[2].weight.grad = torch.zeros(UNITS, UNITS)
        self.optimiser.step()

    def on_transposed_gradient(self):
        self.begin()
        self.model[2].weight.grad = self.model[2].weight.grad.t()
        self.optimiser.step()

    def on_negative_view(self):
        self.begin()
        self.model[2].weight.grad = torch._neg_view(self.model[2].weight.grad)
        self.optimiser.step()

    def on_sparse_gradient(self):
        self.begin()
        self.model[2].weight.grad = self.model[2].weight.grad.to_sparse()
        with suppress(RuntimeError):
            self.optimiser.step()

    def on_gradient_of_other_numbers(self):
        self.begin()
        self.model[2].weight.grad.data = self.model[2].weight.grad.double()
        with suppress(RuntimeError):
            self.optimiser.step()

    def on_parameter_gradient(self):
        self.begin()
        self.model[2].weight.grad = nn.Parameter(self.model[2].weight.grad)
        with suppress(RuntimeError):
            self.optimiser.step()

    def on_closure(self):
        def closure():
            self.begin()
            return self.loss

        self.optimiser.step(closure)

    def on_closure_after_pass(self):
        def closure():
            self.begin(self.x * 2)
            return self.loss

        self.begin()
        self.optimiser.step(closure)
        self.begin()
        self.optimiser.step(closure=closure)

    def on_pass_before_closure(self):
        self.model(self.x)
        self.on_closure()

    def on_step_within_backward(self):
        handle = self.model[4].bias.register_post_accumulate_grad_hook(lambda p: self.optimiser.step())
        self.begin()
        handle.remove()

    def on_step_at_the_end_of_backward(self):
        own = [each for each in self.model.parameters() if each.requires_grad]

        def step(parameter):
            if all(each.grad is not None for each in own):
                self.optimiser.step()

        handles = [each.register_post_accumulate_grad_hook(step) for each in own]
        self.begin()
        for handle in handles:
            handle.remove()

    def on_two_steps(self):
        self.step()
        self.optimiser.step()

    def on_no_step(self):
        self.begin()

    def on_no_backward(self):
        self.forward()
        self.optimiser.step()

    def on_note(self):
        self.begin()
        self.monitor.note(0.25)
        self.optimiser.step()

    def on_no_loss(self):
        self.optimiser.zero_grad()
        self.model(self.x).square().mean().backward()
        self.optimiser.step()

    def on_said_step(self):
        self.begin()
        self.monitor.step()

    def on_look(self):
        self.begin()
        assert self.monitor.readings is not None
        self.optimiser.step()

    def on_resume(self):
        state = self.monitor.state_dict()
        self.monitor.close()
        self.monitor = Monitor(self.model, criterion=self.criterion, **self.options)
        self.monitor.load_state_dict(state)

    def on_load_within(self):
        self.begin()
        self.monitor.load_state_dict(self.monitor.state_dict())
        self.optimiser.step()

    def on_copy(self):
        self.begin()
        copied = deepcopy(self.model)
        copied(self.x).sum().backward()
        self.optimiser.step()

    def on_copied_monitor(self):
        self.begin()
        copied = deepcopy(self.monitor)
        assert [each.step for each in copied.readings] == [each.step for each in self.monitor.readings]
        self.optimiser.step()

    def on_rate(self):
        self.optimiser.param_groups[0]["lr"] /= 2
        self.step()

    def on_whole_rate(self):
        before, self.optimiser.param_groups[0]["lr"] = self.optimiser.param_groups[0]["lr"], 0
        self.step()
        self.optimiser.param_groups[0]["lr"] = before

    def on_new_weight(self):
        self.begin()
        self.model[2].weight.data = self.model[2].weight.data.clone()
        self.optimiser.step()

    def on_transposed_weight(self):
        self.begin()
        self.model[2].weight.data = self.model[2].weight.data.t()
        with suppress(RuntimeError):
            self.optimiser.step()

    def on_frozen(self):
        self.model[2].weight.requires_grad_(False)
        self.step()
        self.model[2].weight.requires_grad_(True)

    def on_frozen_late(self):
        self.begin()
        self.model[0].bias.requires_grad_(False)
        self.optimiser.step()
        self.model[0].bias.requires_grad_(True)

    def on_leaky(self):
        self.model[3] = nn.LeakyReLU(0.1)
        self.step()

    def on_setting(self):
        self.model[1].inplace = not self.model[1].inplace
        self.step()

    def on_hook(self):
        handle = self.model[1].register_forward_pre_hook(lambda module, args: (args[0] * 2,))
        self.step()
        handle.remove()

    def on_error(self):
        weight = self.model[4].weight
        weight.data, held = weight.data[:, :5], weight.data
        with suppress(RuntimeError):
            self.model(self.x)
        weight.data = held

    def interrupt(self, x):
        """Begin a forward pass that does not go on, as Ctrl-C leaves it."""
        for hook in [*self.model._forward_pre_hooks.values()]:
            hook(self.model, (x,))

    def on_interruption(self):
        self.interrupt(self.x)

    def on_interruption_and_step(self):
        self.on_interruption()
        self.optimiser.step()

    def on_interruption_and_last_batch(self):
        self.on_interruption()
        self.on_last_batch()

    def on_autocast(self):
        self.optimiser.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            loss = self.forward()
        loss.backward()
        self.optimiser.step()

    def on_log(self):
        self.monitor.log = lambda reading: self.heard.append(repr(reading))
        self.step()
        self.monitor.log = None

    def on_log_within(self):
        self.begin()
        self.monitor.log = lambda reading: self.heard.append(repr(reading))
        self.optimiser.step()
        self.monitor.log = None

    def on_late_answer(self):
        self.begin()
        self.monitor.on_alarm = lambda alarm: self.heard.append(str(alarm))
        self.optimiser.step()
        self.monitor.on_alarm = None

    def on_other_optimiser(self):
        own = torch.optim.SGD([self.model[0].bias], 0.01)
        self.begin()
        own.step()
        self.optimiser.step()

    def on_other_optimiser_of_all(self):
        own = torch.optim.SGD(self.model.parameters(), 1e-9)
        self.begin()
        own.step()
        self.optimiser.step()

    def on_foreign_optimiser(self):
        foreign = torch.ones(2, requires_grad=True)
        self.begin()
        foreign.sum().backward()
        torch.optim.SGD([foreign], 0.1).step()
        self.optimiser.step()

    def on_added_group(self):
        self.optimiser.add_param_group({"params": [torch.ones(2, requires_grad=True)]})
        self.step()

    def on_group_in_other_order(self):
        self.begin()
        self.optimiser.param_groups[0]["params"].reverse()
        self.optimiser.step()
        self.optimiser.param_groups[0]["params"].reverse()

    def on_scaled(self):
        self.optimiser.grad_scale, self.optimiser.found_inf = torch.tensor(2.0), torch.tensor(0.0)
        with suppress(Exception):
            self.step()
        del self.optimiser.grad_scale, self.optimiser.found_inf

    def on_overflow(self):
        self.begin()
        self.optimiser.found_inf = torch.tensor(1.0)
        with suppress(Exception):
            self.optimiser.step()
        del self.optimiser.found_inf

    def on_thread(self):
        in_a_thread(self.step)

    def on_repeated_pass(self):
        self.optimiser.zero_grad()
        torch.utils.checkpoint.checkpoint(self.forward, self.x, use_reentrant=False).backward()
        self.optimiser.step()

    def on_input_that_is_a_parameter(self):
        self.step(nn.Parameter(self.x))

    def on_strided_input(self):
        self.step(self.x.t().contiguous().t())

    def on_input_by_name(self):
        self.optimiser.zero_grad()
        self.criterion(self.model(input=self.x), self.y).backward()
        self.optimiser.step()

    def on_pass_within_backward(self):
        self.optimiser.zero_grad()
        loss = self.forward()
        loss.register_hook(lambda slope: self.model(self.x).mean() and None)
        loss.backward()
        self.optimiser.step()

    def on_several_passes_within_backward(self):
        self.optimiser.zero_grad()
        start = torch.ones(1, requires_grad=True)
        start.register_hook(lambda slope: torch.enable_grad()(self.forward)().backward())
        start.sum().backward()
        self.optimiser.step()

    def on_pass_in_another_thread(self):
        self.begin()
        in_a_thread(lambda: self.model(self.x))
        self.optimiser.step()

    def around(self, call):
        """Make a step in the forward pass of which something is called."""
        self.optimiser.zero_grad()
        with Within(call):
            loss = self.forward()
        loss.backward()
        self.optimiser.step()

    def on_pass_in_another_thread_within(self):
        self.around(lambda: in_a_thread(lambda: self.model(self.x[:60])))

    def on_evaluation_in_another_thread_within(self):
        self.around(lambda: in_a_thread(lambda: torch.no_grad()(self.model)(self.x)))

    def on_pass_in_a_pass(self):
        self.around(lambda: self.model(self.x[:60]))

    def on_evaluation_in_a_pass(self):
        self.around(lambda: torch.no_grad()(self.model)(self.x))

    def on_step_in_a_pass(self):
        self.around(self.optimiser.step)

    def on_step_in_a_pass_after_all(self):
        self.begin()
        with Within(self.optimiser.step):
            self.forward().backward()
        self.optimiser.step()

    def on_smaller_pass_too(self):
        self.optimiser.zero_grad()
        (self.forward(self.x[:60]) + self.forward()).backward()
        self.optimiser.step()

    def on_unfinished_smaller_step(self):
        self.begin(self.x[:60])
        self.step()

    def on_numbers_of_16_bits(self):
        own = [*self.model.parameters()]
        held = [each.data for each in own]
        for each in own:
            each.grad, each.data = None, each.data.half()
        with suppress(RuntimeError):
            self.model(self.x.half())
            self.optimiser.step()
        for each, data in zip(own, held, strict=True):
            each.grad, each.data = None, data
        self.step()

    def on_nested_tensor(self):
        self.begin()
        with suppress(RuntimeError):
            self.model(torch.nested.nested_tensor([torch.randn(5, 8), torch.randn(3, 8)]))
        self.optimiser.step()
        with suppress(RuntimeError):
            self.model(torch.nested.nested_tensor([torch.randn(5, 8), torch.randn(3, 8)]))
        self.step()

    def on_replaced_hooks(self):
        self.model[1]._forward_pre_hooks = OrderedDict()
        self.step()

    def on_half_evaluation(self):
        self.model.training = False
        self.model(self.x)
        self.model.training = True
        self.step()

    def on_pass_without_gradients(self):
        with torch.no_grad():
            self.model(self.x)
        self.step()

    def on_late_repeated_pass(self):
        self.optimiser.zero_grad()
        loss = torch.utils.checkpoint.checkpoint(self.forward, self.x, use_reentrant=False)
        self.optimiser.step()
        loss.backward()
        self.optimiser.step()

    def on_frozen_bias(self):
        self.model[0].bias.requires_grad_(False)
        self.step()
        self.model[0].bias.requires_grad_(True)

    def on_interruption_of_another_pass(self):
        self.interrupt(self.x[:60])
        self.step()
        assert not torch._C._len_torch_function_stack()

    def on_narrower(self):
        own = [self.model[0].weight, self.model[0].bias, self.model[2].weight]
        held = [each.data for each in own]
        for each, place in zip(own, ((slice(60),), (slice(60),), (slice(None), slice(60))), strict=True):
            each.data = each.data[place].contiguous()
        self.optimiser.zero_grad()
        self.forward()
        self.optimiser.step()
        for each, data in zip(own, held, strict=True):
            each.data = data

    def on_mapped(self):
        torch.func.vmap(self.model)(self.x[None])
        self.step()

    def on_zeroed_late(self):
        loss = self.forward()
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

    def on_zeroed_in_place_late(self):
        loss = self.forward()
        self.optimiser.zero_grad(set_to_none=False)
        loss.backward()
        self.optimiser.step()

    def on_zeroed_late_and_clipped(self):
        loss = self.forward()
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1e-3)
        self.optimiser.step()

    def on_old_graph(self):
        loss = self.forward()
        self.optimiser.zero_grad()
        loss.backward(retain_graph=True)
        self.optimiser.step()
        self.optimiser.zero_grad()
        with suppress(RuntimeError):
            loss.backward()
        self.optimiser.step()

    def on_old_graph_beside_the_new(self):
        old = self.model(self.x).square().mean()
        self.step()
        other = self.forward()
        with suppress(RuntimeError):
            old.backward()
        self.optimiser.zero_grad()
        other.backward()
        self.optimiser.step()

    def on_backward_twice(self):
        loss = self.forward()
        self.optimiser.zero_grad()
        loss.backward(retain_graph=True)
        loss.backward()
        self.optimiser.step()

    def on_gradients_by_hand(self):
        loss = self.forward()
        self.optimiser.zero_grad()
        own = [*self.model.parameters()]
        for each, slope in zip(own, torch.autograd.grad(loss, own, allow_unused=True), strict=True):
            each.grad = slope
        self.optimiser.step()

    def on_step_by_old_gradients(self):
        self.forward()
        self.optimiser.step()

    def on_pass_after_the_backward_pass(self):
        self.begin()
        self.model(self.x)
        self.optimiser.step()

    def said(self):
        with self.monitor as monitor:
            return [str(asdict(each)) for each in monitor.readings], str(monitor.state_dict()), self.heard

    def bits(self):
        return [each.detach().clone() for each in self.model.parameters()]


EVENTS = sorted(name.removeprefix("on_") for name in vars(Loop) if name.startswith("on_"))


@contextmanager
def counted(short: bool = True):
    """Count the steps that are read on the short path, or let none be."""
    found: Counter[bool] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        own = SettledSteps.steps
        patch.setattr(SettledSteps, "steps", lambda *given: (done := own(*given), found.update([done]))[0])
        if not short:
            patch.setattr(ShortPath, "after", lambda *given: None)
        yield found


def trained(events, short, warm=ENOUGH, **options):
    with counted(short) as found, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        loop = Loop(**options)
        for _ in range(warm):
            loop.step()
        before = found[True]
        for event in events:
            loop.do(event)
        kept = loop.bits()
        own = [text for text in (str(each.message) for each in warned) if "Sequential" in text]
        return (*loop.said(), own), kept, (before, found)


def same(events, **options):
    said, bits, (before, found) = trained(events, True, **options)
    expected, others, (_, never) = trained(events, False, **options)
    assert not never[True]
    assert before, "the short path was taken before"
    assert said == expected
    assert all(map(torch.equal, bits, others))
    return found


@pytest.mark.parametrize("late", [False, True], ids=["", "late"])
@pytest.mark.parametrize("event", EVENTS)
def test_what_happens_to_a_settled_training_is_read_as_on_the_long_path(event, late):
    same([event, "usual", "usual", event, *["usual"] * 3], late=late)


@pytest.mark.parametrize("event", ["frozen_bias", "group_in_other_order", "last_batch", "lacking_gradient", "look"])
def test_fine_tuning_takes_the_short_path_too(event):
    found = same(["usual"] * 3 + [event] + ["usual"] * 3, frozen=True)
    assert found[True] >= 3


def test_a_gradient_of_a_frozen_weight_is_read_as_on_the_long_path(monkeypatch):
    def on_gradient(self):
        self.begin()
        self.model[0].weight.grad = torch.ones(UNITS, 8)
        self.optimiser.step()

    monkeypatch.setattr(Loop, "on_gradient", on_gradient, raising=False)
    same(["usual", "gradient", "usual", "usual"], frozen=True)


@pytest.mark.parametrize("event", ["scaled", "clipping", "note", "no_loss", "log_within", "whole_rate"])
@pytest.mark.parametrize("before", range(20, 34, 3))
def test_steps_after_one_with_other_numbers_are_not_taken_to_be_like_it(event, before):
    said = [trained([event, *["usual"] * 24], short, before)[0] for short in (True, False)]
    assert said[0] == said[1]


@pytest.mark.parametrize("event", ["scaled", "clipping", "note", "no_loss"])
def test_steps_that_have_other_numbers_stay_on_the_long_path(event):
    found = trained([event] * 60, True, 0)[2][1]
    assert not found[True]


@pytest.mark.parametrize("before", range(17))
def test_a_clipping_is_read_as_on_the_long_path_whether_the_backward_pass_is_followed_or_not(before):
    same(["usual"] * before + ["clipping", "usual"])


@settings(max_examples=25, deadline=None)
@example(["last_batch", "usual", "twice", "usual"], False, False, False)
@example(["usual"] * 300, True, False, False)
@example(["usual"] * 300, True, False, True)
@given(st.lists(st.sampled_from(["usual"] * len(EVENTS) + EVENTS), max_size=40), *[st.booleans()] * 3)
def test_any_training_is_read_as_on_the_long_path(events, adam, frozen, late):
    same(events, adam=adam, frozen=frozen, late=late)


def test_gradients_may_be_set_to_zero_after_the_forward_pass():
    assert same(["usual"] * 60, late=True)[True] > 60
    late, early = (trained(["usual"] * 60, True, late=each)[0][0] for each in (True, False))
    assert late == early


@pytest.mark.parametrize("options", [{"detail": True}, {"detail": "latest"}, {"keep": 3}, {"passes": "last"}])
def test_whatever_is_kept_of_readings_it_is_the_same(options):
    found = same(["usual"] * 290, **options)
    assert found[True] > 250


@pytest.mark.parametrize(
    "options",
    [{"every": 2}, {"strict": True}, {"log": print}, {"on_alarm": print}, {"stop_on": {"nan"}}, {"quantities": "all"}],
)
def test_monitors_that_have_to_answer_at_once_stay_on_the_long_path(options):
    with counted() as found:
        loop = Loop(**options)
        for _ in range(ENOUGH + 10):
            loop.step()
        loop.monitor.close()
    assert not found


def test_most_steps_of_a_settled_training_take_the_short_path():
    with counted() as found:
        loop = Loop()
        for _ in range(ENOUGH + 160):
            loop.step()
    assert found == {True: found[True]}
    assert found[True] >= 150, "of sixteen steps one is followed"


def test_last_batches_and_evaluations_do_not_end_it():
    with counted() as found:
        loop = Loop()
        for k in range(ENOUGH + 80):
            loop.do({0: "last_batch", 1: "evaluation_before"}.get(k % 4, "usual"))
    assert not found[False]
    assert found[True] >= 40


def test_groups_without_parameters_and_optimisers_of_two_networks_stop_no_training():
    one, two, x = Loop(), Loop(), torch.randn(EXAMPLES, 8)
    own, other = [*one.model.parameters()], [*two.model.parameters()]
    optimiser = torch.optim.SGD([{"params": []}, {"params": own}, {"params": other}], 0.01)
    for _ in range(ENOUGH + 10):
        optimiser.zero_grad()
        (one.model(x).square().mean() + two.model(x).square().mean()).backward()
        optimiser.step()
    assert len(one.monitor.readings) == len(two.monitor.readings) == ENOUGH + 10


def test_an_optimiser_is_let_go_where_the_training_goes_on_elsewhere():
    loop = Loop()
    for _ in range(ENOUGH):
        loop.step()
    loop.monitor.load_state_dict(loop.monitor.state_dict())
    gone, loop.optimiser = weakref.ref(loop.optimiser), None
    gc.collect()
    assert gone() is None


def test_a_training_that_is_never_twice_the_same_is_not_tried_again_and_again():
    with counted() as found:
        loop = Loop()
        for _ in range(ENOUGH):
            loop.step()
        for _ in range(60):
            loop.on_second_pass_without_loss()
            loop.step()
    assert found[False] <= 3


def test_nothing_of_a_batch_is_kept_after_a_settled_step_or_an_interrupted_one():
    loop = Loop()
    for _ in range(ENOUGH):
        loop.step()
    for way in ("usual", "interruption"):
        batch = loop.x.clone()
        gone, loop.x = weakref.ref(batch), batch
        loop.do(way)
        loop.x = loop.x.clone()
        loop.loss, batch = None, None
        if way == "interruption":
            loop.monitor.close()
        gc.collect()
        assert gone() is None


def test_closed_within_a_pass_it_leaves_no_hook():
    loop = Loop()
    for _ in range(ENOUGH):
        loop.step()
    loop.on_interruption()
    loop.monitor.close()
    assert not any(each._forward_pre_hooks or each._forward_hooks for each in loop.model.modules())
    assert torch.isfinite(loop.forward())


class Interrupting(OrderedDict):
    """Hooks of a module; when one is taken off for the first time, Ctrl-C comes."""

    came = False

    def pop(self, *args):
        if not self.came:
            self.came = True
            raise KeyboardInterrupt
        return super().pop(*args)


@pytest.mark.parametrize("place", [1, 3])
@pytest.mark.parametrize("before", [3, ENOUGH + 4])
def test_an_interruption_while_a_pass_ends_leaves_no_hook(before, place):
    loop = Loop()
    for _ in range(before):
        loop.step()
    loop.model[place]._forward_pre_hooks = Interrupting()
    with pytest.raises(KeyboardInterrupt):
        loop.step()
    for _ in range(3):
        loop.step()
    loop.monitor.close()
    assert not any(each._forward_pre_hooks or each._forward_hooks for each in loop.model.modules())
    assert len(loop.monitor.readings) in (before + 3, before + 4)
