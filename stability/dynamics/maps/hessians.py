"""Hessians of the loss on a set of minima."""

from dataclasses import dataclass

from stability.geometry.atlas.atlas import Atlas
from stability.geometry.stationary.sets import StationarySet
from stability.model.network_loss import Matrix


@dataclass(frozen=True)
class Curvature:
    """A Hessian of the loss on a set of stationary points.

    Attributes
    ----------
    hessian : list of list of Fraction, shape (parameters, parameters)
    pattern : list of list of int
        The signs of a choice of faces with this Hessian, one row per unit.
    choices : int
        On how many of the set's choices of faces the loss has it.
    """

    hessian: Matrix
    pattern: list[list[int]]
    choices: int


def curvatures(atlas: Atlas, each: StationarySet) -> list[Curvature]:
    """Return the different Hessians on a set: those of its open cells and that at its witness.

    Inside a cell the loss is one quadratic, so there is one Hessian for each cell that the set meets. The list is empty
    where the set lies on kinks and the loss is not twice differentiable at the witness.

    Where output weights are trained the Hessian changes from point to point; then there is that at the witness alone.
    """
    place, rows = atlas.landscape, len(atlas.landscape.rows)
    if place.network.trainable:
        if not place.is_twice_differentiable(each.witness):
            return []
        return [Curvature(place.hessian(each.witness), place.pattern(each.witness), len(each.members))]
    patterns = [[atlas.arrangement.faces[f].signs(rows) for f in faces] for faces in each.members]
    bends = [any(row) for row in place.rows]
    smooth = [p for p in patterns if all(s for signs in p for s, bent in zip(signs, bends, strict=True) if bent)]
    found: dict[str, Curvature] = {}
    for pattern in smooth:
        _add(found, place.cell_hessian(pattern), pattern)
    here = place.pattern(each.witness)
    if here not in smooth and place.is_twice_differentiable(each.witness):
        _add(found, place.hessian(each.witness), here)
    return list(found.values())


def _add(found: dict[str, Curvature], hessian: Matrix, pattern: list[list[int]]) -> None:
    name = str(hessian)
    choices = found[name].choices + 1 if name in found else 1
    found[name] = Curvature(hessian, pattern, choices)
