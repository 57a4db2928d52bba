"""Relations that are tried on the stationary sets of small landscapes where nothing else settles them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from stability.geometry.atlas.atlas import is_affordable, known_atlas
from stability.landscapes import Landscape
from stability.logic.statements import Exists, ForAll, Settled

STEPS = 2_000_000
"""How much work it may be to look at the points of the sets."""


@dataclass(frozen=True)
class OnSets:
    """What points of stationary sets may settle.

    Attributes
    ----------
    places : sequence of Landscape
        Those whose sets are looked at, where the variables are one point of them.
    """

    places: Sequence[Landscape] = ()


@dataclass(frozen=True)
class ForAllOnSets(OnSets, ForAll):
    """A universal statement whose counterexample may be a point of a stationary set."""

    def settle(self) -> Settled:
        """Settle it as any, then look at the points."""
        return _settled(self, super().settle(), self.places)


@dataclass(frozen=True)
class ExistsOnSets(OnSets, Exists):
    """An existential statement whose instance may be a point of a stationary set."""

    def settle(self) -> Settled:
        """Settle it as any, then look at the points."""
        return _settled(self, super().settle(), self.places)


def _settled(statement: ForAllOnSets | ExistsOnSets, settled: Settled, places: Sequence[Landscape]) -> Settled:
    """Return how a statement is settled, by a point of a stationary set if not otherwise."""
    points = _points(statement.names.split(), places) if settled.conclusion is None else []
    if not points:
        return settled
    again = replace(statement, try_at=points, samples=0, steps=STEPS, places=()).settle()
    return settled if again.conclusion is None else again


def _points(names: Sequence[str], places: Sequence[Landscape]) -> list[dict[str, Fraction]]:
    """Return a point of every stationary set of the landscapes that have so many weights and whose list is short."""
    sets = [
        each
        for place in places
        if len(names) == place.parameters and is_affordable(place)
        for each in known_atlas(place).sets
    ]
    flat = [[Fraction(x) for row in each.witness for x in row] for each in sets]
    return [dict(zip(names, point, strict=True)) for point in flat]
