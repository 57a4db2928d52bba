"""The graph of cells and the minima of one unit that they border, without coordinates."""

from dataclasses import dataclass

from stability.geometry.sections.polytopes import UnitAtlas
from stability.model.restrictions import require_one_unit_in_the_plane


@dataclass(frozen=True)
class CellGraph:
    """Cells that share a wall, and cells whose closure meets a set of local minima.

    Attributes
    ----------
    atlas : Atlas
    walls : list of (int, int)
        Pairs of cells, by their positions in the arrangement.
    touches : list of (int, int)
        The position of a cell in the arrangement, and of a set in the atlas.
    """

    atlas: UnitAtlas
    walls: list[tuple[int, int]]
    touches: list[tuple[int, int]]

    def cells_of(self, index: int) -> list[int]:
        """Return the cells whose closure meets a set."""
        return [cell for cell, k in self.touches if k == index]

    def signs(self, cell: int) -> list[int]:
        """Return the signs of the pre-activations in a cell."""
        return self.atlas.arrangement.faces[cell].signs(len(self.atlas.landscape.data.points))


def cell_graph(atlas: UnitAtlas) -> CellGraph:
    """Return which cells border each other and the sets of local minima of one unit.

    Raises
    ------
    PointError
        If there are several units, or the data are not in the plane.
    """
    require_one_unit_in_the_plane(atlas.landscape)
    arrangement = atlas.arrangement
    faces, cells = arrangement.faces, arrangement.cells
    wall = faces[cells[0]].dimension - 1
    pairs = [arrangement.cells_around(k) for k, face in enumerate(faces) if face.dimension == wall]
    touches = [
        (cell, each.index)
        for each in atlas.minima
        for cell in cells
        if any(faces[f].borders(faces[cell]) for (f,) in each.members)
    ]
    return CellGraph(atlas, [(a, b) for a, b in pairs], touches)
