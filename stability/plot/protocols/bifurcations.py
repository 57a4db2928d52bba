"""What drawings read of bifurcations: branches, events, and stationary angles."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable


class DrawnRoot(Protocol):
    """An exact number that can be compared and rounded."""

    def __float__(self) -> float:
        """Return it rounded."""

    def __lt__(self, other: Any, /) -> bool:
        """Return whether it is less than another."""


class DrawnFunction(Protocol):
    """A loss as a function of the parameter; equal functions are equal."""

    @property
    def is_constant(self) -> bool:
        """Whether it does not vary."""

    def __call__(self, value: float, /) -> Any:
        """Return the loss at a parameter, exact at an exact one."""

    def text(self, name: str) -> str:
        """Return its formula, given what the parameter is called."""


class DrawnBranch(Protocol):
    """A stationary set over a range of the parameter."""

    @property
    def kind(self) -> str:
        """As "local minimum"."""

    @property
    def loss(self) -> DrawnFunction:
        """Its loss."""

    @property
    def low(self) -> DrawnRoot:
        """Where it begins."""

    @property
    def high(self) -> DrawnRoot:
        """Where it ends."""


class DrawnStill(Protocol):
    """A stationary set at one parameter, or between two events."""

    @property
    def kind(self) -> str:
        """As "local minimum"."""

    @property
    def loss(self) -> Any:
        """A number at one parameter, a `DrawnFunction` between two events."""

    @property
    def orbit(self) -> int:
        """How many sets there are by permuting the units."""


class DrawnChange(Protocol):
    """What happens to sets at an event."""

    @property
    def kind(self) -> str:
        """As "border collision"."""

    @property
    def before(self) -> Sequence[int]:
        """Branches that end, by their positions."""

    @property
    def at(self) -> Sequence[DrawnStill]:
        """Sets that are there at the event."""

    @property
    def after(self) -> Sequence[int]:
        """Branches that begin."""


class DrawnEvent(Protocol):
    """A parameter at which sets change."""

    @property
    def value(self) -> DrawnRoot:
        """The parameter."""

    @property
    def changes(self) -> Sequence[DrawnChange]:
        """What happens there."""


class DrawnSnapshot(Protocol):
    """The complete list of sets at an event, or between two."""

    @property
    def low(self) -> DrawnRoot:
        """From where on."""

    @property
    def high(self) -> DrawnRoot:
        """Up to where."""

    @property
    def sets(self) -> Sequence[DrawnStill]:
        """The list."""


class DrawnFamily(Protocol):
    """The range of a parameter."""

    @property
    def low(self) -> Fraction:
        """Where it begins."""

    @property
    def high(self) -> Fraction:
        """Where it ends."""


class DrawnBifurcation(Protocol):
    """The stationary sets of a family of landscapes."""

    @property
    def family(self) -> DrawnFamily:
        """The range of the parameter."""

    @property
    def name(self) -> str:
        """What the parameter is called."""

    @property
    def branches(self) -> Sequence[DrawnBranch]:
        """All of them."""

    @property
    def events(self) -> Sequence[DrawnEvent]:
        """In ascending order."""

    @property
    def snapshots(self) -> Sequence[DrawnSnapshot]:
        """At the low end, up to the first event, at it, and so on."""


class DrawnAngle(Protocol):
    """A stationary angle of one unit."""

    @property
    def kind(self) -> str:
        """As "minimum" or "flat arc"."""

    @property
    def theta(self) -> float:
        """The angle, from 0 to 2 pi."""


class DrawnAngles(Protocol):
    """The stationary angles at one ratio b/r."""

    @property
    def ratio(self) -> Fraction:
        """The ratio."""

    @property
    def angles(self) -> Sequence[DrawnAngle]:
        """In ascending order."""

    @property
    def arcs(self) -> Sequence[tuple[float, float]]:
        """The flat arcs (from, to) within [0, 2 pi]."""


class DrawnSpan(Protocol):
    """Ratios between which the stationary angles keep their kinds."""

    @property
    def low(self) -> DrawnRoot:
        """From where on."""

    @property
    def high(self) -> DrawnRoot:
        """Up to where."""

    @property
    def angles(self) -> Sequence[DrawnAngle]:
        """At a ratio between."""


class DrawnAngularEvent(Protocol):
    """A ratio at which the stationary angles change."""

    @property
    def ratio(self) -> DrawnRoot:
        """The ratio."""


@runtime_checkable
class DrawnAngularBifurcation(Protocol):
    """The stationary angles of one unit over a range of b/r."""

    @property
    def spans(self) -> Sequence[DrawnSpan]:
        """In ascending order."""

    @property
    def events(self) -> Sequence[DrawnAngularEvent]:
        """Between them."""

    def sampled(self, count: int) -> Sequence[DrawnAngles]:
        """Return the stationary angles at about so many ratios, several in each span."""
