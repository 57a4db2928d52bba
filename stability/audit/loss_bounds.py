"""Lower bounds of the loss at all parameters, and whether it gets below a number: read off the complete list."""

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
from stability.logic.scopes import is_name
from stability.logic.statements import Not

LOSS = r"(?:(\w+)\.)?loss\(\s*([\w\s,\[\]]+?)\s*\)"
NUMBER = r"(-?\s*\d+(?:/0*[1-9]\d*|\.\d+)?)"
BOUND = re.compile(rf"{LOSS}\s*(<=|>=|≤|≥|<|>)\s*{NUMBER}")
TURNED = re.compile(rf"{NUMBER}\s*(<=|>=|≤|≥|<|>)\s*{LOSS}")
SAME = {"≥": ">=", "≤": "<="}
MIRRORED = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}
SOMEWHERE = ("<", "<=")
GLOBAL = [("kind", "=", "global minimum")]

FEW = 12
"""Points up to which bounds of a network with fixed output weights are left to the prover, whose records are short."""


@dataclass(frozen=True)
class LossBound(Deduced):
    """That the loss is nowhere below a number, or everywhere above it; or that it is below it, or no more, somewhere.

    A loss of this kind attains its least value (docs/certificates.md), at sets of the list whose kind is "global
    minimum"; so the bound holds if and only if it does at these.

    Attributes
    ----------
    landscape : Landscape
    name : str
        How records call the landscape.
    relation : str
        ">=" or ">", everywhere; "<" or "<=", somewhere.
    bound : Fraction

    Examples
    --------
    >>> from stability import landscape, prove
    >>> prove(LossBound(landscape("relu1-out", "xor"), "L", ">=", Fraction(1))).conclusion
    'proved'
    >>> prove(LossBound(landscape("relu1-out", "xor"), "L", "<", Fraction(1))).conclusion
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
        where = "somewhere" if self.relation in SOMEWHERE else "everywhere"
        return {"loss of": self.name, where: [self.relation, str(self.bound)]}

    def judged(self) -> Judged:
        """Compare the least loss of the list with the bound."""
        atlas = self.landscape.atlas()
        wanted = ("loss", self.relation, str(self.bound))
        least = next(each for each in atlas.sets if each.kind == GLOBAL[0][2])
        holds = satisfies(least, checked([wanted], "what the least loss is"))
        fact = every_set(self.landscape, GLOBAL, [wanted], self.name)
        point = "; ".join(", ".join(map(str, row)) for row in least.witness)
        reason = f"The least loss is {least.loss}, that of the global minima in the complete list, as at ({point})."
        return deduced("proved" if holds else "refuted", reason, [fact if holds else Not(fact)])


def loss_bound(
    variables: Sequence[str],
    given: Sequence[str],
    goals: Sequence[Sequence[str]],
    places: Mapping[str, Landscape],
    somewhere: bool = False,
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
    somewhere : bool
        Whether the relation is to hold for some values, not for all.
    """
    if given or len(goals) != 1 or len(goals[0]) != 1 or not _are_names(variables):
        return None
    read = _read(goals[0][0].strip())
    if read is None:
        return None
    called, point, relation, number = read
    name = called or (next(iter(places)) if len(places) == 1 else "")
    place = places.get(name)
    if place is None or (relation in SOMEWHERE) != somewhere or not _ranges(place, point, variables):
        return None
    by_list = somewhere or place.network.trainable or len(place.data.points) > FEW
    if not by_list or not (is_reducible(place) and is_affordable(place)):
        return None
    return LossBound(place, name, relation, Fraction(number.replace(" ", "")))


def _are_names(variables: Sequence[str]) -> bool:
    return all(map(is_name, variables)) and len(set(variables)) == len(variables)


def _read(text: str) -> tuple[str | None, str, str, str] | None:
    """Return landscape, point, relation and number of a bound of the loss, on whichever side the number stands."""
    if match := BOUND.fullmatch(text):
        return match[1], match[2], SAME.get(match[3], match[3]), match[4]
    if match := TURNED.fullmatch(text):
        return match[3], match[4], MIRRORED[SAME.get(match[2], match[2])], match[1]
    return None


def _ranges(place: Landscape, point: str, variables: Sequence[str]) -> bool:
    """Return whether a point ranges over all parameters: a variable, or a list of as many different ones."""
    if "[" not in point:
        return point in variables
    entries = re.findall(r"\w+", point)
    return len(entries) == len(set(entries)) == place.parameters and set(entries) <= set(variables)
