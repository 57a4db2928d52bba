"""Plain networks with which separation constraints are compared, and their starts from zero."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

from stability.errors import NumberError, UnknownNameError, nearest

Tensor = torch.Tensor

LEAK = 0.01
"""The slope of leaky ReLU left of 0."""


class CReLU(nn.Module):
    """Concatenated ReLU: (relu(z), relu(-z)), twice as many features; no point but 0 is sent to 0.

    Parameters
    ----------
    axis : int
        That of the units: 1 after linear maps of rows and after convolutions.
    """

    def __init__(self, axis: int = 1) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, z: Tensor) -> Tensor:
        """Return both parts, the positive one first."""
        return torch.cat([torch.relu(z), torch.relu(-z)], self.axis)


class AnnealedDropout(nn.Module):
    """Dropout whose rate falls linearly to 0: rate * max(0, 1 - epoch / epochs).

    Call `step` after each epoch. The epoch is part of the state that `state_dict` saves.

    Parameters
    ----------
    rate : float
        At the start, from 0 to below 1.
    epochs : int
        After so many steps nothing is dropped any more.

    Raises
    ------
    NumberError
        If these make no sense.
    """

    def __init__(self, rate: float, epochs: int) -> None:
        super().__init__()
        if not 0 <= rate < 1 or epochs < 1:
            raise NumberError(
                f"Expected a rate from 0 to below 1 and at least 1 epoch; got {rate} and {epochs}.", "Take 0.5 and 100."
            )
        self.start, self.epochs, self.epoch = rate, epochs, 0

    @property
    def rate(self) -> float:
        """With which probability an entry is dropped now."""
        return self.start * max(0.0, 1 - self.epoch / self.epochs)

    def step(self) -> None:
        """Go on to the next epoch."""
        self.epoch += 1

    def forward(self, x: Tensor) -> Tensor:
        """Drop entries in training mode and scale up the rest."""
        return functional.dropout(x, self.rate, self.training)

    def get_extra_state(self) -> int:
        """Return the epoch."""
        return self.epoch

    def set_extra_state(self, state: int) -> None:
        """Take the epoch."""
        self.epoch = state

    def extra_repr(self) -> str:
        """Return how the module shows itself."""
        return f"rate={self.start}, epochs={self.epochs}"


ACTIVATIONS: dict[str, Callable[[int], list[nn.Module]]] = {
    "relu": lambda width: [nn.ReLU()],
    "relu-bn": lambda width: [nn.BatchNorm1d(width, eps=1e-3, momentum=0.01), nn.ReLU()],
    "leaky": lambda width: [nn.LeakyReLU(LEAK)],
    "crelu": lambda width: [CReLU()],
}
"""What stands after each hidden affine map of a width; batch normalisation with the constants of Keras."""


def thin_network(
    inputs: int,
    depth: int,
    width: int,
    outputs: int = 1,
    method: str = "relu",
    dropout: AnnealedDropout | None = None,
    generator: torch.Generator | None = None,
) -> nn.Sequential:
    """Return a network of hidden layers of one width and a last affine map; Glorot uniform weights, zero biases.

    Parameters
    ----------
    inputs, outputs : int
    depth, width : int
        The number of hidden layers, and the units in each.
    method : str
        "relu"; "relu-bn", with batch normalisation before each ReLU; "leaky", of slope 0.01; or "crelu", whose layers
        hand on 2 * width features.
    dropout : AnnealedDropout, optional
        Stands after every activation, the same module each time, so that one `step` moves all.
    generator : torch.Generator, optional
        Draws the weights; torch's own by default.

    Raises
    ------
    NumberError, UnknownNameError
        If a size is below 1, or there is no such method.

    Examples
    --------
    >>> from stability import thin_network
    >>> len(thin_network(2, depth=3, width=4))
    7
    """
    if min(inputs, depth, width, outputs) < 1:
        raise NumberError(
            f"Expected sizes of at least 1; got {inputs} inputs, depth {depth}, width {width}, {outputs} outputs.",
            "Write thin_network(2, 50, 4).",
        )
    if method not in ACTIVATIONS:
        raise UnknownNameError(f"Expected a method; got {method!r}.", nearest(str(method), list(ACTIVATIONS)))
    features = 2 * width if method == "crelu" else width
    parts: list[nn.Module] = []
    for layer in range(depth):
        parts += [_glorot(features if layer else inputs, width, generator), *ACTIVATIONS[method](width)]
        parts += [] if dropout is None else [dropout]
    return nn.Sequential(*parts, _glorot(features, outputs, generator))


def _glorot(inputs: int, outputs: int, generator: torch.Generator | None) -> nn.Linear:
    layer: nn.Linear = nn.utils.skip_init(nn.Linear, inputs, outputs)  # type: ignore[no-untyped-call]
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer


def zero_initialise(model: nn.Module) -> None:
    """Set the weights and biases of all linear maps and convolutions to 0; normalisations keep theirs.

    All units of a layer then compute the same. See `SeparationLoss`: with rho = 0.5 the penalty has no slope at such a
    start, and with ties = "split" it never distinguishes units; dropout does.
    """
    kinds = (nn.Linear, nn.Bilinear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
    with torch.no_grad():
        for part in model.modules():
            if isinstance(part, kinds):
                part.weight.zero_()
                if part.bias is not None:
                    part.bias.zero_()
