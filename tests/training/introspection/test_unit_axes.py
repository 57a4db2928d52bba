"""Which entries of what a ReLU gets change with one unit of a map? Found anew by moving each bias."""

import math
import warnings
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional
from torch.nn.utils import prune

from stability.training.introspection.forward_passes import Introspection, capture, see_all
from stability.training.introspection.unit_rows import UnitRows
from stability.training.monitoring.monitor import Monitor

U = 6


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


class Written(nn.Module):
    """A network of parameters w (3, U), and b (U,), and of what is written with them."""

    def __init__(self, written, shape=(3, U)):
        super().__init__()
        self.w, self.b = nn.Parameter(torch.randn(shape)), nn.Parameter(torch.randn(U))
        self.written = written

    def forward(self, x):
        return self.written(x, self.w, self.b)


def flat():
    return torch.randn(5, 3)


def steps():
    return torch.randn(5, 4, 3)


def columns():
    return torch.randn(5, 3, 4)


def linear(x, w, b):
    return functional.linear(x, w.T, b)


def conv(x, w, b):
    return functional.conv1d(x, w.T[:, :, None], b)


TABLE = {
    # products that are written by hand
    "x @ w + b": (flat, lambda x, w, b: (x @ w + b).relu()),
    "steps @ w + b": (steps, lambda x, w, b: (x @ w + b).relu()),
    "matmul": (steps, lambda x, w, b: torch.matmul(x, w).add(b).relu()),
    "mm": (flat, lambda x, w, b: torch.mm(x, w).add(b).relu()),
    "addmm": (flat, lambda x, w, b: torch.addmm(b, x, w).relu()),
    "tensor.addmm": (flat, lambda x, w, b: b.addmm(x, w).relu()),
    "linear of a view": (flat, lambda x, w, b: functional.linear(x, w.T, b).relu()),
    "w.T @ x.T": (flat, lambda x, w, b: (w.T @ x.T + b[:, None]).relu()),
    "w.T @ columns": (columns, lambda x, w, b: (w.T @ x + b[:, None]).relu()),
    "einsum": (flat, lambda x, w, b: (torch.einsum("bi,iu->bu", x, w) + b).relu()),
    "einsum, units first": (flat, lambda x, w, b: (torch.einsum("bi,iu->ub", x, w) + b[:, None]).relu()),
    "einsum, weight first": (flat, lambda x, w, b: (torch.einsum("iu,bi->bu", w, x) + b).relu()),
    "einsum of steps": (steps, lambda x, w, b: (torch.einsum("bti,iu->but", x, w) + b[:, None]).relu()),
    "einsum with dots": (steps, lambda x, w, b: (torch.einsum("...i,iu->...u", x, w) + b).relu()),
    "einsum without an arrow": (flat, lambda x, w, b: (torch.einsum("ai,iu", x, w) + b).relu()),
    "einsum in capitals": (flat, lambda x, w, b: (torch.einsum("B i, i U -> B U", x, w) + b).relu()),
    "tensordot": (steps, lambda x, w, b: (torch.tensordot(x, w, 1) + b).relu()),
    "tensordot by lists": (columns, lambda x, w, b: (torch.tensordot(x, w, ([1], [0])) + b).relu()),
    "a masked weight": (flat, lambda x, w, b: (x @ (w * (w > -9)) + b).relu()),
    "a normed weight": (flat, lambda x, w, b: (x @ functional.normalize(w, dim=0) + b).relu()),
    "convolution": (columns, lambda x, w, b: conv(x, w, b).relu()),
    # heads: two of three units
    "einsum of heads": (flat, lambda x, w, b: (torch.einsum("bi,ihd->bhd", x, w.view(3, 2, 3)) + b.view(2, 3)).relu()),
    "einsum of heads, turned": (
        steps,
        lambda x, w, b: (torch.einsum("bti,ihd->bhtd", x, w.view(3, 2, 3)) + b.view(2, 1, 3)).relu(),
    ),
    "bmm of experts": (
        flat,
        lambda x, w, b: (torch.bmm(x.expand(2, 5, 3), w.view(3, 2, 3).transpose(0, 1)) + b.view(2, 1, 3)).relu(),
    ),
    # where units are moved
    "sliced": (columns, lambda x, w, b: conv(x, w, b)[..., 1:].relu()),
    "padded": (columns, lambda x, w, b: functional.pad(conv(x, w, b), (1, 2)).relu()),
    "permuted": (columns, lambda x, w, b: conv(x, w, b).permute(2, 0, 1).relu()),
    "unflattened": (columns, lambda x, w, b: conv(x, w, b).unflatten(1, (2, 3)).relu()),
    "heads": (steps, lambda x, w, b: linear(x, w, b).view(5, 4, 2, 3).transpose(1, 2).relu()),
    "heads by chunks": (steps, lambda x, w, b: torch.cat(linear(x, w, b).chunk(2, -1), 0).relu()),
    "flipped": (flat, lambda x, w, b: linear(x, w, b).flip(1).relu()),
    "rolled": (flat, lambda x, w, b: linear(x, w, b).roll(2, 1).relu()),
    "rolled over all": (flat, lambda x, w, b: linear(x, w, b).roll(2).relu()),
    "selected": (flat, lambda x, w, b: linear(x, w, b).index_select(1, torch.tensor([5, 4, 3, 2, 1, 0])).relu()),
    "picked": (flat, lambda x, w, b: linear(x, w, b)[:, [5, 4, 3, 2, 1, 0]].relu()),
    "repeated units": (flat, lambda x, w, b: linear(x, w, b).repeat_interleave(2, 1).relu()),
    "repeated steps": (columns, lambda x, w, b: conv(x, w, b).repeat_interleave(2, 2).relu()),
    "repeated, flat": (flat, lambda x, w, b: linear(x, w, b).repeat_interleave(2).relu()),
    "tiled": (columns, lambda x, w, b: conv(x, w, b).repeat(1, 1, 2).relu()),
    "gathered in time": (
        columns,
        lambda x, w, b: conv(x, w, b).gather(2, torch.tensor([0, 3]).expand(5, U, 2)).relu(),
    ),
    "gathered units": (
        flat,
        lambda x, w, b: linear(x, w, b).gather(1, torch.arange(30).view(5, 6) % 5).relu(),
    ),
    "scattered units": (
        flat,
        lambda x, w, b: torch.zeros(5, U).scatter(1, torch.rand(5, U).argsort(1), linear(x, w, b)).relu(),
    ),
    "sorted": (flat, lambda x, w, b: linear(x, w, b).sort(1)[0].relu()),
    "pixels of channels": (
        lambda: torch.randn(5, 3, 2, 2),
        lambda x, w, b: functional.pixel_shuffle(
            functional.conv2d(x, w.T[:, :, None, None], b).repeat(1, 1, 1, 1), 1
        ).relu(),
    ),
    "channels shuffled": (
        lambda: torch.randn(5, 3, 2, 2),
        lambda x, w, b: functional.channel_shuffle(functional.conv2d(x, w.T[:, :, None, None], b), 2).relu(),
    ),
    "interpolated": (columns, lambda x, w, b: functional.interpolate(conv(x, w, b), 7).relu()),
    "pooled": (columns, lambda x, w, b: functional.avg_pool1d(conv(x, w, b), 2).relu()),
    "unbound": (columns, lambda x, w, b: torch.stack(conv(x, w, b).unbind(2), 1).relu()),
    "split": (columns, lambda x, w, b: torch.cat(conv(x, w, b).split([1, 3], 2)[::-1], 2).relu()),
    "hstack": (flat, lambda x, w, b: torch.stack([linear(x, w, b)] * 2, 2).relu()),
    "written back": (flat, lambda x, w, b: torch.zeros(5, U).copy_(linear(x, w, b)).relu()),
    "attended": (steps, lambda x, w, b: (torch.rand(5, 4, 4) @ linear(x, w, b)).relu()),
    "attended by einsum": (
        steps,
        lambda x, w, b: torch.einsum("bqk,bku->bqu", torch.rand(5, 4, 4), linear(x, w, b)).relu(),
    ),
    "attended, units before": (
        columns,
        lambda x, w, b: torch.einsum("bqk,buk->buq", torch.rand(5, 4, 4), conv(x, w, b)).relu(),
    ),
    "a graph": (flat, lambda x, w, b: (torch.rand(5, 5) @ linear(x, w, b)).relu()),
    "pairs": (steps, lambda x, w, b: (linear(x, w, b)[:, :, None] + linear(x, w, b)[:, None]).relu()),
    "squares": (lambda: torch.randn(6, 3), lambda x, w, b: (linear(x, w, b) + linear(x, w, b).T).relu()),
    "scores": (steps, lambda x, w, b: (linear(x, w, b) @ linear(x, w, b).mT).relu()),
    "scores by einsum": (
        steps,
        lambda x, w, b: torch.einsum("bqu,bku->bqk", linear(x, w, b), linear(x, w, b)).relu(),
    ),
    "outer": (flat, lambda x, w, b: torch.einsum("bu,bv->buv", linear(x, w, b), linear(x, w, b)).relu()),
    "masked": (steps, lambda x, w, b: linear(x, w, b).masked_fill(torch.rand(5, 4, 1) > 0.9, -1.0).relu()),
    "residual": (flat, lambda x, w, b: (linear(x, w, b) + torch.rand(5, U)).relu()),
    "dropped": (flat, lambda x, w, b: functional.dropout(linear(x, w, b), 0.3, False).relu()),
    "one of two": (flat, lambda x, w, b: torch.where(torch.rand(5, 1) > 0.5, linear(x, w, b), -linear(x, w, b)).relu()),
    # complex numbers
    "real": (flat, lambda x, w, b: (linear(x, w, b) * (1 + 2j)).real.relu()),
    "torch.real": (flat, lambda x, w, b: torch.real(linear(x, w, b) * (1 + 2j)).relu()),
    "imag": (steps, lambda x, w, b: (linear(x, w, b) * (2 - 1j)).imag.relu()),
    "conjugate": (flat, lambda x, w, b: torch.imag((linear(x, w, b) * 1j).conj()).relu()),
    "complex": (flat, lambda x, w, b: torch.complex(linear(x, w, b), torch.rand(5, U)).real.relu()),
    "a complex map": (flat, lambda x, w, b: ((x + 0j) @ (w + 1j) + b).real.relu()),
    "parts": (columns, lambda x, w, b: torch.view_as_real(conv(x, w, b) * (1 + 2j)).relu()),
    "parts, flat": (flat, lambda x, w, b: torch.view_as_real(linear(x, w, b) * (1 + 2j)).flatten(1).relu()),
    "parts and back": (
        flat,
        lambda x, w, b: torch.view_as_complex(torch.view_as_real(linear(x, w, b) * (1 + 2j)) * 2).real.relu(),
    ),
    "steps as parts": (
        columns,
        lambda x, w, b: torch.view_as_complex(conv(x, w, b).view(5, U, 2, 2)).real.relu(),
    ),
    "units as parts": (
        flat,
        lambda x, w, b: (torch.view_as_complex(linear(x, w, b).view(5, 3, 2)) * (1 + 1j)).real.relu(),
    ),
    # ReLUs in other words
    "maximum": (flat, lambda x, w, b: torch.maximum(linear(x, w, b), torch.zeros(1))),
    "maximum of zeros like": (flat, lambda x, w, b: (lambda z: torch.maximum(torch.zeros_like(z), z))(linear(x, w, b))),
    "maximum of a number": (flat, lambda x, w, b: torch.max(linear(x, w, b), torch.tensor(0.0))),
    "clamp": (flat, lambda x, w, b: linear(x, w, b).clamp(min=0)),
    "clamp by a tensor": (flat, lambda x, w, b: linear(x, w, b).clamp(min=torch.tensor(0.0))),
    "threshold": (flat, lambda x, w, b: functional.threshold(linear(x, w, b), 0.0, 0.0)),
    "times a mask": (flat, lambda x, w, b: (lambda z: z * (z > 0))(linear(x, w, b))),
    "times a mask of floats": (flat, lambda x, w, b: (lambda z: (z > 0).float() * z)(linear(x, w, b))),
    "where": (flat, lambda x, w, b: (lambda z: torch.where(z > 0, z, torch.zeros_like(z)))(linear(x, w, b))),
    "where below": (flat, lambda x, w, b: (lambda z: torch.where(z <= 0, 0.0, z))(linear(x, w, b))),
    "filled": (flat, lambda x, w, b: (lambda z: z.masked_fill(z < 0, 0))(linear(x, w, b))),
}
"""An input, and what is computed of it: one ReLU behind one map with w and b."""

UNKNOWN = {
    *("rolled over all", "repeated, flat", "gathered units", "scattered units", "sorted"),
    *("units as parts", "squares", "scores", "scores by einsum", "outer", "heads by chunks"),
}
"""Here one bias moves entries of several units, or other units at every example."""


def movements(model, parameter, x):
    """Return which units, by what was seen, every entry of a parameter moves; None if nothing is seen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, left_out = see_all(model, (x,))
    if not found:
        assert left_out
        return None
    assert len(found) == 1
    before, moved = found[0].table.clone(), []
    for k in range(parameter.numel()):
        entry = parameter.data.view(-1)
        kept = entry[k].item()
        entry[k] = kept - 100
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            after = capture(model, x)[0].table
        entry[k] = kept
        moved.append((after != before).any(2).any(0).tolist())
    return torch.tensor(moved)


def is_one_each(moved):
    """Return whether every entry moves a unit, and every unit is moved by one entry alone."""
    return bool((moved.sum(0) == 1).all() and moved.any(1).all())


@pytest.mark.parametrize("how", TABLE)
def test_one_bias_moves_its_own_unit(how):
    made, written = TABLE[how]

    def alike(x, w, b):
        torch.manual_seed(1)
        return written(x, w, b)

    model, x = Written(alike), made()
    moved = movements(model, model.b, x)
    if how in UNKNOWN:
        assert moved is None
    else:
        assert moved is not None, see_all(model, (x,))[1]
        assert is_one_each(moved), moved.int()


MAKERS = {
    "x @ w + b": "own",
    "addmm": "own",
    "steps @ w + b": "own",
    "einsum": "own",
    "einsum, units first": "own",
    "einsum of steps": "own",
    "tensordot by lists": "own",
    "w.T @ columns": "own",
    "linear of a view": "own",
    "maximum": "own",
    "times a mask": "own",
    "heads": "own",
    "flipped": None,
    "selected": None,
    "picked": None,
    "repeated units": None,
    "sliced": None,
}
"""Of which parameter the rows are known, and where none are."""


@pytest.mark.parametrize("how", MAKERS)
def test_rows_of_the_weight_make_the_units(how):
    """Unit j moves with the entries of row j, and with no others."""
    made, written = TABLE[how]
    model, x = Written(written), made()
    (seen,) = capture(model, x)
    if MAKERS[how] is None:
        assert seen.weight is None
        return
    assert seen.weight is model.w
    moved = movements(model, model.w, x).view(3, U, U)
    numbers = seen.rows.table(torch.arange(3 * U).view(3, U))
    for j in range(U):
        assert sorted(numbers[j].tolist()) == moved[:, :, j].flatten().nonzero()[:, 0].tolist()


@pytest.mark.parametrize("groups", [1, 2])
def test_rows_of_a_transposed_convolution(groups):
    model, x = nn.Sequential(nn.ConvTranspose1d(4, U, 3, groups=groups), nn.ReLU()), torch.randn(3, 4, 5)
    (seen,) = capture(model, x)
    assert (seen.weight is model[0].weight, seen.bias is model[0].bias, len(seen.rows.table(seen.weight))) == (
        True,
        True,
        U,
    )
    moved = movements(model, model[0].weight, x)
    numbers = seen.rows.table(torch.arange(model[0].weight.numel()).view_as(model[0].weight))
    for j in range(U):
        assert sorted(numbers[j].tolist()) == moved[:, j].nonzero()[:, 0].tolist()


def test_rows_of_tied_weights():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(3, U)

        def forward(self, x):
            return functional.linear(self.first(x).relu(), self.first.weight.T).relu()

    model = Tied()
    first, second = capture(model, flat())
    assert first.weight is second.weight
    assert (first.rows, second.rows) == (UnitRows(), UnitRows((1,)))
    assert (first.name, second.name) == ("first", "first (2)")
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model, detail=True) as monitor:
        model(flat()).square().sum().backward()
        expected = torques(model.first.weight.detach().clone(), model.first.weight.grad)
        optimizer.step()
    one, two = monitor.latest.layers
    assert one.torques == pytest.approx(expected.tolist(), abs=1e-5, nan_ok=True)
    assert math.isnan(two.torque_mean)


PARAMETRISED = {
    "weight norm": nn.utils.parametrizations.weight_norm,
    "spectral norm": nn.utils.parametrizations.spectral_norm,
    "orthogonal": nn.utils.parametrizations.orthogonal,
    "pruned": partial(prune.random_unstructured, name="weight", amount=0.3),
}


@pytest.mark.parametrize("how", PARAMETRISED)
def test_computed_weights_get_the_gradient_that_autograd_gives(how):
    model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), PARAMETRISED[how](nn.Linear(3, 3)), nn.ReLU()).eval()
    x = torch.randn(5, 4)
    found = []
    with Introspection(model, found.extend):
        model(x).square().sum().backward()
    (seen,) = found
    assert seen.name == "2"
    weight = model[2].weight.detach().requires_grad_()
    functional.linear(model[1](model[0](x)).detach(), weight, model[2].bias).relu().square().sum().backward()
    assert torch.allclose(seen.weight.grad, weight.grad, atol=1e-6)
    assert torch.allclose(seen.weight, weight)
    assert seen.weight.grad_fn is None


class Two(nn.Module):
    """Two maps, and what is done with both."""

    def __init__(self, written):
        super().__init__()
        self.a, self.b, self.written = nn.Linear(3, U), nn.Linear(3, U), written

    def forward(self, x):
        return self.written(self.a(x), self.b(x), self.a(2 * x)).relu()


TOGETHER = {
    "stacked": (lambda a, b, c: torch.stack([a, b], 1), 0),
    "stacked last": (lambda a, b, c: torch.stack([a, b], -1), 0),
    "one below the other": (lambda a, b, c: torch.cat([a, b]), 0),
    "stacked, of one map": (lambda a, b, c: torch.stack([a, c.abs().neg()], 1), U),
    "one below the other, of one map": (lambda a, b, c: torch.cat([a, c]), U),
    "side by side": (lambda a, b, c: torch.cat([a, b], 1), 2 * U),
    "summed, then stacked": (lambda a, b, c: torch.stack([a + b, a], 1), U),
    "summed": (lambda a, b, c: a + b, U),
}
"""What is done with maps a and b, and a once more; how many units there are then, 0 if that is unknown."""


@pytest.mark.parametrize("how", TOGETHER)
def test_units_of_several_maps_are_not_taken_for_one_another(how):
    written, count = TOGETHER[how]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, left_out = see_all(Two(written), (flat(),))
    assert [each.table.shape[1] for each in found] == [count] * bool(count)
    assert len(left_out) == (not count)


def torques(weight, gradient):
    """Return |g_t| / |g| of every row."""
    along = (weight * gradient).sum(1) / weight.square().sum(1)
    return (gradient - along[:, None] * weight).norm(dim=1) / gradient.norm(dim=1)


READ = {
    "x @ w + b": (lambda: Written(TABLE["x @ w + b"][1]), flat(), lambda m: (m.w.T, m.w.grad.T)),
    "addmm": (lambda: Written(TABLE["addmm"][1]), flat(), lambda m: (m.w.T, m.w.grad.T)),
    "einsum": (lambda: Written(TABLE["einsum, units first"][1]), flat(), lambda m: (m.w.T, m.w.grad.T)),
    "transposed convolution": (
        lambda: nn.Sequential(nn.ConvTranspose1d(4, U, 3), nn.ReLU()),
        torch.randn(3, 4, 5),
        lambda m: (m[0].weight.transpose(0, 1).flatten(1), m[0].weight.grad.transpose(0, 1).flatten(1)),
    ),
    "transposed convolution in groups": (
        lambda: nn.Sequential(nn.ConvTranspose2d(4, U, 3, groups=2), nn.ReLU()),
        torch.randn(3, 4, 5, 5),
        lambda m: tuple(
            torch.cat([part.transpose(0, 1).flatten(1) for part in each.chunk(2)])
            for each in (m[0].weight, m[0].weight.grad)
        ),
    ),
    "recurrent": (
        lambda: nn.RNN(3, U, nonlinearity="relu"),
        torch.randn(4, 5, 3),
        lambda m: (m.weight_ih_l0, m.weight_ih_l0.grad),
    ),
}
"""A network, its input, and the rows of its weight and gradient, cut out by hand."""


@pytest.mark.parametrize("how", READ)
def test_torques_are_those_of_the_rows_of_units(how):
    made, x, rows = READ[how]
    model = made()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model, detail=True) as monitor:
        out = model(x)
        out = out[0] if isinstance(out, tuple) else out
        (out * torch.randn(out.shape)).sum().backward()
        expected = torques(*(each.detach().clone() for each in rows(model)))
        optimizer.step()
    (layer,) = monitor.latest.layers
    assert layer.units == U
    assert layer.torques == pytest.approx(expected.tolist(), abs=1e-5, nan_ok=True)


@pytest.mark.parametrize("how", PARAMETRISED)
def test_torques_of_computed_weights(how):
    model = nn.Sequential(PARAMETRISED[how](nn.Linear(4, U)), nn.ReLU(), nn.Linear(U, 2))
    model[0].eval()
    x, optimizer = torch.randn(9, 4), torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model, detail=True) as monitor:
        weight = model[0].weight.detach().requires_grad_()
        model[2](functional.linear(x, weight, model[0].bias).relu()).square().sum().backward()
        expected = torques(weight.detach(), weight.grad)
        optimizer.zero_grad()
        model(x).square().sum().backward()
        optimizer.step()
    (layer,) = monitor.latest.layers
    assert (layer.name, layer.units) == ("0", U)
    assert layer.torques == pytest.approx(expected.tolist(), abs=1e-4, nan_ok=True)


def test_torques_of_computed_weights_in_several_passes_are_unknown():
    model = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, U)), nn.ReLU())
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model) as monitor:
        for _ in range(2):
            model(torch.randn(9, 4)).square().sum().backward()
        optimizer.step()
    assert math.isnan(monitor.latest.layers[0].torque_mean)


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("both", [False, True])
def test_relus_inside_a_recurrent_layer(first, both):
    model, x = nn.RNN(3, U, nonlinearity="relu", batch_first=first, bidirectional=both), torch.randn(5, 4, 3)
    found = capture(model, x)
    states = model(x)[0].chunk(2 if both else 1, -1)
    assert [each.name for each in found] == ["weight_ih_l0", "weight_ih_l0_reverse"][: len(found)]
    assert len(found) == len(states)
    for seen, each in zip(found, states, strict=True):
        table = each.movedim(0 if first else 1, 0).movedim(2, 1)
        assert seen.table.shape == table.shape
        assert torch.allclose(seen.table.relu(), table, atol=1e-5)
        assert (seen.table < 0).any()


def test_relus_inside_stacked_recurrent_layers_are_unknown_with_the_reason():
    model = nn.RNN(3, U, 2, nonlinearity="relu")
    with pytest.warns(UserWarning, match="fused recurrent function of 2 layers"):
        found, left_out = see_all(model, (torch.randn(5, 4, 3),))
    assert not found
    assert [*left_out] == ["weight_ih_l0"]


def test_relus_of_recurrent_cells():
    cell = nn.RNNCell(3, U, nonlinearity="relu")
    (seen,) = capture(cell, torch.randn(5, 3))
    assert (seen.name, seen.weight is cell.weight_ih, tuple(seen.z.shape)) == ("weight_ih", True, (5, U))


@st.composite
def chains(draw, shape):
    """Draw functions that change the shape of a tensor, each as it fits what the last one returned."""
    shape, steps = [*shape], []
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(KINDS))
        rank = len(shape)
        i, j = draw(st.integers(0, rank - 1)), draw(st.integers(0, rank - 1))
        if kind == "merge" and rank > 2:
            i = min(i, rank - 2)
            func = partial(torch.flatten, start_dim=i, end_dim=i + 1)
        elif kind == "split" and shape[i] % 2 == 0 and shape[i] > 2 and rank < 6:
            func = partial(torch.Tensor.unflatten, dim=i, sizes=draw(st.sampled_from([(2, -1), (-1, 2)])))
        elif kind == "transpose":
            func = partial(torch.transpose, dim0=i, dim1=j)
        elif kind == "narrow" and shape[i] > 1:
            func = partial(torch.narrow, dim=i, start=draw(st.integers(0, 1)), length=shape[i] - 1)
        elif kind == "flip":
            func = partial(torch.flip, dims=(i,))
        elif kind == "roll":
            func = partial(torch.roll, shifts=1, dims=draw(st.sampled_from([i, None])))
        elif kind == "select" and rank > 2:
            func = partial(torch.select, dim=i, index=0)
        elif kind == "picked":
            func = partial(torch.index_select, dim=i, index=torch.randperm(shape[i]))
        elif kind == "repeat" and shape[i] < 20:
            func = partial(torch.repeat_interleave, repeats=2, dim=i)
        elif kind == "cat" and shape[i] < 20:
            func = partial(_doubled, dim=i)
        elif kind == "stack" and rank < 6:
            func = partial(_stacked, dim=i)
        elif kind == "unsqueeze" and rank < 6:
            func = partial(torch.unsqueeze, dim=i)
        elif kind == "reshape":
            total = torch.Size(shape).numel()
            func = partial(torch.reshape, shape=draw(st.sampled_from([(2, -1), (-1, 2), (2, total // 2), (2, -1, 2)])))
        elif kind == "mean" and rank > 2:
            func = partial(torch.mean, dim=i)
        elif kind == "pad":
            func = partial(functional.pad, pad=(0, 1))
        elif kind == "mixed":
            func = partial(_mixed, dim=i)
        else:
            continue
        shape = list(func(torch.zeros(shape)).shape) if _fits(func, shape) else None
        if shape is None:
            return steps
        steps.append(func)
    return steps


KINDS = ["merge", "split", "transpose", "narrow", "flip", "roll", "select", "picked", "repeat", "cat", "stack"]
KINDS += ["unsqueeze", "reshape", "mean", "pad", "mixed", "transpose", "merge", "split", "reshape"]


def _doubled(z, dim):
    return torch.cat([z, z], dim)


def _stacked(z, dim):
    return torch.stack([z, 2 * z], dim)


def _mixed(z, dim):
    """Mix an axis as attention does."""
    return torch.tensordot(z, torch.ones(z.shape[dim], 2), ([dim], [0]))


def _fits(func, shape):
    try:
        func(torch.zeros(shape))
    except RuntimeError:
        return False
    return True


@settings(max_examples=60, deadline=None)
@given(st.data(), st.booleans())
def test_units_behind_any_chain_are_found_or_unknown(data, last):
    """Never a unit that several biases move, whatever is done to shapes between a map and its ReLU."""

    steps = data.draw(chains((4, 2, 3, 6) if last else (4, 6, 2, 3)))

    def written(x, w, b):
        z = linear(x, w, b) if last else functional.conv2d(x, w.T[:, :, None, None], b)
        for step in steps:
            z = step(z)
        return z.relu()

    model = Written(written)
    x = torch.randn(4, 2, 3, 3) if last else torch.randn(4, 3, 2, 3)
    moved = movements(model, model.b, x)
    if moved is not None:
        assert moved.shape[1] >= 1
        assert (moved.sum(0) <= 1).all(), "a unit that several biases move"
