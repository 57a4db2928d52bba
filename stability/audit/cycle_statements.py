"""Statements about cycles of update rules: that there is one through given points, or none at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

from stability.audit.landscape_statements import rule_visits, spot
from stability.dynamics.maps.line_cycles import invariant_lines, line_cycles
from stability.errors import StabilityError, StatementError
from stability.exact.rational_functions import fraction
from stability.exact.systems import kernel
from stability.geometry.arrangement.cells import exact
from stability.geometry.atlas.atlas import known_atlas
from stability.landscapes import Landscape
from stability.logic.branches import Landscapes
from stability.logic.deductions import Deduced
from stability.logic.records import Judged, deduced, prove
from stability.logic.statements import Statement
from stability.model.network_loss import Matrix, Vector
from stability.model.update_rules import UpdateRule, update_rule

PERIODS = (2, 3, 4)
"""Of cycles that are looked for."""

NEARER = (1, 2, 4, 8, 16, 32, 64)
"""By what an eigenvector is divided until its ends lie in the cell of the minimum."""

BEYOND = (1, Fraction(5, 4), Fraction(3, 2), Fraction(7, 4), 2, Fraction(3, 4), Fraction(1, 2))
"""Steps that are tried, as multiples of the limit of stable steps, or of an upper limit that is given."""


def cycle_through(place: Landscape, rule: UpdateRule, points: Sequence[Matrix], name: str = "") -> Statement:
    """State that an update rule runs through these points in turn for ever, the loss being differentiable at each.

    Parameters
    ----------
    place : Landscape
    rule : UpdateRule
        Gradient descent, heavy ball or Nesterov's method.
    points : sequence of points
        Two or more, all different.
    name : str
        How the record calls the landscape; its formula name if left out.

    Raises
    ------
    StatementError
        If the rule is another one, or there are fewer points, or one stands twice.

    Examples
    --------
    >>> from stability import landscape, prove, update_rule
    >>> orbit = [[[0, 0, 3]], [[0, 0, -3]]]
    >>> prove(cycle_through(landscape("abs1", "xor"), update_rule("gd", step="3/10"), orbit)).conclusion
    'proved'
    """
    rows = [place.point(each) for each in points]
    if len(rows) < 2 or any(each in rows[:k] for k, each in enumerate(rows)):
        raise StatementError(
            f"Expected two or more different points of a cycle; got {len(rows)}.",
            "Name each once; of a point that stays write at POINT: stationary = yes.",
        )
    return rule_visits(place, rule, [*rows, rows[0]], name, before=rows[-1])


@dataclass(frozen=True)
class NoCycle(Deduced):
    """Gradient descent has no cycle; refuted by one that is found on a line that descent does not leave.

    Attributes
    ----------
    landscape : Landscape
    name : str
        How records call the landscape.
    step : Fraction, optional
        For this step; for any step if it is left out.
    below : Fraction, optional
        For every step below this one.

    Examples
    --------
    >>> from stability import landscape, prove
    >>> prove(NoCycle(landscape("abs1", "xor"), "L")).conclusion
    'refuted'
    """

    landscape: Landscape
    name: str
    step: Fraction | None = None
    below: Fraction | None = None

    @property
    def landscapes(self) -> Landscapes:  # type: ignore[override]
        """The landscape, under its name."""
        return {self.name: self.landscape.to_record()}

    def formal(self) -> dict[str, Any]:
        """Return the statement as plain data."""
        step = ["=", str(self.step)] if self.step else ["<", str(self.below)] if self.below else "any"
        return {"no cycle on": self.name, "rule": "gd", "step": step}

    def judged(self) -> Judged:
        """Look for a cycle, by one step after another."""
        try:
            for step, points in self.cycles():
                found = prove(cycle_through(self.landscape, update_rule("gd", step=step), points, self.name))
                if found.conclusion == "proved":
                    through = ", ".join(map(spot, points))
                    return deduced("refuted", f"With step {step} there is a cycle through {through}.", [found])
            lines = len(invariant_lines(self.landscape))
        except StabilityError as problem:
            return Judged(None, reason=str(problem))
        tried = ", ".join(map(str, self._steps())) or "none"
        return Judged(
            None,
            reason=f"No cycle of period {PERIODS[0]} to {PERIODS[-1]} was found beside minima, or on the {lines} lines "
            f"through two stationary points that descent does not leave, for the steps {tried}; there may be others.",
        )

    def cycles(self, periods: Sequence[int] = PERIODS) -> Iterator[tuple[Fraction, list[Matrix]]]:
        """Yield the steps and points of cycles that are found, by one step after another."""
        for step in self._steps():
            if 2 in periods:
                yield from ((step, points) for points in self._around_minima(step))
            yield from ((step, points) for points in self._on_lines(step, periods))

    def _steps(self) -> list[Fraction]:
        """Return the steps that are tried."""
        if self.step is not None:
            return [self.step]
        edges = [self.below] if self.below is not None else sorted(self._edges())
        steps = [edge * factor for factor in BEYOND for edge in edges]
        return list(dict.fromkeys(step for step in steps if self.below is None or step < self.below))

    def _edges(self) -> set[Fraction]:
        """Return 2 / c for the rational curvatures c at isolated minima, where their stability ends."""
        found = set[Fraction]()
        for each in known_atlas(self.landscape).minima:
            for root in each.spectrum or ():
                if root.low == root.high and root.low > 0:
                    found.add(Fraction(2) / root.low)
        return found

    def _around_minima(self, step: Fraction) -> Iterator[list[Matrix]]:
        """Yield cycles of period 2 beside minima, along directions whose multiplier is -1 with this step."""
        for each in known_atlas(self.landscape).minima:
            if not self.landscape.is_twice_differentiable(each.witness):
                continue
            hessian, home = self.landscape.hessian(each.witness), self.landscape.pattern(each.witness)
            table = [[exact(x - (2 / step) * (i == j)) for j, x in enumerate(row)] for i, row in enumerate(hessian)]
            centre = [x for row in each.witness for x in row]
            for vector in kernel(table, self.landscape.parameters):
                pairs = (self._ends(centre, [fraction(x) / n for x in vector]) for n in NEARER)
                inside = (pair for pair in pairs if all(self.landscape.pattern(end) == home for end in pair))
                yield from islice(inside, 1)

    def _ends(self, centre: Vector, move: Vector) -> list[Matrix]:
        """Return the points before and behind a point."""
        return [self.landscape.by_unit([a + sign * d for a, d in zip(centre, move, strict=True)]) for sign in (-1, 1)]

    def _on_lines(self, step: Fraction, periods: Sequence[int]) -> Iterator[list[Matrix]]:
        """Yield cycles on lines, the shortest ones first."""
        rule = update_rule("gd", step=step)
        for period in periods:
            for line, cycles in line_cycles(self.landscape, rule, period).lines:
                for cycle in (each for each in cycles if each.multiplier is not None):
                    yield [
                        self.landscape.by_unit([a + c * d for a, d in zip(line.origin, line.direction, strict=True)])
                        for c in cycle.points
                    ]
