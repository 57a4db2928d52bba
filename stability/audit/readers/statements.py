"""Statements of the clauses about landscapes: what each kind of clause says formally."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from stability.audit.existence import ExistsOrNever, opposites
from stability.audit.landscape_statements import flat
from stability.audit.loss_bounds import bound_against, loss_bound
from stability.audit.point_statements import differentiable_at, stationary_at
from stability.audit.readers.arithmetic import arithmetic
from stability.audit.readers.blocks import SourceLine
from stability.audit.readers.clauses import Clause, expected, names, partition, place_of, split, without_start
from stability.audit.readers.conditions import RELATIONS, attribute_in, conditions, number, point, points
from stability.audit.readers.derivatives import said_of_a_point, unstated
from stability.audit.readers.dynamics import cycle, flow, no_cycle, stable, stable_at
from stability.audit.readers.squared_errors import helpful_splits, helpful_squares
from stability.audit.representatives import ExistsOnSets, ForAllOnSets
from stability.errors import StatementError
from stability.geometry.atlas.conditions import CLASS, Condition, check_for
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, every_set, number_of_sets, set_at
from stability.geometry.stationary.senses import clarke_stationary
from stability.landscapes import Landscape
from stability.logic.branches import Landscapes
from stability.logic.formulas import short
from stability.logic.notation import Notation
from stability.logic.scopes import Scope
from stability.logic.statements import Not, Statement
from stability.model.correctness import threshold
from stability.model.several_outputs import require_one_output

COUNT = re.compile(r"number\s*(=|==|!=|<=|>=|<|>|≤|≥|≠)\s*([0-9]+)")
FLAG = re.compile(r"[a-z]+\s*(==?|is\b|!=|≠)\s*(yes|no|true|false)", re.IGNORECASE)
STEPS = 100_000_000
"""How much work a claim of a document may be: about a minute, in steps so that no verdict depends on a clock."""

SHARED = ("loss", "outputs", "correct")
"""Attributes of stationary sets that every point has."""

POINTWISE = (*SHARED, "differentiable", "stationary")
"""What may be said of any point, stationary or not."""


@dataclass(frozen=True)
class Hints:
    """Where to look first, and what may help: from `:hint:`."""

    try_at: Sequence[Mapping[str, Fraction]] = ()
    squares: Sequence[str] = ()
    splits: Sequence[str] = ()


@dataclass(frozen=True)
class Reader:
    """Reads clauses about some landscapes.

    Attributes
    ----------
    places : dict
        The landscapes by name.
    hints : Hints
    first_example : int
        The number of the first example in the document.
    remarks : list of str
        What a reader should know about why clauses fail, as far as reading them shows it.
    """

    places: Mapping[str, Landscape]
    hints: Hints = field(default_factory=Hints)
    first_example: int = 0
    remarks: list[str] = field(default_factory=list)

    def statements(self, clause: Clause) -> list[Statement]:
        """Return what a clause says.

        Raises
        ------
        DocumentError
            If it is malformed.
        """
        if clause.kind not in KINDS:
            raise clause.error(f"Expected a clause that can stand here; got {clause.kind!r}.")
        with clause.located():
            return KINDS[clause.kind](self, clause)

    def place(self, name: str, clause: Clause) -> Landscape:
        """Return the landscape of a name, or the only one.

        Raises
        ------
        DocumentError
            If there is none, or there are several.
        """
        if name in self.places or (not name and len(self.places) == 1):
            return self.places[name] if name else next(iter(self.places.values()))
        known = ", ".join(self.places) or "none"
        raise clause.error(
            f"Expected {'a landscape' if name else 'one landscape'}; got {name or known}.",
            "Name them by :on:, as in :on: L = abs1 xor mean." if not self.places else f"Known: {known}.",
        )

    def called(self, place: Landscape) -> str:
        """Return by what name the document calls a landscape."""
        return next(name for name, each in self.places.items() if each is place)

    def notation(self, variables: Sequence[str], texts: Sequence[str]) -> Notation:
        """Return a reading of relations between variables, which are about networks of one output."""
        for name, place in self.places.items():
            if len(self.places) == 1 or _names(name, texts):
                require_one_output(place, "a formula")
        return Notation(variables, Scope([], self.records()), texts, self.first_example)

    def records(self) -> Landscapes:
        """Return all landscapes as formulas take them, which know one output."""
        return {name: place.to_record() for name, place in self.places.items() if place.network.outputs == 1}

    def named(self, formulas: Sequence[str]) -> Landscapes:
        """Return the landscapes that formulas name."""
        return {name: place.to_record() for name, place in self.places.items() if _names(name, formulas)}

    def tried(self, variables: Sequence[str]) -> list[Mapping[str, Fraction]]:
        """Return the hints that give a value to just these variables."""
        return [hint for hint in self.hints.try_at if set(hint) == set(variables)]

    def universal(self, variables: Sequence[str], given: Sequence[str], goals: Sequence[Sequence[str]]) -> Statement:
        """Return a statement for all values of variables."""
        texts = [*given, *(text for goal in goals for text in goal)]
        left_open = unstated(texts, self.places)
        if left_open is not None:
            return left_open
        bound = loss_bound(variables, given, goals, self.places)
        if bound is not None:
            return bound
        reading = self.notation(variables, texts)
        assumed = [formula for text in given for formula in reading.relations(text, assumed=True)]
        wanted = [[formula for text in goal for formula in reading.relations(text)] for goal in goals]
        return self.always(reading, assumed, wanted)

    def always(self, reading: Notation, assumed: Sequence[str], wanted: Sequence[Sequence[str]]) -> Statement:
        """Return that formulas hold for all values of the variables, with what may help to prove it."""
        squares = [formula for text in self.hints.squares for formula in reading.numbers(text)]
        squares += helpful_squares([*(text for goal in wanted for text in goal), *assumed], self.places)
        splits = [formula for text in self.hints.splits for formula in reading.numbers(text)]
        splits += helpful_splits(assumed, self.places)
        used = self.named([*assumed, *(x for goal in wanted for x in goal)])
        return ForAllOnSets(" ".join(reading.variables), assumed, wanted[0] if len(wanted) == 1 else wanted, used,
                            self.tried(reading.variables), squares=squares, splits=splits, steps=STEPS,
                            places=[self.places[name] for name in used])  # fmt: skip


def _names(name: str, formulas: Sequence[str]) -> bool:
    return any(re.search(rf"\b{name}\.", formula) for formula in formulas)


def _for_all(reader: Reader, clause: Clause) -> list[Statement]:
    head, _, goal = partition(clause.text, r"\bthen\b")
    if not goal:
        raise expected(clause, "then", clause.text)
    variables, word, given = partition(head, r"\bgiven\b")
    if word and not given:
        raise expected(clause, "relations after given", head)
    goals = [split(each) for each in split(goal, r"\bor\b")]
    return [reader.universal(names(variables, clause), split(given), goals)]


def _exists(reader: Reader, clause: Clause) -> list[Statement]:
    variables, _, relations = partition(clause.text, r"\bsuch\s+that\b")
    if not relations:
        raise expected(clause, "such that", clause.text)
    texts = split(relations)
    left_open = unstated(texts, reader.places)
    if left_open is not None:
        return [left_open]
    called = names(variables, clause)
    bound = loss_bound(called, [], [texts], reader.places, somewhere=True)
    if bound is not None:
        return [bound]
    reading = reader.notation(called, texts)
    formulas = [formula for text in texts for formula in reading.relations(text, assumed=True)]
    used, tried = reader.named(formulas), reader.tried(reading.variables)
    exists = ExistsOnSets(" ".join(reading.variables), formulas, used, tried, steps=STEPS,
                          places=[reader.places[name] for name in used])  # fmt: skip
    bounds = [bound for text in texts if (bound := bound_against(text, reader.places)) is not None]
    denied = opposites(formulas[0]) if len(formulas) == 1 else []
    return [ExistsOrNever(exists, bounds, [reader.always(reading, [], [[each]]) for each in denied])]


def _exists_set(reader: Reader, clause: Clause) -> list[Statement]:
    if partition(clause.text, r"\bsuch\s+that\b")[1]:  # a variable of that name
        return _exists(reader, replace(clause, kind="exists", text=f"set {clause.text}"))
    name, text = place_of(clause.text, clause, "of")
    if not text:
        raise expected(clause, "where and conditions", text)
    place = reader.place(name, clause)
    return [number_of_sets(place, where(text, clause), ">=", 1, reader.called(place))]


def _fact(reader: Reader, clause: Clause) -> list[Statement]:
    problem = without_start(clause)
    if problem is not None:
        raise problem
    parts = split(clause.text)
    alone = [said_of_a_point(part, reader.places, clause) for part in parts]
    rest = [part for part, found in zip(parts, alone, strict=True) if found is None]
    found = [each for each in alone if each is not None]
    return [*found, *([reader.universal([], [], [rest])] if rest else [])]


def _at(reader: Reader, clause: Clause) -> list[Statement]:
    head, colon, said = partition(clause.text, ":")
    if not colon:
        raise expected(clause, "a colon after the point", clause.text)
    where, _, name = partition(head, r"\bin\b")
    place = reader.place(name, clause)
    at = point(place, where, clause)
    pointwise, about = list[str](), list[str]()
    for part in split(said):
        (pointwise if part.startswith("stable ") or attribute_in(part) in POINTWISE else about).append(part)
    found: list[Statement] = []
    if about:
        shared = [part for part in pointwise if attribute_in(part) in SHARED]
        wanted = conditions(", ".join([*about, *shared]), clause)
        _check_counts(place, clause, at, wanted)
        found.append(set_at(place, at, wanted, reader.called(place)))
        pointwise = [part for part in pointwise if part not in shared]
    return found + [_pointwise(place, reader, clause, at, part) for part in pointwise]


def _check_counts(place: Landscape, clause: Clause, at: Any, wanted: Sequence[Condition]) -> None:
    """Refuse numbers of correct examples at a point that is in no stationary set, unless more is said of the set."""
    counts = all(name == "right" or name in SHARED or name.startswith(CLASS) for name, _, _ in wanted)
    if counts and not place.classify(at).clarke:
        raise clause.error(
            f"Expected a stationary point, whose set has {wanted[0][0]}; got one that is not stationary.",
            "Write correct = [yes, no, ...], which any point may have.",
        )


def _pointwise(place: Landscape, reader: Reader, clause: Clause, at: Any, said: str) -> Statement:
    """Return what is said of a point whether it is stationary or not."""
    if said.startswith("stable "):
        return stable_at(place, reader.called(place), at, said.removeprefix("stable "), clause)
    name, text = reader.called(place), flat(at)
    if attribute_in(said) == "loss":
        return reader.universal([], [], _loss(f"{name}.loss({text})", said, clause))
    if attribute_in(said) in SHARED:
        return _at_examples(place, reader, clause, f"{name}.output({text}, ", said)
    match, word = FLAG.fullmatch(said), attribute_in(said)
    if match is None:
        raise clause.error(f"Expected yes or no for {word}; got {short(said)}.", f"Write {word} = yes.")
    holds = (match[1] in ("!=", "≠")) != (match[2].lower() in ("yes", "true"))
    if place.network.trainable:
        return (stationary_at if word == "stationary" else differentiable_at)(place, at, name, holds)
    if word == "stationary":
        found: Statement = clarke_stationary(place, at)
    else:
        found = reader.universal([], [], [[f"{name}.differentiable({text})"]])
    return found if holds else Not(found)


def _loss(value: str, said: str, clause: Clause) -> list[list[str]]:
    """Return relations to the loss at a point, one of which is to hold."""
    match = re.match(r"loss\s*\b(in|is)\b", said)
    if match is None:
        return [[f"{value}{said.removeprefix('loss')}"]]
    ((_, _, found),) = conditions(said, clause)
    return [[f"{value} = {x}"] for x in (found if match[1] == "in" else [found])]


def _at_examples(place: Landscape, reader: Reader, clause: Clause, output: str, said: str) -> Statement:
    """Return what the outputs at a point are, or which are correct."""
    ((word, relation, values),) = found = conditions(said, clause)
    check_for(place.data.labels, found)
    middle = threshold(place.data.labels) or Fraction(0)
    relations = []
    for i, (value, label) in enumerate(zip(values, place.data.labels, strict=True), reader.first_example):
        side = f"= {value}" if word == "outputs" else f"{'>' if value == (label > middle) else '<='} {middle}"
        relations.append(f"{output}{i}) {side}")
    statement = reader.universal([], [], [relations])
    return Not(statement) if relation == "!=" else statement


def _sets(reader: Reader, clause: Clause) -> list[Statement]:
    name, text = place_of(clause.text, clause, "of")
    head, colon, said = partition(text, ":")
    match = COUNT.fullmatch(said)
    if not colon or match is None:
        raise expected(clause, "a number of sets after a colon", clause.text)
    place, given = reader.place(name, clause), where(head, clause)
    relation = RELATIONS.get(match[1], match[1])
    return [number_of_sets(place, given, relation, int(match[2]), reader.called(place))]


def where(text: str, clause: Clause) -> list[Any]:
    """Return the conditions after `where`; none where there is no text.

    Raises
    ------
    DocumentError
        If they cannot be read.
    """
    if not text:
        return []
    match = re.match(r"where\b(.*)", text, re.DOTALL)
    if match is None:
        raise expected(clause, "where and conditions", text)
    return conditions(match[1], clause)


def _every_set(reader: Reader, clause: Clause) -> list[Statement]:
    name, text = place_of(clause.text, clause, "of")
    head, _, said = partition(text, r"\bhas\b")
    if not said:
        raise expected(clause, "has and conditions", clause.text)
    place = reader.place(name, clause)
    return [every_set(place, where(head, clause), conditions(said, clause), reader.called(place))]


def _minima(reader: Reader, clause: Clause) -> list[Statement]:
    name, text = place_of(clause.text, clause, "of")
    match = re.match(r"are\b(.*)", text, re.DOTALL)
    if match is None:
        raise expected(clause, "are and a list of points", clause.text)
    place = reader.place(name, clause)
    called, found = reader.called(place), points(place, match[1].strip(), clause)
    if len({str(each) for each in found}) < len(found):
        raise clause.error("Expected different points; got one twice.", "Leave one out.")
    isolated = ("isolated", "=", True)
    parts = [set_at(place, each, [MINIMA, isolated], called) for each in found]
    number_ = number_of_sets(place, [MINIMA], "=", len(found), called)
    return [AllAboutSets([*parts, number_])]


def _numbers(reader: Reader, clause: Clause) -> list[Statement]:
    """Return the statement that fractions, percentages and sums agree to the digits that are written."""
    return [arithmetic(clause)]


KINDS: dict[str, Callable[[Reader, Clause], list[Statement]]] = {
    "for all": _for_all,
    "exists set": _exists_set,
    "exists": _exists,
    "fact": _fact,
    "at": _at,
    "sets": _sets,
    "every set": _every_set,
    "minima": _minima,
    "numbers": _numbers,
    "flow": flow,
    "stable": stable,
    "cycle": cycle,
    "no cycle": no_cycle,
}
"""How each kind of clause about landscapes is read; a new kind is one entry."""


def hints(line: SourceLine | None, variables: Sequence[str] = ()) -> Hints:
    """Return what `:hint:` says.

    Raises
    ------
    DocumentError
        If it is no hint.
    """
    if line is None:
        return Hints()
    found: dict[str, list[Any]] = {"try_at": [], "squares": [], "splits": []}
    clause = Clause("hint", line.text, line.number, line.column)
    for part in split(line.text, ";"):
        word, _, said = part.partition(" ")
        if word not in found or not said.strip():
            raise clause.error(
                f"Expected try_at, squares or splits and a value; got {short(part)}.", "Write squares w1 + w2, b."
            )
        if word == "try_at":
            try:
                pairs = [each.partition("=") for each in split(said)]
                found[word].append({name.strip(): number(value) for name, _, value in pairs})
            except StatementError as problem:
                raise clause.error(problem.problem, "Write try_at x = 1/2, y = 0.") from None
        else:
            found[word] += split(said, ",")
    return Hints(found["try_at"], found["squares"], found["splits"])
