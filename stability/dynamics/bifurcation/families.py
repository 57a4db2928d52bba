"""Families of landscapes with one parameter, and the rational functions of it on which they depend."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from flint import fmpq_poly

from stability.errors import NumberError, StabilityError
from stability.exact.numbers import Exact, rational
from stability.exact.rational_functions import Function, flint
from stability.exact.real_roots import exactly, primitive_part, real_roots
from stability.model.datasets import Dataset, dataset
from stability.model.network_loss import NetworkLoss
from stability.model.networks import Network
from stability.model.units import leaky_relu

DEGREE = 8
"""The highest degree of a numerator plus denominator that is recognised."""

CHECKS = 6
"""Further members of a family at which the recognised functions are compared with it."""

Vector = list[Function]
Given = Callable[[Fraction], NetworkLoss]
"""A landscape for every rational parameter."""


class FamilyError(StabilityError, ValueError):
    """A family that is none: no landscapes, no rational dependence, or an empty range."""


@dataclass(frozen=True)
class LandscapeFamily:
    """A family of landscapes that is known as rational functions.

    The slope that torch takes at a kink is left out: it has no part in what is stationary.

    Attributes
    ----------
    given : callable
        From a rational parameter to the landscape.
    first : NetworkLoss
        That at the lower end of the range.
    low, high : Fraction
    rows : list of list of Function
        The data points with a 1 appended.
    labels : list of Function
    slopes : pair of Function
        Left and right of the kink.
    """

    given: Given
    first: NetworkLoss
    low: Fraction
    high: Fraction
    rows: list[Vector]
    labels: Vector
    slopes: tuple[Function, Function]

    @property
    def scale(self) -> Fraction:
        """The factor before the sum of squares."""
        return self.first.scale

    @property
    def moves_data(self) -> bool:
        """Whether the data points depend on the parameter."""
        return not all(x.is_constant for row in self.rows for x in row)

    def landscape(self, value: Fraction) -> NetworkLoss:
        """Return the member at a parameter.

        Raises
        ------
        FamilyError
            If it is not what the recognised functions say.
        """
        place = _member(self.given, value)
        _same_shape(self.first, place, value)
        functions = [*(x for row in self.rows for x in row), *self.labels, *self.slopes]
        if [f(value) for f in functions] != _entries(place):
            raise FamilyError(
                f"Expected entries that are rational functions of the parameter, of degree at most {DEGREE}; "
                f"those found from other parameters do not fit at {value}.",
                "Split the range where the family has different formulas, or take a simpler family.",
            )
        return place


def identify(family: Given, low: Exact, high: Exact) -> LandscapeFamily:
    """Return a family as rational functions, found from a few members and compared with others.

    A function that is only given by its values can agree with a rational function at finitely many of them and
    differ elsewhere; `Family.landscape` compares again whenever a member is used.

    Raises
    ------
    FamilyError
        If the range is empty or its ends are not rational, something else than landscapes comes out, shapes change,
        entries are not rational of low degree, or they have a pole in the range.
    """
    start, end = _range(low, high)
    at = [start + (end - start) * Fraction(k, DEGREE + CHECKS) for k in range(DEGREE + CHECKS + 1)]
    members = [_member(family, value) for value in at]
    for value, place in zip(at, members, strict=True):
        _same_shape(members[0], place, value)
    columns = zip(*(_entries(place) for place in members), strict=True)
    functions = [_interpolated(at[: DEGREE + 1], column[: DEGREE + 1]) for column in columns]
    n, width = len(members[0].rows), members[0].width
    rows = [functions[i * width : (i + 1) * width] for i in range(n)]
    labels, slopes = functions[n * width : n * width + n], functions[-2:]
    known = LandscapeFamily(family, members[0], start, end, rows, labels, (slopes[0], slopes[1]))
    _refuse_poles(functions, start, end)
    for value in at:
        known.landscape(value)
    return known


def first_member(family: Given, low: Exact, high: Exact) -> NetworkLoss:
    """Return the landscape at the lower end of a range.

    Raises
    ------
    FamilyError
        If the range is empty or its ends are not rational, or something else than a landscape comes out.
    """
    return _member(family, _range(low, high)[0])


def _range(low: Exact, high: Exact) -> tuple[Fraction, Fraction]:
    try:
        start, end = rational(low), rational(high)
    except NumberError as error:
        raise FamilyError(f"Expected rational ends of the range; got {low!r} and {high!r}.", error.remedy) from None
    if start >= end:
        raise FamilyError(
            f"Expected a range from a lower to a higher parameter; got {low} to {high}.", "Swap them or widen it."
        )
    return start, end


def _member(family: Given, value: Fraction) -> NetworkLoss:
    try:
        place = family(value)
    except StabilityError:
        raise
    except (ZeroDivisionError, OverflowError, TypeError, ValueError) as error:
        raise FamilyError(
            f"Expected a landscape at every parameter of the range; at {value} came {type(error).__name__}: {error}.",
            "Leave that parameter out, and compute with fractions only.",
        ) from error
    if not isinstance(place, NetworkLoss):
        raise FamilyError(
            f"Expected a function from a Fraction to a Landscape; at {value} came {type(place).__name__}.",
            'Write leaky_family("xor").',
        )
    return place


def _same_shape(first: NetworkLoss, other: NetworkLoss, value: Fraction) -> None:
    shapes = [(p.units, len(p.rows), p.width, p.loss_kind) for p in (first, other)]
    layers = [p.network.to_record() for p in (first, other)]
    if layers[0] != layers[1]:
        raise FamilyError(
            f"Expected the same output layer at every parameter; got {first.network.name} at first and "
            f"{other.network.name} at {value}.",
            "Vary slopes, labels or data points.",
        )
    if shapes[0] != shapes[1]:
        raise FamilyError(
            f"Expected the same units, points, coordinates and loss at every parameter; got {shapes[0]} at first "
            f"and {shapes[1]} at {value}.",
            "Vary numbers only.",
        )


def _entries(place: NetworkLoss) -> list[Fraction]:
    unit = place.network.unit
    return [*(x for row in place.rows for x in row), *place.data.labels, unit.negative, unit.positive]


def _interpolated(at: Sequence[Fraction], values: Sequence[Fraction]) -> Function:
    """Return the rational function of least degree through the values, by Euclid's algorithm (Cauchy interpolation).

    Of all remainders the one of least total degree is taken that has the values at all points.
    """
    whole, curve = fmpq_poly([1]), fmpq_poly([0])
    for t, y in zip(at, values, strict=True):
        curve += whole * ((flint(y) - curve(flint(t))) / whole(flint(t)))
        whole *= fmpq_poly([-flint(t), 1])
    old, new = (whole, fmpq_poly([0])), (curve, fmpq_poly([1]))
    best = new
    while new[0].degree() > 0:
        quotient = old[0] // new[0]
        old, new = new, (old[0] - quotient * new[0], old[1] - quotient * new[1])
        if _total(new) < _total(best) and all(new[1](flint(t)) != 0 for t in at):
            best = new
    return Function(*best)


def _total(pair: tuple[fmpq_poly, fmpq_poly]) -> int:
    return max(int(pair[0].degree()), 0) + int(pair[1].degree())


def _refuse_poles(functions: Sequence[Function], low: Fraction, high: Fraction) -> None:
    for f in functions:
        for root in real_roots(primitive_part(f.den)):
            if exactly(low) <= root <= exactly(high):
                raise FamilyError(f"{f} has a pole at {root}, within the range.", "Choose a range without it.")


def leaky_family(data: str | Dataset, units: int = 1, loss: str = "sum") -> Given:
    """Return the networks of leaky units on data, by the slope left of 0: -1 is |z|, 0 the ReLU, 1 is linear."""
    points = dataset(data) if isinstance(data, str) else data
    return lambda slope: NetworkLoss(Network(leaky_relu(slope), units), points, loss)


def slope_family(place: NetworkLoss) -> Given:
    """Return the landscapes in which the units are leaky ones, by their slope left of 0; the output layer stays."""
    return lambda slope: NetworkLoss(replace(place.network, unit=leaky_relu(slope)), place.data, place.loss_kind)


def label_family(place: NetworkLoss, index: int) -> Given:
    """Return the landscapes in which one label varies.

    Raises
    ------
    FamilyError
        If there is no such example.
    """
    _require(index, len(place.rows), "an example")

    def member(label: Fraction) -> NetworkLoss:
        labels = [label if i == index else y for i, y in enumerate(place.data.labels)]
        name = f"{place.data.name}, y{index + 1}={label}"
        return replace(place, data=Dataset(name, place.data.points, tuple(labels)))

    return member


def coordinate_family(place: NetworkLoss, index: int, axis: int) -> Given:
    """Return the landscapes in which one coordinate of one data point varies.

    Raises
    ------
    FamilyError
        If there is no such example or coordinate.
    """
    _require(index, len(place.rows), "an example")
    _require(axis, place.data.dimension, "a coordinate")

    def member(value: Fraction) -> NetworkLoss:
        points = [list(point) for point in place.data.points]
        points[index][axis] = value
        name = f"{place.data.name}, x{index + 1}[{axis + 1}]={value}"
        return replace(place, data=Dataset(name, tuple(map(tuple, points)), place.data.labels))

    return member


def _require(index: int, count: int, what: str) -> None:
    if not 0 <= index < count:
        raise FamilyError(f"Expected {what} from 0 to {count - 1}; got {index}.", "Count from 0.")
