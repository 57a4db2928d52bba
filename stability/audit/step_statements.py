"""Statements about the steps below which a minimum is stable under gradient descent, with momentum or without."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from flint import fmpq_mat

from stability.audit.landscape_statements import axis, flat, hessian_is, spot
from stability.dynamics.maps.stable_steps import MEMORY, limit_of_mode, limit_parts, limit_statement
from stability.exact.numbers import formatted
from stability.exact.rational_functions import fraction
from stability.exact.systems import kernel
from stability.geometry.arrangement.cells import exact
from stability.geometry.atlas.atlas import known_atlas
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, number_of_sets, set_at
from stability.geometry.stationary.sets import StationarySet
from stability.landscapes import Landscape
from stability.logic.branches import Landscapes
from stability.logic.deductions import Deduced
from stability.logic.records import Judged, deduced, prove
from stability.logic.statements import AllOf, ForAll, Statement
from stability.logic.validation import member
from stability.model.network_loss import Matrix, Vector
from stability.model.update_rules import UpdateRule

FINEST = 10**6
"""The largest denominator of directions along which the loss is shown to be more curved."""

BOUNDS = {"iff": "exactly below", "if": "below", "only if": "only below"}
"""What is said of the steps below a number: stable at these and no others, at these, or at no others."""


@dataclass(frozen=True)
class StableBelow(Deduced):
    """A minimum, or every local one, is stable under an update rule exactly for steps below a number, or one way only.

    That means: all multipliers of the rule's step lie inside the unit circle, but those of flat directions. Where the
    limit is irrational it is bounded: stable if the step is below one number, and only if it is below another.

    Attributes
    ----------
    landscape : Landscape
    rule : UpdateRule
        Whose momentum counts, and not its step.
    step : Fraction
    name : str
        How records call the landscape.
    point : rows (w_1, ..., w_d, b), one per unit, optional
        Every local minimum if it is left out.
    holds : str
        One of BOUNDS: "iff", "if" or "only if".

    Examples
    --------
    >>> from stability import landscape, prove, update_rule
    >>> gd = update_rule("gd", step=1)
    >>> prove(StableBelow(landscape("abs1", "xor"), gd, Fraction(1, 4), "L")).conclusion
    'proved'
    >>> prove(StableBelow(landscape("abs1", "xor"), gd, Fraction(1, 2), "L", holds="only if")).conclusion
    'proved'
    """

    landscape: Landscape
    rule: UpdateRule
    step: Fraction
    name: str
    point: Matrix | None = None
    holds: str = "iff"

    def __post_init__(self) -> None:
        member(self.holds, BOUNDS, "a bound of steps")

    @property
    def landscapes(self) -> Landscapes:  # type: ignore[override]
        """The landscape, under its name."""
        return {self.name: self.landscape.to_record()}

    def formal(self) -> dict[str, Any]:
        """Return the statement as plain data."""
        at = "every local minimum" if self.point is None else [[str(x) for x in row] for row in self.point]
        return {"stable on": self.name, "rule": str(self.rule), "at": at, BOUNDS[self.holds]: str(self.step)}

    def judged(self) -> Judged:
        """Compare the largest curvature with the limit of the rule."""
        if self.rule.name not in ("gd", "heavy-ball", "nesterov"):
            return Judged(
                None,
                reason=f"Of {self.rule.name} the limit depends on what it remembers; that of gd, heavy-ball and "
                "nesterov can be proved.",
            )
        if self.landscape.network.trainable:
            return Judged(
                None,
                reason="With trained output weights a record cannot state second derivatives; the command "
                "`stability steps` computes the limit exactly.",
            )
        return self._at_every_minimum() if self.point is None else self._at(self.point)

    @property
    def _memory(self) -> Fraction:
        memory = MEMORY[self.rule.name]
        return self.rule.parameters[memory] if memory else Fraction(0)

    @property
    def most(self) -> Fraction:
        """Up to which product of step and curvature, from 0, a mode is stable."""
        return limit_of_mode(self.rule.name, self._memory)

    def _at_every_minimum(self) -> Judged:
        sets, found = known_atlas(self.landscape).minima, list[Judged]()
        for each in sets:
            found.append(self._at(each.witness))
            if found[-1].conclusion == "refuted":
                return found[-1]
        undecided = next((judged for judged in found if judged.conclusion is None), None)
        if undecided is not None:
            return undecided
        wide = next((each for each in sets if not each.isolated), None)
        if wide is not None:
            return Judged(None, reason=f"The set of minima at {spot(wide.witness)} is more than a point: name points.")
        facts = {part.certificate: part for judged in found for part in judged.parts}
        return deduced(
            "proved", self._because("every local minimum", self.holds), [self._minima(sets), *facts.values()]
        )

    def _minima(self, sets: Sequence[StationarySet]) -> Statement:
        """State which points are the local minima, but for the order of units."""
        parts = [set_at(self.landscape, each.witness, [MINIMA, ("isolated", "=", True), ("orbit", "=", each.orbit)],
                        self.name) for each in sets]  # fmt: skip
        count = number_of_sets(self.landscape, [MINIMA], "=", sum(each.orbit for each in sets), self.name)
        return AllAboutSets([*parts, count])

    def _at(self, point: Matrix) -> Judged:
        where = spot(point)
        if not self.landscape.is_twice_differentiable(point):
            return Judged(None, reason=f"The loss is not twice differentiable at {where}: no multiplier is defined.")
        gradient = self.landscape.gradient(point)
        along = next((k for k, slope in enumerate(gradient) if slope), None)
        if along is not None:
            moves = self._number(f"{self._slope(point, along)} != 0")
            return self._concluded(False, True, f"Gradient descent does not stay at {where}.", [moves])
        rest = self._number(*(f"{self._slope(point, k)} == 0" for k in range(self.landscape.parameters)))
        hessian = self.landscape.hessian(point)
        bends = hessian_is(self.landscape, point, hessian)
        return self._compared(where, hessian, [rest, bends, _rule_limit(self.rule.name, self._memory)])

    def _concluded(self, stable: bool, only: bool, reason: str, facts: Sequence[Statement | Judged]) -> Judged:
        """Conclude from whether the point is stable at all smaller steps, and whether only at these."""
        holds = {"if": stable, "only if": only, "iff": stable and only}[self.holds]
        return deduced("proved" if holds else "refuted", reason, facts)

    def _compared(self, where: str, hessian: Matrix, facts: Sequence[Statement | Judged]) -> Judged:
        """Compare the largest curvature with the one for which the limit is the claimed one."""
        edge = self.most / self.step
        falling, gap = _negative_direction(hessian), _gap(hessian, edge)
        if falling is not None:
            down = self._number(f"{_form(hessian, _texts(falling))} < 0")
            reason = f"At {where} the loss curves down along {spot([falling])}: stable at no step."
            return self._concluded(False, True, reason, [facts[1], down])
        curved = _negative_direction(gap)
        if curved is not None:
            v = _texts(curved)
            steeper = self._number(f"{_form(hessian, v)} > {edge}*({_square(v)})")
            above = f"At {where} there is a curvature above {formatted(edge)}"
            reason = f"{above}: unstable at some smaller steps and all larger ones."
            return self._concluded(False, True, reason, [*facts, steeper])
        null = kernel([[exact(x) for x in row] for row in gap], len(gap))
        if not null:
            below = self._curved_at_most(hessian, _slightly_below(hessian, edge))
            all_below = f"At {where} every curvature is below {formatted(edge)}"
            reason = f"{all_below}: stable at all smaller steps and some larger ones."
            return self._concluded(True, False, reason, [*facts, below])
        vector = [fraction(x) for x in null[0]]
        attained = self._number(*(f"{_row_times(row, vector)} == {edge}*({x})"
                                  for row, x in zip(hessian, vector, strict=True)))  # fmt: skip
        return self._concluded(True, True, self._because(where),
                               [*facts, self._curved_at_most(hessian, edge), attained])  # fmt: skip

    def _because(self, where: str, holds: str = "iff") -> str:
        largest, word = formatted(self.most / self.step), {"if": "at most ", "only if": "at least "}.get(holds, "")
        limit = f"{self.rule.name} is stable for products of step and curvature below {self.most}"
        return f"At {where} the largest curvature is {word}{largest}, and {limit}."

    def _curved_at_most(self, hessian: Matrix, most: Fraction) -> ForAll:
        """State that the curvatures of a Hessian are from 0 to a number."""
        names = [f"v{k + 1}" for k in range(len(hessian))]
        form = _form(hessian, names)
        return ForAll(" ".join(names), [], [f"{form} >= 0", f"{form} <= {most}*({_square(names)})"])

    def _slope(self, point: Matrix, k: int) -> str:
        return f"{self.name}.d1({flat(point)}, {axis(k, self.landscape.parameters)})"

    def _number(self, *relations: str) -> ForAll:
        named = any(f"{self.name}." in each for each in relations)
        return ForAll("", [], list(relations), self.landscapes if named else {})


@lru_cache(maxsize=64)
def _rule_limit(rule: str, memory: Fraction) -> Judged:
    """Return, proved, for which products of step and curvature a rule is stable, in general and at this memory."""
    top, bottom = limit_parts(rule)
    most = limit_of_mode(rule, memory)
    here = ForAll("m", [f"m == {memory}"], [f"{top} == {most}*({bottom})"], try_at=[{"m": memory}])
    return prove(AllOf([limit_statement(rule), here]))


def _row_times(row: Vector, vector: Vector) -> str:
    return " + ".join(f"({x})*({y})" for x, y in zip(row, vector, strict=True) if x) or "0"


def _form(matrix: Matrix, v: Sequence[str]) -> str:
    """Return the quadratic form of a matrix in names, or in numbers."""
    terms = [f"({x})*({a})*({b})" for a, row in zip(v, matrix, strict=True) for b, x in zip(v, row, strict=True) if x]
    return " + ".join(terms) or "0"


def _square(v: Sequence[str]) -> str:
    return " + ".join(f"({x})*({x})" for x in v)


def _gap(hessian: Matrix, edge: Fraction) -> Matrix:
    """Return edge * identity - hessian."""
    return [[edge * (i == j) - x for j, x in enumerate(row)] for i, row in enumerate(hessian)]


def _texts(vector: Vector) -> list[str]:
    return [str(x) for x in vector]


def _negative_direction(matrix: Matrix) -> Vector | None:
    """Return a vector along which a symmetric matrix is negative; None where none is found."""
    scale = max((abs(x) for row in matrix for x in row), default=Fraction(0)) or Fraction(1)
    _, vectors = np.linalg.eigh(np.array([[float(x / scale) for x in row] for row in matrix]))
    first = vectors[:, 0] / np.abs(vectors[:, 0]).max()
    for size in (1, 10, 1000, FINEST):
        found = [Fraction(float(x)).limit_denominator(size) for x in first]
        if sum(a * x * b for a, row in zip(found, matrix, strict=True) for x, b in zip(row, found, strict=True)) < 0:
            return found
    return None


def _slightly_below(hessian: Matrix, edge: Fraction) -> Fraction:
    """Return a number below the edge that no curvature exceeds, where all are below the edge."""
    lower = Fraction(0)
    for k in range(1, 60):
        lower = edge * (1 - Fraction(1, 2**k))
        gap = [[exact(x) for x in row] for row in _gap(hessian, lower)]
        if all(fmpq_mat([row[:n] for row in gap[:n]]).det() > 0 for n in range(1, len(gap) + 1)):
            return lower
    return lower
