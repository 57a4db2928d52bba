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

Condition = tuple[str, str, Any]
"""An attribute of a set, a relation and a value: ("kind", "=", "saddle"), ("loss", "in", [0, "1/4"])."""

TESTS: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
QUOTIENT = re.compile(r"-?[0-9]+(/[0-9]+)?")
WORD_RELATIONS = ("=", "!=", "in")


@dataclass(frozen=True)
class Attribute:
    """An attribute that conditions may name.

    Attributes
    ----------
    read : callable
        From (value, what) to the value as it is compared; it refuses what is none.
    ordered : bool
        Whether it may be compared by < and >.
    """

    read: Callable[[Any, str], Any]
    ordered: bool


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


ATTRIBUTES = {
    "kind": Attribute(_kind, ordered=False),
    "loss": Attribute(exact_number, ordered=True),
    **{name: Attribute(_count, ordered=True) for name in ("dimension", "faces", "autograd_faces", "smooth_faces")},
    **{name: Attribute(_count, ordered=True) for name in ("orbit", "right")},
    **{name: Attribute(_flag, ordered=False) for name in ("isolated", "strict", "clarke", "directional")},
    "autograd_rests": Attribute(_flag, ordered=False),
}
"""What a condition may name."""


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
    name, relation, value = parts
    member(name, ATTRIBUTES, "an attribute of a stationary set")
    attribute = ATTRIBUTES[name]
    relations = (*TESTS, "in") if attribute.ordered else WORD_RELATIONS
    if not isinstance(relation, str) or relation not in relations:
        words = "one of " + " ".join(relations)
        raise StatementError(
            f"Expected {words} after {name}; got {short(relation)}.", nearest(str(relation), list(relations))
        )
    if relation != "in":
        return name, relation, attribute.read(value, name)
    values = [attribute.read(each, name) for each in listed(value, f"the values of {name}")]
    if len(set(values)) < len(values):
        raise StatementError(f"Expected different values of {name}; got {short(value)}.", "Leave one out.")
    return name, relation, values


def compares(found: Any, relation: str, value: Any) -> bool:
    """Return whether a value that was found satisfies a relation to one that was read."""
    return found in value if relation == "in" else TESTS[relation](found, value)


def satisfies(each: StationarySet, conditions: Sequence[Condition]) -> bool:
    """Return whether a set satisfies all conditions, which have been checked."""
    return all(compares(getattr(each, name), relation, value) for name, relation, value in conditions)


def plain(conditions: Sequence[Condition]) -> list[list[Any]]:
    """Return conditions that have been checked, as they were written, in the form that the checker reads."""

    def value(x: Any, counts: bool) -> Any:
        if isinstance(x, list | tuple):
            return [value(each, counts) for each in x]
        if counts:
            return int(exact_number(x, "a condition"))
        if isinstance(x, bool) or x in KINDS or (isinstance(x, str) and QUOTIENT.fullmatch(x)):
            return x
        return int(x) if hasattr(x, "__index__") else str(exact_number(x, "a condition"))

    return [[name, relation, value(x, ATTRIBUTES[name].read is _count)] for name, relation, x in conditions]


def relation_to_count(relation: Any, number: Any) -> tuple[str, int]:
    """Return a relation and a number of sets.

    Raises
    ------
    StatementError
        If they are none.
    """
    member(relation, TESTS, "a relation to a number of sets")
    return str(relation), whole_number(number, "a number of sets")


def in_words(conditions: Sequence[Condition]) -> str:
    """Return checked conditions as people read them."""

    def value(x: Any) -> str:
        return " or ".join(map(value, x)) if isinstance(x, list) else str(x).lower() if isinstance(x, bool) else str(x)

    return " and ".join(f"{name} {'=' if r == 'in' else r} {value(x)}" for name, r, x in conditions)
