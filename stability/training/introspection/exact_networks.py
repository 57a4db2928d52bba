"""The exact network that a torch network stands for: every float is a rational number."""

from collections.abc import Iterator

from torch import nn

from stability.errors import StabilityError
from stability.model.relu_network import Layers, layers

IGNORED = (nn.Identity, nn.Flatten, nn.Dropout)
"""These change nothing at evaluation on data that are rows."""


def exact_layers(model: nn.Module) -> Layers:
    """Return the network of affine maps and ReLUs whose weights are exactly those floats.

    Torch rounds in its forward pass, the exact network does not: signs may differ where a pre-activation is within
    rounding of 0.

    Parameters
    ----------
    model : Sequential
        Of Linear and ReLU in turn, perhaps a last Linear; Dropout, Flatten and Identity count as nothing.

    Raises
    ------
    StabilityError
        If there is anything else in it.
    NumberError
        If a weight is not finite.
    """
    pairs, ends = [], False
    for part in _parts(model):
        if isinstance(part, nn.Linear) and not ends:
            weight = part.weight.detach().cpu().double().tolist()
            pairs.append(
                (weight, [0] * len(weight) if part.bias is None else part.bias.detach().cpu().double().tolist())
            )
            ends = True
        elif isinstance(part, nn.ReLU) and ends:
            ends = False
        else:
            raise StabilityError(
                f"Expected a Sequential of Linear and ReLU in turn; got {type(part).__name__} out of turn.",
                "Only such networks have exact layers.",
            )
    return layers(pairs[:-1], pairs[-1]) if ends else layers(pairs)


def _parts(model: nn.Module) -> Iterator[nn.Module]:
    if isinstance(model, nn.Sequential):
        for part in model:
            yield from _parts(part)
    elif not isinstance(model, IGNORED):
        yield model
