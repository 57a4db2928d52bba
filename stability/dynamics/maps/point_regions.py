"""Stable steps at one point, with the directions counted in which the loss is flat there."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from stability.dynamics.maps.modes import characteristic
from stability.dynamics.maps.stability_regions import ADAM_EPS, Region
from stability.dynamics.maps.stable_steps import known
from stability.errors import PointError
from stability.exact.numbers import Exact, formatted, rational
from stability.exact.unit_circle_roots import coefficients
from stability.io.results import ResultTable
from stability.model.network_loss import Matrix, NetworkLoss, Point, require_landscape


@dataclass(frozen=True)
class FlatDirections:
    """The directions in which a Hessian has the eigenvalue 0.

    Attributes
    ----------
    total : int
        How many there are: the multiplicity of the eigenvalue.
    scaling : int
        Those that scale a unit: where output weights are trained, (w, b) grow as a shrinks, and no output changes.
    """

    total: int
    scaling: int

    @property
    def other(self) -> int:
        """Those that do more than scale units, as where several parameters fit the data alike."""
        return self.total - self.scaling

    def __str__(self) -> str:
        if not self.total:
            return "none"
        parts = [f"{self.scaling} by scaling of units"] * bool(self.scaling) + [f"{self.other} other"] * bool(
            self.other
        )
        return f"{self.total} ({', '.join(parts)})" if self.scaling else str(self.total)


@dataclass(frozen=True, repr=False, kw_only=True)
class PointRegion(Region):
    """The steps and memories at which a point of rest is stable under an update rule, but for flat directions.

    Where output weights are trained the Hessian changes along the scaling of a unit, so that the limit is that of the
    point and of no other point of the set on which it lies.

    Attributes
    ----------
    landscape : NetworkLoss
    point : list of list of Fraction
        Its rows, in the form of the landscape.
    flat : FlatDirections
    """

    landscape: NetworkLoss
    point: Matrix
    flat: FlatDirections

    @property
    def place(self) -> str:
        """At which point its Hessian is: at "point"."""
        return "point"

    @property
    def caption(self) -> str:
        """What it is, in a line."""
        return f"{self.landscape!r}: stable steps of {self.rule} at a point"

    def facts(self) -> list[tuple[str, str]]:
        """Return what is known of the point, in words: names and values."""
        divided = [("divided by", f"{self.scales[0]}, as Adam's steps at rest")] if self.scales[0] != 1 else []
        return [
            ("point", ", ".join(f"({', '.join(map(formatted, row))})" for row in self.point)),
            ("loss", formatted(self.landscape.loss(self.point))),
            ("largest curvature", "none" if self.worst is None else self.worst.shown),
            *divided,
            *self.limits(),
            ("flat directions", str(self.flat)),
        ]

    def _table(self) -> ResultTable:
        return ResultTable(self.caption, (), self.facts(), finding=", ".join(map(": ".join, self.limits())))

    def to_json(self) -> dict[str, Any]:
        """Return the region with its landscape, its point and the numbers of flat directions, numbers as text."""
        flat = {"total": self.flat.total, "scaling": self.flat.scaling, "other": self.flat.other}
        point = [[str(x) for x in row] for row in self.point]
        return {**self.landscape.names, **super().to_json(), "point": point, "flat": flat}


def region_at(landscape: NetworkLoss, point: Point, name: str = "gd", eps: Exact = ADAM_EPS) -> PointRegion:
    """Return the region of stable steps at a point at which the gradient is 0 and no curvature is negative.

    Whether it is a minimum also along its flat directions, `classify` says.

    Parameters
    ----------
    landscape : NetworkLoss
    point : rows (w_1, ..., w_d, b), one per unit
        In the form of the landscape, with output weights and bias where they are trained.
    name : str
        "gd", "heavy-ball", "nesterov" or "adam".
    eps : exact number
        Of Adam, whose preconditioner is 1/eps at rest.

    Raises
    ------
    UnknownNameError
        If there is no such rule.
    PointError
        If the gradient is not 0 there, or a curvature is negative: no step is stable at a saddle.
    DifferentiabilityError
        If the loss is not twice differentiable there, or the rule has no Jacobian (sign descent).

    Examples
    --------
    >>> from stability import landscape
    >>> place = landscape("relu2-out", "xor")
    >>> found = region_at(place, [[1, -1, -1, 1], [-1, 1, -1, 1]])
    >>> found.limit().text, str(found.flat)
    ('1/4', '6 (2 by scaling of units, 4 other)')
    >>> region_at(place, [[2, -2, -2, "1/2"], [-1, 1, -1, 1]]).limit().text  # the same outputs, the first unit scaled
    '4/19'
    """
    require_landscape(landscape)
    rows, spelling = landscape.point(point), known(name)
    gradient = landscape.gradient(rows)
    if any(gradient):
        raise PointError(
            f"Expected a point at which the gradient is 0; it is {[formatted(g) for g in gradient]}.",
            "Take the witness of a set of the atlas.",
        )
    hessian = landscape.hessian(rows)
    signed = [c * (-1) ** (len(hessian) - k) for k, c in enumerate(coefficients(characteristic(hessian)))]
    if any(c < 0 for c in signed):
        raise PointError(
            "Expected a point without negative curvature; the Hessian has a negative eigenvalue there.",
            "Take a minimum: at a saddle no step is stable.",
        )
    total = next(k for k, c in enumerate(signed) if c)
    scaling = sum(any(row) for row in rows[: landscape.units]) if landscape.network.trainable else 0
    scale = rational(eps) if spelling == "adam" else Fraction(1)
    flat = FlatDirections(total, scaling)
    return PointRegion(spelling, [hessian], [scale] * landscape.parameters, landscape=landscape, point=rows, flat=flat)
