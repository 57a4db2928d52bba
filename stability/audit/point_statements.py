"""Statements about one point of a network with trained output weights: whether it is stationary, and the loss smooth.

Records about such networks know losses, outputs and pre-activations, and lists of stationary sets, but no derivatives.
So that a point is stationary is read off the complete list of stationary sets, and whether the loss is differentiable
there off what the units and the errors do at kinks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from stability.audit.landscape_statements import flat, spot
from stability.geometry.atlas.atlas import is_affordable
from stability.geometry.atlas.size import most_choices
from stability.geometry.atlas.statements import set_at
from stability.geometry.stationary.one_hot import is_reducible
from stability.io.printable import grouped
from stability.landscapes import Landscape
from stability.logic.branches import Landscapes
from stability.logic.deductions import Deduced
from stability.logic.records import Judged, deduced
from stability.logic.statements import ForAll, Not, Statement
from stability.model.network_loss import Matrix


def stationary_at(landscape: Landscape, point: Matrix, name: str, holds: bool = True) -> Statement:
    """State that a point is stationary, or that it is not, where output weights are trained.

    Parameters
    ----------
    landscape : Landscape
    point : rows, in the form of the landscape
    name : str
        How records call the landscape.
    holds : bool
        Whether it is stated or denied.

    Examples
    --------
    >>> from stability import landscape, prove
    >>> prove(stationary_at(landscape("relu1-out", "xor"), [[0, 0, 0, 0]], "L")).conclusion
    'proved'
    """
    if not (is_reducible(landscape) and is_affordable(landscape)):
        return UnrecordedPoint(landscape, landscape.point(point), name, "stationary", holds)
    found = set_at(landscape, point, [], name)
    return found if holds else Not(found)


def differentiable_at(landscape: Landscape, point: Matrix, name: str, holds: bool = True) -> Statement:
    """State that the loss is differentiable at a point, or that it is not, where output weights are trained.

    Parameters
    ----------
    landscape, point, name, holds
        As in `stationary_at`.

    Examples
    --------
    >>> from stability import landscape, prove
    >>> place = landscape("relu1-out", "xor")
    >>> prove(differentiable_at(place, [[1, 0, 0, 0]], "L")).conclusion
    'proved'
    >>> prove(differentiable_at(place, [[1, 1, 0, 1]], "L")).conclusion
    'refuted'
    """
    rows = landscape.point(point)
    if landscape.network.outputs > 1:
        return UnrecordedPoint(landscape, rows, name, "differentiable", holds)
    return DifferentiableAt(landscape, rows, name, "differentiable", holds)


@dataclass(frozen=True)
class _AtPoint(Deduced):
    """What is said of a point in a word, or denied.

    Attributes
    ----------
    landscape : Landscape
    point : list of rows
    name : str
        How records call the landscape.
    word : str
        "stationary" or "differentiable".
    holds : bool
        Whether it is stated or denied.
    """

    landscape: Landscape
    point: Matrix
    name: str
    word: str
    holds: bool

    @property
    def landscapes(self) -> Landscapes:  # type: ignore[override]
        """The landscape, under its name."""
        return {self.name: self.landscape.to_record()}

    def formal(self) -> dict[str, Any]:
        """Return the statement as plain data."""
        at = [[str(x) for x in row] for row in self.point]
        return {"point of": self.name, "at": at, self.word: self.holds}


@dataclass(frozen=True)
class UnrecordedPoint(_AtPoint):
    """What `classify` decides, and no record can state."""

    def judged(self) -> Judged:
        """Leave it open, and say what `classify` finds."""
        place, found = self.landscape, self.landscape.classify(self.point)
        finds = found.clarke if self.word == "stationary" else found.differentiable
        subject = "the point" if self.word == "stationary" else "the loss"
        if self.word == "differentiable" or not is_reducible(place):
            why = f"records know no points of {place.network.name}, which has {place.network.outputs} outputs"
        else:
            why = f"a proof needs the complete list, of up to {grouped(most_choices(place))} choices of faces"
        reason = (
            f"By exact computation {subject} is {'' if finds else 'not '}{self.word} at {spot(self.point)}, but {why}."
        )
        return Judged(None, reason=reason)


@dataclass(frozen=True)
class UnstatedDerivative(Deduced):
    """A relation with derivatives of a network with trained output weights, which no record can state.

    Attributes
    ----------
    landscape : Landscape
    name : str
        How the document calls it.
    word : str
        The word that asks for a derivative, as "gradient".
    texts : sequence of str
        The relations, as they are written.
    """

    landscape: Landscape
    name: str
    word: str
    texts: Sequence[str]

    @property
    def landscapes(self) -> Landscapes:  # type: ignore[override]
        """The landscape, under its name."""
        return {self.name: self.landscape.to_record()}

    def formal(self) -> dict[str, Any]:
        """Return the statement as plain data."""
        return {"relations": list(self.texts)}

    def judged(self) -> Judged:
        """Leave it open, and say what can be stated instead."""
        return Judged(
            None,
            reason=f"No record can state {self.word} where output weights are trained, as in "
            f"{self.landscape.network.name}; of one point write at POINT: stationary = yes, differentiable = yes.",
        )


@dataclass(frozen=True)
class DifferentiableAt(_AtPoint):
    """That the loss of a network of one output is differentiable at a point, or that it is not.

    It is, if and only if at every line of the data, on which some unit with an output weight has its kink, the errors
    times the lengths of the data on that line add up to 0: left and right of the kink the slopes differ by that sum.
    """

    def judged(self) -> Judged:
        """Prove where the units have kinks, and what the errors add up to there."""
        smooth = self.landscape.is_differentiable(self.point)
        conclusion, where = ("proved" if smooth == self.holds else "refuted"), spot(self.point)
        facts = list(self._off_kinks()) if smooth else []
        for unit, lengths in self._kinks():
            total = self._total(lengths)
            errors = sum((e * lengths[i] for i, e in enumerate(self._errors) if i in lengths), Fraction(0))
            if smooth or errors:
                facts += [f"{self._pre(unit, i)} = 0" for i in lengths] + [f"{total} {'=' if smooth else '!='} 0"]
            if errors and not smooth:
                break
        if not facts:
            facts = [f"{self._called('loss')}) >= 0"]
            reason = f"At {where} no unit has an output weight, so that kinks change the loss to second order."
        elif smooth:
            reason = f"At {where} errors at kinks of units add up to 0, or no unit has its kink at an example."
        else:
            reason = f"At {where} a unit has its kink at an example with an error, so that slopes differ."
        goals = [text.replace(" = ", " == ") for text in facts]
        return deduced(conclusion, reason, [ForAll("", [], goals, self.landscapes)])

    @property
    def _errors(self) -> list[Fraction]:
        return self.landscape.residuals(self.point)

    def _called(self, word: str) -> str:
        return f"{self.name}.{word}({flat(self.point)}"

    def _pre(self, unit: int, example: int) -> str:
        return f"{self._called('pre')}, {unit}, {example})"

    def _total(self, lengths: dict[int, Fraction]) -> str:
        """Return the errors at examples, times their lengths, as a formula."""
        labels = self.landscape.data.labels
        return " + ".join(f"({x})*({self._called('out')}, {i}) - ({labels[i]}))" for i, x in lengths.items())

    def _heard(self) -> Iterator[tuple[int, list[int]]]:
        """Yield the units that have an output weight, with their signs, if the activation bends."""
        place = self.landscape
        if place.network.unit.negative != place.network.unit.positive:
            for j, (a, signs) in enumerate(zip(place.outer(self.point), place.pattern(self.point), strict=True)):
                if a:
                    yield j, signs

    def _off_kinks(self) -> Iterator[str]:
        """Yield that units are off their kinks at the other examples."""
        for j, signs in self._heard():
            yield from (f"{self._pre(j, i)} {'>' if s > 0 else '<'} 0" for i, s in enumerate(signs) if s)

    def _kinks(self) -> Iterator[tuple[int, dict[int, Fraction]]]:
        """Yield each unit that has a kink, with the examples on one line and their lengths there."""
        for j, signs in self._heard():
            lines: dict[tuple[Fraction, ...], dict[int, Fraction]] = {}
            for i, (row, s) in enumerate(zip(self.landscape.rows, signs, strict=True)):
                length = abs(next((x for x in reversed(row) if x), Fraction(0)))
                if s == 0 and length:
                    line = max(tuple(x / length for x in row), tuple(-x / length for x in row))
                    lines.setdefault(line, {})[i] = length
            yield from ((j, lengths) for lengths in lines.values())
