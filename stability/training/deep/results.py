"""The results of deep networks after their training."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from stability.arrays import Floats, Ints
from stability.io.printable import amount
from stability.io.results import ResultTable, Tabular, json_data
from stability.training.deep.datasets import DeepData
from stability.training.deep.settings import Settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HISTORY = ("loss", "val_loss", "train_accuracy", "val_accuracy", "batch_accuracy", "batch_loss", "penalty")

OF_SEEDS = (
    *("train_accuracy_final", "train_accuracy_max", "val_accuracy_final", "val_accuracy_max"),
    *("train_accuracy_max_epoch", "val_accuracy_max_epoch", "loss_final", "val_loss_final", "penalty_final"),
    *("loss_at_best", "val_loss_at_best", "val_accuracy_at_best"),
    *("batch_accuracy_final", "batch_accuracy_max", "batch_accuracy_max_epoch", "batch_loss_final"),
    *("batch_loss_at_best", "val_loss_at_batch_best", "val_accuracy_at_batch_best"),
)
"""The arrays with one number per seed that a data frame has, besides the seed, its epochs and its divergence."""

OTHERS = ("validation accuracy", "loss", "diverged")
"""What people read of a seed behind its training accuracies."""


@dataclass(frozen=True, repr=False)
class DeepRun(Tabular):
    """Networks of one shape after their training, one per seed; arrays have one entry (or row) per seed.

    Networks are evaluated as they are used: without dropout, by running means and variances. Epoch t is after t steps,
    so epoch 0 is the start, and maxima are over all epochs from it to the last. A network that diverged stays where it
    last was finite.

    Attributes
    ----------
    data : DeepData
    settings : Settings
    epochs, wanted : int
        The steps and the seeds that were asked for; after an interruption there is less of both.
    every : int
        Epochs between two moments of the history.
    device : str
    seconds : float
    seeds, epochs_done, diverged : int arrays (S,)
        The seeds, the steps that each took, and the epoch at which its logits were no longer finite, -1 if never.
    train_accuracy_final, train_accuracy_max, val_accuracy_final, val_accuracy_max : arrays (S,)
    train_accuracy_max_epoch, val_accuracy_max_epoch : int arrays (S,)
        The first epochs of the maxima.
    loss_final, val_loss_final, penalty_final : arrays (S,)
        The mean cross-entropy without the penalty, and the penalty with its weight.
    loss_at_best, val_loss_at_best, val_accuracy_at_best : arrays (S,)
        At the first epoch of greatest training accuracy.
    batch_accuracy_final, batch_accuracy_max, batch_accuracy_max_epoch : arrays (S,)
        The training accuracy by means and variances of the batch, with the dropout of the epoch, as Keras logs it for
        networks with batch normalisation. Without batch normalisation it is `train_accuracy`.
    batch_loss_final, batch_loss_at_best, val_loss_at_batch_best, val_accuracy_at_batch_best : arrays (S,)
        The loss so measured, and what was measured at the first epoch of `batch_accuracy_max`; validation as always.
    slack_units_start, slack_points_start, slack_layers_start, slack_units_end, ... : arrays (S,)
        Totals of both slacks over units, points or layers.
    dead_units_start, affine_units_start, dead_examples_start, dead_units_end, ... : arrays (S, D)
        Counts in each hidden layer at the training points.
    gradient_norm_start, loss_gradient_norm_start, gradient_norm_end, ... : arrays (S, D)
        Of the objective, and of the loss without the penalty, in the weights and biases of each hidden layer.
    history_epochs : int array (T,)
    history : dict of str to array (S, T)
        The names of `HISTORY`.
    parameters : array (S, numbers)
        At the end, in the order of `stability.training.deep.parameters.Parameters`.
    running : array (S, 2, D, w)
        Running means and variances; of depth 0 without batch normalisation.
    """

    data: DeepData
    settings: Settings
    epochs: int
    wanted: int
    every: int
    device: str
    seconds: float
    seeds: Ints
    epochs_done: Ints
    diverged: Ints
    train_accuracy_final: Floats
    train_accuracy_max: Floats
    val_accuracy_final: Floats
    val_accuracy_max: Floats
    train_accuracy_max_epoch: Ints
    val_accuracy_max_epoch: Ints
    loss_final: Floats
    val_loss_final: Floats
    penalty_final: Floats
    loss_at_best: Floats
    val_loss_at_best: Floats
    val_accuracy_at_best: Floats
    batch_accuracy_final: Floats
    batch_accuracy_max: Floats
    batch_accuracy_max_epoch: Ints
    batch_loss_final: Floats
    batch_loss_at_best: Floats
    val_loss_at_batch_best: Floats
    val_accuracy_at_batch_best: Floats
    slack_units_start: Floats
    slack_points_start: Floats
    slack_layers_start: Floats
    slack_units_end: Floats
    slack_points_end: Floats
    slack_layers_end: Floats
    dead_units_start: Floats
    affine_units_start: Floats
    dead_examples_start: Floats
    dead_units_end: Floats
    affine_units_end: Floats
    dead_examples_end: Floats
    gradient_norm_start: Floats
    loss_gradient_norm_start: Floats
    gradient_norm_end: Floats
    loss_gradient_norm_end: Floats
    history_epochs: Ints
    history: dict[str, Floats]
    parameters: Floats
    running: Floats

    @property
    def interrupted(self) -> bool:
        """Whether seeds or steps are missing."""
        return len(self.seeds) < self.wanted or bool((self.epochs_done < self.epochs).any())

    def _table(self) -> ResultTable:
        s = self.settings
        shape = f"{s.method}, depth {s.depth}, width {s.width} on {self.data.name}"
        made = f"{amount(len(self.seeds), 'network')} of {self.wanted} after at most {self.epochs:,} epochs"
        by_batch = ("by batch statistics", "greatest") * s.normalised
        head = ("seed", "epochs", "training accuracy", "greatest", *by_batch, *OTHERS)
        rows = [
            (
                str(each["seed"]),
                f"{each['epochs_done']:,}",
                f"{each['train_accuracy_final']:.1%}",
                f"{each['train_accuracy_max']:.1%}",
                *(f"{each[name]:.1%}" for name in ("batch_accuracy_final", "batch_accuracy_max") if s.normalised),
                "" if isnan(each["val_accuracy_final"]) else f"{each['val_accuracy_final']:.1%}",
                f"{each['loss_final']:.4g}",
                "no" if each["diverged"] < 0 else f"at epoch {each['diverged']}",
            )
            for each in self._records()
        ]
        return ResultTable(shape, head, rows, finding=f"{made}{', interrupted' * self.interrupted}")

    def _records(self) -> list[dict[str, Any]]:
        columns = {"seed": self.seeds, "epochs_done": self.epochs_done, "diverged": self.diverged}
        columns |= {name: getattr(self, name) for name in OF_SEEDS}
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def to_json(self) -> dict[str, Any]:
        """Return all but the parameters as plain data, as `summary` does."""
        return self.summary()

    def answers(self, place: int, points: ArrayLike) -> Floats:
        """Return the logits of one seed, counted from 0, at points of shape (n, d), as an array of shape (n,).

        Raises
        ------
        DataError
            If the points do not have the shape of those of the run.
        """
        from stability.training.deep.representations import images

        return images(self, place, points).logits

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the accuracy of every seed over the epochs; return the Axes."""
        from stability.plot.deep import draw_history

        return draw_history(ax, self)

    def summary(self) -> dict[str, Any]:
        """Return all but the parameters as plain data: numbers, words and lists, NaN as None.

        Returns
        -------
        dict
            Lists are over seeds. The settings stand beside the results, the history under "history".
        """
        left_out = {"data", "settings", "parameters", "running", "history", "history_epochs"}
        names = [field.name for field in fields(self) if field.name not in left_out]
        history = {"epochs": self.history_epochs.tolist(), **json_data(self.history)}
        return {
            "data": self.data.name,
            **asdict(self.settings),
            **{name: json_data(getattr(self, name)) for name in names},
            "interrupted": self.interrupted,
            "history": history,
        }


def joined(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the arrays of several stacks as those of one; every history is cut to the shortest."""
    whole = {
        name: np.concatenate([part[name] for part in parts]) for name in parts[0] if not name.startswith("history")
    }
    length = min(len(part["history_epochs"]) for part in parts)
    epochs = min((part["history_epochs"] for part in parts), key=len)
    names = parts[0]["history"]
    history = {name: np.concatenate([part["history"][name][:, :length] for part in parts]) for name in names}
    return {**whole, "history": history, "history_epochs": epochs}
