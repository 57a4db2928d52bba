"""What is true instead of clauses that are refuted, as clauses that their author may write.

Nothing is searched for: numbers of sets, attributes, losses, limits of steps and sums are known exactly. What is put in
their place is a claim like any other, which stands in a report only if it is proved.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import permutations
from typing import Any

from stability.audit.loss_bounds import LossBound, bound_against, bound_at_all
from stability.audit.readers.arithmetic import EQUATION, holds, written
from stability.audit.readers.blocks import SourceLine
from stability.audit.readers.clauses import Clause, clauses, names, partition, place_of, split
from stability.audit.readers.conditions import RELATIONS, attribute_in, conditions, number, point, written_value
from stability.audit.readers.dynamics import written_point
from stability.audit.readers.dynamics_corrections import (
    MOST_POINTS,
    Instead,
    cycle_instead,
    flow_instead,
    some_cycle,
    stable_instead,
)
from stability.audit.readers.statements import COUNT, POINTWISE, Reader, where
from stability.audit.wrong_numbers import exact_value, sides
from stability.errors import StabilityError
from stability.geometry.atlas.atlas import known_atlas
from stability.geometry.atlas.conditions import TESTS, Condition, attribute_of, checked, compares, satisfies
from stability.geometry.atlas.statements import MINIMA
from stability.geometry.stationary.sets import StationarySet
from stability.landscapes import Landscape
from stability.logic.statements import Statement
from stability.model.correctness import correct
from stability.model.network_loss import Matrix

MOST_VALUES = 6
"""Of how many values of an attribute a list is written."""


def true_instead(reader: Reader, own: Sequence[Clause]) -> list[tuple[str, list[Statement]]]:
    """Return clauses that are true instead of those that are not, with their statements; none where none are known.

    Parameters
    ----------
    reader : Reader
    own : sequence of Clause
        Those of the claim, which have been read.
    """
    found = dict[str, list[Statement]]()
    for clause in own:
        try:
            for text, stated in CORRECTIONS.get(clause.kind, _nothing)(reader, clause):
                found[text] = _read(reader, text, clause) if stated is None else [stated]
        except (StabilityError, ArithmeticError):
            continue
    return [*found.items()]


def _read(reader: Reader, text: str, at: Clause) -> list[Statement]:
    read = clauses([SourceLine(text, at.line, at.column)])
    return [each for clause in read for each in reader.statements(clause)]


def _nothing(_: Reader, __: Clause) -> Iterator[Instead]:
    yield from ()


def _counted(place: Landscape, given: Sequence[Condition]) -> int:
    """Return how many sets meet conditions, units in every order."""
    chosen = checked(given, "conditions", empty=True)
    return sum(each.orbit for each in known_atlas(place).sets if satisfies(each, chosen))


def _sets(reader: Reader, clause: Clause) -> Iterator[Instead]:
    name, text = place_of(clause.text, clause, "of")
    head, _, said = partition(text, ":")
    match = COUNT.fullmatch(said)
    if match is not None:
        count = _counted(reader.place(name, clause), where(head, clause))
        if not TESTS[RELATIONS.get(match[1], match[1])](count, int(match[2])):
            yield f"sets {partition(clause.text, ':')[0]}".strip() + f": number = {count}", None


def _exists_set(reader: Reader, clause: Clause) -> Iterator[Instead]:
    name, text = place_of(clause.text, clause, "of")
    if _counted(reader.place(name, clause), where(text, clause)) == 0:
        yield f"sets {clause.text}: number = 0", None


def _every_set(reader: Reader, clause: Clause) -> Iterator[Instead]:
    """Yield the clause with what holds of all the sets: the values that occur, or the least or greatest one."""
    name, text = place_of(clause.text, clause, "of")
    head, _, said = partition(text, r"\bhas\b")
    place, given = reader.place(name, clause), checked(where(head, clause), "conditions", empty=True)
    sets = [each for each in known_atlas(place).sets if satisfies(each, given)]
    kept, changed = list[str](), False
    for part in split(said):
        wanted = checked(conditions(part, clause), "conditions")
        if all(satisfies(each, wanted) for each in sets):
            kept.append(part)
        else:
            weaker = _of_all(wanted[0], sets)
            kept += [weaker] if weaker else []
            changed |= bool(weaker)
    if changed:
        of = f"of {name} " if name else ""
        yield f"every set {of}{head} has {', '.join(kept)}".replace("  ", " "), None


def _of_all(condition: Condition, sets: Sequence[StationarySet]) -> str:
    """Return a condition on the same attribute that all sets meet; "" where it would say nothing."""
    name, relation, _ = condition
    values = [attribute_of(each, name) for each in sets]
    if any(isinstance(value, list) or value is None for value in values):
        return ""
    values = sorted(set(values))
    if relation in ("<", "<=", ">", ">=") or len(values) > MOST_VALUES:
        below = relation in ("<", "<=")
        return "" if isinstance(values[0], str) else f"{name} {'<=' if below else '>='} {values[-1 if below else 0]}"
    if len(values) == 1:
        return f"{name} = {written_value(values[0])}"
    return "" if isinstance(values[0], bool) else f"{name} in {written_value(values)}"


def _minima(reader: Reader, clause: Clause) -> Iterator[Instead]:
    name, _ = place_of(clause.text, clause, "of")
    place = reader.place(name, clause)
    sets, head = known_atlas(place).minima, f"of {name} " if name else ""
    wide = sum(each.orbit for each in sets if not each.isolated)
    images = [
        [[list(row) for row in rows] for rows in dict.fromkeys(permutations(map(tuple, each.witness)))] for each in sets
    ]
    count, listed = sum(each.orbit for each in sets), [rows for each in images for rows in each]
    if wide:
        yield f"sets {head}where kind in {written_value([*MINIMA[2]])}, isolated = no: number = {wide}", None
    elif len(listed) == count <= MOST_POINTS:
        yield f"minima {head}are {', '.join(written_point(each) for each in listed)}", None
    else:
        yield f"sets {head}where kind in {written_value([*MINIMA[2]])}: number = {count}", None


def _at(reader: Reader, clause: Clause) -> Iterator[Instead]:
    head, _, said = partition(clause.text, ":")
    text, _, name = partition(head, r"\bin\b")
    place = reader.place(name, clause)
    here = point(place, text, clause)
    parts = [part for part in split(said) if not part.startswith("stable ")]
    of_set = [part for part in parts if attribute_in(part) not in POINTWISE]
    there = known_atlas(place).of(here) if of_set else None
    kept = [] if there is None and of_set else of_set
    wrong = ["stationary = no"] if there is None and of_set else []
    for part in parts:
        if part not in of_set or there is not None:
            true = _true(place, here, there, part, clause)
            wrong += [true] if true else []
            if true or part not in of_set:
                kept = [each for each in kept if each != part]
    if wrong:
        yield f"at {head}: {', '.join([*dict.fromkeys([*wrong, *kept])])}", None
    for part in split(said):
        if part.startswith("stable "):
            yield from stable_instead(reader, Clause("at", f"{head}: {part}", clause.line, clause.column))


def _true(place: Landscape, here: Matrix, there: StationarySet | None, part: str, clause: Clause) -> str:
    """Return the condition that holds at a point instead of one; "" where that one holds."""
    word = attribute_in(part)
    if word in ("stationary", "differentiable"):
        found = place.classify(here)
        yes = found.clarke if word == "stationary" else found.differentiable
        said = (re.search(r"\b(yes|true)\b", part, re.IGNORECASE) is not None) != (re.search("!=|≠", part) is not None)
        return "" if yes == said else f"{word} = {written_value(bool(yes))}"
    ((name, relation, value),) = checked(conditions(part, clause), "conditions")
    if name in ("loss", "outputs", "correct"):
        outputs = place.outputs(here)
        true: Any = {"loss": place.loss(here), "outputs": outputs, "correct": correct(outputs, place.data.labels)}[name]
    else:
        true = None if there is None else attribute_of(there, name)
    return "" if true is None or compares(true, relation, value) else f"{word} = {written_value(true)}"


def _fact(reader: Reader, clause: Clause) -> Iterator[Instead]:
    """Yield the values of what is compared with numbers, and of the vectors that are compared with vectors."""
    for part in split(clause.text):
        formulas = reader.notation([], [part]).relations(part)
        read = [found for each in formulas if (found := sides(each)) is not None]
        said = sides(part, r"==|<=|>=|!=|=|<|>|≤|≥|≠")
        if not read or said is None or {len(said), *map(len, read)} != {3}:
            continue
        records, relation = reader.records(), RELATIONS.get(read[0][1], read[0][1])
        a, b = ([exact_value(each[side], records) for each in read] for side in (0, 2))
        if not all(compares(one, relation, two) for one, two in zip(a, b, strict=True)):
            name, values = (said[0], a) if "(" in said[0] or "(" not in said[2] else (said[2], b)
            yield f"{name} = {_vector(reader, values)}".strip(), None


def _vector(reader: Reader, values: Sequence[Fraction]) -> str:
    """Return a number, or a vector as a point is written where it has as many entries."""
    if len(values) == 1:
        return str(values[0])
    place = next(iter(reader.places.values()))
    return written_point(place.by_unit(values) if len(values) == place.parameters else [values])


def _for_all(reader: Reader, clause: Clause) -> Iterator[Instead]:
    head, _, goal = partition(clause.text, r"\bthen\b")
    variables, _, given = partition(head, r"\bgiven\b")
    bound = None if given else bound_at_all(goal, names(variables, clause), reader.places)
    if bound is not None and bound.relation in (">", ">=") and not bound.holds:
        yield from _least(reader, bound)


def _exists(reader: Reader, clause: Clause) -> Iterator[Instead]:
    _, _, relations = partition(clause.text, r"\bsuch\s+that\b")
    for text in split(relations):
        bound = bound_against(text, reader.places)
        if bound is not None and bound.holds:
            yield from _least(reader, bound)
            return


def _least(reader: Reader, bound: LossBound) -> Iterator[Instead]:
    """Yield the greatest lower bound of a loss."""
    named = f"{bound.name}." if len(reader.places) > 1 else ""
    least = LossBound(bound.landscape, bound.name, ">=", bound.least)
    yield f"for all p then {named}loss(p) >= {bound.least}", least


def _numbers(_: Reader, clause: Clause) -> Iterator[Instead]:
    wrong = []
    for text in split(clause.text, ",|;"):
        match = EQUATION.fullmatch(text)
        if match is not None and not holds(match[1].strip(), match[2].strip()):
            wrong.append(f"{match[1].strip()} = {written(number(match[1]), match[2].strip())}")
    if wrong:
        yield f"numbers {', '.join(wrong)}", None


CORRECTIONS: dict[str, Callable[[Reader, Clause], Iterator[Instead]]] = {
    "sets": _sets,
    "exists set": _exists_set,
    "every set": _every_set,
    "minima": _minima,
    "at": _at,
    "fact": _fact,
    "for all": _for_all,
    "exists": _exists,
    "flow": flow_instead,
    "stable": stable_instead,
    "cycle": cycle_instead,
    "no cycle": some_cycle,
    "numbers": _numbers,
}
"""For each kind of clause what is true instead of one that is not; a new kind is one entry."""
