"""Laws of units that are tangent to a sphere around the data."""

from collections.abc import Callable
from math import sqrt

import numpy as np

from stability.arrays import Booleans, Floats
from stability.errors import DataError, StabilityError
from stability.initialisation.entries import factor, margin, probability
from stability.initialisation.plain import Law, law_of, normal_numbers, xavier_variance
from stability.initialisation.problem import InitialisationProblem
from stability.initialisation.random_streams import Draw, Streams

MARGIN = 0.1
"""What the write-up adds to the radius."""
LOST = 1e13
"""Data that many times the margin in size would lose it to rounding."""

Flips = Callable[[InitialisationProblem, Streams, int], Booleans]


def ball(points: Floats, space: float) -> tuple[Floats, float]:
    """Return the mean of the points, and the largest distance from it plus some space."""
    with np.errstate(over="ignore", invalid="ignore"):
        centre = points.mean(axis=0)
        radius = float(np.sqrt(np.square(points - centre).sum(axis=1)).max()) + space
        size = float(np.sqrt(np.square(centre).sum())) + radius
    if not size < space * LOST:
        raise DataError(
            f"Expected data small enough for a margin of {space:g} in float64; got size {size:.3g}.",
            "Rescale or centre the data, or ask for a larger margin.",
        )
    return centre, radius


def weights(place: InitialisationProblem, streams: Streams, count: int) -> Floats:
    """Return Xavier-normal weights with biases 0, shape (count, units, d + 1).

    Raises
    ------
    StabilityError
        If units have no biases, by which these laws place them around the data.
    """
    if not place.hidden_biases:
        raise StabilityError(
            "Expected units with biases, to place them around the data; these have none.",
            "Take kaiming-normal, or a network without -nob.",
        )
    return normal_numbers(sqrt(xavier_variance(place)))(streams.weights, (count, place.units, place.dimension + 1))


def lengths(first: Floats) -> Floats:
    """Return |w| of every unit, shape (count, units)."""
    norms: Floats = np.sqrt(np.square(first[..., :-1]).sum(axis=-1))
    return norms


def around(first: Floats, centre: Floats, offset: Floats | float) -> Floats:
    """Return the units with biases |w| offset - w . centre: hyperplanes at the distance |offset| from the centre."""
    first[..., -1] = lengths(first) * offset - first[..., :-1] @ centre
    return first


def hypersphere(space: str = str(MARGIN)) -> Law:
    """Return the law of units tangent to the sphere around the mean, all data on their positive side.

    By Cauchy and Schwarz z_i = |w| R + w . (x_i - mu) >= |w| (R - |x_i - mu|) >= |w| MARGIN, up to rounding.
    """
    room = margin(space)

    def first(place: InitialisationProblem, streams: Streams, count: int) -> Floats:
        return around(weights(place, streams, count), *ball(place.points, room))

    return law_of(first)


def hypersphere_as_written(space: str = str(MARGIN)) -> Law:
    """Return the law as the write-up has it, b = |w| R: the sphere is moved to the origin, wherever the data are."""
    room = margin(space)

    def first(place: InitialisationProblem, streams: Streams, count: int) -> Floats:
        _, radius = ball(place.points, room)
        return around(weights(place, streams, count), np.zeros(place.dimension), radius)

    return law_of(first)


def flipped(alpha: str, flips: Flips) -> Law:
    """Return the law of units at the distance ALPHA R from the mean, facing away from it where flipped."""
    scale = factor(alpha)

    def first(place: InitialisationProblem, streams: Streams, count: int) -> Floats:
        centre, radius = ball(place.points, MARGIN)
        signs = np.where(flips(place, streams, count), -1.0, 1.0)
        return around(weights(place, streams, count), centre, signs * (scale * radius))

    return law_of(first)


def partial_tangency(share: str, alpha: str) -> Law:
    """Return the law that flips every unit on its own, with probability P."""
    p = probability(share)
    return flipped(alpha, lambda place, streams, count: streams.choices.random((count, place.units)) < p)


def partial_tangency_fixed(share: str, alpha: str) -> Law:
    """Return the law that flips round(P units) units of a row, any of them alike; halves round to even."""
    p = probability(share)

    def flips(place: InitialisationProblem, streams: Streams, count: int) -> Booleans:
        ranks = streams.choices.random((count, place.units)).argsort(axis=1).argsort(axis=1)
        chosen: Booleans = ranks < round(p * place.units)
        return chosen

    return flipped(alpha, flips)


def classes(place: InitialisationProblem) -> tuple[Floats, Floats]:
    """Return the points of the lowest label, and all others.

    Raises
    ------
    DataError
        If there is one label only.
    """
    lowest = place.labels == place.labels.min()
    if lowest.all():
        raise DataError(
            f"Expected two classes of points; all {len(lowest)} have the label {place.labels[0]:g}.",
            "Give labels of two classes, or use hypersphere.",
        )
    return place.points[lowest], place.points[~lowest]


def class_spheres(alpha: str, *, second: float = 1.0, aligned: bool = False) -> Law:
    """Return the law of units around two spheres: the first half (rounded up) around the lowest label's.

    Parameters
    ----------
    alpha : str
        Factor of both radii, each with the margin 0.1.
    second : float
        1 if the second half has its sphere on the positive side, -1 if on the negative.
    aligned : bool
        Turn every weight onto the principal axis of its class, keeping its length and its side of the axis.
    """
    scale = factor(alpha)

    def bind(place: InitialisationProblem) -> Draw:
        balls = [(points, *ball(points, MARGIN)) for points in classes(place)]
        half = (place.units + 1) // 2
        groups = list(zip((slice(half), slice(half, None)), balls, (1.0, second), strict=True))

        def first(place: InitialisationProblem, streams: Streams, count: int) -> Floats:
            drawn = weights(place, streams, count)
            for part, (points, centre, radius), side in groups:
                if aligned:
                    _align(drawn[:, part], points - centre)
                around(drawn[:, part], centre, side * scale * radius)
            return drawn

        return law_of(first)(place)

    return bind


def _align(first: Floats, deviations: Floats) -> None:
    """Turn the weights onto the axis of largest scatter; leave them where there is no scatter."""
    if not deviations.any():
        return
    axis = np.linalg.eigh(deviations.T @ deviations)[1][:, -1]
    sides = np.where(first[..., :-1] @ axis < 0, -1.0, 1.0)
    first[..., :-1] = (sides * lengths(first))[..., None] * axis
