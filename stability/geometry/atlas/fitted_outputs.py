"""The different outputs of a network at its stationary points, up to symmetry."""

from dataclasses import dataclass
from fractions import Fraction

from stability.geometry.atlas.text import SetList, groups
from stability.geometry.stationary.sets import StationarySet

Outputs = tuple[Fraction, ...]


@dataclass(frozen=True)
class FittedOutputs:
    """What a network puts out on a family of stationary sets.

    Attributes
    ----------
    name : str
        A letter, or several after "Z".
    outputs : tuple of Fraction
        On the first set.
    images : int
        How many different ones the symmetries make of it, this one included.
    loss : Fraction
    families : list of list of StationarySet
        The sets with such outputs; those that are images of each other form one family.
    """

    name: str
    outputs: Outputs
    images: int
    loss: Fraction
    families: list[list[StationarySet]]


def fits(atlas: SetList) -> list[FittedOutputs]:
    """Return the different outputs at stationary points, up to symmetry, least loss first."""
    kinds: dict[frozenset[Outputs], list[list[StationarySet]]] = {}
    for family in groups(atlas):
        kinds.setdefault(frozenset(tuple(each.outputs) for each in family), []).append(family)
    order = sorted(kinds.items(), key=lambda each: each[1][0][0].loss)
    return [
        FittedOutputs(_name(k), tuple(families[0][0].outputs), len(images), families[0][0].loss, families)
        for k, (images, families) in enumerate(order)
    ]


def _name(k: int) -> str:
    """Return "A" to "Z", then "AA" to "ZZ", and so on."""
    return chr(ord("A") + k % 26) * (k // 26 + 1)
