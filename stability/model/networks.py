"""The networks, and how they are spelled."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stability.errors import UnknownNameError, require_kind
from stability.io.printable import amount, in_ascii
from stability.io.results import Displayed, ResultTable
from stability.model.units import Unit, unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class Network(Displayed):
    """A sum of `count` equal units: f(x) = sum over j of unit(w_j . x + b_j).

    Examples
    --------
    >>> from stability import Network, absolute
    >>> Network(absolute, 2).name
    'abs2'
    """

    unit: Unit
    count: int

    def __post_init__(self) -> None:
        if not isinstance(self.count, int) or self.count < 1:
            raise UnknownNameError(
                f"Expected at least one unit; got {self.count!r}.", f"Write {self.unit.name}1 for one unit."
            )

    @property
    def name(self) -> str:
        """The spelling, as `network` reads it: "abs1", "relu2", "leaky1/100:2"."""
        separator = ":" if self.unit.name[-1].isdigit() else ""
        return f"{self.unit.name}{separator}{self.count}"

    def _table(self) -> ResultTable:
        slopes = f"slope {self.unit.negative} left of 0 and {self.unit.positive} right of it"
        return ResultTable(self.name, finding=f"the sum of {amount(self.count, f'{self.unit.name} unit')}, {slopes}")

    def to_json(self) -> dict[str, Any]:
        """Return the spelling, the number of units and their slopes, exact numbers as text."""
        unit = self.unit
        slopes = {"-": str(unit.negative), "0": str(unit.kink_slope), "+": str(unit.positive)}
        return {"name": self.name, "unit": unit.name, "count": self.count, "slopes": slopes}

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the activation of its units, and the slope that training takes at the kink; return the Axes."""
        from stability.plot.units import draw_unit

        unit = self.unit
        return draw_unit(ax, unit.name, float(unit.negative), float(unit.positive), float(unit.kink_slope))


def network(spelling: str) -> Network:
    """Return the network with this spelling: unit name + count, as "abs1", "relu2", "leaky1/100:2".

    Raises
    ------
    UnknownNameError
        If the unit is unknown, or the count is missing or 0.

    Examples
    --------
    >>> from stability import network
    >>> network("leaky1/100:2").unit.negative
    Fraction(1, 100)
    """
    require_kind(spelling, str, "the spelling of a network", 'Write "abs1", or "leaky1/100:2".')
    parts = re.fullmatch(r"(leaky[^:]+):([0-9]{1,6})|([a-z_]+?):?([0-9]{1,6})", spelling)
    if parts is None or (spelling.startswith("leaky") and parts[1] is None):
        raise UnknownNameError(
            f"Expected a unit name and a count; got {spelling!r}.",
            in_ascii(spelling) or "Write abs1, relu2, relu3, or leaky1/100:2 for two leaky units of slope 1/100.",
        )
    name, count = (parts[1], parts[2]) if parts[1] else (parts[3], parts[4])
    return Network(unit(name), int(count))
