"""Interventions on a whole network: layers scaled by data at a bad start, and a way back from steps too large."""

import math
import warnings
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from stability.errors import NumberError, StabilityError
from stability.training.control.controller import POLICIES, Controller, Policy, Rule
from stability.training.control.decisions import health_of
from stability.training.control.escalation import Health, LayerHealth, judged_by
from stability.training.control.interventions import Intervention
from stability.training.control.network_interventions import (
    FLAT,
    dead_share,
    go_back,
    kept,
    scale_by_data,
    started_before,
)

SMALLER = Intervention("smaller step", 0.1)


def network(*parts, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(*(make() for make in parts))


def mlp():
    return network(lambda: nn.Linear(5, 8), nn.ReLU, lambda: nn.Linear(8, 7), nn.ReLU, lambda: nn.Linear(7, 3))


def ids(model):
    return {id(p) for p in model.parameters()}


def preactivations(model, x):
    """Return what each affine layer returns, by a loop over parts."""
    found = []
    with torch.no_grad():
        for part in model:
            x = part(x)
            if isinstance(part, nn.Linear | nn.Conv2d):
                found.append(x)
    return found


@pytest.mark.parametrize("factor", [1e-8, 1.0, 1e4])
def test_every_unit_gets_mean_0_and_the_deviation_that_is_asked_for(factor):
    model, x = mlp(), torch.randn(64, 5)
    with torch.no_grad():
        for part in model[::2]:
            part.weight.mul_(factor)
    before = model[0].weight.detach().clone()
    change = scale_by_data(model, lambda: model(x), ids(model), 2.0)
    for z in preactivations(model, x):
        assert torch.allclose(z.mean(0), torch.zeros(z.shape[1]), atol=1e-5)
        assert torch.allclose(z.std(0, correction=0), torch.full((z.shape[1],), 2.0), rtol=1e-4)
    turned = torch.cosine_similarity(before.double(), model[0].weight.detach().double(), eps=1e-30)
    assert torch.allclose(turned, torch.ones(8).double(), atol=1e-5), "rows keep their directions"
    assert {id(p) for p, _ in change.masks} == ids(model)


def test_a_layer_that_is_dead_or_zero_separates_examples_again():
    model, x = mlp(), torch.randn(64, 5)
    with torch.no_grad():
        model[0].bias.fill_(-100)
        model[2].weight.zero_()
    scale_by_data(model, lambda: model(x), ids(model), 1.0, torch.Generator().manual_seed(1))
    for z in preactivations(model, x)[:2]:
        assert ((z > 0).any(0) & (z < 0).any(0)).all()


def test_channels_are_scaled_over_examples_and_places():
    model = network(lambda: nn.Conv2d(2, 4, 3, padding=1), nn.ReLU, lambda: nn.Conv2d(4, 6, 3, groups=2, bias=False))
    x = torch.randn(8, 2, 6, 6)
    scale_by_data(model, lambda: model(x), ids(model), 1.0)
    first, second = (z.movedim(1, -1).flatten(0, -2) for z in preactivations(model, x))
    assert torch.allclose(first.mean(0), torch.zeros(4), atol=1e-5)
    for z in (first, second):
        assert torch.allclose(z.std(0, correction=0), torch.ones(z.shape[1]), rtol=1e-4)


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_a_layer_without_entries_stays():
    model, x = network(lambda: nn.Linear(5, 0), nn.ReLU, lambda: nn.Linear(0, 4), nn.ReLU), torch.randn(64, 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert scale_by_data(model, lambda: model(x), ids(model), 1.0).reason.startswith("cannot: ")


def test_what_is_frozen_shared_or_seen_on_few_examples_stays():
    model, x = mlp(), torch.randn(64, 5)
    before = [p.detach().clone() for p in model.parameters()]
    change = scale_by_data(model, lambda: model(x), set(), 1.0)
    assert change.reason.startswith("cannot: ")
    assert scale_by_data(model, lambda: model(x[:3]), ids(model), 1.0).reason.startswith("cannot: ")
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    twice = nn.Linear(5, 5)
    tied = nn.Sequential(twice, nn.ReLU(), twice)
    old = twice.weight.detach().clone()
    scale_by_data(tied, lambda: tied(x), ids(tied), 1.0)
    assert torch.equal(twice.weight, old)


def thin(depth=12, width=3, unit=nn.ReLU):
    layers = [part for _ in range(depth) for part in (lambda: nn.Linear(width, width), unit)]
    return network(lambda: nn.Linear(5, width), unit, *layers, lambda: nn.Linear(width, 2))


def lost_examples(model, x):
    """Return the share of examples at which all units of some hidden layer are off, example by example."""
    zs = preactivations(model, x)[:-1]
    return sum(any(bool((z[k] <= 0).all()) for z in zs) for k in range(len(x))) / len(x)


def test_a_scaling_that_loses_examples_is_taken_back_where_a_limit_is_given():
    x, stream = torch.randn(64, 5), torch.Generator().manual_seed(5)
    before, scaled, kept_as_it_was = thin(), thin(), thin()
    for model in (before, scaled, kept_as_it_was):
        with torch.no_grad():
            model[4].weight[1] = 0
    at = stream.get_state()
    assert scale_by_data(scaled, lambda: scaled(x), ids(scaled), 1.0, torch.Generator().manual_seed(5)).masks
    share = lost_examples(scaled, x)
    assert 0.3 < share < 1
    assert dead_share(scaled, lambda: scaled(x)) == pytest.approx(share)
    change = scale_by_data(
        kept_as_it_was, lambda: kept_as_it_was(x), ids(kept_as_it_was), 1.0, stream, lost=share - 0.01
    )
    assert change.reason == f"cannot: {share:.0%} of the examples would have no active unit in some layer"
    assert not change.masks
    assert all(torch.equal(a, b) for a, b in zip(before.parameters(), kept_as_it_was.parameters(), strict=True))
    assert torch.equal(stream.get_state(), at)
    stays = scale_by_data(kept_as_it_was, lambda: kept_as_it_was(x), ids(before), 1.0, stream, lost=share)
    assert stays.reason.startswith("cannot: no layer")
    assert scale_by_data(kept_as_it_was, lambda: kept_as_it_was(x), ids(kept_as_it_was), 1.0, stream, lost=share).masks
    assert all(torch.equal(a, b) for a, b in zip(scaled.parameters(), kept_as_it_was.parameters(), strict=True))


@pytest.mark.parametrize("unit", [nn.Tanh, lambda: nn.LeakyReLU(0.1)])
def test_units_that_are_never_off_lose_no_example(unit):
    model, x = thin(unit=unit), torch.randn(64, 5)
    assert scale_by_data(model, lambda: model(x), ids(model), 1.0, lost=0.0).masks
    assert dead_share(model, lambda: model(x)) == 0


def test_layers_that_get_a_part_of_the_examples_lose_none():
    class Experts(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.expert = nn.Linear(5, 8), nn.Linear(8, 1)

        def forward(self, x):
            h = self.first(x).relu()
            return torch.cat([self.expert(h[:20]).relu(), h[20:, :1]])

    torch.manual_seed(0)
    model, x = Experts(), torch.randn(64, 5)
    with torch.no_grad():
        model.expert.bias.fill_(-100)
        model.first.bias.fill_(1)
        dead = int((model.first(x) <= 0).all(1).sum())
    assert dead_share(model, lambda: model(x)) == dead / 64


def test_inputs_that_are_all_the_same_change_nothing_but_rows_that_are_drawn():
    model = mlp()
    scale_by_data(model, lambda: model(torch.ones(64, 5)), ids(model), 1.0)
    assert all(p.isfinite().all() for p in model.parameters())
    assert 0 < FLAT < 1


@pytest.mark.parametrize("make", [torch.optim.Adam, lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9)])
def test_going_back_is_as_if_the_steps_had_not_been_made(make):
    x, y = torch.randn(64, 5), torch.randn(64, 3)

    def step(model, optimizer):
        optimizer.zero_grad()
        (model(x) - y).square().mean().backward()
        optimizer.step()

    model, twin = mlp(), mlp()
    optimizer, other = make(model.parameters(), 0.1), make(twin.parameters(), 0.1)
    for one, own in ((model, optimizer), (twin, other)):
        step(one, own)
    last = kept(model, [optimizer])
    for _ in range(3):
        step(model, optimizer)
    change = go_back(model, [optimizer], last, ids(model), 0.1)
    assert {id(p) for p, _ in change.masks} == ids(model)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.01)
    other.param_groups[0]["lr"] *= 0.1
    for _ in range(2):
        step(model, optimizer)
        step(twin, other)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), twin.parameters(), strict=True))


def test_going_back_leaves_other_networks_and_frozen_weights():
    model, other = mlp(), mlp()
    model[0].weight.requires_grad_(False)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], 1.0)
    foreign = torch.optim.SGD(other.parameters(), 1.0)
    last = kept(model, [optimizer])
    with torch.no_grad():
        for p in model.parameters():
            p.add_(1)
    trained = ids(model) - {id(model[0].weight)}
    change = go_back(model, [optimizer, foreign], last, trained, 0.5)
    assert {id(p) for p, _ in change.masks} == trained
    assert (optimizer.param_groups[0]["lr"], foreign.param_groups[0]["lr"]) == (0.5, 1.0)
    assert go_back(model, [optimizer], None, trained, 0.5).reason.startswith("cannot: ")
    assert optimizer.param_groups[0]["lr"] == 0.5


def test_a_training_that_began_before_is_no_start():
    model = mlp()
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(11):
        model(torch.randn(4, 5)).sum().backward()
        assert not started_before([optimizer])
        optimizer.step()
    assert started_before([optimizer])


def wide():
    return network(lambda: nn.Linear(5, 32), nn.ReLU, lambda: nn.Linear(32, 32), nn.ReLU, lambda: nn.Linear(32, 3))


def train(model, policy, rate=1e-3, steps=40, every=5, spoil=None):
    torch.manual_seed(3)
    x = torch.randn(64, 5)
    y = (x[:, 0] > 0).long()
    optimizer = torch.optim.Adam(model.parameters(), rate)
    each = nn.CrossEntropyLoss(reduction="none")
    with Controller(model, policy, every=every, per_example_loss=lambda out: each(out, y)) as controller:
        for t in range(steps):
            if spoil is not None and t == 20:
                spoil(model)
            optimizer.zero_grad()
            each(model(x), y).mean().backward()
            optimizer.step()
    return controller, float(each(model(x), y).mean().detach()), optimizer


def made(controller):
    return [(e.action.step, e.action.alarm.kind, e.action.intervention.kind) for e in controller.log if not e.reason]


@pytest.mark.parametrize(
    ("factor", "biases", "alarm"),
    [(1e-5, 1, "vanishing gradient"), (1e-5, 0, "small start"), (1e-5, 1e-5, "small start"), (1e3, 1, "large start")],
)
def test_a_bad_scale_is_mended_at_the_first_reading_only(factor, biases, alarm):
    model = wide()
    with torch.no_grad():
        for part in model[::2]:
            part.weight.mul_(factor)
            part.bias.mul_(biases)
    controller, loss, _ = train(model, "careful", 1e-2)
    assert made(controller) == [(0, alarm, "scaling by data")]
    assert loss < 0.5


def test_layers_too_thin_to_be_scaled_are_left_to_what_mends_a_collapse():
    controller, _, _ = train(thin(20), "careful", steps=30)
    (first, *_), kinds = controller.log, {kind for _, _, kind in made(controller)}
    assert (first.action.step, first.action.alarm.kind) == (0, "vanishing gradient")
    assert "of the examples would have no active unit" in first.reason
    assert "scaling by data" not in kinds
    assert "separation" in kinds


def test_a_large_start_is_scaled_however_thin_the_layers_are():
    model = thin(4)
    with torch.no_grad():
        for part in model[::2]:
            part.weight.mul_(100)
    assert made(train(model, "careful", steps=1)[0]) == [(0, "large start", "scaling by data")]


def test_a_healthy_training_is_left_alone_bit_for_bit():
    alone, helped = wide(), wide()
    train(alone, Policy("none", ()))
    controller, _, _ = train(helped, "careful")
    assert controller.log == []
    assert all(torch.equal(a, b) for a, b in zip(alone.parameters(), helped.parameters(), strict=True))


def test_weights_that_grow_from_a_small_start_are_no_trouble():
    """They grow many times over between two readings, while the loss still rests."""
    alone, helped = wide(), wide()
    for model in (alone, helped):
        for each in model.parameters():
            nn.init.normal_(each, 0, 1e-2 if each.ndim > 1 else 0, torch.Generator().manual_seed(1))
    _, without, _ = train(alone, Policy("none", ()), 1e-2, 60, 15)
    controller, loss, _ = train(helped, "careful", 1e-2, 60, 15)
    norms = [reading.weight_norm for reading in controller.monitor.readings]
    assert norms[1] > 3 > 3 * norms[0]
    assert health_of(controller.monitor.latest).usual == pytest.approx(math.sqrt(64 / 3))
    assert controller.log == []
    assert loss == without < 0.5
    assert all(torch.equal(a, b) for a, b in zip(alone.parameters(), helped.parameters(), strict=True))


@pytest.mark.parametrize(
    ("before", "now", "losses", "out"),
    [
        (8.0, 30.0, (2.0, 1.9), True),
        (8.0, 30.0, (2.0, 1.7), False),
        (8.0, 30.0, (2.0, math.nan), True),
        (1.0, 23.0, (2.0, 2.0), False),
        (1.0, 25.0, (2.0, 2.0), True),
        (math.nan, 30.0, (2.0, 2.0), False),
    ],
)
def test_weights_explode_beyond_those_that_torch_draws_while_the_loss_rests(before, now, losses, out):
    health = Health(10, (), losses[1], None, np.bool_(True), weights=now, usual=8.0)
    (rule,) = [each for each in POLICIES["careful"].rules if each.alarm == "exploding weights"]
    ((_, _, found, _, _),) = judged_by(rule, health, losses[0], before)
    assert bool(found) is out


@pytest.mark.parametrize(
    ("level", "losses", "share", "out"),
    [
        (0.1, None, 0.4, False),
        (0.1, None, 0.6, True),
        (None, None, 0.4, True),
        (0.1, np.ones(10), 0.4, True),
    ],
)
def test_without_losses_a_few_dead_examples_are_no_trouble(level, losses, share, out):
    dead = np.arange(10) < 10 * share
    layer = LayerHealth("a", 8, 10, np.bool_(True), dead, share, 1.0, 1.0, np.bool_(True))
    health = Health(10, (layer,), 1.0, losses, np.bool_(True))
    ((_, value, found, _, _),) = judged_by(Rule("dead data", (Intervention("revival", 0.1),), level=level), health, 1.0)
    assert value == pytest.approx(share)
    assert bool(found) is out


def test_a_branch_that_begins_at_zero_is_no_bad_start():
    model = wide()
    nn.init.zeros_(model[4].weight)
    assert made(train(model, "careful")[0]) == []


def test_a_step_too_large_is_taken_back_and_made_smaller():
    controller, loss, optimizer = train(wide(), "careful", 10.0, 60)
    assert {kind for _, _, kind in made(controller)[:2]} == {"smaller step"}
    assert optimizer.param_groups[0]["lr"] < 1
    assert loss < 0.7


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_weights_that_are_not_finite_are_set_back(value):
    def spoil(model):
        with torch.no_grad():
            model[2].weight[0, 0] = value

    model = wide()
    controller, loss, optimizer = train(model, "careful", 1e-2, spoil=spoil)
    assert made(controller) == [(20, "exploding loss", "smaller step")]
    assert all(p.isfinite().all() for p in model.parameters())
    assert math.isfinite(loss)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1e-3)


def test_weights_that_grew_at_one_stroke_are_not_what_one_goes_back_to():
    """The function stays the same, and so does the loss: the weights that are read are bad only in that they grew."""

    def spoil(model):
        with torch.no_grad():
            for part in (model[0].weight, model[0].bias):
                part.mul_(256)
            model[2].weight.div_(256)

    model = wide()
    usual = float(model[0].weight.detach().norm())
    controller, _, optimizer = train(model, "careful", spoil=spoil)
    assert made(controller) == [(20, "exploding weights", "smaller step")]
    assert float(model[0].weight.detach().norm()) < 2 * usual
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1e-4)


def test_nothing_to_go_back_to_is_said():
    model = wide()
    with torch.no_grad():
        model[0].weight[0, 0] = math.nan
    controller, _, optimizer = train(model, "careful")
    assert [e.reason for e in controller.log][:1] == ["cannot: no finite weights were read before"]
    assert optimizer.param_groups[0]["lr"] == 1e-3


def test_what_is_kept_goes_through_a_saved_state():
    model = wide()
    controller, _, _ = train(model, "careful")
    with Controller(wide(), "careful") as fresh:
        state = controller.state_dict()
        state["effects"]["kept"] = ({"0.bias": torch.ones(32)}, {})
        fresh.load_state_dict(state)
        assert torch.equal(fresh.state_dict()["effects"]["kept"][0]["0.bias"], torch.ones(32))


def test_such_interventions_answer_such_alarms_only():
    with pytest.raises(StabilityError, match="whole network"):
        Rule("plateau", (SMALLER,))
    with pytest.raises(StabilityError, match="whole network"):
        Rule("large start", (Intervention("revival", 0.1),))
    with pytest.raises(NumberError):
        Rule("dead data", (Intervention("revival", 0.1),), limit=2.0)
    with pytest.raises(NumberError):
        Intervention("smaller step", 1.0)
    assert Rule("exploding loss", (SMALLER,), limit=10.0).limit == 10


def test_careful_is_better_with_more_rules_before():
    assert POLICIES["careful"].rules[-2:] == POLICIES["better"].rules
    assert replace(POLICIES["careful"], name="better", rules=POLICIES["careful"].rules[-2:]) == POLICIES["better"]


def test_a_residual_branch_that_ends_at_zero_is_no_bad_start():
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c, self.d = nn.Linear(5, 32), nn.Linear(32, 32), nn.Linear(32, 32), nn.Linear(32, 3)
            nn.init.zeros_(self.c.weight)

        def forward(self, x):
            h = self.a(x).relu()
            return self.d(h + self.c(self.b(h).relu()))

    torch.manual_seed(0)
    assert made(train(Residual(), "careful", steps=6)[0]) == []


def test_a_controller_that_comes_late_leaves_the_scale_alone():
    model, x, y = wide(), torch.randn(64, 5), torch.randint(3, (64,))
    optimizer = torch.optim.Adam(model.parameters(), 1e-6)

    def step():
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    with torch.no_grad():
        model[0].weight.mul_(1e5)
    for _ in range(12):
        step()
    with Controller(model, "careful", every=1) as controller:
        step()
    assert [entry.reason for entry in controller.log] == ["cannot: the training began long before"]


@pytest.mark.parametrize("count", [1, 2])
def test_a_resumed_training_goes_back_with_what_its_optimisers_remembered(count):
    def start():
        model = mlp()
        parameters = [*model.parameters()]
        optimizers = [torch.optim.SGD(parameters[k::count], 0.01, momentum=0.9) for k in range(count)]
        return model, optimizers, Controller(model, "careful", every=1)

    def step(model, optimizers, controller, x, factor=1.0):
        for each in optimizers:
            each.zero_grad()
        loss = factor * (model(x) - 1).square().mean()
        controller.monitor.note(loss)
        loss.backward()
        for each in optimizers:
            each.step()

    x = torch.randn(8, 5, generator=torch.Generator().manual_seed(3))
    model, optimizers, controller = start()
    with controller:
        for _ in range(3):
            step(model, optimizers, controller, x)
        saved = deepcopy((model.state_dict(), [each.state_dict() for each in optimizers], controller.state_dict()))
        twin, others, resumed = start()
        twin.load_state_dict(saved[0])
        for each, state in zip(others, saved[1], strict=True):
            each.load_state_dict(state)
        with resumed:
            resumed.load_state_dict(saved[2])
            for factor in (1.0, 1e6, 1.0):
                step(model, optimizers, controller, x, factor)
                step(twin, others, resumed, x, factor)
                pairs = zip(model.parameters(), twin.parameters(), strict=True)
                assert all(torch.equal(*pair) for pair in pairs)
            assert any(entry.action.intervention.kind == "smaller step" for entry in resumed.log)


def test_a_step_that_has_no_rate_is_not_made_smaller_and_nothing_is_set_back():
    """Adafactor finds its own rate: its groups have lr=None."""
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 1.0)
    last = kept(model, [optimizer])
    optimizer.param_groups[0]["lr"] = None
    with torch.no_grad():
        model[0].weight.add_(1)
    before = model[0].weight.detach().clone()
    change = go_back(model, [optimizer], last, ids(model), 0.5)
    assert (change.masks, change.reason[:8]) == ((), "cannot: ")
    assert "no optimiser of it has a learning rate" in change.reason
    assert torch.equal(model[0].weight, before)


def test_groups_without_a_rate_stay_and_those_with_one_get_a_smaller_one():
    model = mlp()
    groups = [{"params": part.parameters(), "lr": 1.0} for part in model[::2]]
    optimizer = torch.optim.SGD(groups, 1.0)
    last = kept(model, [optimizer])
    optimizer.param_groups[1]["lr"] = None
    del optimizer.param_groups[2]["lr"]
    with torch.no_grad():
        model[2].weight.add_(1)
    change = go_back(model, [optimizer], last, ids(model), 0.5)
    assert not change.reason
    assert torch.equal(model[2].weight, last.weights["2.weight"])
    assert [group.get("lr") for group in optimizer.param_groups] == [0.5, None, None]
