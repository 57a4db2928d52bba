"""From which parameters the numbers of a reading come."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import torch

from stability.training.introspection.unit_rows import UnitRows
from stability.training.monitoring.row_norms import gradient_of, row_groups

if TYPE_CHECKING:
    from stability.training.monitoring.pack import Early, Looked

Tensor = torch.Tensor


class Sources(NamedTuple):
    """From which tensors the numbers of a reading come.

    Attributes
    ----------
    weights : dict of id to tensor
        That make units.
    rows : dict of id to UnitRows
        Of these.
    groups : list of list of tensor
        Those with a gradient, in groups of one shape.
    kept : dict of id to tensor
        The norms of the rows of those that have changed.
    trained : dict of id to tensor
        All parameters that are trained.
    rest, stepped : list of tensor
        Those in no group that have not changed, and those that have.
    known : list of (tensor, tensor)
        The former with their gradients, as far as there are any.
    """

    weights: dict[int, Tensor]
    rows: dict[int, UnitRows]
    groups: list[list[Tensor]]
    kept: dict[int, Tensor]
    trained: dict[int, Tensor]
    rest: list[Tensor]
    stepped: list[Tensor]
    known: list[tuple[Tensor, Tensor]]


def sources(looked: "Looked", parameters: Iterable[Tensor], gone: Mapping[int, "Early"]) -> Sources:
    """Return from which tensors the numbers of a reading come; some of them have changed before."""
    weights = {id(m.weight): m.weight for m in looked.makers if m.weight is not None}
    kept = {name: each.rows for name, each in gone.items() if each.rows is not None and name in weights}
    rows: dict[int, UnitRows] = {}
    for maker in looked.makers:
        rows.setdefault(id(maker.weight), maker.rows)
    kinds = [
        [w for n, w in weights.items() if n not in gone and rows[n] == kind] for kind in dict.fromkeys(rows.values())
    ]
    groups = [group for each in kinds for group in row_groups(each)]
    members = {*(id(w) for group in groups for w in group), *kept}
    trained = {id(p): p for p in parameters if p.requires_grad}
    rest = [p for name, p in trained.items() if name not in members and name not in gone]
    stepped = [trained[name] for name in gone if name in trained and name not in members]
    known = [(p, g) for p in rest if (g := gradient_of(p)) is not None]
    return Sources(weights, rows, groups, kept, trained, rest, stepped, known)
