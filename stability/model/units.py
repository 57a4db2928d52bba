"""The two-slope activations."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from stability.errors import UnknownNameError, nearest
from stability.exact.numbers import Exact, rational


@dataclass(frozen=True)
class Unit:
    """A two-slope activation: slope `negative` left of 0, slope `positive` right of it.

    Attributes
    ----------
    name : str
        How the unit is spelled in model names.
    negative, positive : Fraction
        The two slopes.
    kink_slope : Fraction
        What torch's automatic differentiation returns at 0.

    Examples
    --------
    >>> from stability import relu
    >>> relu.value(-3), relu.value(2), relu.kink_slope
    (Fraction(0, 1), Fraction(2, 1), Fraction(0, 1))
    """

    name: str
    negative: Fraction
    positive: Fraction
    kink_slope: Fraction

    def __repr__(self) -> str:
        return f"{self.name}: slope {self.negative} left of 0, {self.positive} right of it, {self.kink_slope} at 0"

    def value(self, z: Fraction) -> Fraction:
        """Return the activation at z."""
        return (self.positive if z > 0 else self.negative) * z

    def slope(self, sign: int) -> Fraction:
        """Return the slope on the side of `sign` (-1 or 1), or torch's choice at the kink (0)."""
        return (self.kink_slope, self.positive, self.negative)[sign]


relu = Unit("relu", Fraction(0), Fraction(1), Fraction(0))
absolute = Unit("abs", Fraction(-1), Fraction(1), Fraction(0))


def leaky_relu(slope: Exact) -> Unit:
    """Return the leaky ReLU with the given slope left of 0; torch takes that slope at 0 too.

    Examples
    --------
    >>> from stability import leaky_relu
    >>> leaky_relu("1/10").value(-5)
    Fraction(-1, 2)
    """
    a = rational(slope)
    return Unit(f"leaky{a}", a, Fraction(1), a)


UNITS: dict[str, Unit | Callable[[Exact], Unit]] = {"relu": relu, "abs": absolute, "leaky": leaky_relu}
"""Every unit by its spelling; a function takes the text after the spelling as its parameter."""

ALIASES = {"absolute": "abs"}


def unit(spelling: str) -> Unit:
    """Return the unit with this spelling: "relu", "abs" (or "absolute"), "leaky1/100".

    Raises
    ------
    UnknownNameError
        If there is no such unit.
    NumberError
        If the parameter is not rational.
    """
    for name, entry in [*UNITS.items(), *((alias, UNITS[name]) for alias, name in ALIASES.items())]:
        if isinstance(entry, Unit) and spelling == name:
            return entry
        if not isinstance(entry, Unit) and spelling.startswith(name) and spelling != name:
            return entry(spelling.removeprefix(name))
    known = [name if isinstance(entry, Unit) else f"{name}1/100" for name, entry in UNITS.items()]
    raise UnknownNameError(f"Expected the name of a unit; got {spelling!r}.", nearest(spelling, known))
