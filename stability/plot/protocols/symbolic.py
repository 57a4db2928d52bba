"""What drawings read of angular losses and angular phase diagrams."""

from collections.abc import Sequence
from typing import Any, Protocol

from stability.arrays import Floats, Ints


class DrawnKink(Protocol):
    """A kink of an angular loss."""

    @property
    def angle(self) -> float:
        """From 0 to 2 pi."""

    @property
    def height(self) -> float:
        """The loss there."""

    @property
    def jumps(self) -> bool:
        """Whether a data point with a label other than 0 lies there, so that the slope jumps."""


class DrawnAngularLoss(Protocol):
    """The loss of one unit over its angle, radius and bias given."""

    @property
    def radius(self) -> Any:
        """A number, as sympy has it."""

    @property
    def bias(self) -> Any:
        """A number, as sympy has it."""

    def curve(self) -> tuple[Floats, Floats]:
        """Return angles that cover [0, 2 pi], ascending, and the loss there, each of shape (n,)."""

    def kinks(self) -> Sequence[DrawnKink]:
        """Return the kinks within one turn."""


class DrawnKinkCurve(Protocol):
    """Where the pre-activation of one data point vanishes."""

    @property
    def kind(self) -> str:
        """A key of `phase_diagram.STROKES`."""

    def heights(self, thetas: Floats) -> Floats:
        """Return the ratios b/r at angles, of the same shape."""


class DrawnPhaseDiagram(Protocol):
    """Where the loss of one unit is curved up, down or not at all, over its angle and b/r."""

    @property
    def curves(self) -> Sequence[DrawnKinkCurve]:
        """The kinks."""

    def signs(self, thetas: Floats, betas: Floats) -> Ints:
        """Return the sign of the curvature at angles and ratios whose shapes broadcast together."""
