"""The task of an ensemble: network, data, loss, and when a run is correct."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Floats
from stability.errors import DataError, UnknownNameError
from stability.exact.numbers import float64
from stability.io.printable import printable
from stability.model.correctness import correct_floats, threshold
from stability.model.datasets import Dataset, dataset
from stability.model.network_loss import NetworkLoss, require_landscape
from stability.model.networks import Network, network

HEAD = "-linear"
"""How the spelling of a network ends whose units feed a trained linear layer."""

UNROLLED = 400
"""Up to this many multiplications per epoch a task is small enough to be written out number by number."""

Lane = Any
"""One number per restart: a tensor of shape (restarts,)."""


@dataclass(frozen=True)
class Task:
    """A network to be trained on a dataset by squared errors.

    Attributes
    ----------
    network : Network
        The units.
    data : Dataset
    loss_kind : str
        "sum", or "mean" over examples (and over outputs, if there are several), as in torch.
    outputs : int
        Of the linear layer that the units feed, with one-hot targets; 0 if the units are summed instead.
    """

    network: Network
    data: Dataset
    loss_kind: str = "mean"
    outputs: int = 0

    def __post_init__(self) -> None:
        if self.loss_kind not in ("sum", "mean"):
            raise UnknownNameError(f"Expected the loss 'sum' or 'mean'; got {self.loss_kind!r}.", "Write --loss mean.")
        if not self.network.is_plain:
            raise UnknownNameError(
                f"Expected a sum of units, all with output weight 1, to train; got {self.network.name}.",
                "Write relu2, or relu2-linear for a trained output layer.",
            )

    def __repr__(self) -> str:
        return printable(f"{self.name} on {self.data.name} ({self.loss_kind} of squared errors)")

    @property
    def name(self) -> str:
        """The spelling, as `task` reads it."""
        return self.network.name + (HEAD if self.outputs else "")

    @property
    def units(self) -> int:
        """How many units there are."""
        return self.network.count

    @property
    def width(self) -> int:
        """The number of parameters of a unit."""
        return self.data.dimension + 1

    @property
    def parameters(self) -> int:
        """How many numbers are trained: (w, b) unit by unit, then per output its weights and its constant."""
        return self.units * self.width + self.outputs * (self.units + 1)

    @property
    def landscape(self) -> NetworkLoss | None:
        """The exact landscape, where there is one: for sums of units."""
        return None if self.outputs else NetworkLoss(self.network, self.data, self.loss_kind)

    @cached_property
    def points(self) -> Floats:
        """The data points, shape (n, d)."""
        return _floats(self.data, self.data.points)

    @cached_property
    def labels(self) -> Floats:
        """The labels, shape (n,)."""
        return _floats(self.data, self.data.labels)

    @cached_property
    def targets(self) -> Floats:
        """What the outputs should be: shape (n, 1), or (n, outputs) one-hot."""
        if not self.outputs:
            return self.labels[:, None]
        found: Floats = np.eye(self.outputs)[self.labels.astype(int)]
        return found

    @property
    def scale(self) -> float:
        """The factor before the sum of squares."""
        return 1.0 if self.loss_kind == "sum" else 1.0 / self.targets.size

    @property
    def slopes(self) -> tuple[float, float, float]:
        """Slopes of a unit left and right of its kink, and the one that torch takes at it."""
        unit = self.network.unit
        return float64(unit.negative, unit.name), float(unit.positive), float64(unit.kink_slope, unit.name)

    @property
    def is_small(self) -> bool:
        """Whether it can be written out number by number."""
        return self.units * len(self.labels) * (self.width + self.outputs) <= UNROLLED

    @property
    def threshold(self) -> Fraction | None:
        """The output above which the larger of two labels is meant; None for other labels and for several outputs."""
        return None if self.outputs else threshold(self.data.labels)

    @property
    def classifies(self) -> bool:
        """Whether outputs can be correct: there are two labels, or one output per class."""
        return self.outputs > 0 or self.threshold is not None

    @property
    def middle(self) -> float:
        """Outputs above it stand for the larger label.

        Raises
        ------
        DataError
            If there are not exactly two labels.
        """
        found = threshold(self.data.labels)
        if found is None:
            raise self._without_classes()
        return float(found)

    def right(self, outputs: Floats) -> NDArray[np.bool_]:
        """Return which examples are correct, of shape (restarts, n), given outputs of shape (restarts, n, outputs).

        Sums of units: as `stability.model.correctness` says. With a linear layer: the largest output is that of the
        label, the first one where several are equal; outputs that are not finite are wrong.

        Raises
        ------
        DataError
            If outputs are summed and there are not exactly two labels.
        """
        if self.outputs:
            found: NDArray[np.bool_] = (outputs.argmax(2) == self.labels) & np.isfinite(outputs).all(2)
            return found
        single = correct_floats(outputs[:, :, 0], self.data.labels)
        if single is None:
            raise self._without_classes()
        return single

    def _without_classes(self) -> DataError:
        return DataError(
            f"Expected two different labels, to distinguish correct from wrong outputs; {self.data.name} has "
            f"{len({*self.data.labels})}.",
            "Look at losses and end states instead, or train on data with two labels, such as xor.",
        )


def as_task(given: Task | NetworkLoss) -> Task:
    """Return a task, or that of minimising the loss of a landscape."""
    if isinstance(given, Task):
        return given
    require_landscape(given)
    return task(given.network.name, given.data, given.loss_kind)


def task(model: str, data: str | Dataset, loss: str = "mean") -> Task:
    """Return what is trained: "relu2", or "relu2-linear" for Linear-ReLU-Linear with two units and one-hot targets.

    Raises
    ------
    UnknownNameError
        If a name is unknown.
    DataError
        If the labels are not 0, 1, 2, ... for a linear layer, are all equal, or data are beyond float64.
    """
    points = dataset(data) if isinstance(data, str) else data
    if not model.endswith(HEAD):
        found = Task(network(model), points, loss)
    else:
        classes = sorted({*points.labels})
        if classes != list(range(len(classes))) or len(classes) < 2:
            raise DataError(
                f"Expected the labels 0, 1, ... for one-hot targets; {points.name} has {', '.join(map(str, classes))}.",
                f"Number the classes from 0, or train {model.removesuffix(HEAD)}.",
            )
        found = Task(network(model.removesuffix(HEAD)), points, loss, len(classes))
    _ = found.points, found.targets
    return found


def _floats(data: Dataset, numbers: Sequence[Any]) -> Floats:
    def held(x: Any) -> float:
        return float64(x, data.name)

    return np.array([list(map(held, n)) if isinstance(n, Sequence) else held(n) for n in numbers])
