"""Readings of one network as columns: the numbers of many steps, field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np

from stability.training.monitoring.row_norms import Floats

OF_EXTREMES = (
    *("dead_fraction", "dead_units", "affine_units", "largest_preactivation", "lowest_top"),
    *("largest_range", "slack_plus", "slack_minus"),
)
OF_ROWS = ("torque_mean", "torque_p10", "units_without_gradient", "weight_norm", "gradient_norm")
OF_STEPS = ("bias_change", "update_ratio")
ON_REQUEST = ("dormant_0025", "dormant_01", "sparsity", "effective_rank", "stable_rank")
NUMBERS = (*OF_EXTREMES, *OF_ROWS, *OF_STEPS, *ON_REQUEST)
"""The numbers of a layer, in the order in which a table has them."""

WHOLE = ("dead_units", "affine_units", "units_without_gradient")
"""Those that are counts."""

PLACE = {name: k for k, name in enumerate(NUMBERS)}


@dataclass(frozen=True, eq=False, slots=True)
class Columns:
    """The numbers of some readings in which the same layers were seen.

    Attributes
    ----------
    steps : list of int
    names, slopes, units, points : sequences
        Of every layer; see `LayerReading`.
    layers : array (numbers, steps, layers)
        In the order of `NUMBERS`.
    network : dict of str to (array or list)
        The other fields of `Reading`, but for the alarms, each with an entry for every step.
    lists : dict of str to list
        The lists of `LayerReading` that were asked for, one of each step and layer, step by step.
    """

    steps: list[int]
    names: Sequence[str]
    slopes: Sequence[float | None]
    units: Sequence[int]
    points: Sequence[int]
    layers: Floats
    network: Mapping[str, Any]
    lists: Mapping[str, Sequence[Any]]

    def each(self, name: str) -> Floats:
        """Return a number of the layers, as an array (steps, layers)."""
        found: Floats = self.layers[PLACE[name]]
        return found

    def whole(self, name: str) -> Floats:
        """Return a number of the network, as an array (steps,): nan where it is None."""
        found = self.network[name]
        if isinstance(found, np.ndarray):
            return found
        return np.array([nan if value is None else value for value in found], dtype=np.float64)

    def part(self, rows: slice) -> "Columns":
        """Return some of the readings."""
        count = len(self.names)
        ends = slice(rows.start and rows.start * count, rows.stop and rows.stop * count)
        network = {name: values[rows] for name, values in self.network.items()}
        lists = {name: values[ends] for name, values in self.lists.items()}
        fixed = self.names, self.slopes, self.units, self.points
        return Columns(self.steps[rows], *fixed, self.layers[:, rows], network, lists)


def blank(steps: int, layers: int) -> Floats:
    """Return a table of layers of which nothing is known."""
    table = np.full((len(NUMBERS), steps, layers), nan)
    table[PLACE["units_without_gradient"]] = 0
    return table
