"""Families of stationary sets of networks with an output layer: how many of their units are silent, what they touch."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from stability.geometry.atlas.text import groups
from stability.geometry.stationary.sets import StationarySet

if TYPE_CHECKING:
    from stability.geometry.atlas.atlas import Atlas


@dataclass(frozen=True)
class LayerFamily:
    """Stationary sets that are images of each other by the symmetries of the data.

    Attributes
    ----------
    sets : list of StationarySet
        In the order of the atlas.
    silent : tuple of int
        The numbers of silent units, those with a trained output weight of 0, that points of each set have; ascending.
    touches : tuple of int
        The positions of families of another kind, in the list of `layer_families`, whose sets these sets touch.
    """

    sets: list[StationarySet]
    silent: tuple[int, ...]
    touches: tuple[int, ...]

    @property
    def kind(self) -> str:
        """As "local minimum"."""
        return self.sets[0].kind

    @property
    def loss(self) -> Fraction:
        """The exact loss."""
        return self.sets[0].loss

    @property
    def dimension(self) -> int:
        """Of each set, in parameter space."""
        return self.sets[0].dimension

    @property
    def count(self) -> int:
        """How many sets it has, those by permuting the units included."""
        return sum(each.orbit for each in self.sets)

    @property
    def escapes(self) -> tuple[int, ...]:
        """The numbers of silent units with which it has points where one of these lowers the loss.

        At saddles with silent units that is always so: put one of them at hidden parameters of 0.
        """
        return tuple(k for k in self.silent if k and self.kind == "saddle")


def layer_families(atlas: "Atlas") -> list[LayerFamily]:
    """Return the families of stationary sets, least loss first, and at equal loss those next to each other that touch.

    Parameters
    ----------
    atlas : Atlas
        Of a network with one hidden layer; where its output weights are not trained, no unit is silent.

    Examples
    --------
    >>> from stability import landscape
    >>> [(each.kind, str(each.loss), each.silent) for each in layer_families(landscape("abs1-out", "xor").atlas())][2:]
    [('saddle', '4/3', (0,)), ('local minimum', '2', (0,)), ('saddle', '2', (0, 1))]
    """
    families = _beside_each_other(groups(atlas))
    place = {each.index: k for k, family in enumerate(families) for each in family}
    return [
        LayerFamily(
            family,
            tuple(sorted({k for each in family for k in _silent(atlas, each)})),
            tuple(sorted({place[other] for each in family for other in each.borders})),
        )
        for family in families
    ]


def _silent(atlas: "Atlas", found: StationarySet) -> set[int]:
    if not atlas.landscape.network.trainable:
        return {0}
    return {sum(state >= atlas.gathering.states.active for state in member) for member in found.members}


def _beside_each_other(families: list[list[StationarySet]]) -> list[list[StationarySet]]:
    """Return the families with those next to each other that touch."""
    of = {each.index: k for k, family in enumerate(families) for each in family}
    found: dict[int, list[StationarySet]] = {}
    for k in range(len(families)):
        waiting = [k]
        while waiting:
            k = waiting.pop()
            if k not in found:
                found[k] = families[k]
                waiting += sorted({of[other] for each in families[k] for other in each.borders}, reverse=True)
    return list(found.values())
