"""What is true instead of refuted clauses about flows, stable steps and cycles, as clauses of their own."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from math import ceil, floor
from typing import Any

from stability.audit.cycle_statements import PERIODS, NoCycle
from stability.audit.flow_statements import FlowEndsAt, FlowEndsOn
from stability.audit.readers.clauses import Clause, partition, split
from stability.audit.readers.conditions import attribute_in, conditions, points, written_value
from stability.audit.readers.dynamics import LIMITED, departures, rule, written_point, written_step
from stability.audit.readers.statements import Reader
from stability.audit.step_statements import StableBelow
from stability.dynamics.flow.limits import decimal
from stability.dynamics.flow.solve import followed
from stability.dynamics.flow.statements import AboutFlow
from stability.exact.eigenvalues import spectrum
from stability.geometry.atlas.atlas import known_atlas
from stability.geometry.atlas.conditions import attribute_of, checked, compares
from stability.geometry.stationary.sets import StationarySet
from stability.landscapes import Landscape
from stability.logic.statements import Statement
from stability.model.network_loss import Matrix

Instead = tuple[str, Statement | None]
"""A clause, and its statement where that is not what the clause is read as."""

DIGITS = 4
"""Of bounds of irrational numbers, at least."""

MOST_POINTS = 8
"""Of how many points a list is written."""

NEAR = range(3, 16)
"""How many decimals a distance from the end of a flow may have."""

LONG = 1000
"""A denominator above which a coordinate is rounded, though it is known exactly."""

MOST_CYCLES = 64
"""Among which the nearest one to that of a claim is looked for."""


def stable_instead(reader: Reader, clause: Clause) -> Iterator[Instead]:
    """Yield for which steps the point is stable, or each minimum; between which bounds the limit lies if irrational."""
    stated = next(each for each in reader.statements(clause) if isinstance(each, StableBelow))
    place, named = stated.landscape, _in(stated.landscape, reader)
    minima = [] if stated.point is not None else known_atlas(place).minima
    spots = [stated.point] if stated.point is not None else [each.witness for each in minima]
    ruled = re.search(rf"\bfor\b.*?(?=\bat\b|\bin\b|{LIMITED})", clause.text, re.DOTALL)
    if ruled is None:
        return
    limits = [_limits(stated, each) for each in spots]
    if minima and limits[0] and all(s.isolated and each == limits[0] for s, each in zip(minima, limits, strict=True)):
        yield from ((f"stable {ruled[0].strip()}{named} {limit}", None) for limit in limits[0])
        return
    for spot, found in zip(spots, limits, strict=True) if len(spots) <= MOST_POINTS else ():
        where_ = f"at {written_point(spot)}{named}"
        yield from ((f"stable {ruled[0].strip()} {where_} {limit}", None) for limit in found)
        if stated.point is not None and not place.classify(spot).clarke:
            yield f"{where_}: stationary = no", None


def _limits(stated: StableBelow, spot: Matrix) -> list[str]:
    """Return for which steps a point is stable, as conditions on the step; none where it is at none.

    The loss is convex on each face, so that no curvature is negative; where all are 0 no step is too large.
    """
    place = stated.landscape
    if not place.is_twice_differentiable(spot) or any(place.gradient(spot)):
        return []
    most = spectrum(place.hessian(spot))[-1]
    if most.high == 0:
        return [f"if step < {stated.step}"]
    if most.low == most.high:
        return [f"iff step < {stated.most / most.low}"]
    low, high = brackets(stated.most / most.high, stated.most / most.low, stated.step)
    return [
        f"{word} step < {bound}" for word, bound in (("if", low), ("only if", high)) if stated.holds in ("iff", word)
    ]


def brackets(low: Fraction, high: Fraction, other: Fraction) -> tuple[str, str]:
    """Return two neighbouring decimals around a number, known from low to high, on one side of another number.

    They have `DIGITS` digits, or as many more as separate the two numbers, as far as low and high do.

    Examples
    --------
    >>> brackets(Fraction(188580, 10**6), Fraction(188581, 10**6), Fraction(3, 10))
    ('0.1885', '0.1886')
    >>> brackets(Fraction(188580, 10**6), Fraction(188581, 10**6), Fraction(18855, 10**5))
    ('0.18858', '0.18859')
    """
    places = DIGITS
    while high * 10 ** (places - DIGITS + 1) < 1:
        places += 1
    while True:
        below, above = floor(low * 10**places), ceil(high * 10**places)
        if not below < other * 10**places < above or above - below > 1:
            return _decimal(below, places), _decimal(above, places)
        places += 1


def _decimal(digits: int, places: int) -> str:
    return f"{digits // 10**places}.{digits % 10**places:0{places}d}"


def flow_instead(reader: Reader, clause: Clause) -> Iterator[Instead]:
    """Yield where the flow ends: on a set with other attributes, at its isolated point, or near a point."""
    (stated,) = reader.statements(clause)
    head, _, said = partition(clause.text, ":")
    if not isinstance(stated, FlowEndsOn | FlowEndsAt | AboutFlow):
        return
    place = stated.landscape
    found = followed(place, place.point(stated.start))
    if isinstance(stated, FlowEndsOn):
        there = found.ends_on
        true = {} if found.loss is None else {"loss": found.loss}
        ends = [_attribute(there, true, part, clause) for part in split(re.sub(r"^ends\s+on\b", "", said))]
        if any(ends):
            yield f"flow {head}: ends on {', '.join(filter(None, ends))}", None
        return
    exact = [[x for x in row if isinstance(x, Fraction)] for row in found.point]
    if found.ends_on is not None and found.ends_on.isolated and exact == found.point:
        yield f"flow {head}: ends at {written_point(exact)}", None
        return
    near = _near(found.point, stated)
    if near:
        yield f"flow {head}: ends {near}", None


def _attribute(there: StationarySet | None, known: dict[str, Any], part: str, clause: Clause) -> str:
    """Return a condition on the set where a flow ends, or the true one in its place; "" where none is known."""
    ((name, relation, value),) = checked(conditions(part, clause), "conditions")
    true = known.get(name) if there is None else attribute_of(there, name)
    if true is None:
        return ""
    return part if compares(true, relation, value) else f"{attribute_in(part)} = {written_value(true)}"


def _near(limit: Sequence[Sequence[Fraction | float]], stated: FlowEndsAt | AboutFlow) -> str:
    """Return near which point a flow ends, as near as shows that it does not end where it is said to."""
    if isinstance(stated, FlowEndsAt):
        target, within = stated.point, Fraction(0)
    else:
        ((_, within, target),) = stated.conditions
    for places in NEAR:
        rows = [[_rounded(x, places + 1) for x in row] for row in limit]
        pairs = [(x, Fraction(y)) for one, two in zip(rows, target, strict=True) for x, y in zip(one, two, strict=True)]
        radius = Fraction(1, 10**places)
        if sum(((x - y) ** 2 for x, y in pairs), Fraction(0)) > (Fraction(within) + radius) ** 2:
            return f"within {decimal(radius)} of {written_point([list(map(decimal, row)) for row in rows])}"
    return ""


def _rounded(x: Fraction | float, places: int) -> Fraction:
    """Return a number that is known exactly and is short as it is, any other to so many decimals."""
    return x if isinstance(x, Fraction) and x.denominator <= LONG else round(Fraction(x), places)


def some_cycle(reader: Reader, clause: Clause) -> Iterator[Instead]:
    """Yield a cycle where there is said to be none."""
    (stated,) = reader.statements(clause)
    if isinstance(stated, NoCycle):
        for step, through in islice(stated.cycles(), 1):
            yield _cycle(step, through, _in(stated.landscape, reader)), None


def cycle_instead(reader: Reader, clause: Clause) -> Iterator[Instead]:
    """Yield the nearest cycle of as many points that is found, or else a step that leaves the one that is claimed."""
    head, _, where = partition(clause.text, r"\bthrough\b")
    text, _, name = partition(where, r"\bin\b")
    place, moves = reader.place(name, clause), rule(head.removeprefix("of"), clause)
    through = points(place, text, clause)
    step = moves.parameters["step"]
    if moves.name == "gd" and len(through) in PERIODS:
        others = NoCycle(place, reader.called(place), step=step).cycles([len(through)])
        nearest = min(islice(others, MOST_CYCLES), key=lambda each: _distance(each[1], through), default=None)
        if nearest is not None:
            yield _cycle(*nearest, _in(place, reader)), None
            return
    named = f"{reader.called(place)}." if len(reader.places) > 1 else ""
    for here in (each for each in through if not place.is_differentiable(each)):
        yield f"at {written_point(here)}{_in(place, reader)}: differentiable = no", None
        return
    for before, here, there in islice(departures(place, moves, through), 1):
        yield f"{named}{written_step(moves, before, here)} = {written_point(there)}", None


def _in(place: Landscape, reader: Reader) -> str:
    """Return how a clause names a landscape where there are several; "" where there is one."""
    return f" in {reader.called(place)}" if len(reader.places) > 1 else ""


def _cycle(step: Fraction, through: Sequence[Matrix], named: str) -> str:
    return f"cycle of gradient descent with step = {step} through {', '.join(map(written_point, through))}{named}"


def _distance(one: Sequence[Matrix], other: Sequence[Matrix]) -> Fraction:
    """Return the least sum of squares between the points of two cycles, wherever they begin."""
    turned = ([*one[k:], *one[:k]] for k in range(len(one)))
    return min(
        sum(
            ((x - y) ** 2 for p, q in zip(each, other, strict=True) for r, s in zip(p, q, strict=True)
             for x, y in zip(r, s, strict=True)),
            Fraction(0),
        )
        for each in turned
    )  # fmt: skip
