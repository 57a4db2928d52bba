"""The table of alarms: name, number read, limit, meaning and panel of the figure; and readings judged by it.

The fields of `Limits`, the alarms of readings, the marks in the figure, the alarms that a controller's rules answer,
and the table in docs/monitor.md follow from `ALARMS`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from math import inf, isfinite, nan
from numbers import Real
from typing import Any

from stability.errors import NumberError, require_kind
from stability.io.results import Displayed, ResultTable, json_data
from stability.training.monitoring.readings import LayerReading, Reading


@dataclass(frozen=True, slots=True, repr=False)
class Alarm(Displayed):
    """A number that is out of its limit.

    Attributes
    ----------
    kind : str
        A key of `ALARMS`.
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

    def _table(self) -> ResultTable:
        return ResultTable(str(self))

    def to_json(self) -> dict[str, Any]:
        """Return kind, layer, value and limit; None for what is not finite."""
        found: dict[str, Any] = json_data(asdict(self))
        return found

    @property
    def meaning(self) -> str:
        """What it says of the network, in words."""
        return ALARMS[self.kind].meaning

    @property
    def panels(self) -> tuple[str, ...]:
        """Titles of the panels of `Monitor.figure` that show it."""
        return ALARMS[self.kind].panels

    @property
    def remedy(self) -> str:
        """What to try; empty where that depends on more than the number. See docs/monitor.md."""
        remedy = ALARMS[self.kind].remedy
        return "" if remedy is None else remedy(self)


@dataclass(frozen=True, repr=False)
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

    Examples
    --------
    >>> from stability import Limits
    >>> Limits(dead_units=0.75, torque=None).dead_units
    0.75
    """

    dead_fraction: float | None = 0.5
    dead_units: float | None = 0.5
    torque: float | None = 0.01
    gradient: float = 1e-6
    bias_change: float | None = 1e-4
    growth: float | None = 1e3
    gradient_ratio: float | None = 1e-6
    scale: float | None = 100.0

    def __repr__(self) -> str:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        sides = {kind.limit: "above " if kind.above else "below " for kind in ALARMS.values()}
        on = [f"{name} {sides.get(name, '')}{value:g}" for name, value in given.items() if value is not None]
        off = [name for name, value in given.items() if value is None]
        return "; ".join([f"alarms: {', '.join(on) or 'none'}", *([f"off: {', '.join(off)}"] if off else [])])

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            require_kind(value, Real | None, f"a number for {field.name}", "Give None to switch an alarm off.")
            if value is not None and not value >= 0:
                raise NumberError(
                    f"Expected {field.name} to be at least 0; got {value!r}.", "Give None to switch an alarm off."
                )


Found = tuple[str, float, float]
"""(layer, number, reference): the number is compared with the limit times the reference."""


@dataclass(frozen=True)
class AlarmKind:
    """An entry of the table of alarms.

    Attributes
    ----------
    name : str
    number : str
        The number that is read.
    meaning : str
        What the alarm says of the network, as a clause.
    panels : tuple of str
        Titles of the panels of `Monitor.figure` that show it.
    limit : str
        The field of `Limits`; empty if there is none: such an alarm cannot be switched off, or comes from a rule.
    above : bool
        Whether numbers above the limit are out of it; else those below.
    rule : str
        What the limit of a controller's rule means; empty if no rule answers this alarm.
    of_network : callable, optional
        (reading, first reading or None) -> what is found in the whole network.
    of_layer : callable, optional
        (layer, longest gradient of any layer, limits) -> its number; nan if the layer cannot be judged.
    remedy : callable, optional
        What to try, of an alarm.
    """

    name: str
    number: str
    meaning: str
    panels: tuple[str, ...]
    limit: str = ""
    above: bool = True
    rule: str = ""
    of_network: Callable[[Reading, Reading | None], Iterable[Found]] | None = None
    of_layer: Callable[[LayerReading, float, Limits], float] | None = None
    remedy: Callable[[Alarm], str] | None = None

    def row(self) -> str:
        """Return its line of the table in docs/monitor.md."""
        default = getattr(Limits(), self.limit) if self.limit else None
        side = "above" if self.above else "below"
        limit = f"{side} `{self.limit}={default:g}`" if self.limit else "`limit` of the rule" if self.rule else "none"
        return f"| {self.name} | {self.number} | {limit} | {self.meaning} | {', '.join(self.panels)} |"

    def beyond(self, value: float, bound: float) -> bool:
        """Return whether a number is beyond its limit; nan never is."""
        return value > bound if self.above else value < bound


def _not_finite(reading: Reading, first: Reading | None) -> Iterator[Found]:
    if not reading.finite:
        yield "", nan, nan


def _dead_data(reading: Reading, first: Reading | None) -> Iterator[Found]:
    yield "", reading.dead_fraction, 1.0


def _grown(name: str) -> Callable[[Reading, Reading | None], Iterator[Found]]:
    """Return what compares a number of the network with that of the first reading, or with 1."""

    def found(reading: Reading, first: Reading | None) -> Iterator[Found]:
        now, then = getattr(reading, name), None if first is None else getattr(first, name)
        if now is not None and then is not None and isfinite(then):
            yield "", now, max(1.0, abs(then))

    return found


def _large_start(reading: Reading, first: Reading | None) -> Iterator[Found]:
    """Yield of the first reading how much larger each layer, then the output, is than what goes into the network."""
    if first is None and isfinite(reading.largest_input):
        sizes = [(layer.name, layer.largest_preactivation) for layer in reading.layers]
        ratios = (
            (name, size / max(1.0, reading.largest_input)) for name, size in (*sizes, ("", reading.largest_output))
        )
        yield from ((name, ratio, 1.0) for name, ratio in ratios if ratio < inf)


def _divide(alarm: Alarm) -> str:
    what = f"the weights of {alarm.layer}" if alarm.layer else "the weights of the last layer"
    return f"divide {what} by about {alarm.value:.0f}, or initialise them by torch.nn.init.kaiming_normal_"


def _dead_examples(layer: LayerReading, longest: float, limits: Limits) -> float:
    return layer.dead_fraction if layer.slope == 0 else nan


def _dead_units(layer: LayerReading, longest: float, limits: Limits) -> float:
    return layer.dead_units / layer.units if layer.slope == 0 else nan


def _torque(layer: LayerReading, longest: float, limits: Limits) -> float:
    return layer.torque_mean if layer.gradient_norm > limits.gradient else nan


def _bias_change(layer: LayerReading, longest: float, limits: Limits) -> float:
    return layer.bias_change


def _gradient_ratio(layer: LayerReading, longest: float, limits: Limits) -> float:
    return layer.gradient_norm / longest if longest > 0 else nan


LOSSES, START = "Losses and norms", "Pre-activations"

ALARMS: dict[str, AlarmKind] = {
    kind.name: kind
    for kind in (
        AlarmKind(
            "not finite",
            "pre-activations, weights, gradients, loss",
            "a number is infinite or nan, and no later step mends a nan in a weight",
            (LOSSES, START),
            of_network=_not_finite,
        ),
        AlarmKind(
            "dead data",
            "`dead_fraction` of a layer, and of the network",
            "no unit lets these examples through, so they give no gradient there",
            ("Dead data",),
            "dead_fraction",
            rule="the largest share of dead examples of a layer",
            of_network=_dead_data,
            of_layer=_dead_examples,
        ),
        *(
            AlarmKind(
                f"exploding {what}",
                f"{number}, as a multiple of that at the first reading or of 1",
                f"the {what} grew out of all proportion since the first reading",
                (LOSSES,),
                "growth",
                of_network=_grown(name),
            )
            for what, number, name in (
                ("weights", "`weight_norm` of the network", "weight_norm"),
                ("gradient", "`gradient_norm` of the network", "gradient_norm"),
                ("loss", "`loss`", "loss"),
            )
        ),
        AlarmKind(
            "large start",
            "`largest_preactivation`, `largest_output`, as a multiple of `largest_input` or of 1",
            "the initial weights are far too large; the first layer beyond the limit is named",
            (START,),
            "scale",
            of_network=_large_start,
            remedy=_divide,
        ),
        AlarmKind(
            "dead units",
            "`dead_units` / `units`",
            "these units are off at all examples of the batch and get no gradient from it",
            ("Units",),
            "dead_units",
            of_layer=_dead_units,
        ),
        AlarmKind(
            "no torque",
            "`torque_mean`, where `gradient_norm` is above `gradient`",
            "descent rescales the units of the layer and does not turn them",
            ("Torque",),
            "torque",
            above=False,
            rule="the smallest mean torque of a layer",
            of_layer=_torque,
        ),
        AlarmKind(
            "bias freeze",
            "`bias_change`",
            "the biases of the layer stand still",
            ("Biases",),
            "bias_change",
            above=False,
            of_layer=_bias_change,
        ),
        AlarmKind(
            "vanishing gradient",
            "`gradient_norm` of a layer / the longest of any layer",
            "the gradient hardly reaches the layer",
            ("Gradient flow",),
            "gradient_ratio",
            above=False,
            of_layer=_gradient_ratio,
        ),
        AlarmKind(
            "plateau",
            "fall of the loss below the lowest at earlier readings, as a share of that",
            "the loss no longer falls; only a controller raises it",
            (LOSSES,),
            above=False,
            rule="the smallest fall of the loss between readings, as a share",
        ),
    )
}
"""Every alarm, by name, in the order in which they are raised: those of the network, then those of each layer."""


def alarms(reading: Reading, limits: Limits, first: Reading | None = None) -> tuple[Alarm, ...]:
    """Return the alarms of a reading; growth is judged against the first one, if it is given."""
    return (*_of_network(reading, limits, first), *_of_layers(reading, limits))


def _of_network(reading: Reading, limits: Limits, first: Reading | None) -> Iterator[Alarm]:
    """Yield the alarms of the network as a whole, one of each kind at most."""
    for kind in ALARMS.values():
        share = getattr(limits, kind.limit) if kind.limit else nan
        for layer, value, reference in (
            () if kind.of_network is None or share is None else kind.of_network(reading, first)
        ):
            if not kind.limit or kind.beyond(value, share * reference):
                yield Alarm(kind.name, layer, value, share * reference)
                break


def _of_layers(reading: Reading, limits: Limits) -> Iterator[Alarm]:
    """Yield the alarms of each layer."""
    longest = max((g for g in reading.gradient_flow if isfinite(g)), default=0.0)
    kinds = [
        (each, each.of_layer, getattr(limits, each.limit)) for each in ALARMS.values() if each.of_layer is not None
    ]
    on = [(kind, number, bound) for kind, number, bound in kinds if bound is not None]
    for layer in reading.layers:
        for kind, number, bound in on:
            value = number(layer, longest, limits)
            if kind.beyond(value, bound):
                yield Alarm(kind.name, layer.name, value, bound)


def judged(reading: Reading, limits: Limits, first: Reading | None = None) -> Reading:
    """Return a reading with its alarms."""
    return replace(reading, alarms=alarms(reading, limits, first))


def reading_of(plain: Mapping[str, Any]) -> Reading:
    """Return the reading that `dataclasses.asdict` made into plain data."""
    layers = tuple(LayerReading(**each) for each in plain["layers"])
    found = {"layers": layers, "alarms": tuple(Alarm(**each) for each in plain["alarms"])}
    return Reading(**{**plain, **found, "skipped": tuple(plain.get("skipped", ()))})
