"""Each intervention does what its formula says, alike in one network and in many restarts; optimisers then forget."""

import math
from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn import functional

from stability.errors import NumberError, StabilityError, UnknownNameError
from stability.training.control.formulas import Given, LayerArrays, tangential
from stability.training.control.interventions import INTERVENTIONS, LEAKY, Intervention, forget, intervene
from stability.training.control.layer_view import sites
from stability.training.control.leaky_slopes import LeakySlopes

X = torch.tensor([[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [-1.0, -1.0]], dtype=torch.float64)
Y = torch.tensor([1.0, 1.0, 0.0, 0.0], dtype=torch.float64)


class Sum(nn.Module):
    """relu(Wx + b), summed over units."""

    def __init__(self, rows):
        super().__init__()
        rows = torch.tensor(rows, dtype=torch.float64)
        self.units = nn.Linear(2, len(rows)).double()
        with torch.no_grad():
            self.units.weight.copy_(rows[:, :2])
            self.units.bias.copy_(rows[:, 2])

    def forward(self, x):
        return torch.relu(self.units(x)).sum(1)

    def losses(self, out):
        return (out - Y) ** 2


def chain(seed=0, *widths):
    torch.manual_seed(seed)
    widths = widths or (3, 5, 4, 1)
    parts = [p for a, b in pairwise(widths) for p in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*parts[:-1]).double()


def one(model, *args, losses=None):
    return sites(model, args, losses_of=losses)[0]


ONE_SERVES = [[0.5, -0.5, 0.0], [0.1, 0.2, -0.9]]
"""The second class-1 point is dead; the second unit is dead everywhere."""


def test_sites_show_inputs_and_pre_activations():
    model, x = chain(), torch.randn(6, 3, dtype=torch.float64)
    first, second = sites(model, (x,))
    assert torch.equal(first.inputs, x)
    assert torch.allclose(second.inputs, torch.relu(x @ model[0].weight.T + model[0].bias))
    assert torch.allclose(second.z[:, :, 0], second.inputs @ model[2].weight.T + model[2].bias)
    assert first.weight is model[0].weight
    assert second.bias is model[2].bias


def test_descents_are_minus_the_slopes_of_the_losses():
    model, x, y = chain(1), torch.randn(6, 3, dtype=torch.float64), torch.randn(6, dtype=torch.float64)
    found = sites(model, (x,), losses_of=lambda out: (out[:, 0] - y) ** 2)[0]
    h = torch.relu(model[0](x)).detach().requires_grad_()
    (slopes,) = torch.autograd.grad(((model[2:](h))[:, 0] - y).square().sum(), h)
    assert torch.allclose(found.descent, -slopes)
    assert all(p.grad is None for p in model.parameters())


def test_looking_leaves_buffers_and_random_states():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Dropout(0.5), nn.Linear(3, 1)).double()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    (site,) = sites(model, (X,))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert "normalisation" in site.obstacle
    change = intervene(site, Intervention("bias warm-up", 0.1))
    assert not change.masks
    assert change.reason == f"cannot: {site.obstacle}"


@pytest.mark.parametrize("rows", [ONE_SERVES, [[0.0, 0.0, 0.0], [0.1, 0.1, -3.0]]])
def test_bias_warm_up_leaves_no_dead_example(rows):
    model = Sum(rows)
    before = one(model, X)
    low = before.tops.amax(1).min()
    change = intervene(before, Intervention("bias warm-up", 0.01))
    assert torch.allclose(model.units.bias, torch.tensor(rows, dtype=torch.float64)[:, 2] - low + 0.01)
    assert one(model, X).tops.amax(1).min() == pytest.approx(0.01)
    assert change.entries == len(rows)
    assert intervene(one(model, X), Intervention("bias warm-up", 0.01)).reason


def test_bias_warm_up_raises_the_loss_of_a_solution():
    model = Sum([[0.5, -0.5, 0.0], [-0.5, 0.5, 0.0]])
    intervene(one(model, X), Intervention("bias warm-up", 0.25))
    assert float(model.losses(model(X)).sum().detach()) == pytest.approx(10 * 0.25**2)


def gradient(model):
    model.zero_grad()
    loss = model.losses(model(X)).mean()
    loss.backward()
    return float(loss.detach())


@pytest.mark.parametrize(("kind", "sign"), [("tangential ascent", 1), ("tangential descent", -1)])
def test_the_written_sign_goes_uphill_at_the_rate_of_the_squared_torque(kind, sign):
    size = 1e-6
    model = Sum([[0.7, -0.2, 0.3], [-0.4, 0.6, 0.05]])
    before = gradient(model)
    across = tangential(model.units.weight.detach(), model.units.weight.grad)
    intervene(one(model, X), Intervention(kind, size))
    change = float(model.losses(model(X)).mean().detach()) - before
    assert float((across**2).sum()) > 1e-3
    assert change == pytest.approx(sign * size * float((across**2).sum()), rel=1e-3)


def test_without_torque_neither_sign_does_anything():
    model = Sum([[0.125, 0.25, 1.0]])
    gradient(model)
    assert float(tangential(model.units.weight.detach(), model.units.weight.grad).abs().max()) == 0
    for kind in ("tangential ascent", "tangential descent"):
        change = intervene(one(model, X), Intervention(kind, 0.5))
        assert (change.entries, change.reason) == (0, "the tangential gradient is zero")


def test_the_tangential_part_is_orthogonal_and_whole_where_the_weight_is_zero():
    w, g = torch.randn(4, 3, 2).flatten(1), torch.randn(4, 3, 2).flatten(1)
    w[2] = 0
    found = tangential(w, g)
    assert float((found * w).flatten(1).sum(1).abs().max()) < 1e-5
    assert torch.equal(found[2], g[2])


def test_a_rotation_keeps_norms_and_turns_by_its_angle():
    model = chain()
    before = model[0].weight.detach().clone()
    intervene(one(model, X[:, [0, 1, 1]]), Intervention("random rotation", 0.3), (), torch.Generator().manual_seed(1))
    after = model[0].weight.detach()
    assert torch.allclose(after.norm(dim=1), before.norm(dim=1))
    cosines = (after * before).sum(1) / before.norm(dim=1) ** 2
    assert torch.allclose(cosines, torch.full_like(cosines, math.cos(0.3)))


def test_a_rotation_leaves_zero_rows_and_lines_alone():
    model = Sum([[0.0, 0.0, 1.0]])
    assert intervene(one(model, X), Intervention("random rotation", 1.0)).reason
    line = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1)).double()
    assert intervene(one(line, X[:, :1]), Intervention("random rotation", 1.0)).reason


def test_a_revival_is_the_least_change_that_reaches_the_margin():
    model = Sum(ONE_SERVES)
    before = torch.tensor(ONE_SERVES, dtype=torch.float64)
    change = intervene(one(model, X), Intervention("revival", 0.1), (1,))
    rows = torch.cat([model.units.weight.detach(), model.units.bias.detach()[:, None]], 1)
    x = torch.tensor([-1.0, 1.0, 1.0], dtype=torch.float64)
    assert torch.equal(rows[0], before[0]) is False or torch.equal(rows[1], before[1]) is False
    moved = [k for k in (0, 1) if not torch.equal(rows[k], before[k])]
    assert moved == [int((before @ x).argmax())]
    step = (rows - before)[moved[0]]
    assert float(rows[moved[0]] @ x) == pytest.approx(0.1)
    assert torch.allclose(step, step @ x / (x @ x) * x)
    assert change.entries == 3


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_a_unit_without_inputs_is_revived_by_its_bias():
    model = nn.Sequential(nn.Linear(0, 3), nn.ReLU()).double()
    with torch.no_grad():
        model[0].bias.copy_(torch.tensor([-2.0, -1.0, -3.0]))
    assert intervene(one(model, X[:, :0]), Intervention("revival", 0.1), (1,)).entries == 1
    assert model[0].bias.tolist() == pytest.approx([-2.0, 0.1, -3.0])


def test_a_revival_by_bias_moves_one_bias():
    model = Sum(ONE_SERVES)
    change = intervene(one(model, X), Intervention("revival by bias", 0.1), (1,))
    assert change.entries == 1
    assert torch.equal(model.units.weight.detach(), torch.tensor(ONE_SERVES, dtype=torch.float64)[:, :2])
    assert float(one(model, X).tops[1].max()) == pytest.approx(0.1)


def test_a_revival_prefers_units_with_the_steepest_descent():
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1)).double()
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[0.1, 0.1], [0.1, 0.1]]))
        model[0].bias.copy_(torch.tensor([-1.0, -2.0]))
        model[2].weight.copy_(torch.tensor([[-1.0, 1.0]]))
        model[2].bias.zero_()
    intervene(one(model, X, losses=lambda out: (out[:, 0] - 1) ** 2), Intervention("revival", 0.5), (2,))
    z = model[0](X[2:3]).detach()[0]
    assert z[0] == pytest.approx(-0.8)
    assert z[1] == pytest.approx(0.5)


def test_several_examples_share_a_revived_unit():
    model = Sum([[0.0, 0.0, -1.0]])
    intervene(one(model, X), Intervention("revival by bias", 0.1), (0, 1, 2, 3))
    assert float(model.units.bias.detach()) == pytest.approx(0.1)


def test_dead_units_are_employed_where_the_loss_falls_with_them():
    model = Sum([[0.0, 0.0, 0.5], [-0.2, -0.2, -0.6]])
    intervene(one(model, X, losses=model.losses), Intervention("employment of dead units", 0.1))
    assert torch.equal(model.units.weight[0].detach(), torch.zeros(2, dtype=torch.float64))
    assert float(model.units(X)[0, 1].detach()) == pytest.approx(0.1)
    assert intervene(one(model, X), Intervention("employment of dead units", 0.1)).reason
    solved = Sum([[0.5, -0.5, 0.0], [-0.5, 0.5, 0.0], [0.0, 0.0, -1.0]])
    change = intervene(one(solved, X, losses=solved.losses), Intervention("employment of dead units", 0.1))
    assert change.reason == "the loss of no example falls with a dead unit"


def test_convolutions_are_revived_by_a_bias():
    torch.manual_seed(3)
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 2))
    with torch.no_grad():
        model[0].bias.fill_(-20.0)
    x = torch.randn(5, 1, 6, 6)
    change = intervene(one(model, x), Intervention("revival", 0.1), range(5))
    tops = model[0](x).detach().amax((1, 2, 3))
    assert float(tops.min()) > 0
    assert all(parameter is model[0].bias for parameter, _ in change.masks)
    intervene(one(model, x), Intervention("bias warm-up", 1.0))


def test_layers_without_biases_are_revived_by_weights_alone():
    model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU(), nn.Linear(2, 1)).double()
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[-1.0, 0.0], [-0.5, 0.0]]))
    assert (
        intervene(one(model, X), Intervention("bias warm-up", 0.1)).reason == "cannot: it has no bias that is trained"
    )
    intervene(one(model, X), Intervention("revival", 0.1), (0,))
    assert float(model[0](X)[0, 1].detach()) == pytest.approx(0.1)


def test_weights_that_are_computed_are_left_alone():
    model = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)), nn.ReLU(), nn.Linear(2, 1)).double()
    change = intervene(one(model, X), Intervention("random rotation", 0.1))
    assert change.reason
    assert not change.masks


OPTIMIZERS = {
    "adam": lambda p: torch.optim.Adam(p, 0.01),
    "amsgrad": lambda p: torch.optim.AdamW(p, 0.01, amsgrad=True),
    "momentum": lambda p: torch.optim.SGD(p, 0.01, momentum=0.9),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_moments_of_exactly_the_changed_entries_are_forgotten(name):
    model = Sum([[0.5, -0.5, 0.2], [0.1, 0.2, 0.9]])
    optimizer = OPTIMIZERS[name](model.parameters())
    for _ in range(3):
        gradient(model)
        optimizer.step()
    with torch.no_grad():
        model.units.bias.fill_(-5.0)
    before = {p: {k: v.clone() for k, v in state.items() if v is not None} for p, state in optimizer.state.items()}
    change = intervene(one(model, X), Intervention("revival", 0.1), (1,))
    forget([optimizer], change)
    masks = {id(parameter): mask for parameter, mask in change.masks}
    checked = 0
    for parameter, state in optimizer.state.items():
        for key, value in state.items():
            if value is None:
                continue
            if value.shape == parameter.shape and value.ndim:
                mask = masks[id(parameter)]
                assert (value[mask] == 0).all()
                assert torch.equal(value[~mask], before[parameter][key][~mask])
                assert (before[parameter][key][mask] != 0).any()
                checked += 1
            else:
                assert torch.equal(value, before[parameter][key])
    assert checked >= 2
    assert [int(mask.sum()) for mask in masks.values()] == [2, 1]


class Functional(nn.Module):
    """ReLUs of every kind."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.a, self.b, self.c, self.d = (nn.Linear(*size).double() for size in ((3, 8), (8, 8), (8, 8), (8, 2)))

    def forward(self, x, slopes=(0, 0, 0)):
        x = functional.leaky_relu(self.a(x), slopes[0]) if slopes[0] else functional.relu(self.a(x), inplace=True)
        x = functional.leaky_relu(self.b(x), slopes[1]) if slopes[1] else self.b(x).clamp(min=0)
        x = functional.leaky_relu(self.c(x), slopes[2]) if slopes[2] else torch.relu_(self.c(x))
        return self.d(x)


def test_slopes_are_those_of_the_named_layers_and_are_taken_back():
    model, x = Functional(), torch.randn(7, 3, dtype=torch.float64)
    plain = model(x)
    slopes = LeakySlopes(model)
    slopes.set("b", 0.1, 2)
    slopes.set("c", 0.2, 1)
    assert torch.equal(model(x), model(x, (0, 0.1, 0.2)))
    assert slopes.tick() == ["c"]
    assert torch.equal(model(x), model(x, (0, 0.1, 0)))
    assert not torch.equal(model(x), plain)
    assert slopes.tick() == ["b"]
    assert not model._forward_hooks
    assert not model._forward_pre_hooks
    assert torch.equal(model(x), plain)
    with pytest.raises(NumberError):
        slopes.set("b", 0.1, 0)


def test_slopes_let_gradients_through_in_place_and_not():
    model, x = Functional(), torch.randn(7, 3, dtype=torch.float64)
    with LeakySlopes(model) as slopes:
        for name in "abc":
            slopes.set(name, 0.3, 5)
        model(x).sum().backward()
    found = [p.grad.clone() for p in model.parameters()]
    model.zero_grad()
    model(x, (0.3, 0.3, 0.3)).sum().backward()
    assert all(torch.allclose(p.grad, g) for p, g in zip(model.parameters(), found, strict=True))


def test_slopes_are_taken_back_after_an_exception():
    class Failing(Functional):
        def forward(self, x):
            super().forward(x)
            raise ValueError("lost")

    model, x = Failing(), torch.randn(2, 3, dtype=torch.float64)
    with LeakySlopes(model) as slopes:
        slopes.set("a", 0.5, 9)
        with pytest.raises(ValueError, match="lost"):
            model(x)
    z = torch.tensor([-1.0])
    assert float(torch.relu(z)) == 0
    assert not model._forward_hooks


def test_the_modules_of_a_chain_leak_too():
    model, x = chain(), torch.randn(6, 3, dtype=torch.float64)
    with LeakySlopes(model) as slopes:
        slopes.set("2", 0.25, 1)
        leaking = model(x)
    z = model[2](torch.relu(model[0](x)))
    assert torch.equal(leaking, model[4](functional.leaky_relu(z, 0.25)))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("bias warmup", 0.1), UnknownNameError),
        (("bias warm-up", 0.0), NumberError),
        (("random rotation", 4.0), NumberError),
        ((LEAKY, 0.01), NumberError),
        ((LEAKY, 1.5, 10), NumberError),
        (("revival", math.nan), NumberError),
    ],
)
def test_sizes_that_make_no_sense_are_refused(arguments, error):
    with pytest.raises(error):
        Intervention(*arguments)


@pytest.mark.parametrize("kind", [kind for kind, each in INTERVENTIONS.items() if each.formula is None])
def test_what_is_switched_is_no_repair_of_weights(kind):
    with pytest.raises(StabilityError, match="controller"):
        intervene(one(Sum(ONE_SERVES), X), Intervention(kind, 0.1, 5))


@pytest.mark.parametrize("name", [name for name, kind in INTERVENTIONS.items() if kind.formula is not None])
def test_restarts_at_once_change_as_one_network_does(name):
    stream = torch.Generator().manual_seed(7)
    starts = torch.randn(40, 3, 3, generator=stream, dtype=torch.float64) - torch.tensor([0.0, 0.0, 0.8])
    models = [Sum(rows.tolist()) for rows in starts]
    assert all(gradient(model) >= 0 for model in models)
    seen = [one(model, X, losses=model.losses) for model in models]
    layers = [site.arrays() for site in seen]
    joined = {
        key: torch.cat([getattr(layer, key) for layer in layers])
        for key in ("tops", "weight", "bias", "gradient", "descent")
    }
    drawn = torch.randn(40, 3, 2, generator=stream, dtype=torch.float64)
    dead, size = joined["tops"].amax(2) <= 0, 0.1
    assert dead.any(1).sum() > 10
    formula = INTERVENTIONS[name].formula
    weight, bias = formula(LayerArrays(**joined, inputs=X), Given(size, dead, lambda: drawn))
    changed = 0
    for k, (model, site) in enumerate(zip(models, seen, strict=True)):
        own = formula(site.arrays(), Given(size, dead[k : k + 1], lambda k=k: drawn[k : k + 1]))
        points = dead[k].nonzero()[:, 0].tolist()
        expected = (model.units.weight.detach().clone(), model.units.bias.detach().clone())
        for together, alone, old in zip((weight, bias), own, expected, strict=True):
            assert (together is None) == (alone is None)
            assert together is None or torch.allclose(together[k], alone[0], atol=1e-12)
            changed += together is not None and not torch.equal(together[k], old)
        if name != "random rotation":
            intervene(site, Intervention(name, size), points)
            now = (model.units.weight.detach(), model.units.bias.detach())
            for after, together, old in zip(now, (weight, bias), expected, strict=True):
                assert torch.allclose(after, old if together is None else together[k], atol=1e-12)
    assert changed > 10


def test_what_is_remembered_is_forgotten_where_a_group_has_no_rate():
    model = Sum([[0.5, -0.5, 0.2], [0.1, 0.2, 0.9]])
    optimizer = torch.optim.Rprop(model.parameters(), 0.01)
    gradient(model)
    optimizer.step()
    optimizer.param_groups[0]["lr"] = None
    with torch.no_grad():
        model.units.bias.fill_(-5.0)
    steps = {p: state["step_size"].clone() for p, state in optimizer.state.items()}
    change = intervene(one(model, X), Intervention("revival", 0.1), (1,))
    forget([optimizer], change)
    for parameter, mask in change.masks:
        assert (optimizer.state[parameter]["prev"][mask] == 0).all()
        assert torch.equal(optimizer.state[parameter]["step_size"], steps[parameter])
