"""Motion beyond the stable steps: whether it is bounded and chaotic, and how fast neighbours part."""

from dataclasses import dataclass
from fractions import Fraction

from stability.dynamics.maps.invariant_lines import Line, LineMap
from stability.errors import DifferentiabilityError, NumberError
from stability.exact.eigenvalues import Eigenvalue, spectrum
from stability.exact.numbers import Exact, rational
from stability.model.network_loss import NetworkLoss
from stability.model.restrictions import require_fixed

ROUNDS = 200
"""How often the interval around the kinks may grow before it counts as unbounded."""


@dataclass(frozen=True)
class Trap:
    """A closed interval that a piecewise-linear map sends into itself.

    Attributes
    ----------
    low, high : Fraction
    slopes : list of Fraction
        Of the pieces that meet its interior.
    """

    low: Fraction
    high: Fraction
    slopes: list[Fraction]

    @property
    def rates(self) -> tuple[Fraction, Fraction]:
        """The least and the largest size of a slope.

        An orbit that meets no kink has its Lyapunov exponent, where there is one, between their logarithms: it is the
        mean of log|slope| along the orbit. If the two are equal, that is the exponent of every such orbit.
        """
        return min(map(abs, self.slopes)), max(map(abs, self.slopes))

    @property
    def expanding(self) -> bool:
        """Whether all slopes exceed 1 in size.

        Then no cycle off the kinks attracts, neighbours on one piece part at least geometrically, all but countably
        many starts never converge, and there is an absolutely continuous invariant measure (Lasota and Yorke 1973).
        """
        return self.rates[0] > 1

    def __str__(self) -> str:
        least, most = self.rates
        exponent = f"log({least})" if least == most else f"log({least}) to log({most})"
        return f"[{self.low}, {self.high}] is mapped into itself, Lyapunov exponent {exponent}"


def trap(descent: LineMap) -> Trap | None:
    """Return the least closed interval that holds all one-sided limits at kinks and is mapped into itself.

    None where there is no kink, where they all have one limit, or where the interval still grows after many rounds: it
    is then most likely unbounded.
    """
    if not descent.kinks:
        return None
    limits = [piece(end) for piece in descent.pieces for end in (piece.low, piece.high) if end is not None]
    low, high = min(limits), max(limits)
    for _ in range(ROUNDS):
        left, right = descent.image(low, high)
        if low <= left and right <= high:
            return Trap(low, high, descent.slopes(low, high)) if low < high else None
        low, high = min(low, left), max(high, right)
    return None


@dataclass(frozen=True)
class StepInterval:
    """The steps above `low` and up to `high`."""

    low: Fraction
    high: Fraction

    def __contains__(self, step: Exact) -> bool:
        return self.low < rational(step) <= self.high


def chaotic_steps(place: Line) -> StepInterval | None:
    """Return the steps at which an interval around a peak of the loss is mapped into itself and expanded everywhere.

    The loss on the line must have one kink k, a peak of the same shape on both sides: slopes g left and -g right of it,
    the same curvature h. A step eta maps the two sides of k to k -+ eta g, with slope 1 - eta h. The interval between
    is mapped into itself if and only if eta h <= 3, and the slope is below -1 if and only if eta h > 2. With larger
    steps a start next to the kink is brought next to one end of the interval, then beyond the other; from there every
    second step takes it farther out by a factor above 1, so that it diverges. None where there is no such peak.
    """
    if len(place.kinks) != 1:
        return None
    (kink,) = place.kinks
    (left, _), (right, _) = place.pieces
    before, after = (curvature * kink + force for curvature, force in place.pieces)
    if left != right or left <= 0 or before <= 0 or after != -before:
        return None
    return StepInterval(2 / left, 3 / left)


def multipliers_in_every_cell(landscape: NetworkLoss, step: Exact) -> list[Eigenvalue]:
    """Return the eigenvalues of I - step * Hessian where the Hessian is the same in every cell, least first.

    So it is for one unit whose slopes differ in sign only (the absolute value): 2 * scale * slope^2 * sum of x x^T on
    any data. Along an orbit that meets no kink, or only such where the gradient does not jump, the derivative of n
    steps is then the n-th power of one symmetric matrix. So every such orbit, bounded or not, has exactly the Lyapunov
    exponents log|multiplier|. That does not say which orbits are bounded: on xor with steps above 1/4 only those with
    w1 + w2 = 0 can be.

    Raises
    ------
    DifferentiabilityError
        If cells differ.
    NumberError
        If the step is not above 0.
    """
    eta, unit = rational(step), landscape.network.unit
    if eta <= 0:
        raise NumberError(f"Expected a step above 0; got {step}.", "Write '1/10'.")
    require_fixed(landscape, "multipliers that are the same in every cell")
    if landscape.units != 1 or unit.negative != -unit.positive or landscape.network.output_bias:
        raise DifferentiabilityError(
            f"{landscape!r} has different Hessians in different cells.",
            "Take one absolute-value unit, without an output bias: abs1.",
        )
    hessian = landscape.cell_hessian([[1] * len(landscape.rows)])
    return spectrum([[(i == j) - eta * x for j, x in enumerate(row)] for i, row in enumerate(hessian)])
