"""The usual laws of weights, biases and a head."""

from collections.abc import Callable
from math import isfinite, sqrt

import numpy as np

from stability.arrays import Floats
from stability.errors import NumberError, StabilityError
from stability.initialisation.entries import deviation, float_number, wide_deviation
from stability.initialisation.problem import InitialisationProblem
from stability.initialisation.random_streams import Draw, Streams

Law = Callable[[InitialisationProblem], Draw]
Head = Callable[[InitialisationProblem, Streams, int], Floats]
FirstLayer = Callable[[InitialisationProblem, Streams, int], Floats]
Numbers = Callable[[np.random.Generator, tuple[int, int, int]], Floats]
"""From a stream and a shape (rows, units, d + 1) to random numbers."""


def normal_numbers(std: float, bias_std: float = 0.0) -> Numbers:
    """Return what draws centred normal weights and biases with these standard deviations."""

    def draw(stream: np.random.Generator, shape: tuple[int, int, int]) -> Floats:
        scale = np.full(shape[2], std)
        scale[-1] = bias_std
        drawn: Floats = stream.standard_normal(shape) * scale + 0.0
        return drawn

    return draw


def uniform_numbers(low: float, high: float) -> Numbers:
    """Return what draws weights and biases uniform on [low, high)."""
    if not low < high:
        raise NumberError(f"Expected A < B; got {low:g} and {high:g}.", "Write uniform:1 or uniform:-1:1.")
    if isfinite(high - low):
        return lambda stream, shape: stream.uniform(low, high, shape)

    def draw(stream: np.random.Generator, shape: tuple[int, int, int]) -> Floats:
        share = stream.random(shape)
        drawn: Floats = (1 - share) * low + share * high
        return drawn

    return draw


def xavier_head(place: InitialisationProblem, streams: Streams, count: int) -> Floats:
    """Return heads with Xavier-normal weights and constants 0."""
    std = sqrt(2 / (place.units + place.head))
    return normal_numbers(std)(streams.head, (count, place.head, place.units + 1))


def xavier_uniform_head(place: InitialisationProblem, streams: Streams, count: int) -> Floats:
    """Return heads with Xavier-uniform weights and constants 0."""
    bound = sqrt(6 / (place.units + place.head))
    drawn = streams.head.uniform(-bound, bound, (count, place.head, place.units + 1))
    drawn[..., -1] = 0
    return drawn


def torch_head(place: InitialisationProblem, streams: Streams, count: int) -> Floats:
    """Return heads as torch.nn.Linear draws them: weights and constants uniform up to 1/sqrt(units)."""
    bound = 1 / sqrt(place.units)
    return streams.head.uniform(-bound, bound, (count, place.head, place.units + 1))


def law_of(first: FirstLayer, head: Head = xavier_head) -> Law:
    """Return the law that draws a first layer, shape (count, units, d + 1), and then a head, (count, head, units + 1).

    What a network does not train is drawn too and left out, so the other numbers of a seed stay.
    """

    def bind(place: InitialisationProblem) -> Draw:
        weights, constants = slice(None if place.hidden_biases else -1), slice(None if place.head_constants else -1)

        def draw(streams: Streams, count: int) -> Floats:
            flat = first(place, streams, count)[..., weights].reshape(count, -1)
            if not place.head:
                return flat
            last = head(place, streams, count)[..., 0 if place.head_weights else place.units :][..., constants]
            return np.concatenate([flat, last.reshape(count, -1)], axis=1)

        return draw

    return bind


def normal(std: str, bias_std: str = "0") -> Law:
    """Return the law of normal weights and biases."""
    draw = normal_numbers(wide_deviation(std), wide_deviation(bias_std))
    return law_of(lambda place, streams, count: draw(streams.weights, (count, place.units, place.dimension + 1)))


def uniform(low: str, high: str | None = None) -> Law:
    """Return the law of weights and biases uniform on [low, high), or on [-low, low) if only one is given."""
    first = float_number(low)
    draw = uniform_numbers(-first, first) if high is None else uniform_numbers(first, float_number(high))
    return law_of(lambda place, streams, count: draw(streams.weights, (count, place.units, place.dimension + 1)))


def torch_default() -> Law:
    """Return the law of torch.nn.Linear: weights and biases uniform up to 1/sqrt(d)."""

    def first(place: InitialisationProblem, streams: Streams, count: int) -> Floats:
        bound = 1 / sqrt(place.dimension)
        return streams.weights.uniform(-bound, bound, (count, place.units, place.dimension + 1))

    return law_of(first, torch_head)


def xavier_variance(place: InitialisationProblem) -> float:
    """Return 2 / (d + units): a sum of units is taken as a layer from d inputs to its units."""
    return 2 / (place.dimension + place.units)


def kaiming_variance(place: InitialisationProblem) -> float:
    """Return 2 / d, for inputs and the gain sqrt(2) of ReLU."""
    return 2 / place.dimension


def scaled_normal(variance: Callable[[InitialisationProblem], float], bias_std: str = "0") -> Law:
    """Return the law of normal weights whose variance depends on the place, with normal biases."""
    biases = deviation(bias_std)

    def first(place: InitialisationProblem, streams: Streams, count: int) -> Floats:
        draw = normal_numbers(sqrt(variance(place)), biases)
        return draw(streams.weights, (count, place.units, place.dimension + 1))

    return law_of(first)


def scaled_uniform(variance: Callable[[InitialisationProblem], float], head: Head, bias_std: str = "0") -> Law:
    """Return the law of uniform weights whose variance depends on the place, with normal biases."""
    biases = deviation(bias_std)

    def first(place: InitialisationProblem, streams: Streams, count: int) -> Floats:
        bound = sqrt(3 * variance(place))
        drawn = np.zeros((count, place.units, place.dimension + 1))
        drawn[..., :-1] = streams.weights.uniform(-bound, bound, (count, place.units, place.dimension))
        if biases:
            drawn[..., -1] = streams.choices.standard_normal((count, place.units)) * biases
        return drawn

    return law_of(first, head)


def mirrored(std: str, bias_std: str = "0") -> Law:
    """Return the law of pairs of units: the second of a pair is minus the first, bias included."""
    draw = normal_numbers(deviation(std), deviation(bias_std))

    def bind(place: InitialisationProblem) -> Draw:
        if place.units % 2:
            raise StabilityError(
                f"Expected an even number of units to mirror; got {place.units}.", "Use relu2, or normal:STD."
            )
        return law_of(_pairs)(place)

    def _pairs(place: InitialisationProblem, streams: Streams, count: int) -> Floats:
        half = draw(streams.weights, (count, place.units // 2, place.dimension + 1))
        both = np.stack([half, 0.0 - half], axis=2)
        return both.reshape(count, place.units, place.dimension + 1)

    return bind
