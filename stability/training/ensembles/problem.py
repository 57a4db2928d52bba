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
from stability.model.label_columns import fitted_outputs, require_labels
from stability.model.network_loss import NetworkLoss, require_landscape
from stability.model.networks import Network, network
from stability.model.several_outputs import SeveralOutputsLoss

UNROLLED = 400
"""Up to this many multiplications per epoch a task is small enough to be written out number by number."""

Lane = Any
"""One number per restart: a tensor of shape (restarts,)."""


@dataclass(frozen=True)
class Task:
    """A network to be trained on a dataset by squared errors.

    Parameters stand in the order of the layers: (w_1, ..., w_d, b) unit by unit, then for every output its weights on
    the units, if they are trained, and its bias, if it has one.

    Attributes
    ----------
    network : Network
        As `network` reads it; one-hot outputs are as many as there are labels.
    data : Dataset
    loss_kind : str
        "sum", or "mean" over examples (and over outputs, if there are several), as in torch.

    Raises
    ------
    UnknownNameError
        If there is no such loss.
    DataError
        If there is not a column of labels for each output, labels are no classes 0, 1, ... for one-hot targets, or data
        are beyond float64.
    """

    network: Network
    data: Dataset
    loss_kind: str = "mean"

    def __post_init__(self) -> None:
        if self.loss_kind not in ("sum", "mean"):
            raise UnknownNameError(f"Expected the loss 'sum' or 'mean'; got {self.loss_kind!r}.", "Write --loss mean.")
        object.__setattr__(self, "network", fitted_outputs(self.network, self.data))
        require_labels(self.network, self.data)
        _ = self.points, self.targets

    def __repr__(self) -> str:
        return printable(f"{self.name} on {self.data.name} ({self.loss_kind} of squared errors)")

    @property
    def name(self) -> str:
        """The spelling, as `task` reads it."""
        return self.network.name

    @property
    def units(self) -> int:
        """How many units there are."""
        return self.network.count

    @property
    def examples(self) -> int:
        """How many data points there are, n."""
        return len(self.data.points)

    @property
    def outputs(self) -> int:
        """How many outputs there are."""
        return self.network.outputs

    @property
    def width(self) -> int:
        """The number of parameters on which the pre-activation of a unit depends."""
        return self.data.dimension + self.network.hidden_biases

    @property
    def hidden(self) -> int:
        """The number of parameters of all units."""
        return self.units * self.width

    @property
    def head_width(self) -> int:
        """The number of parameters of an output: its weights on the units if they are trained, and its bias."""
        return self.units * self.network.trainable + self.network.output_bias

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        return self.hidden + self.outputs * self.head_width

    @property
    def landscape(self) -> NetworkLoss:
        """The exact landscape."""
        kind = SeveralOutputsLoss if self.outputs > 1 else NetworkLoss
        return kind(self.network, self.data, self.loss_kind)

    @cached_property
    def points(self) -> Floats:
        """The data points, shape (n, d)."""
        return _floats(self.data, self.data.points)

    @cached_property
    def labels(self) -> Floats:
        """The labels, shape (n,); none where there are several columns of them."""
        return _floats(self.data, self.data.labels)

    @cached_property
    def targets(self) -> Floats:
        """What the outputs should be: shape (n, outputs)."""
        if not self.network.one_hot:
            return self.labels[:, None] if self.outputs == 1 else _floats(self.data, self.data.targets)
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

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """The output weights, one per unit; all 1 where they are trained."""
        return tuple(float64(a, self.network.name) for a in self.network.weights)

    @property
    def is_small(self) -> bool:
        """Whether it can be written out number by number."""
        trained = self.outputs * self.network.trainable
        return self.units * self.examples * (self.data.dimension + 1 + trained) <= UNROLLED

    @property
    def threshold(self) -> Fraction | None:
        """The output above which the larger of two labels is meant; None for other labels and for several outputs."""
        return None if self.outputs > 1 else threshold(self.data.labels)

    @property
    def classifies(self) -> bool:
        """Whether outputs can be correct: there are two labels, or one output per class."""
        return self.network.one_hot or self.threshold is not None

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

        One output: as `stability.model.correctness` says. One-hot: the largest output is that of the label, the first
        one where several are equal; outputs that are not finite are wrong.

        Raises
        ------
        DataError
            If there is one output and there are not exactly two labels.
        """
        if self.network.one_hot:
            found: NDArray[np.bool_] = (outputs.argmax(2) == self.labels) & np.isfinite(outputs).all(2)
            return found
        single = correct_floats(outputs[:, :, 0], self.data.labels)
        if single is None:
            raise self._without_classes()
        return single

    def _without_classes(self) -> DataError:
        return DataError(
            f"Expected two different labels, to distinguish correct from wrong outputs; {self.data.name} has "
            f"{len({*self.data.labels}) if self.data.labels else f'{self.data.columns} columns of them'}.",
            "Look at losses and end states instead, or train on data with two labels, such as xor.",
        )


def as_task(given: Task | NetworkLoss) -> Task:
    """Return a task, or that of minimising the loss of a landscape."""
    if isinstance(given, Task):
        return given
    require_landscape(given)
    return Task(given.network, given.data, given.loss_kind)


def task(model: str, data: str | Dataset, loss: str = "mean") -> Task:
    """Return what is trained: a network by its spelling, as `stability.model.networks.network` reads it, on data.

    "relu2-linear" is Linear-ReLU-Linear with two units, an output per label and one-hot targets.

    Raises
    ------
    UnknownNameError
        If a name is unknown.
    DataError
        If labels do not fit the outputs, or data are beyond float64.

    Examples
    --------
    >>> task("relu2-out+c", "xor").parameters, task("relu2-linear", "xor").parameters
    (9, 12)
    """
    return Task(network(model), dataset(data) if isinstance(data, str) else data, loss)


def _floats(data: Dataset, numbers: Sequence[Any]) -> Floats:
    def held(x: Any) -> float:
        return float64(x, data.name)

    return np.array([list(map(held, n)) if isinstance(n, Sequence) else held(n) for n in numbers])
