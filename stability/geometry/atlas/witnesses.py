"""Witnesses against statements about stationary sets: the set that offends, with a point on it."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from stability.geometry.atlas.conditions import ATTRIBUTES, Condition, attribute_of, compares
from stability.geometry.atlas.wording import in_words
from stability.geometry.stationary.sets import StationarySet

Shown = dict[str, Any]
"""What decides a statement: "says" in words, and exact attributes as text."""


def offending(sets: Sequence[StationarySet], wanted: Sequence[Condition]) -> Shown:
    """Return the first of the sets that do not have the wanted conditions, and how many there are."""
    first, count = sets[0], sum(each.orbit for each in sets)
    more = f", and {count - 1} more" if count > 1 else ""
    return {
        **described(first),
        "number": count,
        "says": f"Counterexample: {_named(first)}{_failing(first, wanted)}{more}.",
    }


def counted(sets: Sequence[StationarySet], count: int, conditions: Sequence[Condition]) -> Shown:
    """Return how many sets meet conditions, with the first of them."""
    such = f", units in every order, such as {_named(sets[0])}" if sets else ""
    head = "There is 1 stationary set" if count == 1 else f"There are {count or 'no'} stationary sets"
    says = f"{head}{f' that {in_words(conditions, count != 1)}' if conditions else ''}{such}."
    return {**(described(sets[0]) if sets else {}), "number": count, "says": says}


def at_point(rows: Sequence[Sequence[Fraction]], found: StationarySet | None, wanted: Sequence[Condition]) -> Shown:
    """Return what stands at a point instead of what was wanted there."""
    point, at = [[str(x) for x in row] for row in rows], _at(rows)
    if found is None:
        return {"kind": "not stationary", "point": point, "says": f"The point {at} is not stationary."}
    says = f"The point {at} is on a {found.kind} of loss {found.loss}{_failing(found, wanted)}."
    return {**described(found), "point": point, "says": says}


def listing(missing: Sequence[StationarySet], wrong: Sequence[tuple[StationarySet, StationarySet | None]]) -> Shown:
    """Return what a list of all sets leaves out, and what stands in it that is not so, with what is there."""
    parts = [f"The list leaves out {_named(each)}." for each in missing[:1]]
    for each, found in wrong[:1]:
        differing = [] if found is None else [(name, "=", getattr(found, name)) for name in differences(each, found)]
        there = "is not stationary" if found is None else in_words(differing) if differing else "stands twice"
        parts.append(f"It says that there is {_named(each)}, which {there}.")
    first = missing[0] if missing else wrong[0][1] or wrong[0][0]
    return {
        **described(first),
        "missing": [described(each) for each in missing],
        "wrong": [described(each) for each, _ in wrong],
        "says": " ".join(parts),
    }


def differences(claimed: StationarySet, found: StationarySet) -> list[str]:
    """Return the attributes in which a set is not as it is claimed to be."""
    names = (name for name in ATTRIBUTES if name != "correct")  # that follows from the outputs
    return [name for name in names if getattr(claimed, name) != getattr(found, name)]


def described(each: StationarySet) -> Shown:
    """Return the kind, the loss and a point of a set as plain data."""
    return {"kind": each.kind, "loss": str(each.loss), "point": [[str(x) for x in row] for row in each.witness]}


def _named(each: StationarySet) -> str:
    return f"the {each.kind} of loss {each.loss} at {_at(each.witness)}"


def _at(rows: Sequence[Sequence[Fraction]]) -> str:
    return ", ".join(f"({', '.join(map(str, row))})" for row in rows)


def _failing(each: StationarySet, wanted: Sequence[Condition]) -> str:
    """Return the attributes by which a set fails conditions, besides its kind and loss, by which it is called."""
    names = [name for name, relation, value in wanted if not compares(attribute_of(each, name), relation, value)]
    said = [(name, "=", attribute_of(each, name)) for name in dict.fromkeys(names) if name not in ("kind", "loss")]
    return f", which {in_words(said)}" if said else ""
