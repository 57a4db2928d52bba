"""Layers as they were read, from a network or a checkpoint, and what becomes of their units."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from stability.arrays import Booleans, Floats
from stability.dead_units.certify import LayerOutcome, outcomes
from stability.dead_units.layers import Box, UnitLayer
from stability.dead_units.optimisers import NotKnown, array, memory_of, require_finite_settings, rule_of, why_unknown
from stability.dead_units.report import RecoveryReport, report, unknown

Tensor = torch.Tensor
ROUNDOFF = {torch.float64: 2.0**-53, torch.float32: 2.0**-24, torch.float16: 2.0**-11, torch.bfloat16: 2.0**-8}
"""By how much an operation is rounded at most, relatively."""

SHORTENED = {"high": 2.0**-11, "medium": 2.0**-8}
"""The same of the types to which torch may shorten factors of float32, by `torch.get_float32_matmul_precision`."""


@dataclass(eq=False)
class Read:
    """What the forward passes showed of a layer.

    Attributes
    ----------
    name : str
    weight, bias : tensor or None
    points : list of array
        The inputs of each pass, where they are the same for ever.
    box : Box
        Between which numbers they are, where they are not.
    source : str
        The layer whose units are the inputs, in the same order; empty if there is none.
    premise : str
    why : str
        Why the layer is not known.
    units : int
    on : array (units,) of bool
        Which units are on at some of the data now.
    roundoff : float or None
        By how much an operation of its forward pass is rounded at most, relatively; None for as its weights are.
    sizes : (int, int)
        Of a batch normalisation: examples of a batch, and numbers of a unit for each; 0 of anything else.
    """

    name: str
    weight: Tensor | None = None
    bias: Tensor | None = None
    points: list[Floats] | None = None
    box: Box = ()
    source: str = ""
    premise: str = ""
    why: str = ""
    units: int = 0
    on: Booleans | None = None
    roundoff: float | None = None
    sizes: tuple[int, int] = (0, 0)


def roundoff_of(weight: Tensor, out: Tensor) -> float | None:
    """Return by how much operations are rounded that make a tensor by a weight; None where that is not known.

    Where factors are rounded to a shorter type first, as by autocast, twice the rounding of that type is enough for
    sums of at least two products.
    """
    kept = weight.dtype
    if out.dtype != kept:
        return 2 * max(ROUNDOFF[out.dtype], ROUNDOFF[kept]) if {out.dtype, kept} <= {*ROUNDOFF} else None
    shortened = SHORTENED.get(torch.get_float32_matmul_precision(), 0.0) if kept == torch.float32 else 0.0
    if kept == torch.float32 and weight.device.type == "cuda" and torch.backends.cudnn.allow_tf32 and weight.ndim > 2:
        shortened = max(shortened, SHORTENED["high"])
    return max(2 * shortened, ROUNDOFF.get(kept, 0.0)) or None


def decide(
    layers: Sequence[Read],
    optimizer: torch.optim.Optimizer,
    name: str,
    horizon: int,
    roundoff: float | None = None,
    notes: Sequence[str] = (),
) -> RecoveryReport:
    """Return what becomes of the units of layers, those nearer to the inputs first.

    Parameters
    ----------
    layers : sequence of Read
    optimizer : Optimizer
    name : str
        Of its rule.
    horizon : int
        The most steps that are claimed.
    roundoff : float, optional
        That of the type of the weights if left out.
    notes : sequence of str
        What is said besides.
    """
    require_finite_settings(optimizer)
    found: dict[str, LayerOutcome] = {}
    premises: list[str] = []
    why = why_unknown(optimizer)
    for each in layers:
        each.why = each.why or why
        try:
            layer = _layer(each, optimizer, name, roundoff)
            found[each.name] = outcomes(_without_dead(layer, each, found), horizon)
            if each.premise:
                premises.append(f"{each.name}: {each.premise}")
        except NotKnown as problem:
            found[each.name] = unknown(each.name, each.units, problem.problem)
    return report(_said(optimizer), list(found.values()), [*premises, *notes])


def _said(optimizer: torch.optim.Optimizer) -> str:
    group = optimizer.param_groups[0]
    kept = ("lr", "momentum", "weight_decay", "betas", "nesterov")
    return f"{type(optimizer).__name__} ({', '.join(f'{key} {group[key]}' for key in kept if group.get(key))})"


def _layer(read: Read, optimizer: torch.optim.Optimizer, name: str, roundoff: float | None) -> UnitLayer:
    if read.why or read.weight is None:
        raise NotKnown(read.why or "it has no weight")
    weight, bias, count = read.weight, read.bias, read.weight.shape[0]
    w = memory_of(optimizer, weight, tuple(weight.shape))
    b = memory_of(optimizer, bias, (count,))
    rule = rule_of(name, w, b)
    own_roundoff = ROUNDOFF.get(weight.dtype) if read.roundoff is None else read.roundoff
    usual = own_roundoff if roundoff is None else roundoff
    if usual is None or usual * (weight[0].numel() + 1) >= 1:
        raise NotKnown(f"how sums of {weight[0].numel() + 1} numbers of type {weight.dtype} are rounded has no bound")
    own = array(weight), np.zeros(count) if bias is None else array(bias)
    points = None if read.points is None else np.concatenate(read.points)
    for values in (*own, w.first, b.first, w.second, b.second, *([] if points is None else [points])):
        if not np.isfinite(values).all():
            raise NotKnown("its parameters, its inputs or what the optimiser remembers are not all finite")

    def rows(first: Floats, last: Floats) -> Floats:
        return np.column_stack([first.reshape(count, -1), last])

    on = None if points is not None else read.on
    first, second = rows(w.first, b.first), rows(w.second, b.second)
    return UnitLayer(read.name, rows(*own), first, second, rule, points, read.box, usual, read.premise, on)


def _without_dead(layer: UnitLayer, read: Read, found: dict[str, LayerOutcome]) -> UnitLayer:
    """Return a layer whose inputs are 0 where they come from units that stay dead for ever."""
    dead = found[read.source].for_ever if read.source in found else set()
    if not dead:
        return layer
    box = tuple((0.0, 0.0) if k in dead else side for k, side in enumerate(layer.box))
    return replace(layer, box=box, premise=f"{layer.premise}, and 0 where units of {read.source} stay dead")
