"""Linear layers and convolutions as linear maps of rows: what each sees of an input, and how its weights are set."""

from typing import Any

import torch
from torch import nn

from stability.arrays import Floats

Tensor = torch.Tensor

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, *TRANSPOSED)
KINDS = (nn.Linear, *CONVOLUTIONS)


def groups(layer: nn.Module) -> int:
    """Return how many maps of their own inputs a layer holds side by side, 1 for a linear layer."""
    return int(layer.groups) if isinstance(layer, CONVOLUTIONS) else 1


def units(layer: nn.Module) -> int:
    """Return the number of units, or of channels that a convolution gives."""
    return int(layer.out_channels if isinstance(layer, CONVOLUTIONS) else layer.out_features)  # type: ignore[arg-type]


def fan_in(layer: Any) -> int:
    """Return how many numbers a unit of the layer weighs: inputs, or the entries of a patch."""
    if isinstance(layer, TRANSPOSED):
        return int(layer.weight[:, 0].numel()) // layer.groups
    return int(layer.weight[0].numel())


def batched(layer: nn.Module, x: Tensor) -> Tensor:
    """Return an input with an axis of examples in front, which torch lets one leave out."""
    missing = x.ndim == 1 or (isinstance(layer, CONVOLUTIONS) and x.ndim == layer.weight.ndim - 1)
    return x[None] if missing else x


def rows(layer: Any, x: Tensor) -> list[Tensor]:
    """Return what the units of each group weigh, example by example and place by place.

    Parameters
    ----------
    layer : Module
        One of KINDS.
    x : tensor
        An input of it, as `batched` returns it.

    Returns
    -------
    list of float64 tensors on the CPU, shape (examples * places, fan_in)
        One for each group. With weights and biases as `weights_of` reads them, rows @ weights.T + biases are the
        outputs of the layer.

    Examples
    --------
    >>> x = torch.arange(4.0)[None, None]
    >>> rows(nn.Conv1d(1, 1, 2), x)[0].tolist()
    [[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]]
    """
    x = x.detach().cpu().double()
    if isinstance(layer, nn.Linear):
        return [x.reshape(-1, layer.in_features)]
    x = _spread(layer, x) if isinstance(layer, TRANSPOSED) else _padded(layer, x)
    for axis, (size, apart) in enumerate(zip(layer.kernel_size, layer.dilation, strict=True), start=2):
        step = 1 if isinstance(layer, TRANSPOSED) else layer.stride[axis - 2]
        x = x.unfold(axis, apart * (size - 1) + 1, step)[..., ::apart]
    dimensions = len(layer.kernel_size)
    x = x.movedim(1, 1 + dimensions)
    return [part.reshape(-1, fan_in(layer)) for part in x.chunk(layer.groups, dim=1 + dimensions)]


def _padded(layer: Any, x: Tensor) -> Tensor:
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    return nn.functional.pad(x, layer._reversed_padding_repeated_twice, mode=mode)


def _spread(layer: Any, x: Tensor) -> Tensor:
    """Return the input of a transposed convolution with zeros between its entries and around them."""
    pads: list[int] = []
    for axis, stride in enumerate(layer.stride):
        at = axis + 2
        shape = [*x.shape]
        shape[at] = (shape[at] - 1) * stride + 1
        wide = x.new_zeros(shape)
        wide[(slice(None),) * at + (slice(None, None, stride),)] = x
        x = wide
        reach = layer.dilation[axis] * (layer.kernel_size[axis] - 1) - layer.padding[axis]
        pads = [reach, reach + layer.output_padding[axis], *pads]
    return nn.functional.pad(x, pads)


def weights_of(layer: Any) -> Tensor:
    """Return the weights as rows over what `rows` returns, shape (units, fan_in)."""
    weight: Tensor = layer.weight.detach()
    if isinstance(layer, TRANSPOSED):
        kernel = tuple(range(2, weight.ndim))
        own = weight.flip(kernel).reshape(layer.groups, -1, *weight.shape[1:]).transpose(1, 2)
        return own.reshape(units(layer), -1)
    return weight.reshape(units(layer), -1)


def set_weights(layer: Any, drawn: Floats) -> None:
    """Set the weights from rows (w_1, ..., w_d, b), unit by unit; the biases too, where the layer has them."""
    values = torch.from_numpy(drawn).to(layer.weight.dtype)
    weight, bias = values[:, :-1], values[:, -1]
    if isinstance(layer, TRANSPOSED):
        shape = layer.weight.shape
        own = weight.reshape(layer.groups, shape[1], shape[0] // layer.groups, *shape[2:]).transpose(1, 2)
        weight = own.reshape(shape).flip(tuple(range(2, len(shape))))
    with torch.no_grad():
        layer.weight.copy_(weight.reshape(layer.weight.shape))
        if layer.bias is not None:
            layer.bias.copy_(bias)
