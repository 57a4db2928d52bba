"""What drawings read of flows, update rules, basins and phase portraits."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol

from stability.arrays import Floats, Ints
from stability.plot.protocols.geometry import AtlasOfBasins, DrawnDataset, DrawnPart, FlatBody


class DrawnFlowEvent(Protocol):
    """What happened at a time of a trajectory."""

    @property
    def time(self) -> tuple[Fraction, Fraction]:
        """An interval that contains it."""

    @property
    def kind(self) -> str:
        """As "crossing"."""

    @property
    def unit(self) -> int | None:
        """Of the kink, counted from 0."""

    @property
    def example(self) -> int | None:
        """Of the kink, counted from 0."""


class DrawnFlowPiece(Protocol):
    """Motion on one choice of faces."""

    @property
    def start(self) -> float:
        """A time."""

    @property
    def end(self) -> float:
        """A time; infinite for the last piece."""

    @property
    def signs(self) -> Sequence[Sequence[int]]:
        """Of the pre-activations, one row per unit."""

    @property
    def rates(self) -> Floats:
        """At which its terms decay, shape (terms,)."""


class LandscapeOfData(Protocol):
    """A landscape with its data."""

    @property
    def data(self) -> DrawnDataset:
        """The examples."""


class DrawnSolution(Protocol):
    """A solution of gradient flow."""

    @property
    def landscape(self) -> LandscapeOfData:
        """On which it moves."""

    @property
    def pieces(self) -> Sequence[DrawnFlowPiece]:
        """In the order of time."""

    @property
    def events(self) -> Sequence[DrawnFlowEvent]:
        """In the order of time; the stop is one of them."""

    def losses(self, times: Sequence[float]) -> Floats:
        """Return the loss at times, shape (times,)."""

    def preactivations(self, times: Sequence[float]) -> Floats:
        """Return the pre-activations at times, shape (times, units, examples)."""


class DrawnRegion(Protocol):
    """The steps at which a minimum is stable under an update rule."""

    @property
    def rule(self) -> str:
        """Its spelling."""

    @property
    def memory(self) -> str | None:
        """The parameter on which stability depends besides the step; None if there is none."""

    def border(self) -> tuple[Floats, Floats]:
        """Return memories and the limits of the step there, each of shape (n,); nan where every step is stable."""


class DrawnBasins(Protocol):
    """Where many starts end."""

    def share_of(self, chosen: Callable[[Any], bool]) -> tuple[float, float, float]:
        """Return the share of starts that end on chosen sets, and its 95% interval."""


class DrawnRange(Protocol):
    """The values that a parameter of an update rule may take."""

    @property
    def default(self) -> str | None:
        """What it is if it is not given."""


class DrawnRuleFamily(Protocol):
    """A kind of update rule."""

    @property
    def title(self) -> str:
        """What it is called in a sentence."""

    @property
    def ranges(self) -> Mapping[str, DrawnRange]:
        """Its parameters."""


class DrawnRule(Protocol):
    """An update rule."""

    @property
    def name(self) -> str:
        """Its spelling."""

    @property
    def family(self) -> DrawnRuleFamily:
        """Its kind."""

    @property
    def values(self) -> Sequence[tuple[str, Fraction]]:
        """Its parameters."""


class DrawnAreas(Protocol):
    """A labelled grid with sharp edges; labels below 0 belong to no set."""

    @property
    def x(self) -> Floats:
        """The coordinates of the samples, shape (columns,)."""

    @property
    def y(self) -> Floats:
        """Shape (rows,)."""

    @property
    def labels(self) -> Ints:
        """Positions in the atlas, shape (rows, columns)."""

    @property
    def lines(self) -> Floats:
        """The segments between areas, shape (n, 2, 2)."""

    @property
    def pieces(self) -> Sequence[tuple[Floats, int]]:
        """Polygons of shape (corners, 2) with their labels."""

    @property
    def seen(self) -> set[int]:
        """The labels that occur."""


class DrawnEnd(Protocol):
    """Where a trajectory ends off the plane."""

    @property
    def kind(self) -> str:
        """Of the stationary set."""

    @property
    def spot(self) -> tuple[float, float]:
        """Its end, projected on the plane."""


class DrawnPortrait(Protocol):
    """What a phase portrait shows in a plane, both axes from -span to span."""

    @property
    def title(self) -> str:
        """The landscape, as it is called."""

    @property
    def axes(self) -> tuple[str, str]:
        """How the two axes are labelled."""

    @property
    def span(self) -> Fraction:
        """Half the width."""

    @property
    def rule(self) -> DrawnRule | None:
        """None for gradient flow."""

    @property
    def kinks(self) -> Sequence[FlatBody]:
        """Segments on which pre-activations vanish."""

    @property
    def sideways(self) -> Sequence[FlatBody]:
        """Segments on which nothing moves sideways."""

    @property
    def upwards(self) -> Sequence[FlatBody]:
        """Segments on which nothing moves upwards."""

    @property
    def parts(self) -> Sequence[DrawnPart]:
        """Of stationary sets."""

    @property
    def arrows(self) -> tuple[Floats, Floats]:
        """Spots, and velocities or first steps there, each of shape (n, 2)."""

    @property
    def projected(self) -> Sequence[DrawnEnd]:
        """The ends of trajectories off the plane, where they are projected."""

    @property
    def longer(self) -> int:
        """How many times as long as they are first steps are drawn."""

    @property
    def tracks(self) -> Sequence[Floats]:
        """Trajectories or orbits, each of shape (times, 2)."""

    @property
    def basins(self) -> DrawnAreas | None:
        """Labelled with positions in the atlas."""

    @property
    def atlas(self) -> AtlasOfBasins:
        """To which the labels belong; asked for only where there are basins."""

    @property
    def threshold(self) -> Fraction | None:
        """Between the two labels of the data; None where there are not two."""

    @property
    def caption(self) -> str:
        """What must be known to read the picture."""

    @property
    def sampling(self) -> str:
        """What must be known of basins whose edges are not sharp."""


class LandscapeWithPortrait(Protocol):
    """A landscape that computes what a phase portrait shows."""

    def phase_portrait(
        self,
        plane: Any,
        span: Any,
        *,
        step: Any = ...,
        origin: Any = ...,
        arrows: int | None = ...,
        pixels: int = ...,
        tracks: int = ...,
        rule: Any = ...,
        progress: Any = ...,
        sharp: bool = ...,
    ) -> DrawnPortrait:
        """Return what it shows in a plane, or a plane called by name; see `Landscape.phase_portrait`."""
