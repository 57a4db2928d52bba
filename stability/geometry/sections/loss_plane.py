"""The loss of one unit on a grid of the plane w = (p/2, -p/2)."""

from dataclasses import dataclass

import numpy as np

from stability.arrays import Floats
from stability.model.float_loss import losses
from stability.model.network_loss import NetworkLoss
from stability.model.restrictions import require_one_unit_in_the_plane, require_units_alone

SAMPLES = 241
"""Along each axis."""


@dataclass(frozen=True)
class LossPlane:
    """The loss of one unit in the plane w = (p/2, -p/2), both axes from -span to span.

    Attributes
    ----------
    span : float
    p, b : arrays (n, n)
        The coordinates of a grid.
    loss : array (n, n)
    kinks : list of float
        The slopes of the lines b = slope * p on which pre-activations vanish, each once, the largest first.
    """

    span: float
    p: Floats
    b: Floats
    loss: Floats
    kinks: list[float]


def loss_plane(landscape: NetworkLoss, span: float, remedy: str) -> LossPlane:
    """Return the loss of one unit in the plane w = (p/2, -p/2).

    Parameters
    ----------
    landscape : NetworkLoss
    span : float
        Both axes run from -span to span.
    remedy : str
        What to try where there is no such plane.

    Raises
    ------
    PointError
        If there are several units, or the data are not in the plane.
    """
    require_units_alone(landscape, "a plane of the loss")
    require_one_unit_in_the_plane(landscape, remedy)
    line = np.linspace(-span, span, SAMPLES)
    p, b = np.meshgrid(line, line)
    loss = losses(landscape, np.stack([p / 2, -p / 2, b], axis=-1)[..., None, :])
    leans = sorted({float(x[0] - x[1]) for x in landscape.data.points})
    return LossPlane(span, p, b, loss, [-lean / 2 for lean in leans])
