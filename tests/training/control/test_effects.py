"""What a controller does to one network, by hand: on weights, on what optimisers remember, on slopes, on gradients."""

import gc

import pytest
import torch
from torch import nn

from stability.training.control.decisions import Action
from stability.training.control.effects import Effects
from stability.training.control.interventions import Intervention
from stability.training.control.layer_view import NOT_HELD
from stability.training.control.repeat_forward import noted
from stability.training.monitoring.alarms import Alarm

X = torch.tensor([[-1.0], [1.0]], dtype=torch.float64)


def network(*rows):
    """Return relu(W x + b) summed, for rows (w, b)."""
    model = nn.Sequential(nn.Linear(1, len(rows)), nn.ReLU()).double()
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[w] for w, _ in rows]))
        model[0].bias.copy_(torch.tensor([b for _, b in rows]))
    return model


def action(kind, size, steps=0, verb="repair", layer="0", points=()):
    return Action(0, Alarm("dead data", layer, 1.0, 0.0), verb, Intervention(kind, size, steps), points=points)


def stepped(model, optimizer=None, seed=0, x=X, **how):
    """Return the effects on a network after a pass, a backward pass, and a step of an optimiser."""
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.0, momentum=0.5)
    effects = Effects(model, [optimizer], seed, **how)
    effects.passed = noted(model, (x,), {})
    model(x).sum().backward()
    for p in model.parameters():
        if p.grad is not None:
            p.grad += 1  # so that optimisers remember something of units that are dead
    optimizer.step()
    effects.stepped(optimizer)
    return effects, optimizer


def test_a_bias_is_raised_until_the_lowest_example_is_on_and_momentum_there_forgotten():
    """z = x - 3 and -x - 4 are at most -3 at -1 and -2 at 1: by 1/2 + 3 the first example gets 1/2."""
    model = network((1.0, -3.0), (-1.0, -4.0))
    effects, optimizer = stepped(model)
    assert effects.act(action("bias warm-up", 0.5)) == ({"0.bias": 2}, "")
    assert model[0].bias.tolist() == [0.5, -0.5]
    assert model[0].weight.flatten().tolist() == [1.0, -1.0]
    buffers = [optimizer.state[p]["momentum_buffer"].flatten().tolist() for p in model.parameters()]
    assert buffers == [[1.0, 1.0], [0.0, 0.0]]


def test_what_has_nothing_to_do_says_so_and_changes_nothing():
    model = network((1.0, 3.0))
    effects, _ = stepped(model)
    assert effects.act(action("bias warm-up", 0.5)) == ({}, "every example has an active unit by now")
    assert model[0].bias.tolist() == [3.0]


def test_weights_are_looked_at_anew_after_each_change():
    """After the first warm-up nothing is dead, so that the second one has nothing to do."""
    effects, _ = stepped(network((1.0, -3.0)))
    assert effects.act(action("bias warm-up", 0.5))[0] == {"0.bias": 1}
    assert effects.act(action("bias warm-up", 0.5)) == ({}, "every example has an active unit by now")


def test_a_point_is_revived_by_the_least_change():
    """At x = 1, z = -2: (w, b) moves by (1/2 + 2) (1, 1) / 2."""
    model = network((1.0, -3.0))
    effects, _ = stepped(model)
    assert effects.act(action("revival", 0.5, points=(1,))) == ({"0.weight": 1, "0.bias": 1}, "")
    assert (model[0].weight.item(), model[0].bias.item()) == (2.25, -1.75)


def test_an_empty_name_is_every_layer():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 2), nn.ReLU()).double()
    with torch.no_grad():
        model[0].bias.fill_(-9.0)
        model[2].bias.fill_(-9.0)
    effects, _ = stepped(model)
    changed, reason = effects.act(action("bias warm-up", 0.5, layer=""))
    assert (changed, reason) == ({"0.bias": 2, "2.bias": 2}, "")


def test_a_layer_that_is_not_seen_cannot_be_changed():
    effects, _ = stepped(network((1.0, -3.0)))
    assert effects.act(action("bias warm-up", 0.5, layer="net.7")) == ({}, "cannot: it is not seen on this batch")
    effects.release()
    assert effects.act(action("bias warm-up", 0.5)) == ({}, "cannot: it is not seen on this batch")


def test_a_layer_that_no_optimiser_steps_is_awaited_and_then_given_up():
    model = network((1.0, -3.0))
    other = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    effects = Effects(model, [other], 0)
    effects.passed = noted(model, (X,), {})
    effects.stepped(other)
    assert effects.act(action("bias warm-up", 0.5), final=False) is None
    assert effects.act(action("bias warm-up", 0.5), final=True) == ({}, f"cannot: {NOT_HELD}")
    assert model[0].bias.tolist() == [-3.0]


def test_what_cannot_be_done_is_asked_again_only_when_other_parameters_are_trained():
    model = network((1.0, -3.0))
    model[0].requires_grad_(False)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.0)
    effects = Effects(model, [optimizer], 0)
    effects.passed = noted(model, (X,), {})
    effects.stepped(optimizer)
    frozen = {}, "cannot: it is frozen"
    assert effects.act(action("bias warm-up", 0.5)) == frozen
    model[0].requires_grad_(True)
    assert effects.act(action("bias warm-up", 0.5)) == frozen
    own = torch.optim.SGD(model.parameters(), lr=0.0)
    effects.stepped(own)
    assert effects.trained == {id(p) for p in model.parameters()} | {id(optimizer.param_groups[0]["params"][0])}
    assert effects.act(action("bias warm-up", 0.5)) == ({"0.bias": 1}, "")


def test_a_slope_lasts_its_steps():
    """At x = 1 the unit has z = -2, which a slope of 1/4 turns into -1/2."""
    model = network((1.0, -3.0))
    effects, _ = stepped(model)
    assert effects.act(action("leaky slope", 0.25, 2)) == ({}, "")
    assert effects.busy
    assert model(X).flatten().tolist() == [-1.0, -0.5]
    effects.tick()
    assert model(X).flatten().tolist() == [-1.0, -0.5]
    effects.tick()
    assert not effects.busy
    assert model(X).flatten().tolist() == [0.0, 0.0]


def test_a_frozen_layer_gets_no_slope():
    model = network((1.0, -3.0))
    model[0].requires_grad_(False)
    effects = Effects(model, [], 0)
    effects.passed = noted(model, (X,), {})
    assert effects.act(action("leaky slope", 0.25, 2)) == ({}, "cannot: it is frozen")
    assert not effects.busy


def test_a_penalty_is_switched_on_until_it_is_stopped():
    """(7/8)^2 at the points 1/2 and 1/4 has the slope -7/32 in w; see test_penalty_gradients."""
    model = network((1.0, 0.0))
    effects, optimizer = stepped(model)
    assert effects.act(action("separation of units", 1.0, layer="")) == ({}, "")
    assert effects.busy
    for on in (True, False):
        optimizer.zero_grad()
        (10 * model(torch.tensor([[0.5], [0.25]], dtype=torch.float64))).sum().backward()
        effects.add_penalties(optimizer)
        assert model[0].weight.grad.item() == 7.5 - on * 7 / 32
        assert effects.act(action("separation of units", 1.0, verb="stop", layer="")) == ({}, "")
        assert not effects.busy


def test_the_users_gradients_are_those_of_all_optimisers_together():
    model = network((1.0, 0.0))
    one, other = (torch.optim.SGD([p], lr=0.0) for p in model.parameters())
    effects = Effects(model, [one, other], 0)
    model[0].weight.grad, model[0].bias.grad = torch.full((1, 1), 3.0).double(), torch.full((1,), 4.0).double()
    effects.observe(one)
    assert effects.state_dict()["gradients"] == (5.0, 4.0, 4.0, False)


def test_optimisers_are_known_and_not_kept():
    model = network((1.0, 0.0))
    own, other = torch.optim.SGD(model.parameters()), torch.optim.SGD([nn.Parameter(torch.zeros(1))])
    effects = Effects(model, [], 0)
    assert (effects.concerns(own), effects.concerns(other)) == (True, False)
    assert effects.trained == frozenset()
    effects.stepped(own)
    effects.stepped(own)
    assert effects.trained == {id(p) for p in model.parameters()}
    model[0].bias.requires_grad_(False)
    assert effects.trained == {id(model[0].weight)}
    del own
    gc.collect()
    assert effects.trained == frozenset()


def test_a_rotation_goes_on_where_it_was_saved():
    def turned(effects, model):
        assert effects.act(action("random rotation", 0.5)) == ({"0.weight": 6}, "")
        return model[0].weight.detach().clone()

    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    rows = nn.Linear(3, 2).double().state_dict()

    def fresh(seed):
        model = nn.Sequential(nn.Linear(3, 2), nn.ReLU()).double()
        model[0].load_state_dict(rows)
        return model, *stepped(model, seed=seed, x=x)

    model, effects, _optimizer = fresh(1)
    first = turned(effects, model)
    kept, weights = effects.state_dict(), model.state_dict()
    second = turned(effects, model)
    torch.testing.assert_close(first.norm(dim=1), rows["weight"].norm(dim=1))
    cosine = (first * rows["weight"]).sum(1) / rows["weight"].norm(dim=1) ** 2
    torch.testing.assert_close(cosine, torch.full((2,), 0.5, dtype=torch.float64).cos())
    other, resumed, _other_optimizer = fresh(2)
    other.load_state_dict({name: first if name == "0.weight" else value for name, value in weights.items()})
    resumed.load_state_dict(kept)
    resumed.passed = noted(other, (x,), {})
    assert torch.equal(turned(resumed, other), second)


def test_slopes_and_penalties_are_saved_and_switched_on_again():
    effects, _ = stepped(network((1.0, -3.0)))
    effects.act(action("leaky slope", 0.25, 5))
    effects.tick()
    effects.act(action("separation", 0.5, layer=""))
    kept = effects.state_dict()
    assert kept["slopes"] == [("0", 0.25, 4)]
    assert kept["penalties"] == [("", "dead data", "separation", 0.5, 0)]
    other, _ = stepped(network((1.0, -3.0)))
    kept["gradients"] = (5.0, 4.0, 3.0, True)
    other.load_state_dict(kept)
    assert other.busy
    again = other.state_dict()
    assert (again["slopes"], again["penalties"], again["gradients"]) == (
        *(kept["slopes"], kept["penalties"], kept["gradients"]),
    )
    other.load_state_dict({**kept, "gradients": (5.0, 4.0)})
    assert other.state_dict()["gradients"] == (5.0, 4.0, 0.0, False)
    effects.close()
    other.close()
    assert not effects.busy
    assert not other.busy


def test_losses_by_example_reach_the_intervention():
    """The loss (out - 1)^2 of both examples falls with the unit's output, most at the first for the labels (3, 1)."""
    model = network((1.0, -3.0))
    effects, _ = stepped(model, losses_of=lambda out: (out[:, 0] - torch.tensor([3.0, 1.0])) ** 2)
    assert effects.act(action("employment of dead units", 0.5)) == ({"0.weight": 1, "0.bias": 1}, "")
    assert model(X)[0].item() == pytest.approx(0.5)
    without, _ = stepped(network((1.0, -3.0)))
    changed, reason = without.act(action("employment of dead units", 0.5))
    assert changed == {}
    assert reason.startswith("cannot: the gradient of the loss of each example")
