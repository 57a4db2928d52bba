"""Inputs are fixed only where every pass over the same data shows them, whatever chance, state or training do."""

import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, DistributedSampler, RandomSampler, TensorDataset, WeightedRandomSampler

from stability import recovery
from stability.dead_units.certify import FOR_EVER
from stability.dead_units.fixed_inputs import DIFFERS, SHARED, TRAINED, doubts, halved, moving
from stability.errors import DataError


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)
    random.seed(0)


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.generator, self.calls = torch.Generator().manual_seed(0), 0
        self.register_buffer("mean", torch.zeros(4))

    def noise(self, x):
        return x + torch.randn(x.shape, generator=self.generator)

    def count(self, x):
        self.calls += 1
        return self.calls * x

    def follow(self, x):
        self.mean += 1
        return x - self.mean


OWN = Own()
CHANGING = {
    "noise": lambda x: x + torch.randn_like(x),
    "noise of an own generator": OWN.noise,
    "a coin of Python": lambda x: x if random.random() < 0.5 else -x,
    "alpha dropout": lambda x: functional.alpha_dropout(x, 0.5, training=True),
    "noisy softmax": functional.gumbel_softmax,
    "written into": lambda x: x.clone().bernoulli_(),
    "a count": OWN.count,
    "a running mean": OWN.follow,
    "batch mean": lambda x: x - x.mean(0),
    "attention to the batch": lambda x: (x @ x.T).softmax(1) @ x,
    "crops at random": lambda x: torch.cat([x, x], 1).reshape(6, 8).narrow(1, random.randrange(1, 4), 4),
    "sums of all before": lambda x: x.cumsum(0),
    "less the first": lambda x: x - x[0],
    "sums of pairs": lambda x: x[0::2] + x[1::2],
    "examples in rows": lambda x: x.reshape(-1, 2, 4).sum(1),
    "pairs in a row": lambda x: x.reshape(-1, 8).reshape(-1, 2, 4)[:, 0],
}


class Behind(nn.Module):
    def __init__(self, what):
        super().__init__()
        self.what, self.layer, self.out = what, nn.Linear(4, 3), nn.Linear(3, 1)
        nn.init.constant_(self.layer.bias, -2.0)
        nn.init.uniform_(self.layer.weight, -0.1, 0.1)

    def forward(self, x):
        return self.out(torch.relu(self.layer(self.what(x))))


def statuses(model, x):
    found = recovery(model, x, torch.optim.SGD(model.parameters(), lr=0.1))
    return {each.status for each in found.units if each.layer == "layer"}, {each.reason for each in found.units}


@pytest.mark.parametrize("what", CHANGING.values(), ids=CHANGING)
def test_inputs_that_another_pass_may_change_are_not_fixed(what):
    assert FOR_EVER not in statuses(Behind(what), torch.rand(6, 4))[0]


def test_the_reason_says_what_changes():
    x = torch.rand(6, 4)
    assert statuses(Behind(OWN.count), x)[1] == {DIFFERS}
    assert statuses(Behind(CHANGING["batch mean"]), x)[1] == {SHARED}


FIXED = {
    "scaled": lambda x: x / 255 - 0.5,
    "by example": lambda x: (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True),
    "frozen map": nn.Linear(4, 4).requires_grad_(False),
    "flat": lambda x: x.view(6, 2, 2).flatten(1).double().float(),
}


@pytest.mark.parametrize("what", FIXED.values(), ids=FIXED)
def test_inputs_that_stay_are_fixed(what):
    assert statuses(Behind(what), torch.rand(6, 4))[0] == {FOR_EVER}


def test_data_stay_data_beside_dropout():
    class Two(Behind):
        def forward(self, x):
            dropped = functional.dropout(x, 0.5)
            return self.out(torch.relu(self.layer(x))) + dropped.sum(1, keepdim=True)

    assert statuses(Two(None), torch.rand(6, 4))[0] == {FOR_EVER}


class Probe(nn.Module):
    """A head on features without a graph, of a part that is trained by another loss."""

    def __init__(self, how):
        super().__init__()
        self.features, self.main = nn.Linear(4, 4), nn.Linear(4, 1)
        self.layer, self.out, self.how = nn.Linear(4, 3), nn.Linear(3, 1), how
        nn.init.constant_(self.layer.bias, -3.0)
        nn.init.constant_(self.layer.weight, 0.5)
        nn.init.constant_(self.main.weight, 1.0)

    def forward(self, x):
        h = self.features(x)
        return self.main(h), self.out(torch.relu(self.layer(self.how(h))))


@pytest.mark.parametrize("how", [lambda h: h.detach(), lambda h: h.data, lambda h: h.detach().clone()])
def test_features_without_a_graph_change_while_they_are_trained(how):
    model, x = Probe(how), torch.rand(6, 4)
    assert FOR_EVER not in statuses(model, x)[0]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    assert (model.layer(model.features(x)) <= 0).all()
    for _ in range(40):
        optimizer.zero_grad()
        (model(x)[0] - 20).square().mean().mul(0.01).backward()
        optimizer.step()
    assert (model.layer(model.features(x)) > 0).any()  # the unit is back, without a gradient of its own
    model.features.requires_grad_(False)
    optimizer.zero_grad()
    nn.init.constant_(model.layer.bias, -1e4)
    assert statuses(model, x)[0] == {FOR_EVER}


@torch.jit.script
def signs(h):
    return (h > 0).float()


def written(h):
    found = torch.zeros(h.shape)
    found[:] = h.detach()
    return found


def in_place(h):
    return h.detach().clone().mul_(2)


@pytest.mark.parametrize(
    "how",
    [
        lambda h: torch.from_numpy((h.detach().numpy() > 0).astype("f")),
        lambda h: torch.tensor(h.tolist()),
        signs,
        written,
        in_place,
    ],
    ids=["numpy", "numbers", "compiled", "written", "in place"],
)
def test_trained_features_are_seen_through_what_no_call_shows(how):
    model, x = Probe(how), torch.rand(6, 4)
    own = [p.clone() for p in model.parameters()]
    memory = [p.data_ptr() for p in model.parameters()]
    found, reasons = statuses(model, x)
    assert found == {"unknown"}
    assert reasons == {TRAINED}
    assert all(map(torch.equal, own, model.parameters()))
    assert memory == [p.data_ptr() for p in model.parameters()]
    model.features.requires_grad_(False)
    nn.init.constant_(model.layer.bias, -1e4)
    assert statuses(model, x)[0] == {FOR_EVER}


def test_parameters_are_as_before_where_a_pass_fails():
    layer = nn.Linear(2, 2)
    own = layer.weight.clone()

    def failing(args, named):
        raise RuntimeError("expected positive weights")

    assert moving(failing, layer, (), {}, {0: np.zeros((1, 2))}) == {0}
    assert torch.equal(layer.weight, own)


@pytest.mark.parametrize(
    "given",
    [lambda z: z, lambda z: z.detach(), lambda z: z[:4], lambda z: DataLoader(TensorDataset(z), 3)],
    ids=["themselves", "their memory", "a part", "batches"],
)
def test_inputs_that_the_optimiser_holds_are_trained(given):
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
    nn.init.constant_(model[0].bias, -9.0)
    codes = nn.Parameter(torch.rand(6, 4))
    trained = recovery(model, given(codes), torch.optim.SGD([*model.parameters(), codes], lr=0.1))
    assert {each.status for each in trained.units} == {"unknown"}
    fixed = recovery(model, given(codes), torch.optim.SGD(model.parameters(), lr=0.1))
    assert {each.status for each in fixed.units} == {FOR_EVER}


def test_every_input_of_half_a_batch_is_looked_for():
    whole = np.arange(8.0).reshape(4, 2)

    def doubted(half):
        given = (torch.zeros(4, 2),)
        return doubts(lambda args, named: {0: whole if len(args[0]) == 4 else half}, given, {}, {0: whole})

    assert doubted(whole[:2]) == doubted(whole[2:0:-1] + 1e-4) == {}
    assert doubted(np.add(whole[:2], [[0.0], [0.5]])) == doubted(whole[:2, :1]) == {0: SHARED}


def test_half_a_batch():
    args, named = halved((torch.zeros(5, 2), 3), {"mask": torch.zeros(5), "table": torch.zeros(7, 2)})
    assert args[0].shape == (3, 2)
    assert args[1] == 3
    assert named["mask"].shape == (3,)
    assert named["table"].shape == (7, 2)
    assert halved((torch.zeros(1, 2),), {}) is None
    assert halved((), {}) is None


class Sharing(nn.Module):
    """Has features by what shares memory with what is trained, or is held by the optimiser alone."""

    def __init__(self, how):
        super().__init__()
        self.how, self.layer, self.out = how, nn.Linear(4, 3), nn.Linear(3, 4)
        self.trained, self.plain = nn.Parameter(torch.eye(4)), torch.eye(4, requires_grad=True)
        self.twin = nn.Parameter(self.trained.data, requires_grad=False)
        self.register_buffer("view", self.trained.data)
        self.register_buffer("alone", torch.eye(4))
        nn.init.constant_(self.layer.bias, -2.0)
        nn.init.uniform_(self.layer.weight, -0.1, 0.1)

    def forward(self, x):
        features = x @ getattr(self, self.how).detach()
        return self.out(torch.relu(self.layer(features))) @ self.trained @ self.plain


@pytest.mark.parametrize(("how", "wanted"), [("twin", 0), ("view", 0), ("plain", 0), ("trained", 0), ("alone", 3)])
def test_features_by_what_shares_memory_with_what_is_trained_change(how, wanted):
    model = Sharing(how)
    own = [p.clone() for p in (*model.parameters(), model.plain, *model.buffers())]
    optimizer = torch.optim.SGD([*model.parameters(), model.plain], lr=0.1)
    assert len(recovery(model, torch.rand(6, 4), optimizer).for_ever) == wanted
    assert all(map(torch.equal, own, (*model.parameters(), model.plain, *model.buffers())))


@pytest.mark.parametrize(
    "settings",
    [
        {"shuffle": True, "drop_last": True},
        {"sampler": RandomSampler(range(5), replacement=True)},
        {"sampler": RandomSampler(range(5), num_samples=3)},
        {"sampler": WeightedRandomSampler([1.0] * 5, 5)},
        {"sampler": DistributedSampler(range(5), 2, 0)},
    ],
    ids=["drop_last", "replacement", "fewer", "weighted", "distributed"],
)
def test_loaders_that_leave_out_other_examples_in_each_epoch_are_refused(settings):
    model = Behind(nn.Identity())
    loader = DataLoader(TensorDataset(torch.rand(5, 4)), batch_size=2, **settings)
    with pytest.raises(DataError, match="all inputs of the training"):
        recovery(model, loader, torch.optim.SGD(model.parameters(), lr=0.1))


@pytest.mark.parametrize("settings", [{"shuffle": True}, {"drop_last": True}, {"shuffle": True, "drop_last": True}])
def test_loaders_that_yield_the_same_examples_in_each_epoch_are_read(settings):
    model, size = Behind(nn.Identity()), 3 if len(settings) == 2 else 4
    loader = DataLoader(TensorDataset(torch.rand(6, 4)), batch_size=size, **settings)
    assert len(recovery(model, loader, torch.optim.SGD(model.parameters(), lr=0.1)).for_ever) == 3


def test_frozen_features_with_a_gradient_left_may_still_move():
    model, x = Sharing("trained"), torch.rand(6, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.1)
    model.trained.requires_grad_(False)
    assert len(recovery(model, x, optimizer).for_ever) == 3
    model.trained.grad = torch.zeros(4, 4)
    assert not recovery(model, x, optimizer).for_ever
