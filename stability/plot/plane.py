"""How does the loss of one unit look in the plane w = (p/2, -p/2), apart from where it rests?"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from stability.arrays import Floats
from stability.model.network_loss import NetworkLoss
from stability.plot.style import GREY

LEVEL = "#B5B5B5"
KINK: dict[str, Any] = {"color": GREY, "linestyle": (0, (4, 2)), "linewidth": 1}


def field(landscape: NetworkLoss, p: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
    """Return (p', b', loss) at w = (p/2, -p/2), with torch's slope at kinks.

    Here p' = w1' - w2' of gradient flow; the plane is invariant on data that the reflection at the diagonal
    leaves as they are, like XOR.
    """
    unit, scale = landscape.network.unit, float(landscape.scale)
    velocity_p, velocity_b, loss = (np.zeros(np.broadcast(p, b).shape) for _ in range(3))
    for x, y in zip(landscape.data.points, landscape.data.labels, strict=True):
        lean = float(x[0] - x[1])
        z = lean * p / 2 + b
        slope = np.select([z > 0, z < 0], [float(unit.positive), float(unit.negative)], float(unit.kink_slope))
        error = np.where(z > 0, float(unit.positive) * z, float(unit.negative) * z) - float(y)
        velocity_p -= 2 * scale * error * slope * lean
        velocity_b -= 2 * scale * error * slope
        loss += scale * error**2
    return velocity_p, velocity_b, loss


def draw_levels_and_kinks(ax: Axes, landscape: NetworkLoss, span: float) -> Axes:
    """Draw the contours of the loss and the kinks from -span to span, and label the axes; return the axes."""
    line = np.linspace(-span, span, 241)
    p, b = np.meshgrid(line, line)
    loss = field(landscape, p, b)[2]
    levels = np.unique(np.concatenate([np.linspace(0, 2, 9), np.geomspace(2.5, max(loss.max(), 3), 8)]))
    ax.contour(p, b, loss, levels=levels, colors=LEVEL, linewidths=0.5, zorder=1)
    ends = np.array([-span, span])
    for lean in sorted({float(x[0] - x[1]) for x in landscape.data.points}):
        ax.plot(ends, -lean * ends / 2, zorder=2, **KINK)
    ax.set(xlim=(-span, span), ylim=(-span, span), xlabel=r"$p = w_1 - w_2$", ylabel=r"bias $b$", aspect="equal")
    return ax
