"""Lower bounds of the loss at all parameters, where output weights are trained: read off the complete list of sets."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from stability.geometry.atlas.atlas import is_affordable
from stability.geometry.atlas.conditions import checked, satisfies
from stability.geometry.atlas.statements import every_set
from stability.geometry.stationary.one_hot import is_reducible
from stability.landscapes import Landscape
from stability.logic.branches import Landscapes
from stability.logic.deductions import Deduced
from stability.logic.records import Judged, deduced
from stability.logic.statements import Not

BOUND = re.compile(r"(?:(\w+)\.)?loss\(\s*(\w+)\s*\)\s*(>=|≥|>)\s*(\d+(?:/0*[1-9]\d*|\.\d+)?)")
GLOBAL = [("kind", "=", "global minimum")]


@dataclass(frozen=True)
class LossBound(Deduced):
    """That the loss is nowhere below a number, or everywhere above it.

    A loss of this kind attains its least value (docs/certificates.md), at sets of the list whose kind is "global
    minimum"; so the bound holds if and only if it does at these.

    Attributes
    ----------
    landscape : Landscape
    name : str
        How records call the landscape.
    relation : str
        ">=" or ">".
    bound : Fraction

    Examples
    --------
    >>> from stability import landscape, prove
    >>> prove(LossBound(landscape("relu1-out", "xor"), "L", ">=", Fraction(1))).conclusion
    'proved'
    >>> prove(LossBound(landscape("relu1-out", "xor"), "L", ">", Fraction(1))).conclusion
    'refuted'
    """

    landscape: Landscape
    name: str
    relation: str
    bound: Fraction

    @property
    def landscapes(self) -> Landscapes:  # type: ignore[override]
        """The landscape, under its name."""
        return {self.name: self.landscape.to_record()}

    def formal(self) -> dict[str, Any]:
        """Return the statement as plain data."""
        return {"loss of": self.name, "everywhere": [self.relation, str(self.bound)]}

    def judged(self) -> Judged:
        """Compare the least loss of the list with the bound."""
        atlas = self.landscape.atlas()
        wanted = ("loss", self.relation, str(self.bound))
        least = next(each for each in atlas.sets if each.kind == GLOBAL[0][2])
        holds = satisfies(least, checked([wanted], "what the least loss is"))
        fact = every_set(self.landscape, GLOBAL, [wanted], self.name)
        reason = f"The least loss is {least.loss}, that of the global minima in the complete list."
        return deduced("proved" if holds else "refuted", reason, [fact if holds else Not(fact)])


def loss_bound(
    variables: Sequence[str], given: Sequence[str], goals: Sequence[Sequence[str]], places: Mapping[str, Landscape]
) -> LossBound | None:
    """Return the bound that relations state at all parameters, if they state one and a complete list decides it.

    Parameters
    ----------
    variables : sequence of str
        What ranges over all values.
    given, goals : sequences of str
        The relations as they are written; goals are alternatives.
    places : mapping
        The landscapes by name.
    """
    if given or len(goals) != 1 or len(goals[0]) != 1:
        return None
    match = BOUND.fullmatch(goals[0][0].strip())
    if match is None or match[2] not in variables:
        return None
    name = match[1] or (next(iter(places)) if len(places) == 1 else "")
    place = places.get(name)
    if place is None or not place.network.trainable or not (is_reducible(place) and is_affordable(place)):
        return None
    return LossBound(place, name, ">" if match[3] == ">" else ">=", Fraction(match[4]))
