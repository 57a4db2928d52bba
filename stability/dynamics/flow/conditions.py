"""Conditions on the end and the events of a trajectory, each checked as it is written."""

import re
from typing import Any

from stability.errors import StatementError
from stability.logic.formulas import short
from stability.logic.validation import exact_number, exact_rows, listed, member, whole_number
from stability.model.network_loss import NetworkLoss

RELATIONS = ("=", "!=", "<", "<=", ">", ">=")
KINDS = ("loss", "signs", "within", "events")
EVENTS = ("crossing", "sliding begins", "sliding ends")


def check_conditions(landscape: NetworkLoss, conditions: Any) -> None:
    """Refuse conditions on a trajectory that cannot be read.

    Raises
    ------
    StatementError
        With what was expected.
    """
    for each in listed(conditions, "the conditions on a trajectory", empty=True):
        parts = listed(each, "a condition")
        if len(parts) != 3 or not isinstance(parts[0], str) or parts[0] not in KINDS:
            raise StatementError(
                f"There is no condition {short(each)}.", f"Known: {', '.join(KINDS)}, each with two more entries."
            )
        _check(landscape, parts)


def _check(landscape: NetworkLoss, parts: list[Any]) -> None:
    kind, relation, value = parts
    if kind == "within":
        if exact_number(relation, "a distance") < 0:
            raise StatementError(f"Expected a distance of at least 0; got {short(relation)}.", 'Write "1/100".')
        landscape.point(exact_rows(value, "a point"))
        return
    member(relation, RELATIONS if kind == "loss" else ("=",), f"a relation after {kind}")
    if kind == "loss":
        exact_number(value, "a loss")
    elif kind == "signs":
        _check_signs(landscape, value)
    else:
        for event in listed(value, "events", empty=True):
            _check_event(landscape, event)


def _check_signs(landscape: NetworkLoss, value: Any) -> None:
    texts, examples = listed(value, "signs"), len(landscape.rows)
    pattern = re.compile(rf"[-0+]{{{examples}}}")
    if len(texts) != landscape.units or not all(isinstance(t, str) and pattern.fullmatch(t) for t in texts):
        raise StatementError(
            f"Expected a text of {examples} signs - 0 + for each of {landscape.units} units; got {short(value)}.",
            'Write ["+-0+"], for example.',
        )


def _check_event(landscape: NetworkLoss, event: Any) -> None:
    parts = listed(event, "an event")
    if len(parts) != 5:
        raise StatementError(
            f"Expected a kind, a unit, an example and two times; got {short(event)}.", "Count units from 0."
        )
    member(parts[0], EVENTS, "a kind of event")
    whole_number(parts[1], "a unit", 0, landscape.units - 1)
    _check_examples(landscape, parts[2])
    if not 0 <= exact_number(parts[3], "a time") <= exact_number(parts[4], "a time"):
        raise StatementError(f"Expected two times, the earlier one first; got {short(event)}.", 'Write "1/2", "3/4".')


def _check_examples(landscape: NetworkLoss, value: Any) -> None:
    """Refuse what is neither an example nor, where several share a point, a list of all of those."""
    last = len(landscape.rows) - 1
    if not isinstance(value, list | tuple):
        whole_number(value, "an example", 0, last)
        return
    named = [whole_number(each, "an example", 0, last) for each in listed(value, "the examples at a point")]
    same = [i for i, row in enumerate(landscape.rows) if row == landscape.rows[named[0]]]
    if named != same or len(same) < 2:
        wanted = same if len(same) > 1 else same[0]
        raise StatementError(f"Expected all examples at one point, in order; got {short(value)}.", f"Write {wanted}.")
