"""Axes to draw on: those that were given, or those of a new figure."""

from matplotlib.axes import Axes

from stability.errors import require_kind


def axes(ax: Axes | None, width: float = 5.6, height: float = 4.2) -> Axes:
    """Return the Axes, or those of a new figure of pyplot if there are none.

    Parameters
    ----------
    ax : Axes or None
    width, height : float
        Of the new figure, in inches.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> given = Figure().subplots()
    >>> axes(given) is given
    True
    """
    if ax is not None:
        require_kind(ax, Axes, "Axes of matplotlib", "Write ax=pyplot.gca(), or leave it out.")
        return ax
    from matplotlib import pyplot

    _, made = pyplot.subplots(figsize=(width, height), layout="constrained")
    return made
