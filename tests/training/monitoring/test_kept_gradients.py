"""A gradient that nobody sets to zero is reported by the second step, and no loop that does so in any way is."""

import math
import pickle

import pytest
import torch
from torch import nn

from stability import Monitor
from stability.training.monitoring.kept_gradients import CHECKS, KeptGradients

LOSS = nn.MSELoss()


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))


def batch(step):
    x = torch.randn(16, 4, generator=torch.Generator().manual_seed(step))
    return x, x[:, :1]


OPTIMISERS = {
    "SGD": lambda p: torch.optim.SGD(p, 1e-3),
    "momentum": lambda p: torch.optim.SGD(p, 1e-3, momentum=0.9, weight_decay=1e-2),
    "Adam": lambda p: torch.optim.Adam(p, 1e-3, weight_decay=1e-2),
    "AdamW one by one": lambda p: torch.optim.AdamW(p, 1e-3, foreach=False),
    "Adam of several tensors": lambda p: torch.optim.Adam(p, 1e-3, foreach=True, maximize=True),
    "fused": lambda p: torch.optim.Adam(p, 1e-3, fused=True),
    "Adagrad": lambda p: torch.optim.Adagrad(p, 1e-3),
    "Rprop": lambda p: torch.optim.Rprop(p, 1e-3),
}


def train(zero, optimiser="Adam", steps=8, every=1, passes=1, clip=None, during=lambda net, optimiser: None):
    """Return which readings have a gradient of the step before; `zero` gets optimiser, network and step."""
    net = network()
    made = OPTIMISERS[optimiser](net.parameters())
    with Monitor(net, every=every, criterion=LOSS) as monitor:
        for step in range(steps):
            zero(made, net, step)
            for part in range(passes):
                x, y = batch(step * passes + part)
                LOSS(net(x), y).backward()
            if clip is not None:
                nn.utils.clip_grad_norm_(net.parameters(), clip)
            made.step()
            during(net, made)
    raised = [alarm.since for _, alarm in monitor.alarms if alarm.kind == "gradient kept"]
    return [reading.gradient_kept for reading in monitor.readings], raised


def nothing(optimiser, net, step):
    """Forget it."""


@pytest.mark.parametrize("clip", [None, 0.1])
@pytest.mark.parametrize("passes", [1, 3])
@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_forgotten_zero_grad_is_reported_at_once_by_any_optimiser(optimiser, every, passes, clip):
    found, raised = train(nothing, optimiser, 3 * every + 1, every, passes, clip)
    assert found == [False, True, True, True]
    assert raised == [every]


def written(how):
    """Return what sets gradients to zero in a way of its own."""

    def zero(optimiser, net, step):
        for parameter in net.parameters():
            if parameter.grad is not None:
                how(parameter)

    return zero


def fresh(parameter):
    parameter.grad = None


def other(parameter):
    parameter.grad = torch.zeros_like(parameter)


ZEROS = {
    "optimiser": lambda optimiser, net, step: optimiser.zero_grad(),
    "in place": lambda optimiser, net, step: optimiser.zero_grad(set_to_none=False),
    "network": lambda optimiser, net, step: net.zero_grad(),
    "network in place": lambda optimiser, net, step: net.zero_grad(set_to_none=False),
    "none": written(fresh),
    "another tensor": written(other),
    "zero_": written(lambda p: p.grad.zero_()),
    "detach_": written(lambda p: p.grad.detach_().zero_()),
    "data": written(lambda p: p.grad.data.zero_()),
    "fill of data": written(lambda p: p.grad.data.fill_(0)),
    "numpy": written(lambda p: p.grad.numpy().fill(0)),
}


@pytest.mark.parametrize("clip", [None, 0.1])
@pytest.mark.parametrize("passes", [1, 3])
@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("zero", ZEROS)
def test_no_way_of_zeroing_is_reported(zero, every, passes, clip):
    assert train(ZEROS[zero], "SGD", 7, every, passes, clip) == ([False] * len(range(0, 7, every)), [])
    after = {"during": lambda net, optimiser: ZEROS[zero](optimiser, net, 0)}
    assert train(nothing, "Adam", 7, every, passes, clip, **after) == ([False] * len(range(0, 7, every)), [])


@pytest.mark.parametrize("set_to_none", [True, False])
def test_gradients_that_are_momentum_are_not_reported(set_to_none):
    """A loop that shrinks gradients instead of setting them to zero does so on purpose."""
    assert not any(train(written(lambda p: p.grad.mul_(0.9)))[0])


def test_zeroing_at_some_steps_is_reported_where_it_is_left_out():
    def sometimes(optimiser, net, step):
        if step % 3 == 0:
            optimiser.zero_grad()

    assert train(sometimes, steps=7) == ([False, True, True, False, True, True, False], [])


def adversarial(zero, detached=False, set_to_none=True, data=False, steps=8, of=None):
    """Train a generator with its critic; the critic's gradient from the generator's loss stands until it steps."""
    torch.manual_seed(0)
    generator, critic = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 4)), network()
    both = nn.ModuleDict({"generator": generator, "critic": critic})
    first, second = (torch.optim.Adam(part.parameters(), 1e-3) for part in (critic, generator))

    def clear(optimiser):
        if data:
            for group in optimiser.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        p.grad.data.zero_()
        elif zero:
            optimiser.zero_grad(set_to_none=set_to_none)

    with Monitor({"critic": critic, "generator": generator, None: both}[of]) as monitor:
        for step in range(steps):
            fake = generator(torch.randn(16, 2))
            clear(first)
            (critic(batch(step)[0]).mean() - critic(fake.detach() if detached else fake).mean()).backward(
                retain_graph=not detached
            )
            first.step()
            clear(second)
            critic(generator(torch.randn(16, 2))).mean().backward()
            second.step()
    return [reading.gradient_kept for reading in monitor.readings]


@pytest.mark.parametrize("of", ["critic", "generator"])
@pytest.mark.parametrize("detached", [True, False])
def test_gradients_of_other_losses_that_stand_until_they_are_zeroed_are_not_reported(detached, of):
    for how in ({"zero": True}, {"zero": True, "set_to_none": False}, {"zero": False, "data": True}):
        assert not any(adversarial(detached=detached, of=of, **how)), how
    assert all(adversarial(False, detached, of=of)[1:])


def test_a_scaler_changes_nothing_of_it():
    def run(zero):
        net, scaler = network(), torch.amp.GradScaler("cpu", init_scale=2.0)
        optimiser = OPTIMISERS["Adam"](net.parameters())
        with Monitor(net) as monitor:
            for step in range(6):
                if zero:
                    optimiser.zero_grad(set_to_none=step % 2 == 0)
                scaler.scale(LOSS(net(batch(step)[0]), batch(step)[1])).backward()
                if step == 3:
                    net[0].weight.grad[0, 0] = math.inf
                scaler.step(optimiser)
                scaler.update()
        return [reading.gradient_kept for reading in monitor.readings]

    assert not any(run(True))
    assert run(False)[:3] == [False, True, True]


def test_closures_and_a_second_optimiser_are_distinguished():
    net = network()
    optimiser = torch.optim.LBFGS(net.parameters(), 0.1, max_iter=4)
    for zeroed in (True, False):
        with Monitor(net) as monitor:
            for step in range(4):

                def closure(step=step, zeroed=zeroed):
                    if zeroed:
                        optimiser.zero_grad()
                    loss = LOSS(net(batch(step)[0]), batch(step)[1])
                    loss.backward()
                    return loss

                optimiser.step(closure)
        assert (
            [reading.gradient_kept for reading in monitor.readings] == [False] * 4 if zeroed else [False] + [True] * 3
        )
        optimiser.zero_grad()
    one, two = (OPTIMISERS["SGD"](net.parameters()) for _ in range(2))
    with Monitor(net) as monitor:
        for step in range(6):
            if step % 2 == 0:
                net.zero_grad()
            LOSS(net(batch(step)[0]), batch(step)[1]).backward()
            (two if step % 2 else one).step()
    assert not any(reading.gradient_kept for reading in monitor.readings), "each steps once by each gradient"


def test_nothing_is_held_and_checks_end():
    net = network()
    kept, optimiser = KeptGradients(), OPTIMISERS["SGD"](net.parameters())
    for _ in range(2 * CHECKS):
        kept.begins()
        LOSS(net(batch(0)[0]), batch(0)[1]).backward()
        kept.ends()
        found = kept.at(optimiser)
        kept.follow(optimiser)
    assert found
    assert kept._checks == 0
    assert not kept.at(OPTIMISERS["SGD"](net.parameters()))
    kept.follow(None)
    assert not kept.at(None)
    assert not pickle.loads(pickle.dumps(kept)).at(optimiser)


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16])
def test_gradients_of_any_precision_are_followed(kind):
    net = network().to(kind)
    optimiser, x = OPTIMISERS["SGD"](net.parameters()), batch(0)[0].to(kind)
    with Monitor(net) as monitor:
        for _ in range(4):
            net(x).square().mean().backward()
            optimiser.step()
    assert [reading.gradient_kept for reading in monitor.readings] == [False, True, True, True]


def test_a_backward_pass_that_was_not_followed_leaves_nothing_certain():
    """After one that was, gradients may have been set to zero in place and made anew; once they may be clipped."""
    for between, expected in ((lambda p: p.grad.mul_(0.5), True), (lambda p: p.grad.zero_(), False)):
        weight = torch.ones(2, requires_grad=True)
        kept, optimiser = KeptGradients(), torch.optim.SGD([weight], 0.1)
        weight.sum().backward()
        kept.follow(optimiser)
        kept.begins()
        weight.sum().backward()
        kept.ends()
        between(weight)
        if not expected:
            weight.sum().backward()
        assert kept.at(optimiser) is expected


@pytest.mark.filterwarnings("ignore:Using backward")
def test_a_gradient_of_gradients_leaves_nothing_certain():
    """Torch then makes the sum a new tensor."""
    weight = torch.ones(2, requires_grad=True)
    kept, optimiser = KeptGradients(), torch.optim.SGD([weight], 0.1)
    weight.square().sum().backward()
    kept.follow(optimiser)
    kept.begins()
    weight.square().sum().backward(create_graph=True)
    kept.ends()
    assert not kept.at(optimiser)


@pytest.mark.parametrize("layer", [nn.Embedding(9, 4, sparse=True), nn.EmbeddingBag(9, 4, sparse=True)])
def test_sparse_gradients_are_not_looked_at(layer):
    optimiser = torch.optim.SGD(layer.parameters(), 0.1)
    with Monitor(layer) as monitor:
        for _ in range(4):
            layer(torch.tensor([[1, 2]])).sum().backward()
            optimiser.step()
    assert not any(reading.gradient_kept for reading in monitor.readings)


def test_gradients_that_count_no_versions_are_read_and_are_not_kept():
    """Those made in inference mode: torch does not say how often they were written into."""
    net, x = torch.nn.Linear(4, 1), torch.randn(16, 4)
    optimizer = torch.optim.SGD(net.parameters(), 0.01)
    with Monitor(net, strict=True) as monitor:
        for _ in range(4):
            optimizer.zero_grad()
            net(x).square().mean().backward()
            with torch.inference_mode():
                for each in net.parameters():
                    each.grad = each.grad * 0.5
            optimizer.step()
    assert [reading.gradient_kept for reading in monitor.readings] == [False] * 4


@pytest.mark.parametrize("checks", [CHECKS, 0, -1])
def test_the_first_parameter_is_followed_as_it_is_found(checks):
    weight, other = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    optimizer, found = torch.optim.SGD([weight, other], 0.1), []
    (weight.square().sum() + other.square().sum()).backward()
    assert weight.grad._version == 0
    for follow in (
        lambda kept: kept.follow(optimizer),
        lambda kept: kept.follow_first(optimizer, weight, weight.grad, 0),
    ):
        kept = KeptGradients()
        kept._checks, kept._added = checks, True
        follow(kept)
        found.append({**vars(kept)})
    one, two = found
    assert one.pop("_parameter") is two.pop("_parameter") is (None if checks < 0 else weight)
    assert checks < 0 or one == two
    assert one["_added"] is two["_added"] is False
