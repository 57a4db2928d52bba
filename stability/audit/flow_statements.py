"""Statements about where gradient flow ends: on a set with conditions, or at a point.

The record of a trajectory shows on which face of parameter space it ends, and that it ends at a stationary point. The
loss is convex on a face, so that the stationary points on one face belong to one set: that of any of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any

from stability.audit.landscape_statements import spot
from stability.dynamics.flow.solve import followed
from stability.dynamics.flow.statements import UNDECIDED, certificate, flow_ends
from stability.errors import TooLargeError
from stability.geometry.atlas.conditions import Condition, checked
from stability.geometry.atlas.statements import set_at
from stability.landscapes import Landscape
from stability.logic.branches import Landscapes
from stability.logic.deductions import Deduced
from stability.logic.records import Judged, deduced, prove
from stability.logic.statements import ForAll, Not
from stability.model.network_loss import Matrix

SIGNS = {"-": "<", "0": "==", "+": ">"}


@dataclass(frozen=True)
class _Flow(Deduced):
    """A statement about the end of gradient flow from a start.

    Attributes
    ----------
    landscape : Landscape
    start : rows (w_1, ..., w_d, b), one per unit
    name : str
        How records call the landscape.
    """

    landscape: Landscape
    start: Matrix
    name: str

    @property
    def landscapes(self) -> Landscapes:  # type: ignore[override]
        """The landscape, under its name."""
        return {self.name: self.landscape.to_record()}

    def judged(self) -> Judged:
        """Follow the flow, certify its end, and conclude."""
        if self.landscape.network.trainable:
            return Judged(None, reason=UNDECIDED)
        found = followed(self.landscape, self.landscape.point(self.start))
        end = certificate(found)
        if end.record is None:
            return Judged(None, reason=end.reason)
        facts = {name: rest for name, *rest in end.record["statement"]["has"]}
        distance, rows = facts["within"]
        target = [[Fraction(x) for x in row] for row in rows]
        return self._concluded(end, list(facts["signs"][1]), target, Fraction(distance))

    def _concluded(self, end: Judged, signs: list[str], target: Matrix, distance: Fraction) -> Judged:
        raise NotImplementedError

    def _face(self, point: Matrix) -> list[str]:
        return ["".join("-0+"[s + 1] for s in row) for row in self.landscape.pattern(point)]

    def _on_face(self, point: Matrix) -> ForAll:
        """State the signs of the pre-activations at a point."""
        flat = f"[{', '.join(str(x) for row in point for x in row)}]"
        signs = [
            f"{self.name}.pre({flat}, {j}, {i}) {SIGNS[sign]} 0"
            for j, row in enumerate(self._face(point))
            for i, sign in enumerate(row)
        ]
        return ForAll("", [], signs, self.landscapes)


@dataclass(frozen=True)
class FlowEndsOn(_Flow):
    """Gradient flow from a start ends on a stationary set that meets conditions.

    Attributes
    ----------
    conditions : list of Condition
        On the set: ("kind", "=", "saddle"), ("loss", "<", "1/2").

    Examples
    --------
    >>> from stability import landscape, prove
    >>> place = landscape("abs1", "xor")
    >>> start = [[Fraction(1, 2), Fraction(-1, 3), Fraction(1, 10)]]
    >>> prove(FlowEndsOn(place, start, "L", [("kind", "=", "global minimum")])).conclusion
    'proved'
    """

    conditions: Sequence[Condition]

    def __post_init__(self) -> None:
        checked(self.conditions, "conditions")

    def formal(self) -> dict[str, Any]:
        """Return the statement as plain data."""
        return {"flow on": self.name, "from": _texts(self.start), "ends on": [list(each) for each in self.conditions]}

    def _concluded(self, end: Judged, signs: list[str], target: Matrix, distance: Fraction) -> Judged:
        if self._face(target) != signs:
            return Judged(None, reason=f"No point with exact coordinates is known on the face {' '.join(signs)}.")
        there, where = set_at(self.landscape, target, self.conditions, self.name), spot(target)
        try:
            found = prove(there)
        except TooLargeError as problem:
            return self._by_loss(end, str(problem))
        if found.conclusion == "refuted":
            return deduced("refuted", f"The flow ends on the set of {where}: {_shown(found)}",
                           [end, self._on_face(target), Not(there)])  # fmt: skip
        return deduced("proved", f"The flow ends on the set of {where}.", [end, self._on_face(target), found])

    def _by_loss(self, end: Judged, problem: str) -> Judged:
        """Decide by the loss of the limit alone, where the list of all sets cannot be made."""
        if any(name != "loss" or relation == "in" for name, relation, _ in self.conditions):
            return Judged(None, reason=problem)
        stated = flow_ends(self.landscape, self.start, self.conditions, self.name)
        found = prove(stated)
        return Judged(found.conclusion, reason=found.reason or "By the loss of the limit.", words=found.words,
                      parts=(found,))  # fmt: skip


@dataclass(frozen=True)
class FlowEndsAt(_Flow):
    """Gradient flow from a start ends at a point.

    Attributes
    ----------
    point : rows (w_1, ..., w_d, b), one per unit

    Examples
    --------
    >>> from stability import landscape, prove
    >>> place, start = landscape("abs1", "xor"), [[Fraction(1, 2), Fraction(-1, 3), Fraction(1, 10)]]
    >>> prove(FlowEndsAt(place, start, "L", [[Fraction(1, 2), Fraction(-1, 2), Fraction(0)]])).conclusion
    'proved'
    """

    point: Matrix

    def formal(self) -> dict[str, Any]:
        """Return the statement as plain data."""
        return {"flow on": self.name, "from": _texts(self.start), "ends at": _texts(self.point)}

    def _concluded(self, end: Judged, signs: list[str], target: Matrix, distance: Fraction) -> Judged:
        square = sum(((x - y) ** 2 for one, two in zip(self.point, target, strict=True)
                      for x, y in zip(one, two, strict=True)), Fraction(0))  # fmt: skip
        radius = (_root_below(square) - distance) / 2
        if radius > 0:
            far = Not(flow_ends(self.landscape, self.start, [("within", radius, self.point)], self.name))
            return deduced("refuted", f"The flow ends near {spot(target)}.", [far])
        if self._face(self.point) == signs:
            alone = set_at(self.landscape, self.point, [("isolated", "=", True)], self.name)
            found = prove(alone)
            if found.conclusion == "proved":
                return deduced("proved", "It is the only stationary point on the face where the flow ends.",
                               [end, self._on_face(self.point), found])  # fmt: skip
        return Judged(
            None,
            reason=f"The flow ends within {float(distance):.1g} of it, but it is not the only stationary point there. "
            "Write ends within 1/1000 of it.",
        )


def _shown(found: Judged) -> str:
    """Return what stands at the point where a flow ends, without its coordinates, which may be long."""
    said = str((found.shown or {}).get("says", ""))
    return said.partition(" is on ")[2] or said or found.words


def _texts(rows: Matrix) -> list[list[str]]:
    return [[str(x) for x in row] for row in rows]


def _root_below(square: Fraction) -> Fraction:
    """Return a number from 0 to the square root, close to it."""
    scale = 10**12
    return Fraction(isqrt(int(square * scale * scale)), scale)
