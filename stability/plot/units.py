"""Pictures of an activation of two slopes."""

from matplotlib.axes import Axes

from stability.plot.axes import axes
from stability.plot.style import BLUE, GREY, VERMILLION

REACH = 2.0


def draw_unit(ax: Axes | None, name: str, negative: float, positive: float, kink_slope: float) -> Axes:
    """Draw an activation over its pre-activation, and at 0 the slope that training takes there.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    name : str
    negative, positive : float
        The slopes left and right of 0.
    kink_slope : float
        That at 0.

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax)
    ax.axhline(0, color=GREY, linewidth=0.6)
    ax.axvline(0, color=GREY, linewidth=0.6)
    ax.plot([-REACH, 0, REACH], [-REACH * negative, 0, REACH * positive], color=BLUE, linewidth=2, label=name)
    if negative != positive:
        ends = [-REACH / 5, REACH / 5]
        label = f"slope {kink_slope:g} at the kink"
        ax.plot(ends, [kink_slope * z for z in ends], color=VERMILLION, linewidth=2.4, label=label, zorder=3)
    ax.set(xlim=(-REACH, REACH), xlabel="pre-activation $z$", ylabel="activation")
    ax.legend()
    return ax
