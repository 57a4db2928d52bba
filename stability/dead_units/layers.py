"""A layer of ReLU units with its inputs and what its optimiser remembers, as plain arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any

from stability.arrays import Booleans, Floats
from stability.dead_units.rules import RecoveryRule

Box = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class UnitLayer:
    """ReLU units that share inputs and an optimiser.

    Attributes
    ----------
    name : str
    parameters : array (units, weights + 1)
        The bias is the last column.
    velocity : array (units, weights + 1)
        The buffer of SGD, or the first moment of Adam.
    square : array (units, weights + 1)
        The second moment of Adam; of SGD 0.
    rule : RecoveryRule
    points : array (inputs, weights) or None
    box : tuple of (float, float)
        Between which numbers each coordinate of an input is, where `points` is None; bounds may be infinite.
    roundoff : float
        By which each operation of a forward pass may be off, relatively; 0 for exact arithmetic.
    premise : str
        Why these are the inputs for ever; empty if they are the data themselves.
    on : array (units,) of bool, or None
        Where the box is an outer bound of the inputs: which units are on at some input now.
    """

    name: str
    parameters: Floats
    velocity: Floats
    square: Floats
    rule: RecoveryRule
    points: Floats | None = None
    box: Box = ()
    roundoff: float = 0.0
    premise: str = ""
    on: Booleans | None = None

    def of(self, units: Sequence[int]) -> "UnitLayer":
        """Return the layer of some of its units."""
        rows = list(units)
        return replace(self, parameters=self.parameters[rows], velocity=self.velocity[rows], square=self.square[rows])

    def inputs_record(self) -> dict[str, Any]:
        """Return the inputs as records have them."""
        if self.points is not None:
            return {"points": [exact_row(row) for row in self.points]}
        return {"box": [[exact(x) if isfinite(x) else None for x in side] for side in self.box]}


def exact(x: float) -> str:
    """Return the rational number that a float is, as text.

    Examples
    --------
    >>> exact(0.375)
    '3/8'
    """
    top, bottom = float(x).as_integer_ratio()
    return f"{top}/{bottom}" if bottom != 1 else str(top)


def exact_row(row: Floats) -> list[str]:
    """Return the rational numbers that floats are, as texts."""
    return [exact(x) for x in row.tolist()]


def hull(points: Floats) -> Box:
    """Return the least box around some points."""
    return tuple(zip(points.min(axis=0).tolist(), points.max(axis=0).tolist(), strict=True))


UNBOUNDED = (-inf, inf)
