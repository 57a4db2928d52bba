"""What is initialised: the data, how many units, and the loss."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from stability.arrays import Floats
from stability.errors import DataError, StabilityError
from stability.exact.numbers import float64
from stability.model.float_loss import float_loss, inwards
from stability.model.network_loss import NetworkLoss
from stability.model.restrictions import require_units_alone

Loss = Callable[[Floats], Floats]

AT_ONCE = 2**20
"""Pre-activations held in memory at once."""
WIDE = 16
"""From so many coordinates on, pre-activations are computed by matrix products."""


@dataclass(frozen=True, eq=False)
class InitialisationProblem:
    """Data, the shape of a network on them and, for loss sampling, its loss.

    A flat parameter row holds (w_1, ..., w_d, b) unit by unit, then, for every output of the head, its weights on the
    units and its constant, less what the network does not train.

    Attributes
    ----------
    points : array, shape (n, d)
    labels : array, shape (n,)
    units : int
        Rows of the first layer.
    head : int
        Outputs of a trained linear layer after the units; 0 if the outputs of the units are summed.
    loss : callable, optional
        From (R, parameters) to (R,); the loss of a row may not depend on the other rows.
    head_weights, head_constants : bool
        Whether the layer trains its weights on the units, and its constants.
    hidden_biases : bool
        Whether units have biases.

    Raises
    ------
    DataError
        If there are no points, lengths differ, or an entry is not finite.
    """

    points: Floats
    labels: Floats
    units: int
    head: int = 0
    loss: Loss | None = None
    head_weights: bool = True
    head_constants: bool = True
    hidden_biases: bool = True

    def __post_init__(self) -> None:
        points, labels = np.asarray(self.points, np.float64), np.asarray(self.labels, np.float64)
        if points.ndim != 2 or 0 in points.shape:
            raise DataError(
                f"Expected data as (n, d), at least one point of one coordinate; got the shape {points.shape}.",
                "Write [[x1, x2], [x1, x2]].",
            )
        if labels.shape != points.shape[:1]:
            raise DataError(
                f"Expected one label for each of {len(points)} points; got the shape {labels.shape}.",
                "Give labels of shape (n,).",
            )
        if not (np.isfinite(points).all() and np.isfinite(labels).all()):
            raise DataError("Expected finite data; got NaN or an infinity.", "Remove or repair those points.")
        if self.units < 1 or self.head < 0:
            raise StabilityError(
                f"Expected at least 1 unit and 0 outputs; got {self.units} and {self.head}.", "Give units=2, head=0."
            )
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "labels", labels)

    @property
    def dimension(self) -> int:
        """The number of coordinates of a point, d."""
        return int(self.points.shape[1])

    @property
    def width(self) -> int:
        """The number of parameters per unit, d + 1 with its bias."""
        return self.dimension + self.hidden_biases

    @property
    def head_width(self) -> int:
        """The number of parameters per output of the head: its weights on the units, and its constant."""
        return self.units * self.head_weights + self.head_constants

    @property
    def parameters(self) -> int:
        """The length of a flat parameter row."""
        return self.units * self.width + self.head * self.head_width

    def first(self, flat: Floats) -> Floats:
        """Return the first layer of flat rows as a view, shape (R, units, d + 1), or d without biases."""
        return flat[:, : self.units * self.width].reshape(len(flat), self.units, self.width)

    def last(self, flat: Floats) -> Floats:
        """Return the head of flat rows as a view, shape (R, head, units + 1), less what is not trained."""
        return flat[:, self.units * self.width :].reshape(len(flat), self.head, self.head_width)

    def losses(self, flat: Floats) -> Floats:
        """Return the loss of every flat row.

        Raises
        ------
        StabilityError
            If this place has no loss, or it returns another shape.
        """
        if self.loss is None:
            raise StabilityError(
                "Expected a loss to sample by; this place has none.", "Give loss=, or choose another initialisation."
            )
        parts = [np.asarray(self.loss(part), np.float64) for part in self.chunks(flat)]
        if any(part.ndim != 1 for part in parts) or sum(map(len, parts)) != len(flat):
            raise StabilityError(
                f"Expected a loss of shape (R,) for {len(flat)} rows; got {[p.shape for p in parts][:3]}.",
                "Let the loss take (R, parameters) and return (R,).",
            )
        return np.concatenate(parts)

    def lowest_activation(self, flat: Floats) -> Floats:
        """Return, for every flat row, the smallest over the points of the largest pre-activation over the units."""
        return np.concatenate([_lowest_activation(self, part) for part in self.chunks(flat)])

    def chunks(self, flat: Floats) -> Iterator[Floats]:
        """Yield the rows in parts whose pre-activations fit into memory."""
        size = max(1, AT_ONCE // (len(self.points) * self.units))
        return (flat[start : start + size] for start in range(0, len(flat), size))


def _lowest_activation(place: InitialisationProblem, flat: Floats) -> Floats:
    units = preactivations(place, flat)
    highest = next(units)
    for z in units:
        np.maximum(highest, z, out=highest)
    lowest: Floats = highest.min(axis=0)
    return lowest


def preactivations(place: InitialisationProblem, flat: Floats) -> Iterator[Floats]:
    """Yield w . x_i + b of every flat row, unit after unit, as arrays of shape (n, R).

    No sum runs over rows, and sums over coordinates have one order, so that a row gives the same bits in any company.
    """
    if place.dimension >= WIDE:
        rows = place.first(flat)
        products = rows[..., : place.dimension] @ place.points.T
        products = products + rows[..., -1:] if place.hidden_biases else products
        yield from np.ascontiguousarray(products.transpose(1, 2, 0))
        return
    columns = np.ascontiguousarray(flat.T)
    for start in range(0, place.units * place.width, place.width):
        z = np.multiply.outer(place.points[:, 0], columns[start])
        for c in range(1, place.dimension):
            z += np.multiply.outer(place.points[:, c], columns[start + c])
        if place.hidden_biases:
            z += columns[start + place.dimension]
        yield z


def shape_of(landscape: NetworkLoss) -> InitialisationProblem:
    """Return a place of the shape of a landscape, with data 0, for initialisations that do not look at them."""
    net = landscape.network
    return InitialisationProblem(
        np.zeros((1, landscape.data.dimension)),
        np.zeros(1),
        landscape.units,
        net.outputs if net.trainable or net.output_bias else 0,
        head_weights=net.trainable,
        head_constants=net.output_bias,
        hidden_biases=net.hidden_biases,
    )


def place_of(landscape: NetworkLoss) -> InitialisationProblem:
    """Return the place of a landscape, with its loss in floats ("sum" or "mean", as the landscape says).

    Raises
    ------
    DataError
        If the data do not fit into float64.
    UnknownNameError
        If there are other parameters than weights and bias of every unit.
    """
    require_units_alone(landscape, "starts and their losses")
    name, loss = landscape.data.name, float_loss(landscape)
    points = np.array([[float64(x, name) for x in point] for point in landscape.data.points])
    units, width = landscape.units, landscape.width

    def losses(flat: Floats) -> Floats:
        return loss.losses(inwards(flat.reshape(-1, units, width)))

    return InitialisationProblem(points, loss.labels, units, loss=losses)
