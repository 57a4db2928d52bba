"""Boundaries between the labels of a grid: crossings of grid lines by bisection, joined to lines and areas."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stability.arrays import Floats, Ints

ROUNDS = 5
"""Bisections: a crossing is found to 1/2^ROUNDS of a pixel, and the middle of what is left is taken."""

Labels = Callable[[Floats], Ints]
"""Returns the labels of spots of shape (n, 2)."""


@dataclass(frozen=True)
class Areas:
    """A labelled grid with sharp edges.

    Attributes
    ----------
    x, y : arrays
        The coordinates of the samples.
    labels : array of int of shape (len(y), len(x))
    lines : array of shape (n, 2, 2)
        The segments between areas with different labels.
    pieces : list of (array of shape (corners, 2), int)
        Every square between four samples that are not labelled alike, cut into polygons with a label each.
    """

    x: Floats
    y: Floats
    labels: Ints
    lines: Floats
    pieces: list[tuple[Floats, int]]

    @property
    def seen(self) -> set[int]:
        """The labels that occur."""
        return {*self.labels.ravel().tolist(), *(label for _, label in self.pieces)}


def areas(label: Labels, x: Floats, y: Floats, rounds: int = ROUNDS) -> Areas:
    """Return the areas into which labels cut the grid with these coordinates; edges are bisected so many times."""
    spots = np.stack(np.meshgrid(x, y), axis=-1)
    labels = label(spots.reshape(-1, 2)).reshape(len(y), len(x))
    across, above = _crossings(label, labels, spots, rounds)
    lines: list[list[Floats]] = []
    pieces: list[tuple[Floats, int]] = []
    corners = np.stack([labels[:-1, :-1], labels[:-1, 1:], labels[1:, 1:], labels[1:, :-1]], axis=-1)
    for j, i in np.argwhere((corners != corners[..., :1]).any(axis=-1)):
        rim = [spots[j, i], spots[j, i + 1], spots[j + 1, i + 1], spots[j + 1, i]]
        gaps = [across[j, i], above[j, i + 1], across[j + 1, i], above[j, i]]
        _cut(rim, gaps, corners[j, i].tolist(), lines, pieces)
    return Areas(x, y, labels, np.array(lines).reshape(-1, 2, 2), pieces)


def _crossings(label: Labels, labels: Ints, spots: Floats, rounds: int) -> tuple[Floats, Floats]:
    """Return where labels change between neighbours sideways and upwards, NaN where they do not."""
    low = np.concatenate([spots[:, :-1].reshape(-1, 2), spots[:-1].reshape(-1, 2)])
    high = np.concatenate([spots[:, 1:].reshape(-1, 2), spots[1:].reshape(-1, 2)])
    before = np.concatenate([labels[:, :-1].ravel(), labels[:-1].ravel()])
    after = np.concatenate([labels[:, 1:].ravel(), labels[1:].ravel()])
    changed = before != after
    found = np.full(low.shape, np.nan)
    low, high, before = low[changed], high[changed], before[changed]
    for _ in range(rounds if len(low) else 0):
        middle = (low + high) / 2
        same = (label(middle) == before)[:, None]
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    found[changed] = (low + high) / 2
    rows, columns = labels.shape
    count = rows * (columns - 1)
    return found[:count].reshape(rows, columns - 1, 2), found[count:].reshape(rows - 1, columns, 2)


def _cut(
    rim: list[Floats],
    gaps: list[Floats],
    labels: list[int],
    lines: list[list[Floats]],
    pieces: list[tuple[Floats, int]],
) -> None:
    """Cut a square at the crossings on its sides: from one to the other if there are two, else all to their mean.

    Parameters
    ----------
    rim, gaps : lists of four spots
        The corners in their order, and the crossing after each of them.
    labels : list of int
        Of the corners.
    lines, pieces : lists
        To which what is found is added.
    """
    cuts = [k for k in range(4) if labels[k] != labels[(k + 1) % 4]]
    middle = [np.mean([gaps[k] for k in cuts], axis=0)] if len(cuts) > 2 else []
    lines += [[gaps[k], middle[0]] for k in cuts] if middle else [[gaps[k] for k in cuts]]
    for before, after in zip(cuts, [*cuts[1:], cuts[0] + 4], strict=True):
        corners = [rim[k % 4] for k in range(before + 1, after + 1)]
        pieces.append((np.array([gaps[before], *corners, gaps[after % 4], *middle]), labels[after % 4]))
