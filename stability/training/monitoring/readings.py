"""What a monitor reads off a network in training: plain numbers of each layer, and of the whole network.

Plain numbers only, so that readings can be compared, written to files and judged without the network. docs/monitor.md
says of each quantity when it is a sign of trouble and when it is not.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import compress
from math import isnan, nan
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from stability.io.results import Displayed, ResultTable, Tabular, json_data
from stability.training.monitoring.alarm_lines import alarm_lines

if TYPE_CHECKING:
    from stability.training.monitoring.alarms import Alarm


LAYER_HEADS = ("layer", "units", "dead", "affine", "examples", "dead", "torque", "|gradient|", "largest |z|")


@dataclass(frozen=True, slots=True, repr=False)
class LayerReading(Displayed):
    """What one layer of ReLUs showed on the examples of one forward pass, and at their gradient.

    z_ij is the pre-activation of example i at unit j; after convolutions the largest (or smallest) over all places.
    Units are those of the ReLU, rows those of the weight that makes them: as many, but for units that are mirrored.

    Attributes
    ----------
    name : str
        That of the weight which makes the units, as "net.2"; where no single one does, of the module that calls the
        ReLU, as "block.act" or "block.relu".
    units, points : int
        How many units and examples.
    dead_fraction : float
        The share of examples with max_j z_ij <= 0: no unit lets them through; nan if some z_ij are.
    dead_units, affine_units : int
        Units with z_ij <= 0 at all examples, and with z_ij > 0 at all examples.
    torque_mean, torque_p10 : float
        Mean and 10th percentile of |g_t| / |g| over the rows that are not zero and have a gradient: g is the gradient
        by the row, g_t its part orthogonal to the row. nan where there is no such row.
    units_without_gradient : int
        Rows whose gradient is exactly zero.
    bias_change : float
        The largest change of a bias since the last reading; nan at the first, and without biases.
    weight_norm, gradient_norm : float
        Of the weight and of the gradient by it, after clipping and without biases; nan where no weight with a gradient
        makes the units.
    largest_preactivation : float
        The largest |z_ij|.
    lowest_top : float
        min_i max_j z_ij: below or at 0 if an example is dead.
    slack_plus, slack_minus : float
        Sums over the units of max(0, 1 - max_i z_ij) and max(0, 1 + min_i z_ij): 0 if every unit separates by a margin.
    tops, bottoms : tuple of float or None
        max_i z_ij and min_i z_ij of every unit; only on request, like all that follows.
    point_tops : tuple of float or None
        max_j z_ij of every example.
    torques : tuple of float or None
        Of every row; nan where there is none.
    slope : float or None
        Of the activation left of 0: 0 for a ReLU; None where it is trained. With another slope than 0 nothing is dead,
        the counts of dead items say what lies left of 0, and raise no alarm.
    update_ratio : float
        The norm of the last update of the weight by that of the weight; nan at the first reading.
    dormant_0025, dormant_01 : float
        The share of units whose dormant score is at most 0.025, and 0.1; on request, else nan, like all that follows.
    sparsity : float
        The share of activations that are exactly 0.
    effective_rank : float
        exp of the entropy of the normalised singular values of the activations (examples and places, units).
    stable_rank : float
        Of the weight: its squared Frobenius norm by its squared spectral norm.
    dormant_scores : tuple of float or None
        Of every unit; only with `detail` too.
    largest_range : float
        max_j (max_i z_ij - min_i z_ij): how far that unit differs between examples which does so most; always there.
    """

    name: str
    units: int
    points: int
    dead_fraction: float
    dead_units: int
    affine_units: int
    torque_mean: float = nan
    torque_p10: float = nan
    units_without_gradient: int = 0
    bias_change: float = nan
    weight_norm: float = nan
    gradient_norm: float = nan
    largest_preactivation: float = nan
    lowest_top: float = nan
    slack_plus: float = nan
    slack_minus: float = nan
    tops: tuple[float, ...] | None = None
    bottoms: tuple[float, ...] | None = None
    point_tops: tuple[float, ...] | None = None
    torques: tuple[float, ...] | None = None
    slope: float | None = 0.0
    update_ratio: float = nan
    dormant_0025: float = nan
    dormant_01: float = nan
    sparsity: float = nan
    effective_rank: float = nan
    stable_rank: float = nan
    dormant_scores: tuple[float, ...] | None = None
    largest_range: float = nan

    @property
    def counted(self) -> bool:
        """Whether units and examples could be counted: nan is neither on nor off."""
        return not isnan(self.dead_fraction)

    @property
    def separating_units(self) -> int:
        """How many units are neither dead nor affine; 0 where no activation was seen."""
        return self.units - self.dead_units - self.affine_units if self.points else 0

    def _table(self) -> ResultTable:
        return ResultTable(f"Reading of {self.name}", LAYER_HEADS[1:], [layer_cells(self)[1:]])

    def to_json(self) -> dict[str, Any]:
        """Return all numbers; None for what is not finite."""
        found: dict[str, Any] = json_data(asdict(self))
        return found


@dataclass(frozen=True, slots=True, repr=False)
class Reading(Tabular):
    """What a network showed before one step of its optimiser.

    Attributes
    ----------
    step : int
        How many steps were made before.
    layers : tuple of LayerReading
        In the order of the computation.
    loss : float or None
        None if the monitor does not know it.
    dead_fraction : float
        The share of examples that are dead at some layer of slope 0; nan without such a layer, if such layers see
        different numbers of examples, and if pre-activations are nan.
    weight_norm, gradient_norm : float
        Of all parameters that are trained; the gradient as the backward pass left it, before it was clipped. nan if
        that is not known, which `skipped` says.
    finite : bool
        Whether all pre-activations, weights, gradients and the loss are finite numbers.
    alarms : tuple of Alarm
    step_gradient_norm : float
        The norm of the gradient that the optimiser steps by, after it was clipped.
    largest_input, largest_output : float
        At the first reading the largest absolute value that the first affine map got, and that the network returned;
        nan at others, and if unknown.
    skipped : tuple of str
        Which layers got no example, and what else could not be read, with the reasons.
    passes : int
        How many forward passes were read as one, in their order.
    learning_rates : tuple of float
        Of every group of parameters of the optimiser that steps; empty without one.
    update_ratio : float
        The norm of the last update of all weights in one step, by that of the weights: the step before the reading. nan
        at the first. Of a large weight 256 entries are compared.
    update_layer : str
        The weight that has most of this update, by its module.
    output_change : float
        How far the outputs moved in a step since the reading before, as a share of their size; on other examples they
        always move, unless they do not depend on the example. Up to 512 entries are compared.
    output_spread : float
        Their standard deviation over the examples of the batch, as a share of their size: 0 if all are the same.
    not_finite : (str, str)
        Which quantity is not finite, and at which layer: the first one. Both empty if all are.
    noise_scale : float or None
        The gradient noise scale, in examples; on request, where gradients are accumulated over micro-batches.
    unread : int
        How many layers, parameters and other things `skipped` is about.
    gradient_kept : bool
        Whether the gradient of the optimiser's step before was seen to be still in that of this step.
    """

    step: int
    layers: tuple[LayerReading, ...]
    loss: float | None = None
    dead_fraction: float = nan
    weight_norm: float = nan
    gradient_norm: float = nan
    finite: bool = True
    alarms: "tuple[Alarm, ...]" = ()
    step_gradient_norm: float = nan
    largest_input: float = nan
    largest_output: float = nan
    skipped: tuple[str, ...] = ()
    passes: int = 1
    unread: int = 0
    learning_rates: tuple[float, ...] = ()
    update_ratio: float = nan
    update_layer: str = ""
    output_change: float = nan
    output_spread: float = nan
    not_finite: tuple[str, str] = ("", "")
    noise_scale: float | None = None
    gradient_kept: bool = False

    @property
    def learning_rate(self) -> float:
        """The largest learning rate of any group of parameters; nan if none is known."""
        return max(self.learning_rates, default=nan)

    @property
    def gradient_flow(self) -> tuple[float, ...]:
        """The norm of the gradient by depth."""
        return tuple(layer.gradient_norm for layer in self.layers)

    @property
    def headline(self) -> str:
        """The step and the numbers of the network, in a line."""
        loss = "" if self.loss is None else f", loss {self.loss:.4g}"
        moves = (("learning rate", self.learning_rate), ("|update| / |weights|", self.update_ratio))
        rates = "".join(f", {name} {value:.3g}" for name, value in moves if not isnan(value))
        share = self.dead_fraction
        dead = "" if isnan(share) else f", {share:.0%} of the examples dead at some layer"
        return f"step {self.step}{loss}, |gradient| {self._gradient}{rates}{dead}"

    @property
    def _gradient(self) -> str:
        """The norm of the gradient, and to what it was clipped."""
        before, after = self.gradient_norm, self.step_gradient_norm
        if isnan(before) and not isnan(after):
            return f"{after:.3g} at the step"
        return f"{before:.3g}" + (f" (clipped to {after:.3g})" if after < 0.999 * before else "")

    def _table(self) -> ResultTable:
        notes = [*alarm_lines(self.alarms), *(f"not read: {each}" for each in self.skipped)]
        step, numbers = f"step {self.step}", self.headline.removeprefix(f"step {self.step}, ")
        head, *rows = layer_table(self.layers) or [()]
        return ResultTable(f"Reading at {step}", head, rows, notes, numbers)

    def _records(self) -> list[dict[str, Any]]:
        return table([self])

    def to_json(self) -> dict[str, Any]:
        """Return all numbers, layer by layer, with the alarms; None for what is not finite."""
        found: dict[str, Any] = json_data(plain(self))
        return found

    def layer(self, name: str) -> LayerReading:
        """Return the reading of a layer by its name; of the first of that name."""
        for each in self.layers:
            if each.name == name:
                return each
        raise KeyError(name)


_LAYER_FIELDS, _FIELDS = (tuple(field.name for field in fields(kind)) for kind in (LayerReading, Reading))
_layer_values, _values = attrgetter(*_LAYER_FIELDS), attrgetter(*_FIELDS)


def plain(reading: Reading) -> dict[str, Any]:
    """Return what `dataclasses.asdict` does, which copies number by number, in a tenth of the time."""
    found = dict(zip(_FIELDS, _values(reading), strict=True))
    found["layers"] = tuple(dict(zip(_LAYER_FIELDS, _layer_values(layer), strict=True)) for layer in reading.layers)
    found["alarms"] = tuple(asdict(alarm) for alarm in reading.alarms)
    return found


def layer_cells(layer: LayerReading) -> tuple[str, ...]:
    """Return the numbers of a layer that are shown, in the order of `LAYER_HEADS`."""
    numbers = (layer.torque_mean, layer.gradient_norm, layer.largest_preactivation)
    counts = ("",) * 4
    if layer.points and layer.counted:
        dead = round(layer.dead_fraction * layer.points)
        counts = str(layer.dead_units), str(layer.affine_units), str(layer.points), str(dead)
    shown = ("" if isnan(each) else f"{each + 0.0:.3g}" for each in numbers)
    return (layer.name, str(layer.units), *counts, *shown)


def layer_table(layers: Sequence[LayerReading]) -> list[tuple[str, ...]]:
    """Return the heads and the numbers of layers, without columns in which no layer has a number; empty without any."""
    rows = [layer_cells(layer) for layer in layers]
    known = [any(column) for column in zip(*rows, strict=True)]
    return [tuple(compress(row, known)) for row in (LAYER_HEADS, *rows)] if rows else []


def bare(reading: Reading) -> Reading:
    """Return a reading without the numbers of every unit, example and row."""
    none = dict.fromkeys(("tops", "bottoms", "point_tops", "torques", "dormant_scores"))
    return replace(reading, layers=tuple(replace(layer, **none) for layer in reading.layers))  # type: ignore[arg-type]


NETWORK = (
    *("step", "loss", "dead_fraction", "weight_norm", "gradient_norm", "finite"),
    *("step_gradient_norm", "largest_input", "largest_output", "unread"),
    *("learning_rate", "update_ratio", "output_change", "output_spread", "noise_scale"),
)
LISTS = ("tops", "bottoms", "point_tops", "torques", "dormant_scores")
"""What a layer keeps of every unit, example or row, on request."""

LAYER = tuple(field.name for field in fields(LayerReading) if field.name not in LISTS)
"""What a row of a table has of the layer, without lists."""


def table(readings: Sequence[Reading]) -> list[dict[str, Any]]:
    """Return one row per layer and reading: first the network's numbers, with "network_" before all but the step.

    Alarms of the whole network, and of weights that make no layer, stand in all rows of their reading. A reading
    without layers has one row, in which nothing is said of a layer.
    """
    return [
        {name if name == "step" else f"network_{name}": getattr(reading, name) for name in NETWORK}
        | {"network_skipped": "; ".join(reading.skipped)}
        | {"alarms": "; ".join(a.kind for a in reading.alarms if layer is None or a.layer not in names - {layer.name})}
        | {"place": None if layer is None else place}
        | {name: None if layer is None else getattr(layer, name) for name in (*LAYER, *LISTS)}
        for reading in readings
        for names in [{layer.name for layer in reading.layers}]
        for place, layer in enumerate(reading.layers or [None])
    ]
