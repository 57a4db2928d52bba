"""What an alarm is, as an entry of a table, and the numbers that alarms read."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import inf, isfinite, isnan, nan
from typing import TYPE_CHECKING, NamedTuple

from stability.training.monitoring.limits import Limits
from stability.training.monitoring.readings import LayerReading, Reading

if TYPE_CHECKING:
    from stability.training.monitoring.alarms import Alarm


class Context(NamedTuple):
    """A reading, and what it is judged by.

    Attributes
    ----------
    reading : Reading
    first : Reading or None
        The first one; None while it is judged itself.
    limits : Limits
    longest : float
        The longest gradient of any layer.
    """

    reading: Reading
    first: Reading | None
    limits: Limits
    longest: float

    @property
    def unlearned(self) -> bool:
        """Whether the loss is known and still near that of the first reading."""
        now, then = self.reading.loss, None if self.first is None else self.first.loss
        return now is not None and then is not None and now > self.limits.unlearned * then > 0


class AlarmNumber(NamedTuple):
    """A number that is compared with the limit times the reference.

    Attributes
    ----------
    layer : str
        Empty for the whole network.
    value, reference : float
    of : str
        Which number it is, of an alarm that reads several.
    """

    layer: str
    value: float
    reference: float = 1.0
    of: str = ""


OfNetwork = Callable[[Context], Iterable[AlarmNumber]]
OfLayer = Callable[[LayerReading, Context], float]


@dataclass(frozen=True)
class AlarmKind:
    """An entry of the table of alarms.

    Attributes
    ----------
    name : str
    number : str
        The quantity that is read.
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
        (context) -> what is found in the whole network; the first that is beyond its limit raises the alarm.
    of_layer : callable, optional
        (layer, context) -> its number; nan if the layer cannot be judged.
    remedy : callable or str
        What to try, of an alarm.
    cause : str
        What it most likely comes from.
    level : str
        One of `LEVELS` of `alarm_lines`.
    readings : int
        In how many readings in a row the number must be beyond its limit, where one reading cannot distinguish trouble
        from noise; the alarm is over after as many readings within the limit.
    evidence : str
        Where the limit, and that alarm means trouble, is taken from.
    """

    name: str
    number: str
    meaning: str
    panels: tuple[str, ...]
    limit: str = ""
    above: bool = True
    rule: str = ""
    of_network: OfNetwork | None = None
    of_layer: OfLayer | None = None
    remedy: "Callable[[Alarm], str] | str" = ""
    cause: str = ""
    level: str = "warning"
    readings: int = 1
    evidence: str = ""

    def row(self) -> str:
        """Return its line of the table of alarms in docs/monitor.md."""
        default = getattr(Limits(), self.limit) if self.limit else None
        side = "above" if self.above else "below"
        limit = f"{side} `{self.limit}={default:g}`" if self.limit else "`limit` of the rule" if self.rule else "none"
        persistent = f"; {self.readings} readings" if self.readings > 1 else ""
        cells = (self.name, self.level, self.number, limit + persistent, self.meaning, ", ".join(self.panels))
        return f"| {' | '.join(cells)} |"

    def advice(self) -> str:
        """Return its line of the table of causes and remedies in docs/monitor.md."""
        remedy = self.remedy if isinstance(self.remedy, str) else self.remedy.__doc__ or ""
        return f"| {self.name} | {self.cause} | {remedy} | {self.evidence} |"

    def beyond(self, value: float, bound: float) -> bool:
        """Return whether a number is beyond its limit; nan never is."""
        return value > bound if self.above else value < bound


def not_finite(context: Context) -> Iterator[AlarmNumber]:
    """Yield where the first number that is not finite stands, if there is one."""
    if not context.reading.finite:
        of, layer = context.reading.not_finite
        yield AlarmNumber(layer, nan, nan, of)


def dead_data(context: Context) -> Iterator[AlarmNumber]:
    """Yield the share of examples that are dead at some layer."""
    yield AlarmNumber("", context.reading.dead_fraction)


def grown(name: str) -> OfNetwork:
    """Return what compares a number of the network with that of the first reading, or with 1."""

    def found(context: Context) -> Iterator[AlarmNumber]:
        now, then = getattr(context.reading, name), None if context.first is None else getattr(context.first, name)
        if now is not None and then is not None and isfinite(then):
            yield AlarmNumber("", now, max(1.0, abs(then)))

    return found


def grown_preactivations(context: Context) -> Iterator[AlarmNumber]:
    """Yield the largest pre-activation of each layer against that of the first reading, or 1."""
    then = {} if context.first is None else {each.name: each.largest_preactivation for each in context.first.layers}
    for layer in context.reading.layers:
        if isfinite(then.get(layer.name, nan)):
            yield AlarmNumber(layer.name, layer.largest_preactivation, max(1.0, then[layer.name]))


def large_start(context: Context) -> Iterator[AlarmNumber]:
    """Yield of the first reading how much larger each layer, then the output, is than what goes into the network."""
    reading = context.reading
    if context.first is None and isfinite(reading.largest_input):
        sizes = [(layer.name, layer.largest_preactivation) for layer in reading.layers]
        for name, size in (*sizes, ("", reading.largest_output)):
            ratio = size / max(1.0, reading.largest_input)
            if ratio < inf:
                yield AlarmNumber(name, ratio)


def small_start(context: Context) -> Iterator[AlarmNumber]:
    """Yield of the first reading how far the units of each layer differ between examples, by what goes in.

    Layers in which nothing differs at all are left out: zero weights are there on purpose.
    """
    reading = context.reading
    if context.first is None and 0 < reading.largest_input < inf:
        for layer in reading.layers:
            if layer.points >= context.limits.examples and 0 < layer.largest_range < inf:
                yield AlarmNumber(layer.name, layer.largest_range / reading.largest_input)


def dead_start(context: Context) -> Iterator[AlarmNumber]:
    """Yield of each layer the share of units that are dead and were so at the first reading."""
    first = context.reading if context.first is None else context.first
    then = {each.name: dead_units(each, context) for each in first.layers}
    for layer in context.reading.layers:
        yield AlarmNumber(layer.name, min(then.get(layer.name, nan), dead_units(layer, context)))


def update(context: Context) -> Iterator[AlarmNumber]:
    """Yield the norm of the last update as a share of that of the weights, with the layer that has most of it."""
    yield AlarmNumber(context.reading.update_layer, context.reading.update_ratio)


def rest(context: Context) -> Iterator[AlarmNumber]:
    """Yield how much the outputs move, or differ between examples, while the loss has not been learned."""
    reading = context.reading
    if context.unlearned:
        named = (reading.output_change, "output_change"), (reading.output_spread, "output_spread")
        for value, of in sorted((value, of) for value, of in named if not isnan(value)):
            yield AlarmNumber("", value, 1.0, of)


def dead_examples(layer: LayerReading, context: Context) -> float:
    """Return the share of examples that are dead at a layer; nan before leaky activations."""
    return layer.dead_fraction if layer.slope == 0 else nan


def dead_units(layer: LayerReading, context: Context) -> float:
    """Return the share of dead units; nan before leaky activations, and on small batches."""
    known = layer.slope == 0 and layer.points >= context.limits.examples
    return layer.dead_units / layer.units if known else nan


def affine_units(layer: LayerReading, context: Context) -> float:
    """Return the share of affine units; nan of a single unit, and on small batches."""
    known = layer.units > 1 and layer.points >= context.limits.examples
    return layer.affine_units / layer.units if known else nan


def torque(layer: LayerReading, context: Context) -> float:
    """Return the mean torque; nan where the gradient is short."""
    return layer.torque_mean if layer.gradient_norm > context.limits.gradient else nan


def bias_change(layer: LayerReading, context: Context) -> float:
    """Return the change of the fastest bias by the learning rate; nan once the loss is learned, and at rate 0."""
    rates = context.reading.learning_rates
    if not context.unlearned or (rates and not any(rates)):
        return nan
    return layer.bias_change / min((rate for rate in rates if rate > 0), default=1.0)


def gradient_ratio(layer: LayerReading, context: Context) -> float:
    """Return the norm of the gradient by the longest of any layer."""
    return layer.gradient_norm / context.longest if context.longest > 0 else nan
