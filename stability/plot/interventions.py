"""Drawing of how often training succeeds with each policy of repairs, and how many healthy runs it harms."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from stability.plot.protocols.training import DrawnPolicy
from stability.plot.style import BLACK, BLUE, GREY, VERMILLION


def draw_policies(ax: Axes, found: Sequence[DrawnPolicy]) -> Axes:
    """Draw the success of each policy as a bar with its 95% interval, and the share of healthy runs that it harms.

    Parameters
    ----------
    ax : Axes
    found : sequence of PolicyOutcome
        Of one task; one without a controller is drawn in grey.

    Returns
    -------
    Axes
        The same.
    """
    places = np.arange(len(found))
    shares = np.array([each.successes / each.runs for each in found])
    ends = np.array([each.interval for each in found])
    colours = [GREY if each.policy == "none" else BLUE for each in found]
    ax.barh(places, shares, 0.62, color=colours)
    whiskers = np.maximum(np.abs(ends.T - shares), 0)
    ax.errorbar(shares, places, xerr=whiskers, linestyle="none", color=BLACK, elinewidth=1.1, capsize=2.5)
    for place, each, share in zip(places.tolist(), found, shares, strict=True):
        ax.text(1.02, place, f"{share:.2%}", va="center", fontsize=8)
        if each.healthy:
            harmed = "" if each.policy == "none" else f"{each.harmed:,} of {each.healthy:,}"
            colour = VERMILLION if each.harmed else BLACK
            ax.text(1.16, place, harmed, va="center", fontsize=8, color=colour)
    ax.set_yticks(places, [each.policy for each in found])
    ax.invert_yaxis()
    ax.set(xlim=(0, 1), xlabel=f"share of {found[0].runs:,} runs that succeed")
    return ax
