"""Clauses about flows, stable steps and cycles: what each says formally."""

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from stability.audit.cycle_statements import NoCycle, cycle_through
from stability.audit.flow_statements import FlowEndsAt, FlowEndsOn
from stability.audit.readers.clauses import Clause, expected, partition, place_of
from stability.audit.readers.conditions import conditions, number, point, points
from stability.audit.step_statements import StableBelow
from stability.dynamics.flow.statements import flow_ends
from stability.landscapes import Landscape
from stability.logic.formulas import short
from stability.logic.landscape_functions import NUMBERS
from stability.logic.statements import Statement
from stability.model.network_loss import Matrix
from stability.model.update_rules import UpdateRule, update_rule

if TYPE_CHECKING:
    from stability.audit.readers.statements import Reader

SETTING = re.compile(r"\b(step|momentum|beta1|beta2|eps)\b\s*=?\s*([0-9][0-9./]*)")
LIMITED = r"\b(?:iff|only\s+if|if)\b"
"""What stands before the bound of the steps for which a point is stable: at these and no others, or one way only."""

BELOW = re.compile(r"(?:0\s*<\s*)?step\s*<(?!=)\s*(.+)", re.DOTALL)


IN_FORMULAS = {"gd": "gradient_descent", "heavy-ball": "heavy_ball", "nesterov": "nesterov"}
"""How formulas call the rules whose steps the last two points give."""


def rule(text: str, clause: Clause, **given: str) -> UpdateRule:
    """Return the update rule that a clause names: "gradient descent", "heavy ball with momentum = 9/10".

    Parameters
    ----------
    text : str
    clause : Clause
    given : str
        Parameters that the clause does not state.

    Raises
    ------
    DocumentError
        If something in it is no parameter, or stands twice.
    UnknownNameError, NumberError
        If there is no such rule, or a parameter is missing or out of its range.
    """
    pairs = SETTING.findall(text)
    left = re.sub(r"\bwith\b|\band\b|[(),]", " ", SETTING.sub(" ", text)).strip()
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1 or name in given), None)
    if twice:
        raise clause.error(f"Expected no {twice}, or one; got {short(text)}.")
    if not re.fullmatch(r"[A-Za-z][A-Za-z' _-]*", left):
        raise expected(clause, "an update rule and its numbers, as heavy ball with momentum = 9/10", text)
    spelling = re.sub(r"[\s_]+", "-", left.lower().replace("'s method", ""))
    return update_rule(spelling, **given, **{name: str(number(value)) for name, value in pairs})


def flow(reader: "Reader", clause: Clause) -> list[Statement]:
    """Return what `flow from POINT: ends ...` says."""
    called, text = place_of(clause.text, clause, "of")
    head, colon, said = partition(text, ":")
    match = re.match(r"from\b(.*)", head, re.DOTALL)
    if match is None or not colon:
        raise expected(clause, "from POINT and a colon", clause.text)
    place, start = _located(reader, clause, match[1], called)
    for word, read in ENDS.items():
        rest = re.match(rf"ends\s+{word}\b(.*)", said, re.DOTALL)
        if rest is not None:
            return [read(place, reader.called(place), start, rest[1].strip(), clause)]
    raise expected(clause, "ends on CONDITIONS, ends at POINT or ends within DISTANCE of POINT", said)


def _ends_within(place: Landscape, name: str, start: Matrix, said: str, clause: Clause) -> Statement:
    distance, _, where = partition(said, r"\bof\b")
    if not where:
        raise expected(clause, "within DISTANCE of POINT", said)
    return flow_ends(place, start, [("within", number(distance), point(place, where, clause))], name)


ENDS: dict[str, Callable[[Landscape, str, Matrix, str, Clause], Statement]] = {
    "on": lambda place, name, start, said, clause: FlowEndsOn(place, start, name, conditions(said, clause)),
    "at": lambda place, name, start, said, clause: FlowEndsAt(place, start, name, point(place, said, clause)),
    "within": _ends_within,
}
"""What may be said of the end of a flow."""


def stable(reader: "Reader", clause: Clause) -> list[Statement]:
    """Return what `stable for RULE at POINT iff step < NUMBER` says; without a point, of every local minimum."""
    head, _, _ = partition(clause.text, LIMITED)
    said = clause.text[len(head) :]
    text, at, where = partition(head, r"\bat\b")
    if at:
        place, spot = _located(reader, clause, where)
        return [stable_at(place, reader.called(place), spot, f"{text} {said}", clause)]
    text, _, name = partition(text, r"\bin\b")
    place = reader.place(name, clause)
    return [stable_at(place, reader.called(place), None, f"{text} {said}", clause)]


def stable_at(place: Landscape, name: str, spot: Matrix | None, said: str, clause: Clause) -> StableBelow:
    """Return that a point is stable exactly for steps that are bound, or one way: `for RULE iff step < NUMBER`."""
    text, word, bound = partition(said, LIMITED)
    ruled, match = re.match(r"for\b(.*)", text, re.DOTALL), BELOW.fullmatch(bound)
    if ruled is None or match is None:
        raise expected(clause, "for RULE iff step < NUMBER", clause.text)
    limit = number(match[1])
    if limit <= 0:
        raise expected(clause, "a step above 0", bound)
    return StableBelow(place, rule(ruled[1], clause, step="1"), limit, name, spot, " ".join(word.split()))


def cycle(reader: "Reader", clause: Clause) -> list[Statement]:
    """Return what `cycle of RULE through [POINT, ...]` says."""
    head, _, where = partition(clause.text, r"\bthrough\b")
    match = re.match(r"of\b(.*)", head, re.DOTALL)
    if match is None or not where:
        raise expected(clause, "of RULE through [POINT, ...]", clause.text)
    text, _, name = partition(where, r"\bin\b")
    place = reader.place(name, clause)
    moves, through = rule(match[1], clause), points(place, text, clause)
    stated = cycle_through(place, moves, through, reader.called(place))
    reader.remarks.extend(_elsewhere(place, moves, through))
    return [stated]


def _elsewhere(place: Landscape, moves: UpdateRule, through: Sequence[Matrix]) -> list[str]:
    """Return in words where an update rule goes first from a point of a cycle instead of to the next one."""
    rows = [place.point(each) for each in through]
    kink = next((each for each in rows if not place.is_differentiable(each)), None)
    if kink is not None:
        return [f"At {written_point(kink)} the loss has no gradient, so that no step leads on."]
    for before, here, found in departures(place, moves, rows):
        there = rows[(rows.index(here) + 1) % len(rows)]
        where = f"{written_point(here)} itself" if found == here else written_point(found)
        came = "" if moves.name == "gd" else f", after {written_point(before)},"
        return [f"The step from {written_point(here)}{came} leads to {where}, not to {written_point(there)}."]
    return []


def departures(
    place: Landscape, moves: UpdateRule, through: Sequence[Matrix]
) -> Iterator[tuple[Matrix, Matrix, Matrix]]:
    """Yield the points of a cycle from which a rule does not go to the next one: the one before, it, and the one after.

    Nothing comes where the loss has no gradient at some point, or the rule keeps more than the last two points.
    """
    rows = [place.point(each) for each in through]
    if moves.name not in IN_FORMULAS or not all(map(place.is_differentiable, rows)):
        return
    for before, here, there in zip([rows[-1], *rows], rows, [*rows[1:], rows[0]], strict=False):
        found = _moved(place, moves, before, here)
        if found != there:
            yield before, here, found


def _moved(place: Landscape, moves: UpdateRule, before: Matrix, here: Matrix) -> Matrix:
    """Return where a rule goes from a point after another one, as `stability.logic.landscape_functions` has it."""
    step, momentum = moves.parameters["step"], moves.parameters.get("momentum", Fraction(0))
    old, new = ([x for row in rows for x in row] for rows in (before, here))
    ahead = momentum if moves.name == "nesterov" else Fraction(0)
    slopes = zip(place.gradient(here), place.gradient(before), strict=True)
    slope = [(1 + ahead) * one - ahead * two for one, two in slopes]
    return place.by_unit([x + momentum * (x - y) - step * g for x, y, g in zip(new, old, slope, strict=True)])


def written_step(moves: UpdateRule, before: Matrix, here: Matrix) -> str:
    """Return the step of a rule from a point after another one, as documents write it."""
    numbers = [str(moves.parameters[name]) for name in NUMBERS if name in moves.parameters]
    if moves.name == "gd":
        return f"step({written_point(here)}, {numbers[0]})"
    called = f"{IN_FORMULAS[moves.name]}({', '.join(numbers)})"
    return f"step({called}, {written_point(here)}, {written_point(before)})"


def written_point(rows: Sequence[Sequence[Fraction | str]]) -> str:
    """Return a point as documents write it: `[1/2, -1/2, 0]`, or a list of those for several units."""
    units = [f"[{', '.join(map(str, row))}]" for row in rows]
    return units[0] if len(units) == 1 else f"[{', '.join(units)}]"


def no_cycle(reader: "Reader", clause: Clause) -> list[Statement]:
    """Return what `no cycle of gradient descent for any step` says; or `with step = 1`, or `for step < 1/2`."""
    text, _, name = partition(clause.text, r"\bin\b")
    place = reader.place(name, clause)
    head, _, steps = partition(text, r"\bfor\b")
    match = re.match(r"of\b(.*)", head, re.DOTALL)
    if match is None:
        raise expected(clause, "of RULE for any step", clause.text)
    called, below = reader.called(place), BELOW.fullmatch(steps)
    if below is not None:
        found, given = {"below": number(below[1])}, {"step": "1"}
    elif re.fullmatch(r"any\s+step", steps):
        found, given = {}, {"step": "1"}
    elif not steps:
        found, given = {}, {}
    else:
        raise expected(clause, "for any step, for step < NUMBER or with step = NUMBER", text)
    ruled = rule(match[1], clause, **given)
    if ruled.name != "gd" or found.get("below", Fraction(1)) <= 0:
        raise expected(clause, "gradient descent with steps above 0", text)
    return [NoCycle(place, called, step=None if given else ruled.parameters["step"], **found)]


def _located(reader: "Reader", clause: Clause, text: str, called: str = "") -> tuple[Landscape, Matrix]:
    """Return the landscape and the point of `POINT`, or of `POINT in NAME`."""
    where, _, name = partition(text, r"\bin\b")
    place = reader.place(called or name, clause)
    return place, point(place, where, clause)
