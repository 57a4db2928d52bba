"""The part of a unit's gradient that turns its hyperplane, and the part that only rescales it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from stability.errors import DifferentiabilityError, PointError
from stability.exact.numbers import Exact, rational, square_root
from stability.io.printable import amount
from stability.model.network_loss import NetworkLoss, Point, Vector, dot


@dataclass(frozen=True)
class Torque:
    """The gradient of one unit's weights, split along its normal and across it.

    Attributes
    ----------
    radial, tangential : list of Fraction or None
        The parts along w and orthogonal to w; None where w = 0 or the gradient does not exist.
    ratio : str or None
        |tangential| / |gradient|, exact, as "3/5" or "sqrt(9/17)"; None where undefined.
    undefined : str
        Why something is None; empty otherwise.
    """

    radial: Vector | None
    tangential: Vector | None
    ratio: str | None
    undefined: str = ""


def torque(landscape: NetworkLoss, point: Point) -> list[Torque]:
    """Return the torque decomposition at a point, one entry per unit, in any input dimension."""
    rows = landscape.point(point)
    if not landscape.is_differentiable(rows):
        return [Torque(None, None, None, "no gradient at this kink") for _ in range(landscape.units)]
    flat, size, stride = landscape.gradient(rows), landscape.data.dimension, landscape.stride
    return [decompose(rows[j][:size], flat[j * stride : j * stride + size]) for j in range(landscape.units)]


def decompose(weights: Vector, gradient: Vector) -> Torque:
    """Return the parts of a gradient along and across the weights.

    Source: prototype-surface-control, section 4.2.
    """
    square = dot(weights, weights)
    if square == 0:
        return Torque(None, None, None, "the weights are zero, so there is no normal")
    along = dot(weights, gradient) / square
    radial = [along * w for w in weights]
    tangential = [g - r for g, r in zip(gradient, radial, strict=True)]
    total = dot(gradient, gradient)
    if total == 0:
        return Torque(radial, tangential, None, "the gradient is zero")
    return Torque(radial, tangential, square_root(dot(tangential, tangential) / total))


def quarter_turn(weights: Sequence[Fraction]) -> Vector:
    """Return the weights turned by a quarter: (-w2, w1)."""
    if len(weights) != 2:
        raise PointError(
            f"The quarter turn is defined in 2 dimensions; got {len(weights)}.",
            "Give a tangent direction of your own.",
        )
    return [-weights[1], weights[0]]


def _rows(landscape: NetworkLoss, point: Point, unit: int) -> list[Vector]:
    if not 0 <= unit < landscape.units:
        raise PointError(
            f"{landscape!r} has {amount(landscape.units, 'unit')}; there is no unit {unit}.",
            f"Units are counted from 0; the last is {landscape.units - 1}.",
        )
    return landscape.point(point)


def _direction(landscape: NetworkLoss, weights: Vector, tangent: Sequence[Exact] | None) -> Vector:
    if tangent is None:
        return quarter_turn(weights)
    direction = [rational(t) for t in tangent]
    if len(direction) != landscape.data.dimension or dot(direction, weights) != 0:
        raise PointError(
            f"Expected a tangent of {landscape.data.dimension} numbers orthogonal to the weights; got "
            f"({', '.join(map(str, direction))}).",
            "Subtract its component along the weights.",
        )
    return direction


def angular_derivative(
    landscape: NetworkLoss, point: Point, unit: int = 0, tangent: Sequence[Exact] | None = None
) -> Fraction:
    """Return dL/dt when the weights of one unit turn towards `tangent` (w cos t + tangent sin t, b frozen).

    The default tangent in the plane is Jw, a quarter turn, so that t is the angle. In d dimensions give any
    vector orthogonal to w; with the length of w it measures per radian.
    """
    rows = _rows(landscape, point, unit)
    direction = _direction(landscape, rows[unit][: landscape.data.dimension], tangent)
    start = unit * landscape.stride
    return dot(landscape.gradient(rows)[start : start + len(direction)], direction)


def angular_curvature(
    landscape: NetworkLoss, point: Point, unit: int = 0, tangent: Sequence[Exact] | None = None
) -> Fraction:
    """Return the second derivative along the same rotation: tangent' H tangent - w . gradient.

    Raises
    ------
    DifferentiabilityError
        Where the two sides of a kink differ in second order along this rotation.
    """
    rows = _rows(landscape, point, unit)
    weights = rows[unit][: landscape.data.dimension]
    direction = _direction(landscape, weights, tangent)
    start, size, count = unit * landscape.stride, landscape.data.dimension, landscape.parameters
    turn = [Fraction(0)] * count
    turn[start : start + size] = direction
    sides = []
    for side in (1, -1):
        pattern = _entered(landscape, rows, [side * t for t in turn], unit)
        hessian = landscape.cell_hessian(pattern, rows)
        gradient = landscape.cell_gradient(rows, pattern)[start : start + size]
        bend = dot(turn, [dot(line, turn) for line in hessian])
        sides.append((side * dot(gradient, direction), bend - dot(weights, gradient)))
    (right, above), (left, below) = sides
    if right != -left or above != below:
        raise DifferentiabilityError(
            f"The angular loss has one-sided slopes {right} and {left} and one-sided curvatures {above} and "
            f"{below} here, so there is no angular curvature.",
            "Read it as a kink, or move off it.",
        )
    return above


def _entered(landscape: NetworkLoss, rows: list[Vector], turn: Vector, unit: int) -> list[list[int]]:
    """Return the pattern just after the rotation starts: signs of z, else of z', else of z''."""
    width, size, stride = landscape.width, landscape.data.dimension, landscape.stride
    still = [Fraction(0)] * width
    pattern = []
    for j, signs in enumerate(landscape.pattern(rows)):
        step = turn[j * stride : j * stride + width]
        bend = [-w for w in rows[j][:size]] + still[size:] if j == unit else still
        entered = []
        for i, s in enumerate(signs):
            row = landscape.rows[i]
            first, second = dot(step, row), dot(bend, row)
            entered.append(s or (first > 0) - (first < 0) or (second > 0) - (second < 0))
        pattern.append(entered)
    return pattern
