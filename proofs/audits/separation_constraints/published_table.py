"""The test of Table 2: are its numbers those of six runs, one of each method?

A cell is compared with the runs of its method by the deviation from their mean in standard deviations, losses by their logs; of
readings that the text leaves open the nearest counts. The sum of squares over a column has the law of tables whose rows are runs
drawn from those made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from stability.arrays import Floats
from stability.audit.deep_experiments import DeepMeasured
from stability.audit.passing import LEAST, probable
from stability.audit.vocabulary import Measurement

from .judgements import at_best, best, final, final_loss, means
from .vocabulary import ROWS, TRIVIAL, Row

COLUMNS = {
    "train": "training accuracy",
    "validation": "validation accuracy",
    "loss": "training loss",
    "validation_loss": "validation loss",
}
"""The columns in words; the last two are losses."""

TINY = 5e-5
"""Smaller losses are printed as 0.0000."""

LEAST_SPREAD = np.array([1e-4, 1e-4, 1e-3, 1e-3])
"""Standard deviations are at least so large: what rounding may do to a cell."""

ACCURACY = np.array([1.0, 1.0, 0.0, 0.0])
"""Which columns are accuracies, not losses."""

DRAWS, SEED = 20_000, 0

LOWER = 0.1
"""By how much accuracies of all methods but ReLU are lowered to say the power."""


def greatest_validation(found: DeepMeasured) -> Floats:
    """Return the greatest validation accuracies after a step.

    Where a network never does better than one class for all it is that of the end: the start, whose logits are 0, counts as the
    other class, which Keras does not log.
    """
    constant = best(found) <= TRIVIAL + 1e-9
    chosen: Floats = np.where(constant, found.values("val_accuracy_final"), found.values("val_accuracy_max"))
    return chosen


def validation_at_best(found: DeepMeasured) -> Floats:
    """Return the validation accuracies at the first epoch of the greatest training accuracy."""
    return at_best(found, "val_accuracy")


@dataclass(frozen=True)
class Cells:
    """What the cells of a row are in the runs of its method.

    Attributes
    ----------
    values : array (seeds, 2, columns)
        At the first epoch of the greatest training accuracy, and at the last one if that is as good (else NaN).
    """

    values: Floats

    @property
    def law(self) -> tuple[Floats, Floats]:
        """The means and the standard deviations, each (2, columns)."""
        return np.nanmean(self.values, 0), np.maximum(np.nanstd(self.values, 0, ddof=1), LEAST_SPREAD)

    def squares(self, values: Floats) -> Floats:
        """Return the squared deviations of cells (..., columns), or of readings (..., 2, columns), from this row."""
        mean, spread = self.law
        each: Floats = np.nanmin(((values - mean) / spread) ** 2, axis=-2)
        return each


def cells(found: DeepMeasured, validation: Callable[[DeepMeasured], Floats]) -> Cells:
    """Return the cells of a method."""
    losses = [[at_best(found, "loss"), at_best(found, "val_loss")], [final_loss(found), found.values("val_loss_final")]]
    first, last = (np.log(np.maximum(np.array(pair), TINY)) for pair in losses)
    as_good = final(found) >= best(found)
    last = np.where(as_good, last, np.nan) if as_good.sum() > 1 else first
    accuracies = np.array([best(found), validation(found)])
    return Cells(np.array([[*accuracies, *first], [*accuracies, *last]]).transpose(2, 0, 1))


def printed(row: Row) -> Floats:
    """Return the cells as printed, losses by their logs."""
    numbers = np.array([float(getattr(row, column)) for column in COLUMNS])
    numbers[2:] = np.log(np.maximum(numbers[2:], TINY))
    return numbers


def sums(table: Sequence[Cells], runs: Sequence[Floats], draws: int) -> Floats:
    """Return the sums of squares of tables whose rows are drawn from runs, (draws, columns)."""
    stream, total = np.random.default_rng(SEED), np.zeros((draws, len(COLUMNS)))
    for row, values in zip(table, runs, strict=True):
        total += row.squares(values)[stream.integers(0, len(values), draws)]
    return total


def published_table(
    found: Sequence[DeepMeasured],
    rows: Sequence[Row] = ROWS,
    columns: Sequence[str] = tuple(COLUMNS),
    validation: Callable[[DeepMeasured], Floats] = greatest_validation,
    other: Callable[[DeepMeasured], Floats] | None = None,
) -> Measurement:
    """Judge the printed numbers, column by column; the chance of any refusal is at most `LEAST`.

    Parameters
    ----------
    found : sequence of DeepMeasured
        In the order of the rows, ReLU first.
    rows : sequence of Row
    columns : sequence of str
        Those that are judged.
    validation : callable
        What the validation accuracies are.
    other : callable, optional
        What else they might be; the power to see it is said.
    """
    table, which = [cells(each, validation) for each in found], [[*COLUMNS].index(name) for name in columns]
    own = [each.values for each in table]
    deviations = np.array([each.squares(printed(row)) for each, row in zip(table, rows, strict=True)])
    law, level = sums(table, own, DRAWS)[:, which], LEAST / len(which)
    chances = (1 + (law >= deviations.sum(0)[which] * (1 - 1e-9)).sum(0)) / (1 + DRAWS)
    limits = np.quantile(law, 1 - level, axis=0)
    against = {"the rows but ReLU's are exchanged": [own[0], *own[2:], own[1]]}
    against["their accuracies are 10 points lower"] = [own[0], *(x - LOWER * ACCURACY for x in own[1:])]
    against["their losses are ten times as large"] = [own[0], *(x + np.log(10) * (1 - ACCURACY) for x in own[1:])]
    if other is not None:
        against = {"accuracies are those of the other reading": [cells(each, other).values for each in found]}
    power = [
        f"{(sums(table, runs, DRAWS)[:, which] > limits).any(1).mean():.0%} if {words}"
        for words, runs in against.items()
    ]
    row, column = np.unravel_index(deviations[:, which].argmax(), (len(rows), len(which)))
    far = f"{rows[row].name}, {COLUMNS[columns[column]]}, {deviations[:, which].max() ** 0.5:.1f} standard deviations"
    said = ", ".join(f"{COLUMNS[name]} {probable(p)}" for name, p in zip(columns, chances, strict=True))
    says = (
        f"Chance of a column as far off, among {found[0].count} seeds of each method: {said}; {level:.2%} refuses. The "
        f"furthest cell: {far}. (Power: {', '.join(power)}.) {means(found)}"
    )
    return Measurement(bool((chances >= level).all()), says)
