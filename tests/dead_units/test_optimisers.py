"""Rules and memories are those of torch's optimisers, and what is not known is refused with its reason."""

from types import MethodType

import numpy as np
import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from stability import Controller, Monitor, recovery
from stability.dead_units.optimisers import APART, FROZEN, HOOKED, REPLACED, NotKnown, memory_of, name_of_rule, rule_of
from stability.dead_units.rules import RecoveryRule
from stability.errors import NumberError


def pair():
    return torch.nn.Parameter(torch.ones(2, 3)), torch.nn.Parameter(torch.ones(2))


def read(optimizer, weight, bias):
    return rule_of(name_of_rule(optimizer), memory_of(optimizer, weight, (2, 3)), memory_of(optimizer, bias, (2,)))


def stepped(optimizer, *parameters):
    for each in parameters:
        each.grad = torch.ones_like(each)
    optimizer.step()
    return optimizer


def test_moments_and_steps_are_read():
    weight, bias = pair()
    optimizer = stepped(torch.optim.Adam([weight, bias], lr=0.5, weight_decay=0.25), weight, bias)
    assert read(optimizer, weight, bias) == RecoveryRule(
        "adam", 0.5, 0.25, 0.25, beta1=0.9, beta2=0.999, eps=1e-8, taken=1
    )
    memory = memory_of(optimizer, bias, (2,))
    assert memory.first == pytest.approx(np.full(2, 0.125))
    assert (memory.second > 0).all()


def test_the_greatest_learning_rate_of_a_schedule_counts():
    weight, bias = pair()
    optimizer = torch.optim.SGD([weight, bias], lr=0.5)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    stepped(optimizer, weight, bias)
    schedule.step()
    assert optimizer.param_groups[0]["lr"] == 0.25
    assert read(optimizer, weight, bias).lr == 0.5


def test_a_schedule_counts_with_the_largest_of_its_rates_and_its_decay():
    weight, bias = pair()
    optimizer = torch.optim.SGD([weight, bias], lr=0.5, weight_decay=0.25)
    torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: step / 10)
    assert optimizer.param_groups[0]["lr"] == 0
    assert read(optimizer, weight, bias) == RecoveryRule("sgd", 0.5, 0.25, 0.25)
    torch.optim.lr_scheduler.OneCycleLR(optimizer, 4.0, total_steps=10, cycle_momentum=False)
    assert read(optimizer, weight, bias).lr == 4
    torch.optim.swa_utils.SWALR(optimizer, swa_lr=8.0)
    assert read(optimizer, weight, bias).lr == 8


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam])
def test_momentum_that_a_schedule_changes_has_no_bound(kind):
    weight, bias = pair()
    optimizer = kind([weight, bias], lr=0.5, **({"momentum": 0.9} if kind is torch.optim.SGD else {}))
    torch.optim.lr_scheduler.OneCycleLR(optimizer, 4.0, total_steps=10)
    with pytest.raises(NotKnown, match="changes its momentum"):
        read(optimizer, weight, bias)


def test_the_first_step_of_damped_momentum_with_decay_is_another_one_for_each_parameter():
    weight, bias = pair()
    optimizer = torch.optim.SGD([weight, bias], lr=0.5, momentum=0.9, dampening=0.5, weight_decay=0.1)
    stepped(optimizer, weight)
    with pytest.raises(NotKnown, match="first step of momentum"):
        read(optimizer, weight, bias)
    optimizer.zero_grad()
    bias.grad = torch.zeros(2)
    optimizer.step()
    assert read(optimizer, weight, bias).dampening == 0.5


def test_what_is_not_held_does_not_move():
    weight, bias = pair()
    optimizer = torch.optim.SGD([weight], lr=0.1, weight_decay=0.5)
    assert read(optimizer, weight, bias) == RecoveryRule("sgd", 0.1, 0.5, 0.0)
    other = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
    assert read(other, weight, bias) == RecoveryRule("sgd", 0.0)
    assert memory_of(other, None, (2,)).group == {}


def test_decoupled_decay_is_that_of_adamw():
    weight, bias = pair()
    assert read(torch.optim.AdamW([weight, bias]), weight, bias).name == "adamw"
    decoupled = torch.optim.Adam([weight, bias], weight_decay=0.1, decoupled_weight_decay=True)
    assert read(decoupled, weight, bias).name == "adamw"


def test_settings_without_a_known_bound_are_refused():
    weight, bias = pair()
    with pytest.raises(NotKnown, match="different lr"):
        read(torch.optim.SGD([{"params": [weight], "lr": 0.1}, {"params": [bias], "lr": 0.2}]), weight, bias)
    first = torch.optim.SGD([weight, bias], lr=0.1, momentum=0.5, dampening=0.5, weight_decay=0.1)
    with pytest.raises(NotKnown, match="first step of momentum"):
        read(first, weight, bias)
    assert read(stepped(first, weight, bias), weight, bias).dampening == 0.5
    bias.grad = None
    uneven = stepped(torch.optim.Adam([weight, bias]), weight)
    with pytest.raises(NotKnown, match="different numbers of steps"):
        read(uneven, weight, bias)
    with pytest.raises(NotKnown, match="Expected an optimiser whose steps are known exactly; got Adagrad"):
        name_of_rule(torch.optim.Adagrad([weight]))


@pytest.mark.parametrize(
    "settings",
    [{"lr": -1.0}, {"lr": float("nan")}, {"momentum": 1.0}, {"beta2": 1.0}, {"dampening": 2.0}, {"taken": -1}],
)
def test_numbers_out_of_range_are_refused(settings):
    with pytest.raises(NumberError, match="Expected"):
        RecoveryRule(**{"name": "sgd", "lr": 0.1, **settings})


def narrow(frozen=""):
    """Return a network whose unit is off at 0.5 by a bias of -2 and a weight of 3, either of which may be frozen."""
    model = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.ReLU(), torch.nn.Linear(1, 1))
    torch.nn.init.constant_(model[0].weight, 3.0)
    torch.nn.init.constant_(model[0].bias, -2.0)
    if frozen:
        getattr(model[0], frozen).requires_grad_(False)
    return model


def after(model, x, optimizer, steps, schedule=None):
    for _ in range(steps):
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()
        if schedule is not None:
            schedule.step()
    return float(model[0](x).max().detach())


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.AdamW])
def test_what_is_frozen_does_not_decay_though_the_optimiser_holds_it(kind):
    x, model = torch.full((4, 1), 0.5), narrow("weight")
    optimizer = kind(model.parameters(), lr=0.1, weight_decay=0.1)
    (unit,) = recovery(model, x, optimizer).units
    assert unit.status == "dead for n steps"
    assert after(model, x, optimizer, unit.steps) <= 0
    assert any(after(model, x, optimizer, 1) > 0 for _ in range(5))


def test_a_gradient_that_is_left_of_what_is_frozen_may_still_move_it():
    x, model = torch.full((4, 1), 0.5), narrow("weight")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.1)
    model[0].weight.grad = torch.zeros(1, 1)
    (unit,) = recovery(model, x, optimizer).units
    assert (unit.status, unit.reason) == ("unknown", FROZEN)


def test_groups_that_a_schedule_moves_apart_are_unknown():
    x, model = torch.full((4, 1), 0.5), narrow()
    split = [{"params": [*model[2].parameters(), model[0].weight]}, {"params": [model[0].bias]}]
    optimizer = torch.optim.SGD(split, lr=0.1, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, [lambda t: 1.0 if t < 1 else 0.0, lambda t: 1.0])
    (unit,) = recovery(model, x, optimizer).units
    assert (unit.status, unit.reason) == ("unknown", APART)
    assert any(after(model, x, optimizer, 1, schedule) > 0 for _ in range(60))


def ascend(optimizer, args, kwargs):
    """Let the next step move all weights and biases up."""
    for group in optimizer.param_groups:
        for each in group["params"]:
            each.grad = torch.full_like(each, -100.0)


def lift_before(optimizer, model):
    optimizer.register_step_pre_hook(ascend)


def lift_after(optimizer, model):
    optimizer.register_step_post_hook(lambda *args: [p.data.add_(10.0) for p in model.parameters()] and None)


def lift_by_a_function(optimizer, model):
    usual = optimizer.step
    optimizer.step = MethodType(lambda self: (ascend(self, (), {}), usual()), optimizer)


def lift_below_a_schedule(optimizer, model):
    lift_by_a_function(optimizer, model)
    torch.optim.lr_scheduler.StepLR(optimizer, 100)


@pytest.mark.parametrize(
    ("lift", "why"),
    [(lift_before, HOOKED), (lift_after, HOOKED), (lift_by_a_function, REPLACED), (lift_below_a_schedule, REPLACED)],
)
def test_steps_that_the_user_changes_bring_units_back(lift, why):
    x, model = torch.full((4, 1), 0.5), narrow()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    assert recovery(model, x, optimizer).units[0].status == "dead for ever"
    lift(optimizer, model)
    (unit,) = recovery(model, x, optimizer).units
    assert (unit.status, unit.reason) == ("unknown", why)
    assert after(model, x, optimizer, 1) > 0


@pytest.mark.parametrize("register", [register_optimizer_step_pre_hook, register_optimizer_step_post_hook])
def test_hooks_on_all_optimisers_count(register):
    x, model = torch.full((4, 1), 0.5), narrow()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    handle = register(lambda *args: None)
    (hooked,) = recovery(model, x, optimizer).units
    handle.remove()
    (free,) = recovery(model, x, optimizer).units
    assert (hooked.reason, free.status) == (HOOKED, "dead for ever")


def test_schedules_monitors_and_controllers_leave_steps_as_they_are():
    x, model = torch.full((4, 1), 0.5), narrow()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for make in (torch.optim.lr_scheduler.CosineAnnealingLR, torch.optim.lr_scheduler.StepLR):
        make(optimizer, 10)
    with Monitor(model), Controller(model):
        assert recovery(model, x, optimizer).units[0].status == "dead for ever"
