"""What the plane w = (p/2, -p/2), and a cube over (w1, w2, b), show of the atlas of one unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from stability.arrays import Floats
from stability.geometry.sections.layout import along, room
from stability.geometry.sections.loss_plane import LossPlane, loss_plane
from stability.geometry.sections.polytopes import (
    Body,
    Form,
    SetPart,
    UnitAtlas,
    cell_bodies,
    frame,
    plane_forms,
    plane_parts,
    set_parts,
    space_forms,
)
from stability.model.restrictions import require_one_unit_in_the_plane

WIDE, HIGH = 0.055, 0.09
"""Half the width of a sign and the height of a pattern, as shares of the span."""

LEVELS = "Draw the levels of its loss with .plot_levels(), which any atlas has."
"""What to try where an atlas is not that of one unit in the plane."""

MIRROR: Form = (Fraction(1), Fraction(1), Fraction(0))
"""The plane w1 = -w2 in space."""


@dataclass(frozen=True)
class AtlasPlane:
    """What the plane w = (p/2, -p/2) meets of the atlas of one unit, both axes from -span to span.

    Attributes
    ----------
    background : LossPlane
        Levels and kinks of the loss.
    span : Fraction
    cells : list of (signs, Body)
        The open cells that it meets.
    parts : list of SetPart
        Of stationary sets, the largest first.
    """

    background: LossPlane
    span: Fraction
    cells: list[tuple[list[int], Body]]
    parts: list[SetPart]

    @cached_property
    def labels(self) -> list[tuple[list[int], tuple[float, float]]]:
        """The signs of the pre-activations of cells, and the clearest spot in each, where there is room for them."""
        taken = [_outline(part.body) for part in self.parts if part.dimension < 2]
        span, found = float(self.span), []
        for signs, body in self.cells:
            spots = _within(body, _grid(span))
            if not len(spots):
                continue
            shape = (WIDE * span * len(signs), HIGH * span)
            clearance = room(spots, np.concatenate([*taken, _outline(body)]), shape)
            if clearance.max() > 1:
                x, y = map(float, spots[np.argmax(clearance)])
                found.append((signs, (x, y)))
        return found


@dataclass(frozen=True)
class AtlasSpace:
    """What the cube from -span to span over (w1, w2, b) meets of the atlas of one unit.

    Attributes
    ----------
    span : Fraction
    kinks : list of Body
        The polygons on which pre-activations vanish, each once.
    mirror : Body
        That of the plane w1 = -w2.
    parts : list of SetPart
        Of stationary sets, the largest first.
    """

    span: Fraction
    kinks: list[Body]
    mirror: Body
    parts: list[SetPart]


def atlas_plane(atlas: UnitAtlas, span: Fraction) -> AtlasPlane:
    """Return what the plane w = (p/2, -p/2) meets of an atlas.

    Raises
    ------
    PointError
        If there are several units, or the data are not in the plane.
    """
    background = loss_plane(atlas.landscape, float(span), LEVELS)
    cells = cell_bodies(atlas, plane_forms(atlas.landscape), span)
    return AtlasPlane(background, span, cells, plane_parts(atlas, span))


def atlas_space(atlas: UnitAtlas, span: Fraction) -> AtlasSpace:
    """Return what the cube from -span to span over (w1, w2, b) meets of an atlas.

    Raises
    ------
    PointError
        If there are several units, or the data are not in the plane.
    """
    require_one_unit_in_the_plane(atlas.landscape, LEVELS)
    forms = space_forms(atlas.landscape)
    kinks = [_sheet(form, span) for form in dict.fromkeys(forms)]
    return AtlasSpace(span, kinks, _sheet(MIRROR, span), set_parts(atlas, forms, span))


def _sheet(form: Form, span: Fraction) -> Body:
    """Return what the cube shows of the plane form . x = 0."""
    return frame(3, span).cut(form).cut(tuple(-x for x in form))


def _grid(span: float) -> Floats:
    line = np.linspace(-span, span, 61)
    return np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)


def _corners(body: Body) -> Floats:
    spots: Sequence[Sequence[Fraction]] = body.around()
    return np.array([[float(x) for x in spot] for spot in spots])


def _outline(body: Body) -> Floats:
    """Return points on the boundary of a body in the plane; a point or segment is its own boundary."""
    spots = _corners(body)
    return np.concatenate([along(a, b) for a, b in zip(spots, np.roll(spots, -1, axis=0), strict=True)])


def _within(body: Body, places: Floats) -> Floats:
    """Return the places inside a polygon: on the same side of all its edges."""
    spots = _corners(body)
    steps, offsets = np.roll(spots, -1, axis=0) - spots, places[:, None, :] - spots
    turns = steps[:, 0] * offsets[..., 1] - steps[:, 1] * offsets[..., 0]
    return places[(turns > 0).all(axis=1) | (turns < 0).all(axis=1)]
