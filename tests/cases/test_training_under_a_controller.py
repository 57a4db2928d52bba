"""What a controller and a monitor must leave alone in trainings as people write them."""

import copy
import io
import itertools
import warnings

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from stability import Controller, Monitor, SeparationLoss, thin_network


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def small(depth=1):
    hidden = [m for _ in range(depth - 1) for m in (nn.Linear(4, 4), nn.ReLU())]
    return nn.Sequential(nn.Linear(2, 4), nn.ReLU(), *hidden, nn.Linear(4, 1))


@pytest.mark.parametrize("policy", ["as-written", "corrected", "revive", "revive-by-bias", "better"])
@pytest.mark.parametrize("frozen", [True, False], ids=["without gradient", "without optimiser"])
def test_what_is_not_trained_is_not_changed(policy, frozen):
    x, y, net = torch.randn(8, 2), torch.randn(8, 1), small()
    net[0].bias.data -= 3
    net[0].requires_grad_(not frozen)
    before = copy.deepcopy(net[0].state_dict())
    optimizer = torch.optim.SGD(net[2].parameters(), 0.01)
    with Controller(net, policy, every=1, per_example_loss=lambda out: (out - y).square().mean(1)):
        for _ in range(3):
            optimizer.zero_grad()
            (net(x) - y).square().mean().backward()
            optimizer.step()
    assert all(torch.equal(value, before[name]) for name, value in net[0].state_dict().items())


def saved(net):
    file = io.BytesIO()
    torch.save(net, file)
    return len(file.getvalue())


def test_a_saved_network_holds_no_batch_and_a_copy_no_controller():
    net, x = small(), torch.randn(10_000, 2)
    alone = saved(net)
    optimizer = torch.optim.Adam(net.parameters())
    with Controller(net, every=1, per_example_loss=lambda out: out.square().mean(1)):
        net(x).mean().backward()
        optimizer.step()
        assert saved(net) < alone + 10_000
        kept = copy.deepcopy(net)
    assert not any(type(getattr(hook, "__self__", None)).__name__ == "Controller" for hook in hooks(kept))
    assert torch.equal(kept(x), net(x))


def hooks(net):
    return [hook for m in net.modules() for hook in (*m._forward_pre_hooks.values(), *m._forward_hooks.values())]


def test_a_part_of_a_network_can_be_copied_under_a_controller():
    front, net = nn.Linear(3, 2), small()
    with Controller(net, every=1):
        net(front(torch.randn(8, 3))).mean().backward()
        torch.optim.SGD(net.parameters(), 0.1).step()
        copy.deepcopy(net)


@pytest.mark.parametrize(("count", "every"), list(itertools.product((1, 2, 3), (1, 4))))
def test_a_step_of_several_optimisers_is_one_step(count, every):
    net, x, y = small(2), torch.randn(8, 2), torch.randn(8, 1)
    net[0].bias.data -= 3
    parameters = list(net.parameters())
    optimizers = [torch.optim.SGD(parameters[k::count], 0.001) for k in range(count)]
    with Controller(net, "constrain", every=every, per_example_loss=lambda out: (out - y).square().mean(1)) as control:
        for _ in range(12):
            net.zero_grad()
            (net(x) - y).square().mean().backward()
            for optimizer in optimizers:
                optimizer.step()
    assert control.monitor.steps == 12
    assert [reading.step for reading in control.monitor.readings if reading.step % every == 0] == list(
        range(0, 12, every)
    )


def stepped(optimizer):
    def hook(_):
        optimizer.step()
        optimizer.zero_grad()

    return hook


def test_steps_within_the_backward_pass_read_the_same_gradients():
    readings = []
    for fused in (False, True):
        torch.manual_seed(0)
        net, x = small(2), torch.randn(8, 2)
        if fused:
            for parameter in net.parameters():
                own = torch.optim.SGD([parameter], 0.01)
                parameter.register_post_accumulate_grad_hook(stepped(own))
        else:
            optimizer = torch.optim.SGD(net.parameters(), 0.01)
        with Monitor(net) as monitor:
            for _ in range(2):
                if not fused:
                    optimizer.zero_grad()
                net(x).square().mean().backward()
                if not fused:
                    optimizer.step()
        readings.append(monitor.readings[0])
    plain, fused = readings
    assert fused.gradient_norm == pytest.approx(plain.gradient_norm, rel=1e-5)
    assert fused.gradient_flow == pytest.approx(plain.gradient_flow, rel=1e-5)


def test_a_controlled_head_trains_under_autocast():
    x, y = torch.rand(16, 8), torch.randint(3, (16,))
    backbone = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8))
    head = nn.Sequential(nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3))
    head[0].bias.data.fill_(-3.0)
    optimizer = torch.optim.Adam([*backbone.parameters(), *head.parameters()], 1e-3)
    with Controller(head, "revive", every=2) as control:
        for _ in range(6):
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16):
                loss = cross_entropy(head(backbone(x)), y)
            loss.backward()
            optimizer.step()
    assert control.log
    assert (head[0](backbone(x)) > 0).any(), "revived"


def test_one_weight_of_a_penalty_means_one_thing_at_every_batch_size():
    """The same points twice have the same mean loss, so the same penalty."""
    net, x = thin_network(6, depth=3, width=4, generator=torch.Generator().manual_seed(0)), torch.randn(16, 6)
    sizes = []
    for repeated in (1, 2, 8):
        with SeparationLoss(net, "sep-pu", weight=1e-3) as penalty:
            net(x.repeat(repeated, 1))
            found = torch.autograd.grad(penalty(), list(net.parameters()), allow_unused=True)
        sizes.append(torch.stack([g.norm() for g in found if g is not None]).norm().item())
    assert sizes == pytest.approx([sizes[0]] * 3, rel=1e-4)


def train(net, x, y, optimizer, steps, clip=None):
    with Monitor(net) as monitor, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(steps):
            optimizer.zero_grad()
            loss = (net(x) - y).square().mean()
            monitor.note(loss)
            loss.backward()
            if clip:
                nn.utils.clip_grad_norm_(net.parameters(), clip)
            optimizer.step()
    return monitor


def test_one_input_has_no_tangent_and_no_alarm_for_it():
    net, x = nn.Sequential(nn.Linear(1, 8), nn.ReLU(), nn.Linear(8, 1)), torch.linspace(-3, 3, 32)[:, None]
    monitor = train(net, x, x.sin(), torch.optim.Adam(net.parameters(), 3e-3), 20)
    assert not [alarm for _, alarm in monitor.alarms if alarm.kind == "no torque" and alarm.layer == "0"]


def test_a_start_that_is_far_too_large_raises_an_alarm_about_its_scale():
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    x = torch.randn(64, 8)
    fine = copy.deepcopy(net)
    healthy = train(fine, x, x[:, :1], torch.optim.Adam(fine.parameters(), 1e-3), 2)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter *= 300
    monitor = train(net, x, x[:, :1], torch.optim.Adam(net.parameters(), 1e-3), 2)
    assert "large start" in {alarm.kind for _, alarm in monitor.alarms}
    assert "large start" not in {alarm.kind for _, alarm in healthy.alarms}


def test_memory_of_readings_is_bounded_and_a_monitor_resumes():
    net, x = small(), torch.randn(8, 2)
    optimizer = torch.optim.SGD(net.parameters(), 1e-4)

    def go(monitor, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            net(x).square().mean().backward()
            optimizer.step()
        return monitor

    with Monitor(net, keep=5) as first:
        go(first, 12)
    assert len(first.readings) == 5
    with Monitor(net, keep=5) as second:
        second.load_state_dict(first.state_dict())
        go(second, 1)
    assert second.steps == 13
    assert [reading.step for reading in second.readings] == [8, 9, 10, 11, 12]
