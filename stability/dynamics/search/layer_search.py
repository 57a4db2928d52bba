"""The numerical search for stationary points of output layers in open cells, and which of its ends differ."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import numpy as np

from stability.arrays import Floats
from stability.dynamics.search.enclosures import MOST_UNITS, Enclosure, are_apart, enclosed
from stability.dynamics.search.layer_batch import LayerBatch, descended, newton

REST = 1e-9
"""How large a gradient may be for a point to be stationary, in proportion to its size."""

CURVATURE = 1e-7
"""Up to which share of the largest an eigenvalue of a Hessian counts as 0."""


@dataclass(frozen=True)
class LayerEnd:
    """A stationary point that some starts end on; attributes as of `FoundPoint`."""

    point: Floats
    loss: float
    outputs: Floats
    force: float
    kinks: list[tuple[int, int]]
    kind: str
    hits: int
    enclosure: Enclosure | None = None


def layer_ends(batch: LayerBatch, numbers: Sequence[int], seed: int, spread: float) -> Floats:
    """Return on what the starts with these numbers end, stationary or not, of shape (starts, parameters).

    Those with odd numbers descend first, which leads to minima; Newton's method alone leads anywhere.
    """
    size = batch.landscape.parameters
    starts = np.array([spread * np.random.default_rng([seed, i]).standard_normal(size) for i in numbers])
    odd = np.array(list(numbers)) % 2 == 1
    starts[odd] = descended(batch, starts[odd])
    return batch.balanced(newton(batch, starts))


def layer_points(batch: LayerBatch, ends: Floats, tolerance: float) -> list[LayerEnd]:
    """Return the different stationary points among the ends, those that are isolated with a certificate.

    Isolated points are one where units in some order agree up to scaling; others where their outputs do.
    """
    forces = np.linalg.norm(batch.gradients(ends), axis=1)
    rests = np.isfinite(ends).all(1) & (forces <= REST * (1 + np.linalg.norm(ends, axis=1)))
    found: list[LayerEnd] = []
    for end, force in zip(ends[rests], forces[rests], strict=True):
        one = _described(batch, end, float(force), tolerance)
        k = next((k for k, other in enumerate(found) if _are_one(batch, one, other, tolerance)), None)
        if k is None:
            found.append(one)
        else:
            found[k] = replace(found[k], hits=found[k].hits + 1)
    return _certified(batch, found)


def _described(batch: LayerBatch, point: Floats, force: float, tolerance: float) -> LayerEnd:
    z, slopes = batch.heights(point[None])[0], batch.slopes
    bent = slopes[0] != slopes[1]
    held = [(int(j), int(i)) for j, i in np.argwhere(np.abs(z) <= tolerance) if bent and batch.rows[i].any()]
    loss, outputs = float(batch.losses(point[None])[0]), batch.outputs(point[None])[0]
    return LayerEnd(point, loss, outputs, force, held, "kink" if held else _kind(batch, point), 1)


def _kind(batch: LayerBatch, point: Floats) -> str:
    """Return the kind by the eigenvalues of the Hessian across scalings of units and parameters of dead ones."""
    dead, stride = batch.dead(point), batch.landscape.stride
    axes = np.eye(len(point))
    scalings = np.concatenate([batch.scalings(point[None])[0], *(axes[j * stride : (j + 1) * stride] for j in dead)])
    values, vectors = np.linalg.svd(scalings)[1:] if len(scalings) else (np.zeros(0), np.eye(len(point)))
    across = vectors[int(np.sum(values > CURVATURE * max(1.0, float(values.max(initial=0))))) :]
    table = batch.hessians(point[None])[0]
    found = np.linalg.eigvalsh(across @ table @ across.T)
    bound = CURVATURE * max(1.0, float(np.abs(found).max(initial=0)))
    if not len(found):
        return "flat"
    if np.any(np.abs(found) <= bound):
        return "saddle" if np.any(found < -bound) else "flat"
    return "minimum" if np.all(found > 0) else "maximum" if np.all(found < 0) else "saddle"


def _are_one(batch: LayerBatch, one: LayerEnd, other: LayerEnd, tolerance: float) -> bool:
    """Return whether two ends count as one point."""
    if one.kind != other.kind or not np.allclose(one.outputs, other.outputs, rtol=tolerance, atol=tolerance):
        return False
    if _is_degenerate(batch, one.point) and _is_degenerate(batch, other.point):
        return True
    (first, biases), (second, more) = (_products(batch, end.point) for end in (one, other))
    if not np.allclose(biases, more, rtol=tolerance, atol=tolerance):
        return False
    orders = permutations(range(len(first))) if len(first) <= MOST_UNITS else [range(len(first))]
    return any(np.allclose(first, second[list(order)], rtol=tolerance, atol=tolerance) for order in orders)


def _is_degenerate(batch: LayerBatch, point: Floats) -> bool:
    """Return whether the Hessian has more null directions than the scalings of units and parameters of dead ones."""
    net, dead = batch.landscape.network, len(batch.dead(point))
    free = dead * batch.landscape.stride + (net.count - dead) * net.trainable
    values = np.abs(np.linalg.eigvalsh(batch.hessians(point[None])[0]))
    bound = CURVATURE * max(1.0, float(values.max(initial=0)))
    return int(np.sum(values <= bound)) > free


def _products(batch: LayerBatch, point: Floats) -> tuple[Floats, Floats]:
    hidden, outer, biases = (part[0] for part in batch.parts(point[None]))
    hidden[batch.dead(point)] = 0
    return np.einsum("kw,ko->kwo", hidden, outer), biases


def _certified(batch: LayerBatch, found: list[LayerEnd]) -> list[LayerEnd]:
    """Return the points with boxes; where two boxes may hold the same point, the later one is left without."""
    net = batch.landscape.network
    weights: Sequence[Any] = [0] * net.count if net.trainable else net.weights
    boxes: list[Enclosure] = []
    result = []
    for end in found:
        smooth = not end.kinks and not _is_degenerate(batch, end.point)
        box = enclosed(batch, end.point) if smooth else None
        if box is None or not all(are_apart(box, other, weights) for other in boxes):
            result.append(end)
            continue
        boxes.append(box)
        size = len(end.point) - len(box.fixed)
        kind = "minimum" if not box.index else "maximum" if box.index == size else "saddle"
        result.append(replace(end, kind=kind, enclosure=box))
    return result
