"""Layers as linear maps of rows, against torch."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from stability.training.layer_maps import KINDS, fan_in, groups, rows, set_weights, units, weights_of

PLAIN = {1: (nn.Conv1d, nn.ConvTranspose1d), 2: (nn.Conv2d, nn.ConvTranspose2d), 3: (nn.Conv3d, nn.ConvTranspose3d)}


@st.composite
def convolutions(draw):
    dimensions = draw(st.integers(1, 3))
    transposed = draw(st.booleans())
    number = draw(st.sampled_from([1, 2, 3]))
    stride, apart = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    options = {
        "kernel_size": tuple(draw(st.integers(1, 3)) for _ in range(dimensions)),
        "stride": stride,
        "padding": draw(st.integers(0, 2)),
        "dilation": apart,
        "groups": number,
        "bias": draw(st.booleans()),
    }
    if transposed:
        options["output_padding"] = draw(st.integers(0, max(stride, apart) - 1))
    else:
        options["padding_mode"] = draw(st.sampled_from(["zeros", "replicate", "circular", "reflect"]))
    inputs, outputs = number * draw(st.integers(1, 2)), number * draw(st.integers(1, 2))
    return PLAIN[dimensions][transposed](inputs, outputs, **options).double()


def by_rows(layer, x):
    """Return the outputs of a layer, computed from its rows, shape (places, units)."""
    weights = weights_of(layer).chunk(groups(layer))
    parts = [part @ own.T for part, own in zip(rows(layer, x), weights, strict=True)]
    return torch.cat(parts, 1) + (0 if layer.bias is None else layer.bias.detach())


@settings(max_examples=80, deadline=None)
@given(layer=convolutions(), seed=st.integers(0, 99))
def test_rows_and_weights_give_the_outputs_of_torch(layer, seed):
    sizes = [5 + axis for axis in range(len(layer.kernel_size))]
    x = torch.randn(2, layer.in_channels, *sizes, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    z = layer(x).detach().movedim(1, -1).reshape(-1, layer.out_channels)
    assert torch.allclose(by_rows(layer, x), z, atol=1e-12)
    assert rows(layer, x)[0].shape[1] == fan_in(layer)
    drawn = torch.randn(units(layer), fan_in(layer) + 1, dtype=torch.float64).numpy()
    set_weights(layer, drawn)
    assert (weights_of(layer).numpy() == drawn[:, :-1]).all()
    assert layer.bias is None or (layer.bias.detach().numpy() == drawn[:, -1]).all()


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_padding_by_name(padding):
    layer, x = nn.Conv2d(2, 3, (2, 3), padding=padding).double(), torch.randn(2, 2, 5, 6, dtype=torch.float64)
    assert torch.allclose(by_rows(layer, x), layer(x).detach().movedim(1, -1).reshape(-1, 3))


def test_a_linear_layer_takes_all_axes_but_the_last_as_places():
    layer, x = nn.Linear(3, 2).double(), torch.randn(4, 5, 3, dtype=torch.float64)
    assert torch.allclose(by_rows(layer, x), layer(x).detach().reshape(-1, 2))
    assert isinstance(layer, KINDS)
