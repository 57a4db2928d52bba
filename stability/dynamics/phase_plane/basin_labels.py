"""On which stationary set each point of a plane ends, under gradient flow or an update rule."""

import numpy as np

from stability.arrays import Floats, Ints
from stability.dynamics.flow.batch import UNDECIDED, flow_limits
from stability.dynamics.maps.iterate import STEPS, rule_ends
from stability.model.network_loss import NetworkLoss
from stability.model.update_rules import UpdateRule

CHUNK = 5000
"""Starts that are followed at once."""


SHIFT = (0.137, -0.211)
"""Where in a pixel its sample lies, off its middle; so samples do not lie on kinks with simple slopes."""


def samples(span: float, pixels: int) -> tuple[Floats, Floats]:
    """Return where the pixels of a square from -span to span, and one more on each side, are sampled."""
    line = np.arange(-1, pixels + 1) + 0.5
    x, y = (((line + shift) / pixels * 2 - 1) * span for shift in SHIFT)
    return x, y


def flow_labels(landscape: NetworkLoss, points: Floats) -> Ints:
    """Return the position in the atlas of the set on which gradient flow ends from each point.

    -1 is where that is undecided, or several solutions leave the point.
    """
    return np.concatenate([flow_limits(landscape, points[k : k + CHUNK]).decided for k in range(0, len(points), CHUNK)])


def rule_labels(landscape: NetworkLoss, points: Floats, rule: UpdateRule, max_steps: int = STEPS) -> Ints:
    """Return that of the set at which an update rule comes to rest; -1 if it comes to none, or diverges."""
    parts = (points[k : k + CHUNK] for k in range(0, len(points), CHUNK))
    return np.concatenate([np.maximum(rule_ends(landscape, part, rule, max_steps).sets, UNDECIDED) for part in parts])
