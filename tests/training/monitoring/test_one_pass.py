"""One pass over memory finds what torch finds, extremes to the bit and norms to rounding, or leaves it to torch."""

import pytest
import torch
from same_values import assert_close
from torch import nn

from stability.compute.cpp import compiler
from stability.training.introspection.activations import TracedActivation
from stability.training.monitoring import one_pass, pack
from stability.training.monitoring.monitor import Monitor

pytestmark = pytest.mark.skipif(compiler() is None, reason="there is no C++ compiler")

SHAPES = [
    *[((n, u), -1) for n, u in [(1, 1), (3, 7), (4, 8), (5, 9), (8, 64), (13, 31), (257, 65)]],
    *[((3, 5, 9), -1), ((2, 4, 8), 2), ((2, 5, 1, 1), 1), ((3, 4, 3, 5), 1), ((5, 3, 7), 1), ((2, 3, 4, 6, 2), 1)],
]


@pytest.fixture(autouse=True)
def all_sizes(monkeypatch):
    monkeypatch.setattr(one_pass, "LEAST", 0)


def seen(z, axis=-1, name="a"):
    return TracedActivation(name, z, axis)


def independent(z, axis):
    """The extremes of a layer with its units moved to the front."""
    table = z.movedim(axis, 0).flatten(1).double()
    points = z.flatten(1).double().max(1).values
    return torch.cat([table.max(1).values, table.min(1).values, points]).float()


@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_extremes_have_the_bits_of_the_numbers(shape, axis):
    torch.manual_seed(0)
    z = torch.randn(shape)
    ((places, units, table),) = one_pass.extremes_of([seen(z, axis)])
    assert (places, units) == ([0], shape[axis])
    assert torch.equal(table[0], independent(z, axis))


def test_layers_in_any_order_and_images_with_channels_last_in_memory():
    torch.manual_seed(0)
    images = torch.randn(4, 6, 5, 5)
    layers = [(torch.randn(8, 16), -1), (images, 1), (torch.randn(8, 16), 1)]
    layers += [(images.contiguous(memory_format=torch.channels_last), 1)]
    found = one_pass.extremes_of([seen(*each) for each in layers])
    assert [(places, units) for places, units, _ in found] == [([0, 2], 16), ([1, 3], 6)]
    for places, _, table in found:
        for place, row in zip(places, table, strict=True):
            assert torch.equal(row, independent(*layers[place]))


@pytest.mark.parametrize("place", [(0, 0), (6, 3), (4, 12)])
@pytest.mark.parametrize("axis", [1, 2])
def test_a_nan_is_left_to_torch(place, axis):
    z = torch.zeros(7, 13, 1) if axis == 1 else torch.zeros(7, 1, 13)
    z.view(7, 13)[place] = torch.nan
    assert one_pass.extremes_of([seen(z, axis), seen(torch.zeros(2, 2))]) is None
    (group,) = pack.look([seen(z, axis)]).extremes
    assert torch.isnan(group.ends).sum() == 3


def test_infinite_numbers_are_extremes_as_others():
    z = torch.zeros(3, 9)
    z[1, 8], z[2, 0], z[0] = torch.inf, -torch.inf, -torch.inf
    ((_, _, table),) = one_pass.extremes_of([seen(z)])
    assert torch.equal(table[0], independent(z, -1))


@pytest.mark.parametrize(
    "z",
    [
        torch.zeros(3, 4, dtype=torch.float64),
        torch.zeros(3, 4, dtype=torch.bfloat16),
        torch.zeros(3, 8)[:, ::2],
        torch.zeros(4, 3).T,
        torch.zeros(3, 4, device="meta"),
        torch.ones(3, 4).to_sparse(),
        torch.randn(3, 4, dtype=torch.complex64).conj().imag,
    ],
)
def test_other_tensors_are_left_to_torch(z):
    assert one_pass.extremes_of([seen(z)]) is None
    assert one_pass.row_norms_of([z], [z]) is None
    assert one_pass.norm_of([torch.zeros(2), z]) is None


def test_small_ones_are_left_to_torch(monkeypatch):
    monkeypatch.setattr(one_pass, "LEAST", 13)
    small, large = torch.zeros(3, 4), torch.zeros(13)
    assert one_pass.extremes_of([seen(small)]) is None
    assert one_pass.row_norms_of([small], [small]) is None
    assert one_pass.norm_of([small]) is None
    assert one_pass.norm_of([large]) == 0


@pytest.mark.parametrize("way", ["dtype", "device"])
def test_what_torch_makes_by_default_does_not_matter(way):
    torch.manual_seed(0)
    z, w, g = torch.randn(3, 9), torch.randn(4, 9), torch.randn(4, 9)
    expected = independent(z, -1), one_pass.row_norms_of([w], [g]), one_pass.norm_of([w, g])
    parts = [one_pass.Part(one_pass.COPY, 0, 5, 2), one_pass.Part(one_pass.NORM, 1, 9)]
    collected = one_pass.Collected(parts)([z.data_ptr(), w.data_ptr()])
    before = torch.get_default_dtype()
    if way == "dtype":
        torch.set_default_dtype(torch.float64)
    else:
        torch.set_default_device("meta")
    try:
        ((_, _, table),) = one_pass.extremes_of([seen(z)])
        found = one_pass.row_norms_of([w], [g]), one_pass.norm_of([w, g])
        again = one_pass.Collected(parts)([z.data_ptr(), w.data_ptr()])
    finally:
        torch.set_default_dtype(before)
        torch.set_default_device(None)
    assert torch.equal(table[0], expected[0])
    assert torch.equal(found[0], expected[1])
    assert found[1] == expected[2]
    assert torch.equal(again, collected)
    assert torch.equal(again[:5], z.reshape(-1)[:9:2])


def test_without_a_compiler_torch_does_it(monkeypatch):
    monkeypatch.setattr(one_pass, "compiled", lambda: None)
    z = torch.randn(3, 4)
    assert one_pass.extremes_of([seen(z)]) is None
    assert torch.equal(pack.look([seen(z)]).extremes[0].ends[0], independent(z, -1))


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (5, 8), (4, 19), (7, 33)])
@pytest.mark.parametrize("scale", [1e-38, 1.0, 1e30])
def test_norms_of_rows_are_those_of_rational_numbers_rounded(shape, scale):
    torch.manual_seed(0)
    w, g = torch.randn(2, *shape), torch.randn(2, *shape) * scale
    found = one_pass.row_norms_of([*w], [*g]).double().view(2, 3, -1)
    wide = w.double(), g.double()
    across = wide[1] - wide[0] * ((wide[0] * wide[1]).sum(-1) / wide[0].square().sum(-1))[..., None]
    expected = torch.stack([each.norm(dim=-1) for each in (*wide, across)], 1)
    assert torch.allclose(found[:, :2], expected[:, :2], rtol=1e-6, atol=0)
    assert ((found[:, 2] - expected[:, 2]).abs() <= 1e-7 * expected[:, 1] + 2e-45).all()


def test_a_gradient_along_its_row_and_rows_of_zeros():
    w = torch.tensor([[3.0, 4.0], [0.0, 0.0], [1.0, 2.0]])
    g = torch.tensor([[6.0, 8.0], [1.0, 0.0], [0.0, 0.0]])
    length, slope, across = one_pass.row_norms_of([w], [g])[0].view(3, 3)
    assert length.tolist() == [5, 0, pytest.approx(5**0.5)]
    assert slope.tolist() == [10, 1, 0]
    assert across[0] == across[2] == 0
    assert torch.isnan(across[1])


@pytest.mark.parametrize("entries", [256, 5000])
def test_a_gradient_along_a_long_row_hardly_turns_it(entries):
    torch.manual_seed(0)
    w = torch.randn(3, entries)
    _, slope, across = one_pass.row_norms_of([w], [0.37 * w])[0].view(3, 3)
    assert (across < 1e-6 * slope).all()


def test_the_norm_of_tensors_together():
    torch.manual_seed(0)
    parts = [torch.randn(k) * 1e25 for k in (1, 15, 16, 17, 100)] + [torch.tensor(3.0)]
    expected = torch.cat([each.reshape(-1) for each in parts]).double().norm()
    assert one_pass.norm_of(parts) == pytest.approx(expected.item(), rel=1e-7)


def train(quick, monkeypatch, network):
    monkeypatch.setattr(one_pass, "LEAST", 0 if quick else 10**9)
    torch.manual_seed(0)
    net, x = network()
    optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
    with Monitor(net, detail=True) as monitor:
        for _ in range(4):
            optimizer.zero_grad()
            net(x).square().mean().backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5)
            optimizer.step()
    return monitor.readings, [p.detach().clone() for p in net.parameters()]


def perceptron():
    return nn.Sequential(nn.Linear(5, 9), nn.ReLU(), nn.Linear(9, 9), nn.ReLU(), nn.Linear(9, 2)), torch.randn(6, 5)


def convolutions():
    first, last = nn.Conv2d(2, 4, 3), nn.Linear(4 * 16, 3)
    return nn.Sequential(first, nn.ReLU(inplace=True), nn.Flatten(), last, nn.ReLU()), torch.randn(3, 2, 6, 6)


@pytest.mark.parametrize("network", [perceptron, convolutions])
def test_readings_are_those_of_torch_up_to_rounding(network, monkeypatch):
    quick, weights = train(True, monkeypatch, network)
    slow, same = train(False, monkeypatch, network)
    assert all(torch.equal(a, b) for a, b in zip(weights, same, strict=True))
    for one, other in zip(quick, slow, strict=True):
        assert one.to_json().keys() == other.to_json().keys()
        assert_close(one.to_json(), other.to_json(), rel=1e-5, abs=1e-7)
