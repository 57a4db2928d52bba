"""What a monitor reads off a network in training: plain numbers of each layer, and of the whole network.

Plain numbers only, so that readings can be compared, written to files and judged without the network. docs/monitor.md
says of each quantity when it is a sign of trouble and when it is not.
"""

from dataclasses import asdict, dataclass, replace
from math import isnan, nan
from typing import TYPE_CHECKING, Any

from stability.io.results import Displayed, ResultTable, json_data

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
        That of the weight which makes the units, as "net.2"; "relu 3" where no single weight does.
    units, points : int
        How many units and examples.
    dead_fraction : float
        The share of examples with max_j z_ij <= 0: no unit lets them through.
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
        Of the weight and of the gradient by it, without biases; nan where no weight with a gradient makes the units.
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

    @property
    def separating_units(self) -> int:
        """How many units are neither dead nor affine."""
        return self.units - self.dead_units - self.affine_units

    def _table(self) -> ResultTable:
        return ResultTable(f"Reading of {self.name}", LAYER_HEADS[1:], [layer_cells(self)[1:]])

    def to_json(self) -> dict[str, Any]:
        """Return all numbers; None for what is not finite."""
        found: dict[str, Any] = json_data(asdict(self))
        return found


@dataclass(frozen=True, slots=True, repr=False)
class Reading(Displayed):
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
        The share of examples that are dead at some layer of slope 0; nan without such a layer, and if such layers see
        different numbers of examples.
    weight_norm, gradient_norm : float
        Of all parameters that are trained; the gradient as the backward pass left it, before it was clipped.
    finite : bool
        Whether all pre-activations, weights, gradients and the loss are finite numbers.
    alarms : tuple of Alarm
    step_gradient_norm : float
        The norm of the gradient that the optimiser steps by, after it was clipped.
    largest_input, largest_output : float
        At the first reading the largest absolute value that the first affine map got, and that the network returned;
        nan at others, and if unknown.
    skipped : tuple of str
        Names of layers that got no example, or could not be read, with the reason.
    passes : int
        How many forward passes were read as one, in their order.
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

    @property
    def gradient_flow(self) -> tuple[float, ...]:
        """The norm of the gradient by depth."""
        return tuple(layer.gradient_norm for layer in self.layers)

    @property
    def headline(self) -> str:
        """The step and the numbers of the network, in a line."""
        loss = "" if self.loss is None else f", loss {self.loss:.4g}"
        share = self.dead_fraction
        dead = "" if isnan(share) else f", {share:.0%} of the examples dead at some layer"
        return f"step {self.step}{loss}, |gradient| {self.gradient_norm:.3g}{dead}"

    def _table(self) -> ResultTable:
        notes = [*map(str, self.alarms), *(f"left out: {each}" for each in self.skipped)]
        step, numbers = f"step {self.step}", self.headline.removeprefix(f"step {self.step}, ")
        return ResultTable(f"Reading at {step}", LAYER_HEADS, list(map(layer_cells, self.layers)), notes, numbers)

    def to_json(self) -> dict[str, Any]:
        """Return all numbers, layer by layer, with the alarms; None for what is not finite."""
        found: dict[str, Any] = json_data(asdict(self))
        return found

    def layer(self, name: str) -> LayerReading:
        """Return the reading of a layer by its name; of the first of that name."""
        for each in self.layers:
            if each.name == name:
                return each
        raise KeyError(name)


def layer_cells(layer: LayerReading) -> tuple[str, ...]:
    """Return the numbers of a layer that are shown, in the order of `LAYER_HEADS`."""
    numbers = (layer.torque_mean, layer.gradient_norm, layer.largest_preactivation)
    counts = (
        layer.units,
        layer.dead_units,
        layer.affine_units,
        layer.points,
        round(layer.dead_fraction * layer.points),
    )
    return (layer.name, *map(str, counts), *("" if isnan(each) else f"{each:.3g}" for each in numbers))


def bare(reading: Reading) -> Reading:
    """Return a reading without the numbers of every unit, example and row."""
    none = dict.fromkeys(("tops", "bottoms", "point_tops", "torques"))
    return replace(reading, layers=tuple(replace(layer, **none) for layer in reading.layers))  # type: ignore[arg-type]
