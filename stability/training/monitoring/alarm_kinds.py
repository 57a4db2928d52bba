"""What an alarm is, as an entry of a table, and the numbers that alarms read, of many readings at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stability.training.monitoring.columns import Columns
from stability.training.monitoring.limits import Limits
from stability.training.monitoring.readings import Reading
from stability.training.monitoring.row_norms import Floats

if TYPE_CHECKING:
    from stability.training.monitoring.alarms import Alarm

Bools = NDArray[np.bool_]


class Context:
    """Readings, and what they are judged by.

    Parameters
    ----------
    now : Columns
        One or more readings.
    first : Start or None
        The first one of the training; None where this is the only one of `now`.
    limits : Limits
    """

    def __init__(self, now: Columns, first: "Start | None", limits: Limits) -> None:
        self.now, self.first, self.limits = now, first, limits

    @cached_property
    def unlearned(self) -> Bools | None:
        """At which readings the loss is known and still near that of the first; None if at none."""
        then = None if self.first is None else self.first.reading.loss
        if then is None or not self.limits.unlearned * then > 0:
            return None
        found: Bools = self.now.whole("loss") > self.limits.unlearned * then
        return found if np.count_nonzero(found) else None

    @cached_property
    def longest(self) -> Floats:
        """The longest gradient of any layer, as an array (steps, 1); 0 if there is none."""
        norms = self.now.each("gradient_norm")
        found: Floats = np.where(np.isfinite(norms), norms, 0.0).max(1, initial=0.0, keepdims=True)
        return found

    @cached_property
    def many(self) -> Bools:
        """Which layers saw enough examples for alarms about their units, as an array (layers,)."""
        found: Bools = np.array(self.now.points) >= self.limits.examples
        return found

    @cached_property
    def relus(self) -> Bools:
        """Which layers have slope 0 left of 0, as an array (layers,)."""
        return np.array([slope == 0 for slope in self.now.slopes], dtype=bool)


class Start(NamedTuple):
    """The first reading of a training, beside layers of later ones.

    Attributes
    ----------
    reading : Reading
    names : sequence of str
        Of the layers.
    largest, dead : arrays (layers,)
        The largest pre-activation, and the share of dead units; nan where it had no such layer.
    """

    reading: Reading
    names: Sequence[str]
    largest: Floats
    dead: Floats

    @classmethod
    def of(cls, reading: Reading, own: Columns, names: Sequence[str], limits: Limits) -> "Start":
        """Return a first reading, given its columns, beside layers of these names."""
        places = {name: k for k, name in enumerate(own.names)}
        last = [places.get(name, -1) for name in names]
        with np.errstate(all="ignore"):
            numbers = own.each("largest_preactivation")[0], dead_units(Context(own, None, limits))[0]
        return cls(reading, names, *(np.append(each, nan)[last] for each in numbers))


class JudgedNumbers(NamedTuple):
    """Numbers that are compared with the limit times their references.

    Attributes
    ----------
    values : array (steps, places)
        nan is not judged.
    layers : sequence of str
        Of every place, or of every step; empty for the whole network.
    references : float or array (places,)
    of : sequence of str
        Which number it is at every step, of an alarm that reads several; else empty.
    """

    values: Floats
    layers: Sequence[str] = ("",)
    references: float | Floats = 1.0
    of: Sequence[str] = ()

    def at(self, t: int, limit: float) -> list[tuple[str, float, float]]:
        """Return layer, number and bound of all numbers of a step."""
        bounds = np.broadcast_to(limit * np.asarray(self.references), self.values.shape[1:])
        values = zip(self.values[t].tolist(), bounds.tolist(), strict=True)
        return [(self.named(t, place)[0], *each) for place, each in enumerate(values)]

    def named(self, t: int, place: int) -> tuple[str, str]:
        """Return the layer and the number of an entry."""
        layer = self.layers[place if len(self.layers) == self.values.shape[1] else t]
        return layer, self.of[t] if self.of else ""


OfNetwork = Callable[[Context], JudgedNumbers | None]
OfLayer = Callable[[Context], Floats | None]


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
        (context) -> what is found in the whole network, None if nothing is judged; of each reading the first number
        that is beyond its limit raises the alarm.
    of_layer : callable, optional
        (context) -> the numbers of the layers, as an array (steps, layers), nan where one cannot be judged; or None.
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

    def beyond(self, values: Floats, bounds: float | Floats) -> Bools:
        """Return which numbers are beyond their limits; nan never is. Without a limit all others are."""
        found: Bools = ~np.isnan(values) if not self.limit else values > bounds if self.above else values < bounds
        return found


def not_finite(context: Context) -> JudgedNumbers:
    """Return at which readings a number is not finite, and where the first one stands."""
    named = context.now.network["not_finite"]
    values = np.where(context.now.whole("finite"), nan, 1.0)[:, None]
    return JudgedNumbers(values, [layer for _, layer in named], of=[of for of, _ in named])


def dead_data(context: Context) -> JudgedNumbers:
    """Return the share of examples that are dead at some layer."""
    return JudgedNumbers(context.now.whole("dead_fraction")[:, None])


def grown(name: str) -> OfNetwork:
    """Return what compares a number of the network with that of the first reading, or with 1."""

    def found(context: Context) -> JudgedNumbers | None:
        then = None if context.first is None else getattr(context.first.reading, name)
        if then is None or not isfinite(then):
            return None
        return JudgedNumbers(context.now.whole(name)[:, None], references=max(1.0, abs(then)))

    return found


def grown_preactivations(context: Context) -> JudgedNumbers | None:
    """Return the largest pre-activation of each layer against that of the first reading, or 1."""
    if context.first is None:
        return None
    then = context.first.largest
    values = np.where(np.isfinite(then), context.now.each("largest_preactivation"), nan)
    return JudgedNumbers(values, context.now.names, np.maximum(1.0, then))


def large_start(context: Context) -> JudgedNumbers | None:
    """Return of the first reading how much larger each layer, then the output, is than what goes into the network."""
    if context.first is not None:
        return None
    now, given = context.now, context.now.whole("largest_input")[:, None]
    sizes = np.concatenate([now.each("largest_preactivation"), now.whole("largest_output")[:, None]], axis=1)
    ratios = relative_sizes(sizes, given)
    return JudgedNumbers(np.where(np.isfinite(given) & (ratios < inf), ratios, nan), [*now.names, ""])


def small_start(context: Context) -> JudgedNumbers | None:
    """Return of the first reading how far the units of each layer differ between examples, by what goes in.

    Layers in which nothing differs at all are left out: zero weights are there on purpose.
    """
    if context.first is not None:
        return None
    given, ranges = context.now.whole("largest_input")[:, None], context.now.each("largest_range")
    return JudgedNumbers(np.where(context.many, relative_ranges(ranges, given), nan), context.now.names)


def relative_sizes(sizes: Floats, given: Floats | float) -> Floats:
    """Return the largest numbers of layers as multiples of the largest input, or of 1 where that is less."""
    found: Floats = sizes / np.maximum(1.0, given)
    return found


def relative_ranges(ranges: Floats, given: Floats | float) -> Floats:
    """Return how far units differ between examples, as multiples of the largest input; nan where nothing differs."""
    known = (np.asarray(given) > 0) & (np.asarray(given) < inf) & (ranges > 0) & (ranges < inf)
    found: Floats = np.where(known, ranges / given, nan)
    return found


def dead_start(context: Context) -> JudgedNumbers:
    """Return of each layer the share of units that are dead and were so at the first reading."""
    now, names = dead_units(context), context.now.names
    if context.first is not None:
        then = context.first.dead
    else:
        last = {name: k for k, name in enumerate(names)}
        then = now[:, [last[name] for name in names]]
    return JudgedNumbers(np.where(now < then, now, then), names)


def update(context: Context) -> JudgedNumbers:
    """Return the norm of the last update as a share of that of the weights, with the layer that has most of it."""
    return JudgedNumbers(context.now.whole("update_ratio")[:, None], context.now.network["update_layer"])


def kept_gradient(context: Context) -> JudgedNumbers | None:
    """Return of each reading after the first 1 if the gradient of the step before is still in its own, else 0."""
    return None if context.first is None else JudgedNumbers(context.now.whole("gradient_kept")[:, None])


def no_update(context: Context) -> JudgedNumbers:
    """Return the update ratio where there is a gradient; of weights that stand still only where that is no accident.

    It is none at learning rates of 0, where the gradient is gone by the step, and behind the first layer, where most
    rows of a layer have a gradient and the loss is not learned: of sparse gradients, as of embeddings, the entries that
    are compared may see nothing. Nor may a bias move.
    """
    now, limits = context.now, context.limits
    values = np.where(now.whole("gradient_norm") > limits.gradient, now.whole("update_ratio"), nan)
    still = values < (limits.no_update or 0.0)
    if not np.count_nonzero(still):
        return JudgedNumbers(values[:, None], of=["update_ratio"] * len(values))
    gone = now.whole("step_gradient_norm") == 0
    stopped = np.array([bool(rates) and not any(rates) for rates in now.network["learning_rates"]])
    dense = (now.each("gradient_norm") > limits.gradient) & (2 * now.each("units_without_gradient") < now.units)
    behind = (dense & (np.array(now.points) > 0))[:, 1:].any(1)
    meant = stopped if context.unlearned is None else stopped | (behind & context.unlearned)
    sure = gone | (meant & ~(now.each("bias_change") > 0).any(1))
    of = np.select([gone, stopped], ["step_gradient_norm", "learning_rates"], "update_ratio").tolist()
    return JudgedNumbers(np.where(still & ~sure, nan, values)[:, None], of=of)


def rest(context: Context) -> JudgedNumbers | None:
    """Return how much outputs move, or differ between examples, whichever is less, while the loss is not learned."""
    if context.unlearned is None:
        return None
    change, spread = context.now.whole("output_change"), context.now.whole("output_spread")
    spreads = (spread < change) | np.isnan(change)
    values = np.where(context.unlearned, np.where(spreads, spread, change), nan)
    return JudgedNumbers(values[:, None], of=["output_spread" if each else "output_change" for each in spreads])


def dead_examples(context: Context) -> Floats:
    """Return the share of examples that are dead at each layer; nan before leaky activations."""
    return np.where(context.relus, context.now.each("dead_fraction"), nan)


def dead_units(context: Context) -> Floats:
    """Return the share of dead units of each layer; nan before leaky activations, and on small batches."""
    return np.where(context.relus & context.many, context.now.each("dead_units") / context.now.units, nan)


def affine_units(context: Context) -> Floats:
    """Return the share of affine units of each layer; nan of a single unit, and on small batches."""
    units = np.array(context.now.units)
    return np.where((units > 1) & context.many, context.now.each("affine_units") / units, nan)


def torque(context: Context) -> Floats:
    """Return the mean torque of each layer; nan where the gradient is short."""
    known = context.now.each("gradient_norm") > context.limits.gradient
    return np.where(known, context.now.each("torque_mean"), nan)


def bias_change(context: Context) -> Floats | None:
    """Return the change of the fastest bias of each layer by the learning rate; nan once the loss is learned."""
    if context.unlearned is None:
        return None
    rates = np.array([smallest_rate(each) for each in context.now.network["learning_rates"]])[:, None]
    return np.where(context.unlearned[:, None], context.now.each("bias_change") / rates, nan)


def smallest_rate(rates: Sequence[float]) -> float:
    """Return the smallest learning rate above 0; 1 if none is known, nan if all are 0."""
    return nan if rates and not any(rates) else min((rate for rate in rates if rate > 0), default=1.0)


def gradient_ratio(context: Context) -> Floats:
    """Return the norm of the gradient of each layer by the longest of any layer."""
    return np.where(context.longest > 0, context.now.each("gradient_norm") / context.longest, nan)
