"""What does a monitor read off a network in training, and which readings raise an alarm?

Plain numbers only, so that readings can be compared, written to files and judged without the network. docs/monitor.md
says of each quantity when it is a sign of trouble and when it is not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from math import inf, isfinite, nan
from typing import Any

from stability.errors import NumberError


@dataclass(frozen=True, slots=True)
class LayerReading:
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
        the counts of dead items tell what lies left of 0, and raise no alarm.
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


@dataclass(frozen=True, slots=True)
class Alarm:
    """A number that is out of its limit.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    layer : str
        The name of the layer; empty for the whole network.
    value, limit : float
    """

    kind: str
    layer: str
    value: float
    limit: float

    def __str__(self) -> str:
        where = f" at {self.layer}" if self.layer else ""
        if self.limit != self.limit:
            return f"{self.kind}{where}"
        return f"{self.kind}{where}: {self.value:.3g} (limit {self.limit:.3g}){self.remedy and f'; {self.remedy}'}"

    @property
    def remedy(self) -> str:
        """What to try; empty where that depends on more than the number. See docs/monitor.md."""
        if self.kind != "large start":
            return ""
        what = f"the weights of {self.layer}" if self.layer else "the weights of the last layer"
        return f"divide {what} by about {self.value:.0f}, or initialise them by torch.nn.init.kaiming_normal_"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a network showed before one step of its optimiser.

    Attributes
    ----------
    step : int
        How many steps were made before.
    layers : tuple of LayerReading
        In the order of the computation.
    loss : float or None
        None if the monitor was not told.
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
    alarms: tuple[Alarm, ...] = ()
    step_gradient_norm: float = nan
    largest_input: float = nan
    largest_output: float = nan
    skipped: tuple[str, ...] = ()
    passes: int = 1

    @property
    def gradient_flow(self) -> tuple[float, ...]:
        """The norm of the gradient by depth."""
        return tuple(layer.gradient_norm for layer in self.layers)

    def layer(self, name: str) -> LayerReading:
        """Return the reading of a layer by its name; of the first of that name."""
        for each in self.layers:
            if each.name == name:
                return each
        raise KeyError(name)


@dataclass(frozen=True)
class Limits:
    """Beyond which numbers there is an alarm; None switches one off.

    Attributes
    ----------
    dead_fraction : float or None
        Largest share of dead examples, for each layer and the network.
    dead_units : float or None
        Largest share of dead units in a layer.
    torque : float or None
        Smallest mean torque of a layer whose gradient is longer than `gradient`.
    gradient : float
    bias_change : float or None
        Smallest change of the fastest bias of a layer between two readings.
    growth : float or None
        How often the norm of the weights, that of the gradient, or the loss may be as large as at the first reading, or
        as 1 if it was smaller then.
    gradient_ratio : float or None
        Smallest norm of a layer's gradient, as a share of the longest of any layer.
    scale : float or None
        At the first reading, how many times larger than what the first affine map got (or than 1, if that was smaller)
        pre-activations and outputs may be.
    """

    dead_fraction: float | None = 0.5
    dead_units: float | None = 0.5
    torque: float | None = 0.01
    gradient: float = 1e-6
    bias_change: float | None = 1e-4
    growth: float | None = 1e3
    gradient_ratio: float | None = 1e-6
    scale: float | None = 100.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and not value >= 0:
                raise NumberError(
                    f"Expected {field.name} to be at least 0; got {value!r}.", "Give None to switch an alarm off."
                )


KINDS = (
    "not finite",
    "dead data",
    "dead units",
    "no torque",
    "bias freeze",
    "exploding weights",
    "exploding gradient",
    "exploding loss",
    "vanishing gradient",
    "large start",
)


def alarms(reading: Reading, limits: Limits, first: Reading | None = None) -> tuple[Alarm, ...]:
    """Return the alarms of a reading; growth is judged against the first one, if it is given."""
    start = () if first is not None else _of_start(reading, limits)
    return (*_of_network(reading, limits, first), *start, *(a for each in _of_layers(reading, limits) for a in each))


def _of_start(reading: Reading, limits: Limits) -> Iterator[Alarm]:
    """Yield an alarm for the first layer, else the output, that is far larger than what goes into the network."""
    if limits.scale is None or not isfinite(reading.largest_input):
        return
    sizes = [(layer.name, layer.largest_preactivation) for layer in reading.layers]
    for name, size in [*sizes, ("", reading.largest_output)]:
        ratio = size / max(1.0, reading.largest_input)
        if limits.scale < ratio < inf:
            yield Alarm("large start", name, ratio, limits.scale)
            return


def _of_network(reading: Reading, limits: Limits, first: Reading | None) -> Iterator[Alarm]:
    if not reading.finite:
        yield Alarm("not finite", "", nan, nan)
    if limits.dead_fraction is not None and reading.dead_fraction > limits.dead_fraction:
        yield Alarm("dead data", "", reading.dead_fraction, limits.dead_fraction)
    if first is not None and limits.growth is not None:
        pairs = (
            ("exploding weights", reading.weight_norm, first.weight_norm),
            ("exploding gradient", reading.gradient_norm, first.gradient_norm),
            ("exploding loss", reading.loss, first.loss),
        )
        for kind, now, then in pairs:
            if now is not None and then is not None and isfinite(then) and now > limits.growth * max(1.0, abs(then)):
                yield Alarm(kind, "", now, limits.growth * max(1.0, abs(then)))


def _of_layers(reading: Reading, limits: Limits) -> Iterator[Iterator[Alarm]]:
    longest = max((g for g in reading.gradient_flow if isfinite(g)), default=0.0)
    for layer in reading.layers:
        yield _of_layer(layer, limits, longest)


def _of_layer(layer: LayerReading, limits: Limits, longest: float) -> Iterator[Alarm]:
    share, moved = layer.dead_units / layer.units, layer.gradient_norm
    dies = layer.slope == 0
    if dies and limits.dead_fraction is not None and layer.dead_fraction > limits.dead_fraction:
        yield Alarm("dead data", layer.name, layer.dead_fraction, limits.dead_fraction)
    if dies and limits.dead_units is not None and share > limits.dead_units:
        yield Alarm("dead units", layer.name, share, limits.dead_units)
    if limits.torque is not None and layer.torque_mean < limits.torque and moved > limits.gradient:
        yield Alarm("no torque", layer.name, layer.torque_mean, limits.torque)
    if limits.bias_change is not None and layer.bias_change < limits.bias_change:
        yield Alarm("bias freeze", layer.name, layer.bias_change, limits.bias_change)
    if limits.gradient_ratio is not None and moved < limits.gradient_ratio * longest:
        yield Alarm("vanishing gradient", layer.name, moved / longest, limits.gradient_ratio)


def judged(reading: Reading, limits: Limits, first: Reading | None = None) -> Reading:
    """Return a reading with its alarms."""
    return replace(reading, alarms=alarms(reading, limits, first))


def bare(reading: Reading) -> Reading:
    """Return a reading without the numbers of every unit, example and row."""
    none = dict.fromkeys(("tops", "bottoms", "point_tops", "torques"))
    return replace(reading, layers=tuple(replace(layer, **none) for layer in reading.layers))  # type: ignore[arg-type]


def reading_of(plain: Mapping[str, Any]) -> Reading:
    """Return the reading that `dataclasses.asdict` made into plain data."""
    layers = tuple(LayerReading(**each) for each in plain["layers"])
    found = {"layers": layers, "alarms": tuple(Alarm(**each) for each in plain["alarms"])}
    return Reading(**{**plain, **found, "skipped": tuple(plain.get("skipped", ()))})
