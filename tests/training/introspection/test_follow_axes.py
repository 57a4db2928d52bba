"""Are units found on whatever axis the network puts them, and left out where that is not certain?"""

import copy
import warnings
import weakref

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import _get_current_function_mode_stack

from stability.errors import StabilityError
from stability.training.constraints.separation_loss import SeparationLoss
from stability.training.introspection.axes import of_map, reshaped
from stability.training.introspection.follow_axes import RULES, Followed
from stability.training.introspection.forward_passes import capture
from stability.training.introspection.layer_geometry import layer_geometry

UNITS = 6


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)
    yield
    assert not _get_current_function_mode_stack()


class Written(nn.Module):
    def __init__(self, made, written):
        super().__init__()
        self.map, self.written = made, written

    def forward(self, x):
        return self.written(self.map(x), self)


def conv1d():
    return nn.Conv1d(3, UNITS, 3, padding=2), torch.randn(5, 3, 12)


def conv2d():
    return nn.Conv2d(2, UNITS, 3), torch.randn(5, 2, 7, 8)


def up1d():
    return nn.ConvTranspose1d(3, UNITS, 4, stride=2), torch.randn(5, 3, 9)


def linear():
    return nn.Linear(3, UNITS), torch.randn(5, 3)


def sequence():
    return nn.Linear(3, UNITS), torch.randn(5, 4, 3)


CHAINS = {
    "chomp": (conv1d, lambda z, m: z[:, :, :-2].contiguous().relu()),
    "chomp by narrow": (conv1d, lambda z, m: z.narrow(2, 1, 9).relu()),
    "every second": (conv1d, lambda z, m: z[..., ::2].relu()),
    "scaled": (conv1d, lambda z, m: (0.5 * z / 3).relu()),
    "upsampled": (conv1d, lambda z, m: functional.interpolate(z, scale_factor=2).relu()),
    "padded": (conv2d, lambda z, m: functional.pad(z, (1, 1, 2, 2)).relu()),
    "transposed convolution": (up1d, lambda z, m: z.relu()),
    "channels last": (conv2d, lambda z, m: z.permute(0, 2, 3, 1).relu()),
    "channels last, added": (conv2d, lambda z, m: (z.permute(0, 2, 3, 1) + torch.zeros(UNITS)).relu()),
    "an axis at the end": (linear, lambda z, m: z[:, :, None].relu()),
    "flattened": (conv2d, lambda z, m: z.flatten(1).relu()),
    "flattened, channels last": (conv2d, lambda z, m: z.permute(0, 2, 3, 1).reshape(len(z), -1).relu()),
    "pixels as a sequence": (conv2d, lambda z, m: z.flatten(2).transpose(1, 2).relu()),
    "examples last": (linear, lambda z, m: z.T.relu()),
    "examples last, moved": (sequence, lambda z, m: z.movedim(0, -1).relu()),
    "heads": (sequence, lambda z, m: z.view(len(z), -1, 2, 3).transpose(1, 2).relu()),
    "heads with examples": (sequence, lambda z, m: z.view(5, 4, 3, 2).permute(0, 2, 1, 3).reshape(15, 4, 2).relu()),
    "heads by unflatten": (sequence, lambda z, m: z.unflatten(-1, (2, 3)).permute(2, 0, 1, 3).relu()),
    "rows of a sequence": (sequence, lambda z, m: z.reshape(-1, UNITS).relu()),
    "one step": (sequence, lambda z, m: z[:, -1].relu()),
    "mean over steps": (sequence, lambda z, m: z.mean(1).relu()),
    "largest over steps": (sequence, lambda z, m: z.max(1)[0].relu()),
    "some examples": (linear, lambda z, m: z[torch.tensor([3, 1])].relu()),
    "masked examples": (linear, lambda z, m: z[torch.tensor([True, False, True, True, False])].relu()),
    "squeezed": (conv1d, lambda z, m: z.unsqueeze(-1).squeeze(-1).relu()),
    "expanded": (linear, lambda z, m: z[:, None].expand(-1, 4, -1).relu()),
    "after other activations": (conv1d, lambda z, m: z.tanh()[:, :, 1:].relu()),
    "of chunks of steps": (sequence, lambda z, m: torch.cat([part.relu() for part in z.chunk(2, 1)[:1]], 1)),
    "scattered": (linear, lambda z, m: torch.zeros(9, UNITS).index_add(0, torch.arange(5), z).relu()),
    "assigned": (linear, lambda z, m: buffer(z).relu()),
    "attention": (sequence, lambda z, m: (torch.ones(5, 4, 4).softmax(-1) @ z).relu()),
    "normed after a transposition": (
        sequence,
        lambda z, m: functional.batch_norm(z.mT, None, None, None, None, True).relu(),
    ),
    "stacked": (linear, lambda z, m: torch.stack([z, z], 1).relu()),
    "joined along steps": (sequence, lambda z, m: torch.cat([z, z], 1).relu()),
    "shuffled channels": (conv2d, lambda z, m: z.view(5, 2, 3, 5, 6).transpose(1, 2).reshape(5, 6, 5, 6).relu()),
    "gated": (conv2d, lambda z, m: (z * z.mean((2, 3)).sigmoid()[:, :, None, None].detach()).relu()),
    "repeated": (linear, lambda z, m: z.unsqueeze(1).repeat(1, 3, 1).relu()),
    "in place": (linear, lambda z, m: z.mul_(2).sub_(1).relu_()),
    "largest few over steps": (sequence, lambda z, m: z.topk(2, 1)[0].relu()),
    "largest few pixels": (conv2d, lambda z, m: torch.topk(z.flatten(2), k=3).values.relu()),
    "sorted steps": (sequence, lambda z, m: z.sort(dim=1, descending=True).values.relu()),
    "fake-quantised": (conv2d, lambda z, m: torch.fake_quantize_per_tensor_affine(z, 1e-3, 0, -32768, 32767).relu()),
    "fake-quantised by channel": (conv2d, lambda z, m: by_channel(z).relu()),
    "pooled": (conv2d, lambda z, m: functional.max_pool2d(z, 2).relu()),
}


def by_channel(z):
    scales = torch.linspace(1e-3, 2e-3, UNITS)
    return torch.fake_quantize_per_channel_affine(z, scales, torch.zeros(UNITS), 1, -32768, 32767)


def buffer(z):
    made = torch.zeros(9, UNITS)
    made[torch.arange(5)] = z
    return made


@pytest.mark.parametrize("how", CHAINS)
def test_a_filter_that_is_moved_moves_its_own_unit(how):
    """Whatever happens between a map and its ReLU, a change of one bias shows at that unit and no other."""
    (made, x), written = CHAINS[how][0](), CHAINS[how][1]
    model = Written(made, written)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = capture(model, x)[0].table.clone()
    assert before.shape[1] == UNITS
    for unit in (0, UNITS - 1, 2):
        kept = made.bias[unit].item()
        made.bias.data[unit] = kept + 0.5
        after = capture(model, x)[0].table
        made.bias.data[unit] = kept
        moved = (after - before).abs().amax((0, 2)) > 1e-6
        expected = torch.arange(UNITS) == unit
        if "normed" in how:
            assert not moved.any(), "batch statistics take the bias out again"
        else:
            assert moved.equal(expected)


@pytest.mark.parametrize("how", ["largest few over steps", "largest few pixels", "sorted steps", "fake-quantised"])
def test_units_are_still_named_after_their_weight(how):
    (made, x), written = CHAINS[how][0](), CHAINS[how][1]
    (found,) = capture(Written(made, written), x)
    assert (found.name, found.weight is made.weight) == ("map", True)


def test_a_dead_filter_is_dead_behind_a_slice():
    tcn = Written(*(lambda pair, chain: (pair[0], chain))(conv1d(), CHAINS["chomp"][1]))
    tcn.map.bias.data[2] = -100
    layer = layer_geometry(tcn, torch.randn(16, 3, 20)).layers[0]
    assert (layer.name, layer.units, layer.dead_units.tolist().index(True)) == ("map", UNITS, 2)
    assert layer.counts["dead_units"] == 1
    with SeparationLoss(tcn, "sep-u", weight=1.0) as separation:
        tcn(torch.randn(16, 3, 20))
        assert separation.slacks()["map"][0] == pytest.approx(101, abs=2)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Please use quant_min")
@pytest.mark.parametrize("fused", [True, False])
def test_networks_that_train_for_quantisation_have_the_layers_of_plain_ones(fused):
    """Fake quantisation is followed, and what its observers compute is no layer."""
    from torch.ao import quantization

    plain = nn.Sequential(nn.Conv2d(2, UNITS, 3), nn.ReLU(), nn.Flatten(), nn.Linear(6 * UNITS, 4), nn.ReLU())
    model, x = copy.deepcopy(plain), torch.randn(5, 2, 4, 5)
    apart = quantization.FakeQuantize.with_args(observer=quantization.MinMaxObserver)
    by_channel = quantization.default_per_channel_weight_fake_quant
    model.qconfig = quantization.get_default_qat_qconfig("fbgemm") if fused else quantization.QConfig(apart, by_channel)
    quantization.prepare_qat(model, inplace=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = capture(model, x, strict=True)
    assert [each.name for each in found] == ["0", "3"]
    for own, other in zip(found, capture(plain, x), strict=True):
        assert own.axis == other.axis
        assert (own.table - other.table).abs().max() < 0.1


def test_halves_of_units_are_layers_of_their_own():
    model = Written(nn.Linear(3, UNITS), lambda z, m: (lambda a, b: a.relu() * b)(*z.chunk(2, -1)))
    (found,) = capture(model, torch.randn(5, 3))
    assert (found.table.shape, found.weight, found.name) == ((5, 3, 1), None, "relu")


UNCERTAIN = {
    "fft": lambda z, m: torch.fft.fft(z).real.relu(),
    "units summed with places": lambda z, m: (z[:, :, None] + z[:, None, :]).relu(),
    "unknown to anybody": lambda z, m: torch.ones(5, 4).relu(),
    "sorted by hand": lambda z, m: z.flatten()[torch.arange(30)].view(5, 6).relu(),
    "mixed": lambda z, m: z.view(UNITS, 5).relu() if m.training else z.reshape(3, -1).relu(),
    "sorted examples": lambda z, m: z.sort(0)[0].relu(),
    "sorted units": lambda z, m: z.sort()[0].relu(),
    "largest few units": lambda z, m: z.topk(UNITS, -1)[0].relu(),
    "an outer product": lambda z, m: torch.einsum("bi,bj->bij", z, z).relu(),
}


@pytest.mark.parametrize("how", UNCERTAIN)
def test_units_that_are_not_certain_are_left_out_with_one_warning(how):
    model, x = Written(nn.Linear(3, UNITS), UNCERTAIN[how]), torch.randn(5, 3)
    with pytest.warns(UserWarning, match="left out.*axis counts its units") as warned:
        found = layer_geometry(model, x)
    assert len(warned) == 1
    assert "Written" in str(warned[0].message)
    assert not found.layers
    assert len(found.skipped) == 1
    with pytest.raises(StabilityError, match="left out"):
        _ = found.points
    with pytest.raises(StabilityError, match="axis counts its units"):
        layer_geometry(model, x, strict=True)


def test_the_warning_names_the_module_and_the_function():
    class Odd(nn.Module):
        def forward(self, x):
            return torch.fft.fft(x).real.relu()

    model = nn.Sequential(nn.Linear(3, UNITS), Odd(), nn.Linear(UNITS, 4), nn.ReLU())
    with pytest.warns(UserWarning, match=r"1.relu \(in 1, Odd\) of Sequential.*lost in fft_fft"):
        (layer,) = layer_geometry(model, torch.randn(5, 3)).layers
    assert (layer.name, layer.units) == ("2", 4)


def test_layers_that_are_left_out_for_one_reason_are_one_warning():
    parts = [part for _ in range(5) for part in (nn.Linear(3, 3), nn.ReLU())]
    model = nn.Sequential(*parts)
    with pytest.warns(UserWarning, match=r"^0 \(in 1, ReLU\), 2 .*, 4 .* and 2 more of Sequential are left") as warned:
        layer_geometry(model, torch.nested.nested_tensor([torch.randn(2, 3), torch.randn(4, 3)], layout=torch.jagged))
    assert len(warned) == 1


STRANGE = {
    "a number": lambda z: z.sum().relu(),
    "sparse": lambda z: z.to_sparse().relu().to_dense(),
    "meta": lambda z: z.to("meta").relu(),
    "nested": lambda z: torch.nested.nested_tensor([z[:2], z[2:]], layout=torch.jagged).relu(),
    "vmapped": lambda z: torch.vmap(torch.relu)(z),
}


@pytest.mark.filterwarnings("ignore:.*nested tensors:UserWarning")
@pytest.mark.parametrize("how", STRANGE)
def test_tensors_that_are_not_plain_are_left_out(how):
    model = Written(nn.Linear(3, UNITS), lambda z, m: (STRANGE[how](z), z.relu())[1])
    with pytest.warns(UserWarning, match="left out"):
        (layer,) = layer_geometry(model, torch.randn(5, 3)).layers
    assert layer.units == UNITS


def test_weights_are_no_layers():
    for shape in ((), (2,)):
        model = Written(nn.Linear(3, UNITS), lambda z, m: z.relu() * m.w.relu().sum())
        model.w = nn.Parameter(torch.ones(shape))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            network = layer_geometry(model, torch.randn(5, 3))
        assert network.points == 5
        assert len(network.layers) == 1


def test_products_with_parameters_make_units():
    model = Written(nn.Identity(), lambda x, m: (x @ m.w + m.b).relu())
    model.w, model.b = nn.Parameter(torch.randn(3, UNITS)), nn.Parameter(torch.zeros(UNITS))
    assert capture(model, torch.randn(5, 3))[0].table.shape == (5, UNITS, 1)
    turned = Written(nn.Identity(), lambda x, m: (m.w.T @ x.T).relu())
    turned.w = model.w
    x = torch.randn(5, 3)
    assert torch.allclose(capture(turned, x)[0].table, capture(model, x)[0].table)


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM, nn.MultiheadAttention])
def test_recurrent_layers_and_attention_know_their_examples(kind, first):
    made = kind(8, 2 if kind is nn.MultiheadAttention else 8, batch_first=first)
    model = Written(nn.Identity(), lambda x, m: (m.p(x, x, x) if kind is nn.MultiheadAttention else m.p(x))[0].relu())
    model.p, x = made, torch.randn(2, 5, 8)
    found = capture(model, x if first else x.transpose(0, 1))[0].table
    assert found.shape == (2, 8, 5)
    shown = x if first else x.transpose(0, 1)
    out = made(*[shown] * (3 if kind is nn.MultiheadAttention else 1))[0]
    assert torch.allclose(found, (out if first else out.transpose(0, 1)).mT, atol=1e-6)


def test_empty_experts_are_skipped_and_counted():
    class Mixture(nn.Module):
        def __init__(self):
            super().__init__()
            self.experts = nn.ModuleList(nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1)) for _ in range(3))

        def forward(self, x):
            which = (x[:, 0] > 0).long()
            return torch.cat([expert(x[which == k]) for k, expert in enumerate(self.experts)])

    model, x = Mixture(), torch.randn(9, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network = layer_geometry(model, x)
    assert [layer.name for layer in network.layers] == ["experts.0.0", "experts.1.0"]
    assert network.skipped == {"experts.2.0": "it got no example"}
    split = layer_geometry(model, [x[x[:, 0] > 0], x[x[:, 0] <= 0]])
    assert [layer.counts for layer in split.layers] == [layer.counts for layer in network.layers]
    with SeparationLoss(model, "sep-pu", weight=[1.0, 1.0, 7.0]) as separation:
        model(x)
        separation().backward()
        assert set(separation.slacks()) == {"experts.0.0", "experts.1.0"}
    assert model.experts[2][0].weight.grad is None
    with pytest.raises(StabilityError, match="at least one example"):
        layer_geometry(model, x[:0])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_reshapes_are_those_of_torch(data):
    """A tensor that holds the number of its unit holds it after any reshape that is followed."""
    shape = data.draw(st.lists(st.sampled_from([1, 2, 3, 4, 6]), min_size=2, max_size=4))
    axis = data.draw(st.integers(1, len(shape) - 1))
    axes = of_map(tuple(shape), axis, 2)
    numbers = torch.arange(shape[axis]).view([-1 if k == axis else 1 for k in range(len(shape))]).expand(shape)
    size = numbers.numel()
    first = data.draw(st.sampled_from([d for d in range(1, size + 1) if size % d == 0]))
    rest = size // first
    second = data.draw(st.sampled_from([d for d in range(1, rest + 1) if rest % d == 0]))
    target = [first, second, rest // second]
    found = reshaped(axes, target)
    if found is None:
        return
    given_factors = [factor for dim in found.axes for factor in dim]
    assert [max(1, torch.Size([f.size for f in dim]).numel()) for dim in found.axes] == target
    if not given_factors:
        return
    table = numbers.reshape([f.size for f in given_factors])
    makers = sorted((j for j, f in enumerate(given_factors) if f.kind == "units"), key=lambda j: given_factors[j].path)
    others = [j for j in range(len(given_factors)) if j not in makers]
    rows = table.permute(*makers, *others).reshape(shape[axis], -1)
    assert (rows == torch.arange(shape[axis])[:, None]).all()


def numbers(shape, axis):
    """Return a tensor in which every entry is the number of its place on an axis."""
    sizes = [-1 if k == axis else 1 for k in range(len(shape))]
    return torch.arange(float(shape[axis])).view(sizes).expand(shape).contiguous()


SHAPE = (5, UNITS, 4)
"""Examples, units and places, as a convolution returns them."""

OTHER = torch.rand(1, 1, 4, generator=torch.Generator().manual_seed(0))
MASK = torch.tensor([True, False, True, True, False])

MOVED = [
    (torch.relu, (), 1),
    (torch.mul, (2.0,), 1),
    (Tensor.__add__, (OTHER,), 1),
    (functional.dropout, (0.0,), 1),
    (torch.transpose, (1, 2), 2),
    (Tensor.permute, (0, 2, 1), 2),
    (torch.flip, ((1,),), 1),
    (Tensor.mT.__get__, (), 2),
    (torch.movedim, (1, -1), 2),
    (torch.unsqueeze, (1,), 2),
    (Tensor.view, (5, UNITS, 2, 2), 1),
    (Tensor.reshape, (5, UNITS, 4, 1), 1),
    (Tensor.narrow, (2, 1, 2), 1),
    (Tensor.select, (2, 0), 1),
    (Tensor.__getitem__, ((slice(None), slice(1, 4)),), 1),
    (Tensor.__getitem__, (MASK,), 1),
    (Tensor.__getitem__, ((..., None),), 1),
    (functional.pad, ((1, 2),), 1),
    (torch.max_pool1d, (2,), 1),
    (functional.interpolate, (8,), 1),
    (torch.sum, (2,), 1),
    (torch.amax, (2, True), 1),
    (torch.max, (2,), 1),
    (torch.cumsum, (2,), 1),
    (torch.matmul, (torch.ones(4, 2),), 1),
    (torch.roll, (1, 2), 1),
    (torch.gather, (2, torch.zeros(5, UNITS, 2, dtype=torch.long)), 1),
    (torch.index_select, (1, torch.tensor([3, 1, 0])), 1),
    (Tensor.__getitem__, ((slice(None), torch.tensor([1, 0])),), 1),
    (torch.repeat_interleave, (2, 2), 1),
]
"""A function, its further arguments, and where the units stand after it."""


def followed(func, args, tensor, known=None):
    """Return what a function returns, and what was noted of it."""
    axes = Followed()
    axes.set(tensor, known or of_map(tuple(tensor.shape), 1, 3))
    out = func(tensor, *args)
    axes.follow(func, (tensor, *args), {}, out)
    return out if isinstance(out, Tensor) else out[0], axes


@pytest.mark.parametrize(("func", "args", "place"), MOVED)
def test_units_stand_where_their_numbers_stand(func, args, place):
    """In a tensor of the numbers of units the axis that is noted holds these numbers, alike everywhere else."""
    out, axes = followed(func, args, numbers(SHAPE, 1))
    found = axes.axes_of(out)
    assert found.plain == (place, found.plain[1])
    assert found.units == out.shape[place]
    rows = out.movedim(place, 0).flatten(1)
    if func not in (functional.pad, Tensor.__add__, torch.sum, torch.cumsum):
        assert (rows == rows[:, :1]).all()
    assert len({tuple(row) for row in rows.tolist()}) == out.shape[place]


@pytest.mark.parametrize(("func", "args", "place"), MOVED)
def test_examples_stand_first_after_all_of_them(func, args, place):
    out, axes = followed(func, args, numbers(SHAPE, 0))
    assert axes.axes_of(out).plain == (place, True)
    assert len({tuple(row) for row in out.flatten(1).tolist()}) == out.shape[0]


def test_examples_that_do_not_stand_first_are_in_no_plain_order():
    out, axes = followed(Tensor.permute, (2, 1, 0), numbers(SHAPE, 1))
    found = axes.axes_of(out)
    assert found.plain is None
    assert [axis[0].kind for axis in found.axes] == ["places", "units", "examples"]


LOST = [
    (torch.sum, (), "sum"),
    (torch.sum, (1,), "sum"),
    (torch.sort, (1,), "sort"),
    (torch.fft.rfft, (), "fft_rfft"),
    (Tensor.__rmatmul__, (torch.ones(2, UNITS),), "rmatmul"),
    (Tensor.__getitem__, ((slice(None), torch.tensor([[1, 0]])),), "getitem"),
    (torch.roll, (1,), "roll"),
    (torch.gather, (1, torch.zeros(5, 2, 4, dtype=torch.long)), "gather"),
    (torch.scatter, (1, torch.zeros(5, UNITS, 4, dtype=torch.long), 0.0), "scatter"),
    (functional.pad, ((0, 0, 1, 1),), "pad"),
    (Tensor.reshape, (4, 30), "reshape"),
]


@pytest.mark.parametrize(("func", "args", "name"), LOST)
def test_units_that_are_mixed_are_lost_by_name(func, args, name):
    out, axes = followed(func, args, numbers(SHAPE, 1))
    assert axes.axes_of(out) is None
    assert axes.lost_in(out) == name


def test_what_was_lost_keeps_the_first_name():
    out, axes = followed(torch.sort, (1,), numbers(SHAPE, 1))
    after = torch.relu(out)
    axes.follow(torch.relu, (out,), {}, after)
    assert axes.axes_of(after) is None
    assert axes.lost_in(after) == "sort"


def test_a_map_makes_units_and_other_functions_of_unknown_tensors_nothing():
    axes, x = Followed(), torch.randn(5, 3)
    out = functional.linear(x, torch.randn(UNITS, 3))
    axes.follow(functional.linear, (x, None), {}, out)
    assert axes.axes_of(out).plain == (1, True)
    plain = torch.tanh(x)
    axes.follow(torch.tanh, (x,), {}, plain)
    assert (axes.axes_of(plain), axes.lost_in(plain)) == (None, "")
    axes.follow(Tensor.size, (out,), {}, out.size())
    assert axes.axes_of(out).units == UNITS


def test_parts_of_units_are_joined_side_by_side():
    axes, left, right = Followed(), numbers((5, 2, 4), 1), numbers((5, 3, 4), 1)
    for each in (left, right):
        axes.set(each, of_map(tuple(each.shape), 1, 3))
    both = torch.cat([left, right], 1)
    axes.follow(torch.cat, ([left, right], 1), {}, both)
    assert (axes.axes_of(both).plain, axes.axes_of(both).units) == ((1, True), 5)
    twice = torch.stack([left, left])
    axes.follow(torch.stack, ([left, left],), {}, twice)
    assert [axis[0].kind for axis in axes.axes_of(twice).axes] == ["places", "examples", "units", "places"]


@pytest.mark.parametrize(("index", "kept"), [(slice(None), True), (torch.arange(5), True), ((0, 0), False)])
def test_units_written_into_a_buffer_are_followed_or_lost(index, kept):
    axes, z = Followed(), numbers((5, UNITS), 1)
    axes.set(z, of_map((5, UNITS), 1, 2))
    room = torch.zeros(5, UNITS)
    value = z if kept else z[0, 0]
    if not kept:
        axes.set(value, of_map((1, 1), 1, 2))
    Tensor.__setitem__(room, index, value)
    axes.follow(Tensor.__setitem__, (room, index, value), {}, None)
    if kept:
        assert axes.axes_of(room).plain == (1, True)
    else:
        assert axes.lost_in(room) == "an assignment to a part of a tensor"


def test_tensors_are_not_kept_alive_and_their_numbers_are_not_taken_over():
    axes = Followed()
    z = torch.zeros(5, UNITS)
    axes.set(z, of_map((5, UNITS), 1, 2))
    assert [id(each) for each in axes.known([z, 3, [z], torch.zeros(2)])] == [id(z)] * 2
    gone = weakref.ref(z)
    del z
    assert gone() is None
    others = [torch.zeros(5, UNITS) for _ in range(50)]
    assert all(axes.axes_of(each) is None for each in others)


def test_what_could_not_be_followed_is_reported_with_its_error():
    axes, z = Followed(), torch.zeros(5, UNITS)
    axes.forget(torch.relu, (z,), ValueError("odd"))
    assert axes.lost_in(z) == "relu (ValueError)"


def test_every_function_has_one_rule():
    assert all(callable(func) and callable(rule) for func, rule in RULES.items())
