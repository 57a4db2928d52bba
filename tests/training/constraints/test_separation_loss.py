"""The penalty of separation constraints on any network, against plain loops and finite differences."""

import copy
import io
from itertools import product

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.overrides import _get_current_function_mode_stack

from stability.errors import DataError, NumberError, StabilityError, UnknownNameError
from stability.training.constraints.penalties import KINDS
from stability.training.constraints.separation_loss import SeparationLoss
from stability.training.introspection.exact_networks import exact_layers
from stability.training.introspection.forward_passes import capture
from stability.training.introspection.layer_geometry import layer_geometry
from stability.training.introspection.reference_networks import AnnealedDropout, CReLU, thin_network, zero_initialise


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)
    yield
    assert not _get_current_function_mode_stack()


def thin(depth=3, width=4, method="relu", seed=0):
    return thin_network(2, depth, width, method=method, generator=torch.Generator().manual_seed(seed)).double()


@pytest.fixture
def x():
    return torch.randn(6, 2, dtype=torch.float64)


def slow_terms(table, kind, rho, power):
    """Return the terms of each family of constraints by plain loops over points, units and places."""
    points, units, places = table.shape
    groups = {
        "sep-u": [[table[i, j, p] for i in range(points) for p in range(places)] for j in range(units)],
        "sep-p": [[table[i, j, p] for j in range(units) for p in range(places)] for i in range(points)],
        "sep-l": [table.flatten().tolist()],
    }
    families = ("sep-u", "sep-p") if kind == "sep-pu" else (kind,)
    return [
        [(rho * max(0, 1 - float(max(g))) + (1 - rho) * max(0, 1 + float(min(g)))) ** power for g in groups[family]]
        for family in families
    ]


def conv():
    parts = (nn.Conv2d(1, 3, 2), nn.ReLU(inplace=True), nn.Conv2d(3, 2, 2, bias=False), nn.BatchNorm2d(2), nn.ReLU())
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(18, 2), nn.ReLU()).double()


@pytest.mark.parametrize(("kind", "power", "reduction"), list(product(KINDS, (1, 2), ("sum", "mean"))))
def test_the_penalty_is_that_of_plain_loops(kind, power, reduction, x):
    cases = [
        (thin(), x / 5),
        (conv(), torch.randn(3, 1, 5, 5).double() / 5),
        (nn.Sequential(nn.Linear(2, 3), nn.ReLU()).double(), torch.randn(2, 4, 2).double() / 5),
    ]
    for model, inputs in cases:
        with SeparationLoss(model, kind, 0.3, 0.7, power, reduction) as separation:
            model(inputs)
            found = separation()
        expected = 0.0
        for seen in capture(copy.deepcopy(model), inputs):
            for terms in slow_terms(seen.table.detach(), kind, 0.7, power):
                expected += 0.3 * sum(terms) / (len(terms) if reduction == "mean" else 1)
        assert found.item() == pytest.approx(expected, rel=1e-12)
        assert expected > 0


@pytest.mark.parametrize(("kind", "power", "ties"), list(product(KINDS, (1, 2), ("split", "first"))))
def test_the_gradient_is_that_of_finite_differences(kind, power, ties, x):
    model = thin()
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    with SeparationLoss(model, kind, 1.0, 0.51, power, ties=ties) as separation:

        def value():
            model(x)
            return separation()

        value().backward()
        for parameter in list(model.parameters())[:-2]:
            flat, slopes = parameter.data.view(-1), parameter.grad.view(-1)
            for k in range(0, len(flat), 3):
                ends = []
                for step in (1e-6, -2e-6):
                    flat[k] += step
                    ends.append(value().item())
                flat[k] += 1e-6
                assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(slopes[k].item(), abs=1e-7)
        assert all(parameter.grad is None for parameter in list(model.parameters())[-2:])


def test_slacks_are_the_exact_ones(x):
    model = thin()
    sets = exact_layers(model).sets(x.tolist())
    for kind in KINDS:
        with SeparationLoss(model, kind) as separation:
            model(x)
            found = separation.slacks()
        assert list(found) == ["0", "2", "4"]
        for totals, exact in zip(found.values(), sets, strict=True):
            assert totals == pytest.approx([float(sum(part)) for part in exact.slacks(kind)], rel=1e-12)


def test_weights_and_rhos_by_layer(x):
    model, x = thin(2), x / 5
    single = []
    for k in range(2):
        with SeparationLoss(model, "sep-l", [0.2 * (j == k) for j in range(2)], 0.3 + 0.4 * k) as separation:
            model(x)
            single.append(separation().item())
    with SeparationLoss(model, "sep-l", (0.2, 0.2), [0.3, 0.7]) as separation:
        model(x)
        assert separation().item() == pytest.approx(sum(single))
    assert min(single) > 0
    for how in ({"weight": [1, 1, 1]}, {"rho": [0.5]}):
        with SeparationLoss(model, "sep-l", **how) as separation:
            model(x)
            with pytest.raises(StabilityError, match="each of the 2 layers"):
                separation()


def descend(model, kind, ties, rho, x, y, steps=30):
    with SeparationLoss(model, kind, 1.0, rho, ties=ties) as separation:
        for _ in range(steps):
            loss = functional.binary_cross_entropy_with_logits(model(x).squeeze(1), y) + separation()
            gradients = torch.autograd.grad(loss, list(model.parameters()))
            for parameter, gradient in zip(model.parameters(), gradients, strict=True):
                parameter.data -= 0.05 * gradient
    return model


def alike(model):
    """Return whether the units of every hidden layer are the same."""
    linears = [part for part in model if isinstance(part, nn.Linear)]
    return all(bool((t == t[:1]).all()) for part in linears[:-1] for t in (part.weight, part.bias))


@pytest.mark.parametrize("kind", KINDS)
def test_ties_at_the_zero_start(kind, x):
    y = (x[:, 0] > 0).double()
    start = thin(2, 3)
    zero_initialise(start)
    rest = descend(copy.deepcopy(start), kind, "split", 0.5, x, y * 0 + 0.5)
    assert all(not parameter.any() for parameter in rest.parameters())
    split = descend(copy.deepcopy(start), kind, "split", 0.51, x, y)
    assert alike(split)
    assert any(parameter.any() for parameter in split.parameters())
    first = descend(copy.deepcopy(start), kind, "first", 0.51, x, y)
    assert alike(first) == (kind == "sep-u")


def test_dropout_distinguishes_units_at_the_zero_start(x):
    dropout = AnnealedDropout(0.5, 10)
    model = thin_network(2, 2, 3, dropout=dropout).double()
    zero_initialise(model)
    assert not alike(descend(model, "sep-u", "split", 0.51, x, (x[:, 0] > 0).double()))


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_closed_it_leaves_nothing(error, x):
    model = thin()
    state, keys = copy.deepcopy(model.state_dict()), sorted(model.__dict__)
    if error is None:
        with SeparationLoss(model, "sep-u") as separation:
            model(x)
    else:
        separation = SeparationLoss(model, "sep-u")
        model(x)
        with pytest.raises(error), separation:
            raise error
    separation.close()
    assert not model._forward_hooks
    assert not model._forward_pre_hooks
    assert not model._forward_hooks_always_called
    assert sorted(model.__dict__) == keys
    assert all(torch.equal(a, b) for a, b in zip(state.values(), model.state_dict().values(), strict=True))
    for call in (separation, separation.slacks):
        with pytest.raises(StabilityError, match="closed"):
            call()


def test_errors_in_the_forward_pass(x):
    model = thin()
    with SeparationLoss(model, "sep-u") as separation:
        with pytest.raises(RuntimeError):
            model(x[:, :1])
        with pytest.raises(StabilityError, match="saw none"):
            separation()
        model(x)
        assert separation().requires_grad


def test_the_latest_forward_pass_counts(x):
    model = thin()
    with SeparationLoss(model, "sep-p", 1.0) as separation:
        values = []
        for part in (x[:2], x[2:]):
            model(part)
            values.append(separation().item())
        model(x[:2])
        model(x[2:])
        assert separation().item() == values[1] != values[0]
        assert separation().item() == values[1]


def test_passes_without_gradients(x):
    model = thin()
    with SeparationLoss(model, "sep-p", 1.0) as separation:
        model(x)
        expected = separation().item()
        with torch.no_grad():
            model(x)
            assert separation().item() == expected
        with pytest.raises(StabilityError, match="with gradients"):
            separation()
        model.eval()
        model(x)
        assert separation().requires_grad
        model[0].requires_grad_(False)
        model(x)
        separation().backward()
        assert model[0].weight.grad is None
        assert model[2].weight.grad.any()
        model.requires_grad_(False)
        model(x)
        assert separation().item() == expected


def test_layers_that_lost_their_graph_are_left_out_with_one_warning(x):
    class Cut(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(2, 3).double(), nn.Linear(3, 3).double()

        def forward(self, x):
            with torch.no_grad():
                h = self.a(x).relu()
            return self.b(h).relu()

    model = Cut()
    with SeparationLoss(model, "sep-u") as separation:
        model(x)
        with pytest.warns(UserWarning, match="leaves a of Cut out"):
            penalty = separation()
        assert penalty.item() == separation().item()
        penalty.backward()
        assert model.a.weight.grad is None
        assert model.b.weight.grad is not None


def test_functional_residual_and_normed_networks(x):
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.norm = nn.Linear(2, 4), nn.Linear(4, 4), nn.BatchNorm1d(4)

        def forward(self, x):
            h = functional.relu(self.a(x), inplace=True)
            return functional.relu(h + self.norm(self.b(h)))

    model = Residual().double()
    how = {"weight": 1.0, "reduction": "sum"}
    with (
        SeparationLoss(model, "sep-pu", **how) as separation,
        SeparationLoss(model, "sep-pu", **how, normed=False) as bare,
    ):
        model(x)
        z = model.a(x)
        h = z.relu()
        last = h + functional.batch_norm(model.b(h), None, None, training=True)
        assert list(separation.slacks()) == ["a", "b"]
        assert list(bare.slacks()) == ["a"]
        expected = [sum(map(sum, slow_terms(t.detach()[:, :, None], "sep-pu", 0.5, 2))) for t in (z, last)]
        assert separation().item() == pytest.approx(sum(expected), rel=1e-4)
        assert bare().item() == pytest.approx(expected[0], rel=1e-9)
        separation().backward()
        assert model.norm.weight.grad.any()
    normed = thin(2, 3, "relu-bn")
    with SeparationLoss(normed, "sep-u", normed=False) as bare:
        normed(x)
        with pytest.raises(StabilityError, match="normed=False"):
            bare()


def test_mixed_precision_is_penalised_in_single(x):
    model = thin().float()
    with SeparationLoss(model, "sep-pu", 1.0) as separation:
        model(x.float())
        exact = separation()
        with torch.autocast("cpu", torch.bfloat16):
            out = model(x.float())
            rounded = separation()
        (out.float().sum() + rounded).backward()
    assert rounded.dtype == torch.float32
    assert rounded.item() == pytest.approx(exact.item(), rel=0.02)
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


def test_two_networks_at_once(x):
    models = [thin(seed=1), thin(seed=2)]
    with SeparationLoss(models[0], "sep-u", 1.0) as one, SeparationLoss(models[1], "sep-u", 1.0) as two:
        models[0](x)
        alone = one().item()
        models[1](x)
        assert one().item() == alone != two().item()
        (one() + two()).backward()
    assert all(model[0].weight.grad.any() for model in models)


def test_accumulated_gradients_add_up(x):
    model = thin()
    with SeparationLoss(model, "sep-p", 1.0, reduction="sum") as separation:
        for part in (x[:2], x[2:]):
            (model(part).sum() + separation()).backward()
        summed = [parameter.grad.clone() for parameter in model.parameters()]
        model.zero_grad()
        (model(x).sum() + separation()).backward()
    assert all(torch.allclose(a, b.grad) for a, b in zip(summed, model.parameters(), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_one_weight_means_one_thing_at_every_batch_size(kind):
    model = thin_network(6, 4, 8, generator=torch.Generator().manual_seed(0))
    x = torch.randn(1024, 6, generator=torch.Generator().manual_seed(1))
    lengths = {}
    for reduction in ("mean", "sum"):
        for batch in (16, 128, 1024):
            with SeparationLoss(model, kind, 1e-3, reduction=reduction) as separation:
                model(x[:batch])
                slopes = torch.autograd.grad(separation(), list(model.parameters()), allow_unused=True)
            lengths[reduction, batch] = torch.stack([g.norm() for g in slopes if g is not None]).norm().item()
    means = [lengths["mean", batch] for batch in (16, 128, 1024)]
    assert max(means) < 4 * min(means)
    if kind in ("sep-p", "sep-pu"):
        assert lengths["sum", 1024] > 20 * lengths["sum", 16]


def test_the_default_weight_goes_with_the_reduction(x):
    model = thin()
    with SeparationLoss(model, "sep-p") as mean, SeparationLoss(model, "sep-p", reduction="sum") as total:
        model(x)
        assert (mean.weight, total.weight) == (1e-2, 1e-4)
        assert mean().item() / 1e-2 * len(x) == pytest.approx(total().item() / 1e-4)


def test_copies_and_saved_states(x):
    model = thin()
    with SeparationLoss(model, "sep-u", 1.0) as separation:
        model(x)
        before = separation().item()
        copied, file = copy.deepcopy(model), io.BytesIO()
        copied(x + 1)
        assert separation().item() == before
        torch.save(model.state_dict(), file)
        file.seek(0)
        fresh = thin(seed=5)
        fresh.load_state_dict(torch.load(file))
        assert torch.equal(fresh(x), copied(x))
    copied.train()(x)
    with SeparationLoss(copied, "sep-u", 1.0) as again:
        copied(x)
        assert again().item() == before


def test_training_with_it_separates():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(40, 2, generator=generator)
    model = thin_network(2, 8, 4, generator=generator)
    assert any(bool((seen.table <= 0).all(0).any()) for seen in capture(model, x))
    optimiser = torch.optim.Adam(model.parameters(), 0.01)
    with SeparationLoss(model, "sep-u", 1.0, power=1) as separation:
        for _ in range(300):
            optimiser.zero_grad()
            model(x)
            separation().backward()
            optimiser.step()
        model(x)
        assert sum(map(sum, separation.slacks().values())) < 1
    assert not any(bool((seen.table <= 0).all(0).any() | (seen.table > 0).all(0).any()) for seen in capture(model, x))


def test_bad_arguments(x):
    for how, error in (
        (("sep-up",), UnknownNameError),
        (("sep-u", -1.0), NumberError),
        (("sep-u", float("nan")), NumberError),
        (("sep-u", [1.0, -1.0]), NumberError),
        (("sep-u", "a"), NumberError),
        (("sep-u", 1.0, None), NumberError),
        (("sep-u", 1.0, [None]), NumberError),
        (("sep-u", 1.0, 1.5), NumberError),
        (("sep-u", 1.0, [0.5, -0.1]), NumberError),
        (("sep-u", 1.0, 0.5, 3), NumberError),
        (("sep-u", 1.0, 0.5, 2, "median"), UnknownNameError),
        (("sep-u", 1.0, 0.5, 2, "none"), UnknownNameError),
        (("sep-u", 1.0, 0.5, 2, "sum", "last"), UnknownNameError),
    ):
        model = thin()
        with pytest.raises(error):
            SeparationLoss(model, *how)
        assert not model._forward_hooks
    for model in (nn.Linear(2, 3).double(), nn.Sequential(nn.Linear(2, 3), nn.Tanh()).double()):
        with SeparationLoss(model, "sep-u") as separation:
            with pytest.raises(StabilityError, match="forward pass"):
                separation()
            model(x)
            with pytest.raises(StabilityError, match="saw none"):
                separation()
    with SeparationLoss(thin(), "sep-u") as separation:
        with pytest.raises(StabilityError, match="forward pass"):
            separation.slacks()
        separation._model(x[:0])
        with pytest.raises(DataError, match="empty"):
            separation()


def test_thin_networks():
    for method, kinds in (
        ("relu", (nn.Linear, nn.ReLU)),
        ("relu-bn", (nn.Linear, nn.BatchNorm1d, nn.ReLU)),
        ("leaky", (nn.Linear, nn.LeakyReLU)),
        ("crelu", (nn.Linear, CReLU)),
    ):
        model = thin_network(2, 5, 4, 3, method, generator=torch.Generator().manual_seed(0))
        assert [type(part) for part in model] == [*kinds * 5, nn.Linear]
        assert model(torch.randn(7, 2)).shape == (7, 3)
        linears = [part for part in model if isinstance(part, nn.Linear)]
        for part in linears:
            rows, columns = part.weight.shape
            assert part.weight.abs().max() <= (6 / (rows + columns)) ** 0.5
            assert not part.bias.any()
        assert [part.weight.shape[1] for part in linears] == [2, *[8 if method == "crelu" else 4] * 5]
        assert len(capture(model, torch.randn(7, 2))) == 5
    wide = thin_network(100, 1, 300, generator=torch.Generator().manual_seed(1))[0].weight
    assert wide.std().item() == pytest.approx((2 / 400) ** 0.5, rel=0.02)
    before = torch.get_rng_state()
    assert torch.equal(thin(seed=3)[0].weight, thin(seed=3)[0].weight)
    assert torch.equal(torch.get_rng_state(), before)
    for sizes in ((0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 1, 0)):
        with pytest.raises(NumberError):
            thin_network(*sizes)
    with pytest.raises(UnknownNameError, match="leaky"):
        thin_network(2, 2, 2, method="leaki")


def test_concatenated_relu():
    z = torch.randn(3, 4, 2)
    for axis in (1, -1):
        assert torch.equal(CReLU(axis)(z), torch.cat([z.clamp(min=0), (-z).clamp(min=0)], axis))


def test_annealed_dropout():
    dropout, x = AnnealedDropout(0.8, 4), torch.ones(20000)
    rates = []
    for _ in range(6):
        rates.append(dropout.rate)
        out = dropout(x)
        assert (out == 0).double().mean().item() == pytest.approx(dropout.rate, abs=0.02)
        assert out.mean().item() == pytest.approx(1, abs=0.05)
        dropout.step()
    assert rates == pytest.approx([0.8, 0.6, 0.4, 0.2, 0, 0])
    fresh = AnnealedDropout(0.8, 4)
    assert torch.equal(fresh.eval()(x), x)
    fresh.load_state_dict(dropout.state_dict())
    assert fresh.rate == 0
    for wrong in ((1.0, 4), (-0.1, 4), (0.5, 0)):
        with pytest.raises(NumberError):
            AnnealedDropout(*wrong)


def test_zero_start_keeps_normalisations():
    model = conv()
    zero_initialise(model)
    left = [name for name, parameter in model.named_parameters() if parameter.any()]
    assert left == ["3.weight"]


@pytest.mark.gpu
def test_on_a_gpu(x):
    model = conv()
    images = torch.randn(4, 1, 5, 5).double()
    values, tables = [], []
    for device in ("cpu", "cuda"):
        model.to(device)
        with SeparationLoss(model, "sep-pu", [0.1, 0.2, 0.3], 0.51) as separation:
            model(images.to(device))
            values.append(separation().item())
        tables.append(str(layer_geometry(model, (images, None))))
    assert values[0] == pytest.approx(values[1], rel=1e-9)
    assert tables[0] == tables[1]
