"""Which conditions may be put on a stationary set: an attribute, a relation and a value, checked as it is written."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from stability.errors import StatementError, nearest
from stability.geometry.stationary.sets import KINDS, StationarySet
from stability.logic.formulas import short
from stability.logic.validation import exact_number, listed, member, whole_number
from stability.model.correctness import threshold

Condition = tuple[str, str, Any]
"""An attribute of a set, a relation and a value: ("kind", "=", "saddle"), ("loss", "in", [0, "1/4"])."""

TESTS: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
QUOTIENT = re.compile(r"-?[0-9]+(/[0-9]+)?")
NUMBER_RELATIONS, WORD_RELATIONS, LIST_RELATIONS = (*TESTS, "in"), ("=", "!=", "in"), ("=", "!=")
CLASS = "correct of class "
"""How the name of an attribute begins that counts the correct examples of a label, which follows."""


@dataclass(frozen=True)
class Attribute:
    """An attribute that conditions may name.

    Attributes
    ----------
    read : callable
        From (value, what) to the value as it is compared; it refuses what is none.
    relations : tuple of str
        How it may be compared.
    wanted : str
        What its values are, in documents.
    example : str
        One of them.
    """

    read: Callable[[Any, str], Any]
    relations: tuple[str, ...]
    wanted: str
    example: str


def _kind(value: Any, what: str) -> str:
    member(value, KINDS, f"a {what} of stationary set")
    return str(value)


def _flag(value: Any, what: str) -> bool:
    if not isinstance(value, bool):
        raise StatementError(f"Expected True or False for {what}; got {short(value)}.", "Write True, for example.")
    return value


def _count(value: Any, what: str) -> Fraction:
    number = exact_number(value, what)
    if number.denominator != 1 or number < 0:
        raise StatementError(f"Expected a whole number from 0 for {what}; got {number}.", "Write 1, for example.")
    return number


def _numbers(value: Any, what: str) -> list[Fraction]:
    return [exact_number(x, what) for x in listed(value, what)]


def _flags(value: Any, what: str) -> list[bool]:
    return [_flag(x, what) for x in listed(value, what)]


COUNT = Attribute(_count, NUMBER_RELATIONS, "a whole number from 0", "1")
FLAG = Attribute(_flag, WORD_RELATIONS, "yes or no", "yes")
ATTRIBUTES = {
    "kind": Attribute(_kind, WORD_RELATIONS, "a kind of stationary set", '"saddle"'),
    "loss": Attribute(exact_number, NUMBER_RELATIONS, "an exact number", "1/4"),
    **dict.fromkeys(("dimension", "faces", "autograd_faces", "smooth_faces", "orbit", "right"), COUNT),
    **dict.fromkeys(("isolated", "strict", "clarke", "directional", "autograd_rests"), FLAG),
    "outputs": Attribute(_numbers, LIST_RELATIONS, "a list of exact numbers", "[1, 1/2, ...]"),
    "correct": Attribute(_flags, LIST_RELATIONS, "a list of yes and no", "[yes, no, ...]"),
}
"""What a condition may name, besides the number of correct examples of a class."""


def attribute(name: Any) -> tuple[str, Attribute]:
    """Return the name of an attribute as records have it, and the attribute.

    Raises
    ------
    StatementError
        If there is none of that name.

    Examples
    --------
    >>> attribute("correct of class 0.5")[0]
    'correct of class 1/2'
    """
    if isinstance(name, str) and name.startswith(CLASS):
        return f"{CLASS}{exact_number(name.removeprefix(CLASS), 'a class, one of the labels')}", COUNT
    member(name, (*ATTRIBUTES, f"{CLASS}1"), "an attribute of a stationary set")
    return name, ATTRIBUTES[name]


def checked(conditions: Any, what: str, empty: bool = False) -> list[Condition]:
    """Return conditions with values as they are compared.

    Parameters
    ----------
    conditions : sequence of Condition
    what : str
        What they are conditions for, in errors.
    empty : bool
        Whether there may be none.

    Raises
    ------
    StatementError
        If an attribute, a relation or a value is none, or a condition stands twice.
    """
    found = [_checked(each) for each in listed(conditions, what, empty)]
    for k, each in enumerate(found):
        if each in found[:k]:
            raise StatementError(f"Expected different conditions; got {short(conditions[k])} twice.", "Leave one out.")
    return found


def _checked(condition: Any) -> Condition:
    parts = listed(condition, "a condition")
    if len(parts) != 3:
        raise StatementError(
            f"Expected an attribute, a relation and a value; got {short(condition)}.", 'Write ("kind", "=", "saddle").'
        )
    (name, known), relation, value = attribute(parts[0]), *parts[1:]
    if not isinstance(relation, str) or relation not in known.relations:
        words = "one of " + " ".join(known.relations)
        raise StatementError(
            f"Expected {words} after {name}; got {short(relation)}.", nearest(str(relation), list(known.relations))
        )
    if relation != "in":
        return name, relation, known.read(value, name)
    values = [known.read(each, name) for each in listed(value, f"the values of {name}")]
    if len(set(values)) < len(values):
        raise StatementError(f"Expected different values of {name}; got {short(value)}.", "Leave one out.")
    return name, relation, values


def check_for(labels: Sequence[Fraction], conditions: Sequence[Condition]) -> None:
    """Refuse checked conditions that say nothing of data with these labels.

    Raises
    ------
    StatementError
        If examples are to be correct where there are not two labels, a class is no label, or a list has another length.
    """
    for name, _, value in conditions:
        if name in ("right", "correct") or name.startswith(CLASS):
            if threshold(labels) is None:
                raise StatementError(
                    f"Expected two different labels where examples are correct or wrong; got {len({*labels})}.",
                    "State something about the loss instead.",
                )
            classes = [str(y) for y in sorted({*labels})]
            if name.startswith(CLASS) and name.removeprefix(CLASS) not in classes:
                raise StatementError(
                    f"Expected a class, one of the labels; got {name.removeprefix(CLASS)}.",
                    f"Write {CLASS}{' or '.join(classes)}.",
                )
        if name in ("outputs", "correct") and len(value) != len(labels):
            raise StatementError(
                f"Expected an entry of {name} for each of {len(labels)} examples; got {len(value)}.",
                "Write them in the order of the data.",
            )


def attribute_of(each: StationarySet, name: str) -> Any:
    """Return an attribute of a set by the name that conditions have for it."""
    if name.startswith(CLASS):
        return each.correct_of_class(Fraction(name.removeprefix(CLASS)))
    return getattr(each, name)


def compares(found: Any, relation: str, value: Any) -> bool:
    """Return whether a value that was found satisfies a relation to one that was read."""
    return found in value if relation == "in" else TESTS[relation](found, value)


def satisfies(each: StationarySet, conditions: Sequence[Condition]) -> bool:
    """Return whether a set satisfies all conditions, which have been checked."""
    return all(compares(attribute_of(each, name), relation, value) for name, relation, value in conditions)


def plain(conditions: Sequence[Condition]) -> list[list[Any]]:
    """Return conditions that have been checked, as they were written, in the form that the checker reads."""

    def value(x: Any, name: str) -> Any:
        if isinstance(x, list | tuple):
            return [value(each, name) for each in x]
        if attribute(name)[1] is COUNT:
            return int(exact_number(x, "a condition"))
        if name == "outputs":
            return str(exact_number(x, "an output"))
        if isinstance(x, bool) or x in KINDS or (isinstance(x, str) and QUOTIENT.fullmatch(x)):
            return x
        return int(x) if hasattr(x, "__index__") else str(exact_number(x, "a condition"))

    return [[attribute(name)[0], relation, value(x, name)] for name, relation, x in conditions]


def relation_to_count(relation: Any, number: Any) -> tuple[str, int]:
    """Return a relation and a number of sets.

    Raises
    ------
    StatementError
        If they are none.
    """
    member(relation, TESTS, "a relation to a number of sets")
    return str(relation), whole_number(number, "a number of sets")
