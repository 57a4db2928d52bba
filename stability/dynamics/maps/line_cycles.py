"""Cycles of gradient descent on the lines of parameter space that it does not leave."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations
from typing import Any

from stability.dynamics.maps.cycles import Cycle, cycles
from stability.dynamics.maps.invariant_lines import Line, LineError, line
from stability.errors import StabilityError, TooLargeError
from stability.exact.numbers import formatted, formatted_vector
from stability.geometry.atlas.atlas import known_atlas
from stability.io.printable import amount
from stability.io.results import ResultTable, Tabular
from stability.model.network_loss import NetworkLoss, Point, Vector, dot
from stability.model.restrictions import require_fixed
from stability.model.update_rules import UpdateRule

MOST_PAIRS = 20_000
"""Pairs of stationary points after which the search for lines is refused."""


@dataclass(frozen=True, repr=False)
class LineCycles(Tabular):
    """The cycles of gradient descent on lines that it does not leave.

    Attributes
    ----------
    landscape : NetworkLoss
    rule : UpdateRule
        Gradient descent with its step.
    period : int
    lines : list of (Line, list of Cycle)
        On every line, all cycles of exactly this period; points are the c of origin + c * direction.
    """

    landscape: NetworkLoss
    rule: UpdateRule
    period: int
    lines: list[tuple[Line, list[Cycle]]]

    def to_json(self) -> dict[str, Any]:
        """Return the cycles by line, exact numbers as text."""
        return {
            **self.landscape.names,
            "rule": str(self.rule),
            "period": self.period,
            "lines": [
                {
                    "origin": [str(x) for x in place.origin],
                    "direction": [str(x) for x in place.direction],
                    "cycles": [each.to_json() for each in found],
                }
                for place, found in self.lines
            ],
        }

    def _records(self) -> Sequence[Mapping[str, Any]]:
        return [
            {"line": k, "points": [float(c) for c in each.points], "attracting": each.attracting}
            for k, (_, found) in enumerate(self.lines)
            for each in found
        ]

    def _table(self) -> ResultTable:
        rows = [
            (_written(place), formatted_vector(each.points), _multiplier(each))
            for place, found in self.lines
            for each in found
        ]
        where, attracting = amount(len(self.lines), "line"), sum(c.attracting for _, found in self.lines for c in found)
        caption = f"{self.landscape!r}: cycles of period {self.period} of {self.rule} on {where}"
        finding = f"{amount(len(rows), 'cycle')}, {attracting} attracting"
        return ResultTable(caption, ("line", "points (c)", "multiplier"), rows, finding=finding)


def _written(place: Line) -> str:
    start = f"{formatted_vector(place.origin)} + " if any(place.origin) else ""
    return f"{start}c {formatted_vector(place.direction)}"


def _multiplier(each: Cycle) -> str:
    if each.family is not None:
        return "1, in a family"
    if each.multiplier is None:
        return "none, at a kink"
    return f"{formatted(each.multiplier)}{', attracting' if each.attracting else ''}"


def line_cycles(
    landscape: NetworkLoss,
    rule: UpdateRule,
    period: int = 2,
    origin: Point | None = None,
    direction: Point | None = None,
) -> LineCycles:
    """Return the cycles of gradient descent on a line, or on all lines through two isolated stationary points.

    Parameters
    ----------
    landscape : NetworkLoss
    rule : UpdateRule
        Gradient descent, as update_rule("gd", step="2/5").
    period : int
    origin, direction : rows (w_1, ..., w_d, b), one per unit
        The line; the origin is 0 if only the direction is given. Without a direction, the lines through two isolated
        stationary points of the atlas that descent does not leave.

    Raises
    ------
    StabilityError
        If the rule is not gradient descent, or the period is below 1.
    LineError
        If descent leaves the line that is given.
    TooLargeError
        If there are too many stationary points, or too many faces for an atlas.
    """
    require_fixed(landscape, "cycles on lines", "the gradient is not linear between kinks where they are trained")
    if rule.name != "gd":
        raise StabilityError(
            f"Expected gradient descent, whose step depends on the point alone; got {rule}.",
            "Take update_rule('gd', step='2/5').",
        )
    if direction is None:
        if origin is not None:
            raise StabilityError("Expected a direction beside the origin; got none.", "Give direction=[[1, -1, 0]].")
        places = invariant_lines(landscape)
    else:
        zero = landscape.by_unit([Fraction(0)] * landscape.parameters)
        places = [line(landscape, zero if origin is None else origin, direction)]
    step = rule.parameters["step"]
    return LineCycles(landscape, rule, period, [(place, cycles(place.map(step), period)) for place in places])


def invariant_lines(landscape: NetworkLoss) -> list[Line]:
    """Return the lines through two isolated stationary points that gradient descent does not leave.

    Images by permuting units with output weights of one sign are counted as points too. A line on which descent has
    fewer than two isolated stationary points is not among them.

    Raises
    ------
    TooLargeError
        If there are too many pairs of points, or too many faces for an atlas.
    """
    points = list(dict.fromkeys(_isolated(landscape)))
    pairs = len(points) * (len(points) - 1) // 2
    if pairs > MOST_PAIRS:
        raise TooLargeError(
            f"Expected at most {MOST_PAIRS:,} pairs of isolated stationary points; got {pairs:,}.",
            "Give the line: direction=[[1, -1, 0]], for instance.",
        )
    found: dict[tuple[Any, ...], Line] = {}
    for first, second in combinations(points, 2):
        origin, direction = _normal_form(first, second)
        key = (*origin, *direction)
        if key not in found:
            try:
                found[key] = line(landscape, landscape.by_unit(origin), landscape.by_unit(direction))
            except LineError:
                continue
    return [found[key] for key in sorted(found)]


def _isolated(landscape: NetworkLoss) -> Iterator[tuple[Any, ...]]:
    weights = landscape.network.weights
    orders = [
        order
        for order in permutations(range(landscape.units))
        if all(a * weights[k] > 0 for a, k in zip(weights, order, strict=True))
    ]
    for each in known_atlas(landscape).sets:
        for order in orders if each.isolated else []:
            rows = [[x * weights[k] / a for x in each.witness[k]] for a, k in zip(weights, order, strict=True)]
            yield tuple(x for row in [*rows, *each.witness[landscape.units :]] for x in row)


def _normal_form(first: Sequence[Any], second: Sequence[Any]) -> tuple[Vector, Vector]:
    """Return the point of a line that is nearest to 0, and its direction with 1 as the first entry other than 0."""
    direction = [b - a for a, b in zip(first, second, strict=True)]
    lead = next(x for x in direction if x)
    direction = [x / lead for x in direction]
    along = dot(first, direction) / dot(direction, direction)
    return [a - along * d for a, d in zip(first, direction, strict=True)], direction
