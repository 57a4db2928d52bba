"""Lower bounds of the loss at all parameters, and whether it gets below a number: read off the complete list."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from stability.geometry.atlas.atlas import is_affordable, known_atlas
from stability.geometry.atlas.conditions import compares
from stability.geometry.atlas.statements import every_set
from stability.geometry.stationary.one_hot import is_reducible
from stability.geometry.stationary.sets import StationarySet
from stability.landscapes import Landscape
from stability.logic.branches import Landscapes
from stability.logic.deductions import Deduced
from stability.logic.notation import SIGNS
from stability.logic.records import Judged, deduced
from stability.logic.scopes import is_name
from stability.logic.statements import Not

LOSS = r"(?:(\w+)\.)?loss\(([\w\s,\[\]]+)\)"
NUMBER = r"(-?\s*\d+(?:/0*[1-9]\d*|\.\d+)?)"
BOUND = re.compile(rf"{LOSS}\s*(<=|>=|≤|≥|<|>)\s*{NUMBER}")
TURNED = re.compile(rf"{NUMBER}\s*(<=|>=|≤|≥|<|>)\s*{LOSS}")
REACHED = re.compile(rf"(?:(\w+)\.)?loss\(([^()]*)\)\s*(<=|≤|<|==?)\s*{NUMBER}")
"""A relation that fails everywhere where the loss is large enough."""

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
        fact = every_set(self.landscape, GLOBAL, [("loss", self.relation, str(self.bound))], self.name)
        point = "; ".join(", ".join(map(str, row)) for row in self._lowest.witness)
        reason = f"The least loss is {self.least}, that of the global minima in the complete list, as at ({point})."
        return deduced("proved" if self.holds else "refuted", reason, [fact if self.holds else Not(fact)])

    @property
    def least(self) -> Fraction:
        """The least loss."""
        return self._lowest.loss

    @property
    def holds(self) -> bool:
        """Whether the least loss keeps to the bound."""
        return compares(self.least, self.relation, self.bound)

    @property
    def _lowest(self) -> StationarySet:
        return next(each for each in known_atlas(self.landscape).sets if each.kind == GLOBAL[0][2])


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
    found = bound_at_all(goals[0][0], variables, places)
    if found is None or (found.relation in SOMEWHERE) != somewhere:
        return None
    by_list = somewhere or found.landscape.network.trainable or len(found.landscape.data.points) > FEW
    return found if by_list else None


def bound_at_all(relation: str, variables: Sequence[str], places: Mapping[str, Landscape]) -> LossBound | None:
    """Return the bound that a relation states of the loss at all parameters, if a complete list decides it."""
    read = _read(relation.strip())
    if read is None:
        return None
    called, point, sign, number = read
    name, place = _named(called, places)
    if place is None or not _ranges(place, point, variables):
        return None
    return LossBound(place, name, sign, Fraction(number.replace(" ", "")))


def bound_against(relation: str, places: Mapping[str, Landscape]) -> LossBound | None:
    """Return a bound of the loss under which a relation to it holds nowhere, if a complete list decides that bound.

    Parameters
    ----------
    relation : str
        As it is written: "loss(p) = 0", "L.loss([w, -w, 0]) < 1/2".
    places : mapping
        The landscapes by name.

    Examples
    --------
    >>> from stability import landscape
    >>> bound_against("loss(p) <= 0", {"L": landscape("relu1", "xor")}).formal()
    {'loss of': 'L', 'everywhere': ['>', '0']}
    """
    match = REACHED.fullmatch(relation.strip())
    name, place = _named(match[1], places) if match else ("", None)
    if match is None or place is None:
        return None
    return LossBound(place, name, ">=" if match[3] == "<" else ">", Fraction(match[4].replace(" ", "")))


def _named(name: str | None, places: Mapping[str, Landscape]) -> tuple[str, Landscape | None]:
    """Return the landscape of a name, or the only one, if a complete list of its sets is at hand."""
    found = name or (next(iter(places)) if len(places) == 1 else "")
    place = places.get(found)
    return found, place if place is not None and is_reducible(place) and is_affordable(place) else None


def _are_names(variables: Sequence[str]) -> bool:
    return all(map(is_name, variables)) and len(set(variables)) == len(variables)


def _read(text: str) -> tuple[str | None, str, str, str] | None:
    """Return landscape, point, relation and number of a bound of the loss, on whichever side the number stands."""
    if match := BOUND.fullmatch(text):
        return match[1], match[2].strip(), SIGNS.get(match[3], match[3]), match[4]
    if match := TURNED.fullmatch(text):
        return match[3], match[4].strip(), MIRRORED[SIGNS.get(match[2], match[2])], match[1]
    return None


def _ranges(place: Landscape, point: str, variables: Sequence[str]) -> bool:
    """Return whether a point ranges over all parameters: a variable, or a list of as many different ones."""
    if "[" not in point:
        return point in variables
    entries = re.findall(r"\w+", point)
    return len(entries) == len(set(entries)) == place.parameters and set(entries) <= set(variables)
