"""What drawings read of datasets, atlases and the planes and spaces that they meet."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Protocol

from stability.arrays import Floats, Ints

Spot = tuple[float, float]
"""Coordinates in a picture of the plane."""

ExactSpot = tuple[Fraction, ...]
"""Exact coordinates in a picture, two in the plane and three in space."""


class DrawnDataset(Protocol):
    """n points of d coordinates with labels."""

    @property
    def name(self) -> str:
        """What stands above the picture."""

    @property
    def dimension(self) -> int:
        """The number d of coordinates."""

    @property
    def points(self) -> Sequence[Sequence[Fraction]]:
        """The points, n of d coordinates."""

    @property
    def labels(self) -> Sequence[Fraction]:
        """The labels, n."""


class JudgedDataset(DrawnDataset, Protocol):
    """Points with labels that decide which outputs are correct."""

    def correct(self, outputs: Sequence[Fraction]) -> Sequence[bool] | None:
        """Return which of n outputs are correct; None where there are not two labels."""


class ShadedSet(Protocol):
    """A stationary set whose basin is shaded."""

    @property
    def index(self) -> int:
        """Its position in the atlas."""

    @property
    def loss(self) -> Fraction:
        """Its loss."""

    @property
    def outputs(self) -> Sequence[Fraction]:
        """What the network puts out on it, one number per example."""

    @property
    def right(self) -> int | None:
        """How many outputs are correct; None where that means nothing."""

    @property
    def directional(self) -> bool:
        """Whether it is a set of local minima."""


class LevelSet(Protocol):
    """A stationary set that is marked at its loss."""

    @property
    def kind(self) -> str:
        """As "local minimum"."""

    @property
    def dimension(self) -> int:
        """In parameter space."""

    @property
    def orbit(self) -> int:
        """How many sets there are by permuting the units, this one included."""

    @property
    def repels(self) -> Sequence[int]:
        """The sets at its edge from which descent leads away; empty if there are none."""


class DrawnLayerFamily(Protocol):
    """Stationary sets of a network with an output layer that are images of each other."""

    @property
    def kind(self) -> str:
        """As "local minimum"."""

    @property
    def loss(self) -> Fraction:
        """Of these sets."""

    @property
    def dimension(self) -> int:
        """Of each set, in parameter space."""

    @property
    def count(self) -> int:
        """How many sets there are."""

    @property
    def silent(self) -> Sequence[int]:
        """The numbers of silent units that their points have."""

    @property
    def escapes(self) -> Sequence[int]:
        """Those with which there are points where a silent unit lowers the loss."""

    @property
    def touches(self) -> Sequence[int]:
        """The positions of the families that these sets touch."""


class MappedSet(Protocol):
    """A set of local minima that is marked beside its cells."""

    @property
    def index(self) -> int:
        """Its position in the atlas."""

    @property
    def kind(self) -> str:
        """As "local minimum"."""

    @property
    def loss(self) -> Fraction:
        """Its loss."""

    @property
    def dimension(self) -> int:
        """In parameter space."""


class FlatBody(Protocol):
    """A point, segment or polygon with exact corners."""

    @property
    def spots(self) -> Sequence[ExactSpot]:
        """The corners."""

    def around(self) -> Sequence[ExactSpot]:
        """Return the corners in their order around it."""


class SolidBody(FlatBody, Protocol):
    """A convex body in space."""

    @property
    def inside(self) -> ExactSpot:
        """The mean of the corners."""

    def sides(self) -> Sequence["SolidBody"]:
        """Return the polygons that bound it; itself if it is flat."""


class DrawnPart(Protocol):
    """What a plane shows of a stationary set on one face."""

    @property
    def kind(self) -> str:
        """Of the set."""

    @property
    def dimension(self) -> int:
        """Of the part: 0, 1 or 2."""

    @property
    def body(self) -> FlatBody:
        """Its closure."""


class SolidPart(Protocol):
    """What a cube shows of a stationary set on one face."""

    @property
    def kind(self) -> str:
        """Of the set."""

    @property
    def dimension(self) -> int:
        """Of the part: 0 to 3."""

    @property
    def body(self) -> SolidBody:
        """Its closure."""


class DrawnLossPlane(Protocol):
    """The loss of one unit in the plane w = (p/2, -p/2), both axes from -span to span."""

    @property
    def span(self) -> float:
        """Half the width."""

    @property
    def p(self) -> Floats:
        """The first coordinate of a grid, shape (n, n)."""

    @property
    def b(self) -> Floats:
        """The second one, shape (n, n)."""

    @property
    def loss(self) -> Floats:
        """The loss on the grid, shape (n, n)."""

    @property
    def kinks(self) -> Sequence[float]:
        """The slopes of the lines through 0 on which pre-activations vanish."""


class DrawnAtlasPlane(Protocol):
    """What that plane meets of an atlas of one unit."""

    @property
    def background(self) -> DrawnLossPlane:
        """Levels and kinks of the loss."""

    @property
    def parts(self) -> Sequence[DrawnPart]:
        """Of stationary sets."""

    @property
    def labels(self) -> Sequence[tuple[Sequence[int], Spot]]:
        """The signs of the pre-activations of cells, and where there is room to write them."""


class DrawnAtlasSpace(Protocol):
    """What a cube over (w1, w2, b), from -span to span, meets of an atlas of one unit."""

    @property
    def span(self) -> Fraction:
        """Half the width."""

    @property
    def kinks(self) -> Sequence[SolidBody]:
        """The polygons on which pre-activations vanish."""

    @property
    def mirror(self) -> SolidBody:
        """That of the plane w1 = -w2."""

    @property
    def parts(self) -> Sequence[SolidPart]:
        """Of stationary sets."""


class DrawnCellGraph(Protocol):
    """Which cells meet which set of local minima."""

    def signs(self, cell: int) -> Sequence[int]:
        """Return the signs of the pre-activations in a cell."""

    def cells_of(self, index: int) -> Sequence[int]:
        """Return the cells whose closure meets a set."""


class DrawnCellMap(Protocol):
    """Where cells and sets of local minima stand on a map of directions, in degrees."""

    @property
    def graph(self) -> DrawnCellGraph:
        """Which cells meet which set."""

    @property
    def left(self) -> float:
        """The angle at the left edge."""

    @property
    def cells(self) -> Mapping[int, Spot]:
        """The spot of each cell."""

    @property
    def sets(self) -> Mapping[int, Spot]:
        """The spot of each set, by its position in the atlas."""

    def kinks(self, angles: Floats) -> Sequence[Floats]:
        """Return the heights at which the pre-activations are 0."""

    def cells_at(self, angles: Floats, heights: Floats) -> Ints:
        """Return the cell at each point of a grid, shape (heights, angles); -1 for none."""


class DrawnFit(Protocol):
    """Outputs on a family of stationary sets."""

    @property
    def name(self) -> str:
        """A letter, or several."""

    @property
    def loss(self) -> Fraction:
        """Of these outputs."""

    @property
    def families(self) -> Sequence[Sequence[LevelSet]]:
        """The sets with such outputs, those together that are images of each other."""


class LandscapeWithPlane(Protocol):
    """A landscape that shows the loss of one unit in the plane w = (p/2, -p/2)."""

    def in_plane(self, span: float) -> DrawnLossPlane:
        """Return the loss there; PointError if there are several units, or the data are not in the plane."""


class AtlasWithPlane(Protocol):
    """An atlas that shows what the plane w = (p/2, -p/2) meets."""

    def in_plane(self, span: Fraction) -> DrawnAtlasPlane:
        """Return what it meets; PointError if there are several units, or the data are not in the plane."""


class AtlasWithSpace(Protocol):
    """An atlas that shows what a cube over (w1, w2, b) meets."""

    def in_space(self, span: Fraction) -> DrawnAtlasSpace:
        """Return what it meets; PointError if there are several units, or the data are not in the plane."""


class AtlasWithCells(Protocol):
    """An atlas that shows its cells on a map of directions."""

    @property
    def minima(self) -> Sequence[MappedSet]:
        """The sets of local minima."""

    def cell_map(self) -> DrawnCellMap:
        """Return the map; PointError or DataError where there is none."""


class AtlasWithLevels(Protocol):
    """An atlas that lists the different outputs at stationary points."""

    @property
    def sets(self) -> Sequence[LevelSet]:
        """The stationary sets, least loss first."""

    @property
    def threshold(self) -> Fraction | None:
        """Between the two labels; None where there are not two."""

    def fits(self) -> Sequence[DrawnFit]:
        """Return the different outputs, up to symmetry, least loss first."""


class AtlasOfBasins(Protocol):
    """An atlas whose sets have basins."""

    @property
    def sets(self) -> Sequence[ShadedSet]:
        """The stationary sets, least loss first."""
