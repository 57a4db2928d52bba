"""The layout and the starts of the parameters of many deep networks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from stability.arrays import Floats
from stability.training.deep.settings import Settings

Tensor = torch.Tensor

WEIGHTS_STREAM, DROPOUT_STREAM = 0, 1
"""Each seed has one stream of random numbers for the start and one for dropout."""


@dataclass(frozen=True)
class Parameters:
    """Views of one flat tensor: the parameters of S networks. Biases are the last column of weights.

    Attributes
    ----------
    flat : tensor (numbers,)
    first : tensor (S, w, d + 1)
    hidden : tensor (D - 1, S, w, f + 1)
        f numbers come from a hidden layer: w, or 2 w for concatenated ReLU.
    head : tensor (S, 1, f + 1)
    scale, shift : tensors (D, S, w, 1)
        Of batch normalisation; without it of depth 0.
    """

    flat: Tensor
    first: Tensor
    hidden: Tensor
    head: Tensor
    scale: Tensor
    shift: Tensor

    @property
    def blocks(self) -> tuple[tuple[Tensor, int], ...]:
        """Each block with the place of its axis of seeds."""
        return (self.first, 0), (self.hidden, 1), (self.head, 0), (self.scale, 1), (self.shift, 1)

    @cached_property
    def layers(self) -> list[Tensor]:
        """Weights and biases of each hidden layer, and of the head."""
        return [self.first, *self.hidden, self.head]

    @cached_property
    def turned(self) -> list[Tensor]:
        """For each hidden layer the transposed weights of the layer above, (S, f, its units)."""
        return [weights[:, :, :-1].transpose(1, 2) for weights in self.layers[1:]]

    def over(self, flat: Tensor) -> "Parameters":
        """Return views of another flat tensor of the same size."""
        shapes = [block.shape for block, _ in self.blocks]
        parts = torch.split(flat, [shape.numel() for shape in shapes])
        return Parameters(flat, *(part.view(shape) for part, shape in zip(parts, shapes, strict=True)))

    def copy_seeds(self, source: "Parameters", seeds: Tensor) -> None:
        """Take over the parameters of some networks.

        Parameters
        ----------
        source : Parameters
        seeds : int tensor (some,)
            Their places.
        """
        for (own, axis), (other, _) in zip(self.blocks, source.blocks, strict=True):
            own.index_copy_(axis, seeds, other.index_select(axis, seeds))

    def rows(self) -> Floats:
        """Return the parameters of each network as a row, in the order of the attributes."""
        parts = [block.movedim(axis, 0).flatten(1) for block, axis in self.blocks]
        found: Floats = torch.cat(parts, 1).cpu().numpy().astype(np.float64)
        return found

    def set_rows(self, rows: Floats) -> None:
        """Take the parameters from such rows."""
        given, start = torch.as_tensor(rows), 0
        for block, axis in self.blocks:
            own = block.movedim(axis, 0)
            size = own[0].numel()
            own.copy_(given[:, start : start + size].reshape(own.shape))
            start += size


def parameters(settings: Settings, inputs: int, seeds: int, device: str) -> Parameters:
    """Return parameters of so many networks, all zero.

    Parameters
    ----------
    settings : Settings
    inputs : int
        Coordinates of a point.
    seeds : int
    device : str
    """
    d, w, f = settings.depth, settings.width, settings.features
    normalised = d if settings.normalised else 0
    shapes = (
        (seeds, w, inputs + 1),
        (d - 1, seeds, w, f + 1),
        (seeds, 1, f + 1),
        (normalised, seeds, w, 1),
        (normalised, seeds, w, 1),
    )
    sizes = [int(np.prod(shape)) for shape in shapes]
    flat = torch.zeros(sum(sizes), dtype=getattr(torch, settings.dtype), device=device)
    return Parameters(flat, *(part.view(shape) for part, shape in zip(torch.split(flat, sizes), shapes, strict=True)))


def start(settings: Settings, inputs: int, seeds: Sequence[int]) -> Floats:
    """Return the starts of networks as rows; each depends on its seed alone.

    Layer by layer from below, each draws its weights and then, where the initialisation has them, its biases.

    Parameters
    ----------
    settings : Settings
    inputs : int
    seeds : sequence of int

    Returns
    -------
    array (seeds, parameters of a network)
    """
    return np.stack([_start(settings, inputs, np.random.default_rng([seed, WEIGHTS_STREAM])) for seed in seeds])


def _start(settings: Settings, inputs: int, rng: np.random.Generator) -> Floats:
    w, f = settings.width, settings.features
    shapes = [(w, inputs), *[(w, f)] * (settings.depth - 1), (1, f)]
    parts = [_layer(settings.init, shape, rng).ravel() for shape in shapes]
    if settings.normalised:
        units = settings.depth * w
        parts += [np.ones(units), np.zeros(units)]
    return np.concatenate(parts)


def _layer(init: str, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Return weights, and biases as a last column."""
    rows, columns = shape
    if init == "zero":
        return np.zeros((rows, columns + 1))
    if init == "torch-default":
        bound = columns**-0.5
        weights, biases = rng.uniform(-bound, bound, shape), rng.uniform(-bound, bound, (rows, 1))
        return np.hstack([weights, biases])
    bound = (6 / (rows + columns)) ** 0.5
    return np.hstack([rng.uniform(-bound, bound, shape), np.zeros((rows, 1))])
