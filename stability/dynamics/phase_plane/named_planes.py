"""Planes of parameter space that have a name, such as "p,b".

An axis is a coordinate, or several with signs that move together: "p", "w1", "b" for one unit; "p@1", "b@2" for the
first and the second of several; "p@1-p@2" moves both, in opposite directions; "c" is the output bias. What is not named
stays as at the origin.
"""

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from stability.errors import PointError, UnknownNameError, nearest
from stability.geometry.sections.plane_sections import section
from stability.geometry.sections.planes import Plane, plane
from stability.io.printable import amount
from stability.model.network_loss import Matrix, NetworkLoss, Point

COORDINATE = r"(?:p|b|c|w[1-9]\d*)(?:@[1-9]\d*)?"
AXIS = re.compile(rf"[+-]?{COORDINATE}(?:[+-]{COORDINATE})*")
TERM = re.compile(r"([+-]?)(p|b|c|w[1-9]\d*)(?:@([1-9]\d*))?")

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Term:
    """One coordinate of an axis: its sign, its name ("p", "b", "w1", "c") and its unit, counted from 1; 0 for "c"."""

    sign: int
    name: str
    unit: int

    def entries(self, landscape: NetworkLoss) -> dict[int, Fraction]:
        """Return how the flat parameters change along it, by their positions; p means w = (p/2, -p/2)."""
        if self.name == "c":
            return {landscape.parameters - 1: Fraction(self.sign)}
        start = landscape.blocks[self.unit - 1].start
        if self.name == "p":
            return {start: self.sign * HALF, start + 1: -self.sign * HALF}
        column = landscape.width - 1 if self.name == "b" else int(self.name[1:]) - 1
        return {start + column: Fraction(self.sign)}

    def math(self, units: int) -> str:
        """Return the coordinate in mathtext, without dollars."""
        index = f"{self.unit}" if units > 1 and self.unit else ""
        if self.name.startswith("w"):
            index = f"{index},{self.name[1:]}" if index else self.name[1:]
        return ("-" if self.sign < 0 else "") + self.name[0] + (f"_{{{index}}}" if index else "")


def named_plane(landscape: NetworkLoss, name: str, origin: Point | None = None) -> Plane:
    """Return the plane with this name.

    Parameters
    ----------
    landscape : NetworkLoss
    name : str
        Two axes with a comma between: "p,b" (w = (p/2, -p/2)), "w1,w2", "w1,b" for one unit; "p@1,p@2",
        "p@1-p@2,b@1+b@2" for several.
    origin : rows (w_1, ..., w_d, b), one per unit, optional
        0 by default.

    Raises
    ------
    UnknownNameError
        If an axis is not a coordinate of the landscape.
    PointError
        If both axes use the same coordinate, so that they span no plane, or the origin has the wrong shape.
    """
    texts = [text.strip() for text in str(name).split(",")]
    if len(texts) != 2 or not all(AXIS.fullmatch(text) for text in texts):
        raise _unknown(landscape, name, "")
    axes = [[_term(landscape, name, *match) for match in TERM.findall(text)] for text in texts]
    _refuse_shared(landscape, name, [term for axis in axes for term in axis])
    right, up = (_direction(landscape, axis) for axis in axes)
    labels = [_label(landscape, axis) for axis in axes]
    return replace(plane(landscape, right, up, origin), names=(labels[0], labels[1]))


def known_planes(landscape: NetworkLoss, origin: Point | None = None) -> list[str]:
    """Return names of planes that a landscape has, those first that do not lie on a kink."""
    names = _first_planes(landscape)
    return sorted(names, key=lambda name: section(landscape, named_plane(landscape, name, origin)).on_a_kink)


def _first_planes(landscape: NetworkLoss) -> list[str]:
    weights = [f"w{c + 1}" for c in range(landscape.data.dimension)]
    folds, outer = ["p"] if len(weights) == 2 else [], ["c"] * landscape.network.output_bias
    if landscape.units > 1:
        first = [*folds, *weights][0]
        others = [f"{w}@1,{w}@2" for w in weights if w != first]
        biased = [f"{first}@1-{first}@2,b@1+b@2", f"{first}@1,b@1"] if landscape.network.hidden_biases else []
        return [f"{first}@1,{first}@2", *biased, *(f"{first}@1,c" for _ in outer), *others]
    pairs = [f"{a},{b}" for k, a in enumerate(weights) for b in weights[k + 1 :]]
    ends = ["b"] * landscape.network.hidden_biases + outer
    return [f"{a},{b}" for a in folds for b in ends] + pairs + [f"{a},{b}" for a in weights for b in ends]


def _unknown(landscape: NetworkLoss, name: str, why: str) -> UnknownNameError:
    return UnknownNameError(
        f"Expected a plane of {landscape!r}, as two coordinates with a comma between; got {name!r}{why}.",
        nearest(str(name), known_planes(landscape)),
    )


def _term(landscape: NetworkLoss, name: str, sign: str, coordinate: str, unit: str) -> Term:
    if coordinate == "c":
        if unit or not landscape.network.output_bias:
            raise _unknown(landscape, name, ": c is of no unit" if unit else ": there is no output bias c")
        return Term(-1 if sign == "-" else 1, coordinate, 0)
    if coordinate == "b" and not landscape.network.hidden_biases:
        raise _unknown(landscape, name, ": units have no biases")
    if not unit and landscape.units > 1:
        raise _unknown(landscape, name, f": {coordinate} of which of the {landscape.units} units?")
    if int(unit or 1) > landscape.units:
        there = "is" if landscape.units == 1 else "are"
        raise _unknown(landscape, name, f": there {there} {amount(landscape.units, 'unit')}")
    dimension = landscape.data.dimension
    if coordinate == "p" and dimension != 2:
        raise _unknown(landscape, name, f": p needs data in the plane, {landscape.data.name} has dimension {dimension}")
    if coordinate.startswith("w") and int(coordinate[1:]) > dimension:
        raise _unknown(landscape, name, f": {landscape.data.name} has dimension {dimension}")
    return Term(-1 if sign == "-" else 1, coordinate, int(unit or 1))


def _refuse_shared(landscape: NetworkLoss, name: str, terms: list[Term]) -> None:
    used: dict[int, str] = {}
    for term in terms:
        for place in term.entries(landscape):
            if place in used:
                whose = f"the same one of unit {term.unit}" if term.unit else "the output bias"
                raise PointError(
                    f"Expected axes that share no parameter, so that they span a plane; in {name!r} "
                    f"{used[place]} and {term.name} move {whose}.",
                    f"Write {known_planes(landscape)[0]}.",
                )
            used[place] = term.name


def _direction(landscape: NetworkLoss, axis: list[Term]) -> Matrix:
    flat = [Fraction(0)] * landscape.parameters
    for term in axis:
        for place, entry in term.entries(landscape).items():
            flat[place] = entry
    return landscape.by_unit(flat)


def _label(landscape: NetworkLoss, axis: list[Term]) -> str:
    text = " = ".join(term.math(landscape.units) for term in axis)
    if [term.name for term in axis] == ["p"] and landscape.units == 1:
        text += " = w_1 - w_2" if axis[0].sign > 0 else " = w_2 - w_1"
    return ("bias " if {term.name for term in axis} == {"b"} else "") + f"${text}$"
