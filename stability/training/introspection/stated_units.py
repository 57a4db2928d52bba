"""What the user says of layers: which axis counts their units, and which of them are to be left out."""

import re
from collections.abc import Iterable, Mapping

from torch import nn

from stability.errors import StabilityError, nearest, require_kind
from stability.training.introspection.axes import EMPTY, EXAMPLES, PLACES, UNITS, Axes, Factor

NUMBER = re.compile(r" \(\d+\)$")
"""What stands behind the name of a layer that is used again."""

CALLED = re.compile(r"(?:(.+)\.)?relu(?: (?:[2-9]|[1-9]\d+))?")
"""The name of a ReLU that a module calls as a function, with that of the module."""


class StatedUnits:
    """The axes of units that are stated, and the layers to leave out.

    Parameters
    ----------
    model : Module
    units : mapping of str to int, optional
        Which axis of what a ReLU gets counts its units, by the name of the layer, or of the module that calls the ReLU.
    skip : iterable of str
        Layers, or modules with all that is in them.

    Raises
    ------
    StabilityError
        If a name is neither that of a module nor can be that of a layer, or an axis is no whole number.
    KindError
        If they are no names.

    Examples
    --------
    >>> from torch import nn
    >>> stated = StatedUnits(nn.Sequential(nn.Linear(2, 3), nn.ReLU()), {"1": -1})
    >>> stated.axis("0", "1"), stated.axis("0", ""), stated.leaves_out("0", "1")
    (-1, None, False)
    """

    def __init__(self, model: nn.Module, units: Mapping[str, int] | None = None, skip: Iterable[str] = ()) -> None:
        require_kind(units, Mapping | None, "axes by name as units", 'Write units={"block.relu": 1}.')
        require_kind(skip, Iterable, "names as skip", 'Write skip=["decoder"].')
        self.units, self.skip = dict(units or {}), (skip,) if isinstance(skip, str) else tuple(skip)
        if not self:
            return
        for name, axis in self.units.items():
            if isinstance(axis, bool) or not isinstance(axis, int):
                raise StabilityError(f"Expected the axis of the units of {name}; got {axis!r}.", "Try 1, or -1.")
        modules = {name for name, _ in model.named_modules(remove_duplicate=False) if name}
        known = modules | {name for name, _ in model.named_parameters(remove_duplicate=False)}
        for name in (*self.units, *self.skip):
            require_kind(name, str, "the name of a layer or module", 'Write "block.relu", as in a reading.')
            called = CALLED.fullmatch(name)
            if NUMBER.sub("", name) not in known and (called is None or called[1] not in (None, *modules)):
                raise StabilityError(
                    f"Expected the name of a layer or module of {type(model).__name__}; got {name!r}.",
                    nearest(name, sorted(known)),
                )

    def __bool__(self) -> bool:
        return bool(self.units or self.skip)

    def axis(self, layer: str, place: str) -> int | None:
        """Return which axis counts the units of a layer whose ReLU a module calls; None if nothing is stated."""
        return self.units.get(layer, self.units.get(place))

    def leaves_out(self, layer: str, place: str) -> bool:
        """Return whether a layer is to be left out."""
        return layer in self.skip or any(place == name or place.startswith(f"{name}.") for name in self.skip)


def stated_axes(shape: tuple[int, ...], axis: int) -> Axes | None:
    """Return the axes of a tensor of which the axis of units is stated; None if it has no such axis.

    Examples stand on the first of the other axes.
    """
    if not -len(shape) <= axis < len(shape):
        return None
    place = axis % len(shape)
    first = 1 if place == 0 else 0
    kinds = [UNITS if k == place else EXAMPLES if k == first else PLACES for k in range(len(shape))]
    return Axes(tuple((Factor(kind, n or EMPTY),) for kind, n in zip(kinds, shape, strict=True)), shape[place])
