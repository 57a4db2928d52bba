"""Units are certified only where every forward pass does what the one that was seen does."""

import itertools
import math
import random
import time

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812
from torch.utils.checkpoint import checkpoint

from stability import recovery
from stability.dead_units.certify import FOR_EVER
from stability.dead_units.same_passes import passes_of

COUNTS = {"calls": 0}
CALLS = 0
LATE = 20


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)
    COUNTS["calls"] = 0


def off(count=4, units=3):
    layer = nn.Linear(count, units)
    nn.init.constant_(layer.weight, -0.5)
    nn.init.constant_(layer.bias, -0.5)
    return layer


class Base(nn.Module):
    """Units that are off on inputs of at least 0, and a number that is trained from 0 upwards."""

    def __init__(self):
        super().__init__()
        self.front, self.layer, self.out = nn.Linear(4, 4), off(), nn.Linear(3, 1)
        self.other, self.slope = nn.Identity(), nn.Parameter(torch.zeros(()))
        self.ways = nn.ModuleList([nn.Identity(), Turned()])
        nn.init.constant_(self.out.weight, 1.0)
        self.calls, self.turns, self.held, self.flag = 0, [], {"calls": 0}, False
        self.register_buffer("passes", torch.zeros(()))
        self.chance, self.coins = torch.Generator().manual_seed(0), random.Random(0)
        self.dice, self.numbers = np.random.default_rng(0), itertools.count()

    def end(self, z):
        return self.out(torch.relu(z)).sum() + self.slope


class Turned(nn.Module):
    def forward(self, x):
        return -4 * x


def writes_into_data(self, x):
    h = torch.relu(self.front(x))
    h.data.sub_(self.slope.detach() * 4)
    return self.end(self.layer(h))


def writes_into_data_in_place(self, x):
    h = torch.relu(self.front(x))
    torch.add(h.data, self.slope.detach(), alpha=-4, out=h.data)
    return self.end(self.layer(h))


def sets_data(self, x):
    h = torch.relu(self.front(x))
    h.data = h.data - 4 * self.slope.detach()
    return self.end(self.layer(h))


def branches_on_a_number(self, x):
    return self.end(self.layer(-4 * x if self.slope.item() > 5 else x * 1))


def branches_on_a_tensor(self, x):
    return self.end(self.layer(-4 * x if self.slope > 5 else x * 1))


def takes_an_entry(self, x):
    return self.end(self.layer(self.ways[min(int(self.slope / 5), 1)](x)))


def takes_an_entry_by_a_tensor(self, x):
    return self.end(self.layer(self.ways[(self.slope > 5).long()](x)))


def by_a_list(self, x):
    return self.end(self.layer(-4 * x if self.slope.tolist() > 5 else x * 1))


def by_an_array(self, x):
    return self.end(self.layer(-4 * x if self.slope.detach().numpy() > 5 else x * 1))


def by_a_shape(self, x):
    few = torch.nonzero(self.slope.detach() > 5).shape[0]
    return self.end(self.layer(-4 * x if few else x * 1))


def hooked(self, x):
    z = self.layer(x)
    z.register_hook(lambda gradient: gradient - 1)
    return self.end(z)


def hooked_on_its_node(self, x):
    z = self.layer(x)
    z.grad_fn.register_prehook(lambda gradients: (gradients[0] - 1,))
    return self.end(z)


def counts(self, x):
    self.calls += 1
    return self.end(self.layer(-4 * x if self.calls > LATE else x * 1))


def counts_in_a_list(self, x):
    self.turns.append(1)
    return self.end(self.layer(-4 * x if len(self.turns) > LATE else x * 1))


def counts_in_a_dict(self, x):
    self.held["calls"] += 1
    return self.end(self.layer(-4 * x if self.held["calls"] > LATE else x * 1))


def counts_outside(self, x):
    COUNTS["calls"] += 1
    return self.end(self.layer(-4 * x if COUNTS["calls"] > LATE else x * 1))


def counts_in_a_global(self, x):
    global CALLS
    CALLS += 1
    return self.end(self.layer(-4 * x if CALLS > LATE else x * 1))


def counts_by_an_iterator(self, x):
    return self.end(self.layer(-4 * x if next(self.numbers) > LATE else x * 1))


def counts_in_an_attribute_of_a_part(self, x):
    self.other.calls = getattr(self.other, "calls", 0) + 1
    return self.end(self.layer(-4 * x if self.other.calls > LATE else x * 1))


def counts_in_an_argument(self, x, held=[0]):  # noqa: B006
    held[0] += 1
    return self.end(self.layer(-4 * x if held[0] > LATE else x * 1))


def draws_by_torch(self, x):
    rare = torch.rand((), generator=self.chance) < 0.02
    return self.end(self.layer(torch.where(rare, -4 * x, x)))


def draws_by_python(self, x):
    return self.end(self.layer(-4 * x if self.coins.random() < 0.04 else x * 1))


def draws_by_numpy(self, x):
    return self.end(self.layer(-4 * x if self.dice.random() < 0.01 else x * 1))


def looks_at_the_clock(self, x):
    return self.end(self.layer(-4 * x if time.time_ns() % 50 == 0 else x * 1))


def looks_at_gradients(self, x):
    return self.end(self.layer(x * 1 if self.out.bias.grad is None else -4 * x))


def counter():
    calls = 0

    def count():
        nonlocal calls
        calls += 1
        return calls

    return count


COUNT = counter()


def counts_in_a_closure(self, x):
    return self.end(self.layer(-4 * x if COUNT() > LATE else x * 1))


def counts_in_its_class(self, x):
    type(self).total = getattr(type(self), "total", 0) + 1
    return self.end(self.layer(-4 * x if type(self).total > LATE else x * 1))


def counts_by_errors(self, x):
    try:
        torch.linalg.cholesky((5 - self.slope.detach()).reshape(1, 1))
        return self.end(self.layer(x * 1))
    except RuntimeError:
        return self.end(self.layer(-4 * x))


def counts_in_a_buffer(self, x):
    self.passes.add_(1)
    return self.end(self.layer(torch.where(self.passes > LATE, -4 * x, x)))


def compiled_branch(x, slope):
    if bool(slope > 5.0):
        return -4 * x
    return x * 1


COMPILED = torch.jit.script(compiled_branch)


def branches_in_compiled_code(self, x):
    return self.end(self.layer(COMPILED(x, self.slope.detach())))


class Straight(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z, layer):
        ctx.layer = layer
        return z.clone()

    @staticmethod
    def backward(ctx, gradient):
        ctx.layer.bias.data.add_(0.1)
        return gradient, None


def writes_in_its_backward(self, x):
    return self.end(self.layer(x)) + Straight.apply(self.slope, self.layer)


def counts_in_a_parameter(self, x):
    self.slope.calls = self.slope.calls + 1 if hasattr(self.slope, "calls") else 1
    return self.end(self.layer(-4 * x if self.slope.calls > LATE else x * 1))


def counts_in_a_library(self, x):
    nn.Module.calls = nn.Module.calls + 1 if self.turns or hasattr(nn.Module, "calls") else 1
    return self.end(self.layer(-4 * x if nn.Module.calls > LATE else x * 1))


def gets_a_buffer_by_its_name(self, x):
    self.get_buffer("passes").add_(1)
    return self.end(self.layer(torch.where(self.get_buffer("passes") > LATE, -4 * x, x)))


def slices_by_a_tensor(self, x):
    first = (self.slope.detach() > 5).long() * 4
    return self.end(self.layer(torch.cat([x, -4 * x], 1)[:, first : first + 4]))


CHANGING = [
    *(counts_in_a_parameter, counts_in_a_library, gets_a_buffer_by_its_name, slices_by_a_tensor),
    *(counts_in_a_closure, counts_in_its_class, counts_by_errors, counts_in_a_buffer, branches_in_compiled_code),
    writes_in_its_backward,
    *(writes_into_data, writes_into_data_in_place, sets_data, branches_on_a_number, branches_on_a_tensor),
    *(takes_an_entry, takes_an_entry_by_a_tensor, by_a_list, by_an_array, by_a_shape, hooked, hooked_on_its_node),
    *(counts, counts_in_a_list, counts_in_a_dict, counts_outside, counts_in_a_global, counts_by_an_iterator),
    *(counts_in_an_attribute_of_a_part, counts_in_an_argument, draws_by_torch, draws_by_python, draws_by_numpy),
    *(looks_at_the_clock, looks_at_gradients),
]


def layer_comes_back(model, x, steps=400):
    """Return whether units of the layer are on at some time while the number is trained."""
    on = []
    handle = model.layer.register_forward_hook(lambda module, args, out: on.append(bool((out > 0).any())))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(steps):
        model(x).neg().backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
    handle.remove()
    return any(on)


def claims(model, x):
    found = recovery(model, x, torch.optim.SGD(model.parameters(), lr=0.05))
    return {each.status for each in found.units if each.layer == "layer"}


@pytest.mark.parametrize("forward", CHANGING, ids=lambda each: each.__name__)
def test_a_pass_that_may_be_another_one_later_has_no_certificate(forward):
    model, x = type("Own", (Base,), {"forward": forward})(), torch.rand(6, 4)
    assert FOR_EVER not in claims(model, x)
    assert layer_comes_back(model, x)


def lowers(module, gradients, *more):
    return tuple(each if each is None else each - 1 for each in gradients)


def hooks_its_result(module, args, out):
    out.register_hook(lambda gradient: gradient - 1)


class Plain(Base):
    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.out(self.relu(self.layer(x))).sum()


@pytest.mark.parametrize(
    ("part", "register", "hook"),
    [
        ("layer", "register_full_backward_pre_hook", lambda module, gradients: lowers(module, gradients)),
        ("relu", "register_full_backward_hook", lowers),
        ("layer", "register_forward_hook", hooks_its_result),
    ],
)
def test_hooks_on_modules_bring_units_back(part, register, hook):
    model, x = Plain(), torch.rand(6, 4)
    assert claims(model, x) == {FOR_EVER}
    getattr(getattr(model, part), register)(hook)
    assert FOR_EVER not in claims(model, x)
    assert layer_comes_back(model, x)


def test_hooks_on_all_modules_bring_units_back():
    model, x = Plain(), torch.rand(6, 4)
    handle = nn.modules.module.register_module_full_backward_pre_hook(lowers)
    try:
        assert FOR_EVER not in claims(model, x)
        assert layer_comes_back(model, x)
    finally:
        handle.remove()


class Config:
    def __init__(self):
        self.scale, self.dims = 1.0, [1, 2]

    @property
    def twice(self):
        return 2 * self.scale


def helper(z, slope=0.0):
    return F.leaky_relu(z, slope) if slope else F.relu(z)


def straight(self, x):
    return self.out(torch.relu(self.layer(x)))


def options(self, x, mask=None, *, scale=1.0, **more):
    if x.dim() != 2:
        raise ValueError(f"expected two axes, got {x.shape}")
    if mask is not None:
        x = x * mask
    return self.out(helper(self.layer(x))) * scale


def collects(self, x):
    found = []
    for k, way in enumerate(self.same):
        found.append(way(x) if k < len(self.same) else x)
    whole = {"h": torch.stack(found).mean(0)}
    return {"out": self.out(self._act(self.layer(whole["h"])))}


def comprehends(self, x):
    x = sum(way(x) for way in self.same) / len(self.same)
    parts = [self.out(F.relu(self.layer(x))) for _ in range(1)]
    return torch.cat(parts, dim=-1)


def configured(self, x):
    x = x * self.config.twice * math.sqrt(4) * int(np.prod(x.shape[2:]))
    if self.training and self.config.dims[0] == 1:
        x = x.view(x.size(0), -1)
    return self.out(F.relu(self.layer(x)))


def frozen(self, x):
    with torch.no_grad():
        x = self.turn(x)
    return self.out(torch.relu(self.layer(x)))


def caches(self, x):
    if self.cache is None:
        self.cache = torch.ones(4)
    return self.out(torch.relu(self.layer(x * self.cache)))


def keeps_what_it_made(self, x):
    self.last = torch.relu(self.layer(x))
    return self.out(x[:, :3])


def checkpoints(self, x):
    return checkpoint(self.block, x, use_reentrant=False)


def by_names(self, x):
    for k in range(1):
        x = getattr(self, f"turn{k}")(x)
    return self.out(torch.relu(self.layer(x)))


def writes_entries(self, x):
    whole = torch.empty_like(x)
    whole[:, :2], whole[:, 2:] = x[:, :2], x[:, 2:]
    return self.out(torch.relu(self.layer(whole)))


def residual(self, x):
    return self.out(torch.relu(self.layer(x)) + x[..., :3]).flatten(1)


class Usual(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.out, self.config, self.cache = off(), nn.Linear(3, 1), Config(), None
        self.same, self._act = nn.ModuleList([nn.Identity(), nn.Flatten()]), nn.functional.relu
        self.turn = self.turn0 = nn.Linear(4, 4).requires_grad_(False)
        nn.init.constant_(self.turn.weight, 0.1)
        nn.init.constant_(self.turn.bias, 0.0)

    def block(self, x):
        return self.out(torch.relu(self.layer(x)))


USUAL = [
    straight,
    options,
    collects,
    comprehends,
    configured,
    frozen,
    caches,
    keeps_what_it_made,
    checkpoints,
    by_names,
]
USUAL += [writes_entries, residual]


@pytest.mark.parametrize("forward", USUAL, ids=lambda each: each.__name__)
def test_usual_code_keeps_its_certificates(forward):
    model = type("Own", (Usual,), {"forward": forward})()
    assert passes_of(model).why == ""
    assert claims(model, torch.rand(6, 4)) == {FOR_EVER}


@pytest.mark.parametrize(
    "part",
    [
        nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 1, enable_nested_tensor=False),
        nn.LSTM(4, 4),
        nn.GroupNorm(2, 4),
        nn.utils.parametrizations.weight_norm(nn.Linear(4, 4)),
        nn.utils.parametrizations.spectral_norm(nn.Linear(4, 4)),
        nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.PReLU(), nn.Unflatten(1, (2, 2))),
    ],
    ids=lambda each: type(each).__name__,
)
def test_parts_of_torch_take_no_certificate_away(part):
    class Beside(Usual):
        def __init__(self):
            super().__init__()
            self.part = part

        def forward(self, x):
            seen = self.part(x)
            return self.block(x), seen

    assert claims(Beside(), torch.rand(6, 4)) == {FOR_EVER}


def test_reasons_name_the_code():
    assert passes_of(type("Own", (Base,), {"forward": looks_at_the_clock})()).why.startswith(
        "looks_at_the_clock uses time"
    )
    assert "catches errors" in passes_of(type("Own", (Base,), {"forward": counts_by_errors})()).why
